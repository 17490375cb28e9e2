/* SPDX-License-Identifier: MIT */
/*
 * mqueue.c -- POSIX message queues as files: the queue itself and its volume
 *
 * PROMISE.  A queue is a file with a name, a mode and an owner in a volume of
 * its IPC namespace, whether or not that is mounted (on /dev/mqueue); the open
 * descriptor can be polled, and read(2) says how full it is.
 *
 * IDEA.  The messages of a queue form a tree, highest priority first and among
 * equals the oldest first; so the next one is the leftmost, and both sending
 * and receiving cost O(log n).
 *
 *	(prio 9, seq 4) (prio 5, seq 1) (prio 5, seq 3) (prio 0, seq 2)
 *	 ^ next
 *
 * INVARIANTS
 *   I1  attr.mq_curmsgs is the number in the tree, at most mq_maxmsg.
 *   I2  A queue's worst size is charged to its maker from creation to eviction.
 *   I3  ns->mq_queues_count counts inodes of queues.
 *
 * LOCKING.  mq->lock for the queue.  mq_ns_lock for the way from a volume to
 * its namespace, which ends before a volume that somebody has mounted.
 *
 * SEE mq_overview(7), mq_calls.c, mq_notify.c, docs/65-posix-mq.md.
 *
 * EXERCISES.  1. Why is the worst size charged, and not what is queued?
 */

#include "mqueue.h"

#include <arch/uaccess.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>
#include <uapi/resource.h>

#define MQUEUE_MAGIC 0x19800202
#define DIRENT_SIZE 20                /* a name's share of the root's size */
#define STATUS_LEN 80
#define MSG_OVERHEAD 48               /* Linux's: structure of a message, */
#define NODE_OVERHEAD 48              /* and of a priority */

static DEFINE_SPINLOCK(mq_ns_lock);
static struct kmem_cache *mq_cache __ro_after_init;
static const struct inode_operations mq_dir_iops;

/* The volume's namespace with a reference, or NULL: it has ended. */
static struct ipc_namespace *ns_of(struct super_block *sb)
{
	struct ipc_namespace *ns;

	spin_lock(&mq_ns_lock);
	ns = sb->s_fs_info;
	if (ns && !refcount_inc_not_zero(&ns->count))
		ns = NULL;
	spin_unlock(&mq_ns_lock);
	return ns;
}

/* ---- the messages ---- */

static bool before(const struct mq_msg *a, const struct mq_msg *b)
{
	return a->prio != b->prio ? a->prio > b->prio : a->seq < b->seq;
}

void mq_insert(struct mq_inode *mq, struct mq_msg *msg)
{
	struct rb_node **link = &mq->messages.rb_node, *parent = NULL;

	msg->seq = mq->next_seq++;
	while (*link) {
		parent = *link;
		link = before(msg, rb_entry(parent, struct mq_msg, node))
			? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&msg->node, parent, link);
	rb_insert_color(&msg->node, &mq->messages);
	mq->attr.mq_curmsgs++;                                     /* I1 */
	mq->bytes += msg->size;
}

struct mq_msg *mq_take(struct mq_inode *mq)
{
	struct mq_msg *msg;

	msg = rb_entry(rb_first(&mq->messages), struct mq_msg, node);
	rb_erase(&msg->node, &mq->messages);
	mq->attr.mq_curmsgs--;                                     /* I1 */
	mq->bytes -= msg->size;
	return msg;
}

void mq_touch(struct mq_inode *mq, bool received)
{
	struct inode *inode = &mq->vfs_inode;

	inode->i_ctime = current_time(inode);
	if (received)
		inode->i_atime = inode->i_ctime;
	else
		inode->i_mtime = inode->i_ctime;
}

/* ---- making a queue ---- */

static int check_attr(struct ipc_namespace *ns, const struct mq_attr *attr)
{
	bool free = capable(CAP_SYS_RESOURCE);
	long most = free ? HARD_MSGMAX : ns->mq_msg_max;
	long largest = free ? HARD_MSGSIZEMAX : ns->mq_msgsize_max;

	if (attr->mq_maxmsg <= 0 || attr->mq_msgsize <= 0)
		return -EINVAL;
	if (attr->mq_maxmsg > most || attr->mq_msgsize > largest)
		return -EINVAL;
	return 0;
}

/* What the queue may need at worst, by Linux's formula (I2). */
static size_t worst_size(const struct mq_attr *attr)
{
	return attr->mq_maxmsg * (MSG_OVERHEAD + attr->mq_msgsize) +
	       min(attr->mq_maxmsg, (long)MQ_PRIO_MAX) * NODE_OVERHEAD;
}

static int charge(struct mq_inode *mq)
{
	size_t size = worst_size(&mq->attr);
	struct user_struct *user = current_user();

	if ((unsigned long)atomic_long_add_return(size, &user->mq_bytes) >
	    rlimit(RLIMIT_MSGQUEUE)) {
		atomic_long_sub(size, &user->mq_bytes);
		return -EMFILE;
	}
	refcount_inc(&user->refs);
	mq->user = user;
	mq->charged = size;
	return 0;
}

