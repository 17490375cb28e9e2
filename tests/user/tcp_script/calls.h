/* SPDX-License-Identifier: MIT */
#ifndef TCP_SCRIPT_CALLS_H
#define TCP_SCRIPT_CALLS_H
/* calls.h -- this end: system calls by name, and all commands of a script */

#include "peer.h"
#include "states.h"

/* ---- this end: calls ---- */

static void told(struct script *s, long ret)
{
	static const struct {
		int e;
		const char *name;
	} names[] = {
#define E(x) { x, #x }
		E(EAGAIN), E(ECONNREFUSED), E(ECONNRESET), E(EPIPE),
		E(ETIMEDOUT), E(ENOTCONN), E(EINPROGRESS), E(EALREADY),
		E(EISCONN), E(EINVAL), E(EHOSTUNREACH), E(ENETUNREACH),
		E(EADDRINUSE), E(ECONNABORTED), E(EPROTO), E(ENOPROTOOPT),
		E(EOPNOTSUPP), E(EMSGSIZE), E(EADDRNOTAVAIL), E(EACCES),
		E(EBADF), E(ENOENT), E(EFAULT), E(EPERM),
	};
	int e = errno;

	if (ret >= 0) {
		say(s, "= %ld\n", ret);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].e == e) {
			say(s, "= %s\n", names[i].name);
			return;
		}
	}
	say(s, "= errno %d\n", e);
}

static int new_socket(struct script *s)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(s->lport) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	sin.sin_addr.s_addr = htonl(0x0a4e0001);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&sin, sizeof(sin)) < 0)
		told(s, -1);
	return fd;
}

static void do_listen(struct script *s, struct words *w)
{
	long backlog = number_or(w, 10);
	int conn = s->conn;

	if (s->listener < 0 && s->fd[s->cur] >= 0) { /* `set` came first */
		s->listener = s->fd[s->cur];
		s->fd[s->cur] = -1;
	}
	if (s->listener < 0)
		s->listener = new_socket(s);
	if (listen(s->listener, backlog) < 0)
		told(s, -1);
	for (int i = 0; i < MAX_CONNS; i++) {
		s->conn = i;
		if (s->conns[i].state == CLOSED)
			saw_state(s, LISTENS);
	}
	s->conn = conn;
}

static void do_connect(struct script *s, struct words *w)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int *fd = &s->fd[s->cur];

	if (*fd < 0)
		*fd = new_socket(s);
	sin.sin_port = htons(s->conns[s->conn].port);
	sin.sin_addr.s_addr = htonl(s->peer);
	told(s, connect(*fd, (void *)&sin, sizeof(sin)));
}

static void do_accept(struct script *s, struct words *w)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0) {
		told(s, -1);
		return;
	}
	s->fd[s->cur] = fd;
	say(s, "= ok\n");
}

/* Position of each end's stream, for the pattern. */
static uint32_t sent_at[MAX_CASES][4], read_at[MAX_CASES][4];

static void do_send(struct script *s, struct words *w)
{
	static uint8_t buf[300000];
	uint32_t *at = &sent_at[s->index][s->cur];
	long n = number(s, w), ret;
	int flags = MSG_NOSIGNAL;

	while (w->at < w->n) {
		const char *k = w->w[w->at++];

		flags |= !strcmp(k, "oob") ? MSG_OOB :
			 !strcmp(k, "more") ? MSG_MORE : 0;
	}
	for (long i = 0; i < n; i++)
		buf[i] = pattern(*at + 1 + i);
	ret = send(s->fd[s->cur], buf, n, flags);
	told(s, ret);
	if (ret > 0)
		*at += ret;
}

