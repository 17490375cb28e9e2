/* SPDX-License-Identifier: MIT */
/*
 * blk-sysfs.c -- /sys/block/X/queue: what programs see and set of a queue
 *
 * lsblk, iostat, fio and udev read these; the scheduler, nr_requests, nomerges,
 * read_ahead_kb, max_sectors_kb, rotational and write_cache can be set.  A
 * value that changes how requests are made is set with the queue frozen.
 */

#include "blk.h"
#include "genhd.h"

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/backing-dev.h>
#include <mm/slab.h>

struct queue_attr {
	struct attribute attr;
	ssize_t (*show)(struct request_queue *q, char *page);
	ssize_t (*store)(struct request_queue *q, const char *page, size_t n);
};

/* A queue's directory, and those of its scheduler and hardware queues. */
struct queue_dir {
	struct kobject kobj;
	struct request_queue *q;      /* held */
	struct blk_mq_hw_ctx *hctx;   /* for mq/N */
};

static struct kobject *block_depr;    /* /sys/block */

#define to_dir(k) container_of(k, struct queue_dir, kobj)

/* ---- values ---- */

#define SHOW(name, fmt, expr)						\
static ssize_t name##_show(struct request_queue *q, char *page)	\
{									\
	return sysfs_emit(page, fmt "\n", expr);			\
}

SHOW(nr_requests, "%u", q->nr_requests)
SHOW(logical_block_size, "%u", queue_logical_block_size(q))
SHOW(hw_sector_size, "%u", queue_logical_block_size(q))
SHOW(physical_block_size, "%u", queue_physical_block_size(q))
SHOW(minimum_io_size, "%u", queue_io_min(q))
SHOW(optimal_io_size, "%u", queue_io_opt(q))
SHOW(max_hw_sectors_kb, "%u", queue_max_hw_sectors(q) >> 1)
SHOW(max_sectors_kb, "%u", queue_max_sectors(q) >> 1)
SHOW(max_segments, "%u", (unsigned)queue_max_segments(q))
SHOW(max_segment_size, "%u", q->limits.max_segment_size)
SHOW(max_discard_segments, "%u", (unsigned)q->limits.max_discard_segments)
SHOW(discard_granularity, "%u", q->limits.discard_granularity)
SHOW(discard_max_bytes, "%lu", (u64)q->limits.max_discard_sectors << 9)
SHOW(discard_max_hw_bytes, "%lu", (u64)q->limits.max_hw_discard_sectors << 9)
SHOW(discard_zeroes_data, "%d", 0)
SHOW(write_zeroes_max_bytes, "%lu",
     (u64)q->limits.max_write_zeroes_sectors << 9)
SHOW(write_same_max_bytes, "%d", 0)
SHOW(chunk_sectors, "%d", 0)
SHOW(zoned, "%s", "none")
SHOW(nr_zones, "%d", 0)
SHOW(dax, "%d", 0)
SHOW(io_poll, "%d", 0)
SHOW(virt_boundary_mask, "%lu", q->limits.virt_boundary_mask)
SHOW(rotational, "%d", !blk_queue_nonrot(q))
SHOW(iostats, "%d", !!blk_queue_io_stat(q))
SHOW(add_random, "%d", !!blk_queue_flag(q, QUEUE_FLAG_ADD_RANDOM))
SHOW(stable_writes, "%d", !!blk_queue_stable_writes(q))
SHOW(nomerges, "%d", blk_queue_nomerges(q) ? 2 : blk_queue_noxmerges(q))
SHOW(rq_affinity, "%d", !!blk_queue_flag(q, QUEUE_FLAG_SAME_COMP))
SHOW(fua, "%d", !!blk_queue_flag(q, QUEUE_FLAG_FUA))
SHOW(write_cache, "%s", blk_queue_flag(q, QUEUE_FLAG_WC) ? "write back"
							 : "write through")
SHOW(io_timeout, "%u", jiffies_to_msecs(q->rq_timeout))
SHOW(read_ahead_kb, "%lu", q->disk->bdi->ra_pages << (PAGE_SHIFT - 10))

