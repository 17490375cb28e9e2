/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_DEVICE_H
#define DRIVERS_DEVICE_H
/*
 * device.h -- devices, the buses they sit on, and the drivers that serve them
 *
 * Theory: drivers/base/device.c (devices and their places), bus.c (who may
 * serve whom), dd.c (probe and remove), class.c.  Chapter:
 * docs/70-device-model.md.
 */

#include <drivers/klist.h>
#include <drivers/kobject.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/types.h>

struct device;
struct device_attribute;
struct device_driver;
struct driver_private;
struct glue_dir;
struct subsys_private;

/* ---- buses ---- */

/*
 * A kind of attachment: /sys/bus/NAME.  Constant but for the private parts.
 * The calls may sleep; the device's lock is held in probe and remove.
 */
struct bus_type {
	const char *name;
	const char *dev_name;         /* names devices "cpu%u" by their id */
	struct device *dev_root;      /* parent of parentless devices */
	const struct attribute_group **bus_groups;
	const struct attribute_group **dev_groups;
	const struct attribute_group **drv_groups;
	/* Could drv serve dev?  1 yes, 0 no. */
	int (*match)(struct device *dev, struct device_driver *drv);
	int (*uevent)(struct device *dev, struct kobj_uevent_env *env);
	int (*probe)(struct device *dev); /* instead of the driver's */
	void (*remove)(struct device *dev);
	void (*shutdown)(struct device *dev);
	struct subsys_private *p;     /* bus.c */
};

__must_check int bus_register(struct bus_type *bus);
void bus_unregister(struct bus_type *bus);
/* Devices below /sys/devices/system/NAME (cpu, node). */
int subsys_system_register(struct bus_type *subsys,
			   const struct attribute_group **groups);
/* fn for each; what it returned unless 0, which goes on.  May sleep. */
int bus_for_each_dev(const struct bus_type *bus, struct device *start,
		     void *data, int (*fn)(struct device *dev, void *data));
int bus_for_each_drv(const struct bus_type *bus, struct device_driver *start,
		     void *data, int (*fn)(struct device_driver *drv,
					   void *data));
/* The first that match()es, with a reference; NULL. */
struct device *bus_find_device(const struct bus_type *bus,
			       struct device *start, const void *data,
			       int (*match)(struct device *dev,
					    const void *data));
struct device *bus_find_device_by_name(const struct bus_type *bus,
				       struct device *start, const char *name);
int bus_rescan_devices(const struct bus_type *bus);

struct bus_attribute {
	struct attribute attr;
	ssize_t (*show)(struct bus_type *bus, char *buf);
	ssize_t (*store)(struct bus_type *bus, const char *buf, size_t n);
};

#define BUS_ATTR_RW(_name) \
	struct bus_attribute bus_attr_##_name = __ATTR_RW(_name)
#define BUS_ATTR_RO(_name) \
	struct bus_attribute bus_attr_##_name = __ATTR_RO(_name)
#define BUS_ATTR_WO(_name) \
	struct bus_attribute bus_attr_##_name = __ATTR_WO(_name)
int bus_create_file(struct bus_type *bus, struct bus_attribute *attr);
void bus_remove_file(struct bus_type *bus, struct bus_attribute *attr);

/* ---- drivers ---- */

/* Constant but for the private part. */
struct device_driver {
	const char *name;
	struct bus_type *bus;
	bool suppress_bind_attrs;     /* no bind and unbind files */
	/* 0; -ENODEV, -ENXIO: not mine; -EPROBE_DEFER: ask me later. */
	int (*probe)(struct device *dev);
	int (*remove)(struct device *dev);
	void (*shutdown)(struct device *dev);
	const struct attribute_group **groups;     /* in its directory */
	const struct attribute_group **dev_groups; /* in bound devices' */
	struct driver_private *p;     /* bus.c */
};

__must_check int driver_register(struct device_driver *drv);
void driver_unregister(struct device_driver *drv);
struct device_driver *driver_find(const char *name, struct bus_type *bus);
int driver_for_each_device(struct device_driver *drv, struct device *start,
			   void *data, int (*fn)(struct device *dev,
						 void *data));

struct driver_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device_driver *drv, char *buf);
	ssize_t (*store)(struct device_driver *drv, const char *buf, size_t n);
};

#define DRIVER_ATTR_RW(_name) \
	struct driver_attribute driver_attr_##_name = __ATTR_RW(_name)
#define DRIVER_ATTR_RO(_name) \
	struct driver_attribute driver_attr_##_name = __ATTR_RO(_name)
#define DRIVER_ATTR_WO(_name) \
	struct driver_attribute driver_attr_##_name = __ATTR_WO(_name)
int driver_create_file(struct device_driver *drv,
		       const struct driver_attribute *attr);
void driver_remove_file(struct device_driver *drv,
			const struct driver_attribute *attr);

/* ---- classes ---- */

