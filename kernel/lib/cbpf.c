/* SPDX-License-Identifier: MIT */
/*
 * cbpf.c -- classic BPF: small programs of the user's that the kernel runs
 *
 * PROMISE.  A program that cbpf_check() accepts ends after at most as many
 * steps as it has instructions, touches nothing but its input and sixteen words
 * of its own, never divides by zero, and never reads a word it has not written.
 *
 * IDEA.  A machine with an accumulator A, an index X and sixteen words M:
 *
 *	ld  A <- input, M, constant, length     alu  A <- A op (X or k)
 *	ldx X <- M, constant, length, header    jmp  if A ? k: forward jt or jf
 *	st  M[k] <- A        stx M[k] <- X      ret  A or k
 *
 * Jumps only go forward, so every run is a walk through the list: it ends,
 * since the last instruction is a ret. All other rules concern single
 * instructions.
 *
 * For "was M[k] written?" the check carries, along each path, the set of words
 * that are surely written: a join of two paths keeps what both have.
 *
 * INVARIANTS.  I1 In cbpf_run() pc is within the program: every jump was
 * checked.
 *
 * SEE McCanne and Jacobson, "The BSD Packet Filter" (1993); docs/69-seccomp.md.
 *
 * EXERCISES.  1. Why is one pass enough for the sets of written words?  2.
 * Which instruction would you have to add before this machine can loop for
 * ever?
 */

#include <kernel/cbpf.h>

#include <kernel/errno.h>
#include <kernel/kernel.h>

/* ---- the check ----------------------------------------------------------- */

static bool load_ok(const struct sock_filter *f)
{
	u16 size = f->code & 0x18, mode = f->code & 0xe0;

	if (BPF_CLASS(f->code) == BPF_LD) {
		switch (mode) {
		case BPF_ABS:
		case BPF_IND:
			return size == BPF_W || size == BPF_H || size == BPF_B;
		case BPF_MEM:
			return size == BPF_W && f->k < BPF_MEMWORDS;
		case BPF_IMM:
		case BPF_LEN:
			return size == BPF_W;
		}
		return false;
	}
	switch (mode) {
	case BPF_MEM:
		return size == BPF_W && f->k < BPF_MEMWORDS;
	case BPF_IMM:
	case BPF_LEN:
		return size == BPF_W;
	case BPF_MSH:
		return size == BPF_B;
	}
	return false;
}

static bool alu_ok(const struct sock_filter *f)
{
	u16 op = f->code & 0xf0;
	bool k = !(f->code & BPF_X);

	switch (op) {
	case BPF_NEG:
		return k;
	case BPF_DIV:
	case BPF_MOD:
		return !k || f->k;
	case BPF_LSH:
	case BPF_RSH:
		return !k || f->k < 32;
	}
	return op <= BPF_XOR;
}

/* `left`: instructions behind this one. */
static bool jump_ok(const struct sock_filter *f, unsigned int left)
{
	switch (f->code & 0xf0) {
	case BPF_JA:
		return !(f->code & BPF_X) && f->k < left;
	case BPF_JEQ:
	case BPF_JGT:
	case BPF_JGE:
	case BPF_JSET:
		return f->jt < left && f->jf < left;
	}
	return false;
}

static bool insn_ok(const struct sock_filter *f, unsigned int left)
{
	if (f->code > 0xff)
		return false;
	switch (BPF_CLASS(f->code)) {
	case BPF_LD:
	case BPF_LDX:
		return load_ok(f);
	case BPF_ST:
	case BPF_STX:
		return !(f->code & 0xf8) && f->k < BPF_MEMWORDS;
	case BPF_ALU:
		return alu_ok(f);
	case BPF_JMP:
		return jump_ok(f, left);
	case BPF_RET:
		return f->code == (BPF_RET | BPF_K) ||
		       f->code == (BPF_RET | BPF_A);
	default:
		return f->code == (BPF_MISC | BPF_TAX) ||
		       f->code == (BPF_MISC | BPF_TXA);
	}
}

static bool reads_memory(const struct sock_filter *f)
{
	return (BPF_CLASS(f->code) == BPF_LD ||
		BPF_CLASS(f->code) == BPF_LDX) && (f->code & 0xe0) == BPF_MEM;
}

static bool writes_memory(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_ST || BPF_CLASS(f->code) == BPF_STX;
}

/*
 * Is every word read behind a write of it, on all paths? written[pc]: the
 * words that are, whichever way led to pc.
 */
