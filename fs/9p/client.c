/* SPDX-License-Identifier: MIT */
/*
 * client.c -- questions to a 9P server, and their answers
 *
 * IDEA.  The server has files, we have numbers for them (fids).  attach makes
 * one for the root, walk a new one from an old one and a name; then it can be
 * asked, opened, and is given back by clunk.  Each operation is one request
 * and one answer, which finds its way by the tag; many may be on their way.
 *
 * Data never pass through a big buffer: a read's answer is a small header and
 * then the caller's own pages, which the device fills.
 *
 * RACES.  A caller that gets a fatal signal stops waiting, but the device still
 * has the request and will write into it: request and pages are counted, and
 * the tag and fid it uses stay taken for ever (the server may come to know
 * them late).
 *
 * LOCKING.  None but the allocators' own: a request belongs to its caller.
 */

#include "client.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/math.h>
#include <kernel/mutex.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/slab.h>

#define MIN_MSIZE 8192

/* --- Fids ---------------------------------------------------------------- */

static struct p9_fid *new_fid(struct p9_client *c)
{
	struct p9_fid *fid = kzalloc(sizeof(*fid), GFP_KERNEL);
	int id;

	if (!fid)
		return NULL;
	id = ida_alloc(&c->fids, GFP_KERNEL);
	if (id < 0) {
		kfree(fid);
		return NULL;
	}
	fid->client = c;
	fid->id = id;
	return fid;
}

/* It never came to be on the server, unless we were interrupted. */
static void *drop_fid(struct p9_fid *fid, int err)
{
	if (err != -EINTR)
		ida_free(&fid->client->fids, fid->id);
	kfree(fid);
	return ERR_PTR(err);
}

struct p9_fid *p9_attach(struct p9_client *c, const char *uname,
			 const char *aname, u32 uid)
{
	struct p9_fid *fid = new_fid(c);
	struct p9_req *req;
	struct p9_buf b;
	int err;

	if (!fid)
		return ERR_PTR(-ENOMEM);
	req = p9_ask_start(c, P9_TATTACH, &b);
	if (!req)
		return drop_fid(fid, -ENOMEM);
	p9_put32(&b, fid->id);
	p9_put32(&b, P9_NOFID);
	p9_put_str(&b, uname, strlen(uname));
	p9_put_str(&b, aname, strlen(aname));
	p9_put32(&b, uid);
	err = p9_ask(req, &b);
	if (!err) {
		p9_get_qid(&b, &fid->qid);
		err = p9_ask_finish(req, &b);
	}
	return err ? drop_fid(fid, err) : fid;
}

struct p9_fid *p9_walk(struct p9_fid *from, const char *name, size_t len)
{
	struct p9_fid *fid = new_fid(from->client);
	unsigned int names = name ? 1 : 0, got;
	struct p9_req *req;
	struct p9_buf b;
	int err;

	if (!fid)
		return ERR_PTR(-ENOMEM);
	req = p9_ask_start(from->client, P9_TWALK, &b);
	if (!req)
		return drop_fid(fid, -ENOMEM);
	p9_put32(&b, from->id);
	p9_put32(&b, fid->id);
	p9_put16(&b, names);
	if (name)
		p9_put_str(&b, name, len);
	err = p9_ask(req, &b);
	if (err)
		return drop_fid(fid, err);
	got = p9_get16(&b);
	fid->qid = from->qid;
	if (got && names)
		p9_get_qid(&b, &fid->qid);
	err = p9_ask_finish(req, &b);
	if (!err && got != names)
		err = -ENOENT;
	return err ? drop_fid(fid, err) : fid;
}

