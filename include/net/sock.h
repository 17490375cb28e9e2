/* SPDX-License-Identifier: MIT */
#ifndef NET_SOCK_H
#define NET_SOCK_H
/*
 * sock.h -- the protocol's end of a socket
 *
 * struct socket is what a file is about; struct sock is what packets are
 * about, and outlives the file while packets are on their way.  A protocol
 * embeds it as the first field of its own structure (struct proto: obj_size).
 *
 *	struct socket  <--->  struct sock  (struct unix_sock, tcp_sock, ...)
 *	                      sk_receive_queue, sk_write_queue, sk_backlog
 *
 * MEMORY.  Each skb's truesize is charged to one sock: sk_wmem_alloc while the
 * sender owns it, sk_rmem_alloc while it waits in the receiver's queue.  The
 * limits are sk_sndbuf and sk_rcvbuf; skb->destructor gives it back.
 *
 * LOCKING.  lock_sock() owns the sock for process context and may sleep; the
 * softirq takes only bh_lock_sock(), and if sock_owned_by_user() puts its
 * packet on the backlog, which release_sock() works off.  Theory:
 * net/core/sock.c.
 */

#include <kernel/atomic.h>
#include <kernel/bitops.h>
#include <kernel/cred.h>
#include <kernel/hash.h>
#include <kernel/jiffies.h>
#include <kernel/list.h>
#include <kernel/net.h>
#include <kernel/pid.h>
#include <kernel/rcupdate.h>
#include <kernel/rculist.h>
#include <kernel/refcount.h>
#include <kernel/rwlock.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>
#include <kernel/wait.h>
#include <net/net_namespace.h>
#include <net/skbuff.h>
#include <uapi/poll.h>

struct kmem_cache;
struct proto;
struct sk_filter;

/* sk_state; TCP's names serve all families, as on Linux. */
enum {
	TCP_ESTABLISHED = 1, TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT1,
	TCP_FIN_WAIT2, TCP_TIME_WAIT, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_LAST_ACK,
	TCP_LISTEN, TCP_CLOSING, TCP_NEW_SYN_RECV, TCP_MAX_STATES
};

#define RCV_SHUTDOWN 1
#define SEND_SHUTDOWN 2
#define SHUTDOWN_MASK 3

#define SOCK_SNDBUF_LOCK 1            /* sk_userlocks: set by the user */
#define SOCK_RCVBUF_LOCK 2
#define SOCK_BUF_LOCK_MASK 3
#define SOCK_BINDADDR_LOCK 4          /* bind() named an address, a port */
#define SOCK_BINDPORT_LOCK 8

/* 2048 bytes of data and a descriptor of Linux's: programs see the number. */
#define SOCK_MIN_RCVBUF (2048 + 256)
#define SOCK_MIN_SNDBUF (2 * SOCK_MIN_RCVBUF)

/* sk_flags */
enum sock_flags {
	SOCK_DEAD, SOCK_DONE, SOCK_URGINLINE, SOCK_KEEPOPEN, SOCK_LINGER,
	SOCK_BROADCAST, SOCK_TIMESTAMP, SOCK_ZAPPED,
	SOCK_USE_WRITE_QUEUE, SOCK_DBG, SOCK_RCVTSTAMP, SOCK_RCVTSTAMPNS,
	SOCK_LOCALROUTE, SOCK_MEMALLOC, SOCK_TIMESTAMPING_RX_SOFTWARE,
	SOCK_FASYNC, SOCK_RXQ_OVFL, SOCK_ZEROCOPY, SOCK_WIFI_STATUS, SOCK_NOFCS,
	SOCK_FILTER_LOCKED, SOCK_SELECT_ERR_QUEUE, SOCK_RCU_FREE, SOCK_TXTIME,
	SOCK_XDP, SOCK_TSTAMP_NEW, SOCK_RCVMARK
};

/* slock guards owned; wq: those that wait to own it. */
typedef struct {
	spinlock_t slock;
	int owned;                    /* [slock] a process has it */
	wait_queue_head_t wq;
} socket_lock_t;

/*
 * Looked up by many CPUs at once: the first line, and shared with the mini
 * socks of TIME_WAIT and SYN queues.
 */
