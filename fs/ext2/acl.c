/* SPDX-License-Identifier: MIT */
/*
 * acl.c -- access control lists as ext2 stores them
 *
 * IDEA.  An ACL is an attribute whose value is shorter than the one that
 * programs see: entries that need no id have none.
 *
 *	[version 1][tag perm][tag perm id][tag perm] ...
 */

#include "ext2.h"

#include <fs/posix_acl.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define ACL_VERSION 1
#define SHORT_ENTRY 4
#define LONG_ENTRY 8

static bool has_id(u16 tag)
{
	return tag == ACL_USER || tag == ACL_GROUP;
}

/* The entry at `at`; its length, or 0 if it is not whole. */
static u32 read_entry(const u8 *value, u32 size, u32 at,
		      struct posix_acl_entry *e)
{
	u32 len;

	if (size - at < SHORT_ENTRY)
		return 0;
	e->e_tag = get_unaligned_le16(value + at);
	e->e_perm = get_unaligned_le16(value + at + 2);
	e->e_uid = ACL_UNDEFINED_ID;
	len = has_id(e->e_tag) ? LONG_ENTRY : SHORT_ENTRY;
	if (len > size - at)
		return 0;
	if (len == LONG_ENTRY)
		e->e_uid = get_unaligned_le32(value + at + 4);
	return len;
}

static int count_entries(const u8 *value, u32 size)
{
	struct posix_acl_entry e;
	u32 at = 4, len;
	int n = 0;

	if (size < 4 || get_unaligned_le32(value) != ACL_VERSION)
		return -EINVAL;
	for (; at < size; at += len, n++) {
		len = read_entry(value, size, at, &e);
		if (!len)
			return -EINVAL;
	}
	return n;
}

/* NULL: it says nothing; ERR_PTR(-EINVAL, -ENOMEM). */
static struct posix_acl *decode(const u8 *value, u32 size)
{
	int n = count_entries(value, size);
	struct posix_acl *acl;
	u32 at = 4;

	if (n <= 0)
		return n ? ERR_PTR(n) : NULL;
	acl = posix_acl_alloc(n, GFP_NOFS);
	if (!acl)
		return ERR_PTR(-ENOMEM);
	for (int i = 0; i < n; i++)
		at += read_entry(value, size, at, &acl->a_entries[i]);
	return acl;
}

static u32 encoded_size(const struct posix_acl *acl)
{
	u32 size = 4;

	for (u32 i = 0; i < acl->a_count; i++)
		size += has_id(acl->a_entries[i].e_tag) ? LONG_ENTRY
							: SHORT_ENTRY;
	return size;
}

static void encode(const struct posix_acl *acl, u8 *value)
{
	put_unaligned_le32(ACL_VERSION, value);
	value += 4;
	for (u32 i = 0; i < acl->a_count; i++) {
		const struct posix_acl_entry *e = &acl->a_entries[i];

		put_unaligned_le16(e->e_tag, value);
		put_unaligned_le16(e->e_perm, value + 2);
		value += SHORT_ENTRY;
		if (has_id(e->e_tag)) {
			put_unaligned_le32(e->e_uid, value);
			value += 4;
		}
	}
}

static u8 index_of(int type)
{
	return type == ACL_TYPE_ACCESS ? EXT2_XATTR_INDEX_POSIX_ACL_ACCESS
				       : EXT2_XATTR_INDEX_POSIX_ACL_DEFAULT;
}

struct posix_acl *ext2_get_acl(struct inode *inode, int type, bool rcu)
{
	struct posix_acl *acl = NULL;
	void *value;
	int size;

	if (rcu)
		return ERR_PTR(-ECHILD);
	size = ext2_xattr_get(inode, index_of(type), "", NULL, 0);
	if (size == -ENODATA || size == -EOPNOTSUPP)
		return NULL;
	if (size < 0)
		return ERR_PTR(size);
	value = kmalloc(max(size, 1), GFP_NOFS);
	if (!value)
		return ERR_PTR(-ENOMEM);
	size = ext2_xattr_get(inode, index_of(type), "", value, size);
	if (size >= 0)
		acl = decode(value, size);
	else if (size != -ENODATA)
		acl = ERR_PTR(size);
	kfree(value);
	return acl;
}

static int store_acl(struct inode *inode, struct posix_acl *acl, int type)
{
	void *value = NULL;
	u32 size = 0;
	int err;

	if (type == ACL_TYPE_DEFAULT && !S_ISDIR(inode->i_mode))
		return acl ? -EACCES : 0;
	if (acl) {
		size = encoded_size(acl);
		value = kmalloc(size, GFP_NOFS);
		if (!value)
			return -ENOMEM;
		encode(acl, value);
	}
	err = ext2_xattr_set(inode, index_of(type), "", value, size, 0);
	kfree(value);
	if (!err)
		set_cached_acl(inode, type, acl);
	return err;
}

int ext2_set_acl(struct inode *inode, struct posix_acl *acl, int type)
{
	umode_t mode = inode->i_mode;
	bool update = false;
	int err;

	if (type == ACL_TYPE_ACCESS && acl) {
		err = posix_acl_update_mode(inode, &mode, &acl);
		if (err)
			return err;
		update = true;
	}
	err = store_acl(inode, acl, type);
	if (err || !update)
		return err;
	inode->i_mode = mode;
	inode->i_ctime = current_time(inode);
	mark_inode_dirty(inode);
	return 0;
}

/* A new inode takes its directory's default list, or the umask. */
int ext2_init_acl(struct inode *inode, struct inode *dir)
{
	struct posix_acl *default_acl, *acl;
	int err = posix_acl_create(dir, &inode->i_mode, &default_acl, &acl);

	if (err)
		return err;
	if (default_acl) {
		err = store_acl(inode, default_acl, ACL_TYPE_DEFAULT);
		posix_acl_release(default_acl);
	} else {
		inode->i_default_acl = NULL;
	}
	if (acl) {
		if (!err)
			err = store_acl(inode, acl, ACL_TYPE_ACCESS);
		posix_acl_release(acl);
	} else {
		inode->i_acl = NULL;
	}
	return err;
}
