/* SPDX-License-Identifier: MIT */
/* sysctl.c -- /proc/sys/net/core */

#include <fs/proc_fs.h>
#include <fs/sysctl.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/sch_generic.h>
#include <net/sock.h>

#define INT(p) ((int *)(p))

static int show_default_qdisc(struct seq_file *m)
{
	seq_printf(m, "%s\n", net_default_qdisc);
	return 0;
}

/* Of devices that come up from now on. */
static int set_default_qdisc(char *text)
{
	int err = -ENOENT;

	text = strsep(&text, " \t\n");
	rtnl_lock();
	if (qdisc_lookup_ops(text)) {
		strscpy(net_default_qdisc, text, sizeof(net_default_qdisc));
		err = 0;
	}
	rtnl_unlock();
	return err;
}

static const struct ctl_entry core_sysctls[] = {
	{ "net/core", "somaxconn", 0644,
	  .net_number = NET_OFFSET(core.sysctl_somaxconn), .max = INT_MAX },
	{ "net/core", "wmem_default", 0644, .number = INT(&sysctl_wmem_default),
	  .min = SOCK_MIN_SNDBUF, .max = INT_MAX },
	{ "net/core", "rmem_default", 0644, .number = INT(&sysctl_rmem_default),
	  .min = SOCK_MIN_RCVBUF, .max = INT_MAX },
	{ "net/core", "wmem_max", 0644, .number = INT(&sysctl_wmem_max),
	  .min = SOCK_MIN_SNDBUF, .max = INT_MAX },
	{ "net/core", "rmem_max", 0644, .number = INT(&sysctl_rmem_max),
	  .min = SOCK_MIN_RCVBUF, .max = INT_MAX },
	{ "net/core", "optmem_max", 0644, .number = &sysctl_optmem_max,
	  .max = INT_MAX },
	{ "net/core", "netdev_max_backlog", 0644,
	  .number = &netdev_max_backlog, .max = INT_MAX },
	{ "net/core", "netdev_budget_usecs", 0644,
	  .number = INT(&netdev_budget_usecs), .max = INT_MAX },
	{ "net/core", "default_qdisc", 0644, .show = show_default_qdisc,
	  .set = set_default_qdisc },
};

static int net_sysctl_init(void)
{
	register_sysctls(core_sysctls, ARRAY_SIZE(core_sysctls));
	return 0;
}
device_initcall(net_sysctl_init);
