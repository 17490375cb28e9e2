/* SPDX-License-Identifier: MIT */
/*
 * ip_cmsg.c -- SOL_IP: control messages
 *
 * IDEA.  A sender's say for this one packet what an option says for all; they
 * are gathered in an ipcm_cookie.  A receiver's tell of the packet what he
 * asked for by options: a bit of cmsg_flags each.
 *
 * LOCKING.  None: the message is the caller's, cmsg_flags is read as it is.
 *
 * SEE ip(7), cmsg(3); ip_sockglue.c.
 */

#include <net/ip.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/scm.h>

/* ---- control messages of a sender ---- */

static int send_pktinfo(struct cmsghdr *c, struct ipcm_cookie *ipc)
{
	struct in_pktinfo *info = CMSG_DATA(c);

	if (c->cmsg_len != CMSG_LEN(sizeof(*info)))
		return -EINVAL;
	if (info->ipi_ifindex)
		ipc->oif = info->ipi_ifindex;
	ipc->addr = info->ipi_spec_dst.s_addr;
	return 0;
}

static int send_number(struct cmsghdr *c, struct ipcm_cookie *ipc)
{
	int val;

	if (c->cmsg_type == IP_TOS && c->cmsg_len == CMSG_LEN(1)) {
		val = *(u8 *)CMSG_DATA(c);
	} else if (c->cmsg_len == CMSG_LEN(sizeof(int))) {
		val = *(int *)CMSG_DATA(c);
	} else {
		return -EINVAL;
	}
	if (c->cmsg_type == IP_TTL) {
		if (val < 1 || val > 255)
			return -EINVAL;
		ipc->ttl = val;
		return 0;
	}
	if (val < 0 || val > 255)
		return -EINVAL;
	ipc->tos = val;
	return 0;
}

static int send_one(struct sock *sk, struct cmsghdr *c, struct ipcm_cookie *ipc)
{
	if (c->cmsg_level != SOL_IP)
		return 0;
	switch (c->cmsg_type) {
	case IP_PKTINFO:
		return send_pktinfo(c, ipc);
	case IP_TTL:
	case IP_TOS:
		return send_number(c, ipc);
	case IP_RETOPTS:
		kfree(ipc->opt);
		return ip_options_get(sock_net(sk), &ipc->opt, NULL,
				      min_t(int, c->cmsg_len - CMSG_LEN(0), 41),
				      CMSG_DATA(c));
	default:
		return -EINVAL;
	}
}

/* ipc->opt, if set, is the caller's to kfree(), on error too. */
int ip_cmsg_send(struct sock *sk, struct msghdr *msg, struct ipcm_cookie *ipc,
		 bool allow_ipv6)
{
	char *p = msg->msg_control;
	size_t left = msg->msg_controllen;

	while (left >= sizeof(struct cmsghdr)) {
		struct cmsghdr *c = (struct cmsghdr *)p;
		size_t step;
		int err;

		if (c->cmsg_len < sizeof(*c) || c->cmsg_len > left)
			return -EINVAL;
		err = send_one(sk, c, ipc);
		if (err)
			return err;
		step = CMSG_ALIGN(c->cmsg_len);
		if (step >= left)
			break;
		p += step;
		left -= step;
	}
	return 0;
}

/* ---- control messages for a receiver ---- */

/* In skb->cb from ipv4_pktinfo_prepare() on: overlays inet_skb_parm. */
void ipv4_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb)
{
	struct in_pktinfo *info = (struct in_pktinfo *)skb->cb;
	struct rtable *rt = skb_rtable(skb);

	if ((inet_sk(sk)->cmsg_flags & IP_CMSG_PKTINFO) && rt) {
		int iif = IPCB(skb)->iif;

		info->ipi_ifindex = iif;
		if (rt->rt_type == RTN_LOCAL || rt->rt_type == RTN_UNICAST ||
		    !skb->dev)
			info->ipi_spec_dst.s_addr = ip_hdr(skb)->daddr;
		else
			info->ipi_spec_dst.s_addr =
				inet_select_addr(skb->dev, ip_hdr(skb)->saddr,
						 RT_SCOPE_UNIVERSE);
	} else {
		info->ipi_ifindex = 0;
		info->ipi_spec_dst.s_addr = 0;
	}
	skb_dst_drop(skb);
}

static void recv_origdst(struct msghdr *msg, struct sk_buff *skb)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	__be16 buf[2], *ports;

	ports = skb_header_pointer(skb, skb_transport_offset(skb), 4, buf);
	if (!ports)
		return;
	sin.sin_addr.s_addr = ip_hdr(skb)->daddr;
	sin.sin_port = ports[1];
	put_cmsg(msg, SOL_IP, IP_RECVORIGDSTADDR, sizeof(sin), &sin);
}

void ip_cmsg_recv_offset(struct msghdr *msg, struct sock *sk,
			 struct sk_buff *skb, int tlen, int offset)
{
	unsigned int flags = inet_sk(sk)->cmsg_flags;
	const struct iphdr *iph = ip_hdr(skb);
	int ttl = iph->ttl;

	if (flags & IP_CMSG_PKTINFO) {
		struct in_pktinfo info = *(struct in_pktinfo *)skb->cb;

		info.ipi_addr.s_addr = iph->daddr;
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	}
	if (flags & IP_CMSG_TTL)
		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(int), &ttl);
	if (flags & IP_CMSG_TOS)
		put_cmsg(msg, SOL_IP, IP_TOS, 1, (void *)&iph->tos);
	if ((flags & (IP_CMSG_RECVOPTS | IP_CMSG_RETOPTS)) && iph->ihl > 5)
		put_cmsg(msg, SOL_IP, flags & IP_CMSG_RECVOPTS ? IP_RECVOPTS
							       : IP_RETOPTS,
			 iph->ihl * 4 - sizeof(*iph), (void *)(iph + 1));
	if (flags & IP_CMSG_ORIGDSTADDR)
		recv_origdst(msg, skb);
}
