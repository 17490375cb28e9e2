/* SPDX-License-Identifier: MIT */
/*
 * vring.c -- a virtqueue as a split ring
 *
 * PROMISE.  What virtqueue_add_sgs() took comes back exactly once, by
 * virtqueue_get_buf() or, after a reset, virtqueue_detach_unused_buf().
 * Whatever the device writes into the ring, nothing else happens than that
 * the queue is marked broken: then adding fails and nothing comes back.
 *
 * IDEA.  Three areas in memory that both sides see:
 *
 *	descriptors   address, length, next: pieces of buffers, chained
 *	available     ours: indices of first descriptors, in order of offer
 *	used          the device's: the same indices as it is done, and how many
 *	              bytes it wrote
 *
 *	  avail.ring  [ 3 | 0 |   |   ]  idx 2        used.ring [ (3,512) | ] idx 1
 *	                |   '-> desc 0
 *	                '-> desc 3 -> 4 -> 5        device has done 3, works on 0
 *
 * Both indices only rise (modulo 2^16).  A buffer of several pieces takes one
 * descriptor that points to a table of its own (indirect), if the device can.
 *
 * Telling the other side is expensive, so each says when it wants to hear: the
 * event index, "when you have come past this".  Without that feature, a flag.
 *
 * What we need later is kept in state[], which the device cannot reach: the
 * chain's length and links, the caller's pointer, the room it may write to.
 *
 * INVARIANTS, under the caller's lock:
 *   V1  num_free descriptors are linked from free_head by state[].next.
 *   V2  state[i].data != NULL if and only if i heads an offered buffer.
 *
 * RACES.  Whether to notify: the entry, then the index, then look at the event
 * of the other side, with a full barrier between [a] and [b]; the other side
 * sets its event and then looks at the index.  One of the two sees the other.
 *
 * LOCKING.  The caller's, one for each queue; virtqueue_notify() and the
 * interrupt need none.
 *
 * SEE VIRTIO 1.1, 2.6; docs/73-virtio.md.
 */

#include "vring.h"

#include <arch/barrier.h>
#include <kernel/byteorder.h>
#include <kernel/dma-mapping.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/math.h>
#include <kernel/printk.h>
#include <mm/slab.h>

#define MAX_RING 32768
#define NO_FREE 0xffff

/* What we know of a descriptor; of a buffer's, at its first one. */
struct desc_state {
	void *data;
	struct vring_desc *indirect;  /* its table; NULL: chained */
	u32 in_len;                   /* bytes that the device may write */
	u16 count;                    /* descriptors in the chain */
	u16 next;
};

/* All under the caller's lock, but what is constant (c). */
struct vring_virtqueue {
	struct virtqueue vq;
	unsigned int num;             /* c */
	struct vring_desc *desc;      /* c */
	struct vring_avail *avail;    /* c */
	struct vring_used *used;      /* c */
	void *memory;                 /* c: all three */
	size_t size;                  /* c */
	bool indirect, event;         /* c */
	bool broken;                  /* READ_ONCE: any context sets it */
	u16 free_head;
	u16 avail_idx;                /* what the device may see: ours */
	u16 avail_flags;
	u16 num_added;                /* since the last kick */
	u16 last_used;
	bool (*notify)(struct virtqueue *vq);  /* c */
	struct desc_state *state;     /* c: the array */
};

#define to_vvq(v) container_of(v, struct vring_virtqueue, vq)

static __le16 *used_event(const struct vring_virtqueue *q)
{
	return &q->avail->ring[q->num];
}

static __le16 *avail_event(const struct vring_virtqueue *q)
{
	return (__le16 *)&q->used->ring[q->num];
}

/* The device broke the rules: nothing it says counts any more. */
static void bad_ring(struct vring_virtqueue *q, const char *what, u32 value)
{
	if (!READ_ONCE(q->broken))
		dev_err(&q->vq.vdev->dev, "queue %s: %s %u, marked broken\n",
			q->vq.name, what, value);
	WRITE_ONCE(q->broken, true);
}

/* --- Offering ------------------------------------------------------------ */

