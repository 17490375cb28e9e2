/* SPDX-License-Identifier: MIT */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H
/*
 * netlink.h -- messages and attributes, and the kernel's end of a netlink bus
 *
 *	nlmsghdr | family header | attr | attr ...      attr: nlattr | data | pad
 *
 * A message is built in an skb: nlmsg_put(), nla_put_*() (each -EMSGSIZE when
 * the skb is full, and then nlmsg_cancel()), nlmsg_end().  It is read with
 * nlmsg_parse(), which believes nothing: an attribute that it hands out lies
 * within the message and has the length that the policy says.
 * Theory: net/netlink/af_netlink.c (sockets), request.c, attr.c.
 */

#include <kernel/errno.h>
#include <net/skbuff.h>
#include <uapi/netlink.h>

struct mutex;
struct net;
struct user_namespace;
struct sock;

/* ---- what the kernel says besides an errno ---- */

struct netlink_ext_ack {
	const char *_msg;             /* a literal */
	const struct nlattr *bad_attr; /* within the request */
};

#define NL_SET_ERR_MSG(extack, msg) do {				\
	struct netlink_ext_ack *__e = (extack);				\
	if (__e)							\
		__e->_msg = (msg);					\
} while (0)
#define NL_SET_ERR_MSG_MOD(extack, msg) NL_SET_ERR_MSG(extack, msg)
#define NL_SET_BAD_ATTR(extack, attr) do {				\
	if (extack)							\
		(extack)->bad_attr = (attr);				\
} while (0)
#define NL_SET_ERR_MSG_ATTR(extack, attr, msg) do {			\
	NL_SET_ERR_MSG(extack, msg);					\
	NL_SET_BAD_ATTR(extack, attr);					\
} while (0)

/* ---- a bus and its sockets ---- */

/* In skb->cb of every netlink packet. */
struct netlink_skb_parms {
	u32 pid;                      /* the sender's process, and who */
	uid_t uid;
	gid_t gid;
	u32 portid;                   /* the sender's address */
	u32 dst_group;
	bool addressed;               /* he named who is to get it */
	struct sock *sk;              /* the sender; while he is served */
};

#define NETLINK_CB(skb) (*(struct netlink_skb_parms *)&((skb)->cb))

#define NL_CFG_F_NONROOT_RECV 1       /* anybody may listen to groups */
#define NL_CFG_F_NONROOT_SEND 2       /* anybody may send to groups */

struct netlink_kernel_cfg {
	unsigned int groups;
	unsigned int flags;
	/* A request; process context, may sleep.  The skb is the caller's. */
	void (*input)(struct sk_buff *skb);
};

int netlink_init(void);
/* The kernel's socket (port 0) of a protocol; NULL. */
struct sock *netlink_kernel_create(struct net *net, int unit,
				   struct netlink_kernel_cfg *cfg);
/* From an exit of a network; NULL is nothing. */
void netlink_kernel_release(struct sock *sk);
/* Consumes skb.  0 or the length, -ECONNREFUSED, -EAGAIN, ... nonblock: do not
 * wait for room. */
int netlink_unicast(struct sock *ssk, struct sk_buff *skb, u32 portid,
		    int nonblock);
/* To a socket, whatever has room there; consumes skb; any context. */
int netlink_sendskb(struct sock *sk, struct sk_buff *skb);
void netlink_skb_set_owner_r(struct sk_buff *skb, struct sock *sk);
/* A netlink socket by its file, counted: -ENOTSOCK, -EINVAL (another's). */
struct sock *netlink_getsockbyfilp(struct file *file);
/* To all of a group but portid; consumes skb; any context.  -ESRCH: nobody
 * listens; -ENOBUFS. */
int netlink_broadcast(struct sock *ssk, struct sk_buff *skb, u32 portid,
		      u32 group, gfp_t gfp);
bool netlink_has_listeners(struct sock *sk, unsigned int group);
void netlink_set_err(struct sock *ssk, u32 portid, u32 group, int code);
/* May the sender of skb do this?  (He runs: requests are synchronous.) */
bool netlink_net_capable(const struct sk_buff *skb, int cap);
bool netlink_ns_capable(const struct sk_buff *skb, struct user_namespace *ns,
			int cap);
bool netlink_strict_get_check(struct sk_buff *skb);

/* Hand each request of skb to cb and acknowledge; the usual input(). */
int netlink_rcv_skb(struct sk_buff *skb,
		    int (*cb)(struct sk_buff *, struct nlmsghdr *,
			      struct netlink_ext_ack *));
void netlink_ack(struct sk_buff *in_skb, struct nlmsghdr *nlh, int err,
		 const struct netlink_ext_ack *extack);

