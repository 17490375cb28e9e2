/* SPDX-License-Identifier: MIT */
#ifndef UAPI_SOCKIOS_H
#define UAPI_SOCKIOS_H
/* sockios.h -- ioctls that configure the network (Linux ABI) */

#include <kernel/types.h>
#include <uapi/socket.h>

#define SIOCADDRT 0x890b
#define SIOCDELRT 0x890c
#define SIOCGIFNAME 0x8910
#define SIOCGIFCONF 0x8912
#define SIOCGIFFLAGS 0x8913
#define SIOCSIFFLAGS 0x8914
#define SIOCGIFADDR 0x8915
#define SIOCSIFADDR 0x8916
#define SIOCGIFDSTADDR 0x8917
#define SIOCSIFDSTADDR 0x8918
#define SIOCGIFBRDADDR 0x8919
#define SIOCSIFBRDADDR 0x891a
#define SIOCGIFNETMASK 0x891b
#define SIOCSIFNETMASK 0x891c
#define SIOCGIFMETRIC 0x891d
#define SIOCSIFMETRIC 0x891e
#define SIOCGIFMEM 0x891f
#define SIOCGIFMTU 0x8921
#define SIOCSIFMTU 0x8922
#define SIOCSIFNAME 0x8923
#define SIOCSIFHWADDR 0x8924
#define SIOCGIFHWADDR 0x8927
#define SIOCGIFSLAVE 0x8929
#define SIOCADDMULTI 0x8931
#define SIOCDELMULTI 0x8932
#define SIOCGIFINDEX 0x8933
#define SIOCSIFHWBROADCAST 0x8937
#define SIOCGIFTXQLEN 0x8942
#define SIOCSIFTXQLEN 0x8943
#define SIOCETHTOOL 0x8946
#define SIOCDARP 0x8953
#define SIOCGARP 0x8954
#define SIOCSARP 0x8955
#define SIOCGIFMAP 0x8970
#define SIOCSIFMAP 0x8971
#define SIOCBRADDBR 0x89a0
#define SIOCBRDELBR 0x89a1
#define SIOCBRADDIF 0x89a2
#define SIOCBRDELIF 0x89a3

/* SIOCADDRT's */
struct rtentry {
	unsigned long rt_pad1;
	struct sockaddr rt_dst, rt_gateway, rt_genmask;
	unsigned short rt_flags;      /* RTF_* */
	short rt_pad2;
	unsigned long rt_pad3;
	void *rt_pad4;
	short rt_metric;              /* and one more than the priority */
	char __user *rt_dev;          /* a name, or NULL */
	unsigned long rt_mtu, rt_window;
	unsigned short rt_irtt;
};
static_assert(sizeof(struct rtentry) == 120, "Linux ABI");

#define RTF_UP 0x0001
#define RTF_GATEWAY 0x0002
#define RTF_HOST 0x0004
#define RTF_REINSTATE 0x0008
#define RTF_DYNAMIC 0x0010
#define RTF_MODIFIED 0x0020
#define RTF_MTU 0x0040
#define RTF_WINDOW 0x0080
#define RTF_IRTT 0x0100
#define RTF_REJECT 0x0200

/* SIOCETHTOOL: what programs ask in passing. */
#define ETHTOOL_GDRVINFO 0x00000003
#define ETHTOOL_GLINK 0x0000000a

struct ethtool_drvinfo {
	__u32 cmd;
	char driver[32], version[32], fw_version[32], bus_info[32];
	char erom_version[32], reserved2[12];
	__u32 n_priv_flags, n_stats, testinfo_len, eedump_len, regdump_len;
};
static_assert(sizeof(struct ethtool_drvinfo) == 196, "Linux ABI");

struct ethtool_value {
	__u32 cmd, data;
};

#endif
