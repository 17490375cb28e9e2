/* SPDX-License-Identifier: MIT */
#ifndef TCP_SCRIPT_STATES_H
#define TCP_SCRIPT_STATES_H
/*
 * states.h -- which transitions of RFC 9293's figure 5 the cases reach
 *
 * Looked at after each step of a case with one connection: TCP_INFO while its
 * socket is open, the answers of `state` besides.  What lies between two looks
 * is one transition.
 */

#include "script.h"

enum { CLOSED = 7, LISTENS = 10, STATES = 13 };

static const char *const state_names[STATES] = {
	"none", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1",
	"FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN",
	"CLOSING", "NEW_SYN_RECV",
};

/*
 * The figure's arrows, and those that RST and FIN+ACK make (3.10.7).  A request
 * that is reset goes back to LISTEN there; here it is gone.  LISTEN to SYN_SENT,
 * by sending, is none: connect() of a listener is an error.
 */
static const struct arrow {
	unsigned char from, to;
	const char *why;
} arrows[] = {
	{ 7, 10, "passive OPEN" }, { 7, 2, "active OPEN, SYN" },
	{ 10, 7, "CLOSE" }, { 10, 3, "SYN: SYN,ACK" },
	{ 2, 7, "CLOSE, or RST" }, { 2, 3, "SYN: SYN,ACK" },
	{ 2, 1, "SYN,ACK: ACK" }, { 3, 1, "ACK of SYN" },
	{ 3, 4, "CLOSE: FIN" }, { 3, 7, "RST" }, { 3, 8, "FIN: ACK" },
	{ 1, 4, "CLOSE: FIN" }, { 1, 8, "FIN: ACK" }, { 1, 7, "RST" },
	{ 4, 5, "ACK of FIN" }, { 4, 11, "FIN: ACK" },
	{ 4, 6, "FIN, ACK of FIN: ACK" }, { 4, 7, "RST" },
	{ 5, 6, "FIN: ACK" }, { 5, 7, "RST" },
	{ 11, 6, "ACK of FIN" }, { 11, 7, "RST" },
	{ 8, 9, "CLOSE: FIN" }, { 8, 7, "RST" },
	{ 9, 7, "ACK of FIN" }, { 6, 7, "2 MSL, or RST" },
};

#define ARROWS (sizeof(arrows) / sizeof(*arrows))

static short reached[STATES][STATES]; /* by which case, from 1; 0: not yet */

static void saw_state(struct script *s, int state)
{
	int *now = &s->conns[s->conn].state;

	if (*now != state && state < STATES && !reached[*now][state])
		reached[*now][state] = s->index + 1;
	*now = state;
}

static void look_at_state(struct script *s)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (s->nconns == 1 && s->fd[s->cur] >= 0 &&
	    !getsockopt(s->fd[s->cur], IPPROTO_TCP, TCP_INFO, &info, &len))
		saw_state(s, info.tcpi_state);
}

/* How many were not reached; those, or all, in words. */
static int tell_arrows(int all)
{
	int missing = 0;

	for (size_t i = 0; i < ARROWS; i++) {
		const struct arrow *a = &arrows[i];
		int by = reached[a->from][a->to];

		missing += !by;
		if (all || !by)
			printf("# %-11s -> %-11s  %-22s %s\n",
			       state_names[a->from], state_names[a->to],
			       a->why, by ? cases[by - 1].name : "NO CASE");
	}
	return missing;
}

#endif
