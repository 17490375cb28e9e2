/* SPDX-License-Identifier: MIT */
/*
 * super.c -- file system types, and the volumes that are mounted
 *
 * IDEA.  s_active counts those who use the volume (each mount one, and
 * whoever else must keep it alive); when it drops to zero the type's kill_sb
 * takes it down.  s_count counts holders of the bare structure.
 *
 * LOCKING.  types_lock: the list of types.  sb_lock: the lists of super blocks
 * and s_count.  s_umount: taken for writing by mount, remount and shutdown, so
 * that nobody meets a volume halfway; before sb_lock.
 */

#include "internal.h"
#include "mount.h"

#include <fs/fsnotify.h>
#include <kernel/bitmap.h>
#include <kernel/bug.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <fs/seq_file.h>
#include <kernel/rwlock.h>
#include <mm/backing-dev.h>
#include <mm/slab.h>
#include <mm/writeback.h>

#define ANON_MINORS 4096

static struct file_system_type *fs_types;
static DEFINE_RWLOCK(types_lock);
LIST_HEAD(super_blocks);
static DEFINE_SPINLOCK(sb_lock);
static DECLARE_BITMAP(anon_minors, ANON_MINORS);

/* ---- types ---- */

static struct file_system_type **find_type(const char *name)
{
	struct file_system_type **p = &fs_types;

	while (*p && strcmp((*p)->name, name))
		p = &(*p)->next;
	return p;
}

/* 0 or -EBUSY if the name is taken. */
int register_filesystem(struct file_system_type *fs)
{
	struct file_system_type **p;
	int err = 0;

	write_lock(&types_lock);
	p = find_type(fs->name);
	if (*p)
		err = -EBUSY;
	else
		*p = fs;
	write_unlock(&types_lock);
	return err;
}
EXPORT_SYMBOL(register_filesystem);

int unregister_filesystem(struct file_system_type *fs)
{
	struct file_system_type **p;
	int err = -EINVAL;

	write_lock(&types_lock);
	p = find_type(fs->name);
	if (*p == fs) {
		*p = fs->next;
		fs->next = NULL;
		err = 0;
	}
	write_unlock(&types_lock);
	return err;
}
EXPORT_SYMBOL(unregister_filesystem);

struct file_system_type *get_fs_type(const char *name)
{
	struct file_system_type *type;

	read_lock(&types_lock);
	type = *find_type(name);
	read_unlock(&types_lock);
	return type;
}

struct file_system_type *nth_fs_type(unsigned int n)
{
	struct file_system_type *type;

	read_lock(&types_lock);
	for (type = fs_types; type && n; n--)
		type = type->next;
	read_unlock(&types_lock);
	return type;
}

/* /proc/filesystems. */

void show_filesystems(struct seq_file *m)
{
	struct file_system_type *t;

	read_lock(&types_lock);
	for (t = fs_types; t; t = t->next)
		seq_printf(m, "%s\t%s\n",
			   t->fs_flags & FS_REQUIRES_DEV ? "" : "nodev",
			   t->name);
	read_unlock(&types_lock);
}

/* ---- life of a super block ---- */

static struct super_block *alloc_super(struct file_system_type *type, int flags)
{
	static const struct super_operations no_ops;
	struct super_block *sb = kzalloc(sizeof(*sb), GFP_KERNEL);

	if (!sb)
		return NULL;
	init_rwsem(&sb->s_umount);
	mutex_init(&sb->s_vfs_rename_mutex);
	mutex_init(&sb->s_sync_lock);
	sb->s_bdi = &noop_backing_dev_info;
	spin_lock_init(&sb->s_inode_list_lock);
	spin_lock_init(&sb->s_inode_lru_lock);
	spin_lock_init(&sb->s_dentry_lru_lock);
	INIT_LIST_HEAD(&sb->s_inodes);
	INIT_LIST_HEAD(&sb->s_inode_lru);
	INIT_LIST_HEAD(&sb->s_dentry_lru);
	INIT_LIST_HEAD(&sb->s_list);
	INIT_LIST_HEAD(&sb->s_mounts);
	sb->s_flags = flags;
	sb->s_count = 1;
	atomic_set(&sb->s_active, 1);
	sb->s_op = &no_ops;
	sb->s_type = type;
	sb->s_maxbytes = MAX_NON_LFS;
	sb->s_time_gran = 1;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	/* Nobody knows it yet; sget() may lock an older one inside this. */
	down_write_nested(&sb->s_umount, SINGLE_DEPTH_NESTING);
	return sb;
}

