/* SPDX-License-Identifier: MIT */
/*
 * bio-map.c -- a bio over memory that somebody else owns: direct I/O
 *
 * IDEA.  The pages under a user's buffer are pinned, a few at a time, and hung
 * into the bio as they are; the device fills them without a copy.  At the end
 * each is put, and marked dirty if the device wrote to it.
 *
 * CONTEXTS.  Pinning may sleep.  bio_release_pages(): any context; the last
 * reference to a page may go there.
 */

#include <drivers/bio.h>

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/uio.h>

#define PIN_BATCH 16

/* The address under the cursor, and how many bytes lie there together. */
static unsigned long segment_at(const struct iov_iter *i, size_t *len)
{
	unsigned long base;

	switch (i->iter_type) {
	case ITER_UBUF:
		base = (unsigned long)i->ubuf;
		*len = i->count;
		break;
	case ITER_IOVEC:
		base = (unsigned long)i->iov->iov_base;
		*len = min(i->iov->iov_len - i->iov_offset, i->count);
		break;
	default:
		base = (unsigned long)i->kvec->iov_base;
		*len = min(i->kvec->iov_len - i->iov_offset, i->count);
	}
	return base + i->iov_offset;
}

/* Up to n pages from addr on, each with a reference; how many, or -errno. */
static int pin(const struct iov_iter *i, unsigned long addr, int n,
	       struct page **pages)
{
	bool to_memory = iov_iter_rw(i) == READ;

	if (user_backed_iter(i))
		return get_user_pages_fast(addr & PAGE_MASK, n,
					   to_memory ? FOLL_WRITE : 0, pages);
	for (int k = 0; k < n; k++) {
		pages[k] = virt_to_page((addr & PAGE_MASK) + k * PAGE_SIZE);
		get_page(pages[k]);
	}
	return n;
}

/* Pages of one batch into the bio; bytes, 0: it is full, or -errno. */
static ssize_t add_batch(struct bio *bio, struct iov_iter *i)
{
	struct page *pages[PIN_BATCH];
	size_t len, done = 0;
	unsigned long addr = segment_at(i, &len), off = offset_in_page(addr);
	int want = min_t(size_t, PIN_BATCH, bio->bi_max_vecs - bio->bi_vcnt);
	int got, used = 0;

	want = min_t(size_t, want, DIV_ROUND_UP(off + len, PAGE_SIZE));
	if (want <= 0)
		return 0;
	got = pin(i, addr, want, pages);
	if (got <= 0)
		return got ? got : -EFAULT;
	for (; used < got && done < len; used++) {
		unsigned int n = min(PAGE_SIZE - off, len - done);

		/* One vector a page: each has a reference to be put. */
		__bio_add_page(bio, pages[used], n, off);
		done += n;
		off = 0;
	}
	while (used < got)
		put_page(pages[used++]);
	return done;
}

/* As much as fits; the cursor moves on.  0, or -errno if nothing could. */
int bio_iov_iter_get_pages(struct bio *bio, struct iov_iter *iter)
{
	while (iov_iter_count(iter) && bio->bi_vcnt < bio->bi_max_vecs) {
		ssize_t n;
		size_t len;

		segment_at(iter, &len);
		if (!len) {              /* an empty segment: step over it */
			iov_iter_advance(iter, 0);
			segment_at(iter, &len);
			if (!len)
				return -EINVAL;
		}
		n = add_batch(bio, iter);
		if (n <= 0)
			return bio->bi_vcnt ? 0 : (n ? n : -EFAULT);
		iov_iter_advance(iter, n);
	}
	return 0;
}
EXPORT_SYMBOL(bio_iov_iter_get_pages);

/* Before a read is submitted: the pages will differ from their store. */
void bio_set_pages_dirty(struct bio *bio)
{
	struct bio_vec *bv;
	int i;

	bio_for_each_bvec_all(bv, bio, i)
		set_page_dirty(bv->bv_page);
}
EXPORT_SYMBOL(bio_set_pages_dirty);

void bio_release_pages(struct bio *bio, bool mark_dirty)
{
	struct bio_vec *bv;
	int i;

	bio_for_each_bvec_all(bv, bio, i) {
		if (mark_dirty)
			set_page_dirty(bv->bv_page);
		put_page(bv->bv_page);
	}
}
EXPORT_SYMBOL(bio_release_pages);
