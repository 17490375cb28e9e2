/* SPDX-License-Identifier: MIT */
/*
 * ahci-cmd.c -- what is said to a SATA device, and what it says of itself
 *
 * A command is a frame of 20 bytes (FIS): an ATA command with its registers.
 * It lies in a table together with the list of where the data are (PRDs):
 *
 *	list[slot] -> table:  [ FIS | packet | PRD, PRD, ... ]
 *
 * CD drives are spoken to in SCSI: a packet of 12 bytes rides on ATA_PACKET.
 *
 * Pure: memory in, memory out; the registers are ahci.c's.
 *
 * SEE AHCI 1.3.1, 4.2; ACS-3, 7; docs/74-block-layer.md.
 */

#include "ahci.h"

#include <kernel/errno.h>
#include <kernel/math.h>
#include <kernel/string.h>
#include <mm/mm.h>

/* 512-byte disks only: a trim range has 16 bits of blocks, a page holds 512. */
#define TRIM_RANGE_BLOCKS 0xffff

static void set_lba(struct ahci_fis *f, u64 lba, u32 count)
{
	f->lba0 = lba;
	f->lba1 = lba >> 8;
	f->lba2 = lba >> 16;
	f->lba3 = lba >> 24;
	f->lba4 = lba >> 32;
	f->lba5 = lba >> 40;
	f->count = count;               /* 65536 is said as 0 */
	f->count_exp = count >> 8;
	f->device = 0x40;               /* LBA */
}

static struct ahci_fis *start_table(struct ahci_port *p, unsigned int slot,
				    u8 command)
{
	struct ahci_table *t = &p->tables[slot];

	memset(&t->fis, 0, sizeof(t->fis));
	memset(t->cdb, 0, sizeof(t->cdb));
	t->fis.type = AHCI_FIS_H2D;
	t->fis.flags = AHCI_FIS_COMMAND;
	t->fis.command = command;
	return &t->fis;
}

static void set_header(struct ahci_port *p, unsigned int slot, u16 options,
		       unsigned int prds)
{
	struct ahci_header *h = &p->list[slot];

	h->options = cpu_to_le16(sizeof(struct ahci_fis) / 4 | options);
	h->prdtl = cpu_to_le16(prds);
	h->prdbc = 0;
	h->table = cpu_to_le64(p->tables_dma + slot * sizeof(struct ahci_table));
}

static void set_prd(struct ahci_prd *d, dma_addr_t at, u32 len)
{
	d->address = cpu_to_le64(at);
	d->reserved = 0;
	d->bytes = cpu_to_le32(len - 1);
}

/* The data of a request as PRDs; how many, or -1. */
static int map_data(struct ahci_table *t, struct request *rq)
{
	struct scatterlist sg[AHCI_MAX_PRDS], *s = sg;
	int n;

	sg_init_table(sg, AHCI_MAX_PRDS);
	n = blk_rq_map_sg(rq->q, rq, sg);
	for (int i = 0; i < n; i++, s = sg_next(s)) {
		if (sg_phys(s) & 1 || s->length & 1 ||
		    s->length > AHCI_PRD_BYTES)
			return -1;
		set_prd(&t->prd[i], sg_phys(s), s->length);
	}
	return n;
}

static void read_packet(u8 *cdb, u32 lba, u16 count)
{
	cdb[0] = SCSI_READ_10;
	cdb[2] = lba >> 24;
	cdb[3] = lba >> 16;
	cdb[4] = lba >> 8;
	cdb[5] = lba;
	cdb[7] = count >> 8;
	cdb[8] = count;
}

static bool fill_packet(struct ahci_port *p, unsigned int slot,
			struct request *rq)
{
	unsigned int shift = p->block_shift - SECTOR_SHIFT;
	int n;

	if (req_op(rq) != REQ_OP_READ)
		return false;
	start_table(p, slot, ATA_PACKET)->features = ATA_PACKET_DMA;
	read_packet(p->tables[slot].cdb, blk_rq_pos(rq) >> shift,
		    blk_rq_sectors(rq) >> shift);
	n = map_data(&p->tables[slot], rq);
	if (n <= 0)
		return false;
	set_header(p, slot, AHCI_HDR_ATAPI, n);
	return true;
}

/* The count moves to the features, the slot stands in its place. */
static void make_queued(struct ahci_fis *f, unsigned int slot, bool write)
{
	f->command = write ? ATA_WRITE_FPDMA : ATA_READ_FPDMA;
	f->features = f->count;
	f->features_exp = f->count_exp;
	f->count = slot << 3;
	f->count_exp = 0;
}

static bool fill_rw(struct ahci_port *p, unsigned int slot, struct request *rq,
		    bool queued)
{
	unsigned int shift = p->block_shift - SECTOR_SHIFT;
	bool write = rq_data_dir(rq);
	u8 command = !write ? ATA_READ_DMA_EXT
		   : rq->cmd_flags & REQ_FUA ? ATA_WRITE_DMA_FUA_EXT
					     : ATA_WRITE_DMA_EXT;
	struct ahci_fis *f = start_table(p, slot, command);
	int n;

	set_lba(f, blk_rq_pos(rq) >> shift, blk_rq_sectors(rq) >> shift);
	if (queued)
		make_queued(f, slot, write);
	n = map_data(&p->tables[slot], rq);
	if (n <= 0)
		return false;
	set_header(p, slot, write ? AHCI_HDR_WRITE : 0, n);
	return true;
}

