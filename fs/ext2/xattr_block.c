/* SPDX-License-Identifier: MIT */
/*
 * xattr_block.c -- lists of extended attributes
 *
 * PROMISE.  Whatever the bytes, nothing outside them is touched.
 *
 * IDEA.  Names grow from the front, values from the back:
 *
 *	[header][entry a][entry b][0 0 0 0]  free  [value b][value a]
 *
 * The entries of a block are sorted by (namespace, length, name), so that the
 * same attributes always give the same bytes, and inodes with equal attributes
 * can share one block: h_refcount of them do.  h_hash, made of all names and
 * values, finds such a block.  To change a list is to write it anew: take all
 * the items out, put them back with the change.
 *
 * A list may also stand in the tail of a large inode, behind four magic bytes,
 * with value offsets counted from its first entry.  We read those, and remove
 * from them; new attributes go into the block.
 */

#include "pure.h"

#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define ALIGN4(n) (((n) + 3) & ~3u)
#define ENTRY_LEN(name_len) ALIGN4((u32)sizeof(struct ext2_xattr_entry) + \
				   (name_len))
#define BLOCK_FIRST ((u32)sizeof(struct ext2_xattr_header))

const char *ext2_xattr_open_block(const void *block, u32 size,
				  struct ext2_xattr_list *list)
{
	const struct ext2_xattr_header *h = block;
	struct ext2_xattr_item item;
	u32 at = BLOCK_FIRST;
	int found;

	if (h->h_magic != cpu_to_le32(EXT2_XATTR_MAGIC))
		return "no attribute block";
	if (h->h_blocks != cpu_to_le32(1))
		return "attribute block of several blocks";
	if (!h->h_refcount ||
	    le32_to_cpu(h->h_refcount) > EXT2_XATTR_REFCOUNT_MAX)
		return "attribute block with a bad reference count";
	*list = (struct ext2_xattr_list){ block, BLOCK_FIRST, size };
	do
		found = ext2_xattr_item_at(list, at, &item, &at);
	while (found > 0);
	return found ? "bad attribute entry" : NULL;
}

bool ext2_xattr_open_tail(const void *tail, u32 size,
			  struct ext2_xattr_list *list)
{
	const __le32 *magic = tail;

	if (!tail || size < 8 || *magic != cpu_to_le32(EXT2_XATTR_MAGIC))
		return false;
	*list = (struct ext2_xattr_list){ tail + 4, 0, size - 4 };
	return true;
}

int ext2_xattr_item_at(const struct ext2_xattr_list *list, u32 offset,
		       struct ext2_xattr_item *item, u32 *next)
{
	const struct ext2_xattr_entry *e = list->base + offset;
	u32 room, value;

	if (offset > list->size || offset % 4 || list->size - offset < 4)
		return -EFSCORRUPTED;
	if (*(const __le32 *)e == 0)
		return 0;
	room = list->size - offset;
	if (room < sizeof(*e) || room < ENTRY_LEN(e->e_name_len) + 4)
		return -EFSCORRUPTED;
	value = le16_to_cpu(e->e_value_offs);
	item->value_size = le32_to_cpu(e->e_value_size);
	if (e->e_value_block || value > list->size ||
	    item->value_size > list->size - value)
		return -EFSCORRUPTED;
	item->offset = offset;
	item->index = e->e_name_index;
	item->name_len = e->e_name_len;
	item->name = e->e_name;
	item->value = list->base + value;
	item->hash = le32_to_cpu(e->e_hash);
	*next = offset + ENTRY_LEN(e->e_name_len);
	return 1;
}

int ext2_xattr_find(const struct ext2_xattr_list *list, u8 index,
		    const char *name, u32 len, struct ext2_xattr_item *item)
{
	u32 at = list->first;
	int found;

	while ((found = ext2_xattr_item_at(list, at, item, &at)) > 0)
		if (item->index == index && item->name_len == len &&
		    !memcmp(item->name, name, len))
			break;
	return found;
}

void ext2_xattr_init_block(void *block, u32 size)
{
	struct ext2_xattr_header *h = block;

	memset(block, 0, size);
	h->h_magic = cpu_to_le32(EXT2_XATTR_MAGIC);
	h->h_refcount = cpu_to_le32(1);
	h->h_blocks = cpu_to_le32(1);
}

/* ---- hashes, as e2fsck computes them ---- */

static u32 rotate(u32 h, u32 by)
{
	return h << by | h >> (32 - by);
}

static u32 item_hash(const char *name, u32 len, const void *value, u32 size)
{
	const u8 *v = value;
	u32 h = 0, word, n;

	for (n = 0; n < len; n++)
		h = rotate(h, 5) ^ (u8)name[n];
	for (n = 0; n < size; n += 4) {
		word = 0;
		memcpy(&word, v + n, min(4u, size - n));
		h = rotate(h, 16) ^ le32_to_cpu(word);
	}
	return h;
}

