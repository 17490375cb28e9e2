/* SPDX-License-Identifier: MIT */
/*
 * select.c -- waiting for many files at once: poll and select
 *
 * PROMISE.  The call returns when one of the files is ready, the time is over,
 * or a signal comes; a file that becomes ready between our look and our sleep
 * is not missed.
 *
 * IDEA.  Ask each file through ->poll.  On the first round it also enters us in
 * its wait queues (poll_wait calls back); a wake-up sets `triggered`, and we go
 * round again, only looking.
 *
 *	poll_wqueues --entry--> pipe's rd_wait
 *	   triggered --entry--> tty's read_wait      any wake-up: triggered = 1
 *
 * RACES.
 *	poller                              waker
 *	enter the queues        [a]
 *	look: not ready                     make it ready
 *	state = INTERRUPTIBLE   [b]         wake: triggered = 1, wake up  [c]
 *	triggered?  sleep       [d]
 *
 * If [c] comes before [d] reads triggered, [d] does not sleep; if it comes
 * later, it finds us sleeping.  Memory barriers at [b] and [c] make one of the
 * two happen.
 *
 * NOT DONE.  Spinning on busy sockets.
 */

#include "internal.h"

#include <fs/poll.h>
#include <arch/uaccess.h>
#include <kernel/bug.h>
#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/mm.h>
#include <mm/slab.h>

#define INLINE_ENTRIES 8

struct poll_entry {
	struct file *file;            /* counted: it must outlive the queue */
	wait_queue_head_t *wq;
	wait_queue_entry_t wait;
	struct poll_entry *next;      /* of those beyond the inline ones */
};

struct poll_wqueues {
	poll_table pt;
	struct task_struct *task;
	int triggered;
	int error;
	int nr_inline;
	struct poll_entry *more;
	struct poll_entry entries[INLINE_ENTRIES];
};

/* The waker's side; its queue's lock is held. */
static int pollwake(wait_queue_entry_t *wait, unsigned mode, int sync,
		    void *key)
{
	struct poll_wqueues *pwq = wait->private;

	smp_wmb();
	WRITE_ONCE(pwq->triggered, 1);                           /* [c] */
	return try_to_wake_up(pwq->task, TASK_INTERRUPTIBLE, sync);
}

static struct poll_entry *new_entry(struct poll_wqueues *pwq)
{
	struct poll_entry *e;

	if (pwq->nr_inline < INLINE_ENTRIES)
		return &pwq->entries[pwq->nr_inline++];
	e = kmalloc(sizeof(*e), GFP_KERNEL);
	if (!e) {
		pwq->error = -ENOMEM;
		return NULL;
	}
	e->next = pwq->more;
	pwq->more = e;
	return e;
}

static void enter_queue(struct file *file, wait_queue_head_t *wq, poll_table *pt)
{
	struct poll_wqueues *pwq = container_of(pt, struct poll_wqueues, pt);
	struct poll_entry *e = new_entry(pwq);

	if (!e)
		return;
	e->file = get_file(file);
	e->wq = wq;
	init_waitqueue_func_entry(&e->wait, pollwake);
	e->wait.private = pwq;
	add_wait_queue(wq, &e->wait);                            /* [a] */
}

static void poll_init(struct poll_wqueues *pwq)
{
	init_poll_funcptr(&pwq->pt, enter_queue);
	pwq->task = current;
	pwq->triggered = 0;
	pwq->error = 0;
	pwq->nr_inline = 0;
	pwq->more = NULL;
}

static void leave_queue(struct poll_entry *e)
{
	remove_wait_queue(e->wq, &e->wait);
	fput(e->file);
}

static void poll_done(struct poll_wqueues *pwq)
{
	struct poll_entry *e;
	int i;

	for (i = 0; i < pwq->nr_inline; i++)
		leave_queue(&pwq->entries[i]);
	while ((e = pwq->more)) {
		pwq->more = e->next;
		leave_queue(e);
		kfree(e);
	}
}

/* Sleep until triggered or *expires; false: the time is over. */
static bool poll_sleep(struct poll_wqueues *pwq, ktime_t *expires)
{
	int timed_out = 1;

	set_current_state(TASK_INTERRUPTIBLE);                   /* [b] */
	if (!READ_ONCE(pwq->triggered))                          /* [d] */
		timed_out = schedule_hrtimeout_range(expires, 0,
						     HRTIMER_MODE_ABS);
	__set_current_state(TASK_RUNNING);
	/* Whoever wakes us from now on makes us look again. */
	WRITE_ONCE(pwq->triggered, 0);
	smp_mb();
	return timed_out != 0;
}

