/* SPDX-License-Identifier: MIT */
#ifndef FS_AIO_INTERNAL_H
#define FS_AIO_INTERNAL_H
/* internal.h -- contexts and requests of native AIO; theory: context.c */

#include <fs/fs.h>
#include <fs/poll.h>
#include <kernel/ktime.h>
#include <kernel/mutex.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>
#include <mm/uio.h>
#include <uapi/aio_abi.h>

/* Field keys: [c] constant  [L] .lock  [R] .reading  [G] ioctx_lock */
struct kioctx {
	refcount_t refs;              /* the list, and calls that use it */
	struct kioctx *next;          /* [G] in mm->ioctx_list */
	struct mm_struct *mm;         /* [c] outlives its contexts */
	unsigned long user_id;        /* [c] the ring's address there */
	unsigned long max_reqs;       /* [c] counted in aio_nr */
	unsigned long nr_pages;       /* [c] */
	struct page **pages;          /* [c] the ring's, a reference each */
	struct file *file;            /* [c] and the file that they are of */
	unsigned int nr;              /* [c] room for events */
	bool dead;                    /* [L] no more requests */
	unsigned int tail;            /* [L] */
	unsigned int under_way;       /* [L] requests */
	struct list_head armed;       /* [L] aio_poll.link: can be cancelled */
	spinlock_t lock;              /* irqs off: disks' interrupts take it */
	struct mutex reading;         /* the head */
	wait_queue_head_t wait;       /* for events, and for under_way == 0 */
};

/* A request for readiness; theory: poll.c. */
struct aio_poll {
	struct wait_queue_entry wait;
	wait_queue_head_t *head;      /* NULL: the queue is gone */
	struct list_head link;        /* ctx->lock: in ctx->armed */
	__poll_t events;              /* [c] */
	atomic_t claimed;             /* 1: somebody is about to look */
	bool cancelled;               /* only ever set */
	int error;                    /* the submitter's, in vfs_poll() */
};

/* One request.  Its end is complete_req(), by whoever it belongs to then. */
struct aio_req {
	refcount_t refs;              /* the request, and who looks at it */
	struct kioctx *ctx;           /* [c] under_way keeps it */
	struct file *file, *eventfd;  /* [c] counted; eventfd may be NULL */
	struct iocb iocb;             /* [c] a copy: the user's may change */
	u64 obj;                      /* [c] where the user's is */
	const struct cred *cred;      /* [c] whose fsync it is */
	struct kiocb kiocb;
	struct iovec fast[1], *vec;
	struct iov_iter iter;
	struct work_struct work;      /* fsync; a look at readiness */
	struct aio_poll poll;
};

/* context.c */
struct aio_ring *ring_of(struct kioctx *ctx);
struct io_event *event_at(struct kioctx *ctx, unsigned int i);
unsigned int unread_events(struct kioctx *ctx);
struct kioctx *find_ctx(unsigned long id);
void put_ctx(struct kioctx *ctx);
int take_place(struct kioctx *ctx);
void drop_place(struct kioctx *ctx, const struct io_event *event);

/* submit.c */
void put_req(struct aio_req *req);
void complete_req(struct aio_req *req, long res);

/* poll.c */
int submit_poll(struct aio_req *req);
int cancel_poll(struct kioctx *ctx, u64 obj);
void cancel_all_polls(struct kioctx *ctx);

#endif
