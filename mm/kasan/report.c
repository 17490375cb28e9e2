/* SPDX-License-Identifier: MIT */
/*
 * report.c -- saying what was touched, by whom, and whose it was
 *
 * PROMISE.  A report names the bug's kind, the access, the task, the call
 * chain, the object with the chains that allocated and freed it, and the shadow
 * about the address.  Each place in the code is reported once, 64 in all.
 *
 * IDEA.  The shadow byte of the first bad granule says what kind of memory it
 * is; when that byte only says "the first so many", the next one tells.
 *
 * A report is a failed self-test when one is running (warn_hook), unless the
 * test asked for it: then it is noted and not printed.
 *
 * CONTEXT.  Any.  Reports within a report of the same CPU are dropped.
 *
 * SEE docs/92-kasan.md
 */

#include "internal.h"

#include "../phys/internal.h"
#include "../phys/slab_impl.h"

#include <arch/irqflags.h>
#include <kernel/bug.h>
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/sections.h>
#include <kernel/spinlock.h>
#include <mm/mm.h>

#define REPORTS_MAX 64
#define SHADOW_ROWS 2            /* before and behind the bad one */
#define SHADOW_ROW 16            /* bytes of shadow in a line */

bool kasan_ready;
struct kasan_expectation kasan_expected;

static DEFINE_PER_CPU(bool, reporting);
static unsigned long reported[REPORTS_MAX];   /* places; 0: free */
static bool report_lock;

static const struct {
	u8 shadow;
	const char *kind;
} kinds[] = {
	{ KASAN_FREE_PAGE, "use-after-free" },
	{ KASAN_PAGE_REDZONE, "page-out-of-bounds" },
	{ KASAN_SLAB_REDZONE, "slab-out-of-bounds" },
	{ KASAN_SLAB_FREE, "slab-use-after-free" },
	{ KASAN_GLOBAL_REDZONE, "global-out-of-bounds" },
	{ KASAN_VMALLOC_INVALID, "vmalloc-out-of-bounds" },
	{ 0xf1, "stack-out-of-bounds" }, { 0xf2, "stack-out-of-bounds" },
	{ 0xf3, "stack-out-of-bounds" }, { 0xf4, "stack-out-of-bounds" },
	{ 0xf5, "stack-after-return" },
};

static const char *kind_of(const void *bad)
{
	const s8 *shadow;
	u8 value;

	if ((unsigned long)bad < PAGE_SIZE)
		return "null-ptr-deref";
	if ((unsigned long)bad < KASAN_FIRST)
		return "user-memory-access";
	shadow = kasan_shadow(bad);
	value = *shadow;
	if (value > 0 && value < KASAN_GRANULE)
		value = shadow[1];
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].shadow == value)
			return kinds[i].kind;
	return "wild-memory-access";
}

/* ---- whose memory it is -------------------------------------------------- */

static bool in_direct_map(const void *p)
{
	unsigned long a = (unsigned long)p;

	return a >= PAGE_OFFSET && a < PAGE_OFFSET_END &&
	       pfn_valid(PHYS_PFN(__pa(p)));
}

static void print_object(struct kmem_cache *c, const void *bad)
{
	struct page *slab = virt_to_head_page(bad);
	unsigned int i = obj_index(c, slab, bad);
	char *obj = index_obj(c, slab, min(i, c->num - 1));
	long off = (const char *)bad - obj;
	struct kasan_meta *m = kasan_meta_of(c, obj);

	pr_err("The address is %ld bytes %s the %u-byte object %p of cache %s\n",
	       off < (long)c->object_size ? off : off - (long)c->object_size,
	       off < (long)c->object_size ? "inside" : "behind",
	       c->object_size, obj, c->name);
	if (!m)
		return;
	pr_err("Allocated by task %d:\n", m->alloc_pid);
	depot_print(m->alloc_stack);
	if (m->free_stack) {
		pr_err("Freed by task %d:\n", m->free_pid);
		depot_print(m->free_stack);
	}
}

