/* SPDX-License-Identifier: MIT */
/*
 * dirblock.c -- the entries of one directory block
 *
 * PROMISE.  Whatever the block holds, no function here reads or writes outside
 * it or runs for ever.  What contradicts itself is -EFSCORRUPTED.
 *
 * IDEA.  A block is a chain of entries, each of which says where the next one
 * begins; the last ends with the block.  So an entry may have more room than
 * its name needs, and removing one is letting its predecessor reach further:
 *
 *	[ino|len|a.c ][ino|len|main.c    ][ino|len|notes .............]
 *	[ino|len|a.c                     ][ino|len|notes .............]
 *
 * The first entry has no predecessor; its inode number becomes 0.
 *
 * INVARIANTS of a good block
 *   I1  Lengths are multiples of 4, hold their names, and add up to the block.
 *
 * Every step checks I1 of the entry it stands on, instead of the whole block
 * once: somebody may be writing to the device beneath a mounted volume.
 */

#include "pure.h"

#include <kernel/kernel.h>
#include <kernel/string.h>
#include <uapi/stat.h>

/* The entry at `offset` if I1 holds for it, else NULL. */
static struct ext2_dir_entry *entry_at(const void *block, u32 size, u32 offset)
{
	struct ext2_dir_entry *e = (void *)block + offset;
	u32 len;

	if (size - offset < EXT2_DIR_REC_LEN(1))
		return NULL;
	len = le16_to_cpu(e->rec_len);
	if (len % 4 || len > size - offset ||
	    len < EXT2_DIR_REC_LEN((u32)e->name_len) ||
	    len < EXT2_DIR_REC_LEN(1))
		return NULL;
	return e;
}

int ext2_dir_entry_at(const void *block, u32 size, u32 offset,
		      struct ext2_dir_slot *slot)
{
	struct ext2_dir_entry *e;

	if (offset == size)
		return 0;
	if (offset > size || offset % 4)
		return -EFSCORRUPTED;
	e = entry_at(block, size, offset);
	if (!e)
		return -EFSCORRUPTED;
	slot->offset = offset;
	slot->rec_len = le16_to_cpu(e->rec_len);
	slot->ino = le32_to_cpu(e->inode);
	slot->name_len = e->name_len;
	slot->type = e->file_type;
	slot->name = e->name;
	return 1;
}

static const char *check_slot(const struct ext2_dir_slot *s, u32 max_ino)
{
	if (s->ino > max_ino)
		return "inode number out of range";
	if (s->ino && !s->name_len)
		return "entry without a name";
	if (memchr(s->name, '/', s->name_len) || memchr(s->name, 0, s->name_len))
		return "name with a slash or NUL";
	return NULL;
}

/* The whole block; *at is the offset of the entry that is wrong. */
const char *ext2_dir_check(const void *block, u32 size, u32 max_ino, u32 *at)
{
	struct ext2_dir_slot slot;
	const char *wrong;
	int found;

	*at = 0;
	while ((found = ext2_dir_entry_at(block, size, *at, &slot)) > 0) {
		wrong = slot.ino ? check_slot(&slot, max_ino) : NULL;
		if (wrong)
			return wrong;
		*at += slot.rec_len;
	}
	return found ? "bad entry length" : NULL;
}

int ext2_dir_find(const void *block, u32 size, const char *name, u32 len)
{
	const struct ext2_dir_entry *e;
	u32 offset;

	for (offset = 0; offset < size; offset += le16_to_cpu(e->rec_len)) {
		e = entry_at(block, size, offset);
		if (!e)
			return -EFSCORRUPTED;
		if (e->name_len == len && e->inode &&
		    e->name[0] == name[0] && !memcmp(e->name, name, len))
			return offset;
	}
	return -ENOENT;
}

static void fill(struct ext2_dir_entry *e, const char *name, u32 len, u32 ino,
		 u8 type)
{
	e->inode = cpu_to_le32(ino);
	e->name_len = len;
	e->file_type = type;
	memcpy(e->name, name, len);
}

/*
 * Put a name into the first gap that holds it.  type 0 on volumes without
 * filetype.  1 <= len <= 255.
 */
