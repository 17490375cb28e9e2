/* SPDX-License-Identifier: MIT */
/* posix_acl_test.c -- lists, modes, and what the one says of the other */

#include "internal.h"

#include <fs/posix_acl.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <mm/gfp.h>
#include <mm/slab.h>

static const struct posix_acl_entry sample[] = {
	{ .e_tag = ACL_USER_OBJ, .e_perm = 6 },
	{ .e_tag = ACL_USER, .e_perm = 7, .e_uid = 1000 },
	{ .e_tag = ACL_GROUP_OBJ, .e_perm = 4 },
	{ .e_tag = ACL_GROUP, .e_perm = 6, .e_gid = 50 },
	{ .e_tag = ACL_MASK, .e_perm = 5 },
	{ .e_tag = ACL_OTHER, .e_perm = 0 },
};

static struct posix_acl *make_sample(void)
{
	struct posix_acl *acl = posix_acl_alloc(ARRAY_SIZE(sample), GFP_KERNEL);

	if (acl)
		memcpy(acl->a_entries, sample, sizeof(sample));
	return acl;
}

SELFTEST(acl_of_a_mode_says_no_more_than_the_mode)
{
	struct posix_acl *acl = posix_acl_from_mode(0640, GFP_KERNEL);
	umode_t mode = S_IFREG;

	EXPECT(!IS_ERR(acl));
	EXPECT(posix_acl_valid(acl) == 0);
	EXPECT(posix_acl_equiv_mode(acl, &mode) == 0);
	EXPECT(mode == (S_IFREG | 0640));
	posix_acl_release(acl);
}

SELFTEST(acl_mask_stands_in_the_group_bits)
{
	struct posix_acl *acl = make_sample();
	umode_t mode = S_IFREG;

	EXPECT(acl != NULL);
	EXPECT(posix_acl_equiv_mode(acl, &mode) == 1);
	EXPECT(mode == (S_IFREG | 0650));
	/* chmod changes the mask, not the group's own entry. */
	EXPECT(__posix_acl_chmod(&acl, GFP_KERNEL, 0700) == 0);
	EXPECT(acl->a_entries[4].e_perm == 0);
	EXPECT(acl->a_entries[2].e_perm == 4);
	EXPECT(acl->a_entries[0].e_perm == 7);
	posix_acl_release(acl);
}

SELFTEST(acl_of_a_new_file_is_cut_by_its_mode)
{
	struct posix_acl *acl = make_sample();
	umode_t mode = S_IFREG | 0666;

	EXPECT(acl != NULL);
	EXPECT(__posix_acl_create(&acl, GFP_KERNEL, &mode) == 1);
	EXPECT(mode == (S_IFREG | 0640));
	EXPECT(acl->a_entries[4].e_perm == 4);
	posix_acl_release(acl);
}

SELFTEST(acl_out_of_order_or_incomplete_is_refused)
{
	struct posix_acl *acl = make_sample();

	EXPECT(acl != NULL);
	EXPECT(posix_acl_valid(acl) == 0);
	acl->a_entries[4].e_tag = ACL_OTHER;   /* no mask, two others */
	EXPECT(posix_acl_valid(acl) == -EINVAL);
	acl->a_entries[4].e_tag = ACL_MASK;
	swap(acl->a_entries[1], acl->a_entries[2]);
	EXPECT(posix_acl_valid(acl) == -EINVAL);
	swap(acl->a_entries[1], acl->a_entries[2]);
	acl->a_entries[1].e_uid = ACL_UNDEFINED_ID;
	EXPECT(posix_acl_valid(acl) == -EINVAL);
	acl->a_entries[1].e_uid = 1000;
	acl->a_entries[0].e_perm = 8;
	EXPECT(posix_acl_valid(acl) == -EINVAL);
	posix_acl_release(acl);
}

SELFTEST(acl_survives_the_way_through_an_attribute)
{
	struct posix_acl *acl = make_sample(), *back;
	char buf[64];
	int n;

	EXPECT(acl != NULL);
	n = posix_acl_to_xattr(acl, buf, sizeof(buf));
	EXPECT(n == 4 + 6 * 8);
	EXPECT(posix_acl_to_xattr(acl, buf, n - 1) == -ERANGE);
	back = posix_acl_from_xattr(buf, n);
	EXPECT(!IS_ERR_OR_NULL(back));
	EXPECT(back->a_count == acl->a_count);
	EXPECT(back->a_entries[1].e_uid == 1000);
	EXPECT(posix_acl_valid(back) == 0);
	EXPECT(IS_ERR(posix_acl_from_xattr(buf, n - 1)));
	EXPECT(IS_ERR(posix_acl_from_xattr(buf, 3)));
	EXPECT(posix_acl_from_xattr(buf, 4) == NULL);
	posix_acl_release(back);
	posix_acl_release(acl);
}
