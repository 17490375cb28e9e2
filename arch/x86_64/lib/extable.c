/* SPDX-License-Identifier: MIT */
/*
 * extable.c -- the table of instructions that are allowed to fault, and the
 * no-ops that become STAC and CLAC
 *
 * Both are gathered by the linker from all over the kernel.  The exception
 * table is sorted once at boot, so that a fault finds its entry in nine or ten
 * steps.  It lies in read-only memory, as the code that is patched does: both
 * are written through CR0.WP off, with irqs off, before there is a second CPU.
 */

#include <arch/uaccess.h>

#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <kernel/sections.h>

#define ex_begin ((struct exception_table_entry *)__ex_table_start)
#define ex_end ((struct exception_table_entry *)__ex_table_end)

const struct exception_table_entry *search_exception_table(unsigned long ip)
{
	const struct exception_table_entry *low = ex_begin, *high = ex_end;

	while (low < high) {
		const struct exception_table_entry *mid =
			low + (high - low) / 2;

		if (mid->insn == ip)
			return mid;
		if (mid->insn < ip)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool fixup_exception(struct pt_regs *regs)
{
	const struct exception_table_entry *e =
		search_exception_table(regs->ip);

	if (!e)
		return false;
	regs->ip = e->fixup;
	return true;
}

/* By insertion: the linker delivers it nearly in order. */
static void sort_extable(void)
{
	for (struct exception_table_entry *e = ex_begin + 1; e < ex_end; e++) {
		struct exception_table_entry x = *e, *p = e;

		for (; p > ex_begin && p[-1].insn > x.insn; p--)
			*p = p[-1];
		*p = x;
	}
}

static void patch_smap(void)
{
	if (!(read_cr4() & X86_CR4_SMAP))
		return;
	for (struct smap_patch *p = __start_smap_patch;
	     p < __stop_smap_patch; p++) {
		p->at[0] = 0x0f;
		p->at[1] = 0x01;
		p->at[2] = p->kind ? 0xcb : 0xca;
	}
}

void uaccess_init(void)
{
	unsigned long flags, cr0 = read_cr0();
	u32 a, b, c, d;

	local_irq_save(flags);
	write_cr0(cr0 & ~(unsigned long)X86_CR0_WP);
	sort_extable();
	patch_smap();
	write_cr0(cr0);
	cpuid(0, &a, &b, &c, &d);       /* serialises: drop old instructions */
	local_irq_restore(flags);
}
