/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_PROBE_INSN_H
#define ARCH_X86_64_PROBE_INSN_H
/* insn.h -- how long an instruction is, and whether it may be elsewhere */

#include <kernel/types.h>

#define INSN_MAX 15

enum insn_map { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A };

struct insn {
	u8 length;
	bool moves;             /* means the same at any address */
	bool relative;          /* its operand in memory is relative to rip */
	bool narrow, repeats;   /* prefixes 66; f2 or f3 */
	u8 rex, vex;            /* place of that prefix plus 1; 0: none */
	u8 map, opcode;         /* which table, and the byte in it */
	u8 opcode_at, modrm;    /* places; no modrm: 0 */
};

/* INSN_MAX bytes readable; false: an unknown instruction. */
bool insn_decode(const u8 *code, struct insn *insn);

#endif
