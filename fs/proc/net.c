/* SPDX-License-Identifier: MIT */
/*
 * net.c -- /proc/PID/net: the network that a process is in
 *
 * IDEA.  All networks have the same files, so there is one directory of entries
 * for all of them, that hangs in no tree.  Inodes below /proc/PID/net know
 * their process; opening one finds the network that it is in then, and holds
 * it: seq_file_net().  /proc/net is a link to self/net.
 */

#include "internal.h"

#include <kernel/err.h>
#include <kernel/nsproxy.h>
#include <mm/slab.h>
#include <net/net_namespace.h>

struct net *proc_net_of(const struct inode *inode)
{
	struct task_struct *task = get_proc_task(inode);
	struct net *net = NULL;

	if (!task)
		return NULL;
	task_lock(task);
	if (task->nsproxy)
		net = get_net(task->nsproxy->net_ns);
	task_unlock(task);
	put_task_struct(task);
	return net;
}

static struct dentry *net_lookup(struct inode *dir, struct dentry *dentry,
				 unsigned int flags)
{
	return proc_lookup_de(dir, dentry, init_net.proc_net);
}

static int net_readdir(struct file *file, struct dir_context *ctx)
{
	if (!dir_emit_dots(file, ctx))
		return 0;
	proc_readdir_de(init_net.proc_net, ctx);
	return 0;
}

const struct inode_operations proc_net_inode_operations = {
	.lookup = net_lookup,
};

const struct file_operations proc_net_operations = {
	.read = generic_read_dir,
	.iterate_shared = net_readdir,
	.llseek = generic_file_llseek,
};

struct proc_dir_entry *proc_net_mkdir(void)
{
	struct proc_dir_entry *de = kzalloc(sizeof(*de), GFP_KERNEL);

	if (!de)
		return NULL;
	de->name = "net";
	de->mode = S_IFDIR | 0555;
	de->nlink = 2;
	de->parent = &proc_root;
	INIT_LIST_HEAD(&de->children);
	return de;
}