/* An absolute end from a span; NULL: never. */
static ktime_t *end_of(const struct timespec64 *span, ktime_t *end)
{
	if (!span)
		return NULL;
	*end = ktime_add_safe(ktime_get(), timespec64_to_ktime(*span));
	return end;
}

/* ---- poll ---- */

static __poll_t poll_one(struct pollfd *pfd, poll_table *pt)
{
	__poll_t want, mask;
	struct fd f;

	if (pfd->fd < 0)
		return 0;
	f = fdget(pfd->fd);
	if (!f.file)
		return EPOLLNVAL;
	want = (unsigned short)pfd->events | EPOLLERR | EPOLLHUP;
	if (pt)
		pt->_key = want;
	mask = vfs_poll(f.file, pt) & want;
	fdput(f);
	return mask;
}

/* How many are ready; 0: time over; -EINTR, -ENOMEM. */
static int poll_fds(struct pollfd *fds, unsigned int nfds, ktime_t *expires,
		    bool no_wait)
{
	struct poll_wqueues pwq;
	poll_table *pt = no_wait ? NULL : &pwq.pt;
	bool over = no_wait;
	unsigned int i;
	int count;

	poll_init(&pwq);
	for (;;) {
		count = 0;
		for (i = 0; i < nfds; i++) {
			fds[i].revents = poll_one(&fds[i], pt);
			if (fds[i].revents) {
				count++;
				pt = NULL;    /* we shall not sleep */
			}
		}
		pt = NULL;
		if (!count) {
			count = pwq.error;
			if (!count && signal_pending(current))
				count = -EINTR;
		}
		if (count || over)
			break;
		over = !poll_sleep(&pwq, expires);
	}
	poll_done(&pwq);
	return count;
}

static int do_poll(struct pollfd __user *ufds, unsigned int nfds,
		   ktime_t *expires, bool no_wait)
{
	struct pollfd fast[16], *fds = fast;
	unsigned int i;
	int count;

	if (nfds > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	if (nfds > ARRAY_SIZE(fast)) {
		fds = kvmalloc(nfds * sizeof(*fds), GFP_KERNEL);
		if (!fds)
			return -ENOMEM;
	}
	count = -EFAULT;
	if (copy_from_user(fds, ufds, nfds * sizeof(*fds)))
		goto out;
	count = poll_fds(fds, nfds, expires, no_wait);
	if (count < 0)
		goto out;
	for (i = 0; i < nfds; i++) {
		if (put_user(fds[i].revents, &ufds[i].revents)) {
			count = -EFAULT;
			break;
		}
	}
out:
	if (fds != fast)
		kvfree(fds);
	return count;
}

static long poll_restart(struct restart_block *rb)
{
	ktime_t expires = rb->poll.expires;
	int res = do_poll(rb->poll.ufds, rb->poll.nfds,
			  rb->poll.has_timeout ? &expires : NULL, false);

	if (res != -EINTR)
		return res;
	rb->fn = poll_restart;
	return -ERESTART_RESTARTBLOCK;
}

SYSCALL_DEFINE3(poll, struct pollfd __user *, ufds, unsigned int, nfds,
		int, msecs)
{
	ktime_t expires = 0;
	int res;

	if (msecs >= 0)
		expires = ktime_add_ms(ktime_get(), msecs);
	res = do_poll(ufds, nfds, msecs >= 0 ? &expires : NULL, msecs == 0);
	if (res == -EINTR) {
		struct restart_block *rb = &current->restart_block;

		rb->fn = poll_restart;
		rb->poll.ufds = ufds;
		rb->poll.nfds = nfds;
		rb->poll.has_timeout = msecs >= 0;
		rb->poll.expires = expires;
		res = -ERESTART_RESTARTBLOCK;
	}
	return res;
}

/* The user's timeout says how much was left, except on an error. */
static long finish_timed(long res, ktime_t *end, void __user *uts, bool timeval)
{
	struct timespec64 left = { 0, 0 };

	restore_saved_sigmask_unless(res == -EINTR);
	if (!uts || !end || (current->personality & STICKY_TIMEOUTS))
		return res == -EINTR ? -ERESTARTNOHAND : res;
	if (*end > ktime_get())
		left = ktime_to_timespec64(*end - ktime_get());
	if (timeval) {
		struct timeval tv = { left.tv_sec, left.tv_nsec / 1000 };

		if (copy_to_user(uts, &tv, sizeof(tv)))
			return res == -EINTR ? -EINTR : res;
	} else if (copy_to_user(uts, &left, sizeof(left))) {
		return res == -EINTR ? -EINTR : res;
	}
	return res == -EINTR ? -ERESTARTNOHAND : res;
}

SYSCALL_DEFINE5(ppoll, struct pollfd __user *, ufds, unsigned int, nfds,
		struct timespec64 __user *, uts,
		const sigset_t __user *, sigmask, size_t, sigsetsize)
{
	struct timespec64 ts;
	ktime_t expires, *end;
	long res;

	if (uts && get_timespec64(&ts, uts))
		return -EFAULT;
	if (uts && !timespec64_valid(&ts))
		return -EINVAL;
	end = end_of(uts ? &ts : NULL, &expires);
	res = set_user_sigmask(sigmask, sigsetsize);
	if (res)
		return res;
	res = do_poll(ufds, nfds, end, uts && !ts.tv_sec && !ts.tv_nsec);
	return finish_timed(res, end, uts, false);
}

/* ---- select ---- */

#define IN_SET (EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR | \
		EPOLLNVAL)
