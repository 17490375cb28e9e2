/* SPDX-License-Identifier: MIT */
/*
 * poll.c -- IOCB_CMD_POLL: an event when a file becomes ready
 *
 * PROMISE.  One event, whose result says for what of aio_buf's bits the file is
 * ready; at once if it is.  io_cancel() makes it come now (0, perhaps).
 *
 * IDEA.  The request hangs in the file's queue with a wake function of its own.
 * A wake-up comes in any context, the queue's lock held: it only sends a worker
 * to look.  If it was for nothing the request waits on; it stays in the queue
 * until its end.
 *
 *	submit ---> armed ---wake-up, cancel---> worker looks ---ready---> event
 *	              ^                               |
 *	              +----------- not ready ---------+
 *
 * INVARIANTS
 *   I1  Who sets .claimed looks, and completes or sets it back: one at a time.
 *   I2  With .claimed 0 the request is in the queue.
 *
 * RACES.  Submitter, wake-up, cancel and the queue's end (POLLFREE) meet.  Each
 * tries to claim; who loses goes away.  Who sets .claimed back to 0 looks once
 * more afterwards [a], at the file and at .cancelled: a wake-up or a cancel
 * that lost against the old claim is seen there.  Whoever may lose the claim
 * and still touches the request holds a reference.
 *
 * SEE io_submit(2); select.c for wait queues; docs/66-aio.md.
 */

#include "internal.h"

#include <kernel/kernel.h>
#include <kernel/rcupdate.h>

struct aio_poll_table {
	poll_table pt;
	struct aio_req *req;
};

static struct aio_req *req_of(struct aio_poll *poll)
{
	return container_of(poll, struct aio_req, poll);
}

static bool claim(struct aio_poll *poll)
{
	return !atomic_xchg(&poll->claimed, 1);
}

static void leave_queue(struct aio_poll *poll)
{
	wait_queue_head_t *head;

	rcu_read_lock();
	/* NULL: POLLFREE has been here; the memory lasts until RCU says so. */
	head = smp_load_acquire(&poll->head);
	if (head) {
		spin_lock_irq(&head->lock);
		list_del_init(&poll->wait.entry);
		spin_unlock_irq(&head->lock);
	}
	rcu_read_unlock();
}

static void unlist(struct aio_req *req)
{
	spin_lock_irq(&req->ctx->lock);
	list_del_init(&req->poll.link);
	spin_unlock_irq(&req->ctx->lock);
}

/* Claimed by us: the event.  The request's reference is gone. */
static void finish(struct aio_req *req, __poll_t mask)
{
	leave_queue(&req->poll);
	unlist(req);
	complete_req(req, mask);
}

static __poll_t look(struct aio_req *req, poll_table *pt)
{
	return vfs_poll(req->file, pt) & req->poll.events;
}

static bool is_over(const struct aio_req *req)
{
	return READ_ONCE(req->poll.cancelled) || READ_ONCE(req->ctx->dead);
}

/* Claimed by us: complete it, or let it wait on. */
static void look_again(struct work_struct *work)
{
	struct aio_req *req = container_of(work, struct aio_req, work);
	__poll_t mask;
	bool mine = true;

	for (;;) {
		mask = look(req, NULL);
		if (mask || is_over(req))
			break;
		refcount_inc(&req->refs);
		atomic_set(&req->poll.claimed, 0);
		smp_mb();                                        /* [a] */
		mine = (look(req, NULL) || is_over(req)) && claim(&req->poll);
		put_req(req);
		if (!mine)
			return;
	}
	finish(req, mask);
}

/* The file's queue wakes us: any context, its lock held. */
static int poll_woken(wait_queue_entry_t *wait, unsigned int mode, int sync,
		      void *key)
{
	struct aio_poll *poll = container_of(wait, struct aio_poll, wait);
	__poll_t mask = key_to_poll(key);
	bool queue_ends = mask & POLLFREE;

	if (mask && !queue_ends && !(mask & poll->events))
		return 0;
	if (queue_ends)
		WRITE_ONCE(poll->cancelled, true);
	if (queue_ends)
		list_del_init(&wait->entry);
	if (claim(poll))
		schedule_work(&req_of(poll)->work);
	if (queue_ends)
		smp_store_release(&poll->head, NULL);
	return 1;
}

static void enter_queue(struct file *file, wait_queue_head_t *head,
			poll_table *pt)
{
	struct aio_poll *poll =
		&container_of(pt, struct aio_poll_table, pt)->req->poll;

	if (poll->head) {             /* two queues: as on Linux */
		poll->error = -EINVAL;
		return;
	}
	poll->error = 0;
	poll->head = head;
	atomic_set(&poll->claimed, 0);
	add_wait_queue(head, &poll->wait);
}

/* 0: it has, or will have, an event.  -errno: not. */
int submit_poll(struct aio_req *req)
{
	struct aio_poll *poll = &req->poll;
	struct aio_poll_table table = { .req = req };
	struct kioctx *ctx = req->ctx;
	__poll_t mask;
	int err = 0;

	if (req->iocb.aio_buf > U16_MAX || req->iocb.aio_offset ||
	    req->iocb.aio_nbytes || req->iocb.aio_rw_flags)
		return -EINVAL;
	poll->events = (u16)req->iocb.aio_buf | EPOLLERR | EPOLLHUP;
	poll->error = -EINVAL;        /* no queue: nothing would tell us */
	atomic_set(&poll->claimed, 1);
	INIT_WORK(&req->work, look_again);
	init_waitqueue_func_entry(&poll->wait, poll_woken);
	INIT_LIST_HEAD(&poll->wait.entry);
	spin_lock_irq(&ctx->lock);
	list_add_tail(&poll->link, &ctx->armed);
	spin_unlock_irq(&ctx->lock);
	refcount_inc(&req->refs);     /* it may have ended before we return */
	init_poll_funcptr(&table.pt, enter_queue);
	table.pt._key = poll->events;
	mask = look(req, &table.pt);
	smp_mb();                                                /* [a] */
	if (!mask && !poll->error && !is_over(req))
		goto out;             /* somebody will wake it */
	if (poll->head && !claim(poll))
		goto out;             /* somebody has */
	if (mask || !poll->error) {
		finish(req, mask);
	} else {
		leave_queue(poll);
		unlist(req);
		err = poll->error;
	}
out:
	put_req(req);
	return err;
}

/* A reference to the armed request of that address, or to any (obj 0). */
static struct aio_req *find_armed(struct kioctx *ctx, u64 obj)
{
	struct aio_poll *poll;
	struct aio_req *found = NULL;

	spin_lock_irq(&ctx->lock);
	list_for_each_entry(poll, &ctx->armed, link) {
		if (READ_ONCE(poll->cancelled) ||
		    (obj && req_of(poll)->obj != obj))
			continue;
		found = req_of(poll);
		refcount_inc(&found->refs);
		break;
	}
	spin_unlock_irq(&ctx->lock);
	return found;
}

/* -EINPROGRESS: its event comes; -EINVAL: there is none of that address. */
int cancel_poll(struct kioctx *ctx, u64 obj)
{
	struct aio_req *req = find_armed(ctx, obj);

	if (!req)
		return -EINVAL;
	WRITE_ONCE(req->poll.cancelled, true);
	smp_mb();
	if (claim(&req->poll))
		schedule_work(&req->work);
	put_req(req);
	return -EINPROGRESS;
}

/* The context is dead: no new ones come. */
void cancel_all_polls(struct kioctx *ctx)
{
	while (cancel_poll(ctx, 0) == -EINPROGRESS)
		;
}
