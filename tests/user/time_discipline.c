/* SPDX-License-Identifier: MIT */
/* time_discipline.c -- adjtimex: how a time daemon steers the clock */

#define _GNU_SOURCE
#include "tap.h"

#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>

#define PPM 65536L
#define MS 1000000L
#define ADJ_ADJTIME 0x8000

static long ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

static void set_clock(long when)
{
	struct timespec ts = { when / (1000 * MS), when % (1000 * MS) };

	clock_settime(CLOCK_REALTIME, &ts);
}

static int ask(struct timex *tx, unsigned modes)
{
	tx->modes = modes;
	return syscall(SYS_adjtimex, tx);
}

/* As the kernel has it at boot. */
static void undo(void)
{
	struct timex tx = { .tick = 10000, .status = STA_UNSYNC };

	ask(&tx, ADJ_STATUS | ADJ_TICK | ADJ_FREQUENCY | ADJ_MICRO);
	tx.constant = tx.offset = 0;
	ask(&tx, ADJ_TAI);
	ask(&tx, ADJ_OFFSET_SINGLESHOT);
}

TEST(the_discipline_tells_its_state)
{
	struct timex tx = { 0 };
	int state = ask(&tx, 0);

	CHECK(state >= 0);
	CHECK_EQ(tx.tick, 10000);
	CHECK_EQ(tx.precision, 1);
	CHECK_EQ(tx.tolerance, 500 * PPM);
	CHECK_EQ(state == TIME_ERROR, (tx.status & STA_UNSYNC) != 0);
	CHECK(labs(tx.time.tv_sec - time(NULL)) <= 1);
	CHECK(clock_adjtime(CLOCK_REALTIME, &tx) == state);
}

TEST(impossible_corrections_are_refused)
{
	struct timex tx = { .tick = 8999, .offset = 0 };

	CHECK_ERR(ask(&tx, ADJ_TICK), EINVAL);
	tx.tick = 11001;
	CHECK_ERR(ask(&tx, ADJ_TICK), EINVAL);
	CHECK_ERR(ask(&tx, ADJ_ADJTIME), EINVAL);
	CHECK_ERR(ask(&tx, ADJ_ADJTIME | ADJ_STATUS), EINVAL);
	tx.time.tv_usec = -1;
	CHECK_ERR(ask(&tx, ADJ_SETOFFSET), EINVAL);
	tx.time.tv_usec = 1000000;
	CHECK_ERR(ask(&tx, ADJ_SETOFFSET), EINVAL);
	tx.time.tv_usec = 1000000000;
	CHECK_ERR(ask(&tx, ADJ_SETOFFSET | ADJ_NANO), EINVAL);
	tx.freq = 1L << 62;
	CHECK_ERR(ask(&tx, ADJ_FREQUENCY), EINVAL);
	tx.freq = -(1L << 62);
	CHECK_ERR(ask(&tx, ADJ_FREQUENCY), EINVAL);
	CHECK_ERR(syscall(SYS_adjtimex, 8), EFAULT);
	CHECK_ERR(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &tx), EOPNOTSUPP);
	CHECK_ERR(syscall(SYS_clock_adjtime, 99, &tx), EINVAL);
	tx.modes = 0;
	CHECK_ERR(syscall(SYS_clock_adjtime, CLOCK_REALTIME, 8), EFAULT);
	CHECK(ask(&tx, 0x400) >= 0);  /* a bit that means nothing */
	undo();
}

TEST(others_may_only_look)
{
	struct timex tx = { .tick = 10000 };
	unsigned modes;

	NEED(getuid() == 0);
	NEED(setuid(1000) == 0);
	CHECK(ask(&tx, 0) >= 0);
	CHECK(ask(&tx, ADJ_OFFSET_SS_READ) >= 0);
	CHECK_ERR(ask(&tx, ADJ_OFFSET_SINGLESHOT), EPERM);
	for (modes = 1; modes < ADJ_ADJTIME; modes <<= 1)
		CHECK_ERR(ask(&tx, modes), EPERM);
	tx.tick = 0;                  /* who may not is told that first */
	CHECK_ERR(ask(&tx, ADJ_TICK), EPERM);
}

/* How much faster than the bare hardware, in ppm; the best of what was seen. */
static long speed(void)
{
	long from[2], to[2], i, until;

	for (i = 0; i < 2; i++) {
		long *at = i ? to : from, raw;

		until = ns(CLOCK_MONOTONIC_RAW) + 50 * MS;
		while (i && ns(CLOCK_MONOTONIC_RAW) < until)
			;
		do {                  /* both in the same 10 us */
			raw = ns(CLOCK_MONOTONIC_RAW);
			at[0] = ns(CLOCK_MONOTONIC);
			at[1] = ns(CLOCK_MONOTONIC_RAW);
		} while (at[1] - raw > 10000);
	}
	return ((to[0] - from[0]) - (to[1] - from[1])) * 1000000 /
	       (to[1] - from[1]);
}

