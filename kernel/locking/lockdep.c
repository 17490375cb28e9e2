/* SPDX-License-Identifier: MIT */
/*
 * lockdep.c -- proves the order of locks while the kernel runs (DEBUG=1)
 *
 * PROMISE.  If two classes of locks are ever taken in both orders, or a lock
 * that an interrupt takes is ever held with that interrupt enabled, it is
 * reported the first time both halves have been seen, whether or not the
 * deadlock struck.  One report; then the validator is quiet.
 *
 * IDEA.  A deadlock needs a cycle in "holds A, wants B".  Locks are many,
 * their classes few: all locks initialised at one place of the source have one
 * class.  Each task keeps a list of what it holds; taking B with A on top adds
 * the edge A -> B to a graph that never forgets.  An edge that closes a cycle
 * is an inversion:
 *
 *	task 1: lock(A) lock(B)      edge A -> B
 *	task 2: lock(B) lock(A)      edge B -> A: A is reachable from A. Report.
 *
 * Interrupts are a hidden task that may begin to run at any instruction while
 * they are enabled: a class U that is taken with interrupts on, and a class S
 * that handlers take, must not be connected S -> ... -> U, nor be the same:
 *
 *	task: lock(U), irqs on                  CPU 1: lock(S) ... wants U
 *	  interrupt: wants S: spins for CPU 1, which spins for U, for ever
 *
 * The graph is a square of bits, so an edge that is known costs one test.
 *
 * INVARIANTS
 *	I1  class ids are dense: 0..nr_classes-1; class 0 is never used
 *	I2  bits of the graph are only ever set, under graph_lock
 *
 * LOCKING.  graph_lock, an unvalidated spinlock, interrupts off, innermost
 * of all.  A task's list of held locks is its own; interrupts use the list of
 * the task that they struck, and leave it as they found it.
 *
 * SPECIAL.  A run queue's lock is taken by one task and released by the next:
 * so a release looks for the lock first, then for any lock of its class.
 *
 * SEE docs/33-lock-order.md, where the order is written for people.
 */

#include <kernel/lockdep.h>

#include <arch/current.h>
#include <arch/irqflags.h>
#include <kernel/bitmap.h>
#include <kernel/bug.h>
#include <kernel/export.h>
#include <kernel/hash.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>

#if IS_ENABLED(LANTERN_DEBUG)

#define MAX_CLASSES 1024
#define HASH_BUCKETS 2048

/* How a class was used: by whom, and with what enabled. */
enum usage {
	IN_HARDIRQ = 1,         /* taken by an interrupt handler */
	IN_SOFTIRQ = 2,
	HARDIRQS_ON = 4,        /* taken with interrupts enabled */
	SOFTIRQS_ON = 8,
	READ_SHIFT = 4,         /* the same four, as a reader */
};

/*
 * Field keys: [c] constant once its id is published; [G] graph_lock to write
 */
struct lock_class {
	const void *key;        /* [c] NULL: unused */
	const char *name;       /* [c] */
	unsigned int subclass;  /* [c] */
	unsigned int usage;     /* [G] enum usage */
	DECLARE_BITMAP(after, MAX_CLASSES);  /* [G] taken while this is held */
};

static struct lock_class classes[MAX_CLASSES];
static u16 buckets[HASH_BUCKETS];         /* open addressing; 0: empty */
static unsigned int nr_classes = 1;       /* [G] I1 */
static arch_spinlock_t graph_lock = __ARCH_SPIN_LOCK_UNLOCKED;
static bool off;                          /* after the first report */
static bool testing;                      /* count reports, do not print */
static unsigned int test_reports;

static DEFINE_PER_CPU(int, inside);       /* the validator itself runs */

/* One search's marks and queue; [G]. */
static unsigned long visited[BITS_TO_LONGS(MAX_CLASSES)];
static u16 queue[MAX_CLASSES];
static u16 came_from[MAX_CLASSES];

void debug_locks_off(void)
{
	WRITE_ONCE(off, true);
}

static unsigned int id_of(const struct lock_class *c)
{
	return c - classes;
}

static void print_class(const char *what, const struct lock_class *c)
{
	pr_err("%s %s%s%.0u [%s%s%s%s]\n", what, c->name,
	       c->subclass ? "/" : "", c->subclass,
	       c->usage & IN_HARDIRQ ? "in-hardirq " : "",
	       c->usage & HARDIRQS_ON ? "hardirqs-on " : "",
	       c->usage & IN_SOFTIRQ ? "in-softirq " : "",
	       c->usage & SOFTIRQS_ON ? "softirqs-on" : "");
}

