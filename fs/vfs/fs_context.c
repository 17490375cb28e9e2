/* SPDX-License-Identifier: MIT */
/*
 * fs_context.c -- fsopen(2), fspick(2), fsconfig(2): a mount in small steps
 *
 * PROMISE.  What mount(2) does in one call with one string is done by several,
 * each of which says what it minds:
 *
 *	fsopen("ext2")   fsconfig(SET_STRING, "source", "/dev/vdb")
 *	                 fsconfig(SET_FLAG, "ro")
 *	                 fsconfig(CMD_CREATE)       the volume is there
 *	fsmount()        a mount of it, in no tree  (fsmount.c)
 *	move_mount()     its place
 *
 * IDEA.  A context collects the parameters as the text that the file system's
 * own ->mount and ->remount_fs have always been given; "ro" and its kin, which
 * all file systems know, become flags.  CMD_CREATE hands both over.  Messages
 * are read from the context's descriptor, one a read.
 *
 * LOCKING.  uapi_mutex, around each call; then what mounting takes.
 *
 * NOT DONE.  The file system sees its parameters at CMD_CREATE only, so one
 * that it does not know fails there, and not where it was set.
 *
 * SEE fsopen(2), fsconfig(2); docs/88-new-mount-api.md.
 */

#include "fs_context.h"
#include "internal.h"
#include "namespace.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <uapi/mount.h>

#define KEY_MAX 256
#define BLOB_MAX (1024 * 1024)

/* ---- messages ---- */

/* A line for whoever reads the descriptor; the oldest goes when all are
 * full. */
static void say(struct fs_context *fc, const char *format, const char *what)
{
	char *line = kasprintf(GFP_KERNEL, format, what);
	int i;

	if (!line)
		return;
	for (i = 0; i < FS_LOG_LINES && fc->log[i]; i++)
		;
	if (i == FS_LOG_LINES) {
		kfree(fc->log[0]);
		memmove(fc->log, fc->log + 1, --i * sizeof(fc->log[0]));
	}
	fc->log[i] = line;
}

static ssize_t context_read(struct file *file, char __user *buf, size_t len,
			    loff_t *pos)
{
	struct fs_context *fc = file->private_data;
	ssize_t n = -ENODATA;
	char *line;

	mutex_lock(&fc->uapi_mutex);
	line = fc->log[0];
	if (line) {
		n = strlen(line);
		if ((size_t)n > len)
			n = -EMSGSIZE;
		else if (copy_to_user(buf, line, n))
			n = -EFAULT;
		memmove(fc->log, fc->log + 1,
			(FS_LOG_LINES - 1) * sizeof(fc->log[0]));
		fc->log[FS_LOG_LINES - 1] = NULL;
		kfree(line);
	}
	mutex_unlock(&fc->uapi_mutex);
	return n;
}

/* ---- life ---- */

static void free_context(struct fs_context *fc)
{
	for (int i = 0; i < FS_LOG_LINES; i++)
		kfree(fc->log[i]);
	mntput(fc->mnt);
	if (fc->root) {
		struct super_block *sb = fc->root->d_sb;

		dput(fc->root);
		deactivate_super(sb);
	}
	kfree(fc->source);
	kfree(fc->data);
	kfree(fc);
}

static int context_release(struct inode *inode, struct file *file)
{
	free_context(file->private_data);
	return 0;
}

static const struct file_operations context_fops = {
	.read = context_read,
	.release = context_release,
	.llseek = noop_llseek,
};

struct fs_context *fs_context_of(struct file *file)
{
	return file->f_op == &context_fops ? file->private_data : NULL;
}

void fs_context_keep(struct fs_context *fc, struct dentry *root)
{
	fc->root = dget(root);
	atomic_inc(&root->d_sb->s_active);
	fc->phase = FS_CONTEXT_RECONF_PARAMS;
}

/* A descriptor for a new one: to create (root is NULL), or to reconfigure. */
static int context_fd(const struct file_system_type *type, struct dentry *root,
		      bool cloexec)
{
	struct fs_context *fc = kzalloc(sizeof(*fc), GFP_KERNEL);
	int fd;

	if (!fc)
		return -ENOMEM;
	mutex_init(&fc->uapi_mutex);
	fc->type = type;
	if (root)
		fs_context_keep(fc, root);
	fd = anon_inode_getfd("[fscontext]", &context_fops, fc,
			      O_RDWR | (cloexec ? O_CLOEXEC : 0));
	if (fd < 0)
		free_context(fc);
	return fd;
}

