/* SPDX-License-Identifier: MIT */
/*
 * knode.c -- the names below /sys
 *
 * PROMISE.  When knode_remove() has returned, nobody is inside an attribute of
 * what was removed, and nobody will be: the driver may free its data, though
 * files on it are open and directories are somebody's cwd.
 *
 * IDEA.  A kobject's directory and each file in it is a node.  A node is small,
 * belongs to nobody's module, and has two counts.  `refs` keeps the node: an
 * inode, a dentry, an open file hold it for as long as they like.  `active`
 * keeps what the node points to, the kobject and its attribute, and is held
 * only while one of the attribute's functions runs:
 *
 *	open file --refs--> knode --active--> kobject, attribute
 *	  for hours                 for the time of one show()
 *
 * To remove is to subtract so much from `active` that it turns negative, which
 * no newcomer raises, and to wait until those inside are out.  This is why the
 * kernel never waits for a user who keeps a file open, and why he reads
 * -ENODEV afterwards.
 *
 * INVARIANTS.  I1 A removed node has only removed nodes below it, and gets no
 * new ones.  I2 `drained` of a node implies that of all below it.  I3 children
 * are in order of ino, which a reader's place in the directory relies on.
 *
 * LOCKING.  knode_rwsem for the tree; never held while waiting for `active`,
 * so attributes may make and remove other objects.
 *
 * RACES.  An attribute that removes its own object (echo 1 > remove) would wait
 * for itself.  knode_remove_self() first gives the caller's own active count
 * back [a], removes the one node, and takes a count again [b], which the
 * caller's own knode_put_active() expects; of two such callers one is told so.
 *
 * EXERCISES.  1. Why may knode_remove() not hold knode_rwsem while it waits?
 * 2. Two tasks remove a directory and one in it at once.  Which of them waits
 * for what, and why does neither return too early?
 */

#include <drivers/knode.h>

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/rwsem.h>
#include <mm/slab.h>

#define KNODE_DEAD INT_MIN
#define ROOT_INO 1
#define MAX_DEPTH 32

static DECLARE_RWSEM(knode_rwsem);
static DECLARE_WAIT_QUEUE_HEAD(drain_wait);

struct knode knode_root = {
	.kind = KN_DIR,
	.ino = ROOT_INO,
	.refs = REFCOUNT_INIT(1),
	.mode = 0555,
	.name = "",
	.sibling = LIST_HEAD_INIT(knode_root.sibling),
	.children = LIST_HEAD_INIT(knode_root.children),
	.poll = __WAIT_QUEUE_HEAD_INITIALIZER(knode_root.poll),
};

void knode_put(struct knode *kn)
{
	while (kn && refcount_dec_and_test(&kn->refs)) {
		struct knode *parent = kn->parent;

		if (kn->kind == KN_LINK)
			knode_put(kn->target);
		kfree(kn->name);
		kfree(kn);
		kn = parent;
	}
}

bool knode_get_active(struct knode *kn)
{
	return atomic_inc_unless_negative(&kn->active);
}

void knode_put_active(struct knode *kn)
{
	if (atomic_dec_return(&kn->active) == KNODE_DEAD)
		wake_up_all(&drain_wait);
}

/* ---- making ---- */

static struct knode *find_locked(struct knode *dir, const char *name,
				 size_t len)
{
	struct knode *kn;

	list_for_each_entry(kn, &dir->children, sibling)
		if (strlen(kn->name) == len && !memcmp(kn->name, name, len))
			return kn;
	return NULL;
}

static int link_node(struct knode *dir, struct knode *kn)
{
	static u64 last_ino = ROOT_INO;
	int err = 0;

	down_write(&knode_rwsem);
	if (dir->removed) {
		err = -ENOENT;
	} else if (find_locked(dir, kn->name, strlen(kn->name))) {
		err = -EEXIST;
	} else {
		kn->ino = ++last_ino;
		kn->parent = knode_get(dir);
		list_add_tail(&kn->sibling, &dir->children);
		dir->version++;
		if (kn->kind == KN_DIR)
			dir->nr_dirs++;
	}
	up_write(&knode_rwsem);
	return err;
}

struct knode *knode_create(struct knode *dir, const char *name,
			   enum knode_kind kind, umode_t mode,
			   struct kobject *kobj, const void *what)
{
	struct knode *kn = kzalloc(sizeof(*kn), GFP_KERNEL);
	int err = -ENOMEM;

	if (!kn)
		return ERR_PTR(-ENOMEM);
	kn->name = kstrdup(name, GFP_KERNEL);
	if (!kn->name)
		goto out_free;
	kn->kind = kind;
	kn->mode = mode & 07777;
	kn->kobj = kobj;
	refcount_set(&kn->refs, 1);
	INIT_LIST_HEAD(&kn->children);
	init_waitqueue_head(&kn->poll);
	if (kind == KN_LINK)
		kn->target = knode_get((struct knode *)what);
	else if (kind == KN_BIN)
		kn->battr = what;
	else
		kn->attr = what;
	err = link_node(dir, kn);
	if (!err)
		return kn;
	if (kind == KN_LINK)
		knode_put(kn->target);
	kfree(kn->name);
out_free:
	kfree(kn);
	return ERR_PTR(err);
}

/* ---- removing ---- */

/* The next node below top, parents first; NULL at the end. */
static struct knode *next_below(struct knode *kn, struct knode *top)
{
	if (!list_empty(&kn->children))
		return list_first_entry(&kn->children, struct knode, sibling);
	while (kn != top && list_is_last(&kn->sibling, &kn->parent->children))
		kn = kn->parent;
	return kn == top ? NULL : list_next_entry(kn, sibling);
}

