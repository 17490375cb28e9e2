/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_KFIFO_H
#define KERNEL_KFIFO_H
/*
 * kfifo.h -- a ring of elements for one writer and one reader, without a lock
 *
 * The size is a power of two, and `in` and `out` count elements for ever, so
 * in - out is the fill even when they wrap, full and empty differ, and the
 * place is in & mask.  Each index has one writer; barriers make an element
 * visible before the index that covers it.  With more writers or readers, use
 * the _spinlocked kind.  Theory: kernel/lib/kfifo.c.
 */

#include <kernel/atomic.h>
#include <kernel/types.h>

/*
 * Field keys: [w] the writer only; [r] the reader only; [c] constant
 */
struct __kfifo {
	unsigned int in;      /* [w] elements ever put */
	unsigned int out;     /* [r] elements ever taken */
	unsigned int mask;    /* [c] elements - 1 */
	unsigned int esize;   /* [c] bytes in an element */
	void *data;           /* [c] */
};

/* A fifo of `type`; the pointer member only carries the type. */
#define STRUCT_KFIFO_PTR(type) \
	struct { struct __kfifo kfifo; type *type_of[0]; }
#define STRUCT_KFIFO(type, size) \
	struct { struct __kfifo kfifo; type *type_of[0]; type buf[size]; }
#define DECLARE_KFIFO_PTR(fifo, type) STRUCT_KFIFO_PTR(type) fifo
#define DECLARE_KFIFO(fifo, type, size) STRUCT_KFIFO(type, size) fifo
#define DEFINE_KFIFO(fifo, type, size)					\
	DECLARE_KFIFO(fifo, type, size) = {				\
		.kfifo = { .mask = (size) - 1, .esize = sizeof(type),	\
			   .data = (fifo).buf } }
/* A fifo of bytes. */
struct kfifo {
	struct __kfifo kfifo;
	unsigned char *type_of[0];
};

#define __kfifo_type(fifo) __typeof__(**(fifo)->type_of)

int __kfifo_alloc(struct __kfifo *f, unsigned int size, size_t esize,
		  gfp_t gfp);
int __kfifo_init(struct __kfifo *f, void *buf, unsigned int size,
		 size_t esize);
void __kfifo_free(struct __kfifo *f);
unsigned int __kfifo_in(struct __kfifo *f, const void *from, unsigned int n);
unsigned int __kfifo_out(struct __kfifo *f, void *to, unsigned int n);
unsigned int __kfifo_out_peek(struct __kfifo *f, void *to, unsigned int n);

/* Room for `size` elements, rounded up to a power of two; 0 or -errno. */
#define kfifo_alloc(fifo, size, gfp) \
	__kfifo_alloc(&(fifo)->kfifo, size, sizeof(__kfifo_type(fifo)), gfp)
#define kfifo_free(fifo) __kfifo_free(&(fifo)->kfifo)
/* Use a buffer of `size` bytes, rounded down to a power of two. */
#define kfifo_init(fifo, buffer, size) \
	__kfifo_init(&(fifo)->kfifo, buffer, size, sizeof(__kfifo_type(fifo)))
#define INIT_KFIFO(fifo) \
	((void)__kfifo_init(&(fifo).kfifo, (fifo).buf, sizeof((fifo).buf), \
			    sizeof((fifo).buf[0])))

#define kfifo_initialized(fifo) ((fifo)->kfifo.mask != 0)
#define kfifo_esize(fifo) ((fifo)->kfifo.esize)
#define kfifo_size(fifo) ((fifo)->kfifo.mask + 1)
#define kfifo_len(fifo) \
	(READ_ONCE((fifo)->kfifo.in) - READ_ONCE((fifo)->kfifo.out))
#define kfifo_is_empty(fifo) (kfifo_len(fifo) == 0)
#define kfifo_is_full(fifo) (kfifo_len(fifo) > (fifo)->kfifo.mask)
#define kfifo_avail(fifo) (kfifo_size(fifo) - kfifo_len(fifo))
#define kfifo_reset(fifo) ((void)((fifo)->kfifo.in = (fifo)->kfifo.out = 0))
#define kfifo_reset_out(fifo) ((void)((fifo)->kfifo.out = (fifo)->kfifo.in))
#define kfifo_skip(fifo) ((void)((fifo)->kfifo.out++))

/* How many elements went in or came out: fewer than n when full or empty. */
#define kfifo_in(fifo, buf, n) __kfifo_in(&(fifo)->kfifo, buf, n)
#define kfifo_out(fifo, buf, n) __kfifo_out(&(fifo)->kfifo, buf, n)
#define kfifo_out_peek(fifo, buf, n) __kfifo_out_peek(&(fifo)->kfifo, buf, n)
#define kfifo_put(fifo, val) ({						\
	__kfifo_type(fifo) __val = (val);				\
	__kfifo_in(&(fifo)->kfifo, &__val, 1); })
#define kfifo_get(fifo, val) __kfifo_out(&(fifo)->kfifo, val, 1)
#define kfifo_peek(fifo, val) __kfifo_out_peek(&(fifo)->kfifo, val, 1)
#define kfifo_in_spinlocked(fifo, buf, n, lock) ({			\
	unsigned long __flags;						\
	spin_lock_irqsave(lock, __flags);				\
	unsigned int __ret = kfifo_in(fifo, buf, n);			\
	spin_unlock_irqrestore(lock, __flags);				\
	__ret; })
#define kfifo_out_spinlocked(fifo, buf, n, lock) ({			\
	unsigned long __flags;						\
	spin_lock_irqsave(lock, __flags);				\
	unsigned int __ret = kfifo_out(fifo, buf, n);			\
	spin_unlock_irqrestore(lock, __flags);				\
	__ret; })

#endif
