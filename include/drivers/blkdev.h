/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLKDEV_H
#define DRIVERS_BLKDEV_H
/*
 * blkdev.h -- disks, their queues and limits, and those who open them
 *
 *	block_device (disk or partition) -> gendisk -> request_queue -> driver
 *
 * Theory: drivers/block/blk-core.c (queues), genhd.c (disks), fs/bdev.c
 * (opening, the page cache of a device).
 */

#include <drivers/bio.h>
#include <drivers/blk_types.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/timer.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>
#include <kernel/xarray.h>

struct attribute_group;
struct backing_dev_info;
struct blk_flush_queue;
struct blk_mq_ctx;
struct blk_mq_hw_ctx;
struct blk_mq_ops;
struct blk_mq_tag_set;
struct dentry;
struct elevator_queue;
struct file_operations;
struct file_system_type;
struct inode;
struct kobject;
struct module;
struct request;

#define DISK_MAX_PARTS 256
#define DISK_NAME_LEN 32
#define BLKDEV_MAJOR_MAX 512
#define BLK_DEF_MAX_SECTORS 2560u
#define BLK_SAFE_MAX_SECTORS 255u
#define BLK_MAX_SEGMENTS 128
#define BLK_MAX_SEGMENT_SIZE 65536u

/* What the device can take in one request; constant while it runs, but for
 * max_sectors and max_discard_sectors, which sysfs lowers. */
struct queue_limits {
	unsigned long seg_boundary_mask; /* no segment crosses such a line */
	unsigned long virt_boundary_mask;
	unsigned int max_hw_sectors;
	unsigned int max_sectors;
	unsigned int max_segment_size;   /* bytes */
	unsigned int physical_block_size;
	unsigned int logical_block_size;
	unsigned int io_min, io_opt;
	unsigned int max_discard_sectors;
	unsigned int max_hw_discard_sectors;
	unsigned int max_write_zeroes_sectors;
	unsigned int discard_granularity;
	unsigned int discard_alignment;
	unsigned short max_segments;
	unsigned short max_discard_segments;
};

/* queue_flags bits */
enum {
	QUEUE_FLAG_DYING,             /* del_gendisk: new I/O gets EIO */
	QUEUE_FLAG_DEAD,              /* the driver is not asked any more */
	QUEUE_FLAG_NOMERGES,          /* no merging at all */
	QUEUE_FLAG_NOXMERGES,         /* only with the last request */
	QUEUE_FLAG_SAME_COMP,         /* complete on the submitter's CPU */
	QUEUE_FLAG_NONROT,            /* seeks cost nothing */
	QUEUE_FLAG_IO_STAT,
	QUEUE_FLAG_WC,                /* volatile write cache */
	QUEUE_FLAG_FUA,
	QUEUE_FLAG_ADD_RANDOM,
	QUEUE_FLAG_STABLE_WRITES,
	QUEUE_FLAG_REGISTERED,
	QUEUE_FLAG_QUIESCED,
	QUEUE_FLAG_NOWAIT,
};

/*
 * How I/O comes to one disk.  Field keys:
 *   [c] constant after creation   [a] atomic bits     [p] per CPU
 *   [S] .sysfs_lock               [F] frozen to change [Q] .queue_lock
 *   [R] .requeue_lock
 */
struct request_queue {
	unsigned long queue_flags;    /* [a] QUEUE_FLAG_* */
	struct gendisk *disk;         /* [c] once it has one */
	struct elevator_queue *elevator; /* [F] NULL: none */
	const struct blk_mq_ops *mq_ops; /* [c] NULL: the driver takes bios */
	struct blk_mq_tag_set *tag_set; /* [c] */
	struct blk_mq_ctx __percpu *queue_ctx; /* [p] software queues */
	struct blk_mq_hw_ctx **queue_hw_ctx; /* [c] */
	unsigned int nr_hw_queues;    /* [c] */
	void *queuedata;              /* [c] the driver's */
	struct queue_limits limits;
	unsigned int nr_requests;     /* [F] */
	unsigned int rq_timeout;      /* jiffies */
	spinlock_t queue_lock;
	struct mutex sysfs_lock;
	struct bio_set bio_split;

