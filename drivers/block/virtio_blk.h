/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_VIRTIO_BLK_H
#define DRIVERS_BLOCK_VIRTIO_BLK_H
/*
 * virtio_blk.h -- what virtual disks say and are told, and what we keep of them
 *
 * Numbers: VIRTIO 1.1, 5.2.  Theory: virtio_blk.c (coming, trouble, going),
 * virtio_blk-rq.c (requests), virtio_blk-disk.c (limits, size, /sys).
 */

#include <drivers/blk-mq.h>
#include <drivers/virtio.h>
#include <kernel/byteorder.h>
#include <kernel/mutex.h>
#include <kernel/workqueue.h>

#define VBLK_PART_BITS 4
#define VBLK_MAX_DEPTH 128
#define VBLK_MAX_SEGMENTS 126

/* Feature bits (5.2.3). */
enum {
	F_SIZE_MAX = 1, F_SEG_MAX = 2, F_GEOMETRY = 4, F_RO = 5,
	F_BLK_SIZE = 6, F_FLUSH = 9, F_TOPOLOGY = 10, F_CONFIG_WCE = 11,
	F_MQ = 12, F_DISCARD = 13, F_WRITE_ZEROES = 14,
};

/* The device's configuration (5.2.4). */
struct vblk_config {
	__le64 capacity;              /* of 512 bytes, whatever blk_size */
	__le32 size_max, seg_max;
	__le16 cylinders;
	u8 heads, sectors;
	__le32 blk_size;
	u8 physical_block_exp, alignment_offset;
	__le16 min_io_size;
	__le32 opt_io_size;
	u8 writeback, unused;
	__le16 num_queues;
	__le32 max_discard_sectors, max_discard_seg, discard_alignment;
	__le32 max_write_zeroes_sectors, max_write_zeroes_seg;
	u8 write_zeroes_may_unmap;
} __packed;

static_assert(offsetof(struct vblk_config, num_queues) == 34, "5.2.4");

/* One queue and what is needed to fill it. */
struct vblk_queue {
	spinlock_t lock;              /* irqs off */
	struct virtqueue *vq;         /* .lock; NULL while it is reset */
	struct scatterlist *sg;       /* .lock: scratch, VBLK_MAX_SEGMENTS */
	char name[16];
} __aligned(64);

/*
 * Field keys:  [c] constant   [w] work_lock   [q] written while quiesced
 */
struct virtio_blk {
	struct virtio_device *vdev;   /* [w] NULL: removed */
	struct gendisk *disk;         /* [c] */
	struct blk_mq_tag_set tag_set;
	struct vblk_queue *queues;    /* [c] */
	unsigned int nr_queues;       /* [c] */
	int index;                    /* [c] 0: vda */
	bool dead;                    /* [q] everything fails */
	bool going;                   /* [w] remove() is at it: no reset */
	bool reset_wanted;            /* set by a timeout, cleared by [w] */
	bool writeback;               /* [w] as it was told; after a reset again */
	struct mutex work_lock;
	struct work_struct config_work, reset_work;
};

/* ---- virtio_blk.c ---- */

/* Somebody saw that the device is broken; any context. */
void vblk_want_reset(struct virtio_blk *vblk);

/* ---- virtio_blk-rq.c ---- */

extern const struct blk_mq_ops vblk_mq_ops;
/* Bytes behind each request. */
extern const unsigned int vblk_cmd_size;
/* The queues' callback: hard irq. */
void vblk_done(struct virtqueue *vq);

/* ---- virtio_blk-disk.c: may sleep ---- */

extern const struct attribute_group *vblk_groups[];
void vblk_set_limits(struct virtio_blk *vblk);
u64 vblk_capacity(struct virtio_blk *vblk);
bool vblk_is_writeback(struct virtio_blk *vblk);
/* What the driver core calls when the configuration changed; its work. */
void vblk_config_changed(struct virtio_device *vdev);
void vblk_config_work(struct work_struct *work);

#endif
