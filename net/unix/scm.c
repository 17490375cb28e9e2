/* SPDX-License-Identifier: MIT */
/*
 * scm.c -- a packet's passengers: files and credentials
 *
 * IDEA.  They ride in skb->cb, and leave it when the packet is read, or with
 * the packet when it is thrown away (the destructor).  While a file rides it is
 * "in flight", which the collector counts (garbage.c).
 */

#include "unix.h"

#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <uapi/resource.h>

/* More descriptors on their way than a process may have open? */
static bool too_many_files(void)
{
	if (READ_ONCE(current_user()->unix_inflight) <= rlimit(RLIMIT_NOFILE))
		return false;
	return !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

static int attach_fds(struct scm_cookie *scm, struct sk_buff *skb)
{
	if (too_many_files())
		return -ETOOMANYREFS;
	UNIXCB(skb).fp = scm_fp_dup(scm->fp);
	if (!UNIXCB(skb).fp)
		return -ENOMEM;
	for (int i = scm->fp->count - 1; i >= 0; i--)
		unix_inflight(scm->fp->user, scm->fp->fp[i]);
	return 0;
}

void unix_detach_fds(struct scm_cookie *scm, struct sk_buff *skb)
{
	scm->fp = UNIXCB(skb).fp;
	UNIXCB(skb).fp = NULL;
	for (int i = scm->fp->count - 1; i >= 0; i--)
		unix_notinflight(scm->fp->user, scm->fp->fp[i]);
}

/* The receiver gets the files, and the packet keeps them. */
void unix_peek_fds(struct scm_cookie *scm, struct sk_buff *skb)
{
	scm->fp = scm_fp_dup(UNIXCB(skb).fp);
	unix_gc_barrier();
}

void unix_destruct_scm(struct sk_buff *skb)
{
	struct scm_cookie scm = { .pid = UNIXCB(skb).pid };

	if (UNIXCB(skb).fp)
		unix_detach_fds(&scm, skb);
	scm_destroy(&scm);
	sock_wfree(skb);
}

int unix_scm_to_skb(struct scm_cookie *scm, struct sk_buff *skb, bool files)
{
	UNIXCB(skb).pid = get_pid(scm->pid);
	UNIXCB(skb).uid = scm->creds.uid;
	UNIXCB(skb).gid = scm->creds.gid;
	UNIXCB(skb).fp = NULL;
	UNIXCB(skb).consumed = 0;
	skb->destructor = unix_destruct_scm;
	return scm->fp && files ? attach_fds(scm, skb) : 0;
}

/* The sender's credentials, if anybody may ask: not each packet pays. */
void unix_add_creds(struct sk_buff *skb, const struct socket *sock,
		    const struct sock *other)
{
	if (UNIXCB(skb).pid)
		return;
	if (!test_bit(SOCK_PASSCRED, &sock->flags) && other->sk_socket &&
	    !test_bit(SOCK_PASSCRED, &other->sk_socket->flags))
		return;
	UNIXCB(skb).pid = get_pid(task_tgid(current));
	UNIXCB(skb).uid = current_uid();
	UNIXCB(skb).gid = current_gid();
}
