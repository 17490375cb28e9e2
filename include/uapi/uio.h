/* SPDX-License-Identifier: MIT */
#ifndef UAPI_UIO_H
#define UAPI_UIO_H
/* uio.h -- the pieces of a scattered buffer (Linux ABI) */

#include <kernel/types.h>

struct iovec {
	void __user *iov_base;
	size_t iov_len;
};

#define UIO_MAXIOV 1024

#endif
