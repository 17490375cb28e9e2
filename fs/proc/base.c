/* SPDX-License-Identifier: MIT */
/*
 * base.c -- /proc/PID: a directory of one process, and of each of its threads
 *
 * IDEA.  A table names the entries and how each is shown.  An inode keeps the
 * struct pid; each use looks the task up again, so that nothing here keeps a
 * dead task alive, and a dentry whose task is gone is thrown away by
 * d_revalidate (root.c I1).
 *
 * Who may see what: status files are everybody's; memory, environment,
 * descriptors and links only for those who might ptrace the process.
 *
 * SEE proc(5).
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/nsproxy.h>
#include <kernel/ptrace.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/dirent.h>

struct task_struct *get_proc_task(const struct inode *inode)
{
	return get_pid_task(proc_i(inode)->pid, PIDTYPE_PID);
}

bool proc_may_access(struct task_struct *task)
{
	return ptrace_may_access(task, PTRACE_MODE_READ | PTRACE_MODE_FSCREDS);
}

/* ---- inodes and dentries ------------------------------------------------- */

static void set_owner(struct inode *inode, struct task_struct *task)
{
	const struct cred *cred;

	rcu_read_lock();
	cred = __task_cred(task);
	inode->i_uid = cred->euid;
	inode->i_gid = cred->egid;
	rcu_read_unlock();
}

struct inode *proc_pid_make_inode(struct super_block *sb,
				  struct task_struct *task, umode_t mode)
{
	struct inode *inode = proc_new_inode(sb, mode, get_next_ino());

	if (!inode)
		return NULL;
	proc_i(inode)->pid = get_task_pid(task, PIDTYPE_PID);
	if (!proc_i(inode)->pid) {
		iput(inode);
		return NULL;
	}
	set_owner(inode, task);
	return inode;
}

/* I1: is the task still there? */
static int pid_revalidate(struct dentry *dentry, unsigned int flags)
{
	struct inode *inode = d_inode(dentry);
	struct task_struct *task;

	if (!inode)
		return 0;
	task = get_proc_task(inode);
	if (!task)
		return 0;
	set_owner(inode, task);
	put_task_struct(task);
	return 1;
}

static int pid_delete_dentry(const struct dentry *dentry)
{
	return 1;
}

const struct dentry_operations pid_dentry_operations = {
	.d_revalidate = pid_revalidate,
	.d_delete = pid_delete_dentry,
};

/* ---- entries that are shown ---------------------------------------------- */

static int show_entry(struct seq_file *m, void *v)
{
	const struct inode *inode = m->private;
	struct task_struct *task = get_proc_task(inode);
	int err;

	if (!task)
		return -ESRCH;
	err = proc_i(inode)->entry->show(m, task);
	put_task_struct(task);
	return err;
}

int proc_pid_open_show(struct inode *inode, struct file *file)
{
	return single_open(file, show_entry, inode);
}

static const struct file_operations show_fops = {
	.open = proc_pid_open_show,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = single_release,
};

static int show_comm(struct seq_file *m, struct task_struct *task)
{
	char comm[TASK_COMM_LEN];

	get_task_comm(comm, task);
	seq_printf(m, "%s\n", comm);
	return 0;
}

static ssize_t comm_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *pos)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	char comm[TASK_COMM_LEN] = { 0 };
	ssize_t ret = count;

	if (!task)
		return -ESRCH;
	if (copy_from_user(comm, buf, min(count, sizeof(comm) - 1)))
		ret = -EFAULT;
	else if (!same_thread_group(task, current))
		ret = -EINVAL;
	else
		set_task_comm(task, comm);
	put_task_struct(task);
	return ret;
}

