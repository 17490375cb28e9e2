/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_VIRTIO_H
#define DRIVERS_VIRTIO_H
/*
 * virtio.h -- devices made for virtual machines, and the queues to them
 *
 * A virtio device is a type, some feature bits that both sides must agree on,
 * a small configuration structure and some virtqueues.  How it is reached is
 * the transport's business (virtio_config_ops; PCI here).
 * Theory: drivers/virtio/virtio.c, vring.c.  Chapter: docs/73-virtio.md.
 *
 * SEE Virtual I/O Device (VIRTIO) Version 1.1, OASIS.
 */

#include <drivers/device.h>
#include <kernel/cpumask.h>
#include <kernel/interrupt.h>
#include <kernel/list.h>
#include <kernel/scatterlist.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>

struct virtio_device;
struct virtqueue;

/* Device types (5). */
#define VIRTIO_ID_NET 1
#define VIRTIO_ID_BLOCK 2
#define VIRTIO_ID_CONSOLE 3
#define VIRTIO_ID_RNG 4
#define VIRTIO_ID_BALLOON 5
#define VIRTIO_ID_SCSI 8
#define VIRTIO_ID_9P 9
#define VIRTIO_ID_GPU 16
#define VIRTIO_ID_INPUT 18
#define VIRTIO_DEV_ANY_ID 0xffffffff

/* Device status (2.1). */
#define VIRTIO_CONFIG_S_ACKNOWLEDGE 1
#define VIRTIO_CONFIG_S_DRIVER 2
#define VIRTIO_CONFIG_S_DRIVER_OK 4
#define VIRTIO_CONFIG_S_FEATURES_OK 8
#define VIRTIO_CONFIG_S_NEEDS_RESET 0x40
#define VIRTIO_CONFIG_S_FAILED 0x80

/* Feature bits that belong to no type (6). */
#define VIRTIO_TRANSPORT_F_START 28
#define VIRTIO_TRANSPORT_F_END 41
#define VIRTIO_RING_F_INDIRECT_DESC 28
#define VIRTIO_RING_F_EVENT_IDX 29
#define VIRTIO_F_VERSION_1 32
#define VIRTIO_F_ACCESS_PLATFORM 33
#define VIRTIO_F_RING_PACKED 34
#define VIRTIO_F_IN_ORDER 35
#define VIRTIO_F_ORDER_PLATFORM 36

struct virtio_device_id {
	u32 device, vendor;
};

typedef void vq_callback_t(struct virtqueue *vq);   /* hard irq */

/*
 * What a transport does.  get/set, status, features, find_vqs, del_vqs, reset:
 * process context, may sleep; notify: any context.
 */
struct virtio_config_ops {
	void (*get)(struct virtio_device *vdev, unsigned int offset,
		    void *buf, unsigned int len);
	void (*set)(struct virtio_device *vdev, unsigned int offset,
		    const void *buf, unsigned int len);
	u32 (*generation)(struct virtio_device *vdev);
	u8 (*get_status)(struct virtio_device *vdev);
	void (*set_status)(struct virtio_device *vdev, u8 status);
	void (*reset)(struct virtio_device *vdev);
	int (*find_vqs)(struct virtio_device *vdev, unsigned int nvqs,
			struct virtqueue *vqs[], vq_callback_t *callbacks[],
			const char *const names[]);
	void (*del_vqs)(struct virtio_device *vdev);
	/* No handler of a queue runs after this returns. */
	void (*synchronize_cbs)(struct virtio_device *vdev);
	u64 (*get_features)(struct virtio_device *vdev);
	int (*finalize_features)(struct virtio_device *vdev);
	const char *(*bus_name)(struct virtio_device *vdev);
	const struct cpumask *(*get_vq_affinity)(struct virtio_device *vdev,
						 int index);
};

/*
 * Field keys:  [c] constant once registered   [L] .config_lock
 *   [d] the driver's
 */
