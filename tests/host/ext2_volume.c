/* SPDX-License-Identifier: MIT */
/*
 * ext2_volume.c -- ext2 mounted in a Unix process: e2fsck after each storm
 *
 * mke2fs makes an image; the kernel's own code mounts it (ext2_vfs.c), does
 * thousands of random operations against a model of what must be there, and
 * unmounts it; then e2fsck has the word.  The same with damaged images (nothing
 * may crash), failing allocations (nothing may leak), unreadable blocks.
 * LANTERN_ROUNDS=N in the environment: N rounds of each instead of a few.
 */

/* host-test: fs/ext2/groups.c fs/ext2/freed.c fs/ext2/balloc.c fs/ext2/ialloc.c
 *  fs/ext2/inode.c fs/ext2/tree.c fs/ext2/truncate.c fs/ext2/dir.c
 *  fs/ext2/namei.c fs/ext2/symlink.c fs/ext2/file.c fs/ext2/xattr.c
 *  fs/ext2/acl.c fs/ext2/export.c fs/ext2/geometry.c fs/ext2/bitmap.c
 *  fs/ext2/inode_disk.c
 *  fs/ext2/blockpath.c fs/ext2/dirblock.c fs/ext2/nameindex.c
 *  fs/ext2/window.c fs/ext2/xattr_block.c fs/ext2/options.c
 *  kernel/lib/rbtree.c kernel/lib/bitmap.c kernel/lib/bitops.c
 *  kernel/lib/prandom.c tests/host/ext2_vfs.c tests/host/ext2_stubs.c -- */

#include "ext2_vfs.h"

#include "fs/ext2/super.c"

#include <kernel/selftest.h>

int ext2_init_for_test(void)
{
	return ext2_init();
}

char *getenv(const char *name);
int atoi(const char *s);

#define IMAGE "build/host/ext2_volume/image"
#define MAX_DIRS 20
#define MAX_NAMES 400

static struct rnd_state rnd;

static u32 random_below(u32 n)
{
	return prandom_u32_state(&rnd) % n;
}

static u32 rounds(u32 few)
{
	const char *text = getenv("LANTERN_ROUNDS");

	return text ? atoi(text) : few;
}

/* ---- images ---- */

static const char *const kinds[] = {
	"-b 1024 -I 128", "-b 1024 -I 256", "-b 2048 -I 256", "-b 4096 -I 256",
	"-b 1024 -I 256 -g 1024 -N 2000", "-b 1024 -r 0", "-b 1024 -O ^filetype",
	"-b 4096 -O meta_bg,^resize_inode -I 256", "-b 1024 -O ^sparse_super,^resize_inode",
};

static bool make_image(u32 kind, u32 mib)
{
	char line[200];
	int fd;

	snprintf(line, sizeof(line), "rm -f " IMAGE "; PATH=$PATH:/sbin:/usr/sbin "
		 "mke2fs -q -F -t ext2 %s " IMAGE " %uM >/dev/null 2>&1",
		 kinds[kind % ARRAY_SIZE(kinds)], mib);
	if (system(line))
		return false;
	free(disk);
	disk_size = (size_t)mib << 20;
	disk = malloc(disk_size);
	fd = open(IMAGE, 0);
	if (fd < 0 || read(fd, disk, disk_size) != (ssize_t)disk_size)
		return false;
	close(fd);
	return true;
}

/* e2fsck's verdict on the image in memory: 0 is clean. */
static int check_image(void)
{
	int fd = open(IMAGE, 0x241, 0644);        /* write, create, truncate */
	int status;

	if (write(fd, disk, disk_size) != (ssize_t)disk_size)
		return -1;
	close(fd);
	status = system("PATH=$PATH:/sbin:/usr/sbin e2fsck -fn " IMAGE
			" >" IMAGE ".log 2>&1");
	if (status)
		system("sed 's/^/# /' " IMAGE ".log | head -20");
	return status;
}

/* ---- the model ---- */

struct name {
	char text[100];
	u32 dir;                      /* index in dirs */
	struct inode *inode;          /* with a reference */
	bool is_dir;
};

static struct inode *dirs[MAX_DIRS];  /* [0] is the root */
static struct name names[MAX_NAMES];
static u32 nr_names;

static const struct inode_operations *ops(struct inode *i)
{
	return i->i_op;
}

static struct name *add_name(u32 dir, const char *text, struct inode *inode)
{
	struct name *n = &names[nr_names++];

	*n = (struct name){ .dir = dir, .inode = inode };
	strscpy(n->text, text, sizeof(n->text));
	n->is_dir = S_ISDIR(inode->i_mode);
	return n;
}

static u32 any_dir(void)
{
	u32 i;

	do
		i = random_below(MAX_DIRS);
	while (!dirs[i]);
	return i;
}

