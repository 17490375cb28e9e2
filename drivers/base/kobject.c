/* SPDX-License-Identifier: MIT */
/*
 * kobject.c -- objects with a name, a place in a tree, and a count of holders
 *
 * PROMISE.  Whoever holds a reference may use the object, added or not; the
 * last kobject_put() calls its type's release(), once.  Between kobject_add()
 * and kobject_del() it is a directory below /sys, whose files are its type's
 * attributes.
 *
 * IDEA.  Two lives, which end in either order.  The *place* (parent, kset, sd)
 * is from add to del and belongs to whoever added it; the *memory* is from init
 * to the last put and belongs to all holders.
 *
 *	init         add                     del        last put
 *	 |------------|=======in the tree======|------------|release()
 *
 * A child in the tree holds its parent, and a member its kset, so that a path
 * upwards never ends in freed memory.
 *
 * INVARIANTS.  I1 sd != NULL exactly between add and del.  I2 an object in a
 * kset's list holds the kset.
 *
 * LOCKING.  The adder and remover of one object is one owner, or they have a
 * lock of their own; list_lock guards a kset's list; any context may take a
 * reference, only processes may drop one.
 *
 * SEE knode.c (the directory), docs/70-device-model.md.
 */

#include <drivers/knode.h>
#include <drivers/kobject.h>

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

void kobject_init(struct kobject *kobj, const struct kobj_type *ktype)
{
	WARN_ON(kobj->state_initialized);
	kref_init(&kobj->kref);
	INIT_LIST_HEAD(&kobj->entry);
	kobj->ktype = ktype;
	kobj->sd = NULL;
	kobj->state_in_sysfs = false;
	kobj->state_add_uevent_sent = false;
	kobj->state_remove_uevent_sent = false;
	kobj->state_initialized = true;
}
EXPORT_SYMBOL(kobject_init);

struct kobject *kobject_get(struct kobject *kobj)
{
	if (kobj) {
		WARN_ON(!kobj->state_initialized);
		kref_get(&kobj->kref);
	}
	return kobj;
}
EXPORT_SYMBOL(kobject_get);

struct kobject *kobject_get_unless_zero(struct kobject *kobj)
{
	if (!kobj || !kref_get_unless_zero(&kobj->kref))
		return NULL;
	return kobj;
}
EXPORT_SYMBOL(kobject_get_unless_zero);

/* A name may not have a slash: it is shown as an exclamation mark. */
int kobject_set_name_vargs(struct kobject *kobj, const char *fmt, va_list args)
{
	char *name;

	if (kobj->name && !fmt)
		return 0;
	name = kvasprintf(GFP_KERNEL, fmt, args);
	if (!name)
		return -ENOMEM;
	strreplace(name, '/', '!');
	kfree(kobj->name);
	kobj->name = name;
	return 0;
}

int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	err = kobject_set_name_vargs(kobj, fmt, args);
	va_end(args);
	return err;
}
EXPORT_SYMBOL(kobject_set_name);

/* ---- into the tree ---- */

static void kset_join(struct kobject *kobj)
{
	kset_get(kobj->kset);                                  /* I2 */
	spin_lock(&kobj->kset->list_lock);
	list_add_tail(&kobj->entry, &kobj->kset->list);
	spin_unlock(&kobj->kset->list_lock);
}

static void kset_leave(struct kobject *kobj)
{
	spin_lock(&kobj->kset->list_lock);
	list_del_init(&kobj->entry);
	spin_unlock(&kobj->kset->list_lock);
	kset_put(kobj->kset);
}

static int make_directory(struct kobject *kobj)
{
	struct knode *dir = kobj->parent ? kobj->parent->sd : &knode_root;
	struct knode *kn;

	if (!dir)
		return -ENOENT;
	kn = knode_create(dir, kobj->name, KN_DIR, 0755, kobj, NULL);
	if (kn == ERR_PTR(-EEXIST))
		pr_warn("kobject: %s has a \"%s\" already\n", dir->name,
			kobj->name);
	if (IS_ERR(kn))
		return PTR_ERR(kn);
	kobj->sd = knode_get(kn);
	return 0;
}

