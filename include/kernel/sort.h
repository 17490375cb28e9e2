/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SORT_H
#define KERNEL_SORT_H
/* sort.h -- sorting arrays in place: heap sort, O(n log n) always */

#include <kernel/types.h>

typedef int (*cmp_func_t)(const void *a, const void *b);
typedef void (*swap_func_t)(void *a, void *b, int size);

/* swap NULL: bytes are exchanged.  Not stable; any context. */
void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap_func);
void *bsearch(const void *key, const void *base, size_t num, size_t size,
	      cmp_func_t cmp);

/* A stable merge sort of a list; cmp(priv, a, b) > 0 if a comes after b. */
struct list_head;
typedef int (*list_cmp_func_t)(void *priv, const struct list_head *a,
			       const struct list_head *b);
void list_sort(void *priv, struct list_head *head, list_cmp_func_t cmp);

#endif
