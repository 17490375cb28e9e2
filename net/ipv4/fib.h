/* SPDX-License-Identifier: MIT */
#ifndef NET_IPV4_FIB_H
#define NET_IPV4_FIB_H
/* fib.h -- what the fib_*.c files share */

#include <net/ip_fib.h>

struct in_ifaddr;

struct fib_table *fib_alloc_table(struct net *net, u32 id);
void fib_free_table(struct fib_table *tb);
void fib_table_flush_all(struct fib_table *tb);
/* A next hop for cfg, shared with equal ones; treeref taken.  ERR_PTR. */
struct fib_info *fib_create_info(struct net *net, struct fib_config *cfg);
void fib_nh_flush_routes(struct fib_nh *nh);
int fib_frontend_init(void);
/* By the rules; under RCU.  As fib_lookup(). */
int fib_rules_lookup(struct net *net, const struct flowi4 *fl4,
		     struct fib_result *res, int flags);
int fib_rules_init(struct net *net);
void fib_rules_exit(struct net *net);
void fib_add_ifaddr(struct in_ifaddr *ifa);
void fib_del_ifaddr(struct in_ifaddr *ifa);
void devinet_init(void);
/* Whose address: dev of it or NULL; RCU. */
struct in_ifaddr *inet_lookup_ifaddr_rcu(struct net *net, __be32 addr);

#endif
