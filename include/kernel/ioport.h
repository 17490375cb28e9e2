/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IOPORT_H
#define KERNEL_IOPORT_H
/*
 * ioport.h -- who uses which addresses: memory, device memory, I/O ports
 *
 * Theory: drivers/base/resource.c.  Shown by /proc/iomem and /proc/ioports.
 */

#include <kernel/types.h>

typedef phys_addr_t resource_size_t;

/*
 * A range, both ends included, inside its parent's.
 * Field keys:  [c] constant while it is in a tree   [R] resource_lock
 */
struct resource {
	resource_size_t start;        /* [c] */
	resource_size_t end;          /* [c] */
	const char *name;             /* [c] */
	unsigned long flags;          /* [c] IORESOURCE_* */
	struct resource *parent, *sibling, *child; /* [R] by address */
};

#define IORESOURCE_BITS 0x000000ff       /* the bus's own bits */
#define IORESOURCE_TYPE_BITS 0x00001f00
#define IORESOURCE_IO 0x00000100
#define IORESOURCE_MEM 0x00000200
#define IORESOURCE_IRQ 0x00000400
#define IORESOURCE_DMA 0x00000800
#define IORESOURCE_BUS 0x00001000
#define IORESOURCE_PREFETCH 0x00002000
#define IORESOURCE_READONLY 0x00004000
#define IORESOURCE_SIZEALIGN 0x00040000
#define IORESOURCE_MEM_64 0x00100000
#define IORESOURCE_WINDOW 0x00200000     /* forwarded by a bridge */
#define IORESOURCE_SYSRAM 0x01000000
#define IORESOURCE_EXCLUSIVE 0x08000000
#define IORESOURCE_DISABLED 0x10000000
#define IORESOURCE_UNSET 0x20000000      /* no address yet */
#define IORESOURCE_AUTO 0x40000000       /* made by request_region() */
#define IORESOURCE_BUSY 0x80000000UL     /* a driver uses it */
#define IORESOURCE_SYSTEM_RAM (IORESOURCE_MEM | IORESOURCE_SYSRAM)

#define DEFINE_RES_NAMED(_start, _size, _name, _flags)			\
	{ .start = (_start), .end = (_start) + (_size) - 1,		\
	  .name = (_name), .flags = (_flags) }
#define DEFINE_RES_IO(_start, _size)					\
	DEFINE_RES_NAMED(_start, _size, NULL, IORESOURCE_IO)
#define DEFINE_RES_MEM(_start, _size)					\
	DEFINE_RES_NAMED(_start, _size, NULL, IORESOURCE_MEM)

extern struct resource ioport_resource, iomem_resource;

/* All may sleep for nothing but take a lock; process context. */

/* Put `new` below root; -EBUSY if anything there overlaps it. */
int request_resource(struct resource *root, struct resource *new);
/* The same; whom it would overlap, or NULL. */
struct resource *request_resource_conflict(struct resource *root,
					   struct resource *new);
/* Put it as deep as it fits; what it covers becomes its children. -EBUSY. */
int insert_resource(struct resource *parent, struct resource *new);
/* Out of the tree; -EINVAL if it is not there.  Children go with it. */
int release_resource(struct resource *old);
/* Choose a place of `size` in [min, max], below root, and request it. */
int allocate_resource(struct resource *root, struct resource *new,
		      resource_size_t size, resource_size_t min,
		      resource_size_t max, resource_size_t align);
/* The one that starts there, or NULL. */
struct resource *lookup_resource(struct resource *root,
				 resource_size_t start);
/* A driver takes n addresses: NULL if another has any of them. */
struct resource *__request_region(struct resource *root,
				  resource_size_t start, resource_size_t n,
				  const char *name, int flags);
void __release_region(struct resource *root, resource_size_t start,
		      resource_size_t n);
/* fn for each in order of address, parents first; resource_lock held. */
void resource_for_each(struct resource *root,
		       void (*fn)(const struct resource *r, int depth,
				  void *arg), void *arg);

#define request_region(start, n, name) \
	__request_region(&ioport_resource, (start), (n), (name), 0)
#define request_mem_region(start, n, name) \
	__request_region(&iomem_resource, (start), (n), (name), 0)
#define request_mem_region_exclusive(start, n, name)			\
	__request_region(&iomem_resource, (start), (n), (name),	\
			 IORESOURCE_EXCLUSIVE)
#define release_region(start, n) \
	__release_region(&ioport_resource, (start), (n))
#define release_mem_region(start, n) \
	__release_region(&iomem_resource, (start), (n))

static inline resource_size_t resource_size(const struct resource *r)
{
	return r->end - r->start + 1;
}

static inline unsigned long resource_type(const struct resource *r)
{
	return r->flags & IORESOURCE_TYPE_BITS;
}

static inline bool resource_contains(const struct resource *a,
				     const struct resource *b)
{
	return resource_type(a) == resource_type(b) &&
	       a->start <= b->start && a->end >= b->end;
}

static inline bool resource_overlaps(const struct resource *a,
				     const struct resource *b)
{
	return a->start <= b->end && a->end >= b->start;
}

#endif