static void remove_directory(struct kobject *kobj)
{
	struct knode *kn = kobj->sd;

	knode_remove(kn);
	kobj->sd = NULL;                                       /* I1 */
	knode_put(kn);
}

static int add_to_tree(struct kobject *kobj)
{
	struct kobject *parent = kobj->parent;
	int err;

	if (!kobj->name || !kobj->name[0])
		return -EINVAL;
	if (!parent && kobj->kset)
		parent = &kobj->kset->kobj;
	kobj->parent = kobject_get(parent);
	if (kobj->kset)
		kset_join(kobj);
	err = make_directory(kobj);
	if (!err) {
		err = sysfs_create_groups(kobj, kobj->ktype->default_groups);
		if (err)
			remove_directory(kobj);
	}
	if (err) {
		if (kobj->kset)
			kset_leave(kobj);
		kobj->parent = NULL;
		kobject_put(parent);
		return err;
	}
	kobj->state_in_sysfs = true;
	return 0;
}

static int add_varg(struct kobject *kobj, struct kobject *parent,
		    const char *fmt, va_list args)
{
	int err = kobject_set_name_vargs(kobj, fmt, args);

	if (err)
		return err;
	kobj->parent = parent;
	return add_to_tree(kobj);
}

int kobject_add(struct kobject *kobj, struct kobject *parent,
		const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	err = add_varg(kobj, parent, fmt, args);
	va_end(args);
	return err;
}
EXPORT_SYMBOL(kobject_add);

int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *ktype,
			 struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int err;

	kobject_init(kobj, ktype);
	va_start(args, fmt);
	err = add_varg(kobj, parent, fmt, args);
	va_end(args);
	return err;
}
EXPORT_SYMBOL(kobject_init_and_add);

int kobject_rename(struct kobject *kobj, const char *new_name)
{
	const char *name = kstrdup(new_name, GFP_KERNEL);
	int err;

	if (!name)
		return -ENOMEM;
	err = kobj->sd ? knode_rename(kobj->sd, name) : 0;
	if (err) {
		kfree(name);
		return err;
	}
	kfree(kobj->name);
	kobj->name = name;
	return 0;
}
EXPORT_SYMBOL(kobject_rename);

/* ---- out of the tree, and out of memory ---- */

void kobject_del(struct kobject *kobj)
{
	struct kobject *parent;

	if (!kobj || !kobj->state_in_sysfs)
		return;
	if (kobj->state_add_uevent_sent && !kobj->state_remove_uevent_sent)
		kobject_uevent(kobj, KOBJ_REMOVE);
	remove_directory(kobj);
	kobj->state_in_sysfs = false;
	if (kobj->kset)
		kset_leave(kobj);
	parent = kobj->parent;
	kobj->parent = NULL;
	kobject_put(parent);
}
EXPORT_SYMBOL(kobject_del);

static void kobject_release(struct kref *kref)
{
	struct kobject *kobj = container_of(kref, struct kobject, kref);
	const char *name = kobj->name;

	kobject_del(kobj);      /* if the owner did not */
	if (kobj->ktype && kobj->ktype->release)
		kobj->ktype->release(kobj);
	else
		pr_warn("kobject: %s has no release(), and leaks\n", name);
	kfree(name);
}

void kobject_put(struct kobject *kobj)
{
	if (kobj)
		kref_put(&kobj->kref, kobject_release);
}
EXPORT_SYMBOL(kobject_put);

/* ---- ready-made objects ---- */

static ssize_t kobj_attr_show(struct kobject *kobj, struct attribute *attr,
			      char *buf)
{
	struct kobj_attribute *a = container_of(attr, struct kobj_attribute,
						attr);

	return a->show ? a->show(kobj, a, buf) : -EIO;
}

