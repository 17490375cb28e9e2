/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BIO_H
#define DRIVERS_BIO_H
/*
 * bio.h -- making, filling, sending and finishing bios
 *
 *	bio = bio_alloc(bdev, 1, REQ_OP_READ, GFP_NOIO);
 *	bio->bi_iter.bi_sector = 8;
 *	__bio_add_page(bio, page, 4096, 0);
 *	bio->bi_end_io = done;		or: err = submit_bio_wait(bio);
 *	submit_bio(bio);
 *
 * Theory: drivers/block/bio.c.
 */

#include <drivers/blk_types.h>
#include <mm/gfp.h>
#include <mm/mempool.h>
#include <mm/mm.h>

struct iov_iter;

#define BIO_MAX_VECS 256U
#define BIO_INLINE_VECS 4

/* Bios with room for vectors, and a reserve so that I/O can always go on. */
struct bio_set {
	struct kmem_cache *bio_slab;
	unsigned int front_pad;       /* bytes before the bio, the owner's */
	mempool_t *bio_pool;
	mempool_t *bvec_pool;
};

extern struct bio_set fs_bio_set;

int bioset_init(struct bio_set *bs, unsigned int pool_size,
		unsigned int front_pad, int flags);
void bioset_exit(struct bio_set *bs);
#define BIOSET_NEED_BVECS 1

/* Never NULL if gfp may sleep.  Room for nr_vecs (0 for none). */
struct bio *bio_alloc_bioset(struct block_device *bdev, unsigned short nr_vecs,
			     blk_opf_t opf, gfp_t gfp, struct bio_set *bs);
static inline struct bio *bio_alloc(struct block_device *bdev,
				    unsigned short nr_vecs, blk_opf_t opf,
				    gfp_t gfp)
{
	return bio_alloc_bioset(bdev, nr_vecs, opf, gfp, &fs_bio_set);
}
/* From the slab alone: NULL without memory; free by bio_put. */
struct bio *bio_kmalloc(unsigned short nr_vecs, gfp_t gfp);
/* For one that lives elsewhere (a stack). */
void bio_init(struct bio *bio, struct block_device *bdev,
	      struct bio_vec *table, unsigned short max_vecs, blk_opf_t opf);
void bio_put(struct bio *bio);        /* any context */
static inline void bio_get(struct bio *bio)
{
	atomic_inc(&bio->__bi_cnt);
}

/* len if it fits, else 0. */
int bio_add_page(struct bio *bio, struct page *page, unsigned int len,
		 unsigned int offset);
#define bio_add_folio(bio, page, len, off) (bio_add_page(bio, page, len, off) != 0)
void __bio_add_page(struct bio *bio, struct page *page, unsigned int len,
		    unsigned int offset);
static inline bool bio_full(const struct bio *bio, unsigned int len)
{
	return bio->bi_vcnt >= bio->bi_max_vecs ||
	       bio->bi_iter.bi_size > UINT_MAX - len;
}

void submit_bio(struct bio *bio);     /* may sleep */
void submit_bio_noacct(struct bio *bio);
int submit_bio_wait(struct bio *bio); /* may sleep; the caller puts it */
void bio_endio(struct bio *bio);
static inline void bio_io_error(struct bio *bio)
{
	bio->bi_status = BLK_STS_IOERR;
	bio_endio(bio);
}
/* parent ends when bio has ended too; bio puts itself. */
void bio_chain(struct bio *bio, struct bio *parent);
/* Submit `prev`, get an empty one that follows it: for long operations. */
struct bio *blk_next_bio(struct bio *bio, struct block_device *bdev,
			 unsigned int nr_pages, blk_opf_t opf, gfp_t gfp);
/* The same sectors and memory, an end of its own; NULL: no memory. */
struct bio *bio_alloc_clone(struct block_device *bdev, struct bio *src,
			    gfp_t gfp, struct bio_set *bs);
/* The first `sectors` become a bio of their own; the rest stays. */
struct bio *bio_split(struct bio *bio, int sectors, gfp_t gfp,
		      struct bio_set *bs);
void bio_advance(struct bio *bio, unsigned int nbytes);
void bio_truncate(struct bio *bio, unsigned int new_size);
/* Cut what reaches beyond the device's end; what begins there is left. */
void guard_bio_eod(struct bio *bio);
void zero_fill_bio(struct bio *bio);
/* Pin user pages into it (or reference the kernel's); 0 or -errno. */
int bio_iov_iter_get_pages(struct bio *bio, struct iov_iter *iter);
void bio_release_pages(struct bio *bio, bool mark_dirty);
void bio_set_pages_dirty(struct bio *bio);

#define bio_op(bio) ((enum req_op)((bio)->bi_opf & REQ_OP_MASK))
#define bio_sectors(bio) ((bio)->bi_iter.bi_size >> SECTOR_SHIFT)
#define bio_end_sector(bio) ((bio)->bi_iter.bi_sector + bio_sectors(bio))
#define bio_data_dir(bio) (op_is_write((bio)->bi_opf) ? 1 : 0)
#define bio_dev(bio) ((bio)->bi_bdev->bd_dev)
#define bio_set_flag(bio, bit) ((bio)->bi_flags |= 1u << (bit))
#define bio_clear_flag(bio, bit) ((bio)->bi_flags &= ~(1u << (bit)))
#define bio_flagged(bio, bit) (((bio)->bi_flags & (1u << (bit))) != 0)

