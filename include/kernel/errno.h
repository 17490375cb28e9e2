/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_ERRNO_H
#define KERNEL_ERRNO_H
/*
 * errno.h -- the user's error numbers, and those that never reach a user
 *
 * The ERESTART family means "a signal interrupted this call": the signal
 * delivery (kernel/proc/signal_deliver.c) turns each into a restart or -EINTR.
 */
#include <uapi/asm/errno.h>

#define ERESTARTSYS 512           /* restart if the handler has SA_RESTART */
#define ERESTARTNOINTR 513        /* always restart */
#define ERESTARTNOHAND 514        /* restart only if no handler ran */
#define ENOIOCTLCMD 515           /* the driver does not know it: ENOTTY */
#define EPROBE_DEFER 517           /* a driver: what I need is not there yet */
#define EIOCBQUEUED 529       /* a kiocb's ki_complete will tell */
#define ERESTART_RESTARTBLOCK 516 /* restart through restart_syscall */

#endif
