/* SPDX-License-Identifier: MIT */
/*
 * proc.c -- /proc/net/route, udp: IPv4 as older programs see it
 *
 * Formats are Linux's to the column: netstat, route and monitoring tools count
 * fields.  Addresses are written as the number that memory holds.
 *
 * LOCKING.  route: rtnl, through fib_table_walk(); udp: each bucket's lock.
 */

#include <net/udp.h>

#include <fs/fs.h>
#include <fs/proc_fs.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/ip_fib.h>
#include <net/rtnetlink.h>
#include <uapi/sockios.h>

/* ---- route: table main ---- */

static unsigned int route_flags(const struct fib_alias *fa, __be32 mask)
{
	unsigned int flags = RTF_UP;

	if (fa->fa_type == RTN_UNREACHABLE || fa->fa_type == RTN_PROHIBIT)
		flags = RTF_REJECT;
	if (fa->fa_info->fib_nh.fib_nh_gw_family == AF_INET)
		flags |= RTF_GATEWAY;
	if (mask == htonl(~0u))
		flags |= RTF_HOST;
	return flags;
}

static int show_route(struct fib_table *tb, __be32 dst, int plen,
		      struct fib_alias *fa, void *arg)
{
	__be32 mask = plen ? htonl(~0u << (32 - plen)) : 0;
	const struct fib_info *fi = fa->fa_info;
	const struct net_device *dev = fi->fib_nh.fib_nh_dev;
	struct seq_file *m = arg;
	u32 advmss = fi->fib_mx[RTAX_ADVMSS - 1];
	char line[128];

	if (fa->fa_type == RTN_BROADCAST || fa->fa_type == RTN_MULTICAST)
		return 0;
	snprintf(line, sizeof(line),
		 "%s\t%08X\t%08X\t%04X\t%d\t%u\t%d\t%08X\t%d\t%u\t%u",
		 dev ? dev->name : "*", dst,
		 fi->fib_nh.fib_nh_gw_family == AF_INET ?
		 fi->fib_nh.fib_nh_gw4 : 0, route_flags(fa, mask), 0, 0,
		 fi->fib_priority, mask, advmss ? advmss + 40 : 0,
		 fi->fib_mx[RTAX_WINDOW - 1], fi->fib_mx[RTAX_RTT - 1] >> 3);
	seq_printf(m, "%-127s\n", line);
	return 0;
}

static int route_proc_show(struct seq_file *m, void *v)
{
	struct fib_table *tb;

	seq_printf(m, "%-127s\n", "Iface\tDestination\tGateway \tFlags\tRefCnt"
		   "\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
	rtnl_lock();
	tb = fib_get_table(seq_file_net(m), RT_TABLE_MAIN);
	if (tb)
		fib_table_walk(tb, show_route, m);
	rtnl_unlock();
	return 0;
}

/* ---- udp ---- */

static void show_udp(struct seq_file *m, struct sock *sk, int bucket)
{
	const struct inet_sock *inet = inet_sk(sk);
	unsigned long ino = 0;
	char line[160];

	read_lock(&sk->sk_callback_lock);
	if (sk->sk_socket)
		ino = SOCK_INODE(sk->sk_socket)->i_ino;
	read_unlock(&sk->sk_callback_lock);
	snprintf(line, sizeof(line), "%5d: %08X:%04X %08X:%04X %02X %08X:%08X "
		 "%02X:%08lX %08X %5u %8d %lu %d %016lx %u", bucket,
		 sk->sk_rcv_saddr, ntohs(inet->inet_sport), sk->sk_daddr,
		 ntohs(sk->sk_dport), sk->sk_state, sk_wmem_alloc_get(sk),
		 sk_rmem_alloc_get(sk), 0, 0ul, 0, sk->sk_uid, 0, ino,
		 refcount_read(&sk->sk_refcnt), 0ul,
		 atomic_read(&sk->sk_drops));
	seq_printf(m, "%-127s\n", line);
}

static int show_table(struct seq_file *m, struct udp_table *t)
{
	struct sock *sk;

	seq_printf(m, "%-127s\n", "   sl  local_address rem_address   st "
		   "tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
		   "inode ref pointer drops");
	for (int i = 0; i < UDP_HTABLE_SIZE; i++) {
		struct udp_hslot *slot = &t->hash[i];

		spin_lock_bh(&slot->lock);
		hlist_for_each_entry(sk, &slot->head, sk_node)
			if (net_eq(sock_net(sk), seq_file_net(m)))
				show_udp(m, sk, i);
		spin_unlock_bh(&slot->lock);
	}
	return 0;
}

static int udp_proc_show(struct seq_file *m, void *v)
{
	return show_table(m, &udp_table);
}

static int udplite_proc_show(struct seq_file *m, void *v)
{
	return show_table(m, &udplite_table);
}

static int ipv4_proc_init(void)
{
	static const struct {
		const char *name;
		int (*show)(struct seq_file *m, void *v);
	} files[] = { { "route", route_proc_show }, { "udp", udp_proc_show },
		      { "udplite", udplite_proc_show } };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!proc_create_single(files[i].name, 0444, init_net.proc_net,
					files[i].show))
			return -ENOMEM;
	return 0;
}
fs_initcall(ipv4_proc_init);
