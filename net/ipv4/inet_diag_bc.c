/* SPDX-License-Identifier: MIT */
/*
 * inet_diag_bc.c -- the little filter programs that `ss` sends
 *
 * IDEA.  `ss 'sport = :80 or dst 10.0.0.0/8'` becomes a row of conditions, each
 * with two ways on: `yes` and `no` are how many bytes to go forward.  To arrive
 * exactly at the end is to be listed; to go 4 beyond it, not.
 *
 *	[S_EQ 80  yes 8 no 12][JMP no ->end][D_COND 10/8  yes 16 no ->end + 4]
 *
 * The program comes from anybody, so it is checked once, when it arrives:
 *
 * INVARIANTS (of a checked program)
 *   I1  Each way leads forward, to the start of an instruction, to the end,
 *       or to the end + 4.  So it stops, and reads nothing but itself.
 *   I2  Each instruction is there with its operands.
 */

#include "inet_diag.h"

#include <kernel/bitmap.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/netlink.h>

#define BEYOND ((int)sizeof(struct inet_diag_bc_op))

/* ---- checking ---- */

/* Bytes of an address condition; 0: it makes no sense. */
static int cond_size(const struct inet_diag_bc_op *op, int len)
{
	const struct inet_diag_hostcond *cond = (const void *)(op + 1);
	int size = sizeof(*op) + sizeof(*cond), addr;

	if (len < size)
		return 0;
	switch (cond->family) {
	case AF_UNSPEC: addr = 0; break;
	case AF_INET: addr = 4; break;
	case AF_INET6: addr = 16; break;
	default: return 0;
	}
	return len < size + addr || cond->prefix_len > 8 * addr ? 0 :
	       size + addr;
}

/* Bytes of the instruction with its operands; or -EINVAL, -EPERM. */
static int op_size(const struct inet_diag_bc_op *op, int len, bool admin)
{
	int size = sizeof(*op);

	switch (op->code) {
	case INET_DIAG_BC_S_COND: case INET_DIAG_BC_D_COND:
		size = cond_size(op, len);
		break;
	case INET_DIAG_BC_DEV_COND:
		size += sizeof(u32);
		break;
	case INET_DIAG_BC_S_EQ: case INET_DIAG_BC_D_EQ:
	case INET_DIAG_BC_S_GE: case INET_DIAG_BC_S_LE:
	case INET_DIAG_BC_D_GE: case INET_DIAG_BC_D_LE:
		size += sizeof(*op);  /* the port, in its `no` */
		break;
	case INET_DIAG_BC_MARK_COND:
		if (!admin)
			return -EPERM;
		size += sizeof(struct inet_diag_markcond);
		break;
	case INET_DIAG_BC_AUTO: case INET_DIAG_BC_JMP: case INET_DIAG_BC_NOP:
		break;
	default:
		return -EINVAL;
	}
	return size && size <= len ? size : -EINVAL;
}

/* Starts of instructions, along the `yes` ways, into starts. */
static int mark_starts(const char *bc, int total, unsigned long *starts,
		       bool admin)
{
	int at = 0;

	while (at < total) {
		const struct inet_diag_bc_op *op = (const void *)(bc + at);
		int left = total - at, size;

		if (left < (int)sizeof(*op))
			return -EINVAL;
		size = op_size(op, left, admin);
		if (size < 0)
			return size;
		if (op->yes < size || op->yes > left + BEYOND || op->yes & 3)
			return -EINVAL;
		if (op->code != INET_DIAG_BC_NOP &&
		    (op->no < size || op->no > left + BEYOND || op->no & 3))
			return -EINVAL;
		__set_bit(at / 4, starts);
		at += op->yes;
	}
	return at == total ? 0 : -EINVAL;
}

/* Do all `no` ways of a marked program lead to starts or the end? */
static bool ways_fit(const char *bc, int total, const unsigned long *starts)
{
	int at = 0;

	while (at < total) {
		const struct inet_diag_bc_op *op = (const void *)(bc + at);
		int to = at + op->no;

		if (op->code != INET_DIAG_BC_NOP && to < total &&
		    !test_bit(to / 4, starts))
			return false;
		at += op->yes;
	}
	return true;
}

int inet_diag_bc_audit(const struct nlattr *attr, bool admin)
{
	unsigned long *starts;
	const char *bc;
	int total, err;

	if (!attr)
		return 0;
	bc = nla_data(attr);
	total = nla_len(attr);
	if (total < (int)sizeof(struct inet_diag_bc_op))
		return -EINVAL;
	starts = kcalloc(BITS_TO_LONGS(total / 4 + 1), sizeof(long),
			 GFP_KERNEL);
	if (!starts)
		return -ENOMEM;
	err = mark_starts(bc, total, starts, admin);
	if (!err && !ways_fit(bc, total, starts))
		err = -EINVAL;
	kfree(starts);
	return err;
}

/* ---- running ---- */

static bool prefix_matches(const __be32 *a, const __be32 *b, int bits)
{
	int words = bits / 32, rest = bits % 32;

	if (memcmp(a, b, words * sizeof(*a)))
		return false;
	return !rest || !((a[words] ^ b[words]) & htonl(~0u << (32 - rest)));
}

static bool host_matches(const struct inet_diag_hostcond *cond,
			 const struct inet_diag_entry *e, bool source)
{
	int port = source ? e->sport : e->dport;

	if (cond->port != -1 && cond->port != port)
		return false;
	if (cond->family != AF_UNSPEC && cond->family != e->family)
		return false;
	return prefix_matches(cond->addr, source ? &e->saddr : &e->daddr,
			      cond->prefix_len);
}

static bool holds(const struct inet_diag_bc_op *op,
		  const struct inet_diag_entry *e)
{
	const struct inet_diag_markcond *m;
	u32 ifindex;

	switch (op->code) {
	case INET_DIAG_BC_JMP: return false;
	case INET_DIAG_BC_S_EQ: return e->sport == op[1].no;
	case INET_DIAG_BC_S_GE: return e->sport >= op[1].no;
	case INET_DIAG_BC_S_LE: return e->sport <= op[1].no;
	case INET_DIAG_BC_D_EQ: return e->dport == op[1].no;
	case INET_DIAG_BC_D_GE: return e->dport >= op[1].no;
	case INET_DIAG_BC_D_LE: return e->dport <= op[1].no;
	case INET_DIAG_BC_AUTO: return !(e->userlocks & SOCK_BINDPORT_LOCK);
	case INET_DIAG_BC_S_COND: case INET_DIAG_BC_D_COND:
		return host_matches((const void *)(op + 1), e,
				    op->code == INET_DIAG_BC_S_COND);
	case INET_DIAG_BC_DEV_COND:
		memcpy(&ifindex, op + 1, sizeof(ifindex));
		return ifindex == e->ifindex;
	case INET_DIAG_BC_MARK_COND:
		m = (const void *)(op + 1);
		return (e->mark & m->mask) == m->mark;
	default: return true;
	}
}

bool inet_diag_bc_run(const struct nlattr *attr,
		      const struct inet_diag_entry *e)
{
	const char *bc;
	int left;

	if (!attr)
		return true;
	bc = nla_data(attr);
	left = nla_len(attr);
	while (left > 0) {
		const struct inet_diag_bc_op *op = (const void *)bc;
		int step = holds(op, e) ? op->yes : op->no;

		left -= step;
		bc += step;
	}
	return left == 0;
}
