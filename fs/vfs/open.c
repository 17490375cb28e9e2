/* SPDX-License-Identifier: MIT */
/*
 * open.c -- from a path to a descriptor, and back
 *
 * IDEA.  build_open_flags() decodes what the user asked for, and refuses what
 * contradicts itself; the walk (open_walk.c) finds the file; do_dentry_open()
 * joins file and inode and asks the file system.
 */

#include "internal.h"
#include "mount.h"

#include <fs/fsnotify.h>

#include <arch/uaccess.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/pagemap.h>

static int empty_open(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations path_fops = { .open = empty_open };

/* Does opening for writing count against exec and read-only mounts? */
static bool needs_write_access(struct inode *inode, fmode_t mode)
{
	umode_t type = inode->i_mode;

	return (mode & FMODE_WRITE) && !S_ISCHR(type) && !S_ISBLK(type) &&
	       !S_ISFIFO(type) && !S_ISSOCK(type);
}

static void set_can(struct file *f)
{
	if ((f->f_mode & FMODE_READ) && (f->f_op->read || f->f_op->read_iter))
		f->f_mode |= FMODE_CAN_READ;
	if ((f->f_mode & FMODE_WRITE) && (f->f_op->write || f->f_op->write_iter))
		f->f_mode |= FMODE_CAN_WRITE;
	if ((f->f_mode & FMODE_LSEEK) && !f->f_op->llseek)
		f->f_mode &= ~FMODE_LSEEK;
}

/* Count f among those who write to its file and its mount; -ETXTBSY, -EROFS. */
static int claim_writing(struct file *f)
{
	int err = get_write_access(f->f_inode);

	if (err)
		return err;
	err = mnt_want_write(f->f_path.mnt);
	if (err)
		put_write_access(f->f_inode);
	else
		f->f_mode |= FMODE_WRITER;
	return err;
}

static void give_up_writing(struct file *f)
{
	put_write_access(f->f_inode);
	mnt_drop_write(f->f_path.mnt);
	f->f_mode &= ~FMODE_WRITER;
}

/*
 * f->f_path is set (and gets a count here, dropped on failure): bind the file
 * to its inode and call ->open.  0 or -errno.
 */
int do_dentry_open(struct file *f, int (*open)(struct inode *, struct file *))
{
	struct inode *inode = d_inode(f->f_path.dentry);
	int err;

	path_get(&f->f_path);
	f->f_inode = inode;
	f->f_mapping = inode->i_mapping;
	if (f->f_flags & O_PATH) {
		f->f_mode = FMODE_PATH | FMODE_OPENED;
		f->f_op = &path_fops;
		return 0;
	}
	err = needs_write_access(inode, f->f_mode) ? claim_writing(f) : 0;
	if (err)
		goto out_path;
	if (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode))
		f->f_mode |= FMODE_ATOMIC_POS;
	f->f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	f->f_op = inode->i_fop;
	err = -ENODEV;
	if (!f->f_op)
		goto out_writer;
	err = S_ISREG(inode->i_mode) ? break_lease(inode, f->f_flags) : 0;
	if (err)
		goto out_writer;
	if (!open)
		open = f->f_op->open;
	err = open ? open(inode, f) : 0;
	if (err)
		goto out_writer;
	f->f_mode |= FMODE_OPENED;
	set_can(f);
	fsnotify_file(f, IN_OPEN);
	/* ->open may have changed the mapping: a block device's. */
	file_ra_state_init(&f->f_ra, f->f_mapping);
	f->f_wb_err = errseq_sample(&f->f_mapping->wb_err);
	f->f_sb_err = errseq_sample(&inode->i_sb->s_wb_err);
	f->f_flags &= ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC);
	if ((f->f_flags & O_DIRECT) && !(f->f_mapping->a_ops &&
					 f->f_mapping->a_ops->direct_IO))
		return -EINVAL;       /* fput() undoes the open */
	return 0;

out_writer:
	if (f->f_mode & FMODE_WRITER)
		give_up_writing(f);
out_path:
	path_put(&f->f_path);
	f->f_path = (struct path){ NULL, NULL };
	f->f_inode = NULL;
	return err;
}

int vfs_open(const struct path *path, struct file *file)
{
	file->f_path = *path;
	return do_dentry_open(file, NULL);
}

/* For ->tmpfile and its kin: the dentry that the file system made. */
int finish_open(struct file *file, struct dentry *dentry,
		int (*open)(struct inode *, struct file *))
{
	file->f_path.dentry = dentry;
	return do_dentry_open(file, open);
}

