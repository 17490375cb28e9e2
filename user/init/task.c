/* SPDX-License-Identifier: MIT */
/*
 * task.c -- what tools/vm asks of this boot, and copying files
 *
 * It puts small files into /etc/lantern of the first root file system.  That
 * root may be left for one on disk, so they are first copied to /run/lantern,
 * in memory, where every other file of this program reads them:
 *
 *	cmd, script	run.c		one command instead of a shell
 *	winsize		console.c	how large the person's terminal is
 *	modules		task.c		Linux only: drivers to load, in order
 *	carry		root.c		files to copy to the root on disk
 *	net, udhcpc	net.c		how eth0 gets its address
 *	hint		console.c	what to tell the person who logs in
 *	share		mounts.c	tags of folders that the host shows us
 */

#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FROM "/etc/lantern"

/* Make the directories above path. */
static void make_parents(const char *path)
{
	char name[PATH_SIZE];

	snprintf(name, sizeof(name), "%s", path);
	for (char *slash = name + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(name, 0755);
		*slash = '/';
	}
}

static bool copy_bytes(int in, int out)
{
	char buffer[16384];
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0; done < n; ) {
			ssize_t w = write(out, buffer + done, n - done);

			if (w < 0)
				return false;
			done += w;
		}
	return n == 0;
}

bool copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	struct stat st = { 0 };
	bool good = false;

	make_parents(to);
	if (in >= 0 && fstat(in, &st) == 0)
		out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			   st.st_mode & 07777);
	if (out >= 0)
		good = copy_bytes(in, out);
	if (!good)
		say("copy %s to %s: %s", from, to, strerror(errno));
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return good;
}

void tasks_collect(void)
{
	DIR *folder = opendir(FROM);
	struct dirent *e;

	if (!folder)
		return;
	while ((e = readdir(folder))) {
		char from[PATH_SIZE], to[PATH_SIZE];

		if (e->d_name[0] == '.')
			continue;
		snprintf(from, sizeof(from), FROM "/%.192s", e->d_name);
		snprintf(to, sizeof(to), TASKS "/%.192s", e->d_name);
		copy_file(from, to);
	}
	closedir(folder);
}

void for_each_line(const char *path, void (*use)(const char *line))
{
	char line[PATH_SIZE];
	FILE *f = fopen(path, "re");

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0])
			use(line);
	}
	fclose(f);
}

static void load_module(const char *name)
{
	char path[PATH_SIZE];
	int fd;

	snprintf(path, sizeof(path), "/lib/modules/%.192s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 &&
		       errno != EEXIST))
		say("module %s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
}

void modules_load(void)
{
	for_each_line(TASKS "/modules", load_module);
}
