/* SPDX-License-Identifier: MIT */
/* fuzz_9p.c -- any bytes as a 9P server's answer */

/* host-fuzz: fs/9p/pack.c */

#include "fs/9p/pack.h"

#include <kernel/string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_names(struct p9_buf *b)
{
	struct p9_dirent d;
	u32 before = b->pos;

	while (p9_get_dirent(b, &d)) {
		if (b->pos <= before || !d.len || d.len > P9_NAME_MAX ||
		    memchr(d.name, '/', d.len) || memchr(d.name, 0, d.len))
			__builtin_trap();
		before = b->pos;
	}
}

/* The first two bytes say which question was asked. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct p9_statfs st;
	struct p9_attr a;
	struct p9_qid qid;
	struct p9_buf b;
	volatile char sink = 0;
	const char *s;
	u16 len;
	int err;

	if (size < 2)
		return 0;
	p9_open(&b, data + 2, size - 2);
	err = p9_check_answer(&b, data[0], data[1]);
	if (err > 0 || err < -4095)
		__builtin_trap();
	if (!err) {
		struct p9_buf at = b;

		p9_get_attr(&b, &a);
		b = at;
		p9_get_statfs(&b, &st);
		b = at;
		p9_get_qid(&b, &qid);
		b = at;
		s = p9_get_str(&b, &len);
		for (u16 i = 0; s && i < len; i++)
			sink ^= s[i];
	}
	p9_open(&b, data + 2, size - 2);
	check_names(&b);
	return 0;
}
