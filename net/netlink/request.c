/* SPDX-License-Identifier: MIT */
/*
 * request.c -- what a service does with a packet: requests, acks, dumps
 *
 * IDEA.  A packet holds messages one behind the other; each that is a request
 * goes to the service, and gets an ack if it asked for one or failed.  A dump
 * is a list too long for a packet: the service writes what fits and remembers
 * where it was; each recvmsg() that empties the queue has the next piece
 * written.  So a list of any length costs two pieces of memory, and a reader
 * who stops reading stops the writer.
 *
 *	request --> dump() -> piece 1 --> recvmsg --> dump() -> piece 2 ... DONE
 *
 * LOCKING.  dump_mutex of the reader's socket: one dump at a time, one writer.
 *
 * SEE netlink(7).
 */

#include "netlink.h"

#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/export.h>
#include <kernel/kernel.h>

/* Had the one who opened the sender's socket the capability? */
static bool opener_capable(const struct sock *sk, int cap)
{
	const struct file *file = sk->sk_socket ? sk->sk_socket->file : NULL;

	return !file || (file->f_cred->cap_effective >> cap & 1);
}

/*
 * Who got the socket as its standard output and only writes to it, may be
 * somebody's tool, set-user-ID root, who does not know what he writes to: then
 * the one who opened it must have had the right.
 */
bool netlink_ns_capable(const struct sk_buff *skb, struct user_namespace *ns,
			int cap)
{
	const struct sock *sk = NETLINK_CB(skb).sk;

	return (NETLINK_CB(skb).addressed || opener_capable(sk, cap)) &&
	       ns_capable(ns, cap);
}

bool netlink_net_capable(const struct sk_buff *skb, int cap)
{
	return netlink_ns_capable(skb, sock_net(NETLINK_CB(skb).sk)->user_ns,
				  cap);
}

bool netlink_strict_get_check(struct sk_buff *skb)
{
	return nlk_sk(NETLINK_CB(skb).sk)->flags & NETLINK_F_STRICT_CHK;
}

/* ---- dumps ---- */

static void write_errmsg(struct sk_buff *skb,
			 const struct netlink_ext_ack *extack)
{
	if (extack && extack->_msg)
		nla_put_string(skb, NLMSGERR_ATTR_MSG, extack->_msg);
}

/* The last message: how it went.  False: it does not fit any more. */
static bool write_done(struct sk_buff *skb, struct netlink_sock *nlk,
		       const struct netlink_ext_ack *extack)
{
	struct nlmsghdr *nlh;
	int flags = NLM_F_MULTI | nlk->cb.flags;

	if (extack && extack->_msg && (nlk->flags & NETLINK_F_EXT_ACK))
		flags |= NLM_F_ACK_TLVS;
	nlh = nlmsg_put_answer(skb, &nlk->cb, NLMSG_DONE, sizeof(int), flags);
	if (!nlh)
		return false;
	nl_dump_check_consistent(&nlk->cb, nlh);
	memcpy(nlmsg_data(nlh), &nlk->dump_done_errno, sizeof(int));
	if (flags & NLM_F_ACK_TLVS) {
		write_errmsg(skb, extack);
		nlmsg_end(skb, nlh);
	}
	return true;
}

/* dump_mutex held.  The request may be freed. */
static void finish_dump(struct netlink_sock *nlk)
{
	if (nlk->cb.done)
		nlk->cb.done(&nlk->cb);
	consume_skb(nlk->cb.skb);
	WRITE_ONCE(nlk->cb_running, false);
}

/* A piece as big as the reader's buffer, if that is known and to be had. */
static struct sk_buff *piece_alloc(struct netlink_sock *nlk)
{
	size_t size = max_t(size_t, NLMSG_GOODSIZE, nlk->max_recvmsg_len);
	struct sk_buff *skb = alloc_skb(size, GFP_KERNEL);

	if (!skb) {
		size = NLMSG_GOODSIZE;
		skb = alloc_skb(size, GFP_KERNEL);
	}
	/* The allocation may be larger than asked; what is written may not. */
	if (skb)
		skb_reserve(skb, skb_tailroom(skb) - size);
	return skb;
}

int netlink_dump(struct sock *sk)
{
	struct netlink_sock *nlk = nlk_sk(sk);
	struct netlink_ext_ack extack = { NULL, NULL };
	struct sk_buff *skb;
	bool over = false;
	int err = 0;

	mutex_lock(&nlk->dump_mutex);
	if (!nlk->cb_running || atomic_read(&sk->sk_rmem_alloc) >=
				READ_ONCE(sk->sk_rcvbuf))
		goto out;
	err = -ENOBUFS;
	skb = piece_alloc(nlk);
	if (!skb)
		goto out;
	memset(&NETLINK_CB(skb), 0, sizeof(NETLINK_CB(skb)));
	netlink_skb_set_owner_r(skb, sk);
	nlk->cb.extack = &extack;
	if (nlk->dump_done_errno > 0)
		nlk->dump_done_errno = nlk->cb.dump(skb, &nlk->cb);
	nlk->cb.extack = NULL;
	if (nlk->dump_done_errno <= 0)
		over = write_done(skb, nlk, &extack);
	netlink_sendskb(sk, skb);
	if (over)
		finish_dump(nlk);
	err = 0;
out:
	mutex_unlock(&nlk->dump_mutex);
	return err;
}