#define OUT_SET (EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR | EPOLLNVAL)
#define EX_SET (EPOLLPRI | EPOLLNVAL)

/* Three sets in and three sets out, each `words` longs. */
struct fd_sets {
	unsigned long *in, *out, *ex, *res_in, *res_out, *res_ex;
	size_t words;
};

static __poll_t select_one(int fd, poll_table *pt, __poll_t want)
{
	struct fd f = fdget(fd);
	__poll_t mask;

	if (!f.file)
		return EPOLLNVAL;
	if (pt)
		pt->_key = want;
	mask = vfs_poll(f.file, pt);
	fdput(f);
	return mask;
}

/* One look at all: how many bits are set in the results. */
static int select_scan(struct fd_sets *s, int n, poll_table **pt)
{
	int fd, count = 0;

	for (fd = 0; fd < n; fd++) {
		unsigned long bit = BIT_MASK(fd);
		size_t w = BIT_WORD(fd);
		__poll_t want = 0, mask;

		if (!((s->in[w] | s->out[w] | s->ex[w]) & bit))
			continue;
		want |= s->in[w] & bit ? IN_SET : 0;
		want |= s->out[w] & bit ? OUT_SET : 0;
		want |= s->ex[w] & bit ? EX_SET : 0;
		mask = select_one(fd, *pt, want);
		if ((mask & IN_SET) && (s->in[w] & bit)) {
			s->res_in[w] |= bit;
			count++;
		}
		if ((mask & OUT_SET) && (s->out[w] & bit)) {
			s->res_out[w] |= bit;
			count++;
		}
		if ((mask & EX_SET) && (s->ex[w] & bit)) {
			s->res_ex[w] |= bit;
			count++;
		}
		if (count)
			*pt = NULL;
	}
	return count;
}

static int select_fds(struct fd_sets *s, int n, ktime_t *expires, bool no_wait)
{
	struct poll_wqueues pwq;
	poll_table *pt = no_wait ? NULL : &pwq.pt;
	bool over = no_wait;
	int count;

	poll_init(&pwq);
	for (;;) {
		count = select_scan(s, n, &pt);
		pt = NULL;
		if (!count)
			count = pwq.error;
		if (!count && !over && signal_pending(current))
			count = -EINTR;
		if (count || over)
			break;
		over = !poll_sleep(&pwq, expires);
	}
	poll_done(&pwq);
	return count;
}

/* A bit for a descriptor that is not open is an error, not readiness. */
static bool all_open(const struct fd_sets *s, int n)
{
	int fd;

	for (fd = 0; fd < n; fd++) {
		size_t w = BIT_WORD(fd);
		struct fd f;

		if (!((s->in[w] | s->out[w] | s->ex[w]) & BIT_MASK(fd)))
			continue;
		f = fdget(fd);
		if (!f.file)
			return false;
		fdput(f);
	}
	return true;
}

