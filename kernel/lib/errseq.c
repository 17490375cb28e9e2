/* SPDX-License-Identifier: MIT */
/*
 * errseq.c -- an error that every observer sees exactly once
 *
 * PROBLEM.  A page that could not be written is an error of nobody's call: the
 * flusher met it.  Whoever has the file open must hear of it at the next
 * fsync(), each of them, and only once.
 *
 * IDEA.  One word says the last error and how many there were; an observer
 * keeps the word that it saw last.  Equal words: no news.
 *
 *	31             13   12    11       0
 *	+-----------------+------+---------+
 *	|     counter     | seen |  errno  |
 *	+-----------------+------+---------+
 *
 * The counter need only move if somebody has seen the word since the last
 * error: so it is not used up by a disk that fails for every page.  "seen" is
 * that mark.
 *
 * INVARIANTS
 *   I1  A word with "seen" never comes back for a later error.
 *   I2  An error that nobody has seen is news to those who open after it.
 *
 * EXERCISE.  What would two fsync() callers see if "seen" were left out and the
 * counter moved with every error?  And if it never moved?
 */

#include <kernel/errseq.h>

#include <arch/atomic.h>
#include <kernel/atomic.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>

#define SEEN (1u << 12)
#define COUNT_ONE (1u << 13)
#define ERRNO_MASK (SEEN - 1)

errseq_t errseq_set(errseq_t *eseq, int err)
{
	errseq_t old = READ_ONCE(*eseq), new;

	if (err >= 0 || err < -MAX_ERRNO)
		return old;
	do {
		new = (old & ~(ERRNO_MASK | SEEN)) | (u32)-err;
		if (old & SEEN)
			new += COUNT_ONE;                      /* I1 */
		if (new == old)
			break;
	} while (!__atomic_compare_exchange_n(eseq, &old, new, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_SEQ_CST));
	return new;
}
EXPORT_SYMBOL(errseq_set);

errseq_t errseq_sample(errseq_t *eseq)
{
	errseq_t now = READ_ONCE(*eseq);

	return now & SEEN ? now : 0;                           /* I2 */
}
EXPORT_SYMBOL(errseq_sample);

int errseq_check(errseq_t *eseq, errseq_t since)
{
	errseq_t now = READ_ONCE(*eseq);

	return now == since ? 0 : -(int)(now & ERRNO_MASK);
}
EXPORT_SYMBOL(errseq_check);

int errseq_check_and_advance(errseq_t *eseq, errseq_t *since)
{
	errseq_t now = READ_ONCE(*eseq), seen;

	if (now == *since)
		return 0;
	do
		seen = now | SEEN;
	while (now != seen &&
	       !__atomic_compare_exchange_n(eseq, &now, seen, false,
					    __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST));
	*since = seen;
	return -(int)(seen & ERRNO_MASK);
}
EXPORT_SYMBOL(errseq_check_and_advance);