static void super_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct super_block, rcu));
}

static void put_super(struct super_block *sb)
{
	bool last;

	spin_lock(&sb_lock);
	last = --sb->s_count == 0;
	spin_unlock(&sb_lock);
	if (last)
		call_rcu(&sb->rcu, super_free_rcu);
}

/* A volume that is there already, made active and locked; sb_lock held. */
static struct super_block *grab_super(struct super_block *sb)
{
	sb->s_count++;
	spin_unlock(&sb_lock);
	down_write(&sb->s_umount);
	if (sb->s_root && (sb->s_flags & SB_ACTIVE) &&
	    atomic_inc_not_zero(&sb->s_active)) {
		put_super(sb);
		return sb;
	}
	up_write(&sb->s_umount);
	put_super(sb);
	return NULL;
}

/*
 * The super block that `test` accepts, or a new one initialised by `set`;
 * s_umount is held.  A new one has no s_root yet.
 */
struct super_block *sget(struct file_system_type *type,
			 int (*test)(struct super_block *, void *),
			 int (*set)(struct super_block *, void *),
			 int flags, void *data)
{
	struct super_block *sb, *new = alloc_super(type, flags);
	int err;

	if (!new)
		return ERR_PTR(-ENOMEM);
retry:
	spin_lock(&sb_lock);
	hlist_for_each_entry(sb, &type->fs_supers, s_instances) {
		if (!test || !test(sb, data))
			continue;
		if (!grab_super(sb))
			goto retry;
		up_write(&new->s_umount);
		kfree(new);
		return sb;
	}
	err = set(new, data);
	if (err) {
		spin_unlock(&sb_lock);
		up_write(&new->s_umount);
		kfree(new);
		return ERR_PTR(err);
	}
	strscpy(new->s_id, type->name, sizeof(new->s_id));
	list_add_tail(&new->s_list, &super_blocks);
	hlist_add_head(&new->s_instances, &type->fs_supers);
	spin_unlock(&sb_lock);
	return new;
}

/* A device number for a volume without device; sb_lock held. */
int set_anon_super(struct super_block *sb, void *data)
{
	/* Minor 0 would read as "no device". */
	unsigned long n = find_next_zero_bit(anon_minors, ANON_MINORS, 1);

	if (n >= ANON_MINORS)
		return -EMFILE;
	__set_bit(n, anon_minors);
	sb->s_dev = MKDEV(0, n);
	return 0;
}

/* The last mount is gone: s_umount is held for writing, released here. */
void generic_shutdown_super(struct super_block *sb)
{
	if (sb->s_root) {
		shrink_dcache_for_umount(sb);
		sync_filesystem(sb);
		sb->s_flags &= ~SB_ACTIVE;
		fsnotify_unmount_inodes(sb);
		evict_inodes(sb);
		if (sb->s_op->put_super)
			sb->s_op->put_super(sb);
		if (!list_empty(&sb->s_inodes))
			pr_warn("VFS: %s has busy inodes after umount\n",
				sb->s_id);
	}
	spin_lock(&sb_lock);
	hlist_del_init(&sb->s_instances);
	list_del_init(&sb->s_list);
	spin_unlock(&sb_lock);
	up_write(&sb->s_umount);
}

void kill_anon_super(struct super_block *sb)
{
	dev_t dev = sb->s_dev;

	generic_shutdown_super(sb);
	spin_lock(&sb_lock);
	__clear_bit(MINOR(dev), anon_minors);
	spin_unlock(&sb_lock);
}

/* For volumes whose files live in the dcache alone. */
void kill_litter_super(struct super_block *sb)
{
	if (sb->s_root)
		d_genocide(sb->s_root);
	kill_anon_super(sb);
}

/* Let go of a volume; s_umount is held for writing, released here. */
void deactivate_locked_super(struct super_block *sb)
{
	if (!atomic_dec_and_test(&sb->s_active)) {
		up_write(&sb->s_umount);
		return;
	}
	sb->s_type->kill_sb(sb);
	put_super(sb);
}

void deactivate_super(struct super_block *sb)
{
	if (atomic_add_unless(&sb->s_active, -1, 1))
		return;
	down_write(&sb->s_umount);
	deactivate_locked_super(sb);
}

/* s_umount for reading; false: somebody holds it, and we must not wait. */
static bool lock_umount(struct super_block *sb, bool wait)
{
	if (!wait)
		return down_read_trylock(&sb->s_umount);
	down_read(&sb->s_umount);
	return true;
}

