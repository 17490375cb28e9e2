/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_NET_E1000_H
#define DRIVERS_NET_E1000_H
/*
 * e1000.h -- registers and descriptors of Intel's 8254x, and our state
 *
 * SEE "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's
 * Manual" (Intel 317453): registers chapter 13, descriptors chapter 3.
 */

#include <drivers/pci.h>
#include <kernel/workqueue.h>
#include <net/etherdevice.h>

/* Registers (13.4) */
enum e1000_reg {
	E1000_CTRL = 0x0000, E1000_STATUS = 0x0008, E1000_EERD = 0x0014,
	E1000_FCAL = 0x0028, E1000_FCAH = 0x002c, E1000_FCT = 0x0030,
	E1000_ICR = 0x00c0, E1000_ITR = 0x00c4, E1000_IMS = 0x00d0,
	E1000_IMC = 0x00d8,
	E1000_RCTL = 0x0100, E1000_FCTTV = 0x0170, E1000_TCTL = 0x0400,
	E1000_TIPG = 0x0410,
	E1000_RDBAL = 0x2800, E1000_RDBAH = 0x2804, E1000_RDLEN = 0x2808,
	E1000_RDH = 0x2810, E1000_RDT = 0x2818, E1000_RDTR = 0x2820,
	E1000_TDBAL = 0x3800, E1000_TDBAH = 0x3804, E1000_TDLEN = 0x3808,
	E1000_TDH = 0x3810, E1000_TDT = 0x3818, E1000_TIDV = 0x3820,
	E1000_CRCERRS = 0x4000, E1000_MPC = 0x4010, E1000_COLC = 0x4028,
	E1000_RLEC = 0x4040, E1000_RNBC = 0x40a0,
	E1000_RXCSUM = 0x5000, E1000_MTA = 0x5200,
	E1000_RAL = 0x5400, E1000_RAH = 0x5404, /* 16 pairs, 8 bytes apart */
};

#define E1000_CTRL_ASDE (1 << 5)
#define E1000_CTRL_SLU (1 << 6)       /* set the link up */
#define E1000_CTRL_LRST (1 << 3)
#define E1000_CTRL_ILOS (1 << 7)
#define E1000_CTRL_RST (1 << 26)
#define E1000_CTRL_PHY_RST (1u << 31)
#define E1000_STATUS_LU (1 << 1)      /* the link is up */
#define E1000_EERD_START (1 << 0)
#define E1000_EERD_DONE (1 << 4)

/* Causes of interrupts: ICR, IMS, IMC */
#define E1000_INT_TXDW (1 << 0)       /* a descriptor was written back */
#define E1000_INT_LSC (1 << 2)        /* the cable */
#define E1000_INT_RXSEQ (1 << 3)
#define E1000_INT_RXDMT0 (1 << 4)     /* few receive descriptors left */
#define E1000_INT_RXO (1 << 6)        /* none left */
#define E1000_INT_RXT0 (1 << 7)       /* a packet came */
#define E1000_INT_QUEUES (E1000_INT_TXDW | E1000_INT_RXDMT0 | \
			  E1000_INT_RXO | E1000_INT_RXT0)

#define E1000_RCTL_EN (1 << 1)
#define E1000_RCTL_UPE (1 << 3)       /* all unicasts */
#define E1000_RCTL_MPE (1 << 4)       /* all multicasts */
#define E1000_RCTL_LPE (1 << 5)       /* longer than 1522 */
#define E1000_RCTL_BAM (1 << 15)      /* broadcasts */
#define E1000_RCTL_SECRC (1 << 26)    /* without the frame's CRC */
#define E1000_TCTL_EN (1 << 1)
#define E1000_TCTL_PSP (1 << 3)       /* pad short packets */
#define E1000_TCTL_CT (0x0f << 4)     /* collisions: 16 tries */
#define E1000_TCTL_COLD (0x40 << 12)  /* and how far apart: full duplex */
#define E1000_TIPG_COPPER (10 | 8 << 10 | 6 << 20)
#define E1000_RXCSUM_TUOFL (1 << 9)   /* check TCP's and UDP's */
#define E1000_RAH_AV (1u << 31)
#define E1000_RAR_ENTRIES 16
#define E1000_MTA_WORDS 128

struct e1000_rx_desc {
	__le64 addr;
	__le16 length, csum;
	u8 status, errors;
	__le16 special;
};
#define E1000_RXD_DD 0x01             /* done */
#define E1000_RXD_EOP 0x02            /* the packet's last */
#define E1000_RXD_IXSM 0x04           /* no checksum was looked at */
#define E1000_RXD_TCPCS 0x20          /* TCP's or UDP's was */
#define E1000_RXE_FRAME 0x97          /* CRC, symbol, sequence, extension,
				       * data: the frame is broken */
