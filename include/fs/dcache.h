/* SPDX-License-Identifier: MIT */
#ifndef FS_DCACHE_H
#define FS_DCACHE_H
/*
 * dcache.h -- names in directories, remembered
 *
 * Theory: fs/vfs/dcache.c.  A dentry joins (parent, name) to an inode, or, with
 * d_inode NULL, remembers that there is no such file (a negative entry).
 */

#include <arch/atomic.h>
#include <kernel/list.h>
#include <kernel/seqlock.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>

struct dentry;
struct file;
struct inode;
struct path;
struct super_block;

/* A name with its length and hash; not always NUL-terminated. */
struct qstr {
	u32 hash;
	u32 len;
	const unsigned char *name;
};

#define QSTR_INIT(n, l) { .hash = 0, .len = (l), \
			  .name = (const unsigned char *)(n) }

#define DNAME_INLINE_LEN 40

#define DCACHE_REFERENCED 0x0001  /* used since the LRU scan came by */
#define DCACHE_LRU_LIST 0x0002    /* on its super block's LRU */
#define DCACHE_MOUNTED 0x0004     /* something may be mounted here */
#define DCACHE_DENTRY_KILLED 0x0008
#define DCACHE_DONTCACHE 0x0010   /* free with the last reference */
#define DCACHE_CANT_MOUNT 0x0020  /* removed: never a mount point again */

/*
 * Field keys:
 *   [L] .d_lock            [R] .d_lock to write, RCU + d_seq to read
 *   [P] parent's d_lock    [H] hash bucket's lock     [c] constant
 *   [U] super block's s_dentry_lru_lock               [I] inode's i_lock
 *
 * The first cache line is what a path walk reads.
 */
struct dentry {
	unsigned int d_flags;         /* [L] DCACHE_* */
	seqcount_t d_seq;             /* [L] odd while name or inode change */
	struct hlist_node d_hash;     /* [H] by (parent, name) */
	struct dentry *d_parent;      /* [R] itself for a root; counted */
	struct qstr d_name;           /* [R] */
	struct inode *d_inode;        /* [R] NULL: negative */

	unsigned char d_iname[DNAME_INLINE_LEN]; /* [R] short names live here */

	union {                       /* side by side: d_count_try() */
		struct {
			spinlock_t d_lock;
			int d_count;  /* [L] holders; children count one each;
				       * negative: it is dead */
		};
		u64 d_lock_count;
	};
	const struct dentry_operations *d_op; /* [c] may be NULL */
	struct super_block *d_sb;     /* [c] */
	unsigned int d_mounts;        /* mounts on it; mount_lock */
	void *d_fsdata;               /* the file system's */

	struct list_head d_lru;       /* [U] in s_dentry_lru */
	struct list_head d_child;     /* [P] in parent's d_subdirs */
	struct list_head d_subdirs;   /* [L] children, newest first */
	struct hlist_node d_alias;    /* [I] in inode->i_dentry */
	struct rcu_head d_rcu;
};

struct dentry_operations {
	/* 1 still true, 0 forget it, -errno; may sleep. */
	int (*d_revalidate)(struct dentry *dentry, unsigned int flags);
	/* Last reference gone: 1 = free at once; d_lock held. */
	int (*d_delete)(const struct dentry *dentry);
	void (*d_release)(struct dentry *dentry);
	void (*d_iput)(struct dentry *dentry, struct inode *inode);
	/* Its name in /proc/PID/fd, e.g. pipe:[42]; written at buf's end. */
	char *(*d_dname)(struct dentry *dentry, char *buf, int len);
};

extern seqlock_t rename_lock; /* a path upwards read twice is one path */

