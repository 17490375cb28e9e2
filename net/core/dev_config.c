/* SPDX-License-Identifier: MIT */
/*
 * dev_config.c -- what an administrator says of a device
 *
 * Up and down, flags, name, MTU, addresses, groups listened to; all under
 * rtnl, each change told to the subscribers (NETDEV_*) and to rtnetlink.
 *
 * The cable (netif_carrier_on/off) is seen by a driver in an interrupt; the
 * telling needs rtnl, so a work does it later: linkwatch.
 */

#include "dev.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/workqueue.h>
#include <mm/slab.h>
#include <net/etherdevice.h>
#include <net/sch_generic.h>
#include <net/tx_queue.h>

/* Until rtnetlink is linked in, nobody is told. */
__attribute__((weak)) void rtmsg_ifinfo(int type, struct net_device *dev,
					unsigned int change, gfp_t gfp)
{
}

/* ---- up and down ---- */

static int __dev_open(struct net_device *dev)
{
	const struct net_device_ops *ops = dev->netdev_ops;
	int err;

	if (!netif_device_present(dev))
		return -ENODEV;
	err = notifier_to_errno(call_netdevice_notifiers(NETDEV_PRE_UP, dev));
	if (err)
		return err;
	set_bit(__LINK_STATE_START, &dev->state);
	if (ops->ndo_validate_addr)
		err = ops->ndo_validate_addr(dev);
	if (!err && ops->ndo_open)
		err = ops->ndo_open(dev);
	if (err) {
		clear_bit(__LINK_STATE_START, &dev->state);
		return err;
	}
	WRITE_ONCE(dev->flags, dev->flags | IFF_UP);
	spin_lock_bh(&dev->addr_list_lock);
	if (ops->ndo_set_rx_mode)
		ops->ndo_set_rx_mode(dev);
	spin_unlock_bh(&dev->addr_list_lock);
	dev_activate(dev);
	return 0;
}

static void set_operstate(struct net_device *dev)
{
	if (!(dev->flags & IFF_UP) || !netif_carrier_ok(dev))
		dev->operstate = IF_OPER_DOWN;
	else
		dev->operstate = dev->flags & IFF_LOOPBACK ? IF_OPER_UNKNOWN
							   : IF_OPER_UP;
}

int dev_open(struct net_device *dev, void *extack)
{
	int err;

	if (dev->flags & IFF_UP)
		return 0;
	err = __dev_open(dev);
	if (err)
		return err;
	set_operstate(dev);
	rtmsg_ifinfo(RTM_NEWLINK, dev, IFF_UP | IFF_RUNNING, GFP_KERNEL);
	call_netdevice_notifiers(NETDEV_UP, dev);
	return 0;
}

void dev_close(struct net_device *dev)
{
	if (!(dev->flags & IFF_UP))
		return;
	call_netdevice_notifiers(NETDEV_GOING_DOWN, dev);
	clear_bit(__LINK_STATE_START, &dev->state);
	dev_deactivate(dev);
	if (dev->netdev_ops->ndo_stop)
		dev->netdev_ops->ndo_stop(dev);
	WRITE_ONCE(dev->flags, dev->flags & ~IFF_UP);
	set_operstate(dev);
	rtmsg_ifinfo(RTM_NEWLINK, dev, IFF_UP | IFF_RUNNING, GFP_KERNEL);
	call_netdevice_notifiers(NETDEV_DOWN, dev);
}

/* ---- flags ---- */

static void update_rx_mode(struct net_device *dev)
{
	if (!(dev->flags & IFF_UP) || !dev->netdev_ops->ndo_set_rx_mode)
		return;
	spin_lock_bh(&dev->addr_list_lock);
	dev->netdev_ops->ndo_set_rx_mode(dev);
	spin_unlock_bh(&dev->addr_list_lock);
}

/* Count who wants a mode; the flag is on while anybody does. */
static int count_mode(struct net_device *dev, unsigned int *count, int inc,
		      unsigned int flag)
{
	unsigned int old = dev->flags;

	if (inc < 0 && *count < (unsigned int)-inc)
		return -EOVERFLOW;
	*count += inc;
	WRITE_ONCE(dev->flags, *count ? old | flag : old & ~flag);
	if (dev->flags != old)
		update_rx_mode(dev);
	return 0;
}

