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
	FRA_DPORT_RANGE, FRA_MAX = FRA_DPORT_RANGE
};

enum {
	FR_ACT_UNSPEC, FR_ACT_TO_TBL, FR_ACT_GOTO, FR_ACT_NOP, FR_ACT_RES3,
	FR_ACT_RES4, FR_ACT_BLACKHOLE, FR_ACT_UNREACHABLE, FR_ACT_PROHIBIT,
	FR_ACT_MAX = FR_ACT_PROHIBIT
};

#define FIB_RULE_INVERT 0x2
#define FIB_RULE_IIF_DETACHED 0x8
#define FIB_RULE_OIF_DETACHED 0x10

struct fib_rule_port_range {
	__u16 start, end;
};

#endif
