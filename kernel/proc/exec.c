/* SPDX-License-Identifier: MIT */
/*
 * exec.c -- replace the running program
 *
 * PROMISE.  execve() either leaves the caller exactly as it was, with an errno,
 * or starts the new program with the same pid, files and working directory.
 * What goes wrong after the old program is gone kills with SIGSEGV.
 *
 * IDEA.  Build the new address space beside the old one.  The strings go onto
 * its stack first, from the top down, since they come from the old memory:
 *
 *	STACK_TOP -8:  0   filename   env strings   arg strings   <- bprm->p
 *
 * The file's first 256 bytes choose the format (ELF, #!).  The format checks
 * all that it can, calls begin_new_exec() -- other threads die, the memory is
 * swapped, handlers are reset, CLOEXEC files close -- and maps the program.
 *
 * INVARIANTS.
 *   I1  Until begin_new_exec() nothing of current has changed but reference
 *       counts.
 *   I2  After it the group has one thread, which is its leader and keeps the
 *       group's pid.
 *
 * LOCKING.  signal->group_exit_task (siglock) keeps a second thread's execve or
 * exit_group out; signal->cred_guard_mutex tracers (exec_cred.c).
 *
 * SEE execve(2), docs/49-exec.md.
 *
 * EXERCISES.  1. Why are the strings copied before the format is known?  2. A
 * #! script names a script: where does the recursion stop?
 */

#include <kernel/binfmts.h>

#include "exec_internal.h"

#include <arch/mmu.h>
#include <arch/processor.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/bug.h>
#include <kernel/completion.h>
#include <kernel/coredump.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/itimer.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/proc.h>
#include <kernel/ptrace.h>
#include <kernel/rwsem.h>
#include <kernel/rseq.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/timer.h>
#include <kernel/uprobes.h>
#include <mm/mm.h>
#include <mm/slab.h>

#define BINPRM_MAX_RECURSION 5

static LIST_HEAD(formats);
static DECLARE_RWSEM(binfmt_lock);

void register_binfmt(struct linux_binfmt *fmt)
{
	down_write(&binfmt_lock);
	list_add_tail(&fmt->lh, &formats);
	up_write(&binfmt_lock);
}

/* ---- strings ------------------------------------------------------------- */

/* argv or envp: the user's array, or the kernel's. */
struct string_array {
	const char __user *const __user *user;
	const char *const *kernel;
};

/* The array's n-th pointer: *str NULL at the end; 0 or -EFAULT. */
static int nth_string(struct string_array a, int n, const char **str)
{
	unsigned long ptr;

	if (a.kernel) {
		*str = a.kernel[n];
		return 0;
	}
	if (get_user(ptr, (const unsigned long __user *)a.user + n))
		return -EFAULT;
	*str = (const char *)ptr;
	return 0;
}

static int count_strings(struct string_array a)
{
	const char *str;
	int n = 0, err;

	if (!a.user && !a.kernel)
		return 0;
	for (;; n++) {
		err = nth_string(a, n, &str);
		if (err)
			return err;
		if (!str)
			return n;
		if (n >= MAX_ARG_STRINGS)
			return -E2BIG;
		if (fatal_signal_pending(current))
			return -ERESTARTNOHAND;
		cond_resched();
	}
}

/* Push len bytes, of the kernel or the user, below bprm->p. */
static int push_bytes(struct linux_binprm *bprm, const char *src, size_t len,
		      bool user)
{
	char *page;
	int err = 0;

	if (bprm->p - len < bprm->arg_floor || len > bprm->p)
		return -E2BIG;
	bprm->p -= len;
	if (!user)
		return copy_to_mm(bprm->mm, bprm->p, src, len);
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	for (size_t done = 0; done < len && !err; ) {
		size_t n = min(len - done, (size_t)PAGE_SIZE);

		if (copy_from_user(page, (const char __user *)src + done, n))
			err = -EFAULT;
		else
			err = copy_to_mm(bprm->mm, bprm->p + done, page, n);
		done += n;
	}
	kfree(page);
	return err;
}

int copy_string_kernel(const char *arg, struct linux_binprm *bprm)
{
	return push_bytes(bprm, arg, strlen(arg) + 1, false);
}

