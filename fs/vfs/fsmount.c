/* SPDX-License-Identifier: MIT */
/*
 * fsmount.c -- trees of mounts that stand nowhere: fsmount(2), open_tree(2),
 * move_mount(2)
 *
 * PROMISE.  A volume can be mounted, changed and looked into before anybody
 * else can see it, and then appears at its place in one step.
 *
 * IDEA.  A tree of mounts needs no place to be walked in: a file opened with
 * O_PATH on its root is as good.  The file has the tree, so mnt_detached is set
 * in the mount at the top; move_mount() clears it as it hangs the tree, and if
 * the file is closed before that, the tree goes.
 *
 *	fsmount()  --->  [O_PATH file] ---> (top)---(below)   in no namespace
 *	move_mount(fd, "", AT_FDCWD, "/mnt")     ... now in ours
 *
 * INVARIANTS
 *   I1  A mount with mnt_detached has no parent and no namespace, and the count
 *       that a mount in a tree has for being there.
 *
 * LOCKING.  namespace_sem.
 *
 * SEE fsmount(2), move_mount(2); docs/88-new-mount-api.md.
 */

#include "fs_context.h"
#include "internal.h"
#include "namespace.h"

#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

void dissolve_on_fput(struct vfsmount *mnt)
{
	struct mount *m = real_mount(mnt);

	lock_mounts();
	if (m->mnt_detached) {
		m->mnt_detached = false;
		drop_tree(m);
	}
	unlock_mounts();
}

/* A descriptor on path; with `owns`, the file has the tree.  May sleep. */
static int path_fd(const struct path *path, bool owns, bool cloexec)
{
	int fd = get_unused_fd_flags(cloexec ? O_CLOEXEC : 0);
	struct file *file;

	if (fd < 0)
		return fd;
	file = dentry_open(path, O_PATH, current_cred());
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	if (owns)
		file->f_mode |= FMODE_NEED_UNMOUNT;
	fd_install(fd, file);
	return fd;
}

/* A descriptor that has the tree; without one, the tree goes. */
static int tree_fd(struct mount *top, bool cloexec)
{
	struct path path = { &top->mnt, top->mnt.mnt_root };
	int fd;

	top->mnt_detached = true;                                /* I1 */
	fd = path_fd(&path, true, cloexec);
	if (fd < 0)
		dissolve_on_fput(&top->mnt);
	return fd;
}

/* ---- fsmount ---- */

static int mount_created(struct fs_context *fc, int mnt_flags, bool cloexec)
{
	struct vfsmount *mnt = fc->mnt;

	if (fc->phase != FS_CONTEXT_AWAITING_MOUNT)
		return mnt || fc->root ? -EBUSY : -EINVAL;
	fc->mnt = NULL;
	fs_context_keep(fc, mnt->mnt_root);
	mnt->mnt_flags = mnt_flags;
	kfree(fc->data);
	fc->data = NULL;
	fc->used = fc->sb_flags = fc->sb_flags_mask = 0;
	return tree_fd(real_mount(mnt), cloexec);
}

SYSCALL_DEFINE3(fsmount, int, fs_fd, unsigned int, flags, unsigned int, attr)
{
	struct fs_context *fc;
	int mnt_flags, err;
	struct fd f;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~FSMOUNT_CLOEXEC)
		return -EINVAL;
	mnt_flags = flags_of_attr(attr);
	if (mnt_flags < 0)
		return mnt_flags;
	f = fdget(fs_fd);
	if (!f.file)
		return -EBADF;
	fc = fs_context_of(f.file);
	err = -EINVAL;
	if (fc) {
		mutex_lock(&fc->uapi_mutex);
		err = mount_created(fc, mnt_flags, flags & FSMOUNT_CLOEXEC);
		mutex_unlock(&fc->uapi_mutex);
	}
	fdput(f);
	return err;
}

/* ---- open_tree ---- */

