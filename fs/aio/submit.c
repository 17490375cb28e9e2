/* SPDX-License-Identifier: MIT */
/*
 * submit.c -- io_submit(2): requests that read, write and sync, and their end
 *
 * IDEA.  Who performs a request is decided by where it would wait:
 *
 *	O_DIRECT        io_submit itself sends the bios, all requests of the call
 *	                under one plug, so that neighbours merge; the last bio's
 *	                end is the request's (dio.c)
 *	page cache      here and now: the event is there when io_submit returns
 *	fsync           a worker, with the submitter's credentials
 *	readiness       nobody, until the file wakes its queue (poll.c)
 *
 * What is wrong with a request is io_submit's error; what goes wrong in doing
 * it is its event's.
 *
 * RACES.  A request may end before its submission returns, in another CPU's
 * interrupt.  So what may be left behind is not touched after ->read_iter and
 * ->write_iter said -EIOCBQUEUED.
 *
 * SEE io_submit(2), io_cancel(2), docs/66-aio.md.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <drivers/blkdev.h>
#include <fs/eventfd.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>

#define KIOCB_KEY 0

static struct workqueue_struct *aio_wq __ro_after_init;

/* ---- a request's end ---- */

/* Any context. */
void put_req(struct aio_req *req)
{
	if (!refcount_dec_and_test(&req->refs))
		return;
	if (req->vec != req->fast)
		kfree(req->vec);
	if (req->cred)
		put_cred(req->cred);
	if (req->eventfd)
		fput(req->eventfd);
	if (req->file)
		fput(req->file);
	kfree(req);
}

/* Put the event into the ring; the caller's reference is gone.  Any context. */
void complete_req(struct aio_req *req, long res)
{
	struct kioctx *ctx = req->ctx;
	struct file *eventfd = req->eventfd;
	struct io_event event = { .data = req->iocb.aio_data, .obj = req->obj };

	/* A signal cannot restart it: the submitter has gone on. */
	if (res == -ERESTARTSYS || res == -ERESTARTNOINTR ||
	    res == -ERESTARTNOHAND || res == -ERESTART_RESTARTBLOCK)
		res = -EINTR;
	event.res = res;
	req->eventfd = NULL;          /* ours now: told after the event */
	put_req(req);
	drop_place(ctx, &event);
	if (!eventfd)
		return;
	eventfd_signal_file(eventfd, 1);
	fput(eventfd);
}

static void transfer_ended(struct kiocb *iocb, long res)
{
	complete_req(container_of(iocb, struct aio_req, kiocb), res);
}

/* ---- what a request asks for ---- */

static bool is_write(const struct aio_req *req)
{
	return req->iocb.aio_lio_opcode == IOCB_CMD_PWRITE ||
	       req->iocb.aio_lio_opcode == IOCB_CMD_PWRITEV;
}

static int get_files(struct aio_req *req)
{
	req->file = fget(req->iocb.aio_fildes);
	if (!req->file)
		return -EBADF;
	if (!(req->iocb.aio_flags & IOCB_FLAG_RESFD))
		return 0;
	req->eventfd = fget(req->iocb.aio_resfd);
	if (!req->eventfd)
		return -EBADF;
	return is_eventfd(req->eventfd) ? 0 : -EINVAL;
}

static int import_buffers(struct aio_req *req)
{
	unsigned int dir = is_write(req) ? ITER_SOURCE : ITER_DEST;
	void __user *buf = (void __user *)req->iocb.aio_buf;
	ssize_t n;

	if (req->iocb.aio_lio_opcode < IOCB_CMD_PREADV)
		return import_ubuf(dir, buf, req->iocb.aio_nbytes, &req->iter);
	n = import_iovec(dir, buf, req->iocb.aio_nbytes, ARRAY_SIZE(req->fast),
			 &req->vec, &req->iter);
	return n < 0 ? n : 0;
}

