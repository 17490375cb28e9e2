/* SPDX-License-Identifier: MIT */
/*
 * sysctl.c -- /proc/sys: the kernel's settings
 *
 * IDEA.  A table: where the file is, how its value is read into text, how text
 * becomes its value.  Numbers have a range; what lies outside is EINVAL and
 * changes nothing.  Names of the host belong to the reader's UTS namespace,
 * limits of IPC and the network's settings to those that it is in.
 *
 *	{ "kernel", "pid_max", 0644, .number = &pid_max, min, max }
 *	{ "kernel", "hostname", 0644, show_hostname, set_hostname }
 *
 * LOCKING.  Numbers are single words, read and written whole; whoever uses one
 * reads it once.
 *
 * SEE proc(5), sysctl(8).
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/fsnotify.h>
#include <fs/pipe.h>
#include <fs/sysctl.h>
#include <kernel/coredump.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/ipc_namespace.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/nsproxy.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/reboot.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/watchdog.h>
#include <mm/mm.h>
#include <mm/mmzone.h>
#include <mm/shrinker.h>
#include <mm/slab.h>
#include <mm/writeback.h>
#include <mm/swap.h>
#include <net/net_namespace.h>
#include <uapi/mqueue.h>

#include "../vfs/internal.h"

#define VALUE_ROOM 256

/* ---- values that are no plain number ------------------------------------- */

static int show_core_pattern(struct seq_file *m)
{
	seq_printf(m, "%s\n", core_pattern);
	return 0;
}

/* Longer ones are cut, as Linux does. */
static int set_core_pattern(char *text)
{
	strscpy(core_pattern, text, sizeof(core_pattern));
	return 0;
}

static int show_uts(struct seq_file *m, const char *field)
{
	down_read(&current->nsproxy->uts_ns->sem);
	seq_printf(m, "%s\n", field);
	up_read(&current->nsproxy->uts_ns->sem);
	return 0;
}

static int set_uts(char *field, const char *text)
{
	if (strlen(text) > __NEW_UTS_LEN)
		return -EINVAL;
	down_write(&current->nsproxy->uts_ns->sem);
	strscpy(field, text, __NEW_UTS_LEN + 1);
	up_write(&current->nsproxy->uts_ns->sem);
	return 0;
}

static int show_hostname(struct seq_file *m)
{
	return show_uts(m, utsname()->nodename);
}

static int set_hostname(char *text)
{
	return set_uts(utsname()->nodename, text);
}

static int show_domainname(struct seq_file *m)
{
	return show_uts(m, utsname()->domainname);
}

static int set_domainname(char *text)
{
	return set_uts(utsname()->domainname, text);
}

static int show_ostype(struct seq_file *m)
{
	return show_uts(m, utsname()->sysname);
}

static int show_osrelease(struct seq_file *m)
{
	return show_uts(m, utsname()->release);
}

static int show_version(struct seq_file *m)
{
	return show_uts(m, utsname()->version);
}

static int show_tainted(struct seq_file *m)
{
	seq_printf(m, "%lu\n", get_taint());
	return 0;
}

static int show_printk(struct seq_file *m)
{
	seq_printf(m, "%d\t4\t1\t7\n", console_loglevel);
	return 0;
}

static int set_printk(char *text)
{
	int level;

	if (kstrtoint(strsep(&text, " \t"), 0, &level))
		return -EINVAL;
	console_loglevel = level;
	return 0;
}

static int show_rt_period(struct seq_file *m)
{
	seq_printf(m, "%d\n", READ_ONCE(sysctl_sched_rt_period));
	return 0;
}

static int show_rt_runtime(struct seq_file *m)
{
	seq_printf(m, "%d\n", READ_ONCE(sysctl_sched_rt_runtime));
	return 0;
}

/* Both together make sense, or nothing changes. */
static int set_rt_limits(long runtime, long period)
{
	int err;

	if (period <= 0 || period > INT_MAX || runtime < -1 || runtime > period)
		return -EINVAL;
	err = dl_bw_check_limit(runtime, period);
	if (err)
		return err;
	WRITE_ONCE(sysctl_sched_rt_period, period);
	WRITE_ONCE(sysctl_sched_rt_runtime, runtime);
	return 0;
}

