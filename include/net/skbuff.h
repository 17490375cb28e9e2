/* SPDX-License-Identifier: MIT */
#ifndef NET_SKBUFF_H
#define NET_SKBUFF_H
/*
 * skbuff.h -- one packet, or one piece of a stream, on its way
 *
 *	head        data            tail              end
 *	 |  headroom  |  linear data  |    tailroom     | skb_shared_info |
 *	 +------------+---------------+-----------------+-----------------+
 *	                                                   frags[]: pages
 *	len = (tail - data) + data_len (bytes in the frags and frag_list)
 *
 * Going down the stack, each layer pushes its header into the headroom; going
 * up, each pulls its own off.  Nothing is copied.  A clone is a second sk_buff
 * over the same data, counted in the shared info.  Theory: net/core/skbuff.c.
 */

#include <arch/uaccess.h>
#include <kernel/atomic.h>
#include <kernel/bug.h>
#include <kernel/byteorder.h>
#include <kernel/ktime.h>
#include <kernel/list.h>
#include <kernel/rbtree.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/types.h>
#include <mm/gfp.h>
#include <mm/mm.h>

struct iov_iter;
struct msghdr;
struct net_device;
struct pipe_inode_info;
struct sk_buff;
struct sock;

/* ip_summed: who computes or has checked the checksum */
#define CHECKSUM_NONE 0
#define CHECKSUM_UNNECESSARY 1
#define CHECKSUM_COMPLETE 2
#define CHECKSUM_PARTIAL 3

#define MAX_SKB_FRAGS 17
#define NET_SKB_PAD 64                /* headroom that drivers leave */
#define NET_IP_ALIGN 0

#define SMP_CACHE_BYTES 64
#define SKB_DATA_ALIGN(x) (((x) + SMP_CACHE_BYTES - 1) & \
			   ~(size_t)(SMP_CACHE_BYTES - 1))
