/* SPDX-License-Identifier: MIT */
/*
 * sync_programs.c -- what the textbooks' programs about concurrency promise
 * (AP018, AP025, AP030-AP034, AP184)
 */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "seccomp.h"

static void *shared_page(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	NEED(page != MAP_FAILED);
	return page;
}

static struct timespec in_milliseconds(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += ms * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000L;
	t.tv_nsec %= 1000000000L;
	return t;
}

/* AP018: jobs are done once each, by the threads that were there before. */
enum { POOL = 4, JOBS = 500 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	int next, closed;
	int done[JOBS];
	pid_t by[JOBS];
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER,
	   .more = PTHREAD_COND_INITIALIZER };
static int queued;

static void *pool_worker(void *arg)
{
	pthread_mutex_lock(&pool.lock);
	for (;;) {
		while (pool.next == queued && !pool.closed)
			pthread_cond_wait(&pool.more, &pool.lock);
		if (pool.next == queued)
			break;
		int job = pool.next++;

		pthread_mutex_unlock(&pool.lock);
		pool.done[job]++;
		pool.by[job] = (pid_t)syscall(SYS_gettid);
		pthread_mutex_lock(&pool.lock);
	}
	pthread_mutex_unlock(&pool.lock);
	return arg;
}

TEST(a_pool_of_threads_does_each_job_once)
{
	pthread_t threads[POOL];
	pid_t seen[POOL];
	int different = 0;

	for (int i = 0; i < POOL; i++)
		pthread_create(&threads[i], NULL, pool_worker, NULL);
	for (int i = 0; i < JOBS; i++) {
		pthread_mutex_lock(&pool.lock);
		queued++;
		pthread_cond_signal(&pool.more);
		pthread_mutex_unlock(&pool.lock);
	}
	pthread_mutex_lock(&pool.lock);
	pool.closed = 1;
	pthread_cond_broadcast(&pool.more);
	pthread_mutex_unlock(&pool.lock);
	for (int i = 0; i < POOL; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < JOBS; i++) {
		int known = 0;

		CHECK_EQ(pool.done[i], 1);
		for (int j = 0; j < different; j++)
			known |= seen[j] == pool.by[i];
		if (known)
			continue;
		NEED(different < POOL);
		seen[different++] = pool.by[i];
	}
}

/*
 * AP025: registers of ours, through switches.  The general ones and the flags
 * in assembly, with a yield in their midst; four SSE registers beside them.
 */
static uint64_t one_round(uint64_t seed)
{
	uint64_t bad;

	asm volatile(
		"leaq -128(%%rsp), %%rsp\n\t pushq %%rbp\n\t"   /* red zone */
		"movq %%rax, %%rbx\n\t movq %%rax, %%rbp\n\t"
		"movq %%rax, %%r12\n\t movq %%rax, %%r13\n\t"
		"movq %%rax, %%r14\n\t movq %%rax, %%r15\n\t"
		"movq %%rax, %%rdi\n\t movq %%rax, %%rsi\n\t"
		"movq %%rax, %%rdx\n\t movq %%rax, %%r8\n\t"
		"movq %%rax, %%r9\n\t movq %%rax, %%r10\n\t"
		"movq %%rax, %%xmm0\n\t movq %%rax, %%xmm7\n\t"
		"movq %%rax, %%xmm8\n\t movq %%rax, %%xmm15\n\t"
		"movl $%c2, %%eax\n\t std\n\t syscall\n\t"
		"pushfq\n\t popq %%rcx\n\t cld\n\t"
		"shrq $10, %%rcx\n\t andq $1, %%rcx\n\t xorq $1, %%rcx\n\t"
		"movq %%rbx, %%rax\n\t"
		"xorq %%rax, %%rbp\n\t orq %%rbp, %%rcx\n\t"
		"xorq %%rax, %%r12\n\t orq %%r12, %%rcx\n\t"
		"xorq %%rax, %%r13\n\t orq %%r13, %%rcx\n\t"
		"xorq %%rax, %%r14\n\t orq %%r14, %%rcx\n\t"
		"xorq %%rax, %%r15\n\t orq %%r15, %%rcx\n\t"
		"xorq %%rax, %%rdi\n\t orq %%rdi, %%rcx\n\t"
		"xorq %%rax, %%rsi\n\t orq %%rsi, %%rcx\n\t"
		"xorq %%rax, %%rdx\n\t orq %%rdx, %%rcx\n\t"
		"xorq %%rax, %%r8\n\t orq %%r8, %%rcx\n\t"
		"xorq %%rax, %%r9\n\t orq %%r9, %%rcx\n\t"
		"xorq %%rax, %%r10\n\t orq %%r10, %%rcx\n\t"
		"movq %%xmm0, %%rdi\n\t xorq %%rax, %%rdi\n\t orq %%rdi, %%rcx\n\t"
		"movq %%xmm7, %%rdi\n\t xorq %%rax, %%rdi\n\t orq %%rdi, %%rcx\n\t"
		"movq %%xmm8, %%rdi\n\t xorq %%rax, %%rdi\n\t orq %%rdi, %%rcx\n\t"
		"movq %%xmm15, %%rdi\n\t xorq %%rax, %%rdi\n\t orq %%rdi, %%rcx\n\t"
		"popq %%rbp\n\t leaq 128(%%rsp), %%rsp\n\t"
		: "=&c"(bad), "+a"(seed)
		: "i"(SYS_sched_yield)
		: "rbx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
		  "r13", "r14", "r15", "xmm0", "xmm7", "xmm8", "xmm15", "cc",
		  "memory");
	return bad;
}

