/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_INPUT_KEYBOARD_H
#define DRIVERS_INPUT_KEYBOARD_H
/* keyboard.h -- between the controller and the key map */

#include <kernel/types.h>

/* One byte of scan code set 1, as the controller delivers it; hard irq. */
void keyboard_scancode(u8 code);

#endif
