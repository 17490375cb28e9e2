/* SPDX-License-Identifier: MIT */
/*
 * locks.c -- advisory locks on files: flock, fcntl, open file descriptions
 *
 * IDEA.  Three kinds of locks, two lists an inode.  flock locks whole files and
 * belong to the open file.  POSIX locks cover byte ranges and belong to the
 * process (its files_struct); OFD locks are POSIX locks that belong to the open
 * file.  Ranges of one owner never overlap: setting a lock first cuts its range
 * out of what the owner has there.
 *
 *	owner has    [===== read =====]
 *	sets            [write]            gives [=r][write][r=]
 *
 * INVARIANTS
 *   I1  On one inode, locks of different owners that overlap are all shared.
 *   I2  Ranges of one owner are disjoint.
 *
 * LOCKING.  flc_lock guards both lists.  Waiters sleep on one queue per inode
 * and look again.  blocked_lock guards the graph "who waits for whom", in which
 * a cycle among POSIX owners is -EDEADLK.  Order: blocked_lock, contexts_lock,
 * flc_lock.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <fs/proc_fs.h>
#include <kernel/bug.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

#define FL_FLOCK 1
#define FL_POSIX 2
#define FL_OFD 4

struct file_lock {
	struct list_head link;        /* [flc_lock] */
	void *owner;                  /* file or files_struct */
	struct file *file;
	int kind;                     /* FL_* */
	int type;                     /* F_RDLCK, F_WRLCK */
	pid_t pid;                    /* for F_GETLK and /proc/locks */
	loff_t start, end;            /* both included */
};

struct lock_context {
	struct file_lock_context c;
	wait_queue_head_t wait;
	struct inode *inode;          /* constant */
	struct list_head all;         /* [contexts_lock] */
};

static DEFINE_SPINLOCK(contexts_lock);
static LIST_HEAD(contexts);           /* for /proc/locks; */

/* An owner that sleeps, on whom, and what it wants; blocked_lock. */
struct blocked {
	struct list_head link;
	void *owner, *on;
	const struct file_lock *want;
	struct lock_context *ctx;
};

static struct kmem_cache *lock_cache __ro_after_init;
static DEFINE_SPINLOCK(blocked_lock);
static LIST_HEAD(blocked_list);

void locks_cache_init(void)
{
	lock_cache = KMEM_CACHE(file_lock, SLAB_PANIC);
}

static struct lock_context *get_context(struct inode *inode, bool create)
{
	struct lock_context *ctx = container_of(READ_ONCE(inode->i_flctx),
						struct lock_context, c);
	struct file_lock_context *none = NULL;

	if (READ_ONCE(inode->i_flctx) || !create)
		return READ_ONCE(inode->i_flctx) ? ctx : NULL;
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return NULL;
	spin_lock_init(&ctx->c.flc_lock);
	INIT_LIST_HEAD(&ctx->c.flc_flock);
	INIT_LIST_HEAD(&ctx->c.flc_posix);
	INIT_LIST_HEAD(&ctx->c.flc_lease);
	init_waitqueue_head(&ctx->wait);
	ctx->inode = inode;
	if (!try_cmpxchg(&inode->i_flctx, &none, &ctx->c)) {
		kfree(ctx);
		return container_of(none, struct lock_context, c);
	}
	spin_lock(&contexts_lock);
	list_add_tail(&ctx->all, &contexts);
	spin_unlock(&contexts_lock);
	return ctx;
}

struct file_lock_context *locks_get_lock_context(struct inode *inode)
{
	struct lock_context *ctx = get_context(inode, true);

	return ctx ? &ctx->c : NULL;
}

void locks_free_inode(struct inode *inode)
{
	struct lock_context *ctx = container_of(inode->i_flctx,
						struct lock_context, c);

	if (!inode->i_flctx)
		return;
	spin_lock(&contexts_lock);
	list_del(&ctx->all);
	spin_unlock(&contexts_lock);
	kfree(ctx);
	inode->i_flctx = NULL;
}

static bool overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static bool conflict(const struct file_lock *a, const struct file_lock *b)
{
	return a->owner != b->owner && overlap(a, b) &&
	       (a->type == F_WRLCK || b->type == F_WRLCK);
}

static struct file_lock *find_conflict(struct list_head *list,
				       const struct file_lock *want)
{
	struct file_lock *l;

	list_for_each_entry(l, list, link) {
		if (conflict(l, want))
			return l;
	}
	return NULL;
}

