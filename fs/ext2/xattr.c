/* SPDX-License-Identifier: MIT */
/*
 * xattr.c -- extended attributes of inodes
 *
 * IDEA.  All attributes of a file are in one block, which other files with
 * equal ones share (xattr_block.c).  To change them we make the new list in
 * memory, then look whether a block with just these bytes is known (a small
 * table from hash to block), and use it, count one up; else we write our block
 * anew if nobody shares it, or take a new one.
 *
 *	inode 12 --file_acl--> [ refcount 2 | user.a=1 ] <--file_acl-- inode 15
 *
 * Attributes in an inode's tail, where another kernel or mke2fs put them, are
 * read and removed, never added.
 *
 * INVARIANTS
 *   I1  h_refcount is the number of inodes whose file_acl names the block.
 *
 * LOCKING.  xattr_sem of the volume: shared to look, exclusive to change.
 */

#include "ext2.h"

#include <fs/posix_acl.h>
#include <fs/xattr.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

/* An inode's two lists; either may be absent. */
struct lists {
	struct buffer_head *tail_bh, *block_bh;
	struct ext2_xattr_list tail, block;
	void *tail_bytes;
	u32 tail_size;
};

static void put_lists(struct lists *l)
{
	brelse(l->tail_bh);
	brelse(l->block_bh);
}

static int open_tail(struct inode *inode, struct lists *l)
{
	void *raw;

	if (!test_bit(EXT2_STATE_TAIL_XATTR, &EXT2_I(inode)->state))
		return 0;
	l->tail_bh = ext2_read_raw_inode(inode->i_sb, inode->i_ino, &raw);
	if (IS_ERR(l->tail_bh)) {
		int err = PTR_ERR(l->tail_bh);

		l->tail_bh = NULL;
		return err;
	}
	l->tail_bytes = ext2_inode_tail(EXT2_GEO(inode->i_sb), raw,
					&l->tail_size);
	if (!ext2_xattr_open_tail(l->tail_bytes, l->tail_size, &l->tail)) {
		brelse(l->tail_bh);
		l->tail_bh = NULL;
	}
	return 0;
}

/* xattr_sem is held.  The caller puts the lists, also after an error. */
static int get_lists(struct inode *inode, struct lists *l)
{
	struct super_block *sb = inode->i_sb;
	u32 block = EXT2_I(inode)->file_acl;
	const char *wrong;
	int err;

	memset(l, 0, sizeof(*l));
	err = open_tail(inode, l);
	if (err || !block)
		return err;
	l->block_bh = sb_bread(sb, block);
	if (!l->block_bh)
		return -EIO;
	wrong = ext2_xattr_open_block(l->block_bh->b_data, sb->s_blocksize,
				      &l->block);
	if (!wrong)
		return 0;
	ext2_error(sb, __func__, "inode %lu: block %u: %s",
		   (unsigned long)inode->i_ino, block, wrong);
	brelse(l->block_bh);
	l->block_bh = NULL;
	return -EFSCORRUPTED;
}

static bool has_none(const struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	return !READ_ONCE(ei->file_acl) &&
	       !test_bit(EXT2_STATE_TAIL_XATTR, &ei->state);
}

static int find(const struct lists *l, u8 index, const char *name, u32 len,
		struct ext2_xattr_item *item)
{
	int found = 0;

	if (l->tail_bh)
		found = ext2_xattr_find(&l->tail, index, name, len, item);
	if (!found && l->block_bh)
		found = ext2_xattr_find(&l->block, index, name, len, item);
	return found;
}

/* The value's size; -ENODATA, -ERANGE: buffer is too small, -EIO. */
int ext2_xattr_get(struct inode *inode, u8 index, const char *name,
		   void *buffer, size_t size)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct ext2_xattr_item item;
	struct lists l;
	int n;

	if (strlen(name) > 255)
		return -ERANGE;
	if (has_none(inode))
		return -ENODATA;
	down_read(&sbi->xattr_sem);
	n = get_lists(inode, &l);
	if (!n)
		n = find(&l, index, name, strlen(name), &item);
	if (n == 0) {
		n = -ENODATA;
	} else if (n > 0) {
		n = item.value_size;
		if (buffer && item.value_size > size)
			n = -ERANGE;
		else if (buffer)
			memcpy(buffer, item.value, item.value_size);
	}
	put_lists(&l);
	up_read(&sbi->xattr_sem);
	return n;
}

