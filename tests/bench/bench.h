/* SPDX-License-Identifier: MIT */
#ifndef BENCH_H
#define BENCH_H
/* bench.h -- what the files of this program share */

#include <stdint.h>
#include <sys/types.h>

/* Print why, and end. */
void die(const char *what) __attribute__((noreturn));

/* Nanoseconds since some moment. */
int64_t now(void);

/* Print one row: NAME NANOSECONDS. */
void report(const char *name, int64_t ns);

/* Until the child has ended, with status 0. */
void wait_for(pid_t pid);

/* A row: run(n) does it n times. */
struct bench {
	const char *name;
	void (*run)(long n);
};

/* events.c; the last one has no name. */
extern const struct bench event_benches[];

/* net.c; the same. */
extern const struct bench net_benches[];

/* disk.c: what files cost that lie on a disk, below `folder`; only the rows
 * whose names contain `only`. */
void disk_rows(const char *folder, const char *only);

/* peer.c: TCP to the peer of tools/bench; bytes of memory that a pair of
 * connected sockets takes, of that many pairs. */
void peer_rows(const char *host, int port);
void idle_row(int count);

#endif
