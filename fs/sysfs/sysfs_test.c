/* SPDX-License-Identifier: MIT */
/* sysfs_test.c -- objects that come and go below open files */

#include "sysfs.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>

static int value;

static ssize_t value_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%d\n", value++);
}

static ssize_t value_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t n)
{
	value = buf[0] - '0';
	return n;
}

static struct kobj_attribute value_attr = __ATTR_RW(value);

static bool set_up(void)
{
	init_mkdir("/st", 0755);
	return init_mount("st", "/st", "sysfs", 0, NULL) == 0;
}

static void tear_down(void)
{
	EXPECT(init_umount("/st", 0) == 0);
	EXPECT(init_rmdir("/st") == 0);
}

static bool there(const char *name)
{
	struct path path;

	if (kern_path(name, 0, &path))
		return false;
	path_put(&path);
	return true;
}

/* One byte of an open file from `at`, or -errno. */
static int read_byte(struct file *file, loff_t at)
{
	char c;
	ssize_t n = kernel_read(file, &c, 1, &at);

	return n == 1 ? c : n;
}

SELFTEST_SLOW(sysfs_open_file_outlasts_its_object)
{
	struct kobject *k;
	struct file *file;
	loff_t pos = 0;

	REQUIRE(set_up());
	EXPECT(!there("/st/selftest/value"));
	k = kobject_create_and_add("selftest", NULL);
	REQUIRE(k);
	EXPECT(sysfs_create_file(k, &value_attr.attr) == 0);
	/* The name that was not there is there now. */
	EXPECT(there("/st/selftest/value"));
	file = filp_open("/st/selftest/value", O_RDWR, 0);
	REQUIRE(!IS_ERR(file));
	EXPECT(kernel_write(file, "5", 1, &pos) == 1);
	EXPECT(read_byte(file, 0) == '5');
	EXPECT(read_byte(file, 1) == '\n');     /* of the same answer */
	EXPECT(read_byte(file, 0) == '6');      /* asked anew */
	kobject_put(k);
	EXPECT(read_byte(file, 1) == '\n');     /* still of the last one */
	EXPECT(read_byte(file, 2) == -ENODEV);
	EXPECT(read_byte(file, 0) == -ENODEV);
	pos = 0;
	EXPECT(kernel_write(file, "5", 1, &pos) == -ENODEV);
	EXPECT(!there("/st/selftest/value") && !there("/st/selftest"));
	filp_close(file, NULL);
	flush_delayed_fput();
	tear_down();
}

SELFTEST_SLOW(sysfs_follows_a_rename)
{
	struct kobject *k;

	REQUIRE(set_up());
	k = kobject_create_and_add("selftest", NULL);
	REQUIRE(k);
	EXPECT(there("/st/selftest") && !there("/st/renamed"));
	EXPECT(kobject_rename(k, "renamed") == 0);
	EXPECT(!there("/st/selftest") && there("/st/renamed"));
	kobject_put(k);
	EXPECT(!there("/st/renamed"));
	tear_down();
}

SELFTEST_SLOW(sysfs_keeps_what_chmod_said)
{
	struct kobject *k;
	struct kstat stat;

	REQUIRE(set_up());
	k = kobject_create_and_add("selftest", NULL);
	REQUIRE(k);
	EXPECT(sysfs_create_file(k, &value_attr.attr) == 0);
	EXPECT(init_chmod("/st/selftest/value", 0600) == 0);
	EXPECT(init_stat("/st/selftest/value", &stat, 0) == 0);
	EXPECT(stat.mode == (S_IFREG | 0600) && stat.size == 4096);
	EXPECT(init_stat("/st/selftest", &stat, 0) == 0);
	EXPECT(stat.nlink == 2 && stat.size == 0);
	kobject_put(k);
	tear_down();
}
