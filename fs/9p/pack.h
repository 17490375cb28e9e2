/* SPDX-License-Identifier: MIT */
#ifndef FS_9P_PACK_H
#define FS_9P_PACK_H
/*
 * pack.h -- 9P2000.L messages as bytes
 *
 * A message is size[4] type[1] tag[2] and fields, little-endian; a string is
 * length[2] and bytes without NUL.  Theory: fs/9p/pack.c.
 *
 * SEE the diod project's protocol description (9P2000.L).
 */

#include <kernel/types.h>

/* Types; the answer's is one more. */
enum {
	P9_RLERROR = 7,
	P9_TSTATFS = 8, P9_TLOPEN = 12, P9_TLCREATE = 14, P9_TSYMLINK = 16,
	P9_TMKNOD = 18, P9_TRENAME = 20, P9_TREADLINK = 22, P9_TGETATTR = 24,
	P9_TSETATTR = 26, P9_TXATTRWALK = 30, P9_TXATTRCREATE = 32,
	P9_TREADDIR = 40, P9_TFSYNC = 50, P9_TLINK = 70, P9_TMKDIR = 72,
	P9_TRENAMEAT = 74, P9_TUNLINKAT = 76,
	P9_TVERSION = 100, P9_TATTACH = 104, P9_TFLUSH = 108, P9_TWALK = 110,
	P9_TREAD = 116, P9_TWRITE = 118, P9_TCLUNK = 120,
};

#define P9_NOTAG 0xffff
#define P9_NOFID 0xffffffffu
#define P9_HEADER 7                   /* size, type, tag */
#define P9_IO_HEADER 11               /* ... and count: before the data */
#define P9_QID_DIR 0x80
#define P9_QID_SYMLINK 0x02
#define P9_GETATTR_BASIC 0x7ff
#define P9_AT_REMOVEDIR 0x200
#define P9_NAME_MAX 255

struct p9_qid {
	u8 type;
	u32 version;
	u64 path;                     /* the file's identity */
};

struct p9_attr {
	u64 valid;
	struct p9_qid qid;
	u32 mode, uid, gid;
	u64 nlink, rdev, size, blksize, blocks;
	u64 atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
};

struct p9_statfs {
	u32 type, bsize;
	u64 blocks, bfree, bavail, files, ffree, fsid;
	u32 namelen;
};

struct p9_dirent {
	struct p9_qid qid;
	u64 offset;                   /* where to go on behind it */
	u8 type;                      /* DT_* */
	u16 len;
	const char *name;             /* in the message; no NUL at its end */
};

/*
 * A message being written or read.  `bad` is set by the first field that does
 * not fit; all later ones read as 0, and none is written.
 */
struct p9_buf {
	u8 *data;
	u32 size;                     /* writing: room; reading: what is there */
	u32 pos;
	bool bad;
};

/* Writing: start with the header, end by filling in the size. */
void p9_start(struct p9_buf *b, void *data, u32 room, u8 type, u16 tag);
void p9_finish(struct p9_buf *b, u32 payload);
void p9_put(struct p9_buf *b, u64 v, unsigned int bytes);
#define p9_put8(b, v) p9_put(b, v, 1)
#define p9_put16(b, v) p9_put(b, v, 2)
#define p9_put32(b, v) p9_put(b, v, 4)
#define p9_put64(b, v) p9_put(b, v, 8)
void p9_put_str(struct p9_buf *b, const char *s, size_t len);

/* Reading. */
void p9_open(struct p9_buf *b, const void *data, u32 size);
u64 p9_get(struct p9_buf *b, unsigned int bytes);
#define p9_get8(b) ((u8)p9_get(b, 1))
#define p9_get16(b) ((u16)p9_get(b, 2))
#define p9_get32(b) ((u32)p9_get(b, 4))
#define p9_get64(b) p9_get(b, 8)
/* The bytes of a string, in place; NULL if it leaves the message. */
const char *p9_get_str(struct p9_buf *b, u16 *len);
void p9_get_qid(struct p9_buf *b, struct p9_qid *qid);
void p9_get_attr(struct p9_buf *b, struct p9_attr *a);
void p9_get_statfs(struct p9_buf *b, struct p9_statfs *s);
/* The next name; false: the end, or (b->bad) nonsense. */
bool p9_get_dirent(struct p9_buf *b, struct p9_dirent *d);
/*
 * Check the answer's header against the request; leaves b behind it.  0, the
 * server's error (negative), or -EIO for a broken message.
 */
int p9_check_answer(struct p9_buf *b, u8 request_type, u16 tag);

#endif