/* 0: it will have an event.  -errno: it has none. */
static int submit_transfer(struct aio_req *req)
{
	struct file *file = req->file;
	bool write = is_write(req);
	ssize_t n;
	int err;

	err = kiocb_init(&req->kiocb, file, req->iocb.aio_rw_flags);
	if (err)
		return err;
	if (!(file->f_mode & (write ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	if (write ? !file->f_op->write_iter : !file->f_op->read_iter)
		return -EINVAL;
	err = import_buffers(req);
	if (err)
		return err;
	req->kiocb.ki_pos = req->iocb.aio_offset;
	req->kiocb.ki_complete = transfer_ended;
	err = rw_verify_area(write ? WRITE : READ, file, &req->kiocb.ki_pos,
			     iov_iter_count(&req->iter));
	if (err)
		return err;
	n = write ? file->f_op->write_iter(&req->kiocb, &req->iter)
		  : file->f_op->read_iter(&req->kiocb, &req->iter);
	if (n != -EIOCBQUEUED)
		complete_req(req, n);
	return 0;
}

static void fsync_work(struct work_struct *work)
{
	struct aio_req *req = container_of(work, struct aio_req, work);
	const struct cred *old = override_creds(req->cred);
	int err = vfs_fsync(req->file,
			    req->iocb.aio_lio_opcode == IOCB_CMD_FDSYNC);

	revert_creds(old);
	complete_req(req, err);
}

static int submit_fsync(struct aio_req *req)
{
	if (req->iocb.aio_buf || req->iocb.aio_offset ||
	    req->iocb.aio_nbytes || req->iocb.aio_rw_flags)
		return -EINVAL;
	if (!req->file->f_op->fsync)
		return -EINVAL;
	req->cred = get_cred(current_cred());
	INIT_WORK(&req->work, fsync_work);
	queue_work(aio_wq, &req->work);
	return 0;
}

static int perform(struct aio_req *req)
{
	switch (req->iocb.aio_lio_opcode) {
	case IOCB_CMD_PREAD:
	case IOCB_CMD_PWRITE:
	case IOCB_CMD_PREADV:
	case IOCB_CMD_PWRITEV:
		return submit_transfer(req);
	case IOCB_CMD_FSYNC:
	case IOCB_CMD_FDSYNC:
		return submit_fsync(req);
	case IOCB_CMD_POLL:
		return submit_poll(req);
	}
	return -EINVAL;
}

/* ---- the calls ---- */

static int submit_one(struct kioctx *ctx, struct iocb __user *uiocb)
{
	struct aio_req *req = kzalloc(sizeof(*req), GFP_KERNEL);
	int err = -EFAULT;

	if (!req)
		return -EAGAIN;
	refcount_set(&req->refs, 1);
	req->ctx = ctx;
	req->obj = (u64)uiocb;
	req->vec = req->fast;
	if (copy_from_user(&req->iocb, uiocb, sizeof(req->iocb)))
		goto out_free;
	err = -EINVAL;
	if (req->iocb.aio_reserved2 || (s64)req->iocb.aio_nbytes < 0)
		goto out_free;
	err = take_place(ctx);
	if (err)
		goto out_free;
	err = get_files(req);
	if (!err && put_user((u32)KIOCB_KEY, &uiocb->aio_key))
		err = -EFAULT;
	if (!err)
		err = perform(req);
	if (!err)
		return 0;
	drop_place(ctx, NULL);
out_free:
	put_req(req);
	return err;
}

SYSCALL_DEFINE3(io_submit, aio_context_t, id, long, nr,
		struct iocb __user *__user *, list)
{
	struct iocb __user *uiocb;
	struct blk_plug plug;
	struct kioctx *ctx;
	int err = 0;
	long i;

	if (nr < 0)
		return -EINVAL;
	ctx = find_ctx(id);
	if (!ctx)
		return -EINVAL;
	nr = min(nr, (long)ctx->nr);
	blk_start_plug(&plug);
	for (i = 0; i < nr && !err; i++) {
		if (get_user(uiocb, list + i))
			err = -EFAULT;
		else
			err = submit_one(ctx, uiocb);
	}
	blk_finish_plug(&plug);
	put_ctx(ctx);
	i -= err != 0;
	return i ? i : err;
}

/* -EINPROGRESS: it is, and its event comes to the ring. */
SYSCALL_DEFINE3(io_cancel, aio_context_t, id, struct iocb __user *, iocb,
		struct io_event __user *, result)
{
	struct kioctx *ctx;
	int err;
	u32 key;

	if (get_user(key, &iocb->aio_key))
		return -EFAULT;
	if (key != KIOCB_KEY)
		return -EINVAL;
	ctx = find_ctx(id);
	if (!ctx)
		return -EINVAL;
	err = cancel_poll(ctx, (u64)iocb);
	put_ctx(ctx);
	return err;
}

static int aio_init(void)
{
	aio_wq = alloc_workqueue("aio", WQ_UNBOUND, 0);
	return aio_wq ? 0 : -ENOMEM;
}
fs_initcall(aio_init);
