/* SPDX-License-Identifier: MIT */
#ifndef FS_TYPES_H
#define FS_TYPES_H
/* types.h -- paths, attributes and the flags that all of fs/ shares */

#include <kernel/types.h>
#include <uapi/fcntl.h>
#include <uapi/stat.h>
#include <uapi/time.h>

struct address_space;
struct backing_dev_info;
struct block_device;
struct cred;
struct fiemap_extent_info;
struct dentry;
struct file;
struct filename;
struct file_lock;
struct inode;
struct iov_iter;
struct fs_struct;
struct kiocb;
struct kstatfs;
struct mm_struct;
struct mnt_namespace;
struct page;
struct pid;
struct pipe_inode_info;
struct poll_table_struct;
struct readahead_control;
struct seq_file;
struct file_system_type;
struct super_block;
struct vfsmount;
struct vm_area_struct;
struct cdev;
struct writeback_control;

#define MAY_EXEC 0x01
#define MAY_WRITE 0x02
#define MAY_READ 0x04
#define MAY_APPEND 0x08
#define MAY_ACCESS 0x10
#define MAY_OPEN 0x20
#define MAY_CHDIR 0x40
#define MAY_NOT_BLOCK 0x80

/* file->f_mode */
#define FMODE_READ 0x1u
#define FMODE_WRITE 0x2u
#define FMODE_LSEEK 0x4u
#define FMODE_PREAD 0x8u
#define FMODE_PWRITE 0x10u
#define FMODE_EXEC 0x20u
#define FMODE_RANDOM 0x1000u          /* POSIX_FADV_RANDOM */
#define FMODE_PATH 0x4000u            /* opened with O_PATH */
#define FMODE_ATOMIC_POS 0x8000u      /* reads and writes take f_pos_lock */
#define FMODE_WRITER 0x10000u         /* counts in i_writecount and mnt */
#define FMODE_CAN_READ 0x20000u
#define FMODE_CAN_WRITE 0x40000u
#define FMODE_OPENED 0x80000u         /* ->open succeeded: call ->release */
#define FMODE_CREATED 0x100000u
#define FMODE_STREAM 0x200000u        /* has no position at all */
#define FMODE_NEED_UNMOUNT 0x10000000u /* its tree of mounts goes with it */
#define FMODE_NONOTIFY 0x4000000u

#define OPEN_FMODE(flag) ((fmode_t)(((flag) + 1) & O_ACCMODE))

#define MAX_LFS_FILESIZE ((loff_t)S64_MAX)
#define MAX_NON_LFS ((1UL << 31) - 1)

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

void path_get(const struct path *path);
void path_put(const struct path *path);       /* may sleep */

static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mnt == b->mnt && a->dentry == b->dentry;
}

/* ---- attributes ---- */

#define ATTR_MODE (1 << 0)
#define ATTR_UID (1 << 1)
#define ATTR_GID (1 << 2)
#define ATTR_SIZE (1 << 3)
#define ATTR_ATIME (1 << 4)
#define ATTR_MTIME (1 << 5)
#define ATTR_CTIME (1 << 6)
#define ATTR_ATIME_SET (1 << 7)
#define ATTR_MTIME_SET (1 << 8)
#define ATTR_FORCE (1 << 9)
#define ATTR_KILL_SUID (1 << 11)
#define ATTR_KILL_SGID (1 << 12)
#define ATTR_FILE (1 << 13)
#define ATTR_OPEN (1 << 15)
#define ATTR_TIMES_SET (1 << 16)
#define ATTR_TOUCH (1 << 17)

struct iattr {
	unsigned int ia_valid;        /* ATTR_* */
	umode_t ia_mode;
	uid_t ia_uid;
	gid_t ia_gid;
	loff_t ia_size;
	struct timespec64 ia_atime;
	struct timespec64 ia_mtime;
	struct timespec64 ia_ctime;
	struct file *ia_file;
};

struct kstat {
	u32 result_mask;
	umode_t mode;
	unsigned int nlink;
	u32 blksize;
	u64 attributes;
	u64 attributes_mask;
	u64 ino;
	dev_t dev;
	dev_t rdev;
	uid_t uid;
	gid_t gid;
	loff_t size;
	struct timespec64 atime, mtime, ctime, btime;
	u64 blocks;
	u64 mnt_id;
};

#endif