struct file *dentry_open(const struct path *path, int flags,
			 const struct cred *cred)
{
	struct file *f = alloc_empty_file(flags, cred);
	int err;

	if (IS_ERR(f))
		return f;
	err = vfs_open(path, f);
	if (err) {
		fput(f);
		return ERR_PTR(err);
	}
	return f;
}

/* ---- decoding ---- */

/* 0 or -EINVAL; see open(2) for which flags may stand together. */
int build_open_flags(const struct open_how *how, struct open_flags *op)
{
	static const int acc[4] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
				    MAY_READ | MAY_WRITE };
	int flags = how->flags & VALID_OPEN_FLAGS;
	int lookup = 0;

	op->mode = 0;
	if (flags & (O_CREAT | __O_TMPFILE))
		op->mode = (how->mode & S_IALLUGO) | S_IFREG;
	if (flags & __O_TMPFILE) {
		if ((flags & O_TMPFILE) != O_TMPFILE || (flags & O_CREAT) ||
		    !(acc[flags & O_ACCMODE] & MAY_WRITE))
			return -EINVAL;
	}
	if (flags & O_PATH)
		flags &= O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;
	if ((flags & O_DIRECTORY) && (flags & O_CREAT))
		return -EINVAL;
	if (flags & __O_SYNC)
		flags |= O_DSYNC;
	op->acc_mode = flags & O_PATH ? 0 : acc[flags & O_ACCMODE];
	if (flags & O_TRUNC)
		op->acc_mode |= MAY_WRITE;
	if (flags & O_APPEND)
		op->acc_mode |= MAY_APPEND;
	op->intent = flags & O_PATH ? 0 : LOOKUP_OPEN;
	if (flags & O_CREAT) {
		op->intent |= LOOKUP_CREATE;
		if (flags & O_EXCL) {
			op->intent |= LOOKUP_EXCL;
			flags |= O_NOFOLLOW;
		}
	}
	if (flags & O_DIRECTORY)
		lookup |= LOOKUP_DIRECTORY;
	if (!(flags & O_NOFOLLOW))
		lookup |= LOOKUP_FOLLOW;
	if (how->resolve & RESOLVE_NO_XDEV)
		lookup |= LOOKUP_NO_XDEV;
	if (how->resolve & RESOLVE_NO_MAGICLINKS)
		lookup |= LOOKUP_NO_MAGICLINKS;
	if (how->resolve & RESOLVE_NO_SYMLINKS)
		lookup |= LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS;
	if (how->resolve & RESOLVE_BENEATH)
		lookup |= LOOKUP_BENEATH;
	if (how->resolve & RESOLVE_IN_ROOT)
		lookup |= LOOKUP_IN_ROOT;
	if (how->resolve & RESOLVE_CACHED) {
		/* What changes something cannot promise not to sleep. */
		if (flags & (O_TRUNC | O_CREAT | __O_TMPFILE))
			return -EAGAIN;
		lookup |= LOOKUP_CACHED;
	}
	op->lookup_flags = lookup;
	op->open_flag = flags;
	return 0;
}

static struct open_how open_how_of(int flags, umode_t mode)
{
	return (struct open_how){ .flags = (unsigned)flags,
				  .mode = mode & S_IALLUGO };
}

/* ---- for the kernel itself ---- */

struct file *filp_open(const char *name, int flags, umode_t mode)
{
	struct open_how how = open_how_of(flags, mode);
	struct filename *f = getname_kernel(name);
	struct open_flags op;
	struct file *file;
	int err;

	if (IS_ERR(f))
		return ERR_CAST(f);
	err = build_open_flags(&how, &op);
	file = err ? ERR_PTR(err) : do_filp_open(AT_FDCWD, f, &op);
	putname(f);
	return file;
}

struct file *file_open_root(const struct path *root, const char *name,
			    int flags, umode_t mode)
{
	struct open_how how = open_how_of(flags, mode);
	struct open_flags op;
	int err = build_open_flags(&how, &op);

	return err ? ERR_PTR(err) : do_file_open_root(root, name, &op);
}

/*
 * For execve and execveat: a regular file that we may execute, closed to
 * writers until allow_write_access().  The name is not consumed.
 */
struct file *do_open_execat(int fd, struct filename *name, int flags)
{
	struct open_flags op = {
		.open_flag = O_RDONLY, .acc_mode = MAY_EXEC,
		.intent = LOOKUP_OPEN, .lookup_flags = LOOKUP_FOLLOW };
	struct file *file;
	int err;