SYSCALL_DEFINE2(fsopen, const char __user *, name, unsigned int, flags)
{
	const struct file_system_type *type;
	char *text;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~FSOPEN_CLOEXEC)
		return -EINVAL;
	text = strndup_user(name, PAGE_SIZE);
	if (IS_ERR(text))
		return PTR_ERR(text);
	type = get_fs_type(text);
	kfree(text);
	if (!type)
		return -ENODEV;
	return context_fd(type, NULL, flags & FSOPEN_CLOEXEC);
}

SYSCALL_DEFINE3(fspick, int, dfd, const char __user *, name, unsigned int,
		flags)
{
	unsigned int lookup = LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT;
	struct path path;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~(FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW |
		      FSPICK_NO_AUTOMOUNT | FSPICK_EMPTY_PATH))
		return -EINVAL;
	if (flags & FSPICK_SYMLINK_NOFOLLOW)
		lookup &= ~LOOKUP_FOLLOW;
	if (flags & FSPICK_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, lookup, &path);
	if (err)
		return err;
	err = -EINVAL;
	if (path.mnt->mnt_root == path.dentry)
		err = context_fd(path.mnt->mnt_sb->s_type, path.dentry,
				 flags & FSPICK_CLOEXEC);
	path_put(&path);
	return err;
}

/* ---- parameters ---- */

/* What is a flag of every volume; -ENOENT: this is not. */
static int set_common(struct fs_context *fc, const char *key)
{
	static const struct {
		const char *key;
		unsigned int flag;
		bool on;
	} common[] = {
		{ "ro", SB_RDONLY, true }, { "rw", SB_RDONLY, false },
		{ "sync", SB_SYNCHRONOUS, true },
		{ "async", SB_SYNCHRONOUS, false },
		{ "dirsync", SB_DIRSYNC, true },
		{ "lazytime", SB_LAZYTIME, true },
		{ "nolazytime", SB_LAZYTIME, false },
		{ "mand", 0, true }, { "nomand", 0, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(common); i++) {
		if (strcmp(key, common[i].key))
			continue;
		fc->sb_flags_mask |= common[i].flag;
		fc->sb_flags &= ~common[i].flag;
		if (common[i].on)
			fc->sb_flags |= common[i].flag;
		return 0;
	}
	return -ENOENT;
}

static int set_source(struct fs_context *fc, char **value)
{
	if (!*value) {
		say(fc, "e %s: Non-string source", fc->type->name);
		return -EINVAL;
	}
	if (fc->source) {
		say(fc, "e %s: Multiple sources", fc->type->name);
		return -EINVAL;
	}
	fc->source = *value;
	*value = NULL;
	return 0;
}

/* One more word of the text that the file system will be given. */
static int append_option(struct fs_context *fc, const char *key,
			 const char *value)
{
	size_t len = strlen(key) + (value ? strlen(value) + 1 : 0) + 1;

	if (strchr(key, ',') || (value && strchr(value, ','))) {
		say(fc, "e VFS: Option '%s' contained comma", key);
		return -EINVAL;
	}
	if (fc->used + len + 1 > PAGE_SIZE) {
		say(fc, "e VFS: Cumulative options too large%s", "");
		return -EINVAL;
	}
	if (!fc->data)
		fc->data = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!fc->data)
		return -ENOMEM;
	fc->used += snprintf(fc->data + fc->used, PAGE_SIZE - fc->used,
			     "%s%s%s%s", fc->used ? "," : "", key,
			     value ? "=" : "", value ? value : "");
	return 0;
}

/* *value may be taken; NULL is a flag's.  uapi_mutex held. */
static int set_parameter(struct fs_context *fc, const char *key, char **value)
{
	int err;

	if (fc->phase != FS_CONTEXT_CREATE_PARAMS &&
	    fc->phase != FS_CONTEXT_RECONF_PARAMS)
		return -EBUSY;
	err = set_common(fc, key);
	if (err != -ENOENT)
		return err;
	if (!strcmp(key, "source"))
		return set_source(fc, value);
	return append_option(fc, key, *value);
}

/* ---- commands; uapi_mutex held ---- */