static void print_owner(const void *bad)
{
	unsigned long a = (unsigned long)bad;
	struct kmem_cache *c;

	if (in_direct_map(bad)) {
		struct page *page = virt_to_page(bad);

		c = slab_cache_of(bad);
		if (c)
			print_object(c, bad);
		else
			pr_err("The address lies in page %#lx, references %d\n",
			       page_to_pfn(page), page_ref_count(page));
	} else if (a >= (unsigned long)_text && a < (unsigned long)_end) {
		pr_err("The address belongs to the variable %pS\n", bad);
	} else if (current && a - (unsigned long)current->stack < THREAD_SIZE) {
		pr_err("The address lies on the stack of %s/%d\n",
		       current->comm, current->pid);
	}
}

static void print_shadow(const void *bad)
{
	unsigned long row = SHADOW_ROW * KASAN_GRANULE;
	unsigned long at = (unsigned long)bad & ~(row - 1);

	if ((unsigned long)bad < KASAN_FIRST)
		return;
	pr_err("Memory state around the address (> its row):\n");
	for (long i = -SHADOW_ROWS; i <= SHADOW_ROWS; i++) {
		const u8 *s = (u8 *)kasan_shadow((void *)(at + i * row));

		/* The neighbours' shadow may be another, absent page. */
		if (((unsigned long)s ^ (unsigned long)kasan_shadow(bad)) &
		    PAGE_MASK)
			continue;
		pr_err("%c%016lx: %16ph\n", i ? ' ' : '>', at + i * row, s);
	}
}

/* ---- the report ---------------------------------------------------------- */

/* Is this place new, and is there room to say so? */
static bool is_news(unsigned long ip)
{
	for (int i = 0; i < REPORTS_MAX; i++) {
		unsigned long none = 0;

		if (__atomic_compare_exchange_n(&reported[i], &none, ip, false,
						__ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return true;
		if (none == ip)
			return false;
	}
	return false;
}

static bool is_expected(const void *addr, size_t size, bool write,
			const char *kind)
{
	struct kasan_expectation *e = &kasan_expected;

	if (!e->task || e->task != current || in_interrupt())
		return false;
	e->reports++;
	e->addr = addr;
	e->size = size;
	e->write = write;
	e->kind = kind;
	return true;
}

static void print_report(const char *kind, const void *addr, size_t size,
			 const char *what, const void *bad, unsigned long ip)
{
	pr_err("==================================================\n");
	pr_err("BUG: KASAN: %s in %pS\n", kind, (void *)ip);
	pr_err("%s of size %zu at %p (first bad byte %p) by task %s/%d\n",
	       what, size, addr, bad, current->comm,
	       in_interrupt() ? -1 : current->pid);
	dump_stack();
	print_owner(bad);
	print_shadow(bad);
	pr_err("==================================================\n");
}

static void report(const char *kind, const void *addr, size_t size,
		   const char *what, const void *bad, unsigned long ip)
{
	void (*hook)(const char *, int, const char *);
	unsigned long flags;

	local_irq_save(flags);
	if (this_cpu_read(reporting))
		goto out;
	this_cpu_write(reporting, true);
	if (!is_expected(addr, size, what[0] == 'W', kind) && is_news(ip)) {
		while (__atomic_test_and_set(&report_lock, __ATOMIC_ACQUIRE))
			cpu_relax();
		print_report(kind, addr, size, what, bad, ip);
		add_taint(TAINT_WARN);
		__atomic_clear(&report_lock, __ATOMIC_RELEASE);
		hook = READ_ONCE(warn_hook);
		if (hook)
			hook("kasan", 0, kind);
	}
	this_cpu_write(reporting, false);
out:
	local_irq_restore(flags);
}

void kasan_report(const volatile void *addr, size_t size, bool write,
		  unsigned long ip)
{
	const void *bad;

	if (!kasan_ready)
		return;
	bad = kasan_first_bad(addr, size);
	if (!bad)
		bad = (const void *)addr;
	report(kind_of(bad), (const void *)addr, size,
	       write ? "Write" : "Read", bad, ip);
}

void kasan_report_free(const void *obj, unsigned long ip)
{
	s8 shadow = *kasan_shadow(obj);

	report(shadow == (s8)KASAN_SLAB_FREE ? "double-free" : "invalid-free",
	       obj, 0, "Free", obj, ip);
}
