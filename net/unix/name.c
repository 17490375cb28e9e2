/* SPDX-License-Identifier: MIT */
/*
 * name.c -- what UNIX sockets are called
 *
 * PROMISE.  A name means one bound socket.  A path name is a file of type
 * socket, which outlives the socket: then connecting to it is refused.  An
 * abstract name (first byte 0) lives and dies with its socket.
 *
 * IDEA.  One hash table a network, in three parts: abstract names by their
 * bytes and the socket's type, path names by the inode's address, nameless
 * socks by their own address, so that /proc/net/unix shows all.  Binding moves
 * a sock from the third part to one of the others.
 *
 * LOCKING.  A bucket's lock guards its chain; two buckets: lower address
 * first.  bindlock: one binding of a sock at a time; addr is set once, last
 * (release), so that who sees it needs no lock.
 *
 * RACES.  Two bind the same path: mknod decides (EEXIST is EADDRINUSE).  The
 * same abstract name: the bucket's lock does.  One sock is bound twice at
 * once: bindlock; the second finds addr set, and removes the file it made.
 */

#include "unix.h"

#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>

#define PATH_PART UNIX_HASH_SIZE
#define NAMELESS_PART (2 * UNIX_HASH_SIZE)
#define AUTOBIND_NAMES 0x100000       /* five hex digits */

/* Paths mean the same in all networks: their part is the first one's. */
struct unix_bucket *unix_bucket(struct net *net, unsigned int i)
{
	if (i / UNIX_HASH_SIZE == PATH_PART / UNIX_HASH_SIZE)
		net = &init_net;
	return &net->unx.table[i];
}

static struct unix_bucket *bucket_of(const struct sock *sk)
{
	return unix_bucket(sock_net(sk), unix_sk((struct sock *)sk)->hash);
}

static int unix_net_init(struct net *net)
{
	struct unix_bucket *t = kvcalloc(UNIX_BUCKETS, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	for (int i = 0; i < UNIX_BUCKETS; i++)
		spin_lock_init(&t[i].lock);
	net->unx.table = t;
	return 0;
}

static void unix_net_exit(struct net *net)
{
	kvfree(net->unx.table);
}

static struct pernet_operations unix_net_ops = {
	.init = unix_net_init,
	.exit = unix_net_exit,
};

int unix_names_init(void)
{
	int err = register_pernet_subsys(&unix_net_ops);

	return err ? err : unix_proc_init();
}

void unix_insert_unbound(struct sock *sk)
{
	struct unix_bucket *b;

	unix_sk(sk)->hash = NAMELESS_PART + hash_ptr(sk, UNIX_HASH_BITS);
	b = bucket_of(sk);
	spin_lock(&b->lock);
	hlist_add_head(&sk->sk_node, &b->head);
	spin_unlock(&b->lock);
}

/* Its name means nothing any more. */
void unix_remove(struct sock *sk)
{
	struct unix_bucket *b;

	for (;;) {
		unsigned int hash = READ_ONCE(unix_sk(sk)->hash);

		b = unix_bucket(sock_net(sk), hash);
		spin_lock(&b->lock);
		if (hash == unix_sk(sk)->hash)
			break;
		spin_unlock(&b->lock);
	}
	hlist_del_init(&sk->sk_node);
	spin_unlock(&b->lock);
}

static void lock_two(struct unix_bucket *a, struct unix_bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock, SINGLE_DEPTH_NESTING);
}