static void do_recv(struct script *s, struct words *w)
{
	static uint8_t buf[300000];
	uint32_t *at = &read_at[s->index][s->cur];
	long n = number(s, w), ret;
	int flags = 0, oob = 0, skip = 0;

	while (w->at < w->n) {
		const char *k = w->w[w->at++];

		flags |= !strcmp(k, "peek") ? MSG_PEEK :
			 !strcmp(k, "trunc") ? MSG_TRUNC :
			 !strcmp(k, "waitall") ? MSG_WAITALL :
			 !strcmp(k, "oob") ? MSG_OOB : 0;
		if (!strcmp(k, "skip"))       /* an urgent byte was left out */
			skip = 1;
	}
	oob = flags & MSG_OOB;
	*at += skip;
	ret = recv(s->fd[s->cur], buf, n, flags);
	told(s, ret);
	if (oob && ret == 1)
		say(s, "= byte %c\n", buf[0]);
	for (long i = 0; i < ret && !oob && !(flags & MSG_TRUNC); i++) {
		if (buf[i] != pattern(*at + 1 + i)) {
			say(s, "= wrong at %ld\n", i);
			break;
		}
	}
	if (ret > 0 && !oob && !(flags & MSG_PEEK))
		*at += ret;
}

static const struct option_name {
	const char *name;
	int level, opt;
} options[] = {
	{ "nodelay", IPPROTO_TCP, TCP_NODELAY },
	{ "cork", IPPROTO_TCP, TCP_CORK },
	{ "quickack", IPPROTO_TCP, TCP_QUICKACK },
	{ "keepidle", IPPROTO_TCP, TCP_KEEPIDLE },
	{ "keepintvl", IPPROTO_TCP, TCP_KEEPINTVL },
	{ "keepcnt", IPPROTO_TCP, TCP_KEEPCNT },
	{ "linger2", IPPROTO_TCP, TCP_LINGER2 },
	{ "defer", IPPROTO_TCP, TCP_DEFER_ACCEPT },
	{ "maxseg", IPPROTO_TCP, TCP_MAXSEG },
	{ "syncnt", IPPROTO_TCP, TCP_SYNCNT },
	{ "usertimeout", IPPROTO_TCP, TCP_USER_TIMEOUT },
	{ "clamp", IPPROTO_TCP, TCP_WINDOW_CLAMP },
	{ "keepalive", SOL_SOCKET, SO_KEEPALIVE },
	{ "rcvbuf", SOL_SOCKET, SO_RCVBUF },
	{ "sndbuf", SOL_SOCKET, SO_SNDBUF },
	{ "rcvlowat", SOL_SOCKET, SO_RCVLOWAT },
	{ "oobinline", SOL_SOCKET, SO_OOBINLINE },
	{ "error", SOL_SOCKET, SO_ERROR },
	{ "recverr", IPPROTO_IP, 11 },
	{ "pmtudisc", IPPROTO_IP, 10 },
	{ "mtu", IPPROTO_IP, 14 },
	{ "tos", IPPROTO_IP, 1 },
};

static const struct option_name *find_option(struct script *s, const char *n)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(options[i].name, n))
			return &options[i];
	die(s, n);
	return NULL;
}

/* The socket that options are set on: the current, or the listener. */
static int the_socket(struct script *s)
{
	if (s->fd[s->cur] < 0 && s->listener >= 0)
		return s->listener;
	if (s->fd[s->cur] < 0)
		s->fd[s->cur] = new_socket(s);
	return s->fd[s->cur];
}

static void do_set(struct script *s, struct words *w)
{
	const char *name = w->w[w->at++];
	int v = number(s, w), ret;

	if (!strcmp(name, "linger")) {
		struct linger l = { v >= 0, v };

		ret = setsockopt(the_socket(s), SOL_SOCKET, SO_LINGER, &l,
				 sizeof(l));
	} else if (!strcmp(name, "reno")) {
		ret = setsockopt(the_socket(s), IPPROTO_TCP, TCP_CONGESTION,
				 "reno", 4);
	} else {
		const struct option_name *o = find_option(s, name);

		ret = setsockopt(the_socket(s), o->level, o->opt, &v,
				 sizeof(v));
	}
	if (ret)
		told(s, -1);
}