struct virtio_device {
	int index;                    /* [c] the N of virtioN */
	struct virtio_device_id id;   /* [c] */
	const struct virtio_config_ops *config; /* [c] */
	u64 features;                 /* [c] agreed on, by probe() */
	struct list_head vqs;         /* [d] of virtqueue.list */
	spinlock_t config_lock;
	bool config_enabled;          /* [L] the driver may hear of changes */
	bool config_change_pending;   /* [L] */
	bool failed;                  /* [c] set when it was given up */
	void *priv;                   /* [d] */
	struct device dev;
};

#define dev_to_virtio(d) container_of(d, struct virtio_device, dev)

/* feature_table: the bits that the driver understands. */
struct virtio_driver {
	struct device_driver driver;
	const char *name;
	const struct virtio_device_id *id_table; /* ends with zeros */
	const unsigned int *feature_table;
	unsigned int feature_table_size;
	int (*validate)(struct virtio_device *vdev);
	int (*probe)(struct virtio_device *vdev);
	void (*scan)(struct virtio_device *vdev);
	void (*remove)(struct virtio_device *vdev);
	void (*config_changed)(struct virtio_device *vdev); /* hard irq */
};

#define drv_to_virtio(d) container_of(d, struct virtio_driver, driver)

int register_virtio_driver(struct virtio_driver *drv);
void unregister_virtio_driver(struct virtio_driver *drv);
#define module_virtio_driver(d)						\
static int d##_init(void) { return register_virtio_driver(&d); }	\
module_init(d##_init)

/* The transport's: make it known, and take it away. */
int register_virtio_device(struct virtio_device *vdev);
void unregister_virtio_device(struct virtio_device *vdev);
/* The configuration interrupt came; any context. */
void virtio_config_changed(struct virtio_device *vdev);
/* Drivers that reset on their own: no config_changed() between. */
void virtio_config_disable(struct virtio_device *vdev);
void virtio_config_enable(struct virtio_device *vdev);

void virtio_add_status(struct virtio_device *vdev, unsigned int status);
/* From probe(): the queues may be used from now on. */
void virtio_device_ready(struct virtio_device *vdev);
/* The device forgets all; no callback runs afterwards.  May sleep. */
void virtio_reset_device(struct virtio_device *vdev);
/* After a reset: agree on features again; 0 or -errno. */
int virtio_finalize_features(struct virtio_device *vdev);
int virtio_restart_device(struct virtio_device *vdev);
/* All its queues fail from now on; any context. */
void virtio_break_device(struct virtio_device *vdev);

static inline bool virtio_has_feature(const struct virtio_device *vdev,
				      unsigned int bit)
{
	return vdev->features >> bit & 1;
}

static inline int virtio_find_vqs(struct virtio_device *vdev,
				  unsigned int nvqs, struct virtqueue *vqs[],
				  vq_callback_t *callbacks[],
				  const char *const names[])
{
	return vdev->config->find_vqs(vdev, nvqs, vqs, callbacks, names);
}

/* One queue alone, or ERR_PTR. */
struct virtqueue *virtio_find_single_vq(struct virtio_device *vdev,
					vq_callback_t *callback,
					const char *name);

/* Configuration: little-endian fields, read whole even as they change. */
void virtio_cread_bytes(struct virtio_device *vdev, unsigned int offset,
			void *buf, size_t len);
u8 virtio_cread8(struct virtio_device *vdev, unsigned int offset);
u16 virtio_cread16(struct virtio_device *vdev, unsigned int offset);
u32 virtio_cread32(struct virtio_device *vdev, unsigned int offset);
u64 virtio_cread64(struct virtio_device *vdev, unsigned int offset);
void virtio_cwrite8(struct virtio_device *vdev, unsigned int offset, u8 val);

#define virtio_cread(vdev, structname, member, ptr) do {		\
	typeof(((structname *)0)->member) __v = 0;			\
									\
	virtio_cread_field(vdev, offsetof(structname, member), &__v,	\
			   sizeof(__v));				\
	*(ptr) = __v;							\
} while (0)
/* 0, or -ENOENT if the feature was not agreed on. */
#define virtio_cread_feature(vdev, fbit, structname, member, ptr) ({	\
	int __err = 0;							\
									\
	if (virtio_has_feature(vdev, fbit))				\
		virtio_cread(vdev, structname, member, ptr);		\
	else								\
		__err = -ENOENT;					\
	__err;								\
})
#define virtio_cwrite(vdev, structname, member, ptr) do {		\
	typeof(((structname *)0)->member) __v = *(ptr);			\
									\
	(vdev)->config->set(vdev, offsetof(structname, member), &__v,	\
			    sizeof(__v));				\
} while (0)
void virtio_cread_field(struct virtio_device *vdev, unsigned int offset,
			void *buf, size_t len);