static bool memory_ok(const struct sock_filter *prog, unsigned int len,
		      u16 *written)
{
	u16 now = 0;

	for (unsigned int pc = 0; pc < len; pc++)
		written[pc] = 0xffff;
	for (unsigned int pc = 0; pc < len; pc++) {
		const struct sock_filter *f = &prog[pc];

		now &= written[pc];
		if (writes_memory(f))
			now |= 1 << f->k;
		if (reads_memory(f) && !(now & 1 << f->k))
			return false;
		if (BPF_CLASS(f->code) == BPF_RET)
			now = 0xffff;         /* nobody falls through */
		if (BPF_CLASS(f->code) != BPF_JMP)
			continue;
		if ((f->code & 0xf0) == BPF_JA) {
			written[pc + 1 + f->k] &= now;
		} else {
			written[pc + 1 + f->jt] &= now;
			written[pc + 1 + f->jf] &= now;
		}
		now = 0xffff;
	}
	return true;
}

int cbpf_check(const struct sock_filter *prog, unsigned int len,
	       u16 *scratch)
{
	if (!len || len > BPF_MAXINSNS)
		return -EINVAL;
	for (unsigned int pc = 0; pc < len; pc++)
		if (!insn_ok(&prog[pc], len - pc - 1))
			return -EINVAL;
	if (BPF_CLASS(prog[len - 1].code) != BPF_RET)
		return -EINVAL;
	return memory_ok(prog, len, scratch) ? 0 : -EINVAL;
}

/* ---- the machine --------------------------------------------------------- */

struct machine {
	u32 a, x;
	u32 mem[BPF_MEMWORDS];
};

bool cbpf_load_packet(const struct cbpf_input *in, u32 offset, int size,
		      u32 *value)
{
	const u8 *p = in->data;
	u32 v = 0;

	if (offset > in->len || in->len - offset < (u32)size)
		return false;
	for (int i = 0; i < size; i++)
		v = v << 8 | p[offset + i];
	*value = v;
	return true;
}

static int size_of(u16 code)
{
	u16 size = code & 0x18;

	return size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
}

/* False: the load was out of bounds, the program's result is 0. */
static bool do_load(struct machine *m, const struct sock_filter *f,
		    const struct cbpf_input *in)
{
	u32 *to = BPF_CLASS(f->code) == BPF_LD ? &m->a : &m->x;

	switch (f->code & 0xe0) {
	case BPF_ABS:
		return in->load(in, f->k, size_of(f->code), to);
	case BPF_IND:
		return in->load(in, m->x + f->k, size_of(f->code), to);
	case BPF_MSH:                 /* the length of an IPv4 header */
		if (!in->load(in, f->k, 1, to))
			return false;
		*to = (*to & 0xf) << 2;
		return true;
	case BPF_MEM:
		*to = m->mem[f->k];
		return true;
	case BPF_LEN:
		*to = in->len;
		return true;
	default:
		*to = f->k;
		return true;
	}
}

/* False: a division by an X of 0, the program's result is 0. */
static bool do_alu(struct machine *m, const struct sock_filter *f)
{
	u32 v = f->code & BPF_X ? m->x : f->k;

	switch (f->code & 0xf0) {
	case BPF_ADD:
		m->a += v;
		break;
	case BPF_SUB:
		m->a -= v;
		break;
	case BPF_MUL:
		m->a *= v;
		break;
	case BPF_DIV:
	case BPF_MOD:
		if (!v)
			return false;
		m->a = (f->code & 0xf0) == BPF_DIV ? m->a / v : m->a % v;
		break;
	case BPF_OR:
		m->a |= v;
		break;
	case BPF_AND:
		m->a &= v;
		break;
	case BPF_LSH:
		m->a <<= v & 31;
		break;
	case BPF_RSH:
		m->a >>= v & 31;
		break;
	case BPF_NEG:
		m->a = -m->a;
		break;
	case BPF_XOR:
		m->a ^= v;
		break;
	}
	return true;
}

static u32 jump_distance(const struct machine *m, const struct sock_filter *f)
{
	u32 v = f->code & BPF_X ? m->x : f->k;

	switch (f->code & 0xf0) {
	case BPF_JA:
		return f->k;
	case BPF_JEQ:
		return m->a == v ? f->jt : f->jf;
	case BPF_JGT:
		return m->a > v ? f->jt : f->jf;
	case BPF_JGE:
		return m->a >= v ? f->jt : f->jf;
	default:
		return m->a & v ? f->jt : f->jf;
	}
}

u32 cbpf_run(const struct sock_filter *prog, const struct cbpf_input *in)
{
	struct machine m = { 0 };

	for (const struct sock_filter *f = prog;; f++) {           /* I1 */
		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
		case BPF_LDX:
			if (!do_load(&m, f, in))
				return 0;
			break;
		case BPF_ST:
			m.mem[f->k] = m.a;
			break;
		case BPF_STX:
			m.mem[f->k] = m.x;
			break;
		case BPF_ALU:
			if (!do_alu(&m, f))
				return 0;
			break;
		case BPF_JMP:
			f += jump_distance(&m, f);
			break;
		case BPF_RET:
			return f->code & BPF_A ? m.a : f->k;
		default:
			if (f->code & BPF_TXA)
				m.a = m.x;
			else
				m.x = m.a;
		}
	}
}
