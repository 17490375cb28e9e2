/* SPDX-License-Identifier: MIT */
/*
 * msg.c -- System V message queues: sending and receiving
 *
 * PROMISE.  Messages arrive whole, once, and, of one type, in the order in
 * which they were sent.  A receiver says which types it takes.
 *
 * IDEA.  A list of messages, and two lists of sleepers that are never both of
 * use: receivers wait since nothing fits them, senders since there is no room.
 *
 *	messages   [type 3][type 1][type 3]          oldest first
 *	receivers  (wants 2) (wants <= -5)           nothing fits: I1
 *	senders    (600 bytes) (800 bytes)           no room for either
 *
 * A message that a waiting receiver wants never enters the list: it is put into
 * the receiver's hand, who finds it there when it wakes.  Room goes to the
 * oldest senders that it suffices for: a message too large for now, or since
 * IPC_SET lowered qbytes for ever, holds back nobody behind it.
 *
 * INVARIANTS, while perm.lock is free:
 *   I1  No waiting receiver wants a message that is in the list.
 *   I2  cbytes and qnum are the list's sums; both at most qbytes, unless
 *       IPC_SET has lowered that.
 *   I3  A sleeper is on a list until somebody has answered it or it gives up.
 *   I4  There is no room for a waiting sender, but for room that one who was
 *       woken has yet to use: it sends, signal or not, or passes the room on.
 *
 * LOCKING.  perm.lock.  A waker takes the sleeper off the list, fills in its
 * answer and wakes it under the lock; the sleeper reads the answer under it.
 *
 * SEE msgop(2), docs/64-sysv-ipc.md.
 *
 * EXERCISES.  1. What may a receiver that was killed not do with the message in
 * its hand?  2. Who profits when a change of msg_qbytes wakes everybody?
 */

#include "msg.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>

enum { WANT_ANY, WANT_EQUAL, WANT_NOTEQUAL, WANT_LESSEQUAL, WANT_NUMBER };

/* On the sleeper's stack.  Field keys: [c] constant   [L] the queue's lock */
struct msg_receiver {
	struct list_head link;        /* [L] empty: answered */
	struct task_struct *task;     /* [c] */
	int want;                     /* [c] WANT_* */
	long type;                    /* [c] */
	size_t room;                  /* [c] bytes; SIZE_MAX: MSG_NOERROR */
	struct msg_msg *msg;          /* [L] the answer, or ERR_PTR */
};

struct msg_sender {
	struct list_head link;        /* [L] empty: look again */
	struct task_struct *task;     /* [c] */
	size_t size;                  /* [c] of its message */
};

/* ---- queues ---- */

static void msg_free_queue(struct kern_ipc_perm *perm)
{
	put_pid(msq_of(perm)->lspid);
	put_pid(msq_of(perm)->lrpid);
	kfree(msq_of(perm));
}

static int msg_create(struct ipc_namespace *ns, const struct ipc_params *p)
{
	struct msg_queue *msq = kzalloc(sizeof(*msq), GFP_KERNEL);
	int id;

	if (!msq)
		return -ENOMEM;
	msq->ctime = ktime_get_real_seconds();
	msq->qbytes = ns->msg_ctlmnb;
	INIT_LIST_HEAD(&msq->messages);
	INIT_LIST_HEAD(&msq->receivers);
	INIT_LIST_HEAD(&msq->senders);
	msq->perm.free = msg_free_queue;
	id = ipc_add_id(ipc_table(ns, IPC_MSG_IDS), &msq->perm,
			ns->msg_ctlmni, p);
	if (id < 0)
		kfree(msq);
	return id;
}

SYSCALL_DEFINE2(msgget, key_t, key, int, flags)
{
	static const struct ipc_ops ops = { .create = msg_create };
	const struct ipc_params p = { .key = key, .flags = flags };
	struct ipc_namespace *ns = current_ipc_ns();

	return ipc_get(ns, ipc_table(ns, IPC_MSG_IDS), &ops, &p);
}

/* Answer a receiver; locked. */
static void give(struct msg_receiver *r, struct msg_msg *msg)
{
	list_del_init(&r->link);
	r->msg = msg;
	wake_up_process(r->task);
}

static void wake_senders(struct msg_queue *msq)
{
	struct msg_sender *s, *next;

	list_for_each_entry_safe(s, next, &msq->senders, link) {
		list_del_init(&s->link);
		wake_up_process(s->task);
	}
}

