/* SPDX-License-Identifier: MIT */
/* fuzz_cbpf.c -- any bytes as a filter: what is accepted must end, in bounds */

/* host-fuzz: kernel/lib/cbpf.c */

#include <kernel/cbpf.h>
#include <kernel/string.h>

#define PACKET_SIZE 64

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* The first bytes are the packet, the rest is the program. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct sock_filter prog[BPF_MAXINSNS];
	static u16 scratch[BPF_MAXINSNS];
	struct cbpf_input in = { .data = data, .load = cbpf_load_packet };
	size_t n;

	if (size < PACKET_SIZE)
		return 0;
	in.len = PACKET_SIZE;
	n = (size - PACKET_SIZE) / sizeof(prog[0]);
	if (n > BPF_MAXINSNS)
		n = BPF_MAXINSNS;
	memcpy(prog, data + PACKET_SIZE, n * sizeof(prog[0]));
	/* Only codes that exist get any further: cut the wild ones. */
	for (size_t i = 0; i < n; i++)
		prog[i].code &= 0xff;
	if (!cbpf_check(prog, n, scratch))
		cbpf_run(prog, &in);
	return 0;
}
