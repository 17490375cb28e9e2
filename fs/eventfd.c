/* SPDX-License-Identifier: MIT */
/*
 * eventfd.c -- a counter that is a file
 *
 * PROMISE.  write adds, read takes all (or one, as a semaphore) and blocks at
 * zero; a write that would pass 2^64-2 blocks.
 *
 * LOCKING.  The wait queue's own lock guards the count, so that looking and
 * going to sleep are one step.
 */

#include <fs/eventfd.h>

#include <fs/fs.h>
#include <fs/poll.h>

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <mm/uio.h>

#define EFD_SEMAPHORE 1
#define EFD_MAX (U64_MAX - 1)

struct eventfd {
	wait_queue_head_t wqh;        /* its lock guards the fields below */
	u64 count;
	unsigned int flags;
};

static int eventfd_release(struct inode *inode, struct file *file)
{
	struct eventfd *e = file->private_data;

	wake_up_poll(&e->wqh, EPOLLHUP);
	kfree(e);
	return 0;
}

static __poll_t eventfd_poll(struct file *file, poll_table *wait)
{
	struct eventfd *e = file->private_data;
	__poll_t mask = 0;
	u64 count;

	poll_wait(file, &e->wqh, wait);
	count = READ_ONCE(e->count);
	if (count > 0)
		mask |= EPOLLIN;
	if (count == U64_MAX)
		mask |= EPOLLERR;
	if (count < EFD_MAX)
		mask |= EPOLLOUT;
	return mask;
}

/* Take from the counter; false if it is zero. */
static bool take(struct eventfd *e, u64 *value)
{
	unsigned long flags;
	bool ok;

	spin_lock_irqsave(&e->wqh.lock, flags);
	ok = e->count > 0;
	if (ok) {
		*value = e->flags & EFD_SEMAPHORE ? 1 : e->count;
		e->count -= *value;
		__wake_up_locked_key(&e->wqh, TASK_NORMAL,
				     poll_to_key(EPOLLOUT));
	}
	spin_unlock_irqrestore(&e->wqh.lock, flags);
	return ok;
}

/* Add to the counter; false if it would overflow. */
static bool add(struct eventfd *e, u64 value)
{
	unsigned long flags;
	bool ok;

	spin_lock_irqsave(&e->wqh.lock, flags);
	ok = value <= EFD_MAX - e->count;
	if (ok) {
		e->count += value;
		__wake_up_locked_key(&e->wqh, TASK_NORMAL,
				     poll_to_key(EPOLLIN));
	}
	spin_unlock_irqrestore(&e->wqh.lock, flags);
	return ok;
}

static ssize_t eventfd_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct eventfd *e = file->private_data;
	u64 value;
	int err;

	if (iov_iter_count(to) < sizeof(value))
		return -EINVAL;
	if (!take(e, &value)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(e->wqh, take(e, &value));
		if (err)
			return err;
	}
	if (copy_to_iter(&value, sizeof(value), to) != sizeof(value))
		return -EFAULT;
	return sizeof(value);
}

static ssize_t eventfd_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct eventfd *e = file->private_data;
	u64 value;
	int err;

	if (count < sizeof(value))
		return -EINVAL;
	if (copy_from_user(&value, buf, sizeof(value)))
		return -EFAULT;
	if (value == U64_MAX)
		return -EINVAL;
	if (!add(e, value)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(e->wqh, add(e, value));
		if (err)
			return err;
	}
	return sizeof(value);
}

static const struct file_operations eventfd_fops = {
	.release = eventfd_release,
	.poll = eventfd_poll,
	.read_iter = eventfd_read,
	.write = eventfd_write,
	.llseek = noop_llseek,
};

static long do_eventfd(unsigned int count, int flags)
{
	struct eventfd *e;
	int fd;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	init_waitqueue_head(&e->wqh);
	e->count = count;
	e->flags = flags;
	fd = anon_inode_getfd("[eventfd]", &eventfd_fops, e,
			      O_RDWR | (flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		kfree(e);
	return fd;
}

bool is_eventfd(const struct file *file)
{
	return file->f_op == &eventfd_fops;
}

void eventfd_signal_file(struct file *file, u64 n)
{
	struct eventfd *e = file->private_data;
	unsigned long flags;

	spin_lock_irqsave(&e->wqh.lock, flags);
	e->count += min(n, U64_MAX - e->count);
	__wake_up_locked_key(&e->wqh, TASK_NORMAL, poll_to_key(EPOLLIN));
	spin_unlock_irqrestore(&e->wqh.lock, flags);
}

SYSCALL_DEFINE2(eventfd2, unsigned int, count, int, flags)
{
	return do_eventfd(count, flags);
}

SYSCALL_DEFINE1(eventfd, unsigned int, count)
{
	return do_eventfd(count, 0);
}
