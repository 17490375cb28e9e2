/* SPDX-License-Identifier: MIT */
/*
 * seccomp.c -- a task gives up system calls
 *
 * PROMISE.  What a task has given up neither it nor its children get back: a
 * filter can be added, never removed, and execve keeps it.
 *
 * IDEA.  Strict mode leaves read, write, exit and sigreturn. Filter mode runs
 * the task's classic BPF programs (kernel/lib/cbpf.c) on the call's number and
 * arguments; the most severe verdict of all holds. Filters form a tree that
 * grows from its leaves: each points to the one that was there before, and is
 * shared by all who inherited it.
 *
 *	child A: f3 -> f1 -> NULL        f1 counted 3: by f3, f2 and child B
 *	child C: f2 -> f1
 *	child B:       f1
 *
 * A filter could be used to fool a setuid program (make setuid() fail
 * silently); so adding one needs no_new_privs, or CAP_SYS_ADMIN.
 *
 * INVARIANTS.
 *   I1  A task's filter pointer only moves to a filter that has the old one
 *       among its ancestors.
 *   I2  Filters do not change once they are attached.
 *
 * LOCKING.  siglock to change a filter pointer (TSYNC changes other threads'):
 * the owner reads its own without it, for what it reads stays an ancestor (I1)
 * and so lives.
 *
 * A filter's listener, another process that decides: seccomp_notify.c.
 *
 * SEE seccomp(2), docs/69-seccomp.md.
 */

#include "seccomp_impl.h"

#include <arch/syscall.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/cbpf.h>
#include <kernel/coredump.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/proc.h>
#include <kernel/ptrace.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/slab.h>

#define MAX_INSNS_PER_PATH 32768
#define PER_FILTER_PENALTY 4
#define MAX_ERRNO_DATA 4095
#define VALID_FLAGS (SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | \
		     SECCOMP_FILTER_FLAG_SPEC_ALLOW | \
		     SECCOMP_FILTER_FLAG_NEW_LISTENER |			\
		     SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV |		\
		     SECCOMP_FILTER_FLAG_TSYNC_ESRCH)

void seccomp_put_ref(struct seccomp_filter *f)
{
	while (f && refcount_dec_and_test(&f->refs)) {
		struct seccomp_filter *prev = f->prev;

		kfree(f->notif);
		kfree(f);
		f = prev;
	}
}

static void get_filter(struct seccomp_filter *f)
{
	refcount_inc(&f->users);
	refcount_inc(&f->refs);
}

/* A task lets go of it. */
static void put_filter(struct seccomp_filter *f)
{
	for (struct seccomp_filter *u = f;
	     u && refcount_dec_and_test(&u->users); u = u->prev)
		seccomp_hang_up(u);
	seccomp_put_ref(f);
}

/* ---- judging a call ------------------------------------------------------ */

/* Words of struct seccomp_data, in the CPU's order. */
static bool load_word(const struct cbpf_input *in, u32 offset, int size,
		      u32 *value)
{
	if (size != 4 || (offset & 3) || offset > in->len - 4)
		return false;
	memcpy(value, (const char *)in->data + offset, 4);
	return true;
}

void seccomp_fill_data(struct seccomp_data *data, struct pt_regs *regs)
{
	unsigned long args[6];

	data->nr = syscall_get_nr(regs);
	data->arch = AUDIT_ARCH_X86_64;
	data->instruction_pointer = instruction_pointer(regs);
	syscall_get_arguments(regs, args);
	for (int i = 0; i < 6; i++)
		data->args[i] = args[i];
}

/* The lowest of all verdicts, and the filter that gave it. */
static u32 run_filters(struct pt_regs *regs, struct seccomp_filter **match)
{
	struct seccomp_data data;
	const struct cbpf_input in = { &data, sizeof(data), load_word };
	u32 verdict = SECCOMP_RET_ALLOW;

	seccomp_fill_data(&data, regs);
	*match = NULL;
	for (struct seccomp_filter *f = READ_ONCE(current->seccomp.filter); f;
	     f = f->prev) {
		u32 v = cbpf_run(f->insns, &in);

		if ((s32)(v & SECCOMP_RET_ACTION_FULL) <
		    (s32)(verdict & SECCOMP_RET_ACTION_FULL)) {
			verdict = v;
			*match = f;
		}
	}
	return verdict;
}

