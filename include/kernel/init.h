/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_INIT_H
#define KERNEL_INIT_H
/*
 * init.h -- functions that the kernel calls once, by level, while it comes up
 *
 * The linker gathers the entries of each level; do_initcalls() (kernel/init/)
 * runs the levels in order, in a task that may sleep, all CPUs being up.  The
 * function returns 0 or -errno, which is logged and otherwise ignored.
 */

typedef int (*initcall_t)(void);

struct initcall {
	initcall_t fn;
	const char *name;
};

#define __define_initcall(f, level)					\
	static const struct initcall __initcall_##f			\
	__attribute__((used, section(".initcall" #level), aligned(8))) = { f, #f }

#define core_initcall(f) __define_initcall(f, 1)
#define subsys_initcall(f) __define_initcall(f, 2)
#define fs_initcall(f) __define_initcall(f, 3)
#define device_initcall(f) __define_initcall(f, 4)
#define late_initcall(f) __define_initcall(f, 5)
/* A driver or file system: linked in now, loadable one day. */
#define module_init(f) device_initcall(f)
#define module_exit(f) \
	static void (*const __exit_##f)(void) __attribute__((unused)) = f

/*
 * Boot-line options: __setup("name=", fn) calls fn(text behind the =) early,
 * with one CPU and no allocator.  fn returns 0, or -EINVAL for a bad value.
 */
struct boot_param {
	const char *name;
	int (*fn)(char *value);
};

#define __setup(str, f)							\
	static const struct boot_param __setup_##f			\
	__attribute__((used, section(".boot_params"), aligned(8))) = { str, f }

#endif
