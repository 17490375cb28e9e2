/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_DMA_MAPPING_H
#define KERNEL_DMA_MAPPING_H
/*
 * dma-mapping.h -- memory as a device sees it
 *
 * There is no IOMMU here and x86 keeps caches coherent with devices, so a bus
 * address is the physical one and mapping is arithmetic.  Drivers make the
 * calls all the same: they say who owns a buffer when, and are where an IOMMU
 * or a bounce buffer would come in.  What is mapped lies in the direct map
 * (kmalloc, pages), never on a stack or in vmalloc's region.
 */

#include <arch/page.h>
#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/scatterlist.h>
#include <kernel/string.h>
#include <kernel/types.h>
#include <mm/gfp.h>
#include <mm/mm.h>

struct device;

enum dma_data_direction {
	DMA_BIDIRECTIONAL = 0,
	DMA_TO_DEVICE = 1,
	DMA_FROM_DEVICE = 2,
	DMA_NONE = 3,
};

#define DMA_BIT_MASK(n) (((n) == 64) ? ~0ULL : ((1ULL << (n)) - 1))
#define DMA_MAPPING_ERROR (~(dma_addr_t)0)

/* Zeroed pages for both to use at once; NULL.  May sleep if gfp says so. */
static inline void *dma_alloc_coherent(struct device *dev, size_t size,
				       dma_addr_t *handle, gfp_t gfp)
{
	void *p = alloc_pages_exact(size, gfp | __GFP_ZERO);

	if (p)
		*handle = __pa(p);
	return p;
}

static inline void dma_free_coherent(struct device *dev, size_t size,
				     void *cpu_addr, dma_addr_t handle)
{
	if (cpu_addr)
		free_pages_exact(cpu_addr, size);
}

/* Any context, all of these. */
static inline dma_addr_t dma_map_single(struct device *dev, void *ptr,
					size_t size,
					enum dma_data_direction dir)
{
	if (WARN_ON_ONCE(is_vmalloc_addr(ptr)))
		return DMA_MAPPING_ERROR;
	return __pa(ptr);
}

static inline void dma_unmap_single(struct device *dev, dma_addr_t addr,
				    size_t size, enum dma_data_direction dir)
{
}

static inline dma_addr_t dma_map_page(struct device *dev, struct page *page,
				      size_t offset, size_t size,
				      enum dma_data_direction dir)
{
	return page_to_phys(page) + offset;
}

static inline void dma_unmap_page(struct device *dev, dma_addr_t addr,
				  size_t size, enum dma_data_direction dir)
{
}

static inline int dma_mapping_error(struct device *dev, dma_addr_t addr)
{
	return addr == DMA_MAPPING_ERROR ? -ENOMEM : 0;
}

/* The number of entries for the device; 0: it failed. */
static inline int dma_map_sg(struct device *dev, struct scatterlist *sg,
			     int nents, enum dma_data_direction dir)
{
	struct scatterlist *s = sg;

	for (int i = 0; i < nents; i++, s = sg_next(s))
		s->dma_address = sg_phys(s);
	return nents;
}

static inline void dma_unmap_sg(struct device *dev, struct scatterlist *sg,
				int nents, enum dma_data_direction dir)
{
}

#define dma_sync_single_for_cpu(dev, addr, size, dir) barrier()
#define dma_sync_single_for_device(dev, addr, size, dir) barrier()

/* 0, or -EIO if the device cannot reach all of memory and must. */
static inline int dma_set_mask_and_coherent(struct device *dev, u64 mask)
{
	return mask >= DMA_BIT_MASK(32) ? 0 : -EIO;
}
#define dma_set_mask(dev, mask) dma_set_mask_and_coherent(dev, mask)
#define dma_set_coherent_mask(dev, mask) dma_set_mask_and_coherent(dev, mask)

/* Barriers between memory that a device reads or writes: x86 needs no fence. */
#define dma_wmb() barrier()
#define dma_rmb() barrier()

#endif
