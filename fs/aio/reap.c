/* SPDX-License-Identifier: MIT */
/*
 * reap.c -- io_getevents(2) and io_pgetevents(2): events out of the ring
 *
 * IDEA.  Sleep on the context's queue until there may be an event; copy what is
 * between head and tail; move the head, which the user may also do alone.
 *
 * SEE context.c, docs/66-aio.md.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <uapi/time.h>

/* Up to nr events to the user; how many, or -EFAULT. */
static long read_ring(struct kioctx *ctx, struct io_event __user *out, long nr)
{
	long done = 0, err = 0;
	unsigned int head, tail;

	mutex_lock(&ctx->reading);
	head = READ_ONCE(ring_of(ctx)->head) % ctx->nr;
	spin_lock_irq(&ctx->lock);
	tail = ctx->tail;
	spin_unlock_irq(&ctx->lock);
	while (done < nr && head != tail) {
		struct io_event event = *event_at(ctx, head);

		if (copy_to_user(out + done, &event, sizeof(event))) {
			err = -EFAULT;
			break;
		}
		head = (head + 1) % ctx->nr;
		done++;
	}
	WRITE_ONCE(ring_of(ctx)->head, head);
	mutex_unlock(&ctx->reading);
	return done ? done : err;
}

/* Until min events are out, the time is up, or a signal comes. */
static long read_events(struct kioctx *ctx, long min, long nr,
			struct io_event __user *out, ktime_t *until)
{
	bool over = until && !*until;
	long done = 0, n;

	for (;;) {
		DEFINE_WAIT(wait);

		prepare_to_wait(&ctx->wait, &wait, TASK_INTERRUPTIBLE);
		if (!unread_events(ctx) && !over && done < min && !ctx->dead &&
		    !signal_pending(current))
			over = !schedule_hrtimeout(until, HRTIMER_MODE_ABS);
		finish_wait(&ctx->wait, &wait);
		n = read_ring(ctx, out + done, nr - done);
		if (n < 0)
			return done ? done : n;
		done += n;
		if (done >= min || done == nr)
			return done;
		if (n)
			continue;
		if (ctx->dead)
			return done ? done : -EINVAL;
		if (signal_pending(current))
			return done ? done : -EINTR;
		if (over)
			return done;
	}
}

/* timeout: relative; NULL for ever. */
static long do_getevents(aio_context_t id, long min, long nr,
			 struct io_event __user *events,
			 const struct timespec64 __user *timeout)
{
	struct timespec64 ts;
	struct kioctx *ctx;
	ktime_t until = 0;
	long ret = -EINVAL;

	if (timeout) {
		if (get_timespec64(&ts, timeout))
			return -EFAULT;
		if (ts.tv_sec || ts.tv_nsec)
			until = ktime_add_safe(ktime_get(),
					       timespec64_to_ktime(ts));
	}
	ctx = find_ctx(id);
	if (!ctx)
		return -EINVAL;
	if (min >= 0 && min <= nr)
		ret = read_events(ctx, min, nr, events,
				  timeout ? &until : NULL);
	put_ctx(ctx);
	return ret;
}

SYSCALL_DEFINE5(io_getevents, aio_context_t, id, long, min, long, nr,
		struct io_event __user *, events,
		struct timespec64 __user *, timeout)
{
	return do_getevents(id, min, nr, events, timeout);
}

struct aio_sigset {
	const sigset_t __user *mask;
	size_t size;
};

SYSCALL_DEFINE6(io_pgetevents, aio_context_t, id, long, min, long, nr,
		struct io_event __user *, events,
		struct timespec64 __user *, timeout,
		const struct aio_sigset __user *, usig)
{
	struct aio_sigset sig = { 0 };
	long ret;

	if (usig && copy_from_user(&sig, usig, sizeof(sig)))
		return -EFAULT;
	ret = set_user_sigmask(sig.mask, sig.size);
	if (ret)
		return ret;
	ret = do_getevents(id, min, nr, events, timeout);
	restore_saved_sigmask_unless(ret == -EINTR);
	return ret == -EINTR ? -ERESTARTNOHAND : ret;
}