struct sock_common {
	union {
		struct {
			__be32 skc_daddr, skc_rcv_saddr;
		};
		u64 skc_addrpair;
	};
	u32 skc_hash;
	union {
		struct {
			__be16 skc_dport;
			u16 skc_num;
		};
		u32 skc_portpair;
	};
	unsigned short skc_family;
	volatile unsigned char skc_state;
	u8 skc_reuse : 4;
	u8 skc_reuseport : 1;
	u8 skc_ipv6only : 1;
	u8 skc_net_refcnt : 1;
	int skc_bound_dev_if;
	struct hlist_node skc_bind_node;
	struct proto *skc_prot;
	struct net *skc_net;
	struct hlist_node skc_node;   /* in its protocol's hash */
	unsigned long skc_flags;
	refcount_t skc_refcnt;
};

/*
 * Field keys:
 *   [c] constant after creation   [a] atomic   [K] lock_sock (UNIX: its own
 *   state lock)   [Q] the queue's lock   [R] RCU   [b] sk_callback_lock
 *   [W] written whole by setsockopt, read once by whoever needs it
 */
struct sock {
	struct sock_common __sk_common;
#define sk_daddr __sk_common.skc_daddr
#define sk_rcv_saddr __sk_common.skc_rcv_saddr
#define sk_addrpair __sk_common.skc_addrpair
#define sk_hash __sk_common.skc_hash
#define sk_dport __sk_common.skc_dport
#define sk_num __sk_common.skc_num
#define sk_family __sk_common.skc_family
#define sk_state __sk_common.skc_state
#define sk_reuse __sk_common.skc_reuse
#define sk_reuseport __sk_common.skc_reuseport
#define sk_ipv6only __sk_common.skc_ipv6only
#define sk_net_refcnt __sk_common.skc_net_refcnt
#define sk_bound_dev_if __sk_common.skc_bound_dev_if
#define sk_bind_node __sk_common.skc_bind_node
#define sk_prot __sk_common.skc_prot
#define sk_net __sk_common.skc_net
#define sk_node __sk_common.skc_node
#define sk_flags __sk_common.skc_flags
#define sk_refcnt __sk_common.skc_refcnt

	socket_lock_t sk_lock;
	atomic_t sk_drops;            /* [a] packets that found no room */
	int sk_rcvlowat;              /* [W] */
	struct sk_buff_head sk_error_queue;
	struct sk_buff_head sk_receive_queue; /* [Q] */
	struct {                      /* [slock] while a process owns us */
		atomic_t rmem_alloc;
		int len;
		struct sk_buff *head, *tail;
	} sk_backlog;
#define sk_rmem_alloc sk_backlog.rmem_alloc
	int sk_forward_alloc;         /* [K] bytes reserved, not used */
	unsigned int sk_ll_usec;      /* [W] SO_BUSY_POLL */
	int sk_rcvbuf;                /* [W] */
	struct sk_filter *sk_filter;  /* [R] */
	struct socket_wq *sk_wq;      /* [R] NULL: no file */
	void *sk_dst_cache;           /* [R] the route */
	atomic_t sk_omem_alloc;       /* [a] options and filters */
	int sk_sndbuf;                /* [W] */
	int sk_wmem_queued;           /* [K] TCP: in its write queue */
	refcount_t sk_wmem_alloc;     /* [a] bytes on their way, and 1 */
	struct sk_buff *sk_send_head; /* [K] */
	struct sk_buff_head sk_write_queue; /* [K]; UNIX: its own use */
	int sk_peek_off;              /* [W] -1: off */
	int sk_write_pending;         /* [K] */
	u32 sk_priority, sk_mark;     /* [W] */
	u64 sk_route_caps;            /* [K] NETIF_F_* of the route's device */
	int sk_gso_type;              /* [c] SKB_GSO_* or 0 */
	unsigned int sk_gso_max_size; /* [K] */
	u16 sk_gso_max_segs;          /* [K] */
	void *sk_rx_dst;              /* [R] TCP: the route packets come by */
	unsigned long sk_pacing_rate; /* [W] */
	unsigned long sk_max_pacing_rate;
	long sk_sndtimeo, sk_rcvtimeo; /* [W] jiffies */
	gfp_t sk_allocation;          /* [c] */
	u32 sk_txhash;
	u8 sk_shutdown;               /* [K] RCV_SHUTDOWN | SEND_SHUTDOWN */
	u8 sk_userlocks;              /* [W] */
	u8 sk_no_check_tx, sk_no_check_rx;
	u8 sk_kern_sock;              /* [c] the kernel's own */
	u8 sk_rcvmark;
	u16 sk_type;                  /* [c] */
	u16 sk_protocol;              /* [c] */
	unsigned long sk_lingertime;  /* [W] jiffies */
	struct proto *sk_prot_creator; /* [c] whose memory it is */
	rwlock_t sk_callback_lock;
	int sk_err, sk_err_soft;      /* [a] pending errors */
	u32 sk_ack_backlog;           /* [Q] waiting to be accepted */
	u32 sk_max_ack_backlog;       /* [K] listen()'s */
	uid_t sk_uid;                 /* [c] who made it */
	spinlock_t sk_peer_lock;      /* guards the next two */
	struct pid *sk_peer_pid;
	const struct cred *sk_peer_cred;
	ktime_t sk_stamp;
	atomic_t sk_tskey;
	u64 sk_cookie;                /* [a] 0: not asked for yet */
	struct socket *sk_socket;     /* [b] NULL: orphan */
	void *sk_user_data;
	struct timer_list sk_timer;
	void (*sk_state_change)(struct sock *sk);
	void (*sk_data_ready)(struct sock *sk);
	void (*sk_write_space)(struct sock *sk);
	void (*sk_error_report)(struct sock *sk);
	int (*sk_backlog_rcv)(struct sock *sk, struct sk_buff *skb);
	void (*sk_destruct)(struct sock *sk);
	struct rcu_head sk_rcu;
};

