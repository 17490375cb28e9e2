/* SPDX-License-Identifier: MIT */
/*
 * af_packet.c -- sockets that see and send whole packets
 *
 * PROMISE.  A bound socket sees a copy of each packet of its protocol that its
 * device receives (ETH_P_ALL: and sends), as it was on the wire.  It takes
 * nothing away from the protocols, and slows them by one clone.
 *
 * IDEA.  The socket is a packet_type hook, like IP itself.  A packet that comes
 * is shared with the other hooks: its filter looks first, and only what the
 * filter keeps is cloned and queued.
 *
 *	driver -> netif_receive_skb -> hook (packet_rcv) -> filter -> queue
 *	                            `-> ip_rcv                     `-> ring
 *
 * SOCK_RAW sees the link header, SOCK_DGRAM does not.
 *
 * LOCKING.  bind_lock guards where the hook is; dev_remove_pack() waits until
 * no CPU is in it.  lock_sock -> bind_lock.  Queue lock: counters.
 *
 * SEE packet(7); send.c, ring.c (memory shared with the program), option.c.
 */

#include "packet.h"

#include <arch/uaccess.h>
#include <fs/poll.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/dst.h>
#include <net/filter.h>
#include <net/scm.h>
#include <uapi/termios.h>

DEFINE_MUTEX(packet_list_lock);       /* all sockets: /proc, device events */
HLIST_HEAD(packet_list);

static struct proto packet_proto = {
	.name = "PACKET",
	.obj_size = sizeof(struct packet_sock),
};

/* ---- receiving ---- */

bool packet_wanted(struct sk_buff *skb, struct net_device *dev,
		   struct sock *sk)
{
	return skb->pkt_type != PACKET_LOOPBACK && dev_net(dev) == sock_net(sk);
}

/* data stands at the network header; show the link's to those who want it. */
void packet_restore_header(struct sk_buff *skb, struct net_device *dev,
			   struct sock *sk)
{
	if (!dev->header_ops)
		return;
	if (sk->sk_type != SOCK_DGRAM)
		skb_push(skb, skb->data - skb_mac_header(skb));
	else if (skb->pkt_type == PACKET_OUTGOING)
		skb_pull(skb, skb_network_offset(skb));
}

void packet_fill_sll(struct sockaddr_ll *sll, struct sk_buff *skb,
		     struct net_device *dev, struct net_device *orig_dev,
		     struct packet_sock *po)
{
	unsigned char addr[MAX_ADDR_LEN] = { 0 };

	memset(sll, 0, sizeof(*sll));
	sll->sll_family = AF_PACKET;
	sll->sll_hatype = dev->type;
	sll->sll_protocol = skb->protocol;
	sll->sll_pkttype = skb->pkt_type;
	sll->sll_ifindex = po->origdev ? orig_dev->ifindex : dev->ifindex;
	sll->sll_halen = dev_parse_header(skb, addr);
	memcpy(sll->sll_addr, addr, sizeof(sll->sll_addr));
}

static void count(struct sock *sk, bool taken)
{
	struct packet_sock *po = pkt_sk(sk);

	spin_lock(&sk->sk_receive_queue.lock);
	po->stats.tp_packets++;
	if (!taken)
		po->stats.tp_drops++;
	spin_unlock(&sk->sk_receive_queue.lock);
	if (!taken)
		atomic_inc(&sk->sk_drops);
}

/* Bytes of skb that the filter keeps; 0: none. */
static unsigned int wanted_bytes(struct sock *sk, struct sk_buff *skb)
{
	struct sk_filter *f = rcu_dereference(sk->sk_filter);

	return f ? min(sk_filter_run(f, skb), skb->len) : skb->len;
}

/* Into the queue; consumes skb, which is ours alone. */
static void enqueue(struct sock *sk, struct sk_buff *skb)
{
	bool room = atomic_read(&sk->sk_rmem_alloc) <
		    READ_ONCE(sk->sk_rcvbuf);

	count(sk, room);
	if (!room) {
		kfree_skb(skb);
		return;
	}
	skb_set_owner_r(skb, sk);
	skb->dev = NULL;
	skb_dst_drop(skb);
	skb_queue_tail(&sk->sk_receive_queue, skb);
	sk->sk_data_ready(sk);
}

