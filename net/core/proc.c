/* SPDX-License-Identifier: MIT */
/*
 * proc.c -- /proc/net/dev and softnet_stat: what devices and CPUs counted
 *
 * Each read walks the devices under RCU and adds up what they counted since
 * they came; two numbers of one line may be an instant apart.
 */

#include <net/netdevice.h>

#include <fs/proc_fs.h>
#include <kernel/cpumask.h>
#include <kernel/init.h>
#include <kernel/kernel.h>

static void show_dev(struct seq_file *m, struct net_device *dev)
{
	struct rtnl_link_stats64 s;

	memset(&s, 0, sizeof(s));
	dev_get_stats(dev, &s);
	seq_printf(m, "%6s: %7llu %7llu %4llu %4llu %4llu %5llu %10llu %9llu "
		   "%8llu %7llu %4llu %4llu %4llu %5llu %7llu %10llu\n",
		   dev->name, (unsigned long long)s.rx_bytes,
		   (unsigned long long)s.rx_packets,
		   (unsigned long long)s.rx_errors,
		   (unsigned long long)(s.rx_dropped + s.rx_missed_errors),
		   (unsigned long long)s.rx_fifo_errors,
		   (unsigned long long)(s.rx_length_errors +
		   s.rx_over_errors + s.rx_crc_errors + s.rx_frame_errors),
		   (unsigned long long)s.rx_compressed,
		   (unsigned long long)s.multicast,
		   (unsigned long long)s.tx_bytes,
		   (unsigned long long)s.tx_packets,
		   (unsigned long long)s.tx_errors,
		   (unsigned long long)s.tx_dropped,
		   (unsigned long long)s.tx_fifo_errors,
		   (unsigned long long)s.collisions,
		   (unsigned long long)(s.tx_carrier_errors +
		   s.tx_aborted_errors + s.tx_window_errors +
		   s.tx_heartbeat_errors),
		   (unsigned long long)s.tx_compressed);
}

static int dev_proc_show(struct seq_file *m, void *v)
{
	struct net_device *dev;

	seq_puts(m, "Inter-|   Receive                            "
		 "                    |  Transmit\n"
		 " face |bytes    packets errs drop fifo frame "
		 "compressed multicast|bytes    packets errs "
		 "drop fifo colls carrier compressed\n");
	rcu_read_lock();
	for_each_netdev_rcu(seq_file_net(m), dev)
		show_dev(m, dev);
	rcu_read_unlock();
	return 0;
}

static int softnet_proc_show(struct seq_file *m, void *v)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct softnet_data *sd = &per_cpu(softnet_data, cpu);

		seq_printf(m, "%08x %08x %08x %08x %08x %08x %08x %08x %08x "
			   "%08x %08x %08x %08x\n", READ_ONCE(sd->processed),
			   atomic_read(&sd->dropped),
			   READ_ONCE(sd->time_squeeze), 0, 0, 0, 0, 0, 0,
			   READ_ONCE(sd->received_rps), 0,
			   skb_queue_len_lockless(&sd->input_pkt_queue), cpu);
	}
	return 0;
}

static int net_dev_proc_init(void)
{
	if (!proc_create_single("dev", 0444, init_net.proc_net,
				dev_proc_show) ||
	    !proc_create_single("softnet_stat", 0444, init_net.proc_net,
				softnet_proc_show))
		return -ENOMEM;
	return 0;
}
fs_initcall(net_dev_proc_init);
