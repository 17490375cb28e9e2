/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H
/*
 * printk.h -- the kernel's log: writing it
 *
 * printk() works in every context, NMI and panic included, and never sleeps.
 * A message without a level is a warning.  Each call makes one record;
 * KERN_CONT appends to this CPU's unfinished line.  Readers: kmsg.h; theory:
 * kernel/core/printk.c; docs/21-log-and-panic.md.
 */

#include <kernel/types.h>

#define KERN_SOH "\001"
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_DEFAULT ""
#define KERN_CONT KERN_SOH "c"

#define LOGLEVEL_EMERG 0
#define LOGLEVEL_ALERT 1
#define LOGLEVEL_CRIT 2
#define LOGLEVEL_ERR 3
#define LOGLEVEL_WARNING 4
#define LOGLEVEL_NOTICE 5
#define LOGLEVEL_INFO 6
#define LOGLEVEL_DEBUG 7
#define LOGLEVEL_DEFAULT 4

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

__printf(1, 2) int printk(const char *fmt, ...);
__printf(1, 0) int vprintk(const char *fmt, va_list args);
#define printk_deferred printk

#define pr_emerg(fmt, ...) printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...) printk(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...) printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...) printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...) printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warning pr_warn
#define pr_notice(fmt, ...) printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...) printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_cont(fmt, ...) printk(KERN_CONT fmt, ##__VA_ARGS__)
/* Compiled in with DEBUG=1 only; its format is checked always. */
#define pr_debug(fmt, ...) do {						\
	if (IS_ENABLED(LANTERN_DEBUG))					\
		printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__);		\
} while (0)

#define __printk_once(level, fmt, ...) do {				\
	static bool __said;						\
	if (!__atomic_exchange_n(&__said, true, __ATOMIC_RELAXED))	\
		printk(level pr_fmt(fmt), ##__VA_ARGS__);		\
} while (0)
#define printk_once(fmt, ...) __printk_once("", fmt, ##__VA_ARGS__)
#define pr_err_once(fmt, ...) __printk_once(KERN_ERR, fmt, ##__VA_ARGS__)
#define pr_warn_once(fmt, ...) __printk_once(KERN_WARNING, fmt, ##__VA_ARGS__)
#define pr_info_once(fmt, ...) __printk_once(KERN_INFO, fmt, ##__VA_ARGS__)

/* Lets `burst` messages through per `interval` ms; counts what it dropped. */
struct ratelimit_state {
	u64 window_start;       /* ms since boot */
	unsigned int printed;
	unsigned int missed;
	unsigned int interval;  /* ms */
	unsigned int burst;
};
#define RATELIMIT_STATE_INIT(ms, n) { .interval = (ms), .burst = (n) }
/* True if the caller may print now; any context. */
bool ___ratelimit(struct ratelimit_state *rs, const char *func);
#define __ratelimit(rs) ___ratelimit(rs, __func__)
#define printk_ratelimited(fmt, ...) do {				\
	static struct ratelimit_state __rs = RATELIMIT_STATE_INIT(5000, 10); \
	if (__ratelimit(&__rs))						\
		printk(fmt, ##__VA_ARGS__);				\
} while (0)
#define pr_err_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)

/* Messages of a level below this number go to the consoles. */
extern int console_loglevel;
extern int default_message_loglevel;
extern int minimum_console_loglevel;
extern int default_console_loglevel;

enum { DUMP_PREFIX_NONE, DUMP_PREFIX_ADDRESS, DUMP_PREFIX_OFFSET };
void print_hex_dump(const char *level, const char *prefix, int prefix_type,
		    int rowsize, int groupsize, const void *buf, size_t len,
		    bool ascii);

/* This CPU's registers-free call chain on the log; any context. */
void dump_stack(void);

#endif
