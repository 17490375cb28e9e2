/* SPDX-License-Identifier: MIT */
/*
 * insn.c -- where an instruction ends
 *
 * IDEA.  An instruction is prefixes, an opcode of one or two bytes, and what
 * that opcode says follows it: a ModRM operand, a constant, both or nothing.
 * Lists of ranges say it for what compilers emit, for the kernel and (SSE, AVX,
 * x87) for programs; anything else is unknown, and then nobody may rely on
 * where the next one begins.
 *
 *	48          81 /5       70 ff ff ff     .. constant
 *	REX.W       opcode      ModRM (SIB, displacement)
 *
 * It may be carried out elsewhere unless it names a place relative to itself,
 * or leaves one: branches, calls, operands relative to rip.  Those that stop or
 * trap stay in their places too, so that their addresses mean what their
 * handlers think.
 *
 * SEE Intel SDM 2, chapter 2 and appendix A.
 */

#include "insn.h"

#include <kernel/kernel.h>

/* What follows an opcode. */
#define MODRM 0x01
#define IMM8 0x02
#define IMMZ 0x04                /* 4 bytes; 2 with a 66 prefix */
#define IMMW 0x08                /* the same; 8 with REX.W */
#define GROUP3 0x10              /* f6, f7: a constant with /0 and /1 only */
#define STAYS 0x20
#define GROUP5 0x40              /* ff: calls and jumps but for some */

struct range {
	u8 first, last, follows;
};

static const struct range one_byte[] = {
	{ 0x50, 0x5f, 0 }, { 0x63, 0x63, MODRM }, { 0x68, 0x68, IMMZ },
	{ 0x69, 0x69, MODRM | IMMZ }, { 0x6a, 0x6a, IMM8 },
	{ 0x6b, 0x6b, MODRM | IMM8 }, { 0x70, 0x7f, IMM8 | STAYS },
	{ 0x80, 0x80, MODRM | IMM8 }, { 0x81, 0x81, MODRM | IMMZ },
	{ 0x83, 0x83, MODRM | IMM8 }, { 0x84, 0x8b, MODRM },
	{ 0x8c, 0x8c, MODRM | STAYS }, { 0x8d, 0x8d, MODRM },
	{ 0x8e, 0x8f, MODRM | STAYS }, { 0x90, 0x90, 0 },
	{ 0x91, 0x99, 0 }, { 0x9c, 0x9d, STAYS }, { 0xa4, 0xa7, STAYS },
	{ 0xa8, 0xa8, IMM8 }, { 0xa9, 0xa9, IMMZ }, { 0xaa, 0xaf, STAYS },
	{ 0xb0, 0xb7, IMM8 }, { 0xb8, 0xbf, IMMW },
	{ 0xc0, 0xc1, MODRM | IMM8 }, { 0xc3, 0xc3, STAYS },
	{ 0xc6, 0xc6, MODRM | IMM8 }, { 0xc7, 0xc7, MODRM | IMMZ },
	{ 0xc9, 0xc9, 0 }, { 0xcb, 0xcc, STAYS }, { 0xcf, 0xcf, STAYS },
	{ 0xd0, 0xd3, MODRM }, { 0xd8, 0xdf, MODRM }, { 0xe4, 0xe7, IMM8 | STAYS },
	{ 0xe8, 0xe9, IMMZ | STAYS }, { 0xeb, 0xeb, IMM8 | STAYS },
	{ 0xec, 0xef, STAYS }, { 0xf4, 0xf4, STAYS },
	{ 0xf6, 0xf7, MODRM | GROUP3 }, { 0xfa, 0xfd, STAYS },
	{ 0xfe, 0xfe, MODRM }, { 0xff, 0xff, MODRM | GROUP5 },
};

static const struct range two_bytes[] = {     /* behind 0f */
	{ 0x00, 0x01, MODRM | STAYS }, { 0x06, 0x06, STAYS },
	{ 0x09, 0x09, STAYS }, { 0x0b, 0x0b, STAYS },
	{ 0x0d, 0x0d, MODRM }, { 0x10, 0x1f, MODRM },
	{ 0x20, 0x23, MODRM | STAYS }, { 0x28, 0x2f, MODRM },
	{ 0x30, 0x33, STAYS }, { 0x40, 0x6f, MODRM },
	{ 0x70, 0x73, MODRM | IMM8 }, { 0x74, 0x76, MODRM }, { 0x77, 0x77, 0 },
	{ 0x7c, 0x7f, MODRM }, { 0x80, 0x8f, IMMZ | STAYS },
	{ 0x90, 0x9f, MODRM }, { 0xa2, 0xa2, STAYS }, { 0xa3, 0xa3, MODRM },
	{ 0xa4, 0xa4, MODRM | IMM8 }, { 0xa5, 0xa5, MODRM },
	{ 0xab, 0xab, MODRM }, { 0xac, 0xac, MODRM | IMM8 },
	{ 0xad, 0xad, MODRM }, { 0xae, 0xae, MODRM | STAYS },
	{ 0xaf, 0xb1, MODRM }, { 0xb3, 0xb3, MODRM }, { 0xb6, 0xb8, MODRM },
	{ 0xb9, 0xb9, MODRM | STAYS }, { 0xba, 0xba, MODRM | IMM8 },
	{ 0xbb, 0xbf, MODRM }, { 0xc0, 0xc1, MODRM },
	{ 0xc2, 0xc2, MODRM | IMM8 }, { 0xc3, 0xc3, MODRM },
	{ 0xc4, 0xc6, MODRM | IMM8 }, { 0xc7, 0xc7, MODRM | STAYS },
	{ 0xc8, 0xcf, 0 }, { 0xd0, 0xfe, MODRM },
};

