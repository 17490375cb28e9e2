/* SPDX-License-Identifier: MIT */
/* fuzz_ext2.c -- any bytes as any part of an ext2 volume: refused, or read */

/* host-fuzz: fs/ext2/geometry.c fs/ext2/bitmap.c fs/ext2/inode_disk.c
 *  fs/ext2/blockpath.c fs/ext2/dirblock.c fs/ext2/nameindex.c
 *  fs/ext2/window.c fs/ext2/xattr_block.c fs/ext2/options.c
 *  kernel/lib/rbtree.c kernel/lib/bitmap.c kernel/lib/bitops.c --
 */

#include "fs/ext2/pure.h"

#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/slab.h>

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void free(void *p);

void *kmalloc(size_t size, gfp_t gfp)
{
	return gfp & __GFP_ZERO ? calloc(1, size) : malloc(size);
}

void kfree(const void *p)
{
	free((void *)p);
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	return malloc(size);
}

void kvfree(const void *p)
{
	free((void *)p);
}

static volatile u64 sink;

static void touch(const void *p, size_t n)
{
	const u8 *bytes = p;

	while (n--)
		sink += *bytes++;
}

/* A super block, and behind it a descriptor and a bitmap. */
static void fuzz_super(const u8 *data, size_t size)
{
	static struct ext2_super_block es __attribute__((aligned(8)));
	static u8 bits[4096] __attribute__((aligned(8)));
	struct ext2_group_desc d = { 0 };
	struct ext2_inode_place place;
	struct ext2_geometry g;
	char names[40];
	u32 group;

	memset(&es, 0, sizeof(es));
	memcpy(&es, data, min(size, sizeof(es)));
	if (!(data[0] & 1))           /* get past the first door */
		es.s_magic = cpu_to_le16(EXT2_SUPER_MAGIC);
	if (ext2_read_geometry(&es, 0, &g))
		return;
	ext2_name_features(g.incompat, g.ro_compat, names, sizeof(names));
	touch(names, strlen(names));
	group = le32_to_cpu(es.s_reserved[0]) % g.groups;
	memcpy(&d, &es.s_reserved[1], sizeof(d));
	memset(bits, data[1], sizeof(bits));
	sink += ext2_max_bytes(&g) + ext2_desc_location(&g, 1, 0);
	if (g.groups < 1000)
		sink += ext2_overhead(&g);
	if (ext2_check_group(&g, group, &d))
		return;
	ext2_check_block_bitmap(&g, group, &d, bits);
	ext2_locate_inode(&g, &d, g.inodes_per_group * group + 1, &place);
	if (place.offset + g.inode_size > g.block_size)
		__builtin_trap();
}

static void fuzz_inode(const u8 *data, size_t size)
{
	struct ext2_geometry g = { .block_size = 1024, .block_bits = 10,
				   .blocks_count = 1000, .inode_size = 256,
				   .inodes_count = 100 };
	static u8 raw[256] __attribute__((aligned(8))), was[256];
	struct ext2_inode_image image;
	struct ext2_xattr_list list;
	struct ext2_xattr_item item;
	u32 tail_size, at;
	void *tail;

	memset(raw, 0, sizeof(raw));
	memcpy(raw, data, min(size, sizeof(raw)));
	if (ext2_decode_inode(&g, raw, &image))
		return;
	memcpy(was, raw, sizeof(was));
	tail = ext2_inode_tail(&g, raw, &tail_size);
	if (ext2_xattr_open_tail(tail, tail_size, &list)) {
		at = list.first;
		while (ext2_xattr_item_at(&list, at, &item, &at) > 0) {
			touch(item.name, item.name_len);
			touch(item.value, item.value_size);
		}
		ext2_xattr_remove_from_tail(tail, tail_size, 1, "a", 1);
	}
	ext2_encode_inode(&g, &image, raw);
}

