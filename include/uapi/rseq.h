/* SPDX-License-Identifier: MIT */
#ifndef UAPI_RSEQ_H
#define UAPI_RSEQ_H
/* rseq.h -- restartable sequences: what a thread and the kernel share (ABI) */

#include <kernel/types.h>

#define RSEQ_FLAG_UNREGISTER 1
#define RSEQ_CPU_ID_UNINITIALIZED ((u32)-1)

/* Written at each return to user mode that follows a switch. */
struct rseq {
	u32 cpu_id_start;
	u32 cpu_id;
	u64 rseq_cs;                  /* struct rseq_cs *, 0: in no section */
	u32 flags;
} __attribute__((aligned(32)));

/* A critical section: [start_ip, start_ip + post_commit_offset). */
struct rseq_cs {
	u32 version;
	u32 flags;
	u64 start_ip;
	u64 post_commit_offset;
	u64 abort_ip;                 /* behind four bytes that are rseq_sig */
} __attribute__((aligned(32)));

static_assert(sizeof(struct rseq) == 32, "rseq ABI");
static_assert(sizeof(struct rseq_cs) == 32, "rseq_cs ABI");

#endif
