/* SPDX-License-Identifier: MIT */
/*
 * signalfd.c -- signals as something to read
 *
 * PROMISE.  A signal of the set that is blocked and pending, for this thread or
 * its process, can be read as a record instead of being delivered.
 *
 * IDEA.  Nothing is kept here but the set: reading is dequeue_signal() with
 * all others masked.  The sender wakes sighand->signalfd_wqh.  It is always the
 * reader's own signals that are read, whoever made the descriptor.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/poll.h>

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <mm/uio.h>

struct signalfd_siginfo {
	u32 ssi_signo;
	s32 ssi_errno, ssi_code;
	u32 ssi_pid, ssi_uid;
	s32 ssi_fd;
	u32 ssi_tid, ssi_band, ssi_overrun, ssi_trapno;
	s32 ssi_status, ssi_int;
	u64 ssi_ptr, ssi_utime, ssi_stime, ssi_addr;
	u16 ssi_addr_lsb, __pad2;
	s32 ssi_syscall;
	u64 ssi_call_addr;
	u32 ssi_arch;
	u8 __pad[28];
};

static_assert(sizeof(struct signalfd_siginfo) == 128, "Linux ABI");

struct signalfd {
	sigset_t others;              /* all that are *not* asked for */
};

static void fill(struct signalfd_siginfo *to, const siginfo_t *from)
{
	memset(to, 0, sizeof(*to));
	to->ssi_signo = from->si_signo;
	to->ssi_errno = from->si_errno;
	to->ssi_code = from->si_code;
	switch (from->si_signo) {
	case SIGCHLD:
		to->ssi_status = from->si_status;
		to->ssi_utime = from->si_utime;
		to->ssi_stime = from->si_stime;
		fallthrough;
	default:
		to->ssi_pid = from->si_pid;
		to->ssi_uid = from->si_uid;
		break;
	case SIGSEGV: case SIGBUS: case SIGILL: case SIGFPE: case SIGTRAP:
		to->ssi_addr = (unsigned long)from->si_addr;
		break;
	}
	if (from->si_code == SI_QUEUE) {
		to->ssi_ptr = (unsigned long)from->si_value.sival_ptr;
		to->ssi_int = from->si_value.sival_int;
	}
}

static int take(struct signalfd *s, siginfo_t *info)
{
	sigset_t mask;
	int sig;

	spin_lock_irq(&current->sighand->siglock);
	mask = s->others;
	sig = dequeue_signal(current, &mask, info);
	spin_unlock_irq(&current->sighand->siglock);
	return sig;
}

static ssize_t signalfd_read(struct kiocb *iocb, struct iov_iter *to)
{
	bool wait = !(iocb->ki_filp->f_flags & O_NONBLOCK);
	struct signalfd *s = iocb->ki_filp->private_data;
	struct signalfd_siginfo rec;
	ssize_t done = 0;
	siginfo_t info;
	int err;

	if (iov_iter_count(to) < sizeof(rec))
		return -EINVAL;
	while (iov_iter_count(to) >= sizeof(rec)) {
		if (!take(s, &info)) {
			if (done)
				break;
			if (!wait)
				return -EAGAIN;
			err = wait_event_interruptible(
				current->sighand->signalfd_wqh,
				take(s, &info));
			if (err)
				return err;
		}
		fill(&rec, &info);
		if (copy_to_iter(&rec, sizeof(rec), to) != sizeof(rec))
			return done ? done : -EFAULT;
		done += sizeof(rec);
	}
	return done;
}

static __poll_t signalfd_poll(struct file *file, poll_table *wait)
{
	struct signalfd *s = file->private_data;
	u64 pending;

	poll_wait(file, &current->sighand->signalfd_wqh, wait);
	spin_lock_irq(&current->sighand->siglock);
	pending = current->pending.signal.sig |
		  current->signal->shared_pending.signal.sig;
	pending &= ~s->others.sig;
	spin_unlock_irq(&current->sighand->siglock);
	return pending ? EPOLLIN : 0;
}

static int signalfd_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations signalfd_fops = {
	.release = signalfd_release,
	.poll = signalfd_poll,
	.read_iter = signalfd_read,
	.llseek = noop_llseek,
};

static long change_set(int ufd, const sigset_t *others)
{
	struct fd f = fdget(ufd);
	long err = ufd;

	if (!f.file)
		return -EBADF;
	if (f.file->f_op != &signalfd_fops) {
		err = -EINVAL;
	} else {
		struct signalfd *s = f.file->private_data;

		spin_lock_irq(&current->sighand->siglock);
		s->others = *others;
		spin_unlock_irq(&current->sighand->siglock);
		wake_up(&current->sighand->signalfd_wqh);
	}
	fdput(f);
	return err;
}

static long do_signalfd(int ufd, const sigset_t __user *user_mask,
			size_t size, int flags)
{
	struct signalfd *s;
	sigset_t mask;
	int fd;

	if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) || size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, user_mask, sizeof(mask)))
		return -EFAULT;
	mask.sig &= ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	mask.sig = ~mask.sig;
	if (ufd != -1)
		return change_set(ufd, &mask);
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->others = mask;
	fd = anon_inode_getfd("[signalfd]", &signalfd_fops, s,
			      O_RDWR | (flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		kfree(s);
	return fd;
}

SYSCALL_DEFINE4(signalfd4, int, ufd, const sigset_t __user *, user_mask,
		size_t, size, int, flags)
{
	return do_signalfd(ufd, user_mask, size, flags);
}

SYSCALL_DEFINE3(signalfd, int, ufd, const sigset_t __user *, user_mask,
		size_t, size)
{
	return do_signalfd(ufd, user_mask, size, 0);
}
