/* SPDX-License-Identifier: MIT */
/*
 * scm.c -- control messages: open files and credentials that go along
 *
 * PROMISE.  A descriptor that was sent arrives as another name of the same open
 * file, even if the sender closes his at once.  Credentials are the sender's,
 * or what he may claim: the kernel vouches for them.
 *
 * IDEA.  On sending, descriptors become counted files in an scm_fp_list, which
 * travels with the message; on receiving they become descriptors, as many as
 * the receiver left room for (the others are closed, MSG_CTRUNC says so).
 *
 * CONTEXT.  Process, may sleep.
 *
 * SEE unix(7), cmsg(3); net/unix/garbage.c for files that carry themselves.
 */

#include <net/scm.h>

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <net/sock.h>

/* ---- sending ---- */

static bool may_claim(const struct scm_creds *claim)
{
	const struct cred *c = current_cred();
	uid_t uid = claim->uid;
	gid_t gid = claim->gid;

	if (claim->pid != (u32)task_tgid_vnr(current) && !capable(CAP_SYS_ADMIN))
		return false;
	if (uid != c->uid && uid != c->euid && uid != c->suid &&
	    !capable(CAP_SETUID))
		return false;
	return gid == c->gid || gid == c->egid || gid == c->sgid ||
	       capable(CAP_SETGID);
}

static int take_credentials(struct scm_cookie *scm, struct cmsghdr *cmsg)
{
	struct scm_creds claim;
	struct pid *pid;

	if (cmsg->cmsg_len != CMSG_LEN(sizeof(claim)))
		return -EINVAL;
	memcpy(&claim, CMSG_DATA(cmsg), sizeof(claim));
	if (!may_claim(&claim))
		return -EPERM;
	if (claim.uid == (uid_t)-1 || claim.gid == (gid_t)-1)
		return -EINVAL;
	if (!scm->pid || (u32)pid_vnr(scm->pid) != claim.pid) {
		pid = find_get_pid(claim.pid);
		if (!pid)
			return -ESRCH;
		put_pid(scm->pid);
		scm->pid = pid;
	}
	scm->creds = claim;
	return 0;
}

static int take_files(struct scm_cookie *scm, struct cmsghdr *cmsg)
{
	int *fds = CMSG_DATA(cmsg);
	int num = (cmsg->cmsg_len - sizeof(*cmsg)) / sizeof(int);
	struct scm_fp_list *fpl = scm->fp;

	if (num <= 0)
		return 0;
	if (num > SCM_MAX_FD)
		return -EINVAL;
	if (!fpl) {
		fpl = kmalloc(sizeof(*fpl), GFP_KERNEL);
		if (!fpl)
			return -ENOMEM;
		scm->fp = fpl;
		fpl->count = 0;
		fpl->max = SCM_MAX_FD;
		fpl->user = NULL;
	}
	if (fpl->count + num > fpl->max)
		return -EINVAL;
	for (int i = 0; i < num; i++) {
		struct file *file = fds[i] < 0 ? NULL : fget_raw(fds[i]);

		if (!file)
			return -EBADF;
		fpl->fp[fpl->count++] = file;
	}
	if (!fpl->user) {
		fpl->user = current_user();
		refcount_inc(&fpl->user->refs);
	}
	return 0;
}

/* The cmsg at offset *off of the buffer, and *off behind it; NULL: the end. */
static struct cmsghdr *next_cmsg(struct msghdr *msg, size_t *off, int *err)
{
	struct cmsghdr *cmsg = (void *)((char *)msg->msg_control + *off);
	size_t left = msg->msg_controllen - min(*off, msg->msg_controllen);

	*err = 0;
	if (left < sizeof(*cmsg))
		return NULL;
	if (cmsg->cmsg_len < sizeof(*cmsg) || cmsg->cmsg_len > left) {
		*err = -EINVAL;
		return NULL;
	}
	*off += CMSG_ALIGN(cmsg->cmsg_len);
	return cmsg;
}

