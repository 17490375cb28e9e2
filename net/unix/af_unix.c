/* SPDX-License-Identifier: MIT */
/*
 * af_unix.c -- sockets between the processes of one machine
 *
 * PROMISE.  A stream carries bytes, a datagram socket messages, a seqpacket
 * socket messages over a connection; none is lost, reordered or doubled, and
 * open files and credentials can go along.
 *
 * IDEA.  There is no network: a sender puts his packet straight into the
 * receiver's queue, charged to himself until it is read.  So a sender's buffer
 * limits a connection, and the receiver's reading is what makes room.
 *
 *	connect():   client ----- skb(embryo) -----> listener's receive queue
 *	accept():    client <=== peer ===> embryo    gets a struct socket
 *	send():      skb -----> peer's sk_receive_queue
 *
 * LIFE.  Each end of a connection holds the other (peer, counted).  A sock dies
 * when its file is closed: it leaves the tables, its queue is emptied, its peer
 * sees the end (or ECONNRESET, if something was not read).
 *
 * LOCKING, outermost first:
 *	bindlock (sleeps)  ->  bucket lock
 *	iolock (sleeps): a socket's readers, one at a time  ->  state lock
 *	state lock: listener before client; of two equals the lower address first
 *	  ->  sk_receive_queue.lock
 *	unix_gc_lock  ->  a listener's state lock; sk_receive_queue.lock
 *	peer_wait's lock is innermost, with the state lock held or not.
 *
 * All runs in process context, so state locks need not close the softirq out.
 *
 * SEE name.c, connect.c, stream.c, dgram.c, poll.c, scm.c, garbage.c;
 * unix(7); docs/95-unix-sockets.md.
 */

#include "unix.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <fs/seq_file.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <uapi/termios.h>

static atomic_long_t unix_nr_socks = ATOMIC_LONG_INIT(0);

/* ---- small questions ---- */

/* A quarter of the buffer is in flight at most: then poll says writable. */
bool unix_writable(const struct sock *sk)
{
	return sk->sk_state != TCP_LISTEN &&
	       ((unsigned int)refcount_read(&sk->sk_wmem_alloc) << 2) <=
	       (unsigned int)READ_ONCE(sk->sk_sndbuf);
}

bool unix_recvq_full(const struct sock *sk)
{
	return skb_queue_len_lockless(&sk->sk_receive_queue) >
	       READ_ONCE(sk->sk_max_ack_backlog);
}

struct sock *unix_peer_get(struct sock *sk)
{
	struct sock *peer;

	unix_state_lock(sk);
	peer = unix_peer(sk);
	if (peer)
		sock_hold(peer);
	unix_state_unlock(sk);
	return peer;
}

struct sock *unix_get_socket(struct file *file)
{
	struct socket *sock = sock_from_file(file);

	if (!sock || !sock->ops || sock->ops->family != PF_UNIX)
		return NULL;
	return sock->sk;
}

void unix_state_double_lock(struct sock *a, struct sock *b)
{
	if (a == b || !b) {
		unix_state_lock(a);
		return;
	}
	if (a > b)
		swap(a, b);
	unix_state_lock(a);
	unix_state_lock_nested(b);
}

void unix_state_double_unlock(struct sock *a, struct sock *b)
{
	unix_state_unlock(a);
	if (b && a != b)
		unix_state_unlock(b);
}

/* ---- birth ---- */

static void unix_write_space(struct sock *sk)
{
	if (unix_writable(sk))
		sk_wake_writers(sk);
}

static void unix_sock_destructor(struct sock *sk)
{
	skb_queue_purge(&sk->sk_receive_queue);
	WARN_ON(refcount_read(&sk->sk_wmem_alloc));
	WARN_ON(!sk_unhashed(sk));
	WARN_ON(sk->sk_socket);
	if (unix_sk(sk)->addr)
		unix_release_addr(unix_sk(sk)->addr);
	atomic_long_dec(&unix_nr_socks);
}

