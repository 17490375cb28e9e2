/* SPDX-License-Identifier: MIT */
/*
 * pid.c -- process numbers
 *
 * PROMISE.  A number names at most one process, group and session at a time; it
 * is not given out again while any of the three still uses it; a number just
 * freed is the last to come back, so that a late kill() rarely hits a stranger.
 *
 * IDEA.  Who wants to remember a process keeps a struct pid, not the number.
 * Tasks hang off it in one list per use:
 *
 *	struct pid 42   PID  -> task 42
 *	                TGID -> task 42               (the group's leader)
 *	                PGID -> task 42, 43, 44       (a pipeline)
 *	                SID  -> task 42, 43, 44, 57
 *
 * The struct lives as long as somebody holds it; the number goes back when the
 * four lists are empty.  A namespace keeps a bitmap of the numbers in use and
 * searches on from the last one, wrapping to RESERVED_PIDS, since low numbers
 * belong to what started at boot.  Numbers are found through one hash of
 * (number, namespace).
 *
 * INVARIANTS.
 *   I1  A bit in ns->bitmap is set iff a hashed struct pid has that number.
 *   I2  A struct pid with a task in one of its lists is hashed.
 *   I3  0 is never given out.
 *
 * LOCKING.  pid_lock guards the bitmap and writes of the hash; readers of the
 * hash use RCU.  tasklist_lock guards the lists of tasks.  Order:
 * tasklist_lock, pid_lock.
 *
 * NOT DONE.  Numbers of nested namespaces are allocated but nothing creates a
 * second namespace yet.
 *
 * SEE docs/47-processes.md.
 *
 * EXERCISES.  1. Why may find_vpid() return a pid without any task?  2. What
 * breaks if the search starts at the lowest clear bit?
 */

#include <kernel/pid.h>

#include <kernel/bitops.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/nsproxy.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define PID_HASH_BITS 10
#define RESERVED_PIDS 300
#define BITMAP_BYTES (PID_MAX_LIMIT / 8)

static DEFINE_SPINLOCK(pid_lock);
static struct hlist_head pid_hash[1 << PID_HASH_BITS];
static struct kmem_cache *pid_cache;

struct pid init_struct_pid = {
	.count = REFCOUNT_INIT(1),
};

struct pid_namespace init_pid_ns = {
	.count = REFCOUNT_INIT(1),
	.pid_max = PID_MAX_DEFAULT,
	.child_reaper = &init_task,
};

static struct hlist_head *hash_bucket(int nr, struct pid_namespace *ns)
{
	return &pid_hash[hash_long((unsigned long)ns + (unsigned int)nr,
				   PID_HASH_BITS)];
}

void pid_init(void)
{
	init_pid_ns.bitmap = vzalloc(BITMAP_BYTES);
	/* Depth 0 is all there is until a namespace can be created. */
	pid_cache = kmem_cache_create("pid", sizeof(struct pid) +
				      sizeof(struct upid), 0,
				      SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	BUG_ON(!init_pid_ns.bitmap);
	__set_bit(0, init_pid_ns.bitmap);                          /* I3 */
}

/* A clear bit behind last_pid, else from RESERVED_PIDS on; pid_lock held. */
static int claim_number(struct pid_namespace *ns)
{
	int start = ns->last_pid + 1;
	int nr = find_next_zero_bit(ns->bitmap, ns->pid_max, start);

	if (nr >= ns->pid_max) {
		int low = min(RESERVED_PIDS, ns->pid_max / 2);

		nr = find_next_zero_bit(ns->bitmap, ns->pid_max, low);
		if (nr >= ns->pid_max)
			return -EAGAIN;
	}
	__set_bit(nr, ns->bitmap);
	ns->last_pid = nr;
	ns->nr_pids++;
	return nr;
}

static void release_number(struct upid *upid)
{
	unsigned long flags;

	spin_lock_irqsave(&pid_lock, flags);
	hlist_del_rcu(&upid->hash_node);
	__clear_bit(upid->nr, upid->ns->bitmap);
	upid->ns->nr_pids--;
	spin_unlock_irqrestore(&pid_lock, flags);
}

/* The number that clone3() asks for, if it is free; pid_lock held. */
static int claim_wished(struct pid_namespace *ns, int nr)
{
	if (test_bit(nr, ns->bitmap))
		return -EEXIST;
	__set_bit(nr, ns->bitmap);
	ns->nr_pids++;
	return nr;
}

static int publish_number(struct upid *upid, struct pid_namespace *ns, int wish)
{
	int nr;

	spin_lock_irq(&pid_lock);
	nr = wish ? claim_wished(ns, wish) : claim_number(ns);
	if (nr >= 0) {
		upid->nr = nr;
		upid->ns = ns;
		hlist_add_head_rcu(&upid->hash_node, hash_bucket(nr, ns));
	}
	spin_unlock_irq(&pid_lock);
	return nr < 0 ? nr : 0;
}

/* May current choose these numbers?  The innermost namespace's first. */
static int check_wishes(const struct pid_namespace *ns, const pid_t *set_tid,
			size_t n)
{
	if (n > ns->level + 1)
		return -EINVAL;
	for (size_t i = 0; i < n; i++, ns = ns->parent) {
		if (set_tid[i] < 1 || set_tid[i] >= READ_ONCE(ns->pid_max))
			return -EINVAL;
		if (set_tid[i] != 1 && !ns->child_reaper)
			return -EINVAL;
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_CHECKPOINT_RESTORE))
			return -EPERM;
	}
	return 0;
}

