/* SPDX-License-Identifier: MIT */
/*
 * usermode_helper.c -- the kernel starts a program of its own accord
 *
 * PROMISE.  The program runs as root with one descriptor, its standard input,
 * and with nothing of whoever caused it to run: no rights, no limits, no
 * memory.
 *
 * IDEA.  The caller's own child would inherit all that.  So a worker, a thread
 * of the kernel's, forks; its child, which kthreadd will reap, becomes the
 * program:
 *
 *	caller          worker                     child of kthreadd
 *	queue, wait --> kernel_thread() --------->  stdin; kernel_execve()
 *	     ^                                           |
 *	     +------------ complete: 0 or why not -------+
 *
 * SEE core(5), "Piping core dumps to a program"; coredump.c.
 */

#include "usermode_helper.h"

#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/completion.h>
#include <kernel/kernel.h>
#include <kernel/proc.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/workqueue.h>
#include <uapi/sched.h>

/* One start; on the stack of who waits for it. */
struct helper {
	const char *const *argv;      /* argv[0] is the path */
	struct file *in;              /* the caller's */
	struct work_struct work;
	struct completion started;    /* or failed to */
	int err;
};

static const char *const helper_env[] = {
	"HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin", NULL,
};

static void finish(struct helper *h, int err)
{
	h->err = err;
	complete(&h->started);        /* h is gone */
}

/* In the new task.  Returns 0 to become the program. */
static int become_program(void *arg)
{
	struct helper *h = arg;
	sigset_t none;
	int err;

	sigemptyset(&none);
	set_current_blocked(&none);
	flush_signal_handlers(current, true);
	err = replace_fd(0, h->in, 0);
	if (err >= 0)
		err = kernel_execve(h->argv[0], h->argv, helper_env);
	finish(h, err);
	if (err)
		do_exit(0);
	return 0;
}

static void start_work(struct work_struct *work)
{
	struct helper *h = container_of(work, struct helper, work);
	pid_t pid = kernel_thread(become_program, h, CLONE_PARENT | SIGCHLD);

	if (pid < 0)
		finish(h, pid);
}

int start_usermode_helper(const char *const *argv, struct file *in)
{
	struct helper h = { .argv = argv, .in = in };

	init_completion(&h.started);
	INIT_WORK_ONSTACK(&h.work, start_work);
	queue_work(system_unbound_wq, &h.work);
	wait_for_completion(&h.started);
	return h.err;
}