int p9_clunk(struct p9_fid *fid)
{
	struct p9_req *req;
	struct p9_buf b;
	int err = -ENOMEM;

	if (IS_ERR_OR_NULL(fid))
		return 0;
	req = p9_ask_start(fid->client, P9_TCLUNK, &b);
	if (req) {
		p9_put32(&b, fid->id);
		err = p9_ask_and_end(req, &b);
	}
	/* An answer, be it an error, means that the number is free. */
	if (err != -EINTR && err != -ENOMEM)
		ida_free(&fid->client->fids, fid->id);
	kfree(fid);
	return err;
}

/* --- Operations ---------------------------------------------------------- */

int p9_lopen(struct p9_fid *fid, u32 flags)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, P9_TLOPEN, &b);
	int err;

	if (!req)
		return -ENOMEM;
	p9_put32(&b, fid->id);
	p9_put32(&b, flags);
	err = p9_ask(req, &b);
	if (err)
		return err;
	p9_get_qid(&b, &fid->qid);
	fid->iounit = p9_get32(&b);
	return p9_ask_finish(req, &b);
}

int p9_lcreate(struct p9_fid *fid, const char *name, u32 flags, u32 mode,
	       u32 gid)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, P9_TLCREATE, &b);
	int err;

	if (!req)
		return -ENOMEM;
	p9_put32(&b, fid->id);
	p9_put_str(&b, name, strlen(name));
	p9_put32(&b, flags);
	p9_put32(&b, mode);
	p9_put32(&b, gid);
	err = p9_ask(req, &b);
	if (err)
		return err;
	p9_get_qid(&b, &fid->qid);
	fid->iounit = p9_get32(&b);
	return p9_ask_finish(req, &b);
}

int p9_getattr(struct p9_fid *fid, struct p9_attr *a)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, P9_TGETATTR, &b);
	int err;

	if (!req)
		return -ENOMEM;
	p9_put32(&b, fid->id);
	p9_put64(&b, P9_GETATTR_BASIC);
	err = p9_ask(req, &b);
	if (err)
		return err;
	p9_get_attr(&b, a);
	return p9_ask_finish(req, &b);
}

int p9_setattr(struct p9_fid *fid, const struct p9_setattr *s)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, P9_TSETATTR, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, fid->id);
	p9_put32(&b, s->valid);
	p9_put32(&b, s->mode);
	p9_put32(&b, s->uid);
	p9_put32(&b, s->gid);
	p9_put64(&b, s->size);
	p9_put64(&b, s->atime);
	p9_put64(&b, s->atime_ns);
	p9_put64(&b, s->mtime);
	p9_put64(&b, s->mtime_ns);
	return p9_ask_and_end(req, &b);
}

int p9_statfs(struct p9_fid *fid, struct p9_statfs *s)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, P9_TSTATFS, &b);
	int err;

	if (!req)
		return -ENOMEM;
	p9_put32(&b, fid->id);
	err = p9_ask(req, &b);
	if (err)
		return err;
	p9_get_statfs(&b, s);
	return p9_ask_finish(req, &b);
}

int p9_fsync(struct p9_fid *fid, int datasync)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, P9_TFSYNC, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, fid->id);
	p9_put32(&b, datasync);
	return p9_ask_and_end(req, &b);
}

int p9_mkdir(struct p9_fid *dir, const char *name, u32 mode, u32 gid)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(dir->client, P9_TMKDIR, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, dir->id);
	p9_put_str(&b, name, strlen(name));
	p9_put32(&b, mode);
	p9_put32(&b, gid);
	return p9_ask_and_end(req, &b);
}

int p9_mknod(struct p9_fid *dir, const char *name, u32 mode, u32 major,
	     u32 minor, u32 gid)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(dir->client, P9_TMKNOD, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, dir->id);
	p9_put_str(&b, name, strlen(name));
	p9_put32(&b, mode);
	p9_put32(&b, major);
	p9_put32(&b, minor);
	p9_put32(&b, gid);
	return p9_ask_and_end(req, &b);
}

