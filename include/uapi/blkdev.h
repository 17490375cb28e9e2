/* SPDX-License-Identifier: MIT */
#ifndef UAPI_BLKDEV_H
#define UAPI_BLKDEV_H
/* blkdev.h -- ioctls on block devices, as Linux numbers them */

#include <kernel/types.h>

#define BLKROSET 0x125d
#define BLKROGET 0x125e
#define BLKRRPART 0x125f
#define BLKGETSIZE 0x1260             /* long: 512-byte sectors */
#define BLKFLSBUF 0x1261
#define BLKRASET 0x1262
#define BLKRAGET 0x1263
#define BLKFRASET 0x1264
#define BLKFRAGET 0x1265
#define BLKSECTGET 0x1267
#define BLKSSZGET 0x1268
#define BLKPG 0x1269
#define BLKBSZGET 0x80081270
#define BLKBSZSET 0x40081271
#define BLKGETSIZE64 0x80081272       /* u64: bytes */
#define BLKDISCARD 0x1277             /* u64[2]: start, length */
#define BLKIOMIN 0x1278
#define BLKIOOPT 0x1279
#define BLKALIGNOFF 0x127a
#define BLKPBSZGET 0x127b
#define BLKDISCARDZEROES 0x127c
#define BLKSECDISCARD 0x127d
#define BLKROTATIONAL 0x127e
#define BLKZEROOUT 0x127f
#define BLKGETDISKSEQ 0x80081280
#define HDIO_GETGEO 0x0301

#define BLKPG_ADD_PARTITION 1
#define BLKPG_DEL_PARTITION 2
#define BLKPG_RESIZE_PARTITION 3

struct blkpg_ioctl_arg {
	int op, flags, datalen;
	void __user *data;
};

struct blkpg_partition {
	long long start, length;      /* bytes */
	int pno;
	char devname[64];
	char volname[64];
};

static_assert(sizeof(struct blkpg_partition) == 152, "Linux ABI");

#endif
