/* SPDX-License-Identifier: MIT */
/*
 * vdso.c -- giving each process the kernel's own shared library
 *
 *	addr          [vvar]   the time data, readable; kernel/time writes it
 *	addr + 4 KiB  [vdso]   the ELF image, readable and executable
 *
 * Both are pages of the kernel image, shared by all processes and never
 * copied.  Theory of the code in it: image/clock.c.
 */

#include <arch/vdso.h>

#include <arch/cpufeature.h>
#include <arch/page.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/timekeeping.h>
#include <mm/mm.h>

#define MAX_PAGES 4

static struct page *text_pages[MAX_PAGES + 1], *vvar_pages[2];
static const struct vm_special_mapping vdso_mapping = { "[vdso]", text_pages };
static const struct vm_special_mapping vvar_mapping = { "[vvar]", vvar_pages };

static int vdso_init(void)
{
	int n = (vdso_end - vdso_start) / PAGE_SIZE;

	static_assert(sizeof(struct vdso_data) == PAGE_SIZE,
		      "nothing else may share its page");
	if (n > MAX_PAGES)
		return -EINVAL;
	for (int i = 0; i < n; i++)
		text_pages[i] = virt_to_page(vdso_start + i * PAGE_SIZE);
	vvar_pages[0] = virt_to_page(&vdso_data);
	vdso_data.has_rdtscp = boot_cpu_has(X86_FEATURE_RDTSCP);
	return 0;
}
core_initcall(vdso_init);

unsigned long arch_setup_vdso(struct mm_struct *mm)
{
	unsigned long len = vdso_end - vdso_start, addr;
	struct vm_area_struct *vma;

	if (!vvar_pages[0])
		return 0;
	mmap_write_lock(mm);
	addr = get_unmapped_area(NULL, 0, len + PAGE_SIZE, 0, 0);
	if (IS_ERR((void *)addr))
		goto none;
	vma = _install_special_mapping(mm, addr, PAGE_SIZE,
				       VM_READ | VM_MAYREAD | VM_DONTDUMP,
				       &vvar_mapping);
	if (IS_ERR(vma))
		goto none;
	addr += PAGE_SIZE;
	vma = _install_special_mapping(mm, addr, len, VM_READ | VM_EXEC |
				       VM_MAYREAD | VM_MAYEXEC, &vdso_mapping);
	if (IS_ERR(vma))
		goto none;
	mmap_write_unlock(mm);
	return addr;
none:
	mmap_write_unlock(mm);
	return 0;
}