#define SKB_WITH_OVERHEAD(x) \
	((x) - SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define SKB_MAX_ORDER(x, order) \
	SKB_WITH_OVERHEAD((PAGE_SIZE << (order)) - (x))
#define SKB_MAX_HEAD(x) SKB_MAX_ORDER(x, 0)
#define SKB_MAX_ALLOC SKB_MAX_ORDER(0, 2)
/* What a packet with so much linear data costs in all. */
#define SKB_TRUESIZE(x) ((x) + SKB_DATA_ALIGN(sizeof(struct sk_buff)) + \
			 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

/* Part of a page; the page is counted. */
typedef struct skb_frag {
	struct page *bv_page;
	unsigned int bv_len;
	unsigned int bv_offset;
} skb_frag_t;

/* gso_type */
#define SKB_GSO_TCPV4 (1 << 0)
#define SKB_GSO_DODGY (1 << 1)
#define SKB_GSO_TCP_ECN (1 << 2)
#define SKB_GSO_TCPV6 (1 << 4)
#define SKB_GSO_UDP_L4 (1 << 17)

/*
 * At the end of the data, shared by all clones.
 * Field keys:  [a] atomic   [o] who holds the only reference to the data
 */
struct skb_shared_info {
	u8 flags;
	u8 nr_frags;                  /* [o] */
	u8 tx_flags;
	unsigned short gso_size;      /* [o] payload of each segment, 0: one */
	unsigned short gso_segs;
	unsigned int gso_type;
	struct sk_buff *frag_list;    /* [o] more packets that are its data */
	atomic_t dataref;             /* [a] low half: all holders; high half:
				       * those that look at payload only */
	void *destructor_arg;
	skb_frag_t frags[MAX_SKB_FRAGS]; /* [o] */
};

#define SKB_DATAREF_SHIFT 16
#define SKB_DATAREF_MASK ((1 << SKB_DATAREF_SHIFT) - 1)

enum { SKB_FCLONE_UNAVAILABLE, SKB_FCLONE_ORIG, SKB_FCLONE_CLONE };

/* pkt_type */
#define PACKET_HOST 0
#define PACKET_BROADCAST 1
#define PACKET_MULTICAST 2
#define PACKET_OTHERHOST 3
#define PACKET_OUTGOING 4
#define PACKET_LOOPBACK 5

/*
 * Owned by one holder at a time, who may change it (users == 1); on a queue it
 * belongs to the queue and its lock.
 */
struct sk_buff {
	union {
		struct {
			struct sk_buff *next, *prev; /* first: sk_buff_head */
			struct net_device *dev;
		};
		struct rb_node rbnode; /* TCP's out-of-order and send trees */
		struct list_head list;
	};
	struct sock *sk;              /* whose memory it is charged to */
	union {
		ktime_t tstamp;       /* when it came, or shall go */
		u64 skb_mstamp_ns;
	};
	char cb[48] __attribute__((aligned(8))); /* the present layer's notes */
	union {
		struct {
			unsigned long _skb_refdst; /* route; bit 0: not counted */
			void (*destructor)(struct sk_buff *skb);
		};
		struct list_head tcp_tsorted_anchor;
	};
	unsigned int len;             /* all bytes */
	unsigned int data_len;        /* those not in the linear part */
	u16 mac_len, hdr_len;
	u16 queue_mapping;
	u8 cloned : 1;                /* the data may have other holders */
	u8 nohdr : 1;                 /* we hold payload only */
	u8 fclone : 2;
	u8 peeked : 1;
	u8 head_frag : 1;             /* head is part of a page */
	u8 pfmemalloc : 1;
	u8 unused0 : 1;
	u8 pkt_type : 3;
	u8 ignore_df : 1;
	u8 ip_summed : 2;
	u8 csum_level : 2;
	u8 encapsulation : 1;
	u8 csum_valid : 1;
	u8 csum_complete_sw : 1;
	u8 dst_pending_confirm : 1;
	u8 l4_hash : 1;
	u8 sw_hash : 1;
	u8 tc_at_ingress : 1;
	u8 slow_gro : 1;
	union {
		u32 csum;             /* CHECKSUM_COMPLETE */
		struct {              /* CHECKSUM_PARTIAL: */
			u16 csum_start;  /* from here (off head) to the end */
			u16 csum_offset; /* store it so far behind */
		};
	};
	u32 priority;
	int skb_iif;                  /* device it came by */
	u32 hash;
	__be16 vlan_proto;
	u16 vlan_tci;
	u32 mark;
	__be16 protocol;              /* ETH_P_*, network order */
	u16 transport_header, network_header, mac_header; /* off head */
	u16 inner_transport_header, inner_network_header, inner_mac_header;
	u32 tail, end;                /* off head */
	unsigned char *head, *data;
	unsigned int truesize;        /* memory it stands for */
	refcount_t users;
};

/* Field keys:  [L] .lock */
struct sk_buff_head {
	struct sk_buff *next, *prev;  /* [L] laid out like sk_buff's */
	u32 qlen;                     /* [L] read without it as a hint */
	spinlock_t lock;
};

/* ---- birth and death ---- */

#define SKB_ALLOC_FCLONE 0x01
#define SKB_ALLOC_RX 0x02

/* Any context with GFP_ATOMIC.  NULL: no memory. */
struct sk_buff *__alloc_skb(unsigned int size, gfp_t gfp, int flags, int node);
struct sk_buff *build_skb(void *data, unsigned int frag_size);
struct sk_buff *skb_clone(struct sk_buff *skb, gfp_t gfp);
struct sk_buff *skb_copy(const struct sk_buff *skb, gfp_t gfp);
struct sk_buff *skb_copy_expand(const struct sk_buff *skb, int headroom,
				int tailroom, gfp_t gfp);
struct sk_buff *__pskb_copy(struct sk_buff *skb, int headroom, gfp_t gfp);
int pskb_expand_head(struct sk_buff *skb, int nhead, int ntail, gfp_t gfp);
struct sk_buff *skb_realloc_headroom(struct sk_buff *skb, unsigned headroom);
void __kfree_skb(struct sk_buff *skb);
void kfree_skb(struct sk_buff *skb);          /* dropped; NULL is fine */
void consume_skb(struct sk_buff *skb);        /* used; NULL is fine */
void kfree_skb_list(struct sk_buff *segs);
void skb_release_head_state(struct sk_buff *skb);
void skb_copy_header(struct sk_buff *new, const struct sk_buff *old);
/* With up to data_len bytes in pages of up to 2^max_order; *err. */
struct sk_buff *alloc_skb_with_frags(unsigned long header_len,
				     unsigned long data_len, int max_order,
				     int *err, gfp_t gfp);

static inline struct sk_buff *alloc_skb(unsigned int size, gfp_t gfp)
{
	return __alloc_skb(size, gfp, 0, -1);
}

static inline struct sk_buff *alloc_skb_fclone(unsigned int size, gfp_t gfp)
{
	return __alloc_skb(size, gfp, SKB_ALLOC_FCLONE, -1);
}

struct sk_buff *__netdev_alloc_skb(struct net_device *dev, unsigned int len,
				   gfp_t gfp);

static inline struct sk_buff *netdev_alloc_skb(struct net_device *dev,
					       unsigned int len)
{
	return __netdev_alloc_skb(dev, len, GFP_ATOMIC);
}

static inline struct sk_buff *skb_get(struct sk_buff *skb)
{
	refcount_inc(&skb->users);
	return skb;
}

static inline bool skb_shared(const struct sk_buff *skb)
{
	return refcount_read(&skb->users) != 1;
}

static inline bool skb_unref(struct sk_buff *skb)
{
	if (!skb)
		return false;
	if (refcount_read(&skb->users) == 1)
		smp_rmb();
	else if (!refcount_dec_and_test(&skb->users))
		return false;
	return true;
}

/* ---- where things are ---- */

static inline unsigned char *skb_tail_pointer(const struct sk_buff *skb)
{
	return skb->head + skb->tail;
}

static inline void skb_reset_tail_pointer(struct sk_buff *skb)
{
	skb->tail = skb->data - skb->head;
}

static inline void skb_set_tail_pointer(struct sk_buff *skb, int offset)
{
	skb_reset_tail_pointer(skb);
	skb->tail += offset;
}

static inline unsigned char *skb_end_pointer(const struct sk_buff *skb)
{
	return skb->head + skb->end;
}

static inline unsigned int skb_end_offset(const struct sk_buff *skb)
{
	return skb->end;
}

#define skb_shinfo(skb) ((struct skb_shared_info *)skb_end_pointer(skb))

static inline bool skb_is_nonlinear(const struct sk_buff *skb)
{
	return skb->data_len;
}

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->len - skb->data_len;
}

