/* SPDX-License-Identifier: MIT */
/* cbpf_test.c -- classic BPF: what is refused, and what programs compute */

#include <kernel/cbpf.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>

#define STMT(c, v) { (c), 0, 0, (v) }
#define JUMP(c, v, t, f) { (c), (t), (f), (v) }
#define RET(v) STMT(BPF_RET | BPF_K, (v))
#define RET_A STMT(BPF_RET | BPF_A, 0)

static u16 scratch[64];

#define CHECK(...) ({							\
	const struct sock_filter prog[] = { __VA_ARGS__ };		\
	cbpf_check(prog, ARRAY_SIZE(prog), scratch); })

static const u8 packet[] = { 0x45, 2, 3, 4, 0xfe, 6, 7, 8, 9 };
static const struct cbpf_input input = {
	packet, sizeof(packet), cbpf_load_packet
};

#define RUN(...) ({							\
	const struct sock_filter prog[] = { __VA_ARGS__ };		\
	EXPECT(cbpf_check(prog, ARRAY_SIZE(prog), scratch) == 0);	\
	cbpf_run(prog, &input); })

SELFTEST(cbpf_refuses_what_might_not_end)
{
	struct sock_filter none[1] = { RET(0) };

	EXPECT(cbpf_check(none, 0, scratch) < 0);
	EXPECT(CHECK(RET(0)) == 0);
	EXPECT(CHECK(STMT(BPF_LD | BPF_IMM, 1)) < 0);
	EXPECT(CHECK(STMT(BPF_JMP | BPF_JA, 0), RET(0)) == 0);
	EXPECT(CHECK(STMT(BPF_JMP | BPF_JA, 1), RET(0)) < 0);
	EXPECT(CHECK(STMT(BPF_JMP | BPF_JA, 0xffffffff), RET(0)) < 0);
	EXPECT(CHECK(JUMP(BPF_JMP | BPF_JEQ, 0, 1, 0), RET(0)) < 0);
	EXPECT(CHECK(JUMP(BPF_JMP | BPF_JEQ, 0, 0, 1), RET(0)) < 0);
	EXPECT(CHECK(STMT(0xffff, 0), RET(0)) < 0);
}

SELFTEST(cbpf_refuses_bad_arithmetic)
{
	EXPECT(CHECK(STMT(BPF_ALU | BPF_DIV, 0), RET(0)) < 0);
	EXPECT(CHECK(STMT(BPF_ALU | BPF_MOD, 0), RET(0)) < 0);
	EXPECT(CHECK(STMT(BPF_ALU | BPF_DIV | BPF_X, 0), RET(0)) == 0);
	EXPECT(CHECK(STMT(BPF_ALU | BPF_LSH, 32), RET(0)) < 0);
	EXPECT(CHECK(STMT(BPF_ALU | BPF_RSH, 31), RET(0)) == 0);
	EXPECT(CHECK(STMT(BPF_ALU | 0xb0, 1), RET(0)) < 0);
	EXPECT(CHECK(STMT(BPF_ST, 16), RET(0)) < 0);
}

SELFTEST(cbpf_refuses_words_that_were_not_written)
{
	EXPECT(CHECK(STMT(BPF_LD | BPF_MEM, 1), RET(0)) < 0);
	EXPECT(CHECK(STMT(BPF_ST, 1), STMT(BPF_LD | BPF_MEM, 1), RET(0)) == 0);
	/* On one of two ways only. */
	EXPECT(CHECK(JUMP(BPF_JMP | BPF_JEQ, 0, 0, 1), STMT(BPF_ST, 1),
		     STMT(BPF_LD | BPF_MEM, 1), RET(0)) < 0);
	/* On both. */
	EXPECT(CHECK(JUMP(BPF_JMP | BPF_JEQ, 0, 0, 2), STMT(BPF_ST, 1),
		     STMT(BPF_JMP | BPF_JA, 1), STMT(BPF_STX, 1),
		     STMT(BPF_LD | BPF_MEM, 1), RET(0)) == 0);
}

SELFTEST_SLOW(cbpf_loads_big_endian_and_within_bounds)
{
	EXPECT(RUN(STMT(BPF_LD | BPF_W | BPF_ABS, 0), RET_A) == 0x45020304);
	EXPECT(RUN(STMT(BPF_LD | BPF_H | BPF_ABS, 4), RET_A) == 0xfe06);
	EXPECT(RUN(STMT(BPF_LD | BPF_B | BPF_ABS, 8), RET_A) == 9);
	EXPECT(RUN(STMT(BPF_LD | BPF_B | BPF_ABS, 9), RET(1)) == 0);
	EXPECT(RUN(STMT(BPF_LD | BPF_W | BPF_ABS, 6), RET(1)) == 0);
	EXPECT(RUN(STMT(BPF_LD | BPF_W | BPF_ABS, ~0u), RET(1)) == 0);
	EXPECT(RUN(STMT(BPF_LD | BPF_LEN, 0), RET_A) == 9);
	EXPECT(RUN(STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		   STMT(BPF_MISC | BPF_TXA, 0), RET_A) == 20);
	EXPECT(RUN(STMT(BPF_LDX | BPF_IMM, 3),
		   STMT(BPF_LD | BPF_B | BPF_IND, 1), RET_A) == 0xfe);
}

SELFTEST_SLOW(cbpf_computes_and_jumps)
{
	EXPECT(RUN(STMT(BPF_LD | BPF_IMM, 7), STMT(BPF_ALU | BPF_MUL, 6),
		   RET_A) == 42);
	EXPECT(RUN(STMT(BPF_LD | BPF_IMM, 1), STMT(BPF_ALU | BPF_NEG, 0),
		   RET_A) == ~0u);
	EXPECT(RUN(STMT(BPF_LD | BPF_IMM, 9),
		   STMT(BPF_ALU | BPF_DIV | BPF_X, 0), RET(1)) == 0);
	EXPECT(RUN(STMT(BPF_LD | BPF_IMM, 5),
		   JUMP(BPF_JMP | BPF_JGT, 4, 0, 1), RET(1), RET(2)) == 1);
	EXPECT(RUN(STMT(BPF_LD | BPF_IMM, 4),
		   JUMP(BPF_JMP | BPF_JSET, 3, 0, 1), RET(1), RET(2)) == 2);
	EXPECT(RUN(STMT(BPF_LD | BPF_IMM, 8), STMT(BPF_ST, 15),
		   STMT(BPF_LDX | BPF_MEM, 15), STMT(BPF_LD | BPF_IMM, 1),
		   STMT(BPF_ALU | BPF_LSH | BPF_X, 0), RET_A) == 256);
}
