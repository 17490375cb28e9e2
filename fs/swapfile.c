/* SPDX-License-Identifier: MIT */
/*
 * swapfile.c -- swapon, swapoff: which disk, and which of its sectors
 *
 * IDEA.  An area is a partition or a file.  mkswap(8) has written a header into
 * its first page: a signature, the number of pages, and which are bad.  For a
 * partition, slot n lies at sector n * 8.  For a file, the file system is asked
 * once, at swapon, where each page lies; after that swapping goes to the disk
 * directly, and never through the file system: it may be called by one that is
 * short of memory.  A page of the file that is not in one piece is not used.
 *
 * The pages themselves are mm/virt's affair (swap_area.c, swap_cache.c); it
 * knows us only through swap_io_ops.
 *
 * LOCKING.  swapon_lock keeps swapon and swapoff apart.  May sleep.
 *
 * SEE docs/58-swap.md; swapon(2).
 */

#include <fs/fs.h>
#include <fs/file.h>
#include <fs/seq_file.h>
#include <fs/proc_fs.h>
#include <drivers/bio.h>
#include <drivers/blkdev.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <mm/pagemap.h>
#include <mm/slab.h>
#include <mm/swapops.h>
#include <mm/vmalloc.h>

#define SWAP_FLAG_PREFER 0x8000
#define SWAP_FLAG_PRIO_MASK 0x7fff
#define SWAP_FLAG_DISCARD 0x10000
#define SWAP_FLAG_DISCARD_ONCE 0x20000
#define SWAP_FLAG_DISCARD_PAGES 0x40000
#define SWAP_FLAGS_VALID (SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK | \
			  SWAP_FLAG_DISCARD | SWAP_FLAG_DISCARD_ONCE | \
			  SWAP_FLAG_DISCARD_PAGES)
#define SWAP_MAGIC "SWAPSPACE2"
#define MAX_BADPAGES ((PAGE_SIZE - 10 - 1536) / 4)
#define SECTORS_PER_PAGE (PAGE_SIZE / 512)

/* The first page of an area, as mkswap writes it. */
struct swap_header {
	char bootbits[1024];
	u32 version;
	u32 last_page;
	u32 nr_badpages;
	u8 uuid[16];
	char volume_name[16];
	u32 padding[117];
	u32 badpages[];
};

static_assert(offsetof(struct swap_header, badpages) == 1536, "mkswap's");

/* Where an area lies; si->private.  [c] while it is in use. */
struct swap_file {
	struct file *file;            /* as the user named it */
	struct block_device *bdev;
	fmode_t mode;                 /* how bdev was opened; 0: it is the file's */
	sector_t *sectors;            /* of each slot; NULL: a partition */
};

static DEFINE_MUTEX(swapon_lock);

/* ---- transfers ----------------------------------------------------------- */

static void end_swap_bio(struct bio *bio)
{
	struct page *page = bio->bi_io_vec[0].bv_page;
	bool write = op_is_write(bio->bi_opf);
	bool error = bio->bi_status != BLK_STS_OK;

	bio_put(bio);
	swap_io_done(page, write, error);
}

static void submit_slot(struct swap_info_struct *si, struct page *page,
			unsigned long slot, bool write)
{
	struct swap_file *sf = si->private;
	struct bio *bio = bio_alloc(sf->bdev, 1,
				    write ? REQ_OP_WRITE : REQ_OP_READ,
				    GFP_NOIO);

	bio->bi_iter.bi_sector = sf->sectors ? sf->sectors[slot]
					     : slot * SECTORS_PER_PAGE;
	bio->bi_end_io = end_swap_bio;
	__bio_add_page(bio, page, PAGE_SIZE, 0);
	submit_bio(bio);
}

static const struct swap_io_ops disk_ops = { .submit = submit_slot };

/* ---- swapon -------------------------------------------------------------- */

static struct inode *area_inode(const struct swap_file *sf)
{
	return sf->file->f_mapping->host;
}

/* The area that lies on this inode; swapon_lock held. */
static struct swap_info_struct *find_area(const struct inode *inode)
{
	struct swap_info_struct *si;
	int n;

	for (n = 0; (si = swap_area_nth(n)); n++) {
		struct swap_file *sf = si->private;

		if (sf && area_inode(sf) == inode)
			return si;
	}
	return NULL;
}