static void fill(struct vring_desc *d, struct scatterlist *sg, u16 flags,
		 u16 next)
{
	d->addr = cpu_to_le64(sg_phys(sg));
	d->len = cpu_to_le32(sg->length);
	d->flags = cpu_to_le16(flags);
	d->next = cpu_to_le16(next);
}

static unsigned int count_pieces(struct scatterlist *sgs[], unsigned int n)
{
	unsigned int total = 0;

	for (unsigned int i = 0; i < n; i++)
		total += sg_nents(sgs[i]);
	return total;
}

/* All pieces into a table of their own; the bytes the device may write. */
static u32 fill_table(struct vring_desc *table, struct scatterlist *sgs[],
		      unsigned int out, unsigned int in, unsigned int total)
{
	unsigned int i = 0;
	u32 in_len = 0;

	for (unsigned int n = 0; n < out + in; n++) {
		for (struct scatterlist *sg = sgs[n]; sg; sg = sg_next(sg)) {
			u16 flags = n < out ? 0 : VRING_DESC_F_WRITE;

			if (i + 1 < total)
				flags |= VRING_DESC_F_NEXT;
			in_len += n < out ? 0 : sg->length;
			fill(&table[i], sg, flags, i + 1);
			i++;
		}
	}
	return in_len;
}

/* The same into free descriptors of the ring; free_head moves on. */
static u32 fill_chain(struct vring_virtqueue *q, struct scatterlist *sgs[],
		      unsigned int out, unsigned int in, unsigned int total)
{
	u16 at = q->free_head;
	u32 in_len = 0;

	for (unsigned int n = 0; n < out + in; n++) {
		for (struct scatterlist *sg = sgs[n]; sg; sg = sg_next(sg)) {
			u16 flags = n < out ? 0 : VRING_DESC_F_WRITE;

			if (--total)
				flags |= VRING_DESC_F_NEXT;
			in_len += n < out ? 0 : sg->length;
			fill(&q->desc[at], sg, flags, q->state[at].next);
			at = q->state[at].next;
		}
	}
	q->free_head = at;
	return in_len;
}

static struct vring_desc *alloc_table(struct vring_virtqueue *q,
				      unsigned int total, gfp_t gfp)
{
	if (!q->indirect || total < 2 || !q->vq.num_free)
		return NULL;
	return kmalloc_array(total, sizeof(struct vring_desc), gfp);
}

/* The buffer headed by `head` is for the device: index last. */
static void publish(struct vring_virtqueue *q, u16 head)
{
	q->avail->ring[q->avail_idx & (q->num - 1)] = cpu_to_le16(head);
	smp_wmb();
	q->avail_idx++;
	WRITE_ONCE(q->avail->idx, cpu_to_le16(q->avail_idx));
	q->num_added++;
}

int virtqueue_add_sgs(struct virtqueue *vq, struct scatterlist *sgs[],
		      unsigned int out_sgs, unsigned int in_sgs, void *data,
		      gfp_t gfp)
{
	struct vring_virtqueue *q = to_vvq(vq);
	unsigned int total = count_pieces(sgs, out_sgs + in_sgs);
	struct desc_state *s;
	struct vring_desc *table;
	u16 head = q->free_head;

	if (READ_ONCE(q->broken))
		return -EIO;
	if (WARN_ON(!data || !total))
		return -EINVAL;
	table = alloc_table(q, total, gfp);
	if (vq->num_free < (table ? 1 : total)) {
		kfree(table);
		return -ENOSPC;
	}
	s = &q->state[head];
	if (table) {
		s->in_len = fill_table(table, sgs, out_sgs, in_sgs, total);
		q->desc[head].addr = cpu_to_le64(__pa(table));
		q->desc[head].len = cpu_to_le32(total * sizeof(*table));
		q->desc[head].flags = cpu_to_le16(VRING_DESC_F_INDIRECT);
		q->free_head = s->next;
		s->count = 1;
	} else {
		s->in_len = fill_chain(q, sgs, out_sgs, in_sgs, total);
		s->count = total;
	}
	vq->num_free -= s->count;                                /* V1 */
	s->indirect = table;
	s->data = data;                                          /* V2 */
	publish(q, head);
	return 0;
}
EXPORT_SYMBOL(virtqueue_add_sgs);

