/* SPDX-License-Identifier: MIT */
/* rbtree_test.c -- self-tests for rbtree.c (KT04); invariants named there */

#include <kernel/math.h>
#include <kernel/random.h>
#include <kernel/rbtree_augmented.h>
#include <kernel/selftest.h>

#define KEYS 2000

struct item {
	struct rb_node rb;
	u32 key;
	u32 subtree_max;    /* of weight, for the augmented tree */
	u32 weight;
	bool in;
};

static struct item items[KEYS];
static struct rb_root root;

#define to_item(n) rb_entry(n, struct item, rb)

static u32 weight_of(struct item *i)
{
	return i->weight;
}
RB_DECLARE_CALLBACKS_MAX(static, max_cb, struct item, rb, u32, subtree_max,
			 weight_of);

static void insert(struct item *it, bool augmented)
{
	struct rb_node **link = &root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = it->key < to_item(parent)->key ? &parent->rb_left
						      : &parent->rb_right;
	}
	it->subtree_max = it->weight;
	rb_link_node(&it->rb, parent, link);
	if (augmented) {
		max_cb_propagate(parent, NULL);
		rb_insert_augmented(&it->rb, &root, &max_cb);
	} else {
		rb_insert_color(&it->rb, &root);
	}
	it->in = true;
}

static void erase(struct item *it, bool augmented)
{
	if (augmented)
		rb_erase_augmented(&it->rb, &root, &max_cb);
	else
		rb_erase(&it->rb, &root);
	it->in = false;
}

static bool red(const struct rb_node *n)
{
	return n && !(n->__rb_parent_color & RB_BLACK);
}

/* Black height of the subtree, or -1 if an invariant is broken in it. */
static int check(struct rb_node *n, int depth, int *deepest)
{
	int left, right;

	if (!n)
		return 0;
	*deepest = max(*deepest, depth);
	if ((n->rb_left && rb_parent(n->rb_left) != n) ||
	    (n->rb_right && rb_parent(n->rb_right) != n))
		return -1;                                         /* I5 */
	if (red(n) && (red(n->rb_left) || red(n->rb_right)))
		return -1;                                         /* I2 */
	left = check(n->rb_left, depth + 1, deepest);
	right = check(n->rb_right, depth + 1, deepest);
	if (left < 0 || left != right)
		return -1;                                         /* I3 */
	return left + !red(n);
}

/* I1, and that exactly the items that should be are in it. */
static bool order_is_right(int count)
{
	struct rb_node *n;
	long last = -1;

	for (n = rb_first(&root); n; n = rb_next(n), count--) {
		if ((long)to_item(n)->key <= last || !to_item(n)->in)
			return false;
		last = to_item(n)->key;
	}
	return count == 0;
}

static bool summaries_are_right(struct rb_node *n)
{
	struct item *i = n ? to_item(n) : NULL;
	u32 m;

	if (!n)
		return true;
	m = i->weight;
	if (n->rb_left)
		m = max(m, to_item(n->rb_left)->subtree_max);
	if (n->rb_right)
		m = max(m, to_item(n->rb_right)->subtree_max);
	return m == i->subtree_max && summaries_are_right(n->rb_left) &&
	       summaries_are_right(n->rb_right);                   /* I6 */
}

/* ops random insertions and erasures; the tree holds about half the keys. */
static void churn(int ops, int check_every, bool augmented)
{
	struct rnd_state rnd;
	int count = 0, deepest = 0;

	prandom_seed_state(&rnd, ops);
	root = RB_ROOT;
	for (int i = 0; i < KEYS; i++)
		items[i] = (struct item){ .key = i,
			.weight = prandom_u32_state(&rnd) };
	for (int op = 1; op <= ops; op++) {
		struct item *it = &items[prandom_u32_state(&rnd) % KEYS];

		count += it->in ? -1 : 1;
		if (it->in)
			erase(it, augmented);
		else
			insert(it, augmented);
		if (op % check_every)
			continue;
		deepest = 0;
		EXPECT(check(root.rb_node, 1, &deepest) >= 0);
		EXPECT(!red(root.rb_node));                        /* I4 */
		EXPECT(order_is_right(count));
		EXPECT(!augmented || summaries_are_right(root.rb_node));
		EXPECT(deepest <= 13 || count > 1100);
	}
}

SELFTEST_SLOW(rbtree_invariants_hold_under_random_changes)
{
	churn(5000, 1000, false);
}

SELFTEST_SLOW(rbtree_summaries_follow_every_change)
{
	churn(3000, 500, true);
}

SELFTEST_SLOW(rbtree_invariants_hold_under_200000_changes)
{
	churn(200000, 1000, false);
	churn(50000, 500, true);
}

SELFTEST(rbtree_sorted_input_stays_shallow)
{
	int deepest = 0;

	root = RB_ROOT;
	for (int i = 0; i < 1000; i++) {
		items[i] = (struct item){ .key = i };
		insert(&items[i], false);
	}
	EXPECT(check(root.rb_node, 1, &deepest) >= 0);
	EXPECT(deepest <= 20);          /* 2 log2(1001) */
	EXPECT(to_item(rb_last(&root))->key == 999);
	EXPECT(to_item(rb_prev(rb_last(&root)))->key == 998);
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return to_item(a)->key < to_item(b)->key;
}

SELFTEST_SLOW(rbtree_cached_leftmost_is_the_first)
{
	struct rb_root_cached queue = RB_ROOT_CACHED;
	struct rnd_state rnd;
	u32 last = 0;

	prandom_seed_state(&rnd, 9);
	for (int i = 0; i < 200; i++) {
		items[i].key = prandom_u32_state(&rnd);
		rb_add_cached(&items[i].rb, &queue, less);
		EXPECT(rb_first_cached(&queue) == rb_first(&queue.rb_root));
	}
	while (rb_first_cached(&queue)) {
		struct rb_node *first = rb_first_cached(&queue);

		EXPECT(to_item(first)->key >= last);
		last = to_item(first)->key;
		rb_erase_cached(first, &queue);
		EXPECT(rb_first_cached(&queue) == rb_first(&queue.rb_root));
	}
}

SELFTEST(rbtree_postorder_visits_children_first)
{
	struct item *i, *n;
	int visited = 0;

	root = RB_ROOT;
	for (int k = 0; k < 100; k++) {
		items[k] = (struct item){ .key = k * 7 % 100 };
		insert(&items[k], false);
	}
	rbtree_postorder_for_each_entry_safe(i, n, &root, rb) {
		EXPECT(!i->rb.rb_left || !to_item(i->rb.rb_left)->in);
		EXPECT(!i->rb.rb_right || !to_item(i->rb.rb_right)->in);
		i->in = false;
		visited++;
	}
	EXPECT(visited == 100);
}
