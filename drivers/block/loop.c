/* SPDX-License-Identifier: MIT */
/*
 * loop.c -- a file as a disk: /dev/loop0 ...
 *
 * PROMISE.  What is written to the device is in the file, at the same place
 * plus the offset; a flush of the device is an fsync of the file.  Errors of
 * the file are errors of the disk.
 *
 * IDEA.  A request becomes a read or write of the file, in a worker: the file's
 * own I/O may sleep and goes to the same block layer again, which the
 * submitter's context could not bear.  The request's memory is handed over as
 * it is.
 *
 *	bio -> request of loop0 -> worker -> file -> page cache, or O_DIRECT
 *	                                         -> bio -> request of vda
 *
 * Life: UNBOUND -> BOUND (LOOP_CONFIGURE, LOOP_SET_FD) -> RUNDOWN (LOOP_CLR_FD
 * by the only opener, or the last close with AUTOCLEAR) -> UNBOUND, at the last
 * close.
 *
 * It stands above fs/ in LAYERS, though it is a disk.
 *
 * LOCKING.  lo_mutex: the state.  What requests look at (file, offset, flags)
 * changes with the queue frozen.  ctl_mutex: the table of devices.  Order:
 * disk->open_mutex, ctl_mutex, lo_mutex.
 *
 * RACES.  A loop on a loop on the first one would never end: LOOP_CONFIGURE
 * walks down the files (loop-ioctl.c).
 */

#include "loop.h"
#include "blk.h"

#include <drivers/cdev.h>
#include <kernel/export.h>
#include <kernel/idr.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/pagemap.h>
#include <mm/slab.h>
#include <mm/uio.h>

#define LOOP_DEPTH 32
#define LOOP_AT_BOOT 8           /* so that /dev/loop0 is there to be named */
#define FALLOC_KEEP_SIZE 1
#define FALLOC_PUNCH_HOLE 2
#define FALLOC_ZERO_RANGE 16

/* Behind each request. */
struct loop_cmd {
	struct work_struct work;
	struct request *rq;
};

static DEFINE_MUTEX(ctl_mutex);
static DEFINE_XARRAY(loops);     /* ctl_mutex: by number */

/* ---- requests; in a worker ---- */

/* The request's memory as kernel segments; how many, or -ENOMEM. */
static int make_kvec(struct request *rq, struct kvec **kvp)
{
	struct req_iterator it;
	struct bio_vec bv;
	struct kvec *kv;
	int n = 0;

	rq_for_each_bvec(bv, rq, it)
		n++;
	kv = kmalloc_array(n, sizeof(*kv), GFP_NOIO);
	if (!kv)
		return -ENOMEM;
	n = 0;
	rq_for_each_bvec(bv, rq, it) {
		kv[n].iov_base = page_address(bv.bv_page) + bv.bv_offset;
		kv[n++].iov_len = bv.bv_len;
	}
	*kvp = kv;
	return n;
}

/* Once by the way that dio says: bytes or -errno. */
static ssize_t transfer(struct loop_device *lo, struct iov_iter *iter,
			loff_t pos, bool write, bool dio)
{
	struct kiocb iocb = { .ki_filp = lo->file, .ki_pos = pos };
	const struct file_operations *ops = lo->file->f_op;

	if (dio)
		iocb.ki_flags |= IOCB_DIRECT;
	if (write)
		iocb.ki_flags |= IOCB_WRITE;
	return write ? ops->write_iter(&iocb, iter)
		     : ops->read_iter(&iocb, iter);
}

