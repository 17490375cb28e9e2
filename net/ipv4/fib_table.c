/* SPDX-License-Identifier: MIT */
/*
 * fib_table.c -- one routing table: the longest prefix that matches
 *
 * IDEA.  All prefixes are in one hash, by their bits and their length.  A
 * lookup tries the lengths that occur, longest first (a bit set of 33 says
 * which do), so it costs as many hash probes as there are different lengths:
 * three or four on nearly every machine.
 *
 *	plens: 32, 24, 8, 0   dst 10.1.2.3 -> 10.1.2.3/32? 10.1.2/24? 10/8? 0/0?
 *
 * The routes of a prefix differ in type of service and metric; the best is
 * first.  A trie would find the prefix in fewer steps for a table of a million
 * routes; this one is a page long.
 *
 * LOCKING.  Changed under rtnl, read under RCU.
 *
 * SEE fib_semantics.c (next hops), fib_frontend.c (who fills the tables).
 */

#include <net/ip_fib.h>

#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/inetdevice.h>
#include <net/route.h>

#include "fib.h"

static ATOMIC_NOTIFIER_HEAD(fib_chain);

int register_fib_notifier(struct notifier_block *nb)
{
	return atomic_notifier_chain_register(&fib_chain, nb);
}

int unregister_fib_notifier(struct notifier_block *nb)
{
	return atomic_notifier_chain_unregister(&fib_chain, nb);
}

static void tell(struct fib_table *tb, struct fib_prefix *fp,
		 struct fib_alias *fa, unsigned long event)
{
	struct fib_entry_info info = {
		.tb = tb, .dst = fp->key, .dst_len = fp->plen, .fa = fa,
	};

	atomic_notifier_call_chain(&fib_chain, event, &info);
}

static struct hlist_head *prefix_bucket(struct fib_table *tb, __be32 key,
					u8 plen)
{
	return &tb->hash[hash_64(((u64)plen << 32) | key, FIB_HASH_BITS)];
}

static struct fib_prefix *find_prefix(struct fib_table *tb, __be32 key, u8 plen)
{
	struct fib_prefix *fp;

	hlist_for_each_entry_rcu(fp, prefix_bucket(tb, key, plen), hash)
		if (fp->key == key && fp->plen == plen)
			return fp;
	return NULL;
}

/* ---- changes: rtnl ---- */

struct fib_table *fib_alloc_table(struct net *net, u32 id)
{
	struct fib_table *tb = kzalloc(sizeof(*tb), GFP_KERNEL);

	if (!tb)
		return NULL;
	tb->hash = kcalloc(1 << FIB_HASH_BITS, sizeof(*tb->hash), GFP_KERNEL);
	if (!tb->hash) {
		kfree(tb);
		return NULL;
	}
	tb->tb_id = id;
	tb->net = net;
	return tb;
}

void fib_free_table(struct fib_table *tb)
{
	fib_table_flush_all(tb);
	synchronize_rcu();
	kfree(tb->hash);
	kfree(tb);
}

static struct fib_prefix *add_prefix(struct fib_table *tb, __be32 key, u8 plen)
{
	struct fib_prefix *fp = kzalloc(sizeof(*fp), GFP_KERNEL);

	if (!fp)
		return NULL;
	fp->key = key;
	fp->plen = plen;
	hlist_add_head_rcu(&fp->hash, prefix_bucket(tb, key, plen));
	tb->nr_prefixes++;
	tb->plen_count[plen]++;
	WRITE_ONCE(tb->plens, tb->plens | BIT_ULL(plen));
	return fp;
}

static void drop_if_empty(struct fib_table *tb, struct fib_prefix *fp)
{
	if (!hlist_empty(&fp->aliases))
		return;
	hlist_del_rcu(&fp->hash);
	tb->nr_prefixes--;
	if (!--tb->plen_count[fp->plen])
		WRITE_ONCE(tb->plens, tb->plens & ~BIT_ULL(fp->plen));
	kfree_rcu(fp, rcu);
}

static void free_alias(struct fib_table *tb, struct fib_prefix *fp,
		       struct fib_alias *fa)
{
	tell(tb, fp, fa, FIB_EVENT_ENTRY_DEL);
	hlist_del_rcu(&fa->fa_list);
	fib_release_info(fa->fa_info);
	kfree_rcu(fa, rcu);
}

/* Does a go before b? */
static bool goes_before(u8 tos, u32 prio, const struct fib_alias *b)
{
	return tos > b->fa_tos ||
	       (tos == b->fa_tos && prio < b->fa_info->fib_priority);
}

/* In order; among equals last if append, else first. */
static void link_alias(struct fib_prefix *fp, struct fib_alias *new, bool append)
{
	u32 prio = new->fa_info->fib_priority;
	struct hlist_node **at = &fp->aliases.first, *next;

	for (; (next = *at); at = &next->next) {
		struct fib_alias *fa = hlist_entry(next, struct fib_alias,
						   fa_list);

		if (goes_before(new->fa_tos, prio, fa))
			break;
		if (!append && fa->fa_tos == new->fa_tos &&
		    fa->fa_info->fib_priority == prio)
			break;
	}
	new->fa_list.next = next;
	new->fa_list.pprev = at;
	rcu_assign_pointer(*at, &new->fa_list);
	if (next)
		next->pprev = &new->fa_list.next;
}