/*
 * A list that is sent piece by piece, as the reader takes it: dump() writes as
 * many messages as fit, notes in args how far it came, and returns > 0 (skb
 * length) for more to come, 0 at the end, or -errno.
 */
struct netlink_callback {
	struct sk_buff *skb;          /* the request, counted */
	const struct nlmsghdr *nlh;   /* in it */
	int (*dump)(struct sk_buff *skb, struct netlink_callback *cb);
	int (*done)(struct netlink_callback *cb);
	void *data;
	struct netlink_ext_ack *extack;
	unsigned int prev_seq, seq;   /* differ: what is dumped changed */
	int flags;                    /* NLM_F_DUMP_FILTERED */
	bool strict_check;
	long args[6];
};

struct netlink_dump_control {
	int (*start)(struct netlink_callback *cb);
	int (*dump)(struct sk_buff *skb, struct netlink_callback *cb);
	int (*done)(struct netlink_callback *cb);
	void *data;
};

/* -EINTR: begun, and DONE will be the answer (no ack); or -errno. */
int netlink_dump_start(struct sock *ssk, struct sk_buff *skb,
		       const struct nlmsghdr *nlh,
		       struct netlink_dump_control *control);

/* ---- attributes: net/netlink/attr.c ---- */

enum {
	NLA_UNSPEC, NLA_U8, NLA_U16, NLA_U32, NLA_U64, NLA_STRING, NLA_FLAG,
	NLA_MSECS, NLA_NESTED, NLA_NUL_STRING, NLA_BINARY, NLA_S32, NLA_REJECT
};

/* len: at least so long (UNSPEC, NESTED), at most (strings, BINARY). */
struct nla_policy {
	u8 type;
	u16 len;
};

int nla_parse(struct nlattr **tb, int maxtype, const struct nlattr *head,
	      int len, const struct nla_policy *policy,
	      struct netlink_ext_ack *extack);
struct nlattr *nla_find(const struct nlattr *head, int len, int attrtype);
/* Copies at most dstsize - 1 bytes and ends with a 0; -E2BIG: cut off. */
ssize_t nla_strscpy(char *dst, const struct nlattr *nla, size_t dstsize);
int nla_strcmp(const struct nlattr *nla, const char *str);
int nla_memcpy(void *dest, const struct nlattr *src, int count);
struct nlattr *nla_reserve(struct sk_buff *skb, int attrtype, int attrlen);
int nla_put(struct sk_buff *skb, int attrtype, int attrlen, const void *data);
/* The same, its data at a multiple of 8: what u64s and stats want. */
int nla_put_64bit(struct sk_buff *skb, int attrtype, int attrlen,
		  const void *data, int padattr);
struct nlattr *nla_reserve_64bit(struct sk_buff *skb, int attrtype,
				 int attrlen, int padattr);

static inline int nla_attr_size(int payload)
{
	return NLA_HDRLEN + payload;
}

static inline int nla_total_size(int payload)
{
	return NLA_ALIGN(nla_attr_size(payload));
}

static inline int nla_type(const struct nlattr *nla)
{
	return nla->nla_type & NLA_TYPE_MASK;
}

static inline void *nla_data(const struct nlattr *nla)
{
	return (char *)nla + NLA_HDRLEN;
}

static inline int nla_len(const struct nlattr *nla)
{
	return nla->nla_len - NLA_HDRLEN;
}

static inline bool nla_ok(const struct nlattr *nla, int remaining)
{
	return remaining >= (int)sizeof(*nla) &&
	       nla->nla_len >= sizeof(*nla) && nla->nla_len <= remaining;
}

static inline struct nlattr *nla_next(const struct nlattr *nla, int *remaining)
{
	int size = NLA_ALIGN(nla->nla_len);

	*remaining -= size;
	return (struct nlattr *)((char *)nla + size);
}

#define nla_for_each_attr(pos, head, len, rem)				\
	for (pos = (struct nlattr *)(head), rem = (len); nla_ok(pos, rem); \
	     pos = nla_next(pos, &(rem)))
#define nla_for_each_nested(pos, nla, rem)				\
	nla_for_each_attr(pos, nla_data(nla), nla_len(nla), rem)

static inline int nla_parse_nested(struct nlattr **tb, int maxtype,
				   const struct nlattr *nla,
				   const struct nla_policy *policy,
				   struct netlink_ext_ack *extack)
{
	return nla_parse(tb, maxtype, nla_data(nla), nla_len(nla), policy,
			 extack);
}

#define nla_parse_nested_deprecated nla_parse_nested

