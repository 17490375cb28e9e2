/* SPDX-License-Identifier: MIT */
/*
 * fib_semantics.c -- next hops: checked once, shared by the routes that have
 * the same one
 *
 * A gateway must be on a link of ours: looking it up must give a route of a
 * nearer scope (RT_SCOPE_LINK), and its device is the next hop's. So no route
 * can go by itself.
 *
 * The rtables made from a next hop are cached in it, one for each direction:
 * all that they say comes from here.
 *
 * LOCKING.  rtnl; fib_clntref may be dropped anywhere.
 */

#include <net/ip_fib.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/inetdevice.h>
#include <net/route.h>

#include "fib.h"

static void free_info_rcu(struct rcu_head *head)
{
	struct fib_info *fi = container_of(head, struct fib_info, rcu);

	fib_nh_flush_routes(&fi->fib_nh);
	dev_put(fi->fib_nh.fib_nh_dev);
	kfree(fi);
}

void free_fib_info(struct fib_info *fi)
{
	call_rcu(&fi->rcu, free_info_rcu);
}

void fib_nh_flush_routes(struct fib_nh *nh)
{
	struct rtable *in = xchg(&nh->nh_rth_input, NULL);
	struct rtable *out = xchg(&nh->nh_rth_output, NULL);

	if (in)
		dst_release(&in->dst);
	if (out)
		dst_release(&out->dst);
}

/* An alias lets go.  The last one takes it out of use. */
void fib_release_info(struct fib_info *fi)
{
	if (--fi->fib_treeref)
		return;
	list_del(&fi->fib_list);
	fi->fib_dead = 1;
	/* Routes made from it hold it, and it holds them: cut that here. */
	fib_nh_flush_routes(&fi->fib_nh);
	fib_info_put(fi);
}

static bool same_info(const struct fib_info *a, const struct fib_info *b)
{
	return a->fib_protocol == b->fib_protocol &&
	       a->fib_scope == b->fib_scope && a->fib_type == b->fib_type &&
	       a->fib_prefsrc == b->fib_prefsrc &&
	       a->fib_priority == b->fib_priority &&
	       a->fib_nh.fib_nh_oif == b->fib_nh.fib_nh_oif &&
	       a->fib_nh.fib_nh_gw4 == b->fib_nh.fib_nh_gw4 &&
	       a->fib_nh.fib_nh_scope == b->fib_nh.fib_nh_scope &&
	       !((a->fib_nh.fib_nh_flags ^ b->fib_nh.fib_nh_flags) &
		 ~RTNH_F_DEAD) &&
	       !memcmp(a->fib_mx, b->fib_mx, sizeof(a->fib_mx));
}

static struct fib_info *find_equal(struct net *net, const struct fib_info *new)
{
	struct fib_info *fi;

	list_for_each_entry(fi, &net->ipv4.fib_infos, fib_list)
		if (!fi->fib_dead && same_info(fi, new))
			return fi;
	return NULL;
}

/* ---- checking ---- */

static int check_onlink(struct net *net, struct fib_nh *nh)
{
	struct net_device *dev = __dev_get_by_index(net, nh->fib_nh_oif);

	if (!dev)
		return -ENODEV;
	if (!(dev->flags & IFF_UP))
		return -ENETDOWN;
	if (inet_addr_type(net, nh->fib_nh_gw4) != RTN_UNICAST)
		return -EINVAL;
	dev_hold(dev);
	nh->fib_nh_dev = dev;
	nh->fib_nh_scope = RT_SCOPE_LINK;
	return 0;
}

static int check_gateway(struct net *net, struct fib_nh *nh, u8 scope)
{
	struct flowi4 fl4 = {
		.daddr = nh->fib_nh_gw4, .flowi4_oif = nh->fib_nh_oif,
		.flowi4_scope = max_t(u8, scope + 1, RT_SCOPE_LINK),
	};
	struct fib_result res;
	int err;

	if (scope >= RT_SCOPE_LINK)
		return -EINVAL;
	if (nh->fib_nh_flags & RTNH_F_ONLINK)
		return check_onlink(net, nh);
	rcu_read_lock();
	err = fib_lookup(net, &fl4, &res, 0);
	if (err)
		goto out;
	err = -EINVAL;
	if (res.type != RTN_UNICAST && res.type != RTN_LOCAL)
		goto out;
	err = -ENETDOWN;
	if (!FIB_RES_DEV(res) || !(FIB_RES_DEV(res)->flags & IFF_UP))
		goto out;
	nh->fib_nh_scope = res.scope;
	nh->fib_nh_dev = FIB_RES_DEV(res);
	nh->fib_nh_oif = nh->fib_nh_dev->ifindex;
	dev_hold(nh->fib_nh_dev);
	err = 0;
out:
	rcu_read_unlock();
	return err;
}

static int check_device(struct net *net, struct fib_nh *nh, u8 scope)
{
	struct net_device *dev = __dev_get_by_index(net, nh->fib_nh_oif);

	if (!dev || !__in_dev_get_rtnl(dev))
		return -ENODEV;
	/* An address is ours also while its device is down. */
	if (scope != RT_SCOPE_HOST && !(dev->flags & IFF_UP))
		return -ENETDOWN;
	dev_hold(dev);
	nh->fib_nh_dev = dev;
	nh->fib_nh_scope = scope == RT_SCOPE_HOST ? RT_SCOPE_NOWHERE
						  : RT_SCOPE_LINK;
	return 0;
}

