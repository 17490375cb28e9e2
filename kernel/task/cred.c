/* SPDX-License-Identifier: MIT */
/*
 * cred.c -- credentials: replaced whole, never changed in place
 *
 * PROMISE.  A task's ids and capabilities change at one instant; nobody ever
 * sees the new uid with the old capabilities.
 *
 * IDEA.  Copy, change the copy, swing the pointer, free the old one after a
 * grace period (RCU).  Readers of current's own need no lock at all; readers of
 * another task's hold rcu_read_lock().
 *
 * INVARIANTS.  I1 A cred that a task carries is constant.  I2 A user_struct's
 * `processes` counts the tasks whose real_cred->user it is.
 *
 * LOCKING.  uidhash_lock guards the hash of users.
 *
 * SEE capabilities(7), credentials(7).
 */

#include <kernel/cred.h>

#include <kernel/coredump.h>

#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <mm/slab.h>
#include <uapi/sched.h>

#define UIDHASH_BITS 6

struct user_namespace init_user_ns = {
	.count = REFCOUNT_INIT(1),
};

static struct user_struct root_user = {
	.refs = REFCOUNT_INIT(1),
	.uid = GLOBAL_ROOT_UID,
	.processes = ATOMIC_INIT(1),
};

static struct group_info init_groups = {
	.usage = REFCOUNT_INIT(1),
};

struct cred init_cred = {
	.usage = REFCOUNT_INIT(2),
	.cap_permitted = CAP_FULL_SET,
	.cap_effective = CAP_FULL_SET,
	.cap_bset = CAP_FULL_SET,
	.user = &root_user,
	.user_ns = &init_user_ns,
	.group_info = &init_groups,
};

static struct kmem_cache *cred_cache;
static DEFINE_SPINLOCK(uidhash_lock);
static struct hlist_head uidhash[1 << UIDHASH_BITS];

