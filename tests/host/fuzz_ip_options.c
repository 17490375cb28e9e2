/* SPDX-License-Identifier: MIT */
/* fuzz_ip_options.c -- any bytes behind an IP header: offsets stay within it */

/* host-fuzz: net/ipv4/ip_options.c */

#include <kernel/string.h>
#include <arch/uaccess.h>
#include <mm/slab.h>
#include <net/ip.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* What IP_OPTIONS from a user would need; not asked here. */
void *kmalloc(size_t size, gfp_t flags)
{
	return NULL;
}

void kfree(const void *p)
{
}

unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return n;
}

static void check_offset(unsigned int at, const u8 *packet, unsigned int end)
{
	if (!at)
		return;
	if (at < sizeof(struct iphdr) || at + 2 > end ||
	    at + packet[at + 1] > end)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 packet[60] __attribute__((aligned(8)));
	size_t n = size < MAX_IPOPTLEN ? size & ~3ul : MAX_IPOPTLEN;
	unsigned int end = sizeof(struct iphdr) + n;
	struct ip_options opt = { .optlen = n };
	struct sk_buff skb = { .head = packet, .data = packet };

	memset(packet, 0, sizeof(packet));
	memcpy(packet + sizeof(struct iphdr), data, n);
	if (ip_options_compile(NULL, &opt, &skb))
		return 0;
	check_offset(opt.srr, packet, end);
	check_offset(opt.rr, packet, end);
	check_offset(opt.ts, packet, end);
	check_offset(opt.router_alert, packet, end);
	return 0;
}
