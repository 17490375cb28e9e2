/* SPDX-License-Identifier: MIT */
/*
 * dir.c -- /sys: the tree of kernel objects as directories
 *
 * PROMISE.  What is in the tree is there, what is not is not, at once; an inode
 * number never comes to mean another object.
 *
 * IDEA.  There is no second tree.  Directories, files and links are the nodes
 * of drivers/base/knode.c; this file makes an inode for a node when somebody
 * looks it up, and asks the node again whenever a remembered name is used:
 *
 *	dentry "vda" --> inode --> knode "vda"   is it removed, or renamed?
 *	dentry "vdb" (no inode)                  has the directory grown since?
 *
 * A name that was not there stays so until the directory's version moves, which
 * the negative dentry remembers in d_fsdata.
 *
 * Permissions and owners live in the node, so that a chmod outlasts the inode;
 * they end with the object.
 *
 * LOCKING.  The nodes' own; nothing is locked while names are given to readers.
 *
 * SEE file.c, docs/71-sysfs.md.
 */

#include "sysfs.h"

#include <arch/page.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <uapi/dirent.h>

/* ---- inodes ---- */

static const struct inode_operations sysfs_dir_iops, sysfs_link_iops;
static const struct file_operations sysfs_dir_fops;

/* What may change in the node while an inode stands for it. */
static void refresh_inode(struct inode *inode)
{
	struct knode *kn = sysfs_node(inode);

	inode->i_mode = (inode->i_mode & S_IFMT) | READ_ONCE(kn->mode);
	inode->i_uid = READ_ONCE(kn->uid);
	inode->i_gid = READ_ONCE(kn->gid);
	if (READ_ONCE(kn->removed))
		set_nlink(inode, 0);
	else if (kn->kind == KN_DIR)
		set_nlink(inode, 2 + READ_ONCE(kn->nr_dirs));
}

static void fill_inode(struct inode *inode, struct knode *kn)
{
	inode->i_private = knode_get(kn);
	inode->i_mtime = current_time(inode);
	inode->i_atime = inode->i_mtime;
	inode->i_ctime = inode->i_mtime;
	inode->i_op = &sysfs_file_iops;
	switch (kn->kind) {
	case KN_DIR:
		inode->i_mode = S_IFDIR;
		inode->i_op = &sysfs_dir_iops;
		inode->i_fop = &sysfs_dir_fops;
		break;
	case KN_LINK:
		inode->i_mode = S_IFLNK;
		inode->i_op = &sysfs_link_iops;
		break;
	case KN_FILE:
		inode->i_mode = S_IFREG;
		inode->i_fop = &sysfs_text_fops;
		i_size_write(inode, PAGE_SIZE);
		break;
	case KN_BIN:
		inode->i_mode = S_IFREG;
		inode->i_fop = &sysfs_bin_fops;
		/* The attribute is the driver's: look while it stays. */
		if (knode_get_active(kn)) {
			i_size_write(inode, kn->battr->size);
			knode_put_active(kn);
		}
		break;
	}
	refresh_inode(inode);
}

/* Counted; NULL: no memory. */
struct inode *sysfs_get_inode(struct super_block *sb, struct knode *kn)
{
	struct inode *inode = iget_locked(sb, kn->ino);

	if (inode && (inode->i_state & I_NEW)) {
		fill_inode(inode, kn);
		unlock_new_inode(inode);
	}
	return inode;
}

/* In an RCU walk too: it reads words and never sleeps. */
static int sysfs_permission(struct inode *inode, int mask)
{
	refresh_inode(inode);
	return generic_permission(inode, mask);
}

static int sysfs_getattr(const struct path *path, struct kstat *stat,
			 u32 request_mask, unsigned int query_flags)
{
	struct inode *inode = d_inode(path->dentry);

	refresh_inode(inode);
	generic_fillattr(inode, stat);
	return 0;
}

/* A new size is taken and ignored: that is what `echo x > file` needs. */
static int sysfs_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err;

	refresh_inode(inode);
	err = setattr_prepare(dentry, attr);
	if (err)
		return err;
	attr->ia_valid &= ~ATTR_SIZE;
	setattr_copy(inode, attr);
	knode_setattr(sysfs_node(inode), inode->i_mode, inode->i_uid,
		      inode->i_gid);
	return 0;
}