static void random_name(char *text)
{
	static u32 serial;
	u32 len = random_below(4) ? 0 : random_below(80), n;

	n = snprintf(text, 16, "n%u", serial++);
	memset(text + n, 'x', len);
	text[n + len] = 0;
}

/* ---- operations; what may fail is -ENOSPC or a fault that we made ---- */

static bool faults;                   /* errors are allowed */

static void expect_ok(int err)
{
	EXPECT(!err || err == -ENOSPC || (faults && err < 0));
	if (err && err != -ENOSPC && !faults)
		printf("# error %d\n", err);
}

static void do_create(void)
{
	u32 dir = any_dir(), free_dir = 0, what = random_below(12);
	char text[100], target[300];
	struct dentry *d;
	int err;

	if (nr_names == MAX_NAMES)
		return;
	random_name(text);
	d = make_dentry(text, NULL);
	while (free_dir < MAX_DIRS && dirs[free_dir])
		free_dir++;
	if (what == 0 && free_dir < MAX_DIRS) {
		err = ops(dirs[dir])->mkdir(dirs[dir], d, 0755);
	} else if (what == 1) {
		memset(target, 't', sizeof(target));
		target[random_below(299) + 1] = 0;
		target[299] = 0;
		err = ops(dirs[dir])->symlink(dirs[dir], d, target);
	} else if (what == 2) {
		err = ops(dirs[dir])->mknod(dirs[dir], d, S_IFCHR | 0600,
					    MKDEV(random_below(500), 3));
	} else {
		err = ops(dirs[dir])->create(dirs[dir], d, 0644, true);
	}
	expect_ok(err);
	if (!err) {
		add_name(dir, text, d->d_inode);
		if (S_ISDIR(d->d_inode->i_mode))
			dirs[free_dir] = d->d_inode;
	}
	free(d);
}

static void forget_dir(struct inode *inode)
{
	for (u32 i = 1; i < MAX_DIRS; i++)
		if (dirs[i] == inode)
			dirs[i] = NULL;
}

static void do_remove(void)
{
	struct name *n;
	struct dentry *d;
	struct inode *dir;
	int err;

	if (!nr_names)
		return;
	n = &names[random_below(nr_names)];
	dir = dirs[n->dir];
	d = make_dentry(n->text, n->inode);
	err = n->is_dir ? ops(dir)->rmdir(dir, d) : ops(dir)->unlink(dir, d);
	EXPECT(!err || faults || (n->is_dir && err == -ENOTEMPTY));
	if (!err) {
		if (n->is_dir)
			forget_dir(n->inode);
		iput(n->inode);
		*n = names[--nr_names];
	}
	free(d);
}

static void do_hard_link(void)
{
	struct dentry *old, *new;
	struct name *n;
	u32 dir = any_dir();
	char text[100];
	int err;

	if (!nr_names || nr_names == MAX_NAMES)
		return;
	n = &names[random_below(nr_names)];
	if (n->is_dir)
		return;
	random_name(text);
	old = make_dentry(n->text, n->inode);
	new = make_dentry(text, NULL);
	err = ops(dirs[dir])->link(old, dirs[dir], new);
	expect_ok(err);
	if (!err)
		add_name(dir, text, n->inode);
	free(old);
	free(new);
}

/* Is dirs[dir] the inode or below it? */
static bool is_below(u32 dir, struct inode *inode)
{
	while (dir) {
		u32 i;

		if (dirs[dir] == inode)
			return true;
		for (i = 0; i < nr_names && names[i].inode != dirs[dir]; i++)
			;
		if (i == nr_names)
			return true;
		dir = names[i].dir;
	}
	return false;
}

static void do_move(void)
{
	struct name *n, *over = NULL;
	struct dentry *old, *new;
	u32 dir = any_dir();
	char text[100];
	int err;

	if (!nr_names)
		return;
	n = &names[random_below(nr_names)];
	random_name(text);
	if (random_below(2)) {
		over = &names[random_below(nr_names)];
		if (over->is_dir != n->is_dir || over->inode == n->inode)
			return;
		dir = over->dir;
		strscpy(text, over->text, sizeof(text));
	}
	if (n->is_dir && is_below(dir, n->inode))
		return;
	old = make_dentry(n->text, n->inode);
	new = make_dentry(text, over ? over->inode : NULL);
	err = ops(dirs[n->dir])->rename(dirs[n->dir], old, dirs[dir], new, 0);
	EXPECT(!err || err == -ENOSPC || faults || err == -ENOTEMPTY);
	if (!err) {
		n->dir = dir;
		strscpy(n->text, text, sizeof(n->text));
		if (over) {
			if (over->is_dir)
				forget_dir(over->inode);
			iput(over->inode);
			*over = names[--nr_names];
		}
	}
	free(old);
	free(new);
}

