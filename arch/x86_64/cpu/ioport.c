/* SPDX-License-Identifier: MIT */
/*
 * ioport.c -- ports for programs: ioperm() and iopl()
 *
 * PROMISE.  A task uses exactly the ports that it (or who forked it) asked for
 * with CAP_SYS_RAWIO; every other `in` and `out` is SIGSEGV.  They outlive
 * execve(), and giving up needs no privilege.
 *
 * IDEA.  The CPU looks into a bitmap behind the task-state segment, one bit a
 * port, 8 KiB, set: forbidden.  Few tasks have one, so the TSS of a CPU has no
 * room for it; instead such a task brings a TSS of its own, which the switch
 * fills from the CPU's (stacks) and loads in its place:
 *
 *	GDT of CPU 1:  [TSS] --> cpu_tss { sp0, ist[], no bitmap }
 *	                  \      copied at the switch
 *	                   `---> io_ports { tss { sp0, ist[] }, map[8192], 0xff }
 *
 * The price is an `ltr` and 104 bytes copied, for switches to and from these
 * tasks only.  iopl(3) is a map without a set bit: the IOPL of rflags stays 0,
 * for it would let a program turn interrupts off.  A `cli` or `sti` of such a
 * program does nothing, as if it had been short.
 *
 * LOCKING.  A task's own, changed by it only; loaded with irqs off.
 *
 * SEE ioperm(2), iopl(2), Intel SDM 19.5, docs/116-io-ports.md.
 *
 * EXERCISES.  1. Why is there a byte of ones behind the map?  2. Two threads
 * could share one map, but not one TSS.  What would go wrong?
 */

#include "cpu.h"

#include <arch/ioport.h>
#include <arch/ptrace.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

#define NR_PORTS 65536
#define MAP_BYTES (NR_PORTS / 8)
#define IOPL_ALL 3
#define INSN_CLI 0xfa
#define INSN_STI 0xfb

struct io_ports {
	struct tss tss;            /* loaded while the task runs */
	u8 map[MAP_BYTES + 1];     /* what the CPU looks at */
	u8 denied[MAP_BYTES];      /* what ioperm() says; a set bit forbids */
	unsigned int level;        /* what iopl() says */
};

static_assert(offsetof(struct io_ports, map) < 0xffff, "a 16-bit offset");

void io_ports_load(struct task_struct *t)
{
	struct io_ports *io = t->thread.io_ports;
	struct tss *tss = this_cpu_ptr(&cpu_tss);

	if (!io) {
		load_tss(tss, sizeof(*tss));
		return;
	}
	io->tss = *tss;
	io->tss.io_bitmap_base = offsetof(struct io_ports, map);
	load_tss(&io->tss, offsetof(struct io_ports, denied));
}

/* The map follows from the rest; the CPU may look at it meanwhile. */
static void set_map(struct io_ports *io)
{
	if (io->level == IOPL_ALL)
		memset(io->map, 0, MAP_BYTES);
	else
		memcpy(io->map, io->denied, MAP_BYTES);
	io->map[MAP_BYTES] = 0xff;
}

/* current's, made if need be; NULL: no memory.  May sleep. */
static struct io_ports *get_ports(void)
{
	struct io_ports *io = current->thread.io_ports;

	if (io)
		return io;
	io = kzalloc(sizeof(*io), GFP_KERNEL);
	if (!io)
		return NULL;
	memset(io->denied, 0xff, MAP_BYTES);
	set_map(io);
	local_irq_disable();
	current->thread.io_ports = io;
	io_ports_load(current);
	local_irq_enable();
	return io;
}

int io_ports_fork(struct task_struct *child)
{
	struct io_ports *io = current->thread.io_ports;

	child->thread.io_ports = NULL;
	if (!io)
		return 0;
	child->thread.io_ports = kmemdup(io, sizeof(*io), GFP_KERNEL);
	return child->thread.io_ports ? 0 : -ENOMEM;
}

void io_ports_free(struct task_struct *t)
{
	struct io_ports *io = t->thread.io_ports;

	if (!io)
		return;
	local_irq_disable();
	t->thread.io_ports = NULL;
	if (t == current)
		io_ports_load(t);
	local_irq_enable();
	kfree(io);
}

/* With iopl(3), cli and sti have no effect.  A #GP of user mode, irqs on. */
bool io_ports_skip_cli(struct pt_regs *regs)
{
	struct io_ports *io = current->thread.io_ports;
	u8 insn;

	if (!io || io->level != IOPL_ALL ||
	    get_user(insn, (const u8 __user *)regs->ip))
		return false;
	if (insn != INSN_CLI && insn != INSN_STI)
		return false;
	regs->ip++;
	return true;
}

SYSCALL_DEFINE3(ioperm, unsigned long, from, unsigned long, num, int, on)
{
	struct io_ports *io;
	unsigned long port;

	if (from + num <= from || from + num > NR_PORTS)
		return -EINVAL;
	if (on && !capable(CAP_SYS_RAWIO))
		return -EPERM;
	if (!on && !current->thread.io_ports)
		return 0;
	io = get_ports();
	if (!io)
		return -ENOMEM;
	for (port = from; port < from + num; port++) {
		if (on)
			io->denied[port / 8] &= ~(1u << port % 8);
		else
			io->denied[port / 8] |= 1u << port % 8;
	}
	set_map(io);
	return 0;
}

SYSCALL_DEFINE1(iopl, unsigned int, level)
{
	struct io_ports *io = current->thread.io_ports;
	unsigned int old = io ? io->level : 0;

	if (level > IOPL_ALL)
		return -EINVAL;
	if (level == old)
		return 0;
	if (level > old && !capable(CAP_SYS_RAWIO))
		return -EPERM;
	io = get_ports();
	if (!io)
		return -ENOMEM;
	io->level = level;
	set_map(io);
	return 0;
}
