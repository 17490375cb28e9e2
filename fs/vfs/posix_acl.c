/* SPDX-License-Identifier: MIT */
/*
 * posix_acl.c -- access control lists: more than owner, group and others
 *
 * PROMISE.  A list grants exactly what POSIX 1003.1e draft 17 says; chmod and
 * ls go on to work for programs that know nothing of lists.
 *
 * IDEA.  Six kinds of entries, in this order; the first that fits decides:
 *
 *	USER_OBJ   rwx   the owner         mode bits 8..6
 *	USER uid   rw-   that user  }
 *	GROUP_OBJ  r--   the group  }  cut by MASK
 *	GROUP gid  rw-   that group }
 *	MASK       rw-                     mode bits 5..3, if there is a mask
 *	OTHER      ---   all others        mode bits 2..0
 *
 * The mask makes old programs right: what chmod g-w takes away, it takes from
 * everybody but the owner.  A directory may have a second list, the default,
 * which its new files start with.
 *
 * INVARIANTS
 *   I1  A list that an inode points to never changes; a new one replaces it.
 *   I2  i_acl of a POSIXACL volume is a list, NULL (there is none) or
 *       ACL_NOT_CACHED.
 *
 * LOCKING.  i_lock to replace the pointer; readers under RCU take a reference.
 *
 * SEE acl(5), docs/86-xattrs-and-acls.md; the form on disk: posix_acl_xattr.c.
 */

#include "internal.h"

#include <fs/posix_acl.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <mm/slab.h>

struct posix_acl *posix_acl_alloc(int count, gfp_t gfp)
{
	struct posix_acl *acl;

	acl = kmalloc(sizeof(*acl) + count * sizeof(acl->a_entries[0]), gfp);
	if (acl) {
		refcount_set(&acl->a_refcount, 1);
		acl->a_count = count;
	}
	return acl;
}

/* A copy that may be changed, for nobody else sees it (I1). */
struct posix_acl *posix_acl_clone(const struct posix_acl *acl, gfp_t gfp)
{
	struct posix_acl *new;

	if (!acl)
		return NULL;
	new = posix_acl_alloc(acl->a_count, gfp);
	if (new)
		memcpy(new->a_entries, acl->a_entries,
		       acl->a_count * sizeof(acl->a_entries[0]));
	return new;
}

/* The list that says no more than the mode. */
struct posix_acl *posix_acl_from_mode(umode_t mode, gfp_t gfp)
{
	struct posix_acl *acl = posix_acl_alloc(3, gfp);

	if (!acl)
		return ERR_PTR(-ENOMEM);
	acl->a_entries[0] = (struct posix_acl_entry){
		.e_tag = ACL_USER_OBJ, .e_perm = (mode >> 6) & 7 };
	acl->a_entries[1] = (struct posix_acl_entry){
		.e_tag = ACL_GROUP_OBJ, .e_perm = (mode >> 3) & 7 };
	acl->a_entries[2] = (struct posix_acl_entry){
		.e_tag = ACL_OTHER, .e_perm = mode & 7 };
	return acl;
}

/*
 * Are the entries in order, each of the three objects there once, a mask where
 * one is needed?  0 or -EINVAL.
 */
int posix_acl_valid(const struct posix_acl *acl)
{
	int seen = 0, last = 0;
	unsigned i;

	for (i = 0; i < acl->a_count; i++) {
		const struct posix_acl_entry *e = &acl->a_entries[i];
		bool named = e->e_tag == ACL_USER || e->e_tag == ACL_GROUP;

		if ((e->e_perm & ~7) || e->e_tag < last)
			return -EINVAL;
		switch (e->e_tag) {
		case ACL_USER: case ACL_GROUP:
			if (e->e_uid == ACL_UNDEFINED_ID)
				return -EINVAL;
			break;
		case ACL_USER_OBJ: case ACL_GROUP_OBJ: case ACL_MASK:
		case ACL_OTHER:
			break;
		default:
			return -EINVAL;
		}
		if (!named && e->e_tag == last)
			return -EINVAL;
		seen |= e->e_tag;
		last = e->e_tag;
	}
	if ((seen & (ACL_USER_OBJ | ACL_GROUP_OBJ | ACL_OTHER)) !=
	    (ACL_USER_OBJ | ACL_GROUP_OBJ | ACL_OTHER))
		return -EINVAL;
	if ((seen & (ACL_USER | ACL_GROUP)) && !(seen & ACL_MASK))
		return -EINVAL;
	return 0;
}

