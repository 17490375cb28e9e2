/* SPDX-License-Identifier: MIT */
/*
 * netns.c -- networks of one's own: what two of them do not share, how one gets
 * into another, and that nothing stays when one ends
 */

#include "rtnl.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/un.h>

static ino_t ino_of(const char *path)
{
	struct stat st = { 0 };

	CHECK_EQ(stat(path, &st), 0);
	return st.st_ino;
}

TEST(new_network_has_lo_alone_and_down)
{
	ino_t before = ino_of("/proc/self/ns/net");
	struct if_nameindex *all;

	need_root();
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	CHECK(ino_of("/proc/self/ns/net") != before);
	CHECK_EQ(if_nametoindex("lo"), 1);
	CHECK_EQ(link_flags("lo") & IFF_UP, 0);
	all = if_nameindex();
	CHECK(all);
	for (int i = 0; all && all[i].if_index; i++)
		CHECK(!strcmp(all[i].if_name, "lo") ||
		      !(link_flags(all[i].if_name) & IFF_UP));
}

TEST(child_of_clone_is_in_its_own)
{
	ino_t here = ino_of("/proc/self/ns/net");
	pid_t pid;
	int status;

	need_root();
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNET))
			_exit(1);
		_exit(ino_of("/proc/self/ns/net") != here ? 0 : 2);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(ino_of("/proc/self/ns/net"), here);
}

TEST(setns_goes_there_and_back)
{
	int old = net_here(), new;
	ino_t first = ino_of("/proc/self/ns/net"), second;

	new = net_new();
	second = ino_of("/proc/self/ns/net");
	net_enter(old);
	CHECK_EQ(ino_of("/proc/self/ns/net"), first);
	CHECK_EQ(setns(new, 0), 0);
	CHECK_EQ(ino_of("/proc/self/ns/net"), second);
	CHECK_ERR(setns(new, CLONE_NEWNS), EINVAL);
	CHECK_ERR(setns(-1, CLONE_NEWNET), EBADF);
	close(new);
}

TEST(making_one_wants_a_privilege)
{
	int fd = net_here();

	need_root();
	CHECK_EQ(setgid(65534), 0);
	CHECK_EQ(setuid(65534), 0);
	CHECK_ERR(unshare(CLONE_NEWNET), EPERM);
	CHECK_ERR(setns(fd, CLONE_NEWNET), EPERM);
}

/* One port, twice. */
static int listener(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(4711),
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (void *)&a, sizeof(a)) || listen(fd, 5)) {
		close(fd);
		return -1;
	}
	return fd;
}

TEST(ports_are_each_networks_own)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(4711),
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int first = net_new(), l1, l2, fd;

	l1 = listener();
	CHECK(l1 >= 0);
	CHECK_EQ(listener(), -1);
	net_new();
	l2 = listener();
	CHECK(l2 >= 0);
	close(l2);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), ECONNREFUSED);
	close(fd);
	net_enter(first);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_EQ(connect(fd, (void *)&a, sizeof(a)), 0);
}

TEST(socket_stays_in_the_network_it_was_made_in)
{
	int first = net_new(), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq ifr = { .ifr_name = "d7" };

	CHECK_EQ(spare_add("d7"), 0);
	net_new();
	CHECK_EQ(if_nametoindex("d7"), 0);
	CHECK_EQ(ioctl(fd, SIOCGIFINDEX, &ifr), 0);
	(void)first;
}

static int abstract(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0netns" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	return bind(fd, (void *)&a, 8) ? -1 : fd;
}

TEST(abstract_names_are_private_and_paths_are_not)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX,
				 .sun_path = "netns.sock" };
	int fd;

	net_new();
	CHECK(abstract() >= 0);
	CHECK_EQ(abstract(), -1);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	unlink(a.sun_path);
	CHECK_EQ(bind(fd, (void *)&a, sizeof(a)), 0);
	net_new();
	CHECK(abstract() >= 0);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK_EQ(connect(fd, (void *)&a, sizeof(a)), 0);
	unlink(a.sun_path);
}

static int setting(const char *path, int set)
{
	int fd = open(path, set < 0 ? O_RDONLY : O_RDWR), value = -1;
	char text[32] = { 0 };

	CHECK(fd >= 0);
	if (set >= 0) {
		snprintf(text, sizeof(text), "%d\n", set);
		CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	} else if (read(fd, text, sizeof(text) - 1) > 0) {
		value = atoi(text);
	}
	close(fd);
	return value;
}

