/* SPDX-License-Identifier: MIT */
/*
 * fs_struct.c -- a task's root, working directory and umask
 *
 * IDEA.  Threads share one fs_struct (CLONE_FS); fork copies it.
 *
 * LOCKING.  fs->lock guards both paths and users; the counts of a path that
 * was replaced are dropped after the lock.  A walk under RCU reads the paths
 * without it, by fs->seq, and takes no counts.
 */

#include "internal.h"

#include <kernel/kernel.h>
#include <kernel/task.h>
#include <mm/slab.h>

struct fs_struct init_fs = {
	.users = 1,
	.lock = __SPIN_LOCK_UNLOCKED(init_fs.lock),
	.umask = 0022,
};

void get_fs_root(struct fs_struct *fs, struct path *root)
{
	spin_lock(&fs->lock);
	*root = fs->root;
	path_get(root);
	spin_unlock(&fs->lock);
}

void get_fs_pwd(struct fs_struct *fs, struct path *pwd)
{
	spin_lock(&fs->lock);
	*pwd = fs->pwd;
	path_get(pwd);
	spin_unlock(&fs->lock);
}

static void replace_path(struct fs_struct *fs, struct path *slot,
			 const struct path *path)
{
	struct path old;

	path_get(path);
	spin_lock(&fs->lock);
	write_seqcount_begin(&fs->seq);
	old = *slot;
	*slot = *path;
	write_seqcount_end(&fs->seq);
	spin_unlock(&fs->lock);
	path_put(&old);
}

void set_fs_root(struct fs_struct *fs, const struct path *path)
{
	replace_path(fs, &fs->root, path);
}

void set_fs_pwd(struct fs_struct *fs, const struct path *path)
{
	replace_path(fs, &fs->pwd, path);
}

/* For fork; NULL: no memory. */
struct fs_struct *copy_fs_struct(struct fs_struct *old)
{
	struct fs_struct *fs = kzalloc(sizeof(*fs), GFP_KERNEL);

	if (!fs)
		return NULL;
	fs->users = 1;
	spin_lock_init(&fs->lock);
	seqcount_init(&fs->seq);
	spin_lock(&old->lock);
	fs->umask = old->umask;
	fs->root = old->root;
	fs->pwd = old->pwd;
	path_get(&fs->root);
	path_get(&fs->pwd);
	spin_unlock(&old->lock);
	return fs;
}

static void put_fs_struct(struct fs_struct *fs)
{
	int left;

	spin_lock(&fs->lock);
	left = --fs->users;
	spin_unlock(&fs->lock);
	if (left)
		return;
	path_put(&fs->root);
	path_put(&fs->pwd);
	kfree(fs);
}

void exit_fs(struct task_struct *t)
{
	struct fs_struct *fs = t->fs;

	if (!fs)
		return;
	task_lock(t);
	t->fs = NULL;
	task_unlock(t);
	put_fs_struct(fs);
}

int unshare_fs_struct(void)
{
	struct fs_struct *old = current->fs, *new = copy_fs_struct(old);

	if (!new)
		return -ENOMEM;
	task_lock(current);
	current->fs = new;
	task_unlock(current);
	put_fs_struct(old);
	return 0;
}

static bool retarget(struct path *slot, const struct path *from,
		     const struct path *to)
{
	if (!path_equal(slot, from))
		return false;
	*slot = *to;
	path_get(to);
	return true;
}

/* pivot_root: whoever stands at the old root stands at the new one. */
void chroot_fs_refs(const struct path *old, const struct path *new)
{
	struct task_struct *leader, *t;
	int drop = 0;

	read_lock(&tasklist_lock);
	for_each_process_thread(leader, t) {
		task_lock(t);
		if (t->fs) {
			spin_lock(&t->fs->lock);
			write_seqcount_begin(&t->fs->seq);
			drop += retarget(&t->fs->root, old, new);
			drop += retarget(&t->fs->pwd, old, new);
			write_seqcount_end(&t->fs->seq);
			spin_unlock(&t->fs->lock);
		}
		task_unlock(t);
	}
	read_unlock(&tasklist_lock);
	while (drop--)
		path_put(old);
}
