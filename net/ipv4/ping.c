/* SPDX-License-Identifier: MIT */
/*
 * ping.c -- SOCK_DGRAM, IPPROTO_ICMP: echoes without privilege
 *
 * The port is the echo's identifier: the kernel writes it into each request
 * and gives a socket only the answers to its own. Who may open one says
 * ping_group_range.
 *
 * LOCKING.  ping_lock for the table; RCU to read.
 */

#include <net/icmp.h>

#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <mm/slab.h>
#include <net/inet_common.h>
#include <net/protocol.h>

#include "internal.h"
#include "udp_impl.h"

#define PING_HTABLE_SIZE 64

static DEFINE_SPINLOCK(ping_lock);
static struct hlist_head ping_table[PING_HTABLE_SIZE];

bool ping_bucket(unsigned int n, struct inet_bucket *b)
{
	if (n >= PING_HTABLE_SIZE)
		return false;
	*b = (struct inet_bucket){ &ping_table[n], &ping_lock };
	return true;
}

static struct sock *lookup(struct net *net, u16 ident, __be32 laddr, int dif)
{
	struct sock *sk;

	hlist_for_each_entry_rcu(sk, &ping_table[ident % PING_HTABLE_SIZE],
				 sk_node) {
		struct inet_sock *inet = inet_sk(sk);

		if (net_eq(sock_net(sk), net) && inet->inet_num == ident &&
		    (!inet->inet_rcv_saddr || inet->inet_rcv_saddr == laddr) &&
		    (!sk->sk_bound_dev_if || sk->sk_bound_dev_if == dif))
			return sk;
	}
	return NULL;
}

static bool ident_taken(struct sock *sk, u16 ident)
{
	struct sock *o;

	hlist_for_each_entry(o, &ping_table[ident % PING_HTABLE_SIZE], sk_node)
		if (o != sk && inet_sk(o)->inet_num == ident &&
		    net_eq(sock_net(o), sock_net(sk)) &&
		    !(o->sk_reuse && sk->sk_reuse))
			return true;
	return false;
}

/* lock_sock held.  0, 1: taken. */
static int ping_get_port(struct sock *sk, unsigned short ident)
{
	struct inet_sock *inet = inet_sk(sk);
	int err = 1;

	spin_lock_bh(&ping_lock);
	for (int tries = 0; !ident && tries < 65536; tries++) {
		u16 want = get_random_u32();

		if (want && !ident_taken(sk, want))
			ident = want;
	}
	if (ident && !ident_taken(sk, ident)) {
		inet->inet_num = ident;
		if (hlist_unhashed(&sk->sk_node)) {
			sock_hold(sk);
			hlist_add_head_rcu(&sk->sk_node,
				&ping_table[ident % PING_HTABLE_SIZE]);
		}
		err = 0;
	}
	spin_unlock_bh(&ping_lock);
	return err;
}

static void ping_unhash(struct sock *sk)
{
	spin_lock_bh(&ping_lock);
	if (!hlist_unhashed(&sk->sk_node)) {
		hlist_del_init_rcu(&sk->sk_node);
		__sock_put(sk);
		inet_sk(sk)->inet_num = 0;
		inet_sk(sk)->inet_sport = 0;
	}
	spin_unlock_bh(&ping_lock);
}

static int ping_init_sock(struct sock *sk)
{
	int low = READ_ONCE(sock_net(sk)->ipv4.ping_group_range[0]);
	int high = READ_ONCE(sock_net(sk)->ipv4.ping_group_range[1]);
	const struct cred *cred = current_cred();
	const struct group_info *gi = cred->group_info;

	sock_set_flag(sk, SOCK_RCU_FREE);
	if ((int)cred->egid >= low && (int)cred->egid <= high)
		return 0;
	for (int i = 0; gi && i < (int)gi->ngroups; i++)
		if ((int)gi->gid[i] >= low && (int)gi->gid[i] <= high)
			return 0;
	return -EACCES;
}

/* ---- coming in ---- */

/* skb->data behind the ICMP header; does not consume it. */
bool ping_rcv(struct sk_buff *skb)
{
	struct icmphdr *icmph = icmp_hdr(skb);
	struct sock *sk = lookup(dev_net(skb->dev), ntohs(icmph->un.echo.id),
				 ip_hdr(skb)->daddr, IPCB(skb)->iif);
	struct sk_buff *copy;

	if (!sk)
		return false;
	copy = skb_clone(skb, GFP_ATOMIC);
	if (!copy)
		return false;
	skb_push(copy, sizeof(*icmph));
	ipv4_pktinfo_prepare(sk, copy);
	if (sock_queue_rcv_skb(sk, copy)) {
		kfree_skb(copy);
		return false;
	}
	return true;
}

