/* SPDX-License-Identifier: MIT */
/*
 * super.c -- mounting a CD
 *
 * PROMISE.  A disc with blocks of 2048 bytes is mounted, always read-only.
 *
 * IDEA.  The descriptors name up to two trees with the same files.  The primary
 * one is taken if its first record announces Rock Ridge; else Joliet's, which
 * at least has the names as they were; else the primary one's capitals.
 *
 * SEE docs/83-iso9660.md.
 */

#include "isofs.h"

#include <drivers/blkdev.h>
#include <fs/seq_file.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <mm/slab.h>

#define ISOFS_MAGIC 0x9660

static struct kmem_cache *iso_inode_cache;

/* ---- options ---- */

/* A number in that base which ends the word. */
static bool read_number(const char *text, u32 base, u32 *to)
{
	char *end;

	*to = simple_strtoul(text, &end, base);
	return end != text && !*end;
}

static bool parse_value(char *word, char *value, struct iso_options *o)
{
	u32 n;

	if (!strcmp(word, "map")) {
		o->map_off = *value == 'o';
		return *value == 'o' || *value == 'n' || *value == 'a';
	}
	if (!strcmp(word, "mode") || !strcmp(word, "dmode")) {
		if (!read_number(value, 8, &n))
			return false;
		*(*word == 'm' ? &o->mode : &o->dmode) = n & 07777;
		return true;
	}
	if (!strcmp(word, "iocharset"))
		return !strcmp(value, "utf8");
	if (!strcmp(word, "check"))
		return true;
	if (!read_number(value, 10, &n))
		return false;
	if (!strcmp(word, "uid")) {
		o->uid = n;
		o->uid_set = true;
	} else if (!strcmp(word, "gid")) {
		o->gid = n;
		o->gid_set = true;
	} else if (!strcmp(word, "sbsector")) {
		o->sbsector = n;
	} else {
		return !strcmp(word, "block") || !strcmp(word, "session");
	}
	return true;
}

static bool parse_word(char *word, struct iso_options *o)
{
	char *value = strchr(word, '=');

	if (value) {
		*value = 0;
		return parse_value(word, value + 1, o);
	}
	if (!strcmp(word, "norock"))
		o->norock = true;
	else if (!strcmp(word, "nojoliet"))
		o->nojoliet = true;
	else if (!strcmp(word, "unhide"))
		o->unhide = true;
	else
		return !strcmp(word, "utf8");
	return true;
}

static int parse_options(char *text, struct iso_options *o)
{
	char *word;

	o->mode = o->dmode = ISO_KEEP;
	while ((word = strsep(&text, ",")) != NULL)
		if (*word && !parse_word(word, o))
			return -EINVAL;
	return 0;
}

static int iso_show_options(struct seq_file *m, struct dentry *root)
{
	const struct iso_sb_info *sbi = ISO_SB(root->d_sb);

	if (sbi->opts.norock)
		seq_puts(m, ",norock");
	if (sbi->opts.nojoliet)
		seq_puts(m, ",nojoliet");
	if (sbi->opts.map_off)
		seq_puts(m, ",map=o");
	if (sbi->opts.unhide)
		seq_puts(m, ",unhide");
	if (sbi->opts.uid_set)
		seq_printf(m, ",uid=%u", sbi->opts.uid);
	if (sbi->opts.gid_set)
		seq_printf(m, ",gid=%u", sbi->opts.gid);
	if (sbi->opts.mode != ISO_KEEP)
		seq_printf(m, ",fmode=%o", sbi->opts.mode);
	if (sbi->opts.dmode != ISO_KEEP)
		seq_printf(m, ",dmode=%o", sbi->opts.dmode);
	seq_puts(m, sbi->volume.joliet ? ",iocharset=utf8" : "");
	return 0;
}

/* ---- super operations ---- */

static struct inode *iso_alloc_inode(struct super_block *sb)
{
	struct iso_inode_info *ii = kmem_cache_zalloc(iso_inode_cache,
						      GFP_KERNEL);

	return ii ? &ii->vfs_inode : NULL;
}

static void iso_free_inode(struct inode *inode)
{
	struct iso_inode_info *ii = ISO_I(inode);

	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	if (ii->sections != &ii->first)
		kfree(ii->sections);
	kmem_cache_free(iso_inode_cache, ii);
}

static int iso_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	buf->f_type = ISOFS_MAGIC;
	buf->f_bsize = ISO_BLOCK;
	buf->f_blocks = ISO_SB(dentry->d_sb)->volume.blocks;
	buf->f_namelen = ISO_NAME_MAX;
	return 0;
}

