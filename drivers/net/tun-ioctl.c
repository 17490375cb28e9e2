/* SPDX-License-Identifier: MIT */
/*
 * tun-ioctl.c -- TUNSETIFF ties a file to a device, and what else may be set
 *
 * Making a device takes CAP_NET_ADMIN in the network's user namespace; tying to
 * one that is there (a persistent one) that, or to be its owner (TUNSETOWNER).
 *
 * LOCKING.  rtnl_mutex around all but TUNGETFEATURES.
 */

#include "tun.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <net/rtnetlink.h>

/* ---- TUNSETIFF; rtnl held ---- */

static bool tun_not_capable(const struct tun_struct *tun, struct net *net)
{
	bool stranger = (tun->owner != NO_ID &&
			 tun->owner != current_euid()) ||
			(tun->group != NO_ID && !in_group_p(tun->group));

	return stranger && !ns_capable(net->user_ns, CAP_NET_ADMIN);
}

static void tun_attach(struct tun_struct *tun, struct tun_file *tfile)
{
	rcu_assign_pointer(tfile->tun, tun);
	rcu_assign_pointer(tun->tfile, tfile);
}

static int tie_to_existing(struct tun_file *tfile, struct net_device *dev,
			   unsigned int flags)
{
	struct tun_struct *tun = netdev_priv(dev);

	if (flags & IFF_TUN_EXCL)
		return -EBUSY;
	if (dev->rtnl_link_ops != &tun_link_ops ||
	    !(tun->flags & flags & (IFF_TUN | IFF_TAP)))
		return -EINVAL;
	if (tun_not_capable(tun, tfile->net))
		return -EPERM;
	if (rtnl_dereference(tun->tfile))
		return -EBUSY;
	tun_attach(tun, tfile);
	WRITE_ONCE(tun->flags, (tun->flags & (IFF_TUN | IFF_TAP | IFF_PERSIST)) |
			       (flags & (IFF_NO_PI | IFF_ONE_QUEUE)));
	return 0;
}

