/* SPDX-License-Identifier: MIT */
/*
 * net_namespace.c -- networks: how one is born, shared, and torn down
 *
 * PROMISE.  Two networks share nothing but the machine: devices, addresses,
 * routes, ports, abstract names and settings of one are not seen in another.
 * When the last process, socket, open file and mount of one is gone, all that
 * it had goes too: real devices return to the first network, made ones end.
 *
 * IDEA.  A protocol registers what is to be done for each network
 * (pernet_operations): at registration for those that exist, then for each new
 * one in the order of registration; backwards when one ends.  Two parts: what
 * must be there before any device (register_pernet_subsys: tables, settings,
 * the kernel's own sockets), then the devices (register_pernet_device).
 *
 *	pernet_list:  netlink dev ipv4 fib icmp ...  |  lo  all other devices
 *	birth         ------------------------------>
 *	end                                         <------------------------
 *
 * END.  The last put_net() may be anywhere, in a softirq too; what ends a
 * network sleeps for long.  So a work does it, for all that wait together:
 *
 *	put_net -> 0: on cleanup_list, queue_work
 *	cleanup_net: off the list of networks, RCU passes, all exits, RCU
 *	    callbacks pass (the last devices' and sockets'), memory is freed
 *
 * References: an nsproxy, a user's socket, an open file of /proc/net, an inode
 * of nsfs.  Not: the kernel's own sockets, devices, sockets in TIME_WAIT; they
 * are ended by an exit function.
 *
 * LOCKING.  pernet_rwsem -> rtnl.  The list of operations: pernet_rwsem; births
 * and ends only read it, and so go on side by side.  The list of networks: both
 * to change, pernet_rwsem to write, or rtnl, or RCU to read.  cleanup_lock,
 * irqs off.
 *
 * BOUND.  Half as many networks as there may be threads: ENOSPC.
 *
 * SEE network_namespaces(7); docs/108-net-namespaces.md.
 */

#include <net/net_namespace.h>

#include <fs/file.h>
#include <fs/nsfs.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/rcupdate.h>
#include <kernel/rwsem.h>
#include <kernel/task.h>
#include <kernel/workqueue.h>
#include <mm/slab.h>
#include <net/rtnetlink.h>
#include <uapi/sched.h>
#include <uapi/socket.h>

#define NET_NS_FIRST_INO 0xd0000000u  /* apart from other kinds: fs/nsfs.c */

static DECLARE_RWSEM(pernet_rwsem);
static LIST_HEAD(pernet_list);
static struct list_head *first_device = &pernet_list; /* pernet_rwsem */
LIST_HEAD(net_namespace_list);

static atomic_t net_count = ATOMIC_INIT(0);           /* but the first */
static DEFINE_SPINLOCK(cleanup_lock);
static LIST_HEAD(cleanup_list);
static struct workqueue_struct *netns_wq;

struct net init_net = {
	.count = REFCOUNT_INIT(1),
	.list = LIST_HEAD_INIT(init_net.list),
	.user_ns = &init_user_ns,
	.inum = NET_NS_FIRST_INO,
	.net_cookie = 1,
	.dev_base_head = LIST_HEAD_INIT(init_net.dev_base_head),
	.core = { .sysctl_somaxconn = SOMAXCONN },
	.unx = { .sysctl_max_dgram_qlen = 10 },
};

/* ---- who does what for each network ---- */

static int ops_init(const struct pernet_operations *ops, struct net *net)
{
	return ops->init ? ops->init(net) : 0;
}

static void ops_exit(const struct pernet_operations *ops, struct net *net)
{
	if (ops->exit)
		ops->exit(net);
}

/* Before `where`; pernet_rwsem to write. */
static int register_ops(struct pernet_operations *ops, struct list_head *where)
{
	struct net *net, *done;
	int err;

	list_for_each_entry(net, &net_namespace_list, list) {
		err = ops_init(ops, net);
		if (err)
			goto undo;
	}
	list_add_tail(&ops->list, where);
	return 0;
undo:
	list_for_each_entry(done, &net_namespace_list, list) {
		if (done == net)
			break;
		ops_exit(ops, done);
	}
	return err;
}

int register_pernet_subsys(struct pernet_operations *ops)
{
	int err;

	down_write(&pernet_rwsem);
	err = register_ops(ops, first_device);
	up_write(&pernet_rwsem);
	return err;
}

int register_pernet_device(struct pernet_operations *ops)
{
	int err;

	down_write(&pernet_rwsem);
	err = register_ops(ops, &pernet_list);
	if (!err && first_device == &pernet_list)
		first_device = &ops->list;
	up_write(&pernet_rwsem);
	return err;
}

