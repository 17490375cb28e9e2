/* SPDX-License-Identifier: MIT */
/*
 * tracefs.c -- /sys/kernel/tracing: events as files
 *
 *	trace             what the rings hold; writing empties them
 *	trace_pipe        the same, taken out while read; waits for more
 *	tracing_on        0: drop events     set_event, available_events
 *	buffer_size_kb    for each CPU       kprobe_events, kprobe_profile
 *	uprobe_events, uprobe_profile
 *	current_tracer    nop: there is no function tracer
 *	per_cpu/cpuN/stats
 *	events/enable, events/SYSTEM/{enable,filter}
 *	events/SYSTEM/NAME/{enable,filter,id,format}
 *
 * IDEA.  A tree of dentries that stays in memory, made when it is mounted; each
 * file is an inode with a number for its kind and an event's number.  A system
 * is known by its directory's name: its events come and go.
 *
 * LOCKING.  trace_mutex for the tree, which changes with the events only;
 * nobody makes or removes a name by system call, so no directory's i_rwsem is
 * needed.
 *
 * SEE docs/93-tracing.md
 */

#include "trace.h"

#include <arch/uaccess.h>
#include <drivers/kobject.h>
#include <fs/file.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define TRACEFS_MAGIC 0x74726163
#define TEXT_MAX 4096

enum kind {
	FILE_TRACE, FILE_PIPE, FILE_ON, FILE_SET_EVENT, FILE_AVAILABLE,
	FILE_SIZE, FILE_KPROBES, FILE_PROFILE, FILE_UPROBES,
	FILE_UPROFILE, FILE_TRACER, FILE_TRACERS, FILE_STATS, FILE_ALL,
	FILE_SYSTEM, FILE_SYSTEM_FILTER, FILE_ENABLE, FILE_FILTER, FILE_ID, FILE_FORMAT,
};

/* An inode's number says what it is: the kind, and an event or a CPU. */
#define INO(kind, nr) (((unsigned long)(kind) + 1) << 16 | (nr))
#define ino_kind(ino) ((enum kind)(((ino) >> 16) - 1))
#define ino_nr(ino) ((unsigned int)((ino) & 0xffff))

static struct super_block *the_sb;   /* trace_mutex; NULL: never mounted */
static struct dentry *events_dir;

/* Of a file in a system's directory. */
static const char *system_of(const struct file *file)
{
	return (const char *)file_dentry(file)->d_parent->d_name.name;
}

static bool system_exists(const char *system)
{
	struct trace_event *e;

	for (unsigned int n = 0; (e = event_nth(n)); n++)
		if (!strcmp(e->system, system))
			return true;
	return false;
}

/* ---- the text of each kind ---------------------------------------------- */

/* "0", "1", or "X" when some events of the system (NULL: all) are on. */
static char some_enabled(const char *system)
{
	struct trace_event *e;
	bool on = false, off = false;

	for (unsigned int n = 0; (e = event_nth(n)); n++) {
		if (system && strcmp(e->system, system))
			continue;
		on |= e->enabled;
		off |= !e->enabled;
	}
	return on && off ? 'X' : on ? '1' : '0';
}

static void show_format(struct seq_file *m, const struct trace_event *e)
{
	seq_printf(m, "name: %s\nID: %u\nformat:\n", e->name, e->id);
	for (unsigned int i = 0; i < e->nr_fields; i++) {
		bool s = trace_is_text(&e->fields[i]);

		seq_printf(m, "\tfield:%s %s%s;\tsize:%d;\n",
			   s ? "char" : e->fields[i].kind == TRACE_SIGNED ?
			   "long" : "unsigned long", e->fields[i].name,
			   s ? "[16]" : "", s ? 16 : 8);
	}
}

static void show_lists(struct seq_file *m, bool all)
{
	struct trace_event *e;

	for (unsigned int n = 0; (e = event_nth(n)); n++)
		if (all || e->enabled)
			seq_printf(m, "%s:%s\n", e->system, e->name);
}

static void show_trace(struct seq_file *m)
{
	struct ring_cursor *c = kzalloc(sizeof(*c), GFP_KERNEL);
	struct trace_record r;

	seq_puts(m, "# tracer: nop\n#\n"
		    "#           TASK-PID     CPU#  ||||   TIMESTAMP  FUNCTION\n"
		    "#              | |         |   ||||      |         |\n");
	while (c && !seq_has_overflowed(m) && ring_read(c, &r, false))
		event_print(m, &r);
	kfree(c);
}

