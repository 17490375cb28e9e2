/* SPDX-License-Identifier: MIT */
#ifndef UAPI_IF_LINK_H
#define UAPI_IF_LINK_H
/* if_link.h -- attributes of a network device (Linux ABI) */

#include <kernel/types.h>

/* Counters since the device came. */
struct rtnl_link_stats64 {
	__u64 rx_packets, tx_packets, rx_bytes, tx_bytes;
	__u64 rx_errors, tx_errors, rx_dropped, tx_dropped;
	__u64 multicast, collisions;
	__u64 rx_length_errors, rx_over_errors, rx_crc_errors;
	__u64 rx_frame_errors, rx_fifo_errors, rx_missed_errors;
	__u64 tx_aborted_errors, tx_carrier_errors, tx_fifo_errors;
	__u64 tx_heartbeat_errors, tx_window_errors;
	__u64 rx_compressed, tx_compressed, rx_nohandler;
	__u64 rx_otherhost_dropped;
};

#define RTNL_LINK_STATS_FIELDS 24     /* the old 32-bit ones */

struct rtnl_link_ifmap {
	__u64 mem_start, mem_end, base_addr;
	__u16 irq;
	__u8 dma, port;
};

enum {
	IFLA_UNSPEC, IFLA_ADDRESS, IFLA_BROADCAST, IFLA_IFNAME, IFLA_MTU,
	IFLA_LINK, IFLA_QDISC, IFLA_STATS, IFLA_COST, IFLA_PRIORITY,
	IFLA_MASTER, IFLA_WIRELESS, IFLA_PROTINFO, IFLA_TXQLEN, IFLA_MAP,
	IFLA_WEIGHT, IFLA_OPERSTATE, IFLA_LINKMODE, IFLA_LINKINFO,
	IFLA_NET_NS_PID, IFLA_IFALIAS, IFLA_NUM_VF, IFLA_VFINFO_LIST,
	IFLA_STATS64, IFLA_VF_PORTS, IFLA_PORT_SELF, IFLA_AF_SPEC, IFLA_GROUP,
	IFLA_NET_NS_FD, IFLA_EXT_MASK, IFLA_PROMISCUITY, IFLA_NUM_TX_QUEUES,
	IFLA_NUM_RX_QUEUES, IFLA_CARRIER, IFLA_PHYS_PORT_ID,
	IFLA_CARRIER_CHANGES, IFLA_PHYS_SWITCH_ID, IFLA_LINK_NETNSID,
	IFLA_PHYS_PORT_NAME, IFLA_PROTO_DOWN, IFLA_GSO_MAX_SEGS,
	IFLA_GSO_MAX_SIZE, IFLA_PAD, IFLA_XDP, IFLA_EVENT, IFLA_NEW_NETNSID,
	IFLA_IF_NETNSID, IFLA_CARRIER_UP_COUNT, IFLA_CARRIER_DOWN_COUNT,
	IFLA_NEW_IFINDEX, IFLA_MIN_MTU, IFLA_MAX_MTU, IFLA_PROP_LIST,
	IFLA_ALT_IFNAME, IFLA_PERM_ADDRESS, IFLA_PROTO_DOWN_REASON,
	IFLA_PARENT_DEV_NAME, IFLA_PARENT_DEV_BUS_NAME, IFLA_GRO_MAX_SIZE,
	IFLA_TSO_MAX_SIZE, IFLA_TSO_MAX_SEGS, __IFLA_MAX
};
#define IFLA_MAX (__IFLA_MAX - 1)

/* In IFLA_LINKINFO */
enum {
	IFLA_INFO_UNSPEC, IFLA_INFO_KIND, IFLA_INFO_DATA, IFLA_INFO_XSTATS,
	IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA, __IFLA_INFO_MAX
};
#define IFLA_INFO_MAX (__IFLA_INFO_MAX - 1)

/* In IFLA_INFO_DATA of a veth */
enum { VETH_INFO_UNSPEC, VETH_INFO_PEER, __VETH_INFO_MAX };
#define VETH_INFO_MAX (__VETH_INFO_MAX - 1)

/* In IFLA_AF_SPEC, family AF_INET */
enum { IFLA_INET_UNSPEC, IFLA_INET_CONF, __IFLA_INET_MAX };

#endif
