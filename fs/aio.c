/* SPDX-License-Identifier: MIT */
/*
 * aio.c -- native asynchronous I/O: io_submit(2) and its relatives
 *
 * PROMISE.  Each request that io_submit() counts becomes exactly one event in
 * the context's ring, with the result that the plain call would have had; and
 * if the request names an eventfd, that is counted up by one after the event.
 *
 * IDEA.  A context is a ring of events in memory that user and kernel share:
 *
 *	    head          tail
 *	     v             v
 *	[ ] [e] [e] [e] [e] [ ] [ ]        the user may read it without a call
 *
 * What would wait for a disk (O_DIRECT, fsync) is done by a worker that borrows
 * the submitter's address space; what goes by the page cache is done in the
 * submitter's own call, as on Linux.  Room in the ring is taken when a request
 * is accepted, so an event always has a place.
 *
 * INVARIANTS
 *   I1  Requests under way and events in the ring are together below ring->nr.
 *   I2  A context goes when nobody can find it and no request is under way.
 *   I3  aio_nr is the sum of what the contexts were asked for.
 *
 * LOCKING.  ioctx_lock for lists of contexts, ctx->lock for the tail and counts,
 * ctx->reading (a mutex) for the head.  The ring's fields can be overwritten by
 * the user at any time: what the kernel relies on it keeps for itself.
 *
 * RACES.  The address space ends while workers are in it: mmput() comes here
 * before it unmaps anything, and waits for them (exit_aio).
 *
 * NOT DONE.  IOCB_CMD_POLL is EINVAL.  Nothing can be cancelled (EINVAL, as for
 * reads and writes on Linux).
 *
 * SEE io_submit(2), docs/66-aio.md.
 */

#include <fs/aio.h>

#include <arch/uaccess.h>
#include <fs/eventfd.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <fs/shmem_fs.h>
#include <kernel/cpumask.h>
#include <kernel/hrtimer.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/mutex.h>
#include <kernel/signal.h>
#include <kernel/smp.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/page_ref.h>
#include <mm/slab.h>
#include <mm/uio.h>
#include <uapi/aio_abi.h>
#include <uapi/fcntl.h>
#include <uapi/resource.h>
#include <uapi/time.h>

#define EVENTS_PER_PAGE (PAGE_SIZE / sizeof(struct io_event))
#define MAX_EVENTS (0x10000000U / sizeof(struct io_event))
#define KIOCB_KEY 0

/* Field keys: [c] constant  [L] .lock  [R] .reading  [G] ioctx_lock */
struct kioctx {
	refcount_t refs;              /* the list, calls, requests */
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
	spinlock_t lock;
	struct mutex reading;
	wait_queue_head_t wait;       /* for events, and for under_way == 0 */
};

struct aio_req {
	struct kioctx *ctx;
	struct file *file, *eventfd;  /* counted; eventfd may be NULL */
	struct iocb iocb;             /* a copy: the user's may change */
	u64 obj;                      /* where the user's is */
	struct iovec fast[1], *vec;
	struct iov_iter iter;
	struct work_struct work;
};

unsigned long aio_max_nr = 0x10000;
static unsigned long aio_nr;          /* ioctx_lock */
static DEFINE_SPINLOCK(ioctx_lock);
static struct workqueue_struct *aio_wq __ro_after_init;

unsigned long aio_nr_read(void)
{
	return READ_ONCE(aio_nr);
}

/* ---- the ring ---- */

static struct aio_ring *ring_of(struct kioctx *ctx)
{
	return page_address(ctx->pages[0]);
}

/* Events lie behind the header, which is as long as one. */
static struct io_event *event_at(struct kioctx *ctx, unsigned int i)
{
	unsigned int slot = i + 1;
	struct io_event *page;

	page = page_address(ctx->pages[slot / EVENTS_PER_PAGE]);
	return page + slot % EVENTS_PER_PAGE;
}

