/* SPDX-License-Identifier: MIT */
/*
 * nsproxy.c -- leaving a namespace for another: clone, unshare, setns
 *
 * IDEA.  Tasks share an nsproxy; who leaves one of its namespaces gets a copy
 * of it in which that one pointer differs.  Each nsproxy counts once in every
 * namespace that it names.
 *
 * NOT DONE.  Mounts, IPC and networks can be private; for the others the calls
 * say
 * -EINVAL, as a Linux that was built without them.
 */

#include <kernel/nsproxy.h>

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/nsfs.h>
#include <kernel/cred.h>
#include <kernel/ipc_namespace.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <net/net_namespace.h>
#include <uapi/sched.h>

#define OTHER_NAMESPACES (CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWCGROUP | \
			  CLONE_NEWUSER | CLONE_NEWTIME)
#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET)

void put_nsproxy(struct nsproxy *ns)
{
	if (!ns || !refcount_dec_and_test(&ns->count))
		return;
	put_mnt_ns(ns->mnt_ns);
	put_ipc_ns(ns->ipc_ns);
	put_net(ns->net_ns);
	kfree(ns);
}

/* A copy that counts in the same namespaces; NULL: no memory. */
static struct nsproxy *dup_nsproxy(struct nsproxy *old)
{
	struct nsproxy *new = kmemdup(old, sizeof(*old), GFP_KERNEL);

	if (!new)
		return NULL;
	refcount_set(&new->count, 1);
	get_mnt_ns(new->mnt_ns);
	get_ipc_ns(new->ipc_ns);
	get_net(new->net_ns);
	return new;
}

static int renew_ipc(struct nsproxy *new)
{
	struct ipc_namespace *ipc = create_ipc_ns();

	if (IS_ERR(ipc))
		return PTR_ERR(ipc);
	put_ipc_ns(new->ipc_ns);
	new->ipc_ns = ipc;
	return 0;
}

static int renew_net(struct nsproxy *new)
{
	struct net *net = copy_net_ns();

	if (IS_ERR(net))
		return PTR_ERR(net);
	put_net(new->net_ns);
	new->net_ns = net;
	return 0;
}

/* A mount namespace of its own, which fs follows. */
static int renew_mounts(struct nsproxy *new, struct fs_struct *fs)
{
	struct mnt_namespace *mnt = copy_mnt_ns(CLONE_NEWNS, new->mnt_ns, fs);

	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	put_mnt_ns(new->mnt_ns);
	new->mnt_ns = mnt;
	return 0;
}

/* A copy with the namespaces of flags new; ERR_PTR. */
static struct nsproxy *make_nsproxy(u64 flags, struct nsproxy *old,
				    struct fs_struct *fs)
{
	struct nsproxy *new;
	int err = 0;

