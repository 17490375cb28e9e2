/* SPDX-License-Identifier: MIT */
#ifndef FS_BUFFER_IMPL_H
#define FS_BUFFER_IMPL_H
/* buffer_impl.h -- what fs/buffer*.c share; theory: buffer.c */

#include <fs/buffer_head.h>

void link_page_buffers(struct page *page, struct buffer_head *head);
void __remove_assoc_queue(struct buffer_head *bh);
void mark_buffer_async_read(struct buffer_head *bh);
void end_buffer_async_read(struct buffer_head *bh, int uptodate);
void end_buffer_async_write(struct buffer_head *bh, int uptodate);
/* The page's ring, made if there is none; locked. */
struct buffer_head *create_page_buffers(struct page *page, struct inode *inode,
					unsigned long b_state);

/* The next block of the page, NULL when the ring closes. */
static inline struct buffer_head *next_in_page(struct buffer_head *bh)
{
	struct buffer_head *next = bh->b_this_page;

	return next == page_buffers(bh->b_page) ? NULL : next;
}

#define for_each_buffer(bh, page) \
	for ((bh) = page_buffers(page); (bh); (bh) = next_in_page(bh))

#endif
