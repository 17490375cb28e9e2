/* SPDX-License-Identifier: MIT */
/* blob.S -- the linked vDSO, whole pages, inside the kernel's constants */

	.section .vdso, "a"
	.balign	4096
	.globl	vdso_start, vdso_end
vdso_start:
	.incbin	"build/vdso.so"
	.balign	4096
vdso_end:
