/* SPDX-License-Identifier: MIT */
/*
 * libfs.c -- ready-made operations for file systems that live in the dcache
 *
 * IDEA.  Such a file system keeps no directory of its own: the dentries *are*
 * the directory, each pinned by one extra count.  Reading it is walking the
 * list of children, and the reader's place in the list is kept by a cursor, a
 * dentry of its own that nobody can find.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <uapi/dirent.h>

/* A miss is final: there is nothing behind the dcache. */
struct dentry *simple_lookup(struct inode *dir, struct dentry *d, unsigned f)
{
	if (d->d_name.len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	d_add(d, NULL);
	return NULL;
}

/* Negative entries are worth nothing here. */
static int always_delete(const struct dentry *d)
{
	return 1;
}

const struct dentry_operations simple_dentry_operations = {
	.d_delete = always_delete,
};

int simple_getattr(const struct path *path, struct kstat *stat, u32 mask,
		   unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	generic_fillattr(inode, stat);
	stat->blocks = inode->i_data.nrpages << (PAGE_SHIFT - 9);
	return 0;
}

int simple_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	buf->f_type = dentry->d_sb->s_magic;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	return 0;
}

int simple_setattr(struct dentry *dentry, struct iattr *attr)
{
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE)
		i_size_write(d_inode(dentry), attr->ia_size);
	setattr_copy(d_inode(dentry), attr);
	return 0;
}

static void touch(struct inode *inode)
{
	inode->i_mtime = inode->i_ctime = current_time(inode);
}

int simple_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	struct inode *inode = d_inode(old);

	inode->i_ctime = current_time(inode);
	touch(dir);
	inc_nlink(inode);
	ihold(inode);
	dget(d);
	d_instantiate(d, inode);
	return 0;
}

int simple_unlink(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d_inode(d);

	inode->i_ctime = current_time(inode);
	touch(dir);
	drop_nlink(inode);
	dput(d);              /* the count that pinned it */
	return 0;
}

/* Does a directory have no files?  Negative children and cursors: none. */
bool simple_empty(struct dentry *dentry)
{
	struct dentry *child;
	bool empty = true;

	spin_lock(&dentry->d_lock);
	list_for_each_entry(child, &dentry->d_subdirs, d_child) {
		if (d_inode(child) && !d_unhashed(child)) {
			empty = false;
			break;
		}
	}
	spin_unlock(&dentry->d_lock);
	return empty;
}

int simple_rmdir(struct inode *dir, struct dentry *d)
{
	if (!simple_empty(d))
		return -ENOTEMPTY;
	drop_nlink(d_inode(d));
	simple_unlink(dir, d);
	drop_nlink(dir);
	return 0;
}

static int simple_exchange(struct inode *od, struct dentry *o,
			   struct inode *nd, struct dentry *n)
{
	bool o_dir = S_ISDIR(d_inode(o)->i_mode);
	bool n_dir = S_ISDIR(d_inode(n)->i_mode);

	if (od != nd && o_dir != n_dir) {
		if (o_dir) {
			drop_nlink(od);
			inc_nlink(nd);
		} else {
			drop_nlink(nd);
			inc_nlink(od);
		}
	}
	touch(od);
	touch(nd);
	d_inode(o)->i_ctime = d_inode(n)->i_ctime = current_time(od);
	return 0;
}

int simple_rename(struct inode *od, struct dentry *o, struct inode *nd,
		  struct dentry *n, unsigned int flags)
{
	bool is_dir = S_ISDIR(d_inode(o)->i_mode);

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE)
		return simple_exchange(od, o, nd, n);
	if (!simple_empty(n))
		return -ENOTEMPTY;
	if (d_inode(n)) {
		if (is_dir) {
			drop_nlink(d_inode(n));
			drop_nlink(nd);
		}
		simple_unlink(nd, n);
	}
	if (is_dir) {
		drop_nlink(od);
		inc_nlink(nd);
	}
	touch(od);
	touch(nd);
	d_inode(o)->i_ctime = current_time(od);
	return 0;
}

/* ---- reading a directory of dentries ---- */

int dcache_dir_open(struct inode *inode, struct file *file)
{
	static const struct qstr dot = QSTR_INIT(".", 1);
	struct dentry *cursor = d_alloc(file_dentry(file), &dot);

	file->private_data = cursor;
	return cursor ? 0 : -ENOMEM;
}

int dcache_dir_close(struct inode *inode, struct file *file)
{
	dput(file->private_data);
	return 0;
}

static bool is_listed(struct dentry *d)
{
	return d_inode(d) && !d_unhashed(d);
}

/* Put the cursor behind `nr` listed children from the start; i_rwsem held. */
static void place_cursor(struct dentry *dir, struct dentry *cursor, loff_t nr)
{
	struct list_head *p;

	spin_lock(&dir->d_lock);
	for (p = dir->d_subdirs.prev; nr > 0 && p != &dir->d_subdirs;
	     p = p->prev) {
		if (is_listed(list_entry(p, struct dentry, d_child)))
			nr--;
	}
	/* p is the last one passed or the head; we go on before it. */
	if (p != &cursor->d_child)
		list_move(&cursor->d_child, p);
	spin_unlock(&dir->d_lock);
}

