/* SPDX-License-Identifier: MIT */
/*
 * super.c -- mounting, remounting and unmounting an ext2 volume
 *
 * PROMISE.  A volume that we do not understand, or that contradicts itself, is
 * refused, and the log says why.  While it is mounted for writing the disk says
 * "not clean"; after umount it says "clean" again, unless errors were seen.
 *
 * IDEA.  s_state in the super block is the flag.  It is cleared when writing
 * begins (mount, remount) and put back at the end.  What goes wrong between is
 * told to ext2_error(), which notes EXT2_ERROR_FS, so that e2fsck looks at the
 * volume, and does what errors= says.
 *
 * LOCKING.  s_umount for mount, remount, umount; sbi->lock for the fields of
 * the super block.
 */

#include "ext2.h"

#include <drivers/blkdev.h>
#include <fs/posix_acl.h>
#include <fs/seq_file.h>
#include <fs/xattr.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/panic.h>
#include <kernel/random.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <mm/writeback.h>

#define MAX_LOGGED_ERRORS 100

/* The first and last second that an inode can hold. */
#define OLDEST ((s64)-0x80000000ll)
#define LATEST_SMALL 0x7fffffffll     /* 2038 */
#define LATEST_LARGE 0x37fffffffll    /* 2446, with two bits more */

static struct kmem_cache *ext2_inode_cache;

/* ---- messages ---- */

void ext2_msg(struct super_block *sb, const char *level, const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printk("%sEXT2-fs (%s): %s\n", level, sb->s_id, text);
}

void ext2_error(struct super_block *sb, const char *where, const char *fmt, ...)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	int seen = atomic_inc_return(&sbi->errors);
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (seen <= MAX_LOGGED_ERRORS)
		pr_crit("EXT2-fs (%s): error: %s: %s\n", sb->s_id, where, text);
	if (sbi->opts.errors == EXT2_ERRORS_PANIC)
		panic("EXT2-fs (%s): panic from previous error\n", sb->s_id);
	if (sb_rdonly(sb))
		return;
	spin_lock(&sbi->lock);
	sbi->mount_state |= EXT2_ERROR_FS;
	sbi->es->s_state |= cpu_to_le16(EXT2_ERROR_FS);
	spin_unlock(&sbi->lock);
	if (seen == 1)
		ext2_write_super(sb, false, 1);
	if (sbi->opts.errors == EXT2_ERRORS_RO) {
		ext2_msg(sb, KERN_CRIT, "remounting filesystem read-only");
		sb->s_flags |= SB_RDONLY;
	}
}

/* ---- the super block ---- */

/*
 * Put the counts into the super block and have it written.  clean: the volume
 * is left behind; else it is in use.
 */
int ext2_write_super(struct super_block *sb, bool clean, int wait)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_super_block *es = sbi->es;
	u64 blocks, inodes, dirs;

	ext2_sum_groups(sb, &blocks, &inodes, &dirs);
	if (buffer_write_io_error(sbi->sbh)) {
		/* It failed before; the bytes in memory are right. */
		clear_buffer_write_io_error(sbi->sbh);
		set_buffer_uptodate(sbi->sbh);
	}
	spin_lock(&sbi->lock);
	if (clean)
		es->s_state = cpu_to_le16(sbi->mount_state);
	else
		es->s_state &= cpu_to_le16(~EXT2_VALID_FS);
	es->s_free_blocks_count = cpu_to_le32((u32)blocks);
	es->s_free_inodes_count = cpu_to_le32((u32)inodes);
	es->s_wtime = cpu_to_le32((u32)ktime_get_real_seconds());
	spin_unlock(&sbi->lock);
	mark_buffer_dirty(sbi->sbh);
	return wait ? sync_dirty_buffer(sbi->sbh) : 0;
}

