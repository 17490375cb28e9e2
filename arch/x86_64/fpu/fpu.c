/* SPDX-License-Identifier: MIT */
/*
 * fpu.c -- x87, SSE and AVX registers of user tasks
 *
 * PROMISE.  No task ever sees a bit of another's floating-point registers, and
 * its own are as it left them, wherever it runs next.
 *
 * IDEA.  Eager: a task's registers are saved whenever it is switched away
 * from, so its image in memory is complete and it may go on on any CPU.
 * Loading is skipped when it is for nothing: the kernel never touches these
 * registers, so if a task comes back to the CPU where it was loaded last, and
 * no other user task ran in between, its registers are still there:
 *
 *	user A -> kernel thread -> idle -> user A      one save, no load
 *
 * XSAVE writes an image of components (x87, SSE, AVX ...), with a word that
 * tells which of them are not in their initial state.  XSAVEOPT also skips
 * what has not changed since the load.
 *
 * INVARIANTS
 *   I1  fpu_owner == t->fpu and t->fpu_cpu == this CPU: the registers hold
 *       t's contents.
 *   I2  t runs and !t->fpu_in_memory: the registers hold t's contents.
 *   I3  t does not run, or t->fpu_in_memory: the image does.
 *   I4  Whoever changes an image in memory sets fpu_cpu to -1.
 *
 * LOCKING.  The image belongs to its task; fpu_owner to its CPU (preemption or
 * irqs off).
 *
 * NOT DONE.  The compacted format (XSAVEC/XSAVES): signal frames have the plain
 * one, and one format is enough.  Lazy loading by #NM: leaked registers on real
 * CPUs, and costs a trap where nearly all programs use SSE.
 *
 * SEE Intel SDM vol. 1 ch. 13; docs/08-context-switch.md.
 */

#include <arch/fpu.h>

#include <arch/cpu.h>
#include <arch/cpufeature.h>
#include <arch/regset.h>
#include <arch/uaccess.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define XFEATURE_FP 0x1
#define XFEATURE_SSE 0x2
#define XFEATURE_AVX 0x4
#define XFEATURE_AVX512 0xe0
#define XFEATURES_WANTED (XFEATURE_FP | XFEATURE_SSE | XFEATURE_AVX | \
			  XFEATURE_AVX512)
#define MXCSR_INIT 0x1f80   /* all exceptions masked */
#define FCW_INIT 0x037f

unsigned int fpu_xstate_size __ro_after_init = sizeof(struct fxregs_state);
u64 fpu_xfeatures __ro_after_init;      /* 0: no XSAVE, FXSAVE images */
static struct kmem_cache *fpu_cache __ro_after_init;
static bool use_xsaveopt __ro_after_init;

/* The image whose contents this CPU's registers hold; NULL: nobody's. */
static DEFINE_PER_CPU(struct xregs_state *, fpu_owner);

static void save_registers(struct xregs_state *x)
{
	if (!fpu_xfeatures)
		__asm__ __volatile__("fxsave64 %0" : "=m"(*x));
	else if (use_xsaveopt)
		__asm__ __volatile__("xsaveopt64 %0" : "+m"(*x)
				     : "a"(-1), "d"(-1) : "memory");
	else
		__asm__ __volatile__("xsave64 %0" : "+m"(*x)
				     : "a"(-1), "d"(-1) : "memory");
}

/* 0, or -EFAULT if the CPU refuses the image: registers unchanged. */
static int load_registers(const struct xregs_state *x)
{
	int err = 0;

	if (fpu_xfeatures)
		__asm__ __volatile__("1: xrstor64 %1\n2:\n"
			".pushsection .text.fixup, \"ax\"\n"
			"3: movl %4, %0; jmp 2b\n.popsection\n"
			_ASM_EXTABLE("1b", "3b")
			: "+r"(err) : "m"(*x), "a"(-1), "d"(-1), "i"(-EFAULT)
			: "memory");
	else
		__asm__ __volatile__("1: fxrstor64 %1\n2:\n"
			".pushsection .text.fixup, \"ax\"\n"
			"3: movl %2, %0; jmp 2b\n.popsection\n"
			_ASM_EXTABLE("1b", "3b")
			: "+r"(err) : "m"(*x), "i"(-EFAULT) : "memory");
	return err;
}

