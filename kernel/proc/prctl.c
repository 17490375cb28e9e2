/* SPDX-License-Identifier: MIT */
/*
 * prctl.c -- the call for what has no call of its own
 *
 * Each option reads or sets one property of the thread or its process. What
 * Linux 6.1 on x86-64 refuses is refused here with the same errno; unknown
 * options are EINVAL.
 *
 * SEE prctl(2), capabilities(7).
 */

#include <arch/uaccess.h>
#include <kernel/coredump.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/pid.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <uapi/prctl.h>

static long prctl_name(int option, char __user *name)
{
	char comm[TASK_COMM_LEN] = { 0 };

	if (option == PR_GET_NAME) {
		get_task_comm(comm, current);
		return copy_to_user(name, comm, sizeof(comm)) ? -EFAULT : 0;
	}
	if (strncpy_from_user(comm, name, sizeof(comm) - 1) < 0)
		return -EFAULT;
	set_task_comm(current, comm);
	return 0;
}

/* ---- credentials --------------------------------------------------------- */

static long set_keepcaps(unsigned long on)
{
	struct cred *new;

	if (on > 1)
		return -EINVAL;
	if (current_cred()->securebits & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->securebits &= ~SECBIT_KEEP_CAPS;
	new->securebits |= on ? SECBIT_KEEP_CAPS : 0;
	return commit_creds(new);
}

/* A locked bit keeps its value, a lock stays. */
static long set_securebits(unsigned long bits)
{
	unsigned int old = current_cred()->securebits;
	struct cred *new;

	if ((((old & SECURE_ALL_LOCKS) >> 1) & (old ^ bits)) ||
	    (old & SECURE_ALL_LOCKS & ~bits) ||
	    (bits & ~(SECURE_ALL_LOCKS | SECURE_ALL_BITS)) ||
	    !capable(CAP_SETPCAP))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->securebits = bits;
	return commit_creds(new);
}

static long drop_bounding(unsigned long cap)
{
	struct cred *new;

	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->cap_bset &= ~(1ULL << cap);
	return commit_creds(new);
}

static long change_ambient(unsigned long op, unsigned long cap)
{
	const struct cred *c = current_cred();
	u64 bit = 1ULL << cap;
	struct cred *new;

	if (op == PR_CAP_AMBIENT_RAISE &&
	    (!(c->cap_permitted & c->cap_inheritable & bit) ||
	     (c->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (op == PR_CAP_AMBIENT_RAISE)
		new->cap_ambient |= bit;
	else if (op == PR_CAP_AMBIENT_LOWER)
		new->cap_ambient &= ~bit;
	else
		new->cap_ambient = 0;
	return commit_creds(new);
}

static long prctl_ambient(unsigned long op, unsigned long cap,
			  unsigned long arg4, unsigned long arg5)
{
	if (arg4 || arg5)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_CLEAR_ALL)
		return cap ? -EINVAL : change_ambient(op, 0);
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_IS_SET)
		return current_cred()->cap_ambient >> cap & 1;
	if (op == PR_CAP_AMBIENT_RAISE || op == PR_CAP_AMBIENT_LOWER)
		return change_ambient(op, cap);
	return -EINVAL;
}

/* False: not an option about capabilities. */
static bool prctl_caps(int option, unsigned long arg2, long *ret)
{
	const struct cred *c = current_cred();

	switch (option) {
	case PR_GET_KEEPCAPS:
		*ret = !!(c->securebits & SECBIT_KEEP_CAPS);
		return true;
	case PR_SET_KEEPCAPS:
		*ret = set_keepcaps(arg2);
		return true;
	case PR_GET_SECUREBITS:
		*ret = c->securebits;
		return true;
	case PR_SET_SECUREBITS:
		*ret = set_securebits(arg2);
		return true;
	case PR_CAPBSET_READ:
		*ret = arg2 > CAP_LAST_CAP ? -EINVAL :
			(long)(c->cap_bset >> arg2 & 1);
		return true;
	case PR_CAPBSET_DROP:
		*ret = drop_bounding(arg2);
		return true;
	}
	return false;
}

/* ---- memory -------------------------------------------------------------- */

/* The field that PR_SET_MM's sub-option names; NULL: not one of ours. */
static unsigned long *mm_field(struct mm_struct *mm, unsigned long which)
{
	switch (which) {
	case PR_SET_MM_START_CODE:
		return &mm->start_code;
	case PR_SET_MM_END_CODE:
		return &mm->end_code;
	case PR_SET_MM_START_DATA:
		return &mm->start_data;
	case PR_SET_MM_END_DATA:
		return &mm->end_data;
	case PR_SET_MM_START_STACK:
		return &mm->start_stack;
	case PR_SET_MM_ARG_START:
		return &mm->arg_start;
	case PR_SET_MM_ARG_END:
		return &mm->arg_end;
	case PR_SET_MM_ENV_START:
		return &mm->env_start;
	case PR_SET_MM_ENV_END:
		return &mm->env_end;
	}
	return NULL;
}

static long prctl_set_mm(unsigned long which, unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	unsigned long *field = mm_field(mm, which);
	long err = -EINVAL;

	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (!field || addr >= TASK_SIZE)
		return -EINVAL;
	down_write(&mm->mmap_lock);
	if (find_vma(mm, addr)) {
		*field = addr;
		err = 0;
	}
	up_write(&mm->mmap_lock);
	return err;
}

/* ---- the rest ------------------------------------------------------------ */

static long prctl_mce(unsigned long arg2, unsigned long arg3)
{
	if (arg2 == PR_MCE_KILL_CLEAR && !arg3)
		current->mce_kill = PR_MCE_KILL_DEFAULT;
	else if (arg2 == PR_MCE_KILL_SET && arg3 <= PR_MCE_KILL_DEFAULT)
		current->mce_kill = arg3;
	else
		return -EINVAL;
	return 0;
}

/* Whom Yama would let trace us. Its scope is 0 here: everybody who may. */
static long prctl_ptracer(unsigned long pid)
{
	bool found;

	if (!pid || pid == -1UL)
		return 0;
	rcu_read_lock();
	found = find_task_by_vpid(pid);
	rcu_read_unlock();
	return found ? 0 : -EINVAL;
}

static long set_timerslack(unsigned long ns)
{
	current->timer_slack_ns = (long)ns <= 0 ?
		current->default_timer_slack_ns : ns;
	return 0;
}

/* False: not a plain option that reads one value. */
static bool prctl_get(int option, unsigned long arg2, long *ret)
{
	int __user *to = (int __user *)arg2;

	switch (option) {
	case PR_GET_PDEATHSIG:
		*ret = put_user(current->pdeath_signal, to);
		return true;
	case PR_GET_DUMPABLE:
		*ret = current->mm->dumpable;
		return true;
	case PR_GET_TIMING:
		*ret = 0;             /* PR_TIMING_STATISTICAL */
		return true;
	case PR_GET_TSC:
		*ret = put_user(PR_TSC_ENABLE, to);
		return true;
	case PR_GET_TIMERSLACK:
		*ret = current->timer_slack_ns;
		return true;
	case PR_GET_CHILD_SUBREAPER:
		*ret = put_user((int)current->signal->is_child_subreaper, to);
		return true;
	case PR_GET_SECCOMP:
		*ret = current->seccomp.mode;
		return true;
	case PR_GET_TID_ADDRESS:
		*ret = put_user((unsigned long)current->clear_child_tid,
				(unsigned long __user *)arg2);
		return true;
	}
	return false;
}

/* Options whose unused arguments must be 0. */
static long prctl_strict(int option, unsigned long arg2, unsigned long arg3,
			 unsigned long rest)
{
	switch (option) {
	case PR_SET_NO_NEW_PRIVS:
		if (arg2 != 1 || arg3 || rest)
			return -EINVAL;
		current->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return arg2 || arg3 || rest ? -EINVAL : current->no_new_privs;
	case PR_SET_THP_DISABLE:
		if (arg3 || rest)
			return -EINVAL;
		current->mm->thp_disabled = arg2;
		return 0;
	case PR_GET_THP_DISABLE:
		return arg2 || arg3 || rest ? -EINVAL :
			current->mm->thp_disabled;
	case PR_MCE_KILL:
		return rest ? -EINVAL : prctl_mce(arg2, arg3);
	case PR_MCE_KILL_GET:
		return arg2 || arg3 || rest ? -EINVAL : current->mce_kill;
	}
	return -EINVAL;
}

SYSCALL_DEFINE5(prctl, int, option, unsigned long, arg2, unsigned long, arg3,
		unsigned long, arg4, unsigned long, arg5)
{
	long ret;

	if (prctl_get(option, arg2, &ret) || prctl_caps(option, arg2, &ret))
		return ret;
	switch (option) {
	case PR_SET_PDEATHSIG:
		if (arg2 > NSIG)
			return -EINVAL;
		current->pdeath_signal = arg2;
		return 0;
	case PR_SET_NAME:
	case PR_GET_NAME:
		return prctl_name(option, (char __user *)arg2);
	case PR_SET_DUMPABLE:
		if (arg2 > SUID_DUMP_USER)
			return -EINVAL;
		current->mm->dumpable = arg2;
		return 0;
	case PR_SET_TIMING:
		return arg2 ? -EINVAL : 0;
	case PR_SET_TSC:
		return arg2 == PR_TSC_ENABLE ? 0 : -EINVAL;
	case PR_SET_TIMERSLACK:
		return set_timerslack(arg2);
	case PR_SET_CHILD_SUBREAPER:
		current->signal->is_child_subreaper = !!arg2;
		return 0;
	case PR_SET_SECCOMP:
		return prctl_set_seccomp(arg2, (void __user *)arg3);
	case PR_SET_MM:
		return arg4 || arg5 ? -EINVAL : prctl_set_mm(arg2, arg3);
	case PR_CAP_AMBIENT:
		return prctl_ambient(arg2, arg3, arg4, arg5);
	case PR_SET_PTRACER:
		return prctl_ptracer(arg2);
	}
	return prctl_strict(option, arg2, arg3, arg4 | arg5);
}