/* ---- change ---- */

static int compare(const struct ext2_xattr_item *a, u8 index, const char *name,
		   u32 len)
{
	if (a->index != index)
		return a->index - index;
	if (a->name_len != len)
		return (int)a->name_len - (int)len;
	return memcmp(a->name, name, len);
}

/* A list that is being written. */
struct writer {
	void *block;
	u32 front, back;              /* where the next entry, value goes */
	u32 hash;
	bool shareable;
};

static int append(struct writer *w, u8 index, const char *name, u32 len,
		  const void *value, u32 size)
{
	struct ext2_xattr_entry *e = w->block + w->front;
	u32 entry = ENTRY_LEN(len), room = ALIGN4(size), h;

	if (w->front + 4 > w->back || w->back - w->front - 4 < entry ||
	    w->back - w->front - 4 - entry < room)
		return -ENOSPC;
	w->back -= room;
	e->e_name_len = len;
	e->e_name_index = index;
	e->e_value_offs = cpu_to_le16(size ? w->back : 0);
	e->e_value_size = cpu_to_le32(size);
	memcpy(e->e_name, name, len);
	if (size)
		memcpy(w->block + w->back, value, size);
	h = item_hash(name, len, value, size);
	e->e_hash = cpu_to_le32(h);
	w->hash = rotate(w->hash, 16) ^ h;
	w->shareable &= h != 0;
	w->front += entry;
	return 0;
}

/* Copy the list, with the change, into a block that is initialised. */
static int rewrite(const struct ext2_xattr_list *old, struct writer *w,
		   u8 index, const char *name, u32 len, const void *value,
		   u32 size)
{
	struct ext2_xattr_item item;
	bool pending = value != NULL;
	u32 at = old->first;
	int found, err = 0, order;

	while (!err && (found = ext2_xattr_item_at(old, at, &item, &at)) > 0) {
		order = compare(&item, index, name, len);
		if (order >= 0 && pending) {
			err = append(w, index, name, len, value, size);
			pending = false;
		}
		if (order && !err)
			err = append(w, item.index, item.name, item.name_len,
				     item.value, item.value_size);
	}
	if (!err && found < 0)
		return found;
	if (!err && pending)
		err = append(w, index, name, len, value, size);
	return err;
}

/*
 * Change a block that ext2_xattr_open_block() accepted.  On an error it is as
 * it was.  value points outside the block.
 */
int ext2_xattr_change(void *block, u32 size, u8 index, const char *name,
		      u32 len, const void *value, u32 value_size)
{
	struct ext2_xattr_header *h = block;
	struct ext2_xattr_list old = { block, BLOCK_FIRST, size };
	struct writer w = { NULL, BLOCK_FIRST, size, 0, true };
	int err;

	w.block = kmalloc(size, GFP_NOFS);
	if (!w.block)
		return -ENOMEM;
	ext2_xattr_init_block(w.block, size);
	err = rewrite(&old, &w, index, name, len, value, value_size);
	if (!err) {
		((struct ext2_xattr_header *)w.block)->h_refcount =
			h->h_refcount;
		memcpy(block, w.block, size);
		h->h_hash = cpu_to_le32(w.shareable ? w.hash : 0);
	}
	kfree(w.block);
	return err;
}

/* Take one out of an inode's tail; its value's bytes become a gap. */
int ext2_xattr_remove_from_tail(void *tail, u32 size, u8 index,
				const char *name, u32 len)
{
	struct ext2_xattr_item item, last;
	struct ext2_xattr_list list;
	u32 at, behind, end;
	int found;

	if (!ext2_xattr_open_tail(tail, size, &list))
		return 0;
	found = ext2_xattr_find(&list, index, name, len, &item);
	if (found <= 0)
		return found;
	behind = item.offset + ENTRY_LEN(item.name_len);
	end = behind;
	while ((found = ext2_xattr_item_at(&list, end, &last, &at)) > 0)
		end = at;
	if (found < 0)
		return found;
	at = item.offset;             /* the end's four zeroes move, too */
	memmove((void *)list.base + at, list.base + behind, end + 4 - behind);
	memset((void *)list.base + at + (end + 4 - behind), 0, behind - at);
	return 1;
}

bool ext2_xattr_is_empty(const void *block)
{
	return *(const __le32 *)(block + BLOCK_FIRST) == 0;
}

/* Equal but for the count of their owners? */
bool ext2_xattr_equal(const void *a, const void *b, u32 size)
{
	const struct ext2_xattr_header *x = a, *y = b;

	return x->h_hash == y->h_hash &&
	       !memcmp(a + BLOCK_FIRST, b + BLOCK_FIRST, size - BLOCK_FIRST);
}
