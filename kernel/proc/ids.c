/* SPDX-License-Identifier: MIT */
/*
 * ids.c -- who am I: processes, groups, sessions, users
 *
 * The calls that read or change ids.  Each change of users prepares new
 * credentials and commits them whole (kernel/task/cred.c); each change of a
 * process group or session swings a struct pid under tasklist_lock.
 *
 * SEE credentials(7), setpgid(2), setsid(2), setresuid(2), capabilities(7).
 */

#include <arch/uaccess.h>
#include <drivers/tty.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/pid.h>
#include <kernel/sort.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/slab.h>


SYSCALL_DEFINE0(getpid)
{
	return task_tgid_vnr(current);
}

SYSCALL_DEFINE0(gettid)
{
	return task_pid_vnr(current);
}

SYSCALL_DEFINE0(getppid)
{
	pid_t pid;

	rcu_read_lock();
	pid = task_tgid_vnr(rcu_dereference(current->real_parent));
	rcu_read_unlock();
	return pid;
}

/* ---- process groups and sessions ----------------------------------------- */

/* Checks of setpgid(2); tasklist_lock held.  *new: the group to enter. */
static int check_setpgid(struct task_struct *p, pid_t pgid, struct pid **new)
{
	struct task_struct *member;

	if (!thread_group_leader(p))
		return -EINVAL;
	if (same_thread_group(p->real_parent, current)) {
		if (task_session(p) != task_session(current))
			return -EPERM;
		if (p->did_exec)
			return -EACCES;
	} else if (p != current->group_leader) {
		return -ESRCH;
	}
	if (p->signal->leader)
		return -EPERM;
	*new = task_pid(p);
	if (pgid == task_pid_vnr(p))
		return 0;
	*new = find_vpid(pgid);
	member = pid_task(*new, PIDTYPE_PGID);
	if (!member || task_session(member) != task_session(current))
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE2(setpgid, pid_t, pid, pid_t, pgid)
{
	struct task_struct *p;
	struct pid *new;
	int err = -ESRCH;

	if (!pid)
		pid = task_tgid_vnr(current);
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	write_lock_irq(&tasklist_lock);
	p = find_task_by_vpid(pid);
	if (p) {
		err = check_setpgid(p, pgid, &new);
		if (!err && task_pgrp(p) != new)
			change_pid(p, PIDTYPE_PGID, new);
	}
	write_unlock_irq(&tasklist_lock);
	return err;
}

static pid_t get_group_of(pid_t pid, enum pid_type type)
{
	struct task_struct *p;
	pid_t nr = -ESRCH;

	rcu_read_lock();
	p = pid ? find_task_by_vpid(pid) : current;
	if (p)
		nr = __task_pid_nr_ns(p, type, NULL);
	if (p && !nr && !task_pid(p))
		nr = -ESRCH;            /* unlike init's and kernel threads' 0 */
	rcu_read_unlock();
	return nr;
}

SYSCALL_DEFINE1(getpgid, pid_t, pid)
{
	return get_group_of(pid, PIDTYPE_PGID);
}

SYSCALL_DEFINE0(getpgrp)
{
	return get_group_of(0, PIDTYPE_PGID);
}

SYSCALL_DEFINE1(getsid, pid_t, pid)
{
	return get_group_of(pid, PIDTYPE_SID);
}

SYSCALL_DEFINE0(setsid)
{
	struct task_struct *leader = current->group_leader;
	struct pid *sid = task_pid(leader);
	struct tty_struct *tty = NULL;
	int ret = -EPERM;

	write_lock_irq(&tasklist_lock);
	/* Not for a leader of a group: its number would be two things. */
	if (!leader->signal->leader && !pid_task(sid, PIDTYPE_PGID)) {
		leader->signal->leader = true;
		if (task_session(leader) != sid)
			change_pid(leader, PIDTYPE_SID, sid);
		if (task_pgrp(leader) != sid)
			change_pid(leader, PIDTYPE_PGID, sid);
		spin_lock(&leader->sighand->siglock);
		tty = leader->signal->tty;
		leader->signal->tty = NULL;
		spin_unlock(&leader->sighand->siglock);
		ret = pid_vnr(sid);
	}
	write_unlock_irq(&tasklist_lock);
	tty_kref_put(tty);
	return ret;
}

/* ---- users --------------------------------------------------------------- */

SYSCALL_DEFINE0(getuid)
{
	return current_uid();
}

SYSCALL_DEFINE0(geteuid)
{
	return current_euid();
}

SYSCALL_DEFINE0(getgid)
{
	return current_gid();
}

SYSCALL_DEFINE0(getegid)
{
	return current_egid();
}

/* Losing uid 0 loses what root had; gaining euid 0 raises it again. */
static void fix_capabilities(struct cred *new, const struct cred *old)
{
	bool had_root = !old->uid || !old->euid || !old->suid;
	bool has_root = !new->uid || !new->euid || !new->suid;

	if (new->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (had_root && !has_root) {
		if (!(new->securebits & SECBIT_KEEP_CAPS))
			new->cap_permitted = 0;
		new->cap_effective = 0;
		new->cap_ambient = 0;
	}
	if (!old->euid && new->euid)
		new->cap_effective = 0;
	if (old->euid && !new->euid)
		new->cap_effective = new->cap_permitted;
}

static int commit_users(struct cred *new)
{
	const struct cred *old = current_cred();

	if (new->uid != old->uid) {
		struct user_struct *user = alloc_uid(new->uid);

		if (!user) {
			abort_creds(new);
			return -EAGAIN;
		}
		free_uid(new->user);
		new->user = user;
	}
	fix_capabilities(new, old);
	return commit_creds(new);
}

SYSCALL_DEFINE1(setuid, uid_t, uid)
{
	struct cred *new = prepare_creds();

	if (!new)
		return -ENOMEM;
	if (ns_capable(new->user_ns, CAP_SETUID)) {
		new->uid = uid;
		new->suid = uid;
	} else if (uid != new->uid && uid != new->suid) {
		abort_creds(new);
		return -EPERM;
	}
	new->euid = uid;
	new->fsuid = uid;
	return commit_users(new);
}

SYSCALL_DEFINE1(setgid, gid_t, gid)
{
	struct cred *new = prepare_creds();

	if (!new)
		return -ENOMEM;
	if (ns_capable(new->user_ns, CAP_SETGID)) {
		new->gid = gid;
		new->sgid = gid;
	} else if (gid != new->gid && gid != new->sgid) {
		abort_creds(new);
		return -EPERM;
	}
	new->egid = gid;
	new->fsgid = gid;
	return commit_creds(new);
}

/* May an unprivileged task take id `want`, having these three? -1: no
 * change. */
static bool one_of(u32 want, u32 a, u32 b, u32 c)
{
	return want == (u32)-1 || want == a || want == b || want == c;
}

/* A real, effective and saved id: of a user, or of a group. */
struct id_triple {
	u32 real, effective, saved;
};

/* setresuid's and setresgid's rule: each new id is one of the old three. */
static bool may_set_all(const struct id_triple *old, const struct id_triple *to)
{
	return one_of(to->real, old->real, old->effective, old->saved) &&
	       one_of(to->effective, old->real, old->effective, old->saved) &&
	       one_of(to->saved, old->real, old->effective, old->saved);
}

/* setreuid's: the real id is not set from the saved one. */
static bool may_set_two(const struct id_triple *old, const struct id_triple *to)
{
	return one_of(to->real, old->real, old->effective, old->effective) &&
	       one_of(to->effective, old->real, old->effective, old->saved);
}

/* setreuid(2): the saved id follows when the real one is set or left behind. */
static void follow_saved(const struct id_triple *old, struct id_triple *to)
{
	if (to->real != (u32)-1 ||
	    (to->effective != (u32)-1 && to->effective != old->real))
		to->saved = to->effective != (u32)-1 ? to->effective :
			old->effective;
}

static u32 changed(u32 old, u32 want)
{
	return want == (u32)-1 ? old : want;
}

static struct id_triple user_ids(const struct cred *c)
{
	return (struct id_triple){ c->uid, c->euid, c->suid };
}

static struct id_triple group_ids(const struct cred *c)
{
	return (struct id_triple){ c->gid, c->egid, c->sgid };
}

static int set_user_ids(const struct id_triple *to)
{
	struct cred *new = prepare_creds();

	if (!new)
		return -ENOMEM;
	new->uid = changed(new->uid, to->real);
	new->euid = changed(new->euid, to->effective);
	new->suid = changed(new->suid, to->saved);
	new->fsuid = new->euid;
	return commit_users(new);
}

static int set_group_ids(const struct id_triple *to)
{
	struct cred *new = prepare_creds();

	if (!new)
		return -ENOMEM;
	new->gid = changed(new->gid, to->real);
	new->egid = changed(new->egid, to->effective);
	new->sgid = changed(new->sgid, to->saved);
	new->fsgid = new->egid;
	return commit_creds(new);
}

SYSCALL_DEFINE3(setresuid, uid_t, ruid, uid_t, euid, uid_t, suid)
{
	struct id_triple to = { ruid, euid, suid };
	struct id_triple old = user_ids(current_cred());

	if (!may_set_all(&old, &to) && !capable(CAP_SETUID))
		return -EPERM;
	return set_user_ids(&to);
}

SYSCALL_DEFINE3(setresgid, gid_t, rgid, gid_t, egid, gid_t, sgid)
{
	struct id_triple to = { rgid, egid, sgid };
	struct id_triple old = group_ids(current_cred());

	if (!may_set_all(&old, &to) && !capable(CAP_SETGID))
		return -EPERM;
	return set_group_ids(&to);
}

SYSCALL_DEFINE2(setreuid, uid_t, ruid, uid_t, euid)
{
	struct id_triple to = { ruid, euid, -1 };
	struct id_triple old = user_ids(current_cred());

	if (!may_set_two(&old, &to) && !capable(CAP_SETUID))
		return -EPERM;
	follow_saved(&old, &to);
	return set_user_ids(&to);
}

SYSCALL_DEFINE2(setregid, gid_t, rgid, gid_t, egid)
{
	struct id_triple to = { rgid, egid, -1 };
	struct id_triple old = group_ids(current_cred());

	if (!may_set_two(&old, &to) && !capable(CAP_SETGID))
		return -EPERM;
	follow_saved(&old, &to);
	return set_group_ids(&to);
}

SYSCALL_DEFINE3(getresuid, uid_t __user *, r, uid_t __user *, e,
		uid_t __user *, s)
{
	const struct cred *c = current_cred();

	if (put_user(c->uid, r) || put_user(c->euid, e) || put_user(c->suid, s))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE3(getresgid, gid_t __user *, r, gid_t __user *, e,
		gid_t __user *, s)
{
	const struct cred *c = current_cred();

	if (put_user(c->gid, r) || put_user(c->egid, e) || put_user(c->sgid, s))
		return -EFAULT;
	return 0;
}

/* Both return the old value, whether or not it changed. */
SYSCALL_DEFINE1(setfsuid, uid_t, uid)
{
	const struct cred *o = current_cred();
	uid_t old = o->fsuid;
	struct cred *new;

	if (uid == old || (!one_of(uid, o->uid, o->euid, o->suid) &&
			   !capable(CAP_SETUID)) || uid == (uid_t)-1)
		return old;
	new = prepare_creds();
	if (new) {
		new->fsuid = uid;
		commit_creds(new);
	}
	return old;
}

SYSCALL_DEFINE1(setfsgid, gid_t, gid)
{
	const struct cred *o = current_cred();
	gid_t old = o->fsgid;
	struct cred *new;

	if (gid == old || (!one_of(gid, o->gid, o->egid, o->sgid) &&
			   !capable(CAP_SETGID)) || gid == (gid_t)-1)
		return old;
	new = prepare_creds();
	if (new) {
		new->fsgid = gid;
		commit_creds(new);
	}
	return old;
}

/* ---- supplementary groups ------------------------------------------------ */

static int compare_gids(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return x < y ? -1 : x > y;
}

SYSCALL_DEFINE2(getgroups, int, size, gid_t __user *, list)
{
	struct group_info *gi = current_cred()->group_info;

	if (size < 0 || (size && size < gi->ngroups))
		return -EINVAL;
	if (size && copy_to_user(list, gi->gid, gi->ngroups * sizeof(gid_t)))
		return -EFAULT;
	return gi->ngroups;
}

SYSCALL_DEFINE2(setgroups, int, size, gid_t __user *, list)
{
	struct group_info *gi;
	struct cred *new;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if ((unsigned int)size > NGROUPS_MAX)
		return -EINVAL;
	gi = groups_alloc(size);
	if (!gi)
		return -ENOMEM;
	if (copy_from_user(gi->gid, list, size * sizeof(gid_t))) {
		put_group_info(gi);
		return -EFAULT;
	}
	sort(gi->gid, size, sizeof(gid_t), compare_gids, NULL);
	new = prepare_creds();
	if (!new) {
		put_group_info(gi);
		return -ENOMEM;
	}
	put_group_info(new->group_info);
	new->group_info = gi;
	return commit_creds(new);
}
