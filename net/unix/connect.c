/* SPDX-License-Identifier: MIT */
/*
 * connect.c -- how two stream ends come together
 *
 * IDEA.  The client makes the server's end himself (an embryo: a sock without a
 * file), ties it to his own, and puts it, in an empty packet, into the
 * listener's receive queue.  accept() takes it out and gives it a file.  So a
 * client can send before he is accepted, and the backlog is a queue's length.
 *
 * RACES.  The listener is found, and may be closed, or its queue may fill,
 * before we have its lock: all is looked at again under it [a].  Of the two
 * locks the listener's comes first: who connects is not listening, so no two
 * can wait for each other [b].
 */

#include "unix.h"

#include <fs/fs.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

/* Who is behind sk: what the other end's SO_PEERCRED says.  May sleep not. */
static void init_peercred(struct sock *sk)
{
	const struct cred *old;
	struct pid *old_pid;

	spin_lock(&sk->sk_peer_lock);
	old_pid = sk->sk_peer_pid;
	old = sk->sk_peer_cred;
	sk->sk_peer_pid = get_pid(task_tgid(current));
	sk->sk_peer_cred = get_cred(current_cred());
	spin_unlock(&sk->sk_peer_lock);
	put_pid(old_pid);
	if (old)
		put_cred(old);
}

/* The client sees who listens. */
static void copy_peercred(struct sock *sk, struct sock *listener)
{
	const struct cred *cred, *old;
	struct pid *pid, *old_pid;

	spin_lock(&listener->sk_peer_lock);
	pid = get_pid(listener->sk_peer_pid);
	cred = listener->sk_peer_cred ? get_cred(listener->sk_peer_cred) : NULL;
	spin_unlock(&listener->sk_peer_lock);
	spin_lock(&sk->sk_peer_lock);
	old_pid = sk->sk_peer_pid;
	old = sk->sk_peer_cred;
	sk->sk_peer_pid = pid;
	sk->sk_peer_cred = cred;
	spin_unlock(&sk->sk_peer_lock);
	put_pid(old_pid);
	if (old)
		put_cred(old);
}

int unix_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = 0;

	if (!unix_addr(sk))
		return -EINVAL;
	unix_state_lock(sk);
	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN) {
		err = -EINVAL;
	} else {
		if (backlog > (int)sk->sk_max_ack_backlog)
			wake_up_interruptible_all(&unix_sk(sk)->peer_wait);
		WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
		sk->sk_state = TCP_LISTEN;
		init_peercred(sk);
	}
	unix_state_unlock(sk);
	return err;
}

/*
 * The listener of that name, ready for one more, with its state lock and a
 * reference; ERR_PTR.
 */
static struct sock *lock_listener(struct sock *sk, struct sockaddr_un *name,
				  int len, long *timeo)
{
	struct sock *other;
	int err;

	for (;;) {
		other = unix_find_other(sock_net(sk), name, len, sk->sk_type);
		if (IS_ERR(other))
			return other;
		unix_state_lock(other);                         /* [a] */
		if (sock_flag(other, SOCK_DEAD)) {
			unix_state_unlock(other);
			sock_put(other);
			continue;
		}
		err = -ECONNREFUSED;
		if (other->sk_state != TCP_LISTEN ||
		    (other->sk_shutdown & RCV_SHUTDOWN))
			break;
		if (!unix_recvq_full(other))
			return other;
		err = -EAGAIN;
		if (!*timeo)
			break;
		*timeo = unix_wait_for_peer(other, *timeo);
		sock_put(other);
		if (signal_pending(current))
			return ERR_PTR(sock_intr_errno(*timeo));
	}
	unix_state_unlock(other);
	sock_put(other);
	return ERR_PTR(err);
}

