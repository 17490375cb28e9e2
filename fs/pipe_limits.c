/* SPDX-License-Identifier: MIT */
/*
 * pipe_limits.c -- how many pages a user's pipes may hold
 *
 * PROMISE.  Who has no CAP_SYS_RESOURCE or CAP_SYS_ADMIN, and pipes of more
 * pages together than fs.pipe-user-pages-soft says, gets new ones of two pages
 * and cannot make one larger; above fs.pipe-user-pages-hard there is none at
 * all.  A limit of 0 is none.
 *
 * IDEA.  Each pipe counts its slots, filled or not, in its maker's user_struct.
 *
 * LOCKING.  The count is atomic; a pipe's own number changes under its mutex.
 */

#include "pipe_impl.h"

#include <fs/pipe.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>

#define PIPE_MIN_SLOTS 2

int pipe_user_pages_soft = 16 * 1024;
int pipe_user_pages_hard;

static bool over(long pages, const int *limit)
{
	int l = READ_ONCE(*limit);

	return l && pages > l;
}

static bool privileged(void)
{
	return capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN);
}

bool pipe_begin_charge(struct pipe_inode_info *p)
{
	struct user_struct *user = current_cred()->user;
	unsigned int slots = PIPE_DEF_BUFFERS;
	long sum;

	if ((unsigned long)slots << PAGE_SHIFT > READ_ONCE(pipe_max_size) &&
	    !capable(CAP_SYS_RESOURCE))
		slots = max(pipe_max_size >> PAGE_SHIFT, 1u);
	sum = atomic_long_add_return(slots, &user->pipe_pages);
	if (over(sum, &pipe_user_pages_soft) && !privileged()) {
		sum = atomic_long_sub_return(slots - PIPE_MIN_SLOTS,
					     &user->pipe_pages);
		slots = PIPE_MIN_SLOTS;
	}
	if (over(sum, &pipe_user_pages_hard) && !privileged()) {
		atomic_long_sub(slots, &user->pipe_pages);
		return false;
	}
	refcount_inc(&user->refs);
	p->user = user;
	p->ring_size = slots;
	return true;
}

int pipe_change_charge(struct pipe_inode_info *p, unsigned int slots)
{
	long more = (long)slots - p->ring_size;
	long sum = atomic_long_add_return(more, &p->user->pipe_pages);

	if (more > 0 && !privileged() && (over(sum, &pipe_user_pages_soft) ||
					  over(sum, &pipe_user_pages_hard))) {
		atomic_long_sub(more, &p->user->pipe_pages);
		return -EPERM;
	}
	return 0;
}

void pipe_end_charge(struct pipe_inode_info *p)
{
	atomic_long_sub(p->ring_size, &p->user->pipe_pages);
	free_uid(p->user);
}
