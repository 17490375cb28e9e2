/* SPDX-License-Identifier: MIT */
#ifndef _UAPI_FB_H
#define _UAPI_FB_H
/* fb.h -- what /dev/fb0 tells of the screen; layout as on Linux */

#include <kernel/types.h>

#define FBIOGET_VSCREENINFO 0x4600
#define FBIOPUT_VSCREENINFO 0x4601
#define FBIOGET_FSCREENINFO 0x4602
#define FBIOPAN_DISPLAY 0x4606

#define FB_TYPE_PACKED_PIXELS 0
#define FB_VISUAL_TRUECOLOR 2

struct fb_fix_screeninfo {
	char id[16];
	unsigned long smem_start;     /* physical */
	u32 smem_len, type, type_aux, visual;
	u16 xpanstep, ypanstep, ywrapstep;
	u32 line_length;              /* bytes */
	unsigned long mmio_start;
	u32 mmio_len, accel;
	u16 capabilities, reserved[2];
};

struct fb_bitfield {
	u32 offset, length, msb_right;
};

struct fb_var_screeninfo {
	u32 xres, yres, xres_virtual, yres_virtual, xoffset, yoffset;
	u32 bits_per_pixel, grayscale;
	struct fb_bitfield red, green, blue, transp;
	u32 nonstd, activate, height, width, accel_flags;
	u32 pixclock, left_margin, right_margin, upper_margin, lower_margin;
	u32 hsync_len, vsync_len, sync, vmode, rotate, colorspace;
	u32 reserved[4];
};

_Static_assert(sizeof(struct fb_fix_screeninfo) == 80, "ABI");
_Static_assert(sizeof(struct fb_var_screeninfo) == 160, "ABI");

#endif
