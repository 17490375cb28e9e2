/* SPDX-License-Identifier: MIT */
/*
 * option.c -- a netlink socket's options, and /proc/net/netlink
 *
 * IDEA.  All options but the groups are bits of nlk->flags, changed under
 * lock_sock() and read without: each is looked at once per message.  Groups are
 * the table's, since a broadcast walks them.
 */

#include "netlink.h"

#include <arch/uaccess.h>
#include <fs/fs.h>
#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <kernel/kernel.h>

/* Options that are one bit of nlk->flags. */
static u32 option_flag(int name)
{
	switch (name) {
	case NETLINK_PKTINFO:
		return NETLINK_F_RECV_PKTINFO;
	case NETLINK_BROADCAST_ERROR:
		return NETLINK_F_BROADCAST_SEND_ERROR;
	case NETLINK_NO_ENOBUFS:
		return NETLINK_F_RECV_NO_ENOBUFS;
	case NETLINK_CAP_ACK:
		return NETLINK_F_CAP_ACK;
	case NETLINK_EXT_ACK:
		return NETLINK_F_EXT_ACK;
	case NETLINK_GET_STRICT_CHK:
		return NETLINK_F_STRICT_CHK;
	default:
		return 0;
	}
}

int netlink_setsockopt(struct socket *sock, int level, int name,
		       void __user *val, unsigned int len)
{
	struct sock *sk = sock->sk;
	struct netlink_sock *nlk = nlk_sk(sk);
	u32 flag = option_flag(name);
	unsigned int n = 0;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (len >= sizeof(int) && copy_from_user(&n, val, sizeof(n)))
		return -EFAULT;
	if (name == NETLINK_ADD_MEMBERSHIP || name == NETLINK_DROP_MEMBERSHIP) {
		if (!netlink_allowed(sock, NL_CFG_F_NONROOT_RECV))
			return -EPERM;
		return netlink_change_membership(sk, n,
						 name == NETLINK_ADD_MEMBERSHIP);
	}
	if (!flag)
		return -ENOPROTOOPT;
	lock_sock(sk);
	if (n)
		nlk->flags |= flag;
	else
		nlk->flags &= ~flag;
	release_sock(sk);
	if (name == NETLINK_NO_ENOBUFS && n) {
		clear_bit(NETLINK_S_CONGESTED, &nlk->state);
		wake_up_interruptible(&nlk->wait);
	}
	return 0;
}

/* As many words of the group bitmap as fit; *ulen: how long it is. */
static int list_memberships(struct sock *sk, char __user *val, int len,
			    int __user *ulen)
{
	struct netlink_table *t = netlink_table(sock_net(sk), sk->sk_protocol);
	int size = ALIGN(DIV_ROUND_UP(t->groups, 8), sizeof(u32));
	unsigned long groups[BITS_TO_LONGS(NETLINK_MAX_GROUPS)];

	read_lock_bh(&t->lock);
	memcpy(groups, nlk_sk(sk)->groups, sizeof(groups));
	read_unlock_bh(&t->lock);
	len = min(len, size) & ~3;
	if (copy_to_user(val, groups, len) || put_user(size, ulen))
		return -EFAULT;
	return 0;
}

int netlink_getsockopt(struct socket *sock, int level, int name,
		       char __user *val, int __user *ulen)
{
	u32 flag = option_flag(name);
	int len, on;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (name == NETLINK_LIST_MEMBERSHIPS)
		return list_memberships(sock->sk, val, len, ulen);
	if (!flag)
		return -ENOPROTOOPT;
	if (len < (int)sizeof(int))
		return -EINVAL;
	on = nlk_sk(sock->sk)->flags & flag ? 1 : 0;
	if (put_user((int)sizeof(int), ulen) || put_user(on, (int __user *)val))
		return -EFAULT;
	return 0;
}

/* ---- /proc/net/netlink ---- */

static void show_sock(struct seq_file *m, struct sock *sk)
{
	struct netlink_sock *nlk = nlk_sk(sk);
	unsigned long ino = 0;

	read_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_socket)
		ino = SOCK_INODE(sk->sk_socket)->i_ino;
	read_unlock_bh(&sk->sk_callback_lock);
	seq_printf(m, "%016lx %-3d %-10u %08x %-8d %-8d %-5d %-8d %-8u %-8lu\n",
		   0ul, sk->sk_protocol, nlk->portid, (u32)nlk->groups[0],
		   sk_rmem_alloc_get(sk), sk_wmem_alloc_get(sk),
		   nlk->cb_running, refcount_read(&sk->sk_refcnt),
		   atomic_read(&sk->sk_drops), ino);
}

static int netlink_proc_show(struct seq_file *m, void *v)
{
	struct net *net = seq_file_net(m);
	struct sock *sk;

	seq_puts(m, "sk               Eth Pid        Groups   Rmem     Wmem  "
		 "   Dump  Locks    Drops    Inode\n");
	for (int i = 0; i < MAX_LINKS; i++) {
		struct netlink_table *t = netlink_table(net, i);

		read_lock_bh(&t->lock);
		for (int b = 0; b < NETLINK_BUCKETS; b++)
			hlist_for_each_entry(sk, &t->hash[b], sk_node)
				show_sock(m, sk);
		read_unlock_bh(&t->lock);
	}
	return 0;
}

int netlink_proc_init(void)
{
	return proc_create_single("netlink", 0444, init_net.proc_net,
				  netlink_proc_show) ? 0 : -ENOMEM;
}
