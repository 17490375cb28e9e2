/* SPDX-License-Identifier: MIT */
/*
 * uprobe.c -- a user's instruction, carried out somewhere else
 *
 * IDEA.  int3 covers the first byte of an instruction, for all threads.  Who
 * meets it has to carry the instruction out all the same, without the others
 * running through a gap.  Three ways:
 *
 *	emulate    branches, calls, push, nop: the kernel does it
 *	step       anything else: a copy elsewhere, with TF set for one
 *	           instruction; then ip is put right
 *	refuse     what means something else elsewhere: syscall, popf, iret ...
 *
 * An operand relative to rip would be another one at the copy.  So the copy
 * names it by a register that the instruction does not use, which is lent the
 * address that rip would have had:
 *
 *	8b 05 disp   mov disp(%rip), %eax       ModRM 00 reg 101
 *	8b 86 disp   mov disp(%rsi), %eax       ModRM 10 reg 110, as long
 *
 * An indirect call pushes the copy's address; it is put right afterwards.  An
 * instruction with a repeat prefix traps after each round: step on.
 *
 * NOT DONE.  popf and the like could be stepped by putting TF right in what
 * they load; AVX-512 is not decoded.
 *
 * SEE docs/100-uprobes.md; Intel SDM 2, 2.2.1.6 (RIP-relative addressing).
 */

#include <arch/uprobe.h>

#include "insn.h"

#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/string.h>

enum how { HOW_STEP, HOW_NOP, HOW_PUSH, HOW_JUMP, HOW_CALL, HOW_STEP_CALL };

#define ALWAYS 0x10              /* behind the sixteen conditions */

/* pt_regs by the number that instructions give registers. */
static const u8 reg_offset[16] = {
#define REG(r) offsetof(struct pt_regs, r)
	REG(ax), REG(cx), REG(dx), REG(bx), REG(sp), REG(bp), REG(si), REG(di),
	REG(r8), REG(r9), REG(r10), REG(r11), REG(r12), REG(r13), REG(r14),
	REG(r15),
#undef REG
};

static unsigned long *reg_at(struct pt_regs *regs, unsigned int offset)
{
	return (unsigned long *)((char *)regs + offset);
}

/* ---- what kind of instruction it is ------------------------------------- */

/* A register that a ModRM operand relative to rip leaves alone. */
static u8 unused_register(const struct arch_uprobe *p, const struct insn *i)
{
	static const u8 candidates[] = { 6, 7, 3 };
	u8 reg = p->insn[i->modrm] >> 3 & 7, vvvv = 0xff;

	/* Those of r8-r15 count as their low halves: one too many is no
	 * harm. */
	if (i->vex)
		vvvv = ~p->insn[i->map == MAP_0F && p->insn[i->vex - 1] == 0xc5 ?
			i->vex : i->vex + 1] >> 3 & 7;
	for (unsigned int n = 0; n < ARRAY_SIZE(candidates); n++)
		if (candidates[n] != reg && candidates[n] != vvvv)
			return candidates[n];
	return 0;
}

/* The distance of a branch is the last thing in it. */
static s32 read_distance(const struct arch_uprobe *p, bool is_byte)
{
	s32 value;

	if (is_byte)
		return (s8)p->insn[p->length - 1];
	memcpy(&value, p->insn + p->length - 4, sizeof(value));
	return value;
}

static int set_branch(struct arch_uprobe *p, u8 how, u8 cond, bool is_byte)
{
	p->how = how;
	p->condition = cond;
	p->distance = read_distance(p, is_byte);
	return 0;
}

static bool is_string_op(u8 op)
{
	return op == 0xa4 || op == 0xa5 || op == 0xa6 || op == 0xa7 ||
	       (op >= 0xaa && op <= 0xaf);
}

/* Instructions of one byte that would not move, but we know what they do. */
static int analyze_one(struct arch_uprobe *p, const struct insn *i)
{
	u8 op = i->opcode, ext = p->insn[i->modrm] >> 3 & 7;

	if (op >= 0x70 && op <= 0x7f)
		return set_branch(p, HOW_JUMP, op & 15, true);
	if (op == 0xeb)
		return set_branch(p, HOW_JUMP, ALWAYS, true);
	if (op == 0xe9 && !i->narrow)
		return set_branch(p, HOW_JUMP, ALWAYS, false);
	if (op == 0xe8 && !i->narrow)
		return set_branch(p, HOW_CALL, ALWAYS, false);
	if (op == 0xc3 || is_string_op(op))
		return 0;
	if (op == 0xff && !i->narrow && (ext == 2 || ext == 4)) {
		p->how = ext == 2 ? HOW_STEP_CALL : HOW_STEP;
		return 0;
	}
	return op != 0xff && i->relative ? 0 : -EOPNOTSUPP;
}

static bool stays(const struct arch_uprobe *p, const struct insn *i)
{
	struct arch_uprobe q = *p;
	struct insn j;

	if (!i->relative)
		return !i->moves;
	q.insn[i->modrm] |= 0xc0;    /* the same, of registers */
	return !insn_decode(q.insn, &j) || !j.moves;
}

static void choose_emulation(struct arch_uprobe *p, const struct insn *i)
{
	u8 op = i->opcode;
	bool plain = i->opcode_at == (i->rex ? 1 : 0);

	if (i->map == MAP_ONE && op >= 0x50 && op <= 0x57 && plain) {
		p->how = HOW_PUSH;
		p->lent = reg_offset[(op & 7) |
				     (i->rex && p->insn[0] & 1 ? 8 : 0)];
	} else if ((i->map == MAP_ONE && op == 0x90 && !i->rex) ||
		   (i->map == MAP_0F && !i->vex && (op == 0x1e || op == 0x1f))) {
		p->how = HOW_NOP;
	}
}

