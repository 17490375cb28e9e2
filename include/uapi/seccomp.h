/* SPDX-License-Identifier: MIT */
#ifndef UAPI_SECCOMP_H
#define UAPI_SECCOMP_H
/* seccomp.h -- seccomp(2) (Linux ABI) */

#include <kernel/types.h>

#define SECCOMP_SET_MODE_STRICT 0
#define SECCOMP_SET_MODE_FILTER 1
#define SECCOMP_GET_ACTION_AVAIL 2
#define SECCOMP_GET_NOTIF_SIZES 3

#define SECCOMP_FILTER_FLAG_TSYNC 0x1
#define SECCOMP_FILTER_FLAG_LOG 0x2
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW 0x4
#define SECCOMP_FILTER_FLAG_NEW_LISTENER 0x8
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH 0x10
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV 0x20

/* What a filter returns; of several filters the lowest (signed) wins. */
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#define SECCOMP_RET_KILL_THREAD 0x00000000U
#define SECCOMP_RET_TRAP 0x00030000U
#define SECCOMP_RET_ERRNO 0x00050000U
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U
#define SECCOMP_RET_TRACE 0x7ff00000U
#define SECCOMP_RET_LOG 0x7ffc0000U
#define SECCOMP_RET_ALLOW 0x7fff0000U
#define SECCOMP_RET_ACTION_FULL 0xffff0000U
#define SECCOMP_RET_DATA 0x0000ffffU

#define SYS_SECCOMP 1                 /* si_code of SIGSYS */

/* What a filter looks at. */
struct seccomp_data {
	int nr;
	u32 arch;
	u64 instruction_pointer;
	u64 args[6];
};

static_assert(sizeof(struct seccomp_data) == 64, "Linux ABI");

/* ---- listeners ---------------------------------------------------------- */

struct seccomp_notif_sizes {
	u16 seccomp_notif, seccomp_notif_resp, seccomp_data;
};

struct seccomp_notif {
	u64 id;
	u32 pid;
	u32 flags;
	struct seccomp_data data;
};

#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1

struct seccomp_notif_resp {
	u64 id;
	s64 val;
	s32 error;
	u32 flags;
};

#define SECCOMP_ADDFD_FLAG_SETFD 1
#define SECCOMP_ADDFD_FLAG_SEND 2

struct seccomp_notif_addfd {
	u64 id;
	u32 flags;
	u32 srcfd;
	u32 newfd;
	u32 newfd_flags;
};

/* '!' and a number; ADDFD's size may be that of a later version. */
#define SECCOMP_IOCTL_NOTIF_RECV 0xc0502100U
#define SECCOMP_IOCTL_NOTIF_SEND 0xc0182101U
#define SECCOMP_IOCTL_NOTIF_ID_VALID 0x40082102U
#define SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR 0x80082102U
#define SECCOMP_IOCTL_NOTIF_ADDFD 0x40182103U

static_assert(sizeof(struct seccomp_notif) == 0x50, "Linux ABI");
static_assert(sizeof(struct seccomp_notif_resp) == 0x18, "Linux ABI");
static_assert(sizeof(struct seccomp_notif_addfd) == 0x18, "Linux ABI");

#endif
