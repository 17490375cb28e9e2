/* SPDX-License-Identifier: MIT */
/*
 * msg.c -- sending and receiving: send(2) to recvmmsg(2)
 *
 * IDEA.  All calls make one struct msghdr, in kernel memory but for the data,
 * which an iterator describes, and the receiver's control buffer.  A family
 * sees only that.
 *
 * BOUNDS.  An address: 128 bytes.  Segments: UIO_MAXIOV.  A sender's control
 * messages are copied: net.core.optmem_max.  Messages in one sendmmsg:
 * UIO_MAXIOV.
 *
 * SEE socket.c, scm.c; send(2), recv(2).
 */

#include "core.h"

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <net/sock.h>

#define CONTROL_ON_STACK 64

int sock_sendmsg(struct socket *sock, struct msghdr *msg)
{
	return sock->ops->sendmsg(sock, msg, iov_iter_count(&msg->msg_iter));
}

int sock_recvmsg(struct socket *sock, struct msghdr *msg, int flags)
{
	return sock->ops->recvmsg(sock, msg, iov_iter_count(&msg->msg_iter),
				  flags);
}

int kernel_sendmsg(struct socket *sock, struct msghdr *msg, struct kvec *vec,
		   size_t num, size_t len)
{
	iov_iter_kvec(&msg->msg_iter, ITER_SOURCE, vec, num, len);
	return sock_sendmsg(sock, msg);
}

int kernel_recvmsg(struct socket *sock, struct msghdr *msg, struct kvec *vec,
		   size_t num, size_t len, int flags)
{
	msg->msg_control_is_user = false;
	iov_iter_kvec(&msg->msg_iter, ITER_DEST, vec, num, len);
	return sock_recvmsg(sock, msg, flags);
}

/* ---- one buffer ---- */

static int do_sendto(int fd, void __user *buf, size_t len, unsigned int flags,
		     struct sockaddr __user *uaddr, int addrlen)
{
	struct sockaddr_storage addr;
	struct msghdr msg = { 0 };
	struct socket *sock;
	struct fd f;
	int err;

	err = import_ubuf(ITER_SOURCE, buf, len, &msg.msg_iter);
	if (err)
		return err;
	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	if (uaddr) {
		err = move_addr_to_kernel(uaddr, addrlen, &addr);
		if (err < 0)
			goto out;
		msg.msg_name = &addr;
		msg.msg_namelen = addrlen;
	}
	if (f.file->f_flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	msg.msg_flags = flags;
	err = sock_sendmsg(sock, &msg);
out:
	fdput(f);
	return err;
}

SYSCALL_DEFINE6(sendto, int, fd, void __user *, buf, size_t, len,
		unsigned int, flags, struct sockaddr __user *, addr,
		int, addrlen)
{
	return do_sendto(fd, buf, len, flags, addr, addrlen);
}

static int do_recvfrom(int fd, void __user *buf, size_t len, unsigned int flags,
		       struct sockaddr __user *uaddr, int __user *ulen)
{
	struct sockaddr_storage addr;
	struct msghdr msg = { .msg_name = uaddr ? &addr : NULL };
	struct socket *sock;
	struct fd f;
	int n, err;

	err = import_ubuf(ITER_DEST, buf, len, &msg.msg_iter);
	if (err)
		return err;
	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	if (f.file->f_flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	n = sock_recvmsg(sock, &msg, flags);
	if (n >= 0 && uaddr) {
		err = move_addr_to_user(&addr, msg.msg_namelen, uaddr, ulen);
		if (err < 0)
			n = err;
	}
	fdput(f);
	return n;
}

SYSCALL_DEFINE6(recvfrom, int, fd, void __user *, buf, size_t, len,
		unsigned int, flags, struct sockaddr __user *, addr,
		int __user *, addrlen)
{
	return do_recvfrom(fd, buf, len, flags, addr, addrlen);
}

/* ---- a msghdr of the user's ---- */

/* What a call needs besides the msghdr it makes. */
struct user_msg {
	struct user_msghdr u;
	struct sockaddr_storage addr;
	struct iovec fast[UIO_FASTIOV], *iov; /* iov: kfree() */
};

/* Copy the header and its segments; save_addr: the name is a result. */
static int import_msg(struct msghdr *msg, struct user_msghdr __user *umsg,
		      struct user_msg *m, bool save_addr)
{
	ssize_t n;
	int err;

