/* SPDX-License-Identifier: MIT */
/*
 * d_path.c -- from a dentry back to the path that leads there
 *
 * IDEA.  Walk upwards, writing names from the end of the buffer to its start;
 * at the root of a mount go on at its mount point.  A rename or a mount on the
 * way would give a path that never existed: both sequences are checked, and
 * the walk is made again.
 */

#include "internal.h"
#include "mount.h"

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

/* A buffer that is filled from its end; len < 0: it was too short. */
struct backwards {
	char *pos;
	int len;
};

static void prepend(struct backwards *b, const char *text, int n)
{
	b->len -= n;
	if (b->len < 0)
		return;
	b->pos -= n;
	memcpy(b->pos, text, n);
}

/* The name may be changing: never read beyond what its length promises. */
static void prepend_name(struct backwards *b, const struct dentry *d)
{
	const unsigned char *name = READ_ONCE(d->d_name.name);
	u32 len = READ_ONCE(d->d_name.len);

	prepend(b, (const char *)name, strnlen((const char *)name, len));
	prepend(b, "/", 1);
}

/* How the climb ended. */
enum climb { AT_ROOT, AT_GLOBAL_ROOT, AT_DETACHED };

static enum climb climb(const struct path *path, const struct path *root,
			struct backwards *b)
{
	struct dentry *d = path->dentry;
	struct mount *m = real_mount(path->mnt);

	while (d != root->dentry || &m->mnt != root->mnt) {
		if (d == m->mnt.mnt_root || IS_ROOT(d)) {
			struct mount *parent = READ_ONCE(m->mnt_parent);

			if (d != m->mnt.mnt_root)
				return AT_DETACHED;
			if (parent != m) {
				d = READ_ONCE(m->mnt_mountpoint);
				m = parent;
				continue;
			}
			return is_mounted(&m->mnt) ? AT_GLOBAL_ROOT
						   : AT_DETACHED;
		}
		prepend_name(b, d);
		d = READ_ONCE(d->d_parent);
	}
	return AT_ROOT;
}

static enum climb climb_consistently(const struct path *path,
				     const struct path *root,
				     struct backwards *b)
{
	struct backwards start = *b;
	unsigned mseq, rseq;
	enum climb end;

	rcu_read_lock();
	do {
		mseq = read_seqbegin(&mount_lock);
		rseq = read_seqbegin(&rename_lock);
		*b = start;
		end = climb(path, root, b);
	} while (read_seqretry(&rename_lock, rseq) ||
		 read_seqretry(&mount_lock, mseq));
	rcu_read_unlock();
	return end;
}

/* The path from root; NULL root never matches, so it goes to the very top. */
static char *path_from(const struct path *path, const struct path *root,
		       char *buf, int buflen, enum climb *end)
{
	struct backwards b = { buf + buflen, buflen };

	prepend(&b, "", 1);
	if (d_unlinked(path->dentry))
		prepend(&b, " (deleted)", 10);
	*end = climb_consistently(path, root, &b);
	if (b.len >= 0 && (b.len == buflen - 1 || *b.pos != '/'))
		prepend(&b, "/", 1);
	return b.len < 0 ? ERR_PTR(-ENAMETOOLONG) : b.pos;
}

/* As the task's root sees it; ERR_PTR(-ENAMETOOLONG).  May sleep. */
char *d_path(const struct path *path, char *buf, int buflen)
{
	struct path root;
	enum climb end;
	char *res;

	if (path->dentry->d_op && path->dentry->d_op->d_dname &&
	    IS_ROOT(path->dentry) && path->dentry != path->mnt->mnt_root)
		return path->dentry->d_op->d_dname(path->dentry, buf, buflen);
	get_fs_root(current->fs, &root);
	res = path_from(path, &root, buf, buflen, &end);
	path_put(&root);
	return res;
}

char *d_absolute_path(const struct path *path, char *buf, int buflen)
{
	struct path none = { NULL, NULL };
	enum climb end;

	return path_from(path, &none, buf, buflen, &end);
}

/* Within its volume only. */
char *dentry_path_raw(struct dentry *dentry, char *buf, int buflen)
{
	struct backwards b;
	unsigned seq;
	struct dentry *d;

	rcu_read_lock();
	do {
		seq = read_seqbegin(&rename_lock);
		b = (struct backwards){ buf + buflen, buflen };
		prepend(&b, "", 1);
		if (IS_ROOT(dentry))
			prepend(&b, "/", 1);
		for (d = dentry; !IS_ROOT(d); d = READ_ONCE(d->d_parent))
			prepend_name(&b, d);
	} while (read_seqretry(&rename_lock, seq));
	rcu_read_unlock();
	return b.len < 0 ? ERR_PTR(-ENAMETOOLONG) : b.pos;
}

char *dynamic_dname(char *buf, int buflen, const char *fmt, ...)
{
	char text[64];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap) + 1;
	va_end(ap);
	if (n > (int)sizeof(text) || n > buflen)
		return ERR_PTR(-ENAMETOOLONG);
	return memcpy(buf + buflen - n, text, n);
}

char *simple_dname(struct dentry *d, char *buf, int buflen)
{
	return dynamic_dname(buf, buflen, "/%s (deleted)",
			     (const char *)d->d_name.name);
}

/* seq_path_root's need: NULL if path is not below root. */
char *path_below(const struct path *path, const struct path *root, char *buf,
		 int buflen)
{
	enum climb end;
	char *res = path_from(path, root, buf, buflen, &end);

	return end == AT_ROOT || IS_ERR(res) ? res : NULL;
}

/* Is a inside b, mounts included? */
bool path_is_under(const struct path *a, const struct path *b)
{
	struct backwards none = { NULL, -1 };

	return climb_consistently(a, b, &none) == AT_ROOT;
}

SYSCALL_DEFINE2(getcwd, char __user *, buf, unsigned long, size)
{
	char *page = kmalloc(PATH_MAX, GFP_KERNEL), *text;
	struct path pwd, root;
	enum climb end;
	long res;

	if (!page)
		return -ENOMEM;
	get_fs_pwd(current->fs, &pwd);
	get_fs_root(current->fs, &root);
	res = -ENOENT;
	if (d_unlinked(pwd.dentry))
		goto out;
	text = path_from(&pwd, &root, page, PATH_MAX, &end);
	res = PTR_ERR(text);
	if (IS_ERR(text))
		goto out;
	if (end != AT_ROOT) {         /* we have left our root by fchdir */
		static const char mark[] = "(unreachable)";

		text -= sizeof(mark) - 1;
		if (text < page) {
			res = -ENAMETOOLONG;
			goto out;
		}
		memcpy(text, mark, sizeof(mark) - 1);
	}
	res = page + PATH_MAX - text;
	if ((unsigned long)res > size)
		res = -ERANGE;
	else if (copy_to_user(buf, text, res))
		res = -EFAULT;
out:
	path_put(&root);
	path_put(&pwd);
	kfree(page);
	return res;
}