static void show_stats(struct seq_file *m, int cpu)
{
	u64 entries, overrun;

	ring_stats(cpu, &entries, &overrun);
	seq_printf(m, "entries: %llu\noverrun: %llu\n",
		   (unsigned long long)entries, (unsigned long long)overrun);
}

static void show_event(struct seq_file *m, enum kind kind,
		       const struct trace_event *e)
{
	if (kind == FILE_ENABLE)
		seq_printf(m, "%d\n", e->enabled);
	else if (kind == FILE_FILTER)
		seq_printf(m, "%s\n", filter_text(e->filter));
	else if (kind == FILE_ID)
		seq_printf(m, "%u\n", e->id);
	else
		show_format(m, e);
}

static int show_locked(struct seq_file *m, const struct file *file)
{
	enum kind kind = ino_kind(file_inode(file)->i_ino);
	unsigned int nr = ino_nr(file_inode(file)->i_ino);
	const char *system = NULL;

	switch (kind) {
	case FILE_TRACE: show_trace(m); return 0;
	case FILE_ON: seq_printf(m, "%d\n", tracing_on); return 0;
	case FILE_SET_EVENT: show_lists(m, false); return 0;
	case FILE_AVAILABLE: show_lists(m, true); return 0;
	case FILE_SIZE: seq_printf(m, "%lu\n", ring_kib()); return 0;
	case FILE_KPROBES: probe_events_show(&kprobe_kind, m); return 0;
	case FILE_PROFILE: kprobe_profile_show(m); return 0;
	case FILE_UPROBES: probe_events_show(&uprobe_kind, m); return 0;
	case FILE_UPROFILE: uprobe_profile_show(m); return 0;
	case FILE_TRACER: case FILE_TRACERS: seq_puts(m, "nop\n"); return 0;
	case FILE_STATS: show_stats(m, nr); return 0;
	case FILE_SYSTEM_FILTER:
		seq_puts(m, "### written to each event's own ###\n");
		return 0;
	case FILE_SYSTEM:
		system = system_of(file);
		if (!system_exists(system))
			return -ENODEV;
		fallthrough;
	case FILE_ALL:
		seq_printf(m, "%c\n", some_enabled(system));
		return 0;
	default:
		if (!event_by_id(nr))
			return -ENODEV;
		show_event(m, kind, event_by_id(nr));
		return 0;
	}
}

static int show(struct seq_file *m, void *unused)
{
	int err;

	mutex_lock(&trace_mutex);
	err = show_locked(m, m->private);
	mutex_unlock(&trace_mutex);
	return err;
}

/* ---- writing ------------------------------------------------------------ */

static int set_filter(struct trace_event *e, char *text)
{
	struct trace_filter *old = e->filter, *new = NULL;

	if (strcmp(text, "0") && *text) {
		new = filter_parse(e, text);
		if (IS_ERR(new))
			return PTR_ERR(new);
	}
	rcu_assign_pointer(e->filter, new);
	synchronize_rcu();
	filter_free(old);
	return 0;
}

static int enable_system(const char *system, bool on)
{
	struct trace_event *e;
	int err = 0;

	for (unsigned int n = 0; !err && (e = event_nth(n)); n++)
		if (!system || !strcmp(e->system, system))
			err = event_enable(e, on);
	return err;
}

/* The same line for every event of a system that has such fields. */
static int set_system_filter(const char *system, const char *text)
{
	char copy[256];
	int err = system_exists(system) ? -EINVAL : -ENODEV;
	struct trace_event *e;

	for (unsigned int n = 0; (e = event_nth(n)); n++) {
		if (strcmp(e->system, system))
			continue;
		strscpy(copy, text, sizeof(copy));
		if (!set_filter(e, copy))
			err = 0;
	}
	return err;
}

static int write_number(const struct file *file, enum kind kind,
			struct trace_event *e, char *text)
{
	unsigned long value;

	if (kstrtoul(text, 0, &value))
		return -EINVAL;
	if (kind == FILE_SIZE)
		return ring_resize(value);
	if (value > 1)
		return -EINVAL;
	switch (kind) {
	case FILE_ON:
		WRITE_ONCE(tracing_on, value);
		return 0;
	case FILE_ALL:
		return enable_system(NULL, value);
	case FILE_SYSTEM:
		return system_exists(system_of(file)) ?
		       enable_system(system_of(file), value) : -ENODEV;
	default:
		return e ? event_enable(e, value) : -ENODEV;
	}
}

