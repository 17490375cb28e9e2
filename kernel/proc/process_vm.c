/* SPDX-License-Identifier: MIT */
/*
 * process_vm.c -- process_vm_readv(2) and process_vm_writev(2)
 *
 * PROMISE.  Bytes go from one process's memory to another's, copied once, by
 * who might trace the other.  What is told is how many arrived, in order: a
 * hole in the other's memory ends the transfer there.
 *
 * IDEA.  The other's pages are pinned, a few at a time, and each is copied from
 * or to our own memory by the usual iterator.
 *
 *	mine   [....][..............]           iov_iter, moves on by itself
 *	other  [..|........|....] [.....]       page by page
 *
 * BOUNDS.  Of each side at most UIO_MAXIOV segments; PINNED pages at a time.
 *
 * LOCKING.  The other's mmap_lock while its pages are pinned, not while they
 * are copied: our own memory may fault, and may be the same.
 *
 * SEE process_vm_readv(2), may_access.c, docs/59-process-memory-calls.md.
 */

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/page_ref.h>
#include <mm/slab.h>
#include <mm/uio.h>

#define PINNED 16

/* One pinned page: bytes copied. */
static size_t copy_one(struct page *page, size_t offset, size_t n,
		       struct iov_iter *mine, bool write)
{
	if (!write)
		return copy_page_to_iter(page, offset, n, mine);
	n = copy_page_from_iter(page, offset, n, mine);
	set_page_dirty(page);
	return n;
}

/* The next pages of the other's segment; bytes copied, 0: there is a hole. */
static size_t copy_batch(struct mm_struct *mm, unsigned long addr, size_t len,
			 struct iov_iter *mine, bool write)
{
	size_t offset = offset_in_page(addr), done = 0;
	size_t want = DIV_ROUND_UP(offset + len, PAGE_SIZE);
	struct page *pages[PINNED];
	long n, i;

	if (mmap_read_lock_killable(mm))
		return 0;
	n = get_user_pages_remote(mm, addr & PAGE_MASK,
				  min(want, (size_t)PINNED),
				  write ? FOLL_WRITE : 0, pages);
	mmap_read_unlock(mm);
	for (i = 0; i < n; i++) {
		size_t part = min(len - done, PAGE_SIZE - offset);
		size_t copied = copy_one(pages[i], offset, part, mine, write);

		put_page(pages[i]);
		done += copied;
		offset = 0;
		if (copied < part)
			break;        /* our own memory has a hole */
	}
	while (++i < n)
		put_page(pages[i]);
	return done;
}

/* All segments of the other side: bytes, or -EFAULT if there were none. */
static ssize_t copy_all(struct mm_struct *mm, const struct iovec *other,
			unsigned long nr, struct iov_iter *mine, bool write)
{
	ssize_t total = 0;

	for (unsigned long i = 0; i < nr && iov_iter_count(mine); i++) {
		unsigned long addr = (unsigned long)other[i].iov_base;
		size_t left = min(other[i].iov_len, iov_iter_count(mine));

		while (left) {
			size_t n = 0;

			if (addr < TASK_SIZE && !fatal_signal_pending(current))
				n = copy_batch(mm, addr, left, mine, write);
			if (!n)
				return total ? total : -EFAULT;
			total += n;
			addr += n;
			left -= n;
			cond_resched();
		}
	}
	return total;
}

/* The memory of the process, for who might trace it; ERR_PTR. */
static struct mm_struct *get_mm_of(pid_t pid)
{
	struct task_struct *t = find_get_task_by_vpid(pid);
	struct mm_struct *mm;

	if (!t)
		return ERR_PTR(-ESRCH);
	if (!ptrace_may_access(t, PTRACE_MODE_ATTACH | PTRACE_MODE_REALCREDS))
		mm = ERR_PTR(-EPERM);
	else
		mm = get_task_mm(t);
	put_task_struct(t);
	return mm ? mm : ERR_PTR(-ESRCH);
}

/* The other side's segments: they are no addresses of ours.  ERR_PTR. */
static struct iovec *copy_segments(const struct iovec __user *uvec,
				   unsigned long nr)
{
	struct iovec *vec;
	unsigned long i;

	if (nr > UIO_MAXIOV)
		return ERR_PTR(-EINVAL);
	vec = kmalloc_array(max(nr, 1ul), sizeof(*vec), GFP_KERNEL);
	if (!vec)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(vec, uvec, nr * sizeof(*vec))) {
		kfree(vec);
		return ERR_PTR(-EFAULT);
	}
	for (i = 0; i < nr && (ssize_t)vec[i].iov_len >= 0; i++)
		;
	if (i == nr)
		return vec;
	kfree(vec);
	return ERR_PTR(-EINVAL);
}

/* The two sides of a call, as the user names them. */
struct sides {
	const struct iovec __user *mine, *other;
	unsigned long nr_mine, nr_other;
};

static ssize_t process_vm_rw(pid_t pid, const struct sides *s,
			     unsigned long flags, bool write)
{
	struct iovec fast[UIO_FASTIOV], *mine_vec = fast, *other;
	struct mm_struct *mm;
	struct iov_iter mine;
	ssize_t n;

	if (flags)
		return -EINVAL;
	n = import_iovec(write ? ITER_SOURCE : ITER_DEST, s->mine, s->nr_mine,
			 UIO_FASTIOV, &mine_vec, &mine);
	if (n <= 0)
		goto out_mine;
	other = copy_segments(s->other, s->nr_other);
	n = PTR_ERR_OR_ZERO(other);
	if (n)
		goto out_mine;
	mm = get_mm_of(pid);
	n = PTR_ERR_OR_ZERO(mm);
	if (!n) {
		n = copy_all(mm, other, s->nr_other, &mine, write);
		mmput(mm);
	}
	kfree(other);
out_mine:
	kfree(mine_vec);
	return n;
}

SYSCALL_DEFINE6(process_vm_readv, pid_t, pid, const struct iovec __user *, mine,
		unsigned long, nr_mine, const struct iovec __user *, other,
		unsigned long, nr_other, unsigned long, flags)
{
	struct sides s = { mine, other, nr_mine, nr_other };

	return process_vm_rw(pid, &s, flags, false);
}

SYSCALL_DEFINE6(process_vm_writev, pid_t, pid, const struct iovec __user *, mine,
		unsigned long, nr_mine, const struct iovec __user *, other,
		unsigned long, nr_other, unsigned long, flags)
{
	struct sides s = { mine, other, nr_mine, nr_other };

	return process_vm_rw(pid, &s, flags, true);
}