/* Both ends know each other from here on.  All locks held. */
static void tie(struct sock *sk, struct sock *embryo, struct sock *listener)
{
	struct unix_sock *lu = unix_sk(listener), *eu = unix_sk(embryo);
	struct unix_address *addr = unix_addr(listener);

	sock_hold(sk);
	unix_peer(embryo) = sk;
	embryo->sk_state = TCP_ESTABLISHED;
	init_peercred(embryo);
	if (addr) {
		refcount_inc(&addr->refcnt);
		smp_store_release(&eu->addr, addr);
	}
	if (lu->path.dentry) {
		path_get(&lu->path);
		eu->path = lu->path;
	}
	copy_peercred(sk, listener);
	sk->sk_socket->state = SS_CONNECTED;
	sk->sk_state = TCP_ESTABLISHED;
	sock_hold(embryo);
	unix_peer(sk) = embryo;
}

/* sk's state allows it: 0; or -EISCONN, -EINVAL. */
static int check_client(const struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_CLOSE:
		return 0;
	case TCP_ESTABLISHED:
		return -EISCONN;
	default:
		return -EINVAL;
	}
}

static int connect_embryo(struct sock *sk, struct sock *embryo,
			  struct sk_buff *skb, struct sockaddr_un *name,
			  int len, long timeo)
{
	struct sock *other;
	int err;

	other = lock_listener(sk, name, len, &timeo);
	if (IS_ERR(other))
		return PTR_ERR(other);
	err = check_client(sk);
	if (err)
		goto out;
	unix_state_lock_nested(sk);                             /* [b] */
	err = check_client(sk);
	if (!err)
		tie(sk, embryo, other);   /* garbage.c [a] */
	unix_state_unlock(sk);
	if (err)
		goto out;
	skb_queue_tail(&other->sk_receive_queue, skb); /* garbage.c [b] */
	unix_state_unlock(other);
	other->sk_data_ready(other);
	sock_put(other);
	return 0;
out:
	unix_state_unlock(other);
	sock_put(other);
	return err;
}

int unix_stream_connect(struct socket *sock, struct sockaddr *uaddr, int len,
			int flags)
{
	struct sockaddr_un *name = (struct sockaddr_un *)uaddr;
	struct sock *sk = sock->sk, *embryo;
	struct sk_buff *skb;
	int err = unix_validate_addr(name, len);

	if (err)
		return err;
	if (test_bit(SOCK_PASSCRED, &sock->flags) && !unix_addr(sk)) {
		err = unix_autobind(sk);
		if (err)
			return err;
	}
	embryo = unix_create1(sock_net(sk), NULL, 0, sock->type);
	if (IS_ERR(embryo))
		return PTR_ERR(embryo);
	skb = sock_wmalloc(embryo, 1, 0, GFP_KERNEL);
	err = skb ? connect_embryo(sk, embryo, skb, name, len,
				   sock_sndtimeo(sk, flags & O_NONBLOCK))
		  : -ENOMEM;
	if (err) {
		kfree_skb(skb);
		unix_release_sock(embryo, 0);
	}
	return err;
}

int unix_socketpair(struct socket *a, struct socket *b)
{
	struct sock *ska = a->sk, *skb = b->sk;

	sock_hold(ska);
	sock_hold(skb);
	unix_peer(ska) = skb;
	unix_peer(skb) = ska;
	init_peercred(ska);
	init_peercred(skb);
	ska->sk_state = skb->sk_state = TCP_ESTABLISHED;
	a->state = b->state = SS_CONNECTED;
	return 0;
}

int unix_accept(struct socket *sock, struct socket *newsock, int flags,
		bool kern)
{
	struct sock *sk = sock->sk, *embryo;
	struct sk_buff *skb;
	int err;

	if (sk->sk_state != TCP_LISTEN)
		return -EINVAL;
	skb = skb_recv_datagram(sk, flags & O_NONBLOCK ? MSG_DONTWAIT : 0, &err);
	if (!skb)
		return err ? err : -EINVAL;     /* shut down */
	embryo = skb->sk;
	skb_free_datagram(sk, skb);
	wake_up_interruptible(&unix_sk(sk)->peer_wait);
	unix_state_lock(embryo);
	newsock->state = SS_CONNECTED;
	embryo->sk_uid = SOCK_INODE(newsock)->i_uid;
	sock_graft(embryo, newsock);
	unix_state_unlock(embryo);
	return 0;
}
