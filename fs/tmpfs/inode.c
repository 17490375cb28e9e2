/* SPDX-License-Identifier: MIT */
/*
 * inode.c -- tmpfs: files whose directory is the dcache
 *
 * IDEA.  Each dentry is pinned by one count until its name is removed; the
 * directory is the list of pinned children.  What is left is bookkeeping.
 *
 *	name   dentry (pinned) -> inode -> i_mapping: page 0, page 1, (hole) ...
 *
 * INVARIANTS
 *   I2  A named file's dentry has one count more than its holders.
 *   I3  used_inodes counts each inode, and each name of a file beyond its
 *       first: neither can be had for nothing.
 *
 * SEE docs/52-tmpfs-and-initramfs.md; file.c has I1.
 */

#include "tmpfs.h"

#include <fs/fileattr.h>
#include <fs/posix_acl.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/slab.h>

#define BOGO_DIRENT_SIZE 20           /* what stat() shows for a name */
#define USER_MODIFIABLE (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | \
			 FS_NOATIME_FL)

static const struct inode_operations tmpfs_dir_iops, tmpfs_file_iops,
	tmpfs_special_iops, tmpfs_symlink_iops;
static struct kmem_cache *info_cache __ro_after_init;

static int charge_inode(struct tmpfs_sb_info *sbi)
{
	if (atomic_long_inc_return(&sbi->used_inodes) > (long)sbi->max_inodes &&
	    sbi->max_inodes) {
		atomic_long_dec(&sbi->used_inodes);
		return -ENOSPC;
	}
	return 0;
}

static void uncharge_inode(struct super_block *sb)
{
	atomic_long_dec(&tmpfs_sb(sb)->used_inodes);
}

static void set_operations(struct inode *inode, dev_t dev)
{
	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &tmpfs_file_iops;
		inode->i_fop = &tmpfs_file_fops;
		break;
	case S_IFDIR:
		inode->i_op = &tmpfs_dir_iops;
		inode->i_fop = &simple_dir_operations;
		i_size_write(inode, 2 * BOGO_DIRENT_SIZE);
		inc_nlink(inode);     /* for "." */
		break;
	case S_IFLNK:
		inode->i_op = &tmpfs_symlink_iops;
		break;
	default:
		inode->i_op = &tmpfs_special_iops;
		init_special_inode(inode, inode->i_mode, dev);
		break;
	}
}

struct inode *tmpfs_get_inode(struct super_block *sb, const struct inode *dir,
			      umode_t mode, dev_t dev)
{
	struct inode *inode;

	if (charge_inode(tmpfs_sb(sb)))
		return ERR_PTR(-ENOSPC);
	inode = new_inode(sb);
	if (!inode) {
		uncharge_inode(sb);
		return ERR_PTR(-ENOMEM);
	}
	inode->i_ino = get_next_ino();
	inode_init_owner(inode, dir, mode);
	inode->i_mapping->a_ops = &tmpfs_aops;
	set_bit(AS_SWAPBACKED, &inode->i_mapping->flags);
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	tmpfs_info(inode)->created = inode->i_ctime;
	tmpfs_info(inode)->seals = F_SEAL_SEAL;
	inode->i_acl = inode->i_default_acl = NULL;   /* none, and we know */
	set_operations(inode, dev);
	return inode;
}

static struct inode *tmpfs_alloc_inode(struct super_block *sb)
{
	struct tmpfs_inode_info *info = kmem_cache_zalloc(info_cache,
							  GFP_KERNEL);

	if (!info)
		return NULL;
	simple_xattrs_init(&info->xattrs);
	return &info->vfs_inode;
}

/* A walk under RCU may have read a symlink's text: it goes after that. */
static void tmpfs_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	kmem_cache_free(info_cache, tmpfs_info(inode));
}

static void tmpfs_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	simple_xattrs_free(&tmpfs_info(inode)->xattrs);
	if (tmpfs_info(inode)->promised)
		vm_unacct_memory(tmpfs_info(inode)->promised);
	clear_inode(inode);
	uncharge_inode(inode->i_sb);
}

/* ---- names; the directory is locked ---- */

static void dir_changed(struct inode *dir, int names)
{
	i_size_write(dir, dir->i_size + names * BOGO_DIRENT_SIZE);
	dir->i_mtime = dir->i_ctime = current_time(dir);
}

static int tmpfs_mknod(struct inode *dir, struct dentry *d, umode_t mode,
		       dev_t dev)
{
	struct inode *inode = tmpfs_get_inode(dir->i_sb, dir, mode, dev);
	int err;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	err = simple_acl_create(dir, inode);
	if (err) {
		iput(inode);
		return err;
	}
	dir_changed(dir, 1);
	d_instantiate(d, inode);
	dget(d);                                                 /* I2 */
	return 0;
}