static void drop_lock(struct file_lock *l)
{
	list_del(&l->link);
	kmem_cache_free(lock_cache, l);
}

/* ---- deadlock among POSIX owners; blocked_lock held ---- */

static void *whom_waits(void *owner)
{
	struct blocked *b;

	list_for_each_entry(b, &blocked_list, link) {
		if (b->owner == owner)
			return b->on;
	}
	return NULL;
}

static bool would_deadlock(void *owner, void *on)
{
	int steps = 0;

	while (on && steps++ < 10) {
		if (on == owner)
			return true;
		on = whom_waits(on);
	}
	return false;
}

/* ---- setting ---- */

/*
 * Cut [want->start, want->end] out of what its owner has; flc_lock held.
 * *spare is used if a lock is cut in two, and is NULL afterwards.
 */
static bool cut_out(struct list_head *list, const struct file_lock *want,
		    struct file_lock **spare)
{
	struct file_lock *l, *next, *right;
	bool changed = false;

	list_for_each_entry_safe(l, next, list, link) {
		if (l->owner != want->owner || !overlap(l, want))
			continue;
		changed = true;
		if (l->start >= want->start && l->end <= want->end) {
			drop_lock(l);
		} else if (l->start < want->start && l->end > want->end) {
			right = *spare;
			*spare = NULL;
			*right = *l;
			right->start = want->end + 1;
			l->end = want->start - 1;
			list_add(&right->link, &l->link);
		} else if (l->start < want->start) {
			l->end = want->start - 1;
		} else {
			l->start = want->end + 1;
		}
	}
	return changed;
}

/* An owner's locks stand together, by place: F_GETLK tells the first. */
static void insert_sorted(struct list_head *list, struct file_lock *new)
{
	struct list_head *before = list;
	bool mine = false;
	struct file_lock *l;

	list_for_each_entry(l, list, link) {
		if (l->owner == new->owner) {
			mine = true;
			before = l->start < new->start ? l->link.next : &l->link;
			if (before == &l->link)
				break;
		} else if (mine) {
			break;
		}
	}
	list_add_tail(&new->link, before);
}

/* Join with neighbours of the same owner and type; flc_lock held. */
static void merge_neighbours(struct list_head *list, struct file_lock *new)
{
	struct file_lock *l, *next;

	list_for_each_entry_safe(l, next, list, link) {
		if (l == new || l->owner != new->owner || l->type != new->type)
			continue;
		if (l->end != S64_MAX && l->end + 1 == new->start)
			new->start = l->start;
		else if (new->end != S64_MAX && new->end + 1 == l->start)
			new->end = l->end;
		else
			continue;
		drop_lock(l);
	}
}

/* One try.  0, or -EAGAIN with *on the owner that is in the way. */
static int try_set(struct lock_context *ctx, struct list_head *list,
		   const struct file_lock *want, struct file_lock **new,
		   struct file_lock **spare, void **on)
{
	struct file_lock *in_way;
	bool woken;

	spin_lock(&ctx->c.flc_lock);
	in_way = want->type == F_UNLCK ? NULL : find_conflict(list, want);
	if (in_way) {
		*on = in_way->owner;
		spin_unlock(&ctx->c.flc_lock);
		return -EAGAIN;
	}
	woken = cut_out(list, want, spare);
	if (want->type != F_UNLCK) {
		**new = *want;
		insert_sorted(list, *new);
		merge_neighbours(list, *new);
		*new = NULL;
	}
	spin_unlock(&ctx->c.flc_lock);
	if (woken)
		wake_up_all(&ctx->wait);
	return 0;
}

/* What stands in the way of b, if anything does; it may change as we sleep. */
static bool still_blocked(struct blocked *b, struct list_head *list)
{
	struct file_lock *in_way;

	spin_lock(&blocked_lock);
	spin_lock(&b->ctx->c.flc_lock);
	in_way = find_conflict(list, b->want);
	if (in_way)
		b->on = in_way->owner;
	spin_unlock(&b->ctx->c.flc_lock);
	spin_unlock(&blocked_lock);
	return in_way;
}

/* Sleep until the lock may be free; 0, -EDEADLK, -ERESTARTSYS. */
static int wait_for_lock(struct lock_context *ctx, struct list_head *list,
			 const struct file_lock *want, void *on)
{
	struct blocked b = { .owner = want->owner, .on = on, .want = want,
			     .ctx = ctx };
	int err;

	spin_lock(&blocked_lock);
	if (want->kind == FL_POSIX && would_deadlock(want->owner, on)) {
		spin_unlock(&blocked_lock);
		return -EDEADLK;
	}
	list_add(&b.link, &blocked_list);
	spin_unlock(&blocked_lock);
	err = wait_event_interruptible(ctx->wait, !still_blocked(&b, list));
	spin_lock(&blocked_lock);
	list_del(&b.link);
	spin_unlock(&blocked_lock);
	return err;
}

