/* SPDX-License-Identifier: MIT */
/*
 * option.c -- a packet socket's options, what it asks of devices, and
 * /proc/net/packet
 *
 * A membership (all packets, a multicast group) is counted at the device, and
 * goes with the socket; of a device that went away nothing is left to undo.
 *
 * LOCKING.  rtnl for memberships; lock_sock for options.
 */

#include "packet.h"

#include <arch/uaccess.h>
#include <fs/fs.h>
#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/rtnetlink.h>

#define MAX_MEMBERSHIPS 256

/* ---- memberships: rtnl held ---- */

static int dev_membership(struct net_device *dev, struct packet_mclist *m,
			  int what)
{
	switch (m->type) {
	case PACKET_MR_MULTICAST:
		if (m->alen != dev->addr_len)
			return -EINVAL;
		return what > 0 ? dev_mc_add(dev, m->addr)
				: dev_mc_del(dev, m->addr);
	case PACKET_MR_PROMISC:
		return dev_set_promiscuity(dev, what);
	case PACKET_MR_ALLMULTI:
		return dev_set_allmulti(dev, what);
	case PACKET_MR_UNICAST:
		if (m->alen != dev->addr_len)
			return -EINVAL;
		return what > 0 ? dev_uc_add(dev, m->addr)
				: dev_uc_del(dev, m->addr);
	default:
		return -EINVAL;
	}
}

static bool is_same(const struct packet_mclist *m,
		    const struct packet_mclist *n)
{
	return m->ifindex == n->ifindex && m->type == n->type &&
	       m->alen == n->alen && !memcmp(m->addr, n->addr, m->alen);
}

static int mc_add(struct sock *sk, struct packet_mclist *want)
{
	struct packet_sock *po = pkt_sk(sk);
	struct net_device *dev = __dev_get_by_index(sock_net(sk),
						    want->ifindex);
	struct packet_mclist *m;
	int err, n = 0;

	if (!dev)
		return -ENODEV;
	if (want->alen > dev->addr_len)
		return -EINVAL;
	for (m = po->mclist; m; m = m->next, n++)
		if (is_same(m, want)) {
			m->count++;
			return 0;
		}
	if (n >= MAX_MEMBERSHIPS)
		return -ENOBUFS;
	m = kmemdup(want, sizeof(*want), GFP_KERNEL);
	if (!m)
		return -ENOBUFS;
	err = dev_membership(dev, m, 1);
	if (err) {
		kfree(m);
		return err;
	}
	m->count = 1;
	m->next = po->mclist;
	po->mclist = m;
	return 0;
}

static int mc_drop(struct sock *sk, const struct packet_mclist *want)
{
	struct packet_mclist **p = &pkt_sk(sk)->mclist, *m;
	struct net_device *dev;

	for (; (m = *p); p = &m->next)
		if (is_same(m, want))
			break;
	if (!m)
		return -EADDRNOTAVAIL;
	if (--m->count)
		return 0;
	*p = m->next;
	dev = __dev_get_by_index(sock_net(sk), m->ifindex);
	if (dev)
		dev_membership(dev, m, -1);
	kfree(m);
	return 0;
}

void packet_flush_mclist(struct sock *sk)
{
	struct packet_mclist *m;

	if (!pkt_sk(sk)->mclist)
		return;
	rtnl_lock();
	while ((m = pkt_sk(sk)->mclist)) {
		m->count = 1;
		mc_drop(sk, m);
	}
	rtnl_unlock();
}

/* dev is being unregistered; rtnl held. */
void packet_dev_gone(struct sock *sk, struct net_device *dev)
{
	struct packet_mclist **p = &pkt_sk(sk)->mclist, *m;

	while ((m = *p)) {
		if (m->ifindex != dev->ifindex) {
			p = &m->next;
			continue;
		}
		dev_membership(dev, m, -1);
		*p = m->next;
		kfree(m);
	}
}

static int membership(struct sock *sk, int name, void __user *val,
		      unsigned int len)
{
	struct packet_mclist m = { 0 };
	struct packet_mreq mreq;
	int err;

	if (len < sizeof(mreq))
		return -EINVAL;
	if (copy_from_user(&mreq, val, sizeof(mreq)))
		return -EFAULT;
	if (mreq.mr_alen > sizeof(mreq.mr_address))
		return -EINVAL;
	m.ifindex = mreq.mr_ifindex;
	m.type = mreq.mr_type;
	m.alen = mreq.mr_alen;
	memcpy(m.addr, mreq.mr_address, mreq.mr_alen);
	rtnl_lock();
	err = name == PACKET_ADD_MEMBERSHIP ? mc_add(sk, &m)
					    : mc_drop(sk, &m);
	rtnl_unlock();
	return err;
}

/* ---- options ---- */

static int rx_ring(struct sock *sk, void __user *val, unsigned int len)
{
	struct packet_sock *po = pkt_sk(sk);
	unsigned int size = po->version == TPACKET_V3 ?
		sizeof(struct tpacket_req3) : sizeof(struct tpacket_req);
	struct tpacket_req3 req = { 0 };

	if (len < size)
		return -EINVAL;
	if (copy_from_user(&req, val, size))
		return -EFAULT;
	if (po->version == TPACKET_V3 && req.tp_feature_req_word & ~1u)
		return -EINVAL;
	return packet_set_ring(sk, &req);
}

