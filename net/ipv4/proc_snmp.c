/* SPDX-License-Identifier: MIT */
/*
 * proc_snmp.c -- /proc/net/snmp, netstat, sockstat: what was counted
 *
 * `netstat -s` and monitors find numbers by the names in the line above them.
 * What nobody counts here is left out of netstat, and 0 in snmp, whose columns
 * are fixed by RFC 4293, 4022, 4113.
 *
 * LOCKING.  Counters are summed over CPUs without; two of one line may be an
 * instant apart.  sockstat counts the tables, each chain under its lock.
 */

#include "tcp_impl.h"
#include "internal.h"

#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/snmp.h>
#include <net/tcp.h>
#include <net/inetdevice.h>
#include <net/udp.h>

static void show_fields(struct seq_file *m, void __percpu *mib, int from,
			int to)
{
	for (int i = from; i < to; i++)
		seq_printf(m, " %llu",
			   (unsigned long long)snmp_fold_field(mib, i));
}

/* ---- snmp ---- */

static bool forwards(struct net *net)
{
	return net->ipv4.devconf_all.data[IPV4_DEVCONF_FORWARDING];
}

static void show_ip(struct seq_file *m, struct net *net)
{
	seq_printf(m, "Ip: Forwarding DefaultTTL InReceives InHdrErrors "
		   "InAddrErrors ForwDatagrams InUnknownProtos InDiscards "
		   "InDelivers OutRequests OutDiscards OutNoRoutes "
		   "ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs "
		   "FragFails FragCreates\nIp: %d %d", forwards(net) ? 1 : 2,
		   net->ipv4.sysctl_ip_default_ttl);
	show_fields(m, net->mib_ip, 0, IPSTATS_MIB_FRAGCREATES + 1);
}

static const struct {
	const char *name;
	u8 type;
} icmp_types[] = {
	{ "DestUnreachs", ICMP_DEST_UNREACH },
	{ "TimeExcds", ICMP_TIME_EXCEEDED },
	{ "ParmProbs", ICMP_PARAMETERPROB },
	{ "SrcQuenchs", ICMP_SOURCE_QUENCH }, { "Redirects", ICMP_REDIRECT },
	{ "Echos", ICMP_ECHO }, { "EchoReps", ICMP_ECHOREPLY },
	{ "Timestamps", ICMP_TIMESTAMP }, { "TimestampReps", ICMP_TIMESTAMPREPLY },
	{ "AddrMasks", ICMP_ADDRESS }, { "AddrMaskReps", ICMP_ADDRESSREPLY },
};

static unsigned long long icmp_type_count(struct net *net, int type)
{
	return atomic_long_read(&net->mib_icmpmsg[type]);
}

static void show_icmp(struct seq_file *m, struct net *net)
{
	static const char *const way[] = { "In", "Out" };

	seq_puts(m, "\nIcmp: InMsgs InErrors InCsumErrors");
	for (int out = 0; out < 2; out++) {
		if (out)
			seq_puts(m, " OutMsgs OutErrors OutRateLimitGlobal "
				 "OutRateLimitHost");
		for (size_t i = 0; i < ARRAY_SIZE(icmp_types); i++)
			seq_printf(m, " %s%s", way[out], icmp_types[i].name);
	}
	seq_puts(m, "\nIcmp:");
	show_fields(m, net->mib_icmp, ICMP_MIB_INMSGS, ICMP_MIB_CSUMERRORS + 1);
	for (int out = 0; out < 2; out++) {
		if (out) {
			show_fields(m, net->mib_icmp, ICMP_MIB_OUTMSGS,
				    ICMP_MIB_OUTERRORS + 1);
			show_fields(m, net->mib_icmp,
				    ICMP_MIB_RATELIMITGLOBAL, __ICMP_MIB_MAX);
			show_fields(m, net->mib_icmp, ICMP_MIB_RATELIMITHOST,
				    ICMP_MIB_RATELIMITHOST + 1);
		}
		for (size_t i = 0; i < ARRAY_SIZE(icmp_types); i++)
			seq_printf(m, " %llu", icmp_type_count(net,
				   icmp_types[i].type + 256 * out));
	}
}

/* Only types that came or went. */
static void show_icmpmsg(struct seq_file *m, struct net *net)
{
	bool any = false;

	for (int i = 0; i < 512; i++) {
		if (!icmp_type_count(net, i))
			continue;
		seq_printf(m, "%s %sType%d", any ? "" : "\nIcmpMsg:",
			   i < 256 ? "In" : "Out", i & 255);
		any = true;
	}
	if (!any)
		return;
	seq_puts(m, "\nIcmpMsg:");
	for (int i = 0; i < 512; i++)
		if (icmp_type_count(net, i))
			seq_printf(m, " %llu", icmp_type_count(net, i));
}

