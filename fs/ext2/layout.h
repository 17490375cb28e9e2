/* SPDX-License-Identifier: MIT */
#ifndef FS_EXT2_LAYOUT_H
#define FS_EXT2_LAYOUT_H
/*
 * layout.h -- ext2 as it lies on the disk
 *
 *	byte 1024: super block
 *	block group 0 | block group 1 | ...       all of the same size
 *	[super | group descriptors | reserved descriptors]   in some groups
 *	[block bitmap | inode bitmap | inode table | data ...]
 *
 * All numbers are little-endian.  Nothing in these structures may be trusted
 * before the check of its file has passed: geometry.c, inode_disk.c,
 * dirblock.c, xattr_block.c.  docs/80-ext2-on-disk.md.
 */

#include <kernel/byteorder.h>
#include <kernel/types.h>

#define EXT2_SUPER_MAGIC 0xef53
#define EXT2_SUPER_OFFSET 1024

/* Inodes that are not files: 1..10 on old volumes, s_first_ino on new ones. */
#define EXT2_BAD_INO 1
#define EXT2_ROOT_INO 2
#define EXT2_RESIZE_INO 7
#define EXT2_GOOD_OLD_FIRST_INO 11

#define EXT2_MIN_BLOCK_LOG 10
#define EXT2_MAX_BLOCK_LOG 12         /* one page */
#define EXT2_MIN_BLOCK_SIZE (1 << EXT2_MIN_BLOCK_LOG)
#define EXT2_MAX_BLOCK_SIZE (1 << EXT2_MAX_BLOCK_LOG)
#define EXT2_GOOD_OLD_INODE_SIZE 128
#define EXT2_GOOD_OLD_REV 0
#define EXT2_DYNAMIC_REV 1

#define EXT2_NDIR_BLOCKS 12
#define EXT2_IND_BLOCK 12
#define EXT2_DIND_BLOCK 13
#define EXT2_TIND_BLOCK 14
#define EXT2_N_BLOCKS 15

#define EXT2_LINK_MAX 32000
#define EXT2_NAME_LEN 255

/* s_state */
#define EXT2_VALID_FS 0x0001          /* cleanly unmounted */
#define EXT2_ERROR_FS 0x0002          /* errors were found */

/* s_errors, and the errors= option */
#define EXT2_ERRORS_CONTINUE 1
#define EXT2_ERRORS_RO 2
#define EXT2_ERRORS_PANIC 3

/* s_default_mount_opts */
#define EXT2_DEFM_DEBUG 0x0001
#define EXT2_DEFM_BSDGROUPS 0x0002
#define EXT2_DEFM_XATTR_USER 0x0004
#define EXT2_DEFM_ACL 0x0008
#define EXT2_DEFM_UID16 0x0010

/* Features: unknown compat is harmless, ro_compat forbids writing, incompat
 * forbids mounting. */
#define EXT2_COMPAT_DIR_PREALLOC 0x0001
#define EXT2_COMPAT_HAS_JOURNAL 0x0004
#define EXT2_COMPAT_EXT_ATTR 0x0008
#define EXT2_COMPAT_RESIZE_INODE 0x0010
#define EXT2_COMPAT_DIR_INDEX 0x0020

#define EXT2_RO_COMPAT_SPARSE_SUPER 0x0001
#define EXT2_RO_COMPAT_LARGE_FILE 0x0002
#define EXT2_RO_COMPAT_BTREE_DIR 0x0004
#define EXT2_RO_COMPAT_SUPPORTED (EXT2_RO_COMPAT_SPARSE_SUPER | \
	EXT2_RO_COMPAT_LARGE_FILE | EXT2_RO_COMPAT_BTREE_DIR)

#define EXT2_INCOMPAT_COMPRESSION 0x0001
#define EXT2_INCOMPAT_FILETYPE 0x0002
#define EXT2_INCOMPAT_RECOVER 0x0004
#define EXT2_INCOMPAT_JOURNAL_DEV 0x0008
#define EXT2_INCOMPAT_META_BG 0x0010
#define EXT2_INCOMPAT_SUPPORTED (EXT2_INCOMPAT_FILETYPE | EXT2_INCOMPAT_META_BG)