static int set_rt_period(char *text)
{
	long value;
	int err = kstrtol(text, 10, &value);

	return err ? err : set_rt_limits(sysctl_sched_rt_runtime, value);
}

static int set_rt_runtime(char *text)
{
	long value;
	int err = kstrtol(text, 10, &value);

	return err ? err : set_rt_limits(value, sysctl_sched_rt_period);
}

static int show_threads_max(struct seq_file *m)
{
	seq_printf(m, "%d\n", max_threads);
	return 0;
}

static int show_cap_last_cap(struct seq_file *m)
{
	seq_printf(m, "%d\n", CAP_LAST_CAP);
	return 0;
}

static int show_ngroups_max(struct seq_file *m)
{
	seq_printf(m, "%d\n", NGROUPS_MAX);
	return 0;
}

static void put_uuid(struct seq_file *m, const u8 id[16])
{
	for (int i = 0; i < 16; i++)
		seq_printf(m, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ?
			   "-" : "", id[i]);
	seq_putc(m, '\n');
}

/* RFC 4122: version 4, variant 1. */
static void make_uuid(u8 id[16])
{
	get_random_bytes(id, 16);
	id[6] = (id[6] & 0x0f) | 0x40;
	id[8] = (id[8] & 0x3f) | 0x80;
}

static int show_uuid(struct seq_file *m)
{
	u8 id[16];

	make_uuid(id);
	put_uuid(m, id);
	return 0;
}

static u8 boot_id[16];                /* constant after init */

static int show_boot_id(struct seq_file *m)
{
	put_uuid(m, boot_id);
	return 0;
}

static int show_256(struct seq_file *m)
{
	seq_puts(m, "256\n");
	return 0;
}

static int show_file_nr(struct seq_file *m)
{
	seq_printf(m, "%lu\t0\t%lu\n", get_nr_files(), files_max);
	return 0;
}

static int show_dentry_state(struct seq_file *m)
{
	seq_printf(m, "%ld\t%ld\t45\t0\t0\t0\n", nr_dentry_total(),
		   nr_dentry_unused());
	return 0;
}

/* How paths were walked: fs/vfs/rcu_walk.c. */
static int show_path_walk(struct seq_file *m)
{
	struct walk_stat w;

	walk_stat_sum(&w);
	seq_printf(m, "rcu %lu\nunlazied %lu\nagain %lu\nasked %lu\n",
		   w.rcu, w.unlazied, w.again, w.asked);
	return 0;
}

static int show_inode_nr(struct seq_file *m)
{
	seq_printf(m, "%ld\t%ld\n", nr_inodes_total(), nr_inodes_unused());
	return 0;
}

static int show_file_max(struct seq_file *m)
{
	seq_printf(m, "%lu\n", files_max);
	return 0;
}

static int set_file_max(char *text)
{
	unsigned long value;

	if (kstrtoul(text, 0, &value) || value > LONG_MAX)
		return -EINVAL;
	files_max = value;
	return 0;
}

static int show_mmap_min_addr(struct seq_file *m)
{
	seq_printf(m, "%lu\n", mmap_min_addr);
	return 0;
}

static int set_drop_caches(char *text)
{
	int what;

	if (kstrtoint(text, 0, &what) || what < 1 || what > 4)
		return -EINVAL;
	drop_caches(what);
	return 0;
}

#define IPC_NS(field) offsetof(struct ipc_namespace, field)

