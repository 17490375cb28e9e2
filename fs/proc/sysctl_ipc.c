/* SPDX-License-Identifier: MIT */
/*
 * sysctl_ipc.c -- /proc/sys: limits of IPC and AIO that are no plain int
 *
 * The reader's namespace is the one that is meant.  SEE proc(5).
 */

#include "internal.h"

#include <fs/aio.h>
#include <fs/seq_file.h>
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/ipc_namespace.h>
#include <kernel/kernel.h>
#include <kernel/nsproxy.h>
#include <kernel/sched.h>
#include <kernel/string.h>

static struct ipc_namespace *my_ns(void)
{
	return current->nsproxy->ipc_ns;
}

static int set_size(char *text, size_t *where)
{
	unsigned long value;

	if (kstrtoul(text, 0, &value))
		return -EINVAL;
	WRITE_ONCE(*where, value);
	return 0;
}

int show_shmmax(struct seq_file *m)
{
	seq_printf(m, "%lu\n", my_ns()->shm_ctlmax);
	return 0;
}

int set_shmmax(char *text)
{
	return set_size(text, &my_ns()->shm_ctlmax);
}

int show_shmall(struct seq_file *m)
{
	seq_printf(m, "%lu\n", my_ns()->shm_ctlall);
	return 0;
}

int set_shmall(char *text)
{
	return set_size(text, &my_ns()->shm_ctlall);
}

void shm_rmid_forced_changed(void)
{
	if (my_ns()->shm_rmid_forced)
		shm_destroy_orphaned(my_ns());
}

/* SEMMSL SEMMNS SEMOPM SEMMNI */
int show_sem(struct seq_file *m)
{
	int *n = my_ns()->sem_ctls;

	seq_printf(m, "%d\t%d\t%d\t%d\n", n[0], n[1], n[2], n[3]);
	return 0;
}

/* One to four numbers; the rest stay. */
int set_sem(char *text)
{
	int n[4], count = 0;
	char *word;

	memcpy(n, my_ns()->sem_ctls, sizeof(n));
	while (count < 4 && (word = strsep(&text, " \t")) != NULL) {
		if (!*word)
			continue;
		if (kstrtoint(word, 0, &n[count]) || n[count] < 0)
			return -EINVAL;
		count++;
	}
	if (n[0] > 65536 || n[3] > 32768)
		return -EINVAL;
	memcpy(my_ns()->sem_ctls, n, sizeof(n));
	return 0;
}

int show_aio_nr(struct seq_file *m)
{
	seq_printf(m, "%lu\n", aio_nr_read());
	return 0;
}

int show_aio_max_nr(struct seq_file *m)
{
	seq_printf(m, "%lu\n", READ_ONCE(aio_max_nr));
	return 0;
}

int set_aio_max_nr(char *text)
{
	return set_size(text, &aio_max_nr);
}
