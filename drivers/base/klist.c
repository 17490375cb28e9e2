/* SPDX-License-Identifier: MIT */
/*
 * klist.c -- lists that may be walked while their members come and go
 *
 * PROMISE.  A walk visits each member that is there from its beginning to its
 * end, visits none twice, may sleep between two members, and may delete the one
 * it stands on.
 *
 * IDEA.  A node is held by the list and by each walker that stands on it, and
 * leaves the list with the last of them.  klist_del() takes the list's hold
 * away and marks the node dead: walkers skip it, but the one that stands there
 * finds its way on, for it is still linked.
 *
 * LOCKING.  k_lock, never held while get(), put() or the walker's own code
 * sleeps; put() is called after it is dropped.
 *
 * SEE docs/70-device-model.md.
 */

#include <drivers/klist.h>

#include <kernel/export.h>
#include <kernel/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(klist_wait);   /* klist_remove() */

void klist_init(struct klist *k, void (*get)(struct klist_node *),
		void (*put)(struct klist_node *))
{
	spin_lock_init(&k->k_lock);
	INIT_LIST_HEAD(&k->k_list);
	k->get = get;
	k->put = put;
}

static void node_init(struct klist *k, struct klist_node *n)
{
	INIT_LIST_HEAD(&n->n_node);
	kref_init(&n->n_ref);
	n->n_klist = k;
	n->n_dead = false;
	if (k->get)
		k->get(n);
}

void klist_add_tail(struct klist_node *n, struct klist *k)
{
	node_init(k, n);
	spin_lock(&k->k_lock);
	list_add_tail(&n->n_node, &k->k_list);
	spin_unlock(&k->k_lock);
}
EXPORT_SYMBOL(klist_add_tail);

void klist_add_head(struct klist_node *n, struct klist *k)
{
	node_init(k, n);
	spin_lock(&k->k_lock);
	list_add(&n->n_node, &k->k_list);
	spin_unlock(&k->k_lock);
}
EXPORT_SYMBOL(klist_add_head);

/* Drop one hold; true: it was the last and n is off the list.  k_lock held. */
static bool drop_locked(struct klist_node *n)
{
	if (!refcount_dec_and_test(&n->n_ref.refcount))
		return false;
	list_del(&n->n_node);
	WRITE_ONCE(n->n_klist, NULL);
	return true;
}

/* Outside k_lock: n's member lives by the hold that put() gives back. */
static void dropped(struct klist *k, struct klist_node *n)
{
	wake_up_all(&klist_wait);
	if (k->put)
		k->put(n);
}

static void kill_node(struct klist *k, struct klist_node *n)
{
	bool last = false;

	spin_lock(&k->k_lock);
	if (!n->n_dead) {
		n->n_dead = true;
		last = drop_locked(n);
	}
	spin_unlock(&k->k_lock);
	if (last)
		dropped(k, n);
}

void klist_del(struct klist_node *n)
{
	struct klist *k = READ_ONCE(n->n_klist);

	if (k)
		kill_node(k, n);
}
EXPORT_SYMBOL(klist_del);

void klist_remove(struct klist_node *n)
{
	klist_del(n);
	wait_event(klist_wait, !klist_node_attached(n));
}
EXPORT_SYMBOL(klist_remove);

void klist_iter_init_node(struct klist *k, struct klist_iter *i,
			  struct klist_node *n)
{
	i->i_klist = k;
	i->i_cur = NULL;
	if (n && kref_get_unless_zero(&n->n_ref))
		i->i_cur = n;
}

void klist_iter_init(struct klist *k, struct klist_iter *i)
{
	klist_iter_init_node(k, i, NULL);
}

struct klist_node *klist_next(struct klist_iter *i)
{
	struct klist *k = i->i_klist;
	struct klist_node *last = i->i_cur, *n = NULL;
	struct list_head *p;
	bool dropped_last = false;

	spin_lock(&k->k_lock);
	p = last ? last->n_node.next : k->k_list.next;
	if (last)
		dropped_last = drop_locked(last);
	for (; p != &k->k_list; p = p->next) {
		n = list_entry(p, struct klist_node, n_node);
		if (!n->n_dead) {
			kref_get(&n->n_ref);
			break;
		}
		n = NULL;
	}
	i->i_cur = n;
	spin_unlock(&k->k_lock);
	if (dropped_last)
		dropped(k, last);
	return n;
}
EXPORT_SYMBOL(klist_next);

void klist_iter_exit(struct klist_iter *i)
{
	struct klist_node *n = i->i_cur;
	bool last;

	if (!n)
		return;
	i->i_cur = NULL;
	spin_lock(&i->i_klist->k_lock);
	last = drop_locked(n);
	spin_unlock(&i->i_klist->k_lock);
	if (last)
		dropped(i->i_klist, n);
}
EXPORT_SYMBOL(klist_iter_exit);