static int make_device(struct tun_file *tfile, const char *name,
		       unsigned int flags)
{
	struct net_device *dev;
	struct tun_struct *tun;
	int err;

	if (!ns_capable(tfile->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (!*name)
		name = flags & IFF_TAP ? "tap%d" : "tun%d";
	dev = alloc_netdev(sizeof(*tun), name, NET_NAME_UNKNOWN, tun_setup);
	if (!dev)
		return -ENOMEM;
	dev->nd_net = tfile->net;
	dev->rtnl_link_ops = &tun_link_ops;
	dev->ifindex = tfile->ifindex;
	tun_setup_kind(dev, flags);
	tun = netdev_priv(dev);
	tun->flags = flags & (IFF_TUN | IFF_TAP | IFF_NO_PI | IFF_ONE_QUEUE);
	err = register_netdevice(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	tun_attach(tun, tfile);
	return 0;
}

static unsigned int told_flags(const struct tun_struct *tun)
{
	return tun->flags & (IFF_TUN | IFF_TAP | IFF_NO_PI | IFF_ONE_QUEUE |
			     IFF_PERSIST);
}

static int tun_set_iff(struct tun_file *tfile, struct ifreq *ifr)
{
	unsigned int flags = (unsigned short)ifr->ifr_flags;
	struct net_device *dev;
	struct tun_struct *tun;
	int err;

	ifr->ifr_name[IFNAMSIZ - 1] = 0;
	if (rtnl_dereference(tfile->tun))
		return -EEXIST;
	if (!(flags & (IFF_TUN | IFF_TAP)) ||
	    (flags & ~(IFF_TUN | IFF_TAP | IFF_NO_PI | IFF_ONE_QUEUE |
		       IFF_TUN_EXCL)))
		return -EINVAL;
	if (flags & IFF_TUN)
		flags &= ~IFF_TAP;
	dev = __dev_get_by_name(tfile->net, ifr->ifr_name);
	err = dev ? tie_to_existing(tfile, dev, flags)
		  : make_device(tfile, ifr->ifr_name, flags);
	if (err)
		return err;
	tun = rtnl_dereference(tfile->tun);
	netif_carrier_on(tun->dev);
	strscpy(ifr->ifr_name, tun->dev->name, IFNAMSIZ);
	ifr->ifr_flags = told_flags(tun);
	return 0;
}

/* ---- the other ioctls ---- */

static int set_link_type(struct tun_struct *tun, unsigned int type)
{
	if (tun->dev->flags & IFF_UP)
		return -EBUSY;
	tun->dev->type = type;
	return 0;
}

static int set_persist(struct tun_struct *tun, bool on)
{
	WRITE_ONCE(tun->flags, on ? tun->flags | IFF_PERSIST
				  : tun->flags & ~IFF_PERSIST);
	return 0;
}

static int set_carrier(struct tun_struct *tun, const int __user *p)
{
	int on;

	if (get_user(on, p))
		return -EFAULT;
	if (on)
		netif_carrier_on(tun->dev);
	else
		netif_carrier_off(tun->dev);
	return 0;
}

static int get_iff(struct tun_struct *tun, void __user *argp)
{
	struct ifreq ifr = { 0 };

	strscpy(ifr.ifr_name, tun->dev->name, IFNAMSIZ);
	ifr.ifr_flags = told_flags(tun);
	return copy_to_user(argp, &ifr, sizeof(ifr)) ? -EFAULT : 0;
}

/* Of a file that has a device; rtnl held. */
static int tied_ioctl(struct tun_struct *tun, unsigned int cmd,
		      unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	switch (cmd) {
	case TUNGETIFF:
		return get_iff(tun, argp);
	case TUNSETNOCSUM:            /* history: nothing to set */
		return 0;
	case TUNSETPERSIST:
		return set_persist(tun, arg);
	case TUNSETOWNER:
		tun->owner = arg;
		return 0;
	case TUNSETGROUP:
		tun->group = arg;
		return 0;
	case TUNSETLINK:
		return set_link_type(tun, arg);
	case TUNSETOFFLOAD:
		return arg ? -EINVAL : 0;
	case TUNGETSNDBUF:
		return put_user(INT_MAX, (int __user *)argp);
	case TUNSETCARRIER:
		return set_carrier(tun, argp);
	}
	return -EINVAL;
}

static long set_iff(struct tun_file *tfile, void __user *argp)
{
	struct ifreq ifr;
	int err;

	if (copy_from_user(&ifr, argp, sizeof(ifr)))
		return -EFAULT;
	rtnl_lock();
	err = tun_set_iff(tfile, &ifr);
	rtnl_unlock();
	if (!err && copy_to_user(argp, &ifr, sizeof(ifr)))
		err = -EFAULT;
	return err;
}

static long set_ifindex(struct tun_file *tfile, const unsigned int __user *p)
{
	unsigned int index;
	int err = -EPERM;

	if (get_user(index, p))
		return -EFAULT;
	rtnl_lock();
	if (!rtnl_dereference(tfile->tun)) {
		tfile->ifindex = index;
		err = 0;
	}
	rtnl_unlock();
	return err;
}

long tun_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tun_file *tfile = file->private_data;
	void __user *argp = (void __user *)arg;
	struct tun_struct *tun;
	long err;

	switch (cmd) {
	case TUNGETFEATURES:
		return put_user(IFF_TUN | IFF_TAP | IFF_NO_PI | IFF_ONE_QUEUE,
				(unsigned int __user *)argp);
	case TUNSETIFF:
		return set_iff(tfile, argp);
	case TUNSETIFINDEX:
		return set_ifindex(tfile, argp);
	}
	rtnl_lock();
	tun = rtnl_dereference(tfile->tun);
	err = tun ? tied_ioctl(tun, cmd, arg) : -EBADFD;
	rtnl_unlock();
	return err;
}
