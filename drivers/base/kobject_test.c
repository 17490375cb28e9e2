/* SPDX-License-Identifier: MIT */
/*
 * kobject_test.c -- kobject.c, knode.c, attr.c, uevent.c, klist.c
 *
 * Two lives are told apart everywhere here: the place in the tree, which ends
 * when the object is removed, and the memory, which ends with the last
 * reference.  Each test ends one while the other still lasts, with a reader
 * inside where there can be one.
 */

#include <drivers/klist.h>
#include <drivers/knode.h>
#include <drivers/kobject.h>

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/selftest.h>
#include <mm/slab.h>

static struct knode *find(struct kobject *dir, const char *name)
{
	return knode_lookup(dir->sd, name, strlen(name));
}

static bool has(struct kobject *dir, const char *name)
{
	struct knode *kn = find(dir, name);

	knode_put(kn);
	return kn != NULL;
}

/* ---- two lives ---- */

static int released;

static void count_release(struct kobject *kobj)
{
	released++;
	kfree(kobj);
}

static const struct kobj_type counted_type = {
	.release = count_release, .sysfs_ops = &kobj_sysfs_ops,
};

SELFTEST(kobject_place_and_memory_end_apart)
{
	struct kobject *parent = kobject_create_and_add("selftest", NULL);
	struct kobject *child = kzalloc(sizeof(*child), GFP_KERNEL);

	REQUIRE(parent && child);
	released = 0;
	EXPECT(kobject_init_and_add(child, &counted_type, parent, "c/%d", 1)
	       == 0);
	EXPECT(!strcmp(kobject_name(child), "c!1"));
	EXPECT(has(parent, "c!1"));
	EXPECT(refcount_read(&parent->kref.refcount) == 2);
	kobject_get(child);
	kobject_del(child);                                    /* I1 */
	EXPECT(!has(parent, "c!1") && child->sd == NULL);
	EXPECT(refcount_read(&parent->kref.refcount) == 1);
	kobject_put(child);
	EXPECT(released == 0);
	kobject_put(child);
	EXPECT(released == 1);
	kobject_put(parent);
}

SELFTEST_SLOW(kobject_name_is_taken_once)
{
	struct kobject *a = kobject_create_and_add("selftest", NULL), *b;
	char *path;

	REQUIRE(a);
	b = kobject_create_and_add("x", a);
	EXPECT(b && kobject_create_and_add("x", a) == NULL);
	path = kobject_get_path(b, GFP_KERNEL);
	EXPECT(path && !strcmp(path, "/selftest/x"));
	kfree(path);
	EXPECT(kobject_rename(b, "y") == 0 && has(a, "y") && !has(a, "x"));
	kobject_put(b);
	EXPECT(!has(a, "y"));
	kobject_put(a);
}

/* ---- attributes ---- */

static ssize_t value_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "7\n");
}

static struct kobj_attribute value_attr = __ATTR_RO(value);
static struct kobj_attribute hidden_attr = __ATTR_RO_MODE(value, 0400);
static struct attribute *two_attrs[] = {
	&value_attr.attr, &hidden_attr.attr, NULL,
};

static umode_t first_only(struct kobject *kobj, struct attribute *a, int n)
{
	return n == 0 ? a->mode : 0;
}

SELFTEST(attribute_groups_are_all_or_nothing)
{
	static const struct attribute_group twice = {
		.name = "g", .attrs = two_attrs,
	};
	static const struct attribute_group once = {
		.name = "g", .attrs = two_attrs, .is_visible = first_only,
	};
	struct kobject *k = kobject_create_and_add("selftest", NULL);

	REQUIRE(k);
	/* The second attribute has the first one's name. */
	EXPECT(sysfs_create_group(k, &twice) == -EEXIST);
	EXPECT(!has(k, "g"));
	EXPECT(sysfs_create_group(k, &once) == 0 && has(k, "g"));
	sysfs_remove_group(k, &once);
	EXPECT(!has(k, "g"));
	kobject_put(k);
}

SELFTEST(link_text_leads_from_its_directory)
{
	struct kobject *k = kobject_create_and_add("selftest", NULL);
	struct kobject *a = kobject_create_and_add("a", k);
	struct kobject *b = kobject_create_and_add("b", a);
	struct knode *link;
	char text[64];

	REQUIRE(k && a && b);
	EXPECT(sysfs_create_link(b, k, "up") == 0);
	link = find(b, "up");
	EXPECT(link && knode_link_text(link, text, sizeof(text)) == 6);
	EXPECT(!strncmp(text, "../../", 6));
	EXPECT(link && knode_link_text(link, text, 4) == -ENAMETOOLONG);
	knode_put(link);
	EXPECT(sysfs_create_link(k, b, "down") == 0);
	link = find(k, "down");
	EXPECT(link && knode_link_text(link, text, sizeof(text)) == 3);
	EXPECT(!strcmp(text, "a/b"));
	knode_put(link);
	kobject_put(b);
	kobject_put(a);
	kobject_put(k);
}

