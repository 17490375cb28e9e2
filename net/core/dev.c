/* SPDX-License-Identifier: MIT */
/*
 * dev.c -- network devices: registered, found, up, down, gone
 *
 * PROMISE.  Whoever holds a reference (dev_hold) or reads under RCU may use a
 * device; its memory goes after the last of them.
 *
 * IDEA.  Three lists of a network lead to a device: in order of age, by name,
 * by number.  A device's life:
 *
 *	alloc_netdev -> register_netdevice -> dev_open <-> dev_close
 *	    -> unregister_netdevice: off the lists, RCU passes, all who
 *	       subscribed let go -> (rtnl_unlock) wait for the last reference
 *	    -> free_netdev
 *
 * LOCKING.  rtnl_mutex for every change; lists are read under RCU.  The wait
 * for references is after rtnl is dropped: who holds one may need rtnl.
 *
 * SEE dev_config.c (flags, names, MTU), dev_xmit.c, napi.c; docs/96.
 */

#include "dev.h"

#include <kernel/delay.h>
#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/neighbour.h>
#include <net/sch_generic.h>

#define NETDEV_HASHBITS 6
#define NETDEV_HASHENTRIES (1 << NETDEV_HASHBITS)

static struct raw_notifier_head netdev_chain;
static LIST_HEAD(net_todo_list);              /* rtnl: wait for references */

static struct hlist_head *dev_name_bucket(struct net *net, const char *name)
{
	return &net->dev_name_head[hash_32(full_name_hash(NULL, name,
				   strnlen(name, IFNAMSIZ)), NETDEV_HASHBITS)];
}

static struct hlist_head *dev_index_bucket(struct net *net, int ifindex)
{
	return &net->dev_index_head[ifindex & (NETDEV_HASHENTRIES - 1)];
}

/* ---- looking up ---- */

struct net_device *dev_get_by_name_rcu(struct net *net, const char *name)
{
	struct net_device *dev;

	hlist_for_each_entry_rcu(dev, dev_name_bucket(net, name), name_hlist)
		if (!strncmp(dev->name, name, IFNAMSIZ))
			return dev;
	return NULL;
}

struct net_device *__dev_get_by_name(struct net *net, const char *name)
{
	return dev_get_by_name_rcu(net, name);
}

struct net_device *dev_get_by_name(struct net *net, const char *name)
{
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, name);
	dev_hold(dev);
	rcu_read_unlock();
	return dev;
}

struct net_device *dev_get_by_index_rcu(struct net *net, int ifindex)
{
	struct net_device *dev;

	hlist_for_each_entry_rcu(dev, dev_index_bucket(net, ifindex),
				 index_hlist)
		if (dev->ifindex == ifindex)
			return dev;
	return NULL;
}

struct net_device *__dev_get_by_index(struct net *net, int ifindex)
{
	return dev_get_by_index_rcu(net, ifindex);
}

struct net_device *dev_get_by_index(struct net *net, int ifindex)
{
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifindex);
	dev_hold(dev);
	rcu_read_unlock();
	return dev;
}

/* ---- names ---- */

