/* SPDX-License-Identifier: MIT */
/*
 * util.c -- System V objects: how they are named, found, guarded and removed
 *
 * PROMISE.  An id names one object for as long as that lives, and for a long
 * time no other afterwards; who uses the id of a removed object is told EINVAL
 * or EIDRM, and never meets its successor.
 *
 * IDEA.  A table has 32,768 slots.  An id is the slot and, above it, a sequence
 * number that grows with each round through the slots:
 *
 *	id  =  seq << 15 | slot
 *
 *	slots   0 [obj seq 3]  1 [ ]  2 [obj seq 2]  ...
 *	keys    0x1234 -> obj in slot 2        IPC_PRIVATE: no key at all
 *
 * Slots are given out in turn, not lowest first, so a freed one rests before it
 * is used again; when the search wraps to the start, seq grows.
 *
 * A lookup takes no lock of the table: under RCU it finds the object, locks it,
 * and sees by `deleted` whether a removal was faster.  Removal unlinks under
 * both locks and drops the table's reference; the memory goes a grace period
 * after the last one (sleepers in an object hold one each).
 *
 * INVARIANTS
 *   I1  deleted is false exactly while the object is in slots.
 *   I2  A key other than IPC_PRIVATE leads to at most one object.
 *   I3  seq is that of the object's slot round: id / 32768 == seq.
 *
 * LOCKING.  ids->rwsem (write: add, remove, change of key), then perm->lock.
 * perm->lock is a leaf but for wait queues and task locks.
 *
 * SEE svipc(7), docs/64-sysv-ipc.md.
 *
 * EXERCISES.  1. Show with lowest-slot-first and no seq how a process gets a
 * stranger's message.  2. Why must ipc_lock_id() look at `deleted` although it
 * found the object in the table?
 */

#include "util.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <mm/slab.h>

#define MIN_ROUND 64          /* slots that a round of slots has at least */

void ipc_init_ids(struct ipc_ids *ids)
{
	init_rwsem(&ids->rwsem);
	ids->in_use = 0;
	ids->seq = 0;
	ids->last_idx = -1;
	ids->max_idx = -1;
	idr_init(&ids->slots);
	xa_init(&ids->keys);
}

static void free_rcu_head(struct rcu_head *head)
{
	struct kern_ipc_perm *perm;

	perm = container_of(head, struct kern_ipc_perm, rcu);
	perm->free(perm);
}

/* Any context; the last reference frees after a grace period. */
void ipc_put(struct kern_ipc_perm *perm)
{
	if (refcount_dec_and_test(&perm->refs))
		call_rcu(&perm->rcu, free_rcu_head);
}

/* ---- permission ---- */

/*
 * May current do what the bits of flags (rwx for owner, group or others, in any
 * place) say?  0 or -EACCES.  Object locked, or under RCU.
 */
int ipc_check(const struct kern_ipc_perm *perm, int flags)
{
	int wanted = flags >> 6 | flags >> 3 | flags, granted = perm->mode;
	uid_t euid = current_euid();

	if (euid == perm->cuid || euid == perm->uid)
		granted >>= 6;
	else if (in_group_p(perm->cgid) || in_group_p(perm->gid))
		granted >>= 3;
	if ((wanted & ~granted & 0007) && !capable(CAP_IPC_OWNER))
		return -EACCES;
	return 0;
}

void ipc_to_user(const struct kern_ipc_perm *perm, struct ipc64_perm *out)
{
	out->key = perm->key;
	out->uid = perm->uid;
	out->gid = perm->gid;
	out->cuid = perm->cuid;
	out->cgid = perm->cgid;
	out->mode = perm->mode;
	out->seq = perm->seq;
}

/* IPC_SET; object locked. */
int ipc_set_owner(struct kern_ipc_perm *perm, const struct ipc64_perm *in)
{
	if (in->uid == (uid_t)-1 || in->gid == (gid_t)-1)
		return -EINVAL;
	perm->uid = in->uid;
	perm->gid = in->gid;
	perm->mode = (perm->mode & ~S_IRWXUGO) | (in->mode & S_IRWXUGO);
	return 0;
}

/* ---- finding ---- */