/* The hook.  Softirq, or a sender's context with bottom halves off. */
int packet_rcv(struct sk_buff *skb, struct net_device *dev,
	       struct packet_type *pt, struct net_device *orig_dev)
{
	struct sock *sk = pt->af_packet_priv;
	unsigned char *data = skb->data;
	unsigned int keep, len = skb->len;
	struct sk_buff *mine;

	if (!packet_wanted(skb, dev, sk)) {
		consume_skb(skb);
		return 0;
	}
	packet_restore_header(skb, dev, sk);
	keep = wanted_bytes(sk, skb);
	mine = NULL;
	if (keep && atomic_read(&sk->sk_rmem_alloc) <
		    READ_ONCE(sk->sk_rcvbuf))
		mine = skb_clone(skb, GFP_ATOMIC);
	if (mine) {
		packet_fill_sll(&PACKET_SKB_CB(mine)->sll, mine, dev, orig_dev,
				pkt_sk(sk));
		PACKET_SKB_CB(mine)->origlen = mine->len;
		if (pskb_trim(mine, keep)) {
			kfree_skb(mine);
			count(sk, false);
		} else {
			enqueue(sk, mine);
		}
	} else if (keep) {
		count(sk, false);
	}
	/* Others look at the same sk_buff: as it was. */
	skb->data = data;
	skb->len = len;
	consume_skb(skb);
	return 0;
}

static void put_auxdata(struct msghdr *msg, struct sk_buff *skb)
{
	struct tpacket_auxdata aux = {
		.tp_status = TP_STATUS_USER,
		.tp_len = PACKET_SKB_CB(skb)->origlen,
		.tp_snaplen = skb->len,
		.tp_net = skb_network_offset(skb) };

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		aux.tp_status |= TP_STATUS_CSUMNOTREADY;
	else if (skb->pkt_type != PACKET_OUTGOING &&
		 skb->ip_summed == CHECKSUM_UNNECESSARY)
		aux.tp_status |= TP_STATUS_CSUM_VALID;
	if (skb->vlan_proto) {
		aux.tp_vlan_tci = skb->vlan_tci;
		aux.tp_vlan_tpid = ntohs(skb->vlan_proto);
		aux.tp_status |= TP_STATUS_VLAN_VALID |
				 TP_STATUS_VLAN_TPID_VALID;
	}
	put_cmsg(msg, SOL_PACKET, PACKET_AUXDATA, sizeof(aux), &aux);
}

static int packet_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
			  int flags)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int copied, err;

	if (flags & ~(MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_COMPAT |
		      MSG_ERRQUEUE | MSG_CMSG_CLOEXEC | MSG_NOSIGNAL |
		      MSG_WAITALL | MSG_WAITFORONE))
		return -EINVAL;
	if (flags & MSG_ERRQUEUE)
		return -EAGAIN;
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	copied = skb->len;
	if (len < (size_t)copied) {
		copied = len;
		msg->msg_flags |= MSG_TRUNC;
	}
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (!err) {
		struct sockaddr_ll *sll = &PACKET_SKB_CB(skb)->sll;

		if (msg->msg_name) {
			memcpy(msg->msg_name, sll, sizeof(*sll));
			msg->msg_namelen = sizeof(*sll);
		}
		sock_recv_cmsgs(msg, sk, skb);
		if (pkt_sk(sk)->auxdata)
			put_auxdata(msg, skb);
		err = flags & MSG_TRUNC ? (int)skb->len : copied;
	}
	skb_free_datagram(sk, skb);
	return err;
}

/* ---- binding ---- */

/* True: it was in place.  May sleep: nobody is in the hook any more. */
bool packet_unhook(struct packet_sock *po)
{
	bool was;

	spin_lock(&po->bind_lock);
	was = po->running;
	po->running = false;
	if (was)
		__dev_remove_pack(&po->hook);
	spin_unlock(&po->bind_lock);
	if (was) {
		synchronize_rcu();
		__sock_put(&po->sk);
	}
	return was;
}

