/* SPDX-License-Identifier: MIT */
/*
 * propagation.c -- shared, slave, private and unbindable mounts (F06)
 *
 * In a namespace of our own; the invariants are those of fs/vfs/pnode.c, the
 * words those of mount_namespaces(7).
 */

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char dir[64];

static int bind(const char *from, const char *to)
{
	return mount(from, to, NULL, MS_BIND, NULL);
}

static int make(const char *at, unsigned long type)
{
	return mount(NULL, at, NULL, type, NULL);
}

/* A volume at ./s with s/x; and empty places. */
static void own_namespace(void)
{
	static const char *const places[] = { "s", "p", "q", "r", "t" };
	size_t i;

	if (geteuid() || unshare(CLONE_NEWNS))
		SKIP("needs root and mount namespaces");
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	snprintf(dir, sizeof(dir), "/tmp/prop.%d", getpid());
	NEED(mkdir(dir, 0755) == 0);
	NEED(mount("ground", dir, "tmpfs", 0, "size=1m,mode=755") == 0);
	NEED(chdir(dir) == 0);
	for (i = 0; i < 5; i++)
		NEED(mkdir(places[i], 0755) == 0);
	NEED(mount("vol", "s", "tmpfs", 0, NULL) == 0);
	NEED(mkdir("s/x", 0755) == 0 && mkdir("s/x/y", 0755) == 0);
}

static int put(const char *at)
{
	char name[64];
	int err = mount("new", at, "tmpfs", 0, NULL);

	snprintf(name, sizeof(name), "%s/here", at);
	if (!err)
		close(open(name, O_CREAT | O_WRONLY, 0644));
	return err;
}

static int exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The optional fields of the mount at ./name in mountinfo. */
static const char *fields_of(const char *name)
{
	static char line[512], want[96], at[256];
	static char out[256];
	FILE *f = fopen("/proc/self/mountinfo", "r");
	int n;

	snprintf(want, sizeof(want), "%s/%s", dir, name);
	out[0] = 0;
	while (f && fgets(line, sizeof(line), f)) {
		char *end = strstr(line, " - ");

		if (sscanf(line, "%*d %*d %*s %*s %255s %*s%n", at, &n) == 1 &&
		    !strcmp(at, want) && end) {
			*end = 0;
			snprintf(out, sizeof(out), "%s", line + n);
		}
	}
	if (f)
		fclose(f);
	return out;
}

TEST(a_mount_below_a_shared_one_comes_and_goes_at_its_peer)
{
	own_namespace();
	NEED(make("s", MS_SHARED) == 0);
	NEED(bind("s", "p") == 0);
	CHECK(put("s/x") == 0);
	CHECK(exists("s/x/here") && exists("p/x/here"));
	CHECK(umount("p/x") == 0);
	CHECK(!exists("s/x/here") && !exists("p/x/here"));
}

TEST(a_slave_hears_and_does_not_tell)
{
	own_namespace();
	NEED(make("s", MS_SHARED) == 0);
	NEED(bind("s", "p") == 0 && make("p", MS_SLAVE) == 0);
	CHECK(put("s/x") == 0);
	CHECK(exists("p/x/here"));
	CHECK(umount("s/x") == 0 && !exists("p/x/here"));
	CHECK(put("p/x") == 0);
	CHECK(exists("p/x/here") && !exists("s/x/here"));
}

TEST(a_private_mount_neither_hears_nor_tells)
{
	own_namespace();
	NEED(make("s", MS_SHARED) == 0);
	NEED(bind("s", "p") == 0 && make("p", MS_PRIVATE) == 0);
	CHECK(put("s/x") == 0 && !exists("p/x/here"));
	CHECK(umount("s/x") == 0);
	CHECK(put("p/x") == 0 && !exists("s/x/here"));
}

TEST(an_unbindable_mount_is_not_bound_and_left_out)
{
	own_namespace();
	NEED(make("s", MS_UNBINDABLE) == 0);
	CHECK_ERR(bind("s", "p"), EINVAL);
	CHECK(mount(dir, "p", NULL, MS_BIND | MS_REC, NULL) == 0);
	CHECK(exists("p/s") && !exists("p/s/x"));
	NEED(make("s", MS_PRIVATE) == 0);
	CHECK(bind("s", "q") == 0 && exists("q/x"));
}

/* s is shared; q a slave with peers of its own; r a peer of that. */
TEST(a_shared_slave_passes_on_to_its_own_peers)
{
	own_namespace();
	NEED(make("s", MS_SHARED) == 0);
	NEED(bind("s", "q") == 0 && make("q", MS_SLAVE) == 0);
	NEED(make("q", MS_SHARED) == 0);
	NEED(bind("q", "r") == 0);
	NEED(bind("r", "t") == 0 && make("t", MS_SLAVE) == 0);
	CHECK(put("s/x") == 0);
	CHECK(exists("q/x/here") && exists("r/x/here") && exists("t/x/here"));
	CHECK(umount("s/x") == 0);
	CHECK(!exists("q/x/here") && !exists("r/x/here") &&
	      !exists("t/x/here"));
	CHECK(put("q/x") == 0);
	CHECK(!exists("s/x/here") && exists("r/x/here") &&
	      exists("t/x/here"));
}

