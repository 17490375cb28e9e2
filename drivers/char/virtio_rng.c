/* SPDX-License-Identifier: MIT */
/*
 * virtio_rng.c -- randomness from the host: /dev/hwrng, and the kernel's pool
 *
 * The device fills whatever buffer it is given.  One is always out; when it
 * comes back it is handed to readers, or, if nobody reads, stays ready.  At
 * boot the first one goes into the pool.
 *
 * LOCKING.  rng->lock (mutex): one reader at a time has the buffer.  The queue
 * is touched by its holder and, only to say "it is back", by the interrupt.
 *
 * SEE VIRTIO 1.1, 5.4.
 */

#include <arch/uaccess.h>
#include <drivers/cdev.h>
#include <drivers/virtio.h>
#include <kernel/completion.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/random.h>
#include <kernel/workqueue.h>
#include <mm/slab.h>

#define HWRNG_MINOR 183
#define BUFFER 256

static struct {
	struct mutex lock;
	struct virtqueue *vq;         /* .lock; NULL: no device */
	struct completion back;
	u8 *buf;
	unsigned int left;            /* .lock: bytes of buf not given out */
	bool out;                     /* .lock: the device has buf */
	struct work_struct seed;
} rng;

static void came_back(struct virtqueue *vq)
{
	complete(&rng.back);
}

static int send(void)
{
	struct scatterlist sg;
	int err;

	reinit_completion(&rng.back);
	sg_init_one(&sg, rng.buf, BUFFER);
	err = virtqueue_add_inbuf(rng.vq, &sg, 1, rng.buf, GFP_KERNEL);
	if (!err && !virtqueue_kick(rng.vq))
		err = -EIO;
	return err;
}

/* Wait until there are bytes; rng.lock held.  0, -EINTR, -ENODEV, -EIO. */
static int fill(void)
{
	unsigned int len;
	int err;

	while (!rng.left) {
		if (!rng.vq)
			return -ENODEV;
		err = rng.out ? 0 : send();
		if (err)
			return err;
		rng.out = true;         /* also after a wait that is cut off */
		err = wait_for_completion_killable(&rng.back);
		if (err)
			return -EINTR;
		rng.out = false;
		if (virtqueue_get_buf(rng.vq, &len))
			rng.left = min(len, (unsigned int)BUFFER);
		else if (virtqueue_is_broken(rng.vq))
			return -EIO;
	}
	return 0;
}

static ssize_t hwrng_read(struct file *file, char __user *buf, size_t n,
			  loff_t *pos)
{
	size_t done = 0;
	int err = 0;

	while (done < n && !err) {
		unsigned int part;

		if (mutex_lock_interruptible(&rng.lock))
			return done ? (ssize_t)done : -EINTR;
		err = fill();
		if (!err) {
			part = min((size_t)rng.left, n - done);
			rng.left -= part;
			if (copy_to_user(buf + done, rng.buf + rng.left, part))
				err = -EFAULT;
			else
				done += part;
			memset(rng.buf + rng.left, 0, part);
		}
		mutex_unlock(&rng.lock);
	}
	return done ? (ssize_t)done : err;
}

static const struct file_operations hwrng_fops = {
	.read = hwrng_read,
	.llseek = noop_llseek,
};

static struct miscdevice hwrng = {
	.minor = HWRNG_MINOR, .name = "hwrng", .fops = &hwrng_fops };

static void seed_pool(struct work_struct *work)
{
	mutex_lock(&rng.lock);
	if (!fill()) {
		add_device_randomness(rng.buf, rng.left);
		memset(rng.buf, 0, rng.left);
		rng.left = 0;
	}
	mutex_unlock(&rng.lock);
}

static int rng_probe(struct virtio_device *vdev)
{
	struct virtqueue *vq;
	int err;

	if (rng.vq)
		return -EBUSY;          /* one source is enough */
	vq = virtio_find_single_vq(vdev, came_back, "input");
	if (IS_ERR(vq))
		return PTR_ERR(vq);
	virtio_device_ready(vdev);
	mutex_lock(&rng.lock);
	rng.vq = vq;
	rng.left = 0;
	rng.out = false;
	mutex_unlock(&rng.lock);
	err = misc_register(&hwrng);
	if (err) {
		rng.vq = NULL;
		virtio_reset_device(vdev);
		vdev->config->del_vqs(vdev);
		return err;
	}
	schedule_work(&rng.seed);
	return 0;
}

static void rng_remove(struct virtio_device *vdev)
{
	misc_deregister(&hwrng);
	virtio_break_device(vdev);
	complete_all(&rng.back);        /* who waits finds it broken */
	cancel_work_sync(&rng.seed);
	mutex_lock(&rng.lock);
	rng.vq = NULL;
	mutex_unlock(&rng.lock);
	virtio_reset_device(vdev);
	vdev->config->del_vqs(vdev);
}

static const struct virtio_device_id rng_ids[] = {
	{ VIRTIO_ID_RNG, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

static struct virtio_driver rng_driver = {
	.name = "virtio_rng",
	.id_table = rng_ids,
	.probe = rng_probe,
	.remove = rng_remove,
};

static int rng_init(void)
{
	mutex_init(&rng.lock);
	init_completion(&rng.back);
	INIT_WORK(&rng.seed, seed_pool);
	rng.buf = kmalloc(BUFFER, GFP_KERNEL);
	return rng.buf ? register_virtio_driver(&rng_driver) : -ENOMEM;
}
module_init(rng_init);
