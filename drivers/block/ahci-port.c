/* SPDX-License-Identifier: MIT */
/*
 * ahci-port.c -- one port of an AHCI controller: on and off, commands, trouble
 *
 * IDEA.  Each port has a list of up to 32 commands in our memory; a bit in PxCI
 * starts the command of that slot, and the controller clears it when it is
 * done.  So a slot is a tag, and an interrupt finds what ended by comparing the
 * bits that we set with those that still stand:
 *
 *	active  1 0 1 1       given
 *	PxCI    1 0 0 1       still out        -> slot 1 is done
 *
 * QUEUED COMMANDS (NCQ).  Reads and writes may be out together if the disk says
 * so: it does them in the order that suits its heads.  Then a bit of PxCI means
 * "not taken yet", one of PxSACT "not done yet".  Everything else (flush, trim)
 * must be alone; it is held back until the others are done, and holds back
 * those that come after it.
 *
 * TROUBLE.  When the device refuses a command the port stops: that slot's bit
 * stands, and the other commands wait behind it.  So recovery runs in a worker:
 *
 *	quiesce -> stop the port -> (reset the link) -> the refused one fails,
 *	the others are started once more -> start the port -> go on
 *
 * Of queued commands the port cannot say which was refused.  The device can, in
 * log page 10h; and if it cannot either, all are sent once more one by one.
 *
 * A request that is out for too long has the link reset; what was out for the
 * second time then fails.  A port that does not come back is dead.
 *
 * LOCKING.  p->lock, irqs off: slots and the start of commands.  work_lock
 * (mutex): recovery and removal, one at a time.
 *
 * SEE AHCI 1.3.1, 10.1 (start), 6.2 (errors); ahci-cmd.c;
 * docs/74-block-layer.md.
 *
 * EXERCISES.  1. Why may a flush not be in the list together with the writes
 * that it is to make lasting?  Who sees to it?
 */

#include "ahci.h"

#include <kernel/delay.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>

#define COMMAND_TIMEOUT_MS 5000
#define LINK_TIMEOUT_MS 1000

/* Until the bits of mask are as `want`: 0, -ENODEV (gone), -ETIMEDOUT. */
int ahci_wait(u8 __iomem *reg, u32 mask, u32 want, unsigned int ms)
{
	u64 end = ktime_get_ns() + (u64)ms * NSEC_PER_MSEC;

	for (;;) {
		bool late = ktime_get_ns() > end;
		u32 v = readl(reg);

		if (v == ~0u)
			return -ENODEV;
		if ((v & mask) == want)
			return 0;
		if (late)
			return -ETIMEDOUT;
		usleep_range(50, 200);
	}
}

/* ---- the port: off and on ------------------------------------------------ */

int ahci_port_stop(struct ahci_port *p)
{
	u32 cmd = ahci_read(p, PORT_CMD);
	int err;

	if (cmd == ~0u)
		return -ENODEV;
	ahci_write(p, PORT_CMD, cmd & ~PORT_CMD_START);
	err = ahci_wait(p->regs + PORT_CMD, PORT_CMD_LIST_ON, 0, 500);
	if (err)
		return err;
	ahci_write(p, PORT_CMD, cmd & ~(PORT_CMD_START | PORT_CMD_FIS));
	return ahci_wait(p->regs + PORT_CMD, PORT_CMD_FIS_ON, 0, 500);
}

void ahci_port_receive(struct ahci_port *p)
{
	ahci_write(p, PORT_CLB, p->list_dma);
	ahci_write(p, PORT_CLBU, p->list_dma >> 32);
	ahci_write(p, PORT_FB, p->fis_dma);
	ahci_write(p, PORT_FBU, p->fis_dma >> 32);
	ahci_write(p, PORT_CMD, ahci_read(p, PORT_CMD) | PORT_CMD_FIS |
		   PORT_CMD_SPIN_UP | PORT_CMD_POWER);
}

/* COMRESET: the device begins anew.  1 ms at least (10.4.2). */
static void link_reset(struct ahci_port *p)
{
	ahci_write(p, PORT_SCTL, 1);
	msleep(2);
	ahci_write(p, PORT_SCTL, 0);
}

/* A device is there and ready for commands: 0; -ENODEV, -ETIMEDOUT. */
int ahci_port_start(struct ahci_port *p)
{
	int err = ahci_wait(p->regs + PORT_SSTS, 0xf, PORT_SSTS_PRESENT,
			    LINK_TIMEOUT_MS);

	if (err)
		return -ENODEV;
	ahci_write(p, PORT_SERR, ~0u);
	ahci_write(p, PORT_IS, ~0u);
	err = ahci_wait(p->regs + PORT_TFD, PORT_TFD_BUSY, 0,
			COMMAND_TIMEOUT_MS);
	if (!err)
		ahci_write(p, PORT_CMD, ahci_read(p, PORT_CMD) |
			   PORT_CMD_START);
	return err;
}

