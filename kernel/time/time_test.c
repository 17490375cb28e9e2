/* SPDX-License-Identifier: MIT */
/*
 * time_test.c -- clocks that do not go back, timers that are not early
 *
 * A virtual CPU can lose its host for many milliseconds: lateness is tested
 * only by the slow tests, and what must be armed together is armed with
 * irqs off.
 */

#include <kernel/clocksource.h>
#include <kernel/completion.h>
#include <kernel/delay.h>
#include <kernel/hrtimer.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/timekeeping.h>
#include <kernel/timer.h>

SELFTEST(jiffies_compare_right_across_a_wrap)
{
	unsigned long a = ULONG_MAX - 5, b = a + 10;

	EXPECT(time_after(b, a) && time_before(a, b));
	EXPECT(!time_after(a, b) && time_after_eq(a, a));
	EXPECT(msecs_to_jiffies(1) == 1);
	EXPECT(msecs_to_jiffies(4) == 1);
	EXPECT(msecs_to_jiffies(5) == 2);
}

SELFTEST(times_before_1970_have_no_negative_nanoseconds)
{
	struct timespec64 ts = ns_to_timespec64(-1);

	EXPECT(ts.tv_sec == -1 && ts.tv_nsec == 999999999);
	EXPECT(ktime_add_safe(KTIME_MAX - 1, 10) == KTIME_MAX);
}

SELFTEST(mult_and_shift_are_exact_to_a_millionth)
{
	static const u32 rates[] = { 3579545, 14318180, 100000000, 2100000000 };

	for (unsigned int i = 0; i < ARRAY_SIZE(rates); i++) {
		u32 mult, shift;
		u64 ns;

		clocks_calc_mult_shift(&mult, &shift, rates[i], NSEC_PER_SEC,
				       600);
		ns = ((u64)rates[i] * mult) >> shift;
		EXPECT(ns > NSEC_PER_SEC - 1000 && ns < NSEC_PER_SEC + 1000);
		/* 600 s of it still fit. */
		EXPECT((unsigned __int128)rates[i] * 600 * mult <= U64_MAX);
	}
}

SELFTEST(the_monotonic_clock_never_goes_back)
{
	ktime_t last = ktime_get();

	for (int i = 0; i < 2000; i++) {
		ktime_t now = ktime_get();

		if (now < last) {
			EXPECT(now >= last);
			return;
		}
		last = now;
	}
}

static ktime_t shared_last;

/* Every reading of any CPU is later than every one that was stored before. */
static int read_clock_for_a_while(void *data)
{
	ktime_t end = ktime_get() + 200 * NSEC_PER_MSEC;
	int back = 0;

	while (ktime_get() < end) {
		ktime_t seen = READ_ONCE(shared_last);

		smp_mb();
		if (ktime_get() < seen)
			back++;
		WRITE_ONCE(shared_last, ktime_get());
		cond_resched();
	}
	while (!kthread_should_stop())
		usleep_range(100, 200);
	return back;
}

SELFTEST_SLOW(the_monotonic_clock_agrees_on_all_cpus)
{
	struct task_struct *t[NR_CPUS];
	int cpu;

	shared_last = 0;
	for_each_online_cpu(cpu) {
		t[cpu] = kthread_create(read_clock_for_a_while, NULL, "clk");
		REQUIRE(!IS_ERR(t[cpu]));
		kthread_bind(t[cpu], cpu);
		wake_up_process(t[cpu]);
	}
	msleep(250);
	for_each_online_cpu(cpu)
		EXPECT(kthread_stop(t[cpu]) == 0);
}

SELFTEST(clocks_relate_by_their_offsets)
{
	ktime_t mono = ktime_get(), real = ktime_get_real();
	ktime_t boot = ktime_get_boottime(), raw = ktime_get_raw();

	EXPECT(boot >= mono && boot - mono < NSEC_PER_SEC);
	EXPECT(ktime_mono_to_any(mono, CLOCK_REALTIME) <= real);
	EXPECT(ktime_get_coarse() <= ktime_get());
	EXPECT(raw > 0);
}

struct shot {
	struct hrtimer timer;
	ktime_t fired;
	int order;
};

static atomic_t shots;

static enum hrtimer_restart note_shot(struct hrtimer *t)
{
	struct shot *s = container_of(t, struct shot, timer);

	s->fired = ktime_get();
	s->order = atomic_inc_return(&shots);
	return HRTIMER_NORESTART;
}

