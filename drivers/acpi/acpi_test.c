/* SPDX-License-Identifier: MIT */
/* acpi_test.c -- self-tests of drivers/acpi: what firmware can get wrong */

#include "tables.h"

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

SELFTEST(acpi_s5_is_found_where_it_is_defined)
{
	static const u8 good[] = {
		0x10, 0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04,
		0x0a, 0x05, 0x0a, 0x06, 0x00, 0x00,
	};
	static const u8 rooted[] = {
		0x08, '\\', '_', 'S', '5', '_', 0x12, 0x05, 0x04,
		0x01, 0x00, 0x00, 0x00,
	};
	u8 a, b;

	EXPECT(acpi_find_s5(good, sizeof(good), &a, &b) && a == 5 && b == 6);
	EXPECT(acpi_find_s5(rooted, sizeof(rooted), &a, &b) && a == 1 && !b);
}

SELFTEST(acpi_s5_that_is_cut_is_not_believed)
{
	static const u8 whole[] = {
		0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05,
	};
	u8 a, b;

	for (size_t len = 0; len < sizeof(whole); len++)
		EXPECT(!acpi_find_s5(whole, len, &a, &b));
	EXPECT(acpi_find_s5(whole, sizeof(whole), &a, &b) && a == 5 && b == 5);
}

SELFTEST(acpi_table_with_a_wrong_sum_is_refused)
{
	struct acpi_header h = { .length = sizeof(h) };
	u8 sum = 0;

	memcpy(h.signature, "TEST", 4);
	for (size_t i = 0; i < sizeof(h); i++)
		sum += ((u8 *)&h)[i];
	h.checksum = -sum;
	EXPECT(acpi_checksum_ok(&h, sizeof(h)));
	h.revision ^= 1;
	EXPECT(!acpi_checksum_ok(&h, sizeof(h)));
}