/* Events that nobody has taken yet, whatever the user wrote into head. */
static unsigned int unread(struct kioctx *ctx)
{
	unsigned int head = READ_ONCE(ring_of(ctx)->head) % ctx->nr;

	return (ctx->tail + ctx->nr - head) % ctx->nr;
}

static int make_pages(struct kioctx *ctx)
{
	ctx->file = shmem_file_setup("[aio]", ctx->nr_pages * PAGE_SIZE, 0);
	if (IS_ERR(ctx->file)) {
		ctx->file = NULL;
		return -ENOMEM;
	}
	for (unsigned long i = 0; i < ctx->nr_pages; i++) {
		struct page *page;

		page = read_mapping_page(ctx->file->f_mapping, i, NULL);
		if (IS_ERR(page))
			return PTR_ERR(page);
		set_page_dirty(page);
		ctx->pages[i] = page;
	}
	return 0;
}

static int make_ring(struct kioctx *ctx, unsigned int nr_events)
{
	struct aio_ring *ring;
	unsigned long addr;
	int err;

	ctx->nr_pages = DIV_ROUND_UP(sizeof(*ring) +
				     nr_events * sizeof(struct io_event),
				     PAGE_SIZE);
	ctx->nr = ctx->nr_pages * EVENTS_PER_PAGE - 1;
	ctx->pages = kvcalloc(ctx->nr_pages, sizeof(*ctx->pages), GFP_KERNEL);
	if (!ctx->pages)
		return -ENOMEM;
	err = make_pages(ctx);
	if (err)
		return err;
	addr = vm_mmap(ctx->file, 0, ctx->nr_pages * PAGE_SIZE,
		       PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	if (IS_ERR((void *)addr))
		return (long)addr;
	ctx->user_id = addr;
	ring = ring_of(ctx);
	ring->nr = ctx->nr;
	ring->magic = AIO_RING_MAGIC;
	ring->compat_features = AIO_RING_COMPAT_FEATURES;
	ring->incompat_features = AIO_RING_INCOMPAT_FEATURES;
	ring->header_length = sizeof(*ring);
	return 0;
}

/* ---- contexts ---- */

static void put_ctx(struct kioctx *ctx)
{
	if (!refcount_dec_and_test(&ctx->refs))
		return;
	for (unsigned long i = 0; ctx->pages && i < ctx->nr_pages; i++)
		if (ctx->pages[i])
			put_page(ctx->pages[i]);
	kvfree(ctx->pages);
	if (ctx->file)
		fput(ctx->file);
	kfree(ctx);
}

/* Promise room for that many requests; 0 or -EAGAIN (I3). */
static int reserve(unsigned long n)
{
	int err = 0;

	spin_lock(&ioctx_lock);
	if (aio_nr + n > aio_max_nr || aio_nr + n < aio_nr)
		err = -EAGAIN;
	else
		aio_nr += n;
	spin_unlock(&ioctx_lock);
	return err;
}

static void unreserve(unsigned long n)
{
	spin_lock(&ioctx_lock);
	aio_nr -= n;
	spin_unlock(&ioctx_lock);
}

static struct kioctx *new_ctx(unsigned int nr_events)
{
	unsigned int room = max(nr_events, 4 * num_online_cpus()) * 2 + 2;
	struct kioctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	int err;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ctx->refs, 1);
	spin_lock_init(&ctx->lock);
	mutex_init(&ctx->reading);
	init_waitqueue_head(&ctx->wait);
	ctx->mm = current->mm;
	ctx->max_reqs = nr_events;
	err = make_ring(ctx, room);
	if (!err)
		err = reserve(nr_events);
	if (err) {
		if (ctx->user_id)
			vm_munmap(ctx->user_id, ctx->nr_pages * PAGE_SIZE);
		put_ctx(ctx);
		return ERR_PTR(err);
	}
	return ctx;
}

static void list_ctx(struct kioctx *ctx)
{
	spin_lock(&ioctx_lock);
	ctx->next = ctx->mm->ioctx_list;
	ctx->mm->ioctx_list = ctx;
	spin_unlock(&ioctx_lock);
}

