/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_COMPILER_H
#define KERNEL_COMPILER_H
/* compiler.h -- what we say to GCC and Clang beyond C17 */

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define __must_check __attribute__((warn_unused_result))
#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __cacheline_aligned __aligned(64)
#define __section(s) __attribute__((section(s)))
#define __used __attribute__((used))
#define __maybe_unused __attribute__((unused))
#define __weak __attribute__((weak))
#define __noreturn __attribute__((noreturn))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define __pure __attribute__((pure))
#define __cold __attribute__((cold))
#define fallthrough __attribute__((fallthrough))

/* A pointer into the user half: only uaccess.h may look behind it. */
#define __user
#define __iomem
#define __percpu
#define __rcu

/* Text and data that the kernel gives back once it is up. */
#define __init __section(".init.text") __cold
#define __initdata __section(".init.data")
/* Data that is never written once init is over: mapped read-only then. */
#define __ro_after_init __section(".data..ro_after_init")

#ifndef static_assert
#define static_assert _Static_assert
#endif

#define barrier() __asm__ __volatile__("" ::: "memory")
/* What p points to is used, as far as the compiler may know. */
#define barrier_data(p) __asm__ __volatile__("" :: "r"(p) : "memory")
/* The compiler must forget what it knows of the value of x. */
#define OPTIMIZER_HIDE_VAR(x) __asm__ __volatile__("" : "+r"(x))
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define container_of(ptr, type, member) ({				\
	const __typeof__(((type *)0)->member) *__mptr = (ptr);		\
	(type *)((char *)__mptr - __builtin_offsetof(type, member)); })

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define sizeof_field(t, m) sizeof(((t *)0)->m)
#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)
#define __concat_1(a, b) a##b
#define __concat(a, b) __concat_1(a, b)
#define __unique_id(prefix) __concat(prefix, __COUNTER__)

/* IS_ENABLED(LANTERN_DEBUG) is 1 if the macro is defined as 1, else 0. */
#define __ARG_PLACEHOLDER_1 0,
#define __take_second(ignored, val, ...) val
#define __is_defined(x) ___is_defined(x)
#define ___is_defined(val) ____is_defined(__ARG_PLACEHOLDER_##val)
#define ____is_defined(arg1_or_junk) __take_second(arg1_or_junk 1, 0, 0)
#define IS_ENABLED(option) __is_defined(option)

#endif