void packet_rehook(struct packet_sock *po)
{
	spin_lock(&po->bind_lock);
	if (!po->running && po->num) {
		sock_hold(&po->sk);
		po->running = true;
		dev_add_pack(&po->hook);
	}
	spin_unlock(&po->bind_lock);
}

/* lock_sock held.  dev NULL: all devices; takes over its reference. */
static void do_bind(struct sock *sk, struct net_device *dev, __be16 proto)
{
	struct packet_sock *po = pkt_sk(sk);
	struct net_device *old;

	packet_unhook(po);
	spin_lock(&po->bind_lock);
	old = po->hook.dev;
	po->num = proto;
	po->hook.type = proto;
	po->hook.dev = dev;
	WRITE_ONCE(po->ifindex, dev ? dev->ifindex : 0);
	spin_unlock(&po->bind_lock);
	dev_put(old);
	if (!proto)
		return;
	if (!dev || (dev->flags & IFF_UP)) {
		packet_rehook(po);
		return;
	}
	WRITE_ONCE(sk->sk_err, ENETDOWN);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

static int packet_bind(struct socket *sock, struct sockaddr *addr, int len)
{
	struct sockaddr_ll *sll = (struct sockaddr_ll *)addr;
	struct sock *sk = sock->sk;
	struct net_device *dev = NULL;

	if (len < (int)sizeof(*sll) || sll->sll_family != AF_PACKET)
		return -EINVAL;
	if (sll->sll_ifindex) {
		dev = dev_get_by_index(sock_net(sk), sll->sll_ifindex);
		if (!dev)
			return -ENODEV;
	}
	lock_sock(sk);
	do_bind(sk, dev, sll->sll_protocol ? sll->sll_protocol
					   : pkt_sk(sk)->num);
	release_sock(sk);
	return 0;
}

static int packet_getname(struct socket *sock, struct sockaddr *addr, int peer)
{
	struct packet_sock *po = pkt_sk(sock->sk);
	struct sockaddr_ll *sll = (struct sockaddr_ll *)addr;
	struct net_device *dev;

	if (peer)
		return -EOPNOTSUPP;
	memset(sll, 0, sizeof(*sll));
	sll->sll_family = AF_PACKET;
	sll->sll_ifindex = po->ifindex;
	sll->sll_protocol = po->num;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(sock_net(sock->sk), po->ifindex);
	if (dev) {
		sll->sll_hatype = dev->type;
		sll->sll_halen = dev->addr_len;
		memcpy(sll->sll_addr, dev->dev_addr,
		       min_t(size_t, dev->addr_len, sizeof(sll->sll_addr)));
	}
	rcu_read_unlock();
	return offsetof(struct sockaddr_ll, sll_addr) + sll->sll_halen;
}

/* ---- birth and death ---- */

static const struct proto_ops packet_ops;

static void packet_destruct(struct sock *sk)
{
	skb_queue_purge(&sk->sk_receive_queue);
	WARN_ON(atomic_read(&sk->sk_rmem_alloc));
}

static int packet_create(struct net *net, struct socket *sock, int protocol,
			 int kern)
{
	struct packet_sock *po;
	struct sock *sk;

	if (!ns_capable(net->user_ns, CAP_NET_RAW))
		return -EPERM;
	if (sock->type != SOCK_DGRAM && sock->type != SOCK_RAW)
		return -ESOCKTNOSUPPORT;
	sock->state = SS_UNCONNECTED;
	sk = sk_alloc(net, PF_PACKET, GFP_KERNEL, &packet_proto, kern);
	if (!sk)
		return -ENOBUFS;
	sock->ops = &packet_ops;
	sock_init_data(sock, sk);
	sk->sk_destruct = packet_destruct;
	sock_set_flag(sk, SOCK_RCU_FREE); /* packet_event() does not wait */
	po = pkt_sk(sk);
	po->num = (__be16)protocol;
	po->hook.type = po->num;
	po->hook.func = packet_rcv;
	po->hook.af_packet_priv = sk;
	po->hook.af_packet_net = net;
	po->copy_thresh = 0;
	spin_lock_init(&po->bind_lock);
	mutex_init(&po->pg_lock);
	mutex_lock(&packet_list_lock);
	hlist_add_head(&po->all_node, &packet_list);
	mutex_unlock(&packet_list_lock);
	packet_rehook(po);
	return 0;
}

static int packet_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct packet_sock *po;

	if (!sk)
		return 0;
	po = pkt_sk(sk);
	mutex_lock(&packet_list_lock);
	hlist_del_init(&po->all_node);
	mutex_unlock(&packet_list_lock);
	lock_sock(sk);
	packet_unhook(po);
	po->num = 0;
	dev_put(po->hook.dev);
	po->hook.dev = NULL;
	release_sock(sk);
	packet_flush_mclist(sk);
	packet_ring_free(&po->rx_ring);
	sock_orphan(sk);
	sock->sk = NULL;
	skb_queue_purge(&sk->sk_receive_queue);
	sock_put(sk);
	return 0;
}

