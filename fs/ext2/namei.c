/* SPDX-License-Identifier: MIT */
/*
 * namei.c -- what the VFS asks of a directory
 *
 * IDEA.  Each operation is a few of these, in an order that a power cut may
 * interrupt anywhere and e2fsck can still repair: an inode is made before a
 * name points to it, a name is removed before the link count is lowered.
 *
 * LOCKING.  The VFS holds the directories' i_rwsem for writing (lookup:
 * reading), and that of a victim.
 */

#include "ext2.h"

#include <fs/fileattr.h>
#include <fs/posix_acl.h>
#include <fs/xattr.h>
#include <kernel/err.h>
#include <kernel/kernel.h>

static struct dentry *ext2_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	struct ext2_found found;
	struct inode *inode = NULL;
	int err;

	if (dentry->d_name.len > EXT2_NAME_LEN)
		return ERR_PTR(-ENAMETOOLONG);
	err = ext2_find_entry(dir, &dentry->d_name, &found);
	if (err && err != -ENOENT)
		return ERR_PTR(err);
	if (!err) {
		brelse(found.bh);
		inode = ext2_iget(dir->i_sb, found.ino);
		if (inode == ERR_PTR(-ESTALE)) {
			ext2_error(dir->i_sb, __func__,
				   "directory %lu names the deleted inode %u",
				   (unsigned long)dir->i_ino, found.ino);
			return ERR_PTR(-EIO);
		}
	}
	return d_splice_alias(inode, dentry);
}

/* A new inode gets its name; on an error it goes. */
static int add_new(struct dentry *dentry, struct inode *dir,
		   struct inode *inode)
{
	int err = ext2_add_entry(dir, &dentry->d_name, inode);

	if (!err) {
		d_instantiate_new(dentry, inode);
		return 0;
	}
	clear_nlink(inode);
	discard_new_inode(inode);
	return err;
}

static int ext2_create(struct inode *dir, struct dentry *dentry, umode_t mode,
		       bool excl)
{
	struct inode *inode = ext2_new_inode(dir, mode | S_IFREG);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	ext2_set_inode_ops(inode);
	mark_inode_dirty(inode);
	return add_new(dentry, dir, inode);
}

static int ext2_tmpfile(struct inode *dir, struct file *file, umode_t mode)
{
	struct inode *inode = ext2_new_inode(dir, mode | S_IFREG);

	if (IS_ERR(inode))
		return finish_open_simple(file, PTR_ERR(inode));
	ext2_set_inode_ops(inode);
	mark_inode_dirty(inode);
	d_tmpfile(file, inode);
	unlock_new_inode(inode);
	return finish_open_simple(file, 0);
}

static int ext2_mknod(struct inode *dir, struct dentry *dentry, umode_t mode,
		      dev_t dev)
{
	struct inode *inode = ext2_new_inode(dir, mode);
	struct ext2_inode_info *ei;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	ei = EXT2_I(inode);
	if (ext2_dev_fits_old(MAJOR(dev), MINOR(dev)))
		ei->i_data[0] = cpu_to_le32(ext2_old_encode_dev(MAJOR(dev),
								MINOR(dev)));
	else
		ei->i_data[1] = cpu_to_le32(new_encode_dev(dev));
	inode->i_rdev = dev;
	ext2_set_inode_ops(inode);
	mark_inode_dirty(inode);
	return add_new(dentry, dir, inode);
}

static int ext2_symlink(struct inode *dir, struct dentry *dentry,
			const char *text)
{
	u32 len = strlen(text);
	struct inode *inode;
	int err = 0;

	if (len + 1 > dir->i_sb->s_blocksize)
		return -ENAMETOOLONG;
	inode = ext2_new_inode(dir, S_IFLNK | S_IRWXUGO);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->i_op = &ext2_symlink_inode_operations;
	if (len >= sizeof(EXT2_I(inode)->i_data)) {
		err = ext2_write_symlink(inode, text, len);
	} else {
		memcpy(EXT2_I(inode)->i_data, text, len);
		inode->i_link = (char *)EXT2_I(inode)->i_data;
		inode->i_size = len;
	}
	if (err) {
		clear_nlink(inode);
		discard_new_inode(inode);
		return err;
	}
	mark_inode_dirty(inode);
	return add_new(dentry, dir, inode);
}

static int ext2_link(struct dentry *old, struct inode *dir,
		     struct dentry *dentry)
{
	struct inode *inode = d_inode(old);
	int err;

