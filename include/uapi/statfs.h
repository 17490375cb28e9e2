/* SPDX-License-Identifier: MIT */
#ifndef UAPI_STATFS_H
#define UAPI_STATFS_H
/* statfs.h -- how full a file system is (Linux ABI) */

#include <kernel/types.h>

struct statfs {
	long f_type;
	long f_bsize;
	long f_blocks;
	long f_bfree;
	long f_bavail;
	long f_files;
	long f_ffree;
	int f_fsid[2];
	long f_namelen;
	long f_frsize;
	long f_flags;
	long f_spare[4];
};

static_assert(sizeof(struct statfs) == 120, "x86-64 ABI");

#define ST_VALID 0x0020

#define TMPFS_MAGIC 0x01021994
#define RAMFS_MAGIC 0x858458f6
#define PROC_SUPER_MAGIC 0x9fa0
#define SYSFS_MAGIC 0x62656572
#define DEVPTS_SUPER_MAGIC 0x1cd1
#define PIPEFS_MAGIC 0x50495045
#define SOCKFS_MAGIC 0x534f434b
#define ANON_INODE_FS_MAGIC 0x09041934
#define EXT2_SUPER_MAGIC 0xef53

#endif