int arch_uprobe_analyze(struct arch_uprobe *p)
{
	struct insn i;
	int err;

	if (!insn_decode(p->insn, &i))
		return -EOPNOTSUPP;
	p->length = i.length;
	p->how = HOW_STEP;
	if (i.map == MAP_0F && i.opcode >= 0x80 && i.opcode <= 0x8f &&
	    !i.vex && !i.narrow)
		return set_branch(p, HOW_JUMP, i.opcode & 15, false);
	if (stays(p, &i)) {
		err = i.map == MAP_ONE ? analyze_one(p, &i) : -EOPNOTSUPP;
		if (err || p->how == HOW_JUMP || p->how == HOW_CALL)
			return err;
	}
	if (i.relative)
		p->lent = reg_offset[unused_register(p, &i)];
	else
		choose_emulation(p, &i);
	return 0;
}

/* ---- the copy ----------------------------------------------------------- */

void arch_uprobe_fill_slot(const struct arch_uprobe *p, u8 *slot)
{
	struct insn i;

	memset(slot, UPROBE_BREAKPOINT, UPROBE_SLOT);
	memcpy(slot, p->insn, p->length);
	if (!insn_decode(p->insn, &i) || !i.relative)
		return;
	/* Name the lent register, without the bit for r8 to r15. */
	slot[i.modrm] = 0x80 | (p->insn[i.modrm] & 0x38) |
			unused_register(p, &i);
	if (i.rex)
		slot[i.rex - 1] &= ~1;
	if (i.vex && p->insn[i.vex - 1] == 0xc4)
		slot[i.vex] |= 0x20;
}

void arch_uprobe_begin(const struct arch_uprobe *p, struct arch_uprobe_task *t,
		       struct pt_regs *regs, unsigned long slot)
{
	if (p->lent && p->how != HOW_PUSH) {
		t->lent_value = *reg_at(regs, p->lent);
		*reg_at(regs, p->lent) = regs->ip + p->length;
	}
	t->user_steps = regs->flags & X86_EFLAGS_TF;
	regs->flags |= X86_EFLAGS_TF;
	regs->ip = slot;
}

static void put_back(const struct arch_uprobe *p, struct arch_uprobe_task *t,
		     struct pt_regs *regs)
{
	if (p->lent && p->how != HOW_PUSH)
		*reg_at(regs, p->lent) = t->lent_value;
	if (!t->user_steps)
		regs->flags &= ~X86_EFLAGS_TF;
}

bool arch_uprobe_end(const struct arch_uprobe *p, struct arch_uprobe_task *t,
		     struct pt_regs *regs, unsigned long slot,
		     unsigned long at)
{
	if (regs->ip == slot)
		return false;
	put_back(p, t, regs);
	if (regs->ip == slot + p->length)
		regs->ip = at + p->length;
	/* It was just written to: it is there, or a thread's mischief. */
	if (p->how == HOW_STEP_CALL)
		(void)!put_user(at + p->length,
				(unsigned long __user *)regs->sp);
	return true;
}

void arch_uprobe_abort(const struct arch_uprobe *p, struct arch_uprobe_task *t,
		       struct pt_regs *regs, unsigned long at)
{
	put_back(p, t, regs);
	regs->ip = at;
}

/* ---- emulation ---------------------------------------------------------- */

/* The 16 conditions: pairs of a test and its opposite. */
static bool holds(const struct pt_regs *regs, u8 cond)
{
	bool cf = regs->flags & 0x001, pf = regs->flags & 0x004;
	bool zf = regs->flags & 0x040, sf = regs->flags & 0x080;
	bool of = regs->flags & 0x800, yes;

	switch (cond >> 1) {
	case 0: yes = of; break;
	case 1: yes = cf; break;
	case 2: yes = zf; break;
	case 3: yes = cf || zf; break;
	case 4: yes = sf; break;
	case 5: yes = pf; break;
	case 6: yes = sf != of; break;
	case 7: yes = zf || sf != of; break;
	default: return true;
	}
	return yes != (cond & 1);
}

static bool push(struct pt_regs *regs, unsigned long value)
{
	if (put_user(value, (unsigned long __user *)(regs->sp - 8)))
		return false;
	regs->sp -= 8;
	return true;
}

/*
 * Not done when the stack is not there: then the copy is stepped, which faults
 * as the instruction would.  A call's copy goes elsewhere, but never gets
 * there.
 */
bool arch_uprobe_emulate(const struct arch_uprobe *p, struct pt_regs *regs)
{
	unsigned long next = regs->ip + p->length;

	switch (p->how) {
	case HOW_NOP:
		break;
	case HOW_PUSH:
		if (!push(regs, *reg_at(regs, p->lent)))
			return false;
		break;
	case HOW_CALL:
		if (!push(regs, next))
			return false;
		next += p->distance;
		break;
	case HOW_JUMP:
		if (holds(regs, p->condition))
			next += p->distance;
		break;
	default:
		return false;
	}
	regs->ip = next;
	return true;
}

bool arch_uprobe_return(const struct pt_regs *regs, unsigned long *address,
			unsigned long hook)
{
	unsigned long __user *at = (unsigned long __user *)regs->sp;

	if (hook)
		return !put_user(hook, at);
	return !get_user(*address, at);
}
