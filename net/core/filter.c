/* SPDX-License-Identifier: MIT */
/*
 * filter.c -- classic BPF on sockets: which packets a program wants
 *
 * PROMISE.  A filter that was accepted ends, touches nothing but the packet,
 * and says how many bytes of it to keep; 0 drops it.  A packet sees one filter,
 * the old or the new, when it is exchanged.
 *
 * IDEA.  The machine and its check are kernel/lib/cbpf.c's, shared with
 * seccomp; here is what its loads mean.  An offset is into the packet as it is
 * then (from skb->data); those near the top of the 32 bits are something else:
 *
 *	0 ...             the packet's bytes
 *	SKF_LL_OFF + n    its link header, wherever data is now
 *	SKF_NET_OFF + n   its network header
 *	SKF_AD_OFF + n    not bytes at all: device, protocol, VLAN tag ...
 *
 * LOCKING.  sk->sk_filter: lock_sock to change, RCU to run.  Memory is charged
 * to the socket's option memory.
 *
 * SEE packet(7), socket(7).
 */

#include <net/filter.h>

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <mm/slab.h>
#include <net/netdevice.h>

/* ---- loads ---- */

/* What is known about the packet; false: no such thing. */
static bool load_ancillary(const struct sk_buff *skb, int what, u32 *value)
{
	const struct net_device *dev = skb->dev;

	switch (what) {
	case SKF_AD_PROTOCOL:
		*value = ntohs(skb->protocol);
		return true;
	case SKF_AD_PKTTYPE:
		*value = skb->pkt_type;
		return true;
	case SKF_AD_IFINDEX:
		*value = dev ? dev->ifindex : 0;
		return dev;
	case SKF_AD_HATYPE:
		*value = dev ? dev->type : 0;
		return dev;
	case SKF_AD_MARK:
		*value = skb->mark;
		return true;
	case SKF_AD_QUEUE:
		*value = skb->queue_mapping;
		return true;
	case SKF_AD_RXHASH:
		*value = skb->hash;
		return true;
	case SKF_AD_CPU:
		*value = raw_smp_processor_id();
		return true;
	case SKF_AD_VLAN_TAG:
		*value = skb->vlan_tci;
		return true;
	case SKF_AD_VLAN_TAG_PRESENT:
		*value = skb->vlan_proto != 0;
		return true;
	case SKF_AD_VLAN_TPID:
		*value = ntohs(skb->vlan_proto);
		return true;
	case SKF_AD_RANDOM:
		*value = get_random_u32();
		return true;
	default:
		return false;
	}
}

static bool load_at(const struct sk_buff *skb, int offset, int size,
		    u32 *value)
{
	u8 bytes[4];
	u32 v = 0;

	if (skb_copy_bits(skb, offset, bytes, size))
		return false;
	for (int i = 0; i < size; i++)
		v = v << 8 | bytes[i];
	*value = v;
	return true;
}

/* A header that may lie before data: within the linear part. */
static bool load_header(const struct sk_buff *skb, const unsigned char *p,
			int size, u32 *value)
{
	u32 v = 0;

	if (p < skb->head || p + size > skb_tail_pointer(skb))
		return false;
	for (int i = 0; i < size; i++)
		v = v << 8 | p[i];
	*value = v;
	return true;
}

static bool load_skb(const struct cbpf_input *in, u32 uoffset, int size,
		     u32 *value)
{
	const struct sk_buff *skb = in->data;
	int offset = uoffset;

	if (likely(offset >= 0))
		return load_at(skb, offset, size, value);
	if (offset >= SKF_AD_OFF)
		return load_ancillary(skb, offset - SKF_AD_OFF, value);
	if (offset >= SKF_NET_OFF)
		return load_header(skb, skb_network_header(skb) +
				   (offset - SKF_NET_OFF), size, value);
	if (offset >= SKF_LL_OFF && skb_mac_header_was_set(skb))
		return load_header(skb, skb_mac_header(skb) +
				   (offset - SKF_LL_OFF), size, value);
	return false;
}

u32 sk_filter_run(const struct sk_filter *f, struct sk_buff *skb)
{
	struct cbpf_input in = { .data = skb, .len = skb->len,
				 .load = load_skb };

	return cbpf_run(f->insns, &in);
}

int sk_filter_trim_cap(struct sock *sk, struct sk_buff *skb, unsigned int cap)
{
	struct sk_filter *f;
	int err = 0;
	u32 keep;

	if (likely(!READ_ONCE(sk->sk_filter)))
		return 0;
	rcu_read_lock();
	f = rcu_dereference(sk->sk_filter);
	if (f) {
		keep = sk_filter_run(f, skb);
		err = keep ? pskb_trim(skb, max(cap, keep)) : -EPERM;
	}
	rcu_read_unlock();
	return err;
}

