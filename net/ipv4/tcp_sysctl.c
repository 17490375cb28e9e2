/* SPDX-License-Identifier: MIT */
/*
 * tcp_sysctl.c -- /proc/sys/net/ipv4/tcp_*
 *
 * Names, defaults and units are Linux's.  tcp_mem is set from the memory there
 * is: an eighth of it may be packets of TCP.  tcp_mem and tcp_max_orphans are
 * the machine's, all others a network's.
 */

#include "tcp_impl.h"

#include <fs/proc_fs.h>
#include <fs/sysctl.h>
#include <kernel/init.h>
#include <mm/mmzone.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>

struct tcp_limits tcp_limits = {
	.mem = { 4096, 6144, 8192 }, .max_orphans = 8192,
};

static const struct tcp_sysctls defaults = {
	.syn_retries = 6, .synack_retries = 5, .retries1 = 3, .retries2 = 15,
	.syncookies = 1, .max_syn_backlog = 1024, .tw_reuse = 2,
	.max_tw_buckets = 16384, .fin_timeout = 60,
	.keepalive_time = 7200, .keepalive_intvl = 75, .keepalive_probes = 9,
	.timestamps = 1, .window_scaling = 1, .sack = 1, .dsack = 1, .ecn = 2,
	.recovery = 1, .frto = 2, .slow_start_after_idle = 1,
	.moderate_rcvbuf = 1, .invalid_ratelimit = 500,
	.challenge_ack_limit = INT_MAX, .adv_win_scale = 1,
	.notsent_lowat = -1, .early_retrans = 3,
	.reordering = TCP_FASTRETRANS_THRESH, .autocorking = 1,
	.wmem = { 4096, 16384, 4194304 },
	.rmem = { 4096, 131072, 6291456 },
};

/* A new network begins with the buffers and the policy of the first. */
static int tcp_net_init(struct net *net)
{
	net->ipv4.tcp = defaults;
	if (net == &init_net) {
		if (!net->ipv4.tcp_congestion_control)
			net->ipv4.tcp_congestion_control = &tcp_reno;
		return 0;
	}
	memcpy(net->ipv4.tcp.rmem, init_net.ipv4.tcp.rmem,
	       sizeof(defaults.rmem));
	memcpy(net->ipv4.tcp.wmem, init_net.ipv4.tcp.wmem,
	       sizeof(defaults.wmem));
	net->ipv4.tcp_congestion_control =
		READ_ONCE(init_net.ipv4.tcp_congestion_control);
	return 0;
}

static void tcp_net_exit(struct net *net)
{
	inet_twsk_purge(&tcp_hashinfo, net);
}

static struct pernet_operations tcp_net_ops = {
	.init = tcp_net_init,
	.exit = tcp_net_exit,
};

int tcp_net_register(void)
{
	return register_pernet_subsys(&tcp_net_ops);
}

/* Up to three positive numbers; all or none are taken. */
static int set_three(char *text, long max, long out[3])
{
	long v[3];

	for (int i = 0; i < 3; i++) {
		char *end;

		while (*text == ' ' || *text == '\t')
			text++;
		v[i] = simple_strtol(text, &end, 10);
		if (end == text || v[i] < 1 || v[i] > max)
			return -EINVAL;
		text = end;
	}
	memcpy(out, v, sizeof(v));
	return 0;
}

static int set_three_ints(char *text, int out[3])
{
	long v[3];
	int err = set_three(text, INT_MAX, v);

	for (int i = 0; i < 3 && !err; i++)
		WRITE_ONCE(out[i], (int)v[i]);
	return err;
}

static int show_three(struct seq_file *m, const int *v)
{
	seq_printf(m, "%d\t%d\t%d\n", v[0], v[1], v[2]);
	return 0;
}

static int show_rmem(struct seq_file *m)
{
	return show_three(m, current_net()->ipv4.tcp.rmem);
}

static int set_rmem(char *text)
{
	return set_three_ints(text, current_net()->ipv4.tcp.rmem);
}

static int show_wmem(struct seq_file *m)
{
	return show_three(m, current_net()->ipv4.tcp.wmem);
}

static int set_wmem(char *text)
{
	return set_three_ints(text, current_net()->ipv4.tcp.wmem);
}

static int show_mem(struct seq_file *m)
{
	seq_printf(m, "%ld\t%ld\t%ld\n", tcp_limits.mem[0], tcp_limits.mem[1],
		   tcp_limits.mem[2]);
	return 0;
}

