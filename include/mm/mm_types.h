/* SPDX-License-Identifier: MIT */
#ifndef MM_MM_TYPES_H
#define MM_MM_TYPES_H
/*
 * mm_types.h -- page frames, address spaces and their areas
 *
 * Theory: frames mm/phys/page_alloc.c, areas mm/virt/vma.c, page cache
 * mm/virt/filemap.c.
 */

#include <arch/page.h>
#include <kernel/atomic.h>
#include <kernel/cpumask.h>
#include <kernel/interval_tree.h>
#include <kernel/rbtree.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>

struct address_space;
struct anon_vma;
struct file;
struct kmem_cache;
struct mm_struct;
struct vm_area_struct;

/*
 * One page frame; 64 bytes, in an array indexed by frame number (vmemmap).
 *
 * Field keys:
 *   [o] the page's present owner (who allocated it) decides
 *   [a] atomic                    [z] zone->lock while the page is free
 *   [L] the page lock (PG_locked)  [X] mapping->i_pages lock
 *
 * Compound pages (order > 0 with __GFP_COMP): the head has PG_head, each tail
 * has compound_head = head | 1.
 */
struct page {
	unsigned long flags;          /* [a] PG_*; zone and node in the top bits */
	union {
		struct list_head lru; /* [z] free list, or [o] */
		struct list_head slab_list;
		struct {              /* compound tail */
			unsigned long compound_head;
			unsigned char compound_order; /* in the first tail */
		};
		struct rcu_head rcu;
	};
	union {
		struct address_space *mapping; /* [L] page cache owner, or NULL */
		struct anon_vma *anon_vma; /* PG_anon: whose areas map it */
		unsigned long ptl;    /* PG_table: the spinlock of its entries */
		struct kmem_cache *slab_cache;
	};
	union {
		unsigned long index;  /* [L] page offset in mapping */
		void *freelist;       /* slab: first free object */
	};
	union {
		unsigned long private; /* [o]; buddy: order */
		struct {              /* slab */
			u32 inuse;
			u32 objects;
		};
	};
	atomic_t _mapcount;           /* [a] page-table entries - 1 */
	atomic_t _refcount;           /* [a] holders; 0 = free */
	union {
		void *s_mem;          /* slab: its first object */
		void *pad;
	};
};

static_assert(sizeof(struct page) == 64, "vmemmap arithmetic relies on it");

enum pageflags {
	PG_locked,      /* somebody does I/O or truncates; wait on it */
	PG_referenced,
	PG_uptodate,    /* contents equal the backing store's */
	PG_dirty,       /* contents must be written back */
	PG_writeback,
	PG_lru,
	PG_active,
	PG_slab,
	PG_buddy,       /* free, head of a block in the buddy lists */
	PG_head,        /* head of a compound page */
	PG_reserved,    /* never given to the allocator */
	PG_private,
	PG_swapbacked,  /* anonymous or tmpfs */
	PG_anon,
	PG_table,       /* a page table */
	PG_readahead,   /* touched: time to read on */
	PG_swapcache,   /* has a place in swap: private is its entry */
	PG_reclaim,     /* reclaim wants it as soon as it is written */
	PG_unevictable, /* locked in memory: on a list of its own */
	NR_PAGEFLAGS,
};

/* struct vm_area_struct flags; the low ones equal those of /proc/PID/maps. */
#define VM_READ 0x00000001
#define VM_WRITE 0x00000002
#define VM_EXEC 0x00000004
#define VM_SHARED 0x00000008
#define VM_MAYREAD 0x00000010
#define VM_MAYWRITE 0x00000020
#define VM_MAYEXEC 0x00000040
#define VM_MAYSHARE 0x00000080
#define VM_GROWSDOWN 0x00000100
#define VM_PFNMAP 0x00000400    /* raw frames without struct page duties */
#define VM_LOCKED 0x00002000
#define VM_IO 0x00004000
#define VM_SEQ_READ 0x00008000  /* MADV_SEQUENTIAL */
#define VM_RAND_READ 0x00010000 /* MADV_RANDOM */
#define VM_DONTCOPY 0x00020000  /* not inherited by fork */
#define VM_DONTEXPAND 0x00040000
#define VM_LOCKONFAULT 0x00080000 /* locked page by page, as touched */
#define VM_ACCOUNT 0x00100000
#define VM_NORESERVE 0x00200000
#define VM_WIPEONFORK 0x02000000
#define VM_DONTDUMP 0x04000000
#define VM_STACK VM_GROWSDOWN
#define VM_ACCESS_FLAGS (VM_READ | VM_WRITE | VM_EXEC)

typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM 0x01
#define VM_FAULT_SIGBUS 0x02
#define VM_FAULT_MAJOR 0x04
#define VM_FAULT_SIGSEGV 0x40
#define VM_FAULT_NOPAGE 0x100   /* the handler installed the entry itself */
#define VM_FAULT_LOCKED 0x200   /* vmf->page is locked */
#define VM_FAULT_RETRY 0x400
#define VM_FAULT_BADMAP 0x1000  /* no area: SEGV_MAPERR */
#define VM_FAULT_BADACCESS 0x2000 /* area forbids: SEGV_ACCERR */
#define VM_FAULT_KILLED 0x4000
#define VM_FAULT_ERROR (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV | \
			VM_FAULT_BADMAP | VM_FAULT_BADACCESS)

#define FAULT_FLAG_WRITE 0x01
#define FAULT_FLAG_USER 0x40
#define FAULT_FLAG_REMOTE 0x80  /* not current's mm: ptrace, /proc/PID/mem */
#define FAULT_FLAG_INSTRUCTION 0x100