static int set_lock(struct file *file, const struct file_lock *want, bool wait)
{
	struct lock_context *ctx = get_context(file_inode(file),
					       want->type != F_UNLCK);
	struct file_lock *new, *spare;
	struct list_head *list;
	void *on;
	int err;

	if (!ctx)
		return want->type == F_UNLCK ? 0 : -ENOLCK;
	list = want->kind == FL_FLOCK ? &ctx->c.flc_flock : &ctx->c.flc_posix;
	new = kmem_cache_alloc(lock_cache, GFP_KERNEL);
	spare = kmem_cache_alloc(lock_cache, GFP_KERNEL);
	err = -ENOLCK;
	if (!new || !spare)
		goto out;
	for (;;) {
		err = try_set(ctx, list, want, &new, &spare, &on);
		if (err != -EAGAIN || !wait)
			break;
		err = wait_for_lock(ctx, list, want, on);
		if (err)
			break;
	}
out:
	if (new)
		kmem_cache_free(lock_cache, new);
	if (spare)
		kmem_cache_free(lock_cache, spare);
	return err;
}

/* ---- letting go ---- */

static void remove_owned(struct inode *inode, void *owner, bool flocks)
{
	struct lock_context *ctx = get_context(inode, false);
	struct file_lock *l, *next;
	struct list_head *list;

	if (!ctx)
		return;
	list = flocks ? &ctx->c.flc_flock : &ctx->c.flc_posix;
	spin_lock(&ctx->c.flc_lock);
	list_for_each_entry_safe(l, next, list, link) {
		if (l->owner == owner)
			drop_lock(l);
	}
	spin_unlock(&ctx->c.flc_lock);
	wake_up_all(&ctx->wait);
}

/* Any close of a file drops all POSIX locks of the process on it. */
void locks_remove_posix(struct file *file, void *owner)
{
	if (READ_ONCE(file_inode(file)->i_flctx))
		remove_owned(file_inode(file), owner, false);
}

/* The last close drops those that belong to the open file. */
void locks_remove_file(struct file *file)
{
	leases_remove_file(file);
	if (!READ_ONCE(file_inode(file)->i_flctx))
		return;
	remove_owned(file_inode(file), file, false);
	remove_owned(file_inode(file), file, true);
}

/* ---- system calls ---- */

