/* SPDX-License-Identifier: MIT */
/*
 * abi.c -- the border between a program and the kernel, instruction by
 * instruction: which registers survive, which signals a mistake brings, what
 * may be asked of rt_sigreturn, and the vDSO.
 */

#include "tap.h"

#include <sched.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <ucontext.h>

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004
#define ARCH_GET_CPUID 0x1011
#define ARCH_SET_CPUID 0x1012

static long raw_syscall6(long nr, long a, long b, long c, long d, long e,
			 long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9) : "rcx", "r11", "memory");
	return ret;
}

TEST(unknown_call_is_enosys)
{
	CHECK_EQ(raw_syscall6(9999, 0, 0, 0, 0, 0, 0), -ENOSYS);
	CHECK_EQ(raw_syscall6(-1, 0, 0, 0, 0, 0, 0), -ENOSYS);
	/* Only the low 32 bits of rax are the number. */
	CHECK_EQ(raw_syscall6(SYS_getpid | 1L << 40, 0, 0, 0, 0, 0, 0),
		 getpid());
}

TEST(int80_takes_i386_numbers)
{
	long pid, bad;

	__asm__ volatile("int $0x80" : "=a"(pid) : "0"(20) : "memory");
	CHECK_EQ(pid, getpid());
	__asm__ volatile("int $0x80" : "=a"(bad) : "0"(9999) : "memory");
	CHECK_EQ(bad, -ENOSYS);
}

/* All but rax, rcx and r11 must come back as they were. */
TEST(syscall_keeps_the_other_registers)
{
	static uint64_t in[12], out[12];
	static uint64_t *inp = in, *outp = out; /* memory: no register is left */

	for (int i = 0; i < 12; i++)
		in[i] = 0x0123456789abc000 + i;
	__asm__ volatile(
		"pushq %%rbx; pushq %%rbp\n"
		"movq %0, %%rax\n"
		"movq 0(%%rax), %%rdi; movq 8(%%rax), %%rsi\n"
		"movq 16(%%rax), %%rdx; movq 24(%%rax), %%r10\n"
		"movq 32(%%rax), %%r8; movq 40(%%rax), %%r9\n"
		"movq 48(%%rax), %%rbx; movq 56(%%rax), %%rbp\n"
		"movq 64(%%rax), %%r12; movq 72(%%rax), %%r13\n"
		"movq 80(%%rax), %%r14; movq 88(%%rax), %%r15\n"
		"movl $39, %%eax\n"             /* getpid */
		"syscall\n"
		"movq %1, %%rax\n"
		"movq %%rdi, 0(%%rax); movq %%rsi, 8(%%rax)\n"
		"movq %%rdx, 16(%%rax); movq %%r10, 24(%%rax)\n"
		"movq %%r8, 32(%%rax); movq %%r9, 40(%%rax)\n"
		"movq %%rbx, 48(%%rax); movq %%rbp, 56(%%rax)\n"
		"movq %%r12, 64(%%rax); movq %%r13, 72(%%rax)\n"
		"movq %%r14, 80(%%rax); movq %%r15, 88(%%rax)\n"
		"popq %%rbp; popq %%rbx\n"
		:: "m"(inp), "m"(outp)
		: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
		  "r12", "r13", "r14", "r15", "memory");
	for (int i = 0; i < 12; i++)
		CHECK_EQ(out[i], in[i]);
}

TEST(six_arguments_arrive)
{
	char *p = (char *)raw_syscall6(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK((long)p > 0);
	p[4095] = 1;
	/* The sixth: an offset that is no multiple of a page. */
	CHECK_EQ(raw_syscall6(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE |
			      MAP_ANONYMOUS, -1, 5), -EINVAL);
}

TEST(bad_pointers_are_efault)
{
	int fd[2];
	char c = 'x';

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(raw_syscall6(SYS_write, fd[1], 8, 1, 0, 0, 0), -EFAULT);
	CHECK_EQ(raw_syscall6(SYS_write, fd[1], 0x800000000000, 1, 0, 0, 0),
		 -EFAULT);
	CHECK_EQ(raw_syscall6(SYS_write, fd[1], -4096, 1, 0, 0, 0), -EFAULT);
	CHECK_EQ(raw_syscall6(SYS_write, fd[1], 1L << 62, 1, 0, 0, 0), -EFAULT);
	CHECK_EQ(raw_syscall6(SYS_uname, 0xffffffff80000000, 0, 0, 0, 0, 0),
		 -EFAULT);
	CHECK_EQ(raw_syscall6(SYS_open, 1, 0, 0, 0, 0, 0), -EFAULT);
	CHECK_EQ(write(fd[1], &c, 1), 1);
}

/* --- exceptions ----------------------------------------------------------- */

static sigjmp_buf back;
static volatile int got_sig, got_code;
static void *volatile got_addr;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	got_sig = sig;
	got_code = info->si_code;
	got_addr = info->si_addr;
	siglongjmp(back, 1);
}

static void catch(int sig)
{
	struct sigaction a = { .sa_sigaction = on_fault,
			       .sa_flags = SA_SIGINFO };

	sigaction(sig, &a, NULL);
}

