/* SPDX-License-Identifier: MIT */
/*
 * tcp_script.c -- TCP as a peer sees it: segments in, answers compared
 *
 * IDEA.  The program is the other end of the wire (/dev/net/tun) and, by
 * sockets, the program on this end.  A script is a list of stimuli, each
 * followed by what came of it, as Linux 6.1 answered:
 *
 *	case data_out_of_order
 *	use handshake		lines of another case, before ours
 *	< A 11 10 1 win 1000	a segment: flags, seq, length, ack, options
 *	> A 1 0 1 sack 11 21	what TCP sent then
 *	recv 100		a call
 *	= EAGAIN		what it returned
 *
 * Numbers of bytes count from each side's initial sequence number, so what is
 * random is not in the scripts; time stamps show their echo only; windows are
 * shown where they are the protocol's (SYN, zero), or after `show win`; PSH
 * depends on how writes were gathered, and shows after `show push`.
 *
 * All scripts have a peer address and a port of their own.  Those that wait for
 * timers run together, so that they take as long as the longest.
 *
 * A machine that stalls lets timers fire between two lines, and the answers are
 * then right but others.  All of TCP's work for a case is done on the CPU that
 * we are pinned to, so its stalls are gaps in our own time: a case that fails
 * runs again, by itself, if there was one; else it has failed.
 *
 * `tcp_script -t` also says which case reaches which transition between states.
 * `tcp_script -r [FILE]` prints the scripts with the answers of the kernel it
 * runs on: that is how they were made.  SEE docs/114-tcp-scripts.md.
 */
#include "tcp_script/calls.h"

static const char builtin[] =
#include "tcp_scripts.h"
;

#define STALL_MS 15                   /* shorter than any timer that counts */

/* ---- running ---- */

static unsigned stalls;
static int text_is_ours;              /* all cases, not a file of some */
static double seen_at;                /* when we last looked at the clock */

/* We meant to be away for no longer than that. */
static void look_at_clock(double away)
{
	double now = now_ms();

	if (now - seen_at > away + STALL_MS)
		stalls++;
	seen_at = now;
}

static int was_stalled(const struct script *s)
{
	return s->late || s->stalls != stalls;
}

static int is_answer(const char *line)
{
	return *line == '>' || *line == '=' || *line == '[';
}

static void begin(struct script *s)
{
	s->pc = s->failed = s->done = s->conn = s->cur = s->late = 0;
	s->stalls = stalls;
	s->show_win = s->show_push = s->flooded = 0;
	if (!s->attempt)              /* too much is no matter of time */
		s->flood_kb = 0;
	s->nconns = 1;
	s->listener = -1;
	s->lport = 20000 + s->index + MAX_CASES * s->attempt;
	s->peer = 0x0a4e0100 + s->index + 2 + 512 * s->attempt;
	s->diag[0] = 0;
	for (int i = 0; i < 4; i++) {
		s->fd[i] = -1;
		sent_at[s->index][i] = read_at[s->index][i] = 0;
	}
	for (int i = 0; i < MAX_CONNS; i++) {
		memset(&s->conns[i], 0, sizeof(s->conns[i]));
		s->conns[i].port = 30000 + i;
		s->conns[i].isn = PEER_ISN;
		s->conns[i].state = CLOSED;
	}
	if (recording && !s->attempt)
		printf("\ncase %s\n%s", s->name,
		       s->is_long ? "long\n" : "");
}

static void finish(struct script *s)
{
	struct linger l = { 1, 0 };

	s->done = 1;
	if (s->listener >= 0)
		close(s->listener);
	for (int i = 0; i < 4; i++) {
		if (s->fd[i] < 0)
			continue;
		setsockopt(s->fd[i], SOL_SOCKET, SO_LINGER, &l, sizeof(l));
		close(s->fd[i]);
	}
}

static int expected_packets(struct script *s)
{
	int n = 0;

	for (int i = s->pc; i < s->nlines && is_answer(s->lines[i]); i++)
		n += s->lines[i][0] != '=';
	return n;
}

/* Begin the next stimulus. */
static void start_step(struct script *s)
{
	struct words w;
	char copy[512];
	int waits;

	look_at_clock(0);
	s->out[0] = 0;
	s->got = 0;
	s->want = -2;
	snprintf(copy, sizeof(copy), "%s", s->lines[s->pc]);
	if (recording && !s->borrowed[s->pc])
		printf("%s\n", copy);
	split(&w, copy);
	run_words(s, &w);
	waits = s->want != -2;
	s->pc++;
	if (waits)
		return;
	if (recording) {
		s->want = -1;
		s->until = now_ms() + 4;
	} else {
		s->want = expected_packets(s);
		s->until = now_ms() + 400;
	}
}

static void compare(struct script *s)
{
	int borrowed = s->borrowed[s->pc - 1];
	char want[OUT] = "";

	for (; s->pc < s->nlines && is_answer(s->lines[s->pc]); s->pc++) {
		size_t n = strlen(want);

		snprintf(want + n, OUT - n, "%s\n", s->lines[s->pc]);
	}
	if (recording) {
		fputs(borrowed ? "" : s->out, stdout);
		return;
	}
	if (!strcmp(want, s->out))
		return;
	s->failed = 1;
	snprintf(s->diag, sizeof(s->diag), "line %d\n%s", s->pc, s->out);
}