	/* Who is inside, and how to keep others out: blk-freeze.c. */
	long __percpu *q_usage;       /* [p] entered minus left; sum counts */
	int freeze_depth;             /* [M] > 0: nobody enters */
	struct mutex mq_freeze_lock;  /* [M] */
	wait_queue_head_t mq_freeze_wq;
	atomic_t quiesce_depth;
	refcount_t refs;              /* [a] holders */

	struct list_head requeue_list; /* [R] */
	spinlock_t requeue_lock;
	struct delayed_work requeue_work;

	struct timer_list timeout;    /* the earliest deadline in flight */
	struct work_struct timeout_work;
	struct blk_flush_queue *fq;   /* [c] */

	unsigned int ra_pages;        /* read-ahead, until the bdi has it */
	atomic_t nr_active;           /* requests in the driver */
	struct kobject *kobj, *mq_kobj; /* [S] /sys/block/X/queue, mq */
	struct list_head tag_set_list;
};

/* What a driver does for those who open its disk; all may sleep. */
struct block_device_operations {
	void (*submit_bio)(struct bio *bio); /* bio drivers only */
	int (*open)(struct block_device *bdev, fmode_t mode);
	void (*release)(struct gendisk *disk, fmode_t mode);
	int (*ioctl)(struct block_device *bdev, fmode_t mode, unsigned int cmd,
		     unsigned long arg);
	int (*compat_ioctl)(struct block_device *bdev, fmode_t mode,
			    unsigned int cmd, unsigned long arg);
	int (*getgeo)(struct block_device *bdev, struct hd_geometry *geo);
	int (*set_read_only)(struct block_device *bdev, bool ro);
	int (*get_unique_id)(struct gendisk *disk, u8 id[16], int type);
	void (*free_disk)(struct gendisk *disk);
	struct module *owner;
};

/* HDIO_GETGEO */
struct hd_geometry {
	unsigned char heads, sectors;
	unsigned short cylinders;
	unsigned long start;
};

#define GENHD_FL_REMOVABLE (1 << 0)
#define GENHD_FL_HIDDEN (1 << 1)
#define GENHD_FL_NO_PART (1 << 2)

/* gendisk.state bits */
enum {
	GD_NEED_PART_SCAN,
	GD_READ_ONLY,
	GD_DEAD,
	GD_ADDED,
	GD_SUPPRESS_PART_SCAN,
	GD_OWNS_QUEUE,
};

/*
 * A disk.  Field keys:  [c] constant after device_add_disk
 *                       [O] .open_mutex    [a] atomic bits
 */
struct gendisk {
	int major, first_minor;       /* [c] */
	int minors;                   /* [c] how many partitions fit + 1 */
	char disk_name[DISK_NAME_LEN]; /* [c] "vda" */
	struct xarray part_tbl;       /* [O] block_device by number; RCU to read */
	struct block_device *part0;   /* [c] the whole disk */
	const struct block_device_operations *fops; /* [c] */
	struct request_queue *queue;  /* [c] */
	void *private_data;           /* [c] the driver's */
	int flags;                    /* [c] GENHD_FL_* */
	unsigned long state;          /* [a] GD_* */
	struct mutex open_mutex;      /* opening, closing, partitions */
	unsigned int open_partitions; /* [O] */
	u64 diskseq;                  /* [c] */
	struct backing_dev_info *bdi; /* [c] fs/bdev.c's and write-back's */
	struct device *parent;        /* [c] */
	const struct attribute_group **groups; /* [c] the driver's attributes */
	struct kobject *part_kobj, *slave_dir; /* holders, slaves */
	struct list_head disk_list;   /* all disks, in order of their numbers */
};

/* ---- disks (drivers/block/genhd.c); all may sleep ---- */

/* A bio driver's; NULL.  minors, major, name, fops are filled by the driver. */
struct gendisk *blk_alloc_disk(int node);
/* prefix and letters: 0 is "vda", 25 "vdz", 26 "vdaa".  Any context. */
void disk_name_letters(char name[DISK_NAME_LEN], const char *prefix,
		       unsigned int index);
