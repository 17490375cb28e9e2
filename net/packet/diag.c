/* SPDX-License-Identifier: MIT */
/*
 * diag.c -- `ss` asks about packet sockets: who listens to the wire
 *
 * LOCKING.  packet_list_lock while the list is written down.
 */

#include "packet.h"

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/rtnetlink.h>
#include <net/sock_diag.h>

static int put_info(struct sk_buff *skb, const struct packet_sock *po)
{
	struct packet_diag_info info = {
		.pdi_index = po->ifindex, .pdi_version = po->version,
		.pdi_reserve = po->reserve, .pdi_copy_thresh = po->copy_thresh,
		.pdi_flags = (po->running ? PDI_RUNNING : 0) |
			     (po->auxdata ? PDI_AUXDATA : 0) |
			     (po->origdev ? PDI_ORIGDEV : 0) |
			     (po->loss ? PDI_LOSS : 0) };

	return nla_put(skb, PACKET_DIAG_INFO, sizeof(info), &info);
}

static int put_ring(struct sk_buff *skb, struct packet_sock *po)
{
	const struct packet_ring *r = &po->rx_ring;
	struct packet_diag_ring ring;
	int err = 0;

	mutex_lock(&po->pg_lock);
	if (r->blocks) {
		ring = (struct packet_diag_ring){
			.pdr_block_size = r->block_size,
			.pdr_block_nr = r->block_nr,
			.pdr_frame_size = r->frame_size,
			.pdr_frame_nr = r->frame_nr,
			.pdr_retire_tmo = po->version == TPACKET_V3 ?
					  jiffies_to_msecs(r->retire_after) : 0,
			.pdr_sizeof_priv = r->priv_size };
		err = nla_put(skb, PACKET_DIAG_RX_RING, sizeof(ring), &ring);
	}
	mutex_unlock(&po->pg_lock);
	return err;
}

static int put_mclist(struct sk_buff *skb, const struct packet_sock *po)
{
	struct nlattr *nest = nla_nest_start_noflag(skb, PACKET_DIAG_MCLIST);

	if (!nest)
		return -EMSGSIZE;
	rtnl_lock();
	for (struct packet_mclist *ml = po->mclist; ml; ml = ml->next) {
		struct packet_diag_mclist *m;

		if (skb_tailroom(skb) < (int)sizeof(*m)) {
			rtnl_unlock();
			return -EMSGSIZE;
		}
		m = skb_put(skb, sizeof(*m));
		*m = (struct packet_diag_mclist){
			.pdmc_index = ml->ifindex, .pdmc_count = ml->count,
			.pdmc_type = ml->type, .pdmc_alen = ml->alen };
		memcpy(m->pdmc_addr, ml->addr, sizeof(m->pdmc_addr));
	}
	rtnl_unlock();
	nla_nest_end(skb, nest);
	return 0;
}

static int put_attrs(struct sk_buff *skb, struct packet_sock *po, u32 show)
{
	struct sock *sk = &po->sk;

	if ((show & PACKET_SHOW_INFO) &&
	    (put_info(skb, po) ||
	     nla_put_u32(skb, PACKET_DIAG_UID, sk->sk_uid)))
		return -EMSGSIZE;
	if ((show & PACKET_SHOW_MCLIST) && put_mclist(skb, po))
		return -EMSGSIZE;
	if ((show & PACKET_SHOW_RING_CFG) && put_ring(skb, po))
		return -EMSGSIZE;
	if ((show & PACKET_SHOW_MEMINFO) &&
	    sock_diag_put_meminfo(sk, skb, PACKET_DIAG_MEMINFO))
		return -EMSGSIZE;
	return 0;
}

static int fill(struct sk_buff *skb, struct netlink_callback *cb,
		struct packet_sock *po)
{
	const struct packet_diag_req *req = nlmsg_data(cb->nlh);
	struct packet_diag_msg *msg;
	struct nlmsghdr *nlh;

	nlh = nlmsg_put_answer(skb, cb, SOCK_DIAG_BY_FAMILY, sizeof(*msg),
			       NLM_F_MULTI);
	if (!nlh)
		return -EMSGSIZE;
	msg = nlmsg_data(nlh);
	*msg = (struct packet_diag_msg){
		.pdiag_family = AF_PACKET, .pdiag_type = po->sk.sk_type,
		.pdiag_num = ntohs(po->num), .pdiag_ino = sock_i_ino(&po->sk) };
	sock_diag_save_cookie(&po->sk, msg->pdiag_cookie);
	if (put_attrs(skb, po, req->pdiag_show)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

/* args[0]: place in the list. */
static int packet_diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct packet_sock *po;
	long place = 0;
	int err = 0;

	mutex_lock(&packet_list_lock);
	hlist_for_each_entry(po, &packet_list, all_node) {
		if (place >= cb->args[0] && net_eq(sock_net(&po->sk), net))
			err = fill(skb, cb, po);
		if (err)
			break;
		place++;
	}
	mutex_unlock(&packet_list_lock);
	cb->args[0] = place;
	return err ? (int)skb->len : 0;
}

static int packet_diag_request(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	const struct packet_diag_req *req = nlmsg_data(nlh);

	if (nlmsg_len(nlh) < (int)sizeof(*req) || req->sdiag_protocol)
		return -EINVAL;
	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		return -EOPNOTSUPP;
	return sock_diag_start_dump(skb, nlh, sizeof(*req), packet_diag_dump);
}

static const struct sock_diag_handler packet_handler = {
	.family = AF_PACKET, .dump = packet_diag_request,
};

static int packet_diag_init(void)
{
	return sock_diag_register(&packet_handler);
}
device_initcall(packet_diag_init);