static struct inode *new_mq_inode(struct super_block *sb, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = mode;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	return inode;
}

static struct inode *new_queue(struct ipc_namespace *ns, struct super_block *sb,
			       umode_t mode, const struct mq_attr *attr)
{
	struct inode *inode = new_mq_inode(sb, mode);
	struct mq_inode *mq;
	int err;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	mq = mq_of(inode);
	inode->i_fop = &mqueue_fops;
	inode->i_size = STATUS_LEN;
	mq->attr.mq_maxmsg = min(ns->mq_msg_max, ns->mq_msg_default);
	mq->attr.mq_msgsize = min(ns->mq_msgsize_max, ns->mq_msgsize_default);
	if (attr) {
		mq->attr.mq_maxmsg = attr->mq_maxmsg;
		mq->attr.mq_msgsize = attr->mq_msgsize;
	}
	err = check_attr(ns, &mq->attr);
	if (!err)
		err = charge(mq);
	if (!err)
		return inode;
	iput(inode);
	return ERR_PTR(err);
}

/* One queue more, within the namespace's limit (I3). */
static int count_queue(struct ipc_namespace *ns)
{
	if (atomic_inc_return(&ns->mq_queues_count) <= ns->mq_queues_max ||
	    capable(CAP_SYS_RESOURCE))
		return 0;
	atomic_dec(&ns->mq_queues_count);
	return -ENOSPC;
}

/* mq_open() leaves the attributes in d_fsdata; others get the defaults. */
static int mq_create(struct inode *dir, struct dentry *d, umode_t mode,
		     bool excl)
{
	const struct mq_attr *attr = d->d_fsdata;
	struct ipc_namespace *ns = ns_of(dir->i_sb);
	struct inode *inode;
	int err;

	if (!ns)
		return -EACCES;
	d->d_fsdata = NULL;
	err = count_queue(ns);
	if (err)
		goto out;
	inode = new_queue(ns, dir->i_sb, S_IFREG | (mode & S_IALLUGO), attr);
	err = PTR_ERR_OR_ZERO(inode);
	if (err) {
		atomic_dec(&ns->mq_queues_count);
		goto out;
	}
	dir->i_size += DIRENT_SIZE;
	dir->i_ctime = dir->i_mtime = dir->i_atime = current_time(dir);
	d_instantiate(d, inode);
	dget(d);
out:
	put_ipc_ns(ns);
	return err;
}

static int mq_unlink_name(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d_inode(d);

	dir->i_ctime = dir->i_mtime = dir->i_atime = current_time(dir);
	dir->i_size -= DIRENT_SIZE;
	drop_nlink(inode);
	dput(d);
	return 0;
}

static const struct inode_operations mq_dir_iops = {
	.lookup = simple_lookup,
	.create = mq_create,
	.unlink = mq_unlink_name,
};

/* ---- an open queue ---- */

static int notify_number(const struct mq_inode *mq, pid_t *pid)
{
	*pid = pid_vnr(mq->notify.owner);
	return mq->notify.owner ? mq->notify.how : 0;
}

static ssize_t mq_read(struct file *file, char __user *buf, size_t count,
		       loff_t *pos)
{
	struct mq_inode *mq = mq_of(file_inode(file));
	char text[STATUS_LEN];
	ssize_t n;
	pid_t pid;
	int how;

	spin_lock(&mq->lock);
	how = notify_number(mq, &pid);
	snprintf(text, sizeof(text),
		 "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
		 mq->bytes, how, pid && !how ? mq->notify.signo : 0, pid);
	spin_unlock(&mq->lock);
	n = simple_read_from_buffer(buf, count, pos, text, strlen(text));
	if (n > 0)
		touch_atime(&file->f_path);
	return n;
}

/* close() by who asked for a notification ends that. */
static int mq_flush(struct file *file, void *owner)
{
	struct mq_inode *mq = mq_of(file_inode(file));

	spin_lock(&mq->lock);
	if (mq->notify.owner == task_tgid(current))
		mq_notify_forget(mq);
	spin_unlock(&mq->lock);
	return 0;
}

static __poll_t mq_poll(struct file *file, struct poll_table_struct *wait)
{
	struct mq_inode *mq = mq_of(file_inode(file));
	__poll_t mask = 0;

	poll_wait(file, &mq->poll_wait, wait);
	spin_lock(&mq->lock);
	if (mq->attr.mq_curmsgs)
		mask = EPOLLIN | EPOLLRDNORM;
	if (mq->attr.mq_curmsgs < mq->attr.mq_maxmsg)
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&mq->lock);
	return mask;
}

const struct file_operations mqueue_fops = {
	.flush = mq_flush,
	.poll = mq_poll,
	.read = mq_read,
	.llseek = default_llseek,
};