static void unlock_two(struct unix_bucket *a, struct unix_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Named: sk moves to bucket `hash`, with both buckets' locks. */
static void move_named(struct sock *sk, unsigned int hash,
		       struct unix_address *addr)
{
	hlist_del(&sk->sk_node);
	WRITE_ONCE(unix_sk(sk)->hash, hash);
	smp_store_release(&unix_sk(sk)->addr, addr);
	hlist_add_head(&sk->sk_node, &bucket_of(sk)->head);
}

/* ---- addresses ---- */

static struct unix_address *make_addr(const struct sockaddr_un *name, int len)
{
	struct unix_address *addr = kmalloc(sizeof(*addr) + len + 1, GFP_KERNEL);

	if (!addr)
		return NULL;
	refcount_set(&addr->refcnt, 1);
	addr->len = len;
	memcpy(addr->name, name, len);
	return addr;
}

void unix_release_addr(struct unix_address *addr)
{
	if (refcount_dec_and_test(&addr->refcnt))
		kfree(addr);
}

int unix_validate_addr(const struct sockaddr_un *addr, int len)
{
	if (len <= UNIX_ADDR_HEAD || len > (int)sizeof(*addr) ||
	    addr->sun_family != AF_UNIX)
		return -EINVAL;
	return 0;
}

/* End a path with 0: the caller's buffer has room.  Its length with it. */
static int end_path(struct sockaddr_un *addr, int len)
{
	((char *)addr)[len] = '\0';
	return strlen(addr->sun_path) + 1 + UNIX_ADDR_HEAD;
}

int unix_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sock *sk = sock->sk;
	struct sockaddr_un *name = (struct sockaddr_un *)uaddr;
	struct unix_address *addr;
	int len = UNIX_ADDR_HEAD;

	if (peer) {
		sk = unix_peer_get(sk);
		if (!sk)
			return -ENOTCONN;
	} else {
		sock_hold(sk);
	}
	addr = unix_addr(sk);
	if (addr) {
		len = addr->len;
		memcpy(name, addr->name, len);
	} else {
		name->sun_family = AF_UNIX;
	}
	sock_put(sk);
	return len;
}

/* ---- abstract names ---- */

static unsigned int abstract_hash(const struct sockaddr_un *name, int len,
				  int type)
{
	return hash_32(jhash(name->sun_path, len - UNIX_ADDR_HEAD, type),
		       UNIX_HASH_BITS);
}

/* Bucket's lock held. */
static struct sock *find_abstract(struct unix_bucket *b,
				  const struct sockaddr_un *name, int len,
				  int type)
{
	struct sock *sk;

	hlist_for_each_entry(sk, &b->head, sk_node) {
		struct unix_address *addr = unix_sk(sk)->addr;

		if (sk->sk_type == type && addr->len == len &&
		    !memcmp(addr->name, name, len))
			return sk;
	}
	return NULL;
}

/* Take the name, which is addr's: 0 or -EADDRINUSE.  bindlock held. */
static int claim_abstract(struct sock *sk, struct unix_address *addr)
{
	unsigned int hash = abstract_hash(addr->name, addr->len, sk->sk_type);
	struct unix_bucket *from = bucket_of(sk);
	struct unix_bucket *to = unix_bucket(sock_net(sk), hash);
	int err = -EADDRINUSE;

	lock_two(from, to);
	if (!find_abstract(to, addr->name, addr->len, sk->sk_type)) {
		move_named(sk, hash, addr);
		err = 0;
	}
	unlock_two(from, to);
	return err;
}

static int bind_abstract(struct sock *sk, struct sockaddr_un *name, int len)
{
	struct unix_sock *u = unix_sk(sk);
	struct unix_address *addr = make_addr(name, len);
	int err;

	if (!addr)
		return -ENOMEM;
	err = mutex_lock_interruptible(&u->bindlock);
	if (err) {
		kfree(addr);
		return -ERESTARTSYS;
	}
	err = u->addr ? -EINVAL : claim_abstract(sk, addr);
	mutex_unlock(&u->bindlock);
	if (err)
		kfree(addr);
	return err;
}

/* Five hex digits that nobody has, from a random one on. */
static int claim_any(struct sock *sk, struct unix_address *addr)
{
	u32 start = get_random_u32() % AUTOBIND_NAMES, n = start;

	do {
		char text[8];

		snprintf(text, sizeof(text), "%05x", n);
		memcpy(addr->name->sun_path + 1, text, 5);
		if (!claim_abstract(sk, addr))
			return 0;
		n = (n + 1) % AUTOBIND_NAMES;
		cond_resched();
	} while (n != start);
	return -ENOSPC;
}

/* 0 also if it has a name already. */
int unix_autobind(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk);
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct unix_address *addr;
	int err = mutex_lock_interruptible(&u->bindlock);

	if (err)
		return -ERESTARTSYS;
	if (u->addr)
		goto out;
	err = -ENOMEM;
	addr = make_addr(&name, UNIX_ADDR_HEAD + 6);
	if (!addr)
		goto out;
	err = claim_any(sk, addr);
	if (err)
		kfree(addr);
out:
	mutex_unlock(&u->bindlock);
	return err;
}

/* ---- names in the file system ---- */

/* The file is made: the sock takes its name, or gives up.  bindlock held. */
static void claim_path(struct sock *sk, struct unix_address *addr,
		       struct path *parent, struct dentry *dentry)
{
	unsigned int hash = PATH_PART + hash_ptr(d_inode(dentry),
						 UNIX_HASH_BITS);
	struct unix_bucket *from = bucket_of(sk);
	struct unix_bucket *to = unix_bucket(sock_net(sk), hash);

