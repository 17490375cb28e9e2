/* SPDX-License-Identifier: MIT */
/* coredump.c -- what a process that dies of a fault leaves behind */

#include "tap.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MARK 0x5ca1ab1e0ddba11dUL
#define SECRET 0x0badc0de0badc0deUL

static unsigned long *heap, *hidden;

static void *wait_here(void *arg)
{
	pause();
	return arg;
}

/* Die of a write to address 16 with two threads and two marked pages. */
static void crash(void)
{
	volatile int *volatile nowhere = (int *)16;
	pthread_t t;

	heap = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hidden = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	heap[0] = MARK;
	hidden[0] = SECRET;
	madvise(hidden, 4096, MADV_DONTDUMP);
	pthread_create(&t, NULL, wait_here, NULL);
	usleep(10000);
	*nowhere = 1;
}

/* The status of a child that crashed with this limit. */
static int crash_with(rlim_t limit, void (*before)(void))
{
	struct rlimit rl = { limit, limit };
	pid_t pid;
	int status = 0;

	unlink("core");
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &rl);
		if (before)
			before();
		crash();
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	return status;
}

/* Where core files go must be a plain name here. */
static void need_plain_pattern(void)
{
	char text[128] = { 0 };
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 ||
	    strcmp(text, "core\n"))
		SKIP("core_pattern is not \"core\"");
	close(fd);
	fd = open("/proc/sys/kernel/core_uses_pid", O_RDONLY);
	if (fd < 0 || read(fd, text, 1) != 1 || text[0] != '0')
		SKIP("core_uses_pid is set");
	close(fd);
}

static char *core;
static size_t core_size;

