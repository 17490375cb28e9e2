/* SPDX-License-Identifier: MIT */
#ifndef NET_IP_H
#define NET_IP_H
/*
 * ip.h -- IPv4: packets in, packets out
 *
 *	in:  ip_rcv -> ip_rcv_finish (route) -> ip_local_deliver -> protocol
 *	                                     -> ip_forward
 *	out: ip_queue_xmit | ip_build_and_send_pkt | ip_send_skb
 *	     -> ip_local_out -> ip_output -> ip_finish_output (fragments)
 *	     -> neigh_output -> dev_queue_xmit
 *
 * Theory: net/ipv4/ip_input.c, ip_output.c, ip_fragment.c.
 */

#include <kernel/kernel.h>
#include <net/checksum.h>
#include <net/inet_sock.h>
#include <net/netfilter.h>
#include <net/route.h>
#include <net/snmp.h>
#include <uapi/icmp.h>
#include <uapi/in.h>
#include <uapi/ip.h>

static inline struct iphdr *ip_hdr(const struct sk_buff *skb)
{
	return (struct iphdr *)skb_network_header(skb);
}

static inline unsigned int ip_hdrlen(const struct sk_buff *skb)
{
	return ip_hdr(skb)->ihl * 4;
}

static inline bool ip_is_fragment(const struct iphdr *iph)
{
	return iph->frag_off & htons(IP_MF | IP_OFFSET);
}

static inline void ip_send_check(struct iphdr *iph)
{
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

static inline bool ipv4_is_loopback(__be32 a)
{
	return (a & htonl(0xff000000)) == htonl(0x7f000000);
}

static inline bool ipv4_is_multicast(__be32 a)
{
	return (a & htonl(0xf0000000)) == htonl(0xe0000000);
}

static inline bool ipv4_is_local_multicast(__be32 a)
{
	return (a & htonl(0xffffff00)) == htonl(0xe0000000);
}

static inline bool ipv4_is_lbcast(__be32 a)
{
	return a == htonl(INADDR_BROADCAST);
}

static inline bool ipv4_is_zeronet(__be32 a)
{
	return a == 0;
}

static inline bool ipv4_is_linklocal_169(__be32 a)
{
	return (a & htonl(0xffff0000)) == htonl(0xa9fe0000);
}

/* In skb->cb between IP and what stands above it. */
struct inet_skb_parm {
	int iif;                      /* device it came by */
	struct ip_options opt;        /* compiled; the data is in the header */
	u16 flags;                    /* IPSKB_* */
	u16 frag_max_size;
};
#define IPSKB_FORWARDED 1
#define IPSKB_FRAG_COMPLETE 8
#define IPSKB_REROUTED 16
#define IPSKB_DOREDIRECT 32
#define IPCB(skb) ((struct inet_skb_parm *)((skb)->cb))

/* What a sender's control messages and socket say for one packet. */
struct ipcm_cookie {
	__be32 addr;                  /* source */
	int oif;
	struct ip_options_rcu *opt;
	u8 protocol, ttl;             /* ttl 0: the socket's */
	s16 tos;                      /* -1: the socket's */
	u32 priority, mark;
	u16 gso_size;
};

static inline void ipcm_init_sk(struct ipcm_cookie *ipc,
				const struct inet_sock *inet)
{
	*ipc = (struct ipcm_cookie){
		.tos = -1, .oif = inet->sk.sk_bound_dev_if,
		.addr = inet->inet_saddr, .priority = inet->sk.sk_priority,
		.mark = inet->sk.sk_mark, .protocol = inet->inet_num,
	};
}

/* ---- in ---- */

int ip_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
	   struct net_device *orig_dev);
int ip_local_deliver(struct sk_buff *skb);
int ip_forward(struct sk_buff *skb);
void ip_protocol_deliver_rcu(struct net *net, struct sk_buff *skb, int proto);
int ip_mr_input(struct sk_buff *skb);

/* Whose fragments: a queue per user. */
enum ip_defrag_users {
	IP_DEFRAG_LOCAL_DELIVER, IP_DEFRAG_CALL_RA_CHAIN,
	IP_DEFRAG_CONNTRACK_IN, IP_DEFRAG_AF_PACKET
};
/* Takes skb, and delivers the whole when it is there: never 0.  bh off. */
int ip_defrag(struct net *net, struct sk_buff *skb, u32 user);

