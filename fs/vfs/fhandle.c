/* SPDX-License-Identifier: MIT */
/*
 * fhandle.c -- name_to_handle_at(2), open_by_handle_at(2)
 *
 * PROMISE.  A handle names a file for as long as it exists, under whatever
 * name, over remounts and reboots; a file that takes its inode number later is
 * another one (-ESTALE).
 *
 * IDEA.  The handle is the inode's number and its generation, which grows each
 * time the number is given out.  From an inode back to a dentry: one that is in
 * memory will do.  A file may have an anonymous one, but a directory must hang
 * in the tree, for ".." must work in it.  So its parents are asked for with
 * "..", up to one that has a dentry, and from there the names are looked up
 * that lead down, found by reading each directory for the inode number:
 *
 *	/ (dentry)            a: the nearest with a dentry is found by ".."
 *	  `- ? -- dir         b: "/" is read for dir's number; its name looked up
 *
 * LOCKING.  None here: a rename between two steps makes us try again.
 *
 * SEE open_by_handle_at(2); docs/89-leases-and-handles.md.
 */

#include "internal.h"
#include "mount.h"

#include <arch/uaccess.h>
#include <fs/exportfs.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

#define TRIES 8
#define NARROW_WORDS 2                /* number, generation */
#define WIDE_WORDS 3                  /* generation, number, its upper half */

struct file_handle {
	u32 handle_bytes;
	s32 handle_type;
};

/* ---- from a file to its handle ---- */

/* Words of the handle, written if there is room for them. */
static u32 encode(const struct inode *inode, u32 *words, u32 room)
{
	bool wide = inode->i_sb->s_export_op->wide;
	u32 need = wide ? WIDE_WORDS : NARROW_WORDS;

	if (room < need)
		return need;
	if (wide) {
		words[0] = inode->i_generation;
		words[1] = inode->i_ino;
		words[2] = (u64)inode->i_ino >> 32;
	} else {
		words[0] = inode->i_ino;
		words[1] = inode->i_generation;
	}
	return need;
}

static long handle_of(const struct path *path,
		      struct file_handle __user *uhandle, int __user *mnt_id)
{
	u32 words[WIDE_WORDS], need, copied = 0;
	struct file_handle h;

	if (!path->mnt->mnt_sb->s_export_op)
		return -EOPNOTSUPP;
	if (copy_from_user(&h, uhandle, sizeof(h)))
		return -EFAULT;
	if (h.handle_bytes > MAX_HANDLE_SZ)
		return -EINVAL;
	need = encode(d_inode(path->dentry), words, h.handle_bytes / 4) * 4;
	h.handle_type = FILEID_INO32_GEN;
	if (need <= h.handle_bytes)
		copied = need;
	h.handle_bytes = need;
	if (put_user(real_mount(path->mnt)->mnt_id, mnt_id) ||
	    copy_to_user(uhandle, &h, sizeof(h)) ||
	    copy_to_user(uhandle + 1, words, copied))
		return -EFAULT;
	return copied ? 0 : -EOVERFLOW;
}

SYSCALL_DEFINE5(name_to_handle_at, int, dfd, const char __user *, name,
		struct file_handle __user *, handle, int __user *, mnt_id,
		int, flags)
{
	unsigned int lookup = flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0;
	struct path path;
	long err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, lookup, &path);
	if (err)
		return err;
	err = handle_of(&path, handle, mnt_id);
	path_put(&path);
	return err;
}

/* ---- from an inode to a dentry ---- */

struct name_search {
	struct dir_context ctx;
	u64 ino;
	char name[NAME_MAX + 1];
	int len;                      /* 0: not found yet */
};

static bool is_the_one(struct dir_context *ctx, const char *name, int len,
		       loff_t pos, u64 ino, unsigned type)
{
	struct name_search *s = container_of(ctx, struct name_search, ctx);

	if (ino != s->ino || len > NAME_MAX || (name[0] == '.' &&
	    (len == 1 || (len == 2 && name[1] == '.'))))
		return true;
	memcpy(s->name, name, len);
	s->len = len;
	return false;
}

/* Read the directory at `parent` for a name of child: 0, -ESTALE, ... */
static int find_name(const struct path *parent, struct inode *child,
		     struct name_search *s)
{
	struct file *dir = dentry_open(parent, O_RDONLY | O_DIRECTORY,
				       current_cred());
	int err;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	s->ctx = (struct dir_context){ .actor = is_the_one };
	s->ino = child->i_ino;
	s->len = 0;
	err = iterate_dir(dir, &s->ctx);
	fput(dir);
	return err ? err : s->len ? 0 : -ESTALE;
}

/* Give the directory child a dentry below `parent`, its parent's. */
static int hang_below(struct vfsmount *mnt, struct dentry *parent,
		      struct inode *child)
{
	struct name_search *s = kmalloc(sizeof(*s), GFP_KERNEL);
	struct path path = { mnt, parent };
	struct dentry *d;
	int err;

