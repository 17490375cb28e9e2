/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_NET_H
#define KERNEL_NET_H
/*
 * net.h -- the socket as a file sees it, and the doors to address families
 *
 *	descriptor -> file -> inode | struct socket -> struct sock
 *	                      (one allocation)         (the protocol's state)
 *
 * A family registers a net_proto_family; its create() gives a new socket its
 * proto_ops, the table that each socket call goes through.  Theory:
 * net/core/socket.c, sockfs.c.
 */

#include <kernel/rcupdate.h>
#include <kernel/types.h>
#include <kernel/wait.h>
#include <mm/uio.h>
#include <uapi/socket.h>

struct bio_vec;
struct fasync_struct;
struct file;
struct inode;
struct kiocb;
struct module;
struct net;
struct poll_table_struct;
struct pipe_inode_info;
struct seq_file;
struct sock;
struct vm_area_struct;

#define NPROTO AF_MAX

typedef enum {
	SS_FREE = 0,
	SS_UNCONNECTED,
	SS_CONNECTING,
	SS_CONNECTED,
	SS_DISCONNECTING
} socket_state;

/* bits of socket.flags */
#define SOCK_ASYNC_NOSPACE 0          /* a writer waits for SIGIO */
#define SOCK_ASYNC_WAITDATA 1
#define SOCK_NOSPACE 2                /* a writer waits for room */
#define SOCK_PASSCRED 3
#define SOCK_PASSSEC 4

enum sock_shutdown_cmd { SHUT_RD_CMD, SHUT_WR_CMD, SHUT_RDWR_CMD };

/* What is woken when a socket changes. */
struct socket_wq {
	wait_queue_head_t wait;
	struct fasync_struct *fasync_list; /* O_ASYNC owners */
};

/*
 * The file's end of a socket.  Lives with its inode, which is freed after a
 * grace period: sk->sk_wq points into it and is read under RCU.
 *
 * Field keys:  [c] constant after creation   [S] the protocol's lock
 *              [a] atomic bits
 */
struct socket {
	socket_state state;           /* [S] */
	short type;                   /* [c] SOCK_STREAM, ... */
	unsigned long flags;          /* [a] SOCK_* bits above */
	struct file *file;            /* [c] NULL: the kernel's own */
	struct sock *sk;              /* [S] NULL after release */
	const struct proto_ops *ops;  /* [c] */
	struct socket_wq wq;
};

/* One message on its way: where from or to, and what goes along. */
struct msghdr {
	void *msg_name;               /* struct sockaddr, kernel memory */
	int msg_namelen;              /* its size; 0: none */
	struct iov_iter msg_iter;     /* the data */
	union {
		void *msg_control;    /* kernel memory: sendmsg */
		void __user *msg_control_user; /* recvmsg's buffer */
	};
	bool msg_control_is_user;
	unsigned int msg_flags;       /* MSG_* */
	size_t msg_controllen;        /* bytes of it (left) */
	struct kiocb *msg_iocb;       /* of read(2), write(2); or NULL */
};

/*
 * A family's answers to the socket calls.  All in process context and may
 * sleep, none with a lock held.  Where a family has nothing to say it names a
 * sock_no_*() function: no entry but those marked may be NULL.
 */
