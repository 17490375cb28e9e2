/* SPDX-License-Identifier: MIT */
/*
 * virtio.c -- the bus on which virtio devices meet their drivers
 *
 * PROMISE.  probe() of a driver sees a device that was reset and has agreed on
 * exactly the features that both know; when probe() fails or remove() is done,
 * the device is reset again.
 *
 * IDEA.  A device is brought up in steps that it can see in its status:
 *
 *	reset -> ACKNOWLEDGE -> DRIVER -> (features) -> FEATURES_OK
 *	      -> (queues) -> DRIVER_OK          FAILED at any step: given up
 *
 * LOCKING.  config_lock: whether config_changed() may be called, and the note
 * that a change came while it might not.  It is taken by interrupts.
 *
 * SEE VIRTIO 1.1, 3.1; docs/73-virtio.md.
 */

#include <drivers/virtio.h>

#include <kernel/bitops.h>
#include <kernel/byteorder.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/idr.h>
#include <kernel/init.h>
#include <kernel/kernel.h>

static DEFINE_IDA(virtio_index);

/* --- What /sys shows ----------------------------------------------------- */

static ssize_t device_show(struct device *d, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "0x%04x\n", dev_to_virtio(d)->id.device);
}
static DEVICE_ATTR_RO(device);

static ssize_t vendor_show(struct device *d, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "0x%04x\n", dev_to_virtio(d)->id.vendor);
}
static DEVICE_ATTR_RO(vendor);

static ssize_t status_show(struct device *d, struct device_attribute *attr,
			   char *buf)
{
	struct virtio_device *vdev = dev_to_virtio(d);

	return sysfs_emit(buf, "0x%08x\n", vdev->config->get_status(vdev));
}
static DEVICE_ATTR_RO(status);

static ssize_t modalias_show(struct device *d, struct device_attribute *attr,
			     char *buf)
{
	struct virtio_device *vdev = dev_to_virtio(d);

	return sysfs_emit(buf, "virtio:d%08Xv%08X\n", vdev->id.device,
			  vdev->id.vendor);
}
static DEVICE_ATTR_RO(modalias);

static ssize_t features_show(struct device *d, struct device_attribute *attr,
			     char *buf)
{
	struct virtio_device *vdev = dev_to_virtio(d);
	int n = 0;

	for (int i = 0; i < 64; i++)
		n += sysfs_emit_at(buf, n, "%d", virtio_has_feature(vdev, i));
	return n + sysfs_emit_at(buf, n, "\n");
}
static DEVICE_ATTR_RO(features);

static struct attribute *virtio_attrs[] = {
	&dev_attr_device.attr,
	&dev_attr_vendor.attr,
	&dev_attr_status.attr,
	&dev_attr_modalias.attr,
	&dev_attr_features.attr,
	NULL,
};
ATTRIBUTE_GROUPS(virtio);

/* --- Changes of the configuration ---------------------------------------- */

static void call_config_changed(struct virtio_device *vdev)
{
	struct virtio_driver *drv = vdev->dev.driver
				  ? drv_to_virtio(vdev->dev.driver) : NULL;

	if (!vdev->config_enabled)
		vdev->config_change_pending = true;
	else if (drv && drv->config_changed)
		drv->config_changed(vdev);
}

void virtio_config_changed(struct virtio_device *vdev)
{
	unsigned long flags;

	spin_lock_irqsave(&vdev->config_lock, flags);
	call_config_changed(vdev);
	spin_unlock_irqrestore(&vdev->config_lock, flags);
}
EXPORT_SYMBOL(virtio_config_changed);

void virtio_config_disable(struct virtio_device *vdev)
{
	spin_lock_irq(&vdev->config_lock);
	vdev->config_enabled = false;
	spin_unlock_irq(&vdev->config_lock);
}

void virtio_config_enable(struct virtio_device *vdev)
{
	spin_lock_irq(&vdev->config_lock);
	vdev->config_enabled = true;
	if (vdev->config_change_pending)
		call_config_changed(vdev);
	vdev->config_change_pending = false;
	spin_unlock_irq(&vdev->config_lock);
}

/* --- Steps of coming up -------------------------------------------------- */

