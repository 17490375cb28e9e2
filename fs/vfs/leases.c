/* SPDX-License-Identifier: MIT */
/*
 * leases.c -- F_SETLEASE: to be told before somebody else opens a file
 *
 * PROMISE.  Who holds a read lease on a file knows that nobody has it open for
 * writing; who holds a write lease, that nobody else has it open at all.  An
 * open or truncate(2) that would change that waits until the holder, who gets a
 * signal, lets go or takes less; after lease_break_time seconds it goes ahead.
 *
 * IDEA.  A broken lease remembers what it is to become.  An inode's leases are
 * on a list beside its locks; an open of a file that has none looks at a
 * pointer or two.
 *
 * RACES.
 *	opener                          holder
 *	counts itself (write count)     puts the lease on the list   [c]
 *	looks for leases  [b]           looks who has the file open  [d]
 *
 * With a full barrier between the two steps on each side, at least one sees the
 * other: the open breaks the lease, or the lease is refused.
 *
 * LOCKING.  lease_lock guards all lists and the leases' fields; innermost but
 * for what kill_fasync() takes.
 *
 * SEE fcntl(2) "Leases".
 */

#include "internal.h"

#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/timer.h>
#include <kernel/wait.h>
#include <mm/slab.h>
#include <uapi/poll.h>

#define NOT_BROKEN (-1)

/* Field keys: [c] constant   [L] lease_lock */
struct lease {
	struct list_head link;        /* [L] in the inode's flc_lease */
	struct file *file;            /* [c] not counted: it goes first */
	int type;                     /* [L] F_RDLCK, F_WRLCK */
	int becomes;                  /* [L] F_RDLCK, F_UNLCK; NOT_BROKEN */
	bool ends;                    /* [L] there is a deadline, */
	unsigned long deadline;       /* [L] in jiffies: then it is made so */
	struct fasync_struct *fasync; /* whom to tell, once on the list */
};

static DEFINE_SPINLOCK(lease_lock);
static DECLARE_WAIT_QUEUE_HEAD(lease_wait);
int lease_break_time = 45;            /* s; fs.lease-break-time; 0: wait on */

static bool has_leases(const struct inode *inode)
{
	struct file_lock_context *ctx = READ_ONCE(inode->i_flctx);

	return ctx && !list_empty(&ctx->flc_lease);
}

/* For an inode that has had locks or leases. */
static struct list_head *leases_of(const struct inode *inode)
{
	return &inode->i_flctx->flc_lease;
}

static struct lease *find_lease(const struct file *file)
{
	struct lease *l;

	if (!has_leases(file_inode(file)))
		return NULL;
	list_for_each_entry(l, leases_of(file_inode(file)), link)
		if (l->file == file)
			return l;
	return NULL;
}

static void free_lease(struct lease *l)
{
	fasync_helper(0, l->file, 0, &l->fasync);
	kfree(l);
}

/* Off the list; lease_lock held.  The caller frees it without the lock. */
static void unlink_lease(struct lease *l)
{
	list_del(&l->link);
	wake_up_all(&lease_wait);
}

/* ---- taking and giving back ---- */

/* Does somebody have the file open as a lease of that type forbids? */
static bool open_elsewhere(const struct file *file, int type)
{
	struct inode *inode = file_inode(file);
	struct dentry *d = file_dentry(file);
	int holders = 1;

	if (type == F_RDLCK)
		return atomic_read(&inode->i_writecount) > 0;
	/* What lives in the dcache alone is held there by its name. */
	if (inode->i_sb->s_type->kill_sb == kill_litter_super && !d_unhashed(d))
		holders++;
	return READ_ONCE(d->d_count) > holders ||
	       atomic_read(&inode->i_count) > 1;
}

/* Another lease on the inode that does not go with this one; lock held. */
static bool leases_clash(const struct file *file, int type)
{
	struct lease *l;

	list_for_each_entry(l, leases_of(file_inode(file)), link) {
		if (l->file == file)
			continue;
		if (type == F_WRLCK || l->becomes == F_UNLCK ||
		    l->type == F_WRLCK)
			return true;
	}
	return false;
}

/* Put it on the list, or change the one there; lease_lock held. */
static int enter(struct file *file, int type, struct lease **new)
{
	struct lease *old = find_lease(file), *l = old ? old : *new;

	if (old && old->becomes != NOT_BROKEN && type != old->becomes)
		return -EAGAIN;
	if (!old) {
		list_add_tail(&l->link, leases_of(file_inode(file))); /* [c] */
		smp_mb();
	}
	if (leases_clash(file, type) || open_elsewhere(file, type)) { /* [d] */
		if (!old)
			unlink_lease(l);
		return -EAGAIN;
	}
	l->type = type;
	l->becomes = NOT_BROKEN;
	if (!old)
		*new = NULL;
	wake_up_all(&lease_wait);
	return 0;
}

