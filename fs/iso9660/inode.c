/* SPDX-License-Identifier: MIT */
/*
 * inode.c -- files of a CD
 *
 * IDEA.  A disc has no inodes: a file is its directory record, and the number
 * of its inode is the record's place.  A directory's own first record (".")
 * stands for it, so that it has one number, however it is reached.  A file's
 * data is one run of blocks, or several runs if it has 4 GiB or more.
 */

#include "isofs.h"

#include <fs/splice.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/slab.h>

#define MAX_SECTIONS 128

/* Records are 34 bytes at least: 32 of them fit no block. */
unsigned long iso_ino(struct iso_place place)
{
	return ((unsigned long)place.block << (ISO_BLOCK_BITS - 5)) |
	       place.offset >> 5;
}

/* The block that rock_read() asks for; the one before is let go. */
struct reader {
	struct super_block *sb;
	struct buffer_head *bh;
};

static const u8 *read_block(void *arg, u32 block)
{
	struct reader *r = arg;

	brelse(r->bh);
	r->bh = NULL;
	if (block < ISO_SB(r->sb)->volume.blocks)
		r->bh = sb_bread(r->sb, block);
	return r->bh ? (u8 *)r->bh->b_data : NULL;
}

int iso_read_rock(struct super_block *sb, const struct iso_record *r,
		  struct rock_info *rock)
{
	struct reader reader = { sb, NULL };
	int err = rock_read(r, ISO_SB(sb)->skip, read_block, &reader, rock);

	brelse(reader.bh);
	return err;
}

/* ---- data ---- */

static int iso_get_block(struct inode *inode, sector_t iblock,
			 struct buffer_head *bh, int create)
{
	struct iso_inode_info *ii = ISO_I(inode);
	u32 want = max(bh->b_size >> ISO_BLOCK_BITS, (size_t)1), i;

	if (create)
		return -EROFS;
	for (i = 0; i < ii->nr_sections; i++) {
		struct iso_section *s = &ii->sections[i];
		u32 blocks = ((u64)s->size + ISO_BLOCK - 1) >> ISO_BLOCK_BITS;

		if (iblock < blocks) {
			if (s->extent >= ISO_SB(inode->i_sb)->volume.blocks)
				return -EIO;
			map_bh(bh, inode->i_sb, s->extent + iblock);
			bh->b_size = (size_t)min((u64)want, blocks - iblock)
				     << ISO_BLOCK_BITS;
			return 0;
		}
		iblock -= blocks;
	}
	return 0;
}

static int iso_read_folio(struct file *file, struct page *page)
{
	return mpage_read_folio(page, iso_get_block);
}

static void iso_readahead(struct readahead_control *rac)
{
	mpage_readahead(rac, iso_get_block);
}

static sector_t iso_bmap(struct address_space *mapping, sector_t block)
{
	return generic_block_bmap(mapping, block, iso_get_block);
}

const struct address_space_operations iso_aops = {
	.read_folio = iso_read_folio,
	.readahead = iso_readahead,
	.bmap = iso_bmap,
};

static const struct file_operations iso_file_operations = {
	.llseek = generic_file_llseek,
	.read_iter = generic_file_read_iter,
	.splice_read = generic_file_splice_read,
	.mmap = generic_file_readonly_mmap,
	.open = generic_file_open,
};

static const struct inode_operations iso_file_inode_operations;

/* ---- making an inode ---- */

/* Collect the extents of a file whose records follow one another. */
static int read_sections(struct inode *inode, struct iso_place place,
			 const u8 *block, struct iso_record *r)
{
	struct iso_inode_info *ii = ISO_I(inode);
	u32 n = 0, offset = place.offset;
	int found = 1;

	ii->first = (struct iso_section){ r->extent, r->size };
	ii->sections = &ii->first;
	ii->nr_sections = 1;
	inode->i_size = r->size;
	if (!(r->flags & ISO_MORE_EXTENTS))
		return 0;
	ii->sections = kcalloc(MAX_SECTIONS, sizeof(*ii->sections), GFP_KERNEL);
	if (!ii->sections)
		return -ENOMEM;
	inode->i_size = 0;
	for (;;) {
		ii->sections[n++] = (struct iso_section){ r->extent, r->size };
		inode->i_size += r->size;
		if (!(r->flags & ISO_MORE_EXTENTS) || n == MAX_SECTIONS)
			break;
		offset += r->length;
		found = iso_record_at(block, offset, r);
		if (found <= 0)
			break;
	}
	ii->nr_sections = n;
	return found < 0 ? found : 0;
}