struct gendisk *__alloc_disk_node(struct request_queue *q, int node);
int __must_check device_add_disk(struct device *parent, struct gendisk *disk,
				 const struct attribute_group **groups);
static inline int __must_check add_disk(struct gendisk *disk)
{
	return device_add_disk(NULL, disk, NULL);
}
/* Waits for its I/O; what comes later gets EIO.  Then put_disk(). */
void del_gendisk(struct gendisk *disk);
void put_disk(struct gendisk *disk);
/* The disk is gone without notice: pending I/O must be failed by the driver. */
void blk_mark_disk_dead(struct gendisk *disk);
void set_capacity(struct gendisk *disk, sector_t sectors);
/* Also tells user space and the log; true if it changed. */
bool set_capacity_and_notify(struct gendisk *disk, sector_t sectors);
void set_disk_ro(struct gendisk *disk, bool read_only);
int register_blkdev(unsigned int major, const char *name);
/* The "Block devices:" lines of /proc/devices. */
void blkdev_for_each(void (*fn)(unsigned int major, const char *name,
				void *arg), void *arg);
/* Called for a number that no disk has, to make one on demand (loop, brd). */
int __register_blkdev(unsigned int major, const char *name,
		      void (*probe)(dev_t devt));
void blk_request_module(dev_t devt);
int bdev_disk_changed(struct gendisk *disk, bool invalidate);
int disk_scan_partitions(struct gendisk *disk, fmode_t mode);
/* Every partition and disk with sectors; fn may sleep. */
void bdev_for_each(void (*fn)(struct block_device *bdev, void *arg),
		   void *arg);
char *bdev_name_of(const struct block_device *bdev, char buf[DISK_NAME_LEN]);
int bdev_add_partition(struct gendisk *disk, int partno, sector_t start,
		       sector_t length);
int bdev_del_partition(struct gendisk *disk, int partno);
int bdev_resize_partition(struct gendisk *disk, int partno, sector_t start,
			  sector_t length);
/* The structure by number, with a reference; NULL. */
struct block_device *blkdev_get_no_open(dev_t dev);
void blkdev_put_no_open(struct block_device *bdev);
void bdev_set_nr_sectors(struct block_device *bdev, sector_t sectors);
/* What the layer above does for disks that come and go; may sleep. */
struct bdev_cache_ops {
	void (*sync)(struct block_device *bdev);
	void (*invalidate)(struct block_device *bdev); /* dirty data are lost */
	void (*resized)(struct block_device *bdev);
	void (*release)(struct block_device *bdev);    /* nobody holds it */
};
void bdev_register_cache(const struct bdev_cache_ops *ops);
/* Sum over all CPUs. */
void part_stat_sum(const struct block_device *bdev, struct disk_stats *sum);
void update_io_ticks(struct block_device *part, unsigned long now, bool end);

static inline struct device *disk_to_dev(struct gendisk *disk)
{
	return &disk->part0->bd_device;
}

static inline struct block_device *dev_to_bdev(struct device *dev)
{
	return container_of(dev, struct block_device, bd_device);
}

static inline struct gendisk *dev_to_disk(struct device *dev)
{
	return dev_to_bdev(dev)->bd_disk;
}

static inline sector_t bdev_nr_sectors(const struct block_device *bdev)
{
	return READ_ONCE(bdev->bd_nr_sectors);
}

static inline loff_t bdev_nr_bytes(const struct block_device *bdev)
{
	return (loff_t)bdev_nr_sectors(bdev) << SECTOR_SHIFT;
}

static inline sector_t get_capacity(const struct gendisk *disk)
{
	return bdev_nr_sectors(disk->part0);
}

static inline bool get_disk_ro(const struct gendisk *disk)
{
	return disk->part0->bd_read_only || test_bit(GD_READ_ONLY, &disk->state);
}

static inline bool bdev_read_only(const struct block_device *bdev)
{
	return bdev->bd_read_only || get_disk_ro(bdev->bd_disk);
}

