/* SPDX-License-Identifier: MIT */
/*
 * badexec.c -- programs that are none, and programs that lie
 *
 * First what execve() says to each of the usual mistakes.  Then a small good
 * program whose headers are spoilt in hundreds of ways that follow from a seed
 * (EXEC_SEED): each is refused, or starts and dies, or does no harm.
 */

#define _GNU_SOURCE
#include "tap.h"
#include "harm.h"

#include <elf.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define BASE 0x400000UL
#define CODE 0x800              /* where the instructions are in the file */
#define INTERP 0xc00            /* and the loader's name */
#define IMAGE 0x2000
#define GOOD_STATUS 42

/* A whole static program: two segments, and room for a loader's name. */
static struct image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[4];
	char rest[IMAGE - sizeof(Elf64_Ehdr) - 4 * sizeof(Elf64_Phdr)];
} good;

static void make_good(void)
{
	/* mov $42, %edi; mov $231 (exit_group), %eax; syscall */
	static const unsigned char code[] = {
		0xbf, GOOD_STATUS, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05,
	};
	char *bytes = (char *)&good;

	memset(bytes + CODE - 64, 0xf4, 256);   /* hlt */
	memcpy(bytes + CODE, code, sizeof(code));
	good.eh = (Elf64_Ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = 1,
		.e_entry = BASE + CODE, .e_phoff = offsetof(struct image, ph),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 4,
	};
	good.ph[0] = (Elf64_Phdr){ PT_LOAD, PF_R | PF_X, 0, BASE, BASE, 0x1000,
				   0x1000, 0x1000 };
	good.ph[1] = (Elf64_Phdr){ PT_LOAD, PF_R | PF_W, 0x1000, BASE + 0x1000,
				   BASE + 0x1000, 0x800, 0x3000, 0x1000 };
	good.ph[2] = (Elf64_Phdr){ PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16 };
	good.ph[3] = (Elf64_Phdr){ PT_NULL, PF_R, INTERP, BASE + INTERP,
				   BASE + INTERP, 16, 16, 1 };
}

static void put(const char *name, const void *bytes, size_t size)
{
	int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);

	NEED(fd >= 0);
	NEED(write(fd, bytes, size) == (ssize_t)size);
	fchmod(fd, 0755);                       /* the file may be old */
	close(fd);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

/* Run it: the errno of execve(), or -(wait status) when it started. */
static int run(const char *name)
{
	static volatile uint32_t still;
	char *argv[] = { (char *)name, NULL };
	int said[2], err = 0, status = 0;
	pid_t pid;

	NEED(pipe2(said, O_CLOEXEC) == 0);
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0) {
		execv(name, argv);
		err = errno;
		if (write(said[1], &err, sizeof(err)) < 0)
			_exit(2);
		_exit(1);
	}
	close(said[1]);
	if (read(said[0], &err, sizeof(err)) < 0)
		err = EIO;
	close(said[0]);
	/* It may run for ever: end it. */
	for (long end = now_ms() + 1000; now_ms() < end; ) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return err ? err : -status;
		nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
	}
	kill(pid, SIGKILL);
	CHECK(outlast(pid, &still, 0));
	return -SIGKILL;
}

static int run_image(const struct image *im, size_t size)
{
	put("prog", im, size);
	return run("./prog");
}

static void enter(void)
{
	NEED(mkdir("badexec.d", 0755) == 0 || errno == EEXIST);
	NEED(chdir("badexec.d") == 0);
	signal(SIGPIPE, SIG_IGN);
	make_good();
}

/* Give a copy of the good program a loader. */
static struct image with_loader(const char *name)
{
	struct image im = good;

	im.ph[3].p_type = PT_INTERP;
	im.ph[3].p_filesz = im.ph[3].p_memsz = strlen(name) + 1;
	strcpy((char *)&im + INTERP, name);
	return im;
}

/* --- files that are no programs ------------------------------------------- */

TEST(good_program_runs)
{
	enter();
	CHECK_EQ(run_image(&good, sizeof(good)), -(GOOD_STATUS << 8));
}

TEST(files_that_cannot_be_programs)
{
	enter();
	put("empty", "", 0);
	CHECK_EQ(run("./empty"), ENOEXEC);
	put_text("text", "hello\n");
	CHECK_EQ(run("./text"), ENOEXEC);
	CHECK_EQ(run("."), EACCES);
	CHECK_EQ(run("./none"), ENOENT);
	CHECK_EQ(run(""), ENOENT);
	CHECK_EQ(run("./text/below"), ENOTDIR);
	CHECK_EQ(run("/dev/null"), EACCES);
	chmod("text", 0644);
	CHECK_EQ(run("./text"), EACCES);
	unlink("fifo");
	CHECK_EQ(mkfifo("fifo", 0755), 0);
	CHECK_EQ(run("./fifo"), EACCES);
	unlink("loop");
	CHECK_EQ(symlink("loop", "loop"), 0);
	CHECK_EQ(run("./loop"), ELOOP);
}

