/* SPDX-License-Identifier: MIT */
/* xarray_test.c -- self-tests for xarray.c, xarray_find.c and idr.c */

#include <kernel/bitops.h>
#include <kernel/idr.h>
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/xarray.h>
#include <mm/gfp.h>

#include "xarray_impl.h"

static DEFINE_XARRAY(xa);

/* I1-I3 for one node and all below; the number of entries there, or -1. */
static long check_node(const struct xa_node *node)
{
	unsigned int count = 0;
	long entries = 0, below;

	for (unsigned int i = 0; i < XA_SLOTS; i++) {
		void *slot = node->slots[i];
		bool full = node->full & BIT(i);

		count += slot != NULL;
		if (node->shift == 0) {
			if (full != (slot != NULL))
				return -1;
			entries += slot != NULL;
			continue;
		}
		if (!slot) {
			if (full)
				return -1;
			continue;
		}
		if (xa_to_node(slot)->parent != node ||
		    xa_to_node(slot)->offset != i ||
		    xa_to_node(slot)->shift + XA_SHIFT != node->shift ||
		    full != (xa_to_node(slot)->full == ~0UL))
			return -1;
		for (xa_mark_t m = 0; m <= XA_MARK_MAX; m++)
			if (!!(node->marks[m] & BIT(i)) !=
			    !!xa_to_node(slot)->marks[m])
				return -1;
		below = check_node(xa_to_node(slot));
		if (below < 0)
			return -1;
		entries += below;
	}
	return count == node->count && count > 0 ? entries : -1;
}

static long check(struct xarray *x)
{
	if (!xa_is_node(x->xa_head))
		return x->xa_head != NULL;
	return check_node(xa_to_node(x->xa_head));
}