static int set_number(struct packet_sock *po, int name, unsigned int n)
{
	bool has_ring = po->rx_ring.blocks;

	switch (name) {
	case PACKET_VERSION:
		if (n > TPACKET_V3)
			return -EINVAL;
		if (has_ring)
			return -EBUSY;
		po->version = n;
		return 0;
	case PACKET_RESERVE:
		if (n > INT_MAX)
			return -EINVAL;
		if (has_ring)
			return -EBUSY;
		po->reserve = n;
		return 0;
	case PACKET_COPY_THRESH:
		po->copy_thresh = n;
		return 0;
	case PACKET_AUXDATA:
		po->auxdata = n;
		return 0;
	case PACKET_ORIGDEV:
		po->origdev = n;
		return 0;
	case PACKET_LOSS:
		if (has_ring)
			return -EBUSY;
		po->loss = n;
		return 0;
	case PACKET_TIMESTAMP:
		return 0;             /* software ones are all there are */
	case PACKET_IGNORE_OUTGOING:
		if (n > 1)
			return -EINVAL;
		po->hook.ignore_outgoing = n;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int packet_setsockopt(struct socket *sock, int level, int name,
		      void __user *val, unsigned int len)
{
	struct sock *sk = sock->sk;
	unsigned int n;
	int err;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	if (name == PACKET_ADD_MEMBERSHIP || name == PACKET_DROP_MEMBERSHIP)
		return membership(sk, name, val, len);
	if (name != PACKET_RX_RING) {
		if (len < sizeof(n))
			return -EINVAL;
		if (copy_from_user(&n, val, sizeof(n)))
			return -EFAULT;
	}
	lock_sock(sk);
	err = name == PACKET_RX_RING ? rx_ring(sk, val, len)
				     : set_number(pkt_sk(sk), name, n);
	release_sock(sk);
	return err;
}

/* What was counted since the last look. */
static void take_stats(struct sock *sk, struct tpacket_stats_v3 *st)
{
	spin_lock_bh(&sk->sk_receive_queue.lock);
	*st = pkt_sk(sk)->stats;
	memset(&pkt_sk(sk)->stats, 0, sizeof(*st));
	spin_unlock_bh(&sk->sk_receive_queue.lock);
}

/* PACKET_HDRLEN asks with the version in the buffer. */
static int get_hdrlen(char __user *val, int len, int *n)
{
	unsigned int version;

	if (len < (int)sizeof(int))
		return -EINVAL;
	if (copy_from_user(&version, val, sizeof(version)))
		return -EFAULT;
	if (version > TPACKET_V3)
		return -EINVAL;
	*n = packet_hdrlen(version);
	return 0;
}

static int get_number(struct packet_sock *po, int name, char __user *val,
		      int len, int *n)
{
	switch (name) {
	case PACKET_AUXDATA:
		*n = po->auxdata;
		return 0;
	case PACKET_ORIGDEV:
		*n = po->origdev;
		return 0;
	case PACKET_VERSION:
		*n = po->version;
		return 0;
	case PACKET_RESERVE:
		*n = po->reserve;
		return 0;
	case PACKET_LOSS:
		*n = po->loss;
		return 0;
	case PACKET_HDRLEN:
		return get_hdrlen(val, len, n);
	case PACKET_TIMESTAMP:
	case PACKET_VNET_HDR:
	case PACKET_QDISC_BYPASS:
		*n = 0;
		return 0;
	case PACKET_IGNORE_OUTGOING:
		*n = po->hook.ignore_outgoing;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int packet_getsockopt(struct socket *sock, int level, int name,
		      char __user *val, int __user *ulen)
{
	struct packet_sock *po = pkt_sk(sock->sk);
	struct tpacket_stats_v3 st;
	void *from = &st;
	int len, n, size, err;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (name == PACKET_STATISTICS) {
		take_stats(sock->sk, &st);
		size = po->version == TPACKET_V3 ? sizeof(st)
						 : sizeof(struct tpacket_stats);
	} else {
		err = get_number(po, name, val, len, &n);
		if (err)
			return err;
		from = &n;
		size = sizeof(n);
	}
	len = min(len, size);
	if (put_user(len, ulen) || copy_to_user(val, from, len))
		return -EFAULT;
	return 0;
}

/* ---- /proc/net/packet ---- */

static int packet_proc_show(struct seq_file *m, void *v)
{
	struct packet_sock *po;

	seq_puts(m, "sk               RefCnt Type Proto  Iface R Rmem   "
		 "User   Inode\n");
	mutex_lock(&packet_list_lock);
	hlist_for_each_entry(po, &packet_list, all_node) {
		struct sock *sk = &po->sk;

		if (sock_net(sk) != seq_file_net(m))
			continue;

		seq_printf(m, "%016lx %-6d %-4d %04x   %-5d %1d %-6u %-6u "
			   "%-6lu\n", 0ul, refcount_read(&sk->sk_refcnt),
			   sk->sk_type, ntohs(po->num), po->ifindex,
			   po->running, sk_rmem_alloc_get(sk), sk->sk_uid,
			   sk->sk_socket ? (unsigned long)
			   SOCK_INODE(sk->sk_socket)->i_ino : 0ul);
	}
	mutex_unlock(&packet_list_lock);
	return 0;
}

int packet_proc_init(void)
{
	return proc_create_single("packet", 0444, init_net.proc_net,
				  packet_proc_show) ? 0 : -ENOMEM;
}
