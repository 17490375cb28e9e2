/* SPDX-License-Identifier: MIT */
#ifndef NET_FLOW_H
#define NET_FLOW_H
/* flow.h -- what a route is asked with; flowi4_init_output() fills it */

#include <kernel/types.h>

#define FLOWI_FLAG_ANYSRC 0x01        /* saddr need not be ours */
#define FLOWI_FLAG_KNOWN_NH 0x02      /* (with IP_HDRINCL) */

struct flowi4 {
	int flowi4_oif, flowi4_iif;   /* 0: any; iif 0 means from here */
	u32 flowi4_mark;
	u8 flowi4_tos, flowi4_scope, flowi4_proto, flowi4_flags;
	__be32 saddr, daddr;          /* 0: to be chosen */
	__be16 fl4_sport, fl4_dport;
	u8 fl4_icmp_type, fl4_icmp_code;
	u32 flowi4_multipath_hash;
};

/* Of any family; a route's user passes &fl->u.ip4. */
struct flowi {
	union {
		struct flowi4 ip4;
	} u;
};

static inline void flowi4_init_output(struct flowi4 *fl4, int oif, u32 mark,
				      u8 tos, u8 scope, u8 proto, u8 flags,
				      __be32 daddr, __be32 saddr, __be16 dport,
				      __be16 sport)
{
	*fl4 = (struct flowi4){
		.flowi4_oif = oif, .flowi4_mark = mark, .flowi4_tos = tos,
		.flowi4_scope = scope, .flowi4_proto = proto,
		.flowi4_flags = flags, .saddr = saddr, .daddr = daddr,
		.fl4_sport = sport, .fl4_dport = dport,
	};
}

#endif
