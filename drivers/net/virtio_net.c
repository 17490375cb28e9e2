/* SPDX-License-Identifier: MIT */
/*
 * virtio_net.c -- the network card of virtual machines: life of the device
 *
 * PROMISE.  Packets keep their order within a queue; none is sent after
 * ndo_stop() returned; what the device claims is checked before it is used.
 *
 * IDEA.  A pair of queues for each CPU: receiveq2i, transmitq2i+1, with an
 * interrupt and a NAPI of their own each, so that CPUs do not meet; and the
 * control queue.
 *
 *	rx irq -> virtnet_rx_done -> NAPI -> virtnet_poll_rx -> GRO -> IP
 *	IP -> qdisc -> virtnet_xmit -> ring -> device -> (tx irq) -> freed
 *
 * OFFLOADS.  The device checksums and cuts what we send, and gives us packets
 * of many segments: what crosses to the host is a header of 12 bytes and up to
 * 64 KiB, for the price of one.
 *
 * SEE VIRTIO 1.1, 5.1; virtio_net-rx.c, -tx.c, -ctrl.c.
 */

#include "virtio_net.h"

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/rtnetlink.h>
#include <net/tx_queue.h>

#define TX_TIMEOUT (5 * HZ)

/* ---- up and down ---- */

static int virtnet_open(struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);

	WRITE_ONCE(vi->closing, false);
	for (unsigned int i = 0; i < vi->pairs; i++) {
		virtnet_rx_open(vi, &vi->rq[i]);
		napi_enable(&vi->sq[i].napi);
	}
	schedule_work(&vi->config_work);
	netif_tx_start_all_queues(dev);
	return 0;
}

static int virtnet_stop(struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);

	WRITE_ONCE(vi->closing, true);
	for (unsigned int i = 0; i < vi->pairs; i++) {
		cancel_delayed_work_sync(&vi->rq[i].refill);
		napi_disable(&vi->rq[i].napi);
		napi_disable(&vi->sq[i].napi);
	}
	return 0;
}

static void virtnet_stats(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	struct virtnet_info *vi = netdev_priv(dev);

	for (unsigned int i = 0; i < vi->max_pairs; i++) {
		s->rx_packets += READ_ONCE(vi->rq[i].packets);
		s->rx_bytes += READ_ONCE(vi->rq[i].bytes);
		s->rx_dropped += READ_ONCE(vi->rq[i].drops);
		s->tx_packets += READ_ONCE(vi->sq[i].packets);
		s->tx_bytes += READ_ONCE(vi->sq[i].bytes);
		s->tx_dropped += READ_ONCE(vi->sq[i].drops);
	}
}

static const struct net_device_ops virtnet_ops = {
	.ndo_open = virtnet_open,
	.ndo_stop = virtnet_stop,
	.ndo_start_xmit = virtnet_xmit,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = virtnet_set_mac,
	.ndo_set_rx_mode = virtnet_set_rx_mode,
	.ndo_get_stats64 = virtnet_stats,
};

/* ---- the cable ---- */

static void update_link(struct work_struct *work)
{
	struct virtnet_info *vi = container_of(work, struct virtnet_info,
					       config_work);
	bool up = true;

	if (virtio_has_feature(vi->vdev, VIRTIO_NET_F_STATUS))
		up = virtio_cread16(vi->vdev, offsetof(struct virtio_net_config,
				    status)) & VIRTIO_NET_S_LINK_UP;
	if (up == netif_carrier_ok(vi->dev))
		return;
	if (up) {
		netif_carrier_on(vi->dev);
		netif_tx_wake_all_queues(vi->dev);
	} else {
		netif_carrier_off(vi->dev);
	}
}

static void config_changed(struct virtio_device *vdev)
{
	struct virtnet_info *vi = vdev->priv;

	schedule_work(&vi->config_work);
}

/* ---- queues ---- */

static void free_queues(struct virtnet_info *vi)
{
	if (vi->rq && vi->sq)
		for (unsigned int i = 0; i < vi->max_pairs; i++) {
			netif_napi_del(&vi->rq[i].napi);
			netif_napi_del(&vi->sq[i].napi);
		}
	kfree(vi->rq);
	kfree(vi->sq);
	kfree(vi->ctrl);
}

