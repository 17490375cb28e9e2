/* SPDX-License-Identifier: MIT */
/*
 * irq_test.c -- lines, chains and flow handlers, with a chip made of counters
 *
 * A free line is given test_chip, whose operations only count, and raised by
 * calling do_irq() as arch would.  So each test sees both ends: what the chip
 * was told, and which handlers ran.
 */

#include "internals.h"

#include <kernel/delay.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>

static int masks, unmasks, acks, eois, retriggers;

static void count_mask(struct irq_data *d)
{
	masks++;
}

static void count_unmask(struct irq_data *d)
{
	unmasks++;
}

static void count_ack(struct irq_data *d)
{
	acks++;
}

static void count_eoi(struct irq_data *d)
{
	eois++;
}

static int count_retrigger(struct irq_data *d)
{
	retriggers++;
	return 1;
}

static const struct irq_chip test_chip = {
	.name = "test",
	.irq_mask = count_mask,
	.irq_unmask = count_unmask,
	.irq_ack = count_ack,
	.irq_eoi = count_eoi,
	.irq_retrigger = count_retrigger,
};

/* As arch would: irqs off, counted as a hard interrupt. */
static void raise_line(unsigned int irq)
{
	unsigned long flags;

	local_irq_save(flags);
	do_irq(irq, NULL);
	local_irq_restore(flags);
}

static irqreturn_t count_call(int irq, void *dev)
{
	++*(int *)dev;
	return in_hardirq() ? IRQ_HANDLED : IRQ_NONE;
}

static irqreturn_t not_mine(int irq, void *dev)
{
	++*(int *)dev;
	return IRQ_NONE;
}

static int get_line(void (*flow)(struct irq_desc *))
{
	int irq = irq_alloc_desc(64);

	if (irq >= 0)
		irq_set_chip_and_handler_name(irq, &test_chip, flow, "test");
	masks = unmasks = acks = eois = retriggers = 0;
	return irq;
}

SELFTEST_SLOW(handlers_of_a_shared_line_all_run)
{
	int a = 0, b = 0, irq = get_line(handle_fasteoi_irq);
	unsigned int before;

	REQUIRE(irq > 0);
	EXPECT(request_irq(irq, not_mine, IRQF_SHARED, "a", &a) == 0);
	EXPECT(request_irq(irq, count_call, IRQF_SHARED, "b", &b) == 0);
	EXPECT(request_irq(irq, count_call, 0, "c", &a) == -EBUSY);
	preempt_disable();
	before = kstat_irqs_cpu(irq, raw_smp_processor_id());
	raise_line(irq);
	EXPECT(kstat_irqs_cpu(irq, raw_smp_processor_id()) == before + 1);
	preempt_enable();
	EXPECT(a == 1 && b == 1 && eois == 1);
	free_irq(irq, &a);
	raise_line(irq);
	EXPECT(a == 1 && b == 2);
	free_irq(irq, &b);
	irq_free_desc(irq);
}

SELFTEST_SLOW(a_level_line_is_masked_while_it_is_handled)
{
	int n = 0, irq = get_line(handle_level_irq);

	REQUIRE(irq > 0);
	EXPECT(request_irq(irq, count_call, 0, "level", &n) == 0);
	masks = unmasks = 0;
	raise_line(irq);
	EXPECT(n == 1 && masks == 1 && acks == 1 && unmasks == 1);
	free_irq(irq, &n);
	irq_free_desc(irq);
}

SELFTEST_SLOW(disabling_nests_and_an_edge_is_not_lost)
{
	int n = 0, irq = get_line(handle_edge_irq);

	REQUIRE(irq > 0);
	EXPECT(request_irq(irq, count_call, 0, "edge", &n) == 0);
	disable_irq(irq);
	disable_irq(irq);
	raise_line(irq);
	EXPECT(n == 0);
	enable_irq(irq);
	EXPECT(retriggers == 0);
	enable_irq(irq);
	EXPECT(retriggers == 1);      /* the chip is asked to raise it again */
	raise_line(irq);
	EXPECT(n == 1);
	free_irq(irq, &n);
	irq_free_desc(irq);
}

static int nested_irq;

/* The same edge comes again while its handler runs. */
static irqreturn_t edge_again(int irq, void *dev)
{
	int *n = dev;

	if (++*n == 1)
		generic_handle_irq(nested_irq);
	return IRQ_HANDLED;
}

SELFTEST_SLOW(an_edge_during_its_handler_is_handled_after_it)
{
	int n = 0;

	nested_irq = get_line(handle_edge_irq);
	REQUIRE(nested_irq > 0);
	EXPECT(request_irq(nested_irq, edge_again, 0, "edge", &n) == 0);
	raise_line(nested_irq);
	EXPECT(n == 2);
	free_irq(nested_irq, &n);
	irq_free_desc(nested_irq);
}

SELFTEST_SLOW(a_threaded_handler_runs_where_it_may_sleep)
{
	int n = 0, irq = get_line(handle_fasteoi_irq);

	REQUIRE(irq > 0);
	EXPECT(request_threaded_irq(irq, NULL, not_mine, IRQF_ONESHOT,
				    "slow", &n) == 0);
	raise_line(irq);
	synchronize_irq(irq);
	EXPECT(n == 1);
	EXPECT(masks >= 1 && unmasks >= 1);
	free_irq(irq, &n);
	irq_free_desc(irq);
}

SELFTEST_SLOW(a_line_nobody_wants_is_shut_off)
{
	int n = 0, irq = get_line(handle_fasteoi_irq);
	struct irq_desc *desc;

	REQUIRE(irq > 0);
	desc = irq_to_desc(irq);
	EXPECT(request_irq(irq, not_mine, 0, "noise", &n) == 0);
	desc->irq_count = 99999;
	desc->irqs_unhandled = 99999;
	raise_line(irq);
	EXPECT(desc->istate & IRQS_SPURIOUS_DISABLED);
	EXPECT(desc->depth == 1);
	raise_line(irq);
	EXPECT(n == 1);
	free_irq(irq, &n);
	irq_free_desc(irq);
}
