/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_HASHTABLE_H
#define KERNEL_HASHTABLE_H
/* hashtable.h -- a fixed array of 2^bits hlists as a table of integer keys */

#include <kernel/bitops.h>
#include <kernel/hash.h>
#include <kernel/list.h>

#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define DEFINE_HASHTABLE(name, bits) \
	struct hlist_head name[1 << (bits)] = { { NULL } }
#define HASH_SIZE(name) ARRAY_SIZE(name)
#define HASH_BITS(name) ilog2(HASH_SIZE(name))
#define hash_min(val, bits) hash_64(val, bits)
#define hash_init(table) do {						\
	for (size_t __i = 0; __i < HASH_SIZE(table); __i++)		\
		INIT_HLIST_HEAD(&(table)[__i]);				\
} while (0)
#define hash_add(table, node, key) \
	hlist_add_head(node, &(table)[hash_64(key, HASH_BITS(table))])
#define hash_add_rcu(table, node, key) \
	hlist_add_head_rcu(node, &(table)[hash_64(key, HASH_BITS(table))])
#define hash_del(node) hlist_del_init(node)
#define hash_del_rcu(node) hlist_del_init_rcu(node)
#define hash_hashed(node) (!hlist_unhashed(node))
#define hash_for_each(name, bkt, obj, member)				\
	for ((bkt) = 0; (bkt) < HASH_SIZE(name); (bkt)++)		\
		hlist_for_each_entry(obj, &(name)[bkt], member)
#define hash_for_each_safe(name, bkt, tmp, obj, member)			\
	for ((bkt) = 0; (bkt) < HASH_SIZE(name); (bkt)++)		\
		hlist_for_each_entry_safe(obj, tmp, &(name)[bkt], member)
#define hash_for_each_possible(name, obj, member, key)			\
	hlist_for_each_entry(obj, &(name)[hash_64(key, HASH_BITS(name))], \
			     member)
#define hash_for_each_possible_rcu(name, obj, member, key)		\
	hlist_for_each_entry_rcu(obj, &(name)[hash_64(key, HASH_BITS(name))], \
				 member)

#endif
