/* SPDX-License-Identifier: MIT */
/*
 * posix_acl_xattr.c -- access control lists as attributes see them
 *
 * system.posix_acl_access and _default hold a version and then eight bytes an
 * entry (tag, permissions, id), little-endian, in the order of posix_acl.c.
 * getfacl and setfacl read and write just that.
 */

#include "internal.h"

#include <fs/posix_acl.h>
#include <fs/xattr.h>
#include <kernel/kernel.h>
#include <mm/gfp.h>

/* NULL: a header without entries means no list.  ERR_PTR. */
struct posix_acl *posix_acl_from_xattr(const void *value, size_t size)
{
	const struct posix_acl_xattr_header *header = value;
	const struct posix_acl_xattr_entry *e = (const void *)(header + 1);
	struct posix_acl *acl;
	int count, i;

	if (!value)
		return NULL;
	if (size < sizeof(*header))
		return ERR_PTR(-EINVAL);
	if (header->a_version != POSIX_ACL_XATTR_VERSION)
		return ERR_PTR(-EOPNOTSUPP);
	count = posix_acl_xattr_count(size);
	if (count < 0)
		return ERR_PTR(-EINVAL);
	if (count == 0)
		return NULL;
	acl = posix_acl_alloc(count, GFP_KERNEL);
	if (!acl)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < count; i++, e++) {
		acl->a_entries[i] = (struct posix_acl_entry){
			.e_tag = e->e_tag, .e_perm = e->e_perm,
			.e_uid = e->e_id };
	}
	return acl;
}

/* How long it is; buffer is filled if it is there.  -ERANGE. */
int posix_acl_to_xattr(const struct posix_acl *acl, void *buffer, size_t size)
{
	struct posix_acl_xattr_header *header = buffer;
	size_t real = posix_acl_xattr_size(acl->a_count);
	struct posix_acl_xattr_entry *to;
	unsigned i;

	if (!buffer)
		return real;
	if (real > size)
		return -ERANGE;
	header->a_version = POSIX_ACL_XATTR_VERSION;
	to = (struct posix_acl_xattr_entry *)(header + 1);
	for (i = 0; i < acl->a_count; i++) {
		const struct posix_acl_entry *e = &acl->a_entries[i];
		bool named = e->e_tag == ACL_USER || e->e_tag == ACL_GROUP;

		to[i] = (struct posix_acl_xattr_entry){
			.e_tag = e->e_tag, .e_perm = e->e_perm,
			.e_id = named ? e->e_uid : ACL_UNDEFINED_ID };
	}
	return real;
}

static int acl_xattr_get(const struct xattr_handler *h, struct dentry *dentry,
			 struct inode *inode, const char *name, void *value,
			 size_t size)
{
	struct posix_acl *acl;
	int n;

	if (!IS_POSIXACL(inode))
		return -EOPNOTSUPP;
	if (S_ISLNK(inode->i_mode))
		return -EOPNOTSUPP;
	acl = get_acl(inode, h->flags);
	if (IS_ERR(acl))
		return PTR_ERR(acl);
	if (!acl)
		return -ENODATA;
	n = posix_acl_to_xattr(acl, value, size);
	posix_acl_release(acl);
	return n;
}

static int acl_xattr_set(const struct xattr_handler *h, struct dentry *dentry,
			 struct inode *inode, const char *name,
			 const void *value, size_t size, int flags)
{
	struct posix_acl *acl = posix_acl_from_xattr(value, size);
	int err;

	if (IS_ERR(acl))
		return PTR_ERR(acl);
	err = S_ISLNK(inode->i_mode) ? -EOPNOTSUPP
				     : set_posix_acl(inode, h->flags, acl);
	posix_acl_release(acl);
	return err;
}

static bool acl_xattr_list(struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	return IS_POSIXACL(inode) && !S_ISLNK(inode->i_mode);
}

const struct xattr_handler posix_acl_access_xattr_handler = {
	.name = XATTR_NAME_POSIX_ACL_ACCESS,
	.flags = ACL_TYPE_ACCESS,
	.list = acl_xattr_list,
	.get = acl_xattr_get,
	.set = acl_xattr_set,
};

const struct xattr_handler posix_acl_default_xattr_handler = {
	.name = XATTR_NAME_POSIX_ACL_DEFAULT,
	.flags = ACL_TYPE_DEFAULT,
	.list = acl_xattr_list,
	.get = acl_xattr_get,
	.set = acl_xattr_set,
};
