/* SPDX-License-Identifier: MIT */
#ifndef HOST_EXT2_VFS_H
#define HOST_EXT2_VFS_H
/*
 * ext2_vfs.h -- as much of the VFS and of buffer heads as ext2 needs, in a
 * Unix process
 *
 * The disk is an array.  A block that was marked dirty gets there when it is
 * synced or at umount, as with the real cache; so a forgotten mark shows as a
 * damaged volume.  Inodes stay in a table until somebody drops them.  Nothing
 * waits and nobody runs beside us, so that locks are counters.
 */

#include "fs/ext2/ext2.h"

#include <drivers/blk_types.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <mm/slab.h>

/* The C library, which kernel headers cannot meet. */
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void free(void *p);
int printf(const char *format, ...);
int system(const char *command);
int open(const char *path, int flags, ...);
int close(int fd);
ssize_t read(int fd, void *buf, size_t n);
ssize_t write(int fd, const void *buf, size_t n);

extern u8 *disk;                      /* the image */
extern size_t disk_size;
extern struct super_block vol;
extern long fail_after;               /* allocations until one fails; 0: none */
extern long fail_read;                /* a block that cannot be read */
extern long held_buffers;             /* references that nobody gave back */

int ext2_init_for_test(void);         /* the module's own start */
int vol_mount(char *options, bool read_only);
void vol_umount(void);
void vol_drop_inodes(void);           /* forget what nobody uses */
struct dentry *make_dentry(const char *name, struct inode *inode);
void free_dentry(struct dentry *d);   /* and its inode's reference */

#endif
