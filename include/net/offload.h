/* SPDX-License-Identifier: MIT */
#ifndef NET_OFFLOAD_H
#define NET_OFFLOAD_H
/*
 * offload.h -- one big packet instead of many: GSO out, GRO in
 *
 * Out: a protocol hands down a packet of up to 64 KiB with gso_size; who cannot
 * send it as it is has it cut (skb_gso_segment).  In: NAPI holds packets back
 * for a moment, and the protocols say which belong together.  Theory:
 * net/core/gso.c, gro.c.
 */

#include <net/netdevice.h>

struct offload_callbacks {
	/* Cut at skb's transport header: a list, ERR_PTR. */
	struct sk_buff *(*gso_segment)(struct sk_buff *skb,
				       netdev_features_t features);
	/* Merge into one of head, or set NAPI_GRO_CB's flush and same_flow;
	 * an skb to be delivered now, or NULL. */
	struct sk_buff *(*gro_receive)(struct list_head *head,
				       struct sk_buff *skb);
	int (*gro_complete)(struct sk_buff *skb, int nhoff);
};

struct packet_offload {
	__be16 type;
	u16 priority;
	struct offload_callbacks callbacks;
	struct list_head list;
};

void dev_add_offload(struct packet_offload *po);
/* Segments of a GSO packet, list by ->next; the packet is not consumed. */
struct sk_buff *skb_gso_segment(struct sk_buff *skb, netdev_features_t features);
/* The common part: payload in pieces of gso_size, all headers copied. */
struct sk_buff *skb_segment(struct sk_buff *head, netdev_features_t features);

static inline bool skb_is_gso(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_size;
}

/* Does each segment, with its IP header, fit into mtu? */
bool skb_gso_validate_network_len(const struct sk_buff *skb, unsigned int mtu);

static inline void skb_gso_reset(struct sk_buff *skb)
{
	skb_shinfo(skb)->gso_size = 0;
	skb_shinfo(skb)->gso_segs = 0;
	skb_shinfo(skb)->gso_type = 0;
}

/* In skb->cb while GRO holds the packet. */
struct napi_gro_cb {
	struct sk_buff *last;
	u16 data_offset;              /* of what is not parsed yet */
	u16 flush;                    /* not to be merged */
	u16 flush_id;
	u16 count;                    /* segments in it */
	u8 same_flow;                 /* the one in the list goes with it */
	u8 proto;
	u8 free;
	u8 is_atomic;
	unsigned long age;            /* jiffies */
};
#define NAPI_GRO_CB(skb) ((struct napi_gro_cb *)(skb)->cb)

/* Append skb's payload to p, which was there before: 0, -E2BIG. */
int skb_gro_receive(struct sk_buff *p, struct sk_buff *skb);

static inline unsigned int skb_gro_offset(const struct sk_buff *skb)
{
	return NAPI_GRO_CB(skb)->data_offset;
}

static inline unsigned int skb_gro_len(const struct sk_buff *skb)
{
	return skb->len - NAPI_GRO_CB(skb)->data_offset;
}

static inline void skb_gro_pull(struct sk_buff *skb, unsigned int len)
{
	NAPI_GRO_CB(skb)->data_offset += len;
}

#endif