/* Push strings n-1 ... 0, so that the first lies lowest. */
static int copy_strings(int n, struct string_array a, struct linux_binprm *bprm)
{
	const char *str;
	long len;
	int err;

	while (n-- > 0) {
		err = nth_string(a, n, &str);
		if (err)
			return err;
		if (!str)
			return -EFAULT;
		if (a.kernel) {
			err = copy_string_kernel(str, bprm);
		} else {
			len = strnlen_user((const char __user *)str,
					   MAX_ARG_STRLEN);
			if (!len)
				return -EFAULT;
			if (len > MAX_ARG_STRLEN)
				return -E2BIG;
			err = push_bytes(bprm, str, len, true);
		}
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int remove_arg_zero(struct linux_binprm *bprm)
{
	char c;

	if (!bprm->argc)
		return 0;
	do {
		if (access_remote_vm(bprm->mm, bprm->p, &c, 1, FOLL_FORCE) != 1)
			return -EFAULT;
		bprm->p++;
	} while (c);
	bprm->argc--;
	return 0;
}

int bprm_change_interp(const char *interp, struct linux_binprm *bprm)
{
	char *copy = kstrdup(interp, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	if (bprm->interp_allocated)
		kfree(bprm->interp);
	bprm->interp = copy;
	bprm->interp_allocated = true;
	return 0;
}

/* Strings may take a quarter of the stack's limit, 6 MiB at most. */
static void set_arg_floor(struct linux_binprm *bprm)
{
	unsigned long limit = rlimit(RLIMIT_STACK) / 4;

	limit = min(limit, 6UL << 20);
	limit = max(limit, (unsigned long)MAX_ARG_STRLEN);
	bprm->arg_floor = bprm->p - limit +
		(bprm->argc + bprm->envc) * sizeof(void *);
}

/* ---- the point of no return ---------------------------------------------- */

static void exec_mmap(struct mm_struct *mm)
{
	struct task_struct *t = current;
	struct mm_struct *old = t->mm, *active = t->active_mm;

	mm_release(t, old);
	rseq_execve(t);
	task_lock(t);
	local_irq_disable();
	t->mm = mm;
	t->active_mm = mm;
	switch_mm(active, mm, t);
	local_irq_enable();
	task_unlock(t);
	if (old)
		mmput(old);
	else
		mmdrop(active);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int begin_new_exec(struct linux_binprm *bprm)
{
	int err;

	bprm->point_of_no_return = true;
	if (!thread_group_empty(current)) {
		err = kill_other_threads();
		if (err)
			return err;
	}
	current->exit_signal = SIGCHLD;
	WRITE_ONCE(current->self_exec_id, current->self_exec_id + 1);
	err = unshare_files();
	if (!err)
		err = unshare_sighand();
	if (err)
		return err;
	/* Closed to writers as long as it runs: it is now, so this works. */
	deny_write_access(bprm->file);
	bprm->mm->exe_file = get_file(bprm->file);
	/* Before anybody can look: what is not for all is closed at once. */
	bprm->mm->dumpable = exec_dumpable(bprm);
	exec_mmap(bprm->mm);
	bprm->mm = NULL;
	current->flags &= ~(PF_KTHREAD | PF_FORKNOEXEC | PF_RANDOMIZE);
	if (bprm->randomize)
		current->flags |= PF_RANDOMIZE;
	if (bprm->secureexec)
		current->personality &= ~PER_CLEAR_ON_SETID;
	current->did_exec = 1;
	flush_thread();
	uprobe_free_utask(current);
	do_close_on_exec(current->files);
	set_task_comm(current, base_name(bprm->filename));
	current->sas_ss_sp = 0;
	current->sas_ss_size = 0;
	exit_posix_timers(current);
	spin_lock_irq(&current->sighand->siglock);
	flush_signal_handlers(current, false);
	spin_unlock_irq(&current->sighand->siglock);
	commit_creds(bprm->cred);
	exec_end_creds(bprm);
	return 0;
}

/* ---- choosing the format ------------------------------------------------- */

static int read_header(struct linux_binprm *bprm)
{
	loff_t pos = 0;
	ssize_t n;

	memset(bprm->buf, 0, sizeof(bprm->buf));
	n = kernel_read(bprm->file, bprm->buf, sizeof(bprm->buf), &pos);
	return n < 0 ? n : 0;
}

static int try_formats(struct linux_binprm *bprm)
{
	struct linux_binfmt *fmt;
	int err = -ENOEXEC;

	down_read(&binfmt_lock);
	list_for_each_entry(fmt, &formats, lh) {
		err = fmt->load_binary(bprm);
		if (err != -ENOEXEC || bprm->point_of_no_return)
			break;
	}
	up_read(&binfmt_lock);
	return err;
}

/* Load; a #! format leaves the interpreter in ->executable for the next
 * turn. */
static int search_binary_handler(struct linux_binprm *bprm)
{
	int err;

	for (int depth = 0;; depth++) {
		struct file *script;

		if (depth > BINPRM_MAX_RECURSION)
			return -ELOOP;
		prepare_exec_creds(bprm);
		would_dump(bprm, bprm->file);
		err = read_header(bprm);
		if (!err)
			err = try_formats(bprm);
		if (err || !bprm->executable)
			return err;
		script = bprm->file;
		bprm->file = bprm->executable;
		bprm->executable = NULL;
		allow_write_access(script);
		fput(script);
	}
}

static void free_bprm(struct linux_binprm *bprm)
{
	if (bprm->mm)
		mmput(bprm->mm);
	if (bprm->cred) {
		abort_creds(bprm->cred);
		exec_end_creds(bprm);
	}
	if (bprm->executable) {
		allow_write_access(bprm->executable);
		fput(bprm->executable);
	}
	if (bprm->file) {
		allow_write_access(bprm->file);
		fput(bprm->file);
	}
	if (bprm->interp_allocated)
		kfree(bprm->interp);
	kfree(bprm);
}

static int prepare_stack(struct linux_binprm *bprm, struct string_array argv,
			 struct string_array envp)
{
	int err;

	bprm->argc = count_strings(argv);
	if (bprm->argc < 0)
		return bprm->argc;
	bprm->envc = count_strings(envp);
	if (bprm->envc < 0)
		return bprm->envc;
	bprm->mm = mm_alloc();
	if (!bprm->mm)
		return -ENOMEM;
	prepare_exec_creds(bprm);
	bprm->randomize = exec_randomizes(bprm->secureexec);
	err = mm_create_stack(bprm->mm, bprm->randomize);
	if (err)
		return err;
	bprm->p = bprm->mm->start_stack - sizeof(void *);
	set_arg_floor(bprm);
	err = copy_string_kernel(bprm->filename, bprm);
	if (err)
		return err;
	bprm->exec = bprm->p;
	err = copy_strings(bprm->envc, envp, bprm);
	if (err)
		return err;
	err = copy_strings(bprm->argc, argv, bprm);
	if (err || bprm->argc)
		return err;
	/* A program without argv[0] gets an empty one, as since Linux 5.18. */
	bprm->argc = 1;
	return copy_string_kernel("", bprm);
}

/* `file` is consumed: opened for execution, writers denied. */
static int do_execve(struct file *file, const char *filename,
		     struct string_array argv, struct string_array envp)
{
	struct linux_binprm *bprm = kzalloc(sizeof(*bprm), GFP_KERNEL);
	pid_t old_pid = task_pid_vnr(current);
	int err;

	if (!bprm) {
		allow_write_access(file);
		fput(file);
		return -ENOMEM;
	}
	bprm->file = file;
	bprm->filename = filename;
	bprm->interp = filename;
	err = exec_begin_creds(bprm);
	if (err)
		goto out;
	err = prepare_stack(bprm, argv, envp);
	if (err)
		goto out;
	err = search_binary_handler(bprm);
	if (err && bprm->point_of_no_return && !fatal_signal_pending(current))
		force_fatal_sig(SIGSEGV);
	if (!err)
		ptrace_event(PTRACE_EVENT_EXEC, old_pid);
out:
	free_bprm(bprm);
	return err;
}

/* RLIMIT_NPROC exceeded by a setuid() since: fail now rather than then. */
static int check_nproc(void)
{
	if (current_uid() != GLOBAL_ROOT_UID && !capable(CAP_SYS_RESOURCE) &&
	    atomic_read(&current_user()->processes) > rlimit(RLIMIT_NPROC))
		return -EAGAIN;
	return 0;
}

static int do_execveat(int fd, struct filename *name,
		       const char __user *const __user *argv,
		       const char __user *const __user *envp, int flags)
{
	struct string_array a = { .user = argv }, e = { .user = envp };
	struct file *file;
	char path[32];
	const char *filename;
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	filename = name->name;
	err = check_nproc();
	if (err)
		goto out;
	file = do_open_execat(fd, name, flags);
	err = PTR_ERR(file);
	if (IS_ERR(file))
		goto out;
	if (!*filename) {
		snprintf(path, sizeof(path), "/dev/fd/%d", fd);
		filename = path;
	}
	err = do_execve(file, filename, a, e);
out:
	putname(name);
	return err;
}

int kernel_execve(const char *path, const char *const *argv,
		  const char *const *envp)
{
	struct string_array a = { .kernel = argv }, e = { .kernel = envp };
	struct file *file = open_exec(path);

	if (IS_ERR(file))
		return PTR_ERR(file);
	return do_execve(file, path, a, e);
}

SYSCALL_DEFINE3(execve, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp)
{
	return do_execveat(AT_FDCWD, getname(filename), argv, envp, 0);
}

SYSCALL_DEFINE5(execveat, int, fd, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp, int, flags)
{
	int lookup = flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	return do_execveat(fd, getname_flags(filename, lookup), argv, envp,
			   flags);
}
