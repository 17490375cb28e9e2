/* SPDX-License-Identifier: MIT */
/*
 * inode_disk.c -- an inode's bytes, read and written
 *
 * IDEA.  The first 128 bytes are what ext2 has always had: times in seconds,
 * 32 bits of them.  A larger inode says in i_extra_isize how many bytes more
 * are in use; there each time has 30 bits of nanoseconds and 2 more bits of
 * seconds, which move the end of time from 2038 to 2446:
 *
 *	extra:  31 ........ 2 | 1 0
 *	        nanoseconds   | epoch: seconds = (s32)low + epoch * 2^32
 *
 * A field that i_extra_isize does not cover is neither read nor written.
 */

#include "pure.h"

#include <kernel/kernel.h>
#include <kernel/string.h>
#include <uapi/stat.h>

#define NSEC_PER_SECOND 1000000000u

#define FIXED_END EXT2_GOOD_OLD_INODE_SIZE
#define HAS_FIELD(extra_isize, field)					\
	(FIXED_END + (extra_isize) >=					\
	 offsetof(struct ext2_inode_disk, field) +			\
	 sizeof(((struct ext2_inode_disk *)0)->field))

static struct ext2_time read_time(__le32 low, __le32 extra, bool has_extra)
{
	struct ext2_time t = { .sec = (s32)le32_to_cpu(low) };
	u32 e = has_extra ? le32_to_cpu(extra) : 0;

	t.sec += (s64)(e & 3) << 32;
	t.nsec = e >> 2;
	if (t.nsec >= NSEC_PER_SECOND)
		t.nsec = 0;
	return t;
}

static void write_time(struct ext2_time t, __le32 *low, __le32 *extra,
		       bool has_extra)
{
	u32 epoch = (u64)(t.sec - (s32)t.sec) >> 32 & 3;

	*low = cpu_to_le32((u32)t.sec);
	if (has_extra)
		*extra = cpu_to_le32(t.nsec << 2 | epoch);
}

/* i_extra_isize if it makes sense, else 0; -1 if it is damaged. */
static int extra_size(const struct ext2_geometry *g,
		      const struct ext2_inode_disk *d)
{
	u32 extra;

	if (g->inode_size == FIXED_END)
		return 0;
	extra = le16_to_cpu(d->i_extra_isize);
	if (extra > g->inode_size - FIXED_END || extra % 4)
		return -1;
	return extra;
}

static void decode_times(const struct ext2_inode_disk *d, u32 extra,
			 struct ext2_inode_image *i)
{
	bool ctime = HAS_FIELD(extra, i_ctime_extra);
	bool mtime = HAS_FIELD(extra, i_mtime_extra);
	bool atime = HAS_FIELD(extra, i_atime_extra);

	i->ctime = read_time(d->i_ctime, ctime ? d->i_ctime_extra : 0, ctime);
	i->mtime = read_time(d->i_mtime, mtime ? d->i_mtime_extra : 0, mtime);
	i->atime = read_time(d->i_atime, atime ? d->i_atime_extra : 0, atime);
	i->crtime = (struct ext2_time){ 0 };
	if (HAS_FIELD(extra, i_crtime_extra))
		i->crtime = read_time(d->i_crtime, d->i_crtime_extra, true);
}

/* What the size and the pointers must obey, whatever the type. */
static const char *check_image(const struct ext2_geometry *g,
			       const struct ext2_inode_image *i)
{
	if (i->size > S64_MAX)
		return "size is negative";
	if (S_ISDIR(i->mode) && i->size > U32_MAX)
		return "directory is too large";
	if (i->file_acl && !ext2_blocks_valid(g, i->file_acl, 1))
		return "attribute block is outside the volume";
	if (S_ISLNK(i->mode) && i->size >= g->block_size)
		return "symbolic link is too long";
	return NULL;
}

/* raw: inode_size bytes.  The mode is not judged: 0 is a free inode. */
const char *ext2_decode_inode(const struct ext2_geometry *g, const void *raw,
			      struct ext2_inode_image *i)
{
	const struct ext2_inode_disk *d = raw;
	int extra = extra_size(g, d);

