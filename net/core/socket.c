/* SPDX-License-Identifier: MIT */
/*
 * socket.c -- the socket calls, and the families that answer them
 *
 * PROMISE.  Each call checks its descriptor, flags and addresses here, the same
 * for all families; what is left is a question to the family, asked through
 * proto_ops with kernel pointers only.
 *
 *	socket()  -> net_families[family]->create()
 *	bind() ...-> sock->ops->bind() ...
 *
 * LOCKING.  net_families: net_family_lock to change; read without a lock, for
 * a family, once registered, stays: it may sleep in create().  A family locks
 * its own socks.
 *
 * SEE sockfs.c (the file), msg.c (sending and receiving), sockopt.c.
 */

#include "core.h"

#include <arch/uaccess.h>
#include <fs/proc_fs.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/sock.h>

static DEFINE_SPINLOCK(net_family_lock);
static const struct net_proto_family *net_families[NPROTO];

int sock_register(const struct net_proto_family *fam)
{
	int err = -EEXIST;

	if (fam->family < 0 || fam->family >= NPROTO)
		return -ENOBUFS;
	spin_lock(&net_family_lock);
	if (!net_families[fam->family]) {
		rcu_assign_pointer(net_families[fam->family], fam);
		err = 0;
	}
	spin_unlock(&net_family_lock);
	return err;
}

void sock_unregister(int family)
{
	spin_lock(&net_family_lock);
	rcu_assign_pointer(net_families[family], NULL);
	spin_unlock(&net_family_lock);
	synchronize_rcu();
}

/* ---- making sockets ---- */

static int create(struct net *net, int family, int type, int protocol,
		  struct socket **res, int kern)
{
	const struct net_proto_family *fam;
	struct socket *sock;
	int err;

	if (family < 0 || family >= NPROTO)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_MAX)
		return -EINVAL;
	fam = READ_ONCE(net_families[family]);
	if (!fam)
		return -EAFNOSUPPORT;
	sock = sock_alloc();
	if (!sock)
		return -ENFILE;
	sock->type = type;
	err = fam->create(net, sock, protocol, kern);
	if (err < 0) {
		sock->ops = NULL;
		sock_release(sock);
		return err;
	}
	*res = sock;
	return 0;
}

int sock_create(int family, int type, int proto, struct socket **res)
{
	return create(current_net(), family, type, proto, res, 0);
}

int sock_create_kern(struct net *net, int family, int type, int proto,
		     struct socket **res)
{
	return create(net, family, type, proto, res, 1);
}

/* Without a sock: accept() hangs one in. */
int sock_create_lite(int family, int type, int proto, struct socket **res)
{
	*res = sock_alloc();
	if (!*res)
		return -ENFILE;
	(*res)->type = type;
	return 0;
}