SELFTEST_SLOW(hrtimers_fire_in_order_and_not_early)
{
	static struct shot s[4];
	static const int delay_us[4] = { 1500, 500, 2000, 1000 };
	static const int order[4] = { 3, 1, 4, 2 };
	ktime_t start;

	atomic_set(&shots, 0);
	local_irq_disable();          /* all on one CPU, all before any fires */
	start = ktime_get();
	for (int i = 0; i < 4; i++) {
		hrtimer_init(&s[i].timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
		s[i].timer.function = note_shot;
		hrtimer_start(&s[i].timer,
			      start + delay_us[i] * NSEC_PER_USEC,
			      HRTIMER_MODE_ABS);
	}
	local_irq_enable();
	for (int i = 0; i < 400 && atomic_read(&shots) < 4; i++)
		usleep_range(100, 200);
	for (int i = 0; i < 4; i++) {
		EXPECT(s[i].order == order[i]);
		EXPECT(s[i].fired >= start + delay_us[i] * NSEC_PER_USEC);
		EXPECT(!hrtimer_active(&s[i].timer));
	}
}

SELFTEST_SLOW(a_cancelled_hrtimer_does_not_fire)
{
	static struct shot s;

	atomic_set(&shots, 0);
	hrtimer_init(&s.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	s.timer.function = note_shot;
	local_irq_disable();          /* a stalled host must not let it fire */
	hrtimer_start(&s.timer, NSEC_PER_MSEC, HRTIMER_MODE_REL);
	EXPECT(hrtimer_active(&s.timer));
	EXPECT(hrtimer_cancel(&s.timer) == 1);
	EXPECT(hrtimer_cancel(&s.timer) == 0);
	local_irq_enable();
	usleep_range(1500, 1600);
	EXPECT(atomic_read(&shots) == 0);
}

SELFTEST(hrtimer_forward_skips_whole_intervals)
{
	struct hrtimer t;

	hrtimer_init(&t, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	hrtimer_set_expires(&t, 100);
	EXPECT(hrtimer_forward(&t, 99, 10) == 0);
	EXPECT(hrtimer_forward(&t, 100, 10) == 1 && t.expires == 110);
	EXPECT(hrtimer_forward(&t, 145, 10) == 4 && t.expires == 150);
}

struct wheel_shot {
	struct timer_list timer;
	unsigned long fired;
};

static void note_wheel(struct timer_list *t)
{
	struct wheel_shot *s = from_timer(s, t, timer);

	s->fired = jiffies;
}

SELFTEST_SLOW(wheel_timers_are_not_early)
{
	static struct wheel_shot s[3];
	unsigned long start = jiffies;

	for (int i = 0; i < 3; i++) {
		timer_setup(&s[i].timer, note_wheel, 0);
		s[i].fired = 0;
		mod_timer(&s[i].timer, start + (i + 1) / 2);
		EXPECT(timer_pending(&s[i].timer));
	}
	EXPECT(del_timer(&s[1].timer) == 1);
	EXPECT(del_timer(&s[1].timer) == 0);
	for (int i = 0; i < 200 && !READ_ONCE(s[2].fired); i++)
		usleep_range(500, 600);
	EXPECT(s[0].fired && time_after_eq(s[0].fired, start));
	EXPECT(s[1].fired == 0);
	EXPECT(s[2].fired && time_after_eq(s[2].fired, start + 1));
	EXPECT(!timer_pending(&s[2].timer));
}

SELFTEST_SLOW(sleeping_takes_at_least_as_long_as_asked)
{
	ktime_t start = ktime_get();
	unsigned long j = jiffies;

	msleep(2);
	EXPECT(ktime_get() - start >= 2 * NSEC_PER_MSEC);
	EXPECT(jiffies - j >= 1);
	start = ktime_get();
	usleep_range(700, 800);
	EXPECT(ktime_get() - start >= 700 * NSEC_PER_USEC);
	start = ktime_get();
	udelay(50);
	EXPECT(ktime_get() - start >= 50 * NSEC_PER_USEC);
}

SELFTEST_SLOW(jiffies_advance_hz_times_a_second)
{
	ktime_t start = ktime_get();
	unsigned long j = jiffies;
	s64 expected, got;

	msleep(300);
	expected = (ktime_get() - start) / TICK_NSEC;
	got = jiffies - j;
	EXPECT(got >= expected - 2 && got <= expected + 2);
}

/* A busy host is late too: it shares the fate of what measures shares. */
SELFTEST_SHARES(long_wheel_timers_are_at_most_an_eighth_late)
{
	static const unsigned int spans[] = { 70, 130, 300 };

	for (unsigned int i = 0; i < ARRAY_SIZE(spans); i++) {
		static struct wheel_shot s;
		unsigned long start = jiffies;

		timer_setup(&s.timer, note_wheel, 0);
		s.fired = 0;
		mod_timer(&s.timer, start + spans[i]);
		while (!READ_ONCE(s.fired))
			msleep(4);
		EXPECT(s.fired - start >= spans[i]);
		EXPECT(s.fired - start <= spans[i] + spans[i] / 8 + 3);
	}
}

/* ---- timers of an idle CPU that RCU has work for ---- */

static struct rcu_head idle_head;

static void no_callback(struct rcu_head *head)
{
}

static void leave_rcu_work(struct timer_list *t)
{
	call_rcu(&idle_head, no_callback);
}

static struct late_shot {
	struct timer_list first, second;
	struct completion done;
	unsigned long late;
} late_shot;

static void note_lateness(struct timer_list *t)
{
	late_shot.late = jiffies - t->expires;
	complete(&late_shot.done);
}

/*
 * The first timer leaves RCU a callback in a CPU that is idle; the end of its
 * interrupt is RCU's quiescent state, behind all softirqs.  The idle loop must
 * see to the callback, and to the second timer.
 */
SELFTEST_SHARES(a_timer_is_on_time_behind_rcu_work_of_an_idle_cpu)
{
	int late = 0;

	for (int i = 0; i < 12; i++) {
		init_completion(&late_shot.done);
		timer_setup(&late_shot.first, leave_rcu_work, 0);
		timer_setup(&late_shot.second, note_lateness, 0);
		local_irq_disable();
		mod_timer(&late_shot.first, jiffies + 3);
		mod_timer(&late_shot.second, jiffies + 8);
		local_irq_enable();
		wait_for_completion(&late_shot.done);
		rcu_barrier();
		late += late_shot.late > HZ / 20;
	}
	EXPECT(late < 6);
}
