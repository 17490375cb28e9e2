/* SPDX-License-Identifier: MIT */
#ifndef FS_PROC_INTERNAL_H
#define FS_PROC_INTERNAL_H
/* internal.h -- between the files of fs/proc; theory: root.c */

#include <fs/fs.h>
#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/list.h>
#include <kernel/pid.h>
#include <kernel/task.h>

#define PROC_ROOT_INO 1
#define PROC_SUPER_MAGIC 0x9fa0

/*
 * An entry outside the process directories: constant once it is made.
 *
 * Field keys:  [c] constant   [D] proc_lock
 */
struct proc_dir_entry {
	const char *name;             /* [c] */
	umode_t mode;                 /* [c] type and permissions */
	ino_t ino;                    /* [c] */
	unsigned int nlink;           /* [D] */
	const struct file_operations *fops; /* [c] regular files */
	const char *target;           /* [c] symlinks */
	int (*show)(struct seq_file *m, void *v); /* [c] made by _single */
	const struct seq_operations *seq; /* [c] made by _seq */
	void *data;                   /* [c] */
	struct proc_dir_entry *parent; /* [c] */
	struct list_head children;    /* [D] in order of making */
	struct list_head sibling;     /* [D] */
};

extern struct proc_dir_entry proc_root;

struct pid_entry;

/* What a proc inode stands for: an entry, or something of a process. */
struct proc_inode {
	struct proc_dir_entry *pde;   /* or NULL */
	struct pid *pid;              /* counted; of a process directory */
	const struct pid_entry *entry; /* NULL: the directory itself */
	unsigned int fd;              /* in fd/ and fdinfo/ */
};

static inline struct proc_inode *proc_i(const struct inode *inode)
{
	return inode->i_private;
}

/* generic.c */
struct dentry *proc_lookup_de(struct inode *dir, struct dentry *dentry,
			      struct proc_dir_entry *de);
/* Entries of `de` from ctx->pos 2 on; 0 when all were given. */
int proc_readdir_de(struct proc_dir_entry *de, struct dir_context *ctx);
struct inode *proc_new_inode(struct super_block *sb, umode_t mode, ino_t ino);

/* base.c: /proc/PID */
struct dentry *proc_pid_lookup(struct inode *dir, struct dentry *dentry);
int proc_pid_readdir(struct file *file, struct dir_context *ctx, loff_t first);
struct inode *proc_pid_make_inode(struct super_block *sb,
				  struct task_struct *task, umode_t mode);
/* The process of an inode, with a reference; NULL: gone. */
struct task_struct *get_proc_task(const struct inode *inode);
/* May current look into task's memory and files?  ptrace(2)'s rule. */
bool proc_may_access(struct task_struct *task);
/* Give the path's text to a readlink(2): its length, or -errno. */
int proc_readlink_path(const struct path *path, char __user *buf, int len);
extern const struct dentry_operations pid_dentry_operations;

/* Could whoever opened the file do this then?  Later readers may be others. */
static inline bool proc_opener_capable(const struct file *file, int cap)
{
	return file->f_cred->cap_effective >> cap & 1;
}

/* One name in /proc/PID or /proc/PID/task/TID. */
struct pid_entry {
	const char *name;
	umode_t mode;
	/* One of these three, by the entry's type. */
	int (*show)(struct seq_file *m, struct task_struct *task);
	int (*get_link)(struct task_struct *task, struct path *path);
	const struct inode_operations *iop;
	const struct file_operations *fop;
};

int proc_pid_open_show(struct inode *inode, struct file *file);
/* A directory of a process that is a table. */
struct dentry *proc_lookup_table(struct inode *dir, struct dentry *dentry,
				 const struct pid_entry *table, size_t n);
int proc_readdir_table(struct file *file, struct dir_context *ctx,
		       const struct pid_entry *table, size_t n);

/* namespaces.c */
extern const struct inode_operations proc_ns_dir_inode_operations;
extern const struct file_operations proc_ns_dir_operations;

