/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_ERRSEQ_H
#define KERNEL_ERRSEQ_H
/*
 * errseq.h -- an error that every observer sees exactly once
 *
 * Theory: kernel/lib/errseq.c.  Any context.
 */

#include <kernel/types.h>

typedef u32 errseq_t;

/* Something failed: err is -errno.  Returns the new value. */
errseq_t errseq_set(errseq_t *eseq, int err);
/* What a new observer starts with: an error nobody saw counts as news to it. */
errseq_t errseq_sample(errseq_t *eseq);
/* The error since `since`, or 0; `since` stays. */
int errseq_check(errseq_t *eseq, errseq_t since);
/* The error since *since, or 0; told now.  The observer's lock is held. */
int errseq_check_and_advance(errseq_t *eseq, errseq_t *since);

#endif