/* Initial state; with xfeatures 0, xrstor takes only mxcsr from the image. */
static void init_image(struct xregs_state *x)
{
	memset(x, 0, fpu_xstate_size);
	x->fx.cwd = FCW_INIT;
	x->fx.mxcsr = MXCSR_INIT;
}

void fpu_switch(struct task_struct *prev, struct task_struct *next)
{
	struct thread_struct *p = &prev->thread, *n = &next->thread;
	int cpu = raw_smp_processor_id();

	if (p->fpu && !p->fpu_in_memory)
		save_registers(p->fpu);                         /* I3 */
	if (!n->fpu || n->fpu_in_memory)
		return;
	if (this_cpu_read(fpu_owner) == n->fpu && n->fpu_cpu == cpu)
		return;                                         /* I1 */
	if (load_registers(n->fpu)) {
		init_image(n->fpu);
		load_registers(n->fpu);
	}
	this_cpu_write(fpu_owner, n->fpu);
	n->fpu_cpu = cpu;
}

/*
 * xsaveopt leaves a component's bytes alone if it is in its initial state:
 * write those of x87 and SSE out, so that the image reads right without
 * knowing that rule, as signal frames and debuggers expect.
 */
static void fill_in_initial(struct xregs_state *x)
{
	if (!fpu_xfeatures)
		return;
	if (!(x->xfeatures & XFEATURE_FP)) {
		x->fx.cwd = FCW_INIT;
		x->fx.swd = x->fx.twd = x->fx.fop = 0;
		x->fx.rip = x->fx.rdp = 0;
		memset(x->fx.st_space, 0, sizeof(x->fx.st_space));
	}
	if (!(x->xfeatures & XFEATURE_SSE))
		memset(x->fx.xmm_space, 0, sizeof(x->fx.xmm_space));
	x->xfeatures |= XFEATURE_FP | XFEATURE_SSE;
}

struct xregs_state *fpu_sync_current(void)
{
	struct thread_struct *t = &current->thread;

	preempt_disable();
	if (!t->fpu_in_memory) {
		save_registers(t->fpu);
		t->fpu_in_memory = true;
		t->fpu_cpu = -1;                                /* I4 */
		fill_in_initial(t->fpu);
	}
	preempt_enable();
	return t->fpu;
}

/* What came from a user: bits that the CPU would refuse are cleared. */
static void sanitize(struct xregs_state *x)
{
	x->fx.mxcsr &= 0xffff;
	if (!fpu_xfeatures)
		return;
	x->xfeatures &= fpu_xfeatures;
	x->xcomp_bv = 0;
	memset(x->reserved, 0, sizeof(x->reserved));
}

void fpu_load_current(void)
{
	struct thread_struct *t = &current->thread;

	preempt_disable();
	sanitize(t->fpu);
	if (load_registers(t->fpu)) {
		init_image(t->fpu);
		load_registers(t->fpu);
	}
	this_cpu_write(fpu_owner, t->fpu);
	t->fpu_cpu = raw_smp_processor_id();
	t->fpu_in_memory = false;
	preempt_enable();
}

int fpu_clone(struct task_struct *child)
{
	struct thread_struct *t = &child->thread;

	t->fpu = NULL;
	t->fpu_cpu = -1;
	t->fpu_in_memory = false;
	if (!current->thread.fpu)
		return 0;
	t->fpu = kmem_cache_alloc(fpu_cache, GFP_KERNEL);
	if (!t->fpu)
		return -ENOMEM;
	preempt_disable();
	if (!current->thread.fpu_in_memory)
		save_registers(current->thread.fpu);
	memcpy(t->fpu, current->thread.fpu, fpu_xstate_size);
	preempt_enable();
	return 0;
}

int fpu_flush_thread(void)
{
	struct thread_struct *t = &current->thread;
	struct xregs_state *x = t->fpu;

	if (!x) {
		x = kmem_cache_alloc(fpu_cache, GFP_KERNEL);
		if (!x)
			return -ENOMEM;
	}
	preempt_disable();
	t->fpu_in_memory = true;
	t->fpu_cpu = -1;
	t->fpu = x;
	preempt_enable();
	init_image(x);
	fpu_load_current();
	return 0;
}

