/* SPDX-License-Identifier: MIT */
/*
 * tun.c -- /dev/net/tun: a network device whose wire is a program
 *
 * PROMISE.  What the stack sends by the device a program reads, one packet a
 * read; what it writes comes in as from a wire, and has gone through the stack
 * (up to a socket that somebody holds) when write() returns.  Unless it is made
 * persistent, the device is gone when its file is closed.
 *
 * IDEA.
 *
 *	program                  tun_file              tun_struct (the device)
 *	read  <- rxq (packets) <-----------.tfile <--- tun_xmit <- qdisc <- IP
 *	write -> an skb        -> netif_receive_skb ------------------> IP
 *
 * The file is there before the device (TUNSETIFF ties them together) and a
 * persistent device outlives its file.  A TUN carries IP packets, a TAP whole
 * Ethernet frames.  A program that does not read loses packets: when
 * tx_queue_len of them wait, the next is dropped, as a wire without a peer
 * would.
 *
 * LOCKING.  rtnl_mutex ties and unties; both pointers (tfile->tun, tun->tfile)
 * are read under RCU.  A reader or writer holds a reference to the device for
 * as long as it works, so an unregistering one waits for it:
 *
 *	reader                        unregister (rtnl)
 *	dev_hold                      [a] tfile->tun = NULL, tun->tfile = NULL
 *	waits for a packet            [b] wake the file's readers
 *	[c] awake: tfile->tun is not  waits for references (rtnl is dropped)
 *	    what it was: -EFAULT, dev_put
 *
 * NOT DONE.  Several queues, offloads (IFF_VNET_HDR) and filters of its own:
 * TUNGETFEATURES says so, and programs do without.
 *
 * SEE tun-io.c (packets), tun-ioctl.c (TUNSETIFF and its kind); docs/113.
 */

#include "tun.h"

#include <drivers/cdev.h>
#include <fs/libfs.h>
#include <fs/poll.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/dst.h>
#include <net/etherdevice.h>
#include <net/rtnetlink.h>
#include <uapi/if_arp.h>
#include <uapi/signal.h>

#define TUN_MINOR 200
#define TUN_QUEUE_LEN 500

/* ---- the device's side ---- */

static netdev_tx_t tun_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct tun_struct *tun = netdev_priv(dev);
	struct pcpu_sw_netstats *st;
	struct tun_file *tfile;

	rcu_read_lock();
	tfile = rcu_dereference(tun->tfile);
	if (!tfile || skb_queue_len(&tfile->rxq) >= dev->tx_queue_len)
		goto drop;
	/* Its sender does not wait until the program reads. */
	skb_orphan(skb);
	skb_dst_drop(skb);
	st = this_cpu_ptr(dev->tstats);
	st->tx_packets++;
	st->tx_bytes += skb->len;
	skb_queue_tail(&tfile->rxq, skb);
	if (tfile->fasync)
		kill_fasync(&tfile->fasync, POLL_IN);
	wake_up_interruptible_poll(&tfile->wait, EPOLLIN | EPOLLRDNORM);
	rcu_read_unlock();
	return NETDEV_TX_OK;
drop:
	atomic_long_inc(&dev->tx_dropped);
	rcu_read_unlock();
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

