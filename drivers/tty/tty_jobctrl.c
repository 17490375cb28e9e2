/* SPDX-License-Identifier: MIT */
/*
 * tty_jobctrl.c -- who may use a terminal now: sessions and foreground groups
 *
 * PROMISE.  Of the processes of a session only those of the foreground group
 * read from its terminal; the others are stopped until the shell brings them
 * forward.  When the session's leader dies or the line drops, its jobs hear of
 * it.
 *
 * IDEA.
 *	session 100 ---- controlling terminal ttyS0
 *	  group 100  the shell (session leader)
 *	  group 120  make, cc1          <- tty->pgrp: foreground
 *	  group 130  sort &             read -> SIGTTIN to group 130
 *
 * The terminal knows its session and the foreground group; each process knows
 * its terminal (signal->tty).  The shell moves tty->pgrp with tcsetpgrp().  A
 * background access signals the *whole group* and then fails with
 * -ERESTARTSYS, so that it is tried again once the group was continued.  A
 * group that nobody could continue (orphaned) gets -EIO instead.
 *
 * INVARIANTS
 *   I1  signal->tty == t implies that t->session is that task's session.
 *   I2  tty->session and tty->pgrp are both set or both NULL.
 *
 * LOCKING.  signal->tty: siglock.  tty->pgrp, session: ctrl_lock.  Order:
 * tasklist_lock, siglock, ctrl_lock.
 *
 * SEE POSIX.1-2017, 11.1.3, 11.1.4; docs/60-tty.md
 */

#include <drivers/tty.h>

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/task.h>

#include "tty_impl.h"

static bool signal_is_ignored(int sig)
{
	return sigismember(&current->blocked, sig) ||
	       current->sighand->action[sig - 1].sa.sa_handler == SIG_IGN;
}

struct pid *tty_get_pgrp(struct tty_struct *tty)
{
	unsigned long flags;
	struct pid *pgrp;

	spin_lock_irqsave(&tty->ctrl_lock, flags);
	pgrp = get_pid(tty->pgrp);
	spin_unlock_irqrestore(&tty->ctrl_lock, flags);
	return pgrp;
}

