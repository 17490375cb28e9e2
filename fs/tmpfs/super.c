/* SPDX-License-Identifier: MIT */
/*
 * super.c -- tmpfs volumes: limits, options, what mount and df show
 *
 * PROMISE.  A complete POSIX file system that forgets everything at umount and
 * never takes more pages than its size= says.
 *
 * The bytes are in file.c, names and attributes in inode.c, files without a
 * mount (memfd_create) in memfd.c.  SEE tmpfs(5).
 */

#include "tmpfs.h"

#include <fs/seq_file.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <mm/mmzone.h>
#include <mm/slab.h>

#include "../vfs/internal.h"

int tmpfs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct tmpfs_sb_info *sbi = tmpfs_sb(dentry->d_sb);
	long used = atomic_long_read(&sbi->used_blocks);

	buf->f_type = dentry->d_sb->s_magic;
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

int tmpfs_show_options(struct seq_file *m, struct dentry *root)
{
	struct tmpfs_sb_info *sbi = tmpfs_sb(root->d_sb);

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

/* What tmpfs keeps no books of; the values of huge= are checked all the
 * same. */
static int parse_ignored(const char *name, const char *value)
{
	static const char *const huge[] = { "never", "always", "within_size",
					    "advise" };
	size_t i;

	if (!strcmp(name, "inode64") || !strcmp(name, "inode32"))
		return value ? -EINVAL : 0;
	if (!strcmp(name, "mpol"))
		return value ? 0 : -EINVAL;
	for (i = 0; !strcmp(name, "huge") && value && i < ARRAY_SIZE(huge); i++)
		if (!strcmp(value, huge[i]))
			return 0;
	return -EINVAL;
}

/* A count with a suffix such as k, whole. */
static int parse_count(const char *value, unsigned long *n)
{
	char *end;

	*n = memparse(value, &end);
	return *end || end == value ? -EINVAL : 0;
}

static int parse_id(const char *value, unsigned int *id)
{
	return kstrtouint(value, 0, id) || *id == -1U ? -EINVAL : 0;
}

static int parse_mode(const char *value, umode_t *mode)
{
	unsigned int n;

	if (kstrtouint(value, 8, &n))
		return -EINVAL;
	*mode = n & 07777;
	return 0;
}

static int parse_option(struct tmpfs_sb_info *sbi, char *name, char *value)
{
	if (value) {
		if (!strcmp(name, "size"))
			return parse_size(value, &sbi->max_blocks);
		if (!strcmp(name, "nr_blocks"))
			return parse_count(value, &sbi->max_blocks);
		if (!strcmp(name, "nr_inodes"))
			return parse_count(value, &sbi->max_inodes);
		if (!strcmp(name, "mode"))
			return parse_mode(value, &sbi->mode);
		if (!strcmp(name, "uid"))
			return parse_id(value, &sbi->uid);
		if (!strcmp(name, "gid"))
			return parse_id(value, &sbi->gid);
	}
	return parse_ignored(name, value);
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

/* A limit may change, but neither appear nor be below what is used. */
static bool limit_is_wrong(unsigned long old, unsigned long new, long used)
{
	return new && new != old && (!old || used > (long)new);
}

int tmpfs_remount(struct super_block *sb, int *flags, char *data)
{
	struct tmpfs_sb_info *sbi = tmpfs_sb(sb), new = *sbi;
	int err = parse_options(&new, data);

	if (err)
		return err;
	if (limit_is_wrong(sbi->max_blocks, new.max_blocks,
			   atomic_long_read(&sbi->used_blocks)) ||
	    limit_is_wrong(sbi->max_inodes, new.max_inodes,
			   atomic_long_read(&sbi->used_inodes)))
		return -EINVAL;
	sbi->max_blocks = new.max_blocks;
	sbi->max_inodes = new.max_inodes;
	return 0;
}

void tmpfs_put_super(struct super_block *sb)
{
	WARN_ON(atomic_long_read(&tmpfs_sb(sb)->used_blocks));    /* I1 */
	kfree(sb->s_fs_info);
	sb->s_fs_info = NULL;
}

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
	sb->s_xattr = tmpfs_xattr_handlers;
	sb->s_export_op = &tmpfs_export_ops;
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

/* devtmpfs gives its nodes their modes itself: no lists, no umask there. */
static int fill_with_acls(struct super_block *sb, void *data, int silent)
{
	sb->s_flags |= SB_POSIXACL;
	return tmpfs_fill_super(sb, data, silent);
}

static int ramfs_fill_super(struct super_block *sb, void *data, int silent)
{
	int err = tmpfs_fill_super(sb, data, silent);

	sb->s_magic = RAMFS_MAGIC;
	sb->s_xattr = NULL;
	return err;
}

static struct dentry *tmpfs_mount(struct file_system_type *type, int flags,
				  const char *dev_name, void *data)
{
	return mount_nodev(type, flags, data, fill_with_acls);
}

/* The root that boot starts with: no limit but memory. */
static struct dentry *rootfs_mount(struct file_system_type *type, int flags,
				   const char *dev_name, void *data)
{
	char options[] = "mode=755,nr_blocks=0,nr_inodes=0";

	return mount_nodev(type, flags, options, fill_with_acls);
}

/* ramfs: the same without limits; of its options only mode= counts. */
static struct dentry *ramfs_mount(struct file_system_type *type, int flags,
				  const char *dev_name, void *data)
{
	char options[64];
	const char *mode = data ? strstr(data, "mode=") : NULL;

	snprintf(options, sizeof(options), "nr_blocks=0,nr_inodes=0,%.12s",
		 mode ? mode : "mode=755");
	return mount_nodev(type, flags, options, ramfs_fill_super);
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

static struct file_system_type ramfs_type = {
	.name = "ramfs",
	.fs_flags = FS_USERNS_MOUNT,
	.mount = ramfs_mount,
	.kill_sb = kill_litter_super,
};

/* Called by name from mnt_init(): the first volume is made of it. */
int rootfs_register(void)
{
	int err;

	tmpfs_inodes_init();
	tmpfs_files_init();
	err = register_filesystem(&rootfs_type);
	if (!err)
		err = register_filesystem(&tmpfs_type);
	return err ? err : register_filesystem(&ramfs_type);
}
