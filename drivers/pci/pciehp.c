/* SPDX-License-Identifier: MIT */
/*
 * pciehp.c -- the slot behind a PCI Express port: devices come and go
 *
 * PROMISE.  What is plugged into a hotplug slot is found and bound; what is
 * pulled, with or without asking first, is unbound, and its slot is ready.
 *
 * IDEA.  The port interrupts when somebody presses the attention button or
 * when presence in the slot changes; the handler notes the event bits, the
 * work does the rest:
 *
 *	          button, empty slot with a card / presence came
 *	  OFF  -------------------------------------------------->  ON
 *	   ^                                                        |
 *	   |      5 s pass without          button                  |
 *	   +-------- second press ------ BLINKING <-----------------+
 *	   +--------------------------------------------------------+
 *	                     presence gone (surprise)
 *
 * Going OFF: drivers let go, then power and lamp off; only then may the card
 * be taken (QEMU's device_del waits for that).  The 5 s are the standard's:
 * a second press in that time means "no, leave it".
 *
 * LOCKING.  The state belongs to the work, which never runs twice at once.
 * pending (atomic) is what the handler leaves for it.
 *
 * RACES.  By message (MSI) the port interrupts when the first event bit is set,
 * and not again before all are clear.  Wrong would be:
 *
 *	handler                              port
 *	read status: button
 *	                                     set presence: no message
 *	clear button
 *	                                     presence is set for ever, silent
 *
 * So the handler reads again after it has cleared, until it reads none [a].
 *
 * SEE PCI Express Base 4.0, 6.7.1; docs/72-pci.md.
 */

#include "pci_impl.h"

#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/workqueue.h>
#include <mm/slab.h>

#define BUTTON_DELAY (5 * HZ)
#define SETTLE_DELAY (HZ / 10)
#define MAX_LOOKS 100           /* a port that never runs dry is broken */
#define EVENTS (PCI_EXP_SLTSTA_ABP | PCI_EXP_SLTSTA_PDC | \
		PCI_EXP_SLTSTA_DLLSC)

enum slot_state { SLOT_OFF, SLOT_ON, SLOT_BLINKING_OFF, SLOT_BLINKING_ON };

struct slot {
	struct pci_dev *port;
	u32 cap;
	int number;
	enum slot_state state;        /* the work's */
	atomic_t pending;             /* event bits not yet worked on */
	unsigned long deadline;       /* the work's: end of blinking */
	struct delayed_work work;
};

static u16 slot_status(struct slot *s)
{
	u16 v;

	pcie_capability_read_word(s->port, PCI_EXP_SLTSTA, &v);
	return v;
}

static bool is_present(struct slot *s)
{
	u16 v = slot_status(s);

	return v != 0xffff && (v & PCI_EXP_SLTSTA_PDS);
}

/* Change some bits of slot control.  The work and probe only. */
static void control(struct slot *s, u16 clear, u16 set)
{
	u16 v;

	pcie_capability_read_word(s->port, PCI_EXP_SLTCTL, &v);
	pcie_capability_write_word(s->port, PCI_EXP_SLTCTL,
				   (v & ~clear) | set);
}

static void lamp(struct slot *s, u16 how)
{
	control(s, PCI_EXP_SLTCTL_PIC, how);
}

static void bring_up(struct slot *s)
{
	control(s, PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PIC,
		PCI_EXP_SLTCTL_PWR_IND_ON);
	pci_lock_rescan_remove();
	if (s->port->subordinate)
		pci_rescan_bus(s->port->subordinate);
	pci_unlock_rescan_remove();
	s->state = SLOT_ON;
	pci_info(s->port, "slot %d: on\n", s->number);
}

static void take_down(struct slot *s)
{
	struct pci_bus *bus = s->port->subordinate;
	struct pci_dev *dev, *next;

	pci_lock_rescan_remove();
	if (bus)
		list_for_each_entry_safe_reverse(dev, next, &bus->devices,
						 bus_list)
			pci_stop_and_remove_bus_device(dev);
	pci_unlock_rescan_remove();
	control(s, PCI_EXP_SLTCTL_PIC | PCI_EXP_SLTCTL_PCC,
		PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PCC);
	s->state = SLOT_OFF;
	pci_info(s->port, "slot %d: off\n", s->number);
}

static void blink(struct slot *s, enum slot_state to)
{
	s->state = to;
	s->deadline = jiffies + BUTTON_DELAY;
	lamp(s, PCI_EXP_SLTCTL_PWR_IND_BLINK);
	pci_info(s->port, "slot %d: button pressed, %s in 5 s\n", s->number,
		 to == SLOT_BLINKING_OFF ? "off" : "on");
}

static void button(struct slot *s)
{
	switch (s->state) {
	case SLOT_ON:
		blink(s, SLOT_BLINKING_OFF);
		break;
	case SLOT_OFF:
		blink(s, SLOT_BLINKING_ON);
		break;
	case SLOT_BLINKING_OFF:
		s->state = SLOT_ON;
		lamp(s, PCI_EXP_SLTCTL_PWR_IND_ON);
		pci_info(s->port, "slot %d: stays on\n", s->number);
		break;
	case SLOT_BLINKING_ON:
		s->state = SLOT_OFF;
		lamp(s, PCI_EXP_SLTCTL_PWR_IND_OFF);
		pci_info(s->port, "slot %d: stays off\n", s->number);
		break;
	}
}

static bool is_up(const struct slot *s)
{
	return s->state == SLOT_ON || s->state == SLOT_BLINKING_OFF;
}

