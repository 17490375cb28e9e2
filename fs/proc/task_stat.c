/* SPDX-License-Identifier: MIT */
/*
 * task_stat.c -- stat, status, statm and limits of a process
 *
 * The columns are those of proc(5); what Lantern does not have is 0.
 */

#include "internal.h"

#include <arch/processor.h>
#include <fs/file.h>
#include <kernel/cputime.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <mm/mm.h>
#include <drivers/tty.h>

#define NS_PER_TICK (1000000000UL / 100)

/* A copy of what must be read under siglock. */
struct signal_view {
	sigset_t pending, shared, blocked, ignored, caught;
	int nr_threads, nr_queued;
	unsigned long cmin, cmaj, min, maj, rsslim;
	u64 cutime, cstime;
	int tty_nr;
	pid_t tty_pgrp;
};

static void collect_handlers(struct task_struct *task, struct signal_view *v)
{
	for (int i = 1; i <= NSIG; i++) {
		void *h = task->sighand->action[i - 1].sa.sa_handler;

		if (h == SIG_IGN)
			sigaddset(&v->ignored, i);
		else if (h != SIG_DFL)
			sigaddset(&v->caught, i);
	}
}

static void view_signals(struct task_struct *task, struct signal_view *v)
{
	struct signal_struct *sig;
	unsigned long flags;

	memset(v, 0, sizeof(*v));
	if (!lock_task_sighand(task, &flags))
		return;
	sig = task->signal;
	v->pending = task->pending.signal;
	v->shared = sig->shared_pending.signal;
	v->blocked = task->blocked;
	collect_handlers(task, v);
	v->nr_threads = sig->nr_threads;
	v->cmin = sig->cmin_flt;
	v->cmaj = sig->cmaj_flt;
	v->min = sig->min_flt;
	v->maj = sig->maj_flt;
	v->cutime = sig->cutime;
	v->cstime = sig->cstime;
	v->rsslim = READ_ONCE(sig->rlim[RLIMIT_RSS].rlim_cur);
	v->tty_pgrp = -1;
	if (sig->tty) {
		struct pid *pgrp = tty_get_pgrp(sig->tty);

		v->tty_nr = new_encode_dev(tty_devnum(sig->tty));
		v->tty_pgrp = pid_vnr(pgrp);
		put_pid(pgrp);
	}
	unlock_task_sighand(task, &flags);
	rcu_read_lock();
	v->nr_queued = atomic_read(&__task_cred(task)->user->sigpending);
	rcu_read_unlock();
}

static void add_thread_faults(struct task_struct *task, struct signal_view *v)
{
	struct task_struct *t;

	rcu_read_lock();
	for_each_thread(task, t) {
		v->min += t->min_flt;
		v->maj += t->maj_flt;
	}
	rcu_read_unlock();
}

static void stat_memory(struct seq_file *m, struct task_struct *task,
			struct mm_struct *mm, const struct signal_view *v)
{
	bool may = proc_may_access(task);

	seq_printf(m, " %lu %lu %lu", mm ? mm->total_vm << PAGE_SHIFT : 0,
		   mm ? get_mm_rss(mm) : 0, v->rsslim);
	if (mm && may)
		seq_printf(m, " %lu %lu %lu", mm->start_code, mm->end_code,
			   mm->start_stack);
	else
		seq_puts(m, " 0 0 0");
	/* kstkesp, kstkeip: only of the dead, as since Linux 4.14. */
	seq_puts(m, " 0 0");
	seq_printf(m, " %lu %lu %lu %lu", v->pending.sig & 0x7fffffff,
		   v->blocked.sig & 0x7fffffff, v->ignored.sig & 0x7fffffff,
		   v->caught.sig & 0x7fffffff);
}

static void stat_tail(struct seq_file *m, struct task_struct *task,
		      struct mm_struct *mm)
{
	bool may = proc_may_access(task);

	seq_printf(m, " 0 0 0 %d %d %u %u 0 0 0", task->exit_signal,
		   task_cpu(task), task->rt_priority, task->policy);
	if (mm && may)
		seq_printf(m, " %lu %lu %lu %lu %lu %lu %lu", mm->start_data,
			   mm->end_data, mm->start_brk, mm->arg_start,
			   mm->arg_end, mm->env_start, mm->env_end);
	else
		seq_puts(m, " 0 0 0 0 0 0 0");
	seq_printf(m, " %d\n", may ? task->exit_code : 0);
}