void debug_show_held_locks(struct task_struct *t)
{
	if (!t || t->lockdep.depth == 0)
		return;
	pr_err("%d locks held by %.16s/%d:\n", t->lockdep.depth, t->comm,
	       t->pid);
	for (int i = 0; i < t->lockdep.depth && i < MAX_HELD_LOCKS; i++) {
		struct held_lock *h = &t->lockdep.held[i];

		pr_err(" #%d: %p (%s), at %pS\n", i, h->map,
		       classes[h->class].name, (void *)h->ip);
	}
}

/* What goes wrong is said by the caller, between these two; lock dropped. */
static bool report_begin(const char *what)
{
	if (testing) {
		test_reports++;
		return false;
	}
	debug_locks_off();
	pr_err("======================================================\n");
	pr_err("lockdep: %s\n", what);
	return true;
}

static void report_end(const char *what)
{
	debug_show_held_locks(current);
	WARN(true, "lockdep: %s\n", what);
}

/* The class of key and subclass, made if need be; NULL: table full. */
static struct lock_class *find_class(const void *key, unsigned int subclass,
				     const char *name)
{
	u32 slot = hash_64((unsigned long)key + subclass, 11);
	struct lock_class *c = NULL;

	for (;; slot = (slot + 1) % HASH_BUCKETS) {
		u16 id = READ_ONCE(buckets[slot]);

		if (!id)
			break;
		c = &classes[id];
		if (c->key == key && c->subclass == subclass)
			return c;
	}
	arch_spin_lock(&graph_lock);
	while (buckets[slot] && !(classes[buckets[slot]].key == key &&
				  classes[buckets[slot]].subclass == subclass))
		slot = (slot + 1) % HASH_BUCKETS;
	c = &classes[buckets[slot]];
	if (!buckets[slot] && nr_classes == MAX_CLASSES) {
		c = NULL;
	} else if (!buckets[slot]) {
		c = &classes[nr_classes];
		c->key = key;
		c->name = name ? name : "?";
		c->subclass = subclass;
		__atomic_store_n(&buckets[slot], nr_classes++,
				 __ATOMIC_RELEASE);
	}
	arch_spin_unlock(&graph_lock);
	return c;
}

static struct lock_class *class_of(struct lockdep_map *map,
				   unsigned int subclass)
{
	struct lock_class *c = READ_ONCE(map->class_cache);

	if (likely(c && subclass == 0))
		return c;
	c = find_class(map->key ? (void *)map->key : (void *)map, subclass,
		       map->name);
	if (c && subclass == 0)
		WRITE_ONCE(map->class_cache, c);
	return c;
}

void lockdep_init_map(struct lockdep_map *map, const char *name,
		      struct lock_class_key *key)
{
	map->key = key;
	map->name = name;
	map->class_cache = NULL;
}
EXPORT_SYMBOL(lockdep_init_map);

/*
 * Breadth first from `from` along the edges (back: against them), until `fits`
 * likes a class; graph_lock held.  Returns it; the way is in came_from[].
 */
static struct lock_class *search(struct lock_class *from, bool back,
				 bool (*fits)(struct lock_class *c, void *arg),
				 void *arg)
{
	unsigned int first = 0, last = 0, next;

	bitmap_zero(visited, MAX_CLASSES);
	queue[last++] = id_of(from);
	__set_bit(id_of(from), visited);
	came_from[id_of(from)] = 0;
	while (first < last) {
		unsigned int id = queue[first++];

		if (fits(&classes[id], arg))
			return &classes[id];
		for (next = 1; next < nr_classes; next++) {
			bool edge = back ? test_bit(id, classes[next].after)
					 : test_bit(next, classes[id].after);

			if (edge && !__test_and_set_bit(next, visited)) {
				came_from[next] = id;
				queue[last++] = next;
			}
		}
	}
	return NULL;
}

static bool is_class(struct lock_class *c, void *arg)
{
	return c == arg;
}

static bool has_usage(struct lock_class *c, void *arg)
{
	return c->usage & *(unsigned int *)arg;
}

/* Print the way that the last search found, from its end to its start. */
static void print_way(struct lock_class *end)
{
	for (unsigned int id = id_of(end); id; id = came_from[id])
		print_class("  <-", &classes[id]);
}

