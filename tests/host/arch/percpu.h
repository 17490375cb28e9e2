/* SPDX-License-Identifier: MIT */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H
/* percpu.h -- in a Unix process there is one CPU: the originals are its own */

#include <kernel/types.h>

#define this_cpu_read(var) (var)
#define this_cpu_read_stable(var) (var)
#define this_cpu_write(var, val) ((void)((var) = (val)))
#define this_cpu_add(var, val) ((void)((var) += (val)))
#define this_cpu_sub(var, val) ((void)((var) -= (val)))
#define this_cpu_and(var, val) ((void)((var) &= (val)))
#define this_cpu_or(var, val) ((void)((var) |= (val)))
#define this_cpu_add_return(var, val) ((var) += (val))
#define this_cpu_inc(var) this_cpu_add(var, 1)
#define this_cpu_dec(var) this_cpu_sub(var, 1)
#define this_cpu_inc_return(var) (++(var))
#define this_cpu_dec_return(var) (--(var))
#define this_cpu_ptr(ptr) (ptr)
#define raw_cpu_ptr this_cpu_ptr
#define raw_cpu_read this_cpu_read
#define __this_cpu_read this_cpu_read
#define __this_cpu_write this_cpu_write

#endif
