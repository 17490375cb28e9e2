/* SPDX-License-Identifier: MIT */
/*
 * tracing.c -- /sys/kernel/tracing, as root finds it on either kernel
 *
 * Skipped where tracefs cannot be mounted, or where somebody else traces, and
 * on any machine but a guest of the tests: the rings belong to everybody.
 */

#include "tap.h"
#include "tracefs.h"

TEST(events_are_listed_and_described)
{
	need_tracing();
	CHECK(strstr(get("available_events"), "sched:sched_switch\n"));
	CHECK(strstr(get("available_events"), "signal:signal_deliver\n"));
	CHECK(strstr(get("events/sched/sched_switch/format"),
		     "name: sched_switch\n"));
	CHECK(strstr(get("events/sched/sched_switch/format"), "next_pid"));
	CHECK(atoi(get("events/sched/sched_switch/id")) > 0);
	CHECK(strstr(get("current_tracer"), "nop"));
}

TEST(an_enabled_event_writes_a_line_for_its_task)
{
	char want[64];

	need_tracing();
	NEED(put("events/signal/signal_generate/enable", "1") == 0);
	CHECK(get("events/signal/signal_generate/enable")[0] == '1');
	signal(SIGUSR2, SIG_IGN);
	signal(SIGUSR1, SIG_DFL);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	CHECK(put("events/signal/signal_generate/enable", "0") == 0);
	snprintf(want, sizeof(want), "-%d ", getpid());
	CHECK(strstr(get("trace"), "signal_generate: sig=10"));
	CHECK(strstr(get("trace"), want));
	CHECK(clear() == 0);
	CHECK(!strstr(get("trace"), "signal_generate: sig=10"));
}

TEST(a_filter_keeps_the_rest_out)
{
	need_tracing();
	NEED(put("events/signal/signal_generate/filter", "sig == 12") == 0);
	NEED(put("events/signal/signal_generate/enable", "1") == 0);
	sigset_t set;
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	CHECK(put("events/signal/signal_generate/enable", "0") == 0);
	CHECK(!strstr(get("trace"), "signal_generate: sig=10"));
	CHECK(strstr(get("trace"), "signal_generate: sig=12"));
	CHECK(put("events/signal/signal_generate/filter", "0") == 0);
	CHECK_ERR(put("events/signal/signal_generate/filter", "nosuch == 1"),
		  EINVAL);
}

TEST(set_event_takes_names_and_stars)
{
	need_tracing();
	CHECK(put("set_event", "signal:*") == 0);
	CHECK(strstr(get("set_event"), "signal:signal_deliver\n"));
	CHECK(get("events/signal/enable")[0] == '1');
	CHECK(put("set_event", "!signal:signal_deliver") == 0);
	CHECK(get("events/signal/enable")[0] == 'X');
	CHECK_ERR(put("set_event", "no_such_event"), EINVAL);
	CHECK(put("events/enable", "0") == 0);
	CHECK(get("set_event")[0] == '\0');
}

TEST(trace_pipe_gives_each_line_once)
{
	char text[4096];
	int fd, n;

	need_tracing();
	fd = file("trace_pipe", O_RDONLY | O_NONBLOCK);
	NEED(fd >= 0);
	CHECK_ERR(read(fd, text, sizeof(text)), EAGAIN);
	NEED(put("events/signal/signal_generate/enable", "1") == 0);
	signal(SIGUSR1, SIG_DFL);
	sigset_t set;
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	CHECK(put("events/signal/signal_generate/enable", "0") == 0);
	n = read(fd, text, sizeof(text) - 1);
	CHECK(n > 0);
	text[n > 0 ? n : 0] = '\0';
	CHECK(strstr(text, "sig=10"));
	CHECK_ERR(read(fd, text, sizeof(text)), EAGAIN);
	close(fd);
}

TEST(kprobe_events_count_calls_of_a_function)
{
	need_tracing();
	if (put("kprobe_events", "p:tap_probe do_filp_open") < 0 &&
	    errno == ENOENT)
		SKIP("no kprobes here");
	CHECK(strstr(get("kprobe_events"), "p:kprobes/tap_probe do_filp_open"));
	NEED(put("events/kprobes/tap_probe/enable", "1") == 0);
	close(open("/dev/zero", O_RDONLY));
	CHECK(put("events/kprobes/tap_probe/enable", "0") == 0);
	CHECK(strstr(get("trace"), "tap_probe:"));
	CHECK(put("kprobe_events", "-:tap_probe") == 0);
	CHECK(!strstr(get("kprobe_events"), "tap_probe"));
}

TEST(two_probes_see_the_same_return)
{
	need_tracing();
	if (put("kprobe_events", "r:tap_a do_filp_open x=$retval\n"
		"r:tap_b do_filp_open x=$retval") < 0 && errno == ENOENT)
		SKIP("no kprobes here");
	NEED(put("events/kprobes/tap_a/enable", "1") == 0);
	NEED(put("events/kprobes/tap_b/enable", "1") == 0);
	close(open("/dev/zero", O_RDONLY));
	CHECK(put("events/kprobes/enable", "0") == 0);
	CHECK(strstr(get("trace"), "tap_a:") && strstr(get("trace"), "tap_b:"));
	CHECK(strstr(get("kprobe_profile"), "tap_b"));
	CHECK(put("kprobe_events", "-:tap_a\n-:tap_b") == 0);
}

TEST(a_probe_must_stand_at_an_instruction)
{
	need_tracing();
	if (put("kprobe_events", "p:tap_ok do_filp_open") < 0)
		SKIP("no kprobes here");
	CHECK_ERR(put("kprobe_events", "p:tap_bad do_filp_open+2"), EILSEQ);
	CHECK(put("kprobe_events", "-:tap_ok") == 0);
}

TEST(a_line_of_kprobe_events_can_be_written_back)
{
	char line[256];

	need_tracing();
	if (put("kprobe_events", "p:tap_line do_filp_open a=%di b=$arg2") < 0)
		SKIP("no kprobes here");
	snprintf(line, sizeof(line), "%.255s", get("kprobe_events"));
	line[strcspn(line, "\n")] = '\0';
	CHECK(put("kprobe_events", "-:tap_line") == 0);
	CHECK(put("kprobe_events", line) == 0);
	CHECK(strstr(get("kprobe_events"), line));
	CHECK(put("kprobe_events", "-:tap_line") == 0);
}

/* An event of the system comes, another one goes: its file is theirs still. */
TEST(a_system_is_found_by_its_name)
{
	need_tracing();
	if (put("kprobe_events", "p:tap_sys/one do_filp_open") < 0)
		SKIP("no kprobes here");
	NEED(put("kprobe_events", "p:tap_sys/two do_filp_open") == 0);
	NEED(put("kprobe_events", "-:tap_sys/one") == 0);
	NEED(put("kprobe_events", "p:tap_other/three do_filp_open") == 0);
	CHECK(put("events/tap_sys/enable", "1") == 0);
	CHECK(get("events/tap_sys/two/enable")[0] == '1');
	CHECK(get("events/tap_other/three/enable")[0] == '0');
	CHECK(put("events/tap_sys/enable", "0") == 0);
	CHECK(put("kprobe_events", "-:tap_sys/two\n-:tap_other/three") == 0);
}

TAP_MAIN()
