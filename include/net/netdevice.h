/* SPDX-License-Identifier: MIT */
#ifndef NET_NETDEVICE_H
#define NET_NETDEVICE_H
/*
 * netdevice.h -- network devices: how packets enter and leave the machine
 *
 *	out:	dev_queue_xmit -> qdisc -> ndo_start_xmit -> wire
 *	in:	irq -> napi_schedule -> NET_RX softirq: poll(budget)
 *		    -> napi_gro_receive -> packet_type.func (ip_rcv, arp_rcv)
 *
 * A driver: alloc_etherdev_mqs(), fill in netdev_ops, dev_addr, features,
 * netif_napi_add(), register_netdev(); ndo_open enables NAPI and calls
 * netif_tx_start_all_queues(); ndo_stop undoes that.
 *
 * LOCKING.  What configures (register, up, down, names, addresses) holds
 * rtnl_lock(); lookups are under RCU.  A tx queue's _xmit_lock is held, bh off,
 * around ndo_start_xmit.  A device is freed when its last reference
 * (dev_hold/dev_put) goes.  Theory: net/core/dev.c, dev_xmit.c, napi.c.
 *
 * net/tx_queue.h: a driver's queues; net/offload.h: big packets, GSO and GRO.
 */

#include <kernel/atomic.h>
#include <kernel/bitops.h>
#include <kernel/interrupt.h>
#include <kernel/notifier.h>
#include <kernel/percpu.h>
#include <kernel/rculist.h>
#include <kernel/rcupdate.h>
#include <kernel/refcount.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>
#include <net/skbuff.h>
#include <uapi/if.h>
#include <uapi/if_ether.h>
#include <uapi/if_link.h>

struct Qdisc;
struct device;
struct in_device;
struct net_sysfs;
struct ifreq;
struct neighbour;
struct net_device;

#define MAX_ADDR_LEN 32
#define LL_MAX_HEADER 32
#define MAX_HEADER LL_MAX_HEADER
#define HH_DATA_MOD 16
#define NAPI_POLL_WEIGHT 64
#define DEFAULT_TX_QUEUE_LEN 1000

/* dev_queue_xmit() and qdiscs: */
#define NET_XMIT_SUCCESS 0
#define NET_XMIT_DROP 1
#define NET_XMIT_CN 2                 /* taken, but the road is full */
#define NET_XMIT_MASK 0x0f
#define net_xmit_errno(e) ((e) != NET_XMIT_CN ? -ENOBUFS : 0)
/* netif_rx() and packet_type.func: */
#define NET_RX_SUCCESS 0
#define NET_RX_DROP 1

/* ndo_start_xmit: OK: the skb is the driver's, whatever happens to it. */
typedef enum { NETDEV_TX_OK = 0, NETDEV_TX_BUSY = 0x10 } netdev_tx_t;

/* features: what a device does by itself (offloads) */
typedef u64 netdev_features_t;
#define NETIF_F_SG BIT_ULL(0)         /* frags[] */
#define NETIF_F_IP_CSUM BIT_ULL(1)    /* CHECKSUM_PARTIAL of TCP, UDP on IPv4 */
#define NETIF_F_HW_CSUM BIT_ULL(3)    /* CHECKSUM_PARTIAL of anything */
#define NETIF_F_IPV6_CSUM BIT_ULL(4)
#define NETIF_F_HIGHDMA BIT_ULL(5)
#define NETIF_F_FRAGLIST BIT_ULL(6)
#define NETIF_F_HW_VLAN_CTAG_TX BIT_ULL(7)
#define NETIF_F_HW_VLAN_CTAG_RX BIT_ULL(8)
#define NETIF_F_GSO BIT_ULL(11)       /* software segmentation wanted */
#define NETIF_F_LLTX BIT_ULL(12)      /* ndo_start_xmit without _xmit_lock */
#define NETIF_F_NETNS_LOCAL BIT_ULL(13)
#define NETIF_F_GRO BIT_ULL(14)
#define NETIF_F_TSO BIT_ULL(16)       /* SKB_GSO_TCPV4 */
#define NETIF_F_GSO_ROBUST BIT_ULL(17)
#define NETIF_F_TSO_ECN BIT_ULL(18)
#define NETIF_F_TSO6 BIT_ULL(20)
#define NETIF_F_GSO_UDP_L4 BIT_ULL(33)
#define NETIF_F_RXCSUM BIT_ULL(40)
#define NETIF_F_LOOPBACK BIT_ULL(42)
#define NETIF_F_CSUM_MASK (NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | \
			   NETIF_F_HW_CSUM)
