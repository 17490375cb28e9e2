/* SPDX-License-Identifier: MIT */
/*
 * eventpoll_wait.c -- epoll_wait: sleep until files are ready, and say which
 *
 * IDEA.  The ready list is taken as a whole, and each file on it is asked once
 * more: the wake-up that put it there may be old news.  What is found ready and
 * is level-triggered goes back behind the others, so that many ready files take
 * turns; what did not fit stays in front.
 *
 * LOCKING, RACES.  In eventpoll.c; its step [a] is here.
 */

#include "eventpoll_impl.h"

#include <arch/uaccess.h>
#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <kernel/trace_events.h>

#define EP_MAX_EVENTS (INT_MAX / sizeof(struct epoll_event))

/* Report the items of `ready` that are so; mtx held.  Events or -EFAULT. */
static int ep_report(struct eventpoll *ep, struct list_head *ready,
		     struct epoll_event __user *out, int max)
{
	struct epitem *item, *next;
	unsigned long flags;
	int n = 0;

	list_for_each_entry_safe(item, next, ready, rdllink) {
		struct epoll_event ev = { .data = item->event.data };

		if (n >= max)
			break;
		spin_lock_irqsave(&ep->lock, flags);
		list_del_init(&item->rdllink);
		spin_unlock_irqrestore(&ep->lock, flags);
		ev.events = ep_item_poll(item, NULL);
		if (!ev.events)
			continue;
		if (copy_to_user(&out[n], &ev, sizeof(ev))) {
			ep_mark_ready(item);
			return n ? n : -EFAULT;
		}
		n++;
		if (item->event.events & EPOLLONESHOT)
			WRITE_ONCE(item->event.events, item->event.events &
				   EP_PRIVATE_BITS);
		else if (!(item->event.events & EPOLLET))
			ep_mark_ready(item);                        /* [a] */
	}
	return n;
}

static int ep_send_events(struct eventpoll *ep, struct epoll_event __user *out,
			  int max)
{
	unsigned long flags;
	LIST_HEAD(ready);
	int n;

	mutex_lock(&ep->mtx);
	spin_lock_irqsave(&ep->lock, flags);
	list_splice_init(&ep->rdllist, &ready);
	spin_unlock_irqrestore(&ep->lock, flags);
	n = ep_report(ep, &ready, out, max);
	/* What did not fit comes first next time. */
	spin_lock_irqsave(&ep->lock, flags);
	list_splice(&ready, &ep->rdllist);
	spin_unlock_irqrestore(&ep->lock, flags);
	mutex_unlock(&ep->mtx);
	return n;
}

/* Sleep until something may be ready; 0 woken, -ETIMEDOUT, -EINTR. */
static int ep_sleep(struct eventpoll *ep, ktime_t *expires)
{
	DEFINE_WAIT(wait);
	int err = 0;

	prepare_to_wait_exclusive(&ep->wq, &wait, TASK_INTERRUPTIBLE);
	if (!ep_maybe_ready(ep)) {
		if (signal_pending(current))
			err = -EINTR;
		else if (!schedule_hrtimeout_range(expires, 0,
						   HRTIMER_MODE_ABS))
			err = -ETIMEDOUT;
	}
	finish_wait(&ep->wq, &wait);
	return err;
}

static int ep_wait(struct eventpoll *ep, struct epoll_event __user *out,
		   int max, ktime_t *expires, bool no_wait)
{
	bool over = no_wait;
	int n, err;

	for (;;) {
		n = ep_maybe_ready(ep) ? ep_send_events(ep, out, max) : 0;
		if (n || over) {
			trace_epoll_return((unsigned long)ep, n);
			return n;
		}
		if (signal_pending(current))
			return -EINTR;
		err = ep_sleep(ep, expires);
		if (err == -EINTR)
			return err;
		over = err == -ETIMEDOUT;
	}
}

/* ---- system calls ---- */

static long do_epoll_wait(int epfd, struct epoll_event __user *events,
			  int max, ktime_t *expires, bool no_wait)
{
	struct fd f;
	long res;

	if (max <= 0 || (size_t)max > EP_MAX_EVENTS)
		return -EINVAL;
	if (!access_ok(events, max * sizeof(*events)))
		return -EFAULT;
	f = fdget(epfd);
	if (!f.file)
		return -EBADF;
	res = is_epoll(f.file) ? ep_wait(f.file->private_data, events, max,
					 expires, no_wait) : -EINVAL;
	fdput(f);
	return res;
}

static ktime_t *end_of_msecs(int msecs, ktime_t *end)
{
	if (msecs < 0)
		return NULL;
	*end = ktime_add_ms(ktime_get(), msecs);
	return end;
}

SYSCALL_DEFINE4(epoll_wait, int, epfd, struct epoll_event __user *, events,
		int, maxevents, int, timeout)
{
	ktime_t end;

	return do_epoll_wait(epfd, events, maxevents,
			     end_of_msecs(timeout, &end), timeout == 0);
}

SYSCALL_DEFINE6(epoll_pwait, int, epfd, struct epoll_event __user *, events,
		int, maxevents, int, timeout, const sigset_t __user *, sigmask,
		size_t, sigsetsize)
{
	ktime_t end;
	long res = set_user_sigmask(sigmask, sigsetsize);

	if (res)
		return res;
	res = do_epoll_wait(epfd, events, maxevents,
			    end_of_msecs(timeout, &end), timeout == 0);
	restore_saved_sigmask_unless(res == -EINTR);
	return res;
}

SYSCALL_DEFINE6(epoll_pwait2, int, epfd, struct epoll_event __user *, events,
		int, maxevents, const struct timespec64 __user *, timeout,
		const sigset_t __user *, sigmask, size_t, sigsetsize)
{
	struct timespec64 ts;
	ktime_t end, *expires = NULL;
	long res;

	if (timeout) {
		if (get_timespec64(&ts, timeout))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		end = ktime_add_safe(ktime_get(), timespec64_to_ktime(ts));
		expires = &end;
	}
	res = set_user_sigmask(sigmask, sigsetsize);
	if (res)
		return res;
	res = do_epoll_wait(epfd, events, maxevents, expires,
			    timeout && !ts.tv_sec && !ts.tv_nsec);
	restore_saved_sigmask_unless(res == -EINTR);
	return res;
}
