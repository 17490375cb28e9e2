/* SPDX-License-Identifier: MIT */
#ifndef UAPI_REBOOT_H
#define UAPI_REBOOT_H
/* reboot.h -- reboot(2)'s magic numbers and commands (Linux ABI) */

#define REBOOT_MAGIC1 0xfee1deadu
#define REBOOT_MAGIC2 672274793
#define REBOOT_MAGIC2A 85072278
#define REBOOT_MAGIC2B 369367448
#define REBOOT_MAGIC2C 537993216
#define REBOOT_CMD_RESTART 0x01234567u
#define REBOOT_CMD_HALT 0xcdef0123u
#define REBOOT_CMD_CAD_ON 0x89abcdefu
#define REBOOT_CMD_CAD_OFF 0x00000000u
#define REBOOT_CMD_POWER_OFF 0x4321fedcu
#define REBOOT_CMD_RESTART2 0xa1b2c3d4u

#endif
