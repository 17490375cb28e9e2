/* SPDX-License-Identifier: MIT */
/*
 * uevent.c -- news of objects: added, removed, changed
 *
 * PROMISE.  Listeners hear of each event in the order of its SEQNUM, which has
 * no gaps.
 *
 * IDEA.  An event is a list of NAME=value strings.  Everybody on the way adds
 * some: this file (ACTION, DEVPATH, SUBSYSTEM), the kset's operations (for
 * devices: MAJOR, MINOR, DEVNAME, DRIVER, what bus and class know), the caller.
 * Reading a device's `uevent` file gives the kset's part alone.
 *
 * When nobody listens, an event costs a number.
 *
 * LOCKING.  uevent_mutex guards the number and the listeners, and is held while
 * they are told: that is what keeps the order.
 */

#include <drivers/kobject.h>

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <mm/slab.h>

static DEFINE_MUTEX(uevent_mutex);
static LIST_HEAD(listeners);
static u64 seqnum;

static const char *const action_names[] = {
	[KOBJ_ADD] = "add", [KOBJ_REMOVE] = "remove",
	[KOBJ_CHANGE] = "change", [KOBJ_MOVE] = "move",
	[KOBJ_ONLINE] = "online", [KOBJ_OFFLINE] = "offline",
	[KOBJ_BIND] = "bind", [KOBJ_UNBIND] = "unbind",
};

int add_uevent_var(struct kobj_uevent_env *env, const char *fmt, ...)
{
	int room = sizeof(env->buf) - env->buflen, n;
	va_list args;

	if (env->envp_idx >= UEVENT_NUM_ENVP - 1)
		return -ENOMEM;
	va_start(args, fmt);
	n = vsnprintf(env->buf + env->buflen, room, fmt, args);
	va_end(args);
	if (n >= room)
		return -ENOMEM;
	env->envp[env->envp_idx++] = env->buf + env->buflen;
	env->buflen += n + 1;
	return 0;
}
EXPORT_SYMBOL(add_uevent_var);

/* The nearest object up the tree that belongs to a set says what it is. */
static struct kset *set_of(struct kobject *kobj)
{
	while (kobj && !kobj->kset)
		kobj = kobj->parent;
	return kobj ? kobj->kset : NULL;
}

static int fill_env(struct kobject *kobj, const struct kset_uevent_ops *ops,
		    const char *action, const char *subsystem, char *extra[],
		    struct kobj_uevent_env *env)
{
	char *path = kobject_get_path(kobj, GFP_KERNEL);
	int err;

	if (!path)
		return -ENOMEM;
	err = add_uevent_var(env, "ACTION=%s", action);
	if (!err)
		err = add_uevent_var(env, "DEVPATH=%s", path);
	if (!err)
		err = add_uevent_var(env, "SUBSYSTEM=%s", subsystem);
	for (; extra && *extra && !err; extra++)
		err = add_uevent_var(env, "%s", *extra);
	if (!err && ops && ops->uevent)
		err = ops->uevent(kobj, env);
	kfree(path);
	return err;
}

static int tell(struct kobject *kobj, const struct kset_uevent_ops *ops,
		const char *action, const char *subsystem, char *extra[])
{
	struct kobj_uevent_env *env;
	struct uevent_listener *l;
	int err;

	env = kzalloc(sizeof(*env), GFP_KERNEL);
	if (!env)
		return -ENOMEM;
	err = fill_env(kobj, ops, action, subsystem, extra, env);
	mutex_lock(&uevent_mutex);
	if (!err)
		err = add_uevent_var(env, "SEQNUM=%lu",
				     (unsigned long)seqnum + 1);
	if (!err) {
		seqnum++;
		list_for_each_entry(l, &listeners, link)
			l->event(kobj, action, env);
	}
	mutex_unlock(&uevent_mutex);
	kfree(env);
	return err;
}

static void count_only(void)
{
	mutex_lock(&uevent_mutex);
	seqnum++;
	mutex_unlock(&uevent_mutex);
}

int kobject_uevent_env(struct kobject *kobj, enum kobject_action action,
		       char *envp[])
{
	struct kset *set = set_of(kobj);
	const struct kset_uevent_ops *ops = set ? set->uevent_ops : NULL;
	const char *subsystem;

	if (!set)
		return -EINVAL;
	/* Said once, even if the telling fails. */
	if (action == KOBJ_REMOVE)
		kobj->state_remove_uevent_sent = true;
	if (ops && ops->filter && !ops->filter(kobj))
		return 0;
	subsystem = ops && ops->name ? ops->name(kobj) : set->kobj.name;
	if (!subsystem)
		return 0;
	if (action == KOBJ_ADD)
		kobj->state_add_uevent_sent = true;
	if (list_empty_careful(&listeners)) {
		count_only();
		return 0;
	}
	return tell(kobj, ops, action_names[action], subsystem, envp);
}
EXPORT_SYMBOL(kobject_uevent_env);

int kobject_uevent(struct kobject *kobj, enum kobject_action action)
{
	return kobject_uevent_env(kobj, action, NULL);
}
EXPORT_SYMBOL(kobject_uevent);

int kobject_synth_uevent(struct kobject *kobj, const char *buf, size_t n)
{
	static char synthetic[] = "SYNTH_UUID=0";
	char *extra[] = { synthetic, NULL };
	size_t len = strcspn(buf, " \n");

	for (size_t i = 0; i < ARRAY_SIZE(action_names); i++) {
		if (strlen(action_names[i]) != len ||
		    memcmp(buf, action_names[i], len))
			continue;
		if (i == KOBJ_REMOVE) {
			bool sent = kobj->state_remove_uevent_sent;
			int err = kobject_uevent_env(kobj, i, extra);

			/* It was said, but it is not so. */
			kobj->state_remove_uevent_sent = sent;
			return err;
		}
		return kobject_uevent_env(kobj, i, extra);
	}
	return -EINVAL;
}

void uevent_register_listener(struct uevent_listener *l)
{
	mutex_lock(&uevent_mutex);
	list_add_tail(&l->link, &listeners);
	mutex_unlock(&uevent_mutex);
}

void uevent_unregister_listener(struct uevent_listener *l)
{
	mutex_lock(&uevent_mutex);
	list_del(&l->link);
	mutex_unlock(&uevent_mutex);
}

u64 uevent_seqnum_now(void)
{
	u64 n;

	mutex_lock(&uevent_mutex);
	n = seqnum;
	mutex_unlock(&uevent_mutex);
	return n;
}