static int tmpfs_create(struct inode *dir, struct dentry *d, umode_t mode,
			bool excl)
{
	return tmpfs_mknod(dir, d, mode | S_IFREG, 0);
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *d, umode_t mode)
{
	int err = tmpfs_mknod(dir, d, mode | S_IFDIR, 0);

	if (!err)
		inc_nlink(dir);       /* the child's ".." */
	return err;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *d, const char *text)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	struct inode *inode;

	if (!copy)
		return -ENOMEM;
	inode = tmpfs_get_inode(dir->i_sb, dir, S_IFLNK | S_IRWXUGO, 0);
	if (IS_ERR(inode)) {
		kfree(copy);
		return PTR_ERR(inode);
	}
	inode->i_link = copy;
	i_size_write(inode, strlen(copy));
	dir_changed(dir, 1);
	d_instantiate(d, inode);
	dget(d);
	return 0;
}

static int tmpfs_tmpfile(struct inode *dir, struct file *file, umode_t mode)
{
	struct inode *inode = tmpfs_get_inode(dir->i_sb, dir, mode | S_IFREG, 0);
	int err = PTR_ERR_OR_ZERO(inode);

	if (!err) {
		err = simple_acl_create(dir, inode);
		if (err)
			iput(inode);
		else
			d_tmpfile(file, inode);
	}
	return finish_open_simple(file, err);
}

static int tmpfs_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	int err = 0;

	/* The first name of what O_TMPFILE made is paid for (I3). */
	if (d_inode(old)->i_nlink)
		err = charge_inode(tmpfs_sb(dir->i_sb));
	if (err)
		return err;
	dir_changed(dir, 1);
	return simple_link(old, dir, d);
}

static int tmpfs_unlink(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d_inode(d);

	if (inode->i_nlink > 1 && !S_ISDIR(inode->i_mode))
		uncharge_inode(dir->i_sb);                       /* I3 */
	dir_changed(dir, -1);
	return simple_unlink(dir, d);
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *d)
{
	if (!simple_empty(d))
		return -ENOTEMPTY;
	drop_nlink(d_inode(d));
	drop_nlink(dir);
	return tmpfs_unlink(dir, d);
}

/* What overlayfs leaves where a name was: a device 0:0 of the same name. */
static int leave_whiteout(struct inode *dir, struct dentry *old)
{
	struct dentry *w = d_alloc(old->d_parent, &old->d_name);
	int err;

	if (!w)
		return -ENOMEM;
	err = tmpfs_mknod(dir, w, S_IFCHR, 0);
	if (!err)
		d_rehash(w);          /* old moves away in a moment */
	dput(w);
	return err;
}

static int tmpfs_rename(struct inode *od, struct dentry *o, struct inode *nd,
			struct dentry *n, unsigned int flags)
{
	struct inode *target = d_inode(n);
	bool uncharge = target && target->i_nlink > 1 &&
			!S_ISDIR(target->i_mode);
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE)
		return simple_rename(od, o, nd, n, flags);
	if (!simple_empty(n))
		return -ENOTEMPTY;
	if (flags & RENAME_WHITEOUT) {
		err = leave_whiteout(od, o);
		if (err)
			return err;
	}
	err = simple_rename(od, o, nd, n, flags & RENAME_NOREPLACE);
	if (err)
		return err;
	if (uncharge)
		uncharge_inode(nd->i_sb);
	dir_changed(od, -1);
	dir_changed(nd, target ? 0 : 1);
	return 0;
}

/* ---- attributes ---- */

/* Shrinking zeroes the rest of the last page and frees those behind it. */
static int tmpfs_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	loff_t old = inode->i_size;
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	if ((attr->ia_valid & ATTR_SIZE) && S_ISREG(inode->i_mode) &&
	    attr->ia_size != old) {
		err = tmpfs_may_resize(inode, attr->ia_size);
		if (err)
			return err;
		i_size_write(inode, attr->ia_size);
		inode->i_mtime = inode->i_ctime = current_time(inode);
		if (attr->ia_size < old)
			truncate_pagecache(inode, attr->ia_size);
		else
			pagecache_isize_extended(inode, old, attr->ia_size);
	}
	setattr_copy(inode, attr);
	if (attr->ia_valid & ATTR_MODE)
		err = posix_acl_chmod(inode, inode->i_mode);
	return err;
}

static int tmpfs_getattr(const struct path *path, struct kstat *stat, u32 mask,
			 unsigned int flags)
{
	struct tmpfs_inode_info *info = tmpfs_info(d_inode(path->dentry));

	if (info->fsflags & FS_NODUMP_FL)
		stat->attributes |= STATX_ATTR_NODUMP;
	stat->attributes_mask |= STATX_ATTR_NODUMP;
	if (mask & STATX_BTIME) {
		stat->result_mask |= STATX_BTIME;
		stat->btime = info->created;
	}
	return simple_getattr(path, stat, mask, flags);
}

