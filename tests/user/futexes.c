/* SPDX-License-Identifier: MIT */
/* futexes.c -- every operation of futex(2), robust lists, futex_waitv */

#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

enum {
	FUTEX_WAIT, FUTEX_WAKE, FUTEX_FD, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE,
	FUTEX_WAKE_OP, FUTEX_LOCK_PI, FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI,
	FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET, FUTEX_WAIT_REQUEUE_PI,
	FUTEX_CMP_REQUEUE_PI, FUTEX_LOCK_PI2,
	PRIVATE = 128, REALTIME = 256,
};
#define WAITERS 0x80000000u
#define OWNER_DIED 0x40000000u
#define TID_MASK 0x3fffffffu

typedef volatile uint32_t word_t;

static long futex(word_t *w, int op, uint32_t val, const void *timeout,
		  word_t *w2, uint32_t val3)
{
	return syscall(SYS_futex, w, op, val, timeout, w2, val3);
}

static uint32_t gettid_(void)
{
	return syscall(SYS_gettid);
}

/* Shared with the children that a test makes. */
static struct shared {
	word_t a, b, c;
	volatile int ready, woken, result[8];
	pid_t pid[8];
} *sh;

static void share(void)
{
	sh = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(sh != MAP_FAILED);
}

/* The state letter of a process; the tests wait for 'S', not for time. */
static char state_of(pid_t pid)
{
	char name[40], line[300] = "", *p;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	fd = open(name, O_RDONLY);
	if (fd < 0)
		return 0;
	if (read(fd, line, sizeof(line) - 1) < 0)
		line[0] = 0;
	close(fd);
	p = strrchr(line, ')');
	return p ? p[2] : 0;
}

static void until_asleep(pid_t pid)
{
	while (state_of(pid) != 'S')
		usleep(1000);
	/* In the kernel for another reason?  Once more is enough in
	 * practice. */
	usleep(2000);
	while (state_of(pid) != 'S')
		usleep(1000);
}

static struct timespec in_ms(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* The number is set by both sides, for each may need it first. */
#define CHILD(n, body) do {						\
	pid_t child_ = fork();						\
									\
	sh->pid[n] = child_ ? child_ : getpid();			\
	if (!child_) {							\
		body;							\
		_exit(0);						\
	}								\
} while (0)

static void reap(int n)
{
	int status;

	CHECK_EQ(waitpid(sh->pid[n], &status, 0), sh->pid[n]);
}

