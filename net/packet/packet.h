/* SPDX-License-Identifier: MIT */
#ifndef NET_PACKET_PACKET_H
#define NET_PACKET_PACKET_H
/* packet.h -- what the files of net/packet know of each other */

#include <kernel/mutex.h>
#include <kernel/timer.h>
#include <net/netdevice.h>
#include <net/sock.h>
#include <uapi/if_packet.h>

/*
 * Memory shared with the program: blocks of pages that it maps in a row.
 * Field keys:  [c] constant while it is there   [Q] receive queue's lock
 */
struct packet_ring {
	char **blocks;                /* [c] NULL: no ring */
	unsigned int block_size, block_nr, block_order; /* [c] */
	unsigned int frame_size, frame_nr, frames_per_block; /* [c] V1, V2 */
	unsigned int head;            /* [Q] next frame, or block of V3 */
	/* V3: the block that is being filled. */
	unsigned int priv_size;       /* [c] */
	unsigned int fill;            /* [Q] bytes used in it; 0: none open */
	char *last;                   /* [Q] the last packet in it */
	u64 seq;                      /* [Q] */
	bool frozen;                  /* [Q] all blocks are the program's */
	unsigned long retire_after;   /* [c] jiffies; */
	struct timer_list retire;     /* ... closes a block that waits */
};

struct packet_mclist {
	struct packet_mclist *next;
	int ifindex, count;
	unsigned short type, alen;
	unsigned char addr[MAX_ADDR_LEN];
};

/*
 * Field keys:  [K] lock_sock   [B] .bind_lock   [Q] receive queue's lock
 *   [M] .pg_lock   [R] rtnl
 */
struct packet_sock {
	struct sock sk;
	struct packet_type hook;      /* [B] what the device calls */
	spinlock_t bind_lock;
	bool running;                 /* [B] the hook is in place */
	int ifindex;                  /* [B] 0: all devices */
	__be16 num;                   /* [B] protocol */
	bool auxdata, origdev, loss;  /* [K] */
	unsigned int version;         /* [K] TPACKET_V* */
	unsigned int reserve;         /* [K] */
	unsigned int copy_thresh;
	struct tpacket_stats_v3 stats; /* [Q] */
	struct packet_mclist *mclist; /* [R] */
	struct mutex pg_lock;         /* ring's coming and going, mapping */
	atomic_t mapped;              /* VMAs that show the ring */
	struct packet_ring rx_ring;   /* [M], [Q] */
	struct hlist_node all_node;   /* in the net's list */
};

static inline struct packet_sock *pkt_sk(struct sock *sk)
{
	return container_of(sk, struct packet_sock, sk);
}

/* In skb->cb of what waits in the queue. */
struct packet_skb_cb {
	struct sockaddr_ll sll;
	unsigned int origlen;
};
#define PACKET_SKB_CB(skb) ((struct packet_skb_cb *)(skb)->cb)

/* ring.c */
int packet_set_ring(struct sock *sk, struct tpacket_req3 *req);
int packet_ring_rcv(struct sk_buff *skb, struct net_device *dev,
		    struct packet_type *pt, struct net_device *orig_dev);
int packet_mmap(struct file *file, struct socket *sock,
		struct vm_area_struct *vma);
bool packet_ring_readable(struct packet_sock *po);
void packet_ring_free(struct packet_ring *r);
int packet_hdrlen(unsigned int version);

/* af_packet.c */
int packet_rcv(struct sk_buff *skb, struct net_device *dev,
	       struct packet_type *pt, struct net_device *orig_dev);
bool packet_wanted(struct sk_buff *skb, struct net_device *dev,
		   struct sock *sk);
void packet_restore_header(struct sk_buff *skb, struct net_device *dev,
			   struct sock *sk);
void packet_fill_sll(struct sockaddr_ll *sll, struct sk_buff *skb,
		     struct net_device *dev, struct net_device *orig_dev,
		     struct packet_sock *po);
/* Off the device, and on again: nobody calls the hook in between. */
bool packet_unhook(struct packet_sock *po);
void packet_rehook(struct packet_sock *po);

/* send.c */
int packet_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);

/* option.c */
int packet_setsockopt(struct socket *sock, int level, int name,
		      void __user *val, unsigned int len);
int packet_getsockopt(struct socket *sock, int level, int name,
		      char __user *val, int __user *len);
void packet_flush_mclist(struct sock *sk);
void packet_dev_gone(struct sock *sk, struct net_device *dev);
int packet_proc_init(void);

extern struct mutex packet_list_lock;
extern struct hlist_head packet_list;

#endif
