/* SPDX-License-Identifier: MIT */
/*
 * task_mm.c -- the memory of a process: maps, command line, environment, auxv
 *
 * maps is shown area by area: each read takes mmap_lock anew and goes on at the
 * address where the last one ended, so that a long list does not keep the
 * process from mapping.
 *
 * SEE proc(5).
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/mm.h>
#include <mm/slab.h>

/* An open maps file. */
struct maps_reader {
	struct pid *pid;              /* counted */
	struct mm_struct *mm;         /* users counted while a read runs */
	struct task_struct *task;
};

/* Position: the address from which on areas are still to be shown. */
void *proc_maps_start(struct seq_file *m, loff_t *pos)
{
	struct maps_reader *r = m->private;

	if (*pos < 0)
		return NULL;
	r->task = get_pid_task(r->pid, PIDTYPE_PID);
	if (!r->task)
		return ERR_PTR(-ESRCH);
	r->mm = get_task_mm(r->task);
	if (!r->mm)
		return NULL;
	mmap_read_lock(r->mm);
	return find_vma(r->mm, *pos);
}

void *proc_maps_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct vm_area_struct *vma = v, *next = vma_next(vma);

	*pos = next ? (loff_t)next->vm_start : -1;
	return next;
}

void proc_maps_stop(struct seq_file *m, void *v)
{
	struct maps_reader *r = m->private;

	if (r->mm) {
		mmap_read_unlock(r->mm);
		mmput(r->mm);
		r->mm = NULL;
	}
	if (r->task) {
		put_task_struct(r->task);
		r->task = NULL;
	}
}

/* What an area without a file is called, or NULL. */
static const char *area_name(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_ops && vma->vm_ops->name) {
		const char *name = vma->vm_ops->name(vma);

		if (name)
			return name;
	}
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk &&
	    mm->brk != mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		return "[stack]";
	return NULL;
}

/* Its line in maps. */
void proc_show_area(struct seq_file *m, struct vm_area_struct *vma)
{
	unsigned long flags = vma->vm_flags, pgoff = 0, ino = 0;
	const char *name;
	dev_t dev = 0;

	if (vma->vm_file) {
		struct inode *inode = file_inode(vma->vm_file);

		dev = inode->i_sb->s_dev;
		ino = inode->i_ino;
		pgoff = vma->vm_pgoff << PAGE_SHIFT;
	}
	seq_setwidth(m, 25 + sizeof(void *) * 6 - 1);
	seq_printf(m, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ",
		   vma->vm_start, vma->vm_end, flags & VM_READ ? 'r' : '-',
		   flags & VM_WRITE ? 'w' : '-', flags & VM_EXEC ? 'x' : '-',
		   flags & VM_MAYSHARE ? 's' : 'p', pgoff, MAJOR(dev),
		   MINOR(dev), ino);
	if (vma->vm_file) {
		seq_pad(m, ' ');
		seq_path(m, &vma->vm_file->f_path, "\n");
	} else {
		name = area_name(vma);
		if (name) {
			seq_pad(m, ' ');
			seq_puts(m, name);
		}
	}
	seq_putc(m, '\n');
}

static int maps_show(struct seq_file *m, void *v)
{
	proc_show_area(m, v);
	return 0;
}

static const struct seq_operations maps_ops = {
	.start = proc_maps_start,
	.next = proc_maps_next,
	.stop = proc_maps_stop,
	.show = maps_show,
};

int proc_maps_open(struct inode *inode, struct file *file,
		   const struct seq_operations *ops)
{
	struct task_struct *task = get_proc_task(inode);
	struct maps_reader *r;
	bool may;

	if (!task)
		return -ESRCH;
	may = proc_may_access(task);
	put_task_struct(task);
	if (!may)
		return -EACCES;
	r = __seq_open_private(file, ops, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->pid = get_pid(proc_i(inode)->pid);
	return 0;
}

int proc_maps_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	put_pid(((struct maps_reader *)m->private)->pid);
	return seq_release_private(inode, file);
}