static const struct ctl_entry entries[] = {
	{ "kernel", "hostname", 0644, .show = show_hostname,
	  .set = set_hostname },
	{ "kernel", "domainname", 0644, .show = show_domainname,
	  .set = set_domainname },
	{ "kernel", "ostype", 0444, .show = show_ostype },
	{ "kernel", "osrelease", 0444, .show = show_osrelease },
	{ "kernel", "version", 0444, .show = show_version },
	{ "kernel", "pid_max", 0644, .number = &init_pid_ns.pid_max,
	  .min = 301, .max = PID_MAX_LIMIT },
	{ "kernel", "sched_rt_period_us", 0644,
	  .show = show_rt_period, .set = set_rt_period },
	{ "kernel", "sched_rt_runtime_us", 0644,
	  .show = show_rt_runtime, .set = set_rt_runtime },
	{ "kernel", "sched_rr_timeslice_ms", 0644,
	  .number = &sysctl_sched_rr_timeslice, .max = 100000 },
	{ "kernel", "threads-max", 0444, .show = show_threads_max },
	{ "kernel", "tainted", 0444, .show = show_tainted },
	{ "kernel", "printk", 0644, .show = show_printk, .set = set_printk },
	{ "kernel", "panic", 0644, .number = &panic_timeout, .min = INT_MIN,
	  .max = INT_MAX },
	{ "kernel", "randomize_va_space", 0644,
	  .number = &randomize_va_space, .max = 2 },
	{ "kernel", "watchdog_thresh", 0644, .number = &watchdog_thresh,
	  .min = 0, .max = 60 },
	{ "kernel", "hung_task_timeout_secs", 0644,
	  .number = &hung_task_timeout_secs, .min = 0, .max = INT_MAX / HZ,
	  .changed = hung_task_changed },
	{ "kernel", "hung_task_warnings", 0644, .number = &hung_task_warnings,
	  .min = -1, .max = INT_MAX },
	{ "kernel", "hung_task_panic", 0644, .number = &hung_task_panic,
	  .min = 0, .max = 1 },
	{ "kernel", "hung_task_check_count", 0644,
	  .number = &hung_task_check_count, .min = 0, .max = INT_MAX },
	{ "kernel", "core_pattern", 0644, .show = show_core_pattern,
	  .set = set_core_pattern },
	{ "kernel", "core_uses_pid", 0644, .number = &core_uses_pid,
	  .max = 1 },
	{ "kernel", "core_pipe_limit", 0644, .number = &core_pipe_limit,
	  .max = INT_MAX },
	{ "kernel", "cap_last_cap", 0444, .show = show_cap_last_cap },
	{ "kernel", "ngroups_max", 0444, .show = show_ngroups_max },
	{ "kernel", "msgmax", 0644, .ipc_number = IPC_NS(msg_ctlmax),
	  .max = INT_MAX },
	{ "kernel", "msgmnb", 0644, .ipc_number = IPC_NS(msg_ctlmnb),
	  .max = INT_MAX },
	{ "kernel", "msgmni", 0644, .ipc_number = IPC_NS(msg_ctlmni),
	  .max = 32768 },
	{ "kernel", "sem", 0644, .show = show_sem, .set = set_sem },
	{ "kernel", "shmall", 0644, .show = show_shmall, .set = set_shmall },
	{ "kernel", "shmmax", 0644, .show = show_shmmax, .set = set_shmmax },
	{ "kernel", "shmmni", 0644, .ipc_number = IPC_NS(shm_ctlmni),
	  .max = 32768 },
	{ "kernel", "shm_rmid_forced", 0644,
	  .ipc_number = IPC_NS(shm_rmid_forced), .max = 1,
	  .changed = shm_rmid_forced_changed },
	{ "kernel/random", "boot_id", 0444, .show = show_boot_id },
	{ "kernel/random", "uuid", 0444, .show = show_uuid },
	{ "kernel/random", "entropy_avail", 0444, .show = show_256 },
	{ "kernel/random", "poolsize", 0444, .show = show_256 },
	{ "vm", "overcommit_memory", 0644,
	  .number = &sysctl_overcommit_memory, .max = 2 },
	{ "vm", "overcommit_ratio", 0644, .number = &sysctl_overcommit_ratio,
	  .max = INT_MAX },
	{ "vm", "overcommit_kbytes", 0644,
	  .number = &sysctl_overcommit_kbytes, .max = INT_MAX },
	{ "vm", "max_map_count", 0644, .number = &sysctl_max_map_count,
	  .max = INT_MAX },
	{ "vm", "min_free_kbytes", 0644, .number = &min_free_kbytes,
	  .max = INT_MAX, .changed = setup_per_zone_wmarks },
	{ "vm", "watermark_scale_factor", 0644,
	  .number = &watermark_scale_factor, .min = 1, .max = 1000,
	  .changed = setup_per_zone_wmarks },
	{ "vm", "swappiness", 0644, .number = &vm_swappiness, .max = 200 },
	{ "vm", "page-cluster", 0644, .number = &page_cluster, .max = 31 },
	{ "vm", "vfs_cache_pressure", 0644,
	  .number = &sysctl_vfs_cache_pressure, .max = INT_MAX },
	{ "vm", "mmap_min_addr", 0444, .show = show_mmap_min_addr },
	{ "vm", "drop_caches", 0200, .set = set_drop_caches },
	{ "vm", "dirty_ratio", 0644, .show = show_dirty_ratio,
	  .set = set_dirty_ratio },
	{ "vm", "dirty_bytes", 0644, .show = show_dirty_bytes,
	  .set = set_dirty_bytes },
	{ "vm", "dirty_background_ratio", 0644,
	  .show = show_dirty_background_ratio,
	  .set = set_dirty_background_ratio },
	{ "vm", "dirty_background_bytes", 0644,
	  .show = show_dirty_background_bytes,
	  .set = set_dirty_background_bytes },
	{ "vm", "dirty_writeback_centisecs", 0644,
	  .number = (int *)&dirty_writeback_interval, .max = INT_MAX,
	  .changed = wakeup_flushers_now },
	{ "vm", "dirty_expire_centisecs", 0644,
	  .number = (int *)&dirty_expire_interval, .max = INT_MAX },
	{ "fs", "file-max", 0644, .show = show_file_max, .set = set_file_max },
	{ "fs", "file-nr", 0444, .show = show_file_nr },
	{ "fs", "dentry-state", 0444, .show = show_dentry_state },
	{ "fs", "suid_dumpable", 0644, .number = &suid_dumpable, .max = 2 },
	{ "fs", "mount-max", 0644, .number = (int *)&sysctl_mount_max,
	  .min = 1, .max = INT_MAX },
	{ "fs", "dir-notify-enable", 0644, .number = &dir_notify_enable,
	  .max = INT_MAX },
	{ "fs", "lease-break-time", 0644, .number = &lease_break_time,
	  .max = INT_MAX },
	{ "fs", "protected_hardlinks", 0600,
	  .number = &sysctl_protected_hardlinks, .min = 0, .max = 1 },
	{ "fs", "protected_symlinks", 0600,
	  .number = &sysctl_protected_symlinks, .min = 0, .max = 1 },
	{ "fs", "path-walk", 0444, .show = show_path_walk },
	{ "fs", "inode-nr", 0444, .show = show_inode_nr },
	{ "fs", "nr_open", 0644, .number = (int *)&sysctl_nr_open, .min = 64,
	  .max = 1 << 30 },
	{ "fs", "pipe-user-pages-soft", 0644, .number = &pipe_user_pages_soft,
	  .max = INT_MAX },
	{ "fs", "pipe-user-pages-hard", 0644, .number = &pipe_user_pages_hard,
	  .max = INT_MAX },
	{ "fs", "pipe-max-size", 0644, .number = (int *)&pipe_max_size,
	  .min = PAGE_SIZE, .max = 1 << 30 },
	{ "fs", "aio-nr", 0444, .show = show_aio_nr },
	{ "fs", "aio-max-nr", 0644, .show = show_aio_max_nr,
	  .set = set_aio_max_nr },
	{ "fs/mqueue", "queues_max", 0644,
	  .ipc_number = IPC_NS(mq_queues_max), .max = INT_MAX },
	{ "fs/mqueue", "msg_max", 0644, .ipc_number = IPC_NS(mq_msg_max),
	  .min = MIN_MSGMAX, .max = HARD_MSGMAX },
	{ "fs/mqueue", "msgsize_max", 0644,
	  .ipc_number = IPC_NS(mq_msgsize_max),
	  .min = MIN_MSGSIZEMAX, .max = HARD_MSGSIZEMAX },
	{ "fs/mqueue", "msg_default", 0644,
	  .ipc_number = IPC_NS(mq_msg_default),
	  .min = MIN_MSGMAX, .max = HARD_MSGMAX },
	{ "fs/mqueue", "msgsize_default", 0644,
	  .ipc_number = IPC_NS(mq_msgsize_default),
	  .min = MIN_MSGSIZEMAX, .max = HARD_MSGSIZEMAX },
};

