/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PROC_EXEC_INTERNAL_H
#define KERNEL_PROC_EXEC_INTERNAL_H
/* exec_internal.h -- what exec.c needs of its neighbours; may sleep */

#include <kernel/binfmts.h>

/* End the group's other threads and become its leader: 0, -EAGAIN. */
int kill_other_threads(void);
/* Handlers shared with another process become current's own: 0, -ENOMEM. */
int unshare_sighand(void);

/* Keep tracers off and prepare bprm->cred: 0, -ENOMEM, -ERESTARTNOINTR. */
int exec_begin_creds(struct linux_binprm *bprm);
/* The ids that bprm->file gives; again for each file, the last one counts. */
void prepare_exec_creds(struct linux_binprm *bprm);
/* mm->dumpable of the new program; before its credentials are current's. */
int exec_dumpable(const struct linux_binprm *bprm);
/* Undo exec_begin_creds(); bprm->cred was committed or given back. */
void exec_end_creds(struct linux_binprm *bprm);

#endif
