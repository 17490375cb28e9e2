/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IPC_MQUEUE_H
#define KERNEL_IPC_MQUEUE_H
/* mqueue.h -- between mqueue.c (the files), mq_calls.c and mq_notify.c */

#include "util.h"

#include <fs/fs.h>
#include <kernel/rbtree.h>
#include <kernel/wait.h>
#include <uapi/mqueue.h>
#include <uapi/signal.h>

struct sk_buff;
struct sock;
struct user_struct;

struct mq_msg {
	struct rb_node node;          /* in the queue's tree */
	unsigned int prio;
	u64 seq;                      /* of arrival */
	size_t size;
	char text[];
};

/* A sleeping sender or receiver, on its stack. */
struct mq_waiter {
	struct list_head link;        /* [L] empty: answered */
	struct task_struct *task;     /* [c] */
	struct mq_msg *msg;           /* [L] to send; or what was received */
};

enum { MQ_RECEIVERS, MQ_SENDERS };

/* Whom to tell of a message in an empty queue.  Field keys: [L] .lock */
struct mq_notify {
	struct pid *owner;            /* [L] process; NULL: nobody */
	u32 exec_id;                  /* [L] its self_exec_id when it asked */
	int how;                      /* [L] SIGEV_* */
	int signo;                    /* [L] */
	sigval_t value;               /* [L] */
	struct sock *sk;              /* [L] SIGEV_THREAD: counted; else NULL */
	struct sk_buff *cookie;       /* [L] what it is sent */
};

/* Field keys: [c] constant   [L] .lock */
struct mq_inode {
	spinlock_t lock;
	struct mq_attr attr;          /* [L] curmsgs; the limits [c] */
	struct rb_root messages;      /* [L] by (prio descending, seq) */
	u64 next_seq;                 /* [L] */
	size_t bytes;                 /* [L] in messages */
	struct list_head waiters[2];  /* [L] by priority, then age */
	wait_queue_head_t poll_wait;
	struct mq_notify notify;      /* [L] */
	struct user_struct *user;     /* [c] whose RLIMIT_MSGQUEUE it uses */
	size_t charged;               /* [c] how much of that */
	struct inode vfs_inode;
};

static inline struct mq_inode *mq_of(struct inode *inode)
{
	return container_of(inode, struct mq_inode, vfs_inode);
}

extern const struct file_operations mqueue_fops;

void mq_touch(struct mq_inode *mq, bool received);
/* Take the highest, oldest message out; there is one.  Locked. */
struct mq_msg *mq_take(struct mq_inode *mq);
void mq_insert(struct mq_inode *mq, struct mq_msg *msg);

/* mq_notify.c: all locked. */
void mq_notify_arrival(struct mq_inode *mq);
void mq_notify_forget(struct mq_inode *mq);

#endif