static inline unsigned int skb_headroom(const struct sk_buff *skb)
{
	return skb->data - skb->head;
}

static inline int skb_tailroom(const struct sk_buff *skb)
{
	return skb_is_nonlinear(skb) ? 0 : skb->end - skb->tail;
}

static inline bool skb_has_frag_list(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->frag_list;
}

/* Is the data (the headers in it) somebody else's too? */
static inline bool skb_cloned(const struct sk_buff *skb)
{
	return skb->cloned && (atomic_read(&skb_shinfo(skb)->dataref) &
			       SKB_DATAREF_MASK) != 1;
}

static inline bool skb_header_cloned(const struct sk_buff *skb)
{
	int dataref;

	if (!skb->cloned)
		return false;
	dataref = atomic_read(&skb_shinfo(skb)->dataref);
	return (dataref & SKB_DATAREF_MASK) - (dataref >> SKB_DATAREF_SHIFT) != 1;
}

/* ---- moving the borders ---- */

void __noreturn skb_over_panic(const struct sk_buff *skb, unsigned int len);
void __noreturn skb_under_panic(const struct sk_buff *skb, unsigned int len);

/* Make room in front; for an empty skb only. */
static inline void skb_reserve(struct sk_buff *skb, int len)
{
	skb->data += len;
	skb->tail += len;
}

static inline void *__skb_put(struct sk_buff *skb, unsigned int len)
{
	void *old = skb_tail_pointer(skb);

	skb->tail += len;
	skb->len += len;
	return old;
}

/* len more bytes at the end: where they begin. */
static inline void *skb_put(struct sk_buff *skb, unsigned int len)
{
	if (unlikely(skb_is_nonlinear(skb) || skb->tail + len > skb->end))
		skb_over_panic(skb, len);
	return __skb_put(skb, len);
}

static inline void *skb_put_data(struct sk_buff *skb, const void *data,
				 unsigned int len)
{
	return memcpy(skb_put(skb, len), data, len);
}

static inline void skb_put_u8(struct sk_buff *skb, u8 val)
{
	*(u8 *)skb_put(skb, 1) = val;
}

static inline void *__skb_push(struct sk_buff *skb, unsigned int len)
{
	skb->data -= len;
	skb->len += len;
	return skb->data;
}