/* Writing begins: one mount more, and no longer clean. */
static void begin_writing(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_super_block *es = sbi->es;
	u16 most = le16_to_cpu(es->s_max_mnt_count);
	u16 count = le16_to_cpu(es->s_mnt_count);

	sbi->mount_state = le16_to_cpu(es->s_state);
	if (!(sbi->mount_state & EXT2_VALID_FS))
		ext2_msg(sb, KERN_WARNING,
			 "warning: mounting unchecked fs, running e2fsck is recommended");
	else if (sbi->mount_state & EXT2_ERROR_FS)
		ext2_msg(sb, KERN_WARNING,
			 "warning: mounting fs with errors, running e2fsck is recommended");
	else if ((s16)most > 0 && count >= most)
		ext2_msg(sb, KERN_WARNING,
			 "warning: maximal mount count reached, running e2fsck is recommended");
	spin_lock(&sbi->lock);
	le16_add_cpu(&es->s_mnt_count, 1);
	es->s_mtime = cpu_to_le32((u32)ktime_get_real_seconds());
	spin_unlock(&sbi->lock);
	sbi->writing = true;
	ext2_write_super(sb, false, 1);
}

/* ---- inodes ---- */

static struct inode *ext2_alloc_inode(struct super_block *sb)
{
	struct ext2_inode_info *ei = kmem_cache_zalloc(ext2_inode_cache,
						       GFP_KERNEL);

	if (!ei)
		return NULL;
	inode_init_once(&ei->vfs_inode);
	init_rwsem(&ei->i_tree);
	mutex_init(&ei->index_mutex);
	ext2_window_init(&ei->window);
	return &ei->vfs_inode;
}

static void ext2_free_in_core(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	if (S_ISLNK(inode->i_mode) && inode->i_link != (char *)ei->i_data)
		kfree(inode->i_link);
	kmem_cache_free(ext2_inode_cache, ei);
}

/* ---- the VFS's operations ---- */

static int ext2_sync_fs(struct super_block *sb, int wait)
{
	if (sb_rdonly(sb))
		return 0;
	return ext2_write_super(sb, false, wait);
}

static void free_sbi(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	ext2_stop_settling(sb);
	ext2_put_groups(sb);
	brelse(sbi->sbh);
	sb->s_fs_info = NULL;
	kfree(sbi);
}

void ext2_set_feature(struct super_block *sb, u32 compat, u32 ro_compat)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_super_block *es = sbi->es;

	if ((le32_to_cpu(es->s_feature_compat) & compat) == compat &&
	    (le32_to_cpu(es->s_feature_ro_compat) & ro_compat) == ro_compat)
		return;
	spin_lock(&sbi->lock);
	if (es->s_rev_level == cpu_to_le32(EXT2_GOOD_OLD_REV)) {
		es->s_rev_level = cpu_to_le32(EXT2_DYNAMIC_REV);
		es->s_first_ino = cpu_to_le32(EXT2_GOOD_OLD_FIRST_INO);
		es->s_inode_size = cpu_to_le16(EXT2_GOOD_OLD_INODE_SIZE);
	}
	es->s_feature_compat |= cpu_to_le32(compat);
	es->s_feature_ro_compat |= cpu_to_le32(ro_compat);
	spin_unlock(&sbi->lock);
	ext2_write_super(sb, false, 1);
}

/* "Clean" is written after everything else has reached the disk. */
static void end_writing(struct super_block *sb)
{
	EXT2_SB(sb)->writing = false;
	if (!sync_blockdev(sb->s_bdev))
		ext2_write_super(sb, true, 1);
}

static void ext2_put_super(struct super_block *sb)
{
	if (!sb_rdonly(sb))
		end_writing(sb);
	free_sbi(sb);
}

static int ext2_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct super_block *sb = dentry->d_sb;
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u64 blocks, inodes, dirs;

	ext2_sum_groups(sb, &blocks, &inodes, &dirs);
	buf->f_type = EXT2_SUPER_MAGIC;
	buf->f_bsize = sb->s_blocksize;
	buf->f_blocks = sbi->geo.blocks_count -
			(sbi->opts.minixdf ? 0 : sbi->overhead);
	buf->f_bfree = blocks;
	buf->f_bavail = blocks > sbi->reserved ? blocks - sbi->reserved : 0;
	buf->f_files = sbi->geo.inodes_count;
	buf->f_ffree = inodes;
	buf->f_namelen = EXT2_NAME_LEN;
	buf->f_fsid[0] = get_unaligned_le32(sbi->es->s_uuid) ^
			 get_unaligned_le32(sbi->es->s_uuid + 8);
	buf->f_fsid[1] = get_unaligned_le32(sbi->es->s_uuid + 4) ^
			 get_unaligned_le32(sbi->es->s_uuid + 12);
	return 0;
}

