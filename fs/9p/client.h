/* SPDX-License-Identifier: MIT */
#ifndef FS_9P_CLIENT_H
#define FS_9P_CLIENT_H
/*
 * client.h -- a connection to a 9P server: requests, fids, operations
 *
 * Theory: fs/9p/client.c; how bytes travel: fs/9p/trans_virtio.c.
 * All may sleep.  Errors are the server's errno, -EIO for a broken answer or
 * connection, -EINTR when a fatal signal came, -ENOMEM.
 */

#include "pack.h"

#include <kernel/completion.h>
#include <kernel/idr.h>
#include <kernel/list.h>
#include <kernel/refcount.h>
#include <kernel/scatterlist.h>

struct p9_chan;
struct page;

#define P9_SMALL 8192                 /* a message without its data */
#define P9_MAX_PAGES 32               /* of data in one request */
#define P9_MSIZE (P9_MAX_PAGES * 4096 + P9_IO_HEADER + 16)

/*
 * One request and its answer.  The data of a read, write or readdir lie in
 * pages of their own.  Freed with the last of two references: the caller's and
 * the device's (a caller that was killed leaves early).
 */
struct p9_req {
	refcount_t ref;
	u8 type;
	u16 tag;
	int err;                      /* of the transport */
	u8 *out, *in;                 /* P9_SMALL each */
	u32 out_len, in_len;          /* in_len: what the device wrote */
	struct page **pages;          /* data; NULL: none */
	unsigned int nr_pages, offset;
	u32 data_len;
	bool data_in;                 /* the answer's data, not the request's */
	struct completion done;
	struct p9_client *client;
};

struct p9_client {
	struct p9_chan *chan;
	u32 msize;
	struct ida tags, fids;
};

/* A handle on one of the server's files. */
struct p9_fid {
	struct p9_client *client;
	u32 id;
	struct p9_qid qid;
	u32 iounit;                   /* 0: msize decides */
};

struct p9_client *p9_client_create(const char *tag, u32 msize);  /* ERR_PTR */
void p9_client_destroy(struct p9_client *c);
/* The root of the tree `aname`, as the user uid.  ERR_PTR. */
struct p9_fid *p9_attach(struct p9_client *c, const char *uname,
			 const char *aname, u32 uid);
/* A new handle: of the same file (name NULL), or of an entry of it. */
struct p9_fid *p9_walk(struct p9_fid *fid, const char *name, size_t len);
int p9_clunk(struct p9_fid *fid);     /* fid is freed; NULL and ERR are fine */
int p9_lopen(struct p9_fid *fid, u32 flags);
/* fid, a directory, becomes the opened new file. */
int p9_lcreate(struct p9_fid *fid, const char *name, u32 flags, u32 mode,
	       u32 gid);
int p9_getattr(struct p9_fid *fid, struct p9_attr *a);
struct p9_setattr {
	u32 valid, mode, uid, gid;
	u64 size, atime, atime_ns, mtime, mtime_ns;
};
int p9_setattr(struct p9_fid *fid, const struct p9_setattr *s);
int p9_statfs(struct p9_fid *fid, struct p9_statfs *s);
int p9_fsync(struct p9_fid *fid, int datasync);
int p9_mkdir(struct p9_fid *dir, const char *name, u32 mode, u32 gid);
int p9_mknod(struct p9_fid *dir, const char *name, u32 mode, u32 major,
	     u32 minor, u32 gid);
int p9_symlink(struct p9_fid *dir, const char *name, const char *text, u32 gid);
int p9_link(struct p9_fid *dir, struct p9_fid *old, const char *name);
int p9_unlinkat(struct p9_fid *dir, const char *name, u32 flags);
int p9_renameat(struct p9_fid *from, const char *old, struct p9_fid *to,
		const char *new);
/* kmalloc()ed text; ERR_PTR. */
char *p9_readlink(struct p9_fid *fid);
/* One request's worth, into or from pages; the bytes moved. */
ssize_t p9_io(struct p9_fid *fid, bool write, u64 pos, struct page **pages,
	      unsigned int nr, unsigned int offset, u32 len);
/* Any number of bytes of kernel memory. */
ssize_t p9_io_kernel(struct p9_fid *fid, bool write, u64 pos, void *buf,
		     size_t len);
/* Names from `offset` on, into buf (kmalloc()ed); bytes. */
ssize_t p9_readdir(struct p9_fid *fid, u64 offset, void *buf, u32 len);
/* A handle to read a value (name NULL: the list of names) and its size. */
struct p9_fid *p9_xattrwalk(struct p9_fid *fid, const char *name, u64 *size);
/* fid becomes a handle to write `size` bytes of the value; clunk ends it. */
int p9_xattrcreate(struct p9_fid *fid, const char *name, u64 size, u32 flags);

/* --- request.c ------------------------------------------------------------ */
/* A request of this type, its header written into *b; NULL: no memory. */
struct p9_req *p9_ask_start(struct p9_client *c, u8 type, struct p9_buf *b);
/* The pages that its data go to or come from.  0 or -ENOMEM. */
int p9_ask_pages(struct p9_req *req, bool in, struct page **pages,
		 unsigned int nr, unsigned int offset, u32 len);
/*
 * Send req, whose fields are in *b, and wait.  0: the answer's fields are in
 * *b, and the caller ends it; else req is gone.
 */
int p9_ask(struct p9_req *req, struct p9_buf *b);
/* For an answer of which nothing more is wanted. */
int p9_ask_and_end(struct p9_req *req, struct p9_buf *b);
/* The answer's fields have been read; -EIO: there were too few. */
int p9_ask_finish(struct p9_req *req, struct p9_buf *b);
void p9_ask_end(struct p9_req *req);

/* --- trans_virtio.c ------------------------------------------------------- */
struct p9_chan *p9_chan_get(const char *tag);   /* ERR_PTR(-ENOENT, -EBUSY) */
void p9_chan_put(struct p9_chan *chan);
/* Send; the device has its reference from then on.  0 or -EIO, -EINTR. */
int p9_chan_send(struct p9_chan *chan, struct p9_req *req);
/* The device's reference back, the answer there (or req->err); any context. */
void p9_req_done(struct p9_req *req);

#endif