void virtio_add_status(struct virtio_device *vdev, unsigned int status)
{
	vdev->config->set_status(vdev,
				 vdev->config->get_status(vdev) | status);
}
EXPORT_SYMBOL(virtio_add_status);

void virtio_reset_device(struct virtio_device *vdev)
{
	/* No callback may run on queues that are about to go. */
	virtio_break_device(vdev);
	if (vdev->config->synchronize_cbs)
		vdev->config->synchronize_cbs(vdev);
	vdev->config->reset(vdev);
}
EXPORT_SYMBOL(virtio_reset_device);

void virtio_break_device(struct virtio_device *vdev)
{
	struct virtqueue *vq;

	list_for_each_entry(vq, &vdev->vqs, list)
		__virtqueue_break(vq);
}
EXPORT_SYMBOL(virtio_break_device);

void virtio_device_ready(struct virtio_device *vdev)
{
	u8 status = vdev->config->get_status(vdev);

	WARN_ON(status & VIRTIO_CONFIG_S_DRIVER_OK);
	vdev->config->set_status(vdev, status | VIRTIO_CONFIG_S_DRIVER_OK);
}
EXPORT_SYMBOL(virtio_device_ready);

int virtio_finalize_features(struct virtio_device *vdev)
{
	int err = vdev->config->finalize_features(vdev);

	if (err)
		return err;
	virtio_add_status(vdev, VIRTIO_CONFIG_S_FEATURES_OK);
	if (vdev->config->get_status(vdev) & VIRTIO_CONFIG_S_FEATURES_OK)
		return 0;
	dev_err(&vdev->dev, "the device refuses our features\n");
	return -ENODEV;
}

/* From reset to where probe() starts, with the features that it had. */
int virtio_restart_device(struct virtio_device *vdev)
{
	virtio_add_status(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	virtio_add_status(vdev, VIRTIO_CONFIG_S_DRIVER);
	return virtio_finalize_features(vdev);
}
EXPORT_SYMBOL(virtio_restart_device);

struct virtqueue *virtio_find_single_vq(struct virtio_device *vdev,
					vq_callback_t *callback,
					const char *name)
{
	struct virtqueue *vq;
	int err = virtio_find_vqs(vdev, 1, &vq, &callback, &name);

	return err ? ERR_PTR(err) : vq;
}
EXPORT_SYMBOL(virtio_find_single_vq);

/* --- Configuration space ------------------------------------------------- */

/* Several fields as of one moment: read again while the generation moves. */
void virtio_cread_bytes(struct virtio_device *vdev, unsigned int offset,
			void *buf, size_t len)
{
	u32 before, after = 0;

	do {
		before = vdev->config->generation
			       ? vdev->config->generation(vdev) : 0;
		vdev->config->get(vdev, offset, buf, len);
		after = vdev->config->generation
			      ? vdev->config->generation(vdev) : 0;
	} while (before != after);
}
EXPORT_SYMBOL(virtio_cread_bytes);

void virtio_cread_field(struct virtio_device *vdev, unsigned int offset,
			void *buf, size_t len)
{
	if (len > sizeof(u32))
		virtio_cread_bytes(vdev, offset, buf, len);
	else
		vdev->config->get(vdev, offset, buf, len);
}
EXPORT_SYMBOL(virtio_cread_field);

u8 virtio_cread8(struct virtio_device *vdev, unsigned int offset)
{
	u8 v = 0;

	vdev->config->get(vdev, offset, &v, sizeof(v));
	return v;
}

u16 virtio_cread16(struct virtio_device *vdev, unsigned int offset)
{
	__le16 v = 0;

	vdev->config->get(vdev, offset, &v, sizeof(v));
	return le16_to_cpu(v);
}

u32 virtio_cread32(struct virtio_device *vdev, unsigned int offset)
{
	__le32 v = 0;

	vdev->config->get(vdev, offset, &v, sizeof(v));
	return le32_to_cpu(v);
}

u64 virtio_cread64(struct virtio_device *vdev, unsigned int offset)
{
	__le64 v = 0;

	virtio_cread_bytes(vdev, offset, &v, sizeof(v));
	return le64_to_cpu(v);
}

void virtio_cwrite8(struct virtio_device *vdev, unsigned int offset, u8 val)
{
	vdev->config->set(vdev, offset, &val, sizeof(val));
}

/* --- The bus ------------------------------------------------------------- */

static int virtio_match(struct device *dev, struct device_driver *drv)
{
	struct virtio_device *vdev = dev_to_virtio(dev);
	const struct virtio_device_id *id = drv_to_virtio(drv)->id_table;

	for (; id->device; id++)
		if (id->device == vdev->id.device &&
		    (id->vendor == VIRTIO_DEV_ANY_ID ||
		     id->vendor == vdev->id.vendor))
			return 1;
	return 0;
}

static int virtio_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	struct virtio_device *vdev = dev_to_virtio(dev);

	return add_uevent_var(env, "MODALIAS=virtio:d%08Xv%08X",
			      vdev->id.device, vdev->id.vendor);
}

