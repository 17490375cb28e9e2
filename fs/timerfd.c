/* SPDX-License-Identifier: MIT */
/*
 * timerfd.c -- a timer that is a file
 *
 * PROMISE.  read returns how often the timer has run out since the last read,
 * and waits while that is zero; poll says readable from the first time on.
 *
 * With TFD_TIMER_CANCEL_ON_SET, a read after somebody has set the clock is
 * -ECANCELED once: what was computed from the old time is to be computed again.
 *
 * IDEA.  Those timers are on a list; the clock's setter marks them all.
 *
 * LOCKING.  The wait queue's own lock guards the count; the timer's function
 * takes it in interrupt context. cancel_lock, outside of it, guards the list.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/poll.h>

#include <arch/uaccess.h>
#include <kernel/hrtimer.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <mm/uio.h>

#define TFD_TIMER_ABSTIME 1
#define TFD_TIMER_CANCEL_ON_SET 2

struct timerfd {
	struct hrtimer timer;
	wait_queue_head_t wqh;        /* its lock guards the fields below */
	ktime_t interval;             /* 0: once */
	u64 ticks;
	clockid_t clock;              /* constant */
	bool expired;
	bool clock_set;               /* since the last read or setting */
	struct list_head cancel;      /* cancel_lock: in cancel_list, or empty */
};

static LIST_HEAD(cancel_list);
static DEFINE_SPINLOCK(cancel_lock);

/* The clock has been set; may sleep. */
static void timerfd_clock_was_set(void)
{
	struct timerfd *t;

	spin_lock(&cancel_lock);
	list_for_each_entry(t, &cancel_list, cancel) {
		spin_lock_irq(&t->wqh.lock);
		t->clock_set = true;
		t->ticks++;
		__wake_up_locked_key(&t->wqh, TASK_NORMAL,
				     poll_to_key(EPOLLIN));
		spin_unlock_irq(&t->wqh.lock);
	}
	spin_unlock(&cancel_lock);
}

static int timerfd_init(void)
{
	on_clock_was_set(timerfd_clock_was_set);
	return 0;
}
fs_initcall(timerfd_init);

static void watch_clock(struct timerfd *t, bool watch)
{
	spin_lock(&cancel_lock);
	list_del_init(&t->cancel);
	if (watch)
		list_add(&t->cancel, &cancel_list);
	spin_unlock(&cancel_lock);
}

static enum hrtimer_restart timerfd_fires(struct hrtimer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);
	unsigned long flags;

	spin_lock_irqsave(&t->wqh.lock, flags);
	t->expired = true;
	t->ticks++;
	__wake_up_locked_key(&t->wqh, TASK_NORMAL, poll_to_key(EPOLLIN));
	spin_unlock_irqrestore(&t->wqh.lock, flags);
	return HRTIMER_NORESTART;
}

/*
 * A periodic timer is not restarted by its function but by its reader, who
 * adds the periods that passed meanwhile: nobody reads, nothing happens.
 */
static bool take_ticks(struct timerfd *t, u64 *ticks, bool *canceled)
{
	unsigned long flags;
	bool restart;

	spin_lock_irqsave(&t->wqh.lock, flags);
	*ticks = t->ticks;
	*canceled = t->clock_set;
	t->clock_set = false;
	restart = *ticks && t->expired && t->interval && !*canceled;
	t->ticks = 0;
	t->expired = false;
	spin_unlock_irqrestore(&t->wqh.lock, flags);
	if (restart) {
		*ticks += hrtimer_forward_now(&t->timer, t->interval) - 1;
		hrtimer_restart(&t->timer);
	}
	return *ticks != 0;
}

static ssize_t timerfd_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct timerfd *t = file->private_data;
	bool canceled;
	u64 ticks;
	int err;

	if (iov_iter_count(to) < sizeof(ticks))
		return -EINVAL;
	if (!take_ticks(t, &ticks, &canceled)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(t->wqh,
				take_ticks(t, &ticks, &canceled));
		if (err)
			return err;
	}
	if (canceled)
		return -ECANCELED;
	if (copy_to_iter(&ticks, sizeof(ticks), to) != sizeof(ticks))
		return -EFAULT;
	return sizeof(ticks);
}

