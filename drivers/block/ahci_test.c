/* SPDX-License-Identifier: MIT */
/* ahci_test.c -- what drives say of themselves; how disks are named */

#include "ahci.h"

#include <kernel/selftest.h>
#include <kernel/string.h>

static struct ahci_port port;
static __le16 id[256];

/* A disk of 1,000,000 blocks of 512 bytes, eight to a physical one. */
static void make_identify(void)
{
	memset(id, 0, sizeof(id));
	memset(&port, 0, sizeof(port));
	for (int i = 27; i < 47; i++)
		id[i] = cpu_to_le16(0x2020);
	id[27] = cpu_to_le16('L' << 8 | 'a');
	id[28] = cpu_to_le16('m' << 8 | 'p');
	id[83] = cpu_to_le16(1 << 10);
	id[85] = cpu_to_le16(1 << 5);
	id[100] = cpu_to_le16(1000000 & 0xffff);
	id[101] = cpu_to_le16(1000000 >> 16);
	id[106] = cpu_to_le16(0x4000 | 1 << 13 | 3);
	id[169] = cpu_to_le16(1);
}

SELFTEST(ahci_reads_what_a_disk_says_of_itself)
{
	make_identify();
	EXPECT(ahci_parse_identify(&port, id) == 0);
	EXPECT(!strcmp(port.model, "Lamp") && !port.serial[0]);
	EXPECT(port.blocks == 1000000 && port.block_shift == 9);
	EXPECT(port.phys_exp == 3 && port.write_cache && port.trim);
	id[106] = cpu_to_le16(0x4000 | 1 << 12);
	id[117] = cpu_to_le16(2048);
	EXPECT(ahci_parse_identify(&port, id) == 0 && port.block_shift == 12);
}

SELFTEST(ahci_log_names_the_queued_command_that_failed)
{
	static u8 log[512];

	make_identify();
	EXPECT(!ahci_parse_identify(&port, id) && port.queue_depth == 0);
	id[75] = cpu_to_le16(31);
	id[76] = cpu_to_le16(1 << 8);
	EXPECT(!ahci_parse_identify(&port, id) && port.queue_depth == 32);
	log[0] = 17;
	log[511] = -17;
	EXPECT(ahci_parse_ncq_log(log) == 17);
	log[511]++;
	EXPECT(ahci_parse_ncq_log(log) == -EINVAL);
	log[0] = 0x80;
	log[511] = -0x80;
	EXPECT(ahci_parse_ncq_log(log) == -EINVAL);
}

SELFTEST(ahci_refuses_disks_that_cannot_be)
{
	make_identify();
	id[106] = cpu_to_le16(0x4000 | 1 << 12);
	id[117] = cpu_to_le16(300);
	EXPECT(ahci_parse_identify(&port, id) == -EINVAL);
	make_identify();
	id[103] = cpu_to_le16(1);
	EXPECT(ahci_parse_identify(&port, id) == -EINVAL);
	make_identify();
	id[100] = id[101] = 0;
	EXPECT(ahci_parse_identify(&port, id) == -EINVAL);
	make_identify();
	id[83] = 0;
	EXPECT(ahci_parse_identify(&port, id) == -EINVAL);
	EXPECT(ahci_parse_capacity(&port, (const u8 *)"\0\0\1\0\0\0\2\0") ==
	       -EINVAL);
	EXPECT(ahci_parse_capacity(&port, (const u8 *)"\0\0\1\0\0\0\x08\0") ==
	       0 && port.blocks == 257);
}

SELFTEST(disks_are_named_by_letters)
{
	char name[DISK_NAME_LEN];

	disk_name_letters(name, "sd", 0);
	EXPECT(!strcmp(name, "sda"));
	disk_name_letters(name, "vd", 25);
	EXPECT(!strcmp(name, "vdz"));
	disk_name_letters(name, "vd", 26);
	EXPECT(!strcmp(name, "vdaa"));
	disk_name_letters(name, "sd", 26 * 27);
	EXPECT(!strcmp(name, "sdaaa"));
}