static inline bool disk_live(const struct gendisk *disk)
{
	return !test_bit(GD_DEAD, &disk->state) &&
	       test_bit(GD_ADDED, &disk->state);
}

static inline dev_t disk_devt(const struct gendisk *disk)
{
	return MKDEV(disk->major, disk->first_minor);
}

static inline bool bdev_is_partition(const struct block_device *bdev)
{
	return bdev->bd_partno != 0;
}

/* ---- queues (drivers/block/blk-core.c) ---- */

void blk_put_queue(struct request_queue *q);
bool blk_get_queue(struct request_queue *q);
void blk_mq_freeze_queue(struct request_queue *q);      /* may sleep */
void blk_mq_unfreeze_queue(struct request_queue *q);
void blk_freeze_queue_start(struct request_queue *q);
void blk_mq_freeze_queue_wait(struct request_queue *q);
/* queue_rq is not running, and will not be called; may sleep. */
void blk_mq_quiesce_queue(struct request_queue *q);
void blk_mq_unquiesce_queue(struct request_queue *q);
void blk_sync_queue(struct request_queue *q);

static inline struct request_queue *bdev_get_queue(struct block_device *bdev)
{
	return bdev->bd_queue;
}

void blk_set_default_limits(struct queue_limits *lim);
void blk_queue_max_hw_sectors(struct request_queue *q, unsigned int n);
void blk_queue_max_segments(struct request_queue *q, unsigned short n);
void blk_queue_max_segment_size(struct request_queue *q, unsigned int bytes);
void blk_queue_max_discard_sectors(struct request_queue *q, unsigned int n);
void blk_queue_max_discard_segments(struct request_queue *q,
				    unsigned short n);
void blk_queue_max_write_zeroes_sectors(struct request_queue *q,
					unsigned int n);
void blk_queue_logical_block_size(struct request_queue *q, unsigned int n);
void blk_queue_physical_block_size(struct request_queue *q, unsigned int n);
void blk_queue_alignment_offset(struct request_queue *q, unsigned int n);
void blk_queue_io_min(struct request_queue *q, unsigned int n);
void blk_queue_io_opt(struct request_queue *q, unsigned int n);
void blk_queue_segment_boundary(struct request_queue *q, unsigned long mask);
void blk_queue_virt_boundary(struct request_queue *q, unsigned long mask);
/* Has it a volatile cache (flush is needed)?  Can it write through it? */
void blk_queue_write_cache(struct request_queue *q, bool wc, bool fua);
void blk_queue_flag_set(unsigned int flag, struct request_queue *q);
void blk_queue_flag_clear(unsigned int flag, struct request_queue *q);

#define blk_queue_flag(q, bit) test_bit((bit), &(q)->queue_flags)
#define blk_queue_dying(q) blk_queue_flag(q, QUEUE_FLAG_DYING)
#define blk_queue_nomerges(q) blk_queue_flag(q, QUEUE_FLAG_NOMERGES)
#define blk_queue_noxmerges(q) blk_queue_flag(q, QUEUE_FLAG_NOXMERGES)
#define blk_queue_nonrot(q) blk_queue_flag(q, QUEUE_FLAG_NONROT)
#define blk_queue_io_stat(q) blk_queue_flag(q, QUEUE_FLAG_IO_STAT)
#define blk_queue_quiesced(q) blk_queue_flag(q, QUEUE_FLAG_QUIESCED)
#define blk_queue_stable_writes(q) blk_queue_flag(q, QUEUE_FLAG_STABLE_WRITES)
#define queue_logical_block_size(q) ((q)->limits.logical_block_size)
#define queue_physical_block_size(q) ((q)->limits.physical_block_size)
#define queue_io_min(q) ((q)->limits.io_min)
#define queue_io_opt(q) ((q)->limits.io_opt)
#define queue_max_sectors(q) ((q)->limits.max_sectors)
#define queue_max_hw_sectors(q) ((q)->limits.max_hw_sectors)
#define queue_max_segments(q) ((q)->limits.max_segments)
#define bdev_logical_block_size(b) queue_logical_block_size(bdev_get_queue(b))
#define bdev_physical_block_size(b) queue_physical_block_size(bdev_get_queue(b))
#define bdev_io_min(b) queue_io_min(bdev_get_queue(b))
#define bdev_io_opt(b) queue_io_opt(bdev_get_queue(b))
#define bdev_max_discard_sectors(b) \
	(bdev_get_queue(b)->limits.max_discard_sectors)