	if (!s)
		return -ENOMEM;
	err = find_name(&path, child, s);
	if (!err) {
		inode_lock(d_inode(parent));
		d = lookup_one_len(s->name, parent, s->len);
		inode_unlock(d_inode(parent));
		err = PTR_ERR_OR_ZERO(d);
		if (!err)
			dput(d);
	}
	kfree(s);
	return err;
}

/* One step: the lowest of dir's ancestors that has none gets a dentry. */
static int connect_one(struct vfsmount *mnt, struct inode *dir)
{
	struct inode *child = dir, *parent;
	struct dentry *d = NULL;
	int err = 0;

	ihold(child);
	while (!d && !err) {
		parent = mnt->mnt_sb->s_export_op->get_parent(child);
		if (IS_ERR(parent)) {
			err = PTR_ERR(parent);
			break;
		}
		d = parent == child ? NULL : d_find_alias(parent);
		if (d) {
			err = hang_below(mnt, d, child);
			dput(d);
			iput(parent);
			break;
		}
		if (parent == child)
			err = -ESTALE;        /* a loop, or the root is not */
		iput(child);
		child = parent;
		if (fatal_signal_pending(current))
			err = -EINTR;
	}
	iput(child);
	return err;
}

static struct dentry *dentry_of_dir(struct vfsmount *mnt, struct inode *dir)
{
	struct dentry *d = d_find_alias(dir);
	int err = 0, failed = 0;

	while (!d && failed < TRIES) {
		if (!mnt->mnt_sb->s_export_op->get_parent || !dir->i_nlink)
			return ERR_PTR(-ESTALE);
		err = connect_one(mnt, dir);
		if (err == -ESTALE)
			failed++;     /* renamed meanwhile, perhaps */
		else if (err)
			return ERR_PTR(err);
		d = d_find_alias(dir);
	}
	return d ? d : ERR_PTR(-ESTALE);
}

/* Consumes inode; ERR_PTR. */
static struct dentry *dentry_of(struct vfsmount *mnt, struct inode *inode)
{
	struct dentry *d;

	if (S_ISDIR(inode->i_mode)) {
		d = dentry_of_dir(mnt, inode);
		iput(inode);
		return d;
	}
	d = d_find_alias(inode);
	if (d) {
		iput(inode);
		return d;
	}
	d = d_make_root(inode);       /* nameless; consumes inode */
	return d ? d : ERR_PTR(-ENOMEM);
}

/* ---- from a handle to a file ---- */

static struct inode *decode(struct super_block *sb, const struct file_handle *h,
			    const u32 *words)
{
	const struct export_operations *op = sb->s_export_op;
	u64 ino;

	if (!op || h->handle_type != FILEID_INO32_GEN ||
	    h->handle_bytes / 4 < (op->wide ? WIDE_WORDS : NARROW_WORDS))
		return ERR_PTR(-ESTALE);
	if (!op->wide)
		return op->get_inode(sb, words[0], words[1]);
	ino = words[1] | (u64)words[2] << 32;
	return op->get_inode(sb, ino, words[0]);
}

/* The mount that mountfd is on; its root is any file of it. */
static int mount_of_fd(int fd, struct path *path)
{
	struct fd f;

	if (fd == AT_FDCWD) {
		get_fs_pwd(current->fs, path);
		return 0;
	}
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	*path = f.file->f_path;
	path_get(path);
	fdput(f);
	return 0;
}

/* *path has a reference to the file then. */
static int path_of_handle(int mountfd, const struct file_handle *h,
			  const u32 *words, struct path *path)
{
	struct inode *inode;
	struct dentry *d;
	int err = mount_of_fd(mountfd, path);

	if (err)
		return err;
	inode = decode(path->mnt->mnt_sb, h, words);
	d = IS_ERR(inode) ? ERR_CAST(inode) : dentry_of(path->mnt, inode);
	if (IS_ERR(d)) {
		path_put(path);
		/* Whoever has the handle need not know why it leads nowhere. */
		return PTR_ERR(d) == -ENOMEM || PTR_ERR(d) == -EINTR ?
			PTR_ERR(d) : -ESTALE;
	}
	dput(path->dentry);
	path->dentry = d;
	return 0;
}

SYSCALL_DEFINE3(open_by_handle_at, int, mountfd,
		struct file_handle __user *, uhandle, int, flags)
{
	u32 words[MAX_HANDLE_SZ / 4] = { 0 };
	struct file_handle h;
	struct path path;
	struct file *file;
	int fd, err;

	if (!capable(CAP_DAC_READ_SEARCH))
		return -EPERM;
	if (copy_from_user(&h, uhandle, sizeof(h)))
		return -EFAULT;
	if (h.handle_bytes > MAX_HANDLE_SZ || !h.handle_bytes)
		return -EINVAL;
	if (copy_from_user(words, uhandle + 1, h.handle_bytes))
		return -EFAULT;
	err = path_of_handle(mountfd, &h, words, &path);
	if (err)
		return err;
	fd = get_unused_fd_flags(flags);
	if (fd >= 0) {
		file = file_open_root(&path, "", flags | O_LARGEFILE, 0);
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	path_put(&path);
	return fd;
}
