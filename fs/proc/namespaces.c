/* SPDX-License-Identifier: MIT */
/*
 * namespaces.c -- /proc/PID/ns: links to the namespaces that a task is in
 *
 * The links jump to files of nsfs (fs/nsfs.c).
 */

#include "internal.h"

#include <fs/nsfs.h>
#include <kernel/kernel.h>
#include <uapi/sched.h>

static int link_ipc(struct task_struct *task, struct path *path)
{
	return ns_get_path(path, task, CLONE_NEWIPC);
}

static int link_mnt(struct task_struct *task, struct path *path)
{
	return ns_get_path(path, task, CLONE_NEWNS);
}

static int link_net(struct task_struct *task, struct path *path)
{
	return ns_get_path(path, task, CLONE_NEWNET);
}

static int link_pid(struct task_struct *task, struct path *path)
{
	return ns_get_path(path, task, CLONE_NEWPID);
}

static int link_user(struct task_struct *task, struct path *path)
{
	return ns_get_path(path, task, CLONE_NEWUSER);
}

static int link_uts(struct task_struct *task, struct path *path)
{
	return ns_get_path(path, task, CLONE_NEWUTS);
}

static const struct pid_entry ns_entries[] = {
	{ .name = "ipc", .mode = S_IFLNK | 0777, .get_link = link_ipc },
	{ .name = "mnt", .mode = S_IFLNK | 0777, .get_link = link_mnt },
	{ .name = "net", .mode = S_IFLNK | 0777, .get_link = link_net },
	{ .name = "pid", .mode = S_IFLNK | 0777, .get_link = link_pid },
	{ .name = "pid_for_children", .mode = S_IFLNK | 0777,
	  .get_link = link_pid },
	{ .name = "user", .mode = S_IFLNK | 0777, .get_link = link_user },
	{ .name = "uts", .mode = S_IFLNK | 0777, .get_link = link_uts },
};

static struct dentry *ns_lookup(struct inode *dir, struct dentry *dentry,
				unsigned int flags)
{
	return proc_lookup_table(dir, dentry, ns_entries,
				 ARRAY_SIZE(ns_entries));
}

static int ns_readdir(struct file *file, struct dir_context *ctx)
{
	return proc_readdir_table(file, ctx, ns_entries,
				  ARRAY_SIZE(ns_entries));
}

const struct inode_operations proc_ns_dir_inode_operations = {
	.lookup = ns_lookup,
};

const struct file_operations proc_ns_dir_operations = {
	.read = generic_read_dir,
	.iterate_shared = ns_readdir,
	.llseek = generic_file_llseek,
};
