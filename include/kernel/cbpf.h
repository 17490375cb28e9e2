/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CBPF_H
#define KERNEL_CBPF_H
/*
 * cbpf.h -- classic BPF: small programs of the user's that the kernel runs
 *
 * Theory: kernel/lib/cbpf.c.
 */

#include <kernel/types.h>

#define BPF_MAXINSNS 4096
#define BPF_MEMWORDS 16

/* One instruction (Linux ABI). */
struct sock_filter {
	u16 code;
	u8 jt, jf;                    /* how far to jump: true, false */
	u32 k;
};

/* A program as user space hands it over. */
struct sock_fprog {
	unsigned short len;
	struct sock_filter *filter;   /* user pointer */
};

#define BPF_CLASS(code) ((code) & 7)
#define BPF_LD 0
#define BPF_LDX 1
#define BPF_ST 2
#define BPF_STX 3
#define BPF_ALU 4
#define BPF_JMP 5
#define BPF_RET 6
#define BPF_MISC 7
#define BPF_W 0x00
#define BPF_H 0x08
#define BPF_B 0x10
#define BPF_IMM 0x00
#define BPF_ABS 0x20
#define BPF_IND 0x40
#define BPF_MEM 0x60
#define BPF_LEN 0x80
#define BPF_MSH 0xa0
#define BPF_ADD 0x00
#define BPF_SUB 0x10
#define BPF_MUL 0x20
#define BPF_DIV 0x30
#define BPF_OR 0x40
#define BPF_AND 0x50
#define BPF_LSH 0x60
#define BPF_RSH 0x70
#define BPF_NEG 0x80
#define BPF_MOD 0x90
#define BPF_XOR 0xa0
#define BPF_JA 0x00
#define BPF_JEQ 0x10
#define BPF_JGT 0x20
#define BPF_JGE 0x30
#define BPF_JSET 0x40
#define BPF_K 0x00
#define BPF_X 0x08
#define BPF_A 0x10
#define BPF_TAX 0x00
#define BPF_TXA 0x80

/*
 * What a program looks at. load() gives `size` (1, 2, 4) bytes at `offset` as a
 * number; false ends the program with result 0.
 */
struct cbpf_input {
	const void *data;
	u32 len;
	bool (*load)(const struct cbpf_input *in, u32 offset, int size,
		     u32 *value);
};

/* A load() for packets: bytes in network order. */
bool cbpf_load_packet(const struct cbpf_input *in, u32 offset, int size,
		      u32 *value);
/*
 * Is it a program that ends, and stays within bounds? 0 or -EINVAL. `scratch`
 * has room for len words.
 */
int cbpf_check(const struct sock_filter *prog, unsigned int len,
	       u16 *scratch);
/* Run a checked program: what it returns. Any context. */
u32 cbpf_run(const struct sock_filter *prog, const struct cbpf_input *in);

#endif
