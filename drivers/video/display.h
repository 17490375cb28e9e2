/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_VIDEO_DISPLAY_H
#define DRIVERS_VIDEO_DISPLAY_H
/* display.h -- where cells become visible: fbcon.c or vgacon.c */

#include "screen.h"

/* Constant once found. */
struct display {
	const char *name;
	int cols, rows;
	/* Show a cell; with the cursor on it or without.  Any context. */
	void (*draw)(int x, int y, cell_t cell, bool cursor);
};

/* NULL if the machine has none.  May sleep; once. */
const struct display *fbcon_probe(void);
const struct display *vgacon_probe(void);

#endif