static int tun_init_dev(struct net_device *dev)
{
	dev->tstats = alloc_percpu(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

/* Untie file and device; rtnl.  RACES [a] [b]. */
void tun_detach(struct tun_struct *tun)
{
	struct tun_file *tfile = rtnl_dereference(tun->tfile);

	if (!tfile)
		return;
	RCU_INIT_POINTER(tun->tfile, NULL);
	RCU_INIT_POINTER(tfile->tun, NULL);
	synchronize_rcu();            /* no sender is in tun_xmit() with it */
	skb_queue_purge(&tfile->rxq);
	wake_up_interruptible_all(&tfile->wait);
}

static void tun_uninit_dev(struct net_device *dev)
{
	tun_detach(netdev_priv(dev));
}

static const struct net_device_ops tun_netdev_ops = {
	.ndo_init = tun_init_dev,
	.ndo_uninit = tun_uninit_dev,
	.ndo_start_xmit = tun_xmit,
};

static const struct net_device_ops tap_netdev_ops = {
	.ndo_init = tun_init_dev,
	.ndo_uninit = tun_uninit_dev,
	.ndo_start_xmit = tun_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

void tun_setup(struct net_device *dev)
{
	struct tun_struct *tun = netdev_priv(dev);

	tun->dev = dev;
	tun->owner = NO_ID;
	tun->group = NO_ID;
	dev->tx_queue_len = TUN_QUEUE_LEN;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = 65535;
	dev->needs_free_netdev = true;
}

void tun_setup_kind(struct net_device *dev, unsigned int flags)
{
	if (flags & IFF_TAP) {
		ether_setup(dev);
		dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
		dev->netdev_ops = &tap_netdev_ops;
		eth_hw_addr_random(dev);
		dev->max_mtu = 65535 - ETH_HLEN;
	} else {
		dev->type = ARPHRD_NONE;
		dev->mtu = 1500;
		dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
		dev->netdev_ops = &tun_netdev_ops;
	}
	dev->tx_queue_len = TUN_QUEUE_LEN;
	dev->features = dev->hw_features = NETIF_F_SG | NETIF_F_FRAGLIST;
}

/* `ip link delete`; it is made by the file only. */
static void tun_dellink(struct net_device *dev, struct list_head *head)
{
	unregister_netdevice(dev);
}

static int tun_validate(struct nlattr *tb[], struct nlattr *data[],
			struct netlink_ext_ack *extack)
{
	return -EOPNOTSUPP;
}

struct rtnl_link_ops tun_link_ops = {
	.kind = "tun",
	.priv_size = sizeof(struct tun_struct),
	.setup = tun_setup,
	.validate = tun_validate,
	.dellink = tun_dellink,
};

/* ---- life of the file ---- */

static int tun_open(struct inode *inode, struct file *file)
{
	struct tun_file *tfile = kzalloc(sizeof(*tfile), GFP_KERNEL);

	if (!tfile)
		return -ENOMEM;
	skb_queue_head_init(&tfile->rxq);
	init_waitqueue_head(&tfile->wait);
	tfile->net = get_net(current_net());
	file->private_data = tfile;
	return nonseekable_open(inode, file);
}

static int tun_fasync(int fd, struct file *file, int on)
{
	struct tun_file *tfile = file->private_data;
	int ret = fasync_helper(fd, file, on, &tfile->fasync);

	return ret < 0 ? ret : 0;
}

static int tun_release(struct inode *inode, struct file *file)
{
	struct tun_file *tfile = file->private_data;
	struct tun_struct *tun;

	rtnl_lock();
	tun = rtnl_dereference(tfile->tun);
	if (tun && (tun->flags & IFF_PERSIST)) {
		netif_carrier_off(tun->dev);
		tun_detach(tun);
	} else if (tun) {
		unregister_netdevice(tun->dev);
	}
	rtnl_unlock();                /* frees the device */
	fasync_helper(-1, file, 0, &tfile->fasync);
	put_net(tfile->net);
	kfree_rcu(tfile, rcu);
	return 0;
}

static const struct file_operations tun_fops = {
	.llseek = noop_llseek,
	.open = tun_open,
	.read_iter = tun_read_iter,
	.write_iter = tun_write_iter,
	.poll = tun_poll,
	.unlocked_ioctl = tun_ioctl,
	.fasync = tun_fasync,
	.release = tun_release,
};

static struct miscdevice tun_misc = {
	.minor = TUN_MINOR, .name = "tun", .nodename = "net/tun",
	.fops = &tun_fops, .mode = 0666,
};

static int tun_init(void)
{
	int err = rtnl_link_register(&tun_link_ops);

	return err ? err : misc_register(&tun_misc);
}
module_init(tun_init);