struct proto_ops {
	int family;
	int (*release)(struct socket *sock);
	int (*bind)(struct socket *sock, struct sockaddr *addr, int len);
	int (*connect)(struct socket *sock, struct sockaddr *addr, int len,
		       int flags);
	int (*socketpair)(struct socket *a, struct socket *b);
	int (*accept)(struct socket *sock, struct socket *newsock, int flags,
		      bool kern);
	/* peer: 0 own name, 1 the other's (ENOTCONN), 2 the same at accept.
	 * Length of the address or -errno. */
	int (*getname)(struct socket *sock, struct sockaddr *addr, int peer);
	__poll_t (*poll)(struct file *file, struct socket *sock,
			 struct poll_table_struct *wait);
	int (*ioctl)(struct socket *sock, unsigned int cmd, unsigned long arg);
	int (*listen)(struct socket *sock, int backlog);
	int (*shutdown)(struct socket *sock, int how); /* SHUT_* */
	int (*setsockopt)(struct socket *sock, int level, int name,
			  void __user *val, unsigned int len); /* or NULL */
	int (*getsockopt)(struct socket *sock, int level, int name,
			  char __user *val, int __user *len);  /* or NULL */
	int (*sendmsg)(struct socket *sock, struct msghdr *m, size_t len);
	int (*recvmsg)(struct socket *sock, struct msghdr *m, size_t len,
		       int flags);
	int (*mmap)(struct file *file, struct socket *sock,
		    struct vm_area_struct *vma);
	/* Pieces of pages, by references to them: bytes [by copies]. */
	ssize_t (*sendpages)(struct socket *sock, const struct bio_vec *vec,
			     unsigned int nr, int flags);
	/* Bytes into a pipe, whose mutex is held [by a copy]. */
	ssize_t (*splice_read)(struct socket *sock, loff_t *ppos,
			       struct pipe_inode_info *pipe, size_t len,
			       unsigned int flags);
	int (*set_peek_off)(struct sock *sk, int val); /* or NULL */
	void (*show_fdinfo)(struct seq_file *m, struct socket *sock); /* NULL */
};

struct net_proto_family {
	int family;
	int (*create)(struct net *net, struct socket *sock, int protocol,
		      int kern);
};

int sock_register(const struct net_proto_family *fam); /* 0, -EEXIST */
void sock_unregister(int family);

/* ---- sockets for the kernel's own use, and the pieces of the calls ---- */

int sock_create(int family, int type, int proto, struct socket **res);
int sock_create_kern(struct net *net, int family, int type, int proto,
		     struct socket **res);
int sock_create_lite(int family, int type, int proto, struct socket **res);
struct socket *sock_alloc(void);      /* NULL: no memory */
void sock_release(struct socket *sock);
/* Consumes sock if it fails; ERR_PTR. */
struct file *sock_alloc_file(struct socket *sock, int flags);
struct socket *sock_from_file(struct file *file); /* NULL: none */
struct socket *sockfd_lookup(int fd, int *err);   /* fput(sock->file) */
struct socket *SOCKET_I(struct inode *inode);
struct inode *SOCK_INODE(struct socket *sock);
int sock_sendmsg(struct socket *sock, struct msghdr *msg);
int sock_recvmsg(struct socket *sock, struct msghdr *msg, int flags);
int kernel_sendmsg(struct socket *sock, struct msghdr *msg, struct kvec *vec,
		   size_t num, size_t len);
int kernel_recvmsg(struct socket *sock, struct msghdr *msg, struct kvec *vec,
		   size_t num, size_t len, int flags);
int kernel_bind(struct socket *sock, struct sockaddr *addr, int addrlen);
int kernel_listen(struct socket *sock, int backlog);
int kernel_accept(struct socket *sock, struct socket **newsock, int flags);
int kernel_connect(struct socket *sock, struct sockaddr *addr, int addrlen,
		   int flags);
int kernel_sock_shutdown(struct socket *sock, int how);
/* SIGIO to the owners.  how: SOCK_WAKE_*; band: POLL_*.  RCU or sk lock. */
int sock_wake_async(struct socket_wq *wq, int how, int band);

enum { SOCK_WAKE_IO, SOCK_WAKE_WAITD, SOCK_WAKE_SPACE, SOCK_WAKE_URG };

/* Addresses across the user's border; -EINVAL, -EFAULT. */
int move_addr_to_kernel(void __user *uaddr, int ulen,
			struct sockaddr_storage *kaddr);
int move_addr_to_user(struct sockaddr_storage *kaddr, int klen,
		      void __user *uaddr, int __user *ulen);

#endif
