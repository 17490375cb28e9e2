/* SPDX-License-Identifier: MIT */
/*
 * mounts.c -- /proc/PID/mounts, mountinfo and mountstats
 *
 * The mounts of the process's namespace which its root can reach, in the order
 * in which they were made. The whole list is shown in one go: it is short.
 *
 * A poll says EPOLLPRI and EPOLLERR once after each change of the namespace:
 * this is how daemons learn of mounts.
 *
 * LOCKING. namespace_sem for reading keeps the list still.
 */

#include "internal.h"

#include "../vfs/mount.h"

#include <fs/poll.h>
#include <kernel/err.h>
#include <kernel/nsproxy.h>
#include <mm/slab.h>

/* What an open file remembers: whose view it is. */
struct mounts_reader {
	struct mnt_namespace *ns;     /* counted */
	struct path root;             /* counted */
	u64 event;                    /* the last change that a poll told */
	void (*show)(struct seq_file *m, struct mount *mnt,
		     const struct path *root);
};

static void show_flags(struct seq_file *m, int flags)
{
	static const struct {
		int flag;
		const char *text;
	} names[] = {
		{ MNT_NOSUID, ",nosuid" }, { MNT_NODEV, ",nodev" },
		{ MNT_NOEXEC, ",noexec" }, { MNT_NOATIME, ",noatime" },
		{ MNT_NODIRATIME, ",nodiratime" },
		{ MNT_RELATIME, ",relatime" },
		{ MNT_NOSYMFOLLOW, ",nosymfollow" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_puts(m, names[i].text);
}

static void show_device(struct seq_file *m, struct mount *mnt)
{
	struct super_block *sb = mnt->mnt.mnt_sb;

	if (sb->s_op->show_devname) {
		sb->s_op->show_devname(m, mnt->mnt.mnt_root);
		return;
	}
	seq_escape(m, mnt->mnt_devname ? mnt->mnt_devname : "none", " \t\n\\#");
}

static void show_fs_options(struct seq_file *m, struct super_block *sb,
			    struct dentry *root)
{
	if (sb->s_flags & SB_SYNCHRONOUS)
		seq_puts(m, ",sync");
	if (sb->s_flags & SB_DIRSYNC)
		seq_puts(m, ",dirsync");
	if (sb->s_flags & SB_LAZYTIME)
		seq_puts(m, ",lazytime");
	if (sb->s_op->show_options)
		sb->s_op->show_options(m, root);
}

static const char *ro_or_rw(bool ro)
{
	return ro ? "ro" : "rw";
}

static void show_mount(struct seq_file *m, struct mount *mnt,
		       const struct path *root)
{
	struct super_block *sb = mnt->mnt.mnt_sb;
	struct path path = { &mnt->mnt, mnt->mnt.mnt_root };
	size_t before = m->count;

	show_device(m, mnt);
	seq_putc(m, ' ');
	if (seq_path_root(m, &path, root, " \t\n\\")) {
		m->count = before;    /* the reader's root cannot see it */
		return;
	}
	seq_printf(m, " %s %s", sb->s_type->name,
		   ro_or_rw((mnt->mnt.mnt_flags & MNT_READONLY) ||
			    (sb->s_flags & SB_RDONLY)));
	show_flags(m, mnt->mnt.mnt_flags);
	show_fs_options(m, sb, mnt->mnt.mnt_root);
	seq_puts(m, " 0 0\n");
}

/* The optional fields: who hears of what is mounted below it. */
static void show_relatives(struct seq_file *m, const struct mount *mnt)
{
	if (is_shared(mnt))
		seq_printf(m, " shared:%d", mnt->mnt_group_id);
	if (mnt->mnt_master_id)
		seq_printf(m, " master:%d", mnt->mnt_master_id);
	if (mnt->mnt.mnt_flags & MNT_UNBINDABLE)
		seq_puts(m, " unbindable");
}

static void show_mountstats(struct seq_file *m, struct mount *mnt,
			    const struct path *root)
{
	struct super_block *sb = mnt->mnt.mnt_sb;
	struct path path = { &mnt->mnt, mnt->mnt.mnt_root };
	size_t before = m->count;

	seq_puts(m, "device ");
	show_device(m, mnt);
	seq_puts(m, " mounted on ");
	if (seq_path_root(m, &path, root, " \t\n\\")) {
		m->count = before;
		return;
	}
	seq_printf(m, " with fstype %s", sb->s_type->name);
	if (sb->s_op->show_stats) {
		seq_putc(m, ' ');
		sb->s_op->show_stats(m, mnt->mnt.mnt_root);
	}
	seq_putc(m, '\n');
}

static void show_mountinfo(struct seq_file *m, struct mount *mnt,
			   const struct path *root)
{
	struct super_block *sb = mnt->mnt.mnt_sb;
	struct path path = { &mnt->mnt, mnt->mnt.mnt_root };
	size_t before = m->count;

	seq_printf(m, "%d %d %u:%u ", mnt->mnt_id, mnt->mnt_parent->mnt_id,
		   MAJOR(sb->s_dev), MINOR(sb->s_dev));
	if (sb->s_op->show_path)
		sb->s_op->show_path(m, mnt->mnt.mnt_root);
	else
		seq_dentry(m, mnt->mnt.mnt_root, " \t\n\\");
	seq_putc(m, ' ');
	if (seq_path_root(m, &path, root, " \t\n\\")) {
		m->count = before;
		return;
	}
	seq_printf(m, " %s", ro_or_rw(mnt->mnt.mnt_flags & MNT_READONLY));
	show_flags(m, mnt->mnt.mnt_flags);
	show_relatives(m, mnt);
	seq_printf(m, " - %s ", sb->s_type->name);
	show_device(m, mnt);
	seq_printf(m, " %s", ro_or_rw(sb->s_flags & SB_RDONLY));
	show_fs_options(m, sb, mnt->mnt.mnt_root);
	seq_putc(m, '\n');
}

static int show_all(struct seq_file *m, void *v)
{
	struct mounts_reader *r = m->private;
	struct mount *mnt;

	down_read(&namespace_sem);
	list_for_each_entry(mnt, &r->ns->list, mnt_list)
		r->show(m, mnt, &r->root);
	up_read(&namespace_sem);
	return 0;
}

static int take_view(struct task_struct *task, struct mounts_reader *r)
{
	int err = -EINVAL;

	task_lock(task);
	if (task->nsproxy && task->nsproxy->mnt_ns && task->fs) {
		r->ns = task->nsproxy->mnt_ns;
		get_mnt_ns(r->ns);
		get_fs_root(task->fs, &r->root);
		err = 0;
	}
	task_unlock(task);
	return err;
}

static int open_view(struct inode *inode, struct file *file,
		     void (*show)(struct seq_file *m, struct mount *mnt,
				  const struct path *root))
{
	struct mounts_reader *r = kzalloc(sizeof(*r), GFP_KERNEL);
	struct task_struct *task = get_proc_task(inode);
	int err = -ENOMEM;

	if (!task) {
		kfree(r);
		return -EINVAL;
	}
	if (r) {
		r->show = show;
		err = take_view(task, r);
		if (!err)
			r->event = READ_ONCE(r->ns->event);
	}
	put_task_struct(task);
	if (!err) {
		err = single_open(file, show_all, r);
		if (!err)
			return 0;
		path_put(&r->root);
		put_mnt_ns(r->ns);
	}
	kfree(r);
	return err;
}

static int mounts_open(struct inode *inode, struct file *file)
{
	return open_view(inode, file, show_mount);
}

static int mountinfo_open(struct inode *inode, struct file *file)
{
	return open_view(inode, file, show_mountinfo);
}

static int mountstats_open(struct inode *inode, struct file *file)
{
	return open_view(inode, file, show_mountstats);
}

static int view_release(struct inode *inode, struct file *file)
{
	struct mounts_reader *r = ((struct seq_file *)
				   file->private_data)->private;

	path_put(&r->root);
	put_mnt_ns(r->ns);
	kfree(r);
	return single_release(inode, file);
}

static __poll_t view_poll(struct file *file, poll_table *wait)
{
	struct mounts_reader *r = ((struct seq_file *)
				   file->private_data)->private;
	u64 event;

	poll_wait(file, &r->ns->poll, wait);
	event = READ_ONCE(r->ns->event);
	if (xchg(&r->event, event) == event)
		return EPOLLIN | EPOLLRDNORM;
	return EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLPRI;
}

const struct file_operations proc_mounts_operations = {
	.open = mounts_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.poll = view_poll,
	.release = view_release,
};

const struct file_operations proc_mountinfo_operations = {
	.open = mountinfo_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.poll = view_poll,
	.release = view_release,
};

const struct file_operations proc_mountstats_operations = {
	.open = mountstats_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.poll = view_poll,
	.release = view_release,
};