static int ext2_show_options(struct seq_file *m, struct dentry *root)
{
	struct ext2_sb_info *sbi = EXT2_SB(root->d_sb);
	const struct ext2_options *o = &sbi->opts;
	u32 defaults = le32_to_cpu(sbi->es->s_default_mount_opts);
	u32 errors = le16_to_cpu(sbi->es->s_errors);

	if (o->sb_block != 1)
		seq_printf(m, ",sb=%u", o->sb_block);
	if (o->minixdf)
		seq_puts(m, ",minixdf");
	if (o->grpid)
		seq_puts(m, ",grpid");
	if (o->resuid != le16_to_cpu(sbi->es->s_def_resuid))
		seq_printf(m, ",resuid=%u", o->resuid);
	if (o->resgid != le16_to_cpu(sbi->es->s_def_resgid))
		seq_printf(m, ",resgid=%u", o->resgid);
	if (o->errors != errors || errors == EXT2_ERRORS_RO)
		seq_printf(m, ",errors=%s",
			   o->errors == EXT2_ERRORS_CONTINUE ? "continue" :
			   o->errors == EXT2_ERRORS_RO ? "remount-ro" : "panic");
	if (o->nouid32)
		seq_puts(m, ",nouid32");
	if (o->debug)
		seq_puts(m, ",debug");
	if (!o->user_xattr)
		seq_puts(m, ",nouser_xattr");
	else if (!(defaults & EXT2_DEFM_XATTR_USER))
		seq_puts(m, ",user_xattr");
	if (!o->acl)
		seq_puts(m, ",noacl");
	else if (!(defaults & EXT2_DEFM_ACL))
		seq_puts(m, ",acl");
	if (o->noreservation)
		seq_puts(m, ",noreservation");
	return 0;
}

/* ---- options ---- */

static int parse_options(struct super_block *sb, char *text,
			 struct ext2_options *o)
{
	const char *bad;

	if (!text || !ext2_parse_options(text, o, &bad))
		return 0;
	ext2_msg(sb, KERN_ERR, "error: unrecognized mount option \"%s\"", bad);
	return -EINVAL;
}

/* What the super block asks for, where the options said nothing. */
static void default_options(const struct ext2_super_block *es,
			    struct ext2_options *o)
{
	u32 bits = le32_to_cpu(es->s_default_mount_opts);

	if (!o->errors)
		o->errors = le16_to_cpu(es->s_errors);
	if (o->errors < EXT2_ERRORS_CONTINUE || o->errors > EXT2_ERRORS_PANIC)
		o->errors = EXT2_ERRORS_CONTINUE;
	if (!o->user_xattr_set)       /* ext4 for ext2: on without asking */
		o->user_xattr = true;
	if (!o->acl_set)
		o->acl = true;
	if (!o->grpid_set)
		o->grpid = bits & EXT2_DEFM_BSDGROUPS;
	if (bits & EXT2_DEFM_UID16)
		o->nouid32 = true;
	if (o->resuid == (uid_t)-1)
		o->resuid = le16_to_cpu(es->s_def_resuid);
	if (o->resgid == (gid_t)-1)
		o->resgid = le16_to_cpu(es->s_def_resgid);
}

static void apply_flags(struct super_block *sb)
{
	if (EXT2_SB(sb)->opts.acl)
		sb->s_flags |= SB_POSIXACL;
	else
		sb->s_flags &= ~SB_POSIXACL;
}

/* ---- mount ---- */