	memset(i, 0, sizeof(*i));
	if (extra < 0)
		return "bad extra size";
	i->extra_isize = extra;
	i->mode = le16_to_cpu(d->i_mode);
	i->uid = le16_to_cpu(d->i_uid) | (u32)le16_to_cpu(d->i_uid_high) << 16;
	i->gid = le16_to_cpu(d->i_gid) | (u32)le16_to_cpu(d->i_gid_high) << 16;
	i->links = le16_to_cpu(d->i_links_count);
	i->size = le32_to_cpu(d->i_size);
	if (S_ISREG(i->mode))
		i->size |= (u64)le32_to_cpu(d->i_size_high) << 32;
	i->blocks = le32_to_cpu(d->i_blocks);
	i->dtime = le32_to_cpu(d->i_dtime);
	i->flags = le32_to_cpu(d->i_flags);
	i->generation = le32_to_cpu(d->i_generation);
	i->file_acl = le32_to_cpu(d->i_file_acl);
	memcpy(i->block, d->i_block, sizeof(i->block));
	decode_times(d, extra, i);
	return check_image(g, i);
}

static void encode_times(const struct ext2_inode_image *i,
			 struct ext2_inode_disk *d)
{
	u32 extra = i->extra_isize;
	__le32 none;

	write_time(i->ctime, &d->i_ctime,
		   HAS_FIELD(extra, i_ctime_extra) ? &d->i_ctime_extra : &none,
		   HAS_FIELD(extra, i_ctime_extra));
	write_time(i->mtime, &d->i_mtime,
		   HAS_FIELD(extra, i_mtime_extra) ? &d->i_mtime_extra : &none,
		   HAS_FIELD(extra, i_mtime_extra));
	write_time(i->atime, &d->i_atime,
		   HAS_FIELD(extra, i_atime_extra) ? &d->i_atime_extra : &none,
		   HAS_FIELD(extra, i_atime_extra));
	if (HAS_FIELD(extra, i_crtime_extra))
		write_time(i->crtime, &d->i_crtime, &d->i_crtime_extra, true);
}

/* Writes what ext2_decode_inode() reads and leaves the other bytes alone. */
void ext2_encode_inode(const struct ext2_geometry *g,
		       const struct ext2_inode_image *i, void *raw)
{
	struct ext2_inode_disk *d = raw;

	d->i_mode = cpu_to_le16(i->mode);
	d->i_uid = cpu_to_le16(i->uid & 0xffff);
	d->i_uid_high = cpu_to_le16(i->uid >> 16);
	d->i_gid = cpu_to_le16(i->gid & 0xffff);
	d->i_gid_high = cpu_to_le16(i->gid >> 16);
	d->i_links_count = cpu_to_le16(i->links);
	d->i_size = cpu_to_le32((u32)i->size);
	if (S_ISREG(i->mode))
		d->i_size_high = cpu_to_le32((u32)(i->size >> 32));
	d->i_blocks = cpu_to_le32((u32)i->blocks);
	d->i_dtime = cpu_to_le32(i->dtime);
	d->i_flags = cpu_to_le32(i->flags);
	d->i_generation = cpu_to_le32(i->generation);
	d->i_file_acl = cpu_to_le32(i->file_acl);
	memcpy(d->i_block, i->block, sizeof(i->block));
	if (g->inode_size > FIXED_END)
		d->i_extra_isize = cpu_to_le16(i->extra_isize);
	encode_times(i, d);
}

/* raw must have been decoded without complaint. */
void *ext2_inode_tail(const struct ext2_geometry *g, void *raw, u32 *size)
{
	int extra = extra_size(g, raw);

	*size = 0;
	if (extra <= 0 || FIXED_END + extra >= g->inode_size)
		return NULL;
	*size = g->inode_size - FIXED_END - extra;
	return raw + FIXED_END + extra;
}

/* Device numbers: in block[0] 8 + 8 bits if they fit, else in block[1]. */
bool ext2_dev_fits_old(u32 major, u32 minor)
{
	return major < 256 && minor < 256;
}

u32 ext2_old_encode_dev(u32 major, u32 minor)
{
	return major << 8 | minor;
}
