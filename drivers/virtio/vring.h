/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_VIRTIO_VRING_H
#define DRIVERS_VIRTIO_VRING_H
/* vring.h -- the split ring as it lies in memory (VIRTIO 1.1, 2.6) */

#include <drivers/virtio.h>
#include <kernel/byteorder.h>

#define VRING_DESC_F_NEXT 1
#define VRING_DESC_F_WRITE 2          /* for the device to write */
#define VRING_DESC_F_INDIRECT 4
#define VRING_AVAIL_F_NO_INTERRUPT 1
#define VRING_USED_F_NO_NOTIFY 1
#define VRING_USED_ALIGN 4

struct vring_desc {
	__le64 addr;
	__le32 len;
	__le16 flags;
	__le16 next;
};

struct vring_avail {
	__le16 flags;
	__le16 idx;
	__le16 ring[];                /* num, then used_event */
};

struct vring_used_elem {
	__le32 id;
	__le32 len;
};

struct vring_used {
	__le16 flags;
	__le16 idx;
	struct vring_used_elem ring[]; /* num, then avail_event */
};

static_assert(sizeof(struct vring_desc) == 16, "VIRTIO 2.6.5");

/* Did the index pass `event` on its way from old to new? */
bool vring_need_event(u16 event, u16 new, u16 old);

#endif
