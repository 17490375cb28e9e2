/* SPDX-License-Identifier: MIT */
/* pure_test.c -- what ext2 knows of bytes; also as a Unix process */

#include "pure.h"

#include <kernel/bitmap.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <mm/slab.h>
#include <uapi/stat.h>

#define BLOCK 1024

static u8 block[BLOCK] __attribute__((aligned(8)));

static void make_super(struct ext2_super_block *es)
{
	memset(es, 0, sizeof(*es));
	es->s_magic = cpu_to_le16(EXT2_SUPER_MAGIC);
	es->s_rev_level = cpu_to_le32(EXT2_DYNAMIC_REV);
	es->s_inode_size = cpu_to_le16(256);
	es->s_first_ino = cpu_to_le32(11);
	es->s_first_data_block = cpu_to_le32(1);
	es->s_blocks_per_group = cpu_to_le32(8192);
	es->s_inodes_per_group = cpu_to_le32(1024);
	es->s_blocks_count = cpu_to_le32(3 * 8192 + 100 * 8);
	es->s_inodes_count = cpu_to_le32(4 * 1024);
	es->s_feature_ro_compat = cpu_to_le32(EXT2_RO_COMPAT_SPARSE_SUPER);
}

SELFTEST(ext2_geometry_is_computed_from_a_good_super_block)
{
	static struct ext2_super_block es;
	struct ext2_geometry g;

	make_super(&es);
	EXPECT(!ext2_read_geometry(&es, 0, &g));
	EXPECT(g.block_size == 1024 && g.groups == 4);
	EXPECT(g.itable_blocks == 256 && g.desc_blocks == 1);
	EXPECT(ext2_group_first(&g, 3) == 3 * 8192 + 1);
	EXPECT(ext2_group_blocks(&g, 3) == 800 - 1);
	EXPECT(ext2_group_has_super(&g, 1) && !ext2_group_has_super(&g, 2));
	EXPECT(ext2_group_has_super(&g, 49) && !ext2_group_has_super(&g, 21));
}

SELFTEST(ext2_geometry_refuses_what_does_not_fit_together)
{
	static struct ext2_super_block es;
	struct ext2_geometry g;

	make_super(&es);
	EXPECT(ext2_read_geometry(&es, 8192 * 1024, &g)); /* small device */
	es.s_inodes_count = cpu_to_le32(4 * 1024 + 1);
	EXPECT(ext2_read_geometry(&es, 0, &g));
	make_super(&es);
	es.s_inode_size = cpu_to_le16(200);
	EXPECT(ext2_read_geometry(&es, 0, &g));
	make_super(&es);
	es.s_blocks_per_group = cpu_to_le32(8200);
	EXPECT(ext2_read_geometry(&es, 0, &g));
	make_super(&es);
	es.s_log_block_size = cpu_to_le32(7);
	EXPECT(ext2_read_geometry(&es, 0, &g));
}

SELFTEST(ext2_unknown_features_are_named)
{
	char text[64];

	ext2_name_features(0x40 | 0x2, 0, text, sizeof(text));
	EXPECT(!strcmp(text, "extents"));
	ext2_name_features(0x80000000u, 0x400, text, sizeof(text));
	EXPECT(!strcmp(text, "unknown metadata_csum"));
	ext2_name_features(0x3fffffff, 0x3fffffff, text, sizeof(text));
	EXPECT(strlen(text) < sizeof(text));
}

SELFTEST(ext2_path_reaches_each_level_and_no_further)
{
	struct ext2_geometry g = { .block_size = 1024, .block_bits = 10 };
	struct ext2_path p;
	u64 last = 12 + 256 + 256 * 256 + 256ull * 256 * 256 - 1;

	EXPECT(ext2_block_path(&g, 11, &p) && p.depth == 1 && !p.to_end);
	EXPECT(ext2_block_path(&g, 12, &p) && p.depth == 2);
	EXPECT(p.index[0] == 12 && p.index[1] == 0 && p.to_end == 255);
	EXPECT(ext2_block_path(&g, 12 + 256, &p) && p.depth == 3);
	EXPECT(p.index[0] == 13 && !p.index[1] && !p.index[2]);
	EXPECT(ext2_block_path(&g, last, &p) && p.depth == 4);
	EXPECT(p.index[1] == 255 && p.index[2] == 255 && p.index[3] == 255);
	EXPECT(!ext2_block_path(&g, last + 1, &p));
}

SELFTEST(ext2_largest_file_is_linuxs)
{
	struct ext2_geometry g = { .block_size = 1024, .block_bits = 10 };

	EXPECT(ext2_max_bytes(&g) == 17247252480ull);
	g.block_size = 4096;
	g.block_bits = 12;
	EXPECT(ext2_max_bytes(&g) == 2196873666560ull);
}

