/* SPDX-License-Identifier: MIT */
/* ext2_vfs.c -- see ext2_vfs.h */

#include "ext2_vfs.h"

#include <drivers/blkdev.h>
#include <fs/fiemap.h>
#include <fs/fileattr.h>
#include <fs/posix_acl.h>
#include <fs/seq_file.h>
#include <fs/xattr.h>
#include <kernel/rwsem.h>
#include <kernel/timekeeping.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

u8 *disk;
size_t disk_size;
struct super_block vol;
long fail_after, fail_read = -1, held_buffers;

static struct cred root_cred;
static struct task_struct self;
static struct block_device bdev;
static struct buffer_head **blocks;   /* by number */
static size_t nr_blocks;
static struct inode **inodes;         /* by number */
static u32 nr_inodes;
static int (*fill_super)(struct super_block *, void *, int);
static struct file_system_type *type;

/* ---- memory ---- */

static bool fails(void)
{
	return fail_after && --fail_after == 0;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	if (fails())
		return NULL;
	return gfp & __GFP_ZERO ? calloc(1, size) : malloc(size);
}

void kfree(const void *p)
{
	free((void *)p);
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp);
}

void kvfree(const void *p)
{
	free((void *)p);
}

char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	char *copy = kmalloc(max + 1, gfp | __GFP_ZERO);

	if (copy)
		strncpy(copy, s, max);
	return copy;
}

static size_t object_size;

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *))
{
	object_size = size;
	return (void *)8;
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	return kmalloc(object_size, gfp);
}

void kmem_cache_free(struct kmem_cache *c, void *p)
{
	free(p);
}

/* ---- buffers ---- */

struct buffer_head *__getblk_gfp(struct block_device *b, sector_t block,
				 unsigned size, gfp_t gfp)
{
	struct buffer_head *bh;

	if (block >= nr_blocks || fails())
		return NULL;
	bh = blocks[block];
	if (!bh) {
		bh = calloc(1, sizeof(*bh));
		bh->b_data = malloc(size);
		bh->b_size = size;
		bh->b_blocknr = block;
		set_buffer_mapped(bh);
		blocks[block] = bh;
	}
	get_bh(bh);
	return bh;
}

int bh_uptodate_or_lock(struct buffer_head *bh)
{
	return buffer_uptodate(bh);
}

int __bh_read(struct buffer_head *bh, unsigned int opf, bool wait)
{
	if (bh->b_blocknr == (sector_t)fail_read)
		return -EIO;
	memcpy(bh->b_data, disk + bh->b_blocknr * bh->b_size, bh->b_size);
	set_buffer_uptodate(bh);
	return 0;
}

struct buffer_head *__bread_gfp(struct block_device *b, sector_t block,
				unsigned size, gfp_t gfp)
{
	struct buffer_head *bh = __getblk_gfp(b, block, size, gfp);

	if (bh && bh_read(bh, 0) < 0) {
		brelse(bh);
		return NULL;
	}
	return bh;
}

struct buffer_head *__find_get_block(struct block_device *b, sector_t block,
				     unsigned size)
{
	if (block >= nr_blocks || !blocks[block])
		return NULL;
	get_bh(blocks[block]);
	return blocks[block];
}

void __breadahead(struct block_device *b, sector_t block, unsigned size)
{
}

void __brelse(struct buffer_head *bh)
{
	BUG_ON(atomic_read(&bh->b_count) <= 0);
	put_bh(bh);
}

void __bforget(struct buffer_head *bh)
{
	clear_buffer_dirty(bh);
	__brelse(bh);
}

void __lock_buffer(struct buffer_head *bh)
{
	printf("# buffer %lu is locked twice\n", (unsigned long)bh->b_blocknr);
	__builtin_trap();
}

void unlock_buffer(struct buffer_head *bh)
{
	clear_buffer_locked(bh);
}

void mark_buffer_dirty(struct buffer_head *bh)
{
	BUG_ON(!buffer_uptodate(bh));
	set_buffer_dirty(bh);
}

void mark_buffer_dirty_inode(struct buffer_head *bh, struct inode *inode)
{
	mark_buffer_dirty(bh);
}

int sync_dirty_buffer(struct buffer_head *bh)
{
	if (test_clear_buffer_dirty(bh))
		memcpy(disk + bh->b_blocknr * bh->b_size, bh->b_data,
		       bh->b_size);
	return 0;
}

int inode_has_buffers(struct inode *inode)
{
	return 0;
}

int sync_mapping_buffers(struct address_space *mapping)
{
	return 0;
}

void invalidate_inode_buffers(struct inode *inode)
{
}

int sync_blockdev(struct block_device *b)
{
	for (size_t i = 0; i < nr_blocks; i++)
		if (blocks[i])
			sync_dirty_buffer(blocks[i]);
	return 0;
}