int __scm_send(struct socket *sock, struct msghdr *msg, struct scm_cookie *scm)
{
	struct cmsghdr *cmsg;
	size_t off = 0;
	int err;

	while ((cmsg = next_cmsg(msg, &off, &err))) {
		if (cmsg->cmsg_level != SOL_SOCKET)
			continue;
		err = -EINVAL;
		if (cmsg->cmsg_type == SCM_RIGHTS &&
		    sock->ops->family == PF_UNIX)
			err = take_files(scm, cmsg);
		else if (cmsg->cmsg_type == SCM_CREDENTIALS)
			err = take_credentials(scm, cmsg);
		if (err)
			break;
	}
	if (err)
		scm_destroy(scm);
	return err;
}

void scm_set_cred(struct scm_cookie *scm, struct pid *pid, uid_t uid, gid_t gid)
{
	scm->pid = get_pid(pid);
	scm->creds.pid = pid ? pid_vnr(pid) : 0;
	scm->creds.uid = uid;
	scm->creds.gid = gid;
}

int scm_send(struct socket *sock, struct msghdr *msg, struct scm_cookie *scm,
	     bool forcecreds)
{
	*scm = (struct scm_cookie){ .creds = { .uid = -1, .gid = -1 } };
	if (forcecreds)
		scm_set_cred(scm, task_tgid(current), current_uid(),
			     current_gid());
	if (!msg->msg_control || !msg->msg_controllen)
		return 0;
	return __scm_send(sock, msg, scm);
}

/* ---- ending ---- */

void __scm_destroy(struct scm_cookie *scm)
{
	struct scm_fp_list *fpl = scm->fp;

	if (!fpl)
		return;
	scm->fp = NULL;
	for (int i = fpl->count - 1; i >= 0; i--)
		fput(fpl->fp[i]);
	if (fpl->user)
		free_uid(fpl->user);
	kfree(fpl);
}

void scm_destroy(struct scm_cookie *scm)
{
	put_pid(scm->pid);
	scm->pid = NULL;
	__scm_destroy(scm);
}

/* The same files once more: for a peek.  NULL: no memory, or none given. */
struct scm_fp_list *scm_fp_dup(struct scm_fp_list *fpl)
{
	struct scm_fp_list *new;

	if (!fpl)
		return NULL;
	new = kmemdup(fpl, offsetof(struct scm_fp_list, fp[fpl->count]),
		      GFP_KERNEL);
	if (!new)
		return NULL;
	for (int i = 0; i < fpl->count; i++)
		get_file(fpl->fp[i]);
	new->max = new->count;
	if (new->user)
		refcount_inc(&new->user->refs);
	return new;
}

/* ---- receiving ---- */

/* Behind a cmsg of cmlen bytes, of which space were taken. */
static void advance_control(struct msghdr *msg, size_t space)
{
	space = min(space, msg->msg_controllen);
	msg->msg_control = (char *)msg->msg_control + space;
	msg->msg_controllen -= space;
}

/* The header of a message for a user; 0 or -EFAULT. */
static int put_header(struct msghdr *msg, int level, int type, size_t len)
{
	struct cmsghdr h = { .cmsg_len = len, .cmsg_level = level,
			     .cmsg_type = type };

	return copy_to_user(msg->msg_control_user, &h, sizeof(h)) ? -EFAULT : 0;
}

int put_cmsg(struct msghdr *msg, int level, int type, int len, void *data)
{
	size_t cmlen = CMSG_LEN(len);

	if (!msg->msg_control || msg->msg_controllen < sizeof(struct cmsghdr)) {
		msg->msg_flags |= MSG_CTRUNC;
		return 0;
	}
	if (msg->msg_controllen < cmlen) {
		msg->msg_flags |= MSG_CTRUNC;
		cmlen = msg->msg_controllen;
	}
	if (msg->msg_control_is_user) {
		if (put_header(msg, level, type, cmlen) ||
		    copy_to_user((char __user *)msg->msg_control_user +
				 sizeof(struct cmsghdr), data,
				 cmlen - sizeof(struct cmsghdr)))
			return -EFAULT;
	} else {
		struct cmsghdr *h = msg->msg_control;

		*h = (struct cmsghdr){ cmlen, level, type };
		memcpy(CMSG_DATA(h), data, cmlen - sizeof(*h));
	}
	advance_control(msg, CMSG_SPACE(len));
	return 0;
}

