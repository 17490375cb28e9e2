/* SPDX-License-Identifier: MIT */
/* sysv_shm.c -- System V shared memory (AP086) */

#define _GNU_SOURCE
#include "faults.h"

#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>

static int make(size_t size, int flags)
{
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | flags);

	NEED(id >= 0);
	return id;
}

static struct shmid_ds stat_of(int id)
{
	struct shmid_ds ds;

	memset(&ds, 0, sizeof(ds));
	CHECK_EQ(shmctl(id, IPC_STAT, &ds), 0);
	return ds;
}

static int lines_that_hold(const char *file, const char *what)
{
	FILE *f = fopen(file, "r");
	char line[256];
	int n = 0;

	NEED(f != NULL);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, what) != NULL;
	fclose(f);
	return n;
}

TEST(two_processes_see_one_memory)
{
	int id = make(3 * PAGE, 0600), status;
	volatile int *p = shmat(id, NULL, 0);
	pid_t child;

	NEED(p != (void *)-1);
	CHECK_EQ(p[700], 0);
	p[1] = 7;
	child = fork();
	if (!child) {
		volatile int *q = shmat(id, NULL, 0);

		q[2000] = p[1] + q[1];
		_exit(stat_of(id).shm_nattch == 3 && q != p ? 0 : 1);
	}
	NEED(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
	CHECK_EQ(p[2000], 14);
	CHECK_EQ(stat_of(id).shm_nattch, 1);
	CHECK_EQ(stat_of(id).shm_lpid, child);
	CHECK_EQ(stat_of(id).shm_cpid, getpid());
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	CHECK_EQ(shmdt((void *)p), 0);
}

TEST(a_removed_segment_waits_for_the_last_detach)
{
	int id = shmget(0x51a1, 100, IPC_CREAT | IPC_EXCL | 0600);
	char *p, *q;

	NEED(id >= 0);
	p = shmat(id, NULL, 0);
	q = shmat(id, NULL, SHM_RDONLY);
	CHECK_EQ(stat_of(id).shm_nattch, 2);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	CHECK_EQ(stat_of(id).shm_perm.mode & 01000, 01000); /* SHM_DEST */
	CHECK_ERR(shmget(0x51a1, 100, 0), ENOENT); /* its key is free */
	p[99] = 'x';
	CHECK_EQ(q[99], 'x');
	CHECK_EQ(shmdt(p), 0);
	CHECK_EQ(stat_of(id).shm_nattch, 1);
	CHECK_EQ(shmdt(q), 0);
	CHECK_ERR(shmctl(id, IPC_STAT, &(struct shmid_ds){ 0 }), EINVAL);
	CHECK_ERR(shmdt(q), EINVAL);
}

/* remap_file_pages() unmaps the area first, and with it the last attach. */
TEST(a_dying_segment_cannot_be_remapped)
{
	int id = make(4096, 0);
	char *at = shmat(id, NULL, 0);

	NEED(at != (char *)-1);
	CHECK_EQ(syscall(SYS_remap_file_pages, at, 4096, 0, 0, 0), 0);
	NEED(shmctl(id, IPC_RMID, NULL) == 0);
	CHECK(syscall(SYS_remap_file_pages, at, 4096, 0, 0, 0) == -1);
	CHECK(errno == EIDRM || errno == EINVAL);
}

TEST(flags_say_where_and_how)
{
	int id = make(2 * PAGE, 0600);
	char *room = map(4, RW, PRIVATE), *p;

	catch_faults();
	CHECK_ERR((long)shmat(id, room, 0), EINVAL); /* taken */
	CHECK_EQ((long)shmat(id, room, SHM_REMAP), (long)room);
	CHECK_ERR((long)shmat(id, room + 1, SHM_REMAP), EINVAL);
	p = shmat(id, room + 2 * PAGE + 5, SHM_RND | SHM_REMAP | SHM_RDONLY);
	CHECK_EQ((long)p, (long)(room + 2 * PAGE));
	CHECK_ERR((long)shmat(id, NULL, SHM_REMAP), EINVAL);
	CHECK_ERR((long)shmat(-1, NULL, 0), EINVAL);
	CHECK_ERR((long)shmat(id + 1000000, NULL, 0), EINVAL);
	room[0] = 'a';
	CHECK_EQ(p[0], 'a');
	CHECK_EQ(touch(p, 1), SIGSEGV);
	CHECK_ERR(mprotect(p, PAGE, RW), EACCES);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
}

TEST(parts_of_an_attach_are_detached_together)
{
	int id = make(4 * PAGE, 0600);
	char *p = shmat(id, NULL, 0);

	NEED(p != (void *)-1);
	CHECK_EQ(lines_in_maps(p, 4 * PAGE), 1);
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	CHECK_EQ(stat_of(id).shm_nattch, 2);
	CHECK_ERR(shmdt(p + 2 * PAGE), EINVAL); /* not where it began */
	CHECK_EQ(shmdt(p), 0);
	CHECK_EQ(stat_of(id).shm_nattch, 0);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
}

TEST(fork_exit_and_exec_count)
{
	int id = make(PAGE, 0600), status, go[2];
	char *p = shmat(id, NULL, 0);
	pid_t child;
	char c;

	NEED(p != (void *)-1 && pipe(go) == 0);
	child = fork();
	if (!child) {
		close(go[1]);
		_exit(read(go[0], &c, 1) != 0);
	}
	CHECK_EQ(stat_of(id).shm_nattch, 2);
	close(go[1]);
	NEED(waitpid(child, &status, 0) == child && !status);
	CHECK_EQ(stat_of(id).shm_nattch, 1);
	CHECK_EQ(stat_of(id).shm_lpid, child);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
}

TEST(sizes_and_keys_are_checked)
{
	int id;

	CHECK_ERR(shmget(IPC_PRIVATE, 0, 0600), EINVAL);
	CHECK_ERR(shmget(IPC_PRIVATE, -1UL, 0600), EINVAL);
	CHECK_ERR(shmget(0x51a2, 10, 0), ENOENT);
	id = shmget(0x51a2, 10, IPC_CREAT | 0600);
	NEED(id >= 0);
	CHECK_EQ(shmget(0x51a2, 5, 0), id);
	CHECK_EQ(shmget(0x51a2, 0, IPC_CREAT), id);
	CHECK_ERR(shmget(0x51a2, 11, 0), EINVAL);
	CHECK_ERR(shmget(0x51a2, 5, IPC_CREAT | IPC_EXCL), EEXIST);
	CHECK_EQ(stat_of(id).shm_segsz, 10);
	CHECK_EQ(stat_of(id).shm_perm.__key, 0x51a2);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	CHECK_ERR(shmctl(id, IPC_RMID, NULL), EINVAL);
	CHECK_ERR(shmget(IPC_PRIVATE, PAGE, SHM_HUGETLB | 5 << 26 | 0600),
		  EINVAL);
}

TEST(an_id_does_not_come_back_at_once)
{
	int id = make(10, 0600), other;

	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	other = make(10, 0600);
	CHECK(id != other);
	CHECK_EQ(shmctl(other, IPC_RMID, NULL), 0);
}

TEST(others_get_what_the_mode_says)
{
	int id = make(10, 0640), status;
	struct shmid_ds ds = stat_of(id);
	pid_t child;

	if (geteuid())
		SKIP("needs root");
	child = fork();
	if (!child) {
		NEED(setgid(12345) == 0 && setuid(12345) == 0);
		CHECK_ERR((long)shmat(id, NULL, SHM_RDONLY), EACCES);
		CHECK_ERR(shmctl(id, IPC_STAT, &ds), EACCES);
		CHECK_ERR(shmctl(id, IPC_SET, &ds), EPERM);
		CHECK_ERR(shmctl(id, IPC_RMID, NULL), EPERM);
		_exit(tap_failed);
	}
	NEED(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
	ds.shm_perm.uid = 12345;
	ds.shm_perm.mode = 0400;
	CHECK_EQ(shmctl(id, IPC_SET, &ds), 0);
	CHECK_EQ(stat_of(id).shm_perm.mode, 0400);
	child = fork();
	if (!child) {
		NEED(setuid(12345) == 0);
		CHECK((long)shmat(id, NULL, SHM_RDONLY) != -1);
		CHECK_ERR((long)shmat(id, NULL, 0), EACCES);
		CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
		_exit(tap_failed);
	}
	NEED(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
}

TEST(it_is_seen_in_proc_and_maps)
{
	int id = make(5 * PAGE, 0600);
	char *p = shmat(id, NULL, 0), name[32];

	NEED(p != (void *)-1);
	CHECK_EQ(lines_that_hold("/proc/self/maps", "/SYSV00000000 (deleted)"),
		 1);
	snprintf(name, sizeof(name), " %d   600", id);
	CHECK_EQ(lines_that_hold("/proc/sysvipc/shm", name), 1);
	CHECK_EQ(lines_that_hold("/proc/sysvipc/shm", "shmid perms"), 1);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	CHECK_EQ(shmdt(p), 0);
	CHECK_EQ(lines_that_hold("/proc/sysvipc/shm", name), 0);
}

TEST(the_table_can_be_walked)
{
	int id = make(10, 0600), top, i, found = 0;
	struct shm_info info;
	struct shmid_ds ds;

	top = shmctl(0, SHM_INFO, (void *)&info);
	NEED(top >= 0);
	CHECK(info.used_ids >= 1 && info.shm_tot >= 1);
	for (i = 0; i <= top; i++)
		found += shmctl(i, SHM_STAT, &ds) == id;
	CHECK_EQ(found, 1);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
}

TEST(locking_is_for_who_may)
{
	int id = make(PAGE, 0600);

	CHECK_EQ(shmctl(id, SHM_LOCK, NULL), 0);
	CHECK_EQ(stat_of(id).shm_perm.mode & 02000, 02000);
	CHECK_EQ(shmctl(id, SHM_UNLOCK, NULL), 0);
	CHECK_EQ(stat_of(id).shm_perm.mode & 02000, 0);
	CHECK_EQ(shmctl(id, SHM_LOCK, NULL), 0);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
}

TEST(wild_arguments_do_no_harm)
{
	int id = make(PAGE, 0600);

	CHECK_ERR(shmctl(id, IPC_STAT, (void *)8), EFAULT);
	CHECK_ERR(shmctl(id, IPC_SET, (void *)-8), EFAULT);
	CHECK_ERR(shmctl(0, IPC_INFO, (void *)8), EFAULT);
	CHECK_ERR(shmctl(0, SHM_INFO, (void *)8), EFAULT);
	CHECK_ERR(shmctl(id, 4711, NULL), EINVAL);
	CHECK_ERR(shmctl(-5, IPC_STAT, NULL), EINVAL);
	CHECK_ERR(shmctl(id, -5, NULL), EINVAL);
	CHECK((long)shmat(id, (void *)(1UL << 63), 0) == -1);
	CHECK((long)shmat(id, (void *)0x7ffffffff000, 0) == -1);
	CHECK_ERR(shmdt((void *)1), EINVAL);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
}

TAP_MAIN()
