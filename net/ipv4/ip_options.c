/* SPDX-License-Identifier: MIT */
/*
 * ip_options.c -- IPv4 options: checked, built, echoed
 *
 * Each option is a type, a length with those two bytes, and data; END and NOOP
 * are one byte. What is checked: every length within the header, pointers
 * within their option, no option twice. Offsets in struct ip_options count
 * from the IP header; 0 means not there.
 *
 * NOT DONE.  A received packet's record-route and timestamp options are
 * checked and passed on, not filled in: hosts may do so (RFC 1122 3.2.1.8).
 */

#include <net/ip.h>

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

/* One option of len bytes at p, which is at `at` off the header: 0, -EINVAL */
static int check_option(struct ip_options *opt, const u8 *p, int len, int at)
{
	switch (p[0]) {
	case IPOPT_SSRR:
	case IPOPT_LSRR:
		if (len < 3 || p[2] < 4 || opt->srr || (len - 3) % 4)
			return -EINVAL;
		opt->srr = at;
		opt->is_strictroute = p[0] == IPOPT_SSRR;
		if (p[2] != 4)
			opt->srr_is_hit = 1;
		if (len >= 7)
			memcpy(&opt->faddr, p + 3, 4);
		return 0;
	case IPOPT_RR:
		if (opt->rr || len < 3 || p[2] < 4 || (len - 3) % 4)
			return -EINVAL;
		opt->rr = at;
		return 0;
	case IPOPT_TIMESTAMP:
		if (opt->ts || len < 4 || p[2] < 5)
			return -EINVAL;
		opt->ts = at;
		return 0;
	case IPOPT_RA:
		if (len < 4)
			return -EINVAL;
		if (!p[2] && !p[3])
			opt->router_alert = at;
		return 0;
	default:
		return 0;
	}
}

static int compile(struct ip_options *opt, const u8 *base)
{
	int left = opt->optlen;
	const u8 *p = base;

	while (left > 0) {
		int len;

		if (*p == IPOPT_END)
			return 0;
		if (*p == IPOPT_NOOP) {
			p++;
			left--;
			continue;
		}
		if (left < 2)
			return -EINVAL;
		len = p[1];
		if (len < 2 || len > left ||
		    check_option(opt, p, len, sizeof(struct iphdr) + (p - base)))
			return -EINVAL;
		p += len;
		left -= len;
	}
	return 0;
}

int __ip_options_compile(struct net *net, struct ip_options *opt,
			 struct sk_buff *skb, __be32 *info)
{
	const u8 *base = skb ? (u8 *)(ip_hdr(skb) + 1) : ip_options_bytes(opt);

	return compile(opt, base);
}

int ip_options_compile(struct net *net, struct ip_options *opt,
		       struct sk_buff *skb)
{
	return __ip_options_compile(net, opt, skb, NULL);
}

/* From a user (IP_OPTIONS, IP_RETOPTS): checked, padded; *optp NULL: none. */
int ip_options_get(struct net *net, struct ip_options_rcu **optp,
		   void __user *data, int optlen, const void *kdata)
{
	struct ip_options_rcu *opt;

	*optp = NULL;
	if (optlen < 0 || optlen > MAX_IPOPTLEN)
		return -EINVAL;
	opt = kzalloc(sizeof(*opt) + ALIGN(optlen, 4), GFP_KERNEL);
	if (!opt)
		return -ENOMEM;
	if (kdata) {
		memcpy(ip_options_bytes(&opt->opt), kdata, optlen);
	} else if (optlen && copy_from_user(ip_options_bytes(&opt->opt), data,
					    optlen)) {
		kfree(opt);
		return -EFAULT;
	}
	opt->opt.optlen = ALIGN(optlen, 4);
	if (opt->opt.optlen && compile(&opt->opt, ip_options_bytes(&opt->opt))) {
		kfree(opt);
		return -EINVAL;
	}
	*optp = opt;
	return 0;
}

/* Behind the IP header, for which there is room.  A source route's last hop
 * is daddr: the header has the first. */
void ip_options_build(struct sk_buff *skb, struct ip_options *opt,
		      __be32 daddr, struct rtable *rt)
{
	u8 *iph = skb_network_header(skb);

	memcpy(&IPCB(skb)->opt, opt, sizeof(*opt));
	memcpy(iph + sizeof(struct iphdr), ip_options_bytes(opt), opt->optlen);
	if (opt->srr) {
		u8 *srr = iph + opt->srr;

		if (srr[1] >= 7)
			memcpy(srr + srr[1] - 4, &daddr, 4);
	}
}

/* For the second fragment and on: only those with the copy bit stay. */
void ip_options_fragment(struct sk_buff *skb)
{
	u8 *p = skb_network_header(skb) + sizeof(struct iphdr);
	int left = ip_hdrlen(skb) - sizeof(struct iphdr);

	while (left > 0 && *p != IPOPT_END) {
		int len = *p == IPOPT_NOOP ? 1 : left < 2 ? 0 : p[1];

		if (len < 1 || len > left)
			return;
		if (!IPOPT_COPIED(*p))
			memset(p, IPOPT_NOOP, len);
		p += len;
		left -= len;
	}
}

/* Record route and timestamp go back as they came; a source route is not
 * answered along: RFC 1122 wants that only of who accepts them. */
int __ip_options_echo(struct net *net, struct ip_options *dopt,
		      struct sk_buff *skb, const struct ip_options *sopt)
{
	const u8 *iph = skb_network_header(skb);
	u8 at[2] = { sopt->rr, sopt->ts };

	memset(dopt, 0, sizeof(*dopt));
	for (int i = 0; i < 2; i++) {
		int len = at[i] ? iph[at[i] + 1] : 0;

		if (!len || dopt->optlen + len > MAX_IPOPTLEN)
			continue;
		memcpy(ip_options_bytes(dopt) + dopt->optlen, iph + at[i], len);
		dopt->optlen += len;
	}
	while (dopt->optlen & 3)
		ip_options_bytes(dopt)[dopt->optlen++] = IPOPT_END;
	return 0;
}
