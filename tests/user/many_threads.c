/* SPDX-License-Identifier: MIT */
/* many_threads.c -- 10,000 threads in one process, where memory allows */

#include "tap.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>

#define WANTED 10000
#define PER_THREAD (160ul << 10)  /* kernel and user stacks, and threads-max */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_there = PTHREAD_COND_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER;
static int there, may_go, sum;

/* What an eighth of a small machine holds; all 10,000 from 2 GiB on. */
static int how_many(void)
{
	struct sysinfo si;
	unsigned long n;

	NEED(!sysinfo(&si));
	n = si.freeram * si.mem_unit / PER_THREAD;
	return n < WANTED ? n / 8 : WANTED;
}

static void *thread(void *arg)
{
	pthread_mutex_lock(&lock);
	if (++there == *(int *)arg)
		pthread_cond_signal(&all_there);
	while (!may_go)
		pthread_cond_wait(&go, &lock);
	sum++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static int start(pthread_t *t, int n)
{
	static int wanted;
	pthread_attr_t attr;
	int i, err = 0;

	wanted = n;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	pthread_attr_setguardsize(&attr, 0);
	for (i = 0; i < n && !err; i++)
		err = pthread_create(&t[i], &attr, thread, &wanted);
	CHECK_EQ(err, 0);
	return err ? -1 : 0;
}

TEST(ten_thousand_threads_meet_and_part)
{
	static pthread_t t[WANTED];
	int n = how_many(), i;
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	NEED(!start(t, n));
	pthread_mutex_lock(&lock);
	while (there < n)
		pthread_cond_wait(&all_there, &lock);
	may_go = 1;
	pthread_cond_broadcast(&go);
	pthread_mutex_unlock(&lock);
	for (i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK_EQ(sum, n);
	printf("# %d threads, %ld ms\n", n, (b.tv_sec - a.tv_sec) * 1000 +
	       (b.tv_nsec - a.tv_nsec) / 1000000);
}

/* All of them asleep in the kernel; one call ends them. */
TEST(exit_takes_ten_thousand_threads)
{
	int n = how_many(), status;
	pid_t pid = fork();

	if (!pid) {
		static pthread_t t[WANTED];

		if (start(t, n))
			_exit(1);
		pthread_mutex_lock(&lock);
		while (there < n)
			pthread_cond_wait(&all_there, &lock);
		_exit(7);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

TAP_MAIN()
