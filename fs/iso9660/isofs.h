/* SPDX-License-Identifier: MIT */
#ifndef FS_ISO9660_ISOFS_H
#define FS_ISO9660_ISOFS_H
/* isofs.h -- a mounted CD */

#include "iso.h"

#include <fs/buffer_head.h>
#include <fs/fs.h>

struct iso_options {
	uid_t uid;                    /* of all files, if uid_set */
	gid_t gid;
	umode_t mode, dmode;          /* permissions; ISO_KEEP: the disc's */
	bool uid_set, gid_set;
	bool norock, nojoliet, unhide;
	bool map_off;                 /* names as they stand */
	u32 sbsector;                 /* first block of the session */
};

#define ISO_KEEP ((umode_t)-1)

/* All constant while mounted. */
struct iso_sb_info {
	struct iso_volume volume;
	struct iso_options opts;
	bool rock;
	u32 skip;                     /* bytes before each system use area */
	u32 inodes;                   /* unknown; 0 */
};

/* A file of more than 4 GiB has several extents. */
struct iso_section {
	u32 extent;
	u32 size;
};

struct iso_inode_info {
	u32 nr_sections;
	struct iso_section *sections; /* constant; &first if there is one */
	struct iso_section first;
	struct inode vfs_inode;
};

static inline struct iso_inode_info *ISO_I(const struct inode *inode)
{
	return container_of(inode, struct iso_inode_info, vfs_inode);
}

static inline struct iso_sb_info *ISO_SB(const struct super_block *sb)
{
	return sb->s_fs_info;
}

/* A record is known by its place. */
struct iso_place {
	u32 block, offset;
};

/* One entry of a directory as users see it. */
struct iso_entry {
	struct iso_place place;
	struct iso_record record;
	struct rock_info *rock;       /* filled if the disc has it */
	char name[ISO_NAME_MAX + 1];
	u32 name_len;
	struct buffer_head *bh, *more;
};

unsigned long iso_ino(struct iso_place place);
struct inode *iso_iget(struct super_block *sb, struct iso_place place,
		       bool is_dir);
int iso_next_entry(struct inode *dir, loff_t *pos, struct iso_entry *e);
int iso_read_rock(struct super_block *sb, const struct iso_record *r,
		  struct rock_info *rock);
/* Where the inode of an entry is. */
struct iso_place iso_target(const struct iso_entry *e, bool *is_dir);
extern const struct inode_operations iso_dir_inode_operations;
extern const struct file_operations iso_dir_operations;
extern const struct address_space_operations iso_aops;

#endif