static void for_each_volume(void (*fn)(struct super_block *, void *),
			    void *arg, bool wait)
{
	struct super_block *sb, *prev = NULL;

	spin_lock(&sb_lock);
	list_for_each_entry(sb, &super_blocks, s_list) {
		sb->s_count++;
		spin_unlock(&sb_lock);
		if (lock_umount(sb, wait)) {
			if (sb->s_root && (sb->s_flags & SB_ACTIVE))
				fn(sb, arg);
			up_read(&sb->s_umount);
		}
		if (prev)
			put_super(prev);
		prev = sb;
		spin_lock(&sb_lock);
		if (hlist_unhashed(&sb->s_instances))
			break;
	}
	spin_unlock(&sb_lock);
	if (prev)
		put_super(prev);
}

/* Call fn for each live volume, s_umount held for reading.  May sleep. */
void iterate_supers(void (*fn)(struct super_block *, void *), void *arg)
{
	for_each_volume(fn, arg, true);
}

/* The same, without those that are being mounted or shut down: for reclaim. */
void iterate_supers_trylock(void (*fn)(struct super_block *, void *), void *arg)
{
	for_each_volume(fn, arg, false);
}

/* ---- the usual ways to ->mount ---- */

static struct dentry *fill_new(struct super_block *sb, int flags, void *data,
			       int (*fill)(struct super_block *, void *, int))
{
	int err = fill(sb, data, flags & SB_SILENT);

	if (err) {
		deactivate_locked_super(sb);
		return ERR_PTR(err);
	}
	sb->s_flags |= SB_ACTIVE;
	return dget(sb->s_root);
}

/* Each mount is a new volume. */
struct dentry *mount_nodev(struct file_system_type *type, int flags, void *data,
			   int (*fill)(struct super_block *, void *, int))
{
	struct super_block *sb = sget(type, NULL, set_anon_super, flags, NULL);

	if (IS_ERR(sb))
		return ERR_CAST(sb);
	return fill_new(sb, flags, data, fill);
}

static int compare_single(struct super_block *sb, void *data)
{
	return 1;
}

/* There is one volume, however often it is mounted. */
struct dentry *mount_single(struct file_system_type *type, int flags,
			    void *data,
			    int (*fill)(struct super_block *, void *, int))
{
	struct super_block *sb;

	sb = sget(type, compare_single, set_anon_super, flags, NULL);
	if (IS_ERR(sb))
		return ERR_CAST(sb);
	if (!sb->s_root)
		return fill_new(sb, flags, data, fill);
	return dget(sb->s_root);
}

/* A volume that only the kernel sees: pipes, sockets. */
struct dentry *mount_pseudo(struct file_system_type *type, const char *name,
			    const struct super_operations *ops,
			    const struct dentry_operations *dops,
			    unsigned long magic)
{
	struct super_block *sb;
	struct inode *root;

	sb = sget(type, NULL, set_anon_super, SB_KERNMOUNT | SB_NOUSER, NULL);
	if (IS_ERR(sb))
		return ERR_CAST(sb);
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_magic = magic;
	if (ops)
		sb->s_op = ops;
	root = new_inode(sb);
	if (root) {
		root->i_ino = 1;
		root->i_mode = S_IFDIR | S_IRUSR | S_IWUSR;
		root->i_atime = root->i_mtime = root->i_ctime =
			current_time(root);
	}
	sb->s_root = d_make_root(root);
	if (!sb->s_root) {
		deactivate_locked_super(sb);
		return ERR_PTR(-ENOMEM);
	}
	sb->s_d_op = dops;
	sb->s_flags |= SB_ACTIVE;
	return dget(sb->s_root);
}

/* Change the volume's own flags; s_umount held for writing. */
int do_remount_sb(struct super_block *sb, int flags, void *data)
{
	bool to_ro = (flags & SB_RDONLY) && !(sb->s_flags & SB_RDONLY);
	int err;

	if (to_ro) {
		shrink_dcache_parent(sb->s_root);
		sync_filesystem(sb);
		err = sb_prepare_remount_readonly(sb);
		if (err)
			return err;
	}
	if (sb->s_op->remount_fs) {
		err = sb->s_op->remount_fs(sb, &flags, data);
		if (err && to_ro)     /* as it was before the preparation */
			sb->s_flags &= ~SB_RDONLY;
		if (err)
			return err;
	}
	sb->s_flags = (sb->s_flags & ~(SB_RDONLY | SB_SYNCHRONOUS)) |
		      (flags & (SB_RDONLY | SB_SYNCHRONOUS));
	return 0;
}
