/* SPDX-License-Identifier: MIT */
/*
 * tmpfs.c -- files in the page cache, and nowhere else
 *
 * PROMISE.  A complete POSIX file system that forgets everything at umount and
 * never takes more pages than its size= says.
 *
 * IDEA.  The page cache is the store: a page that is dirty has no place to be
 * written to, so it stays.  The dcache is the directory: each dentry is pinned
 * by one count until its name is removed.  What is left to do is bookkeeping.
 *
 *	name   dentry (pinned) -> inode -> i_mapping: page 0, page 1, (hole) ...
 *
 * INVARIANTS
 *   I1  sbi->used_blocks equals the pages of this volume that have
 *       page->private == sbi.
 *   I2  A named file's dentry has one count more than its holders.
 *
 * LOCKING.  A page is charged under its lock, when it is new; uncharged when
 * the page cache lets go of it (free_folio).  The counters are atomic.
 *
 * NOT DONE.  Swapping pages out.
 *
 * SEE docs/52-tmpfs-and-initramfs.md.
 */

#include <fs/fs.h>
#include <fs/seq_file.h>
#include <fs/xattr.h>
#include "../vfs/internal.h"
#include "tmpfs.h"

#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/mmzone.h>
#include <mm/page_ref.h>
#include <mm/slab.h>

#define UNLIMITED 0

struct tmpfs_sb_info {
	atomic_long_t used_blocks;    /* pages */
	unsigned long max_blocks;     /* 0: no limit */
	atomic_long_t used_inodes;
	unsigned long max_inodes;     /* 0: no limit */
	umode_t mode;                 /* of the root */
	uid_t uid;
	gid_t gid;
};

static const struct super_operations tmpfs_ops;
static const struct inode_operations tmpfs_dir_iops, tmpfs_file_iops;
static const struct file_operations tmpfs_file_fops;
static const struct address_space_operations tmpfs_aops;

static struct kmem_cache *info_cache __ro_after_init;

static struct tmpfs_sb_info *sb_info(struct super_block *sb)
{
	return sb->s_fs_info;
}

/* ---- pages ---- */

/* Count a page that is new; it is locked.  0 or -ENOSPC. */
static int charge_page(struct page *page)
{
	struct tmpfs_sb_info *sbi = sb_info(page->mapping->host->i_sb);

	if (page->private)
		return 0;
	if (sbi->max_blocks != UNLIMITED &&
	    atomic_long_inc_return(&sbi->used_blocks) > (long)sbi->max_blocks) {
		atomic_long_dec(&sbi->used_blocks);
		return -ENOSPC;
	}
	if (sbi->max_blocks == UNLIMITED)
		atomic_long_inc(&sbi->used_blocks);
	page->private = (unsigned long)sbi;                      /* I1 */
	return 0;
}

static void tmpfs_free_folio(struct page *page)
{
	struct tmpfs_sb_info *sbi = (struct tmpfs_sb_info *)page->private;

	if (!sbi)
		return;
	page->private = 0;
	atomic_long_dec(&sbi->used_blocks);
}

/* A hole is read or mapped: a page of zeroes. */
static int tmpfs_read_folio(struct file *file, struct page *page)
{
	int err = charge_page(page);

	if (err) {
		unlock_page(page);
		return err;
	}
	return simple_read_folio(file, page);
}

static int tmpfs_write_begin(struct file *file, struct address_space *mapping,
			     loff_t pos, unsigned len, struct page **pagep,
			     void **fsdata)
{
	int err = simple_write_begin(file, mapping, pos, len, pagep, fsdata);

	if (err)
		return err;
	err = charge_page(*pagep);
	if (err) {
		struct page *page = *pagep;

		if (!PageUptodate(page))
			delete_from_page_cache(page);
		unlock_page(page);
		put_page(page);
	}
	return err;
}

static const struct address_space_operations tmpfs_aops = {
	.read_folio = tmpfs_read_folio,
	.write_begin = tmpfs_write_begin,
	.write_end = simple_write_end,
	.dirty_folio = noop_dirty_folio,
	.free_folio = tmpfs_free_folio,
};

/* ---- inodes ---- */

static int charge_inode(struct tmpfs_sb_info *sbi)
{
	if (atomic_long_inc_return(&sbi->used_inodes) > (long)sbi->max_inodes &&
	    sbi->max_inodes) {
		atomic_long_dec(&sbi->used_inodes);
		return -ENOSPC;
	}
	return 0;
}

