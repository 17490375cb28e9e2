/* SPDX-License-Identifier: MIT */
/*
 * seccomp_notify.c -- a filter asks another process what to do with a call
 *
 * PROMISE.  A call whose verdict is USER_NOTIF waits until the holder of the
 * listener's descriptor has answered; without a holder it gets ENOSYS.
 *
 * IDEA.  Each call that asks is a question on its caller's kernel stack, in the
 * listener's list:
 *
 *	NEW --NOTIF_RECV--> SENT --NOTIF_SEND--> REPLIED       caller goes on
 *	 ^------- EFAULT ----'
 *
 * Only a caller takes its question out, whatever woke it; so whoever finds one
 * by its id under the lock may write into it.  An id is never used again: an
 * answer to a caller that has died finds nothing (ENOENT).
 *
 * ADDFD gives the caller a descriptor.  Only the caller can change its table,
 * so it is woken for that in between, and its result handed back.
 *
 * LOCKING.  listener->lock (a mutex) for all; siglock outside of none.
 *
 * SEE seccomp_unotify(2), docs/69-seccomp.md.
 */

#include "seccomp_impl.h"

#include <arch/syscall.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/poll.h>
#include <kernel/completion.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/random.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <mm/slab.h>

enum state { UNBORN, NEW, SENT, REPLIED };

/* Field keys:  [c] constant   [L] the listener's lock */
struct question {
	struct list_head list;        /* [L] */
	u64 id;                       /* [c] */
	struct task_struct *task;     /* [c] whose stack it is on */
	struct seccomp_data data;     /* [c] */
	enum state state;             /* [L] */
	s64 val;                      /* [L] the answer */
	int error;
	u32 flags;
	struct completion woken;      /* an answer, or a descriptor to take */
	struct list_head gifts;       /* [L] struct gift */
};

/* A descriptor on its way; lives on the giver's stack. */
struct gift {
	struct list_head list;        /* [L] empty: taken */
	struct file *file;            /* [c] counted by the giver */
	struct seccomp_notif_addfd how;
	int result;                   /* [L] */
	struct completion taken;
};

/* Lives as long as its filter. */
struct seccomp_listener {
	struct mutex lock;
	wait_queue_head_t wait;       /* receivers and pollers */
	struct list_head questions;   /* [L] oldest first */
	unsigned int nr_new;          /* [L] of them; receivers look without */
	u64 next_id;                  /* [L] */
	bool closed;                  /* [L] nobody holds the file */
};

/* The lock held; tells those who wait for it. */
static void set_state(struct seccomp_listener *l, struct question *q,
		      enum state state)
{
	if (q->state == NEW)
		l->nr_new--;
	q->state = state;
	if (state == NEW) {
		l->nr_new++;
		wake_up_poll(&l->wait, EPOLLIN | EPOLLRDNORM);
	} else if (state == SENT) {
		wake_up_poll(&l->wait, EPOLLOUT | EPOLLWRNORM);
	}
}

bool seccomp_has_listener(const struct seccomp_filter *f)
{
	return f->notif && !READ_ONCE(f->notif->closed);
}

void seccomp_hang_up(struct seccomp_filter *f)
{
	if (f->notif)
		wake_up_poll(&f->notif->wait, EPOLLHUP);
}

/* ---- who asks ----------------------------------------------------------- */

static void take_gift(struct question *q, struct gift *g)
{
	int flags = g->how.newfd_flags, fd;

	list_del_init(&g->list);
	if (g->how.flags & SECCOMP_ADDFD_FLAG_SETFD)
		fd = replace_fd(g->how.newfd, g->file, flags);
	else
		fd = receive_fd(g->file, flags);
	g->result = fd;
	if (g->how.flags & SECCOMP_ADDFD_FLAG_SEND) {
		/* The descriptor is the answer; without one, it is still
		 * asked. */
		q->state = fd < 0 ? SENT : REPLIED;
		q->val = fd;
	}
	complete(&g->taken);
}

static int wait_for_word(const struct seccomp_filter *f, struct question *q)
{
	bool killable = f->wait_killable && q->state == SENT;
	int err;

	mutex_unlock(&f->notif->lock);
	err = killable ? wait_for_completion_killable(&q->woken)
		       : wait_for_completion_interruptible(&q->woken);
	mutex_lock(&f->notif->lock);
	/* Received meanwhile: then only SIGKILL would have done. */
	if (err && !killable && f->wait_killable && q->state == SENT &&
	    !fatal_signal_pending(current))
		return 0;
	return q->state == REPLIED ? 0 : err;
}

/* The listener's lock held: 0 when it was answered, or -ERESTARTSYS. */
static int wait_for_answer(const struct seccomp_filter *f, struct question *q)
{
	struct gift *g, *next;
	int err;

	do {
		err = wait_for_word(f, q);
		list_for_each_entry_safe(g, next, &q->gifts, list) {
			if (!err) {
				take_gift(q, g);
				continue;
			}
			list_del_init(&g->list);
			g->result = -ESRCH;
			complete(&g->taken);
		}
	} while (!err && q->state != REPLIED);
	return err;
}

