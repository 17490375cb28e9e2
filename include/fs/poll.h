/* SPDX-License-Identifier: MIT */
#ifndef FS_POLL_H
#define FS_POLL_H
/*
 * poll.h -- asking a file whether it is ready, and being told when it changes
 *
 * A driver's ->poll calls poll_wait() for every queue on which a change would
 * be announced and returns the readiness of this moment.  Theory:
 * fs/vfs/select.c.
 */

#include <fs/fs.h>
#include <kernel/wait.h>
#include <uapi/poll.h>

struct poll_table_struct;
typedef void (*poll_queue_proc)(struct file *, wait_queue_head_t *,
				struct poll_table_struct *);

typedef struct poll_table_struct {
	poll_queue_proc _qproc;       /* NULL: only look, do not queue */
	__poll_t _key;                /* events asked for */
} poll_table;

static inline void poll_wait(struct file *file, wait_queue_head_t *wq,
			     poll_table *p)
{
	if (p && p->_qproc && wq)
		p->_qproc(file, wq, p);
}

static inline bool poll_does_not_wait(const poll_table *p)
{
	return !p || !p->_qproc;
}

static inline __poll_t poll_requested_events(const poll_table *p)
{
	return p ? p->_key : ~(__poll_t)0;
}

static inline void init_poll_funcptr(poll_table *pt, poll_queue_proc qproc)
{
	pt->_qproc = qproc;
	pt->_key = ~(__poll_t)0;
}

#define DEFAULT_POLLMASK (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)

/* Readiness of a file; ready always if it cannot tell.  May sleep. */
static inline __poll_t vfs_poll(struct file *file, poll_table *pt)
{
	if (!file->f_op->poll)
		return DEFAULT_POLLMASK;
	return file->f_op->poll(file, pt);
}

#endif