	memset(msg, 0, sizeof(*msg));
	if (copy_from_user(&m->u, umsg, sizeof(m->u)))
		return -EFAULT;
	if (!m->u.msg_name)
		m->u.msg_namelen = 0;
	if (m->u.msg_namelen < 0)
		return -EINVAL;
	if (m->u.msg_namelen > (int)sizeof(m->addr))
		m->u.msg_namelen = sizeof(m->addr);
	if (save_addr) {
		msg->msg_name = m->u.msg_name ? &m->addr : NULL;
	} else if (m->u.msg_namelen) {
		err = move_addr_to_kernel(m->u.msg_name, m->u.msg_namelen,
					  &m->addr);
		if (err < 0)
			return err;
		msg->msg_name = &m->addr;
		msg->msg_namelen = m->u.msg_namelen;
	}
	if (m->u.msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	m->iov = m->fast;
	n = import_iovec(save_addr ? ITER_DEST : ITER_SOURCE, m->u.msg_iov,
			 m->u.msg_iovlen, UIO_FASTIOV, &m->iov, &msg->msg_iter);
	return n < 0 ? n : 0;
}

/* Copy the sender's control messages: to `stack` if they fit, or allocated. */
static int import_control(struct sock *sk, struct msghdr *msg,
			  const struct user_msghdr *u, void *stack)
{
	void *buf = stack;

	if (u->msg_controllen > INT_MAX)
		return -ENOBUFS;
	if (!u->msg_controllen)
		return 0;
	if (u->msg_controllen > CONTROL_ON_STACK) {
		buf = sock_kmalloc(sk, u->msg_controllen, GFP_KERNEL);
		if (!buf)
			return -ENOBUFS;
	}
	msg->msg_control = buf;
	msg->msg_controllen = u->msg_controllen;
	return copy_from_user(buf, u->msg_control, u->msg_controllen) ? -EFAULT
								       : 0;
}

static int send_one(struct socket *sock, struct user_msghdr __user *umsg,
		    unsigned int flags)
{
	char stack[CONTROL_ON_STACK] __attribute__((aligned(8)));
	struct user_msg m;
	struct msghdr msg;
	void *control;
	int err = import_msg(&msg, umsg, &m, false);

	if (err)
		return err;
	err = import_control(sock->sk, &msg, &m.u, stack);
	control = msg.msg_control;
	if (!err) {
		msg.msg_flags = flags;
		if (sock->file->f_flags & O_NONBLOCK)
			msg.msg_flags |= MSG_DONTWAIT;
		err = sock_sendmsg(sock, &msg);
	}
	if (control && control != stack)
		sock_kfree_s(sock->sk, control, m.u.msg_controllen);
	kfree(m.iov);
	return err;
}

/* Tell the user what came besides the n bytes: n or -EFAULT, -EINVAL. */
static int export_msg(struct msghdr *msg, struct user_msghdr __user *umsg,
		      struct user_msg *m, int n)
{
	size_t control = (char __user *)msg->msg_control_user -
			 (char __user *)m->u.msg_control;
	int err;

