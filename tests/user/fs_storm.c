/* SPDX-License-Identifier: MIT */
/*
 * fs_storm.c -- random operations on a whole tree, checked against a model
 *
 * Four processes, each with a tree of its own and a model of it in memory:
 * files (contents, mode, links, attribute), directories, symbolic links.
 * Every call's result is foretold by the model, its errors as well.  One
 * operation in ten is made in a directory that all four share, where nothing
 * can be foretold but that a file's blocks are whole.
 *
 * In $TEST_DIR (or /tmp); $STORM_OPS operations in all, $STORM_SEED.
 */
#include "fs_storm.h"

/* -- contents -------------------------------------------------------------- */

static void did(struct node *n, const char *what, long from, long count)
{
	n->deeds[n->nr_deeds++ % PAST] = (struct deed){ what, from, count };
}

static void tell_deeds(const struct node *n)
{
	int i = n->nr_deeds > PAST ? n->nr_deeds - PAST : 0;

	for (; i < n->nr_deeds; i++)
		printf("#   %s %ld %ld\n", n->deeds[i % PAST].what,
		       n->deeds[i % PAST].from, n->deeds[i % PAST].count);
}

static int differs(struct node *n, const unsigned char *got, long from,
		   long count, const char *how)
{
	for (long i = 0; i < count; i++)
		if (got[i] != n->data[from + i]) {
			printf("# %s: byte %ld is %d, not %d (size %ld)\n", how,
			       from + i, got[i], n->data[from + i], n->size);
			tell_deeds(n);
			return 1;
		}
	return 0;
}

static int do_read(struct node *n, int fd)
{
	long from = any(n->size + 1), count = any(MOST);
	long wanted = n->size - from < count ? n->size - from : count;

	did(n, "read", from, count);
	if (pread(fd, buf, count, from) != wanted) {
		printf("# a read of %ld at %ld of %ld is short: %d\n", count,
		       from, n->size, errno);
		return 1;
	}
	return differs(n, buf, from, wanted, "read");
}

static int do_write(struct node *n, int fd)
{
	long from = any(4) ? any(n->size + 1) : any(MOST), count, done;

	count = any(any(4) ? 5000 : 60000) + 1;
	if (from >= MOST)
		from = MOST - 1;
	if (count > MOST - from)
		count = MOST - from;
	memset(n->data + from, ++stamp, count);
	did(n, "write", from, count);
	if (from + count > n->size)
		n->size = from + count;
	done = pwrite(fd, n->data + from, count, from);
	if (done != count)
		printf("# a write of %ld gave %ld, errno %d\n", count, done,
		       errno);
	return done != count;
}

static int do_direct(struct node *n, const char *path)
{
	long from = any(MOST / SECTOR) * SECTOR, count, wanted;
	int fd = open(path, O_RDWR | O_DIRECT), bad = fd < 0;

	count = (any(4) + 1) * SECTOR;
	if (count > MOST - from)
		count = MOST - from;
	if (any(2)) {
		did(n, "direct write", from, count);
		memset(buf, ++stamp, count);
		memset(n->data + from, stamp, count);
		if (from + count > n->size)
			n->size = from + count;
		bad |= pwrite(fd, buf, count, from) != count;
	} else {
		did(n, "direct read", from, count);
		wanted = from > n->size ? 0 : n->size - from < count ?
			n->size - from : count;
		bad |= pread(fd, buf, count, from) != wanted ||
			differs(n, buf, from, wanted, "O_DIRECT");
	}
	if (bad)
		printf("# O_DIRECT at %ld, %ld bytes: %d\n", from, count, errno);
	close(fd);
	return bad;
}

static int do_truncate(struct node *n, int fd)
{
	long to = any(4) ? any(MOST) : any(n->size + 1);

	did(n, "truncate", to, n->size);
	if (to < n->size)
		memset(n->data + to, 0, n->size - to);
	n->size = to;
	return ftruncate(fd, to);
}

/* Load or store through a mapping, which may outlive this operation. */
static int do_map(struct node *n, int fd)
{
	long from = any(n->size), count = any(20000) + 1;
	int bad = 0;

	if (!n->map)
		n->map = mmap(NULL, MOST, RW, MAP_SHARED, fd, 0);
	if (n->map == MAP_FAILED)
		return 1;
	if (count > n->size - from)
		count = n->size - from;
	if (any(2)) {
		did(n, "store", from, count);
		memset(n->data + from, ++stamp, count);
		memset(n->map + from, stamp, count);
	} else {
		did(n, "load", from, count);
		bad = differs(n, n->map + from, from, count, "mapping");
	}
	if (any(8) == 0 && (did(n, "msync", 0, 0), 1))
		bad |= msync(n->map, MOST, any(2) ? MS_SYNC : MS_ASYNC);
	if (any(4) == 0) {
		did(n, "munmap", 0, 0);
		bad |= munmap(n->map, MOST);
		n->map = NULL;
	}
	return bad;
}