static void *keep_patterns(void *arg)
{
	uint64_t seed = (uint64_t)(uintptr_t)arg * 0x9e3779b97f4a7c15ULL;
	void *self = pthread_self();
	uintptr_t bad = 0;

	for (int i = 0; i < 20000; i++) {
		bad += one_round(seed + (unsigned)i) != 0;
		bad += pthread_self() != self;          /* the FS base */
	}
	return (void *)bad;
}

TEST(registers_survive_yields_between_tasks)
{
	pthread_t threads[3];
	void *bad;

	for (uintptr_t i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, keep_patterns,
			       (void *)(i + 1));
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &bad);
		CHECK(bad == NULL);
	}
}

/* AP030: what is added by one instruction is never lost. */
enum { ADDS = 300000 };
static volatile long plain, locked;

static void *add_both(void *arg)
{
	for (int i = 0; i < ADDS; i++) {
		plain = plain + 1;
		__sync_fetch_and_add(&locked, 1);
	}
	return arg;
}

TEST(atomic_additions_are_exact_and_plain_ones_no_more_than_that)
{
	pthread_t other;

	pthread_create(&other, NULL, add_both, NULL);
	add_both(NULL);
	pthread_join(other, NULL);
	CHECK_EQ(locked, 2 * ADDS);
	CHECK(plain <= 2 * ADDS);
	printf("# plain additions lost: %ld\n", 2 * ADDS - plain);
}

/* AP031: a store passes a later load only where no barrier forbids it. */
enum { ROUNDS = 1000 };
static struct {
	_Alignas(64) volatile int x;
	_Alignas(64) volatile int y;
	_Alignas(64) volatile int turn[2];
	int seen[2][ROUNDS];
} litmus;

static void meet(int me, int round)
{
	litmus.turn[me] = round;
	__sync_synchronize();
	while (litmus.turn[!me] < round)
		sched_yield();
}

static void *store_then_load(void *arg)
{
	int me = (int)(uintptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		meet(me, 2 * i + 1);
		if (me) {
			litmus.x = i + 1;
			__sync_synchronize();
			litmus.seen[1][i] = litmus.y;
		} else {
			litmus.y = i + 1;
			__sync_synchronize();
			litmus.seen[0][i] = litmus.x;
		}
		meet(me, 2 * i + 2);
	}
	return NULL;
}

TEST(with_a_full_barrier_one_of_two_sees_the_others_store)
{
	pthread_t other;
	int neither = 0;

	pthread_create(&other, NULL, store_then_load, (void *)1);
	store_then_load(NULL);
	pthread_join(other, NULL);
	for (int i = 0; i < ROUNDS; i++)
		neither += litmus.seen[0][i] != i + 1 &&
			   litmus.seen[1][i] != i + 1;
	CHECK_EQ(neither, 0);
}

/* AP032: a spin lock in shared memory; who spins long gives the CPU away. */
static void spin_lock(volatile int *lock)
{
	for (int spins = 1; __sync_lock_test_and_set(lock, 1); spins *= 2) {
		for (volatile int i = 0; i < spins; i++)
			;
		if (spins > 256) {
			sched_yield();
			spins = 1;
		}
	}
}

