/* SPDX-License-Identifier: MIT */
#ifndef NET_NET_NAMESPACE_H
#define NET_NET_NAMESPACE_H
/*
 * net_namespace.h -- one network: its devices, routes, tables and settings
 *
 * Hangs off nsproxy.  Nothing of the network is global: what a protocol keeps
 * per network is a field here (or a pointer that its pernet init fills).
 */

#include <kernel/bug.h>
#include <kernel/list.h>
#include <kernel/atomic.h>
#include <kernel/mutex.h>
#include <kernel/nsproxy.h>
#include <kernel/percpu.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>

struct net_device;
struct netlink_table;
struct proc_dir_entry;
struct sock;
struct user_namespace;

/* net/core */
struct netns_core {
	int sysctl_somaxconn;
};

/* net/unix */
struct unix_bucket;

struct netns_unix {
	int sysctl_max_dgram_qlen;
	struct unix_bucket *table;    /* [c] all socks by name */
};

/* net/ipv4 */
struct fib_table;
struct icmp_mib;
struct in_ifaddr;
struct ipstats_mib;
struct nf_hook_ops;
struct tcp_congestion_ops;
struct tcp_mib;
struct udp_mib;

#define FIB_TABLE_HASHSZ 16
#define IPV4_DEVCONF_COUNT 20         /* IPV4_DEVCONF_MAX of inetdevice.h */
#define FRAG_HASHSZ 256
#define FNHE_HASHSZ 256

/* Fragments of one network that wait for their others. */
struct fqdir {
	long high_thresh, low_thresh; /* bytes */
	int timeout;                  /* jiffies */
	int max_dist;
	atomic_long_t mem;            /* [a] bytes in use */
	spinlock_t lock;              /* the table's, bh off */
	struct hlist_head *hash;      /* [lock] */
	struct list_head lru;         /* [lock] oldest first */
	u32 rnd;
};

/* net.ipv4.tcp_*; names, defaults and units: net/ipv4/tcp_sysctl.c. */
struct tcp_sysctls {
	int syn_retries, synack_retries, retries1, retries2, orphan_retries;
	int syncookies, max_syn_backlog, abort_on_overflow;
	int tw_reuse, max_tw_buckets, rfc1337;
	int fin_timeout, keepalive_time, keepalive_intvl, keepalive_probes;
	int timestamps, window_scaling, sack, dsack, ecn, recovery, frto;
	int slow_start_after_idle, moderate_rcvbuf, no_metrics_save;
	int invalid_ratelimit, challenge_ack_limit, adv_win_scale;
	int notsent_lowat, autocorking, early_retrans, reordering;
	int wmem[3], rmem[3];
};

#define IPIP_HASHSZ 16                /* tunnels */

struct netns_ipv4 {
	struct hlist_head fib_table_hash[FIB_TABLE_HASHSZ]; /* [R] */
	struct fib_table *fib_main, *fib_local; /* [R] NULL: not made */
	struct list_head fib_infos;   /* [R] */
	struct list_head fib_rules;   /* [R] by priority */
	bool fib_has_rules;           /* [R] others than the first three */
	struct hlist_head *inet_addr_lst; /* [R] addresses by hash */
	struct {
		int data[IPV4_DEVCONF_COUNT];
	} devconf_all, devconf_dflt;
	atomic_t rt_genid, dev_addr_genid; /* [a] */
	struct hlist_head *fnhe;      /* route exceptions, under its lock */
	spinlock_t fnhe_lock;
	int fnhe_count;
	struct fqdir fqdir;
	struct sock *icmp_sk, *mc_autojoin_sk;
	atomic_t dev_addr_seq;
	int sysctl_ip_default_ttl, sysctl_ip_no_pmtu_disc;
	int sysctl_ip_nonlocal_bind, sysctl_ip_fwd_update_priority;
	int sysctl_ip_prot_sock, sysctl_ip_autobind_reuse;
	int sysctl_local_port_range[2];
	unsigned long *sysctl_local_reserved_ports;
	int sysctl_icmp_echo_ignore_all, sysctl_icmp_echo_ignore_broadcasts;
	int sysctl_icmp_ignore_bogus_error_responses;
	int sysctl_icmp_ratelimit, sysctl_icmp_ratemask;
	int sysctl_icmp_errors_use_inbound_ifaddr;
	int sysctl_igmp_max_memberships, sysctl_igmp_max_msf, sysctl_igmp_qrv;
	int sysctl_udp_rmem_min, sysctl_udp_wmem_min;
	int sysctl_udp_early_demux, sysctl_ip_early_demux;
	int sysctl_min_pmtu, sysctl_min_adv_mss, sysctl_mtu_expires;
	int ping_group_range[2];
	struct tcp_sysctls tcp;
	struct tcp_congestion_ops *tcp_congestion_control; /* new socks' */
	atomic_t tw_count;            /* [a] socks in TIME_WAIT */
	struct hlist_head ipip[IPIP_HASHSZ]; /* [R] tunnels, by their far end */
};