int virtqueue_add_outbuf(struct virtqueue *vq, struct scatterlist *sg,
			 unsigned int num, void *data, gfp_t gfp)
{
	return virtqueue_add_sgs(vq, &sg, 1, 0, data, gfp);
}
EXPORT_SYMBOL(virtqueue_add_outbuf);

int virtqueue_add_inbuf(struct virtqueue *vq, struct scatterlist *sg,
			unsigned int num, void *data, gfp_t gfp)
{
	return virtqueue_add_sgs(vq, &sg, 0, 1, data, gfp);
}
EXPORT_SYMBOL(virtqueue_add_inbuf);

/* --- Telling the device -------------------------------------------------- */

bool vring_need_event(u16 event, u16 new, u16 old)
{
	return (u16)(new - event - 1) < (u16)(new - old);
}

bool virtqueue_kick_prepare(struct virtqueue *vq)
{
	struct vring_virtqueue *q = to_vvq(vq);
	u16 old = q->avail_idx - q->num_added;

	smp_mb();                                       /* [a] | [b] */
	q->num_added = 0;
	if (q->event)
		return vring_need_event(le16_to_cpu(READ_ONCE(*avail_event(q))),
					q->avail_idx, old);
	return !(le16_to_cpu(READ_ONCE(q->used->flags)) &
		 VRING_USED_F_NO_NOTIFY);
}
EXPORT_SYMBOL(virtqueue_kick_prepare);

bool virtqueue_notify(struct virtqueue *vq)
{
	struct vring_virtqueue *q = to_vvq(vq);

	if (READ_ONCE(q->broken))
		return false;
	if (!q->notify(vq)) {
		WRITE_ONCE(q->broken, true);
		return false;
	}
	return true;
}
EXPORT_SYMBOL(virtqueue_notify);

bool virtqueue_kick(struct virtqueue *vq)
{
	if (virtqueue_kick_prepare(vq))
		return virtqueue_notify(vq);
	return true;
}
EXPORT_SYMBOL(virtqueue_kick);

/* --- Taking back --------------------------------------------------------- */

static void free_chain(struct vring_virtqueue *q, u16 head)
{
	struct desc_state *s = &q->state[head];
	u16 last = head;

	for (u16 n = 1; n < s->count; n++)
		last = q->state[last].next;
	q->state[last].next = q->free_head;
	q->free_head = head;
	q->vq.num_free += s->count;                              /* V1 */
	kfree(s->indirect);
	s->indirect = NULL;
	s->data = NULL;                                          /* V2 */
}

static bool more_used(struct vring_virtqueue *q)
{
	u16 idx = le16_to_cpu(READ_ONCE(q->used->idx));

	if ((u16)(idx - q->last_used) > q->num) {
		bad_ring(q, "used index ran ahead to", idx);
		return false;
	}
	return idx != q->last_used;
}

void *virtqueue_get_buf(struct virtqueue *vq, unsigned int *len)
{
	struct vring_virtqueue *q = to_vvq(vq);
	struct vring_used_elem *e;
	u32 id, wrote;
	void *data;

	if (READ_ONCE(q->broken) || !more_used(q))
		return NULL;
	smp_rmb();                      /* the index, then the entry */
	e = &q->used->ring[q->last_used & (q->num - 1)];
	id = le32_to_cpu(READ_ONCE(e->id));
	wrote = le32_to_cpu(READ_ONCE(e->len));
	if (id >= q->num || !q->state[id].data) {
		bad_ring(q, "returned what it does not have:", id);
		return NULL;
	}
	if (wrote > q->state[id].in_len) {
		bad_ring(q, "says that it wrote", wrote);
		return NULL;
	}
	data = q->state[id].data;
	free_chain(q, id);
	q->last_used++;
	if (len)
		*len = wrote;
	/* Callbacks are on: tell it to wake us for the next. */
	if (!(q->avail_flags & VRING_AVAIL_F_NO_INTERRUPT) && q->event) {
		WRITE_ONCE(*used_event(q), cpu_to_le16(q->last_used));
		smp_mb();
	}
	return data;
}
EXPORT_SYMBOL(virtqueue_get_buf);

