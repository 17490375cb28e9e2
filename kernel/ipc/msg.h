/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IPC_MSG_H
#define KERNEL_IPC_MSG_H
/* msg.h -- between msg.c (sending and receiving) and msg_ctl.c */

#include "util.h"

#include <kernel/list.h>

struct pid;

struct msg_msg {
	struct list_head link;
	long type;
	size_t size;
	char text[];
};

/* Field keys: [L] perm.lock */
struct msg_queue {
	struct kern_ipc_perm perm;
	time64_t stime, rtime, ctime; /* [L] last send, receive, change */
	unsigned long cbytes;         /* [L] bytes in messages */
	unsigned long qnum;           /* [L] messages */
	unsigned long qbytes;         /* [L] the most of either */
	struct pid *lspid, *lrpid;    /* [L] last sender and receiver */
	struct list_head messages;    /* [L] oldest first */
	struct list_head receivers;   /* [L] struct msg_receiver */
	struct list_head senders;     /* [L] struct msg_sender */
};

static inline struct msg_queue *msq_of(struct kern_ipc_perm *perm)
{
	return container_of(perm, struct msg_queue, perm);
}

/* Table and object locked; the object is unlocked, and gone. */
void msg_destroy(struct ipc_namespace *ns, struct msg_queue *msq);
/* Who waits looks again: the limits or rights have changed.  Locked. */
void msg_wake_all(struct msg_queue *msq);

#endif
