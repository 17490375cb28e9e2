/* SPDX-License-Identifier: MIT */
/*
 * attr.c -- putting files and links into an object's directory
 *
 * An attribute is a constant of the driver's; what is made here is its name in
 * the tree (knode.c).  Removing the object removes them all: only what goes
 * earlier needs to be removed by name.  All of these may sleep.
 *
 * sysfs_create_groups() makes all or nothing.  A group with a name is a
 * directory that is no object: its node carries the object it belongs to.
 */

#include <drivers/knode.h>
#include <drivers/kobject.h>

#include <arch/page.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>

static int add_file(struct knode *dir, struct kobject *kobj,
		    enum knode_kind kind, const struct attribute *attr,
		    umode_t mode, const void *what)
{
	struct knode *kn;

	if (!dir)
		return -ENOENT;
	kn = knode_create(dir, attr->name, kind, mode & 0777, kobj, what);
	if (kn == ERR_PTR(-EEXIST))
		pr_warn("sysfs: %s/%s is there already\n", dir->name,
			attr->name);
	return PTR_ERR_OR_ZERO(kn);
}

int sysfs_create_file(struct kobject *kobj, const struct attribute *attr)
{
	return add_file(kobj->sd, kobj, KN_FILE, attr, attr->mode, attr);
}
EXPORT_SYMBOL(sysfs_create_file);

void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr)
{
	if (kobj->sd)
		knode_remove_name(kobj->sd, attr->name);
}
EXPORT_SYMBOL(sysfs_remove_file);

void sysfs_remove_files(struct kobject *kobj,
			const struct attribute *const *attrs)
{
	for (; *attrs; attrs++)
		sysfs_remove_file(kobj, *attrs);
}
EXPORT_SYMBOL(sysfs_remove_files);

int sysfs_create_files(struct kobject *kobj,
		       const struct attribute *const *attrs)
{
	for (int i = 0; attrs[i]; i++) {
		int err = sysfs_create_file(kobj, attrs[i]);

		if (!err)
			continue;
		while (--i >= 0)
			sysfs_remove_file(kobj, attrs[i]);
		return err;
	}
	return 0;
}
EXPORT_SYMBOL(sysfs_create_files);

bool sysfs_remove_file_self(struct kobject *kobj, const struct attribute *attr)
{
	struct knode *kn;
	bool first;

	/* Inside the attribute, so the directory is still there. */
	kn = knode_lookup(kobj->sd, attr->name, strlen(attr->name));
	if (!kn)
		return false;
	first = knode_remove_self(kn);
	knode_put(kn);
	return first;
}
EXPORT_SYMBOL(sysfs_remove_file_self);

int sysfs_chmod_file(struct kobject *kobj, const struct attribute *attr,
		     umode_t mode)
{
	struct knode *kn = knode_lookup(kobj->sd, attr->name,
					strlen(attr->name));

	if (!kn)
		return -ENOENT;
	knode_setattr(kn, mode, kn->uid, kn->gid);
	knode_put(kn);
	return 0;
}
EXPORT_SYMBOL(sysfs_chmod_file);

int sysfs_create_bin_file(struct kobject *kobj,
			  const struct bin_attribute *attr)
{
	return add_file(kobj->sd, kobj, KN_BIN, &attr->attr, attr->attr.mode,
			attr);
}
EXPORT_SYMBOL(sysfs_create_bin_file);

void sysfs_remove_bin_file(struct kobject *kobj,
			   const struct bin_attribute *attr)
{
	sysfs_remove_file(kobj, &attr->attr);
}
EXPORT_SYMBOL(sysfs_remove_bin_file);

/* ---- groups ---- */

/* Make, or with `update` unmake and make again, as the mode now says. */
static int add_one(struct knode *dir, struct kobject *kobj,
		   enum knode_kind kind, const struct attribute *attr,
		   umode_t mode, const void *what, bool update)
{
	if (update)
		knode_remove_name(dir, attr->name);
	return mode ? add_file(dir, kobj, kind, attr, mode, what) : 0;
}

static int add_files(struct knode *dir, struct kobject *kobj,
		     const struct attribute_group *grp, bool update)
{
	int err = 0;

	for (int i = 0; grp->attrs && grp->attrs[i] && !err; i++) {
		struct attribute *a = grp->attrs[i];
		umode_t mode = a->mode;

		if (grp->is_visible)
			mode = grp->is_visible(kobj, a, i);
		err = add_one(dir, kobj, KN_FILE, a, mode, a, update);
	}
	for (int i = 0; grp->bin_attrs && grp->bin_attrs[i] && !err; i++) {
		struct bin_attribute *b = grp->bin_attrs[i];
		umode_t mode = b->attr.mode;

		if (grp->is_bin_visible)
			mode = grp->is_bin_visible(kobj, b, i);
		err = add_one(dir, kobj, KN_BIN, &b->attr, mode, b, update);
	}
	return err;
}

static void remove_files(struct knode *dir, const struct attribute_group *grp)
{
	for (int i = 0; grp->attrs && grp->attrs[i]; i++)
		knode_remove_name(dir, grp->attrs[i]->name);
	for (int i = 0; grp->bin_attrs && grp->bin_attrs[i]; i++)
		knode_remove_name(dir, grp->bin_attrs[i]->attr.name);
}