/* Blocks change their size: what is cached is void. */
static void drop_blocks(void)
{
	for (size_t i = 0; i < nr_blocks; i++) {
		if (!blocks[i])
			continue;
		held_buffers += atomic_read(&blocks[i]->b_count);
		free(blocks[i]->b_data);
		free(blocks[i]);
	}
	free(blocks);
	blocks = NULL;
	nr_blocks = 0;
}

int sb_set_blocksize(struct super_block *sb, int size)
{
	drop_blocks();
	sb->s_blocksize = size;
	sb->s_blocksize_bits = __builtin_ctz(size);
	nr_blocks = disk_size / size;
	blocks = calloc(nr_blocks, sizeof(*blocks));
	return size;
}

int sb_min_blocksize(struct super_block *sb, int size)
{
	return sb_set_blocksize(sb, size);
}

/* ---- inodes ---- */

struct inode *new_inode(struct super_block *sb)
{
	struct inode *inode = sb->s_op->alloc_inode(sb);

	if (!inode)
		return NULL;
	inode->i_sb = sb;
	inode->i_blkbits = sb->s_blocksize_bits;
	inode->i_nlink = 1;
	atomic_set(&inode->i_count, 1);
	inode->i_mapping = &inode->i_data;
	inode->i_data.host = inode;
	return inode;
}

int insert_inode_locked(struct inode *inode)
{
	if (inodes[inode->i_ino])
		return -EBUSY;
	inodes[inode->i_ino] = inode;
	inode->i_state = I_NEW;
	return 0;
}

struct inode *iget_locked(struct super_block *sb, unsigned long ino)
{
	struct inode *inode = inodes[ino];

	if (inode) {
		atomic_inc(&inode->i_count);
		return inode;
	}
	inode = new_inode(sb);
	if (inode) {
		inode->i_ino = ino;
		insert_inode_locked(inode);
	}
	return inode;
}

void unlock_new_inode(struct inode *inode)
{
	inode->i_state &= ~I_NEW;
}

static const struct inode_operations bad_ops;

void make_bad_inode(struct inode *inode)
{
	if (inode->i_ino && inodes[inode->i_ino] == inode)
		inodes[inode->i_ino] = NULL;
	inode->i_mode = S_IFREG;
	inode->i_op = &bad_ops;
}

bool is_bad_inode(struct inode *inode)
{
	return inode->i_op == &bad_ops;
}

static void evict(struct inode *inode)
{
	struct inode **slot = &inodes[inode->i_ino];

	inode->i_state |= I_FREEING;
	inode->i_sb->s_op->evict_inode(inode);
	if (*slot == inode)
		*slot = NULL;
	inode->i_sb->s_op->free_inode(inode);
}

static void write_back(struct inode *inode)
{
	struct writeback_control wbc = { .sync_mode = WB_SYNC_NONE };

	if (inode->i_state & I_DIRTY) {
		inode->i_state &= ~I_DIRTY;
		inode->i_sb->s_op->write_inode(inode, &wbc);
	}
}

void iput(struct inode *inode)
{
	if (!inode)
		return;
	BUG_ON(atomic_read(&inode->i_count) <= 0);
	if (atomic_dec_return(&inode->i_count))
		return;
	if (!inode->i_nlink || is_bad_inode(inode))
		evict(inode);
}

void vol_drop_inodes(void)
{
	for (u32 i = 0; i < nr_inodes; i++) {
		if (!inodes[i] || atomic_read(&inodes[i]->i_count))
			continue;
		write_back(inodes[i]);
		evict(inodes[i]);
	}
}

void evict_inodes(struct super_block *sb)
{
	vol_drop_inodes();
}

void iget_failed(struct inode *inode)
{
	inode->i_nlink = 0;
	iput(inode);
}

void discard_new_inode(struct inode *inode)
{
	inode->i_state &= ~I_NEW;
	iput(inode);
}

void ihold(struct inode *inode)
{
	atomic_inc(&inode->i_count);
}

void clear_inode(struct inode *inode)
{
}

void set_nlink(struct inode *inode, unsigned int n)
{
	inode->i_nlink = n;
}

void clear_nlink(struct inode *inode)
{
	inode->i_nlink = 0;
}

void inc_nlink(struct inode *inode)
{
	inode->i_nlink++;
}

void drop_nlink(struct inode *inode)
{
	BUG_ON(!inode->i_nlink);
	inode->i_nlink--;
}

void inode_init_once(struct inode *inode)
{
	memset(inode, 0, sizeof(*inode));
}

void inode_init_owner(struct inode *inode, const struct inode *dir,
		      umode_t mode)
{
	inode->i_mode = mode;
}

void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
	inode->i_rdev = rdev;
}

void __mark_inode_dirty(struct inode *inode, int flags)
{
	inode->i_state |= flags;
}

int sync_inode_metadata(struct inode *inode, int wait)
{
	write_back(inode);
	return 0;
}

struct timespec64 current_time(struct inode *inode)
{
	return (struct timespec64){ .tv_sec = 1700000000, .tv_nsec = 42 };
}

