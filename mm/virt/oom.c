/* SPDX-License-Identifier: MIT */
/*
 * oom.c -- when there is no memory left: kill one process, keep the rest
 *
 * PROMISE.  The allocator calls out_of_memory() when nothing can be reclaimed.
 * The process whose death frees most is killed, and the others live.  A process
 * that is being killed already is waited for: one victim at a time.
 *
 * The score of a process, as Linux counts it, in pages:
 *
 *	resident pages + pages in swap + pages of page tables
 *	+ oom_score_adj thousandths of all memory        (-1000: never)
 *
 * init and kernel threads are never chosen.  Processes that share the victim's
 * memory die with it, for otherwise nothing would be freed.
 *
 * A victim may be unable to die: it waits for a lock whose owner is in the
 * allocator, waiting for the victim's memory.  So after a second whoever waits
 * takes the victim's private pages away himself (reap), and the victim no
 * longer counts as hope (mm->oom_skip): the next round may choose another.
 *
 * LOCKING.  oom_lock keeps it to one killer at a time, and guards victim_mm and
 * victim_deadline; who does not get it lets the other do the work and tries
 * again.  The task list is walked under RCU.
 */

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/cred.h>
#include <mm/mmzone.h>
#include <mm/swap.h>
#include <mm/vmstat.h>

#include "internal.h"

#define PATIENCE HZ

static DEFINE_MUTEX(oom_lock);
static struct mm_struct *victim_mm;   /* with a holder's reference, or NULL */
static unsigned long victim_deadline; /* jiffies */

/* Any thread of p that still has the address space: it may be the leader's. */
static struct mm_struct *lock_task_mm(struct task_struct *p,
				      struct task_struct **owner)
{
	struct task_struct *t;

	for_each_thread(p, t) {
		task_lock(t);
		if (t->mm) {
			*owner = t;
			return t->mm;
		}
		task_unlock(t);
	}
	return NULL;
}

static bool unkillable(struct task_struct *p)
{
	return is_global_init(p) || p->flags & PF_KTHREAD;
}

static unsigned long mm_points(struct mm_struct *mm)
{
	return get_mm_rss(mm) + get_mm_counter(mm, MM_SWAPENTS) +
	       mm_pgtables_bytes(mm) / PAGE_SIZE;
}

/* In pages; LONG_MIN: not to be killed. */
static long badness(struct task_struct *p, unsigned long totalpages)
{
	struct task_struct *t;
	struct mm_struct *mm;
	long points;

	if (unkillable(p) || p->signal->oom_score_adj == OOM_SCORE_ADJ_MIN)
		return LONG_MIN;
	mm = lock_task_mm(p, &t);
	if (!mm)
		return LONG_MIN;
	points = mm->oom_skip ? LONG_MIN : (long)mm_points(mm);
	task_unlock(t);
	if (points == LONG_MIN)
		return points;
	return points + (long)p->signal->oom_score_adj *
			(long)(totalpages / 1000);
}

/* 0..2000 for /proc/PID/oom_score, 1000 being "all memory and neutral". */
long oom_badness(struct task_struct *p, unsigned long totalpages)
{
	long points = badness(p, totalpages);

	if (points == LONG_MIN || !totalpages)
		return 0;
	points = 1000 + points * 1000 / (long)totalpages;
	return points < 0 ? 0 : points * 2 / 3;
}

/* Is p dying, so that its memory is on its way back? */
static bool is_dying(struct task_struct *p)
{
	struct task_struct *t;
	struct mm_struct *mm;
	bool hopeful;

	if (!(p->signal->flags & SIGNAL_GROUP_EXIT))
		return false;
	mm = lock_task_mm(p, &t);
	if (!mm)
		return false;
	hopeful = !mm->oom_skip;
	task_unlock(t);
	return hopeful;
}

/* The worst process, with a reference; NULL: none; *wait: one is dying. */
static struct task_struct *select_victim(unsigned long totalpages, bool *wait)
{
	struct task_struct *p, *worst = NULL;
	long most = LONG_MIN;

	*wait = false;
	rcu_read_lock();
	for_each_process(p) {
		long points;

		if (!unkillable(p) && is_dying(p)) {
			*wait = true;
			worst = NULL;
			break;
		}
		points = badness(p, totalpages);
		if (points > most) {
			most = points;
			worst = p;
		}
	}
	if (worst)
		get_task_struct(worst);
	rcu_read_unlock();
	return worst;
}

