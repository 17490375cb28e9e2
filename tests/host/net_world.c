/* SPDX-License-Identifier: MIT */
/*
 * net_world.c -- what the network needs of the kernel, as one Unix thread
 *
 * Memory is the C library's, so that ASan watches each object. What waits for
 * a grace period, a softirq or a time is put on a list; world_settle() and
 * world_wait() work it off, between two steps of a fuzzer, as if each packet
 * had come in an interrupt of its own.
 */

#include "net_world.h"

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/notifier.h>
#include <kernel/pid.h>
#include <kernel/softirq.h>
#include <kernel/task.h>
#include <kernel/timekeeping.h>
#include <kernel/timer.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <net/net_namespace.h>
#include <net/sock.h>

void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void free(void *p);
size_t malloc_usable_size(void *p);
int posix_memalign(void **p, size_t align, size_t n);
void *mmap(void *at, size_t n, int prot, int flags, int fd, long off);
void __asan_poison_memory_region(const volatile void *p, size_t n);
void __asan_unpoison_memory_region(const volatile void *p, size_t n);
void abort(void);

unsigned int __preempt_count;
unsigned long this_cpu_off, __per_cpu_offset[NR_CPUS];
unsigned int cpu_number;
unsigned int nr_cpu_ids = 1;
struct cpumask __cpu_possible_mask = { { 1 } };
struct cpumask __cpu_online_mask = { { 1 } };
unsigned long volatile jiffies = 1000;
static u64 nanoseconds = 1000000000;

static struct task_struct the_task;
static struct nsproxy the_nsproxy = { .net_ns = &init_net };
struct task_struct *current_task = &the_task;

struct net init_net = {
	.count = REFCOUNT_INIT(1),
	.list = LIST_HEAD_INIT(init_net.list),
	.dev_base_head = LIST_HEAD_INIT(init_net.dev_base_head),
	.core = { .sysctl_somaxconn = 16 },
};
LIST_HEAD(net_namespace_list);

/* ---- memory ---- */

void *kmalloc(size_t n, gfp_t gfp)
{
	return gfp & __GFP_ZERO ? calloc(1, n) : malloc(n);
}

void kfree(const void *p)
{
	free((void *)p);
}

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *p = kmalloc(len, gfp);

	return p ? memcpy(p, src, len) : NULL;
}

size_t ksize(const void *p)
{
	return malloc_usable_size((void *)p);
}

void *vzalloc(unsigned long n)
{
	return calloc(1, n);
}

void vfree(const void *p)
{
	free((void *)p);
}

void kvfree(const void *p)
{
	free((void *)p);
}

void *__alloc_percpu(size_t size, size_t align)
{
	return calloc(1, size);
}

void free_percpu(void *p)
{
	free(p);
}

struct kmem_cache {
	unsigned int size, align, flags;
};

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *c = malloc(sizeof(*c));

	*c = (struct kmem_cache){ size, max(align, 64u), flags };
	return c;
}

void kmem_cache_destroy(struct kmem_cache *c)
{
	free(c);
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	void *p = NULL;

	if (posix_memalign(&p, c->align, c->size))
		return NULL;
	return gfp & __GFP_ZERO ? memset(p, 0, c->size) : p;
}

/* ---- a grace period ends when the fuzzer's step does ---- */

struct late_free {
	struct late_free *next;
	void *p;
};
static struct late_free *late_frees;
static struct rcu_head *callbacks, **callbacks_end = &callbacks;

void kmem_cache_free(struct kmem_cache *c, void *p)
{
	struct late_free *l;

	if (!(c->flags & SLAB_TYPESAFE_BY_RCU)) {
		free(p);
		return;
	}
	l = malloc(sizeof(*l));
	*l = (struct late_free){ late_frees, p };
	late_frees = l;
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	head->next = NULL;
	head->func = func;
	*callbacks_end = head;
	callbacks_end = &head->next;
}

