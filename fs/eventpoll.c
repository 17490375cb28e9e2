/* SPDX-License-Identifier: MIT */
/*
 * eventpoll.c -- epoll: waiting for many files without asking all of them
 *
 * PROMISE.  epoll_wait returns files that are ready; level-triggered ones as
 * long as they are, edge-triggered ones once for each time they were told of
 * news, one-shot ones once.  An idle file costs nothing.
 *
 * IDEA.  poll() enters its queues anew on each call.  Here an item stays in the
 * queue of its file; a wake-up puts it on the ready list, and epoll_wait looks
 * at that list alone.
 *
 *	eventpoll -- rbr: all items by (file, fd)
 *	          `- rdllist: [item]->[item]      moved there by wake-ups
 *	item --entry--> pipe's rd_wait
 *
 * INVARIANTS
 *   I1  An item whose file is ready (for its events) and that was not reported
 *       since is on rdllist, or will be by a wake-up on its way.
 *   I2  A file knows the items that watch it (f_ep_links); they go before it.
 *
 * LOCKING.  ep->mtx: the tree, and who harvests; ep->lock (irq-safe, inside a
 * wait queue's lock): rdllist.  epmutex: taking a file's items apart when the
 * file goes.  Order: epmutex, mtx, f_lock; wait queue, lock.
 *
 * RACES.  harvest (eventpoll_wait.c) against a wake-up: the list is taken as a
 * whole, an item that is found ready and level-triggered goes back *after*
 * ->poll was asked [a]; a wake-up between puts it there itself [b], and both
 * may do so: the second finds it linked.
 *
 * EPOLLEXCLUSIVE stands in the file's queue as an exclusive waiter, whose
 * wake-up counts only if somebody sleeps in that epoll: one event, one of them.
 *
 * NOT DONE.  An epoll file may be watched by another, to a depth of 4.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/poll.h>

#include <arch/uaccess.h>
#include <kernel/bug.h>
#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/rbtree.h>
#include <kernel/rcupdate.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <kernel/trace_events.h>
#include <mm/slab.h>

#include "eventpoll_impl.h"
#include "vfs/internal.h"

#define EP_EXCLUSIVE_OK (EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | \
			 EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)
#define EP_MAX_NESTS 4

/* One file's queue that an item hangs in; most files have one. */
struct ep_entry {
	struct ep_entry *next;
	wait_queue_entry_t wait;
	wait_queue_head_t *whead;     /* NULL: it was freed (POLLFREE) */
	struct epitem *item;
};

static DEFINE_MUTEX(epmutex);
static const struct file_operations eventpoll_fops;

bool is_epoll(struct file *file)
{
	return file->f_op == &eventpoll_fops;
}

/* ---- items ---- */

static int compare(struct file *file, int fd, const struct epitem *item)
{
	if (file != item->file)
		return file > item->file ? 1 : -1;
	return fd - item->fd;
}

static struct epitem *ep_find(struct eventpoll *ep, struct file *file, int fd)
{
	struct rb_node *n = ep->rbr.rb_node;

	while (n) {
		struct epitem *item = rb_entry(n, struct epitem, rbn);
		int cmp = compare(file, fd, item);

		if (!cmp)
			return item;
		n = cmp > 0 ? n->rb_right : n->rb_left;
	}
	return NULL;
}

static void ep_tree_insert(struct eventpoll *ep, struct epitem *new)
{
	struct rb_node **p = &ep->rbr.rb_node, *parent = NULL;

	while (*p) {
		struct epitem *item = rb_entry(*p, struct epitem, rbn);

		parent = *p;
		p = compare(new->file, new->fd, item) > 0 ? &parent->rb_right
							  : &parent->rb_left;
	}
	rb_link_node(&new->rbn, parent, p);
	rb_insert_color(&new->rbn, &ep->rbr);
}

/* Put the item on the ready list and wake who waits for it. */
void ep_mark_ready(struct epitem *item)
{
	struct eventpoll *ep = item->ep;
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	if (list_empty(&item->rdllink))
		list_add_tail(&item->rdllink, &ep->rdllist);
	spin_unlock_irqrestore(&ep->lock, flags);
	if (wq_has_sleeper(&ep->wq)) {
		trace_epoll_wakeup((unsigned long)ep);
		wake_up(&ep->wq);
	}
	if (wq_has_sleeper(&ep->poll_wait))
		wake_up_poll(&ep->poll_wait, EPOLLIN);
}

/* Does this wake-up reach a sleeper who waits for just that? */
static bool wakes_a_sleeper(struct epitem *item, __poll_t mask, __poll_t want)
{
	if (!(want & EPOLLEXCLUSIVE))
		return true;
	if (!waitqueue_active(&item->ep->wq))
		return false;
	mask &= EPOLLIN | EPOLLOUT;
	return !mask || (mask & want);
}