static int write_locked(const struct file *file, char *text)
{
	enum kind kind = ino_kind(file_inode(file)->i_ino);
	struct trace_event *e = event_by_id(ino_nr(file_inode(file)->i_ino));

	switch (kind) {
	case FILE_TRACE:
		ring_clear();
		return 0;
	case FILE_SET_EVENT:
		return events_set(text);
	case FILE_KPROBES:
		return probe_command(&kprobe_kind, text);
	case FILE_UPROBES:
		return probe_command(&uprobe_kind, text);
	case FILE_TRACER:
		return strcmp(text, "nop") ? -EINVAL : 0;
	case FILE_FILTER:
		return e ? set_filter(e, text) : -ENODEV;
	case FILE_SYSTEM_FILTER:
		return set_system_filter(system_of(file), text);
	case FILE_ON: case FILE_SIZE: case FILE_ALL: case FILE_SYSTEM:
	case FILE_ENABLE:
		return write_number(file, kind, e, text);
	default:
		return -EPERM;
	}
}

static ssize_t trace_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *pos)
{
	char *text;
	int err;

	if (count >= TEXT_MAX)
		return -E2BIG;
	text = memdup_user_nul(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&trace_mutex);
	err = write_locked(file, strim(text));
	mutex_unlock(&trace_mutex);
	kfree(text);
	return err ? err : (ssize_t)count;
}

/* open(O_TRUNC), as the shell's `>` does: empty what can be emptied. */
static void truncate_on_open(enum kind kind)
{
	char all[] = "-*";

	mutex_lock(&trace_mutex);
	if (kind == FILE_TRACE)
		ring_clear();
	else if (kind == FILE_SET_EVENT)
		enable_system(NULL, false);
	else if (kind == FILE_KPROBES)
		probe_command(&kprobe_kind, all);
	else if (kind == FILE_UPROBES)
		probe_command(&uprobe_kind, all);
	mutex_unlock(&trace_mutex);
}

static int trace_open(struct inode *inode, struct file *file)
{
	if ((file->f_mode & FMODE_WRITE) && (file->f_flags & O_TRUNC))
		truncate_on_open(ino_kind(inode->i_ino));
	return single_open(file, show, file);
}

static const struct file_operations trace_fops = {
	.open = trace_open,
	.read_iter = seq_read_iter,
	.write = trace_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* ---- the tree ----------------------------------------------------------- */

static struct dentry *make(struct dentry *dir, const char *name, umode_t mode,
			   unsigned long ino)
{
	struct inode *inode = new_inode(the_sb);
	struct dentry *d = inode ? d_alloc_name(dir, name) : NULL;

	if (!d) {
		iput(inode);
		return NULL;
	}
	inode->i_ino = ino;
	inode->i_mode = mode;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	if (S_ISDIR(mode)) {
		inode->i_op = &simple_dir_inode_operations;
		inode->i_fop = &simple_dir_operations;
		set_nlink(inode, 2);
		inc_nlink(d_inode(dir));
	} else {
		inode->i_fop = ino_kind(ino) == FILE_PIPE ? &trace_pipe_fops :
							    &trace_fops;
	}
	d_add(d, inode);                /* our count pins it */
	return d;
}

static struct dentry *make_dir(struct dentry *dir, const char *name)
{
	static unsigned long next = INO(100, 0);

	return make(dir, name, S_IFDIR | 0750, next++);
}

/* The directory of that name, made if need be; not counted; or NULL. */
static struct dentry *system_dir(const struct trace_event *e)
{
	struct qstr q = QSTR_INIT(e->system, strlen(e->system));
	struct dentry *d = d_hash_and_lookup(events_dir, &q);

	if (d && !IS_ERR(d)) {
		dput(d);                /* pinned by its first count */
		return d;
	}
	d = make_dir(events_dir, e->system);
	if (!d)
		return NULL;
	make(d, "enable", S_IFREG | 0640, INO(FILE_SYSTEM, 0));
	make(d, "filter", S_IFREG | 0640, INO(FILE_SYSTEM_FILTER, 0));
	return d;
}

void tracefs_add_event(struct trace_event *e)
{
	struct dentry *d;

	if (!the_sb)
		return;
	d = system_dir(e);
	d = d ? make_dir(d, e->name) : NULL;
	if (!d)
		return;
	make(d, "enable", S_IFREG | 0640, INO(FILE_ENABLE, e->id));
	make(d, "filter", S_IFREG | 0640, INO(FILE_FILTER, e->id));
	make(d, "id", S_IFREG | 0440, INO(FILE_ID, e->id));
	make(d, "format", S_IFREG | 0440, INO(FILE_FORMAT, e->id));
}

static void unpin(struct dentry *dir, const char *name)
{
	struct qstr q = QSTR_INIT(name, strlen(name));
	struct dentry *d = d_hash_and_lookup(dir, &q);

	if (!d || IS_ERR(d))
		return;
	clear_nlink(d_inode(d));
	d_drop(d);
	dput(d);
	dput(d);                        /* the pinning count */
}

void tracefs_remove_event(struct trace_event *e)
{
	static const char *const files[] = { "enable", "filter", "id",
					     "format" };
	struct qstr q = QSTR_INIT(e->name, strlen(e->name));
	struct dentry *system, *d;

	if (!the_sb)
		return;
	system = system_dir(e);
	d = system ? d_hash_and_lookup(system, &q) : NULL;
	if (!d || IS_ERR(d))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++)
		unpin(d, files[i]);
	dput(d);
	unpin(system, e->name);
}

