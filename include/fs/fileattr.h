/* SPDX-License-Identifier: MIT */
#ifndef FS_FILEATTR_H
#define FS_FILEATTR_H
/*
 * fileattr.h -- what lsattr and chattr see, between ioctl and file system
 *
 * Two calls ask for the same thing in two dialects (FS_IOC_GETFLAGS with
 * FS_*_FL bits, FS_IOC_FSGETXATTR with FS_XFLAG_*); a file system answers in
 * either, and the VFS fills in the other.  fs/vfs/ioctl.c.
 */

#include <fs/types.h>
#include <uapi/fs_ioctl.h>

/* The flags that both dialects have. */
#define FS_COMMON_FL (FS_SYNC_FL | FS_IMMUTABLE_FL | FS_APPEND_FL | \
		      FS_NODUMP_FL | FS_NOATIME_FL | FS_DAX_FL | \
		      FS_PROJINHERIT_FL)

struct fileattr {
	u32 flags;                    /* FS_*_FL */
	u32 fsx_xflags;               /* FS_XFLAG_* */
	u32 fsx_extsize;
	u32 fsx_nextents;
	u32 fsx_projid;
	u32 fsx_cowextsize;
	bool flags_valid : 1;
	bool fsx_valid : 1;
};

void fileattr_fill_flags(struct fileattr *fa, u32 flags);
void fileattr_fill_xflags(struct fileattr *fa, u32 xflags);
int vfs_fileattr_get(struct dentry *dentry, struct fileattr *fa);
int vfs_fileattr_set(struct dentry *dentry, struct fileattr *fa);

/* Is more asked for than the FS_*_FL that the VFS shares?  For ->set. */
static inline bool fileattr_has_fsx(const struct fileattr *fa)
{
	return fa->fsx_valid &&
	       (fa->fsx_extsize || fa->fsx_projid || fa->fsx_cowextsize);
}

#endif
