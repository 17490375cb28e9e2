/* SPDX-License-Identifier: MIT */
/*
 * af_netlink.c -- sockets to the kernel's own services
 *
 * PROMISE.  A request that sendmsg() accepted has been carried out when it
 * returns, and its answer lies in the sender's queue.  A listener of a group
 * gets each message in order, or is told (ENOBUFS) that it lost some.
 *
 * IDEA.  Each protocol is a bus with the kernel at port 0 and programs at
 * other ports.  A message to port 0 is handed to the service at once, in the
 * sender's own context: there is no queue to the kernel, so a flood of requests
 * costs the flooder his own time.  Messages to programs are queued and charged
 * to the receiver: his buffer bounds them.
 *
 *	sendmsg -> unicast -- port 0 --> service's input() --> netlink_unicast
 *	                   `- port N --> N's queue  (wait for room)
 *	kernel: netlink_broadcast(group) --> queue of each member (or overrun)
 *
 * LOCKING.  nlk's dump_mutex -> (rtnl) -> table lock (bottom halves off) ->
 * queue lock.
 *
 * SEE netlink(7), RFC 3549; deliver.c, request.c, attr.c.
 */

#include "netlink.h"

#include <arch/uaccess.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/scm.h>

static struct proto netlink_proto = {
	.name = "NETLINK",
	.obj_size = sizeof(struct netlink_sock),
};

static struct hlist_head *bucket(struct netlink_table *t, u32 portid)
{
	return &t->hash[hash_32(portid, ilog2(NETLINK_BUCKETS))];
}

/* Table lock held. */
static struct sock *find_port(struct netlink_table *t, u32 portid)
{
	struct sock *sk;

	hlist_for_each_entry(sk, bucket(t, portid), sk_node)
		if (nlk_sk(sk)->portid == portid)
			return sk;
	return NULL;
}

struct sock *netlink_lookup(struct net *net, int protocol, u32 portid)
{
	struct netlink_table *t = netlink_table(net, protocol);
	struct sock *sk;

	read_lock_bh(&t->lock);
	sk = find_port(t, portid);
	if (sk)
		sock_hold(sk);
	read_unlock_bh(&t->lock);
	return sk;
}

/* ---- birth, name and death ---- */

static void netlink_sock_destruct(struct sock *sk)
{
	skb_queue_purge(&sk->sk_receive_queue);
	WARN_ON(nlk_sk(sk)->cb_running);
	WARN_ON(atomic_read(&sk->sk_rmem_alloc));
}

static int netlink_setup(struct net *net, struct socket *sock, int protocol,
			 int kern)
{
	struct netlink_sock *nlk;
	struct sock *sk;

	sk = sk_alloc(net, PF_NETLINK, GFP_KERNEL, &netlink_proto, kern);
	if (!sk)
		return -ENOMEM;
	sock_init_data(sock, sk);
	sk->sk_protocol = protocol;
	sk->sk_destruct = netlink_sock_destruct;
	nlk = nlk_sk(sk);
	mutex_init(&nlk->dump_mutex);
	init_waitqueue_head(&nlk->wait);
	return 0;
}

static const struct proto_ops netlink_ops;

static int netlink_create(struct net *net, struct socket *sock, int protocol,
			  int kern)
{
	sock->state = SS_UNCONNECTED;
	if (sock->type != SOCK_RAW && sock->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol < 0 || protocol >= MAX_LINKS ||
	    !READ_ONCE(netlink_table(net, protocol)->registered))
		return -EPROTONOSUPPORT;
	sock->ops = &netlink_ops;
	return netlink_setup(net, sock, protocol, kern);
}

/* 0, -EADDRINUSE, -EBUSY (it has another).  lock_sock held. */
static int netlink_insert(struct sock *sk, u32 portid)
{
	struct netlink_table *t = netlink_table_of(sk);
	struct netlink_sock *nlk = nlk_sk(sk);
	int err = 0;

	write_lock_bh(&t->lock);
	if (nlk->bound) {
		err = nlk->portid == portid ? 0 : -EBUSY;
	} else if (find_port(t, portid)) {
		err = -EADDRINUSE;
	} else {
		nlk->portid = portid;
		WRITE_ONCE(nlk->bound, true);
		sock_hold(sk);
		hlist_add_head(&sk->sk_node, bucket(t, portid));
	}
	write_unlock_bh(&t->lock);
	return err;
}

