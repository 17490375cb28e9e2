/* SPDX-License-Identifier: MIT */
/*
 * binfmt_elf.c -- ELF programs: static, static-PIE, and those with a loader
 *
 * PROMISE.  A program finds its segments mapped with the rights that its
 * headers ask for, its bss zero, and on its stack what the psABI (3.4.1) says.
 * No header, however wrong, makes the kernel map outside the user half.
 *
 * IDEA.
 *	headers -> checked whole -> begin_new_exec -> stack, segments, tables
 *
 *	low   ET_EXEC where linked   or   ET_DYN at 0x555555554000 + chance
 *	      brk heap ^
 *	      ...
 *	      mmap region: the interpreter (PT_INTERP), libraries v
 *	high  stack:  argc argv[] NULL envp[] NULL auxv[] ... strings
 *
 * A file without PT_INTERP that is ET_DYN is either a static-PIE or the dynamic
 * loader run by hand; it goes into the mmap region as a loader would.
 *
 * INVARIANTS.
 *   I1  Every address computed from a header is checked against TASK_SIZE
 *       before it is used.
 *   I2  The bytes behind p_filesz in a segment's last page are zero.
 *
 * SEE System V gABI chapter 5, psABI 3.4, docs/49-exec.md.
 *
 * EXERCISES.  1. Which header makes a page both file contents and bss?  2. Why
 * is the whole span of a PIE reserved by its first segment?
 */

#include <uapi/elf.h>

#include <arch/cpufeature.h>
#include <arch/processor.h>
#include <arch/signal.h>
#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <kernel/binfmts.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/mman.h>
#include <mm/slab.h>

/* Two thirds up the user half, as on Linux; chance adds to it. */
#define ELF_ET_DYN_BASE 0x555555554000UL
#define MAX_PHDR_BYTES 65536
#define STACK_JITTER 8192U      /* within a page the stack moves too */
#define BAD_ADDR(x) ((unsigned long)(x) >= TASK_SIZE)

/* One ELF file as it is being mapped. */
struct elf_image {
	struct file *file;
	struct elf64_hdr hdr;
	struct elf64_phdr *phdrs;     /* hdr.e_phnum of them, kmalloc'ed */
	unsigned long bias;           /* mapped address - p_vaddr */
	unsigned long phdr_addr;      /* where the table lies in memory */
	unsigned long end;            /* highest byte of any segment + 1 */
	unsigned long start_code, end_code, start_data, end_data;
};

static int header_ok(const struct elf64_hdr *h)
{
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 ||
	    h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    (h->e_type != ET_EXEC && h->e_type != ET_DYN) ||
	    h->e_machine != EM_X86_64 ||
	    h->e_phentsize != sizeof(struct elf64_phdr) || !h->e_phnum ||
	    h->e_phnum * sizeof(struct elf64_phdr) > MAX_PHDR_BYTES)
		return -ENOEXEC;
	return 0;
}

/* -EIO where the file is shorter than its headers say. */
static int read_exactly(struct file *file, void *buf, size_t len, loff_t pos)
{
	ssize_t n = kernel_read(file, buf, len, &pos);

	return n < 0 ? n : n == (ssize_t)len ? 0 : -EIO;
}

static int read_phdrs(struct elf_image *img)
{
	size_t size = img->hdr.e_phnum * sizeof(struct elf64_phdr);
	int err;

	if ((loff_t)img->hdr.e_phoff < 0)
		return -ENOEXEC;
	img->phdrs = kmalloc(size, GFP_KERNEL);
	if (!img->phdrs)
		return -ENOMEM;
	err = read_exactly(img->file, img->phdrs, size, img->hdr.e_phoff);
	return err == -EIO ? -ENOEXEC : err;
}

/* I1: every segment lies in the user half and in a file of sane size. */
static int segments_ok(const struct elf_image *img)
{
	bool any = false;

	for (int i = 0; i < img->hdr.e_phnum; i++) {
		const struct elf64_phdr *ph = &img->phdrs[i];

		if (ph->p_type != PT_LOAD)
			continue;
		any = true;
		if (ph->p_filesz > ph->p_memsz || BAD_ADDR(ph->p_vaddr) ||
		    ph->p_memsz > TASK_SIZE - ph->p_vaddr ||
		    (loff_t)ph->p_offset < 0 ||
		    (ph->p_offset ^ ph->p_vaddr) & (PAGE_SIZE - 1))
			return -ENOEXEC;
	}
	return any ? 0 : -ENOEXEC;
}

static const struct elf64_phdr *find_phdr(const struct elf_image *img, u32 type)
{
	for (int i = 0; i < img->hdr.e_phnum; i++)
		if (img->phdrs[i].p_type == type)
			return &img->phdrs[i];
	return NULL;
}

