/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PROC_SIGNAL_STOP_H
#define KERNEL_PROC_SIGNAL_STOP_H
/* signal_stop.h -- between signal_deliver.c and ptrace_stop.c */

#include <kernel/types.h>

/* siglock held; true if this thread was the last to stop. */
bool participate_group_stop(void);

#endif
