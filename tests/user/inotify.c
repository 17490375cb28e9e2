/* SPDX-License-Identifier: MIT */
/* inotify.c -- what happens to files, told to those who watch */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char ground[64];
static int in;

static void begin(void)
{
	snprintf(ground, sizeof(ground), "/tmp/inotify.%d", getpid());
	NEED(mkdir(ground, 0755) == 0 && chdir(ground) == 0);
	in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	NEED(in >= 0);
}

/* The next event, or one with mask 0. */
static const struct inotify_event *next(void)
{
	static char buf[4096] __attribute__((aligned(8)));
	static char *at = buf;
	static int left;
	const struct inotify_event *e;

	if (left <= 0) {
		memset(buf, 0, sizeof(buf));
		left = read(in, buf, sizeof(buf));
		at = buf;
	}
	e = (struct inotify_event *)at;
	if (left <= 0)
		return (struct inotify_event *)memset(buf, 0, 64);
	at += sizeof(*e) + e->len;
	left -= sizeof(*e) + e->len;
	return e;
}

/* The next event must be that. */
static void expect(int line, int wd, unsigned mask, const char *name)
{
	const struct inotify_event *e = next();
	const char *got = e->len ? e->name : "";

	if (e->wd == wd && e->mask == mask && !strcmp(got, name))
		return;
	printf("# line %d: wd %d mask %x name \"%s\", not %d %x \"%s\"\n", line,
	       e->wd, e->mask, got, wd, mask, name);
	tap_failed = 1;
}

#define EXPECT(wd, mask, name) expect(__LINE__, wd, mask, name)

static void make(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0644);

	NEED(fd >= 0);
	if (*text)
		NEED(write(fd, text, strlen(text)) > 0);
	close(fd);
}

TEST(a_directory_tells_of_its_files)
{
	char c;
	int w, fd;

	begin();
	w = inotify_add_watch(in, ".", IN_ALL_EVENTS);
	CHECK_EQ(w, 1);
	make("f", "hello");
	EXPECT(w, IN_CREATE, "f");
	EXPECT(w, IN_OPEN, "f");
	EXPECT(w, IN_MODIFY, "f");
	EXPECT(w, IN_CLOSE_WRITE, "f");
	fd = open("f", O_RDONLY);
	NEED(read(fd, &c, 1) == 1);
	close(fd);
	EXPECT(w, IN_OPEN, "f");
	EXPECT(w, IN_ACCESS, "f");
	EXPECT(w, IN_CLOSE_NOWRITE, "f");
	NEED(chmod("f", 0600) == 0);
	EXPECT(w, IN_ATTRIB, "f");
	NEED(truncate("f", 1) == 0);
	EXPECT(w, IN_MODIFY, "f");
	NEED(mkdir("d", 0755) == 0 && symlink("f", "l") == 0);
	EXPECT(w, IN_CREATE | IN_ISDIR, "d");
	EXPECT(w, IN_CREATE, "l");
	NEED(link("f", "g") == 0);
	EXPECT(w, IN_CREATE, "g");
	NEED(unlink("f") == 0 && rmdir("d") == 0);
	EXPECT(w, IN_DELETE, "f");
	EXPECT(w, IN_DELETE | IN_ISDIR, "d");
	EXPECT(0, 0, "");
	errno = 0;
	CHECK_ERR(read(in, &c, 1), EAGAIN);
}

TEST(a_move_has_two_ends_and_one_cookie)
{
	const struct inotify_event *e;
	unsigned cookie;
	int a, b, f;

	begin();
	NEED(!mkdir("a", 0755) && !mkdir("b", 0755));
	make("a/x", "");
	a = inotify_add_watch(in, "a", IN_MOVE);
	b = inotify_add_watch(in, "b", IN_MOVE);
	f = inotify_add_watch(in, "a/x", IN_MOVE_SELF);
	NEED(rename("a/x", "b/yy") == 0);
	e = next();
	CHECK(e->wd == a && e->mask == IN_MOVED_FROM && !strcmp(e->name, "x"));
	cookie = e->cookie;
	e = next();
	CHECK(e->wd == b && e->mask == IN_MOVED_TO && !strcmp(e->name, "yy"));
	CHECK(cookie && e->cookie == cookie);
	EXPECT(f, IN_MOVE_SELF, "");
	EXPECT(0, 0, "");
}

TEST(a_watched_file_tells_of_its_end)
{
	int w, fd;

	begin();
	make("f", "");
	w = inotify_add_watch(in, "f", IN_DELETE_SELF | IN_ATTRIB);
	fd = open("f", O_RDONLY);
	NEED(unlink("f") == 0);
	EXPECT(w, IN_ATTRIB, "");              /* one link fewer */
	EXPECT(0, 0, "");
	close(fd);
	EXPECT(w, IN_DELETE_SELF, "");
	EXPECT(w, IN_IGNORED, "");
	CHECK_ERR(inotify_rm_watch(in, w), EINVAL);
}

