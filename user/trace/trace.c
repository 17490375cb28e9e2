/* SPDX-License-Identifier: MIT */
/*
 * trace.c -- what a program makes the kernel do, line by line or counted
 *
 *	trace [-c] [-e EVENT]... [-f FIELD==VALUE] [-k FUNCTION]
 *	      [-u FILE:FUNCTION] COMMAND...
 *	trace [-c] [-e EVENT]... -p PID          until interrupted
 *
 * Without -e: system calls, one line at each entry and each return, with CPU,
 * thread, name and arguments.  -c counts instead.  -e adds a tracepoint of
 * /sys/kernel/tracing (GROUP:EVENT, stars allowed), -k a function of the kernel
 * (entry and return), -u one of a program or library, by the name in its symbol
 * table or the offset in the file; -f a filter for all events that have its
 * field.
 *
 * IDEA.  The kernel filters nothing by process for us: the lines are read from
 * trace_pipe, and those of the command and its children are told by thread
 * number; children by sched_process_fork.  Two programs that trace at the same
 * time share the rings: do not.
 */

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIR "/sys/kernel/tracing/"
#define MAX_PIDS 4096
#define MAX_NAMES 1024

static int pids[MAX_PIDS], nr_pids;
static struct count {
	char name[48];
	unsigned long calls, errors;
} counts[MAX_NAMES];
static int nr_counts;
static int counting;
static volatile sig_atomic_t over;

#include "../../include/uapi/asm/unistd.h"

static const char *const call_names[] = {
#include "../../kernel/syscall/names.inc"
};