/* Its descriptor; consumes sock if it fails. */
static int sock_map_fd(struct socket *sock, int flags)
{
	int fd = get_unused_fd_flags(flags);
	struct file *file;

	if (fd < 0) {
		sock_release(sock);
		return fd;
	}
	file = sock_alloc_file(sock, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

static bool bad_flags(int flags)
{
	return flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
}

SYSCALL_DEFINE3(socket, int, family, int, type, int, protocol)
{
	int flags = type & ~SOCK_TYPE_MASK;
	struct socket *sock;
	int err;

	if (bad_flags(flags))
		return -EINVAL;
	err = sock_create(family, type & SOCK_TYPE_MASK, protocol, &sock);
	if (err < 0)
		return err;
	return sock_map_fd(sock, flags);
}

/* Two files of two connected sockets: 0 or -errno. */
static int create_pair(int family, int type, int protocol, int flags,
		       struct file *files[2])
{
	struct socket *a, *b;
	int err = sock_create(family, type, protocol, &a);

	if (err < 0)
		return err;
	err = sock_create(family, type, protocol, &b);
	if (err < 0) {
		sock_release(a);
		return err;
	}
	err = a->ops->socketpair(a, b);
	if (err < 0) {
		sock_release(b);
		sock_release(a);
		return err;
	}
	files[0] = sock_alloc_file(a, flags);
	if (IS_ERR(files[0])) {
		sock_release(b);
		return PTR_ERR(files[0]);
	}
	files[1] = sock_alloc_file(b, flags);
	if (IS_ERR(files[1])) {
		fput(files[0]);
		return PTR_ERR(files[1]);
	}
	return 0;
}

SYSCALL_DEFINE4(socketpair, int, family, int, type, int, protocol,
		int __user *, fds)
{
	int flags = type & ~SOCK_TYPE_MASK, fd[2], err;
	struct file *files[2] = { NULL, NULL };

	if (bad_flags(flags))
		return -EINVAL;
	err = fd[0] = get_unused_fd_flags(flags);
	if (err < 0)
		return err;
	err = fd[1] = get_unused_fd_flags(flags);
	if (err < 0)
		goto out_first;
	err = -EFAULT;
	if (copy_to_user(fds, fd, sizeof(fd)))
		goto out_both;
	err = create_pair(family, type & SOCK_TYPE_MASK, protocol, flags, files);
	if (err)
		goto out_both;
	fd_install(fd[0], files[0]);
	fd_install(fd[1], files[1]);
	return 0;
out_both:
	put_unused_fd(fd[1]);
out_first:
	put_unused_fd(fd[0]);
	return err;
}

/* ---- finding them ---- */

struct socket *sockfd_borrow(int fd, struct fd *f, int *err)
{
	struct socket *sock;

	*f = fdget(fd);
	*err = -EBADF;
	if (!f->file)
		return NULL;
	sock = sock_from_file(f->file);
	if (sock)
		return sock;
	*err = -ENOTSOCK;
	fdput(*f);
	return NULL;
}

struct socket *sockfd_lookup(int fd, int *err)
{
	struct file *file = fget(fd);
	struct socket *sock;

	*err = -EBADF;
	if (!file)
		return NULL;
	sock = sock_from_file(file);
	if (sock)
		return sock;
	*err = -ENOTSOCK;
	fput(file);
	return NULL;
}

/* ---- addresses ---- */

int move_addr_to_kernel(void __user *uaddr, int ulen,
			struct sockaddr_storage *kaddr)
{
	if (ulen < 0 || ulen > (int)sizeof(*kaddr))
		return -EINVAL;
	return copy_from_user(kaddr, uaddr, ulen) ? -EFAULT : 0;
}

/* As much as the user has room for; *ulen says how long it really is. */
int move_addr_to_user(struct sockaddr_storage *kaddr, int klen,
		      void __user *uaddr, int __user *ulen)
{
	int len;

	if (get_user(len, ulen))
		return -EFAULT;
	len = min(len, klen);
	if (len < 0)
		return -EINVAL;
	if (copy_to_user(uaddr, kaddr, len) || put_user(klen, ulen))
		return -EFAULT;
	return 0;
}

static int with_address(int fd, struct sockaddr __user *uaddr, int addrlen,
			int (*call)(struct socket *, struct sockaddr *,
				    int addrlen, int f_flags))
{
	struct sockaddr_storage addr;
	struct socket *sock;
	struct fd f;
	int err;

	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	err = move_addr_to_kernel(uaddr, addrlen, &addr);
	if (!err)
		err = call(sock, (struct sockaddr *)&addr, addrlen,
			   f.file->f_flags);
	fdput(f);
	return err;
}

static int do_bind(struct socket *sock, struct sockaddr *addr, int addrlen,
		   int f_flags)
{
	return sock->ops->bind(sock, addr, addrlen);
}

SYSCALL_DEFINE3(bind, int, fd, struct sockaddr __user *, uaddr, int, addrlen)
{
	return with_address(fd, uaddr, addrlen, do_bind);
}

static int do_connect(struct socket *sock, struct sockaddr *addr, int addrlen,
		      int f_flags)
{
	return sock->ops->connect(sock, addr, addrlen, f_flags);
}

SYSCALL_DEFINE3(connect, int, fd, struct sockaddr __user *, uaddr, int, addrlen)
{
	return with_address(fd, uaddr, addrlen, do_connect);
}

static int do_getname(int fd, struct sockaddr __user *uaddr, int __user *ulen,
		      int peer)
{
	struct sockaddr_storage addr;
	struct socket *sock;
	struct fd f;
	int err;

	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	err = sock->ops->getname(sock, (struct sockaddr *)&addr, peer);
	if (err >= 0)
		err = move_addr_to_user(&addr, err, uaddr, ulen);
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(getsockname, int, fd, struct sockaddr __user *, uaddr,
		int __user *, addrlen)
{
	return do_getname(fd, uaddr, addrlen, 0);
}

SYSCALL_DEFINE3(getpeername, int, fd, struct sockaddr __user *, uaddr,
		int __user *, addrlen)
{
	return do_getname(fd, uaddr, addrlen, 1);
}

/* ---- listening ---- */

SYSCALL_DEFINE2(listen, int, fd, int, backlog)
{
	struct socket *sock;
	struct fd f;
	int err, max;

	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	max = READ_ONCE(sock_net(sock->sk)->core.sysctl_somaxconn);
	if ((unsigned int)backlog > (unsigned int)max)
		backlog = max;
	err = sock->ops->listen(sock, backlog);
	fdput(f);
	return err;
}

/* The file of the next connection to sock; ERR_PTR. */
static struct file *accept_file(struct socket *sock, int f_flags, int flags,
				struct sockaddr __user *uaddr,
				int __user *ulen)
{
	struct socket *new = sock_alloc();
	struct sockaddr_storage addr;
	struct file *file;
	int err;

	if (!new)
		return ERR_PTR(-ENFILE);
	new->type = sock->type;
	new->ops = sock->ops;
	file = sock_alloc_file(new, flags);
	if (IS_ERR(file))
		return file;
	err = sock->ops->accept(sock, new, f_flags, false);
	if (err < 0)
		goto out_file;
	if (uaddr) {
		err = new->ops->getname(new, (struct sockaddr *)&addr, 2);
		if (err < 0)
			err = -ECONNABORTED;
		else
			err = move_addr_to_user(&addr, err, uaddr, ulen);
		if (err < 0)
			goto out_file;
	}
	return file;
out_file:
	fput(file);
	return ERR_PTR(err);
}

static int do_accept(int fd, struct sockaddr __user *uaddr, int __user *ulen,
		     int flags)
{
	struct socket *sock;
	struct file *file;
	int err, newfd;
	struct fd f;

	if (bad_flags(flags))
		return -EINVAL;
	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	newfd = get_unused_fd_flags(flags);
	if (newfd >= 0) {
		file = accept_file(sock, f.file->f_flags, flags, uaddr, ulen);
		if (IS_ERR(file)) {
			put_unused_fd(newfd);
			newfd = PTR_ERR(file);
		} else {
			fd_install(newfd, file);
		}
	}
	fdput(f);
	return newfd;
}

SYSCALL_DEFINE4(accept4, int, fd, struct sockaddr __user *, uaddr,
		int __user *, addrlen, int, flags)
{
	return do_accept(fd, uaddr, addrlen, flags);
}

SYSCALL_DEFINE3(accept, int, fd, struct sockaddr __user *, uaddr,
		int __user *, addrlen)
{
	return do_accept(fd, uaddr, addrlen, 0);
}

SYSCALL_DEFINE2(shutdown, int, fd, int, how)
{
	struct socket *sock;
	struct fd f;
	int err;

	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	err = sock->ops->shutdown(sock, how);
	fdput(f);
	return err;
}

/* ---- options ---- */

SYSCALL_DEFINE5(setsockopt, int, fd, int, level, int, name, char __user *, val,
		int, len)
{
	struct socket *sock;
	struct fd f;
	int err;

	if (len < 0)
		return -EINVAL;
	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	if (level == SOL_SOCKET)
		err = sock_setsockopt(sock, level, name, val, len);
	else if (!sock->ops->setsockopt)
		err = -EOPNOTSUPP;
	else
		err = sock->ops->setsockopt(sock, level, name, val, len);
	fdput(f);
	return err;
}

SYSCALL_DEFINE5(getsockopt, int, fd, int, level, int, name, char __user *, val,
		int __user *, len)
{
	struct socket *sock;
	struct fd f;
	int err;

	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	if (level == SOL_SOCKET)
		err = sock_getsockopt(sock, level, name, val, len);
	else if (!sock->ops->getsockopt)
		err = -EOPNOTSUPP;
	else
		err = sock->ops->getsockopt(sock, level, name, val, len);
	fdput(f);
	return err;
}

/* ---- for the kernel's own ---- */

int kernel_bind(struct socket *sock, struct sockaddr *addr, int addrlen)
{
	return sock->ops->bind(sock, addr, addrlen);
}

int kernel_listen(struct socket *sock, int backlog)
{
	return sock->ops->listen(sock, backlog);
}

int kernel_connect(struct socket *sock, struct sockaddr *addr, int addrlen,
		   int flags)
{
	return sock->ops->connect(sock, addr, addrlen, flags);
}

int kernel_accept(struct socket *sock, struct socket **newsock, int flags)
{
	int err = sock_create_lite(sock->sk->sk_family, sock->type,
				   sock->sk->sk_protocol, newsock);

	if (err < 0)
		return err;
	err = sock->ops->accept(sock, *newsock, flags, true);
	if (err < 0) {
		sock_release(*newsock);
		*newsock = NULL;
		return err;
	}
	(*newsock)->ops = sock->ops;
	return 0;
}

int kernel_sock_shutdown(struct socket *sock, int how)
{
	return sock->ops->shutdown(sock, how);
}

static int net_init(void)
{
	int err;

	skb_init();
	init_net.proc_net = proc_net_mkdir();
	if (!init_net.proc_net || !proc_symlink("net", NULL, "self/net"))
		return -ENOMEM;
	err = sockfs_init();
	return err ? err : netlink_init();
}
subsys_initcall(net_init);
