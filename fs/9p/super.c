/* SPDX-License-Identifier: MIT */
/*
 * super.c -- mount -t 9p -o trans=virtio,version=9p2000.L TAG DIR
 *
 * The volume is a connection and the root's handle.  Nothing is cached but what
 * is open or mapped (cache=none): what the host changes is seen at once.
 * Everything is done at the server as the user who runs it; permissions are
 * checked here, by the owner and mode that the server shows.
 *
 * SEE docs/79-9p.md.
 */

#include "v9fs.h"

#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <fs/seq_file.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/writeback.h>

#define V9FS_MAGIC 0x01021997

struct v9fs_mount {
	const char *tag;
	char *options;
	char aname[256], uname[64];
	u32 msize;
};

static struct kmem_cache *inode_cache;

static struct inode *v9fs_alloc_inode(struct super_block *sb)
{
	struct v9fs_inode *vi = kmem_cache_zalloc(inode_cache, GFP_KERNEL);

	if (!vi)
		return NULL;
	mutex_init(&vi->lock);
	return &vi->vfs_inode;
}

static void v9fs_free_inode(struct inode *inode)
{
	kmem_cache_free(inode_cache, v9fs_i(inode));
}

/* Dirty pages of mappings were written by release(); what is left is lost. */
static void v9fs_evict_inode(struct inode *inode)
{
	struct v9fs_inode *vi = v9fs_i(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	p9_clunk(vi->wb_fid);
	vi->wb_fid = NULL;
}

static int v9fs_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	return 0;                       /* attributes are the server's */
}

static int v9fs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct p9_fid *fid = v9fs_fid(dentry);
	struct p9_statfs s;
	int err;

	if (IS_ERR(fid))
		return PTR_ERR(fid);
	err = p9_statfs(fid, &s);
	if (err)
		return err;
	buf->f_type = V9FS_MAGIC;
	buf->f_bsize = buf->f_frsize = s.bsize;
	buf->f_blocks = s.blocks;
	buf->f_bfree = s.bfree;
	buf->f_bavail = s.bavail;
	buf->f_files = s.files;
	buf->f_ffree = s.ffree;
	buf->f_fsid[0] = s.fsid;
	buf->f_fsid[1] = s.fsid >> 32;
	buf->f_namelen = s.namelen;
	return 0;
}

static int v9fs_show_options(struct seq_file *m, struct dentry *root)
{
	struct v9fs_sb *sbi = v9fs_sb_of(root->d_sb);

	seq_printf(m, ",access=client,msize=%u,trans=virtio",
		   sbi->client->msize);
	return 0;
}

static void v9fs_put_super(struct super_block *sb)
{
	struct v9fs_sb *sbi = v9fs_sb_of(sb);

	p9_client_destroy(sbi->client);
	kfree(sbi);
	sb->s_fs_info = NULL;
}

static const struct super_operations v9fs_sops = {
	.alloc_inode = v9fs_alloc_inode,
	.free_inode = v9fs_free_inode,
	.evict_inode = v9fs_evict_inode,
	.write_inode = v9fs_write_inode,
	.drop_inode = generic_delete_inode,
	.statfs = v9fs_statfs,
	.show_options = v9fs_show_options,
	.put_super = v9fs_put_super,
};

/* --- Options ------------------------------------------------------------- */

static int take_option(struct v9fs_mount *m, char *key, char *value)
{
	if (!strcmp(key, "trans"))
		return value && !strcmp(value, "virtio") ? 0 : -EINVAL;
	if (!strcmp(key, "version"))
		return value && !strcmp(value, "9p2000.L") ? 0 : -EINVAL;
	if (!strcmp(key, "msize"))
		return value ? kstrtou32(value, 0, &m->msize) : -EINVAL;
	if (!strcmp(key, "aname") && value)
		return strscpy(m->aname, value, sizeof(m->aname)) < 0
			       ? -EINVAL : 0;
	if (!strcmp(key, "uname") && value)
		return strscpy(m->uname, value, sizeof(m->uname)) < 0
			       ? -EINVAL : 0;
	/* How much may be cached: we cache nothing, which all of them allow. */
	if (!strcmp(key, "cache") || !strcmp(key, "access") ||
	    !strcmp(key, "debug") || !strcmp(key, "dfltuid") ||
	    !strcmp(key, "dfltgid") || !strcmp(key, "posixacl") ||
	    !strcmp(key, "mmap") || !strcmp(key, "locktimeout"))
		return 0;
	pr_warn("9p: unknown option %s\n", key);
	return -EINVAL;
}