void unregister_pernet_subsys(struct pernet_operations *ops)
{
	struct net *net;

	down_write(&pernet_rwsem);
	if (first_device == &ops->list)
		first_device = ops->list.next;
	list_del(&ops->list);
	list_for_each_entry(net, &net_namespace_list, list)
		ops_exit(ops, net);
	up_write(&pernet_rwsem);
}

/* ---- birth ---- */

static struct net *net_alloc(void)
{
	static atomic_t last = ATOMIC_INIT(1);
	struct net *net = kzalloc(sizeof(*net), GFP_KERNEL);
	unsigned int n;

	if (!net)
		return NULL;
	n = atomic_inc_return(&last);
	refcount_set(&net->count, 1);
	net->user_ns = &init_user_ns;
	net->inum = NET_NS_FIRST_INO + n - 1;
	net->net_cookie = n;
	INIT_LIST_HEAD(&net->dev_base_head);
	net->core = (struct netns_core){ .sysctl_somaxconn = SOMAXCONN };
	net->unx.sysctl_max_dgram_qlen = 10;
	net->proc_net = init_net.proc_net;
	return net;
}

/* All of it, or nothing; pernet_rwsem. */
static int setup_net(struct net *net)
{
	struct pernet_operations *ops;
	int err;

	list_for_each_entry(ops, &pernet_list, list) {
		err = ops_init(ops, net);
		if (err)
			goto undo;
	}
	rtnl_lock();
	list_add_tail_rcu(&net->list, &net_namespace_list);
	rtnl_unlock();
	return 0;
undo:
	list_for_each_entry_continue_reverse(ops, &pernet_list, list)
		ops_exit(ops, net);
	return err;
}

struct net *copy_net_ns(void)
{
	struct net *net;
	int err = -ENOMEM;

	if (atomic_inc_return(&net_count) > max_threads / 2) {
		err = -ENOSPC;
		goto out_count;
	}
	net = net_alloc();
	if (!net)
		goto out_count;
	err = down_read_killable(&pernet_rwsem);
	if (err)
		goto out_free;
	err = setup_net(net);
	up_read(&pernet_rwsem);
	if (!err)
		return net;
	rcu_barrier();                /* what was made and undone */
out_free:
	kfree(net);
out_count:
	atomic_dec(&net_count);
	return ERR_PTR(err);
}

/* ---- naming one ---- */

struct net *get_net_ns_by_pid(pid_t pid)
{
	struct task_struct *task;
	struct net *net = ERR_PTR(-ESRCH);

	rcu_read_lock();
	task = find_task_by_vpid(pid);
	if (task) {
		task_lock(task);
		if (task->nsproxy)
			net = get_net(task->nsproxy->net_ns);
		task_unlock(task);
	}
	rcu_read_unlock();
	return net;
}

struct net *get_net_ns_by_fd(int fd)
{
	struct file *file = fget(fd);
	struct net *net = ERR_PTR(-EINVAL);

	if (!file)
		return ERR_PTR(-EBADF);
	if (nsfs_kind(file) == CLONE_NEWNET)
		net = get_net(nsfs_net_ns(file));
	fput(file);
	return net;
}

/* ---- end ---- */

static void cleanup_net(struct work_struct *work)
{
	struct pernet_operations *ops;
	struct net *net, *next;
	LIST_HEAD(dying);

	spin_lock_irq(&cleanup_lock);
	list_splice_init(&cleanup_list, &dying);
	spin_unlock_irq(&cleanup_lock);
	down_read(&pernet_rwsem);
	rtnl_lock();
	list_for_each_entry(net, &dying, cleanup_list)
		list_del_rcu(&net->list);
	rtnl_unlock();
	synchronize_rcu();
	list_for_each_entry_reverse(ops, &pernet_list, list)
		list_for_each_entry(net, &dying, cleanup_list)
			ops_exit(ops, net);
	up_read(&pernet_rwsem);
	rcu_barrier();
	list_for_each_entry_safe(net, next, &dying, cleanup_list) {
		kfree(net);
		atomic_dec(&net_count);
	}
}

static DECLARE_WORK(net_cleanup_work, cleanup_net);

/* The last reference is gone.  Any context. */
void __put_net(struct net *net)
{
	unsigned long flags;

	spin_lock_irqsave(&cleanup_lock, flags);
	list_add(&net->cleanup_list, &cleanup_list);
	spin_unlock_irqrestore(&cleanup_lock, flags);
	queue_work(netns_wq, &net_cleanup_work);
}

static int net_ns_init(void)
{
	init_nsproxy.net_ns = &init_net;
	list_add(&init_net.list, &net_namespace_list);
	return 0;
}
core_initcall(net_ns_init);

/* Behind workqueues; before a process could leave a network. */
static int net_ns_wq_init(void)
{
	netns_wq = create_singlethread_workqueue("netns");
	return netns_wq ? 0 : -ENOMEM;
}
subsys_initcall(net_ns_wq_init);
