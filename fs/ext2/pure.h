/* SPDX-License-Identifier: MIT */
#ifndef FS_EXT2_PURE_H
#define FS_EXT2_PURE_H
/*
 * pure.h -- what ext2 knows of bytes, and nothing of the kernel around it
 *
 * The functions here neither sleep nor lock nor allocate (but nameindex.c).
 * They run in the kernel, in host tests and in fuzzers; any bytes may be
 * given to them.  What "const char *" returns is NULL, or what is wrong.
 */

#include "layout.h"

#include <kernel/errno.h>
#include <kernel/rbtree.h>

#define EFSCORRUPTED EUCLEAN          /* the disk contradicts itself */

/* ---- geometry.c: the volume's sizes, checked against one another ---- */

struct ext2_geometry {
	u32 block_size, block_bits;
	u32 blocks_count;
	u32 first_data_block;         /* where group 0 begins */
	u32 blocks_per_group;
	u32 groups;
	u32 inodes_count;
	u32 inodes_per_group;
	u32 inode_size;
	u32 inodes_per_block;
	u32 itable_blocks;            /* inode table of one group */
	u32 first_ino;                /* the lowest that a file may have */
	u32 desc_per_block, desc_blocks;
	u32 first_meta_bg;
	u32 reserved_gdt;             /* blocks behind the descriptors */
	u32 compat, incompat, ro_compat;
};

/* Where an inode's bytes are. */
struct ext2_inode_place {
	u32 group, block, offset;
};

const char *ext2_read_geometry(const struct ext2_super_block *es,
			       u64 device_bytes, struct ext2_geometry *g);
/* Names of the feature bits that we do not know; buf is always ended. */
void ext2_name_features(u32 incompat, u32 ro_compat, char *buf, u32 size);
/* The block that holds descriptors nr * desc_per_block and on. */
u32 ext2_desc_location(const struct ext2_geometry *g, u32 sb_block, u32 nr);
bool ext2_group_has_super(const struct ext2_geometry *g, u32 group);
u32 ext2_group_first(const struct ext2_geometry *g, u32 group);
u32 ext2_group_blocks(const struct ext2_geometry *g, u32 group);
const char *ext2_check_group(const struct ext2_geometry *g, u32 group,
			     const struct ext2_group_desc *d);
const char *ext2_check_block_bitmap(const struct ext2_geometry *g, u32 group,
				    const struct ext2_group_desc *d,
				    const void *bits);
/* Super block, descriptors, bitmaps or inode table?  desc of its group. */
bool ext2_is_metadata(const struct ext2_geometry *g, u32 group,
		      const struct ext2_group_desc *d, u32 block, u32 count);
/* May a file have these blocks, as far as the sizes say? */
bool ext2_blocks_valid(const struct ext2_geometry *g, u32 block, u32 count);
bool ext2_ino_valid(const struct ext2_geometry *g, u32 ino);
void ext2_locate_inode(const struct ext2_geometry *g,
		       const struct ext2_group_desc *d, u32 ino,
		       struct ext2_inode_place *place);
u64 ext2_max_bytes(const struct ext2_geometry *g);
/* Blocks that are never free for data: f_blocks is without them. */
u32 ext2_overhead(const struct ext2_geometry *g);

/* ---- bitmap.c: runs of free bits ---- */

/* A bitmap, and maps of free bits that had better not be used yet. */
struct ext2_bits {
	void *used;
	const unsigned long *avoid[2]; /* may be NULL */
};

/* The first bit of [from, end) that may be taken; end: none. */
u32 ext2_bits_find(const struct ext2_bits *b, u32 from, u32 end);
/* Set those from `bit` on that may be taken, `want` at most; how many. */
u32 ext2_bits_take(const struct ext2_bits *b, u32 bit, u32 end, u32 want);
/* Clear the run; how many were set. */
u32 ext2_bitmap_free(void *bits, u32 bit, u32 count);
u32 ext2_bitmap_count_free(const void *bits, u32 nbits);

/* ---- inode_disk.c: an inode's bytes ---- */

struct ext2_time {
	s64 sec;
	u32 nsec;
};

struct ext2_inode_image {
	u16 mode;
	u16 extra_isize;              /* 0 of 128-byte inodes */
	u32 uid, gid;
	u32 links;
	u64 size;
	u64 blocks;                   /* of 512 bytes */
	struct ext2_time atime, mtime, ctime, crtime;
	u32 dtime;
	u32 flags;
	u32 generation;
	u32 file_acl;
	__le32 block[EXT2_N_BLOCKS];  /* as on the disk: may be text */
};

const char *ext2_decode_inode(const struct ext2_geometry *g, const void *raw,
			      struct ext2_inode_image *image);
void ext2_encode_inode(const struct ext2_geometry *g,
		       const struct ext2_inode_image *image, void *raw);
/* Bytes of the inode after its fixed part: in-inode attributes, or none. */
void *ext2_inode_tail(const struct ext2_geometry *g, void *raw, u32 *size);
u32 ext2_old_encode_dev(u32 major, u32 minor);
bool ext2_dev_fits_old(u32 major, u32 minor);

/* ---- blockpath.c: from a file's block to the way through the tree ---- */

struct ext2_path {
	u32 depth;                    /* 1: in the inode .. 4 */
	u32 index[4];
	u32 to_end;                   /* slots behind this one in the last */
};

