/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_THREADS_H
#define KERNEL_THREADS_H
/* threads.h -- how many CPUs this kernel is built for */

#define NR_CPUS 16

#endif