int ahci_internal(struct ahci_port *p, u8 command, const u8 *cdb,
		  dma_addr_t buf, u32 len)
{
	u64 end;
	int err;

	ahci_fill_internal(p, 0, command, cdb, buf, len);
	ahci_write(p, PORT_CI, 1);
	end = ktime_get_ns() + COMMAND_TIMEOUT_MS * NSEC_PER_MSEC;
	while (ktime_get_ns() < end) {
		if (ahci_read(p, PORT_IS) & (PORT_IS_TASK_FILE | PORT_IS_FATAL)) {
			err = ahci_port_stop(p);
			ahci_port_receive(p);
			return err ? err : ahci_port_start(p) ?: -EIO;
		}
		if (!(ahci_read(p, PORT_CI) & 1))
			return 0;
		usleep_range(50, 200);
	}
	return -ETIMEDOUT;
}

/* ---- requests ------------------------------------------------------------ */

/* Softirq: the device has done it. */
static void ahci_complete(struct request *rq)
{
	blk_mq_end_request(rq, BLK_STS_OK);
}

/* May it go now?  p->lock held. */
static bool has_turn(struct ahci_port *p, bool queued)
{
	if (!p->active) {
		p->want_alone = false;
		return true;
	}
	if (queued)
		return p->active == p->queued && !p->want_alone;
	/* Those that come after it must not keep it waiting for ever. */
	p->want_alone = true;
	return false;
}

/* The slot is filled: to the device, unless recovery will do that. */
static void send(struct ahci_port *p, unsigned int slot, bool queued)
{
	p->active |= 1u << slot;
	if (queued)
		p->queued |= 1u << slot;
	if (p->stopped)
		return;
	if (queued)
		ahci_write(p, PORT_SACT, 1u << slot);
	ahci_write(p, PORT_CI, 1u << slot);
}

static blk_status_t ahci_queue_rq(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *bd)
{
	struct ahci_port *p = hctx->queue->queuedata;
	struct request *rq = bd->rq;
	bool queued = ahci_can_queue(p, rq) && !READ_ONCE(p->careful);
	unsigned long flags;

	if (READ_ONCE(p->dead))
		return BLK_STS_IOERR;
	if (!ahci_fill_request(p, rq->tag, rq, queued))
		return BLK_STS_NOTSUPP;
	spin_lock_irqsave(&p->lock, flags);
	if (p->queue_depth && !has_turn(p, queued)) {
		spin_unlock_irqrestore(&p->lock, flags);
		return BLK_STS_DEV_RESOURCE;
	}
	/* Recovery looks for started requests: it will find this one. */
	blk_mq_start_request(rq);
	send(p, rq->tag, queued);
	spin_unlock_irqrestore(&p->lock, flags);
	return BLK_STS_OK;
}

/* Slots that ended well; p->lock held. */
static void take_done(struct ahci_port *p)
{
	u32 out = ahci_read(p, PORT_CI), done;

	if (p->queued)
		out |= ahci_read(p, PORT_SACT);
	done = p->active & ~out & ~p->failed;
	p->active &= ~done;
	p->queued &= ~done;
	while (done) {
		unsigned int slot = __ffs(done);
		struct request *rq = blk_mq_tag_to_rq(p->tag_set.tags[0], slot);

		if (p->careful)
			p->careful--;
		done &= done - 1;
		if (rq && blk_mq_request_started(rq))
			blk_mq_complete_request(rq);
	}
}

/* The port has stopped by itself; p->lock held. */
static void note_trouble(struct ahci_port *p, u32 status)
{
	unsigned int slot = PORT_CMD_SLOT(ahci_read(p, PORT_CMD));

	if (status & (PORT_IS_FATAL | PORT_IS_GONE))
		p->reset_wanted = true;
	else if (p->queued)
		p->queue_failed = true;
	else
		p->failed |= p->active & 1u << slot;
	p->stopped = true;
	ahci_write(p, PORT_IE, 0);
	queue_work(system_long_wq, &p->recover_work);
}

static void port_irq(struct ahci_port *p)
{
	u32 status;

	spin_lock(&p->lock);
	status = ahci_read(p, PORT_IS);
	ahci_write(p, PORT_IS, status);
	if (!p->stopped && status != ~0u) {
		bool trouble = status & (PORT_IS_TASK_FILE | PORT_IS_FATAL |
					 PORT_IS_GONE);

		/* A queued one's error may come as an ordinary answer. */
		if (p->queued && ahci_read(p, PORT_TFD) & PORT_TFD_ERR)
			trouble = true;
		if (trouble)
			note_trouble(p, status);
		take_done(p);
	}
	spin_unlock(&p->lock);
}

