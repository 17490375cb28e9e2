/* SPDX-License-Identifier: MIT */
/*
 * splice_pages.c -- splice, tee, vmsplice, sendfile pass pages, and only pages
 *
 * What is passed by reference must look like a copy to everybody but its owner:
 * a write to the pipe never reaches a file's page, a teed byte is there twice,
 * and every count adds up when buffers are split.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define K 1024

static unsigned char data[256 * K], back[256 * K];

static int filled(const char *name, size_t n)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + i / 4096;
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		return -1;
	return fd;
}

static int bytes_in(int fd)
{
	int n = -1;

	ioctl(fd, FIONREAD, &n);
	return n;
}

/* The pages of a file that is only readable must not be written through it. */
TEST(a_write_behind_a_spliced_page_does_not_reach_the_file)
{
	int p[2], f = filled("splice_f", 8192), r;
	loff_t off = 10;
	char c[4096];

	r = open("splice_f", O_RDONLY);
	NEED(f >= 0 && r >= 0 && pipe(p) == 0);
	for (int i = 0; i < 40; i++) {          /* every slot has been merged */
		CHECK_EQ(write(p[1], "ab", 2), 2);
		CHECK_EQ(write(p[1], "c", 1), 1);
		CHECK_EQ(read(p[0], c, sizeof(c)), 3);
	}
	CHECK_EQ(splice(r, &off, p[1], NULL, 1, 0), 1);
	CHECK_EQ(write(p[1], "EVIL", 4), 4);
	CHECK_EQ(pread(f, back, 8192, 0), 8192);
	CHECK(!memcmp(back, data, 8192));
	CHECK_EQ(read(p[0], c, sizeof(c)), 5);
	CHECK((unsigned char)c[0] == data[10] && !memcmp(c + 1, "EVIL", 4));
	close(f);
	close(r);
	close(p[0]);
	close(p[1]);
}

TEST(a_file_goes_through_a_pipe_unchanged_whatever_the_pieces)
{
	int p[2], f = filled("splice_f", 100001), g;
	loff_t in = 3, out = 0;

	g = open("splice_g", O_RDWR | O_CREAT | O_TRUNC, 0600);
	NEED(f >= 0 && g >= 0 && pipe(p) == 0);
	for (size_t piece = 1; ; piece = piece * 3 + 1) {
		ssize_t n = splice(f, &in, p[1], NULL, piece, 0), left;

		CHECK(n >= 0);
		if (n <= 0)
			break;
		CHECK_EQ(bytes_in(p[0]), n);
		for (left = n; left > 0; left -= n) {
			n = splice(p[0], NULL, g, &out, (left + 2) / 3, 0);
			CHECK(n > 0);
			if (n <= 0)
				break;
		}
	}
	CHECK_EQ(in, 100001);
	CHECK_EQ(out, 100001 - 3);
	CHECK_EQ(pread(g, back, sizeof(back), 0), 100001 - 3);
	CHECK(!memcmp(back, data + 3, 100001 - 3));
	close(f);
	close(g);
	close(p[0]);
	close(p[1]);
}

