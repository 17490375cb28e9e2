/* SPDX-License-Identifier: MIT */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H
/*
 * fpu.h -- x87, SSE and AVX registers of user tasks
 *
 * The kernel itself is compiled without them and never touches them.
 */

#include <kernel/types.h>

struct task_struct;

/* FXSAVE's 512 bytes, which begin every XSAVE image. */
struct fxregs_state {
	u16 cwd, swd, twd, fop;
	u64 rip, rdp;
	u32 mxcsr, mxcsr_mask;
	u32 st_space[32];          /* 8 registers of 16 bytes */
	u32 xmm_space[64];         /* 16 registers of 16 bytes */
	u32 padding[12];
	u32 sw_reserved[12];       /* software's: fpx_sw_bytes in frames */
};

struct xregs_state {
	struct fxregs_state fx;
	u64 xfeatures;             /* components that are not in initial state */
	u64 xcomp_bv;              /* bit 63: compacted form, unused here */
	u64 reserved[6];
	u8 extended[];             /* AVX and later, offsets by CPUID 0xd */
} __aligned(64);

static_assert(sizeof(struct fxregs_state) == 512, "FXSAVE image");

/* Bytes in an image, and the components (XCR0) it has; after fpu_init(). */
extern unsigned int fpu_xstate_size;
extern u64 fpu_xfeatures;

/* Size the image and make the cache of images: once, when slab is up. */
void fpu_init(void);
/* Give this CPU's FPU its control bits; each CPU, before it runs user code. */
void fpu_cpu_init(void);
/* fork: an image for the child, copied from current's registers; -ENOMEM. */
int fpu_clone(struct task_struct *child);
/* exec: current's registers to their initial state; makes the image. */
int fpu_flush_thread(void);
void fpu_free(struct task_struct *task);
/* Park prev's and load next's registers; irqs off (context switch). */
void fpu_switch(struct task_struct *prev, struct task_struct *next);
/*
 * Bring current's image up to date and make *it* the truth until
 * fpu_load_current(): in between it may be read and written, sleeping allowed.
 */
struct xregs_state *fpu_sync_current(void);
/* Load the image again; what is invalid in it becomes the initial state. */
void fpu_load_current(void);

#endif