	if (!capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	new = dup_nsproxy(old);
	if (!new)
		return ERR_PTR(-ENOMEM);
	if (flags & CLONE_NEWIPC)
		err = renew_ipc(new);
	if (!err && (flags & CLONE_NEWNET))
		err = renew_net(new);
	if (!err && (flags & CLONE_NEWNS))
		err = renew_mounts(new, fs);
	if (!err)
		return new;
	put_nsproxy(new);
	return ERR_PTR(err);
}

int copy_namespaces(u64 flags, struct task_struct *t)
{
	struct nsproxy *new;

	if (flags & OTHER_NAMESPACES)
		return -EINVAL;
	/* Debts of semaphores cannot be shared with another namespace. */
	if ((flags & CLONE_NEWIPC) && (flags & CLONE_SYSVSEM))
		return -EINVAL;
	if (!(flags & NEW_NAMESPACES)) {
		get_nsproxy(t->nsproxy);
		return 0;
	}
	new = make_nsproxy(flags, t->nsproxy, t->fs);
	if (IS_ERR(new))
		return PTR_ERR(new);
	t->nsproxy = new;
	return 0;
}

/* From now on current lives in new, whose reference this takes. */
static void switch_nsproxy(struct nsproxy *new)
{
	struct nsproxy *old = current->nsproxy;

	if (new->ipc_ns != old->ipc_ns) {
		exit_sem(current);    /* it could not reach them any more */
		exit_shm(current);
	}
	task_lock(current);
	current->nsproxy = new;
	task_unlock(current);
	put_nsproxy(old);
}

static int unshare_namespaces(unsigned long flags)
{
	struct nsproxy *new;

	new = make_nsproxy(flags, current->nsproxy, current->fs);
	if (IS_ERR(new))
		return PTR_ERR(new);
	switch_nsproxy(new);
	return 0;
}

/* Join ns: current's root and working directory become its root. */
static int enter_mounts(struct mnt_namespace *ns)
{
	struct nsproxy *new;
	struct path root;

	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_CHROOT))
		return -EPERM;
	if (current->fs->users != 1)
		return -EINVAL;         /* others would be dragged along */
	new = dup_nsproxy(current->nsproxy);
	if (!new)
		return -ENOMEM;
	put_mnt_ns(new->mnt_ns);
	new->mnt_ns = ns;
	get_mnt_ns(ns);
	mnt_ns_root(ns, &root);
	switch_nsproxy(new);
	set_fs_pwd(current->fs, &root);
	set_fs_root(current->fs, &root);
	path_put(&root);
	return 0;
}

static int enter_ipc(struct ipc_namespace *ns)
{
	struct nsproxy *new;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	new = dup_nsproxy(current->nsproxy);
	if (!new)
		return -ENOMEM;
	put_ipc_ns(new->ipc_ns);
	new->ipc_ns = get_ipc_ns(ns);
	switch_nsproxy(new);
	return 0;
}

static int enter_net(struct net *net)
{
	struct nsproxy *new;

	if (!ns_capable(net->user_ns, CAP_SYS_ADMIN) ||
	    !capable(CAP_SYS_ADMIN))
		return -EPERM;
	new = dup_nsproxy(current->nsproxy);
	if (!new)
		return -ENOMEM;
	put_net(new->net_ns);
	new->net_ns = get_net(net);
	switch_nsproxy(new);
	return 0;
}

static int enter_namespace(const struct file *file)
{
	switch (nsfs_kind(file)) {
	case CLONE_NEWNS:
		return enter_mounts(nsfs_mnt_ns(file));
	case CLONE_NEWIPC:
		return enter_ipc(nsfs_ipc_ns(file));
	case CLONE_NEWNET:
		return enter_net(nsfs_net_ns(file));
	case CLONE_NEWUTS:
	case CLONE_NEWPID:
		/* There is one, and we are in it. */
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	}
	return -EINVAL;                 /* one's own user namespace, too */
}

SYSCALL_DEFINE2(setns, int, fd, int, type)
{
	struct file *file = fget(fd);
	int err = -EINVAL;

	if (!file)
		return -EBADF;
	if (nsfs_kind(file) && (!type || type == nsfs_kind(file)))
		err = enter_namespace(file);
	fput(file);
	return err;
}

SYSCALL_DEFINE1(unshare, unsigned long, flags)
{
	const unsigned long known = CLONE_FS | CLONE_FILES | NEW_NAMESPACES |
				    CLONE_THREAD | CLONE_SIGHAND | CLONE_VM |
				    CLONE_SYSVSEM;
	int err = 0;

	if (flags & ~known)
		return -EINVAL;
	/* What threads share by nature, only a lone thread can leave. */
	if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) &&
	    !thread_group_empty(current))
		return -EINVAL;
	if (flags & (CLONE_FS | CLONE_NEWNS))
		err = unshare_fs_struct();
	if (!err && (flags & CLONE_FILES))
		err = unshare_files();
	if (!err && (flags & NEW_NAMESPACES))
		err = unshare_namespaces(flags);
	if (!err && (flags & CLONE_SYSVSEM))
		exit_sem(current);
	return err;
}