/* s_flags: how the hashes of directory indices were computed */
#define EXT2_FLAGS_SIGNED_HASH 0x0001
#define EXT2_FLAGS_UNSIGNED_HASH 0x0002

struct ext2_super_block {
	__le32 s_inodes_count;
	__le32 s_blocks_count;
	__le32 s_r_blocks_count;      /* reserved for root */
	__le32 s_free_blocks_count;
	__le32 s_free_inodes_count;
	__le32 s_first_data_block;    /* 1 with 1 KiB blocks, else 0 */
	__le32 s_log_block_size;      /* size = 1024 << this */
	__le32 s_log_frag_size;
	__le32 s_blocks_per_group;
	__le32 s_frags_per_group;
	__le32 s_inodes_per_group;
	__le32 s_mtime;
	__le32 s_wtime;
	__le16 s_mnt_count;
	__le16 s_max_mnt_count;
	__le16 s_magic;
	__le16 s_state;
	__le16 s_errors;
	__le16 s_minor_rev_level;
	__le32 s_lastcheck;
	__le32 s_checkinterval;
	__le32 s_creator_os;
	__le32 s_rev_level;
	__le16 s_def_resuid;
	__le16 s_def_resgid;
	/* from EXT2_DYNAMIC_REV on: */
	__le32 s_first_ino;
	__le16 s_inode_size;
	__le16 s_block_group_nr;
	__le32 s_feature_compat;
	__le32 s_feature_incompat;
	__le32 s_feature_ro_compat;
	u8 s_uuid[16];
	char s_volume_name[16];
	char s_last_mounted[64];
	__le32 s_algorithm_usage_bitmap;
	u8 s_prealloc_blocks;
	u8 s_prealloc_dir_blocks;
	__le16 s_reserved_gdt_blocks;
	u8 s_journal_uuid[16];
	__le32 s_journal_inum;
	__le32 s_journal_dev;
	__le32 s_last_orphan;
	__le32 s_hash_seed[4];
	u8 s_def_hash_version;
	u8 s_jnl_backup_type;
	__le16 s_desc_size;
	__le32 s_default_mount_opts;
	__le32 s_first_meta_bg;
	__le32 s_mkfs_time;
	__le32 s_jnl_blocks[17];
	__le32 s_blocks_count_hi;
	__le32 s_r_blocks_count_hi;
	__le32 s_free_blocks_hi;
	__le16 s_min_extra_isize;
	__le16 s_want_extra_isize;
	__le32 s_flags;
	__le32 s_reserved[167];
};

static_assert(sizeof(struct ext2_super_block) == 1024, "as on the disk");
static_assert(offsetof(struct ext2_super_block, s_feature_compat) == 0x5c,
	      "as on the disk");
static_assert(offsetof(struct ext2_super_block, s_hash_seed) == 0xec,
	      "as on the disk");
static_assert(offsetof(struct ext2_super_block, s_flags) == 0x160,
	      "as on the disk");

struct ext2_group_desc {
	__le32 bg_block_bitmap;
	__le32 bg_inode_bitmap;
	__le32 bg_inode_table;
	__le16 bg_free_blocks_count;
	__le16 bg_free_inodes_count;
	__le16 bg_used_dirs_count;
	__le16 bg_flags;
	__le32 bg_reserved[3];
};

static_assert(sizeof(struct ext2_group_desc) == 32, "as on the disk");

/* i_flags on disk; FS_IOC_GETFLAGS shows them as they are. */
#define EXT2_SYNC_FL 0x00000008
#define EXT2_IMMUTABLE_FL 0x00000010
#define EXT2_APPEND_FL 0x00000020
#define EXT2_NOATIME_FL 0x00000080
#define EXT2_INDEX_FL 0x00001000      /* the directory has a hash tree */
#define EXT2_DIRSYNC_FL 0x00010000
#define EXT2_TOPDIR_FL 0x00020000
#define EXT2_FL_USER_VISIBLE 0x0003dfff
#define EXT2_FL_USER_MODIFIABLE 0x000380ff
/* What a new file takes over from its directory. */
#define EXT2_FL_INHERITED 0x0001c6cf
/* ... of which a file that is neither file nor directory keeps these. */
#define EXT2_OTHER_FLMASK 0x000000c0
#define EXT2_REG_FLMASK (~(EXT2_DIRSYNC_FL | EXT2_TOPDIR_FL))