static void show_udp_mib(struct seq_file *m, struct net *net, const char *who,
			 int from)
{
	seq_printf(m, "\n%s: InDatagrams NoPorts InErrors OutDatagrams "
		   "RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti "
		   "MemErrors\n%s:", who, who);
	show_fields(m, net->mib_udp, from, from + __UDP_MIB_MAX);
}

static int snmp_proc_show(struct seq_file *m, void *v)
{
	struct net *net = seq_file_net(m);

	show_ip(m, net);
	show_icmp(m, net);
	show_icmpmsg(m, net);
	seq_puts(m, "\nTcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens "
		 "PassiveOpens AttemptFails EstabResets CurrEstab InSegs "
		 "OutSegs RetransSegs InErrs OutRsts InCsumErrors\n"
		 "Tcp: 1 200 120000 -1");
	show_fields(m, net->mib_tcp, 0, TCP_MIB_CSUMERRORS + 1);
	show_udp_mib(m, net, "Udp", 0);
	show_udp_mib(m, net, "UdpLite", __UDP_MIB_MAX);
	seq_putc(m, '\n');
	return 0;
}

/* ---- netstat ---- */

static int netstat_proc_show(struct seq_file *m, void *v)
{
	struct net *net = seq_file_net(m);

	seq_puts(m, "TcpExt: ListenOverflows ListenDrops TCPTimeouts\nTcpExt:");
	show_fields(m, net->mib_tcp, LINUX_MIB_LISTENOVERFLOWS, __TCP_MIB_MAX);
	seq_puts(m, "\nIpExt: InNoRoutes InTruncatedPkts InMcastPkts "
		 "OutMcastPkts InBcastPkts OutBcastPkts InOctets OutOctets "
		 "InCsumErrors\nIpExt:");
	show_fields(m, net->mib_ip, IPSTATS_MIB_INNOROUTES, __IPSTATS_MIB_MAX);
	seq_putc(m, '\n');
	return 0;
}

/* ---- sockstat ---- */

struct sock_count {
	int full, timewait;
};

static struct sock_count count_socks(const struct net *net, int protocol)
{
	struct sock_count c = { 0, 0 };
	struct inet_bucket b;
	struct sock *sk;

	for (unsigned int n = 0; inet_bucket(protocol, n, &b); n++) {
		if (hlist_empty(b.head))
			continue;
		spin_lock_bh(b.lock);
		hlist_for_each_entry(sk, b.head, sk_node) {
			if (!net_eq(sk->sk_net, net))
				continue;
			if (sk->sk_state == TCP_TIME_WAIT)
				c.timewait++;
			else if (sk->sk_state != TCP_NEW_SYN_RECV)
				c.full++;
		}
		spin_unlock_bh(b.lock);
	}
	return c;
}

static int count_fragments(struct fqdir *f)
{
	struct list_head *pos;
	int n = 0;

	spin_lock_bh(&f->lock);
	list_for_each(pos, &f->lru)
		n++;
	spin_unlock_bh(&f->lock);
	return n;
}

static int sockstat_proc_show(struct seq_file *m, void *v)
{
	struct net *net = seq_file_net(m);
	struct sock_count tcp = count_socks(net, IPPROTO_TCP);

	seq_printf(m, "sockets: used %d\n", atomic_read(&net->sock_inuse));
	seq_printf(m, "TCP: inuse %d orphan %d tw %d alloc %d mem %ld\n",
		   tcp.full, atomic_read(&tcp_orphan_count), tcp.timewait,
		   atomic_read(&tcp_prot.sockets_allocated),
		   tcp_memory_pages());
	seq_printf(m, "UDP: inuse %d mem 0\nUDPLITE: inuse %d\n",
		   count_socks(net, IPPROTO_UDP).full,
		   count_socks(net, IPPROTO_UDPLITE).full);
	seq_printf(m, "RAW: inuse %d\n", count_socks(net, IPPROTO_RAW).full);
	seq_printf(m, "FRAG: inuse %d memory %ld\n",
		   count_fragments(&net->ipv4.fqdir),
		   atomic_long_read(&net->ipv4.fqdir.mem));
	return 0;
}

static int proc_snmp_init(void)
{
	struct proc_dir_entry *dir = init_net.proc_net;

	return proc_create_single("snmp", 0444, dir, snmp_proc_show) &&
	       proc_create_single("netstat", 0444, dir, netstat_proc_show) &&
	       proc_create_single("sockstat", 0444, dir, sockstat_proc_show) ?
	       0 : -ENOMEM;
}
fs_initcall(proc_snmp_init);