TEST(settings_are_each_networks_own)
{
	static const char *const paths[] = {
		"/proc/sys/net/ipv4/ip_forward",
		"/proc/sys/net/ipv4/tcp_syn_retries",
		"/proc/sys/net/ipv4/ip_default_ttl",
		"/proc/sys/net/core/somaxconn" };
	int first = net_new(), second;

	second = net_new();
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		int was = setting(paths[i], -1), want = was == 1 ? 0 : 1;

		setting(paths[i], want);
		net_enter(first);
		CHECK_EQ(setting(paths[i], -1), was);
		net_enter(second);
		CHECK_EQ(setting(paths[i], -1), want);
	}
}

/* Lines of a file of /proc that hold a word. */
static int lines_with(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[256];
	int n = 0;

	CHECK(f);
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, word) != NULL;
	if (f)
		fclose(f);
	return n;
}

TEST(proc_shows_the_network_of_that_process)
{
	int up[2], down[2];
	char path[64], c;
	pid_t pid;

	net_new();
	CHECK_EQ(pipe(up) | pipe(down), 0);
	CHECK_EQ(spare_add("d6"), 0);
	pid = fork();
	if (!pid) {
		net_new();
		spare_add("d9");
		if (write(up[1], "x", 1) == 1)
			_exit(read(down[0], &c, 1) != 1);
	}
	CHECK_EQ(read(up[0], &c, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/net/dev", pid);
	CHECK_EQ(lines_with(path, "d9:"), 1);
	CHECK_EQ(lines_with("/proc/net/dev", "d9:"), 0);
	CHECK_EQ(write(down[1], "x", 1), 1);
	waitpid(pid, NULL, 0);
}

/* What `ip netns add` does: a name that keeps a network without a process. */
TEST(mounted_network_outlives_its_processes)
{
	int old = net_here(), fd;
	ino_t ino;

	need_root();
	CHECK_EQ(unshare(CLONE_NEWNS), 0);
	CHECK_EQ(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	close(open("netns.name", O_CREAT | O_RDONLY, 0600));
	close(net_new());
	CHECK_EQ(spare_add("d8"), 0);
	ino = ino_of("/proc/self/ns/net");
	CHECK_EQ(mount("/proc/self/ns/net", "netns.name", "none", MS_BIND,
		       NULL), 0);
	net_enter(old);
	fd = open("netns.name", O_RDONLY);
	CHECK(fd >= 0);
	net_enter(fd);
	CHECK_EQ(ino_of("/proc/self/ns/net"), ino);
	CHECK(if_nametoindex("d8") > 0);
	net_enter(old);
	close(fd);
	CHECK_EQ(umount2("netns.name", MNT_DETACH), 0);
	unlink("netns.name");
}

TEST(devices_move_by_descriptor_and_by_process)
{
	int first = net_new(), second;
	pid_t pid;

	second = net_new();
	net_enter(first);
	CHECK_EQ(spare_add("d1"), 0);
	CHECK_EQ(spare_add("d2"), 0);
	CHECK_EQ(link_set("lo", IFLA_NET_NS_FD, second), -EINVAL);
	CHECK_EQ(link_set("d1", IFLA_NET_NS_FD, 1000), -EBADF);
	CHECK_EQ(link_set("d1", IFLA_NET_NS_PID, 0x7ffffff), -ESRCH);
	CHECK_EQ(link_set("d1", IFLA_NET_NS_FD, second), 0);
	CHECK_EQ(if_nametoindex("d1"), 0);
	pid = fork();
	if (!pid) {
		net_enter(first);
		_exit(link_set("d2", IFLA_NET_NS_PID, getppid()) ? 1 : 0);
	}
	net_enter(second);
	waitpid(pid, NULL, 0);
	CHECK(if_nametoindex("d1") > 0);
	CHECK_EQ(link_del("d1"), 0);
	CHECK_EQ(spare_add("d3"), 0);
	net_enter(first);
	CHECK_EQ(spare_add("d3"), 0);
	CHECK_EQ(link_set("d3", IFLA_NET_NS_FD, second), -EEXIST);
}

/* Connections in every state go with the network. */
TEST(networks_with_sockets_come_and_go)
{
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in a = { .sin_family = AF_INET };
		socklen_t len = sizeof(a);
		int l, c, s, old = net_here();

		close(net_new());
		CHECK_EQ(spare_add("v0"), 0);
		l = listener();
		CHECK(l >= 0);
		CHECK_EQ(getsockname(l, (void *)&a, &len), 0);
		c = socket(AF_INET, SOCK_STREAM, 0);
		CHECK_EQ(connect(c, (void *)&a, sizeof(a)), 0);
		s = accept(l, NULL, NULL);
		CHECK_EQ(write(c, "abc", 3), 3);
		close(i & 1 ? c : s);
		close(i & 1 ? s : c);
		close(l);
		CHECK_EQ(link_del("v0"), 0);
		net_enter(old);
		close(old);
	}
}

TAP_MAIN()