#define __NLA_NUMBER(name, type)					\
static inline int nla_put_##name(struct sk_buff *skb, int attr, type v)	\
{									\
	return nla_put(skb, attr, sizeof(v), &v);			\
}									\
static inline type nla_get_##name(const struct nlattr *nla)		\
{									\
	type v;								\
									\
	memcpy(&v, nla_data(nla), sizeof(v));				\
	return v;							\
}
__NLA_NUMBER(u8, u8)
__NLA_NUMBER(u16, u16)
__NLA_NUMBER(u32, u32)
__NLA_NUMBER(s32, s32)
__NLA_NUMBER(u64, u64)
__NLA_NUMBER(be16, __be16)
__NLA_NUMBER(be32, __be32)
__NLA_NUMBER(in_addr, __be32)

static inline int nla_put_string(struct sk_buff *skb, int attr, const char *s)
{
	return nla_put(skb, attr, strlen(s) + 1, s);
}

static inline int nla_put_flag(struct sk_buff *skb, int attr)
{
	return nla_put(skb, attr, 0, NULL);
}

static inline struct nlattr *nla_nest_start_noflag(struct sk_buff *skb,
						   int attr)
{
	struct nlattr *start = (struct nlattr *)skb_tail_pointer(skb);

	return nla_put(skb, attr, 0, NULL) ? NULL : start;
}

static inline struct nlattr *nla_nest_start(struct sk_buff *skb, int attr)
{
	return nla_nest_start_noflag(skb, attr | NLA_F_NESTED);
}

static inline int nla_nest_end(struct sk_buff *skb, struct nlattr *start)
{
	start->nla_len = skb_tail_pointer(skb) - (unsigned char *)start;
	return skb->len;
}

static inline void nlmsg_trim(struct sk_buff *skb, const void *mark)
{
	if (mark)
		__skb_set_length(skb, (unsigned char *)mark - skb->data);
}

static inline void nla_nest_cancel(struct sk_buff *skb, struct nlattr *start)
{
	nlmsg_trim(skb, start);
}

/* ---- messages ---- */

/* A message that a page holds. */
#define NLMSG_GOODSIZE SKB_WITH_OVERHEAD(PAGE_SIZE)
#define NLMSG_DEFAULT_SIZE (NLMSG_GOODSIZE - NLMSG_HDRLEN)

static inline int nlmsg_msg_size(int payload)
{
	return NLMSG_HDRLEN + payload;
}

static inline int nlmsg_total_size(int payload)
{
	return NLMSG_ALIGN(nlmsg_msg_size(payload));
}

static inline void *nlmsg_data(const struct nlmsghdr *nlh)
{
	return (char *)nlh + NLMSG_HDRLEN;
}

static inline int nlmsg_len(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_len - NLMSG_HDRLEN;
}

static inline struct nlmsghdr *nlmsg_hdr(const struct sk_buff *skb)
{
	return (struct nlmsghdr *)skb->data;
}

static inline struct nlattr *nlmsg_attrdata(const struct nlmsghdr *nlh,
					    int hdrlen)
{
	return (struct nlattr *)((char *)nlmsg_data(nlh) + NLMSG_ALIGN(hdrlen));
}

static inline int nlmsg_attrlen(const struct nlmsghdr *nlh, int hdrlen)
{
	return nlmsg_len(nlh) - NLMSG_ALIGN(hdrlen);
}

#define nlmsg_for_each_attr(pos, nlh, hdrlen, rem)			\
	nla_for_each_attr(pos, nlmsg_attrdata(nlh, hdrlen),		\
			  nlmsg_attrlen(nlh, hdrlen), rem)

static inline struct sk_buff *nlmsg_new(size_t payload, gfp_t gfp)
{
	return alloc_skb(nlmsg_total_size(payload), gfp);
}

/* -EINVAL if it is shorter than hdrlen. */
int nlmsg_parse(const struct nlmsghdr *nlh, int hdrlen, struct nlattr **tb,
		int maxtype, const struct nla_policy *policy,
		struct netlink_ext_ack *extack);
#define nlmsg_parse_deprecated nlmsg_parse

/* NULL: no room. */
struct nlmsghdr *nlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, int type,
			   int payload, int flags);

static inline struct nlmsghdr *nlmsg_put_answer(struct sk_buff *skb,
						struct netlink_callback *cb,
						int type, int payload,
						int flags)
{
	return nlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			 type, payload, flags);
}

static inline void nlmsg_end(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	nlh->nlmsg_len = skb_tail_pointer(skb) - (unsigned char *)nlh;
}

static inline void nlmsg_cancel(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	nlmsg_trim(skb, nlh);
}

static inline void nlmsg_free(struct sk_buff *skb)
{
	kfree_skb(skb);
}

/* A list changed while it was dumped: the reader shall know. */
static inline void nl_dump_check_consistent(struct netlink_callback *cb,
					    struct nlmsghdr *nlh)
{
	if (cb->prev_seq && cb->seq != cb->prev_seq)
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	cb->prev_seq = cb->seq;
}

#endif