#define bdev_discard_granularity(b) \
	(bdev_get_queue(b)->limits.discard_granularity)
#define bdev_write_zeroes_sectors(b) \
	(bdev_get_queue(b)->limits.max_write_zeroes_sectors)
#define bdev_nonrot(b) blk_queue_nonrot(bdev_get_queue(b))
#define bdev_write_cache(b) blk_queue_flag(bdev_get_queue(b), QUEUE_FLAG_WC)
#define bdev_fua(b) blk_queue_flag(bdev_get_queue(b), QUEUE_FLAG_FUA)

/* ---- plugs: a task gathers what it submits, then sends it in one go ---- */

struct blk_plug {
	struct request *mq_list;      /* newest first, linked by rq_next */
	unsigned short rq_count;
	bool multiple_queues;
	bool has_elevator;
};

#define BLK_MAX_REQUEST_COUNT 32
#define BLK_PLUG_FLUSH_SIZE (128 * 1024)

void blk_start_plug(struct blk_plug *plug);   /* nests: inner ones do nothing */
void blk_finish_plug(struct blk_plug *plug);
void blk_flush_plug(struct blk_plug *plug, bool from_schedule);

/* ---- whole operations; may sleep; 0 or -errno ---- */

#define BLKDEV_ZERO_NOUNMAP (1 << 0)  /* keep the blocks allocated */
#define BLKDEV_ZERO_NOFALLBACK (1 << 1)

int blkdev_issue_flush(struct block_device *bdev);
int blkdev_issue_discard(struct block_device *bdev, sector_t sector,
			 sector_t nr_sects, gfp_t gfp);
int __blkdev_issue_discard(struct block_device *bdev, sector_t sector,
			   sector_t nr_sects, gfp_t gfp, struct bio **biop);
int blkdev_issue_zeroout(struct block_device *bdev, sector_t sector,
			 sector_t nr_sects, gfp_t gfp, unsigned int flags);

/* ---- opening (fs/bdev.c); all may sleep ---- */

#ifndef FMODE_EXCL
#define FMODE_EXCL 0x80u
#define FMODE_NDELAY 0x40u
#endif

struct block_device *blkdev_get_by_path(const char *path, fmode_t mode,
					void *holder);
struct block_device *blkdev_get_by_dev(dev_t dev, fmode_t mode, void *holder);
void blkdev_put(struct block_device *bdev, fmode_t mode);
int lookup_bdev(const char *path, dev_t *dev);
struct block_device *I_BDEV(struct inode *inode);
int bd_prepare_to_claim(struct block_device *bdev, void *holder);
void bd_abort_claiming(struct block_device *bdev, void *holder);
int sync_blockdev(struct block_device *bdev);
int sync_blockdev_nowait(struct block_device *bdev);
int sync_blockdev_range(struct block_device *bdev, loff_t start, loff_t end);
int fsync_bdev(struct block_device *bdev);
void invalidate_bdev(struct block_device *bdev);
/* Sync and drop every cached page of the range. */
int truncate_bdev_range(struct block_device *bdev, fmode_t mode, loff_t start,
			loff_t end);
int set_blocksize(struct block_device *bdev, int size);
int sb_set_blocksize(struct super_block *sb, int size); /* size, or 0 */
int sb_min_blocksize(struct super_block *sb, int size);
void sync_bdevs(bool wait);
struct dentry *mount_bdev(struct file_system_type *type, int flags,
			  const char *dev_name, void *data,
			  int (*fill)(struct super_block *, void *, int));
void kill_block_super(struct super_block *sb);

#endif