int dev_set_promiscuity(struct net_device *dev, int inc)
{
	unsigned int old = dev->flags;
	int err = count_mode(dev, &dev->promiscuity, inc, IFF_PROMISC);

	if (!err && dev->flags != old)
		pr_info("%s: %s promiscuous mode\n", dev->name,
			dev->flags & IFF_PROMISC ? "entered" : "left");
	return err;
}

int dev_set_allmulti(struct net_device *dev, int inc)
{
	return count_mode(dev, &dev->allmulti, inc, IFF_ALLMULTI);
}

unsigned int dev_get_flags(const struct net_device *dev)
{
	unsigned int flags = dev->flags & ~(IFF_RUNNING | IFF_LOWER_UP);

	if (netif_running(dev)) {
		if (netif_oper_up(dev))
			flags |= IFF_RUNNING;
		if (netif_carrier_ok(dev))
			flags |= IFF_LOWER_UP;
	}
	return flags;
}

int dev_change_flags(struct net_device *dev, unsigned int flags, void *extack)
{
	const unsigned int plain = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP |
				   IFF_DYNAMIC | IFF_MULTICAST | IFF_PORTSEL |
				   IFF_AUTOMEDIA;
	unsigned int old = dev->flags, changed;
	int err = 0;

	ASSERT_RTNL();
	WRITE_ONCE(dev->flags, (old & ~plain) | (flags & plain));
	if ((old ^ flags) & IFF_UP) {
		if (flags & IFF_UP)
			err = dev_open(dev, extack);
		else
			dev_close(dev);
	}
	if ((flags ^ old) & IFF_PROMISC)
		dev_set_promiscuity(dev, flags & IFF_PROMISC ? 1 : -1);
	if ((flags ^ old) & IFF_ALLMULTI)
		dev_set_allmulti(dev, flags & IFF_ALLMULTI ? 1 : -1);
	changed = (old ^ dev->flags) & ~IFF_UP;
	if (changed) {
		rtmsg_ifinfo(RTM_NEWLINK, dev, changed, GFP_KERNEL);
		if (dev->flags & IFF_UP)
			call_netdevice_notifiers(NETDEV_CHANGE, dev);
	}
	return err;
}

/* ---- name, MTU, address ---- */

int dev_change_name(struct net_device *dev, const char *newname)
{
	char name[IFNAMSIZ];
	int err;

	if (!strncmp(newname, dev->name, IFNAMSIZ))
		return 0;
	err = dev_alloc_name(dev_net(dev), newname, name);
	if (err)
		return err;
	dev_rehash_name(dev, name);
	call_netdevice_notifiers(NETDEV_CHANGENAME, dev);
	rtmsg_ifinfo(RTM_NEWLINK, dev, 0, GFP_KERNEL);
	return 0;
}

int dev_set_mtu(struct net_device *dev, int mtu)
{
	int err = 0;

	if (mtu == (int)dev->mtu)
		return 0;
	if (mtu < 0 || (unsigned int)mtu < dev->min_mtu ||
	    (dev->max_mtu && (unsigned int)mtu > dev->max_mtu))
		return -EINVAL;
	if (!netif_device_present(dev))
		return -ENODEV;
	if (dev->netdev_ops->ndo_change_mtu)
		err = dev->netdev_ops->ndo_change_mtu(dev, mtu);
	else
		WRITE_ONCE(dev->mtu, mtu);
	if (err)
		return err;
	call_netdevice_notifiers(NETDEV_CHANGEMTU, dev);
	rtmsg_ifinfo(RTM_NEWLINK, dev, 0, GFP_KERNEL);
	return 0;
}

int dev_set_mac_address(struct net_device *dev, struct sockaddr *sa,
			void *extack)
{
	int err;

	if (!dev->netdev_ops->ndo_set_mac_address)
		return -EOPNOTSUPP;
	if (sa->sa_family != dev->type)
		return -EINVAL;
	if (!netif_device_present(dev))
		return -ENODEV;
	err = dev->netdev_ops->ndo_set_mac_address(dev, sa);
	if (err)
		return err;
	dev->addr_assign_type = NET_ADDR_SET;
	call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
	rtmsg_ifinfo(RTM_NEWLINK, dev, 0, GFP_KERNEL);
	return 0;
}

