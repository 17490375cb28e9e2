/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PROC_ELFCORE_H
#define KERNEL_PROC_ELFCORE_H
/* elfcore.h -- between coredump.c, elfcore.c and elfcore_notes.c */

#include <kernel/coredump.h>

struct file;

/* An area of the memory as it was when the dump began. */
struct core_area {
	unsigned long start, end;     /* addresses */
	unsigned long flags;          /* VM_* */
	unsigned long pgoff;
	unsigned long dump_size;      /* bytes to write, from start on */
	struct file *file;            /* counted; NULL: none */
};

/* What grows as the notes are made. */
struct core_notes {
	char *buf;
	size_t used, room;
	bool failed;                  /* no memory: the notes are not whole */
};

/* Write current's process to `file`; false if not all of it. May sleep. */
bool elf_core_dump(struct file *file, const siginfo_t *info,
		   struct core_state *cs, unsigned long limit);
/* All notes; the caller frees ->buf. */
void elf_core_notes(struct core_notes *notes, const siginfo_t *info,
		    struct core_state *cs, const struct core_area *areas,
		    int nr);

#endif