SELFTEST(ext2_times_survive_until_2446)
{
	struct ext2_geometry g = { .block_size = 1024, .block_bits = 10,
				   .inode_size = 256, .blocks_count = 100 };
	struct ext2_inode_image in, out;
	static const s64 seconds[] = { 0, -1, 0x7fffffff, 0x80000000ll,
				       0xffffffffll, 0x37fffffffll,
				       -0x80000000ll };

	memset(&in, 0, sizeof(in));
	in.mode = S_IFREG | 0644;
	in.extra_isize = 32;
	in.size = 0x123456789ull;
	in.uid = 0x12345;
	for (u32 i = 0; i < ARRAY_SIZE(seconds); i++) {
		in.mtime = (struct ext2_time){ seconds[i], 999999999 };
		in.crtime = (struct ext2_time){ 1234567890, 5 };
		memset(block, 0xaa, 256);
		ext2_encode_inode(&g, &in, block);
		EXPECT(!ext2_decode_inode(&g, block, &out));
		EXPECT(out.mtime.sec == seconds[i]);
		EXPECT(out.mtime.nsec == 999999999);
		EXPECT(out.crtime.sec == 1234567890 && out.crtime.nsec == 5);
		EXPECT(out.size == in.size && out.uid == in.uid);
		EXPECT(block[160] == 0xaa);       /* the tail is another's */
	}
}

SELFTEST_SLOW(ext2_directory_block_keeps_what_is_put_in)
{
	char name[8];
	u32 n = 0, at, found = 0;

	ext2_dir_init(block, BLOCK, 20, 2, true);
	for (; n < 200; n++) {
		snprintf(name, sizeof(name), "f%u", n);
		if (ext2_dir_insert(block, BLOCK, name, strlen(name), 100 + n,
				    EXT2_FT_REG_FILE) < 0)
			break;
	}
	EXPECT(n == (BLOCK - 24) / 12);   /* 8 + up to 4 letters */
	EXPECT(!ext2_dir_check(block, BLOCK, 1000, &at));
	for (u32 i = 0; i < n; i += 2) {
		snprintf(name, sizeof(name), "f%u", i);
		at = ext2_dir_find(block, BLOCK, name, strlen(name));
		EXPECT(!ext2_dir_remove(block, BLOCK, at));
		EXPECT(ext2_dir_find(block, BLOCK, name, strlen(name)) ==
		       -ENOENT);
	}
	for (u32 i = 1; i < n; i += 2) {
		snprintf(name, sizeof(name), "f%u", i);
		found += ext2_dir_find(block, BLOCK, name, strlen(name)) > 0;
	}
	EXPECT(found == n / 2);
	EXPECT(!ext2_dir_check(block, BLOCK, 1000, &at));
	EXPECT(ext2_dir_is_empty(block, BLOCK, 20) == 0);
}

SELFTEST(ext2_directory_block_that_lies_is_refused)
{
	struct ext2_dir_entry *e = (void *)block;

	ext2_dir_init(block, BLOCK, 20, 2, true);
	EXPECT(ext2_dir_is_empty(block, BLOCK, 20) == 1);
	e->rec_len = cpu_to_le16(10);
	EXPECT(ext2_dir_find(block, BLOCK, "x", 1) == -EFSCORRUPTED);
	e->rec_len = 0;
	EXPECT(ext2_dir_insert(block, BLOCK, "x", 1, 30, 1) == -EFSCORRUPTED);
	e->rec_len = cpu_to_le16(BLOCK + 4);
	EXPECT(ext2_dir_remove(block, BLOCK, 12) == -EFSCORRUPTED);
}

SELFTEST_SLOW(ext2_name_index_never_loses_a_name)
{
	struct ext2_nameindex *x = ext2_nameindex_new(10);
	u32 cursor, i;

	REQUIRE(x);
	for (i = 0; i < 2000; i++)
		EXPECT(ext2_nameindex_add(x, i % 500 * 7919, i));
	for (i = 0; i < 2000; i += 2)
		ext2_nameindex_del(x, i % 500 * 7919, i);
	for (i = 1; i < 2000; i += 2) {
		s64 b;

		cursor = 0;
		do
			b = ext2_nameindex_next(x, i % 500 * 7919, &cursor);
		while (b >= 0 && b != i);
		EXPECT(b == i);
	}
	cursor = 0;
	EXPECT(ext2_nameindex_next(x, 12345, &cursor) == -1);
	ext2_nameindex_free(x);
}

