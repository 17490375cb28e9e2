/* SPDX-License-Identifier: MIT */
#ifndef TESTS_HOST_ARCH_PAGE_H
#define TESTS_HOST_ARCH_PAGE_H
/* page.h -- pages and their array where a Unix process may have some */

#include "../../../include/arch/page.h"

#ifdef HOST_PAGES
#undef PAGE_OFFSET
#undef VMEMMAP_START
#undef __pa
#define PAGE_OFFSET 0x200000000000UL
#define VMEMMAP_START 0x210000000000UL
#define __pa(x) ((unsigned long)(x) - PAGE_OFFSET)
#endif

#endif