#define NETIF_F_ALL_TSO (NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN)
#define NETIF_F_GSO_SOFTWARE (NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4)
#define GSO_MAX_SIZE 65536
#define GSO_MAX_SEGS 65535

/* One CPU's, so that counting costs no shared line. */
struct pcpu_sw_netstats {
	u64 rx_packets, rx_bytes, tx_packets, tx_bytes;
};

/* ---- NAPI ---- */

enum {
	NAPI_STATE_SCHED,             /* on a poll list, or disabled */
	NAPI_STATE_MISSED,            /* scheduled again while polled */
	NAPI_STATE_DISABLE,
	NAPI_STATE_NPSVC
};

#define GRO_HASH_BUCKETS 8
#define MAX_GRO_SKBS 8

struct gro_list {
	struct list_head list;
	int count;
};

/* Owned by whoever set NAPI_STATE_SCHED. */
struct napi_struct {
	struct list_head poll_list;
	unsigned long state;          /* atomic bits */
	int weight;
	int (*poll)(struct napi_struct *napi, int budget);
	struct net_device *dev;
	struct sk_buff *skb;
	struct gro_list gro_hash[GRO_HASH_BUCKETS];
	unsigned long gro_bitmask;
	struct list_head rx_list;     /* packets to be delivered together */
	int rx_count;
	struct list_head dev_list;    /* rtnl: dev->napi_list */
	unsigned int napi_id;
};

/* poll handles up to budget packets and says how many; fewer: it has called
 * napi_complete_done() first and enabled its interrupt after.  Softirq. */
void netif_napi_add_weight(struct net_device *dev, struct napi_struct *napi,
			   int (*poll)(struct napi_struct *, int), int weight);
static inline void netif_napi_add(struct net_device *dev,
				  struct napi_struct *napi,
				  int (*poll)(struct napi_struct *, int))
{
	netif_napi_add_weight(dev, napi, poll, NAPI_POLL_WEIGHT);
}
#define netif_napi_add_tx(dev, napi, poll) netif_napi_add(dev, napi, poll)
void netif_napi_del(struct napi_struct *napi); /* may sleep */
/* Any context.  prep: true: this caller shall call __napi_schedule(). */
bool napi_schedule_prep(struct napi_struct *n);
void __napi_schedule(struct napi_struct *n);
static inline bool napi_schedule(struct napi_struct *n)
{
	if (!napi_schedule_prep(n))
		return false;
	__napi_schedule(n);
	return true;
}
/* From poll: no more to do.  false: keep polling, no interrupts yet. */
bool napi_complete_done(struct napi_struct *n, int work_done);
void napi_enable(struct napi_struct *n);
void napi_disable(struct napi_struct *n); /* may sleep: waits for poll */

/* A packet from the wire, skb->protocol and dev set by eth_type_trans();
 * merged with its neighbours of the same flow.  From poll only. */
int napi_gro_receive(struct napi_struct *napi, struct sk_buff *skb);
void napi_gro_flush(struct napi_struct *napi, bool flush_old);
/* A packet that came otherwise.  Any context; netif_receive_skb: softirq. */
int netif_rx(struct sk_buff *skb);
int netif_receive_skb(struct sk_buff *skb);
void netif_receive_skb_list(struct list_head *head);
/* For drivers in poll(): a packet with headroom; NULL. */
struct sk_buff *napi_alloc_skb(struct napi_struct *napi, unsigned int length);
#define dev_kfree_skb(skb) consume_skb(skb)
/* Any context, interrupts off too. */
void dev_kfree_skb_any(struct sk_buff *skb);