/* 0: insert it; 1: it replaced another; -errno. */
static int meet_equals(struct fib_table *tb, struct fib_prefix *fp,
		       struct fib_config *cfg, struct fib_info *fi)
{
	struct fib_alias *fa;
	bool exists = false;

	hlist_for_each_entry(fa, &fp->aliases, fa_list) {
		if (fa->fa_tos != cfg->fc_tos ||
		    fa->fa_info->fib_priority != fi->fib_priority)
			continue;
		exists = true;
		if (cfg->fc_nlflags & FIB_NLM_F_EXCL)
			return -EEXIST;
		if (fa->fa_type == cfg->fc_type && fa->fa_info == fi)
			return cfg->fc_nlflags & FIB_NLM_F_REPLACE ? 1 : -EEXIST;
		if (cfg->fc_nlflags & FIB_NLM_F_REPLACE) {
			free_alias(tb, fp, fa);
			return 0;
		}
	}
	if (!exists && cfg->fc_nlflags &&
	    !(cfg->fc_nlflags & FIB_NLM_F_CREATE))
		return -ENOENT;
	return 0;
}

static int insert_alias(struct fib_table *tb, struct fib_config *cfg,
			struct fib_info *fi)
{
	struct fib_prefix *fp = find_prefix(tb, cfg->fc_dst, cfg->fc_dst_len);
	struct fib_alias *fa;
	int err = 0;

	fa = kzalloc(sizeof(*fa), GFP_KERNEL);
	if (fa && !fp)
		fp = add_prefix(tb, cfg->fc_dst, cfg->fc_dst_len);
	if (!fa || !fp) {
		kfree(fa);
		return -ENOBUFS;
	}
	err = meet_equals(tb, fp, cfg, fi);
	if (err) {
		kfree(fa);
		drop_if_empty(tb, fp);
		return err;
	}
	fa->fa_info = fi;
	fa->fa_tos = cfg->fc_tos;
	fa->fa_type = cfg->fc_type;
	fa->tb_id = tb->tb_id;
	link_alias(fp, fa, cfg->fc_nlflags & FIB_NLM_F_APPEND);
	tell(tb, fp, fa, FIB_EVENT_ENTRY_ADD);
	return 0;
}

int fib_table_insert(struct net *net, struct fib_table *tb,
		     struct fib_config *cfg, void *extack)
{
	struct fib_info *fi;
	int err;

	ASSERT_RTNL();
	if (cfg->fc_dst_len > 32 ||
	    (cfg->fc_dst & ~inet_make_mask(cfg->fc_dst_len)))
		return -EINVAL;
	fi = fib_create_info(net, cfg);
	if (IS_ERR(fi))
		return PTR_ERR(fi);
	err = insert_alias(tb, cfg, fi);
	if (err) {
		fib_release_info(fi);
		return err < 0 ? err : 0;
	}
	rt_cache_flush(net);
	return 0;
}

static bool delete_matches(const struct fib_config *cfg,
			   const struct fib_alias *fa)
{
	const struct fib_info *fi = fa->fa_info;

	return fa->fa_tos == cfg->fc_tos &&
	       (!cfg->fc_type || fa->fa_type == cfg->fc_type) &&
	       (cfg->fc_scope == RT_SCOPE_NOWHERE ||
		fi->fib_scope == cfg->fc_scope) &&
	       (!cfg->fc_prefsrc || fi->fib_prefsrc == cfg->fc_prefsrc) &&
	       (!cfg->fc_protocol || fi->fib_protocol == cfg->fc_protocol) &&
	       (!cfg->fc_priority || fi->fib_priority == cfg->fc_priority) &&
	       (!cfg->fc_oif || fi->fib_nh.fib_nh_oif == cfg->fc_oif) &&
	       (!cfg->fc_gw_family || fi->fib_nh.fib_nh_gw4 == cfg->fc_gw4);
}

int fib_table_delete(struct net *net, struct fib_table *tb,
		     struct fib_config *cfg, void *extack)
{
	struct fib_prefix *fp;
	struct fib_alias *fa;

	ASSERT_RTNL();
	if (cfg->fc_dst_len > 32 ||
	    (cfg->fc_dst & ~inet_make_mask(cfg->fc_dst_len)))
		return -EINVAL;
	fp = find_prefix(tb, cfg->fc_dst, cfg->fc_dst_len);
	if (!fp)
		return -ESRCH;
	hlist_for_each_entry(fa, &fp->aliases, fa_list) {
		if (!delete_matches(cfg, fa))
			continue;
		free_alias(tb, fp, fa);
		drop_if_empty(tb, fp);
		rt_cache_flush(net);
		return 0;
	}
	return -ESRCH;
}