/* Is the step over?  Then judge it. */
static int step_over(struct script *s)
{
	if (now_ms() < s->until && (s->want < 0 || s->got < s->want))
		return 0;
	s->late |= now_ms() - s->until > STALL_MS;
	drain();
	compare(s);
	look_at_state(s);
	if (s->failed && was_stalled(s))
		s->failed = STALLED;
	return 1;
}

/* As far as it goes without waiting: 1, it is over. */
static int advance(struct script *s)
{
	for (;;) {
		if (s->until && !step_over(s))
			return 0;
		s->until = 0;
		if (s->failed || s->pc >= s->nlines) {
			finish(s);
			return 1;
		}
		start_step(s);
		drain();
	}
}

/* Run those of list[0..n) together. */
static void run_together(struct script **list, int n)
{
	int left = n;

	seen_at = now_ms();
	for (int i = 0; i < n; i++) {
		begin(list[i]);
		list[i]->until = 0;
	}
	while (left) {
		struct pollfd p = { .fd = tun, .events = POLLIN };
		double next = 1e18, now;

		left = 0;
		for (int i = 0; i < n; i++) {
			if (list[i]->done || advance(list[i]))
				continue;
			left++;
			if (list[i]->until < next)
				next = list[i]->until;
		}
		look_at_clock(0);
		now = seen_at;
		if (left && next > now)
			poll(&p, 1, (int)(next - now) + 1);
		look_at_clock(left && next > now ? next - now + 1 : 0);
		drain();
	}
}

static void run_all(void)
{
	struct script *batch[PARALLEL];
	int n = 0;

	for (int i = 0; i < ncases; i++)
		cases[i].done = 1;
	for (int i = 0; i < ncases; i++) {
		struct script *s = &cases[i];

		if (s->is_long && !getenv("TCP_SCRIPT_LONG"))
			continue;
		if (s->waits && !recording) {
			batch[n++] = s;
			if (n == PARALLEL) {
				run_together(batch, n);
				n = 0;
			}
		} else {
			run_together(&s, 1);
		}
	}
	run_together(batch, n);
	for (int i = 0; i < ncases; i++) {
		struct script *s = &cases[i];

		while (s->failed == STALLED && s->attempt < ATTEMPTS) {
			s->attempt++;
			run_together(&s, 1);
		}
	}
}

/* All cases, and whether they reach each transition: 1, not all is well. */
static int report(int table)
{
	int failed = 0;

	printf("TAP version 13\n1..%d\n", ncases + 1);
	for (int i = 0; i < ncases; i++) {
		struct script *s = &cases[i];

		for (char *p = s->failed ? strtok(s->diag, "\n") : NULL; p;
		     p = strtok(NULL, "\n"))
			printf("# %s\n", p);
		if (s->attempt)
			printf("# run %d times: the machine stalled\n",
			       s->attempt + 1);
		printf("%sok %d - %s%s\n", s->failed ? "not " : "", i + 1,
		       s->name, s->is_long && !getenv("TCP_SCRIPT_LONG") ?
		       " # SKIP" : "");
		failed |= s->failed;
	}
	if (text_is_ours && tell_arrows(table)) {
		printf("not ");
		failed = 1;
	}
	printf("ok %d - every_transition_is_reached\n", ncases + 1);
	return failed;
}

/* ---- the wire ---- */

static int configure(struct ifreq *ifr)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr->ifr_addr;
	int s = socket(AF_INET, SOCK_DGRAM, 0), bad;

	memset(&ifr->ifr_addr, 0, sizeof(ifr->ifr_addr));
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(0x0a4e0001);
	bad = ioctl(s, SIOCSIFADDR, ifr);
	sin->sin_addr.s_addr = htonl(0xffff0000);
	bad |= ioctl(s, SIOCSIFNETMASK, ifr);
	bad |= ioctl(s, SIOCGIFFLAGS, ifr);
	ifr->ifr_flags |= IFF_UP;
	bad |= ioctl(s, SIOCSIFFLAGS, ifr);
	close(s);
	return bad;
}

/* To the CPU we are on: see above. */
static void pin(void)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
}

static int open_wire(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int off;

	pin();
	unshare(CLONE_NEWNET);        /* ours alone, where that is possible */
	/* A tail loss probe goes after 10 ms: too soon for a slow machine. */
	off = open("/proc/sys/net/ipv4/tcp_early_retrans", O_WRONLY);
	if (write(off, "0", 1) < 0)
		printf("# probes stay on\n");
	close(off);
	tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return tun < 0 || ioctl(tun, TUNSETIFF, &ifr) < 0 || configure(&ifr);
}

static void skip_all(void)
{
	printf("TAP version 13\n1..%d\n", ncases);
	for (int i = 0; i < ncases; i++)
		printf("ok %d - %s # SKIP\n", i + 1, cases[i].name);
}

static char *load(const char *path)
{
	char *buf = calloc(1, 1 << 20);
	FILE *f = fopen(path, "r");

	if (!f || !buf || !fread(buf, 1, (1 << 20) - 1, f))
		exit(2);
	fclose(f);
	return buf;
}

int main(int argc, char **argv)
{
	int table = argc > 1 && !strcmp(argv[1], "-t");

	recording = argc > 1 && !strcmp(argv[1], "-r");
	argc -= recording | table;
	argv += recording | table;
	text_is_ours = argc < 2;
	cases = calloc(MAX_CASES, sizeof(*cases));
	text = argc > 1 ? load(argv[1]) : strdup(builtin);
	parse(text);
	if (open_wire()) {
		skip_all();
		return 0;
	}
	run_all();
	return recording ? 0 : report(table);
}
