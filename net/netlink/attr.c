/* SPDX-License-Identifier: MIT */
/*
 * attr.c -- attributes: reading what a program sent, writing what it gets
 *
 * PROMISE.  Of any bytes whatever, nla_parse() hands out attributes that lie
 * within them and that are as long as the policy asks, or fails.
 *
 * IDEA.  An attribute is a length, a type and data; the next begins at a
 * multiple of four.  Parsing sorts them into a table by type; of several with
 * one type the last counts, an unknown type is passed over (a newer program
 * talks to an older kernel).  The policy says per type what the data must be.
 *
 * It has no state and takes no lock: any context.  tests/host/fuzz feeds it
 * whatever comes to mind.
 */

#include <net/netlink.h>

#include <kernel/kernel.h>

/* ---- reading ---- */

/* How long a number is; 0: no number. */
static int number_size(int type)
{
	switch (type) {
	case NLA_U8:
		return 1;
	case NLA_U16:
		return 2;
	case NLA_U32:
	case NLA_S32:
		return 4;
	case NLA_U64:
	case NLA_MSECS:
		return 8;
	default:
		return 0;
	}
}

/* A string of at most len bytes, and the 0 that ends it. */
static int check_nul_string(const struct nlattr *nla, int len)
{
	int size = nla_len(nla), max = len ? min(size, len + 1) : size;

	return max && memchr(nla_data(nla), 0, max) ? 0 : -EINVAL;
}

static int check_attr(const struct nlattr *nla, const struct nla_policy *p)
{
	int size = nla_len(nla);

	switch (p->type) {
	case NLA_REJECT:
		return -EINVAL;
	case NLA_FLAG:
		return size ? -ERANGE : 0;
	case NLA_NUL_STRING:
		return check_nul_string(nla, p->len);
	case NLA_STRING:
		if (size < 1)
			return -ERANGE;
		if (!((char *)nla_data(nla))[size - 1])
			size--;
		return p->len && size > p->len ? -ERANGE : 0;
	case NLA_BINARY:
		return p->len && size > p->len ? -ERANGE : 0;
	case NLA_NESTED:              /* an empty one is no error */
		return size && size < max((int)p->len, NLA_HDRLEN) ? -ERANGE : 0;
	default:
		return size < max((int)p->len, number_size(p->type)) ? -ERANGE
								     : 0;
	}
}

int nla_parse(struct nlattr **tb, int maxtype, const struct nlattr *head,
	      int len, const struct nla_policy *policy,
	      struct netlink_ext_ack *extack)
{
	struct nlattr *nla;
	int rem, err, type;

	memset(tb, 0, sizeof(*tb) * (maxtype + 1));
	nla_for_each_attr(nla, head, len, rem) {
		type = nla_type(nla);
		if (type == 0 || type > maxtype)
			continue;
		err = policy ? check_attr(nla, &policy[type]) : 0;
		if (err) {
			NL_SET_ERR_MSG_ATTR(extack, nla,
				"Attribute failed policy validation");
			return err;
		}
		tb[type] = nla;
	}
	return 0;
}

int nlmsg_parse(const struct nlmsghdr *nlh, int hdrlen, struct nlattr **tb,
		int maxtype, const struct nla_policy *policy,
		struct netlink_ext_ack *extack)
{
	if (nlh->nlmsg_len < nlmsg_msg_size(hdrlen)) {
		NL_SET_ERR_MSG(extack, "Invalid header length");
		return -EINVAL;
	}
	return nla_parse(tb, maxtype, nlmsg_attrdata(nlh, hdrlen),
			 nlmsg_attrlen(nlh, hdrlen), policy, extack);
}

struct nlattr *nla_find(const struct nlattr *head, int len, int attrtype)
{
	struct nlattr *nla;
	int rem;

	nla_for_each_attr(nla, head, len, rem)
		if (nla_type(nla) == attrtype)
			return nla;
	return NULL;
}

ssize_t nla_strscpy(char *dst, const struct nlattr *nla, size_t dstsize)
{
	size_t size = nla_len(nla), n;
	const char *src = nla_data(nla);

	if (!dstsize)
		return -E2BIG;
	if (size && !src[size - 1])
		size--;
	n = min(size, dstsize - 1);
	memcpy(dst, src, n);
	memset(dst + n, 0, dstsize - n);
	return n < size ? -E2BIG : (ssize_t)n;
}

int nla_strcmp(const struct nlattr *nla, const char *str)
{
	int len = strlen(str), size = nla_len(nla);
	const char *s = nla_data(nla);

	while (size > 0 && !s[size - 1])
		size--;
	return size != len ? size - len : memcmp(s, str, len);
}

int nla_memcpy(void *dest, const struct nlattr *src, int count)
{
	int n = min(count, nla_len(src));

	memcpy(dest, nla_data(src), n);
	if (count > n)
		memset((char *)dest + n, 0, count - n);
	return n;
}

/* ---- writing ---- */

/* Room for an attribute's data, its padding zeroed; NULL: the skb is full. */
struct nlattr *nla_reserve(struct sk_buff *skb, int attrtype, int attrlen)
{
	struct nlattr *nla;

	if (skb_tailroom(skb) < nla_total_size(attrlen))
		return NULL;
	nla = skb_put(skb, nla_total_size(attrlen));
	nla->nla_type = attrtype;
	nla->nla_len = nla_attr_size(attrlen);
	memset((char *)nla + nla->nla_len, 0,
	       nla_total_size(attrlen) - nla->nla_len);
	return nla;
}

int nla_put(struct sk_buff *skb, int attrtype, int attrlen, const void *data)
{
	struct nlattr *nla = nla_reserve(skb, attrtype, attrlen);

	if (!nla)
		return -EMSGSIZE;
	if (attrlen)
		memcpy(nla_data(nla), data, attrlen);
	return 0;
}

struct nlattr *nla_reserve_64bit(struct sk_buff *skb, int attrtype,
				 int attrlen, int padattr)
{
	unsigned long at = (unsigned long)skb_tail_pointer(skb) + NLA_HDRLEN;

	if (at % 8 && !nla_reserve(skb, padattr, 0))
		return NULL;
	return nla_reserve(skb, attrtype, attrlen);
}

int nla_put_64bit(struct sk_buff *skb, int attrtype, int attrlen,
		  const void *data, int padattr)
{
	struct nlattr *nla = nla_reserve_64bit(skb, attrtype, attrlen, padattr);

	if (!nla)
		return -EMSGSIZE;
	memcpy(nla_data(nla), data, attrlen);
	return 0;
}

struct nlmsghdr *nlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, int type,
			   int payload, int flags)
{
	int size = nlmsg_total_size(payload);
	struct nlmsghdr *nlh;

	if (skb_tailroom(skb) < size)
		return NULL;
	nlh = skb_put(skb, size);
	*nlh = (struct nlmsghdr){
		.nlmsg_type = type, .nlmsg_len = nlmsg_msg_size(payload),
		.nlmsg_flags = flags, .nlmsg_pid = portid, .nlmsg_seq = seq };
	memset((char *)nlh + nlh->nlmsg_len, 0, size - nlh->nlmsg_len);
	return nlh;
}
