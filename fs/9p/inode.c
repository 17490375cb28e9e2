/* SPDX-License-Identifier: MIT */
/*
 * inode.c -- names and attributes at the server
 *
 * IDEA.  A dentry in use owns a handle (fid) of its name in d_fsdata; it is
 * clunked when the dentry goes, which is as soon as nobody uses it.  A dentry
 * that is used again is checked: the server is asked for its attributes, and if
 * the name now stands for another file (an editor has replaced it), it is
 * forgotten and looked up anew.
 *
 * A file's identity is its qid's path; two names of one file share the inode.
 *
 * CONTEXT.  All sleep, waiting for the server.
 */

#include "v9fs.h"

#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>

/* --- Handles of names ---------------------------------------------------- */

struct p9_fid *v9fs_fid(struct dentry *dentry)
{
	struct p9_fid *fid = READ_ONCE(dentry->d_fsdata), *parent;

	if (fid)
		return fid;
	if (IS_ROOT(dentry))
		return ERR_PTR(-ESTALE);
	parent = v9fs_fid(dentry->d_parent);
	if (IS_ERR(parent))
		return parent;
	fid = p9_walk(parent, (const char *)dentry->d_name.name,
		      dentry->d_name.len);
	if (IS_ERR(fid))
		return fid;
	if (cmpxchg(&dentry->d_fsdata, NULL, (void *)fid)) {
		p9_clunk(fid);          /* another was quicker */
		fid = READ_ONCE(dentry->d_fsdata);
	}
	return fid;
}

static void v9fs_d_release(struct dentry *dentry)
{
	p9_clunk(dentry->d_fsdata);
}

static int v9fs_d_delete(const struct dentry *dentry)
{
	return 1;
}

static int v9fs_d_revalidate(struct dentry *dentry, unsigned int flags)
{
	int err;

	if (flags & LOOKUP_RCU)
		return -ECHILD;
	if (d_is_negative(dentry))
		return 0;
	err = v9fs_refresh(dentry);
	return err == -ENOENT || err == -ESTALE ? 0 : err ? err : 1;
}

const struct dentry_operations v9fs_dentry_ops = {
	.d_revalidate = v9fs_d_revalidate,
	.d_delete = v9fs_d_delete,
	.d_release = v9fs_d_release,
};

/* --- Attributes ---------------------------------------------------------- */

static struct timespec64 time_of(u64 sec, u64 ns)
{
	return (struct timespec64){ .tv_sec = sec,
				    .tv_nsec = ns < NSEC_PER_SEC ? ns : 0 };
}

void v9fs_set_attr(struct inode *inode, const struct p9_attr *a)
{
	umode_t type = inode->i_mode & S_IFMT;

	spin_lock(&inode->i_lock);
	inode->i_mode = type | (a->mode & 07777);
	inode->i_uid = a->uid;
	inode->i_gid = a->gid;
	inode->i_nlink = a->nlink;
	inode->i_blocks = a->blocks;
	inode->i_atime = time_of(a->atime, a->atime_ns);
	inode->i_mtime = time_of(a->mtime, a->mtime_ns);
	inode->i_ctime = time_of(a->ctime, a->ctime_ns);
	spin_unlock(&inode->i_lock);
	/* Dirty mapped pages may have grown nothing: the server knows best. */
	if (i_size_read(inode) != (loff_t)a->size)
		i_size_write(inode, a->size);
}

/* Ask for attributes; -ESTALE: the name is another file's by now. */
int v9fs_refresh(struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct p9_fid *fid = v9fs_fid(dentry);
	struct p9_attr a;
	int err;

	if (IS_ERR(fid))
		return PTR_ERR(fid);
	err = p9_getattr(fid, &a);
	if (err)
		return err;
	if (a.qid.path != v9fs_i(inode)->path ||
	    ((a.mode ^ inode->i_mode) & S_IFMT))
		return -ESTALE;
	v9fs_set_attr(inode, &a);
	return 0;
}

static void init_inode(struct inode *inode, const struct p9_attr *a)
{
	inode->i_ino = a->qid.path;
	inode->i_mode = a->mode;
	inode->i_blkbits = PAGE_SHIFT;
	inode->i_flags |= S_NOATIME | S_NOCMTIME; /* the server's matter */
	inode->i_mapping->a_ops = &v9fs_aops;
	switch (a->mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &v9fs_file_iops;
		inode->i_fop = &v9fs_file_fops;
		break;
	case S_IFDIR:
		inode->i_op = &v9fs_dir_iops;
		inode->i_fop = &v9fs_dir_fops;
		break;
	case S_IFLNK:
		inode->i_op = &v9fs_symlink_iops;
		break;
	default:
		inode->i_op = &v9fs_file_iops;
		init_special_inode(inode, a->mode, new_decode_dev(a->rdev));
		break;
	}
}

