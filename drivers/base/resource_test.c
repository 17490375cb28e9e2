/* SPDX-License-Identifier: MIT */
/* resource_test.c -- the promises of resource.c, on a tree of our own */

#include <kernel/ioport.h>

#include <kernel/errno.h>
#include <kernel/selftest.h>

static struct resource root = {
	.name = "root", .start = 0, .end = 99, .flags = IORESOURCE_MEM,
};

static struct resource range(resource_size_t start, resource_size_t end)
{
	return (struct resource){ .name = "r", .start = start, .end = end,
				  .flags = IORESOURCE_MEM };
}

SELFTEST(resource_request_refuses_what_overlaps)           /* I3 */
{
	struct resource a = range(10, 19), b = range(19, 25), c = range(20, 25);
	struct resource out = range(90, 100);

	EXPECT(request_resource(&root, &a) == 0);
	EXPECT(request_resource(&root, &b) == -EBUSY);
	EXPECT(request_resource_conflict(&root, &b) == &a);
	EXPECT(request_resource(&root, &c) == 0);
	EXPECT(request_resource(&root, &out) == -EBUSY);   /* I2 */
	EXPECT(root.child == &a && a.sibling == &c);
	EXPECT(lookup_resource(&root, 20) == &c);
	EXPECT(release_resource(&a) == 0);
	EXPECT(release_resource(&a) == -EINVAL);
	EXPECT(release_resource(&c) == 0);
	EXPECT(root.child == NULL);
}

SELFTEST(resource_insert_takes_any_order)
{
	struct resource inner = range(2, 5), outer = range(0, 9);
	struct resource cut = range(4, 12), deep = range(3, 4);

	EXPECT(insert_resource(&root, &inner) == 0);
	EXPECT(insert_resource(&root, &outer) == 0);
	EXPECT(inner.parent == &outer && outer.child == &inner);
	EXPECT(insert_resource(&root, &cut) == -EBUSY);
	EXPECT(insert_resource(&root, &deep) == 0);
	EXPECT(deep.parent == &inner);
	EXPECT(release_resource(&outer) == 0);
	EXPECT(root.child == NULL);
}

SELFTEST(resource_region_stops_at_who_uses_it)
{
	struct resource window = range(40, 59);

	REQUIRE(insert_resource(&root, &window) == 0);
	EXPECT(__request_region(&root, 42, 4, "first", 0) != NULL);
	EXPECT(window.child && window.child->start == 42);
	EXPECT(__request_region(&root, 43, 1, "second", 0) == NULL);
	EXPECT(__request_region(&root, 58, 4, "over", 0) == NULL);
	__release_region(&root, 42, 4);
	EXPECT(window.child == NULL);
	EXPECT(release_resource(&window) == 0);
}

SELFTEST_SLOW(resource_allocate_finds_the_first_gap)
{
	struct resource a = range(0, 15), b = range(20, 35), new = range(0, 0);

	REQUIRE(request_resource(&root, &a) == 0);
	REQUIRE(request_resource(&root, &b) == 0);
	EXPECT(allocate_resource(&root, &new, 4, 0, 99, 4) == 0);
	EXPECT(new.start == 16 && new.end == 19);
	EXPECT(release_resource(&new) == 0);
	EXPECT(allocate_resource(&root, &new, 8, 0, 99, 8) == 0);
	EXPECT(new.start == 40);
	EXPECT(release_resource(&new) == 0);
	EXPECT(allocate_resource(&root, &new, 65, 0, 99, 1) == -EBUSY);
	EXPECT(allocate_resource(&root, &new, 8, 0, 46, 8) == -EBUSY);
	EXPECT(release_resource(&a) == 0 && release_resource(&b) == 0);
}
