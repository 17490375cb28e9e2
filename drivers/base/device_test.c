/* SPDX-License-Identifier: MIT */
/*
 * device_test.c -- device.c, bus.c, dd.c, class.c: a bus of our own
 *
 * A bus whose devices and drivers match by name, and whose probe does what the
 * test tells it: so each order of coming and going can be made, and what was
 * probed, removed and freed is counted.  The last test does it from two threads
 * at once; its promise is only that nothing is left and nobody waits for ever.
 */

#include "base.h"

#include <drivers/knode.h>
#include <kernel/completion.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/selftest.h>
#include <mm/slab.h>

static int probes, removes, frees;
static bool resource_is_there;

static int same_letter(struct device *dev, struct device_driver *drv)
{
	return dev_name(dev)[0] == drv->name[0];
}

static int name_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "LETTER=%c", dev_name(dev)[0]);
}

static struct bus_type toy_bus = {
	.name = "selftest", .match = same_letter, .uevent = name_uevent,
};

static int count_probe(struct device *dev)
{
	probes++;
	return 0;
}

static int count_remove(struct device *dev)
{
	removes++;
	return 0;
}

static int wait_probe(struct device *dev)
{
	probes++;
	return READ_ONCE(resource_is_there) ? 0 : -EPROBE_DEFER;
}

static struct device_driver a_driver = {
	.name = "a", .bus = &toy_bus, .probe = count_probe,
	.remove = count_remove,
};
static struct device_driver b_driver = {
	.name = "b", .bus = &toy_bus, .probe = wait_probe,
	.remove = count_remove,
};

static void count_free(struct device *dev)
{
	frees++;
	kfree(dev);
}

static struct device *new_device(const char *name)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	device_initialize(dev);
	dev->bus = &toy_bus;
	dev->release = count_free;
	if (dev_set_name(dev, "%s", name) || device_add(dev)) {
		put_device(dev);
		return NULL;
	}
	return dev;
}

static bool set_up(void)
{
	probes = removes = frees = 0;
	resource_is_there = false;
	return bus_register(&toy_bus) == 0;
}

static bool has(struct kobject *dir, const char *name)
{
	struct knode *kn = knode_lookup(dir->sd, name, strlen(name));

	knode_put(kn);
	return kn != NULL;
}

SELFTEST_SLOW(device_and_driver_find_each_other_in_any_order)
{
	struct device *first, *second;

	REQUIRE(set_up());
	first = new_device("a1");
	REQUIRE(first);
	EXPECT(!first->driver);
	EXPECT(driver_register(&a_driver) == 0);
	EXPECT(first->driver == &a_driver && probes == 1);
	second = new_device("a2");
	REQUIRE(second);
	EXPECT(second->driver == &a_driver && probes == 2);
	EXPECT(has(&a_driver.p->kobj, "a1") && has(&second->kobj, "driver"));
	device_unregister(second);
	EXPECT(removes == 1 && frees == 1);
	driver_unregister(&a_driver);
	EXPECT(removes == 2 && !first->driver && !has(&first->kobj, "driver"));
	device_unregister(first);
	EXPECT(frees == 2);
	bus_unregister(&toy_bus);
	EXPECT(toy_bus.p == NULL);
}

/* Write to a driver's file as a user would. */
static ssize_t write_to(struct kobject *kobj, const char *name,
			const char *text)
{
	struct knode *kn = knode_lookup(kobj->sd, name, strlen(name));
	ssize_t ret = -ENOENT;

	if (kn && knode_get_active(kn)) {
		ret = kobj->ktype->sysfs_ops->store(kobj,
				(struct attribute *)kn->attr, text,
				strlen(text));
		knode_put_active(kn);
	}
	knode_put(kn);
	return ret;
}