static ssize_t number_store(const char *page, size_t n, unsigned long *v)
{
	int err = kstrtoul(page, 10, v);

	if (err || *v > UINT_MAX)
		return -EINVAL;
	return n;
}

static ssize_t nr_requests_store(struct request_queue *q, const char *page,
				 size_t n)
{
	unsigned long v;
	ssize_t ret = number_store(page, n, &v);
	int err;

	if (ret < 0)
		return ret;
	if (!q->mq_ops)
		return -EINVAL;
	mutex_lock(&q->sysfs_lock);
	/* A smaller number is raised to Linux's least, 4. */
	err = blk_mq_update_nr_requests(q, v < 4 ? 4 : v);
	mutex_unlock(&q->sysfs_lock);
	return err ? err : ret;
}

static ssize_t max_sectors_kb_store(struct request_queue *q, const char *page,
				    size_t n)
{
	unsigned long kb;
	ssize_t ret = number_store(page, n, &kb);

	if (ret < 0)
		return ret;
	if (kb > queue_max_hw_sectors(q) >> 1 || kb < PAGE_SIZE / 1024)
		return -EINVAL;
	blk_mq_freeze_queue(q);
	q->limits.max_sectors = round_down(kb << 1,
		queue_logical_block_size(q) >> SECTOR_SHIFT);
	q->disk->bdi->io_pages = kb >> (PAGE_SHIFT - 10);
	blk_mq_unfreeze_queue(q);
	return ret;
}

static ssize_t read_ahead_kb_store(struct request_queue *q, const char *page,
				   size_t n)
{
	unsigned long kb;
	ssize_t ret = number_store(page, n, &kb);

	if (ret >= 0)
		q->disk->bdi->ra_pages = kb >> (PAGE_SHIFT - 10);
	return ret;
}

static ssize_t flag_store(struct request_queue *q, const char *page, size_t n,
			  int flag, bool negate)
{
	unsigned long v;
	ssize_t ret = number_store(page, n, &v);

	if (ret >= 0)
		assign_bit(flag, &q->queue_flags, !!v != negate);
	return ret;
}

static ssize_t rotational_store(struct request_queue *q, const char *p,
				size_t n)
{
	return flag_store(q, p, n, QUEUE_FLAG_NONROT, true);
}

static ssize_t iostats_store(struct request_queue *q, const char *p, size_t n)
{
	return flag_store(q, p, n, QUEUE_FLAG_IO_STAT, false);
}

static ssize_t add_random_store(struct request_queue *q, const char *p,
				size_t n)
{
	return flag_store(q, p, n, QUEUE_FLAG_ADD_RANDOM, false);
}

static ssize_t stable_writes_store(struct request_queue *q, const char *p,
				   size_t n)
{
	return flag_store(q, p, n, QUEUE_FLAG_STABLE_WRITES, false);
}

static ssize_t rq_affinity_store(struct request_queue *q, const char *p,
				 size_t n)
{
	return flag_store(q, p, n, QUEUE_FLAG_SAME_COMP, false);
}

static ssize_t nomerges_store(struct request_queue *q, const char *page,
			      size_t n)
{
	unsigned long v;
	ssize_t ret = number_store(page, n, &v);

	if (ret < 0)
		return ret;
	assign_bit(QUEUE_FLAG_NOMERGES, &q->queue_flags, v >= 2);
	assign_bit(QUEUE_FLAG_NOXMERGES, &q->queue_flags, v == 1);
	return ret;
}

static ssize_t write_cache_store(struct request_queue *q, const char *page,
				 size_t n)
{
	if (!strncmp(page, "write back", 10))
		set_bit(QUEUE_FLAG_WC, &q->queue_flags);
	else if (!strncmp(page, "write through", 13) ||
		 !strncmp(page, "none", 4))
		clear_bit(QUEUE_FLAG_WC, &q->queue_flags);
	else
		return -EINVAL;
	return n;
}

