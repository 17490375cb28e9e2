/* SPDX-License-Identifier: MIT */
/*
 * socket_wild.c -- socket calls with arguments that nobody means
 *
 * Random calls on a handful of sockets; the kernel may refuse or do them, but
 * neither oops nor hang nor leave a socket behind.  WILD_SEED, WILD_CALLS.
 */

#include "harm.h"

#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#define NR_FDS 10

static int fds[NR_FDS];
#define AREA 65536
static char *area;              /* behind it nothing is mapped */

static int any_fd(void)
{
	return below(20) ? fds[below(NR_FDS)] : (int)below(1100) - 50;
}

static void *any_ptr(void)
{
	switch (below(8)) {
	case 0: return NULL;
	case 1: return (void *)8;
	case 2: return (void *)0xffff888000000000ul;
	case 3: return (void *)(uintptr_t)rnd();
	default: return area + below(AREA);
	}
}

static uint64_t any_len(void)
{
	switch (below(8)) {
	case 0: return -1;
	case 1: return (long)(rnd() << 20);
	case 2: return 1l << below(63);
	case 3: return 0x7fffffff;
	default: return below(5000);
	}
}

static void any_addr(struct sockaddr_un *a)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = below(5) ? AF_UNIX : below(50);
	a->sun_path[1] = 'w';
	a->sun_path[2] = 'a' + below(4);
}

/* A header with parts that are right and parts that are not. */
static void any_msg(struct msghdr *m, struct iovec *iov, char *control)
{
	struct cmsghdr *c = (void *)control;

	*m = (struct msghdr){ .msg_iov = iov, .msg_iovlen = below(4) };
	for (int i = 0; i < 4; i++)
		iov[i] = (struct iovec){ any_ptr(), below(10) ? below(300)
							      : any_len() };
	if (!below(10))
		m->msg_iovlen = any_len();
	if (!below(10))
		m->msg_iov = any_ptr();
	if (!below(4)) {
		m->msg_name = any_ptr();
		m->msg_namelen = below(3) ? below(130) : any_len();
	}
	if (below(3)) {
		m->msg_control = control;
		m->msg_controllen = below(5) ? 64 : any_len();
		memset(control, 0, 64);
		c->cmsg_len = below(4) ? CMSG_LEN(4 * (1 + below(3)))
				       : any_len();
		c->cmsg_level = below(5) ? SOL_SOCKET : below(300);
		c->cmsg_type = 1 + below(3);
		for (int i = 0; i < 3; i++)
			((int *)CMSG_DATA(c))[i] = any_fd();
	}
}

static int any_flags(void)
{
	return MSG_DONTWAIT | MSG_NOSIGNAL |
	       (below(3) ? 0 : below(2) ? 1 << below(31) : (int)rnd());
}

static void new_sockets(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	int i = below(NR_FDS - 1), type = types[below(3)] | SOCK_NONBLOCK;

	close(fds[i]);
	if (below(2)) {
		close(fds[i + 1]);
		socketpair(AF_UNIX, type, 0, fds + i);
	} else {
		fds[i] = socket(AF_UNIX, type, 0);
	}
}

/* What the descriptors of a message become is closed again. */
static void close_received(struct msghdr *m)
{
	struct cmsghdr *c = m->msg_control;

	if (m->msg_controllen < CMSG_LEN(4) || m->msg_controllen > 64 ||
	    c->cmsg_type != SCM_RIGHTS || c->cmsg_level != SOL_SOCKET)
		return;
	for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / 4 && i < 12; i++)
		if (((int *)CMSG_DATA(c))[i] > 2)
			close(((int *)CMSG_DATA(c))[i]);
}

static void raw_msg(int send, int fd)
{
	char control[256];
	struct iovec iov[4];
	struct msghdr m;

	any_msg(&m, iov, control);
	if (!below(20)) {
		syscall(send ? SYS_sendmsg : SYS_recvmsg, fd, any_ptr(),
			any_flags());
		return;
	}
	if (send) {
		syscall(SYS_sendmsg, fd, &m, any_flags());
		return;
	}
	control[16] = 0;
	((struct cmsghdr *)control)->cmsg_type = 0;
	if (syscall(SYS_recvmsg, fd, &m, any_flags()) >= 0 &&
	    m.msg_control == control)
		close_received(&m);
}

static void one_call(void)
{
	struct sockaddr_un a;
	socklen_t len = any_len();
	int fd = any_fd();

	if (fd >= 0 && fd <= 2)
		return;
	any_addr(&a);
	switch (below(18)) {
	case 0: new_sockets(); break;
	case 1: syscall(SYS_socket, below(60), rnd(), below(20)); break;
	case 2: syscall(SYS_bind, fd, below(4) ? (void *)&a : any_ptr(),
			below(4) ? 2 + below(4) : any_len()); break;
	case 3: syscall(SYS_connect, fd, below(4) ? (void *)&a : any_ptr(),
			below(4) ? 2 + below(4) : any_len()); break;
	case 4: listen(fd, any_len()); break;
	case 5: {
		int n = syscall(SYS_accept4, fd, any_ptr(), &len,
				below(4) ? SOCK_NONBLOCK : (int)rnd());

		if (n > 2)
			close(n);
		break;
	}
	case 6: syscall(SYS_getsockname, fd, any_ptr(), any_ptr()); break;
	case 7: syscall(SYS_getpeername, fd, any_ptr(), &len); break;
	case 8: syscall(SYS_shutdown, fd, below(5)); break;
	case 9: syscall(SYS_setsockopt, fd, below(8) ? SOL_SOCKET : below(300),
			below(80), any_ptr(), any_len()); break;
	case 10: syscall(SYS_getsockopt, fd, below(8) ? SOL_SOCKET : below(300),
			 below(80), any_ptr(), any_ptr()); break;
	case 11: syscall(SYS_sendto, fd, any_ptr(), any_len(), any_flags(),
			 any_ptr(), any_len()); break;
	case 12: syscall(SYS_recvfrom, fd, any_ptr(), any_len(), any_flags(),
			 any_ptr(), any_ptr()); break;
	case 13: syscall(SYS_sendmmsg, fd, any_ptr(), below(4), any_flags());
		break;
	case 14: syscall(SYS_recvmmsg, fd, any_ptr(), below(4), any_flags(),
			 below(2) ? NULL : any_ptr()); break;
	case 15: case 16: raw_msg(1, fd); break;
	case 17: raw_msg(0, fd); break;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

TEST(wild_calls_on_sockets_harm_nobody)
{
	long calls = setting("WILD_CALLS", 20000);

	state = setting("WILD_SEED", 12345);
	area = mmap(NULL, 4 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	NEED(area != MAP_FAILED && !mprotect(area, AREA,
					     PROT_READ | PROT_WRITE));
	for (int i = 0; i < NR_FDS; i++)
		fds[i] = -1;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	for (long i = 0; i < calls; i++) {
		one_call();
		if (i % 64 == 0)
			for (int f = 3; f < 200; f++) {
				int kept = 0;

				for (int k = 0; k < NR_FDS; k++)
					kept |= fds[k] == f;
				if (!kept)
					close(f);
			}
	}
	CHECK(1);
}

TAP_MAIN()
