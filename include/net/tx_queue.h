/* SPDX-License-Identifier: MIT */
#ifndef NET_TX_QUEUE_H
#define NET_TX_QUEUE_H
/*
 * tx_queue.h -- a device's transmit queues, as drivers and qdiscs handle them
 *
 * A queue is stopped by its driver when the ring is full, and woken when there
 * is room again; its _xmit_lock is held, bottom halves off, around
 * ndo_start_xmit.  Theory: net/core/dev_xmit.c.
 */

#include <net/netdevice.h>

static inline struct netdev_queue *netdev_get_tx_queue(
		const struct net_device *dev, unsigned int index)
{
	return &dev->_tx[index];
}

static inline struct netdev_queue *skb_get_tx_queue(
		const struct net_device *dev, const struct sk_buff *skb)
{
	return netdev_get_tx_queue(dev, skb->queue_mapping);
}

static inline u16 skb_get_queue_mapping(const struct sk_buff *skb)
{
	return skb->queue_mapping;
}

/* A driver's ring: stop when full, wake when there is room again. */
static inline void netif_tx_stop_queue(struct netdev_queue *txq)
{
	set_bit(__QUEUE_STATE_DRV_XOFF, &txq->state);
}

static inline void netif_tx_start_queue(struct netdev_queue *txq)
{
	clear_bit(__QUEUE_STATE_DRV_XOFF, &txq->state);
}

static inline bool netif_tx_queue_stopped(const struct netdev_queue *txq)
{
	return test_bit(__QUEUE_STATE_DRV_XOFF, &txq->state);
}

static inline bool netif_xmit_frozen_or_stopped(const struct netdev_queue *txq)
{
	return READ_ONCE(txq->state) != 0;
}

static inline void netif_tx_wake_queue(struct netdev_queue *txq)
{
	if (test_and_clear_bit(__QUEUE_STATE_DRV_XOFF, &txq->state))
		netif_schedule_queue(txq);
}

void netif_tx_start_all_queues(struct net_device *dev);
void netif_tx_stop_all_queues(struct net_device *dev);
void netif_tx_wake_all_queues(struct net_device *dev);
/* Stop them and wait until no CPU is in ndo_start_xmit. */
void netif_tx_disable(struct net_device *dev);

static inline void __netif_tx_lock(struct netdev_queue *txq, int cpu)
{
	spin_lock(&txq->_xmit_lock);
	WRITE_ONCE(txq->xmit_lock_owner, cpu);
}

static inline void __netif_tx_unlock(struct netdev_queue *txq)
{
	WRITE_ONCE(txq->xmit_lock_owner, -1);
	spin_unlock(&txq->_xmit_lock);
}

static inline void __netif_tx_lock_bh(struct netdev_queue *txq)
{
	spin_lock_bh(&txq->_xmit_lock);
	WRITE_ONCE(txq->xmit_lock_owner, smp_processor_id());
}

static inline void __netif_tx_unlock_bh(struct netdev_queue *txq)
{
	WRITE_ONCE(txq->xmit_lock_owner, -1);
	spin_unlock_bh(&txq->_xmit_lock);
}

static inline void txq_trans_cond_update(struct netdev_queue *txq)
{
	WRITE_ONCE(txq->trans_start, jiffies);
}
#define txq_trans_update(txq) txq_trans_cond_update(txq)
/* More packets follow at once: a driver may wait with its doorbell. */
bool netdev_xmit_more(void);

#endif