/* A group of the background did what only the foreground may. */
static int background_access(struct pid *pgrp, int sig)
{
	if (signal_is_ignored(sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (is_current_pgrp_orphaned())
		return -EIO;
	kill_pgrp(pgrp, sig, 1);
	set_ti_flag(current, TIF_SIGPENDING);
	return -ERESTARTSYS;
}

int __tty_check_change(struct tty_struct *tty, int sig)
{
	struct pid *mine, *foreground;
	int err = 0;

	if (current->signal->tty != tty)
		return 0;
	mine = get_task_pid(current, PIDTYPE_PGID);
	foreground = tty_get_pgrp(tty);
	if (foreground && mine != foreground)
		err = background_access(mine, sig);
	put_pid(foreground);
	put_pid(mine);
	return err;
}

int tty_check_change(struct tty_struct *tty)
{
	return __tty_check_change(tty, SIGTTOU);
}
EXPORT_SYMBOL(tty_check_change);

struct tty_struct *get_current_tty(void)
{
	struct tty_struct *tty;
	unsigned long flags;

	spin_lock_irqsave(&current->sighand->siglock, flags);
	tty = tty_kref_get(current->signal->tty);
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
	return tty;
}

void proc_clear_tty(struct task_struct *t)
{
	struct tty_struct *tty;
	unsigned long flags;

	spin_lock_irqsave(&t->sighand->siglock, flags);
	tty = t->signal->tty;
	t->signal->tty = NULL;
	spin_unlock_irqrestore(&t->sighand->siglock, flags);
	tty_kref_put(tty);
}

/* Put new pids (references taken over) in place of the old ones (I2). */
static void set_owner(struct tty_struct *tty, struct pid *session,
		      struct pid *pgrp)
{
	struct pid *old_session, *old_pgrp;
	unsigned long flags;

	spin_lock_irqsave(&tty->ctrl_lock, flags);
	old_session = tty->session;
	old_pgrp = tty->pgrp;
	tty->session = session;
	tty->pgrp = pgrp;
	spin_unlock_irqrestore(&tty->ctrl_lock, flags);
	put_pid(old_session);
	put_pid(old_pgrp);
}

/* The terminal becomes that of current's session; tty_mutex held. */
static void proc_set_tty(struct tty_struct *tty)
{
	struct pid *old_pgrp;
	struct tty_struct *old;
	unsigned long flags;

	set_owner(tty, get_task_pid(current, PIDTYPE_SID),
		  get_task_pid(current, PIDTYPE_PGID));
	spin_lock_irqsave(&current->sighand->siglock, flags);
	old = current->signal->tty;
	current->signal->tty = tty_kref_get(tty);
	old_pgrp = current->signal->tty_old_pgrp;
	current->signal->tty_old_pgrp = NULL;
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
	tty_kref_put(old);
	put_pid(old_pgrp);
}

void tty_open_proc_set_tty(struct file *file, struct tty_struct *tty)
{
	mutex_lock(&tty_mutex);
	if (current->signal->leader && !current->signal->tty &&
	    !tty->session && (file->f_mode & FMODE_READ))
		proc_set_tty(tty);
	mutex_unlock(&tty_mutex);
}

void session_clear_tty(struct pid *session)
{
	struct task_struct *t;

	read_lock(&tasklist_lock);
	do_each_pid_task(session, PIDTYPE_SID, t) {
		proc_clear_tty(t);
	} while_each_pid_task(session, PIDTYPE_SID, t);
	read_unlock(&tasklist_lock);
}

/* Take the terminal from all of its session; hang up on the leader. */
static int detach_session(struct tty_struct *tty, struct pid *session,
			  struct pid *pgrp)
{
	struct task_struct *t;
	int refs = 0;

	read_lock(&tasklist_lock);
	do_each_pid_task(session, PIDTYPE_SID, t) {
		unsigned long flags;
		bool leader;

		spin_lock_irqsave(&t->sighand->siglock, flags);
		if (t->signal->tty == tty) {
			t->signal->tty = NULL;
			refs++;
		}
		leader = t->signal->leader;
		if (leader && !t->signal->tty_old_pgrp)
			t->signal->tty_old_pgrp = get_pid(pgrp);
		spin_unlock_irqrestore(&t->sighand->siglock, flags);
		if (leader) {
			group_send_sig_info(SIGHUP, SEND_SIG_PRIV, t,
					    PIDTYPE_TGID);
			group_send_sig_info(SIGCONT, SEND_SIG_PRIV, t,
					    PIDTYPE_TGID);
		}
	} while_each_pid_task(session, PIDTYPE_SID, t);
	read_unlock(&tasklist_lock);
	return refs;
}

int tty_signal_session_leader(struct tty_struct *tty, bool exit_session)
{
	struct pid *session, *pgrp;
	unsigned long flags;
	int refs = 0;

	spin_lock_irqsave(&tty->ctrl_lock, flags);
	session = get_pid(tty->session);
	pgrp = get_pid(tty->pgrp);
	spin_unlock_irqrestore(&tty->ctrl_lock, flags);
	if (session)
		refs = detach_session(tty, session, pgrp);
	if (pgrp && exit_session)
		kill_pgrp(pgrp, SIGHUP, 1);
	set_owner(tty, NULL, NULL);
	put_pid(session);
	put_pid(pgrp);
	for (int i = 0; i < refs; i++)
		tty_kref_put(tty);
	return refs;
}

static void hangup_group(struct pid *pgrp, int on_exit)
{
	if (!pgrp)
		return;
	kill_pgrp(pgrp, SIGHUP, on_exit);
	kill_pgrp(pgrp, SIGCONT, on_exit);
}

/* The jobs that the terminal leaves behind. */
static void leave_tty(struct tty_struct *tty, int on_exit)
{
	if (on_exit && tty->driver->type != TTY_DRIVER_TYPE_PTY) {
		tty_vhangup_session(tty);
	} else {
		struct pid *pgrp = tty_get_pgrp(tty);

		hangup_group(pgrp, on_exit);
		put_pid(pgrp);
	}
}

/* The group that was in front when the terminal itself had gone. */
static struct pid *take_old_pgrp(void)
{
	struct pid *old;
	unsigned long flags;

	spin_lock_irqsave(&current->sighand->siglock, flags);
	old = current->signal->tty_old_pgrp;
	current->signal->tty_old_pgrp = NULL;
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
	return old;
}

void disassociate_ctty(int on_exit)
{
	struct tty_struct *tty;
	struct pid *session, *old;

	if (!current->signal->leader)
		return;
	tty = get_current_tty();
	if (tty)
		leave_tty(tty, on_exit);
	old = take_old_pgrp();
	if (!tty && on_exit)
		hangup_group(old, on_exit);
	put_pid(old);
	session = get_task_pid(current, PIDTYPE_SID);
	if (tty && READ_ONCE(tty->session) == session)
		set_owner(tty, NULL, NULL);
	tty_kref_put(tty);
	session_clear_tty(session);
	put_pid(session);
}

void no_tty(void)
{
	disassociate_ctty(0);
	proc_clear_tty(current);
}

/* ---- ioctls -------------------------------------------------------------- */

/* TIOCSCTTY; steal: take it from its session (root only). */
static int set_ctty(struct tty_struct *tty, struct file *file, int steal)
{
	struct pid *session = get_task_pid(current, PIDTYPE_SID);
	int err = 0;

	mutex_lock(&tty_mutex);
	if (current->signal->leader && session == tty->session)
		goto out;
	err = -EPERM;
	if (!current->signal->leader || current->signal->tty)
		goto out;
	if (tty->session) {
		if (steal != 1 || !capable(CAP_SYS_ADMIN))
			goto out;
		session_clear_tty(tty->session);
	}
	if (!(file->f_mode & FMODE_READ) && !capable(CAP_SYS_ADMIN))
		goto out;
	proc_set_tty(tty);
	err = 0;
out:
	mutex_unlock(&tty_mutex);
	put_pid(session);
	return err;
}

static int get_foreground(struct tty_struct *tty, struct tty_struct *real_tty,
			  pid_t __user *arg)
{
	struct pid *pgrp;
	int err;

	if (tty == real_tty && current->signal->tty != real_tty)
		return -ENOTTY;
	pgrp = tty_get_pgrp(real_tty);
	err = put_user(pid_vnr(pgrp), arg);
	put_pid(pgrp);
	return err;
}

/* The group `nr` with a reference, if it is of current's session. */
static struct pid *group_of_my_session(pid_t nr)
{
	struct task_struct *t = NULL;
	struct pid *pgrp;

	rcu_read_lock();
	pgrp = find_vpid(nr);
	if (pgrp) {
		t = pid_task(pgrp, PIDTYPE_PGID);
		if (!t)
			t = pid_task(pgrp, PIDTYPE_PID);
	}
	if (!pgrp || !t)
		pgrp = ERR_PTR(-ESRCH);
	else if (task_session(t) != task_session(current))
		pgrp = ERR_PTR(-EPERM);
	else
		get_pid(pgrp);
	rcu_read_unlock();
	return pgrp;
}

static int set_foreground(struct tty_struct *real_tty, pid_t __user *arg)
{
	struct pid *pgrp, *old;
	unsigned long flags;
	pid_t nr;
	int err = tty_check_change(real_tty);

	if (err)
		return err == -EIO ? -ENOTTY : err;
	if (get_user(nr, arg))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	if (current->signal->tty != real_tty)
		return -ENOTTY;
	pgrp = group_of_my_session(nr);
	if (IS_ERR(pgrp))
		return PTR_ERR(pgrp);
	spin_lock_irqsave(&real_tty->ctrl_lock, flags);
	old = real_tty->pgrp;
	real_tty->pgrp = pgrp;
	spin_unlock_irqrestore(&real_tty->ctrl_lock, flags);
	put_pid(old);
	return 0;
}

static int get_sid(struct tty_struct *tty, struct tty_struct *real_tty,
		   pid_t __user *arg)
{
	struct pid *session;
	unsigned long flags;
	int err = -ENOTTY;

	if (tty == real_tty && current->signal->tty != real_tty)
		return -ENOTTY;
	spin_lock_irqsave(&real_tty->ctrl_lock, flags);
	session = get_pid(real_tty->session);
	spin_unlock_irqrestore(&real_tty->ctrl_lock, flags);
	if (session)
		err = put_user(pid_vnr(session), arg);
	put_pid(session);
	return err;
}

static int give_up_ctty(struct tty_struct *tty)
{
	if (current->signal->tty != tty)
		return -ENOTTY;
	no_tty();
	return 0;
}

int tty_jobctrl_ioctl(struct tty_struct *tty, struct tty_struct *real_tty,
		      struct file *file, unsigned int cmd, unsigned long arg)
{
	pid_t __user *p = (pid_t __user *)arg;

	switch (cmd) {
	case TIOCNOTTY:
		return give_up_ctty(tty);
	case TIOCSCTTY:
		return set_ctty(real_tty, file, arg);
	case TIOCGPGRP:
		return get_foreground(tty, real_tty, p);
	case TIOCSPGRP:
		return set_foreground(real_tty, p);
	case TIOCGSID:
		return get_sid(tty, real_tty, p);
	}
	return -ENOIOCTLCMD;
}