const struct inode_operations sysfs_file_iops = {
	.permission = sysfs_permission,
	.getattr = sysfs_getattr,
	.setattr = sysfs_setattr,
};

/* ---- names ---- */

static void *version_of(const struct knode *dir)
{
	return (void *)READ_ONCE(dir->version);
}

static int sysfs_d_revalidate(struct dentry *dentry, unsigned int flags)
{
	struct inode *inode = d_inode(dentry);
	struct dentry *parent;
	int valid;

	if (flags & LOOKUP_RCU)
		return -ECHILD;
	if (inode)
		return knode_name_is(sysfs_node(inode),
				     (const char *)dentry->d_name.name,
				     dentry->d_name.len);
	parent = dget_parent(dentry);
	valid = dentry->d_fsdata == version_of(sysfs_node(d_inode(parent)));
	dput(parent);
	return valid;
}

/* Do not keep what is gone. */
static int sysfs_d_delete(const struct dentry *dentry)
{
	const struct inode *inode = dentry->d_inode;

	return inode && READ_ONCE(sysfs_node(inode)->removed);
}

const struct dentry_operations sysfs_dentry_operations = {
	.d_revalidate = sysfs_d_revalidate,
	.d_delete = sysfs_d_delete,
};

static struct dentry *sysfs_lookup(struct inode *dir, struct dentry *dentry,
				   unsigned int flags)
{
	struct knode *parent = sysfs_node(dir), *kn;
	struct inode *inode = NULL;

	/* Before the look: a name that comes after it moves the version. */
	dentry->d_fsdata = version_of(parent);
	kn = knode_lookup(parent, (const char *)dentry->d_name.name,
			  dentry->d_name.len);
	if (kn) {
		inode = sysfs_get_inode(dir->i_sb, kn);
		knode_put(kn);
		if (!inode)
			return ERR_PTR(-ENOMEM);
	}
	return d_splice_alias(inode, dentry);
}

static unsigned int type_of(const struct knode *kn)
{
	return kn->kind == KN_DIR ? DT_DIR :
	       kn->kind == KN_LINK ? DT_LNK : DT_REG;
}

/* The position is the number of the next node: they only rise. */
static int sysfs_readdir(struct file *file, struct dir_context *ctx)
{
	struct knode *dir = sysfs_node(file_inode(file)), *kn;
	char name[NAME_MAX + 1];
	bool more = true;

	if (!dir_emit_dots(file, ctx))
		return 0;
	while (more && (kn = knode_next(dir, ctx->pos, name, sizeof(name)))) {
		ctx->pos = kn->ino;
		more = dir_emit(ctx, name, strlen(name), kn->ino, type_of(kn));
		if (more)
			ctx->pos++;
		knode_put(kn);
	}
	return 0;
}

static int sysfs_no(struct inode *dir, struct dentry *dentry)
{
	return -EPERM;
}

static int sysfs_no_mkdir(struct inode *dir, struct dentry *d, umode_t mode)
{
	return -EPERM;
}

static const struct inode_operations sysfs_dir_iops = {
	.lookup = sysfs_lookup,
	.permission = sysfs_permission,
	.getattr = sysfs_getattr,
	.setattr = sysfs_setattr,
	.mkdir = sysfs_no_mkdir,
	.rmdir = sysfs_no,
};

static const struct file_operations sysfs_dir_fops = {
	.read = generic_read_dir,
	.iterate_shared = sysfs_readdir,
	.llseek = generic_file_llseek,
};

/* ---- links ---- */

static void free_text(void *text)
{
	kfree(text);
}

static const char *sysfs_get_link(struct dentry *dentry, struct inode *inode,
				  struct delayed_call *done)
{
	char *text;
	int len;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	text = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!text)
		return ERR_PTR(-ENOMEM);
	len = knode_link_text(sysfs_node(inode), text, PAGE_SIZE);
	if (len < 0) {
		kfree(text);
		return ERR_PTR(len);
	}
	set_delayed_call(done, free_text, text);
	return text;
}

static const struct inode_operations sysfs_link_iops = {
	.get_link = sysfs_get_link,
	.permission = sysfs_permission,
	.getattr = sysfs_getattr,
	.setattr = sysfs_setattr,
};