static int get_set(unsigned long *to, const void __user *from, size_t bytes)
{
	if (from)
		return copy_from_user(to, from, bytes) ? -EFAULT : 0;
	memset(to, 0, bytes);
	return 0;
}

static int put_set(void __user *to, const unsigned long *from, size_t bytes)
{
	return to && copy_to_user(to, from, bytes) ? -EFAULT : 0;
}

static void mask_tail(unsigned long *set, int n, size_t words)
{
	if (n % BITS_PER_LONG)
		set[words - 1] &= BIT_MASK(n) - 1;
}

static int core_select(int n, void __user *in, void __user *out,
		       void __user *ex, ktime_t *expires, bool no_wait)
{
	unsigned long fast[6 * 4], *bits = fast;
	struct fd_sets s;
	size_t bytes;
	int res;

	if (n < 0)
		return -EINVAL;
	rcu_read_lock();
	n = min(n, (int)READ_ONCE(current->files->fdt)->max_fds);
	rcu_read_unlock();
	s.words = BITS_TO_LONGS(n);
	bytes = s.words * sizeof(long);
	if (6 * s.words > ARRAY_SIZE(fast)) {
		bits = kvmalloc(6 * bytes, GFP_KERNEL);
		if (!bits)
			return -ENOMEM;
	}
	s.in = bits;
	s.out = s.in + s.words;
	s.ex = s.out + s.words;
	s.res_in = s.ex + s.words;
	s.res_out = s.res_in + s.words;
	s.res_ex = s.res_out + s.words;
	res = -EFAULT;
	if (get_set(s.in, in, bytes) || get_set(s.out, out, bytes) ||
	    get_set(s.ex, ex, bytes))
		goto out_bits;
	if (n) {
		mask_tail(s.in, n, s.words);
		mask_tail(s.out, n, s.words);
		mask_tail(s.ex, n, s.words);
	}
	memset(s.res_in, 0, 3 * bytes);
	res = -EBADF;
	if (!all_open(&s, n))
		goto out_bits;
	res = select_fds(&s, n, expires, no_wait);
	if (res < 0)
		goto out_bits;
	if (put_set(in, s.res_in, bytes) || put_set(out, s.res_out, bytes) ||
	    put_set(ex, s.res_ex, bytes))
		res = -EFAULT;
out_bits:
	if (bits != fast)
		kvfree(bits);
	return res;
}

SYSCALL_DEFINE5(select, int, n, void __user *, in, void __user *, out,
		void __user *, ex, struct timeval __user *, utv)
{
	struct timespec64 ts = { 0, 0 };
	struct timeval tv;
	ktime_t expires, *end;
	int res;

	if (utv) {
		if (copy_from_user(&tv, utv, sizeof(tv)))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		ts.tv_sec = tv.tv_sec + tv.tv_usec / USEC_PER_SEC;
		ts.tv_nsec = tv.tv_usec % USEC_PER_SEC * NSEC_PER_USEC;
	}
	end = end_of(utv ? &ts : NULL, &expires);
	res = core_select(n, in, out, ex, end,
			  utv && !ts.tv_sec && !ts.tv_nsec);
	return finish_timed(res, end, utv, true);
}

struct sigset_arg {
	const sigset_t __user *p;
	size_t size;
};

SYSCALL_DEFINE6(pselect6, int, n, void __user *, in, void __user *, out,
		void __user *, ex, struct timespec64 __user *, uts,
		struct sigset_arg __user *, usig)
{
	struct sigset_arg sig = { NULL, 0 };
	struct timespec64 ts;
	ktime_t expires, *end;
	int res;

	if (usig && copy_from_user(&sig, usig, sizeof(sig)))
		return -EFAULT;
	if (uts && get_timespec64(&ts, uts))
		return -EFAULT;
	if (uts && !timespec64_valid(&ts))
		return -EINVAL;
	end = end_of(uts ? &ts : NULL, &expires);
	res = set_user_sigmask(sig.p, sig.size);
	if (res)
		return res;
	res = core_select(n, in, out, ex, end,
			  uts && !ts.tv_sec && !ts.tv_nsec);
	return finish_timed(res, end, uts, false);
}
