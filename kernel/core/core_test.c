/* SPDX-License-Identifier: MIT */
/*
 * core_test.c -- the log, symbols, boot parameters, randomness, notifiers
 *
 * The log is everybody's: a test finds its own lines by the sequence number
 * at which it began, and others' may stand between.  Symbols are looked up
 * both ways, and the packed table as a whole, against what the linker placed.
 */

#include <kernel/errno.h>
#include <kernel/kallsyms.h>
#include <kernel/kmsg.h>
#include <kernel/notifier.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/sections.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/uuid.h>

static struct kmsg_record rec;

/* The newest record with this text, among those from seq on. */
static bool logged(u64 seq, const char *text)
{
	int err;

	while ((err = kmsg_read(&seq, &rec)) != -EAGAIN)
		if (!err && strcmp(rec.text, text) == 0)
			return true;
	return false;
}

SELFTEST(log_keeps_whole_records_in_order)
{
	u64 seq = kmsg_next_seq();

	printk(KERN_DEBUG "core test: one\n");
	EXPECT(logged(seq, "core test: one"));
	EXPECT(rec.level == LOGLEVEL_DEBUG && rec.seq >= seq);
}

SELFTEST(log_joins_continued_lines)
{
	u64 seq = kmsg_next_seq();

	printk(KERN_DEBUG "core test:");
	EXPECT(!logged(seq, "core test:"));     /* I3: not yet visible */
	pr_cont(" two");
	pr_cont(" three\n");
	EXPECT(logged(seq, "core test: two three") ||
	       logged(seq, "core test:"));      /* another CPU came between */
}

SELFTEST(log_tells_a_late_reader_what_it_missed)
{
	u64 seq = 0;

	if (kmsg_first_seq() > 0) {
		EXPECT(kmsg_read(&seq, &rec) == -EPIPE);
		EXPECT(seq == kmsg_first_seq());
	}
	seq = kmsg_next_seq() + 1000000;
	EXPECT(kmsg_read(&seq, &rec) == -EAGAIN);
}

SELFTEST(symbols_are_found_by_address)
{
	unsigned long size, offset;
	unsigned long addr = (unsigned long)&printk;
	char buf[KSYM_NAME_LEN];
	const char *name = kallsyms_lookup(addr + 1, &size, &offset, buf);

	EXPECT(name && strcmp(name, "printk") == 0);
	EXPECT(offset == 1 && size > 1);
	EXPECT(kallsyms_lookup_name("printk") == addr);
	EXPECT(kallsyms_lookup(0x1000, NULL, NULL, buf) == NULL);
	EXPECT(kallsyms_lookup((unsigned long)_rodata, NULL, NULL, buf) == NULL);
}

/* The names alone: what is behind the address is gone when this runs. */
SELFTEST(symbols_of_init_code_are_found)
{
	unsigned long addr = kallsyms_lookup_name("setup_per_cpu_areas");
	unsigned long offset;
	char buf[KSYM_NAME_LEN];

	EXPECT(addr >= (unsigned long)_sinittext);
	EXPECT(addr < (unsigned long)_einittext);
	EXPECT(kallsyms_lookup(addr + 2, NULL, &offset, buf) != NULL);
	EXPECT(offset == 2 && strcmp(buf, "setup_per_cpu_areas") == 0);
}

/* Entry by entry, each is found again under its own address and ends there. */
SELFTEST_SLOW(symbol_table_holds_together)
{
	unsigned long last = 0, size, offset;
	char buf[KSYM_NAME_LEN];
	struct ksym sym;

	EXPECT(kallsyms_lookup_name("print") == 0);
	EXPECT(kallsyms_lookup_name("printk_") == 0);
	for (u32 i = 0; i < kallsyms_count; i++) {
		kallsyms_entry(i, &sym);
		REQUIRE(sym.addr >= last && is_kernel_text(sym.addr));
		REQUIRE(kallsyms_lookup(sym.addr, &size, &offset, buf));
		EXPECT(offset == 0);
		/* An alias goes by the name of the first. */
		EXPECT(sym.addr == last || strcmp(buf, sym.name) == 0);
		EXPECT(kallsyms_lookup_size_offset(sym.addr + size - 1, NULL,
						   &offset));
		EXPECT(offset == size - 1);
		last = sym.addr;
	}
}

SELFTEST(boot_line_is_cut_into_words)
{
	char line[] = "  quiet root=\"a b\" x.y=1 --";
	char *p = line, *param, *val;

	EXPECT(next_arg(&p, &param, &val) && !strcmp(param, "quiet") && !val);
	EXPECT(next_arg(&p, &param, &val) && !strcmp(param, "root"));
	EXPECT(val && strcmp(val, "a b") == 0);
	EXPECT(next_arg(&p, &param, &val) && !strcmp(param, "x.y"));
	EXPECT(next_arg(&p, &param, &val) && !strcmp(param, "--") && !val);
	EXPECT(!next_arg(&p, &param, &val));
}

SELFTEST_SLOW(random_bytes_differ_and_are_fair)
{
	u8 a[80], b[80];
	int ones = 0;

	get_random_bytes(a, sizeof(a));
	get_random_bytes(b, sizeof(b));
	EXPECT(memcmp(a, b, sizeof(a)) != 0);
	for (int i = 0; i < 1000; i++) {
		EXPECT(get_random_u32_below(7) < 7);
		ones += get_random_u32() & 1;
	}
	EXPECT(ones > 350 && ones < 650);
}

static int calls;

static int note(struct notifier_block *nb, unsigned long action, void *data)
{
	calls = calls * 10 + nb->priority;
	return action == 1 && nb->priority == 2 ? NOTIFY_STOP : NOTIFY_OK;
}

SELFTEST(notifiers_run_by_priority_and_may_stop)
{
	RAW_NOTIFIER_HEAD(chain);
	struct notifier_block low = { note, NULL, 1 }, high = { note, NULL, 2 };

	EXPECT(raw_notifier_chain_register(&chain, &low) == 0);
	EXPECT(raw_notifier_chain_register(&chain, &high) == 0);
	calls = 0;
	raw_notifier_call_chain(&chain, 0, NULL);
	EXPECT(calls == 21);
	calls = 0;
	raw_notifier_call_chain(&chain, 1, NULL);
	EXPECT(calls == 2);
	EXPECT(raw_notifier_chain_unregister(&chain, &low) == 0);
	EXPECT(raw_notifier_chain_unregister(&chain, &low) == -ENOENT);
}