static int do_attribute(struct node *n, int fd)
{
	char value[80];
	long got;

	switch (any(3)) {
	case 0:
		n->attr_size = any(sizeof(value));
		memset(n->attr, ++stamp, sizeof(value));
		return fsetxattr(fd, "user.storm", n->attr, n->attr_size, 0);
	case 1:
		got = fremovexattr(fd, "user.storm");
		if (n->attr_size < 0)
			return got == 0 || errno != ENODATA;
		n->attr_size = -1;
		return got;
	}
	got = fgetxattr(fd, "user.storm", value, sizeof(value));
	if (n->attr_size < 0)
		return got >= 0 || errno != ENODATA;
	return got != n->attr_size || memcmp(value, n->attr, got);
}

static int do_sync(struct node *n, int fd)
{
	int how = any(4);

	did(n, "sync", how, 0);
	switch (how) {
	case 0:
		return fsync(fd);
	case 1:
		return fdatasync(fd);
	case 2:
		return posix_fadvise(fd, any(n->size + 1), any(MOST),
				     POSIX_FADV_DONTNEED);
	}
	n->mode = 0600 | any(0100);
	return fchmod(fd, n->mode);
}

static int do_contents(struct place p)
{
	struct node *n = &nodes[at(p)];
	int fd, verb = any(16), bad;

	if (!at(p) || n->kind != FILE_NODE)
		return 0;
	fd = open(path_of(p), O_RDWR);
	if (expect(fd, 0, "open", p))
		return 1;
	if (verb < 4)
		bad = do_read(n, fd);
	else if (verb < 8)
		bad = do_write(n, fd);
	else if (verb < 11)
		bad = n->size ? do_map(n, fd) : 0;
	else if (verb < 13)
		bad = do_truncate(n, fd);
	else if (verb == 13)
		bad = do_sync(n, fd);
	else if (verb == 14)
		bad = attributes ? do_attribute(n, fd) : 0;
	else
		bad = direct ? do_direct(n, path_of(p)) : 0;
	if (bad)
		printf("# verb %d on %s, errno %d\n", verb, path_of(p), errno);
	close(fd);
	return bad;
}

/* -- is everything there? -------------------------------------------------- */

static int check_node(struct place p)
{
	struct node *n = &nodes[at(p)];
	const char *path = path_of(p);
	struct stat st;
	int fd, bad;

	if (expect(lstat(path, &st), at(p) ? 0 : ENOENT, "lstat", p))
		return 1;
	if (!at(p))
		return 0;
	if (n->kind == LINK_NODE) {
		long got = readlink(path, (char *)buf, MOST);

		return got != (long)strlen(n->attr) || memcmp(buf, n->attr, got);
	}
	bad = (st.st_mode & 07777) != n->mode;
	if (n->kind == FILE_NODE) {
		bad |= st.st_size != n->size || (int)st.st_nlink != n->links;
		fd = open(path, O_RDONLY);
		bad |= pread(fd, buf, MOST, 0) != n->size ||
			differs(n, buf, 0, n->size, "whole file");
		close(fd);
	}
	if (bad)
		printf("# %s: mode %o not %o, size %ld not %ld, links %d not %d"
		       "\n", path, st.st_mode, n->mode, (long)st.st_size,
		       n->size, (int)st.st_nlink, n->links);
	return bad;
}

/* A directory has exactly the names that it should have. */
static int check_dir(int dir)
{
	char path[DIRS * 12 + 20];
	int seen[NAMES] = { 0 }, slot, bad = 0, links = 2;
	struct dirent *e;
	struct stat st;
	DIR *d;

	dir_path(path, dir);
	d = opendir(path);
	if (!d)
		return 1;
	while ((e = readdir(d)))
		if (sscanf(e->d_name, "name-%d", &slot) == 1)
			bad |= slot < 0 || slot >= NAMES || seen[slot]++;
	closedir(d);
	for (slot = 0; !bad && slot < NAMES; slot++) {
		bad |= seen[slot] != !!nodes[dir].child[slot];
		links += is_dir(nodes[dir].child[slot]);
	}
	bad |= stat(path, &st) || (int)st.st_nlink != links;
	if (bad)
		printf("# %s: names differ, or %d links are not %d\n", path,
		       (int)st.st_nlink, links);
	return bad;
}

static int check_all(void)
{
	int bad = 0;

	for (int dir = 1; dir < NODES; dir++) {
		if (nodes[dir].kind != DIR_NODE)
			continue;
		bad |= check_dir(dir);
		for (int slot = 0; slot < NAMES; slot++)
			bad |= check_node((struct place){ dir, slot });
	}
	return bad;
}