static void kill_sharers(struct task_struct *victim, struct mm_struct *mm)
{
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process(p) {
		struct mm_struct *its;

		if (same_thread_group(p, victim) || unkillable(p))
			continue;
		its = lock_task_mm(p, &t);
		if (its)
			task_unlock(t);
		if (its == mm)
			group_send_sig_info(SIGKILL, SEND_SIG_PRIV, p,
					    PIDTYPE_TGID);
	}
	rcu_read_unlock();
}

static unsigned long counter_kb(struct mm_struct *mm, int member)
{
	return mm ? get_mm_counter(mm, member) << (PAGE_SHIFT - 10) : 0;
}

/* As Linux words it, for those who search logs. */
static void log_kill(struct task_struct *victim, struct mm_struct *mm)
{
	uid_t uid;

	rcu_read_lock();
	uid = task_uid(victim);
	rcu_read_unlock();
	pr_err("Out of memory: Killed process %d (%s) total-vm:%lukB, "
	       "anon-rss:%lukB, file-rss:%lukB, shmem-rss:%lukB, UID:%u "
	       "pgtables:%lukB oom_score_adj:%d\n",
	       victim->pid, victim->comm,
	       mm ? mm->total_vm << (PAGE_SHIFT - 10) : 0,
	       counter_kb(mm, MM_ANONPAGES), counter_kb(mm, MM_FILEPAGES),
	       counter_kb(mm, MM_SHMEMPAGES), uid,
	       mm ? mm_pgtables_bytes(mm) >> 10 : 0,
	       victim->signal->oom_score_adj);
}

static void kill_victim(struct task_struct *victim, gfp_t gfp,
			unsigned int order)
{
	struct mm_struct *mm = get_task_mm(victim);

	pr_warn("%s invoked oom-killer: gfp_mask=%#x, order=%u, "
		"oom_score_adj=%d\n", current->comm, gfp, order,
		current->signal->oom_score_adj);
	log_kill(victim, mm);
	count_vm_event(OOM_KILL);
	group_send_sig_info(SIGKILL, SEND_SIG_PRIV, victim, PIDTYPE_TGID);
	if (!mm)
		return;
	kill_sharers(victim, mm);
	if (victim_mm)
		mmdrop(victim_mm);
	mmgrab(mm);
	victim_mm = mm;
	victim_deadline = jiffies + PATIENCE;
	mmput(mm);
}

/* Take a dying process's own pages; it will never look at them again. */
int oom_reap_mm(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	if (!mmap_read_trylock(mm))
		return -EAGAIN;
	for_each_vma(mm, vma)
		if (!(vma->vm_flags & (VM_SHARED | VM_PFNMAP)))
			zap_page_range(vma, vma->vm_start,
				       vma->vm_end - vma->vm_start);
	mmap_read_unlock(mm);
	mm->oom_skip = true;
	return 0;
}

static void reap(struct mm_struct *mm)
{
	if (!mmget_not_zero(mm))
		return;
	oom_reap_mm(mm);
	mm->oom_skip = true;
	mmput(mm);
}

/* The victim has had its time and is still there. */
static void reap_if_late(void)
{
	if (!victim_mm || time_before(jiffies, victim_deadline))
		return;
	reap(victim_mm);
	mmdrop(victim_mm);
	victim_mm = NULL;
}

/* Give the dying a moment; true: try the allocation again. */
static bool let_them_die(void)
{
	schedule_timeout_killable(1);
	return true;
}

bool out_of_memory(gfp_t gfp, unsigned int order)
{
	struct task_struct *victim;
	bool wait;

	/*
	 * Who holds a file system's locks could not have reclaimed its pages:
	 * that is no proof that there are none.  Others will reclaim, or kill.
	 */
	if (gfp && !(gfp & __GFP_FS))
		return let_them_die();
	/* Low memory: no process's death would give any. */
	if (gfp & (__GFP_DMA | __GFP_DMA32))
		return false;
	/* We are the one who dies: go, do not ask for more. */
	if (current->mm && fatal_signal_pending(current))
		return false;
	if (!mutex_trylock(&oom_lock))
		return let_them_die();
	victim = select_victim(totalram_pages() + total_swap_pages, &wait);
	if (victim) {
		kill_victim(victim, gfp, order);
		put_task_struct(victim);
	} else if (wait) {
		reap_if_late();
	}
	mutex_unlock(&oom_lock);
	if (!victim && !wait)
		return false;
	if (current->mm && fatal_signal_pending(current))
		return false;
	return let_them_die();
}

static int __init oom_init(void)
{
	register_oom_handler(out_of_memory);
	return 0;
}
core_initcall(oom_init);
