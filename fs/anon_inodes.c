/* SPDX-License-Identifier: MIT */
/*
 * anon_inodes.c -- open files that are nothing but their operations
 *
 * IDEA.  eventfd, epoll, timerfd and their kin need a struct file, and a struct
 * file needs an inode; one inode, shared by all of them, is enough.
 */

#include <fs/file.h>
#include <fs/fs.h>

#include <kernel/init.h>
#include <kernel/kernel.h>

static struct vfsmount *anon_mnt __ro_after_init;
static struct inode *anon_inode __ro_after_init;

/* A file with these operations, named "anon_inode:NAME" in /proc. */
struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops,
				void *priv, int flags)
{
	struct file *file;

	ihold(anon_inode);
	file = alloc_file_pseudo(anon_inode, anon_mnt, name,
				 flags & (O_ACCMODE | O_NONBLOCK), fops);
	if (IS_ERR(file)) {
		iput(anon_inode);
		return file;
	}
	file->private_data = priv;
	return file;
}

int anon_inode_getfd(const char *name, const struct file_operations *fops,
		     void *priv, int flags)
{
	int fd = get_unused_fd_flags(flags);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, fops, priv, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

static char *anon_dname(struct dentry *d, char *buf, int len)
{
	return dynamic_dname(buf, len, "anon_inode:%s",
			     (const char *)d->d_name.name);
}

static const struct dentry_operations anon_dops = { .d_dname = anon_dname };
static const struct super_operations anon_ops = { .statfs = simple_statfs };

static struct dentry *anon_mount(struct file_system_type *type, int flags,
				 const char *dev_name, void *data)
{
	return mount_pseudo(type, "anon_inode:", &anon_ops, &anon_dops,
			    ANON_INODE_FS_MAGIC);
}

static struct file_system_type anon_type = {
	.name = "anon_inodefs",
	.mount = anon_mount,
	.kill_sb = kill_anon_super,
};

static int anon_inode_init(void)
{
	anon_mnt = kern_mount(&anon_type);
	if (IS_ERR(anon_mnt))
		return PTR_ERR(anon_mnt);
	anon_inode = new_inode_pseudo(anon_mnt->mnt_sb);
	if (!anon_inode)
		return -ENOMEM;
	anon_inode->i_ino = get_next_ino();
	anon_inode->i_mode = S_IRUSR | S_IWUSR;
	anon_inode->i_flags |= S_PRIVATE;
	return 0;
}
fs_initcall(anon_inode_init);
