/* SPDX-License-Identifier: MIT */
/*
 * nsfs.c -- namespaces as files
 *
 * PROMISE.  Two tasks are in one namespace exactly when the files of
 * /proc/PID/ns/X have one inode number.  An open file, or one that is mounted
 * somewhere, keeps its namespace though the last task has left it.
 *
 * IDEA.  A file system that nobody mounts, with an inode for each namespace
 * that somebody looks at, named "mnt:[4026531833]".  The links below /proc jump
 * to it; setns(2) takes the open file.
 *
 * Mount and IPC namespaces and networks are many.  Of users, process numbers
 * and host names there is one namespace each, with the number that Linux gives
 * its first; of those that do not exist here there is no file.
 *
 * SEE namespaces(7), ioctl_ns(2), setns(2).
 */

#include <fs/nsfs.h>

#include "vfs/mount.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/ipc_namespace.h>
#include <kernel/kernel.h>
#include <kernel/nsproxy.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <net/net_namespace.h>
#include <uapi/sched.h>

#define NSFS_MAGIC 0x6e736673
#define NS_GET_USERNS 0xb701
#define NS_GET_PARENT 0xb702
#define NS_GET_NSTYPE 0xb703
#define NS_GET_OWNER_UID 0xb704

static const struct ns_kind {
	int flag;
	const char *name;
	ino_t ino;                    /* of the one there is; 0: many */
} kinds[] = {
	{ CLONE_NEWIPC, "ipc", 0 },
	{ CLONE_NEWNS, "mnt", 0 },
	{ CLONE_NEWNET, "net", 0 },
	{ CLONE_NEWPID, "pid", 0xeffffffc },
	{ CLONE_NEWUSER, "user", 0xeffffffd },
	{ CLONE_NEWUTS, "uts", 0xeffffffe },
};

static struct vfsmount *nsfs_mount __ro_after_init;
static const struct file_operations ns_fops;

static const struct ns_kind *kind_of(int flag)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].flag == flag)
			return &kinds[i];
	return NULL;
}

/*
 * What an inode holds.  Each kind numbers in a range of its own: networks from
 * 0xd0000000, IPC from 0xe0000000, mounts from 0xf0000000.
 */
struct held {
	struct mnt_namespace *mnt_ns; /* counted, or NULL */
	struct ipc_namespace *ipc_ns; /* counted, or NULL */
	struct net *net;              /* counted, or NULL */
};

static void put_held(const struct held *held)
{
	put_mnt_ns(held->mnt_ns);
	put_ipc_ns(held->ipc_ns);
	if (held->net)
		put_net(held->net);
}

/* The inode; consumes what is held. */
static struct inode *ns_inode(ino_t ino, const struct held *held)
{
	struct inode *inode = iget_locked(nsfs_mount->mnt_sb, ino);
	struct held *copy;

	if (!inode || !(inode->i_state & I_NEW)) {
		put_held(held);       /* an old inode has its own */
		return inode;
	}
	copy = kmemdup(held, sizeof(*held), GFP_KERNEL);
	if (!copy) {
		put_held(held);
		iget_failed(inode);
		return NULL;
	}
	inode->i_mode = S_IFREG | 0444;
	inode->i_mtime = inode->i_atime = inode->i_ctime = current_time(inode);
	inode->i_fop = &ns_fops;
	inode->i_private = copy;
	unlock_new_inode(inode);
	return inode;
}

static int path_of(struct path *path, const struct ns_kind *kind, ino_t ino,
		   const struct held *held)
{
	struct qstr name = QSTR_INIT(kind->name, strlen(kind->name));
	struct inode *inode = ns_inode(ino, held);
	struct dentry *d;

	if (!inode)
		return -ENOMEM;
	d = d_alloc_pseudo(nsfs_mount->mnt_sb, &name);
	if (!d) {
		iput(inode);
		return -ENOMEM;
	}
	d->d_fsdata = (void *)kind;
	d_instantiate(d, inode);
	path->mnt = mntget(nsfs_mount);
	path->dentry = d;
	return 0;
}

