/* SPDX-License-Identifier: MIT */
#ifndef FS_FILE_H
#define FS_FILE_H
/*
 * file.h -- a process's table of descriptors
 *
 * Theory: fs/vfs/fdtable.c.  Readers look a descriptor up under RCU; writers
 * hold file_lock.
 */

#include <fs/fs.h>
#include <kernel/atomic.h>
#include <kernel/rcupdate.h>
#include <kernel/signal.h>
#include <kernel/spinlock.h>

#define NR_OPEN_DEFAULT 64
#define NR_OPEN_MAX (~0U)

/* Field keys: [F] files->file_lock to write, RCU to read   [c] constant */
struct fdtable {
	unsigned int max_fds;         /* [c] slots */
	struct file **fd;             /* [F] */
	unsigned long *close_on_exec; /* [F] one bit a slot */
	unsigned long *open_fds;      /* [F] taken, perhaps not yet installed */
	struct rcu_head rcu;
};

struct files_struct {
	atomic_t count;               /* [a] tasks that share it */
	bool resize_in_progress;      /* [F] */
	wait_queue_head_t resize_wait;
	struct fdtable *fdt;          /* [F] */
	struct fdtable fdtab;         /* the first table, in here */
	spinlock_t file_lock;
	unsigned int next_fd;         /* [F] no free slot below it */
	unsigned long close_on_exec_init[1];
	unsigned long open_fds_init[1];
	struct file *fd_array[NR_OPEN_DEFAULT];
};

extern struct files_struct init_files;

/* The file with a reference, or NULL; O_PATH files only by fget_raw. */
struct file *fget(unsigned int fd);
struct file *fget_raw(unsigned int fd);
struct file *fget_task(struct task_struct *t, unsigned int fd);
/* The next open descriptor of t at or above *fd; NULL at the end. */
struct file *task_lookup_next_fd(struct task_struct *t, unsigned int *fd);

/*
 * A file borrowed from current's table: not counted when nobody else can
 * close it (the table is not shared).  FDPUT_POS_UNLOCK: f_pos_lock is held.
 */
struct fd {
	struct file *file;
	unsigned int flags;
};

#define FDPUT_FPUT 1
#define FDPUT_POS_UNLOCK 2

struct fd fdget(unsigned int fd);
struct fd fdget_raw(unsigned int fd);
struct fd fdget_pos(unsigned int fd);
void fdput_pos(struct fd f);

static inline void fdput(struct fd f)
{
	if (f.flags & FDPUT_FPUT)
		fput(f.file);
}

/* Reserve the lowest free descriptor, then make it visible or give it back. */
int get_unused_fd_flags(unsigned int flags);  /* -EMFILE, -ENOMEM */
int __get_unused_fd_flags(unsigned int flags, unsigned long nofile);
void fd_install(unsigned int fd, struct file *file); /* consumes file */
void put_unused_fd(unsigned int fd);
int close_fd(unsigned int fd);
struct file *close_fd_get_file(unsigned int fd);
int replace_fd(unsigned int fd, struct file *file, unsigned int flags);
int f_dupfd(unsigned int from, struct file *file, unsigned int flags);
void set_close_on_exec(unsigned int fd, int flag);
bool get_close_on_exec(unsigned int fd);
int receive_fd(struct file *file, unsigned int o_flags);

/* fork, exec, exit.  dup_fd: ERR_PTR(-ENOMEM, -EMFILE). */
struct files_struct *dup_fd(struct files_struct *old, unsigned int max_fds);
void exit_files(struct task_struct *t);
void put_files_struct(struct files_struct *files);
int unshare_files(void);              /* current gets a table of its own */
void do_close_on_exec(struct files_struct *files);

extern unsigned long files_max;       /* fs.file-max */
extern unsigned int sysctl_nr_open;   /* fs.nr_open */
unsigned long get_nr_files(void);

#endif