static int parse_options(struct v9fs_mount *m)
{
	char *rest = m->options, *key, *value;
	int err;

	while ((key = strsep(&rest, ",")) != NULL) {
		if (!*key)
			continue;
		value = strchr(key, '=');
		if (value)
			*value++ = '\0';
		err = take_option(m, key, value);
		if (err)
			return err;
	}
	return 0;
}

/* --- Mounting ------------------------------------------------------------ */

static int make_root(struct super_block *sb, struct v9fs_mount *m)
{
	struct p9_fid *fid = p9_attach(v9fs_sb_of(sb)->client, m->uname,
				       m->aname, current_fsuid());
	struct inode *inode;

	if (IS_ERR(fid))
		return PTR_ERR(fid);
	inode = v9fs_iget(sb, fid);
	if (IS_ERR(inode)) {
		p9_clunk(fid);
		return PTR_ERR(inode);
	}
	sb->s_root = d_make_root(inode);
	if (!sb->s_root) {
		p9_clunk(fid);
		return -ENOMEM;
	}
	sb->s_root->d_fsdata = fid;
	return 0;
}

/* Dirty mapped pages need a flusher of their own. */
static int make_bdi(struct super_block *sb)
{
	struct backing_dev_info *bdi = bdi_alloc(-1);
	int err;

	if (!bdi)
		return -ENOMEM;
	err = bdi_register(bdi, "9p-%u", MINOR(sb->s_dev));
	if (err) {
		bdi_put(bdi);
		return err;
	}
	sb->s_bdi = bdi;                /* v9fs_kill_sb() gives it back */
	return 0;
}

static void v9fs_kill_sb(struct super_block *sb)
{
	struct backing_dev_info *bdi = sb->s_bdi;

	kill_anon_super(sb);
	if (bdi == &noop_backing_dev_info)
		return;
	sb->s_bdi = &noop_backing_dev_info;
	bdi_unregister(bdi);
	bdi_put(bdi);
}

static int v9fs_fill_super(struct super_block *sb, void *data, int silent)
{
	struct v9fs_mount *m = data;
	struct v9fs_sb *sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);
	int err;

	if (!sbi)
		return -ENOMEM;
	sbi->client = p9_client_create(m->tag, m->msize);
	if (IS_ERR(sbi->client)) {
		err = PTR_ERR(sbi->client);
		kfree(sbi);
		return err;
	}
	sb->s_fs_info = sbi;
	sb->s_magic = V9FS_MAGIC;
	sb->s_op = &v9fs_sops;
	sb->s_d_op = &v9fs_dentry_ops;
	sb->s_xattr = v9fs_xattr_handlers;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_time_gran = 1;
	err = make_bdi(sb);
	if (!err)
		err = make_root(sb, m);
	if (err) {
		p9_client_destroy(sbi->client);
		sb->s_fs_info = NULL;
		kfree(sbi);
	}
	return err;
}

static struct dentry *v9fs_mount(struct file_system_type *type, int flags,
				 const char *dev_name, void *data)
{
	struct v9fs_mount *m = kzalloc(sizeof(*m), GFP_KERNEL);
	struct dentry *root;
	int err;

	if (!m)
		return ERR_PTR(-ENOMEM);
	m->tag = dev_name ? dev_name : "";
	m->msize = P9_MSIZE;
	strscpy(m->uname, "nobody", sizeof(m->uname));
	m->options = kstrdup(data ? data : "", GFP_KERNEL);
	err = m->options ? parse_options(m) : -ENOMEM;
	root = err ? ERR_PTR(err) : mount_nodev(type, flags, m,
						v9fs_fill_super);
	kfree(m->options);
	kfree(m);
	return root;
}

static struct file_system_type v9fs_type = {
	.name = "9p",
	.mount = v9fs_mount,
	.kill_sb = v9fs_kill_sb,
};

static int v9fs_init(void)
{
	inode_cache = kmem_cache_create("v9fs_inode_cache",
					sizeof(struct v9fs_inode),
					__alignof__(struct v9fs_inode), 0,
					NULL);
	if (!inode_cache)
		return -ENOMEM;
	return register_filesystem(&v9fs_type);
}
module_init(v9fs_init);
