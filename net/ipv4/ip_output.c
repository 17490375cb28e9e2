/* SPDX-License-Identifier: MIT */
/*
 * ip_output.c -- an IPv4 packet goes out
 *
 *	ip_queue_xmit (TCP), ip_build_and_send_pkt, ip_send_skb (UDP, raw)
 *	  -> ip_local_out: length, checksum   LOCAL_OUT
 *	  -> dst->output = ip_output | ip_mc_output   POST_ROUTING
 *	  -> ip_finish_output: too long: cut (ip_fragment.c)
 *	  -> ip_finish_output2: the link's header, by the neighbour
 *
 * CONTEXT.  Process or softirq; the route in skb is counted, or under RCU.
 */

#include <net/ip.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <mm/slab.h>
#include <net/arp.h>
#include <net/icmp.h>
#include <net/offload.h>

/* ---- the number of a packet, by which its fragments are known ---- */

#define IP_IDENTS 2048

static atomic_t ip_idents[IP_IDENTS];
static u32 ip_idents_key;

/* Counted by pair of addresses, so that no one pair sees how many packets
 * others send. */
void __ip_select_ident(struct net *net, struct iphdr *iph, int segs)
{
	u32 hash;

	if (unlikely(!ip_idents_key))
		ip_idents_key = get_random_u32() | 1;
	hash = jhash_3words(iph->daddr, iph->saddr, iph->protocol,
			    ip_idents_key);
	iph->id = htons(atomic_add_return(segs, &ip_idents[hash % IP_IDENTS]) -
			segs);
}

void ip_select_ident_segs(struct net *net, struct sk_buff *skb, struct sock *sk,
			  int segs)
{
	struct iphdr *iph = ip_hdr(skb);

	if ((iph->frag_off & htons(IP_DF)) && !skb->ignore_df) {
		/* It will not be cut: a connection counts for itself. */
		iph->id = 0;
		if (sk && inet_sk(sk)->inet_daddr) {
			iph->id = htons(inet_sk(sk)->inet_id);
			inet_sk(sk)->inet_id += segs;
		}
		return;
	}
	__ip_select_ident(net, iph, segs);
}

/* ---- down ---- */

static int ip_finish_output2(struct net *net, struct sock *sk,
			     struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct net_device *dev = rt->dst.dev;
	struct neighbour *n;
	__be32 nexthop;
	int ret;

	if (unlikely(skb_headroom(skb) < LL_RESERVED_SPACE(dev)) &&
	    dev->header_ops) {
		ret = pskb_expand_head(skb, LL_RESERVED_SPACE(dev) -
				       skb_headroom(skb) + 16, 0, GFP_ATOMIC);
		if (ret) {
			kfree_skb(skb);
			return ret;
		}
	}
	if (!dev->header_ops || (dev->flags & (IFF_LOOPBACK | IFF_NOARP))) {
		dev_hard_header(skb, dev, ETH_P_IP, NULL, NULL, skb->len);
		return dev_queue_xmit(skb);
	}
	nexthop = rt_nexthop(rt, ip_hdr(skb)->daddr);
	rcu_read_lock();
	n = __neigh_lookup_noref(&arp_tbl, &nexthop, dev);
	if (likely(n)) {
		ret = neigh_output(n, skb);
		rcu_read_unlock();
		return ret;
	}
	rcu_read_unlock();
	n = neigh_create(&arp_tbl, &nexthop, dev);
	if (IS_ERR(n)) {
		kfree_skb(skb);
		return PTR_ERR(n);
	}
	ret = neigh_output(n, skb);
	neigh_release(n);
	return ret;
}

static int finish_one(struct net *net, struct sock *sk, struct sk_buff *skb,
		      unsigned int mtu)
{
	if (likely(skb->len <= mtu))
		return ip_finish_output2(net, sk, skb);
	if ((ip_hdr(skb)->frag_off & htons(IP_DF)) && !skb->ignore_df) {
		IP_INC_STATS(net, FRAGFAILS);
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
		kfree_skb(skb);
		return -EMSGSIZE;
	}
	return ip_do_fragment(net, sk, skb, ip_finish_output2);
}

