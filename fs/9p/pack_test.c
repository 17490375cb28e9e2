/* SPDX-License-Identifier: MIT */
/* pack_test.c -- self-tests of pack.c: messages there and back, and broken */

#include "pack.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

#define TAG 0x1234

static u8 bytes[256];

/* An answer of this type with one byte of room for each that is put. */
static u32 answer(u8 type, struct p9_buf *b)
{
	p9_start(b, bytes, sizeof(bytes), type, TAG);
	return 0;
}

SELFTEST(p9_message_reads_back_what_was_written)
{
	struct p9_buf b;
	const char *s;
	u16 len;

	answer(P9_TWALK + 1, &b);
	p9_put32(&b, 0xdeadbeef);
	p9_put64(&b, 0x1122334455667788ull);
	p9_put_str(&b, "name", 4);
	p9_finish(&b, 0);
	EXPECT(!b.bad && b.pos == 7 + 4 + 8 + 6);
	p9_open(&b, bytes, b.pos);
	EXPECT(p9_check_answer(&b, P9_TWALK, TAG) == 0);
	EXPECT(p9_get32(&b) == 0xdeadbeef);
	EXPECT(p9_get64(&b) == 0x1122334455667788ull);
	s = p9_get_str(&b, &len);
	EXPECT(s && len == 4 && !memcmp(s, "name", 4));
	EXPECT(!b.bad && b.pos == b.size);
}

SELFTEST(p9_server_errors_become_errno)
{
	struct p9_buf b;

	answer(P9_RLERROR, &b);
	p9_put32(&b, ENOENT);
	p9_finish(&b, 0);
	p9_open(&b, bytes, b.pos);
	EXPECT(p9_check_answer(&b, P9_TWALK, TAG) == -ENOENT);
	answer(P9_RLERROR, &b);
	p9_put32(&b, 0x80000000);
	p9_finish(&b, 0);
	p9_open(&b, bytes, b.pos);
	EXPECT(p9_check_answer(&b, P9_TWALK, TAG) == -EIO);
}

SELFTEST(p9_answer_to_another_question_is_refused)
{
	struct p9_buf b;

	answer(P9_TREAD + 1, &b);
	p9_finish(&b, 0);
	p9_open(&b, bytes, b.pos);
	EXPECT(p9_check_answer(&b, P9_TWRITE, TAG) == -EIO);
	p9_open(&b, bytes, b.size);
	EXPECT(p9_check_answer(&b, P9_TREAD, TAG + 1) == -EIO);
}

SELFTEST(p9_string_longer_than_its_message_is_refused)
{
	struct p9_buf b;
	u16 len;

	p9_start(&b, bytes, sizeof(bytes), 0, 0);
	p9_put16(&b, 100);
	p9_open(&b, bytes + 7, 50);
	EXPECT(p9_get_str(&b, &len) == NULL && b.bad && len == 0);
	EXPECT(p9_get32(&b) == 0);              /* and stays bad */
}

static bool entry_ok(const char *name, u16 len)
{
	struct p9_dirent d;
	struct p9_buf b = { .data = bytes, .size = sizeof(bytes) };
	u32 end;

	p9_put8(&b, 0);
	p9_put32(&b, 0);
	p9_put64(&b, 42);
	p9_put64(&b, 1);
	p9_put8(&b, 8);
	p9_put_str(&b, name, len);
	end = b.pos;
	p9_open(&b, bytes, end);
	return p9_get_dirent(&b, &d) && d.qid.path == 42 && d.len == len;
}

SELFTEST(p9_directory_entry_names_are_checked)
{
	EXPECT(entry_ok("file", 4));
	EXPECT(!entry_ok("a/b", 3));
	EXPECT(!entry_ok("a\0b", 3));
	EXPECT(!entry_ok("", 0));
}