void cred_init(void)
{
	cred_cache = kmem_cache_create("cred_jar", sizeof(struct cred), 0,
				       SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	hlist_add_head(&root_user.uidhash_node,
		       &uidhash[hash_long(GLOBAL_ROOT_UID, UIDHASH_BITS)]);
}

static struct user_struct *find_user_locked(uid_t uid)
{
	struct user_struct *user;

	hlist_for_each_entry(user, &uidhash[hash_long(uid, UIDHASH_BITS)],
			     uidhash_node) {
		if (user->uid == uid) {
			refcount_inc(&user->refs);
			return user;
		}
	}
	return NULL;
}

struct user_struct *alloc_uid(uid_t uid)
{
	struct user_struct *new = kzalloc(sizeof(*new), GFP_KERNEL);
	struct user_struct *user;

	if (!new)
		return NULL;
	refcount_set(&new->refs, 1);
	new->uid = uid;
	spin_lock_irq(&uidhash_lock);
	user = find_user_locked(uid);
	if (!user) {
		hlist_add_head(&new->uidhash_node,
			       &uidhash[hash_long(uid, UIDHASH_BITS)]);
		swap(user, new);
	}
	spin_unlock_irq(&uidhash_lock);
	kfree(new);
	return user;
}

void free_uid(struct user_struct *user)
{
	unsigned long flags;
	bool last;

	spin_lock_irqsave(&uidhash_lock, flags);
	last = refcount_dec_and_test(&user->refs);
	if (last)
		hlist_del(&user->uidhash_node);
	spin_unlock_irqrestore(&uidhash_lock, flags);
	if (last)
		kfree(user);
}

struct group_info *groups_alloc(int n)
{
	struct group_info *gi = kvmalloc(sizeof(*gi) + n * sizeof(gid_t),
					 GFP_KERNEL);

	if (!gi)
		return NULL;
	refcount_set(&gi->usage, 1);
	gi->ngroups = n;
	return gi;
}

void put_group_info(struct group_info *gi)
{
	if (refcount_dec_and_test(&gi->usage))
		kvfree(gi);
}

static bool groups_search(const struct group_info *gi, gid_t gid)
{
	int low = 0, high = gi->ngroups;

	while (low < high) {
		int mid = low + (high - low) / 2;

		if (gi->gid[mid] == gid)
			return true;
		if (gi->gid[mid] < gid)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

bool in_group_p(gid_t gid)
{
	return gid == current_fsgid() ||
	       groups_search(current_cred()->group_info, gid);
}

static void free_cred_rcu(struct rcu_head *head)
{
	struct cred *cred = container_of(head, struct cred, rcu);

	put_group_info(cred->group_info);
	free_uid(cred->user);
	kmem_cache_free(cred_cache, cred);
}

void put_cred(const struct cred *cred)
{
	struct cred *c = (struct cred *)cred;

	if (c && refcount_dec_and_test(&c->usage))
		call_rcu(&c->rcu, free_cred_rcu);
}

const struct cred *get_task_cred(struct task_struct *t)
{
	const struct cred *cred;

	rcu_read_lock();
	do {
		cred = __task_cred(t);
	} while (!refcount_inc_not_zero((refcount_t *)&cred->usage));
	rcu_read_unlock();
	return cred;
}

struct cred *prepare_creds(void)
{
	struct cred *new = kmem_cache_alloc(cred_cache, GFP_KERNEL);

	if (!new)
		return NULL;
	*new = *current_cred();
	refcount_set(&new->usage, 1);
	refcount_inc(&new->group_info->usage);
	refcount_inc(&new->user->refs);
	return new;
}

void abort_creds(struct cred *new)
{
	put_cred(new);
}

/*
 * Make `new` current's credentials, subjective and objective.  A change of ids
 * makes the memory image private to root (not dumpable) and forgets who asked
 * to be told of the parent's death.
 */
int commit_creds(struct cred *new)
{
	const struct cred *old = current->real_cred;

	BUG_ON(current->cred != old);
	if (new->euid != old->euid || new->egid != old->egid ||
	    new->fsuid != old->fsuid || new->fsgid != old->fsgid ||
	    (new->cap_permitted & ~old->cap_permitted)) {
		if (current->mm)
			current->mm->dumpable = suid_dumpable;
		current->pdeath_signal = 0;
	}
	if (new->user != old->user) {                              /* I2 */
		atomic_inc(&new->user->processes);
		atomic_dec(&old->user->processes);
	}
	get_cred(new);
	rcu_assign_pointer(current->real_cred, new);
	rcu_assign_pointer(current->cred, new);
	put_cred(old);
	put_cred(old);
	return 0;
}

const struct cred *override_creds(const struct cred *new)
{
	const struct cred *old = current->cred;

	get_cred(new);
	rcu_assign_pointer(current->cred, new);
	return old;
}

void revert_creds(const struct cred *old)
{
	const struct cred *override = current->cred;

	rcu_assign_pointer(current->cred, old);
	put_cred(override);
}

static bool over_nproc(const struct cred *cred)
{
	return atomic_read(&cred->user->processes) >= rlimit(RLIMIT_NPROC) &&
	       cred->uid != GLOBAL_ROOT_UID &&
	       !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

/*
 * A child starts with its parent's credentials: constant, hence shared.  The
 * structure is copied only where CLONE_NEWUSER would change it, later.
 */
int copy_creds(struct task_struct *t, unsigned long clone_flags)
{
	const struct cred *cred = current->cred;

	if (over_nproc(cred))
		return -EAGAIN;
	get_cred(cred);
	get_cred(cred);
	t->cred = cred;
	t->real_cred = cred;
	atomic_inc(&cred->user->processes);                        /* I2 */
	return 0;
}

void exit_creds(struct task_struct *t)
{
	const struct cred *real = t->real_cred, *cred = t->cred;

	t->real_cred = NULL;
	t->cred = NULL;
	put_cred(real);
	put_cred(cred);
}

bool ns_capable(struct user_namespace *ns, int cap)
{
	const struct cred *cred = current_cred();

	if (ns == cred->user_ns && (cred->cap_effective >> cap & 1)) {
		current->flags |= PF_SUPERPRIV;
		return true;
	}
	return false;
}

bool capable(int cap)
{
	return ns_capable(&init_user_ns, cap);
}

bool has_capability(struct task_struct *t, int cap)
{
	bool has;

	rcu_read_lock();
	has = __task_cred(t)->cap_effective >> cap & 1;
	rcu_read_unlock();
	return has;
}