static void fill_sigsys(siginfo_t *info, struct pt_regs *regs, int reason)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = SIGSYS;
	info->si_code = SYS_SECCOMP;
	info->si_errno = reason;
	info->si_call_addr = (void *)instruction_pointer(regs);
	info->si_syscall = syscall_get_nr(regs);
	info->si_arch = AUDIT_ARCH_X86_64;
	/* As if the call had not been made. */
	regs->ax = regs->orig_ax;
}

/*
 * KILL_THREAD and KILL_PROCESS: the call's registers go into the core file.  No
 * signal is sent, for a tracer could take it away, and another thread could
 * handle it.
 */
static __noreturn void kill_for_call(struct pt_regs *regs, u32 action, int reason)
{
	siginfo_t info;

	if (action == SECCOMP_RET_KILL_THREAD && get_nr_threads(current) != 1)
		do_exit(SIGSYS);
	fill_sigsys(&info, regs, reason);
	do_coredump(&info);
	do_group_exit(SIGSYS);
}

static void log_call(struct pt_regs *regs, u32 action)
{
	pr_info_ratelimited("seccomp: %s[%d] sig 0 syscall %ld code 0x%x\n",
			    current->comm, current->pid, syscall_get_nr(regs),
			    action);
}

static int judge(struct pt_regs *regs, bool after_trace);

/* A tracer decides: it may change the call, which is then judged anew. */
static int ask_tracer(struct pt_regs *regs, int data, bool after_trace)
{
	if (after_trace)
		return 0;
	if (!ptrace_event_enabled(current, PTRACE_EVENT_SECCOMP)) {
		syscall_set_return_value(regs, -ENOSYS);
		return -1;
	}
	ptrace_event(PTRACE_EVENT_SECCOMP, data);
	if (fatal_signal_pending(current))
		return -1;
	if (syscall_get_nr(regs) < 0)
		return -1;            /* skipped; ax is the tracer's */
	return judge(regs, true);
}

static int judge(struct pt_regs *regs, bool after_trace)
{
	struct seccomp_filter *match;
	u32 verdict = run_filters(regs, &match);
	u32 action = verdict & SECCOMP_RET_ACTION_FULL;
	int data = verdict & SECCOMP_RET_DATA;
	siginfo_t info;

	if (match && match->log && action != SECCOMP_RET_LOG)
		log_call(regs, action);
	switch (action) {
	case SECCOMP_RET_ALLOW:
		return 0;
	case SECCOMP_RET_LOG:
		log_call(regs, action);
		return 0;
	case SECCOMP_RET_ERRNO:
		syscall_set_return_value(regs, -min(data, MAX_ERRNO_DATA));
		return -1;
	case SECCOMP_RET_TRAP:
		fill_sigsys(&info, regs, data);
		force_sig_info(&info);
		return -1;
	case SECCOMP_RET_TRACE:
		return ask_tracer(regs, data, after_trace);
	case SECCOMP_RET_USER_NOTIF:
		return seccomp_ask_listener(regs, match);
	default:
		kill_for_call(regs, action, data);
	}
}

static int judge_strictly(struct pt_regs *regs)
{
	switch (syscall_get_nr(regs)) {
	case __NR_read:
	case __NR_write:
	case __NR_exit:
	case __NR_rt_sigreturn:
		return 0;
	}
	do_exit(SIGKILL);
}

int secure_computing(struct pt_regs *regs)
{
	if (current->seccomp.mode == SECCOMP_MODE_STRICT)
		return judge_strictly(regs);
	return judge(regs, false);
}

/* ---- adding a filter ----------------------------------------------------- */

/* Beyond cbpf_check(): only whole words of struct seccomp_data are read. */
static bool loads_ok(const struct sock_filter *prog, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++) {
		const struct sock_filter *f = &prog[i];
		u16 mode = f->code & 0xe0;

		if (BPF_CLASS(f->code) != BPF_LD &&
		    BPF_CLASS(f->code) != BPF_LDX)
			continue;
		if (mode == BPF_IND || mode == BPF_MSH)
			return false;
		if (mode == BPF_ABS &&
		    ((f->code & 0x18) != BPF_W || (f->k & 3) ||
		     f->k >= sizeof(struct seccomp_data)))
			return false;
	}
	return true;
}

