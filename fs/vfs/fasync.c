/* SPDX-License-Identifier: MIT */
/*
 * fasync.c -- a signal when a descriptor becomes ready: O_ASYNC
 *
 * IDEA.  What can become ready (a pipe's end) keeps a list of the open files
 * whose owners want a signal; kill_fasync() walks it where the sleepers are
 * woken.  Whom the signal goes to, and which, is in the file (f_owner): SIGIO
 * to the process of F_SETOWN, or, after F_SETSIG, that signal with si_fd.
 *
 * LOCKING.  fasync_lock to change a list; kill_fasync() reads under RCU, and
 * takes f_owner.lock, tasklist_lock and siglock: from tasks and softirqs whose
 * locks come before those, never from a hard interrupt.  An entry whose file
 * has been closed has no file.
 *
 * SEE fcntl(2) "Managing signals".
 */

#include "internal.h"

#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/rcupdate.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <uapi/poll.h>

/* One open file on a list.  Field keys: [F] fasync_lock   [R] ... RCU to read */
struct fasync_struct {
	struct fasync_struct *next;   /* [R] */
	struct file *file;            /* [R] */
	int fd;                       /* [F] what si_fd says */
	struct rcu_head rcu;
};

static DEFINE_SPINLOCK(fasync_lock);

/* Off the list; true if it was on it. */
static bool remove_entry(struct file *file, struct fasync_struct **list)
{
	struct fasync_struct *e, **p;

	spin_lock(&fasync_lock);
	for (p = list; (e = *p); p = &e->next) {
		if (e->file != file)
			continue;
		WRITE_ONCE(e->file, NULL);
		rcu_assign_pointer(*p, e->next);
		kfree_rcu(e, rcu);
		break;
	}
	spin_unlock(&fasync_lock);
	return e != NULL;
}

/* On the list, once. */
static int add_entry(int fd, struct file *file, struct fasync_struct **list)
{
	struct fasync_struct *new = kzalloc(sizeof(*new), GFP_KERNEL), *e;

	if (!new)
		return -ENOMEM;
	spin_lock(&fasync_lock);
	for (e = *list; e && e->file != file; e = e->next)
		;
	if (e) {
		e->fd = fd;
	} else {
		new->file = file;
		new->fd = fd;
		new->next = *list;
		rcu_assign_pointer(*list, new);
	}
	spin_unlock(&fasync_lock);
	if (!e)
		return 1;
	kfree(new);
	return 0;
}

/* For ->fasync: 1 if the list changed, 0 if not, -ENOMEM.  May sleep. */
int fasync_helper(int fd, struct file *file, int on, struct fasync_struct **list)
{
	return on ? add_entry(fd, file, list) : remove_entry(file, list);
}

/* May the file's owner, as it was set, send that task a signal? */
static bool sigio_allowed(const struct fown_struct *own, struct task_struct *t)
{
	const struct cred *cred = __task_cred(t);

	return own->euid == 0 || own->euid == cred->suid ||
	       own->euid == cred->uid || own->uid == cred->suid ||
	       own->uid == cred->uid;
}

static void send_to_task(struct task_struct *t, const struct fown_struct *own,
			 int fd, int reason)
{
	static const long bands[] = {
		[POLL_IN] = EPOLLIN | EPOLLRDNORM,
		[POLL_OUT] = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND,
		[POLL_MSG] = EPOLLIN | EPOLLRDNORM | EPOLLMSG,
		[POLL_HUP] = EPOLLHUP | EPOLLERR,
	};
	siginfo_t info;

	if (!sigio_allowed(own, t))
		return;
	if (own->signum) {
		memset(&info, 0, sizeof(info));
		info.si_signo = own->signum;
		info.si_code = reason;
		info.si_band = bands[reason];
		info.si_fd = fd;
		if (!group_send_sig_info(own->signum, &info, t, own->pid_type))
			return;
	}
	/* No signal was chosen, or its queue is full. */
	group_send_sig_info(SIGIO, SEND_SIG_PRIV, t, own->pid_type);
}

static void send_sigurg_to(struct task_struct *t, const struct fown_struct *own,
			   int fd, int reason)
{
	if (sigio_allowed(own, t))
		group_send_sig_info(SIGURG, SEND_SIG_PRIV, t, own->pid_type);
}

/* Call fn for whoever owns the file.  Any context: sockets do so in softirqs */
static void for_owners(struct fown_struct *own, int fd, int reason,
		       void (*fn)(struct task_struct *t,
				  const struct fown_struct *own, int fd,
				  int reason))
{
	struct task_struct *t;
	unsigned long irq;

	spin_lock_irqsave(&own->lock, irq);
	if (own->pid && own->pid_type != PIDTYPE_PGID) {
		t = pid_task(own->pid, PIDTYPE_PID);
		if (t)
			fn(t, own, fd, reason);
	} else if (own->pid) {
		read_lock(&tasklist_lock);
		do_each_pid_task(own->pid, own->pid_type, t) {
			fn(t, own, fd, reason);
		} while_each_pid_task(own->pid, own->pid_type, t);
		read_unlock(&tasklist_lock);
	}
	spin_unlock_irqrestore(&own->lock, irq);
}

void send_sigio(struct fown_struct *own, int fd, int reason)
{
	for_owners(own, fd, reason, send_to_task);
}

/* Urgent data came.  False: nobody owns it. */
bool send_sigurg(struct fown_struct *own)
{
	bool owned = READ_ONCE(own->pid) != NULL;

	if (owned)
		for_owners(own, -1, 0, send_sigurg_to);
	return owned;
}

/* Tell all on the list; reason: POLL_IN, POLL_OUT, POLL_HUP. */
void kill_fasync(struct fasync_struct **list, int reason)
{
	struct fasync_struct *e;
	struct file *file;

	if (!READ_ONCE(*list))
		return;
	rcu_read_lock();
	for (e = rcu_dereference(*list); e; e = rcu_dereference(e->next)) {
		file = READ_ONCE(e->file);
		if (file)
			send_sigio(&file->f_owner, e->fd, reason);
	}
	rcu_read_unlock();
}
