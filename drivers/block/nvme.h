/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_NVME_H
#define DRIVERS_BLOCK_NVME_H
/*
 * nvme.h -- registers, commands and rings of NVM Express controllers
 *
 * Numbers: NVM Express base specification 1.4.  Theory: nvme.c (controller),
 * nvme-disk.c (requests, disks), nvme-queue.c (rings).
 */

#include <arch/io.h>
#include <drivers/blk-mq.h>
#include <drivers/pci.h>
#include <kernel/byteorder.h>
#include <kernel/completion.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>
#include <kernel/workqueue.h>

/* Registers of BAR 0 (3.1). */
#define NVME_CAP 0x00
#define NVME_VS 0x08
#define NVME_CC 0x14
#define NVME_CSTS 0x1c
#define NVME_AQA 0x24
#define NVME_ASQ 0x28
#define NVME_ACQ 0x30
#define NVME_DOORBELLS 0x1000

#define NVME_CAP_MQES(cap) ((u32)((cap) & 0xffff) + 1)  /* entries a queue */
#define NVME_CAP_TIMEOUT(cap) ((u32)((cap) >> 24 & 0xff)) /* of 500 ms */
#define NVME_CAP_STRIDE(cap) ((u32)((cap) >> 32 & 0xf))
#define NVME_CAP_MPSMIN(cap) ((u32)((cap) >> 48 & 0xf)) /* 4 KiB << it */
#define NVME_CC_ENABLE (1u << 0)
#define NVME_CC_SHN_NORMAL (1u << 14)
#define NVME_CC_IOSQES (6u << 16)       /* entries of 64 bytes */
#define NVME_CC_IOCQES (4u << 20)       /* and of 16 */
#define NVME_CSTS_READY (1u << 0)
#define NVME_CSTS_FATAL (1u << 1)
#define NVME_CSTS_SHST_DONE (2u << 2)
#define NVME_CSTS_SHST_MASK (3u << 2)

enum nvme_admin_op {
	NVME_ADMIN_CREATE_SQ = 0x01, NVME_ADMIN_CREATE_CQ = 0x05,
	NVME_ADMIN_IDENTIFY = 0x06, NVME_ADMIN_SET_FEATURES = 0x09,
};

enum nvme_op {
	NVME_FLUSH = 0x00, NVME_WRITE = 0x01, NVME_READ = 0x02,
	NVME_WRITE_ZEROES = 0x08, NVME_DSM = 0x09,
};

#define NVME_IDENTIFY_NAMESPACE 0
#define NVME_IDENTIFY_CONTROLLER 1
#define NVME_FEAT_NUM_QUEUES 7
#define NVME_RW_FUA (1u << 30)          /* dword 12 */
#define NVME_ZEROES_DEALLOCATE (1u << 25)
#define NVME_DSM_DEALLOCATE (1u << 2)   /* dword 11 */
#define NVME_ONCS_DSM (1u << 2)
#define NVME_ONCS_WRITE_ZEROES (1u << 3)

/* What the status field means, without phase and retry bits (4.6.1). */
#define NVME_SC(status) ((status) >> 1 & 0x7ff)
#define NVME_SC_INVALID_OPCODE 0x001
#define NVME_SC_LBA_RANGE 0x080
#define NVME_SC_WRITE_FAULT 0x280
#define NVME_SC_READ_ERROR 0x281

struct nvme_command {
	u8 opcode, flags;
	__le16 cid;
	__le32 nsid;
	__le32 cdw2, cdw3;
	__le64 metadata;
	__le64 prp1, prp2;
	__le32 cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
};

static_assert(sizeof(struct nvme_command) == 64, "NVMe 4.2");

struct nvme_completion {
	__le32 result;
	__le32 reserved;
	__le16 sq_head, sq_id;
	__le16 cid;
	__le16 status;                /* bit 0: phase */
};

static_assert(sizeof(struct nvme_completion) == 16, "NVMe 4.6");

struct nvme_dsm_range {
	__le32 attributes;
	__le32 blocks;
	__le64 lba;
};

#define NVME_MAX_SECTORS 256u         /* 128 KiB: 33 pages, one not in a list */
#define NVME_LIST_ENTRIES 32
#define NVME_LIST_BYTES (NVME_LIST_ENTRIES * 8)
#define NVME_DEPTH 128
#define NVME_ADMIN_DEPTH 8

struct nvme_dev;

/*
 * A submission ring and its completion ring.
 * Field keys:  [c] constant while in use   [L] .lock, irqs off
 */
