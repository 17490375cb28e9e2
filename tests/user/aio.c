/* SPDX-License-Identifier: MIT */
/* aio.c -- native asynchronous I/O (AP114) */

#define _GNU_SOURCE
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

struct event {
	uint64_t data, obj;
	int64_t res, res2;
};

struct request {
	uint64_t data;
	uint32_t key;
	int32_t rw_flags;
	uint16_t op;
	int16_t prio;
	uint32_t fd;
	uint64_t buf, nbytes;
	int64_t offset;
	uint64_t reserved;
	uint32_t flags, resfd;
};

enum { PREAD, PWRITE, FSYNC, FDSYNC, POLL = 5, PREADV = 7, PWRITEV };

struct ring {
	uint32_t id, nr, head, tail, magic, compat, incompat, header;
};

static unsigned long make(unsigned n)
{
	unsigned long ctx = 0;

	if (syscall(SYS_io_setup, n, &ctx) && errno == ENOSYS)
		SKIP("no AIO");
	NEED(ctx != 0);
	return ctx;
}

static long submit(unsigned long ctx, struct request *r)
{
	return syscall(SYS_io_submit, ctx, 1, &r);
}

static long reap(unsigned long ctx, long min, long nr, struct event *e)
{
	return syscall(SYS_io_getevents, ctx, min, nr, e, NULL);
}

/* A new file; O_DIRECT in flags where the file system has that. */
static int file(int flags)
{
	char name[] = "aio-XXXXXX";
	int fd = mkstemp(name), direct;

	NEED(fd >= 0);
	direct = open(name, O_RDWR | flags);
	unlink(name);
	if (direct < 0)
		return fd;
	close(fd);
	return direct;
}

static void write_then_read(int flags)
{
	unsigned long ctx = make(8);
	char *buf = aligned_alloc(4096, 8192);
	int fd = file(flags);
	struct request w = { .data = 11, .op = PWRITE, .fd = fd,
			     .buf = (uintptr_t)buf, .nbytes = 4096 };
	struct request s = { .data = 12, .op = FSYNC, .fd = fd };
	struct request r = { .data = 13, .op = PREAD, .fd = fd,
			     .buf = (uintptr_t)buf + 4096, .nbytes = 4096 };
	struct event e;

	memset(buf, 'x', 4096);
	memset(buf + 4096, 0, 4096);
	CHECK_EQ(submit(ctx, &w), 1);
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK_EQ(e.data, 11);
	CHECK_EQ(e.obj, (uintptr_t)&w);
	CHECK_EQ(e.res, 4096);
	CHECK_EQ(submit(ctx, &s), 1);
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK(e.data == 12 && e.res == 0);
	CHECK_EQ(submit(ctx, &r), 1);
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK(e.data == 13 && e.res == 4096);
	CHECK_EQ(memcmp(buf, buf + 4096, 4096), 0);
	r.offset = 4096;
	CHECK_EQ(submit(ctx, &r), 1);
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK_EQ(e.res, 0); /* the end of the file */
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
	CHECK_ERR(syscall(SYS_io_destroy, ctx), EINVAL);
}

TEST(buffered_requests_become_events)
{
	write_then_read(0);
}

TEST(direct_requests_become_events)
{
	write_then_read(O_DIRECT);
}