/* net.c */
/* The network of the process that inode is below, counted; NULL: gone. */
struct net *proc_net_of(const struct inode *inode);
extern const struct inode_operations proc_net_inode_operations;
extern const struct file_operations proc_net_operations;

/* task_misc.c */
int proc_pid_wchan(struct seq_file *m, struct task_struct *task);
int proc_pid_stack(struct seq_file *m, struct task_struct *task);
int proc_pid_syscall(struct seq_file *m, struct task_struct *task);
int proc_pid_oom_score(struct seq_file *m, struct task_struct *task);
int proc_pid_oom_score_adj(struct seq_file *m, struct task_struct *task);
extern const struct file_operations proc_oom_score_adj_operations;
int proc_tid_io(struct seq_file *m, struct task_struct *task);
int proc_tgid_io(struct seq_file *m, struct task_struct *task);
int proc_pid_personality(struct seq_file *m, struct task_struct *task);
int proc_id_map(struct seq_file *m, struct task_struct *task);
int proc_setgroups(struct seq_file *m, struct task_struct *task);
int proc_tid_children(struct seq_file *m, struct task_struct *task);

/* task_stat.c */
int proc_tgid_stat(struct seq_file *m, struct task_struct *task);
int proc_tid_stat(struct seq_file *m, struct task_struct *task);
int proc_pid_status(struct seq_file *m, struct task_struct *task);
int proc_pid_statm(struct seq_file *m, struct task_struct *task);
int proc_pid_limits(struct seq_file *m, struct task_struct *task);

/* task_mm.c: areas one by one; smaps.c shows more of each */
int proc_maps_open(struct inode *inode, struct file *file,
		   const struct seq_operations *ops);
int proc_maps_release(struct inode *inode, struct file *file);
void *proc_maps_start(struct seq_file *m, loff_t *pos);
void *proc_maps_next(struct seq_file *m, void *v, loff_t *pos);
void proc_maps_stop(struct seq_file *m, void *v);
void proc_show_area(struct seq_file *m, struct vm_area_struct *vma);
extern const struct file_operations proc_pid_smaps_operations;
int proc_pid_smaps_rollup(struct seq_file *m, struct task_struct *task);

/* task_pages.c */
extern const struct file_operations proc_pid_mem_operations;
extern const struct file_operations proc_pid_pagemap_operations;
extern const struct file_operations proc_pid_clear_refs_operations;

/* task_mm.c */
extern const struct file_operations proc_pid_maps_operations;
extern const struct file_operations proc_pid_cmdline_ops;
extern const struct file_operations proc_pid_environ_ops;
extern const struct file_operations proc_pid_auxv_ops;

/* fd.c */
extern const struct inode_operations proc_fd_inode_operations;
extern const struct file_operations proc_fd_operations;
extern const struct inode_operations proc_fdinfo_inode_operations;
extern const struct file_operations proc_fdinfo_operations;

/* mounts.c */
extern const struct file_operations proc_mounts_operations;
extern const struct file_operations proc_mountinfo_operations;
extern const struct file_operations proc_mountstats_operations;

/* sysctl_ipc.c: of current's IPC namespace, and of AIO */
int show_sem(struct seq_file *m);
int set_sem(char *text);
int show_shmmax(struct seq_file *m);
int set_shmmax(char *text);
int show_shmall(struct seq_file *m);
int set_shmall(char *text);
void shm_rmid_forced_changed(void);
int show_aio_nr(struct seq_file *m);
int show_aio_max_nr(struct seq_file *m);
int set_aio_max_nr(char *text);
int show_dirty_ratio(struct seq_file *m);
int set_dirty_ratio(char *text);
int show_dirty_bytes(struct seq_file *m);
int set_dirty_bytes(char *text);
int show_dirty_background_ratio(struct seq_file *m);
int set_dirty_background_ratio(char *text);
int show_dirty_background_bytes(struct seq_file *m);
int set_dirty_background_bytes(char *text);

struct seq_file;
int proc_pid_coredump_filter(struct seq_file *m, struct task_struct *task);
extern const struct file_operations proc_coredump_filter_operations;

#endif