static void report_cycle(struct lock_class *held, struct lock_class *wanted)
{
	if (!report_begin("locks are taken in both orders"))
		return;
	print_class("holding", held);
	print_class("wanting", wanted);
	pr_err("but it was seen before that (read upward):\n");
	print_way(held);
	report_end("locks are taken in both orders");
}

static void report_irq(struct lock_class *safe, struct lock_class *unsafe)
{
	if (!report_begin("a lock taken in interrupts, and one held with "
			  "interrupts on"))
		return;
	print_class("taken in interrupts:", safe);
	print_class("held with them on:", unsafe);
	report_end("irq-unsafe lock order");
}

/*
 * Is there S -> ... -> held -> wanted -> ... -> U with S taken in this kind of
 * interrupt and U with it enabled?  graph_lock held.
 */
static bool irq_conflict(struct lock_class *held, struct lock_class *wanted,
			 unsigned int in, unsigned int on,
			 struct lock_class **safe, struct lock_class **unsafe)
{
	unsigned int any_in = in | in << READ_SHIFT;

	*safe = search(held, true, has_usage, &any_in);
	if (!*safe)
		return false;
	*unsafe = search(wanted, false, has_usage, &on);
	return *unsafe != NULL;
}

/* `wanted` is taken while `held` is: check and remember; irqs off. */
static void add_edge(struct lock_class *held, struct lock_class *wanted)
{
	struct lock_class *safe = NULL, *unsafe = NULL;
	bool cycle, irq;

	if (likely(test_bit(id_of(wanted), held->after)))
		return;
	arch_spin_lock(&graph_lock);
	cycle = search(wanted, false, is_class, held) != NULL;
	irq = !cycle && (irq_conflict(held, wanted, IN_HARDIRQ, HARDIRQS_ON,
				      &safe, &unsafe) ||
			 irq_conflict(held, wanted, IN_SOFTIRQ, SOFTIRQS_ON,
				      &safe, &unsafe));
	if (!cycle && !irq)
		__set_bit(id_of(wanted), held->after);             /* I2 */
	arch_spin_unlock(&graph_lock);
	if (cycle)
		report_cycle(held, wanted);
	else if (irq)
		report_irq(safe, unsafe);
}

/* What taking the lock here says about its class. */
static unsigned int usage_here(unsigned int how)
{
	unsigned int usage = 0;

	if (how & LOCK_SLEEPS)
		return 0;
	if (in_hardirq())
		usage = how & LOCK_TRY ? 0 : IN_HARDIRQ;
	else if (in_serving_softirq())
		usage = how & LOCK_TRY ? 0 : IN_SOFTIRQ;
	if (!irqs_disabled()) {
		usage |= HARDIRQS_ON;
		if (!in_softirq())
			usage |= SOFTIRQS_ON;
	}
	return how & LOCK_READ ? usage << READ_SHIFT : usage;
}

/* In the handler and under it, not both as readers: a deadlock by itself. */
static bool usage_conflicts(unsigned int usage, unsigned int in,
			    unsigned int on)
{
	bool in_write = usage & in, in_read = usage & in << READ_SHIFT;
	bool on_write = usage & on, on_read = usage & on << READ_SHIFT;

	return (in_write && (on_write || on_read)) || (in_read && on_write);
}

static void add_usage(struct lock_class *c, unsigned int usage)
{
	struct lock_class *safe = NULL, *unsafe = NULL;
	bool bad;

	if (likely((c->usage & usage) == usage))
		return;
	arch_spin_lock(&graph_lock);
	c->usage |= usage;
	bad = usage_conflicts(c->usage, IN_HARDIRQ, HARDIRQS_ON) ||
	      usage_conflicts(c->usage, IN_SOFTIRQ, SOFTIRQS_ON);
	if (bad)
		safe = unsafe = c;
	else
		bad = irq_conflict(c, c, IN_HARDIRQ, HARDIRQS_ON, &safe,
				   &unsafe) ||
		      irq_conflict(c, c, IN_SOFTIRQ, SOFTIRQS_ON, &safe,
				   &unsafe);
	arch_spin_unlock(&graph_lock);
	if (bad)
		report_irq(safe, unsafe);
}