TEST(file_that_is_being_written_is_busy)
{
	int fd;

	enter();
	put("prog", &good, sizeof(good));
	fd = open("prog", O_WRONLY | O_CLOEXEC);
	CHECK_EQ(run("./prog"), ETXTBSY);
	close(fd);
	CHECK_EQ(run("./prog"), -(GOOD_STATUS << 8));
}

/* --- headers -------------------------------------------------------------- */

TEST(truncated_programs_are_no_programs)
{
	enter();
	for (size_t n = 1; n < sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr); n += 9)
		CHECK_EQ(run_image(&good, n), ENOEXEC);
	/* The code is behind the end of the file: the page is not there. */
	CHECK(run_image(&good, 300) < 0);
}

TEST(headers_of_others_are_refused)
{
	struct image im;

	enter();
	im = good, im.eh.e_ident[0] = 0;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_machine = EM_AARCH64;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_machine = 0;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_type = ET_REL;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_type = ET_CORE;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_phnum = 0;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_phnum = 0xffff;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_phentsize = 32;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_phoff = 1UL << 40;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im = good, im.eh.e_phoff = -64UL;
	CHECK(run_image(&im, sizeof(im)) > 0);
}

/* Refused, or dead by a signal; which of them is the kernel's choice. */
static int refused_or_killed(const struct image *im)
{
	int got = run_image(im, sizeof(*im));

	return got > 0 || (-got & 0x7f);
}

TEST(segments_that_cannot_be_mapped)
{
	static const uint64_t places[] = {
		0, 0x1000, 0x7ffffffff000, 0x800000000000, 0xffffffff81000000,
		0xffff888000000000, -4096UL, 1UL << 63,
	};
	struct image im;

	enter();
	for (unsigned i = 0; i < sizeof(places) / sizeof(*places); i++) {
		im = good;
		im.ph[0].p_vaddr = places[i];
		CHECK(refused_or_killed(&im));
	}
	im = good, im.ph[0].p_memsz = -1UL;
	CHECK(refused_or_killed(&im));
	im = good, im.ph[0].p_memsz = 1UL << 47;
	CHECK(refused_or_killed(&im));
	im = good, im.ph[0].p_filesz = 0x2000;  /* more than in memory */
	CHECK(refused_or_killed(&im));
	im = good, im.ph[0].p_offset = 0x123;   /* another place in the page */
	CHECK(refused_or_killed(&im));
	im = good, im.ph[0].p_type = im.ph[1].p_type = PT_NULL;
	CHECK(refused_or_killed(&im));
	im = good, im.eh.e_entry = 0xffffffff81000000;
	CHECK(refused_or_killed(&im));
	im = good, im.eh.e_entry = 1UL << 63;
	CHECK(refused_or_killed(&im));
	im = good, im.ph[0].p_flags = PF_R;     /* entry where none may run */
	CHECK_EQ(run_image(&im, sizeof(im)), -SIGSEGV);
}

TEST(loaders_that_are_none)
{
	struct image im;

	enter();
	im = with_loader("/no/such/loader");
	CHECK_EQ(run_image(&im, sizeof(im)), ENOENT);
	put_text("text", "this is no loader, but it is long enough to be read as "
		 "a header of one, and more so\n");
	im = with_loader("./text");
	CHECK_EQ(run_image(&im, sizeof(im)), ELIBBAD);
	put_text("text", "short\n");
	CHECK_EQ(run_image(&im, sizeof(im)), EIO);
	chmod("text", 0644);
	CHECK_EQ(run_image(&im, sizeof(im)), EACCES);
	im = with_loader(".");
	CHECK_EQ(run_image(&im, sizeof(im)), EACCES);
	im = with_loader("./x");
	im.ph[3].p_filesz--;                    /* not terminated */
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im.ph[3].p_filesz = 1;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im.ph[3].p_filesz = 4097;
	CHECK_EQ(run_image(&im, sizeof(im)), ENOEXEC);
	im.ph[3].p_filesz = 16;
	im.ph[3].p_offset = 1 << 20;            /* behind the file's end */
	CHECK_EQ(run_image(&im, sizeof(im)), EIO);
}

/* --- scripts -------------------------------------------------------------- */

TEST(scripts_without_a_reader)
{
	char line[400];

	enter();
	put_text("s", "#!/no/such/reader\n");
	CHECK_EQ(run("./s"), ENOENT);
	put_text("s", "#!\n");
	CHECK_EQ(run("./s"), ENOEXEC);
	put_text("s", "#! \t \n");
	CHECK_EQ(run("./s"), ENOEXEC);
	put_text("s", "#!.\n");
	CHECK_EQ(run("./s"), EACCES);
	put_text("s", "#!/dev/null\n");
	CHECK_EQ(run("./s"), EACCES);
	memset(line, 'x', sizeof(line) - 1);    /* a name cut by the buffer */
	memcpy(line, "#!/", 3);
	line[sizeof(line) - 1] = '\0';
	put_text("s", line);
	CHECK_EQ(run("./s"), ENOEXEC);
}