/* Our process's number is the port, or some other that is free. */
static int netlink_autobind(struct sock *sk)
{
	static atomic_t rover = ATOMIC_INIT(-4097);
	u32 portid = task_tgid_vnr(current);
	int err;

	lock_sock(sk);
	while ((err = netlink_insert(sk, portid)) == -EADDRINUSE) {
		s32 next = atomic_dec_return(&rover);

		if (next >= -4096)    /* came round to the process numbers */
			atomic_set(&rover, -4097);
		portid = next;
	}
	release_sock(sk);
	return err == -EBUSY ? 0 : err;
}

/* Table lock held. */
static void set_group(struct sock *sk, struct netlink_table *t,
		      unsigned int group, bool join)
{
	struct netlink_sock *nlk = nlk_sk(sk);
	unsigned int bit = group - 1;

	if (test_bit(bit, nlk->groups) == join)
		return;
	if (join) {
		__set_bit(bit, nlk->groups);
		WRITE_ONCE(t->listeners[bit], t->listeners[bit] + 1);
		if (!nlk->subscriptions++)
			hlist_add_head(&sk->sk_bind_node, &t->mc_list);
		return;
	}
	__clear_bit(bit, nlk->groups);
	WRITE_ONCE(t->listeners[bit], t->listeners[bit] - 1);
	if (!--nlk->subscriptions)
		hlist_del_init(&sk->sk_bind_node);
}

int netlink_change_membership(struct sock *sk, unsigned int group, bool join)
{
	struct netlink_table *t = netlink_table_of(sk);

	if (!group || group > t->groups)
		return -EINVAL;
	write_lock_bh(&t->lock);
	set_group(sk, t, group, join);
	write_unlock_bh(&t->lock);
	return 0;
}

static void netlink_remove(struct sock *sk)
{
	struct netlink_table *t = netlink_table_of(sk);
	struct netlink_sock *nlk = nlk_sk(sk);
	bool bound;

	write_lock_bh(&t->lock);
	bound = nlk->bound;
	if (bound)
		hlist_del_init(&sk->sk_node);
	nlk->bound = false;
	for (unsigned int g = 1; g <= t->groups; g++)
		set_group(sk, t, g, false);
	write_unlock_bh(&t->lock);
	if (bound)
		__sock_put(sk);
}

static int netlink_release(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!sk)
		return 0;
	netlink_remove(sk);
	sock_orphan(sk);
	sock->sk = NULL;
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	wake_up_interruptible_all(&nlk_sk(sk)->wait);
	netlink_dump_end(sk);
	skb_queue_purge(&sk->sk_receive_queue);
	sock_put(sk);
	return 0;
}

/* ---- bind, connect, getname ---- */

bool netlink_allowed(const struct socket *sock, unsigned int flag)
{
	return (netlink_table_of(sock->sk)->flags & flag) ||
	       ns_capable(sock_net(sock->sk)->user_ns, CAP_NET_ADMIN);
}

/* bind()'s mask: the first 32 groups become exactly these. */
static void set_group_mask(struct sock *sk, u32 mask)
{
	struct netlink_table *t = netlink_table_of(sk);

	write_lock_bh(&t->lock);
	for (unsigned int g = 1; g <= 32 && g <= t->groups; g++)
		set_group(sk, t, g, mask >> (g - 1) & 1);
	write_unlock_bh(&t->lock);
}

static int netlink_bind(struct socket *sock, struct sockaddr *addr, int len)
{
	struct sockaddr_nl *nladdr = (struct sockaddr_nl *)addr;
	struct netlink_sock *nlk = nlk_sk(sock->sk);
	u32 groups;
	int err = 0;

	if (len < (int)sizeof(*nladdr) || nladdr->nl_family != AF_NETLINK)
		return -EINVAL;
	groups = nladdr->nl_groups;
	if (groups && !netlink_allowed(sock, NL_CFG_F_NONROOT_RECV))
		return -EPERM;
	if (READ_ONCE(nlk->bound)) {
		if (nladdr->nl_pid != nlk->portid)
			return -EINVAL;
	} else if (nladdr->nl_pid) {
		lock_sock(sock->sk);
		err = netlink_insert(sock->sk, nladdr->nl_pid);
		release_sock(sock->sk);
		if (err == -EBUSY)
			err = -EINVAL;
	} else {
		err = netlink_autobind(sock->sk);
	}
	if (!err)
		set_group_mask(sock->sk, groups);
	return err;
}

