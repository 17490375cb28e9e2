/* SPDX-License-Identifier: MIT */
#ifndef FS_EXPORTFS_H
#define FS_EXPORTFS_H
/* exportfs.h -- files by handle, not by name; theory: fs/vfs/fhandle.c */

#include <fs/types.h>

#define FILEID_INO32_GEN 1
#define MAX_HANDLE_SZ 128

/* What a file system answers so that its files have handles. */
struct export_operations {
	/* The inode of that number and generation; ERR_PTR(-ESTALE, ...). */
	struct inode *(*get_inode)(struct super_block *sb, u64 ino,
				   u32 generation);
	/* That of a directory's "..", with a reference; NULL: all that exist
	   have dentries. */
	struct inode *(*get_parent)(struct inode *dir);
	bool wide;                    /* inode numbers have 64 bits */
};

#endif
