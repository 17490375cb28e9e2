/* SPDX-License-Identifier: MIT */
#ifndef UAPI_NETLINK_H
#define UAPI_NETLINK_H
/* netlink.h -- messages between programs and the kernel (Linux ABI) */

#include <kernel/types.h>
#include <uapi/socket.h>

#define NETLINK_ROUTE 0
#define NETLINK_USERSOCK 2
#define NETLINK_SOCK_DIAG 4
#define NETLINK_KOBJECT_UEVENT 15
#define NETLINK_GENERIC 16
#define MAX_LINKS 32

struct sockaddr_nl {
	sa_family_t nl_family;
	unsigned short nl_pad;
	__u32 nl_pid;                 /* port: who; 0 is the kernel */
	__u32 nl_groups;              /* bit N-1: multicast group N */
};

struct nlmsghdr {
	__u32 nlmsg_len;              /* with this header */
	__u16 nlmsg_type;
	__u16 nlmsg_flags;
	__u32 nlmsg_seq;              /* the answer repeats it */
	__u32 nlmsg_pid;
};

#define NLM_F_REQUEST 0x01
#define NLM_F_MULTI 0x02              /* more follow, to NLMSG_DONE */
#define NLM_F_ACK 0x04
#define NLM_F_ECHO 0x08
#define NLM_F_DUMP_INTR 0x10          /* what is dumped changed meanwhile */
#define NLM_F_DUMP_FILTERED 0x20
#define NLM_F_ROOT 0x100              /* of a GET */
#define NLM_F_MATCH 0x200
#define NLM_F_ATOMIC 0x400
#define NLM_F_DUMP (NLM_F_ROOT | NLM_F_MATCH)
#define NLM_F_REPLACE 0x100           /* of a NEW */
#define NLM_F_EXCL 0x200
#define NLM_F_CREATE 0x400
#define NLM_F_APPEND 0x800
#define NLM_F_CAPPED 0x100            /* of an ack */
#define NLM_F_ACK_TLVS 0x200

#define NLMSG_ALIGNTO 4u
#define NLMSG_ALIGN(len) (((len) + NLMSG_ALIGNTO - 1) & ~(NLMSG_ALIGNTO - 1))
#define NLMSG_HDRLEN ((int)NLMSG_ALIGN(sizeof(struct nlmsghdr)))
#define NLMSG_LENGTH(len) ((len) + NLMSG_HDRLEN)
#define NLMSG_SPACE(len) NLMSG_ALIGN(NLMSG_LENGTH(len))
#define NLMSG_DATA(nlh) ((void *)((char *)(nlh) + NLMSG_HDRLEN))

#define NLMSG_NOOP 1
#define NLMSG_ERROR 2
#define NLMSG_DONE 3
#define NLMSG_OVERRUN 4
#define NLMSG_MIN_TYPE 0x10

struct nlmsgerr {
	int error;                    /* 0 or -errno */
	struct nlmsghdr msg;          /* what it answers */
};

enum nlmsgerr_attrs {
	NLMSGERR_ATTR_UNUSED, NLMSGERR_ATTR_MSG, NLMSGERR_ATTR_OFFS,
	NLMSGERR_ATTR_COOKIE, NLMSGERR_ATTR_POLICY, NLMSGERR_ATTR_MISS_TYPE,
	NLMSGERR_ATTR_MISS_NEST,
};

/* Options, level SOL_NETLINK */
#define NETLINK_ADD_MEMBERSHIP 1
#define NETLINK_DROP_MEMBERSHIP 2
#define NETLINK_PKTINFO 3
#define NETLINK_BROADCAST_ERROR 4
#define NETLINK_NO_ENOBUFS 5
#define NETLINK_LISTEN_ALL_NSID 8
#define NETLINK_LIST_MEMBERSHIPS 9
#define NETLINK_CAP_ACK 10
#define NETLINK_EXT_ACK 11
#define NETLINK_GET_STRICT_CHK 12

struct nl_pktinfo {
	__u32 group;
};

/* One attribute; its data follows, and the next one at a multiple of four. */
struct nlattr {
	__u16 nla_len;                /* with this header */
	__u16 nla_type;
};

#define NLA_F_NESTED (1 << 15)
#define NLA_F_NET_BYTEORDER (1 << 14)
#define NLA_TYPE_MASK ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER)
#define NLA_ALIGNTO 4
#define NLA_ALIGN(len) (((len) + NLA_ALIGNTO - 1) & ~(NLA_ALIGNTO - 1))
#define NLA_HDRLEN ((int)NLA_ALIGN(sizeof(struct nlattr)))

static_assert(sizeof(struct nlmsghdr) == 16, "Linux ABI");
static_assert(sizeof(struct sockaddr_nl) == 12, "Linux ABI");

#endif