/* A hint: the device may interrupt all the same. */
void virtqueue_disable_cb(struct virtqueue *vq)
{
	struct vring_virtqueue *q = to_vvq(vq);

	if (q->avail_flags & VRING_AVAIL_F_NO_INTERRUPT)
		return;
	q->avail_flags |= VRING_AVAIL_F_NO_INTERRUPT;
	if (q->event)   /* as far away as can be */
		WRITE_ONCE(*used_event(q), cpu_to_le16(q->last_used - 1));
	else
		WRITE_ONCE(q->avail->flags, cpu_to_le16(q->avail_flags));
}
EXPORT_SYMBOL(virtqueue_disable_cb);

static void ask_for_cb(struct vring_virtqueue *q, u16 when)
{
	q->avail_flags &= ~VRING_AVAIL_F_NO_INTERRUPT;
	if (q->event)
		WRITE_ONCE(*used_event(q), cpu_to_le16(when));
	else
		WRITE_ONCE(q->avail->flags, cpu_to_le16(q->avail_flags));
}

unsigned int virtqueue_enable_cb_prepare(struct virtqueue *vq)
{
	struct vring_virtqueue *q = to_vvq(vq);

	ask_for_cb(q, q->last_used);
	return q->last_used;
}
EXPORT_SYMBOL(virtqueue_enable_cb_prepare);

bool virtqueue_poll(struct virtqueue *vq, unsigned int last_used_idx)
{
	struct vring_virtqueue *q = to_vvq(vq);

	smp_mb();
	return !READ_ONCE(q->broken) &&
	       (u16)last_used_idx != le16_to_cpu(READ_ONCE(q->used->idx));
}
EXPORT_SYMBOL(virtqueue_poll);

bool virtqueue_enable_cb(struct virtqueue *vq)
{
	return !virtqueue_poll(vq, virtqueue_enable_cb_prepare(vq));
}
EXPORT_SYMBOL(virtqueue_enable_cb);

/* Only when three quarters of what is out have come back. */
bool virtqueue_enable_cb_delayed(struct virtqueue *vq)
{
	struct vring_virtqueue *q = to_vvq(vq);
	u16 out = q->avail_idx - q->last_used, wait = out * 3 / 4;

	ask_for_cb(q, q->last_used + wait);
	smp_mb();
	return (u16)(le16_to_cpu(READ_ONCE(q->used->idx)) - q->last_used) <=
	       wait;
}
EXPORT_SYMBOL(virtqueue_enable_cb_delayed);

void *virtqueue_detach_unused_buf(struct virtqueue *vq)
{
	struct vring_virtqueue *q = to_vvq(vq);

	for (unsigned int i = 0; i < q->num; i++) {
		void *data = q->state[i].data;

		if (!data)
			continue;
		free_chain(q, i);
		return data;
	}
	return NULL;
}
EXPORT_SYMBOL(virtqueue_detach_unused_buf);

unsigned int virtqueue_get_vring_size(const struct virtqueue *vq)
{
	return to_vvq(vq)->num;
}
EXPORT_SYMBOL(virtqueue_get_vring_size);

bool virtqueue_is_broken(const struct virtqueue *vq)
{
	return READ_ONCE(to_vvq(vq)->broken);
}
EXPORT_SYMBOL(virtqueue_is_broken);

void __virtqueue_break(struct virtqueue *vq)
{
	WRITE_ONCE(to_vvq(vq)->broken, true);
}

irqreturn_t vring_interrupt(int irq, void *data)
{
	struct vring_virtqueue *q = to_vvq((struct virtqueue *)data);

	if (READ_ONCE(q->broken))
		return IRQ_HANDLED;
	/* last_used without the lock: at worst one look too many. */
	if (le16_to_cpu(READ_ONCE(q->used->idx)) == READ_ONCE(q->last_used))
		return IRQ_NONE;
	if (q->vq.callback)
		q->vq.callback(&q->vq);
	return IRQ_HANDLED;
}