/* --- Queues --------------------------------------------------------------- */

/*
 * One queue.  The caller serialises all calls on one queue but notify, which
 * may be called without its lock (Linux's rule).
 */
struct virtqueue {
	struct list_head list;        /* virtio_device.vqs */
	vq_callback_t *callback;
	const char *name;
	struct virtio_device *vdev;
	unsigned int index;
	unsigned int num_free;        /* descriptors */
	unsigned int num_max;
	void *priv;                   /* the transport's */
};

/*
 * Offer out_sgs lists for the device to read, then in_sgs lists to write; data
 * is what virtqueue_get_buf() returns for them.  -ENOSPC: full; -ENOMEM; -EIO:
 * broken.  Any context that gfp allows.
 */
int virtqueue_add_sgs(struct virtqueue *vq, struct scatterlist *sgs[],
		      unsigned int out_sgs, unsigned int in_sgs, void *data,
		      gfp_t gfp);
int virtqueue_add_outbuf(struct virtqueue *vq, struct scatterlist *sg,
			 unsigned int num, void *data, gfp_t gfp);
int virtqueue_add_inbuf(struct virtqueue *vq, struct scatterlist *sg,
			unsigned int num, void *data, gfp_t gfp);
/* Tell the device; false: broken.  prepare: must it be told? */
bool virtqueue_kick(struct virtqueue *vq);
bool virtqueue_kick_prepare(struct virtqueue *vq);
bool virtqueue_notify(struct virtqueue *vq);
/* One that the device is done with, and the bytes it wrote; NULL: none. */
void *virtqueue_get_buf(struct virtqueue *vq, unsigned int *len);
void virtqueue_disable_cb(struct virtqueue *vq);
/* false: buffers came in between, look again. */
bool virtqueue_enable_cb(struct virtqueue *vq);
unsigned int virtqueue_enable_cb_prepare(struct virtqueue *vq);
bool virtqueue_poll(struct virtqueue *vq, unsigned int last_used_idx);
bool virtqueue_enable_cb_delayed(struct virtqueue *vq);
/* After a reset: take back what the device never returned; NULL: all out. */
void *virtqueue_detach_unused_buf(struct virtqueue *vq);
unsigned int virtqueue_get_vring_size(const struct virtqueue *vq);
bool virtqueue_is_broken(const struct virtqueue *vq);
void __virtqueue_break(struct virtqueue *vq);

/* --- vring.c, for transports ---------------------------------------------- */
struct vring_addresses {
	u64 desc, avail, used;        /* physical */
};

/* A split ring of num (a power of two) descriptors; NULL. */
struct virtqueue *vring_create_virtqueue(unsigned int index, unsigned int num,
					 struct virtio_device *vdev,
					 bool (*notify)(struct virtqueue *),
					 vq_callback_t *callback,
					 const char *name);
void vring_del_virtqueue(struct virtqueue *vq);
void vring_get_addresses(struct virtqueue *vq, struct vring_addresses *a);
/* Empty again, as after creation (the device was reset). */
void vring_reset(struct virtqueue *vq);
/* The queue's interrupt: irq handler. */
irqreturn_t vring_interrupt(int irq, void *vq);
/* Drop the transport features that rings here do not know. */
void vring_transport_features(struct virtio_device *vdev);

#endif
