/* SPDX-License-Identifier: MIT */
/*
 * kcmp.c -- kcmp(2): do two tasks share a thing of the kernel's?
 *
 * PROMISE.  0: the same.  1, 2: one before or behind the other, always the same
 * way, so that a checkpoint program can sort what it has seen.
 *
 * IDEA.  The order is that of the addresses, but a program must not learn where
 * the kernel keeps its things: so they are mixed first, by secret numbers that
 * differ for each type.  A product with an odd number and an exclusive or lose
 * nothing, so only equal addresses stay equal.
 *
 * NOT DONE.  KCMP_EPOLL_TFD: EOPNOTSUPP, as from a Linux without epoll.
 *
 * SEE kcmp(2), docs/59-process-memory-calls.md.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>

enum kcmp_type {
	KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO,
	KCMP_SYSVSEM, KCMP_EPOLL_TFD, KCMP_TYPES,
};

static struct {
	u64 toggle, factor;
} secrets[KCMP_TYPES] __ro_after_init;

static u64 mixed(const void *p, enum kcmp_type type)
{
	return ((u64)p ^ secrets[type].toggle) * secrets[type].factor;
}

static int compare(const void *a, const void *b, enum kcmp_type type)
{
	u64 x = mixed(a, type), y = mixed(b, type);

	return x == y ? 0 : x < y ? 1 : 2;
}

/* Descriptor fa of a, fb of b: do they mean one open file?  Or -EBADF. */
static int compare_files(struct task_struct *a, struct task_struct *b,
			 unsigned long fa, unsigned long fb)
{
	struct file *x = fa <= INT_MAX ? fget_task(a, fa) : NULL;
	struct file *y = fb <= INT_MAX ? fget_task(b, fb) : NULL;
	int ret = x && y ? compare(x, y, KCMP_FILE) : -EBADF;

	if (x)
		fput(x);
	if (y)
		fput(y);
	return ret;
}

static int compare_tasks(struct task_struct *a, struct task_struct *b, int type,
			 unsigned long fa, unsigned long fb)
{
	unsigned int mode = PTRACE_MODE_READ | PTRACE_MODE_REALCREDS;

	if (!ptrace_may_access(a, mode) || !ptrace_may_access(b, mode))
		return -EPERM;
	switch (type) {
	case KCMP_FILE:
		return compare_files(a, b, fa, fb);
	case KCMP_VM:
		return compare(a->mm, b->mm, KCMP_VM);
	case KCMP_FILES:
		return compare(a->files, b->files, KCMP_FILES);
	case KCMP_FS:
		return compare(a->fs, b->fs, KCMP_FS);
	case KCMP_SIGHAND:
		return compare(a->sighand, b->sighand, KCMP_SIGHAND);
	case KCMP_SYSVSEM:
		return compare(a->undo_list, b->undo_list, KCMP_SYSVSEM);
	case KCMP_IO:
		return compare(a->io_context, b->io_context, KCMP_IO);
	case KCMP_EPOLL_TFD:
		return -EOPNOTSUPP;
	}
	return -EINVAL;
}

SYSCALL_DEFINE5(kcmp, pid_t, pid1, pid_t, pid2, int, type,
		unsigned long, idx1, unsigned long, idx2)
{
	struct task_struct *a = find_get_task_by_vpid(pid1);
	struct task_struct *b = find_get_task_by_vpid(pid2);
	int ret = -ESRCH;

	if (a && b)
		ret = compare_tasks(a, b, type, idx1, idx2);
	if (a)
		put_task_struct(a);
	if (b)
		put_task_struct(b);
	return ret;
}

static int kcmp_init(void)
{
	for (int i = 0; i < KCMP_TYPES; i++) {
		secrets[i].toggle = get_random_u64();
		/* Odd: no information is lost; large: all bits are mixed. */
		secrets[i].factor = get_random_u64() | 1ULL << 63 | 1;
	}
	return 0;
}
late_initcall(kcmp_init);
