/* SPDX-License-Identifier: MIT */
/*
 * pnode.c -- mounts that hear of each other
 *
 * PROMISE.  What is mounted or unmounted below a shared mount appears and goes
 * below all its peers, and below their slaves; never the other way from a
 * slave.
 *
 * IDEA.  A bind mount shows one tree at two places; shared propagation keeps
 * what is *mounted* in the tree the same, too.  Each mount has two numbers:
 *
 *	group    its peers: all mounts with the same number   (0: private)
 *	master   the group whose events it receives           (0: none)
 *
 *	    group 1:  A  A'          a mount at A/x makes one at A'/x,
 *	      |  \
 *	    slave B    group 2: C  C'   at B/x, and at C/x and C'/x
 *	    (master 1) (master 1)        (a mount at C/x: at C'/x only)
 *
 * Each copy is itself related as its place is: peers of one another below a
 * group, slaves of the copy above below a slave.  All related mounts are in one
 * list, which is searched: there are tens of them, seldom hundreds.
 *
 * INVARIANTS
 *   I1  A mount is in related_mounts exactly if one of its numbers is not 0.
 *   I2  All members of a group have the same master.
 *   I3  A group that is a master has a member, or no slaves.
 *
 * LOCKING.  namespace_sem for writing.
 *
 * NOT DONE.  Linux keeps peers in rings and slaves in trees, and finds the next
 * receiver without a search.
 *
 * SEE docs/85-mounts.md; mount_namespaces(7).  EXERCISE.  Make A private in the
 * figure, then A': what are B and C now?
 */

#include "internal.h"
#include "namespace.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>

#define MAX_DEPTH 32          /* of slaves of slaves: bounds the stack */

static LIST_HEAD(related_mounts);

/* The lowest number that no group has, as Linux gives them. */
int new_group_id(void)
{
	struct mount *m;
	int id = 1;

again:
	list_for_each_entry(m, &related_mounts, mnt_related) {
		if (m->mnt_group_id == id || m->mnt_master_id == id) {
			id++;
			goto again;
		}
	}
	return id;
}

/* Give m both numbers, and its place in the list (I1). */
void share_like(struct mount *m, int group_id, int master_id)
{
	m->mnt_group_id = group_id;
	m->mnt_master_id = master_id;
	list_del_init(&m->mnt_related);
	if (group_id || master_id)
		list_add_tail(&m->mnt_related, &related_mounts);
}

static bool group_has_others(const struct mount *m)
{
	struct mount *other;

	list_for_each_entry(other, &related_mounts, mnt_related) {
		if (other != m && other->mnt_group_id == m->mnt_group_id)
			return true;
	}
	return false;
}

/* m's group dies with it: its slaves go to its own master (I3). */
static void hand_slaves_up(struct mount *m)
{
	struct mount *s, *next;

	list_for_each_entry_safe(s, next, &related_mounts, mnt_related) {
		if (s->mnt_master_id == m->mnt_group_id)
			share_like(s, s->mnt_group_id, m->mnt_master_id);
	}
}

/* Out of its group: a slave of those that stay, or of what it had above it. */
static void make_slave(struct mount *m)
{
	int group = m->mnt_group_id;

	if (!group)
		return;
	if (group_has_others(m)) {
		share_like(m, 0, group);
	} else {
		hand_slaves_up(m);
		share_like(m, 0, m->mnt_master_id);
	}
}

/* One of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE. */
void change_propagation(struct mount *m, int type)
{
	write_seqlock(&mount_lock);
	m->mnt.mnt_flags &= ~MNT_UNBINDABLE;
	if (type == MS_UNBINDABLE)
		m->mnt.mnt_flags |= MNT_UNBINDABLE;
	write_sequnlock(&mount_lock);
	if (type == MS_SHARED) {
		if (!is_shared(m))
			share_like(m, new_group_id(), m->mnt_master_id);
		return;
	}
	make_slave(m);
	if (type != MS_SLAVE)
		share_like(m, 0, 0);
}

/* ---- who hears ---- */

