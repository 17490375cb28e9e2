/* SPDX-License-Identifier: MIT */
#ifndef FS_LIBFS_H
#define FS_LIBFS_H
/* libfs.h -- ready-made operations; fs/vfs/libfs.c */

#include <fs/inode.h>
#include <fs/open_file.h>
#include <fs/super.h>

extern const struct file_operations simple_dir_operations;
extern const struct inode_operations simple_dir_inode_operations;
extern const struct inode_operations simple_symlink_inode_operations;
extern const struct inode_operations page_symlink_inode_operations;
extern const struct dentry_operations simple_dentry_operations;
extern const struct file_operations pipefifo_fops;
/* Character devices: drivers/base fills this (open looks up the driver). */
extern const struct file_operations def_chr_fops;
extern const struct file_operations def_blk_fops;  /* fs/bdev_fops.c */
struct dentry *simple_lookup(struct inode *dir, struct dentry *d, unsigned f);
int simple_getattr(const struct path *path, struct kstat *stat, u32 mask,
		   unsigned int flags);
int simple_setattr(struct dentry *dentry, struct iattr *attr);
int simple_statfs(struct dentry *dentry, struct kstatfs *buf);
int simple_link(struct dentry *old, struct inode *dir, struct dentry *d);
int simple_unlink(struct inode *dir, struct dentry *d);
int simple_rmdir(struct inode *dir, struct dentry *d);
int simple_rename(struct inode *od, struct dentry *o, struct inode *nd,
		  struct dentry *n, unsigned int flags);
bool simple_empty(struct dentry *dentry);
/* The root of a tree in memory: a directory, inode 1; 0 or -ENOMEM. */
int simple_make_root(struct super_block *sb, umode_t mode);
int simple_open(struct inode *inode, struct file *file);
ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos,
				const void *from, size_t available);
ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos,
			       const void __user *from, size_t count);
int dcache_readdir(struct file *file, struct dir_context *ctx);
int dcache_dir_open(struct inode *inode, struct file *file);
int dcache_dir_close(struct inode *inode, struct file *file);
loff_t dcache_dir_lseek(struct file *file, loff_t offset, int whence);
loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
loff_t default_llseek(struct file *file, loff_t offset, int whence);
loff_t fixed_size_llseek(struct file *file, loff_t off, int whence, loff_t size);
ssize_t generic_read_dir(struct file *f, char __user *b, size_t n, loff_t *p);
int generic_file_open(struct inode *inode, struct file *file);
int noop_fsync(struct file *file, loff_t start, loff_t end, int datasync);
void generic_fillattr(struct inode *inode, struct kstat *stat);

/* Small enough to be used by drivers, which lie below fs/. */
static inline loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	return -ESPIPE;
}

static inline loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos;
}

/* For ->open of what has no seekable position, or none at all. */
static inline int nonseekable_open(struct inode *inode, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

static inline int stream_open(struct inode *inode, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE |
			  FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
	return 0;
}

#endif
