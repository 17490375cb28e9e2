/* SPDX-License-Identifier: MIT */
/* mqueue.c -- the limits of POSIX message queues */

#include "util.h"

#include <uapi/mqueue.h>

int mq_init_ns(struct ipc_namespace *ns)
{
	ns->mq_queues_max = DFLT_QUEUESMAX;
	ns->mq_msg_max = DFLT_MSGMAX;
	ns->mq_msgsize_max = DFLT_MSGSIZEMAX;
	ns->mq_msg_default = DFLT_MSG;
	ns->mq_msgsize_default = DFLT_MSGSIZE;
	return 0;
}

void mq_exit_ns(struct ipc_namespace *ns)
{
}
