/* SPDX-License-Identifier: MIT */
/* fuzz_netlink_attr.c -- any bytes as attributes: those handed out lie
 * within */

/* host-fuzz: net/netlink/attr.c */

#include <kernel/string.h>
#include <net/netlink.h>

#define MAX_TYPE 12

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const struct nla_policy policy[MAX_TYPE + 1] = {
	[1] = { .type = NLA_U8 }, [2] = { .type = NLA_U16 },
	[3] = { .type = NLA_U32 }, [4] = { .type = NLA_U64 },
	[5] = { .type = NLA_STRING, .len = 15 },
	[6] = { .type = NLA_NUL_STRING, .len = 15 },
	[7] = { .type = NLA_FLAG }, [8] = { .type = NLA_NESTED },
	[9] = { .type = NLA_BINARY, .len = 8 }, [10] = { .type = NLA_REJECT },
};

/* The writing half of attr.c wants it; nothing is written here. */
void __noreturn skb_over_panic(const struct sk_buff *skb, unsigned int len)
{
	__builtin_trap();
}

/* Read all of one, so that ASan sees what is not there. */
static unsigned int use(const struct nlattr *nla)
{
	const u8 *p = nla_data(nla);
	unsigned int sum = 0;

	for (int i = 0; i < nla_len(nla); i++)
		sum += p[i];
	return sum;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 copy[4096] __attribute__((aligned(8)));
	struct nlattr *tb[MAX_TYPE + 1], *in[MAX_TYPE + 1];
	volatile unsigned int sum = 0;
	char name[16];

	if (size > sizeof(copy))
		return 0;
	memcpy(copy, data, size);
	if (nla_parse(tb, MAX_TYPE, (struct nlattr *)copy, size, policy, NULL))
		return 0;
	for (int i = 0; i <= MAX_TYPE; i++) {
		if (!tb[i])
			continue;
		if ((u8 *)nla_data(tb[i]) + nla_len(tb[i]) > copy + size)
			__builtin_trap();
		sum += use(tb[i]);
	}
	if (tb[4])
		sum += (unsigned int)nla_get_u64(tb[4]);
	if (tb[5])
		nla_strscpy(name, tb[5], sizeof(name));
	if (tb[8])
		sum += nla_parse_nested(in, MAX_TYPE, tb[8], policy, NULL);
	return 0;
}