/* The same class again: allowed for readers that nest. */
static void check_recursion(struct lockdep_task *lt, struct lock_class *c,
			    unsigned int how)
{
	for (int i = 0; i < lt->depth; i++) {
		struct held_lock *h = &lt->held[i];

		if (h->class != id_of(c))
			continue;
		if ((how & LOCK_READ) && (h->how & LOCK_READ) &&
		    !(how & LOCK_SLEEPS))
			continue;
		if (report_begin("a class is taken twice by one task")) {
			print_class("wanting", c);
			report_end("a class is taken twice by one task");
		}
		return;
	}
}

/*
 * Edges come from each lock held since the last one that was taken by waiting:
 * those below have their edges to that one already.
 */
static void check_order(struct lockdep_task *lt, struct lock_class *c)
{
	for (int i = lt->depth - 1; i >= 0; i--) {
		struct held_lock *h = &lt->held[i];

		if (h->class != id_of(c))
			add_edge(&classes[h->class], c);
		if (!(h->how & LOCK_TRY))
			break;
	}
}

/* True if the validator may run; then leave() follows. */
static bool enter(unsigned long *flags)
{
	if (unlikely(READ_ONCE(off)) || in_nmi())
		return false;
	*flags = arch_local_irq_save();
	if (this_cpu_read(inside)) {
		local_irq_restore(*flags);
		return false;
	}
	this_cpu_write(inside, 1);
	return true;
}

static void leave(unsigned long flags)
{
	this_cpu_write(inside, 0);
	local_irq_restore(flags);
}

void lock_acquire(struct lockdep_map *map, unsigned int subclass,
		  unsigned int how, unsigned long ip)
{
	struct lockdep_task *lt = &current->lockdep;
	unsigned int usage = usage_here(how);
	struct lock_class *c;
	unsigned long flags;

	if (!enter(&flags))
		return;
	c = class_of(map, subclass);
	if (!c || lt->depth >= MAX_HELD_LOCKS) {
		debug_locks_off();
		pr_err("lockdep: %s, validation ends\n",
		       c ? "too many locks held" : "too many classes");
		goto out;
	}
	if (!(how & LOCK_TRY)) {
		check_recursion(lt, c, how);
		check_order(lt, c);
	}
	if (usage)
		add_usage(c, usage);
	lt->held[lt->depth] = (struct held_lock){ map, ip, id_of(c), how };
	lt->depth++;
out:
	leave(flags);
}
EXPORT_SYMBOL(lock_acquire);

/* The place of the lock, or of one of its class, in the list; -1: none. */
static int find_held(const struct lockdep_task *lt,
		     const struct lockdep_map *map)
{
	const struct lock_class *c = map->class_cache;

	for (int i = lt->depth - 1; i >= 0; i--)
		if (lt->held[i].map == map)
			return i;
	for (int i = lt->depth - 1; c && i >= 0; i--)
		if (lt->held[i].class == id_of(c))
			return i;
	return -1;
}

void lock_release(struct lockdep_map *map, unsigned long ip)
{
	struct lockdep_task *lt = &current->lockdep;
	unsigned long flags;
	int at;

	if (!enter(&flags))
		return;
	at = find_held(lt, map);
	if (at >= 0) {
		lt->depth--;
		for (; at < lt->depth; at++)
			lt->held[at] = lt->held[at + 1];
	} else if (lt->depth > 0 && report_begin("a lock is released that is "
						 "not held")) {
		pr_err("%s at %pS\n", map->name, (void *)ip);
		report_end("a lock is released that is not held");
	}
	leave(flags);
}
EXPORT_SYMBOL(lock_release);

bool lock_is_held(const struct lockdep_map *map)
{
	const struct lockdep_task *lt = &current->lockdep;

	if (READ_ONCE(off))
		return true;
	for (int i = 0; i < lt->depth; i++)
		if (lt->held[i].map == map)
			return true;
	return false;
}
EXPORT_SYMBOL(lock_is_held);

void lockdep_init_task(struct task_struct *t)
{
	t->lockdep.depth = 0;
}

/* At the return to user mode, and when a task ends. */
void debug_check_no_locks_held(void)
{
	if (likely(current->lockdep.depth == 0 || READ_ONCE(off)))
		return;
	if (report_begin("a task leaves the kernel with locks held"))
		report_end("a task leaves the kernel with locks held");
}

void lockdep_test_begin(void)
{
	test_reports = 0;
	WRITE_ONCE(testing, true);
}

unsigned int lockdep_test_end(void)
{
	WRITE_ONCE(testing, false);
	return test_reports;
}

bool lockdep_is_on(void)
{
	return !READ_ONCE(off);
}

#endif
