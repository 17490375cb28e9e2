/* SPDX-License-Identifier: MIT */
/*
 * bio.c -- pieces of block I/O: making, filling, splitting, ending
 *
 * PROMISE.  bio_alloc() with a gfp that may sleep never fails, so that memory
 * can be freed by writing it out when none is left.  bi_end_io runs exactly
 * once.
 *
 * IDEA.  A bio says: these sectors, those pieces of memory, that direction.
 * bi_iter is a cursor over the pieces; who splits or retries a bio copies or
 * moves the cursor and leaves the pieces alone:
 *
 *	bi_io_vec  [page 7, 4096, 0] [page 9, 512, 1024] [page 2, 4096, 0]
 *	bi_iter     sector 800, 4608 bytes left  ----^ idx 1, 0 done
 *
 * Bios come from a slab with a small reserve (a mempool).  The reserve is what
 * makes the promise true: each bio of it ends without needing another one.
 * A split takes from a set of its own, so that a bio that waits for its split
 * never waits for itself.
 *
 * Chains: bio_chain(child, parent) makes the parent's end wait for the child's,
 * by __bi_remaining.  The last to end calls the parent's bi_end_io.
 *
 * LOCKING.  None: a bio has one owner at a time.  Counters are atomic.
 *
 * RACES.  Parts of a chain end on different CPUs with different errors; the
 * first error stays (cmpxchg), and is read after the count has dropped to 0.
 *
 * SEE docs/74-block-layer.md.
 *
 * EXERCISES.  1. Why does bio_endio() loop instead of calling itself for the
 * parent?  2. What would break if bio_split() took from fs_bio_set?
 */

#include "blk.h"

#include <kernel/completion.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define BIO_POOL_SIZE 2
#define MAX_BIO_SLABS 16         /* sizes in use; kept for ever */

struct bio_set fs_bio_set;

/* ---- statuses ---- */

static const struct {
	int err;
	const char *name;
} statuses[] = {
	[BLK_STS_OK] = { 0, "" },
	[BLK_STS_NOTSUPP] = { -EOPNOTSUPP, "operation not supported" },
	[BLK_STS_TIMEOUT] = { -ETIMEDOUT, "timeout" },
	[BLK_STS_NOSPC] = { -ENOSPC, "critical space allocation" },
	[BLK_STS_TRANSPORT] = { -ENOLINK, "recoverable transport" },
	[BLK_STS_TARGET] = { -EREMOTEIO, "critical target" },
	[BLK_STS_NEXUS] = { -EBADE, "critical nexus" },
	[BLK_STS_MEDIUM] = { -ENODATA, "critical medium" },
	[BLK_STS_PROTECTION] = { -EILSEQ, "protection" },
	[BLK_STS_RESOURCE] = { -ENOMEM, "kernel resource" },
	[BLK_STS_IOERR] = { -EIO, "I/O" },
	[BLK_STS_AGAIN] = { -EAGAIN, "nonblocking retry" },
	[BLK_STS_DEV_RESOURCE] = { -EBUSY, "device resource" },
	[BLK_STS_OFFLINE] = { -ENODEV, "device offline" },
};

int blk_status_to_errno(blk_status_t status)
{
	if (status >= ARRAY_SIZE(statuses) || !statuses[status].name)
		return -EIO;
	return statuses[status].err;
}
EXPORT_SYMBOL(blk_status_to_errno);

blk_status_t errno_to_blk_status(int err)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(statuses); i++)
		if (statuses[i].name && statuses[i].err == err)
			return i;
	return BLK_STS_IOERR;
}
EXPORT_SYMBOL(errno_to_blk_status);

const char *blk_status_to_str(blk_status_t status)
{
	if (status >= ARRAY_SIZE(statuses) || !statuses[status].name)
		return "I/O";
	return statuses[status].name;
}

/* ---- making ---- */

void bio_init(struct bio *bio, struct block_device *bdev,
	      struct bio_vec *table, unsigned short max_vecs, blk_opf_t opf)
{
	*bio = (struct bio){
		.bi_bdev = bdev, .bi_opf = opf, .bi_io_vec = table,
		.bi_max_vecs = max_vecs,
	};
	atomic_set(&bio->__bi_remaining, 1);
	atomic_set(&bio->__bi_cnt, 1);
}
EXPORT_SYMBOL(bio_init);

