/* SPDX-License-Identifier: MIT */
/*
 * init_calls.c -- the kernel's own hands on the root, before init runs
 *
 * The same work as the system calls do, with paths of the kernel.  May sleep.
 */

#include "internal.h"
#include "mount.h"

#include <kernel/kernel.h>

int init_mkdir(const char *name, umode_t mode)
{
	return do_mkdirat(AT_FDCWD, getname_kernel(name), mode);
}

int init_mknod(const char *name, umode_t mode, unsigned int dev)
{
	return do_mknodat(AT_FDCWD, getname_kernel(name), mode, dev);
}

int init_symlink(const char *text, const char *name)
{
	return do_symlinkat(getname_kernel(text), AT_FDCWD,
			    getname_kernel(name));
}

int init_link(const char *old, const char *new)
{
	return do_linkat(AT_FDCWD, getname_kernel(old), AT_FDCWD,
			 getname_kernel(new), 0);
}

int init_unlink(const char *name)
{
	return do_unlinkat(AT_FDCWD, getname_kernel(name));
}

int init_rmdir(const char *name)
{
	return do_rmdir(AT_FDCWD, getname_kernel(name));
}

int init_chdir(const char *name)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (!err) {
		set_fs_pwd(current->fs, &path);
		path_put(&path);
	}
	return err;
}

int init_chroot(const char *name)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (!err) {
		set_fs_root(current->fs, &path);
		path_put(&path);
	}
	return err;
}

int init_chown(const char *name, uid_t uid, gid_t gid, int flags)
{
	struct path path;
	int err = kern_path(name, flags & AT_SYMLINK_NOFOLLOW ? 0
							: LOOKUP_FOLLOW, &path);

	if (!err) {
		err = chown_common(&path, uid, gid);
		path_put(&path);
	}
	return err;
}

int init_chmod(const char *name, umode_t mode)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW, &path);

	if (!err) {
		err = chmod_common(&path, mode);
		path_put(&path);
	}
	return err;
}

int init_utimes(const char *name, struct timespec64 ts[2])
{
	struct path path;
	int err = kern_path(name, 0, &path);

	if (!err) {
		err = vfs_utimes(&path, ts);
		path_put(&path);
	}
	return err;
}

/* Is there something that we may execute?  0 or -errno. */
int init_eaccess(const char *name)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW, &path);

	if (!err) {
		err = inode_permission(d_inode(path.dentry),
				       MAY_EXEC | MAY_ACCESS);
		path_put(&path);
	}
	return err;
}

int init_stat(const char *name, struct kstat *stat, int flags)
{
	struct path path;
	int err = kern_path(name, flags & AT_SYMLINK_NOFOLLOW ? 0
							: LOOKUP_FOLLOW, &path);

	if (!err) {
		err = vfs_getattr(&path, stat, STATX_BASIC_STATS, 0);
		path_put(&path);
	}
	return err;
}

int init_mount(const char *dev, const char *dir, const char *type,
	       unsigned long flags, void *data)
{
	struct path path;
	int err = kern_path(dir, LOOKUP_FOLLOW, &path);

	if (!err) {
		err = path_mount(dev, &path, type, flags, data);
		path_put(&path);
	}
	return err;
}

/* A descriptor for file in current's table, beside what others hold. */
int init_dup(struct file *file)
{
	int fd = get_unused_fd_flags(0);

	if (fd < 0)
		return fd;
	fd_install(fd, get_file(file));
	return 0;
}

/* Boot: the slab is up, tasks are not.  Then mnt_init() makes the root. */
void vfs_caches_init(void)
{
	dcache_init();
	inode_caches_init();
	files_init();
	fdtable_init();
	locks_cache_init();
	/* init_task lies below us and cannot name these itself. */
	init_task.fs = &init_fs;
	init_task.files = &init_files;
}
