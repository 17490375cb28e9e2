/* SPDX-License-Identifier: MIT */
/*
 * generic.c -- the entries of /proc that belong to no process
 *
 * IDEA.  A tree of struct proc_dir_entry, made by initcalls; an inode is made
 * from an entry when somebody looks it up.  Most files are one function that
 * shows everything (proc_create_single).
 *
 * LOCKING.  proc_lock guards the lists of children.  Entries are never freed
 * while the kernel runs: there is no module that could take one away.
 *
 * SEE docs/55-procfs.md.
 */

#include "internal.h"

#include <kernel/err.h>
#include <kernel/mutex.h>
#include <kernel/string.h>
#include <mm/slab.h>
#include <net/net_namespace.h>
#include <uapi/dirent.h>

#define PROC_FIRST_DYNAMIC_INO 0xf0000000U

static DEFINE_MUTEX(proc_lock);

struct proc_dir_entry proc_root = {
	.name = "/proc",
	.mode = S_IFDIR | 0555,
	.ino = PROC_ROOT_INO,
	.nlink = 2,
	.parent = &proc_root,
	.children = LIST_HEAD_INIT(proc_root.children),
};

static int open_entry(struct inode *inode, struct file *file)
{
	struct proc_dir_entry *de = proc_i(inode)->pde;

	struct net *net = NULL;
	struct seq_file *m;
	int err;

	if (proc_i(inode)->pid) {
		net = proc_net_of(inode);
		if (!net)
			return -ENXIO;
	}
	err = de->seq ? seq_open(file, de->seq)
		      : single_open(file, de->show, de->data);
	if (err) {
		if (net)
			put_net(net);
		return err;
	}
	m = file->private_data;
	m->net = net;
	return 0;
}

static int release_entry(struct inode *inode, struct file *file)
{
	struct net *net = ((struct seq_file *)file->private_data)->net;

	if (net)
		put_net(net);
	if (proc_i(inode)->pde->seq)
		return seq_release(inode, file);
	return single_release(inode, file);
}

static const struct file_operations show_fops = {
	.open = open_entry,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = release_entry,
};

static struct dentry *proc_dir_lookup(struct inode *dir, struct dentry *dentry,
				      unsigned int flags)
{
	return proc_lookup_de(dir, dentry, proc_i(dir)->pde);
}

static int proc_dir_readdir(struct file *file, struct dir_context *ctx)
{
	if (!dir_emit_dots(file, ctx))
		return 0;
	proc_readdir_de(proc_i(file_inode(file))->pde, ctx);
	return 0;
}

static const struct inode_operations proc_dir_iops = {
	.lookup = proc_dir_lookup,
};

static const struct file_operations proc_dir_fops = {
	.read = generic_read_dir,
	.iterate_shared = proc_dir_readdir,
	.llseek = generic_file_llseek,
};

static const char *proc_entry_get_link(struct dentry *dentry,
				       struct inode *inode,
				       struct delayed_call *done)
{
	return proc_i(inode)->pde->target;
}

static const struct inode_operations proc_link_iops = {
	.get_link = proc_entry_get_link,
};

static const struct inode_operations proc_file_iops = {};

struct inode *proc_new_inode(struct super_block *sb, umode_t mode, ino_t ino)
{
	struct proc_inode *pi = kzalloc(sizeof(*pi), GFP_KERNEL);
	struct inode *inode;

	if (!pi)
		return NULL;
	inode = new_inode(sb);
	if (!inode) {
		kfree(pi);
		return NULL;
	}
	inode->i_private = pi;
	inode->i_ino = ino;
	inode->i_mode = mode;
	inode->i_op = &proc_file_iops;
	inode->i_mtime = current_time(inode);
	inode->i_atime = inode->i_mtime;
	inode->i_ctime = inode->i_mtime;
	return inode;
}

static struct inode *inode_of_entry(struct super_block *sb,
				    struct proc_dir_entry *de)
{
	struct inode *inode = proc_new_inode(sb, de->mode, de->ino);

	if (!inode)
		return NULL;
	proc_i(inode)->pde = de;
	set_nlink(inode, de->nlink);
	if (S_ISDIR(de->mode)) {
		inode->i_op = &proc_dir_iops;
		inode->i_fop = &proc_dir_fops;
	} else if (S_ISLNK(de->mode)) {
		inode->i_op = &proc_link_iops;
	} else {
		inode->i_fop = de->fops ? de->fops : &show_fops;
	}
	return inode;
}