/* ---- out: consume skb ---- */

/* skb has transport header and data, and headroom of MAX_TCP_HEADER.  The
 * route is sk's (looked up again if stale) unless skb has one.  lock_sock or
 * bh; 0, NET_XMIT_*, -EHOSTUNREACH. */
int ip_queue_xmit(struct sock *sk, struct sk_buff *skb, struct flowi *fl);
int __ip_queue_xmit(struct sock *sk, struct sk_buff *skb, struct flowi4 *fl4,
		    u8 tos);
/* For answers without an own full socket (SYN-ACK): skb's route is set. */
int ip_build_and_send_pkt(struct sk_buff *skb, const struct sock *sk,
			  __be32 saddr, __be32 daddr,
			  struct ip_options_rcu *opt, u8 tos);
/* The IP header is there; lengths, id and checksum are filled in. */
int ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb);
int __ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb);
int ip_send_skb(struct net *net, struct sk_buff *skb);
int ip_output(struct net *net, struct sock *sk, struct sk_buff *skb);
int ip_mc_output(struct net *net, struct sock *sk, struct sk_buff *skb);
int ip_do_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
		   int (*output)(struct net *, struct sock *, struct sk_buff *));

/* An answer to skb from a kernel socket (RST, ICMP): len bytes at iov_base,
 * checksummed at csumoffset (16-bit words; -1: no) over csum. */
struct ip_reply_arg {
	struct kvec iov[1];
	int flags;
	__wsum csum;
	int csumoffset;
	int bound_dev_if;
	u8 tos;
	uid_t uid;
};
#define IP_REPLY_ARG_NOSRCCHECK 1
void ip_send_unicast_reply(struct sock *sk, struct sk_buff *skb,
			   const struct ip_options *sopt, __be32 daddr,
			   __be32 saddr, const struct ip_reply_arg *arg,
			   unsigned int len, u64 transmit_time, u32 txhash);

typedef int ip_getfrag_t(void *from, char *to, int offset, int len, int odd,
			 struct sk_buff *skb);
int ip_generic_getfrag(void *from, char *to, int offset, int len, int odd,
		       struct sk_buff *skb);
/* Gather a datagram over several calls (MSG_MORE): lock_sock held. */
int ip_append_data(struct sock *sk, struct flowi4 *fl4, ip_getfrag_t *getfrag,
		   void *from, int len, int protolen, struct ipcm_cookie *ipc,
		   struct rtable **rt, unsigned int flags);
struct sk_buff *ip_finish_skb(struct sock *sk, struct flowi4 *fl4);
int ip_push_pending_frames(struct sock *sk, struct flowi4 *fl4);
void ip_flush_pending_frames(struct sock *sk);
/* All in one: header and data, not sent yet; NULL (MSG_PROBE), ERR_PTR. */
struct sk_buff *ip_make_skb(struct sock *sk, struct flowi4 *fl4,
			    ip_getfrag_t *getfrag, void *from, int length,
			    int transhdrlen, struct ipcm_cookie *ipc,
			    struct rtable **rtp, struct inet_cork *cork,
			    unsigned int flags);

/* ---- socket options and control messages: ip_sockglue.c ---- */

int ip_setsockopt(struct sock *sk, int level, int name, void __user *val,
		  unsigned int len);
int ip_getsockopt(struct sock *sk, int level, int name, char __user *val,
		  int __user *len);
int ip_cmsg_send(struct sock *sk, struct msghdr *msg, struct ipcm_cookie *ipc,
		 bool allow_ipv6);
void ip_cmsg_recv_offset(struct msghdr *msg, struct sock *sk,
			 struct sk_buff *skb, int tlen, int offset);
#define ip_cmsg_recv(msg, skb) ip_cmsg_recv_offset(msg, (skb)->sk, skb, 0, 0)
/* Before a packet loses its route: note what IP_PKTINFO will say. */
void ipv4_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb);
/* The error queue: an ICMP error, and one of our own (EMSGSIZE). */
void ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		   u32 info, u8 *payload);
void ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 port,
		    u32 info);