/* The mode bits of acl; 1 if the list says more than they, 0 if not. */
int posix_acl_equiv_mode(const struct posix_acl *acl, umode_t *modep)
{
	umode_t mode = 0;
	int more = 0;
	unsigned i;

	for (i = 0; acl && i < acl->a_count; i++) {
		const struct posix_acl_entry *e = &acl->a_entries[i];

		switch (e->e_tag) {
		case ACL_USER_OBJ:
			mode |= (e->e_perm & 7) << 6;
			break;
		case ACL_GROUP_OBJ:
			mode |= (e->e_perm & 7) << 3;
			break;
		case ACL_OTHER:
			mode |= e->e_perm & 7;
			break;
		case ACL_MASK:
			mode = (mode & ~S_IRWXG) | (e->e_perm & 7) << 3;
			more = 1;
			break;
		case ACL_USER: case ACL_GROUP:
			more = 1;
			break;
		default:
			return -EINVAL;
		}
	}
	if (modep)
		*modep = acl ? (*modep & ~S_IRWXUGO) | mode : *modep;
	return more;
}

static const struct posix_acl_entry *find_tag(const struct posix_acl *acl,
					      int tag)
{
	unsigned i;

	for (i = 0; i < acl->a_count; i++) {
		if (acl->a_entries[i].e_tag == tag)
			return &acl->a_entries[i];
	}
	return NULL;
}

static int allows(int perm, int want)
{
	return (perm & want) == want ? 0 : -EACCES;
}

/*
 * May current do `want` (MAY_*) by the list?  0, -EACCES; capabilities are not
 * asked.  Of several groups that fit, one that allows is enough.
 */
int posix_acl_permission(struct inode *inode, const struct posix_acl *acl,
			 int want)
{
	const struct posix_acl_entry *mask = find_tag(acl, ACL_MASK);
	int cut = mask ? mask->e_perm : 7;
	bool in_group = false;
	unsigned i;

	want &= MAY_READ | MAY_WRITE | MAY_EXEC;
	for (i = 0; i < acl->a_count; i++) {
		const struct posix_acl_entry *e = &acl->a_entries[i];

		switch (e->e_tag) {
		case ACL_USER_OBJ:
			if (inode->i_uid == current_fsuid())
				return allows(e->e_perm, want);
			break;
		case ACL_USER:
			if (e->e_uid == current_fsuid())
				return allows(e->e_perm & cut, want);
			break;
		case ACL_GROUP_OBJ:
		case ACL_GROUP:
			if (!in_group_p(e->e_tag == ACL_GROUP ? e->e_gid
							: inode->i_gid))
				break;
			in_group = true;
			if (!allows(e->e_perm & cut, want))
				return 0;
			break;
		case ACL_OTHER:
			return in_group ? -EACCES : allows(e->e_perm, want);
		}
	}
	return -EIO;                  /* no OTHER: not a valid list */
}

/* ---- lists and modes together ---- */

/*
 * A new file's list, from its directory's default: cut by the mode that the
 * caller of open() gave; the mode in turn by the list.  As equiv_mode().
 */
static int create_masq(struct posix_acl *acl, umode_t *modep)
{
	struct posix_acl_entry *group = NULL, *mask = NULL;
	umode_t mode = *modep;
	int more = 0;
	unsigned i;

	for (i = 0; i < acl->a_count; i++) {
		struct posix_acl_entry *e = &acl->a_entries[i];

		switch (e->e_tag) {
		case ACL_USER_OBJ:
			e->e_perm &= (mode >> 6) | ~7;
			mode &= (e->e_perm << 6) | ~S_IRWXU;
			break;
		case ACL_USER: case ACL_GROUP:
			more = 1;
			break;
		case ACL_GROUP_OBJ:
			group = e;
			break;
		case ACL_OTHER:
			e->e_perm &= mode | ~7;
			mode &= e->e_perm | ~S_IRWXO;
			break;
		case ACL_MASK:
			mask = e;
			more = 1;
			break;
		default:
			return -EIO;
		}
	}
	if (!mask)
		mask = group;
	if (!mask)
		return -EIO;
	mask->e_perm &= (mode >> 3) | ~7;
	mode &= (mask->e_perm << 3) | ~S_IRWXG;
	*modep = (*modep & ~S_IRWXUGO) | (mode & S_IRWXUGO);
	return more;
}

