/* SPDX-License-Identifier: MIT */
/*
 * mq_calls.c -- opening POSIX message queues, sending and receiving
 *
 * IDEA.  A sender that finds a receiver asleep puts the message into its hand;
 * a receiver that makes room in a full queue takes over the message of the
 * sender that waits first.  So who wakes is done, and nobody can come between.
 * Sleepers stand by the priority of their task, then by age.
 *
 * INVARIANTS, while mq->lock is free:
 *   I1  If a receiver waits, the queue is empty; if a sender waits, it is full.
 *   I2  A waiter is on its list until answered or until it gives up.
 *
 * SEE mq_send(3), mq_receive(3), mqueue.c.
 */

#include "mqueue.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <kernel/cred.h>
#include <kernel/hrtimer.h>
#include <kernel/ktime.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>
#include <uapi/time.h>

/* ---- names ---- */

static int make_queue(struct dentry *dir, struct dentry *d, umode_t mode,
		      struct mq_attr *attr)
{
	int err;

	d->d_fsdata = attr;
	err = vfs_create(d_inode(dir), d, mode & ~current_umask(), true);
	d->d_fsdata = NULL;
	return err;
}

/* Is the name's queue there, or may it be made?  The directory is locked. */
static int prepare_open(struct dentry *dir, struct dentry *d, int flags,
			umode_t mode, struct mq_attr *attr)
{
	static const int access[] = {
		[O_RDONLY] = MAY_READ,
		[O_WRONLY] = MAY_WRITE,
		[O_RDWR] = MAY_READ | MAY_WRITE,
	};

	if (!d_inode(d))
		return flags & O_CREAT ? make_queue(dir, d, mode, attr)
				       : -ENOENT;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	return inode_permission(d_inode(d), access[flags & O_ACCMODE]);
}

static struct file *open_queue(const char *name, int flags, umode_t mode,
			       struct mq_attr *attr)
{
	struct vfsmount *mnt = current_ipc_ns()->mq_mnt;
	struct dentry *dir = mnt->mnt_root;
	struct path path = { .mnt = mnt };
	struct file *file;
	int err;

	inode_lock(d_inode(dir));
	path.dentry = lookup_one_len(name, dir, strlen(name));
	if (IS_ERR(path.dentry)) {
		inode_unlock(d_inode(dir));
		return ERR_CAST(path.dentry);
	}
	err = prepare_open(dir, path.dentry, flags, mode, attr);
	inode_unlock(d_inode(dir));
	file = err ? ERR_PTR(err)
		   : dentry_open(&path, flags & ~(O_CREAT | O_EXCL),
				 current_cred());
	dput(path.dentry);
	return file;
}

SYSCALL_DEFINE4(mq_open, const char __user *, uname, int, flags, umode_t, mode,
		struct mq_attr __user *, uattr)
{
	struct mq_attr attr;
	struct filename *name;
	struct file *file;
	int fd;

	if (uattr && copy_from_user(&attr, uattr, sizeof(attr)))
		return -EFAULT;
	name = getname(uname);
	if (IS_ERR(name))
		return PTR_ERR(name);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd >= 0) {
		file = open_queue(name->name, flags, mode,
				  uattr ? &attr : NULL);
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	putname(name);
	return fd;
}

SYSCALL_DEFINE1(mq_unlink, const char __user *, uname)
{
	struct dentry *dir = current_ipc_ns()->mq_mnt->mnt_root, *d;
	struct filename *name = getname(uname);
	struct inode *inode = NULL;
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	inode_lock(d_inode(dir));
	d = lookup_one_len(name->name, dir, strlen(name->name));
	err = PTR_ERR_OR_ZERO(d);
	if (!err) {
		inode = d_inode(d);
		if (inode)
			ihold(inode);
		err = inode ? vfs_unlink(d_inode(dir), d) : -ENOENT;
		dput(d);
	}
	inode_unlock(d_inode(dir));
	iput(inode);                  /* its end, outside of the lock */
	putname(name);
	return err;
}

/* ---- waiting ---- */

