/* SPDX-License-Identifier: MIT */
/*
 * mq_notify.c -- mq_notify(3): tell a process that a message has come
 *
 * PROMISE.  One process at a time can ask; it is told once, when a message
 * arrives in the empty queue and nobody waits in mq_receive(), and then has to
 * ask again.
 *
 * NOT DONE.  SIGEV_THREAD: the C library asks for it with a netlink socket into
 * which the kernel puts 32 bytes, and there are no netlink sockets here; any
 * other descriptor is EBADF, as on Linux.
 *
 * SEE mq_notify(3), mqueue.c.
 */

#include "mqueue.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>

#define SIGEV_SIGNAL 0
#define SIGEV_NONE 1
#define SIGEV_THREAD 2

struct mq_sigevent {
	sigval_t value;
	int signo;
	int how;
	int pad[12];
};
static_assert(sizeof(struct mq_sigevent) == 64, "Linux ABI");

void mq_notify_forget(struct mq_inode *mq)
{
	put_pid(mq->notify.owner);
	mq->notify.owner = NULL;
}

static void send_signal(const struct mq_notify *n)
{
	siginfo_t info = {
		.si_signo = n->signo,
		.si_code = SI_MESGQ,
	};
	struct task_struct *t;

	info.si_pid = task_tgid_vnr(current);
	info.si_uid = current_uid();
	info.si_value = n->value;
	rcu_read_lock();
	t = pid_task(n->owner, PIDTYPE_TGID);
	/* A program that was executed since did not ask, and may be setuid. */
	if (t && n->signo && READ_ONCE(t->self_exec_id) == n->exec_id)
		do_send_sig_info(n->signo, &info, t, PIDTYPE_TGID);
	rcu_read_unlock();
}

/* The first message is in the queue, and nobody waited for it. */
void mq_notify_arrival(struct mq_inode *mq)
{
	if (!mq->notify.owner || mq->attr.mq_curmsgs != 1)
		return;
	if (mq->notify.how == SIGEV_SIGNAL)
		send_signal(&mq->notify);
	mq_notify_forget(mq);
}

static int check_event(const struct mq_sigevent *ev)
{
	if (ev->how != SIGEV_NONE && ev->how != SIGEV_SIGNAL &&
	    ev->how != SIGEV_THREAD)
		return -EINVAL;
	if (ev->how == SIGEV_SIGNAL && (ev->signo < 0 || ev->signo > NSIG))
		return -EINVAL;
	return ev->how == SIGEV_THREAD ? -EBADF : 0;
}

/* ev NULL: stop.  Locked. */
static int set_notify(struct mq_inode *mq, const struct mq_sigevent *ev)
{
	struct pid *me = task_tgid(current);

	if (!ev) {
		if (mq->notify.owner == me)
			mq_notify_forget(mq);
		return 0;
	}
	if (mq->notify.owner)
		return -EBUSY;
	mq->notify.owner = get_pid(me);
	mq->notify.exec_id = current->self_exec_id;
	mq->notify.how = ev->how;
	mq->notify.signo = ev->signo;
	mq->notify.value = ev->value;
	return 0;
}

SYSCALL_DEFINE2(mq_notify, int, fd, const struct mq_sigevent __user *, uev)
{
	struct mq_sigevent ev;
	struct mq_inode *mq;
	struct file *file;
	int err = 0;

	if (uev && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	if (uev)
		err = check_event(&ev);
	if (err)
		return err;
	file = fget(fd);
	if (!file)
		return -EBADF;
	err = -EBADF;
	if (file->f_op == &mqueue_fops) {
		mq = mq_of(file_inode(file));
		spin_lock(&mq->lock);
		err = set_notify(mq, uev ? &ev : NULL);
		spin_unlock(&mq->lock);
	}
	fput(file);
	return err;
}
