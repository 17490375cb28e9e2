/* SPDX-License-Identifier: MIT */
#ifndef TICK_INTERNAL_H
#define TICK_INTERNAL_H
/* tick_internal.h -- private to kernel/time */

#include <kernel/ktime.h>

/* Set this CPU's device; -ETIME if `expires` is past and not forced. */
int tick_program_event(ktime_t expires, bool force);

#endif