/* The file's queue wakes us: any context, its lock held. */
static int ep_poll_callback(wait_queue_entry_t *wait, unsigned mode, int sync,
			    void *key)
{
	struct ep_entry *e = container_of(wait, struct ep_entry, wait);
	struct epitem *item = e->item;
	__poll_t mask = key_to_poll(key);
	__poll_t want = READ_ONCE(item->event.events);
	bool counts;

	if (mask & POLLFREE) {
		list_del_init(&wait->entry);
		smp_store_release(&e->whead, NULL);      /* the last touch */
		return 0;
	}
	if (!(want & ~EP_PRIVATE_BITS))       /* one-shot, done with */
		return 0;
	if (mask && !(mask & want))
		return 0;
	trace_epoll_callback((unsigned long)item->ep, item->event.data, mask);
	counts = wakes_a_sleeper(item, mask, want);
	ep_mark_ready(item);                                        /* [b] */
	return counts;
}

struct ep_pqueue {
	poll_table pt;
	struct epitem *item;
	int error;
};

static void ep_enter_queue(struct file *file, wait_queue_head_t *wq,
			   poll_table *pt)
{
	struct ep_pqueue *q = container_of(pt, struct ep_pqueue, pt);
	struct ep_entry *e = kmalloc(sizeof(*e), GFP_KERNEL);

	if (!e) {
		q->error = -ENOMEM;
		return;
	}
	init_waitqueue_func_entry(&e->wait, ep_poll_callback);
	e->whead = wq;
	e->item = q->item;
	e->next = q->item->entries;
	q->item->entries = e;
	if (q->item->event.events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(wq, &e->wait);
	else
		add_wait_queue(wq, &e->wait);
}

/* The queue may end at this moment, with the signal handlers it belongs to. */
static void leave_queue(struct ep_entry *e)
{
	wait_queue_head_t *head;

	rcu_read_lock();
	head = smp_load_acquire(&e->whead);
	if (head)
		remove_wait_queue(head, &e->wait);
	rcu_read_unlock();
}

static void free_entries(struct epitem *item)
{
	struct ep_entry *e;

	while ((e = item->entries)) {
		item->entries = e->next;
		leave_queue(e);
		kfree(e);
	}
}

/* mtx held. */
static void ep_remove(struct eventpoll *ep, struct epitem *item)
{
	unsigned long flags;

	free_entries(item);
	spin_lock(&item->file->f_lock);
	list_del_init(&item->fllink);
	spin_unlock(&item->file->f_lock);
	rb_erase(&item->rbn, &ep->rbr);
	spin_lock_irqsave(&ep->lock, flags);
	list_del_init(&item->rdllink);
	spin_unlock_irqrestore(&ep->lock, flags);
	kfree(item);
}

static int ep_insert(struct eventpoll *ep, const struct epoll_event *event,
		     struct file *file, int fd)
{
	struct epitem *item = kzalloc(sizeof(*item), GFP_KERNEL);
	struct ep_pqueue q;

	if (!item)
		return -ENOMEM;
	INIT_LIST_HEAD(&item->rdllink);
	item->ep = ep;
	item->file = file;
	item->fd = fd;
	item->event = *event;
	spin_lock(&file->f_lock);
	list_add_tail(&item->fllink, &file->f_ep_links);
	spin_unlock(&file->f_lock);
	ep_tree_insert(ep, item);
	q.item = item;
	q.error = 0;
	init_poll_funcptr(&q.pt, ep_enter_queue);
	if (ep_item_poll(item, &q.pt))
		ep_mark_ready(item);
	if (q.error)
		ep_remove(ep, item);
	return q.error;
}

static void ep_modify(struct epitem *item, const struct epoll_event *event)
{
	item->event.data = event->data;
	WRITE_ONCE(item->event.events, event->events);
	smp_mb();             /* wake-ups see the new events before we look */
	if (ep_item_poll(item, NULL))
		ep_mark_ready(item);
}

/* ---- the file ---- */

static __poll_t ep_poll(struct file *file, poll_table *wait)
{
	struct eventpoll *ep = file->private_data;
	struct rb_node *n;
	__poll_t mask = 0;

	poll_wait(file, &ep->poll_wait, wait);
	if (!ep_maybe_ready(ep))
		return 0;
	mutex_lock_nested(&ep->mtx, 1);
	for (n = rb_first(&ep->rbr); n && !mask; n = rb_next(n)) {
		struct epitem *item = rb_entry(n, struct epitem, rbn);

		if (!list_empty_careful(&item->rdllink) &&
		    ep_item_poll(item, NULL))
			mask = EPOLLIN | EPOLLRDNORM;
	}
	mutex_unlock(&ep->mtx);
	return mask;
}

static int ep_release(struct inode *inode, struct file *file)
{
	struct eventpoll *ep = file->private_data;
	struct rb_node *n;

	mutex_lock(&epmutex);
	mutex_lock(&ep->mtx);
	while ((n = rb_first(&ep->rbr)))
		ep_remove(ep, rb_entry(n, struct epitem, rbn));
	mutex_unlock(&ep->mtx);
	mutex_unlock(&epmutex);
	kfree(ep);
	return 0;
}

static const struct file_operations eventpoll_fops = {
	.release = ep_release,
	.poll = ep_poll,
	.llseek = noop_llseek,
};

/* A watched file goes: its items first. */
void eventpoll_release(struct file *file)
{
	struct epitem *item;

	mutex_lock(&epmutex);
	while (!list_empty(&file->f_ep_links)) {
		struct eventpoll *ep;

		item = list_first_entry(&file->f_ep_links, struct epitem,
					fllink);
		ep = item->ep;
		mutex_lock(&ep->mtx);
		ep_remove(ep, item);
		mutex_unlock(&ep->mtx);
	}
	mutex_unlock(&epmutex);
}

/* ---- system calls ---- */

static long do_epoll_create(int flags)
{
	struct eventpoll *ep;
	int fd;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	if (!ep)
		return -ENOMEM;
	mutex_init(&ep->mtx);
	spin_lock_init(&ep->lock);
	init_waitqueue_head(&ep->wq);
	init_waitqueue_head(&ep->poll_wait);
	INIT_LIST_HEAD(&ep->rdllist);
	fd = anon_inode_getfd("[eventpoll]", &eventpoll_fops, ep,
			      O_RDWR | (flags & O_CLOEXEC));
	if (fd < 0)
		kfree(ep);
	return fd;
}

SYSCALL_DEFINE1(epoll_create1, int, flags)
{
	return do_epoll_create(flags);
}

SYSCALL_DEFINE1(epoll_create, int, size)
{
	return size <= 0 ? -EINVAL : do_epoll_create(0);
}

/* Would watching `file` from `ep` make a circle, or a chain too long? */
static int check_nesting(struct eventpoll *ep, struct file *file, int depth)
{
	struct eventpoll *inner;
	struct rb_node *n;
	int err = 0;

	if (!is_epoll(file))
		return 0;
	inner = file->private_data;
	if (inner == ep || depth > EP_MAX_NESTS)
		return -ELOOP;
	mutex_lock_nested(&inner->mtx, depth);
	for (n = rb_first(&inner->rbr); n && !err; n = rb_next(n))
		err = check_nesting(ep, rb_entry(n, struct epitem, rbn)->file,
				    depth + 1);
	mutex_unlock(&inner->mtx);
	return err;
}

static long do_ctl(struct eventpoll *ep, int op, struct file *file, int fd,
		   struct epoll_event *event)
{
	struct epitem *item;
	long err = -EINVAL;

	event->events |= EPOLLERR | EPOLLHUP;
	mutex_lock(&ep->mtx);
	item = ep_find(ep, file, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		err = item ? -EEXIST : ep_insert(ep, event, file, fd);
		break;
	case EPOLL_CTL_DEL:
		err = item ? 0 : -ENOENT;
		if (item)
			ep_remove(ep, item);
		break;
	case EPOLL_CTL_MOD:
		err = item ? 0 : -ENOENT;
		if (item && (item->event.events & EPOLLEXCLUSIVE))
			err = -EINVAL;
		else if (item)
			ep_modify(item, event);
		break;
	}
	mutex_unlock(&ep->mtx);
	return err;
}

SYSCALL_DEFINE4(epoll_ctl, int, epfd, int, op, int, fd,
		struct epoll_event __user *, uevent)
{
	struct epoll_event event = { 0 };
	struct fd f, tf;
	long err = -EBADF;

	if (op != EPOLL_CTL_DEL &&
	    copy_from_user(&event, uevent, sizeof(event)))
		return -EFAULT;
	f = fdget(epfd);
	tf = fdget(fd);
	if (!f.file || !tf.file)
		goto out;
	err = -EPERM;
	if (!tf.file->f_op->poll)
		goto out;
	err = -EINVAL;
	if (f.file == tf.file || !is_epoll(f.file))
		goto out;
	if (op != EPOLL_CTL_DEL && (event.events & EPOLLEXCLUSIVE) &&
	    (op == EPOLL_CTL_MOD || is_epoll(tf.file) ||
	     (event.events & ~EP_EXCLUSIVE_OK)))
		goto out;
	err = 0;
	if (op == EPOLL_CTL_ADD && is_epoll(tf.file)) {
		mutex_lock(&epmutex);
		err = check_nesting(f.file->private_data, tf.file, 1);
		mutex_unlock(&epmutex);
	}
	if (!err)
		err = do_ctl(f.file->private_data, op, tf.file, fd, &event);
out:
	fdput(tf);
	fdput(f);
	return err;
}
