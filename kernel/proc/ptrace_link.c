/* SPDX-License-Identifier: MIT */
/*
 * ptrace_link.c -- who traces whom
 *
 * PROMISE.  A traced task's ->parent is its tracer, who gets its SIGCHLDs and
 * may wait for it; its real_parent learns of its end only after the tracer has
 * (or has let go).
 *
 * IDEA.  A tracer keeps its tracees on ->ptraced, beside ->children: a task may
 * be on one process's list of children and on another's list of tracees.
 *
 *	real_parent --children--> T <--ptraced-- tracer       T->parent == tracer
 *
 * INVARIANTS (tasklist_lock held).
 *   I1  t->ptrace != 0 exactly while t is on its t->parent's ->ptraced.
 *   I2  A dead tracer has an empty ->ptraced.
 *
 * LOCKING.  tasklist_lock for writing; siglock of the tracee inside it.
 *
 * SEE ptrace(2), docs/67-ptrace.md.
 */

#include <kernel/ptrace.h>

#include <kernel/cred.h>
#include <kernel/list.h>
#include <kernel/proc.h>
#include <kernel/task.h>

void ptrace_link(struct task_struct *child, struct task_struct *tracer,
		 const struct cred *cred)
{
	child->ptracer_cred = get_cred(cred);
	list_add(&child->ptrace_entry, &tracer->ptraced);
	child->parent = tracer;                                    /* I1 */
}

/*
 * What the tracer had asked for is undone, and the tracee goes to where it
 * would be without one: into the group's stop if there is one, or on.
 */
void ptrace_unlink(struct task_struct *child)
{
	struct signal_struct *sig = child->signal;
	const struct cred *cred = child->ptracer_cred;

	child->ptracer_cred = NULL;
	put_cred(cred);
	clear_ti_flag(child, TIF_SYSCALL_TRACE);
	clear_ti_flag(child, TIF_SYSCALL_EMU);
	rcu_assign_pointer(child->parent, child->real_parent);
	list_del_init(&child->ptrace_entry);
	spin_lock(&child->sighand->siglock);
	child->ptrace = 0;
	task_clear_jobctl_pending(child, JOBCTL_TRAP_MASK);
	child->jobctl &= ~(JOBCTL_TRAPPING | JOBCTL_LISTENING |
			   JOBCTL_PTRACE_FROZEN);
	if (!(child->flags & PF_EXITING) &&
	    ((sig->flags & SIGNAL_STOP_STOPPED) || sig->group_stop_count)) {
		child->jobctl |= JOBCTL_STOP_PENDING;
		if (!(child->jobctl & JOBCTL_STOP_SIGMASK))
			child->jobctl |= SIGSTOP;
	}
	if ((child->jobctl & JOBCTL_STOP_PENDING) || task_is_traced(child))
		ptrace_signal_wake_up(child, true);
	spin_unlock(&child->sighand->siglock);
}

void ptrace_init_task(struct task_struct *child, bool trace)
{
	if (!trace || !current->ptrace)
		return;
	child->ptrace = current->ptrace;
	ptrace_link(child, current->parent, current->ptracer_cred);
	if (child->ptrace & PT_SEIZED)
		task_set_jobctl_pending(child, JOBCTL_TRAP_STOP);
	else
		sigaddset(&child->pending.signal, SIGSTOP);
	set_ti_flag(child, TIF_SIGPENDING);
}

static bool ignores_children(struct task_struct *parent)
{
	struct sighand_struct *sighand = parent->sighand;
	struct sigaction *sa = &sighand->action[SIGCHLD - 1].sa;
	bool ignores;

	spin_lock(&sighand->siglock);
	ignores = sa->sa_handler == SIG_IGN || (sa->sa_flags & SA_NOCLDWAIT);
	spin_unlock(&sighand->siglock);
	return ignores;
}

bool ptrace_forget(struct task_struct *tracer, struct task_struct *child)
{
	bool dead;

	ptrace_unlink(child);
	if (child->exit_state != EXIT_ZOMBIE)
		return false;
	dead = !thread_group_leader(child);
	if (!dead && thread_group_empty(child)) {
		if (!same_thread_group(child->real_parent, tracer)) {
			dead = do_notify_parent(child, child->exit_signal);
		} else if (ignores_children(tracer)) {
			wake_up_interruptible(&tracer->signal->wait_chldexit);
			dead = true;
		}
	}
	if (dead)
		child->exit_state = EXIT_DEAD;
	return dead;
}

void exit_ptrace(struct task_struct *tracer, struct list_head *dead)
{
	struct task_struct *p, *n;

	list_for_each_entry_safe(p, n, &tracer->ptraced, ptrace_entry) {
		if (p->ptrace & PT_EXITKILL)
			send_sig_info(SIGKILL, SEND_SIG_PRIV, p);
		if (ptrace_forget(tracer, p))
			list_move(&p->sibling, dead);
	}                                                          /* I2 */
}
