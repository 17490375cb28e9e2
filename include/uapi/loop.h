/* SPDX-License-Identifier: MIT */
#ifndef UAPI_LOOP_H
#define UAPI_LOOP_H
/* loop.h -- ioctls of loop devices and /dev/loop-control, as Linux has them */

#include <kernel/types.h>

#define LOOP_SET_FD 0x4c00
#define LOOP_CLR_FD 0x4c01
#define LOOP_SET_STATUS 0x4c02
#define LOOP_GET_STATUS 0x4c03
#define LOOP_SET_STATUS64 0x4c04
#define LOOP_GET_STATUS64 0x4c05
#define LOOP_CHANGE_FD 0x4c06
#define LOOP_SET_CAPACITY 0x4c07
#define LOOP_SET_DIRECT_IO 0x4c08
#define LOOP_SET_BLOCK_SIZE 0x4c09
#define LOOP_CONFIGURE 0x4c0a
#define LOOP_CTL_ADD 0x4c80
#define LOOP_CTL_REMOVE 0x4c81
#define LOOP_CTL_GET_FREE 0x4c82

#define LO_FLAGS_READ_ONLY 1
#define LO_FLAGS_AUTOCLEAR 4
#define LO_FLAGS_PARTSCAN 8
#define LO_FLAGS_DIRECT_IO 16

/* What LOOP_SET_STATUS and LOOP_GET_STATUS take. */
struct loop_info {
	int lo_number;
	unsigned long lo_device, lo_inode, lo_rdevice;
	int lo_offset, lo_encrypt_type, lo_encrypt_key_size, lo_flags;
	char lo_name[64];
	__u8 lo_encrypt_key[32];
	unsigned long lo_init[2];
	char reserved[4];
};

struct loop_info64 {
	__u64 lo_device, lo_inode, lo_rdevice;
	__u64 lo_offset, lo_sizelimit; /* bytes; limit 0: none */
	__u32 lo_number, lo_encrypt_type, lo_encrypt_key_size, lo_flags;
	__u8 lo_file_name[64], lo_crypt_name[64], lo_encrypt_key[32];
	__u64 lo_init[2];
};

struct loop_config {
	__u32 fd, block_size;
	struct loop_info64 info;
	__u64 reserved[8];
};

static_assert(sizeof(struct loop_info) == 168, "Linux ABI");
static_assert(sizeof(struct loop_info64) == 232, "Linux ABI");
static_assert(sizeof(struct loop_config) == 304, "Linux ABI");

#endif