static int same_file(struct inode *inode, void *data)
{
	const struct p9_attr *a = data;

	return v9fs_i(inode)->path == a->qid.path &&
	       v9fs_i(inode)->type == a->qid.type &&
	       !((inode->i_mode ^ a->mode) & S_IFMT);
}

static int new_file(struct inode *inode, void *data)
{
	const struct p9_attr *a = data;

	v9fs_i(inode)->path = a->qid.path;
	v9fs_i(inode)->type = a->qid.type;
	inode->i_mode = a->mode;
	return 0;
}

struct inode *v9fs_iget(struct super_block *sb, struct p9_fid *fid)
{
	struct inode *inode;
	struct p9_attr a;
	int err = p9_getattr(fid, &a);

	if (err)
		return ERR_PTR(err);
	inode = iget5_locked(sb, a.qid.path, same_file, new_file, &a);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (inode->i_state & I_NEW) {
		init_inode(inode, &a);
		v9fs_set_attr(inode, &a);
		unlock_new_inode(inode);
	} else {
		v9fs_set_attr(inode, &a);
	}
	return inode;
}

static int v9fs_getattr(const struct path *path, struct kstat *stat, u32 mask,
			unsigned int flags)
{
	struct dentry *dentry = path->dentry;
	struct inode *inode = d_inode(dentry);
	int err = v9fs_refresh(dentry);

	/* Removed, but open: what was known last. */
	if ((err == -ENOENT || err == -ESTALE) && d_unlinked(dentry)) {
		clear_nlink(inode);
		err = 0;
	}
	if (err)
		return err;
	generic_fillattr(inode, stat);
	return 0;
}

static int v9fs_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	struct p9_setattr s = {
		.valid = attr->ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID |
			 ATTR_SIZE | ATTR_ATIME | ATTR_MTIME | ATTR_CTIME |
			 ATTR_ATIME_SET | ATTR_MTIME_SET),
		.mode = attr->ia_mode, .uid = attr->ia_uid,
		.gid = attr->ia_gid, .size = attr->ia_size,
		.atime = attr->ia_atime.tv_sec,
		.atime_ns = attr->ia_atime.tv_nsec,
		.mtime = attr->ia_mtime.tv_sec,
		.mtime_ns = attr->ia_mtime.tv_nsec,
	};
	struct p9_fid *fid = v9fs_fid(dentry);
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	if (IS_ERR(fid))
		return PTR_ERR(fid);
	if (S_ISREG(inode->i_mode))
		filemap_write_and_wait(inode->i_mapping);
	err = p9_setattr(fid, &s);
	if (err)
		return err;
	if ((attr->ia_valid & ATTR_SIZE) && attr->ia_size != inode->i_size)
		truncate_setsize(inode, attr->ia_size);
	err = v9fs_refresh(dentry);
	return err == -ENOENT ? 0 : err;
}

/* --- Directories --------------------------------------------------------- */

static struct dentry *v9fs_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	struct p9_fid *parent = v9fs_fid(dentry->d_parent), *fid;
	struct inode *inode = NULL;
	struct dentry *other;

	if (dentry->d_name.len > P9_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (IS_ERR(parent))
		return ERR_CAST(parent);
	fid = p9_walk(parent, (const char *)dentry->d_name.name,
		      dentry->d_name.len);
	if (IS_ERR(fid)) {
		if (PTR_ERR(fid) != -ENOENT)
			return ERR_CAST(fid);
		d_add(dentry, NULL);
		return NULL;
	}
	inode = v9fs_iget(dir->i_sb, fid);
	if (IS_ERR(inode)) {
		p9_clunk(fid);
		return ERR_CAST(inode);
	}
	other = d_splice_alias(inode, dentry);
	if (!other)
		dentry->d_fsdata = fid;
	else
		p9_clunk(fid);          /* a directory that has its own */
	return other;
}

/* The server has made `dentry`: give it its inode. */
static int instantiate(struct inode *dir, struct dentry *dentry)
{
	struct p9_fid *fid = v9fs_fid(dentry);
	struct inode *inode;

	if (IS_ERR(fid))
		return PTR_ERR(fid);
	inode = v9fs_iget(dir->i_sb, fid);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	d_instantiate(dentry, inode);
	return 0;
}

#define NAME_OF(d) ((const char *)(d)->d_name.name)