/* Twice as many as files: an embryo, or one in flight, has no descriptor. */
static bool too_many(void)
{
	return atomic_long_read(&unix_nr_socks) > 2 * (long)files_max;
}

/* A sock, nameless and alone; sock NULL: an embryo.  ERR_PTR. */
struct sock *unix_create1(struct net *net, struct socket *sock, int kern,
			  int type)
{
	struct unix_sock *u;
	struct sock *sk;

	atomic_long_inc(&unix_nr_socks);
	sk = too_many() ? NULL : sk_alloc(net, PF_UNIX, GFP_KERNEL,
			type == SOCK_STREAM ? &unix_stream_proto
					    : &unix_dgram_proto, kern);
	if (!sk) {
		int err = too_many() ? -ENFILE : -ENOMEM;

		atomic_long_dec(&unix_nr_socks);
		return ERR_PTR(err);
	}
	sock_init_data(sock, sk);
	sk->sk_type = type;
	sk->sk_write_space = unix_write_space;
	sk->sk_max_ack_backlog = READ_ONCE(net->unx.sysctl_max_dgram_qlen);
	sk->sk_destruct = unix_sock_destructor;
	u = unix_sk(sk);
	spin_lock_init(&u->lock);
	INIT_LIST_HEAD(&u->link);
	mutex_init(&u->iolock);
	mutex_init(&u->bindlock);
	init_waitqueue_head(&u->peer_wait);
	init_waitqueue_func_entry(&u->peer_wake, unix_peer_wake_relay);
	unix_insert_unbound(sk);
	return sk;
}

static int unix_create(struct net *net, struct socket *sock, int protocol,
		       int kern)
{
	struct sock *sk;

	if (protocol && protocol != PF_UNIX)
		return -EPROTONOSUPPORT;
	sock->state = SS_UNCONNECTED;
	switch (sock->type) {
	case SOCK_STREAM:
		sock->ops = &unix_stream_ops;
		break;
	case SOCK_RAW:                /* BSD's name for it */
		sock->type = SOCK_DGRAM;
		sock->ops = &unix_dgram_ops;
		break;
	case SOCK_DGRAM:
		sock->ops = &unix_dgram_ops;
		break;
	case SOCK_SEQPACKET:
		sock->ops = &unix_seqpacket_ops;
		break;
	default:
		return -ESOCKTNOSUPPORT;
	}
	sk = unix_create1(net, sock, kern, sock->type);
	return IS_ERR(sk) ? PTR_ERR(sk) : 0;
}

/* ---- death ---- */

/* A connection ends: the other end sees it. */
static void leave_peer(struct sock *sk, struct sock *peer, bool unread)
{
	if (sk->sk_type == SOCK_STREAM || sk->sk_type == SOCK_SEQPACKET) {
		unix_state_lock(peer);
		WRITE_ONCE(peer->sk_shutdown, SHUTDOWN_MASK);
		if (unread)
			WRITE_ONCE(peer->sk_err, ECONNRESET);
		unix_state_unlock(peer);
		peer->sk_state_change(peer);
		sk_wake_async(peer, SOCK_WAKE_WAITD, POLL_HUP);
	}
	unix_peer_wake_disconnect(sk, peer);
	sock_put(peer);
}

/* Empty the queue: a listener's holds connections that nobody accepted. */
static void drop_queue(struct sock *sk, bool listener)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&sk->sk_receive_queue))) {
		if (listener)
			unix_release_sock(skb->sk, 1);
		kfree_skb(skb);
	}
}