static int alloc_queues(struct virtnet_info *vi)
{
	vi->rq = kcalloc(vi->max_pairs, sizeof(*vi->rq), GFP_KERNEL);
	vi->sq = kcalloc(vi->max_pairs, sizeof(*vi->sq), GFP_KERNEL);
	vi->ctrl = kzalloc(sizeof(*vi->ctrl), GFP_KERNEL);
	if (!vi->rq || !vi->sq || !vi->ctrl) {
		kfree(vi->rq);
		kfree(vi->sq);
		kfree(vi->ctrl);
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < vi->max_pairs; i++) {
		INIT_DELAYED_WORK(&vi->rq[i].refill, virtnet_refill_work);
		netif_napi_add(vi->dev, &vi->rq[i].napi, virtnet_poll_rx);
		netif_napi_add_tx(vi->dev, &vi->sq[i].napi, virtnet_poll_tx);
	}
	return 0;
}

/* rx0 tx0 rx1 tx1 ... control: as the standard numbers them. */
static int find_queues(struct virtnet_info *vi)
{
	bool ctrl = virtio_has_feature(vi->vdev, VIRTIO_NET_F_CTRL_VQ);
	struct virtqueue *vqs[2 * MAX_QUEUE_PAIRS + 1];
	vq_callback_t *callbacks[2 * MAX_QUEUE_PAIRS + 1];
	const char *names[2 * MAX_QUEUE_PAIRS + 1];
	unsigned int n = 2 * vi->max_pairs;
	int err;

	for (unsigned int i = 0; i < n; i += 2) {
		callbacks[i] = virtnet_rx_done;
		callbacks[i + 1] = virtnet_tx_done;
		names[i] = "input";
		names[i + 1] = "output";
	}
	callbacks[n] = NULL;
	names[n] = "control";
	err = virtio_find_vqs(vi->vdev, n + ctrl, vqs, callbacks, names);
	if (err)
		return err;
	for (unsigned int i = 0; i < vi->max_pairs; i++) {
		vi->rq[i].vq = vqs[2 * i];
		vi->sq[i].vq = vqs[2 * i + 1];
	}
	vi->cvq = ctrl ? vqs[n] : NULL;
	return 0;
}

/* After a reset: nobody runs, all buffers come home. */
static void delete_queues(struct virtnet_info *vi)
{
	for (unsigned int i = 0; i < vi->max_pairs; i++) {
		virtnet_rx_free(&vi->rq[i]);
		virtnet_tx_free(&vi->sq[i]);
	}
	vi->vdev->config->del_vqs(vi->vdev);
}

/* ---- coming and going ---- */

/* All pairs that the device has, CPUs to use them, and the standard's order
 * says that the control queue is behind them all. */
static unsigned int count_pairs(struct virtio_device *vdev)
{
	unsigned int n = 1;

	if (virtio_has_feature(vdev, VIRTIO_NET_F_MQ) &&
	    virtio_has_feature(vdev, VIRTIO_NET_F_CTRL_VQ))
		n = virtio_cread16(vdev, offsetof(struct virtio_net_config,
						  max_virtqueue_pairs));
	return n < 1 || n > MAX_QUEUE_PAIRS ? 1 : n;
}

static void set_features(struct net_device *dev, struct virtio_device *vdev)
{
	if (virtio_has_feature(vdev, VIRTIO_NET_F_CSUM)) {
		dev->hw_features |= NETIF_F_HW_CSUM | NETIF_F_SG;
		if (virtio_has_feature(vdev, VIRTIO_NET_F_HOST_TSO4))
			dev->hw_features |= NETIF_F_TSO;
		if (virtio_has_feature(vdev, VIRTIO_NET_F_HOST_ECN))
			dev->hw_features |= NETIF_F_TSO_ECN;
	}
	dev->features |= dev->hw_features | NETIF_F_HIGHDMA |
			 NETIF_F_GSO_ROBUST;
	if (virtio_has_feature(vdev, VIRTIO_NET_F_GUEST_CSUM))
		dev->features |= NETIF_F_RXCSUM;
}

static void set_address(struct net_device *dev, struct virtio_device *vdev)
{
	u8 mac[ETH_ALEN];

	if (virtio_has_feature(vdev, VIRTIO_NET_F_MAC)) {
		virtio_cread_bytes(vdev, offsetof(struct virtio_net_config,
						  mac), mac, ETH_ALEN);
		if (is_valid_ether_addr(mac)) {
			eth_hw_addr_set(dev, mac);
			return;
		}
	}
	eth_hw_addr_random(dev);
}

static void set_mtu_limits(struct net_device *dev, struct virtnet_info *vi)
{
	u16 mtu = 0;

	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = vi->mergeable ? ETH_MAX_MTU :
		       RX_BUF_SIZE - vi->hdr_len - ETH_HLEN;
	if (virtio_has_feature(vi->vdev, VIRTIO_NET_F_MTU))
		mtu = virtio_cread16(vi->vdev, offsetof(
				     struct virtio_net_config, mtu));
	if (mtu >= dev->min_mtu && mtu < dev->max_mtu) {
		dev->mtu = min_t(unsigned int, dev->mtu, mtu);
		dev->max_mtu = mtu;
	}
}

