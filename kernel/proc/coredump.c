/* SPDX-License-Identifier: MIT */
/*
 * coredump.c -- a process that dies of a fault leaves its memory in a file
 *
 * PROMISE.  The file shows all threads at one moment: the one that died at the
 * instruction of its fault, the others where they were stopped for it. What may
 * not be shown (a setuid program's memory) is not written.
 *
 * IDEA.  The dying thread sends SIGKILL to the others. On their way out, in
 * do_exit(), they find signal->core_state, report, and sleep there with their
 * registers at the top of their kernel stacks; the memory is still whole.
 *
 *	dumper                           other threads
 *	core_state = cs, SIGKILL all     coredump_task_exit():
 *	wait for cs->startup     <----      queue self in cs, report, sleep
 *	write the file                      .
 *	core_state = NULL; wake  ---->      go on with do_exit()
 *
 * INVARIANTS.
 *   I1  nr_threads counts the threads that were told and have not reported.
 *   I2  A thread with PF_POSTCOREDUMP is not counted: it looked before.
 *
 * LOCKING.  siglock for core_state and PF_POSTCOREDUMP.
 *
 * SEE core(5), kernel/proc/elfcore.c for the format, docs/68-core-dumps.md.
 */

#include <kernel/coredump.h>

#include "usermode_helper.h"
#include "elfcore.h"

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/pipe.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/nsproxy.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/timekeeping.h>
#include <mm/mm.h>
#include <mm/slab.h>

#define CORE_NAME_ROOM PATH_MAX

/* ---- stopping the others ------------------------------------------------- */

/* Tell all other threads; false: the process is ending otherwise already. */
static bool zap_threads(struct core_state *cs, int sig)
{
	struct signal_struct *s = current->signal;
	struct task_struct *t;
	bool ok = false;
	int n = 0;

	spin_lock_irq(&current->sighand->siglock);
	if (!(s->flags & SIGNAL_GROUP_EXIT) && !s->group_exit_task) {
		s->core_state = cs;
		s->flags = SIGNAL_GROUP_EXIT;
		s->group_exit_code = sig;
		s->group_stop_count = 0;
		for_each_thread(current, t) {
			task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
			if (t == current || (t->flags & PF_POSTCOREDUMP))
				continue;                  /* I2 */
			sigaddset(&t->pending.signal, SIGKILL);
			signal_wake_up(t, true);
			n++;
		}
		current->flags |= PF_DUMPCORE;
		clear_ti_flag(current, TIF_SIGPENDING);
		atomic_set(&cs->nr_threads, n);                    /* I1 */
		ok = true;
	}
	spin_unlock_irq(&current->sighand->siglock);
	return ok;
}

static bool stop_threads(struct core_state *cs, int sig)
{
	init_completion(&cs->startup);
	cs->dumper.task = current;
	cs->dumper.next = NULL;
	if (!zap_threads(cs, sig))
		return false;
	if (atomic_read(&cs->nr_threads) > 0)
		wait_for_completion(&cs->startup);
	/* They have reported; their registers are in memory once they sleep. */
	for (struct core_thread *c = cs->dumper.next; c; c = c->next)
		wait_task_inactive(c->task, 0);
	return true;
}

static void release_threads(struct core_state *cs, bool dumped)
{
	struct core_thread *c, *next;

	spin_lock_irq(&current->sighand->siglock);
	if (dumped && !sigismember(&current->pending.signal, SIGKILL))
		current->signal->group_exit_code |= 0x80;
	current->signal->core_state = NULL;
	spin_unlock_irq(&current->sighand->siglock);
	for (c = cs->dumper.next; c; c = next) {
		struct task_struct *t = c->task;

		next = c->next;       /* c is gone with the next store */
		smp_mb();
		rcu_read_lock();      /* and t soon, if it is awake already */
		WRITE_ONCE(c->task, NULL);
		wake_up_process(t);
		rcu_read_unlock();
	}
}