/* The first eight rows of the map: add, or, adc, sbb, and, sub, xor, cmp. */
static int arithmetic(u8 op)
{
	if (op >= 0x40 || (op & 7) > 5)
		return -1;
	return (op & 7) < 4 ? MODRM : (op & 7) == 4 ? IMM8 : IMMZ;
}

/* What follows the opcode; -1: it is not known. */
static int look_up(const struct range *r, size_t n, u8 op)
{
	for (; n > 0; n--, r++)
		if (op >= r->first && op <= r->last)
			return r->follows;
	return -1;
}

static bool is_prefix(u8 byte)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:
	case 0x66: case 0xf0: case 0xf2: case 0xf3:
		return true;
	default:
		return false;
	}
}

/* Bytes of a ModRM operand. */
static unsigned int modrm_length(const u8 *m, bool *relative)
{
	unsigned int mod = m[0] >> 6, rm = m[0] & 7, n = 1;

	if (mod == 3)
		return 1;
	*relative = mod == 0 && rm == 5;
	if (*relative)
		return 5;
	if (rm == 4) {
		if (mod == 0 && (m[1] & 7) == 5)
			return 6;
		n++;
	}
	return n + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

/* ff /2 to /5 call and jump; 8d, c7 and the others may have any /n. */
static bool is_branch(int follows, const u8 *m)
{
	unsigned int reg = m[0] >> 3 & 7;

	return (follows & GROUP5) && reg >= 2 && reg <= 5;
}

/* Prefixes up to the opcode, whose table they may name; NULL: too many. */
static const u8 *read_prefixes(const u8 *code, struct insn *insn, bool *wide)
{
	const u8 *p = code;

	for (; is_prefix(*p); p++) {
		insn->narrow |= *p == 0x66;
		insn->repeats |= *p == 0xf2 || *p == 0xf3;
		if (p - code >= 10)
			return NULL;
	}
	if (*p == 0xc4 || *p == 0xc5) {
		insn->vex = p - code + 1;
		insn->map = *p == 0xc5 ? MAP_0F : p[1] & 0x1f;
		return p + (*p == 0xc5 ? 2 : 3);
	}
	if ((*p & 0xf0) == 0x40) {
		insn->rex = p - code + 1;
		*wide = *p++ & 8;
	}
	if (*p != 0x0f)
		return p;
	p++;
	insn->map = *p == 0x38 ? MAP_0F38 : *p == 0x3a ? MAP_0F3A : MAP_0F;
	return insn->map == MAP_0F ? p : p + 1;
}

/* What follows this opcode, by its table; -1: it is not known. */
static int find_follows(const struct insn *insn)
{
	u8 op = insn->opcode;
	int follows;

	switch (insn->map) {
	case MAP_ONE:
		follows = arithmetic(op);
		if (follows < 0)
			follows = look_up(one_byte, ARRAY_SIZE(one_byte), op);
		return follows;
	case MAP_0F:
		return look_up(two_bytes, ARRAY_SIZE(two_bytes), op);
	case MAP_0F38:
		return MODRM;
	case MAP_0F3A:
		return MODRM | IMM8;
	default:
		return -1;
	}
}

bool insn_decode(const u8 *code, struct insn *insn)
{
	bool wide = false;
	int follows;
	const u8 *p;

	*insn = (struct insn){ 0 };
	p = read_prefixes(code, insn, &wide);
	if (!p)
		return false;
	insn->opcode_at = p - code;
	insn->opcode = *p++;
	follows = find_follows(insn);
	if (follows < 0)
		return false;
	if ((follows & GROUP3) && !(p[0] & 0x30))
		follows |= insn->opcode & 1 ? IMMZ : IMM8;
	insn->moves = !(follows & STAYS) && !is_branch(follows, p);
	if (follows & MODRM) {
		insn->modrm = p - code;
		p += modrm_length(p, &insn->relative);
	}
	insn->moves &= !insn->relative;
	p += follows & IMM8 ? 1 : 0;
	p += follows & IMMZ ? (insn->narrow ? 2 : 4) : 0;
	p += follows & IMMW ? (wide ? 8 : insn->narrow ? 2 : 4) : 0;
	insn->length = p - code;
	return insn->length <= INSN_MAX;
}
