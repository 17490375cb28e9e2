/* SPDX-License-Identifier: MIT */
/* posix_mq.c -- POSIX message queues (AP087) */

#define _GNU_SOURCE
#include "tap.h"

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#define NAME "/lantern-test"

static char buf[8192];

static mqd_t make(long most, long size, int flags)
{
	struct mq_attr a = { .mq_maxmsg = most, .mq_msgsize = size };
	mqd_t q;

	mq_unlink(NAME);
	q = mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | flags, 0600, &a);
	NEED(q >= 0);
	return q;
}

/* The next message's priority; its text is in buf. */
static int take(mqd_t q)
{
	unsigned prio = 0;

	memset(buf, 0, sizeof(buf));
	return mq_receive(q, buf, sizeof(buf), &prio) < 0 ? -1 : (int)prio;
}

static int put(mqd_t q, const char *text, unsigned prio)
{
	return mq_send(q, text, strlen(text), prio);
}

static int status_of(pid_t child)
{
	int status;

	NEED(waitpid(child, &status, 0) == child);
	return status;
}

TEST(highest_priority_first_then_age)
{
	mqd_t q = make(10, 100, O_NONBLOCK);

	CHECK_EQ(mq_unlink(NAME), 0); /* it lives while it is open */
	CHECK_EQ(put(q, "b", 5), 0);
	CHECK_EQ(put(q, "c", 5), 0);
	CHECK_EQ(put(q, "d", 0), 0);
	CHECK_EQ(put(q, "a", 32767), 0);
	CHECK_EQ(take(q), 32767);
	CHECK_EQ(take(q), 5);
	CHECK_EQ(buf[0], 'b');
	CHECK_EQ(take(q), 5);
	CHECK_EQ(buf[0], 'c');
	CHECK_EQ(take(q), 0);
	CHECK_EQ(take(q), -1);
	CHECK_EQ(errno, EAGAIN);
	CHECK_ERR(put(q, "x", 32768), EINVAL);
}

TEST(full_and_empty_are_seen_by_poll)
{
	mqd_t q = make(2, 10, O_NONBLOCK);
	struct pollfd p = { .fd = q, .events = POLLIN | POLLOUT };

	mq_unlink(NAME);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLOUT);
	CHECK_EQ(put(q, "1", 0), 0);
	poll(&p, 1, 0);
	CHECK_EQ(p.revents, POLLIN | POLLOUT);
	CHECK_EQ(put(q, "2", 0), 0);
	poll(&p, 1, 0);
	CHECK_EQ(p.revents, POLLIN);
	CHECK_ERR(put(q, "3", 0), EAGAIN);
	CHECK_ERR(put(q, "12345678901", 0), EMSGSIZE);
	CHECK_ERR(mq_receive(q, buf, 9, NULL), EMSGSIZE);
}

TEST(a_deadline_ends_the_wait)
{
	mqd_t q = make(1, 10, 0);
	struct timespec ts;

	mq_unlink(NAME);
	clock_gettime(CLOCK_REALTIME, &ts);
	CHECK_ERR(mq_timedreceive(q, buf, 10, NULL, &ts), ETIMEDOUT);
	CHECK_EQ(put(q, "1", 0), 0);
	ts.tv_nsec += 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	CHECK_ERR(mq_timedsend(q, "2", 1, 0, &ts), ETIMEDOUT);
	ts.tv_nsec = -1;
	CHECK_ERR(mq_timedsend(q, "2", 1, 0, &ts), EINVAL);
}

TEST(sleepers_are_served)
{
	mqd_t q = make(1, 10, 0);
	pid_t child = fork();

	mq_unlink(NAME);
	if (!child)
		_exit(take(q) == 3 && buf[0] == 'x' && take(q) == 4 &&
		      take(q) == 5 ? 0 : 1);
	CHECK_EQ(put(q, "x", 3), 0);
	CHECK_EQ(put(q, "y", 4), 0);
	CHECK_EQ(put(q, "z", 5), 0);
	/* y and z may both have been queued: then 5 came before 4 */
	status_of(child);
	child = fork();
	if (!child) {
		put(q, "1", 0);
		put(q, "2", 0);
		_exit(put(q, "3", 0));
	}
	CHECK_EQ(take(q), 0);
	CHECK_EQ(buf[0], '1');
	CHECK_EQ(take(q), 0);
	CHECK_EQ(buf[0], '2');
	CHECK_EQ(take(q), 0);
	CHECK_EQ(buf[0], '3');
	CHECK_EQ(status_of(child), 0);
}

static volatile sig_atomic_t notified, notified_value, notified_code;

static void on_notify(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	notified++;
	notified_value = info->si_value.sival_int;
	notified_code = info->si_code;
}

