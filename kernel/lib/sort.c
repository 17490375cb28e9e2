/* SPDX-License-Identifier: MIT */
/*
 * sort.c -- heap sort of arrays, merge sort of lists, binary search
 *
 * Heap sort needs no memory, no recursion, and never goes quadratic: what a
 * kernel wants, though quick sort is faster on the average.  Lists are merged
 * bottom-up: pending[k] is a sorted run of 2^k nodes, as in a binary counter.
 */

#include <kernel/sort.h>

#include <kernel/export.h>
#include <kernel/list.h>

static void swap_bytes(void *a, void *b, int size)
{
	char *x = a, *y = b;

	while (size-- > 0) {
		char t = *x;

		*x++ = *y;
		*y++ = t;
	}
}

struct heap {
	char *base;
	size_t size;
	cmp_func_t cmp;
	swap_func_t swap;
};

/* Let element i sink until none of its children (below n) is greater. */
static void sift_down(const struct heap *h, size_t i, size_t n)
{
	size_t kid;

	while ((kid = 2 * i + 1) < n) {
		char *k = h->base + kid * h->size, *p = h->base + i * h->size;

		if (kid + 1 < n && h->cmp(k, k + h->size) < 0) {
			kid++;
			k += h->size;
		}
		if (h->cmp(p, k) >= 0)
			return;
		h->swap(p, k, h->size);
		i = kid;
	}
}

void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap_func)
{
	struct heap h = { base, size, cmp, swap_func ? swap_func : swap_bytes };

	for (size_t i = num / 2; i-- > 0;)
		sift_down(&h, i, num);
	for (size_t n = num; n > 1; n--) {
		h.swap(h.base, h.base + (n - 1) * size, size);
		sift_down(&h, 0, n - 1);
	}
}
EXPORT_SYMBOL(sort);

void *bsearch(const void *key, const void *base, size_t num, size_t size,
	      cmp_func_t cmp)
{
	const char *p = base;

	while (num > 0) {
		const char *mid = p + (num / 2) * size;
		int c = cmp(key, mid);

		if (c == 0)
			return (void *)mid;
		if (c > 0) {
			p = mid + size;
			num--;
		}
		num /= 2;
	}
	return NULL;
}
EXPORT_SYMBOL(bsearch);

/* Merge two NULL-ended chains; on a tie a goes first, so sorting is stable. */
static struct list_head *merge(void *priv, list_cmp_func_t cmp,
			       struct list_head *a, struct list_head *b)
{
	struct list_head *head = NULL, **tail = &head;

	while (a && b) {
		struct list_head **least = cmp(priv, a, b) <= 0 ? &a : &b;

		*tail = *least;
		tail = &(*least)->next;
		*least = (*least)->next;
	}
	*tail = a ? a : b;
	return head;
}

#define SORT_RUNS 48

void list_sort(void *priv, struct list_head *head, list_cmp_func_t cmp)
{
	struct list_head *pending[SORT_RUNS] = { NULL }, *run, *rest, *prev;
	int k;

	if (list_empty(head))
		return;
	head->prev->next = NULL;
	for (run = head->next; run; run = rest) {
		rest = run->next;
		run->next = NULL;
		for (k = 0; pending[k]; k++) {
			run = merge(priv, cmp, pending[k], run);
			pending[k] = NULL;
		}
		pending[k] = run;
	}
	for (k = 0, run = NULL; k < SORT_RUNS; k++)
		if (pending[k])
			run = merge(priv, cmp, pending[k], run);
	for (prev = head; run; prev = run, run = run->next) {
		prev->next = run;
		run->prev = prev;
	}
	prev->next = head;
	head->prev = prev;
}
EXPORT_SYMBOL(list_sort);