/* ---- list ---- */

static const struct xattr_handler ext2_user_handler, ext2_trusted_handler,
				  ext2_security_handler;

static const struct xattr_handler *handler_of(u8 index)
{
	switch (index) {
	case EXT2_XATTR_INDEX_USER: return &ext2_user_handler;
	case EXT2_XATTR_INDEX_TRUSTED: return &ext2_trusted_handler;
	case EXT2_XATTR_INDEX_SECURITY: return &ext2_security_handler;
	case EXT2_XATTR_INDEX_POSIX_ACL_ACCESS:
		return &posix_acl_access_xattr_handler;
	case EXT2_XATTR_INDEX_POSIX_ACL_DEFAULT:
		return &posix_acl_default_xattr_handler;
	default: return NULL;
	}
}

/* Where names are put one behind the other, each with its NUL. */
struct names {
	char *buffer;
	size_t size, used;
};

static int add_name(struct names *n, const char *prefix, const char *name,
		    u32 len)
{
	size_t plen = strlen(prefix), need = plen + len + 1;

	if (n->buffer) {
		if (need > n->size - n->used)
			return -ERANGE;
		memcpy(n->buffer + n->used, prefix, plen);
		memcpy(n->buffer + n->used + plen, name, len);
		n->buffer[n->used + need - 1] = 0;
	}
	n->used += need;
	return 0;
}

static int list_names(struct dentry *dentry, const struct ext2_xattr_list *list,
		      struct names *names)
{
	struct ext2_xattr_item item;
	u32 at = list->first;
	int found, err = 0;

	while (!err && (found = ext2_xattr_item_at(list, at, &item, &at)) > 0) {
		const struct xattr_handler *h = handler_of(item.index);

		if (!h || (h->list && !h->list(dentry)))
			continue;
		err = add_name(names, xattr_prefix(h), item.name,
			       h->prefix ? item.name_len : 0);
	}
	return err ? err : found;
}

ssize_t ext2_listxattr(struct dentry *dentry, char *buffer, size_t size)
{
	struct inode *inode = d_inode(dentry);
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct names names = { buffer, size, 0 };
	struct lists l;
	int err;

	if (has_none(inode))
		return 0;
	down_read(&sbi->xattr_sem);
	err = get_lists(inode, &l);
	if (!err && l.tail_bh)
		err = list_names(dentry, &l.tail, &names);
	if (!err && l.block_bh)
		err = list_names(dentry, &l.block, &names);
	put_lists(&l);
	up_read(&sbi->xattr_sem);
	return err ? err : (ssize_t)names.used;
}

/* ---- blocks that may be shared ---- */

static u32 hash_of(const void *block)
{
	return le32_to_cpu(((const struct ext2_xattr_header *)block)->h_hash);
}

static u32 owners(const struct buffer_head *bh)
{
	return le32_to_cpu(((struct ext2_xattr_header *)bh->b_data)->h_refcount);
}

static void set_owners(struct buffer_head *bh, u32 n)
{
	((struct ext2_xattr_header *)bh->b_data)->h_refcount = cpu_to_le32(n);
}

static void remember(struct ext2_sb_info *sbi, u32 hash, u32 block)
{
	if (hash)
		sbi->xattr_cache[hash % XATTR_CACHE_SIZE] =
			(struct ext2_xattr_hint){ hash, block };
}

static void forget(struct ext2_sb_info *sbi, u32 block)
{
	for (u32 i = 0; i < XATTR_CACHE_SIZE; i++)
		if (sbi->xattr_cache[i].block == block)
			sbi->xattr_cache[i].block = 0;
}

/* A block on the disk with these bytes that can take one more owner. */
static struct buffer_head *find_equal(struct super_block *sb, const void *new)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_xattr_hint *hint;
	struct ext2_xattr_list list;
	struct buffer_head *bh;

	hint = &sbi->xattr_cache[hash_of(new) % XATTR_CACHE_SIZE];
	if (!hint->block || !hash_of(new) || hint->hash != hash_of(new))
		return NULL;
	bh = sb_bread(sb, hint->block);
	if (!bh)
		return NULL;
	if (!ext2_xattr_open_block(bh->b_data, sb->s_blocksize, &list) &&
	    ext2_xattr_equal(bh->b_data, new, sb->s_blocksize) &&
	    owners(bh) < EXT2_XATTR_REFCOUNT_MAX)
		return bh;
	brelse(bh);
	return NULL;
}

