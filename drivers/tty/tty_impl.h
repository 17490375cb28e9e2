/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_TTY_TTY_IMPL_H
#define DRIVERS_TTY_TTY_IMPL_H
/* tty_impl.h -- between the files of drivers/tty */

#include <drivers/tty.h>

/* tty_io.c */
extern const struct file_operations tty_fops;
int tty_attach_file(struct tty_struct *tty, struct file *file);
void tty_create_aux_device(dev_t dev, const char *name);
void tty_vhangup_session(struct tty_struct *tty);

/* pty.c: what only one side understands; -ENOIOCTLCMD otherwise. */
int pty_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd,
	      unsigned long arg);

#endif
