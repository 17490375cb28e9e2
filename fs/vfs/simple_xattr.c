/* SPDX-License-Identifier: MIT */
/*
 * simple_xattr.c -- attributes kept in memory, for file systems that are there
 *
 * A list an inode, searched from its start: there are seldom more than three.
 * What a change needs is allocated before the lock is taken.
 */

#include "internal.h"

#include <fs/posix_acl.h>
#include <fs/xattr.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

struct simple_xattr {
	struct list_head link;        /* [xattrs->lock] */
	char *name;                   /* constant, as the value */
	size_t size;
	char value[];
};

void simple_xattrs_init(struct simple_xattrs *xattrs)
{
	spin_lock_init(&xattrs->lock);
	INIT_LIST_HEAD(&xattrs->head);
}

static void free_xattr(struct simple_xattr *x)
{
	if (x)
		kfree(x->name);
	kvfree(x);
}

/* The inode is going: nobody else looks. */
void simple_xattrs_free(struct simple_xattrs *xattrs)
{
	struct simple_xattr *x, *next;

	list_for_each_entry_safe(x, next, &xattrs->head, link)
		free_xattr(x);
	INIT_LIST_HEAD(&xattrs->head);
}

static struct simple_xattr *alloc_xattr(const char *name, const void *value,
					size_t size)
{
	struct simple_xattr *x = kvmalloc(sizeof(*x) + size, GFP_KERNEL);

	if (!x)
		return NULL;
	x->size = size;
	memcpy(x->value, value, size);
	x->name = kstrdup(name, GFP_KERNEL);
	if (!x->name) {
		kvfree(x);
		return NULL;
	}
	return x;
}

static struct simple_xattr *find_xattr(struct simple_xattrs *xattrs,
				       const char *name)
{
	struct simple_xattr *x;

	list_for_each_entry(x, &xattrs->head, link) {
		if (!strcmp(x->name, name))
			return x;
	}
	return NULL;
}

/* The value's size, or -ENODATA, -ERANGE. */
int simple_xattr_get(struct simple_xattrs *xattrs, const char *name,
		     void *buffer, size_t size)
{
	struct simple_xattr *x;
	int n = -ENODATA;

	spin_lock(&xattrs->lock);
	x = find_xattr(xattrs, name);
	if (x) {
		n = x->size;
		if (buffer && size < x->size)
			n = -ERANGE;
		else if (buffer)
			memcpy(buffer, x->value, x->size);
	}
	spin_unlock(&xattrs->lock);
	return n;
}

/* value NULL removes.  0, -EEXIST, -ENODATA, -ENOMEM. */
int simple_xattr_set(struct simple_xattrs *xattrs, const char *name,
		     const void *value, size_t size, int flags)
{
	struct simple_xattr *new = NULL, *old;
	int err = 0;

	if (value) {
		new = alloc_xattr(name, value, size);
		if (!new)
			return -ENOMEM;
	}
	spin_lock(&xattrs->lock);
	old = find_xattr(xattrs, name);
	if (old && (flags & XATTR_CREATE))
		err = -EEXIST;
	else if (!old && (flags & XATTR_REPLACE))
		err = -ENODATA;
	if (err) {
		old = NULL;
	} else {
		if (old)
			list_del(&old->link);
		if (new)
			list_add_tail(&new->link, &xattrs->head);
		new = NULL;
	}
	spin_unlock(&xattrs->lock);
	free_xattr(old);
	free_xattr(new);
	return err;
}

/* Append name and its NUL at *used, if there is a buffer and room. */
static int list_one(char *buffer, size_t size, size_t *used, const char *name)
{
	size_t len = strlen(name) + 1;

	if (buffer && *used + len > size)
		return -ERANGE;
	if (buffer)
		memcpy(buffer + *used, name, len);
	*used += len;
	return 0;
}

/* For ->listxattr: the lists' names, too; trusted.* for administrators. */
ssize_t simple_xattr_list(struct inode *inode, struct simple_xattrs *xattrs,
			  char *buffer, size_t size)
{
	bool trusted = capable(CAP_SYS_ADMIN);
	struct simple_xattr *x;
	size_t used = 0;
	int err = 0;

	if (IS_POSIXACL(inode) && inode->i_acl && inode->i_acl != ACL_NOT_CACHED)
		err = list_one(buffer, size, &used, XATTR_NAME_POSIX_ACL_ACCESS);
	if (!err && IS_POSIXACL(inode) && inode->i_default_acl &&
	    inode->i_default_acl != ACL_NOT_CACHED)
		err = list_one(buffer, size, &used,
			       XATTR_NAME_POSIX_ACL_DEFAULT);
	spin_lock(&xattrs->lock);
	list_for_each_entry(x, &xattrs->head, link) {
		if (err)
			break;
		if (!trusted && !strncmp(x->name, XATTR_TRUSTED_PREFIX,
					 XATTR_TRUSTED_PREFIX_LEN))
			continue;
		err = list_one(buffer, size, &used, x->name);
	}
	spin_unlock(&xattrs->lock);
	return err ? err : (ssize_t)used;
}
