/* SPDX-License-Identifier: MIT */
#ifndef NET_UNIX_UNIX_H
#define NET_UNIX_UNIX_H
/* unix.h -- what the files of net/unix know of each other */

#include <kernel/atomic.h>
#include <net/af_unix.h>

/* Names live in the first two parts, nameless socks in the third. */
#define UNIX_HASH_BITS 8
#define UNIX_HASH_SIZE (1 << UNIX_HASH_BITS)
#define UNIX_BUCKETS (3 * UNIX_HASH_SIZE)

struct unix_bucket {
	spinlock_t lock;
	struct hlist_head head;       /* socks, by sk_node */
};

#define unix_state_lock(s) spin_lock(&unix_sk(s)->lock)
#define unix_state_unlock(s) spin_unlock(&unix_sk(s)->lock)
#define unix_state_lock_nested(s) \
	spin_lock_nested(&unix_sk(s)->lock, SINGLE_DEPTH_NESTING)

#define UNIX_ADDR_HEAD ((int)offsetof(struct sockaddr_un, sun_path))

extern struct proto unix_stream_proto, unix_dgram_proto;
extern const struct proto_ops unix_stream_ops, unix_dgram_ops,
	unix_seqpacket_ops;

/* name.c */
struct unix_bucket *unix_bucket(struct net *net, unsigned int i);
int unix_names_init(void);
void unix_insert_unbound(struct sock *sk);
void unix_remove(struct sock *sk);
int unix_validate_addr(const struct sockaddr_un *addr, int len);
int unix_bind(struct socket *sock, struct sockaddr *uaddr, int len);
int unix_autobind(struct sock *sk);
/* The sock of that name, counted; ERR_PTR(-ECONNREFUSED, -EPROTOTYPE, ...). */
struct sock *unix_find_other(struct net *net, struct sockaddr_un *addr,
			     int len, int type);
int unix_getname(struct socket *sock, struct sockaddr *uaddr, int peer);
void unix_release_addr(struct unix_address *addr);

static inline struct unix_address *unix_addr(const struct sock *sk)
{
	return smp_load_acquire(&unix_sk((struct sock *)sk)->addr);
}

/* af_unix.c */
struct sock *unix_create1(struct net *net, struct socket *sock, int kern,
			  int type);
void unix_release_sock(struct sock *sk, int embryo);
bool unix_writable(const struct sock *sk);
bool unix_recvq_full(const struct sock *sk);
long unix_inq_len(struct sock *sk);
void unix_state_double_lock(struct sock *a, struct sock *b);
void unix_state_double_unlock(struct sock *a, struct sock *b);
long unix_wait_for_peer(struct sock *other, long timeo);
int unix_shutdown(struct socket *sock, int how);
int unix_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int unix_release(struct socket *sock);
int unix_set_peek_off(struct sock *sk, int val);
void unix_show_fdinfo(struct seq_file *m, struct socket *sock);

/* connect.c */
int unix_stream_connect(struct socket *sock, struct sockaddr *uaddr, int len,
			int flags);
int unix_socketpair(struct socket *a, struct socket *b);
int unix_accept(struct socket *sock, struct socket *newsock, int flags,
		bool kern);
int unix_listen(struct socket *sock, int backlog);

/* stream.c, dgram.c, poll.c */
int unix_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int unix_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
			int flags);
int unix_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int unix_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
		       int flags);
int unix_seqpacket_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int unix_seqpacket_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
			   int flags);
int unix_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int len,
		       int flags);
__poll_t unix_poll(struct file *file, struct socket *sock,
		   struct poll_table_struct *wait);
__poll_t unix_dgram_poll(struct file *file, struct socket *sock,
			 struct poll_table_struct *wait);
/* poll.c: be told when other's queue has room; true: it is full. */
bool unix_peer_wake_me(struct sock *sk, struct sock *other);
void unix_peer_wake_disconnect(struct sock *sk, struct sock *other);
int unix_peer_wake_relay(wait_queue_entry_t *q, unsigned int mode, int flags,
			 void *key);

/* scm.c: what a message carries.  Bytes of a stream pass and only the last
 * step may fail. */
int unix_scm_to_skb(struct scm_cookie *scm, struct sk_buff *skb, bool files);
void unix_detach_fds(struct scm_cookie *scm, struct sk_buff *skb);
void unix_peek_fds(struct scm_cookie *scm, struct sk_buff *skb);
void unix_destruct_scm(struct sk_buff *skb);
void unix_add_creds(struct sk_buff *skb, const struct socket *sock,
		    const struct sock *other);

/* oob.c: the byte that is urgent */
void unix_oob_queued(struct sock *other, struct sk_buff *skb);
void unix_oob_release(struct sock *sk);
int unix_oob_recv(struct sock *sk, struct msghdr *msg, int flags);
struct sk_buff *unix_oob_at(struct sock *sk, struct sk_buff *skb, int flags,
			    bool copied);
/* Is it the mark, which readers of the stream step over?  State lock held. */
static inline bool unix_oob_hides(struct sock *sk, const struct sk_buff *skb)
{
	return skb == unix_sk(sk)->oob_skb && !sock_flag(sk, SOCK_URGINLINE);
}
int unix_oob_atmark(struct sock *sk, int __user *arg);

/* garbage.c */
extern unsigned int unix_tot_inflight;
void unix_inflight(struct user_struct *user, struct file *file);
void unix_notinflight(struct user_struct *user, struct file *file);
void unix_gc(void);
void unix_gc_barrier(void);
void wait_for_unix_gc(void);

/* proc.c */
int unix_proc_init(void);

#endif
