/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PROC_EXEC_INTERNAL_H
#define KERNEL_PROC_EXEC_INTERNAL_H
/* exec_internal.h -- what exec.c needs of exec_thread.c; may sleep */

/* End the group's other threads and become its leader: 0, -EAGAIN. */
int kill_other_threads(void);
/* Handlers shared with another process become current's own: 0, -ENOMEM. */
int unshare_sighand(void);

#endif
