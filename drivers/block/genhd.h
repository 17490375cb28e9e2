/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_GENHD_H
#define DRIVERS_BLOCK_GENHD_H
/* genhd.h -- disks, their numbers, and what /sys shows of them */

#include <drivers/blkdev.h>

#define BLOCK_EXT_MAJOR 259      /* disks and partitions beyond their minors */

extern struct class block_class;
extern const struct attribute_group *disk_attr_groups[];
extern const struct attribute_group *part_attr_groups[];

int part_devt_alloc(void);       /* a minor of BLOCK_EXT_MAJOR, or -EBUSY */
void part_devt_free(dev_t dev);  /* nothing if it is of another major */

/* /sys/class/bdi (bdi-sysfs.c); may sleep. */
void bdi_show(struct backing_dev_info *bdi);
void bdi_hide(struct backing_dev_info *bdi);

#endif
