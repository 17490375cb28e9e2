/* SPDX-License-Identifier: MIT */
/*
 * fbcon.c -- cells as pixels of the frame buffer that the boot loader set up
 *
 * The memory is mapped write-combining: a row of eight pixels goes out in one
 * burst.  Nothing is ever read back from it, which would be slow on hardware.
 */

#include "display.h"
#include "font.h"

#include <arch/boot.h>
#include <arch/io.h>
#include <kernel/init.h>
#include <kernel/math.h>
#include <kernel/printk.h>

/* The 16 ANSI colours as VGA shows them: red, green, blue. */
static const u8 palette[16][3] = {
	{ 0, 0, 0 },	    { 170, 0, 0 },     { 0, 170, 0 },
	{ 170, 85, 0 },	    { 0, 0, 170 },     { 170, 0, 170 },
	{ 0, 170, 170 },    { 170, 170, 170 }, { 85, 85, 85 },
	{ 255, 85, 85 },    { 85, 255, 85 },   { 255, 255, 85 },
	{ 85, 85, 255 },    { 255, 85, 255 },  { 85, 255, 255 },
	{ 255, 255, 255 },
};

static u8 *base;                /* constant once found, as all below */
static u32 pixel[16];           /* the palette in the buffer's format */
static unsigned int pitch, bytes_per_pixel;
static struct display fb_display;

/* One row of a glyph, in the two narrow formats. */
static void draw_row_narrow(u8 *to, u8 bits, u32 fg, u32 bg)
{
	for (int i = 0; i < FONT_WIDTH; i++, to += bytes_per_pixel) {
		u32 colour = bits & (0x80 >> i) ? fg : bg;

		if (bytes_per_pixel == 2) {
			*(volatile u16 *)to = colour;
			continue;
		}
		to[0] = colour;
		to[1] = colour >> 8;
		to[2] = colour >> 16;
	}
}

/*
 * The same with 32 bits a pixel, which nearly every machine has: two pixels in
 * one store, chosen by two bits of the glyph from the four pairs there are.
 */
static void draw_row_wide(u8 *to, u8 bits, const u64 pair[4])
{
	volatile u64 *at = (volatile u64 *)to;

	at[0] = pair[bits >> 6];
	at[1] = pair[bits >> 4 & 3];
	at[2] = pair[bits >> 2 & 3];
	at[3] = pair[bits & 3];
}

static void fb_draw(int x, int y, cell_t cell, bool cursor)
{
	u32 fg = pixel[CELL_FG(cell)], bg = pixel[CELL_BG(cell)];
	const u64 pair[4] = {             /* the left pixel is the low half */
		(u64)bg << 32 | bg, (u64)fg << 32 | bg,
		(u64)bg << 32 | fg, (u64)fg << 32 | fg,
	};
	u8 *line = base + (size_t)y * FONT_HEIGHT * pitch +
		   (size_t)x * FONT_WIDTH * bytes_per_pixel;
	u8 glyph[FONT_HEIGHT];

	font_glyph(CELL_CHAR(cell), glyph);
	if (cell & CELL_UNDERLINE)
		glyph[FONT_HEIGHT - 2] = 0xff;
	if (cursor)
		glyph[FONT_HEIGHT - 2] = glyph[FONT_HEIGHT - 1] = 0xff;
	for (int row = 0; row < FONT_HEIGHT; row++, line += pitch)
		if (bytes_per_pixel == 4)
			draw_row_wide(line, glyph[row], pair);
		else
			draw_row_narrow(line, glyph[row], fg, bg);
}

static u32 component(u8 value, u8 pos, u8 size)
{
	return (u32)(value >> (8 - min(size, (u8)8))) << pos;
}

static void make_palette(const struct boot_framebuffer *fb)
{
	for (int i = 0; i < 16; i++)
		pixel[i] = component(palette[i][0], fb->red_pos, fb->red_size) |
			   component(palette[i][1], fb->green_pos,
				     fb->green_size) |
			   component(palette[i][2], fb->blue_pos,
				     fb->blue_size);
}

const struct display *fbcon_probe(void)
{
	const struct boot_framebuffer *fb = &boot_info.fb;

	if (!fb->phys || fb->bpp < 15 || fb->width < 80 || fb->height < 64)
		return NULL;
	base = (u8 *)ioremap_wc(fb->phys, (size_t)fb->pitch * fb->height);
	if (!base)
		return NULL;
	pitch = fb->pitch;
	bytes_per_pixel = (fb->bpp + 7) / 8;
	make_palette(fb);
	fb_display.name = "frame buffer";
	fb_display.cols = min(fb->width / FONT_WIDTH,
			      (u32)SCREEN_MAX_COLS);
	fb_display.rows = min(fb->height / FONT_HEIGHT,
			      (u32)SCREEN_MAX_ROWS);
	fb_display.draw = fb_draw;
	pr_info("video: %ux%u, %u bits a pixel, at %#lx\n", fb->width,
		fb->height, fb->bpp, (unsigned long)fb->phys);
	return &fb_display;
}