/* Room came: wake senders, oldest first, as far as it goes (I4). */
static void wake_fitting_senders(struct msg_queue *msq)
{
	unsigned long bytes = msq->cbytes, num = msq->qnum;
	struct msg_sender *s, *next;

	list_for_each_entry_safe(s, next, &msq->senders, link) {
		if (bytes + s->size > msq->qbytes || num + 1 > msq->qbytes)
			continue;
		bytes += s->size;
		num++;
		list_del_init(&s->link);
		wake_up_process(s->task);
	}
}

void msg_wake_all(struct msg_queue *msq)
{
	struct msg_receiver *r, *next;

	list_for_each_entry_safe(r, next, &msq->receivers, link)
		give(r, ERR_PTR(-EAGAIN));
	wake_senders(msq);
}

void msg_destroy(struct ipc_namespace *ns, struct msg_queue *msq)
{
	struct msg_receiver *r, *nextr;
	struct msg_msg *msg, *next;
	LIST_HEAD(gone);

	ipc_remove_id(ipc_table(ns, IPC_MSG_IDS), &msq->perm);
	list_for_each_entry_safe(r, nextr, &msq->receivers, link)
		give(r, ERR_PTR(-EIDRM));
	wake_senders(msq);
	list_splice_init(&msq->messages, &gone);
	atomic_long_sub(msq->cbytes, &ns->msg_bytes);
	atomic_sub(msq->qnum, &ns->msg_hdrs);
	ipc_unlock(&msq->perm);
	list_for_each_entry_safe(msg, next, &gone, link)
		kvfree(msg);
	ipc_put(&msq->perm);
}

/* ---- which message ---- */

static void decode_want(long type, int flags, int *want, long *value)
{
	*value = type;
	if (flags & MSG_COPY) {
		*want = WANT_NUMBER;
	} else if (!type) {
		*want = WANT_ANY;
	} else if (type < 0) {
		*want = WANT_LESSEQUAL;
		*value = type == LONG_MIN ? LONG_MAX : -type;
	} else {
		*want = flags & MSG_EXCEPT ? WANT_NOTEQUAL : WANT_EQUAL;
	}
}

static bool wants(int want, long value, const struct msg_msg *msg)
{
	switch (want) {
	case WANT_EQUAL:
		return msg->type == value;
	case WANT_NOTEQUAL:
		return msg->type != value;
	case WANT_LESSEQUAL:
		return msg->type <= value;
	}
	return true;
}

/* The message to receive now, still in the list; or NULL. */
static struct msg_msg *find_message(struct msg_queue *msq, int want, long value)
{
	struct msg_msg *msg, *best = NULL;
	long n = 0;

	list_for_each_entry(msg, &msq->messages, link) {
		if (want == WANT_NUMBER) {
			if (n++ == value)
				return msg;
		} else if (wants(want, value, msg)) {
			if (want != WANT_LESSEQUAL || msg->type == 1)
				return msg;
			best = msg;
			value = msg->type - 1; /* the first of the lowest */
		}
	}
	return best;
}

/* ---- sending ---- */

static struct msg_msg *load_msg(const void __user *text, size_t size)
{
	struct msg_msg *msg = kvmalloc(sizeof(*msg) + size, GFP_KERNEL);

	if (!msg)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(msg->text, text, size)) {
		kvfree(msg);
		return ERR_PTR(-EFAULT);
	}
	msg->size = size;
	return msg;
}

static void note_pid(struct pid **where)
{
	struct pid *old = *where;

	*where = get_task_pid(current, PIDTYPE_TGID);
	put_pid(old);
}

/* Hand it to a receiver that waits for it; false: nobody does.  Locked. */
static bool hand_over(struct msg_queue *msq, struct msg_msg *msg)
{
	struct msg_receiver *r, *next;

	list_for_each_entry_safe(r, next, &msq->receivers, link) {
		if (!wants(r->want, r->type, msg))
			continue;
		if (r->room < msg->size) {
			give(r, ERR_PTR(-E2BIG));
			continue;
		}
		put_pid(msq->lrpid);
		msq->lrpid = get_task_pid(r->task, PIDTYPE_TGID);
		msq->rtime = ktime_get_real_seconds();
		give(r, msg);
		return true;
	}
	return false;
}