TEST(tee_and_splice_split_buffers_and_lose_nothing)
{
	int a[2], b[2], i;
	char buf[64] = "";

	NEED(pipe(a) == 0 && pipe(b) == 0);
	CHECK_EQ(write(a[1], "0123456789", 10), 10);
	CHECK_EQ(tee(a[0], b[1], 4, 0), 4);
	CHECK_EQ(write(b[1], "--", 2), 2);      /* not into the shared page */
	CHECK_EQ(splice(a[0], NULL, b[1], NULL, 3, 0), 3);
	CHECK_EQ(write(b[1], "++", 2), 2);
	CHECK_EQ(write(a[1], "ab", 2), 2);
	CHECK_EQ(bytes_in(a[0]), 9);
	CHECK_EQ(read(a[0], buf, 64), 9);
	CHECK(!memcmp(buf, "3456789ab", 9));
	CHECK_EQ(read(b[0], buf, 64), 11);
	CHECK(!memcmp(buf, "0123--012++", 11));
	/* Sixteen references fill it, however short they are. */
	NEED(write(a[1], "x", 1) == 1);
	for (i = 0; i < 16; i++)
		CHECK_EQ(tee(a[0], b[1], 1, SPLICE_F_NONBLOCK), 1);
	CHECK_ERR(tee(a[0], b[1], 1, SPLICE_F_NONBLOCK), EAGAIN);
	CHECK_EQ(bytes_in(b[0]), 16);
	CHECK_EQ(read(b[0], buf, 64), 16);
	for (i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

TEST(vmsplice_gives_pages_and_a_hole_stops_it)
{
	size_t page = 4096;
	char *m = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec v[2] = { { m + 100, 2 * page }, { m + 3 * page, 50 } };
	int p[2], status;
	pid_t pid;

	NEED(m != MAP_FAILED && pipe(p) == 0);
	for (size_t i = 0; i < 4 * page; i++)
		m[i] = i * 11;
	CHECK_EQ(vmsplice(p[1], v, 2, SPLICE_F_GIFT), 2 * page + 50);
	pid = fork();
	if (pid == 0) {                 /* a copy on write, not the pipe's */
		memset(m, 0, 4 * page);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK_EQ(read(p[0], back, sizeof(back)), 2 * page + 50);
	CHECK(!memcmp(back, m + 100, 2 * page));
	CHECK(!memcmp(back + 2 * page, m + 3 * page, 50));
	NEED(munmap(m + page, page) == 0);
	CHECK_EQ(vmsplice(p[1], v, 2, 0), page - 100);
	v[0].iov_base = m + page;
	CHECK_ERR(vmsplice(p[1], v, 1, 0), EFAULT);
	CHECK_EQ(munmap(m, page), 0);           /* the pipe keeps its page */
	CHECK_EQ(read(p[0], back, sizeof(back)), page - 100);
	CHECK(back[0] == (unsigned char)(100 * 11));
	close(p[0]);
	close(p[1]);
}

TEST(sendfile_copies_a_hole_a_tail_and_an_offset)
{
	int f = filled("splice_f", 5000), g, p[2];
	off_t off = 4990;

	g = open("splice_g", O_RDWR | O_CREAT | O_TRUNC, 0600);
	NEED(f >= 0 && g >= 0 && pipe(p) == 0);
	NEED(ftruncate(f, 200 * K) == 0);
	CHECK_EQ(sendfile(g, f, &off, 100 * K), 100 * K);
	CHECK_EQ(off, 4990 + 100 * K);
	CHECK_EQ(lseek(f, 0, SEEK_CUR), 5000);
	CHECK_EQ(lseek(g, 0, SEEK_CUR), 100 * K);
	CHECK_EQ(pread(g, back, 100 * K, 0), 100 * K);
	CHECK(!memcmp(back, data + 4990, 10));
	CHECK(back[10] == 0 && !memcmp(back + 10, back + 11, 100 * K - 11));
	CHECK_EQ(sendfile(g, f, &off, 1 << 20), 100 * K - 4990);
	CHECK_EQ(sendfile(g, f, &off, 1), 0);
	off = 0;
	CHECK_ERR(sendfile(p[1], p[0], NULL, 1), EINVAL);
	CHECK_EQ(sendfile(p[1], f, &off, 200 * K), 64 * K);
	CHECK_EQ(bytes_in(p[0]), 64 * K);
	close(f);
	close(g);
	close(p[0]);
	close(p[1]);
}

TEST(a_truncated_page_in_a_pipe_is_still_readable)
{
	int f = filled("splice_f", 8192), p[2];
	loff_t off = 0;

	NEED(f >= 0 && pipe(p) == 0);
	CHECK_EQ(splice(f, &off, p[1], NULL, 8192, 0), 8192);
	NEED(ftruncate(f, 0) == 0 && unlink("splice_f") == 0);
	close(f);
	CHECK_EQ(read(p[0], back, sizeof(back)), 8192);
	close(p[0]);
	close(p[1]);
	unlink("splice_g");
}

TEST(o_direct_keeps_messages_apart)
{
	int p[2];

	NEED(pipe2(p, O_DIRECT) == 0);
	CHECK_EQ(write(p[1], "one", 3), 3);
	CHECK_EQ(write(p[1], "second", 6), 6);
	CHECK_EQ(write(p[1], data, 5000), 5000);
	CHECK_EQ(read(p[0], back, sizeof(back)), 3);
	CHECK_EQ(read(p[0], back, 2), 2);       /* the rest is dropped */
	CHECK_EQ(read(p[0], back, sizeof(back)), 4096);
	CHECK_EQ(read(p[0], back, sizeof(back)), 904);
	close(p[0]);
	close(p[1]);
}

TAP_MAIN()
