/* SPDX-License-Identifier: MIT */
/*
 * dnotify.c -- F_NOTIFY: a signal when something happens in a directory
 *
 * PROMISE.  After fcntl(fd, F_NOTIFY, mask) the owner of fd is sent SIGIO, or
 * the signal of F_SETSIG with si_fd, at the next event of mask in that
 * directory; at every one with DN_MULTISHOT.
 *
 * IDEA.  inotify's elder: no queue and no names, so a mark is an open
 * directory, a mask, and whom to tell, which the file's owner says anyway.
 * Marks are rare: one hash table of all, by inode.  The hooks and the summary
 * mask of the inode are inotify's: who watches nothing pays nothing for marks.
 *
 * INVARIANTS
 *   I1  A mark's file is open in the table of descriptors that made the mark:
 *       closing it there (any of its descriptors, as with record locks) takes
 *       the mark off first.  So it needs no reference.
 *
 * LOCKING.  marks_lock (inside inotify_watch_mutex, outside f_owner.lock)
 * guards the table.
 *
 * SEE fcntl(2), inotify.c.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/hash.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#include "inotify.h"

struct dnotify_mark {
	struct list_head link;        /* [marks_lock] */
	struct file *file;            /* I1 */
	void *owner;                  /* the files_struct that I1 speaks of */
	unsigned int fd;              /* [marks_lock] what si_fd says */
	u32 mask;                     /* [marks_lock] in inotify's bits */
	bool multishot;               /* [marks_lock] */
};

int dir_notify_enable = 1;

#define BUCKET_BITS 6
static struct list_head marks[1 << BUCKET_BITS]; /* [marks_lock] by inode */
static DEFINE_SPINLOCK(marks_lock);
static int nr_marks;                  /* [marks_lock] */

static struct list_head *marks_of(const struct inode *inode)
{
	return &marks[hash_ptr(inode, BUCKET_BITS)];
}

/* A move is both of its ends, and DN_RENAME too within a directory only. */
static u32 inotify_bits(unsigned long dn)
{
	static const struct { unsigned long dn; u32 in; } bits[] = {
		{ DN_ACCESS, IN_ACCESS }, { DN_MODIFY, IN_MODIFY },
		{ DN_CREATE, IN_CREATE | IN_MOVED_TO },
		{ DN_DELETE, IN_DELETE | IN_MOVED_FROM },
		{ DN_RENAME, FS_DN_RENAME }, { DN_ATTRIB, IN_ATTRIB },
	};
	u32 mask = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (dn & bits[i].dn)
			mask |= bits[i].in;
	return mask;
}

/* inotify_watch_mutex held. */
u32 dnotify_mask(const struct inode *inode)
{
	struct dnotify_mark *m;
	u32 mask = 0;

	spin_lock(&marks_lock);
	list_for_each_entry(m, marks_of(inode), link)
		if (file_inode(m->file) == inode)
			mask |= m->mask;
	spin_unlock(&marks_lock);
	return mask;
}

/* These marks are on no list any more; inotify_watch_mutex held. */
static void free_marks(struct list_head *gone)
{
	struct dnotify_mark *m, *next;

	list_for_each_entry_safe(m, next, gone, link) {
		fsnotify_watches--;
		kfree(m);
	}
}

/* marks_lock held. */
static void take_off(struct dnotify_mark *m, struct list_head *gone)
{
	list_move(&m->link, gone);
	WRITE_ONCE(nr_marks, nr_marks - 1);
}

/* No lock held; may sleep. */
void dnotify_tell(struct inode *inode, u32 mask)
{
	struct dnotify_mark *m, *next;
	LIST_HEAD(gone);

	if (!READ_ONCE(nr_marks) || !S_ISDIR(inode->i_mode))
		return;
	spin_lock(&marks_lock);
	list_for_each_entry_safe(m, next, marks_of(inode), link) {
		if (file_inode(m->file) != inode || !(m->mask & mask))
			continue;
		send_sigio(&m->file->f_owner, m->fd, POLL_MSG);
		if (!m->multishot)
			take_off(m, &gone);
	}
	spin_unlock(&marks_lock);
	if (list_empty(&gone))
		return;
	mutex_lock(&inotify_watch_mutex);
	free_marks(&gone);
	inotify_sum_up(inode);
	mutex_unlock(&inotify_watch_mutex);
}

/* The marks of file by that table of descriptors go. */
void __dnotify_flush(struct file *file, void *owner)
{
	struct dnotify_mark *m, *next;
	LIST_HEAD(gone);

	if (!READ_ONCE(nr_marks))
		return;
	mutex_lock(&inotify_watch_mutex);
	spin_lock(&marks_lock);
	list_for_each_entry_safe(m, next, marks_of(file_inode(file)), link)
		if (m->file == file && m->owner == owner)
			take_off(m, &gone);
	spin_unlock(&marks_lock);
	if (!list_empty(&gone)) {
		free_marks(&gone);
		inotify_sum_up(file_inode(file));
	}
	mutex_unlock(&inotify_watch_mutex);
}

/* A mark, or more bits for the one that is there; `new` is consumed. */
static void add_mark(struct dnotify_mark *new)
{
	struct list_head *bucket = marks_of(file_inode(new->file));
	struct dnotify_mark *m;

	mutex_lock(&inotify_watch_mutex);
	spin_lock(&marks_lock);
	list_for_each_entry(m, bucket, link)
		if (m->file == new->file && m->owner == new->owner)
			break;
	if (!list_entry_is_head(m, bucket, link)) {
		m->mask |= new->mask;
		m->multishot |= new->multishot;
		m->fd = new->fd;
		kfree(new);
	} else {
		list_add(&new->link, bucket);
		WRITE_ONCE(nr_marks, nr_marks + 1);
		fsnotify_watches++;
		m = new;
	}
	spin_unlock(&marks_lock);
	inotify_sum_up(file_inode(m->file));
	mutex_unlock(&inotify_watch_mutex);
}

int fcntl_dirnotify(unsigned int fd, struct file *file, unsigned long arg)
{
	struct dnotify_mark *m;
	struct file *now;

	if (!dir_notify_enable)
		return -EINVAL;
	if (!(arg & ~DN_MULTISHOT)) {
		__dnotify_flush(file, current->files);
		return 0;
	}
	if (!S_ISDIR(file_inode(file)->i_mode))
		return -ENOTDIR;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->file = file;
	m->owner = current->files;
	m->fd = fd;
	m->mask = inotify_bits(arg);
	m->multishot = arg & DN_MULTISHOT;
	f_setown_if_none(file);
	add_mark(m);
	/* Closed by another thread meanwhile: nobody would take it off. */
	now = fget(fd);
	if (now != file)
		__dnotify_flush(file, current->files);
	if (now)
		fput(now);
	return 0;
}

static int dnotify_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		INIT_LIST_HEAD(&marks[i]);
	return 0;
}
fs_initcall(dnotify_init);
