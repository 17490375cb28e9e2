/* SPDX-License-Identifier: MIT */
/*
 * trans_virtio.c -- 9P messages over a virtqueue
 *
 * A device has one queue and a name, its mount tag.  A request is a buffer to
 * read (message, then a write's pages) and one to write (the answer's header,
 * then a read's pages).  The answer of a read is scattered: exactly its 11
 * header bytes into the small buffer, what follows into the pages.
 *
 * RACES.  A device that is pulled: remove() marks the channel dead under its
 * lock, ends every request that is out with -EIO, and wakes who waits for room.
 * Who comes later sees `dead`.
 *
 * LOCKING.  chan->lock (irqs off): the queue.  chans_lock (mutex): the list,
 * and who uses which.  A channel is freed with its last reference.
 *
 * SEE VIRTIO 1.2, 5.20 (9P transport).
 */

#include "client.h"

#include <drivers/virtio.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include <mm/slab.h>

#define F_MOUNT_TAG 0
#define MAX_TAG_LEN 255

struct p9_chan {
	struct list_head link;        /* chans_lock */
	refcount_t ref;               /* the device's and a client's */
	bool in_use;                  /* chans_lock */
	spinlock_t lock;
	struct virtqueue *vq;         /* .lock */
	bool dead;                    /* .lock */
	wait_queue_head_t room;
	char *tag;                    /* constant */
	struct scatterlist out[P9_MAX_PAGES + 2]; /* .lock: scratch */
	struct scatterlist in[P9_MAX_PAGES + 2];
};

static DEFINE_MUTEX(chans_lock);
static LIST_HEAD(chans);

static void put_chan(struct p9_chan *chan)
{
	if (!refcount_dec_and_test(&chan->ref))
		return;
	kfree(chan->tag);
	kfree(chan);
}

struct p9_chan *p9_chan_get(const char *tag)
{
	struct p9_chan *chan, *found = ERR_PTR(-ENOENT);

	mutex_lock(&chans_lock);
	list_for_each_entry(chan, &chans, link) {
		if (strcmp(chan->tag, tag))
			continue;
		if (chan->in_use) {
			found = ERR_PTR(-EBUSY);
			break;
		}
		chan->in_use = true;
		refcount_inc(&chan->ref);
		found = chan;
		break;
	}
	mutex_unlock(&chans_lock);
	return found;
}

void p9_chan_put(struct p9_chan *chan)
{
	mutex_lock(&chans_lock);
	chan->in_use = false;
	mutex_unlock(&chans_lock);
	put_chan(chan);
}

/* --- Sending ------------------------------------------------------------- */

/* The list of one direction: a small buffer, then perhaps pages. */
static void build(struct scatterlist *sg, void *head, u32 head_len,
		  const struct p9_req *req, bool data)
{
	unsigned int n = 1, offset = req->offset;
	u32 left = data ? req->data_len : 0;

	sg_init_table(sg, P9_MAX_PAGES + 2);
	sg_set_buf(&sg[0], head, head_len);
	for (unsigned int i = 0; left && i < req->nr_pages; i++) {
		u32 part = min(left, (u32)(PAGE_SIZE - offset));

		sg_set_page(&sg[n++], req->pages[i], part, offset);
		left -= part;
		offset = 0;
	}
	sg_mark_end(&sg[n - 1]);
}

/* chan->lock held. */
static int add(struct p9_chan *chan, struct p9_req *req)
{
	struct scatterlist *sgs[2] = { chan->out, chan->in };
	bool in = req->pages && req->data_in;

	if (chan->dead)
		return -EIO;
	build(chan->out, req->out, req->out_len, req,
	      req->pages && !req->data_in);
	build(chan->in, req->in, in ? P9_IO_HEADER : P9_SMALL, req, in);
	return virtqueue_add_sgs(chan->vq, sgs, 1, 1, req, GFP_ATOMIC);
}

