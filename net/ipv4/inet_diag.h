/* SPDX-License-Identifier: MIT */
#ifndef NET_IPV4_INET_DIAG_H
#define NET_IPV4_INET_DIAG_H
/* inet_diag.h -- what the files of inet_diag know of each other */

#include "internal.h"

#include <net/sock_diag.h>

/* What a filter may ask about: ports in our order. */
struct inet_diag_entry {
	__be32 saddr, daddr;
	u16 sport, dport, family, userlocks;
	u32 ifindex, mark;
};

/* attr: the program, NULL: none.  0, -EINVAL, -EPERM, -ENOMEM. */
int inet_diag_bc_audit(const struct nlattr *attr, bool admin);
/* Of an audited program: shall it be listed?  Any context. */
bool inet_diag_bc_run(const struct nlattr *attr,
		      const struct inet_diag_entry *e);

/* inet_diag_fill.c: one message about sk (a request, one in TIME_WAIT too). */
struct inet_diag_out {
	struct sk_buff *skb;
	u32 portid, seq;
	u16 flags;                    /* NLM_F_MULTI */
	u8 ext;
	bool admin;
};

int inet_diag_fill(struct inet_diag_out *o, struct sock *sk); /* -EMSGSIZE */
void inet_diag_cookie(struct sock *sk, u32 cookie[2]);

#endif
