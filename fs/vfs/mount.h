/* SPDX-License-Identifier: MIT */
#ifndef FS_VFS_MOUNT_H
#define FS_VFS_MOUNT_H
/* mount.h -- the tree of mounts (theory: fs/vfs/namespace.c) */

#include <fs/fs.h>
#include <kernel/atomic.h>
#include <kernel/refcount.h>
#include <kernel/seqlock.h>
#include <kernel/wait.h>

/*
 * One super block's tree, or a part of it, at one place.
 *
 * Field keys:
 *   [c] constant     [M] mount_lock to write, RCU + its sequence to read
 *   [N] namespace_sem and mount_lock to write, either to read    [a] atomic
 */
struct mount {
	struct hlist_node mnt_hash;   /* [M] by (parent, mount point) */
	struct mount *mnt_parent;     /* [M] itself for a root */
	struct dentry *mnt_mountpoint;/* [M] in the parent; counted */
	struct vfsmount mnt;
	atomic_t mnt_count;           /* [a] being in the tree counts one */
	atomic_t mnt_writers;         /* [a] those that mnt_want_write() let in */
	struct list_head mnt_mounts;  /* [N] children */
	struct list_head mnt_child;   /* [N] in the parent's mnt_mounts */
	struct list_head mnt_instance;/* [M] in the super block's s_mounts */
	struct list_head mnt_list;    /* [N] in ns->list, in mounting order */
	struct mnt_namespace *mnt_ns; /* [N] NULL: detached or internal */
	const char *mnt_devname;      /* [c] first word of /proc/mounts */
	int mnt_id;                   /* [c] */
	int mnt_group_id;             /* [N] peers with whom it shares; 0: none */
	int mnt_master_id;            /* [N] the group it is a slave of; 0 */
	struct list_head mnt_related; /* [N] in related_mounts, if either is */
	struct mount *mnt_copy;       /* [N] in copy_tree() only */
	struct path mnt_old_place;    /* [N] when it is gone: to be dropped */
	bool mnt_expired;             /* [N] umount2(MNT_EXPIRE) came once */
	bool mnt_closed;              /* [N] in mount_setattr() only */
	bool mnt_detached;            /* [N] the top of a tree that a file has */
	struct rcu_head rcu;
};

struct mnt_namespace {
	refcount_t count;
	struct mount *root;           /* [N] */
	struct list_head list;        /* [N] all mounts */
	unsigned int mounts;          /* [N] how many */
	u64 event;                    /* [N] changes so far, for poll */
	wait_queue_head_t poll;
	u64 seq;                      /* [c] */
	unsigned int inum;            /* [c] for /proc/PID/ns/mnt */
};

extern seqlock_t mount_lock;
extern struct rw_semaphore namespace_sem;

static inline struct mount *real_mount(struct vfsmount *mnt)
{
	return container_of(mnt, struct mount, mnt);
}

static inline bool mnt_has_parent(const struct mount *m)
{
	return m != m->mnt_parent;
}

static inline bool is_shared(const struct mount *m)
{
	return m->mnt_group_id != 0;
}

/* What is mounted at path, with a reference, or NULL.  May sleep. */
struct vfsmount *lookup_mnt(const struct path *path);
/* The same, caller holds mount_lock or checks its sequence under RCU. */
struct mount *__lookup_mnt(struct vfsmount *mnt, struct dentry *dentry);
bool is_mounted(struct vfsmount *mnt);
bool is_local_mountpoint(struct dentry *dentry);
void detach_mounts(struct dentry *dentry);
bool path_is_under(const struct path *a, const struct path *b);
char *path_below(const struct path *path, const struct path *root, char *buf,
		 int buflen);
struct mnt_namespace *current_mnt_ns(void);
void get_mnt_ns(struct mnt_namespace *ns);

#endif
