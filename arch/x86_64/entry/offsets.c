/* SPDX-License-Identifier: MIT */
/*
 * offsets.c -- the numbers that assembly uses for fields, checked by the
 * compiler.  No code; a wrong number does not build.
 */

#include <arch/ptrace.h>

#include "ist.h"

#define CHECK(name, field) \
	static_assert(name == offsetof(struct pt_regs, field), #name)

CHECK(PT_R15, r15);
CHECK(PT_R12, r12);
CHECK(PT_BP, bp);
CHECK(PT_BX, bx);
CHECK(PT_R11, r11);
CHECK(PT_R8, r8);
CHECK(PT_AX, ax);
CHECK(PT_CX, cx);
CHECK(PT_DI, di);
CHECK(PT_ORIG_AX, orig_ax);
CHECK(PT_IP, ip);
CHECK(PT_CS, cs);
CHECK(PT_FLAGS, flags);
CHECK(PT_SP, sp);
CHECK(PT_SS, ss);
static_assert(PT_SIZE == sizeof(struct pt_regs), "PT_SIZE");
static_assert((IST_SIZE & (IST_SIZE - 1)) == 0, "found by masking rsp");
