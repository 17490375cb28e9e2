/* SPDX-License-Identifier: MIT */
/* ext2_stubs.c -- names that ext2 links to and the volume tests never call */

#define NOTHING(name) void name(void); void name(void) { }
#define TRAP(name) void name(void); void name(void) { __builtin_trap(); }

int __preempt_count;
unsigned long this_cpu_off;
void *current_task;
char posix_acl_access_xattr_handler[64], posix_acl_default_xattr_handler[64];

NOTHING(spin_lock_slow)
NOTHING(preempt_schedule)
NOTHING(__cond_resched)
NOTHING(call_rcu)
NOTHING(__mutex_init)
NOTHING(__mutex_lock)
NOTHING(mutex_unlock)
NOTHING(warn_fmt_at)
NOTHING(truncate_inode_pages_final)
NOTHING(truncate_pagecache)
NOTHING(inode_dio_wait)
NOTHING(setattr_copy)
TRAP(set_cached_acl)
TRAP(posix_acl_chmod)
TRAP(posix_acl_update_mode)
TRAP(posix_acl_alloc)
TRAP(seq_puts)
TRAP(seq_printf)
TRAP(mpage_writepages)
TRAP(mpage_readahead)
TRAP(mpage_read_folio)
TRAP(mnt_want_write_file)
TRAP(mnt_drop_write_file)
TRAP(inode_owner_or_capable)
TRAP(generic_write_end)
TRAP(generic_read_dir)
TRAP(generic_fillattr)
TRAP(generic_file_write_iter)
TRAP(generic_file_read_iter)
TRAP(generic_file_open)
TRAP(generic_file_mmap)
TRAP(generic_file_llseek)
TRAP(generic_buffers_fsync)
TRAP(generic_block_bmap)
TRAP(finish_open)
TRAP(filemap_write_and_wait_range)
TRAP(fileattr_fill_flags)
TRAP(fiemap_prep)
TRAP(fiemap_fill_next_extent)
TRAP(dput)
TRAP(dget_parent)
TRAP(d_tmpfile)
TRAP(blockdev_direct_IO)
TRAP(block_write_full_page)
TRAP(block_write_begin)
TRAP(block_invalidate_folio)
TRAP(block_dirty_folio)
TRAP(bug_at)
TRAP(delayed_work_timer_fn)
NOTHING(timer_setup)
NOTHING(queue_delayed_work)
void *system_wq;
NOTHING(cancel_delayed_work_sync)
