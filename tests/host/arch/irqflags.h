/* SPDX-License-Identifier: MIT */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H
/* irqflags.h -- a Unix process is not interrupted */

#define X86_EFLAGS_IF (1UL << 9)

static inline unsigned long arch_local_save_flags(void)
{
	return X86_EFLAGS_IF;
}

static inline unsigned long arch_local_irq_save(void)
{
	return X86_EFLAGS_IF;
}

#define arch_local_irq_restore(flags) ((void)(flags))
#define local_irq_disable() ((void)0)
#define local_irq_enable() ((void)0)
#define local_save_flags(flags) ((flags) = X86_EFLAGS_IF)
#define local_irq_save(flags) ((flags) = X86_EFLAGS_IF)
#define local_irq_restore(flags) ((void)(flags))
#define irqs_disabled() false
#define irqs_disabled_flags(flags) ((void)(flags), false)

#endif