static ssize_t io_timeout_store(struct request_queue *q, const char *page,
				size_t n)
{
	unsigned long v;
	ssize_t ret = number_store(page, n, &v);

	if (ret < 0 || !v)
		return -EINVAL;
	q->rq_timeout = msecs_to_jiffies(v);
	return ret;
}

static ssize_t discard_max_bytes_store(struct request_queue *q,
				       const char *page, size_t n)
{
	unsigned long v;
	ssize_t ret = number_store(page, n, &v);

	if (ret < 0)
		return ret;
	v = min_t(unsigned long, v >> SECTOR_SHIFT,
		  q->limits.max_hw_discard_sectors);
	q->limits.max_discard_sectors = v;
	return ret;
}

#define RO(name) static struct queue_attr attr_##name = __ATTR_RO(name)
#define RW(name) static struct queue_attr attr_##name = __ATTR_RW(name)
RW(nr_requests); RO(logical_block_size); RO(hw_sector_size);
RO(physical_block_size); RO(minimum_io_size); RO(optimal_io_size);
RO(max_hw_sectors_kb); RW(max_sectors_kb); RO(max_segments);
RO(max_segment_size); RO(max_discard_segments); RO(discard_granularity);
RW(discard_max_bytes); RO(discard_max_hw_bytes); RO(discard_zeroes_data);
RO(write_zeroes_max_bytes); RO(write_same_max_bytes); RO(chunk_sectors);
RO(zoned); RO(nr_zones); RO(dax); RO(io_poll); RO(virt_boundary_mask);
RW(rotational); RW(iostats); RW(add_random); RW(stable_writes);
RW(nomerges); RW(rq_affinity); RO(fua); RW(write_cache); RW(io_timeout);
RW(read_ahead_kb);
static struct queue_attr attr_scheduler = {
	.attr = { .name = "scheduler", .mode = 0644 },
	.show = elv_iosched_show, .store = elv_iosched_store,
};

static struct attribute *queue_attrs[] = {
	&attr_nr_requests.attr, &attr_read_ahead_kb.attr,
	&attr_max_hw_sectors_kb.attr, &attr_max_sectors_kb.attr,
	&attr_max_segments.attr, &attr_max_segment_size.attr,
	&attr_max_discard_segments.attr, &attr_scheduler.attr,
	&attr_hw_sector_size.attr, &attr_logical_block_size.attr,
	&attr_physical_block_size.attr, &attr_chunk_sectors.attr,
	&attr_minimum_io_size.attr, &attr_optimal_io_size.attr,
	&attr_discard_granularity.attr, &attr_discard_max_bytes.attr,
	&attr_discard_max_hw_bytes.attr, &attr_discard_zeroes_data.attr,
	&attr_write_same_max_bytes.attr, &attr_write_zeroes_max_bytes.attr,
	&attr_rotational.attr, &attr_zoned.attr, &attr_nr_zones.attr,
	&attr_nomerges.attr, &attr_iostats.attr, &attr_stable_writes.attr,
	&attr_add_random.attr, &attr_rq_affinity.attr, &attr_io_poll.attr,
	&attr_write_cache.attr, &attr_fua.attr, &attr_dax.attr,
	&attr_io_timeout.attr, &attr_virt_boundary_mask.attr, NULL,
};
ATTRIBUTE_GROUPS(queue);

static ssize_t queue_attr_show(struct kobject *kobj, struct attribute *attr,
			       char *page)
{
	struct queue_attr *a = container_of(attr, struct queue_attr, attr);

	return a->show ? a->show(to_dir(kobj)->q, page) : -EIO;
}

static ssize_t queue_attr_store(struct kobject *kobj, struct attribute *attr,
				const char *page, size_t n)
{
	struct queue_attr *a = container_of(attr, struct queue_attr, attr);

	return a->store ? a->store(to_dir(kobj)->q, page, n) : -EIO;
}

static const struct sysfs_ops queue_sysfs_ops = {
	.show = queue_attr_show, .store = queue_attr_store,
};

static void dir_release(struct kobject *kobj)
{
	struct queue_dir *d = to_dir(kobj);

	blk_put_queue(d->q);
	kfree(d);
}

