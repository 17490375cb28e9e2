/* SPDX-License-Identifier: MIT */
#ifndef UAPI_UN_H
#define UAPI_UN_H
/* un.h -- the address of a UNIX socket (Linux ABI) */

#include <uapi/socket.h>

#define UNIX_PATH_MAX 108

/* A path; or, after a first byte of 0, an abstract name up to the length. */
struct sockaddr_un {
	sa_family_t sun_family;
	char sun_path[UNIX_PATH_MAX];
};

static_assert(sizeof(struct sockaddr_un) == 110, "Linux ABI");

#endif
