/* SPDX-License-Identifier: MIT */
/*
 * mnt_write.c -- writers of a mount, and making it read-only
 *
 * PROMISE.  A mount that was made read-only has no writer, and gets none.
 *
 * RACES.
 *	writer                          remount
 *	count++        [a]              flag = read-only   [c]
 *	look at the flag  [b]           look at the count  [d]
 *
 * With a full barrier between the two steps on each side, at least one of [b]
 * and [d] sees what the other side did first: the writer backs out with -EROFS,
 * or the remount does with -EBUSY.  Perhaps both; never neither.
 */

#include "internal.h"
#include "namespace.h"

#include <kernel/kernel.h>

bool __mnt_is_readonly(struct vfsmount *mnt)
{
	return (mnt->mnt_flags & MNT_READONLY) ||
	       (mnt->mnt_sb->s_flags & SB_RDONLY);
}

/*
 * Announce a write; 0 or -EROFS.  The count is raised before we look, and a
 * remount sets the flag before it looks at the count: one of both notices.
 */
int mnt_want_write(struct vfsmount *mnt)
{
	struct mount *m = real_mount(mnt);

	atomic_inc(&m->mnt_writers);
	smp_mb();
	if (!__mnt_is_readonly(mnt))
		return 0;
	atomic_dec(&m->mnt_writers);
	return -EROFS;
}

void mnt_drop_write(struct vfsmount *mnt)
{
	atomic_dec(&real_mount(mnt)->mnt_writers);
}

/* The file is open for writing, so the mount cannot have become read-only. */
int mnt_want_write_file(struct file *file)
{
	if (file->f_mode & FMODE_WRITER) {
		atomic_inc(&real_mount(file->f_path.mnt)->mnt_writers);
		return 0;
	}
	return mnt_want_write(file->f_path.mnt);
}

void mnt_drop_write_file(struct file *file)
{
	mnt_drop_write(file->f_path.mnt);
}

int mnt_make_readonly(struct mount *m)
{
	int err = 0;

	write_seqlock(&mount_lock);
	m->mnt.mnt_flags |= MNT_READONLY;
	smp_mb();
	if (atomic_read(&m->mnt_writers)) {
		m->mnt.mnt_flags &= ~MNT_READONLY;
		err = -EBUSY;
	}
	write_sequnlock(&mount_lock);
	return err;
}

/* No mount of the volume, in any namespace, may have writers; -EBUSY. */
int sb_prepare_remount_readonly(struct super_block *sb)
{
	unsigned long old = sb->s_flags;
	struct mount *m;
	int err = 0;

	write_seqlock(&mount_lock);
	sb->s_flags |= SB_RDONLY;
	smp_mb();
	list_for_each_entry(m, &sb->s_mounts, mnt_instance) {
		if (atomic_read(&m->mnt_writers))
			err = -EBUSY;
	}
	if (err)
		sb->s_flags = old;
	write_sequnlock(&mount_lock);
	return err;
}