/* len more bytes in front: the new beginning. */
static inline void *skb_push(struct sk_buff *skb, unsigned int len)
{
	if (unlikely(skb->data - skb->head < (long)len))
		skb_under_panic(skb, len);
	return __skb_push(skb, len);
}

static inline void *__skb_pull(struct sk_buff *skb, unsigned int len)
{
	skb->len -= len;
	BUG_ON(skb->len < skb->data_len);
	return skb->data += len;
}

/* Take len bytes off the front; NULL if it has fewer. */
static inline void *skb_pull(struct sk_buff *skb, unsigned int len)
{
	return unlikely(len > skb->len) ? NULL : __skb_pull(skb, len);
}

/* Move len bytes of the frags to the linear part's end; NULL. */
void *__pskb_pull_tail(struct sk_buff *skb, int delta);

/* Are the first len bytes in the linear part?  Moves them there. */
static inline bool pskb_may_pull(struct sk_buff *skb, unsigned int len)
{
	if (likely(len <= skb_headlen(skb)))
		return true;
	if (unlikely(len > skb->len))
		return false;
	return __pskb_pull_tail(skb, len - skb_headlen(skb)) != NULL;
}

static inline void *pskb_pull(struct sk_buff *skb, unsigned int len)
{
	return pskb_may_pull(skb, len) ? __skb_pull(skb, len) : NULL;
}

int ___pskb_trim(struct sk_buff *skb, unsigned int len);

static inline void __skb_set_length(struct sk_buff *skb, unsigned int len)
{
	skb->len = len;
	skb_set_tail_pointer(skb, len);
}

static inline int pskb_trim(struct sk_buff *skb, unsigned int len)
{
	return len < skb->len ? ___pskb_trim(skb, len) : 0;
}

int skb_linearize(struct sk_buff *skb);       /* 0 or -ENOMEM */
/* Make the first headroom bytes before data ours to write: 0, -ENOMEM. */
int skb_cow_head(struct sk_buff *skb, unsigned int headroom);
int skb_cow(struct sk_buff *skb, unsigned int headroom);
int skb_ensure_writable(struct sk_buff *skb, unsigned int write_len);
struct sk_buff *skb_unshare(struct sk_buff *skb, gfp_t gfp);
struct sk_buff *skb_share_check(struct sk_buff *skb, gfp_t gfp);
void skb_split(struct sk_buff *skb, struct sk_buff *rest, const u32 len);
int skb_pad(struct sk_buff *skb, int pad);
/* Append from's data to to's, if it fits; *fragstolen: from's head went. */
bool skb_try_coalesce(struct sk_buff *to, struct sk_buff *from,
		      bool *fragstolen, int *delta_truesize);

/* ---- headers ---- */

#define __SKB_HEADER(name)						\
static inline unsigned char *skb_##name##_header(const struct sk_buff *skb) \
{									\
	return skb->head + skb->name##_header;				\
}									\
static inline void skb_reset_##name##_header(struct sk_buff *skb)	\
{									\
	skb->name##_header = skb->data - skb->head;			\
}									\
static inline void skb_set_##name##_header(struct sk_buff *skb, int off) \
{									\
	skb->name##_header = skb->data - skb->head + off;		\
}									\
static inline int skb_##name##_offset(const struct sk_buff *skb)	\
{									\
	return skb_##name##_header(skb) - skb->data;			\
}
__SKB_HEADER(transport)
__SKB_HEADER(network)
__SKB_HEADER(mac)

static inline bool skb_mac_header_was_set(const struct sk_buff *skb)
{
	return skb->mac_header != (u16)~0;
}

static inline bool skb_transport_header_was_set(const struct sk_buff *skb)
{
	return skb->transport_header != (u16)~0;
}

/* ---- page fragments ---- */

static inline unsigned int skb_frag_size(const skb_frag_t *f)
{
	return f->bv_len;
}

static inline void skb_frag_size_set(skb_frag_t *f, unsigned int n)
{
	f->bv_len = n;
}

static inline void skb_frag_size_sub(skb_frag_t *f, int d)
{
	f->bv_len -= d;
}

static inline void skb_frag_off_add(skb_frag_t *f, int d)
{
	f->bv_offset += d;
}

static inline void *skb_frag_address(const skb_frag_t *f)
{
	return (char *)page_address(f->bv_page) + f->bv_offset;
}