/* The queue behind fd, open in that mode; *file is to be put.  ERR_PTR. */
static struct mq_inode *queue_of(int fd, fmode_t mode, struct file **file)
{
	struct file *f = fget(fd);

	if (!f)
		return ERR_PTR(-EBADF);
	if (f->f_op != &mqueue_fops || (mode && !(f->f_mode & mode))) {
		fput(f);
		return ERR_PTR(-EBADF);
	}
	*file = f;
	return mq_of(file_inode(f));
}

static void add_waiter(struct mq_inode *mq, int which, struct mq_waiter *w)
{
	struct mq_waiter *other;

	list_for_each_entry(other, &mq->waiters[which], link)
		if (other->task->prio > w->task->prio) {
			list_add_tail(&w->link, &other->link);
			return;
		}
	list_add_tail(&w->link, &mq->waiters[which]);
}

static struct mq_waiter *first_waiter(struct mq_inode *mq, int which)
{
	return list_first_entry_or_null(&mq->waiters[which], struct mq_waiter,
					link);
}

static void answer(struct mq_waiter *w, struct mq_msg *msg)
{
	list_del_init(&w->link);
	w->msg = msg;
	wake_up_process(w->task);
}

/* Locked before and after.  0: answered; -ETIMEDOUT, -ERESTARTSYS. */
static int wait_in_queue(struct mq_inode *mq, int which, struct mq_waiter *w,
			 ktime_t *expires)
{
	int timed_out = 0;

	add_waiter(mq, which, w);
	while (!list_empty(&w->link) && !signal_pending(current) &&
	       !timed_out) {
		__set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&mq->lock);
		timed_out = !schedule_hrtimeout_range_clock(expires, 0,
				HRTIMER_MODE_ABS, CLOCK_REALTIME);
		spin_lock(&mq->lock);
	}
	if (list_empty(&w->link))
		return 0;
	list_del_init(&w->link);                                   /* I2 */
	return signal_pending(current) ? -ERESTARTSYS : -ETIMEDOUT;
}

/* The deadline in *expires; NULL in *when: none. */
static int get_deadline(const struct timespec64 __user *u, ktime_t *expires,
			ktime_t **when)
{
	struct timespec64 ts;

	*when = NULL;
	if (!u)
		return 0;
	if (get_timespec64(&ts, u))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	*expires = timespec64_to_ktime(ts);
	*when = expires;
	return 0;
}

/* ---- sending ---- */

static struct mq_msg *load_msg(const char __user *text, size_t size,
			       unsigned int prio)
{
	struct mq_msg *msg = kvmalloc(sizeof(*msg) + size, GFP_KERNEL);

	if (!msg)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(msg->text, text, size)) {
		kvfree(msg);
		return ERR_PTR(-EFAULT);
	}
	msg->size = size;
	msg->prio = prio;
	return msg;
}

/* Consumes msg if it returns 0. */
static int do_send(struct mq_inode *mq, struct mq_msg *msg, bool nonblock,
		   ktime_t *expires)
{
	struct mq_waiter self = { .task = current, .msg = msg }, *receiver;
	int err = 0;

	spin_lock(&mq->lock);
	receiver = first_waiter(mq, MQ_RECEIVERS);
	if (receiver) {
		answer(receiver, msg);                             /* I1 */
	} else if (mq->attr.mq_curmsgs < mq->attr.mq_maxmsg) {
		mq_insert(mq, msg);
		mq_notify_arrival(mq);
		wake_up_interruptible_poll(&mq->poll_wait,
					   EPOLLIN | EPOLLRDNORM);
	} else if (nonblock) {
		err = -EAGAIN;
	} else {
		err = wait_in_queue(mq, MQ_SENDERS, &self, expires);
	}
	if (!err)
		mq_touch(mq, false);
	spin_unlock(&mq->lock);
	return err;
}

