/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_BINFMTS_H
#define KERNEL_BINFMTS_H
/*
 * binfmts.h -- what execve() and the program formats hand each other
 *
 * Theory: kernel/proc/exec.c.
 */

#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/list.h>
#include <kernel/types.h>

#define BINPRM_BUF_SIZE 256
#define MAX_ARG_STRLEN (32 * PAGE_SIZE)
#define MAX_ARG_STRINGS 0x7fffffff

/* One execve() in progress; owned by the caller, on its stack or heap. */
struct linux_binprm {
	struct mm_struct *mm;         /* the new one, until it is current's */
	unsigned long p;              /* lowest used byte of the new stack */
	unsigned long arg_floor;      /* p may not sink below: E2BIG */
	unsigned long exec;           /* address of the filename string */
	struct file *file;            /* what is loaded */
	struct file *executable;      /* #!: the interpreter, loaded next */
	struct cred *cred;            /* prepared, not yet current's */
	int argc, envc;
	const char *filename;         /* as the caller named it */
	const char *interp;           /* what is really run */
	bool interp_allocated;        /* interp is ours to free */
	bool point_of_no_return;      /* the old program is gone */
	bool randomize;               /* chance places: randomize.c */
	bool secureexec;              /* AT_SECURE: privileges were gained */
	bool fs_shared;               /* another process has our fs_struct */
	bool unreadable;              /* to the caller: it shall not dump */
	bool execstack;               /* the format asks for VM_EXEC stacks */
	char buf[BINPRM_BUF_SIZE];    /* the file's first bytes, 0-filled */
};

/* A format: load_binary gives -ENOEXEC for what is not its own. */
struct linux_binfmt {
	struct list_head lh;
	int (*load_binary)(struct linux_binprm *bprm);
};

void register_binfmt(struct linux_binfmt *fmt);

/* For load_binary.  begin_new_exec() is the point of no return. */
int begin_new_exec(struct linux_binprm *bprm);
/* Push a string of the kernel's onto the new stack. */
int copy_string_kernel(const char *arg, struct linux_binprm *bprm);
/* Drop argv[0]. */
int remove_arg_zero(struct linux_binprm *bprm);
int bprm_change_interp(const char *interp, struct linux_binprm *bprm);
/* `file` becomes part of the program: may the caller read it, too? */
void would_dump(struct linux_binprm *bprm, struct file *file);

#endif