/* Take it off the list; false: somebody else was faster. */
static bool unlist_ctx(struct kioctx *ctx)
{
	struct kioctx **p;
	bool found = false;

	spin_lock(&ioctx_lock);
	for (p = &ctx->mm->ioctx_list; *p && !found; ) {
		found = *p == ctx;
		if (found)
			*p = ctx->next;
		else
			p = &(*p)->next;
	}
	if (found)
		aio_nr -= ctx->max_reqs;
	spin_unlock(&ioctx_lock);
	return found;
}

/* current's context of that id, with a reference; NULL. */
static struct kioctx *find_ctx(unsigned long id)
{
	struct kioctx *ctx;
	u32 ignored;

	/* A ring that is not mapped any more is no context. */
	if (get_user(ignored, &((struct aio_ring __user *)id)->id))
		return NULL;
	(void)ignored;
	spin_lock(&ioctx_lock);
	for (ctx = current->mm->ioctx_list; ctx; ctx = ctx->next)
		if (ctx->user_id == id) {
			refcount_inc(&ctx->refs);
			break;
		}
	spin_unlock(&ioctx_lock);
	return ctx;
}

/* It is off the list: let no request in, and wait for those there are (I2). */
static void finish_ctx(struct kioctx *ctx)
{
	spin_lock(&ctx->lock);
	ctx->dead = true;
	spin_unlock(&ctx->lock);
	wake_up_all(&ctx->wait);
	wait_event(ctx->wait, !READ_ONCE(ctx->under_way));
}

void exit_aio(struct mm_struct *mm)
{
	struct kioctx *ctx;

	while ((ctx = mm->ioctx_list) != NULL) {
		unlist_ctx(ctx);
		finish_ctx(ctx);
		put_ctx(ctx);
	}
}

SYSCALL_DEFINE2(io_setup, unsigned int, nr_events,
		aio_context_t __user *, idp)
{
	struct kioctx *ctx;
	unsigned long id;

	if (get_user(id, idp))
		return -EFAULT;
	if (id || !nr_events || nr_events > MAX_EVENTS)
		return -EINVAL;
	if (nr_events > READ_ONCE(aio_max_nr))
		return -EAGAIN;
	ctx = new_ctx(nr_events);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	if (put_user(ctx->user_id, idp)) {
		vm_munmap(ctx->user_id, ctx->nr_pages * PAGE_SIZE);
		unreserve(nr_events);
		put_ctx(ctx);
		return -EFAULT;
	}
	list_ctx(ctx);
	return 0;
}

SYSCALL_DEFINE1(io_destroy, aio_context_t, id)
{
	struct kioctx *ctx = find_ctx(id);
	int err = -EINVAL;

	if (!ctx)
		return -EINVAL;
	if (unlist_ctx(ctx)) {
		finish_ctx(ctx);
		vm_munmap(ctx->user_id, ctx->nr_pages * PAGE_SIZE);
		put_ctx(ctx);
		err = 0;
	}
	put_ctx(ctx);
	return err;
}

/* ---- a request's end ---- */

static void free_req(struct aio_req *req)
{
	if (req->vec != req->fast)
		kfree(req->vec);
	if (req->eventfd)
		fput(req->eventfd);
	if (req->file)
		fput(req->file);
	kfree(req);
}

/* Put the event into the ring; the request is gone afterwards. */
static void complete_req(struct aio_req *req, long res)
{
	struct kioctx *ctx = req->ctx;
	struct io_event *event;

	/* A signal cannot restart it: the submitter has gone on. */
	if (res == -ERESTARTSYS || res == -ERESTARTNOINTR ||
	    res == -ERESTARTNOHAND)
		res = -EINTR;
	spin_lock(&ctx->lock);
	event = event_at(ctx, ctx->tail);
	*event = (struct io_event){ .data = req->iocb.aio_data,
				    .obj = req->obj, .res = res };
	ctx->tail = (ctx->tail + 1) % ctx->nr;
	smp_wmb();                    /* the event, then the tail */
	WRITE_ONCE(ring_of(ctx)->tail, ctx->tail);
	spin_unlock(&ctx->lock);
	if (req->eventfd)
		eventfd_signal_file(req->eventfd, 1);
	free_req(req);
	spin_lock(&ctx->lock);
	WRITE_ONCE(ctx->under_way, ctx->under_way - 1);
	spin_unlock(&ctx->lock);
	wake_up_all(&ctx->wait);
	put_ctx(ctx);
}