/* Blocks here and there, and the size behind them. */
static void do_write(void)
{
	struct ext2_mapping map;
	struct inode *inode;
	u64 block;
	int err;

	if (!nr_names)
		return;
	inode = names[random_below(nr_names)].inode;
	if (!S_ISREG(inode->i_mode))
		return;
	block = random_below(6) ? random_below(40) :
		random_below(2) ? random_below(70000) : random_below(17000000);
	if ((loff_t)(block + 1) << inode->i_blkbits > vol.s_maxbytes)
		return;
	for (u32 n = random_below(30); n; n--) {
		err = ext2_map_blocks(inode, block, 1 + random_below(20), true,
				      &map);
		expect_ok(err == -EFBIG ? 0 : err);
		if (err)
			break;
		EXPECT(map.block && map.count);
		block += map.count;
	}
	if ((loff_t)block << inode->i_blkbits > inode->i_size &&
	    (loff_t)block << inode->i_blkbits <= vol.s_maxbytes)
		inode->i_size = block << inode->i_blkbits;
	mark_inode_dirty(inode);
}

static void do_cut(void)
{
	struct inode *inode;
	loff_t size;

	if (!nr_names)
		return;
	inode = names[random_below(nr_names)].inode;
	if (!S_ISREG(inode->i_mode))
		return;
	size = random_below(3) ? inode->i_size / (1 + random_below(5)) :
	       random_below(100000);
	ext2_setsize(inode, size);
	if (random_below(2))
		ext2_drop_window(inode);
}

static void do_xattr(void)
{
	static char value[600];
	struct inode *inode;
	char name[16];
	u32 size;
	int err;

	if (!nr_names)
		return;
	inode = names[random_below(nr_names)].inode;
	snprintf(name, sizeof(name), "a%u", random_below(5));
	size = random_below(3) ? random_below(20) : random_below(600);
	memset(value, 'v', sizeof(value));
	if (random_below(4)) {
		err = ext2_xattr_set(inode, 1, name, value, size, 0);
		expect_ok(err);
		if (!err)
			EXPECT(ext2_xattr_get(inode, 1, name, value, 600) ==
			       (int)size || faults);
	} else {
		err = ext2_xattr_set(inode, 1, name, NULL, 0, 0);
		expect_ok(err);
	}
}

static void one_operation(void)
{
	switch (random_below(16)) {
	case 0: case 1: case 2: case 3: case 4: do_create(); break;
	case 5: case 6: do_remove(); break;
	case 7: do_hard_link(); break;
	case 8: case 9: do_move(); break;
	case 10: case 11: case 12: do_write(); break;
	case 13: do_cut(); break;
	case 14: do_xattr(); break;
	default:
		if (!random_below(10))
			vol_drop_inodes();
		if (!random_below(20))
			ext2_settle_work(&EXT2_SB(&vol)->settle.work);
		break;
	}
}

/* ---- rounds ---- */

static int look_up(struct inode *dir, const char *name, struct inode **inode)
{
	struct dentry *d = make_dentry(name, NULL), *other;

	other = ops(dir)->lookup(dir, d, 0);
	*inode = d->d_inode;
	free(d);
	return IS_ERR(other) ? PTR_ERR(other) : 0;
}

/* Everything that the model has is there, and counted. */
static void compare_with_model(void)
{
	for (u32 i = 0; i < nr_names; i++) {
		struct inode *inode;

		EXPECT(!look_up(dirs[names[i].dir], names[i].text, &inode));
		EXPECT(inode == names[i].inode);
		iput(inode);
	}
}

static void begin(char *options)
{
	nr_names = 0;
	memset(dirs, 0, sizeof(dirs));
	REQUIRE(!vol_mount(options, false));
	dirs[0] = vol.s_root->d_inode;
}

static void end(void)
{
	while (nr_names)
		iput(names[--nr_names].inode);
	vol_umount();
	EXPECT(held_buffers == 0);
}

static bool have_tools(void)
{
	if (make_image(0, 8))
		return true;
	selftest_skip("no mke2fs here");
	return false;
}

SELFTEST(ext2_volume_is_clean_after_a_storm)
{
	if (!have_tools())
		return;
	for (u32 round = 0; round < rounds(18); round++) {
		prandom_seed_state(&rnd, round);
		REQUIRE(make_image(round, 4 + random_below(12)));
		faults = false;
		begin(NULL);
		for (u32 n = random_below(4000); n; n--)
			one_operation();
		compare_with_model();
		end();
		EXPECT(check_image() == 0);
	}
}

