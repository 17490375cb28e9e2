/* SPDX-License-Identifier: MIT */
#ifndef FS_VFS_NAMESPACE_H
#define FS_VFS_NAMESPACE_H
/* namespace.h -- what namespace.c does for the system calls on mounts */

#include "mount.h"

void lock_mounts(void);               /* namespace_sem for writing */
void unlock_mounts(void);

/* All with the lock held.  graft: -ENOENT, -ENOTDIR, -EINVAL. */
int graft_tree(struct mount *tree, const struct path *path);
int umount_if_idle(struct mount *m, bool lazy);
struct mount *copy_tree(struct mount *from, struct dentry *root, bool recurse);
void drop_tree(struct mount *tree);
void move_mount_to(struct mount *m, const struct path *path);
void swap_roots(struct mount *root, struct mount *new_root,
		const struct path *put_old, struct mnt_namespace *ns);
/* The mount behind m in a walk over root's subtree; NULL. */
struct mount *next_mount(struct mount *m, struct mount *root);
/* mount_lock held, too. */
void enter_namespace(struct mount *tree, struct mnt_namespace *ns);
void mount_cache_init(void);
int mnt_make_readonly(struct mount *m);       /* -EBUSY: has writers */

#endif