int dev_change_tx_queue_len(struct net_device *dev, unsigned long len)
{
	if (len != (unsigned int)len)
		return -ERANGE;
	WRITE_ONCE(dev->tx_queue_len, len);
	call_netdevice_notifiers(NETDEV_CHANGE_TX_QUEUE_LEN, dev);
	return 0;
}

void netdev_state_change(struct net_device *dev)
{
	if (!(dev->flags & IFF_UP))
		return;
	call_netdevice_notifiers(NETDEV_CHANGE, dev);
	rtmsg_ifinfo(RTM_NEWLINK, dev, 0, GFP_KERNEL);
}

void netdev_update_features(struct net_device *dev)
{
	call_netdevice_notifiers(NETDEV_FEAT_CHANGE, dev);
}

int netif_set_real_num_tx_queues(struct net_device *dev, unsigned int txq)
{
	if (txq < 1 || txq > dev->num_tx_queues)
		return -EINVAL;
	WRITE_ONCE(dev->real_num_tx_queues, txq);
	return 0;
}

int netif_set_real_num_rx_queues(struct net_device *dev, unsigned int rxq)
{
	if (rxq < 1 || rxq > dev->num_rx_queues)
		return -EINVAL;
	WRITE_ONCE(dev->real_num_rx_queues, rxq);
	return 0;
}

/* ---- addresses that it listens to ---- */

static int hw_addr_add(struct net_device *dev, struct netdev_hw_addr_list *l,
		       const unsigned char *addr)
{
	struct netdev_hw_addr *ha, *new;

	new = kzalloc(sizeof(*new), GFP_ATOMIC);
	if (!new)
		return -ENOMEM;
	memcpy(new->addr, addr, dev->addr_len);
	new->refcount = 1;
	spin_lock_bh(&dev->addr_list_lock);
	list_for_each_entry(ha, &l->list, list) {
		if (!memcmp(ha->addr, addr, dev->addr_len)) {
			ha->refcount++;
			spin_unlock_bh(&dev->addr_list_lock);
			kfree(new);
			return 0;
		}
	}
	list_add_tail(&new->list, &l->list);
	l->count++;
	if ((dev->flags & IFF_UP) && dev->netdev_ops->ndo_set_rx_mode)
		dev->netdev_ops->ndo_set_rx_mode(dev);
	spin_unlock_bh(&dev->addr_list_lock);
	return 0;
}

static int hw_addr_del(struct net_device *dev, struct netdev_hw_addr_list *l,
		       const unsigned char *addr)
{
	struct netdev_hw_addr *ha;
	int err = -ENOENT;

	spin_lock_bh(&dev->addr_list_lock);
	list_for_each_entry(ha, &l->list, list) {
		if (memcmp(ha->addr, addr, dev->addr_len))
			continue;
		err = 0;
		if (--ha->refcount)
			break;
		list_del(&ha->list);
		l->count--;
		kfree(ha);
		if ((dev->flags & IFF_UP) && dev->netdev_ops->ndo_set_rx_mode)
			dev->netdev_ops->ndo_set_rx_mode(dev);
		break;
	}
	spin_unlock_bh(&dev->addr_list_lock);
	return err;
}

int dev_mc_add(struct net_device *dev, const unsigned char *addr)
{
	return hw_addr_add(dev, &dev->mc, addr);
}

int dev_mc_del(struct net_device *dev, const unsigned char *addr)
{
	return hw_addr_del(dev, &dev->mc, addr);
}

int dev_uc_add(struct net_device *dev, const unsigned char *addr)
{
	return hw_addr_add(dev, &dev->uc, addr);
}

int dev_uc_del(struct net_device *dev, const unsigned char *addr)
{
	return hw_addr_del(dev, &dev->uc, addr);
}

static void flush_list(struct netdev_hw_addr_list *l)
{
	struct netdev_hw_addr *ha, *next;

	list_for_each_entry_safe(ha, next, &l->list, list) {
		list_del(&ha->list);
		kfree(ha);
	}
	l->count = 0;
}

void dev_addr_flush(struct net_device *dev)
{
	spin_lock_bh(&dev->addr_list_lock);
	flush_list(&dev->uc);
	flush_list(&dev->mc);
	spin_unlock_bh(&dev->addr_list_lock);
}

/* ---- the cable ---- */