static struct net_device *make_netdev(struct virtio_device *vdev,
				      unsigned int pairs)
{
	struct net_device *dev = alloc_etherdev_mqs(sizeof(struct virtnet_info),
						    pairs, pairs);
	struct virtnet_info *vi;

	if (!dev)
		return NULL;
	vi = netdev_priv(dev);
	vi->vdev = vdev;
	vi->dev = dev;
	vi->max_pairs = pairs;
	vi->mergeable = virtio_has_feature(vdev, VIRTIO_NET_F_MRG_RXBUF);
	vi->hdr_len = vi->mergeable ||
		      virtio_has_feature(vdev, VIRTIO_F_VERSION_1) ?
		      sizeof(struct virtio_net_hdr) :
		      offsetof(struct virtio_net_hdr, num_buffers);
	spin_lock_init(&vi->ctrl_lock);
	INIT_WORK(&vi->config_work, update_link);
	dev->netdev_ops = &virtnet_ops;
	dev->watchdog_timeo = TX_TIMEOUT;
	dev->needed_headroom = vi->hdr_len;
	SET_NETDEV_DEV(dev, &vdev->dev);
	set_features(dev, vdev);
	set_address(dev, vdev);
	set_mtu_limits(dev, vi);
	vdev->priv = vi;
	return dev;
}

static int virtnet_register(struct virtnet_info *vi)
{
	unsigned int pairs = min_t(unsigned int, vi->max_pairs,
				   num_online_cpus());
	int err;

	virtio_device_ready(vi->vdev);
	rtnl_lock();
	if (virtnet_set_pairs(vi, pairs))
		vi->pairs = 1;
	netif_set_real_num_tx_queues(vi->dev, vi->pairs);
	netif_set_real_num_rx_queues(vi->dev, vi->pairs);
	netif_carrier_off(vi->dev);
	err = register_netdevice(vi->dev);
	rtnl_unlock();
	if (!err)
		schedule_work(&vi->config_work);
	return err;
}

static int virtnet_probe(struct virtio_device *vdev)
{
	struct net_device *dev = make_netdev(vdev, count_pairs(vdev));
	struct virtnet_info *vi;
	int err;

	if (!dev)
		return -ENOMEM;
	vi = netdev_priv(dev);
	err = alloc_queues(vi);
	if (err)
		goto out_dev;
	err = find_queues(vi);
	if (err)
		goto out_queues;
	err = virtnet_register(vi);
	if (err)
		goto out_vqs;
	return 0;
out_vqs:
	virtio_reset_device(vdev);
	cancel_work_sync(&vi->config_work);
	delete_queues(vi);
out_queues:
	free_queues(vi);
out_dev:
	free_netdev(dev);
	return err;
}

static void virtnet_remove(struct virtio_device *vdev)
{
	struct virtnet_info *vi = vdev->priv;

	cancel_work_sync(&vi->config_work);
	unregister_netdev(vi->dev);
	virtio_reset_device(vdev);
	cancel_work_sync(&vi->config_work);
	delete_queues(vi);
	free_queues(vi);
	free_netdev(vi->dev);
}

/* Large packets need mergeable buffers here: ours are of 2 KiB. */
static int virtnet_validate(struct virtio_device *vdev)
{
	if (!virtio_has_feature(vdev, VIRTIO_NET_F_MRG_RXBUF))
		vdev->features &= ~(1ull << VIRTIO_NET_F_GUEST_TSO4 |
				    1ull << VIRTIO_NET_F_GUEST_ECN);
	return 0;
}

static const struct virtio_device_id virtnet_ids[] = {
	{ VIRTIO_ID_NET, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

static const unsigned int virtnet_features[] = {
	VIRTIO_NET_F_CSUM, VIRTIO_NET_F_GUEST_CSUM, VIRTIO_NET_F_MTU,
	VIRTIO_NET_F_MAC, VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_ECN,
	VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_ECN, VIRTIO_NET_F_MRG_RXBUF,
	VIRTIO_NET_F_STATUS, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX,
	VIRTIO_NET_F_MQ, VIRTIO_NET_F_CTRL_MAC_ADDR,
};

static struct virtio_driver virtnet_driver = {
	.name = "virtio_net",
	.id_table = virtnet_ids,
	.feature_table = virtnet_features,
	.feature_table_size = ARRAY_SIZE(virtnet_features),
	.validate = virtnet_validate,
	.probe = virtnet_probe,
	.remove = virtnet_remove,
	.config_changed = config_changed,
};
module_virtio_driver(virtnet_driver);