/* One slab cache for each size, however many sets use it. */
static struct bio_slab {
	unsigned int size;
	struct kmem_cache *cache;
	char name[16];
} bio_slabs[MAX_BIO_SLABS];
static DEFINE_MUTEX(bio_slab_lock);

static struct kmem_cache *bio_find_slab(unsigned int size)
{
	struct kmem_cache *cache = NULL;
	struct bio_slab *s;

	mutex_lock(&bio_slab_lock);
	for (s = bio_slabs; s < bio_slabs + MAX_BIO_SLABS; s++) {
		if (s->size && s->size != size)
			continue;
		if (!s->size) {
			snprintf(s->name, sizeof(s->name), "bio-%u", size);
			s->cache = kmem_cache_create(s->name, size, 0, 0,
						     NULL);
			s->size = s->cache ? size : 0;
		}
		cache = s->cache;
		break;
	}
	mutex_unlock(&bio_slab_lock);
	return cache;
}

int bioset_init(struct bio_set *bs, unsigned int pool_size,
		unsigned int front_pad, int flags)
{
	*bs = (struct bio_set){ .front_pad = front_pad };
	bs->bio_slab = bio_find_slab(front_pad + sizeof(struct bio) +
				     BIO_INLINE_VECS * sizeof(struct bio_vec));
	if (!bs->bio_slab)
		return -ENOMEM;
	bs->bio_pool = mempool_create_slab_pool(pool_size, bs->bio_slab);
	if (flags & BIOSET_NEED_BVECS)
		bs->bvec_pool = mempool_create_kmalloc_pool(pool_size,
			BIO_MAX_VECS * sizeof(struct bio_vec));
	if (bs->bio_pool && (bs->bvec_pool || !(flags & BIOSET_NEED_BVECS)))
		return 0;
	bioset_exit(bs);
	return -ENOMEM;
}
EXPORT_SYMBOL(bioset_init);

void bioset_exit(struct bio_set *bs)
{
	if (bs->bio_pool)
		mempool_destroy(bs->bio_pool);
	if (bs->bvec_pool)
		mempool_destroy(bs->bvec_pool);
	*bs = (struct bio_set){ 0 };
}
EXPORT_SYMBOL(bioset_exit);

