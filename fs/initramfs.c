/* SPDX-License-Identifier: MIT */
/*
 * initramfs.c -- the first root: archives from the boot loader, unpacked
 *
 * PROMISE.  One or more cpio archives, each plain or gzipped, one behind the
 * other, become files in the root.  A damaged one is reported with the entry
 * where it broke; what came before stays.
 *
 * IDEA.  bytes -> (inflate) -> cpio.c -> here: open, write, close.  A gzip
 * stream flushes its pieces right into the cpio reader, so nothing is ever
 * unpacked into memory twice.
 *
 *	loader's module: [cpio][zeroes][gzip(cpio)][cpio]...
 *
 * Files with several names appear once per name; the first brings the data,
 * the others become links, found by (device, inode) in a small hash.
 */

#include "cpio.h"

#include <fs/fs.h>
#include <kernel/inflate.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

/* A file with nlink > 1, by which later entries find its first name. */
struct linked {
	u32 ino, major, minor;
	umode_t mode;
	struct linked *next;
	char name[];
};

struct unpack {
	struct cpio cpio;
	struct inflate_state inflate;
	struct file *file;            /* being written */
	loff_t pos;
	u32 mtime;
	struct linked *links;
};

/* ---- hard links ---- */

/* The first name of the same file; NULL: e is the first, and is noted. */
static const char *find_or_note_link(struct unpack *u,
				     const struct cpio_entry *e)
{
	struct linked *l;

	if (e->nlink < 2)
		return NULL;
	for (l = u->links; l; l = l->next) {
		if (l->ino == e->ino && l->major == e->major &&
		    l->minor == e->minor && !((l->mode ^ e->mode) & S_IFMT))
			return l->name;
	}
	l = kmalloc(sizeof(*l) + e->namesize, GFP_KERNEL);
	if (l) {
		*l = (struct linked){ .ino = e->ino, .major = e->major,
				      .minor = e->minor, .mode = e->mode,
				      .next = u->links };
		memcpy(l->name, e->name, e->namesize);
		u->links = l;
	}
	return NULL;
}

static void forget_links(struct unpack *u)
{
	struct linked *l;

	while ((l = u->links)) {
		u->links = l->next;
		kfree(l);
	}
}

/* ---- entries ---- */

/* Later archives replace what earlier ones brought, if the type differs. */
static void make_room(const char *name, umode_t mode)
{
	struct kstat st;

	if (init_stat(name, &st, AT_SYMLINK_NOFOLLOW))
		return;
	if (((st.mode ^ mode) & S_IFMT) == 0 && !S_ISLNK(mode) &&
	    (S_ISDIR(mode) || S_ISREG(mode)))
		return;
	if (S_ISDIR(st.mode))
		init_rmdir(name);
	else
		init_unlink(name);
}

static void set_attributes(const struct cpio_entry *e)
{
	struct timespec64 t[2] = { { .tv_sec = e->mtime },
				   { .tv_sec = e->mtime } };

	init_chown(e->name, e->uid, e->gid, AT_SYMLINK_NOFOLLOW);
	if (!S_ISLNK(e->mode))
		init_chmod(e->name, e->mode & 07777);
	init_utimes(e->name, t);
}

static int make_file(struct unpack *u, const struct cpio_entry *e)
{
	const char *first = find_or_note_link(u, e);
	int flags = O_WRONLY | O_CREAT | O_LARGEFILE;

	if (first) {
		int err;

		init_unlink(e->name);
		err = init_link(first, e->name);
		if (err && err != -EEXIST)
			return err;
	}
	/* With several names the last entry often has the data. */
	if (!first || e->size)
		flags |= O_TRUNC;
	u->file = filp_open(e->name, flags, e->mode & 07777);
	if (IS_ERR(u->file)) {
		int err = PTR_ERR(u->file);

		u->file = NULL;
		return err;
	}
	u->pos = 0;
	return 0;
}

