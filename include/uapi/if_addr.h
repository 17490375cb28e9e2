/* SPDX-License-Identifier: MIT */
#ifndef UAPI_IF_ADDR_H
#define UAPI_IF_ADDR_H
/* if_addr.h -- RTM_*ADDR: addresses of a device (Linux ABI) */

#include <kernel/types.h>

struct ifaddrmsg {
	__u8 ifa_family;
	__u8 ifa_prefixlen;
	__u8 ifa_flags;               /* IFA_FLAGS says it in full */
	__u8 ifa_scope;
	__u32 ifa_index;
};

enum {
	IFA_UNSPEC, IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_BROADCAST,
	IFA_ANYCAST, IFA_CACHEINFO, IFA_MULTICAST, IFA_FLAGS, IFA_RT_PRIORITY,
	IFA_TARGET_NETNSID, IFA_PROTO, __IFA_MAX
};
#define IFA_MAX (__IFA_MAX - 1)

#define IFA_F_SECONDARY 0x01
#define IFA_F_NODAD 0x02
#define IFA_F_DEPRECATED 0x20
#define IFA_F_PERMANENT 0x80
#define IFA_F_NOPREFIXROUTE 0x200
#define IFA_F_MCAUTOJOIN 0x400

struct ifa_cacheinfo {
	__u32 ifa_prefered, ifa_valid; /* seconds; all ones: for ever */
	__u32 cstamp, tstamp;         /* hundredths since boot */
};

#define INFINITY_LIFE_TIME 0xffffffffu

#endif