/* From the first segment's first page to the last's last byte. */
static unsigned long span_of(const struct elf_image *img)
{
	unsigned long low = -1UL, high = 0;

	for (int i = 0; i < img->hdr.e_phnum; i++) {
		const struct elf64_phdr *ph = &img->phdrs[i];

		if (ph->p_type != PT_LOAD)
			continue;
		low = min(low, ph->p_vaddr & PAGE_MASK);
		high = max(high, ph->p_vaddr + ph->p_memsz);
	}
	return PAGE_ALIGN(high - low);
}

static unsigned long prot_of(const struct elf64_phdr *ph)
{
	return (ph->p_flags & PF_R ? PROT_READ : 0) |
	       (ph->p_flags & PF_W ? PROT_WRITE : 0) |
	       (ph->p_flags & PF_X ? PROT_EXEC : 0);
}

/* Zero the rest of the page that the file's part ends in (I2). */
static int zero_page_tail(unsigned long addr, bool writable)
{
	unsigned long n = addr & (PAGE_SIZE - 1);

	if (!n || !writable)
		return 0;
	return clear_user((void __user *)addr, PAGE_SIZE - n) ? -EFAULT : 0;
}

/* Map the pages of the file, or nothing if the segment has none. */
static unsigned long map_file_part(struct elf_image *img,
				   const struct elf64_phdr *ph,
				   unsigned long addr, unsigned long total,
				   unsigned long flags)
{
	unsigned long head = ph->p_vaddr & (PAGE_SIZE - 1);
	unsigned long size = PAGE_ALIGN(ph->p_filesz + head);
	unsigned long off = ph->p_offset - head, got;

	addr &= PAGE_MASK;
	if (!size)
		return addr;
	/* The first segment reserves room for all; the rest is cut again. */
	got = vm_mmap(img->file, addr, max(total, size), prot_of(ph),
		      MAP_PRIVATE | flags, off);
	if (!BAD_ADDR(got) && total > size)
		vm_munmap(got + size, total - size);
	return got;
}

static int map_bss_part(const struct elf64_phdr *ph, unsigned long bias)
{
	unsigned long file_end = ph->p_vaddr + bias + ph->p_filesz;
	unsigned long mem_end = PAGE_ALIGN(ph->p_vaddr + bias + ph->p_memsz);
	unsigned long start = PAGE_ALIGN(file_end);
	int err;

	if (ph->p_memsz > ph->p_filesz && ph->p_filesz) {
		err = zero_page_tail(file_end, ph->p_flags & PF_W);
		if (err)
			return err;
	}
	if (!ph->p_filesz)
		start = (ph->p_vaddr + bias) & PAGE_MASK;
	if (mem_end <= start)
		return 0;
	return vm_brk_flags(start, mem_end - start,
			    ph->p_flags & PF_X ? VM_EXEC : 0);
}

static void note_extent(struct elf_image *img, const struct elf64_phdr *ph)
{
	unsigned long start = ph->p_vaddr + img->bias;
	unsigned long file_end = start + ph->p_filesz;

	if (img->hdr.e_phoff >= ph->p_offset &&
	    img->hdr.e_phoff < ph->p_offset + ph->p_filesz)
		img->phdr_addr = img->hdr.e_phoff - ph->p_offset + start;
	if ((ph->p_flags & PF_X) && start < img->start_code)
		img->start_code = start;
	if (img->start_data < start)
		img->start_data = start;
	if ((ph->p_flags & PF_X) && img->end_code < file_end)
		img->end_code = file_end;
	if (img->end_data < file_end)
		img->end_data = file_end;
	img->end = max(img->end, start + ph->p_memsz);
}

/*
 * Map all segments.  base 0: wherever there is room; else an ET_DYN's lowest
 * page goes to base.  current->mm is the new one.
 */
static int map_image(struct elf_image *img, unsigned long base)
{
	bool first = true;

	img->start_code = -1UL;
	for (int i = 0; i < img->hdr.e_phnum; i++) {
		const struct elf64_phdr *ph = &img->phdrs[i];
		unsigned long flags = MAP_FIXED, total = 0, addr, want;
		int err;

		if (ph->p_type != PT_LOAD)
			continue;
		want = ph->p_vaddr + img->bias;
		if (first && img->hdr.e_type == ET_DYN) {
			want = base;
			flags = base ? MAP_FIXED_NOREPLACE : 0;
			total = span_of(img);
		} else if (first) {
			flags = MAP_FIXED_NOREPLACE;
		}
		if (BAD_ADDR(want) || ph->p_memsz > TASK_SIZE - want)
			return -ENOMEM;
		addr = map_file_part(img, ph, want, total, flags);
		if (BAD_ADDR(addr))
			return IS_ERR((void *)addr) ? (int)(long)addr : -EINVAL;
		if (first && img->hdr.e_type == ET_DYN)
			img->bias = addr - (ph->p_vaddr & PAGE_MASK);
		first = false;
		err = map_bss_part(ph, img->bias);
		if (err)
			return err;
		note_extent(img, ph);
	}
	return 0;
}

