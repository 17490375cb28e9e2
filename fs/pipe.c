/* SPDX-License-Identifier: MIT */
/*
 * pipe.c -- bytes from one process to another, in order
 *
 * PROMISE.  What is written comes out once and in order.  A write of at most
 * PIPE_BUF (4096) bytes is never mixed with another's.  A reader sees the end
 * when the last writer is gone; a writer gets SIGPIPE when the last reader is.
 *
 * IDEA.  What was written is in pipe_ring.c; here is who waits for what.  A
 * reader sleeps while the ring is empty, a writer while its bytes do not fit;
 * each wakes the other side when that changes.
 *
 * INVARIANTS
 *   I4  A write of n <= PIPE_BUF bytes begins only when n bytes fit.
 *   (I1 to I3 are the ring's.)
 *
 * LOCKING.  pipe->mutex guards all but the wait queues.  files and the inode's
 * i_pipe: i_lock.  Copying may fault, which is why it is a mutex.
 *
 * RACES.  The sleeper gives up the mutex before it sleeps; prepare_to_wait
 * comes before that, so a waker that runs in between finds it on the queue.
 *
 * SEE POSIX pipe(), docs/53-pipes.md.
 */

#include <fs/pipe.h>

#include "vfs/internal.h"

#include <fs/poll.h>
#include <arch/uaccess.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uio.h>
#include <uapi/termios.h>

#include "pipe_impl.h"

unsigned int pipe_max_size = 1 << 20;
static struct vfsmount *pipe_mnt __ro_after_init;

/* ---- life ---- */

struct pipe_inode_info *alloc_pipe_info(void)
{
	struct pipe_inode_info *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	if (pipe_begin_charge(p))
		p->bufs = kcalloc(p->ring_size, sizeof(*p->bufs), GFP_KERNEL);
	if (!p->bufs) {
		if (p->user)
			pipe_end_charge(p);
		kfree(p);
		return NULL;
	}
	mutex_init(&p->mutex);
	init_waitqueue_head(&p->rd_wait);
	init_waitqueue_head(&p->wr_wait);
	return p;
}

void free_pipe_info(struct pipe_inode_info *p)
{
	pipe_ring_free(p);
	pipe_end_charge(p);
	kfree(p);
}

/* Drop one open file's hold; the last frees the pipe. */
static void put_pipe(struct inode *inode, struct pipe_inode_info *p)
{
	bool last;

	spin_lock(&inode->i_lock);
	last = --p->files == 0;
	if (last)
		inode->i_pipe = NULL;
	spin_unlock(&inode->i_lock);
	if (last)
		free_pipe_info(p);
}

/* ---- waiting ---- */

int pipe_sleep(struct pipe_inode_info *p, wait_queue_head_t *wq)
{
	DEFINE_WAIT(wait);
	int err = 0;

	prepare_to_wait(wq, &wait, TASK_INTERRUPTIBLE);
	mutex_unlock(&p->mutex);
	if (!signal_pending(current))
		schedule();
	if (signal_pending(current))
		err = -ERESTARTSYS;
	finish_wait(wq, &wait);
	mutex_lock(&p->mutex);
	return err;
}

void pipe_wake_readers(struct pipe_inode_info *p)
{
	wake_up_interruptible_sync_poll(&p->rd_wait, EPOLLIN | EPOLLRDNORM);
	kill_fasync(&p->fasync_readers, POLL_IN);
}

void pipe_wake_writers(struct pipe_inode_info *p)
{
	wake_up_interruptible_sync_poll(&p->wr_wait, EPOLLOUT | EPOLLWRNORM);
	kill_fasync(&p->fasync_writers, POLL_OUT);
}

static bool may_not_block(struct kiocb *iocb)
{
	return (iocb->ki_filp->f_flags & O_NONBLOCK) ||
	       (iocb->ki_flags & IOCB_NOWAIT);
}

/* ---- reading and writing ---- */

static ssize_t pipe_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct pipe_inode_info *p = iocb->ki_filp->private_data;
	bool was_full, full;
	ssize_t n;

	if (!iov_iter_count(to))
		return 0;
	mutex_lock(&p->mutex);
	for (;;) {
		was_full = pipe_full(p->head, p->tail, p->ring_size);
		n = pipe_ring_read(p, to);
		if (n || !p->writers)
			break;
		n = -EAGAIN;
		if (may_not_block(iocb))
			break;
		n = pipe_sleep(p, &p->rd_wait);
		if (n)
			break;
	}
	full = pipe_full(p->head, p->tail, p->ring_size);
	mutex_unlock(&p->mutex);
	if (n > 0) {
		if (was_full && !full)
			pipe_wake_writers(p);
		file_accessed(iocb->ki_filp);
	}
	return n;
}

