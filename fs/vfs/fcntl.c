/* SPDX-License-Identifier: MIT */
/*
 * fcntl.c -- what may be asked of a descriptor: fcntl(2)
 *
 * Three kinds of answer: of the descriptor (close-on-exec, duplicates), of the
 * open file behind it (flags, owner of SIGIO), and of the object (locks in
 * locks.c, a pipe's size in fs/pipe.c).  Flags change under f_lock.
 *
 * SEE fcntl(2).
 */

#include "internal.h"

#include <fs/fsnotify.h>
#include <fs/pipe.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>

#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | FASYNC)

static int setfl(unsigned int fd, struct file *file, unsigned int arg)
{
	int err = 0;

	if (((arg ^ file->f_flags) & O_APPEND) && IS_APPEND(file_inode(file)))
		return -EPERM;
	if ((arg & O_NOATIME) && !(file->f_flags & O_NOATIME) &&
	    !inode_owner_or_capable(file_inode(file)))
		return -EPERM;
	if ((arg & O_DIRECT) && !(file->f_mapping->a_ops &&
				  file->f_mapping->a_ops->direct_IO) &&
	    S_ISREG(file_inode(file)->i_mode))
		return -EINVAL;
	if (((arg ^ file->f_flags) & FASYNC) && file->f_op->fasync) {
		err = file->f_op->fasync(fd, file, (arg & FASYNC) != 0);
		if (err < 0)
			return err;
	}
	spin_lock(&file->f_lock);
	file->f_flags = (arg & SETFL_MASK) | (file->f_flags & ~SETFL_MASK);
	spin_unlock(&file->f_lock);
	return 0;
}

/* ---- whom SIGIO goes to ---- */

static void set_owner(struct file *file, struct pid *pid, enum pid_type type)
{
	struct pid *old;

	spin_lock_irq(&file->f_owner.lock);
	old = file->f_owner.pid;
	file->f_owner.pid = get_pid(pid);
	file->f_owner.pid_type = type;
	file->f_owner.uid = current_uid();
	file->f_owner.euid = current_euid();
	spin_unlock_irq(&file->f_owner.lock);
	put_pid(old);
}

/* Who takes a lease is told of its end, unless it said who else is. */
void f_setown_if_none(struct file *file)
{
	bool none;

	spin_lock_irq(&file->f_owner.lock);
	none = !file->f_owner.pid;
	spin_unlock_irq(&file->f_owner.lock);
	if (none)
		set_owner(file, task_tgid(current), PIDTYPE_TGID);
}

/* Positive: a process; negative: a group; 0: nobody. */
int f_setown(struct file *file, int who)
{
	enum pid_type type = who < 0 ? PIDTYPE_PGID : PIDTYPE_TGID;
	struct pid *pid = NULL;

	if (who == INT_MIN)
		return -EINVAL;
	if (who) {
		pid = find_get_pid(who < 0 ? -who : who);
		if (!pid)
			return -ESRCH;
	}
	set_owner(file, pid, type);
	put_pid(pid);
	return 0;
}

int f_getown(struct file *file)
{
	int who;

	spin_lock_irq(&file->f_owner.lock);
	who = file->f_owner.pid ? pid_vnr(file->f_owner.pid) : 0;
	if (file->f_owner.pid_type == PIDTYPE_PGID)
		who = -who;
	spin_unlock_irq(&file->f_owner.lock);
	return who;
}

static int setown_ex(struct file *file, unsigned long arg)
{
	static const enum pid_type types[] = {
		[F_OWNER_TID] = PIDTYPE_PID, [F_OWNER_PID] = PIDTYPE_TGID,
		[F_OWNER_PGRP] = PIDTYPE_PGID };
	struct f_owner_ex ex;
	struct pid *pid;

	if (copy_from_user(&ex, (void __user *)arg, sizeof(ex)))
		return -EFAULT;
	if (ex.type < 0 || ex.type > F_OWNER_PGRP)
		return -EINVAL;
	pid = ex.pid ? find_get_pid(ex.pid) : NULL;
	if (ex.pid && !pid)
		return -ESRCH;
	set_owner(file, pid, types[ex.type]);
	put_pid(pid);
	return 0;
}

static int getown_ex(struct file *file, unsigned long arg)
{
	struct f_owner_ex ex = { 0 };

	spin_lock_irq(&file->f_owner.lock);
	ex.type = file->f_owner.pid_type == PIDTYPE_PGID ? F_OWNER_PGRP
		: file->f_owner.pid_type == PIDTYPE_TGID ? F_OWNER_PID
							 : F_OWNER_TID;
	ex.pid = file->f_owner.pid ? pid_vnr(file->f_owner.pid) : 0;
	spin_unlock_irq(&file->f_owner.lock);
	return copy_to_user((void __user *)arg, &ex, sizeof(ex)) ? -EFAULT : 0;
}

/* ---- fcntl ---- */

/* These are all that an O_PATH descriptor answers. */
static bool allowed_on_path(unsigned int cmd)
{
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC || cmd == F_GETFD ||
	       cmd == F_SETFD || cmd == F_GETFL;
}

static long do_fcntl(unsigned int fd, struct file *file, unsigned int cmd,
		     unsigned long arg)
{
	switch (cmd) {
	case F_DUPFD:
		return f_dupfd(arg, file, 0);
	case F_DUPFD_CLOEXEC:
		return f_dupfd(arg, file, O_CLOEXEC);
	case F_GETFD:
		return get_close_on_exec(fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		set_close_on_exec(fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		/* Linux shows O_LARGEFILE to 64-bit programs as it was
		 * asked. */
		return file->f_flags & ~O_CLOEXEC;
	case F_SETFL:
		return setfl(fd, file, arg);
	case F_GETLK: case F_SETLK: case F_SETLKW:
	case F_OFD_GETLK: case F_OFD_SETLK: case F_OFD_SETLKW:
		return do_fcntl_lock(fd, file, cmd, arg);
	case F_SETOWN:
		return f_setown(file, arg);
	case F_GETOWN:
		return f_getown(file);
	case F_SETOWN_EX:
		return setown_ex(file, arg);
	case F_GETOWN_EX:
		return getown_ex(file, arg);
	case F_GETSIG:
		return file->f_owner.signum;
	case F_SETSIG:
		if (arg > NSIG)
			return -EINVAL;
		file->f_owner.signum = arg;
		return 0;
	case F_ADD_SEALS:
	case F_GET_SEALS:
		return memfd_fcntl(file, cmd, arg);
	case F_NOTIFY:
		return fcntl_dirnotify(fd, file, arg);
	case F_SETLEASE:
		return fcntl_setlease(fd, file, arg);
	case F_GETLEASE:
		return fcntl_getlease(file);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return pipe_fcntl(file, cmd, arg);
	}
	return -EINVAL;
}

SYSCALL_DEFINE3(fcntl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	struct fd f = fdget_raw(fd);
	long res = -EBADF;

	if (!f.file)
		return res;
	if (!(f.file->f_mode & FMODE_PATH) || allowed_on_path(cmd))
		res = do_fcntl(fd, f.file, cmd, arg);
	fdput(f);
	return res;
}
