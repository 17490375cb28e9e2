/* SPDX-License-Identifier: MIT */
/*
 * printk_ring.c -- the store of log records
 *
 * PROMISE.  The newest records are kept, each whole; a new one is never
 * refused.  Storing and reading take a bounded time, in any context.
 *
 * IDEA.  Two rings: descriptors, found by sequence number in one step, and
 * text.  Positions in the text ring are counted for ever; a record's text does
 * not wrap, the rest of a lap is skipped instead.
 *
 *	seq:	       first          next
 *	desc:	[ ... |  d  |  d  |  d  | ... ]      index = seq % DESCS
 *	text:	[ ......"...""......""..."..... ]    place = pos % TEXT_SIZE
 *
 * Making room is nothing but moving `first`: what it passes is forgotten.
 *
 * INVARIANTS, with ring_lock free
 *	I1  next - first <= DESCS
 *	I2  every record first..next-1 has pos + TEXT_SIZE >= head: its text is
 *	    not overwritten
 *	I3  only the record next-1 can be open, and then readers do not see it
 *
 * LOCKING.  ring_lock, a raw spinlock with interrupts off: held for a copy of
 * at most 1000 bytes.  An NMI may strike its holder, so an NMI only tries; if
 * that fails its text waits in this CPU's nmi buffer for the next store there.
 * In a panic the holder may be halted for ever: then we wait a while, and go
 * on without it (a torn record is better than silence).
 */

#include "printk_ring.h"

#include <arch/processor.h>
#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/math.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>

#define TEXT_SIZE (128 * 1024)
#define DESCS 2048

struct desc {
	u64 ts_nsec;
	u64 pos;            /* of the text, counted for ever */
	u32 caller;
	u16 len;
	u8 level;
	u8 facility;
};

static DEFINE_RAW_SPINLOCK(ring_lock);
/* All guarded by ring_lock. */
static struct desc descs[DESCS];
static char texts[TEXT_SIZE];
static u64 first, next;     /* sequence numbers */
static u64 head;            /* where the next text goes */
static bool open;           /* record next - 1 waits for its end */
static u64 clear_seq;
static bool in_panic;

/* One message that an NMI could not store. */
struct nmi_message {
	struct kmsg_record r;
	bool full;
};
static DEFINE_PER_CPU(struct nmi_message, nmi_message);

static bool lock_ring(unsigned long *flags)
{
	*flags = arch_local_irq_save();
	preempt_disable();
	if (likely(!in_nmi() && !READ_ONCE(in_panic))) {
		arch_spin_lock(&ring_lock.raw_lock);
		return true;
	}
	for (int tries = 0; tries < (in_panic ? 1000000 : 1000); tries++) {
		if (arch_spin_trylock(&ring_lock.raw_lock))
			return true;
		cpu_relax();
	}
	if (in_panic) {
		ring_lock.raw_lock.val = SPIN_LOCKED;  /* ours, by force */
		return true;
	}
	preempt_enable_no_resched();
	local_irq_restore(*flags);
	return false;
}

static void unlock_ring(unsigned long flags)
{
	arch_spin_unlock(&ring_lock.raw_lock);
	local_irq_restore(flags);
	preempt_enable_no_resched();
}

static struct desc *desc_of(u64 seq)
{
	return &descs[seq % DESCS];
}

/* A place for len bytes of text that do not wrap. */
static u64 reserve_text(size_t len)
{
	u64 pos = head;

	if (pos % TEXT_SIZE + len > TEXT_SIZE)
		pos = (pos / TEXT_SIZE + 1) * TEXT_SIZE;
	head = pos + len;
	while (first < next && (next - first >= DESCS ||
				desc_of(first)->pos + TEXT_SIZE < head))
		first++;                                     /* I1, I2 */
	return pos;
}

static void add_record(const struct kmsg_record *r, const char *text,
		       size_t len)
{
	u64 pos = reserve_text(len);
	struct desc *d = desc_of(next);

	*d = (struct desc){ .ts_nsec = r->ts_nsec, .pos = pos,
			    .caller = r->caller, .len = len,
			    .level = r->level, .facility = r->facility };
	memcpy(texts + pos % TEXT_SIZE, text, len);
	next++;
}