static ssize_t broken_pipe(void)
{
	send_sig(SIGPIPE, current, 0);
	return -EPIPE;
}

static ssize_t pipe_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct pipe_inode_info *p = iocb->ki_filp->private_data;
	bool packets = iocb->ki_filp->f_flags & O_DIRECT;
	ssize_t done = 0, n;

	if (!iov_iter_count(from))
		return 0;
	mutex_lock(&p->mutex);
	for (;;) {
		bool was_empty = p->head == p->tail;

		n = -EPIPE;
		if (!p->readers)
			break;
		n = pipe_ring_write(p, from, packets);           /* I4 */
		if (n > 0) {
			done += n;
			if (was_empty || p->poll_usage ||
			    p->fasync_readers)
				pipe_wake_readers(p);
		}
		if (n < 0 || !iov_iter_count(from))
			break;
		n = -EAGAIN;
		if (may_not_block(iocb))
			break;
		n = pipe_sleep(p, &p->wr_wait);
		if (n)
			break;
	}
	mutex_unlock(&p->mutex);
	if (done)
		file_update_time(iocb->ki_filp);
	if (n == -EPIPE)
		n = broken_pipe();
	return done ? done : n;
}

static __poll_t pipe_poll(struct file *file, poll_table *wait)
{
	struct pipe_inode_info *p = file->private_data;
	__poll_t mask = 0;

	WRITE_ONCE(p->poll_usage, true);
	if (file->f_mode & FMODE_READ)
		poll_wait(file, &p->rd_wait, wait);
	if (file->f_mode & FMODE_WRITE)
		poll_wait(file, &p->wr_wait, wait);
	mutex_lock(&p->mutex);
	if (file->f_mode & FMODE_READ) {
		if (p->head != p->tail)
			mask |= EPOLLIN | EPOLLRDNORM;
		/* A FIFO that never had a writer is not hung up. */
		if (!p->writers && file->f_version != p->w_counter)
			mask |= EPOLLHUP;
	}
	if (file->f_mode & FMODE_WRITE) {
		if (!pipe_full(p->head, p->tail, p->ring_size))
			mask |= EPOLLOUT | EPOLLWRNORM;
		if (!p->readers)
			mask |= EPOLLERR;
	}
	mutex_unlock(&p->mutex);
	return mask;
}

static long pipe_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe_inode_info *p = file->private_data;
	int count;

	if (cmd != FIONREAD)
		return -ENOIOCTLCMD;
	mutex_lock(&p->mutex);
	count = pipe_ring_bytes(p);
	mutex_unlock(&p->mutex);
	return put_user(count, (int __user *)arg);
}

/* O_ASYNC: a signal when the other end has done something. */
static int pipe_fasync(int fd, struct file *file, int on)
{
	struct pipe_inode_info *p = file->private_data;
	int err = 0;

	if (file->f_mode & FMODE_READ)
		err = fasync_helper(fd, file, on, &p->fasync_readers);
	if (err >= 0 && (file->f_mode & FMODE_WRITE))
		err = fasync_helper(fd, file, on, &p->fasync_writers);
	return err < 0 ? err : 0;
}

/* ---- opening and closing ---- */

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *p = file->private_data;

	mutex_lock(&p->mutex);
	if (file->f_mode & FMODE_READ)
		p->readers--;
	if (file->f_mode & FMODE_WRITE)
		p->writers--;
	if (!p->readers != !p->writers) {     /* the others must notice */
		wake_up_interruptible_poll(&p->rd_wait, EPOLLIN |
					   EPOLLRDNORM | EPOLLERR | EPOLLHUP);
		wake_up_interruptible_poll(&p->wr_wait, EPOLLOUT |
					   EPOLLWRNORM | EPOLLERR | EPOLLHUP);
		kill_fasync(&p->fasync_readers, POLL_IN);
		kill_fasync(&p->fasync_writers, POLL_OUT);
	}
	mutex_unlock(&p->mutex);
	put_pipe(inode, p);
	return 0;
}

/* The inode's pipe, with a hold for one file; made if there is none. */
static struct pipe_inode_info *get_pipe(struct inode *inode)
{
	struct pipe_inode_info *new = NULL, *p;