/* Out of the parent's list; nobody enters it or what is below.  I1 */
static void unlink_locked(struct knode *top)
{
	struct knode *kn;

	list_del(&top->sibling);
	top->parent->version++;
	if (top->kind == KN_DIR)
		top->parent->nr_dirs--;
	for (kn = top; kn; kn = next_below(kn, top)) {
		atomic_add(KNODE_DEAD, &kn->active);
		WRITE_ONCE(kn->removed, true);
	}
}

/* Wait for those inside; the tree's reference goes.  Children first: I2 */
static void drain(struct knode *kn)
{
	wait_event(drain_wait, atomic_read(&kn->active) == KNODE_DEAD);
	wake_up_all(&kn->poll);
	WRITE_ONCE(kn->drained, true);
	wake_up_all(&drain_wait);
	knode_put(kn);
}

/* What is removed is only ours: readers look at `removed` first. */
static void drain_below(struct knode *top)
{
	struct knode *kn = top, *parent;

	for (;;) {
		while (!list_empty(&kn->children))
			kn = list_first_entry(&kn->children, struct knode,
					      sibling);
		if (kn == top)
			break;
		parent = kn->parent;
		list_del(&kn->sibling);
		drain(kn);
		kn = parent;
	}
	drain(top);
}

void knode_remove(struct knode *kn)
{
	bool first;

	if (!kn)
		return;
	knode_get(kn);
	down_write(&knode_rwsem);
	first = !kn->removed;
	if (first)
		unlink_locked(kn);
	up_write(&knode_rwsem);
	if (first)
		drain_below(kn);
	else
		wait_event(drain_wait, READ_ONCE(kn->drained));
	knode_put(kn);
}

void knode_remove_name(struct knode *dir, const char *name)
{
	struct knode *kn = knode_lookup(dir, name, strlen(name));

	knode_remove(kn);
	knode_put(kn);
}

bool knode_remove_self(struct knode *kn)
{
	bool first;

	knode_get(kn);
	knode_put_active(kn);                                  /* [a] */
	down_write(&knode_rwsem);
	first = !kn->removed;
	if (first)
		unlink_locked(kn);
	up_write(&knode_rwsem);
	if (first)
		drain_below(kn);
	atomic_inc(&kn->active);                               /* [b] */
	knode_put(kn);
	return first;
}

/* ---- changing ---- */

int knode_rename(struct knode *kn, const char *new_name)
{
	const char *name = kstrdup(new_name, GFP_KERNEL);
	int err = 0;

	if (!name)
		return -ENOMEM;
	down_write(&knode_rwsem);
	if (kn->removed) {
		err = -ENOENT;
	} else if (find_locked(kn->parent, name, strlen(name))) {
		err = -EEXIST;
	} else {
		swap(kn->name, name);
		kn->parent->version++;
	}
	up_write(&knode_rwsem);
	kfree(name);
	return err;
}

void knode_setattr(struct knode *kn, umode_t mode, uid_t uid, gid_t gid)
{
	down_write(&knode_rwsem);
	kn->mode = mode & 07777;
	kn->uid = uid;
	kn->gid = gid;
	up_write(&knode_rwsem);
}

void knode_notify(struct knode *kn)
{
	atomic_inc(&kn->event);
	wake_up_all(&kn->poll);
}

/* ---- looking ---- */

struct knode *knode_lookup(struct knode *dir, const char *name, size_t len)
{
	struct knode *kn = NULL;

	down_read(&knode_rwsem);
	if (!dir->removed)
		kn = knode_get(find_locked(dir, name, len));
	up_read(&knode_rwsem);
	return kn;
}

struct knode *knode_next(struct knode *dir, u64 ino, char *name, size_t size)
{
	struct knode *kn, *found = NULL;

	down_read(&knode_rwsem);
	if (!dir->removed) {
		list_for_each_entry(kn, &dir->children, sibling) {
			if (kn->ino < ino)
				continue;
			found = knode_get(kn);
			strscpy(name, kn->name, size);
			break;
		}
	}
	up_read(&knode_rwsem);
	return found;
}

bool knode_name_is(const struct knode *kn, const char *name, size_t len)
{
	bool same;

	down_read(&knode_rwsem);
	same = !kn->removed && strlen(kn->name) == len &&
	       !memcmp(kn->name, name, len);
	up_read(&knode_rwsem);
	return same;
}

/* The nodes from kn's parent up to the root, root first; how many. */
static int path_of(const struct knode *kn, const struct knode **path)
{
	int n = 0;

	for (const struct knode *k = kn; k; k = k->parent)
		if (n < MAX_DEPTH)
			path[n++] = k;
	for (int i = 0; i < n / 2; i++)
		swap(path[i], path[n - 1 - i]);
	return n;
}

/* Up from the link's directory to where both paths meet, and down again. */
int knode_link_text(const struct knode *link, char *buf, size_t size)
{
	const struct knode *from[MAX_DEPTH], *to[MAX_DEPTH];
	size_t len = 0;
	int nf, nt, same = 0;

	down_read(&knode_rwsem);
	nf = path_of(link->parent, from);
	nt = path_of(link->target, to);
	while (same < nf && same < nt && from[same] == to[same])
		same++;
	for (int i = same; i < nf; i++)
		len += scnprintf(buf + len, size - len, "../");
	for (int i = same; i < nt; i++)
		len += scnprintf(buf + len, size - len, "%s%s", to[i]->name,
				 i + 1 < nt ? "/" : "");
	up_read(&knode_rwsem);
	return len + 1 < size ? (int)len : -ENAMETOOLONG;
}
