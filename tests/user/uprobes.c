/* SPDX-License-Identifier: MIT */
/*
 * uprobes.c -- breakpoints of the kernel's in this very program
 *
 * Each function below begins with an instruction that must mean the same
 * although it is carried out elsewhere: the results are compared with those of
 * the unprobed function, and the hits are counted.
 */

#include "tracefs.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

#define ASM_FUNCTION(name, code)					\
	long name(long, long);						\
	__asm__(".text\n.globl " #name "\n.type " #name ", @function\n"	\
		#name ":\n" code "\n.size " #name ", . - " #name "\n")

ASM_FUNCTION(f_push, "push %rbp\nmov %rdi, %rax\nadd %rsi, %rax\n"
	     "pop %rbp\nret");
ASM_FUNCTION(f_endbr, "endbr64\nlea (%rdi,%rsi), %rax\nret");
ASM_FUNCTION(f_nop, "nopw 0x10(%rax,%rax)\nlea 1(%rdi,%rsi), %rax\nret");
ASM_FUNCTION(f_alu, "lea 3(%rdi,%rsi,2), %rax\nret");
ASM_FUNCTION(f_jmp, "jmp 1f\nud2\n1: lea 4(%rdi), %rax\nret");
ASM_FUNCTION(f_call, "call 1f\nadd %rdi, %rax\nret\n"
	     "1: mov (%rsp), %rax\nsub %rax, %rax\nlea 5(%rsi), %rax\nret");
ASM_FUNCTION(f_ret, "ret");
ASM_FUNCTION(f_rip, "mov word(%rip), %rax\nadd %rdi, %rax\nret\n"
	     ".pushsection .data\nword: .quad 1234\n.popsection");
ASM_FUNCTION(f_rip_rsi, "add word(%rip), %rsi\nmov %rsi, %rax\nret");
ASM_FUNCTION(f_rip_r14, "mov word(%rip), %r8\nlea (%r8,%rdi), %rax\nret");
ASM_FUNCTION(f_rip_imm, "cmpl $1234, word(%rip)\nsete %al\nmovzx %al, %eax\n"
	     "ret");
ASM_FUNCTION(f_sse, "movdqu word(%rip), %xmm0\nmovq %xmm0, %rax\nret");
ASM_FUNCTION(f_jmp_memory, "jmp *target(%rip)\nud2\n1: lea 6(%rdi), %rax\nret\n"
	     ".pushsection .data\ntarget: .quad 1b\n.popsection");
ASM_FUNCTION(f_call_memory, "call *target2(%rip)\nadd %rdi, %rax\nret\n"
	     "1: mov (%rsp), %rax\nlea f_call_memory(%rip), %rcx\n"
	     "sub %rcx, %rax\nret\n"
	     ".pushsection .data\ntarget2: .quad 1b\n.popsection");
ASM_FUNCTION(f_conditions, "1: cmp %rsi, %rdi\n"
	     ".globl f_jl\nf_jl: jl 2f\n.globl f_je\nf_je: je 3f\n"
	     "mov $3, %eax\nret\n2: mov $1, %eax\nret\n3: mov $2, %eax\nret");
ASM_FUNCTION(f_tail, "jmp f_alu");
long f_jl(long, long), f_je(long, long);

/* rep movsb at its start: rdi, rsi and rcx are the arguments in that order. */
long f_copy(void *to, const void *from, long unused, long n);
__asm__(".text\n.globl f_copy\nf_copy: rep movsb\nmov %rdi, %rax\nret\n");

__attribute__((noinline)) static long fibonacci(long n)
{
	long a, b;

	if (n < 2)
		return n;
	a = fibonacci(n - 1);
	b = fibonacci(n - 2);
	__asm__ volatile("" : "+r"(a), "+r"(b));   /* not a loop, please */
	return a + b;
}

/* Where in this program's file the byte at p is; path: its name. */
static unsigned long offset_of(const void *p, char *path)
{
	unsigned long from, to, offset;
	char line[512], rights[8];
	FILE *f = fopen("/proc/self/maps", "r");

	NEED(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %255s", &from, &to,
			   rights, &offset, path) == 5 &&
		    from <= (unsigned long)p && (unsigned long)p < to) {
			fclose(f);
			return (unsigned long)p - from + offset;
		}
	}
	fclose(f);
	NEED(!"mapped from a file");
	return 0;
}

