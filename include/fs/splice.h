/* SPDX-License-Identifier: MIT */
#ifndef FS_SPLICE_H
#define FS_SPLICE_H
/*
 * splice.h -- pages that pass through a pipe without being copied
 *
 * A file says how its bytes get into a pipe (f_op->splice_read) and out of one
 * (f_op->splice_write); what it leaves NULL is done by copying.  Both are
 * called without the pipe's mutex but ->splice_read, which has it.  May sleep.
 * Theory: fs/splice.c.
 */

#include <fs/pipe.h>

#define SPLICE_F_MOVE 1
#define SPLICE_F_NONBLOCK 2
#define SPLICE_F_MORE 4               /* more will come: a hint for sockets */
#define SPLICE_F_GIFT 8
#define SPLICE_F_ALL 15

/* What is left to do on the way out of a pipe. */
struct splice_desc {
	size_t total_len;             /* bytes still to go */
	unsigned int len;             /* of the buffer at hand */
	unsigned int flags;           /* SPLICE_F_* */
	union {
		struct iov_iter *iter;
		struct file *file;    /* where they go */
		void *data;
	} u;
	loff_t pos;                   /* file position */
	loff_t *opos;                 /* sendfile: the output's */
	size_t num_spliced;           /* bytes done */
	bool need_wakeup;             /* the writers have not been told yet */
};

struct partial_page {
	unsigned int offset, len;
	unsigned long private;
};

/* What a file offers a pipe; each page with a reference, which moves. */
struct splice_pipe_desc {
	struct page **pages;
	struct partial_page *partial;
	int nr_pages;
	unsigned int nr_pages_max;
	const struct pipe_buf_operations *ops;
	/* Drop the reference of one that did not fit. */
	void (*spd_release)(struct splice_pipe_desc *, unsigned int);
};

/* Takes sd->len bytes of buf, or fewer: how many, 0 to stop, -errno. */
typedef int (splice_actor)(struct pipe_inode_info *, struct pipe_buffer *,
			   struct splice_desc *);
/* Takes sd->total_len bytes out of the pipe: how many, -errno. */
typedef int (splice_direct_actor)(struct pipe_inode_info *,
				  struct splice_desc *);

/* ---- into a pipe; its mutex is held ---- */

/* Enter what fits, release the rest: bytes, -EAGAIN, -EPIPE (and SIGPIPE). */
ssize_t splice_to_pipe(struct pipe_inode_info *pipe,
		       struct splice_pipe_desc *spd);
/* One buffer, which is released if it cannot: its bytes or the same. */
ssize_t add_to_pipe(struct pipe_inode_info *pipe, struct pipe_buffer *buf);
void spd_release_page(struct splice_pipe_desc *spd, unsigned int i);
extern const struct pipe_buf_operations page_cache_pipe_buf_ops;

/* ->splice_read: by reference from the page cache; by a copy from any file. */
ssize_t generic_file_splice_read(struct file *in, loff_t *ppos,
				 struct pipe_inode_info *pipe, size_t len,
				 unsigned int flags);
ssize_t copy_splice_read(struct file *in, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags);

/* ---- out of a pipe ---- */

/* ->splice_write: by ->write_iter; by ->sendpages, which takes references. */
ssize_t iter_file_splice_write(struct pipe_inode_info *pipe, struct file *out,
			       loff_t *ppos, size_t len, unsigned int flags);
ssize_t generic_splice_sendpages(struct pipe_inode_info *pipe, struct file *out,
				 loff_t *ppos, size_t len, unsigned int flags);
/* Feed the actor buffer by buffer; the first takes the mutex, the other not. */
ssize_t splice_from_pipe(struct pipe_inode_info *pipe, struct file *out,
			 loff_t *ppos, size_t len, unsigned int flags,
			 splice_actor *actor);
ssize_t __splice_from_pipe(struct pipe_inode_info *pipe, struct splice_desc *sd,
			   splice_actor *actor);

/* ---- file to file ---- */

/* Through a pipe that current keeps: bytes or -errno; *ppos, *opos move. */
ssize_t do_splice_direct(struct file *in, loff_t *ppos, struct file *out,
			 loff_t *opos, size_t len, unsigned int flags);
ssize_t splice_direct_to_actor(struct file *in, struct splice_desc *sd,
			       splice_direct_actor *actor);
/* A task ends: so does that pipe. */
void exit_splice(struct task_struct *t);
/* Waits for room first. */
ssize_t splice_file_to_pipe(struct file *in, struct pipe_inode_info *opipe,
			    loff_t *ppos, size_t len, unsigned int flags);
/* Between a pipe and a file of whatever kind; for splice(2). */
ssize_t do_splice_to(struct file *in, loff_t *ppos,
		     struct pipe_inode_info *pipe, size_t len,
		     unsigned int flags);
ssize_t do_splice_from(struct pipe_inode_info *pipe, struct file *out,
		       loff_t *ppos, size_t len, unsigned int flags);
/* .mutex held: until the pipe has room: 0, -EPIPE, -EAGAIN, -ERESTARTSYS. */
int splice_wait_for_space(struct pipe_inode_info *pipe, unsigned int flags);

#endif