/* ERR_PTR(-ENOSPC, -ENOMEM). */
static struct inode *tmpfs_get_inode(struct super_block *sb,
				     const struct inode *dir, umode_t mode,
				     dev_t dev)
{
	struct inode *inode;

	if (charge_inode(sb_info(sb)))
		return ERR_PTR(-ENOSPC);
	inode = new_inode(sb);
	if (!inode) {
		atomic_long_dec(&sb_info(sb)->used_inodes);
		return ERR_PTR(-ENOMEM);
	}
	inode->i_ino = get_next_ino();
	inode_init_owner(inode, dir, mode);
	inode->i_mapping->a_ops = &tmpfs_aops;
	set_bit(AS_SWAPBACKED, &inode->i_mapping->flags);
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	switch (mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &tmpfs_file_iops;
		inode->i_fop = &tmpfs_file_fops;
		break;
	case S_IFDIR:
		inode->i_op = &tmpfs_dir_iops;
		inode->i_fop = &simple_dir_operations;
		inc_nlink(inode);     /* for "." */
		break;
	case S_IFLNK:
		inode->i_op = &simple_symlink_inode_operations;
		break;
	default:
		inode->i_op = &tmpfs_file_iops;
		init_special_inode(inode, inode->i_mode, dev);
		break;
	}
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
	clear_inode(inode);
	atomic_long_dec(&sb_info(inode->i_sb)->used_inodes);
}

static int tmpfs_mknod(struct inode *dir, struct dentry *d, umode_t mode,
		       dev_t dev)
{
	struct inode *inode = tmpfs_get_inode(dir->i_sb, dir, mode, dev);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	dir->i_mtime = dir->i_ctime = current_time(dir);
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
	dir->i_mtime = dir->i_ctime = current_time(dir);
	d_instantiate(d, inode);
	dget(d);
	return 0;
}

static int tmpfs_tmpfile(struct inode *dir, struct file *file, umode_t mode)
{
	struct inode *inode = tmpfs_get_inode(dir->i_sb, dir, mode | S_IFREG, 0);

	if (IS_ERR(inode))
		return finish_open_simple(file, PTR_ERR(inode));
	d_tmpfile(file, inode);
	return finish_open_simple(file, 0);
}

static int tmpfs_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	int err = charge_inode(sb_info(dir->i_sb)); /* names cost, too */

	if (err)
		return err;
	atomic_long_dec(&sb_info(dir->i_sb)->used_inodes);
	return simple_link(old, dir, d);
}

/* Shrinking zeroes the rest of the last page and frees those behind it. */
static int tmpfs_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	if ((attr->ia_valid & ATTR_SIZE) && S_ISREG(inode->i_mode) &&
	    attr->ia_size != inode->i_size) {
		loff_t old = inode->i_size;

		i_size_write(inode, attr->ia_size);
		inode->i_mtime = inode->i_ctime = current_time(inode);
		if (attr->ia_size < old)
			truncate_pagecache(inode, attr->ia_size);
	}
	setattr_copy(inode, attr);
	return 0;
}

/* ---- files ---- */

static int punch_hole(struct inode *inode, loff_t offset, loff_t len)
{
	loff_t end = offset + len;

	unmap_mapping_range(inode->i_mapping, offset, len, 0);
	truncate_inode_pages_range(inode->i_mapping, offset, end - 1);
	return 0;
}

/* Make the pages of [offset, end) present: a promise of space. */
static int preallocate(struct inode *inode, loff_t offset, loff_t end)
{
	unsigned long index, last = (end - 1) >> PAGE_SHIFT;
	unsigned long most = sb_info(inode->i_sb)->max_blocks;
	struct page *page;
	int err = 0;

	if (most && last - (offset >> PAGE_SHIFT) >= most)
		return -ENOSPC;
	for (index = offset >> PAGE_SHIFT; index <= last && !err; index++) {
		if (signal_pending(current))
			return -EINTR;
		page = read_mapping_page(inode->i_mapping, index, NULL);
		if (IS_ERR(page))
			return PTR_ERR(page);
		set_page_dirty(page);
		put_page(page);
		cond_resched();
	}
	return err;
}

static long tmpfs_fallocate(struct file *file, int mode, loff_t offset,
			    loff_t len)
{
	struct inode *inode = file_inode(file);
	loff_t end = offset + len;
	long err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	inode_lock(inode);
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		err = punch_hole(inode, offset, len);
		goto out;
	}
	err = inode_newsize_ok(inode, end);
	if (err)
		goto out;
	err = preallocate(inode, offset, end);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > inode->i_size)
		i_size_write(inode, end);