TEST(bad_arguments_are_refused)
{
	static word_t w;
	struct timespec bad = { 0, 1000000000 };

	CHECK_ERR(futex(&w, 99, 0, NULL, NULL, 0), ENOSYS);
	CHECK_ERR(futex(&w, FUTEX_FD, 0, NULL, NULL, 0), ENOSYS);
	CHECK_ERR(futex((word_t *)((char *)&w + 1), FUTEX_WAKE, 1, NULL, NULL,
			0), EINVAL);
	CHECK_ERR(futex((word_t *)-4096, FUTEX_WAKE | PRIVATE, 1, NULL, NULL,
			0), EFAULT);
	CHECK_ERR(futex((word_t *)8, FUTEX_WAIT, 1, NULL, NULL, 0), EFAULT);
	CHECK_ERR(futex(&w, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
	CHECK_ERR(futex(&w, FUTEX_WAIT, 0, (void *)8, NULL, 0), EFAULT);
	CHECK_ERR(futex(&w, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
	CHECK_ERR(futex(&w, FUTEX_WAKE_BITSET, 0, NULL, NULL, 0), EINVAL);
	CHECK_ERR(futex(&w, FUTEX_WAKE | REALTIME, 1, NULL, NULL, 0), ENOSYS);
	CHECK_ERR(futex(&w, FUTEX_LOCK_PI | REALTIME, 1, NULL, NULL, 0), ENOSYS);
	CHECK_ERR(futex(&w, FUTEX_WAIT, 1, NULL, NULL, 0), EAGAIN);
	CHECK_ERR(futex(&w, FUTEX_CMP_REQUEUE, 1, (void *)1, &w, 1), EAGAIN);
	CHECK_ERR(futex(&w, FUTEX_REQUEUE, -1, (void *)1, &w, 0), EINVAL);
}

TEST(timeouts_are_relative_or_absolute)
{
	static word_t w;
	struct timespec ms = { 0, 1000000 }, t;

	CHECK_ERR(futex(&w, FUTEX_WAIT, 0, &ms, NULL, 0), ETIMEDOUT);
	t = in_ms(CLOCK_MONOTONIC, 1);
	CHECK_ERR(futex(&w, FUTEX_WAIT_BITSET, 0, &t, NULL, -1), ETIMEDOUT);
	t = in_ms(CLOCK_REALTIME, 1);
	CHECK_ERR(futex(&w, FUTEX_WAIT_BITSET | REALTIME, 0, &t, NULL, -1),
		  ETIMEDOUT);
	/* A time long past: at once. */
	t.tv_sec = 1;
	CHECK_ERR(futex(&w, FUTEX_WAIT_BITSET | REALTIME, 0, &t, NULL, -1),
		  ETIMEDOUT);
}

TEST(bits_choose_who_wakes)
{
	share();
	for (int i = 0; i < 2; i++)
		CHILD(i, sh->result[i] = futex(&sh->a, FUTEX_WAIT_BITSET, 0,
					       NULL, NULL, 1 << i));
	until_asleep(sh->pid[0]);
	until_asleep(sh->pid[1]);
	CHECK_EQ(futex(&sh->a, FUTEX_WAKE_BITSET, 9, NULL, NULL, 4), 0);
	CHECK_EQ(futex(&sh->a, FUTEX_WAKE_BITSET, 9, NULL, NULL, 2), 1);
	reap(1);
	CHECK_EQ(state_of(sh->pid[0]), 'S');
	CHECK_EQ(futex(&sh->a, FUTEX_WAKE, 9, NULL, NULL, 0), 1);
	reap(0);
}

TEST(requeue_moves_waiters)
{
	share();
	for (int i = 0; i < 3; i++)
		CHILD(i, sh->result[i] = futex(&sh->a, FUTEX_WAIT, 0, NULL,
					       NULL, 0));
	for (int i = 0; i < 3; i++)
		until_asleep(sh->pid[i]);
	CHECK_EQ(futex(&sh->a, FUTEX_CMP_REQUEUE, 1, (void *)1, &sh->b, 0), 2);
	CHECK_EQ(futex(&sh->a, FUTEX_WAKE, 9, NULL, NULL, 0), 1);
	CHECK_EQ(futex(&sh->b, FUTEX_WAKE, 9, NULL, NULL, 0), 1);
	for (int i = 0; i < 3; i++)
		reap(i);
}

TEST(wake_op_changes_and_compares)
{
	static word_t a, b = 5;

	/* b += 3, was it 5? */
	CHECK_EQ(futex(&a, FUTEX_WAKE_OP, 1, (void *)1, &b,
		       1 << 28 | 0 << 24 | 3 << 12 | 5), 0);
	CHECK_EQ(b, 8);
	/* b |= 1 << 4 */
	CHECK_EQ(futex(&a, FUTEX_WAKE_OP, 1, (void *)1, &b,
		       (8u | 2) << 28 | 4 << 12), 0);
	CHECK_EQ(b, 24);
	CHECK_ERR(futex(&a, FUTEX_WAKE_OP, 1, (void *)1, &b,
			7u << 28 | 4 << 12), ENOSYS);
	/* A word that is nowhere: nothing is done. */
	CHECK_ERR(futex((word_t *)8, FUTEX_WAKE_OP, 1, (void *)1, &b,
			1 << 28 | 3 << 12), EFAULT);
	CHECK_EQ(b, 24);
}

TEST(a_real_time_waiter_is_woken_first)
{
	struct sched_param fifo = { .sched_priority = 5 };

	share();
	CHILD(0, sh->result[0] = 1 + futex(&sh->a, FUTEX_WAIT, 0, NULL, NULL,
					   0));
	until_asleep(sh->pid[0]);
	CHILD(1, syscall(SYS_sched_setscheduler, 0, 1, &fifo);
		 sh->result[1] = 1 + futex(&sh->a, FUTEX_WAIT, 0, NULL, NULL,
					   0));
	until_asleep(sh->pid[1]);
	if (syscall(SYS_sched_getscheduler, sh->pid[1]) != 1) {
		kill(sh->pid[1], SIGKILL);
		kill(sh->pid[0], SIGKILL);
		SKIP("needs CAP_SYS_NICE");
	}
	CHECK_EQ(futex(&sh->a, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	reap(1);
	CHECK_EQ(sh->result[1], 1);
	CHECK_EQ(sh->result[0], 0);
	CHECK_EQ(futex(&sh->a, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	reap(0);
}

TEST(one_file_at_two_addresses_is_one_futex)
{
	char name[] = "futexXXXXXX";
	int fd = mkstemp(name);
	word_t *one, *two;

	share();
	NEED(fd >= 0 && ftruncate(fd, 8192) == 0);
	unlink(name);
	one = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	NEED(one != MAP_FAILED && two != MAP_FAILED && one != two);
	CHILD(0, sh->result[0] = futex(one + 1100, FUTEX_WAIT, 0, NULL, NULL, 0));
	until_asleep(sh->pid[0]);
	CHECK_EQ(futex(two + 1100, FUTEX_WAKE | PRIVATE, 9, NULL, NULL, 0), 0);
	CHECK_EQ(futex(two + 76, FUTEX_WAKE, 9, NULL, NULL, 0), 0);
	CHECK_EQ(futex(two + 1100, FUTEX_WAKE, 9, NULL, NULL, 0), 1);
	reap(0);
}

/* A word of a new file of one page, nowhere named. */
static word_t *new_file(void)
{
	char name[] = "futexXXXXXX";
	int fd = mkstemp(name);
	word_t *w;

	NEED(fd >= 0 && ftruncate(fd, 4096) == 0);
	unlink(name);
	w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	NEED(w != MAP_FAILED);
	close(fd);
	return w;
}

static void *wait_on(void *w)
{
	futex(w, FUTEX_WAIT, 0, NULL, NULL, 0);
	return NULL;
}

TEST(a_new_file_has_no_waiters_of_a_dead_one)
{
	word_t *w = new_file();
	pthread_t waiter;
	long woken = 0;

	NEED(pthread_create(&waiter, NULL, wait_on, (void *)w) == 0);
	usleep(20000);
	munmap((void *)w, 4096);              /* the file dies; he waits on */
	for (int i = 0; i < 100; i++) {
		w = new_file();
		woken += futex(w, FUTEX_WAKE, 1, NULL, NULL, 0);
		munmap((void *)w, 4096);
	}
	CHECK_EQ(woken, 0);
}

/* ---- futex_waitv --------------------------------------------------------- */

struct waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

static long waitv(struct waitv *v, unsigned n, unsigned flags, void *t, int clk)
{
	return syscall(449, v, n, flags, t, clk);
}

TEST(waitv_waits_for_any)
{
	struct waitv v[3];

	share();
	for (int i = 0; i < 3; i++)
		v[i] = (struct waitv){ 0, (uintptr_t)(&sh->a + i), 2, 0 };
	if (waitv(v, 0, 0, NULL, 0) == -1 && errno == ENOSYS)
		SKIP("no futex_waitv");
	CHECK_ERR(waitv(v, 129, 0, NULL, 0), EINVAL);
	CHECK_ERR(waitv(v, 1, 1, NULL, 0), EINVAL);
	CHECK_ERR(waitv(NULL, 1, 0, NULL, 0), EINVAL);
	CHECK_ERR(waitv((void *)8, 1, 0, NULL, 0), EFAULT);
	v[1].flags = 0;
	CHECK_ERR(waitv(v, 3, 0, NULL, 0), EINVAL);
	v[1].flags = 2;
	v[2].val = 1;
	CHECK_ERR(waitv(v, 3, 0, NULL, 0), EAGAIN);
	v[2].val = 0;
	struct timespec t = in_ms(CLOCK_MONOTONIC, 1);
	CHECK_ERR(waitv(v, 3, 0, &t, CLOCK_MONOTONIC), ETIMEDOUT);
	CHECK_ERR(waitv(v, 3, 0, &t, CLOCK_BOOTTIME), EINVAL);
	CHILD(0, sh->result[0] = waitv(v, 3, 0, NULL, 0));
	until_asleep(sh->pid[0]);
	CHECK_EQ(futex(&sh->b, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	reap(0);
	CHECK_EQ(sh->result[0], 1);
}

/* ---- priority inheritance ------------------------------------------------ */

TEST(pi_uncontended_words)
{
	static word_t w;

	CHECK_EQ(futex(&w, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
	CHECK_EQ(w, gettid_());
	CHECK_ERR(futex(&w, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	CHECK_ERR(futex(&w, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	CHECK_EQ(futex(&w, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
	CHECK_EQ(w, 0);
	CHECK_ERR(futex(&w, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM);
	CHECK_EQ(futex(&w, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), 0);
	CHECK_EQ(w, gettid_());
	w = TID_MASK;                 /* nobody has that number */
	CHECK_ERR(futex(&w, FUTEX_LOCK_PI, 0, NULL, NULL, 0), ESRCH);
	CHECK_ERR(futex((word_t *)8, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EFAULT);
	CHECK_ERR(futex((word_t *)8, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EFAULT);
}

TEST(pi_is_handed_over)
{
	struct timespec t;

	share();
	sh->a = gettid_();
	for (int i = 0; i < 2; i++)
		CHILD(i, sh->result[i] = futex(&sh->a, FUTEX_LOCK_PI, 0, NULL,
					       NULL, 0);
		      sh->b = sh->a;
		      futex(&sh->a, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	until_asleep(sh->pid[0]);
	until_asleep(sh->pid[1]);
	CHECK_EQ(sh->a, gettid_() | WAITERS);
	CHECK_ERR(futex(&sh->a, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	CHECK_EQ(futex(&sh->a, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
	reap(0);
	reap(1);
	CHECK_EQ(sh->a, 0);
	CHECK_EQ(sh->result[0], 0);
	CHECK_EQ(sh->result[1], 0);

	/* Held by a live one: the trier is told, the sleeper times out. */
	CHILD(2, pause());
	sh->a = sh->pid[2];
	CHECK_ERR(futex(&sh->a, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EAGAIN);
	t = in_ms(CLOCK_REALTIME, 1);
	CHECK_ERR(futex(&sh->a, FUTEX_LOCK_PI, 0, &t, NULL, 0), ETIMEDOUT);
	t = in_ms(CLOCK_MONOTONIC, 1);
	CHECK_ERR(futex(&sh->a, FUTEX_LOCK_PI2, 0, &t, NULL, 0), ETIMEDOUT);
	CHECK_EQ(sh->a, sh->pid[2] | WAITERS);
	kill(sh->pid[2], SIGKILL);
	reap(2);
}

TEST(pi_dead_owner_leaves_the_lock_to_the_first)
{
	share();
	CHILD(0, futex(&sh->a, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	      sh->ready = 1; pause());
	while (!sh->ready)
		usleep(1000);
	CHILD(1, sh->result[1] = futex(&sh->a, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	      sh->b = sh->a);
	until_asleep(sh->pid[1]);
	kill(sh->pid[0], SIGKILL);
	reap(0);
	reap(1);
	CHECK_EQ(sh->result[1], 0);
	CHECK_EQ(sh->b & (TID_MASK | OWNER_DIED), sh->pid[1] | OWNER_DIED);
}

TEST(pi_rings_are_refused)
{
	share();
	futex(&sh->a, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	CHILD(0, futex(&sh->b, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	      sh->ready = 1;
	      futex(&sh->a, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	while (!sh->ready)
		usleep(1000);
	until_asleep(sh->pid[0]);
	CHECK_ERR(futex(&sh->b, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	CHECK_EQ(futex(&sh->a, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
	reap(0);
}

/* Field 18 of /proc/PID/stat: -1 - rt priority, or 20 + nice. */
static int prio_of(pid_t pid)
{
	char name[40], line[400] = "", *p;
	int fd, prio = 0;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	fd = open(name, O_RDONLY);
	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		return 999;
	close(fd);
	p = strrchr(line, ')');
	if (!p)
		return 999;
	for (int i = 0; i < 16 && p; i++)
		p = strchr(p + 1, ' ');
	if (p)
		prio = atoi(p);
	return prio;
}

static void wait_for_prio(pid_t pid, int prio)
{
	for (int i = 0; i < 3000 && prio_of(pid) != prio; i++)
		usleep(1000);
	CHECK_EQ(prio_of(pid), prio);
}

static void become_fifo(int prio)
{
	struct sched_param p = { .sched_priority = prio };

	if (syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p))
		_exit(77);
}

TEST(pi_lends_priority_along_a_chain)
{
	/* 2 (fifo 30) -> b, owned by 1 (fifo 10) -> a, owned by 0 (other) */
	share();
	if (geteuid())
		SKIP("not root");
	CHILD(0, futex(&sh->a, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	      sh->ready = 1; pause());
	while (!sh->ready)
		usleep(1000);
	CHILD(1, become_fifo(10);
	      futex(&sh->b, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	      sh->ready = 2;
	      futex(&sh->a, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	      pause());
	while (sh->ready < 2)
		usleep(1000);
	wait_for_prio(sh->pid[0], -11);
	CHILD(2, become_fifo(30);
	      futex(&sh->b, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	wait_for_prio(sh->pid[0], -31);
	wait_for_prio(sh->pid[1], -31);
	/* The most urgent gives up: both fall back. */
	kill(sh->pid[2], SIGKILL);
	reap(2);
	wait_for_prio(sh->pid[1], -11);
	wait_for_prio(sh->pid[0], -11);
	/* The middle one dies: nobody lends any more. */
	kill(sh->pid[1], SIGKILL);
	reap(1);
	wait_for_prio(sh->pid[0], 20);
	kill(sh->pid[0], SIGKILL);
	reap(0);
}

TEST(requeue_pi_wakes_with_the_mutex)
{
	struct timespec t;

	share();
	CHECK_ERR(futex(&sh->a, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &sh->a, 0),
		  EINVAL);
	t = in_ms(CLOCK_MONOTONIC, 1);
	CHECK_ERR(futex(&sh->a, FUTEX_WAIT_REQUEUE_PI, 0, &t, &sh->b, 0),
		  ETIMEDOUT);
	CHECK_ERR(futex(&sh->a, FUTEX_CMP_REQUEUE_PI, 2, (void *)1, &sh->b, 0),
		  EINVAL);
	CHECK_ERR(futex(&sh->a, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &sh->b, 7),
		  EAGAIN);
	CHECK_EQ(futex(&sh->a, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &sh->b, 0), 0);
	for (int i = 0; i < 3; i++)
		CHILD(i, sh->result[i] = futex(&sh->a, FUTEX_WAIT_REQUEUE_PI, 0,
					       NULL, &sh->b, 0);
		      if ((sh->b & TID_MASK) == gettid_())
				__sync_fetch_and_add(&sh->woken, 1);
		      futex(&sh->b, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	for (int i = 0; i < 3; i++)
		until_asleep(sh->pid[i]);
	CHECK_ERR(futex(&sh->a, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &sh->c, 0),
		  EINVAL);
	CHECK_ERR(futex(&sh->a, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	/* Held by us: they are moved and wait. */
	futex(&sh->b, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	CHECK_EQ(futex(&sh->a, FUTEX_CMP_REQUEUE_PI, 1, (void *)0, &sh->b, 0), 1);
	CHECK_EQ(sh->b, gettid_() | WAITERS);
	CHECK_EQ(futex(&sh->b, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
	/* Free: the first gets it, the others queue behind. */
	while (sh->woken < 1 || sh->b)
		usleep(1000);
	CHECK_EQ(futex(&sh->a, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &sh->b, 0), 2);
	for (int i = 0; i < 3; i++)
		reap(i);
	CHECK_EQ(sh->woken, 3);
	CHECK_EQ(sh->b, 0);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(sh->result[i], 0);
}

/* ---- robust lists -------------------------------------------------------- */

struct robust { struct robust *next; };
struct robust_head { struct robust list; long offset; struct robust *pending; };

TEST(robust_lists_free_what_the_dead_held)
{
	struct robust_head *got = NULL;
	size_t len = 0;
	struct node { struct robust link; word_t word; } *n;

	share();
	CHECK_ERR(syscall(SYS_set_robust_list, NULL, 23), EINVAL);
	CHECK_ERR(syscall(SYS_get_robust_list, -1, &got, &len), ESRCH);
	CHECK_EQ(syscall(SYS_get_robust_list, 0, &got, &len), 0);
	CHECK_EQ(len, sizeof(struct robust_head));
	n = (void *)(sh + 1);
	CHILD(0, {
		static struct robust_head head;
		static struct node *pend;

		pend = &n[2];
		head.offset = offsetof(struct node, word);
		head.list.next = &n[0].link;
		n[0].link.next = &n[1].link;
		n[1].link.next = &head.list;
		head.pending = &pend->link;
		n[0].word = getpid() | WAITERS;
		n[1].word = 12345678;   /* not ours */
		n[2].word = getpid();
		syscall(SYS_set_robust_list, &head, sizeof(head));
	});
	reap(0);
	CHECK_EQ(n[0].word, WAITERS | OWNER_DIED);
	CHECK_EQ(n[1].word, 12345678);
	CHECK_EQ(n[2].word, OWNER_DIED);
	/* A ring without end, and a list in the void: the child still ends. */
	CHILD(1, {
		static struct robust_head head;

		head.list.next = &n[0].link;
		n[0].link.next = &n[0].link;
		syscall(SYS_set_robust_list, &head, sizeof(head));
	});
	reap(1);
	CHILD(2, syscall(SYS_set_robust_list, (void *)8, sizeof(*got)));
	reap(2);
}

TEST(robust_waiter_is_woken_by_the_death)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t *m;

	share();
	m = (void *)(sh + 1);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(m, &attr);
	CHILD(0, pthread_mutex_lock(m); sh->ready = 1; pause());
	while (!sh->ready)
		usleep(1000);
	CHILD(1, sh->result[1] = pthread_mutex_lock(m));
	until_asleep(sh->pid[1]);
	kill(sh->pid[0], SIGKILL);
	reap(0);
	reap(1);
	CHECK_EQ(sh->result[1], EOWNERDEAD);
}

TAP_MAIN()
