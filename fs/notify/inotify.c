/* SPDX-License-Identifier: MIT */
/*
 * inotify.c -- events on files and directories, read from a descriptor
 *
 * PROMISE.  After inotify_add_watch() returned, every event of its mask is in
 * the queue, in order, or a note that the queue was full.
 *
 * IDEA.  A watch joins an inode and a group (one inotify descriptor).  The VFS
 * tells of each event, after it happened: of a file to its own watches, with
 * its name to those of its directory.  A watch copies it into its group's
 * queue.
 *
 *	inode i_watches -> [watch] -> [watch]        by inode: found by the VFS
 *	                      |          |
 *	              group A: watches, events     group B: ...
 *
 * The price when nobody watches anything: one comparison an operation.
 *
 * INVARIANTS
 *   I1  A watch holds its inode, until it is taken off; then it is dead, its
 *       group has got IN_IGNORED, and no event follows.
 *   I2  A group's last event is IN_Q_OVERFLOW if one was lost.
 *
 * LOCKING.  inotify_watch_mutex: making and removing watches.  An inode's list
 * is read under RCU.  group->lock (innermost) guards the queue.  The inode's
 * reference is dropped without any of them.
 *
 * RACES.  Who walks an inode's list under RCU may meet a watch that is being
 * removed: it looks at `dead` under group->lock, where the remover sets it and
 * queues IN_IGNORED [a].
 *
 * NOT DONE.  fanotify.  dnotify.c is the other front end of these hooks.
 *
 * SEE inotify(7).
 */

#include <fs/fs.h>
#include <fs/fsnotify.h>
#include <kernel/bug.h>
#include <kernel/idr.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/rculist.h>
#include <kernel/rcupdate.h>
#include <kernel/refcount.h>
#include <mm/slab.h>

#include "inotify.h"

unsigned int fsnotify_watches;        /* [inotify_watch_mutex] */
DEFINE_MUTEX(inotify_watch_mutex);

void inotify_put_group(struct group *g)
{
	struct event *e, *next;

	if (!refcount_dec_and_test(&g->refs))
		return;
	list_for_each_entry_safe(e, next, &g->events, link)
		kfree(e);
	idr_destroy(&g->watches);
	atomic_dec(&g->user->inotify_groups);
	free_uid(g->user);
	kfree(g);
}

static void put_watch(struct watch *w)
{
	if (!refcount_dec_and_test(&w->refs))
		return;
	inotify_put_group(w->group);
	kfree_rcu(w, rcu);
}

/* ---- the queue ---- */

static bool same_event(const struct event *a, const struct event *b)
{
	return a->wd == b->wd && a->mask == b->mask &&
	       a->cookie == b->cookie && a->name_len == b->name_len &&
	       !memcmp(a->name, b->name, a->name_len);
}

/* Append e (consumed); group->lock held.  The same twice running is one. */
static void enqueue(struct group *g, struct event *e)
{
	struct event *last = list_empty(&g->events) ? NULL :
		list_last_entry(&g->events, struct event, link);

	if (last && (same_event(last, e) || last->mask == IN_Q_OVERFLOW)) {
		kfree(e);
		return;
	}
	if (g->nr_events >= (unsigned int)READ_ONCE(inotify_max_queued_events)) {
		/* I2 */
		e->wd = -1;
		e->mask = IN_Q_OVERFLOW;
		e->cookie = e->name_len = 0;
	}
	list_add_tail(&e->link, &g->events);
	g->nr_events++;
	wake_up_interruptible_poll(&g->wait, EPOLLIN | EPOLLRDNORM);
}

static struct event *make_event(int wd, u32 mask, const char *name, u32 len,
				u32 cookie, gfp_t gfp)
{
	struct event *e = kmalloc(sizeof(*e) + len + 1, gfp);

	if (!e)
		return NULL;
	*e = (struct event){ .wd = wd, .mask = mask, .cookie = cookie,
			     .name_len = len };
	memcpy(e->name, name, len);
	e->name[len] = 0;
	return e;
}