TEST(an_eventfd_counts_the_events)
{
	unsigned long ctx = make(16);
	int fd = file(O_DIRECT), ev = eventfd(0, EFD_NONBLOCK), i, seen = 0;
	char *buf = aligned_alloc(4096, 4096);
	struct request r[10], *list[10];
	struct event e[10];
	struct pollfd p = { .fd = ev, .events = POLLIN };
	uint64_t total = 0, n;

	memset(buf, 1, 4096);
	NEED(pwrite(fd, buf, 4096, 0) == 4096);
	for (i = 0; i < 10; i++) {
		r[i] = (struct request){ .data = i, .op = PREAD, .fd = fd,
			.buf = (uintptr_t)buf, .nbytes = 4096, .flags = 1,
			.resfd = ev };
		list[i] = &r[i];
	}
	CHECK_EQ(syscall(SYS_io_submit, ctx, 10, list), 10);
	while (total < 10 && poll(&p, 1, 10000) == 1)
		if (read(ev, &n, 8) == 8)
			total += n;
	CHECK_EQ(total, 10);
	CHECK_EQ(reap(ctx, 10, 10, e), 10);
	for (i = 0; i < 10; i++) {
		CHECK_EQ(e[i].res, 4096);
		seen |= 1 << e[i].data;
	}
	CHECK_EQ(seen, 1023);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

TEST(the_ring_is_seen_by_the_user)
{
	unsigned long ctx = make(4);
	struct ring *ring = (void *)ctx;
	int fd = file(0);
	struct request w = { .data = 5, .op = PWRITE, .fd = fd,
			     .buf = (uintptr_t)"hello", .nbytes = 5 };
	struct event *e = (void *)(ring + 1);

	CHECK_EQ(ring->magic, 0xa10a10a1);
	CHECK(ring->nr > 4);
	CHECK_EQ(ring->header, sizeof(*ring));
	CHECK_EQ(ring->head, ring->tail);
	CHECK_EQ(submit(ctx, &w), 1);
	CHECK_EQ(ring->tail, 1);
	CHECK(e->data == 5 && e->res == 5);
	ring->head = 1; /* taken without a call */
	CHECK_EQ(syscall(SYS_io_getevents, ctx, 0, 1, &(struct event){ 0 },
			 NULL), 0);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

TEST(vectors_and_short_waits)
{
	unsigned long ctx = make(4);
	int fd = file(0);
	struct iovec { void *base; size_t len; } v[2] = { { "ab", 2 },
							   { "cde", 3 } };
	struct request w = { .op = PWRITEV, .fd = fd, .buf = (uintptr_t)v,
			     .nbytes = 2 };
	struct timespec ts = { 0, 1000000 }, none = { 0, 0 };
	struct event e[2];
	char back[8] = "";

	CHECK_EQ(submit(ctx, &w), 1);
	CHECK_EQ(syscall(SYS_io_getevents, ctx, 2, 2, e, &ts), 1);
	CHECK_EQ(e[0].res, 5);
	CHECK_EQ(syscall(SYS_io_getevents, ctx, 1, 2, e, &none), 0);
	CHECK_EQ(pread(fd, back, 8, 0), 5);
	CHECK_EQ(strcmp(back, "abcde"), 0);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

/* A process that ends with requests under way leaves nothing behind. */
TEST(exit_waits_for_what_is_under_way)
{
	int fd = file(O_DIRECT), i, status;
	pid_t child = fork();

	if (!child) {
		unsigned long ctx = make(64);
		char *buf = aligned_alloc(4096, 65536);
		struct request w = { .op = PWRITE, .fd = fd,
				     .buf = (uintptr_t)buf, .nbytes = 65536 };

		for (i = 0; i < 32; i++)
			submit(ctx, &w);
		_exit(0);
	}
	NEED(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
}

/* Direct reads and writes that adjoin, all out at the same time. */
TEST(many_direct_requests_of_one_call)
{
	enum { N = 64 };
	unsigned long ctx = make(N);
	int fd = file(O_DIRECT), i, round;
	char *buf = aligned_alloc(4096, N * 4096), *back;
	struct request r[N], *list[N];
	struct event e[N];

	back = aligned_alloc(4096, N * 4096);
	for (i = 0; i < N * 4096; i++)
		buf[i] = i / 4096 + i;
	NEED(ftruncate(fd, N * 4096) == 0);
	for (round = 0; round < 3; round++) {
		/* holes, then blocks that exist, then reading */
		for (i = 0; i < N; i++) {
			r[i] = (struct request){ .data = i, .fd = fd,
				.op = round < 2 ? PWRITE : PREAD,
				.buf = (uintptr_t)(round < 2 ? buf : back) +
				       i * 4096,
				.nbytes = 4096, .offset = i * 4096 };
			list[i] = &r[i];
		}
		CHECK_EQ(syscall(SYS_io_submit, ctx, N, list), N);
		CHECK_EQ(reap(ctx, N, N, e), N);
		for (i = 0; i < N; i++)
			CHECK_EQ(e[i].res, 4096);
	}
	CHECK_EQ(memcmp(buf, back, N * 4096), 0);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

/* What is out when the file is cut has its blocks until it ends. */
TEST(truncation_waits_for_direct_requests)
{
	enum { N = 32 };
	unsigned long ctx = make(N);
	int fd = file(O_DIRECT), i;
	char *buf = aligned_alloc(4096, N * 4096);
	struct request r[N], *list[N];
	struct event e[N];
	struct stat st;

	memset(buf, 'T', N * 4096);
	NEED(pwrite(fd, buf, N * 4096, 0) == N * 4096);
	for (i = 0; i < N; i++) {
		r[i] = (struct request){ .op = i % 2 ? PWRITE : PREAD, .fd = fd,
			.buf = (uintptr_t)buf + i * 4096, .nbytes = 4096,
			.offset = i * 4096 };
		list[i] = &r[i];
	}
	CHECK_EQ(syscall(SYS_io_submit, ctx, N, list), N);
	CHECK_EQ(ftruncate(fd, 4096), 0);
	CHECK_EQ(reap(ctx, N, N, e), N);
	for (i = 0; i < N; i++)
		CHECK_EQ(e[i].res, 4096);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 4096);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

TEST(readiness_becomes_an_event)
{
	unsigned long ctx = make(4);
	int p[2], ev = eventfd(0, EFD_NONBLOCK);
	struct request r = { .data = 3, .op = POLL, .buf = POLLIN, .flags = 1,
			     .resfd = ev };
	struct timespec none = { 0, 0 };
	struct event e;
	uint64_t n = 0;

	NEED(pipe(p) == 0);
	r.fd = p[0];
	CHECK_EQ(submit(ctx, &r), 1);
	CHECK_EQ(syscall(SYS_io_getevents, ctx, 1, 1, &e, &none), 0);
	CHECK_EQ(write(p[1], "x", 1), 1);
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK_EQ(e.data, 3);
	CHECK(e.res & POLLIN);
	NEED(poll(&(struct pollfd){ .fd = ev, .events = POLLIN }, 1, 5000) == 1);
	CHECK(read(ev, &n, 8) == 8 && n == 1);
	CHECK_EQ(submit(ctx, &r), 1); /* it is ready at once */
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK(e.res & POLLIN);
	close(p[1]);
	NEED(read(p[0], &n, 1) == 1);
	r.buf = 0;                    /* errors and the end come unasked */
	CHECK_EQ(submit(ctx, &r), 1);
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK(e.res & POLLHUP);
	r.buf = 0x10000;
	CHECK_ERR(submit(ctx, &r), EINVAL);
	r.buf = POLLIN;
	r.offset = 1;
	CHECK_ERR(submit(ctx, &r), EINVAL);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

TEST(a_wait_for_readiness_is_cancelled)
{
	unsigned long ctx = make(4);
	struct request r = { .data = 4, .op = POLL, .buf = POLLIN };
	struct event e = { 0 };
	int p[2];

	NEED(pipe(p) == 0);
	r.fd = p[0];
	CHECK_EQ(submit(ctx, &r), 1);
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &r, &e), EINPROGRESS);
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK(e.data == 4 && e.obj == (uintptr_t)&r && e.res == 0);
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &r, &e), EINVAL);
	CHECK_EQ(submit(ctx, &r), 1);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0); /* does not wait for it */
	CHECK_EQ(write(p[1], "x", 1), 1);
}

/* One process polls a signalfd for readiness of signals of another's. */
TEST(a_signalfd_outlives_whose_signals_it_shows)
{
	int ep = epoll_create1(0), status;
	struct epoll_event ev = { .events = EPOLLIN };
	pid_t child;

	NEED(ep >= 0);
	child = fork();
	if (!child) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		_exit(epoll_ctl(ep, EPOLL_CTL_ADD, signalfd(-1, &set, 0), &ev));
	}
	NEED(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
	usleep(50000);                /* its handlers are freed */
	close(ep);
}

static volatile int alarmed;

static void on_alarm(int sig)
{
	alarmed = sig;
}

TEST(pgetevents_sets_a_mask_for_the_wait)
{
	unsigned long ctx = make(4);
	struct timespec ts = { 0, 30000000 };
	struct { const void *mask; size_t size; } arg;
	struct event e;
	uint64_t mask = ~0ul, none = 0;

	signal(SIGALRM, on_alarm);
	arg.mask = &mask;
	arg.size = 8;
	ualarm(5000, 0);
	CHECK_EQ(syscall(SYS_io_pgetevents, ctx, 1, 1, &e, &ts, &arg), 0);
	CHECK_EQ(alarmed, SIGALRM);   /* blocked till the call was over */
	alarmed = 0;
	arg.mask = &none;
	ualarm(5000, 0);
	ts.tv_sec = 10;
	CHECK_ERR(syscall(SYS_io_pgetevents, ctx, 1, 1, &e, &ts, &arg), EINTR);
	CHECK_EQ(alarmed, SIGALRM);
	arg.size = 4;
	CHECK_ERR(syscall(SYS_io_pgetevents, ctx, 0, 1, &e, &ts, &arg), EINVAL);
	CHECK_ERR(syscall(SYS_io_pgetevents, ctx, 0, 1, &e, &ts, 8L), EFAULT);
	CHECK_EQ(syscall(SYS_io_pgetevents, ctx, 0, 1, &e, &ts, NULL), 0);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

static long aio_nr(void)
{
	FILE *f = fopen("/proc/sys/fs/aio-nr", "r");
	long n = -1;

	if (f) {
		if (fscanf(f, "%ld", &n) != 1)
			n = -1;
		fclose(f);
	}
	return n;
}

TEST(promised_events_are_counted)
{
	long before = aio_nr();
	unsigned long ctx = make(100);

	NEED(before >= 0);
	CHECK(aio_nr() >= before + 100);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

TEST(wild_arguments_do_no_harm)
{
	unsigned long ctx = make(4), other = 0;
	struct request r = { .op = PREAD, .fd = 99 }, *list[2] = { &r, NULL };
	struct event e;
	int fd = file(0), p[2];

	NEED(pipe(p) == 0);
	CHECK_ERR(syscall(SYS_io_setup, 0, &other), EINVAL);
	other = 1;
	CHECK_ERR(syscall(SYS_io_setup, 1, &other), EINVAL);
	CHECK_ERR(syscall(SYS_io_setup, 1, 8L), EFAULT);
	CHECK_ERR(syscall(SYS_io_destroy, 0L), EINVAL);
	CHECK_ERR(submit(ctx, &r), EBADF);
	r.fd = fd;
	r.op = 99;
	CHECK_ERR(submit(ctx, &r), EINVAL);
	r.op = PREAD;
	r.reserved = 1;
	CHECK_ERR(submit(ctx, &r), EINVAL);
	r.reserved = 0;
	r.flags = 1;
	r.resfd = 99;
	CHECK_ERR(submit(ctx, &r), EBADF);
	r.resfd = fd;
	CHECK_ERR(submit(ctx, &r), EINVAL);
	r.flags = 0;
	r.fd = p[1];
	CHECK_ERR(submit(ctx, &r), EBADF);
	r.fd = fd;
	CHECK_ERR(syscall(SYS_io_submit, ctx, -1L, list), EINVAL);
	CHECK_ERR(syscall(SYS_io_submit, ctx, 1L, 8L), EFAULT);
	CHECK_ERR(syscall(SYS_io_submit, ctx + 4096 * 4096, 1L, list), EINVAL);
	CHECK_EQ(syscall(SYS_io_submit, ctx, 0L, list), 0);
	CHECK_EQ(syscall(SYS_io_submit, ctx, 2L, list), 1); /* NULL: EFAULT */
	CHECK_EQ(reap(ctx, 1, 1, &e), 1);
	CHECK_ERR(syscall(SYS_io_getevents, ctx, 2L, 1L, &e, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_io_getevents, ctx, 0L, 1L, &e, 8L), EFAULT);
	CHECK_ERR(syscall(SYS_io_cancel, ctx, 8L, &e), EFAULT);
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &r, &e), EINVAL);
	CHECK_EQ(syscall(SYS_io_destroy, ctx), 0);
}

TAP_MAIN()