struct ext2_inode_disk {
	__le16 i_mode;
	__le16 i_uid;
	__le32 i_size;
	__le32 i_atime;
	__le32 i_ctime;
	__le32 i_mtime;
	__le32 i_dtime;
	__le16 i_gid;
	__le16 i_links_count;
	__le32 i_blocks;              /* of 512 bytes */
	__le32 i_flags;
	__le32 i_osd1;
	__le32 i_block[EXT2_N_BLOCKS];
	__le32 i_generation;
	__le32 i_file_acl;            /* block of extended attributes */
	__le32 i_size_high;           /* of a directory: its ACL block, 0 */
	__le32 i_faddr;
	u8 i_frag;
	u8 i_fsize;
	u16 i_pad;
	__le16 i_uid_high;
	__le16 i_gid_high;
	__le32 i_reserved;
	/* Inodes larger than 128 bytes have i_extra_isize bytes more: */
	__le16 i_extra_isize;
	__le16 i_checksum_hi;
	__le32 i_ctime_extra;         /* 30 bits of ns, 2 of seconds */
	__le32 i_mtime_extra;
	__le32 i_atime_extra;
	__le32 i_crtime;
	__le32 i_crtime_extra;
	__le32 i_version_hi;
	__le32 i_projid;
};

static_assert(offsetof(struct ext2_inode_disk, i_block) == 40,
	      "as on the disk");
static_assert(offsetof(struct ext2_inode_disk, i_extra_isize) == 128,
	      "as on the disk");
static_assert(sizeof(struct ext2_inode_disk) == 160, "as on the disk");

/* ---- directories ---- */

#define EXT2_FT_UNKNOWN 0
#define EXT2_FT_REG_FILE 1
#define EXT2_FT_DIR 2
#define EXT2_FT_CHRDEV 3
#define EXT2_FT_BLKDEV 4
#define EXT2_FT_FIFO 5
#define EXT2_FT_SOCK 6
#define EXT2_FT_SYMLINK 7
#define EXT2_FT_MAX 8

struct ext2_dir_entry {
	__le32 inode;                 /* 0: unused */
	__le16 rec_len;               /* to the next entry; multiple of 4 */
	u8 name_len;
	u8 file_type;                 /* or the length's high byte, always 0 */
	char name[];
};

#define EXT2_DIR_HEAD 8
#define EXT2_DIR_REC_LEN(name_len) (((name_len) + EXT2_DIR_HEAD + 3) & ~3u)

/* ---- extended attributes: one block, shared by inodes with equal ones ---- */

#define EXT2_XATTR_MAGIC 0xea020000
#define EXT2_XATTR_REFCOUNT_MAX 1024

#define EXT2_XATTR_INDEX_USER 1
#define EXT2_XATTR_INDEX_POSIX_ACL_ACCESS 2
#define EXT2_XATTR_INDEX_POSIX_ACL_DEFAULT 3
#define EXT2_XATTR_INDEX_TRUSTED 4
#define EXT2_XATTR_INDEX_SECURITY 6

struct ext2_xattr_header {
	__le32 h_magic;
	__le32 h_refcount;
	__le32 h_blocks;              /* 1 */
	__le32 h_hash;                /* of all entries; 0: not shareable */
	u32 h_reserved[4];
};

/* Entries grow from the front, their values from the end of the block. */
struct ext2_xattr_entry {
	u8 e_name_len;
	u8 e_name_index;
	__le16 e_value_offs;
	__le32 e_value_block;         /* 0 */
	__le32 e_value_size;
	__le32 e_hash;
	char e_name[];
};

static_assert(sizeof(struct ext2_xattr_header) == 32, "as on the disk");
static_assert(sizeof(struct ext2_xattr_entry) == 16, "as on the disk");

#endif
