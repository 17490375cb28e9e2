/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TIME_NTP_H
#define KERNEL_TIME_NTP_H
/* ntp.h -- between adjtimex.c, timekeeping.c and ntp.c */

#include <kernel/ktime.h>
#include <uapi/time.h>

struct timex {
	unsigned int modes;
	long offset, freq, maxerror, esterror;
	int status;
	long constant, precision, tolerance;
	struct timeval time;
	long tick, ppsfreq, jitter;
	int shift;
	long stabil, jitcnt, calcnt, errcnt, stbcnt;
	int tai;
	int reserved[11];
};
static_assert(sizeof(struct timex) == 208, "Linux ABI");

#define ADJ_OFFSET 0x0001
#define ADJ_FREQUENCY 0x0002
#define ADJ_MAXERROR 0x0004
#define ADJ_ESTERROR 0x0008
#define ADJ_STATUS 0x0010
#define ADJ_TIMECONST 0x0020
#define ADJ_TAI 0x0080
#define ADJ_SETOFFSET 0x0100
#define ADJ_MICRO 0x1000
#define ADJ_NANO 0x2000
#define ADJ_TICK 0x4000
#define ADJ_ADJTIME 0x8000            /* adjtime(): ADJ_OFFSET with it */
#define ADJ_OFFSET_READONLY 0x2000    /* and it is read only */

#define STA_PLL 0x0001
#define STA_FLL 0x0008
#define STA_INS 0x0010
#define STA_DEL 0x0020
#define STA_UNSYNC 0x0040
#define STA_FREQHOLD 0x0080
#define STA_NANO 0x2000
#define STA_MODE 0x4000
#define STA_RONLY 0xff00

enum { TIME_OK, TIME_INS, TIME_DEL, TIME_OOP, TIME_WAIT, TIME_ERROR };

/* Any context; what each does, ntp.c says. */
s64 ntp_rate(void);
bool ntp_active(void);
int ntp_second(s64 secs, u64 more, ktime_t mono);
void ntp_clear(void);
/* Do what tx->modes ask for, and tell all of it; now: s of the wall clock.
 * TIME_*; *tai: tx->constant is the new TAI offset. */
int ntp_adjtimex(struct timex *tx, s64 now, ktime_t mono, bool *tai);

#endif
