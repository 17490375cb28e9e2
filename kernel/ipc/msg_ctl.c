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

static int msg_stat(struct ipc_ids *ids, int id, int cmd, void __user *buf)
{
	struct msqid64_ds out = { .msg_qnum = 0 };
	struct kern_ipc_perm *perm;
	struct msg_queue *msq;
	int ret;

	perm = ipc_lock_stat(ids, id, cmd != IPC_STAT, cmd == MSG_STAT_ANY);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	msq = msq_of(perm);
	ipc_to_user(perm, &out.msg_perm);
	out.msg_stime = msq->stime;
	out.msg_rtime = msq->rtime;
	out.msg_ctime = msq->ctime;
	out.msg_cbytes = msq->cbytes;
	out.msg_qnum = msq->qnum;
	out.msg_qbytes = msq->qbytes;
	out.msg_lspid = pid_vnr(msq->lspid);
	out.msg_lrpid = pid_vnr(msq->lrpid);
	ret = cmd == IPC_STAT ? 0 : perm->id;
	ipc_unlock(perm);
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : ret;
}

/* Object locked. */
static int change(struct ipc_namespace *ns, struct msg_queue *msq,
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

static int msg_set(struct ipc_namespace *ns, int id, const void __user *buf)
{
	struct ipc_ids *ids = ipc_table(ns, IPC_MSG_IDS);
	struct kern_ipc_perm *perm;
	struct msqid64_ds in;
	int err;

	if (copy_from_user(&in, buf, sizeof(in)))
		return -EFAULT;
	down_write(&ids->rwsem);
	perm = ipc_lock_owned(ids, id);
	err = PTR_ERR_OR_ZERO(perm);
	if (!err) {
		err = change(ns, msq_of(perm), &in);
		ipc_unlock(perm);
	}
	up_write(&ids->rwsem);
	return err;
}

static int msg_remove(struct ipc_namespace *ns, int id)
{
	struct ipc_ids *ids = ipc_table(ns, IPC_MSG_IDS);
	struct kern_ipc_perm *perm;

	down_write(&ids->rwsem);
	perm = ipc_lock_owned(ids, id);
	if (!IS_ERR(perm))
		msg_destroy(ns, msq_of(perm));
	up_write(&ids->rwsem);
	return PTR_ERR_OR_ZERO(perm);
}

SYSCALL_DEFINE3(msgctl, int, id, int, cmd, void __user *, buf)
{
	struct ipc_namespace *ns = current_ipc_ns();

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
		return msg_set(ns, id, buf);
	case IPC_RMID:
		return msg_remove(ns, id);
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
