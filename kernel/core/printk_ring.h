/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_PRINTK_RING_H
#define KERNEL_CORE_PRINTK_RING_H
/* printk_ring.h -- the store of records; private to kernel/core */

#include <kernel/kmsg.h>

/* Add a record, or (cont) the end of the open one.  Any context. */
void ring_store(const struct kmsg_record *head, const char *text, size_t len,
		bool cont, bool ends);
/* Let readers see a record that waits for its end. */
void ring_close(void);
/* From now on nobody else runs: do not wait for the lock's owner. */
void ring_panic(void);

#endif