/* ---- the rest of the calls ---- */

static __poll_t packet_poll(struct file *file, struct socket *sock,
			    poll_table *wait)
{
	__poll_t mask = datagram_poll(file, sock, wait);

	if (packet_ring_readable(pkt_sk(sock->sk)))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static int packet_ioctl(struct socket *sock, unsigned int cmd,
			unsigned long arg)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int n = 0;

	switch (cmd) {
	case SIOCOUTQ:
		n = sk_wmem_alloc_get(sk);
		break;
	case SIOCINQ:
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		if (skb)
			n = skb->len;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(n, (int __user *)arg) ? -EFAULT : 0;
}

static const struct proto_ops packet_ops = {
	.family = PF_PACKET,
	.release = packet_release,
	.bind = packet_bind,
	.connect = sock_no_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = packet_getname,
	.poll = packet_poll,
	.ioctl = packet_ioctl,
	.listen = sock_no_listen,
	.shutdown = sock_no_shutdown,
	.setsockopt = packet_setsockopt,
	.getsockopt = packet_getsockopt,
	.sendmsg = packet_sendmsg,
	.recvmsg = packet_recvmsg,
	.mmap = packet_mmap,
};

/* A device went down, or away: its sockets hear of it. */
static int packet_event(struct notifier_block *nb, unsigned long event,
			void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct packet_sock *po;
	bool gone = event == NETDEV_UNREGISTER;

	if (event != NETDEV_UP && event != NETDEV_DOWN && !gone)
		return NOTIFY_DONE;
	mutex_lock(&packet_list_lock);
	hlist_for_each_entry(po, &packet_list, all_node) {
		if (gone)
			packet_dev_gone(&po->sk, dev);
		if (po->hook.dev != dev)
			continue;
		if (event == NETDEV_UP) {
			packet_rehook(po);
			continue;
		}
		spin_lock(&po->bind_lock);
		if (po->running) {
			__dev_remove_pack(&po->hook);
			po->running = false;
			__sock_put(&po->sk);
			WRITE_ONCE(po->sk.sk_err, ENETDOWN);
			sk_error_report(&po->sk);
		}
		if (gone) {
			WRITE_ONCE(po->ifindex, -1);
			po->hook.dev = NULL;
			dev_put(dev);
		}
		spin_unlock(&po->bind_lock);
	}
	mutex_unlock(&packet_list_lock);
	return NOTIFY_DONE;
}

static struct notifier_block packet_notifier = { .notifier_call = packet_event };

static const struct net_proto_family packet_family = {
	.family = PF_PACKET,
	.create = packet_create,
};

static int packet_init(void)
{
	int err = proto_register(&packet_proto, 0);

	if (!err)
		err = packet_proc_init();
	if (!err)
		err = register_netdevice_notifier(&packet_notifier);
	return err ? err : sock_register(&packet_family);
}
fs_initcall(packet_init);
