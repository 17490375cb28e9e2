/* SPDX-License-Identifier: MIT */
#ifndef FS_FS_H
#define FS_FS_H
/*
 * fs.h -- the objects of the virtual file system, and the doors to it
 *
 *	descriptor -> file -> dentry -> inode -> super_block
 *	              offset  name      data     mounted volume
 *
 * Each object has a table of operations that its file system fills.  Theory:
 * fs/vfs/inode.c, dcache.c, namei.c, namespace.c, super.c, file_table.c.
 */


#include <fs/dcache.h>
#include <fs/inode.h>
#include <fs/libfs.h>
#include <fs/mapping.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/open_file.h>
#include <fs/super.h>
#include <fs/types.h>
#include <kernel/wait.h>

/* ---- the kernel's own hands on the root, before init runs ---- */

int init_mkdir(const char *name, umode_t mode);
int init_mknod(const char *name, umode_t mode, unsigned int dev);
int init_symlink(const char *text, const char *name);
int init_link(const char *old, const char *new);
int init_unlink(const char *name);
int init_rmdir(const char *name);
int init_chdir(const char *name);
int init_chroot(const char *name);
int init_chown(const char *name, uid_t uid, gid_t gid, int flags);
int init_chmod(const char *name, umode_t mode);
int init_utimes(const char *name, struct timespec64 ts[2]);
int init_eaccess(const char *name);
int init_stat(const char *name, struct kstat *stat, int flags);
int init_mount(const char *dev, const char *dir, const char *type,
	       unsigned long flags, void *data);
int init_umount(const char *name, int flags);
int init_dup(struct file *file);

/*
 * Unpack cpio archives, plain or gzip, one after another, into the root:
 * NULL, or what was wrong and where, as text.  fs/initramfs.c.
 */
const char *unpack_to_rootfs(const void *buf, size_t len);

#endif
