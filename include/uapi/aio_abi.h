/* SPDX-License-Identifier: MIT */
#ifndef UAPI_AIO_ABI_H
#define UAPI_AIO_ABI_H
/* aio_abi.h -- native asynchronous I/O (Linux ABI) */

#include <kernel/types.h>

typedef unsigned long aio_context_t;

enum {
	IOCB_CMD_PREAD,
	IOCB_CMD_PWRITE,
	IOCB_CMD_FSYNC,
	IOCB_CMD_FDSYNC,
	IOCB_CMD_POLL = 5,
	IOCB_CMD_NOOP,
	IOCB_CMD_PREADV,
	IOCB_CMD_PWRITEV,
};

#define IOCB_FLAG_RESFD (1 << 0)
#define IOCB_FLAG_IOPRIO (1 << 1)

struct io_event {
	u64 data;                     /* the request's aio_data */
	u64 obj;                      /* the request's address */
	s64 res;
	s64 res2;
};

struct iocb {
	u64 aio_data;
	u32 aio_key;
	s32 aio_rw_flags;
	u16 aio_lio_opcode;
	s16 aio_reqprio;
	u32 aio_fildes;
	u64 aio_buf;
	u64 aio_nbytes;
	s64 aio_offset;
	u64 aio_reserved2;
	u32 aio_flags;
	u32 aio_resfd;
};
static_assert(sizeof(struct iocb) == 64, "iocb");

#define AIO_RING_MAGIC 0xa10a10a1
#define AIO_RING_COMPAT_FEATURES 1
#define AIO_RING_INCOMPAT_FEATURES 0

/* What the user sees at the address that the context's id is. */
struct aio_ring {
	u32 id;
	u32 nr;                       /* room for events */
	u32 head;                     /* users may move it on themselves */
	u32 tail;
	u32 magic;
	u32 compat_features;
	u32 incompat_features;
	u32 header_length;
	struct io_event io_events[];
};
static_assert(sizeof(struct aio_ring) == 32, "aio_ring");

#endif