static void do_get(struct script *s, struct words *w)
{
	const struct option_name *o = find_option(s, w->w[w->at++]);
	socklen_t len = sizeof(int);
	int v = 0;

	if (getsockopt(the_socket(s), o->level, o->opt, &v, &len))
		told(s, -1);
	else if (o->opt == SO_ERROR && o->level == SOL_SOCKET && v) {
		errno = v;
		told(s, -1);
	} else {
		told(s, v);
	}
}

/* The state of the connection, wherever it is, by /proc/net/tcp; 0: none. */
static unsigned state_now(struct script *s)
{
	FILE *f = fopen("/proc/net/tcp", "r");
	char line[300], want[32];
	unsigned st = 0, state;

	snprintf(want, sizeof(want), "%08X:%04X", htonl(s->peer),
		 s->conns[s->conn].port);
	while (f && fgets(line, sizeof(line), f)) {
		char local[32], remote[32];

		if (sscanf(line, "%*s %31s %31s %x", local, remote,
			   &state) != 3)
			continue;
		if (!strcmp(remote, want) &&
		    strtol(local + 9, NULL, 16) == s->lport)
			st = state;
	}
	if (f)
		fclose(f);
	saw_state(s, st ? st : CLOSED);
	return st;
}

static void do_state(struct script *s, struct words *w)
{
	unsigned st = state_now(s);

	say(s, "= %s\n", st < STATES ? state_names[st] : "?");
}

static void do_info(struct script *s, struct words *w)
{
	static const struct {
		const char *name;
		int at, size;
	} fields[] = {
#define F(x) { #x, offsetof(struct tcp_info, tcpi_##x), \
	       sizeof(((struct tcp_info *)0)->tcpi_##x) }
		F(state), F(ca_state), F(retransmits), F(probes), F(backoff),
		F(options), F(unacked), F(sacked), F(lost), F(retrans),
		F(snd_cwnd), F(snd_ssthresh), F(snd_mss), F(rcv_mss),
		F(advmss), F(pmtu), F(reordering), F(total_retrans),
	};
	struct tcp_info ti;
	socklen_t len = sizeof(ti);

	memset(&ti, 0, sizeof(ti));
	if (getsockopt(s->fd[s->cur], IPPROTO_TCP, TCP_INFO, &ti, &len)) {
		told(s, -1);
		return;
	}
	say(s, "=");
	while (w->at < w->n) {
		const char *name = w->w[w->at++];

		for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
			char *p = (char *)&ti + fields[i].at;

			if (strcmp(fields[i].name, name))
				continue;
			say(s, " %s %u", name, fields[i].size == 1 ?
			    *(uint8_t *)p : *(uint32_t *)p);
		}
	}
	say(s, "\n");
}

static void do_poll(struct script *s, struct words *w)
{
	static const struct {
		int bit;
		const char *name;
	} bits[] = {
		{ POLLIN, "in" }, { POLLPRI, "pri" }, { POLLOUT, "out" },
		{ POLLERR, "err" }, { POLLHUP, "hup" }, { 0x2000, "rdhup" },
	};
	struct pollfd p = { .fd = s->fd[s->cur],
			    .events = POLLIN | POLLPRI | POLLOUT | 0x2000 };

	if (w->at < w->n)
		p.fd = s->listener;
	poll(&p, 1, 0);
	say(s, "=");
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if (p.revents & bits[i].bit)
			say(s, " %s", bits[i].name);
	say(s, "\n");
}

static void do_ioctl(struct script *s, struct words *w)
{
	const char *k = w->w[w->at++];
	int v = 0;

	told(s, ioctl(s->fd[s->cur], !strcmp(k, "inq") ? SIOCINQ :
		      !strcmp(k, "outq") ? SIOCOUTQ : 0x8905, &v) ? -1 : v);
}

