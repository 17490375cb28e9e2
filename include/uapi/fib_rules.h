/* SPDX-License-Identifier: MIT */
#ifndef UAPI_FIB_RULES_H
#define UAPI_FIB_RULES_H
/* fib_rules.h -- RTM_*RULE: which table answers (Linux ABI) */

#include <kernel/types.h>

struct fib_rule_hdr {
	__u8 family;
	__u8 dst_len, src_len;
	__u8 tos;
	__u8 table;
	__u8 res1, res2;
	__u8 action;                  /* FR_ACT_* */
	__u32 flags;
};

enum {
	FRA_UNSPEC, FRA_DST, FRA_SRC, FRA_IIFNAME, FRA_GOTO, FRA_UNUSED2,
	FRA_PRIORITY, FRA_UNUSED3, FRA_UNUSED4, FRA_UNUSED5, FRA_FWMARK,
	FRA_FLOW, FRA_TUN_ID, FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN,
	FRA_TABLE, FRA_FWMASK, FRA_OIFNAME, FRA_PAD, FRA_L3MDEV,
	FRA_UID_RANGE, FRA_PROTOCOL, FRA_IP_PROTO, FRA_SPORT_RANGE,
	FRA_DPORT_RANGE
};

#define FR_ACT_TO_TBL 1

#endif