static int chmod_masq(struct posix_acl *acl, umode_t mode)
{
	struct posix_acl_entry *group = NULL, *mask = NULL;
	unsigned i;

	for (i = 0; i < acl->a_count; i++) {
		struct posix_acl_entry *e = &acl->a_entries[i];

		switch (e->e_tag) {
		case ACL_USER_OBJ:
			e->e_perm = (mode & S_IRWXU) >> 6;
			break;
		case ACL_GROUP_OBJ:
			group = e;
			break;
		case ACL_MASK:
			mask = e;
			break;
		case ACL_OTHER:
			e->e_perm = mode & S_IRWXO;
			break;
		}
	}
	if (!mask)
		mask = group;
	if (!mask)
		return -EIO;
	mask->e_perm = (mode & S_IRWXG) >> 3;
	return 0;
}

/* Both replace *acl (whose reference they take) by a changed copy, or NULL. */
int __posix_acl_create(struct posix_acl **acl, gfp_t gfp, umode_t *mode)
{
	struct posix_acl *clone = posix_acl_clone(*acl, gfp);
	int err = clone ? create_masq(clone, mode) : -ENOMEM;

	if (err < 0) {
		posix_acl_release(clone);
		clone = NULL;
	}
	posix_acl_release(*acl);
	*acl = clone;
	return err;
}

int __posix_acl_chmod(struct posix_acl **acl, gfp_t gfp, umode_t mode)
{
	struct posix_acl *clone = posix_acl_clone(*acl, gfp);
	int err = clone ? chmod_masq(clone, mode) : -ENOMEM;

	if (err) {
		posix_acl_release(clone);
		clone = NULL;
	}
	posix_acl_release(*acl);
	*acl = clone;
	return err;
}

/* ---- the inode's lists ---- */

static struct posix_acl **slot_of(struct inode *inode, int type)
{
	return type == ACL_TYPE_DEFAULT ? &inode->i_default_acl
					: &inode->i_acl;
}

/* Under RCU, without a reference; maybe NULL or ACL_NOT_CACHED. */
struct posix_acl *get_cached_acl_rcu(struct inode *inode, int type)
{
	return READ_ONCE(*slot_of(inode, type));
}

/* With a reference. */
struct posix_acl *get_cached_acl(struct inode *inode, int type)
{
	struct posix_acl *acl;

	rcu_read_lock();
	do
		acl = get_cached_acl_rcu(inode, type);
	while (acl && acl != ACL_NOT_CACHED &&
	       !refcount_inc_not_zero(&acl->a_refcount));
	rcu_read_unlock();
	return acl;
}

static void replace_cached(struct inode *inode, int type, struct posix_acl *acl)
{
	struct posix_acl **slot = slot_of(inode, type), *old;

	spin_lock(&inode->i_lock);
	old = *slot;
	rcu_assign_pointer(*slot, acl);
	spin_unlock(&inode->i_lock);
	if (old != ACL_NOT_CACHED)
		posix_acl_release(old);
}

void set_cached_acl(struct inode *inode, int type, struct posix_acl *acl)
{
	replace_cached(inode, type, posix_acl_dup(acl));
}

void forget_cached_acl(struct inode *inode, int type)
{
	replace_cached(inode, type, ACL_NOT_CACHED);
}

void forget_all_cached_acls(struct inode *inode)
{
	forget_cached_acl(inode, ACL_TYPE_ACCESS);
	forget_cached_acl(inode, ACL_TYPE_DEFAULT);
}

/* With a reference; NULL: there is none; ERR_PTR.  May sleep. */
struct posix_acl *get_acl(struct inode *inode, int type)
{
	struct posix_acl *acl;

	if (!IS_POSIXACL(inode))
		return NULL;
	acl = get_cached_acl(inode, type);
	if (acl != ACL_NOT_CACHED)
		return acl;
	if (!inode->i_op->get_acl) {
		set_cached_acl(inode, type, NULL);
		return NULL;
	}
	acl = inode->i_op->get_acl(inode, type, false);
	if (!IS_ERR(acl))
		set_cached_acl(inode, type, acl);
	return acl;
}