#define EXPECT_SIGNAL(sig, code, insn) do {				\
	catch(sig);							\
	got_sig = got_code = 0;						\
	if (!sigsetjmp(back, 1))					\
		__asm__ volatile(insn ::: "rax", "rcx", "rdx", "memory"); \
	CHECK_EQ(got_sig, sig);						\
	CHECK_EQ(got_code, code);					\
} while (0)

TEST(exceptions_carry_linux_codes)
{
	EXPECT_SIGNAL(SIGFPE, FPE_INTDIV, "xorl %%ecx, %%ecx; cltd; idivl %%ecx");
	EXPECT_SIGNAL(SIGILL, ILL_ILLOPN, "ud2");
	EXPECT_SIGNAL(SIGTRAP, SI_KERNEL, "int3");
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "hlt");
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "cli");
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "inb $0x60, %%al");
	EXPECT_SIGNAL(SIGSEGV, SEGV_MAPERR, "movb 8, %%al");
	CHECK_EQ(got_addr, 8);
	EXPECT_SIGNAL(SIGSEGV, SEGV_MAPERR,
		      "movq $0xffffffff80000000, %%rax; movb (%%rax), %%al");
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL,
		      "movq $0x8000000000000000, %%rax; movb (%%rax), %%al");
}

TEST(int_n_is_refused_but_for_three)
{
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "int $0x20");
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "int $0x0e");
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "int $0xf0");
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "int $0xff");
}

TEST(bad_selector_is_a_signal)
{
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "movl $0xfff3, %%eax; movl %%eax, %%ds");
	EXPECT_SIGNAL(SIGSEGV, SI_KERNEL, "movl $0x08, %%eax; movl %%eax, %%es");
}

static volatile int steps;

static void on_step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	if (info->si_code != TRAP_TRACE)
		steps = -1000;
	if (++steps == 5)
		uc->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}

TEST(trap_flag_steps_one_instruction_at_a_time)
{
	struct sigaction a = { .sa_sigaction = on_step,
			       .sa_flags = SA_SIGINFO };

	sigaction(SIGTRAP, &a, NULL);
	__asm__ volatile("subq $128, %%rsp; pushfq; orq $0x100, (%%rsp); popfq\n"
			 "nop; nop; nop; nop; nop; nop; nop; nop\n"
			 "addq $128, %%rsp" ::: "memory", "cc");
	CHECK_EQ(steps, 5);
}

/* --- signal frames -------------------------------------------------------- */

static volatile int spoil_done;

static void on_spoil(int sig, siginfo_t *info, void *context)
{
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm15, %%xmm15"
			 ::: "xmm0", "xmm15");
	spoil_done = 1;
}

/* A handler in the middle of a leaf function: nothing that it uses changes. */
TEST(handler_leaves_registers_and_red_zone_alone)
{
	struct sigaction a = { .sa_sigaction = on_spoil,
			       .sa_flags = SA_SIGINFO };
	uint64_t bad = 0;

	sigaction(SIGUSR1, &a, NULL);
	__asm__ volatile(
		"movq $0x1122334455667788, %%rbx\n"
		"movq %%rbx, %%xmm0\n"
		"movq %%rbx, %%xmm15\n"
		"movq %%rbx, -8(%%rsp)\n"
		"movq %%rbx, -128(%%rsp)\n"
		"movl $39, %%eax; syscall\n"
		"movl %%eax, %%edi; movl $10, %%esi\n"
		"movl $62, %%eax; syscall\n"    /* kill(getpid(), SIGUSR1) */
		"movq %%rbx, %%rcx\n"
		"xorq -8(%%rsp), %%rcx; orq %%rcx, %0\n"
		"movq %%rbx, %%rcx\n"
		"xorq -128(%%rsp), %%rcx; orq %%rcx, %0\n"
		"movq %%xmm0, %%rcx; xorq %%rbx, %%rcx; orq %%rcx, %0\n"
		"movq %%xmm15, %%rcx; xorq %%rbx, %%rcx; orq %%rcx, %0\n"
		: "+r"(bad) :: "rax", "rbx", "rcx", "rsi", "rdi", "r11",
		  "xmm0", "xmm15", "memory");
	CHECK_EQ(spoil_done, 1);
	CHECK_EQ(bad, 0);
}

static volatile int frame_ok;

static void on_look(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uint64_t sp = (uint64_t)__builtin_frame_address(0);
	uint32_t *fp = (uint32_t *)uc->uc_mcontext.fpregs;

	/* At entry rsp + 8 is a multiple of 16: so is the saved rbp's place. */
	frame_ok = (sp & 15) == 0 && ((uint64_t)fp & 63) == 0 &&
		   (uc->uc_flags & 2) != 0;
	if (uc->uc_flags & 1)           /* an XSAVE image, marked as one */
		frame_ok = frame_ok && fp[464 / 4] == 0x46505853 &&
			   *(uint32_t *)((char *)fp + fp[464 / 4 + 4]) ==
				0x46505845;
}