static void map_core(void)
{
	struct stat st;
	int fd = open("core", O_RDONLY);

	CHECK(fd >= 0);
	if (fd < 0)
		_exit(1);
	fstat(fd, &st);
	CHECK_EQ(st.st_mode & 07777, 0600);
	core_size = st.st_size;
	core = mmap(NULL, core_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
}

static int notes_of(unsigned int type, char **first, size_t *size)
{
	Elf64_Ehdr *eh = (Elf64_Ehdr *)core;
	Elf64_Phdr *ph = (Elf64_Phdr *)(core + eh->e_phoff);
	char *p = core + ph->p_offset, *end = p + ph->p_filesz;
	int n = 0;

	CHECK_EQ(ph->p_type, PT_NOTE);
	while (p < end) {
		Elf64_Nhdr *nh = (Elf64_Nhdr *)p;
		char *data = p + sizeof(*nh) + ((nh->n_namesz + 3) & ~3u);

		if (nh->n_type == type && !n++ && first) {
			*first = data;
			*size = nh->n_descsz;
		}
		p = data + ((nh->n_descsz + 3) & ~3u);
	}
	CHECK(p == end);
	return n;
}

static int finds(unsigned long word)
{
	for (size_t i = 0; i + 8 <= core_size; i += 4096)
		if (*(unsigned long *)(core + i) == word)
			return 1;
	return 0;
}

TEST(a_core_file_has_threads_and_memory)
{
	struct elf_prstatus *ps;
	Elf64_Ehdr *eh;
	char *note = NULL;
	size_t size = 0;
	int status;

	need_plain_pattern();
	status = crash_with(RLIM_INFINITY, NULL);
	CHECK(WCOREDUMP(status));
	map_core();
	eh = (Elf64_Ehdr *)core;
	CHECK(!memcmp(eh->e_ident, ELFMAG, SELFMAG));
	CHECK_EQ(eh->e_type, ET_CORE);
	CHECK_EQ(eh->e_machine, EM_X86_64);
	CHECK_EQ(notes_of(NT_PRSTATUS, &note, &size), 2);
	CHECK_EQ(size, sizeof(struct elf_prstatus));
	ps = (struct elf_prstatus *)note;
	CHECK_EQ(ps->pr_cursig, SIGSEGV);
	CHECK_EQ(notes_of(NT_PRPSINFO, &note, &size), 1);
	CHECK_EQ(size, 136);
	CHECK_EQ(notes_of(NT_FPREGSET, &note, &size), 2);
	CHECK_EQ(notes_of(NT_AUXV, &note, &size), 1);
	CHECK_EQ(notes_of(0x46494c45, &note, &size), 1);
	CHECK_EQ(notes_of(0x53494749, &note, &size), 1);
	CHECK_EQ(((siginfo_t *)note)->si_signo, SIGSEGV);
	CHECK_EQ((long)((siginfo_t *)note)->si_addr, 16);
	CHECK(finds(MARK));
	CHECK(!finds(SECRET));
	unlink("core");
}

/* A child that only reads what its parent wrote still has it. */
TEST(a_core_file_has_what_was_there_before_the_fork)
{
	unsigned long *page, mark = MARK ^ 0x5a5a;
	int status, pid;

	need_plain_pattern();
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(page != MAP_FAILED);
	page[0] = mark;
	pid = fork();
	if (pid == 0) {
		struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

		setrlimit(RLIMIT_CORE, &all);
		abort();
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WCOREDUMP(status));
	map_core();
	CHECK(finds(mark));
	unlink("core");
}

TEST(no_core_without_a_limit)
{
	need_plain_pattern();
	CHECK(!WCOREDUMP(crash_with(0, NULL)));
	CHECK_ERR(access("core", F_OK), ENOENT);
}

TEST(a_limit_cuts_the_file)
{
	struct stat st;

	need_plain_pattern();
	crash_with(16384, NULL);
	CHECK_EQ(stat("core", &st), 0);
	CHECK(st.st_size <= 16384);
	unlink("core");
}

static void not_dumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

TEST(what_is_not_dumpable_is_not_dumped)
{
	need_plain_pattern();
	CHECK(!WCOREDUMP(crash_with(RLIM_INFINITY, not_dumpable)));
	CHECK_ERR(access("core", F_OK), ENOENT);
}

static void no_anonymous_memory(void)
{
	int fd = open("/proc/self/coredump_filter", O_WRONLY);

	write(fd, "0x10\n", 5);
	close(fd);
}

TEST(the_filter_says_what_memory_is_written)
{
	need_plain_pattern();
	CHECK(WCOREDUMP(crash_with(RLIM_INFINITY, no_anonymous_memory)));
	map_core();
	CHECK(!finds(MARK));
	unlink("core");
}

TEST(the_filter_is_inherited)
{
	char text[32] = { 0 };
	int fd, status;

	no_anonymous_memory();
	if (fork() == 0) {
		fd = open("/proc/self/coredump_filter", O_RDONLY);
		read(fd, text, sizeof(text) - 1);
		_exit(strcmp(text, "00000010\n") != 0);
	}
	wait(&status);
	CHECK_EQ(status, 0);
}

static int set_pattern(const char *text)
{
	int fd = open("/proc/sys/kernel/core_pattern", O_WRONLY), ok;

	if (fd < 0)
		return -1;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok ? 0 : -1;
}

TEST(a_program_takes_the_core)
{
	char old[256] = "core", cwd[80], pattern[160], head[4] = "";
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY), status, i;

	if (access("/bin/busybox", X_OK) || getuid() || access("/tests", X_OK))
		SKIP("no busybox, or a machine that is not ours");
	NEED(getcwd(cwd, sizeof(cwd)) && read(fd, old, sizeof(old) - 1) > 0);
	close(fd);
	snprintf(pattern, sizeof(pattern),
		 "|/bin/busybox dd of=%s/taken.%%s", cwd);
	NEED(!set_pattern(pattern));
	status = crash_with(0, NULL);  /* the limit is for files */
	set_pattern(old);
	CHECK(WCOREDUMP(status));
	for (i = 0; i < 500 && head[0] != ELFMAG0; i++) {
		usleep(10000);
		fd = open("taken.11", O_RDONLY);
		if (fd >= 0 && read(fd, head, 4) < 0)
			head[0] = 0;
		close(fd);
	}
	CHECK_EQ(memcmp(head, ELFMAG, 4), 0);
	unlink("taken.11");
}

TAP_MAIN()
