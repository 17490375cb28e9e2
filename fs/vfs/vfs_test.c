/* SPDX-License-Identifier: MIT */
/*
 * vfs_test.c -- the inside of the VFS: counts, caches, walks, mounts
 *
 * On a tmpfs of its own.  What no program can see is looked at: that each walk,
 * also one that fails, gives back every reference it took; that a name has one
 * dentry, and a rename moves that one; that an unmounted volume leaves nothing.
 */

#include "internal.h"
#include "mount.h"

#include <kernel/bug.h>
#include <kernel/completion.h>
#include <fs/pipe.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/selftest.h>
#include <mm/slab.h>
#include <mm/uio.h>

/* A tmpfs of our own, mounted on /vt; false: the test cannot go on. */
static bool set_up(void)
{
	init_mkdir("/vt", 0755);
	return init_mount("vt", "/vt", "tmpfs", 0, NULL) == 0 &&
	       init_mkdir("/vt/d", 0755) == 0;
}

static void tear_down(void)
{
	EXPECT(init_umount("/vt", 0) == 0);
	EXPECT(init_rmdir("/vt") == 0);
}

static struct file *make(const char *name)
{
	return filp_open(name, O_CREAT | O_RDWR, 0600);
}

static struct dentry *dentry_of(const char *name)
{
	struct path path;
	struct dentry *d;

	if (kern_path(name, 0, &path))
		return NULL;
	d = dget(path.dentry);
	path_put(&path);
	return d;
}

SELFTEST_SLOW(walk_leaves_no_count_behind)
{
	struct dentry *root = current->fs->root.dentry, *d;
	struct path path;
	int before, i;

	REQUIRE(set_up());
	d = dentry_of("/vt/d");
	REQUIRE(d);
	before = root->d_count;
	for (i = 0; i < 10; i++) {
		EXPECT(kern_path("/vt/../vt/d/.././d/", LOOKUP_FOLLOW, &path)
		       == 0);
		path_put(&path);
		EXPECT(kern_path("/vt/none/x", 0, &path) == -ENOENT);
		EXPECT(kern_path("/vt/d/../../..", 0, &path) == 0);
		path_put(&path);
	}
	EXPECT(root->d_count == before);
	EXPECT(d->d_count == 2);        /* pinned, and ours */
	dput(d);
	tear_down();
}

SELFTEST_SLOW(dcache_one_dentry_for_one_name)                   /* I3 */
{
	struct dentry *a, *b;

	REQUIRE(set_up());
	a = dentry_of("/vt/d");
	b = dentry_of("/vt/./d");
	EXPECT(a && a == b);
	dput(a);
	dput(b);
	tear_down();
}

SELFTEST_SLOW(dcache_rename_moves_the_dentry_itself)            /* I4 */
{
	static const char long_name[] =
		"/vt/a_name_of_more_than_forty_bytes_that_is_not_inline";
	struct dentry *d;
	unsigned int seq;

	REQUIRE(set_up());
	d = dentry_of("/vt/d");
	REQUIRE(d);
	seq = d->d_seq.sequence;
	EXPECT(do_renameat2(AT_FDCWD, getname_kernel("/vt/d"), AT_FDCWD,
			    getname_kernel(long_name), 0) == 0);
	EXPECT(d->d_name.len == strlen(long_name) - 4);
	EXPECT(d->d_name.name != d->d_iname && d->d_seq.sequence > seq);
	EXPECT((d->d_seq.sequence & 1) == 0);
	EXPECT(!dentry_of("/vt/d"));
	EXPECT(do_renameat2(AT_FDCWD, getname_kernel(long_name), AT_FDCWD,
			    getname_kernel("/vt/s"), 0) == 0);
	EXPECT(d->d_name.len == 1 && d->d_name.name == d->d_iname);
	dput(d);
	tear_down();
}

SELFTEST_SLOW(inode_outlives_its_last_name)
{
	struct file *f;
	loff_t pos = 0;
	char buf[4];

	REQUIRE(set_up());
	f = make("/vt/f");
	REQUIRE(!IS_ERR(f));
	EXPECT(kernel_write(f, "data", 4, &pos) == 4);
	EXPECT(init_unlink("/vt/f") == 0);
	EXPECT(file_inode(f)->i_nlink == 0);
	pos = 0;
	EXPECT(kernel_read(f, buf, 4, &pos) == 4 && !memcmp(buf, "data", 4));
	EXPECT(init_umount("/vt", 0) == -EBUSY);
	__fput_sync(f);
	tear_down();
}