/* A transport: memory for its socks and the calls that INET ops pass on. */
struct proto {
	void (*close)(struct sock *sk, long timeout);
	int (*pre_connect)(struct sock *sk, struct sockaddr *addr, int len);
	int (*connect)(struct sock *sk, struct sockaddr *addr, int len);
	int (*disconnect)(struct sock *sk, int flags);
	struct sock *(*accept)(struct sock *sk, int flags, int *err, bool kern);
	int (*ioctl)(struct sock *sk, int cmd, unsigned long arg);
	int (*init)(struct sock *sk);
	void (*destroy)(struct sock *sk);
	void (*shutdown)(struct sock *sk, int how);
	void (*keepalive)(struct sock *sk, int on); /* or NULL; the lock */
	int (*setsockopt)(struct sock *sk, int level, int name,
			  void __user *val, unsigned int len);
	int (*getsockopt)(struct sock *sk, int level, int name,
			  char __user *val, int __user *len);
	int (*sendmsg)(struct sock *sk, struct msghdr *msg, size_t len);
	int (*recvmsg)(struct sock *sk, struct msghdr *msg, size_t len,
		       int flags, int *addr_len);
	int (*bind)(struct sock *sk, struct sockaddr *addr, int len);
	int (*backlog_rcv)(struct sock *sk, struct sk_buff *skb);
	int (*hash)(struct sock *sk);
	void (*unhash)(struct sock *sk);
	int (*get_port)(struct sock *sk, unsigned short snum);
	bool (*stream_memory_free)(const struct sock *sk, int wake);
	void (*enter_memory_pressure)(struct sock *sk);
	atomic_long_t *memory_allocated; /* pages of all socks of this kind */
	long *sysctl_mem;             /* low, pressure, high */
	int max_header;               /* headroom for all layers below */
	bool no_autobind;
	struct kmem_cache *slab;
	unsigned int obj_size;
	unsigned int slab_flags;
	atomic_t sockets_allocated;
	char name[32];
	struct list_head node;        /* proto_list */
};

int proto_register(struct proto *prot, int alloc_slab); /* 0, -ENOMEM */
void proto_unregister(struct proto *prot);
void proto_for_each(void (*fn)(const struct proto *prot, void *arg), void *arg);

/* ---- life ---- */

/* May sleep.  One reference, the caller's.  NULL: no memory. */
struct sock *sk_alloc(struct net *net, int family, gfp_t gfp,
		      struct proto *prot, int kern);
void sk_free(struct sock *sk);
void sock_init_data(struct socket *sock, struct sock *sk);
void sk_destruct(struct sock *sk);
void sk_common_release(struct sock *sk);

static inline struct net *sock_net(const struct sock *sk)
{
	return sk->sk_net;
}

static inline void sock_hold(struct sock *sk)
{
	refcount_inc(&sk->sk_refcnt);
}

static inline void __sock_put(struct sock *sk)
{
	WARN_ON_ONCE(refcount_dec_and_test(&sk->sk_refcnt));
}

static inline void sock_put(struct sock *sk)
{
	if (refcount_dec_and_test(&sk->sk_refcnt))
		sk_free(sk);
}

static inline void sock_set_flag(struct sock *sk, enum sock_flags f)
{
	__set_bit(f, &sk->sk_flags);
}

static inline void sock_reset_flag(struct sock *sk, enum sock_flags f)
{
	__clear_bit(f, &sk->sk_flags);
}