/* A kind of device as users see it: /sys/class/NAME.  Constant. */
struct class {
	const char *name;
	const struct attribute_group **class_groups;
	const struct attribute_group **dev_groups;
	/* Where its devices' numbers are listed; NULL: /sys/dev/char. */
	struct kobject *dev_kobj;
	int (*dev_uevent)(struct device *dev, struct kobj_uevent_env *env);
	/* Name below /dev and mode (0: 0600), if not the device's name. */
	const char *(*devnode)(const struct device *dev, umode_t *mode);
	void (*class_release)(struct class *cls);
	void (*dev_release)(struct device *dev);
	struct subsys_private *p;     /* class.c */
};

int class_register(struct class *cls);
void class_unregister(struct class *cls);
/* ERR_PTR(-ENOMEM, -EEXIST). */
struct class *class_create(const char *name);
void class_destroy(struct class *cls);
int class_for_each_device(const struct class *cls, struct device *start,
			  void *data, int (*fn)(struct device *dev,
						void *data));
struct device *class_find_device(const struct class *cls,
				 struct device *start, const void *data,
				 int (*match)(struct device *dev,
					      const void *data));

struct class_attribute {
	struct attribute attr;
	ssize_t (*show)(struct class *cls, struct class_attribute *attr,
			char *buf);
	ssize_t (*store)(struct class *cls, struct class_attribute *attr,
			 const char *buf, size_t n);
};

#define CLASS_ATTR_RW(_name) \
	struct class_attribute class_attr_##_name = __ATTR_RW(_name)
#define CLASS_ATTR_RO(_name) \
	struct class_attribute class_attr_##_name = __ATTR_RO(_name)
#define CLASS_ATTR_WO(_name) \
	struct class_attribute class_attr_##_name = __ATTR_WO(_name)

/* ---- devices ---- */

/* Several kinds within one class or bus: "disk", "partition".  Constant. */
struct device_type {
	const char *name;             /* DEVTYPE= */
	const struct attribute_group **groups;
	int (*uevent)(struct device *dev, struct kobj_uevent_env *env);
	const char *(*devnode)(const struct device *dev, umode_t *mode);
	void (*release)(struct device *dev);
};

/*
 * Embedded in what its bus makes.  device_initialize() gives the first
 * reference; put_device(), never kfree(), gives it back.
 *
 * Field keys:
 *   [c] constant after device_add()    [L] .mutex, the device's lock
 *   [o] the owner's, who serialises    [k] the klist's own lock
 */
struct device {
	struct kobject kobj;
	struct device *parent;        /* [c] counted from add to del */
	const char *init_name;        /* [c] the name, until device_add() */
	const struct device_type *type; /* [c] */
	struct bus_type *bus;         /* [c] */
	const struct class *class;    /* [c] */
	struct device_driver *driver; /* [L] who serves it; NULL */
	void *platform_data;          /* [o] */
	void *driver_data;            /* [L] the driver's */
	struct mutex mutex;           /* probe, remove; parents first */
	u8 depth;                     /* [c] in the tree: the lock's subclass */
	dev_t devt;                   /* [c] 0: no node in /dev */
	umode_t mode;                 /* [c] of the node, S_IFCHR or S_IFBLK;
				       * 0 lets class and type say */
	u32 id;                       /* [c] for bus->dev_name */
	int numa_node;                /* [c] -1: none */
	const struct attribute_group **groups; /* [c] */
	void (*release)(struct device *dev); /* [c] before type's, class's */
	u64 *dma_mask;                /* [o] */
	u64 coherent_dma_mask;        /* [o] */
	bool dead;                    /* [L] device_del() began */
	bool no_uevents;              /* [o] say nothing yet */
	struct glue_dir *glue;        /* [c] the class's directory it is in */
	struct klist children;        /* [k] */
	struct klist_node knode_parent, knode_bus, knode_class, knode_driver;
	struct list_head deferred;    /* dd.c: deferred_lock */
	struct list_head link;        /* device.c: device_mutex */
};

void device_initialize(struct device *dev);
/* Into the tree, to its bus and class; asks for a driver.  0 or -errno. */
__must_check int device_add(struct device *dev);
void device_del(struct device *dev);
/* initialize + add; on failure the caller calls put_device(). */
__must_check int device_register(struct device *dev);
/* del + put: others may hold it still. */
void device_unregister(struct device *dev);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);          /* NULL is fine; may sleep */
int dev_set_name(struct device *dev, const char *fmt, ...) __printf(2, 3);
int device_rename(struct device *dev, const char *new_name);

/* A character device's entry; name is a format.  ERR_PTR. */
struct device *device_create(const struct class *cls, struct device *parent,
			     dev_t devt, void *drvdata, const char *fmt, ...)
	__printf(5, 6);
struct device *device_create_with_groups(const struct class *cls,
					 struct device *parent, dev_t devt,
					 void *drvdata,
					 const struct attribute_group **groups,
					 const char *fmt, ...) __printf(6, 7);