loff_t dcache_dir_lseek(struct file *file, loff_t offset, int whence)
{
	struct dentry *dir = file_dentry(file);

	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	if (offset != file->f_pos) {
		inode_lock_shared(d_inode(dir));
		place_cursor(dir, file->private_data, offset - 2);
		file->f_pos = offset;
		inode_unlock_shared(d_inode(dir));
	}
	return offset;
}

/* The listed child before the cursor (oldest first), counted; cursor moves. */
static struct dentry *next_child(struct dentry *dir, struct dentry *cursor)
{
	struct dentry *d, *found = NULL;
	struct list_head *p;

	spin_lock(&dir->d_lock);
	for (p = cursor->d_child.prev; p != &dir->d_subdirs; p = p->prev) {
		d = list_entry(p, struct dentry, d_child);
		if (!is_listed(d))
			continue;
		spin_lock_nested(&d->d_lock, SINGLE_DEPTH_NESTING);
		if (is_listed(d)) {
			d->d_count++;
			found = d;
		}
		spin_unlock(&d->d_lock);
		if (found)
			break;
	}
	spin_unlock(&dir->d_lock);
	return found;
}

static void move_cursor_past(struct dentry *dir, struct dentry *cursor,
			     struct dentry *d)
{
	spin_lock(&dir->d_lock);
	/* d may have been renamed away: then the cursor stays. */
	if (d->d_parent == dir)
		list_move_tail(&cursor->d_child, &d->d_child);
	spin_unlock(&dir->d_lock);
}

/*
 * New children stand at the head of the list; we go from its tail to its head,
 * so that the oldest comes first and what is created meanwhile is seen once.
 */
int dcache_readdir(struct file *file, struct dir_context *ctx)
{
	struct dentry *dir = file_dentry(file), *cursor = file->private_data;
	struct dentry *d;
	bool more;

	if (ctx->pos == 0)
		place_cursor(dir, cursor, 0);
	if (!dir_emit_dots(file, ctx))
		return 0;
	while ((d = next_child(dir, cursor))) {
		struct inode *inode = d_inode(d);

		more = !inode || dir_emit(ctx, (const char *)d->d_name.name,
					  d->d_name.len, inode->i_ino,
					  (inode->i_mode & S_IFMT) >> 12);
		if (more) {
			move_cursor_past(dir, cursor, d);
			ctx->pos++;
		}
		dput(d);
		if (!more)
			break;
	}
	return 0;
}

ssize_t generic_read_dir(struct file *f, char __user *b, size_t n, loff_t *p)
{
	return -EISDIR;
}

const struct file_operations simple_dir_operations = {
	.open = dcache_dir_open,
	.release = dcache_dir_close,
	.llseek = dcache_dir_lseek,
	.read = generic_read_dir,
	.iterate_shared = dcache_readdir,
	.fsync = noop_fsync,
};

const struct inode_operations simple_dir_inode_operations = {
	.lookup = simple_lookup,
};

int simple_make_root(struct super_block *sb, umode_t mode)
{
	struct inode *root = new_inode(sb);

	if (!root)
		return -ENOMEM;
	root->i_ino = 1;
	root->i_mode = S_IFDIR | mode;
	root->i_op = &simple_dir_inode_operations;
	root->i_fop = &simple_dir_operations;
	root->i_atime = root->i_mtime = root->i_ctime = current_time(root);
	set_nlink(root, 2);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

/* ---- symlinks ---- */

const char *simple_get_link(struct dentry *d, struct inode *inode,
			    struct delayed_call *done)
{
	return inode->i_link;
}

const struct inode_operations simple_symlink_inode_operations = {
	.get_link = simple_get_link,
};

/* ---- small files ---- */

int simple_open(struct inode *inode, struct file *file)
{
	if (inode->i_private)
		file->private_data = inode->i_private;
	return 0;
}

int generic_file_open(struct inode *inode, struct file *file)
{
	return 0;
}

int noop_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return 0;
}

ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos,
				const void *from, size_t available)
{
	loff_t pos = *ppos;
	size_t left;

	if (pos < 0)
		return -EINVAL;
	if (pos >= (loff_t)available || !count)
		return 0;
	count = min(count, available - (size_t)pos);
	left = copy_to_user(to, (const char *)from + pos, count);
	if (left == count)
		return -EFAULT;
	*ppos = pos + count - left;
	return count - left;
}

ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos,
			       const void __user *from, size_t count)
{
	loff_t pos = *ppos;
	size_t left;

	if (pos < 0)
		return -EINVAL;
	if (pos >= (loff_t)available || !count)
		return 0;
	count = min(count, available - (size_t)pos);
	left = copy_from_user((char *)to + pos, from, count);
	if (left == count)
		return -EFAULT;
	*ppos = pos + count - left;
	return count - left;
}
