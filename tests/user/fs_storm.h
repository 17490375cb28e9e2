/* SPDX-License-Identifier: MIT */
#ifndef FS_STORM_H
#define FS_STORM_H
/*
 * fs_storm.h -- the model of a tree, and the operations on names
 *
 * For fs_storm.c, which has the contents, the checks and the storm itself.
 */

#include "faults.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define NODES 40
#define NAMES 9                 /* in a directory */
#define DIRS 8
#define PAST 40                 /* operations on a file that are remembered */
#define TELL 10000              /* operations between two signs of life */
#define MOST (96 * 1024)
#define SECTOR 4096
#define NOREPLACE 1
#define EXCHANGE 2

enum kind { FREE, FILE_NODE, DIR_NODE, LINK_NODE };

struct node {
	enum kind kind;
	int links;              /* names that lead here */
	int parent, slot;       /* of a directory */
	int child[NAMES];       /* of a directory: nodes, 0 is none */
	long size;
	unsigned char *data;    /* MOST bytes, zeroes behind the end */
	unsigned char *map;     /* a mapping that is kept for a while, or NULL */
	unsigned mode;
	int attr_size;          /* -1: none */
	char attr[80];          /* the attribute, or the symbolic link's text */
	struct deed { const char *what; long from, count; } deeds[PAST];
	int nr_deeds;           /* all so far; the last PAST are remembered */
};

struct place { int dir, slot; };

static struct node nodes[NODES];        /* nodes[1] is the root */
static unsigned char buf[MOST + SECTOR] __attribute__((aligned(SECTOR)));
static unsigned long seed;
static unsigned char stamp;
static bool attributes, exchange, direct;

static unsigned long any(unsigned long below)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return below ? (seed >> 33) % below : 0;
}

/* The path of a directory, "." or "./a/b"; returns its end. */
static char *dir_path(char *to, int dir)
{
	if (dir == 1)
		return to + sprintf(to, ".");
	to = dir_path(to, nodes[dir].parent);
	return to + sprintf(to, "/name-%d", nodes[dir].slot);
}

static const char *path_of(struct place p)
{
	static char paths[4][DIRS * 12 + 20];
	static int turn;
	char *path = paths[turn++ & 3];

	sprintf(dir_path(path, p.dir), "/name-%d", p.slot);
	return path;
}

static int at(struct place p)
{
	return nodes[p.dir].child[p.slot];
}

static bool is_dir(int n)
{
	return n && nodes[n].kind == DIR_NODE;
}

static bool is_empty(int n)
{
	for (int i = 0; i < NAMES; i++)
		if (nodes[n].child[i])
			return false;
	return true;
}

static struct place any_place(void)
{
	struct place p = { .slot = any(NAMES) };

	do
		p.dir = any(NODES);
	while (nodes[p.dir].kind != DIR_NODE);
	return p;
}

/* A place where a file is, most of the time. */
static struct place file_place(void)
{
	struct place p;
	int tries = 0;

	do
		p = any_place();
	while (++tries < 200 && (!at(p) || nodes[at(p)].kind != FILE_NODE));
	return p;
}

static int new_node(enum kind kind)
{
	int n, dirs = 0;

	for (n = 2; n < NODES; n++)
		dirs += nodes[n].kind == DIR_NODE;
	if (kind == DIR_NODE && dirs >= DIRS)
		return 0;
	for (n = 2; n < NODES && nodes[n].kind != FREE; n++)
		;
	if (n == NODES)
		return 0;
	nodes[n] = (struct node){ .kind = kind, .links = 1, .attr_size = -1 };
	if (kind == FILE_NODE)
		NEED((nodes[n].data = calloc(1, MOST)) != NULL);
	return n;
}

static void put_node(int n)
{
	struct node *node = &nodes[n];

	if (!n || --node->links)
		return;
	if (node->map)
		munmap(node->map, MOST);
	free(node->data);
	node->kind = FREE;
}

static void set(struct place p, int n)
{
	nodes[p.dir].child[p.slot] = n;
	if (is_dir(n)) {
		nodes[n].parent = p.dir;
		nodes[n].slot = p.slot;
	}
}