TEST(frequency_and_tick_change_the_speed)
{
	struct timex tx = { .freq = 600 * PPM, .tick = 10100 };
	long ppm;

	NEED(getuid() == 0);
	CHECK(ask(&tx, ADJ_FREQUENCY | ADJ_TICK) >= 0);
	CHECK_EQ(tx.freq, 500 * PPM); /* what is possible */
	CHECK_EQ(tx.tick, 10100);
	ppm = speed();
	CHECK(ppm > 9800 && ppm < 11200);
	tx.freq = -123 * PPM;
	tx.tick = 9900;
	CHECK(ask(&tx, ADJ_FREQUENCY | ADJ_TICK) >= 0);
	CHECK_EQ(tx.freq, -123 * PPM);
	ppm = speed();
	CHECK(ppm < -9400 && ppm > -10800);
	undo();
}

TEST(variables_are_kept_and_limited)
{
	struct timex tx = { .maxerror = 1234, .esterror = 567, .constant = 3 };

	NEED(getuid() == 0);
	CHECK(ask(&tx, ADJ_MAXERROR | ADJ_ESTERROR | ADJ_TIMECONST |
		  ADJ_MICRO) >= 0);
	CHECK_EQ(tx.esterror, 567);
	CHECK(tx.maxerror >= 1234 && tx.maxerror <= 2234);
	CHECK_EQ(tx.constant, 7);
	tx.constant = 100;
	ask(&tx, ADJ_TIMECONST | ADJ_NANO);
	CHECK_EQ(tx.constant, 10);
	tx.status = 0xffff;           /* some are the kernel's */
	ask(&tx, ADJ_STATUS);
	CHECK_EQ(tx.status & ~0xff00, 0xff);
	tx.constant = 37;
	ask(&tx, ADJ_TAI);
	CHECK_EQ(tx.tai, 37);
	CHECK_EQ((ns(CLOCK_TAI) - ns(CLOCK_REALTIME) + 500 * MS) / (1000 * MS),
		 37);
	tx.constant = -1;
	ask(&tx, ADJ_TAI);
	CHECK_EQ(tx.tai, 37);
	tx.constant = 2;
	ask(&tx, ADJ_TIMECONST);
	undo();
}

static void until(long when)
{
	while (ns(CLOCK_REALTIME) < when)
		usleep(2000);
}

/* us: a second's slew is 1.5 ms; its tick may come some hundredths late. */
#define LATE 100

/*
 * 23:59:58.6, a leap second before midnight: what is slewed, and what leaps.
 *	58.6  all is set      59  INS, a 64th is slewed      60  59 again, OOP
 */
TEST(a_day_ends_with_a_leap_second)
{
	long real = ns(CLOCK_REALTIME), mono = ns(CLOCK_MONOTONIC);
	long midnight = (real / (86400000 * MS) + 1) * 86400000 * MS;
	struct timex tx = { .offset = 100000 }, adj = { .offset = 50000 };

	NEED(getuid() == 0);
	undo();
	set_clock(midnight - 1400 * MS);
	tx.status = STA_PLL | STA_INS;
	CHECK_EQ(ask(&tx, ADJ_STATUS | ADJ_MAXERROR | ADJ_OFFSET |
		     ADJ_TIMECONST | ADJ_MICRO), TIME_OK);
	CHECK_EQ(tx.constant, 4);
	CHECK(tx.offset >= 99998 && tx.offset <= 100000);
	CHECK_EQ(ask(&adj, ADJ_OFFSET_SINGLESHOT), TIME_OK);
	CHECK_EQ(ask(&adj, ADJ_OFFSET_SS_READ), TIME_OK);
	CHECK_EQ(adj.offset, 50000);

	until(midnight - 950 * MS);
	CHECK_EQ(ask(&tx, 0), TIME_INS);
	CHECK(labs(tx.offset - 98437) < LATE);
	CHECK_EQ(tx.maxerror, 500);
	ask(&adj, ADJ_OFFSET_SS_READ);
	CHECK_EQ(adj.offset, 49500);

	until(midnight - 50 * MS);
	usleep(100000);               /* a minute of 61 seconds */
	CHECK_EQ(ask(&tx, 0), TIME_OOP);
	CHECK_EQ(ns(CLOCK_REALTIME) / (1000 * MS), midnight / (1000 * MS) - 1);
	CHECK_EQ(tx.tai, 1);
	CHECK(labs(tx.offset - 96899) < LATE);
	/* Told again after one or two seconds: a frequency comes of it. */
	tx.offset = 100000;
	ask(&tx, ADJ_OFFSET);
	CHECK(labs(tx.freq - 100000) < 10 || labs(tx.freq - 200000) < 10);
	tx.status = 0;
	CHECK_EQ(ask(&tx, ADJ_STATUS), TIME_OK);
	undo();
	set_clock(real + ns(CLOCK_MONOTONIC) - mono);
}

TAP_MAIN()