static int create_volume(struct fs_context *fc)
{
	struct vfsmount *mnt;

	if (fc->phase != FS_CONTEXT_CREATE_PARAMS)
		return -EBUSY;
	/* Who uses it need not be who opened it: it may have been sent. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	fc->phase = FS_CONTEXT_FAILED;
	mnt = vfs_kern_mount((struct file_system_type *)fc->type, fc->sb_flags,
			     fc->source, fc->data);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	if (mnt->mnt_sb->s_flags & SB_NOUSER) {
		mntput(mnt);
		return -EINVAL;
	}
	fc->mnt = mnt;
	fc->phase = FS_CONTEXT_AWAITING_MOUNT;
	return 0;
}

static int reconfigure(struct fs_context *fc)
{
	struct super_block *sb;
	int err;

	if (fc->phase != FS_CONTEXT_RECONF_PARAMS)
		return -EBUSY;
	sb = fc->root->d_sb;
	fc->phase = FS_CONTEXT_FAILED;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	down_write(&sb->s_umount);
	err = do_remount_sb(sb, (sb->s_flags & ~fc->sb_flags_mask) |
			    fc->sb_flags, fc->data);
	up_write(&sb->s_umount);
	if (err)
		return err;
	kfree(fc->data);              /* ready for the next change */
	fc->data = NULL;
	fc->used = fc->sb_flags = fc->sb_flags_mask = 0;
	fc->phase = FS_CONTEXT_RECONF_PARAMS;
	return 0;
}

/* ---- fsconfig ---- */

/* Which arguments a command must have, and which it must not; -EOPNOTSUPP. */
static int check_arguments(unsigned int cmd, const void __user *key,
			   const void __user *value, int aux)
{
	bool good;

	switch (cmd) {
	case FSCONFIG_SET_FLAG:
		good = key && !value && !aux;
		break;
	case FSCONFIG_SET_STRING:
		good = key && value && !aux;
		break;
	case FSCONFIG_SET_BINARY:
		good = key && value && aux > 0 && aux <= BLOB_MAX;
		break;
	case FSCONFIG_SET_PATH:
	case FSCONFIG_SET_PATH_EMPTY:
		good = key && value && (aux == AT_FDCWD || aux >= 0);
		break;
	case FSCONFIG_SET_FD:
		good = key && !value && aux >= 0;
		break;
	case FSCONFIG_CMD_CREATE:
	case FSCONFIG_CMD_RECONFIGURE:
		good = !key && !value && !aux;
		break;
	default:
		return -EOPNOTSUPP;
	}
	return good ? 0 : -EINVAL;
}

static int configure(struct fs_context *fc, unsigned int cmd, const char *key,
		     char **value)
{
	int err;

	mutex_lock(&fc->uapi_mutex);
	if (cmd == FSCONFIG_CMD_CREATE)
		err = create_volume(fc);
	else if (cmd == FSCONFIG_CMD_RECONFIGURE)
		err = reconfigure(fc);
	else
		err = set_parameter(fc, key, value);
	mutex_unlock(&fc->uapi_mutex);
	return err;
}

SYSCALL_DEFINE5(fsconfig, int, fd, unsigned int, cmd, const char __user *, ukey,
		const void __user *, uvalue, int, aux)
{
	char *key = NULL, *value = NULL;
	struct fs_context *fc;
	struct fd f;
	int err;

	if (fd < 0)
		return -EINVAL;
	err = check_arguments(cmd, ukey, uvalue, aux);
	if (err)
		return err;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	fc = fs_context_of(f.file);
	err = !fc ? -EINVAL :
	      cmd >= FSCONFIG_SET_BINARY && cmd <= FSCONFIG_SET_FD ?
	      -EOPNOTSUPP : 0;
	if (!err && ukey) {
		key = strndup_user(ukey, KEY_MAX);
		err = PTR_ERR_OR_ZERO(key);
	}
	if (!err && cmd == FSCONFIG_SET_STRING) {
		value = strndup_user(uvalue, KEY_MAX);
		err = PTR_ERR_OR_ZERO(value);
	}
	if (!err)
		err = configure(fc, cmd, key, &value);
	if (!IS_ERR(value))
		kfree(value);
	if (!IS_ERR(key))
		kfree(key);
	fdput(f);
	return err;
}
