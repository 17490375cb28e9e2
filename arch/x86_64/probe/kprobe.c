/* SPDX-License-Identifier: MIT */
/*
 * kprobe.c -- a breakpoint in the kernel's own text
 *
 * PROMISE.  An armed probe calls its function each time a CPU is about to carry
 * out the instruction at its address; then the instruction is carried out.
 *
 * IDEA.  The instruction's first byte becomes int3.  The handler cannot put it
 * back and step: other CPUs would run past it meanwhile.  So a copy of the
 * instruction lies in a slot, followed by a jump to the one after it, and the
 * handler returns there:
 *
 *	addr:   cc .. ..        slot:  55            push %rbp
 *	next:   48 89 e5  <----------- jmp *next
 *
 * That is right for instructions that mean the same anywhere: no branch, no
 * address relative to rip.  A small decoder knows those that functions begin
 * with, and refuses all others.
 *
 * One byte is written at once, so other CPUs see the old one or int3.  A slot
 * belongs to its address for ever: who was interrupted in it comes back to it.
 *
 * Assembly is not probed: its entry code runs before a breakpoint could be
 * taken.  Neither is what the handler itself runs through.
 *
 * LOCKING.  The table changes under the caller's lock, and is read by the
 * handler, irqs off: entries are published by one store, and never freed.
 *
 * SEE docs/93-tracing.md
 */

#include <arch/kprobe.h>

#include "../cpu/traps.h"

#include <arch/irqflags.h>
#include <arch/mmu.h>
#include <kernel/errno.h>
#include <kernel/kallsyms.h>
#include <kernel/percpu.h>
#include <kernel/rcupdate.h>
#include <kernel/sections.h>
#include <kernel/string.h>
#include <mm/vmalloc.h>

#define INT3 0xcc
#define MAX_PROBES 64
#define SLOT 32
#define MAX_INSN 8
#define JMP_BYTES 14             /* jmp *(%rip), and where to */

static struct arch_kprobe *probes[MAX_PROBES];   /* by slot: a list */
static void *slot_owner[MAX_PROBES];             /* address, for ever */
static u8 original[MAX_PROBES];                  /* what int3 stands for */
static u8 *slots;
static DEFINE_PER_CPU(bool, in_probe);

/* ---- the decoder ------------------------------------------------------------- */

