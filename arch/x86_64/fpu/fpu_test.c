/* SPDX-License-Identifier: MIT */
/*
 * fpu_test.c -- registers survive switches and migration
 *
 * Kernel tasks have no FPU state; the threads here get one as a program does.
 */

#include <arch/fpu.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>

#define THREADS 4
#define QUICK_ROUNDS 200
#define SLOW_ROUNDS 100000

struct user {
	u64 pattern;
	int rounds, errors;
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

	if (fpu_flush_thread()) {
		u->errors++;
		return 0;
	}
	for (int i = 0; i < u->rounds; i++) {
		set_xmm(u->pattern + i);
		yield();
		if (!check_xmm(u->pattern + i))
			u->errors++;
	}
	return 0;
}

static void run_users(int rounds)
{
	static struct user users[THREADS];
	struct task_struct *t[THREADS];

	for (int i = 0; i < THREADS; i++) {
		users[i] = (struct user){ 0x1111111111111111UL * (i + 1),
					  rounds, 0 };
		t[i] = kthread_create(use_fpu, &users[i], "fpu/%d", i);
		REQUIRE(!IS_ERR(t[i]));
		get_task_struct(t[i]);
	}
	for (int i = 0; i < THREADS; i++)
		wake_up_process(t[i]);
	for (int i = 0; i < THREADS; i++) {
		kthread_stop(t[i]);
		put_task_struct(t[i]);
		EXPECT(users[i].errors == 0);
	}
}

SELFTEST(fpu_registers_survive_switches)
{
	run_users(QUICK_ROUNDS);
}

SELFTEST_SLOW(fpu_registers_survive_many_switches)
{
	run_users(SLOW_ROUNDS);
}

/* What a debugger or a signal handler writes into the image is loaded. */
static int edit_image(void *arg)
{
	struct user *u = arg;
	struct xregs_state *x;

	if (fpu_flush_thread())
		return 0;
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
	return 0;
}

SELFTEST(fpu_image_is_the_truth_between_sync_and_load)
{
	struct user u = { .pattern = 0xfeedfacecafebeef };
	struct task_struct *t = kthread_create(edit_image, &u, "fpu-edit");

	REQUIRE(!IS_ERR(t));
	get_task_struct(t);
	wake_up_process(t);
	kthread_stop(t);
	put_task_struct(t);
	EXPECT(u.errors == 0);
}
