/* SPDX-License-Identifier: MIT */
/*
 * e1000.c -- Intel's 8254x gigabit cards: life of the device
 *
 * PROMISE.  The card of QEMU's `-device e1000` (82540EM) and of many machines
 * from the 2000s: checksums and TCP segments made by the card, its filters,
 * and a cable that may be pulled.
 *
 * IDEA.  One ring each way and one interrupt line.  The handler reads ICR,
 * which clears it; for packets it masks the card and lets NAPI poll both
 * rings, for the cable it looks at STATUS.  What happens while masked stays in
 * ICR, and unmasking raises it: nothing is lost between the last look of a poll
 * and the unmasking.
 *
 *	irq -> e1000_irq -> NAPI -> poll: tx given back, rx up -> unmask
 *
 * LOCKING.  rtnl for up, down and filters (filters also under addr_list_lock);
 * e1000-rx.c and e1000-tx.c say theirs.
 */

#include "e1000.h"

#include <kernel/delay.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/tx_queue.h>

#define TX_TIMEOUT (5 * HZ)
#define PAUSE_TYPE 0x8808             /* 802.3x, whose frames it understands */

/* ---- the card ---- */

/* To the state after power-on, with no interrupt. */
static void reset_card(struct e1000 *e)
{
	ew32(e, E1000_IMC, ~0u);
	ew32(e, E1000_RCTL, 0);
	ew32(e, E1000_TCTL, E1000_TCTL_PSP);
	er32(e, E1000_STATUS);
	msleep(10);                   /* what is under way ends */
	ew32(e, E1000_CTRL, er32(e, E1000_CTRL) | E1000_CTRL_RST);
	msleep(5);                    /* and reads its EEPROM */
	ew32(e, E1000_IMC, ~0u);
	er32(e, E1000_ICR);
}

/* A word of the EEPROM: true: *out is it. */
static bool read_eeprom(struct e1000 *e, unsigned int at, u16 *out)
{
	ew32(e, E1000_EERD, at << 8 | E1000_EERD_START);
	for (int i = 0; i < 1000; i++) {
		u32 v = er32(e, E1000_EERD);

		if (v & E1000_EERD_DONE) {
			*out = v >> 16;
			return true;
		}
		udelay(10);
	}
	return false;
}

/* The address that was burnt in; else what the firmware set; else any. */
static void set_address(struct e1000 *e)
{
	u32 low = er32(e, E1000_RAL), high = er32(e, E1000_RAH);
	u8 mac[ETH_ALEN];
	u16 word[3];

	if (read_eeprom(e, 0, &word[0]) && read_eeprom(e, 1, &word[1]) &&
	    read_eeprom(e, 2, &word[2])) {
		memcpy(mac, word, ETH_ALEN);
	} else {
		memcpy(mac, &low, 4);
		memcpy(mac + 4, &high, 2);
	}
	if (is_valid_ether_addr(mac))
		eth_hw_addr_set(e->dev, mac);
	else
		eth_hw_addr_random(e->dev);
}

static void set_filter(struct e1000 *e, unsigned int i, const u8 *mac)
{
	u32 low = 0, high = 0;

	if (mac) {
		memcpy(&low, mac, 4);
		memcpy(&high, mac + 4, 2);
		high |= E1000_RAH_AV;
	}
	ew32(e, E1000_RAL + 8 * i, low);
	ew32(e, E1000_RAH + 8 * i, high);
}

/* Twelve bits of an address, the highest last: one of 4096 bits of MTA. */
static unsigned int multicast_hash(const u8 *mac)
{
	return (mac[4] >> 4 | mac[5] << 4) & 0xfff;
}

static void set_multicasts(struct e1000 *e)
{
	u32 table[E1000_MTA_WORDS] = { 0 };
	struct netdev_hw_addr *ha;

	netdev_for_each_mc_addr(ha, e->dev) {
		unsigned int h = multicast_hash(ha->addr);

		table[h / 32] |= BIT(h % 32);
	}
	for (unsigned int i = 0; i < E1000_MTA_WORDS; i++)
		ew32(e, E1000_MTA + 4 * i, table[i]);
}

/* addr_list_lock held. */
static void e1000_set_rx_mode(struct net_device *dev)
{
	struct e1000 *e = netdev_priv(dev);
	u32 rctl = er32(e, E1000_RCTL) & ~(E1000_RCTL_UPE | E1000_RCTL_MPE);
	struct netdev_hw_addr *ha;
	unsigned int i = 1;

	if (dev->flags & IFF_PROMISC)
		rctl |= E1000_RCTL_UPE | E1000_RCTL_MPE;
	if (dev->flags & IFF_ALLMULTI)
		rctl |= E1000_RCTL_MPE;
	if (netdev_uc_count(dev) >= E1000_RAR_ENTRIES)
		rctl |= E1000_RCTL_UPE;
	else
		netdev_for_each_uc_addr(ha, dev)
			set_filter(e, i++, ha->addr);
	while (i < E1000_RAR_ENTRIES)
		set_filter(e, i++, NULL);
	set_multicasts(e);
	ew32(e, E1000_RCTL, rctl);
}

