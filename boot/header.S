/* SPDX-License-Identifier: MIT */
/*
 * header.S -- how loaders recognise the kernel
 *
 * Two doors into one image.  GRUB looks for the multiboot2 header in the first
 * 32 KiB of the file (Multiboot2 1.6, 3.1); QEMU's -kernel looks for the ELF
 * note that Xen's PVH ABI defines.  Both enter 32-bit code with paging off.
 */

#define MB2_MAGIC     0xe85250d6
#define MB2_ARCH_I386 0
#define MB2_OPTIONAL  1

	.section .multiboot, "a"
	.balign 8
mb2_start:
	.long MB2_MAGIC, MB2_ARCH_I386, mb2_end - mb2_start
	.long -(MB2_MAGIC + MB2_ARCH_I386 + (mb2_end - mb2_start))

	/* What we like to be told: command line, loader, modules, memory map,
	 * framebuffer, ACPI root pointers. */
mb2_request:
	.short 1, MB2_OPTIONAL
	.long mb2_request_end - mb2_request
	.long 1, 2, 3, 6, 8, 14, 15
mb2_request_end:
	.balign 8
	/* Where to enter, as a physical address. */
	.short 3, 0
	.long 12
	.long boot_entry_multiboot - 0xffffffff80000000
	.balign 8
	/* A linear framebuffer would be welcome; text mode will do. */
	.short 5, MB2_OPTIONAL
	.long 20
	.long 1024, 768, 32
	.balign 8
	/* Modules start on a page, so that their pages can be freed whole. */
	.short 6, 0
	.long 8
	.balign 8
	.short 0, 0
	.long 8
mb2_end:

#define XEN_ELFNOTE_PHYS32_ENTRY 18

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad boot_entry_pvh - 0xffffffff80000000
