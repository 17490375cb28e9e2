/* SPDX-License-Identifier: MIT */
#ifndef FS_CPIO_H
#define FS_CPIO_H
/*
 * cpio.h -- reading a "newc" cpio archive that arrives in pieces
 *
 * Theory: fs/cpio.c.  Pure: it runs as a Unix process as well (tests/host).
 */

#include <kernel/types.h>

#define CPIO_HEADER_SIZE 110
#define CPIO_PATH_MAX 4096

/* One entry; name is NUL-terminated. */
struct cpio_entry {
	u32 ino, mode, uid, gid, nlink, mtime, size, major, minor;
	u32 rmajor, rminor, namesize;
	const char *name;
};

/* What becomes of the entries; each returns 0 or -errno, which ends it. */
struct cpio_ops {
	/* A new entry; for a symlink, text is where it points, else NULL. */
	int (*entry)(void *ctx, const struct cpio_entry *e, const char *text);
	/* The next bytes of the last entry, a regular file. */
	int (*data)(void *ctx, const u8 *data, size_t len);
	/* That file is complete. */
	int (*end)(void *ctx);
};

enum cpio_state { CPIO_HEADER, CPIO_NAME, CPIO_DATA, CPIO_TEXT, CPIO_SKIP,
		  CPIO_TRAILER };

struct cpio {
	const struct cpio_ops *ops;
	void *ctx;
	enum cpio_state state, next;  /* next: what follows CPIO_SKIP */
	u32 have, want;               /* bytes of the current part */
	u32 offset;                   /* in the archive, modulo 4 */
	u64 total;                    /* bytes seen, for messages */
	bool in_file;                 /* ops->end is due */
	struct cpio_entry e;
	u8 header[CPIO_HEADER_SIZE];
	char name[CPIO_PATH_MAX + 1];
	char text[CPIO_PATH_MAX + 1];
	char error[160];              /* what was wrong, if feed failed */
};

void cpio_init(struct cpio *c, const struct cpio_ops *ops, void *ctx);
/*
 * 0 or -errno, with c->error set; after an error only cpio_init helps.  *used
 * is less than len only behind a trailer, at bytes that are no cpio archive.
 */
int cpio_feed(struct cpio *c, const u8 *data, size_t len, size_t *used);
/* The input ends here: -EINVAL if in the middle of an entry. */
int cpio_finish(struct cpio *c);
/* Between two entries, where another archive may start. */
static inline bool cpio_at_boundary(const struct cpio *c)
{
	return (c->state == CPIO_HEADER && c->have == 0) ||
	       c->state == CPIO_TRAILER;
}

#endif
