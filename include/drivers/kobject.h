/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_KOBJECT_H
#define DRIVERS_KOBJECT_H
/*
 * kobject.h -- objects with a name, a place in a tree, and a count of holders
 *
 * The tree that user programs see below /sys.  Theory: drivers/base/kobject.c
 * (objects), knode.c (their names and files), uevent.c (news of them).
 */

#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>
#include <uapi/stat.h>

struct bin_attribute;
struct file;
struct knode;
struct kobject;
struct kset;
struct vm_area_struct;

/* ---- attributes: one value, one file ---- */

/* Constant.  mode: permissions only. */
struct attribute {
	const char *name;
	umode_t mode;
};

/* name NULL: straight in the object's directory; else in one below it. */
struct attribute_group {
	const char *name;
	/* The mode of attribute n, 0 to leave it out; NULL: its own. */
	umode_t (*is_visible)(struct kobject *kobj, struct attribute *a, int n);
	umode_t (*is_bin_visible)(struct kobject *kobj,
				  struct bin_attribute *a, int n);
	struct attribute **attrs;     /* NULL at the end; may be NULL */
	struct bin_attribute **bin_attrs;
};

/* Bytes instead of text, at any offset; size 0: unknown. All may sleep. */
struct bin_attribute {
	struct attribute attr;
	size_t size;
	void *private;
	ssize_t (*read)(struct file *file, struct kobject *kobj,
			struct bin_attribute *attr, char *buf, loff_t pos,
			size_t n);
	ssize_t (*write)(struct file *file, struct kobject *kobj,
			 struct bin_attribute *attr, char *buf, loff_t pos,
			 size_t n);
	int (*mmap)(struct file *file, struct kobject *kobj,
		    struct bin_attribute *attr, struct vm_area_struct *vma);
};

/* show() fills at most a page and returns how much; both may sleep. */
struct sysfs_ops {
	ssize_t (*show)(struct kobject *kobj, struct attribute *attr,
			char *buf);
	/* buf ends in NUL; what was taken (else written again), or -errno. */
	ssize_t (*store)(struct kobject *kobj, struct attribute *attr,
			 const char *buf, size_t n);
};

/* Attributes with functions of their own, for kobjects of no other type. */
struct kobj_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct kobj_attribute *attr,
			char *buf);
	ssize_t (*store)(struct kobject *kobj, struct kobj_attribute *attr,
			 const char *buf, size_t n);
};

extern const struct sysfs_ops kobj_sysfs_ops;

#define __ATTR(_name, _mode, _show, _store) {				\
	.attr = { .name = #_name, .mode = (_mode) },			\
	.show = _show, .store = _store }