/* Describe frag i; takes over the caller's reference to the page. */
static inline void skb_fill_page_desc(struct sk_buff *skb, int i,
				      struct page *page, int off, int size)
{
	skb_frag_t *f = &skb_shinfo(skb)->frags[i];

	f->bv_page = page;
	f->bv_offset = off;
	f->bv_len = size;
	skb_shinfo(skb)->nr_frags = i + 1;
}

/* The same, and counts its bytes. */
static inline void skb_add_rx_frag(struct sk_buff *skb, int i,
				   struct page *page, int off, int size,
				   unsigned int truesize)
{
	skb_fill_page_desc(skb, i, page, off, size);
	skb->len += size;
	skb->data_len += size;
	skb->truesize += truesize;
}

/* Hang n bytes at p, of a page frag of `size` bytes, behind skb's data; takes
 * over p's reference.  False: no room, and it is dropped. */
bool skb_add_page_frag(struct sk_buff *skb, void *p, unsigned int n,
		       unsigned int size);

/*
 * Buffers for drivers, cut one after the other from blocks of pages; each holds
 * a reference to its block.  One user at a time.  Theory: net/core/page_frag.c.
 */
struct page_frag_cache {
	struct page *page;
	unsigned int offset, size;
};

/* size bytes, at most a page, the same for each call; NULL. */
void *page_frag_alloc(struct page_frag_cache *nc, unsigned int size, gfp_t gfp);
void page_frag_cache_drain(struct page_frag_cache *nc);

static inline void page_frag_free(void *p)
{
	put_page(virt_to_head_page(p));
}

#define skb_walk_frags(skb, iter)					\
	for (iter = skb_shinfo(skb)->frag_list; iter; iter = iter->next)

/* ---- its data: net/core/skb_data.c, datagram.c ---- */

/* Copy len bytes at offset to or from kernel memory: 0 or -EFAULT. */
int skb_copy_bits(const struct sk_buff *skb, int offset, void *to, int len);
int skb_store_bits(struct sk_buff *skb, int offset, const void *from, int len);
void *__skb_header_pointer(const struct sk_buff *skb, int offset, int len,
			   void *buffer);

/* len bytes at offset: where they are, or copied to buffer; NULL. */
static inline void *skb_header_pointer(const struct sk_buff *skb, int offset,
				       int len, void *buffer)
{
	if (likely((int)skb_headlen(skb) - offset >= len))
		return skb->data + offset;
	return __skb_header_pointer(skb, offset, len, buffer);
}

/* Ones' complement sum, 32 bits, not folded; RFC 1071. */
u32 skb_checksum(const struct sk_buff *skb, int offset, int len, u32 csum);
u32 csum_partial(const void *buf, int len, u32 sum);

/* May sleep (user memory).  0 or -EFAULT. */
int skb_copy_datagram_iter(const struct sk_buff *skb, int offset,
			   struct iov_iter *to, int len);
/* len bytes at offset into a pipe, by reference; its mutex is held: bytes,
 * which are fewer if it is full, or -errno (-EAGAIN: it is full). */
int skb_splice_bits(const struct sk_buff *skb, int offset,
		    struct pipe_inode_info *pipe, int len);
int skb_copy_datagram_msg(const struct sk_buff *skb, int offset,
			  struct msghdr *msg, int len);
int skb_copy_datagram_from_iter(struct sk_buff *skb, int offset,
				struct iov_iter *from, int len);
/* The next of sk's receive queue, waiting as flags (MSG_DONTWAIT, MSG_PEEK)
 * and SO_RCVTIMEO say; NULL with *err. */
struct sk_buff *skb_recv_datagram(struct sock *sk, unsigned int flags,
				  int *err);
void skb_free_datagram(struct sock *sk, struct sk_buff *skb);
/*
 * Its two steps.  *off: where a peek begins, and then where in the packet.
 * *last, if there is none: where the queue ended then, to wait for more.  Taken
 * under the queue's lock: of a packet seen before, the address may be
 * another's.
 */
struct sk_buff *skb_try_recv(struct sock *sk, unsigned int flags, int *off,
			     struct sk_buff **last);
int skb_wait_for_more(struct sock *sk, long *timeo,
		      const struct sk_buff *last);

void skb_init(void);

#include <net/skb_queue.h>

#endif
