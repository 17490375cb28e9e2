/* SPDX-License-Identifier: MIT */
/*
 * mnt_ns.c -- a tree of mounts for each world: made, copied, taken down
 *
 * IDEA.  A new namespace gets a copy of the whole tree: other struct mounts,
 * the same volumes.  The root and working directory of the task that moves are
 * re-aimed at the twins of the mounts they stood in.
 *
 * LOCKING.  As namespace.c.
 */

#include "internal.h"
#include "namespace.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <kernel/nsproxy.h>
#include <kernel/panic.h>
#include <mm/slab.h>

#define FIRST_INUM 0xeffffff8u
#define DYNAMIC_INUM 0xf0000000u

struct mnt_namespace *current_mnt_ns(void)
{
	return current->nsproxy->mnt_ns;
}

void get_mnt_ns(struct mnt_namespace *ns)
{
	refcount_inc(&ns->count);
}

static struct mnt_namespace *alloc_mnt_ns(void)
{
	static atomic_t next = ATOMIC_INIT(0);
	struct mnt_namespace *ns = kzalloc(sizeof(*ns), GFP_KERNEL);

	if (!ns)
		return NULL;
	refcount_set(&ns->count, 1);
	INIT_LIST_HEAD(&ns->list);
	init_waitqueue_head(&ns->poll);
	ns->seq = atomic_inc_return(&next);
	/* Below those of the other kinds, or above them: fs/nsfs.c. */
	ns->inum = ns->seq == 1 ? FIRST_INUM : DYNAMIC_INUM + ns->seq;
	return ns;
}

/* The last task leaves: the whole tree goes.  May sleep. */
void put_mnt_ns(struct mnt_namespace *ns)
{
	if (!ns || !refcount_dec_and_test(&ns->count))
		return;
	lock_mounts();
	drop_tree(ns->root);
	unlock_mounts();
	kfree(ns);
}

/* The copied mount that stands where old does in the old tree. */
static struct mount *twin_of(struct mount *old, struct mount *old_root,
			     struct mount *new_root)
{
	struct mount *a = old_root, *b = new_root;

	while (a && b && a != old) {
		a = next_mount(a, old_root);
		b = next_mount(b, new_root);
	}
	return a == old ? b : NULL;
}

static void retarget_path(struct path *path, struct mount *old_root,
			  struct mount *new_root)
{
	struct mount *twin = twin_of(real_mount(path->mnt), old_root, new_root);

	if (!twin)
		return;
	mntget(&twin->mnt);
	mntput(path->mnt);
	path->mnt = &twin->mnt;
}

/* clone(CLONE_NEWNS), unshare: share, or copy the tree; ERR_PTR(-ENOMEM). */
struct mnt_namespace *copy_mnt_ns(unsigned long flags, struct mnt_namespace *ns,
				  struct fs_struct *new_fs)
{
	const unsigned long clone_newns = 0x00020000;
	struct mnt_namespace *new;
	struct mount *tree;

	if (!(flags & clone_newns)) {
		get_mnt_ns(ns);
		return ns;
	}
	new = alloc_mnt_ns();
	if (!new)
		return ERR_PTR(-ENOMEM);
	lock_mounts();
	tree = copy_tree(ns->root, ns->root->mnt.mnt_root, CLONE_AS_PEER, true,
			 true);
	if (IS_ERR(tree)) {
		unlock_mounts();
		kfree(new);
		return ERR_CAST(tree);
	}
	new->root = tree;
	write_seqlock(&mount_lock);
	enter_namespace(tree, new);
	write_sequnlock(&mount_lock);
	if (new_fs) {
		retarget_path(&new_fs->root, ns->root, tree);
		retarget_path(&new_fs->pwd, ns->root, tree);
	}
	unlock_mounts();
	return new;
}

/* Where its tree begins, below what was mounted on that; counted. */
void mnt_ns_root(struct mnt_namespace *ns, struct path *path)
{
	lock_mounts();
	path->mnt = &ns->root->mnt;
	path->dentry = path->mnt->mnt_root;
	path_get(path);
	unlock_mounts();
	follow_down(path);
}

/* ---- boot ---- */

/* Make the first volume and the first namespace; current becomes their user. */
void mnt_init(void)
{
	struct file_system_type *type;
	struct mnt_namespace *ns;
	struct vfsmount *mnt;
	struct path root;

	mount_cache_init();
	BUG_ON(rootfs_register());
	type = get_fs_type("rootfs");
	mnt = vfs_kern_mount(type, 0, "rootfs", NULL);
	if (IS_ERR(mnt))
		panic("VFS: cannot make the root: error %ld", PTR_ERR(mnt));
	ns = alloc_mnt_ns();
	BUG_ON(!ns);
	ns->root = real_mount(mnt);
	enter_namespace(ns->root, ns);
	init_nsproxy.mnt_ns = ns;
	root = (struct path){ .mnt = mnt, .dentry = mnt->mnt_root };
	set_fs_root(&init_fs, &root);
	set_fs_pwd(&init_fs, &root);
}