static bool is_group_below(int group, int top)
{
	struct mount *m;
	int steps;

	for (steps = 0; group && steps <= MAX_DEPTH; steps++) {
		if (group == top)
			return true;
		list_for_each_entry(m, &related_mounts, mnt_related)
			if (m->mnt_group_id == group)
				break;
		group = list_entry_is_head(m, &related_mounts, mnt_related)
				? 0 : m->mnt_master_id;
	}
	return false;
}

/* Does m hear of what happens below `from`? */
static bool hears(const struct mount *m, const struct mount *from)
{
	if (m == from || !is_shared(from))
		return false;
	return is_group_below(m->mnt_group_id, from->mnt_group_id) ||
	       is_group_below(m->mnt_master_id, from->mnt_group_id);
}

struct mount *next_receiver(struct mount *from, struct mount *after)
{
	struct mount *m = after;

	if (!is_shared(from))
		return NULL;
	m = after ? list_next_entry(after, mnt_related)
		  : list_first_entry(&related_mounts, struct mount,
				     mnt_related);
	list_for_each_entry_from(m, &related_mounts, mnt_related)
		if (hears(m, from))
			return m;
	return NULL;
}

/* ---- copies for all who hear ---- */

struct spreading {
	const struct path *at;        /* where the original goes */
	struct list_head *out;        /* copies, by mnt_list */
	int err;
};

/* Is the place to be seen in m, a mount of some namespace? */
static bool sees(const struct spreading *sp, const struct mount *m)
{
	struct dentry *place = sp->at->dentry;

	return m->mnt_ns && place->d_sb == m->mnt.mnt_sb &&
	       is_subdir(place, m->mnt.mnt_root);
}

/* One copy of `tree` for m, which it remembers as its parent; or NULL. */
static struct mount *copy_for(struct spreading *sp, struct mount *m,
			      struct mount *tree, enum clone_how how)
{
	struct mount *copy;

	if (sp->err)
		return NULL;
	copy = copy_tree(tree, tree->mnt.mnt_root, how, true, true);
	if (IS_ERR(copy)) {
		sp->err = PTR_ERR(copy);
		return NULL;
	}
	copy->mnt_parent = m;         /* attached when all are made */
	list_add_tail(&copy->mnt_list, sp->out);
	return copy;
}

/* The first mount of a slave group that sees the place leads the group. */
static bool leads_its_group(struct spreading *sp, struct mount *m)
{
	struct mount *o;

	list_for_each_entry(o, &related_mounts, mnt_related) {
		if (o == m)
			return true;
		if (o->mnt_group_id == m->mnt_group_id && sees(sp, o))
			return false;
	}
	return true;
}

/*
 * The members of `group` but `but` get peers of tree; then the groups and the
 * single mounts that are its slaves get slaves of tree, and so on down.  New
 * copies come at the list's end, in no namespace yet, and so do not count.
 */
static void spread(struct spreading *sp, struct mount *tree, int group,
		   const struct mount *but, int depth)
{
	struct mount *m, *copy;

	list_for_each_entry(m, &related_mounts, mnt_related) {
		if (m != but && m->mnt_group_id == group && sees(sp, m))
			copy_for(sp, m, tree, CLONE_AS_PEER);
	}
	list_for_each_entry(m, &related_mounts, mnt_related) {
		if (sp->err || depth > MAX_DEPTH)
			return;
		if (m->mnt_master_id != group || !sees(sp, m))
			continue;
		if (!is_shared(m)) {
			copy_for(sp, m, tree, CLONE_AS_SLAVE);
		} else if (leads_its_group(sp, m)) {
			copy = copy_for(sp, m, tree, CLONE_AS_SHARED_SLAVE);
			if (copy)
				spread(sp, copy, m->mnt_group_id, m, depth + 1);
		}
	}
}

/* 0 or -errno; what was made until then is in out, for the caller to drop. */
int propagate_mount(struct mount *tree, const struct path *at,
		    struct list_head *out)
{
	struct spreading sp = { .at = at, .out = out };
	struct mount *dest = real_mount(at->mnt);

	if (is_shared(dest))
		spread(&sp, tree, dest->mnt_group_id, dest, 0);
	return sp.err;
}