/* "p:tap_up PATH:OFFSET args", made and turned on or off. */
static int probe(char type, const char *name, const void *at, const char *args)
{
	char line[512], path[256];
	unsigned long offset = offset_of(at, path);

	snprintf(line, sizeof(line), "%c:%s %s:0x%lx %s", type, name, path,
		 offset, args);
	return put("uprobe_events", line);
}

static int turn(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "events/uprobes/%s/enable", name);
	return put(path, value);
}

static int gone(const char *name)
{
	char line[64];

	turn(name, "0");
	snprintf(line, sizeof(line), "-:%s", name);
	return put("uprobe_events", line);
}

static long hits(const char *name)
{
	char *line = get("uprobe_profile"), *end;
	char path[256], found[64];
	long n;

	for (; (end = strchr(line, '\n')); line = end + 1)
		if (sscanf(line, " %255s %63s %ld", path, found, &n) == 3 &&
		    !strcmp(found, name))
			return n;
	return -1;
}

static void need_uprobes(void)
{
	int fd;

	need_tracing();
	fd = file("uprobe_events", O_WRONLY | O_TRUNC);
	if (fd < 0)
		SKIP("no uprobes here");
	close(fd);
}

TEST(a_hit_writes_a_line_with_place_and_arguments)
{
	char want[64];

	need_uprobes();
	NEED(probe('p', "tap_line", (void *)f_push,
		   "a=%di b=%si:s16 c=%si:u8 d=%sp") == 0);
	CHECK(strstr(get("uprobe_events"), "p:uprobes/tap_line /"));
	NEED(turn("tap_line", "1") == 0);
	CHECK_EQ(f_push(0x21, -2), 0x1f);
	CHECK(turn("tap_line", "0") == 0);
	CHECK_EQ(f_push(1, 2), 3);
	snprintf(want, sizeof(want), "tap_line: (0x%lx) a=0x21 b=-2 c=254 d=0x",
		 (long)f_push);
	CHECK(strstr(get("trace"), want));
	CHECK_EQ(hits("tap_line"), 1);
	CHECK(gone("tap_line") == 0);
	CHECK(!strstr(get("uprobe_events"), "tap_line"));
}

TEST(memory_and_strings_are_read_when_it_is_hit)
{
	static const char word[] = "needle";
	static const char *const words[] = { "straw", word };

	need_uprobes();
	NEED(probe('p', "tap_memory", (void *)f_push, "s=+0(%di):string "
		   "t=+0(+8(%si)):string u=+1(%di):u8 bad=+0(%ax):string "
		   "who=$comm top=$stack0") == 0);
	NEED(turn("tap_memory", "1") == 0);
	__asm__ volatile("xor %%eax, %%eax\ncall *%2" : :
		"D"(word), "S"(words), "r"(f_push) : "rax", "rcx", "rdx", "r8",
		"r9", "r10", "r11", "memory", "cc");
	CHECK(turn("tap_memory", "0") == 0);
	CHECK(strstr(get("trace"), "s=\"needle\" t=\"needle\" u=101 bad=(fault) "
		     "who=\""));
	CHECK(gone("tap_memory") == 0);
}

static void same_when_probed(const char *what, long (*f)(long, long))
{
	long before = f(7, 11), i;

	if (probe('p', "tap_same", (void *)f, "") || turn("tap_same", "1")) {
		printf("# %s cannot be probed: %s\n", what, strerror(errno));
		tap_failed = 1;
		gone("tap_same");
		return;
	}
	for (i = 0; i < 3; i++)
		if (f(7, 11) != before) {
			printf("# %s gives %ld, not %ld\n", what, f(7, 11),
			       before);
			tap_failed = 1;
		}
	CHECK_EQ(hits("tap_same"), 3);
	CHECK(gone("tap_same") == 0);
	CHECK_EQ(f(7, 11), before);
}

TEST(instructions_mean_the_same_elsewhere)
{
	need_uprobes();
	same_when_probed("push", f_push);
	same_when_probed("endbr64", f_endbr);
	same_when_probed("nopw", f_nop);
	same_when_probed("lea", f_alu);
	same_when_probed("jmp", f_jmp);
	same_when_probed("call", f_call);
	same_when_probed("mov x(%rip), %rax", f_rip);
	same_when_probed("add x(%rip), %rsi", f_rip_rsi);
	same_when_probed("mov x(%rip), %r8", f_rip_r14);
	same_when_probed("cmpl $1234, x(%rip)", f_rip_imm);
	same_when_probed("movdqu x(%rip), %xmm0", f_sse);
	same_when_probed("jmp *x(%rip)", f_jmp_memory);
	same_when_probed("call *x(%rip)", f_call_memory);
}

