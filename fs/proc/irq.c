/* SPDX-License-Identifier: MIT */
/*
 * irq.c -- /proc/irq/N/smp_affinity: on which CPUs an interrupt may arrive
 *
 * A folder for each line that has had a handler, made when it gets its first.
 * A written mask is hexadecimal; the list form is 0-3,5.  A line whose chip
 * cannot move it says EIO.
 */

#include "internal.h"

#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/irqdesc.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/string.h>
#include <arch/uaccess.h>

#define MASK_TEXT 64

static struct proc_dir_entry *irq_dir;
static DEFINE_MUTEX(made_lock);
static bool made[NR_IRQS];            /* made_lock */

static int show_mask(struct seq_file *m, void *v)
{
	struct irq_desc *desc = m->private;

	seq_printf(m, "%0*lx\n", DIV_ROUND_UP(nr_cpu_ids, 4),
		   desc->irq_data.affinity.bits[0] &
		   cpu_possible_mask->bits[0]);
	return 0;
}

/* As ranges: 0-3,5. */
static int show_list(struct seq_file *m, void *v)
{
	struct irq_desc *desc = m->private;
	const struct cpumask *mask = &desc->irq_data.affinity;
	const char *comma = "";

	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		unsigned int first = cpu;

		if (!cpumask_test_cpu(cpu, mask))
			continue;
		while (cpu + 1 < nr_cpu_ids && cpumask_test_cpu(cpu + 1, mask))
			cpu++;
		seq_printf(m, first == cpu ? "%s%u" : "%s%u-%u", comma, first,
			   cpu);
		comma = ",";
	}
	seq_puts(m, "\n");
	return 0;
}

static int open_mask(struct inode *inode, struct file *file)
{
	return single_open(file, show_mask, pde_data(inode));
}

static ssize_t write_mask(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	struct irq_desc *desc = pde_data(file_inode(file));
	struct cpumask mask;
	char text[MASK_TEXT];
	unsigned long bits;
	int err;

	if (n >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, n))
		return -EFAULT;
	text[n] = '\0';
	err = kstrtoul(strim(text), 16, &bits);
	if (err)
		return err;
	mask.bits[0] = bits & cpu_possible_mask->bits[0];
	err = irq_set_affinity(desc->irq_data.irq, &mask);
	return err ? err : (ssize_t)n;
}

static const struct file_operations mask_fops = {
	.open = open_mask,
	.read_iter = seq_read_iter,
	.write = write_mask,
	.llseek = seq_lseek,
	.release = single_release,
};

static int open_list(struct inode *inode, struct file *file)
{
	return single_open(file, show_list, pde_data(inode));
}

static const struct file_operations list_fops = {
	.open = open_list,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = single_release,
};

static void make_folder(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	struct proc_dir_entry *dir;
	char name[12];

	mutex_lock(&made_lock);
	if (!made[irq]) {
		snprintf(name, sizeof(name), "%u", irq);
		dir = proc_mkdir(name, irq_dir);
		if (dir) {
			proc_create_data("smp_affinity", 0644, dir, &mask_fops,
					 desc);
			proc_create_data("smp_affinity_list", 0444, dir,
					 &list_fops, desc);
			made[irq] = true;
		}
	}
	mutex_unlock(&made_lock);
}

static int proc_irq_init(void)
{
	irq_dir = proc_mkdir("irq", NULL);
	if (irq_dir)
		irq_set_observer(make_folder);
	return irq_dir ? 0 : -ENOMEM;
}
late_initcall(proc_irq_init);
