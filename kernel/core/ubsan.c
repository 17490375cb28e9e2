/* SPDX-License-Identifier: MIT */
/*
 * ubsan.c -- undefined behaviour that the compiler's checks caught
 *
 * DEBUG=1 compiles the kernel with -fsanitize=...: the compiler then calls one
 * of these functions where the C standard gives the program no meaning.  Each
 * place reports once, through WARN's path, so that the running self-test
 * fails.  The structures are the compilers' ABI (GCC and Clang agree).
 */

#include "ubsan.h"

#include <kernel/bug.h>
#include <kernel/printk.h>

struct source_location {
	const char *file;
	u32 line;
	u32 column;     /* ~0 once reported */
};

/* Every kind of data begins with where it happened. */
static void report(struct source_location *where, const char *what,
		   const char *detail)
{
	u32 column = __atomic_exchange_n(&where->column, ~0U,
					 __ATOMIC_RELAXED);

	if (column == ~0U)
		return;
	warn_fmt_at(where->file, where->line, "UBSAN", "%s %s (column %u)",
		    what, detail, column);
}

#define UBSAN_HANDLER(name, params, what)				\
	void __ubsan_handle_##name params				\
	{								\
		report(data, what, "");					\
	}								\
	void __ubsan_handle_##name##_abort params			\
	{								\
		report(data, what, "");					\
	}

UBSAN_HANDLER(out_of_bounds, (void *data, void *index),
	      "array index out of bounds")
UBSAN_HANDLER(shift_out_of_bounds, (void *data, void *lhs, void *rhs),
	      "shift out of bounds")
UBSAN_HANDLER(add_overflow, (void *data, void *lhs, void *rhs),
	      "signed addition overflows")
UBSAN_HANDLER(sub_overflow, (void *data, void *lhs, void *rhs),
	      "signed subtraction overflows")
UBSAN_HANDLER(mul_overflow, (void *data, void *lhs, void *rhs),
	      "signed multiplication overflows")
UBSAN_HANDLER(negate_overflow, (void *data, void *old),
	      "negation overflows")
UBSAN_HANDLER(divrem_overflow, (void *data, void *lhs, void *rhs),
	      "division overflows or is by zero")
UBSAN_HANDLER(pointer_overflow, (void *data, void *base, void *result),
	      "pointer arithmetic overflows")
UBSAN_HANDLER(load_invalid_value, (void *data, void *val),
	      "load of an invalid bool or enum")
UBSAN_HANDLER(vla_bound_not_positive, (void *data, void *bound),
	      "array size is not positive")
UBSAN_HANDLER(nonnull_arg, (void *data), "NULL for a nonnull argument")

struct type_mismatch_data {
	struct source_location where;
	const void *type;
	u8 log_alignment;
	u8 kind;
};

void __ubsan_handle_type_mismatch_v1(void *data, void *ptr)
{
	struct type_mismatch_data *d = data;
	unsigned long align = 1UL << d->log_alignment;

	if (!ptr)
		report(&d->where, "NULL pointer", "used");
	else if ((unsigned long)ptr & (align - 1))
		report(&d->where, "misaligned pointer", "used");
	else
		report(&d->where, "object too small", "for its type");
}

void __ubsan_handle_type_mismatch_v1_abort(void *data, void *ptr)
{
	__ubsan_handle_type_mismatch_v1(data, ptr);
}

void __ubsan_handle_builtin_unreachable(void *data)
{
	report(data, "unreachable code", "reached");
	BUG();
}

void __ubsan_handle_missing_return(void *data)
{
	__ubsan_handle_builtin_unreachable(data);
}