/* ---- coming and going ---- */

static size_t filter_size(unsigned int len)
{
	return sizeof(struct sk_filter) + len * sizeof(struct sock_filter);
}

static void free_filter(struct rcu_head *head)
{
	kfree(container_of(head, struct sk_filter, rcu));
}

static void uncharge(struct sock *sk, struct sk_filter *f)
{
	atomic_sub(filter_size(f->len), &sk->sk_omem_alloc);
	if (refcount_dec_and_test(&f->refcnt))
		call_rcu(&f->rcu, free_filter);
}

/* An absolute load of something that we do not know is no program. */
static bool ancillary_ok(const struct sock_filter *insns, unsigned int len)
{
	static const u8 known[] = {
		SKF_AD_PROTOCOL, SKF_AD_PKTTYPE, SKF_AD_IFINDEX, SKF_AD_MARK,
		SKF_AD_QUEUE, SKF_AD_HATYPE, SKF_AD_RXHASH, SKF_AD_CPU,
		SKF_AD_VLAN_TAG, SKF_AD_VLAN_TAG_PRESENT, SKF_AD_RANDOM,
		SKF_AD_VLAN_TPID };

	for (unsigned int i = 0; i < len; i++) {
		u32 what = insns[i].k - (u32)SKF_AD_OFF;

		if (BPF_CLASS(insns[i].code) != BPF_LD ||
		    (insns[i].code & 0xe0) != BPF_ABS ||
		    insns[i].k < (u32)SKF_AD_OFF)
			continue;
		if (what > 0xff || !memchr(known, what, sizeof(known)))
			return false;
	}
	return true;
}

/* The program in *res, copied, checked and charged to sk; 0 or -errno. */
static int load_filter(const struct sock_fprog *fprog, struct sock *sk,
		       struct sk_filter **res)
{
	unsigned int len = fprog->len;
	struct sk_filter *f;
	u16 *scratch;
	int err = -ENOMEM;

	if (!len || len > BPF_MAXINSNS || !fprog->filter)
		return -EINVAL;
	f = sock_kmalloc(sk, filter_size(len), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	refcount_set(&f->refcnt, 1);
	f->len = len;
	scratch = kmalloc(len * sizeof(*scratch), GFP_KERNEL);
	if (!scratch)
		goto out;
	err = -EFAULT;
	if (copy_from_user(f->insns, (void __user *)fprog->filter,
			   len * sizeof(*f->insns)))
		goto out;
	err = cbpf_check(f->insns, len, scratch);
	if (!err && !ancillary_ok(f->insns, len))
		err = -EINVAL;
out:
	kfree(scratch);
	if (err)
		sock_kfree_s(sk, f, filter_size(len));
	else
		*res = f;
	return err;
}

int sk_attach_filter(struct sock_fprog __user *ufprog, unsigned int len,
		     struct sock *sk)
{
	struct sk_filter *f, *old;
	struct sock_fprog fprog;
	int err;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	if (len != sizeof(fprog))
		return -EINVAL;
	if (copy_from_user(&fprog, ufprog, sizeof(fprog)))
		return -EFAULT;
	err = load_filter(&fprog, sk, &f);
	if (err)
		return err;
	old = sk->sk_filter;
	rcu_assign_pointer(sk->sk_filter, f);
	if (old)
		uncharge(sk, old);
	return 0;
}

int sk_detach_filter(struct sock *sk)
{
	struct sk_filter *f = sk->sk_filter;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	if (!f)
		return -ENOENT;
	rcu_assign_pointer(sk->sk_filter, NULL);
	uncharge(sk, f);
	return 0;
}

int sk_get_filter(struct sock *sk, struct sock_filter __user *to,
		  unsigned int len)
{
	struct sk_filter *f = sk->sk_filter;

	if (!f)
		return 0;
	if (!len)
		return f->len;
	if (len < f->len)
		return -EINVAL;
	if (copy_to_user(to, f->insns, f->len * sizeof(*f->insns)))
		return -EFAULT;
	return f->len;
}

void sk_filter_drop(struct sock *sk)
{
	struct sk_filter *f = sk->sk_filter;

	sk->sk_filter = NULL;
	if (f)
		uncharge(sk, f);
}

void sk_filter_share(struct sock *sk)
{
	struct sk_filter *f = sk->sk_filter;

	if (!f)
		return;
	refcount_inc(&f->refcnt);
	atomic_add(filter_size(f->len), &sk->sk_omem_alloc);
}
