/* SPDX-License-Identifier: MIT */
/*
 * sockfs.c -- sockets as files
 *
 * PROMISE.  Whatever may be done with a descriptor may be done with a socket's,
 * if it makes sense: read, write, poll, ioctl, fcntl, fstat, sendfile.
 *
 * IDEA.  A file system without names.  Its inode and the struct socket are one
 * allocation; the file's operations turn into the family's proto_ops.
 *
 * LIFE.  The descriptor's last close ends the file, which releases the sock
 * (proto_ops.release); the inode goes when its last holder does, and its
 * memory a grace period later: wakers read sk_wq under RCU.
 *
 * SEE socket.c for the calls.
 */

#include "core.h"

#include <arch/uaccess.h>
#include <drivers/blk_types.h>
#include <fs/fs.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <fs/splice.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <mm/uio.h>
#include <net/sock.h>

#define SOCKFS_MAGIC 0x534f434b

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

static struct kmem_cache *sock_inode_cache;
static struct vfsmount *sock_mnt __ro_after_init;
static const struct file_operations socket_file_ops;

struct socket *SOCKET_I(struct inode *inode)
{
	return &container_of(inode, struct socket_alloc, vfs_inode)->socket;
}

struct inode *SOCK_INODE(struct socket *sock)
{
	return &container_of(sock, struct socket_alloc, socket)->vfs_inode;
}

struct socket *sock_from_file(struct file *file)
{
	return file->f_op == &socket_file_ops ? file->private_data : NULL;
}

/* ---- life ---- */

struct socket *sock_alloc(void)
{
	struct inode *inode = new_inode_pseudo(sock_mnt->mnt_sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = S_IFSOCK | 0777;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	return SOCKET_I(inode);
}

/* The family lets go of it; the inode goes with its file, if it has one. */
void sock_release(struct socket *sock)
{
	if (sock->ops) {
		sock->ops->release(sock);
		sock->sk = NULL;
		sock->ops = NULL;
	}
	if (!sock->file)
		iput(SOCK_INODE(sock));
	else
		sock->file = NULL;
}

struct file *sock_alloc_file(struct socket *sock, int flags)
{
	struct file *file = alloc_file_pseudo(SOCK_INODE(sock), sock_mnt, "",
					      O_RDWR | (flags & O_NONBLOCK),
					      &socket_file_ops);

	if (IS_ERR(file)) {
		sock_release(sock);
		return file;
	}
	sock->file = file;
	file->private_data = sock;
	stream_open(SOCK_INODE(sock), file);
	return file;
}

/* ---- the file's operations ---- */

static int sock_close(struct inode *inode, struct file *file)
{
	sock_release(SOCKET_I(inode));
	return 0;
}

static bool nonblocking(const struct kiocb *iocb)
{
	return (iocb->ki_filp->f_flags & O_NONBLOCK) ||
	       (iocb->ki_flags & IOCB_NOWAIT);
}

static ssize_t sock_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct msghdr msg = { .msg_iter = *to, .msg_iocb = iocb };
	int flags = nonblocking(iocb) ? MSG_DONTWAIT : 0;
	ssize_t n;

	if (!iov_iter_count(to))
		return 0;
	n = sock_recvmsg(iocb->ki_filp->private_data, &msg, flags);
	*to = msg.msg_iter;
	return n;
}

static ssize_t sock_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct socket *sock = iocb->ki_filp->private_data;
	struct msghdr msg = { .msg_iter = *from, .msg_iocb = iocb };
	ssize_t n;

	if (nonblocking(iocb))
		msg.msg_flags = MSG_DONTWAIT;
	if (sock->type == SOCK_SEQPACKET)
		msg.msg_flags |= MSG_EOR;
	n = sock_sendmsg(sock, &msg);
	*from = msg.msg_iter;
	return n;
}

/* A page for a family that takes none: its bytes. */
static ssize_t send_copy(struct socket *sock, const struct bio_vec *piece,
			 int flags)
{
	struct kvec vec = { .iov_base = (char *)page_address(piece->bv_page) +
					piece->bv_offset,
			    .iov_len = piece->bv_len };
	struct msghdr msg = { .msg_flags = flags };

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, vec.iov_len);
	return sock_sendmsg(sock, &msg);
}

static ssize_t sock_sendpages(struct file *file, const struct bio_vec *vec,
			      unsigned int nr, int more)
{
	struct socket *sock = file->private_data;
	int flags = more | (file->f_flags & O_NONBLOCK ? MSG_DONTWAIT : 0);
	ssize_t sum = 0, n;

	if (sock->ops->sendpages)
		return sock->ops->sendpages(sock, vec, nr, flags);
	for (unsigned int i = 0; i < nr; i++) {
		n = send_copy(sock, &vec[i], i + 1 < nr ? flags | MSG_MORE :
							  flags);
		if (n < 0)
			return sum ? sum : n;
		sum += n;
		if (n < vec[i].bv_len)
			break;
	}
	return sum;
}