/* RCU is held.  Locked and alive, or NULL. */
static struct kern_ipc_perm *lock_if_alive(struct kern_ipc_perm *perm)
{
	if (!perm)
		return NULL;
	spin_lock(&perm->lock);
	if (!perm->deleted)
		return perm;
	spin_unlock(&perm->lock);
	return NULL;
}

/* The object in a slot, locked; ERR_PTR(-EINVAL). */
struct kern_ipc_perm *ipc_lock_slot(struct ipc_ids *ids, int slot)
{
	struct kern_ipc_perm *perm;

	if (slot < 0)
		return ERR_PTR(-EINVAL);
	rcu_read_lock();
	perm = lock_if_alive(idr_find(&ids->slots, slot));
	rcu_read_unlock();
	return perm ? perm : ERR_PTR(-EINVAL);
}

/* The object with that id, locked; ERR_PTR(-EINVAL, -EIDRM).  No permission. */
struct kern_ipc_perm *ipc_lock_id(struct ipc_ids *ids, int id)
{
	struct kern_ipc_perm *perm;

	if (id < 0)
		return ERR_PTR(-EINVAL);
	perm = ipc_lock_slot(ids, ipcid_to_idx(id));
	if (!IS_ERR(perm) && perm->id != id) {
		ipc_unlock(perm);
		return ERR_PTR(-EIDRM);
	}
	return perm;
}

/* For the STAT commands: by id or by slot, with or without permission. */
struct kern_ipc_perm *ipc_lock_stat(struct ipc_ids *ids, int id, bool by_slot,
				    bool any)
{
	struct kern_ipc_perm *perm;

	perm = by_slot ? ipc_lock_slot(ids, ipcid_to_idx(id))
		       : ipc_lock_id(ids, id);
	if (!IS_ERR(perm) && !any && ipc_check(perm, S_IRUGO)) {
		ipc_unlock(perm);
		return ERR_PTR(-EACCES);
	}
	return perm;
}

/* For IPC_SET and IPC_RMID: current owns or made it, or is privileged. */
static struct kern_ipc_perm *lock_owned(struct ipc_ids *ids, int id)
{
	struct kern_ipc_perm *perm = ipc_lock_id(ids, id);
	uid_t euid = current_euid();

	if (IS_ERR(perm) || euid == perm->cuid || euid == perm->uid ||
	    capable(CAP_SYS_ADMIN))
		return perm;
	ipc_unlock(perm);
	return ERR_PTR(-EPERM);
}

int ipc_change(struct ipc_namespace *ns, int kind, int id,
	       int (*change)(struct ipc_namespace *ns,
			     struct kern_ipc_perm *perm, const void *arg),
	       const void *arg)
{
	struct ipc_ids *ids = ipc_table(ns, kind);
	struct kern_ipc_perm *perm;
	int err;

	down_write(&ids->rwsem);
	perm = lock_owned(ids, id);
	err = IS_ERR(perm) ? PTR_ERR(perm) : change(ns, perm, arg);
	up_write(&ids->rwsem);
	return err;
}

int ipc_stat(struct ipc_ids *ids, const struct ipc_stat_call *call,
	     void __user *buf)
{
	struct kern_ipc_perm *perm;
	int ret;

	perm = ipc_lock_stat(ids, call->id, call->by_slot, call->any);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	call->fill(perm, call->out);
	ret = call->by_slot ? perm->id : 0;
	ipc_unlock(perm);
	return copy_to_user(buf, call->out, call->size) ? -EFAULT : ret;
}

/* ---- adding and removing: ids->rwsem is held for writing ---- */

/* A slot of this round, or of the next; -ENOSPC, -ENOMEM. */
static int take_slot(struct ipc_ids *ids)
{
	int round = max(ids->in_use * 3 / 2, MIN_ROUND), idx;

	ids->slots.next = ids->last_idx + 1;
	idx = idr_alloc_cyclic(&ids->slots, NULL, 0, min(round, IPCMNI),
			       GFP_KERNEL);
	if (idx < 0)
		return idx;
	if (idx <= ids->last_idx && ++ids->seq >= IPC_SEQ_MAX)
		ids->seq = 0;
	ids->last_idx = idx;
	ids->max_idx = max(ids->max_idx, idx);
	return idx;
}