#define E1000_RXE_TCPE 0x20           /* that checksum is wrong */

/*
 * Of two kinds (bit 20 of `low`): data, and a context, which says how the data
 * descriptors after it are to be summed and cut.
 */
struct e1000_tx_desc {
	union {
		__le64 addr;
		struct {
			u8 ipcss, ipcso; /* IP's sum: from, where, to */
			__le16 ipcse;
		};
	};
	__le32 low;                   /* length, kind, command */
	__le32 high;                  /* status; data: options */
};
/* Its second half, if it is a context. */
struct e1000_tx_context {
	u8 ipcss, ipcso;
	__le16 ipcse;
	u8 tucss, tucso;              /* TCP's or UDP's */
	__le16 tucse;                 /* 0: to the end */
	__le32 low;
	u8 status, hdr_len;
	__le16 mss;
};
static_assert(sizeof(struct e1000_rx_desc) == 16, "3.2.3");
static_assert(sizeof(struct e1000_tx_desc) == 16, "3.3.3");
static_assert(sizeof(struct e1000_tx_context) == 16, "3.3.6");

#define E1000_TXD_DATA (1 << 20)
#define E1000_TXD_EOP (1 << 24)
#define E1000_TXD_TCP (1 << 24)       /* context: TCP, not UDP */
#define E1000_TXD_IP (1 << 25)        /* context: there is an IPv4 header */
#define E1000_TXD_IFCS (1 << 25)      /* data: add the CRC */
#define E1000_TXD_TSE (1 << 26)       /* cut it */
#define E1000_TXD_RS (1 << 27)        /* report when done */
#define E1000_TXD_DEXT (1 << 29)      /* not the oldest format */
#define E1000_TXD_DD 1                /* high: done */
#define E1000_TXD_IXSM (1 << 8)       /* high: put in IP's sum */
#define E1000_TXD_TXSM (2 << 8)       /* high: and TCP's or UDP's */

#define RING 256                      /* descriptors; 8 at a time: 13.4.28 */
#define RX_BUF_SIZE 2048
#define RX_COPY_LEN 128
#define TX_MAX_LEN 8192               /* bytes of one descriptor */
/* A context, the linear part, the fragments, and the cuts of long ones. */
#define TX_MAX_DESCS (2 + MAX_SKB_FRAGS + GSO_MAX_SIZE / TX_MAX_LEN + 1)

/* Field keys:  [c] constant   [n] the poller   [x] the tx queue's lock */
struct e1000 {
	struct pci_dev *pdev;         /* [c] */
	struct net_device *dev;       /* [c] */
	void __iomem *regs;           /* [c] */
	struct napi_struct napi;
	struct work_struct reset_work; /* the watchdog's */

	struct e1000_rx_desc *rx;     /* [c] while up */
	dma_addr_t rx_dma;
	void *rx_buf[RING];           /* [n] */
	struct page_frag_cache frags; /* [n] */
	struct sk_buff *partial;      /* [n] of a packet in several buffers */
	bool skipping;                /* [n] the rest of a bad one */
	unsigned int rx_next;         /* [n] */

	struct e1000_tx_desc *tx;     /* [c] while up */
	dma_addr_t tx_dma;
	struct sk_buff *tx_skb[RING]; /* [x] at a packet's last descriptor */
	unsigned int tx_head;         /* [x] next to fill */
	unsigned int tx_tail;         /* [x] oldest not given back */

	spinlock_t stats_lock;
	u64 hw_missed, hw_crc, hw_length, hw_collisions; /* stats_lock */
	u64 rx_packets, rx_bytes, rx_drops, rx_errors; /* [n] anybody reads */
	u64 tx_packets, tx_bytes;     /* [x] anybody reads */
};

static inline u32 er32(const struct e1000 *e, unsigned int reg)
{
	return readl(e->regs + reg);
}

static inline void ew32(struct e1000 *e, unsigned int reg, u32 value)
{
	writel(value, e->regs + reg);
}

/* e1000-rx.c */
int e1000_rx_open(struct e1000 *e);           /* 0, -ENOMEM; may sleep */
void e1000_rx_close(struct e1000 *e);
int e1000_rx_poll(struct e1000 *e, int budget);

/* e1000-tx.c */
int e1000_tx_open(struct e1000 *e);
void e1000_tx_close(struct e1000 *e);
void e1000_tx_poll(struct e1000 *e);          /* softirq */
netdev_tx_t e1000_xmit(struct sk_buff *skb, struct net_device *dev);

#endif
