/* SPDX-License-Identifier: MIT */
#ifndef NET_SCM_H
#define NET_SCM_H
/*
 * scm.h -- what a message can carry besides bytes: open files, credentials
 *
 * Theory: net/core/scm.c.
 */

#include <kernel/cred.h>
#include <kernel/net.h>
#include <kernel/pid.h>

#define SCM_MAX_FD 253                /* descriptors in one message */

struct scm_creds {
	u32 pid;
	uid_t uid;
	gid_t gid;
};

/* Open files on their way.  Belongs to one message. */
struct scm_fp_list {
	short count, max;
	struct user_struct *user;     /* charged for them in flight */
	struct file *fp[SCM_MAX_FD];  /* counted */
};

struct scm_cookie {
	struct pid *pid;              /* counted */
	struct scm_fp_list *fp;
	struct scm_creds creds;
};

/* Read a sender's control messages.  0, -EINVAL, -EBADF, -EPERM, ... */
int __scm_send(struct socket *sock, struct msghdr *msg, struct scm_cookie *scm);
void __scm_destroy(struct scm_cookie *scm);
struct scm_fp_list *scm_fp_dup(struct scm_fp_list *fp);
/* Give the files to the receiver as descriptors, as many as fit. */
void scm_detach_fds(struct msghdr *msg, struct scm_cookie *scm);
/* Add a control message for the receiver; MSG_CTRUNC if it does not fit. */
int put_cmsg(struct msghdr *msg, int level, int type, int len, void *data);
/* Sender's credentials, always; what the user said, if he may. */
int scm_send(struct socket *sock, struct msghdr *msg, struct scm_cookie *scm,
	     bool forcecreds);
void scm_destroy(struct scm_cookie *scm);
/* Tell the receiver what came along; consumes scm. */
void scm_recv(struct socket *sock, struct msghdr *msg, struct scm_cookie *scm,
	      int flags);
void scm_set_cred(struct scm_cookie *scm, struct pid *pid, uid_t uid,
		  gid_t gid);

#endif
