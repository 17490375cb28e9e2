/* SPDX-License-Identifier: MIT */
#ifndef FS_VFS_NAMESPACE_H
#define FS_VFS_NAMESPACE_H
/*
 * namespace.h -- what the files on mounts do for each other
 *
 * namespace.c: one mount, the hash.  mount_tree.c: trees of them.  pnode.c:
 * peers and slaves.  mnt_ns.c: whole namespaces.  mount_syscalls.c: the calls.
 */

#include "mount.h"

void lock_mounts(void);               /* namespace_sem for writing */
void unlock_mounts(void);
/*
 * The same, and the inode of the place where something is to be mounted; *path
 * moves to the topmost mount there.  0, -ENOENT: it has been removed.
 */
int lock_mount(struct path *path);
void unlock_mount(const struct path *path);

/* How a copy of a mount stands to the original. */
enum clone_how {
	CLONE_AS_PEER,                /* the same group and master, if any */
	CLONE_AS_SLAVE,               /* a slave of the original's group */
	CLONE_AS_SHARED_SLAVE,        /* and with a group of its own */
	CLONE_PRIVATE,
};

/* ---- namespace.c ---- */

struct mount *clone_mount(struct mount *old, struct dentry *root,
			  enum clone_how how);
/* namespace_sem and mount_lock held for writing. */
void attach_mount(struct mount *m, struct mount *parent,
		  struct dentry *mountpoint);
/* The caller drops the counts of *oldp when the locks are released. */
void detach_mount(struct mount *m, struct path *oldp);
/* The mount behind m in a walk over root's subtree; NULL. */
struct mount *next_mount(struct mount *m, struct mount *root);
void enter_namespace(struct mount *tree, struct mnt_namespace *ns);
/* Tell those who poll its mounts, if it is one; mount_lock held. */
void touch_mnt_namespace(struct mnt_namespace *ns);
void mount_cache_init(void);

/* ---- mount_tree.c; all with namespace_sem held for writing ---- */

/* -ENOENT, -ENOTDIR, -EINVAL, -ENOSPC (too many), -ENOMEM. */
int graft_tree(struct mount *tree, const struct path *path);
int umount_if_idle(struct mount *m, bool lazy);
/* ERR_PTR; unbindable mounts stay out, or, with all, come along. */
struct mount *copy_tree(struct mount *from, struct dentry *root,
			enum clone_how how, bool recurse, bool all);
void drop_tree(struct mount *tree);
int move_mount_to(struct mount *m, const struct path *path);
void swap_roots(struct mount *root, struct mount *new_root,
		const struct path *put_old, struct mnt_namespace *ns);

/* ---- pnode.c; namespace_sem held for writing ---- */

void change_propagation(struct mount *m, int type); /* MS_SHARED, ... */
void share_like(struct mount *m, int group_id, int master_id);
int new_group_id(void);
/* Another mount in the set that hears of events at `from`; NULL: no more. */
struct mount *next_receiver(struct mount *from, struct mount *after);
/* Copies of tree for all that hear of `at`, each with its place, into *out. */
int propagate_mount(struct mount *tree, const struct path *at,
		    struct list_head *out);

int mnt_make_readonly(struct mount *m);       /* -EBUSY: has writers */

/* ---- mount_syscalls.c; namespace_sem held for writing ---- */

/* What of old is to be seen at another place; ERR_PTR(-EINVAL, -ENOMEM). */
struct mount *copy_for_bind(const struct path *old, bool recurse);
int check_move(const struct path *old, const struct path *path);
void set_mount_flags(struct mount *m, int flags);

/* ---- mount_setattr.c ---- */

/* MNT_* of MOUNT_ATTR_*; -EINVAL: two kinds of access times. */
int flags_of_attr(u64 attr);

/* ---- fsmount.c ---- */

/* A file that had a detached tree is closed; may sleep. */
void dissolve_on_fput(struct vfsmount *mnt);

#endif
