/* SPDX-License-Identifier: MIT */
/* procfs.c -- what ps, top, free and their kind read, from outside */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

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

static long field(const char *name)
{
	char *at = strstr(text, name);

	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

TEST(uname_is_linux_like)
{
	struct utsname u;

	CHECK_EQ(uname(&u), 0);
	CHECK(u.sysname[0] && u.release[0] >= '1' && u.release[0] <= '9');
	CHECK(strcmp(u.machine, "x86_64") == 0);
}

TEST(self_points_at_the_caller)
{
	char link[64] = "", want[64];

	CHECK(readlink("/proc/self", link, sizeof(link) - 1) > 0);
	CHECK_EQ(atoi(link), getpid());
	snprintf(want, sizeof(want), "/proc/%d/stat", getpid());
	CHECK_EQ(access(want, R_OK), 0);
	CHECK_ERR(access("/proc/999999", F_OK), ENOENT);
}

TEST(stat_has_the_fields_that_ps_reads)
{
	char comm[64] = "", state = 0;
	int pid = 0, ppid = 0, pgrp = 0, session = 0;

	NEED(slurp("/proc/self/stat") > 0);
	CHECK_EQ(sscanf(text, "%d (%63[^)]) %c %d %d %d", &pid, comm, &state,
			&ppid, &pgrp, &session), 6);
	CHECK_EQ(pid, getpid());
	CHECK_EQ(ppid, getppid());
	CHECK_EQ(pgrp, getpgrp());
	CHECK_EQ(session, getsid(0));
	CHECK(strcmp(comm, "procfs") == 0);
	CHECK_EQ(state, 'R');
	int spaces = 0;

	for (char *p = strrchr(text, ')'); *p; p++)
		spaces += *p == ' ';
	CHECK_EQ(spaces, 50);
}

TEST(status_names_ids_and_memory)
{
	NEED(slurp("/proc/self/status") > 0);
	CHECK(strncmp(text, "Name:\tprocfs\n", 13) == 0);
	CHECK_EQ(field("\nPid:\t"), getpid());
	CHECK_EQ(field("\nTgid:\t"), getpid());
	CHECK_EQ(field("\nPPid:\t"), getppid());
	CHECK_EQ(field("\nUid:\t"), getuid());
	CHECK(field("\nVmRSS:\t") > 0);
	CHECK_EQ(field("\nThreads:\t"), 1);
}

TEST(cmdline_exe_cwd_and_fd_are_there)
{
	char link[PATH_MAX] = "";

	NEED(slurp("/proc/self/cmdline") > 0);
	CHECK(strstr(text, "procfs") != NULL);
	CHECK(readlink("/proc/self/exe", link, sizeof(link) - 1) > 0);
	CHECK(strstr(link, "procfs") != NULL);
	CHECK_EQ(chdir("/tmp"), 0);
	memset(link, 0, sizeof(link));
	CHECK_EQ(readlink("/proc/self/cwd", link, sizeof(link) - 1), 4);
	CHECK(strcmp(link, "/tmp") == 0);
	int fd = open("/dev/null", O_RDONLY);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	memset(link, 0, sizeof(link));
	CHECK(readlink(path, link, sizeof(link) - 1) > 0);
	CHECK(strcmp(link, "/dev/null") == 0);
}

/* Where this program's arguments are, by stat's 48th and 49th field. */
static char *arguments(int *length)
{
	unsigned long start = 0, end = 0;
	char *at;

	if (slurp("/proc/self/stat") <= 0 || !(at = strrchr(text, ')')))
		return NULL;
	for (int i = 2; i < 48 && at; i++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, "%lu %lu", &start, &end) != 2)
		return NULL;
	*length = end - start;
	return (char *)start;
}

/* nginx and sshd write a title over their arguments, and further. */
TEST(a_title_longer_than_the_arguments_is_shown)
{
	int length = 0, at;
	char *arg = arguments(&length);

	NEED(arg && length > 1 && fork() >= 0);
	if (getpid() == atoi(text)) {   /* the parent, whose stat it is */
		wait(&at);
		CHECK_EQ(at, 0);
		return;
	}
	memset(arg, 'x', length + 3);
	arg[length + 3] = '\0';
	at = slurp("/proc/self/cmdline");
	_exit(at != length + 4 || strlen(text) != length + 3u);
}

TEST(a_zombie_shows_as_one)
{
	char path[64];
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	usleep(50000);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	NEED(slurp(path) > 0);
	CHECK(strstr(text, ") Z ") != NULL);
	waitpid(pid, NULL, 0);
	CHECK_ERR(open(path, O_RDONLY), ENOENT);
}