/* Take hold of the disk behind the file: 0, -EBUSY, -EINVAL. */
static int claim(struct swap_info_struct *si, struct swap_file *sf)
{
	struct inode *inode = area_inode(sf);

	if (find_area(inode))
		return -EBUSY;
	if (S_ISBLK(inode->i_mode)) {
		sf->mode = FMODE_READ | FMODE_WRITE | FMODE_EXCL;
		sf->bdev = blkdev_get_by_dev(inode->i_rdev, sf->mode, si);
		if (!IS_ERR(sf->bdev))
			return 0;
		sf->mode = 0;
		return PTR_ERR(sf->bdev);
	}
	if (!S_ISREG(inode->i_mode) || !inode->i_mapping->a_ops->bmap ||
	    !inode->i_sb->s_bdev)
		return -EINVAL;
	sf->bdev = inode->i_sb->s_bdev;
	return 0;
}

static unsigned long pages_on_disk(const struct swap_file *sf)
{
	return i_size_read(area_inode(sf)) >> PAGE_SHIFT;
}

/* Slots of the area, the header's included; 0: there is no header. */
static unsigned long check_header(const struct swap_file *sf,
				  const struct swap_header *h)
{
	if (memcmp((const char *)h + PAGE_SIZE - 10, SWAP_MAGIC, 10)) {
		pr_err("Unable to find swap-space signature\n");
		return 0;
	}
	if (h->version != 1) {
		pr_warn("Unable to handle swap header version %u\n",
			h->version);
		return 0;
	}
	if (!h->last_page) {
		pr_warn("Empty swap-file\n");
		return 0;
	}
	if (pages_on_disk(sf) <= h->last_page) {
		pr_warn("Swap area shorter than signature indicates\n");
		return 0;
	}
	if (h->nr_badpages > MAX_BADPAGES ||
	    (h->nr_badpages && S_ISREG(area_inode(sf)->i_mode)))
		return 0;
	return (unsigned long)h->last_page + 1;
}

/* The sectors of page n of the file, if it is in one piece; else 0. */
static sector_t sector_of_page(struct inode *inode, unsigned long n)
{
	unsigned int bits = inode->i_blkbits, i, per_page;
	sector_t first = 0, block;

	per_page = PAGE_SIZE >> bits;
	for (i = 0; i < per_page; i++) {
		block = inode->i_mapping->a_ops->bmap(inode->i_mapping,
						      n * per_page + i);
		if (!block || (i && block != first + i))
			return 0;
		if (!i)
			first = block;
	}
	return first << (bits - 9);
}

/* Ask the file system once where each slot lies: 0 or -ENOMEM, -EINVAL. */
static int map_file(struct swap_file *sf, u32 *map, unsigned long max)
{
	struct inode *inode = area_inode(sf);
	unsigned long n;

	if (S_ISBLK(inode->i_mode))
		return 0;
	if (inode->i_blkbits > PAGE_SHIFT || inode->i_blkbits < 9)
		return -EINVAL;
	sf->sectors = vzalloc(max * sizeof(sector_t));
	if (!sf->sectors)
		return -ENOMEM;
	for (n = 1; n < max; n++) {
		sf->sectors[n] = sector_of_page(inode, n);
		if (!sf->sectors[n])
			map[n] = SWAP_MAP_BAD;
		cond_resched();
	}
	return 0;
}

static unsigned long count_usable(const u32 *map, unsigned long max)
{
	unsigned long n, usable = 0;

	for (n = 1; n < max; n++)
		usable += !map[n];
	return usable;
}

/* Read the header and make the map; *max: slots.  NULL: *err. */
static u32 *make_map(struct swap_file *sf, unsigned long *max, int *err)
{
	struct page *page = read_mapping_page(sf->file->f_mapping, 0, sf->file);
	const struct swap_header *h;
	u32 *map = NULL, i;

	if (IS_ERR(page)) {
		*err = PTR_ERR(page);
		return NULL;
	}
	h = page_address(page);
	*err = -EINVAL;
	*max = check_header(sf, h);
	if (!*max)
		goto out;
	*err = -ENOMEM;
	map = vzalloc(*max * sizeof(u32));
	if (!map)
		goto out;
	map[0] = SWAP_MAP_BAD;
	for (i = 0; i < h->nr_badpages; i++)
		if (h->badpages[i] < *max)
			map[h->badpages[i]] = SWAP_MAP_BAD;
	*err = map_file(sf, map, *max);
out:
	put_page(page);
	return map;
}