bool dev_valid_name(const char *name)
{
	if (!*name || strnlen(name, IFNAMSIZ) == IFNAMSIZ ||
	    !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' || (unsigned char)*name <= ' ')
			return false;
	return true;
}

/* The first of want's numbers that is free. */
static int number_name(struct net *net, const char *want, const char *percent,
		       char *name)
{
	for (int i = 0; i < 32768; i++) {
		if (snprintf(name, IFNAMSIZ, "%.*s%d%s", (int)(percent - want),
			     want, i, percent + 2) >= IFNAMSIZ)
			return -EINVAL;
		if (!__dev_get_by_name(net, name))
			return 0;
	}
	return -ENFILE;
}

int dev_alloc_name(struct net *net, const char *want, char name[IFNAMSIZ])
{
	const char *percent = strchr(want, '%');

	if (!dev_valid_name(want))
		return -EINVAL;
	if (!percent) {
		strscpy(name, want, IFNAMSIZ);
		return __dev_get_by_name(net, want) ? -EEXIST : 0;
	}
	if (percent[1] != 'd' || strchr(percent + 2, '%'))
		return -EINVAL;
	return number_name(net, want, percent, name);
}

/* ---- who wants to know; rtnl ---- */

int call_netdevice_notifiers(unsigned long val, struct net_device *dev)
{
	struct netdev_notifier_info info = { .dev = dev };

	return raw_notifier_call_chain(&netdev_chain, val, &info);
}

int register_netdevice_notifier(struct notifier_block *nb)
{
	struct net_device *dev;
	struct net *net;
	int err;

	rtnl_lock();
	err = raw_notifier_chain_register(&netdev_chain, nb);
	if (err)
		goto out;
	for_each_net(net) {
		for_each_netdev(net, dev) {
			struct netdev_notifier_info info = { .dev = dev };

			nb->notifier_call(nb, NETDEV_REGISTER, &info);
			if (dev->flags & IFF_UP)
				nb->notifier_call(nb, NETDEV_UP, &info);
		}
	}
out:
	rtnl_unlock();
	return err;
}

int unregister_netdevice_notifier(struct notifier_block *nb)
{
	int err;

	rtnl_lock();
	err = raw_notifier_chain_unregister(&netdev_chain, nb);
	rtnl_unlock();
	return err;
}

/* ---- birth and death ---- */

static void init_tx_queue(struct net_device *dev, struct netdev_queue *txq)
{
	txq->dev = dev;
	spin_lock_init(&txq->_xmit_lock);
	txq->xmit_lock_owner = -1;
	rcu_assign_pointer(txq->qdisc, &noop_qdisc);
	txq->qdisc_sleeping = &noop_qdisc;
}

static void init_fields(struct net_device *dev, unsigned int txqs,
			unsigned int rxqs)
{
	dev->num_tx_queues = dev->real_num_tx_queues = txqs;
	dev->num_rx_queues = dev->real_num_rx_queues = rxqs;
	for (unsigned int i = 0; i < txqs; i++)
		init_tx_queue(dev, &dev->_tx[i]);
	dev->qdisc = &noop_qdisc;
	dev->gso_max_size = GSO_MAX_SIZE;
	dev->gso_max_segs = GSO_MAX_SEGS;
	dev->nd_net = &init_net;
	refcount_set(&dev->dev_refcnt, 1);
	spin_lock_init(&dev->addr_list_lock);
	INIT_LIST_HEAD(&dev->uc.list);
	INIT_LIST_HEAD(&dev->mc.list);
	INIT_LIST_HEAD(&dev->napi_list);
	INIT_LIST_HEAD(&dev->ptype_all);
	INIT_LIST_HEAD(&dev->ptype_specific);
	INIT_LIST_HEAD(&dev->dev_list);
	INIT_LIST_HEAD(&dev->todo_list);
	INIT_LIST_HEAD(&dev->close_list);
	INIT_LIST_HEAD(&dev->unreg_list);
}

struct net_device *alloc_netdev_mqs(int sizeof_priv, const char *name,
				    unsigned char name_assign_type,
				    void (*setup)(struct net_device *),
				    unsigned int txqs, unsigned int rxqs)
{
	size_t head = ALIGN(sizeof(struct net_device), 64);
	struct net_device *dev;

	if (!txqs || !rxqs || strlen(name) >= IFNAMSIZ)
		return NULL;
	dev = kzalloc(head + sizeof_priv, GFP_KERNEL);
	if (!dev)
		return NULL;
	dev->_tx = kcalloc(txqs, sizeof(*dev->_tx), GFP_KERNEL);
	if (!dev->_tx) {
		kfree(dev);
		return NULL;
	}
	dev->priv = (char *)dev + head;
	init_fields(dev, txqs, rxqs);
	dev->priv_flags = IFF_XMIT_DST_RELEASE;
	setup(dev);
	dev->name_assign_type = name_assign_type;
	if (!dev->tx_queue_len) {
		dev->priv_flags |= IFF_NO_QUEUE;
		dev->tx_queue_len = DEFAULT_TX_QUEUE_LEN;
	}
	strscpy(dev->name, name, IFNAMSIZ);
	return dev;
}

static void free_netdev_rcu(struct rcu_head *head)
{
	struct net_device *dev = container_of(head, struct net_device, rcu);

	kfree(dev->_tx);
	free_percpu(dev->tstats);
	kfree(dev);
}

/* The last reference of a device that free_netdev() had given up. */
void netdev_put_last(struct net_device *dev)
{
	call_rcu(&dev->rcu, free_netdev_rcu);
}

void free_netdev(struct net_device *dev)
{
	if (dev->reg_state == NETREG_UNREGISTERING) {
		dev->needs_free_netdev = true; /* rtnl_unlock() will */
		return;
	}
	dev_addr_flush(dev);
	dev->reg_state = NETREG_RELEASED;
	dev_put(dev);
}

/* Into the lists of its network, and out. */
void dev_list(struct net_device *dev)
{
	struct net *net = dev_net(dev);

	list_add_tail_rcu(&dev->dev_list, &net->dev_base_head);
	hlist_add_head_rcu(&dev->name_hlist, dev_name_bucket(net, dev->name));
	hlist_add_head_rcu(&dev->index_hlist,
			   dev_index_bucket(net, dev->ifindex));
	net->dev_base_seq++;
}

void dev_unlist(struct net_device *dev)
{
	list_del_rcu(&dev->dev_list);
	hlist_del_rcu(&dev->name_hlist);
	hlist_del_rcu(&dev->index_hlist);
	dev_net(dev)->dev_base_seq++;
}

/* Put it under another name in the lists; rtnl. */
void dev_rehash_name(struct net_device *dev, const char *newname)
{
	hlist_del_rcu(&dev->name_hlist);
	synchronize_rcu();
	strscpy(dev->name, newname, IFNAMSIZ);
	hlist_add_head_rcu(&dev->name_hlist,
			   dev_name_bucket(dev_net(dev), dev->name));
}

/* A number that no device of net has. */
int dev_new_index(struct net *net)
{
	do {
		if (++net->ifindex <= 0)
			net->ifindex = 1;
	} while (__dev_get_by_index(net, net->ifindex));
	return net->ifindex;
}

/* What the stack can do for any device that can gather. */
static void settle_features(struct net_device *dev)
{
	dev->features |= NETIF_F_GRO | NETIF_F_GSO;
	dev->hw_features |= NETIF_F_GRO | NETIF_F_GSO;
	if (!(dev->features & NETIF_F_SG))
		dev->features &= ~NETIF_F_ALL_TSO;
}

int register_netdevice(struct net_device *dev)
{
	struct net *net = dev_net(dev);
	char name[IFNAMSIZ];
	int err;

	ASSERT_RTNL();
	err = dev_alloc_name(net, dev->name, name);
	if (err)
		return err;
	memcpy(dev->name, name, IFNAMSIZ);
	if (dev->netdev_ops->ndo_init) {
		err = dev->netdev_ops->ndo_init(dev);
		if (err)
			return err > 0 ? -EIO : err;
	}
	if (!dev->ifindex || __dev_get_by_index(net, dev->ifindex))
		dev->ifindex = dev_new_index(net);
	settle_features(dev);
	memcpy(dev->perm_addr, dev->dev_addr, MAX_ADDR_LEN);
	dev->operstate = IF_OPER_DOWN;
	set_bit(__LINK_STATE_PRESENT, &dev->state);
	dev_init_scheduler(dev);
	dev_list(dev);
	dev->reg_state = NETREG_REGISTERED;
	err = notifier_to_errno(call_netdevice_notifiers(NETDEV_REGISTER, dev));
	if (err) {
		unregister_netdevice(dev);
		return err;
	}
	rtmsg_ifinfo(RTM_NEWLINK, dev, ~0u, GFP_KERNEL);
	return 0;
}

int register_netdev(struct net_device *dev)
{
	int err;

	rtnl_lock();
	err = register_netdevice(dev);
	rtnl_unlock();
	return err;
}

void unregister_netdevice(struct net_device *dev)
{
	ASSERT_RTNL();
	if (dev->reg_state != NETREG_REGISTERED)
		return;
	dev_close(dev);
	dev_unlist(dev);
	dev->reg_state = NETREG_UNREGISTERING;
	dev->dismantle = true;
	synchronize_rcu();
	flush_backlog(dev);
	dev_shutdown(dev);
	call_netdevice_notifiers(NETDEV_UNREGISTER, dev);
	rtmsg_ifinfo(RTM_DELLINK, dev, ~0u, GFP_KERNEL);
	dev_addr_flush(dev);
	if (dev->netdev_ops->ndo_uninit)
		dev->netdev_ops->ndo_uninit(dev);
	list_add_tail(&dev->todo_list, &net_todo_list);
}

void unregister_netdev(struct net_device *dev)
{
	rtnl_lock();
	unregister_netdevice(dev);
	rtnl_unlock();
}

/* Who unregistered under the lock that is about to be dropped. */
void netdev_take_todo(struct list_head *todo)
{
	list_splice_init(&net_todo_list, todo);
}

static void wait_for_references(struct net_device *dev)
{
	unsigned long warn = jiffies + 10 * HZ;

	while (refcount_read(&dev->dev_refcnt) != 1) {
		msleep(1);
		if (time_after(jiffies, warn)) {
			pr_warn("%s: still %d references\n", dev->name,
				refcount_read(&dev->dev_refcnt));
			warn = jiffies + 10 * HZ;
		}
	}
}

void netdev_finish_todo(struct list_head *todo)
{
	struct net_device *dev, *next;

	if (list_empty(todo))
		return;
	rcu_barrier();
	list_for_each_entry_safe(dev, next, todo, todo_list) {
		bool ours;

		list_del_init(&dev->todo_list);
		wait_for_references(dev);
		dev->reg_state = NETREG_UNREGISTERED;
		ours = dev->needs_free_netdev;
		if (dev->priv_destructor)
			dev->priv_destructor(dev);
		if (ours)
			free_netdev(dev);
	}
}

/* ---- a network of its own ---- */

static int netdev_net_init(struct net *net)
{
	INIT_LIST_HEAD(&net->dev_base_head);
	net->dev_name_head = kcalloc(NETDEV_HASHENTRIES,
				     sizeof(struct hlist_head), GFP_KERNEL);
	net->dev_index_head = kcalloc(NETDEV_HASHENTRIES,
				      sizeof(struct hlist_head), GFP_KERNEL);
	if (!net->dev_name_head || !net->dev_index_head) {
		kfree(net->dev_name_head);
		kfree(net->dev_index_head);
		return -ENOMEM;
	}
	return 0;
}

static void netdev_net_exit(struct net *net)
{
	kfree(net->dev_name_head);
	kfree(net->dev_index_head);
}

static struct pernet_operations netdev_net_ops = {
	.init = netdev_net_init,
	.exit = netdev_net_exit,
};

static int net_dev_init(void)
{
	int err = register_pernet_subsys(&netdev_net_ops);

	napi_init();
	return err;
}
subsys_initcall(net_dev_init);