int ns_get_path(struct path *path, struct task_struct *task, int flag)
{
	const struct ns_kind *kind = kind_of(flag);
	struct held held = { NULL, NULL, NULL };
	ino_t ino;

	if (!kind)
		return -EINVAL;
	ino = kind->ino;
	task_lock(task);
	if (!task->nsproxy) {           /* it is dead */
		task_unlock(task);
		return -ENOENT;
	}
	if (flag == CLONE_NEWNS) {
		held.mnt_ns = task->nsproxy->mnt_ns;
		get_mnt_ns(held.mnt_ns);
		ino = held.mnt_ns->inum;
	} else if (flag == CLONE_NEWIPC) {
		held.ipc_ns = get_ipc_ns(task->nsproxy->ipc_ns);
		ino = held.ipc_ns->inum;
	} else if (flag == CLONE_NEWNET) {
		held.net = get_net(task->nsproxy->net_ns);
		ino = held.net->inum;
	}
	task_unlock(task);
	return path_of(path, kind, ino, &held);
}

bool nsfs_dentry(const struct dentry *d)
{
	return d->d_sb == nsfs_mount->mnt_sb;
}

int nsfs_kind(const struct file *file)
{
	const struct ns_kind *kind;

	if (file->f_op != &ns_fops)
		return 0;
	kind = file_dentry(file)->d_fsdata;
	return kind->flag;
}

struct mnt_namespace *nsfs_mnt_ns(const struct file *file)
{
	const struct held *held = file_inode(file)->i_private;

	return held->mnt_ns;
}

struct ipc_namespace *nsfs_ipc_ns(const struct file *file)
{
	const struct held *held = file_inode(file)->i_private;

	return held->ipc_ns;
}

struct net *nsfs_net_ns(const struct file *file)
{
	const struct held *held = file_inode(file)->i_private;

	return held->net;
}

/* A descriptor of the namespace of users, which owns all others. */
static long open_user_ns(void)
{
	const struct ns_kind *kind = kind_of(CLONE_NEWUSER);
	const struct held nothing = { NULL, NULL, NULL };
	int fd = get_unused_fd_flags(O_CLOEXEC), err;
	struct file *file;
	struct path path;

	if (fd < 0)
		return fd;
	err = path_of(&path, kind, kind->ino, &nothing);
	if (!err) {
		file = dentry_open(&path, O_RDONLY, current_cred());
		path_put(&path);
		err = PTR_ERR_OR_ZERO(file);
	}
	if (err) {
		put_unused_fd(fd);
		return err;
	}
	fd_install(fd, file);
	return fd;
}

static long ns_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	int kind = nsfs_kind(file);

	switch (cmd) {
	case NS_GET_NSTYPE:
		return kind;
	case NS_GET_USERNS:
		/* The first one's own is outside of what anybody may see. */
		return kind == CLONE_NEWUSER ? -EPERM : open_user_ns();
	case NS_GET_PARENT:
		return kind == CLONE_NEWUSER || kind == CLONE_NEWPID ? -EPERM
								     : -EINVAL;
	case NS_GET_OWNER_UID:
		if (kind != CLONE_NEWUSER)
			return -EINVAL;
		return put_user(0, (uid_t __user *)arg);
	}
	return -ENOTTY;
}

static const struct file_operations ns_fops = {
	.unlocked_ioctl = ns_ioctl,
	.llseek = no_llseek,
};

/* ---- the volume ---- */

static char *ns_dname(struct dentry *d, char *buf, int len)
{
	return dynamic_dname(buf, len, "%s:[%lu]",
			     (const char *)d->d_name.name,
			     (unsigned long)d_inode(d)->i_ino);
}

static void ns_evict(struct inode *inode)
{
	struct held *held = inode->i_private;

	clear_inode(inode);
	inode->i_private = NULL;
	if (held)
		put_held(held);
	kfree(held);
}

static const struct dentry_operations ns_dops = { .d_dname = ns_dname };
static const struct super_operations ns_ops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
	.evict_inode = ns_evict,
};

static struct dentry *nsfs_do_mount(struct file_system_type *type, int flags,
				    const char *dev_name, void *data)
{
	return mount_pseudo(type, "nsfs", &ns_ops, &ns_dops, NSFS_MAGIC);
}

static struct file_system_type nsfs_type = {
	.name = "nsfs",
	.mount = nsfs_do_mount,
	.kill_sb = kill_anon_super,
};

static int nsfs_init(void)
{
	struct vfsmount *mnt = kern_mount(&nsfs_type);

	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	nsfs_mount = mnt;
	return 0;
}
fs_initcall(nsfs_init);
