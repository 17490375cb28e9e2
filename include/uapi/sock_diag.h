/* SPDX-License-Identifier: MIT */
#ifndef UAPI_SOCK_DIAG_H
#define UAPI_SOCK_DIAG_H
/* sock_diag.h -- NETLINK_SOCK_DIAG: requests, answers, attributes (Linux ABI)
 *
 * Of each family: what is asked (req), the answer's header (msg),
 * attributes. */

#include <kernel/types.h>

#define TCPDIAG_GETSOCK 18
#define DCCPDIAG_GETSOCK 19
#define SOCK_DIAG_BY_FAMILY 20
#define SOCK_DESTROY 21
#define SKNLGRP_MAX 4

#define SOCK_DIAG_NOCOOKIE (~0u)

struct sock_diag_req {
	u8 sdiag_family, sdiag_protocol;
};

/* ---- AF_INET, AF_INET6 ---- */

struct inet_diag_sockid {
	__be16 idiag_sport, idiag_dport;
	__be32 idiag_src[4], idiag_dst[4];
	u32 idiag_if;
	u32 idiag_cookie[2];
};

struct inet_diag_req_v2 {
	u8 sdiag_family, sdiag_protocol;
	u8 idiag_ext;                 /* bit INET_DIAG_x - 1: that attribute */
	u8 pad;
	u32 idiag_states;             /* bit TCP_x: sockets in that state */
	struct inet_diag_sockid id;
};
static_assert(sizeof(struct inet_diag_req_v2) == 56, "Linux ABI");

enum {                                /* attributes of a request */
	INET_DIAG_REQ_NONE, INET_DIAG_REQ_BYTECODE,
	INET_DIAG_REQ_SK_BPF_STORAGES, INET_DIAG_REQ_PROTOCOL,
	__INET_DIAG_REQ_MAX
};

/* The filter: yes and no are bytes to go on by. */
struct inet_diag_bc_op {
	u8 code, yes;
	u16 no;
};

enum {
	INET_DIAG_BC_NOP, INET_DIAG_BC_JMP, INET_DIAG_BC_S_GE,
	INET_DIAG_BC_S_LE, INET_DIAG_BC_D_GE, INET_DIAG_BC_D_LE,
	INET_DIAG_BC_AUTO, INET_DIAG_BC_S_COND, INET_DIAG_BC_D_COND,
	INET_DIAG_BC_DEV_COND, INET_DIAG_BC_MARK_COND, INET_DIAG_BC_S_EQ,
	INET_DIAG_BC_D_EQ, INET_DIAG_BC_CGROUP_COND
};

struct inet_diag_hostcond {
	u8 family, prefix_len;
	int port;                     /* -1: any */
	__be32 addr[];
};

struct inet_diag_markcond {
	u32 mark, mask;
};

struct inet_diag_msg {
	u8 idiag_family, idiag_state, idiag_timer, idiag_retrans;
	struct inet_diag_sockid id;
	u32 idiag_expires;            /* ms */
	u32 idiag_rqueue, idiag_wqueue, idiag_uid, idiag_inode;
};
static_assert(sizeof(struct inet_diag_msg) == 72, "Linux ABI");

enum {
	INET_DIAG_NONE, INET_DIAG_MEMINFO, INET_DIAG_INFO, INET_DIAG_VEGASINFO,
	INET_DIAG_CONG, INET_DIAG_TOS, INET_DIAG_TCLASS, INET_DIAG_SKMEMINFO,
	INET_DIAG_SHUTDOWN, INET_DIAG_DCTCPINFO, INET_DIAG_PROTOCOL,
	INET_DIAG_SKV6ONLY, INET_DIAG_LOCALS, INET_DIAG_PEERS, INET_DIAG_PAD,
	INET_DIAG_MARK, INET_DIAG_BBRINFO, INET_DIAG_CLASS_ID, INET_DIAG_MD5SIG,
	INET_DIAG_ULP_INFO, INET_DIAG_SK_BPF_STORAGES, INET_DIAG_CGROUP_ID,
	INET_DIAG_SOCKOPT
};

struct inet_diag_meminfo {
	u32 idiag_rmem, idiag_wmem, idiag_fmem, idiag_tmem;
};

struct inet_diag_sockopt {
	u8 recverr : 1, is_icsk : 1, freebind : 1, hdrincl : 1, mc_loop : 1,
	   transparent : 1, mc_all : 1, nodefrag : 1;
	u8 bind_address_no_port : 1, recverr_rfc4884 : 1, defer_connect : 1,
	   unused : 5;
};

/* ---- AF_UNIX ---- */

