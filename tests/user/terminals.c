/* SPDX-License-Identifier: MIT */
/* terminals.c -- pseudo-terminals, line discipline, job control, from
 * outside */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

static void open_pair(void)
{
	int unlocked = 0;
	char name[64];
	int number;

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	NEED(master >= 0);
	NEED(ioctl(master, TIOCSPTLCK, &unlocked) == 0);
	NEED(ioctl(master, TIOCGPTN, &number) == 0);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	slave = open(name, O_RDWR | O_NOCTTY);
	NEED(slave >= 0);
	NEED(isatty(slave));
}

/* Read what comes within a fifth of a second, up to n bytes. */
static int drain(int fd, char *buf, int n)
{
	struct pollfd p = { fd, POLLIN, 0 };
	int got = 0;

	while (got < n - 1 && poll(&p, 1, 200) == 1) {
		ssize_t r = read(fd, buf + got, n - 1 - got);

		if (r <= 0)
			break;
		got += r;
	}
	buf[got] = '\0';
	return got;
}

static void type(const char *text)
{
	CHECK_EQ(write(master, text, strlen(text)), strlen(text));
}

static void flags(tcflag_t clear, tcflag_t set)
{
	struct termios t;

	CHECK_EQ(tcgetattr(slave, &t), 0);
	t.c_lflag = (t.c_lflag & ~clear) | set;
	CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
}

TEST(a_line_comes_when_it_is_whole)
{
	char buf[64];
	struct pollfd p;

	open_pair();
	p = (struct pollfd){ slave, POLLIN, 0 };
	type("hel");
	CHECK_EQ(poll(&p, 1, 50), 0);
	type("lo\r");
	CHECK_EQ(poll(&p, 1, 1000), 1);
	CHECK_EQ(read(slave, buf, sizeof(buf)), 6);
	CHECK(memcmp(buf, "hello\n", 6) == 0);
	CHECK_EQ(drain(master, buf, sizeof(buf)), 7);
	CHECK(strcmp(buf, "hello\r\n") == 0);
}

TEST(a_line_can_be_edited)
{
	char buf[64];

	open_pair();
	flags(ECHO, 0);
	type("abX\177c\n");
	CHECK_EQ(read(slave, buf, sizeof(buf)), 4);
	CHECK(memcmp(buf, "abc\n", 4) == 0);
	type("rubbish\025good\n");
	CHECK_EQ(read(slave, buf, sizeof(buf)), 5);
	CHECK(memcmp(buf, "good\n", 5) == 0);
	type("two words\027new\n");
	CHECK_EQ(read(slave, buf, sizeof(buf)), 8);
	CHECK(memcmp(buf, "two new\n", 8) == 0);
}

TEST(ctrl_d_is_the_end_of_file)
{
	char buf[64];

	open_pair();
	type("half\004");
	CHECK_EQ(read(slave, buf, sizeof(buf)), 4);
	type("\004");
	CHECK_EQ(read(slave, buf, sizeof(buf)), 0);
}

TEST(raw_mode_gives_each_byte)
{
	struct termios t;
	char buf[64];

	open_pair();
	tcgetattr(slave, &t);
	cfmakeraw(&t);
	CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	type("\003\r\177");
	CHECK_EQ(read(slave, buf, sizeof(buf)), 3);
	CHECK(memcmp(buf, "\003\r\177", 3) == 0);
	CHECK_EQ(write(slave, "a\nb", 3), 3);
	CHECK_EQ(drain(master, buf, sizeof(buf)), 3);
	CHECK(strcmp(buf, "a\nb") == 0);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 1;
	tcsetattr(slave, TCSANOW, &t);
	CHECK_EQ(read(slave, buf, sizeof(buf)), 0);
}

TEST(output_newline_becomes_cr_lf)
{
	char buf[64];

	open_pair();
	CHECK_EQ(write(slave, "x\ny", 3), 3);
	CHECK_EQ(drain(master, buf, sizeof(buf)), 4);
	CHECK(strcmp(buf, "x\r\ny") == 0);
}

static pid_t session_on_slave(void (*body)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		NEED(ioctl(slave, TIOCSCTTY, 0) == 0);
		close(master);
		body();
		_exit(0);
	}
	return pid;
}