struct pid *alloc_pid_at(struct pid_namespace *ns, const pid_t *set_tid,
			 size_t n)
{
	int err = check_wishes(ns, set_tid, n);

	struct pid *pid = kmem_cache_alloc(pid_cache, GFP_KERNEL);
	int level;

	if (err)
		goto out_free;
	if (!pid)
		return ERR_PTR(-ENOMEM);
	refcount_set(&pid->count, 1);
	pid->level = ns->level;
	for (int type = 0; type < PIDTYPE_MAX; type++)
		INIT_HLIST_HEAD(&pid->tasks[type]);
	init_waitqueue_head(&pid->wait_pidfd);
	for (level = ns->level; level >= 0; level--, ns = ns->parent) {
		int wish = 0;

		if (n) {
			wish = *set_tid++;
			n--;
		}
		err = publish_number(&pid->numbers[level], ns, wish);
		if (err)
			goto out_release;
	}
	return pid;

out_release:
	while (++level <= (int)pid->level)
		release_number(&pid->numbers[level]);
	put_pid(pid);
	return ERR_PTR(err);
out_free:
	if (pid)
		kmem_cache_free(pid_cache, pid);
	return ERR_PTR(err);
}

struct pid *alloc_pid(struct pid_namespace *ns)
{
	return alloc_pid_at(ns, NULL, 0);
}

static void pid_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(pid_cache, container_of(head, struct pid, rcu));
}

void put_pid(struct pid *pid)
{
	if (pid && pid != &init_struct_pid && refcount_dec_and_test(&pid->count))
		call_rcu(&pid->rcu, pid_free_rcu);
}

void free_pid(struct pid *pid)
{
	for (int level = 0; level <= (int)pid->level; level++)
		release_number(&pid->numbers[level]);
	put_pid(pid);
}

/* Where t notes its pid of this type. */
static struct pid **pid_slot(struct task_struct *t, enum pid_type type)
{
	return type == PIDTYPE_PID ? &t->thread_pid : &t->signal->pids[type];
}

struct pid *task_pid_type(const struct task_struct *t, enum pid_type type)
{
	return READ_ONCE(*pid_slot((struct task_struct *)t, type));
}

void attach_pid(struct task_struct *t, enum pid_type type)
{
	struct pid *pid = task_pid_type(t, type);

	hlist_add_head_rcu(&t->pid_links[type], &pid->tasks[type]);
}

static bool pid_unused(const struct pid *pid)
{
	for (int type = 0; type < PIDTYPE_MAX; type++)
		if (!hlist_empty(&pid->tasks[type]))
			return false;
	return true;
}

/* Move t from its pid of this type to `pid` (NULL: to none). */
static void replace_pid(struct task_struct *t, enum pid_type type,
			struct pid *pid)
{
	struct pid **slot = pid_slot(t, type);
	struct pid *old = *slot;

	hlist_del_rcu(&t->pid_links[type]);
	WRITE_ONCE(*slot, pid);
	if (pid)
		hlist_add_head_rcu(&t->pid_links[type], &pid->tasks[type]);
	if (old != &init_struct_pid && pid_unused(old))            /* I2 */
		free_pid(old);
}

void detach_pid(struct task_struct *t, enum pid_type type)
{
	replace_pid(t, type, NULL);
}

void change_pid(struct task_struct *t, enum pid_type type, struct pid *pid)
{
	replace_pid(t, type, pid);
}

void transfer_pid(struct task_struct *old, struct task_struct *new,
		  enum pid_type type)
{
	hlist_replace_rcu(&old->pid_links[type], &new->pid_links[type]);
}

