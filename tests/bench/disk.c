/* SPDX-License-Identifier: MIT */
/*
 * disk.c -- what files on a disk cost
 *
 * PROMISE.  Rows in nanoseconds for each file, call or MiB (the name says
 * which: _mib), or for the whole of a command.  Rows named cold_ begin with an
 * empty page cache, the others with a full one.
 *
 * IDEA.  The same order on each kernel, as one row prepares the next: the files
 * that are created are then looked at, then deleted.  Rows that are cheap are
 * run several times and the least counts; those that write much are run once,
 * and tools/bench takes the median of several boots.
 */

#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 2000
#define TIMES 3
#define MIB (1 << 20)
#define BIG_MIB 64
#define HUGE_MIB 256
#define RANDOM_READS 1000
#define SYNCS 50

static char block[MIB];
static const char *wanted;

/* Time one thing `times` times, the least counts; `per` operations each. */
static void row(const char *name, void (*run)(void), int times, long per)
{
	int64_t best = INT64_MAX;

	if (wanted && !strstr(name, wanted) && times > 1)
		return;
	for (int i = 0; i < times; i++) {
		int64_t start = now(), spent;

		run();
		spent = now() - start;
		if (spent < best)
			best = spent;
	}
	report(name, best / per);
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	if (fd < 0 || write(fd, "3\n", 2) != 2)
		die("drop_caches");
	close(fd);
}

static const char *file_name(int i)
{
	static char name[32];

	snprintf(name, sizeof(name), "files/f%d", i);
	return name;
}

static void create_sized(size_t size)
{
	for (int i = 0; i < FILES; i++) {
		int fd = open(file_name(i), O_WRONLY | O_CREAT | O_EXCL, 0644);

		if (fd < 0 || write(fd, block, size) != (ssize_t)size)
			die("create");
		close(fd);
	}
}

static void create_0k(void)
{
	create_sized(0);
}

static void create_10k(void)
{
	create_sized(10 << 10);
}

static void delete_all(void)
{
	for (int i = 0; i < FILES; i++)
		if (unlink(file_name(i)) < 0)
			die("unlink");
}

static void stat_all(void)
{
	struct stat st;

	for (int i = 0; i < FILES; i++)
		if (stat(file_name(i), &st) < 0)
			die("stat");
}

static void open_all(void)
{
	for (int i = 0; i < FILES; i++) {
		int fd = open(file_name(i), O_RDONLY);

		if (fd < 0)
			die("open");
		close(fd);
	}
}

static void write_big(const char *name, int mib)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	for (int i = 0; i < mib; i++)
		if (write(fd, block, MIB) != MIB)
			die("write");
	if (fsync(fd) < 0)
		die("fsync");
	close(fd);
}

static void write_huge(void)
{
	write_big("huge", HUGE_MIB);
}

static void read_big(void)
{
	int fd = open("big", O_RDONLY);

	for (int i = 0; i < BIG_MIB * 16; i++)
		if (read(fd, block, MIB / 16) != MIB / 16)
			die("read");
	close(fd);
}

static void map_big(void)
{
	int fd = open("big", O_RDONLY);
	volatile char *p = mmap(NULL, BIG_MIB * MIB, PROT_READ, MAP_SHARED, fd, 0);
	long sum = 0;

	if (p == MAP_FAILED)
		die("mmap");
	for (long i = 0; i < BIG_MIB * (long)MIB; i += 64)
		sum += p[i];
	munmap((void *)p, BIG_MIB * MIB);
	close(fd);
	if (sum == 1)
		die("nothing");
}

static void read_randomly(void)
{
	int fd = open("big", O_RDONLY);
	unsigned random = 12345;

	for (int i = 0; i < RANDOM_READS; i++) {
		random = random * 1103515245 + 12345;
		if (pread(fd, block, 4096, (random >> 8) % (BIG_MIB * 256) * 4096L)
		    != 4096)
			die("pread");
	}
	close(fd);
}

static void write_and_sync(void)
{
	int fd = open("synced", O_WRONLY | O_CREAT, 0644);

	for (int i = 0; i < SYNCS; i++)
		if (pwrite(fd, block, 4096, i * 4096L) != 4096 || fsync(fd) < 0)
			die("fsync");
	close(fd);
}

static void exec_true(void)
{
	for (int i = 0; i < 100; i++) {
		pid_t pid = vfork();
		int status;

		if (pid == 0) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(127);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			die("/bin/true");
	}
}

/* Run a line by the shell and report what it took. */
static void command(const char *name, const char *line)
{
	int64_t start;

	if (wanted && !strstr(name, wanted))
		return;
	start = now();
	if (system(line) != 0)
		die(line);
	report(name, now() - start);
}

static void write_sql(const char *path, int inserts, int together)
{
	FILE *f = fopen(path, "w");

	fprintf(f, "create table if not exists t (a integer primary key, b text);\n");
	if (together)
		fprintf(f, "begin;\n");
	for (int i = 0; i < inserts; i++)
		fprintf(f, "insert into t (b) values ('row number %d');\n", i);
	if (together)
		fprintf(f, "commit;\n");
	fclose(f);
}

static void file_rows(void)
{
	mkdir("files", 0755);
	row("create_0k", create_0k, 1, FILES);
	row("stat_file", stat_all, TIMES, FILES);
	row("open_close_file", open_all, TIMES, FILES);
	row("delete_0k", delete_all, 1, FILES);
	row("create_10k", create_10k, 1, FILES);
	row("delete_10k", delete_all, 1, FILES);
}

static void data_rows(void)
{
	write_big("big", BIG_MIB);
	row("reread_mib", read_big, TIMES, BIG_MIB);
	row("mmap_reread_mib", map_big, TIMES, BIG_MIB);
	drop_caches();
	row("cold_read_mib", read_big, 1, BIG_MIB);
	drop_caches();
	row("cold_random_4k", read_randomly, 1, RANDOM_READS);
	row("write_fsync_4k", write_and_sync, 1, SYNCS);
	row("write_256_mib", write_huge, 1, HUGE_MIB);
	unlink("huge");
}

static void program_rows(void)
{
	row("exec_bin_true", exec_true, TIMES, 100);
	drop_caches();
	command("cold_find_xdev", "find / -xdev > /dev/null");
	command("find_xdev", "find / -xdev > /dev/null");
	if (access("/root/bench.tar", R_OK) == 0)
		command("untar_10000", "tar xf /root/bench.tar");
	write_sql("one.sql", 10000, 1);
	command("sqlite_10000_one", "sqlite3 one.db < one.sql");
	write_sql("many.sql", 200, 0);
	command("sqlite_200_single", "sqlite3 many.db < many.sql");
}

void disk_rows(const char *folder, const char *only)
{
	wanted = only;
	mkdir(folder, 0755);
	if (chdir(folder) < 0)
		die(folder);
	memset(block, 'x', sizeof(block));
	file_rows();
	data_rows();
	program_rows();
}
