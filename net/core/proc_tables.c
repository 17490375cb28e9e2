/* SPDX-License-Identifier: MIT */
/*
 * proc_tables.c -- /proc/net/ptype, protocols, psched, dev_mcast
 *
 * What registered itself with the network, in Linux's columns.
 */

#include "dev.h"

#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <net/sock.h>

#define TICK_NS 64                    /* of tc: see sch_netem.c */

static void show_ptype(const struct packet_type *pt, void *arg)
{
	struct seq_file *m = arg;

	if (pt->af_packet_net && pt->af_packet_net != seq_file_net(m))
		return;
	if (pt->type == htons(ETH_P_ALL))
		seq_puts(m, "ALL ");
	else
		seq_printf(m, "%04x", ntohs(pt->type));
	seq_printf(m, " %-8s %ps\n", pt->dev ? pt->dev->name : "", pt->func);
}

static int ptype_show(struct seq_file *m, void *v)
{
	seq_puts(m, "Type Device      Function\n");
	ptype_for_each(show_ptype, m);
	return 0;
}

static char has(const void *method)
{
	return method ? 'y' : 'n';
}

static void show_proto(const struct proto *p, void *arg)
{
	struct seq_file *m = arg;
	const long pages = p->memory_allocated ?
			   atomic_long_read(p->memory_allocated) : -1;

	seq_printf(m, "%-9s %4u %6d  %6ld   %-3s %6u   %-3s  %-10s ",
		   p->name, p->obj_size,
		   atomic_read(&p->sockets_allocated), pages, "NI",
		   p->max_header, p->slab ? "yes" : "no", "kernel");
	seq_printf(m, "%2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c %2c "
		   "%2c %2c %2c %2c %2c\n", has(p->close), has(p->connect),
		   has(p->disconnect), has(p->accept), has(p->ioctl),
		   has(p->init), has(p->destroy), has(p->shutdown),
		   has(p->setsockopt), has(p->getsockopt), has(p->sendmsg),
		   has(p->recvmsg), has(p->bind), has(p->backlog_rcv),
		   has(p->hash), has(p->unhash), has(p->get_port), 'n',
		   has(p->enter_memory_pressure));
}

static int protocols_show(struct seq_file *m, void *v)
{
	seq_puts(m, "protocol  size sockets  memory press maxhdr  slab module     "
		 "cl co di ac io in de sh ss gs se re bi br ha uh gp em\n");
	proto_for_each(show_proto, m);
	return 0;
}

/* What `tc` wants to know of our clocks. */
static int psched_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%08x %08x %08x %08x\n", (u32)NSEC_PER_USEC, TICK_NS,
		   1000000, (u32)NSEC_PER_SEC);
	return 0;
}

static void show_mc(struct seq_file *m, struct net_device *dev)
{
	struct netdev_hw_addr *ha;

	spin_lock_bh(&dev->addr_list_lock);
	netdev_for_each_mc_addr(ha, dev)
		seq_printf(m, "%-4d %-15s %-5d %-5d %*phN\n", dev->ifindex,
			   dev->name, ha->refcount, 0, dev->addr_len,
			   ha->addr);
	spin_unlock_bh(&dev->addr_list_lock);
}

static int dev_mcast_show(struct seq_file *m, void *v)
{
	struct net_device *dev;

	rcu_read_lock();
	for_each_netdev_rcu(seq_file_net(m), dev)
		show_mc(m, dev);
	rcu_read_unlock();
	return 0;
}

static int proc_tables_init(void)
{
	struct proc_dir_entry *dir = init_net.proc_net;

	return proc_create_single("ptype", 0444, dir, ptype_show) &&
	       proc_create_single("protocols", 0444, dir, protocols_show) &&
	       proc_create_single("psched", 0444, dir, psched_show) &&
	       proc_create_single("dev_mcast", 0444, dir, dev_mcast_show) ?
	       0 : -ENOMEM;
}
fs_initcall(proc_tables_init);
