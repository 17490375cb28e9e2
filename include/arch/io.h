/* SPDX-License-Identifier: MIT */
#ifndef ARCH_IO_H
#define ARCH_IO_H
/*
 * io.h -- ports, device registers in memory, and mapping them
 *
 * readX/writeX are one access of exactly that width, in program order with
 * each other and (on x86, for uncached memory) with ordinary accesses.
 */

#include <kernel/types.h>

#define __PORT_IO(suffix, type)						\
static inline type in##suffix(u16 port)					\
{									\
	type v;								\
									\
	__asm__ volatile("in" #suffix " %1, %0" : "=a"(v) : "Nd"(port));\
	return v;							\
}									\
static inline void out##suffix(type v, u16 port)			\
{									\
	__asm__ volatile("out" #suffix " %0, %1" : : "a"(v), "Nd"(port));\
}									\
static inline void ins##suffix(u16 port, void *to, unsigned long n)	\
{									\
	__asm__ volatile("rep ins" #suffix				\
			 : "+D"(to), "+c"(n) : "d"(port) : "memory");	\
}									\
static inline void outs##suffix(u16 port, const void *from, unsigned long n) \
{									\
	__asm__ volatile("rep outs" #suffix				\
			 : "+S"(from), "+c"(n) : "d"(port) : "memory");	\
}

__PORT_IO(b, u8)
__PORT_IO(w, u16)
__PORT_IO(l, u32)

/* A write to an unused port: about a microsecond for old, slow devices. */
static inline void io_delay(void)
{
	outb(0, 0x80);
}

#define __MMIO(name, type)						\
static inline type read##name(const volatile void __iomem *addr)	\
{									\
	type v = *(const volatile type *)addr;				\
									\
	barrier();							\
	return v;							\
}									\
static inline void write##name(type v, volatile void __iomem *addr)	\
{									\
	barrier();							\
	*(volatile type *)addr = v;					\
}

__MMIO(b, u8)
__MMIO(w, u16)
__MMIO(l, u32)
__MMIO(q, u64)

/*
 * Map device memory: uncached, write-combining (framebuffers) or cached.
 * Any alignment of phys and size.  NULL when there is no room.  May sleep,
 * except before vmalloc is up, when they take from a 2 MiB window for ever.
 */
void __iomem *ioremap(phys_addr_t phys, size_t size);
void __iomem *ioremap_wc(phys_addr_t phys, size_t size);
void __iomem *ioremap_cache(phys_addr_t phys, size_t size);
void iounmap(volatile void __iomem *addr);

/* Ordinary memory (firmware tables): the direct map where it covers it. */
void *memremap(phys_addr_t phys, size_t size);
void memunmap(void *addr);

#endif