	if (IS_ERR(name))
		return ERR_CAST(name);
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return ERR_PTR(-EINVAL);
	if (flags & AT_SYMLINK_NOFOLLOW)
		op.lookup_flags &= ~LOOKUP_FOLLOW;
	file = do_filp_open(fd, name, &op);
	if (IS_ERR(file))
		return file;
	err = -EACCES;
	if (!S_ISREG(file_inode(file)->i_mode) ||
	    (file->f_path.mnt->mnt_flags & MNT_NOEXEC))
		goto out_file;
	err = deny_write_access(file);
	if (err)
		goto out_file;
	return file;
out_file:
	fput(file);
	return ERR_PTR(err);
}

struct file *open_exec(const char *name)
{
	struct filename *f = getname_kernel(name);
	struct file *file = do_open_execat(AT_FDCWD, f, 0);

	putname(f);
	return file;
}

/* ---- system calls ---- */

static long do_sys_openat2(int dfd, const char __user *name,
			   const struct open_how *how)
{
	struct open_flags op;
	struct filename *f;
	struct file *file;
	int fd, err = build_open_flags(how, &op);

	if (err)
		return err;
	f = getname(name);
	if (IS_ERR(f))
		return PTR_ERR(f);
	fd = get_unused_fd_flags(how->flags);
	if (fd >= 0) {
		file = do_filp_open(dfd, f, &op);
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	putname(f);
	return fd;
}

SYSCALL_DEFINE3(open, const char __user *, name, int, flags, umode_t, mode)
{
	struct open_how how = open_how_of(flags | O_LARGEFILE, mode);

	return do_sys_openat2(AT_FDCWD, name, &how);
}

SYSCALL_DEFINE4(openat, int, dfd, const char __user *, name, int, flags,
		umode_t, mode)
{
	struct open_how how = open_how_of(flags | O_LARGEFILE, mode);

	return do_sys_openat2(dfd, name, &how);
}

SYSCALL_DEFINE2(creat, const char __user *, name, umode_t, mode)
{
	struct open_how how = open_how_of(O_CREAT | O_WRONLY | O_TRUNC, mode);

	return do_sys_openat2(AT_FDCWD, name, &how);
}

/* Unlike open(2), openat2(2) refuses what it does not know. */
SYSCALL_DEFINE4(openat2, int, dfd, const char __user *, name,
		struct open_how __user *, uhow, size_t, size)
{
	const u64 resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS |
			    RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |
			    RESOLVE_IN_ROOT | RESOLVE_CACHED;
	struct open_how how;
	size_t i;
	char c;

	if (size < sizeof(how))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	/* A newer program's structure: what we do not know must be zero. */
	for (i = sizeof(how); i < size; i++) {
		if (get_user(c, (char __user *)uhow + i))
			return -EFAULT;
		if (c)
			return -E2BIG;
	}
	if (copy_from_user(&how, uhow, sizeof(how)))
		return -EFAULT;
	if ((how.flags & ~(u64)VALID_OPEN_FLAGS) || (how.resolve & ~resolve))
		return -EINVAL;
	if ((how.resolve & RESOLVE_BENEATH) && (how.resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (how.mode & ~(u64)S_IALLUGO)
		return -EINVAL;
	if (how.mode && !(how.flags & (O_CREAT | __O_TMPFILE)))
		return -EINVAL;
	return do_sys_openat2(dfd, name, &how);
}

/* The descriptor goes; the file, if it was the last.  owner: files_struct. */
int filp_close(struct file *file, void *owner)
{
	int err = 0;

	if (WARN_ON(file_count(file) == 0))
		return 0;
	if (file->f_op && file->f_op->flush)
		err = file->f_op->flush(file, owner);
	if (!(file->f_mode & FMODE_PATH)) {
		dnotify_flush(file, owner);
		locks_remove_posix(file, owner);
	}
	fput(file);
	return err;
}

SYSCALL_DEFINE1(close, unsigned int, fd)
{
	struct file *file = close_fd_get_file(fd);
	int err = 0;

	if (!file)
		return -EBADF;
	if (file->f_op && file->f_op->flush)
		err = file->f_op->flush(file, current->files);
	if (!(file->f_mode & FMODE_PATH)) {
		dnotify_flush(file, current->files);
		locks_remove_posix(file, current->files);
	}
	__fput_sync(file);    /* we hold no lock: release it here and now */
	/* The descriptor is gone: the call must not be made again. */
	if (err == -ERESTARTSYS || err == -ERESTARTNOINTR ||
	    err == -ERESTARTNOHAND || err == -ERESTART_RESTARTBLOCK)
		err = -EINTR;
	return err;
}