/* Read or write the whole request; 0 or -errno. */
static int do_rw(struct loop_device *lo, struct request *rq)
{
	loff_t pos = ((loff_t)blk_rq_pos(rq) << SECTOR_SHIFT) + lo->offset;
	bool write = rq_data_dir(rq), dio = lo->use_dio;
	struct iov_iter iter;
	struct kvec *kv;
	ssize_t ret = 0;
	int n = make_kvec(rq, &kv);

	if (n < 0)
		return n;
	iov_iter_kvec(&iter, write ? WRITE : READ, kv, n, blk_rq_bytes(rq));
	while (iov_iter_count(&iter)) {
		ret = transfer(lo, &iter, pos, write, dio);
		if (ret == -EINVAL && dio) {
			dio = false;     /* not aligned for the disk below */
			continue;
		}
		if (ret <= 0)
			break;
		pos += ret;
	}
	/* Behind the end of a file that shrank a disk has zeroes. */
	if (!write && ret == 0 && iov_iter_count(&iter) &&
	    !iov_iter_zero(iov_iter_count(&iter), &iter))
		ret = -EIO;
	if (write && ret == 0 && iov_iter_count(&iter))
		ret = -EIO;
	kfree(kv);
	return ret < 0 ? ret : 0;
}

static int do_fallocate(struct loop_device *lo, struct request *rq, int mode)
{
	loff_t pos = ((loff_t)blk_rq_pos(rq) << SECTOR_SHIFT) + lo->offset;
	int err;

	if (!lo->file->f_op->fallocate)
		return -EOPNOTSUPP;
	err = vfs_fallocate(lo->file, mode | FALLOC_KEEP_SIZE, pos,
			    blk_rq_bytes(rq));
	return err == -EINVAL || err == -ENOSYS ? -EOPNOTSUPP : err;
}

static int do_request(struct loop_device *lo, struct request *rq)
{
	int err;

	switch (req_op(rq)) {
	case REQ_OP_FLUSH:
		err = vfs_fsync(lo->file, 0);
		return err == -EINVAL ? 0 : err; /* it has no store */
	case REQ_OP_DISCARD:
		return do_fallocate(lo, rq, FALLOC_PUNCH_HOLE);
	case REQ_OP_WRITE_ZEROES:
		return do_fallocate(lo, rq, rq->cmd_flags & REQ_NOUNMAP
				    ? FALLOC_ZERO_RANGE : FALLOC_PUNCH_HOLE);
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return do_rw(lo, rq);
	default:
		return -EOPNOTSUPP;
	}
}

static void loop_work(struct work_struct *work)
{
	struct loop_cmd *cmd = container_of(work, struct loop_cmd, work);
	struct request *rq = cmd->rq;
	struct loop_device *lo = rq->q->queuedata;
	int err = -EIO;

	if (!(op_is_write(rq->cmd_flags) && (lo->flags & LO_FLAGS_READ_ONLY)))
		err = do_request(lo, rq);
	blk_mq_end_request(rq, errno_to_blk_status(err));
}

static blk_status_t loop_queue_rq(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *bd)
{
	struct loop_device *lo = hctx->queue->queuedata;
	struct loop_cmd *cmd = blk_mq_rq_to_pdu(bd->rq);

	if (READ_ONCE(lo->state) == LO_UNBOUND || !lo->file)
		return BLK_STS_IOERR;
	blk_mq_start_request(bd->rq);
	cmd->rq = bd->rq;
	queue_work(lo->wq, &cmd->work);
	return BLK_STS_OK;
}

static int loop_init_request(struct blk_mq_tag_set *set, struct request *rq,
			     unsigned int hctx, unsigned int node)
{
	struct loop_cmd *cmd = blk_mq_rq_to_pdu(rq);

	(void)set, (void)hctx, (void)node;
	INIT_WORK(&cmd->work, loop_work);
	return 0;
}

/* The file below has timeouts of its own. */
static enum blk_eh_timer_return loop_timeout(struct request *rq)
{
	(void)rq;
	return BLK_EH_RESET_TIMER;
}

static const struct blk_mq_ops loop_mq_ops = {
	.queue_rq = loop_queue_rq, .init_request = loop_init_request,
	.timeout = loop_timeout,
};

/* ---- binding's other half ---- */

sector_t loop_size(u64 offset, u64 sizelimit, struct file *file)
{
	loff_t size = i_size_read(file->f_mapping->host);

	if ((u64)size <= offset)
		return 0;
	size -= offset;
	if (sizelimit && sizelimit < (u64)size)
		size = sizelimit;
	return size >> SECTOR_SHIFT;
}

