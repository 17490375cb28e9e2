/* SPDX-License-Identifier: MIT */
#ifndef UAPI_IF_PACKET_H
#define UAPI_IF_PACKET_H
/* if_packet.h -- sockets that see whole packets (Linux ABI) */

#include <kernel/types.h>

/* sll_pkttype; the names of skb->pkt_type: PACKET_HOST .. PACKET_OUTGOING. */
struct sockaddr_pkt {
	unsigned short spkt_family;
	unsigned char spkt_device[14];
	__be16 spkt_protocol;
};

struct sockaddr_ll {
	unsigned short sll_family;
	__be16 sll_protocol;
	int sll_ifindex;
	unsigned short sll_hatype;
	unsigned char sll_pkttype;
	unsigned char sll_halen;
	unsigned char sll_addr[8];
};

/* Options, level SOL_PACKET */
#define PACKET_ADD_MEMBERSHIP 1
#define PACKET_DROP_MEMBERSHIP 2
#define PACKET_RX_RING 5
#define PACKET_STATISTICS 6
#define PACKET_COPY_THRESH 7
#define PACKET_AUXDATA 8
#define PACKET_ORIGDEV 9
#define PACKET_VERSION 10
#define PACKET_HDRLEN 11
#define PACKET_RESERVE 12
#define PACKET_TX_RING 13
#define PACKET_LOSS 14
#define PACKET_VNET_HDR 15
#define PACKET_TX_TIMESTAMP 16
#define PACKET_TIMESTAMP 17
#define PACKET_FANOUT 18
#define PACKET_TX_HAS_OFF 19
#define PACKET_QDISC_BYPASS 20
#define PACKET_IGNORE_OUTGOING 23

struct packet_mreq {
	int mr_ifindex;
	unsigned short mr_type;
	unsigned short mr_alen;
	unsigned char mr_address[8];
};

#define PACKET_MR_MULTICAST 0
#define PACKET_MR_PROMISC 1
#define PACKET_MR_ALLMULTI 2
#define PACKET_MR_UNICAST 3

struct tpacket_stats {
	unsigned int tp_packets, tp_drops;
};

struct tpacket_stats_v3 {
	unsigned int tp_packets, tp_drops, tp_freeze_q_cnt;
};

struct tpacket_auxdata {
	__u32 tp_status, tp_len, tp_snaplen;
	__u16 tp_mac, tp_net, tp_vlan_tci, tp_vlan_tpid;
};

/* Whose a frame or block is: 0 the kernel's, and then what happened. */
#define TP_STATUS_KERNEL 0
#define TP_STATUS_USER (1 << 0)
#define TP_STATUS_COPY (1 << 1)
#define TP_STATUS_LOSING (1 << 2)
#define TP_STATUS_CSUMNOTREADY (1 << 3)
#define TP_STATUS_VLAN_VALID (1 << 4)
#define TP_STATUS_BLK_TMO (1 << 5)
#define TP_STATUS_VLAN_TPID_VALID (1 << 6)
#define TP_STATUS_CSUM_VALID (1 << 7)
#define TP_STATUS_TS_SOFTWARE (1u << 29)

enum tpacket_versions { TPACKET_V1, TPACKET_V2, TPACKET_V3 };

#define TPACKET_ALIGNMENT 16
#define TPACKET_ALIGN(x) (((x) + TPACKET_ALIGNMENT - 1) & \
			  ~(TPACKET_ALIGNMENT - 1))

struct tpacket_hdr {                  /* V1 */
	unsigned long tp_status;
	unsigned int tp_len, tp_snaplen;
	unsigned short tp_mac, tp_net;
	unsigned int tp_sec, tp_usec;
};

struct tpacket2_hdr {
	__u32 tp_status, tp_len, tp_snaplen;
	__u16 tp_mac, tp_net;
	__u32 tp_sec, tp_nsec;
	__u16 tp_vlan_tci, tp_vlan_tpid;
	__u8 tp_padding[4];
};

struct tpacket3_hdr {
	__u32 tp_next_offset, tp_sec, tp_nsec;
	__u32 tp_snaplen, tp_len, tp_status;
	__u16 tp_mac, tp_net;
	__u32 tp_rxhash, tp_vlan_tci;
	__u16 tp_vlan_tpid, tp_padding0;
	__u8 tp_padding[8];
};

struct tpacket_bd_ts {
	unsigned int ts_sec, ts_nsec;
};

/* At the beginning of each V3 block. */
struct tpacket_block_desc {
	__u32 version;
	__u32 offset_to_priv;
	__u32 block_status;
	__u32 num_pkts;
	__u32 offset_to_first_pkt;
	__u32 blk_len;
	__u64 seq_num __attribute__((aligned(8)));
	struct tpacket_bd_ts ts_first_pkt, ts_last_pkt;
};

struct tpacket_req {
	unsigned int tp_block_size, tp_block_nr;
	unsigned int tp_frame_size, tp_frame_nr;
};

struct tpacket_req3 {
	unsigned int tp_block_size, tp_block_nr;
	unsigned int tp_frame_size, tp_frame_nr;
	unsigned int tp_retire_blk_tov;
	unsigned int tp_sizeof_priv;
	unsigned int tp_feature_req_word;
};

static_assert(sizeof(struct sockaddr_ll) == 20, "Linux ABI");
static_assert(sizeof(struct tpacket2_hdr) == 32, "Linux ABI");
static_assert(sizeof(struct tpacket3_hdr) == 48, "Linux ABI");
static_assert(sizeof(struct tpacket_block_desc) == 48, "Linux ABI");

#endif
