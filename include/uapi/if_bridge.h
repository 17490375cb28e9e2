/* SPDX-License-Identifier: MIT */
#ifndef UAPI_IF_BRIDGE_H
#define UAPI_IF_BRIDGE_H
/* if_bridge.h -- bridges: states of a port, attributes of rtnetlink */

#define BR_STATE_DISABLED 0
#define BR_STATE_LISTENING 1
#define BR_STATE_LEARNING 2
#define BR_STATE_FORWARDING 3
#define BR_STATE_BLOCKING 4

/* IFLA_INFO_DATA of a bridge, as far as they mean something here */
#define IFLA_BR_FORWARD_DELAY 1
#define IFLA_BR_AGEING_TIME 4         /* 1/100 s */
#define IFLA_BR_STP_STATE 5
#define IFLA_BR_VLAN_FILTERING 7
#define IFLA_BR_FDB_FLUSH 21
#define IFLA_BR_MAX 46

/* IFLA_PROTINFO of a port */
#define IFLA_BRPORT_STATE 1
#define IFLA_BRPORT_PRIORITY 2
#define IFLA_BRPORT_COST 3
#define IFLA_BRPORT_LEARNING 8
#define IFLA_BRPORT_UNICAST_FLOOD 9
#define IFLA_BRPORT_NO 17
#define IFLA_BRPORT_MAX 38

#endif
