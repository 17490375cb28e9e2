/* SPDX-License-Identifier: MIT */
#ifndef MM_UIO_H
#define MM_UIO_H
/*
 * uio.h -- one cursor over the memory of a read or a write
 *
 * PROMISE.  A file, a pipe or a socket copies data without knowing whether the
 * other side is one user buffer, an array of them (readv) or kernel memory.
 *
 * The cursor belongs to one thread.  Copying from or to user memory may sleep;
 * kernel memory (ITER_KVEC) may be copied in any context.  Theory:
 * mm/virt/iov_iter.c.
 */

#include <arch/page.h>
#include <kernel/types.h>

struct page;

/* readv(2)'s array element (Linux ABI). */
struct iovec {
	void __user *iov_base;
	size_t iov_len;
};

static_assert(sizeof(struct iovec) == 16, "Linux ABI");

struct kvec {
	void *iov_base;
	size_t iov_len;
};

#define UIO_FASTIOV 8         /* so many fit on the stack of readv() */
#define UIO_MAXIOV 1024
/* No transfer is longer: what fits in an int, in whole pages. */
#define MAX_RW_COUNT ((size_t)(INT_MAX & PAGE_MASK))

enum iter_type { ITER_UBUF, ITER_IOVEC, ITER_KVEC };

/* Seen from the file: a read fills memory, so memory is the destination. */
#define ITER_DEST 0u          /* READ: data goes into the buffers */
#define ITER_SOURCE 1u        /* WRITE: data comes from the buffers */
#ifndef READ
#define READ ITER_DEST
#define WRITE ITER_SOURCE
#endif

struct iov_iter {
	u8 iter_type;         /* enum iter_type */
	bool data_source;
	size_t iov_offset;    /* bytes done in the current segment */
	size_t count;         /* bytes left in all */
	union {
		void __user *ubuf;        /* ITER_UBUF: start of the buffer */
		const struct iovec *iov;  /* the current segment */
		const struct kvec *kvec;
	};
	unsigned long nr_segs;    /* from the current one on; UBUF: 1 */
};

/* How far a cursor had come; for going back. */
struct iov_iter_state {
	size_t iov_offset, count;
	unsigned long nr_segs;
};

static inline size_t iov_iter_count(const struct iov_iter *i)
{
	return i->count;
}

static inline bool iter_is_iovec(const struct iov_iter *i)
{
	return i->iter_type == ITER_IOVEC;
}

static inline bool user_backed_iter(const struct iov_iter *i)
{
	return i->iter_type != ITER_KVEC;
}

static inline unsigned int iov_iter_rw(const struct iov_iter *i)
{
	return i->data_source ? WRITE : READ;
}

/* Forget all but the first `count` bytes. */
static inline void iov_iter_truncate(struct iov_iter *i, u64 count)
{
	if (i->count > count)
		i->count = count;
}

/* Undo a truncation; the buffers must reach that far. */
static inline void iov_iter_reexpand(struct iov_iter *i, size_t count)
{
	i->count = count;
}

/* direction: READ or WRITE (ITER_DEST, ITER_SOURCE). */
void iov_iter_ubuf(struct iov_iter *i, unsigned int direction,
		   void __user *buf, size_t count);
void iov_iter_init(struct iov_iter *i, unsigned int direction,
		   const struct iovec *iov, unsigned long nr_segs,
		   size_t count);
void iov_iter_kvec(struct iov_iter *i, unsigned int direction,
		   const struct kvec *kvec, unsigned long nr_segs,
		   size_t count);

/*
 * Copy at most `bytes`, moving the cursor by what was copied, which is
 * returned; less than min(bytes, count) only if a user page could not be
 * reached: -EFAULT for the caller if nothing was copied at all.
 */
size_t __must_check copy_to_iter(const void *addr, size_t bytes,
				 struct iov_iter *i);
size_t __must_check copy_from_iter(void *addr, size_t bytes,
				   struct iov_iter *i);
/* All or nothing: true, or false with the cursor where it was. */
bool __must_check copy_from_iter_full(void *addr, size_t bytes,
				      struct iov_iter *i);
bool __must_check copy_to_iter_full(const void *addr, size_t bytes,
				    struct iov_iter *i);
size_t __must_check iov_iter_zero(size_t bytes, struct iov_iter *i);
/* The same for a part of one page, given by its struct page. */
size_t copy_page_to_iter(struct page *page, size_t offset, size_t bytes,
			 struct iov_iter *i);
size_t copy_page_from_iter(struct page *page, size_t offset, size_t bytes,
			   struct iov_iter *i);
/* With page faults off: the caller holds the lock of a page of the cache. */
size_t copy_page_from_iter_atomic(struct page *page, size_t offset,
				  size_t bytes, struct iov_iter *i);

void iov_iter_advance(struct iov_iter *i, size_t bytes);
/* Go back by `bytes` that were passed before. */
void iov_iter_revert(struct iov_iter *i, size_t bytes);
void iov_iter_save_state(const struct iov_iter *i, struct iov_iter_state *s);
void iov_iter_restore(struct iov_iter *i, const struct iov_iter_state *s);
/* Where the user memory at the cursor is, and how much of it up to a gap. */
size_t iov_iter_single_seg(struct iov_iter *i, unsigned long *addr);
/* Bytes left in the current segment. */
size_t iov_iter_single_seg_count(const struct iov_iter *i);
/* OR of all addresses and lengths left: for the alignment of direct I/O. */
unsigned long iov_iter_alignment(const struct iov_iter *i);

/*
 * Touch user pages so that a copy with page faults off will probably succeed.
 * Returns how many bytes could *not* be touched; 0: all.  May sleep.
 */
size_t fault_in_iov_iter_readable(const struct iov_iter *i, size_t bytes);
size_t fault_in_iov_iter_writeable(const struct iov_iter *i, size_t bytes);
size_t fault_in_readable(const void __user *uaddr, size_t size);
size_t fault_in_writeable(void __user *uaddr, size_t size);

/*
 * Take readv(2)'s arguments from user space and build a cursor.  *iovp is an
 * array of fast_segs elements of the caller; it comes back as NULL, or as one
 * that the caller must kfree().  Returns the bytes in all, or -EINVAL (too many
 * segments, negative length), -EFAULT, -ENOMEM.
 */
ssize_t import_iovec(unsigned int direction, const struct iovec __user *uvec,
		     unsigned int nr_segs, unsigned int fast_segs,
		     struct iovec **iovp, struct iov_iter *i);
/* The same for read(2)'s: 0 or -EFAULT. */
int import_ubuf(unsigned int direction, void __user *buf, size_t len,
		struct iov_iter *i);
#define import_single_range(dir, buf, len, iov, i) \
	((void)(iov), import_ubuf((dir), (buf), (len), (i)))

#endif
