/* SPDX-License-Identifier: MIT */
/*
 * elfcore_notes.c -- what a core file says beside the memory
 *
 * A note is a length, a kind, a name ("CORE", or "LINUX" for what is not
 * System V's) and bytes, each padded to four. Debuggers take the notes from an
 * NT_PRSTATUS to the next for one thread's; the first is the one that died.
 *
 *	NT_PRSTATUS NT_PRPSINFO NT_SIGINFO NT_AUXV NT_FILE NT_PRFPREG XSTATE
 *	NT_PRSTATUS NT_PRFPREG XSTATE          for each other thread
 *
 * SEE core(5), System V gABI; GDB's bfd/elfcore.h for the layouts.
 */

#include "elfcore.h"

#include <arch/regset.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/cputime.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define NT_PRPSINFO 3
#define NT_AUXV 6
#define NT_SIGINFO 0x53494749
#define NT_FILE 0x46494c45
#define PSARGS_SIZE 80
#define FILE_NOTE_MAX (4UL << 20)

struct elf_prstatus {
	int si_signo, si_code, si_errno;
	short cursig;
	unsigned long sigpend, sighold;
	pid_t pid, ppid, pgrp, sid;
	struct timeval utime, stime, cutime, cstime;
	struct user_regs_struct regs;
	int fpvalid;
};

struct elf_prpsinfo {
	char state, sname, zombie, nice;
	unsigned long flag;
	u32 uid, gid;
	pid_t pid, ppid, pgrp, sid;
	char fname[16];
	char psargs[PSARGS_SIZE];
};

static_assert(sizeof(struct elf_prstatus) == 336, "Linux ABI");
static_assert(sizeof(struct elf_prpsinfo) == 136, "Linux ABI");

/* ---- a buffer that grows ------------------------------------------------- */

static void append(struct core_notes *n, const void *data, size_t len)
{
	if (n->used + len > n->room && !n->failed) {
		size_t room = max(2 * n->room, n->used + len + PAGE_SIZE);
		char *bigger = vmalloc(room);

		if (bigger && n->used)
			memcpy(bigger, n->buf, n->used);
		vfree(n->buf);
		n->buf = bigger;
		n->room = room;
		n->failed = !bigger;
	}
	if (n->failed)
		return;
	memcpy(n->buf + n->used, data, len);
	n->used += len;
}

static void pad4(struct core_notes *n)
{
	append(n, "\0\0\0", -n->used & 3);
}

static void note_header(struct core_notes *n, const char *name, u32 type,
			size_t len)
{
	u32 head[3] = { strlen(name) + 1, len, type };

	append(n, head, sizeof(head));
	append(n, name, strlen(name) + 1);
	pad4(n);
}

static void note(struct core_notes *n, const char *name, u32 type,
		 const void *data, size_t len)
{
	note_header(n, name, type, len);
	append(n, data, len);
	pad4(n);
}

/* ---- one thread ---------------------------------------------------------- */

static void fill_times(struct elf_prstatus *s, struct task_struct *t)
{
	struct signal_struct *sig = t->signal;
	u64 ut, st;

	if (thread_group_leader(t))
		thread_group_cputime(t, &ut, &st);
	else
		task_cputime(t, &ut, &st);
	s->utime = ns_to_timeval(ut);
	s->stime = ns_to_timeval(st);
	s->cutime = ns_to_timeval(sig->cutime);
	s->cstime = ns_to_timeval(sig->cstime);
}

static void prstatus_note(struct core_notes *n, struct task_struct *t,
			  int sig)
{
	struct elf_prstatus s;

	memset(&s, 0, sizeof(s));
	s.si_signo = s.cursig = sig;
	s.sigpend = t->pending.signal.sig;
	s.sighold = t->blocked.sig;
	s.pid = task_pid_vnr(t);
	rcu_read_lock();
	s.ppid = task_tgid_vnr(rcu_dereference(t->real_parent));
	rcu_read_unlock();
	s.pgrp = task_pgrp_vnr(t);
	s.sid = task_session_vnr(t);
	fill_times(&s, t);
	arch_get_regs(t, &s.regs);
	s.fpvalid = 1;
	note(n, "CORE", NT_PRSTATUS, &s, sizeof(s));
}

