/* SPDX-License-Identifier: MIT */
/*
 * ioprio.c -- ioprio_set(2) and ioprio_get(2)
 *
 * A task's I/O priority goes with each bio that it submits (submit_bio), and a
 * scheduler that knows priorities looks at it there.  What was never set is
 * told as best-effort, with a level from the nice value, as Linux does.
 */

#include <kernel/cred.h>
#include <kernel/iocontext.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/ioprio.h>

/* 0, -EINVAL for what there is not, -EPERM for what one may not have. */
static int check_ioprio(int ioprio)
{
	switch (IOPRIO_PRIO_CLASS(ioprio)) {
	case IOPRIO_CLASS_RT:
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
			return -EPERM;
		fallthrough;
	case IOPRIO_CLASS_BE:
		return IOPRIO_PRIO_DATA(ioprio) < IOPRIO_NR_LEVELS ? 0
								   : -EINVAL;
	case IOPRIO_CLASS_IDLE:
		return 0;
	case IOPRIO_CLASS_NONE:
		return IOPRIO_PRIO_DATA(ioprio) ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

static int set_one(struct task_struct *t, int *ioprio)
{
	const struct cred *cred = current_cred(), *tcred = __task_cred(t);

	if (tcred->uid != cred->euid && tcred->uid != cred->uid &&
	    !capable(CAP_SYS_NICE))
		return -EPERM;
	return set_task_ioprio(t, *ioprio);
}

/* What was set, if it is one task that is asked about. */
static int get_raw(struct task_struct *t, int *prio)
{
	*prio = get_task_ioprio(t);
	return 0;
}

/* Of several the best is told. */
static int get_one(struct task_struct *t, int *best)
{
	int prio = get_task_ioprio(t);

	if (IOPRIO_PRIO_CLASS(prio) == IOPRIO_CLASS_NONE)
		prio = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, IOPRIO_NORM);
	if (*best < 0 || prio < *best)
		*best = prio;
	return 0;
}

static bool is_selected(struct task_struct *t, int which, struct pid *pgrp,
			uid_t uid)
{
	return which == IOPRIO_WHO_PGRP ? task_pgrp(t) == pgrp
					: __task_cred(t)->uid == uid;
}

/* fn for the tasks that which and who name; -ESRCH: none. */
static int for_selected(int which, int who,
			int (*fn)(struct task_struct *, int *), int *arg)
{
	uid_t uid = who ? (uid_t)who : current_cred()->uid;
	struct task_struct *g, *t;
	struct pid *pgrp;
	int err = -ESRCH;

	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	rcu_read_lock();
	read_lock(&tasklist_lock);
	pgrp = who ? find_vpid(who) : task_pgrp(current);
	if (which == IOPRIO_WHO_PROCESS) {
		t = who ? find_task_by_vpid(who) : current;
		if (t)
			err = fn(t, arg);
		goto out;
	}
	for_each_process_thread(g, t) {
		if (!is_selected(t, which, pgrp, uid))
			continue;
		err = fn(t, arg);
		if (err)
			goto out;
	}
out:
	read_unlock(&tasklist_lock);
	rcu_read_unlock();
	return err;
}

SYSCALL_DEFINE3(ioprio_set, int, which, int, who, int, ioprio)
{
	int err = check_ioprio(ioprio);

	return err ? err : for_selected(which, who, set_one, &ioprio);
}

SYSCALL_DEFINE2(ioprio_get, int, which, int, who)
{
	int best = -1;
	int err = for_selected(which, who, which == IOPRIO_WHO_PROCESS ?
					   get_raw : get_one, &best);

	return err ? err : best;
}