int p9_chan_send(struct p9_chan *chan, struct p9_req *req)
{
	unsigned long flags;
	bool notify = false;
	int err;

	refcount_inc(&req->ref);        /* the device's */
again:
	spin_lock_irqsave(&chan->lock, flags);
	err = add(chan, req);
	if (!err) {
		notify = virtqueue_kick_prepare(chan->vq);
		if (notify)
			virtqueue_notify(chan->vq);
	}
	spin_unlock_irqrestore(&chan->lock, flags);
	if (err == -ENOSPC) {
		err = wait_event_killable(chan->room, READ_ONCE(chan->dead) ||
					  READ_ONCE(chan->vq->num_free) >
					  2 * P9_MAX_PAGES);
		if (!err)
			goto again;
		err = -EINTR;
	}
	if (err)
		refcount_dec(&req->ref);
	return err;
}

/* Hard irq: answers. */
static void answered(struct virtqueue *vq)
{
	struct p9_chan *chan = vq->vdev->priv;
	struct p9_req *req;
	unsigned long flags;
	unsigned int len;

	spin_lock_irqsave(&chan->lock, flags);
	do {
		virtqueue_disable_cb(vq);
		while ((req = virtqueue_get_buf(vq, &len)) != NULL) {
			req->in_len = len;
			p9_req_done(req);
		}
	} while (!virtqueue_enable_cb(vq));
	spin_unlock_irqrestore(&chan->lock, flags);
	wake_up(&chan->room);
}

/* --- The device ---------------------------------------------------------- */

static char *read_tag(struct virtio_device *vdev)
{
	u16 len;
	char *tag;

	if (!virtio_has_feature(vdev, F_MOUNT_TAG))
		return NULL;
	len = virtio_cread16(vdev, 0);
	if (!len || len > MAX_TAG_LEN)
		return NULL;
	tag = kzalloc(len + 1, GFP_KERNEL);
	for (int i = 0; tag && i < len; i++)
		tag[i] = virtio_cread8(vdev, 2 + i);
	return tag;
}

static ssize_t mount_tag_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct p9_chan *chan = dev_to_virtio(dev)->priv;

	return sysfs_emit(buf, "%s", chan->tag);
}
static DEVICE_ATTR_RO(mount_tag);

static int p9_probe(struct virtio_device *vdev)
{
	struct p9_chan *chan = kzalloc(sizeof(*chan), GFP_KERNEL);
	int err = -ENOMEM;

	if (!chan)
		return -ENOMEM;
	refcount_set(&chan->ref, 1);
	spin_lock_init(&chan->lock);
	init_waitqueue_head(&chan->room);
	vdev->priv = chan;
	chan->tag = read_tag(vdev);
	if (!chan->tag) {
		dev_err(&vdev->dev, "a 9P device without a mount tag\n");
		err = -EINVAL;
		goto out;
	}
	chan->vq = virtio_find_single_vq(vdev, answered, "requests");
	if (IS_ERR(chan->vq)) {
		err = PTR_ERR(chan->vq);
		goto out;
	}
	err = device_create_file(&vdev->dev, &dev_attr_mount_tag);
	if (err)
		goto out_vqs;
	virtio_device_ready(vdev);
	mutex_lock(&chans_lock);
	list_add_tail(&chan->link, &chans);
	mutex_unlock(&chans_lock);
	return 0;
out_vqs:
	vdev->config->del_vqs(vdev);
out:
	put_chan(chan);
	return err;
}

static void p9_remove(struct virtio_device *vdev)
{
	struct p9_chan *chan = vdev->priv;
	struct p9_req *req;

	device_remove_file(&vdev->dev, &dev_attr_mount_tag);
	mutex_lock(&chans_lock);
	list_del(&chan->link);
	mutex_unlock(&chans_lock);
	spin_lock_irq(&chan->lock);
	chan->dead = true;
	spin_unlock_irq(&chan->lock);
	wake_up_all(&chan->room);
	virtio_reset_device(vdev);
	while ((req = virtqueue_detach_unused_buf(chan->vq)) != NULL) {
		req->err = -EIO;
		p9_req_done(req);
	}
	vdev->config->del_vqs(vdev);
	put_chan(chan);
}

static const struct virtio_device_id p9_ids[] = {
	{ VIRTIO_ID_9P, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

static const unsigned int p9_features[] = { F_MOUNT_TAG };

static struct virtio_driver p9_driver = {
	.name = "9pnet_virtio",
	.id_table = p9_ids,
	.feature_table = p9_features,
	.feature_table_size = ARRAY_SIZE(p9_features),
	.probe = p9_probe,
	.remove = p9_remove,
};
module_virtio_driver(p9_driver);
