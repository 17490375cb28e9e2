/* SPDX-License-Identifier: MIT */
/*
 * platform.c -- devices that no bus can enumerate: /sys/devices/platform
 *
 * They are there because the machine is known to have them; a driver serves
 * them by name.
 */

#include "base.h"

#include <kernel/export.h>
#include <kernel/kernel.h>

static void platform_release(struct device *dev)
{
	/* The root is static, and never goes. */
}

struct device platform_bus = {
	.init_name = "platform", .release = platform_release,
};
EXPORT_SYMBOL(platform_bus);

/* "serial8250.0" is served by "serial8250". */
static int platform_match(struct device *dev, struct device_driver *drv)
{
	size_t len = strlen(drv->name);

	return !strncmp(dev_name(dev), drv->name, len) &&
	       (dev_name(dev)[len] == 0 || dev_name(dev)[len] == '.');
}

static int platform_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "MODALIAS=platform:%.*s",
			      (int)strcspn(dev_name(dev), "."), dev_name(dev));
}

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "platform:%.*s\n",
			  (int)strcspn(dev_name(dev), "."), dev_name(dev));
}

static DEVICE_ATTR_RO(modalias);

static struct attribute *platform_attrs[] = {
	&dev_attr_modalias.attr, NULL,
};
ATTRIBUTE_GROUPS(platform);

struct bus_type platform_bus_type = {
	.name = "platform",
	.dev_groups = platform_groups,
	.match = platform_match,
	.uevent = platform_uevent,
};
EXPORT_SYMBOL(platform_bus_type);

int platform_bus_init(void)
{
	int err = device_register(&platform_bus);

	return err ? err : bus_register(&platform_bus_type);
}
