/* SPDX-License-Identifier: MIT */
/*
 * sock.c -- what all protocols' socks have in common: life, memory, owner
 *
 * PROMISE.  A sock lives as long as anybody needs it: its file, a lookup that
 * has found it, a timer, a packet on its way that is charged to it.
 *
 * IDEA.  Two counts.  sk_refcnt counts who may call it; when that is 0 nobody
 * finds it any more.  sk_wmem_alloc counts the bytes that it sent and that
 * somebody still holds, and 1 for sk_refcnt as a whole; when that is 0 the
 * memory is freed.  So a packet needs no reference of its own.
 *
 *	sock_put -> sk_refcnt 0 -> sk_free: wmem - 1 -> 0? -> sk_destruct
 *	sock_wfree (a packet is freed):     wmem - truesize -> 0? ---^
 *
 * LOCKING.  lock_sock() makes a process the owner; owned is guarded by slock,
 * which the softirq takes.  While a process owns the sock the softirq puts its
 * packets on the backlog; release_sock() works it off before it lets go.
 *
 * SEE include/net/sock.h, sock_wake.c (sleepers), sock_mem.c.
 */

#include <net/filter.h>

#include <fs/fs.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <mm/slab.h>

u32 sysctl_wmem_max = 212992, sysctl_rmem_max = 212992;
u32 sysctl_wmem_default = 212992, sysctl_rmem_default = 212992;
int sysctl_optmem_max = 20480;

static DEFINE_MUTEX(proto_list_mutex);
static LIST_HEAD(proto_list);

int proto_register(struct proto *prot, int alloc_slab)
{
	if (alloc_slab) {
		prot->slab = kmem_cache_create(prot->name, prot->obj_size, 0,
					       SLAB_HWCACHE_ALIGN |
					       prot->slab_flags, NULL);
		if (!prot->slab)
			return -ENOMEM;
	}
	mutex_lock(&proto_list_mutex);
	list_add(&prot->node, &proto_list);
	mutex_unlock(&proto_list_mutex);
	return 0;
}

void proto_for_each(void (*fn)(const struct proto *prot, void *arg), void *arg)
{
	struct proto *prot;

	mutex_lock(&proto_list_mutex);
	list_for_each_entry(prot, &proto_list, node)
		fn(prot, arg);
	mutex_unlock(&proto_list_mutex);
}

void proto_unregister(struct proto *prot)
{
	mutex_lock(&proto_list_mutex);
	list_del(&prot->node);
	mutex_unlock(&proto_list_mutex);
	kmem_cache_destroy(prot->slab);
	prot->slab = NULL;
}

/* ---- life ---- */

struct sock *sk_alloc(struct net *net, int family, gfp_t gfp,
		      struct proto *prot, int kern)
{
	struct sock *sk = prot->slab ? kmem_cache_zalloc(prot->slab, gfp)
				     : kzalloc(prot->obj_size, gfp);

	if (!sk)
		return NULL;
	sk->sk_family = family;
	sk->sk_prot = sk->sk_prot_creator = prot;
	sk->sk_kern_sock = kern;
	sk->sk_net_refcnt = !kern;
	sk->sk_net = kern ? net : get_net(net);
	spin_lock_init(&sk->sk_lock.slock);
	init_waitqueue_head(&sk->sk_lock.wq);
	refcount_set(&sk->sk_wmem_alloc, 1);
	atomic_inc(&prot->sockets_allocated);
	if (!kern)
		atomic_inc(&net->sock_inuse);
	return sk;
}

static void free_sock(struct rcu_head *head)
{
	struct sock *sk = container_of(head, struct sock, sk_rcu);
	struct proto *prot = sk->sk_prot_creator;

	if (sk->sk_destruct)
		sk->sk_destruct(sk);
	sk_filter_drop(sk);
	if (atomic_read(&sk->sk_omem_alloc))
		pr_warn("sock %p: %d bytes of options leaked\n", sk,
			atomic_read(&sk->sk_omem_alloc));
	if (sk->sk_peer_cred)
		put_cred(sk->sk_peer_cred);
	put_pid(sk->sk_peer_pid);
	atomic_dec(&prot->sockets_allocated);
	if (!sk->sk_kern_sock)
		atomic_dec(&sk->sk_net->sock_inuse);
	if (sk->sk_net_refcnt)
		put_net(sk->sk_net);
	if (prot->slab)
		kmem_cache_free(prot->slab, sk);
	else
		kfree(sk);
}

