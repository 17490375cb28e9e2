/* SPDX-License-Identifier: MIT */
/*
 * devtmpfs.c -- /dev, kept up to date by the kernel itself
 *
 * PROMISE.  When a driver announces a device, its node is there before the
 * announcement returns; whoever mounts devtmpfs, however often, sees the same.
 *
 * IDEA.  One tmpfs volume, mounted inside the kernel from the start; a listener
 * of drivers/base makes and removes nodes in it.
 */

#include "../tmpfs/tmpfs.h"

#include <drivers/device.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/kernel.h>

static struct vfsmount *dev_mnt;

static struct dentry *devtmpfs_mount(struct file_system_type *type, int flags,
				     const char *dev_name, void *data)
{
	char options[] = "mode=755,nr_inodes=0";

	return mount_single(type, flags, dev_mnt ? data : options,
			    tmpfs_fill_super);
}

static struct file_system_type devtmpfs_type = {
	.name = "devtmpfs",
	.mount = devtmpfs_mount,
	.kill_sb = kill_litter_super,
};

/*
 * The dentry of name's last component; its directory comes back locked in
 * *dir, counted.  Directories on the way are made.  ERR_PTR.
 */
static struct dentry *walk_node(const char *name, struct dentry **dir,
				bool create)
{
	struct dentry *parent = dget(dev_mnt->mnt_root), *d;
	const char *slash;
	int err = 0;

	for (;;) {
		slash = strchrnul(name, '/');
		inode_lock(d_inode(parent));
		d = lookup_one_len(name, parent, slash - name);
		if (IS_ERR(d) || !*slash) {
			*dir = parent;
			return d;
		}
		if (!d_inode(d))
			err = create ? vfs_mkdir(d_inode(parent), d, 0755)
				     : -ENOENT;
		inode_unlock(d_inode(parent));
		dput(parent);
		if (err) {
			dput(d);
			*dir = NULL;
			return ERR_PTR(err);
		}
		parent = d;
		name = slash + 1;
	}
}

static void put_dir(struct dentry *dir)
{
	if (!dir)
		return;
	inode_unlock(d_inode(dir));
	dput(dir);
}

static void add_node(struct device *dev)
{
	const char *name = device_node_name(dev);
	const struct cred *old;
	struct dentry *dir, *d;
	int err;

	if (!dev->devt || !name)
		return;
	old = override_creds(&init_cred);
	d = walk_node(name, &dir, true);
	err = PTR_ERR_OR_ZERO(d);
	if (!err) {
		if (!d_inode(d))
			err = vfs_mknod(d_inode(dir), d, dev->mode, dev->devt);
		dput(d);
	}
	put_dir(dir);
	revert_creds(old);
	if (err)
		pr_warn("devtmpfs: cannot make %s: error %d\n", name, err);
}

static void remove_node(struct device *dev)
{
	const char *name = device_node_name(dev);
	const struct cred *old;
	struct dentry *dir, *d;

	if (!dev->devt || !name)
		return;
	old = override_creds(&init_cred);
	d = walk_node(name, &dir, false);
	if (!IS_ERR(d)) {
		if (d_inode(d) && d_inode(d)->i_rdev == dev->devt)
			vfs_unlink(d_inode(dir), d);
		dput(d);
	}
	put_dir(dir);
	revert_creds(old);
}

static struct device_listener listener = {
	.add = add_node, .remove = remove_node,
};

static int devtmpfs_init(void)
{
	struct vfsmount *mnt;
	int err = register_filesystem(&devtmpfs_type);

	if (err)
		return err;
	mnt = kern_mount(&devtmpfs_type);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	dev_mnt = mnt;
	device_register_listener(&listener);
	return 0;
}
fs_initcall(devtmpfs_init);