SYSCALL_DEFINE2(flock, unsigned int, fd, unsigned int, cmd)
{
	struct file_lock want = { .kind = FL_FLOCK, .end = S64_MAX };
	struct fd f;
	int err;

	switch (cmd & ~LOCK_NB) {
	case LOCK_SH:
		want.type = F_RDLCK;
		break;
	case LOCK_EX:
		want.type = F_WRLCK;
		break;
	case LOCK_UN:
		want.type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	want.owner = want.file = f.file;
	want.pid = current->tgid;
	err = set_lock(f.file, &want, !(cmd & LOCK_NB));
	fdput(f);
	return err;
}

/* The user's range, relative to something, in absolute bytes. */
static int range_of(struct file *file, const struct flock *fl,
		    struct file_lock *l)
{
	loff_t base = 0, start;

	if (fl->l_whence == SEEK_CUR)
		base = file->f_pos;
	else if (fl->l_whence == SEEK_END)
		base = i_size_read(file_inode(file));
	else if (fl->l_whence != SEEK_SET)
		return -EINVAL;
	if (__builtin_add_overflow(base, fl->l_start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	l->start = start;
	l->end = S64_MAX;
	if (fl->l_len > 0) {
		if (__builtin_add_overflow(start, fl->l_len - 1, &l->end))
			return -EOVERFLOW;
	} else if (fl->l_len < 0) {
		if (start + fl->l_len < 0)
			return -EINVAL;
		l->end = start - 1;
		l->start = start + fl->l_len;
	}
	return 0;
}

static void answer_getlk(struct flock *fl, const struct file_lock *l)
{
	fl->l_type = l->type;
	fl->l_whence = SEEK_SET;
	fl->l_start = l->start;
	fl->l_len = l->end == S64_MAX ? 0 : l->end - l->start + 1;
	fl->l_pid = l->kind == FL_OFD ? -1 : l->pid;
}

static int get_lock(struct file *file, const struct file_lock *want,
		    struct flock *fl)
{
	struct lock_context *ctx = get_context(file_inode(file), false);
	struct file_lock *l = NULL;

	if (ctx) {
		spin_lock(&ctx->c.flc_lock);
		l = find_conflict(&ctx->c.flc_posix, want);
		if (l)
			answer_getlk(fl, l);
		spin_unlock(&ctx->c.flc_lock);
	}
	if (!l)
		fl->l_type = F_UNLCK;
	return 0;
}

long do_fcntl_lock(unsigned int fd, struct file *file, unsigned int cmd,
		   unsigned long arg)
{
	bool ofd = cmd >= F_OFD_GETLK;
	bool get = cmd == F_GETLK || cmd == F_OFD_GETLK;
	struct file_lock want = { .kind = ofd ? FL_OFD : FL_POSIX };
	struct flock fl;
	int err;

	if (copy_from_user(&fl, (void __user *)arg, sizeof(fl)))
		return -EFAULT;
	if (fl.l_type != F_RDLCK && fl.l_type != F_WRLCK &&
	    (fl.l_type != F_UNLCK || get))
		return -EINVAL;
	if (ofd && fl.l_pid)
		return -EINVAL;
	err = range_of(file, &fl, &want);
	if (err)
		return err;
	want.type = fl.l_type;
	want.owner = ofd ? (void *)file : (void *)current->files;
	want.file = file;
	want.pid = current->tgid;
	if (get) {
		err = get_lock(file, &want, &fl);
		if (!err && copy_to_user((void __user *)arg, &fl, sizeof(fl)))
			err = -EFAULT;
		return err;
	}
	if ((want.type == F_RDLCK && !(file->f_mode & FMODE_READ)) ||
	    (want.type == F_WRLCK && !(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	err = set_lock(file, &want, cmd == F_SETLKW || cmd == F_OFD_SETLKW);
	/* Closed by another thread meanwhile: nobody would drop the lock. */
	if (!err && want.type != F_UNLCK && !ofd) {
		struct file *now = fget(fd);

		if (now != file)
			locks_remove_posix(file, current->files);
		if (now)
			fput(now);
	}
	return err;
}

/* ---- /proc/locks ---- */

static void show_lock(struct seq_file *m, const struct file_lock *l, int id,
		      bool waits, const struct inode *inode)
{
	seq_printf(m, "%d: %s%s", id, waits ? "-> " : "",
		   l->kind == FL_FLOCK ? "FLOCK  ADVISORY  "
		   : l->kind == FL_OFD ? "OFDLCK ADVISORY  "
				       : "POSIX  ADVISORY  ");
	seq_printf(m, "%s %d %02x:%02x:%lu ",
		   l->type == F_WRLCK ? "WRITE" : "READ",
		   l->kind == FL_OFD ? -1 : l->pid, MAJOR(inode->i_sb->s_dev),
		   MINOR(inode->i_sb->s_dev), inode->i_ino);
	if (l->end == S64_MAX)
		seq_printf(m, "%ld EOF\n", l->start);
	else
		seq_printf(m, "%ld %ld\n", l->start, l->end);
}

/* The lock, then those that wait for its owner there. */
static void show_with_waiters(struct seq_file *m, struct lock_context *ctx,
			      const struct file_lock *l, int id)
{
	struct blocked *b;

	show_lock(m, l, id, false, ctx->inode);
	list_for_each_entry(b, &blocked_list, link)
		if (b->ctx == ctx && b->on == l->owner && conflict(l, b->want))
			show_lock(m, b->want, id, true, ctx->inode);
}

static int show_locks(struct seq_file *m, void *v)
{
	struct lock_context *ctx;
	struct file_lock *l;
	int id = 1;

	spin_lock(&blocked_lock);
	spin_lock(&contexts_lock);
	list_for_each_entry(ctx, &contexts, all) {
		spin_lock(&ctx->c.flc_lock);
		list_for_each_entry(l, &ctx->c.flc_flock, link)
			show_with_waiters(m, ctx, l, id++);
		list_for_each_entry(l, &ctx->c.flc_posix, link)
			show_with_waiters(m, ctx, l, id++);
		spin_unlock(&ctx->c.flc_lock);
	}
	spin_unlock(&contexts_lock);
	spin_unlock(&blocked_lock);
	return 0;
}

static int locks_proc_init(void)
{
	proc_create_single("locks", 0444, NULL, show_locks);
	return 0;
}
late_initcall(locks_proc_init);
