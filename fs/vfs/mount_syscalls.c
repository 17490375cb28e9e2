/* SPDX-License-Identifier: MIT */
/*
 * mount_syscalls.c -- mount(2), umount2(2), pivot_root(2)
 *
 * mount(2) is five calls in one, told apart by flags in this order: remount,
 * bind, propagation, move, and, without any of them, a new volume.
 */

#include "internal.h"
#include "namespace.h"

#include <arch/uaccess.h>
#include <fs/nsfs.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/nsproxy.h>
#include <kernel/syscall.h>
#include <mm/gfp.h>
#include <mm/slab.h>

static bool may_mount(void)
{
	return capable(CAP_SYS_ADMIN);
}

static int flags_of_mount(unsigned long ms)
{
	static const struct { unsigned long ms; int mnt; } map[] = {
		{ MS_NOSUID, MNT_NOSUID }, { MS_NODEV, MNT_NODEV },
		{ MS_NOEXEC, MNT_NOEXEC }, { MS_NOATIME, MNT_NOATIME },
		{ MS_NODIRATIME, MNT_NODIRATIME },
		{ MS_RDONLY, MNT_READONLY },
		{ MS_NOSYMFOLLOW, MNT_NOSYMFOLLOW },
	};
	int flags = ms & (MS_NOATIME | MS_STRICTATIME) ? 0 : MNT_RELATIME;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (ms & map[i].ms)
			flags |= map[i].mnt;
	return flags;
}

static int do_new_mount(struct path *path, const char *type_name, int sb_flags,
			int mnt_flags, const char *name, void *data)
{
	struct file_system_type *type;
	struct vfsmount *mnt;
	int err;

	if (!type_name)
		return -EINVAL;
	type = get_fs_type(type_name);
	if (!type)
		return -ENODEV;
	mnt = vfs_kern_mount(type, sb_flags, name, data);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	err = -EINVAL;
	if (mnt->mnt_sb->s_flags & SB_NOUSER)
		goto out_mount;
	mnt->mnt_flags = mnt_flags;
	err = lock_mount(path);
	if (err)
		goto out_mount;
	/* The same volume twice on top of itself is surely a mistake. */
	if (path->mnt->mnt_sb == mnt->mnt_sb &&
	    path->mnt->mnt_root == path->dentry)
		err = -EBUSY;
	else if (S_ISLNK(d_inode(mnt->mnt_root)->i_mode))
		err = -EINVAL;
	else
		err = graft_tree(real_mount(mnt), path);
	unlock_mount(path);
	if (!err)
		return 0;
out_mount:
	mntput(mnt);
	return err;
}

/* What of old is to be seen at the new place; namespace_sem held. */
struct mount *copy_for_bind(const struct path *old, bool recurse)
{
	struct mount *from = real_mount(old->mnt);

	/* A namespace's file is in no tree, and yet may get a name. */
	if ((from->mnt.mnt_flags & MNT_UNBINDABLE) ||
	    (!is_mounted(old->mnt) && !nsfs_dentry(old->dentry)))
		return ERR_PTR(-EINVAL);
	return copy_tree(from, old->dentry, CLONE_AS_PEER, recurse, false);
}

static int do_bind(struct path *path, const char *old_name, bool recurse)
{
	struct mount *tree;
	struct path old;
	int err;

	if (!old_name || !*old_name)
		return -EINVAL;
	err = kern_path(old_name, LOOKUP_FOLLOW, &old);
	if (err)
		return err;
	err = lock_mount(path);
	if (err)
		goto out_path;
	tree = is_mounted(path->mnt) ? copy_for_bind(&old, recurse)
				     : ERR_PTR(-EINVAL);
	err = PTR_ERR_OR_ZERO(tree);
	if (!err) {
		err = graft_tree(tree, path);
		if (err)
			drop_tree(tree);
	}
	unlock_mount(path);
out_path:
	path_put(&old);
	return err;
}

void set_mount_flags(struct mount *m, int flags)
{
	write_seqlock(&mount_lock);
	m->mnt.mnt_flags = flags | (m->mnt.mnt_flags & (MNT_INTERNAL |
							MNT_UNBINDABLE));
	touch_mnt_namespace(m->mnt_ns);
	write_sequnlock(&mount_lock);
}

static int do_remount(struct path *path, unsigned long ms, int sb_flags,
		      int mnt_flags, void *data)
{
	struct mount *m = real_mount(path->mnt);
	struct super_block *sb = path->mnt->mnt_sb;
	int err = 0;

	if (path->dentry != path->mnt->mnt_root ||
	    m->mnt_ns != current_mnt_ns())
		return -EINVAL;
	if (ms & MS_BIND) {           /* this mount only, not the volume */
		lock_mounts();
		if ((mnt_flags & MNT_READONLY) &&
		    !(m->mnt.mnt_flags & MNT_READONLY))
			err = mnt_make_readonly(m);
		if (!err)
			set_mount_flags(m, mnt_flags);
		unlock_mounts();
		return err;
	}
	down_write(&sb->s_umount);
	err = do_remount_sb(sb, sb_flags, data);
	if (!err)
		set_mount_flags(m, mnt_flags);
	up_write(&sb->s_umount);
	return err;
}

