/* SPDX-License-Identifier: MIT */
#ifndef UAPI_MEMPOLICY_H
#define UAPI_MEMPOLICY_H
/* mempolicy.h -- from which nodes memory comes: set_mempolicy(2), mbind(2) */

enum {
	MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE, MPOL_LOCAL,
	MPOL_PREFERRED_MANY, MPOL_MAX,
};

/* In the mode. */
#define MPOL_F_STATIC_NODES (1 << 15)
#define MPOL_F_RELATIVE_NODES (1 << 14)
#define MPOL_F_NUMA_BALANCING (1 << 13)
#define MPOL_MODE_FLAGS (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | \
			 MPOL_F_NUMA_BALANCING)

/* get_mempolicy */
#define MPOL_F_NODE 1
#define MPOL_F_ADDR 2
#define MPOL_F_MEMS_ALLOWED 4

/* mbind, move_pages */
#define MPOL_MF_STRICT 1
#define MPOL_MF_MOVE 2
#define MPOL_MF_MOVE_ALL 4

#endif
