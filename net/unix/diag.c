/* SPDX-License-Identifier: MIT */
/*
 * diag.c -- `ss -x`: UNIX sockets, their names, peers and queues
 *
 * A list walks the name table's buckets: args[0] bucket, [1] place in it.  One
 * socket is asked for by the number of its file; there is no index of those,
 * so all are looked through.
 *
 * LOCKING.  bucket lock -> state lock of one socket.  The peer is looked at
 * with a reference and without its lock.
 */

#include "unix.h"

#include <fs/fs.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/sock_diag.h>

#define ROOM_FOR_ONE 1024

/* What is being written, and for whom. */
struct unix_diag_out {
	struct sk_buff *skb;
	u32 portid, seq, show;
	u16 flags;
};

static int put_name(struct sk_buff *skb, struct sock *sk)
{
	const struct unix_address *addr = unix_addr(sk);

	return addr ? nla_put(skb, UNIX_DIAG_NAME, addr->len - UNIX_ADDR_HEAD,
			      addr->name->sun_path) : 0;
}

/* Linux's way to write a device's number in 32 bits. */
static u32 wide_dev(dev_t dev)
{
	return (MINOR(dev) & 0xff) | MAJOR(dev) << 8 |
	       (MINOR(dev) & ~0xffu) << 12;
}

static int put_vfs(struct sk_buff *skb, struct sock *sk)
{
	struct dentry *dentry = unix_addr(sk) ? unix_sk(sk)->path.dentry : NULL;
	struct unix_diag_vfs v;

	if (!dentry)
		return 0;
	v.udiag_vfs_ino = d_backing_inode(dentry)->i_ino;
	v.udiag_vfs_dev = wide_dev(dentry->d_sb->s_dev);
	return nla_put(skb, UNIX_DIAG_VFS, sizeof(v), &v);
}

/* State lock held. */
static int put_peer(struct sk_buff *skb, struct sock *sk)
{
	struct sock *peer = unix_peer(sk);

	return peer ? nla_put_u32(skb, UNIX_DIAG_PEER, sock_i_ino(peer)) : 0;
}

/* Who waits to be accepted: 0 for those that have no file yet. */
static int put_icons(struct sk_buff *skb, struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct nlattr *nla = NULL;
	unsigned long flags;
	struct sk_buff *s;
	u32 *ino;

	if (sk->sk_state != TCP_LISTEN)
		return 0;
	spin_lock_irqsave(&q->lock, flags);
	nla = nla_reserve(skb, UNIX_DIAG_ICONS,
			  skb_queue_len(q) * sizeof(u32));
	if (nla) {
		ino = nla_data(nla);
		skb_queue_walk(q, s) {
			struct sock *peer = s->sk ? READ_ONCE(unix_peer(s->sk))
						  : NULL;

			*ino++ = peer ? sock_i_ino(peer) : 0;
		}
	}
	spin_unlock_irqrestore(&q->lock, flags);
	return nla ? 0 : -EMSGSIZE;
}

static int put_rqlen(struct sk_buff *skb, struct sock *sk)
{
	struct unix_diag_rqlen len;

	if (sk->sk_state == TCP_LISTEN) {
		len.udiag_rqueue = skb_queue_len(&sk->sk_receive_queue);
		len.udiag_wqueue = sk->sk_max_ack_backlog;
	} else {
		len.udiag_rqueue = unix_inq_len(sk);
		len.udiag_wqueue = sk_wmem_alloc_get(sk);
	}
	return nla_put(skb, UNIX_DIAG_RQLEN, sizeof(len), &len);
}

/* State lock held. */
static int put_attrs(struct unix_diag_out *o, struct sock *sk)
{
	struct sk_buff *skb = o->skb;

	if (((o->show & UDIAG_SHOW_NAME) && put_name(skb, sk)) ||
	    ((o->show & UDIAG_SHOW_VFS) && put_vfs(skb, sk)) ||
	    ((o->show & UDIAG_SHOW_PEER) && put_peer(skb, sk)) ||
	    ((o->show & UDIAG_SHOW_ICONS) && put_icons(skb, sk)) ||
	    ((o->show & UDIAG_SHOW_RQLEN) && put_rqlen(skb, sk)) ||
	    ((o->show & UDIAG_SHOW_MEMINFO) &&
	     sock_diag_put_meminfo(sk, skb, UNIX_DIAG_MEMINFO)) ||
	    nla_put_u8(skb, UNIX_DIAG_SHUTDOWN, sk->sk_shutdown) ||
	    ((o->show & UDIAG_SHOW_UID) &&
	     nla_put_u32(skb, UNIX_DIAG_UID, sk->sk_uid)))
		return -EMSGSIZE;
	return 0;
}