TEST(a_ret_goes_to_its_caller)
{
	need_uprobes();
	NEED(probe('p', "tap_ret", (void *)f_ret, "") == 0);
	NEED(turn("tap_ret", "1") == 0);
	f_ret(1, 2);
	CHECK_EQ(hits("tap_ret"), 1);
	CHECK(gone("tap_ret") == 0);
}

TEST(conditional_jumps_are_decided_by_the_flags)
{
	need_uprobes();
	NEED(probe('p', "tap_jl", (void *)f_jl, "") == 0);
	NEED(probe('p', "tap_je", (void *)f_je, "") == 0);
	NEED(turn("tap_jl", "1") == 0 && turn("tap_je", "1") == 0);
	CHECK_EQ(f_conditions(-5, 3), 1);
	CHECK_EQ(f_conditions(3, 3), 2);
	CHECK_EQ(f_conditions(4, 3), 3);
	CHECK_EQ(hits("tap_jl"), 3);
	CHECK_EQ(hits("tap_je"), 2);
	CHECK(gone("tap_jl") == 0 && gone("tap_je") == 0);
}

TEST(a_repeated_instruction_is_finished)
{
	char from[] = "all of these bytes", to[32] = "";

	need_uprobes();
	NEED(probe('p', "tap_rep", (void *)f_copy, "") == 0);
	NEED(turn("tap_rep", "1") == 0);
	CHECK_EQ(f_copy(to, from, 0, sizeof(from)), (long)(to + sizeof(from)));
	CHECK(!strcmp(to, from));
	CHECK(hits("tap_rep") >= 1);
	CHECK(gone("tap_rep") == 0);
}

TEST(returns_tell_their_value_also_when_nested)
{
	char want[64];

	need_uprobes();
	NEED(probe('r', "tap_fib", (void *)fibonacci, "v=$retval:s64") == 0);
	CHECK(strstr(get("uprobe_events"), "r:uprobes/tap_fib /"));
	NEED(turn("tap_fib", "1") == 0);
	CHECK_EQ(fibonacci(6), 8);
	CHECK(turn("tap_fib", "0") == 0);
	CHECK_EQ(hits("tap_fib"), 25);
	CHECK(strstr(get("trace"), " v=8\n"));
	snprintf(want, sizeof(want), " <- 0x%lx) v=5\n", (long)fibonacci);
	CHECK(strstr(get("trace"), want));
	CHECK(gone("tap_fib") == 0);
}

TEST(two_functions_that_share_a_return_both_see_it)
{
	need_uprobes();
	NEED(probe('r', "tap_tail", (void *)f_tail, "v=$retval") == 0);
	NEED(probe('r', "tap_alu", (void *)f_alu, "v=$retval") == 0);
	NEED(turn("tap_tail", "1") == 0 && turn("tap_alu", "1") == 0);
	CHECK_EQ(f_tail(1, 2), 8);
	CHECK_EQ(f_alu(1, 2), 8);
	CHECK_EQ(hits("tap_tail"), 1);
	CHECK_EQ(hits("tap_alu"), 2);
	CHECK(gone("tap_tail") == 0 && gone("tap_alu") == 0);
}

static jmp_buf out;
static long (*volatile again)(long);

__attribute__((noinline)) static long deep(long n)
{
	if (!n)
		longjmp(out, 1);
	return again(n - 1) + 1;
}

TEST(a_longjmp_past_awaited_returns_does_no_harm)
{
	need_uprobes();
	NEED(probe('r', "tap_deep", (void *)deep, "") == 0);
	NEED(turn("tap_deep", "1") == 0);
	again = deep;
	for (volatile int i = 0; i < 40; i++)
		if (!setjmp(out))
			deep(7);
	CHECK_EQ(hits("tap_deep"), 320);
	CHECK(turn("tap_deep", "0") == 0);
	CHECK(!strstr(get("trace"), "tap_deep: "));
	NEED(probe('r', "tap_after", (void *)f_alu, "") == 0);
	NEED(turn("tap_after", "1") == 0);
	CHECK_EQ(f_alu(0, 0), 3);
	CHECK_EQ(hits("tap_after"), 1);
	CHECK(gone("tap_deep") == 0 && gone("tap_after") == 0);
}