static bool run_callbacks(void)
{
	struct rcu_head *head = callbacks;
	bool any = head || late_frees;

	callbacks = NULL;
	callbacks_end = &callbacks;
	while (head) {
		struct rcu_head *next = head->next;
		unsigned long f = (unsigned long)head->func;

		if (f < 4096)
			free((char *)head - f);
		else
			head->func(head);
		head = next;
	}
	while (late_frees) {
		struct late_free *l = late_frees;

		late_frees = l->next;
		free(l->p);
		free(l);
	}
	return any;
}

void synchronize_rcu(void)
{
}

void rcu_barrier(void)
{
	while (run_callbacks())
		;
}

/* ---- pages: an arena where arch/page.h says; what is free is poisoned ---- */

#define ARENA_PAGES 16384u
static unsigned int next_page;
static u8 orders[ARENA_PAGES];
static unsigned int spare[4][ARENA_PAGES], nr_spare[4];

static void arena_init(void)
{
	/* PROT_READ | PROT_WRITE; MAP_PRIVATE | FIXED | ANON | NORESERVE */
	mmap((void *)PAGE_OFFSET, ARENA_PAGES * PAGE_SIZE, 3, 0x4032, -1, 0);
	mmap((void *)VMEMMAP_START, ARENA_PAGES * 64, 3, 0x4032, -1, 0);
	__asan_poison_memory_region((void *)PAGE_OFFSET,
				    ARENA_PAGES * PAGE_SIZE);
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	unsigned int n;
	struct page *page;

	if (order > 3)
		return NULL;
	if (nr_spare[order])
		n = spare[order][--nr_spare[order]];
	else if (next_page + (1u << order) < ARENA_PAGES)
		n = (next_page += 1u << order) - (1u << order);
	else
		return NULL;
	page = pfn_to_page(n);
	memset(page, 0, 64u << order);
	orders[n] = order;
	set_page_count(page, 1);
	for (unsigned int i = 1; i < 1u << order; i++)
		page[i].compound_head = (unsigned long)page + 1;
	__asan_unpoison_memory_region(page_address(page), PAGE_SIZE << order);
	return page;
}

void __put_page(struct page *page)
{
	unsigned int n = page_to_pfn(page), order = orders[n];

	spare[order][nr_spare[order]++] = n;
	__asan_poison_memory_region(page_address(page), PAGE_SIZE << order);
}

void bad_page(struct page *page, const char *why)
{
	abort();
}

/* ---- time ---- */

static HLIST_HEAD(timers);

void timer_setup(struct timer_list *t, void (*fn)(struct timer_list *),
		 unsigned int flags)
{
	*t = (struct timer_list){ .function = fn, .flags = flags };
}

int mod_timer(struct timer_list *t, unsigned long expires)
{
	int was = timer_pending(t);

	if (!was)
		hlist_add_head(&t->entry, &timers);
	t->expires = expires;
	return was;
}

int mod_timer_pending(struct timer_list *t, unsigned long expires)
{
	return timer_pending(t) ? mod_timer(t, expires) : 0;
}

int del_timer(struct timer_list *t)
{
	int was = timer_pending(t);

	if (was)
		hlist_del_init(&t->entry);
	return was;
}

int del_timer_sync(struct timer_list *t)
{
	return del_timer(t);
}

static struct timer_list *due_timer(void)
{
	struct timer_list *t;

	hlist_for_each_entry(t, &timers, entry)
		if (time_after_eq(jiffies, t->expires))
			return t;
	return NULL;
}

/* Time passes; each timer runs at most so often, for some start themselves. */
void world_wait(unsigned long ticks)
{
	struct timer_list *t;
	int runs = 200;

	jiffies += ticks;
	nanoseconds += ticks * (1000000000ull / HZ);
	while (runs-- && (t = due_timer())) {
		hlist_del_init(&t->entry);
		t->function(t);
		world_settle();
	}
}

ktime_t ktime_get(void)
{
	return nanoseconds += 1000;
}

ktime_t ktime_get_real(void)
{
	return 1700000000000000000 + ktime_get();
}

time64_t ktime_get_seconds(void)
{
	return nanoseconds / 1000000000;
}

