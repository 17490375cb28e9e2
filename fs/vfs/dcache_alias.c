/* SPDX-License-Identifier: MIT */
/*
 * dcache_alias.c -- dentries and inodes find each other
 *
 * IDEA.  An inode lists its dentries (hard links give it several), a dentry has
 * one inode or none.  A directory has one dentry at most: if a lookup arrives
 * at a directory that has one elsewhere, the old one moves.
 *
 * LOCKING.  i_lock for the list, then d_lock; d_seq is odd meanwhile.
 */

#include "dcache_impl.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

static void __d_instantiate(struct dentry *d, struct inode *inode)
{
	hlist_add_head(&d->d_alias, &inode->i_dentry);
	write_seqcount_begin(&d->d_seq);
	WRITE_ONCE(d->d_inode, inode);
	write_seqcount_end(&d->d_seq);
}

/* Give a negative dentry its inode, consuming the caller's reference. */
void d_instantiate(struct dentry *d, struct inode *inode)
{
	BUG_ON(d->d_inode);
	if (!inode)
		return;
	spin_lock(&inode->i_lock);
	spin_lock(&d->d_lock);
	__d_instantiate(d, inode);
	spin_unlock(&d->d_lock);
	spin_unlock(&inode->i_lock);
}

void d_instantiate_new(struct dentry *d, struct inode *inode)
{
	d_instantiate(d, inode);
	unlock_new_inode(inode);
}

/*
 * For ->tmpfile: file's dentry, which nobody can find, gets the inode and a
 * name that only /proc/PID/fd shows.  The inode loses its one link.
 */
void d_tmpfile(struct file *file, struct inode *inode)
{
	struct dentry *d = file_dentry(file);

	inode_dec_link_count(inode);
	spin_lock(&d->d_lock);
	d->d_name.len = snprintf((char *)d->d_iname, DNAME_INLINE_LEN, "#%lu",
				 inode->i_ino);
	spin_unlock(&d->d_lock);
	d_instantiate(d, inode);
}

/* The answer of ->lookup: inode, or NULL for "there is no such file". */
void d_add(struct dentry *d, struct inode *inode)
{
	d_instantiate(d, inode);
	d_rehash(d);
}

struct dentry *d_make_root(struct inode *inode)
{
	struct dentry *d;

	if (!inode)
		return NULL;
	d = d_alloc_anon(inode->i_sb);
	if (d)
		d_instantiate(d, inode);
	else
		iput(inode);
	return d;
}

/* Any name of the inode, with a reference; NULL if there is none. */
struct dentry *d_find_alias(struct inode *inode)
{
	struct dentry *d;

	spin_lock(&inode->i_lock);
	hlist_for_each_entry(d, &inode->i_dentry, d_alias) {
		spin_lock(&d->d_lock);
		if (S_ISDIR(inode->i_mode) || !d_unhashed(d)) {
			d_lru_del(d);
			d->d_count++;
			spin_unlock(&d->d_lock);
			spin_unlock(&inode->i_lock);
			return d;
		}
		spin_unlock(&d->d_lock);
	}
	spin_unlock(&inode->i_lock);
	return NULL;
}

/* May the walk that looks d up move old, its directory, to it?  0 or -errno. */
static int may_take_over(struct dentry *old, struct dentry *d,
			 struct inode **locked)
{
	struct dentry *parent;

	*locked = NULL;
	if (IS_ROOT(old) || is_subdir(d, old))
		return -ELOOP;        /* a directory below itself */
	if (old->d_parent == d->d_parent)
		return 0;
	/* As a rename between directories; who waits here could be waited
	 * for. */
	if (!mutex_trylock(&d->d_sb->s_vfs_rename_mutex))
		return -ESTALE;
	parent = dget_parent(old);
	if (inode_trylock(d_inode(parent))) {
		*locked = d_inode(parent);
		ihold(*locked);
	} else {
		mutex_unlock(&d->d_sb->s_vfs_rename_mutex);
	}
	dput(parent);
	return *locked ? 0 : -ESTALE;
}

static void took_over(struct dentry *d, struct inode *locked)
{
	if (!locked)
		return;
	inode_unlock(locked);
	iput(locked);
	mutex_unlock(&d->d_sb->s_vfs_rename_mutex);
}

/*
 * d_add() for file systems whose directories may have a dentry already: a
 * directory has one dentry only, so the old one is moved here and returned.
 * Consumes inode; ERR_PTR if the volume says that it is its own ancestor.
 */
struct dentry *d_splice_alias(struct inode *inode, struct dentry *d)
{
	struct dentry *old = NULL;
	struct inode *locked;
	int err;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	if (inode && S_ISDIR(inode->i_mode))
		old = d_find_alias(inode);
	if (!old) {
		d_add(d, inode);
		return NULL;
	}
	err = may_take_over(old, d, &locked);
	iput(inode);
	if (err) {
		dput(old);
		return ERR_PTR(err);
	}
	d_move(old, d);
	took_over(d, locked);
	return old;
}

struct qstr take_dentry_name(struct dentry *d)
{
	unsigned char *copy = kmalloc(NAME_MAX + 1, GFP_KERNEL);
	struct qstr name = { .name = copy };

	if (!copy)
		return name;
	spin_lock(&d->d_lock);
	name.len = min(d->d_name.len, (u32)NAME_MAX);
	memcpy(copy, d->d_name.name, name.len);
	spin_unlock(&d->d_lock);
	copy[name.len] = 0;
	return name;
}