int ip_recv_error(struct sock *sk, struct msghdr *msg, int len, int *addr_len);
int ip_ra_control(struct sock *sk, unsigned char on,
		  void (*destructor)(struct sock *));
int __ip4_datagram_connect(struct sock *sk, struct sockaddr *uaddr, int len);
/* recvmsg of raw and ping sockets: one packet as it is, errors on demand.
 * Sleeps; its length (MSG_TRUNC: the whole one's), -errno. */
int ip4_datagram_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			 int flags, int *addr_len);
int ip4_datagram_connect(struct sock *sk, struct sockaddr *uaddr, int len);
void ip4_datagram_release_cb(struct sock *sk);

/* ---- options: ip_options.c ---- */

/* Check the options of a received header (skb) or of a user's bytes (skb
 * NULL, ip_options_bytes(opt)): 0 or -EINVAL, *info the offender's offset. */
int __ip_options_compile(struct net *net, struct ip_options *opt,
			 struct sk_buff *skb, __be32 *info);
int ip_options_compile(struct net *net, struct ip_options *opt,
		       struct sk_buff *skb);
int ip_options_get(struct net *net, struct ip_options_rcu **optp,
		   void __user *data, int optlen, const void *kdata);
void ip_options_build(struct sk_buff *skb, struct ip_options *opt,
		      __be32 daddr, struct rtable *rt);
void ip_options_fragment(struct sk_buff *skb);
/* The options for an answer to skb: 0 or -EINVAL; dopt has 40 bytes' room. */
int __ip_options_echo(struct net *net, struct ip_options *dopt,
		      struct sk_buff *skb, const struct ip_options *sopt);
#define ip_options_echo(net, dopt, skb) \
	__ip_options_echo(net, dopt, skb, &IPCB(skb)->opt)

/* ---- small things ---- */

static inline u32 ip_mtu_locked(const struct dst_entry *dst)
{
	return dst_metric_locked(dst, RTAX_MTU);
}

static inline bool ip_dont_fragment(const struct sock *sk,
				    const struct dst_entry *dst)
{
	u8 pmtudisc = READ_ONCE(inet_sk(sk)->pmtudisc);

	return pmtudisc == IP_PMTUDISC_DO ||
	       (pmtudisc == IP_PMTUDISC_WANT && !ip_mtu_locked(dst));
}

static inline bool ip_sk_accept_pmtu(const struct sock *sk)
{
	return inet_sk(sk)->pmtudisc != IP_PMTUDISC_INTERFACE &&
	       inet_sk(sk)->pmtudisc != IP_PMTUDISC_OMIT;
}

static inline bool ip_sk_use_pmtu(const struct sock *sk)
{
	return inet_sk(sk)->pmtudisc < IP_PMTUDISC_PROBE;
}

static inline bool ip_sk_ignore_df(const struct sock *sk)
{
	return inet_sk(sk)->pmtudisc < IP_PMTUDISC_DO ||
	       inet_sk(sk)->pmtudisc == IP_PMTUDISC_OMIT;
}

/* The largest packet that sk's may be on dst. */
static inline unsigned int ip_skb_dst_mtu(struct sock *sk,
					  const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (sk && !ip_sk_use_pmtu(sk))
		return min(READ_ONCE(dst->dev->mtu), 65535u);
	return dst_mtu(dst);
}

/* Fill iph->id for segs packets; RFC 6864: 0 where DF makes it useless. */
void __ip_select_ident(struct net *net, struct iphdr *iph, int segs);
void ip_select_ident_segs(struct net *net, struct sk_buff *skb, struct sock *sk,
			  int segs);
#define ip_select_ident(net, skb, sk) ip_select_ident_segs(net, skb, sk, 1)

static inline __wsum inet_compute_pseudo(struct sk_buff *skb, int proto)
{
	return csum_tcpudp_nofold(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
				  skb->len, proto, 0);
}

#define MULTICAST(x) ipv4_is_multicast(x)
#define BADCLASS(x) (((x) & htonl(0xf0000000)) == htonl(0xf0000000))

void ip_init(void);
void ip4_frags_init(void);
void ip_frag_flush(struct net *net);    /* rtnl: a device goes */

#endif