/* The file of sk is closed, or (embryo) there never was one. */
void unix_release_sock(struct sock *sk, int embryo)
{
	struct unix_sock *u = unix_sk(sk);
	bool listener, unread;
	struct sock *peer;
	struct path path;

	unix_remove(sk);
	unix_state_lock(sk);
	sock_orphan(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	path = u->path;
	u->path = (struct path){ NULL, NULL };
	listener = sk->sk_state == TCP_LISTEN;
	sk->sk_state = TCP_CLOSE;
	peer = unix_peer(sk);
	unix_peer(sk) = NULL;
	unix_oob_release(sk);
	unix_state_unlock(sk);

	wake_up_interruptible_all(&u->peer_wait);
	unread = embryo || !skb_queue_empty(&sk->sk_receive_queue);
	if (peer)
		leave_peer(sk, peer, unread);
	drop_queue(sk, listener);
	if (path.dentry)
		path_put(&path);
	sock_put(sk);
	if (READ_ONCE(unix_tot_inflight))
		unix_gc();
}

int unix_release(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!sk)
		return 0;
	unix_release_sock(sk, 0);
	sock->sk = NULL;
	return 0;
}

/* ---- calls that are the same for all three types ---- */

/*
 * Wait for room in other's queue.  other's state lock held, dropped here; the
 * caller holds a reference.  Jiffies left.
 */
long unix_wait_for_peer(struct sock *other, long timeo)
{
	struct unix_sock *u = unix_sk(other);
	DEFINE_WAIT(wait);
	bool sleep;

	prepare_to_wait_exclusive(&u->peer_wait, &wait, TASK_INTERRUPTIBLE);
	sleep = !sock_flag(other, SOCK_DEAD) &&
		!(other->sk_shutdown & RCV_SHUTDOWN) && unix_recvq_full(other);
	unix_state_unlock(other);
	if (sleep)
		timeo = schedule_timeout(timeo);
	finish_wait(&u->peer_wait, &wait);
	return timeo;
}

/* What a peer loses when we stop reading (his writing), or writing. */
static int peer_mode(int mode)
{
	return (mode & RCV_SHUTDOWN ? SEND_SHUTDOWN : 0) |
	       (mode & SEND_SHUTDOWN ? RCV_SHUTDOWN : 0);
}

int unix_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk, *other;
	int mode = how + 1;           /* SHUT_RD, WR, RDWR: bits 1, 2, both */

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	unix_state_lock(sk);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | mode);
	other = unix_peer(sk);
	if (other)
		sock_hold(other);
	unix_state_unlock(sk);
	sk->sk_state_change(sk);
	if (!other)
		return 0;
	if (sk->sk_type == SOCK_STREAM || sk->sk_type == SOCK_SEQPACKET) {
		unix_state_lock(other);
		WRITE_ONCE(other->sk_shutdown,
			   other->sk_shutdown | peer_mode(mode));
		unix_state_unlock(other);
		other->sk_state_change(other);
		if (peer_mode(mode) == SHUTDOWN_MASK)
			sk_wake_async(other, SOCK_WAKE_WAITD, POLL_HUP);
		else if (peer_mode(mode) & RCV_SHUTDOWN)
			sk_wake_async(other, SOCK_WAKE_WAITD, POLL_IN);
	}
	sock_put(other);
	return 0;
}

/* Bytes that a read could give: all of a stream, the next message. */
long unix_inq_len(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;
	unsigned long flags;
	long n = 0;

	if (sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	spin_lock_irqsave(&q->lock, flags);
	if (sk->sk_type == SOCK_STREAM || sk->sk_type == SOCK_SEQPACKET) {
		skb_queue_walk(q, skb)
			n += skb->len - UNIXCB(skb).consumed;
	} else {
		skb = skb_peek(q);
		if (skb)
			n = skb->len;
	}
	spin_unlock_irqrestore(&q->lock, flags);
	return n;
}

/* SIOCUNIXFILE: a descriptor of the file that is our name. */
static int open_name(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk);
	struct file *file;
	struct path path;
	int fd;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (!unix_addr(sk))
		return -ENOENT;
	path = u->path;
	if (!path.dentry)
		return -ENOENT;
	path_get(&path);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto out;
	file = dentry_open(&path, O_PATH, current_cred());
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
		goto out;
	}
	fd_install(fd, file);