static void iso_put_super(struct super_block *sb)
{
	kfree(sb->s_fs_info);
	sb->s_fs_info = NULL;
}

static int iso_remount(struct super_block *sb, int *flags, char *data)
{
	return *flags & SB_RDONLY ? 0 : -EROFS;
}

static const struct super_operations iso_sops = {
	.alloc_inode = iso_alloc_inode,
	.free_inode = iso_free_inode,
	.put_super = iso_put_super,
	.statfs = iso_statfs,
	.remount_fs = iso_remount,
	.show_options = iso_show_options,
};

/* ---- mount ---- */

/* Read the descriptors: the primary volume, and Joliet's if there is one. */
static int find_volumes(struct super_block *sb, struct iso_volume *primary,
			struct iso_volume *joliet)
{
	u32 at = ISO_SB(sb)->opts.sbsector + ISO_FIRST_DESCRIPTOR, n;
	struct buffer_head *bh;
	struct iso_volume v;
	int err = -EINVAL;

	for (n = 0; n < ISO_MAX_DESCRIPTORS; n++) {
		enum iso_descriptor what;

		bh = sb_bread(sb, at + n);
		if (!bh)
			return n ? err : -EIO;
		what = iso_read_descriptor((u8 *)bh->b_data, &v);
		brelse(bh);
		if (what == ISO_PRIMARY && err) {
			*primary = v;
			err = 0;
		} else if (what == ISO_JOLIET && v.joliet > joliet->joliet) {
			*joliet = v;
		} else if (what == ISO_END || what == ISO_BAD) {
			break;
		}
	}
	return err;
}

/* Does the tree's first record announce Rock Ridge? */
static bool has_rock(struct super_block *sb, u32 root, u32 *skip)
{
	struct buffer_head *bh = sb_bread(sb, root);
	struct iso_record r;
	bool found = false;

	if (bh && iso_record_at((u8 *)bh->b_data, 0, &r) > 0)
		found = rock_is_announced(&r, skip);
	brelse(bh);
	return found;
}

static int fill_volume(struct super_block *sb, void *data, int silent)
{
	struct iso_sb_info *sbi = ISO_SB(sb);
	struct iso_volume joliet = { 0 };
	struct iso_place place = { 0, 0 };
	struct inode *root;
	int err = parse_options(data, &sbi->opts);

	if (err)
		return err;
	if (!sb_set_blocksize(sb, ISO_BLOCK))
		return -EINVAL;
	err = find_volumes(sb, &sbi->volume, &joliet);
	if (err) {
		if (!silent)
			pr_warn("ISOFS: no volume with blocks of 2048 bytes on %s\n",
				sb->s_id);
		return err;
	}
	sbi->rock = !sbi->opts.norock &&
		    has_rock(sb, sbi->volume.root, &sbi->skip);
	if (!sbi->rock && joliet.joliet && !sbi->opts.nojoliet)
		sbi->volume = joliet;
	sb->s_op = &iso_sops;
	sb->s_magic = ISOFS_MAGIC;
	sb->s_maxbytes = 0x80000000000ll;
	sb->s_time_gran = 1000000000;
	place.block = sbi->volume.root;
	root = iso_iget(sb, place, true);
	if (IS_ERR(root))
		return PTR_ERR(root);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int iso_fill_super(struct super_block *sb, void *data, int silent)
{
	static const struct super_operations none;
	int err;

	sb->s_fs_info = kzalloc(sizeof(struct iso_sb_info), GFP_KERNEL);
	if (!sb->s_fs_info)
		return -ENOMEM;
	sb->s_flags |= SB_RDONLY;
	err = fill_volume(sb, data, silent);
	if (!err)
		return 0;
	evict_inodes(sb);
	sb->s_op = &none;
	iso_put_super(sb);
	return err;
}

static struct dentry *iso_mount(struct file_system_type *type, int flags,
				const char *dev_name, void *data)
{
	return mount_bdev(type, flags | SB_RDONLY, dev_name, data,
			  iso_fill_super);
}

static struct file_system_type iso_type = {
	.name = "iso9660",
	.fs_flags = FS_REQUIRES_DEV,
	.mount = iso_mount,
	.kill_sb = kill_block_super,
};

static int iso_init(void)
{
	iso_inode_cache = KMEM_CACHE(iso_inode_info, SLAB_HWCACHE_ALIGN);
	if (!iso_inode_cache)
		return -ENOMEM;
	return register_filesystem(&iso_type);
}
module_init(iso_init);