struct nvme_queue {
	spinlock_t lock;
	struct nvme_dev *dev;         /* [c] */
	struct nvme_command *sq;      /* [c] entries: [L] */
	struct nvme_completion *cq;   /* [c] */
	dma_addr_t sq_dma, cq_dma;    /* [c] */
	u32 __iomem *doorbell;        /* [c] of the submission ring */
	u32 __iomem *cq_doorbell;     /* [c] */
	u16 id;                       /* [c] 0: admin */
	u16 depth;                    /* [c] entries of each ring */
	u16 sq_tail, cq_head;         /* [L] */
	u8 phase;                     /* [L] of new completions */
	bool live;                    /* [L] the controller knows it */
	bool has_irq;                 /* [c] */
	struct blk_mq_tags *tags;     /* [c] whose requests; NULL: admin */
	char name[16];
} __aligned(64);

/* Lies behind each struct request. */
struct nvme_req {
	__le64 *list;                 /* PRP list, NVME_LIST_BYTES, aligned so */
	struct nvme_dsm_range range;
	u16 status;                   /* as the controller said */
};

/*
 * A controller.  Field keys:  [c] constant   [A] .admin_mutex
 * [w] .work_lock   [q] set while all its disks are quiesced
 */
struct nvme_dev {
	struct pci_dev *pdev;         /* [c] */
	u8 __iomem *bar;              /* [c] */
	u64 cap;                      /* [c] */
	int index;                    /* [c] nvme0 */
	unsigned int stride;          /* [c] bytes between doorbells */
	unsigned int nr_io;           /* [c] I/O queues */
	unsigned int nr_vectors;      /* [c] */
	u32 max_sectors;              /* [c] of 512 bytes, in one command */
	u16 oncs;                     /* [c] */
	bool write_cache;             /* [c] */
	bool dead;                    /* [q] */
	struct nvme_queue *queues;    /* [c] 0: admin, then nr_io */
	struct blk_mq_tag_set tag_set;
	struct list_head namespaces;  /* [w] */
	struct mutex admin_mutex;
	struct completion admin_done; /* [A] */
	struct nvme_completion admin_answer; /* [A] */
	struct mutex work_lock;       /* reset and removal, one at a time */
	struct work_struct reset_work;
	bool removed;                 /* [w] */
	int users;                    /* the device and its disks; ns_lock */
	char serial[21], model[41], firmware[9]; /* [c] */
};

struct nvme_ns {
	struct nvme_dev *dev;
	struct gendisk *disk;
	u32 nsid;
	u8 lba_shift;
	struct list_head link;        /* dev->namespaces */
};

/* ---- nvme.c ---- */

/* A disk, or the device itself, uses dev; the last put frees it. */
void nvme_get(struct nvme_dev *dev);
void nvme_put(struct nvme_dev *dev);

/* ---- nvme-disk.c ---- */

int nvme_disk_init(void);
/* The queues' tags, for all disks; 0 or -ENOMEM; may sleep. */
int nvme_setup_tags(struct nvme_dev *dev);
/* From the identify page of a namespace; 0 also if there is none to add. */
int nvme_add_disk(struct nvme_dev *dev, u32 nsid, const u8 *id);

/* ---- nvme-queue.c ---- */

/* 0 or -ENOMEM; may sleep. */
int nvme_queue_alloc(struct nvme_dev *dev, u16 id, u16 depth);
void nvme_queue_free(struct nvme_queue *q);
/* Empty rings, as a controller that was just reset expects them. */
void nvme_queue_reset(struct nvme_queue *q);
/* Put a command into the ring, and ring the bell unless more follow. */
int nvme_submit(struct nvme_queue *q, const struct nvme_command *c, bool last);
void nvme_ring(struct nvme_queue *q);
/* Take what the controller has answered; true: there was something. */
bool nvme_poll(struct nvme_queue *q);
/*
 * One admin command, answered or given up after `ms`; may sleep.  0, -EIO (it
 * said no), -ETIMEDOUT, -ENODEV.  *result: dword 0 of the answer, or NULL.
 */
int nvme_admin(struct nvme_dev *dev, struct nvme_command *c, u32 *result,
	       unsigned int ms);
/*
 * Where the data of a request lie: PRP 1, 2 and the list (4.3).  The segments
 * come from `sg`, nents of them; false: they cannot be said that way.
 */
bool nvme_map_prps(struct nvme_command *c, __le64 *list, struct scatterlist *sg,
		   int nents);

#endif