static bool is_write(const struct aio_req *req)
{
	return req->iocb.aio_lio_opcode == IOCB_CMD_PWRITE ||
	       req->iocb.aio_lio_opcode == IOCB_CMD_PWRITEV;
}

/* Do it, now, in the submitter's address space. */
static long perform(struct aio_req *req)
{
	loff_t pos = req->iocb.aio_offset;

	switch (req->iocb.aio_lio_opcode) {
	case IOCB_CMD_FSYNC:
	case IOCB_CMD_FDSYNC:
		return vfs_fsync(req->file, req->iocb.aio_lio_opcode ==
					    IOCB_CMD_FDSYNC);
	}
	return vfs_iter_rw(req->file, &req->iter, &pos,
			   is_write(req) ? WRITE : READ,
			   req->iocb.aio_rw_flags);
}

static void perform_later(struct work_struct *work)
{
	struct aio_req *req = container_of(work, struct aio_req, work);
	struct mm_struct *mm = req->ctx->mm;
	long res;

	kthread_use_mm(mm);
	res = perform(req);
	kthread_unuse_mm(mm);
	complete_req(req, res);
}

/* ---- submitting ---- */

/* A place in the ring for one request (I1): 0, -EAGAIN, -EINVAL. */
static int take_place(struct kioctx *ctx)
{
	int err = 0;

	spin_lock(&ctx->lock);
	if (ctx->dead)
		err = -EINVAL;
	else if (ctx->under_way + unread(ctx) + 1 >= ctx->nr)
		err = -EAGAIN;
	else
		ctx->under_way++;
	spin_unlock(&ctx->lock);
	if (!err)
		refcount_inc(&ctx->refs);
	return err;
}

static int get_files(struct aio_req *req)
{
	req->file = fget(req->iocb.aio_fildes);
	if (!req->file)
		return -EBADF;
	if (!(req->iocb.aio_flags & IOCB_FLAG_RESFD))
		return 0;
	req->eventfd = fget(req->iocb.aio_resfd);
	if (!req->eventfd)
		return -EBADF;
	return is_eventfd(req->eventfd) ? 0 : -EINVAL;
}

