/* SPDX-License-Identifier: MIT */
/* iov_iter.c -- the cursor of reads and writes as a Unix process, under ASan */

/* host-test: mm/virt/iov_iter.c mm/virt/iov_iter_test.c -- */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* There is no user half here: "user" memory is our own, and always present. */
unsigned long raw_copy_user(void *to, const void *from, unsigned long n);
unsigned long copy_from_user(void *to, const void *from, unsigned long n);
unsigned long copy_from_user_nofault(void *to, const void *from,
				     unsigned long n);
unsigned long clear_user(void *to, unsigned long n);
int get_user_pages_fast(unsigned long start, int n, unsigned flags,
			void **pages);
void __put_page(void *page);
void *kmalloc(size_t size, unsigned gfp);

unsigned long vm_event_states[64];      /* here %gs begins at 0 */

unsigned long raw_copy_user(void *to, const void *from, unsigned long n)
{
	memcpy(to, from, n);
	return 0;
}

unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	return raw_copy_user(to, from, n);
}

unsigned long copy_from_user_nofault(void *to, const void *from,
				     unsigned long n)
{
	return raw_copy_user(to, from, n);
}

unsigned long clear_user(void *to, unsigned long n)
{
	memset(to, 0, n);
	return 0;
}

int get_user_pages_fast(unsigned long start, int n, unsigned flags,
			void **pages)
{
	(void)start, (void)n, (void)flags, (void)pages;
	return -1;
}

void __put_page(void *page)
{
	(void)page;
}

void bad_page(void *page, const char *why);

void bad_page(void *page, const char *why)
{
	(void)page, (void)why;
}

void *kmalloc(size_t size, unsigned gfp)
{
	(void)gfp;
	return malloc(size);
}