/* The handle of a directory in which something is to be done to `dentry`. */
static struct p9_fid *dir_fid(struct dentry *dentry)
{
	if (dentry->d_name.len > P9_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	return v9fs_fid(dentry->d_parent);
}

static int v9fs_create(struct inode *dir, struct dentry *dentry, umode_t mode,
		       bool excl)
{
	struct p9_fid *parent = dir_fid(dentry), *fid;
	int err;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	fid = p9_walk(parent, NULL, 0);
	if (IS_ERR(fid))
		return PTR_ERR(fid);
	err = p9_lcreate(fid, NAME_OF(dentry), O_CREAT | O_EXCL | O_RDWR,
			 mode & 07777, current_fsgid());
	p9_clunk(fid);
	return err ? err : instantiate(dir, dentry);
}

static int v9fs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct p9_fid *parent = dir_fid(dentry);
	int err;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	err = p9_mkdir(parent, NAME_OF(dentry), mode & 07777, current_fsgid());
	return err ? err : instantiate(dir, dentry);
}

static int v9fs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode,
		      dev_t dev)
{
	struct p9_fid *parent = dir_fid(dentry);
	int err;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	err = p9_mknod(parent, NAME_OF(dentry), mode, MAJOR(dev), MINOR(dev),
		       current_fsgid());
	return err ? err : instantiate(dir, dentry);
}

static int v9fs_symlink(struct inode *dir, struct dentry *dentry,
			const char *text)
{
	struct p9_fid *parent = dir_fid(dentry);
	int err;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	err = p9_symlink(parent, NAME_OF(dentry), text, current_fsgid());
	return err ? err : instantiate(dir, dentry);
}

static int v9fs_link(struct dentry *old, struct inode *dir,
		     struct dentry *dentry)
{
	struct p9_fid *parent = dir_fid(dentry), *fid = v9fs_fid(old);
	int err;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	if (IS_ERR(fid))
		return PTR_ERR(fid);
	err = p9_link(parent, fid, NAME_OF(dentry));
	if (err)
		return err;
	err = instantiate(dir, dentry);
	v9fs_refresh(old);
	return err;
}

static int remove_name(struct dentry *dentry, u32 flags)
{
	struct p9_fid *parent = dir_fid(dentry);
	int err;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	err = p9_unlinkat(parent, NAME_OF(dentry), flags);
	if (!err)
		drop_nlink(d_inode(dentry));
	return err;
}

static int v9fs_unlink(struct inode *dir, struct dentry *dentry)
{
	return remove_name(dentry, 0);
}

static int v9fs_rmdir(struct inode *dir, struct dentry *dentry)
{
	return remove_name(dentry, P9_AT_REMOVEDIR);
}

static int v9fs_rename(struct inode *old_dir, struct dentry *old,
		       struct inode *new_dir, struct dentry *new,
		       unsigned int flags)
{
	struct p9_fid *from = dir_fid(old), *to = dir_fid(new);

	/* The protocol has no flags; NOREPLACE was checked by the VFS. */
	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
	if (IS_ERR(from))
		return PTR_ERR(from);
	if (IS_ERR(to))
		return PTR_ERR(to);
	return p9_renameat(from, NAME_OF(old), to, NAME_OF(new));
}

static void free_text(void *text)
{
	kfree(text);
}

static const char *v9fs_get_link(struct dentry *dentry, struct inode *inode,
				 struct delayed_call *done)
{
	struct p9_fid *fid;
	char *text;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	fid = v9fs_fid(dentry);
	if (IS_ERR(fid))
		return ERR_CAST(fid);
	text = p9_readlink(fid);
	if (!IS_ERR(text))
		set_delayed_call(done, free_text, text);
	return text;
}

const struct inode_operations v9fs_dir_iops = {
	.lookup = v9fs_lookup,
	.create = v9fs_create,
	.link = v9fs_link,
	.unlink = v9fs_unlink,
	.symlink = v9fs_symlink,
	.mkdir = v9fs_mkdir,
	.rmdir = v9fs_rmdir,
	.mknod = v9fs_mknod,
	.rename = v9fs_rename,
	.getattr = v9fs_getattr,
	.setattr = v9fs_setattr,
	.listxattr = v9fs_listxattr,
};

const struct inode_operations v9fs_file_iops = {
	.getattr = v9fs_getattr,
	.setattr = v9fs_setattr,
	.listxattr = v9fs_listxattr,
};

const struct inode_operations v9fs_symlink_iops = {
	.get_link = v9fs_get_link,
	.getattr = v9fs_getattr,
	.setattr = v9fs_setattr,
};