	if (m->u.msg_name) {
		err = move_addr_to_user(&m->addr, msg->msg_namelen,
					m->u.msg_name, &umsg->msg_namelen);
		if (err < 0)
			return err;
	}
	if (put_user(msg->msg_flags, &umsg->msg_flags) ||
	    put_user(control, &umsg->msg_controllen))
		return -EFAULT;
	return n;
}

static int recv_one(struct socket *sock, struct user_msghdr __user *umsg,
		    unsigned int flags)
{
	struct user_msg m;
	struct msghdr msg;
	int n = import_msg(&msg, umsg, &m, true);

	if (n)
		return n;
	msg.msg_control_user = m.u.msg_control;
	msg.msg_control_is_user = true;
	msg.msg_controllen = m.u.msg_controllen;
	msg.msg_flags = flags & MSG_CMSG_CLOEXEC;
	if (sock->file->f_flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	n = sock_recvmsg(sock, &msg, flags);
	if (n >= 0)
		n = export_msg(&msg, umsg, &m, n);
	kfree(m.iov);
	return n;
}

static int one_message(int fd, struct user_msghdr __user *msg,
		       unsigned int flags,
		       int (*move)(struct socket *, struct user_msghdr __user *,
				   unsigned int))
{
	struct socket *sock;
	struct fd f;
	int err;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	err = move(sock, msg, flags);
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(sendmsg, int, fd, struct user_msghdr __user *, msg,
		unsigned int, flags)
{
	return one_message(fd, msg, flags, send_one);
}

SYSCALL_DEFINE3(recvmsg, int, fd, struct user_msghdr __user *, msg,
		unsigned int, flags)
{
	return one_message(fd, msg, flags, recv_one);
}

/* ---- several messages ---- */

static int send_many(struct socket *sock, struct mmsghdr __user *mm,
		     unsigned int vlen, unsigned int flags)
{
	unsigned int done = 0;
	int n = 0;

	vlen = min(vlen, (unsigned int)UIO_MAXIOV);
	while (done < vlen) {
		n = send_one(sock, &mm[done].msg_hdr, flags);
		if (n < 0)
			break;
		n = put_user((unsigned int)n, &mm[done].msg_len);
		if (n)
			break;
		done++;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done ? (int)done : n;
}

SYSCALL_DEFINE4(sendmmsg, int, fd, struct mmsghdr __user *, mm,
		unsigned int, vlen, unsigned int, flags)
{
	struct socket *sock;
	struct fd f;
	int err;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	sock = sockfd_borrow(fd, &f, &err);
	if (!sock)
		return err;
	err = send_many(sock, mm, vlen, flags);
	fdput(f);
	return err;
}

/* Receive until vlen messages, an error, or `end`; 0: no end. */
static int recv_many(struct socket *sock, struct mmsghdr __user *mm,
		     unsigned int vlen, unsigned int flags, ktime_t end)
{
	unsigned int done = 0;
	int n = sock_error(sock->sk);

	if (n)
		return n;
	while (done < vlen) {
		n = recv_one(sock, &mm[done].msg_hdr, flags & ~MSG_WAITFORONE);
		if (n < 0)
			break;
		n = put_user((unsigned int)n, &mm[done].msg_len);
		if (n)
			break;
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (end && ktime_get() >= end)
			break;
		cond_resched();
	}
	if (!done)
		return n;
	/* What stopped us is told by the next call; a signal is not the
	 * socket's. */
	if (n < 0 && n > -ERESTARTSYS && n != -EAGAIN && n != -EINTR)
		WRITE_ONCE(sock->sk->sk_err, -n);
	return done;
}

static int do_recvmmsg(int fd, struct mmsghdr __user *mm, unsigned int vlen,
		       unsigned int flags, struct timespec64 __user *utimeout)
{
	struct timespec64 ts = { 0, 0 };
	struct socket *sock;
	ktime_t end = 0;
	struct fd f;
	int n;

	if (utimeout) {
		if (get_timespec64(&ts, utimeout))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		end = ktime_add_safe(ktime_get(), timespec64_to_ktime(ts));
	}
	sock = sockfd_borrow(fd, &f, &n);
	if (!sock)
		return n;
	n = recv_many(sock, mm, vlen, flags, end);
	fdput(f);
	if (utimeout && n > 0) {
		ts = ktime_to_timespec64(max_t(ktime_t, end - ktime_get(), 0));
		if (put_timespec64(&ts, utimeout))
			n = -EFAULT;
	}
	return n;
}

SYSCALL_DEFINE5(recvmmsg, int, fd, struct mmsghdr __user *, mm,
		unsigned int, vlen, unsigned int, flags,
		struct timespec64 __user *, timeout)
{
	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	return do_recvmmsg(fd, mm, vlen, flags, timeout);
}