TEST(a_spin_lock_in_shared_memory_guards_a_counter)
{
	struct { volatile int lock; volatile long count; } *s = shared_page();
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			for (int n = 0; n < 10000; n++) {
				spin_lock(&s->lock);
				s->count++;
				__sync_lock_release(&s->lock);
			}
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	CHECK_EQ(s->count, 40000);
}

/* AP033: a mutex that nobody else wants costs no system call. */
TEST(an_uncontended_mutex_needs_no_kernel)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	NEED(forbid(SYS_futex, SECCOMP_RET_KILL_PROCESS, 0) == 0);
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
}

/* AP034 */
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_key_t key;
static int destroyed;

static void on_destroy(void *value)
{
	destroyed += value != NULL;
}

static void *try_held(void *arg)
{
	struct timespec soon = in_milliseconds(20), now;

	CHECK(pthread_getspecific(key) == NULL);
	pthread_setspecific(key, &held);
	CHECK_EQ(pthread_mutex_trylock(&held), EBUSY);
	CHECK_EQ(pthread_mutex_timedlock(&held, &soon), ETIMEDOUT);
	clock_gettime(CLOCK_REALTIME, &now);
	CHECK(now.tv_sec > soon.tv_sec || (now.tv_sec == soon.tv_sec &&
					   now.tv_nsec >= soon.tv_nsec));
	return arg;
}

TEST(locks_conditions_and_keys_of_threads)
{
	pthread_t other;
	struct timespec soon;

	NEED(pthread_key_create(&key, on_destroy) == 0);
	pthread_setspecific(key, &never);
	pthread_mutex_lock(&held);
	pthread_create(&other, NULL, try_held, NULL);
	pthread_join(other, NULL);
	CHECK(pthread_getspecific(key) == &never);
	CHECK_EQ(destroyed, 1);
	soon = in_milliseconds(10);
	CHECK_EQ(pthread_cond_timedwait(&never, &held, &soon), ETIMEDOUT);
	CHECK_EQ(pthread_mutex_unlock(&held), 0);
}

enum { HANDOVERS = 2000 };
static pthread_cond_t yours = PTHREAD_COND_INITIALIZER;
static int ball;

static void *play(void *arg)
{
	int me = (int)(uintptr_t)arg;

	pthread_mutex_lock(&held);
	for (int i = 0; i < HANDOVERS; i++) {
		while (ball % 2 != me)
			pthread_cond_wait(&yours, &held);
		ball++;
		pthread_cond_signal(&yours);
	}
	pthread_mutex_unlock(&held);
	return NULL;
}

TEST(a_ball_goes_to_and_fro_by_a_condition)
{
	pthread_t other;

	pthread_create(&other, NULL, play, (void *)1);
	play(NULL);
	pthread_join(other, NULL);
	CHECK_EQ(ball, 2 * HANDOVERS);
}

/*
 * AP184: a job that waits for another job of the same pool of one thread never
 * sees it done; with a pool of its own for the second it does.
 */
struct latch {
	pthread_mutex_t lock;
	pthread_cond_t open;
	int is_open;
};

static void *open_latch(void *arg)
{
	struct latch *l = arg;

	pthread_mutex_lock(&l->lock);
	l->is_open = 1;
	pthread_cond_broadcast(&l->open);
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static int wait_latch(struct latch *l, int ms)
{
	struct timespec until = in_milliseconds(ms);
	int err = 0;

	pthread_mutex_lock(&l->lock);
	while (!l->is_open && err == 0)
		err = pthread_cond_timedwait(&l->open, &l->lock, &until);
	pthread_mutex_unlock(&l->lock);
	return err;
}

TEST(a_latch_opened_behind_oneself_in_the_queue_times_out)
{
	struct latch l = { PTHREAD_MUTEX_INITIALIZER,
			   PTHREAD_COND_INITIALIZER, 0 };
	pthread_t other;

	/* This thread is the pool: what would open the latch comes after. */
	CHECK_EQ(wait_latch(&l, 30), ETIMEDOUT);
	open_latch(&l);
	l.is_open = 0;
	pthread_create(&other, NULL, open_latch, &l);
	CHECK_EQ(wait_latch(&l, 5000), 0);
	pthread_join(other, NULL);
}

TAP_MAIN()