/* --- Life ---------------------------------------------------------------- */

void vring_reset(struct virtqueue *vq)
{
	struct vring_virtqueue *q = to_vvq(vq);

	memset(q->memory, 0, q->size);
	for (unsigned int i = 0; i < q->num; i++) {
		kfree(q->state[i].indirect);
		q->state[i] = (struct desc_state){
			.next = i + 1 < q->num ? i + 1 : NO_FREE };
	}
	q->free_head = 0;
	q->avail_idx = q->num_added = q->last_used = 0;
	q->avail_flags = 0;
	vq->num_free = q->num;
	if (!vq->callback) {
		q->avail_flags = VRING_AVAIL_F_NO_INTERRUPT;
		if (!q->event)
			q->avail->flags = cpu_to_le16(q->avail_flags);
	}
	WRITE_ONCE(q->broken, false);
}

static size_t ring_size(unsigned int num, size_t *avail, size_t *used)
{
	*avail = num * sizeof(struct vring_desc);
	*used = ALIGN(*avail + sizeof(struct vring_avail) +
		      (num + 1) * sizeof(__le16), VRING_USED_ALIGN);
	return *used + sizeof(struct vring_used) +
	       num * sizeof(struct vring_used_elem) + sizeof(__le16);
}

struct virtqueue *vring_create_virtqueue(unsigned int index, unsigned int num,
					 struct virtio_device *vdev,
					 bool (*notify)(struct virtqueue *),
					 vq_callback_t *callback,
					 const char *name)
{
	struct vring_virtqueue *q;
	size_t avail, used;

	if (!num || num > MAX_RING || !is_power_of_2(num))
		return NULL;
	q = kzalloc(sizeof(*q), GFP_KERNEL);
	if (!q)
		return NULL;
	q->size = ring_size(num, &avail, &used);
	q->memory = alloc_pages_exact(q->size, GFP_KERNEL | __GFP_ZERO);
	q->state = kvcalloc(num, sizeof(*q->state), GFP_KERNEL);
	if (!q->memory || !q->state) {
		vring_del_virtqueue(&q->vq);
		return NULL;
	}
	q->num = num;
	q->desc = q->memory;
	q->avail = q->memory + avail;
	q->used = q->memory + used;
	q->indirect = virtio_has_feature(vdev, VIRTIO_RING_F_INDIRECT_DESC);
	q->event = virtio_has_feature(vdev, VIRTIO_RING_F_EVENT_IDX);
	q->notify = notify;
	q->vq.callback = callback;
	q->vq.name = name;
	q->vq.vdev = vdev;
	q->vq.index = index;
	q->vq.num_max = num;
	vring_reset(&q->vq);
	list_add_tail(&q->vq.list, &vdev->vqs);
	return &q->vq;
}

/* The device does not use it any more. */
void vring_del_virtqueue(struct virtqueue *vq)
{
	struct vring_virtqueue *q = to_vvq(vq);

	for (unsigned int i = 0; q->state && i < q->num; i++)
		kfree(q->state[i].indirect);
	if (q->memory)
		free_pages_exact(q->memory, q->size);
	kvfree(q->state);
	if (vq->list.next)
		list_del(&vq->list);
	kfree(q);
}

void vring_get_addresses(struct virtqueue *vq, struct vring_addresses *a)
{
	struct vring_virtqueue *q = to_vvq(vq);

	a->desc = __pa(q->desc);
	a->avail = __pa(q->avail);
	a->used = __pa(q->used);
}

void vring_transport_features(struct virtio_device *vdev)
{
	const u64 known = BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC) |
			  BIT_ULL(VIRTIO_RING_F_EVENT_IDX) |
			  BIT_ULL(VIRTIO_F_VERSION_1) |
			  BIT_ULL(VIRTIO_F_ACCESS_PLATFORM);

	for (int i = VIRTIO_TRANSPORT_F_START; i < VIRTIO_TRANSPORT_F_END; i++)
		if (!(known >> i & 1))
			vdev->features &= ~BIT_ULL(i);
}
