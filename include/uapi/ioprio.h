/* SPDX-License-Identifier: MIT */
#ifndef UAPI_IOPRIO_H
#define UAPI_IOPRIO_H
/* ioprio.h -- I/O priorities: class << 13 | level, 0 the most important */

#define IOPRIO_CLASS_SHIFT 13
#define IOPRIO_NR_LEVELS 8
#define IOPRIO_PRIO_CLASS(p) (((p) >> IOPRIO_CLASS_SHIFT) & 7)
#define IOPRIO_PRIO_DATA(p) ((p) & ((1 << IOPRIO_CLASS_SHIFT) - 1))
#define IOPRIO_PRIO_LEVEL(p) ((p) & (IOPRIO_NR_LEVELS - 1)) /* above: hints */
#define IOPRIO_PRIO_VALUE(cl, data) (((cl) << IOPRIO_CLASS_SHIFT) | (data))
#define IOPRIO_NORM 4
#define IOPRIO_DEFAULT 0

enum { IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE };
enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_WHO_PGRP, IOPRIO_WHO_USER };

#endif
