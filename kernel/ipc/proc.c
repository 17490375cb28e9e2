/* SPDX-License-Identifier: MIT */
/*
 * proc.c -- /proc/sysvipc: the objects of the reader's namespace, as text
 *
 * One file a kind, one line an object.  The reader's place is the slot, so that
 * a table that changes meanwhile costs neither lines twice nor the others.
 *
 * SEE proc(5), ipcs(1).
 */

#include "util.h"

#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <kernel/init.h>
#include <mm/slab.h>

/* Of one open file: which table. */
struct reader {
	struct ipc_namespace *ns;     /* counted */
	int kind;
};

static void (*const show_line[])(struct seq_file *, struct kern_ipc_perm *) = {
	[IPC_SEM_IDS] = sem_show,
	[IPC_MSG_IDS] = msg_show,
	[IPC_SHM_IDS] = shm_show,
};

static struct ipc_ids *table_of(struct seq_file *m)
{
	struct reader *r = m->private;

	return ipc_table(r->ns, r->kind);
}

/* The object in slot *pos - 1 or a later one, locked; *pos moves to it. */
static void *find_from(struct seq_file *m, loff_t *pos)
{
	struct kern_ipc_perm *perm;
	int slot = *pos - 1;

	perm = idr_get_next(&table_of(m)->slots, &slot);
	*pos = perm ? slot + 1 : *pos + 1;
	if (perm)
		spin_lock(&perm->lock);
	return perm;
}

static void *ipc_start(struct seq_file *m, loff_t *pos)
{
	down_read(&table_of(m)->rwsem);
	if (*pos < 0 || *pos > IPCMNI)
		return NULL;
	return *pos ? find_from(m, pos) : SEQ_START_TOKEN;
}

static void *ipc_next(struct seq_file *m, void *v, loff_t *pos)
{
	if (v != SEQ_START_TOKEN)
		ipc_unlock(v);
	++*pos;
	return find_from(m, pos);
}

static void ipc_stop(struct seq_file *m, void *v)
{
	if (v && v != SEQ_START_TOKEN)
		ipc_unlock(v);
	up_read(&table_of(m)->rwsem);
}

static int ipc_show(struct seq_file *m, void *v)
{
	struct reader *r = m->private;

	show_line[r->kind](m, v == SEQ_START_TOKEN ? NULL : v);
	return 0;
}

static const struct seq_operations ipc_seq_ops = {
	.start = ipc_start,
	.next = ipc_next,
	.stop = ipc_stop,
	.show = ipc_show,
};

static int ipc_open(struct inode *inode, struct file *file)
{
	struct reader *r;

	r = __seq_open_private(file, &ipc_seq_ops, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->ns = get_ipc_ns(current_ipc_ns());
	r->kind = (int)(long)pde_data(inode);
	return 0;
}

static int ipc_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct reader *r = m->private;

	put_ipc_ns(r->ns);
	return seq_release_private(inode, file);
}

static const struct file_operations ipc_fops = {
	.open = ipc_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = ipc_release,
};

static int ipc_proc_init(void)
{
	static const char *const names[] = {
		[IPC_SEM_IDS] = "sem",
		[IPC_MSG_IDS] = "msg",
		[IPC_SHM_IDS] = "shm",
	};
	struct proc_dir_entry *dir = proc_mkdir("sysvipc", NULL);

	if (!dir)
		return -ENOMEM;
	for (long kind = 0; kind < IPC_KINDS; kind++)
		if (!proc_create_data(names[kind], 0444, dir, &ipc_fops,
				      (void *)kind))
			return -ENOMEM;
	return 0;
}
module_init(ipc_proc_init);