SELFTEST_SLOW(ext2_windows_never_overlap)
{
	static struct ext2_window w[20];
	struct rb_root tree = RB_ROOT;
	struct rnd_state rnd;
	u32 i, j;

	struct ext2_bits bits = { block, { NULL, NULL } };

	memset(block, 0, BLOCK);
	prandom_seed_state(&rnd, 7);
	for (i = 0; i < 20; i++)
		ext2_window_init(&w[i]);
	for (i = 0; i < 2000; i++) {
		struct ext2_window *a = &w[prandom_u32_state(&rnd) % 20];
		u32 goal = 1 + prandom_u32_state(&rnd) % (BLOCK * 8);

		block[prandom_u32_state(&rnd) % BLOCK] ^= 1 << i % 8;
		a->hits = prandom_u32_state(&rnd) % 1024;
		if (!ext2_window_place(&tree, a, &bits, 1, BLOCK * 8, goal))
			continue;
		EXPECT(a->start >= goal && a->end <= BLOCK * 8);
		for (j = 0; j < 20; j++)
			EXPECT(&w[j] == a || !ext2_window_exists(&w[j]) ||
			       w[j].end < a->start || w[j].start > a->end);
	}
	for (i = 0; i < 20; i++)
		ext2_window_drop(&tree, &w[i]);
	EXPECT(RB_EMPTY_ROOT(&tree));
}

SELFTEST_SLOW(ext2_attributes_are_kept_sorted_and_whole)
{
	struct ext2_xattr_list list;
	struct ext2_xattr_item item;
	u32 at, n = 0;
	u8 last = 0;

	ext2_xattr_init_block(block, BLOCK);
	EXPECT(!ext2_xattr_change(block, BLOCK, 6, "selinux", 7, "abc", 3));
	EXPECT(!ext2_xattr_change(block, BLOCK, 1, "a", 1, "12345", 5));
	EXPECT(!ext2_xattr_change(block, BLOCK, 1, "b", 1, "", 0));
	EXPECT(!ext2_xattr_change(block, BLOCK, 1, "a", 1, "changed", 7));
	EXPECT(!ext2_xattr_open_block(block, BLOCK, &list));
	for (at = list.first; ext2_xattr_item_at(&list, at, &item, &at) > 0;
	     n++) {
		EXPECT(item.index >= last);
		last = item.index;
	}
	EXPECT(n == 3);
	EXPECT(ext2_xattr_find(&list, 1, "a", 1, &item) == 1);
	EXPECT(item.value_size == 7 && !memcmp(item.value, "changed", 7));
	EXPECT(ext2_xattr_change(block, BLOCK, 1, "big", 3, block, BLOCK) ==
	       -ENOSPC);
	EXPECT(!ext2_xattr_change(block, BLOCK, 1, "a", 1, NULL, 0));
	EXPECT(!ext2_xattr_change(block, BLOCK, 1, "b", 1, NULL, 0));
	EXPECT(!ext2_xattr_change(block, BLOCK, 6, "selinux", 7, NULL, 0));
	EXPECT(ext2_xattr_is_empty(block));
}

SELFTEST_SLOW(ext2_bitmap_takes_frees_and_avoids_runs)
{
	static unsigned long avoid[BLOCK / 8];
	struct ext2_bits b = { block, { NULL, avoid } };

	memset(block, 0, BLOCK);
	memset(avoid, 0, sizeof(avoid));
	bitmap_set(avoid, 150, 10);
	EXPECT(ext2_bits_take(&b, 100, 8192, 60) == 50);
	EXPECT(ext2_bits_find(&b, 100, 8192) == 160);
	EXPECT(ext2_bits_take(&b, 90, 8192, 50) == 10);
	EXPECT(ext2_bitmap_free(block, 85, 20) == 15);
	EXPECT(ext2_bitmap_count_free(block, 8192) == 8192 - 45);
	EXPECT(ext2_bits_find(&b, 8192, 8192) == 8192);
	bitmap_set(avoid, 8000, 192);
	EXPECT(ext2_bits_find(&b, 8000, 8192) == 8192);
	b.avoid[1] = NULL;
	EXPECT(ext2_bits_find(&b, 8000, 8192) == 8000);
}

SELFTEST(ext2_options_are_linuxs_words)
{
	struct ext2_options o = { 0 };
	const char *bad = NULL;
	char good[] = "errors=remount-ro,resuid=77,,noacl,sb=8193";
	char evil[] = "acl,frobnicate,nouid32";

	EXPECT(!ext2_parse_options(good, &o, &bad));
	EXPECT(o.errors == EXT2_ERRORS_RO && o.resuid == 77);
	EXPECT(o.acl_set && !o.acl && o.sb_block == 8193);
	EXPECT(ext2_parse_options(evil, &o, &bad) == -EINVAL);
	EXPECT(bad && !strcmp(bad, "frobnicate"));
}