void dcache_init(void);
/* All may sleep unless said; dput() drops a reference, perhaps the last. */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name);
struct dentry *d_alloc_name(struct dentry *parent, const char *name);
struct dentry *d_alloc_anon(struct super_block *sb);
struct dentry *d_alloc_pseudo(struct super_block *sb, const struct qstr *name);
struct dentry *d_make_root(struct inode *inode);  /* consumes the inode */
void d_instantiate(struct dentry *dentry, struct inode *inode);
/* ... and the inode is ready: unlock_new_inode() and d_instantiate(). */
void d_instantiate_new(struct dentry *dentry, struct inode *inode);
void d_tmpfile(struct file *file, struct inode *inode); /* nameless */
void d_add(struct dentry *dentry, struct inode *inode);
struct dentry *d_splice_alias(struct inode *inode, struct dentry *dentry);
struct dentry *d_find_alias(struct inode *inode);
void d_drop(struct dentry *dentry);       /* unhash: no walk finds it again */
void d_rehash(struct dentry *dentry);
void d_delete(struct dentry *dentry);     /* the file is gone */
void d_move(struct dentry *dentry, struct dentry *target);
void d_exchange(struct dentry *a, struct dentry *b);
struct dentry *d_lookup(const struct dentry *parent, const struct qstr *name);
struct dentry *d_hash_and_lookup(struct dentry *dir, struct qstr *name);
void d_invalidate(struct dentry *dentry);
void dput(struct dentry *dentry);
/* A copy of its name, whole, to be kfreed; .name NULL: no memory. */
struct qstr take_dentry_name(struct dentry *dentry);
struct dentry *dget_parent(struct dentry *dentry);
void shrink_dcache_parent(struct dentry *parent);
void shrink_dcache_for_umount(struct super_block *sb);
bool is_subdir(struct dentry *dentry, struct dentry *ancestor);
bool d_ancestor(struct dentry *p1, struct dentry *p2);
void d_genocide(struct dentry *root);

/* The path as text, built from the end of buf backwards; ERR_PTR. */
char *d_path(const struct path *path, char *buf, int buflen);
char *d_absolute_path(const struct path *path, char *buf, int buflen);
char *dentry_path_raw(struct dentry *dentry, char *buf, int buflen);
char *simple_dname(struct dentry *dentry, char *buf, int buflen);
char *dynamic_dname(char *buf, int buflen, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define D_COUNT_DEAD (-128)

/*
 * Add `by` to the count if it is at least `least`, without the lock: lock and
 * count change together, and only while nobody holds the lock.  Whoever does
 * may rely on the count as ever.  False: take the lock.  Any context.
 *
 * The lock word is a ticket lock's: free if both halves are equal.  A debug
 * build's lock is bigger, and there the lock is always taken.
 */
static __always_inline bool d_count_try(struct dentry *d, int by, int least)
{
	u64 old = READ_ONCE(d->d_lock_count);

	if (sizeof(spinlock_t) != sizeof(u32))
		return false;
	do {
		if ((u16)old != (u16)(old >> 16) || (int)(old >> 32) < least)
			return false;
	} while (!try_cmpxchg(&d->d_lock_count, &old,
			      old + ((u64)(u32)by << 32)));
	return true;
}

static inline struct dentry *dget(struct dentry *dentry)
{
	if (dentry && !d_count_try(dentry, 1, 0)) {
		spin_lock(&dentry->d_lock);
		dentry->d_count++;
		spin_unlock(&dentry->d_lock);
	}
	return dentry;
}

/* For who found it under RCU: false, it is dead. */
bool dget_not_dead(struct dentry *dentry);

static inline struct inode *d_inode(const struct dentry *dentry)
{
	return READ_ONCE(dentry->d_inode);
}

#define d_backing_inode(d) d_inode(d)

static inline bool d_is_negative(const struct dentry *dentry)
{
	return !d_inode(dentry);
}

#define d_is_positive(d) (!d_is_negative(d))
#define d_really_is_negative(d) d_is_negative(d)
#define d_really_is_positive(d) d_is_positive(d)
#define IS_ROOT(d) ((d) == (d)->d_parent)

static inline bool d_unhashed(const struct dentry *dentry)
{
	return !READ_ONCE(dentry->d_hash.pprev);
}

/* Has it been removed, though somebody holds it still? */
static inline bool d_unlinked(const struct dentry *dentry)
{
	return d_unhashed(dentry) && !IS_ROOT(dentry);
}

static inline bool d_mountpoint(const struct dentry *dentry)
{
	return READ_ONCE(dentry->d_flags) & DCACHE_MOUNTED;
}

#endif