static int tmpfs_fileattr_get(struct dentry *dentry, struct fileattr *fa)
{
	fileattr_fill_flags(fa, tmpfs_info(d_inode(dentry))->fsflags &
				FS_FL_USER_VISIBLE);
	return 0;
}

static int tmpfs_fileattr_set(struct dentry *dentry, struct fileattr *fa)
{
	struct inode *inode = d_inode(dentry);
	unsigned int set = 0;

	if (fileattr_has_fsx(fa) || (fa->flags & ~USER_MODIFIABLE))
		return -EOPNOTSUPP;
	tmpfs_info(inode)->fsflags = fa->flags;
	if (fa->flags & FS_NOATIME_FL)
		set |= S_NOATIME;
	if (fa->flags & FS_APPEND_FL)
		set |= S_APPEND;
	if (fa->flags & FS_IMMUTABLE_FL)
		set |= S_IMMUTABLE;
	inode_set_flags(inode, set, S_NOATIME | S_APPEND | S_IMMUTABLE);
	inode->i_ctime = current_time(inode);
	return 0;
}

static int tmpfs_xattr_get(const struct xattr_handler *h, struct dentry *d,
			   struct inode *inode, const char *name, void *buffer,
			   size_t size)
{
	return simple_xattr_get(&tmpfs_info(inode)->xattrs,
				xattr_full_name(h, name), buffer, size);
}

static int tmpfs_xattr_set(const struct xattr_handler *h, struct dentry *d,
			   struct inode *inode, const char *name,
			   const void *value, size_t size, int flags)
{
	int err = simple_xattr_set(&tmpfs_info(inode)->xattrs,
				   xattr_full_name(h, name), value, size,
				   flags);

	if (!err)
		inode->i_ctime = current_time(inode);
	return err;
}

static ssize_t tmpfs_listxattr(struct dentry *d, char *buffer, size_t size)
{
	struct inode *inode = d_inode(d);

	return simple_xattr_list(inode, &tmpfs_info(inode)->xattrs, buffer,
				 size);
}

static const struct xattr_handler security_handler = {
	.prefix = XATTR_SECURITY_PREFIX,
	.get = tmpfs_xattr_get,
	.set = tmpfs_xattr_set,
};

static const struct xattr_handler trusted_handler = {
	.prefix = XATTR_TRUSTED_PREFIX,
	.get = tmpfs_xattr_get,
	.set = tmpfs_xattr_set,
};

/* user.* is refused, as Linux 6.1 does: it would pin memory for anybody. */
const struct xattr_handler *tmpfs_xattr_handlers[] = {
	&posix_acl_access_xattr_handler,
	&posix_acl_default_xattr_handler,
	&security_handler,
	&trusted_handler,
	NULL
};

static const struct inode_operations tmpfs_file_iops = {
	.setattr = tmpfs_setattr,
	.getattr = tmpfs_getattr,
	.listxattr = tmpfs_listxattr,
	.set_acl = simple_set_acl,
	.fileattr_get = tmpfs_fileattr_get,
	.fileattr_set = tmpfs_fileattr_set,
};

static const struct inode_operations tmpfs_special_iops = {
	.setattr = tmpfs_setattr,
	.getattr = tmpfs_getattr,
	.listxattr = tmpfs_listxattr,
	.set_acl = simple_set_acl,
};

static const struct inode_operations tmpfs_symlink_iops = {
	.getattr = tmpfs_getattr,
	.get_link = simple_get_link,
	.listxattr = tmpfs_listxattr,
};

static const struct inode_operations tmpfs_dir_iops = {
	.lookup = simple_lookup,
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.symlink = tmpfs_symlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = tmpfs_rmdir,
	.mknod = tmpfs_mknod,
	.rename = tmpfs_rename,
	.tmpfile = tmpfs_tmpfile,
	.setattr = tmpfs_setattr,
	.getattr = tmpfs_getattr,
	.listxattr = tmpfs_listxattr,
	.set_acl = simple_set_acl,
	.fileattr_get = tmpfs_fileattr_get,
	.fileattr_set = tmpfs_fileattr_set,
};

const struct super_operations tmpfs_ops = {
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.statfs = tmpfs_statfs,
	.drop_inode = generic_delete_inode,
	.evict_inode = tmpfs_evict_inode,
	.put_super = tmpfs_put_super,
	.remount_fs = tmpfs_remount,
	.show_options = tmpfs_show_options,
};

void tmpfs_inodes_init(void)
{
	info_cache = KMEM_CACHE(tmpfs_inode_info, SLAB_HWCACHE_ALIGN |
						  SLAB_PANIC);
}
