/* SPDX-License-Identifier: MIT */
#ifndef FS_EVENTPOLL_IMPL_H
#define FS_EVENTPOLL_IMPL_H
/*
 * eventpoll_impl.h -- eventpoll.c (items, the file, epoll_ctl) and
 * eventpoll_wait.c (epoll_wait).  Theory: eventpoll.c.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/poll.h>
#include <kernel/mutex.h>
#include <kernel/rbtree.h>

#define EP_PRIVATE_BITS (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)

struct eventpoll {
	struct mutex mtx;
	spinlock_t lock;              /* rdllist */
	wait_queue_head_t wq;         /* sleepers in epoll_wait */
	wait_queue_head_t poll_wait;  /* those that poll this file */
	struct list_head rdllist;
	struct rb_root rbr;           /* [mtx] */
};

struct ep_entry;

struct epitem {
	struct rb_node rbn;           /* [mtx] */
	struct list_head rdllink;     /* [ep->lock] */
	struct list_head fllink;      /* [file->f_lock] in f_ep_links */
	struct file *file;            /* not counted: I2 */
	int fd;
	struct eventpoll *ep;
	struct ep_entry *entries;
	struct epoll_event event;     /* [mtx]; events also read by wake-ups */
};

bool is_epoll(struct file *file);
/* Put the item on the ready list and wake who waits for it; any context. */
void ep_mark_ready(struct epitem *item);

/* What of its events the file has now; mtx held. */
static inline __poll_t ep_item_poll(struct epitem *item, poll_table *pt)
{
	if (pt)
		pt->_key = item->event.events;
	return vfs_poll(item->file, pt) & item->event.events;
}

static inline bool ep_maybe_ready(struct eventpoll *ep)
{
	return !list_empty_careful(&ep->rdllist);
}

#endif