static DEFINE_SPINLOCK(lweventlist_lock);
static LIST_HEAD(lweventlist);                /* by close_list */

static void linkwatch_event(struct work_struct *work);
static DECLARE_WORK(linkwatch_work, linkwatch_event);

static struct net_device *linkwatch_next(void)
{
	struct net_device *dev = NULL;

	spin_lock_irq(&lweventlist_lock);
	if (!list_empty(&lweventlist)) {
		dev = list_first_entry(&lweventlist, struct net_device,
				       close_list);
		list_del_init(&dev->close_list);
	}
	spin_unlock_irq(&lweventlist_lock);
	return dev;
}

static void linkwatch_event(struct work_struct *work)
{
	struct net_device *dev;

	rtnl_lock();
	while ((dev = linkwatch_next())) {
		clear_bit(__LINK_STATE_LINKWATCH_PENDING, &dev->state);
		set_operstate(dev);
		if (dev->flags & IFF_UP) {
			if (netif_carrier_ok(dev))
				dev_activate(dev);
			else
				dev_deactivate(dev);
			netdev_state_change(dev);
		}
		dev_put(dev);
	}
	rtnl_unlock();
}

/* Any context. */
void linkwatch_fire(struct net_device *dev)
{
	unsigned long flags;

	if (dev->reg_state != NETREG_REGISTERED ||
	    test_and_set_bit(__LINK_STATE_LINKWATCH_PENDING, &dev->state))
		return;
	dev_hold(dev);
	spin_lock_irqsave(&lweventlist_lock, flags);
	list_add_tail(&dev->close_list, &lweventlist);
	spin_unlock_irqrestore(&lweventlist_lock, flags);
	schedule_work(&linkwatch_work);
}

void netif_carrier_on(struct net_device *dev)
{
	if (test_and_clear_bit(__LINK_STATE_NOCARRIER, &dev->state)) {
		atomic_inc(&dev->carrier_up_count);
		linkwatch_fire(dev);
	}
}

void netif_carrier_off(struct net_device *dev)
{
	if (!test_and_set_bit(__LINK_STATE_NOCARRIER, &dev->state)) {
		atomic_inc(&dev->carrier_down_count);
		linkwatch_fire(dev);
	}
}

void netif_device_detach(struct net_device *dev)
{
	if (test_and_clear_bit(__LINK_STATE_PRESENT, &dev->state) &&
	    netif_running(dev))
		netif_tx_stop_all_queues(dev);
}

void netif_device_attach(struct net_device *dev)
{
	if (!test_and_set_bit(__LINK_STATE_PRESENT, &dev->state) &&
	    netif_running(dev))
		netif_tx_wake_all_queues(dev);
}

/* ---- counters, bridges ---- */

struct rtnl_link_stats64 *dev_get_stats(struct net_device *dev,
					struct rtnl_link_stats64 *s)
{
	*s = dev->stats;
	if (dev->netdev_ops->ndo_get_stats64) {
		memset(s, 0, sizeof(*s));
		dev->netdev_ops->ndo_get_stats64(dev, s);
	} else if (dev->tstats) {
		int cpu;

		for_each_possible_cpu(cpu) {
			struct pcpu_sw_netstats *p =
				per_cpu_ptr(dev->tstats, cpu);

			s->rx_packets += READ_ONCE(p->rx_packets);
			s->rx_bytes += READ_ONCE(p->rx_bytes);
			s->tx_packets += READ_ONCE(p->tx_packets);
			s->tx_bytes += READ_ONCE(p->tx_bytes);
		}
	}
	s->rx_dropped += atomic_long_read(&dev->rx_dropped);
	s->tx_dropped += atomic_long_read(&dev->tx_dropped);
	s->rx_nohandler += atomic_long_read(&dev->rx_nohandler);
	return s;
}

int netdev_rx_handler_register(struct net_device *dev, rx_handler_func_t *fn,
			       void *data)
{
	if (dev->rx_handler)
		return -EBUSY;
	rcu_assign_pointer(dev->rx_handler_data, data);
	rcu_assign_pointer(dev->rx_handler, fn);
	return 0;
}

void netdev_rx_handler_unregister(struct net_device *dev)
{
	RCU_INIT_POINTER(dev->rx_handler, NULL);
	synchronize_rcu();
	RCU_INIT_POINTER(dev->rx_handler_data, NULL);
}