/* -- where all four meet --------------------------------------------------- */

/* Blocks of one byte each: a block that is read is of one byte, or zeroes. */
static int shared_contents(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600), bad = 0;
	long block = any(16) * 512;

	if (fd < 0)
		return errno != EISDIR && errno != ENOENT;
	memset(buf, ++stamp, 512);
	if (any(3))
		bad = pwrite(fd, buf, 512, block) != 512;
	else if (any(2))
		bad = ftruncate(fd, block);
	else
		bad = pread(fd, buf, 512, block) < 0;
	if (any(8) == 0)
		bad |= fsync(fd);
	close(fd);
	return bad;
}

static int do_shared(void)
{
	char a[40], b[40];

	sprintf(a, "../shared/%s%lu", any(3) ? "f" : "d/", any(12));
	sprintf(b, "../shared/%s%lu", any(3) ? "f" : "d/", any(12));
	switch (any(8)) {
	case 0:
		rename(a, b);
		return 0;
	case 1:
		link(a, b);
		return 0;
	case 2:
		unlink(a);
		return 0;
	case 3:
		mkdir("../shared/d", 0755);
		mkdir(a, 0755);
		return 0;
	case 4:
		rmdir(a);
		return 0;
	case 5:
		if (exchange)
			syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b,
				EXCHANGE);
		return 0;
	}
	return shared_contents(a);
}

/* -- the storm ------------------------------------------------------------- */

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		errno = 0;
	return fd < 0 ? 0 : close(fd);
}

static int one_operation(void)
{
	struct place p = any_place();

	switch (any(40)) {
	case 0 ... 3:
		return do_create(p, FILE_NODE);
	case 4:
		return do_create(p, DIR_NODE);
	case 5:
		return do_create(p, LINK_NODE);
	case 6 ... 7:
		return do_unlink(p);
	case 8:
		return do_rmdir(p);
	case 9:
		return do_link(p, any_place());
	case 10 ... 12:
		return do_rename(p, any_place());
	case 13:
		return check_node(p);
	case 14:
		return check_dir(p.dir);
	case 15 ... 18:
		return do_shared();
	case 19:
		if (any(50) == 0)
			write_file("/proc/sys/vm/drop_caches", "3");
		return 0;
	}
	return do_contents(file_place());
}

/* What this file system can do. */
static void learn(void)
{
	int fd = open("probe", O_RDWR | O_CREAT, 0600);

	NEED(fd >= 0);
	close(open("probe2", O_RDWR | O_CREAT, 0600));
	attributes = fsetxattr(fd, "user.a", "", 0, 0) == 0;
	exchange = syscall(SYS_renameat2, AT_FDCWD, "probe", AT_FDCWD,
			   "probe2", EXCHANGE) == 0;
	close(fd);
	fd = open("probe", O_RDWR | O_DIRECT);
	direct = fd >= 0;
	close(fd);
	unlink("probe");
	unlink("probe2");
}

static void storm(int me, long count)
{
	char name[20];
	long n;

	sprintf(name, "own%d", me);
	NEED(mkdir(name, 0755) == 0 && chdir(name) == 0);
	umask(0);
	learn();
	nodes[1] = (struct node){ .kind = DIR_NODE, .links = 1, .parent = 1 };
	for (n = 0; n < count; n++) {
		if (one_operation() || (n % 4096 == 4095 && check_all())) {
			printf("# process %d: operation %ld\n", me, n);
			CHECK(!"the tree is the model");
			fflush(stdout);
			return;
		}
		if (n % TELL == TELL - 1) {
			printf("# process %d: %ld done\n", me, n + 1);
			fflush(stdout);
		}
	}
	CHECK(!check_all());
}

TEST(four_trees_are_as_their_models)
{
	const char *base = getenv("TEST_DIR"), *ops = getenv("STORM_OPS");
	const char *first = getenv("STORM_SEED");
	long count = ops ? atol(ops) : 2000;
	int status, bad = 0;
	char name[200];

	alarm(ops ? 0 : TAP_SECONDS);
	snprintf(name, sizeof(name), "%s/fs_storm-XXXXXX", base ? base : "/tmp");
	NEED(mkdtemp(name) != NULL && chdir(name) == 0);
	NEED(mkdir("shared", 0755) == 0);
	fflush(stdout);
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			seed = i + (first ? strtoul(first, NULL, 0) : 1) * 1000;
			storm(i, count / 4);
			fflush(stdout);
			_exit(tap_failed);
		}
	for (int i = 0; i < 4; i++)
		bad += wait(&status) < 0 || status;
	CHECK_EQ(bad, 0);
	printf("# %ld operations\n", count);
}

TAP_MAIN()