SYSCALL_DEFINE5(mq_timedsend, int, fd, const char __user *, text, size_t, size,
		unsigned int, prio, const struct timespec64 __user *, timeout)
{
	ktime_t expires, *when;
	struct mq_inode *mq;
	struct mq_msg *msg;
	struct file *file;
	int err = get_deadline(timeout, &expires, &when);

	if (err)
		return err;
	if (prio >= MQ_PRIO_MAX)
		return -EINVAL;
	mq = queue_of(fd, FMODE_WRITE, &file);
	if (IS_ERR(mq))
		return PTR_ERR(mq);
	err = -EMSGSIZE;
	if (size <= (size_t)mq->attr.mq_msgsize) {
		msg = load_msg(text, size, prio);
		err = PTR_ERR_OR_ZERO(msg);
		if (!err) {
			err = do_send(mq, msg, file->f_flags & O_NONBLOCK,
				      when);
			if (err)
				kvfree(msg);
		}
	}
	fput(file);
	return err;
}

/* ---- receiving ---- */

/* A place is free: the sender that waits first gets it.  Locked. */
static void let_sender_in(struct mq_inode *mq)
{
	struct mq_waiter *sender = first_waiter(mq, MQ_SENDERS);

	if (sender) {
		mq_insert(mq, sender->msg);                        /* I1 */
		answer(sender, NULL);
		return;
	}
	wake_up_interruptible_poll(&mq->poll_wait, EPOLLOUT | EPOLLWRNORM);
}

static struct mq_msg *do_receive(struct mq_inode *mq, bool nonblock,
				 ktime_t *expires)
{
	struct mq_waiter self = { .task = current };
	int err = 0;

	spin_lock(&mq->lock);
	if (mq->attr.mq_curmsgs) {
		self.msg = mq_take(mq);
		let_sender_in(mq);
	} else if (nonblock) {
		err = -EAGAIN;
	} else {
		err = wait_in_queue(mq, MQ_RECEIVERS, &self, expires);
	}
	if (!err)
		mq_touch(mq, true);
	spin_unlock(&mq->lock);
	return err ? ERR_PTR(err) : self.msg;
}

SYSCALL_DEFINE5(mq_timedreceive, int, fd, char __user *, text, size_t, size,
		unsigned int __user *, uprio,
		const struct timespec64 __user *, timeout)
{
	ktime_t expires, *when;
	struct mq_inode *mq;
	struct mq_msg *msg;
	struct file *file;
	long ret = get_deadline(timeout, &expires, &when);

	if (ret)
		return ret;
	mq = queue_of(fd, FMODE_READ, &file);
	if (IS_ERR(mq))
		return PTR_ERR(mq);
	if (size < (size_t)mq->attr.mq_msgsize) {
		fput(file);
		return -EMSGSIZE;
	}
	msg = do_receive(mq, file->f_flags & O_NONBLOCK, when);
	fput(file);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	ret = msg->size;
	if ((uprio && put_user(msg->prio, uprio)) ||
	    copy_to_user(text, msg->text, msg->size))
		ret = -EFAULT;
	kvfree(msg);
	return ret;
}

/* ---- attributes ---- */

SYSCALL_DEFINE3(mq_getsetattr, int, fd, const struct mq_attr __user *, unew,
		struct mq_attr __user *, uold)
{
	struct mq_attr new, old;
	struct mq_inode *mq;
	struct file *file;

	if (unew && copy_from_user(&new, unew, sizeof(new)))
		return -EFAULT;
	if (unew && (new.mq_flags & ~O_NONBLOCK))
		return -EINVAL;
	mq = queue_of(fd, 0, &file);
	if (IS_ERR(mq))
		return PTR_ERR(mq);
	spin_lock(&mq->lock);
	old = mq->attr;
	old.mq_flags = file->f_flags & O_NONBLOCK;
	spin_unlock(&mq->lock);
	if (unew) {
		spin_lock(&file->f_lock);
		if (new.mq_flags & O_NONBLOCK)
			file->f_flags |= O_NONBLOCK;
		else
			file->f_flags &= ~O_NONBLOCK;
		spin_unlock(&file->f_lock);
	}
	fput(file);
	if (uold && copy_to_user(uold, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}
