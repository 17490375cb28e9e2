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
 * address relative to rip; and none whose fault is foreseen, since the table of
 * those knows its address.
 *
 * An int3 within an instruction would become part of its operand.  So the
 * function is decoded from its start (insn.c), with the bytes that other
 * probes' int3s stand for, and the address must be met.
 *
 * One byte is written at once, so other CPUs see the old one or int3.  A slot
 * belongs to its address for ever: who was interrupted in it comes back to it.
 *
 * Assembly is not probed: its entry code runs before a breakpoint could be
 * taken.  Neither is what the handler itself runs through, nor what NMIs do:
 * the handler's iretq would let the next one in, onto the same stack.  What
 * else the handler calls may be probed, but is not followed (in_probe).
 *
 * LOCKING.  The table changes under the caller's lock, and is read by the
 * handler, irqs off: entries are published by one store, and never freed.
 *
 * SEE docs/93-tracing.md
 */

#include <arch/kprobe.h>

#include "../cpu/traps.h"
#include "insn.h"

#include <arch/irqflags.h>
#include <arch/mmu.h>
#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/rcupdate.h>
#include <kernel/sections.h>
#include <kernel/string.h>
#include <mm/vmalloc.h>

#define INT3 0xcc
#define MAX_PROBES 64
#define SLOT 32
#define JMP_BYTES 14             /* jmp *(%rip), and where to */

static struct arch_kprobe *probes[MAX_PROBES];   /* by slot: a list */
static void *slot_owner[MAX_PROBES];             /* address, for ever */
static u8 original[MAX_PROBES];                  /* what int3 stands for */
static u8 *slots;
static DEFINE_PER_CPU(bool, in_probe);

/* ---- slots -------------------------------------------------------------- */

static int find_slot(const void *addr)
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
	u8 code[INSN_MAX + JMP_BYTES];

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
		"memcpy", "__memcpy", "strscpy", "return_hook", "__asan",
		"__ubsan",
		/* NMIs: a stop, a backtrace */
		"stop_this_cpu", "stack_trace_save", "arch_stack_walk",
		"walk_frames", "find_stack", "stack_has", "step_to",
		"save_one", "irq_stack_of",
	};
	char name[KSYM_NAME_LEN];

	if (!kallsyms_lookup(addr, NULL, NULL, name))
		return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(begins); i++)
		if (str_has_prefix(name, begins[i]))
			return true;
	return false;
}

/* The instruction at addr as it is without our int3s. */
static bool decode_at(const u8 *addr, struct insn *insn)
{
	u8 code[INSN_MAX];

	memcpy(code, addr, sizeof(code));
	for (int i = 0; i < MAX_PROBES; i++) {
		unsigned long at = (const u8 *)slot_owner[i] - addr;

		if (slot_owner[i] && at < sizeof(code))
			code[at] = original[i];
	}
	return insn_decode(code, insn);
}

/* Does decoding the function that contains addr arrive there?  At what? */
static bool is_instruction(const u8 *addr, struct insn *insn)
{
	unsigned long size, offset;
	const u8 *at;

	if (!kallsyms_lookup_size_offset((unsigned long)addr, &size,
					 &offset) || offset >= size)
		return false;
	for (at = addr - offset; at < addr; at += insn->length)
		if (!decode_at(at, insn))
			return false;
	return at == addr && decode_at(addr, insn);
}

int arch_kprobe_prepare(struct arch_kprobe *p)
{
	struct insn insn;
	int i;

	if (!is_kernel_text((unsigned long)p->addr) ||
	    is_forbidden((unsigned long)p->addr))
		return -EINVAL;
	i = find_slot(p->addr);
	if (i < 0)
		return i;
	if (slot_owner[i] == p->addr)
		goto found;
	if (!is_instruction(p->addr, &insn) || !insn.moves ||
	    search_exception_table((unsigned long)p->addr))
		return -EILSEQ;
	if (!slots)
		slots = __vmalloc_prot(MAX_PROBES * SLOT, GFP_KERNEL,
				       PAGE_KERNEL_ROX);
	if (!slots)
		return -ENOMEM;
	fill_slot(slots + i * SLOT, p->addr, insn.length);
	original[i] = *(const u8 *)p->addr;
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

/* ---- the breakpoint ----------------------------------------------------- */

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
	if (p && !in_nmi() && !this_cpu_read(in_probe)) {
		this_cpu_write(in_probe, true);
		for (; p; p = READ_ONCE(p->next))
			p->hit(p, regs);
		this_cpu_write(in_probe, false);
	}
	regs->ip = (unsigned long)(slots + i * SLOT);
	return true;
}

/* ---- registers ---------------------------------------------------------- */

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

/* ---- returns ------------------------------------------------------------ */

unsigned long (*arch_return_hook)(unsigned long at, unsigned long value);

bool arch_return_hooked(const struct pt_regs *regs)
{
	return *(unsigned long *)regs->sp == (unsigned long)return_trampoline;
}

unsigned long arch_hook_return(struct pt_regs *regs)
{
	unsigned long *slot = (unsigned long *)regs->sp, real = *slot;

	*slot = (unsigned long)return_trampoline;
	return real;
}

/*
 * From the trampoline: the value, and where the stack was.  What the hook calls
 * is not followed: a return probe in there would come here without end.
 */
unsigned long return_hooked(unsigned long value, unsigned long at)
{
	unsigned long flags, real;
	bool within;

	local_irq_save(flags);
	within = this_cpu_read(in_probe);
	this_cpu_write(in_probe, true);
	real = arch_return_hook(at, value);
	this_cpu_write(in_probe, within);
	local_irq_restore(flags);
	return real;
}