static void die(const char *what)
{
	fprintf(stderr, "trace: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Write a line to a file of tracefs; 0 or -1. */
static int put(const char *file, int flags, const char *fmt, ...)
{
	char path[256], text[512];
	va_list args;
	int fd, n;

	snprintf(path, sizeof(path), DIR "%s", file);
	fd = open(path, O_WRONLY | flags);
	if (fd < 0)
		return -1;
	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	n = write(fd, text, n) == n ? 0 : -1;
	close(fd);
	return n;
}

static void stop_tracing(void)
{
	put("events/enable", 0, "0");
	put("kprobe_events", 0, "-:trace_entry\n-:trace_return");
	put("uprobe_events", 0, "-:trace_call\n-:trace_back");
}

static int is_ours(int pid)
{
	for (int i = 0; i < nr_pids; i++)
		if (pids[i] == pid)
			return 1;
	return 0;
}

static void add_pid(int pid)
{
	if (nr_pids < MAX_PIDS && !is_ours(pid))
		pids[nr_pids++] = pid;
}

static void count(const char *name, int error)
{
	int i;

	for (i = 0; i < nr_counts; i++)
		if (!strcmp(counts[i].name, name))
			break;
	if (i == MAX_NAMES)
		return;
	if (i == nr_counts) {
		nr_counts++;
		snprintf(counts[i].name, sizeof(counts[i].name), "%s", name);
	}
	counts[i].calls++;
	counts[i].errors += error;
}

static int by_calls(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return x->calls < y->calls ? 1 : x->calls > y->calls ? -1 :
		strcmp(x->name, y->name);
}

static long field(const char *line, const char *name, long otherwise)
{
	const char *p = strstr(line, name);

	return p ? strtol(p + strlen(name), NULL, 0) : otherwise;
}

static const char *call_name(long nr)
{
	static char number[24];
	long n = sizeof(call_names) / sizeof(*call_names);

	if (nr >= 0 && nr < n && call_names[nr])
		return call_names[nr];
	snprintf(number, sizeof(number), "call_%ld", nr);
	return number;
}

/*
 *	comm-pid [cpu] flags seconds: event: field=value ...
 * The name may contain anything, so look for the bracket from the right.
 */
static void one_line(char *line)
{
	char *at = strstr(line, " ["), *event, *end, *dash;
	int cpu, pid;
	double when;

	while (at && !(isdigit(at[2]) && isdigit(at[3]) && at[5] == ']'))
		at = strstr(at + 1, " [");
	if (!at)
		return;
	cpu = atoi(at + 2);
	*at = '\0';
	dash = strrchr(line, '-');
	pid = dash ? atoi(dash + 1) : 0;
	at += 6;
	at += strcspn(at + 1, " ") + 1;
	when = strtod(at, &end);
	event = end + strspn(end, ": ");
	event[strcspn(event, "\n")] = '\0';
	if (!strncmp(event, "sched_process_fork:", 19) &&
	    is_ours(field(event, "parent_pid=", 0)))
		add_pid(field(event, "child_pid=", 0));
	if (!is_ours(pid))
		return;
	if (!strncmp(event, "sys_enter:", 10)) {
		if (counting) {
			count(call_name(field(event, "id=", -1)), 0);
			return;
		}
		printf("%.6f [%d] %d > %s(%s)\n", when, cpu, pid,
		       call_name(field(event, "id=", -1)),
		       strstr(event, "a0=") ?: "");
	} else if (!strncmp(event, "sys_exit:", 9)) {
		long ret = field(event, "ret=", 0);

		if (!counting)
			printf("%.6f [%d] %d < %s = %ld\n", when, cpu, pid,
			       call_name(field(event, "id=", -1)), ret);
	} else if (counting) {
		event[strcspn(event, ":")] = '\0';
		count(event, 0);
	} else {
		printf("%.6f [%d] %d   %s\n", when, cpu, pid, event);
	}
}

static void on_signal(int sig)
{
	over = 1;
}

/* Read lines until the child has ended and there are no more. */
static int follow(int pipe_fd, pid_t child)
{
	static char text[65536];
	int status = 0, ended = 0;
	size_t have = 0;

	for (;;) {
		ssize_t n = read(pipe_fd, text + have, sizeof(text) - 1 - have);
		char *line = text, *end;

		if (n <= 0) {
			if (ended || over)
				return status;
			if (child && waitpid(child, &status, WNOHANG) == child)
				ended = 1;
			usleep(20000);
			continue;
		}
		have += n;
		text[have] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			one_line(line);
			line = end + 1;
		}
		have = text + have - line;
		memmove(text, line, have);
	}
}

static pid_t start(char **argv, int *go)
{
	int ends[2];
	pid_t pid;
	char c;

	if (pipe(ends) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(ends[1]);
		if (read(ends[0], &c, 1) != 1)
			_exit(2);
		fcntl(ends[0], F_SETFD, FD_CLOEXEC);
		execvp(argv[0], argv);
		fprintf(stderr, "trace: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(ends[0]);
	*go = ends[1];
	return pid;
}

/*
 * Not our own reading, or it would never end; and what the user wants.  For
 * GROUP:* the file is the group's.
 */
static void set_filter(const char *event, const char *wanted)
{
	char file[160], *star;

	snprintf(file, sizeof(file), "events/%s/filter", event);
	if (strchr(file, ':'))
		*strchr(file, ':') = '/';
	star = strstr(file, "/*");
	if (star)
		memmove(star, star + 2, strlen(star + 2) + 1);
	if (put(file, 0, "common_pid != %d%s%s", getpid(),
		wanted ? " && " : "", wanted ?: "") < 0)
		die(file);
}

static void probe_function(const char *name)
{
	if (put("kprobe_events", O_APPEND, "p:trace_entry %s $arg1 $arg2 $arg3",
		name) < 0 ||
	    put("kprobe_events", O_APPEND, "r:trace_return %s ret=$retval",
		name) < 0)
		die(name);
	set_filter("kprobes:trace_entry", NULL);
	set_filter("kprobes:trace_return", NULL);
	put("set_event", O_APPEND, "trace_entry trace_return");
}

static void usage(void)
{
	fprintf(stderr, "usage: trace [-c] [-e EVENT] [-f FILTER] "
		"[-k FUNCTION] [-u FILE:FUNCTION] (-p PID | COMMAND...)\n");
	exit(2);
}

/* Where the byte at that address of an ELF file lies in the file; 0: nowhere. */
static unsigned long file_offset(const Elf64_Ehdr *e, unsigned long addr)
{
	const Elf64_Phdr *p = (const void *)((const char *)e + e->e_phoff);

	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_LOAD && addr >= p[i].p_vaddr &&
		    addr - p[i].p_vaddr < p[i].p_filesz)
			return addr - p[i].p_vaddr + p[i].p_offset;
	return 0;
}

static unsigned long find_symbol(const Elf64_Ehdr *e, const char *name)
{
	const char *base = (const char *)e;
	const Elf64_Shdr *s = (const void *)(base + e->e_shoff);

	for (int i = 0; i < e->e_shnum; i++) {
		const Elf64_Sym *sym = (const void *)(base + s[i].sh_offset);
		unsigned long n = s[i].sh_size / sizeof(*sym);

		if (s[i].sh_type != SHT_SYMTAB && s[i].sh_type != SHT_DYNSYM)
			continue;
		for (unsigned long k = 0; k < n; k++)
			if (sym[k].st_value && !strcmp(name, base +
			    s[s[i].sh_link].sh_offset + sym[k].st_name))
				return file_offset(e, sym[k].st_value);
	}
	return 0;
}

/* The offset of a function of that file, by name or number; 0: none is
 * there. */
static unsigned long offset_in_file(const char *path, const char *name)
{
	int fd = open(path, O_RDONLY);
	unsigned long offset = 0;
	const Elf64_Ehdr *e;
	struct stat st;

	if (isdigit(*name))
		return strtoul(name, NULL, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		die(path);
	e = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (e == MAP_FAILED)
		die(path);
	if (!memcmp(e->e_ident, ELFMAG, SELFMAG))
		offset = find_symbol(e, name);
	munmap((void *)e, st.st_size);
	close(fd);
	return offset;
}

/* FILE:FUNCTION */
static void probe_program(char *place)
{
	char *name = strrchr(place, ':');
	unsigned long offset;

	if (!name)
		usage();
	*name++ = '\0';
	offset = offset_in_file(place, name);
	if (!offset) {
		fprintf(stderr, "trace: %s: no function %s\n", place, name);
		exit(2);
	}
	if (put("uprobe_events", O_APPEND,
		"p:trace_call %s:%#lx %%di %%si %%dx", place, offset) < 0 ||
	    put("uprobe_events", O_APPEND, "r:trace_back %s:%#lx ret=$retval",
		place, offset) < 0)
		die(place);
	set_filter("uprobes:trace_call", NULL);
	set_filter("uprobes:trace_back", NULL);
	if (put("set_event", O_APPEND, "trace_call trace_back") < 0)
		die(place);
}

int main(int argc, char **argv)
{
	const char *filter = NULL, *function = NULL, *events[16];
	char *program = NULL;
	int opt, nr_events = 0, pipe_fd, go = -1, status;
	pid_t child = 0;

	while ((opt = getopt(argc, argv, "+ce:f:k:p:u:")) != -1) {
		switch (opt) {
		case 'c': counting = 1; break;
		case 'e':
			if (nr_events < 16)
				events[nr_events++] = optarg;
			break;
		case 'f': filter = optarg; break;
		case 'k': function = optarg; break;
		case 'u': program = optarg; break;
		case 'p': add_pid(atoi(optarg)); break;
		default: usage();
		}
	}
	if (!nr_pids && optind == argc)
		usage();
	stop_tracing();
	if (put("trace", O_TRUNC, "\n") < 0)
		die(DIR);
	pipe_fd = open(DIR "trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pipe_fd < 0)
		die(DIR "trace_pipe");
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	if (!nr_pids)
		add_pid(child = start(argv + optind, &go));
	if (!nr_events && !function && !program)
		events[nr_events++] = "raw_syscalls:*";
	for (int i = 0; i < nr_events; i++) {
		set_filter(events[i], filter);
		if (put("set_event", O_APPEND, "%s", events[i]) < 0)
			die(events[i]);
	}
	if (function)
		probe_function(function);
	if (program)
		probe_program(program);
	put("set_event", O_APPEND, "sched:sched_process_fork");
	if (go >= 0 && write(go, "x", 1) != 1)
		die("write");
	status = follow(pipe_fd, child);
	stop_tracing();
	qsort(counts, nr_counts, sizeof(*counts), by_calls);
	for (int i = 0; i < nr_counts; i++)
		printf("%8lu %s\n", counts[i].calls, counts[i].name);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
