/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SEQLOCK_H
#define KERNEL_SEQLOCK_H
/*
 * seqlock.h -- readers that never stop a writer, and read again instead
 *
 * PROMISE.  A reader that retries until read_seqretry() is false has used one
 * writer's whole work or none of it.  Readers write nothing.
 *
 * IDEA.  The writer makes the count odd, changes the data, makes it even.  A
 * reader notes an even count, copies, and compares.  The data must be such
 * that a torn copy does no harm: no pointers to follow (RCU is for those).
 *
 *	writer				reader
 *	seq++ (odd)		[a]	s = seq; spin while odd	[d]
 *	write data		[b]	copy data		[e]
 *	seq++ (even)		[c]	seq != s ? again	[f]
 *
 * RACES.  If [e] saw anything of [b], then [f] sees [a]: both sides have a
 * barrier between the two.  So torn copies are always thrown away.
 *
 * LOCKING.  seqcount_t: the user serialises the writers, who must not be
 * preempted in between, or a reader spins for as long.  seqlock_t brings the
 * writers' spinlock.  Readers in an interrupt that can strike the writer need
 * the _irqsave kind of writer.
 */

#include <arch/processor.h>
#include <kernel/spinlock.h>

typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;
typedef seqcount_t seqcount_spinlock_t;
typedef seqcount_t seqcount_raw_spinlock_t;
typedef seqcount_t seqcount_mutex_t;

#define SEQCNT_ZERO(name) { 0 }
#define seqcount_init(s) ((void)((s)->sequence = 0))
#define seqcount_spinlock_init(s, lock) ((void)(lock), seqcount_init(s))
#define seqcount_mutex_init(s, lock) ((void)(lock), seqcount_init(s))

/* An even number; spins while a writer is at work. */
static __always_inline unsigned int read_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq;

	while (unlikely((seq = READ_ONCE(s->sequence)) & 1))
		cpu_relax();
	smp_rmb();
	return seq;
}

/* Does not spin: an odd number never matches in read_seqcount_retry(). */
static __always_inline unsigned int raw_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq = READ_ONCE(s->sequence);

	smp_rmb();
	return seq & ~1U;
}

#define raw_read_seqcount_begin(s) read_seqcount_begin(s)

static __always_inline bool read_seqcount_retry(const seqcount_t *s,
						unsigned int start)
{
	smp_rmb();
	return unlikely(READ_ONCE(s->sequence) != start);
}

#define __read_seqcount_retry read_seqcount_retry

static __always_inline void raw_write_seqcount_begin(seqcount_t *s)
{
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
}

static __always_inline void raw_write_seqcount_end(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 1);
}

static __always_inline void write_seqcount_begin(seqcount_t *s)
{
	preempt_disable();
	raw_write_seqcount_begin(s);
}

static __always_inline void write_seqcount_end(seqcount_t *s)
{
	raw_write_seqcount_end(s);
	preempt_enable();
}

/* Make every reader that is under way read again. */
static __always_inline void write_seqcount_invalidate(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 2);
}

typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;

#define __SEQLOCK_UNLOCKED(name) \
	{ .seqcount = { 0 }, .lock = __SPIN_LOCK_UNLOCKED((name).lock) }
#define DEFINE_SEQLOCK(x) seqlock_t x = __SEQLOCK_UNLOCKED(x)
#define seqlock_init(sl) do {						\
	seqcount_init(&(sl)->seqcount);					\
	spin_lock_init(&(sl)->lock);					\
} while (0)

static __always_inline unsigned int read_seqbegin(const seqlock_t *sl)
{
	return read_seqcount_begin(&sl->seqcount);
}

static __always_inline bool read_seqretry(const seqlock_t *sl,
					  unsigned int start)
{
	return read_seqcount_retry(&sl->seqcount, start);
}

static __always_inline void write_seqlock(seqlock_t *sl)
{
	spin_lock(&sl->lock);
	raw_write_seqcount_begin(&sl->seqcount);
}

static __always_inline void write_sequnlock(seqlock_t *sl)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock(&sl->lock);
}

static __always_inline void write_seqlock_irq(seqlock_t *sl)
{
	spin_lock_irq(&sl->lock);
	raw_write_seqcount_begin(&sl->seqcount);
}

static __always_inline void write_sequnlock_irq(seqlock_t *sl)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock_irq(&sl->lock);
}

static __always_inline void write_seqlock_bh(seqlock_t *sl)
{
	spin_lock_bh(&sl->lock);
	raw_write_seqcount_begin(&sl->seqcount);
}

static __always_inline void write_sequnlock_bh(seqlock_t *sl)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock_bh(&sl->lock);
}

#define write_seqlock_irqsave(sl, flags) do {				\
	spin_lock_irqsave(&(sl)->lock, flags);				\
	raw_write_seqcount_begin(&(sl)->seqcount);			\
} while (0)

static __always_inline void write_sequnlock_irqrestore(seqlock_t *sl,
						       unsigned long flags)
{
	raw_write_seqcount_end(&sl->seqcount);
	spin_unlock_irqrestore(&sl->lock, flags);
}

/* Keep writers out without telling readers to read again. */
static __always_inline void read_seqlock_excl(seqlock_t *sl)
{
	spin_lock(&sl->lock);
}

static __always_inline void read_sequnlock_excl(seqlock_t *sl)
{
	spin_unlock(&sl->lock);
}

/*
 * First try without the lock (*seq even), then with it (odd):
 *	seq = 0; again: read_seqbegin_or_lock(&l, &seq); ...
 *	if (need_seqretry(&l, seq)) { seq = 1; goto again; }
 *	done_seqretry(&l, seq);
 */
static inline void read_seqbegin_or_lock(seqlock_t *lock, int *seq)
{
	if (!(*seq & 1))
		*seq = read_seqbegin(lock);
	else
		read_seqlock_excl(lock);
}

static inline bool need_seqretry(seqlock_t *lock, int seq)
{
	return !(seq & 1) && read_seqretry(lock, seq);
}

static inline void done_seqretry(seqlock_t *lock, int seq)
{
	if (seq & 1)
		read_sequnlock_excl(lock);
}

#endif