static int open_copy(const struct path *path, bool recurse, bool cloexec)
{
	struct mount *top;

	lock_mounts();
	top = copy_for_bind(path, recurse);
	unlock_mounts();
	return IS_ERR(top) ? PTR_ERR(top) : tree_fd(top, cloexec);
}

SYSCALL_DEFINE3(open_tree, int, dfd, const char __user *, name, unsigned int,
		flags)
{
	bool clone = flags & OPEN_TREE_CLONE, cloexec;
	unsigned int lookup = LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT;
	struct path path;
	int err;

	if (flags & ~(AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE |
		      AT_SYMLINK_NOFOLLOW | OPEN_TREE_CLONE |
		      OPEN_TREE_CLOEXEC))
		return -EINVAL;
	if ((flags & AT_RECURSIVE) && !clone)
		return -EINVAL;
	if (clone && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & AT_SYMLINK_NOFOLLOW)
		lookup &= ~LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, lookup, &path);
	if (err)
		return err;
	cloexec = flags & OPEN_TREE_CLOEXEC;
	err = clone ? open_copy(&path, flags & AT_RECURSIVE, cloexec)
		    : path_fd(&path, false, cloexec);
	path_put(&path);
	return err;
}

/* ---- move_mount ---- */

/* A detached tree appears, or a mount goes, at `to`. */
static int move_to(const struct path *from, struct path *to)
{
	struct mount *m = real_mount(from->mnt);
	int err = lock_mount(to);

	if (err)
		return err;
	err = check_move(from, to);
	if (!err && real_mount(to->mnt)->mnt_ns != current_mnt_ns())
		err = -EINVAL;
	if (!err && m->mnt_detached) {
		err = graft_tree(m, to);
		if (!err)
			m->mnt_detached = false;
	} else if (!err) {
		err = move_mount_to(m, to);
	}
	unlock_mount(to);
	return err;
}

/* MOVE_MOUNT_SET_GROUP: `to` gets the peers and the master that `from` has. */
static int set_group(const struct path *from, const struct path *to)
{
	struct mount *f = real_mount(from->mnt), *t = real_mount(to->mnt);
	int err = -EINVAL;

	lock_mounts();
	if (f->mnt_ns && t->mnt_ns && from->dentry == from->mnt->mnt_root &&
	    to->dentry == to->mnt->mnt_root &&
	    from->mnt->mnt_sb == to->mnt->mnt_sb &&
	    is_subdir(to->mnt->mnt_root, from->mnt->mnt_root) &&
	    !t->mnt_group_id && !t->mnt_master_id &&
	    (f->mnt_group_id || f->mnt_master_id)) {
		share_like(t, f->mnt_group_id, f->mnt_master_id);
		err = 0;
	}
	unlock_mounts();
	return err;
}

static unsigned int move_lookup(unsigned int flags, unsigned int symlinks,
				unsigned int empty)
{
	return (flags & symlinks ? LOOKUP_FOLLOW : 0) |
	       (flags & empty ? LOOKUP_EMPTY : 0);
}

SYSCALL_DEFINE5(move_mount, int, from_dfd, const char __user *, from_name,
		int, to_dfd, const char __user *, to_name, unsigned int, flags)
{
	struct path from, to;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~MOVE_MOUNT__MASK)
		return -EINVAL;
	err = user_path_at(from_dfd, from_name,
			   move_lookup(flags, MOVE_MOUNT_F_SYMLINKS,
				       MOVE_MOUNT_F_EMPTY_PATH), &from);
	if (err)
		return err;
	err = user_path_at(to_dfd, to_name,
			   move_lookup(flags, MOVE_MOUNT_T_SYMLINKS,
				       MOVE_MOUNT_T_EMPTY_PATH), &to);
	if (!err) {
		err = flags & MOVE_MOUNT_SET_GROUP ? set_group(&from, &to)
						   : move_to(&from, &to);
		path_put(&to);
	}
	path_put(&from);
	return err;
}