static u32 first_group(u32 mask)
{
	return mask ? __ffs(mask) + 1 : 0;
}

static int netlink_connect(struct socket *sock, struct sockaddr *addr, int len,
			   int flags)
{
	struct sockaddr_nl *nladdr = (struct sockaddr_nl *)addr;
	struct sock *sk = sock->sk;
	struct netlink_sock *nlk = nlk_sk(sk);
	int err = 0;

	if (len < (int)sizeof(addr->sa_family))
		return -EINVAL;
	if (addr->sa_family == AF_UNSPEC) {
		sk->sk_state = 0;
		nlk->dst_portid = nlk->dst_group = 0;
		return 0;
	}
	if (addr->sa_family != AF_NETLINK || len < (int)sizeof(*nladdr))
		return -EINVAL;
	if ((nladdr->nl_groups || nladdr->nl_pid) &&
	    !netlink_allowed(sock, NL_CFG_F_NONROOT_SEND))
		return -EPERM;
	if (!READ_ONCE(nlk->bound))
		err = netlink_autobind(sk);
	if (err)
		return err;
	sk->sk_state = TCP_ESTABLISHED;
	nlk->dst_portid = nladdr->nl_pid;
	nlk->dst_group = first_group(nladdr->nl_groups);
	return 0;
}

static int netlink_getname(struct socket *sock, struct sockaddr *addr, int peer)
{
	struct netlink_sock *nlk = nlk_sk(sock->sk);
	struct sockaddr_nl *nladdr = (struct sockaddr_nl *)addr;

	*nladdr = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
	if (peer) {
		nladdr->nl_pid = nlk->dst_portid;
		nladdr->nl_groups = nlk->dst_group ?
				    1u << ((nlk->dst_group - 1) & 31) : 0;
	} else {
		nladdr->nl_pid = nlk->portid;
		nladdr->nl_groups = nlk->groups[0];
	}
	return sizeof(*nladdr);
}

static int netlink_ioctl(struct socket *sock, unsigned int cmd,
			 unsigned long arg)
{
	return -ENOIOCTLCMD;
}

struct sock *netlink_getsockbyfilp(struct file *file)
{
	struct socket *sock = sock_from_file(file);

	if (!sock)
		return ERR_PTR(-ENOTSOCK);
	if (sock->sk->sk_family != AF_NETLINK)
		return ERR_PTR(-EINVAL);
	sock_hold(sock->sk);
	return sock->sk;
}

/* ---- sending ---- */

/* Where msg goes; 0 or -errno. */
static int destination(struct socket *sock, struct msghdr *msg, u32 *portid,
		       u32 *group)
{
	struct netlink_sock *nlk = nlk_sk(sock->sk);
	struct sockaddr_nl *addr = msg->msg_name;

	if (!msg->msg_namelen) {
		*portid = nlk->dst_portid;
		*group = nlk->dst_group;
		return 0;
	}
	if (msg->msg_namelen < (int)sizeof(*addr) ||
	    addr->nl_family != AF_NETLINK)
		return -EINVAL;
	*portid = addr->nl_pid;
	*group = first_group(addr->nl_groups);
	if ((*portid || *group) &&
	    !netlink_allowed(sock, NL_CFG_F_NONROOT_SEND))
		return -EPERM;
	return 0;
}

static int send_to(struct socket *sock, struct msghdr *msg, size_t len,
		   const struct scm_creds *creds, u32 portid, u32 group)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;

	if (len > (size_t)READ_ONCE(sk->sk_sndbuf) - 32)
		return -EMSGSIZE;
	skb = alloc_skb(len, GFP_KERNEL);
	if (!skb)
		return -ENOBUFS;
	memset(&NETLINK_CB(skb), 0, sizeof(NETLINK_CB(skb)));
	NETLINK_CB(skb).portid = nlk_sk(sk)->portid;
	NETLINK_CB(skb).dst_group = group;
	NETLINK_CB(skb).addressed = msg->msg_namelen;
	NETLINK_CB(skb).pid = creds->pid;
	NETLINK_CB(skb).uid = creds->uid;
	NETLINK_CB(skb).gid = creds->gid;
	if (copy_from_iter(skb_put(skb, len), len, &msg->msg_iter) != len) {
		kfree_skb(skb);
		return -EFAULT;
	}
	if (group) {
		refcount_inc(&skb->users);
		netlink_broadcast(sk, skb, portid, group, GFP_KERNEL);
	}
	return netlink_unicast(sk, skb, portid, msg->msg_flags & MSG_DONTWAIT);
}