static void enqueue(struct ipc_namespace *ns, struct msg_queue *msq,
		    struct msg_msg *msg)
{
	note_pid(&msq->lspid);
	msq->stime = ktime_get_real_seconds();
	if (hand_over(msq, msg))                                   /* I1 */
		return;
	list_add_tail(&msg->link, &msq->messages);
	msq->cbytes += msg->size;
	msq->qnum++;
	atomic_long_add(msg->size, &ns->msg_bytes);
	atomic_inc(&ns->msg_hdrs);
}

static bool has_room(const struct msg_queue *msq, size_t size)
{
	return size + msq->cbytes <= msq->qbytes &&
	       1 + msq->qnum <= msq->qbytes;
}

/*
 * Sleep until somebody took s off the list, or a signal came.  Locked before
 * and after.  0: look again, though a signal came too; -EIDRM; -ERESTARTNOHAND.
 */
static int wait_for_room(struct msg_queue *msq, struct msg_sender *s)
{
	/* Woken, but another was faster: what is left may do for others. */
	wake_fitting_senders(msq);                                 /* I4 */
	list_add_tail(&s->link, &msq->senders);
	ipc_ref(&msq->perm);
	while (!list_empty(&s->link) && !signal_pending(current)) {
		__set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock(&msq->perm);
		schedule();
		spin_lock(&msq->perm.lock);
	}
	if (msq->perm.deleted)
		return -EIDRM;
	if (list_empty(&s->link))
		return 0;
	list_del_init(&s->link);                                   /* I3 */
	return -ERESTARTNOHAND;
}

/* Object locked and referenced by the table; unlocks it. */
static int send_locked(struct ipc_namespace *ns, struct msg_queue *msq,
		       struct msg_msg *msg, int flags)
{
	struct msg_sender s = { .task = current, .size = msg->size };
	int err;

	for (;;) {
		err = ipc_check(&msq->perm, S_IWUGO);
		if (err || has_room(msq, msg->size))
			break;
		err = -EAGAIN;
		if (flags & IPC_NOWAIT)
			break;
		err = wait_for_room(msq, &s);
		if (!err) {
			ipc_put(&msq->perm); /* the table's holds it again */
			continue;
		}
		ipc_unlock(&msq->perm);
		ipc_put(&msq->perm);
		return err;
	}
	if (!err)
		enqueue(ns, msq, msg);
	ipc_unlock(&msq->perm);
	return err;
}

SYSCALL_DEFINE4(msgsnd, int, id, const void __user *, buf, size_t, size, int,
		flags)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct kern_ipc_perm *perm;
	struct msg_msg *msg;
	long type;
	int err;

	if (get_user(type, (const long __user *)buf))
		return -EFAULT;
	if (size > (size_t)READ_ONCE(ns->msg_ctlmax) || (long)size < 0 ||
	    id < 0 || type < 1)
		return -EINVAL;
	msg = load_msg(buf + sizeof(long), size);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	msg->type = type;
	perm = ipc_lock_id(ipc_table(ns, IPC_MSG_IDS), id);
	err = IS_ERR(perm) ? PTR_ERR(perm)
			   : send_locked(ns, msq_of(perm), msg, flags);
	if (err)
		kvfree(msg);
	return err;
}

/* ---- receiving ---- */

/* MSG_COPY: 0, or -EINVAL if `copy` has no room for it. */
static int copy_msg(const struct msg_msg *msg, struct msg_msg *copy)
{
	if (msg->size > copy->size)
		return -EINVAL;
	copy->type = msg->type;
	copy->size = msg->size;
	memcpy(copy->text, msg->text, msg->size);
	return 0;
}

static void dequeue(struct ipc_namespace *ns, struct msg_queue *msq,
		    struct msg_msg *msg)
{
	list_del(&msg->link);
	msq->qnum--;
	msq->cbytes -= msg->size;
	atomic_long_sub(msg->size, &ns->msg_bytes);
	atomic_dec(&ns->msg_hdrs);
	note_pid(&msq->lrpid);
	msq->rtime = ktime_get_real_seconds();
	wake_fitting_senders(msq);
}