struct unix_diag_req {
	u8 sdiag_family, sdiag_protocol;
	u16 pad;
	u32 udiag_states, udiag_ino, udiag_show;
	u32 udiag_cookie[2];
};

#define UDIAG_SHOW_NAME 0x01
#define UDIAG_SHOW_VFS 0x02
#define UDIAG_SHOW_PEER 0x04
#define UDIAG_SHOW_ICONS 0x08
#define UDIAG_SHOW_RQLEN 0x10
#define UDIAG_SHOW_MEMINFO 0x20
#define UDIAG_SHOW_UID 0x40

struct unix_diag_msg {
	u8 udiag_family, udiag_type, udiag_state, pad;
	u32 udiag_ino;
	u32 udiag_cookie[2];
};

enum {
	UNIX_DIAG_NAME, UNIX_DIAG_VFS, UNIX_DIAG_PEER, UNIX_DIAG_ICONS,
	UNIX_DIAG_RQLEN, UNIX_DIAG_MEMINFO, UNIX_DIAG_SHUTDOWN, UNIX_DIAG_UID
};

struct unix_diag_vfs {
	u32 udiag_vfs_ino, udiag_vfs_dev;
};

struct unix_diag_rqlen {
	u32 udiag_rqueue, udiag_wqueue;
};

/* ---- AF_NETLINK ---- */

struct netlink_diag_req {
	u8 sdiag_family, sdiag_protocol;
	u16 pad;
	u32 ndiag_ino, ndiag_show;
	u32 ndiag_cookie[2];
};

#define NDIAG_PROTO_ALL 0xff
#define NDIAG_SHOW_MEMINFO 0x01
#define NDIAG_SHOW_GROUPS 0x02
#define NDIAG_SHOW_RING_CFG 0x04
#define NDIAG_SHOW_FLAGS 0x08

struct netlink_diag_msg {
	u8 ndiag_family, ndiag_type, ndiag_protocol, ndiag_state;
	u32 ndiag_portid, ndiag_dst_portid, ndiag_dst_group, ndiag_ino;
	u32 ndiag_cookie[2];
};

enum {
	NETLINK_DIAG_MEMINFO, NETLINK_DIAG_GROUPS, NETLINK_DIAG_RX_RING,
	NETLINK_DIAG_TX_RING, NETLINK_DIAG_FLAGS
};

#define NDIAG_FLAG_CB_RUNNING 0x01
#define NDIAG_FLAG_PKTINFO 0x02
#define NDIAG_FLAG_BROADCAST_ERROR 0x04
#define NDIAG_FLAG_NO_ENOBUFS 0x08
#define NDIAG_FLAG_LISTEN_ALL_NSID 0x10
#define NDIAG_FLAG_CAP_ACK 0x20

/* ---- AF_PACKET ---- */

struct packet_diag_req {
	u8 sdiag_family, sdiag_protocol;
	u16 pad;
	u32 pdiag_ino, pdiag_show;
	u32 pdiag_cookie[2];
};

#define PACKET_SHOW_INFO 0x01
#define PACKET_SHOW_MCLIST 0x02
#define PACKET_SHOW_RING_CFG 0x04
#define PACKET_SHOW_FANOUT 0x08
#define PACKET_SHOW_MEMINFO 0x10
#define PACKET_SHOW_FILTER 0x20

struct packet_diag_msg {
	u8 pdiag_family, pdiag_type;
	u16 pdiag_num;
	u32 pdiag_ino;
	u32 pdiag_cookie[2];
};

enum {
	PACKET_DIAG_INFO, PACKET_DIAG_MCLIST, PACKET_DIAG_RX_RING,
	PACKET_DIAG_TX_RING, PACKET_DIAG_FANOUT, PACKET_DIAG_UID,
	PACKET_DIAG_MEMINFO, PACKET_DIAG_FILTER
};

struct packet_diag_info {
	u32 pdi_index, pdi_version, pdi_reserve, pdi_copy_thresh, pdi_tstamp,
	    pdi_flags;
};

#define PDI_RUNNING 0x01
#define PDI_AUXDATA 0x02
#define PDI_ORIGDEV 0x04
#define PDI_VNETHDR 0x08
#define PDI_LOSS 0x10

struct packet_diag_mclist {
	u32 pdmc_index, pdmc_count;
	u16 pdmc_type, pdmc_alen;
	u8 pdmc_addr[32];
};

struct packet_diag_ring {
	u32 pdr_block_size, pdr_block_nr, pdr_frame_size, pdr_frame_nr,
	    pdr_retire_tmo, pdr_sizeof_priv, pdr_features;
};

#endif
