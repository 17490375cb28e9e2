/* SPDX-License-Identifier: MIT */
/*
 * iov_iter.c -- one cursor over the memory of a read or a write
 *
 * PROMISE.  Whoever moves bytes (a file, a pipe, a socket) says copy_to_iter()
 * or copy_from_iter() and need not know whether the other side is one user
 * buffer, readv()'s array of them, or kernel memory.
 *
 * IDEA.  The cursor is a segment, an offset in it, and the bytes left in all:
 *
 *	iov ->  [ seg 0 ........ ][ seg 1 ... ][ seg 2 .......... ]
 *	                 ^ iov_offset                          ^ count ends here
 *
 * Each copy is a walk over pieces that lie in one segment; the step function
 * handles one piece and says how many bytes it could *not* do.  The walk stops
 * at the first piece that was cut short, so the cursor always stands exactly
 * behind what was really copied.
 *
 * INVARIANTS:
 *   I1  count never exceeds the bytes in the segments from the cursor on.
 *   I2  iov_offset <= length of the current segment.
 *   I3  After a short copy the cursor has moved by the bytes returned.
 *
 * LOCKING.  A cursor belongs to one thread.  User pieces may sleep in a page
 * fault, so no spinlock is held; the _atomic form turns page faults off.
 *
 * EXERCISES.  1. Why may import_iovec() not read the lengths from user memory a
 * second time?  2. Which reader would see old kernel memory if copy_from_iter()
 * did not stop at the first short piece?
 */

#include <mm/uio.h>

#include <arch/page.h>
#include <arch/uaccess.h>
#include <kernel/bug.h>
#include <kernel/export.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vmstat.h>

/* Handle `len` bytes at `seg` against `cursor`; returns the bytes not done. */
typedef size_t (*iov_step_t)(void *seg, size_t len, void *cursor, bool user);

void iov_iter_ubuf(struct iov_iter *i, unsigned int direction,
		   void __user *buf, size_t count)
{
	*i = (struct iov_iter){
		.iter_type = ITER_UBUF, .data_source = direction == WRITE,
		.ubuf = buf, .count = count, .nr_segs = 1,
	};
}
EXPORT_SYMBOL(iov_iter_ubuf);

void iov_iter_init(struct iov_iter *i, unsigned int direction,
		   const struct iovec *iov, unsigned long nr_segs,
		   size_t count)
{
	*i = (struct iov_iter){
		.iter_type = ITER_IOVEC, .data_source = direction == WRITE,
		.iov = iov, .count = count, .nr_segs = nr_segs,
	};
}
EXPORT_SYMBOL(iov_iter_init);

void iov_iter_kvec(struct iov_iter *i, unsigned int direction,
		   const struct kvec *kvec, unsigned long nr_segs,
		   size_t count)
{
	*i = (struct iov_iter){
		.iter_type = ITER_KVEC, .data_source = direction == WRITE,
		.kvec = kvec, .count = count, .nr_segs = nr_segs,
	};
}
EXPORT_SYMBOL(iov_iter_kvec);

/* The piece at the cursor: where, and how long without crossing a segment. */
static void *current_piece(const struct iov_iter *i, size_t *len)
{
	if (i->iter_type == ITER_UBUF) {
		*len = i->count;
		return (char *)i->ubuf + i->iov_offset;
	}
	/* struct iovec and struct kvec have one layout. */
	*len = i->kvec->iov_len - i->iov_offset;
	if (*len > i->count)
		*len = i->count;
	return (char *)i->kvec->iov_base + i->iov_offset;
}

/* Move by n bytes, which lie in the current segment. */
static void step_over(struct iov_iter *i, size_t n)
{
	i->iov_offset += n;
	i->count -= n;
	if (i->iter_type == ITER_UBUF)
		return;
	if (i->iov_offset == i->kvec->iov_len && i->nr_segs > 1) {
		i->kvec++;
		i->nr_segs--;
		i->iov_offset = 0;
	}
}

/* Skip segments of no length, so that current_piece() is not empty. */
static void skip_empty(struct iov_iter *i)
{
	while (i->iter_type != ITER_UBUF && i->nr_segs > 1 &&
	       i->kvec->iov_len == i->iov_offset) {
		i->kvec++;
		i->nr_segs--;
		i->iov_offset = 0;
	}
}

static size_t walk(struct iov_iter *i, size_t bytes, void *cursor,
		   iov_step_t step)
{
	bool user = user_backed_iter(i);
	size_t done = 0;

	if (bytes > i->count)
		bytes = i->count;
	while (done < bytes) {
		size_t len, left;
		void *seg;

		skip_empty(i);
		seg = current_piece(i, &len);
		if (len > bytes - done)
			len = bytes - done;
		left = step(seg, len, cursor ? (char *)cursor + done : NULL,
			    user);
		step_over(i, len - left);                      /* I3 */
		done += len - left;
		if (left)
			break;
	}
	return done;
}

