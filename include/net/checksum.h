/* SPDX-License-Identifier: MIT */
#ifndef NET_CHECKSUM_H
#define NET_CHECKSUM_H
/*
 * checksum.h -- the Internet checksum, RFC 1071
 *
 * A ones' complement sum of 16-bit words.  It does not care for byte order as
 * long as all words have the same, and partial sums (32 bits, not folded) add
 * up.  The field holds the complement of the sum, so that a right packet sums
 * up to 0xffff and csum_fold() of it is 0.
 */

#include <arch/uaccess.h>
#include <kernel/types.h>
#include <net/skbuff.h>

typedef u16 __sum16;                  /* folded and complemented */
typedef u32 __wsum;                   /* partial */

#define CSUM_MANGLED_0 ((__sum16)0xffff)

static inline __wsum csum_add(__wsum a, __wsum b)
{
	u32 sum = a + b;

	return sum + (sum < b);
}

static inline __wsum csum_sub(__wsum a, __wsum b)
{
	return csum_add(a, ~b);
}

static inline __sum16 csum_fold(__wsum sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

static inline __wsum csum_unfold(__sum16 n)
{
	return n;
}

/* b begins at this offset of what a begins: odd ones swap the bytes. */
static inline __wsum csum_block_add(__wsum a, __wsum b, int offset)
{
	if (offset & 1)
		b = (b << 8) | (b >> 24);
	return csum_add(a, b);
}

/* The pseudo header's sum: addresses, length, protocol. */
static inline __wsum csum_tcpudp_nofold(__be32 saddr, __be32 daddr, u32 len,
					u8 proto, __wsum sum)
{
	u64 s = (u64)sum + saddr + daddr + htonl(len) + htonl(proto);

	s = (s & 0xffffffff) + (s >> 32);
	return (u32)(s + (s >> 32));
}

/* The checksum field, for data that sums up to `sum`. */
static inline __sum16 csum_tcpudp_magic(__be32 saddr, __be32 daddr, u32 len,
					u8 proto, __wsum sum)
{
	return csum_fold(csum_tcpudp_nofold(saddr, daddr, len, proto, sum));
}

/* What the field holds when a device adds the rest (CHECKSUM_PARTIAL). */
static inline __sum16 tcp_udp_v4_pseudo(__be32 saddr, __be32 daddr, u32 len,
					u8 proto)
{
	return ~csum_tcpudp_magic(saddr, daddr, len, proto, 0);
}

/* An IP header of ihl 32-bit words: 0 if its checksum is right. */
static inline __sum16 ip_fast_csum(const void *iph, unsigned int ihl)
{
	return csum_fold(csum_partial(iph, ihl * 4, 0));
}

static inline __sum16 ip_compute_csum(const void *buf, int len)
{
	return csum_fold(csum_partial(buf, len, 0));
}

/* A field that covers `from` shall cover `to`: RFC 1624. */
static inline void csum_replace4(__sum16 *sum, __be32 from, __be32 to)
{
	__wsum s = csum_sub(~csum_unfold(*sum) & 0xffff, from);

	*sum = csum_fold(csum_add(s, to));
}

static inline void csum_replace2(__sum16 *sum, __be16 from, __be16 to)
{
	csum_replace4(sum, from, to);
}

/* Copy and sum at once.  The user variant may sleep; false: -EFAULT. */
__wsum csum_partial_copy_nocheck(const void *src, void *dst, int len);
__wsum skb_copy_and_csum_bits(const struct sk_buff *skb, int offset, u8 *to,
			      int len);

/* ---- checksums of packets: net/core/skb_csum.c ---- */

/* The sum of all from skb->data on, csum being the pseudo header's; 0: right.
 * Remembers a right one. */
__sum16 __skb_checksum_complete(struct sk_buff *skb);
/* What CHECKSUM_PARTIAL asks for, in software: 0, -EINVAL, -ENOMEM. */
int skb_checksum_help(struct sk_buff *skb);

static inline int skb_csum_unnecessary(const struct sk_buff *skb)
{
	return skb->ip_summed == CHECKSUM_UNNECESSARY || skb->csum_valid ||
	       (skb->ip_summed == CHECKSUM_PARTIAL);
}

static inline __sum16 skb_checksum_complete(struct sk_buff *skb)
{
	return skb_csum_unnecessary(skb) ? 0 : __skb_checksum_complete(skb);
}

/*
 * Begin to check a TCP or UDP packet at skb->data, with `pseudo` the sum of
 * its pseudo header: 0: right, or to be found out by
 * skb_checksum_complete(); else wrong.
 */
static inline __sum16 skb_checksum_init(struct sk_buff *skb, __wsum pseudo)
{
	if (skb_csum_unnecessary(skb))
		return 0;
	if (skb->ip_summed == CHECKSUM_COMPLETE) {
		__sum16 sum = csum_fold(csum_add(pseudo, skb->csum));

		if (!sum) {
			skb->csum_valid = 1;
			return 0;
		}
	}
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum = pseudo;
	if (skb->len <= 76)
		return __skb_checksum_complete(skb);
	return 0;
}

/* The first len bytes were pulled off: a device's sum covers them no more. */
static inline void skb_postpull_rcsum(struct sk_buff *skb, const void *start,
				      unsigned int len)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_sub(skb->csum, csum_partial(start, len, 0));
	else if (skb->ip_summed == CHECKSUM_PARTIAL &&
		 skb->head + skb->csum_start < skb->data)
		skb->ip_summed = CHECKSUM_NONE;
}

static inline void skb_postpush_rcsum(struct sk_buff *skb, const void *start,
				      unsigned int len)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_add(skb->csum, csum_partial(start, len, 0));
}

/* pskb_trim() that keeps a device's sum honest. */
static inline int pskb_trim_rcsum(struct sk_buff *skb, unsigned int len)
{
	if (likely(len >= skb->len))
		return 0;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return pskb_trim(skb, len);
}

#endif