TEST(masks_are_replaced_added_or_refused)
{
	int w;

	begin();
	w = inotify_add_watch(in, ".", IN_CREATE);
	CHECK_EQ(inotify_add_watch(in, ".", IN_DELETE | IN_MASK_ADD), w);
	make("f", "");
	NEED(unlink("f") == 0);
	EXPECT(w, IN_CREATE, "f");
	EXPECT(w, IN_DELETE, "f");
	CHECK_EQ(inotify_add_watch(in, ".", IN_DELETE), w);
	make("f", "");
	NEED(unlink("f") == 0);
	EXPECT(w, IN_DELETE, "f");
	CHECK_ERR(inotify_add_watch(in, ".", IN_DELETE | 0x10000000), EEXIST);
	CHECK_ERR(inotify_add_watch(in, ".", IN_MASK_ADD | 0x10000001),
		  EINVAL);
	make("f", "");
	CHECK_ERR(inotify_add_watch(in, "f", IN_ONLYDIR | IN_OPEN), ENOTDIR);
	CHECK_ERR(inotify_add_watch(in, "none", IN_OPEN), ENOENT);
	CHECK_ERR(inotify_add_watch(in, ".", 0), EINVAL);
	CHECK_ERR(inotify_add_watch(0, ".", IN_OPEN), EINVAL);
	CHECK_ERR(inotify_add_watch(99, ".", IN_OPEN), EBADF);
	CHECK_ERR(inotify_init1(1), EINVAL);
	CHECK(inotify_rm_watch(in, w) == 0);
	EXPECT(w, IN_IGNORED, "");
	CHECK_EQ(inotify_add_watch(in, ".", IN_OPEN), w + 1);
}

TEST(once_is_once)
{
	int w;

	begin();
	w = inotify_add_watch(in, ".", IN_CREATE | IN_ONESHOT);
	make("a", "");
	make("b", "");
	EXPECT(w, IN_CREATE, "a");
	EXPECT(w, IN_IGNORED, "");
	EXPECT(0, 0, "");
}

TEST(reading_waits_polls_and_needs_room)
{
	struct pollfd p = { .events = POLLIN };
	char buf[64];
	int n, w;

	begin();
	p.fd = in;
	w = inotify_add_watch(in, ".", IN_CREATE);
	CHECK_EQ(poll(&p, 1, 0), 0);
	make("name", "");
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK(ioctl(in, FIONREAD, &n) == 0);
	CHECK_EQ(n, 32);                       /* 16, and "name" in 16 */
	CHECK_ERR(read(in, buf, 20), EINVAL);
	CHECK_EQ(read(in, buf, 64), 32);
	/* The same twice running is one. */
	w = inotify_add_watch(in, "name", IN_ATTRIB);
	NEED(chmod("name", 0600) == 0 && chmod("name", 0644) == 0);
	EXPECT(w, IN_ATTRIB, "");
	EXPECT(0, 0, "");
	NEED(fcntl(in, F_SETFL, 0) == 0);
	if (fork() == 0) {
		usleep(100000);
		chmod("name", 0700);
		_exit(0);
	}
	CHECK_EQ(read(in, buf, 64), 16);
	wait(NULL);
}

TEST(an_overflow_is_told)
{
	const struct inotify_event *e;
	unsigned last = 0;
	int i, n = 0, fd;

	begin();
	make("a", "");
	make("b", "");
	NEED(inotify_add_watch(in, ".", IN_OPEN) > 0);
	for (i = 0; i < 9000; i++) {
		fd = open("a", O_RDONLY);
		close(fd);
		fd = open("b", O_RDONLY);
		close(fd);
	}
	while ((e = next())->mask) {
		last = e->mask;
		n++;
	}
	CHECK_EQ(last, IN_Q_OVERFLOW);
	CHECK_EQ(n, 16385);
}