static inline void bio_set_dev(struct bio *bio, struct block_device *bdev)
{
	bio_clear_flag(bio, BIO_REMAPPED);
	bio->bi_bdev = bdev;
}

/* Its sectors have no memory behind them: discard and its like. */
static inline bool bio_no_advance_iter(const struct bio *bio)
{
	return bio_op(bio) == REQ_OP_DISCARD ||
	       bio_op(bio) == REQ_OP_SECURE_ERASE ||
	       bio_op(bio) == REQ_OP_WRITE_ZEROES;
}

/* Does it move bytes between memory and sectors? */
static inline bool bio_has_data(const struct bio *bio)
{
	return bio->bi_iter.bi_size && !bio_no_advance_iter(bio);
}

/* ---- walking the memory ---- */

/* What the cursor stands on, several pages if they are contiguous. */
static inline struct bio_vec mp_bvec_iter_bvec(const struct bio_vec *bv,
					       struct bvec_iter it)
{
	struct bio_vec v = bv[it.bi_idx];

	v.bv_offset += it.bi_bvec_done;
	v.bv_len -= it.bi_bvec_done;
	if (v.bv_len > it.bi_size)
		v.bv_len = it.bi_size;
	v.bv_page += v.bv_offset >> PAGE_SHIFT;
	v.bv_offset &= ~PAGE_MASK;
	return v;
}

/* The part of it that lies in one page. */
static inline struct bio_vec bvec_iter_bvec(const struct bio_vec *bv,
					    struct bvec_iter it)
{
	struct bio_vec v = mp_bvec_iter_bvec(bv, it);

	if (v.bv_len > PAGE_SIZE - v.bv_offset)
		v.bv_len = PAGE_SIZE - v.bv_offset;
	return v;
}

static inline void bvec_iter_advance(const struct bio_vec *bv,
				     struct bvec_iter *it, unsigned int bytes)
{
	it->bi_size -= bytes;
	bytes += it->bi_bvec_done;
	while (bytes && bytes >= bv[it->bi_idx].bv_len) {
		bytes -= bv[it->bi_idx].bv_len;
		it->bi_idx++;
	}
	it->bi_bvec_done = bytes;
}

static inline void bio_advance_iter(const struct bio *bio,
				    struct bvec_iter *it, unsigned int bytes)
{
	it->bi_sector += bytes >> SECTOR_SHIFT;
	if (bio_no_advance_iter(bio))
		it->bi_size -= bytes;
	else
		bvec_iter_advance(bio->bi_io_vec, it, bytes);
}

#define bio_iter_iovec(bio, it) bvec_iter_bvec((bio)->bi_io_vec, (it))
#define __bio_for_each_segment(bvl, bio, it, start)			\
	for ((it) = (start); (it).bi_size &&				\
	     ((bvl = bio_iter_iovec((bio), (it))), 1);			\
	     bio_advance_iter((bio), &(it), (bvl).bv_len))
/* Page by page. */
#define bio_for_each_segment(bvl, bio, it) \
	__bio_for_each_segment(bvl, bio, it, (bio)->bi_iter)
/* Piece by piece, as the memory is contiguous. */
#define bio_for_each_bvec(bvl, bio, it)					\
	for ((it) = (bio)->bi_iter; (it).bi_size &&			\
	     ((bvl = mp_bvec_iter_bvec((bio)->bi_io_vec, (it))), 1);	\
	     bio_advance_iter((bio), &(it), (bvl).bv_len))
/* All that were added, in end_io, when the cursor is at the end. */
#define bio_for_each_bvec_all(bvl, bio, i)				\
	for ((i) = 0, (bvl) = (bio)->bi_io_vec; (i) < (bio)->bi_vcnt;	\
	     (i)++, (bvl)++)

/* Linux's name: every page added, when none was added in one piece. */
struct bvec_iter_all {
	int idx;
};
#define bio_for_each_segment_all(bvl, bio, all)				\
	for ((all).idx = 0, (bvl) = (bio)->bi_io_vec;			\
	     (all).idx < (bio)->bi_vcnt; (all).idx++, (bvl)++)

static inline struct page *bio_first_page_all(const struct bio *bio)
{
	return bio->bi_io_vec[0].bv_page;
}

static inline void *bvec_virt(const struct bio_vec *bv)
{
	return page_address(bv->bv_page) + bv->bv_offset;
}
#define bvec_kmap_local(bv) bvec_virt(bv)

/* ---- lists of bios, linked by bi_next ---- */

struct bio_list {
	struct bio *head, *tail;
};

static inline void bio_list_init(struct bio_list *bl)
{
	bl->head = bl->tail = NULL;
}

static inline bool bio_list_empty(const struct bio_list *bl)
{
	return !bl->head;
}

static inline void bio_list_add(struct bio_list *bl, struct bio *bio)
{
	bio->bi_next = NULL;
	if (bl->tail)
		bl->tail->bi_next = bio;
	else
		bl->head = bio;
	bl->tail = bio;
}

static inline void bio_list_merge(struct bio_list *bl, struct bio_list *from)
{
	if (!from->head)
		return;
	if (bl->tail)
		bl->tail->bi_next = from->head;
	else
		bl->head = from->head;
	bl->tail = from->tail;
}

static inline struct bio *bio_list_pop(struct bio_list *bl)
{
	struct bio *bio = bl->head;

	if (bio) {
		bl->head = bio->bi_next;
		if (!bl->head)
			bl->tail = NULL;
		bio->bi_next = NULL;
	}
	return bio;
}

#endif