	for (;;) {
		spin_lock(&inode->i_lock);
		p = inode->i_pipe;
		if (!p && new) {
			p = inode->i_pipe = new;
			new = NULL;
		}
		if (p)
			p->files++;
		spin_unlock(&inode->i_lock);
		if (p)
			break;
		new = alloc_pipe_info();
		if (!new)
			return NULL;
	}
	if (new)
		free_pipe_info(new);
	return p;
}

/* Wait until *counter moves: somebody has come to the other end. */
static int wait_for_partner(struct pipe_inode_info *p, unsigned int *counter,
			    wait_queue_head_t *wq)
{
	unsigned int now = *counter;
	int err = 0;

	while (now == *counter && !err)
		err = pipe_sleep(p, wq);
	return now != *counter ? 0 : -ERESTARTSYS;
}

static int open_reader(struct file *file, struct pipe_inode_info *p, bool fifo)
{
	p->r_counter++;
	if (p->readers++ == 0)
		wake_up_interruptible(&p->wr_wait);
	if (!fifo || p->writers)
		return 0;
	if (file->f_flags & O_NONBLOCK) {
		file->f_version = p->w_counter;
		return 0;
	}
	return wait_for_partner(p, &p->w_counter, &p->rd_wait);
}

static int open_writer(struct file *file, struct pipe_inode_info *p, bool fifo)
{
	if (fifo && (file->f_flags & O_NONBLOCK) && !p->readers)
		return -ENXIO;
	p->w_counter++;
	if (p->writers++ == 0)
		wake_up_interruptible(&p->rd_wait);
	if (!fifo || p->readers)
		return 0;
	return wait_for_partner(p, &p->r_counter, &p->wr_wait);
}

/* Undo a half-done open, and tell those who thought we had come. */
static void abandon_open(struct inode *inode, struct pipe_inode_info *p,
			 fmode_t mode)
{
	if (mode & FMODE_READ && !--p->readers)
		wake_up_interruptible(&p->wr_wait);
	if (mode & FMODE_WRITE && !--p->writers)
		wake_up_interruptible_all(&p->rd_wait);
	mutex_unlock(&p->mutex);
	put_pipe(inode, p);
}

static int fifo_open(struct inode *inode, struct file *file)
{
	bool fifo = inode->i_sb->s_magic != PIPEFS_MAGIC;
	fmode_t mode = file->f_mode & (FMODE_READ | FMODE_WRITE);
	struct pipe_inode_info *p = get_pipe(inode);
	int err = 0;

	if (!p)
		return -ENOMEM;
	stream_open(inode, file);
	file->f_version = 0;
	file->private_data = p;
	mutex_lock(&p->mutex);
	switch (mode) {
	case FMODE_READ:
		err = open_reader(file, p, fifo);
		break;
	case FMODE_WRITE:
		err = open_writer(file, p, fifo);
		if (err == -ENXIO)
			mode = 0;
		break;
	case FMODE_READ | FMODE_WRITE:
		/* Its own partner: never waits. */
		open_reader(file, p, false);
		open_writer(file, p, false);
		break;
	}
	if (err) {
		abandon_open(inode, p, mode);
		return err;
	}
	mutex_unlock(&p->mutex);
	return 0;
}

const struct file_operations pipefifo_fops = {
	.open = fifo_open,
	.read_iter = pipe_read,
	.write_iter = pipe_write,
	.poll = pipe_poll,
	.unlocked_ioctl = pipe_ioctl,
	.fasync = pipe_fasync,
	.release = pipe_release,
};

/* ---- F_SETPIPE_SZ ---- */

struct pipe_inode_info *get_pipe_info(struct file *file)
{
	return file->f_op == &pipefifo_fops ? file->private_data : NULL;
}

static unsigned int round_slots(unsigned long bytes)
{
	unsigned int slots = 1;

	while ((unsigned long)slots << PAGE_SHIFT < bytes)
		slots *= 2;
	return slots;
}