struct vm_fault {
	struct vm_area_struct *vma;
	unsigned int flags;           /* FAULT_FLAG_* */
	unsigned long address;        /* page-aligned */
	unsigned long pgoff;          /* in vma->vm_file */
	struct page *page;            /* out: with a reference */
	pmd_t *pmd;                   /* of the address; NULL before it is made */
	pte_t orig_pte;               /* as first seen, without the lock */
};

/* What the backer of an area does; all may sleep, mmap_lock is held. */
struct vm_operations_struct {
	void (*open)(struct vm_area_struct *vma);   /* copied by fork or split */
	void (*close)(struct vm_area_struct *vma);
	vm_fault_t (*fault)(struct vm_fault *vmf);
	/* A read-only shared page is about to become writable. */
	vm_fault_t (*page_mkwrite)(struct vm_fault *vmf);
	/* Map what is in memory of pages first..last (file offsets) too. */
	void (*map_pages)(struct vm_fault *vmf, unsigned long first,
			  unsigned long last);
	const char *(*name)(struct vm_area_struct *vma);
};

/*
 * [vm_start, vm_end) of one address space with one set of rights and one
 * backer.
 *
 * Field keys:
 *   [M] vm_mm->mmap_lock (read to look, write to change)
 *   [I] vm_file->f_mapping->i_mmap_rwsem
 */
struct vm_area_struct {
	unsigned long vm_start;       /* [M] page-aligned */
	unsigned long vm_end;         /* [M] first byte behind */
	struct rb_node vm_rb;         /* [M] in mm->mm_rb, by address */
	struct list_head vm_list;     /* [M] in mm->mmap, by address */
	unsigned long rb_subtree_gap; /* [M] largest hole before any in subtree */
	struct mm_struct *vm_mm;
	unsigned long vm_flags;       /* [M] VM_* */
	unsigned long vm_pgoff;       /* [M] of vm_start in the file, in pages */
	struct file *vm_file;         /* [M] holds a reference; NULL: anonymous */
	const struct vm_operations_struct *vm_ops;
	void *vm_private_data;
	struct interval_tree_node i_mmap_node; /* [I] in mapping->i_mmap */
	/* Set once a private page may be in it; [M] or page_table_lock. */
	struct anon_vma *anon_vma;    /* that of its new pages; NULL: none yet */
	struct list_head anon_vma_chain; /* whose pages it may show */
	u64 vm_policy;                /* [M] mempolicy.c; 0: the default */
};

enum { MM_FILEPAGES, MM_ANONPAGES, MM_SHMEMPAGES, MM_SWAPENTS, NR_MM_COUNTERS };

#define AT_VECTOR_SIZE 48

/*
 * A user address space.  mm_users counts tasks that run in it (the areas go
 * when it drops to 0: mmput); mm_count counts holders of the structure and its
 * page tables, the users counting as one (mmdrop).
 *
 * Field keys:
 *   [a] atomic    [M] mmap_lock    [c] constant
 */
struct mm_struct {
	atomic_t mm_users;            /* [a] */
	atomic_t mm_count;            /* [a] */
	struct rw_semaphore mmap_lock;
	struct rb_root mm_rb;         /* [M] areas by address, gap-augmented */
	struct list_head mmap;        /* [M] areas in order */
	int map_count;                /* [M] */
	pgd_t *pgd;                   /* [c] */
	spinlock_t page_table_lock;   /* the areas' first anon_vma; in a debug
				       * build the entries too: pte_lockptr() */
	struct cpumask cpu_bitmap;    /* [a] CPUs that may cache entries */
	atomic_t tlb_batch_pending;   /* [a] entries that reclaim cleared and
				       * will flush; mm/virt/rmap.c */
	atomic_t tlb_batch_flushed;   /* [a] of them, flushed for others */

	unsigned long mmap_base;      /* [c] top of the mmap region */
	unsigned long task_size;      /* [c] */
	unsigned long total_vm;       /* [M] pages mapped */
	unsigned long locked_vm;      /* [M] */
	unsigned long data_vm, exec_vm, stack_vm; /* [M] pages */
	unsigned long hiwater_rss, hiwater_vm;
	unsigned long start_code, end_code, start_data, end_data; /* [M] */
	unsigned long start_brk, brk, start_stack;                /* [M] */
	unsigned long arg_start, arg_end, env_start, env_end;     /* [M] */
	unsigned long saved_auxv[AT_VECTOR_SIZE];
	atomic_long_t rss[NR_MM_COUNTERS]; /* [a] pages present */
	atomic_long_t pgtables_bytes; /* [a] */
	struct file *exe_file;        /* [M] holds a reference */
	unsigned long def_flags;      /* [M] mlockall(MCL_FUTURE) */
	int dumpable;                 /* 0 no, 1 yes, 2 for root only */
	unsigned int dump_filter;     /* /proc/PID/coredump_filter */
	bool thp_disabled;            /* prctl PR_SET_THP_DISABLE: remembered */
	struct ldt_struct *ldt;       /* arch's: modify_ldt(); NULL: none */
	struct kioctx *ioctx_list;    /* AIO contexts; fs/aio.c guards it */
	atomic_t membarrier_state;    /* [a] MEMBARRIER_STATE_*: registered for */
	bool has_uprobes;             /* [M] perhaps: an int3 may be ours */
	unsigned long uprobe_slots;   /* [M] where [uprobes] is; 0: nowhere */
	bool oom_skip;                /* the OOM killer has nothing to gain here */
	struct rcu_head rcu;
};

#endif