TEST(mountinfo_names_groups_and_masters)
{
	int g, h, m;

	own_namespace();
	NEED(make("s", MS_SHARED) == 0 && bind("s", "p") == 0);
	NEED(bind("s", "q") == 0 && make("q", MS_SLAVE) == 0);
	NEED(bind("q", "r") == 0 && make("r", MS_SHARED) == 0);
	CHECK(sscanf(fields_of("s"), " shared:%d", &g) == 1);
	CHECK(sscanf(fields_of("p"), " shared:%d", &h) == 1 && g == h);
	CHECK(sscanf(fields_of("q"), " master:%d", &m) == 1 && m == g);
	CHECK(sscanf(fields_of("r"), " shared:%d master:%d", &h, &m) == 2);
	CHECK(h != g && m == g);
	NEED(bind("s", "t") == 0 && make("t", MS_UNBINDABLE) == 0);
	CHECK(!strcmp(fields_of("t"), " unbindable"));
	/* The group's last members go: its slaves are nobody's. */
	NEED(umount("p") == 0 && make("s", MS_PRIVATE) == 0);
	CHECK(!strcmp(fields_of("q"), ""));
}

TEST(a_bind_shows_what_it_shows_only)
{
	own_namespace();
	NEED(make("s", MS_SHARED) == 0);
	NEED(bind("s/x", "p") == 0);
	CHECK(put("s/x/y") == 0 && exists("p/y/here"));
	CHECK(umount("s/x/y") == 0 && !exists("p/y/here"));
	CHECK(put("s") == 0);                  /* on top: not below p */
	CHECK(!exists("p/here"));
}

TEST(busy_is_asked_at_all_places)
{
	int fd;

	own_namespace();
	NEED(make("s", MS_SHARED) == 0 && bind("s", "p") == 0);
	NEED(put("s/x") == 0);
	fd = open("p/x/here", O_RDONLY);
	NEED(fd >= 0);
	CHECK_ERR(umount("s/x"), EBUSY);
	close(fd);
	CHECK(umount("s/x") == 0);
}

TEST(what_is_below_a_shared_mount_does_not_move)
{
	own_namespace();
	NEED(put("s/x") == 0 && make("s", MS_SHARED) == 0);
	CHECK_ERR(mount("s/x", "p", NULL, MS_MOVE, NULL), EINVAL);
	NEED(make("s", MS_PRIVATE) == 0);
	CHECK(mount("s/x", "p", NULL, MS_MOVE, NULL) == 0);
	CHECK(exists("p/here") && !exists("s/x/here"));
}

TEST(a_move_below_a_shared_mount_is_told)
{
	own_namespace();
	NEED(put("t") == 0);
	NEED(make("s", MS_SHARED) == 0 && bind("s", "p") == 0);
	CHECK(mount("t", "s/x", NULL, MS_MOVE, NULL) == 0);
	CHECK(exists("s/x/here") && exists("p/x/here") && !exists("t/here"));
}

TEST(another_namespace_is_a_peer_too)
{
	int to[2], from[2];
	char c;

	own_namespace();
	NEED(make("s", MS_SHARED) == 0);
	NEED(pipe(to) == 0 && pipe(from) == 0);
	if (fork() == 0) {
		NEED(unshare(CLONE_NEWNS) == 0);
		NEED(write(from[1], "r", 1) == 1);
		NEED(read(to[0], &c, 1) == 1);
		NEED(exists("s/x/here"));
		NEED(put("s/x/here2") != 0);
		_exit(tap_failed);
	} else {
		int status;

		NEED(read(from[0], &c, 1) == 1);
		NEED(put("s/x") == 0);
		NEED(write(to[1], "g", 1) == 1);
		CHECK(wait(&status) > 0 && status == 0);
	}
}

TEST(a_mount_point_elsewhere_does_not_stop_rmdir)
{
	int to[2], from[2];
	char c;

	own_namespace();
	NEED(mkdir("gone", 0755) == 0);
	NEED(pipe(to) == 0 && pipe(from) == 0);
	if (fork() == 0) {
		NEED(unshare(CLONE_NEWNS) == 0);
		NEED(put("gone") == 0 && exists("gone/here"));
		NEED(write(from[1], "r", 1) == 1);
		NEED(read(to[0], &c, 1) == 1);
		NEED(!exists("gone"));
		_exit(tap_failed);
	} else {
		int status;

		NEED(read(from[0], &c, 1) == 1);
		CHECK(rmdir("gone") == 0);
		NEED(write(to[1], "g", 1) == 1);
		CHECK(wait(&status) > 0 && status == 0);
	}
	NEED(put("s/x") == 0);
	CHECK_ERR(rmdir("s/x"), EBUSY);
	CHECK_ERR(rename("s/x", "s/z"), EBUSY);
}

TEST(flags_of_propagation_stand_alone)
{
	own_namespace();
	CHECK_ERR(make("s", MS_SHARED | MS_PRIVATE), EINVAL);
	CHECK_ERR(make("s", MS_SHARED | MS_RDONLY), EINVAL);
	CHECK_ERR(make("s/x", MS_SHARED), EINVAL);
	CHECK(make("s", MS_SHARED | MS_REC) == 0);
}

TAP_MAIN()
