/* SPDX-License-Identifier: MIT */
#ifndef FS_PIPE_H
#define FS_PIPE_H
/* pipe.h -- the buffer between two ends (theory: fs/pipe.c, fs/pipe_ring.c) */

#include <arch/page.h>
#include <fs/fs.h>
#include <kernel/mutex.h>
#include <kernel/wait.h>

#define PIPE_BUF 4096                 /* POSIX: such a write is atomic */
#define PIPE_DEF_BUFFERS 16

struct pipe_inode_info;
struct pipe_buffer;

/*
 * Whose page a buffer refers to.  With the pipe's mutex held, or before anybody
 * else has the pipe.
 */
struct pipe_buf_operations {
	/* The reader is through with it. */
	void (*release)(struct pipe_inode_info *, struct pipe_buffer *);
	/* One more buffer is going to refer to the page; false: impossible. */
	bool (*get)(struct pipe_inode_info *, struct pipe_buffer *);
};

#define PIPE_BUF_FLAG_GIFT 0x04       /* vmsplice: the giver is done with it */
#define PIPE_BUF_FLAG_PACKET 0x08     /* read() does not go on behind it */
#define PIPE_BUF_FLAG_CAN_MERGE 0x10  /* ours alone: a write may go behind */

/* len > 0 bytes of a page that others may see too: never written through it. */
struct pipe_buffer {
	struct page *page;
	unsigned int offset, len;
	const struct pipe_buf_operations *ops;
	unsigned int flags;           /* PIPE_BUF_FLAG_* */
	unsigned long private;        /* of who made it */
};

/*
 * Field keys:  [M] .mutex   [I] the inode's i_lock
 */
struct pipe_inode_info {
	struct mutex mutex;
	unsigned int head;            /* [M] buffers entered so far */
	unsigned int tail;            /* [M] buffers passed so far */
	unsigned int ring_size;       /* [M] a power of two */
	unsigned int readers, writers;/* [M] open files of each kind */
	unsigned int r_counter, w_counter; /* [M] opens so far */
	unsigned int files;           /* [I] open files */
	bool poll_usage;              /* somebody polls: tell of each write */
	struct user_struct *user;     /* constant: its maker, counted */
	struct pipe_buffer *bufs;     /* [M] ring_size of them */
	struct page *tmp_page[2];     /* [M] drained, for the next writes */
	wait_queue_head_t rd_wait, wr_wait;
	struct fasync_struct *fasync_readers, *fasync_writers;
};

static inline bool pipe_empty(unsigned int head, unsigned int tail)
{
	return head == tail;
}

static inline unsigned int pipe_occupancy(unsigned int head, unsigned int tail)
{
	return head - tail;
}

static inline bool pipe_full(unsigned int head, unsigned int tail,
			     unsigned int limit)
{
	return pipe_occupancy(head, tail) >= limit;
}

static inline struct pipe_buffer *pipe_buf(const struct pipe_inode_info *p,
					   unsigned int slot)
{
	return &p->bufs[slot & (p->ring_size - 1)];
}

static inline bool __must_check pipe_buf_get(struct pipe_inode_info *p,
					     struct pipe_buffer *buf)
{
	return buf->ops->get(p, buf);
}

static inline void pipe_buf_release(struct pipe_inode_info *p,
				    struct pipe_buffer *buf)
{
	const struct pipe_buf_operations *ops = buf->ops;

	buf->ops = NULL;
	ops->release(p, buf);
}

/* ->get and ->release for a counted page. */
bool generic_pipe_buf_get(struct pipe_inode_info *p, struct pipe_buffer *buf);
void generic_pipe_buf_release(struct pipe_inode_info *p,
			      struct pipe_buffer *buf);
/* A page that is nobody else's: it was made for this pipe. */
extern const struct pipe_buf_operations default_pipe_buf_ops;

static inline void pipe_lock(struct pipe_inode_info *p)
{
	mutex_lock(&p->mutex);
}

static inline void pipe_unlock(struct pipe_inode_info *p)
{
	mutex_unlock(&p->mutex);
}

/* A pipe without files, charged to current; NULL: no memory, or limit. */
struct pipe_inode_info *alloc_pipe_info(void);
void free_pipe_info(struct pipe_inode_info *p);

int create_pipe_files(struct file **res, int flags);
long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg);
struct pipe_inode_info *get_pipe_info(struct file *file);

extern int pipe_user_pages_soft;
extern int pipe_user_pages_hard;
extern unsigned int pipe_max_size;    /* /proc/sys/fs/pipe-max-size */

#endif
