/* SPDX-License-Identifier: MIT */
#ifndef FS_NSFS_H
#define FS_NSFS_H
/* nsfs.h -- namespaces as files: /proc/PID/ns/X; theory: fs/nsfs.c */

#include <fs/types.h>

struct dentry;
struct ipc_namespace;
struct mnt_namespace;
struct net;
struct task_struct;

/* The file that stands for task's namespace of that CLONE_NEW*; 0, -errno. */
int ns_get_path(struct path *path, struct task_struct *task, int kind);
/* The CLONE_NEW* of an open file, or 0: it is no namespace. */
int nsfs_kind(const struct file *file);
bool nsfs_dentry(const struct dentry *d);
/* Of a CLONE_NEWNS file; lives as long as the file. */
struct mnt_namespace *nsfs_mnt_ns(const struct file *file);
struct ipc_namespace *nsfs_ipc_ns(const struct file *file);
struct net *nsfs_net_ns(const struct file *file);

#endif
