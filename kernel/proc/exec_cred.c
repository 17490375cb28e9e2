/* SPDX-License-Identifier: MIT */
/*
 * exec_cred.c -- who the new program is: set-id bits and root's capabilities
 *
 * PROMISE.  A program gains what its file's set-id bits or root's uid give it
 * only if nobody without that right has a hand on the process: no tracer, no
 * sharer of its root and working directory, no thread that swore to gain
 * nothing (no_new_privs).  Else it gets no more than the caller had.
 *
 * IDEA.  The ids are chosen early, since AT_SECURE and the places in memory
 * depend on them, and taken on late, when the old program is gone.  What was
 * decided must still be true then, so the hands are kept off in between:
 *
 *	execve                                  others
 *	[a] lock cred_guard_mutex               attach, TSYNC: wait for it
 *	    traced? sharing? no_new_privs?
 *	    choose ids                          clone(CLONE_FS): in_exec, EAGAIN
 *	    ... read, map, end other threads
 *	    commit_creds(), unlock              ptrace_may_access(): the new ids
 *
 * The tracer is judged by the credentials with which it attached: what it has
 * at this moment it may owe to a set-id program that it is going through.
 *
 * INVARIANTS.  I1 From exec_begin_creds() to exec_end_creds() no tracer
 * attaches to current, and no filter is forced on it.
 *
 * LOCKING.  signal->cred_guard_mutex, taken interruptibly, so that execve may
 * kill the group's other threads while they wait for it.  fs->lock inside it.
 *
 * SEE execve(2), capabilities(7) "Transformation of capabilities during
 * execve()", docs/49-exec.md.
 */

#include "exec_internal.h"

#include <fs/fs.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <kernel/binfmts.h>
#include <kernel/coredump.h>
#include <kernel/errno.h>
#include <kernel/ptrace.h>
#include <kernel/task.h>
#include <mm/mm.h>

/* Does another process share our root, directory and umask? */
static bool shares_fs(void)
{
	struct fs_struct *fs = current->fs;
	struct task_struct *t;
	int mine = 0;
	bool shared;

	rcu_read_lock();
	spin_lock(&fs->lock);
	for_each_thread(current, t)
		mine += t->fs == fs;
	shared = fs->users > mine;
	if (!shared)
		fs->in_exec = true;
	spin_unlock(&fs->lock);
	rcu_read_unlock();
	return shared;
}

int exec_begin_creds(struct linux_binprm *bprm)
{
	if (mutex_lock_interruptible(&current->signal->cred_guard_mutex))
		return -ERESTARTNOINTR;
	bprm->cred = prepare_creds();                              /* [a] */
	if (!bprm->cred) {
		mutex_unlock(&current->signal->cred_guard_mutex);
		return -ENOMEM;
	}
	bprm->fs_shared = shares_fs();
	return 0;
}

/* What the file's mode would make of the ids. */
static void apply_set_id(struct linux_binprm *bprm, struct cred *new)
{
	struct inode *inode = file_inode(bprm->file);

	if ((bprm->file->f_path.mnt->mnt_flags & MNT_NOSUID) ||
	    current->no_new_privs)
		return;
	if (inode->i_mode & S_ISUID)
		new->euid = inode->i_uid;
	if ((inode->i_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		new->egid = inode->i_gid;
}

/* Has somebody a hand on us who must not get what we would gain? */
static bool held_by_mortal(const struct linux_binprm *bprm)
{
	return current->no_new_privs || bprm->fs_shared ||
	       !ptracer_capable(current, CAP_SYS_PTRACE);
}

void prepare_exec_creds(struct linux_binprm *bprm)
{
	const struct cred *old = current_cred();
	struct cred *new = bprm->cred;
	bool root, effective, set_id;

	new->euid = old->euid;
	new->egid = old->egid;
	new->securebits &= ~SECBIT_KEEP_CAPS;
	apply_set_id(bprm, new);
	root = !(new->securebits & SECBIT_NOROOT) &&
	       (new->euid == GLOBAL_ROOT_UID || new->uid == GLOBAL_ROOT_UID);
	effective = root && new->euid == GLOBAL_ROOT_UID;
	set_id = new->euid != old->uid || new->egid != old->gid;
	new->cap_permitted = root ? new->cap_bset | old->cap_inheritable : 0;
	if ((set_id || (new->cap_permitted & ~old->cap_permitted)) &&
	    held_by_mortal(bprm)) {
		if (current->no_new_privs || !capable(CAP_SETUID)) {
			new->euid = new->uid;
			new->egid = new->gid;
		}
		new->cap_permitted &= old->cap_permitted;
	}
	new->suid = new->fsuid = new->euid;
	new->sgid = new->fsgid = new->egid;
	new->cap_ambient = set_id ? 0 : old->cap_ambient;
	new->cap_permitted |= new->cap_ambient;
	new->cap_effective = effective ? new->cap_permitted : new->cap_ambient;
	bprm->secureexec = set_id ||
		(new->uid != GLOBAL_ROOT_UID &&
		 (effective || (new->cap_permitted & ~new->cap_ambient)));
}

void would_dump(struct linux_binprm *bprm, struct file *file)
{
	if (file_permission(file, MAY_READ))
		bprm->unreadable = true;
}

int exec_dumpable(const struct linux_binprm *bprm)
{
	const struct cred *new = bprm->cred, *old = current_cred();
	bool same = new->euid == new->uid && new->egid == new->gid &&
		    new->euid == old->euid && new->egid == old->egid &&
		    !(new->cap_permitted & ~old->cap_permitted);

	return same && !bprm->unreadable ? 1 : suid_dumpable;
}

void exec_end_creds(struct linux_binprm *bprm)
{
	if (!bprm->cred)
		return;
	bprm->cred = NULL;
	current->fs->in_exec = false;
	mutex_unlock(&current->signal->cred_guard_mutex);
}