/* The same, for data: counted, so that a copy which was avoided shows. */
static size_t copy(struct iov_iter *i, size_t bytes, void *cursor,
		   iov_step_t step)
{
	size_t done = walk(i, bytes, cursor, step);

	count_vm_events(BYTES_COPIED, done);
	return done;
}

static size_t step_to(void *seg, size_t len, void *from, bool user)
{
	if (user)
		return copy_to_user(seg, from, len);
	memcpy(seg, from, len);
	return 0;
}

/* No zero-filling tail here: the caller sees how much came, and stops. */
static size_t step_from(void *seg, size_t len, void *to, bool user)
{
	if (user)
		return access_ok(seg, len) ? raw_copy_user(to, seg, len) : len;
	memcpy(to, seg, len);
	return 0;
}

static size_t step_from_atomic(void *seg, size_t len, void *to, bool user)
{
	if (user)
		return copy_from_user_nofault(to, seg, len);
	memcpy(to, seg, len);
	return 0;
}

static size_t step_zero(void *seg, size_t len, void *unused, bool user)
{
	(void)unused;
	if (user)
		return clear_user(seg, len);
	memset(seg, 0, len);
	return 0;
}

static size_t step_nothing(void *seg, size_t len, void *unused, bool user)
{
	(void)seg, (void)len, (void)unused, (void)user;
	return 0;
}

size_t copy_to_iter(const void *addr, size_t bytes, struct iov_iter *i)
{
	DEBUG_ASSERT(!i->data_source);
	return copy(i, bytes, (void *)addr, step_to);
}
EXPORT_SYMBOL(copy_to_iter);

size_t copy_from_iter(void *addr, size_t bytes, struct iov_iter *i)
{
	DEBUG_ASSERT(i->data_source);
	return copy(i, bytes, addr, step_from);
}
EXPORT_SYMBOL(copy_from_iter);

bool copy_from_iter_full(void *addr, size_t bytes, struct iov_iter *i)
{
	size_t n = copy_from_iter(addr, bytes, i);

	if (n == bytes)
		return true;
	iov_iter_revert(i, n);
	return false;
}
EXPORT_SYMBOL(copy_from_iter_full);

bool copy_to_iter_full(const void *addr, size_t bytes, struct iov_iter *i)
{
	size_t n = copy_to_iter(addr, bytes, i);

	if (n == bytes)
		return true;
	iov_iter_revert(i, n);
	return false;
}
EXPORT_SYMBOL(copy_to_iter_full);

size_t iov_iter_zero(size_t bytes, struct iov_iter *i)
{
	return walk(i, bytes, NULL, step_zero);
}
EXPORT_SYMBOL(iov_iter_zero);

size_t copy_page_to_iter(struct page *page, size_t offset, size_t bytes,
			 struct iov_iter *i)
{
	return copy_to_iter((char *)page_to_virt(page) + offset, bytes, i);
}
EXPORT_SYMBOL(copy_page_to_iter);

size_t copy_page_from_iter(struct page *page, size_t offset, size_t bytes,
			   struct iov_iter *i)
{
	return copy_from_iter((char *)page_to_virt(page) + offset, bytes, i);
}
EXPORT_SYMBOL(copy_page_from_iter);

size_t copy_page_from_iter_atomic(struct page *page, size_t offset,
				  size_t bytes, struct iov_iter *i)
{
	return copy(i, bytes, (char *)page_to_virt(page) + offset,
		    step_from_atomic);
}
EXPORT_SYMBOL(copy_page_from_iter_atomic);

void iov_iter_advance(struct iov_iter *i, size_t bytes)
{
	walk(i, bytes, NULL, step_nothing);
}
EXPORT_SYMBOL(iov_iter_advance);

void iov_iter_revert(struct iov_iter *i, size_t bytes)
{
	i->count += bytes;
	while (i->iter_type != ITER_UBUF && bytes > i->iov_offset) {
		bytes -= i->iov_offset;
		i->kvec--;
		i->nr_segs++;
		i->iov_offset = i->kvec->iov_len;
	}
	i->iov_offset -= bytes;
}
EXPORT_SYMBOL(iov_iter_revert);

void iov_iter_save_state(const struct iov_iter *i, struct iov_iter_state *s)
{
	s->iov_offset = i->iov_offset;
	s->count = i->count;
	s->nr_segs = i->nr_segs;
}
EXPORT_SYMBOL(iov_iter_save_state);

void iov_iter_restore(struct iov_iter *i, const struct iov_iter_state *s)
{
	if (i->iter_type != ITER_UBUF)
		i->kvec -= s->nr_segs - i->nr_segs;
	i->iov_offset = s->iov_offset;
	i->count = s->count;
	i->nr_segs = s->nr_segs;
}
EXPORT_SYMBOL(iov_iter_restore);

size_t iov_iter_single_seg(struct iov_iter *i, unsigned long *addr)
{
	size_t len;

	skip_empty(i);
	*addr = (unsigned long)current_piece(i, &len);
	return len;
}