/* The path got smaller than the segments that a packet was made for. */
static int cut_here(struct net *net, struct sock *sk, struct sk_buff *skb,
		    unsigned int mtu)
{
	struct sk_buff *segs, *next;
	int ret = 0, err;

	segs = skb_gso_segment(skb, skb_dst(skb)->dev->features);
	if (IS_ERR(segs)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	consume_skb(skb);
	for (; segs; segs = next) {
		next = segs->next;
		segs->next = NULL;
		err = finish_one(net, sk, segs, mtu);
		ret = ret ? ret : err;
	}
	return ret;
}

static int ip_finish_output(struct net *net, struct sock *sk,
			    struct sk_buff *skb)
{
	unsigned int mtu = ip_skb_dst_mtu(sk, skb);

	if (!skb_is_gso(skb))
		return finish_one(net, sk, skb, mtu);
	if (likely(skb_gso_validate_network_len(skb, mtu)))
		return ip_finish_output2(net, sk, skb);
	return cut_here(net, sk, skb, mtu);
}

int ip_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct net_device *dev = skb_dst(skb)->dev, *in = skb->dev;

	IP_INC_STATS(net, OUTPKTS);
	IP_ADD_STATS(net, OUTOCTETS, skb->len);
	skb->dev = dev;
	skb->protocol = htons(ETH_P_IP);
	return NF_HOOK(NFPROTO_IPV4, NF_INET_POST_ROUTING, net, sk, skb, in,
		       dev, ip_finish_output);
}

/* Many shall get it: we ourselves too, if we are among them. */
int ip_mc_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct net_device *dev = rt->dst.dev;
	bool loop;

	skb->dev = dev;
	skb->protocol = htons(ETH_P_IP);
	loop = rt->rt_flags & RTCF_LOCAL;
	if (rt->rt_flags & RTCF_MULTICAST) {
		IP_INC_STATS(net, OUTMCASTPKTS);
		loop = loop && (!sk || inet_sk(sk)->mc_loop);
	} else {
		IP_INC_STATS(net, OUTBCASTPKTS);
	}
	if (loop) {
		struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

		if (copy) {
			skb_dst_drop(copy);
			dev_loopback_xmit(net, sk, copy);
		}
	}
	if ((rt->rt_flags & RTCF_MULTICAST) && ip_hdr(skb)->ttl == 0) {
		kfree_skb(skb);       /* for this machine only */
		return 0;
	}
	return ip_output(net, sk, skb);
}

int __ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct iphdr *iph = ip_hdr(skb);

	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
	return nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_OUT, net, sk, skb, NULL,
		       skb_dst(skb)->dev, dst_output);
}

int ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	int err = __ip_local_out(net, sk, skb);

	return likely(err == 1) ? dst_output(net, sk, skb) : err;
}

int ip_send_skb(struct net *net, struct sk_buff *skb)
{
	int err = ip_local_out(net, skb->sk, skb);

	if (err > 0)
		err = net_xmit_errno(err);
	if (err)
		IP_INC_STATS(net, OUTDISCARDS);
	return err;
}

/* ---- headers ---- */

static u8 pick_ttl(const struct inet_sock *inet, const struct dst_entry *dst)
{
	int ttl = READ_ONCE(inet->uc_ttl);

	return ttl < 0 ? ip4_dst_hoplimit(dst) : ttl;
}

int ip_build_and_send_pkt(struct sk_buff *skb, const struct sock *sk,
			  __be32 saddr, __be32 daddr,
			  struct ip_options_rcu *opt, u8 tos)
{
	struct rtable *rt = skb_rtable(skb);
	struct net *net = sock_net(sk);
	struct iphdr *iph;
	unsigned int optlen = opt ? opt->opt.optlen : 0;

	iph = skb_push(skb, sizeof(*iph) + optlen);
	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = 5 + (optlen >> 2);
	iph->tos = tos;
	iph->ttl = pick_ttl(inet_sk(sk), &rt->dst);
	iph->daddr = opt && opt->opt.srr ? opt->opt.faddr : daddr;
	iph->saddr = saddr;
	iph->protocol = sk->sk_protocol;
	iph->frag_off = 0;
	iph->id = 0;
	if (ip_dont_fragment(sk, &rt->dst))
		iph->frag_off = htons(IP_DF);
	else
		__ip_select_ident(net, iph, 1);
	if (optlen)
		ip_options_build(skb, &opt->opt, daddr, rt);
	skb->priority = sk->sk_priority;
	if (!skb->mark)
		skb->mark = sk->sk_mark;
	return ip_local_out(net, skb->sk, skb);
}

/* The socket's route, looked up again if it is stale; skb gets it.  RCU. */
static struct rtable *route_for_queue(struct sock *sk, struct sk_buff *skb,
				      struct flowi4 *fl4, u8 tos,
				      struct ip_options_rcu *opt)
{
	struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt = skb_rtable(skb);

