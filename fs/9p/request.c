/* SPDX-License-Identifier: MIT */
/*
 * request.c -- one question to a 9P server, and its answer
 *
 * IDEA.  A message of a few kilobytes each way, and perhaps pages that the data
 * go to or come from.  A caller fills it between p9_ask_start() and p9_ask(),
 * reads the answer, and ends it:
 *
 *	start -> put fields -> ask (sleeps) -> get fields -> finish
 *	            `-> pages                     or ask_and_end
 *
 * RACES.  A caller that gets a fatal signal stops waiting, but the device still
 * has the request and will write into it: request and pages are counted, and
 * the tag stays taken for ever (the server may come to know it late).
 *
 * LOCKING.  None but the allocators' own: a request belongs to its caller.
 */

#include "client.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <mm/mm.h>
#include <mm/slab.h>

#define MAX_TAG 0xfff0

static void free_req(struct p9_req *req)
{
	for (unsigned int i = 0; i < req->nr_pages; i++)
		put_page(req->pages[i]);
	kfree(req->pages);
	kfree(req->out);
	kfree(req->in);
	kfree(req);
}

static void put_req(struct p9_req *req)
{
	if (refcount_dec_and_test(&req->ref))
		free_req(req);
}

void p9_req_done(struct p9_req *req)
{
	complete(&req->done);
	put_req(req);
}

/* A request of this type, its header written into *b; NULL: no memory. */
struct p9_req *p9_ask_start(struct p9_client *c, u8 type, struct p9_buf *b)
{
	struct p9_req *req = kzalloc(sizeof(*req), GFP_KERNEL);
	int tag = P9_NOTAG;

	if (!req)
		return NULL;
	refcount_set(&req->ref, 1);
	init_completion(&req->done);
	req->client = c;
	req->type = type;
	req->out = kmalloc(P9_SMALL, GFP_KERNEL);
	req->in = kmalloc(P9_SMALL, GFP_KERNEL);
	if (type != P9_TVERSION)
		tag = ida_alloc_max(&c->tags, MAX_TAG, GFP_KERNEL);
	if (!req->out || !req->in || tag < 0) {
		if (tag >= 0 && tag != P9_NOTAG)
			ida_free(&c->tags, tag);
		free_req(req);
		return NULL;
	}
	req->tag = tag;
	p9_start(b, req->out, P9_SMALL, type, tag);
	return req;
}

/* The pages that the data go to or come from. */
int p9_ask_pages(struct p9_req *req, bool in, struct page **pages,
		 unsigned int nr, unsigned int offset, u32 len)
{
	req->pages = kmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	if (!req->pages)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr; i++) {
		get_page(pages[i]);
		req->pages[i] = pages[i];
	}
	req->nr_pages = nr;
	req->offset = offset;
	req->data_len = len;
	req->data_in = in;
	return 0;
}

void p9_ask_end(struct p9_req *req)
{
	if (req->tag != P9_NOTAG)
		ida_free(&req->client->tags, req->tag);
	put_req(req);
}

/*
 * Send req, whose fields are in *b, and wait.  0: the answer's fields are in
 * *b, and the caller calls p9_ask_end(); else req is gone.
 */
int p9_ask(struct p9_req *req, struct p9_buf *b)
{
	int err = b->bad ? -ENAMETOOLONG : 0;

	if (err)
		goto out;
	p9_finish(b, req->data_in ? 0 : req->data_len);
	req->out_len = b->pos;
	err = p9_chan_send(req->client->chan, req);
	if (err)
		goto out;
	if (wait_for_completion_killable(&req->done)) {
		put_req(req);           /* the tag stays taken */
		return -EINTR;
	}
	err = req->err;
	if (err)
		goto out;
	p9_open(b, req->in, min(req->in_len, req->data_in ? P9_IO_HEADER
							  : P9_SMALL));
	err = p9_check_answer(b, req->type, req->tag);
	if (!err)
		return 0;
out:
	p9_ask_end(req);
	return err;
}

/* For an answer of which nothing more is wanted. */
int p9_ask_and_end(struct p9_req *req, struct p9_buf *b)
{
	int err = p9_ask(req, b);

	if (!err)
		p9_ask_end(req);
	return err;
}

/* The answer's fields have been read. */
int p9_ask_finish(struct p9_req *req, struct p9_buf *b)
{
	int err = b->bad ? -EIO : 0;

	p9_ask_end(req);
	return err;
}