static void presence_changed(struct slot *s)
{
	if (is_up(s))
		take_down(s);           /* even if another is there already */
	if (is_present(s))
		bring_up(s);
}

static void blinked_long_enough(struct slot *s)
{
	if (s->state == SLOT_BLINKING_OFF)
		take_down(s);
	else if (is_present(s))
		bring_up(s);
	else
		s->state = SLOT_OFF;
}

static void slot_work(struct work_struct *work)
{
	struct slot *s = container_of(to_delayed_work(work), struct slot, work);
	int events = atomic_xchg(&s->pending, 0);
	long left;

	if (events & PCI_EXP_SLTSTA_PDC)
		presence_changed(s);
	else if (events & PCI_EXP_SLTSTA_ABP)
		button(s);
	if (s->state != SLOT_BLINKING_OFF && s->state != SLOT_BLINKING_ON)
		return;
	/* One look at the clock: it goes on, and a delay has no sign. */
	left = s->deadline - jiffies;
	if (left <= 0)
		blinked_long_enough(s);
	else
		queue_delayed_work(system_long_wq, &s->work, left);
}

/* What has happened, told to the port as seen, so that it may interrupt
 * again. */
static u16 take_events(struct slot *s)
{
	u16 status, all = 0;

	for (int looks = 0; looks < MAX_LOOKS; looks++) {        /* [a] */
		status = slot_status(s);
		if (status == 0xffff)   /* the port itself is gone */
			return 0;
		status &= EVENTS | PCI_EXP_SLTSTA_CC;
		if (!status)
			break;
		pcie_capability_write_word(s->port, PCI_EXP_SLTSTA, status);
		all |= status;
	}
	return all;
}

static irqreturn_t slot_interrupt(int irq, void *data)
{
	struct slot *s = data;
	u16 events = take_events(s);

	if (!events)
		return IRQ_NONE;
	/* A link that changed without presence says nothing of its own. */
	events &= PCI_EXP_SLTSTA_ABP | PCI_EXP_SLTSTA_PDC;
	if (events) {
		atomic_or(events, &s->pending);
		mod_delayed_work(system_long_wq, &s->work,
				 events & PCI_EXP_SLTSTA_PDC ? SETTLE_DELAY : 0);
	}
	return IRQ_HANDLED;
}

/* What the firmware has done so far, and tell us of all that follows. */
static void start_slot(struct slot *s)
{
	pcie_capability_write_word(s->port, PCI_EXP_SLTSTA,
				   EVENTS | PCI_EXP_SLTSTA_CC);
	s->state = is_present(s) ? SLOT_ON : SLOT_OFF;
	if (s->state == SLOT_ON)
		control(s, PCI_EXP_SLTCTL_AIC | PCI_EXP_SLTCTL_PIC |
			PCI_EXP_SLTCTL_PCC, PCI_EXP_SLTCTL_ATTN_IND_OFF |
			PCI_EXP_SLTCTL_PWR_IND_ON);
	control(s, 0, PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_PDCE |
		(s->cap & PCI_EXP_SLTCAP_ABP ? PCI_EXP_SLTCTL_ABPE : 0));
}

/*
 * A slot that is empty by its status and has a function behind it is served
 * by the firmware's ACPI code: hands off, or we would cut its power.
 */
static bool is_ours(struct slot *s)
{
	struct pci_bus *bus = s->port->subordinate;

	return is_present(s) || !bus || list_empty(&bus->devices);
}

static int setup_slot(struct pci_dev *port, u32 cap)
{
	struct slot *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int err = 0;

	if (!s)
		return -ENOMEM;
	s->port = port;
	s->cap = cap;
	if (!is_ours(s))
		goto out_free;
	s->number = cap >> PCI_EXP_SLTCAP_PSN_SHIFT;
	INIT_DELAYED_WORK(&s->work, slot_work);
	err = pci_alloc_irq_vectors(port, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		goto out_free;
	err = pci_request_irq(port, 0, slot_interrupt, NULL, s, "pciehp");
	if (err)
		goto out_vectors;
	pci_set_drvdata(port, s);
	start_slot(s);
	return 0;
out_vectors:
	pci_free_irq_vectors(port);
out_free:
	kfree(s);
	return err;
}

static int port_probe(struct pci_dev *port, const struct pci_device_id *id)
{
	u32 cap = 0;
	int err;

	if (!port->pcie_cap)
		return -ENODEV;
	err = pci_enable_device(port);
	if (err)
		return err;
	pci_set_master(port);
	if (port->pcie_flags_reg & PCI_EXP_FLAGS_SLOT)
		pcie_capability_read_dword(port, PCI_EXP_SLTCAP, &cap);
	if (cap & PCI_EXP_SLTCAP_HPC)
		err = setup_slot(port, cap);
	if (err)
		pci_disable_device(port);
	return err;
}

static void port_remove(struct pci_dev *port)
{
	struct slot *s = pci_get_drvdata(port);

	if (s) {
		control(s, PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_PDCE |
			PCI_EXP_SLTCTL_ABPE, 0);
		pci_free_irq(port, 0, s);
		cancel_delayed_work_sync(&s->work);
		pci_free_irq_vectors(port);
		pci_set_drvdata(port, NULL);
		kfree(s);
	}
	pci_disable_device(port);
}

static const struct pci_device_id port_ids[] = {
	{ PCI_DEVICE_CLASS(PCI_CLASS_BRIDGE_PCI << 8, ~0u) },
	{ 0 },
};

static struct pci_driver port_driver = {
	.name = "pcieport",
	.id_table = port_ids,
	.probe = port_probe,
	.remove = port_remove,
};
module_pci_driver(port_driver);
