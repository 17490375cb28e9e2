/* SPDX-License-Identifier: MIT */
/*
 * mount_setattr.c -- mount_setattr(2): what mounts allow, one or a whole tree
 *
 * PROMISE.  Either all mounts change or none: a mount that has writers, and
 * should become read-only, makes the whole call fail.
 *
 * IDEA.  Unlike mount(2), which sets all flags to what it is given, this clears
 * some, sets some and leaves the others.  What can fail comes first: the mounts
 * become read-only one by one, and are let go again if one has writers.
 *
 * LOCKING.  namespace_sem for writing.
 *
 * NOT DONE.  Mounts that map users (MOUNT_ATTR_IDMAP): -EINVAL, as on Linux for
 * file systems that do not know them.
 */

#include "internal.h"
#include "namespace.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/gfp.h>

#define ATTR_FLAGS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | \
		    MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME | \
		    MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)
#define MNT_ATIME_FLAGS (MNT_NOATIME | MNT_RELATIME)

/* Which flags a call clears and sets, in MNT_*, and MS_SHARED and its kin. */
struct change {
	int clear, set;
	int propagation;
	bool recurse;
};

static int plain_flags(u64 attr)
{
	static const struct { u64 attr; int mnt; } map[] = {
		{ MOUNT_ATTR_RDONLY, MNT_READONLY },
		{ MOUNT_ATTR_NOSUID, MNT_NOSUID },
		{ MOUNT_ATTR_NODEV, MNT_NODEV },
		{ MOUNT_ATTR_NOEXEC, MNT_NOEXEC },
		{ MOUNT_ATTR_NODIRATIME, MNT_NODIRATIME },
		{ MOUNT_ATTR_NOSYMFOLLOW, MNT_NOSYMFOLLOW },
	};
	int flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (attr & map[i].attr)
			flags |= map[i].mnt;
	return flags;
}

int flags_of_attr(u64 attr)
{
	if (attr & ~(u64)ATTR_FLAGS)
		return -EINVAL;
	switch (attr & MOUNT_ATTR__ATIME) {
	case MOUNT_ATTR_RELATIME:
		return plain_flags(attr) | MNT_RELATIME;
	case MOUNT_ATTR_NOATIME:
		return plain_flags(attr) | MNT_NOATIME;
	case MOUNT_ATTR_STRICTATIME:
		return plain_flags(attr);
	}
	return -EINVAL;
}

/* 0 or -EINVAL: it contradicts itself. */
static int decode(const struct mount_attr *attr, struct change *c)
{
	const u64 types = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;
	int set;

	if ((attr->propagation & ~types) ||
	    (attr->propagation & (attr->propagation - 1)))
		return -EINVAL;
	if ((attr->attr_set | attr->attr_clr) & ~(u64)ATTR_FLAGS)
		return -EINVAL;
	c->propagation = attr->propagation;
	c->clear = plain_flags(attr->attr_clr);
	c->set = plain_flags(attr->attr_set);
	if (!(attr->attr_clr & MOUNT_ATTR__ATIME))
		return attr->attr_set & MOUNT_ATTR__ATIME ? -EINVAL : 0;
	/* One of three: all are cleared, and one of them is set. */
	if ((attr->attr_clr & MOUNT_ATTR__ATIME) != MOUNT_ATTR__ATIME)
		return -EINVAL;
	set = flags_of_attr(attr->attr_set);
	if (set < 0)
		return set;
	c->clear |= MNT_ATIME_FLAGS;
	c->set = set;
	return 0;
}

static struct mount *next_of(struct mount *m, struct mount *top,
			     const struct change *c)
{
	return c->recurse ? next_mount(m, top) : NULL;
}

/* Let those before `end` be written to again that this call closed. */
static void reopen(struct mount *top, struct mount *end, const struct change *c)
{
	struct mount *m;

	for (m = top; m && m != end; m = next_of(m, top, c))
		if (m->mnt_closed) {
			m->mnt_closed = false;
			set_mount_flags(m, m->mnt.mnt_flags & ~MNT_READONLY);
		}
}

static int close_to_writers(struct mount *top, const struct change *c)
{
	struct mount *m;
	int err;

	for (m = top; m; m = next_of(m, top, c)) {
		m->mnt_closed = false;
		if (m->mnt.mnt_flags & MNT_READONLY)
			continue;
		err = mnt_make_readonly(m);
		if (err) {
			reopen(top, m, c);
			return err;
		}
		m->mnt_closed = true;
	}
	return 0;
}

static int change_mounts(const struct path *path, const struct change *c)
{
	struct mount *top = real_mount(path->mnt), *m;
	int err;

	if (path->dentry != path->mnt->mnt_root)
		return -EINVAL;
	if (!top->mnt_detached && top->mnt_ns != current_mnt_ns())
		return -EINVAL;
	err = c->set & MNT_READONLY ? close_to_writers(top, c) : 0;
	if (err)
		return err;
	for (m = top; m; m = next_of(m, top, c)) {
		set_mount_flags(m, (m->mnt.mnt_flags & ~c->clear) | c->set);
		if (c->propagation)
			change_propagation(m, c->propagation);
	}
	return 0;
}

/* The user's structure, perhaps a newer program's; *attr. */
static int get_attr(struct mount_attr *attr, const void __user *uattr,
		    size_t size)
{
	char byte;

	/* What we do not know must be zero. */
	for (size_t i = sizeof(*attr); i < size; i++) {
		if (get_user(byte, (const char __user *)uattr + i))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return copy_from_user(attr, uattr, sizeof(*attr)) ? -EFAULT : 0;
}

SYSCALL_DEFINE5(mount_setattr, int, dfd, const char __user *, name,
		unsigned int, flags, struct mount_attr __user *, uattr,
		size_t, size)
{
	struct change c = { .recurse = flags & AT_RECURSIVE };
	unsigned int lookup = LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT;
	struct mount_attr attr;
	struct path path;
	int err;

	if (flags & ~(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW |
		      AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (size > PAGE_SIZE || size < MOUNT_ATTR_SIZE_VER0)
		return size > PAGE_SIZE ? -E2BIG : -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = get_attr(&attr, uattr, size);
	if (err || !(attr.attr_set | attr.attr_clr | attr.propagation))
		return err;
	err = decode(&attr, &c);
	if (err)
		return err;
	if (flags & AT_SYMLINK_NOFOLLOW)
		lookup &= ~LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, lookup, &path);
	if (err)
		return err;
	lock_mounts();
	err = change_mounts(&path, &c);
	unlock_mounts();
	path_put(&path);
	return err;
}