static bool has_unbindable(struct mount *tree)
{
	struct mount *m;

	for (m = tree; m; m = next_mount(m, tree))
		if (m->mnt.mnt_flags & MNT_UNBINDABLE)
			return true;
	return false;
}

/*
 * May the mount at old be moved to path, or the detached tree be hung there?
 * namespace_sem held.
 */
int check_move(const struct path *old, const struct path *path)
{
	struct mount *m = real_mount(old->mnt), *up;

	if (old->dentry != old->mnt->mnt_root || !is_mounted(path->mnt))
		return -EINVAL;
	if (!m->mnt_detached &&
	    (!mnt_has_parent(m) || m->mnt_ns != current_mnt_ns()))
		return -EINVAL;
	if (S_ISDIR(d_inode(path->dentry)->i_mode) !=
	    S_ISDIR(d_inode(old->dentry)->i_mode))
		return -EINVAL;
	/* It would have to be taken from its place's peers as well. */
	if (!m->mnt_detached && is_shared(m->mnt_parent))
		return -EINVAL;
	if (is_shared(real_mount(path->mnt)) && has_unbindable(m))
		return -EINVAL;
	for (up = real_mount(path->mnt); ; up = up->mnt_parent) {
		if (up == m)
			return -ELOOP;         /* not below itself */
		if (!mnt_has_parent(up))
			return 0;
	}
}

static int do_move(struct path *path, const char *old_name)
{
	struct path old;
	int err;

	if (!old_name || !*old_name)
		return -EINVAL;
	err = kern_path(old_name, LOOKUP_FOLLOW, &old);
	if (err)
		return err;
	err = lock_mount(path);
	if (!err) {
		err = check_move(&old, path);
		if (!err)
			err = move_mount_to(real_mount(old.mnt), path);
		unlock_mount(path);
	}
	path_put(&old);
	return err;
}

/* MS_SHARED and its kin, for one mount or, with MS_REC, all below it. */
static int do_propagation(struct path *path, unsigned long flags)
{
	const unsigned long types = MS_SHARED | MS_PRIVATE | MS_SLAVE |
				    MS_UNBINDABLE;
	struct mount *top = real_mount(path->mnt), *m;
	unsigned long type = flags & types;

	if (path->dentry != path->mnt->mnt_root)
		return -EINVAL;
	/* Exactly one of them, and nothing but MS_REC and MS_SILENT beside. */
	if ((type & (type - 1)) ||
	    (flags & ~(types | MS_REC | MS_SILENT)))
		return -EINVAL;
	lock_mounts();
	for (m = top; m; m = flags & MS_REC ? next_mount(m, top) : NULL)
		change_propagation(m, type);
	unlock_mounts();
	return 0;
}

/* The whole of mount(2), strings in kernel memory; data is text or NULL. */
long path_mount(const char *dev_name, struct path *path, const char *type,
		unsigned long flags, void *data)
{
	int mnt_flags, sb_flags;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~MS_MGC_MSK;
	if (flags & SB_NOUSER)
		return -EINVAL;
	if (!may_mount())
		return -EPERM;
	mnt_flags = flags_of_mount(flags);
	if ((flags & MS_REMOUNT) && !(flags & (MS_NOATIME | MS_NODIRATIME |
					       MS_RELATIME | MS_STRICTATIME)))
		mnt_flags = (mnt_flags & ~MNT_RELATIME) |
			    (path->mnt->mnt_flags &
			     (MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME));
	sb_flags = flags & (SB_RDONLY | SB_SYNCHRONOUS | SB_DIRSYNC |
			    SB_SILENT | SB_POSIXACL | SB_LAZYTIME |
			    SB_I_VERSION);
	if (flags & MS_REMOUNT)
		return do_remount(path, flags, sb_flags, mnt_flags, data);
	if (flags & MS_BIND)
		return do_bind(path, dev_name, flags & MS_REC);
	if (flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE))
		return do_propagation(path, flags);
	if (flags & MS_MOVE)
		return do_move(path, dev_name);
	return do_new_mount(path, type, sb_flags, mnt_flags, dev_name, data);
}

/* A string of the user, at most a page, or NULL; ERR_PTR. */
static char *copy_string(const char __user *s)
{
	char *buf;
	long n;

	if (!s)
		return NULL;
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	n = strncpy_from_user(buf, s, PAGE_SIZE);
	if (n >= 0 && n < (long)PAGE_SIZE)
		return buf;
	kfree(buf);
	return ERR_PTR(n < 0 ? n : -EINVAL);
}

static void free_string(char *s)
{
	if (!IS_ERR_OR_NULL(s))
		kfree(s);
}

