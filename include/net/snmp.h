/* SPDX-License-Identifier: MIT */
#ifndef NET_SNMP_H
#define NET_SNMP_H
/*
 * snmp.h -- the counters of /proc/net/snmp and netstat
 *
 * One array per CPU and net; whoever shows them adds up.  Order and names are
 * those that /proc/net/snmp prints.
 */

#include <kernel/percpu.h>
#include <kernel/types.h>

enum {                                /* Ip: */
	IPSTATS_MIB_INPKTS, IPSTATS_MIB_INHDRERRORS, IPSTATS_MIB_INADDRERRORS,
	IPSTATS_MIB_OUTFORWDATAGRAMS, IPSTATS_MIB_INUNKNOWNPROTOS,
	IPSTATS_MIB_INDISCARDS, IPSTATS_MIB_INDELIVERS, IPSTATS_MIB_OUTPKTS,
	IPSTATS_MIB_OUTDISCARDS, IPSTATS_MIB_OUTNOROUTES,
	IPSTATS_MIB_REASMTIMEOUT, IPSTATS_MIB_REASMREQDS,
	IPSTATS_MIB_REASMOKS, IPSTATS_MIB_REASMFAILS, IPSTATS_MIB_FRAGOKS,
	IPSTATS_MIB_FRAGFAILS, IPSTATS_MIB_FRAGCREATES,
	/* IpExt: */
	IPSTATS_MIB_INNOROUTES, IPSTATS_MIB_INTRUNCATEDPKTS,
	IPSTATS_MIB_INMCASTPKTS, IPSTATS_MIB_OUTMCASTPKTS,
	IPSTATS_MIB_INBCASTPKTS, IPSTATS_MIB_OUTBCASTPKTS,
	IPSTATS_MIB_INOCTETS, IPSTATS_MIB_OUTOCTETS, IPSTATS_MIB_CSUMERRORS,
	__IPSTATS_MIB_MAX
};

enum {                                /* Icmp: */
	ICMP_MIB_INMSGS, ICMP_MIB_INERRORS, ICMP_MIB_CSUMERRORS,
	ICMP_MIB_OUTMSGS, ICMP_MIB_OUTERRORS, ICMP_MIB_RATELIMITHOST,
	ICMP_MIB_RATELIMITGLOBAL, __ICMP_MIB_MAX
};

enum {                                /* Udp: */
	UDP_MIB_INDATAGRAMS, UDP_MIB_NOPORTS, UDP_MIB_INERRORS,
	UDP_MIB_OUTDATAGRAMS, UDP_MIB_RCVBUFERRORS, UDP_MIB_SNDBUFERRORS,
	UDP_MIB_CSUMERRORS, UDP_MIB_IGNOREDMULTI, UDP_MIB_MEMERRORS,
	__UDP_MIB_MAX
};

enum {                                /* Tcp: after MaxConn */
	TCP_MIB_ACTIVEOPENS, TCP_MIB_PASSIVEOPENS, TCP_MIB_ATTEMPTFAILS,
	TCP_MIB_ESTABRESETS, TCP_MIB_CURRESTAB, TCP_MIB_INSEGS,
	TCP_MIB_OUTSEGS, TCP_MIB_RETRANSSEGS, TCP_MIB_INERRS, TCP_MIB_OUTRSTS,
	TCP_MIB_CSUMERRORS,
	/* TcpExt: */
	LINUX_MIB_LISTENOVERFLOWS, LINUX_MIB_LISTENDROPS, LINUX_MIB_TCPTIMEOUTS,
	__TCP_MIB_MAX
};

struct ipstats_mib {
	u64 mibs[__IPSTATS_MIB_MAX];
};

/* And messages by type: [type] in, [type + 256] out. */
#define ICMPMSG_MIB_MAX 512            /* in by type, out from 256 on */

struct icmp_mib {
	u64 mibs[__ICMP_MIB_MAX];
};

struct udp_mib {
	u64 mibs[2 * __UDP_MIB_MAX];
};

struct tcp_mib {
	u64 mibs[__TCP_MIB_MAX];
};

#define SNMP_INC(mib, field) this_cpu_inc((mib)->mibs[field])
#define SNMP_ADD(mib, field, n) this_cpu_add((mib)->mibs[field], n)
#define IP_INC_STATS(net, f) SNMP_INC((net)->mib_ip, IPSTATS_MIB_##f)
#define IP_ADD_STATS(net, f, n) SNMP_ADD((net)->mib_ip, IPSTATS_MIB_##f, n)
#define __IP_INC_STATS(net, f) IP_INC_STATS(net, f)
#define ICMP_INC_STATS(net, f) SNMP_INC((net)->mib_icmp, ICMP_MIB_##f)
#define TCP_INC_STATS(net, f) SNMP_INC((net)->mib_tcp, TCP_MIB_##f)
#define TCP_ADD_STATS(net, f, n) SNMP_ADD((net)->mib_tcp, TCP_MIB_##f, n)
#define NET_INC_STATS(net, f) SNMP_INC((net)->mib_tcp, LINUX_MIB_##f)
/* lite: UDP-Lite's, which stand behind. */
#define UDP_INC_STATS(net, f, lite) \
	SNMP_INC((net)->mib_udp, UDP_MIB_##f + ((lite) ? __UDP_MIB_MAX : 0))

/* The sum over all CPUs of the u64 at offset `off` of a per-CPU structure. */
u64 snmp_fold(void __percpu *mib, size_t off);
#define snmp_fold_field(mib, i) \
	snmp_fold(mib, (i) * sizeof(u64))

#endif