static const struct kobj_type queue_ktype = {
	.release = dir_release, .sysfs_ops = &queue_sysfs_ops,
	.default_groups = queue_groups,
};

/* ---- mq/N: hardware queues ---- */

static ssize_t hctx_tags_show(struct kobject *kobj, struct kobj_attribute *a,
			      char *page)
{
	(void)a;
	return sysfs_emit(page, "%u\n", to_dir(kobj)->hctx->tags->nr_tags);
}

static ssize_t hctx_cpus_show(struct kobject *kobj, struct kobj_attribute *a,
			      char *page)
{
	struct blk_mq_hw_ctx *hctx = to_dir(kobj)->hctx;
	unsigned int cpu;
	int n = 0;

	(void)a;
	for_each_cpu(cpu, &hctx->cpumask)
		n += sysfs_emit_at(page, n, n ? ", %u" : "%u", cpu);
	return n + sysfs_emit_at(page, n, "\n");
}

static ssize_t hctx_disp_show(struct kobject *kobj, struct kobj_attribute *a,
			      char *page)
{
	(void)a;
	return sysfs_emit(page, "%lu\n", to_dir(kobj)->hctx->dispatched);
}

/* Requests that each CPU's software queue has ended. */
static ssize_t hctx_done_show(struct kobject *kobj, struct kobj_attribute *a,
			      char *page)
{
	struct blk_mq_ctx *ctx;
	unsigned int i;
	int n = 0;

	(void)a;
	hctx_for_each_ctx(to_dir(kobj)->hctx, ctx, i)
		n += sysfs_emit_at(page, n, "%u %lu\n", ctx->cpu,
				   ctx->rq_completed[0] +
				   ctx->rq_completed[1]);
	return n;
}

static struct kobj_attribute attr_tags =
	__ATTR(nr_tags, 0444, hctx_tags_show, NULL);
static struct kobj_attribute attr_cpus =
	__ATTR(cpu_list, 0444, hctx_cpus_show, NULL);
static struct kobj_attribute attr_disp =
	__ATTR(dispatched, 0444, hctx_disp_show, NULL);
static struct kobj_attribute attr_done =
	__ATTR(completed, 0444, hctx_done_show, NULL);
static struct attribute *hctx_attrs[] = {
	&attr_tags.attr, &attr_cpus.attr, &attr_disp.attr, &attr_done.attr,
	NULL,
};
ATTRIBUTE_GROUPS(hctx);

static const struct kobj_type hctx_ktype = {
	.release = dir_release, .sysfs_ops = &kobj_sysfs_ops,
	.default_groups = hctx_groups,
};

/* ---- iosched/: the scheduler's own ---- */

static const struct elv_fs_entry *find_entry(struct request_queue *q,
					     const char *name)
{
	const struct elv_fs_entry *e;

	if (!q->elevator || !q->elevator->type->elevator_attrs)
		return NULL;
	for (e = q->elevator->type->elevator_attrs; e->name; e++)
		if (!strcmp(e->name, name))
			return e;
	return NULL;
}

static ssize_t elv_attr_show(struct kobject *kobj, struct attribute *attr,
			     char *page)
{
	struct request_queue *q = to_dir(kobj)->q;
	const struct elv_fs_entry *e;
	ssize_t n = -ENOENT;

	mutex_lock(&q->sysfs_lock);
	e = find_entry(q, attr->name);
	if (e)
		n = e->show(q->elevator, page);
	mutex_unlock(&q->sysfs_lock);
	return n;
}

static ssize_t elv_attr_store(struct kobject *kobj, struct attribute *attr,
			      const char *page, size_t n)
{
	struct request_queue *q = to_dir(kobj)->q;
	const struct elv_fs_entry *e;
	ssize_t ret = -ENOENT;

	mutex_lock(&q->sysfs_lock);
	e = find_entry(q, attr->name);
	if (e)
		ret = e->store(q->elevator, page, n);
	mutex_unlock(&q->sysfs_lock);
	return ret;
}

static const struct sysfs_ops elv_sysfs_ops = {
	.show = elv_attr_show, .store = elv_attr_store,
};
static const struct kobj_type elv_ktype = {
	.release = dir_release, .sysfs_ops = &elv_sysfs_ops,
};