/* ---- watches; inotify_watch_mutex held ---- */

/* What any watch of the inode wants, so that the VFS need not look further. */
void inotify_sum_up(struct inode *inode)
{
	struct watch *w;
	u32 mask = dnotify_mask(inode);

	hlist_for_each_entry(w, &inode->i_watches, on_inode)
		mask |= w->mask;
	WRITE_ONCE(inode->i_watch_mask, mask & IN_ALL_EVENTS);
}

/* Take w off its inode and its group; the caller drops both references. */
void inotify_kill_watch(struct watch *w)
{
	struct event *e = make_event(w->wd, IN_IGNORED, "", 0, 0, GFP_KERNEL);
	struct group *g = w->group;

	hlist_del_init_rcu(&w->on_inode);
	inotify_sum_up(w->inode);
	idr_remove(&g->watches, w->wd);
	atomic_dec(&g->user->inotify_watches);
	fsnotify_watches--;
	spin_lock(&g->lock);
	w->dead = true;                                          /* [a] */
	if (e)
		enqueue(g, e);
	spin_unlock(&g->lock);
}

void inotify_drop_killed(struct watch *w)
{
	iput(w->inode);
	put_watch(w);
}

/* The same for one that may be dead already. */
static void remove_watch(struct watch *w)
{
	bool alive;

	mutex_lock(&inotify_watch_mutex);
	alive = !w->dead;
	if (alive)
		inotify_kill_watch(w);
	mutex_unlock(&inotify_watch_mutex);
	if (alive)
		inotify_drop_killed(w);
}

static struct watch *find_watch(struct group *g, struct inode *inode)
{
	struct watch *w;

	hlist_for_each_entry(w, &inode->i_watches, on_inode) {
		if (w->group == g)
			return w;
	}
	return NULL;
}

/* A new watch; its descriptor or -errno. */
static int new_watch(struct group *g, struct inode *inode, u32 mask)
{
	struct watch *w;

	if (atomic_read(&g->user->inotify_watches) >=
	    READ_ONCE(inotify_max_user_watches))
		return -ENOSPC;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->wd = idr_alloc_cyclic(&g->watches, w, 1, 0, GFP_KERNEL);
	if (w->wd < 0) {
		int err = w->wd;

		kfree(w);
		return err;
	}
	w->group = g;
	w->mask = mask;
	w->inode = inode;
	ihold(inode);
	refcount_inc(&g->refs);
	refcount_set(&w->refs, 1);
	atomic_inc(&g->user->inotify_watches);
	fsnotify_watches++;
	hlist_add_head_rcu(&w->on_inode, &inode->i_watches);
	inotify_sum_up(inode);
	return w->wd;
}

static int change_watch(struct watch *w, u32 mask, u32 arg)
{
	if (arg & IN_MASK_CREATE)
		return -EEXIST;
	w->mask = arg & IN_MASK_ADD ? w->mask | mask : mask;
	inotify_sum_up(w->inode);
	return w->wd;
}

int inotify_update_watch(struct group *g, struct inode *inode, u32 arg)
{
	u32 mask = (arg & (IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK)) |
		   IN_UNMOUNT;
	struct watch *w;
	int wd;

	mutex_lock(&inotify_watch_mutex);
	w = find_watch(g, inode);
	wd = w ? change_watch(w, mask, arg) : new_watch(g, inode, mask);
	mutex_unlock(&inotify_watch_mutex);
	return wd;
}

/* ---- what the VFS tells ---- */

u32 fsnotify_cookie(void)
{
	static atomic_t last = ATOMIC_INIT(0);

	return atomic_inc_return(&last);
}

