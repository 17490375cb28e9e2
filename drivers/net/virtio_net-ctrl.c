/* SPDX-License-Identifier: MIT */
/*
 * virtio_net-ctrl.c -- commands to the device: filters, address, queue pairs
 *
 * A command is a buffer that the device reads and one byte that it answers. It
 * does so at once, so we spin: the caller may hold bottom halves off.
 */

#include "virtio_net.h"

#include <kernel/kernel.h>
#include <mm/slab.h>

#define VIRTIO_NET_OK 0
#define MAC_TABLE_MAX 64              /* more than that: allmulti */

/* ctrl_lock held; sg[1..] of `n` pieces is the data. */
static bool run(struct virtnet_info *vi, struct scatterlist *data[],
		unsigned int n, u8 class, u8 cmd)
{
	struct scatterlist head, status, *sgs[4];
	unsigned int len;

	vi->ctrl->class = class;
	vi->ctrl->cmd = cmd;
	vi->ctrl->status = (u8)~VIRTIO_NET_OK;
	sg_init_one(&head, &vi->ctrl->class, 2);
	sg_init_one(&status, &vi->ctrl->status, 1);
	sgs[0] = &head;
	for (unsigned int i = 0; i < n; i++)
		sgs[i + 1] = data[i];
	sgs[n + 1] = &status;
	if (virtqueue_add_sgs(vi->cvq, sgs, n + 1, 1, vi, GFP_ATOMIC) < 0)
		return false;
	virtqueue_kick(vi->cvq);
	while (!virtqueue_get_buf(vi->cvq, &len) &&
	       !virtqueue_is_broken(vi->cvq))
		cpu_relax();
	return vi->ctrl->status == VIRTIO_NET_OK;
}

bool virtnet_command(struct virtnet_info *vi, u8 class, u8 cmd,
		     const void *data, unsigned int len)
{
	struct scatterlist sg, *list[1] = { &sg };
	bool ok;

	if (!vi->cvq || WARN_ON(len > sizeof(vi->ctrl->data)))
		return false;
	spin_lock_bh(&vi->ctrl_lock);
	memcpy(vi->ctrl->data, data, len);
	sg_init_one(&sg, vi->ctrl->data, len);
	ok = run(vi, list, 1, class, cmd);
	spin_unlock_bh(&vi->ctrl_lock);
	return ok;
}

/* How many queue pairs the device shall spread packets over; rtnl held. */
int virtnet_set_pairs(struct virtnet_info *vi, unsigned int pairs)
{
	__le16 n = cpu_to_le16(pairs);

	if (virtio_has_feature(vi->vdev, VIRTIO_NET_F_MQ) &&
	    !virtnet_command(vi, VIRTIO_NET_CTRL_MQ,
			     VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, &n, sizeof(n)))
		return -EINVAL;
	vi->pairs = pairs;
	return 0;
}

/* A table as the device wants it: how many, and the addresses. */
struct mac_table {
	__le32 entries;
	u8 macs[MAC_TABLE_MAX][ETH_ALEN];
};

static void fill_table(struct mac_table *t, struct netdev_hw_addr_list *list)
{
	struct netdev_hw_addr *ha;
	u32 n = 0;

	list_for_each_entry(ha, &list->list, list) {
		if (n == MAC_TABLE_MAX)
			break;
		memcpy(t->macs[n++], ha->addr, ETH_ALEN);
	}
	t->entries = cpu_to_le32(n);
}

static void set_mac_table(struct virtnet_info *vi)
{
	struct mac_table *t = kcalloc(2, sizeof(*t), GFP_ATOMIC);
	struct scatterlist sg[2], *list[2] = { &sg[0], &sg[1] };

	if (!t)
		return;
	fill_table(&t[0], &vi->dev->uc);
	fill_table(&t[1], &vi->dev->mc);
	for (int i = 0; i < 2; i++)
		sg_init_one(&sg[i], &t[i], sizeof(t[i].entries) +
			    le32_to_cpu(t[i].entries) * ETH_ALEN);
	spin_lock_bh(&vi->ctrl_lock);
	run(vi, list, 2, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET);
	spin_unlock_bh(&vi->ctrl_lock);
	kfree(t);
}

/* addr_list_lock held. */
void virtnet_set_rx_mode(struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);
	u8 promisc = !!(dev->flags & IFF_PROMISC) ||
		     netdev_uc_count(dev) > MAC_TABLE_MAX;
	u8 allmulti = !!(dev->flags & IFF_ALLMULTI) ||
		      netdev_mc_count(dev) > MAC_TABLE_MAX;

	if (!virtio_has_feature(vi->vdev, VIRTIO_NET_F_CTRL_RX))
		return;
	virtnet_command(vi, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC,
			&promisc, 1);
	virtnet_command(vi, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_ALLMULTI,
			&allmulti, 1);
	set_mac_table(vi);
}

int virtnet_set_mac(struct net_device *dev, void *p)
{
	struct virtnet_info *vi = netdev_priv(dev);
	struct sockaddr *addr = p;
	const u8 *mac = (const u8 *)addr->sa_data;

	if (!is_valid_ether_addr(mac))
		return -EADDRNOTAVAIL;
	if (virtio_has_feature(vi->vdev, VIRTIO_NET_F_CTRL_MAC_ADDR)) {
		if (!virtnet_command(vi, VIRTIO_NET_CTRL_MAC,
				     VIRTIO_NET_CTRL_MAC_ADDR_SET, mac,
				     ETH_ALEN))
			return -EINVAL;
	} else if (virtio_has_feature(vi->vdev, VIRTIO_NET_F_MAC)) {
		return -EOPNOTSUPP;
	}
	eth_hw_addr_set(dev, mac);
	return 0;
}
