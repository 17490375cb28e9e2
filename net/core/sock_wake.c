/* SPDX-License-Identifier: MIT */
/*
 * sock_wake.c -- who is told when a socket changes
 *
 * IDEA.  A sock calls sk_data_ready, sk_write_space, sk_state_change or
 * sk_error_report; by default these wake the sleepers and pollers on the
 * file's wait queue, and send SIGIO to O_ASYNC owners.
 *
 * RACES.  The sleeper queues itself, then looks; the waker changes the state,
 * then looks for sleepers.  Both have a full barrier in between
 * (sock_poll_wait, skwq_has_sleeper), so one of them sees the other.  The queue
 * is in the file's struct socket: read under RCU, NULL once the file is gone
 * (sock_orphan), and freed after a grace period.
 *
 * CONTEXT.  Any; callers need hold nothing.
 */

#include <net/sock.h>

#include <fs/fs.h>
#include <fs/poll.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>

int sock_wake_async(struct socket_wq *wq, int how, int band)
{
	struct socket *sock;

	if (!wq || !wq->fasync_list)
		return -1;
	sock = container_of(wq, struct socket, wq);
	switch (how) {
	case SOCK_WAKE_WAITD:
		if (test_bit(SOCK_ASYNC_WAITDATA, &sock->flags))
			return 0;
		break;
	case SOCK_WAKE_SPACE:
		if (!test_and_clear_bit(SOCK_ASYNC_NOSPACE, &sock->flags))
			return 0;
		break;
	}
	kill_fasync(&wq->fasync_list, band);
	return 0;
}

void sk_wake_async(const struct sock *sk, int how, int band)
{
	if (!sock_flag(sk, SOCK_FASYNC))
		return;
	rcu_read_lock();
	sock_wake_async(rcu_dereference(sk->sk_wq), how, band);
	rcu_read_unlock();
}

static void sock_def_wakeup(struct sock *sk)
{
	struct socket_wq *wq;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_all(&wq->wait);
	rcu_read_unlock();
}

static void sock_def_error_report(struct sock *sk)
{
	struct socket_wq *wq;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLERR);
	sk_wake_async(sk, SOCK_WAKE_IO, POLL_ERR);
	rcu_read_unlock();
}

static void sock_def_readable(struct sock *sk)
{
	struct socket_wq *wq;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_sync_poll(&wq->wait, EPOLLIN | EPOLLPRI |
						EPOLLRDNORM | EPOLLRDBAND);
	sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	rcu_read_unlock();
}

void sk_wake_writers(struct sock *sk)
{
	struct socket_wq *wq;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_sync_poll(&wq->wait, EPOLLOUT |
						EPOLLWRNORM | EPOLLWRBAND);
	sk_wake_async(sk, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

/* Only when half of the room is free: a writer is not woken for each byte. */
static void sock_def_write_space(struct sock *sk)
{
	if (sock_writeable(sk))
		sk_wake_writers(sk);
}

/* Urgent data came: SIGURG to the file's owner. */
void sk_send_sigurg(struct sock *sk)
{
	read_lock(&sk->sk_callback_lock);
	if (sk->sk_socket && sk->sk_socket->file &&
	    send_sigurg(&sk->sk_socket->file->f_owner))
		sk_wake_async(sk, SOCK_WAKE_URG, POLL_PRI);
	read_unlock(&sk->sk_callback_lock);
}

/* A sock from sk_alloc() gets its defaults; sock may be NULL. */
void sock_init_data(struct socket *sock, struct sock *sk)
{
	skb_queue_head_init(&sk->sk_error_queue);
	skb_queue_head_init(&sk->sk_receive_queue);
	skb_queue_head_init(&sk->sk_write_queue);
	rwlock_init(&sk->sk_callback_lock);
	spin_lock_init(&sk->sk_peer_lock);
	timer_setup(&sk->sk_timer, NULL, 0);
	sk->sk_allocation = GFP_KERNEL;
	sk->sk_rcvbuf = READ_ONCE(sysctl_rmem_default);
	sk->sk_sndbuf = READ_ONCE(sysctl_wmem_default);
	sk->sk_state = TCP_CLOSE;
	sock_set_flag(sk, SOCK_ZAPPED);
	if (sock) {
		sk->sk_type = sock->type;
		sk->sk_wq = &sock->wq;
		sock->sk = sk;
		sk->sk_uid = SOCK_INODE(sock)->i_uid;
	}
	sk_set_socket(sk, sock);
	sk->sk_state_change = sock_def_wakeup;
	sk->sk_data_ready = sock_def_readable;
	sk->sk_write_space = sock_def_write_space;
	sk->sk_error_report = sock_def_error_report;
	sk->sk_peek_off = -1;
	sk->sk_rcvlowat = 1;
	sk->sk_rcvtimeo = MAX_SCHEDULE_TIMEOUT;
	sk->sk_sndtimeo = MAX_SCHEDULE_TIMEOUT;
	sk->sk_pacing_rate = sk->sk_max_pacing_rate = ~0ul;
	smp_wmb();
	refcount_set(&sk->sk_refcnt, 1);
}

void sock_poll_wait(struct file *file, struct socket *sock,
		    struct poll_table_struct *p)
{
	if (poll_does_not_wait(p))
		return;
	poll_wait(file, &sock->wq.wait, p);
	smp_mb();
}

/* Until the last packet of the queue is another than skb.  lock_sock held. */
int sk_wait_data(struct sock *sk, long *timeo, const struct sk_buff *skb)
{
	DEFINE_WAIT(wait);
	int err = 0;

	prepare_to_wait(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
	set_bit(SOCK_ASYNC_WAITDATA, &sk->sk_socket->flags);
	if (skb_peek_tail(&sk->sk_receive_queue) == skb) {
		release_sock(sk);
		*timeo = schedule_timeout(*timeo);
		lock_sock(sk);
		err = skb_peek_tail(&sk->sk_receive_queue) != skb;
	}
	clear_bit(SOCK_ASYNC_WAITDATA, &sk->sk_socket->flags);
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/* What a stream's send says when the stream is broken. */
int sk_stream_error(struct sock *sk, int flags, int err)
{
	if (err == -EPIPE) {
		err = sock_error(sk);
		if (!err)
			err = -EPIPE;
	}
	if (err == -EPIPE && !(flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return err;
}
