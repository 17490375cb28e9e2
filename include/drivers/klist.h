/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_KLIST_H
#define DRIVERS_KLIST_H
/*
 * klist.h -- lists that may be walked while their members come and go
 *
 * A walker holds the node it stands on; a node that is deleted meanwhile stays
 * linked, unseen by others, until the walker has moved on.  Theory:
 * drivers/base/klist.c.
 */

#include <kernel/list.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>

struct klist_node;

struct klist {
	spinlock_t k_lock;
	struct list_head k_list;      /* k_lock */
	void (*get)(struct klist_node *n); /* the list's hold on its member */
	void (*put)(struct klist_node *n); /* may be NULL; may sleep */
};

/* Field keys: [K] the list's k_lock */
struct klist_node {
	struct klist *n_klist;        /* [K] NULL: on no list */
	bool n_dead;                  /* [K] deleted, a walker stands on it */
	struct list_head n_node;      /* [K] */
	struct kref n_ref;            /* [K] the list's and the walkers' */
};

struct klist_iter {
	struct klist *i_klist;
	struct klist_node *i_cur;
};

void klist_init(struct klist *k, void (*get)(struct klist_node *),
		void (*put)(struct klist_node *));
void klist_add_tail(struct klist_node *n, struct klist *k);
void klist_add_head(struct klist_node *n, struct klist *k);
/* No new walker sees it; put() comes when the last one has moved on. */
void klist_del(struct klist_node *n);
/* The same, and wait for that; not from within a walk that stands on it. */
void klist_remove(struct klist_node *n);
void klist_iter_init(struct klist *k, struct klist_iter *i);
void klist_iter_init_node(struct klist *k, struct klist_iter *i,
			  struct klist_node *n);
struct klist_node *klist_next(struct klist_iter *i);
void klist_iter_exit(struct klist_iter *i);

static inline bool klist_node_attached(const struct klist_node *n)
{
	return READ_ONCE(n->n_klist) != NULL;
}

#endif