#define __ATTR_RO(_name) __ATTR(_name, 0444, _name##_show, NULL)
#define __ATTR_RO_MODE(_name, _mode) __ATTR(_name, _mode, _name##_show, NULL)
#define __ATTR_WO(_name) __ATTR(_name, 0200, NULL, _name##_store)
#define __ATTR_RW(_name) __ATTR(_name, 0644, _name##_show, _name##_store)
#define __ATTR_RW_MODE(_name, _mode)					\
	__ATTR(_name, _mode, _name##_show, _name##_store)
#define __ATTR_NULL { .attr = { .name = NULL } }

#define __BIN_ATTR(_name, _mode, _read, _write, _size) {		\
	.attr = { .name = #_name, .mode = (_mode) }, .size = (_size),	\
	.read = _read, .write = _write }
#define BIN_ATTR(_name, _mode, _read, _write, _size)			\
	struct bin_attribute bin_attr_##_name =				\
		__BIN_ATTR(_name, _mode, _read, _write, _size)
#define BIN_ATTR_RO(_name, _size)					\
	BIN_ATTR(_name, 0444, _name##_read, NULL, _size)
#define BIN_ATTR_RW(_name, _size)					\
	BIN_ATTR(_name, 0644, _name##_read, _name##_write, _size)

/* static struct attribute *x_attrs[] becomes x_group and x_groups. */
#define __ATTRIBUTE_GROUPS(_name)					\
	static const struct attribute_group *_name##_groups[] = {	\
		&_name##_group, NULL }
#define ATTRIBUTE_GROUPS(_name)						\
	static const struct attribute_group _name##_group = {		\
		.attrs = _name##_attrs };				\
	__ATTRIBUTE_GROUPS(_name)

/* ---- objects ---- */

struct kobj_type {
	/* The last reference is gone: free what embeds it.  May sleep. */
	void (*release)(struct kobject *kobj);
	const struct sysfs_ops *sysfs_ops;
	const struct attribute_group **default_groups; /* NULL at the end */
};

/*
 * Embedded in what it names.
 *
 * Field keys:
 *   [a] atomic                      [c] constant after kobject_add()
 *   [U] the adder and remover only  [K] the kset's list_lock
 */
struct kobject {
	const char *name;             /* [U] ours to free */
	struct list_head entry;       /* [K] in kset->list */
	struct kobject *parent;       /* [c] counted from add to del */
	struct kset *kset;            /* [c] counted likewise; may be NULL */
	const struct kobj_type *ktype; /* [c] */
	struct knode *sd;             /* [U] its directory; NULL: not added */
	struct kref kref;             /* [a] */
	bool state_initialized;       /* [U] */
	bool state_in_sysfs;          /* [U] */
	bool state_add_uevent_sent;   /* [U] */
	bool state_remove_uevent_sent; /* [U] */
};

void kobject_init(struct kobject *kobj, const struct kobj_type *ktype);
/* Into the tree below parent, or else below its kset.  0, -EEXIST, -ENOMEM,
 * -EINVAL (no name); after a failure the caller calls kobject_put().
 */
__must_check int kobject_add(struct kobject *kobj, struct kobject *parent,
			     const char *fmt, ...) __printf(3, 4);
__must_check int kobject_init_and_add(struct kobject *kobj,
				      const struct kobj_type *ktype,
				      struct kobject *parent,
				      const char *fmt, ...) __printf(4, 5);
/* Out of the tree; waits until nobody is inside its attributes. */
void kobject_del(struct kobject *kobj);
int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
	__printf(2, 3);
int kobject_set_name_vargs(struct kobject *kobj, const char *fmt,
			   va_list args);
int kobject_rename(struct kobject *kobj, const char *new_name);
/* A directory and nothing more; NULL: no memory, or the name is taken. */
struct kobject *kobject_create_and_add(const char *name,
				       struct kobject *parent);
struct kobject *kobject_get(struct kobject *kobj);     /* any context */
struct kobject *kobject_get_unless_zero(struct kobject *kobj);
void kobject_put(struct kobject *kobj);                /* may sleep */
/* "/devices/..." from kmalloc(), or NULL. */
char *kobject_get_path(const struct kobject *kobj, gfp_t gfp);

static inline const char *kobject_name(const struct kobject *kobj)
{
	return kobj->name;
}

/* ---- sets of objects ---- */

#define UEVENT_NUM_ENVP 64
#define UEVENT_BUFFER_SIZE 2048

/* What a uevent says: NAME=value strings in buf, each ended by NUL. */
struct kobj_uevent_env {
	char *envp[UEVENT_NUM_ENVP];
	int envp_idx;
	char buf[UEVENT_BUFFER_SIZE];
	int buflen;
};

struct kset_uevent_ops {
	int (*filter)(struct kobject *kobj);   /* 0: say nothing */
	const char *(*name)(struct kobject *kobj); /* SUBSYSTEM= */
	int (*uevent)(struct kobject *kobj, struct kobj_uevent_env *env);
};

/* A directory that knows the objects in it. */
struct kset {
	struct list_head list;        /* .list_lock */
	spinlock_t list_lock;
	struct kobject kobj;
	const struct kset_uevent_ops *uevent_ops;
};

void kset_init(struct kset *kset);
__must_check int kset_register(struct kset *kset);
void kset_unregister(struct kset *kset);
struct kset *kset_create_and_add(const char *name,
				 const struct kset_uevent_ops *ops,
				 struct kobject *parent);
/* With a reference, or NULL. */
struct kobject *kset_find_obj(struct kset *kset, const char *name);

static inline struct kset *to_kset(struct kobject *kobj)
{
	return kobj ? container_of(kobj, struct kset, kobj) : NULL;
}

static inline struct kset *kset_get(struct kset *k)
{
	return k ? to_kset(kobject_get(&k->kobj)) : NULL;
}

static inline void kset_put(struct kset *k)
{
	kobject_put(&k->kobj);
}

/* ---- news ---- */

enum kobject_action {
	KOBJ_ADD, KOBJ_REMOVE, KOBJ_CHANGE, KOBJ_MOVE, KOBJ_ONLINE,
	KOBJ_OFFLINE, KOBJ_BIND, KOBJ_UNBIND,
};

/* Tell whoever listens; may sleep.  0 or -errno. */
int kobject_uevent(struct kobject *kobj, enum kobject_action action);
int kobject_uevent_env(struct kobject *kobj, enum kobject_action action,
		       char *envp[]);
/* A write to a `uevent` file: "change", "add", ...  0 or -EINVAL. */
int kobject_synth_uevent(struct kobject *kobj, const char *buf, size_t n);
/* 0, or -ENOMEM when it does not fit. */
int add_uevent_var(struct kobj_uevent_env *env, const char *fmt, ...)
	__printf(2, 3);
u64 uevent_seqnum_now(void);

/* From above (netlink): one listener hears all.  Process context. */
struct uevent_listener {
	void (*event)(struct kobject *kobj, const char *action,
		      const struct kobj_uevent_env *env);
	struct list_head link;
};

void uevent_register_listener(struct uevent_listener *l);
void uevent_unregister_listener(struct uevent_listener *l);

/* ---- files in an object's directory.  All may sleep. ---- */

__must_check int sysfs_create_file(struct kobject *kobj,
				   const struct attribute *attr);
__must_check int sysfs_create_files(struct kobject *kobj,
				    const struct attribute *const *attrs);
void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr);
void sysfs_remove_files(struct kobject *kobj,
			const struct attribute *const *attrs);
/* From the attribute's own store(): true for the one that removed it. */
bool sysfs_remove_file_self(struct kobject *kobj,
			    const struct attribute *attr);
int sysfs_chmod_file(struct kobject *kobj, const struct attribute *attr,
		     umode_t mode);
__must_check int sysfs_create_bin_file(struct kobject *kobj,
				       const struct bin_attribute *attr);
void sysfs_remove_bin_file(struct kobject *kobj,
			   const struct bin_attribute *attr);
__must_check int sysfs_create_group(struct kobject *kobj,
				    const struct attribute_group *grp);
__must_check int sysfs_create_groups(struct kobject *kobj,
				     const struct attribute_group **groups);
void sysfs_remove_group(struct kobject *kobj,
			const struct attribute_group *grp);
void sysfs_remove_groups(struct kobject *kobj,
			 const struct attribute_group **groups);
/* Leave out or let in what is_visible() now says. */
int sysfs_update_group(struct kobject *kobj,
		       const struct attribute_group *grp);
/* kobj NULL: in the root. */
__must_check int sysfs_create_link(struct kobject *kobj,
				   struct kobject *target, const char *name);
int sysfs_create_link_nowarn(struct kobject *kobj, struct kobject *target,
			     const char *name);
void sysfs_remove_link(struct kobject *kobj, const char *name);
void sysfs_delete_link(struct kobject *kobj, struct kobject *target,
		       const char *name);
int sysfs_rename_link(struct kobject *kobj, struct kobject *target,
		      const char *old_name, const char *new_name);
/* A value has changed: wake who polls it.  dir NULL: not in a group. */
void sysfs_notify(struct kobject *kobj, const char *dir, const char *attr);
/* For show(): formatted text into its page; how much. */
int sysfs_emit(char *buf, const char *fmt, ...) __printf(2, 3);
int sysfs_emit_at(char *buf, int at, const char *fmt, ...) __printf(3, 4);

/* ---- directories of the root ---- */

extern struct kobject *kernel_kobj;           /* /sys/kernel */
extern struct kobject *mm_kobj;               /* /sys/kernel/mm */
extern struct kobject *power_kobj;            /* /sys/power */
extern struct kobject *firmware_kobj;         /* /sys/firmware */
extern struct kobject *fs_kobj;               /* /sys/fs */
extern struct kobject *sysfs_dev_char_kobj;   /* /sys/dev/char */
extern struct kobject *sysfs_dev_block_kobj;  /* /sys/dev/block */

#endif
