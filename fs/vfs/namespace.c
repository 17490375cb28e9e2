/* SPDX-License-Identifier: MIT */
/*
 * namespace.c -- one tree made of many volumes
 *
 * PROMISE.  A path walk that reaches a mount point goes on at the root of what
 * is mounted there, and ".." comes back; a namespace is a tree of its own.
 *
 * IDEA.  A struct mount says: this part of a volume (mnt_root) hangs at that
 * dentry (mnt_mountpoint) *of that mount* (mnt_parent).  The pair is needed
 * because a bind mount makes one dentry visible at two places.
 *
 *	mount 1 "/"  (tmpfs)            hash: (mount 1, "proc") -> mount 2
 *	   `- dentry "proc"  <--mountpoint-- mount 2 (procfs)
 *
 * INVARIANTS
 *   I1  A mount in the tree is in the hash, in its parent's list, in its
 *       namespace's list, and has one count for that.
 *   I2  A dentry has DCACHE_MOUNTED as long as d_mounts counts a mount on it,
 *       in whatever namespace: it means "look in the hash".
 *
 * LOCKING.  namespace_sem serialises all changes.  mount_lock (a seqlock) is
 * written inside it around each change, so that a walk may look into the hash
 * under RCU and check the sequence.  Order: inode's i_rwsem, namespace_sem,
 * mount_lock.
 *
 * RACES.  umount against a walk that crosses into the mount:
 *
 *	umount                          lookup_mnt
 *	write mount_lock                seq = begin
 *	mnt_count is 2: not busy        finds mount, count 3   [a]
 *	unhash; end                     retry: seq changed -> mntput  [b]
 *
 * SEE docs/85-mounts.md.  Here is the single mount and its place; trees of
 * them are in mount_tree.c, peers and slaves in pnode.c, the system calls in
 * mount_syscalls.c, whole namespaces in mnt_ns.c, writers in mnt_write.c.
 */

#include "internal.h"
#include "mount.h"
#include "namespace.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <kernel/rculist.h>
#include <kernel/rcupdate.h>
#include <mm/slab.h>

#define M_HASH_BITS 8

static struct hlist_head m_table[1 << M_HASH_BITS];
DEFINE_SEQLOCK(mount_lock);
DECLARE_RWSEM(namespace_sem);
static atomic_t next_mnt_id = ATOMIC_INIT(0);
static struct kmem_cache *mount_cache __ro_after_init;

static struct hlist_head *m_bucket(struct vfsmount *mnt, struct dentry *d)
{
	u64 mixed = ((unsigned long)mnt >> 6) + ((unsigned long)d >> 6) * 31;

	return &m_table[(mixed * 0x9e3779b97f4a7c15ull) >> (64 - M_HASH_BITS)];
}

/* ---- life ---- */

static struct mount *alloc_mount(const char *name)
{
	struct mount *m = kmem_cache_zalloc(mount_cache, GFP_KERNEL);

	if (!m)
		return NULL;
	m->mnt_devname = kstrdup(name ? name : "none", GFP_KERNEL);
	if (!m->mnt_devname) {
		kmem_cache_free(mount_cache, m);
		return NULL;
	}
	m->mnt_id = atomic_inc_return(&next_mnt_id);
	atomic_set(&m->mnt_count, 1);
	m->mnt_parent = m;
	INIT_LIST_HEAD(&m->mnt_mounts);
	INIT_LIST_HEAD(&m->mnt_child);
	INIT_LIST_HEAD(&m->mnt_instance);
	INIT_LIST_HEAD(&m->mnt_list);
	INIT_LIST_HEAD(&m->mnt_related);
	return m;
}

static void mount_free_rcu(struct rcu_head *head)
{
	struct mount *m = container_of(head, struct mount, rcu);

	kfree(m->mnt_devname);
	kmem_cache_free(mount_cache, m);
}

static void cleanup_mount(struct mount *m)
{
	struct super_block *sb = m->mnt.mnt_sb;

	WARN_ON(atomic_read(&m->mnt_writers));
	write_seqlock(&mount_lock);
	list_del(&m->mnt_instance);
	write_sequnlock(&mount_lock);
	dput(m->mnt.mnt_root);
	deactivate_super(sb);
	call_rcu(&m->rcu, mount_free_rcu);
}

