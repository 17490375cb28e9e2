/* SPDX-License-Identifier: MIT */
#ifndef HOST_H
#define HOST_H
/* host.h -- the list of self-tests as the C library's side sees it */

#include <stdbool.h>

/* As in include/kernel/selftest.h, which cannot meet the C library. */
struct selftest {
	const char *name;
	void (*run)(void);
	bool slow;
};

extern const struct selftest __start_selftests[] __attribute__((weak));
extern const struct selftest __stop_selftests[] __attribute__((weak));

#endif