struct dentry *proc_lookup_de(struct inode *dir, struct dentry *dentry,
			      struct proc_dir_entry *de)
{
	struct proc_dir_entry *child, *found = NULL;
	struct inode *inode;

	mutex_lock(&proc_lock);
	list_for_each_entry(child, &de->children, sibling) {
		if (strlen(child->name) == dentry->d_name.len &&
		    !memcmp(child->name, dentry->d_name.name,
			    dentry->d_name.len)) {
			found = child;
			break;
		}
	}
	mutex_unlock(&proc_lock);
	if (!found)
		return ERR_PTR(-ENOENT);
	inode = inode_of_entry(dir->i_sb, found);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	proc_i(inode)->pid = get_pid(proc_i(dir)->pid); /* below /proc/PID/net */
	d_add(dentry, inode);
	return NULL;
}

int proc_readdir_de(struct proc_dir_entry *de, struct dir_context *ctx)
{
	struct proc_dir_entry *child;
	loff_t i = 2;
	int more = 0;

	mutex_lock(&proc_lock);
	list_for_each_entry(child, &de->children, sibling) {
		if (i++ < ctx->pos)
			continue;
		if (!dir_emit(ctx, child->name, strlen(child->name), child->ino,
			      child->mode >> 12)) {
			more = 1;
			break;
		}
		ctx->pos++;
	}
	mutex_unlock(&proc_lock);
	return more;
}

/* A path like "sys/kernel" names the parent by its directories. */
static struct proc_dir_entry *add_entry(const char *name, umode_t mode,
					struct proc_dir_entry *parent)
{
	static ino_t next_ino = PROC_FIRST_DYNAMIC_INO;
	struct proc_dir_entry *de = kzalloc(sizeof(*de), GFP_KERNEL);

	if (!de)
		return NULL;
	de->name = kstrdup(name, GFP_KERNEL);
	if (!de->name) {
		kfree(de);
		return NULL;
	}
	de->mode = mode;
	de->parent = parent ? parent : &proc_root;
	de->nlink = S_ISDIR(mode) ? 2 : 1;
	INIT_LIST_HEAD(&de->children);
	mutex_lock(&proc_lock);
	de->ino = next_ino++;
	list_add_tail(&de->sibling, &de->parent->children);
	if (S_ISDIR(mode))
		de->parent->nlink++;
	mutex_unlock(&proc_lock);
	return de;
}

struct proc_dir_entry *proc_mkdir(const char *name,
				  struct proc_dir_entry *parent)
{
	return add_entry(name, S_IFDIR | 0555, parent);
}

struct proc_dir_entry *proc_symlink(const char *name,
				    struct proc_dir_entry *parent,
				    const char *text)
{
	struct proc_dir_entry *de = add_entry(name, S_IFLNK | 0777, parent);

	if (de)
		de->target = text;
	return de;
}

struct proc_dir_entry *proc_create_data(const char *name, umode_t mode,
					struct proc_dir_entry *parent,
					const struct file_operations *fops,
					void *data)
{
	struct proc_dir_entry *de = add_entry(name, S_IFREG |
					      (mode ? mode : 0444), parent);

	if (de) {
		de->data = data;
		de->fops = fops;
	}
	return de;
}

struct proc_dir_entry *proc_create(const char *name, umode_t mode,
				   struct proc_dir_entry *parent,
				   const struct file_operations *fops)
{
	return proc_create_data(name, mode, parent, fops, NULL);
}

struct proc_dir_entry *proc_create_single(const char *name, umode_t mode,
					  struct proc_dir_entry *parent,
					  int (*show)(struct seq_file *, void *))
{
	struct proc_dir_entry *de = proc_create(name, mode, parent, NULL);

	if (de)
		de->show = show;
	return de;
}

struct proc_dir_entry *proc_create_seq(const char *name, umode_t mode,
				       struct proc_dir_entry *parent,
				       const struct seq_operations *ops)
{
	struct proc_dir_entry *de = proc_create(name, mode, parent, NULL);

	if (de)
		de->seq = ops;
	return de;
}

/* It is found no more; an open file may still show it, so it stays in
 * memory. */
void remove_proc_entry(const char *name, struct proc_dir_entry *parent)
{
	struct proc_dir_entry *de, *next;

	parent = parent ? parent : &proc_root;
	mutex_lock(&proc_lock);
	list_for_each_entry_safe(de, next, &parent->children, sibling)
		if (!strcmp(de->name, name))
			list_del_init(&de->sibling);
	mutex_unlock(&proc_lock);
}

void *pde_data(const struct inode *inode)
{
	return proc_i(inode)->pde->data;
}