TEST(children_and_new_programs_are_probed_too)
{
	int status;
	pid_t pid;

	need_uprobes();
	NEED(probe('p', "tap_child", (void *)f_alu, "") == 0);
	NEED(turn("tap_child", "1") == 0);
	pid = fork();
	if (!pid)
		_exit(f_alu(0, 1) != 5);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(hits("tap_child"), 1);
	pid = fork();
	if (!pid) {
		execl("/proc/self/exe", "uprobes", "hit", NULL);
		_exit(1);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(hits("tap_child"), 2);
	CHECK(gone("tap_child") == 0);
}

__attribute__((noinline)) static long forks(long n)
{
	pid_t pid = fork();
	int status = 0;

	if (pid)
		waitpid(pid, &status, 0);
	return pid ? status + n : -1;
}

TEST(a_child_returns_from_the_function_that_forked_it)
{
	need_uprobes();
	NEED(probe('r', "tap_forks", (void *)forks, "v=$retval:s64") == 0);
	NEED(turn("tap_forks", "1") == 0);
	long v = forks(9);

	if (v < 0)
		_exit(0);
	CHECK_EQ(v, 9);
	CHECK_EQ(hits("tap_forks"), 1);
	CHECK(turn("tap_forks", "0") == 0);
	CHECK(strstr(get("trace"), " v=9\n") && strstr(get("trace"), " v=-1\n"));
	CHECK(gone("tap_forks") == 0);
}

TEST(the_file_and_shared_mappings_stay_as_they_are)
{
	unsigned char byte = 0, mine = *(unsigned char *)f_push, *text, *data;
	char path[256];
	unsigned long offset = offset_of((void *)f_push, path);
	int fd = open(path, O_RDONLY);

	need_uprobes();
	NEED(fd >= 0);
	NEED(probe('p', "tap_byte", (void *)f_push, "") == 0);
	NEED(turn("tap_byte", "1") == 0);
	CHECK_EQ(*(volatile unsigned char *)f_push, 0xcc);
	CHECK(pread(fd, &byte, 1, offset) == 1 && byte == mine);
	text = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
		    offset & ~4095UL);
	data = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, offset & ~4095UL);
	NEED(text != MAP_FAILED && data != MAP_FAILED);
	CHECK_EQ(text[offset & 4095], 0xcc);
	CHECK_EQ(data[offset & 4095], mine);
	CHECK(turn("tap_byte", "0") == 0);
	CHECK_EQ(*(volatile unsigned char *)f_push, mine);
	CHECK_EQ(text[offset & 4095], mine);
	CHECK(gone("tap_byte") == 0);
	munmap(text, 4096);
	munmap(data, 4096);
	close(fd);
}

static volatile long ticks;

static void tick(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	ticks += f_alu(1, 0) == 4;
}

TEST(signals_come_between_probed_instructions)
{
	struct sigaction sa = { .sa_sigaction = tick, .sa_flags = SA_SIGINFO };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, off = { 0 };
	long calls = 0, wrong = 0;

	need_uprobes();
	NEED(probe('p', "tap_signal", (void *)f_alu, "") == 0);
	NEED(turn("tap_signal", "1") == 0);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (; ticks < 10 && calls < 200000; calls++)
		wrong += f_alu(calls, 1) != calls + 5;
	setitimer(ITIMER_REAL, &off, NULL);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(hits("tap_signal"), calls + ticks);
	CHECK(gone("tap_signal") == 0);
}

static sigjmp_buf caught;
static void *fault_address, *fault_ip;

static void fault(int sig, siginfo_t *info, void *context)
{
	unsigned long *frame = context;

	(void)sig;
	fault_address = info->si_addr;
	fault_ip = (void *)frame[5 + 16];    /* uc_mcontext's rip */
	siglongjmp(caught, 1);
}

ASM_FUNCTION(f_load, "mov (%rdi), %rax\nret");
ASM_FUNCTION(f_divide, "idivq %rsi\nret");

TEST(a_fault_is_that_of_the_probed_instruction)
{
	struct sigaction sa = { .sa_sigaction = fault, .sa_flags = SA_SIGINFO };

	need_uprobes();
	NEED(probe('p', "tap_load", (void *)f_load, "") == 0);
	NEED(probe('p', "tap_divide", (void *)f_divide, "") == 0);
	NEED(turn("tap_load", "1") == 0 && turn("tap_divide", "1") == 0);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGFPE, &sa, NULL);
	if (!sigsetjmp(caught, 1))
		f_load(8, 0);
	CHECK(fault_address == (void *)8);
	CHECK(fault_ip == (void *)f_load);
	if (!sigsetjmp(caught, 1))
		f_divide(8, 0);
	CHECK(fault_address == (void *)f_divide);
	CHECK(fault_ip == (void *)f_divide);
	CHECK(gone("tap_load") == 0 && gone("tap_divide") == 0);
}