static int do_task_stat(struct seq_file *m, struct task_struct *task, bool whole)
{
	struct mm_struct *mm = get_task_mm(task);
	struct signal_view v;
	char comm[TASK_COMM_LEN];
	u64 utime, stime;
	pid_t ppid;

	view_signals(task, &v);
	if (whole) {
		thread_group_cputime_adjusted(task, &utime, &stime);
		add_thread_faults(task, &v);
	} else {
		task_cputime_adjusted(task, &utime, &stime);
		v.min = task->min_flt;
		v.maj = task->maj_flt;
	}
	get_task_comm(comm, task);
	rcu_read_lock();
	ppid = task_tgid_vnr(rcu_dereference(task->real_parent));
	rcu_read_unlock();
	seq_printf(m, "%d (%s) %c %d %d %d %d %d %u %lu %lu %lu %lu",
		   task_pid_vnr(task), comm, task_state_char(task), ppid,
		   task_pgrp_vnr(task), task_session_vnr(task), v.tty_nr,
		   v.tty_pgrp, task->flags, v.min, whole ? v.cmin : 0, v.maj,
		   whole ? v.cmaj : 0);
	seq_printf(m, " %lu %lu %ld %ld %d %d %d 0 %lu", utime / NS_PER_TICK,
		   stime / NS_PER_TICK,
		   whole ? (long)(v.cutime / NS_PER_TICK) : 0,
		   whole ? (long)(v.cstime / NS_PER_TICK) : 0, task_prio(task),
		   task_nice(task), v.nr_threads,
		   task->start_boottime / NS_PER_TICK);
	stat_memory(m, task, mm, &v);
	stat_tail(m, task, mm);
	if (mm)
		mmput(mm);
	return 0;
}

int proc_tgid_stat(struct seq_file *m, struct task_struct *task)
{
	return do_task_stat(m, task, true);
}

int proc_tid_stat(struct seq_file *m, struct task_struct *task)
{
	return do_task_stat(m, task, false);
}

static const char *state_name(char c)
{
	switch (c) {
	case 'R': return "R (running)";
	case 'S': return "S (sleeping)";
	case 'D': return "D (disk sleep)";
	case 'T': return "T (stopped)";
	case 't': return "t (tracing stop)";
	case 'X': return "X (dead)";
	case 'Z': return "Z (zombie)";
	case 'P': return "P (parked)";
	}
	return "I (idle)";
}

static void status_ids(struct seq_file *m, struct task_struct *task)
{
	const struct cred *c = get_task_cred(task);
	struct group_info *gi = c->group_info;

	seq_printf(m, "Uid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid,
		   c->fsuid);
	seq_printf(m, "Gid:\t%u\t%u\t%u\t%u\n", c->gid, c->egid, c->sgid,
		   c->fsgid);
	task_lock(task);
	seq_printf(m, "FDSize:\t%u\n", task->files ?
		   READ_ONCE(task->files->fdt)->max_fds : 0);
	task_unlock(task);
	seq_puts(m, "Groups:\t");
	for (int i = 0; i < gi->ngroups; i++)
		seq_printf(m, "%u ", gi->gid[i]);
	seq_putc(m, '\n');
	put_cred(c);
}

static void status_memory(struct seq_file *m, struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	unsigned long kb = PAGE_SIZE / 1024, total, rss;

	if (!mm)
		return;
	total = mm->total_vm;
	rss = get_mm_rss(mm);
	seq_printf(m, "VmPeak:\t%8lu kB\n", max(mm->hiwater_vm, total) * kb);
	seq_printf(m, "VmSize:\t%8lu kB\n", total * kb);
	seq_printf(m, "VmLck:\t%8lu kB\n", mm->locked_vm * kb);
	seq_printf(m, "VmPin:\t%8lu kB\n", 0UL);
	seq_printf(m, "VmHWM:\t%8lu kB\n", get_mm_hiwater_rss(mm) * kb);
	seq_printf(m, "VmRSS:\t%8lu kB\n", rss * kb);
	seq_printf(m, "RssAnon:\t%8lu kB\n",
		   get_mm_counter(mm, MM_ANONPAGES) * kb);
	seq_printf(m, "RssFile:\t%8lu kB\n",
		   get_mm_counter(mm, MM_FILEPAGES) * kb);
	seq_printf(m, "RssShmem:\t%8lu kB\n",
		   get_mm_counter(mm, MM_SHMEMPAGES) * kb);
	seq_printf(m, "VmData:\t%8lu kB\n", mm->data_vm * kb);
	seq_printf(m, "VmStk:\t%8lu kB\n", mm->stack_vm * kb);
	seq_printf(m, "VmExe:\t%8lu kB\n",
		   (PAGE_ALIGN(mm->end_code) -
		    (mm->start_code & PAGE_MASK)) >> 10);
	seq_printf(m, "VmLib:\t%8lu kB\n", 0UL);
	seq_printf(m, "VmPTE:\t%8lu kB\n", mm_pgtables_bytes(mm) >> 10);
	seq_printf(m, "VmSwap:\t%8lu kB\n",
		   get_mm_counter(mm, MM_SWAPENTS) * kb);
	mmput(mm);
}

static void status_signals(struct seq_file *m, struct task_struct *task)
{
	struct signal_view v;

	view_signals(task, &v);
	seq_printf(m, "Threads:\t%d\n", v.nr_threads);
	seq_printf(m, "SigQ:\t%d/%lu\n", v.nr_queued,
		   task_rlimit(task, RLIMIT_SIGPENDING));
	seq_printf(m, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n",
		   v.pending.sig, v.shared.sig, v.blocked.sig);
	seq_printf(m, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", v.ignored.sig,
		   v.caught.sig);
}

