/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_AHCI_H
#define DRIVERS_BLOCK_AHCI_H
/*
 * ahci.h -- registers and tables of SATA controllers, commands of ATA disks
 *
 * Numbers: AHCI 1.3.1, ACS-3, MMC.  Theory: ahci.c (controller), ahci-port.c
 * (ports), ahci-disk.c (disks), ahci-cmd.c (commands).
 */

#include <arch/io.h>
#include <drivers/blk-mq.h>
#include <drivers/pci.h>
#include <kernel/byteorder.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>
#include <kernel/workqueue.h>

#define AHCI_BAR 5
#define AHCI_MAX_PORTS 32
#define AHCI_SLOTS 32

/* The controller (3.1). */
#define HOST_CAP 0x00
#define HOST_GHC 0x04
#define HOST_IS 0x08
#define HOST_PI 0x0c
#define HOST_CAP_SLOTS(cap) (((cap) >> 8 & 0x1f) + 1)
#define HOST_CAP_NCQ (1u << 30)
#define HOST_CAP_64 (1u << 31)
#define HOST_GHC_RESET (1u << 0)
#define HOST_GHC_IRQ (1u << 1)
#define HOST_GHC_AHCI (1u << 31)

/* One port, from 0x100 on (3.3). */
#define PORT_BASE(n) (0x100 + 0x80 * (n))
#define PORT_CLB 0x00
#define PORT_CLBU 0x04
#define PORT_FB 0x08
#define PORT_FBU 0x0c
#define PORT_IS 0x10
#define PORT_IE 0x14
#define PORT_CMD 0x18
#define PORT_TFD 0x20
#define PORT_SIG 0x24
#define PORT_SSTS 0x28
#define PORT_SCTL 0x2c
#define PORT_SERR 0x30
#define PORT_SACT 0x34                /* NCQ: the device has not done it */
#define PORT_CI 0x38

#define PORT_CMD_START (1u << 0)
#define PORT_CMD_SPIN_UP (1u << 1)
#define PORT_CMD_POWER (1u << 2)
#define PORT_CMD_FIS (1u << 4)
#define PORT_CMD_FIS_ON (1u << 14)
#define PORT_CMD_LIST_ON (1u << 15)
#define PORT_CMD_SLOT(cmd) ((cmd) >> 8 & 0x1f)   /* CCS: being worked on */
#define PORT_TFD_ERR 0x01
#define PORT_TFD_BUSY 0x88                      /* BSY, DRQ */
#define PORT_IS_DONE 0x0000000fu                /* DHRS, PSS, DSS, SDBS */
#define PORT_IS_GONE (1u << 22)                 /* PhyRdy changed */
#define PORT_IS_TASK_FILE (1u << 30)            /* the device said: error */
#define PORT_IS_FATAL 0x3d000000u               /* bus and interface errors */
#define PORT_SSTS_DET(s) ((s) & 0xf)
#define PORT_SSTS_PRESENT 3
#define PORT_SIG_ATA 0x00000101
#define PORT_SIG_ATAPI 0xeb140101

enum ata_command {
	ATA_DATA_SET_MANAGEMENT = 0x06, ATA_READ_DMA_EXT = 0x25,
	ATA_READ_LOG_EXT = 0x2f, ATA_WRITE_DMA_EXT = 0x35,
	ATA_WRITE_DMA_FUA_EXT = 0x3d, ATA_READ_FPDMA = 0x60,
	ATA_WRITE_FPDMA = 0x61,
	ATA_PACKET = 0xa0, ATA_IDENTIFY_PACKET = 0xa1,
	ATA_FLUSH_EXT = 0xea, ATA_IDENTIFY = 0xec,
};

#define ATA_DSM_TRIM 1
#define ATA_LOG_NCQ_ERROR 0x10        /* which queued command failed */
#define ATA_PACKET_DMA 1
#define SCSI_READ_CAPACITY 0x25
#define SCSI_READ_10 0x28
#define CDB_LEN 12

/* From the host: a command and its registers (SATA, 10.3.4). */
struct ahci_fis {
	u8 type, flags;               /* 0x27; 0x80: it is a command */
	u8 command, features;
	u8 lba0, lba1, lba2, device;
	u8 lba3, lba4, lba5, features_exp;
	u8 count, count_exp, icc, control;
	u8 reserved[4];
};

static_assert(sizeof(struct ahci_fis) == 20, "SATA 10.3.4");

#define AHCI_FIS_H2D 0x27
#define AHCI_FIS_COMMAND 0x80

/* One entry of the command list (4.2.2). */
struct ahci_header {
	__le16 options;               /* words of the FIS, AHCI_HDR_* */
	__le16 prdtl;                 /* entries in the table */
	__le32 prdbc;                 /* bytes moved */
	__le64 table;
	__le32 reserved[4];
};

static_assert(sizeof(struct ahci_header) == 32, "AHCI 4.2.2");

#define AHCI_HDR_ATAPI (1u << 5)
#define AHCI_HDR_WRITE (1u << 6)

struct ahci_prd {
	__le64 address;
	__le32 reserved;
	__le32 bytes;                 /* minus one; even in number */
};

#define AHCI_MAX_PRDS 56
#define AHCI_PRD_BYTES (4u << 20)

