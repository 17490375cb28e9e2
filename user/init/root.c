/* SPDX-License-Identifier: MIT */
/*
 * root.c -- leave the first root file system for one on a disk
 *
 * PROMISE.  With root=WHAT on the kernel's command line, "/" is that file
 * system when switch_root() returns true, /dev, /proc, /sys and /run are on it,
 * and the first root's memory is free again.  On false nothing has changed but
 * the directory /newroot, and the console says why.  Without root= it is true
 * at once.
 *
 *	root=/dev/vda | UUID=... | LABEL=... | PARTUUID=...	rootfstype=ext2
 *	rootflags=OPTIONS			ro | rw		rootwait
 *
 * IDEA.  The first root is memory that the kernel filled from an archive, and
 * can never be unmounted: so its files are deleted, and the new root is moved
 * on top of it.
 *
 *	/  (memory)                          /  (disk)
 *	+- init, bin ...  deleted            +- dev    moved here
 *	+- dev, proc, sys, run  moved        +- proc   moved here ...
 *	`- newroot  (disk)  moved onto /     `- bin ...
 *
 * This program goes on running from a deleted file, which lives until it ends.
 *
 * A disk that was not unmounted says so in its superblock.  It is checked
 * before it is mounted for writing, by its own e2fsck: that and its libraries
 * are copied to memory from a read-only mount, which is then let go.  Checking
 * a file system that is mounted would change blocks under the kernel's hands.
 *
 * SEE.  docs/87-root-on-disk.md.
 * EXERCISES.  1. Why must the deletion not cross mount points, and what would
 * be lost if it did?  2. Why is chroot() alone not enough: what would still be
 * held, and what would /proc/mounts show?
 */

#include "init.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NEW "/newroot"
#define FSCK "/run/fsck"        /* what e2fsck needs, in memory */
#define E2FSCK "/sbin/e2fsck"
#define LOADER "/lib64/ld-linux-x86-64.so.2"
#define WAIT_SECONDS 10

/* The start of ext2's superblock, 1024 bytes into the disk. */
struct superblock {
	uint8_t counts[56];
	uint16_t magic;
	uint16_t state;
	uint8_t revision[44];
	uint8_t uuid[16];
	char label[16];
};

enum { SUPER_OFFSET = 1024, EXT2_MAGIC = 0xEF53, STATE_CLEAN = 1,
	STATE_ERRORS = 2 };

static_assert(offsetof(struct superblock, magic) == 56, "ext2");
static_assert(offsetof(struct superblock, uuid) == 104, "ext2");
static_assert(offsetof(struct superblock, label) == 120, "ext2");

/* The value of NAME=VALUE on the kernel's command line, "" for a bare NAME; or
 * NULL.  The last one counts.  The string is never freed: there are few. */
static const char *boot_word(const char *name)
{
	static char line[4096];
	size_t length = strlen(name);
	const char *value = NULL;
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = '\0';
	for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
		if (!strncmp(word, name, length) &&
		    (word[length] == '=' || !word[length]))
			value = word + length + (word[length] == '=');
	return value ? strdup(value) : NULL;
}

static bool read_super(const char *device, struct superblock *sb)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 &&
		pread(fd, sb, sizeof(*sb), SUPER_OFFSET) == sizeof(*sb) &&
		sb->magic == EXT2_MAGIC;

	if (fd >= 0)
		close(fd);
	return good;
}

/* Does the file system on `device` bear this UUID or label? */
static bool bears(const char *device, const char *kind, const char *wanted)
{
	struct superblock sb;
	char uuid[40];
	int n = 0;

	if (!read_super(device, &sb))
		return false;
	if (!strcmp(kind, "LABEL"))
		return !strncmp(sb.label, wanted, sizeof(sb.label));
	for (int i = 0; i < 16; i++)
		n += sprintf(uuid + n, "%s%02x", i == 4 || i == 6 || i == 8 ||
			     i == 10 ? "-" : "", sb.uuid[i]);
	return !strcasecmp(uuid, wanted);
}

/* Is the partition `name` the one whose table entry bears this id?  The kernel
 * says it in the partition's uevent. */
static bool is_partition(const char *name, const char *wanted)
{
	char path[96], line[160];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/block/%s/uevent", name);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		found = !strncmp(line, "PARTUUID=", 9) &&
			!strcasecmp(line + 9, wanted);
	}
	if (f)
		fclose(f);
	return found;
}

/* Look at each block device in /proc/partitions. */
static bool find_by_name(const char *kind, const char *wanted, char *device)
{
	char name[64], line[160];
	bool found = false;
	FILE *f = fopen("/proc/partitions", "re");

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*u %*u %*u %63s", name) != 1)
			continue;
		snprintf(device, PATH_SIZE, "/dev/%s", name);
		found = !strcmp(kind, "PARTUUID") ? is_partition(name, wanted)
						  : bears(device, kind, wanted);
	}
	if (f)
		fclose(f);
	return found;
}

static bool find_once(const char *root, char *device)
{
	struct stat st;

	if (!strncmp(root, "UUID=", 5))
		return find_by_name("UUID", root + 5, device);
	if (!strncmp(root, "LABEL=", 6))
		return find_by_name("LABEL", root + 6, device);
	if (!strncmp(root, "PARTUUID=", 9))
		return find_by_name("PARTUUID", root + 9, device);
	snprintf(device, PATH_SIZE, "%s%s", root[0] == '/' ? "" : "/dev/", root);
	return stat(device, &st) == 0 && S_ISBLK(st.st_mode);
}

/* Drivers may still be looking for their disks. */
static bool find_root(const char *root, char *device)
{
	const struct timespec nap = { .tv_nsec = 20 * 1000 * 1000 };

	for (int i = 0; i < WAIT_SECONDS * 50; i++) {
		if (find_once(root, device))
			return true;
		nanosleep(&nap, NULL);
	}
	say("root=%s: no such disk after %d s", root, WAIT_SECONDS);
	return false;
}

