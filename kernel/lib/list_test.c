/* SPDX-License-Identifier: MIT */
/* list_test.c -- self-tests for include/kernel/list.h (KT01, KT02) */

#include <kernel/bitops.h>
#include <kernel/hash.h>
#include <kernel/list.h>
#include <kernel/selftest.h>

struct item {
	int value;
	struct list_head link;
	struct hlist_node node;
};

/* The values in order, as decimal digits: a list 1,2,3 is 123. */
static int digits(struct list_head *head)
{
	struct item *i;
	int n = 0;

	list_for_each_entry(i, head, link)
		n = n * 10 + i->value;
	return n;
}

/* I1: both directions tell the same. */
static bool ring_is_sound(struct list_head *head)
{
	struct list_head *l = head;

	do {
		if (l->next->prev != l || l->prev->next != l)
			return false;
		l = l->next;
	} while (l != head);
	return true;
}

static struct item it[6] = { { .value = 1 }, { .value = 2 }, { .value = 3 },
			     { .value = 4 }, { .value = 5 }, { .value = 6 } };

static void fill(struct list_head *head, int from, int n)
{
	INIT_LIST_HEAD(head);
	for (int i = from; i < from + n; i++)
		list_add_tail(&it[i].link, head);
}

SELFTEST(list_add_is_a_stack_and_add_tail_a_queue)
{
	LIST_HEAD(stack);
	LIST_HEAD(fifo);

	for (int i = 0; i < 3; i++)
		list_add(&it[i].link, &stack);
	EXPECT(digits(&stack) == 321);
	for (int i = 3; i < 6; i++)
		list_add_tail(&it[i].link, &fifo);
	EXPECT(digits(&fifo) == 456);
	EXPECT(ring_is_sound(&stack) && ring_is_sound(&fifo));
}

SELFTEST(list_del_init_leaves_an_empty_entry)
{
	LIST_HEAD(head);

	list_add(&it[0].link, &head);
	EXPECT(list_is_singular(&head));
	list_del_init(&it[0].link);
	EXPECT(list_empty(&head) && list_empty(&it[0].link));
	list_add(&it[0].link, &head);
	list_del(&it[0].link);
	EXPECT(it[0].link.next == LIST_POISON1);
}

SELFTEST(list_move_and_replace_keep_the_neighbours)
{
	LIST_HEAD(a);
	LIST_HEAD(b);

	fill(&a, 0, 3);
	fill(&b, 3, 2);
	list_move(&it[1].link, &b);
	EXPECT(digits(&a) == 13 && digits(&b) == 245);
	list_move_tail(&it[0].link, &b);
	EXPECT(digits(&a) == 3 && digits(&b) == 2451);
	list_replace(&it[3].link, &it[5].link);
	EXPECT(digits(&b) == 2651 && ring_is_sound(&b));
}

SELFTEST(list_splice_and_cut_conserve_entries)
{
	LIST_HEAD(a);
	LIST_HEAD(b);

	fill(&a, 0, 3);
	fill(&b, 3, 3);
	list_splice_init(&b, &a);
	EXPECT(digits(&a) == 456123 && list_empty(&b));
	list_cut_position(&b, &a, &it[4].link);
	EXPECT(digits(&b) == 45 && digits(&a) == 6123);
	list_splice_tail_init(&b, &a);
	EXPECT(digits(&a) == 612345 && ring_is_sound(&a));
	list_rotate_left(&a);
	EXPECT(digits(&a) == 123456);
}

SELFTEST(list_safe_walk_survives_removal)
{
	struct item *i, *n;
	LIST_HEAD(a);

	fill(&a, 0, 6);
	list_for_each_entry_safe(i, n, &a, link)
		if (i->value % 2 == 0)
			list_del(&i->link);
	EXPECT(digits(&a) == 135 && list_count_nodes(&a) == 3);
}

SELFTEST(container_of_leads_back)
{
	struct item *b = &it[2];

	EXPECT(container_of(&b->link, struct item, link) == b);
	EXPECT(container_of(&b->value, struct item, value) == b);
}

#define BITS 5
#define ENTRIES 1200

static struct hlist_head table[1 << BITS];
static struct pid_like {
	int nr;
	struct hlist_node node;
} pids[ENTRIES];

static struct pid_like *find(int nr)
{
	struct pid_like *p;

	hlist_for_each_entry(p, &table[hash_32(nr, BITS)], node)
		if (p->nr == nr)
			return p;
	return NULL;
}

/* I2, and finding and unlinking without knowing the bucket. */
SELFTEST(hlist_holds_a_table_of_pids)
{
	int found = 0;

	for (int i = 0; i < ENTRIES; i++) {
		pids[i].nr = i;
		hlist_add_head(&pids[i].node, &table[hash_32(i, BITS)]);
	}
	for (int i = 0; i < ENTRIES; i++)
		found += find(i) == &pids[i];
	EXPECT(found == ENTRIES);
	for (int i = 0; i < ENTRIES; i++) {
		EXPECT(*pids[i].node.pprev == &pids[i].node);
		if (i % 2)
			hlist_del_init(&pids[i].node);
	}
	EXPECT(hlist_unhashed(&pids[1].node) && !find(1) && find(2));
	for (int i = 0; i < ENTRIES; i += 2)
		hlist_del_init(&pids[i].node);
	for (int b = 0; b < 1 << BITS; b++)
		EXPECT(hlist_empty(&table[b]));
}

SELFTEST(hlist_adds_before_and_behind)
{
	struct item *i;
	HLIST_HEAD(head);
	int n = 0;

	hlist_add_head(&it[1].node, &head);
	hlist_add_before(&it[0].node, &it[1].node);
	hlist_add_behind(&it[2].node, &it[1].node);
	hlist_for_each_entry(i, &head, node)
		n = n * 10 + i->value;
	EXPECT(n == 123);
}