/* What one command is, in full: 1 KiB (4.2.3). */
struct ahci_table {
	struct ahci_fis fis;
	u8 fis_rest[64 - sizeof(struct ahci_fis)];
	u8 cdb[16];
	u8 reserved[48];
	struct ahci_prd prd[AHCI_MAX_PRDS];
};

static_assert(sizeof(struct ahci_table) == 1024, "AHCI 4.2.3");

struct ahci_host;

/*
 * A port and the disk or drive on it.
 * Field keys:  [c] constant once its disk is there   [L] .lock, irqs off
 *              [w] .work_lock
 */
struct ahci_port {
	struct ahci_host *host;       /* [c] */
	u8 __iomem *regs;             /* [c] */
	unsigned int nr;              /* [c] */
	struct ahci_header *list;     /* [c] AHCI_SLOTS */
	struct ahci_table *tables;    /* [c] one a slot */
	u8 *fis;                      /* [c] where the device's answers land */
	dma_addr_t list_dma, tables_dma, fis_dma; /* [c] */
	bool atapi;                   /* [c] */
	u8 block_shift;               /* [c] */
	u64 blocks;                   /* [c] */
	bool write_cache, fua, trim, rotates; /* [c] */
	u8 queue_depth;               /* [c] queued commands; 0: cannot queue */
	u8 phys_exp;                  /* [c] log2 of blocks in a physical one */
	char serial[21], model[41], firmware[9]; /* [c] */
	spinlock_t lock;
	u32 active;                   /* [L] slots given to the device */
	u32 queued;                   /* [L] of them, queued ones */
	u32 failed;                   /* [L] of them, those it refused */
	bool want_alone;              /* [L] an unqueued one waits its turn */
	bool queue_failed;            /* [L] a queued one was refused: which? */
	unsigned int careful;         /* [L] so many are sent alone */
	bool stopped;                 /* [L] recovery owns the slots */
	bool reset_wanted;            /* [L] recovery is to reset the link */
	bool dead;                    /* [w] set while quiesced */
	bool removed;                 /* [w] */
	int index;                    /* [c] 0: sda, or sr0 */
	struct blk_mq_tag_set tag_set;
	struct gendisk *disk;
	struct mutex work_lock;
	struct work_struct recover_work;
	int users;                    /* the port and its disk; ahci.c */
};

struct ahci_host {
	struct pci_dev *pdev;
	u8 __iomem *bar;
	unsigned int nr_slots;
	bool ncq;
	bool has_irq;
	struct ahci_port *ports[AHCI_MAX_PORTS];
};

#define SD_MAJOR 8
#define SR_MAJOR 11

static inline u32 ahci_read(const struct ahci_port *p, unsigned int reg)
{
	return readl(p->regs + reg);
}

static inline void ahci_write(const struct ahci_port *p, unsigned int reg, u32 v)
{
	writel(v, p->regs + reg);
}

/* ---- ahci-disk.c: may sleep ---- */

extern const struct attribute_group *ahci_groups[];
struct ida *ahci_index_of(const struct ahci_port *p);
/* The disk of a port that has said what it is; device_add_disk() is next. */
int ahci_make_disk(struct ahci_port *p);
void ahci_port_put(struct ahci_port *p);

/* ---- ahci-port.c: may sleep, but for the interrupt ---- */

extern const struct blk_mq_ops ahci_mq_ops;
irqreturn_t ahci_irq(int irq, void *data);
void ahci_recover_work(struct work_struct *work);
/* Until the bits of mask are as `want`: 0, -ENODEV (gone), -ETIMEDOUT. */
int ahci_wait(u8 __iomem *reg, u32 mask, u32 want, unsigned int ms);
int ahci_port_stop(struct ahci_port *p);
void ahci_port_receive(struct ahci_port *p);
/* A device is there and ready for commands: 0; -ENODEV, -ETIMEDOUT. */
int ahci_port_start(struct ahci_port *p);
/* All that is out ends, or is to be sent again; quiesced, port stopped. */
void ahci_hand_back(struct ahci_port *p);

/* One command into a buffer, alone, polled.  0, -EIO, -ETIMEDOUT, -ENODEV. */
int ahci_internal(struct ahci_port *p, u8 command, const u8 *cdb,
		  dma_addr_t buf, u32 len);

/* ---- ahci-cmd.c: any context ---- */

/* Is it one that may be out together with others? */
static inline bool ahci_can_queue(const struct ahci_port *p,
				  struct request *rq)
{
	return p->queue_depth && (req_op(rq) == REQ_OP_READ ||
				  req_op(rq) == REQ_OP_WRITE);
}

/* Fill a slot's table and header; false: this cannot be said to the device. */
bool ahci_fill_request(struct ahci_port *p, unsigned int slot,
		       struct request *rq, bool queued);
/* A command without sectors, with a buffer of its own to read into. */
void ahci_fill_internal(struct ahci_port *p, unsigned int slot, u8 command,
			const u8 *cdb, dma_addr_t buf, u32 len);
/* What IDENTIFY said: 0, or -EINVAL for a disk that cannot be used. */
int ahci_parse_identify(struct ahci_port *p, const __le16 id[256]);
/* The slot that log page 10h names, or -EINVAL: it names none. */
int ahci_parse_ncq_log(const u8 log[512]);
/* What READ CAPACITY said: 0 or -EINVAL. */
int ahci_parse_capacity(struct ahci_port *p, const u8 answer[8]);

#endif
