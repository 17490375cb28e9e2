/* SPDX-License-Identifier: MIT */
#ifndef FS_VFS_FS_CONTEXT_H
#define FS_VFS_FS_CONTEXT_H
/* fs_context.h -- a mount that is being put together (theory: fs_context.c) */

#include "mount.h"

#include <kernel/mutex.h>

#define FS_LOG_LINES 8

enum fs_context_phase {
	FS_CONTEXT_CREATE_PARAMS,     /* fsopen(): parameters, then CREATE */
	FS_CONTEXT_AWAITING_MOUNT,    /* created: fsmount() takes the root */
	FS_CONTEXT_RECONF_PARAMS,     /* fspick(): parameters, RECONFIGURE */
	FS_CONTEXT_FAILED,            /* a command failed: of no more use */
};

/* Field keys: [c] constant   [U] .uapi_mutex */
struct fs_context {
	struct mutex uapi_mutex;
	const struct file_system_type *type;  /* [c] */
	enum fs_context_phase phase;  /* [U] */
	struct vfsmount *mnt;         /* [U] created, and waits for fsmount() */
	struct dentry *root;          /* [U] of the volume to reconfigure; its
				         super block is kept active */
	unsigned int sb_flags, sb_flags_mask; /* [U] SB_*; which were named */
	char *source;                 /* [U] */
	char *data;                   /* [U] a page: "a=1,b"; NULL: nothing */
	size_t used;                  /* [U] bytes of it */
	char *log[FS_LOG_LINES];      /* [U] what went wrong, oldest first */
};

/* The context behind a descriptor, or NULL: it is something else. */
struct fs_context *fs_context_of(struct file *file);
/* From now on the context is for changing the volume of that root. */
void fs_context_keep(struct fs_context *fc, struct dentry *root);

#endif
