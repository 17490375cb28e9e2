/* SPDX-License-Identifier: MIT */
/*
 * xattr.c -- extended attributes: each is a little file of its own
 *
 * Reading walks to a handle of the value (or, nameless, of the list of names)
 * and reads it.  Writing announces name and size, writes, and gives the handle
 * back: then it is set, or the answer to that says why not.  A value of no
 * bytes removes the attribute: the protocol has no other way.
 */

#include "v9fs.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>

/* name NULL: the list. */
static ssize_t get(struct dentry *dentry, const char *name, void *buf,
		   size_t size)
{
	struct p9_fid *fid = v9fs_fid(dentry);
	ssize_t n;
	u64 len;

	if (IS_ERR(fid))
		return PTR_ERR(fid);
	fid = p9_xattrwalk(fid, name, &len);
	if (IS_ERR(fid))
		return PTR_ERR(fid);
	if (len > XATTR_SIZE_MAX)
		n = -E2BIG;
	else if (!size || !len)
		n = len;
	else if (size < len)
		n = -ERANGE;
	else
		n = p9_io_kernel(fid, false, 0, buf, len);
	p9_clunk(fid);
	return n;
}

static int v9fs_xattr_get(const struct xattr_handler *h, struct dentry *dentry,
			  struct inode *inode, const char *name, void *buf,
			  size_t size)
{
	return get(dentry, xattr_full_name(h, name), buf, size);
}

static int v9fs_xattr_set(const struct xattr_handler *h, struct dentry *dentry,
			  struct inode *inode, const char *name,
			  const void *value, size_t size, int flags)
{
	struct p9_fid *fid = v9fs_fid(dentry);
	ssize_t n;
	int err;

	if (IS_ERR(fid))
		return PTR_ERR(fid);
	fid = p9_walk(fid, NULL, 0);
	if (IS_ERR(fid))
		return PTR_ERR(fid);
	err = p9_xattrcreate(fid, xattr_full_name(h, name), size, flags);
	if (!err && size) {
		n = p9_io_kernel(fid, true, 0, (void *)value, size);
		err = n < 0 ? n : n < (ssize_t)size ? -EIO : 0;
	}
	if (err)
		p9_clunk(fid);
	else
		err = p9_clunk(fid);
	return err;
}

ssize_t v9fs_listxattr(struct dentry *dentry, char *buf, size_t size)
{
	return get(dentry, NULL, buf, size);
}

#define HANDLER(id, text)						\
static const struct xattr_handler id##_handler = {			\
	.prefix = text, .get = v9fs_xattr_get, .set = v9fs_xattr_set }

HANDLER(user, XATTR_USER_PREFIX);
HANDLER(trusted, XATTR_TRUSTED_PREFIX);
HANDLER(security, XATTR_SECURITY_PREFIX);

const struct xattr_handler *v9fs_xattr_handlers[] = {
	&user_handler, &trusted_handler, &security_handler, NULL,
};
