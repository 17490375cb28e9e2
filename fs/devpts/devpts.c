/* SPDX-License-Identifier: MIT */
/*
 * devpts.c -- /dev/pts: a node for each open pseudo-terminal
 *
 * IDEA.  The pty driver tells when a pair is made and when it goes; the node
 * belongs to whoever opened the master.  One volume, for all who mount it.
 *
 * LOCKING.  The root directory's i_rwsem guards the nodes.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/seq_file.h>

#include <drivers/tty.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define PTMX_INO 2
#define FIRST_PTY_INO 3
#define TTYAUX_MAJOR 5
#define PTMX_MINOR 2

/* What mount options set; written at mount and remount under s_umount. */
static struct {
	umode_t mode, ptmxmode;
	uid_t uid;
	gid_t gid;
	bool has_uid, has_gid;
} opts = { .mode = 0600, .ptmxmode = 0 };

static struct vfsmount *devpts_mnt;

static struct inode *pts_inode(struct super_block *sb, umode_t mode,
			       unsigned long ino, dev_t dev)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = ino;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	init_special_inode(inode, mode, dev);
	return inode;
}

/* A pair was made by current: its slave's node.  0 or -errno. */
static int devpts_new_node(int index)
{
	struct dentry *root = devpts_mnt->mnt_root, *d;
	struct inode *inode;
	char name[12];
	int err = -ENOMEM;

	inode = pts_inode(root->d_sb, S_IFCHR | opts.mode,
			  FIRST_PTY_INO + index,
			  MKDEV(UNIX98_PTY_SLAVE_MAJOR, index));
	if (!inode)
		return err;
	inode->i_uid = opts.has_uid ? opts.uid : current_fsuid();
	inode->i_gid = opts.has_gid ? opts.gid : current_fsgid();
	snprintf(name, sizeof(name), "%d", index);
	inode_lock(d_inode(root));
	d = d_alloc_name(root, name);
	if (d) {
		d_add(d, inode);      /* our count pins it */
		err = 0;
	}
	inode_unlock(d_inode(root));
	if (err)
		iput(inode);
	return err;
}

/* The node of that pair, counted, or NULL; the root is locked. */
static struct dentry *find_node(int index)
{
	char name[12];
	struct qstr q;

	snprintf(name, sizeof(name), "%d", index);
	q = (struct qstr)QSTR_INIT(name, strlen(name));
	return d_hash_and_lookup(devpts_mnt->mnt_root, &q);
}

static void devpts_kill_node(int index)
{
	struct dentry *root = devpts_mnt->mnt_root, *d;

	inode_lock(d_inode(root));
	d = find_node(index);
	if (d && d_inode(d)) {
		drop_nlink(d_inode(d));
		d_drop(d);
		dput(d);              /* the pinning count */
	}
	dput(d);
	inode_unlock(d_inode(root));
}

/* ioctl(TIOCGPTPEER): open the slave without a path. */
static int devpts_open_peer(int index, int flags)
{
	struct path path = { .mnt = devpts_mnt };
	struct file *file;
	int fd;

	inode_lock(d_inode(devpts_mnt->mnt_root));
	path.dentry = find_node(index);
	inode_unlock(d_inode(devpts_mnt->mnt_root));
	if (!path.dentry)
		return -EIO;
	fd = get_unused_fd_flags(flags);
	if (fd >= 0) {
		file = dentry_open(&path, flags, current_cred());
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	dput(path.dentry);
	return fd;
}

static const struct devpts_ops devpts_pty_ops = {
	.new_node = devpts_new_node,
	.kill_node = devpts_kill_node,
	.open_peer = devpts_open_peer,
};

/* ---- the volume ---- */

static int parse_option(char *option)
{
	char *value = strchr(option, '='), *end;
	unsigned long n;

	if (!value)
		return strcmp(option, "newinstance") ? -EINVAL : 0;
	*value++ = 0;
	n = simple_strtoul(value, &end, strstr(option, "mode") ? 8 : 10);
	if (*end || end == value)
		return -EINVAL;
	if (!strcmp(option, "mode")) {
		opts.mode = n & 0777;
	} else if (!strcmp(option, "ptmxmode")) {
		opts.ptmxmode = n & 0777;
	} else if (!strcmp(option, "uid")) {
		opts.uid = n;
		opts.has_uid = true;
	} else if (!strcmp(option, "gid")) {
		opts.gid = n;
		opts.has_gid = true;
	} else if (strcmp(option, "max")) {
		return -EINVAL;
	}
	return 0;
}

static int devpts_parse(struct super_block *sb, char *text)
{
	struct dentry *ptmx;
	char *option;
	int err;

	while ((option = strsep(&text, ",")) != NULL) {
		err = *option ? parse_option(option) : 0;
		if (err)
			return err;
	}
	ptmx = sb->s_fs_info;
	if (ptmx)
		d_inode(ptmx)->i_mode = S_IFCHR | opts.ptmxmode;
	return 0;
}

static int devpts_remount(struct super_block *sb, int *flags, char *data)
{
	return devpts_parse(sb, data);
}

static int devpts_show_options(struct seq_file *m, struct dentry *root)
{
	if (opts.has_uid)
		seq_printf(m, ",uid=%u", opts.uid);
	if (opts.has_gid)
		seq_printf(m, ",gid=%u", opts.gid);
	seq_printf(m, ",mode=%03o,ptmxmode=%03o", opts.mode, opts.ptmxmode);
	return 0;
}

static const struct super_operations devpts_sops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
	.remount_fs = devpts_remount,
	.show_options = devpts_show_options,
};

static int devpts_fill_super(struct super_block *sb, void *data, int silent)
{
	struct inode *ptmx;
	struct dentry *d;
	int err;

	sb->s_magic = DEVPTS_SUPER_MAGIC;
	sb->s_op = &devpts_sops;
	sb->s_d_op = &simple_dentry_operations;
	err = simple_make_root(sb, 0755);
	if (err)
		return err;
	ptmx = pts_inode(sb, S_IFCHR | opts.ptmxmode, PTMX_INO,
			 MKDEV(TTYAUX_MAJOR, PTMX_MINOR));
	d = ptmx ? d_alloc_name(sb->s_root, "ptmx") : NULL;
	if (!d) {
		iput(ptmx);
		return -ENOMEM;
	}
	d_add(d, ptmx);
	sb->s_fs_info = d;
	return 0;
}

static struct dentry *devpts_mount(struct file_system_type *type, int flags,
				   const char *dev_name, void *data)
{
	struct dentry *root;
	int err;

	root = mount_single(type, flags, data, devpts_fill_super);
	if (IS_ERR(root))
		return root;
	err = devpts_parse(root->d_sb, data);
	if (err) {
		struct super_block *sb = root->d_sb;

		dput(root);
		deactivate_locked_super(sb);
		return ERR_PTR(err);
	}
	return root;
}

static struct file_system_type devpts_type = {
	.name = "devpts",
	.fs_flags = FS_USERNS_MOUNT,
	.mount = devpts_mount,
	.kill_sb = kill_litter_super,
};

static int devpts_init(void)
{
	struct vfsmount *mnt;
	int err = register_filesystem(&devpts_type);

	if (err)
		return err;
	mnt = kern_mount(&devpts_type);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	devpts_mnt = mnt;
	devpts_register(&devpts_pty_ops);
	return 0;
}
fs_initcall(devpts_init);
