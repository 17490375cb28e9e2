/* SPDX-License-Identifier: MIT */
/*
 * deliver.c -- a netlink message reaches whom it is for
 *
 * PROMISE.  A message to a port is in its queue when netlink_unicast() returns
 * its length.  A member of a group gets each message of the group in order; one
 * that had no room is told so, once, before it reads on (ENOBUFS).
 *
 * IDEA.  Who sends to a port waits until there is room, as long as his own
 * timeout allows.  Nobody waits for the members of a group: a full queue loses
 * the message, and its socket is congested until it has been read empty.
 *
 * LOCKING.  Broadcasts walk the members under the table's read lock and clone
 * with GFP_ATOMIC, so that any context may notify.
 *
 * SEE netlink(7); af_netlink.c.
 */

#include "netlink.h"

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <net/filter.h>
#include <net/scm.h>

void netlink_skb_set_owner_r(struct sk_buff *skb, struct sock *sk)
{
	skb_set_owner_r(skb, sk);
}

int netlink_sendskb(struct sock *sk, struct sk_buff *skb)
{
	int len = skb->len;

	skb_queue_tail(&sk->sk_receive_queue, skb);
	sk->sk_data_ready(sk);
	return len;
}

void netlink_overrun(struct sock *sk)
{
	struct netlink_sock *nlk = nlk_sk(sk);

	if (!(nlk->flags & NETLINK_F_RECV_NO_ENOBUFS) &&
	    !test_and_set_bit(NETLINK_S_CONGESTED, &nlk->state)) {
		WRITE_ONCE(sk->sk_err, ENOBUFS);
		sk_error_report(sk);
	}
	atomic_inc(&sk->sk_drops);
}

static bool has_room(struct sock *sk)
{
	return atomic_read(&sk->sk_rmem_alloc) <= READ_ONCE(sk->sk_rcvbuf) &&
	       !test_bit(NETLINK_S_CONGESTED, &nlk_sk(sk)->state);
}

/* Until sk has room, or timeo is over: 0, -EAGAIN, -EINTR. */
static int wait_for_room(struct sock *sk, long *timeo)
{
	struct netlink_sock *nlk = nlk_sk(sk);
	DEFINE_WAIT(wait);
	int err = 0;

	while (!has_room(sk) && !sock_flag(sk, SOCK_DEAD)) {
		if (!*timeo)
			return -EAGAIN;
		prepare_to_wait(&nlk->wait, &wait, TASK_INTERRUPTIBLE);
		if (!has_room(sk) && !sock_flag(sk, SOCK_DEAD))
			*timeo = schedule_timeout(*timeo);
		finish_wait(&nlk->wait, &wait);
		if (signal_pending(current)) {
			err = sock_intr_errno(*timeo);
			break;
		}
	}
	return err;
}

/* To the service: it runs here and now. */
static int unicast_kernel(struct sock *sk, struct sk_buff *skb,
			  struct sock *ssk)
{
	struct netlink_sock *nlk = nlk_sk(sk);
	int ret = -ECONNREFUSED;

	if (nlk->netlink_rcv) {
		ret = skb->len;
		NETLINK_CB(skb).sk = ssk;
		nlk->netlink_rcv(skb);
	}
	consume_skb(skb);
	sock_put(sk);
	return ret;
}

int netlink_unicast(struct sock *ssk, struct sk_buff *skb, u32 portid,
		    int nonblock)
{
	long timeo = sock_sndtimeo(ssk, nonblock);
	struct sock *sk;
	int err;

	sk = netlink_lookup(sock_net(ssk), ssk->sk_protocol, portid);
	if (!sk) {
		kfree_skb(skb);
		return -ECONNREFUSED;
	}
	if (netlink_is_kernel(sk))
		return unicast_kernel(sk, skb, ssk);
	err = sk_filter(sk, skb);
	if (err) {
		err = skb->len;       /* the receiver does not want it */
	} else {
		err = wait_for_room(sk, &timeo);
		if (!err && sock_flag(sk, SOCK_DEAD))
			err = -ECONNREFUSED;
		if (!err) {
			netlink_skb_set_owner_r(skb, sk);
			err = netlink_sendskb(sk, skb);
			skb = NULL;
		}
	}
	kfree_skb(skb);
	sock_put(sk);
	return err;
}
EXPORT_SYMBOL(netlink_unicast);

/* A clone to one member: false, it has no room.  Table lock held. */
static bool deliver_clone(struct sock *sk, struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff *clone = has_room(sk) ? skb_clone(skb, GFP_ATOMIC)
					     : NULL;

	if (!clone)
		return false;
	if (sk_filter(sk, clone)) {
		kfree_skb(clone);
		return true;
	}
	netlink_skb_set_owner_r(clone, sk);
	netlink_sendskb(sk, clone);
	return true;
}

