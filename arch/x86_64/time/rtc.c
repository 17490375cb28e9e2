/* SPDX-License-Identifier: MIT */
/*
 * rtc.c -- the wall clock of the CMOS chip (MC146818), kept by a battery
 *
 * Registers 0-9 and 0x32 hold seconds to century, in BCD unless register B
 * says otherwise, taken as UTC.  Once a second the chip changes them, and they
 * are not to be read while register A's bit 7 says so; since that bit may rise
 * between two reads, the whole is read until two readings agree.
 */

#include "time.h"

#include <arch/io.h>
#include <arch/processor.h>
#include <arch/time.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define RTC_REG_A 0x0a
#define RTC_REG_B 0x0b
#define RTC_UPDATING 0x80
#define RTC_BINARY 0x04
#define RTC_24H 0x02
#define RTC_PM 0x80

enum rtc_reg { RTC_SEC = 0, RTC_MIN = 2, RTC_HOUR = 4, RTC_DAY = 7,
	       RTC_MONTH = 8, RTC_YEAR = 9, RTC_CENTURY = 0x32 };

struct rtc_fields {
	u8 sec, min, hour, day, month, year, century;
};

static DEFINE_RAW_SPINLOCK(rtc_lock);

static u8 cmos_read(u8 reg)
{
	outb(reg, CMOS_INDEX);
	return inb(CMOS_DATA);
}

static struct rtc_fields read_fields(void)
{
	while (cmos_read(RTC_REG_A) & RTC_UPDATING)
		cpu_relax();
	return (struct rtc_fields){
		cmos_read(RTC_SEC), cmos_read(RTC_MIN), cmos_read(RTC_HOUR),
		cmos_read(RTC_DAY), cmos_read(RTC_MONTH), cmos_read(RTC_YEAR),
		cmos_read(RTC_CENTURY) };
}

static unsigned from_bcd(u8 v)
{
	return (v & 0xf) + (v >> 4) * 10;
}

/* Days since 1970-01-01, Gregorian; years begin in March: leap days come
 * last. */
static s64 days_from_date(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month <= 2 ? year - 1 : year;
	unsigned m = month <= 2 ? month + 9 : month - 3;

	return 365LL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 +
	       day - 1 - 719468;
}

void read_persistent_clock64(struct timespec64 *ts)
{
	struct rtc_fields f, again;
	unsigned long flags;
	unsigned hour, year;
	bool pm, binary;
	u8 b;

	raw_spin_lock_irqsave(&rtc_lock, flags);
	do {
		f = read_fields();
		again = read_fields();
	} while (memcmp(&f, &again, sizeof(f)) != 0);
	b = cmos_read(RTC_REG_B);
	raw_spin_unlock_irqrestore(&rtc_lock, flags);

	binary = b & RTC_BINARY;
	pm = !(b & RTC_24H) && (f.hour & RTC_PM);
	f.hour &= b & RTC_24H ? 0xff : 0x7f;
#define FIELD(x) (binary ? f.x : from_bcd(f.x))
	hour = FIELD(hour);
	if (!(b & RTC_24H))
		hour = hour % 12 + (pm ? 12 : 0);
	year = FIELD(year) + 100 * (FIELD(century) == 19 ? 19 : 20);
	ts->tv_sec = days_from_date(year, FIELD(month), FIELD(day)) * 86400 +
		     hour * 3600 + FIELD(min) * 60 + FIELD(sec);
	ts->tv_nsec = 0;
#undef FIELD
}