out:
	if (!err)
		inode->i_mtime = inode->i_ctime = current_time(inode);
	inode_unlock(inode);
	return err;
}

/*
 * SEEK_DATA and SEEK_HOLE see the holes: what has no page.  Steps over pages
 * that exist, never over a hole: a hole can be longer than a life.
 */
static loff_t seek_hole_data(struct inode *inode, loff_t offset, int whence)
{
	loff_t size = i_size_read(inode);
	unsigned long index, next, last;
	struct page *page;

	if (offset < 0 || offset >= size)
		return -ENXIO;
	last = (size - 1) >> PAGE_SHIFT;
	for (index = offset >> PAGE_SHIFT; index <= last; index++) {
		next = index;
		if (!find_get_pages(inode->i_mapping, &next, last, 1, &page))
			return whence == SEEK_HOLE ?
				max(offset, (loff_t)index << PAGE_SHIFT) : -ENXIO;
		next = page->index;
		put_page(page);
		if (whence == SEEK_DATA)
			return max(offset, (loff_t)next << PAGE_SHIFT);
		if (next != index)
			return max(offset, (loff_t)index << PAGE_SHIFT);
		cond_resched();
	}
	return size;
}

static loff_t tmpfs_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	inode_lock_shared(inode);
	offset = seek_hole_data(inode, offset, whence);
	inode_unlock_shared(inode);
	if (offset >= 0)
		file->f_pos = offset;
	return offset;
}

static const struct file_operations tmpfs_file_fops = {
	.llseek = tmpfs_llseek,
	.read_iter = generic_file_read_iter,
	.write_iter = generic_file_write_iter,
	.mmap = generic_file_mmap,
	.fsync = noop_fsync,
	.fallocate = tmpfs_fallocate,
};

static const struct inode_operations tmpfs_file_iops = {
	.setattr = tmpfs_setattr,
	.getattr = simple_getattr,
};

static const struct inode_operations tmpfs_dir_iops = {
	.lookup = simple_lookup,
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = simple_unlink,
	.symlink = tmpfs_symlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = simple_rmdir,
	.mknod = tmpfs_mknod,
	.rename = simple_rename,
	.tmpfile = tmpfs_tmpfile,
	.setattr = tmpfs_setattr,
	.getattr = simple_getattr,
};

/* ---- the volume ---- */

static int tmpfs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct tmpfs_sb_info *sbi = sb_info(dentry->d_sb);
	long used = atomic_long_read(&sbi->used_blocks);

	buf->f_type = TMPFS_MAGIC;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	if (sbi->max_blocks) {
		buf->f_blocks = sbi->max_blocks;
		buf->f_bavail = buf->f_bfree = sbi->max_blocks - used;
	}
	if (sbi->max_inodes) {
		buf->f_files = sbi->max_inodes;
		buf->f_ffree = sbi->max_inodes -
			       atomic_long_read(&sbi->used_inodes);
	}
	return 0;
}

static int tmpfs_show_options(struct seq_file *m, struct dentry *root)
{
	struct tmpfs_sb_info *sbi = sb_info(root->d_sb);

	if (sbi->max_blocks && sbi->max_blocks != totalram_pages() / 2)
		seq_printf(m, ",size=%luk",
			   sbi->max_blocks << (PAGE_SHIFT - 10));
	if (sbi->max_inodes && sbi->max_inodes != totalram_pages() / 2)
		seq_printf(m, ",nr_inodes=%lu", sbi->max_inodes);
	if (sbi->mode != (S_IRWXUGO | S_ISVTX))
		seq_printf(m, ",mode=%03ho", sbi->mode);
	if (sbi->uid)
		seq_printf(m, ",uid=%u", sbi->uid);
	if (sbi->gid)
		seq_printf(m, ",gid=%u", sbi->gid);
	return 0;
}

/* "64m", "10%" of RAM, or bytes; in pages. */
static int parse_size(const char *text, unsigned long *pages)
{
	char *end;
	unsigned long long n = memparse(text, &end);

	if (*end == '%') {
		n = n * totalram_pages() / 100 * PAGE_SIZE;
		end++;
	}
	if (*end || end == text)
		return -EINVAL;
	*pages = (n + PAGE_SIZE - 1) >> PAGE_SHIFT;
	return 0;
}