TEST(a_notification_comes_once)
{
	struct sigaction a = { .sa_sigaction = on_notify,
			       .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1,
			       .sigev_value.sival_int = 42 };
	mqd_t q = make(5, 10, O_NONBLOCK);
	pid_t child;

	mq_unlink(NAME);
	sigaction(SIGUSR1, &a, NULL);
	CHECK_EQ(mq_notify(q, &ev), 0);
	CHECK_ERR(mq_notify(q, &ev), EBUSY);
	CHECK_EQ(put(q, "a", 0), 0);
	CHECK_EQ(notified, 1);
	CHECK_EQ(notified_value, 42);
	CHECK_EQ(notified_code, SI_MESGQ);
	take(q);
	CHECK_EQ(put(q, "b", 0), 0);
	CHECK_EQ(notified, 1);
	CHECK_EQ(mq_notify(q, &ev), 0); /* not empty: no news until it was */
	CHECK_EQ(put(q, "c", 0), 0);
	CHECK_EQ(notified, 1);
	take(q);
	take(q);
	child = fork();
	if (!child)
		_exit(put(q, "d", 0));
	CHECK_EQ(status_of(child), 0);
	CHECK_EQ(notified, 2);
	ev.sigev_notify = SIGEV_NONE;
	CHECK_EQ(mq_notify(q, &ev), 0);
	CHECK_EQ(mq_notify(q, NULL), 0);
	ev.sigev_notify = 77;
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EINVAL);
}

TEST(attributes_and_limits)
{
	struct mq_attr a, want = { .mq_maxmsg = 0, .mq_msgsize = 10 };
	struct rlimit none = { 0, 0 };
	mqd_t q = make(7, 77, 0), p;
	pid_t child;

	CHECK_EQ(mq_getattr(q, &a), 0);
	CHECK(a.mq_maxmsg == 7 && a.mq_msgsize == 77 && !a.mq_curmsgs);
	a.mq_flags = O_NONBLOCK;
	CHECK_EQ(mq_setattr(q, &a, NULL), 0);
	CHECK_ERR(mq_receive(q, buf, 100, NULL), EAGAIN);
	a.mq_flags = O_APPEND;
	CHECK_ERR(syscall(SYS_mq_getsetattr, q, &a, NULL), EINVAL);
	CHECK_ERR(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST);
	p = mq_open(NAME, O_RDONLY);
	CHECK(p >= 0);
	CHECK_ERR(put(p, "x", 0), EBADF);
	CHECK_EQ(fcntl(p, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(mq_unlink(NAME), 0);
	CHECK_ERR(mq_unlink(NAME), ENOENT);
	CHECK_ERR(mq_open(NAME, O_RDWR), ENOENT);
	CHECK_ERR(mq_open(NAME, O_CREAT | O_RDWR, 0600, &want), EINVAL);
	child = fork();
	if (!child) {
		setrlimit(RLIMIT_MSGQUEUE, &none);
		CHECK_ERR(mq_open(NAME, O_CREAT | O_RDWR, 0600, NULL), EMFILE);
		_exit(tap_failed);
	}
	CHECK_EQ(status_of(child), 0);
}

TEST(a_mount_shows_the_queues)
{
	char dir[] = "/tmp/mq-XXXXXX", name[64];
	mqd_t q = make(3, 10, 0);
	struct stat st;
	int fd, n;

	if (geteuid())
		SKIP("needs root");
	NEED(mkdtemp(dir) != NULL);
	if (mount("none", dir, "mqueue", 0, NULL))
		SKIP("no mqueue file system");
	put(q, "hello", 0);
	snprintf(name, sizeof(name), "%s%s", dir, NAME);
	CHECK_EQ(stat(name, &st), 0);
	CHECK_EQ(st.st_mode, S_IFREG | 0600);
	fd = open(name, O_RDONLY);
	CHECK(fd >= 0);
	n = read(fd, buf, 100);
	buf[n > 0 ? n : 0] = 0;
	CHECK(strstr(buf, "QSIZE:5 ") == buf);
	close(fd);
	CHECK_EQ(unlink(name), 0);
	CHECK_ERR(mq_open(NAME, O_RDWR), ENOENT);
	CHECK_EQ(umount(dir), 0);
	rmdir(dir);
}

/* A namespace of its own has no queues, segments or sets, and ids from 0. */
TEST(another_namespace_is_empty)
{
	mqd_t q = make(3, 10, 0);
	pid_t child;

	(void)q;
	if (geteuid())
		SKIP("needs root");
	child = fork();
	if (!child) {
		if (unshare(CLONE_NEWIPC))
			_exit(errno == EINVAL || errno == EPERM ? 77 : 1);
		CHECK_ERR(mq_open(NAME, O_RDWR), ENOENT);
		CHECK_EQ(syscall(SYS_semget, 0x77, 1, 01600), 0);
		CHECK_EQ(syscall(SYS_semget, 0x78, 1, 01600), 1);
		CHECK(mq_open(NAME, O_CREAT | O_RDWR, 0600, NULL) >= 0);
		_exit(tap_failed);
	}
	switch (status_of(child)) {
	case 0:
		break;
	case 77 << 8:
		mq_unlink(NAME);
		SKIP("no namespaces");
	default:
		CHECK(0);
	}
	CHECK_EQ(mq_unlink(NAME), 0);
}

/* What the C library does for SIGEV_THREAD, and by the C library. */
TEST(a_socket_is_sent_a_cookie)
{
	mqd_t q = make(3, 10, O_NONBLOCK);
	int s = socket(AF_NETLINK, SOCK_RAW, 0), u[2];
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD };
	char cookie[33] = "thirty-one bytes that are ours.", got[64];

	mq_unlink(NAME);
	NEED(s >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, u) == 0);
	ev.sigev_value.sival_ptr = cookie;
	ev.sigev_signo = s;
	CHECK_EQ(syscall(SYS_mq_notify, q, &ev), 0);
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EBUSY);
	CHECK_ERR(recv(s, got, sizeof(got), MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(put(q, "1", 0), 0);
	CHECK_EQ(recv(s, got, sizeof(got), MSG_DONTWAIT), 32);
	CHECK(!memcmp(got, cookie, 31) && got[31] == 1);
	CHECK_EQ(syscall(SYS_mq_notify, q, &ev), 0);
	CHECK_EQ(syscall(SYS_mq_notify, q, NULL), 0);
	CHECK_EQ(recv(s, got, sizeof(got), MSG_DONTWAIT), 32);
	CHECK(!memcmp(got, cookie, 31) && got[31] == 2);
	ev.sigev_signo = 99;
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EBADF);
	ev.sigev_signo = q;
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), ENOTSOCK);
	ev.sigev_signo = u[0];
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EINVAL);
	ev.sigev_signo = s;
	ev.sigev_value.sival_ptr = (void *)8;
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EFAULT);
	/* The socket goes first: nobody is told, and nothing is lost. */
	ev.sigev_value.sival_ptr = cookie;
	CHECK_EQ(syscall(SYS_mq_notify, q, &ev), 0);
	close(s);
	mq_close(q);
}

