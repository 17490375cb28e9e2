/* SPDX-License-Identifier: MIT */
/*
 * might_sleep.c -- is this a place where one may sleep?  (DEBUG=1)
 *
 * Sleeping with preemption off, in an interrupt or with interrupts off breaks
 * per-CPU data and spinlocks, but only if the sleep really happens, which is
 * rare: so every function that may sleep asks here, each time.
 */

#include <kernel/preempt.h>

#include <arch/current.h>
#include <arch/irqflags.h>
#include <kernel/bug.h>
#include <kernel/export.h>
#include <kernel/panic.h>
#include <kernel/sched.h>

void might_sleep_check(const char *file, int line)
{
	static bool reported;

	/* The boot task runs with preemption off until it idles. */
	if (likely(preempt_count() == 0 && !irqs_disabled()))
		return;
	if (current->pid == 0 || oops_in_progress ||
	    __atomic_exchange_n(&reported, true, __ATOMIC_RELAXED))
		return;
	warn_fmt_at(file, line, "might_sleep",
		    "sleeping function called in atomic context "
		    "(preempt_count %#x, irqs %s)", preempt_count(),
		    irqs_disabled() ? "off" : "on");
}
EXPORT_SYMBOL(might_sleep_check);
