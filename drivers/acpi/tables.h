/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_ACPI_TABLES_H
#define DRIVERS_ACPI_TABLES_H
/*
 * tables.h -- the parts of ACPI's tables that Lantern reads (ACPI 6.4)
 *
 * All little-endian and packed.  `length` counts from the table's first byte.
 */

#include <kernel/types.h>

struct acpi_rsdp {                    /* 5.2.5.3 */
	char signature[8];            /* "RSD PTR " */
	u8 checksum;                  /* of the first 20 bytes */
	char oem_id[6];
	u8 revision;                  /* 0: no XSDT */
	u32 rsdt;
	u32 length;
	u64 xsdt;
	u8 extended_checksum;         /* of all 36 */
	u8 reserved[3];
} __packed;

struct acpi_header {                  /* 5.2.6 */
	char signature[4];
	u32 length;
	u8 revision;
	u8 checksum;                  /* all bytes sum to 0 */
	char oem_id[6];
	char oem_table_id[8];
	u32 oem_revision;
	u32 creator_id;
	u32 creator_revision;
} __packed;

static_assert(sizeof(struct acpi_rsdp) == 36, "ACPI 5.2.5.3");
static_assert(sizeof(struct acpi_header) == 36, "ACPI 5.2.6");

struct acpi_gas {                     /* 5.2.3.2: where a register is */
	u8 space;                     /* 0 memory, 1 port */
	u8 bit_width, bit_offset, access_size;
	u64 address;
} __packed;

#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_IO 1

struct acpi_madt {                    /* 5.2.12 */
	struct acpi_header header;
	u32 lapic_address;
	u32 flags;
	u8 entries[];
} __packed;

enum madt_type {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LAPIC_NMI = 4,
	MADT_LAPIC_ADDRESS = 5,
	MADT_X2APIC = 9,
};

struct madt_entry {
	u8 type, length;
} __packed;

struct madt_lapic {
	struct madt_entry e;
	u8 acpi_id, apic_id;
	u32 flags;                    /* bit 0: enabled */
} __packed;

struct madt_ioapic {
	struct madt_entry e;
	u8 id, reserved;
	u32 address, gsi_base;
} __packed;

struct madt_override {
	struct madt_entry e;
	u8 bus, irq;
	u32 gsi;
	u16 flags;
} __packed;

struct madt_lapic_nmi {
	struct madt_entry e;
	u8 acpi_id;
	u16 flags;
	u8 lint;
} __packed;

struct madt_lapic_address {
	struct madt_entry e;
	u16 reserved;
	u64 address;
} __packed;

struct madt_x2apic {
	struct madt_entry e;
	u16 reserved;
	u32 apic_id, flags, acpi_id;
} __packed;

struct acpi_hpet {                    /* IA-PC HPET 3.2.4 */
	struct acpi_header header;
	u32 block_id;
	struct acpi_gas address;
	u8 number;
	u16 min_tick;
	u8 flags;
} __packed;

struct acpi_fadt {                    /* 5.2.9; cut where we stop reading */
	struct acpi_header header;
	u32 facs, dsdt;
	u8 reserved0, profile;
	u16 sci_irq;
	u32 smi_command;
	u8 acpi_enable, acpi_disable, s4bios, pstate;
	u32 pm1a_event, pm1b_event, pm1a_control, pm1b_control;
	u32 pm2_control, pm_timer, gpe0, gpe1;
	u8 pm1_event_len, pm1_control_len, pm2_len, pm_timer_len;
	u8 gpe0_len, gpe1_len, gpe1_base, cst;
	u16 c2_latency, c3_latency, flush_size, flush_stride;
	u8 duty_offset, duty_width, day_alarm, month_alarm, century;
	u16 boot_flags;
	u8 reserved1;
	u32 flags;                    /* bit 10: the reset register is there */
	struct acpi_gas reset_register;
	u8 reset_value;
	u16 arm_flags;
	u8 minor;
	u64 x_facs, x_dsdt;
} __packed;

static_assert(offsetof(struct acpi_fadt, flags) == 112, "ACPI 5.2.9");
static_assert(offsetof(struct acpi_fadt, x_dsdt) == 140, "ACPI 5.2.9");

#define FADT_RESET_REGISTER (1u << 10)

/*
 * The table with this signature, checked and mapped for good; NULL if there is
 * none or it is damaged.  Boot and process context.
 */
const struct acpi_header *acpi_find_table(const char signature[4]);
/* Map the table at phys and check length and sum; NULL if it is damaged. */
const struct acpi_header *acpi_map_table(phys_addr_t phys);

/* The tables that the root names, by number; NULL if that one is damaged. */
u32 acpi_nr_tables(void);
const struct acpi_header *acpi_table_at(u32 i);
/* The one that the FADT names, with the machine's AML; NULL. */
const struct acpi_header *acpi_find_dsdt(void);

/* Pure, and tested on the host: do `len` bytes sum to 0? */
bool acpi_checksum_ok(const void *p, size_t len);
/*
 * Find \_S5_ in `len` bytes of AML and decode its sleep types; false if there
 * is none.  Pure.
 */
bool acpi_find_s5(const u8 *aml, size_t len, u8 *type_a, u8 *type_b);

void acpi_parse_madt(const struct acpi_madt *madt);
void acpi_power_init(void);

#endif