static inline void sock_valbool_flag(struct sock *sk, enum sock_flags f,
				     int on)
{
	if (on)
		sock_set_flag(sk, f);
	else
		sock_reset_flag(sk, f);
}

static inline bool sock_flag(const struct sock *sk, enum sock_flags f)
{
	return test_bit(f, &sk->sk_flags);
}

static inline wait_queue_head_t *sk_sleep(struct sock *sk)
{
	return &rcu_dereference_raw(sk->sk_wq)->wait;
}

static inline void sk_set_socket(struct sock *sk, struct socket *sock)
{
	sk->sk_socket = sock;
}

/* The file is gone: nobody is left to wake. */
static inline void sock_orphan(struct sock *sk)
{
	write_lock_bh(&sk->sk_callback_lock);
	sock_set_flag(sk, SOCK_DEAD);
	sk_set_socket(sk, NULL);
	rcu_assign_pointer(sk->sk_wq, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

/* An accepted sock gets its file. */
static inline void sock_graft(struct sock *sk, struct socket *parent)
{
	WARN_ON(parent->sk);
	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_pointer(sk->sk_wq, &parent->wq);
	parent->sk = sk;
	sk_set_socket(sk, parent);
	write_unlock_bh(&sk->sk_callback_lock);
}

/* ---- ownership ---- */

void lock_sock_nested(struct sock *sk, int subclass); /* may sleep */
void release_sock(struct sock *sk);
/* If nobody owns it: bh lock held, false; else owned, true. */
bool lock_sock_fast(struct sock *sk);
#define lock_sock(sk) lock_sock_nested(sk, 0)
#define bh_lock_sock(sk) spin_lock(&(sk)->sk_lock.slock)

static inline bool sock_owned_by_user(const struct sock *sk)
{
	return READ_ONCE(sk->sk_lock.owned);
}

void __sk_flush_backlog(struct sock *sk);

static inline int sk_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	return sk->sk_backlog_rcv(sk, skb);
}

/* ---- memory ---- */

extern u32 sysctl_wmem_max, sysctl_rmem_max;
extern u32 sysctl_wmem_default, sysctl_rmem_default;
extern int sysctl_optmem_max;

static inline int sk_wmem_alloc_get(const struct sock *sk)
{
	return refcount_read(&sk->sk_wmem_alloc) - 1;
}

static inline int sk_rmem_alloc_get(const struct sock *sk)
{
	return atomic_read(&sk->sk_rmem_alloc);
}

static inline bool sock_writeable(const struct sock *sk)
{
	return refcount_read(&sk->sk_wmem_alloc) <
	       (READ_ONCE(sk->sk_sndbuf) >> 1);
}

void skb_set_owner_w(struct sk_buff *skb, struct sock *sk);
void sock_wfree(struct sk_buff *skb);
void sock_rfree(struct sk_buff *skb);

static inline void skb_orphan(struct sk_buff *skb)
{
	if (skb->destructor) {
		skb->destructor(skb);
		skb->destructor = NULL;
		skb->sk = NULL;
	}
}

static inline void skb_set_owner_r(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_rfree;
	atomic_add(skb->truesize, &sk->sk_rmem_alloc);
}

struct sk_buff *sock_wmalloc(struct sock *sk, unsigned long size, int force,
			     gfp_t gfp);
/* For a sender: waits for room as SO_SNDTIMEO says.  NULL with *err. */
struct sk_buff *sock_alloc_send_pskb(struct sock *sk, unsigned long header_len,
				     unsigned long data_len, int noblock,
				     int *err, int max_order);

void *sock_kmalloc(struct sock *sk, int size, gfp_t gfp);
void sock_kfree_s(struct sock *sk, void *mem, int size);
/* Queue it for reading, charged to sk: 0, -ENOMEM (and counted in sk_drops),
 * or what the socket's filter said. */
int sock_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
int __sock_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
/* 0, or -EPERM: the filter drops it; may trim it. */
int sk_filter_trim_cap(struct sock *sk, struct sk_buff *skb, unsigned int cap);
#define sk_filter(sk, skb) sk_filter_trim_cap(sk, skb, 1)
void sk_get_meminfo(const struct sock *sk, u32 *mem);

/* ---- waiting and waking ---- */

static inline long sock_rcvtimeo(const struct sock *sk, bool noblock)
{
	return noblock ? 0 : READ_ONCE(sk->sk_rcvtimeo);
}

static inline long sock_sndtimeo(const struct sock *sk, bool noblock)
{
	return noblock ? 0 : READ_ONCE(sk->sk_sndtimeo);
}

static inline int sock_rcvlowat(const struct sock *sk, int waitall, int len)
{
	int v = waitall ? len : READ_ONCE(sk->sk_rcvlowat);

	v = v < len ? v : len;
	return v ? v : 1;
}

/* A call that waited without limit starts again; one with a limit does not. */
static inline int sock_intr_errno(long timeo)
{
	return timeo == MAX_SCHEDULE_TIMEOUT ? -ERESTARTSYS : -EINTR;
}

static inline bool skwq_has_sleeper(struct socket_wq *wq)
{
	return wq && wq_has_sleeper(&wq->wait);
}

/* poll_wait(), ordered against skwq_has_sleeper(). */
void sock_poll_wait(struct file *file, struct socket *sock,
		    struct poll_table_struct *p);
void sk_wake_async(const struct sock *sk, int how, int band);
/* There is room: who waits in poll() or write() goes on, SIGIO; any context. */
void sk_wake_writers(struct sock *sk);
void sk_send_sigurg(struct sock *sk);
/* lock_sock held, dropped while it sleeps. */
int sk_wait_data(struct sock *sk, long *timeo, const struct sk_buff *skb);
__poll_t datagram_poll(struct file *file, struct socket *sock,
		       struct poll_table_struct *wait);

static inline void sk_error_report(struct sock *sk)
{
	sk->sk_error_report(sk);
}

/* The pending error, taken: 0 or -errno. */
static inline int sock_error(struct sock *sk)
{
	if (likely(!READ_ONCE(sk->sk_err)))
		return 0;
	return -xchg(&sk->sk_err, 0);
}

int sk_stream_error(struct sock *sk, int flags, int err); /* SIGPIPE too */

/* Timers hold a reference to their sock. */
void sk_reset_timer(struct sock *sk, struct timer_list *timer,
		    unsigned long expires);
void sk_stop_timer(struct sock *sk, struct timer_list *timer);

/* SO_PEEK_OFF: where to look, and moving it. */
static inline int sk_peek_offset(const struct sock *sk, int flags)
{
	int off = READ_ONCE(sk->sk_peek_off);

	return (flags & MSG_PEEK) && off > 0 ? off : 0;
}

void sk_peek_offset_bwd(struct sock *sk, int val);
void sk_peek_offset_fwd(struct sock *sk, int val);

/* ---- options and the usual answers ---- */

int sock_setsockopt(struct socket *sock, int level, int op, void __user *val,
		    unsigned int len);
int sock_getsockopt(struct socket *sock, int level, int op, char __user *val,
		    int __user *len);
bool sock_capable_net_admin(const struct sock *sk);
u64 sock_gen_cookie(struct sock *sk);
u64 sock_gen_cookie_at(u64 *place);
unsigned long sock_i_ino(struct sock *sk);
/* cmsgs that go with each packet: time stamps, drops, mark. */
void sock_recv_cmsgs(struct msghdr *msg, struct sock *sk, struct sk_buff *skb);
void sock_recv_timestamp(struct msghdr *msg, struct sock *sk,
			 struct sk_buff *skb);

int sock_no_bind(struct socket *sock, struct sockaddr *addr, int len);
int sock_no_connect(struct socket *sock, struct sockaddr *addr, int len,
		    int flags);
int sock_no_socketpair(struct socket *a, struct socket *b);
int sock_no_accept(struct socket *a, struct socket *b, int flags, bool kern);
int sock_no_getname(struct socket *sock, struct sockaddr *addr, int peer);
int sock_no_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int sock_no_listen(struct socket *sock, int backlog);
int sock_no_shutdown(struct socket *sock, int how);
int sock_no_sendmsg(struct socket *sock, struct msghdr *m, size_t len);
int sock_no_recvmsg(struct socket *sock, struct msghdr *m, size_t len,
		    int flags);
int sock_no_mmap(struct file *file, struct socket *sock,
		 struct vm_area_struct *vma);
/* proto_ops of families that pass everything to struct proto. */
int sock_common_getsockopt(struct socket *sock, int level, int name,
			   char __user *val, int __user *len);
int sock_common_setsockopt(struct socket *sock, int level, int name,
			   void __user *val, unsigned int len);
int sock_common_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
			int flags);

/* ---- hash chains ---- */

static inline bool sk_unhashed(const struct sock *sk)
{
	return hlist_unhashed(&sk->sk_node);
}

#endif
