/* SPDX-License-Identifier: MIT */
/*
 * binfmt_script.c -- #! files name the program that reads them
 *
 * "#! interp arg" turns argv[0], argv[1..] into interp, arg, filename,
 * argv[1..].  The line ends at a newline and must fit into the first 256 bytes,
 * except that a longer argument is cut where an interpreter's name is whole.
 *
 * SEE execve(2) "Interpreter scripts".
 */

#include <kernel/binfmts.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Split the line in place: the interpreter, and what follows it or NULL. */
static int parse_line(char *line, char **interp, char **arg)
{
	char *end = strpbrk(line, "\n"), *p;

	if (end)
		*end = '\0';
	for (p = line; is_blank(*p); p++)
		;
	if (!*p)
		return -ENOEXEC;
	*interp = p;
	while (*p && !is_blank(*p))
		p++;
	/* Cut by the buffer: the name may not be whole. */
	if (!*p && !end)
		return -ENOEXEC;
	*arg = NULL;
	if (!*p)
		return 0;
	*p++ = '\0';
	while (is_blank(*p))
		p++;
	if (!*p)
		return 0;
	*arg = p;
	for (p += strlen(p); is_blank(p[-1]); p--)
		p[-1] = '\0';
	return 0;
}

static int load_script(struct linux_binprm *bprm)
{
	char line[BINPRM_BUF_SIZE], *interp, *arg;
	struct file *file;
	int err;

	if (bprm->buf[0] != '#' || bprm->buf[1] != '!')
		return -ENOEXEC;
	memcpy(line, bprm->buf + 2, sizeof(line) - 2);
	line[sizeof(line) - 2] = '\0';
	err = parse_line(line, &interp, &arg);
	if (err)
		return err;
	err = remove_arg_zero(bprm);
	if (err)
		return err;
	err = copy_string_kernel(bprm->interp, bprm);
	if (!err) {
		bprm->argc++;
		if (arg) {
			err = copy_string_kernel(arg, bprm);
			bprm->argc++;
		}
	}
	if (!err)
		err = copy_string_kernel(interp, bprm);
	if (err)
		return err;
	bprm->argc++;
	err = bprm_change_interp(interp, bprm);
	if (err)
		return err;
	file = open_exec(interp);
	if (IS_ERR(file))
		return PTR_ERR(file);
	bprm->executable = file;
	return 0;
}

static struct linux_binfmt script_format = {
	.load_binary = load_script,
};

static int init_script_binfmt(void)
{
	register_binfmt(&script_format);
	return 0;
}
core_initcall(init_script_binfmt);
