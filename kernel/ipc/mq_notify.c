/* SPDX-License-Identifier: MIT */
/*
 * mq_notify.c -- mq_notify(3): tell a process that a message has come
 *
 * PROMISE.  One process at a time can ask; it is told once, when a message
 * arrives in the empty queue and nobody waits in mq_receive(), and then has to
 * ask again.
 *
 * SIGEV_THREAD is the C library's business: it gives a netlink socket, in which
 * a thread of its own waits, and 32 bytes that the kernel sends there, the last
 * of them saying what has happened.
 *
 * SEE mq_notify(3), mqueue.c.
 */

#include "mqueue.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <net/netlink.h>
#include <net/sock.h>

#define SIGEV_SIGNAL 0
#define SIGEV_NONE 1
#define SIGEV_THREAD 2

#define COOKIE_BYTES 32
#define COOKIE_ARRIVED 1
#define COOKIE_REMOVED 2

struct mq_sigevent {
	sigval_t value;
	int signo;
	int how;
	int pad[12];
};
static_assert(sizeof(struct mq_sigevent) == 64, "Linux ABI");

static void send_cookie(struct mq_notify *n, u8 what)
{
	if (!n->sk)
		return;
	n->cookie->data[COOKIE_BYTES - 1] = what;
	netlink_sendskb(n->sk, n->cookie);
	sock_put(n->sk);
	n->sk = NULL;
}

/* Its thread, if there is one, learns that nothing will come. */
void mq_notify_forget(struct mq_inode *mq)
{
	send_cookie(&mq->notify, COOKIE_REMOVED);
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
	send_cookie(&mq->notify, COOKIE_ARRIVED);
	mq_notify_forget(mq);
}

static int check_event(const struct mq_sigevent *ev)
{
	if (ev->how != SIGEV_NONE && ev->how != SIGEV_SIGNAL &&
	    ev->how != SIGEV_THREAD)
		return -EINVAL;
	if (ev->how == SIGEV_SIGNAL && (ev->signo < 0 || ev->signo > NSIG))
		return -EINVAL;
	return 0;
}

/* The socket and the cookie of SIGEV_THREAD; may sleep. */
static int prepare_thread(struct mq_notify *n, const struct mq_sigevent *ev)
{
	const void __user *from = ev->value.sival_ptr;
	struct file *file;
	int err;

	n->cookie = alloc_skb(COOKIE_BYTES, GFP_KERNEL);
	if (!n->cookie)
		return -ENOMEM;
	err = -EFAULT;
	if (copy_from_user(skb_put(n->cookie, COOKIE_BYTES), from,
			   COOKIE_BYTES))
		goto out;
	err = -EBADF;
	file = fget(ev->signo);
	if (!file)
		goto out;
	n->sk = netlink_getsockbyfilp(file);
	fput(file);
	if (!IS_ERR(n->sk)) {
		netlink_skb_set_owner_r(n->cookie, n->sk);
		return 0;
	}
	err = PTR_ERR(n->sk);
	n->sk = NULL;
out:
	kfree_skb(n->cookie);
	return err;
}

/* Nobody took them. */
static void drop_thread(struct mq_notify *n)
{
	if (!n->sk)
		return;
	kfree_skb(n->cookie);
	sock_put(n->sk);
}

/* ev NULL: stop.  What it uses of `thread` it takes out.  Locked. */
static int set_notify(struct mq_inode *mq, const struct mq_sigevent *ev,
		      struct mq_notify *thread)
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
	mq->notify.sk = thread->sk;
	mq->notify.cookie = thread->cookie;
	thread->sk = NULL;
	return 0;
}

SYSCALL_DEFINE2(mq_notify, int, fd, const struct mq_sigevent __user *, uev)
{
	struct mq_notify thread = { .sk = NULL };
	struct mq_sigevent ev;
	struct mq_inode *mq;
	struct file *file;
	int err = 0;

	if (uev && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	if (uev)
		err = check_event(&ev);
	if (!err && uev && ev.how == SIGEV_THREAD)
		err = prepare_thread(&thread, &ev);
	if (err)
		return err;
	file = fget(fd);
	err = -EBADF;
	if (file && file->f_op == &mqueue_fops) {
		mq = mq_of(file_inode(file));
		spin_lock(&mq->lock);
		err = set_notify(mq, uev ? &ev : NULL, &thread);
		spin_unlock(&mq->lock);
	}
	drop_thread(&thread);
	if (file)
		fput(file);
	return err;
}
