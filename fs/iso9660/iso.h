/* SPDX-License-Identifier: MIT */
#ifndef FS_ISO9660_ISO_H
#define FS_ISO9660_ISO_H
/*
 * iso.h -- CDs: what their bytes mean
 *
 * The functions here neither sleep nor lock nor allocate; any bytes may be
 * given to them.  Numbers that the standard stores in both byte orders are read
 * as little-endian.  SEE ECMA-119, IEEE P1281 (SUSP), P1282 (Rock Ridge),
 * docs/83-iso9660.md.
 */

#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/types.h>

#define ISO_BLOCK 2048
#define ISO_BLOCK_BITS 11
#define ISO_FIRST_DESCRIPTOR 16       /* block of the first one */
#define ISO_MAX_DESCRIPTORS 64
#define ISO_NAME_MAX 255
#define ISO_RECORD_MIN 34

#define EFSCORRUPTED EUCLEAN

/* ---- volume.c ---- */

struct iso_volume {
	u32 blocks;                   /* of 2048 bytes */
	u32 root;                     /* block of the root directory */
	u32 root_size;
	u8 joliet;                    /* level 1..3; 0: names are ISO's */
};

enum iso_descriptor { ISO_OTHER, ISO_PRIMARY, ISO_JOLIET, ISO_END, ISO_BAD };

/* What a volume descriptor is; fills *v if it is one of a volume. */
enum iso_descriptor iso_read_descriptor(const u8 *block, struct iso_volume *v);
/* Seconds since 1970 of a date of 7 bytes, or of 17 digits. */
s64 iso_date7(const u8 *d);
s64 iso_date17(const u8 *d);

/* ---- record.c ---- */

#define ISO_HIDDEN 0x01
#define ISO_DIRECTORY 0x02
#define ISO_ASSOCIATED 0x04
#define ISO_MORE_EXTENTS 0x80

struct iso_record {
	u32 length;                   /* of the record */
	u32 extent;                   /* first block of the data */
	u32 size;
	u8 flags;
	bool interleaved;
	s64 time;
	const u8 *name;
	u32 name_len;
	const u8 *susp;               /* the system use area */
	u32 susp_len;
};

/*
 * The record at `offset` of a directory's block: 1; 0: no more in this block;
 * -EFSCORRUPTED.
 */
int iso_record_at(const u8 *block, u32 offset, struct iso_record *r);
/* "README.TXT;1" as "readme.txt"; the length. */
u32 iso_plain_name(const struct iso_record *r, bool lower, char *out);
/* UCS-2 big-endian as UTF-8, of at most ISO_NAME_MAX bytes; the length. */
u32 iso_joliet_name(const struct iso_record *r, char *out);
static inline bool iso_is_dot(const struct iso_record *r)
{
	return r->name_len == 1 && r->name[0] <= 1;
}

/* ---- rock.c ---- */

#define ROCK_LINK_MAX 1024

/* What the Rock Ridge entries of a record say; zero where they are silent. */
struct rock_info {
	bool has_mode, relocated, has_child;
	u32 mode, links, uid, gid;
	u64 device;
	u32 child;                    /* CL: the directory is there instead */
	s64 mtime, atime, ctime;
	bool has_mtime, has_atime, has_ctime;
	u32 name_len, link_len;
	char name[ISO_NAME_MAX + 1];
	char link[ROCK_LINK_MAX + 1];
	/* private to rock.c */
	bool link_open;               /* the last component goes on */
};

/* A block that a list goes on in; NULL: cannot be read.  May sleep. */
typedef const u8 *(*rock_read_t)(void *arg, u32 block);

/* Does the root's first record announce SUSP?  *skip bytes to step over. */
bool rock_is_announced(const struct iso_record *dot, u32 *skip);
/* 0, or -EFSCORRUPTED; *info is good up to the damage. */
int rock_read(const struct iso_record *r, u32 skip, rock_read_t read,
	      void *arg, struct rock_info *info);

#endif