/* A new block for the list.  ERR_PTR(-ENOSPC, -EIO, -ENOMEM). */
static struct buffer_head *new_block(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	u32 goal = ext2_group_first(EXT2_GEO(sb), EXT2_I(inode)->group);
	struct buffer_head *bh;
	u32 block, count = 1;
	int err = ext2_new_blocks(inode, goal, false, &count, &block);

	if (err)
		return ERR_PTR(err);
	bh = sb_getblk(sb, block);
	if (bh) {
		ext2_set_feature(sb, EXT2_COMPAT_EXT_ATTR, 0);
		return bh;
	}
	ext2_free_blocks(sb, block, 1);
	return ERR_PTR(-ENOMEM);
}

static void count_block(struct inode *inode, int sign)
{
	u32 sectors = inode->i_sb->s_blocksize >> 9;

	spin_lock(&inode->i_lock);
	if (sign > 0)
		inode->i_blocks += sectors;
	else
		inode->i_blocks -= min((u64)inode->i_blocks, (u64)sectors);
	spin_unlock(&inode->i_lock);
}

/* The inode lets go of its block; the last owner frees it. */
static void drop_block(struct inode *inode, struct buffer_head *bh)
{
	struct super_block *sb = inode->i_sb;
	u32 block = bh->b_blocknr;

	if (owners(bh) > 1) {
		set_owners(bh, owners(bh) - 1);                  /* I1 */
		mark_buffer_dirty(bh);
		return;
	}
	forget(EXT2_SB(sb), block);
	get_bh(bh);
	bforget(bh);
	ext2_free_blocks(sb, block, 1);
}

static int store(struct inode *inode, struct buffer_head *bh)
{
	mark_buffer_dirty_inode(bh, inode);
	remember(EXT2_SB(inode->i_sb), hash_of(bh->b_data), bh->b_blocknr);
	return IS_SYNC(inode) ? sync_dirty_buffer(bh) : 0;
}

/* The block for the list `new`: shared, our own, or another. */
static struct buffer_head *place_list(struct inode *inode,
				      struct buffer_head *old, const void *new)
{
	struct super_block *sb = inode->i_sb;
	struct buffer_head *bh = find_equal(sb, new);

	if (bh && bh != old) {
		set_owners(bh, owners(bh) + 1);                  /* I1 */
		mark_buffer_dirty(bh);
		return bh;
	}
	brelse(bh);
	if (old && owners(old) == 1) {
		forget(EXT2_SB(sb), old->b_blocknr);
		get_bh(old);
		bh = old;
	} else {
		bh = new_block(inode);
		if (IS_ERR(bh))
			return bh;
	}
	lock_buffer(bh);
	memcpy(bh->b_data, new, sb->s_blocksize);
	set_owners(bh, 1);
	set_buffer_uptodate(bh);
	unlock_buffer(bh);
	return bh;
}

/* Hang the list `new` (NULL: none) on the inode. */
static int set_list(struct inode *inode, struct lists *l, const void *new)
{
	struct buffer_head *old = l->block_bh, *bh = NULL;
	int err = 0;

	if (new) {
		bh = place_list(inode, old, new);
		if (IS_ERR(bh))
			return PTR_ERR(bh);
		err = store(inode, bh);
	}
	if (bh && !old)
		count_block(inode, 1);
	if (old && !bh)
		count_block(inode, -1);
	if (old && old != bh)
		drop_block(inode, old);
	EXT2_I(inode)->file_acl = bh ? bh->b_blocknr : 0;
	brelse(bh);
	return err;
}

/* Change the copy of the block's list in `new`, then hang it on. */
static int change_list(struct inode *inode, struct lists *l, void *new,
		       u8 index, const char *name, const void *value,
		       size_t size)
{
	u32 bs = inode->i_sb->s_blocksize;
	int err;

	if (l->block_bh)
		memcpy(new, l->block_bh->b_data, bs);
	else
		ext2_xattr_init_block(new, bs);
	err = ext2_xattr_change(new, bs, index, name, strlen(name), value,
				size);
	if (err)
		return err;
	return set_list(inode, l, ext2_xattr_is_empty(new) ? NULL : new);
}