TEST(scripts_may_name_scripts_but_not_for_ever)
{
	char name[8], line[32];

	enter();
	put_text("s", "#!./s\n");
	CHECK_EQ(run("./s"), ELOOP);
	put("s0", &good, sizeof(good));
	for (int i = 1; i < 7; i++) {
		snprintf(name, sizeof(name), "./s%d", i);
		snprintf(line, sizeof(line), "#!./s%d\n", i - 1);
		put_text(name, line);
	}
	CHECK_EQ(run("./s1"), -(GOOD_STATUS << 8));
	CHECK_EQ(run("./s5"), -(GOOD_STATUS << 8));
	CHECK_EQ(run("./s6"), ELOOP);
}

/* --- arguments ------------------------------------------------------------ */

TEST(arguments_have_a_limit)
{
	static char big[(128 << 10) + 1];
	static char *many[2000];
	char *const none[] = { NULL };
	char *volatile eight = (char *)8;       /* GCC would warn of constants */

	enter();
	put("prog", &good, sizeof(good));
	memset(big, 'x', sizeof(big) - 1);
	CHECK_ERR(execve("./prog", (char *[]){ "prog", big, NULL }, none), E2BIG);
	CHECK_ERR(execve("./prog", none, (char *[]){ big, NULL }), E2BIG);
	big[100 << 10] = '\0';
	for (int i = 0; i < 1999; i++)
		many[i] = big;
	CHECK_ERR(execve("./prog", many, none), E2BIG);
	CHECK_ERR(execve("./prog", (char **)eight, none), EFAULT);
	CHECK_ERR(execve("./prog", (char *[]){ eight, NULL }, none), EFAULT);
	CHECK_ERR(execve("./prog", (char **)(eight - 4096), none), EFAULT);
	CHECK_ERR(execve(eight, none, none), EFAULT);
	memset(big, 'x', 5000);
	big[5000] = '\0';
	CHECK_ERR(execve(big, none, none), ENAMETOOLONG);
}

/* --- spoilt at random ----------------------------------------------------- */

static uint64_t strange(void)
{
	static const uint64_t all[] = {
		0, 1, 2, 7, 15, 56, 64, 0xfff, 0x1000, 0x1001, 0x2000, 0xffff,
		0x10000, BASE, BASE + CODE, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7ffffffde000, 0x7fffffffe000, 0x7ffffffff000, 0x7fffffffffff,
		0x800000000000, 0xffff800000000000, 0xffffffff81000000,
		1UL << 62, 1UL << 63, (1UL << 63) - 1, -4096UL, -1UL,
	};

	return all[below(sizeof(all) / sizeof(*all))];
}

static void spoil(struct image *im)
{
	Elf64_Phdr *ph = &im->ph[below(4)];
	uint64_t *words[] = {
		&im->eh.e_entry, &im->eh.e_phoff, &ph->p_offset, &ph->p_vaddr,
		&ph->p_filesz, &ph->p_memsz, &ph->p_align, &ph->p_vaddr,
		&ph->p_memsz,
	};
	uint64_t *w = words[below(sizeof(words) / sizeof(*words))];

	switch (below(8)) {
	case 0:         /* any byte of the headers */
		((unsigned char *)im)[below(sizeof(im->eh) + sizeof(im->ph))] ^=
			1 << below(8);
		break;
	case 1:
		ph->p_type = below(8);
		break;
	case 2:
		ph->p_flags = below(8);
		break;
	case 3:
		im->eh.e_type = below(2) ? ET_DYN : below(5);
		break;
	case 4:
		*w += strange();
		break;
	case 5:
		*w ^= 1UL << below(64);
		break;
	default:
		*w = strange();
	}
}

TEST(spoilt_headers_harm_only_the_program)
{
	const char *seed = getenv("EXEC_SEED");
	int log = open_log(), ran = 0, refused = 0;

	enter();
	close(open("self", O_CREAT | O_WRONLY, 0755));
	for (int i = 0; i < 500; i++) {
		struct image im;
		int got;

		state = ((seed ? atol(seed) : 1) * 10007 + i) *
			0x9e3779b97f4a7c15 | 1;
		im = below(4) ? good : with_loader("./prog");
		for (int n = 1 + below(4); n > 0; n--)
			spoil(&im);
		got = run_image(&im, below(8) ? sizeof(im) : below(sizeof(im)));
		refused += got > 0;
		ran += got == -(GOOD_STATUS << 8);
		if (log_complains(log)) {
			printf("# variant %d\n", i);
			tap_failed = 1;
			break;
		}
	}
	printf("# %d refused, %d ran\n", refused, ran);
	CHECK(refused > 50 && ran > 0);
}

TAP_MAIN()