/* Direct if the file can; the queue is frozen. */
void loop_apply_dio(struct loop_device *lo, bool dio)
{
	const struct address_space_operations *ops = lo->file->f_mapping->a_ops;

	lo->use_dio = dio && ops && ops->direct_IO;
	if (lo->use_dio)
		lo->flags |= LO_FLAGS_DIRECT_IO;
	else
		lo->flags &= ~LO_FLAGS_DIRECT_IO;
}

void loop_clear(struct loop_device *lo)
{
	struct request_queue *q = lo->disk->queue;
	struct file *file = lo->file;

	sysfs_remove_group(&disk_to_dev(lo->disk)->kobj, &loop_attr_group);
	blk_mq_freeze_queue(q);
	file->f_mapping->gfp_mask = lo->old_gfp;
	lo->file = NULL;
	lo->offset = lo->sizelimit = 0;
	lo->flags = 0;
	lo->use_dio = false;
	memset(lo->file_name, 0, sizeof(lo->file_name));
	blk_queue_logical_block_size(q, 512);
	blk_queue_write_cache(q, false, false);
	set_capacity(lo->disk, 0);
	set_disk_ro(lo->disk, false);
	set_bit(GD_SUPPRESS_PART_SCAN, &lo->disk->state);
	blk_mq_unfreeze_queue(q);
	destroy_workqueue(lo->wq);       /* no request can come any more */
	lo->wq = NULL;
	mutex_lock(&lo->lo_mutex);
	lo->state = LO_UNBOUND;
	mutex_unlock(&lo->lo_mutex);
	kobject_uevent(&disk_to_dev(lo->disk)->kobj, KOBJ_CHANGE);
	fput(file);
}

static int loop_open(struct block_device *bdev, fmode_t mode)
{
	struct loop_device *lo = bdev->bd_disk->private_data;
	int err;

	(void)mode;
	mutex_lock(&lo->lo_mutex);
	err = lo->state == LO_DELETING ? -ENXIO : 0;
	mutex_unlock(&lo->lo_mutex);
	return err;
}

/* open_mutex is held: with no opener left, nobody binds meanwhile. */
static void loop_release(struct gendisk *disk, fmode_t mode)
{
	struct loop_device *lo = disk->private_data;
	bool clear;

	(void)mode;
	if (atomic_read(&disk->part0->bd_openers))
		return;
	mutex_lock(&lo->lo_mutex);
	if (lo->state == LO_BOUND && (lo->flags & LO_FLAGS_AUTOCLEAR))
		lo->state = LO_RUNDOWN;
	clear = lo->state == LO_RUNDOWN;
	mutex_unlock(&lo->lo_mutex);
	if (clear) {
		blk_drop_partitions(disk);
		loop_clear(lo);
	}
}

static void loop_free(struct loop_device *lo)
{
	blk_mq_free_tag_set(&lo->tag_set);
	kfree(lo);
}

static void loop_free_disk(struct gendisk *disk)
{
	loop_free(disk->private_data);
}

static const struct block_device_operations loop_fops = {
	.open = loop_open, .release = loop_release, .ioctl = loop_ioctl,
	.free_disk = loop_free_disk,
};

/* ---- making and removing devices; ctl_mutex held ---- */

static struct loop_device *loop_alloc(int n)
{
	struct loop_device *lo = kzalloc(sizeof(*lo), GFP_KERNEL);

	if (!lo)
		return NULL;
	mutex_init(&lo->lo_mutex);
	lo->number = n;
	lo->tag_set = (struct blk_mq_tag_set){
		.ops = &loop_mq_ops, .nr_hw_queues = 1,
		.queue_depth = LOOP_DEPTH, .numa_node = -1,
		.cmd_size = sizeof(struct loop_cmd),
		.flags = BLK_MQ_F_SHOULD_MERGE | BLK_MQ_F_STACKING |
			 BLK_MQ_F_NO_SCHED_BY_DEFAULT,
	};
	if (!blk_mq_alloc_tag_set(&lo->tag_set))
		return lo;
	kfree(lo);
	return NULL;
}

