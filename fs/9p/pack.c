/* SPDX-License-Identifier: MIT */
/*
 * pack.c -- writing and reading messages, believing nothing
 *
 * PROMISE.  No field is read from behind the end of the message, whatever its
 * lengths say; a name that comes out of here may be shown to the VFS.
 *
 * Pure: runs under ASan and the fuzzer on the host.
 */

#include "pack.h"

#include <kernel/errno.h>
#include <kernel/string.h>

#define MAX_ERRNO 4095

void p9_put(struct p9_buf *b, u64 v, unsigned int bytes)
{
	if (b->bad || b->size - b->pos < bytes) {
		b->bad = true;
		return;
	}
	for (unsigned int i = 0; i < bytes; i++)
		b->data[b->pos++] = v >> 8 * i;
}

void p9_put_str(struct p9_buf *b, const char *s, size_t len)
{
	if (len > 0xffff) {
		b->bad = true;
		return;
	}
	p9_put16(b, len);
	if (b->bad || b->size - b->pos < len) {
		b->bad = true;
		return;
	}
	memcpy(b->data + b->pos, s, len);
	b->pos += len;
}

void p9_start(struct p9_buf *b, void *data, u32 room, u8 type, u16 tag)
{
	*b = (struct p9_buf){ .data = data, .size = room };
	p9_put32(b, 0);
	p9_put8(b, type);
	p9_put16(b, tag);
}

void p9_finish(struct p9_buf *b, u32 payload)
{
	u32 end = b->pos;

	b->pos = 0;
	p9_put32(b, end + payload);
	b->pos = end;
}

void p9_open(struct p9_buf *b, const void *data, u32 size)
{
	*b = (struct p9_buf){ .data = (u8 *)data, .size = size };
}

u64 p9_get(struct p9_buf *b, unsigned int bytes)
{
	u64 v = 0;

	if (b->bad || b->size - b->pos < bytes) {
		b->bad = true;
		return 0;
	}
	for (unsigned int i = 0; i < bytes; i++)
		v |= (u64)b->data[b->pos++] << 8 * i;
	return v;
}

const char *p9_get_str(struct p9_buf *b, u16 *len)
{
	const char *s;

	*len = p9_get16(b);
	if (b->bad || b->size - b->pos < *len) {
		b->bad = true;
		*len = 0;
		return NULL;
	}
	s = (const char *)b->data + b->pos;
	b->pos += *len;
	return s;
}

void p9_get_qid(struct p9_buf *b, struct p9_qid *qid)
{
	qid->type = p9_get8(b);
	qid->version = p9_get32(b);
	qid->path = p9_get64(b);
}

void p9_get_attr(struct p9_buf *b, struct p9_attr *a)
{
	a->valid = p9_get64(b);
	p9_get_qid(b, &a->qid);
	a->mode = p9_get32(b);
	a->uid = p9_get32(b);
	a->gid = p9_get32(b);
	a->nlink = p9_get64(b);
	a->rdev = p9_get64(b);
	a->size = p9_get64(b);
	a->blksize = p9_get64(b);
	a->blocks = p9_get64(b);
	a->atime = p9_get64(b);
	a->atime_ns = p9_get64(b);
	a->mtime = p9_get64(b);
	a->mtime_ns = p9_get64(b);
	a->ctime = p9_get64(b);
	a->ctime_ns = p9_get64(b);
	if (a->size > (u64)S64_MAX)
		b->bad = true;
}

void p9_get_statfs(struct p9_buf *b, struct p9_statfs *s)
{
	s->type = p9_get32(b);
	s->bsize = p9_get32(b);
	s->blocks = p9_get64(b);
	s->bfree = p9_get64(b);
	s->bavail = p9_get64(b);
	s->files = p9_get64(b);
	s->ffree = p9_get64(b);
	s->fsid = p9_get64(b);
	s->namelen = p9_get32(b);
}

static bool name_ok(const char *name, u16 len)
{
	return len > 0 && len <= P9_NAME_MAX && !memchr(name, '/', len) &&
	       !memchr(name, '\0', len);
}

bool p9_get_dirent(struct p9_buf *b, struct p9_dirent *d)
{
	if (b->pos == b->size)
		return false;
	p9_get_qid(b, &d->qid);
	d->offset = p9_get64(b);
	d->type = p9_get8(b);
	d->name = p9_get_str(b, &d->len);
	if (!b->bad && !name_ok(d->name, d->len))
		b->bad = true;
	return !b->bad;
}

int p9_check_answer(struct p9_buf *b, u8 request_type, u16 tag)
{
	u32 size = p9_get32(b), code;
	u8 type = p9_get8(b);
	u16 got = p9_get16(b);

	if (b->bad || got != tag || size < P9_HEADER)
		return -EIO;
	if (type == P9_RLERROR) {
		code = p9_get32(b);
		if (b->bad || code == 0 || code > MAX_ERRNO)
			return -EIO;
		return -(int)code;
	}
	return type == request_type + 1 ? 0 : -EIO;
}
