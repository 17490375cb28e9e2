/* SPDX-License-Identifier: MIT */
/*
 * servers.c -- the shapes that servers have, over 127.0.0.1
 * (AP112, AP113, AP117, AP122, AP130, AP183, AP186, AP188)
 */

#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>

#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE (1u << 28)
#endif

static struct sockaddr_in at;

static void rest(int ms)
{
	nanosleep(&(struct timespec){ 0, ms * 1000000L }, NULL);
}

/* A listener at a port of the kernel's choice, which `at` then tells. */
static int listener(int backlog, int flags)
{
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

	at = (struct sockaddr_in){ .sin_family = AF_INET };
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	NEED(listen(fd, backlog) == 0);
	NEED(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	return fd;
}

static int client(int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) &&
	    errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

static void watch(int ep, int fd, unsigned int events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	NEED(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == 0);
}

/* Read all there is and send it back; 0 at the end of the stream. */
static int echo(int fd)
{
	char bytes[256];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		CHECK_EQ(send(fd, bytes, n, MSG_NOSIGNAL), n);
	return n < 0 && errno == EAGAIN;
}

/* One thread, one epoll: serve until `ends` clients have left. */
static void serve(int lfd, unsigned int events, int ends)
{
	struct epoll_event ev[16];
	int ep = epoll_create1(0);

	watch(ep, lfd, EPOLLIN);
	while (ends > 0) {
		int n = epoll_wait(ep, ev, 16, 5000);

		NEED(n > 0);
		for (int i = 0; i < n; i++) {
			int fd = ev[i].data.fd;

			if (fd == lfd) {
				fd = accept(lfd, NULL, NULL);
				watch(ep, fd, events);
			} else if (!echo(fd)) {
				close(fd);
				ends--;
			}
		}
	}
	close(ep);
}

static void talk(int clients)
{
	int fds[64];
	char answer[16];

	for (int i = 0; i < clients; i++)
		fds[i] = client(0);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < clients; i++)
			CHECK_EQ(send(fds[i], "hello", 5, MSG_NOSIGNAL), 5);
		for (int i = 0; i < clients; i++) {
			CHECK_EQ(recv(fds[i], answer, 5, MSG_WAITALL), 5);
			CHECK(!memcmp(answer, "hello", 5));
		}
	}
	for (int i = 0; i < clients; i++)
		close(fds[i]);
}

/* AP112 */
TEST(one_thread_serves_many_by_level_and_by_edge)
{
	char byte;

	for (int edge = 0; edge < 2; edge++) {
		int lfd = listener(128, 0);
		pid_t pid;

		CHECK_ERR(recv(lfd, &byte, 1, 0), ENOTCONN);
		pid = fork();
		if (pid == 0) {
			talk(50);
			fflush(stdout);
			_exit(tap_failed);
		}
		serve(lfd, EPOLLIN | (edge ? EPOLLET : 0u), 50);
		int status;

		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, 0);
		close(lfd);
	}
}

