/* SPDX-License-Identifier: MIT */
#ifndef FS_PROC_FS_H
#define FS_PROC_FS_H
/*
 * proc_fs.h -- putting a file into /proc
 *
 * Theory: fs/proc/generic.c.  May sleep; call from an initcall.  Code that lies
 * below fs/ cannot call this: fs/proc shows its state for it.
 */

#include <fs/fs.h>
#include <fs/seq_file.h>

struct proc_dir_entry;

struct proc_dir_entry *proc_mkdir(const char *name,
				  struct proc_dir_entry *parent);
struct proc_dir_entry *proc_symlink(const char *name,
				    struct proc_dir_entry *parent,
				    const char *text);
struct proc_dir_entry *proc_create_data(const char *name, umode_t mode,
					struct proc_dir_entry *parent,
					const struct file_operations *fops,
					void *data);
struct proc_dir_entry *proc_create(const char *name, umode_t mode,
				   struct proc_dir_entry *parent,
				   const struct file_operations *fops);
struct proc_dir_entry *proc_create_single(const char *name, umode_t mode,
					  struct proc_dir_entry *parent,
					  int (*show)(struct seq_file *, void *));
struct proc_dir_entry *proc_create_seq(const char *name, umode_t mode,
				       struct proc_dir_entry *parent,
				       const struct seq_operations *ops);
/* A network's own directory, shown as /proc/PID/net; NULL: no memory. */
struct proc_dir_entry *proc_net_mkdir(void);
void remove_proc_entry(const char *name, struct proc_dir_entry *parent);
void *pde_data(const struct inode *inode);
/* The process whose /proc/PID is open, uncounted; NULL: it is another file. */
struct pid *proc_tgid_pid(const struct file *file);
/* Dentries of this process are of no use any more. */
void proc_flush_pid(struct pid *pid);

#endif
