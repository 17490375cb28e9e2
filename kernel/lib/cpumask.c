/* SPDX-License-Identifier: MIT */
/*
 * cpumask.c -- which CPUs there are
 *
 * The boot CPU is there from the first instruction; the others are entered by
 * the SMP bring-up (arch), which is the only writer.
 */

#include <kernel/cpumask.h>

#include <kernel/export.h>

struct cpumask __cpu_possible_mask = { { 1 } };
struct cpumask __cpu_present_mask = { { 1 } };
struct cpumask __cpu_online_mask = { { 1 } };
EXPORT_SYMBOL(__cpu_possible_mask);
EXPORT_SYMBOL(__cpu_present_mask);
EXPORT_SYMBOL(__cpu_online_mask);

unsigned int nr_cpu_ids = NR_CPUS;
EXPORT_SYMBOL(nr_cpu_ids);

#define ONE(n) [n] = { { 1UL << (n) } }
#define FOUR(n) ONE(n), ONE(n + 1), ONE(n + 2), ONE(n + 3)

const struct cpumask cpu_bit_mask[NR_CPUS] = {
	FOUR(0), FOUR(4), FOUR(8), FOUR(12),
};
static_assert(NR_CPUS == 16, "cpu_bit_mask has one line for four CPUs");
EXPORT_SYMBOL(cpu_bit_mask);
