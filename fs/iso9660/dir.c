/* SPDX-License-Identifier: MIT */
/*
 * dir.c -- directories of a CD
 *
 * IDEA.  A directory is searched from its start; there is no other way.  Its
 * entries' names come from Rock Ridge, from Joliet, or are ISO's own capitals
 * in lower case.  Entries that stand for a moved directory's old place (RE) are
 * left out, and its new one (CL) is followed.
 */

#include "isofs.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <mm/slab.h>
#include <uapi/dirent.h>

static void name_entry(struct super_block *sb, struct iso_entry *e)
{
	struct iso_sb_info *sbi = ISO_SB(sb);

	if (sbi->rock && e->rock->name_len) {
		e->name_len = e->rock->name_len;
		memcpy(e->name, e->rock->name, e->name_len);
	} else if (sbi->volume.joliet) {
		e->name_len = iso_joliet_name(&e->record, e->name);
	} else {
		e->name_len = iso_plain_name(&e->record, !sbi->opts.map_off,
					     e->name);
	}
}

static bool is_shown(struct super_block *sb, const struct iso_entry *e)
{
	struct iso_sb_info *sbi = ISO_SB(sb);

	if (iso_is_dot(&e->record) || e->record.flags & ISO_ASSOCIATED ||
	    !e->name_len)
		return false;
	if (sbi->rock && e->rock->relocated)
		return false;
	return sbi->opts.unhide || !(e->record.flags & ISO_HIDDEN);
}

/* Only the last of a file's extents ends its entry: pass over those. */
static int skip_extents(const u8 *block, struct iso_record *r, loff_t *pos)
{
	struct iso_record next = *r;
	int found = 1;

	while (found > 0 && next.flags & ISO_MORE_EXTENTS) {
		*pos += next.length;
		if (!(*pos & (ISO_BLOCK - 1)))
			return 1;
		found = iso_record_at(block, *pos & (ISO_BLOCK - 1), &next);
	}
	*pos += found > 0 ? next.length : 0;
	return found < 0 ? found : 1;
}

static int read_record(struct inode *dir, loff_t *pos, struct iso_entry *e)
{
	struct super_block *sb = dir->i_sb;
	u32 block = ISO_I(dir)->first.extent + (u32)(*pos >> ISO_BLOCK_BITS);
	u32 offset = *pos & (ISO_BLOCK - 1);
	int found;

	brelse(e->bh);
	e->bh = sb_bread(sb, block);
	if (!e->bh)
		return -EIO;
	found = iso_record_at((u8 *)e->bh->b_data, offset, &e->record);
	if (found <= 0)
		return found;
	e->place = (struct iso_place){ block, offset };
	found = skip_extents((u8 *)e->bh->b_data, &e->record, pos);
	if (found > 0 && ISO_SB(sb)->rock)
		iso_read_rock(sb, &e->record, e->rock);
	return found;
}

/*
 * The next entry that is shown, from *pos on, which moves behind it: 1; 0: the
 * end; -EIO, -EFSCORRUPTED.  e is zeroed but for rock before the first call;
 * the caller releases e->bh.
 */
int iso_next_entry(struct inode *dir, loff_t *pos, struct iso_entry *e)
{
	int found;

	while (*pos < dir->i_size) {
		found = read_record(dir, pos, e);
		if (found < 0)
			return found;
		if (!found) {         /* the rest of the block is empty */
			*pos = (*pos & ~(loff_t)(ISO_BLOCK - 1)) + ISO_BLOCK;
			continue;
		}
		name_entry(dir->i_sb, e);
		if (is_shown(dir->i_sb, e))
			return 1;
	}
	return 0;
}

/* A directory is known by its own first record, wherever it is named. */
struct iso_place iso_target(const struct iso_entry *e, bool *is_dir)
{
	*is_dir = e->record.flags & ISO_DIRECTORY;
	if (e->rock && e->rock->has_child) {
		*is_dir = true;
		return (struct iso_place){ e->rock->child, 0 };
	}
	if (*is_dir)
		return (struct iso_place){ e->record.extent, 0 };
	return e->place;
}

static struct iso_entry *new_entry(void)
{
	struct iso_entry *e = kzalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return NULL;
	e->rock = kzalloc(sizeof(*e->rock), GFP_KERNEL);
	if (e->rock)
		return e;
	kfree(e);
	return NULL;
}

static void free_entry(struct iso_entry *e)
{
	brelse(e->bh);
	kfree(e->rock);
	kfree(e);
}

static struct dentry *iso_lookup(struct inode *dir, struct dentry *dentry,
				 unsigned int flags)
{
	struct iso_entry *e = new_entry();
	struct inode *inode = NULL;
	struct iso_place place;
	loff_t pos = 0;
	bool is_dir;
	int found;

	if (!e)
		return ERR_PTR(-ENOMEM);
	while ((found = iso_next_entry(dir, &pos, e)) > 0)
		if (e->name_len == dentry->d_name.len &&
		    !memcmp(e->name, dentry->d_name.name, e->name_len))
			break;
	if (found > 0) {
		place = iso_target(e, &is_dir);
		inode = iso_iget(dir->i_sb, place, is_dir);
	}
	free_entry(e);
	if (found < 0)
		return ERR_PTR(found);
	return d_splice_alias(inode, dentry);
}

static unsigned type_of(const struct iso_entry *e, bool is_dir)
{
	if (e->rock->has_mode)
		return (e->rock->mode & S_IFMT) >> 12;
	return is_dir ? DT_DIR : DT_REG;
}

/* Positions 0 and 1 are dots; the others are byte offsets + 2. */
static int iso_readdir(struct file *file, struct dir_context *ctx)
{
	struct inode *dir = file_inode(file);
	struct iso_entry *e;
	int found = 0;
	bool is_dir;

	if (!dir_emit_dots(file, ctx))
		return 0;
	e = new_entry();
	if (!e)
		return -ENOMEM;
	for (;;) {
		loff_t pos = ctx->pos - 2;
		struct iso_place place;

		found = iso_next_entry(dir, &pos, e);
		if (found <= 0)
			break;
		place = iso_target(e, &is_dir);
		if (!dir_emit(ctx, e->name, e->name_len, iso_ino(place),
			      type_of(e, is_dir)))
			break;
		ctx->pos = pos + 2;
		cond_resched();
	}
	free_entry(e);
	return found < 0 ? found : 0;
}

const struct file_operations iso_dir_operations = {
	.llseek = generic_file_llseek,
	.read = generic_read_dir,
	.iterate_shared = iso_readdir,
};

const struct inode_operations iso_dir_inode_operations = {
	.lookup = iso_lookup,
};
