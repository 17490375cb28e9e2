/* SPDX-License-Identifier: MIT */
/*
 * nsproxy.c -- leaving a namespace for another: clone, unshare, setns
 *
 * IDEA.  Tasks share an nsproxy; who leaves one of its namespaces gets a copy
 * of it in which that one pointer differs.
 *
 * NOT DONE.  Only mount namespaces can be made yet; for the others the calls
 * say -EINVAL, as a Linux that was built without them.
 */

#include <kernel/nsproxy.h>

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/nsfs.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <uapi/sched.h>

#define OTHER_NAMESPACES (CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | \
			  CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWUSER | \
			  CLONE_NEWTIME)

void put_nsproxy(struct nsproxy *ns)
{
	if (!ns || !refcount_dec_and_test(&ns->count))
		return;
	put_mnt_ns(ns->mnt_ns);
	kfree(ns);
}

/* A copy with a mount namespace of its own, which fs follows; ERR_PTR. */
static struct nsproxy *make_nsproxy(struct nsproxy *old, struct fs_struct *fs)
{
	struct nsproxy *new;

	if (!capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	new = kmemdup(old, sizeof(*old), GFP_KERNEL);
	if (!new)
		return ERR_PTR(-ENOMEM);
	refcount_set(&new->count, 1);
	new->mnt_ns = copy_mnt_ns(CLONE_NEWNS, old->mnt_ns, fs);
	if (IS_ERR(new->mnt_ns)) {
		long err = PTR_ERR(new->mnt_ns);

		kfree(new);
		return ERR_PTR(err);
	}
	return new;
}

int copy_namespaces(u64 flags, struct task_struct *t)
{
	struct nsproxy *new;

	if (flags & OTHER_NAMESPACES)
		return -EINVAL;
	if (!(flags & CLONE_NEWNS)) {
		get_nsproxy(t->nsproxy);
		return 0;
	}
	new = make_nsproxy(t->nsproxy, t->fs);
	if (IS_ERR(new))
		return PTR_ERR(new);
	t->nsproxy = new;
	return 0;
}

static int unshare_mounts(void)
{
	struct nsproxy *old = current->nsproxy, *new;

	new = make_nsproxy(old, current->fs);
	if (IS_ERR(new))
		return PTR_ERR(new);
	task_lock(current);
	current->nsproxy = new;
	task_unlock(current);
	put_nsproxy(old);
	return 0;
}

/* Join ns: current's root and working directory become its root. */
static int enter_mounts(struct mnt_namespace *ns)
{
	struct nsproxy *old = current->nsproxy, *new;
	struct path root;

	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_CHROOT))
		return -EPERM;
	if (current->fs->users != 1)
		return -EINVAL;         /* others would be dragged along */
	new = kmemdup(old, sizeof(*old), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	refcount_set(&new->count, 1);
	new->mnt_ns = ns;
	get_mnt_ns(ns);
	mnt_ns_root(ns, &root);
	task_lock(current);
	current->nsproxy = new;
	task_unlock(current);
	set_fs_pwd(current->fs, &root);
	set_fs_root(current->fs, &root);
	path_put(&root);
	put_nsproxy(old);
	return 0;
}

static int enter_namespace(const struct file *file)
{
	switch (nsfs_kind(file)) {
	case CLONE_NEWNS:
		return enter_mounts(nsfs_mnt_ns(file));
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
	const unsigned long known = CLONE_FS | CLONE_FILES | CLONE_NEWNS |
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
	if (!err && (flags & CLONE_NEWNS))
		err = unshare_mounts();
	return err;
}
