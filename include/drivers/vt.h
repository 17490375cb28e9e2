/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_VT_H
#define DRIVERS_VT_H
/* vt.h -- the virtual terminals on the screen (drivers/video/vt.c) */

#include <kernel/types.h>

#define NR_VTS 6                 /* tty1..tty6 */

/* From the keyboard: bytes for the terminal in front.  Any context. */
void vt_key_input(const u8 *buf, int n);
/* Bring tty(n + 1) to the front.  Any context; ignored if there is none. */
void vt_switch(int n);
/* Do the arrow keys send ESC O (true) or ESC [ ?  Any context. */
bool vt_app_cursor(void);
/* The log has grown: show it soon.  Any context without locks. */
void vt_log_news(void);

#endif
