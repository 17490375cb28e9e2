/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_NET_TUN_H
#define DRIVERS_NET_TUN_H
/* tun.h -- private to tun*.c; theory in tun.c */

#include <fs/fs.h>
#include <kernel/wait.h>
#include <net/netdevice.h>
#include <net/sock.h>
#include <uapi/if_tun.h>

#define NO_ID ((uid_t)-1)

struct tun_file;

/* Field keys:  [R] rtnl_mutex; RCU or READ_ONCE to read */
struct tun_struct {
	struct net_device *dev;
	struct tun_file __rcu *tfile; /* [R] who reads it, or NULL */
	unsigned int flags;           /* [R] IFF_TUN or IFF_TAP, IFF_NO_PI .. */
	uid_t owner;                  /* [R] who else may tie it; NO_ID */
	gid_t group;                  /* [R] */
};

/* Field keys:  [R] as above   [c] constant   [Q] .rxq.lock */
struct tun_file {
	struct tun_struct __rcu *tun; /* [R] its device, or NULL */
	struct net *net;              /* [c] counted: where devices are made */
	int ifindex;                  /* [R] TUNSETIFINDEX's; 0: any */
	struct sk_buff_head rxq;      /* [Q] packets to be read */
	wait_queue_head_t wait;
	struct fasync_struct *fasync;
	struct rcu_head rcu;
};

extern struct rtnl_link_ops tun_link_ops;

/* Untie file and device; rtnl. */
void tun_detach(struct tun_struct *tun);
/* Make a new device what flags say: IFF_TUN or IFF_TAP. */
void tun_setup_kind(struct net_device *dev, unsigned int flags);
void tun_setup(struct net_device *dev);

/* File operations.  Process context, may sleep. */
ssize_t tun_read_iter(struct kiocb *iocb, struct iov_iter *to);
ssize_t tun_write_iter(struct kiocb *iocb, struct iov_iter *from);
__poll_t tun_poll(struct file *file, struct poll_table_struct *pt);
long tun_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
