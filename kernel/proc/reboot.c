/* SPDX-License-Identifier: MIT */
/*
 * reboot.c -- reboot(2): restart, halt, power off
 *
 * The last line of the log says which; arch code stops the other CPUs and asks
 * the firmware.
 *
 * SEE reboot(2).
 */

#include <kernel/reboot.h>

#include <arch/reboot.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/workqueue.h>
#include <uapi/reboot.h>

bool ctrl_alt_del_reboots = true;

__noreturn void kernel_restart(void)
{
	pr_emerg("reboot: Restarting system\n");
	machine_restart();
}

__noreturn void kernel_halt(void)
{
	pr_emerg("reboot: System halted\n");
	machine_halt();
}

__noreturn void kernel_power_off(void)
{
	pr_emerg("reboot: Power down\n");
	machine_power_off();
}

static void restart_work_fn(struct work_struct *work)
{
	kernel_restart();
}

static DECLARE_WORK(restart_work, restart_work_fn);

void ctrl_alt_del(void)
{
	if (ctrl_alt_del_reboots)
		schedule_work(&restart_work);
	else
		send_sig(SIGINT, init_pid_ns.child_reaper, 1);
}

SYSCALL_DEFINE4(reboot, int, magic1, int, magic2, unsigned int, cmd,
		void __user *, arg)
{
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if ((unsigned int)magic1 != REBOOT_MAGIC1 ||
	    (magic2 != REBOOT_MAGIC2 && magic2 != REBOOT_MAGIC2A &&
	     magic2 != REBOOT_MAGIC2B && magic2 != REBOOT_MAGIC2C))
		return -EINVAL;
	switch (cmd) {
	case REBOOT_CMD_RESTART:
	case REBOOT_CMD_RESTART2:
		kernel_restart();
	case REBOOT_CMD_HALT:
		kernel_halt();
	case REBOOT_CMD_POWER_OFF:
		kernel_power_off();
	case REBOOT_CMD_CAD_ON:
	case REBOOT_CMD_CAD_OFF:
		ctrl_alt_del_reboots = cmd == REBOOT_CMD_CAD_ON;
		return 0;
	}
	return -EINVAL;
}