static const struct {
	const char *name;
	umode_t mode;
	enum kind kind;
} top_files[] = {
	{ "trace", 0640, FILE_TRACE }, { "trace_pipe", 0440, FILE_PIPE },
	{ "tracing_on", 0640, FILE_ON }, { "set_event", 0640, FILE_SET_EVENT },
	{ "available_events", 0440, FILE_AVAILABLE },
	{ "buffer_size_kb", 0640, FILE_SIZE },
	{ "kprobe_events", 0640, FILE_KPROBES },
	{ "kprobe_profile", 0440, FILE_PROFILE },
	{ "uprobe_events", 0640, FILE_UPROBES },
	{ "uprobe_profile", 0440, FILE_UPROFILE },
	{ "current_tracer", 0640, FILE_TRACER },
	{ "available_tracers", 0440, FILE_TRACERS },
};

static void make_tree(struct dentry *root)
{
	struct dentry *d, *cpus = make_dir(root, "per_cpu");
	struct trace_event *e;
	unsigned int cpu;
	char name[16];

	for (unsigned int i = 0; i < ARRAY_SIZE(top_files); i++)
		make(root, top_files[i].name, S_IFREG | top_files[i].mode,
		     INO(top_files[i].kind, 0));
	for_each_possible_cpu(cpu) {
		snprintf(name, sizeof(name), "cpu%u", cpu);
		d = cpus ? make_dir(cpus, name) : NULL;
		if (d)
			make(d, "stats", S_IFREG | 0440, INO(FILE_STATS, cpu));
	}
	events_dir = make_dir(root, "events");
	if (!events_dir)
		return;
	make(events_dir, "enable", S_IFREG | 0640, INO(FILE_ALL, 0));
	for (unsigned int n = 0; (e = event_nth(n)); n++)
		tracefs_add_event(e);
}

static const struct super_operations tracefs_sops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
};

static int tracefs_fill_super(struct super_block *sb, void *data, int silent)
{
	int err;

	sb->s_magic = TRACEFS_MAGIC;
	sb->s_op = &tracefs_sops;
	sb->s_d_op = &simple_dentry_operations;
	err = simple_make_root(sb, 0700);
	if (err)
		return err;
	mutex_lock(&trace_mutex);
	the_sb = sb;
	make_tree(sb->s_root);
	mutex_unlock(&trace_mutex);
	return 0;
}

static struct dentry *tracefs_mount(struct file_system_type *type, int flags,
				    const char *dev_name, void *data)
{
	return mount_single(type, flags, data, tracefs_fill_super);
}

static struct file_system_type tracefs_type = {
	.name = "tracefs",
	.mount = tracefs_mount,
	.kill_sb = kill_litter_super,
};

/* One volume for all, held by us, so that the tree outlives its mounts. */
static int tracefs_init(void)
{
	struct vfsmount *mnt;
	int err = register_filesystem(&tracefs_type);

	if (err)
		return err;
	if (!kobject_create_and_add("tracing", kernel_kobj))
		return -ENOMEM;         /* where it is mounted */
	mnt = kern_mount(&tracefs_type);
	return IS_ERR(mnt) ? PTR_ERR(mnt) : 0;
}
fs_initcall(tracefs_init);
