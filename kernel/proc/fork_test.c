/* SPDX-License-Identifier: MIT */
/* fork_test.c -- self-tests of fork.c, exit.c and wait.c from inside */

#include <kernel/proc.h>

#include <kernel/completion.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/pid.h>
#include <kernel/selftest.h>
#include <kernel/task.h>
#include <uapi/sched.h>

static DECLARE_COMPLETION(child_ran);
static int seen_pid;

static int child(void *arg)
{
	seen_pid = current->pid;
	*(int *)arg = 42;
	complete(&child_ran);
	do_exit(3 << 8);
}

/* A child of ours is reaped at once when nobody wants its signal. */
SELFTEST_SLOW(kernel_thread_shares_memory_and_has_its_own_pid)
{
	int value = 0;
	pid_t pid;

	reinit_completion(&child_ran);
	pid = kernel_thread(child, &value, CLONE_FS | CLONE_FILES);
	REQUIRE(pid > 0);
	wait_for_completion(&child_ran);
	EXPECT(value == 42);
	EXPECT(seen_pid == pid);
}

SELFTEST(clone_refuses_flags_that_contradict)              /* AP005 */
{
	static const u64 bad[] = {
		CLONE_NEWNS | CLONE_FS,
		CLONE_NEWUSER | CLONE_FS,
		CLONE_THREAD | CLONE_VM,
		CLONE_SIGHAND,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct kernel_clone_args args = {
			.flags = bad[i], .fn = child,
		};

		EXPECT(kernel_clone(&args) == -EINVAL);
	}
}

SELFTEST(fork_that_fails_leaves_nothing_behind)            /* promise, I1 */
{
	int threads = nr_threads;
	unsigned int pids = init_pid_ns.nr_pids;
	int processes = atomic_read(&current_user()->processes);
	int limit = max_threads;
	struct kernel_clone_args args = { .fn = child };

	max_threads = 0;
	EXPECT(kernel_clone(&args) == -EAGAIN);
	max_threads = limit;
	EXPECT(nr_threads <= threads);
	EXPECT(init_pid_ns.nr_pids <= pids);
	EXPECT(atomic_read(&current_user()->processes) <= processes);
}