int sysfs_create_group(struct kobject *kobj, const struct attribute_group *grp)
{
	struct knode *dir = kobj->sd;
	int err;

	if (!dir)
		return -ENOENT;
	if (grp->name) {
		dir = knode_create(dir, grp->name, KN_DIR, 0755, kobj, NULL);
		if (IS_ERR(dir))
			return PTR_ERR(dir);
	}
	err = add_files(dir, kobj, grp, false);
	if (err && grp->name)
		knode_remove(dir);
	else if (err)
		remove_files(dir, grp);
	return err;
}
EXPORT_SYMBOL(sysfs_create_group);

void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *grp)
{
	if (!kobj->sd)
		return;
	if (grp->name)
		knode_remove_name(kobj->sd, grp->name);
	else
		remove_files(kobj->sd, grp);
}
EXPORT_SYMBOL(sysfs_remove_group);

int sysfs_update_group(struct kobject *kobj, const struct attribute_group *grp)
{
	struct knode *dir;
	int err;

	if (!grp->name)
		return add_files(kobj->sd, kobj, grp, true);
	dir = knode_lookup(kobj->sd, grp->name, strlen(grp->name));
	if (!dir)
		return -EINVAL;
	err = add_files(dir, kobj, grp, true);
	knode_put(dir);
	return err;
}
EXPORT_SYMBOL(sysfs_update_group);

int sysfs_create_groups(struct kobject *kobj,
			const struct attribute_group **groups)
{
	for (int i = 0; groups && groups[i]; i++) {
		int err = sysfs_create_group(kobj, groups[i]);

		if (!err)
			continue;
		while (--i >= 0)
			sysfs_remove_group(kobj, groups[i]);
		return err;
	}
	return 0;
}
EXPORT_SYMBOL(sysfs_create_groups);

void sysfs_remove_groups(struct kobject *kobj,
			 const struct attribute_group **groups)
{
	for (; groups && *groups; groups++)
		sysfs_remove_group(kobj, *groups);
}
EXPORT_SYMBOL(sysfs_remove_groups);

/* ---- links ---- */

int sysfs_create_link_nowarn(struct kobject *kobj, struct kobject *target,
			     const char *name)
{
	struct knode *dir = kobj ? kobj->sd : &knode_root;

	if (!dir || !target || !target->sd)
		return -ENOENT;
	return PTR_ERR_OR_ZERO(knode_create(dir, name, KN_LINK, 0777, kobj,
					    target->sd));
}
EXPORT_SYMBOL(sysfs_create_link_nowarn);

int sysfs_create_link(struct kobject *kobj, struct kobject *target,
		      const char *name)
{
	int err = sysfs_create_link_nowarn(kobj, target, name);

	if (err == -EEXIST)
		pr_warn("sysfs: link %s is there already\n", name);
	return err;
}
EXPORT_SYMBOL(sysfs_create_link);

void sysfs_remove_link(struct kobject *kobj, const char *name)
{
	struct knode *dir = kobj ? kobj->sd : &knode_root;

	if (dir)
		knode_remove_name(dir, name);
}
EXPORT_SYMBOL(sysfs_remove_link);

/* Only if it leads to target. */
void sysfs_delete_link(struct kobject *kobj, struct kobject *target,
		       const char *name)
{
	struct knode *kn;

	if (!kobj->sd)
		return;
	kn = knode_lookup(kobj->sd, name, strlen(name));
	if (kn && kn->kind == KN_LINK && kn->target == target->sd)
		knode_remove(kn);
	knode_put(kn);
}
EXPORT_SYMBOL(sysfs_delete_link);

int sysfs_rename_link(struct kobject *kobj, struct kobject *target,
		      const char *old_name, const char *new_name)
{
	struct knode *dir = kobj ? kobj->sd : &knode_root;
	struct knode *kn = knode_lookup(dir, old_name, strlen(old_name));
	int err = -ENOENT;

	if (kn && kn->kind == KN_LINK && kn->target == target->sd)
		err = knode_rename(kn, new_name);
	knode_put(kn);
	return err;
}
EXPORT_SYMBOL(sysfs_rename_link);

/* ---- for those who show ---- */

void sysfs_notify(struct kobject *kobj, const char *dir, const char *attr)
{
	struct knode *d = knode_get(kobj->sd), *kn = NULL, *sub;

	if (d && dir) {
		sub = knode_lookup(d, dir, strlen(dir));
		knode_put(d);
		d = sub;
	}
	if (d)
		kn = knode_lookup(d, attr, strlen(attr));
	if (kn)
		knode_notify(kn);
	knode_put(kn);
	knode_put(d);
}
EXPORT_SYMBOL(sysfs_notify);

int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, PAGE_SIZE, fmt, args);
	va_end(args);
	return n;
}
EXPORT_SYMBOL(sysfs_emit);

int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
{
	va_list args;
	int n;

	if (at < 0 || at >= (int)PAGE_SIZE)
		return 0;
	va_start(args, fmt);
	n = vscnprintf(buf + at, PAGE_SIZE - at, fmt, args);
	va_end(args);
	return n;
}
EXPORT_SYMBOL(sysfs_emit_at);