static int fill(struct unix_diag_out *o, struct sock *sk)
{
	struct unix_diag_msg *msg;
	struct nlmsghdr *nlh;
	int err;

	nlh = nlmsg_put(o->skb, o->portid, o->seq, SOCK_DIAG_BY_FAMILY,
			sizeof(*msg), o->flags);
	if (!nlh)
		return -EMSGSIZE;
	msg = nlmsg_data(nlh);
	*msg = (struct unix_diag_msg){
		.udiag_family = AF_UNIX, .udiag_type = sk->sk_type,
		.udiag_ino = sock_i_ino(sk) };
	sock_diag_save_cookie(sk, msg->udiag_cookie);
	unix_state_lock(sk);
	msg->udiag_state = sk->sk_state;
	err = put_attrs(o, sk);
	unix_state_unlock(sk);
	if (err)
		nlmsg_cancel(o->skb, nlh);
	else
		nlmsg_end(o->skb, nlh);
	return err;
}

static int dump_bucket(struct unix_diag_out *o, struct netlink_callback *cb,
		       struct unix_bucket *b)
{
	const struct unix_diag_req *req = nlmsg_data(cb->nlh);
	struct sock *sk;
	long place = 0;
	int err = 0;

	spin_lock(&b->lock);
	hlist_for_each_entry(sk, &b->head, sk_node) {
		if (place >= cb->args[1] &&
		    sock_net(sk) == sock_net(o->skb->sk) &&
		    (req->udiag_states & (1u << sk->sk_state)))
			err = fill(o, sk);
		if (err)
			break;
		place++;
	}
	spin_unlock(&b->lock);
	cb->args[1] = err ? place : 0;
	return err;
}

static int unix_diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct unix_diag_req *req = nlmsg_data(cb->nlh);
	struct unix_diag_out o = {
		.skb = skb, .portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq, .flags = NLM_F_MULTI,
		.show = req->udiag_show };

	for (; cb->args[0] < UNIX_BUCKETS; cb->args[0]++)
		if (dump_bucket(&o, cb, unix_bucket(sock_net(skb->sk),
						    cb->args[0])))
			return skb->len;
	return 0;
}

/* ---- one ---- */

static struct sock *find_ino(struct net *net, u32 ino)
{
	struct sock *sk;

	for (int i = 0; i < UNIX_BUCKETS; i++) {
		struct unix_bucket *b = unix_bucket(net, i);

		spin_lock(&b->lock);
		hlist_for_each_entry(sk, &b->head, sk_node) {
			if (sock_net(sk) == net && sock_i_ino(sk) == ino) {
				sock_hold(sk);
				spin_unlock(&b->lock);
				return sk;
			}
		}
		spin_unlock(&b->lock);
	}
	return NULL;
}

static int get_one(struct sk_buff *in, const struct nlmsghdr *nlh)
{
	const struct unix_diag_req *req = nlmsg_data(nlh);
	struct net *net = sock_net(NETLINK_CB(in).sk);
	struct unix_diag_out o = {
		.portid = NETLINK_CB(in).portid, .seq = nlh->nlmsg_seq,
		.show = req->udiag_show };
	struct sock *sk;
	int err;

	if (!req->udiag_ino)
		return -EINVAL;
	sk = find_ino(net, req->udiag_ino);
	if (!sk)
		return -ENOENT;
	err = sock_diag_check_cookie(sk, req->udiag_cookie);
	for (size_t room = ROOM_FOR_ONE; !err; room *= 2) {
		o.skb = nlmsg_new(room, GFP_KERNEL);
		err = o.skb ? fill(&o, sk) : -ENOMEM;
		if (!err)
			break;
		kfree_skb(o.skb);
		if (err == -EMSGSIZE && room < 65536)
			err = 0;      /* a long queue: again, with more room */
	}
	sock_put(sk);
	if (err)
		return err;
	err = netlink_unicast(net->diag_nlsk, o.skb, o.portid, MSG_DONTWAIT);
	return err > 0 ? 0 : err;
}

static int unix_diag_request(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	if (nlmsg_len(nlh) < (int)sizeof(struct unix_diag_req))
		return -EINVAL;
	if (nlh->nlmsg_flags & NLM_F_DUMP)
		return sock_diag_start_dump(skb, nlh,
					    sizeof(struct unix_diag_req),
					    unix_diag_dump);
	return get_one(skb, nlh);
}

static const struct sock_diag_handler unix_handler = {
	.family = AF_UNIX, .dump = unix_diag_request,
};

static int unix_diag_init(void)
{
	return sock_diag_register(&unix_handler);
}
device_initcall(unix_diag_init);