static int e1000_set_mac(struct net_device *dev, void *addr)
{
	int err = eth_mac_addr(dev, addr);

	if (!err)
		set_filter(netdev_priv(dev), 0, dev->dev_addr);
	return err;
}

static void update_link(struct e1000 *e)
{
	if (er32(e, E1000_STATUS) & E1000_STATUS_LU)
		netif_carrier_on(e->dev);
	else
		netif_carrier_off(e->dev);
}

/* ---- interrupts ---- */

static irqreturn_t e1000_irq(int irq, void *data)
{
	struct e1000 *e = data;
	u32 cause = er32(e, E1000_ICR);

	if (!cause || cause == ~0u)   /* a neighbour on the line; gone */
		return IRQ_NONE;
	if (cause & (E1000_INT_LSC | E1000_INT_RXSEQ))
		update_link(e);
	if ((cause & E1000_INT_QUEUES) && napi_schedule_prep(&e->napi)) {
		ew32(e, E1000_IMC, E1000_INT_QUEUES);
		__napi_schedule(&e->napi);
	}
	return IRQ_HANDLED;
}

static int e1000_poll(struct napi_struct *napi, int budget)
{
	struct e1000 *e = container_of(napi, struct e1000, napi);
	int done;

	e1000_tx_poll(e);
	done = e1000_rx_poll(e, budget);
	if (done < budget && napi_complete_done(napi, done))
		ew32(e, E1000_IMS, E1000_INT_QUEUES);
	return done;
}

/* ---- up and down ---- */

static void start_card(struct e1000 *e)
{
	u32 ctrl = er32(e, E1000_CTRL);

	ctrl &= ~(E1000_CTRL_LRST | E1000_CTRL_ILOS | E1000_CTRL_PHY_RST);
	ew32(e, E1000_CTRL, ctrl | E1000_CTRL_SLU | E1000_CTRL_ASDE);
	ew32(e, E1000_FCAL, 0x00c28001);      /* 01:80:c2:00:00:01 */
	ew32(e, E1000_FCAH, 0x0100);
	ew32(e, E1000_FCT, PAUSE_TYPE);
	ew32(e, E1000_FCTTV, 0);
	set_filter(e, 0, e->dev->dev_addr);
	ew32(e, E1000_ITR, 0);
	ew32(e, E1000_TCTL, E1000_TCTL_EN | E1000_TCTL_PSP | E1000_TCTL_CT |
	     E1000_TCTL_COLD);
	ew32(e, E1000_RCTL, E1000_RCTL_EN | E1000_RCTL_BAM | E1000_RCTL_LPE |
	     E1000_RCTL_SECRC);
}

static int e1000_open(struct net_device *dev)
{
	struct e1000 *e = netdev_priv(dev);
	int err;

	reset_card(e);
	err = e1000_tx_open(e);
	if (err)
		return err;
	err = e1000_rx_open(e);
	if (err)
		goto out_tx;
	err = pci_request_irq(e->pdev, 0, e1000_irq, NULL, e, "%s", dev->name);
	if (err)
		goto out_rx;
	napi_enable(&e->napi);
	start_card(e);
	netif_tx_start_all_queues(dev);
	ew32(e, E1000_IMS, E1000_INT_QUEUES | E1000_INT_LSC | E1000_INT_RXSEQ);
	update_link(e);
	return 0;
out_rx:
	e1000_rx_close(e);
out_tx:
	e1000_tx_close(e);
	return err;
}

/* Nobody sends any more: dev_deactivate() was first. */
static int e1000_stop(struct net_device *dev)
{
	struct e1000 *e = netdev_priv(dev);

	netif_tx_disable(dev);
	ew32(e, E1000_IMC, ~0u);
	er32(e, E1000_STATUS);        /* the write is through */
	pci_free_irq(e->pdev, 0, e);
	napi_disable(&e->napi);
	reset_card(e);
	e1000_rx_close(e);
	e1000_tx_close(e);
	return 0;
}

static void reset_work(struct work_struct *work)
{
	struct e1000 *e = container_of(work, struct e1000, reset_work);

	rtnl_lock();
	if (netif_running(e->dev)) {
		dev_close(e->dev);
		dev_open(e->dev, NULL);
	}
	rtnl_unlock();
}

static void e1000_tx_timeout(struct net_device *dev, unsigned int queue)
{
	struct e1000 *e = netdev_priv(dev);

	schedule_work(&e->reset_work);
}