SYSCALL_DEFINE5(mount, const char __user *, dev_name, const char __user *, dir,
		const char __user *, type, unsigned long, flags,
		void __user *, data)
{
	char *ktype = copy_string(type);
	char *kdev = copy_string(dev_name);
	char *kdata = copy_string(data);
	struct path path;
	long err;

	err = IS_ERR(ktype) ? PTR_ERR(ktype) : IS_ERR(kdev) ? PTR_ERR(kdev)
	    : IS_ERR(kdata) ? PTR_ERR(kdata) : 0;
	if (!err)
		err = user_path_at(AT_FDCWD, dir, LOOKUP_FOLLOW, &path);
	if (!err) {
		err = path_mount(kdev, &path, ktype, flags, kdata);
		path_put(&path);
	}
	free_string(kdata);
	free_string(kdev);
	free_string(ktype);
	return err;
}

/* ---- umount ---- */

static int do_umount(struct mount *m, int flags)
{
	int err = 0;

	if ((flags & MNT_FORCE) && m->mnt.mnt_sb->s_op->umount_begin)
		m->mnt.mnt_sb->s_op->umount_begin(m->mnt.mnt_sb);
	if (&m->mnt == current->fs->root.mnt && !(flags & MNT_DETACH)) {
		/* The root of the tree stays; it can only become read-only. */
		struct super_block *sb = m->mnt.mnt_sb;

		down_write(&sb->s_umount);
		if (!(sb->s_flags & SB_RDONLY))
			err = do_remount_sb(sb, SB_RDONLY, NULL);
		up_write(&sb->s_umount);
		return err;
	}
	lock_mounts();
	err = -EINVAL;
	if (!m->mnt_ns || m->mnt_ns != current_mnt_ns() || !mnt_has_parent(m))
		goto out_unlock;
	if (flags & MNT_EXPIRE) {
		err = -EAGAIN;
		if (!m->mnt_expired) {
			m->mnt_expired = true;
			goto out_unlock;
		}
	}
	err = umount_if_idle(m, flags & MNT_DETACH);
out_unlock:
	unlock_mounts();
	return err;
}

static int path_umount(struct path *path, int flags)
{
	if (path->dentry != path->mnt->mnt_root)
		return -EINVAL;
	if (!is_mounted(path->mnt))
		return -EINVAL;
	return do_umount(real_mount(path->mnt), flags);
}

static int umount_check(int flags)
{
	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	if ((flags & MNT_EXPIRE) && (flags & (MNT_FORCE | MNT_DETACH)))
		return -EINVAL;
	return may_mount() ? 0 : -EPERM;
}

/*
 * The path holds a count of the mount while we ask whether it is busy: that
 * one is expected.  The dentry goes first, for the volume may be shut down.
 */
static void put_umounted(struct path *path)
{
	dput(path->dentry);
	mntput(path->mnt);
}

SYSCALL_DEFINE2(umount2, const char __user *, name, int, flags)
{
	unsigned how = flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path path;
	int err = umount_check(flags);

	if (err)
		return err;
	err = user_path_at(AT_FDCWD, name, how, &path);
	if (err)
		return err;
	err = path_umount(&path, flags);
	put_umounted(&path);
	return err;
}

int init_umount(const char *name, int flags)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = path_umount(&path, flags);
	put_umounted(&path);
	return err;
}

/* ---- pivot_root ---- */

static int check_pivot(const struct path *new, const struct path *old,
		       const struct path *root)
{
	struct mount *new_mnt = real_mount(new->mnt);
	struct mount *root_mnt = real_mount(root->mnt);

	if (!is_mounted(new->mnt) || !is_mounted(root->mnt) ||
	    !is_mounted(old->mnt))
		return -EINVAL;
	if (d_unlinked(new->dentry) || d_unlinked(old->dentry))
		return -ENOENT;
	if (new_mnt == root_mnt || real_mount(old->mnt) == root_mnt)
		return -EBUSY;
	if (is_shared(real_mount(old->mnt)) || is_shared(new_mnt->mnt_parent) ||
	    is_shared(root_mnt->mnt_parent))
		return -EINVAL;
	if (root->mnt->mnt_root != root->dentry ||
	    new->mnt->mnt_root != new->dentry)
		return -EINVAL;
	if (!mnt_has_parent(root_mnt) || !mnt_has_parent(new_mnt))
		return -EINVAL;       /* the initial rootfs cannot be moved */
	if (!path_is_under(old, new) || !path_is_under(new, root))
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE2(pivot_root, const char __user *, new_root,
		const char __user *, put_old)
{
	const unsigned how = LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
	struct path new, old, root;
	int err;

	if (!may_mount())
		return -EPERM;
	err = user_path_at(AT_FDCWD, new_root, how, &new);
	if (err)
		return err;
	err = user_path_at(AT_FDCWD, put_old, how, &old);
	if (err)
		goto out_new;
	get_fs_root(current->fs, &root);
	lock_mounts();
	err = check_pivot(&new, &old, &root);
	if (!err) {
		swap_roots(real_mount(root.mnt), real_mount(new.mnt), &old,
			   current_mnt_ns());
		chroot_fs_refs(&root, &new);
	}
	unlock_mounts();
	path_put(&root);
	path_put(&old);
out_new:
	path_put(&new);
	return err;
}
