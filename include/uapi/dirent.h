/* SPDX-License-Identifier: MIT */
#ifndef UAPI_DIRENT_H
#define UAPI_DIRENT_H
/* dirent.h -- what getdents64 writes (Linux ABI) */

#include <kernel/types.h>

struct linux_dirent64 {
	__u64 d_ino;
	__s64 d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
};

struct linux_dirent {
	unsigned long d_ino;
	unsigned long d_off;
	unsigned short d_reclen;
	char d_name[];                /* then a zero, then the type byte */
};

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12

#endif
