/* SPDX-License-Identifier: MIT */
#ifndef NET_CORE_CORE_H
#define NET_CORE_CORE_H
/* core.h -- what the files of net/core know of each other */

#include <fs/file.h>
#include <kernel/net.h>

int sockfs_init(void);
/* A borrowed socket: fdput(*f).  NULL with *err: -EBADF, -ENOTSOCK. */
struct socket *sockfd_borrow(int fd, struct fd *f, int *err);

/* SIOC* that the socket's family did not know: 0, -ENOTTY, -ENODEV, ... */
int dev_ioctl(struct net *net, unsigned int cmd, void __user *arg);

#endif