out:
	path_put(&path);
	return fd;
}

int unix_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	long n;

	switch (cmd) {
	case SIOCOUTQ:
		n = sk_wmem_alloc_get(sock->sk);
		return put_user((int)n, (int __user *)arg) ? -EFAULT : 0;
	case SIOCINQ:
		n = unix_inq_len(sock->sk);
		if (n < 0)
			return n;
		return put_user((int)n, (int __user *)arg) ? -EFAULT : 0;
	case SIOCUNIXFILE:
		return open_name(sock->sk);
	case SIOCATMARK:
		return unix_oob_atmark(sock->sk, (int __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

int unix_set_peek_off(struct sock *sk, int val)
{
	WRITE_ONCE(sk->sk_peek_off, val);
	return 0;
}

/* /proc/PID/fdinfo: messages with descriptors that wait here. */
void unix_show_fdinfo(struct seq_file *m, struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	unsigned long irq;
	int files = 0;

	if (!sk)
		return;
	spin_lock_irqsave(&sk->sk_receive_queue.lock, irq);
	skb_queue_walk(&sk->sk_receive_queue, skb)
		if (sk->sk_state != TCP_LISTEN && UNIXCB(skb).fp)
			files += UNIXCB(skb).fp->count;
	spin_unlock_irqrestore(&sk->sk_receive_queue.lock, irq);
	seq_printf(m, "scm_fds: %d\n", files);
}

/* ---- the family ---- */

static void unix_close(struct sock *sk, long timeout)
{
}

struct proto unix_stream_proto = {
	.name = "UNIX-STREAM",
	.obj_size = sizeof(struct unix_sock),
	.close = unix_close,
};

struct proto unix_dgram_proto = {
	.name = "UNIX",
	.obj_size = sizeof(struct unix_sock),
	.close = unix_close,
};

#define UNIX_COMMON_OPS							\
	.family = PF_UNIX, .release = unix_release, .bind = unix_bind,	\
	.socketpair = unix_socketpair, .getname = unix_getname,		\
	.ioctl = unix_ioctl, .shutdown = unix_shutdown,			\
	.mmap = sock_no_mmap, .set_peek_off = unix_set_peek_off,	\
	.show_fdinfo = unix_show_fdinfo

const struct proto_ops unix_stream_ops = {
	UNIX_COMMON_OPS,
	.connect = unix_stream_connect,
	.accept = unix_accept,
	.poll = unix_poll,
	.listen = unix_listen,
	.sendmsg = unix_stream_sendmsg,
	.recvmsg = unix_stream_recvmsg,
};

const struct proto_ops unix_dgram_ops = {
	UNIX_COMMON_OPS,
	.connect = unix_dgram_connect,
	.accept = sock_no_accept,
	.poll = unix_dgram_poll,
	.listen = sock_no_listen,
	.sendmsg = unix_dgram_sendmsg,
	.recvmsg = unix_dgram_recvmsg,
};

const struct proto_ops unix_seqpacket_ops = {
	UNIX_COMMON_OPS,
	.connect = unix_stream_connect,
	.accept = unix_accept,
	.poll = unix_dgram_poll,
	.listen = unix_listen,
	.sendmsg = unix_seqpacket_sendmsg,
	.recvmsg = unix_seqpacket_recvmsg,
};

static const struct net_proto_family unix_family = {
	.family = PF_UNIX,
	.create = unix_create,
};

static int af_unix_init(void)
{
	int err;

	static_assert(sizeof(struct unix_skb_parms) <= 48, "skb->cb");
	err = proto_register(&unix_stream_proto, 1);
	if (!err)
		err = proto_register(&unix_dgram_proto, 1);
	if (!err)
		err = unix_names_init();
	if (!err)
		err = sock_register(&unix_family);
	return err;
}
fs_initcall(af_unix_init);
