/* SPDX-License-Identifier: MIT */
/* sysfs.c -- the tree of devices, and who uses which addresses, from outside */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#define NULL_DIR "/sys/class/mem/null"
#define SYSFS_MAGIC 0x62656572

static char text[65536];

static int slurp(const char *path)
{
	int fd = open(path, O_RDONLY), total = 0, n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, text + total, sizeof(text) - 1 - total)) > 0)
		total += n;
	text[total] = '\0';
	close(fd);
	return n < 0 ? -1 : total;
}

static int is_root(void)
{
	return geteuid() == 0;
}

/* fn(directory, entry) for each name but the dots; how many. */
static int each(const char *dir, void (*fn)(const char *, struct dirent *))
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	if (!d)
		return -1;
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		n++;
		if (fn)
			fn(dir, e);
	}
	closedir(d);
	return n;
}

TEST(sys_is_sysfs)
{
	struct statfs sf;

	CHECK_EQ(statfs("/sys", &sf), 0);
	CHECK_EQ(sf.f_type, SYSFS_MAGIC);
	for (const char *const *d = (const char *const[]){
		     "bus", "class", "dev/char", "dev/block", "devices",
		     "firmware", "fs", "kernel", NULL }; *d; d++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/%s", *d);
		CHECK_EQ(access(path, X_OK), 0);
	}
}

TEST(a_device_says_what_it_is)
{
	NEED(slurp(NULL_DIR "/dev") > 0);
	CHECK(strcmp(text, "1:3\n") == 0);
	CHECK(slurp(NULL_DIR "/uevent") > 0);
	CHECK(strstr(text, "MAJOR=1\n") && strstr(text, "MINOR=3\n"));
	CHECK(strstr(text, "DEVNAME=null\n") != NULL);
}

TEST(all_ways_lead_to_one_directory)
{
	char a[PATH_MAX], b[PATH_MAX], link[PATH_MAX] = "";

	NEED(access(NULL_DIR, F_OK) == 0);
	CHECK(realpath(NULL_DIR, a) != NULL);
	CHECK(realpath("/sys/dev/char/1:3", b) != NULL);
	CHECK(strcmp(a, b) == 0);
	CHECK(strcmp(a, "/sys/devices/virtual/mem/null") == 0);
	CHECK(readlink(NULL_DIR, link, sizeof(link) - 1) > 0);
	CHECK(strcmp(link, "../../devices/virtual/mem/null") == 0);
	CHECK(realpath(NULL_DIR "/subsystem", b) != NULL);
	CHECK(strcmp(b, "/sys/class/mem") == 0);
}

