/* SPDX-License-Identifier: MIT */
/*
 * mounts.c -- the file systems that every program expects to find
 *
 * A kernel may lack one of them (ENODEV) or may have mounted it already
 * (EBUSY); neither is worth a word.  Anything else is.
 */

#include "init.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct entry {
	const char *type, *where, *options;
	unsigned long flags;
} table[] = {
	{ "proc", "/proc", "", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "sysfs", "/sys", "", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "tracefs", "/sys/kernel/tracing", "",
	  MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
	{ "devpts", "/dev/pts", "gid=5,mode=0620,ptmxmode=0666", MS_NOSUID },
	{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV },
	{ "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV },
	{ "tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV },
};

static const struct {
	const char *target, *name;
} links[] = {
	{ "/proc/self/fd", "/dev/fd" }, { "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" }, { "/proc/self/fd/2", "/dev/stderr" },
	{ "/proc/mounts", "/etc/mtab" },
};

void mount_all(void)
{
	umask(0022);
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct entry *e = &table[i];

		mkdir(e->where, 0755);
		if (mount(e->type, e->where, e->type, e->flags, e->options) < 0 &&
		    errno != ENODEV && errno != EBUSY && errno != ENOENT)
			say("mount %s on %s: %s", e->type, e->where,
			    strerror(errno));
	}
	/* They are usually there already; a failure shows when they are
	 * used. */
	for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i].target, links[i].name) < 0)
			continue;
}

static void mount_share(const char *tag)
{
	char where[PATH_SIZE];

	snprintf(where, sizeof(where), "/mnt/%.192s", tag);
	mkdir(where, 0755);
	if (mount(tag, where, "9p", 0, "trans=virtio,version=9p2000.L") < 0)
		say("mount %s on %s: %s", tag, where, strerror(errno));
}

/* The host's folders that tools/vm --share shows us: /mnt/share and on. */
void mount_shares(void)
{
	for_each_line(TASKS "/share", mount_share);
}

/*
 * Unmount what can be: last mounted, first gone, as a later mount may lie on
 * an earlier one.  A disk that stays busy is at least made read-only, which
 * writes it all and marks it clean; the root on disk always ends so.
 */
void unmount_all(void)
{
	char where[32][128];
	int n = 0;
	FILE *mounts = fopen("/proc/mounts", "re");

	if (!mounts)
		return;
	while (n < 32 && fscanf(mounts, "%*s %127s %*[^\n]", where[n]) == 1)
		n++;
	fclose(mounts);
	while (n-- > 0) {
		bool root = !strcmp(where[n], "/");

		if (!root && umount2(where[n], 0) == 0)
			continue;
		if (!strncmp(where[n], "/dev", 4))
			continue;
		if (mount(NULL, where[n], NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0
		    && root && root_on_disk())
			say("the root stays writable: %s", strerror(errno));
	}
}