int seccomp_ask_listener(struct pt_regs *regs, struct seccomp_filter *f)
{
	struct seccomp_listener *l = f->notif;
	struct question q = { .task = current };
	int err = -ENOSYS;

	if (!l)
		goto refuse;
	seccomp_fill_data(&q.data, regs);
	init_completion(&q.woken);
	INIT_LIST_HEAD(&q.gifts);
	mutex_lock(&l->lock);
	if (!l->closed) {
		q.id = l->next_id++;
		list_add_tail(&q.list, &l->questions);
		set_state(l, &q, NEW);
		err = wait_for_answer(f, &q);
		set_state(l, &q, REPLIED);
		list_del(&q.list);
	}
	mutex_unlock(&l->lock);
	if (err)
		goto refuse;
	if (q.flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE)
		return 0;
	syscall_set_return_value(regs, q.error ?: q.val);
	return -1;
refuse:
	syscall_set_return_value(regs, err);
	return -1;
}

/* ---- who answers -------------------------------------------------------- */

static struct question *find_question(struct seccomp_listener *l, u64 id)
{
	struct question *q;

	list_for_each_entry(q, &l->questions, list)
		if (q->id == id)
			return q;
	return NULL;
}

static struct question *first_in(struct seccomp_listener *l, enum state state)
{
	struct question *q;

	list_for_each_entry(q, &l->questions, list)
		if (q->state == state)
			return q;
	return NULL;
}

/* The user's structure must be zero: bits may get a meaning. */
static int check_is_zero(const void __user *buf)
{
	struct seccomp_notif n;

	if (copy_from_user(&n, buf, sizeof(n)))
		return -EFAULT;
	return memchr_inv(&n, 0, sizeof(n)) ? -EINVAL : 0;
}

/* Have the lock and a new question: 0 or -ERESTARTSYS, then without it. */
static int lock_new_question(struct seccomp_listener *l, struct question **q)
{
	for (;;) {
		int err = mutex_lock_interruptible(&l->lock);

		if (err)
			return -ERESTARTSYS;
		*q = first_in(l, NEW);
		if (*q)
			return 0;
		mutex_unlock(&l->lock);
		err = wait_event_interruptible(l->wait, READ_ONCE(l->nr_new));
		if (err)
			return err;
	}
}

static long receive(struct seccomp_listener *l, void __user *buf)
{
	struct seccomp_notif n = { 0 };
	struct question *q;
	int err = check_is_zero(buf);

	if (!err)
		err = lock_new_question(l, &q);
	if (err)
		return err;
	n.id = q->id;
	n.pid = task_pid_vnr(q->task);
	n.data = q->data;
	set_state(l, q, SENT);
	mutex_unlock(&l->lock);
	if (!copy_to_user(buf, &n, sizeof(n)))
		return 0;
	/* Nobody has seen it: ask again. */
	mutex_lock(&l->lock);
	q = find_question(l, n.id);
	if (q && q->state == SENT)
		set_state(l, q, NEW);
	mutex_unlock(&l->lock);
	return -EFAULT;
}

static long answer(struct seccomp_listener *l, void __user *buf)
{
	struct seccomp_notif_resp r;
	struct question *q;
	long ret = -ENOENT;

	if (copy_from_user(&r, buf, sizeof(r)))
		return -EFAULT;
	if (r.flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE)
		return -EINVAL;
	if (r.flags && (r.error || r.val))
		return -EINVAL;
	if (mutex_lock_interruptible(&l->lock))
		return -ERESTARTSYS;
	q = find_question(l, r.id);
	if (q && q->state != SENT) {
		ret = -EINPROGRESS;
	} else if (q) {
		q->state = REPLIED;
		q->error = r.error;
		q->val = r.val;
		q->flags = r.flags;
		complete(&q->woken);
		ret = 0;
	}
	mutex_unlock(&l->lock);
	return ret;
}

static long is_valid(struct seccomp_listener *l, const void __user *buf)
{
	struct question *q;
	u64 id;
	long ret;

	if (copy_from_user(&id, buf, sizeof(id)))
		return -EFAULT;
	if (mutex_lock_interruptible(&l->lock))
		return -ERESTARTSYS;
	q = find_question(l, id);
	ret = q && q->state == SENT ? 0 : -ENOENT;
	mutex_unlock(&l->lock);
	return ret;
}

