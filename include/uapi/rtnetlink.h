/* SPDX-License-Identifier: MIT */
#ifndef UAPI_RTNETLINK_H
#define UAPI_RTNETLINK_H
/* rtnetlink.h -- devices, addresses, routes and neighbours (Linux ABI) */

#include <uapi/neighbour.h>
#include <uapi/netlink.h>

/* Message types: of each object NEW, DEL, GET, SET, in this order. */
enum {
	RTM_BASE = 16,
	RTM_NEWLINK = 16, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK,
	RTM_NEWADDR = 20, RTM_DELADDR, RTM_GETADDR,
	RTM_NEWROUTE = 24, RTM_DELROUTE, RTM_GETROUTE,
	RTM_NEWNEIGH = 28, RTM_DELNEIGH, RTM_GETNEIGH,
	RTM_NEWRULE = 32, RTM_DELRULE, RTM_GETRULE,
	RTM_NEWQDISC = 36, RTM_DELQDISC, RTM_GETQDISC,
	RTM_NEWTCLASS = 40, RTM_DELTCLASS, RTM_GETTCLASS,
	RTM_NEWTFILTER = 44, RTM_DELTFILTER, RTM_GETTFILTER,
	RTM_NEWNEIGHTBL = 64, RTM_GETNEIGHTBL = 66, RTM_SETNEIGHTBL,
	RTM_NEWNETCONF = 80, RTM_DELNETCONF, RTM_GETNETCONF,
	RTM_GETMDB = 86, RTM_NEWNSID = 88, RTM_GETNSID = 90,
	RTM_GETSTATS = 94,
	RTM_MAX = 123
};

#define RTM_NR_MSGTYPES (RTM_MAX + 1 - RTM_BASE)

/* RTM_*ROUTE */
struct rtmsg {
	unsigned char rtm_family;
	unsigned char rtm_dst_len, rtm_src_len; /* prefix bits */
	unsigned char rtm_tos;
	unsigned char rtm_table;      /* RTA_TABLE says it in full */
	unsigned char rtm_protocol;   /* who made it: RTPROT_* */
	unsigned char rtm_scope;
	unsigned char rtm_type;       /* RTN_* */
	unsigned rtm_flags;
};

enum {
	RTN_UNSPEC, RTN_UNICAST, RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST,
	RTN_MULTICAST, RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT, RTN_THROW,
	RTN_NAT, RTN_XRESOLVE, __RTN_MAX
};
#define RTN_MAX (__RTN_MAX - 1)

#define RTPROT_UNSPEC 0
#define RTPROT_REDIRECT 1
#define RTPROT_KERNEL 2
#define RTPROT_BOOT 3
#define RTPROT_STATIC 4
#define RTPROT_RA 9
#define RTPROT_DHCP 16

enum rt_scope_t {
	RT_SCOPE_UNIVERSE = 0, RT_SCOPE_SITE = 200, RT_SCOPE_LINK = 253,
	RT_SCOPE_HOST = 254, RT_SCOPE_NOWHERE = 255
};

#define RTM_F_NOTIFY 0x100
#define RTM_F_CLONED 0x200
#define RTM_F_EQUALIZE 0x400
#define RTM_F_PREFIX 0x800
#define RTM_F_LOOKUP_TABLE 0x1000
#define RTM_F_FIB_MATCH 0x2000

enum rt_class_t {
	RT_TABLE_UNSPEC = 0, RT_TABLE_COMPAT = 252, RT_TABLE_DEFAULT = 253,
	RT_TABLE_MAIN = 254, RT_TABLE_LOCAL = 255
};