/* Open the program's loader and check it as far as can be. */
static int open_interpreter(struct linux_binprm *bprm, struct elf_image *prog,
			    struct elf_image *interp)
{
	const struct elf64_phdr *ph = find_phdr(prog, PT_INTERP);
	char *path;
	int err;

	if (!ph)
		return 0;
	if (ph->p_filesz > PATH_MAX || ph->p_filesz < 2)
		return -ENOEXEC;
	path = kmalloc(ph->p_filesz, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	err = read_exactly(prog->file, path, ph->p_filesz, ph->p_offset);
	if (!err && path[ph->p_filesz - 1])
		err = -ENOEXEC;
	if (!err) {
		interp->file = open_exec(path);
		err = PTR_ERR_OR_ZERO(interp->file);
		if (err)
			interp->file = NULL;
	}
	kfree(path);
	if (err)
		return err;
	would_dump(bprm, interp->file);
	err = read_exactly(interp->file, &interp->hdr, sizeof(interp->hdr), 0);
	if (!err)
		err = header_ok(&interp->hdr) ? -ELIBBAD : 0;
	if (!err)
		err = read_phdrs(interp);
	if (!err)
		err = segments_ok(interp) ? -ELIBBAD : 0;
	return err;
}

static void release_image(struct elf_image *img, bool close)
{
	kfree(img->phdrs);
	if (close && img->file) {
		allow_write_access(img->file);
		fput(img->file);
	}
}

struct auxv {
	unsigned long *next;
};

static void aux(struct auxv *v, unsigned long id, unsigned long val)
{
	*v->next++ = id;
	*v->next++ = val;
}

static void fill_auxv(struct mm_struct *mm, const struct linux_binprm *bprm,
		      const struct elf_image *prog,
		      const struct elf_image *interp, unsigned long random,
		      unsigned long platform)
{
	const struct cred *cred = current_cred();
	struct auxv v = { mm->saved_auxv };
	unsigned long vdso = arch_setup_vdso(mm);

	memset(mm->saved_auxv, 0, sizeof(mm->saved_auxv));
	if (vdso)
		aux(&v, AT_SYSINFO_EHDR, vdso);
	aux(&v, AT_HWCAP, arch_elf_hwcap());
	aux(&v, AT_PAGESZ, PAGE_SIZE);
	aux(&v, AT_CLKTCK, 100);
	aux(&v, AT_PHDR, prog->phdr_addr);
	aux(&v, AT_PHENT, sizeof(struct elf64_phdr));
	aux(&v, AT_PHNUM, prog->hdr.e_phnum);
	aux(&v, AT_BASE, interp->file ? interp->bias : 0);
	aux(&v, AT_FLAGS, 0);
	aux(&v, AT_ENTRY, prog->hdr.e_entry + prog->bias);
	aux(&v, AT_UID, cred->uid);
	aux(&v, AT_EUID, cred->euid);
	aux(&v, AT_GID, cred->gid);
	aux(&v, AT_EGID, cred->egid);
	aux(&v, AT_SECURE, bprm->secureexec);
	aux(&v, AT_RANDOM, random);
	aux(&v, AT_HWCAP2, arch_elf_hwcap2());
	aux(&v, AT_EXECFN, bprm->exec);
	aux(&v, AT_PLATFORM, platform);
	aux(&v, AT_MINSIGSTKSZ, arch_sigframe_size());
	aux(&v, AT_NULL, 0);
}

/* Write n pointers to consecutive strings, and a NULL; the next string or 0. */
static unsigned long put_string_pointers(unsigned long __user **slot, int n,
					 unsigned long str)
{
	while (n-- > 0) {
		long len;

		if (put_user(str, (*slot)++))
			return 0;
		len = strnlen_user((const char __user *)str, MAX_ARG_STRLEN);
		if (!len || len > MAX_ARG_STRLEN)
			return 0;
		str += len;
	}
	return put_user(0UL, (*slot)++) ? 0 : str;
}

/*
 * The table that the program finds at its stack pointer (psABI figure 3.9).
 * Moves bprm->p there.
 */
static int create_tables(struct linux_binprm *bprm, const struct elf_image *prog,
			 const struct elf_image *interp)
{
	static const char platform[] = "x86_64";
	struct mm_struct *mm = current->mm;
	unsigned long p = bprm->p & ~15UL, plat, rnd, items, str;
	unsigned long __user *sp;
	u8 seed[16];

	if (bprm->randomize)
		p -= get_random_u32_below(STACK_JITTER) & ~15U;
	get_random_bytes(seed, sizeof(seed));
	plat = p - sizeof(platform);
	rnd = (plat - sizeof(seed)) & ~15UL;
	if (copy_to_user((void __user *)plat, platform, sizeof(platform)) ||
	    copy_to_user((void __user *)rnd, seed, sizeof(seed)))
		return -EFAULT;
	fill_auxv(mm, bprm, prog, interp, rnd, plat);
	items = 1 + bprm->argc + 1 + bprm->envc + 1 + AT_VECTOR_SIZE;
	sp = (unsigned long __user *)((rnd - items * sizeof(long)) & ~15UL);
	bprm->p = (unsigned long)sp;
	if (put_user((unsigned long)bprm->argc, sp++))
		return -EFAULT;
	str = put_string_pointers(&sp, bprm->argc, mm->arg_start);
	if (!str)
		return -EFAULT;
	mm->arg_end = str;
	mm->env_start = str;
	str = put_string_pointers(&sp, bprm->envc, str);
	if (!str)
		return -EFAULT;
	mm->env_end = str;
	return copy_to_user(sp, mm->saved_auxv, sizeof(mm->saved_auxv)) ?
		-EFAULT : 0;
}

static void set_mm_layout(const struct elf_image *prog, unsigned long sp)
{
	struct mm_struct *mm = current->mm;

	mmap_write_lock(mm);
	mm->start_code = prog->start_code;
	mm->end_code = prog->end_code;
	mm->start_data = prog->start_data;
	mm->end_data = prog->end_data;
	mm->start_stack = sp;
	mm->brk = PAGE_ALIGN(prog->end);
	/* A static-PIE lies among the libraries: its heap needs room above. */
	if (prog->hdr.e_type == ET_DYN && !find_phdr(prog, PT_INTERP))
		mm->brk = ELF_ET_DYN_BASE;
	if (current->flags & PF_RANDOMIZE)
		mm->brk = randomize_brk(mm->brk);
	mm->start_brk = mm->brk;
	mmap_write_unlock(mm);
}

/* Past the point of no return: map everything and go. */
static int start_image(struct linux_binprm *bprm, struct elf_image *prog,
		       struct elf_image *interp)
{
	unsigned long entry, base;
	int err = setup_arg_pages(current->mm,
				  bprm->execstack ? VM_EXEC : 0);

