/* SPDX-License-Identifier: MIT */
/* aio.c -- native asynchronous I/O (AP114) */

#define _GNU_SOURCE
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
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

enum { PREAD, PWRITE, FSYNC, FDSYNC, PREADV = 7, PWRITEV };

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