struct vfsmount *mntget(struct vfsmount *mnt)
{
	if (mnt)
		atomic_inc(&real_mount(mnt)->mnt_count);
	return mnt;
}

/* The last one lets go of the volume; may sleep. */
void mntput(struct vfsmount *mnt)
{
	if (!mnt)
		return;
	if (unlikely(real_mount(mnt)->mnt_expired))
		real_mount(mnt)->mnt_expired = false;  /* it was used */
	if (atomic_dec_and_test(&real_mount(mnt)->mnt_count))
		cleanup_mount(real_mount(mnt));
}

void path_get(const struct path *path)
{
	mntget(path->mnt);
	dget(path->dentry);
}

void path_put(const struct path *path)
{
	dput(path->dentry);
	mntput(path->mnt);
}

static void set_root(struct mount *m, struct dentry *root)
{
	m->mnt.mnt_root = root;
	m->mnt.mnt_sb = root->d_sb;
	m->mnt_mountpoint = root;
	write_seqlock(&mount_lock);
	list_add_tail(&m->mnt_instance, &root->d_sb->s_mounts);
	write_sequnlock(&mount_lock);
}

/* A mount of the volume behind root (whose reference it takes), in no tree. */
static struct mount *mount_of_root(struct dentry *root, const char *name)
{
	struct mount *m = alloc_mount(name);

	if (!m)
		return NULL;
	set_root(m, root);
	return m;
}

/* A fresh mount of a file system, in no tree yet; ERR_PTR. */
struct vfsmount *vfs_kern_mount(struct file_system_type *type, int flags,
				const char *name, void *data)
{
	struct dentry *root = type->mount(type, flags, name, data);
	struct mount *m;

	if (IS_ERR(root))
		return ERR_CAST(root);
	up_write(&root->d_sb->s_umount);
	m = mount_of_root(root, name);
	if (!m) {
		struct super_block *sb = root->d_sb;

		dput(root);
		deactivate_super(sb);
		return ERR_PTR(-ENOMEM);
	}
	return &m->mnt;
}

/* For pipefs and its kin: never in a tree. */
struct vfsmount *kern_mount(struct file_system_type *type)
{
	struct vfsmount *mnt;

	mnt = vfs_kern_mount(type, SB_KERNMOUNT, type->name, NULL);
	if (!IS_ERR(mnt))
		mnt->mnt_flags |= MNT_INTERNAL;
	return mnt;
}

/*
 * A second mount of the same volume, rooted at `root`, that is in no tree yet
 * but has its relatives (pnode.c); namespace_sem held; NULL: no memory.
 */
struct mount *clone_mount(struct mount *old, struct dentry *root,
			  enum clone_how how)
{
	struct mount *m = alloc_mount(old->mnt_devname);

	if (!m)
		return NULL;
	atomic_inc(&old->mnt.mnt_sb->s_active);
	set_root(m, dget(root));
	m->mnt.mnt_flags = old->mnt.mnt_flags & ~MNT_INTERNAL;
	if (how == CLONE_AS_PEER)
		share_like(m, old->mnt_group_id, old->mnt_master_id);
	else if (how != CLONE_PRIVATE)
		share_like(m, how == CLONE_AS_SHARED_SLAVE ? new_group_id() : 0,
			   is_shared(old) ? old->mnt_group_id
					  : old->mnt_master_id);
	return m;
}

/* ---- the hash ---- */

struct mount *__lookup_mnt(struct vfsmount *mnt, struct dentry *dentry)
{
	struct mount *m;

	hlist_for_each_entry_rcu(m, m_bucket(mnt, dentry), mnt_hash) {
		if (&m->mnt_parent->mnt == mnt && m->mnt_mountpoint == dentry)
			return m;
	}
	return NULL;
}

struct vfsmount *lookup_mnt(const struct path *path)
{
	struct mount *m;
	unsigned seq;

	for (;;) {
		rcu_read_lock();
		seq = read_seqbegin(&mount_lock);
		m = __lookup_mnt(path->mnt, path->dentry);
		if (m && !atomic_inc_not_zero(&m->mnt_count))    /* [a] */
			m = NULL;
		rcu_read_unlock();
		if (!read_seqretry(&mount_lock, seq))
			return m ? &m->mnt : NULL;
		if (m)
			mntput(&m->mnt);                         /* [b] */
	}
}