static int netlink_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct netlink_sock *nlk = nlk_sk(sock->sk);
	u32 portid = 0, group = 0;
	struct scm_cookie scm;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (len == 0)
		return -ENODATA;
	err = scm_send(sock, msg, &scm, true);
	if (err < 0)
		return err;
	err = destination(sock, msg, &portid, &group);
	if (!err && !READ_ONCE(nlk->bound))
		err = netlink_autobind(sock->sk);
	if (!err)
		err = send_to(sock, msg, len, &scm.creds, portid, group);
	scm_destroy(&scm);
	return err;
}

static const struct proto_ops netlink_ops = {
	.family = PF_NETLINK,
	.release = netlink_release,
	.bind = netlink_bind,
	.connect = netlink_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = netlink_getname,
	.poll = datagram_poll,
	.ioctl = netlink_ioctl,
	.listen = sock_no_listen,
	.shutdown = sock_no_shutdown,
	.setsockopt = netlink_setsockopt,
	.getsockopt = netlink_getsockopt,
	.sendmsg = netlink_sendmsg,
	.recvmsg = netlink_recvmsg,
	.mmap = sock_no_mmap,
};

/* ---- the kernel's end ---- */

struct sock *netlink_kernel_create(struct net *net, int unit,
				   struct netlink_kernel_cfg *cfg)
{
	struct netlink_table *t = netlink_table(net, unit);
	struct netlink_sock *nlk;
	struct socket *sock;

	if (WARN_ON(unit < 0 || unit >= MAX_LINKS || t->registered))
		return NULL;
	if (sock_create_lite(PF_NETLINK, SOCK_DGRAM, unit, &sock))
		return NULL;
	sock->ops = &netlink_ops;
	if (netlink_setup(net, sock, unit, 1)) {
		sock->ops = NULL;
		sock_release(sock);
		return NULL;
	}
	nlk = nlk_sk(sock->sk);
	nlk->flags = NETLINK_F_KERNEL_SOCKET;
	nlk->netlink_rcv = cfg ? cfg->input : NULL;
	t->groups = clamp_t(unsigned int, cfg ? cfg->groups : 0, 32,
			    NETLINK_MAX_GROUPS);
	t->flags = cfg ? cfg->flags : 0;
	netlink_insert(sock->sk, 0);
	smp_store_release(&t->registered, true);
	return sock->sk;
}
EXPORT_SYMBOL(netlink_kernel_create);

static int netlink_net_init(struct net *net)
{
	net->netlink_tables = kcalloc(MAX_LINKS, sizeof(struct netlink_table),
				      GFP_KERNEL);
	if (!net->netlink_tables)
		return -ENOMEM;
	for (int i = 0; i < MAX_LINKS; i++)
		rwlock_init(&net->netlink_tables[i].lock);
	/* A bus without a service: programs among themselves. */
	net->netlink_tables[NETLINK_USERSOCK].groups = 32;
	net->netlink_tables[NETLINK_USERSOCK].flags = NL_CFG_F_NONROOT_SEND;
	net->netlink_tables[NETLINK_USERSOCK].registered = true;
	return 0;
}

/* The kernel's ends are gone already, and so is every process's. */
static void netlink_net_exit(struct net *net)
{
	kfree(net->netlink_tables);
}

static struct pernet_operations netlink_net_ops = {
	.init = netlink_net_init,
	.exit = netlink_net_exit,
};

void netlink_kernel_release(struct sock *sk)
{
	if (sk)
		sock_release(sk->sk_socket);
}
EXPORT_SYMBOL(netlink_kernel_release);

static const struct net_proto_family netlink_family = {
	.family = PF_NETLINK,
	.create = netlink_create,
};

/* From net_init(). */
int netlink_init(void)
{
	int err = proto_register(&netlink_proto, 0);

	if (!err)
		err = register_pernet_subsys(&netlink_net_ops);
	if (!err)
		err = netlink_proc_init();
	return err ? err : sock_register(&netlink_family);
}
