/* SPDX-License-Identifier: MIT */
/*
 * elfcore.c -- the form of a core file
 *
 *	ELF header      ET_CORE
 *	program header  PT_NOTE: where the notes are
 *	program header  PT_LOAD, one an area: address, rights, bytes that follow
 *	notes           registers of each thread, names of files (elfcore_notes.c)
 *	pages           the areas' contents, page-aligned
 *
 * Which areas are written, coredump_filter says; of the others only the header
 * stands there, and a debugger takes their contents from the files that NT_FILE
 * names. Pages of zeroes become holes.
 *
 * The areas are listed once, under mmap_lock, and then read without it: nobody
 * else runs in this memory, but another process that shares it might; what it
 * unmaps meanwhile reads as zeroes.
 *
 * SEE core(5), ELF gABI, docs/68-core-dumps.md.
 */

#include "elfcore.h"

#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <uapi/elf.h>

#define ET_CORE 4

/* Bits of coredump_filter. */
#define DUMP_ANON_PRIVATE 0x01
#define DUMP_ANON_SHARED 0x02
#define DUMP_FILE_PRIVATE 0x04
#define DUMP_FILE_SHARED 0x08
#define DUMP_ELF_HEADERS 0x10

struct core_writer {
	struct file *file;
	loff_t pos;
	unsigned long limit;
};

static bool emit(struct core_writer *w, const void *data, size_t n)
{
	if (w->pos + n > w->limit || fatal_signal_pending(current))
		return false;
	return kernel_write(w->file, data, n, &w->pos) == (ssize_t)n;
}

/* ---- the areas ----------------------------------------------------------- */

static unsigned long vdso_address(const struct mm_struct *mm)
{
	for (int i = 0; i < AT_VECTOR_SIZE - 1 && mm->saved_auxv[i]; i += 2)
		if (mm->saved_auxv[i] == AT_SYSINFO_EHDR)
			return mm->saved_auxv[i + 1];
	return 0;
}

/* How many bytes of an area the filter wants. */
static unsigned long wanted_bytes(const struct vm_area_struct *vma,
				  unsigned int filter, unsigned long vdso)
{
	unsigned long whole = vma->vm_end - vma->vm_start;

	if (vma->vm_start == vdso)
		return whole;         /* no file has it */
	if (vma->vm_flags & (VM_DONTDUMP | VM_IO))
		return 0;
	if (vma->vm_flags & VM_SHARED) {
		bool named = vma->vm_file && file_inode(vma->vm_file)->i_nlink;

		return filter & (named ? DUMP_FILE_SHARED : DUMP_ANON_SHARED) ?
			whole : 0;
	}
	/* After a fork the pages may all be the parent's: a chain, no own. */
	if (!list_empty(&vma->anon_vma_chain) && (filter & DUMP_ANON_PRIVATE))
		return whole;
	if (!vma->vm_file)
		return 0;             /* never touched */
	if (filter & DUMP_FILE_PRIVATE)
		return whole;
	/* The first page names the build, should the file be another by
	 * then. */
	if ((filter & DUMP_ELF_HEADERS) && !vma->vm_pgoff &&
	    (vma->vm_flags & VM_READ))
		return PAGE_SIZE;
	return 0;
}

static struct core_area *list_areas(int *nr)
{
	struct mm_struct *mm = current->mm;
	unsigned long vdso = vdso_address(mm);
	struct vm_area_struct *vma;
	struct core_area *areas = NULL, *a;

	down_read(&mm->mmap_lock);
	*nr = mm->map_count;
	areas = vmalloc((*nr + 1) * sizeof(*areas));
	a = areas;
	if (areas) {
		list_for_each_entry(vma, &mm->mmap, vm_list) {
			*a++ = (struct core_area){
				.start = vma->vm_start, .end = vma->vm_end,
				.flags = vma->vm_flags,
				.pgoff = vma->vm_pgoff,
				.dump_size = wanted_bytes(vma, mm->dump_filter,
							  vdso),
				.file = vma->vm_file ? get_file(vma->vm_file) :
					NULL,
			};
		}
		*nr = a - areas;
	}
	up_read(&mm->mmap_lock);
	return areas;
}

