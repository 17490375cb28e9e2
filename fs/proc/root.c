/* SPDX-License-Identifier: MIT */
/*
 * root.c -- /proc: the kernel's state as files
 *
 * PROMISE.  Every file is made when it is read, from the state at that moment,
 * in Linux's format byte for byte, so that ps, top, free and mount are Debian's
 * own.
 *
 * IDEA.  The root is two directories in one: the entries of generic.c and a
 * directory for each thread group (base.c). Nothing is stored; inodes stand for
 * an entry or for a struct pid, which never comes to mean another process.
 *
 *	/proc/meminfo       struct proc_dir_entry -> show()
 *	/proc/42/stat       struct pid + struct pid_entry -> show(task)
 *	/proc/42/fd/3       struct pid + number -> a link into the file tree
 *
 * INVARIANTS.  I1 A dentry below /proc/PID is used only while the task lives
 * (d_revalidate), and is not kept when nobody holds it.
 *
 * SEE proc(5), docs/55-procfs.md.
 */

#include "internal.h"

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>
#include <uapi/dirent.h>

/* Positions of the root: dots, entries, "self", "thread-self", processes. */
#define FIRST_PROCESS_POS 256

static void free_link_text(void *text)
{
	kfree(text);
}

static const char *link_text(struct delayed_call *done, char *text)
{
	if (!text)
		return ERR_PTR(-ENOMEM);
	set_delayed_call(done, free_link_text, text);
	return text;
}

static const char *self_get_link(struct dentry *dentry, struct inode *inode,
				 struct delayed_call *done)
{
	pid_t tgid = task_tgid_vnr(current);

	if (!tgid)
		return ERR_PTR(-ENOENT);
	return link_text(done, kasprintf(GFP_KERNEL, "%d", tgid));
}

static const char *thread_self_get_link(struct dentry *dentry,
					struct inode *inode,
					struct delayed_call *done)
{
	pid_t tgid = task_tgid_vnr(current);

	if (!tgid)
		return ERR_PTR(-ENOENT);
	return link_text(done, kasprintf(GFP_KERNEL, "%d/task/%d", tgid,
					 task_pid_vnr(current)));
}

static const struct {
	const char *name;
	struct inode_operations iops;
} self_links[] = {
	{ "self", { .get_link = self_get_link } },
	{ "thread-self", { .get_link = thread_self_get_link } },
};

static int find_self_link(const struct dentry *dentry)
{
	for (size_t i = 0; i < ARRAY_SIZE(self_links); i++)
		if (strlen(self_links[i].name) == dentry->d_name.len &&
		    !memcmp(self_links[i].name, dentry->d_name.name,
			    dentry->d_name.len))
			return i;
	return -1;
}

static struct dentry *lookup_self(struct inode *dir, struct dentry *dentry,
				  int which)
{
	struct inode *inode = proc_new_inode(dir->i_sb, S_IFLNK | 0777,
					     PROC_ROOT_INO + 1 + which);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_op = &self_links[which].iops;
	d_add(dentry, inode);
	return NULL;
}

static struct dentry *proc_root_lookup(struct inode *dir, struct dentry *dentry,
				       unsigned int flags)
{
	int which = find_self_link(dentry);
	struct dentry *ret;

	if (which >= 0)
		return lookup_self(dir, dentry, which);
	ret = proc_pid_lookup(dir, dentry);
	if (ret != ERR_PTR(-ENOENT))
		return ret;
	return proc_lookup_de(dir, dentry, &proc_root);
}

static int proc_root_readdir(struct file *file, struct dir_context *ctx)
{
	if (!dir_emit_dots(file, ctx))
		return 0;
	if (ctx->pos < FIRST_PROCESS_POS - 2) {
		if (proc_readdir_de(&proc_root, ctx))
			return 0;
		ctx->pos = FIRST_PROCESS_POS - 2;
	}
	for (; ctx->pos < FIRST_PROCESS_POS; ctx->pos++) {
		int i = ctx->pos - (FIRST_PROCESS_POS - 2);

		if (!dir_emit(ctx, self_links[i].name,
			      strlen(self_links[i].name),
			      PROC_ROOT_INO + 1 + i, DT_LNK))
			return 0;
	}
	return proc_pid_readdir(file, ctx, FIRST_PROCESS_POS);
}

static const struct inode_operations root_iops = {
	.lookup = proc_root_lookup,
};

static const struct file_operations root_fops = {
	.read = generic_read_dir,
	.iterate_shared = proc_root_readdir,
	.llseek = generic_file_llseek,
};

static void proc_evict_inode(struct inode *inode)
{
	struct proc_inode *pi = proc_i(inode);

	clear_inode(inode);
	if (pi) {
		put_pid(pi->pid);
		kfree(pi);
		inode->i_private = NULL;
	}
}

static const struct super_operations proc_sops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
	.evict_inode = proc_evict_inode,
};

static int proc_fill_super(struct super_block *sb, void *data, int silent)
{
	struct inode *root;

	sb->s_blocksize = 1024;
	sb->s_blocksize_bits = 10;
	sb->s_magic = PROC_SUPER_MAGIC;
	sb->s_op = &proc_sops;
	sb->s_time_gran = 1;
	root = proc_new_inode(sb, S_IFDIR | 0555, PROC_ROOT_INO);
	if (!root)
		return -ENOMEM;
	proc_i(root)->pde = &proc_root;
	set_nlink(root, proc_root.nlink);
	root->i_op = &root_iops;
	root->i_fop = &root_fops;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static struct dentry *proc_mount(struct file_system_type *type, int flags,
				 const char *dev, void *data)
{
	return mount_single(type, flags, data, proc_fill_super);
}

static struct file_system_type proc_type = {
	.name = "proc",
	.fs_flags = FS_USERNS_MOUNT,
	.mount = proc_mount,
	.kill_sb = kill_anon_super,
};

static int proc_fs_init(void)
{
	return register_filesystem(&proc_type);
}
fs_initcall(proc_fs_init);