static int set_mem(char *text)
{
	return set_three(text, LONG_MAX >> PAGE_SHIFT, tcp_limits.mem);
}

static int show_congestion(struct seq_file *m)
{
	char name[TCP_CA_NAME_MAX];

	tcp_get_default_congestion_control(current_net(), name);
	seq_printf(m, "%s\n", name);
	return 0;
}

static int set_congestion(char *text)
{
	char *end = strchr(text, '\n');

	if (end)
		*end = '\0';
	return tcp_set_default_congestion_control(current_net(), text);
}

static int show_available(struct seq_file *m)
{
	char names[64];

	tcp_get_available_congestion_control(names, sizeof(names));
	seq_printf(m, "%s\n", names);
	return 0;
}

#define DIR "net/ipv4"
#define NUMBER(n, field, lo, hi) \
	{ DIR, n, 0644, .net_number = NET_OFFSET(ipv4.tcp.field), .min = (lo), \
	  .max = (hi) }

static const struct ctl_entry entries[] = {
	NUMBER("tcp_syn_retries", syn_retries, 1, 127),
	NUMBER("tcp_synack_retries", synack_retries, 0, 255),
	NUMBER("tcp_ecn", ecn, 0, 2),
	NUMBER("tcp_retries1", retries1, 0, 255),
	NUMBER("tcp_retries2", retries2, 0, 255),
	NUMBER("tcp_orphan_retries", orphan_retries, 0, 255),
	NUMBER("tcp_syncookies", syncookies, 0, 2),
	NUMBER("tcp_max_syn_backlog", max_syn_backlog, 0, INT_MAX),
	NUMBER("tcp_abort_on_overflow", abort_on_overflow, 0, 255),
	NUMBER("tcp_tw_reuse", tw_reuse, 0, 2),
	NUMBER("tcp_max_tw_buckets", max_tw_buckets, 0, INT_MAX),
	NUMBER("tcp_rfc1337", rfc1337, 0, 255),
	NUMBER("tcp_fin_timeout", fin_timeout, 0, INT_MAX / HZ),
	NUMBER("tcp_keepalive_time", keepalive_time, 1, INT_MAX / HZ),
	NUMBER("tcp_keepalive_intvl", keepalive_intvl, 1, INT_MAX / HZ),
	NUMBER("tcp_keepalive_probes", keepalive_probes, 1, 255),
	NUMBER("tcp_timestamps", timestamps, 0, 2),
	NUMBER("tcp_window_scaling", window_scaling, 0, 1),
	NUMBER("tcp_sack", sack, 0, 1),
	NUMBER("tcp_dsack", dsack, 0, 1),
	NUMBER("tcp_frto", frto, 0, 2),
	NUMBER("tcp_early_retrans", early_retrans, 0, 4),
	NUMBER("tcp_reordering", reordering, 1, TCP_MAX_REORDERING),
	NUMBER("tcp_slow_start_after_idle", slow_start_after_idle, 0, 1),
	NUMBER("tcp_moderate_rcvbuf", moderate_rcvbuf, 0, 1),
	NUMBER("tcp_invalid_ratelimit", invalid_ratelimit, 0, INT_MAX),
	NUMBER("tcp_challenge_ack_limit", challenge_ack_limit, 0, INT_MAX),
	NUMBER("tcp_adv_win_scale", adv_win_scale, -31, 31),
	{ DIR, "tcp_max_orphans", 0644, .number = &tcp_limits.max_orphans,
	  .max = INT_MAX },
	{ DIR, "tcp_rmem", 0644, .show = show_rmem, .set = set_rmem },
	{ DIR, "tcp_wmem", 0644, .show = show_wmem, .set = set_wmem },
	{ DIR, "tcp_mem", 0644, .show = show_mem, .set = set_mem },
	{ DIR, "tcp_congestion_control", 0644, .show = show_congestion,
	  .set = set_congestion },
	{ DIR, "tcp_available_congestion_control", 0444,
	  .show = show_available },
};

static int tcp_sysctl_init(void)
{
	long limit = max((long)totalram_pages() / 8, 128l);

	tcp_limits.mem[0] = limit / 4 * 3;
	tcp_limits.mem[1] = limit;
	tcp_limits.mem[2] = limit / 4 * 6;
	register_sysctls(entries, ARRAY_SIZE(entries));
	return 0;
}
device_initcall(tcp_sysctl_init);
