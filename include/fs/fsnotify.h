/* SPDX-License-Identifier: MIT */
#ifndef FS_FSNOTIFY_H
#define FS_FSNOTIFY_H
/*
 * fsnotify.h -- telling those who watch what happens to files
 *
 * The VFS calls these where something has happened; while nobody watches
 * anything, each costs one comparison.  All may sleep unless said.  Theory:
 * fs/notify/inotify.c.
 */

#include <fs/dcache.h>
#include <fs/inode.h>
#include <fs/open_file.h>

#define IN_ACCESS 0x00000001
#define IN_MODIFY 0x00000002
#define IN_ATTRIB 0x00000004
#define IN_CLOSE_WRITE 0x00000008
#define IN_CLOSE_NOWRITE 0x00000010
#define IN_OPEN 0x00000020
#define IN_MOVED_FROM 0x00000040
#define IN_MOVED_TO 0x00000080
#define IN_CREATE 0x00000100
#define IN_DELETE 0x00000200
#define IN_DELETE_SELF 0x00000400
#define IN_MOVE_SELF 0x00000800
#define IN_UNMOUNT 0x00002000
#define IN_Q_OVERFLOW 0x00004000
#define IN_IGNORED 0x00008000
#define IN_ISDIR 0x40000000
#define FS_DN_RENAME 0x10000000       /* dnotify's own: moved within */

extern unsigned int fsnotify_watches; /* in the whole system */

/* Something happened in dir to what it calls name, or, name NULL, to inode. */
void __fsnotify(struct inode *inode, u32 mask, const struct qstr *name,
		u32 cookie);
/* Something happened to dentry's inode: its watchers, and its directory's. */
void __fsnotify_dentry(struct dentry *dentry, u32 mask);
/* F_NOTIFY marks alone; __fsnotify() tells them by itself. */
void dnotify_tell(struct inode *inode, u32 mask);
u32 fsnotify_cookie(void);            /* joins the two ends of a move */
/* The file has lost its last name, or its volume: it is watched no more. */
void __fsnotify_gone(struct inode *inode, u32 mask);
void fsnotify_unmount_inodes(struct super_block *sb);

extern int dir_notify_enable;         /* fs.dir-notify-enable */
/* F_NOTIFY: 0, -EINVAL (switched off), -ENOTDIR, -ENOMEM. */
int fcntl_dirnotify(unsigned int fd, struct file *file, unsigned long arg);
/* A descriptor of that table goes: so do file's F_NOTIFY marks. */
void __dnotify_flush(struct file *file, void *owner);

static inline bool fsnotify_idle(void)
{
	return likely(!READ_ONCE(fsnotify_watches));
}

static inline void fsnotify_name(struct inode *dir, u32 mask,
				 const struct dentry *child, u32 cookie)
{
	if (!fsnotify_idle())
		__fsnotify(dir, mask, &child->d_name, cookie);
}

static inline void fsnotify_inode(struct inode *inode, u32 mask)
{
	if (!fsnotify_idle())
		__fsnotify(inode, mask, NULL, 0);
}

static inline void fsnotify_dentry(struct dentry *dentry, u32 mask)
{
	if (!fsnotify_idle())
		__fsnotify_dentry(dentry, mask);
}

static inline void fsnotify_file(struct file *file, u32 mask)
{
	if (!fsnotify_idle() && !(file->f_mode & (FMODE_PATH | FMODE_NONOTIFY)))
		__fsnotify_dentry(file_dentry(file), mask);
}

static inline void dnotify_flush(struct file *file, void *owner)
{
	if (!fsnotify_idle())
		__dnotify_flush(file, owner);
}

/* d_lock is not held; the inode has no names left. */
static inline void fsnotify_inoderemove(struct inode *inode)
{
	if (!fsnotify_idle())
		__fsnotify_gone(inode, IN_DELETE_SELF);
}

#endif
