/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_DEVICE_H
#define DRIVERS_DEVICE_H
/*
 * device.h -- what devices there are, so that /dev and /sys can show them
 *
 * A driver calls device_create(); file systems listen and make the nodes.
 * Theory: drivers/base/device.c.
 */

#include <kernel/list.h>
#include <kernel/types.h>

struct device;

/* A kind of device: a directory of /sys/class.  Constant after creation. */
struct class {
	const char *name;
	/* Name below /dev and mode (0: 0600), if not the device's name. */
	const char *(*devnode)(const struct device *dev, umode_t *mode);
	struct list_head link;
};

/* All constant once created, but for the links and drvdata. */
struct device {
	char name[32];
	const struct class *class;
	struct device *parent;
	dev_t devt;                   /* 0: no node */
	umode_t mode;                 /* S_IFCHR or S_IFBLK and permissions */
	void *driver_data;
	struct list_head link;        /* device_mutex */
};

/* All may sleep.  ERR_PTR(-ENOMEM). */
struct class *class_create(const char *name);
void class_destroy(struct class *cls);
int class_register(struct class *cls);
/* A character device's entry; name is a format. */
struct device *device_create(const struct class *cls, struct device *parent,
			     dev_t devt, void *drvdata, const char *fmt, ...)
	__printf(5, 6);
/* The same with S_IFCHR or S_IFBLK and permissions said. */
struct device *device_create_mode(const struct class *cls,
				  struct device *parent, dev_t devt,
				  umode_t mode, void *drvdata,
				  const char *fmt, ...) __printf(6, 7);
void device_destroy(const struct class *cls, dev_t devt);

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

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
/* fn for each device / class, in order of creation; may sleep. */
void device_for_each(void (*fn)(struct device *dev, void *arg), void *arg);
void class_for_each(void (*fn)(struct class *cls, void *arg), void *arg);

#endif