/* False if the file cannot be that long. */
bool ext2_block_path(const struct ext2_geometry *g, u64 block,
		     struct ext2_path *path);

/* ---- dirblock.c: the entries of one directory block ---- */

struct ext2_dir_slot {
	u32 offset, rec_len, ino;
	u8 name_len, type;
	const char *name;
};

/* 1: *slot is the entry at `offset`; 0: the end; -EFSCORRUPTED. */
int ext2_dir_entry_at(const void *block, u32 size, u32 offset,
		      struct ext2_dir_slot *slot);
const char *ext2_dir_check(const void *block, u32 size, u32 max_ino, u32 *at);
/* Offset, -ENOENT or -EFSCORRUPTED. */
int ext2_dir_find(const void *block, u32 size, const char *name, u32 len);
/* Offset, -ENOSPC or -EFSCORRUPTED. */
int ext2_dir_insert(void *block, u32 size, const char *name, u32 len, u32 ino,
		    u8 type);
int ext2_dir_remove(void *block, u32 size, u32 offset);
int ext2_dir_set_inode(void *block, u32 size, u32 offset, u32 ino, u8 type);
void ext2_dir_init(void *block, u32 size, u32 self, u32 parent, bool types);
void ext2_dir_init_empty(void *block, u32 size);
/* 1: nothing but . and ..; 0; -EFSCORRUPTED. */
int ext2_dir_is_empty(const void *block, u32 size, u32 self);
u8 ext2_mode_to_type(u32 mode);

/* ---- nameindex.c: which block of a large directory has a name ---- */

struct ext2_nameindex;
struct ext2_nameindex *ext2_nameindex_new(u32 expected);
void ext2_nameindex_free(struct ext2_nameindex *x);
u32 ext2_name_hash(const char *name, u32 len);
bool ext2_nameindex_add(struct ext2_nameindex *x, u32 hash, u32 block);
void ext2_nameindex_del(struct ext2_nameindex *x, u32 hash, u32 block);
/* The next block that may have it; *cursor is 0 at first.  -1: none. */
s64 ext2_nameindex_next(const struct ext2_nameindex *x, u32 hash, u32 *cursor);

/* ---- window.c: room kept for files that grow ---- */

struct ext2_window {
	struct rb_node node;
	u32 start, end;               /* both included; end 0: none */
	u32 want;                     /* length of the next one */
	u32 hits;                     /* blocks taken from this one */
};

void ext2_window_init(struct ext2_window *w);
bool ext2_window_exists(const struct ext2_window *w);
void ext2_window_drop(struct rb_root *tree, struct ext2_window *w);
/* Does nobody but w keep [start, start + len)?  Else the end of who does. */
bool ext2_window_is_free(struct rb_root *tree, const struct ext2_window *w,
			 u32 start, u32 len, u32 *behind);
/* Find room in a group at or behind `goal`; false: there is none. */
bool ext2_window_place(struct rb_root *tree, struct ext2_window *w,
		       const struct ext2_bits *bits, u32 group_first,
		       u32 group_blocks, u32 goal);

/* ---- xattr_block.c: lists of attributes ---- */

/* A list in a block, or in the tail of an inode (values from `base`). */
struct ext2_xattr_list {
	const void *base;
	u32 first;                    /* offset of the first entry */
	u32 size;
};

struct ext2_xattr_item {
	u32 offset;                   /* of its entry */
	u8 index, name_len;
	const char *name;
	const void *value;
	u32 value_size;
	u32 hash;
};

/* The list of a block: NULL, or what is wrong with it. */
const char *ext2_xattr_open_block(const void *block, u32 size,
				  struct ext2_xattr_list *list);
/* The list behind the inode's fixed part; false: there is none. */
bool ext2_xattr_open_tail(const void *tail, u32 size,
			  struct ext2_xattr_list *list);
/* 1: *item; 0: the end; -EFSCORRUPTED.  Begin with offset list->first. */
int ext2_xattr_item_at(const struct ext2_xattr_list *list, u32 offset,
		       struct ext2_xattr_item *item, u32 *next);
/* 1 found; 0 not; -EFSCORRUPTED. */
int ext2_xattr_find(const struct ext2_xattr_list *list, u8 index,
		    const char *name, u32 len, struct ext2_xattr_item *item);
void ext2_xattr_init_block(void *block, u32 size);
/* Add, replace or (value NULL) remove; 0, -ENOSPC or -EFSCORRUPTED. */
int ext2_xattr_change(void *block, u32 size, u8 index, const char *name,
		      u32 len, const void *value, u32 value_size);
int ext2_xattr_remove_from_tail(void *tail, u32 size, u8 index,
				const char *name, u32 len);
bool ext2_xattr_is_empty(const void *block);
bool ext2_xattr_equal(const void *a, const void *b, u32 size);

/* ---- options.c: the text behind mount -o ---- */

struct ext2_options {
	u32 sb_block;                 /* of 1 KiB */
	uid_t resuid;
	gid_t resgid;
	u8 errors;                    /* EXT2_ERRORS_*; 0: as the disk says */
	bool minixdf, grpid, nouid32, debug;
	bool user_xattr, acl, user_xattr_set, acl_set, grpid_set;
	bool noreservation;
};

/* 0 or -EINVAL with *bad the word; text is cut up. */
int ext2_parse_options(char *text, struct ext2_options *o, const char **bad);

#endif