/* AP113: the loop's timer keeps its rate beside its clients. */
TEST(a_timer_in_the_loop_keeps_its_rate)
{
	struct itimerspec every = { { 0, 5000000 }, { 0, 5000000 } };
	int tfd = timerfd_create(CLOCK_MONOTONIC, 0), ep = epoll_create(1024);
	int ends[2];
	uint64_t ticks = 0, echoed = 0;
	struct timespec begin, now;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	watch(ep, tfd, EPOLLIN);
	watch(ep, ends[0], EPOLLIN);
	watch(ep, ends[1], EPOLLIN);
	NEED(write(ends[0], "x", 1) == 1);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	timerfd_settime(tfd, 0, &every, NULL);
	while (ticks < 20) {
		struct epoll_event ev[4];
		int n = epoll_wait(ep, ev, 4, 1000);

		NEED(n > 0);
		for (int i = 0; i < n; i++) {
			uint64_t new;

			if (ev[i].data.fd == tfd) {
				CHECK_EQ(read(tfd, &new, 8), 8);
				ticks += new;
			} else {
				echoed += echo(ev[i].data.fd);
			}
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* What the timer counts is its own clock, however late we look. */
	CHECK((now.tv_sec - begin.tv_sec) * 1000000000L + now.tv_nsec -
	      begin.tv_nsec >= (long)(ticks - 1) * 5000000);
	CHECK(echoed > ticks);
}

static volatile int *page;

static void shared_page(void)
{
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(page != MAP_FAILED);
}

enum { HERD = 8 };
enum { AWAKE, READY, SERVED };

static void in_accept(int lfd)
{
	__sync_fetch_and_add(&page[READY], 1);
	if (accept(lfd, NULL, NULL) >= 0)
		__sync_fetch_and_add(&page[SERVED], 1);
	__sync_fetch_and_add(&page[AWAKE], 1);
}

static int herd_ep = -1;
static int herd_expects = 1;            /* nobody accepts before so many woke */

static void in_epoll(int lfd)
{
	struct epoll_event ev;

	__sync_fetch_and_add(&page[READY], 1);
	if (epoll_wait(herd_ep, &ev, 1, -1) == 1)
		__sync_fetch_and_add(&page[AWAKE], 1);
	for (int i = 0; i < 2000 && page[AWAKE] < herd_expects; i++)
		rest(1);
	if (accept(lfd, NULL, NULL) >= 0)
		__sync_fetch_and_add(&page[SERVED], 1);
}

static void in_own_epoll(int lfd)
{
	herd_ep = epoll_create1(0);
	watch(herd_ep, lfd, EPOLLIN);
	in_epoll(lfd);
}

static void in_own_exclusive_epoll(int lfd)
{
	herd_ep = epoll_create1(0);
	watch(herd_ep, lfd, EPOLLIN | EPOLLEXCLUSIVE);
	in_epoll(lfd);
}

static int all_sleep(const pid_t *pids)
{
	for (int i = 0; i < HERD; i++) {
		char path[64], text[256] = "", *p;
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/stat", pids[i]);
		fd = open(path, O_RDONLY);
		if (read(fd, text, sizeof(text) - 1) <= 0)
			text[0] = 0;
		close(fd);
		p = strrchr(text, ')');
		if (!p || p[2] != 'S')
			return 0;
	}
	return 1;
}

/* Eight wait in their way, one connection comes: how many woke? */
static int herd(void (*way)(int), int flags, int *served)
{
	pid_t pids[HERD];
	int lfd = listener(16, flags), fd, awake;

	shared_page();
	if (way == in_epoll) {
		herd_ep = epoll_create1(0);
		watch(herd_ep, lfd, EPOLLIN | EPOLLET);
	}
	for (int i = 0; i < HERD; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			way(lfd);
			for (;;)
				pause();
		}
	}
	while (page[READY] < HERD || !all_sleep(pids))
		rest(1);
	fd = client(0);
	while (!page[SERVED])
		rest(1);
	rest(20);                               /* whoever else wakes */
	awake = page[AWAKE];
	*served = page[SERVED];
	for (int i = 0; i < HERD; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	close(fd);
	close(lfd);
	return awake;
}

/* AP117 */
TEST(one_connection_wakes_one_of_those_in_accept)
{
	int served, awake = herd(in_accept, 0, &served);

	CHECK_EQ(awake, 1);
	CHECK_EQ(served, 1);
}

TEST(one_connection_wakes_one_of_those_who_share_an_epoll)
{
	int served, awake = herd(in_epoll, SOCK_NONBLOCK, &served);

	CHECK_EQ(awake, 1);
	CHECK_EQ(served, 1);
}

TEST(epolls_of_their_own_all_wake_and_one_serves)
{
	int served, awake;

	herd_expects = HERD;
	awake = herd(in_own_epoll, SOCK_NONBLOCK, &served);
	CHECK_EQ(awake, HERD);
	CHECK_EQ(served, 1);
}

TEST(exclusive_epolls_wake_one)
{
	int served, awake = herd(in_own_exclusive_epoll, SOCK_NONBLOCK,
				 &served);

	CHECK_EQ(awake, 1);
	CHECK_EQ(served, 1);
}

static int queued_at(int lfd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	NEED(getsockopt(lfd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0);
	return (int)info.tcpi_unacked;
}

/* AP122: a backlog of 2 holds 3; closing the listener resets who waits. */
TEST(a_backlog_of_two_holds_three)
{
	int lfd = listener(2, SOCK_NONBLOCK), fds[5], got;
	char byte;

	for (int i = 0; i < 5; i++)
		fds[i] = client(SOCK_NONBLOCK);
	for (int i = 0; i < 200 && queued_at(lfd) < 3; i++)
		rest(1);
	rest(20);
	CHECK_EQ(queued_at(lfd), 3);
	got = accept(lfd, NULL, NULL);
	CHECK(got >= 0);
	CHECK_EQ(queued_at(lfd), 2);
	close(lfd);
	for (int i = 0; i < 3; i++) {
		struct pollfd p = { .fd = fds[i], .events = POLLIN };

		if (i == 0)
			continue;               /* accepted: it lives */
		CHECK_EQ(poll(&p, 1, 2000), 1);
		CHECK_ERR(recv(fds[i], &byte, 1, 0), ECONNRESET);
	}
	CHECK_EQ(send(got, "x", 1, MSG_NOSIGNAL), 1);
	struct pollfd p = { .fd = fds[0], .events = POLLIN };

	CHECK_EQ(poll(&p, 1, 2000), 1);
	CHECK_EQ(recv(fds[0], &byte, 1, 0), 1);
}

/* AP130: a port that is taken, asked for again and again, then free. */
TEST(a_busy_port_is_eaddrinuse_until_its_owner_goes)
{
	int lfd = listener(1, 0), fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 4), 0);
	CHECK_EQ(ioctl(fd, FIONBIO, &on), 0);
	for (int i = 0; i < 5; i++)
		CHECK_ERR(bind(fd, (struct sockaddr *)&at, sizeof(at)),
			  EADDRINUSE);
	close(lfd);
	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(listen(fd, 5), 0);
}

/* AP186: a file goes out by sendfile, to a reader that is slow. */
TEST(a_log_is_sent_whole_through_partial_writes)
{
	enum { SIZE = 1 << 20 };
	int lfd = listener(1, 0), out, fd;
	int file = open("log", O_RDWR | O_CREAT | O_TRUNC, 0600), partial = 0;
	off_t pos = 0;
	int status;

	for (int i = 0; i < SIZE / 4096; i++) {
		int block[1024];

		for (int j = 0; j < 1024; j++)
			block[j] = i * 1024 + j;
		NEED(write(file, block, 4096) == 4096);
	}
	pid_t pid = fork();

	if (pid == 0) {
		int in = client(0), word;

		for (int i = 0; i < SIZE / 4; i++)
			if (recv(in, &word, 4, MSG_WAITALL) != 4 || word != i)
				_exit(1);
		_exit(recv(in, &word, 4, 0) != 0);
	}
	out = accept(lfd, NULL, NULL);
	fd = 8192;
	setsockopt(out, SOL_SOCKET, SO_SNDBUF, &fd, sizeof(fd));
	fcntl(out, F_SETFL, O_NONBLOCK);
	lseek(file, 77, SEEK_SET);
	while (pos < SIZE) {
		struct pollfd p = { .fd = out, .events = POLLOUT };
		ssize_t n;

		NEED(poll(&p, 1, 5000) == 1);
		n = sendfile(out, file, &pos, SIZE - pos);
		NEED(n > 0 || errno == EAGAIN);
		partial += n < 0 || pos < SIZE;
	}
	close(out);
	CHECK(partial > 0);
	CHECK_EQ(lseek(file, 0, SEEK_CUR), 77);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	unlink("log");
}

static void prefork_worker(int lfd, int me)
{
	int fd;

	while ((fd = accept(lfd, NULL, NULL)) >= 0) {
		char request[8];

		page[16 + me] = fd;
		if (recv(fd, request, 4, MSG_WAITALL) == 4) {
			__sync_fetch_and_add(&page[me], 1);
			send(fd, &me, sizeof(me), MSG_NOSIGNAL);
		}
		/* Until the client goes: one connection at a time. */
		while (recv(fd, request, sizeof(request), 0) > 0)
			;
		close(fd);
	}
	_exit(1);
}

static pid_t spawn(int lfd, int me)
{
	pid_t pid = fork();

	if (pid == 0)
		prefork_worker(lfd, me);
	return pid;
}

/* AP188: workers on one port; one that is killed takes only its own along. */
TEST(a_killed_worker_is_replaced_and_the_others_go_on)
{
	enum { WORKERS = 4 };
	int lfd = listener(16, 0), fds[WORKERS], who[WORKERS], again;
	pid_t pids[WORKERS];
	char byte;

	shared_page();
	for (int i = 0; i < WORKERS; i++)
		pids[i] = spawn(lfd, i);
	for (int i = 0; i < WORKERS; i++) {
		fds[i] = client(0);
		CHECK_EQ(send(fds[i], "GET ", 4, MSG_NOSIGNAL), 4);
		CHECK_EQ(recv(fds[i], &who[i], 4, MSG_WAITALL), 4);
		for (int j = 0; j < i; j++)
			CHECK(who[i] != who[j]);
	}
	kill(pids[who[0]], SIGKILL);
	CHECK_EQ(waitpid(-1, NULL, 0), pids[who[0]]);
	pids[who[0]] = spawn(lfd, who[0]);
	CHECK_EQ(recv(fds[0], &byte, 1, 0), 0);
	for (int i = 1; i < WORKERS; i++) {
		struct pollfd p = { .fd = fds[i], .events = POLLIN };

		CHECK_EQ(poll(&p, 1, 0), 0);
	}
	again = client(0);
	CHECK_EQ(send(again, "GET ", 4, MSG_NOSIGNAL), 4);
	CHECK_EQ(recv(again, &who[1], 4, MSG_WAITALL), 4);
	CHECK_EQ(who[1], who[0]);
	for (int i = 0; i < WORKERS; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

/* AP183: the acceptor hands connections to threads, each woken by an eventfd. */
enum { THREADS = 4, HANDED = 200 };
static struct handed {
	pthread_t thread;
	int efd, queue[HANDED], in, served;
} workers[THREADS];

static void *handed_worker(void *arg)
{
	struct handed *w = arg;
	uint64_t n;
	int out = 0;

	while (read(w->efd, &n, 8) == 8 && n < 1000) {
		for (; n > 0; n--) {
			int fd = w->queue[out++];
			char byte;

			if (recv(fd, &byte, 1, MSG_WAITALL) == 1 &&
			    send(fd, &byte, 1, MSG_NOSIGNAL) == 1)
				w->served++;
			close(fd);
		}
	}
	return NULL;
}

TEST(connections_are_handed_round_to_threads)
{
	int lfd = listener(128, 0), served = 0;

	for (int i = 0; i < THREADS; i++) {
		workers[i].efd = eventfd(0, 0);
		pthread_create(&workers[i].thread, NULL, handed_worker,
			       &workers[i]);
	}
	pid_t pid = fork();

	if (pid == 0) {
		for (int i = 0; i < HANDED; i++) {
			int fd = client(0);
			char byte = (char)i, back = 0;

			if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 ||
			    recv(fd, &back, 1, MSG_WAITALL) != 1 || back != byte)
				_exit(1);
			close(fd);
		}
		_exit(0);
	}
	for (int i = 0; i < HANDED; i++) {
		struct handed *w = &workers[i % THREADS];
		uint64_t one = 1;

		w->queue[w->in++] = accept(lfd, NULL, NULL);
		CHECK_EQ(write(w->efd, &one, 8), 8);
	}
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	for (int i = 0; i < THREADS; i++) {
		uint64_t stop = 100000;

		CHECK_EQ(write(workers[i].efd, &stop, 8), 8);
		pthread_join(workers[i].thread, NULL);
		CHECK_EQ(workers[i].served, HANDED / THREADS);
		served += workers[i].served;
	}
	CHECK_EQ(served, HANDED);
}

/* AP188's second half, at a tenth: a thousand connections at once. */
TEST(a_thousand_idle_connections_do_not_hide_one_that_speaks)
{
	enum { IDLE = 1000 };
	struct rlimit files = { 4096, 4096 };
	/* No thousand in TIME_WAIT: the table has not room for many on Linux. */
	struct linger reset = { 1, 0 };
	int lfd = listener(1024, 0), ep = epoll_create1(0);
	static int near[IDLE], far[IDLE];

	NEED(setrlimit(RLIMIT_NOFILE, &files) == 0);
	for (int i = 0; i < IDLE; i++) {
		struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };

		far[i] = client(0);
		near[i] = accept(lfd, NULL, NULL);
		NEED(far[i] >= 0 && near[i] >= 0);
		setsockopt(far[i], SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
		setsockopt(near[i], SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
		NEED(epoll_ctl(ep, EPOLL_CTL_ADD, near[i], &ev) == 0);
	}
	for (int i = 0; i < IDLE; i += 97) {
		struct epoll_event ev[2];
		char byte;

		CHECK_EQ(send(far[i], "!", 1, MSG_NOSIGNAL), 1);
		CHECK_EQ(epoll_wait(ep, ev, 2, 2000), 1);
		CHECK_EQ(ev[0].data.u32, i);
		CHECK_EQ(recv(near[i], &byte, 1, 0), 1);
	}
}

TAP_MAIN()
