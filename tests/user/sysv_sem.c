/* SPDX-License-Identifier: MIT */
/* sysv_sem.c -- System V semaphores (AP086) */

#define _GNU_SOURCE
#include "tap.h"

#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>
#include <sched.h>

static int make(int n)
{
	int id = semget(IPC_PRIVATE, n, IPC_CREAT | 0600);

	NEED(id >= 0);
	return id;
}

static int op(int id, int num, int n, int flags)
{
	struct sembuf b = { num, n, flags };

	return semop(id, &b, 1);
}

static int val(int id, int num)
{
	return semctl(id, num, GETVAL);
}

/* Until n sleepers wait for semaphore num to grow (or to become 0). */
static void until_waiting(int id, int num, int cmd, int n)
{
	while (semctl(id, num, cmd) != n)
		sched_yield();
}

static int status_of(pid_t child)
{
	int status;

	NEED(waitpid(child, &status, 0) == child);
	return status;
}

TEST(values_are_counted)
{
	unsigned short all[3] = { 5, 0, 32767 };
	int id = make(3);

	CHECK_EQ(val(id, 0), 0);
	CHECK_EQ(semctl(id, 0, SETALL, all), 0);
	CHECK_EQ(op(id, 0, -2, 0), 0);
	CHECK_EQ(val(id, 0), 3);
	CHECK_EQ(semctl(id, 0, GETPID), getpid());
	CHECK_ERR(op(id, 0, -4, IPC_NOWAIT), EAGAIN);
	CHECK_ERR(op(id, 2, 1, 0), ERANGE);
	CHECK_ERR(op(id, 0, 0, IPC_NOWAIT), EAGAIN);
	CHECK_EQ(op(id, 1, 0, 0), 0);
	CHECK_EQ(semctl(id, 0, GETALL, all), 0);
	CHECK(all[0] == 3 && all[1] == 0 && all[2] == 32767);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(all_operations_or_none)
{
	struct sembuf b[3] = { { 0, 1, 0 }, { 1, 1, 0 }, { 2, -1, IPC_NOWAIT } };
	int id = make(3);

	CHECK_ERR(semop(id, b, 3), EAGAIN);
	CHECK_EQ(val(id, 0), 0);
	CHECK_EQ(val(id, 1), 0);
	CHECK_EQ(op(id, 2, 1, 0), 0);
	CHECK_EQ(semop(id, b, 3), 0);
	CHECK_EQ(val(id, 0), 1);
	CHECK_EQ(val(id, 2), 0);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

/* The same semaphore twice: the second operation sees the first's result. */
TEST(operations_are_done_in_order)
{
	struct sembuf b[2] = { { 0, -1, IPC_NOWAIT }, { 0, 1, 0 } };
	struct sembuf c[2] = { { 0, 1, 0 }, { 0, -1, IPC_NOWAIT } };
	int id = make(1);

	CHECK_ERR(semop(id, b, 2), EAGAIN);
	CHECK_EQ(semop(id, c, 2), 0);
	CHECK_EQ(val(id, 0), 0);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(a_sleeper_is_woken_and_done)
{
	int id = make(2);
	pid_t child = fork();

	if (!child)
		_exit(op(id, 0, -3, 0) != 0);
	until_waiting(id, 0, GETNCNT, 1);
	CHECK_EQ(semctl(id, 0, GETZCNT), 0);
	CHECK_EQ(op(id, 0, 2, 0), 0);
	CHECK_EQ(val(id, 0), 2);
	CHECK_EQ(op(id, 0, 2, 0), 0);
	CHECK_EQ(val(id, 0), 1); /* done for it, before it ran */
	CHECK_EQ(semctl(id, 0, GETPID), child);
	CHECK_EQ(status_of(child), 0);
	child = fork();
	if (!child)
		_exit(op(id, 0, 0, 0) != 0);
	until_waiting(id, 0, GETZCNT, 1);
	CHECK_EQ(op(id, 0, -1, 0), 0);
	CHECK_EQ(status_of(child), 0);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(who_waits_longest_goes_first)
{
	int id = make(2), i, first, p[2];
	pid_t child[3];
	char c;

	NEED(pipe(p) == 0);
	for (i = 0; i < 3; i++) {
		child[i] = fork();
		if (!child[i]) {
			if (op(id, 0, -1, 0))
				_exit(1);
			c = '0' + i;
			NEED(write(p[1], &c, 1) == 1);
			_exit(op(id, 1, 1, 0) != 0);
		}
		until_waiting(id, 0, GETNCNT, i + 1);
	}
	for (i = 0; i < 3; i++) {
		CHECK_EQ(op(id, 0, 1, 0), 0);
		CHECK_EQ(op(id, 1, -1, 0), 0);
		NEED(read(p[0], &c, 1) == 1);
		first = c - '0';
		CHECK_EQ(first, i);
		CHECK_EQ(status_of(child[i]), 0);
	}
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(undo_gives_back_what_the_dead_held)
{
	int id = make(2);
	pid_t child, waiter;

	CHECK_EQ(op(id, 0, 1, 0), 0);
	child = fork();
	if (!child) {
		op(id, 0, -1, SEM_UNDO);
		op(id, 1, 4, SEM_UNDO);
		op(id, 1, -1, SEM_UNDO);
		pause();
	}
	while (val(id, 1) != 3)
		sched_yield();
	waiter = fork();
	if (!waiter)
		_exit(op(id, 0, -1, 0) != 0);
	until_waiting(id, 0, GETNCNT, 1);
	kill(child, SIGKILL);
	CHECK_EQ(status_of(waiter), 0);
	CHECK_EQ(status_of(child), SIGKILL);
	CHECK_EQ(val(id, 1), 0);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(undo_is_void_after_setval_and_not_inherited)
{
	union { int val; } one = { .val = 1 };
	int id = make(1);
	pid_t child = fork();

	if (!child) {
		CHECK_EQ(op(id, 0, 5, SEM_UNDO), 0);
		if (!fork())
			_exit(0); /* owes nothing */
		wait(NULL);
		CHECK_EQ(val(id, 0), 5);
		CHECK_EQ(semctl(id, 0, SETVAL, one), 0);
		_exit(tap_failed);
	}
	CHECK_EQ(status_of(child), 0);
	CHECK_EQ(val(id, 0), 1);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(removal_and_signals_end_the_wait)
{
	int id = make(1);
	pid_t child = fork();

	if (!child)
		_exit(op(id, 0, -1, 0) == -1 && errno == EIDRM ? 0 : 1);
	until_waiting(id, 0, GETNCNT, 1);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
	CHECK_EQ(status_of(child), 0);
	id = make(1);
	child = fork();
	if (!child)
		op(id, 0, -1, 0);
	until_waiting(id, 0, GETNCNT, 1);
	kill(child, SIGKILL);
	CHECK_EQ(status_of(child), SIGKILL);
	CHECK_EQ(semctl(id, 0, GETNCNT), 0);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

static void ignore(int sig)
{
	(void)sig;
}

TEST(semop_is_never_restarted)
{
	struct sigaction a = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	int id = make(1);
	pid_t child;

	child = fork();
	if (!child) {
		sigaction(SIGUSR1, &a, NULL);
		_exit(op(id, 0, -1, 0) == -1 && errno == EINTR ? 0 : 1);
	}
	until_waiting(id, 0, GETNCNT, 1);
	kill(child, SIGUSR1);
	CHECK_EQ(status_of(child), 0);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(a_timeout_ends_the_wait)
{
	struct timespec ts = { 0, 2000000 }, wrong = { 0, 1000000000 };
	struct sembuf b = { 0, -1, 0 };
	int id = make(1);

	CHECK_ERR(semtimedop(id, &b, 1, &ts), EAGAIN);
	CHECK_ERR(semtimedop(id, &b, 1, &wrong), EINVAL);
	CHECK_ERR(semtimedop(id, &b, 1, (void *)8), EFAULT);
	ts.tv_nsec = 0;
	CHECK_ERR(semtimedop(id, &b, 1, &ts), EAGAIN);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(a_lock_for_a_counter_holds)
{
	int id = make(1), shm = shmget(IPC_PRIVATE, 4096, 0600), i;
	volatile int *counter = shmat(shm, NULL, 0);
	pid_t child[4];

	NEED(counter != (void *)-1);
	shmctl(shm, IPC_RMID, NULL);
	CHECK_EQ(op(id, 0, 1, 0), 0);
	for (i = 0; i < 4; i++) {
		child[i] = fork();
		if (child[i])
			continue;
		for (int n = 0; n < 500; n++) {
			int old;

			op(id, 0, -1, SEM_UNDO);
			old = *counter;
			if (n % 50 == 0)
				sched_yield();
			*counter = old + 1;
			op(id, 0, 1, SEM_UNDO);
		}
		_exit(0);
	}
	for (i = 0; i < 4; i++)
		CHECK_EQ(status_of(child[i]), 0);
	CHECK_EQ(*counter, 2000);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(the_set_can_be_looked_at)
{
	int id = semget(0x5e31, 4, IPC_CREAT | IPC_EXCL | 0640), top, i;
	struct semid_ds ds;
	struct seminfo info;
	int found = 0;

	NEED(id >= 0);
	CHECK_EQ(semget(0x5e31, 0, 0), id);
	CHECK_ERR(semget(0x5e31, 5, 0), EINVAL);
	CHECK_ERR(semget(0x5e31, 1, IPC_CREAT | IPC_EXCL), EEXIST);
	CHECK_EQ(semctl(id, 0, IPC_STAT, &ds), 0);
	CHECK_EQ(ds.sem_nsems, 4);
	CHECK_EQ(ds.sem_otime, 0);
	CHECK_EQ(op(id, 0, 1, 0), 0);
	CHECK_EQ(semctl(id, 0, IPC_STAT, &ds), 0);
	CHECK(ds.sem_otime != 0);
	top = semctl(0, 0, SEM_INFO, &info);
	NEED(top >= 0);
	CHECK(info.semusz >= 1 && info.semaem >= 4);
	for (i = 0; i <= top; i++)
		found += semctl(i, 0, SEM_STAT, &ds) == id;
	CHECK_EQ(found, 1);
	CHECK_EQ(semctl(0, 0, IPC_INFO, &info), top);
	CHECK_EQ(info.semvmx, 32767);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
	CHECK_ERR(semctl(id, 0, IPC_RMID), EINVAL);
}

TEST(wild_arguments_do_no_harm)
{
	static struct sembuf many[501];
	int id = make(2);

	CHECK_ERR(semget(IPC_PRIVATE, 0, 0600), EINVAL);
	CHECK_ERR(semget(IPC_PRIVATE, -1, 0600), EINVAL);
	CHECK_ERR(semget(IPC_PRIVATE, 32001, 0600), EINVAL);
	CHECK_ERR(op(id, 2, 1, 0), EFBIG);
	CHECK_ERR(op(-1, 0, 1, 0), EINVAL);
	CHECK_ERR(semop(id, many, 501), E2BIG);
	CHECK_ERR(semop(id, many, 0), EINVAL);
	CHECK_ERR(semop(id, (void *)8, 1), EFAULT);
	CHECK_EQ(semop(id, many, 500), 0);
	CHECK_ERR(semctl(id, 2, GETVAL), EINVAL);
	CHECK_ERR(semctl(id, -1, SETVAL, 1), EINVAL);
	CHECK_ERR(semctl(id, 0, SETVAL, -1), ERANGE);
	CHECK_ERR(semctl(id, 0, SETVAL, 32768), ERANGE);
	CHECK_ERR(semctl(id, 0, GETALL, (void *)8), EFAULT);
	CHECK_ERR(semctl(id, 0, SETALL, (void *)8), EFAULT);
	CHECK_ERR(semctl(id, 0, IPC_STAT, (void *)8), EFAULT);
	CHECK_ERR(semctl(id, 0, 99, NULL), EINVAL);
	CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TAP_MAIN()