TEST(frame_has_linux_layout)
{
	struct sigaction a = { .sa_sigaction = on_look,
			       .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &a, NULL);
	raise(SIGUSR1);
	CHECK_EQ(frame_ok, 1);
}

static void on_bad_cs(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	/* The low 16 bits of this word are cs: the kernel's code segment. */
	uc->uc_mcontext.gregs[REG_CSGSFS] &= ~0xffffL;
	uc->uc_mcontext.gregs[REG_CSGSFS] |= 0x10;
}

static void on_bad_ip(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	uc->uc_mcontext.gregs[REG_RIP] = 0x8000000000000000;
}

static int death_of(void (*handler)(int, siginfo_t *, void *))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct sigaction a = { .sa_sigaction = handler,
				       .sa_flags = SA_SIGINFO };

		sigaction(SIGUSR1, &a, NULL);
		raise(SIGUSR1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(impossible_frames_kill_the_program_alone)
{
	CHECK_EQ(death_of(on_bad_cs), SIGSEGV);
	CHECK_EQ(death_of(on_bad_ip), SIGSEGV);
}

static void on_fpu_edit(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	char *fp = (char *)uc->uc_mcontext.fpregs;

	*(uint64_t *)(fp + 160) = 0xabcd;       /* xmm0 */
}

TEST(frame_fpu_image_is_restored_as_edited)
{
	struct sigaction a = { .sa_sigaction = on_fpu_edit,
			       .sa_flags = SA_SIGINFO };
	uint64_t x;

	sigaction(SIGUSR1, &a, NULL);
	__asm__ volatile("movl $39, %%eax; syscall\n"
			 "movl %%eax, %%edi; movl $10, %%esi\n"
			 "movl $62, %%eax; syscall\n"
			 "movq %%xmm0, %0" : "=r"(x)
			 :: "rax", "rcx", "rdi", "rsi", "r11", "xmm0", "memory");
	CHECK_EQ(x, 0xabcd);
}

/* --- thread pointers ------------------------------------------------------ */

TEST(arch_prctl_sets_and_tells_the_bases)
{
	uint64_t fs = 0, gs = 1, value = 77, read;

	CHECK_EQ(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs), 0);
	CHECK(fs != 0);
	CHECK_EQ(syscall(SYS_arch_prctl, ARCH_SET_GS, &value), 0);
	__asm__ volatile("movq %%gs:0, %0" : "=r"(read));
	CHECK_EQ(read, 77);
	for (int i = 0; i < 100; i++)
		sched_yield();
	CHECK_EQ(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs), 0);
	CHECK_EQ(gs, &value);
	CHECK_ERR(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 63), EPERM);
	CHECK_ERR(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
}

/* --- vDSO ----------------------------------------------------------------- */

TEST(vdso_is_an_elf_image_with_its_page)
{
	const unsigned char *elf =
		(const unsigned char *)getauxval(AT_SYSINFO_EHDR);

	CHECK(elf != NULL);
	if (elf)
		CHECK(memcmp(elf, "\177ELF", 4) == 0);
}

static int64_t ns(const struct timespec *t)
{
	return t->tv_sec * 1000000000LL + t->tv_nsec;
}

/* Library (vDSO) and system call, in turn: time never goes back. */
TEST(vdso_and_syscall_tell_the_same_time)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC,
				      CLOCK_BOOTTIME };
	struct timespec a;

	for (int c = 0; c < 3; c++) {
		int64_t last = 0;

		for (int i = 0; i < 2000; i++) {
			if (i & 1)
				clock_gettime(clocks[c], &a);
			else
				syscall(SYS_clock_gettime, clocks[c], &a);
			CHECK(a.tv_nsec >= 0 && a.tv_nsec < 1000000000);
			if (ns(&a) < last) {
				CHECK_EQ(ns(&a), last);
				break;
			}
			last = ns(&a);
		}
	}
}

TEST(getcpu_names_the_cpu_we_are_bound_to)
{
	cpu_set_t set;
	unsigned cpu;

	for (int i = 0; i < 4; i++) {
		CPU_ZERO(&set);
		CPU_SET(i, &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			break;
		CHECK_EQ(sched_getcpu(), i);
		CHECK_EQ(syscall(SYS_getcpu, &cpu, NULL, NULL), 0);
		CHECK_EQ(cpu, i);
	}
}

TEST(nothing_is_left_of_a_clock_correction)
{
	struct timex tx = { .modes = 0xa001, .offset = 77 };

	CHECK(adjtimex(&tx) >= 0);
	CHECK_EQ(tx.offset, 0);
}

TEST(a_family_that_nobody_has_is_not_supported)
{
	int pair[2];

	CHECK(socket(200, SOCK_STREAM, 0) < 0 && errno == EAFNOSUPPORT);
	CHECK(socketpair(200, SOCK_STREAM, 0, pair) < 0 &&
	      errno == EAFNOSUPPORT);
	CHECK(socket(AF_UNIX, SOCK_STREAM | 0x100, 0) < 0 && errno == EINVAL);
}

TAP_MAIN()