/* Append to the open record, if it is the same caller's and there is room. */
static bool extend_record(const struct kmsg_record *r, const char *text,
			  size_t len)
{
	struct desc *d = desc_of(next - 1);

	if (!open || d->caller != r->caller ||
	    d->len + len > LOG_LINE_MAX || d->pos + d->len != head ||
	    head % TEXT_SIZE + len > TEXT_SIZE)
		return false;
	memcpy(texts + head % TEXT_SIZE, text, len);
	d->len += len;
	reserve_text(len);
	return true;
}

static void store_locked(const struct kmsg_record *r, const char *text,
			 size_t len, bool cont, bool ends)
{
	if (!cont || !extend_record(r, text, len))
		add_record(r, text, len);
	open = !ends;                                        /* I3 */
}

/* What an NMI left on this CPU; the lock is held. */
static void store_nmi_message(void)
{
	struct nmi_message *m = this_cpu_ptr(&nmi_message);

	if (likely(!m->full))
		return;
	store_locked(&m->r, m->r.text, m->r.len, false, true);
	WRITE_ONCE(m->full, false);
}

static void keep_for_later(const struct kmsg_record *r, const char *text,
			   size_t len)
{
	struct nmi_message *m = this_cpu_ptr(&nmi_message);

	if (m->full)
		return;
	m->r.ts_nsec = r->ts_nsec;
	m->r.level = r->level;
	m->r.facility = r->facility;
	m->r.caller = r->caller;
	m->r.len = len;
	memcpy(m->r.text, text, len);
	WRITE_ONCE(m->full, true);
}

void ring_store(const struct kmsg_record *r, const char *text, size_t len,
		bool cont, bool ends)
{
	unsigned long flags;

	len = min(len, (size_t)LOG_LINE_MAX);
	if (!lock_ring(&flags)) {
		keep_for_later(r, text, len);
		return;
	}
	store_nmi_message();
	store_locked(r, text, len, cont, ends);
	unlock_ring(flags);
}

void ring_close(void)
{
	unsigned long flags;

	if (!lock_ring(&flags))
		return;
	store_nmi_message();
	open = false;
	unlock_ring(flags);
}

void ring_panic(void)
{
	WRITE_ONCE(in_panic, true);
}

static u64 visible_end(void)
{
	return next - open;
}

int kmsg_read(u64 *seq, struct kmsg_record *r)
{
	unsigned long flags;
	struct desc *d;
	int err = 0;

	if (!lock_ring(&flags))
		return -EAGAIN;
	if (*seq < first) {
		*seq = first;
		err = -EPIPE;
	} else if (*seq >= visible_end()) {
		err = -EAGAIN;
	} else {
		d = desc_of(*seq);
		r->seq = (*seq)++;
		r->ts_nsec = d->ts_nsec;
		r->len = d->len;
		r->level = d->level;
		r->facility = d->facility;
		r->cont = 0;
		r->caller = d->caller;
		memcpy(r->text, texts + d->pos % TEXT_SIZE, d->len);
		r->text[d->len] = '\0';
	}
	unlock_ring(flags);
	return err;
}
EXPORT_SYMBOL(kmsg_read);

/* A number that readers use as a hint: one aligned load needs no lock. */
u64 kmsg_first_seq(void)
{
	return READ_ONCE(first);
}

u64 kmsg_next_seq(void)
{
	unsigned long flags;
	u64 end;

	if (!lock_ring(&flags))
		return READ_ONCE(first);
	end = visible_end();
	unlock_ring(flags);
	return end;
}
EXPORT_SYMBOL(kmsg_next_seq);

u64 kmsg_clear_seq(void)
{
	return max(READ_ONCE(clear_seq), kmsg_first_seq());
}

void kmsg_clear(void)
{
	WRITE_ONCE(clear_seq, kmsg_next_seq());
}

size_t kmsg_buffer_size(void)
{
	return TEXT_SIZE;
}
