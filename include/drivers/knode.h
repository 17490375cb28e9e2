/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_KNODE_H
#define DRIVERS_KNODE_H
/*
 * knode.h -- the names below /sys: directories, files and links
 *
 * Between drivers/base, which makes them, and fs/sysfs, which looks them up.
 * Theory: drivers/base/knode.c.
 */

#include <drivers/kobject.h>
#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/refcount.h>
#include <kernel/types.h>
#include <kernel/wait.h>

enum knode_kind { KN_DIR, KN_FILE, KN_BIN, KN_LINK };

/*
 * Field keys:
 *   [c] constant   [T] knode_rwsem   [a] atomic
 *   [A] used only with an active reference: afterwards it may be gone
 */
struct knode {
	enum knode_kind kind;         /* [c] */
	u64 ino;                      /* [c] rises with each one made */
	refcount_t refs;              /* [a] of the node alone */
	atomic_t active;              /* [a] inside; + KNODE_DEAD at the end */
	umode_t mode;                 /* [T] permissions */
	uid_t uid;                    /* [T] */
	gid_t gid;                    /* [T] */
	const char *name;             /* [T] */
	struct knode *parent;         /* [c] counted; NULL: the root */
	struct list_head sibling;     /* [T] */
	struct list_head children;    /* [T] of a directory, by ino */
	unsigned int nr_dirs;         /* [T] directories among them */
	unsigned long version;        /* [T] of a directory: grows by each
				       * name that comes or changes */
	bool removed;                 /* [T] out of the tree for ever */
	bool drained;                 /* nobody inside it or below any more */
	struct kobject *kobj;         /* [A] whose it is */
	union {
		const struct attribute *attr;      /* [A] KN_FILE */
		const struct bin_attribute *battr; /* [A] KN_BIN */
		struct knode *target;              /* [c] KN_LINK, counted */
	};
	atomic_t event;               /* [a] counts sysfs_notify() */
	wait_queue_head_t poll;       /* KN_FILE: who waits for the next */
};

extern struct knode knode_root;

static inline struct knode *knode_get(struct knode *kn)
{
	if (kn)
		refcount_inc(&kn->refs);
	return kn;
}

void knode_put(struct knode *kn);             /* NULL is fine */

/*
 * A new name below dir, with one reference for the tree and none for the
 * caller, who may use it until the removal, which is his.  what: kobject's
 * attribute, bin_attribute or a target node.  ERR_PTR(-EEXIST, -ENOMEM,
 * -ENOENT: dir is gone).  All of these may sleep.
 */
struct knode *knode_create(struct knode *dir, const char *name,
			   enum knode_kind kind, umode_t mode,
			   struct kobject *kobj, const void *what);
/* Take it and all below it away; wait until nobody is inside. */
void knode_remove(struct knode *kn);
void knode_remove_name(struct knode *dir, const char *name);
/* The same from inside kn: true for the first that asks. */
bool knode_remove_self(struct knode *kn);
int knode_rename(struct knode *kn, const char *new_name);
void knode_setattr(struct knode *kn, umode_t mode, uid_t uid, gid_t gid);

/* With a reference, or NULL. */
struct knode *knode_lookup(struct knode *dir, const char *name, size_t len);
/* The first child whose number is at least ino, counted, and its name. */
struct knode *knode_next(struct knode *dir, u64 ino, char *name, size_t size);
bool knode_name_is(const struct knode *kn, const char *name, size_t len);
/* A link's text: "../../devices/..."; its length, or -ENAMETOOLONG. */
int knode_link_text(const struct knode *link, char *buf, size_t size);

/*
 * Between these two the kobject and the attribute stay; false: too late.
 * Short of sleeping for ever, anything may be done in between.
 */
bool knode_get_active(struct knode *kn);      /* any context */
void knode_put_active(struct knode *kn);
void knode_notify(struct knode *kn);          /* any context */

#endif
