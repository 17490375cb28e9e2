/* SPDX-License-Identifier: MIT */
/*
 * net_sysfs.c -- /sys/class/net: devices of the first network as files
 *
 * PROMISE.  What `udev`, monitors and scripts read: numbers, states, addresses
 * and counters of a device, one a file; mtu, flags and tx_queue_len may be
 * written.
 *
 * IDEA.  A device of the driver model stands beside each network device, made
 * and unmade with it (a netdevice notifier), below its bus's device (so there
 * is a `device` link) or /sys/devices/virtual.  One function shows all plain
 * numbers, by which.
 *
 *	NETDEV_REGISTER -> net_sysfs (struct device) -> uevent add INTERFACE=
 *	NETDEV_UNREGISTER -> device_del: waits for readers; then ndev may go
 *
 * LOCKING.  rtnl while they come and go.  Reading takes none: device_del()
 * waits for who is inside.  Writing needs rtnl, whose owner may be waiting for
 * us in device_del(): so it is only tried, and the call begun again.
 *
 * NOT DONE.  Devices of other networks: sysfs shows the first one's only.
 *
 * SEE docs/96-network-devices.md, Linux's sysfs-class-net.
 */

#include "dev.h"

#include <drivers/device.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/net_namespace.h>

#define VETH_SPEED 10000              /* Mbit/s; Linux says the same */

struct net_sysfs {
	struct device dev;
	struct net_device *ndev;      /* constant until device_del() */
	struct kobject *queues;       /* NULL: no memory; likewise below */
	unsigned int nr_queues;
	struct kobject *queue[];      /* rx-0 ..., then tx-0 ... */
};

static struct net_device *ndev_of(struct device *dev)
{
	return container_of(dev, struct net_sysfs, dev)->ndev;
}

/* ---- numbers ---- */

enum what {
	ADDR_ASSIGN_TYPE, ADDR_LEN, CARRIER, CARRIER_CHANGES, CARRIER_DOWN,
	CARRIER_UP, DEV_ID, DEV_PORT, DORMANT, FLAGS, IFINDEX, IFLINK,
	LINK_MODE, MTU, NAME_ASSIGN_TYPE, GROUP, PROTO_DOWN, SPEED, TESTING,
	TX_QUEUE_LEN, TYPE
};

struct net_attr {
	struct device_attribute attr;
	enum what what;
};

static bool is_veth(const struct net_device *dev)
{
	return dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, "veth");
}

/* Mbit/s; -1: nobody knows; -EINVAL: it is no such device, or down. */
static long speed_of(const struct net_device *dev)
{
	if (!netif_running(dev) || !(dev->parent || is_veth(dev)))
		return -EINVAL;
	return is_veth(dev) ? VETH_SPEED : -1;
}

static ssize_t show_checked(struct net_device *dev, enum what what, char *buf)
{
	long n;

	if (what == NAME_ASSIGN_TYPE) {
		n = dev->name_assign_type ? dev->name_assign_type : -EINVAL;
	} else if (what == SPEED) {
		n = speed_of(dev);
	} else {
		n = !netif_running(dev) ? -EINVAL :
		    what == CARRIER ? netif_carrier_ok(dev) :
		    what == DORMANT ?
		    test_bit(__LINK_STATE_DORMANT, &dev->state) : 0;
	}
	return n == -EINVAL ? n : sprintf(buf, "%ld\n", n);
}

