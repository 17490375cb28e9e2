/* SPDX-License-Identifier: MIT */
/* cred_test.c -- self-tests of cred.c */

#include <kernel/cred.h>

#include <kernel/selftest.h>

SELFTEST(cred_change_is_seen_whole_or_not_at_all)          /* promise, I1 */
{
	const struct cred *before = current_cred();
	struct cred *new = prepare_creds();

	REQUIRE(new);
	new->euid = 1000;
	new->cap_effective = 0;
	EXPECT(current_euid() == before->euid);
	EXPECT(capable(CAP_KILL));
	before = override_creds(new);
	EXPECT(current_euid() == 1000);
	EXPECT(!capable(CAP_KILL));
	revert_creds(before);
	EXPECT(capable(CAP_KILL));
	abort_creds(new);
}

SELFTEST(user_struct_is_one_per_uid)                       /* I2's base */
{
	struct user_struct *a = alloc_uid(4242), *b = alloc_uid(4242);

	REQUIRE(a && b);
	EXPECT(a == b);
	EXPECT(refcount_read(&a->refs) == 2);
	free_uid(a);
	free_uid(b);
	a = alloc_uid(0);
	EXPECT(a == init_cred.user);
	free_uid(a);
}