/* One page of ranges: the request's own, that the block layer gave it. */
static bool fill_trim(struct ahci_port *p, unsigned int slot,
		      struct request *rq)
{
	struct ahci_table *t = &p->tables[slot];
	u64 lba = blk_rq_pos(rq), left = blk_rq_sectors(rq);
	/* The list of PRDs is long, and a trim needs one: ranges go behind. */
	__le64 *range = (__le64 *)&t->prd[AHCI_MAX_PRDS - 32];
	struct ahci_fis *f = start_table(p, slot, ATA_DATA_SET_MANAGEMENT);
	unsigned int n = 0;

	memset(range, 0, SECTOR_SIZE);
	for (; left && n < SECTOR_SIZE / 8; n++) {
		u64 count = left < TRIM_RANGE_BLOCKS ? left : TRIM_RANGE_BLOCKS;

		range[n] = cpu_to_le64(lba | count << 48);
		lba += count;
		left -= count;
	}
	set_lba(f, 0, 1);
	f->features = ATA_DSM_TRIM;
	set_prd(&t->prd[0], p->tables_dma + ((u8 *)range - (u8 *)p->tables),
		SECTOR_SIZE);
	set_header(p, slot, AHCI_HDR_WRITE, 1);
	return true;
}

bool ahci_fill_request(struct ahci_port *p, unsigned int slot,
		       struct request *rq, bool queued)
{
	if (p->atapi)
		return fill_packet(p, slot, rq);
	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return fill_rw(p, slot, rq, queued);
	case REQ_OP_DISCARD:
		return fill_trim(p, slot, rq);
	case REQ_OP_FLUSH:
		start_table(p, slot, ATA_FLUSH_EXT)->device = 0x40;
		set_header(p, slot, 0, 0);
		return true;
	default:
		return false;
	}
}

void ahci_fill_internal(struct ahci_port *p, unsigned int slot, u8 command,
			const u8 *cdb, dma_addr_t buf, u32 len)
{
	struct ahci_fis *f = start_table(p, slot, command);

	if (command == ATA_READ_LOG_EXT)
		set_lba(f, ATA_LOG_NCQ_ERROR, 1);
	if (cdb) {
		f->features = ATA_PACKET_DMA;
		memcpy(p->tables[slot].cdb, cdb, CDB_LEN);
	}
	set_prd(&p->tables[slot].prd[0], buf, len);
	set_header(p, slot, cdb ? AHCI_HDR_ATAPI : 0, 1);
}

/* ---- what they say of themselves ----------------------------------------- */

/* Text comes in words, first letter in the high half, padded with blanks. */
static void copy_text(char *to, const __le16 *word, unsigned int words)
{
	char *end = to;

	for (unsigned int i = 0; i < words; i++) {
		u16 w = le16_to_cpu(word[i]);

		to[2 * i] = w >> 8;
		to[2 * i + 1] = w;
	}
	to[2 * words] = '\0';
	for (char *c = to; *c; c++)
		if (*c != ' ')
			end = c + 1;
	*end = '\0';
}

static u32 two_words(const __le16 *id, unsigned int at)
{
	return le16_to_cpu(id[at]) | (u32)le16_to_cpu(id[at + 1]) << 16;
}

static int parse_sizes(struct ahci_port *p, const __le16 id[256])
{
	u16 sizes = le16_to_cpu(id[106]);
	u32 bytes = 512;

	p->phys_exp = 0;
	if ((sizes & 0xc000) == 0x4000) {
		if (sizes & 1 << 12)
			bytes = 2 * two_words(id, 117);
		if (sizes & 1 << 13)
			p->phys_exp = sizes & 0xf;
	}
	if (bytes < 512 || bytes > PAGE_SIZE || !is_power_of_2(bytes) ||
	    p->phys_exp > 6)
		return -EINVAL;
	p->block_shift = ilog2(bytes);
	p->blocks = two_words(id, 100) | (u64)two_words(id, 102) << 32;
	/* 48 bits there are, in commands and in the answer. */
	return !p->blocks || p->blocks >> 48 ? -EINVAL : 0;
}

int ahci_parse_identify(struct ahci_port *p, const __le16 id[256])
{
	copy_text(p->serial, id + 10, 10);
	copy_text(p->firmware, id + 23, 4);
	copy_text(p->model, id + 27, 20);
	if (p->atapi)
		return 0;
	if (!(le16_to_cpu(id[83]) & 1 << 10))
		return -EINVAL;         /* 28-bit disks are museum pieces */
	p->write_cache = le16_to_cpu(id[85]) & 1 << 5;
	p->fua = le16_to_cpu(id[84]) & 1 << 6;
	p->rotates = le16_to_cpu(id[217]) != 1;
	p->trim = le16_to_cpu(id[169]) & 1;
	if (le16_to_cpu(id[76]) & 1 << 8)
		p->queue_depth = (le16_to_cpu(id[75]) & 0x1f) + 1;
	return parse_sizes(p, id);
}

/* A page whose bytes add up to nothing; bit 7: no queued one was it. */
int ahci_parse_ncq_log(const u8 log[512])
{
	u8 sum = 0;

	for (int i = 0; i < 512; i++)
		sum += log[i];
	return sum || log[0] & 0x80 ? -EINVAL : log[0] & 0x1f;
}

static u32 be32(const u8 *b)
{
	return (u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

int ahci_parse_capacity(struct ahci_port *p, const u8 answer[8])
{
	u32 last = be32(answer), bytes = be32(answer + 4);

	if (bytes != 2048 || last == ~0u)
		return -EINVAL;
	p->block_shift = 11;
	p->blocks = (u64)last + 1;
	return 0;
}
