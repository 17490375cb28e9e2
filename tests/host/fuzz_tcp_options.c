/* SPDX-License-Identifier: MIT */
/* fuzz_tcp_options.c -- any bytes behind a header: read in bounds, and sane */

/* host-fuzz: net/ipv4/tcp_options.c */

#include "../../net/ipv4/tcp_impl.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tcp_options_received o = { 0 };
	struct tcp_sack_block blocks[TCP_NUM_SACKS];
	u8 seg[60] = { 0 };
	struct tcphdr *th = (struct tcphdr *)seg;
	size_t n = size < 1 ? 0 : (size - 1) & ~3ul;

	if (!size)
		return 0;
	n = n > 40 ? 40 : n;
	for (size_t i = 0; i < n; i++)
		seg[20 + i] = data[1 + i];
	th->doff = 5 + n / 4;
	th->syn = data[0] & 1;
	o.sack_ok = data[0] & 2;
	o.tstamp_ok = data[0] & 4;
	tcp_parse_options(th, &o, data[0] & 8);
	if (o.snd_wscale > TCP_MAX_WSCALE)
		__builtin_trap();
	if (o.sack_off) {
		if (o.sack_off + seg[o.sack_off + 1] > 20 + (int)n)
			__builtin_trap();
		if (tcp_read_sacks(th, o.sack_off, blocks) > TCP_NUM_SACKS)
			__builtin_trap();
	}
	return 0;
}
