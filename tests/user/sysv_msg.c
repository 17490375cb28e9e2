/* SPDX-License-Identifier: MIT */
/* sysv_msg.c -- System V message queues (AP084, AP085) */

#define _GNU_SOURCE
#include "tap.h"

#include <limits.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

struct message {
	long type;
	char text[9000];
};

static struct message m;

static int make(void)
{
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);

	NEED(id >= 0);
	return id;
}

static int put(int id, long type, const char *text)
{
	m.type = type;
	strcpy(m.text, text);
	return msgsnd(id, &m, strlen(text) + 1, IPC_NOWAIT);
}

/* The text of the next such message, or "". */
static const char *get(int id, long type, int flags)
{
	memset(&m, 0, sizeof(m));
	if (msgrcv(id, &m, sizeof(m.text), type, flags | IPC_NOWAIT) < 0)
		return "";
	return m.text;
}

static struct msqid_ds stat_of(int id)
{
	struct msqid_ds ds;

	memset(&ds, 0, sizeof(ds));
	CHECK_EQ(msgctl(id, IPC_STAT, &ds), 0);
	return ds;
}

static int status_of(pid_t child)
{
	int status;

	NEED(waitpid(child, &status, 0) == child);
	return status;
}

TEST(types_choose_the_message)
{
	int id = make();

	put(id, 3, "three");
	put(id, 1, "one");
	put(id, 2, "two");
	put(id, 3, "drei");
	put(id, 2, "zwei");
	CHECK_EQ(strcmp(get(id, 2, 0), "two"), 0);
	CHECK_EQ(strcmp(get(id, 0, 0), "three"), 0);
	CHECK_EQ(strcmp(get(id, 3, MSG_EXCEPT), "one"), 0);
	put(id, 5, "five");
	put(id, 4, "four");
	CHECK_EQ(strcmp(get(id, -4, 0), "zwei"), 0);
	CHECK_EQ(strcmp(get(id, -4, 0), "drei"), 0);
	CHECK_EQ(strcmp(get(id, LONG_MIN, 0), "four"), 0);
	CHECK_EQ(strcmp(get(id, -4, 0), ""), 0);
	CHECK_EQ(errno, ENOMSG);
	CHECK_EQ(strcmp(get(id, 0, 0), "five"), 0);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TEST(a_message_that_is_too_long)
{
	int id = make();

	put(id, 1, "0123456789");
	CHECK_ERR(msgrcv(id, &m, 4, 0, 0), E2BIG);
	CHECK_EQ(stat_of(id).msg_qnum, 1);
	memset(&m, 0, sizeof(m));
	CHECK_EQ(msgrcv(id, &m, 4, 0, MSG_NOERROR), 4);
	CHECK_EQ(strcmp(m.text, "0123"), 0);
	CHECK_EQ(stat_of(id).msg_qnum, 0);
	CHECK_EQ(stat_of(id).msg_cbytes, 0);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TEST(the_books_are_kept)
{
	int id = msgget(0x3e55, IPC_CREAT | IPC_EXCL | 0640);
	struct msqid_ds ds;

	NEED(id >= 0);
	CHECK_EQ(msgget(0x3e55, 0), id);
	ds = stat_of(id);
	CHECK_EQ(ds.msg_qbytes, 16384);
	CHECK(ds.msg_stime == 0 && ds.msg_rtime == 0 && ds.msg_ctime != 0);
	CHECK_EQ(ds.msg_perm.mode, 0640);
	put(id, 1, "abc");
	put(id, 1, "defg");
	ds = stat_of(id);
	CHECK_EQ(ds.msg_qnum, 2);
	CHECK_EQ(ds.msg_cbytes, 9);
	CHECK_EQ(ds.msg_lspid, getpid());
	CHECK(ds.msg_stime != 0);
	get(id, 0, 0);
	CHECK_EQ(stat_of(id).msg_lrpid, getpid());
	CHECK_EQ(stat_of(id).msg_qnum, 1);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
	CHECK_ERR(msgctl(id, IPC_STAT, &ds), EINVAL);
	CHECK_ERR(msgget(0x3e55, 0), ENOENT);
}

TEST(a_full_queue_blocks_its_sender)
{
	int id = make(), n = 0;
	pid_t child;

	m.type = 1;
	while (msgsnd(id, &m, 1000, IPC_NOWAIT) == 0)
		n++;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(n, 16);
	child = fork();
	if (!child) {
		m.type = 2;
		_exit(msgsnd(id, &m, 1000, 0) != 0);
	}
	CHECK_EQ(waitpid(child, NULL, WNOHANG), 0);
	CHECK_EQ(msgrcv(id, &m, 9000, 1, 0), 1000);
	CHECK_EQ(status_of(child), 0);
	CHECK_EQ(msgrcv(id, &m, 9000, 2, 0), 1000);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

/* Empty messages take no bytes: their number is limited, too. */
TEST(empty_messages_fill_a_queue)
{
	int id = make(), n = 0;
	struct msqid_ds ds = stat_of(id);

	ds.msg_qbytes = 20;
	CHECK_EQ(msgctl(id, IPC_SET, &ds), 0);
	m.type = 1;
	while (msgsnd(id, &m, 0, IPC_NOWAIT) == 0)
		n++;
	CHECK_EQ(n, 20);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TEST(a_waiting_receiver_gets_its_message)
{
	int id = make();
	pid_t child = fork();

	if (!child) {
		if (msgrcv(id, &m, 9000, 7, 0) != 3 || strcmp(m.text, "ab"))
			_exit(1);
		_exit(m.type != 7);
	}
	CHECK_EQ(put(id, 6, "xx"), 0);
	CHECK_EQ(put(id, 7, "ab"), 0);
	CHECK_EQ(status_of(child), 0);
	CHECK_EQ(strcmp(get(id, 0, 0), "xx"), 0);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TEST(removal_wakes_both_sides)
{
	int id = make(), full = make();
	pid_t a, b;

	m.type = 1;
	while (msgsnd(full, &m, 1000, IPC_NOWAIT) == 0)
		continue;
	a = fork();
	if (!a)
		_exit(!(msgrcv(id, &m, 10, 0, 0) == -1 &&
			(errno == EIDRM || errno == EINVAL)));
	b = fork();
	if (!b)
		_exit(!(msgsnd(full, &m, 1000, 0) == -1 &&
			(errno == EIDRM || errno == EINVAL)));
	usleep(20000);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
	CHECK_EQ(msgctl(full, IPC_RMID, NULL), 0);
	CHECK_EQ(status_of(a), 0);
	CHECK_EQ(status_of(b), 0);
}

/* Wait until the process sleeps: its state in /proc/PID/stat is S. */
static void until_asleep(pid_t pid)
{
	char path[40], line[200], *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (int i = 0; i < 5000; i++) {
		f = fopen(path, "r");
		NEED(f && fgets(line, sizeof(line), f));
		fclose(f);
		state = strrchr(line, ')');
		if (state && state[2] == 'S')
			return;
		usleep(1000);
	}
}

static pid_t send_from_child(int id, long type, size_t size)
{
	pid_t child = fork();

	if (!child) {
		m.type = type;
		_exit(msgsnd(id, &m, size, 0) != 0);
	}
	until_asleep(child);
	return child;
}

TEST(a_sender_without_room_holds_back_no_smaller_one)
{
	pid_t large, small;
	int id = make();

	m.type = 1;
	CHECK_EQ(msgsnd(id, &m, 8192, 0), 0);
	CHECK_EQ(msgsnd(id, &m, 1000, 0), 0);
	m.type = 2;
	CHECK_EQ(msgsnd(id, &m, 6000, 0), 0);
	large = send_from_child(id, 3, 8192);
	small = send_from_child(id, 4, 1500);
	alarm(10);
	CHECK_EQ(msgrcv(id, &m, 9000, 2, 0), 6000);
	CHECK_EQ(msgrcv(id, &m, 9000, 4, 0), 1500);
	CHECK_EQ(msgrcv(id, &m, 9000, 1, 0), 8192);
	CHECK_EQ(msgrcv(id, &m, 9000, 3, 0), 8192);
	CHECK_EQ(status_of(large), 0);
	CHECK_EQ(status_of(small), 0);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TEST(a_copy_leaves_the_message)
{
	int id = make();

	put(id, 1, "first");
	put(id, 2, "second");
	memset(&m, 0, sizeof(m));
	if (msgrcv(id, &m, 100, 1, MSG_COPY | IPC_NOWAIT) < 0 &&
	    errno == ENOSYS)
		SKIP("no MSG_COPY");
	CHECK_EQ(strcmp(m.text, "second"), 0);
	CHECK_EQ(m.type, 2);
	CHECK_EQ(stat_of(id).msg_qnum, 2);
	CHECK_ERR(msgrcv(id, &m, 100, 2, MSG_COPY | IPC_NOWAIT), ENOMSG);
	CHECK_ERR(msgrcv(id, &m, 100, 0, MSG_COPY), EINVAL);
	CHECK_ERR(msgrcv(id, &m, 100, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT),
		  EINVAL);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TEST(many_senders_one_receiver_nothing_lost)
{
	int id = make(), i, n, seen[4] = { 0 }, bad = 0;
	pid_t child[4];

	for (i = 0; i < 4; i++) {
		child[i] = fork();
		if (child[i])
			continue;
		for (n = 0; n < 200; n++) {
			m.type = i + 1;
			memcpy(m.text, &n, sizeof(n));
			if (msgsnd(id, &m, 300, 0))
				_exit(1);
		}
		_exit(0);
	}
	for (i = 0; i < 800; i++) {
		if (msgrcv(id, &m, 9000, 0, 0) != 300)
			break;
		memcpy(&n, m.text, sizeof(n));
		bad += n != seen[m.type - 1]++;
	}
	CHECK_EQ(i, 800);
	CHECK_EQ(bad, 0); /* in order, each sender's */
	for (i = 0; i < 4; i++)
		CHECK_EQ(status_of(child[i]), 0);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TEST(wild_arguments_do_no_harm)
{
	struct msqid_ds ds;
	int id = make();

	m.type = 0;
	CHECK_ERR(msgsnd(id, &m, 1, 0), EINVAL);
	m.type = 1;
	CHECK_ERR(msgsnd(id, &m, 8193, 0), EINVAL);
	CHECK_ERR(msgsnd(id, &m, -1, 0), EINVAL);
	CHECK_ERR(msgsnd(-1, &m, 1, 0), EINVAL);
	CHECK_ERR(msgsnd(id, (void *)8, 1, 0), EFAULT);
	CHECK_ERR(msgrcv(id, &m, -1, 0, 0), EINVAL);
	CHECK_ERR(msgrcv(-1, &m, 1, 0, 0), EINVAL);
	CHECK_EQ(msgsnd(id, &m, 8192, 0), 0);
	CHECK_ERR(msgrcv(id, (void *)8, 8192, 0, 0), EFAULT);
	CHECK_ERR(msgctl(id, IPC_STAT, (void *)8), EFAULT);
	CHECK_ERR(msgctl(id, IPC_SET, (void *)8), EFAULT);
	CHECK_ERR(msgctl(id, 77, &ds), EINVAL);
	CHECK_ERR(msgctl(-1, IPC_STAT, &ds), EINVAL);
	CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}

TAP_MAIN()