static long plain_number(struct net_device *dev, enum what what)
{
	switch (what) {
	case ADDR_ASSIGN_TYPE: return dev->addr_assign_type;
	case ADDR_LEN: return dev->addr_len;
	case CARRIER_UP: return atomic_read(&dev->carrier_up_count);
	case CARRIER_DOWN: return atomic_read(&dev->carrier_down_count);
	case CARRIER_CHANGES:
		return atomic_read(&dev->carrier_up_count) +
		       atomic_read(&dev->carrier_down_count);
	case IFINDEX: return dev->ifindex;
	case IFLINK:
		return dev->netdev_ops->ndo_get_iflink ?
		       dev->netdev_ops->ndo_get_iflink(dev) : dev->ifindex;
	case LINK_MODE: return dev->link_mode;
	case MTU: return READ_ONCE(dev->mtu);
	case GROUP: return dev->group;
	case PROTO_DOWN: return dev->proto_down;
	case TX_QUEUE_LEN: return READ_ONCE(dev->tx_queue_len);
	case TYPE: return dev->type;
	default: return 0;
	}
}

static ssize_t number_show(struct device *d, struct device_attribute *attr,
			   char *buf)
{
	enum what what = container_of(attr, struct net_attr, attr)->what;
	struct net_device *dev = ndev_of(d);

	switch (what) {
	case CARRIER: case DORMANT: case TESTING: case NAME_ASSIGN_TYPE:
	case SPEED:
		return show_checked(dev, what, buf);
	case FLAGS:
		return sprintf(buf, "0x%x\n", READ_ONCE(dev->flags));
	case DEV_ID:
		return sprintf(buf, "0x0\n");
	default:
		return sprintf(buf, "%ld\n", plain_number(dev, what));
	}
}

static int set_number(struct net_device *dev, enum what what, unsigned long n)
{
	switch (what) {
	case MTU: return n > INT_MAX ? -EINVAL : dev_set_mtu(dev, n);
	case FLAGS: return dev_change_flags(dev, n, NULL);
	case GROUP: dev->group = n; return 0;
	case TX_QUEUE_LEN: return dev_change_tx_queue_len(dev, n);
	default: return -EINVAL;
	}
}