/* Enter a new, filled-in object: its id, or -ENOSPC, -ENOMEM. */
int ipc_add_id(struct ipc_ids *ids, struct kern_ipc_perm *perm, int limit,
	       const struct ipc_params *p)
{
	int idx;

	if (ids->in_use >= min(limit, IPCMNI))
		return -ENOSPC;
	spin_lock_init(&perm->lock);
	refcount_set(&perm->refs, 1);
	perm->deleted = false;
	perm->cuid = perm->uid = current_euid();
	perm->cgid = perm->gid = current_egid();
	perm->key = p->key;
	perm->mode = p->flags & S_IRWXUGO;
	idx = take_slot(ids);
	if (idx < 0)
		return idx;
	if (p->key != IPC_PRIVATE) {
		int err = xa_insert(&ids->keys, (u32)p->key, perm, GFP_KERNEL);

		if (err) {
			idr_remove(&ids->slots, idx);
			return err;
		}
	}
	perm->seq = ids->seq;
	perm->id = ids->seq << IPC_SEQ_SHIFT | idx;
	ids->in_use++;
	idr_replace(&ids->slots, perm, idx);      /* I1: seen from here on */
	return perm->id;
}

/* From now on the key is free again (a segment that waits for its end). */
void ipc_forget_key(struct ipc_ids *ids, struct kern_ipc_perm *perm)
{
	if (perm->key != IPC_PRIVATE)
		xa_erase(&ids->keys, (u32)perm->key);
	perm->key = IPC_PRIVATE;
}

/* The object is locked too; the caller drops the table's reference. */
void ipc_remove_id(struct ipc_ids *ids, struct kern_ipc_perm *perm)
{
	int idx = ipcid_to_idx(perm->id);

	idr_remove(&ids->slots, idx);
	if (perm->key != IPC_PRIVATE)
		xa_erase(&ids->keys, (u32)perm->key);
	perm->deleted = true;
	ids->in_use--;
	while (ids->max_idx >= 0 && !idr_find(&ids->slots, ids->max_idx))
		ids->max_idx--;
}

/* The namespace ends: nobody can look anything up any more. */
void ipc_remove_all(struct ipc_ids *ids,
		    void (*remove)(struct ipc_namespace *,
				   struct kern_ipc_perm *),
		    struct ipc_namespace *ns)
{
	struct kern_ipc_perm *perm;
	int idx;

	down_write(&ids->rwsem);
	idr_for_each_entry(&ids->slots, perm, idx) {
		spin_lock(&perm->lock);
		remove(ns, perm);
	}
	up_write(&ids->rwsem);
	idr_destroy(&ids->slots);
	xa_destroy(&ids->keys);
}

/* ---- msgget, semget, shmget ---- */

/* An object with the key exists: is it what the caller wants? */
static int use_existing(struct kern_ipc_perm *perm, const struct ipc_ops *ops,
			const struct ipc_params *p)
{
	int err = 0;

	if ((p->flags & IPC_CREAT) && (p->flags & IPC_EXCL))
		return -EEXIST;
	spin_lock(&perm->lock);
	if (ops->fits)
		err = ops->fits(perm, p);
	if (!err)
		err = ipc_check(perm, p->flags);
	spin_unlock(&perm->lock);
	return err ? err : perm->id;
}

/* rwsem held, for writing if `create`: the id, or -EAGAIN: come with it. */
static int look_up(struct ipc_namespace *ns, struct ipc_ids *ids,
		   const struct ipc_ops *ops, const struct ipc_params *p,
		   bool create)
{
	struct kern_ipc_perm *perm = NULL;

	if (p->key != IPC_PRIVATE)
		perm = xa_load(&ids->keys, (u32)p->key);
	if (perm)
		return use_existing(perm, ops, p);
	if (p->key != IPC_PRIVATE && !(p->flags & IPC_CREAT))
		return -ENOENT;
	return create ? ops->create(ns, p) : -EAGAIN;
}

int ipc_get(struct ipc_namespace *ns, struct ipc_ids *ids,
	    const struct ipc_ops *ops, const struct ipc_params *p)
{
	int ret;

	/* What exists is found beside others; making one keeps all out. */
	down_read(&ids->rwsem);
	ret = look_up(ns, ids, ops, p, false);
	up_read(&ids->rwsem);
	if (ret != -EAGAIN)
		return ret;
	down_write(&ids->rwsem);
	ret = look_up(ns, ids, ops, p, true);
	up_write(&ids->rwsem);
	return ret;
}