static void status_caps(struct seq_file *m, struct task_struct *task)
{
	const struct cred *c = get_task_cred(task);

	seq_printf(m, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n",
		   c->cap_inheritable, c->cap_permitted, c->cap_effective);
	seq_printf(m, "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", c->cap_bset,
		   c->cap_ambient);
	seq_printf(m, "NoNewPrivs:\t%d\nSeccomp:\t%d\nSeccomp_filters:\t%d\n",
		   task->no_new_privs, task->seccomp.mode,
		   task->seccomp.filter_count);
	put_cred(c);
}

int proc_pid_status(struct seq_file *m, struct task_struct *task)
{
	char comm[TASK_COMM_LEN];
	pid_t ppid, tracer;

	get_task_comm(comm, task);
	rcu_read_lock();
	ppid = task_tgid_vnr(rcu_dereference(task->real_parent));
	tracer = task->ptrace ?
		task_pid_vnr(rcu_dereference(task->parent)) : 0;
	rcu_read_unlock();
	seq_puts(m, "Name:\t");
	seq_escape(m, comm, "\n\\");
	seq_printf(m, "\nUmask:\t%04o\nState:\t%s\nTgid:\t%d\nNgid:\t0\n",
		   task->fs ? READ_ONCE(task->fs->umask) : 0,
		   state_name(task_state_char(task)), task_tgid_vnr(task));
	seq_printf(m, "Pid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n",
		   task_pid_vnr(task), ppid, tracer);
	status_ids(m, task);
	seq_printf(m, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n",
		   task_tgid_vnr(task), task_pid_vnr(task), task_pgrp_vnr(task),
		   task_session_vnr(task));
	status_memory(m, task);
	status_signals(m, task);
	status_caps(m, task);
	seq_printf(m, "Cpus_allowed:\t%0*lx\n", (nr_cpu_ids + 3) / 4,
		   task->cpus_mask.bits[0] & GENMASK(nr_cpu_ids - 1, 0));
	seq_printf(m, "Cpus_allowed_list:\t%*pbl\n", nr_cpu_ids,
		   task->cpus_mask.bits);
	seq_puts(m, "Mems_allowed:\t00000000,00000001\nMems_allowed_list:\t0\n");
	seq_printf(m, "voluntary_ctxt_switches:\t%lu\n", task->nvcsw);
	seq_printf(m, "nonvoluntary_ctxt_switches:\t%lu\n", task->nivcsw);
	return 0;
}

int proc_pid_statm(struct seq_file *m, struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	unsigned long text;

	if (!mm) {
		seq_puts(m, "0 0 0 0 0 0 0\n");
		return 0;
	}
	text = (PAGE_ALIGN(mm->end_code) - (mm->start_code & PAGE_MASK)) >>
	       PAGE_SHIFT;
	seq_printf(m, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_vm,
		   get_mm_rss(mm), get_mm_counter(mm, MM_FILEPAGES) +
		   get_mm_counter(mm, MM_SHMEMPAGES), text,
		   mm->data_vm + mm->stack_vm);
	mmput(mm);
	return 0;
}

static const struct {
	const char *name, *unit;
} limit_names[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = { "Max cpu time", "seconds" },
	[RLIMIT_FSIZE] = { "Max file size", "bytes" },
	[RLIMIT_DATA] = { "Max data size", "bytes" },
	[RLIMIT_STACK] = { "Max stack size", "bytes" },
	[RLIMIT_CORE] = { "Max core file size", "bytes" },
	[RLIMIT_RSS] = { "Max resident set", "bytes" },
	[RLIMIT_NPROC] = { "Max processes", "processes" },
	[RLIMIT_NOFILE] = { "Max open files", "files" },
	[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
	[RLIMIT_AS] = { "Max address space", "bytes" },
	[RLIMIT_LOCKS] = { "Max file locks", "locks" },
	[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
	[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
	[RLIMIT_NICE] = { "Max nice priority", "" },
	[RLIMIT_RTPRIO] = { "Max realtime priority", "" },
	[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
};

static void show_limit(struct seq_file *m, unsigned long value)
{
	if (value == RLIM_INFINITY)
		seq_printf(m, "%-20s ", "unlimited");
	else
		seq_printf(m, "%-20lu ", value);
}

int proc_pid_limits(struct seq_file *m, struct task_struct *task)
{
	seq_printf(m, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
		   "Hard Limit", "Units");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit r = task->signal->rlim[i];

		seq_printf(m, "%-25s ", limit_names[i].name);
		show_limit(m, r.rlim_cur);
		show_limit(m, r.rlim_max);
		if (limit_names[i].unit[0])
			seq_printf(m, "%-10s\n", limit_names[i].unit);
		else
			seq_putc(m, '\n');
	}
	return 0;
}
