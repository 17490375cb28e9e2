/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_ELEVATOR_H
#define DRIVERS_ELEVATOR_H
/*
 * elevator.h -- I/O schedulers: which waiting request goes to the disk next
 *
 * Theory: drivers/block/elevator.c; mq-deadline.c, cfq-iosched.c.
 */

#include <drivers/blk-mq.h>
#include <kernel/hashtable.h>

#define ELV_NAME_MAX 16
#define ELV_HASH_BITS 6

enum elv_merge {
	ELEVATOR_NO_MERGE,
	ELEVATOR_FRONT_MERGE,
	ELEVATOR_BACK_MERGE,
	ELEVATOR_DISCARD_MERGE,
};

struct elevator_type;

/* One attribute below queue/iosched/. */
struct elv_fs_entry {
	struct attribute attr;
	const char *name;
	ssize_t (*show)(struct elevator_queue *e, char *page);
	ssize_t (*store)(struct elevator_queue *e, const char *page, size_t n);
};
#define ELV_ATTR(_name, _show, _store) {				\
	.attr = { .name = #_name, .mode = 0644 }, .name = #_name,	\
	.show = (_show), .store = (_store) }

struct elevator_mq_ops {
	int (*init_sched)(struct request_queue *q, struct elevator_queue *eq);
	void (*exit_sched)(struct elevator_queue *eq);
	/* All below: any context that does not sleep; they lock themselves. */
	bool (*allow_merge)(struct request_queue *q, struct request *rq,
			    struct bio *bio);
	bool (*bio_merge)(struct request_queue *q, struct bio *bio,
			  unsigned int nr_segs);
	int (*request_merge)(struct request_queue *q, struct request **rq,
			     struct bio *bio);
	void (*request_merged)(struct request_queue *q, struct request *rq,
			       enum elv_merge type);
	void (*requests_merged)(struct request_queue *q, struct request *rq,
				struct request *next);
	/* How many tags asynchronous requests may take; 0: all. */
	unsigned int (*limit_depth)(struct request_queue *q, blk_opf_t opf);
	void (*prepare_request)(struct request *rq, struct bio *bio);
	void (*finish_request)(struct request *rq);
	void (*insert_requests)(struct blk_mq_hw_ctx *hctx,
				struct list_head *list, bool at_head);
	struct request *(*dispatch_request)(struct blk_mq_hw_ctx *hctx);
	bool (*has_work)(struct blk_mq_hw_ctx *hctx);
	void (*completed_request)(struct request *rq, u64 now);
	void (*requeue_request)(struct request *rq);
	struct request *(*former_request)(struct request_queue *q,
					  struct request *rq);
	struct request *(*next_request)(struct request_queue *q,
					struct request *rq);
};

/* Constant while registered. */
struct elevator_type {
	struct elevator_mq_ops ops;
	const struct elv_fs_entry *elevator_attrs; /* ends with a NULL name */
	const char *elevator_name;    /* what sysfs shows */
	const char *elevator_alias;   /* what it accepts too; or NULL */
	struct list_head list;
};

/* A scheduler at work on one queue. */
struct elevator_queue {
	const struct elevator_type *type;
	void *elevator_data;
	struct kobject *kobj;
	/* Requests by end sector, for back merges: the elevator's own lock. */
	DECLARE_HASHTABLE(hash, ELV_HASH_BITS);
};

int elv_register(struct elevator_type *e);
/* "none", a name or an alias; may sleep.  -EINVAL: there is no such. */
int elevator_switch_name(struct request_queue *q, const char *name);
/* "none [deadline] cfq\n" */
ssize_t elv_iosched_show(struct request_queue *q, char *page);
ssize_t elv_iosched_store(struct request_queue *q, const char *page,
			  size_t count);

/* For schedulers, under their own lock. */
void elv_rqhash_add(struct request_queue *q, struct request *rq);
void elv_rqhash_del(struct request_queue *q, struct request *rq);
struct request *elv_rqhash_find(struct request_queue *q, sector_t end);
void elv_rqhash_reposition(struct request_queue *q, struct request *rq);
void elv_rb_add(struct rb_root *root, struct request *rq);
void elv_rb_del(struct rb_root *root, struct request *rq);
struct request *elv_rb_find(struct rb_root *root, sector_t sector);
/* The neighbour in the tree; NULL. */
struct request *elv_rb_latter_request(struct request *rq);
struct request *elv_rb_former_request(struct request *rq);
/* Where a bio fits: the usual search, back by hash, front by `root`. */
enum elv_merge elv_merge(struct request_queue *q, struct request **rq,
			 struct bio *bio);
bool elv_bio_merge_ok(struct request *rq, struct bio *bio);

#endif