static const struct file_operations comm_fops = {
	.open = proc_pid_open_show,
	.read_iter = seq_read_iter,
	.write = comm_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* ---- links into the file tree -------------------------------------------- */

static int link_exe(struct task_struct *task, struct path *path)
{
	struct mm_struct *mm = get_task_mm(task);
	int err = -ENOENT;

	if (!mm)
		return -ENOENT;
	mmap_read_lock(mm);
	if (mm->exe_file) {
		*path = mm->exe_file->f_path;
		path_get(path);
		err = 0;
	}
	mmap_read_unlock(mm);
	mmput(mm);
	return err;
}

static int link_of_fs(struct task_struct *task, struct path *path, bool root)
{
	int err = -ENOENT;

	task_lock(task);
	if (task->fs) {
		if (root)
			get_fs_root(task->fs, path);
		else
			get_fs_pwd(task->fs, path);
		err = 0;
	}
	task_unlock(task);
	return err;
}

static int link_cwd(struct task_struct *task, struct path *path)
{
	return link_of_fs(task, path, false);
}

static int link_root(struct task_struct *task, struct path *path)
{
	return link_of_fs(task, path, true);
}

static int resolve_link(struct inode *inode, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	int err = -EACCES;

	if (!task)
		return -ENOENT;
	if (proc_may_access(task))
		err = proc_i(inode)->entry->get_link(task, path);
	put_task_struct(task);
	return err;
}

static const char *pid_get_link(struct dentry *dentry, struct inode *inode,
				struct delayed_call *done)
{
	struct path path;
	int err;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	err = resolve_link(inode, &path);
	if (!err)
		err = nd_jump_link(&path);
	return ERR_PTR(err);
}

int proc_readlink_path(const struct path *path, char __user *buf, int len)
{
	char *page = (char *)__get_free_page(GFP_KERNEL), *text;
	int n;

	if (!page)
		return -ENOMEM;
	text = d_path(path, page, PAGE_SIZE);
	n = PTR_ERR_OR_ZERO(text);
	if (!n) {
		n = min((int)strlen(text), len);
		if (copy_to_user(buf, text, n))
			n = -EFAULT;
	}
	free_page((unsigned long)page);
	return n;
}

static int pid_readlink(struct dentry *dentry, char __user *buf, int len)
{
	struct path path;
	int err = resolve_link(d_inode(dentry), &path);

	if (err)
		return err;
	err = proc_readlink_path(&path, buf, len);
	path_put(&path);
	return err;
}

static const struct inode_operations pid_link_iops = {
	.get_link = pid_get_link,
	.readlink = pid_readlink,
};

/* ---- the tables ---------------------------------------------------------- */

static const struct inode_operations task_dir_iops;
static const struct file_operations task_dir_fops;

#define DIR(n, m, i, f) { .name = n, .mode = S_IFDIR | (m), .iop = i, .fop = f }
#define LNK(n, g) { .name = n, .mode = S_IFLNK | 0777, .get_link = g }
#define REG(n, m, f) { .name = n, .mode = S_IFREG | (m), .fop = f }
#define ONE(n, m, s) { .name = n, .mode = S_IFREG | (m), .show = s }
#define RW(n, m, s, f) \
	{ .name = n, .mode = S_IFREG | (m), .show = s, .fop = f }

#define COMMON_ENTRIES							\
	DIR("fd", 0500, &proc_fd_inode_operations, &proc_fd_operations), \
	DIR("fdinfo", 0555, &proc_fdinfo_inode_operations,		\
	    &proc_fdinfo_operations),					\
	DIR("ns", 0511, &proc_ns_dir_inode_operations,			\
	    &proc_ns_dir_operations),					\
	DIR("net", 0555, &proc_net_inode_operations,			\
	    &proc_net_operations),					\
	REG("environ", 0400, &proc_pid_environ_ops),			\
	REG("auxv", 0400, &proc_pid_auxv_ops),				\
	RW("coredump_filter", 0644, proc_pid_coredump_filter,		\
	   &proc_coredump_filter_operations),				\
	ONE("status", 0444, proc_pid_status),				\
	ONE("personality", 0400, proc_pid_personality),			\
	ONE("limits", 0444, proc_pid_limits),				\
	RW("comm", 0644, show_comm, &comm_fops),			\
	REG("cmdline", 0444, &proc_pid_cmdline_ops),			\
	ONE("statm", 0444, proc_pid_statm),				\
	REG("maps", 0444, &proc_pid_maps_operations),			\
	LNK("cwd", link_cwd),						\
	LNK("root", link_root),						\
	LNK("exe", link_exe),						\
	REG("mounts", 0444, &proc_mounts_operations),			\
	REG("mountinfo", 0444, &proc_mountinfo_operations),		\
	REG("mountstats", 0400, &proc_mountstats_operations),		\
	REG("smaps", 0444, &proc_pid_smaps_operations),			\
	ONE("smaps_rollup", 0444, proc_pid_smaps_rollup),		\
	REG("mem", 0600, &proc_pid_mem_operations),			\
	REG("pagemap", 0400, &proc_pid_pagemap_operations),		\
	REG("clear_refs", 0200, &proc_pid_clear_refs_operations),	\
	ONE("stack", 0400, proc_pid_stack),				\
	ONE("syscall", 0400, proc_pid_syscall),				\
	ONE("wchan", 0444, proc_pid_wchan),				\
	ONE("uid_map", 0444, proc_id_map),				\
	ONE("gid_map", 0444, proc_id_map),				\
	ONE("setgroups", 0444, proc_setgroups),				\
	ONE("oom_score", 0444, proc_pid_oom_score),			\
	RW("oom_score_adj", 0644, proc_pid_oom_score_adj,		\
	   &proc_oom_score_adj_operations)

static const struct pid_entry tgid_entries[] = {
	DIR("task", 0555, &task_dir_iops, &task_dir_fops),
	ONE("stat", 0444, proc_tgid_stat),
	ONE("io", 0400, proc_tgid_io),
	COMMON_ENTRIES,
};

static const struct pid_entry tid_entries[] = {
	ONE("stat", 0444, proc_tid_stat),
	ONE("io", 0400, proc_tid_io),
	ONE("children", 0444, proc_tid_children),
	COMMON_ENTRIES,
};

static struct dentry *instantiate_entry(struct inode *dir, struct dentry *dentry,
					struct task_struct *task,
					const struct pid_entry *e)
{
	struct inode *inode = proc_pid_make_inode(dir->i_sb, task, e->mode);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	proc_i(inode)->entry = e;
	if (e->iop)
		inode->i_op = e->iop;
	if (S_ISLNK(e->mode))
		inode->i_op = &pid_link_iops;
	if (S_ISDIR(e->mode))
		set_nlink(inode, 2);
	inode->i_fop = e->fop ? e->fop : S_ISREG(e->mode) ? &show_fops : NULL;
	dentry->d_op = &pid_dentry_operations;
	d_add(dentry, inode);
	return NULL;
}

struct dentry *proc_lookup_table(struct inode *dir, struct dentry *dentry,
				 const struct pid_entry *table, size_t n)
{
	struct task_struct *task = get_proc_task(dir);
	struct dentry *ret = ERR_PTR(-ENOENT);

	if (!task)
		return ret;
	for (size_t i = 0; i < n; i++) {
		if (strlen(table[i].name) == dentry->d_name.len &&
		    !memcmp(table[i].name, dentry->d_name.name,
			    dentry->d_name.len)) {
			ret = instantiate_entry(dir, dentry, task, &table[i]);
			break;
		}
	}
	put_task_struct(task);
	return ret;
}

int proc_readdir_table(struct file *file, struct dir_context *ctx,
		       const struct pid_entry *table, size_t n)
{
	struct task_struct *task = get_proc_task(file_inode(file));

	if (!task)
		return -ENOENT;
	put_task_struct(task);
	if (!dir_emit_dots(file, ctx))
		return 0;
	for (; ctx->pos < (loff_t)n + 2; ctx->pos++) {
		const struct pid_entry *e = &table[ctx->pos - 2];

		if (!dir_emit(ctx, e->name, strlen(e->name),
			      file_inode(file)->i_ino + ctx->pos,
			      e->mode >> 12))
			break;
	}
	return 0;
}

static struct dentry *tgid_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	return proc_lookup_table(dir, dentry, tgid_entries,
				 ARRAY_SIZE(tgid_entries));
}