/* One event for one watch, under RCU.  True: it was its last. */
static bool deliver(struct watch *w, u32 mask, const struct qstr *name,
		    u32 cookie)
{
	struct event *e = make_event(w->wd, mask,
				     name ? (const char *)name->name : "",
				     name ? name->len : 0, cookie, GFP_ATOMIC);
	bool last = false;

	spin_lock(&w->group->lock);
	if (e && !w->dead) {                                     /* [a] */
		enqueue(w->group, e);
		last = w->mask & IN_ONESHOT;
		e = NULL;
	}
	spin_unlock(&w->group->lock);
	kfree(e);
	return last;
}

/* Watches with a bit of `not` do not hear of it. */
static void tell_watches(struct inode *inode, u32 mask, u32 not,
			 const struct qstr *name, u32 cookie)
{
	struct watch *w, *done = NULL;

	if (!(READ_ONCE(inode->i_watch_mask) & mask))
		return;
	rcu_read_lock();
	hlist_for_each_entry_rcu(w, &inode->i_watches, on_inode) {
		if (!(READ_ONCE(w->mask) & mask & IN_ALL_EVENTS) ||
		    (READ_ONCE(w->mask) & not))
			continue;
		if (deliver(w, mask, name, cookie) && !done &&
		    refcount_inc_not_zero(&w->refs))
			done = w;
	}
	rcu_read_unlock();
	if (done) {
		remove_watch(done);
		put_watch(done);
	}
	dnotify_tell(inode, mask);
}

void __fsnotify(struct inode *inode, u32 mask, const struct qstr *name,
		u32 cookie)
{
	tell_watches(inode, mask, 0, name, cookie);
}

/*
 * The directory in which dentry stands, or stood until it was unlinked, hears
 * of it by name.
 */
static void tell_directory(struct dentry *dentry, u32 mask)
{
	struct dentry *parent;
	struct qstr name;
	bool watched;

	rcu_read_lock();
	parent = READ_ONCE(dentry->d_parent);
	watched = parent != dentry && d_inode(parent) &&
		  (READ_ONCE(d_inode(parent)->i_watch_mask) & mask);
	rcu_read_unlock();
	if (!watched)
		return;
	parent = dget_parent(dentry);
	name = take_dentry_name(dentry);
	if (name.name) {
		tell_watches(d_inode(parent), mask,
			     d_unlinked(dentry) ? IN_EXCL_UNLINK : 0, &name, 0);
		kfree(name.name);
	}
	dput(parent);
}

void __fsnotify_dentry(struct dentry *dentry, u32 mask)
{
	struct inode *inode = d_inode(dentry);

	if (!inode)
		return;
	if (S_ISDIR(inode->i_mode))
		mask |= IN_ISDIR;
	tell_directory(dentry, mask);
	__fsnotify(inode, mask, NULL, 0);
}

/* A last event for all of the inode's watches, which die. */
void __fsnotify_gone(struct inode *inode, u32 mask)
{
	struct watch *w;

	/* Of a removed directory Linux does not say that it was one. */
	if (mask == IN_UNMOUNT && S_ISDIR(inode->i_mode))
		mask |= IN_ISDIR;
	for (;;) {
		mutex_lock(&inotify_watch_mutex);
		w = hlist_entry_safe(inode->i_watches.first, struct watch,
				     on_inode);
		if (w) {
			if (w->mask & mask & ~IN_ISDIR)
				deliver(w, mask, NULL, 0);
			inotify_kill_watch(w);
		}
		mutex_unlock(&inotify_watch_mutex);
		if (!w)
			return;
		inotify_drop_killed(w);
	}
}

/* The volume goes; nobody opens anything on it any more. */
void fsnotify_unmount_inodes(struct super_block *sb)
{
	struct inode *inode, *held = NULL;

	if (fsnotify_idle())
		return;
	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list) {
		if (hlist_empty(&inode->i_watches))
			continue;
		ihold(inode);         /* its watch holds it: I1 */
		spin_unlock(&sb->s_inode_list_lock);
		iput(held);
		held = inode;
		__fsnotify_gone(inode, IN_UNMOUNT);
		spin_lock(&sb->s_inode_list_lock);
	}
	spin_unlock(&sb->s_inode_list_lock);
	iput(held);
}