static void plain_attributes(struct inode *inode, const struct iso_record *r,
			     bool is_dir)
{
	inode->i_mode = is_dir ? S_IFDIR | 0555 : S_IFREG | 0555;
	set_nlink(inode, 1);
	inode->i_mtime.tv_sec = inode->i_atime.tv_sec =
		inode->i_ctime.tv_sec = r->time;
}

static void rock_attributes(struct inode *inode, const struct rock_info *rock,
			    bool is_dir)
{
	if (rock->has_mode && S_ISDIR(rock->mode) == is_dir) {
		inode->i_mode = rock->mode;
		inode->i_uid = rock->uid;
		inode->i_gid = rock->gid;
		set_nlink(inode, max(rock->links, 1u));
	}
	if (rock->has_mtime)
		inode->i_mtime.tv_sec = inode->i_atime.tv_sec =
			inode->i_ctime.tv_sec = rock->mtime;
	if (rock->has_atime)
		inode->i_atime.tv_sec = rock->atime;
	if (rock->has_ctime)
		inode->i_ctime.tv_sec = rock->ctime;
}

static void apply_options(struct inode *inode)
{
	const struct iso_options *o = &ISO_SB(inode->i_sb)->opts;
	umode_t mode = S_ISDIR(inode->i_mode) ? o->dmode : o->mode;

	if (o->uid_set)
		inode->i_uid = o->uid;
	if (o->gid_set)
		inode->i_gid = o->gid;
	if (mode != ISO_KEEP)
		inode->i_mode = (inode->i_mode & S_IFMT) | mode;
}

/* PN has two halves; old discs put the whole number into the low one. */
static dev_t rock_device(u64 device)
{
	u32 high = device >> 32, low = device;

	if (!high && low & ~0xffu)
		return MKDEV(low >> 8, low & 0xff);
	return MKDEV(high, low);
}

static int set_operations(struct inode *inode, const struct rock_info *rock)
{
	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &iso_file_inode_operations;
		inode->i_fop = &iso_file_operations;
		inode->i_mapping->a_ops = &iso_aops;
		return 0;
	case S_IFDIR:
		inode->i_op = &iso_dir_inode_operations;
		inode->i_fop = &iso_dir_operations;
		return 0;
	case S_IFLNK:
		inode->i_op = &simple_symlink_inode_operations;
		inode->i_link = kstrdup(rock->link, GFP_KERNEL);
		inode->i_size = rock->link_len;
		return inode->i_link ? 0 : -ENOMEM;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		inode->i_op = &iso_file_inode_operations;
		init_special_inode(inode, inode->i_mode,
				   rock_device(rock->device));
		return 0;
	default:
		return -EIO;
	}
}

static int fill_from_block(struct inode *inode, struct iso_place place,
			   const u8 *block, bool is_dir, struct rock_info *rock)
{
	struct super_block *sb = inode->i_sb;
	struct iso_record r;
	int err;

	if (iso_record_at(block, place.offset, &r) <= 0 || r.interleaved ||
	    (is_dir && (!iso_is_dot(&r) || r.flags & ISO_MORE_EXTENTS)))
		return -EIO;
	plain_attributes(inode, &r, is_dir);
	if (ISO_SB(sb)->rock) {
		iso_read_rock(sb, &r, rock);
		rock_attributes(inode, rock, is_dir);
	}
	apply_options(inode);
	err = read_sections(inode, place, block, &r);
	if (err)
		return err;
	if (is_dir)                   /* "." may say it differently */
		ISO_I(inode)->first.extent = place.block;
	inode->i_blocks = ((u64)inode->i_size + 511) >> 9;
	return set_operations(inode, rock);
}

static int fill_inode(struct inode *inode, struct iso_place place, bool is_dir)
{
	struct super_block *sb = inode->i_sb;
	struct rock_info *rock;
	struct buffer_head *bh;
	int err = -EIO;

	rock = kzalloc(sizeof(*rock), GFP_KERNEL);
	if (!rock)
		return -ENOMEM;
	bh = place.block < ISO_SB(sb)->volume.blocks ?
	     sb_bread(sb, place.block) : NULL;
	if (bh)
		err = fill_from_block(inode, place, (u8 *)bh->b_data, is_dir,
				      rock);
	brelse(bh);
	kfree(rock);
	return err;
}

/* The inode of a record, with a reference; ERR_PTR. */
struct inode *iso_iget(struct super_block *sb, struct iso_place place,
		       bool is_dir)
{
	struct inode *inode = iget_locked(sb, iso_ino(place));
	int err;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode->i_state & I_NEW))
		return inode;
	err = fill_inode(inode, place, is_dir);
	if (err) {
		make_bad_inode(inode);
		iget_failed(inode);
		return ERR_PTR(err);
	}
	unlock_new_inode(inode);
	return inode;
}
