/* SPDX-License-Identifier: MIT */
#ifndef TESTS_USER_TRACEFS_H
#define TESTS_USER_TRACEFS_H
/* tracefs.h -- reading and writing the files of /sys/kernel/tracing */

#include "tap.h"

#include <fcntl.h>
#include <sys/mount.h>

static const char *dir = "/sys/kernel/tracing";

static inline int file(const char *name, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return open(path, flags);
}

static inline int put(const char *name, const char *text)
{
	int fd = file(name, O_WRONLY), n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	errno = -n;
	return n ? -1 : 0;
}

/* The file's text, in a buffer of ours. */
static inline char *get(const char *name)
{
	static char text[1 << 18];
	int fd = file(name, O_RDONLY);
	size_t have = 0;
	ssize_t n;

	NEED(fd >= 0);
	while (have < sizeof(text) - 1 &&
	       (n = read(fd, text + have, sizeof(text) - 1 - have)) > 0)
		have += n;
	close(fd);
	text[have] = '\0';
	return text;
}

/* What is opened to be truncated is emptied; what is written does not
 * matter. */
static inline int clear(void)
{
	int fd = file("trace", O_WRONLY | O_TRUNC);

	close(fd);
	return fd < 0 ? -1 : 0;
}

static inline void need_tracing(void)
{
	int fd;

	if (access("/etc/lantern", F_OK) || geteuid())
		SKIP("not in a guest of the tests");
	mount("tracefs", dir, "tracefs", 0, NULL);
	fd = file("trace", O_RDONLY);
	if (fd < 0)
		SKIP("no tracefs here");
	close(fd);
	put("events/enable", "0");
	put("tracing_on", "1");
	clear();
}

#endif