static int check_program(struct seccomp_filter *f)
{
	u16 *scratch = kmalloc(f->len * sizeof(*scratch), GFP_KERNEL);
	int err;

	if (!scratch)
		return -ENOMEM;
	err = cbpf_check(f->insns, f->len, scratch);
	kfree(scratch);
	if (!err && !loads_ok(f->insns, f->len))
		err = -EINVAL;
	return err;
}

/* A filter of the user's, checked; or ERR_PTR. */
static struct seccomp_filter *read_filter(struct sock_fprog __user *uprog)
{
	struct seccomp_filter *f;
	struct sock_fprog prog;
	int err;

	if (copy_from_user(&prog, uprog, sizeof(prog)))
		return ERR_PTR(-EFAULT);
	if (!prog.len || prog.len > BPF_MAXINSNS)
		return ERR_PTR(-EINVAL);
	if (!current->no_new_privs && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EACCES);
	if (!prog.filter)
		return ERR_PTR(-EINVAL);
	f = kzalloc(struct_size(f, insns, prog.len), GFP_KERNEL);
	if (!f)
		return ERR_PTR(-ENOMEM);
	refcount_set(&f->refs, 1);
	refcount_set(&f->users, 1);
	f->len = prog.len;
	err = -EFAULT;
	if (!copy_from_user(f->insns, (void __user *)prog.filter,
			    prog.len * sizeof(struct sock_filter)))
		err = check_program(f);
	if (err) {
		kfree(f);
		return ERR_PTR(err);
	}
	return f;
}

static bool is_ancestor(const struct seccomp_filter *old,
			const struct seccomp_filter *f)
{
	for (; f; f = f->prev)
		if (f == old)
			return true;
	return !old;
}

/* The pid of a thread whose filters are not among ours; 0: none. siglock. */
static pid_t diverging_thread(void)
{
	struct task_struct *t;

	for_each_thread(current, t) {
		if (t == current || (t->flags & PF_EXITING))
			continue;
		if (t->seccomp.mode == SECCOMP_MODE_DISABLED ||
		    (t->seccomp.mode == SECCOMP_MODE_FILTER &&
		     is_ancestor(t->seccomp.filter, current->seccomp.filter)))
			continue;
		return task_pid_vnr(t);
	}
	return 0;
}

/* All threads take over current's filters; siglock held. */
static void sync_threads(void)
{
	struct task_struct *t;

	for_each_thread(current, t) {
		struct seccomp_filter *old = t->seccomp.filter;

		if (t == current || (t->flags & PF_EXITING))
			continue;
		get_filter(current->seccomp.filter);
		t->seccomp.filter_count = current->seccomp.filter_count;
		smp_store_release(&t->seccomp.filter, current->seccomp.filter);
		put_filter(old);                                   /* I1 */
		if (current->no_new_privs)
			t->no_new_privs = true;
		t->seccomp.mode = SECCOMP_MODE_FILTER;
		set_ti_flag(t, TIF_SECCOMP);
	}
}

/* siglock held. 0, -errno, or the tid of the thread that is in the way. */
static long attach_filter(unsigned int flags, struct seccomp_filter *f)
{
	unsigned long total = f->len;
	struct seccomp_filter *old = current->seccomp.filter;
	int err = 0;

	for (struct seccomp_filter *i = old; i; i = i->prev) {
		total += i->len + PER_FILTER_PENALTY;
		if (f->notif && seccomp_has_listener(i))
			err = -EBUSY;  /* one listener on the way up */
	}
	if (total > MAX_INSNS_PER_PATH)
		return -ENOMEM;
	if (err)
		return err;
	if (flags & SECCOMP_FILTER_FLAG_TSYNC) {
		pid_t tid = diverging_thread();

		if (tid)
			return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ?
				-ESRCH : tid;
	}
	f->log = flags & SECCOMP_FILTER_FLAG_LOG;
	f->wait_killable = flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	f->prev = old;                /* our reference goes over to it */
	smp_store_release(&current->seccomp.filter, f);
	current->seccomp.filter_count++;
	current->seccomp.mode = SECCOMP_MODE_FILTER;
	set_ti_flag(current, TIF_SECCOMP);
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		sync_threads();
	return 0;
}

/* No thread that is on its way to new ids gets a filter: exec_cred.c. */
static long attach_to_all(unsigned int flags, struct seccomp_filter *f)
{
	struct mutex *guard = &current->signal->cred_guard_mutex;
	long ret = -EINVAL;

	if ((flags & SECCOMP_FILTER_FLAG_TSYNC) && mutex_lock_killable(guard))
		return -EINTR;
	spin_lock_irq(&current->sighand->siglock);
	if (current->seccomp.mode != SECCOMP_MODE_STRICT)
		ret = attach_filter(flags, f);
	spin_unlock_irq(&current->sighand->siglock);
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		mutex_unlock(guard);
	return ret;
}