enum rtattr_type_t {
	RTA_UNSPEC, RTA_DST, RTA_SRC, RTA_IIF, RTA_OIF, RTA_GATEWAY,
	RTA_PRIORITY, RTA_PREFSRC, RTA_METRICS, RTA_MULTIPATH, RTA_PROTOINFO,
	RTA_FLOW, RTA_CACHEINFO, RTA_SESSION, RTA_MP_ALGO, RTA_TABLE, RTA_MARK,
	RTA_MFC_STATS, RTA_VIA, RTA_NEWDST, RTA_PREF, RTA_ENCAP_TYPE, RTA_ENCAP,
	RTA_EXPIRES, RTA_PAD, RTA_UID, RTA_TTL_PROPAGATE, RTA_IP_PROTO,
	RTA_SPORT, RTA_DPORT, RTA_NH_ID, __RTA_MAX
};
#define RTA_MAX (__RTA_MAX - 1)

/* One next hop of RTA_MULTIPATH; attributes follow. */
struct rtnexthop {
	unsigned short rtnh_len;
	unsigned char rtnh_flags;
	unsigned char rtnh_hops;
	int rtnh_ifindex;
};

#define RTNH_F_DEAD 1
#define RTNH_F_PERVASIVE 2
#define RTNH_F_ONLINK 4
#define RTNH_F_OFFLOAD 8
#define RTNH_F_LINKDOWN 16

struct rta_cacheinfo {
	__u32 rta_clntref, rta_lastuse;
	__s32 rta_expires;
	__u32 rta_error, rta_used, rta_id, rta_ts, rta_tsage;
};

enum {
	RTAX_UNSPEC, RTAX_LOCK, RTAX_MTU, RTAX_WINDOW, RTAX_RTT, RTAX_RTTVAR,
	RTAX_SSTHRESH, RTAX_CWND, RTAX_ADVMSS, RTAX_REORDERING, RTAX_HOPLIMIT,
	RTAX_INITCWND, RTAX_FEATURES, RTAX_RTO_MIN, RTAX_INITRWND,
	RTAX_QUICKACK, RTAX_CC_ALGO, RTAX_FASTOPEN_NO_COOKIE, __RTAX_MAX
};
#define RTAX_MAX (__RTAX_MAX - 1)

/* RTM_*LINK */
struct ifinfomsg {
	unsigned char ifi_family;
	unsigned char __ifi_pad;
	unsigned short ifi_type;      /* ARPHRD_* */
	int ifi_index;
	unsigned ifi_flags;           /* IFF_* */
	unsigned ifi_change;          /* which of them are meant */
};

struct rtgenmsg {
	unsigned char rtgen_family;
};

struct tcmsg {
	unsigned char tcm_family;
	unsigned char tcm__pad1;
	unsigned short tcm__pad2;
	int tcm_ifindex;
	__u32 tcm_handle, tcm_parent, tcm_info;
};

enum {
	TCA_UNSPEC, TCA_KIND, TCA_OPTIONS, TCA_STATS, TCA_XSTATS, TCA_RATE,
	TCA_FCNT, TCA_STATS2, TCA_STAB, TCA_PAD, TCA_DUMP_INVISIBLE, TCA_CHAIN,
	TCA_HW_OFFLOAD, TCA_INGRESS_BLOCK, TCA_EGRESS_BLOCK, __TCA_MAX
};
#define TCA_MAX (__TCA_MAX - 1)

/* Groups as bits of nl_groups, and as numbers. */
#define RTMGRP_LINK 1
#define RTMGRP_NEIGH 4
#define RTMGRP_IPV4_IFADDR 0x10
#define RTMGRP_IPV4_ROUTE 0x40
enum rtnetlink_groups {
	RTNLGRP_NONE, RTNLGRP_LINK, RTNLGRP_NOTIFY, RTNLGRP_NEIGH, RTNLGRP_TC,
	RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_MROUTE, RTNLGRP_IPV4_ROUTE,
	RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_MROUTE,
	RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_IFINFO, RTNLGRP_IPV4_NETCONF = 24,
	RTNLGRP_MAX = 36
};

#define RTEXT_FILTER_VF 1
#define RTEXT_FILTER_BRVLAN 2
#define RTEXT_FILTER_SKIP_STATS 8

static_assert(sizeof(struct rtmsg) == 12, "Linux ABI");
static_assert(sizeof(struct ifinfomsg) == 16, "Linux ABI");

#endif
