/* SPDX-License-Identifier: MIT */
/*
 * send.c -- whole packets from a program to a device
 *
 * PROMISE.  What is sent goes to the device as it is: past IP, its routes and
 * its checks.  The length fits the device, or the call says EMSGSIZE.
 *
 * IDEA.  The address names the device, and else what bind() said.  SOCK_RAW
 * brings the link header, SOCK_DGRAM has it made from the address.
 *
 * SEE packet(7); af_packet.c.
 */

#include "packet.h"

#include <kernel/err.h>
#include <kernel/kernel.h>

/* The device (counted), protocol and link address to send to; 0 or -errno. */
static int destination(struct sock *sk, struct msghdr *msg,
		       struct net_device **dev, __be16 *proto, u8 **addr)
{
	struct packet_sock *po = pkt_sk(sk);
	struct sockaddr_ll *sll = msg->msg_name;
	int ifindex = READ_ONCE(po->ifindex);

	*proto = READ_ONCE(po->num);
	*addr = NULL;
	if (sll) {
		if (msg->msg_namelen < (int)sizeof(*sll) ||
		    msg->msg_namelen < (int)offsetof(struct sockaddr_ll,
						     sll_addr) + sll->sll_halen)
			return -EINVAL;
		/* Its family is nobody's business, here as on Linux. */
		*proto = sll->sll_protocol;
		ifindex = sll->sll_ifindex;
		if (sk->sk_type == SOCK_DGRAM)
			*addr = sll->sll_addr;
	}
	*dev = dev_get_by_index(sock_net(sk), ifindex);
	if (!*dev)
		return -ENXIO;
	if (*addr && (*dev)->addr_len > sizeof(sll->sll_addr))
		return -EINVAL;
	return (*dev)->flags & IFF_UP ? 0 : -ENETDOWN;
}

/* Which protocol is it, when the program did not say? */
static void guess_protocol(struct sk_buff *skb, struct net_device *dev,
			   struct sock *sk)
{
	if (skb->protocol && skb->protocol != htons(ETH_P_ALL))
		return;
	if (sk->sk_type == SOCK_RAW && dev->header_ops &&
	    skb->len >= ETH_HLEN)
		skb->protocol = ((struct ethhdr *)skb->data)->h_proto;
}

static int build_and_send(struct sock *sk, struct msghdr *msg, size_t len,
			  struct net_device *dev, __be16 proto, u8 *addr)
{
	bool raw = sk->sk_type == SOCK_RAW;
	int err = 0, off = 0;
	int hlen = LL_RESERVED_SPACE(dev);
	struct sk_buff *skb;

	if (len > dev->mtu + (raw ? dev->hard_header_len : 0u))
		return -EMSGSIZE;
	skb = sock_alloc_send_pskb(sk, hlen + len + dev->needed_tailroom, 0,
				   msg->msg_flags & MSG_DONTWAIT, &err, 0);
	if (!skb)
		return err;
	skb_reserve(skb, hlen);
	skb_reset_network_header(skb);
	skb->protocol = proto;
	skb->dev = dev;
	if (!raw) {
		err = -EINVAL;
		off = dev_hard_header(skb, dev, ntohs(proto), addr, NULL, len);
		if (off < 0)
			goto out;
	}
	err = -EFAULT;
	if (copy_from_iter(skb_put(skb, len), len, &msg->msg_iter) != len)
		goto out;
	err = -EINVAL;
	if (raw && len < dev->hard_header_len)
		goto out;
	skb_reset_mac_header(skb);
	if (raw)
		skb_set_network_header(skb, dev->hard_header_len);
	guess_protocol(skb, dev, sk);
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
	err = dev_queue_xmit(skb);
	if (err > 0)
		err = net_xmit_errno(err);
	return err ? err : (int)len;
out:
	kfree_skb(skb);
	return err;
}

int packet_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	struct net_device *dev = NULL;
	__be16 proto;
	u8 *addr;
	int err;

	err = destination(sk, msg, &dev, &proto, &addr);
	if (!err)
		err = build_and_send(sk, msg, len, dev, proto, addr);
	dev_put(dev);
	return err;
}
