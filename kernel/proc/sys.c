/* SPDX-License-Identifier: MIT */
/*
 * sys.c -- calls about the whole machine and about resources
 *
 * uname, host names, sysinfo, limits, usage, times, prctl, personality.
 *
 * SEE uname(2), getrlimit(2), getrusage(2), prctl(2).
 */

#include <arch/processor.h>
#include <arch/uaccess.h>
#include <drivers/tty.h>
#include <fs/file.h>
#include <kernel/cputime.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/loadavg.h>
#include <kernel/nsproxy.h>
#include <kernel/pid.h>
#include <kernel/proc.h>
#include <kernel/random.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/timekeeping.h>
#include <mm/mm.h>
#include <mm/filemap.h>
#include <mm/mmzone.h>
#include <mm/swap.h>
#include <uapi/prctl.h>

#define USER_HZ 100
#define NS_PER_TICK (1000000000UL / USER_HZ)

SYSCALL_DEFINE1(uname, struct new_utsname __user *, name)
{
	struct new_utsname copy;

	down_read(&current->nsproxy->uts_ns->sem);
	copy = *utsname();
	up_read(&current->nsproxy->uts_ns->sem);
	return copy_to_user(name, &copy, sizeof(copy)) ? -EFAULT : 0;
}

static int set_uts_field(char *field, const char __user *name, int len)
{
	char copy[__NEW_UTS_LEN + 1] = { 0 };

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > __NEW_UTS_LEN)
		return -EINVAL;
	if (copy_from_user(copy, name, len))
		return -EFAULT;
	down_write(&current->nsproxy->uts_ns->sem);
	memcpy(field, copy, sizeof(copy));
	up_write(&current->nsproxy->uts_ns->sem);
	return 0;
}

SYSCALL_DEFINE2(sethostname, const char __user *, name, int, len)
{
	return set_uts_field(utsname()->nodename, name, len);
}

SYSCALL_DEFINE2(setdomainname, const char __user *, name, int, len)
{
	return set_uts_field(utsname()->domainname, name, len);
}

/* sysinfo(2)'s answer; memory in units of mem_unit bytes. */
struct sysinfo {
	long uptime;
	unsigned long loads[3];
	unsigned long totalram, freeram, sharedram, bufferram;
	unsigned long totalswap, freeswap;
	u16 procs;
	u16 pad;
	unsigned long totalhigh, freehigh;
	u32 mem_unit;
};

SYSCALL_DEFINE1(sysinfo, struct sysinfo __user *, out)
{
	struct sysinfo info;

	memset(&info, 0, sizeof(info));
	info.uptime = ktime_get_boottime_ns() / 1000000000;
	get_avenrun(info.loads);
	for (int i = 0; i < 3; i++)
		info.loads[i] <<= 16 - 11;    /* to sysinfo's 16 bits */
	info.procs = nr_threads;
	info.totalram = totalram_pages() * PAGE_SIZE;
	info.freeram = nr_free_pages() * PAGE_SIZE;
	info.sharedram = nr_shmem_pages() * PAGE_SIZE;
	info.totalswap = total_swap_pages * PAGE_SIZE;
	info.freeswap = get_nr_swap_pages() * PAGE_SIZE;
	info.mem_unit = 1;
	return copy_to_user(out, &info, sizeof(info)) ? -EFAULT : 0;
}

/* ---- limits and usage ---------------------------------------------------- */

/* Read and, if new is given, change one limit of t's process. */
static int do_prlimit(struct task_struct *t, unsigned int resource,
		      const struct rlimit *new, struct rlimit *old)
{
	struct rlimit *rlim;
	int err = 0;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (new && new->rlim_cur > new->rlim_max)
		return -EINVAL;
	task_lock(t->group_leader);
	rlim = &t->signal->rlim[resource];
	if (old)
		*old = *rlim;
	if (new) {
		if (resource == RLIMIT_NOFILE &&
		    new->rlim_max > READ_ONCE(sysctl_nr_open))
			err = -EPERM;
		else if (new->rlim_max > rlim->rlim_max &&
			 !capable(CAP_SYS_RESOURCE))
			err = -EPERM;
		else
			*rlim = *new;
	}
	task_unlock(t->group_leader);
	return err;
}

