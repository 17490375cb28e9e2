/* SPDX-License-Identifier: MIT */
/*
 * skb_csum.c -- checksums of packets, when no device does them
 *
 * SEE include/net/checksum.h; RFC 1071.
 */

#include <net/checksum.h>

#include <kernel/kernel.h>

__sum16 __skb_checksum_complete(struct sk_buff *skb)
{
	__wsum data = skb_checksum(skb, 0, skb->len, 0);
	__sum16 sum = csum_fold(csum_add(skb->csum, data));

	if (!sum && !skb_shared(skb)) {
		skb->csum_valid = 1;
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	return sum;
}

/* From csum_start to the end, over what the field holds (the pseudo header's
 * sum), into the field. */
int skb_checksum_help(struct sk_buff *skb)
{
	int start = skb->csum_start - (int)skb_headroom(skb);
	int field = start + skb->csum_offset, err;
	__sum16 sum;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	if (WARN_ON_ONCE(start < 0 || start >= (int)skb->len ||
			 field + 2 > (int)skb->len))
		return -EINVAL;
	if (skb_shinfo(skb)->nr_frags) {
		/* A page that others still write would change under the sum. */
		err = skb_linearize(skb);
		if (err)
			return err;
	}
	if (!pskb_may_pull(skb, field + 2))
		return -ENOMEM;
	err = skb_ensure_writable(skb, field + 2);
	if (err)
		return err;
	sum = csum_fold(skb_checksum(skb, start, skb->len - start, 0));
	*(__sum16 *)(skb->data + field) = sum ? sum : CSUM_MANGLED_0;
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

__wsum csum_partial_copy_nocheck(const void *src, void *dst, int len)
{
	memcpy(dst, src, len);
	return csum_partial(dst, len, 0);
}

__wsum skb_copy_and_csum_bits(const struct sk_buff *skb, int offset, u8 *to,
			      int len)
{
	BUG_ON(skb_copy_bits(skb, offset, to, len));
	return csum_partial(to, len, 0);
}
