/* SPDX-License-Identifier: MIT */
/*
 * vgacon.c -- cells in VGA text memory: 80 by 25, a byte and its colours each
 *
 * For machines whose firmware left the card in text mode.  The card has its own
 * font (code page 437), so lines come from there; the cursor is drawn by
 * inverting.
 */

#include "display.h"
#include "font.h"

#include <arch/boot.h>
#include <arch/io.h>
#include <kernel/printk.h>

#define VGA_TEXT 0xb8000
#define VGA_COLS 80
#define VGA_ROWS 25
#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CRTC_CURSOR_START 0x0a
#define CURSOR_OFF 0x20

static volatile u16 __iomem *vga;

/* ANSI counts red 1, blue 4; VGA blue 1, red 4. */
static const u8 vga_colour[16] = { 0, 4, 2, 6, 1, 5, 3, 7,
				   8, 12, 10, 14, 9, 13, 11, 15 };

/* What code page 437 has beyond ASCII that we need. */
static const struct {
	u16 from;
	u8 to;
} cp437[] = {
	{ 0x2500, 0xc4 }, { 0x2502, 0xb3 }, { 0x250c, 0xda }, { 0x2510, 0xbf },
	{ 0x2514, 0xc0 }, { 0x2518, 0xd9 }, { 0x251c, 0xc3 }, { 0x2524, 0xb4 },
	{ 0x252c, 0xc2 }, { 0x2534, 0xc1 }, { 0x253c, 0xc5 }, { 0x2588, 0xdb },
	{ 0x2591, 0xb0 }, { 0x2592, 0xb1 }, { 0x2593, 0xb2 }, { 0x2580, 0xdf },
	{ 0x2584, 0xdc }, { 0x00b0, 0xf8 }, { 0x00b1, 0xf1 }, { 0x00b7, 0xfa },
};

static u8 to_cp437(u32 ch)
{
	if (ch >= ' ' && ch < 127)
		return ch;
	for (unsigned int i = 0; i < sizeof(cp437) / sizeof(cp437[0]); i++)
		if (cp437[i].from == ch)
			return cp437[i].to;
	return font_substitute(ch);
}

static void vga_draw(int x, int y, cell_t cell, bool cursor)
{
	u8 fg = vga_colour[CELL_FG(cell)], bg = vga_colour[CELL_BG(cell)];
	u8 attr = cursor ? (fg & 7) << 4 | bg : (bg & 7) << 4 | fg;

	vga[y * VGA_COLS + x] = (u16)attr << 8 | to_cp437(CELL_CHAR(cell));
}

static const struct display vga_display = {
	.name = "VGA text", .cols = VGA_COLS, .rows = VGA_ROWS,
	.draw = vga_draw,
};

const struct display *vgacon_probe(void)
{
	u16 old;

	if (boot_info.efi)
		return NULL;
	vga = ioremap(VGA_TEXT, VGA_COLS * VGA_ROWS * sizeof(u16));
	if (!vga)
		return NULL;
	old = vga[0];
	vga[0] = 0x0755;
	if (vga[0] != 0x0755) {
		iounmap((void __iomem *)vga);
		return NULL;
	}
	vga[0] = old;
	outb(CRTC_CURSOR_START, CRTC_INDEX);
	outb(CURSOR_OFF, CRTC_DATA);
	pr_info("video: VGA text, 80x25\n");
	return &vga_display;
}