SYSCALL_DEFINE2(getrlimit, unsigned int, resource, struct rlimit __user *, out)
{
	struct rlimit value;
	int err = do_prlimit(current, resource, NULL, &value);

	if (err)
		return err;
	return copy_to_user(out, &value, sizeof(value)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(setrlimit, unsigned int, resource, struct rlimit __user *, in)
{
	struct rlimit value;

	if (copy_from_user(&value, in, sizeof(value)))
		return -EFAULT;
	return do_prlimit(current, resource, &value, NULL);
}

static bool may_prlimit(struct task_struct *t)
{
	const struct cred *c = current_cred(), *tc;
	bool ok;

	if (t == current)
		return true;
	rcu_read_lock();
	tc = __task_cred(t);
	ok = (c->uid == tc->euid && c->uid == tc->suid && c->uid == tc->uid &&
	      c->gid == tc->egid && c->gid == tc->sgid && c->gid == tc->gid) ||
	     capable(CAP_SYS_RESOURCE);
	rcu_read_unlock();
	return ok;
}

SYSCALL_DEFINE4(prlimit64, pid_t, pid, unsigned int, resource,
		const struct rlimit __user *, in, struct rlimit __user *, out)
{
	struct rlimit new, old;
	struct task_struct *t;
	int err;

	if (in && copy_from_user(&new, in, sizeof(new)))
		return -EFAULT;
	t = pid ? find_get_task_by_vpid(pid) : get_task_struct(current);
	if (!t)
		return -ESRCH;
	err = may_prlimit(t) ?
		do_prlimit(t, resource, in ? &new : NULL, &old) : -EPERM;
	put_task_struct(t);
	if (!err && out && copy_to_user(out, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}

static struct timeval ns_to_tv(u64 ns)
{
	return (struct timeval){ ns / 1000000000, ns % 1000000000 / 1000 };
}

/* Linux counts what went to and from disks in sectors. */
static void add_blocks(struct rusage *r, u64 read_bytes, u64 write_bytes)
{
	r->ru_inblock += read_bytes >> 9;
	r->ru_oublock += write_bytes >> 9;
}

static void add_live_threads(struct task_struct *t, struct rusage *r,
			     u64 *utime, u64 *stime)
{
	struct task_struct *i;

	for_each_thread(t, i) {
		*utime += i->utime;
		*stime += i->stime;
		r->ru_minflt += i->min_flt;
		r->ru_majflt += i->maj_flt;
		r->ru_nvcsw += i->nvcsw;
		r->ru_nivcsw += i->nivcsw;
		add_blocks(r, i->ioac.read_bytes, i->ioac.write_bytes);
	}
}

void getrusage(struct task_struct *t, int who, struct rusage *r)
{
	struct signal_struct *s = t->signal;
	u64 utime = 0, stime = 0;

	memset(r, 0, sizeof(*r));
	rcu_read_lock();
	if (who == RUSAGE_THREAD) {
		utime = t->utime;
		stime = t->stime;
		r->ru_minflt = t->min_flt;
		r->ru_majflt = t->maj_flt;
		r->ru_nvcsw = t->nvcsw;
		r->ru_nivcsw = t->nivcsw;
		add_blocks(r, t->ioac.read_bytes, t->ioac.write_bytes);
	}
	if (who == RUSAGE_SELF || who == RUSAGE_BOTH) {
		utime += s->utime;
		stime += s->stime;
		r->ru_minflt += s->min_flt;
		r->ru_majflt += s->maj_flt;
		r->ru_nvcsw += s->nvcsw;
		r->ru_nivcsw += s->nivcsw;
		r->ru_maxrss = s->maxrss;
		add_blocks(r, s->ioac.read_bytes, s->ioac.write_bytes);
		add_live_threads(t, r, &utime, &stime);
	}
	if (who == RUSAGE_CHILDREN || who == RUSAGE_BOTH) {
		utime += s->cutime;
		stime += s->cstime;
		r->ru_minflt += s->cmin_flt;
		r->ru_majflt += s->cmaj_flt;
		r->ru_nvcsw += s->cnvcsw;
		r->ru_nivcsw += s->cnivcsw;
		add_blocks(r, s->cread_bytes, s->cwrite_bytes);
		r->ru_maxrss = max((unsigned long)r->ru_maxrss, s->cmaxrss);
	}
	rcu_read_unlock();
	if (who != RUSAGE_CHILDREN && t->mm == current->mm && t->mm) {
		unsigned long kb = get_mm_hiwater_rss(t->mm) *
				   (PAGE_SIZE / 1024);

		r->ru_maxrss = max((unsigned long)r->ru_maxrss, kb);
	}
	r->ru_utime = ns_to_tv(utime);
	r->ru_stime = ns_to_tv(stime);
}

SYSCALL_DEFINE2(getrusage, int, who, struct rusage __user *, out)
{
	struct rusage r;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN &&
	    who != RUSAGE_THREAD)
		return -EINVAL;
	getrusage(current, who, &r);
	return copy_to_user(out, &r, sizeof(r)) ? -EFAULT : 0;
}

struct tms {
	long tms_utime, tms_stime, tms_cutime, tms_cstime;
};

SYSCALL_DEFINE1(times, struct tms __user *, out)
{
	struct signal_struct *s = current->signal;
	struct rusage r;
	struct tms t;

	getrusage(current, RUSAGE_SELF, &r);
	t.tms_utime = r.ru_utime.tv_sec * USER_HZ +
		      r.ru_utime.tv_usec / (1000000 / USER_HZ);
	t.tms_stime = r.ru_stime.tv_sec * USER_HZ +
		      r.ru_stime.tv_usec / (1000000 / USER_HZ);
	t.tms_cutime = s->cutime / NS_PER_TICK;
	t.tms_cstime = s->cstime / NS_PER_TICK;
	if (out && copy_to_user(out, &t, sizeof(t)))
		return -EFAULT;
	return ktime_get_ns() / NS_PER_TICK;
}

/* ---- odds and ends ------------------------------------------------------- */

SYSCALL_DEFINE3(getrandom, char __user *, buf, size_t, count,
		unsigned int, flags)
{
	u8 chunk[64];
	size_t done = 0;

	if (flags & ~7u)
		return -EINVAL;
	count = min(count, (size_t)INT_MAX);
	while (done < count) {
		size_t n = min(count - done, sizeof(chunk));

		get_random_bytes(chunk, n);
		if (copy_to_user(buf + done, chunk, n))
			return done ? (long)done : -EFAULT;
		done += n;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

SYSCALL_DEFINE1(personality, unsigned int, persona)
{
	unsigned int old = current->personality;

	if (persona != 0xffffffff)
		current->personality = persona;
	return old;
}

/* The terminal that is ours ends for all who use it. */
SYSCALL_DEFINE0(vhangup)
{
	struct tty_struct *tty;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty = get_current_tty();
	if (tty) {
		tty_hangup(tty);
		tty_kref_put(tty);
	}
	return 0;
}