TEST(files_have_linux_sizes_and_modes)
{
	struct stat st;

	NEED(stat(NULL_DIR "/dev", &st) == 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(st.st_size, 4096);
	CHECK_EQ(st.st_blocks, 0);
	CHECK_EQ(st.st_mode & 0777, 0444);
	CHECK_EQ(st.st_uid, 0);
	CHECK_EQ(stat(NULL_DIR "/uevent", &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0644);
	CHECK_EQ(stat("/sys/class/mem", &st), 0);
	CHECK_EQ(st.st_mode, S_IFDIR | 0755);
	CHECK_EQ(st.st_nlink, 2);
	CHECK_EQ(lstat(NULL_DIR, &st), 0);
	CHECK_EQ(st.st_mode, S_IFLNK | 0777);
	CHECK_EQ(stat("/sys", &st), 0);
	CHECK_EQ(st.st_ino, 1);
	CHECK_EQ(st.st_mode, S_IFDIR | 0555);
}

static void same_inode(const char *dir, struct dirent *e)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
	if (lstat(path, &st) < 0)
		return;         /* gone meanwhile */
	CHECK_EQ(e->d_ino, st.st_ino);
	CHECK_EQ(e->d_type, IFTODT(st.st_mode));
}

TEST(readdir_and_stat_agree)
{
	CHECK(each("/sys", same_inode) >= 8);
	CHECK(each("/sys/class/mem", same_inode) >= 5);
	NEED(access(NULL_DIR, F_OK) == 0);
	CHECK(each(NULL_DIR "/", same_inode) >= 3);
}

TEST(a_directory_is_read_on_from_a_place)
{
	DIR *d = opendir("/sys/class/tty");
	struct dirent *e;
	char name[256];
	long at;

	NEED(d && readdir(d) && readdir(d) && readdir(d));
	at = telldir(d);
	e = readdir(d);
	NEED(e);
	strcpy(name, e->d_name);
	while (readdir(d))
		;
	seekdir(d, at);
	e = readdir(d);
	CHECK(e && strcmp(e->d_name, name) == 0);
	closedir(d);
}

TEST(reading_in_pieces_gives_one_answer)
{
	char a[256] = "", b[256] = "", c;
	int fd = open(NULL_DIR "/uevent", O_RDONLY), n, i = 0;

	NEED(fd >= 0);
	n = read(fd, a, sizeof(a) - 1);
	CHECK(n > 8);
	CHECK_EQ(read(fd, &c, 1), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	while (read(fd, &c, 1) == 1)
		b[i++] = c;
	CHECK(strcmp(a, b) == 0);
	CHECK_EQ(pread(fd, b, 3, 2), 3);
	CHECK(memcmp(a + 2, b, 3) == 0);
	CHECK_EQ(pread(fd, b, 3, 5000), 0);
	close(fd);
}

TEST(the_tree_is_not_for_users_to_shape)
{
	NEED(is_root() && access(NULL_DIR, F_OK) == 0);
	CHECK_ERR(mkdir("/sys/kernel/newdir", 0755), EPERM);
	CHECK_ERR(rmdir("/sys/class/mem"), EPERM);
	CHECK_ERR(unlink(NULL_DIR "/dev"), EPERM);
	CHECK_ERR(open("/sys/kernel/new", O_CREAT | O_WRONLY, 0644), EACCES);
	CHECK_ERR(symlink("a", "/sys/kernel/link"), EPERM);
	CHECK_ERR(open("/sys/kernel/none", O_RDONLY), ENOENT);
	CHECK_ERR(open(NULL_DIR "/dev/x", O_RDONLY), ENOTDIR);
	CHECK_ERR(open("/sys/class", O_WRONLY), EISDIR);
}

TEST(an_attribute_opens_for_what_it_can)
{
	int fd;

	NEED(is_root() && access("/sys/bus/cpu/drivers_probe", F_OK) == 0);
	CHECK_ERR(open("/sys/bus/cpu/drivers_probe", O_RDONLY), EACCES);
	CHECK_ERR(open(NULL_DIR "/dev", O_WRONLY), EACCES);
	CHECK_ERR(open(NULL_DIR "/dev", O_RDWR), EACCES);
	fd = open("/sys/bus/cpu/drivers_probe", O_WRONLY | O_TRUNC);
	CHECK(fd >= 0);
	CHECK_ERR(write(fd, "nosuchcpu", 9), ENODEV);
	close(fd);
}

TEST(uevent_repeats_an_event_and_counts_it)
{
	long before;
	int fd;

	NEED(is_root() && slurp("/sys/kernel/uevent_seqnum") > 0);
	before = atol(text);
	fd = open(NULL_DIR "/uevent", O_WRONLY);
	NEED(fd >= 0);
	CHECK_EQ(write(fd, "change\n", 7), 7);
	CHECK_ERR(write(fd, "nonsense", 8), EINVAL);
	CHECK_EQ(write(fd, "", 0), 0);
	close(fd);
	CHECK(slurp("/sys/kernel/uevent_seqnum") > 0);
	CHECK(atol(text) > before);
}

TEST(poll_tells_only_of_a_change)
{
	struct pollfd p = { .events = POLLPRI | POLLERR };
	char c[64];

	p.fd = open("/sys/kernel/uevent_seqnum", O_RDONLY);
	NEED(p.fd >= 0);
	CHECK(read(p.fd, c, sizeof(c)) > 0);
	CHECK_EQ(poll(&p, 1, 0), 0);
	p.events = POLLIN;
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN);
	close(p.fd);
}

/* ---- /dev and /sys tell the same ---- */

static int compared;

static void node_matches(const char *dir, struct dirent *e)
{
	unsigned int major, minor;
	char path[PATH_MAX], *name;
	struct stat st;

	if (sscanf(e->d_name, "%u:%u", &major, &minor) != 2)
		return;
	snprintf(path, sizeof(path), "%s/%s/uevent", dir, e->d_name);
	if (slurp(path) <= 0)
		return;
	name = strstr(text, "DEVNAME=");
	CHECK(name != NULL);
	if (!name)
		return;
	name[strcspn(name, "\n")] = '\0';
	snprintf(path, sizeof(path), "/dev/%.200s", name + 8);
	if (stat(path, &st) < 0)
		return;         /* a container shows some only */
	CHECK(S_ISCHR(st.st_mode));
	CHECK_EQ(st.st_rdev, makedev(major, minor));
	compared++;
}

TEST(dev_char_matches_the_nodes)
{
	CHECK(each("/sys/dev/char", node_matches) > 5);
	CHECK(compared > 0);
}

static void leads_somewhere(const char *dir, struct dirent *e)
{
	char path[PATH_MAX];
	struct stat st;

	if (e->d_type != DT_LNK)
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
	CHECK_EQ(stat(path, &st), 0);
	CHECK(S_ISDIR(st.st_mode));
}

static void class_is_whole(const char *dir, struct dirent *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
	each(path, leads_somewhere);
}

TEST(no_class_has_a_dead_link)
{
	CHECK(each("/sys/class", class_is_whole) >= 3);
}

/* ---- the machine ---- */

TEST(cpus_are_counted_as_sysconf_does)
{
	char path[128];
	long last = -1, n = sysconf(_SC_NPROCESSORS_ONLN);
	struct stat st;

	NEED(slurp("/sys/devices/system/cpu/online") > 0);
	if (strchr(text, '-'))
		sscanf(text, "0-%ld", &last);
	else
		last = atol(text);
	CHECK_EQ(last, n - 1);
	CHECK(slurp("/sys/devices/system/cpu/possible") > 0);
	CHECK(slurp("/sys/devices/system/cpu/present") > 0);
	for (long i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%ld/"
			 "topology/core_cpus_list", i);
		CHECK(slurp(path) > 0);
		CHECK(atol(text) <= i);
	}
	CHECK_EQ(lstat("/sys/bus/cpu/devices/cpu0", &st), 0);
}

