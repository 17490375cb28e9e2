/* SPDX-License-Identifier: MIT */
/*
 * net.c -- /proc/PID/net: the network that a process is in
 *
 * IDEA.  Each struct net has a directory of entries (proc_net) that hangs in no
 * tree; looking up a name in /proc/PID/net looks it up in that of the process.
 * /proc/net is a link to self/net.
 */

#include "internal.h"

#include <kernel/err.h>
#include <kernel/nsproxy.h>
#include <mm/slab.h>
#include <net/net_namespace.h>

/* The directory of the network of that inode's process; NULL: gone. */
static struct proc_dir_entry *net_dir_of(const struct inode *inode)
{
	struct task_struct *task = get_proc_task(inode);
	struct proc_dir_entry *de = NULL;

	if (!task)
		return NULL;
	task_lock(task);
	if (task->nsproxy && task->nsproxy->net_ns)
		de = task->nsproxy->net_ns->proc_net;
	task_unlock(task);
	put_task_struct(task);
	return de;
}

static struct dentry *net_lookup(struct inode *dir, struct dentry *dentry,
				 unsigned int flags)
{
	struct proc_dir_entry *de = net_dir_of(dir);

	return de ? proc_lookup_de(dir, dentry, de) : ERR_PTR(-ENOENT);
}

static int net_readdir(struct file *file, struct dir_context *ctx)
{
	struct proc_dir_entry *de = net_dir_of(file_inode(file));

	if (!de || !dir_emit_dots(file, ctx))
		return 0;
	proc_readdir_de(de, ctx);
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
