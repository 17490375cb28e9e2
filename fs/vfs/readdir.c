/* SPDX-License-Identifier: MIT */
/*
 * readdir.c -- the names in a directory
 *
 * IDEA.  The file system calls an actor once a name (dir_emit); the actor packs
 * records into the user's buffer and says "enough" when the next does not fit.
 * Each record's d_off is the position *behind* it, so a reader can come back.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <uapi/dirent.h>

/* 0 or -errno; -ENOTDIR for what is no directory. */
int iterate_dir(struct file *file, struct dir_context *ctx)
{
	struct inode *inode = file_inode(file);
	int err;

	if (!file->f_op->iterate_shared)
		return -ENOTDIR;
	inode_lock_shared(inode);
	err = -ENOENT;
	if (!IS_DEADDIR(inode)) {
		ctx->pos = file->f_pos;
		err = file->f_op->iterate_shared(file, ctx);
		file->f_pos = ctx->pos;
		file_accessed(file);
	}
	inode_unlock_shared(inode);
	return err;
}

bool dir_emit_dots(struct file *file, struct dir_context *ctx)
{
	struct dentry *d = file_dentry(file), *parent;
	ino_t ino;

	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, d_inode(d)->i_ino, DT_DIR))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		parent = dget_parent(d);
		ino = d_inode(parent)->i_ino;
		dput(parent);
		if (!dir_emit(ctx, "..", 2, ino, DT_DIR))
			return false;
		ctx->pos = 2;
	}
	return true;
}

/* What the actor of getdents keeps. */
struct dirent_buf {
	struct dir_context ctx;
	char __user *next;            /* where the next record goes */
	char __user *prev;            /* the last one, whose d_off is open */
	int room;
	int error;
	bool old_format;
};

static bool set_prev_offset(struct dirent_buf *b, loff_t offset)
{
	if (!b->prev)
		return true;
	/* d_off is the second word of both formats. */
	return !put_user((long)offset, (long __user *)(b->prev + 8));
}

static bool fill_dirent(struct dir_context *ctx, const char *name, int len,
			loff_t offset, u64 ino, unsigned type)
{
	struct dirent_buf *b = container_of(ctx, struct dirent_buf, ctx);
	size_t head = b->old_format ? 18 : 19;
	int reclen = ALIGN(head + len + (b->old_format ? 2 : 1), 8);
	char __user *rec = b->next;

	b->error = -EINVAL;           /* if not even one fits */
	if (reclen > b->room)
		return false;
	if (b->prev && signal_pending(current))
		return false;
	b->error = -EFAULT;
	if (!set_prev_offset(b, offset) ||
	    put_user(ino, (u64 __user *)rec) ||
	    put_user((unsigned short)reclen, (unsigned short __user *)(rec + 16)))
		return false;
	if (b->old_format) {
		if (put_user((char)type, rec + reclen - 1))
			return false;
	} else if (put_user((char)type, rec + 18)) {
		return false;
	}
	if (copy_to_user(rec + head, name, len) ||
	    put_user((char)0, rec + head + len))
		return false;
	b->prev = rec;
	b->next = rec + reclen;
	b->room -= reclen;
	b->error = 0;
	return true;
}

static long do_getdents(unsigned int fd, void __user *dirent,
			unsigned int count, bool old_format)
{
	struct dirent_buf b = { .ctx.actor = fill_dirent, .next = dirent,
				.room = min(count, (unsigned)INT_MAX),
				.old_format = old_format };
	struct fd f = fdget_pos(fd);
	long err;

	if (!f.file)
		return -EBADF;
	err = iterate_dir(f.file, &b.ctx);
	if (err >= 0)
		err = b.error;
	if (b.prev) {
		if (set_prev_offset(&b, b.ctx.pos))
			err = b.next - (char __user *)dirent;
		else
			err = -EFAULT;
	}
	fdput_pos(f);
	return err;
}

SYSCALL_DEFINE3(getdents64, unsigned int, fd,
		struct linux_dirent64 __user *, dirent, unsigned int, count)
{
	return do_getdents(fd, dirent, count, false);
}

SYSCALL_DEFINE3(getdents, unsigned int, fd, struct linux_dirent __user *,
		dirent, unsigned int, count)
{
	return do_getdents(fd, dirent, count, true);
}
