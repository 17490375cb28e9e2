/* SPDX-License-Identifier: MIT */
/*
 * fpu_test.c -- registers survive switches and migration
 *
 * Kernel tasks have no FPU state; the threads here get one as a program does.
 */

#include <arch/fpu.h>
#include <kernel/completion.h>
#include <kernel/cpumask.h>
#include <kernel/err.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>

#define THREADS 4
#define QUICK_ROUNDS 200
#define SLOW_ROUNDS 100000

struct user {
	u64 pattern;
	int rounds, errors;
	struct completion done;
};

static void set_xmm(u64 v)
{
	__asm__ __volatile__("movq %0, %%xmm0; movq %0, %%xmm15" :: "r"(v));
}

static bool check_xmm(u64 v)
{
	u64 a, b;

	__asm__ __volatile__("movq %%xmm0, %0; movq %%xmm15, %1"
			     : "=r"(a), "=r"(b));
	return a == v && b == v;
}

static int use_fpu(void *arg)
{
	struct user *u = arg;

	if (fpu_flush_thread())
		u->errors++;
	for (int i = 0; i < u->rounds && !u->errors; i++) {
		set_xmm(u->pattern + i);
		yield();
		if (!check_xmm(u->pattern + i))
			u->errors++;
	}
	complete(&u->done);
	return 0;
}

static void start_user(struct user *u, int (*fn)(void *))
{
	struct task_struct *t;

	init_completion(&u->done);
	t = kthread_run(fn, u, "fpu-test");
	if (IS_ERR(t)) {
		u->errors++;
		complete(&u->done);
	}
}

static void run_users(int rounds)
{
	static struct user users[THREADS];

	for (int i = 0; i < THREADS; i++) {
		users[i].pattern = 0x1111111111111111UL * (i + 1);
		users[i].rounds = rounds;
		users[i].errors = 0;
		start_user(&users[i], use_fpu);
	}
	for (int i = 0; i < THREADS; i++) {
		wait_for_completion(&users[i].done);
		EXPECT(users[i].errors == 0);
	}
}

SELFTEST_SLOW(fpu_registers_survive_switches)
{
	run_users(QUICK_ROUNDS);
}

SELFTEST_SLOW(fpu_registers_survive_many_switches)
{
	run_users(SLOW_ROUNDS);
}

/* I1 of fpu.c: back on a CPU that still holds registers of ours, but old
 * ones. */
static int hop(void *arg)
{
	struct user *u = arg;

	if (fpu_flush_thread())
		u->errors++;
	for (int i = 0; i < u->rounds && !u->errors; i++) {
		unsigned cpu;

		for_each_online_cpu(cpu) {
			set_xmm(u->pattern + i * NR_CPUS + cpu);
			set_cpus_allowed_ptr(current, cpumask_of(cpu));
			if (!check_xmm(u->pattern + i * NR_CPUS + cpu))
				u->errors++;
		}
	}
	complete(&u->done);
	return 0;
}

SELFTEST_SLOW(fpu_registers_survive_migration)
{
	struct user u = { .pattern = 0x1234567800000000, .rounds = 5 };

	start_user(&u, hop);
	wait_for_completion(&u.done);
	EXPECT(u.errors == 0);
}

/* What a debugger or a signal handler writes into the image is loaded. */
static int edit_image(void *arg)
{
	struct user *u = arg;
	struct xregs_state *x;

	if (fpu_flush_thread()) {
		u->errors++;
		goto out;
	}
	set_xmm(1);
	x = fpu_sync_current();
	if (*(u64 *)x->fx.xmm_space != 1)
		u->errors++;
	*(u64 *)x->fx.xmm_space = u->pattern;
	*(u64 *)&x->fx.xmm_space[15 * 4] = u->pattern;
	yield();
	fpu_load_current();
	if (!check_xmm(u->pattern))
		u->errors++;
out:
	complete(&u->done);
	return 0;
}

SELFTEST_SLOW(fpu_image_is_the_truth_between_sync_and_load)
{
	struct user u = { .pattern = 0xfeedfacecafebeef };

	start_user(&u, edit_image);
	wait_for_completion(&u.done);
	EXPECT(u.errors == 0);
}