/* Mount on NEW: as rootfstype= says, or as the first type that fits. */
static bool mount_root(const char *device, unsigned long flags)
{
	const char *type = boot_word("rootfstype");
	const char *options = boot_word("rootflags");
	static const char *const usual[] = { "ext2", "ext4", "iso9660" };

	mkdir(NEW, 0755);
	if (type && mount(device, NEW, type, flags, options) == 0)
		return true;
	for (unsigned i = 0; !type && i < sizeof(usual) / sizeof(usual[0]); i++)
		if (mount(device, NEW, usual[i], flags, options) == 0)
			return true;
	say("mount %s%s%s: %s", device, type ? " as " : "", type ? type : "",
	    strerror(errno));
	return false;
}

/* Call work(arg) in a child whose "/" is `top`; its status, or -1. */
static int below(const char *top, int (*work)(const char *), const char *arg)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		reset_signals();
		if (chroot(top) < 0 || chdir("/") < 0)
			_exit(127);
		_exit(work(arg));
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool copy_to_memory(const char *path)
{
	char to[PATH_SIZE];

	snprintf(to, sizeof(to), FSCK "%.192s", path);
	return copy_file(path, to);
}

/* The dynamic loader itself says which libraries a program needs. */
static int copy_checker(const char *program)
{
	bool good = access(program, X_OK) == 0 && copy_to_memory(program);
	FILE *out = good ? popen(LOADER " --list " E2FSCK, "re") : NULL;
	char line[512], path[PATH_SIZE];

	if (!out)
		return 1;
	while (fgets(line, sizeof(line), out)) {
		const char *at = strstr(line, "=> ");

		at = at ? at + 3 : line + strspn(line, " \t");
		if (at[0] == '/' && sscanf(at, "%192s", path) == 1)
			good = copy_to_memory(path) && good;
	}
	return pclose(out) == 0 && good ? 0 : 1;
}

static int run_checker(const char *device)
{
	char *const argv[] = { E2FSCK, "-p", (char *)device, NULL };

	execve(argv[0], argv, login_environment);
	return 127;
}

/* Have e2fsck and its libraries in memory, from the disk, which stays
 * unmounted. */
static bool fetch_checker(const char *device)
{
	bool good;

	if (!mount_root(device, MS_RDONLY))
		return false;
	good = mount("/run", NEW "/run", NULL, MS_BIND, NULL) == 0 &&
		below(NEW, copy_checker, E2FSCK) == 0;
	umount(NEW "/run");
	if (umount(NEW) < 0)
		good = false;
	if (!good)
		say("no e2fsck on %s: it goes unchecked", device);
	return good;
}

static int delete_one(const char *path, const struct stat *st, int kind,
		      struct FTW *where)
{
	(void)st;
	(void)where;
	if (kind == FTW_DP)
		rmdir(path);
	else
		unlink(path);
	return 0;
}

/* Delete a tree, but nothing that is mounted on it. */
static void delete_tree(const char *top)
{
	nftw(top, delete_one, 16, FTW_PHYS | FTW_MOUNT | FTW_DEPTH);
}

/* Check a disk that was not unmounted; false: it may only be read. */
static bool check_root(const char *device)
{
	int status;

	say("%s was not unmounted: checking it", device);
	if (!fetch_checker(device))
		return true;
	mkdir(FSCK "/dev", 0755);
	mkdir(FSCK "/proc", 0755);
	mount("/dev", FSCK "/dev", NULL, MS_BIND, NULL);
	mount("/proc", FSCK "/proc", NULL, MS_BIND, NULL);
	status = below(FSCK, run_checker, device);
	umount(FSCK "/dev");
	umount(FSCK "/proc");
	delete_tree(FSCK);
	if (status >= 0 && status < 4)
		return true;
	say("e2fsck -p %s ended with %d: mounting it read-only", device, status);
	return false;
}

/* A file of tools/vm --put; /run is moved to the new root afterwards. */
static void carry(const char *path)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	snprintf(from, sizeof(from), "/carried%.192s", path);
	snprintf(to, sizeof(to), "%s%.192s",
		 strncmp(path, "/run/", 5) ? NEW : "", path);
	copy_file(from, to);
}

static void move_mounts(void)
{
	static const char *const all[] = { "/dev", "/proc", "/sys", "/run" };

	umount("/tmp");
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char to[PATH_SIZE];

		snprintf(to, sizeof(to), NEW "%.192s", all[i]);
		mkdir(to, 0755);
		if (mount(all[i], to, NULL, MS_MOVE, NULL) < 0)
			say("move %s: %s", all[i], strerror(errno));
	}
}

static bool step_over(void)
{
	if (chdir(NEW) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 ||
	    chroot(".") < 0 || chdir("/") < 0) {
		say("move " NEW " to /: %s", strerror(errno));
		return false;
	}
	return true;
}

bool root_on_disk(void)
{
	return boot_word("root") != NULL;
}

bool switch_root(void)
{
	const char *root = boot_word("root");
	char device[PATH_SIZE];
	struct superblock sb;
	unsigned long flags = boot_word("ro") ? MS_RDONLY : 0;

	if (!root)
		return true;
	if (!find_root(root, device))
		return false;
	if (!flags && read_super(device, &sb) &&
	    (!(sb.state & STATE_CLEAN) || (sb.state & STATE_ERRORS)) &&
	    !check_root(device))
		flags = MS_RDONLY;
	if (!mount_root(device, flags))
		return false;
	for_each_line(TASKS "/carry", carry);
	move_mounts();
	delete_tree("/");
	return step_over();
}