void coredump_task_exit(void)
{
	struct core_thread self = { .task = current };
	struct core_state *cs;

	spin_lock_irq(&current->sighand->siglock);
	current->flags |= PF_POSTCOREDUMP;                         /* I2 */
	cs = current->signal->core_state;
	spin_unlock_irq(&current->sighand->siglock);
	if (likely(!cs) || cs->dumper.task == current)
		return;
	self.next = __atomic_exchange_n(&cs->dumper.next, &self,
					__ATOMIC_SEQ_CST);
	if (atomic_dec_and_test(&cs->nr_threads))
		complete(&cs->startup);
	for (;;) {
		set_current_state(TASK_IDLE);
		if (!READ_ONCE(self.task))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/* ---- the file's name ----------------------------------------------------- */

struct core_name {
	char *buf;
	size_t used;
	bool has_pid;
};

static void name_char(struct core_name *n, char c)
{
	if (n->used < CORE_NAME_ROOM - 1)
		n->buf[n->used++] = c;
}

/* A name of the process must not lead to another directory. */
static void name_escaped(struct core_name *n, const char *s)
{
	if (!strcmp(s, ".") || !strcmp(s, ".."))
		name_char(n, '!'), s++;
	for (; *s; s++)
		name_char(n, *s == '/' ? '!' : *s);
}

static void name_number(struct core_name *n, unsigned long v)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", v);
	name_escaped(n, text);
}

static void name_exe(struct core_name *n, bool whole)
{
	struct file *exe = current->mm->exe_file;
	char *page = exe ? kmalloc(PATH_MAX, GFP_KERNEL) : NULL;
	char *path = page ? d_path(&exe->f_path, page, PATH_MAX) : NULL;

	if (IS_ERR_OR_NULL(path))
		name_escaped(n, current->comm);
	else if (whole)
		name_escaped(n, path);
	else
		name_escaped(n, strrchr(path, '/') ? strrchr(path, '/') + 1 :
			     path);
	kfree(page);
}

static void name_host(struct core_name *n)
{
	down_read(&current->nsproxy->uts_ns->sem);
	name_escaped(n, current->nsproxy->uts_ns->name.nodename);
	up_read(&current->nsproxy->uts_ns->sem);
}

static void name_item(struct core_name *n, char what, int sig)
{
	char comm[TASK_COMM_LEN];

	switch (what) {
	case '%':
		name_char(n, '%');
		break;
	case 'p':
	case 'P':
		n->has_pid = true;
		name_number(n, task_tgid_vnr(current));
		break;
	case 'i':
	case 'I':
		name_number(n, task_pid_vnr(current));
		break;
	case 'u':
		name_number(n, current_uid());
		break;
	case 'g':
		name_number(n, current_gid());
		break;
	case 'd':
		name_number(n, current->mm->dumpable);
		break;
	case 's':
		name_number(n, sig);
		break;
	case 't':
		name_number(n, ktime_get_real_seconds());
		break;
	case 'c':
		name_number(n, rlimit(RLIMIT_CORE));
		break;
	case 'h':
		name_host(n);
		break;
	case 'e':
		get_task_comm(comm, current);
		name_escaped(n, comm);
		break;
	case 'f':
	case 'E':
		name_exe(n, what == 'E');
		break;
	}
}

/* core(5), "Naming of core dump files". */
static void format_name(struct core_name *n, const char *pattern, int sig)
{
	for (; *pattern; pattern++) {
		if (*pattern != '%')
			name_char(n, *pattern);
		else if (*++pattern)
			name_item(n, *pattern, sig);
		else
			break;
	}
	if (!n->has_pid && core_uses_pid) {
		name_char(n, '.');
		name_number(n, task_tgid_vnr(current));
	}
	n->buf[n->used] = '\0';
}

/* ---- the file ------------------------------------------------------------ */

/* A file that could be another's trap is not written to. */
static bool core_file_ok(struct file *file)
{
	struct inode *inode = file_inode(file);

	return S_ISREG(inode->i_mode) && inode->i_nlink == 1 &&
	       inode->i_uid == current_fsuid() &&
	       (inode->i_mode & 0677) == 0600;
}

static struct file *open_core(const char *name, bool secret)
{
	int flags = O_CREAT | O_RDWR | O_NOFOLLOW | O_LARGEFILE;
	struct file *file;

	if (secret && name[0] != '/')
		return ERR_PTR(-EACCES);
	file = filp_open(name, secret ? flags | O_EXCL : flags, 0600);
	if (IS_ERR(file))
		return file;
	if (!core_file_ok(file) ||
	    do_truncate(file->f_path.dentry, 0, 0, file)) {
		filp_close(file, NULL);
		return ERR_PTR(-EACCES);
	}
	return file;
}

/* ---- to a program -------------------------------------------------------- */

#define HELPER_ARGS 15

/*
 * The words of "|program word ...", each expanded by itself, so that no name of
 * a process becomes two.  argv ends with NULL; the caller frees.  0 or -errno.
 */
static int split_pattern(char **argv, const char *pattern, int sig)
{
	int n = 0;

	while (*(pattern += strspn(pattern, " "))) {
		size_t len = strcspn(pattern, " ");
		struct core_name name = { .has_pid = true };
		char *word;

		if (n == HELPER_ARGS)
			return -E2BIG;
		word = kstrndup(pattern, len, GFP_KERNEL);
		name.buf = kmalloc(CORE_NAME_ROOM, GFP_KERNEL);
		argv[n++] = name.buf;
		if (word && name.buf)
			format_name(&name, word, sig);
		kfree(word);
		if (!word || !name.buf)
			return -ENOMEM;
		pattern += len;
	}
	return n ? 0 : -EINVAL;
}

/* The whole core, whatever RLIMIT_CORE, to the program's standard input. */
static bool pipe_core(const siginfo_t *info, struct core_state *cs)
{
	char *argv[HELPER_ARGS + 1] = { NULL };
	struct file *ends[2];
	bool ok = false;
	int err;

	err = split_pattern(argv, core_pattern + 1, info->si_signo);
	if (!err)
		err = create_pipe_files(ends, 0);
	if (!err) {
		err = start_usermode_helper((const char *const *)argv,
					    ends[0]);
		fput(ends[0]);
		if (!err)
			ok = elf_core_dump(ends[1], info, cs, ULONG_MAX);
		fput(ends[1]);
	}
	if (err)
		pr_warn("core: no program takes the core of %s: %d\n",
			current->comm, err);
	for (int i = 0; argv[i]; i++)
		kfree(argv[i]);
	return ok;
}

static bool write_core(const siginfo_t *info, struct core_state *cs,
		       unsigned long limit)
{
	struct core_name name = { .buf = kmalloc(CORE_NAME_ROOM, GFP_KERNEL) };
	bool secret = current->mm->dumpable == SUID_DUMP_ROOT, ok = false;
	const struct cred *old = NULL;
	struct cred *root = NULL;
	struct file *file;

	if (!name.buf)
		return false;
	if (secret) {
		root = prepare_creds();
		if (!root)
			goto out;
		root->fsuid = GLOBAL_ROOT_UID;
		old = override_creds(root);
	}
	format_name(&name, core_pattern, info->si_signo);
	file = open_core(name.buf, secret);
	if (!IS_ERR(file)) {
		ok = elf_core_dump(file, info, cs, limit);
		filp_close(file, NULL);
	}
	if (old) {
		revert_creds(old);
		put_cred(root);
	}
out:
	kfree(name.buf);
	return ok;
}

void do_coredump(const siginfo_t *info)
{
	unsigned long limit = rlimit(RLIMIT_CORE);
	struct core_state cs;

	if (!current->mm || current->mm->dumpable == SUID_DUMP_DISABLE)
		return;
	if (!core_pattern[0])
		return;
	/* A program may want it, however small the limit; but 1 says no. */
	if (core_pattern[0] == '|' ? limit == 1 : limit < PAGE_SIZE)
		return;
	if (!stop_threads(&cs, info->si_signo))
		return;
	release_threads(&cs, core_pattern[0] == '|' ?
			     pipe_core(info, &cs) :
			     write_core(info, &cs, limit));
}