/* ---- transmit queues ---- */

enum {
	__QUEUE_STATE_DRV_XOFF,       /* the driver's ring is full */
	__QUEUE_STATE_STACK_XOFF,
	__QUEUE_STATE_FROZEN
};

/* Field keys:  [R] rtnl_mutex   [X] ._xmit_lock */
struct netdev_queue {
	struct net_device *dev;
	struct Qdisc *qdisc;          /* [R] RCU: what runs (noop if down) */
	struct Qdisc *qdisc_sleeping; /* [R] what is configured */
	unsigned long tx_maxrate;
	spinlock_t _xmit_lock;
	int xmit_lock_owner;          /* CPU, -1: none */
	unsigned long trans_start;    /* jiffies: the watchdog's */
	unsigned long state;          /* atomic bits */
};

#define NETREG_UNINITIALIZED 0
#define NETREG_REGISTERED 1
#define NETREG_UNREGISTERING 2
#define NETREG_UNREGISTERED 3
#define NETREG_RELEASED 4

enum {                                /* net_device.state */
	__LINK_STATE_START,           /* between ndo_open and ndo_stop */
	__LINK_STATE_PRESENT,
	__LINK_STATE_NOCARRIER,
	__LINK_STATE_LINKWATCH_PENDING,
	__LINK_STATE_DORMANT
};

/* All may be NULL but ndo_start_xmit.  Under rtnl but for xmit and stats. */
struct net_device_ops {
	int (*ndo_init)(struct net_device *dev);
	void (*ndo_uninit)(struct net_device *dev);
	int (*ndo_open)(struct net_device *dev);
	int (*ndo_stop)(struct net_device *dev);
	netdev_tx_t (*ndo_start_xmit)(struct sk_buff *skb,
				      struct net_device *dev);
	u16 (*ndo_select_queue)(struct net_device *dev, struct sk_buff *skb,
				struct net_device *sb_dev);
	netdev_features_t (*ndo_features_check)(struct sk_buff *skb,
						struct net_device *dev,
						netdev_features_t features);
	void (*ndo_set_rx_mode)(struct net_device *dev); /* bh off */
	int (*ndo_set_mac_address)(struct net_device *dev, void *sockaddr);
	int (*ndo_validate_addr)(struct net_device *dev);
	int (*ndo_eth_ioctl)(struct net_device *dev, struct ifreq *ifr,
			     int cmd);
	int (*ndo_change_mtu)(struct net_device *dev, int new_mtu);
	void (*ndo_tx_timeout)(struct net_device *dev, unsigned int txqueue);
	void (*ndo_get_stats64)(struct net_device *dev,
				struct rtnl_link_stats64 *stats);
	int (*ndo_add_slave)(struct net_device *dev, struct net_device *slave,
			     void *extack);
	int (*ndo_del_slave)(struct net_device *dev, struct net_device *slave);
	int (*ndo_get_iflink)(const struct net_device *dev);
	int (*ndo_set_features)(struct net_device *dev,
				netdev_features_t features);
};

/* How a link's header is made; see eth_header_ops. */
struct header_ops {
	/* Push it: its length, or -length if daddr was not known. */
	int (*create)(struct sk_buff *skb, struct net_device *dev,
		      unsigned short type, const void *daddr,
		      const void *saddr, unsigned int len);
	int (*parse)(const struct sk_buff *skb, unsigned char *haddr);
};

/* One address that a device listens to beyond its own. */
struct netdev_hw_addr {
	struct list_head list;
	unsigned char addr[MAX_ADDR_LEN];
	int refcount;
};

struct netdev_hw_addr_list {
	struct list_head list;
	int count;
};

#define netdev_mc_count(dev) ((dev)->mc.count)
#define netdev_uc_count(dev) ((dev)->uc.count)
#define netdev_for_each_mc_addr(ha, dev) \
	list_for_each_entry(ha, &(dev)->mc.list, list)