static int on_entry(void *ctx, const struct cpio_entry *e, const char *text)
{
	struct unpack *u = ctx;
	umode_t mode = e->mode;
	int err;

	if (!strcmp(e->name, "."))
		return 0;
	make_room(e->name, mode);
	switch (mode & S_IFMT) {
	case S_IFREG:
		return make_file(u, e);
	case S_IFDIR:
		err = init_mkdir(e->name, mode & 07777);
		if (err == -EEXIST)
			err = 0;
		break;
	case S_IFLNK:
		err = init_symlink(text, e->name);
		break;
	case S_IFCHR: case S_IFBLK: case S_IFIFO: case S_IFSOCK:
		err = init_mknod(e->name, mode, new_encode_dev(
					MKDEV(e->rmajor, e->rminor)));
		break;
	default:
		err = -EINVAL;
		break;
	}
	if (!err)
		set_attributes(e);
	return err;
}

static int on_data(void *ctx, const u8 *data, size_t len)
{
	struct unpack *u = ctx;
	ssize_t n = kernel_write(u->file, data, len, &u->pos);

	if (n < 0)
		return n;
	return (size_t)n == len ? 0 : -ENOSPC;
}

static int on_end(void *ctx)
{
	struct unpack *u = ctx;

	__fput_sync(u->file);
	u->file = NULL;
	set_attributes(&u->cpio.e);
	return 0;
}

static const struct cpio_ops unpack_ops = {
	.entry = on_entry, .data = on_data, .end = on_end,
};

/* ---- the whole ---- */

static int feed_inflated(void *ctx, const u8 *data, size_t len)
{
	size_t used;
	int err = cpio_feed(&((struct unpack *)ctx)->cpio, data, len, &used);

	return !err && used < len ? -EINVAL : err;
}

static int unpack_gzip(struct unpack *u, const u8 *data, size_t len,
		       size_t *used)
{
	int err = inflate_gzip(&u->inflate, data, len, U64_MAX, feed_inflated,
			       u, used);

	if (err && !u->cpio.error[0])
		snprintf(u->cpio.error, sizeof(u->cpio.error),
			 "gzip: %s after %llu bytes, entry \"%.60s\"",
			 err == -ENODATA ? "cut short" : "damaged",
			 (unsigned long long)u->cpio.total,
			 u->cpio.e.name ? u->cpio.e.name : "(first entry)");
	return err ? err : cpio_finish(&u->cpio);
}

/* Plain archives, up to the end or to something else behind a trailer. */
static int unpack_plain(struct unpack *u, const u8 *data, size_t len,
			size_t *used)
{
	int err = cpio_feed(&u->cpio, data, len, used);

	if (err)
		return err;
	if (*used == len)
		return cpio_finish(&u->cpio);
	if (*used)
		return 0;
	snprintf(u->cpio.error, sizeof(u->cpio.error),
		 "neither cpio nor gzip behind entry \"%.60s\"",
		 u->cpio.e.name);
	return -EINVAL;
}

static int unpack_all(struct unpack *u, const u8 *data, size_t len)
{
	while (len) {
		size_t used = 0;
		int err;

		if (*data == 0) {     /* padding between archives */
			data++;
			len--;
			continue;
		}
		if (is_gzip(data, len))
			err = unpack_gzip(u, data, len, &used);
		else
			err = unpack_plain(u, data, len, &used);
		if (err)
			return err;
		data += used;
		len -= used;
	}
	return 0;
}

/* NULL, or what was wrong.  The text stays valid.  May sleep; pid 1's work. */
const char *unpack_to_rootfs(const void *buf, size_t len)
{
	static char message[200];
	struct unpack *u = vmalloc(sizeof(*u));
	int err;

	if (!u)
		return "no memory to unpack it";
	memset(u, 0, sizeof(*u));
	cpio_init(&u->cpio, &unpack_ops, u);
	err = unpack_all(u, buf, len);
	if (u->file)
		__fput_sync(u->file);
	forget_links(u);
	message[0] = 0;
	if (err)
		snprintf(message, sizeof(message), "%s (error %d)",
			 u->cpio.error, err);
	vfree(u);
	return err ? message : NULL;
}