static int loop_add(int n)
{
	struct loop_device *lo = loop_alloc(n);
	struct gendisk *disk;
	int err;

	if (!lo)
		return -ENOMEM;
	disk = blk_mq_alloc_disk(&lo->tag_set, lo);
	if (IS_ERR(disk)) {
		loop_free(lo);
		return PTR_ERR(disk);
	}
	lo->disk = disk;
	disk->major = LOOP_MAJOR;
	disk->first_minor = n;
	disk->minors = 1;
	disk->fops = &loop_fops;
	disk->private_data = lo;
	snprintf(disk->disk_name, DISK_NAME_LEN, "loop%d", n);
	set_bit(GD_SUPPRESS_PART_SCAN, &disk->state);
	blk_queue_max_hw_sectors(disk->queue, BLK_DEF_MAX_SECTORS);
	blk_queue_max_discard_sectors(disk->queue, UINT_MAX >> 9);
	blk_queue_max_write_zeroes_sectors(disk->queue, UINT_MAX >> 9);
	disk->queue->limits.discard_granularity = PAGE_SIZE;
	blk_queue_flag_set(QUEUE_FLAG_NONROT, disk->queue);
	err = xa_err(xa_store(&loops, n, lo, GFP_KERNEL));
	if (!err) {
		err = add_disk(disk);
		if (!err)
			return n;
		xa_erase(&loops, n);
	}
	put_disk(disk);
	loop_free(lo);
	return err;
}

static int loop_remove(int n)
{
	struct loop_device *lo = xa_load(&loops, n);

	if (!lo)
		return -ENODEV;
	mutex_lock(&lo->lo_mutex);
	if (lo->state != LO_UNBOUND ||
	    atomic_read(&lo->disk->part0->bd_openers)) {
		mutex_unlock(&lo->lo_mutex);
		return -EBUSY;
	}
	lo->state = LO_DELETING;
	mutex_unlock(&lo->lo_mutex);
	xa_erase(&loops, n);
	del_gendisk(lo->disk);
	put_disk(lo->disk);              /* ->free_disk frees lo */
	return 0;
}

/* The first that is not bound, made if there is none. */
static int loop_get_free(void)
{
	struct loop_device *lo;
	unsigned long n;
	int next = 0;

	xa_for_each(&loops, n, lo) {
		if (READ_ONCE(lo->state) == LO_UNBOUND)
			return n;
		if ((int)n == next)
			next++;
	}
	return loop_add(next);
}

static long loop_control_ioctl(struct file *file, unsigned int cmd,
			       unsigned long arg)
{
	long ret = -ENOTTY;

	(void)file;
	if (mutex_lock_killable(&ctl_mutex))
		return -EINTR;
	switch (cmd) {
	case LOOP_CTL_ADD:
		if ((long)arg < 0)
			ret = loop_get_free();
		else if (arg > 0xfffff)
			ret = -EINVAL;
		else
			ret = xa_load(&loops, arg) ? -EEXIST : loop_add(arg);
		break;
	case LOOP_CTL_REMOVE:
		ret = arg > 0xfffff ? -EINVAL : loop_remove(arg);
		break;
	case LOOP_CTL_GET_FREE:
		ret = loop_get_free();
	}
	mutex_unlock(&ctl_mutex);
	return ret;
}

/* Somebody opens a number that is not there yet. */
static void loop_probe(dev_t devt)
{
	unsigned int n = MINOR(devt);

	mutex_lock(&ctl_mutex);
	if (n < 256 && !xa_load(&loops, n))
		loop_add(n);
	mutex_unlock(&ctl_mutex);
}

static const struct file_operations loop_ctl_fops = {
	.open = nonseekable_open, .unlocked_ioctl = loop_control_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice loop_misc = {
	.minor = 237, .name = "loop-control", .fops = &loop_ctl_fops,
	.mode = 0660,
};

static int loop_init(void)
{
	int err = misc_register(&loop_misc);

	if (!err)
		err = __register_blkdev(LOOP_MAJOR, "loop", loop_probe);
	mutex_lock(&ctl_mutex);
	for (int n = 0; !err && n < LOOP_AT_BOOT; n++)
		err = min(loop_add(n), 0);
	mutex_unlock(&ctl_mutex);
	return err;
}
module_init(loop_init);
