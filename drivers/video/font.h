/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_VIDEO_FONT_H
#define DRIVERS_VIDEO_FONT_H
/* font.h -- glyphs of 8 by 16 dots (font.c) */

#include <kernel/types.h>

#define FONT_WIDTH 8
#define FONT_HEIGHT 16

/* A row a byte, bit 7 leftmost.  Any code point: unknown ones show '?'. */
void font_glyph(u32 ch, u8 out[FONT_HEIGHT]);
/* The ASCII character that stands in for ch. */
u32 font_substitute(u32 ch);

#endif