static int flush_matching(struct fib_table *tb, bool all)
{
	struct hlist_node *next, *next_fa;
	struct fib_prefix *fp;
	struct fib_alias *fa;
	int n = 0;

	for (int i = 0; i < 1 << FIB_HASH_BITS; i++) {
		hlist_for_each_entry_safe(fp, next, &tb->hash[i], hash) {
			hlist_for_each_entry_safe(fa, next_fa, &fp->aliases,
						  fa_list) {
				if (!all && !fa->fa_info->fib_dead)
					continue;
				free_alias(tb, fp, fa);
				n++;
			}
			drop_if_empty(tb, fp);
		}
	}
	return n;
}

/* Take out the routes whose next hop has died. */
int fib_table_flush(struct net *net, struct fib_table *tb)
{
	return flush_matching(tb, false);
}

void fib_table_flush_all(struct fib_table *tb)
{
	flush_matching(tb, true);
}

/* ---- looking up: RCU ---- */

/* What a route's type means for a packet. */
static const int type_error[RTN_MAX + 1] = {
	[RTN_BLACKHOLE] = -EINVAL,
	[RTN_UNREACHABLE] = -EHOSTUNREACH,
	[RTN_PROHIBIT] = -EACCES,
	[RTN_THROW] = -EAGAIN,
	[RTN_NAT] = -EINVAL,
	[RTN_XRESOLVE] = -EINVAL,
};

static bool alias_fits(const struct fib_alias *fa, const struct flowi4 *flp)
{
	const struct fib_info *fi = fa->fa_info;

	if (fa->fa_tos && fa->fa_tos != (flp->flowi4_tos & IPTOS_TOS_MASK))
		return false;
	return !fi->fib_dead && fi->fib_scope >= flp->flowi4_scope;
}

static int check_prefix(struct fib_table *tb, struct fib_prefix *fp,
			const struct flowi4 *flp, struct fib_result *res)
{
	struct fib_alias *fa;

	hlist_for_each_entry_rcu(fa, &fp->aliases, fa_list) {
		struct fib_info *fi = fa->fa_info;

		if (!alias_fits(fa, flp))
			continue;
		if (type_error[fa->fa_type])
			return type_error[fa->fa_type];
		if (READ_ONCE(fi->fib_nh.fib_nh_flags) & RTNH_F_DEAD)
			continue;
		if (flp->flowi4_oif && flp->flowi4_oif != fi->fib_nh.fib_nh_oif)
			continue;
		res->prefix = fp->key;
		res->prefixlen = fp->plen;
		res->type = fa->fa_type;
		res->scope = fi->fib_scope;
		res->fi = fi;
		res->table = tb;
		return 0;
	}
	return 1;
}

/* -EAGAIN: nothing here, ask the next table. */
int fib_table_lookup(struct fib_table *tb, const struct flowi4 *flp,
		     struct fib_result *res, int fib_flags)
{
	u64 plens = READ_ONCE(tb->plens);

	while (plens) {
		int plen = 63 - __builtin_clzll(plens);
		struct fib_prefix *fp = find_prefix(tb, flp->daddr &
						    inet_make_mask(plen), plen);
		int err = fp ? check_prefix(tb, fp, flp, res) : 1;

		if (err <= 0)
			return err;
		plens &= ~BIT_ULL(plen);
	}
	return -EAGAIN;
}

/* ---- showing ---- */

static int walk_prefix(struct fib_table *tb, struct fib_prefix *fp,
		       int (*fn)(struct fib_table *, __be32, int,
				 struct fib_alias *, void *), void *arg)
{
	struct fib_alias *fa;

	hlist_for_each_entry_rcu(fa, &fp->aliases, fa_list) {
		int err = fn(tb, fp->key, fp->plen, fa, arg);

		if (err)
			return err;
	}
	return 0;
}

/* The prefix that follows (key, plen) in order; NULL. */
static struct fib_prefix *next_prefix(struct fib_table *tb, s64 after)
{
	struct fib_prefix *fp, *best = NULL;
	s64 best_order = 0;

	for (int i = 0; i < 1 << FIB_HASH_BITS; i++) {
		hlist_for_each_entry_rcu(fp, &tb->hash[i], hash) {
			s64 order = ((s64)ntohl(fp->key) << 6) | fp->plen;

			if (order > after && (!best || order < best_order)) {
				best = fp;
				best_order = order;
			}
		}
	}
	return best;
}

int fib_table_walk(struct fib_table *tb,
		   int (*fn)(struct fib_table *tb, __be32 dst, int plen,
			     struct fib_alias *fa, void *arg), void *arg)
{
	struct fib_prefix *fp;
	s64 after = -1;

	while ((fp = next_prefix(tb, after))) {
		int err = walk_prefix(tb, fp, fn, arg);

		if (err)
			return err;
		after = ((s64)ntohl(fp->key) << 6) | fp->plen;
	}
	return 0;
}
