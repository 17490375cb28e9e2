/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_INIT_H
#define KERNEL_INIT_H
/* init.h -- initcalls in sections that a Unix linker gives ends to */

typedef int (*initcall_t)(void);

struct initcall {
	initcall_t fn;
	const char *name;
};

#define __define_initcall(f, level)					\
	static const struct initcall __initcall_##f			\
	__attribute__((used, section("initcall" #level), aligned(8))) = { f, #f }

#define core_initcall(f) __define_initcall(f, 1)
#define subsys_initcall(f) __define_initcall(f, 2)
#define fs_initcall(f) __define_initcall(f, 3)
#define device_initcall(f) __define_initcall(f, 4)
#define late_initcall(f) __define_initcall(f, 5)
#define module_init(f) device_initcall(f)
#define module_exit(f) \
	static void (*const __exit_##f)(void) __attribute__((unused)) = f
#define __setup(str, f) \
	static int (*const __setup_##f)(char *) __attribute__((unused)) = f

#endif
