/* SPDX-License-Identifier: MIT */
#ifndef UAPI_IF_TUN_H
#define UAPI_IF_TUN_H
/* if_tun.h -- /dev/net/tun: a network device whose wire is a file (Linux
 * ABI) */

#include <uapi/if.h>

#define TUNSETNOCSUM 0x400454c8
#define TUNSETDEBUG 0x400454c9
#define TUNSETIFF 0x400454ca
#define TUNSETPERSIST 0x400454cb
#define TUNSETOWNER 0x400454cc
#define TUNSETLINK 0x400454cd
#define TUNSETGROUP 0x400454ce
#define TUNGETFEATURES 0x800454cf
#define TUNSETOFFLOAD 0x400454d0
#define TUNGETIFF 0x800454d2
#define TUNGETSNDBUF 0x800454d3
#define TUNSETSNDBUF 0x400454d4
#define TUNSETIFINDEX 0x400454da
#define TUNSETCARRIER 0x400454e2

/* TUNSETIFF's ifr_flags */
#define IFF_TUN 0x0001                /* IP packets */
#define IFF_TAP 0x0002                /* Ethernet frames */
#define IFF_NO_PI 0x1000              /* no struct tun_pi in front */
#define IFF_ONE_QUEUE 0x2000          /* no longer means anything */
#define IFF_TUN_EXCL 0x8000           /* fail if the device is there */
#define IFF_PERSIST 0x0800            /* told by TUNGETIFF */

#define TUN_PKT_STRIP 0x0001          /* the packet did not fit */

/* In front of each packet, unless IFF_NO_PI. */
struct tun_pi {
	__u16 flags;                  /* TUN_PKT_* */
	__be16 proto;                 /* ETH_P_* */
};
static_assert(sizeof(struct tun_pi) == 4, "ABI");

#endif