int ext2_dir_insert(void *block, u32 size, const char *name, u32 len, u32 ino,
		    u8 type)
{
	u32 need = EXT2_DIR_REC_LEN(len), offset, have, used;
	struct ext2_dir_entry *e;

	for (offset = 0; offset < size; offset += have) {
		e = entry_at(block, size, offset);
		if (!e)
			return -EFSCORRUPTED;
		have = le16_to_cpu(e->rec_len);
		used = e->inode ? EXT2_DIR_REC_LEN(max(1u, (u32)e->name_len)) : 0;
		if (have - used < need)
			continue;
		if (used) {           /* cut the gap off its owner */
			e->rec_len = cpu_to_le16(used);
			e = (void *)e + used;
			e->rec_len = cpu_to_le16(have - used);
		}
		fill(e, name, len, ino, type);
		return offset + used;
	}
	return -ENOSPC;
}

/* Take the entry at `offset` out: 0, -ENOENT if none begins there. */
int ext2_dir_remove(void *block, u32 size, u32 offset)
{
	struct ext2_dir_entry *e, *before = NULL;
	u32 at;

	for (at = 0; at < offset; at += le16_to_cpu(before->rec_len)) {
		before = entry_at(block, size, at);
		if (!before)
			return -EFSCORRUPTED;
	}
	if (at != offset || at >= size)
		return -ENOENT;
	e = entry_at(block, size, offset);
	if (!e)
		return -EFSCORRUPTED;
	if (before)
		le16_add_cpu(&before->rec_len, le16_to_cpu(e->rec_len));
	e->inode = 0;
	return 0;
}

int ext2_dir_set_inode(void *block, u32 size, u32 offset, u32 ino, u8 type)
{
	struct ext2_dir_entry *e;

	if (offset >= size || offset % 4)
		return -ENOENT;
	e = entry_at(block, size, offset);
	if (!e)
		return -EFSCORRUPTED;
	e->inode = cpu_to_le32(ino);
	e->file_type = type;
	return 0;
}

/* The first block of a new directory. */
void ext2_dir_init(void *block, u32 size, u32 self, u32 parent, bool types)
{
	struct ext2_dir_entry *e = block;
	u8 type = types ? EXT2_FT_DIR : 0;

	memset(block, 0, size);
	e->rec_len = cpu_to_le16(EXT2_DIR_REC_LEN(1));
	fill(e, ".", 1, self, type);
	e = block + EXT2_DIR_REC_LEN(1);
	e->rec_len = cpu_to_le16(size - EXT2_DIR_REC_LEN(1));
	fill(e, "..", 2, parent, type);
}

/* A further block: one entry that is unused. */
void ext2_dir_init_empty(void *block, u32 size)
{
	struct ext2_dir_entry *e = block;

	memset(block, 0, size);
	e->rec_len = cpu_to_le16(size);
}

static bool is_dot(const struct ext2_dir_slot *s, u32 self)
{
	if (s->name_len == 1)
		return s->name[0] == '.' && s->ino == self;
	return s->name_len == 2 && s->name[0] == '.' && s->name[1] == '.';
}

int ext2_dir_is_empty(const void *block, u32 size, u32 self)
{
	struct ext2_dir_slot slot;
	u32 at = 0;
	int found;

	while ((found = ext2_dir_entry_at(block, size, at, &slot)) > 0) {
		if (slot.ino && !is_dot(&slot, self))
			return 0;
		at += slot.rec_len;
	}
	return found ? found : 1;
}

u8 ext2_mode_to_type(u32 mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return EXT2_FT_REG_FILE;
	case S_IFDIR: return EXT2_FT_DIR;
	case S_IFCHR: return EXT2_FT_CHRDEV;
	case S_IFBLK: return EXT2_FT_BLKDEV;
	case S_IFIFO: return EXT2_FT_FIFO;
	case S_IFSOCK: return EXT2_FT_SOCK;
	case S_IFLNK: return EXT2_FT_SYMLINK;
	default: return EXT2_FT_UNKNOWN;
	}
}