SELFTEST_SLOW(device_unbinds_and_binds_by_hand)
{
	struct device *dev;
	struct kobject *drv;

	REQUIRE(set_up());
	EXPECT(driver_register(&a_driver) == 0);
	dev = new_device("a1");
	REQUIRE(dev);
	new_device("b1");
	drv = &a_driver.p->kobj;
	EXPECT(write_to(drv, "bind", "a1\n") == -EBUSY);
	EXPECT(write_to(drv, "unbind", "b1") == -ENODEV);
	EXPECT(write_to(drv, "unbind", "a1\n") == 3 && removes == 1);
	EXPECT(dev->driver == NULL);
	EXPECT(write_to(drv, "unbind", "a1") == -ENODEV);
	EXPECT(write_to(drv, "bind", "b1") == -ENODEV);    /* no match */
	EXPECT(write_to(drv, "bind", "a1") == 2 && probes == 2);
	EXPECT(dev->driver == &a_driver);
	driver_unregister(&a_driver);
	device_unregister(dev);
	dev = bus_find_device_by_name(&toy_bus, NULL, "b1");
	REQUIRE(dev);
	device_unregister(dev);
	put_device(dev);
	EXPECT(frees == 2);
	bus_unregister(&toy_bus);
}

SELFTEST_SLOW(device_probe_deferred_until_another_succeeds)
{
	struct device *waits, *other;

	REQUIRE(set_up());
	EXPECT(driver_register(&b_driver) == 0);
	EXPECT(driver_register(&a_driver) == 0);
	waits = new_device("b1");
	REQUIRE(waits);
	EXPECT(probes == 1 && !waits->driver);
	WRITE_ONCE(resource_is_there, true);
	other = new_device("a1");
	REQUIRE(other);
	wait_for_device_probe();
	EXPECT(waits->driver == &b_driver);
	EXPECT(probes == 3);
	/* One that waits when it goes is forgotten. */
	WRITE_ONCE(resource_is_there, false);
	device_unregister(waits);
	waits = new_device("b2");
	REQUIRE(waits);
	device_unregister(waits);
	device_unregister(other);
	EXPECT(frees == 3);
	driver_unregister(&a_driver);
	driver_unregister(&b_driver);
	bus_unregister(&toy_bus);
}

SELFTEST_SLOW(device_memory_outlasts_its_place)
{
	struct device *dev;

	REQUIRE(set_up());
	dev = new_device("a1");
	REQUIRE(dev);
	get_device(dev);
	device_unregister(dev);
	EXPECT(frees == 0 && !device_is_registered(dev));
	EXPECT(device_attach(dev) == 0);                       /* I2 */
	put_device(dev);
	EXPECT(frees == 1);
	bus_unregister(&toy_bus);
}

SELFTEST_SLOW(device_classes_share_a_directory)
{
	struct class *cls = class_create("selftest");
	struct device *a, *b;

	REQUIRE(!IS_ERR(cls));
	EXPECT(class_create("selftest") == ERR_PTR(-EEXIST));
	a = device_create(cls, NULL, 0, NULL, "one");
	b = device_create(cls, NULL, 0, NULL, "two");
	REQUIRE(!IS_ERR(a) && !IS_ERR(b));
	EXPECT(has(virtual_device_dir(), "selftest"));
	EXPECT(a->kobj.parent == b->kobj.parent);
	EXPECT(has(&cls->p->subsys.kobj, "one"));
	EXPECT(device_create(cls, NULL, 0, NULL, "one") == ERR_PTR(-EEXIST));
	device_unregister(a);
	EXPECT(has(virtual_device_dir(), "selftest"));
	device_unregister(b);
	EXPECT(!has(virtual_device_dir(), "selftest"));
	class_destroy(cls);
}

/* ---- devices come and go while drivers do ---- */

static DECLARE_COMPLETION(churned);

static int churn(void *unused)
{
	for (int i = 0; i < 100; i++) {
		struct device *dev = new_device("a1");

		if (dev)
			device_unregister(dev);
		cond_resched();
	}
	complete(&churned);
	return 0;
}

SELFTEST_SLOW(device_and_driver_come_and_go_at_once)
{
	struct task_struct *t;
	int i;

	REQUIRE(set_up());
	reinit_completion(&churned);
	t = kthread_run(churn, NULL, "selftest-churn");
	REQUIRE(!IS_ERR(t));
	for (i = 0; i < 100; i++) {
		EXPECT(driver_register(&a_driver) == 0);
		cond_resched();
		driver_unregister(&a_driver);
	}
	wait_for_completion(&churned);
	EXPECT(probes == removes && frees == 100);
	bus_unregister(&toy_bus);
}