static void swap_file_free(struct swap_file *sf)
{
	if (sf->mode)
		blkdev_put(sf->bdev, sf->mode);
	vfree(sf->sectors);
	fput(sf->file);
	kfree(sf);
}

/* The file is ours from here on, also on failure. */
static int enable(struct swap_info_struct *si, struct swap_file *sf, int flags)
{
	unsigned long max = 0, usable;
	int err = claim(si, sf), prio;
	u32 *map;

	if (err)
		return err;
	map = make_map(sf, &max, &err);
	if (err)
		goto out_free;
	usable = count_usable(map, max);
	err = -EINVAL;
	if (!usable)
		goto out_free;
	prio = flags & SWAP_FLAG_PREFER ? flags & SWAP_FLAG_PRIO_MASK : -1;
	si->ops = &disk_ops;
	si->private = sf;
	swap_area_enable(si, map, max, usable, prio);
	pr_info("Adding %luk swap on %s.  Priority:%d\n",
		usable << (PAGE_SHIFT - 10),
		sf->file->f_path.dentry->d_name.name, si->prio);
	return 0;

out_free:
	vfree(map);
	return err;
}

/* A kernel copy of the name, opened; ERR_PTR. */
static struct file *open_by_name(const char __user *name)
{
	char *path = strndup_user(name, PATH_MAX);
	struct file *file;

	if (IS_ERR(path))
		return ERR_CAST(path);
	file = filp_open(path, O_RDWR | O_LARGEFILE, 0);
	kfree(path);
	return file;
}

static int do_swapon(struct file *file, int flags)
{
	struct swap_info_struct *si = swap_area_alloc();
	struct swap_file *sf = kzalloc(sizeof(*sf), GFP_KERNEL);
	int err = -ENOMEM;

	if (!si || !sf) {
		fput(file);
		kfree(sf);
		goto out;
	}
	sf->file = file;
	si->private = NULL;
	err = enable(si, sf, flags);
	if (err)
		swap_file_free(sf);
out:
	if (err && si)
		swap_area_release(si);
	return err;
}

SYSCALL_DEFINE2(swapon, const char __user *, name, int, flags)
{
	struct file *file;
	int err;

	if (flags & ~SWAP_FLAGS_VALID)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	file = open_by_name(name);
	if (IS_ERR(file))
		return PTR_ERR(file);
	mutex_lock(&swapon_lock);
	err = do_swapon(file, flags);
	mutex_unlock(&swapon_lock);
	return err;
}

SYSCALL_DEFINE1(swapoff, const char __user *, name)
{
	struct swap_info_struct *si;
	struct file *file;
	int err = -EINVAL;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	file = open_by_name(name);
	if (IS_ERR(file))
		return PTR_ERR(file);
	mutex_lock(&swapon_lock);
	si = find_area(file->f_mapping->host);
	if (si)
		err = swap_area_disable(si);
	if (!err) {
		struct swap_file *sf = si->private;

		si->private = NULL;
		swap_area_release(si);
		swap_file_free(sf);
	}
	mutex_unlock(&swapon_lock);
	fput(file);
	return err;
}

/* ---- /proc/swaps --------------------------------------------------------- */

static void show_area(struct seq_file *m, struct swap_info_struct *si)
{
	struct swap_file *sf = si->private;
	unsigned long size = si->pages << (PAGE_SHIFT - 10);
	unsigned long used = si->inuse_pages << (PAGE_SHIFT - 10);
	int len = seq_path(m, &sf->file->f_path, " \t\n\\");

	seq_printf(m, "%*s%s\t%lu\t%s%lu\t%s%d\n", len < 40 ? 40 - len : 1, " ",
		   S_ISBLK(area_inode(sf)->i_mode) ? "partition" : "file\t",
		   size, size < 10000000 ? "\t" : "", used,
		   used < 10000000 ? "\t" : "", si->prio);
}

static int show_swaps(struct seq_file *m, void *v)
{
	struct swap_info_struct *si;
	int n;

	seq_puts(m, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	mutex_lock(&swapon_lock);
	for (n = 0; (si = swap_area_nth(n)); n++)
		if (si->private && si->ops == &disk_ops)
			show_area(m, si);
	mutex_unlock(&swapon_lock);
	return 0;
}

static int __init swapfile_init(void)
{
	proc_create_single("swaps", 0, NULL, show_swaps);
	return 0;
}
fs_initcall(swapfile_init);