/* Bytes of a ModRM operand behind the opcode; 0: relative to rip. */
static int modrm_length(const u8 *m)
{
	int mod = m[0] >> 6, rm = m[0] & 7, n = 1;

	if (mod == 3)
		return 1;
	if (mod == 0 && rm == 5)
		return 0;
	if (rm == 4) {
		if (mod == 0 && (m[1] & 7) == 5)
			return 0;
		n++;
	}
	return n + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

/* The length of an instruction that may be carried out elsewhere, or 0. */
static int insn_length(const u8 *p)
{
	int prefix = 0, n;
	u8 op = p[0];

	if (op == 0xf3 && p[1] == 0x0f && p[2] == 0x1e)
		return 4;                               /* endbr64 */
	if ((op & 0xf0) == 0x40) {
		prefix = 1;
		op = *++p;
	}
	if ((op & 0xf0) == 0x50 || op == 0x90)          /* push, pop, nop */
		return prefix + 1;
	if ((op & 0xf8) == 0xb8 && !(prefix && p[-1] & 8))
		return prefix + 5;                      /* mov $imm32, reg */
	switch (op) {
	case 0x89: case 0x8b: case 0x8d: case 0x85: case 0x84: case 0x88:
	case 0x31: case 0x33: case 0x39: case 0x3b: case 0x01: case 0x03:
	case 0x29: case 0x2b: case 0x21: case 0x23: case 0x09: case 0x0b:
		n = modrm_length(p + 1);
		return n ? prefix + 1 + n : 0;
	case 0x83: case 0x80: case 0xc6:
		n = modrm_length(p + 1);
		return n ? prefix + 2 + n : 0;
	case 0x81: case 0xc7:
		n = modrm_length(p + 1);
		return n ? prefix + 5 + n : 0;
	default:
		return 0;
	}
}

/* ---- slots --------------------------------------------------------------------- */

static int find_slot(void *addr)
{
	int free = -ENOSPC;

	for (int i = 0; i < MAX_PROBES; i++) {
		if (slot_owner[i] == addr)
			return i;
		if (!slot_owner[i] && free < 0)
			free = i;
	}
	return free;
}

static void fill_slot(u8 *slot, const u8 *insn, int n)
{
	static const u8 jmp[6] = { 0xff, 0x25, 0, 0, 0, 0 };
	unsigned long next = (unsigned long)insn + n;
	u8 code[MAX_INSN * 2 + JMP_BYTES];

	memcpy(code, insn, n);
	memcpy(code + n, jmp, sizeof(jmp));
	memcpy(code + n + sizeof(jmp), &next, sizeof(next));
	text_poke(slot, code, n + JMP_BYTES);
}

/* What the handler runs through must not stop there. */
static bool is_forbidden(unsigned long addr)
{
	static const char *const begins[] = {
		"exc_", "trap_", "kprobe_", "arch_kprobe", "trace_emit", "sink",
		"ring_", "filter_", "take_values", "sched_clock", "nmi_",
		"memcpy", "strscpy", "return_hook", "__asan", "__ubsan",
	};
	const char *name = kallsyms_lookup(addr, NULL, NULL);

	if (!name)
		return true;
	for (unsigned int i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (str_has_prefix(name, begins[i]))
			return true;
	return false;
}

int arch_kprobe_prepare(struct arch_kprobe *p)
{
	const u8 *insn = p->addr;
	int n, i;

	if (!is_kernel_text((unsigned long)insn) ||
	    is_forbidden((unsigned long)insn))
		return -EINVAL;
	i = find_slot(p->addr);
	if (i < 0)
		return i;
	n = insn_length(insn);
	if (slot_owner[i] == p->addr)
		goto found;             /* it may be an int3 already */
	if (n == 0 || n > MAX_INSN)
		return -EILSEQ;
	if (!slots)
		slots = __vmalloc_prot(MAX_PROBES * SLOT, GFP_KERNEL,
				       PAGE_KERNEL_ROX);
	if (!slots)
		return -ENOMEM;
	fill_slot(slots + i * SLOT, insn, n);
	original[i] = *insn;
	slot_owner[i] = p->addr;
found:
	p->slot = slots + i * SLOT;
	return 0;
}

void arch_kprobe_arm(struct arch_kprobe *p)
{
	static const u8 int3 = INT3;
	int i = (p->slot - slots) / SLOT;

	p->next = probes[i];
	__atomic_store_n(&probes[i], p, __ATOMIC_RELEASE);
	if (!p->next)
		text_poke(p->addr, &int3, 1);
}

void arch_kprobe_disarm(struct arch_kprobe *p)
{
	int i = (p->slot - slots) / SLOT;
	struct arch_kprobe **at;

	if (probes[i] == p && !p->next) {
		text_poke(p->addr, &original[i], 1);
		synchronize_rcu();      /* a CPU may have read the int3 */
	}
	for (at = &probes[i]; *at != p; at = &(*at)->next)
		;
	__atomic_store_n(at, p->next, __ATOMIC_RELEASE);
	synchronize_rcu();
}

/* ---- the breakpoint ---------------------------------------------------------- */

bool kprobe_int3(struct pt_regs *regs)
{
	void *addr = (void *)(regs->ip - 1);
	struct arch_kprobe *p;
	int i;

	for (i = 0; i < MAX_PROBES; i++)
		if (READ_ONCE(slot_owner[i]) == addr)
			break;
	if (i == MAX_PROBES)
		return false;
	p = __atomic_load_n(&probes[i], __ATOMIC_ACQUIRE);
	if (p && !this_cpu_read(in_probe)) {
		this_cpu_write(in_probe, true);
		for (; p; p = READ_ONCE(p->next))
			p->hit(p, regs);
		this_cpu_write(in_probe, false);
	}
	regs->ip = (unsigned long)(slots + i * SLOT);
	return true;
}

/* ---- registers ------------------------------------------------------------------- */

unsigned long arch_probe_argument(const struct pt_regs *regs, unsigned int n)
{
	const unsigned long args[] = { regs->di, regs->si, regs->dx, regs->cx,
				       regs->r8, regs->r9 };

	return n < 6 ? args[n] : 0;
}

bool arch_probe_register(const char *name, unsigned int *offset)
{
	static const struct {
		const char *name;
		unsigned int offset;
	} regs[] = {
#define REG(r) { #r, __builtin_offsetof(struct pt_regs, r) }
		REG(di), REG(si), REG(dx), REG(cx), REG(ax), REG(bx), REG(bp),
		REG(sp), REG(ip), REG(r8), REG(r9), REG(r10), REG(r11),
		REG(r12), REG(r13), REG(r14), REG(r15),
#undef REG
	};

	for (unsigned int i = 0; i < sizeof(regs) / sizeof(*regs); i++)
		if (!strcmp(regs[i].name, name)) {
			*offset = regs[i].offset;
			return true;
		}
	return false;
}

/* ---- returns --------------------------------------------------------------------- */

unsigned long (*arch_return_hook)(unsigned long at, unsigned long value);

void arch_hook_return(struct pt_regs *regs, unsigned long *real,
		      unsigned long *at)
{
	unsigned long *slot = (unsigned long *)regs->sp;

	*real = *slot;
	*at = regs->sp;
	*slot = (unsigned long)return_trampoline;
}

/* From the trampoline: the value, and where the stack was. */
unsigned long return_hooked(unsigned long value, unsigned long at)
{
	return arch_return_hook(at, value);
}