/* Did the call give what was foretold: 0, or this errno? */
static int expect(long got, int wanted, const char *call, struct place p)
{
	int err = got < 0 ? errno : 0;

	if (err == wanted)
		return 0;
	printf("# %s of %s gave errno %d, not %d\n", call, path_of(p), err,
	       wanted);
	return 1;
}

/* -- names ----------------------------------------------------------------- */

static int do_create(struct place p, enum kind kind)
{
	const char *path = path_of(p);
	int n = at(p) ? 0 : new_node(kind), fd = -1;
	unsigned mode = 0600 | any(0100);
	char text[80];

	if (!at(p) && !n)
		return 0;
	memset(text, 'a' + any(26), sizeof(text));
	text[any(79) + 1] = 0;
	if (kind == FILE_NODE)
		fd = open(path, O_CREAT | O_EXCL | O_RDWR, mode);
	else if (kind == DIR_NODE)
		fd = mkdir(path, mode | 0700);
	else
		fd = symlink(text, path);
	if (expect(fd, n ? 0 : EEXIST, "making", p))
		return 1;
	if (fd >= 0 && kind == FILE_NODE)
		close(fd);
	if (n) {
		nodes[n].mode = kind == DIR_NODE ? mode | 0700 : mode;
		if (kind == LINK_NODE)
			strcpy(nodes[n].attr, text);
		set(p, n);
	}
	return 0;
}

static int do_unlink(struct place p)
{
	int n = at(p), wanted = !n ? ENOENT : is_dir(n) ? EISDIR : 0;

	if (expect(unlink(path_of(p)), wanted, "unlink", p))
		return 1;
	if (!wanted) {
		set(p, 0);
		put_node(n);
	}
	return 0;
}

static int do_rmdir(struct place p)
{
	int n = at(p), wanted = !n ? ENOENT : !is_dir(n) ? ENOTDIR :
		!is_empty(n) ? ENOTEMPTY : 0;

	if (expect(rmdir(path_of(p)), wanted, "rmdir", p))
		return 1;
	if (!wanted) {
		set(p, 0);
		put_node(n);
	}
	return 0;
}

static int do_link(struct place from, struct place to)
{
	int n = at(from), wanted = !n ? ENOENT : at(to) ? EEXIST :
		is_dir(n) ? EPERM : 0;

	if (expect(link(path_of(from), path_of(to)), wanted, "link", from))
		return 1;
	if (!wanted) {
		nodes[n].links++;
		set(to, n);
	}
	return 0;
}

/* Is `dir` the directory `n`, or somewhere in it? */
static bool below(int dir, int n)
{
	for (; dir != n; dir = nodes[dir].parent)
		if (dir == 1)
			return false;
	return true;
}

static int rename_error(struct place from, struct place to, int flags)
{
	int a = at(from), b = at(to);

	if (!a)
		return ENOENT;
	if (flags == NOREPLACE && b)
		return EEXIST;
	if (flags == EXCHANGE && !b)
		return ENOENT;
	if (is_dir(a) && from.dir != to.dir && below(to.dir, a))
		return EINVAL;
	if (is_dir(b) && from.dir != to.dir && below(from.dir, b))
		return flags == EXCHANGE ? EINVAL : ENOTEMPTY;
	if (a == b || !b || flags == EXCHANGE)
		return 0;
	if (is_dir(a) != is_dir(b))
		return is_dir(a) ? ENOTDIR : EISDIR;
	return is_dir(b) && !is_empty(b) ? ENOTEMPTY : 0;
}

static int do_rename(struct place from, struct place to)
{
	int flags = any(4), a = at(from), b = at(to), wanted;

	if (flags == 3 || (flags == EXCHANGE && !exchange))
		flags = 0;
	wanted = rename_error(from, to, flags);
	if (expect(syscall(SYS_renameat2, AT_FDCWD, path_of(from), AT_FDCWD,
			   path_of(to), flags), wanted, "rename", from)) {
		printf("# to %s, flags %d\n", path_of(to), flags);
		return 1;
	}
	if (wanted || a == b)
		return 0;
	set(to, a);
	set(from, flags == EXCHANGE ? b : 0);
	if (flags != EXCHANGE)
		put_node(b);
	return 0;
}

#endif
