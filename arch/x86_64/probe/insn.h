/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_PROBE_INSN_H
#define ARCH_X86_64_PROBE_INSN_H
/* insn.h -- how long an instruction is, and whether it may be elsewhere */

#include <kernel/types.h>

#define INSN_MAX 15

struct insn {
	unsigned int length;
	bool moves;             /* means the same at any address */
};

/* Of kernel code, INSN_MAX bytes readable; false: an unknown instruction. */
bool insn_decode(const u8 *code, struct insn *insn);

#endif
