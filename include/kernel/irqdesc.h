/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IRQDESC_H
#define KERNEL_IRQDESC_H
/* irqdesc.h -- one interrupt line, and the chip it comes through */

#include <arch/irq.h>
#include <kernel/cpumask.h>
#include <kernel/interrupt.h>
#include <kernel/spinlock.h>
#include <kernel/threads.h>
#include <kernel/types.h>
#include <kernel/wait.h>

struct irq_desc;

struct irq_data {
	unsigned int irq;
	const struct irq_chip *chip;
	void *chip_data;
	struct cpumask affinity;
};

/* All called with desc->lock held, irqs off; absent ones are skipped. */
struct irq_chip {
	const char *name;
	unsigned int (*irq_startup)(struct irq_data *d);
	void (*irq_shutdown)(struct irq_data *d);
	void (*irq_enable)(struct irq_data *d);
	void (*irq_disable)(struct irq_data *d);
	void (*irq_ack)(struct irq_data *d);
	void (*irq_mask)(struct irq_data *d);
	void (*irq_mask_ack)(struct irq_data *d);
	void (*irq_unmask)(struct irq_data *d);
	void (*irq_eoi)(struct irq_data *d);
	int (*irq_set_affinity)(struct irq_data *d, const struct cpumask *m,
				bool force);
	int (*irq_set_type)(struct irq_data *d, unsigned int type);
	int (*irq_retrigger)(struct irq_data *d);
};

/* istate */
#define IRQS_PENDING 0x01        /* came while disabled or in progress */
#define IRQS_DISABLED 0x02
#define IRQS_INPROGRESS 0x04
#define IRQS_MASKED 0x08
#define IRQS_ONESHOT 0x10        /* stays masked until the threads end */
#define IRQS_SPURIOUS_DISABLED 0x20

/*
 * Field keys:  [L] .lock   [c] constant after request   [i] its own CPU only
 */
struct irq_desc {
	struct irq_data irq_data;     /* [L] */
	void (*handle_irq)(struct irq_desc *desc); /* [L] */
	struct irqaction *action;     /* [L] chain in order of request */
	unsigned int istate;          /* [L] IRQS_* */
	unsigned int depth;           /* [L] disable_irq() nesting */
	unsigned int trigger;         /* [L] IRQF_TRIGGER_* */
	unsigned int irq_count;       /* [L] since irqs_unhandled was zeroed */
	unsigned int irqs_unhandled;  /* [L] */
	atomic_t threads_active;      /* threaded handlers not yet done */
	wait_queue_head_t wait_for_threads;
	spinlock_t lock;
	const char *name;             /* [c] flow: "edge", "fasteoi" */
	bool reserved;                /* [L] irq_alloc_desc() gave it out */
	unsigned int kstat_irqs[NR_CPUS]; /* [i] */
};

struct irq_desc *irq_to_desc(unsigned int irq);   /* NULL: out of range */

#define irq_data_get_irq_chip_data(d) ((d)->chip_data)

#endif