static void free_areas(struct core_area *areas, int nr)
{
	for (int i = 0; i < nr; i++)
		if (areas[i].file)
			fput(areas[i].file);
	vfree(areas);
}

/* ---- headers ------------------------------------------------------------- */

static bool emit_elf_header(struct core_writer *w, int segments)
{
	struct elf64_hdr h = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = 1,
		.e_phoff = sizeof(struct elf64_hdr),
		.e_ehsize = sizeof(struct elf64_hdr),
		.e_phentsize = sizeof(struct elf64_phdr),
		.e_phnum = segments,
	};

	return emit(w, &h, sizeof(h));
}

static bool emit_note_header(struct core_writer *w, int segments, size_t size)
{
	struct elf64_phdr p = {
		.p_type = PT_NOTE,
		.p_offset = sizeof(struct elf64_hdr) +
			    segments * sizeof(struct elf64_phdr),
		.p_filesz = size,
		.p_align = 4,
	};

	return emit(w, &p, sizeof(p));
}

static bool emit_load_header(struct core_writer *w, const struct core_area *a,
			     loff_t offset)
{
	struct elf64_phdr p = {
		.p_type = PT_LOAD,
		.p_offset = offset,
		.p_vaddr = a->start,
		.p_filesz = a->dump_size,
		.p_memsz = a->end - a->start,
		.p_align = PAGE_SIZE,
	};

	if (a->flags & VM_READ)
		p.p_flags |= PF_R;
	if (a->flags & VM_WRITE)
		p.p_flags |= PF_W;
	if (a->flags & VM_EXEC)
		p.p_flags |= PF_X;
	return emit(w, &p, sizeof(p));
}

/* ---- contents ------------------------------------------------------------ */

static bool emit_area(struct core_writer *w, const struct core_area *a,
		      char *page)
{
	for (unsigned long at = 0; at < a->dump_size; at += PAGE_SIZE) {
		int n = access_remote_vm(current->mm, a->start + at, page,
					 PAGE_SIZE, FOLL_FORCE);

		if (n > 0 && memchr_inv(page, 0, n)) {
			memset(page + n, 0, PAGE_SIZE - n);
			if (!emit(w, page, PAGE_SIZE))
				return false;
		} else {
			if (w->pos + PAGE_SIZE > w->limit ||
			    fatal_signal_pending(current))
				return false;
			w->pos += PAGE_SIZE;  /* a hole */
		}
		cond_resched();
	}
	return true;
}

static bool emit_all(struct core_writer *w, const struct core_notes *notes,
		     const struct core_area *areas, int nr, char *page)
{
	loff_t offset = sizeof(struct elf64_hdr) +
			(nr + 1) * sizeof(struct elf64_phdr) + notes->used;

	if (!emit_elf_header(w, nr + 1) ||
	    !emit_note_header(w, nr + 1, notes->used))
		return false;
	offset = ALIGN(offset, (loff_t)PAGE_SIZE);
	for (int i = 0; i < nr; i++) {
		if (!emit_load_header(w, &areas[i], offset))
			return false;
		offset += areas[i].dump_size;
	}
	if (!emit(w, notes->buf, notes->used))
		return false;
	w->pos = ALIGN(w->pos, (loff_t)PAGE_SIZE);
	for (int i = 0; i < nr; i++)
		if (!emit_area(w, &areas[i], page))
			return false;
	/* A hole at the end is part of the file too. */
	return !do_truncate(w->file->f_path.dentry, w->pos, 0, w->file);
}

bool elf_core_dump(struct file *file, const siginfo_t *info,
		   struct core_state *cs, unsigned long limit)
{
	struct core_writer w = { .file = file, .limit = limit };
	struct core_notes notes = { 0 };
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	struct core_area *areas;
	bool ok = false;
	int nr;

	w.limit = min(limit, (unsigned long)LONG_MAX - PAGE_SIZE);
	areas = list_areas(&nr);
	if (page && areas) {
		elf_core_notes(&notes, info, cs, areas, nr);
		/* Once begun it counts as dumped, even if it is cut off. */
		if (!notes.failed) {
			emit_all(&w, &notes, areas, nr, page);
			ok = true;
		}
	}
	vfree(notes.buf);
	if (areas)
		free_areas(areas, nr);
	kfree(page);
	return ok;
}