/* ---- removal waits for who is inside ---- */

static struct kobject *victim;
static bool removed;

static int remover(void *unused)
{
	kobject_del(victim);
	WRITE_ONCE(removed, true);
	while (!kthread_should_stop())  /* who stops us must find us */
		yield();
	return 0;
}

SELFTEST_SLOW(knode_removal_waits_for_those_inside)
{
	struct task_struct *t;
	struct knode *kn;

	victim = kobject_create_and_add("selftest", NULL);
	REQUIRE(victim);
	EXPECT(sysfs_create_file(victim, &value_attr.attr) == 0);
	kn = find(victim, "value");
	REQUIRE(kn && knode_get_active(kn));
	removed = false;
	t = kthread_run(remover, NULL, "selftest-remove");
	REQUIRE(!IS_ERR(t));
	/* It is out of sight at once, and nobody else gets in ... */
	while (!READ_ONCE(kn->removed))
		yield();
	EXPECT(!knode_get_active(kn));
	EXPECT(!READ_ONCE(removed));
	knode_put_active(kn);
	/* ... and the removal ends when we are out. */
	kthread_stop(t);
	EXPECT(READ_ONCE(removed) && kn->drained);
	knode_put(kn);
	kobject_put(victim);
}

SELFTEST_SLOW(knode_removes_itself_once)
{
	struct kobject *k = kobject_create_and_add("selftest", NULL);
	struct knode *kn;

	REQUIRE(k);
	EXPECT(sysfs_create_file(k, &value_attr.attr) == 0);
	kn = find(k, "value");
	REQUIRE(kn && knode_get_active(kn));
	EXPECT(sysfs_remove_file_self(k, &value_attr.attr));
	EXPECT(!knode_remove_self(kn));
	EXPECT(!has(k, "value"));
	knode_put_active(kn);
	knode_put(kn);
	kobject_put(k);
}

/* ---- news ---- */

static char heard[128];

static void note(struct kobject *kobj, const char *action,
		 const struct kobj_uevent_env *env)
{
	if (strcmp(kobject_name(kobj), "x"))
		return;
	scnprintf(heard, sizeof(heard), "%s %s %s %s", env->envp[0],
		  env->envp[1], env->envp[2], env->envp[3]);
}

SELFTEST_SLOW(uevent_says_what_and_where)
{
	static struct uevent_listener listener = { .event = note };
	struct kset *set = kset_create_and_add("selftest", NULL, NULL);
	struct kobject *k = kzalloc(sizeof(*k), GFP_KERNEL);
	char extra[] = "A=1", *envp[] = { extra, NULL };
	u64 before;

	REQUIRE(set && k);
	k->kset = set;
	EXPECT(kobject_init_and_add(k, &counted_type, NULL, "x") == 0);
	uevent_register_listener(&listener);
	before = uevent_seqnum_now();
	EXPECT(kobject_uevent_env(k, KOBJ_CHANGE, envp) == 0);
	EXPECT(!strcmp(heard, "ACTION=change DEVPATH=/selftest/x "
			      "SUBSYSTEM=selftest A=1"));
	EXPECT(uevent_seqnum_now() == before + 1);
	EXPECT(kobject_synth_uevent(k, "online\n", 7) == 0);
	EXPECT(!strncmp(heard, "ACTION=online", 13));
	EXPECT(kobject_synth_uevent(k, "nonsense", 8) == -EINVAL);
	uevent_unregister_listener(&listener);
	kobject_put(k);
	kset_unregister(set);
}

/* ---- lists walked while they change ---- */

static int puts_seen;

static void count_put(struct klist_node *n)
{
	puts_seen++;
}

SELFTEST(klist_walk_survives_the_deletion_of_its_place)
{
	struct klist_node n[3];
	struct klist_iter i;
	struct klist k;

	klist_init(&k, NULL, count_put);
	puts_seen = 0;
	for (int j = 0; j < 3; j++)
		klist_add_tail(&n[j], &k);
	klist_iter_init(&k, &i);
	EXPECT(klist_next(&i) == &n[0]);
	klist_del(&n[0]);
	klist_del(&n[1]);
	EXPECT(klist_node_attached(&n[0]) && !klist_node_attached(&n[1]));
	EXPECT(puts_seen == 1);
	EXPECT(klist_next(&i) == &n[2]);
	EXPECT(!klist_node_attached(&n[0]) && puts_seen == 2);
	EXPECT(klist_next(&i) == NULL);
	klist_iter_exit(&i);
	klist_remove(&n[2]);
	EXPECT(puts_seen == 3 && list_empty(&k.k_list));
}