#define netdev_for_each_uc_addr(ha, dev) \
	list_for_each_entry(ha, &(dev)->uc.list, list)

typedef int rx_handler_result_t;
enum {
	RX_HANDLER_CONSUMED, RX_HANDLER_ANOTHER, RX_HANDLER_EXACT,
	RX_HANDLER_PASS
};
typedef rx_handler_result_t rx_handler_func_t(struct sk_buff **pskb);

/*
 * Field keys:
 *   [c] constant after registration   [R] rtnl_mutex, RCU or READ_ONCE to read
 *   [a] atomic   [A] .addr_list_lock
 */
struct net_device {
	char name[IFNAMSIZ];          /* [R] */
	int ifindex;                  /* [c] */
	int group;
	unsigned int flags;           /* [R] IFF_* */
	unsigned int priv_flags;      /* [R] IFF_EBRIDGE and its kind */
	unsigned int mtu, min_mtu, max_mtu; /* [R] without the link header */
	unsigned short type;          /* [c] ARPHRD_* */
	unsigned short hard_header_len; /* [c] */
	unsigned short needed_headroom, needed_tailroom; /* [c] */
	unsigned char addr_len;       /* [c] */
	unsigned char operstate;      /* [R] IF_OPER_* */
	unsigned char link_mode;
	unsigned char dev_addr[MAX_ADDR_LEN]; /* [R] */
	unsigned char broadcast[MAX_ADDR_LEN]; /* [c] */
	unsigned char perm_addr[MAX_ADDR_LEN]; /* [c] */
	netdev_features_t features;   /* [R] in use */
	netdev_features_t hw_features; /* [c] what may be switched */
	netdev_features_t vlan_features, hw_enc_features;
	unsigned int gso_max_size, gso_max_segs; /* [R] */
	const struct net_device_ops *netdev_ops; /* [c] */
	const struct header_ops *header_ops; /* [c] NULL: no header */
	const void *ethtool_ops;
	const struct rtnl_link_ops *rtnl_link_ops; /* [c] */
	struct net *nd_net;           /* [R] */
	unsigned long state;          /* [a] __LINK_STATE_* */

	struct netdev_queue *_tx;     /* [c] num_tx_queues */
	unsigned int num_tx_queues, real_num_tx_queues;
	unsigned int num_rx_queues, real_num_rx_queues;
	struct Qdisc *qdisc;          /* [R] the root */
	unsigned int tx_queue_len;    /* [R] packets */
	int watchdog_timeo;           /* [c] jiffies */
	struct timer_list watchdog_timer;

	struct in_device *ip_ptr;     /* [R] IPv4's */
	void *ip6_ptr;
	void *ax25_ptr;
	rx_handler_func_t *rx_handler; /* [R] bridges */
	void *rx_handler_data;
	struct list_head ptype_all, ptype_specific; /* taps on this device */

	spinlock_t addr_list_lock;    /* bh off */
	struct netdev_hw_addr_list uc, mc; /* [A] */
	unsigned int promiscuity, allmulti; /* [R] how many want it */
	bool uc_promisc;

	struct rtnl_link_stats64 stats; /* what drivers count here directly */
	atomic_long_t rx_dropped, tx_dropped, rx_nohandler; /* [a] the stack's */
	atomic_t carrier_up_count, carrier_down_count;
	struct pcpu_sw_netstats __percpu *tstats; /* [c] or NULL */

	struct list_head dev_list;    /* [R] net->dev_base_head */
	struct hlist_node name_hlist, index_hlist; /* [R] */
	struct list_head napi_list;   /* [R] */
	struct list_head close_list, unreg_list, todo_list;
	u8 reg_state;                 /* [R] NETREG_* */
	bool needs_free_netdev, dismantle, proto_down;
	unsigned char name_assign_type, addr_assign_type;
	void (*priv_destructor)(struct net_device *dev);
	refcount_t dev_refcnt;        /* [a] */
	int master_ifindex;           /* [R] whose port it is; 0: nobody's */
	struct device *parent;        /* [c] the bus's, or NULL */
	struct net_sysfs *sysfs;      /* [R] its place in /sys; NULL */
	void *priv;                   /* [c] netdev_priv() */
	struct rcu_head rcu;
};

