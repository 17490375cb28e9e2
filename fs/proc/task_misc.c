/* SPDX-License-Identifier: MIT */
/*
 * task_misc.c -- small files of /proc/PID: one value or one line each
 *
 * SEE proc(5).
 */

#include "internal.h"

#include <arch/processor.h>
#include <arch/stacktrace.h>
#include <arch/syscall.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>
#include <kernel/task_io.h>
#include <mm/mm.h>
#include <mm/mmzone.h>
#include <mm/slab.h>
#include <mm/swap.h>

#define MAX_STACK_DEPTH 64

/* ---- where it waits ---- */

int proc_pid_wchan(struct seq_file *m, struct task_struct *task)
{
	unsigned long ip = proc_may_access(task) ? get_wchan(task) : 0;

	if (ip)
		seq_printf(m, "%ps", (void *)ip);
	else
		seq_putc(m, '0');
	return 0;
}

/* Best effort: it may start to run while we look, which never faults. */
int proc_pid_stack(struct seq_file *m, struct task_struct *task)
{
	unsigned long *at;
	unsigned int n = 0;

	if (!proc_opener_capable(m->file, CAP_SYS_ADMIN))
		return -EACCES;
	at = kmalloc_array(MAX_STACK_DEPTH, sizeof(*at), GFP_KERNEL);
	if (!at)
		return -ENOMEM;
	if (task == current)
		n = stack_trace_save(at, MAX_STACK_DEPTH, 0);
	else if (!READ_ONCE(task->on_cpu))
		n = stack_trace_save_tsk(task, at, MAX_STACK_DEPTH, 0);
	for (unsigned int i = 0; i < n; i++)
		seq_printf(m, "[<0>] %pS\n", (void *)at[i]);
	kfree(at);
	return 0;
}

/* Number, six arguments, stack and instruction pointer of the call it is in. */
int proc_pid_syscall(struct seq_file *m, struct task_struct *task)
{
	struct pt_regs *regs = task_pt_regs(task);
	unsigned long a[6];

	if (!proc_may_access(task))
		return -EPERM;
	if (task->flags & PF_KTHREAD) {
		seq_puts(m, "0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n");
	} else if (task != current && READ_ONCE(task->on_cpu)) {
		seq_puts(m, "running\n");
	} else if (!in_syscall(regs)) {
		seq_printf(m, "-1 0x%lx 0x%lx\n", user_stack_pointer(regs),
			   instruction_pointer(regs));
	} else {
		syscall_get_arguments(regs, a);
		seq_printf(m, "%ld 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx "
			      "0x%lx 0x%lx\n", syscall_get_nr(regs), a[0], a[1],
			   a[2], a[3], a[4], a[5], user_stack_pointer(regs),
			   instruction_pointer(regs));
	}
	return 0;
}

/* ---- memory's end ---- */

int proc_pid_oom_score(struct seq_file *m, struct task_struct *task)
{
	long score;

	rcu_read_lock();
	score = oom_badness(task, totalram_pages() + total_swap_pages);
	rcu_read_unlock();
	seq_printf(m, "%ld\n", score);
	return 0;
}

int proc_pid_oom_score_adj(struct seq_file *m, struct task_struct *task)
{
	seq_printf(m, "%d\n", task->signal->oom_score_adj);
	return 0;
}

static ssize_t oom_score_adj_write(struct file *file, const char __user *buf,
				   size_t count, loff_t *pos)
{
	struct task_struct *task;
	char text[16] = { 0 };
	int value;

	if (copy_from_user(text, buf, min(count, sizeof(text) - 1)))
		return -EFAULT;
	if (kstrtoint(strim(text), 0, &value) ||
	    value < OOM_SCORE_ADJ_MIN || value > OOM_SCORE_ADJ_MAX)
		return -EINVAL;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	if (value < task->signal->oom_score_adj && !capable(CAP_SYS_RESOURCE)) {
		put_task_struct(task);
		return -EACCES;
	}
	task->signal->oom_score_adj = value;
	put_task_struct(task);
	return count;
}

const struct file_operations proc_oom_score_adj_operations = {
	.open = proc_pid_open_show,
	.read_iter = seq_read_iter,
	.write = oom_score_adj_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* ---- what it read and wrote ---- */

static int show_io(struct seq_file *m, const struct task_io_accounting *io)
{
	seq_printf(m, "rchar: %lu\nwchar: %lu\nsyscr: %lu\nsyscw: %lu\n"
		      "read_bytes: %lu\nwrite_bytes: %lu\n"
		      "cancelled_write_bytes: %lu\n",
		   (unsigned long)io->rchar, (unsigned long)io->wchar,
		   (unsigned long)io->syscr, (unsigned long)io->syscw,
		   (unsigned long)io->read_bytes,
		   (unsigned long)io->write_bytes,
		   (unsigned long)io->cancelled_write_bytes);
	return 0;
}

int proc_tid_io(struct seq_file *m, struct task_struct *task)
{
	return proc_may_access(task) ? show_io(m, &task->ioac) : -EACCES;
}

int proc_tgid_io(struct seq_file *m, struct task_struct *task)
{
	struct task_io_accounting io;
	struct task_struct *t;

	if (!proc_may_access(task))
		return -EACCES;
	rcu_read_lock();
	io = task->signal->ioac;
	for_each_thread(task, t)
		task_io_add(&io, &t->ioac);
	rcu_read_unlock();
	return show_io(m, &io);
}

/* ---- who it is ---- */

int proc_pid_personality(struct seq_file *m, struct task_struct *task)
{
	seq_printf(m, "%08lx\n", task->personality);
	return 0;
}

/* All users are in the one user namespace, which maps each to itself. */
int proc_id_map(struct seq_file *m, struct task_struct *task)
{
	seq_printf(m, "%10u %10u %10u\n", 0, 0, ~0U);
	return 0;
}

int proc_setgroups(struct seq_file *m, struct task_struct *task)
{
	seq_puts(m, "allow\n");
	return 0;
}

int proc_tid_children(struct seq_file *m, struct task_struct *task)
{
	struct task_struct *child;

	read_lock(&tasklist_lock);
	list_for_each_entry(child, &task->children, sibling)
		seq_printf(m, "%d ", task_tgid_vnr(child));
	read_unlock(&tasklist_lock);
	return 0;
}

/* ---- coredump_filter ---- */

#define DUMP_FILTER_BITS 0x1ff

int proc_pid_coredump_filter(struct seq_file *m, struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);

	if (!mm)
		return 0;
	seq_printf(m, "%08x\n", mm->dump_filter);
	mmput(mm);
	return 0;
}

static ssize_t coredump_filter_write(struct file *file, const char __user *buf,
				     size_t count, loff_t *pos)
{
	struct mm_struct *mm = NULL;
	struct task_struct *task;
	char text[16] = { 0 };
	int value;

	if (copy_from_user(text, buf, min(count, sizeof(text) - 1)))
		return -EFAULT;
	if (kstrtoint(strim(text), 0, &value))
		return -EINVAL;
	task = get_proc_task(file_inode(file));
	if (task) {
		mm = get_task_mm(task);
		put_task_struct(task);
	}
	if (!mm)
		return -ESRCH;
	mm->dump_filter = value & DUMP_FILTER_BITS;
	mmput(mm);
	return count;
}

const struct file_operations proc_coredump_filter_operations = {
	.open = proc_pid_open_show,
	.read_iter = seq_read_iter,
	.write = coredump_filter_write,
	.llseek = seq_lseek,
	.release = single_release,
};
