/* SPDX-License-Identifier: MIT */
/*
 * sock_mem.c -- what a socket's packets cost, and who pays
 *
 * INVARIANTS
 *   I1  sk_rmem_alloc is the truesize of the packets whose destructor is
 *       sock_rfree and whose sk is this one; sk_wmem_alloc likewise for
 *       sock_wfree, and 1.
 *   I2  A sender waits while what it has sent and is not yet freed reaches
 *       sk_sndbuf.  One packet may go beyond.
 *
 * CONTEXT.  The destructors: any.  sock_alloc_send_pskb() sleeps.
 */

#include <net/sock.h>

#include <kernel/kernel.h>
#include <mm/slab.h>

void skb_set_owner_w(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_wfree;
	refcount_add(skb->truesize, &sk->sk_wmem_alloc);
}

/* The last byte goes after the waking: the sock lives until then. */
void sock_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;
	unsigned int len = skb->truesize;

	if (!sock_flag(sk, SOCK_USE_WRITE_QUEUE)) {
		WARN_ON(refcount_sub_and_test(len - 1, &sk->sk_wmem_alloc));
		sk->sk_write_space(sk);
		len = 1;
	}
	if (refcount_sub_and_test(len, &sk->sk_wmem_alloc))
		sk_destruct(sk);
}

void sock_rfree(struct sk_buff *skb)
{
	atomic_sub(skb->truesize, &skb->sk->sk_rmem_alloc);
}

struct sk_buff *sock_wmalloc(struct sock *sk, unsigned long size, int force,
			     gfp_t gfp)
{
	struct sk_buff *skb;

	if (!force && refcount_read(&sk->sk_wmem_alloc) >=
		      READ_ONCE(sk->sk_sndbuf))
		return NULL;
	skb = alloc_skb(size, gfp);
	if (skb)
		skb_set_owner_w(skb, sk);
	return skb;
}

/* Sleep until there is room to send, or an end of that.  Jiffies left. */
static long wait_for_wmem(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);

	while (timeo && !signal_pending(current)) {
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		prepare_to_wait(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		if (sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf) ||
		    (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN) ||
		    READ_ONCE(sk->sk_err))
			break;
		timeo = schedule_timeout(timeo);
	}
	finish_wait(sk_sleep(sk), &wait);
	return timeo;
}

/* I2: until there is room.  0 or -errno. */
static int reserve_wmem(struct sock *sk, int noblock)
{
	long timeo = sock_sndtimeo(sk, noblock);

	for (;;) {
		int err = sock_error(sk);

		if (err)
			return err;
		if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
			return -EPIPE;
		if (sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf))
			return 0;
		set_bit(SOCK_ASYNC_NOSPACE, &sk->sk_socket->flags);
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		if (!timeo)
			return -EAGAIN;
		if (signal_pending(current))
			return sock_intr_errno(timeo);
		timeo = wait_for_wmem(sk, timeo);
	}
}

struct sk_buff *sock_alloc_send_pskb(struct sock *sk, unsigned long header_len,
				     unsigned long data_len, int noblock,
				     int *err, int max_order)
{
	struct sk_buff *skb;

	*err = reserve_wmem(sk, noblock);
	if (*err)
		return NULL;
	skb = alloc_skb_with_frags(header_len, data_len, max_order, err,
				   sk->sk_allocation);
	if (skb)
		skb_set_owner_w(skb, sk);
	return skb;
}

/* Memory for options and control messages: net.core.optmem_max in all. */
void *sock_kmalloc(struct sock *sk, int size, gfp_t gfp)
{
	int max = READ_ONCE(sysctl_optmem_max);
	void *mem;

	if (size > max || atomic_read(&sk->sk_omem_alloc) + size >= max)
		return NULL;
	atomic_add(size, &sk->sk_omem_alloc);
	mem = kmalloc(size, gfp);
	if (!mem)
		atomic_sub(size, &sk->sk_omem_alloc);
	return mem;
}

void sock_kfree_s(struct sock *sk, void *mem, int size)
{
	kfree(mem);
	atomic_sub(size, &sk->sk_omem_alloc);
}

int __sock_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	if (atomic_read(&sk->sk_rmem_alloc) + skb->truesize >=
	    (unsigned int)READ_ONCE(sk->sk_rcvbuf)) {
		atomic_inc(&sk->sk_drops);
		return -ENOMEM;
	}
	skb->dev = NULL;
	skb_set_owner_r(skb, sk);
	skb_queue_tail(&sk->sk_receive_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
	return 0;
}

int sock_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	int err = sk_filter(sk, skb);

	return err ? err : __sock_queue_rcv_skb(sk, skb);
}

void sk_get_meminfo(const struct sock *sk, u32 *mem)
{
	memset(mem, 0, SK_MEMINFO_VARS * sizeof(*mem));
	mem[SK_MEMINFO_RMEM_ALLOC] = sk_rmem_alloc_get(sk);
	mem[SK_MEMINFO_RCVBUF] = READ_ONCE(sk->sk_rcvbuf);
	mem[SK_MEMINFO_WMEM_ALLOC] = sk_wmem_alloc_get(sk);
	mem[SK_MEMINFO_SNDBUF] = READ_ONCE(sk->sk_sndbuf);
	mem[SK_MEMINFO_FWD_ALLOC] = sk->sk_forward_alloc;
	mem[SK_MEMINFO_WMEM_QUEUED] = READ_ONCE(sk->sk_wmem_queued);
	mem[SK_MEMINFO_OPTMEM] = atomic_read(&sk->sk_omem_alloc);
	mem[SK_MEMINFO_BACKLOG] = READ_ONCE(sk->sk_backlog.len);
	mem[SK_MEMINFO_DROPS] = atomic_read(&sk->sk_drops);
}