	if (rt)
		return rt;
	rt = (struct rtable *)__sk_dst_check(sk, 0);
	if (!rt) {
		__be32 daddr = opt && opt->opt.srr ? opt->opt.faddr
						   : inet->inet_daddr;

		rt = ip_route_output_ports(sock_net(sk), fl4, sk, daddr,
					   inet->inet_saddr, inet->inet_dport,
					   inet->inet_sport, sk->sk_protocol,
					   (tos & IPTOS_TOS_MASK) |
					   (sock_flag(sk, SOCK_LOCALROUTE)
					    ? RTO_ONLINK : 0),
					   sk->sk_bound_dev_if);
		if (IS_ERR(rt))
			return rt;
		sk->sk_route_caps = rt->dst.dev->features;
		sk_dst_set(sk, &rt->dst);
	}
	skb_dst_set_noref(skb, &rt->dst);
	return rt;
}

int __ip_queue_xmit(struct sock *sk, struct sk_buff *skb, struct flowi4 *fl4,
		    u8 tos)
{
	struct inet_sock *inet = inet_sk(sk);
	struct net *net = sock_net(sk);
	struct ip_options_rcu *opt;
	unsigned int optlen;
	struct rtable *rt;
	struct iphdr *iph;
	int res;

	rcu_read_lock();
	opt = rcu_dereference(inet->inet_opt);
	rt = route_for_queue(sk, skb, fl4, tos, opt);
	if (IS_ERR(rt) || (opt && opt->opt.is_strictroute &&
			   rt->rt_uses_gateway)) {
		rcu_read_unlock();
		IP_INC_STATS(net, OUTNOROUTES);
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	optlen = opt ? opt->opt.optlen : 0;
	iph = skb_push(skb, sizeof(*iph) + optlen);
	skb_reset_network_header(skb);
	*(__be16 *)iph = htons((4 << 12) | (5 << 8) | tos);
	iph->frag_off = ip_dont_fragment(sk, &rt->dst) && !skb->ignore_df
			? htons(IP_DF) : 0;
	iph->ttl = pick_ttl(inet, &rt->dst);
	iph->protocol = sk->sk_protocol;
	iph->saddr = inet->inet_saddr;
	iph->daddr = inet->inet_daddr;
	if (optlen) {
		iph->ihl += optlen >> 2;
		ip_options_build(skb, &opt->opt, inet->inet_daddr, rt);
	}
	ip_select_ident_segs(net, skb, sk, max(skb_shinfo(skb)->gso_segs, 1));
	skb->priority = sk->sk_priority;
	skb->mark = sk->sk_mark;
	res = ip_local_out(net, sk, skb);
	rcu_read_unlock();
	return res;
}

int ip_queue_xmit(struct sock *sk, struct sk_buff *skb, struct flowi *fl)
{
	return __ip_queue_xmit(sk, skb, &fl->u.ip4, inet_sk(sk)->tos);
}

/* ---- answers of the kernel's own sockets ---- */

void ip_send_unicast_reply(struct sock *sk, struct sk_buff *skb,
			   const struct ip_options *sopt, __be32 daddr,
			   __be32 saddr, const struct ip_reply_arg *arg,
			   unsigned int len, u64 transmit_time, u32 txhash)
{
	struct net *net = sock_net(sk);
	struct flowi4 fl4;
	struct sk_buff *nskb;
	struct rtable *rt;
	struct iphdr *iph;
	u8 *data;

	flowi4_init_output(&fl4, arg->bound_dev_if, skb->mark,
			   arg->tos & IPTOS_TOS_MASK, RT_SCOPE_UNIVERSE,
			   ip_hdr(skb)->protocol,
			   arg->flags & IP_REPLY_ARG_NOSRCCHECK
			   ? FLOWI_FLAG_ANYSRC : 0, daddr, saddr, 0, 0);
	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return;
	nskb = alloc_skb(LL_RESERVED_SPACE(rt->dst.dev) + 20 + len, GFP_ATOMIC);
	if (!nskb) {
		ip_rt_put(rt);
		return;
	}
	skb_reserve(nskb, LL_RESERVED_SPACE(rt->dst.dev) + 20);
	data = skb_put_data(nskb, arg->iov[0].iov_base, len);
	skb_reset_transport_header(nskb);
	if (arg->csumoffset >= 0)
		((u16 *)data)[arg->csumoffset] =
			csum_fold(csum_partial(data, len, arg->csum));
	iph = skb_push(nskb, sizeof(*iph));
	skb_reset_network_header(nskb);
	*iph = (struct iphdr){
		.version = 4, .ihl = 5, .tos = arg->tos,
		.ttl = ip4_dst_hoplimit(&rt->dst),
		.protocol = ip_hdr(skb)->protocol, .frag_off = htons(IP_DF),
		.saddr = fl4.saddr, .daddr = daddr,
	};
	nskb->mark = fl4.flowi4_mark;
	skb_dst_set(nskb, &rt->dst);
	ip_local_out(net, sk, nskb);
}