/* file as a new descriptor, whose number goes to *ufd; 0 or -errno. */
static int give_file(struct file *file, int __user *ufd, int o_flags)
{
	int fd = get_unused_fd_flags(o_flags);

	if (fd < 0)
		return fd;
	if (put_user(fd, ufd)) {
		put_unused_fd(fd);
		return -EFAULT;
	}
	fd_install(fd, get_file(file));
	return 0;
}

void scm_detach_fds(struct msghdr *msg, struct scm_cookie *scm)
{
	struct cmsghdr __user *cm = msg->msg_control_user;
	int o_flags = msg->msg_flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0;
	int __user *fds = CMSG_DATA(cm);
	int i, room = 0;

	if (msg->msg_controllen > sizeof(*cm))
		room = min_t(size_t, scm->fp->count, (msg->msg_controllen -
				     sizeof(*cm)) / sizeof(int));
	if (WARN_ON_ONCE(!msg->msg_control_is_user))
		room = 0;
	for (i = 0; i < room; i++)
		if (give_file(scm->fp->fp[i], fds + i, o_flags))
			break;
	if (i > 0 && !put_header(msg, SOL_SOCKET, SCM_RIGHTS,
				 CMSG_LEN(i * sizeof(int))))
		advance_control(msg, CMSG_SPACE(i * sizeof(int)));
	if (i < scm->fp->count)
		msg->msg_flags |= MSG_CTRUNC;
	__scm_destroy(scm);
}

/* An id that the packet did not bring, as Linux tells it. */
static u32 known_id(u32 id)
{
	return id == (u32)-1 ? OVERFLOWUID : id;
}

void scm_recv(struct socket *sock, struct msghdr *msg, struct scm_cookie *scm,
	      int flags)
{
	bool passcred = test_bit(SOCK_PASSCRED, &sock->flags);

	if (!msg->msg_control) {
		if (passcred || scm->fp)
			msg->msg_flags |= MSG_CTRUNC;
		scm_destroy(scm);
		return;
	}
	if (passcred) {
		struct ucred cred = {
			.pid = scm->pid ? pid_vnr(scm->pid) : 0,
			.uid = known_id(scm->creds.uid),
			.gid = known_id(scm->creds.gid),
		};

		put_cmsg(msg, SOL_SOCKET, SCM_CREDENTIALS, sizeof(cred), &cred);
	}
	put_pid(scm->pid);
	scm->pid = NULL;
	if (scm->fp)
		scm_detach_fds(msg, scm);
}

/* ---- what goes with each packet ---- */

/* When it came: SO_TIMESTAMP, SO_TIMESTAMPNS. */
void sock_recv_timestamp(struct msghdr *msg, struct sock *sk,
			 struct sk_buff *skb)
{
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);
	ktime_t t = skb->tstamp;
	struct timespec64 ts;

	if (!sock_flag(sk, SOCK_RCVTSTAMP))
		return;
	ts = ktime_to_timespec64(t ? t : ktime_get_real());
	if (sock_flag(sk, SOCK_RCVTSTAMPNS)) {
		put_cmsg(msg, SOL_SOCKET, new ? SO_TIMESTAMPNS_NEW :
			 SO_TIMESTAMPNS, sizeof(ts), &ts);
	} else {
		ts.tv_nsec /= NSEC_PER_USEC;
		put_cmsg(msg, SOL_SOCKET, new ? SO_TIMESTAMP_NEW :
			 SO_TIMESTAMP, sizeof(ts), &ts);
	}
}

void sock_recv_cmsgs(struct msghdr *msg, struct sock *sk, struct sk_buff *skb)
{
	u32 drops = atomic_read(&sk->sk_drops);

	sock_recv_timestamp(msg, sk, skb);
	if (sock_flag(sk, SOCK_RXQ_OVFL) && drops)
		put_cmsg(msg, SOL_SOCKET, SO_RXQ_OVFL, sizeof(drops), &drops);
	if (sock_flag(sk, SOCK_RCVMARK))
		put_cmsg(msg, SOL_SOCKET, SO_MARK, sizeof(skb->mark),
			 &skb->mark);
}