static __poll_t timerfd_poll(struct file *file, poll_table *wait)
{
	struct timerfd *t = file->private_data;

	poll_wait(file, &t->wqh, wait);
	return READ_ONCE(t->ticks) ? EPOLLIN : 0;
}

static int timerfd_release(struct inode *inode, struct file *file)
{
	struct timerfd *t = file->private_data;

	watch_clock(t, false);
	hrtimer_cancel(&t->timer);
	kfree(t);
	return 0;
}

static const struct file_operations timerfd_fops = {
	.release = timerfd_release,
	.poll = timerfd_poll,
	.read_iter = timerfd_read,
	.llseek = noop_llseek,
};

static bool clock_is_known(int clock)
{
	return clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME ||
	       clock == CLOCK_BOOTTIME;
}

SYSCALL_DEFINE2(timerfd_create, int, clockid, int, flags)
{
	struct timerfd *t;
	int fd;

	if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) || !clock_is_known(clockid))
		return -EINVAL;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	init_waitqueue_head(&t->wqh);
	INIT_LIST_HEAD(&t->cancel);
	t->clock = clockid;
	hrtimer_setup(&t->timer, timerfd_fires, clockid, HRTIMER_MODE_ABS);
	fd = anon_inode_getfd("[timerfd]", &timerfd_fops, t,
			      O_RDWR | (flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		kfree(t);
	return fd;
}

/* What is left, and the period. */
static void tell(struct timerfd *t, struct itimerspec64 *its)
{
	ktime_t left = 0;

	if (hrtimer_active(&t->timer))
		left = hrtimer_get_remaining(&t->timer);
	else if (t->expired && t->interval)
		left = t->interval;
	its->it_value = ktime_to_timespec64(max(left, (ktime_t)0));
	its->it_interval = ktime_to_timespec64(t->interval);
}

static struct timerfd *timerfd_of(struct fd f)
{
	return f.file && f.file->f_op == &timerfd_fops ? f.file->private_data
						       : NULL;
}

static void arm(struct timerfd *t, const struct itimerspec64 *its, int flags)
{
	ktime_t value = timespec64_to_ktime(its->it_value);
	enum hrtimer_mode mode = flags & TFD_TIMER_ABSTIME ? HRTIMER_MODE_ABS
							   : HRTIMER_MODE_REL;
	unsigned long irq;

	watch_clock(t, t->clock == CLOCK_REALTIME &&
		       (flags & TFD_TIMER_ABSTIME) &&
		       (flags & TFD_TIMER_CANCEL_ON_SET));
	hrtimer_cancel(&t->timer);
	spin_lock_irqsave(&t->wqh.lock, irq);
	t->ticks = 0;
	t->expired = false;
	t->clock_set = false;
	t->interval = timespec64_to_ktime(its->it_interval);
	spin_unlock_irqrestore(&t->wqh.lock, irq);
	/* A relative time does not move when somebody sets the clock. */
	hrtimer_setup(&t->timer, timerfd_fires, t->clock, mode);
	if (value)
		hrtimer_start(&t->timer, value, mode);
}

SYSCALL_DEFINE4(timerfd_settime, int, ufd, int, flags,
		const struct itimerspec64 __user *, utmr,
		struct itimerspec64 __user *, otmr)
{
	struct itimerspec64 new, old;
	struct timerfd *t;
	struct fd f;

	if (copy_from_user(&new, utmr, sizeof(new)))
		return -EFAULT;
	if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) ||
	    !timespec64_valid(&new.it_value) ||
	    !timespec64_valid(&new.it_interval))
		return -EINVAL;
	f = fdget(ufd);
	if (!f.file)
		return -EBADF;
	t = timerfd_of(f);
	if (t) {
		tell(t, &old);
		arm(t, &new, flags);
	}
	fdput(f);
	if (!t)
		return -EINVAL;
	if (otmr && copy_to_user(otmr, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE2(timerfd_gettime, int, ufd, struct itimerspec64 __user *, otmr)
{
	struct itimerspec64 now;
	struct fd f = fdget(ufd);
	struct timerfd *t = timerfd_of(f);

	if (t)
		tell(t, &now);
	fdput(f);
	if (!f.file)
		return -EBADF;
	if (!t)
		return -EINVAL;
	return copy_to_user(otmr, &now, sizeof(now)) ? -EFAULT : 0;
}
