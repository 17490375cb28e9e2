/* SPDX-License-Identifier: MIT */
/*
 * msg_ctl.c -- msgctl(2): asking about message queues, changing, removing them
 *
 * SEE msgctl(2), msg.c.
 */

#include "msg.h"

#include <arch/uaccess.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>

/* What IPC_INFO says of limits that do not exist any more. */
#define MSGSSZ 16
#define MSGSEG 0xffff

static int msg_info(struct ipc_namespace *ns, int cmd, void __user *buf)
{
	struct ipc_ids *ids = ipc_table(ns, IPC_MSG_IDS);
	struct msginfo info = {
		.msgmni = ns->msg_ctlmni,
		.msgmax = ns->msg_ctlmax,
		.msgmnb = ns->msg_ctlmnb,
		.msgssz = MSGSSZ,
		.msgseg = MSGSEG,
	};
	int top;

	down_read(&ids->rwsem);
	if (cmd == MSG_INFO) {
		info.msgpool = ids->in_use;
		info.msgmap = atomic_read(&ns->msg_hdrs);
		info.msgtql = min(atomic_long_read(&ns->msg_bytes),
				  (long)INT_MAX);
	} else {
		info.msgpool = MSGMNI * MSGMNB / 1024;
		info.msgmap = MSGMNB;
		info.msgtql = MSGMNB;
	}
	top = max(ids->max_idx, 0);
	up_read(&ids->rwsem);
	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : top;
}

static void fill_stat(const struct kern_ipc_perm *perm, void *to)
{
	const struct msg_queue *msq = msq_of((struct kern_ipc_perm *)perm);
	struct msqid64_ds *out = to;

	ipc_to_user(perm, &out->msg_perm);
	out->msg_stime = msq->stime;
	out->msg_rtime = msq->rtime;
	out->msg_ctime = msq->ctime;
	out->msg_cbytes = msq->cbytes;
	out->msg_qnum = msq->qnum;
	out->msg_qbytes = msq->qbytes;
	out->msg_lspid = pid_vnr(msq->lspid);
	out->msg_lrpid = pid_vnr(msq->lrpid);
}

static int msg_stat(struct ipc_ids *ids, int id, int cmd, void __user *buf)
{
	struct msqid64_ds out = { .msg_qnum = 0 };
	struct ipc_stat_call call = {
		.id = id, .by_slot = cmd != IPC_STAT,
		.any = cmd == MSG_STAT_ANY, .fill = fill_stat,
		.out = &out, .size = sizeof(out),
	};

	return ipc_stat(ids, &call, buf);
}

static int set_attributes(struct ipc_namespace *ns, struct msg_queue *msq,
			  const struct msqid64_ds *in)
{
	int err;

	if (in->msg_qbytes > (unsigned long)ns->msg_ctlmnb &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	err = ipc_set_owner(&msq->perm, &in->msg_perm);
	if (err)
		return err;
	msq->qbytes = in->msg_qbytes;
	msq->ctime = ktime_get_real_seconds();
	msg_wake_all(msq);
	return 0;
}

static int change(struct ipc_namespace *ns, struct kern_ipc_perm *perm,
		  const void *in)
{
	int err = set_attributes(ns, msq_of(perm), in);

	ipc_unlock(perm);
	return err;
}

static int destroy(struct ipc_namespace *ns, struct kern_ipc_perm *perm,
		   const void *unused)
{
	msg_destroy(ns, msq_of(perm));
	return 0;
}

SYSCALL_DEFINE3(msgctl, int, id, int, cmd, void __user *, buf)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct msqid64_ds in;

	if (id < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case MSG_INFO:
		return msg_info(ns, cmd, buf);
	case IPC_STAT:
	case MSG_STAT:
	case MSG_STAT_ANY:
		return msg_stat(ipc_table(ns, IPC_MSG_IDS), id, cmd, buf);
	case IPC_SET:
		if (copy_from_user(&in, buf, sizeof(in)))
			return -EFAULT;
		return ipc_change(ns, IPC_MSG_IDS, id, change, &in);
	case IPC_RMID:
		return ipc_change(ns, IPC_MSG_IDS, id, destroy, NULL);
	}
	return -EINVAL;
}

/* /proc/sysvipc/msg; NULL: the heading. */
void msg_show(struct seq_file *m, struct kern_ipc_perm *perm)
{
	struct msg_queue *msq;

	if (!perm) {
		seq_puts(m, "       key      msqid perms      cbytes       qnum"
			 " lspid lrpid   uid   gid  cuid  cgid"
			 "      stime      rtime      ctime\n");
		return;
	}
	msq = msq_of(perm);
	seq_printf(m, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u "
		   "%10lu %10lu %10lu\n",
		   perm->key, perm->id, perm->mode, msq->cbytes, msq->qnum,
		   pid_vnr(msq->lspid), pid_vnr(msq->lrpid), perm->uid,
		   perm->gid, perm->cuid, perm->cgid, (u64)msq->stime,
		   (u64)msq->rtime, (u64)msq->ctime);
}