static void do_shut(struct script *s, struct words *w)
{
	const char *k = w->w[w->at++];

	told(s, shutdown(s->fd[s->cur], !strcmp(k, "rd") ? SHUT_RD :
			 !strcmp(k, "wr") ? SHUT_WR : SHUT_RDWR));
}

static void do_close(struct script *s, struct words *w)
{
	int *fd = w->at < w->n ? &s->listener : &s->fd[s->cur];

	if (fd == &s->listener && s->conns[s->conn].state == LISTENS)
		saw_state(s, CLOSED);
	if (close(*fd))
		told(s, -1);
	*fd = -1;
	if (fd != &s->listener && s->nconns == 1)
		state_now(s);
}

static void do_disconnect(struct script *s, struct words *w)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	told(s, connect(s->fd[s->cur], &sa, sizeof(sa)));
}

static void do_sysctl(struct script *s, struct words *w)
{
	char path[128];
	int fd, n;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", w->w[w->at]);
	fd = open(path, O_WRONLY);
	n = fd < 0 ? -1 : (int)write(fd, w->w[w->at + 1],
				     strlen(w->w[w->at + 1]));
	if (n < 0)
		told(s, -1);
	close(fd);
}

static void do_wait(struct script *s, struct words *w)
{
	s->until = now_ms() + number(s, w);
	s->want = -1;
}

/* "until N [MS]": N packets have come, however long they take. */
static void do_until(struct script *s, struct words *w)
{
	s->want = number(s, w);
	s->until = now_ms() + number_or(w, 3000);
}

static void do_conn(struct script *s, struct words *w)
{
	s->conn = number(s, w);
	if (s->conn >= s->nconns)
		s->nconns = s->conn + 1;
}

static void do_fd(struct script *s, struct words *w)
{
	s->cur = number(s, w) & 3;
}

static void do_isn(struct script *s, struct words *w)
{
	s->conns[s->conn].isn = strtoul(w->w[w->at], NULL, 0);
	s->conns[s->conn].have_isn = 0;
}

/* The same four numbers, another connection: its SYN counts anew. */
static void do_again(struct script *s, struct words *w)
{
	s->conns[s->conn].have_isn = 0;
}

static void do_show(struct script *s, struct words *w)
{
	if (!strcmp(w->w[w->at], "push"))
		s->show_push = 1;
	else
		s->show_win = 1;
}

/* Comments, and `use`, when recording. */
static void do_nothing(struct script *s, struct words *w)
{
}

static void do_repeat(struct script *s, struct words *w);

static const struct command {
	const char *name;
	void (*run)(struct script *s, struct words *w);
} commands[] = {
	{ "<", peer_sends }, { "icmp", router_says }, { "listen", do_listen },
	{ "connect", do_connect }, { "accept", do_accept },
	{ "send", do_send }, { "recv", do_recv }, { "set", do_set },
	{ "get", do_get }, { "state", do_state }, { "info", do_info },
	{ "poll", do_poll }, { "ioctl", do_ioctl }, { "shut", do_shut },
	{ "close", do_close }, { "disconnect", do_disconnect },
	{ "sysctl", do_sysctl }, { "wait", do_wait }, { "until", do_until },
	{ "conn", do_conn }, { "fd", do_fd }, { "isn", do_isn },
	{ "again", do_again }, { "show", do_show }, { "repeat", do_repeat },
	{ "flood", peer_floods }, { "bounded", tell_bounded },
	{ "use", do_nothing }, { "#", do_nothing },
};

static void run_words(struct script *s, struct words *w)
{
	const char *name = w->w[w->at++];

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(commands[i].name, name)) {
			commands[i].run(s, w);
			return;
		}
	}
	die(s, "unknown");
}

/* "repeat N line": N times. */
static void do_repeat(struct script *s, struct words *w)
{
	long n = number(s, w);
	int at = w->at;

	while (n--) {
		w->at = at;
		run_words(s, w);
	}
}

#endif
