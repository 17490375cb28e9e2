/* SPDX-License-Identifier: MIT */
#ifndef UAPI_MQUEUE_H
#define UAPI_MQUEUE_H
/* mqueue.h -- POSIX message queues (Linux ABI) */

#include <kernel/types.h>

#define MQ_PRIO_MAX 32768

#define DFLT_QUEUESMAX 256
#define MIN_MSGMAX 1
#define DFLT_MSG 10
#define DFLT_MSGMAX 10
#define HARD_MSGMAX 65536
#define MIN_MSGSIZEMAX 128
#define DFLT_MSGSIZE 8192
#define DFLT_MSGSIZEMAX 8192
#define HARD_MSGSIZEMAX (16 * 1024 * 1024)

struct mq_attr {
	long mq_flags;
	long mq_maxmsg;
	long mq_msgsize;
	long mq_curmsgs;
	long reserved[4];
};

#define NOTIFY_COOKIE_LEN 32
#define NOTIFY_NONE 0
#define NOTIFY_WOKENUP 1
#define NOTIFY_REMOVED 2

#endif
