/* SPDX-License-Identifier: MIT */
#ifndef NET_SOCK_DIAG_H
#define NET_SOCK_DIAG_H
/*
 * sock_diag.h -- each family shows its sockets to `ss`
 *
 * A family registers what answers SOCK_DIAG_BY_FAMILY (a list, or one socket)
 * and SOCK_DESTROY.  Theory: net/core/sock_diag.c.
 */

#include <net/netlink.h>
#include <uapi/sock_diag.h>

/* Called with the family's turn: one request at a time; may sleep. */
struct sock_diag_handler {
	u8 family;
	/* -EINTR: a dump has begun. */
	int (*dump)(struct sk_buff *skb, struct nlmsghdr *nlh);
	int (*destroy)(struct sk_buff *skb, struct nlmsghdr *nlh);
};

int sock_diag_register(const struct sock_diag_handler *h); /* 0, -EBUSY */
/* Cookies name a socket beyond its life.  check: 0, -ESTALE. */
int sock_diag_check_cookie(struct sock *sk, const u32 *cookie);
void sock_diag_save_cookie(struct sock *sk, u32 *cookie);
int sock_diag_put_meminfo(struct sock *sk, struct sk_buff *skb, int attr);
/* A dump of what the request's family lists, fn(skb, cb). */
int sock_diag_start_dump(struct sk_buff *skb, struct nlmsghdr *nlh,
			 size_t reqlen,
			 int (*fn)(struct sk_buff *, struct netlink_callback *));

#endif