/* Two bytes say what to do; the rest is the block. */
static void fuzz_dir(const u8 *data, size_t size)
{
	u8 *block = malloc(1024);
	struct ext2_dir_slot slot;
	u32 at, len = 1 + data[1] % 200;
	char name[255];
	int found;

	memset(block, 0, 1024);
	memset(name, 'a' + data[0] % 4, sizeof(name));
	memcpy(block, data, min(size, (size_t)1024));
	ext2_dir_check(block, 1024, 500, &at);
	for (at = 0; ext2_dir_entry_at(block, 1024, at, &slot) > 0;
	     at += slot.rec_len)
		touch(slot.name, slot.name_len);
	ext2_dir_is_empty(block, 1024, 12);
	found = ext2_dir_insert(block, 1024, name, len, 13, 1);
	if (found >= 0 && ext2_dir_find(block, 1024, name, len) < 0)
		__builtin_trap();
	found = ext2_dir_find(block, 1024, name, len);
	if (found >= 0) {
		ext2_dir_set_inode(block, 1024, found, 14, 2);
		if (ext2_dir_remove(block, 1024, found))
			__builtin_trap();
	}
	ext2_dir_remove(block, 1024, data[0] * 4);
	free(block);
}

static void fuzz_xattr(const u8 *data, size_t size)
{
	struct ext2_xattr_header *h;
	u8 *block = malloc(1024);
	struct ext2_xattr_list list;
	struct ext2_xattr_item item;
	u32 at;

	memset(block, 0, 1024);
	memcpy(block, data, min(size, (size_t)1024));
	h = (void *)block;
	if (!(data[0] & 1)) {
		h->h_magic = cpu_to_le32(EXT2_XATTR_MAGIC);
		h->h_blocks = h->h_refcount = cpu_to_le32(1);
	}
	if (ext2_xattr_open_block(block, 1024, &list))
		goto out;
	for (at = list.first;
	     ext2_xattr_item_at(&list, at, &item, &at) > 0;) {
		touch(item.name, item.name_len);
		touch(item.value, item.value_size);
	}
	if (!ext2_xattr_change(block, 1024, data[0] % 8, "name", 4, data,
			       min(size, (size_t)200)) &&
	    ext2_xattr_open_block(block, 1024, &list))
		__builtin_trap();
	ext2_xattr_change(block, 1024, data[0] % 8, "name", 4, NULL, 0);
out:
	free(block);
}

/* 32 steps show what more would: longer inputs only take longer. */
static void fuzz_bits(const u8 *data, size_t size)
{
	static u8 bits[1024] __attribute__((aligned(8)));
	struct ext2_bits b = { bits, { NULL, NULL } };
	struct ext2_window w[4];
	struct rb_root tree = RB_ROOT;

	memset(bits, 0, sizeof(bits));
	for (u32 i = 0; i < 4; i++)
		ext2_window_init(&w[i]);
	for (size_t i = 0; i + 3 < min(size, (size_t)128); i += 4) {
		u32 bit = (data[i] | data[i + 1] << 8) % 8192;
		u32 n = ext2_bits_take(&b, bit, 8192, data[i + 2]);

		if (data[i + 3] & 1)
			ext2_bitmap_free(bits, bit, n);
		w[data[i + 3] & 3].hits = data[i + 2];
		if (ext2_window_place(&tree, &w[data[i + 3] & 3], &b, 1,
				      8192, bit + 1) &&
		    (w[data[i + 3] & 3].start < 1 ||
		     w[data[i + 3] & 3].end > 8192))
			__builtin_trap();
	}
}

static void fuzz_options(const u8 *data, size_t size)
{
	struct ext2_options o = { 0 };
	char *text = malloc(size + 1);
	const char *bad;

	memcpy(text, data, size);
	text[size] = 0;
	ext2_parse_options(text, &o, &bad);
	free(text);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static void (*const parts[])(const u8 *, size_t) = {
		fuzz_super, fuzz_inode, fuzz_dir, fuzz_xattr, fuzz_bits,
		fuzz_options,
	};

	if (size < 4)
		return 0;
	parts[data[0] % 6](data + 1, size - 1);
	return 0;
}