static int tgid_readdir(struct file *file, struct dir_context *ctx)
{
	return proc_readdir_table(file, ctx, tgid_entries,
				  ARRAY_SIZE(tgid_entries));
}

static struct dentry *tid_lookup(struct inode *dir, struct dentry *dentry,
				 unsigned int flags)
{
	return proc_lookup_table(dir, dentry, tid_entries,
				 ARRAY_SIZE(tid_entries));
}

static int tid_readdir(struct file *file, struct dir_context *ctx)
{
	return proc_readdir_table(file, ctx, tid_entries,
				  ARRAY_SIZE(tid_entries));
}

static const struct inode_operations tgid_iops = { .lookup = tgid_lookup };
static const struct inode_operations tid_iops = { .lookup = tid_lookup };

static const struct file_operations tgid_fops = {
	.read = generic_read_dir,
	.iterate_shared = tgid_readdir,
	.llseek = generic_file_llseek,
};

static const struct file_operations tid_fops = {
	.read = generic_read_dir,
	.iterate_shared = tid_readdir,
	.llseek = generic_file_llseek,
};

struct pid *proc_tgid_pid(const struct file *file)
{
	return file->f_op == &tgid_fops ? proc_i(file_inode(file))->pid : NULL;
}

/* ---- directories named by a number --------------------------------------- */

