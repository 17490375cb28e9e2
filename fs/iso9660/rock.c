/* SPDX-License-Identifier: MIT */
/*
 * rock.c -- Rock Ridge: owners, modes, long names and links on a CD
 *
 * IDEA.  The system use area behind a name is a row of small entries, each with
 * two letters, a length and a version: PX mode and owners, NM a piece of the
 * name, SL a piece of a link, TF times, PN a device, CL RE a directory that was
 * moved because it was too deep, CE "goes on in block b, offset o, for n
 * bytes".
 *
 * A damaged disc can let CE point to itself: after 32 steps we stop.
 */

#include "iso.h"

#include <kernel/kernel.h>
#include <kernel/string.h>

#define MAX_CONTINUATIONS 32

#define SIG(a, b) ((u32)(a) | (u32)(b) << 8)

/* Where a list goes on. */
struct continuation {
	u32 block, offset, size;
};

bool rock_is_announced(const struct iso_record *dot, u32 *skip)
{
	const u8 *e = dot->susp;

	/* Some discs put 15 bytes of XA before it. */
	if (dot->susp_len >= 15 + 7 && e[15] == 'S' && e[16] == 'P')
		e += 15;
	if (dot->susp_len < (u32)(e - dot->susp) + 7 || e[0] != 'S' ||
	    e[1] != 'P' || e[2] < 7 || e[4] != 0xbe || e[5] != 0xef)
		return false;
	*skip = e[6];
	return true;
}

static void read_px(const u8 *e, u32 len, struct rock_info *info)
{
	if (len < 36)
		return;
	info->has_mode = true;
	info->mode = get_unaligned_le32(e + 4);
	info->links = get_unaligned_le32(e + 12);
	info->uid = get_unaligned_le32(e + 20);
	info->gid = get_unaligned_le32(e + 28);
}

static void read_nm(const u8 *e, u32 len, struct rock_info *info)
{
	if (len < 5 || e[4] & 0x06)           /* "." or "..": known already */
		return;
	len = min(len - 5, ISO_NAME_MAX - info->name_len);
	memcpy(info->name + info->name_len, e + 5, len);
	info->name_len += len;
}

/* Times stand in the order of their bits, 7 or 17 bytes each. */
static void read_tf(const u8 *e, u32 len, struct rock_info *info)
{
	u32 each, at = 5, bit;

	if (len < 5)
		return;
	each = e[4] & 0x80 ? 17 : 7;
	for (bit = 0; bit < 7 && at + each <= len; bit++) {
		s64 t;

		if (!(e[4] & 1 << bit))
			continue;
		t = each == 7 ? iso_date7(e + at) : iso_date17(e + at);
		at += each;
		if (bit == 1) {
			info->mtime = t;
			info->has_mtime = true;
		} else if (bit == 2) {
			info->atime = t;
			info->has_atime = true;
		} else if (bit == 3) {
			info->ctime = t;
			info->has_ctime = true;
		}
	}
}

static void add_text(struct rock_info *info, const void *text, u32 len)
{
	len = min(len, ROCK_LINK_MAX - info->link_len);
	memcpy(info->link + info->link_len, text, len);
	info->link_len += len;
}

/* Components: flags, length, text. */
static void read_sl(const u8 *e, u32 len, struct rock_info *info)
{
	u32 at = 5;

	while (at + 2 <= len && at + 2 + e[at + 1] <= len) {
		u8 flags = e[at];

		if (info->link_len && !info->link_open &&
		    info->link[info->link_len - 1] != '/')
			add_text(info, "/", 1);
		if (flags & 0x02)
			add_text(info, ".", 1);
		else if (flags & 0x04)
			add_text(info, "..", 2);
		else if (flags & 0x08)
			add_text(info, "/", 1);
		else
			add_text(info, e + at + 2, e[at + 1]);
		info->link_open = flags & 0x01;
		at += 2 + e[at + 1];
	}
}

static void read_ce(const u8 *e, u32 len, struct continuation *next)
{
	if (len < 28)
		return;
	next->block = get_unaligned_le32(e + 4);
	next->offset = get_unaligned_le32(e + 12);
	next->size = get_unaligned_le32(e + 20);
}

/* True: the list ends here. */
static bool read_entry(const u8 *e, u32 len, struct rock_info *info,
		       struct continuation *next)
{
	switch (SIG(e[0], e[1])) {
	case SIG('P', 'X'): read_px(e, len, info); break;
	case SIG('N', 'M'): read_nm(e, len, info); break;
	case SIG('T', 'F'): read_tf(e, len, info); break;
	case SIG('S', 'L'): read_sl(e, len, info); break;
	case SIG('C', 'E'): read_ce(e, len, next); break;
	case SIG('R', 'E'): info->relocated = true; break;
	case SIG('S', 'T'): return true;
	case SIG('C', 'L'):
		if (len >= 12) {
			info->has_child = true;
			info->child = get_unaligned_le32(e + 4);
		}
		break;
	case SIG('P', 'N'):
		if (len >= 20)
			info->device =
				(u64)get_unaligned_le32(e + 4) << 32 |
				get_unaligned_le32(e + 12);
		break;
	}
	return false;
}

static int read_area(const u8 *area, u32 size, struct rock_info *info,
		     struct continuation *next)
{
	next->size = 0;
	while (size >= 4 && area[0]) {
		u32 len = area[2];

		if (len < 4 || len > size)
			return -EFSCORRUPTED;
		if (read_entry(area, len, info, next))
			return 0;
		area += len;
		size -= len;
	}
	return 0;
}

int rock_read(const struct iso_record *r, u32 skip, rock_read_t read,
	      void *arg, struct rock_info *info)
{
	struct continuation next;
	const u8 *block;
	int err, n;

	memset(info, 0, sizeof(*info));
	skip = min(skip, r->susp_len);
	err = read_area(r->susp + skip, r->susp_len - skip, info, &next);
	for (n = 0; !err && next.size && n < MAX_CONTINUATIONS; n++) {
		if (next.offset >= ISO_BLOCK ||
		    next.size > ISO_BLOCK - next.offset)
			return -EFSCORRUPTED;
		block = read(arg, next.block);
		if (!block)
			return -EIO;
		err = read_area(block + next.offset, next.size, info, &next);
	}
	info->name[info->name_len] = info->link[info->link_len] = 0;
	return err;
}