int p9_symlink(struct p9_fid *dir, const char *name, const char *text, u32 gid)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(dir->client, P9_TSYMLINK, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, dir->id);
	p9_put_str(&b, name, strlen(name));
	p9_put_str(&b, text, strlen(text));
	p9_put32(&b, gid);
	return p9_ask_and_end(req, &b);
}

int p9_link(struct p9_fid *dir, struct p9_fid *old, const char *name)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(dir->client, P9_TLINK, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, dir->id);
	p9_put32(&b, old->id);
	p9_put_str(&b, name, strlen(name));
	return p9_ask_and_end(req, &b);
}

int p9_unlinkat(struct p9_fid *dir, const char *name, u32 flags)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(dir->client, P9_TUNLINKAT, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, dir->id);
	p9_put_str(&b, name, strlen(name));
	p9_put32(&b, flags);
	return p9_ask_and_end(req, &b);
}

int p9_renameat(struct p9_fid *from, const char *old, struct p9_fid *to,
		const char *new)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(from->client, P9_TRENAMEAT, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, from->id);
	p9_put_str(&b, old, strlen(old));
	p9_put32(&b, to->id);
	p9_put_str(&b, new, strlen(new));
	return p9_ask_and_end(req, &b);
}

char *p9_readlink(struct p9_fid *fid)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, P9_TREADLINK, &b);
	const char *s;
	char *text;
	int err;
	u16 len;

	if (!req)
		return ERR_PTR(-ENOMEM);
	p9_put32(&b, fid->id);
	err = p9_ask(req, &b);
	if (err)
		return ERR_PTR(err);
	s = p9_get_str(&b, &len);
	text = s ? kmemdup_nul(s, len, GFP_KERNEL) : NULL;
	err = s ? 0 : -EIO;
	p9_ask_end(req);
	return text ? text : ERR_PTR(err ? err : -ENOMEM);
}

/* --- Data ---------------------------------------------------------------- */

ssize_t p9_io(struct p9_fid *fid, bool write, u64 pos, struct page **pages,
	      unsigned int nr, unsigned int offset, u32 len)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, write ? P9_TWRITE : P9_TREAD,
				   &b);
	u32 moved;
	int err;

	if (!req)
		return -ENOMEM;
	err = p9_ask_pages(req, !write, pages, nr, offset, len);
	if (err) {
		p9_ask_end(req);
		return err;
	}
	p9_put32(&b, fid->id);
	p9_put64(&b, pos);
	p9_put32(&b, len);
	err = p9_ask(req, &b);
	if (err)
		return err;
	moved = p9_get32(&b);
	/* More than was asked for, or than came: a broken server. */
	if (moved > len || (!write && moved + P9_IO_HEADER > req->in_len))
		b.bad = true;
	err = p9_ask_finish(req, &b);
	return err ? err : (ssize_t)moved;
}

/* buf: the direct map (kmalloc). */
ssize_t p9_readdir(struct p9_fid *fid, u64 offset, void *buf, u32 len)
{
	struct page *pages[P9_MAX_PAGES];
	unsigned int at = (unsigned long)buf & ~PAGE_MASK, nr;
	struct p9_req *req;
	struct p9_buf b;
	u32 count;
	int err;

	nr = DIV_ROUND_UP(at + len, PAGE_SIZE);
	if (nr > P9_MAX_PAGES)
		return -EINVAL;
	for (unsigned int i = 0; i < nr; i++)
		pages[i] = virt_to_page(buf - at + i * PAGE_SIZE);
	req = p9_ask_start(fid->client, P9_TREADDIR, &b);
	if (!req)
		return -ENOMEM;
	err = p9_ask_pages(req, true, pages, nr, at, len);
	if (err) {
		p9_ask_end(req);
		return err;
	}
	p9_put32(&b, fid->id);
	p9_put64(&b, offset);
	p9_put32(&b, len);
	err = p9_ask(req, &b);
	if (err)
		return err;
	count = p9_get32(&b);
	if (count > len || count + P9_IO_HEADER > req->in_len)
		b.bad = true;
	err = p9_ask_finish(req, &b);
	return err ? err : (ssize_t)count;
}

