/* SPDX-License-Identifier: MIT */
/*
 * devices.c -- files of /proc about devices and addresses
 *
 * Who may not administer the machine sees who has which addresses in what
 * order, but zeroes for the addresses themselves: they would help an attacker.
 */

#include "internal.h"

#include <drivers/blkdev.h>
#include <drivers/cdev.h>
#include <drivers/tty.h>
#include <kernel/init.h>
#include <kernel/ioport.h>
#include <kernel/kernel.h>
#include <kernel/kmsg.h>

/* ---- iomem, ioports ---- */

struct resource_print {
	struct seq_file *m;
	int width;                    /* digits */
	bool hide;
};

static void print_resource(const struct resource *r, int depth, void *arg)
{
	const struct resource_print *p = arg;
	u64 start = p->hide ? 0 : r->start, end = p->hide ? 0 : r->end;

	seq_printf(p->m, "%*s%0*lx-%0*lx : %s\n", 2 * depth, "", p->width,
		   (unsigned long)start, p->width, (unsigned long)end,
		   r->name ? r->name : "<BAD>");
}

static int show_resources(struct seq_file *m, struct resource *root, int width)
{
	struct resource_print p = {
		.m = m, .width = width,
		.hide = !proc_opener_capable(m->file, CAP_SYS_ADMIN),
	};

	resource_for_each(root, print_resource, &p);
	return 0;
}

static int show_iomem(struct seq_file *m, void *v)
{
	return show_resources(m, &iomem_resource, 8);
}

static int show_ioports(struct seq_file *m, void *v)
{
	return show_resources(m, &ioport_resource, 4);
}

/* ---- numbers ---- */

static void print_major(unsigned int major, const char *name, void *m)
{
	seq_printf(m, "%3u %s\n", major, name);
}

static int show_devices(struct seq_file *m, void *v)
{
	seq_puts(m, "Character devices:\n");
	chrdev_for_each(print_major, m);
	seq_puts(m, "\nBlock devices:\n");
	blkdev_for_each(print_major, m);
	return 0;
}

static void print_misc(const struct miscdevice *misc, void *m)
{
	seq_printf(m, "%3i %s\n", misc->minor, misc->name);
}

static int show_misc(struct seq_file *m, void *v)
{
	misc_for_each(print_misc, m);
	return 0;
}

/* ---- terminals ---- */

/* "system:console", "pty:slave": what a driver's numbers are for. */
static const char *tty_kind(const struct tty_driver *drv)
{
	switch (drv->type) {
	case TTY_DRIVER_TYPE_CONSOLE:
		return "console";
	case TTY_DRIVER_TYPE_SERIAL:
		return "serial";
	case TTY_DRIVER_TYPE_PTY:
		return drv->subtype == PTY_TYPE_MASTER ? "pty:master"
						       : "pty:slave";
	}
	return "unknown";
}

static void print_tty_driver(const struct tty_driver *drv, void *m)
{
	char numbers[24];
	size_t len = strlen(drv->name);

	/* "pts/" is a folder: its nodes are named by number alone. */
	if (len && drv->name[len - 1] == '/')
		len--;
	if (drv->num > 1)
		snprintf(numbers, sizeof(numbers), "%u-%u", drv->minor_start,
			 drv->minor_start + drv->num - 1);
	else
		snprintf(numbers, sizeof(numbers), "%u", drv->minor_start);
	seq_printf(m, "%-20s /dev/%-8.*s %3u %7s %s\n", drv->driver_name,
		   (int)len, drv->name, drv->major, numbers, tty_kind(drv));
}

static int show_tty_drivers(struct seq_file *m, void *v)
{
	seq_puts(m, "/dev/tty             /dev/tty        5       0 "
		    "system:/dev/tty\n"
		    "/dev/console         /dev/console    5       1 "
		    "system:console\n"
		    "/dev/ptmx            /dev/ptmx       5       2 system\n");
	tty_driver_for_each(print_tty_driver, m);
	return 0;
}

static void print_console(struct console *con, void *arg)
{
	static const struct {
		short flag;
		char letter;
	} letters[] = {
		{ CON_ENABLED, 'E' }, { CON_CONSDEV, 'C' }, { CON_BOOT, 'B' },
		{ CON_PRINTBUFFER, 'p' },
	};
	struct seq_file *m = arg;
	char flags[ARRAY_SIZE(letters) + 1] = "";
	struct tty_driver *drv = NULL;
	int index;

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		flags[i] = con->flags & letters[i].flag ? letters[i].letter
							: ' ';
	seq_printf(m, "%-20s -%c- (%s)", con->name, con->write ? 'W' : '-',
		   flags);
	if (con->device)
		drv = con->device(con, &index);
	if (drv)
		seq_printf(m, " %4u:%u", drv->major, drv->minor_start + index);
	seq_putc(m, '\n');
}

static int show_consoles(struct seq_file *m, void *v)
{
	console_for_each(print_console, m);
	return 0;
}

static int device_files_init(void)
{
	struct proc_dir_entry *tty = proc_mkdir("tty", NULL);

	proc_create_single("iomem", 0, NULL, show_iomem);
	proc_create_single("ioports", 0, NULL, show_ioports);
	proc_create_single("devices", 0, NULL, show_devices);
	proc_create_single("misc", 0, NULL, show_misc);
	proc_create_single("consoles", 0, NULL, show_consoles);
	if (tty)
		proc_create_single("drivers", 0, tty, show_tty_drivers);
	return 0;
}
fs_initcall(device_files_init);