/* Sleep for an answer.  Locked before and after; the answer, or ERR_PTR. */
static struct msg_msg *wait_for_message(struct msg_queue *msq,
					struct msg_receiver *r)
{
	r->msg = ERR_PTR(-ERESTARTNOHAND);
	list_add_tail(&r->link, &msq->receivers);
	ipc_ref(&msq->perm);
	while (!list_empty(&r->link) && !signal_pending(current)) {
		__set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock(&msq->perm);
		schedule();
		spin_lock(&msq->perm.lock);
	}
	list_del_init(&r->link);                                   /* I3 */
	return r->msg;
}

/* Object locked; unlocks it.  `copy`: where MSG_COPY puts it, or NULL. */
static struct msg_msg *receive_locked(struct ipc_namespace *ns,
				      struct msg_queue *msq,
				      struct msg_receiver *r, int flags,
				      struct msg_msg *copy)
{
	struct msg_msg *msg;
	int err;

	for (;;) {
		err = ipc_check(&msq->perm, S_IRUGO);
		if (err)
			break;
		msg = find_message(msq, r->want, r->type);
		if (msg) {
			err = r->room < msg->size ? -E2BIG : 0;
			break;
		}
		err = -ENOMSG;
		if (flags & IPC_NOWAIT)
			break;
		msg = wait_for_message(msq, r);
		if (msg == ERR_PTR(-EAGAIN)) {
			ipc_put(&msq->perm);
			continue;
		}
		ipc_unlock(&msq->perm);
		ipc_put(&msq->perm);
		return msg;
	}
	if (!err && copy) {
		err = copy_msg(msg, copy);
		msg = copy;
	} else if (!err) {
		dequeue(ns, msq, msg);
	}
	ipc_unlock(&msq->perm);
	return err ? ERR_PTR(err) : msg;
}

static long store_msg(void __user *buf, const struct msg_msg *msg, size_t size)
{
	size_t n = min(size, msg->size);

	if (put_user(msg->type, (long __user *)buf) ||
	    copy_to_user(buf + sizeof(long), msg->text, n))
		return -EFAULT;
	return n;
}

/* MSG_COPY: room for the largest message, or what the caller takes. */
static struct msg_msg *prepare_copy(struct ipc_namespace *ns, size_t size)
{
	struct msg_msg *copy;

	size = min(size, (size_t)READ_ONCE(ns->msg_ctlmax));
	copy = kvzalloc(sizeof(*copy) + size, GFP_KERNEL);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	copy->size = size;
	return copy;
}

SYSCALL_DEFINE5(msgrcv, int, id, void __user *, buf, size_t, size, long, type,
		int, flags)
{
	struct msg_receiver r = {
		.task = current,
		.room = flags & MSG_NOERROR ? SIZE_MAX : size,
	};
	struct ipc_namespace *ns = current_ipc_ns();
	struct msg_msg *msg, *copy = NULL;
	struct kern_ipc_perm *perm;
	long ret;

	if (id < 0 || (long)size < 0)
		return -EINVAL;
	if (flags & MSG_COPY) {
		if ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT))
			return -EINVAL;
		copy = prepare_copy(ns, size);
		if (IS_ERR(copy))
			return PTR_ERR(copy);
	}
	INIT_LIST_HEAD(&r.link);
	decode_want(type, flags, &r.want, &r.type);
	perm = ipc_lock_id(ipc_table(ns, IPC_MSG_IDS), id);
	msg = IS_ERR(perm) ? ERR_CAST(perm)
			   : receive_locked(ns, msq_of(perm), &r, flags, copy);
	ret = IS_ERR(msg) ? PTR_ERR(msg) : store_msg(buf, msg, size);
	if (!IS_ERR(msg) && msg != copy)
		kvfree(msg);
	kvfree(copy);
	return ret;
}

/* ---- namespaces ---- */

void msg_init_ns(struct ipc_namespace *ns)
{
	ns->msg_ctlmax = MSGMAX;
	ns->msg_ctlmnb = MSGMNB;
	ns->msg_ctlmni = MSGMNI;
	atomic_long_set(&ns->msg_bytes, 0);
	atomic_set(&ns->msg_hdrs, 0);
	ipc_init_ids(ipc_table(ns, IPC_MSG_IDS));
}

static void remove_queue(struct ipc_namespace *ns, struct kern_ipc_perm *perm)
{
	msg_destroy(ns, msq_of(perm));
}

void msg_exit_ns(struct ipc_namespace *ns)
{
	ipc_remove_all(ipc_table(ns, IPC_MSG_IDS), remove_queue, ns);
}