static long set_pipe_size(struct pipe_inode_info *p, unsigned long arg)
{
	unsigned int slots, was;
	long err;

	if (arg > 1ul << 31)
		return -EINVAL;
	slots = round_slots(arg);
	if (slots > p->ring_size && (unsigned long)slots << PAGE_SHIFT >
	    pipe_max_size && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (slots < p->head - p->tail)
		return -EBUSY;
	was = p->ring_size;
	err = pipe_change_charge(p, slots);
	if (err)
		return err;
	err = pipe_ring_resize(p, slots);
	if (err) {
		atomic_long_sub((long)slots - was, &p->user->pipe_pages);
		return err;
	}
	wake_up_interruptible(&p->wr_wait);
	return (long)p->ring_size << PAGE_SHIFT;
}

long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe_inode_info *p = get_pipe_info(file);
	long res;

	if (!p)
		return -EBADF;
	mutex_lock(&p->mutex);
	res = cmd == F_SETPIPE_SZ ? set_pipe_size(p, arg)
				  : (long)p->ring_size << PAGE_SHIFT;
	mutex_unlock(&p->mutex);
	return res;
}

/* ---- pipe(2) ---- */

/* Two open files on a new pipe: [0] reads, [1] writes.  0 or -errno. */
int create_pipe_files(struct file **res, int flags)
{
	struct inode *inode = new_inode_pseudo(pipe_mnt->mnt_sb);
	struct pipe_inode_info *p;
	struct file *f;

	if (!inode)
		return -ENFILE;
	p = alloc_pipe_info();
	if (!p) {
		iput(inode);
		return -ENFILE;
	}
	p->files = 2;
	p->readers = p->writers = 1;
	p->r_counter = p->w_counter = 1;
	inode->i_pipe = p;
	inode->i_ino = get_next_ino();
	inode->i_fop = &pipefifo_fops;
	inode->i_mode = S_IFIFO | S_IRUSR | S_IWUSR;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	f = alloc_file_pseudo(inode, pipe_mnt, "",
			      O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)),
			      &pipefifo_fops);
	if (IS_ERR(f)) {
		free_pipe_info(p);
		inode->i_pipe = NULL;
		iput(inode);
		return PTR_ERR(f);
	}
	f->private_data = p;
	res[0] = alloc_file_clone(f, O_RDONLY | (flags & O_NONBLOCK),
				  &pipefifo_fops);
	if (IS_ERR(res[0])) {
		put_pipe(inode, p);
		fput(f);
		return PTR_ERR(res[0]);
	}
	res[0]->private_data = p;
	stream_open(inode, res[0]);
	stream_open(inode, f);
	res[1] = f;
	return 0;
}

static long do_pipe2(int __user *fildes, int flags)
{
	struct file *files[2];
	int fd[2], err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = create_pipe_files(files, flags);
	if (err)
		return err;
	err = fd[0] = get_unused_fd_flags(flags);
	if (err < 0)
		goto out_files;
	err = fd[1] = get_unused_fd_flags(flags);
	if (err < 0)
		goto out_fd0;
	err = -EFAULT;
	if (copy_to_user(fildes, fd, sizeof(fd)))
		goto out_fd1;
	fd_install(fd[0], files[0]);
	fd_install(fd[1], files[1]);
	return 0;
out_fd1:
	put_unused_fd(fd[1]);
out_fd0:
	put_unused_fd(fd[0]);
out_files:
	fput(files[0]);
	fput(files[1]);
	return err;
}

SYSCALL_DEFINE2(pipe2, int __user *, fildes, int, flags)
{
	return do_pipe2(fildes, flags);
}

SYSCALL_DEFINE1(pipe, int __user *, fildes)
{
	return do_pipe2(fildes, 0);
}

/* ---- pipefs ---- */

static char *pipefs_dname(struct dentry *d, char *buf, int len)
{
	return dynamic_dname(buf, len, "pipe:[%lu]",
			     (unsigned long)d_inode(d)->i_ino);
}

static const struct dentry_operations pipefs_dops = {
	.d_dname = pipefs_dname,
};

static const struct super_operations pipefs_ops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
};

static struct dentry *pipefs_mount(struct file_system_type *type, int flags,
				   const char *dev_name, void *data)
{
	return mount_pseudo(type, "pipe:", &pipefs_ops, &pipefs_dops,
			    PIPEFS_MAGIC);
}

static struct file_system_type pipefs_type = {
	.name = "pipefs",
	.mount = pipefs_mount,
	.kill_sb = kill_anon_super,
};

static int pipe_init(void)
{
	int err = register_filesystem(&pipefs_type);

	if (err)
		return err;
	pipe_mnt = kern_mount(&pipefs_type);
	return PTR_ERR_OR_ZERO(pipe_mnt);
}
fs_initcall(pipe_init);