/* Where a setting is, for a ctl_entry. */
#define NET_OFFSET(field) offsetof(struct net, field)

/* Field keys:  [c] constant   [a] atomic   [R] rtnl_mutex, RCU to read */
struct net {
	refcount_t count;             /* [a] who: net/core/net_namespace.c */
	struct list_head list;        /* [R] in net_namespace_list */
	struct list_head cleanup_list; /* count is 0: waits for its end */
	struct user_namespace *user_ns; /* [c] */
	unsigned int inum;            /* [c] its number in /proc/PID/ns/net */
	u64 net_cookie;               /* [c] */
	struct proc_dir_entry *proc_net; /* [c] /proc/PID/net, the same for all */

	struct list_head dev_base_head;  /* [R] devices, oldest first */
	struct hlist_head *dev_name_head;  /* [R] by name */
	struct hlist_head *dev_index_head; /* [R] by number */
	int ifindex;                  /* [R] the last number given out */
	unsigned int dev_base_seq;    /* [R] changes with the set of devices */
	struct net_device *loopback_dev; /* [c] after init */

	struct netlink_table *netlink_tables; /* [c] one of each protocol */
	struct sock *rtnl;            /* [c] the kernel's end of rtnetlink */
	struct sock *diag_nlsk;       /* [c] and of sock_diag */

	atomic_t sock_inuse;          /* [a] sockets of programs */
	struct netns_core core;
	struct netns_unix unx;
	struct netns_ipv4 ipv4;
	struct nf_hook_ops *nf_hooks_ipv4[5]; /* RCU; lowest priority first */
	struct ipstats_mib __percpu *mib_ip; /* [c] */
	struct icmp_mib __percpu *mib_icmp;
	atomic_long_t *mib_icmpmsg;   /* [c] ICMPMSG_MIB_MAX: seldom counted */
	struct udp_mib __percpu *mib_udp;
	struct tcp_mib __percpu *mib_tcp;
};

/*
 * What a protocol does for each network: init when one is born (and for the
 * initial one, at registration), exit, in reverse order, when it ends.  May
 * sleep.  init: 0 or -errno, undone by itself.
 */
struct pernet_operations {
	struct list_head list;
	int (*init)(struct net *net);
	void (*exit)(struct net *net);
};

int register_pernet_subsys(struct pernet_operations *ops);
void unregister_pernet_subsys(struct pernet_operations *ops);
/* What makes or ends devices: after all subsystems, ended before them. */
int register_pernet_device(struct pernet_operations *ops);
/* For clone(CLONE_NEWNET): ERR_PTR(-ENOMEM, -ENOSPC, -EINTR).  May sleep. */
struct net *copy_net_ns(void);
/* Counted; ERR_PTR(-ESRCH), ERR_PTR(-EBADF, -EINVAL). */
struct net *get_net_ns_by_pid(pid_t pid);
struct net *get_net_ns_by_fd(int fd);
extern struct list_head net_namespace_list;
#define for_each_net(n) list_for_each_entry(n, &net_namespace_list, list)
#define for_each_net_rcu(n) \
	list_for_each_entry_rcu(n, &net_namespace_list, list)

extern struct net init_net;

static inline struct net *get_net(struct net *net)
{
	refcount_inc(&net->count);
	return net;
}

void __put_net(struct net *net);

/* Any context. */
static inline void put_net(struct net *net)
{
	if (refcount_dec_and_test(&net->count))
		__put_net(net);
}

static inline bool net_eq(const struct net *a, const struct net *b)
{
	return a == b;
}

#define current_net() (current->nsproxy->net_ns)

#endif