	if (err)
		return err;
	current->mm->arg_start = bprm->p;
	base = prog->hdr.e_type == ET_DYN && interp->file ? ELF_ET_DYN_BASE : 0;
	if (base && bprm->randomize)
		base += arch_mmap_rnd();
	err = map_image(prog, base);
	if (err)
		return err;
	entry = prog->hdr.e_entry + prog->bias;
	if (interp->file) {
		err = map_image(interp, 0);
		if (err)
			return err;
		entry = interp->hdr.e_entry + interp->bias;
	}
	if (BAD_ADDR(entry))
		return -EINVAL;
	err = create_tables(bprm, prog, interp);
	if (err)
		return err;
	set_mm_layout(prog, bprm->p);
	start_thread(task_pt_regs(current), entry, bprm->p);
	return 0;
}

static int load_elf_binary(struct linux_binprm *bprm)
{
	struct elf_image prog = { .file = bprm->file }, interp = { 0 };
	const struct elf64_phdr *stack;
	int err;

	memcpy(&prog.hdr, bprm->buf, sizeof(prog.hdr));
	err = header_ok(&prog.hdr);
	if (err)
		return err;
	err = read_phdrs(&prog);
	if (err)
		goto out;
	err = segments_ok(&prog);
	if (err)
		goto out;
	err = open_interpreter(bprm, &prog, &interp);
	if (err)
		goto out;
	stack = find_phdr(&prog, PT_GNU_STACK);
	bprm->execstack = stack && (stack->p_flags & PF_X);
	err = begin_new_exec(bprm);
	if (!err)
		err = start_image(bprm, &prog, &interp);
out:
	release_image(&interp, true);
	release_image(&prog, false);
	return err;
}

static struct linux_binfmt elf_format = {
	.load_binary = load_elf_binary,
};

static int init_elf_binfmt(void)
{
	register_binfmt(&elf_format);
	return 0;
}
core_initcall(init_elf_binfmt);