static void wait_for_signal(void)
{
	char ready = 'r';

	signal(SIGTSTP, SIG_DFL);
	if (write(slave, &ready, 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static int typed_signal(const char *key)
{
	int status;
	char c;

	open_pair();
	flags(ECHO, 0);
	pid_t pid = session_on_slave(wait_for_signal);

	CHECK_EQ(read(master, &c, 1), 1);
	type(key);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(ctrl_c_interrupts_the_foreground)
{
	CHECK_EQ(typed_signal("\003"), SIGINT);
}

TEST(ctrl_backslash_quits_the_foreground)
{
	CHECK_EQ(typed_signal("\034"), SIGQUIT);
}

static void stop_in_own_group(void)
{
	int status;
	char c = 'r';
	pid_t job = fork();

	signal(SIGTTOU, SIG_IGN);
	if (job == 0) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(slave, getpgrp());
		if (write(slave, &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != SIGTSTP)
		_exit(2);
	if (tcgetpgrp(slave) != job)
		_exit(3);
	tcsetpgrp(slave, getpgrp());
	kill(-job, SIGCONT);
	kill(-job, SIGKILL);
	if (waitpid(job, &status, 0) != job || WTERMSIG(status) != SIGKILL)
		_exit(4);
}

TEST(ctrl_z_stops_a_job_and_the_shell_goes_on)
{
	int status;
	char c;

	open_pair();
	flags(ECHO, 0);
	pid_t pid = session_on_slave(stop_in_own_group);

	CHECK_EQ(read(master, &c, 1), 1);
	type("\032");
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

static void read_from_background(void)
{
	int status;
	char c;
	pid_t job = fork();

	if (job == 0) {
		setpgid(0, 0);
		_exit(read(slave, &c, 1) != 1);
	}
	if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != SIGTTIN)
		_exit(2);
	kill(job, SIGKILL);
}

TEST(reading_from_the_background_stops)
{
	int status;

	open_pair();
	pid_t pid = session_on_slave(read_from_background);

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static void wait_for_hangup(void)
{
	char c = 'r';

	if (write(slave, &c, 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

TEST(closing_the_master_hangs_up_the_session)
{
	int status;
	char c;

	open_pair();
	pid_t pid = session_on_slave(wait_for_hangup);

	close(slave);
	CHECK_EQ(read(master, &c, 1), 1);
	close(master);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

TEST(closing_the_slave_is_eio_for_the_master)
{
	char c;

	open_pair();
	close(slave);
	CHECK_ERR(read(master, &c, 1), EIO);
}

/* System V's ioctls see the low halves and leave the others as they are. */
TEST(modes_can_be_read_and_set_in_the_old_form)
{
	struct {
		unsigned short iflag, oflag, cflag, lflag;
		unsigned char line, cc[8];
	} old;
	struct termios now;

	open_pair();
	flags(0, IUTF8 | (1 << 20));          /* the second is of c_lflag */
	NEED(!tcgetattr(slave, &now));
	CHECK(ioctl(slave, TCGETA, &old) == 0);
	CHECK_EQ(old.lflag, now.c_lflag & 0xffff);
	CHECK_EQ(old.cc[VINTR], 3);
	old.lflag &= ~ECHO;
	old.cc[VINTR] = 5;
	CHECK(ioctl(slave, TCSETAF, &old) == 0);
	NEED(!tcgetattr(slave, &now));
	CHECK(!(now.c_lflag & ECHO) && (now.c_lflag & (1 << 20)));
	CHECK_EQ(now.c_cc[VINTR], 5);
	CHECK_ERR(ioctl(slave, TCGETA, NULL), EFAULT);
	CHECK_ERR(ioctl(slave, TCSETA, (void *)8), EFAULT);
}

TEST(window_size_is_kept_and_told)
{
	struct winsize w = { .ws_row = 30, .ws_col = 100 }, got;

	open_pair();
	CHECK_EQ(ioctl(master, TIOCSWINSZ, &w), 0);
	CHECK_EQ(ioctl(slave, TIOCGWINSZ, &got), 0);
	CHECK(got.ws_row == 30 && got.ws_col == 100);
}

TEST(dev_tty_is_the_controlling_terminal)
{
	setsid();
	CHECK_ERR(open("/dev/tty", O_RDWR), ENXIO);
	open_pair();
	NEED(ioctl(slave, TIOCSCTTY, 0) == 0);
	int fd = open("/dev/tty", O_RDWR);

	CHECK(fd >= 0);
	CHECK_EQ(tcgetsid(fd), getpid());
	CHECK_EQ(write(fd, "x", 1), 1);
	char c;

	CHECK_EQ(read(master, &c, 1), 1);
	CHECK_EQ(c, 'x');
	signal(SIGHUP, SIG_IGN);
	int null = open("/dev/null", O_RDWR);

	CHECK_ERR(ioctl(null, TIOCSCTTY, 0), ENOTTY);
	CHECK(!isatty(null));
}

TAP_MAIN()