static ssize_t sock_splice_read(struct file *file, loff_t *ppos,
				struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	struct socket *sock = file->private_data;

	if (sock->ops->splice_read)
		return sock->ops->splice_read(sock, ppos, pipe, len, flags);
	return copy_splice_read(file, ppos, pipe, len, flags);
}

static __poll_t sock_poll(struct file *file, poll_table *wait)
{
	struct socket *sock = file->private_data;

	return sock->ops->poll ? sock->ops->poll(file, sock, wait) : 0;
}

static long sock_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct socket *sock = file->private_data;
	int __user *argp = (int __user *)arg;
	int who, err;

	switch (cmd) {
	case FIOSETOWN:
	case SIOCSPGRP:
		if (get_user(who, argp))
			return -EFAULT;
		return f_setown(file, who);
	case FIOGETOWN:
	case SIOCGPGRP:
		return put_user(f_getown(file), argp) ? -EFAULT : 0;
	}
	err = sock->ops->ioctl(sock, cmd, arg);
	if (err == -ENOIOCTLCMD && sock->sk)
		err = dev_ioctl(sock_net(sock->sk), cmd, argp);
	return err;
}

static int sock_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct socket *sock = file->private_data;

	return sock->ops->mmap(file, sock, vma);
}

static int sock_fasync(int fd, struct file *file, int on)
{
	struct socket *sock = file->private_data;
	struct sock *sk = sock->sk;
	int err;

	if (!sk)
		return -EINVAL;
	lock_sock(sk);
	err = fasync_helper(fd, file, on, &sock->wq.fasync_list);
	sock_valbool_flag(sk, SOCK_FASYNC, sock->wq.fasync_list != NULL);
	release_sock(sk);
	return err < 0 ? err : 0;
}

static void sock_show_fdinfo(struct seq_file *m, struct file *f)
{
	struct socket *sock = f->private_data;

	if (sock->ops && sock->ops->show_fdinfo)
		sock->ops->show_fdinfo(m, sock);
}

static const struct file_operations socket_file_ops = {
	.llseek = no_llseek,
	.read_iter = sock_read_iter,
	.write_iter = sock_write_iter,
	.poll = sock_poll,
	.unlocked_ioctl = sock_ioctl,
	.mmap = sock_mmap,
	.release = sock_close,
	.fasync = sock_fasync,
	.sendpages = sock_sendpages,
	.splice_write = generic_splice_sendpages,
	.splice_read = sock_splice_read,
	.show_fdinfo = sock_show_fdinfo,
};

/* ---- the file system ---- */

static struct inode *sock_alloc_inode(struct super_block *sb)
{
	struct socket_alloc *ei = kmem_cache_zalloc(sock_inode_cache,
						    GFP_KERNEL);

	if (!ei)
		return NULL;
	ei->socket.state = SS_UNCONNECTED;
	init_waitqueue_head(&ei->socket.wq.wait);
	return &ei->vfs_inode;
}

static void sock_free_inode(struct inode *inode)
{
	kmem_cache_free(sock_inode_cache,
			container_of(inode, struct socket_alloc, vfs_inode));
}

static char *sockfs_dname(struct dentry *d, char *buf, int len)
{
	return dynamic_dname(buf, len, "socket:[%lu]",
			     (unsigned long)d_inode(d)->i_ino);
}

static const struct dentry_operations sockfs_dops = {
	.d_dname = sockfs_dname,
};

static const struct super_operations sockfs_ops = {
	.alloc_inode = sock_alloc_inode,
	.free_inode = sock_free_inode,
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
};

static struct dentry *sockfs_mount(struct file_system_type *type, int flags,
				   const char *dev_name, void *data)
{
	return mount_pseudo(type, "socket:", &sockfs_ops, &sockfs_dops,
			    SOCKFS_MAGIC);
}

static struct file_system_type sockfs_type = {
	.name = "sockfs",
	.mount = sockfs_mount,
	.kill_sb = kill_anon_super,
};

/* Before any family registers: net_init() calls it. */
int sockfs_init(void)
{
	int err;

	sock_inode_cache = kmem_cache_create("sock_inode_cache",
					     sizeof(struct socket_alloc), 0,
					     SLAB_HWCACHE_ALIGN | SLAB_PANIC,
					     NULL);
	err = register_filesystem(&sockfs_type);
	if (err)
		return err;
	sock_mnt = kern_mount(&sockfs_type);
	return PTR_ERR_OR_ZERO(sock_mnt);
}
