/* SPDX-License-Identifier: MIT */
/*
 * io_context.c -- the I/O priority, of one task or of several (CLONE_IO)
 *
 * IDEA.  Most tasks never say how urgent their I/O is, and have no io_context.
 * The first ioprio_set() makes one.  A child made with CLONE_IO takes part in
 * its parent's: what either sets holds for both.  Any other child gets one of
 * its own with the same priority.
 *
 * INVARIANTS.  I1 A task's io_context, once there, stays until the task ends:
 * so the task itself reads the pointer without a lock.  I2 A task that is
 * PF_EXITING gets none any more.
 *
 * LOCKING.  task_lock: the pointer, for whoever is not the task itself.
 */

#include <kernel/iocontext.h>

#include <kernel/errno.h>
#include <mm/slab.h>
#include <uapi/sched.h>

static struct io_context *new_io_context(unsigned short ioprio, gfp_t gfp)
{
	struct io_context *ioc = kmalloc(sizeof(*ioc), gfp);

	if (ioc) {
		refcount_set(&ioc->count, 1);
		ioc->ioprio = ioprio;
	}
	return ioc;
}

/* What was set for t; 0: nothing.  May not sleep; takes t's alloc_lock. */
unsigned short get_task_ioprio(struct task_struct *t)
{
	unsigned short ioprio = 0;

	task_lock(t);
	if (t->io_context)
		ioprio = t->io_context->ioprio;
	task_unlock(t);
	return ioprio;
}

/*
 * Set it, for t and all who share with it.  May not sleep; the caller keeps t
 * from going (RCU or tasklist_lock).  0, -ENOMEM, or -ESRCH: t is ending.
 */
int set_task_ioprio(struct task_struct *t, unsigned short ioprio)
{
	struct io_context *fresh = NULL;
	int err = 0;

	if (!READ_ONCE(t->io_context)) {
		fresh = new_io_context(ioprio, GFP_ATOMIC);
		if (!fresh)
			return -ENOMEM;
	}
	task_lock(t);
	if (t->io_context) {
		WRITE_ONCE(t->io_context->ioprio, ioprio);
	} else if (t->flags & PF_EXITING) {
		err = -ESRCH;
	} else {
		WRITE_ONCE(t->io_context, fresh);
		fresh = NULL;
	}
	task_unlock(t);
	kfree(fresh);
	return err;
}

/* fork: t is a copy of current and not yet running.  0 or -ENOMEM. */
int copy_io(u64 clone_flags, struct task_struct *t)
{
	struct io_context *ioc = current->io_context;

	t->io_context = NULL;
	if (!ioc)
		return 0;
	if (clone_flags & CLONE_IO) {
		refcount_inc(&ioc->count);
		t->io_context = ioc;
		return 0;
	}
	if (!READ_ONCE(ioc->ioprio))
		return 0;
	t->io_context = new_io_context(READ_ONCE(ioc->ioprio), GFP_KERNEL);
	return t->io_context ? 0 : -ENOMEM;
}

/* t submits no more I/O: it is PF_EXITING, or never ran. */
void exit_io_context(struct task_struct *t)
{
	struct io_context *ioc;

	task_lock(t);
	ioc = t->io_context;
	t->io_context = NULL;
	task_unlock(t);
	if (ioc && refcount_dec_and_test(&ioc->count))
		kfree(ioc);
}
