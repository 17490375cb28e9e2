/* SPDX-License-Identifier: MIT */
/*
 * kfifo.c -- a ring between one writer and one reader, without a lock
 *
 * INVARIANTS
 *	I1  0 <= in - out <= size, computed modulo 2^32, always
 *	I2  only the writer writes `in`, only the reader writes `out`
 *
 * IDEA.  The indices are never reduced modulo the size: in - out is the fill
 * even after `in` has wrapped past 2^32, because the size divides 2^32.
 *
 * RACES.  The reader must not see the new `in` before the element, nor the
 * writer the new `out` before the reader has finished copying:
 *
 *	writer				reader
 *	look at out	(acquire) [d]	look at in	(acquire) [b]
 *	copy elements in		copy elements out
 *	in += n		(release) [a]	out += n	(release) [c]
 *
 * [b] sees [a] and so the elements; [d] sees [c] and so free places.
 */

#include <kernel/kfifo.h>

#include <kernel/bitops.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/math.h>
#include <kernel/string.h>
#include <mm/slab.h>

int __kfifo_init(struct __kfifo *f, void *buf, unsigned int size,
		 size_t esize)
{
	unsigned int n = size / esize;

	f->in = f->out = 0;
	f->esize = esize;
	f->data = buf;
	f->mask = 0;
	if (n < 2)
		return -EINVAL;
	f->mask = rounddown_pow_of_two(n) - 1;
	return 0;
}
EXPORT_SYMBOL(__kfifo_init);

int __kfifo_alloc(struct __kfifo *f, unsigned int size, size_t esize,
		  gfp_t gfp)
{
	unsigned long n = roundup_pow_of_two(size);
	void *buf;

	if (size < 2 || n > INT_MAX)
		return -EINVAL;
	buf = kmalloc(size_mul(n, esize), gfp);
	if (!buf)
		return -ENOMEM;
	*f = (struct __kfifo){ .mask = n - 1, .esize = esize, .data = buf };
	return 0;
}
EXPORT_SYMBOL(__kfifo_alloc);

void __kfifo_free(struct __kfifo *f)
{
	kfree(f->data);
	*f = (struct __kfifo){ 0 };
}
EXPORT_SYMBOL(__kfifo_free);

/* Copy n elements from (in) or to (!in) place `at`, around the ring's end. */
static void ring_copy(struct __kfifo *f, unsigned int at, void *buf,
		      unsigned int n, bool in)
{
	unsigned int place = at & f->mask;
	unsigned int first = min(n, f->mask + 1 - place);
	char *ring = f->data;
	size_t split = (size_t)first * f->esize;
	size_t rest = (size_t)(n - first) * f->esize;

	if (in) {
		memcpy(ring + (size_t)place * f->esize, buf, split);
		memcpy(ring, (char *)buf + split, rest);
	} else {
		memcpy(buf, ring + (size_t)place * f->esize, split);
		memcpy((char *)buf + split, ring, rest);
	}
}

unsigned int __kfifo_in(struct __kfifo *f, const void *from, unsigned int n)
{
	unsigned int out = smp_load_acquire(&f->out);              /* [d] */

	n = min(n, f->mask + 1 - (f->in - out));
	ring_copy(f, f->in, (void *)from, n, true);
	smp_store_release(&f->in, f->in + n);                      /* [a] */
	return n;
}
EXPORT_SYMBOL(__kfifo_in);

unsigned int __kfifo_out_peek(struct __kfifo *f, void *to, unsigned int n)
{
	unsigned int in = smp_load_acquire(&f->in);                /* [b] */

	n = min(n, in - f->out);
	ring_copy(f, f->out, to, n, false);
	return n;
}
EXPORT_SYMBOL(__kfifo_out_peek);

unsigned int __kfifo_out(struct __kfifo *f, void *to, unsigned int n)
{
	n = __kfifo_out_peek(f, to, n);
	smp_store_release(&f->out, f->out + n);                    /* [c] */
	return n;
}
EXPORT_SYMBOL(__kfifo_out);
