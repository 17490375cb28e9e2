/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_PARTITIONS_H
#define DRIVERS_BLOCK_PARTITIONS_H
/*
 * partitions.h -- readers of partition tables: pure, so that they also run on
 * the host under a fuzzer
 */

#include <kernel/types.h>

#define PART_MAX 256             /* numbers 1..255 */
#define PART_SECTOR 512

struct part_found {
	u64 from, size;              /* 512-byte sectors; size 0: no such part */
	char uuid[37];
	char volname[73];            /* UTF-8, cut */
};

/*
 * What a reader reads and fills.  read_block() fetches one logical block
 * (block_size bytes) into `block`: 0 or -EIO.
 */
struct part_table {
	int (*read_block)(void *ctx, u64 lba, void *block);
	void *ctx;
	unsigned int block_size;      /* 512..4096 */
	u64 nr_blocks;                /* of the disk */
	void *block;                  /* room for one block */
	void *block2;                 /* and another */
	struct part_found *parts;     /* PART_MAX of them, zeroed */
	char notes[200];              /* for the log: "< p5 p6 >" and the like */
};

/* 1: this kind, parts are filled in; 0: another kind; -EIO. */
int part_read_msdos(struct part_table *t);
int part_read_gpt(struct part_table *t);

#endif