	if (inode->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	inode->i_ctime = current_time(inode);
	inc_nlink(inode);
	mark_inode_dirty(inode);
	ihold(inode);
	err = ext2_add_entry(dir, &dentry->d_name, inode);
	if (!err) {
		d_instantiate(dentry, inode);
		return 0;
	}
	drop_nlink(inode);
	mark_inode_dirty(inode);
	iput(inode);
	return err;
}

static int ext2_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct inode *inode;
	int err;

	if (dir->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	inode = ext2_new_inode(dir, S_IFDIR | mode);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	ext2_set_inode_ops(inode);
	inc_nlink(inode);             /* its own "." */
	err = ext2_make_empty(inode, dir);
	if (!err) {
		inc_nlink(dir);       /* and its ".." */
		err = ext2_add_entry(dir, &dentry->d_name, inode);
		if (!err) {
			mark_inode_dirty(inode);
			d_instantiate_new(dentry, inode);
			return 0;
		}
		drop_nlink(dir);
		mark_inode_dirty(dir);
	}
	clear_nlink(inode);
	discard_new_inode(inode);
	return err;
}

static int ext2_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct ext2_found found;
	int err = ext2_find_entry(dir, &dentry->d_name, &found);

	if (err)
		return err;
	err = ext2_remove_entry(dir, &dentry->d_name, &found);
	brelse(found.bh);
	if (err)
		return err;
	inode->i_ctime = dir->i_ctime;
	if (inode->i_nlink)           /* a damaged volume may have fewer */
		drop_nlink(inode);
	mark_inode_dirty(inode);
	return 0;
}

static int ext2_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int empty = ext2_dir_empty(inode), err;

	if (empty <= 0)
		return empty ? empty : -ENOTEMPTY;
	err = ext2_unlink(dir, dentry);
	if (err)
		return err;
	clear_nlink(inode);
	inode->i_size = 0;
	mark_inode_dirty(inode);
	if (dir->i_nlink > 2)
		drop_nlink(dir);
	mark_inode_dirty(dir);
	return 0;
}

/* ---- rename ---- */

static const struct qstr dot_dot = QSTR_INIT("..", 2);

/* The inode that `new` names loses that name. */
static void drop_target(struct inode *target, bool is_dir)
{
	target->i_ctime = current_time(target);
	if (is_dir)
		clear_nlink(target);
	else if (target->i_nlink)
		drop_nlink(target);
	mark_inode_dirty(target);
}

/* `new` will name `inode`: over what it names now, or as a new entry. */
static int rename_to(struct inode *inode, struct inode *new_dir,
		     struct dentry *new, bool is_dir)
{
	struct inode *target = d_inode(new);
	struct ext2_found found;
	int err;

	if (!target) {
		err = ext2_add_entry(new_dir, &new->d_name, inode);
		if (!err && is_dir) {
			inc_nlink(new_dir);
			mark_inode_dirty(new_dir);
		}
		return err;
	}
	if (is_dir) {
		int empty = ext2_dir_empty(target);

		if (empty <= 0)
			return empty ? empty : -ENOTEMPTY;
	}
	err = ext2_find_entry(new_dir, &new->d_name, &found);
	if (err)
		return err;
	err = ext2_set_entry(new_dir, &found, inode, true);
	brelse(found.bh);
	if (!err)
		drop_target(target, is_dir);
	return err;
}

/* The moved directory's ".." names its new parent. */
static int set_parent(struct inode *inode, struct inode *new_dir)
{
	struct ext2_found found;
	int err = ext2_find_entry(inode, &dot_dot, &found);

	if (err)
		return err == -ENOENT ? -EIO : err;
	err = ext2_set_entry(inode, &found, new_dir, false);
	brelse(found.bh);
	return err;
}

/*
 * The name `old` is taken out of its directory, or given to *whiteout, which is
 * NULL then, whatever follows: an inode that has a name must not be discarded.
 */
static int leave_name(struct inode *old_dir, struct dentry *old,
		      struct inode **whiteout)
{
	struct ext2_found found;
	int err = ext2_find_entry(old_dir, &old->d_name, &found);

	if (err)
		return err;
	if (*whiteout) {
		EXT2_I(*whiteout)->name_block = found.bh->b_blocknr;
		err = ext2_set_entry(old_dir, &found, *whiteout, true);
		if (err != -EFSCORRUPTED) {     /* else it was not written */
			unlock_new_inode(*whiteout);
			iput(*whiteout);
			*whiteout = NULL;
		}
	} else {
		err = ext2_remove_entry(old_dir, &old->d_name, &found);
	}
	brelse(found.bh);
	return err;
}

/* The checks are made and, for a whiteout, its inode is. */
static int move_name(struct inode *old_dir, struct dentry *old,
		     struct inode *new_dir, struct dentry *new,
		     struct inode **whiteout)
{
	struct inode *inode = d_inode(old);
	bool is_dir = S_ISDIR(inode->i_mode);
	struct ext2_found found;
	int err;