static void *many_calls(void *unused)
{
	long bad = 0;

	for (long i = 0; i < 500; i++)
		bad += f_rip(i, 0) != 1234 + i || f_push(i, 1) != i + 1;
	return (void *)(bad + (long)unused);
}

TEST(all_threads_hit_and_none_slips_through)
{
	pthread_t t[4];
	void *bad;

	need_uprobes();
	NEED(probe('p', "tap_rip", (void *)f_rip, "") == 0);
	NEED(probe('r', "tap_threads", (void *)f_push, "") == 0);
	NEED(turn("tap_rip", "1") == 0 && turn("tap_threads", "1") == 0);
	for (int i = 0; i < 4; i++)
		NEED(pthread_create(&t[i], NULL, many_calls, NULL) == 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &bad);
		CHECK(!bad);
	}
	CHECK_EQ(hits("tap_rip"), 2000);
	CHECK_EQ(hits("tap_threads"), 2000);
	CHECK(gone("tap_rip") == 0 && gone("tap_threads") == 0);
}

TEST(probes_come_and_go_under_running_threads)
{
	pthread_t t[2];
	void *bad;

	need_uprobes();
	NEED(probe('p', "tap_go", (void *)f_rip, "") == 0);
	NEED(probe('r', "tap_come", (void *)f_push, "") == 0);
	for (int i = 0; i < 2; i++)
		NEED(pthread_create(&t[i], NULL, many_calls, NULL) == 0);
	for (int i = 0; i < 10; i++) {
		CHECK(turn("tap_go", "1") == 0 && turn("tap_come", "1") == 0);
		CHECK(turn("tap_go", "0") == 0 && turn("tap_come", "0") == 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(t[i], &bad);
		CHECK(!bad);
	}
	CHECK(gone("tap_go") == 0 && gone("tap_come") == 0);
}

TEST(what_cannot_be_is_refused)
{
	need_uprobes();
	CHECK_ERR(put("uprobe_events", "p:tap_no /nosuch/file:0x10"), ENOENT);
	CHECK_ERR(put("uprobe_events", "p:tap_no /dev/null:0x10"), EINVAL);
	CHECK_ERR(put("uprobe_events", "p:tap_no /proc/self/exe"), EINVAL);
	CHECK_ERR(put("uprobe_events", "p:tap_no /proc/self/exe:zz"), EINVAL);
	CHECK(put("uprobe_events", "p:tap_no /bin/sh:0x10 %nosuch") < 0);
	CHECK(put("uprobe_events", "p:tap_no /bin/sh:0x10 $retval") < 0);
	CHECK_ERR(put("uprobe_events", "-:tap_nosuch"), ENOENT);
	NEED(put("uprobe_events", "p:tap_end /bin/sh:0x7fffffff") == 0);
	CHECK_ERR(turn("tap_end", "1"), EINVAL);
	CHECK(gone("tap_end") == 0);
	NEED(probe('p', "tap_busy", (void *)f_alu, "") == 0);
	NEED(turn("tap_busy", "1") == 0);
	CHECK_ERR(put("uprobe_events", "-:tap_busy"), EBUSY);
	CHECK(gone("tap_busy") == 0);
}

TEST(a_file_can_be_removed_while_it_is_probed)
{
	char path[] = "tap_uprobe_file", line[512], cwd[256];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0755);
	unsigned char *text;

	need_uprobes();
	NEED(fd >= 0 && getcwd(cwd, sizeof(cwd)));
	/* lea 3(%rdi), %rax; ret */
	NEED(write(fd, "\x48\x8d\x47\x03\xc3", 5) == 5);
	NEED(ftruncate(fd, 4096) == 0);
	snprintf(line, sizeof(line), "p:tap_removed %s/%s:0x0", cwd, path);
	NEED(put("uprobe_events", line) == 0);
	NEED(turn("tap_removed", "1") == 0);
	text = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	NEED(text != MAP_FAILED);
	unlink(path);
	CHECK_EQ(((long (*)(long))text)(4), 7);
	CHECK_EQ(hits("tap_removed"), 1);
	munmap(text, 4096);
	close(fd);
	CHECK(gone("tap_removed") == 0);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "hit"))
		return f_alu(0, 1) != 5;
	return tap_main();
}