/* The same with S_IFCHR or S_IFBLK and permissions said. */
struct device *device_create_mode(const struct class *cls,
				  struct device *parent, dev_t devt,
				  umode_t mode, void *drvdata,
				  const char *fmt, ...) __printf(6, 7);
void device_destroy(const struct class *cls, dev_t devt);

int device_for_each_child(struct device *parent, void *data,
			  int (*fn)(struct device *dev, void *data));
struct device *device_find_child(struct device *parent, void *data,
				 int (*match)(struct device *dev,
					      void *data));

/* Find or drop the driver; the caller does not hold the device's lock. */
__must_check int device_attach(struct device *dev);   /* 1 bound, 0 none */
__must_check int driver_attach(struct device_driver *drv);
void device_release_driver(struct device *dev);
__must_check int device_bind_driver(struct device *dev); /* lock held */
__must_check int device_driver_attach(struct device_driver *drv,
				      struct device *dev);
/* Wait until no probe runs and none is deferred to be tried at once. */
void wait_for_device_probe(void);

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr,
			char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t n);
};

#define DEVICE_ATTR(_name, _mode, _show, _store)			\
	struct device_attribute dev_attr_##_name =			\
		__ATTR(_name, _mode, _show, _store)
#define DEVICE_ATTR_RW(_name) \
	struct device_attribute dev_attr_##_name = __ATTR_RW(_name)
#define DEVICE_ATTR_RO(_name) \
	struct device_attribute dev_attr_##_name = __ATTR_RO(_name)
#define DEVICE_ATTR_WO(_name) \
	struct device_attribute dev_attr_##_name = __ATTR_WO(_name)
__must_check int device_create_file(struct device *dev,
				    const struct device_attribute *attr);
void device_remove_file(struct device *dev,
			const struct device_attribute *attr);
bool device_remove_file_self(struct device *dev,
			     const struct device_attribute *attr);
__must_check int device_create_bin_file(struct device *dev,
					const struct bin_attribute *attr);
void device_remove_bin_file(struct device *dev,
			    const struct bin_attribute *attr);
__must_check int device_add_groups(struct device *dev,
				   const struct attribute_group **groups);
void device_remove_groups(struct device *dev,
			  const struct attribute_group **groups);

static inline struct device *kobj_to_dev(struct kobject *kobj)
{
	return container_of(kobj, struct device, kobj);
}

static inline const char *dev_name(const struct device *dev)
{
	return dev->init_name ? dev->init_name : kobject_name(&dev->kobj);
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

static inline void *dev_get_platdata(const struct device *dev)
{
	return dev->platform_data;
}

static inline int dev_to_node(const struct device *dev)
{
	return dev->numa_node;
}

static inline void set_dev_node(struct device *dev, int node)
{
	dev->numa_node = node;
}

static inline void device_lock(struct device *dev)
{
	mutex_lock_nested(&dev->mutex, dev->depth);
}

static inline int device_trylock(struct device *dev)
{
	return mutex_trylock(&dev->mutex);
}

static inline void device_unlock(struct device *dev)
{
	mutex_unlock(&dev->mutex);
}

static inline bool device_is_registered(const struct device *dev)
{
	return dev->kobj.state_in_sysfs;
}

static inline bool device_is_bound(const struct device *dev)
{
	return dev->driver && klist_node_attached(&dev->knode_driver);
}

static inline void dev_set_uevent_suppress(struct device *dev, int on)
{
	dev->no_uevents = on;
}

/* The driver's, bus's or class's name, for messages. */
const char *dev_driver_string(const struct device *dev);

#define __dev_msg(pr, dev, fmt, ...)					\
	pr("%s %s: " fmt, dev_driver_string(dev), dev_name(dev),	\
	   ##__VA_ARGS__)
#define dev_err(dev, fmt, ...) __dev_msg(pr_err, dev, fmt, ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...) __dev_msg(pr_warn, dev, fmt, ##__VA_ARGS__)
#define dev_notice(dev, fmt, ...) \
	__dev_msg(pr_notice, dev, fmt, ##__VA_ARGS__)
#define dev_info(dev, fmt, ...) __dev_msg(pr_info, dev, fmt, ##__VA_ARGS__)
#define dev_dbg(dev, fmt, ...) __dev_msg(pr_debug, dev, fmt, ##__VA_ARGS__)

/* ---- devices without a real bus: /sys/devices/platform ---- */

extern struct device platform_bus;
extern struct bus_type platform_bus_type;

/* ---- those who want to know of each device (devtmpfs) ---- */

/* The name of its node below /dev: "null", "input/event0", ... */
const char *device_node_name(const struct device *dev);

/* Called in process context, device_mutex held: do not create devices. */
struct device_listener {
	void (*add)(struct device *dev);
	void (*remove)(struct device *dev);
	struct list_head link;
};

/* From above: hears of all that exist now, then of each change. May sleep. */
void device_register_listener(struct device_listener *l);

/* The roots of the tree; once, before the initcalls. */
void driver_init(void);

#endif