static int told[2];

static void tell(union sigval v)
{
	(void)!write(told[1], &v.sival_int, sizeof(int));
}

TEST(a_thread_is_started_for_a_message)
{
	mqd_t q = make(3, 10, O_NONBLOCK);
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD };
	int n = 0;

	mq_unlink(NAME);
	NEED(pipe(told) == 0);
	ev.sigev_notify_function = tell;
	ev.sigev_value.sival_int = 42;
	CHECK_EQ(mq_notify(q, &ev), 0);
	CHECK_EQ(put(q, "1", 0), 0);
	CHECK_EQ(read(told[0], &n, sizeof(n)), sizeof(n));
	CHECK_EQ(n, 42);
}

TEST(wild_arguments_do_no_harm)
{
	mqd_t q = make(3, 10, O_NONBLOCK);

	mq_unlink(NAME);
	CHECK_ERR(syscall(SYS_mq_open, "", O_RDWR, 0, 0), ENOENT);
	CHECK_ERR(syscall(SYS_mq_open, "a/b", O_RDWR | O_CREAT, 0600, 0),
		  EACCES);
	CHECK_ERR(syscall(SYS_mq_open, (void *)8, O_RDWR, 0, 0), EFAULT);
	CHECK_ERR(syscall(SYS_mq_open, "x", O_RDWR | O_CREAT, 0600, 8), EFAULT);
	CHECK_ERR(syscall(SYS_mq_unlink, (void *)8), EFAULT);
	CHECK_ERR(mq_send(99, "x", 1, 0), EBADF);
	CHECK_ERR(mq_send(1, "x", 1, 0), EBADF);
	CHECK_ERR(syscall(SYS_mq_timedsend, q, (void *)8, 5, 0, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_mq_timedsend, q, "x", 1, 0, (void *)8), EFAULT);
	CHECK_EQ(put(q, "1", 0), 0);
	CHECK_ERR(syscall(SYS_mq_timedreceive, q, (void *)8, 10, NULL, NULL),
		  EFAULT);
	CHECK_ERR(syscall(SYS_mq_notify, q, (void *)8), EFAULT);
	CHECK_ERR(syscall(SYS_mq_notify, 1, NULL), EBADF);
	CHECK_ERR(syscall(SYS_mq_getsetattr, q, NULL, (void *)8), EFAULT);
	CHECK_EQ(syscall(SYS_mq_getsetattr, q, NULL, NULL), 0);
}

TAP_MAIN()