/* Vectors beyond the inline ones; *nr may become BIO_MAX_VECS. */
static struct bio_vec *bvec_alloc(struct bio_set *bs, unsigned short *nr,
				  gfp_t gfp)
{
	gfp_t try = (gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NOWARN;
	struct bio_vec *bv = NULL;

	if (*nr < BIO_MAX_VECS)
		bv = kmalloc(*nr * sizeof(*bv), try);
	if (bv)
		return bv;
	*nr = BIO_MAX_VECS;      /* the reserve has only whole ones */
	return mempool_alloc(bs->bvec_pool, gfp);
}

static void bvec_free(struct bio_set *bs, struct bio *bio)
{
	if (bio->bi_io_vec == bio->bi_inline_vecs || !bio->bi_max_vecs ||
	    bio_flagged(bio, BIO_CLONED))
		return;
	if (bio->bi_max_vecs == BIO_MAX_VECS)
		mempool_free(bio->bi_io_vec, bs->bvec_pool);
	else
		kfree(bio->bi_io_vec);
}

struct bio *bio_alloc_bioset(struct block_device *bdev, unsigned short nr_vecs,
			     blk_opf_t opf, gfp_t gfp, struct bio_set *bs)
{
	struct bio_vec *table;
	struct bio *bio;
	void *p;

	if (WARN_ON_ONCE(nr_vecs > BIO_MAX_VECS ||
			 (nr_vecs && !bs->bvec_pool)))
		return NULL;
	p = mempool_alloc(bs->bio_pool, gfp);
	if (unlikely(!p))
		return NULL;
	bio = p + bs->front_pad;
	table = nr_vecs ? bio->bi_inline_vecs : NULL;
	if (nr_vecs > BIO_INLINE_VECS) {
		table = bvec_alloc(bs, &nr_vecs, gfp);
		if (unlikely(!table)) {
			mempool_free(p, bs->bio_pool);
			return NULL;
		}
	}
	bio_init(bio, bdev, table, nr_vecs, opf);
	bio->bi_pool = bs;
	return bio;
}
EXPORT_SYMBOL(bio_alloc_bioset);

struct bio *bio_kmalloc(unsigned short nr_vecs, gfp_t gfp)
{
	struct bio *bio;

	bio = kmalloc(sizeof(*bio) + nr_vecs * sizeof(struct bio_vec), gfp);
	if (bio)
		bio_init(bio, NULL, nr_vecs ? bio->bi_inline_vecs : NULL,
			 nr_vecs, 0);
	return bio;
}
EXPORT_SYMBOL(bio_kmalloc);

void bio_put(struct bio *bio)
{
	struct bio_set *bs = bio->bi_pool;

	if (!atomic_dec_and_test(&bio->__bi_cnt))
		return;
	if (!bs) {
		kfree(bio);
		return;
	}
	bvec_free(bs, bio);
	mempool_free((void *)bio - bs->front_pad, bs->bio_pool);
}
EXPORT_SYMBOL(bio_put);

/* ---- filling ---- */

void __bio_add_page(struct bio *bio, struct page *page, unsigned int len,
		    unsigned int offset)
{
	WARN_ON_ONCE(bio_full(bio, len));
	bio->bi_io_vec[bio->bi_vcnt++] = (struct bio_vec){
		.bv_page = page, .bv_len = len, .bv_offset = offset };
	bio->bi_iter.bi_size += len;
}
EXPORT_SYMBOL(__bio_add_page);

/* Does it go on where the last piece ends?  Then the piece grows. */
static bool bio_try_merge_page(struct bio *bio, struct page *page,
			       unsigned int len, unsigned int offset)
{
	struct bio_vec *last;

	if (!bio->bi_vcnt || bio->bi_iter.bi_size > UINT_MAX - len)
		return false;
	last = &bio->bi_io_vec[bio->bi_vcnt - 1];
	if (page_to_phys(last->bv_page) + last->bv_offset + last->bv_len !=
	    page_to_phys(page) + offset)
		return false;
	last->bv_len += len;
	bio->bi_iter.bi_size += len;
	return true;
}

int bio_add_page(struct bio *bio, struct page *page, unsigned int len,
		 unsigned int offset)
{
	if (WARN_ON_ONCE(bio_flagged(bio, BIO_CLONED)))
		return 0;
	if (bio_try_merge_page(bio, page, len, offset))
		return len;
	if (bio_full(bio, len))
		return 0;
	__bio_add_page(bio, page, len, offset);
	return len;
}
EXPORT_SYMBOL(bio_add_page);

void zero_fill_bio(struct bio *bio)
{
	struct bvec_iter it;
	struct bio_vec bv;

	bio_for_each_segment(bv, bio, it)
		memset(bvec_virt(&bv), 0, bv.bv_len);
}
EXPORT_SYMBOL(zero_fill_bio);

/* Forget what is behind new_size; a read's memory there becomes zero. */
void bio_truncate(struct bio *bio, unsigned int new_size)
{
	struct bvec_iter it;
	struct bio_vec bv;
	unsigned int done = 0;

	if (new_size >= bio->bi_iter.bi_size)
		return;
	if (bio_op(bio) == REQ_OP_READ) {
		bio_for_each_segment(bv, bio, it) {
			unsigned int keep = done >= new_size ? 0 :
				min(new_size - done, bv.bv_len);

			memset(bvec_virt(&bv) + keep, 0, bv.bv_len - keep);
			done += bv.bv_len;
		}
	}
	bio->bi_iter.bi_size = new_size;
}
EXPORT_SYMBOL(bio_truncate);

/*
 * The page cache's last block may reach beyond a device whose size is not a
 * multiple of it: only what is there is read and written.
 */
void guard_bio_eod(struct bio *bio)
{
	sector_t max = bdev_nr_sectors(bio->bi_bdev);
	sector_t at = bio->bi_iter.bi_sector;

	if (at < max && bio_sectors(bio) > max - at)
		bio_truncate(bio, (max - at) << SECTOR_SHIFT);
}
EXPORT_SYMBOL(guard_bio_eod);

void bio_advance(struct bio *bio, unsigned int nbytes)
{
	bio_advance_iter(bio, &bio->bi_iter, nbytes);
}
EXPORT_SYMBOL(bio_advance);

/* ---- cloning and splitting ---- */

struct bio *bio_alloc_clone(struct block_device *bdev, struct bio *src,
			    gfp_t gfp, struct bio_set *bs)
{
	struct bio *bio = bio_alloc_bioset(bdev, 0, src->bi_opf, gfp, bs);

	if (!bio)
		return NULL;
	bio_set_flag(bio, BIO_CLONED);
	if (bio_flagged(src, BIO_REMAPPED) && bdev == src->bi_bdev)
		bio_set_flag(bio, BIO_REMAPPED);
	bio->bi_io_vec = src->bi_io_vec;
	bio->bi_vcnt = src->bi_vcnt;
	bio->bi_iter = src->bi_iter;
	bio->bi_ioprio = src->bi_ioprio;
	return bio;
}
EXPORT_SYMBOL(bio_alloc_clone);

struct bio *bio_split(struct bio *bio, int sectors, gfp_t gfp,
		      struct bio_set *bs)
{
	struct bio *split;

	if (WARN_ON_ONCE(sectors <= 0 || sectors >= (int)bio_sectors(bio)))
		return NULL;
	split = bio_alloc_clone(bio->bi_bdev, bio, gfp, bs);
	if (!split)
		return NULL;
	split->bi_iter.bi_size = sectors << SECTOR_SHIFT;
	bio_advance(bio, split->bi_iter.bi_size);
	return split;
}
EXPORT_SYMBOL(bio_split);

/* ---- ending ---- */

static void bio_chain_endio(struct bio *bio)
{
	WARN_ON_ONCE(1);         /* bio_endio() looks through chains */
}

void bio_chain(struct bio *bio, struct bio *parent)
{
	WARN_ON_ONCE(bio->bi_private || bio->bi_end_io);
	bio->bi_private = parent;
	bio->bi_end_io = bio_chain_endio;
	bio_set_flag(parent, BIO_CHAIN);
	atomic_inc(&parent->__bi_remaining);
}
EXPORT_SYMBOL(bio_chain);

/* The parent of a chained bio that has ended; the bio goes. */
static struct bio *bio_end_chained(struct bio *bio)
{
	struct bio *parent = bio->bi_private;
	blk_status_t ok = BLK_STS_OK;

	if (bio->bi_status)
		__atomic_compare_exchange_n(&parent->bi_status, &ok,
					    bio->bi_status, false,
					    __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
	bio_put(bio);
	return parent;
}

/* Any context but hard irq (bi_end_io may free memory). */
void bio_endio(struct bio *bio)
{
	for (;;) {
		if (bio_flagged(bio, BIO_CHAIN) &&
		    !atomic_dec_and_test(&bio->__bi_remaining))
			return;
		bio_clear_flag(bio, BIO_CHAIN);
		atomic_set(&bio->__bi_remaining, 1);
		if (bio->bi_end_io != bio_chain_endio)
			break;
		bio = bio_end_chained(bio);
	}
	if (bio->bi_end_io)
		bio->bi_end_io(bio);
}
EXPORT_SYMBOL(bio_endio);

static void submit_bio_wait_endio(struct bio *bio)
{
	complete(bio->bi_private);
}

/* The caller keeps the bio.  0 or -errno. */
int submit_bio_wait(struct bio *bio)
{
	DECLARE_COMPLETION_ONSTACK(done);

	bio->bi_private = &done;
	bio->bi_end_io = submit_bio_wait_endio;
	bio->bi_opf |= REQ_SYNC;
	submit_bio(bio);
	wait_for_completion_io(&done);
	return blk_status_to_errno(bio->bi_status);
}
EXPORT_SYMBOL(submit_bio_wait);

/* Two of each suffice: those of the reserve come back by themselves. */
static int init_bio(void)
{
	return bioset_init(&fs_bio_set, BIO_POOL_SIZE, 0, BIOSET_NEED_BVECS);
}
core_initcall(init_bio);