int netlink_broadcast(struct sock *ssk, struct sk_buff *skb, u32 portid,
		      u32 group, gfp_t gfp)
{
	struct netlink_table *t = netlink_table_of(ssk);
	bool delivered = false, failed = false;
	struct sock *sk;

	if (!group || group > t->groups) {
		kfree_skb(skb);
		return -ESRCH;
	}
	skb_orphan(skb);
	NETLINK_CB(skb).dst_group = group;
	read_lock_bh(&t->lock);
	hlist_for_each_entry(sk, &t->mc_list, sk_bind_node) {
		if (sk == ssk || (portid && nlk_sk(sk)->portid == portid) ||
		    !test_bit(group - 1, nlk_sk(sk)->groups))
			continue;
		if (deliver_clone(sk, skb, gfp)) {
			delivered = true;
		} else {
			netlink_overrun(sk);
			if (nlk_sk(sk)->flags & NETLINK_F_BROADCAST_SEND_ERROR)
				failed = true;
		}
	}
	read_unlock_bh(&t->lock);
	consume_skb(skb);
	if (failed)
		return -ENOBUFS;
	return delivered ? 0 : -ESRCH;
}
EXPORT_SYMBOL(netlink_broadcast);

bool netlink_has_listeners(struct sock *sk, unsigned int group)
{
	struct netlink_table *t = netlink_table_of(sk);

	return group && group <= t->groups &&
	       READ_ONCE(t->listeners[group - 1]);
}

void netlink_set_err(struct sock *ssk, u32 portid, u32 group, int code)
{
	struct netlink_table *t = netlink_table_of(ssk);
	struct sock *sk;

	read_lock_bh(&t->lock);
	hlist_for_each_entry(sk, &t->mc_list, sk_bind_node) {
		if (sk == ssk || nlk_sk(sk)->portid == portid ||
		    !test_bit(group - 1, nlk_sk(sk)->groups) ||
		    (nlk_sk(sk)->flags & NETLINK_F_RECV_NO_ENOBUFS))
			continue;
		WRITE_ONCE(sk->sk_err, -code);
		sk_error_report(sk);
	}
	read_unlock_bh(&t->lock);
}

/* ---- receiving ---- */

static void tell_source(struct socket *sock, struct msghdr *msg,
			struct sk_buff *skb)
{
	struct sockaddr_nl *addr = msg->msg_name;
	u32 group = NETLINK_CB(skb).dst_group;

	if (addr) {
		*addr = (struct sockaddr_nl){
			.nl_family = AF_NETLINK,
			.nl_pid = NETLINK_CB(skb).portid,
			.nl_groups = group ? 1u << ((group - 1) & 31) : 0 };
		msg->msg_namelen = sizeof(*addr);
	}
	if (nlk_sk(sock->sk)->flags & NETLINK_F_RECV_PKTINFO) {
		struct nl_pktinfo info = { group };

		put_cmsg(msg, SOL_NETLINK, NETLINK_PKTINFO, sizeof(info),
			 &info);
	}
}

static void tell_credentials(struct socket *sock, struct msghdr *msg,
			     struct sk_buff *skb, int flags)
{
	struct scm_cookie scm = { .creds = { .pid = NETLINK_CB(skb).pid,
		.uid = NETLINK_CB(skb).uid, .gid = NETLINK_CB(skb).gid } };

	if (scm.creds.pid && test_bit(SOCK_PASSCRED, &sock->flags))
		scm.pid = find_get_pid(scm.creds.pid);
	scm_recv(sock, msg, &scm, flags);
}

/* Something was read: senders may go on, and so may a dump. */
static void made_room(struct sock *sk, size_t len)
{
	struct netlink_sock *nlk = nlk_sk(sk);
	int err;

	if (READ_ONCE(nlk->cb_running)) {
		mutex_lock(&nlk->dump_mutex);
		nlk->max_recvmsg_len = min_t(size_t, MAX_RECVMSG_LEN,
					     max(nlk->max_recvmsg_len, len));
		mutex_unlock(&nlk->dump_mutex);
		if (atomic_read(&sk->sk_rmem_alloc) <=
		    READ_ONCE(sk->sk_rcvbuf) / 2) {
			err = netlink_dump(sk);
			if (err) {
				WRITE_ONCE(sk->sk_err, -err);
				sk_error_report(sk);
			}
		}
	} else {
		WRITE_ONCE(nlk->max_recvmsg_len, min_t(size_t, MAX_RECVMSG_LEN,
					max(nlk->max_recvmsg_len, len)));
	}
	if (skb_queue_empty_lockless(&sk->sk_receive_queue))
		clear_bit(NETLINK_S_CONGESTED, &nlk->state);
	if (!test_bit(NETLINK_S_CONGESTED, &nlk->state))
		wake_up_interruptible(&nlk->wait);
}

int netlink_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		    int flags)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int copied, err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	copied = skb->len;
	if (len < (size_t)copied) {
		msg->msg_flags |= MSG_TRUNC;
		copied = len;
	}
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (!err) {
		tell_source(sock, msg, skb);
		tell_credentials(sock, msg, skb, flags);
		if (flags & MSG_TRUNC)
			copied = skb->len;
	}
	skb_free_datagram(sk, skb);
	made_room(sk, len);
	return err ? err : copied;
}