static ssize_t kobj_attr_store(struct kobject *kobj, struct attribute *attr,
			       const char *buf, size_t n)
{
	struct kobj_attribute *a = container_of(attr, struct kobj_attribute,
						attr);

	return a->store ? a->store(kobj, a, buf, n) : -EIO;
}

const struct sysfs_ops kobj_sysfs_ops = {
	.show = kobj_attr_show, .store = kobj_attr_store,
};
EXPORT_SYMBOL(kobj_sysfs_ops);

static void free_kobject(struct kobject *kobj)
{
	kfree(kobj);
}

static const struct kobj_type dynamic_kobj_ktype = {
	.release = free_kobject, .sysfs_ops = &kobj_sysfs_ops,
};

struct kobject *kobject_create_and_add(const char *name,
				       struct kobject *parent)
{
	struct kobject *kobj = kzalloc(sizeof(*kobj), GFP_KERNEL);

	if (!kobj)
		return NULL;
	if (kobject_init_and_add(kobj, &dynamic_kobj_ktype, parent, "%s",
				 name)) {
		kobject_put(kobj);
		return NULL;
	}
	return kobj;
}
EXPORT_SYMBOL(kobject_create_and_add);

static void free_kset(struct kobject *kobj)
{
	kfree(to_kset(kobj));
}

static const struct kobj_type kset_ktype = {
	.release = free_kset, .sysfs_ops = &kobj_sysfs_ops,
};

void kset_init(struct kset *kset)
{
	INIT_LIST_HEAD(&kset->list);
	spin_lock_init(&kset->list_lock);
	kobject_init(&kset->kobj, kset->kobj.ktype);
}

int kset_register(struct kset *kset)
{
	int err;

	kset_init(kset);
	err = add_to_tree(&kset->kobj);
	if (!err)
		kobject_uevent(&kset->kobj, KOBJ_ADD);
	return err;
}
EXPORT_SYMBOL(kset_register);

void kset_unregister(struct kset *kset)
{
	if (!kset)
		return;
	kobject_del(&kset->kobj);
	kset_put(kset);
}
EXPORT_SYMBOL(kset_unregister);

struct kset *kset_create_and_add(const char *name,
				 const struct kset_uevent_ops *ops,
				 struct kobject *parent)
{
	struct kset *kset = kzalloc(sizeof(*kset), GFP_KERNEL);

	if (!kset)
		return NULL;
	kset->uevent_ops = ops;
	kset->kobj.ktype = &kset_ktype;
	kset->kobj.parent = parent;
	if (kobject_set_name(&kset->kobj, "%s", name)) {
		kfree(kset);
		return NULL;
	}
	if (kset_register(kset)) {
		kset_put(kset);
		return NULL;
	}
	return kset;
}
EXPORT_SYMBOL(kset_create_and_add);

struct kobject *kset_find_obj(struct kset *kset, const char *name)
{
	struct kobject *k, *found = NULL;

	spin_lock(&kset->list_lock);
	list_for_each_entry(k, &kset->list, entry) {
		if (k->name && !strcmp(k->name, name)) {
			found = kobject_get_unless_zero(k);
			break;
		}
	}
	spin_unlock(&kset->list_lock);
	return found;
}
EXPORT_SYMBOL(kset_find_obj);

char *kobject_get_path(const struct kobject *kobj, gfp_t gfp)
{
	const struct kobject *k;
	size_t len = 0;
	char *path;

	for (k = kobj; k; k = k->parent)
		len += strlen(k->name) + 1;
	path = kmalloc(len + 1, gfp);
	if (!path)
		return NULL;
	path[len] = 0;
	for (k = kobj; k; k = k->parent) {
		size_t n = strlen(k->name);

		len -= n + 1;
		path[len] = '/';
		memcpy(path + len + 1, k->name, n);
	}
	return path;
}
EXPORT_SYMBOL(kobject_get_path);