/* A structure of that size, perhaps of a later version's: 0, or why not. */
static int read_addfd(struct seccomp_notif_addfd *a, const char __user *buf,
		      unsigned int size)
{
	char byte;

	if (size < sizeof(*a) || size >= PAGE_SIZE)
		return -EINVAL;
	if (copy_from_user(a, buf, sizeof(*a)))
		return -EFAULT;
	for (unsigned int i = sizeof(*a); i < size; i++) {
		if (get_user(byte, buf + i))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	if (a->newfd_flags & ~O_CLOEXEC)
		return -EINVAL;
	if (a->flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND))
		return -EINVAL;
	if (a->newfd && !(a->flags & SECCOMP_ADDFD_FLAG_SETFD))
		return -EINVAL;
	return 0;
}

/* Lay the gift before the caller; lock held. */
static int hand_over(struct seccomp_listener *l, struct gift *g)
{
	struct question *q = find_question(l, g->how.id);

	if (!q)
		return -ENOENT;
	if (q->state != SENT)
		return -EINPROGRESS;
	if (g->how.flags & SECCOMP_ADDFD_FLAG_SEND) {
		if (!list_empty(&q->gifts))
			return -EBUSY;
		q->state = REPLIED;
	}
	list_add_tail(&g->list, &q->gifts);
	complete(&q->woken);
	return 0;
}

static int give(struct seccomp_listener *l, struct gift *g)
{
	int err = mutex_lock_interruptible(&l->lock);

	if (err)
		return -ERESTARTSYS;
	err = hand_over(l, g);
	mutex_unlock(&l->lock);
	if (err)
		return err;
	err = wait_for_completion_interruptible(&g->taken);
	if (!err)
		return g->result;
	/* It may have been taken just now. */
	mutex_lock(&l->lock);
	if (list_empty(&g->list))
		err = g->result;
	else
		list_del(&g->list);
	mutex_unlock(&l->lock);
	return err;
}

static long add_fd(struct seccomp_listener *l, const void __user *buf,
		   unsigned int size)
{
	struct gift g = { .result = 0 };
	int ret = read_addfd(&g.how, buf, size);

	if (ret)
		return ret;
	g.file = fget(g.how.srcfd);
	if (!g.file)
		return -EBADF;
	init_completion(&g.taken);
	ret = give(l, &g);
	fput(g.file);
	return ret;
}

/* ---- the file ----------------------------------------------------------- */

static long listener_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct seccomp_filter *f = file->private_data;
	void __user *buf = (void __user *)arg;

	switch (cmd) {
	case SECCOMP_IOCTL_NOTIF_RECV:
		return receive(f->notif, buf);
	case SECCOMP_IOCTL_NOTIF_SEND:
		return answer(f->notif, buf);
	case SECCOMP_IOCTL_NOTIF_ID_VALID:
	case SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR:
		return is_valid(f->notif, buf);
	}
	/* Whatever its size says. */
	if ((cmd & 0xffff) == (SECCOMP_IOCTL_NOTIF_ADDFD & 0xffff))
		return add_fd(f->notif, buf, cmd >> 16 & 0x3fff);
	return -EINVAL;
}

static __poll_t listener_poll(struct file *file, poll_table *table)
{
	struct seccomp_filter *f = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &f->notif->wait, table);
	if (mutex_lock_interruptible(&f->notif->lock))
		return EPOLLERR;
	if (first_in(f->notif, NEW))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (first_in(f->notif, SENT))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (!refcount_read(&f->users))
		mask |= EPOLLHUP;
	mutex_unlock(&f->notif->lock);
	return mask;
}

/* Nobody will answer any more: ENOSYS for all who wait. */
static int listener_release(struct inode *inode, struct file *file)
{
	struct seccomp_filter *f = file->private_data;
	struct question *q;

	mutex_lock(&f->notif->lock);
	WRITE_ONCE(f->notif->closed, true);
	list_for_each_entry(q, &f->notif->questions, list) {
		if (q->state == REPLIED)
			continue;
		set_state(f->notif, q, REPLIED);
		q->error = -ENOSYS;
		q->val = 0;
		complete(&q->woken);
	}
	mutex_unlock(&f->notif->lock);
	seccomp_put_ref(f);
	return 0;
}

static const struct file_operations listener_fops = {
	.unlocked_ioctl = listener_ioctl,
	.poll = listener_poll,
	.release = listener_release,
};

struct file *seccomp_make_listener(struct seccomp_filter *f)
{
	struct seccomp_listener *l = kzalloc(sizeof(*l), GFP_KERNEL);
	struct file *file;

	if (!l)
		return ERR_PTR(-ENOMEM);
	mutex_init(&l->lock);
	init_waitqueue_head(&l->wait);
	INIT_LIST_HEAD(&l->questions);
	get_random_bytes(&l->next_id, sizeof(l->next_id));
	f->notif = l;                 /* goes with the filter */
	refcount_inc(&f->refs);
	file = anon_inode_getfile("seccomp notify", &listener_fops, f, O_RDWR);
	if (IS_ERR(file))
		seccomp_put_ref(f);
	return file;
}
