/* SPDX-License-Identifier: MIT */
#ifndef FS_SEQ_FILE_H
#define FS_SEQ_FILE_H
/*
 * seq_file.h -- text made on the fly, read in pieces of any size
 *
 * Theory: fs/vfs/seq_file.c.  The maker shows one record at a time; the buffer
 * grows until the record fits, and a read resumes at the next record.
 */

#include <fs/fs.h>
#include <kernel/mutex.h>

struct net;
struct seq_operations;

struct seq_file {
	char *buf;
	size_t size;                  /* of buf */
	size_t from;                  /* first byte not yet read */
	size_t count;                 /* bytes in buf */
	size_t pad_until;
	loff_t index;                 /* record number */
	loff_t read_pos;              /* of the reader */
	struct mutex lock;
	const struct seq_operations *op;
	const struct file *file;
	void *private;
	struct net *net;              /* counted; of a file of /proc/PID/net */
};

struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *pos);
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, loff_t *pos);
	int (*show)(struct seq_file *m, void *v);
};

#define SEQ_SKIP 1
#define SEQ_START_TOKEN ((void *)1)

int seq_open(struct file *file, const struct seq_operations *op);
void *__seq_open_private(struct file *f, const struct seq_operations *op, int n);
int seq_release(struct inode *inode, struct file *file);
int seq_release_private(struct inode *inode, struct file *file);
ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *iter);
loff_t seq_lseek(struct file *file, loff_t offset, int whence);
int single_open(struct file *file, int (*show)(struct seq_file *, void *),
		void *data);
int single_release(struct inode *inode, struct file *file);
void seq_vprintf(struct seq_file *m, const char *fmt, va_list ap);
void seq_printf(struct seq_file *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void seq_putc(struct seq_file *m, char c);
void seq_puts(struct seq_file *m, const char *s);
int seq_write(struct seq_file *m, const void *data, size_t len);
/* Text with the characters of esc written as \ooo. */
void seq_escape(struct seq_file *m, const char *s, const char *esc);
int seq_path(struct seq_file *m, const struct path *path, const char *esc);
int seq_path_root(struct seq_file *m, const struct path *path,
		  const struct path *root, const char *esc);
int seq_dentry(struct seq_file *m, struct dentry *dentry, const char *esc);
void seq_pad(struct seq_file *m, char c);
void seq_setwidth(struct seq_file *m, size_t size);

/* Whose state a file of /proc/PID/net shows: that process's when it was opened.
 */
static inline struct net *seq_file_net(const struct seq_file *m)
{
	return m->net;
}

static inline bool seq_has_overflowed(struct seq_file *m)
{
	return m->count == m->size;
}

#endif
