/* SPDX-License-Identifier: MIT */
/*
 * cpio_test.c -- the archive reader: whole, in pieces, and damaged
 *
 * The reader is a state machine that is fed what has been unpacked so far.
 * What it tells is written down as one line; however the same archive is cut,
 * the line must be the same, and a damaged one must end with the damage named.
 */

#include "cpio.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <mm/slab.h>

/* What the reader told us, as one line of text. */
struct seen {
	char text[256];
	unsigned int len;
};

static int on_entry(void *ctx, const struct cpio_entry *e, const char *text)
{
	struct seen *s = ctx;

	s->len += snprintf(s->text + s->len, sizeof(s->text) - s->len,
			   "%s:%o%s%s ", e->name, e->mode, text ? ">" : "",
			   text ? text : "");
	return strcmp(e->name, "refuse") ? 0 : -EACCES;
}

static int on_data(void *ctx, const u8 *data, size_t len)
{
	struct seen *s = ctx;

	while (len-- && s->len < sizeof(s->text) - 1)
		s->text[s->len++] = *data++;
	s->text[s->len] = 0;
	return 0;
}

static int on_end(void *ctx)
{
	struct seen *s = ctx;

	s->len += snprintf(s->text + s->len, sizeof(s->text) - s->len, "; ");
	return 0;
}

static const struct cpio_ops ops = { on_entry, on_data, on_end };

static size_t pad(char *buf, size_t n)
{
	while (n % 4)
		buf[n++] = 0;
	return n;
}

/* Append an entry; the new length. */
static size_t entry(char *buf, size_t n, const char *name, unsigned int mode,
		    const char *data)
{
	n += sprintf(buf + n, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x"
		     "%08x%08x%08x", 1u, mode, 0u, 0u, 1u, 0u,
		     (unsigned int)strlen(data), 0u, 0u, 0u, 0u,
		     (unsigned int)strlen(name) + 1, 0u);
	n += sprintf(buf + n, "%s", name) + 1;
	n = pad(buf, n);
	n += sprintf(buf + n, "%s", data);
	return pad(buf, n);
}

static size_t archive(char *buf)
{
	size_t n = entry(buf, 0, "dir", 040755, "");

	n = entry(buf, n, "dir/file", 0100644, "hello");
	n = entry(buf, n, "link", 0120777, "dir/file");
	return entry(buf, n, "TRAILER!!!", 0, "");
}

static const char expected[] =
	"dir:40755 dir/file:100644 hello; link:120777>dir/file ";

/* Feed in pieces of `step` bytes.  0 or -errno. */
static int feed(struct cpio *c, struct seen *s, const char *buf, size_t n,
		size_t step)
{
	size_t used, pos;
	int err = 0;

	memset(s, 0, sizeof(*s));
	cpio_init(c, &ops, s);
	for (pos = 0; pos < n && !err; pos += step)
		err = cpio_feed(c, (const u8 *)buf + pos,
				min(step, n - pos), &used);
	return err ? err : cpio_finish(c);
}

SELFTEST_SLOW(cpio_reads_the_same_in_pieces_of_any_size)
{
	static char buf[1024];
	struct cpio *c = kmalloc(sizeof(*c), GFP_KERNEL);
	static struct seen s;
	static const size_t steps[] = { 1, 3, 4, 109, 110, 111, 300, 1024 };
	size_t n = archive(buf), i;

	REQUIRE(c);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		EXPECT(feed(c, &s, buf, n, steps[i]) == 0);
		EXPECT(!strcmp(s.text, expected));
	}
	kfree(c);
}

SELFTEST_SLOW(cpio_cut_short_anywhere_is_an_error_or_complete)
{
	static char buf[1024];
	struct cpio *c = kmalloc(sizeof(*c), GFP_KERNEL);
	static struct seen s;
	size_t n = archive(buf), cut;
	unsigned int complete = 0;

	REQUIRE(c);
	for (cut = 1; cut < n; cut += 3) {
		int err = feed(c, &s, buf, cut, cut);

		complete += !err;
		EXPECT(err == 0 || (err == -EINVAL && c->error[0]));
	}
	EXPECT(complete <= 8);   /* at the ends of entries only */
	kfree(c);
}

SELFTEST(cpio_names_the_entry_that_is_wrong)
{
	static char buf[1024], scratch[256];
	struct cpio *c = kmalloc(sizeof(*c), GFP_KERNEL);
	static struct seen s;
	size_t n = archive(buf), at;

	REQUIRE(c);
	at = entry(scratch, 0, "dir", 040755, "");
	buf[at + 20] = 'z';
	EXPECT(feed(c, &s, buf, n, n) == -EINVAL);
	EXPECT(strstr(c->error, "bad number") &&
	       strstr(c->error, "behind entry \"dir\""));
	buf[at] = 'X';
	EXPECT(feed(c, &s, buf, n, n) == -EINVAL);
	EXPECT(strstr(c->error, "no cpio header"));
	n = entry(buf, 0, "refuse", 0100644, "x");
	EXPECT(feed(c, &s, buf, n, n) == -EACCES);
	EXPECT(strstr(c->error, "\"refuse\""));
	kfree(c);
}

SELFTEST_SLOW(cpio_archives_follow_one_another)
{
	static char buf[2048];
	struct cpio *c = kmalloc(sizeof(*c), GFP_KERNEL);
	static struct seen s;
	size_t n = archive(buf), used;

	REQUIRE(c);
	memset(buf + n, 0, 512 - n % 512);
	n += 512 - n % 512;
	n += entry(buf + n, 0, "second", 040700, "");
	n += entry(buf + n, 0, "TRAILER!!!", 0, "");
	EXPECT(feed(c, &s, buf, n, n) == 0);
	EXPECT(strstr(s.text, "second:40700"));
	buf[n] = 0x1f;           /* gzip behind it is for somebody else */
	memset(&s, 0, sizeof(s));
	cpio_init(c, &ops, &s);
	EXPECT(cpio_feed(c, (u8 *)buf, n + 1, &used) == 0 && used == n);
	kfree(c);
}