static int prepare_transfer(struct aio_req *req, bool vectored)
{
	bool write = is_write(req);
	struct file *file = req->file;
	void __user *buf = (void __user *)req->iocb.aio_buf;
	ssize_t n;

	if (!(file->f_mode & (write ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	if (write ? !file->f_op->write_iter : !file->f_op->read_iter)
		return -EINVAL;
	if (req->iocb.aio_offset < 0)
		return -EINVAL;
	if (!vectored)
		return import_ubuf(write ? ITER_SOURCE : ITER_DEST, buf,
				   req->iocb.aio_nbytes, &req->iter);
	n = import_iovec(write ? ITER_SOURCE : ITER_DEST, buf,
			 req->iocb.aio_nbytes, ARRAY_SIZE(req->fast),
			 &req->vec, &req->iter);
	return n < 0 ? n : 0;
}

static int decode(struct aio_req *req)
{
	switch (req->iocb.aio_lio_opcode) {
	case IOCB_CMD_PREAD:
	case IOCB_CMD_PWRITE:
		return prepare_transfer(req, false);
	case IOCB_CMD_PREADV:
	case IOCB_CMD_PWRITEV:
		return prepare_transfer(req, true);
	case IOCB_CMD_FSYNC:
	case IOCB_CMD_FDSYNC:
		if (req->iocb.aio_buf || req->iocb.aio_offset ||
		    req->iocb.aio_nbytes || req->iocb.aio_rw_flags)
			return -EINVAL;
		return req->file->f_op->fsync ? 0 : -EINVAL;
	}
	return -EINVAL;
}

/* Would it wait for a disk?  Writes are limited here: a worker has no limit. */
static bool goes_later(const struct aio_req *req)
{
	switch (req->iocb.aio_lio_opcode) {
	case IOCB_CMD_FSYNC:
	case IOCB_CMD_FDSYNC:
		return true;
	}
	if (!(req->file->f_flags & O_DIRECT))
		return false;
	return !is_write(req) || rlimit(RLIMIT_FSIZE) == RLIM_INFINITY;
}

static void start(struct aio_req *req)
{
	if (goes_later(req)) {
		INIT_WORK(&req->work, perform_later);
		queue_work(aio_wq, &req->work);
		return;
	}
	complete_req(req, perform(req));
}

static void drop_place(struct kioctx *ctx)
{
	spin_lock(&ctx->lock);
	WRITE_ONCE(ctx->under_way, ctx->under_way - 1);
	spin_unlock(&ctx->lock);
	wake_up_all(&ctx->wait);
	put_ctx(ctx);
}

static int submit_one(struct kioctx *ctx, struct iocb __user *uiocb)
{
	struct aio_req *req = kzalloc(sizeof(*req), GFP_KERNEL);
	int err = -EFAULT;

	if (!req)
		return -EAGAIN;
	req->ctx = ctx;
	req->obj = (u64)uiocb;
	req->vec = req->fast;
	if (copy_from_user(&req->iocb, uiocb, sizeof(req->iocb)))
		goto out_free;
	err = -EINVAL;
	if (req->iocb.aio_reserved2 || (s64)req->iocb.aio_nbytes < 0)
		goto out_free;
	err = take_place(ctx);
	if (err)
		goto out_free;
	err = get_files(req);
	if (!err && put_user((u32)KIOCB_KEY, &uiocb->aio_key))
		err = -EFAULT;
	if (!err)
		err = decode(req);
	if (err)
		goto out_place;
	start(req);
	return 0;
out_place:
	drop_place(ctx);
out_free:
	free_req(req);
	return err;
}

SYSCALL_DEFINE3(io_submit, aio_context_t, id, long, nr,
		struct iocb __user *__user *, list)
{
	struct iocb __user *uiocb;
	struct kioctx *ctx;
	int err = 0;
	long i;

	if (nr < 0)
		return -EINVAL;
	ctx = find_ctx(id);
	if (!ctx)
		return -EINVAL;
	for (i = 0; i < nr && !err; i++) {
		if (get_user(uiocb, list + i))
			err = -EFAULT;
		else
			err = submit_one(ctx, uiocb);
	}
	put_ctx(ctx);
	i -= err != 0;
	return i ? i : err;
}

SYSCALL_DEFINE3(io_cancel, aio_context_t, id, struct iocb __user *, iocb,
		struct io_event __user *, result)
{
	u32 key;

	if (get_user(key, &iocb->aio_key))
		return -EFAULT;
	(void)key;                    /* no key, no context: the same errno */
	return -EINVAL;
}

/* ---- reaping ---- */

/* Up to nr events to the user; how many, or -EFAULT. */
static long read_ring(struct kioctx *ctx, struct io_event __user *out, long nr)
{
	long done = 0, err = 0;
	unsigned int head, tail;

	mutex_lock(&ctx->reading);
	head = READ_ONCE(ring_of(ctx)->head) % ctx->nr;
	spin_lock(&ctx->lock);
	tail = ctx->tail;
	spin_unlock(&ctx->lock);
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
		if (!unread(ctx) && !over && done < min && !ctx->dead &&
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

static int aio_init(void)
{
	aio_wq = alloc_workqueue("aio", WQ_UNBOUND, 0);
	return aio_wq ? 0 : -ENOMEM;
}
fs_initcall(aio_init);