/* Each of the two is its pid's only PIDTYPE_PID member. */
void exchange_tids(struct task_struct *a, struct task_struct *b)
{
	struct pid *pa = a->thread_pid, *pb = b->thread_pid;
	struct hlist_head *ha = &pa->tasks[PIDTYPE_PID];
	struct hlist_head *hb = &pb->tasks[PIDTYPE_PID];
	pid_t nr = a->pid;

	swap(ha->first, hb->first);
	ha->first->pprev = &ha->first;
	hb->first->pprev = &hb->first;
	rcu_assign_pointer(a->thread_pid, pb);
	rcu_assign_pointer(b->thread_pid, pa);
	WRITE_ONCE(a->pid, b->pid);
	WRITE_ONCE(b->pid, nr);
}

struct pid *find_pid_ns(int nr, struct pid_namespace *ns)
{
	struct upid *upid;

	hlist_for_each_entry_rcu(upid, hash_bucket(nr, ns), hash_node)
		if (upid->nr == nr && upid->ns == ns)
			return container_of(upid, struct pid,
					    numbers[ns->level]);
	return NULL;
}

struct pid_namespace *task_active_pid_ns(const struct task_struct *t)
{
	struct pid *pid = READ_ONCE(t->thread_pid);

	if (!pid || pid == &init_struct_pid)
		return &init_pid_ns;
	return pid->numbers[pid->level].ns;
}

struct pid *find_vpid(int nr)
{
	return find_pid_ns(nr, task_active_pid_ns(current));
}

struct task_struct *pid_task(struct pid *pid, enum pid_type type)
{
	struct hlist_node *first;

	if (!pid)
		return NULL;
	first = rcu_dereference(pid->tasks[type].first);
	return first ? container_of(first, struct task_struct,
				    pid_links[type]) : NULL;
}

struct task_struct *find_task_by_pid_ns(pid_t nr, struct pid_namespace *ns)
{
	return pid_task(find_pid_ns(nr, ns), PIDTYPE_PID);
}

struct task_struct *find_task_by_vpid(pid_t nr)
{
	return pid_task(find_vpid(nr), PIDTYPE_PID);
}

struct pid *find_ge_pid(int nr, struct pid_namespace *ns)
{
	struct pid *pid;

	for (; nr < ns->pid_max; nr++) {
		nr = find_next_bit(ns->bitmap, ns->pid_max, nr);
		if (nr >= ns->pid_max)
			break;
		pid = find_pid_ns(nr, ns);
		if (pid)
			return pid;
	}
	return NULL;
}

struct task_struct *get_pid_task(struct pid *pid, enum pid_type type)
{
	struct task_struct *t;

	rcu_read_lock();
	t = pid_task(pid, type);
	if (t && !refcount_inc_not_zero(&t->usage))
		t = NULL;
	rcu_read_unlock();
	return t;
}

struct pid *get_task_pid(struct task_struct *t, enum pid_type type)
{
	struct pid *pid;

	rcu_read_lock();
	pid = task_pid_type(t, type);
	if (pid && !refcount_inc_not_zero(&pid->count))
		pid = NULL;
	rcu_read_unlock();
	return pid;
}

struct pid *find_get_pid(int nr)
{
	struct pid *pid;

	rcu_read_lock();
	pid = find_vpid(nr);
	if (pid && !refcount_inc_not_zero(&pid->count))
		pid = NULL;
	rcu_read_unlock();
	return pid;
}

struct task_struct *find_get_task_by_vpid(pid_t nr)
{
	struct task_struct *t;

	rcu_read_lock();
	t = find_task_by_vpid(nr);
	if (t && !refcount_inc_not_zero(&t->usage))
		t = NULL;
	rcu_read_unlock();
	return t;
}

pid_t pid_nr_ns(const struct pid *pid, const struct pid_namespace *ns)
{
	if (!pid || pid == &init_struct_pid || ns->level > pid->level)
		return 0;
	return pid->numbers[ns->level].ns == ns ? pid->numbers[ns->level].nr : 0;
}

pid_t pid_vnr(const struct pid *pid)
{
	return pid_nr_ns(pid, task_active_pid_ns(current));
}

pid_t __task_pid_nr_ns(struct task_struct *t, enum pid_type type,
		       struct pid_namespace *ns)
{
	pid_t nr = 0;

	rcu_read_lock();
	if (!ns)
		ns = task_active_pid_ns(current);
	nr = pid_nr_ns(task_pid_type(t, type), ns);
	rcu_read_unlock();
	return nr;
}