size_t iov_iter_single_seg_count(const struct iov_iter *i)
{
	size_t len;

	current_piece(i, &len);
	return len;
}
EXPORT_SYMBOL(iov_iter_single_seg_count);

unsigned long iov_iter_alignment(const struct iov_iter *i)
{
	struct iov_iter it = *i;
	unsigned long bits = 0;

	while (it.count) {
		size_t len;

		skip_empty(&it);
		bits |= (unsigned long)current_piece(&it, &len);
		bits |= len;
		step_over(&it, len);
	}
	return bits;
}
EXPORT_SYMBOL(iov_iter_alignment);

/* ---- touching pages before a copy that may not fault --------------------- */

size_t fault_in_readable(const void __user *uaddr, size_t size)
{
	unsigned long start = (unsigned long)uaddr, end = start + size, a;
	u8 byte __maybe_unused;

	if (!size)
		return 0;
	if (!access_ok(uaddr, size))
		return size;
	for (a = start; a < end; a = (a & PAGE_MASK) + PAGE_SIZE)
		if (__get_user(byte, (const u8 __user *)a))
			return end - a;
	return 0;
}
EXPORT_SYMBOL(fault_in_readable);

/*
 * Writing a byte back could undo another thread's store, so the page is asked
 * for as a write fault and not touched.
 */
size_t fault_in_writeable(void __user *uaddr, size_t size)
{
	unsigned long start = (unsigned long)uaddr, end = start + size, a;
	struct page *page;

	if (!size)
		return 0;
	if (!access_ok(uaddr, size))
		return size;
	for (a = start; a < end; a = (a & PAGE_MASK) + PAGE_SIZE) {
		if (get_user_pages_fast(a & PAGE_MASK, 1, FOLL_WRITE,
					&page) != 1)
			return end - a;
		put_page(page);
	}
	return 0;
}
EXPORT_SYMBOL(fault_in_writeable);

static size_t fault_in_iter(const struct iov_iter *i, size_t bytes, bool write)
{
	struct iov_iter it = *i;

	if (!user_backed_iter(i))
		return 0;
	iov_iter_truncate(&it, bytes);
	while (it.count) {
		size_t len, left;
		void *seg;

		skip_empty(&it);
		seg = current_piece(&it, &len);
		left = write ? fault_in_writeable(seg, len)
			     : fault_in_readable(seg, len);
		if (left)
			return it.count - (len - left);
		step_over(&it, len);
	}
	return 0;
}

size_t fault_in_iov_iter_readable(const struct iov_iter *i, size_t bytes)
{
	return fault_in_iter(i, bytes, false);
}
EXPORT_SYMBOL(fault_in_iov_iter_readable);

size_t fault_in_iov_iter_writeable(const struct iov_iter *i, size_t bytes)
{
	return fault_in_iter(i, bytes, true);
}
EXPORT_SYMBOL(fault_in_iov_iter_writeable);

/* ---- from system-call arguments ------------------------------------------ */

int import_ubuf(unsigned int direction, void __user *buf, size_t len,
		struct iov_iter *i)
{
	if (len > MAX_RW_COUNT)
		len = MAX_RW_COUNT;
	if (!access_ok(buf, len))
		return -EFAULT;
	iov_iter_ubuf(i, direction, buf, len);
	return 0;
}
EXPORT_SYMBOL(import_ubuf);

/* Check the copied segments and cut them to MAX_RW_COUNT; bytes or -errno. */
static ssize_t check_segments(struct iovec *iov, unsigned int nr_segs)
{
	size_t total = 0;
	unsigned int n;

	for (n = 0; n < nr_segs; n++) {
		if ((ssize_t)iov[n].iov_len < 0)
			return -EINVAL;
		if (!access_ok(iov[n].iov_base, iov[n].iov_len))
			return -EFAULT;
		if (iov[n].iov_len > MAX_RW_COUNT - total)
			iov[n].iov_len = MAX_RW_COUNT - total;
		total += iov[n].iov_len;
	}
	return total;
}

ssize_t import_iovec(unsigned int direction, const struct iovec __user *uvec,
		     unsigned int nr_segs, unsigned int fast_segs,
		     struct iovec **iovp, struct iov_iter *i)
{
	struct iovec *iov = *iovp, *heap = NULL;
	ssize_t total;

	*iovp = NULL;
	if (nr_segs > UIO_MAXIOV)
		return -EINVAL;
	if (nr_segs > fast_segs) {
		heap = kmalloc_array(nr_segs, sizeof(*iov), GFP_KERNEL);
		if (!heap)
			return -ENOMEM;
		iov = heap;
	}
	total = -EFAULT;
	if (nr_segs && copy_from_user(iov, uvec, nr_segs * sizeof(*iov)))
		goto out_free;
	total = check_segments(iov, nr_segs);
	if (total < 0)
		goto out_free;
	iov_iter_init(i, direction, iov, nr_segs, total);
	*iovp = heap;
	return total;

out_free:
	kfree(heap);
	return total;
}
EXPORT_SYMBOL(import_iovec);