static int parse_option(struct tmpfs_sb_info *sbi, char *name, char *value)
{
	unsigned long n;
	char *end;

	if (!value)
		return -EINVAL;
	if (!strcmp(name, "size"))
		return parse_size(value, &sbi->max_blocks);
	n = memparse(value, &end);
	if (!strcmp(name, "nr_blocks"))
		sbi->max_blocks = n;
	else if (!strcmp(name, "nr_inodes"))
		sbi->max_inodes = n;
	else if (!strcmp(name, "mode"))
		sbi->mode = simple_strtoul(value, &end, 8) & 07777;
	else if (!strcmp(name, "uid"))
		sbi->uid = n;
	else if (!strcmp(name, "gid"))
		sbi->gid = n;
	else if (strcmp(name, "huge") && strcmp(name, "mpol"))
		return -EINVAL;
	return *end ? -EINVAL : 0;
}

static int parse_options(struct tmpfs_sb_info *sbi, char *text)
{
	char *option, *value;

	while ((option = strsep(&text, ",")) != NULL) {
		int err;

		if (!*option)
			continue;
		value = strchr(option, '=');
		if (value)
			*value++ = 0;
		err = parse_option(sbi, option, value);
		if (err)
			return err;
	}
	return 0;
}

static int tmpfs_remount(struct super_block *sb, int *flags, char *data)
{
	struct tmpfs_sb_info *sbi = sb_info(sb), new = *sbi;
	int err = parse_options(&new, data);

	if (err)
		return err;
	if ((new.max_blocks && atomic_long_read(&sbi->used_blocks) >
	     (long)new.max_blocks) ||
	    (new.max_inodes && atomic_long_read(&sbi->used_inodes) >
	     (long)new.max_inodes))
		return -EINVAL;
	sbi->max_blocks = new.max_blocks;
	sbi->max_inodes = new.max_inodes;
	return 0;
}

static void tmpfs_put_super(struct super_block *sb)
{
	WARN_ON(atomic_long_read(&sb_info(sb)->used_blocks));    /* I1 */
	kfree(sb->s_fs_info);
	sb->s_fs_info = NULL;
}

static const struct super_operations tmpfs_ops = {
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.statfs = tmpfs_statfs,
	.drop_inode = generic_delete_inode,
	.evict_inode = tmpfs_evict_inode,
	.put_super = tmpfs_put_super,
	.remount_fs = tmpfs_remount,
	.show_options = tmpfs_show_options,
};

int tmpfs_fill_super(struct super_block *sb, void *data, int silent)
{
	struct tmpfs_sb_info *sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);
	struct inode *root;
	int err;

	if (!sbi)
		return -ENOMEM;
	sb->s_fs_info = sbi;
	sbi->max_blocks = sbi->max_inodes = totalram_pages() / 2;
	sbi->mode = S_IRWXUGO | S_ISVTX;
	sbi->uid = current_fsuid();
	sbi->gid = current_fsgid();
	err = parse_options(sbi, data);
	if (err)
		goto out_info;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_magic = TMPFS_MAGIC;
	sb->s_op = &tmpfs_ops;
	sb->s_d_op = &simple_dentry_operations;
	root = tmpfs_get_inode(sb, NULL, S_IFDIR | sbi->mode, 0);
	err = PTR_ERR_OR_ZERO(root);
	if (err)
		goto out_info;
	root->i_uid = sbi->uid;
	root->i_gid = sbi->gid;
	sb->s_root = d_make_root(root);
	if (sb->s_root)
		return 0;
	err = -ENOMEM;
out_info:
	kfree(sbi);
	sb->s_fs_info = NULL;
	return err;
}

static struct dentry *tmpfs_mount(struct file_system_type *type, int flags,
				  const char *dev_name, void *data)
{
	return mount_nodev(type, flags, data, tmpfs_fill_super);
}

/* The root that boot starts with: no limit but memory. */
static struct dentry *rootfs_mount(struct file_system_type *type, int flags,
				   const char *dev_name, void *data)
{
	char options[] = "mode=755,nr_blocks=0,nr_inodes=0";

	return mount_nodev(type, flags, options, tmpfs_fill_super);
}

static struct file_system_type tmpfs_type = {
	.name = "tmpfs",
	.fs_flags = FS_USERNS_MOUNT,
	.mount = tmpfs_mount,
	.kill_sb = kill_litter_super,
};

static struct file_system_type rootfs_type = {
	.name = "rootfs",
	.mount = rootfs_mount,
	.kill_sb = kill_litter_super,
};

/* Called by name from mnt_init(): the first volume is made of it. */
int rootfs_register(void)
{
	int err;

	info_cache = KMEM_CACHE(tmpfs_inode_info, SLAB_HWCACHE_ALIGN |
						  SLAB_PANIC);
	err = register_filesystem(&rootfs_type);
	return err ? err : register_filesystem(&tmpfs_type);
}
