/* SPDX-License-Identifier: MIT */
/*
 * capability.c -- capget(2) and capset(2)
 *
 * Version 3 of the interface: two 32-bit halves of each of the three sets.
 */

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>

#define CAPABILITY_VERSION_1 0x19980330
#define CAPABILITY_VERSION_2 0x20071026
#define CAPABILITY_VERSION_3 0x20080522

struct cap_header {
	u32 version;
	int pid;
};

struct cap_data {
	u32 effective, permitted, inheritable;
};

/* How many halves the caller's version has; writes ours if unknown. */
static int decode_version(struct cap_header __user *header, int *halves)
{
	u32 version;

	if (get_user(version, &header->version))
		return -EFAULT;
	switch (version) {
	case CAPABILITY_VERSION_1:
		*halves = 1;
		return 0;
	case CAPABILITY_VERSION_2:
	case CAPABILITY_VERSION_3:
		*halves = 2;
		return 0;
	}
	if (put_user((u32)CAPABILITY_VERSION_3, &header->version))
		return -EFAULT;
	return -EINVAL;
}

SYSCALL_DEFINE2(capget, struct cap_header __user *, header,
		struct cap_data __user *, data)
{
	struct cap_data out[2];
	struct task_struct *t;
	const struct cred *cred;
	int pid, halves, err = decode_version(header, &halves);

	if (err)
		return data || err != -EINVAL ? err : 0;
	if (get_user(pid, &header->pid))
		return -EFAULT;
	if (pid < 0)
		return -EINVAL;
	t = pid ? find_get_task_by_vpid(pid) : get_task_struct(current);
	if (!t)
		return -ESRCH;
	cred = get_task_cred(t);
	put_task_struct(t);
	for (int i = 0; i < 2; i++) {
		out[i].effective = cred->cap_effective >> (32 * i);
		out[i].permitted = cred->cap_permitted >> (32 * i);
		out[i].inheritable = cred->cap_inheritable >> (32 * i);
	}
	put_cred(cred);
	return copy_to_user(data, out, halves * sizeof(out[0])) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(capset, struct cap_header __user *, header,
		const struct cap_data __user *, data)
{
	struct cap_data in[2] = { 0 };
	kernel_cap_t effective, permitted, inheritable;
	const struct cred *old = current_cred();
	struct cred *new;
	int pid, halves, err = decode_version(header, &halves);

	if (err)
		return err;
	if (get_user(pid, &header->pid))
		return -EFAULT;
	if (pid && pid != task_pid_vnr(current))
		return -EPERM;
	if (copy_from_user(in, data, halves * sizeof(in[0])))
		return -EFAULT;
	effective = in[0].effective | (u64)in[1].effective << 32;
	permitted = in[0].permitted | (u64)in[1].permitted << 32;
	inheritable = in[0].inheritable | (u64)in[1].inheritable << 32;
	effective &= CAP_FULL_SET;
	permitted &= CAP_FULL_SET;
	inheritable &= CAP_FULL_SET;
	if ((permitted & ~old->cap_permitted) || (effective & ~permitted) ||
	    (inheritable & ~(old->cap_inheritable | old->cap_permitted)))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->cap_effective = effective;
	new->cap_permitted = permitted;
	new->cap_inheritable = inheritable;
	new->cap_ambient &= permitted & inheritable;
	return commit_creds(new);
}