void netlink_dump_end(struct sock *sk)
{
	struct netlink_sock *nlk = nlk_sk(sk);

	mutex_lock(&nlk->dump_mutex);
	if (nlk->cb_running)
		finish_dump(nlk);
	mutex_unlock(&nlk->dump_mutex);
}

int netlink_dump_start(struct sock *ssk, struct sk_buff *skb,
		       const struct nlmsghdr *nlh,
		       struct netlink_dump_control *control)
{
	struct sock *sk = NETLINK_CB(skb).sk;
	struct netlink_sock *nlk = nlk_sk(sk);
	int err = -EBUSY;

	mutex_lock(&nlk->dump_mutex);
	if (nlk->cb_running)
		goto out;
	nlk->cb = (struct netlink_callback){
		.skb = skb, .nlh = nlh, .dump = control->dump,
		.done = control->done, .data = control->data,
		.strict_check = nlk->flags & NETLINK_F_STRICT_CHK };
	err = control->start ? control->start(&nlk->cb) : 0;
	if (err)
		goto out;
	refcount_inc(&skb->users);
	nlk->dump_done_errno = INT_MAX;
	WRITE_ONCE(nlk->cb_running, true);
out:
	mutex_unlock(&nlk->dump_mutex);
	if (!err)
		err = netlink_dump(sk);
	return err ? err : -EINTR;
}
EXPORT_SYMBOL(netlink_dump_start);

/* ---- acknowledgements ---- */

static int tlv_len(const struct netlink_ext_ack *extack, int err)
{
	int len = 0;

	if (extack->_msg)
		len += nla_total_size(strlen(extack->_msg) + 1);
	if (err && extack->bad_attr)
		len += nla_total_size(sizeof(u32));
	return len;
}

static bool lies_in(const struct nlmsghdr *nlh, const void *p)
{
	return (char *)p >= (char *)nlh &&
	       (char *)p < (char *)nlh + nlh->nlmsg_len;
}

void netlink_ack(struct sk_buff *in_skb, struct nlmsghdr *nlh, int err,
		 const struct netlink_ext_ack *extack)
{
	struct sock *sk = NETLINK_CB(in_skb).sk;
	struct netlink_sock *nlk = nlk_sk(sk);
	bool whole = err && !(nlk->flags & NETLINK_F_CAP_ACK);
	int payload = sizeof(struct nlmsgerr) + (whole ? nlmsg_len(nlh) : 0);
	int flags = whole ? 0 : NLM_F_CAPPED, tlv = 0;
	struct nlmsgerr *errmsg;
	struct nlmsghdr *rep;
	struct sk_buff *skb;

	if (extack && (nlk->flags & NETLINK_F_EXT_ACK))
		tlv = tlv_len(extack, err);
	if (tlv)
		flags |= NLM_F_ACK_TLVS;
	skb = nlmsg_new(NLMSG_ALIGN(payload) + tlv, GFP_KERNEL);
	if (!skb) {
		WRITE_ONCE(sk->sk_err, ENOBUFS);
		sk_error_report(sk);
		return;
	}
	memset(&NETLINK_CB(skb), 0, sizeof(NETLINK_CB(skb)));
	rep = nlmsg_put(skb, NETLINK_CB(in_skb).portid, nlh->nlmsg_seq,
			NLMSG_ERROR, payload, flags);
	errmsg = nlmsg_data(rep);
	errmsg->error = err;
	memcpy(&errmsg->msg, nlh, whole ? nlh->nlmsg_len : sizeof(*nlh));
	if (tlv) {
		write_errmsg(skb, extack);
		if (err && extack->bad_attr && lies_in(nlh, extack->bad_attr))
			nla_put_u32(skb, NLMSGERR_ATTR_OFFS,
				    (char *)extack->bad_attr - (char *)nlh);
	}
	nlmsg_end(skb, rep);
	netlink_unicast(sk, skb, NETLINK_CB(in_skb).portid, MSG_DONTWAIT);
}

int netlink_rcv_skb(struct sk_buff *skb,
		    int (*cb)(struct sk_buff *, struct nlmsghdr *,
			      struct netlink_ext_ack *))
{
	struct nlmsghdr *nlh;
	unsigned int len;
	int err;

	while (skb->len >= nlmsg_total_size(0)) {
		struct netlink_ext_ack extack = { NULL, NULL };

		nlh = nlmsg_hdr(skb);
		if (nlh->nlmsg_len < NLMSG_HDRLEN || skb->len < nlh->nlmsg_len)
			return 0;
		err = 0;
		if ((nlh->nlmsg_flags & NLM_F_REQUEST) &&
		    nlh->nlmsg_type >= NLMSG_MIN_TYPE)
			err = cb(skb, nlh, &extack);
		if (err != -EINTR && ((nlh->nlmsg_flags & NLM_F_ACK) || err))
			netlink_ack(skb, nlh, err, &extack);
		len = min_t(unsigned int, NLMSG_ALIGN(nlh->nlmsg_len),
			    skb->len);
		skb_pull(skb, len);
	}
	return 0;
}
EXPORT_SYMBOL(netlink_rcv_skb);
