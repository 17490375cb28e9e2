/* SPDX-License-Identifier: MIT */
#ifndef FS_EVENTFD_H
#define FS_EVENTFD_H
/* eventfd.h -- for who counts events into an eventfd; fs/eventfd.c */

#include <fs/types.h>

bool is_eventfd(const struct file *file);
/* Add n; at the top the counter stays there.  Any context. */
void eventfd_signal_file(struct file *file, u64 n);

#endif