irqreturn_t ahci_irq(int irq, void *data)
{
	struct ahci_host *host = data;
	u32 ports = readl(host->bar + HOST_IS);

	if (!ports || ports == ~0u)
		return IRQ_NONE;
	for (unsigned int n = 0; n < AHCI_MAX_PORTS; n++)
		if (ports & 1u << n && host->ports[n])
			port_irq(host->ports[n]);
	writel(ports, host->bar + HOST_IS);
	return IRQ_HANDLED;
}

static enum blk_eh_timer_return ahci_timeout(struct request *rq)
{
	struct ahci_port *p = rq->q->queuedata;

	spin_lock_irq(&p->lock);
	if (!p->stopped)
		take_done(p);
	p->reset_wanted = true;
	spin_unlock_irq(&p->lock);
	if (blk_mq_request_completed(rq))
		return BLK_EH_DONE;     /* its interrupt was lost */
	queue_work(system_long_wq, &p->recover_work);
	return BLK_EH_RESET_TIMER;
}

const struct blk_mq_ops ahci_mq_ops = {
	.queue_rq = ahci_queue_rq,
	.complete = ahci_complete,
	.timeout = ahci_timeout,
};

/* ---- trouble ------------------------------------------------------------- */

static enum blk_verdict verdict(struct request *rq, void *data)
{
	const struct ahci_port *p = data;

	if (p->failed & 1u << rq->tag)
		return BLK_REFUSED;
	if (p->dead)
		return BLK_FAILS;
	return p->reset_wanted ? BLK_ONCE_MORE : BLK_AGAIN;
}

/* No command is out, nobody is in queue_rq, the port is stopped. */
void ahci_hand_back(struct ahci_port *p)
{
	blk_mq_take_back(&p->tag_set, verdict, p);
	spin_lock_irq(&p->lock);
	p->active = p->queued = p->failed = 0;
	p->reset_wanted = p->queue_failed = p->want_alone = false;
	p->stopped = p->dead;
	spin_unlock_irq(&p->lock);
}

/*
 * Which of the queued commands was it?  The device has a log for this, and has
 * dropped the others with it.  A device without: the link is reset, and each is
 * sent again alone, so that the one that fails is known.
 */
static int find_refused(struct ahci_port *p)
{
	const u8 *log = (u8 *)p->list + 2048;
	int slot = ahci_internal(p, ATA_READ_LOG_EXT, NULL, p->list_dma + 2048,
				 512);

	if (!slot)
		slot = ahci_parse_ncq_log(log);
	if (slot >= 0 && p->queued & 1u << slot) {
		p->failed |= 1u << slot;
		return 0;
	}
	p->careful = hweight32(p->active);
	ahci_port_stop(p);
	ahci_port_receive(p);
	link_reset(p);
	return ahci_port_start(p);
}

static int port_restart(struct ahci_port *p)
{
	int err = ahci_port_stop(p);

	if (err == -ENODEV)
		return err;
	if (err || ahci_read(p, PORT_TFD) & PORT_TFD_BUSY)
		p->reset_wanted = true;
	ahci_port_receive(p);
	if (p->reset_wanted) {
		pci_warn(p->host->pdev, "%s: resetting the link\n",
			 p->disk->disk_name);
		link_reset(p);
	}
	err = ahci_port_start(p);
	if (!err && p->queue_failed && !p->reset_wanted)
		err = find_refused(p);
	return err;
}

void ahci_recover_work(struct work_struct *work)
{
	struct ahci_port *p = container_of(work, struct ahci_port,
					   recover_work);
	int err;

	mutex_lock(&p->work_lock);
	if (p->removed || p->dead)
		goto out;
	blk_mq_quiesce_tagset(&p->tag_set);
	spin_lock_irq(&p->lock);
	if (!p->stopped)
		take_done(p);
	p->stopped = true;
	spin_unlock_irq(&p->lock);
	err = port_restart(p);
	if (err) {
		pci_err(p->host->pdev, "%s: given up: %d\n",
			p->disk->disk_name, err);
		WRITE_ONCE(p->dead, true);
	}
	ahci_hand_back(p);
	if (!p->dead)
		ahci_write(p, PORT_IE, PORT_IS_DONE | PORT_IS_TASK_FILE |
			   PORT_IS_FATAL | PORT_IS_GONE);
	blk_mq_go_on_tagset(&p->tag_set);
out:
	mutex_unlock(&p->work_lock);
}
