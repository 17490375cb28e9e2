/* SPDX-License-Identifier: MIT */
/*
 * inotify_user.c -- the descriptor by which watches are set and events read
 *
 * A read takes whole events, the oldest first, as many as fit; it waits only
 * for the first.  Theory: inotify.c.  SEE inotify(7).
 */

#include "inotify.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <fs/sysctl.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <mm/uio.h>
#include <uapi/termios.h>

/* read(2)'s record (Linux ABI); the name follows, filled up with zeroes. */
struct inotify_event {
	__s32 wd;
	__u32 mask;
	__u32 cookie;
	__u32 len;
	char name[];
};

static_assert(sizeof(struct inotify_event) == 16, "Linux ABI");

/* ---- reading ---- */

static size_t record_size(const struct event *e)
{
	size_t name = e->name_len ? e->name_len + 1 : 0;

	return sizeof(struct inotify_event) +
	       ALIGN(name, sizeof(struct inotify_event));
}

/* The oldest event if it fits into room; NULL: none; ERR_PTR(-EINVAL). */
static struct event *take_event(struct group *g, size_t room)
{
	struct event *e = NULL;

	spin_lock(&g->lock);
	if (!list_empty(&g->events)) {
		e = list_first_entry(&g->events, struct event, link);
		if (record_size(e) > room) {
			e = ERR_PTR(-EINVAL);
		} else {
			list_del(&e->link);
			g->nr_events--;
		}
	}
	spin_unlock(&g->lock);
	return e;
}

static int put_event(const struct event *e, struct iov_iter *to)
{
	static const char zeroes[sizeof(struct inotify_event)];
	size_t size = record_size(e);
	struct inotify_event head = {
		.wd = e->wd, .mask = e->mask, .cookie = e->cookie,
		.len = size - sizeof(head) };
	size_t pad = head.len - e->name_len;

	if (copy_to_iter(&head, sizeof(head), to) != sizeof(head) ||
	    copy_to_iter(e->name, e->name_len, to) != e->name_len ||
	    copy_to_iter(zeroes, pad, to) != pad)
		return -EFAULT;
	return 0;
}

static ssize_t inotify_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct group *g = iocb->ki_filp->private_data;
	bool nowait = iocb->ki_filp->f_flags & O_NONBLOCK;
	ssize_t done = 0, err = 0;
	struct event *e;

	for (;;) {
		e = take_event(g, iov_iter_count(to));
		if (IS_ERR(e)) {
			err = PTR_ERR(e);
			break;
		}
		if (e) {
			err = put_event(e, to);
			if (!err)
				done += record_size(e);
			kfree(e);
			if (err)
				break;
			continue;
		}
		if (done)
			break;
		err = nowait ? -EAGAIN :
		      wait_event_interruptible(g->wait,
					       READ_ONCE(g->nr_events));
		if (err)
			break;
	}
	return done && err != -EFAULT ? done : err;
}

static __poll_t inotify_poll(struct file *file, poll_table *wait)
{
	struct group *g = file->private_data;

	poll_wait(file, &g->wait, wait);
	return READ_ONCE(g->nr_events) ? EPOLLIN | EPOLLRDNORM : 0;
}

static long inotify_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	struct group *g = file->private_data;
	struct event *e;
	int bytes = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	spin_lock(&g->lock);
	list_for_each_entry(e, &g->events, link)
		bytes += record_size(e);
	spin_unlock(&g->lock);
	return put_user(bytes, (int __user *)arg);
}

static int inotify_release(struct inode *inode, struct file *file)
{
	struct group *g = file->private_data;
	struct watch *w;
	int wd;

	for (;;) {
		wd = 0;
		mutex_lock(&inotify_watch_mutex);
		w = idr_get_next(&g->watches, &wd);
		if (w)
			inotify_kill_watch(w);
		mutex_unlock(&inotify_watch_mutex);
		if (!w)
			break;
		inotify_drop_killed(w);
	}
	inotify_put_group(g);
	return 0;
}

