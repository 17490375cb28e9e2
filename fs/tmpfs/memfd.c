/* SPDX-License-Identifier: MIT */
/*
 * memfd.c -- memory as a file without a name, and seals on it
 *
 * PROMISE.  Who receives a sealed file may rely on it: it never shrinks, grows
 * or changes any more, whatever its maker does.
 *
 * IDEA.  The file lives on a tmpfs of the kernel's own.  Seals are only ever
 * added; each change of the file looks at them (file.c, inode.c).  F_SEAL_WRITE
 * must know that nobody can write through memory either: areas that could are
 * counted as long as the file may still be sealed.
 *
 * LOCKING.  The inode's i_rwsem for the seals.  A new area and F_SEAL_WRITE:
 * the area is counted, then the seals are looked at once more by its mmap; the
 * sealer counts with the seal in place, and takes it back: one of both notices.
 *
 * SEE memfd_create(2), fcntl(2) "File Sealing".
 */

#include "tmpfs.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/shmem_fs.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>

#include "../vfs/internal.h"

#define MFD_CLOEXEC 0x0001U
#define MFD_ALLOW_SEALING 0x0002U
#define MFD_NAME_PREFIX "memfd:"
#define MFD_NAME_MAX (NAME_MAX - 6)   /* without the prefix */

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | \
		   F_SEAL_FUTURE_WRITE)

static struct vfsmount *shm_mnt __ro_after_init;

/* "/memfd:x (deleted)", as every file without a name is shown. */
static const struct dentry_operations memfd_dops = { .d_dname = simple_dname };

/* ---- seals ---- */

static long add_seals(struct file *file, unsigned long seals)
{
	struct inode *inode = file_inode(file);
	struct tmpfs_inode_info *info = tmpfs_info(inode);
	unsigned int old;
	long err = 0;

	if (!(file->f_mode & FMODE_WRITE))
		return -EPERM;
	if (seals & ~(unsigned long)ALL_SEALS)
		return -EINVAL;
	inode_lock(inode);
	old = info->seals;
	if (old & F_SEAL_SEAL) {
		err = -EPERM;
	} else {
		WRITE_ONCE(info->seals, old | seals);
		smp_mb();
		if ((seals & F_SEAL_WRITE) && !(old & F_SEAL_WRITE) &&
		    atomic_read(&info->writable_maps)) {
			WRITE_ONCE(info->seals, old);
			err = -EBUSY;
		}
	}
	inode_unlock(inode);
	return err;
}

/* fcntl(F_ADD_SEALS, F_GET_SEALS); -EINVAL for files of other kinds. */
long memfd_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (file->f_op != &tmpfs_file_fops)
		return -EINVAL;
	if (cmd == F_ADD_SEALS)
		return add_seals(file, arg);
	return READ_ONCE(tmpfs_info(file_inode(file))->seals);
}

/* ---- making one ---- */

static struct file *make_file(const char *name, unsigned int seals)
{
	struct inode *inode;
	struct file *file;

	inode = tmpfs_get_inode(shm_mnt->mnt_sb, NULL, S_IFREG | S_IRWXUGO, 0);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	clear_nlink(inode);
	tmpfs_info(inode)->seals = seals;
	file = alloc_file_pseudo(inode, shm_mnt, name, O_RDWR | O_LARGEFILE,
				 &tmpfs_file_fops);
	if (IS_ERR(file)) {
		iput(inode);
		return file;
	}
	file_dentry(file)->d_op = &memfd_dops;
	file->f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE |
			FMODE_ATOMIC_POS;
	return file;
}

struct file *shmem_file_setup(const char *name, loff_t size,
			      unsigned long vm_flags)
{
	unsigned long pages = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct inode *inode;
	struct file *file;

	if (size < 0 || size > MAX_LFS_FILESIZE)
		return ERR_PTR(-EINVAL);
	if (!(vm_flags & VM_NORESERVE) && vm_enough_memory(pages))
		return ERR_PTR(-ENOMEM);
	file = make_file(name, F_SEAL_SEAL);
	if (IS_ERR(file)) {
		if (!(vm_flags & VM_NORESERVE))
			vm_unacct_memory(pages);
		return file;
	}
	inode = file_inode(file);
	i_size_write(inode, size);
	if (!(vm_flags & VM_NORESERVE))
		tmpfs_info(inode)->promised = pages;
	return file;
}

SYSCALL_DEFINE2(memfd_create, const char __user *, uname, unsigned int, flags)
{
	char *name;
	struct file *file;
	long n;
	int fd;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	name = kmalloc(NAME_MAX + 1, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	strscpy(name, MFD_NAME_PREFIX, NAME_MAX);
	n = strncpy_from_user(name + 6, uname, MFD_NAME_MAX + 1);
	if (n < 0 || n > MFD_NAME_MAX) {
		kfree(name);
		return n < 0 ? n : -EINVAL;
	}
	fd = get_unused_fd_flags(flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
	if (fd >= 0) {
		file = make_file(name, flags & MFD_ALLOW_SEALING
					 ? 0 : F_SEAL_SEAL);
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	kfree(name);
	return fd;
}

static int memfd_init(void)
{
	struct file_system_type *type = get_fs_type("rootfs");

	shm_mnt = kern_mount(type);
	return PTR_ERR_OR_ZERO(shm_mnt);
}
fs_initcall(memfd_init);