TEST(meminfo_adds_up)
{
	struct sysinfo s;

	NEED(slurp("/proc/meminfo") > 0);
	long total = field("MemTotal:"), mem_free = field("MemFree:");

	CHECK(total > 16 * 1024 && mem_free > 0 && mem_free < total);
	CHECK(field("MemAvailable:") > 0);
	CHECK(field("Cached:") >= 0);
	CHECK_EQ(sysinfo(&s), 0);
	CHECK_EQ(s.totalram * s.mem_unit / 1024, total);
}

TEST(cpuinfo_counts_the_processors)
{
	int n = 0;

	NEED(slurp("/proc/cpuinfo") > 0);
	for (char *p = text; (p = strstr(p, "processor\t:")); p++)
		n++;
	CHECK_EQ(n, sysconf(_SC_NPROCESSORS_ONLN));
}

TEST(the_usual_files_have_the_usual_form)
{
	double up = 0, idle = 0, load[3];
	int running = 0, all = 0, last = 0;

	NEED(slurp("/proc/uptime") > 0);
	CHECK_EQ(sscanf(text, "%lf %lf", &up, &idle), 2);
	CHECK(up > 0);
	NEED(slurp("/proc/loadavg") > 0);
	CHECK_EQ(sscanf(text, "%lf %lf %lf %d/%d %d", load, load + 1, load + 2,
			&running, &all, &last), 6);
	CHECK(running >= 1 && all >= running && last >= getpid());
	NEED(slurp("/proc/stat") > 0);
	CHECK(strncmp(text, "cpu  ", 5) == 0 && strstr(text, "\ncpu0 "));
	CHECK(strstr(text, "\nctxt ") && strstr(text, "\nbtime ") &&
	      strstr(text, "\nprocesses "));
	NEED(slurp("/proc/mounts") > 0);
	CHECK(strstr(text, " /proc proc ") != NULL);
	NEED(slurp("/proc/filesystems") > 0);
	CHECK(strstr(text, "nodev\tproc\n") && strstr(text, "nodev\ttmpfs\n"));
	NEED(slurp("/proc/version") > 0);
	NEED(slurp("/proc/cmdline") > 0);
	CHECK(strstr(text, "console=") != NULL);
	NEED(slurp("/proc/interrupts") > 0);
	CHECK(strstr(text, "CPU0") != NULL);
}

TEST(processes_appear_in_the_directory)
{
	int found = 0, kthreadd = 0;
	DIR *d = opendir("/proc");

	NEED(d != NULL);
	for (struct dirent *e; (e = readdir(d));) {
		found += atoi(e->d_name) == getpid();
		kthreadd += !strcmp(e->d_name, "2");
	}
	closedir(d);
	CHECK_EQ(found, 1);
	CHECK_EQ(kthreadd, 1);
	NEED(slurp("/proc/2/stat") > 0);
	CHECK(strncmp(text, "2 (kthreadd) ", 13) == 0);
}

TEST(hostname_can_be_read_and_set)
{
	NEED(slurp("/proc/sys/kernel/hostname") > 0);
	struct utsname u;

	uname(&u);
	CHECK(strncmp(text, u.nodename, strlen(u.nodename)) == 0);
	CHECK_EQ(sethostname("other", 5), 0);
	uname(&u);
	CHECK(strcmp(u.nodename, "other") == 0);
	CHECK_EQ(sethostname("lantern", 7), 0);
}

static int settings;

/* What a file of /proc/sys says is written back to it. */
static int write_back(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	static const char *const actions[] = { "drop_caches", "compact_memory",
					       "ns_last_pid", "flush" };
	char text[4096];
	ssize_t n = 0;
	int fd;

	if (type != FTW_F || (st->st_mode & 0600) != 0600)
		return 0;
	for (unsigned i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(path + at->base, actions[i]))
			return 0;
	fd = open(path, O_RDONLY);
	if (fd >= 0)
		n = read(fd, text, sizeof(text));
	close(fd);
	fd = open(path, O_WRONLY);
	if (n > 0 && fd >= 0 && write(fd, text, n) == n)
		settings++;
	close(fd);
	return 0;
}

/* sysctl -a >file; sysctl -p file.  Most take what they said themselves. */
TEST(settings_take_what_they_say)
{
	CHECK_EQ(nftw("/proc/sys", write_back, 8, FTW_PHYS), 0);
	CHECK(settings > 100);
	printf("# %d settings\n", settings);
}

TAP_MAIN()
