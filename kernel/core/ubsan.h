/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_UBSAN_H
#define KERNEL_CORE_UBSAN_H
/* ubsan.h -- the functions that compilers call; only they do */

#include <kernel/types.h>

#define UBSAN_DECLARE(name, params)					\
	void __ubsan_handle_##name params;				\
	void __ubsan_handle_##name##_abort params

UBSAN_DECLARE(out_of_bounds, (void *data, void *index));
UBSAN_DECLARE(shift_out_of_bounds, (void *data, void *lhs, void *rhs));
UBSAN_DECLARE(add_overflow, (void *data, void *lhs, void *rhs));
UBSAN_DECLARE(sub_overflow, (void *data, void *lhs, void *rhs));
UBSAN_DECLARE(mul_overflow, (void *data, void *lhs, void *rhs));
UBSAN_DECLARE(negate_overflow, (void *data, void *old));
UBSAN_DECLARE(divrem_overflow, (void *data, void *lhs, void *rhs));
UBSAN_DECLARE(pointer_overflow, (void *data, void *base, void *result));
UBSAN_DECLARE(load_invalid_value, (void *data, void *val));
UBSAN_DECLARE(vla_bound_not_positive, (void *data, void *bound));
UBSAN_DECLARE(nonnull_arg, (void *data));
UBSAN_DECLARE(type_mismatch_v1, (void *data, void *ptr));
void __ubsan_handle_builtin_unreachable(void *data);
void __ubsan_handle_missing_return(void *data);

#endif