/* The inode is locked; acl NULL removes.  For set_acl by whom it may
 * concern. */
int set_posix_acl(struct inode *inode, int type, struct posix_acl *acl)
{
	int err;

	if (!IS_POSIXACL(inode) || !inode->i_op->set_acl)
		return -EOPNOTSUPP;
	if (type == ACL_TYPE_DEFAULT && !S_ISDIR(inode->i_mode))
		return acl ? -EACCES : 0;
	if (!inode_owner_or_capable(inode))
		return -EPERM;
	if (acl) {
		err = posix_acl_valid(acl);
		if (err)
			return err;
	}
	return inode->i_op->set_acl(inode, acl, type);
}

/* ---- for file systems ---- */

/* The mode was changed by chmod: the list follows.  The inode is locked. */
int posix_acl_chmod(struct inode *inode, umode_t mode)
{
	struct posix_acl *acl;
	int err;

	if (!IS_POSIXACL(inode))
		return 0;
	if (!inode->i_op->set_acl)
		return -EOPNOTSUPP;
	acl = get_acl(inode, ACL_TYPE_ACCESS);
	if (IS_ERR_OR_NULL(acl))
		return acl == ERR_PTR(-EOPNOTSUPP) ? 0 : PTR_ERR_OR_ZERO(acl);
	err = __posix_acl_chmod(&acl, GFP_KERNEL, mode);
	if (err)
		return err;
	err = inode->i_op->set_acl(inode, acl, ACL_TYPE_ACCESS);
	posix_acl_release(acl);
	return err;
}

/*
 * What a new file in dir gets: its lists (NULL: none; the caller's to release)
 * and *mode, cut by them or by the umask.  The caller has not applied the umask
 * if dir is on a POSIXACL volume.
 */
int posix_acl_create(struct inode *dir, umode_t *mode,
		     struct posix_acl **default_acl, struct posix_acl **acl)
{
	struct posix_acl *parent, *clone;
	int err;

	*acl = *default_acl = NULL;
	if (S_ISLNK(*mode) || !IS_POSIXACL(dir))
		return 0;
	parent = get_acl(dir, ACL_TYPE_DEFAULT);
	if (!parent || parent == ERR_PTR(-EOPNOTSUPP)) {
		*mode &= ~current_umask();
		return 0;
	}
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	clone = posix_acl_dup(parent);
	err = __posix_acl_create(&clone, GFP_KERNEL, mode);
	if (err < 0) {
		posix_acl_release(parent);
		return err;
	}
	if (err)
		*acl = clone;
	else
		posix_acl_release(clone);
	if (S_ISDIR(*mode))
		*default_acl = parent;
	else
		posix_acl_release(parent);
	return 0;
}

/* A list is to be set: the mode that goes with it; *acl NULL if that is all. */
int posix_acl_update_mode(struct inode *inode, umode_t *modep,
			  struct posix_acl **acl)
{
	umode_t mode = inode->i_mode;
	int more = posix_acl_equiv_mode(*acl, &mode);

	if (more < 0)
		return more;
	if (more == 0)
		*acl = NULL;
	if (!in_group_p(inode->i_gid) && !capable(CAP_FSETID))
		mode &= ~S_ISGID;
	*modep = mode;
	return 0;
}

/* ->set_acl for file systems whose inodes in memory are all there is. */
int simple_set_acl(struct inode *inode, struct posix_acl *acl, int type)
{
	if (type == ACL_TYPE_ACCESS && acl) {
		int err = posix_acl_update_mode(inode, &inode->i_mode, &acl);

		if (err)
			return err;
	}
	inode->i_ctime = current_time(inode);
	set_cached_acl(inode, type, acl);
	return 0;
}

int simple_acl_create(struct inode *dir, struct inode *inode)
{
	struct posix_acl *default_acl, *acl;
	int err = posix_acl_create(dir, &inode->i_mode, &default_acl, &acl);

	if (err)
		return err;
	set_cached_acl(inode, ACL_TYPE_DEFAULT, default_acl);
	set_cached_acl(inode, ACL_TYPE_ACCESS, acl);
	posix_acl_release(default_acl);
	posix_acl_release(acl);
	return 0;
}