/* From a mount's root to its mount point; 1, or 0 at the top. */
int follow_up(struct path *path)
{
	struct mount *m = real_mount(path->mnt), *parent;
	struct dentry *mountpoint;

	read_seqlock_excl(&mount_lock);
	parent = m->mnt_parent;
	if (parent == m) {
		read_sequnlock_excl(&mount_lock);
		return 0;
	}
	mntget(&parent->mnt);
	mountpoint = dget(m->mnt_mountpoint);
	read_sequnlock_excl(&mount_lock);
	path_put(path);
	path->mnt = &parent->mnt;
	path->dentry = mountpoint;
	return 1;
}

/* To the topmost mount on path; 0 (or an automount's -errno, one day). */
int follow_down(struct path *path)
{
	struct vfsmount *mounted;

	while (d_mountpoint(path->dentry)) {
		mounted = lookup_mnt(path);
		if (!mounted)
			break;
		path_put(path);
		path->mnt = mounted;
		path->dentry = dget(mounted->mnt_root);
	}
	return 0;
}

/* ---- the tree; namespace_sem and mount_lock held for writing ---- */

void attach_mount(struct mount *m, struct mount *parent,
			 struct dentry *mountpoint)
{
	d_count_mount(mountpoint, 1);
	m->mnt_parent = parent;
	m->mnt_mountpoint = dget(mountpoint);
	atomic_inc(&parent->mnt_count);
	hlist_add_head_rcu(&m->mnt_hash, m_bucket(&parent->mnt, mountpoint));
	list_add_tail(&m->mnt_child, &parent->mnt_mounts);
}

void detach_mount(struct mount *m, struct path *oldp)
{
	d_count_mount(m->mnt_mountpoint, -1);
	oldp->dentry = m->mnt_mountpoint;
	oldp->mnt = &m->mnt_parent->mnt;
	hlist_del_init_rcu(&m->mnt_hash);
	list_del_init(&m->mnt_child);
	m->mnt_parent = m;
	m->mnt_mountpoint = m->mnt.mnt_root;
}

/* The mount behind m in a walk over root's subtree. */
struct mount *next_mount(struct mount *m, struct mount *root)
{
	if (!list_empty(&m->mnt_mounts))
		return list_first_entry(&m->mnt_mounts, struct mount,
					mnt_child);
	while (m != root) {
		if (!list_is_last(&m->mnt_child, &m->mnt_parent->mnt_mounts))
			return list_next_entry(m, mnt_child);
		m = m->mnt_parent;
	}
	return NULL;
}

void touch_mnt_namespace(struct mnt_namespace *ns)
{
	if (!ns)
		return;
	ns->event++;
	wake_up_interruptible(&ns->poll);
}

void enter_namespace(struct mount *tree, struct mnt_namespace *ns)
{
	struct mount *m;

	for (m = tree; m; m = next_mount(m, tree)) {
		m->mnt_ns = ns;
		list_add_tail(&m->mnt_list, &ns->list);
		ns->mounts++;
	}
	touch_mnt_namespace(ns);
}

bool is_mounted(struct vfsmount *mnt)
{
	return READ_ONCE(real_mount(mnt)->mnt_ns) != NULL;
}

void lock_mounts(void)
{
	down_write(&namespace_sem);
}

int lock_mount(struct path *path)
{
	struct vfsmount *on_top;

	for (;;) {
		inode_lock(d_inode(path->dentry));
		if (d_unlinked(path->dentry) ||
		    (path->dentry->d_flags & DCACHE_CANT_MOUNT)) {
			inode_unlock(d_inode(path->dentry));
			return -ENOENT;
		}
		lock_mounts();
		on_top = lookup_mnt(path);
		if (!on_top)
			return 0;
		unlock_mount(path);
		path_put(path);
		path->mnt = on_top;
		path->dentry = dget(on_top->mnt_root);
	}
}

void unlock_mount(const struct path *path)
{
	unlock_mounts();
	inode_unlock(d_inode(path->dentry));
}

void mount_cache_init(void)
{
	mount_cache = KMEM_CACHE(mount, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
}
