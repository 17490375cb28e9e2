/* SPDX-License-Identifier: MIT */
#ifndef NET_AF_UNIX_H
#define NET_AF_UNIX_H
/*
 * af_unix.h -- a UNIX socket, for those who look into one (sock_diag)
 *
 * Theory: net/unix/af_unix.c.
 */

#include <fs/types.h>
#include <kernel/mutex.h>
#include <net/scm.h>
#include <net/sock.h>
#include <uapi/un.h>

/* A name; shared by a listener and the socks that its clients get. */
struct unix_address {
	refcount_t refcnt;
	int len;                      /* of name[0] */
	struct sockaddr_un name[];
};

/*
 * Field keys:
 *   [L] .lock (the state lock)   [B] .bindlock to write; once set, constant
 *   [G] unix_gc_lock             [H] its hash bucket's lock
 */
struct unix_sock {
	struct sock sk;               /* first */
	struct unix_address *addr;    /* [B] NULL: no name; read with acquire */
	struct path path;             /* [B] of a name in the file system */
	struct mutex iolock;          /* one reader at a time */
	struct mutex bindlock;
	struct sock *peer;            /* [L] counted */
	struct sk_buff *oob_skb;      /* [L] the urgent byte, counted; oob.c */
	struct list_head link;        /* [G] while in flight */
	atomic_long_t inflight;       /* [G] messages that carry our file */
	spinlock_t lock;
	unsigned long gc_flags;       /* [G] */
	wait_queue_head_t peer_wait;  /* senders that wait for our queue */
	wait_queue_entry_t peer_wake; /* we, on our peer's peer_wait */
	unsigned int hash;            /* [H] bucket we are in */
};

#define unix_sk(ptr) container_of(ptr, struct unix_sock, sk)
#define unix_peer(sk) (unix_sk(sk)->peer)

/* What a message carries: in skb->cb. */
struct unix_skb_parms {
	struct pid *pid;              /* counted */
	uid_t uid;
	gid_t gid;
	struct scm_fp_list *fp;       /* owned */
	u32 consumed;                 /* bytes of a stream already read */
};

#define UNIXCB(skb) (*(struct unix_skb_parms *)&((skb)->cb))

struct sock *unix_get_socket(struct file *file); /* NULL: not one of ours */
/* The peer, counted; NULL. */
struct sock *unix_peer_get(struct sock *sk);

#endif
