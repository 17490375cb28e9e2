/* SPDX-License-Identifier: MIT */
/*
 * bdb_log.c -- a database's log: what fdatasync spares and fsync does not
 * (AP098)
 *
 * The log files have their full size before they are used, so that a record
 * changes no metadata but the times, and fdatasync() need write nothing but the
 * record.  Counted in sectors, of the disk that TEST_DIR is on.
 */

#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define LOG_BYTES (10 << 20)
#define RECORD 4096
#define ROUNDS 8

static char data[1 << 20];

/* Sectors written to the disk so far; -1: it is on none. */
static long sectors_written(dev_t dev)
{
	FILE *f = fopen("/proc/diskstats", "r");
	unsigned major, minor;
	long sectors, found = -1;
	char line[300];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%u %u %*s %*u %*u %*u %*u %*u %*u %ld",
			   &major, &minor, &sectors) == 3 &&
		    makedev(major, minor) == dev)
			found = sectors;
	if (f)
		fclose(f);
	return found;
}

static int own_log(int number)
{
	char name[20];
	int fd;

	snprintf(name, sizeof(name), "log.%010d", number);
	CHECK_EQ(strlen(name), 14);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	NEED(fd >= 0);
	for (long at = 0; at < LOG_BYTES; at += sizeof(data))
		NEED(pwrite(fd, data, sizeof(data), at) == sizeof(data));
	NEED(fsync(fd) == 0);
	return fd;
}

/* Write some records, each made durable by `sync`; what the disk got. */
static long append_records(int fd, dev_t dev, int (*sync_file)(int))
{
	long before = sectors_written(dev);

	for (int i = 0; i < ROUNDS; i++) {
		usleep(12000);        /* so that the file's times change */
		CHECK_EQ(pwrite(fd, data, RECORD, i * RECORD), RECORD);
		CHECK_EQ(sync_file(fd), 0);
	}
	return sectors_written(dev) - before;
}

TEST(fdatasync_writes_records_and_no_inode)
{
	const char *base = getenv("TEST_DIR");
	long by_fdatasync, by_fsync, least = ROUNDS * RECORD / 512;
	char name[200];
	struct stat st;
	int fd;

	snprintf(name, sizeof(name), "%s/bdb-XXXXXX", base ? base : "/tmp");
	NEED(mkdtemp(name) != NULL && chdir(name) == 0);
	NEED(stat(".", &st) == 0);
	if (sectors_written(st.st_dev) < 0)
		SKIP("TEST_DIR is not on a disk");
	fd = own_log(1);
	close(own_log(2));
	sync();                       /* nothing else is to be written */
	by_fdatasync = append_records(fd, st.st_dev, fdatasync);
	by_fsync = append_records(fd, st.st_dev, fsync);
	printf("# %ld sectors of records: %ld by fdatasync, %ld by fsync\n",
	       least, by_fdatasync, by_fsync);
	/* The flusher may have something of its own to write: once. */
	CHECK(by_fdatasync >= least && by_fdatasync < least + ROUNDS * 2);
	CHECK(by_fsync >= by_fdatasync + ROUNDS);
	close(fd);
}

TAP_MAIN()