	unix_sk(sk)->path.mnt = mntget(parent->mnt);
	unix_sk(sk)->path.dentry = dget(dentry);
	lock_two(from, to);
	move_named(sk, hash, addr);
	unlock_two(from, to);
}

static int bind_path(struct sock *sk, struct sockaddr_un *name, int len)
{
	umode_t mode = S_IFSOCK | (SOCK_INODE(sk->sk_socket)->i_mode & 0777 &
				   ~current_umask());
	struct unix_sock *u = unix_sk(sk);
	struct unix_address *addr;
	struct dentry *dentry;
	struct path parent;
	int err;

	len = end_path(name, len);
	addr = make_addr(name, len);
	if (!addr)
		return -ENOMEM;
	dentry = kern_path_create(AT_FDCWD, addr->name->sun_path, &parent, 0);
	if (IS_ERR(dentry)) {
		err = PTR_ERR(dentry);
		goto out_addr;
	}
	err = vfs_mknod(d_inode(parent.dentry), dentry, mode, 0);
	if (err)
		goto out_path;
	err = mutex_lock_interruptible(&u->bindlock) ? -ERESTARTSYS : 0;
	if (err)
		goto out_unlink;
	if (u->addr)
		err = -EINVAL;
	else
		claim_path(sk, addr, &parent, dentry);
	mutex_unlock(&u->bindlock);
out_unlink:
	if (err)
		vfs_unlink(d_inode(parent.dentry), dentry);
out_path:
	done_path_create(&parent, dentry);
out_addr:
	if (err)
		kfree(addr);
	return err == -EEXIST ? -EADDRINUSE : err;
}

int unix_bind(struct socket *sock, struct sockaddr *uaddr, int len)
{
	struct sockaddr_un *name = (struct sockaddr_un *)uaddr;
	struct sock *sk = sock->sk;
	int err;

	if (len == UNIX_ADDR_HEAD && name->sun_family == AF_UNIX)
		return unix_autobind(sk);
	err = unix_validate_addr(name, len);
	if (err)
		return err;
	if (name->sun_path[0])
		return bind_path(sk, name, len);
	return bind_abstract(sk, name, len);
}

/* ---- finding ---- */

static struct sock *find_inode(struct inode *inode)
{
	struct unix_bucket *b = unix_bucket(&init_net, PATH_PART +
					    hash_ptr(inode, UNIX_HASH_BITS));
	struct sock *sk, *found = NULL;

	spin_lock(&b->lock);
	hlist_for_each_entry(sk, &b->head, sk_node) {
		struct dentry *dentry = unix_sk(sk)->path.dentry;

		if (dentry && d_inode(dentry) == inode) {
			sock_hold(sk);
			found = sk;
			break;
		}
	}
	spin_unlock(&b->lock);
	return found;
}

static struct sock *find_path(struct sockaddr_un *name, int len, int type)
{
	struct inode *inode;
	struct sock *sk = NULL;
	struct path path;
	int err;

	end_path(name, len);
	err = kern_path(name->sun_path, LOOKUP_FOLLOW, &path);
	if (err)
		return ERR_PTR(err);
	inode = d_inode(path.dentry);
	err = inode_permission(inode, MAY_WRITE);
	if (err)
		goto out;
	err = -ECONNREFUSED;
	if (!S_ISSOCK(inode->i_mode))
		goto out;
	sk = find_inode(inode);
	if (!sk)
		goto out;
	err = -EPROTOTYPE;
	if (sk->sk_type != type)
		goto out_sock;
	touch_atime(&path);
	path_put(&path);
	return sk;
out_sock:
	sock_put(sk);
out:
	path_put(&path);
	return ERR_PTR(err);
}

struct sock *unix_find_other(struct net *net, struct sockaddr_un *name, int len,
			     int type)
{
	struct unix_bucket *b;
	struct sock *sk;

	if (name->sun_path[0])
		return find_path(name, len, type);
	b = unix_bucket(net, abstract_hash(name, len, type));
	spin_lock(&b->lock);
	sk = find_abstract(b, name, len, type);
	if (sk)
		sock_hold(sk);
	spin_unlock(&b->lock);
	return sk ? sk : ERR_PTR(-ECONNREFUSED);
}