static int maps_open(struct inode *inode, struct file *file)
{
	return proc_maps_open(inode, file, &maps_ops);
}

const struct file_operations proc_pid_maps_operations = {
	.open = maps_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = proc_maps_release,
};

/* ---- pieces of the stack's top ------------------------------------------- */

/* Copy [start + *pos, end) of another process's memory to the reader. */
static ssize_t read_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long end, char __user *buf, size_t count,
			   loff_t *pos)
{
	char *page = (char *)__get_free_page(GFP_KERNEL);
	ssize_t done = 0;

	if (!page)
		return -ENOMEM;
	while (count && *pos >= 0 && start + *pos < end) {
		int n = min3(count, (size_t)PAGE_SIZE,
			     (size_t)(end - start - *pos));
		int got = access_remote_vm(mm, start + *pos, page, n, 0);

		if (got <= 0)
			break;
		if (copy_to_user(buf + done, page, got)) {
			done = done ? done : -EFAULT;
			break;
		}
		*pos += got;
		done += got;
		count -= got;
	}
	free_page((unsigned long)page);
	return done;
}

static struct mm_struct *mm_of(struct file *file, bool check)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	struct mm_struct *mm;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = check && !proc_may_access(task) ? ERR_PTR(-EACCES) :
		get_task_mm(task);
	put_task_struct(task);
	return mm;
}

/*
 * Where the command line ends.  A server that writes a longer title over its
 * arguments (setproctitle) overwrites the last one's NUL and goes on where the
 * environment was: then it ends with the first NUL, in the first page.
 */
static unsigned long cmdline_end(struct mm_struct *mm)
{
	unsigned long start = mm->arg_start, end = mm->arg_end;
	unsigned long limit = min(mm->env_end, start + PAGE_SIZE);
	char last = 0, *page;

	if (end <= start || access_remote_vm(mm, end - 1, &last, 1, 0) != 1 ||
	    !last || limit <= start)
		return end;
	page = (char *)__get_free_page(GFP_KERNEL);
	if (page) {
		int got = access_remote_vm(mm, start, page, limit - start, 0);
		int len = got > 0 ? strnlen(page, got) : 0;

		end = start + len + (len < got);
		free_page((unsigned long)page);
	}
	return end;
}

static ssize_t cmdline_read(struct file *file, char __user *buf, size_t count,
			    loff_t *pos)
{
	struct mm_struct *mm = mm_of(file, false);
	ssize_t ret;

	if (IS_ERR_OR_NULL(mm))
		return mm ? PTR_ERR(mm) : 0;
	ret = read_remote(mm, mm->arg_start, cmdline_end(mm), buf, count, pos);
	mmput(mm);
	return ret;
}

static ssize_t environ_read(struct file *file, char __user *buf, size_t count,
			    loff_t *pos)
{
	struct mm_struct *mm = mm_of(file, true);
	ssize_t ret;

	if (IS_ERR_OR_NULL(mm))
		return mm ? PTR_ERR(mm) : 0;
	ret = read_remote(mm, mm->env_start, mm->env_end, buf, count, pos);
	mmput(mm);
	return ret;
}

static ssize_t auxv_read(struct file *file, char __user *buf, size_t count,
			 loff_t *pos)
{
	struct mm_struct *mm = mm_of(file, true);
	int words = 0;
	ssize_t ret;

	if (IS_ERR_OR_NULL(mm))
		return mm ? PTR_ERR(mm) : 0;
	while (words < AT_VECTOR_SIZE - 2 && mm->saved_auxv[words])
		words += 2;
	ret = simple_read_from_buffer(buf, count, pos, mm->saved_auxv,
				      (words + 2) * sizeof(long));
	mmput(mm);
	return ret;
}

const struct file_operations proc_pid_cmdline_ops = {
	.read = cmdline_read,
	.llseek = generic_file_llseek,
};

const struct file_operations proc_pid_environ_ops = {
	.read = environ_read,
	.llseek = generic_file_llseek,
};

const struct file_operations proc_pid_auxv_ops = {
	.read = auxv_read,
	.llseek = generic_file_llseek,
};