/* ---- making and removing ---- */

static struct kobject *add_dir(struct request_queue *q,
			       struct blk_mq_hw_ctx *hctx,
			       const struct kobj_type *type,
			       struct kobject *parent, const char *name)
{
	struct queue_dir *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return NULL;
	if (!blk_get_queue(q)) {
		kfree(d);
		return NULL;
	}
	d->q = q;
	d->hctx = hctx;
	if (!kobject_init_and_add(&d->kobj, type, parent, "%s", name))
		return &d->kobj;
	kobject_put(&d->kobj);
	return NULL;
}

static void remove_dir(struct kobject **kobj)
{
	if (!*kobj)
		return;
	kobject_del(*kobj);
	kobject_put(*kobj);
	*kobj = NULL;
}

/* The running scheduler's directory comes and goes with it. */
void elv_register_dir(struct request_queue *q)
{
	struct elevator_queue *eq = q->elevator;
	const struct elv_fs_entry *e;

	if (!q->kobj || !eq)
		return;
	eq->kobj = add_dir(q, NULL, &elv_ktype, q->kobj, "iosched");
	if (!eq->kobj || !eq->type->elevator_attrs)
		return;
	for (e = eq->type->elevator_attrs; e->name; e++)
		if (sysfs_create_file(eq->kobj, &e->attr))
			pr_warn("%s: no iosched/%s\n", q->disk->disk_name,
				e->name);
}

void elv_unregister_dir(struct request_queue *q)
{
	if (q->elevator)
		remove_dir(&q->elevator->kobj);
}

static void add_mq_dirs(struct gendisk *disk)
{
	struct request_queue *q = disk->queue;
	struct blk_mq_hw_ctx *hctx;
	unsigned int i;
	char name[12];

	q->mq_kobj = kobject_create_and_add("mq", &disk_to_dev(disk)->kobj);
	if (!q->mq_kobj)
		return;
	queue_for_each_hw_ctx(q, hctx, i) {
		snprintf(name, sizeof(name), "%u", i);
		hctx->kobj = add_dir(q, hctx, &hctx_ktype, q->mq_kobj, name);
	}
}

int blk_register_queue(struct gendisk *disk)
{
	struct kobject *dev = &disk_to_dev(disk)->kobj;
	struct request_queue *q = disk->queue;
	int err;

	if (!block_depr)
		block_depr = kobject_create_and_add("block", NULL);
	err = sysfs_create_link(block_depr, dev, disk->disk_name);
	if (err)
		return err;
	q->kobj = add_dir(q, NULL, &queue_ktype, dev, "queue");
	if (q->mq_ops)
		add_mq_dirs(disk);
	mutex_lock(&q->sysfs_lock);
	elv_register_dir(q);
	mutex_unlock(&q->sysfs_lock);
	disk->part_kobj = kobject_create_and_add("holders", dev);
	disk->slave_dir = kobject_create_and_add("slaves", dev);
	set_bit(QUEUE_FLAG_REGISTERED, &q->queue_flags);
	return 0;
}

void blk_unregister_queue(struct gendisk *disk)
{
	struct request_queue *q = disk->queue;
	struct blk_mq_hw_ctx *hctx;
	unsigned int i;

	clear_bit(QUEUE_FLAG_REGISTERED, &q->queue_flags);
	remove_dir(&disk->slave_dir);
	remove_dir(&disk->part_kobj);
	mutex_lock(&q->sysfs_lock);
	elv_unregister_dir(q);
	mutex_unlock(&q->sysfs_lock);
	queue_for_each_hw_ctx(q, hctx, i)
		remove_dir(&hctx->kobj);
	remove_dir(&q->mq_kobj);
	remove_dir(&q->kobj);
	sysfs_remove_link(block_depr, disk->disk_name);
}

static int init_block_class(void)
{
	block_class.dev_kobj = sysfs_dev_block_kobj;
	return class_register(&block_class);
}
subsys_initcall(init_block_class);