static int check_flags(int found, int flags)
{
	if (found < 0)
		return found;
	if (found && flags & XATTR_CREATE)
		return -EEXIST;
	return !found && flags & XATTR_REPLACE ? -ENODATA : 0;
}

static int set_locked(struct inode *inode, struct lists *l, void *new,
		      u8 index, const char *name, const void *value,
		      size_t size, int flags)
{
	struct ext2_xattr_item item;
	int found = find(l, index, name, strlen(name), &item);
	int err = check_flags(found, flags);

	if (err || (!found && !value))
		return err;
	if (value || l->block_bh)
		err = change_list(inode, l, new, index, name, value, size);
	if (err)
		return err;
	if (l->tail_bh && ext2_xattr_remove_from_tail(l->tail_bytes,
						      l->tail_size, index,
						      name, strlen(name)) > 0)
		mark_buffer_dirty(l->tail_bh);
	inode->i_ctime = current_time(inode);
	mark_inode_dirty(inode);
	return 0;
}

/* value NULL: remove.  0; -ENODATA, -EEXIST, -ENOSPC, -ERANGE, -EIO. */
int ext2_xattr_set(struct inode *inode, u8 index, const char *name,
		   const void *value, size_t size, int flags)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct lists l;
	void *new;
	int err;

	if (strlen(name) > 255)
		return -ERANGE;
	if (size > inode->i_sb->s_blocksize)
		return -ENOSPC;
	new = kmalloc(inode->i_sb->s_blocksize, GFP_NOFS);
	if (!new)
		return -ENOMEM;
	down_write(&sbi->xattr_sem);
	err = get_lists(inode, &l);
	if (!err)
		err = set_locked(inode, &l, new, index, name, value, size,
				 flags);
	put_lists(&l);
	up_write(&sbi->xattr_sem);
	kfree(new);
	return err;
}

/* The inode goes: let go of its block. */
void ext2_xattr_delete_inode(struct inode *inode)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct lists l;

	if (!EXT2_I(inode)->file_acl)
		return;
	down_write(&sbi->xattr_sem);
	if (!get_lists(inode, &l) && l.block_bh)
		set_list(inode, &l, NULL);
	put_lists(&l);
	up_write(&sbi->xattr_sem);
}

/* ---- name spaces ---- */

static int get_by_handler(const struct xattr_handler *h, struct dentry *dentry,
			  struct inode *inode, const char *name, void *buffer,
			  size_t size)
{
	if (h->flags == EXT2_XATTR_INDEX_USER &&
	    !EXT2_SB(inode->i_sb)->opts.user_xattr)
		return -EOPNOTSUPP;
	return ext2_xattr_get(inode, h->flags, name, size ? buffer : NULL,
			      size);
}

static int set_by_handler(const struct xattr_handler *h, struct dentry *dentry,
			  struct inode *inode, const char *name,
			  const void *buffer, size_t size, int flags)
{
	if (h->flags == EXT2_XATTR_INDEX_USER &&
	    !EXT2_SB(inode->i_sb)->opts.user_xattr)
		return -EOPNOTSUPP;
	return ext2_xattr_set(inode, h->flags, name, buffer, size, flags);
}

static bool list_user(struct dentry *dentry)
{
	return EXT2_SB(dentry->d_sb)->opts.user_xattr;
}

static bool list_trusted(struct dentry *dentry)
{
	return capable(CAP_SYS_ADMIN);
}

static const struct xattr_handler ext2_user_handler = {
	.prefix = XATTR_USER_PREFIX,
	.flags = EXT2_XATTR_INDEX_USER,
	.list = list_user,
	.get = get_by_handler,
	.set = set_by_handler,
};

static const struct xattr_handler ext2_trusted_handler = {
	.prefix = XATTR_TRUSTED_PREFIX,
	.flags = EXT2_XATTR_INDEX_TRUSTED,
	.list = list_trusted,
	.get = get_by_handler,
	.set = set_by_handler,
};

static const struct xattr_handler ext2_security_handler = {
	.prefix = XATTR_SECURITY_PREFIX,
	.flags = EXT2_XATTR_INDEX_SECURITY,
	.get = get_by_handler,
	.set = set_by_handler,
};

const struct xattr_handler *ext2_xattr_handlers[] = {
	&ext2_user_handler,
	&ext2_trusted_handler,
	&ext2_security_handler,
	&posix_acl_access_xattr_handler,
	&posix_acl_default_xattr_handler,
	NULL,
};