static int take_lease(unsigned int fd, struct file *file, int type)
{
	struct lease *new = kzalloc(sizeof(*new), GFP_KERNEL);
	int err;

	if (!new || !locks_get_lock_context(file_inode(file))) {
		kfree(new);
		return -ENOMEM;
	}
	new->file = file;
	new->type = type;
	new->becomes = NOT_BROKEN;
	err = fasync_helper(fd, file, 1, &new->fasync);
	if (err >= 0) {
		spin_lock(&lease_lock);
		err = enter(file, type, &new);
		spin_unlock(&lease_lock);
	}
	if (!err)
		f_setown_if_none(file);
	if (new)
		free_lease(new);
	return err;
}

static int give_back(struct file *file)
{
	struct lease *l;

	spin_lock(&lease_lock);
	l = find_lease(file);
	if (l)
		unlink_lease(l);
	spin_unlock(&lease_lock);
	if (!l)
		return -EAGAIN;
	free_lease(l);
	return 0;
}

/* F_SETLEASE: -EAGAIN, -EACCES, -EINVAL, -ENOMEM. */
int fcntl_setlease(unsigned int fd, struct file *file, int type)
{
	struct inode *inode = file_inode(file);

	if (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK)
		return -EINVAL;
	if (current_fsuid() != inode->i_uid && !capable(CAP_LEASE))
		return -EACCES;
	if (!S_ISREG(inode->i_mode))
		return -EINVAL;
	return type == F_UNLCK ? give_back(file) : take_lease(fd, file, type);
}

/* F_GETLEASE: what it is, or what it is to become. */
int fcntl_getlease(struct file *file)
{
	int type = F_UNLCK;
	struct lease *l;

	spin_lock(&lease_lock);
	l = find_lease(file);
	if (l)
		type = l->becomes == NOT_BROKEN ? l->type : l->becomes;
	spin_unlock(&lease_lock);
	return type;
}

/* The file is being closed for good. */
void leases_remove_file(struct file *file)
{
	if (unlikely(has_leases(file_inode(file))))
		give_back(file);
}

/* ---- breaking ---- */

static bool in_the_way(const struct lease *l, bool write)
{
	return write || l->type == F_WRLCK;
}

/* Its holder is told for the first time: how long may he take? */
static void set_deadline(struct lease *l)
{
	int seconds = READ_ONCE(lease_break_time);

	l->ends = seconds > 0;
	l->deadline = jiffies + (unsigned long)seconds * HZ;
}

/* Tell holders; jiffies to wait for the last of them, 0: nobody is there. */
static long break_all(struct inode *inode, bool write)
{
	int becomes = write ? F_UNLCK : F_RDLCK;
	struct lease *l;
	long wait = 0;

	spin_lock(&lease_lock);
	list_for_each_entry(l, leases_of(inode), link) {
		if (!in_the_way(l, write))
			continue;
		if (l->becomes == NOT_BROKEN)
			set_deadline(l);
		if (l->becomes != becomes && l->becomes != F_UNLCK) {
			l->becomes = becomes;
			kill_fasync(&l->fasync, POLL_MSG);
		}
		wait = max(wait, !l->ends ? MAX_SCHEDULE_TIMEOUT :
			   max(1L, (long)(l->deadline - jiffies)));
	}
	spin_unlock(&lease_lock);
	return wait;
}

static bool is_leased(struct inode *inode, bool write)
{
	struct lease *l;
	bool found = false;

	spin_lock(&lease_lock);
	list_for_each_entry(l, leases_of(inode), link)
		found |= in_the_way(l, write);
	spin_unlock(&lease_lock);
	return found;
}

/* Time is up: what was asked for is done to one of them; false: to none. */
static bool enforce_one(struct inode *inode, bool write)
{
	struct lease *l, *gone = NULL;
	bool found = false;

	spin_lock(&lease_lock);
	list_for_each_entry(l, leases_of(inode), link) {
		if (!in_the_way(l, write) || l->becomes == NOT_BROKEN)
			continue;
		found = true;
		if (l->becomes == F_UNLCK) {
			gone = l;
			unlink_lease(l);
		} else {
			l->type = l->becomes;
			l->becomes = NOT_BROKEN;
		}
		break;
	}
	spin_unlock(&lease_lock);
	if (gone)
		free_lease(gone);
	return found;
}

static int do_break(struct inode *inode, unsigned int flags)
{
	bool write = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);
	long left;

	while ((left = break_all(inode, write))) {
		if (flags & O_NONBLOCK)
			return -EWOULDBLOCK;
		left = wait_event_interruptible_timeout(lease_wait,
				!is_leased(inode, write), left);
		if (left < 0)
			return left;
		while (!left && enforce_one(inode, write))
			;
	}
	return 0;
}

/* Before a regular file is opened or truncated; may sleep, even for long. */
int break_lease(struct inode *inode, unsigned int flags)
{
	smp_mb();
	if (likely(!has_leases(inode)))                          /* [b] */
		return 0;
	return do_break(inode, flags);
}