	err = ext2_find_entry(old_dir, &old->d_name, &found);
	if (err)
		return err;
	brelse(found.bh);             /* an insertion may move it */
	err = rename_to(inode, new_dir, new, is_dir);
	if (err)
		return err;
	inode->i_ctime = current_time(inode);
	mark_inode_dirty(inode);
	err = leave_name(old_dir, old, whiteout);
	if (!is_dir)
		return err;
	if (!err && old_dir != new_dir)
		err = set_parent(inode, new_dir);
	if (old_dir->i_nlink > 2)
		drop_nlink(old_dir);
	mark_inode_dirty(old_dir);
	return err;
}

/* RENAME_WHITEOUT: overlayfs's sign that a name is not to be seen below. */
static int move_leaving_whiteout(struct inode *old_dir, struct dentry *old,
				 struct inode *new_dir, struct dentry *new)
{
	struct inode *whiteout = ext2_new_inode(old_dir, S_IFCHR);
	int err;

	if (IS_ERR(whiteout))
		return PTR_ERR(whiteout);
	ext2_set_inode_ops(whiteout);
	mark_inode_dirty(whiteout);
	err = move_name(old_dir, old, new_dir, new, &whiteout);
	if (whiteout) {
		clear_nlink(whiteout);
		discard_new_inode(whiteout);
	}
	return err;
}

/* A directory takes its place below `to`, another one's below `from`. */
static int move_parent(struct inode *dir, struct inode *from, struct inode *to)
{
	int err = set_parent(dir, to);

	if (err)
		return err;
	inc_nlink(to);
	mark_inode_dirty(to);
	if (from->i_nlink > 2)
		drop_nlink(from);
	mark_inode_dirty(from);
	return 0;
}

/* RENAME_EXCHANGE: each of the two names gets the other's inode. */
static int ext2_exchange(struct inode *old_dir, struct dentry *old,
			 struct inode *new_dir, struct dentry *new)
{
	struct inode *a = d_inode(old), *b = d_inode(new);
	bool a_moves = S_ISDIR(a->i_mode) && old_dir != new_dir;
	bool b_moves = S_ISDIR(b->i_mode) && old_dir != new_dir;
	struct ext2_found from, to;
	int err;

	if ((a_moves && !b_moves && new_dir->i_nlink >= EXT2_LINK_MAX) ||
	    (b_moves && !a_moves && old_dir->i_nlink >= EXT2_LINK_MAX))
		return -EMLINK;
	err = ext2_find_entry(old_dir, &old->d_name, &from);
	if (err)
		return err;
	err = ext2_find_entry(new_dir, &new->d_name, &to);
	if (err)
		goto out_from;
	err = ext2_set_entry(new_dir, &to, a, true);
	if (!err)
		err = ext2_set_entry(old_dir, &from, b, true);
	if (err)
		goto out_both;
	a->i_ctime = b->i_ctime = current_time(a);
	mark_inode_dirty(a);
	mark_inode_dirty(b);
	if (a_moves)
		err = move_parent(a, old_dir, new_dir);
	if (!err && b_moves)
		err = move_parent(b, new_dir, old_dir);
out_both:
	brelse(to.bh);
out_from:
	brelse(from.bh);
	return err;
}

static int ext2_rename(struct inode *old_dir, struct dentry *old,
		       struct inode *new_dir, struct dentry *new,
		       unsigned int flags)
{
	struct inode *none = NULL;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE)
		return ext2_exchange(old_dir, old, new_dir, new);
	if (d_is_dir(old) && !d_inode(new) && new_dir != old_dir &&
	    new_dir->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	if (flags & RENAME_WHITEOUT)
		return move_leaving_whiteout(old_dir, old, new_dir, new);
	return move_name(old_dir, old, new_dir, new, &none);
}

const struct inode_operations ext2_dir_inode_operations = {
	.lookup = ext2_lookup,
	.create = ext2_create,
	.link = ext2_link,
	.unlink = ext2_unlink,
	.symlink = ext2_symlink,
	.mkdir = ext2_mkdir,
	.rmdir = ext2_rmdir,
	.mknod = ext2_mknod,
	.rename = ext2_rename,
	.tmpfile = ext2_tmpfile,
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
	.get_acl = ext2_get_acl,
	.set_acl = ext2_set_acl,
	.fileattr_get = ext2_fileattr_get,
	.fileattr_set = ext2_fileattr_set,
};

const struct inode_operations ext2_special_inode_operations = {
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
	.get_acl = ext2_get_acl,
	.set_acl = ext2_set_acl,
};