/* The card's counters are cleared by reading. */
static void e1000_stats(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	struct e1000 *e = netdev_priv(dev);

	spin_lock_bh(&e->stats_lock);
	e->hw_missed += er32(e, E1000_MPC);
	e->hw_crc += er32(e, E1000_CRCERRS);
	e->hw_length += er32(e, E1000_RLEC);
	e->hw_collisions += er32(e, E1000_COLC);
	s->rx_missed_errors = e->hw_missed;
	s->rx_crc_errors = e->hw_crc;
	s->rx_length_errors = e->hw_length;
	s->collisions = e->hw_collisions;
	spin_unlock_bh(&e->stats_lock);
	s->rx_packets = READ_ONCE(e->rx_packets);
	s->rx_bytes = READ_ONCE(e->rx_bytes);
	s->rx_dropped = READ_ONCE(e->rx_drops);
	s->rx_errors = READ_ONCE(e->rx_errors) + s->rx_crc_errors +
		       s->rx_length_errors;
	s->tx_packets = READ_ONCE(e->tx_packets);
	s->tx_bytes = READ_ONCE(e->tx_bytes);
	s->tx_dropped = dev->stats.tx_dropped;
}

static const struct net_device_ops e1000_ops = {
	.ndo_open = e1000_open,
	.ndo_stop = e1000_stop,
	.ndo_start_xmit = e1000_xmit,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = e1000_set_mac,
	.ndo_set_rx_mode = e1000_set_rx_mode,
	.ndo_tx_timeout = e1000_tx_timeout,
	.ndo_get_stats64 = e1000_stats,
};

/* ---- coming and going ---- */

static struct net_device *make_netdev(struct pci_dev *pdev)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct e1000));
	struct e1000 *e;

	if (!dev)
		return NULL;
	e = netdev_priv(dev);
	e->pdev = pdev;
	e->dev = dev;
	spin_lock_init(&e->stats_lock);
	INIT_WORK(&e->reset_work, reset_work);
	netif_napi_add(dev, &e->napi, e1000_poll);
	dev->netdev_ops = &e1000_ops;
	dev->watchdog_timeo = TX_TIMEOUT;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = 16128 - ETH_HLEN - 4;  /* what its FIFO lets through */
	dev->hw_features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO;
	dev->features = dev->hw_features | NETIF_F_HIGHDMA | NETIF_F_RXCSUM;
	SET_NETDEV_DEV(dev, &pdev->dev);
	pci_set_drvdata(pdev, dev);
	return dev;
}

static int claim_card(struct pci_dev *pdev, struct e1000 *e)
{
	int err = pci_request_regions(pdev, "e1000");

	if (err)
		return err;
	pci_set_master(pdev);
	e->regs = pci_iomap(pdev, 0, 0);
	if (!e->regs) {
		err = -ENOMEM;
		goto out_regions;
	}
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		goto out_unmap;
	return 0;
out_unmap:
	pci_iounmap(pdev, e->regs);
out_regions:
	pci_release_regions(pdev);
	return err;
}

static void release_card(struct pci_dev *pdev, struct e1000 *e)
{
	pci_free_irq_vectors(pdev);
	pci_iounmap(pdev, e->regs);
	pci_release_regions(pdev);
}

static int e1000_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct net_device *dev;
	struct e1000 *e;
	int err = pci_enable_device(pdev);

	if (err)
		return err;
	dev = make_netdev(pdev);
	if (!dev) {
		err = -ENOMEM;
		goto out_disable;
	}
	e = netdev_priv(dev);
	err = claim_card(pdev, e);
	if (err)
		goto out_free;
	reset_card(e);
	set_address(e);
	netif_carrier_off(dev);
	err = register_netdev(dev);
	if (err)
		goto out_release;
	return 0;
out_release:
	release_card(pdev, e);
out_free:
	netif_napi_del(&e->napi);
	free_netdev(dev);
out_disable:
	pci_disable_device(pdev);
	return err;
}

static void e1000_remove(struct pci_dev *pdev)
{
	struct net_device *dev = pci_get_drvdata(pdev);
	struct e1000 *e = netdev_priv(dev);

	unregister_netdev(dev);
	cancel_work_sync(&e->reset_work);
	release_card(pdev, e);
	netif_napi_del(&e->napi);
	free_netdev(dev);
	pci_disable_device(pdev);
}

static const struct pci_device_id e1000_ids[] = {
	{ PCI_DEVICE(0x8086, 0x100e) }, /* 82540EM */
	{ PCI_DEVICE(0x8086, 0x100f) }, /* 82545EM, copper */
	{ 0 },
};

static struct pci_driver e1000_driver = {
	.name = "e1000",
	.id_table = e1000_ids,
	.probe = e1000_probe,
	.remove = e1000_remove,
};
module_pci_driver(e1000_driver);
