/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_CHAR_KMSG_H
#define DRIVERS_CHAR_KMSG_H
/* kmsg.h -- between kmsg.c and syslog.c */

#include <kernel/wait.h>

/* Woken when the log has new records. */
extern wait_queue_head_t kmsg_wait;

#endif