SELFTEST_SLOW(xarray_grows_and_shrinks_with_its_indices)
{
	static const unsigned long at[] = { 0, 1, 63, 64, 4095, 4096, 1UL << 32,
					    ~0UL };

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		EXPECT(xa_store(&xa, at[i], xa_mk_value(i), GFP_KERNEL) == NULL);
		EXPECT(check(&xa) == (long)i + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		EXPECT(xa_load(&xa, at[i]) == xa_mk_value(i));
	EXPECT(xa_load(&xa, 2) == NULL && xa_load(&xa, 1UL << 33) == NULL);
	for (size_t i = ARRAY_SIZE(at); i-- > 0;) {
		EXPECT(xa_erase(&xa, at[i]) == xa_mk_value(i));
		EXPECT(check(&xa) == (long)i);
	}
	EXPECT(xa_empty(&xa));
}

SELFTEST_SLOW(xarray_finds_in_order_and_by_mark)
{
	unsigned long index;
	void *entry;
	int n = 0;

	for (unsigned long i = 0; i < 100; i++)
		xa_store(&xa, i * i * i, xa_mk_value(i), GFP_KERNEL);
	xa_for_each(&xa, index, entry) {
		EXPECT(index == (unsigned long)n * n * n);
		EXPECT(xa_to_value(entry) == (unsigned long)n);
		n++;
	}
	EXPECT(n == 100);
	for (unsigned long i = 0; i < 100; i += 10)
		xa_set_mark(&xa, i * i * i, XA_MARK_1);
	EXPECT(xa_get_mark(&xa, 1000, XA_MARK_1));
	EXPECT(!xa_get_mark(&xa, 8, XA_MARK_1) && check(&xa) == 100);
	n = 0;
	xa_for_each_marked(&xa, index, entry, XA_MARK_1) {
		EXPECT(xa_to_value(entry) == (unsigned long)n);
		n += 10;
	}
	EXPECT(n == 100);
	xa_for_each_marked(&xa, index, entry, XA_MARK_1)
		xa_clear_mark(&xa, index, XA_MARK_1);
	EXPECT(!xa_marked(&xa, XA_MARK_1) && check(&xa) == 100);
	xa_for_each(&xa, index, entry)
		xa_erase(&xa, index);
	EXPECT(xa_empty(&xa));
}

#define ORACLE 3000

static bool present[ORACLE], marked[ORACLE];

static void random_step(struct rnd_state *rnd, unsigned long spread)
{
	unsigned long i = prandom_u32_state(rnd) % ORACLE;

	switch (prandom_u32_state(rnd) % 4) {
	case 0:
		xa_store(&xa, i * spread, xa_mk_value(i), GFP_KERNEL);
		present[i] = true;
		break;
	case 1:
		xa_erase(&xa, i * spread);
		present[i] = marked[i] = false;
		break;
	case 2:
		xa_set_mark(&xa, i * spread, XA_MARK_0);
		marked[i] = present[i];
		break;
	default:
		xa_clear_mark(&xa, i * spread, XA_MARK_0);
		marked[i] = false;
	}
}

static bool agrees_with_oracle(unsigned long spread)
{
	unsigned long index;
	void *entry;
	long n = 0;

	for (int i = 0; i < ORACLE; i++) {
		if ((xa_load(&xa, i * spread) != NULL) != present[i] ||
		    xa_get_mark(&xa, i * spread, XA_MARK_0) != marked[i])
			return false;
		n += present[i];
	}
	if (check(&xa) != n)
		return false;
	xa_for_each_marked(&xa, index, entry, XA_MARK_0)
		n -= marked[index / spread];
	xa_for_each(&xa, index, entry)
		n -= !marked[index / spread];
	return n == 0;
}

static void random_run(int steps, unsigned long spread)
{
	struct rnd_state rnd;
	unsigned long index;
	void *entry;

	memset(present, 0, sizeof(present));
	memset(marked, 0, sizeof(marked));
	prandom_seed_state(&rnd, spread);
	for (int i = 0; i < steps; i++)
		random_step(&rnd, spread);
	EXPECT(agrees_with_oracle(spread));
	xa_for_each(&xa, index, entry)
		xa_erase(&xa, index);
	EXPECT(xa_empty(&xa) && xa.xa_marks == 0);
}

SELFTEST_SLOW(xarray_agrees_with_an_oracle)
{
	random_run(3000, 1);
}

SELFTEST_SLOW(xarray_agrees_with_an_oracle_at_length)
{
	random_run(50000, 1);
	random_run(20000, 37);
	random_run(4000, 1UL << 40);
}

SELFTEST_SLOW(xarray_gives_out_the_lowest_free_index)
{
	static DEFINE_XARRAY_ALLOC(ids);
	unsigned long index;
	void *entry;
	u32 id = 99;

	for (u32 i = 0; i < 200; i++) {
		EXPECT(xa_alloc(&ids, &id, xa_mk_value(i),
				XA_LIMIT(0, 299), GFP_KERNEL) == 0);
		EXPECT(id == i);
	}
	xa_erase(&ids, 63);
	xa_erase(&ids, 130);
	EXPECT(xa_alloc(&ids, &id, NULL, xa_limit_31b, GFP_KERNEL) == 0);
	EXPECT(id == 63 && xa_load(&ids, 63) == NULL);
	EXPECT(xa_insert(&ids, 63, xa_mk_value(1), GFP_KERNEL) == -EBUSY);
	EXPECT(xa_alloc(&ids, &id, NULL, xa_limit_31b, GFP_KERNEL) == 0);
	EXPECT(id == 130);
	EXPECT(xa_alloc(&ids, &id, NULL, XA_LIMIT(10, 150), GFP_KERNEL) ==
	       -EBUSY);
	EXPECT(check(&ids) == 200);
	xa_erase(&ids, 63);
	xa_erase(&ids, 130);
	xa_for_each(&ids, index, entry)
		xa_erase(&ids, index);
	EXPECT(xa_empty(&ids));
}

SELFTEST_SLOW(idr_and_ida_number_things)
{
	static DEFINE_IDR(idr);
	static DEFINE_IDA(ida);
	int thing, id;

	EXPECT(idr_alloc(&idr, &thing, 5, 7, GFP_KERNEL) == 5);
	EXPECT(idr_alloc(&idr, &thing, 5, 7, GFP_KERNEL) == 6);
	EXPECT(idr_alloc(&idr, &thing, 5, 7, GFP_KERNEL) == -ENOSPC);
	EXPECT(idr_find(&idr, 6) == &thing && idr_find(&idr, 7) == NULL);
	EXPECT(idr_remove(&idr, 5) == &thing);
	EXPECT(idr_alloc_cyclic(&idr, &thing, 1, 0, GFP_KERNEL) == 1);
	EXPECT(idr_alloc_cyclic(&idr, &thing, 1, 0, GFP_KERNEL) == 2);
	idr_destroy(&idr);

	for (id = 0; id < 1500; id++)
		EXPECT(ida_alloc(&ida, GFP_KERNEL) == id);
	ida_free(&ida, 700);
	ida_free(&ida, 1400);
	EXPECT(ida_alloc(&ida, GFP_KERNEL) == 700);
	EXPECT(ida_alloc_min(&ida, 1000, GFP_KERNEL) == 1400);
	EXPECT(ida_alloc_max(&ida, 1499, GFP_KERNEL) == -ENOSPC);
	ida_destroy(&ida);
}