static bool flags_ok(unsigned int flags)
{
	if (flags & ~VALID_FLAGS)
		return false;
	/* The result is a descriptor or a thread: ESRCH must stand for one. */
	if ((flags & SECCOMP_FILTER_FLAG_TSYNC) &&
	    (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) &&
	    !(flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH))
		return false;
	return !(flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) ||
	       flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
}

/* Attach it with a listener's file, whose descriptor is the result. */
static long attach_with_listener(unsigned int flags, struct seccomp_filter *f)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;
	long ret;

	if (fd < 0)
		return fd;
	file = seccomp_make_listener(f);
	ret = PTR_ERR_OR_ZERO(file);
	if (ret)
		goto out_fd;
	ret = attach_to_all(flags, f);
	if (ret) {
		fput(file);
		goto out_fd;
	}
	fd_install(fd, file);
	return fd;
out_fd:
	put_unused_fd(fd);
	return ret;
}

static long set_mode_filter(unsigned int flags, void __user *uprog)
{
	struct seccomp_filter *f;
	long ret;

	if (!flags_ok(flags))
		return -EINVAL;
	f = read_filter(uprog);
	if (IS_ERR(f))
		return PTR_ERR(f);
	if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		ret = attach_with_listener(flags, f);
		if (ret < 0)
			put_filter(f);
		return ret;
	}
	ret = attach_to_all(flags, f);
	if (ret)
		put_filter(f);
	return ret;
}

static long notif_sizes(void __user *to)
{
	const struct seccomp_notif_sizes sizes = {
		sizeof(struct seccomp_notif),
		sizeof(struct seccomp_notif_resp),
		sizeof(struct seccomp_data),
	};

	return copy_to_user(to, &sizes, sizeof(sizes)) ? -EFAULT : 0;
}

static long set_mode_strict(void)
{
	long ret = -EINVAL;

	spin_lock_irq(&current->sighand->siglock);
	if (current->seccomp.mode != SECCOMP_MODE_FILTER) {
		current->seccomp.mode = SECCOMP_MODE_STRICT;
		set_ti_flag(current, TIF_SECCOMP);
		ret = 0;
	}
	spin_unlock_irq(&current->sighand->siglock);
	return ret;
}

static long action_avail(const u32 __user *uaction)
{
	u32 action;

	if (get_user(action, uaction))
		return -EFAULT;
	switch (action) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_ERRNO:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return 0;
	}
	return -EOPNOTSUPP;
}

SYSCALL_DEFINE3(seccomp, unsigned int, op, unsigned int, flags,
		void __user *, uargs)
{
	switch (op) {
	case SECCOMP_SET_MODE_STRICT:
		return flags || uargs ? -EINVAL : set_mode_strict();
	case SECCOMP_SET_MODE_FILTER:
		return set_mode_filter(flags, uargs);
	case SECCOMP_GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_avail(uargs);
	case SECCOMP_GET_NOTIF_SIZES:
		return flags ? -EINVAL : notif_sizes(uargs);
	}
	return -EINVAL;
}

long prctl_set_seccomp(unsigned long mode, void __user *filter)
{
	if (mode == SECCOMP_MODE_STRICT)
		return set_mode_strict();
	if (mode == SECCOMP_MODE_FILTER)
		return set_mode_filter(0, filter);
	return -EINVAL;
}

/* ---- inheritance --------------------------------------------------------- */

void seccomp_fork(struct task_struct *child)
{
	child->seccomp = current->seccomp;
	child->no_new_privs = current->no_new_privs;
	if (child->seccomp.filter)
		get_filter(child->seccomp.filter);
	if (child->seccomp.mode)
		set_ti_flag(child, TIF_SECCOMP);
}

/* PF_EXITING is set: nobody gives it filters any more. */
void seccomp_exit(struct task_struct *t)
{
	struct seccomp_filter *f;

	spin_lock_irq(&t->sighand->siglock);
	f = t->seccomp.filter;
	t->seccomp.filter = NULL;
	spin_unlock_irq(&t->sighand->siglock);
	put_filter(f);
}
