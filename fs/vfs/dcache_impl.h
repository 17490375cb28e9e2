/* SPDX-License-Identifier: MIT */
#ifndef FS_VFS_DCACHE_IMPL_H
#define FS_VFS_DCACHE_IMPL_H
/* dcache_impl.h -- among the files dcache*.c */

#include "internal.h"

/* All with d_lock held. */
void __d_rehash(struct dentry *d);
void __d_drop(struct dentry *d);
void d_lru_add(struct dentry *d);
void d_lru_del(struct dentry *d);
void __d_lru_del(struct dentry *d);           /* and the LRU's lock */
/* Our count is the last: free it.  The parent comes back, counted by us. */
struct dentry *d_kill(struct dentry *d);

/* Is its name inside the dentry, or in memory of its own? */
static inline bool name_is_inline(const struct dentry *d)
{
	return d->d_name.name == d->d_iname;
}

#endif
