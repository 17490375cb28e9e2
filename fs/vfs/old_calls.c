/* SPDX-License-Identifier: MIT */
/*
 * old_calls.c -- ustat(2) and sysfs(2), from System V
 *
 * statfs and /proc/filesystems say more; some programs still ask these.
 *
 * SEE ustat(2), sysfs(2)
 */

#include <arch/uaccess.h>
#include <fs/fs.h>
#include <fs/super.h>
#include <kernel/string.h>
#include <kernel/syscall.h>

struct ustat {
	s32 f_tfree;                  /* blocks */
	u64 f_tinode;                 /* free inodes */
	char f_fname[6], f_fpack[6];  /* nobody fills them */
};

static_assert(sizeof(struct ustat) == 32, "Linux ABI");

struct search {
	dev_t dev;
	struct kstatfs stat;
	int err;
};

static void stat_if_it_is(struct super_block *sb, void *arg)
{
	struct search *s = arg;

	if (sb->s_dev != s->dev || s->err != -EINVAL)
		return;
	memset(&s->stat, 0, sizeof(s->stat));
	s->err = sb->s_op->statfs ? sb->s_op->statfs(sb->s_root, &s->stat)
				  : simple_statfs(sb->s_root, &s->stat);
}

SYSCALL_DEFINE2(ustat, unsigned int, dev, struct ustat __user *, buf)
{
	struct search s = { .dev = new_decode_dev(dev), .err = -EINVAL };
	struct ustat u;

	iterate_supers(stat_if_it_is, &s);
	if (s.err)
		return s.err;
	memset(&u, 0, sizeof(u));
	u.f_tfree = s.stat.f_bfree;
	u.f_tinode = s.stat.f_ffree;
	return copy_to_user(buf, &u, sizeof(u)) ? -EFAULT : 0;
}

/* 1: the number of a type; 2: the type of a number; 3: how many there are. */
SYSCALL_DEFINE3(sysfs, int, option, unsigned long, arg1, unsigned long, arg2)
{
	const struct file_system_type *type;
	char name[64];
	long n;

	switch (option) {
	case 1:
		n = strncpy_from_user(name, (const char __user *)arg1,
				      sizeof(name));
		if (n < 0)
			return n;
		if (n == 0)
			return -ENOENT;
		if (n == sizeof(name))
			return -EINVAL;
		for (n = 0; (type = nth_fs_type(n)); n++)
			if (!strcmp(type->name, name))
				return n;
		return -EINVAL;
	case 2:
		type = nth_fs_type(arg1);
		if (!type)
			return -EINVAL;
		return copy_to_user((void __user *)arg2, type->name,
				    strlen(type->name) + 1) ? -EFAULT : 0;
	case 3:
		for (n = 0; nth_fs_type(n); n++)
			;
		return n;
	}
	return -EINVAL;
}
