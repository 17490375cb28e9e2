/* SPDX-License-Identifier: MIT */
/* iov_iter_test.c -- the cursor over kernel segments */

#include <kernel/selftest.h>
#include <kernel/string.h>
#include <mm/uio.h>

SELFTEST(iov_iter_copies_across_segments)
{
	char a[3], b[1], c[8], empty[1], from[] = "abcdefghij";
	struct kvec v[] = { { a, 3 }, { empty, 0 }, { b, 1 }, { c, 8 } };
	struct iov_iter i;

	iov_iter_kvec(&i, READ, v, 4, 12);
	EXPECT(copy_to_iter(from, 2, &i) == 2);
	EXPECT(copy_to_iter(from + 2, 8, &i) == 8);
	EXPECT(iov_iter_count(&i) == 2);
	EXPECT(!memcmp(a, "abc", 3) && b[0] == 'd' && !memcmp(c, "efghij", 6));
	EXPECT(copy_to_iter(from, 10, &i) == 2);
	EXPECT(iov_iter_count(&i) == 0 && copy_to_iter(from, 1, &i) == 0);
}

SELFTEST(iov_iter_reverts_what_it_advanced)
{
	char a[] = "0123", b[] = "4567", got[8];
	struct kvec v[] = { { a, 4 }, { b, 4 } };
	struct iov_iter_state state;
	struct iov_iter i;

	iov_iter_kvec(&i, WRITE, v, 2, 8);
	iov_iter_save_state(&i, &state);
	iov_iter_advance(&i, 6);
	iov_iter_revert(&i, 3);
	EXPECT(copy_from_iter(got, 5, &i) == 5 && !memcmp(got, "34567", 5));
	iov_iter_restore(&i, &state);
	EXPECT(copy_from_iter(got, 8, &i) == 8 && !memcmp(got, "01234567", 8));
	EXPECT(!copy_from_iter_full(got, 1, &i));
}

SELFTEST(iov_iter_zero_and_truncate)
{
	char a[4] = "xxx", b[4] = "yyy";
	struct kvec v[] = { { a, 4 }, { b, 4 } };
	struct iov_iter i;

	iov_iter_kvec(&i, READ, v, 2, 8);
	iov_iter_truncate(&i, 6);
	EXPECT(iov_iter_zero(100, &i) == 6);
	EXPECT(!a[0] && !a[2] && !b[0] && b[2] == 'y');
}