void fpu_free(struct task_struct *task)
{
	struct xregs_state *x = task->thread.fpu;

	if (!x)
		return;
	preempt_disable();
	task->thread.fpu = NULL;
	if (task == current && this_cpu_read(fpu_owner) == x)
		this_cpu_write(fpu_owner, NULL);
	preempt_enable();
	kmem_cache_free(fpu_cache, x);
}

void fpu_cpu_init(void)
{
	u32 mxcsr = MXCSR_INIT;

	write_cr0((read_cr0() & ~(X86_CR0_EM | X86_CR0_TS)) |
		  X86_CR0_MP | X86_CR0_NE);
	if (fpu_xfeatures) {
		write_cr4(read_cr4() | X86_CR4_OSXSAVE);
		xsetbv(0, fpu_xfeatures);
	}
	__asm__ __volatile__("fninit; ldmxcsr %0" :: "m"(mxcsr));
	this_cpu_write(fpu_owner, NULL);
}

/* CPUID 0xd: the components there are, then the size with ours enabled. */
static void detect(void)
{
	u32 a, b, c, d;

	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		return;
	cpuid_count(0xd, 0, &a, &b, &c, &d);
	fpu_xfeatures = a & XFEATURES_WANTED;
	if ((fpu_xfeatures & XFEATURE_AVX512) != XFEATURE_AVX512)
		fpu_xfeatures &= ~(u64)XFEATURE_AVX512;
	cpuid_count(0xd, 1, &a, &b, &c, &d);
	use_xsaveopt = a & 1;
}

void fpu_init(void)
{
	u32 a, b, c, d;

	detect();
	fpu_cpu_init();
	if (fpu_xfeatures) {
		cpuid_count(0xd, 0, &a, &b, &c, &d);
		fpu_xstate_size = b;
	}
	fpu_cache = kmem_cache_create("fpu_state", fpu_xstate_size, 64,
				      SLAB_PANIC, NULL);
	pr_info("fpu: features 0x%llx, %u bytes%s\n",
		(unsigned long long)fpu_xfeatures, fpu_xstate_size,
		use_xsaveopt ? ", xsaveopt" : "");
}

/* ---- debuggers and core files -------------------------------------------- */

size_t arch_xstate_size(void)
{
	return fpu_xstate_size;
}

/* Components that are in their initial state have left old bytes behind. */
static void clear_absent(struct xregs_state *x)
{
	u32 size, offset, c, d;

	for (int i = 2; i < 63; i++) {
		if (!(fpu_xfeatures >> i & 1) || (x->xfeatures >> i & 1))
			continue;
		cpuid_count(0xd, i, &size, &offset, &c, &d);
		if (offset + size <= fpu_xstate_size)
			memset((char *)x + offset, 0, size);
	}
}

void arch_get_xstate(struct task_struct *t, void *buf)
{
	struct xregs_state *x = buf;

	if (!t->thread.fpu) {
		init_image(x);
	} else if (t == current) {
		memcpy(x, fpu_sync_current(), fpu_xstate_size);
		fpu_load_current();
	} else {
		memcpy(x, t->thread.fpu, fpu_xstate_size);         /* I3 */
	}
	fill_in_initial(x);
	clear_absent(x);
	memset(x->fx.sw_reserved, 0, sizeof(x->fx.sw_reserved));
	memcpy(x->fx.sw_reserved, &fpu_xfeatures, sizeof(fpu_xfeatures));
}

int arch_set_xstate(struct task_struct *t, const void *buf, size_t size)
{
	const struct xregs_state *from = buf;
	struct xregs_state *x = t->thread.fpu;
	bool whole = size > sizeof(struct fxregs_state);

	if (!x || (whole && size != fpu_xstate_size) ||
	    size < sizeof(struct fxregs_state))
		return -EINVAL;
	if ((from->fx.mxcsr & ~0xffffU) ||
	    (whole && ((from->xfeatures & ~fpu_xfeatures) || from->xcomp_bv)))
		return -EINVAL;
	memcpy(x, from, fpu_xstate_size);
	if (fpu_xfeatures && !whole)
		x->xfeatures |= XFEATURE_FP | XFEATURE_SSE;
	sanitize(x);
	t->thread.fpu_cpu = -1;                                 /* I4 */
	return 0;
}