/* The super block with the given block size in place: 0, -EINVAL, -EIO. */
static int read_super(struct super_block *sb, u32 block, u32 offset)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	brelse(sbi->sbh);
	sbi->sbh = sb_bread(sb, block);
	if (!sbi->sbh) {
		ext2_msg(sb, KERN_ERR, "error: unable to read superblock");
		return -EIO;
	}
	sbi->es = (void *)sbi->sbh->b_data + offset;
	return 0;
}

static int check_features(struct super_block *sb)
{
	const struct ext2_geometry *g = EXT2_GEO(sb);
	u32 incompat = g->incompat & ~EXT2_INCOMPAT_SUPPORTED;
	u32 ro = g->ro_compat & ~EXT2_RO_COMPAT_SUPPORTED;
	char names[120];

	ext2_name_features(incompat, ro, names, sizeof(names));
	if (incompat) {
		ext2_msg(sb, KERN_ERR, "error: couldn't mount because of "
			 "unsupported optional features (%s)", names);
		return -EINVAL;
	}
	if (ro && !sb_rdonly(sb)) {
		ext2_msg(sb, KERN_ERR, "error: couldn't mount RDWR because of "
			 "unsupported optional features (%s)", names);
		return -EINVAL;
	}
	return 0;
}

/* Find the super block, learn the block size, read it again with that. */
static int find_super(struct super_block *sb, u32 sb_block, int silent,
		      u32 *at)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u64 device = bdev_nr_bytes(sb->s_bdev), pos = (u64)sb_block * 1024;
	int size = sb_min_blocksize(sb, EXT2_MIN_BLOCK_SIZE);
	const char *wrong;
	int err;

	if (!size || pos + 1024 > device)
		return -EINVAL;
	err = read_super(sb, pos / size, pos % size);
	if (err)
		return err;
	wrong = ext2_read_geometry(sbi->es, device, &sbi->geo);
	if (!wrong) {
		err = check_features(sb);
		if (err)
			return err;
		if (sbi->geo.block_size < (u32)size)
			wrong = "blocks are smaller than the device's sectors";
	}
	if (wrong) {
		if (!silent)
			ext2_msg(sb, KERN_ERR, "%s", wrong);
		return -EINVAL;
	}
	size = sbi->geo.block_size;
	*at = pos / size;
	if ((u32)size == sb->s_blocksize)
		return 0;
	brelse(sbi->sbh);
	sbi->sbh = NULL;
	if (!sb_set_blocksize(sb, size))
		return -EINVAL;
	err = read_super(sb, pos / size, pos % size);
	if (err)
		return err;
	return ext2_read_geometry(sbi->es, device, &sbi->geo) ? -EINVAL : 0;
}

static void init_counts(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u64 blocks, inodes, dirs;

	ext2_sum_groups(sb, &blocks, &inodes, &dirs);
	atomic_long_set(&sbi->free_blocks, blocks);
	atomic_long_set(&sbi->free_inodes, inodes);
	atomic_long_set(&sbi->dirs, dirs);
	sbi->reserved = min(le32_to_cpu(sbi->es->s_r_blocks_count),
			    sbi->geo.blocks_count);
	sbi->overhead = ext2_overhead(&sbi->geo);
	atomic_set(&sbi->next_generation, get_random_u32());
}

static void init_sb(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	bool large = sbi->geo.inode_size > EXT2_GOOD_OLD_INODE_SIZE;

	sb->s_magic = EXT2_SUPER_MAGIC;
	sb->s_maxbytes = ext2_max_bytes(&sbi->geo);
	sb->s_max_links = EXT2_LINK_MAX;
	sb->s_time_gran = large ? 1 : 1000000000;
	sb->s_time_min = OLDEST;
	sb->s_time_max = large ? LATEST_LARGE : LATEST_SMALL;
	memcpy(sb->s_uuid, sbi->es->s_uuid, sizeof(sb->s_uuid));
	sb->s_xattr = ext2_xattr_handlers;
	sb->s_export_op = &ext2_export_ops;
	apply_flags(sb);
}

static const struct super_operations ext2_sops;