#define IFF_EBRIDGE (1 << 1)
#define IFF_BRIDGE_PORT (1 << 9)
#define IFF_LIVE_ADDR_CHANGE (1 << 15)
#define IFF_NO_QUEUE (1 << 21)
#define IFF_XMIT_DST_RELEASE (1 << 10) /* of no use: who keeps it says so */
/* addr_assign_type */
#define NET_ADDR_PERM 0
#define NET_ADDR_RANDOM 1
#define NET_ADDR_SET 3
/* From setup: ndo_start_xmit looks at the packet's route. */
#define netif_keep_dst(dev) ((dev)->priv_flags &= ~IFF_XMIT_DST_RELEASE)
#define netif_is_bridge_master(dev) ((dev)->priv_flags & IFF_EBRIDGE)

static inline void *netdev_priv(const struct net_device *dev)
{
	return dev->priv;
}

static inline struct net *dev_net(const struct net_device *dev)
{
	return dev->nd_net;
}

static inline void dev_hold(struct net_device *dev)
{
	if (dev)
		refcount_inc(&dev->dev_refcnt);
}

void netdev_put_last(struct net_device *dev);

static inline void dev_put(struct net_device *dev)
{
	if (dev && refcount_dec_and_test(&dev->dev_refcnt))
		netdev_put_last(dev);
}

/* What answers SIOCBR*, when there are bridges: net/bridge. */
void brioctl_set(int (*hook)(struct net *net, unsigned int cmd,
			     void __user *arg));
/* rtnl; pattern: its name there, NULL: the one it has.  0, -EEXIST, -EINVAL. */
int dev_change_net_namespace(struct net_device *dev, struct net *net,
			     const char *pattern);

#define SET_NETDEV_DEV(net, pdev) ((net)->parent = (pdev))

/* ---- life: rtnl held unless the name says register_netdev; may sleep ---- */

/* name may hold one %d.  NULL: no memory. */
struct net_device *alloc_netdev_mqs(int sizeof_priv, const char *name,
				    unsigned char name_assign_type,
				    void (*setup)(struct net_device *),
				    unsigned int txqs, unsigned int rxqs);
#define NET_NAME_UNKNOWN 0
#define NET_NAME_ENUM 1
#define NET_NAME_USER 3
#define alloc_netdev(size, name, type, setup) \
	alloc_netdev_mqs(size, name, type, setup, 1, 1)
void free_netdev(struct net_device *dev);
int register_netdevice(struct net_device *dev); /* 0, -EEXIST, -ENOMEM, ... */
void unregister_netdevice(struct net_device *dev);
int register_netdev(struct net_device *dev); /* takes rtnl */
void unregister_netdev(struct net_device *dev);
int dev_open(struct net_device *dev, void *extack);
void dev_close(struct net_device *dev);
/* IFF_UP, IFF_PROMISC and what a user may change: 0, -errno of ndo_open. */
int dev_change_flags(struct net_device *dev, unsigned int flags, void *extack);
unsigned int dev_get_flags(const struct net_device *dev); /* user's view */
int dev_change_name(struct net_device *dev, const char *newname);
int dev_set_mtu(struct net_device *dev, int mtu);
int dev_set_mac_address(struct net_device *dev, struct sockaddr *sa,
			void *extack);
