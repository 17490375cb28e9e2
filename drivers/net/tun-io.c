/* SPDX-License-Identifier: MIT */
/*
 * tun-io.c -- packets between a program and its device: read, write, poll
 *
 * One packet a call.  A read cuts what does not fit its buffer; a write is one
 * whole packet.  Both hold a reference to the device while they work.
 *
 * SEE tun.c for the theory, and for RACES [c].
 */

#include "tun.h"

#include <fs/poll.h>
#include <kernel/err.h>
#include <kernel/interrupt.h>
#include <kernel/kernel.h>
#include <mm/uio.h>
#include <net/etherdevice.h>

#define TUN_MAX_PACKET (65535 + ETH_HLEN)

/* The file's device, with a reference; NULL. */
static struct tun_struct *tun_get(struct tun_file *tfile)
{
	struct tun_struct *tun;

	rcu_read_lock();
	tun = rcu_dereference(tfile->tun);
	if (tun)
		dev_hold(tun->dev);
	rcu_read_unlock();
	return tun;
}

/* What kind of packet a TUN was given; 0: none that we know. */
static __be16 ip_protocol(const struct sk_buff *skb)
{
	if (!skb->len)
		return 0;
	switch (skb->data[0] >> 4) {
	case 4:
		return htons(ETH_P_IP);
	case 6:
		return htons(ETH_P_IPV6);
	}
	return 0;
}

/* A packet of len bytes of from: ERR_PTR. */
static struct sk_buff *packet_from(struct iov_iter *from, size_t len)
{
	size_t linear = min_t(size_t, len, SKB_MAX_HEAD(NET_SKB_PAD));
	struct sk_buff *skb;
	int err;

	if (len > TUN_MAX_PACKET)
		return ERR_PTR(-EMSGSIZE);
	skb = alloc_skb_with_frags(NET_SKB_PAD + linear, len - linear, 3, &err,
				   GFP_KERNEL);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, NET_SKB_PAD);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len = len;
	if (skb_copy_datagram_from_iter(skb, 0, from, len)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}
	return skb;
}

static void tun_receive(struct tun_struct *tun, struct sk_buff *skb)
{
	struct pcpu_sw_netstats *st;

	local_bh_disable();
	st = this_cpu_ptr(tun->dev->tstats);
	st->rx_packets++;
	st->rx_bytes += skb->len;
	netif_receive_skb(skb);
	local_bh_enable();
}

static ssize_t tun_put_packet(struct tun_struct *tun, struct iov_iter *from)
{
	unsigned int flags = READ_ONCE(tun->flags);
	size_t total = iov_iter_count(from), len = total;
	struct tun_pi pi = { 0 };
	struct sk_buff *skb;

	if (!(READ_ONCE(tun->dev->flags) & IFF_UP))
		return -EIO;
	if (!(flags & IFF_NO_PI)) {
		if (len < sizeof(pi))
			return -EINVAL;
		if (!copy_from_iter_full(&pi, sizeof(pi), from))
			return -EFAULT;
		len -= sizeof(pi);
	}
	if ((flags & IFF_TAP) && len < ETH_HLEN)
		return -EINVAL;
	skb = packet_from(from, len);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	if (flags & IFF_TAP) {
		skb->protocol = eth_type_trans(skb, tun->dev);
	} else {
		if (flags & IFF_NO_PI)
			pi.proto = ip_protocol(skb);
		if ((flags & IFF_NO_PI) && !pi.proto) {
			atomic_long_inc(&tun->dev->rx_dropped);
			kfree_skb(skb);
			return -EINVAL;
		}
		skb_reset_mac_header(skb);
		skb->protocol = pi.proto;
		skb->dev = tun->dev;
	}
	tun_receive(tun, skb);
	return total;
}

ssize_t tun_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct tun_struct *tun = tun_get(iocb->ki_filp->private_data);
	ssize_t ret;

	if (!tun)
		return -EBADFD;
	ret = tun_put_packet(tun, from);
	dev_put(tun->dev);
	return ret;
}

/* The next packet, waited for unless nonblock; ERR_PTR.  RACES [c]. */
static struct sk_buff *next_packet(struct tun_file *tfile,
				   struct tun_struct *tun, bool nonblock)
{
	struct sk_buff *skb = skb_dequeue(&tfile->rxq);
	int err;

	if (skb)
		return skb;
	if (nonblock)
		return ERR_PTR(-EAGAIN);
	err = wait_event_interruptible(tfile->wait,
			(skb = skb_dequeue(&tfile->rxq)) ||
			rcu_access_pointer(tfile->tun) != tun);
	if (skb)
		return skb;
	return ERR_PTR(err ? err : -EFAULT);
}

/* Hand skb over, cut to what fits: its whole length or -errno. */
static ssize_t give_packet(struct tun_struct *tun, struct sk_buff *skb,
			   struct iov_iter *to)
{
	struct tun_pi pi = { .proto = skb->protocol };
	ssize_t total = skb->len;

	if (!(READ_ONCE(tun->flags) & IFF_NO_PI)) {
		if (iov_iter_count(to) < sizeof(pi))
			return -EINVAL;
		total += sizeof(pi);
		if (iov_iter_count(to) < (size_t)total)
			pi.flags |= TUN_PKT_STRIP;
		if (!copy_to_iter_full(&pi, sizeof(pi), to))
			return -EFAULT;
	}
	if (skb_copy_datagram_iter(skb, 0, to,
				   min_t(size_t, skb->len,
					 iov_iter_count(to))))
		return -EFAULT;
	return total;
}

ssize_t tun_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct tun_file *tfile = iocb->ki_filp->private_data;
	ssize_t room = iov_iter_count(to), ret = 0;
	struct tun_struct *tun = tun_get(tfile);
	struct sk_buff *skb;

	if (!tun)
		return -EBADFD;
	if (!room)
		goto out;
	skb = next_packet(tfile, tun, (iocb->ki_filp->f_flags & O_NONBLOCK) ||
				      (iocb->ki_flags & IOCB_NOWAIT));
	if (IS_ERR(skb)) {
		ret = PTR_ERR(skb);
		goto out;
	}
	ret = min(give_packet(tun, skb, to), room);
	if (ret < 0)
		kfree_skb(skb);
	else
		consume_skb(skb);
out:
	dev_put(tun->dev);
	return ret;
}

__poll_t tun_poll(struct file *file, struct poll_table_struct *pt)
{
	struct tun_file *tfile = file->private_data;
	struct tun_struct *tun = tun_get(tfile);
	__poll_t mask = 0;

	if (!tun)
		return EPOLLERR;
	poll_wait(file, &tfile->wait, pt);
	if (!skb_queue_empty(&tfile->rxq))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(tun->dev->flags) & IFF_UP)
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (tun->dev->reg_state != NETREG_REGISTERED)
		mask = EPOLLERR;
	dev_put(tun->dev);
	return mask;
}
