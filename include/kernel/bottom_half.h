/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_BOTTOM_HALF_H
#define KERNEL_BOTTOM_HALF_H
/*
 * bottom_half.h -- keeping softirqs off this CPU (kernel/irq/softirq.c)
 *
 * Nests; also keeps preemption off.  The last enable runs what was raised
 * meanwhile.  Process or softirq context, irqs on at the last enable.
 */

#include <kernel/preempt.h>

static __always_inline void local_bh_disable(void)
{
	preempt_count_add(SOFTIRQ_DISABLE_OFFSET);
	barrier();
}

void local_bh_enable(void);
/* Enable without running anything: irqs may be off. */
void _local_bh_enable(void);

#endif