time64_t ktime_get_real_seconds(void)
{
	return 1700000000 + ktime_get_seconds();
}

void ktime_get_real_ts64(struct timespec64 *ts)
{
	ts->tv_sec = 1700000000 + ktime_get_seconds();
	ts->tv_nsec = nanoseconds % 1000000000;
}

/* ---- softirqs ---- */

static void (*actions[32])(struct softirq_action *);
static unsigned int raised;

void open_softirq(int nr, void (*action)(struct softirq_action *))
{
	actions[nr] = action;
}

void raise_softirq_irqoff(unsigned int nr)
{
	raised |= 1u << nr;
}

void __raise_softirq_irqoff(unsigned int nr)
{
	raised |= 1u << nr;
}

void local_bh_enable(void)
{
	preempt_count_sub(SOFTIRQ_DISABLE_OFFSET);
}

/* All that is due without time passing, then a grace period. */
void world_settle(void)
{
	for (int rounds = 0; raised && rounds < 100; rounds++) {
		unsigned int now = raised;

		raised = 0;
		for (int nr = 0; nr < 32; nr++)
			if (now & (1u << nr) && actions[nr])
				actions[nr](NULL);
	}
	if (preempt_count())
		abort();              /* a lock or section was left held */
	rcu_barrier();
}

/* ---- chance: the same each time ---- */

static u32 seed = 1;

u32 get_random_u32(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed;
}

u32 get_random_u32_below(u32 ceil)
{
	return ceil ? get_random_u32() % ceil : 0;
}

void get_random_bytes(void *buf, size_t len)
{
	memset(buf, 0x5a, len);
}

/* ---- as with one task that is never refused ---- */

struct socket *sock_alloc(void)
{
	struct socket *sock = calloc(1, sizeof(*sock));

	sock->state = SS_UNCONNECTED;
	init_waitqueue_head(&sock->wq.wait);
	return sock;
}

struct inode *SOCK_INODE(struct socket *sock)
{
	static struct inode inode;

	return &inode;
}

void sock_release(struct socket *sock)
{
	if (sock->ops)
		sock->ops->release(sock);
	free(sock);
}


int register_pernet_subsys(struct pernet_operations *ops)
{
	return ops->init ? ops->init(&init_net) : 0;
}

int register_pernet_device(struct pernet_operations *ops)
{
	return register_pernet_subsys(ops);
}

bool ns_capable(struct user_namespace *ns, int cap)
{
	return true;
}

bool capable(int cap)
{
	return true;
}

static bool rtnl;

void rtnl_lock(void)
{
	rtnl = true;
}

void rtnl_unlock(void)
{
	rtnl = false;
}

bool rtnl_is_locked(void)
{
	return true;
}

unsigned long raw_copy_user(void *to, const void *from, unsigned long n)
{
	memcpy(to, from, n);
	return 0;
}

unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	memcpy(to, (const void *)from, n);
	return 0;
}

ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t n = 0;

	while (n + 1 < size && from[n]) {
		to[n] = from[n];
		n++;
	}
	to[n] = 0;
	return n;
}

unsigned long totalram_pages(void)
{
	return 65536;
}

void warn_at(const char *file, int line, const char *func, const char *cond)
{
	abort();
}

void panic(const char *format, ...)
{
	abort();
}

struct initcall {
	int (*fn)(void);
	const char *name;
};

#define LEVEL(n) extern const struct initcall __start_initcall##n[], \
			 __stop_initcall##n[]
LEVEL(2);
LEVEL(3);
LEVEL(4);
LEVEL(5);

static void run_level(const struct initcall *c, const struct initcall *end)
{
	for (; c < end; c++)
		c->fn();
}

void world_begin(void)
{
	arena_init();
	the_task.nsproxy = &the_nsproxy;
	list_add(&init_net.list, &net_namespace_list);
	run_level(__start_initcall2, __stop_initcall2);
	run_level(__start_initcall3, __stop_initcall3);
	run_level(__start_initcall4, __stop_initcall4);
	run_level(__start_initcall5, __stop_initcall5);
	world_settle();
}
