/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_NET_VIRTIO_NET_H
#define DRIVERS_NET_VIRTIO_NET_H
/* virtio_net.h -- what the files of this driver know of each other */

#include <drivers/virtio.h>
#include <kernel/workqueue.h>
#include <net/etherdevice.h>
#include <net/netdevice.h>

/* Feature bits (VIRTIO 1.1, 5.1.3) */
#define VIRTIO_NET_F_CSUM 0           /* it completes checksums of ours */
#define VIRTIO_NET_F_GUEST_CSUM 1     /* we take packets without */
#define VIRTIO_NET_F_MTU 3
#define VIRTIO_NET_F_MAC 5
#define VIRTIO_NET_F_GUEST_TSO4 7     /* we take packets of many segments */
#define VIRTIO_NET_F_GUEST_ECN 9
#define VIRTIO_NET_F_HOST_TSO4 11     /* it cuts ours */
#define VIRTIO_NET_F_HOST_ECN 13
#define VIRTIO_NET_F_MRG_RXBUF 15     /* a packet may take several buffers */
#define VIRTIO_NET_F_STATUS 16
#define VIRTIO_NET_F_CTRL_VQ 17
#define VIRTIO_NET_F_CTRL_RX 18
#define VIRTIO_NET_F_MQ 22
#define VIRTIO_NET_F_CTRL_MAC_ADDR 23

#define VIRTIO_NET_S_LINK_UP 1

struct virtio_net_config {
	u8 mac[ETH_ALEN];
	__le16 status;
	__le16 max_virtqueue_pairs;
	__le16 mtu;
} __packed;

/* In front of each packet, in both directions. */
#define VIRTIO_NET_HDR_F_NEEDS_CSUM 1
#define VIRTIO_NET_HDR_F_DATA_VALID 2
#define VIRTIO_NET_HDR_GSO_NONE 0
#define VIRTIO_NET_HDR_GSO_TCPV4 1
#define VIRTIO_NET_HDR_GSO_TCPV6 4
#define VIRTIO_NET_HDR_GSO_ECN 0x80

struct virtio_net_hdr {
	u8 flags;
	u8 gso_type;
	__le16 hdr_len;
	__le16 gso_size;
	__le16 csum_start;
	__le16 csum_offset;
	__le16 num_buffers;           /* with MRG_RXBUF or VERSION_1 */
};

/* Commands on the control queue: class and number. */
#define VIRTIO_NET_CTRL_RX 0
#define VIRTIO_NET_CTRL_RX_PROMISC 0
#define VIRTIO_NET_CTRL_RX_ALLMULTI 1
#define VIRTIO_NET_CTRL_MAC 1
#define VIRTIO_NET_CTRL_MAC_TABLE_SET 0
#define VIRTIO_NET_CTRL_MAC_ADDR_SET 1
#define VIRTIO_NET_CTRL_MQ 4
#define VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET 0

#define MAX_QUEUE_PAIRS 16
#define RX_BUF_SIZE 2048              /* of one receive buffer */
#define RX_COPY_LEN 128               /* headers; whole small packets */

/* Field keys:  [c] constant   [n] who polls .napi   [x] the tx queue's lock */
struct receive_queue {
	struct virtqueue *vq;         /* [c] used by [n] */
	struct napi_struct napi;
	struct page_frag_cache frags; /* [n] what buffers are cut from */
	u64 packets, bytes, drops;    /* [n] read by anybody */
	struct delayed_work refill;   /* when memory was short */
};

struct send_queue {
	struct virtqueue *vq;         /* [c] used by [x] */
	struct napi_struct napi;
	u64 packets, bytes, drops;    /* [x] */
	struct scatterlist sg[MAX_SKB_FRAGS + 2]; /* [x] */
};

/* A command and its answer: memory that the device reads and writes. */
struct virtnet_ctrl {
	u8 class, cmd;
	u8 status;
	u8 data[6];
};

struct virtnet_info {
	struct virtio_device *vdev;   /* [c] */
	struct net_device *dev;       /* [c] */
	struct virtqueue *cvq;        /* [c] NULL: none; under ctrl_lock */
	unsigned int max_pairs;       /* [c] */
	unsigned int pairs;           /* rtnl: in use */
	unsigned int hdr_len;         /* [c] */
	bool mergeable;               /* [c] */
	struct receive_queue *rq;     /* [c] */
	struct send_queue *sq;        /* [c] */
	spinlock_t ctrl_lock;
	struct virtnet_ctrl *ctrl;    /* ctrl_lock */
	struct work_struct config_work;
	bool closing;                 /* rtnl; read by refill work */
};

static inline struct receive_queue *virtnet_rq(struct virtqueue *vq)
{
	struct virtnet_info *vi = vq->vdev->priv;

	return &vi->rq[vq->index / 2];
}

static inline struct send_queue *virtnet_sq(struct virtqueue *vq)
{
	struct virtnet_info *vi = vq->vdev->priv;

	return &vi->sq[vq->index / 2];
}

/* virtio_net-rx.c */
void virtnet_rx_done(struct virtqueue *vq);          /* hard irq */
int virtnet_poll_rx(struct napi_struct *napi, int budget);
bool virtnet_fill(struct virtnet_info *vi, struct receive_queue *rq, gfp_t gfp);
void virtnet_refill_work(struct work_struct *work);
void virtnet_rx_open(struct virtnet_info *vi, struct receive_queue *rq);
void virtnet_rx_free(struct receive_queue *rq);      /* after a reset */

/* virtio_net-tx.c */
void virtnet_tx_done(struct virtqueue *vq);          /* hard irq */
int virtnet_poll_tx(struct napi_struct *napi, int budget);
void virtnet_reap_tx(struct send_queue *sq);         /* tx lock held */
void virtnet_tx_try_reap(struct virtnet_info *vi, unsigned int i);
netdev_tx_t virtnet_xmit(struct sk_buff *skb, struct net_device *dev);
void virtnet_tx_free(struct send_queue *sq);         /* after a reset */

/* virtio_net-ctrl.c: false: the device refused, or has no such queue. */
bool virtnet_command(struct virtnet_info *vi, u8 class, u8 cmd,
		     const void *data, unsigned int len);
int virtnet_set_pairs(struct virtnet_info *vi, unsigned int pairs);
void virtnet_set_rx_mode(struct net_device *dev);
int virtnet_set_mac(struct net_device *dev, void *addr);

/* Poll again: a queue has something.  Any context. */
static inline void virtnet_schedule(struct napi_struct *napi,
				    struct virtqueue *vq)
{
	if (napi_schedule_prep(napi)) {
		virtqueue_disable_cb(vq);
		__napi_schedule(napi);
	}
}

/* poll() had less to do than its budget: go to sleep, unless more came. */
static inline void virtnet_complete(struct napi_struct *napi,
				    struct virtqueue *vq, int done)
{
	unsigned int seen = virtqueue_enable_cb_prepare(vq);

	if (napi_complete_done(napi, done)) {
		if (unlikely(virtqueue_poll(vq, seen)))
			virtnet_schedule(napi, vq);
	} else {
		virtqueue_disable_cb(vq);
	}
}

#endif