/* ---- the volume ---- */

static void init_once(struct mq_inode *mq)
{
	spin_lock_init(&mq->lock);
	mq->messages = RB_ROOT;
	INIT_LIST_HEAD(&mq->waiters[MQ_RECEIVERS]);
	INIT_LIST_HEAD(&mq->waiters[MQ_SENDERS]);
	init_waitqueue_head(&mq->poll_wait);
}

static struct inode *mq_alloc_inode(struct super_block *sb)
{
	struct mq_inode *mq = kmem_cache_zalloc(mq_cache, GFP_KERNEL);

	if (!mq)
		return NULL;
	init_once(mq);
	return &mq->vfs_inode;
}

static void mq_free_inode(struct inode *inode)
{
	kmem_cache_free(mq_cache, mq_of(inode));
}

static void mq_evict(struct inode *inode)
{
	struct mq_inode *mq = mq_of(inode);
	struct ipc_namespace *ns;

	clear_inode(inode);
	while (!RB_EMPTY_ROOT(&mq->messages))
		kvfree(mq_take(mq));
	mq_notify_forget(mq);
	if (!mq->user)
		return;
	atomic_long_sub(mq->charged, &mq->user->mq_bytes);         /* I2 */
	free_uid(mq->user);
	ns = ns_of(inode->i_sb);
	if (ns)
		atomic_dec(&ns->mq_queues_count);                  /* I3 */
	put_ipc_ns(ns);
}

static const struct super_operations mq_sops = {
	.alloc_inode = mq_alloc_inode,
	.free_inode = mq_free_inode,
	.evict_inode = mq_evict,
	.drop_inode = generic_delete_inode,
	.statfs = simple_statfs,
};

static int fill_super(struct super_block *sb)
{
	struct inode *root;

	sb->s_magic = MQUEUE_MAGIC;
	sb->s_op = &mq_sops;
	sb->s_d_op = &simple_dentry_operations;
	root = new_mq_inode(sb, S_IFDIR | S_ISVTX | S_IRWXUGO);
	if (!root)
		return -ENOMEM;
	root->i_op = &mq_dir_iops;
	root->i_fop = &simple_dir_operations;
	root->i_size = 2 * DIRENT_SIZE;
	set_nlink(root, 2);
	sb->s_root = d_make_root(root);
	if (!sb->s_root)
		return -ENOMEM;
	sb->s_flags |= SB_ACTIVE;
	return 0;
}

static int same_ns(struct super_block *sb, void *ns)
{
	return sb->s_fs_info == ns;
}

static int set_ns(struct super_block *sb, void *ns)
{
	sb->s_fs_info = ns;
	return set_anon_super(sb, NULL);
}

/* The kernel's mount brings its namespace; a user's shows its own one. */
static struct dentry *mq_mount(struct file_system_type *type, int flags,
			       const char *dev_name, void *data)
{
	struct ipc_namespace *ns;
	struct super_block *sb;
	int err;

	ns = flags & SB_KERNMOUNT ? data : current_ipc_ns();
	sb = sget(type, same_ns, set_ns, flags, ns);
	if (IS_ERR(sb))
		return ERR_CAST(sb);
	if (!sb->s_root) {
		err = fill_super(sb);
		if (err) {
			deactivate_locked_super(sb);
			return ERR_PTR(err);
		}
	}
	return dget(sb->s_root);
}

static struct file_system_type mqueue_type = {
	.name = "mqueue",
	.fs_flags = FS_USERNS_MOUNT,
	.mount = mq_mount,
	.kill_sb = kill_litter_super,
};

static int mq_type_init(void)
{
	mq_cache = KMEM_CACHE(mq_inode, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	return register_filesystem(&mqueue_type);
}

int mq_init_ns(struct ipc_namespace *ns)
{
	struct vfsmount *mnt;
	int err = 0;

	ns->mq_queues_max = DFLT_QUEUESMAX;
	ns->mq_msg_max = DFLT_MSGMAX;
	ns->mq_msgsize_max = DFLT_MSGSIZEMAX;
	ns->mq_msg_default = DFLT_MSG;
	ns->mq_msgsize_default = DFLT_MSGSIZE;
	atomic_set(&ns->mq_queues_count, 0);
	if (ns == &init_ipc_ns)
		err = mq_type_init();
	if (err)
		return err;
	mnt = vfs_kern_mount(&mqueue_type, SB_KERNMOUNT, "mqueue", ns);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	ns->mq_mnt = mnt;
	return 0;
}

/* Mounts and open queues may outlive the namespace; nothing new comes. */
void mq_exit_ns(struct ipc_namespace *ns)
{
	spin_lock(&mq_ns_lock);
	ns->mq_mnt->mnt_sb->s_fs_info = NULL;
	spin_unlock(&mq_ns_lock);
	mntput(ns->mq_mnt);
}
