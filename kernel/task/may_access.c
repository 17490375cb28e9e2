/* SPDX-License-Identifier: MIT */
/*
 * may_access.c -- who may look into a process, or take hold of it
 *
 * One rule for ptrace, /proc/PID/mem and their kin: the threads of one process
 * may do anything to each other; else all ids of the target must be the
 * caller's (what a setuid program is between, it keeps to itself), and the
 * target must be dumpable; CAP_SYS_PTRACE overrides. A target with capabilities
 * that the caller lacks is out of reach too.
 *
 * SEE ptrace(2), "Ptrace access mode checking".
 */

#include <kernel/ptrace.h>

#include <kernel/cred.h>
#include <kernel/task.h>
#include <mm/mm.h>

static bool ids_match(const struct cred *c, const struct cred *tc,
		      unsigned int mode)
{
	uid_t uid = mode & PTRACE_MODE_FSCREDS ? c->fsuid : c->uid;
	gid_t gid = mode & PTRACE_MODE_FSCREDS ? c->fsgid : c->gid;

	return uid == tc->euid && uid == tc->suid && uid == tc->uid &&
	       gid == tc->egid && gid == tc->sgid && gid == tc->gid;
}

bool ptrace_may_access(struct task_struct *t, unsigned int mode)
{
	const struct cred *c = current_cred(), *tc;
	kernel_cap_t caps;
	bool ok;

	if (same_thread_group(t, current))
		return true;
	if (capable(CAP_SYS_PTRACE))
		return true;
	caps = mode & PTRACE_MODE_FSCREDS ? c->cap_effective : c->cap_permitted;
	rcu_read_lock();
	tc = __task_cred(t);
	ok = ids_match(c, tc, mode) && !(tc->cap_permitted & ~caps);
	rcu_read_unlock();
	if (!ok)
		return false;
	task_lock(t);
	ok = !t->mm || t->mm->dumpable == 1;
	task_unlock(t);
	return ok;
}

bool ptrace_may_traceme(struct task_struct *parent)
{
	const struct cred *pc;
	bool ok;

	rcu_read_lock();
	pc = __task_cred(parent);
	ok = !(current_cred()->cap_permitted & ~pc->cap_permitted) ||
	     has_capability(parent, CAP_SYS_PTRACE);
	rcu_read_unlock();
	return ok;
}

bool ptracer_capable(struct task_struct *t, int cap)
{
	const struct cred *cred;
	bool has;

	rcu_read_lock();
	cred = rcu_dereference(t->ptracer_cred);
	has = !cred || (cred->cap_effective >> cap & 1);
	rcu_read_unlock();
	return has;
}