/* Through a page of our own: for what is small. */
ssize_t p9_io_kernel(struct p9_fid *fid, bool write, u64 pos, void *buf,
		     size_t len)
{
	struct page *page = alloc_page(GFP_KERNEL);
	size_t done = 0;
	ssize_t n = 0;

	if (!page)
		return -ENOMEM;
	while (done < len) {
		u32 part = min(len - done, (size_t)PAGE_SIZE);

		if (write)
			memcpy(page_address(page), buf + done, part);
		n = p9_io(fid, write, pos + done, &page, 1, 0, part);
		if (n <= 0)
			break;
		if (!write)
			memcpy(buf + done, page_address(page), n);
		done += n;
	}
	put_page(page);
	return done ? (ssize_t)done : n;
}

/* --- Extended attributes ------------------------------------------------- */

struct p9_fid *p9_xattrwalk(struct p9_fid *from, const char *name, u64 *size)
{
	struct p9_fid *fid = new_fid(from->client);
	struct p9_req *req;
	struct p9_buf b;
	int err;

	if (!fid)
		return ERR_PTR(-ENOMEM);
	req = p9_ask_start(from->client, P9_TXATTRWALK, &b);
	if (!req)
		return drop_fid(fid, -ENOMEM);
	p9_put32(&b, from->id);
	p9_put32(&b, fid->id);
	p9_put_str(&b, name ? name : "", name ? strlen(name) : 0);
	err = p9_ask(req, &b);
	if (!err) {
		*size = p9_get64(&b);
		err = p9_ask_finish(req, &b);
	}
	return err ? drop_fid(fid, err) : fid;
}

int p9_xattrcreate(struct p9_fid *fid, const char *name, u64 size, u32 flags)
{
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(fid->client, P9_TXATTRCREATE, &b);

	if (!req)
		return -ENOMEM;
	p9_put32(&b, fid->id);
	p9_put_str(&b, name, strlen(name));
	p9_put64(&b, size);
	p9_put32(&b, flags);
	return p9_ask_and_end(req, &b);
}

/* --- The connection ------------------------------------------------------ */

/* Agree on the version and the largest message. */
static int say_hello(struct p9_client *c, u32 msize)
{
	static const char version[] = "9P2000.L";
	struct p9_buf b;
	struct p9_req *req = p9_ask_start(c, P9_TVERSION, &b);
	const char *s;
	u16 len;
	int err;

	if (!req)
		return -ENOMEM;
	p9_put32(&b, msize);
	p9_put_str(&b, version, sizeof(version) - 1);
	err = p9_ask(req, &b);
	if (err)
		return err;
	c->msize = min(p9_get32(&b), msize);
	s = p9_get_str(&b, &len);
	if (c->msize < MIN_MSIZE || len != sizeof(version) - 1 ||
	    (s && memcmp(s, version, len)))
		b.bad = true;
	return p9_ask_finish(req, &b);
}

struct p9_client *p9_client_create(const char *tag, u32 msize)
{
	struct p9_client *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return ERR_PTR(-ENOMEM);
	ida_init(&c->tags);
	ida_init(&c->fids);
	c->chan = p9_chan_get(tag);
	if (IS_ERR(c->chan)) {
		err = PTR_ERR(c->chan);
		goto out_free;
	}
	err = say_hello(c, clamp(msize, (u32)MIN_MSIZE, (u32)P9_MSIZE));
	if (!err)
		return c;
	p9_chan_put(c->chan);
out_free:
	ida_destroy(&c->tags);
	ida_destroy(&c->fids);
	kfree(c);
	return ERR_PTR(err);
}

void p9_client_destroy(struct p9_client *c)
{
	p9_chan_put(c->chan);
	ida_destroy(&c->tags);
	ida_destroy(&c->fids);
	kfree(c);
}