SELFTEST(ext2_large_directory_is_searched_by_its_index)
{
	struct dentry *d;
	char text[16];

	if (!have_tools())
		return;
	REQUIRE(make_image(1, 8));
	begin(NULL);
	for (u32 n = 0; n < 1500; n++) {
		snprintf(text, sizeof(text), "file%u", n);
		d = make_dentry(text, NULL);
		EXPECT(!ops(dirs[0])->create(dirs[0], d, 0644, true));
		free_dentry(d);
	}
	for (u32 n = 0; n < 1500; n += 3) {
		struct inode *inode;

		snprintf(text, sizeof(text), "file%u", n);
		EXPECT(!look_up(dirs[0], text, &inode) && inode);
		d = make_dentry(text, inode);
		EXPECT(!ops(dirs[0])->unlink(dirs[0], d));
		free_dentry(d);
		EXPECT(!look_up(dirs[0], text, &inode) && !inode);
	}
	EXPECT(EXT2_I(dirs[0])->index);
	end();
	EXPECT(check_image() == 0);
}

SELFTEST(ext2_failed_allocation_travels_and_leaks_nothing)
{
	if (!have_tools())
		return;
	for (u32 round = 0; round < rounds(30); round++) {
		prandom_seed_state(&rnd, 1000 + round);
		REQUIRE(make_image(round, 4));
		faults = true;
		begin(NULL);
		for (u32 n = 0; n < 600; n++) {
			fail_after = random_below(3) ? 0 : 1 + random_below(9);
			one_operation();
			fail_after = 0;
		}
		end();
	}
	faults = false;
}

/* Walk what is there, as find(1) would; then write here and there. */
static void wander(void)
{
	for (u32 n = 0; n < 20; n++)
		one_operation();
	for (u32 ino = 2; ino < 60; ino++) {
		struct inode *inode;
		struct ext2_mapping map;

		if (!ext2_ino_valid(EXT2_GEO(&vol), ino))
			continue;
		inode = ext2_iget(&vol, ino);
		if (IS_ERR(inode))
			continue;
		if (S_ISREG(inode->i_mode)) {
			ext2_map_blocks(inode, random_below(300), 5,
					random_below(2), &map);
			if (random_below(2))
				ext2_setsize(inode, random_below(5000));
		} else if (S_ISDIR(inode->i_mode)) {
			ext2_dir_empty(inode);
		}
		ext2_xattr_get(inode, 1, "a1", NULL, 0);
		if (random_below(3) == 0)
			ext2_xattr_set(inode, 1, "a1", "x", 1, 0);
		iput(inode);
	}
}

static void damage(void)
{
	for (u32 n = 1 + random_below(30); n; n--) {
		u32 at = random_below(2) ? random_below(400 * 1024)
					 : random_below(disk_size);

		if (random_below(3))
			at = 1024 + random_below(60 * 1024);
		disk[at] = random_below(2) ? random_below(256)
					   : disk[at] ^ 1 << random_below(8);
	}
}

SELFTEST(ext2_damaged_volume_crashes_nothing)
{
	static u8 *good;
	u32 mounted = 0;

	if (!have_tools())
		return;
	for (u32 round = 0; round < rounds(200); round++) {
		prandom_seed_state(&rnd, 50000 + round);
		if (round % 20 == 0) {
			REQUIRE(make_image(round / 20, 4));
			faults = false;
			begin(NULL);
			for (u32 n = 0; n < 700; n++)
				one_operation();
			end();
			free(good);
			good = malloc(disk_size);
			memcpy(good, disk, disk_size);
		}
		memcpy(disk, good, disk_size);
		damage();
		faults = true;
		nr_names = 0;
		memset(dirs, 0, sizeof(dirs));
		if (!vol_mount(NULL, false)) {
			mounted++;
			dirs[0] = vol.s_root->d_inode;
			wander();
			end();
		}
	}
	faults = false;
	EXPECT(mounted > 0);
	printf("# %u of %u damaged images could be mounted\n", mounted,
	       rounds(200));
}

SELFTEST(ext2_blocks_of_a_growing_file_lie_together)
{
	struct ext2_mapping map;
	struct dentry *d[2];
	u32 runs = 0, last[2] = { 0, 0 };

	if (!have_tools())
		return;
	REQUIRE(make_image(1, 16));
	begin(NULL);
	for (u32 i = 0; i < 2; i++) {
		d[i] = make_dentry(i ? "one" : "two", NULL);
		EXPECT(!ops(dirs[0])->create(dirs[0], d[i], 0644, true));
	}
	for (u32 n = 0; n < 4000; n++) {
		EXPECT(!ext2_map_blocks(d[n & 1]->d_inode, n / 2, 1, true,
					&map));
		runs += map.block != last[n & 1] + 1;
		last[n & 1] = map.block;
	}
	printf("# two files of 2000 blocks, written in turn: %u runs\n", runs);
	EXPECT(runs < 80);
	for (u32 i = 0; i < 2; i++) {
		d[i]->d_inode->i_size = 2000 << 10;
		free_dentry(d[i]);
	}
	end();
	EXPECT(check_image() == 0);
}
