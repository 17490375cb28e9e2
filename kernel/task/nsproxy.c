/* SPDX-License-Identifier: MIT */
/*
 * nsproxy.c -- the initial namespaces
 *
 * Whatever Linux keeps per namespace hangs off these, so that a container needs
 * a second object and no change of the code that uses it.
 */

#include <kernel/nsproxy.h>

#include <kernel/pid.h>
#include <kernel/version.h>
#include <mm/slab.h>

struct uts_namespace init_uts_ns = {
	.count = REFCOUNT_INIT(1),
	.sem = __RWSEM_INITIALIZER(init_uts_ns.sem),
	.name = {
		.sysname = "Linux",
		.nodename = "(none)",
		.release = LANTERN_RELEASE,
		.version = LANTERN_VERSION,
		.machine = "x86_64",
		.domainname = "(none)",
	},
};

struct nsproxy init_nsproxy = {
	.count = REFCOUNT_INIT(1),
	.uts_ns = &init_uts_ns,
	.pid_ns_for_children = &init_pid_ns,
};

struct new_utsname *utsname(void)
{
	return &current->nsproxy->uts_ns->name;
}
