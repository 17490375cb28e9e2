/* SPDX-License-Identifier: MIT */
/*
 * pidfd.c -- a process held by a file, so that its number cannot be reused
 *
 * PROMISE.  What is sent through a pidfd reaches the process it was opened for,
 * or nobody (ESRCH).  The file is readable when the process has ended.
 *
 * IDEA.  A number may name a stranger tomorrow; a struct pid never does.  The
 * file holds a reference to one.
 *
 *	file --private_data--> struct pid --tasks[TGID]--> leader
 *	                       .wait_pidfd: pollers
 *
 * RACES.	poller				exit
 *	[a] queue on wait_pidfd		[c] exit_state = ZOMBIE
 *	[b] look at exit_state		[d] wake wait_pidfd
 * If [b] misses [c], [d] comes after [a].
 *
 * SEE pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), docs/37-threads.md.
 */

#include <kernel/proc.h>
#include <kernel/ptrace.h>

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <fs/poll.h>
#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/sched.h>

#define PIDFD_NONBLOCK O_NONBLOCK

static int pidfd_release(struct inode *inode, struct file *file)
{
	put_pid(file->private_data);
	return 0;
}

/* All threads have ended: a zombie that nobody else's end delays, or gone. */
static bool thread_group_exited(struct pid *pid)
{
	struct task_struct *t;
	bool exited;

	rcu_read_lock();
	t = pid_task(pid, PIDTYPE_PID);
	exited = !t || (READ_ONCE(t->exit_state) && thread_group_empty(t));
	rcu_read_unlock();
	return exited;
}

static __poll_t pidfd_poll(struct file *file, poll_table *wait)
{
	struct pid *pid = file->private_data;

	poll_wait(file, &pid->wait_pidfd, wait);                   /* [a] */
	return thread_group_exited(pid) ? EPOLLIN | EPOLLRDNORM : 0; /* [b] */
}

static void pidfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct pid *pid = file->private_data;
	pid_t nr = pid_task(pid, PIDTYPE_PID) ? pid_vnr(pid) : -1;

	seq_printf(m, "Pid:\t%d\nNSpid:\t%d\n", nr, nr);
}

static const struct file_operations pidfd_fops = {
	.release = pidfd_release,
	.poll = pidfd_poll,
	.show_fdinfo = pidfd_show_fdinfo,
	.llseek = noop_llseek,
};

struct file *pidfd_getfile(struct pid *pid, unsigned int flags)
{
	struct file *file = anon_inode_getfile("[pidfd]", &pidfd_fops, pid,
					       O_RDWR | flags);

	if (!IS_ERR(file))
		get_pid(pid);
	return file;
}

struct pid *pidfd_pid(const struct file *file)
{
	return file->f_op == &pidfd_fops ? file->private_data
					 : ERR_PTR(-EBADF);
}

struct pid *pidfd_get_pid(unsigned int fd, unsigned int *flags)
{
	struct file *file = fget(fd);
	struct pid *pid;

	if (!file)
		return ERR_PTR(-EBADF);
	pid = pidfd_pid(file);
	if (!IS_ERR(pid)) {
		get_pid(pid);
		*flags = file->f_flags;
	}
	fput(file);
	return pid;
}

/* The child was not made after all. */
void pidfd_drop(struct pidfd_slot *slot)
{
	if (!slot->file)
		return;
	fput(slot->file);
	put_unused_fd(slot->fd);
}

/* May sleep; 0 too if none is asked for. */
int pidfd_reserve(struct kernel_clone_args *args, struct pid *pid,
		  struct pidfd_slot *slot)
{
	int fd, err;

	if (!(args->flags & CLONE_PIDFD))
		return 0;
	fd = get_unused_fd_flags(O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fd;
	slot->fd = fd;
	slot->file = pidfd_getfile(pid, 0);
	if (IS_ERR(slot->file)) {
		err = PTR_ERR(slot->file);
		slot->file = NULL;
		put_unused_fd(fd);
		return err;
	}
	if (!put_user(fd, args->pidfd))
		return 0;
	pidfd_drop(slot);
	slot->file = NULL;
	return -EFAULT;
}

void pidfd_publish(struct pidfd_slot *slot)
{
	if (slot->file)
		fd_install(slot->fd, slot->file);
}

SYSCALL_DEFINE2(pidfd_open, pid_t, nr, unsigned int, flags)
{
	struct file *file;
	struct pid *pid;
	int fd;

	if (flags & ~PIDFD_NONBLOCK || nr <= 0)
		return -EINVAL;
	pid = find_get_pid(nr);
	if (!pid)
		return -ESRCH;
	fd = -EINVAL;                 /* a thread, but no leader */
	if (!pid_task(pid, PIDTYPE_TGID))
		goto out;
	fd = get_unused_fd_flags(O_RDWR | O_CLOEXEC);
	if (fd < 0)
		goto out;
	file = pidfd_getfile(pid, flags & PIDFD_NONBLOCK);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
	} else {
		fd_install(fd, file);
	}
out:
	put_pid(pid);
	return fd;
}

/* As rt_sigqueueinfo(): what only the kernel says, a user may not. */
static int decode_info(siginfo_t *info, int sig, siginfo_t __user *uinfo,
		       struct pid *pid)
{
	if (!uinfo) {
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
		info->si_code = SI_USER;
		info->si_pid = task_tgid_vnr(current);
		info->si_uid = current_uid();
		return 0;
	}
	if (copy_from_user(info, uinfo, sizeof(*info)))
		return -EFAULT;
	if (info->si_signo != sig)
		return -EINVAL;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    task_pid(current) != pid)
		return -EPERM;
	return 0;
}

/* Whom a pidfd, or an open /proc/PID, means; counted. */
static struct pid *target_of(int fd)
{
	struct file *file = fget(fd);
	struct pid *pid;

	if (!file)
		return ERR_PTR(-EBADF);
	pid = pidfd_pid(file);
	if (IS_ERR(pid))
		pid = proc_tgid_pid(file);
	pid = pid ? get_pid(pid) : ERR_PTR(-EBADF);
	fput(file);
	return pid;
}

SYSCALL_DEFINE4(pidfd_send_signal, int, pidfd, int, sig,
		siginfo_t __user *, uinfo, unsigned int, flags)
{
	struct pid *pid;
	siginfo_t info;
	int err;

	if (flags)
		return -EINVAL;
	pid = target_of(pidfd);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = decode_info(&info, sig, uinfo, pid);
	if (!err)
		err = kill_pid_info(sig, &info, pid);
	put_pid(pid);
	return err;
}

/* The file that t has open as fd; ERR_PTR. */
static struct file *take_file(struct pid *pid, int fd)
{
	struct task_struct *t = get_pid_task(pid, PIDTYPE_PID);
	struct file *file;

	if (!t)
		return ERR_PTR(-ESRCH);
	if (!ptrace_may_access(t, PTRACE_MODE_ATTACH | PTRACE_MODE_REALCREDS))
		file = ERR_PTR(-EPERM);
	else
		file = fget_task(t, fd);
	put_task_struct(t);
	return file ? file : ERR_PTR(-EBADF);
}

SYSCALL_DEFINE3(pidfd_getfd, int, pidfd, int, fd, unsigned int, flags)
{
	unsigned int f_flags;
	struct file *file;
	struct pid *pid;
	int ret;

	if (flags)
		return -EINVAL;
	pid = pidfd_get_pid(pidfd, &f_flags);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	file = take_file(pid, fd);
	put_pid(pid);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = receive_fd(file, O_CLOEXEC);
	fput(file);
	return ret;
}
