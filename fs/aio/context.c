/* SPDX-License-Identifier: MIT */
/*
 * context.c -- native asynchronous I/O: contexts, and the ring of events
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
 * Who performs a request: submit.c.  Room in the ring is taken when a request
 * is accepted, so an event always has a place.
 *
 * INVARIANTS
 *   I1  Requests under way and events in the ring are together below ring->nr.
 *   I2  A context goes when nobody can find it and no request is under way.
 *   I3  aio_nr is the sum of what the contexts were asked for.
 *
 * LOCKING.  ioctx_lock for lists of contexts, ctx->lock (irqs off) for the tail
 * and counts, ctx->reading (a mutex) for the head; ctx->wait inside ctx->lock.
 * The ring's fields can be overwritten by the user at any time: what the kernel
 * relies on it keeps for itself.
 *
 * RACES.  The address space ends while requests are under way: mmput() comes
 * here before it unmaps anything, and waits for them (exit_aio).  The last
 * request's end may be in an interrupt, where a context cannot be freed: so
 * requests hold no reference; they leave, and wake the waiter, under ctx->lock
 * [a], and who waited takes that lock once before it goes on [b].
 *
 * NOT DONE.  A ring that mremap(2) has moved is no context any more.
 *
 * SEE io_setup(2), docs/66-aio.md.
 */

#include "internal.h"

#include <fs/aio.h>

#include <arch/uaccess.h>
#include <fs/shmem_fs.h>
#include <kernel/cpumask.h>
#include <kernel/kernel.h>
#include <kernel/smp.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/page_ref.h>
#include <mm/slab.h>

#define EVENTS_PER_PAGE (PAGE_SIZE / sizeof(struct io_event))
#define MAX_EVENTS (0x10000000U / sizeof(struct io_event))

unsigned long aio_max_nr = 0x10000;
static unsigned long aio_nr;          /* ioctx_lock */
static DEFINE_SPINLOCK(ioctx_lock);

unsigned long aio_nr_read(void)
{
	return READ_ONCE(aio_nr);
}

/* ---- the ring ---- */

struct aio_ring *ring_of(struct kioctx *ctx)
{
	return page_address(ctx->pages[0]);
}

/* Events lie behind the header, which is as long as one. */
struct io_event *event_at(struct kioctx *ctx, unsigned int i)
{
	unsigned int slot = i + 1;
	struct io_event *page;

	page = page_address(ctx->pages[slot / EVENTS_PER_PAGE]);
	return page + slot % EVENTS_PER_PAGE;
}

/* Events that nobody has taken yet, whatever the user wrote into head. */
unsigned int unread_events(struct kioctx *ctx)
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

void put_ctx(struct kioctx *ctx)
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
	INIT_LIST_HEAD(&ctx->armed);
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
struct kioctx *find_ctx(unsigned long id)
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

/* A place in the ring for one request (I1): 0, -EAGAIN, -EINVAL. */
int take_place(struct kioctx *ctx)
{
	int err = 0;

	spin_lock_irq(&ctx->lock);
	if (ctx->dead)
		err = -EINVAL;
	else if (ctx->under_way + unread_events(ctx) + 1 >= ctx->nr)
		err = -EAGAIN;
	else
		ctx->under_way++;
	spin_unlock_irq(&ctx->lock);
	return err;
}

/*
 * A request leaves its place, to its event if there is one.  The context may be
 * gone afterwards, unless the caller has a reference.  Any context.
 */
void drop_place(struct kioctx *ctx, const struct io_event *event)
{
	unsigned long flags;

	spin_lock_irqsave(&ctx->lock, flags);
	if (event) {
		*event_at(ctx, ctx->tail) = *event;
		ctx->tail = (ctx->tail + 1) % ctx->nr;
		smp_wmb();            /* the event, then the tail */
		WRITE_ONCE(ring_of(ctx)->tail, ctx->tail);
	}
	WRITE_ONCE(ctx->under_way, ctx->under_way - 1);
	wake_up_all(&ctx->wait);                                 /* [a] */
	spin_unlock_irqrestore(&ctx->lock, flags);
}

/* It is off the list: let no request in, and wait for those there are (I2). */
static void finish_ctx(struct kioctx *ctx)
{
	spin_lock_irq(&ctx->lock);
	ctx->dead = true;
	wake_up_all(&ctx->wait);
	spin_unlock_irq(&ctx->lock);
	cancel_all_polls(ctx);
	wait_event(ctx->wait, !READ_ONCE(ctx->under_way));
	spin_lock_irq(&ctx->lock);                               /* [b] */
	spin_unlock_irq(&ctx->lock);
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
