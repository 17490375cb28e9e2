/* SPDX-License-Identifier: MIT */
#ifndef FS_POSIX_ACL_H
#define FS_POSIX_ACL_H
/*
 * posix_acl.h -- access control lists: more than owner, group and others
 *
 * Theory: fs/vfs/posix_acl.c.  A file system sets SB_POSIXACL, gives i_op
 * ->get_acl (reads one from its store; NULL: there is none) and ->set_acl, puts
 * the two handlers below into s_xattr, and calls posix_acl_create() for new
 * files and posix_acl_chmod() after a change of mode.
 */

#include <fs/types.h>
#include <kernel/rcupdate.h>
#include <kernel/refcount.h>

#define ACL_UNDEFINED_ID ((unsigned)-1)

#define ACL_TYPE_ACCESS 0x8000
#define ACL_TYPE_DEFAULT 0x4000

/* e_tag, in the order in which entries stand */
#define ACL_USER_OBJ 0x01
#define ACL_USER 0x02
#define ACL_GROUP_OBJ 0x04
#define ACL_GROUP 0x08
#define ACL_MASK 0x10
#define ACL_OTHER 0x20

#define ACL_READ 0x04
#define ACL_WRITE 0x02
#define ACL_EXECUTE 0x01

/* The value of system.posix_acl_*; little-endian. */
#define POSIX_ACL_XATTR_VERSION 2

struct posix_acl_xattr_entry {
	__u16 e_tag;
	__u16 e_perm;
	__u32 e_id;
};

struct posix_acl_xattr_header {
	__u32 a_version;
};

struct posix_acl_entry {
	short e_tag;
	unsigned short e_perm;
	union {
		uid_t e_uid;
		gid_t e_gid;
	};
};

/* Once it is published it never changes; the last reference frees by RCU. */
struct posix_acl {
	refcount_t a_refcount;
	struct rcu_head a_rcu;
	unsigned int a_count;
	struct posix_acl_entry a_entries[];
};

/* In i_acl, i_default_acl: nobody has asked the file system yet. */
#define ACL_NOT_CACHED ((struct posix_acl *)-1)

static inline struct posix_acl *posix_acl_dup(struct posix_acl *acl)
{
	if (acl)
		refcount_inc(&acl->a_refcount);
	return acl;
}

static inline void posix_acl_release(struct posix_acl *acl)
{
	if (acl && refcount_dec_and_test(&acl->a_refcount))
		kfree_rcu(acl, a_rcu);
}

struct posix_acl *posix_acl_alloc(int count, gfp_t gfp);
struct posix_acl *posix_acl_clone(const struct posix_acl *acl, gfp_t gfp);
struct posix_acl *posix_acl_from_mode(umode_t mode, gfp_t gfp);
int posix_acl_valid(const struct posix_acl *acl);
/* 0: the mode says it all; 1: it does not; *mode gets the bits.  -EINVAL. */
int posix_acl_equiv_mode(const struct posix_acl *acl, umode_t *mode);
int posix_acl_permission(struct inode *inode, const struct posix_acl *acl,
			 int want);
int __posix_acl_create(struct posix_acl **acl, gfp_t gfp, umode_t *mode);
int __posix_acl_chmod(struct posix_acl **acl, gfp_t gfp, umode_t mode);

/* For file systems; may sleep. */
int posix_acl_chmod(struct inode *inode, umode_t mode);
int posix_acl_create(struct inode *dir, umode_t *mode,
		     struct posix_acl **default_acl, struct posix_acl **acl);
int posix_acl_update_mode(struct inode *inode, umode_t *mode,
			  struct posix_acl **acl);
int set_posix_acl(struct inode *inode, int type, struct posix_acl *acl);
struct posix_acl *get_acl(struct inode *inode, int type);
struct posix_acl *get_cached_acl(struct inode *inode, int type);
struct posix_acl *get_cached_acl_rcu(struct inode *inode, int type);
void set_cached_acl(struct inode *inode, int type, struct posix_acl *acl);
void forget_cached_acl(struct inode *inode, int type);
void forget_all_cached_acls(struct inode *inode);
int simple_set_acl(struct inode *inode, struct posix_acl *acl, int type);
int simple_acl_create(struct inode *dir, struct inode *inode);

struct posix_acl *posix_acl_from_xattr(const void *value, size_t size);
int posix_acl_to_xattr(const struct posix_acl *acl, void *buffer, size_t size);

static inline size_t posix_acl_xattr_size(int count)
{
	return sizeof(struct posix_acl_xattr_header) +
	       count * sizeof(struct posix_acl_xattr_entry);
}

static inline int posix_acl_xattr_count(size_t size)
{
	size -= sizeof(struct posix_acl_xattr_header);
	if (size % sizeof(struct posix_acl_xattr_entry))
		return -1;
	return size / sizeof(struct posix_acl_xattr_entry);
}

extern const struct xattr_handler posix_acl_access_xattr_handler;
extern const struct xattr_handler posix_acl_default_xattr_handler;

#endif