/* Nothing refers to it any more. */
void sk_destruct(struct sock *sk)
{
	if (sock_flag(sk, SOCK_RCU_FREE))
		call_rcu(&sk->sk_rcu, free_sock);
	else
		free_sock(&sk->sk_rcu);
}

void sk_free(struct sock *sk)
{
	if (refcount_dec_and_test(&sk->sk_wmem_alloc))
		sk_destruct(sk);
}

/* A protocol without connections: its file is gone. */
void sk_common_release(struct sock *sk)
{
	if (sk->sk_prot->destroy)
		sk->sk_prot->destroy(sk);
	if (sk->sk_prot->unhash)
		sk->sk_prot->unhash(sk);
	sock_orphan(sk);
	sock_put(sk);
}

/* ---- ownership ---- */

/* slock held with bh off; dropped while it sleeps. */
static void wait_for_ownership(struct sock *sk)
{
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait_exclusive(&sk->sk_lock.wq, &wait,
					  TASK_UNINTERRUPTIBLE);
		spin_unlock_bh(&sk->sk_lock.slock);
		schedule();
		spin_lock_bh(&sk->sk_lock.slock);
		if (!sock_owned_by_user(sk))
			break;
	}
	finish_wait(&sk->sk_lock.wq, &wait);
}

void lock_sock_nested(struct sock *sk, int subclass)
{
	might_sleep();
	local_bh_disable();
	spin_lock_nested(&sk->sk_lock.slock, subclass);
	if (sk->sk_lock.owned)
		wait_for_ownership(sk);
	sk->sk_lock.owned = 1;
	spin_unlock_bh(&sk->sk_lock.slock);
}

/* Work the backlog off; slock held, dropped for each packet. */
static void work_off_backlog(struct sock *sk)
{
	struct sk_buff *skb, *next;

	while ((skb = sk->sk_backlog.head)) {
		sk->sk_backlog.head = sk->sk_backlog.tail = NULL;
		spin_unlock_bh(&sk->sk_lock.slock);
		for (; skb; skb = next) {
			next = skb->next;
			skb->next = skb->prev = NULL;
			sk_backlog_rcv(sk, skb);
			cond_resched();
		}
		spin_lock_bh(&sk->sk_lock.slock);
	}
	sk->sk_backlog.len = 0;
}

void __sk_flush_backlog(struct sock *sk)
{
	spin_lock_bh(&sk->sk_lock.slock);
	work_off_backlog(sk);
	spin_unlock_bh(&sk->sk_lock.slock);
}

void release_sock(struct sock *sk)
{
	spin_lock_bh(&sk->sk_lock.slock);
	if (sk->sk_backlog.tail)
		work_off_backlog(sk);
	sk->sk_lock.owned = 0;
	if (waitqueue_active(&sk->sk_lock.wq))
		wake_up(&sk->sk_lock.wq);
	spin_unlock_bh(&sk->sk_lock.slock);
}

bool lock_sock_fast(struct sock *sk)
{
	might_sleep();
	spin_lock_bh(&sk->sk_lock.slock);
	if (!sk->sk_lock.owned)
		return false;
	wait_for_ownership(sk);
	sk->sk_lock.owned = 1;
	spin_unlock_bh(&sk->sk_lock.slock);
	return true;
}

/* ---- timers ---- */

void sk_reset_timer(struct sock *sk, struct timer_list *timer,
		    unsigned long expires)
{
	if (!mod_timer(timer, expires))
		sock_hold(sk);
}

void sk_stop_timer(struct sock *sk, struct timer_list *timer)
{
	if (del_timer(timer))
		__sock_put(sk);
}

/* The number at *place, given now if it has none; never the same twice. */
u64 sock_gen_cookie_at(u64 *place)
{
	static atomic64_t last = ATOMIC64_INIT(0);
	u64 cookie = READ_ONCE(*place);

	while (!cookie) {
		u64 new = atomic64_inc_return(&last);

		cookie = cmpxchg(place, 0, new) ? READ_ONCE(*place) : new;
	}
	return cookie;
}

/* A number for SO_COOKIE that no other socket has had. */
u64 sock_gen_cookie(struct sock *sk)
{
	return sock_gen_cookie_at(&sk->sk_cookie);
}

/* The number of its file; 0: it has none (any more).  Any context. */
unsigned long sock_i_ino(struct sock *sk)
{
	unsigned long ino, flags;

	read_lock_irqsave(&sk->sk_callback_lock, flags);
	ino = sk->sk_socket ? SOCK_INODE(sk->sk_socket)->i_ino : 0;
	read_unlock_irqrestore(&sk->sk_callback_lock, flags);
	return ino;
}