/* The number that a name spells, or -1: no leading zero, digits only. */
static int name_to_int(const struct qstr *name)
{
	int n = 0;

	if (!name->len || name->len > 9 ||
	    (name->name[0] == '0' && name->len > 1))
		return -1;
	for (u32 i = 0; i < name->len; i++) {
		if (name->name[i] < '0' || name->name[i] > '9')
			return -1;
		n = n * 10 + (name->name[i] - '0');
	}
	return n;
}

static struct dentry *make_number_dir(struct inode *dir, struct dentry *dentry,
				      struct task_struct *task, bool thread)
{
	struct inode *inode = proc_pid_make_inode(dir->i_sb, task,
						  S_IFDIR | 0555);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_op = thread ? &tid_iops : &tgid_iops;
	inode->i_fop = thread ? &tid_fops : &tgid_fops;
	set_nlink(inode, 4);
	dentry->d_op = &pid_dentry_operations;
	d_add(dentry, inode);
	return NULL;
}

struct dentry *proc_pid_lookup(struct inode *dir, struct dentry *dentry)
{
	int nr = name_to_int(&dentry->d_name);
	struct task_struct *task = nr > 0 ? find_get_task_by_vpid(nr) : NULL;
	struct dentry *ret;

	if (!task)
		return ERR_PTR(-ENOENT);
	ret = make_number_dir(dir, dentry, task, false);
	put_task_struct(task);
	return ret;
}

/* The next thread group at or above *nr; with a reference. */
static struct task_struct *next_tgid(int *nr)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	while ((pid = find_ge_pid(*nr, &init_pid_ns))) {
		*nr = pid_vnr(pid);
		task = pid_task(pid, PIDTYPE_TGID);
		if (task && refcount_inc_not_zero(&task->usage))
			break;
		task = NULL;
		(*nr)++;
	}
	rcu_read_unlock();
	return task;
}

int proc_pid_readdir(struct file *file, struct dir_context *ctx, loff_t first)
{
	int nr = ctx->pos - first;
	struct task_struct *task;
	char name[12];

	for (; (task = next_tgid(&nr)); nr++) {
		int len = snprintf(name, sizeof(name), "%d", nr);

		put_task_struct(task);
		ctx->pos = first + nr;
		if (!dir_emit(ctx, name, len, nr + 0x10000, DT_DIR))
			return 0;
	}
	ctx->pos = first + PID_MAX_LIMIT;
	return 0;
}

static struct dentry *task_dir_lookup(struct inode *dir, struct dentry *dentry,
				      unsigned int flags)
{
	int nr = name_to_int(&dentry->d_name);
	struct task_struct *leader = get_proc_task(dir), *task;
	struct dentry *ret = ERR_PTR(-ENOENT);

	if (!leader)
		return ret;
	task = nr > 0 ? find_get_task_by_vpid(nr) : NULL;
	if (task) {
		if (same_thread_group(task, leader))
			ret = make_number_dir(dir, dentry, task, true);
		put_task_struct(task);
	}
	put_task_struct(leader);
	return ret;
}

/* pid of the n-th thread, or 0. */
static pid_t nth_thread(struct task_struct *leader, loff_t n)
{
	struct task_struct *t;
	pid_t nr = 0;

	rcu_read_lock();
	for_each_thread(leader, t) {
		if (n-- == 0) {
			nr = task_pid_vnr(t);
			break;
		}
	}
	rcu_read_unlock();
	return nr;
}

static int task_dir_readdir(struct file *file, struct dir_context *ctx)
{
	struct task_struct *leader = get_proc_task(file_inode(file));
	char name[12];
	pid_t nr;

	if (!leader)
		return -ENOENT;
	if (!dir_emit_dots(file, ctx))
		goto out;
	for (; (nr = nth_thread(leader, ctx->pos - 2)); ctx->pos++) {
		int len = snprintf(name, sizeof(name), "%d", nr);

		if (!dir_emit(ctx, name, len, nr + 0x10000, DT_DIR))
			break;
	}
out:
	put_task_struct(leader);
	return 0;
}

static const struct inode_operations task_dir_iops = {
	.lookup = task_dir_lookup,
};

static const struct file_operations task_dir_fops = {
	.read = generic_read_dir,
	.iterate_shared = task_dir_readdir,
	.llseek = generic_file_llseek,
};