/* skb->data at the header of an echo of ours, which did not arrive. */
void ping_err(struct sk_buff *skb, int offset, u32 info)
{
	struct iphdr *iph = (struct iphdr *)skb->data;
	struct icmphdr *ours = (struct icmphdr *)(skb->data + offset);
	int type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	int err, harderr;
	struct sock *sk;

	if (ours->type != ICMP_ECHO)
		return;
	sk = lookup(dev_net(skb->dev), ntohs(ours->un.echo.id), iph->saddr,
		    skb->dev->ifindex);
	if (!sk || !icmp_error_meaning(skb, type, code, &err, &harderr))
		return;
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) {
		ipv4_sk_update_pmtu(skb, sk, info);
		err = EMSGSIZE;
		harderr = 1;
	}
	if (inet_sk(sk)->recverr)
		ip_icmp_error(sk, skb, err, 0, info, (u8 *)ours);
	else if (!harderr || sk->sk_state != TCP_ESTABLISHED)
		return;
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
}

/* ---- sending ---- */

static int ping_dest(struct sock *sk, struct msghdr *msg, __be32 *daddr)
{
	struct sockaddr_in *sin = msg->msg_name;

	if (!sin) {
		if (sk->sk_state != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		*daddr = inet_sk(sk)->inet_daddr;
		return 0;
	}
	if (msg->msg_namelen < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	*daddr = sin->sin_addr.s_addr;
	return 0;
}

/* Our identifier and the checksum into the echo that was built. */
static int finish_echo(struct sock *sk, struct sk_buff *skb)
{
	int off = skb_transport_offset(skb);
	struct icmphdr *icmph;

	if (!pskb_may_pull(skb, off + sizeof(*icmph)))
		return -ENOMEM;
	icmph = icmp_hdr(skb);
	if (icmph->type != ICMP_ECHO || icmph->code != 0)
		return -EINVAL;
	icmph->un.echo.id = inet_sk(sk)->inet_sport;
	icmph->checksum = 0;
	icmph->checksum = csum_fold(skb_checksum(skb, off, skb->len - off, 0));
	icmp_out_count(sock_net(sk), icmph->type);
	return 0;
}

static int send_echo(struct sock *sk, struct msghdr *msg, size_t len,
		     struct ipcm_cookie *ipc, __be32 daddr)
{
	struct inet_sock *inet = inet_sk(sk);
	struct inet_cork cork;
	struct sk_buff *skb;
	struct flowi4 fl4;
	struct rtable *rt;
	int err;

	if (ipv4_is_multicast(daddr)) {
		if (!ipc->oif)
			ipc->oif = inet->mc_index;
		if (!ipc->addr)
			ipc->addr = inet->mc_addr;
	} else if (!ipc->oif) {
		ipc->oif = inet->uc_index;
	}
	flowi4_init_output(&fl4, ipc->oif, ipc->mark,
			   (ipc->tos >= 0 ? ipc->tos : inet->tos) &
			   IPTOS_TOS_MASK, RT_SCOPE_UNIVERSE, IPPROTO_ICMP,
			   inet_sk_flowi_flags(sk), daddr, ipc->addr, 0, 0);
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	if ((rt->rt_flags & RTCF_BROADCAST) && !sock_flag(sk, SOCK_BROADCAST)) {
		ip_rt_put(rt);
		return -EACCES;
	}
	skb = ip_make_skb(sk, &fl4, ip_generic_getfrag, msg, len, 0, ipc, &rt,
			  &cork, msg->msg_flags);
	if (rt)
		ip_rt_put(rt);
	if (IS_ERR_OR_NULL(skb))
		return PTR_ERR_OR_ZERO(skb);
	err = finish_echo(sk, skb);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	return ip_send_skb(sock_net(sk), skb);
}

static int ping_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct ipcm_cookie ipc;
	__be32 daddr;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (len < sizeof(struct icmphdr))
		return -EINVAL;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = ping_dest(sk, msg, &daddr);
	if (err)
		return err;
	ipcm_init_sk(&ipc, inet_sk(sk));
	if (msg->msg_controllen)
		err = ip_cmsg_send(sk, msg, &ipc, false);
	if (!err)
		err = send_echo(sk, msg, len, &ipc, daddr);
	kfree(ipc.opt);
	return err ? err : (int)len;
}

static int ping_bind(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;

	if (len < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET &&
	    !(sin->sin_family == AF_UNSPEC && !sin->sin_addr.s_addr))
		return -EAFNOSUPPORT;
	return __inet_bind(sk, uaddr, len, BIND_NO_CAP_NET_BIND_SERVICE);
}

static void ping_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

static struct proto ping_prot = {
	.name = "PING",
	.close = ping_close,
	.init = ping_init_sock,
	.connect = ip4_datagram_connect,
	.disconnect = udp_disconnect,
	.setsockopt = ip_setsockopt,
	.getsockopt = ip_getsockopt,
	.sendmsg = ping_sendmsg,
	.recvmsg = ip4_datagram_recvmsg,
	.bind = ping_bind,
	.unhash = ping_unhash,
	.get_port = ping_get_port,
	.obj_size = sizeof(struct inet_sock),
};

static struct inet_protosw ping_protosw = {
	.type = SOCK_DGRAM,
	.protocol = IPPROTO_ICMP,
	.prot = &ping_prot,
	.ops = &inet_dgram_ops,
	.flags = INET_PROTOSW_REUSE,
};

int ping_init(void)
{
	int err = proto_register(&ping_prot, 1);

	inet_register_protosw(&ping_protosw);
	return err;
}