TEST(an_unlinked_file_is_told_of_unless_the_watch_says_so)
{
	int w, fd;

	begin();
	make("a", "");
	make("b", "");
	w = inotify_add_watch(in, ".", IN_MODIFY);
	fd = open("a", O_WRONLY);
	NEED(fd >= 0 && unlink("a") == 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	EXPECT(w, IN_MODIFY, "a");
	w = inotify_add_watch(in, ".", IN_MODIFY | IN_EXCL_UNLINK);
	fd = open("b", O_WRONLY);
	NEED(fd >= 0 && unlink("b") == 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	EXPECT(0, 0, "");
}

TEST(umount_ends_the_watch)
{
	int w;

	if (geteuid() || unshare(CLONE_NEWNS))
		SKIP("needs to be root");
	begin();
	NEED(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	NEED(!mkdir("m", 0755) && !mount("x", "m", "tmpfs", 0, NULL));
	w = inotify_add_watch(in, "m", IN_CREATE);
	make("m/f", "");
	EXPECT(w, IN_CREATE, "f");
	CHECK(umount("m") == 0);
	EXPECT(w, IN_UNMOUNT | IN_ISDIR, "");
	EXPECT(w, IN_IGNORED, "");
}

/* ---- F_NOTIFY ---- */

static volatile int told, told_fd;

static void on_told(int sig, siginfo_t *si, void *context)
{
	(void)sig, (void)context;
	told++;
	told_fd = si->si_fd;
}

static int marked_directory(unsigned long mask)
{
	struct sigaction sa = { .sa_sigaction = on_told,
				.sa_flags = SA_SIGINFO };
	int fd;

	begin();
	fd = open(".", O_RDONLY);
	told = 0;
	NEED(fd >= 0 && !sigaction(SIGRTMIN, &sa, NULL) &&
	     !fcntl(fd, F_SETSIG, SIGRTMIN));
	CHECK(fcntl(fd, F_NOTIFY, mask) == 0);
	return fd;
}

TEST(dnotify_tells_once)
{
	int fd = marked_directory(DN_CREATE);

	CHECK_EQ(fcntl(fd, F_GETOWN), getpid());
	NEED(!mkdir("sub", 0700));
	CHECK_EQ(told, 1);
	CHECK_EQ(told_fd, fd);
	NEED(!mkdir("sub2", 0700));
	CHECK_EQ(told, 1);
}

TEST(dnotify_tells_what_was_asked)
{
	int fd = marked_directory(DN_DELETE | DN_RENAME | DN_MULTISHOT);

	make("a", "x");
	CHECK_EQ(told, 0);
	NEED(!rename("a", "b"));
	CHECK(told >= 1);
	told = 0;
	NEED(!unlink("b"));
	CHECK_EQ(told, 1);
	CHECK(fcntl(fd, F_NOTIFY, DN_ATTRIB | DN_MULTISHOT) == 0);
	make("c", "x");
	NEED(!chmod("c", 0600));
	CHECK_EQ(told, 2);
	CHECK(fcntl(fd, F_NOTIFY, 0) == 0);
	NEED(!unlink("c"));
	CHECK_EQ(told, 2);
}

TEST(dnotify_tells_of_a_rename_within_the_directory_only)
{
	marked_directory(DN_RENAME | DN_MULTISHOT);
	NEED(!mkdir("sub", 0700));
	make("a", "x");
	NEED(!rename("a", "sub/a"));
	CHECK_EQ(told, 0);
	NEED(!rename("sub", "sub2"));
	CHECK_EQ(told, 1);
	NEED(!rename("sub2/a", "a"));
	CHECK_EQ(told, 1);
}

/* The reader runs the moment that it is woken, on the CPU of who removes. */
TEST(who_hears_of_a_removal_finds_the_name_gone)
{
	struct sched_param first = { .sched_priority = 1 }, none = { 0 };
	char buf[512];
	struct inotify_event *e = (void *)buf;
	int fd = inotify_init1(IN_CLOEXEC);
	pid_t pid;
	cpu_set_t one;

	begin();
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	NEED(fd >= 0 && inotify_add_watch(fd, ".", IN_DELETE) >= 0);
	NEED(!sched_setaffinity(0, sizeof(one), &one));
	make("a", "x");
	pid = fork();
	NEED(pid >= 0);
	if (!pid) {
		usleep(20000);
		_exit(unlink("a"));
	}
	NEED(!syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &first));
	CHECK(read(fd, buf, sizeof(buf)) > 0);
	CHECK_ERR(access(e->name, F_OK), ENOENT);
	NEED(!syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void set_dnotify(const char *value)
{
	int fd = open("/proc/sys/fs/dir-notify-enable", O_WRONLY);

	NEED(fd >= 0);
	CHECK_EQ(write(fd, value, 1), 1);
	close(fd);
}

TEST(dnotify_can_be_switched_off)
{
	int fd = marked_directory(DN_CREATE);

	set_dnotify("0");
	CHECK(fcntl(fd, F_NOTIFY, DN_CREATE) == -1 && errno == EINVAL);
	set_dnotify("1");
	CHECK(fcntl(fd, F_NOTIFY, DN_CREATE) == 0);
}

TEST(dnotify_ends_with_the_descriptor)
{
	int fd = marked_directory(DN_CREATE | DN_MULTISHOT), two = dup(fd);

	NEED(two >= 0 && !close(two));        /* any of its descriptors */
	NEED(!mkdir("sub", 0700));
	CHECK_EQ(told, 0);
	make("a", "x");
	fd = open("a", O_RDONLY);
	CHECK_ERR(fcntl(fd, F_NOTIFY, DN_MODIFY), ENOTDIR);
}

TAP_MAIN()
