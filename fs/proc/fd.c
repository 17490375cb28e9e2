/* SPDX-License-Identifier: MIT */
/*
 * fd.c -- /proc/PID/fd and fdinfo: the open files of a process
 *
 * An entry of fd/ is a link that jumps straight to the open file's path, so
 * that it works for pipes and deleted files too.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/sprintf.h>
#include <mm/gfp.h>
#include <uapi/dirent.h>

#include "../vfs/mount.h"

/* The file behind an fd inode, with a reference; ERR_PTR. */
static struct file *file_of(const struct inode *inode)
{
	struct task_struct *task = get_proc_task(inode);
	struct file *file = ERR_PTR(-EACCES);

	if (!task)
		return ERR_PTR(-ENOENT);
	if (proc_may_access(task)) {
		file = fget_task(task, proc_i(inode)->fd);
		if (!file)
			file = ERR_PTR(-ENOENT);
	}
	put_task_struct(task);
	return file;
}

static const char *fd_get_link(struct dentry *dentry, struct inode *inode,
			       struct delayed_call *done)
{
	struct path path;
	struct file *file;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	file = file_of(inode);
	if (IS_ERR(file))
		return ERR_CAST(file);
	path = file->f_path;
	path_get(&path);
	fput(file);
	return ERR_PTR(nd_jump_link(&path));
}

static int fd_readlink(struct dentry *dentry, char __user *buf, int len)
{
	struct file *file = file_of(d_inode(dentry));
	int n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	n = proc_readlink_path(&file->f_path, buf, len);
	fput(file);
	return n;
}

static const struct inode_operations fd_link_iops = {
	.get_link = fd_get_link,
	.readlink = fd_readlink,
};

/* ---- fdinfo -------------------------------------------------------------- */

static int show_fdinfo(struct seq_file *m, void *v)
{
	struct file *file = file_of(m->private);

	if (IS_ERR(file))
		return PTR_ERR(file);
	seq_printf(m, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n",
		   (long)file->f_pos, file->f_flags,
		   real_mount(file->f_path.mnt)->mnt_id,
		   file_inode(file)->i_ino);
	if (file->f_op->show_fdinfo)
		file->f_op->show_fdinfo(m, file);
	fput(file);
	return 0;
}

static int open_fdinfo(struct inode *inode, struct file *file)
{
	return single_open(file, show_fdinfo, inode);
}

static const struct file_operations fdinfo_fops = {
	.open = open_fdinfo,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = single_release,
};

/* ---- the directories ----------------------------------------------------- */

static int parse_fd(const struct qstr *name, unsigned int *fd)
{
	*fd = 0;
	if (!name->len || name->len > 9 ||
	    (name->name[0] == '0' && name->len > 1))
		return -ENOENT;
	for (u32 i = 0; i < name->len; i++) {
		if (name->name[i] < '0' || name->name[i] > '9')
			return -ENOENT;
		*fd = *fd * 10 + (name->name[i] - '0');
	}
	return 0;
}

static struct dentry *lookup_fd(struct inode *dir, struct dentry *dentry,
				bool info)
{
	struct task_struct *task = get_proc_task(dir);
	struct inode *inode = NULL;
	struct file *file = NULL;
	unsigned int fd;
	umode_t mode = S_IFREG | 0400;

	if (!task)
		return ERR_PTR(-ENOENT);
	if (!parse_fd(&dentry->d_name, &fd))
		file = fget_task(task, fd);
	if (file) {
		if (!info)
			mode = S_IFLNK | (file->f_mode & FMODE_READ ? 0500 : 0) |
			       (file->f_mode & FMODE_WRITE ? 0300 : 0);
		fput(file);
		inode = proc_pid_make_inode(dir->i_sb, task, mode);
	}
	put_task_struct(task);
	if (!inode)
		return ERR_PTR(file ? -ENOMEM : -ENOENT);
	proc_i(inode)->fd = fd;
	if (info)
		inode->i_fop = &fdinfo_fops;
	else
		inode->i_op = &fd_link_iops;
	dentry->d_op = &pid_dentry_operations;
	d_add(dentry, inode);
	return NULL;
}

static struct dentry *fd_lookup(struct inode *dir, struct dentry *dentry,
				unsigned int flags)
{
	return lookup_fd(dir, dentry, false);
}

static struct dentry *fdinfo_lookup(struct inode *dir, struct dentry *dentry,
				    unsigned int flags)
{
	return lookup_fd(dir, dentry, true);
}

static int readdir_fds(struct file *dir, struct dir_context *ctx, unsigned type)
{
	struct task_struct *task = get_proc_task(file_inode(dir));
	unsigned int fd;
	char name[12];

	if (!task)
		return -ENOENT;
	if (!dir_emit_dots(dir, ctx))
		goto out;
	for (fd = ctx->pos - 2; ; fd++) {
		struct file *file = task_lookup_next_fd(task, &fd);
		int len;

		if (!file)
			break;
		fput(file);
		len = snprintf(name, sizeof(name), "%u", fd);
		ctx->pos = fd + 2;
		if (!dir_emit(ctx, name, len, fd + 0x20000, type))
			goto out;
	}
	ctx->pos = (loff_t)fd + 2;
out:
	put_task_struct(task);
	return 0;
}

static int fd_readdir(struct file *dir, struct dir_context *ctx)
{
	return readdir_fds(dir, ctx, DT_LNK);
}

static int fdinfo_readdir(struct file *dir, struct dir_context *ctx)
{
	return readdir_fds(dir, ctx, DT_REG);
}

/* A process may always look into its own fd/, whatever its ids. */
static int fd_permission(struct inode *inode, int mask)
{
	int err = generic_permission(inode, mask);
	struct task_struct *task;

	if (!err)
		return 0;
	task = get_proc_task(inode);
	if (task) {
		if (same_thread_group(task, current))
			err = 0;
		put_task_struct(task);
	}
	return err;
}

const struct inode_operations proc_fd_inode_operations = {
	.lookup = fd_lookup,
	.permission = fd_permission,
};

const struct file_operations proc_fd_operations = {
	.read = generic_read_dir,
	.iterate_shared = fd_readdir,
	.llseek = generic_file_llseek,
};

const struct inode_operations proc_fdinfo_inode_operations = {
	.lookup = fdinfo_lookup,
	.permission = fd_permission,
};

const struct file_operations proc_fdinfo_operations = {
	.read = generic_read_dir,
	.iterate_shared = fdinfo_readdir,
	.llseek = generic_file_llseek,
};