int dev_change_tx_queue_len(struct net_device *dev, unsigned long len);
int dev_set_promiscuity(struct net_device *dev, int inc);
int dev_set_allmulti(struct net_device *dev, int inc);
int dev_mc_add(struct net_device *dev, const unsigned char *addr);
int dev_mc_del(struct net_device *dev, const unsigned char *addr);
int dev_uc_add(struct net_device *dev, const unsigned char *addr);
int dev_uc_del(struct net_device *dev, const unsigned char *addr);
bool dev_valid_name(const char *name);
int netif_set_real_num_tx_queues(struct net_device *dev, unsigned int txq);
int netif_set_real_num_rx_queues(struct net_device *dev, unsigned int rxq);
void netdev_update_features(struct net_device *dev);
struct rtnl_link_stats64 *dev_get_stats(struct net_device *dev,
					struct rtnl_link_stats64 *storage);
int netdev_rx_handler_register(struct net_device *dev, rx_handler_func_t *fn,
			       void *data);
void netdev_rx_handler_unregister(struct net_device *dev);

/* ---- lookup.  _rcu: under rcu_read_lock(); __: rtnl; else counted ---- */

struct net_device *dev_get_by_name(struct net *net, const char *name);
struct net_device *__dev_get_by_name(struct net *net, const char *name);
struct net_device *dev_get_by_name_rcu(struct net *net, const char *name);
struct net_device *dev_get_by_index(struct net *net, int ifindex);
struct net_device *__dev_get_by_index(struct net *net, int ifindex);
struct net_device *dev_get_by_index_rcu(struct net *net, int ifindex);
#define for_each_netdev(net, d) \
	list_for_each_entry(d, &(net)->dev_base_head, dev_list)
#define for_each_netdev_rcu(net, d) \
	list_for_each_entry_rcu(d, &(net)->dev_base_head, dev_list)
#define for_each_netdev_safe(net, d, n) \
	list_for_each_entry_safe(d, n, &(net)->dev_base_head, dev_list)

/* ---- sending ---- */

/* Consumes the packet, complete with link header; skb->dev set.
 * NET_XMIT_* or -errno.  Process or softirq, irqs on. */
int dev_queue_xmit(struct sk_buff *skb);
/* Past the qdisc, for taps and loopback: to our own input. */
int dev_loopback_xmit(struct net *net, struct sock *sk, struct sk_buff *skb);
int dev_forward_skb(struct net_device *dev, struct sk_buff *skb);
/* For qdiscs, tx lock held: the driver's answer; busy: skb is still ours. */
struct sk_buff *dev_hard_start_xmit(struct sk_buff *first,
				    struct net_device *dev,
				    struct netdev_queue *txq, int *ret);
/* Make it such as dev can send (segment, linearise, checksum); a list. */
struct sk_buff *validate_xmit_skb(struct sk_buff *skb, struct net_device *dev);
netdev_features_t netif_skb_features(struct sk_buff *skb);
void netif_schedule_queue(struct netdev_queue *txq);
void __netif_schedule(struct Qdisc *q);

static inline int dev_hard_header(struct sk_buff *skb, struct net_device *dev,
				  unsigned short type, const void *daddr,
				  const void *saddr, unsigned int len)
{
	if (!dev->header_ops || !dev->header_ops->create)
		return 0;
	return dev->header_ops->create(skb, dev, type, daddr, saddr, len);
}

static inline int dev_parse_header(const struct sk_buff *skb,
				   unsigned char *haddr)
{
	const struct header_ops *ops = skb->dev->header_ops;

	return ops && ops->parse ? ops->parse(skb, haddr) : 0;
}

/* Room for the link's header, a multiple of 16 so that IP is aligned. */
#define LL_RESERVED_SPACE(dev) \
	((((dev)->hard_header_len + (dev)->needed_headroom) & \
	  ~(HH_DATA_MOD - 1)) + HH_DATA_MOD)

/* ---- the link ---- */

static inline bool netif_running(const struct net_device *dev)
{
	return test_bit(__LINK_STATE_START, &dev->state);
}

static inline bool netif_carrier_ok(const struct net_device *dev)
{
	return !test_bit(__LINK_STATE_NOCARRIER, &dev->state);
}

static inline bool netif_device_present(const struct net_device *dev)
{
	return test_bit(__LINK_STATE_PRESENT, &dev->state);
}