SELFTEST_SLOW(walk_follows_40_links_on_the_same_stack)
{
	char name[16], to[16];
	struct path path;
	int i;

	REQUIRE(set_up());
	for (i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "/vt/l%d", i);
		snprintf(to, sizeof(to), i == 1 ? "d" : "l%d", i - 1);
		EXPECT(init_symlink(to, name) == 0);
	}
	EXPECT(kern_path("/vt/l40", LOOKUP_FOLLOW, &path) == 0);
	path_put(&path);
	EXPECT(kern_path("/vt/l41", LOOKUP_FOLLOW, &path) == -ELOOP);
	EXPECT(kern_path("/vt/l40/..", LOOKUP_FOLLOW, &path) == 0);
	path_put(&path);
	EXPECT(current->nameidata == NULL);
	tear_down();
}

SELFTEST_SLOW(mount_point_is_one_while_something_is_mounted)    /* I2 */
{
	struct dentry *d;

	REQUIRE(set_up());
	d = dentry_of("/vt/d");
	REQUIRE(d);
	EXPECT(!d_mountpoint(d));
	EXPECT(init_mount("x", "/vt/d", "tmpfs", 0, NULL) == 0);
	EXPECT(init_mount("y", "/vt/d", "tmpfs", 0, NULL) == 0);
	EXPECT(d_mountpoint(d) && d->d_mounts == 1);   /* y is on x's root */
	EXPECT(init_rmdir("/vt/d") == -EBUSY);
	EXPECT(init_umount("/vt/d", 0) == 0);
	EXPECT(d_mountpoint(d));
	EXPECT(init_umount("/vt/d", 0) == 0);
	EXPECT(!d_mountpoint(d) && d->d_mounts == 0);
	dput(d);
	tear_down();
}

SELFTEST_SLOW(umount_gives_every_page_and_inode_back)           /* tmpfs I1 */
{
	long inodes = nr_inodes_total(), dentries = nr_dentry_total();
	char name[16];
	loff_t pos;
	int i;

	REQUIRE(set_up());
	for (i = 0; i < 20; i++) {
		struct file *f;

		snprintf(name, sizeof(name), "/vt/d/%d", i);
		f = make(name);
		pos = i * PAGE_SIZE;
		if (!IS_ERR(f)) {
			EXPECT(kernel_write(f, "x", 1, &pos) == 1);
			__fput_sync(f);
		}
	}
	tear_down();
	EXPECT(nr_inodes_total() == inodes);
	EXPECT(nr_dentry_total() <= dentries + 2);
}

SELFTEST_SLOW(pipe_write_without_reader_and_read_without_writer)
{
	struct file *f[2];
	char c;
	loff_t pos = 0;

	REQUIRE(create_pipe_files(f, O_NONBLOCK) == 0);
	EXPECT(kernel_read(f[0], &c, 1, &pos) == -EAGAIN);
	EXPECT(kernel_write(f[1], "q", 1, &pos) == 1);
	__fput_sync(f[1]);
	EXPECT(kernel_read(f[0], &c, 1, &pos) == 1 && c == 'q');
	EXPECT(kernel_read(f[0], &c, 1, &pos) == 0);
	__fput_sync(f[0]);
}

/* ---- stress: one renames, the others walk ---- */

static struct completion walkers_done;
static bool stop_walking;

static int walk_on(void *arg)
{
	long *lost = arg;
	struct path path;

	while (!READ_ONCE(stop_walking)) {
		if (kern_path("/vt/d/../d", 0, &path))
			++*lost;
		else
			path_put(&path);
		if (!kern_path("/vt/one", 0, &path))
			path_put(&path);
		cond_resched();
	}
	complete(&walkers_done);
	return 0;
}

SELFTEST_SLOW(walks_and_renames_at_once_leave_the_counts_right)
{
	long lost[2] = { 0, 0 };
	struct dentry *d;
	int i, before;

	REQUIRE(set_up());
	__fput_sync(make("/vt/one"));
	d = dentry_of("/vt/d");
	before = d->d_count;
	init_completion(&walkers_done);
	stop_walking = false;
	for (i = 0; i < 2; i++)
		kthread_run(walk_on, &lost[i], "walker/%d", i);
	for (i = 0; i < 2000; i++) {
		do_renameat2(AT_FDCWD, getname_kernel("/vt/one"), AT_FDCWD,
			     getname_kernel("/vt/d/two"), 0);
		do_renameat2(AT_FDCWD, getname_kernel("/vt/d/two"), AT_FDCWD,
			     getname_kernel("/vt/one"), 0);
	}
	WRITE_ONCE(stop_walking, true);
	wait_for_completion(&walkers_done);
	wait_for_completion(&walkers_done);
	EXPECT(lost[0] == 0 && lost[1] == 0);
	EXPECT(d->d_count == before);
	dput(d);
	tear_down();
}