static ssize_t number_store(struct device *d, struct device_attribute *attr,
			    const char *buf, size_t n)
{
	enum what what = container_of(attr, struct net_attr, attr)->what;
	struct net_device *dev = ndev_of(d);
	unsigned long number;
	int err;

	if (!ns_capable(dev_net(dev)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	err = kstrtoul(buf, 0, &number);
	if (err)
		return err;
	if (!rtnl_trylock()) {
		set_ti_flag(current, TIF_SIGPENDING);
		return -ERESTARTNOINTR;
	}
	err = set_number(dev, what, number);
	rtnl_unlock();
	return err ? err : (ssize_t)n;
}

#define NUMBER(name, w) static struct net_attr net_##name = {		\
	{ { #name, 0444 }, number_show, NULL }, w }
#define NUMBER_RW(name, w) static struct net_attr net_##name = {	\
	{ { #name, 0644 }, number_show, number_store }, w }

NUMBER(addr_assign_type, ADDR_ASSIGN_TYPE);
NUMBER(addr_len, ADDR_LEN);
NUMBER(carrier, CARRIER);
NUMBER(carrier_changes, CARRIER_CHANGES);
NUMBER(carrier_down_count, CARRIER_DOWN);
NUMBER(carrier_up_count, CARRIER_UP);
NUMBER(dev_id, DEV_ID);
NUMBER(dev_port, DEV_PORT);
NUMBER(dormant, DORMANT);
NUMBER_RW(flags, FLAGS);
NUMBER(ifindex, IFINDEX);
NUMBER(iflink, IFLINK);
NUMBER(link_mode, LINK_MODE);
NUMBER_RW(mtu, MTU);
NUMBER(name_assign_type, NAME_ASSIGN_TYPE);
NUMBER_RW(netdev_group, GROUP);
NUMBER(proto_down, PROTO_DOWN);
NUMBER(speed, SPEED);
NUMBER(testing, TESTING);
NUMBER_RW(tx_queue_len, TX_QUEUE_LEN);
NUMBER(type, TYPE);

/* ---- words ---- */

static ssize_t address_show(struct device *d, struct device_attribute *attr,
			    char *buf)
{
	const struct net_device *dev = ndev_of(d);

	return sprintf(buf, "%*phC\n", dev->addr_len, dev->dev_addr);
}

static ssize_t broadcast_show(struct device *d, struct device_attribute *attr,
			      char *buf)
{
	const struct net_device *dev = ndev_of(d);

	return sprintf(buf, "%*phC\n", dev->addr_len, dev->broadcast);
}

static ssize_t operstate_show(struct device *d, struct device_attribute *attr,
			      char *buf)
{
	static const char *const words[] = {
		"unknown", "notpresent", "down", "lowerlayerdown", "testing",
		"dormant", "up" };
	const struct net_device *dev = ndev_of(d);
	unsigned int state = netif_running(dev) ? READ_ONCE(dev->operstate) :
						  IF_OPER_DOWN;

	return state < ARRAY_SIZE(words) ? sprintf(buf, "%s\n", words[state])
					 : -EINVAL;
}

static ssize_t duplex_show(struct device *d, struct device_attribute *attr,
			   char *buf)
{
	const struct net_device *dev = ndev_of(d);
	long speed = speed_of(dev);

	if (speed == -EINVAL)
		return speed;
	return sprintf(buf, "%s\n", speed < 0 ? "unknown" : "full");
}

static DEVICE_ATTR_RO(address);
static DEVICE_ATTR_RO(broadcast);
static DEVICE_ATTR_RO(operstate);
static DEVICE_ATTR_RO(duplex);

static struct attribute *net_attrs[] = {
	&dev_attr_address.attr, &dev_attr_broadcast.attr,
	&dev_attr_operstate.attr, &dev_attr_duplex.attr,
	&net_addr_assign_type.attr.attr, &net_addr_len.attr.attr,
	&net_carrier.attr.attr, &net_carrier_changes.attr.attr,
	&net_carrier_down_count.attr.attr, &net_carrier_up_count.attr.attr,
	&net_dev_id.attr.attr, &net_dev_port.attr.attr, &net_dormant.attr.attr,
	&net_flags.attr.attr, &net_ifindex.attr.attr, &net_iflink.attr.attr,
	&net_link_mode.attr.attr, &net_mtu.attr.attr,
	&net_name_assign_type.attr.attr, &net_netdev_group.attr.attr,
	&net_proto_down.attr.attr, &net_speed.attr.attr,
	&net_testing.attr.attr, &net_tx_queue_len.attr.attr,
	&net_type.attr.attr, NULL
};

static const struct attribute_group net_group = { .attrs = net_attrs };

/* ---- statistics/ ---- */

struct stat_attr {
	struct device_attribute attr;
	size_t offset;                /* in rtnl_link_stats64 */
};

static ssize_t stat_show(struct device *d, struct device_attribute *attr,
			 char *buf)
{
	size_t offset = container_of(attr, struct stat_attr, attr)->offset;
	struct rtnl_link_stats64 stats;
	u64 n;

	memset(&stats, 0, sizeof(stats));
	dev_get_stats(ndev_of(d), &stats);
	memcpy(&n, (char *)&stats + offset, sizeof(n));
	return sprintf(buf, "%llu\n", (unsigned long long)n);
}

#define STATS(X)							\
	X(rx_packets) X(tx_packets) X(rx_bytes) X(tx_bytes) X(rx_errors) \
	X(tx_errors) X(rx_dropped) X(tx_dropped) X(multicast)		\
	X(collisions) X(rx_length_errors) X(rx_over_errors)		\
	X(rx_crc_errors) X(rx_frame_errors) X(rx_fifo_errors)		\
	X(rx_missed_errors) X(tx_aborted_errors) X(tx_carrier_errors)	\
	X(tx_fifo_errors) X(tx_heartbeat_errors) X(tx_window_errors)	\
	X(rx_compressed) X(tx_compressed) X(rx_nohandler)

#define STAT_DEFINE(name) static struct stat_attr stat_##name = {	\
	{ { #name, 0444 }, stat_show, NULL },				\
	offsetof(struct rtnl_link_stats64, name) };
#define STAT_POINT(name) &stat_##name.attr.attr,

STATS(STAT_DEFINE)
static struct attribute *stat_attrs[] = { STATS(STAT_POINT) NULL };

static const struct attribute_group stat_group = {
	.name = "statistics", .attrs = stat_attrs,
};

static const struct attribute_group *net_groups[] = {
	&net_group, &stat_group, NULL
};

/* ---- the class ---- */

static int net_uevent(struct device *d, struct kobj_uevent_env *env)
{
	const struct net_device *dev = ndev_of(d);
	int err = add_uevent_var(env, "INTERFACE=%s", dev->name);

	return err ? err : add_uevent_var(env, "IFINDEX=%d", dev->ifindex);
}

static void net_release(struct device *d)
{
	kfree(container_of(d, struct net_sysfs, dev));
}

static struct class net_class = {
	.name = "net",
	.dev_groups = net_groups,
	.dev_uevent = net_uevent,
	.dev_release = net_release,
};

/* queues/rx-0, tx-0 ...: directories that tell how many there are. */
static void add_queues(struct net_sysfs *s)
{
	const struct net_device *dev = s->ndev;
	unsigned int rx = dev->num_rx_queues;
	char name[16];

	s->queues = kobject_create_and_add("queues", &s->dev.kobj);
	for (unsigned int i = 0; s->queues && i < s->nr_queues; i++) {
		snprintf(name, sizeof(name), "%s-%u", i < rx ? "rx" : "tx",
			 i < rx ? i : i - rx);
		s->queue[i] = kobject_create_and_add(name, s->queues);
	}
}

static void remove_kobj(struct kobject *kobj)
{
	if (kobj) {
		kobject_del(kobj);
		kobject_put(kobj);
	}
}

static void remove_queues(struct net_sysfs *s)
{
	for (unsigned int i = 0; i < s->nr_queues; i++)
		remove_kobj(s->queue[i]);
	remove_kobj(s->queues);
}

static void net_sysfs_add(struct net_device *dev)
{
	unsigned int nr = dev->num_rx_queues + dev->num_tx_queues;
	struct net_sysfs *s;

	if (!net_eq(dev_net(dev), &init_net) || dev->sysfs)
		return;
	s = kzalloc(sizeof(*s) + nr * sizeof(s->queue[0]), GFP_KERNEL);
	if (!s)
		return;
	s->ndev = dev;
	s->nr_queues = nr;
	s->dev.class = &net_class;
	s->dev.parent = dev->parent;
	device_initialize(&s->dev);
	if (dev_set_name(&s->dev, "%s", dev->name) || device_add(&s->dev)) {
		pr_warn("%s: not in /sys\n", dev->name);
		put_device(&s->dev);
		return;
	}
	dev->sysfs = s;
	add_queues(s);
}

static void net_sysfs_remove(struct net_device *dev)
{
	struct net_sysfs *s = dev->sysfs;

	if (!s)
		return;
	dev->sysfs = NULL;
	remove_queues(s);
	device_unregister(&s->dev);
}

static int net_sysfs_event(struct notifier_block *nb, unsigned long event,
			   void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	if (event == NETDEV_REGISTER)
		net_sysfs_add(dev);
	else if (event == NETDEV_UNREGISTER)
		net_sysfs_remove(dev);
	else if (event == NETDEV_CHANGENAME && dev->sysfs &&
		 device_rename(&dev->sysfs->dev, dev->name))
		pr_warn("%s: keeps its old name in /sys\n", dev->name);
	return NOTIFY_DONE;
}

static struct notifier_block net_sysfs_nb = { .notifier_call = net_sysfs_event };

static int net_sysfs_init(void)
{
	int err = class_register(&net_class);

	return err ? err : register_netdevice_notifier(&net_sysfs_nb);
}
device_initcall(net_sysfs_init);