static void fp_notes(struct core_notes *n, struct task_struct *t)
{
	char *image = kzalloc(arch_xstate_size(), GFP_KERNEL);

	if (!image) {
		n->failed = true;
		return;
	}
	arch_get_xstate(t, image);
	note(n, "CORE", NT_PRFPREG, image, FXSAVE_SIZE);
	if (arch_xstate_size() > FXSAVE_SIZE)
		note(n, "LINUX", NT_X86_XSTATE, image, arch_xstate_size());
	kfree(image);
}

/* ---- the process --------------------------------------------------------- */

static void prpsinfo_note(struct core_notes *n)
{
	struct mm_struct *mm = current->mm;
	unsigned long len = min(mm->arg_end - mm->arg_start,
				PSARGS_SIZE - 1UL);
	struct elf_prpsinfo p;

	memset(&p, 0, sizeof(p));
	p.sname = 'R';
	p.nice = task_nice(current);
	p.flag = current->flags;
	p.uid = current_uid();
	p.gid = current_gid();
	p.pid = task_tgid_vnr(current);
	rcu_read_lock();
	p.ppid = task_tgid_vnr(rcu_dereference(current->real_parent));
	rcu_read_unlock();
	p.pgrp = task_pgrp_vnr(current);
	p.sid = task_session_vnr(current);
	get_task_comm(p.fname, current);
	access_remote_vm(mm, mm->arg_start, p.psargs, len, FOLL_FORCE);
	for (unsigned long i = 0; i + 1 < len; i++)
		if (!p.psargs[i])
			p.psargs[i] = ' ';
	note(n, "CORE", NT_PRPSINFO, &p, sizeof(p));
}

static void auxv_note(struct core_notes *n)
{
	const unsigned long *auxv = current->mm->saved_auxv;
	int words = 0;

	while (words < AT_VECTOR_SIZE - 2 && auxv[words])
		words += 2;
	note(n, "CORE", NT_AUXV, auxv, (words + 2) * sizeof(long));
}

/* Count, page size, then {start, end, page offset} each, then all names. */
static void file_note(struct core_notes *n, const struct core_area *areas,
		      int nr)
{
	struct core_notes table = { 0 }, names = { 0 };
	char *path = kmalloc(PATH_MAX, GFP_KERNEL), *name;
	unsigned long head[2] = { 0, PAGE_SIZE };

	for (int i = 0; path && i < nr; i++) {
		unsigned long row[3] = { areas[i].start, areas[i].end,
					 areas[i].pgoff };

		if (!areas[i].file || names.used > FILE_NOTE_MAX)
			continue;
		name = d_path(&areas[i].file->f_path, path, PATH_MAX);
		if (IS_ERR(name))
			continue;
		append(&table, row, sizeof(row));
		append(&names, name, strlen(name) + 1);
		head[0]++;
	}
	if (head[0] && !table.failed && !names.failed) {
		note_header(n, "CORE", NT_FILE,
			    sizeof(head) + table.used + names.used);
		append(n, head, sizeof(head));
		append(n, table.buf, table.used);
		append(n, names.buf, names.used);
		pad4(n);
	}
	vfree(table.buf);
	vfree(names.buf);
	kfree(path);
}

void elf_core_notes(struct core_notes *n, const siginfo_t *info,
		    struct core_state *cs, const struct core_area *areas,
		    int nr)
{
	int sig = info->si_signo;

	prstatus_note(n, current, sig);
	prpsinfo_note(n);
	note(n, "CORE", NT_SIGINFO, info, sizeof(*info));
	auxv_note(n);
	file_note(n, areas, nr);
	fp_notes(n, current);
	for (struct core_thread *c = cs->dumper.next; c; c = c->next) {
		prstatus_note(n, c->task, sig);
		fp_notes(n, c->task);
	}
}