/* What both know.  Transport bits are the ring's matter. */
static int negotiate(struct virtio_device *vdev, struct virtio_driver *drv)
{
	u64 offered = vdev->config->get_features(vdev), ours = 0;
	int err;

	for (unsigned int i = 0; i < drv->feature_table_size; i++)
		ours |= BIT_ULL(drv->feature_table[i]);
	for (int i = VIRTIO_TRANSPORT_F_START; i < VIRTIO_TRANSPORT_F_END; i++)
		ours |= BIT_ULL(i);
	vdev->features = offered & ours;
	if (drv->validate) {
		err = drv->validate(vdev);
		if (err)
			return err;
	}
	return virtio_finalize_features(vdev);
}

static int virtio_probe(struct device *dev)
{
	struct virtio_device *vdev = dev_to_virtio(dev);
	struct virtio_driver *drv = drv_to_virtio(dev->driver);
	int err;

	virtio_add_status(vdev, VIRTIO_CONFIG_S_DRIVER);
	err = negotiate(vdev, drv);
	if (!err)
		err = drv->probe(vdev);
	if (err) {
		virtio_add_status(vdev, VIRTIO_CONFIG_S_FAILED);
		return err;
	}
	if (!(vdev->config->get_status(vdev) & VIRTIO_CONFIG_S_DRIVER_OK))
		virtio_device_ready(vdev);
	if (drv->scan)
		drv->scan(vdev);
	virtio_config_enable(vdev);
	return 0;
}

static void virtio_remove(struct device *dev)
{
	struct virtio_device *vdev = dev_to_virtio(dev);
	struct virtio_driver *drv = drv_to_virtio(dev->driver);

	virtio_config_disable(vdev);
	drv->remove(vdev);
	/* For the next driver that comes. */
	virtio_add_status(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
}

static struct bus_type virtio_bus = {
	.name = "virtio",
	.match = virtio_match,
	.uevent = virtio_uevent,
	.probe = virtio_probe,
	.remove = virtio_remove,
	.dev_groups = virtio_groups,
};

int register_virtio_driver(struct virtio_driver *drv)
{
	drv->driver.name = drv->name;
	drv->driver.bus = &virtio_bus;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL(register_virtio_driver);

void unregister_virtio_driver(struct virtio_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL(unregister_virtio_driver);

/* On failure the caller puts the device. */
int register_virtio_device(struct virtio_device *vdev)
{
	int err;

	device_initialize(&vdev->dev);
	vdev->dev.bus = &virtio_bus;
	spin_lock_init(&vdev->config_lock);
	INIT_LIST_HEAD(&vdev->vqs);
	vdev->index = ida_alloc(&virtio_index, GFP_KERNEL);
	if (vdev->index < 0)
		return vdev->index;
	dev_set_name(&vdev->dev, "virtio%d", vdev->index);
	vdev->config->reset(vdev);
	virtio_add_status(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	err = device_add(&vdev->dev);
	if (err) {
		virtio_add_status(vdev, VIRTIO_CONFIG_S_FAILED);
		ida_free(&virtio_index, vdev->index);
	}
	return err;
}
EXPORT_SYMBOL(register_virtio_device);

void unregister_virtio_device(struct virtio_device *vdev)
{
	int index = vdev->index;

	device_unregister(&vdev->dev);
	ida_free(&virtio_index, index);
}
EXPORT_SYMBOL(unregister_virtio_device);

static int virtio_init(void)
{
	return bus_register(&virtio_bus);
}
subsys_initcall(virtio_init);