static void inotify_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct group *g = file->private_data;
	struct watch *w;
	int wd = 0;

	mutex_lock(&inotify_watch_mutex);
	while ((w = idr_get_next(&g->watches, &wd))) {
		seq_printf(m, "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:0\n",
			   w->wd, w->inode->i_ino, w->inode->i_sb->s_dev,
			   w->mask & (IN_ALL_EVENTS | IN_ONESHOT |
				      IN_EXCL_UNLINK));
		wd++;
	}
	mutex_unlock(&inotify_watch_mutex);
}

static const struct file_operations inotify_fops = {
	.read_iter = inotify_read,
	.poll = inotify_poll,
	.unlocked_ioctl = inotify_ioctl,
	.release = inotify_release,
	.show_fdinfo = inotify_show_fdinfo,
	.llseek = noop_llseek,
};

/* ---- limits ---- */

int inotify_max_queued_events = 16384;
int inotify_max_user_instances = 128;
int inotify_max_user_watches = 65536;

static const struct ctl_entry inotify_limits[] = {
	{ "fs/inotify", "max_queued_events", 0644,
	  .number = &inotify_max_queued_events, .max = INT_MAX },
	{ "fs/inotify", "max_user_instances", 0644,
	  .number = &inotify_max_user_instances, .max = INT_MAX },
	{ "fs/inotify", "max_user_watches", 0644,
	  .number = &inotify_max_user_watches, .max = INT_MAX },
};

static int inotify_init_limits(void)
{
	register_sysctls(inotify_limits, ARRAY_SIZE(inotify_limits));
	return 0;
}
fs_initcall(inotify_init_limits);

/* ---- system calls ---- */

static long do_inotify_init(int flags)
{
	struct user_struct *user = current_cred()->user;
	struct group *g;
	int fd;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	g->user = user;
	refcount_inc(&user->refs);
	refcount_set(&g->refs, 1);
	spin_lock_init(&g->lock);
	INIT_LIST_HEAD(&g->events);
	init_waitqueue_head(&g->wait);
	idr_init(&g->watches);
	if (atomic_inc_return(&user->inotify_groups) >
	    READ_ONCE(inotify_max_user_instances)) {
		inotify_put_group(g);
		return -EMFILE;
	}
	fd = anon_inode_getfd("inotify", &inotify_fops, g, O_RDONLY | flags);
	if (fd < 0)
		inotify_put_group(g);
	return fd;
}

SYSCALL_DEFINE1(inotify_init1, int, flags)
{
	return do_inotify_init(flags);
}

SYSCALL_DEFINE0(inotify_init)
{
	return do_inotify_init(0);
}

static long add_watch_by_path(struct group *g, const char __user *name,
			      u32 mask)
{
	unsigned lookup = (mask & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) |
			  (mask & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0);
	struct path path;
	long err = user_path_at(AT_FDCWD, name, lookup, &path);

	if (err)
		return err;
	err = inode_permission(d_inode(path.dentry), MAY_READ);
	if (!err)
		err = inotify_update_watch(g, d_inode(path.dentry), mask);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE3(inotify_add_watch, int, fd, const char __user *, name,
		u32, mask)
{
	struct fd f;
	long err = -EINVAL;

	if (!(mask & ALL_BITS) || ((mask & IN_MASK_ADD) &&
				   (mask & IN_MASK_CREATE)))
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (f.file->f_op == &inotify_fops)
		err = add_watch_by_path(f.file->private_data, name, mask);
	fdput(f);
	return err;
}

SYSCALL_DEFINE2(inotify_rm_watch, int, fd, int, wd)
{
	struct fd f = fdget(fd);
	struct watch *w = NULL;
	struct group *g;

	if (!f.file)
		return -EBADF;
	if (f.file->f_op == &inotify_fops) {
		g = f.file->private_data;
		mutex_lock(&inotify_watch_mutex);
		w = idr_find(&g->watches, wd);
		if (w)
			inotify_kill_watch(w);
		mutex_unlock(&inotify_watch_mutex);
	}
	if (w)
		inotify_drop_killed(w);
	fdput(f);
	return w ? 0 : -EINVAL;
}
