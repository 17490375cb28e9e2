/* SPDX-License-Identifier: MIT */
#ifndef TCP_SCRIPT_H
#define TCP_SCRIPT_H
/* script.h -- what a script is; the words of its lines */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TUNSETIFF 0x400454ca
#define IFF_TUN 0x0001
#define IFF_NO_PI 0x1000
#ifndef SIOCINQ
#define SIOCINQ 0x541B
#define SIOCOUTQ 0x5411
#endif

#define MAX_CASES 400
#define MAX_LINES 200
#define MAX_CONNS 12
#define OUT 4096
#define PARALLEL 64
#define ATTEMPTS 5                    /* more, of a case on a stalled machine */
#define STALLED 2                     /* failed, and that may be why */
#define PEER_ISN 0x7ffff000u

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, ECE = 64,
       CWR = 128 };
static const char flag_names[] = "FSRPAUEC";

/* One connection as the peer knows it. */
struct conn {
	uint16_t port;                /* the peer's */
	uint32_t isn, their_isn;
	int have_isn, has_ts;
	uint32_t their_ts;            /* the last they sent */
	int state;                    /* of their end, as we saw it last */
};

struct script {
	char name[64];
	char *lines[MAX_LINES];
	char borrowed[MAX_LINES];     /* by `use` */
	int nlines, waits, is_long;
	/* running: */
	int index, attempt, pc, failed, done;
	int late;                     /* a wait of ours was far too long */
	unsigned stalls;              /* of the machine, before it began */
	int listener, fd[4], cur;
	struct conn conns[MAX_CONNS];
	int nconns, conn;
	uint16_t lport;
	uint32_t peer;                /* address */
	int show_win, show_push, flooded;
	long flood_kb;                /* the most that a flood took */
	int got;                      /* packets since the stimulus */
	int want;                     /* packets to wait for; -1: the time */
	double until;
	char out[OUT];                /* what came of the stimulus */
	char diag[2 * OUT];
};

static struct script *cases;
static int ncases, recording, tun;
static char *text;

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void die(struct script *s, const char *why)
{
	fprintf(stderr, "%s: line '%s': %s\n", s->name,
		s->pc < s->nlines ? s->lines[s->pc] : "", why);
	exit(2);
}

static void say(struct script *s, const char *fmt, ...)
{
	size_t n = strlen(s->out);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->out + n, OUT - n, fmt, ap);
	va_end(ap);
}

/* ---- reading scripts ---- */

static struct script *find_case(const char *name)
{
	for (int i = 0; i < ncases; i++)
		if (!strcmp(cases[i].name, name))
			return &cases[i];
	return NULL;
}

static void add_line(struct script *s, char *line)
{
	if (s->nlines == MAX_LINES)
		die(s, "too long");
	s->lines[s->nlines++] = line;
	if (!strncmp(line, "wait ", 5) || !strncmp(line, "until ", 6))
		s->waits = 1;
}

static void parse_line(char *line)
{
	struct script *s = ncases ? &cases[ncases - 1] : NULL, *from;

	if (*line == '#' && (!recording || !s))
		return;
	if (!strncmp(line, "case ", 5)) {
		s = &cases[ncases++];
		snprintf(s->name, sizeof(s->name), "%s", line + 5);
		s->index = ncases - 1;
		return;
	}
	if (!s)
		return;
	if (!strcmp(line, "long")) {
		s->is_long = 1;
		return;
	}
	if (!strncmp(line, "use ", 4)) {
		from = find_case(line + 4);
		if (!from)
			die(s, line);
		if (recording)
			add_line(s, line);
		for (int i = 0; i < from->nlines; i++) {
			add_line(s, from->lines[i]);
			s->borrowed[s->nlines - 1] = 1;
		}
		return;
	}
	add_line(s, line);
}

static void parse(char *all)
{
	char *save, *line;

	for (line = strtok_r(all, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		parse_line(line);
}

#endif
