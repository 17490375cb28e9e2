/* SPDX-License-Identifier: MIT */
/*
 * rseq.c -- restartable sequences: per-CPU data without atomic instructions
 *
 * PROMISE.  A thread that was preempted, moved or signalled in a critical
 * section goes on at the section's abort address.  cpu_id is the CPU it runs
 * on.
 *
 * IDEA.  A program that updates a counter of its CPU needs to know that it was
 * not interrupted between reading the CPU's number and the last store.  It says
 * in a word where its section begins and ends; the kernel looks at that word
 * only on the way back to user mode, and only after something happened:
 *
 *	start:  rseq_cs = &section           what the kernel sees at return:
 *	        load cpu_id ...              ip in [start, commit) and an event?
 *	        store              <- commit    yes: ip = abort
 *	abort:  4 bytes of signature, then code that tries again
 *
 * The scheduler's part is one flag (rseq_note_event); everything that touches
 * user memory happens here, in the thread itself.
 *
 * A jump to any address would serve an attacker: so the four bytes before the
 * abort address must be the signature that was registered.
 *
 * RACES.
 *	this thread                     the scheduler, switching it out
 *	reads the event: none
 *	                                sets the event, TIF_NOTIFY_RESUME
 *	clears the event
 *
 * would lose it, and the section would go on with another CPU's number.  So it
 * is read and cleared in one step [a]: a switch before that is seen, and one
 * behind it leaves event and flag set: the way to user mode does not end before
 * they have been looked at.
 *
 * SEE rseq(2), docs/37-threads.md.
 */

#include <kernel/rseq.h>

#include <arch/ptrace.h>
#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/smp.h>
#include <kernel/syscall.h>
#include <uapi/rseq.h>

static int write_cpu_id(struct rseq __user *r, u32 start, u32 id)
{
	return put_user(start, &r->cpu_id_start) || put_user(id, &r->cpu_id) ?
	       -EFAULT : 0;
}

/* The section that the word names, checked; -EINVAL if it lies. */
static int read_section(u64 where, struct rseq_cs *cs)
{
	u32 sig;

	if (where >= TASK_SIZE_MAX)
		return -EINVAL;
	if (copy_from_user(cs, (void __user *)where, sizeof(*cs)))
		return -EFAULT;
	if (cs->version || cs->flags || cs->start_ip >= TASK_SIZE_MAX ||
	    cs->start_ip + cs->post_commit_offset >= TASK_SIZE_MAX ||
	    cs->start_ip + cs->post_commit_offset < cs->start_ip ||
	    cs->abort_ip >= TASK_SIZE_MAX ||
	    cs->abort_ip - cs->start_ip < cs->post_commit_offset)
		return -EINVAL;
	if (get_user(sig, (u32 __user *)(cs->abort_ip - sizeof(u32))))
		return -EFAULT;
	return sig == current->rseq_sig ? 0 : -EINVAL;
}

/* Was the thread in a section?  Then out of it, at its abort address. */
static int leave_section(struct pt_regs *regs, bool event)
{
	struct rseq __user *r = current->rseq;
	struct rseq_cs cs;
	bool inside;
	u64 where;
	u32 flags;
	int err;

	if (get_user(where, &r->rseq_cs))
		return -EFAULT;
	if (!where)
		return 0;
	err = read_section(where, &cs);
	if (err)
		return err;
	inside = instruction_pointer(regs) - cs.start_ip < cs.post_commit_offset;
	if (inside) {
		if (get_user(flags, &r->flags))
			return -EFAULT;
		if (flags)
			return -EINVAL;       /* flags that were given up */
		if (!event)
			return 0;
	}
	if (put_user((u64)0, &r->rseq_cs))
		return -EFAULT;
	if (inside)
		instruction_pointer_set(regs, cs.abort_ip);
	return 0;
}

/* ksig: the signal about to be delivered, or NULL. */
void __rseq_handle_notify_resume(struct ksignal *ksig, struct pt_regs *regs)
{
	struct task_struct *t = current;
	bool event;
	u32 cpu;

	if (t->flags & PF_EXITING)
		return;
	event = __atomic_exchange_n(&t->rseq_event, false, __ATOMIC_SEQ_CST) ||
		ksig;                                              /* [a] */
	cpu = raw_smp_processor_id();
	if (leave_section(regs, event) || write_cpu_id(t->rseq, cpu, cpu))
		force_sigsegv(ksig ? ksig->sig : 0);
}

static long rseq_unregister(struct rseq __user *r, u32 len, int flags, u32 sig)
{
	struct task_struct *t = current;

	if ((flags & ~RSEQ_FLAG_UNREGISTER) || !t->rseq || t->rseq != r ||
	    len != t->rseq_len)
		return -EINVAL;
	if (t->rseq_sig != sig)
		return -EPERM;
	if (write_cpu_id(r, 0, RSEQ_CPU_ID_UNINITIALIZED))
		return -EFAULT;
	rseq_execve(t);
	return 0;
}

SYSCALL_DEFINE4(rseq, struct rseq __user *, r, u32, len, int, flags, u32, sig)
{
	struct task_struct *t = current;

	if (flags & RSEQ_FLAG_UNREGISTER)
		return rseq_unregister(r, len, flags, sig);
	if (flags)
		return -EINVAL;
	if (t->rseq) {
		if (t->rseq != r || len != t->rseq_len)
			return -EINVAL;
		return t->rseq_sig != sig ? -EPERM : -EBUSY;
	}
	if ((unsigned long)r % __alignof__(*r) || len != sizeof(*r))
		return -EINVAL;
	if (!access_ok(r, len))
		return -EFAULT;
	t->rseq_len = len;
	t->rseq_sig = sig;
	t->rseq = r;
	rseq_note_event(t);           /* so that cpu_id is right at once */
	return 0;
}