/* The number's place, or NULL: the entry is no number. */
static int *number_of(const struct ctl_entry *e)
{
	if (e->ipc_number)
		return (void *)current->nsproxy->ipc_ns + e->ipc_number;
	if (e->net_number)
		return (void *)current->nsproxy->net_ns + e->net_number;
	return e->number;
}

/* ---- the files ----------------------------------------------------------- */

static int ctl_show(struct seq_file *m, void *v)
{
	const struct ctl_entry *e = m->private;

	if (e->show)
		return e->show(m);
	if (!number_of(e))
		return -EINVAL;
	seq_printf(m, "%d\n", READ_ONCE(*number_of(e)));
	return 0;
}

static int ctl_open(struct inode *inode, struct file *file)
{
	return single_open(file, ctl_show, pde_data(inode));
}

static int set_number(const struct ctl_entry *e, const char *text)
{
	long value;

	if (kstrtol(text, 0, &value) || value < e->min || value > e->max)
		return -EINVAL;
	WRITE_ONCE(*number_of(e), (int)value);
	if (e->changed)
		e->changed();
	return 0;
}

static ssize_t ctl_write(struct file *file, const char __user *buf,
			 size_t count, loff_t *pos)
{
	const struct ctl_entry *e = pde_data(file_inode(file));
	char text[VALUE_ROOM];
	int err;

	if (*pos || !count)
		return count;
	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	text[strcspn(text, "\n")] = '\0';
	err = number_of(e) ? set_number(e, strim(text)) :
		e->set ? e->set(strim(text)) : -EPERM;
	return err ? err : (ssize_t)count;
}