/* ---- dentries ---- */

struct dentry *make_dentry(const char *name, struct inode *inode)
{
	struct dentry *d = calloc(1, sizeof(*d));

	d->d_name.len = strlen(name);
	memcpy(d->d_iname, name, min(d->d_name.len,
				     (u32)sizeof(d->d_iname)));
	d->d_name.name = (const unsigned char *)name;
	d->d_inode = inode;
	d->d_parent = d;
	d->d_sb = &vol;
	return d;
}

void free_dentry(struct dentry *d)
{
	iput(d->d_inode);
	free(d);
}

struct dentry *d_make_root(struct inode *inode)
{
	struct dentry *d = make_dentry("/", inode);

	return d;
}

void d_instantiate(struct dentry *dentry, struct inode *inode)
{
	dentry->d_inode = inode;
}

void d_instantiate_new(struct dentry *dentry, struct inode *inode)
{
	unlock_new_inode(inode);
	dentry->d_inode = inode;
}

struct dentry *d_splice_alias(struct inode *inode, struct dentry *dentry)
{
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	dentry->d_inode = inode;
	return NULL;
}

/* ---- locks count, and complain ---- */

void __init_rwsem(struct rw_semaphore *sem)
{
	memset(sem, 0, sizeof(*sem));
}

static void take(struct rw_semaphore *sem)
{
	int *held = (int *)sem;

	if (++*held != 1) {
		printf("# a lock is taken twice\n");
		__builtin_trap();
	}
}

void down_read_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	take(sem);
}

void down_write_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	take(sem);
}

void up_read(struct rw_semaphore *sem)
{
	--*(int *)sem;
}

void up_write(struct rw_semaphore *sem)
{
	--*(int *)sem;
}

/* ---- the volume ---- */

int register_filesystem(struct file_system_type *fs)
{
	type = fs;
	return 0;
}

struct dentry *mount_bdev(struct file_system_type *fs, int flags,
			  const char *dev_name, void *data,
			  int (*fill)(struct super_block *, void *, int))
{
	fill_super = fill;
	return NULL;
}

int sync_filesystem(struct super_block *sb)
{
	for (u32 i = 0; i < nr_inodes; i++)
		if (inodes[i])
			write_back(inodes[i]);
	sb->s_op->sync_fs(sb, 1);
	return sync_blockdev(NULL);
}

void kill_block_super(struct super_block *sb)
{
}

int vol_mount(char *options, bool read_only)
{
	int err;

	current_task = &self;
	self.cred = self.real_cred = &root_cred;
	if (!type)
		ext2_init_for_test();
	type->mount(type, 0, "disk", NULL);
	memset(&vol, 0, sizeof(vol));
	vol.s_bdev = &bdev;
	vol.s_type = type;
	vol.s_flags = read_only ? SB_RDONLY : 0;
	held_buffers = 0;
	bdev.bd_nr_sectors = disk_size >> 9;
	strscpy(vol.s_id, "disk", sizeof(vol.s_id));
	nr_inodes = 1 << 20;
	inodes = calloc(nr_inodes, sizeof(*inodes));
	err = fill_super(&vol, options, 0);
	if (err) {
		vol_drop_inodes();
		free(inodes);
		drop_blocks();
	}
	return err;
}

void vol_umount(void)
{
	free_dentry(vol.s_root);
	if (!sb_rdonly(&vol))
		sync_filesystem(&vol);
	vol_drop_inodes();
	vol.s_op->put_super(&vol);
	sync_blockdev(NULL);
	for (u32 i = 0; i < nr_inodes; i++)
		if (inodes[i])
			printf("# inode %u is still in use\n", i);
	free(inodes);
	drop_blocks();
}

/* ---- what is not reached, or says yes ---- */

bool in_group_p(gid_t gid)
{
	return false;
}

bool capable(int cap)
{
	return true;
}

time64_t ktime_get_real_seconds(void)
{
	return 1700000000;
}

u32 get_random_u32(void)
{
	return 12345;
}

u32 get_random_u32_below(u32 ceil)
{
	static u32 n;

	return n++ % ceil;
}

int posix_acl_create(struct inode *dir, umode_t *mode,
		     struct posix_acl **default_acl, struct posix_acl **acl)
{
	*default_acl = *acl = NULL;
	return 0;
}

bool inode_needs_sync(struct inode *inode)
{
	return false;
}

int block_truncate_page(struct address_space *mapping, loff_t from,
			get_block_t *get_block)
{
	return 0;
}

int setattr_prepare(struct dentry *dentry, struct iattr *attr)
{
	return 0;
}


ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(src, size - 1);

	memcpy(dst, src, n);
	dst[n] = 0;
	return n;
}

/* The log: silence, unless somebody looks for a reason. */
int printk(const char *format, ...)
{
	return 0;
}

/* Nobody stores behind a file's end here: nothing is mapped. */
void pagecache_isize_extended(struct inode *inode, loff_t from, loff_t to)
{
}