static int read_root(struct super_block *sb)
{
	struct inode *root = ext2_iget(sb, EXT2_ROOT_INO);

	if (IS_ERR(root))
		return PTR_ERR(root);
	if (!S_ISDIR(root->i_mode) || !root->i_blocks || !root->i_size) {
		iput(root);
		ext2_msg(sb, KERN_ERR, "error: corrupt root inode, run e2fsck");
		return -EINVAL;
	}
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int fill_volume(struct super_block *sb, void *data, int silent)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_options *o = &sbi->opts;
	u32 sb_block;
	int err;

	o->sb_block = 1;
	o->resuid = o->resgid = -1;
	err = parse_options(sb, data, o);
	if (!err)
		err = find_super(sb, o->sb_block, silent, &sb_block);
	if (err)
		return err;
	default_options(sbi->es, o);
	err = ext2_read_groups(sb, sb_block);
	if (err)
		return err;
	init_counts(sb);
	init_sb(sb);
	sb->s_op = &ext2_sops;
	return read_root(sb);
}

static int ext2_fill_super(struct super_block *sb, void *data, int silent)
{
	struct ext2_sb_info *sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);
	static const struct super_operations none;
	int err;

	if (!sbi)
		return -ENOMEM;
	sb->s_fs_info = sbi;
	spin_lock_init(&sbi->lock);
	spin_lock_init(&sbi->window_lock);
	init_rwsem(&sbi->xattr_sem);
	sbi->windows = RB_ROOT;
	sbi->sb = sb;
	INIT_DELAYED_WORK(&sbi->settle, ext2_settle_work);
	err = fill_volume(sb, data, silent);
	if (!err) {
		if (!sb_rdonly(sb))
			begin_writing(sb);
		return 0;
	}
	evict_inodes(sb);             /* the root, if it was read */
	sb->s_op = &none;
	free_sbi(sb);
	return err;
}

/* ---- remount ---- */

static int to_read_write(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 ro = sbi->geo.ro_compat & ~EXT2_RO_COMPAT_SUPPORTED;
	char names[120];

	if (ro) {
		ext2_name_features(0, ro, names, sizeof(names));
		ext2_msg(sb, KERN_WARNING, "warning: couldn't remount RDWR "
			 "because of unsupported optional features (%s)",
			 names);
		return -EROFS;
	}
	begin_writing(sb);
	return 0;
}

static int ext2_remount(struct super_block *sb, int *flags, char *data)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_options new = sbi->opts;
	bool to_ro = *flags & SB_RDONLY;
	int err;

	err = parse_options(sb, data, &new);
	if (err)
		return err;
	sync_filesystem(sb);
	if (!to_ro && !sbi->writing) {
		err = to_read_write(sb);
		if (err)
			return err;
	} else if (to_ro && sbi->writing) {
		end_writing(sb);      /* SB_RDONLY is set already */
	}
	sbi->opts = new;
	apply_flags(sb);
	return 0;
}

static const struct super_operations ext2_sops = {
	.alloc_inode = ext2_alloc_inode,
	.free_inode = ext2_free_in_core,
	.write_inode = ext2_write_inode,
	.evict_inode = ext2_evict_inode,
	.put_super = ext2_put_super,
	.sync_fs = ext2_sync_fs,
	.statfs = ext2_statfs,
	.remount_fs = ext2_remount,
	.show_options = ext2_show_options,
};

static struct dentry *ext2_mount(struct file_system_type *type, int flags,
				 const char *dev_name, void *data)
{
	return mount_bdev(type, flags, dev_name, data, ext2_fill_super);
}

static struct file_system_type ext2_type = {
	.name = "ext2",
	.fs_flags = FS_REQUIRES_DEV,
	.mount = ext2_mount,
	.kill_sb = kill_block_super,
};

static int ext2_init(void)
{
	ext2_inode_cache = KMEM_CACHE(ext2_inode_info, SLAB_HWCACHE_ALIGN |
						       SLAB_RECLAIM_ACCOUNT);
	if (!ext2_inode_cache)
		return -ENOMEM;
	return register_filesystem(&ext2_type);
}
module_init(ext2_init);
