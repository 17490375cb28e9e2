/* SPDX-License-Identifier: MIT */
#ifndef FS_NOTIFY_INOTIFY_H
#define FS_NOTIFY_INOTIFY_H
/* inotify.h -- between watches (inotify.c) and their users (inotify_user.c) */

#include <fs/fsnotify.h>
#include <kernel/cred.h>
#include <kernel/idr.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/rcupdate.h>
#include <kernel/refcount.h>
#include <kernel/wait.h>

#define IN_EXCL_UNLINK 0x04000000
#define IN_MASK_CREATE 0x10000000
#define IN_ONLYDIR 0x01000000
#define IN_DONT_FOLLOW 0x02000000
#define IN_MASK_ADD 0x20000000
#define IN_ONESHOT 0x80000000u
#define IN_ALL_EVENTS 0x00000fff
#define ALL_BITS (IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | \
		  IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_ADD | \
		  IN_MASK_CREATE | IN_ISDIR | IN_ONESHOT)

/* fs.inotify.*: of a descriptor, of a user, of a user. */
extern int inotify_max_queued_events;
extern int inotify_max_user_instances;
extern int inotify_max_user_watches;

struct event {
	struct list_head link;        /* [group->lock] */
	int wd;
	u32 mask, cookie;
	u32 name_len;
	char name[];
};

/* Field keys: [c] constant   [L] .lock   [M] inotify_watch_mutex */
struct group {
	refcount_t refs;              /* the file one, each watch one */
	spinlock_t lock;
	struct list_head events;      /* [L] */
	unsigned int nr_events;       /* [L] */
	wait_queue_head_t wait;
	struct idr watches;           /* [M] by descriptor */
	struct user_struct *user;     /* [c] counted: whom all this counts for */
};

struct watch {
	struct hlist_node on_inode;   /* [M] to write, RCU to read */
	struct group *group;          /* [c] counted */
	struct inode *inode;          /* [c] counted until it is dead */
	refcount_t refs;
	int wd;                       /* [c] */
	u32 mask;                     /* [M] */
	bool dead;                    /* [group->lock] */
	struct rcu_head rcu;
};

extern struct mutex inotify_watch_mutex;

/* With inotify_watch_mutex: i_watch_mask anew. */
void inotify_sum_up(struct inode *inode);

/* dnotify.c: what its marks of the inode want. */
u32 dnotify_mask(const struct inode *inode);

void inotify_put_group(struct group *g);
/* The watch on inode, made or changed as arg says: its descriptor, -errno. */
int inotify_update_watch(struct group *g, struct inode *inode, u32 arg);
/* With inotify_watch_mutex; then, without it, inotify_drop_killed(). */
void inotify_kill_watch(struct watch *w);
void inotify_drop_killed(struct watch *w);

#endif