/* Lines "  start-end : name", each within the one it is indented under. */
static void check_ranges(int width)
{
	unsigned long start[8] = { 0 }, end[8], prev_end[8] = { 0 };
	int lines = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		int depth = strspn(line, " ") / 2, digits;
		unsigned long a, b;

		CHECK(depth < 8);
		CHECK_EQ(sscanf(line, " %lx-%lx :", &a, &b), 2);
		digits = strcspn(line + 2 * depth, "-");
		CHECK(digits >= width);
		CHECK(a <= b);
		if (depth)
			CHECK(a >= start[depth - 1] && b <= end[depth - 1]);
		if (prev_end[depth] && a > start[depth])
			CHECK(a > prev_end[depth]);
		start[depth] = a;
		end[depth] = prev_end[depth] = b;
		for (int i = depth + 1; i < 8; i++)
			prev_end[i] = 0;
		lines++;
	}
	CHECK(lines > 3);
}

TEST(iomem_is_a_tree_of_ranges)
{
	NEED(is_root() && slurp("/proc/iomem") > 0);
	CHECK(strstr(text, "System RAM") && strstr(text, "Kernel code"));
	check_ranges(8);
	CHECK(slurp("/proc/ioports") > 0);
	CHECK(strstr(text, "pic1") != NULL);
	check_ranges(4);
}

TEST(addresses_are_for_root_alone)
{
	NEED(is_root());
	CHECK_EQ(setgid(65534), 0);
	CHECK_EQ(setuid(65534), 0);
	CHECK(slurp("/proc/iomem") > 0);
	CHECK(strncmp(text, "00000000-00000000 : ", 20) == 0);
	CHECK(strstr(text, "System RAM") != NULL);
	CHECK(slurp("/proc/ioports") > 0);
	CHECK(strncmp(text, "0000-0000 : ", 12) == 0);
	CHECK_ERR(open("/proc/kmsg", O_RDONLY), EACCES);
}

TEST(proc_devices_lists_majors)
{
	NEED(slurp("/proc/devices") > 0);
	CHECK(strncmp(text, "Character devices:\n  1 mem\n", 27) == 0);
	CHECK(strstr(text, "\n 10 misc\n") != NULL);
	CHECK(strstr(text, "\n136 pts\n") != NULL);
	CHECK(strstr(text, "\n\nBlock devices:\n") != NULL);
	CHECK(slurp("/proc/tty/drivers") > 0);
	CHECK(strstr(text, "/dev/pts") != NULL);
	CHECK(slurp("/proc/consoles") > 0);
	CHECK(text[21] == '-' || text[21] == 'R');
}

TAP_MAIN()
