/* SPDX-License-Identifier: MIT */
#ifndef NET_CORE_DEV_H
#define NET_CORE_DEV_H
/* dev.h -- what the files about devices share */

#include <net/netdevice.h>
#include <net/offload.h>

void napi_init(void);
/* Each that takes packets of any device. */
void ptype_for_each(void (*fn)(const struct packet_type *pt, void *arg),
		    void *arg);
/* Drop what waits in netif_rx() queues for dev; may sleep. */
void flush_backlog(struct net_device *dev);
void dev_addr_flush(struct net_device *dev);
void dev_rehash_name(struct net_device *dev, const char *newname);
/* A free name like want: 0, -EEXIST, -EINVAL, -ENFILE; rtnl. */
int dev_alloc_name(struct net *net, const char *want, char name[IFNAMSIZ]);
void dev_list(struct net_device *dev);
void dev_unlist(struct net_device *dev);
int dev_new_index(struct net *net);
void netdev_take_todo(struct list_head *todo);
void netdev_finish_todo(struct list_head *todo);
void linkwatch_fire(struct net_device *dev);
/* Who cuts and merges packets of a protocol; NULL.  Under RCU. */
const struct packet_offload *find_offload(__be16 type);

#endif
