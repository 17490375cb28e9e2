/* SPDX-License-Identifier: MIT */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H
/* mount.h -- a volume's tree seen at a place; theory: fs/vfs/namespace.c */

#include <fs/types.h>
#include <kernel/sched.h>
#include <kernel/seqlock.h>
#include <kernel/spinlock.h>
#include <uapi/mount.h>

#define MNT_NOSUID 0x01
#define MNT_NODEV 0x02
#define MNT_NOEXEC 0x04
#define MNT_NOATIME 0x08
#define MNT_NODIRATIME 0x10
#define MNT_RELATIME 0x20
#define MNT_READONLY 0x40
#define MNT_NOSYMFOLLOW 0x80
#define MNT_UNBINDABLE 0x2000
#define MNT_INTERNAL 0x4000

struct vfsmount {
	struct dentry *mnt_root;      /* constant */
	struct super_block *mnt_sb;   /* constant */
	int mnt_flags;                /* mount lock */
};

struct vfsmount *mntget(struct vfsmount *mnt);
void mntput(struct vfsmount *mnt);            /* may sleep */
struct vfsmount *kern_mount(struct file_system_type *type);
struct vfsmount *vfs_kern_mount(struct file_system_type *type, int flags,
				const char *name, void *data);
int mnt_want_write(struct vfsmount *mnt);     /* -EROFS */
void mnt_drop_write(struct vfsmount *mnt);
int mnt_want_write_file(struct file *file);
void mnt_drop_write_file(struct file *file);
bool __mnt_is_readonly(struct vfsmount *mnt);
long path_mount(const char *dev_name, struct path *path, const char *type,
		unsigned long flags, void *data);
void put_mnt_ns(struct mnt_namespace *ns);
void get_mnt_ns(struct mnt_namespace *ns);
void mnt_ns_root(struct mnt_namespace *ns, struct path *path);
struct mnt_namespace *copy_mnt_ns(unsigned long flags, struct mnt_namespace *ns,
				  struct fs_struct *new_fs);
void mnt_init(void);                          /* makes rootfs and mounts it */
void vfs_caches_init(void);                   /* all of fs/vfs, once, early */

/* ---- a task's root, working directory and umask ---- */

/* Field keys: [L] .lock   [a] atomic */
struct fs_struct {
	int users;                    /* [L] tasks that share it */
	spinlock_t lock;
	seqcount_t seq;               /* of root and pwd, written in the lock */
	int umask;                    /* [L] */
	bool in_exec;                 /* [L] not to be shared now */
	struct path root, pwd;        /* [L] counted */
};

extern struct fs_struct init_fs;
struct fs_struct *copy_fs_struct(struct fs_struct *old); /* NULL: no memory */
void exit_fs(struct task_struct *t);
void set_fs_root(struct fs_struct *fs, const struct path *path);
void set_fs_pwd(struct fs_struct *fs, const struct path *path);
int unshare_fs_struct(void);
void get_fs_root(struct fs_struct *fs, struct path *root);
void get_fs_pwd(struct fs_struct *fs, struct path *pwd);
#define current_umask() (current->fs->umask)

#endif
