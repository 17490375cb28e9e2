/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_SYSLOG_H
#define DRIVERS_SYSLOG_H
/* syslog.h -- the log's one consuming reader (drivers/char/syslog.c) */

#include <kernel/types.h>
#include <kernel/wait.h>

/* Woken when the log has new records. */
extern wait_queue_head_t kmsg_wait;

/* Records that nobody consumed yet, as many as fit; sleeps for the first. */
int syslog_consume(char __user *buf, int room);
bool syslog_unread_any(void);                 /* any context */

#endif
