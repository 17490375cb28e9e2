/* SPDX-License-Identifier: MIT */
/*
 * fsynced.c -- a load that says what it has made durable
 *
 * usage: fsynced DIR SEED [WORKERS [churn]]
 *
 * PROMISE.  A line `kept NAME SIZE CRC` on standard output means: the file has
 * that size and content, and fsync() of it and of its directory has returned.
 * A line `gone NAME` means the same of its absence.  `doing NAME` comes before
 * NAME is changed again: from then on either state is right.  tests/boot/
 * disks.py pulls the plug at any time, and holds the disk against the lines.
 *
 * IDEA.  Each worker has a directory of its own, and for ever makes new files
 * or appends to old ones; now and then it writes one without fsync, for a disk
 * whose cache is always in order proves nothing.  With `churn` it also deletes
 * and replaces.  ext2 keeps no journal: a block that was freed, whose freeing
 * was never asked onto the disk, may belong to two files there, which e2fsck -p
 * leaves to a person.  So Linux fails with `churn`, and the plain load is the
 * test.  A line is one write(2), so that those of several workers do not mix.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define NAMES 400
#define CHURN_NAMES 12
#define FULL (60 << 20)        /* bytes that a worker writes, at most */
#define LARGEST (600 * 1024)

static uint64_t random_state;
static int churn;
static int nr_names, nr_noise;
static size_t written;
static unsigned char data[LARGEST];
static size_t sizes[NAMES];     /* of what is in each file now; 0: no file */
static uint32_t crcs[NAMES];

static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* zlib's CRC-32, continued from `crc`. */
static uint32_t crc32(uint32_t crc, const unsigned char *bytes, size_t n)
{
	crc = ~crc;
	while (n--) {
		crc ^= *bytes++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	return ~crc;
}

static void die(const char *what)
{
	dprintf(1, "failed %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* Most files are small, some reach the indirect blocks. */
static size_t random_size(void)
{
	return 1 + random_number() % (random_number() % 4 ? 20000 : LARGEST / 2);
}

static void fill(size_t n)
{
	uint64_t word = random_number();

	for (size_t i = 0; i < n; i++)
		data[i] = (word += 0x9E3779B97F4A7C15) >> 56;
}

static void sync_directory(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	if (fd < 0 || fsync(fd) < 0)
		die("fsync directory");
	close(fd);
}

/* Put n fresh bytes at the end of `path`, and onto the disk if `durable`. */
static void put(const char *path, int flags, size_t n, int durable)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);

	fill(n);
	written += n;
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		die("write");
	if (durable && fsync(fd) < 0)
		die("fsync");
	close(fd);
}

static void rewrite(int i, const char *name, const char *via)
{
	size_t n = random_size();

	put(via, O_TRUNC, n, 1);
	if (via != name && rename(via, name) < 0)
		die("rename");
	sizes[i] = n;
	crcs[i] = crc32(0, data, n);
}

static void append(int i, const char *name)
{
	size_t n = random_size();

	put(name, O_APPEND, n, 1);
	sizes[i] += n;
	crcs[i] = crc32(crcs[i], data, n);
}

static void noise(void)
{
	char name[32];
	int which = churn ? (int)(random_number() % 30) : nr_noise++;

	snprintf(name, sizeof(name), "noise%d", which);
	if (!churn || random_number() % 3)
		put(name, O_TRUNC, random_size(), 0);
	else
		unlink(name);
}

/* One change of one file, and the word that it is durable. */
static void one_step(const char *dir)
{
	int kind = random_number() % 8;
	int i = churn ? (int)(random_number() % CHURN_NAMES) : nr_names;
	char name[32];

	if (kind >= 6) {
		noise();
		return;
	}
	if (!churn && nr_names && (kind < 3 || nr_names == NAMES))
		i = random_number() % nr_names;
	else if (!churn)
		nr_names++;
	snprintf(name, sizeof(name), "f%d", i);
	dprintf(1, "doing %s/%s\n", dir, name);
	tcdrain(1);             /* it is said before it is so */
	if (churn && kind == 0 && sizes[i]) {
		if (unlink(name) < 0)
			die("unlink");
		sizes[i] = 0;
	} else if (sizes[i] && (!churn || kind <= 2)) {
		append(i, name);
	} else {
		rewrite(i, name, kind >= 4 ? "new" : name);
	}
	sync_directory();
	if (sizes[i])
		dprintf(1, "kept %s/%s %zu %u\n", dir, name, sizes[i], crcs[i]);
	else
		dprintf(1, "gone %s/%s\n", dir, name);
}

static void work(const char *dir, uint64_t seed)
{
	random_state = seed * 0x9E3779B97F4A7C15 + 1;
	if ((mkdir(dir, 0755) < 0 && errno != EEXIST) || chdir(dir) < 0)
		die("mkdir");
	sync();
	while (churn || written < FULL)
		one_step(dir);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int workers = argc > 3 ? atoi(argv[3]) : 3;

	churn = argc > 4;
	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: fsynced DIR SEED [WORKERS [churn]]\n");
		return 2;
	}
	for (int i = 0; i < workers; i++) {
		char dir[16];

		snprintf(dir, sizeof(dir), "w%d", i);
		if (fork() == 0)
			work(dir, strtoul(argv[2], NULL, 0) * 16 + i);
	}
	wait(NULL);             /* they never end; one that does has failed */
	return 1;
}