static const struct file_operations ctl_fops = {
	.open = ctl_open,
	.read_iter = seq_read_iter,
	.write = ctl_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* The directory of path's first len bytes below /proc/sys, made if new;
 * NULL. */
static struct proc_dir_entry *ctl_dir(const char *path, size_t len)
{
	static struct {
		const char *path;
		size_t len;
		struct proc_dir_entry *dir;
	} known[32];                  /* initcalls: one at a time */
	struct proc_dir_entry *parent;
	char name[32];
	size_t i, up = len;

	if (!len)
		path = "";
	for (i = 0; i < ARRAY_SIZE(known) && known[i].path; i++)
		if (known[i].len == len && !memcmp(known[i].path, path, len))
			return known[i].dir;
	if (WARN_ON(i == ARRAY_SIZE(known)))
		return NULL;
	while (up && path[up - 1] != '/')
		up--;
	strscpy(name, len ? path + up : "sys",
		len ? min(len - up + 1, sizeof(name)) : sizeof(name));
	parent = len ? ctl_dir(path, up ? up - 1 : 0) : NULL;
	for (i = 0; known[i].path; i++)
		;
	known[i].path = path;
	known[i].len = len;
	known[i].dir = proc_mkdir(name, parent);
	return known[i].dir;
}

void register_sysctls(const struct ctl_entry *e, size_t n)
{
	for (; n; n--, e++) {
		struct proc_dir_entry *dir = ctl_dir(e->dir,
						     strlen(e->dir));

		if (WARN_ON(e->net_number >= sizeof(struct net) ||
			    e->ipc_number >= sizeof(struct ipc_namespace)))
			continue;
		if (dir)
			proc_create_data(e->name, e->mode, dir, &ctl_fops,
					 (void *)e);
	}
}

static int sysctl_files_init(void)
{
	make_uuid(boot_id);
	register_sysctls(entries, ARRAY_SIZE(entries));
	return 0;
}
fs_initcall(sysctl_files_init);