static inline bool netif_oper_up(const struct net_device *dev)
{
	return dev->operstate == IF_OPER_UP ||
	       dev->operstate == IF_OPER_UNKNOWN;
}

/* Any context: the driver saw the cable.  NETDEV_CHANGE follows in a task. */
void netif_carrier_on(struct net_device *dev);
void netif_carrier_off(struct net_device *dev);
void netif_device_detach(struct net_device *dev);
void netif_device_attach(struct net_device *dev);

/* ---- who wants to know ---- */

enum netdev_cmd {
	NETDEV_UP = 1, NETDEV_DOWN, NETDEV_REBOOT, NETDEV_CHANGE,
	NETDEV_REGISTER, NETDEV_UNREGISTER, NETDEV_CHANGEMTU,
	NETDEV_CHANGEADDR, NETDEV_PRE_CHANGEADDR, NETDEV_GOING_DOWN,
	NETDEV_CHANGENAME, NETDEV_FEAT_CHANGE, NETDEV_PRE_UP = 14,
	NETDEV_CHANGEUPPER = 21, NETDEV_CHANGE_TX_QUEUE_LEN = 28
};

struct netdev_notifier_info {
	struct net_device *dev;
	void *extack;
};

static inline struct net_device *netdev_notifier_info_to_dev(
		const struct netdev_notifier_info *info)
{
	return info->dev;
}

/* Called with rtnl held; a new one hears of all devices there are. */
int register_netdevice_notifier(struct notifier_block *nb);
int unregister_netdevice_notifier(struct notifier_block *nb);
int call_netdevice_notifiers(unsigned long val, struct net_device *dev);
void netdev_state_change(struct net_device *dev);

/* Who takes packets of a kind (ETH_P_ALL: a tap, clones of all). */
struct packet_type {
	__be16 type;                  /* network order */
	bool ignore_outgoing;
	struct net_device *dev;       /* NULL: all */
	/* Softirq or process (outgoing), under RCU; consumes the packet. */
	int (*func)(struct sk_buff *skb, struct net_device *dev,
		    struct packet_type *pt, struct net_device *orig_dev);
	void (*list_func)(struct list_head *head, struct packet_type *pt,
			  struct net_device *dev);
	bool (*id_match)(struct packet_type *pt, struct sock *sk);
	struct net *af_packet_net;
	void *af_packet_priv;         /* a sock: gets none of its own */
	struct list_head list;
};

void dev_add_pack(struct packet_type *pt);    /* any context */
void __dev_remove_pack(struct packet_type *pt);
void dev_remove_pack(struct packet_type *pt); /* waits: may sleep */
void dev_queue_xmit_nit(struct sk_buff *skb, struct net_device *dev);

/* ---- one CPU's part of the stack; /proc/net/softnet_stat ---- */

struct softnet_data {
	struct list_head poll_list;   /* irqs off */
	struct sk_buff_head process_queue; /* backlog's own */
	struct sk_buff_head input_pkt_queue; /* netif_rx: its lock */
	struct napi_struct backlog;
	struct Qdisc *output_queue, **output_queue_tailp; /* irqs off */
	struct sk_buff *completion_queue; /* irqs off */
	unsigned int processed, time_squeeze, received_rps;
	atomic_t dropped;
	u16 recursion;                /* dev_queue_xmit in dev_queue_xmit */
	bool more;
};
DECLARE_PER_CPU(struct softnet_data, softnet_data);

extern int netdev_max_backlog, netdev_budget, dev_weight;
extern unsigned int netdev_budget_usecs;

#define netdev_name(dev) ((dev)->name)
#define netdev_err(d, fmt, ...) pr_err("%s: " fmt, (d)->name, ##__VA_ARGS__)
#define netdev_warn(d, fmt, ...) pr_warn("%s: " fmt, (d)->name, ##__VA_ARGS__)
#define netdev_info(d, fmt, ...) pr_info("%s: " fmt, (d)->name, ##__VA_ARGS__)

#endif
