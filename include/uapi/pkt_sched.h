/* SPDX-License-Identifier: MIT */
#ifndef UAPI_PKT_SCHED_H
#define UAPI_PKT_SCHED_H
/* pkt_sched.h -- queueing disciplines as `tc` sees them (Linux ABI) */

#include <kernel/types.h>

/* A handle is major:minor; a qdisc's minor is 0. */
#define TC_H_MAJ_MASK 0xffff0000u
#define TC_H_MIN_MASK 0x0000ffffu
#define TC_H_MAJ(h) ((h) & TC_H_MAJ_MASK)
#define TC_H_MIN(h) ((h) & TC_H_MIN_MASK)
#define TC_H_UNSPEC 0u
#define TC_H_ROOT 0xffffffffu
#define TC_H_INGRESS 0xfffffff1u

#define TC_PRIO_MAX 15

struct tc_stats {
	__u64 bytes;
	__u32 packets, drops, overlimits, bps, pps, qlen, backlog;
};

enum {                                /* in TCA_STATS2 */
	TCA_STATS_UNSPEC, TCA_STATS_BASIC, TCA_STATS_RATE_EST, TCA_STATS_QUEUE,
	TCA_STATS_APP, TCA_STATS_RATE_EST64, TCA_STATS_PAD
};

struct gnet_stats_basic {
	__u64 bytes;
	__u32 packets;
};

struct tc_prio_qopt {
	int bands;
	__u8 priomap[TC_PRIO_MAX + 1];
};

struct tc_fifo_qopt {
	__u32 limit;                  /* pfifo: packets, bfifo: bytes */
};

enum {
	TCA_FQ_CODEL_UNSPEC, TCA_FQ_CODEL_TARGET, TCA_FQ_CODEL_LIMIT,
	TCA_FQ_CODEL_INTERVAL, TCA_FQ_CODEL_ECN, TCA_FQ_CODEL_FLOWS,
	TCA_FQ_CODEL_QUANTUM, TCA_FQ_CODEL_CE_THRESHOLD,
	TCA_FQ_CODEL_DROP_BATCH_SIZE, TCA_FQ_CODEL_MEMORY_LIMIT,
	__TCA_FQ_CODEL_MAX
};
#define TCA_FQ_CODEL_MAX (__TCA_FQ_CODEL_MAX - 1)

struct tc_fq_codel_xstats {
	__u32 type;                   /* 0: of the qdisc */
	__u32 maxpacket, drop_overlimit, ecn_mark, new_flow_count,
	      new_flows_len, old_flows_len, ce_mark, memory_usage,
	      drop_overmemory;
};

/* Ticks of 64 ns; probabilities are of 2^32. */
struct tc_netem_qopt {
	__u32 latency, limit, loss, gap, duplicate, jitter;
};

enum {
	TCA_NETEM_UNSPEC, TCA_NETEM_CORR, TCA_NETEM_DELAY_DIST,
	TCA_NETEM_REORDER, TCA_NETEM_CORRUPT, TCA_NETEM_LOSS, TCA_NETEM_RATE,
	TCA_NETEM_ECN, TCA_NETEM_RATE64, TCA_NETEM_PAD, TCA_NETEM_LATENCY64,
	TCA_NETEM_JITTER64, TCA_NETEM_SLOT, TCA_NETEM_SLOT_DIST,
	TCA_NETEM_PRNG_SEED, __TCA_NETEM_MAX
};
#define TCA_NETEM_MAX (__TCA_NETEM_MAX - 1)

struct tc_netem_corr {
	__u32 delay_corr, loss_corr, dup_corr;
};

struct tc_netem_reorder {
	__u32 probability, correlation;
};

struct tc_netem_corrupt {
	__u32 probability, correlation;
};

struct tc_netem_rate {
	__u32 rate;                   /* bytes a second */
	__s32 packet_overhead;
	__u32 cell_size;
	__s32 cell_overhead;
};

#define NETEM_DIST_SCALE 8192
#define NETEM_DIST_MAX 16384

#endif