static bool type_has_no_hop(u8 type)
{
	return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE ||
	       type == RTN_PROHIBIT || type == RTN_THROW;
}

static int check_nh(struct net *net, struct fib_config *cfg,
		    struct fib_info *fi)
{
	struct fib_nh *nh = &fi->fib_nh;

	if (type_has_no_hop(cfg->fc_type))
		return cfg->fc_gw4 || cfg->fc_oif ? -EINVAL : 0;
	nh->fib_nh_oif = cfg->fc_oif;
	nh->fib_nh_flags = cfg->fc_flags & RTNH_F_ONLINK;
	if (cfg->fc_gw_family) {
		nh->fib_nh_gw_family = AF_INET;
		nh->fib_nh_gw4 = cfg->fc_gw4;
		return check_gateway(net, nh, cfg->fc_scope);
	}
	return check_device(net, nh, cfg->fc_scope);
}

static bool prefsrc_ok(struct net *net, const struct fib_config *cfg)
{
	if (!cfg->fc_prefsrc)
		return true;
	if (cfg->fc_type == RTN_LOCAL && cfg->fc_dst &&
	    cfg->fc_prefsrc == cfg->fc_dst)
		return true;
	return inet_addr_type(net, cfg->fc_prefsrc) == RTN_LOCAL;
}

static int check_config(struct fib_config *cfg)
{
	if (cfg->fc_type == RTN_UNSPEC)
		cfg->fc_type = RTN_UNICAST;
	if (cfg->fc_type > RTN_MAX || cfg->fc_scope > RT_SCOPE_HOST)
		return -EINVAL;
	if (cfg->fc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
		return -EINVAL;
	if (cfg->fc_gw_family && cfg->fc_gw_family != AF_INET)
		return -EAFNOSUPPORT;
	if (cfg->fc_gw4)
		cfg->fc_gw_family = AF_INET;
	return 0;
}

struct fib_info *fib_create_info(struct net *net, struct fib_config *cfg)
{
	struct fib_info *fi, *old;
	int err = check_config(cfg);

	if (err)
		return ERR_PTR(err);
	fi = kzalloc(sizeof(*fi), GFP_KERNEL);
	if (!fi)
		return ERR_PTR(-ENOBUFS);
	fi->fib_net = net;
	fi->fib_protocol = cfg->fc_protocol;
	fi->fib_scope = cfg->fc_scope;
	fi->fib_type = cfg->fc_type;
	fi->fib_prefsrc = cfg->fc_prefsrc;
	fi->fib_priority = cfg->fc_priority;
	memcpy(fi->fib_mx, cfg->fc_mx, sizeof(fi->fib_mx));
	refcount_set(&fi->fib_clntref, 1);
	err = check_nh(net, cfg, fi);
	if (!err && !prefsrc_ok(net, cfg))
		err = -EINVAL;
	old = err ? NULL : find_equal(net, fi);
	if (err || old) {
		dev_put(fi->fib_nh.fib_nh_dev);
		kfree(fi);
		if (err)
			return ERR_PTR(err);
		old->fib_treeref++;
		return old;
	}
	fi->fib_treeref = 1;
	list_add(&fi->fib_list, &net->ipv4.fib_infos);
	return fi;
}

/* ---- devices and addresses that go; rtnl ---- */

int fib_sync_down_dev(struct net_device *dev, bool force)
{
	struct fib_info *fi;
	int n = 0;

	list_for_each_entry(fi, &dev_net(dev)->ipv4.fib_infos, fib_list) {
		if (fi->fib_nh.fib_nh_dev != dev || fi->fib_dead)
			continue;
		/* Going down, an address's own routes stay until it goes. */
		if (!force && fi->fib_scope == RT_SCOPE_HOST)
			continue;
		WRITE_ONCE(fi->fib_nh.fib_nh_flags,
			   fi->fib_nh.fib_nh_flags | RTNH_F_DEAD);
		fi->fib_dead = 1;
		n++;
	}
	return n;
}

/* An address of ours goes: so do routes that prefer it as source. */
int fib_sync_down_addr(struct net_device *dev, __be32 local)
{
	struct fib_info *fi;
	int n = 0;

	if (!local)
		return 0;
	list_for_each_entry(fi, &dev_net(dev)->ipv4.fib_infos, fib_list) {
		if (fi->fib_prefsrc == local && !fi->fib_dead) {
			fi->fib_dead = 1;
			n++;
		}
	}
	return n;
}

/* Our address for packets by that route. */
__be32 fib_result_prefsrc(struct net *net, struct fib_result *res)
{
	struct fib_nh *nh = FIB_RES_NH(*res);
	int genid = atomic_read(&net->ipv4.dev_addr_genid);

	if (res->fi->fib_prefsrc)
		return res->fi->fib_prefsrc;
	if (nh->nh_saddr && READ_ONCE(nh->nh_saddr_genid) == genid)
		return nh->nh_saddr;
	nh->nh_saddr = inet_select_addr(nh->fib_nh_dev, nh->fib_nh_gw4,
					res->fi->fib_scope);
	WRITE_ONCE(nh->nh_saddr_genid, genid);
	return nh->nh_saddr;
}
