/* SPDX-License-Identifier: MIT */
/*
 * proc.c -- /proc/net/unix: all UNIX sockets
 *
 * IDEA.  The position is a bucket and a place in its chain; a bucket's lock is
 * held from one record of it to the next, and dropped at the end of a buffer.
 */

#include "unix.h"

#include <fs/fs.h>
#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <fs/sysctl.h>

#define SO_ACCEPTCON_FLAG (1 << 16)
#define PLACE_BITS 32

static struct sock *nth_of_bucket(struct net *net, struct unix_bucket *b,
				  unsigned long n)
{
	struct sock *sk;

	hlist_for_each_entry(sk, &b->head, sk_node)
		if (net_eq(sock_net(sk), net) && !n--)
			return sk;
	return NULL;
}

/* The first sock at or behind *pos, its bucket locked; NULL: the end. */
static struct sock *find_from(struct net *net, loff_t *pos)
{
	unsigned long at = *pos - 1, i = at >> PLACE_BITS;
	unsigned long place = at & ((1ul << PLACE_BITS) - 1);

	for (; i < UNIX_BUCKETS; i++, place = 0) {
		struct unix_bucket *b = unix_bucket(net, i);
		struct sock *sk;

		spin_lock(&b->lock);
		sk = nth_of_bucket(net, b, place);
		if (sk) {
			*pos = ((loff_t)i << PLACE_BITS) + place + 1;
			return sk;
		}
		spin_unlock(&b->lock);
	}
	return NULL;
}

static struct unix_bucket *bucket_of(struct sock *sk)
{
	return unix_bucket(sock_net(sk), unix_sk(sk)->hash);
}

static void *unix_seq_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? find_from(seq_file_net(m), pos) : SEQ_START_TOKEN;
}

static void *unix_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	if (v != SEQ_START_TOKEN)
		spin_unlock(&bucket_of(v)->lock);
	return find_from(seq_file_net(m), pos);
}

static void unix_seq_stop(struct seq_file *m, void *v)
{
	if (v && v != SEQ_START_TOKEN)
		spin_unlock(&bucket_of(v)->lock);
}

static int shown_state(const struct sock *sk)
{
	bool up = sk->sk_state == TCP_ESTABLISHED;

	if (sk->sk_socket)
		return up ? SS_CONNECTED : SS_UNCONNECTED;
	return up ? SS_CONNECTING : SS_DISCONNECTING;
}

/* A path ends with its 0; an abstract name is shown with @ for each 0. */
static void show_name(struct seq_file *m, const struct unix_address *addr)
{
	const char *path = addr->name->sun_path;
	int len = addr->len - UNIX_ADDR_HEAD;

	seq_putc(m, ' ');
	if (path[0]) {
		seq_puts(m, path);
		return;
	}
	for (int i = 0; i < len; i++)
		seq_putc(m, path[i] ? path[i] : '@');
}

static int unix_seq_show(struct seq_file *m, void *v)
{
	struct sock *sk = v;
	struct unix_address *addr;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "Num       RefCount Protocol Flags    Type St "
			 "Inode Path\n");
		return 0;
	}
	unix_state_lock(sk);
	seq_printf(m, "%016lx: %08X %08X %08X %04X %02X %5lu",
		   0ul, refcount_read(&sk->sk_refcnt), 0,
		   sk->sk_state == TCP_LISTEN ? SO_ACCEPTCON_FLAG : 0,
		   sk->sk_type, shown_state(sk), sk->sk_socket ?
		   (unsigned long)SOCK_INODE(sk->sk_socket)->i_ino : 0ul);
	addr = unix_addr(sk);
	if (addr)
		show_name(m, addr);
	unix_state_unlock(sk);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations unix_seq_ops = {
	.start = unix_seq_start,
	.next = unix_seq_next,
	.stop = unix_seq_stop,
	.show = unix_seq_show,
};

static const struct ctl_entry unix_sysctls[] = {
	{ "net/unix", "max_dgram_qlen", 0644,
	  .net_number = NET_OFFSET(unx.sysctl_max_dgram_qlen), .max = INT_MAX },
};

int unix_proc_init(void)
{
	register_sysctls(unix_sysctls, ARRAY_SIZE(unix_sysctls));
	return proc_create_seq("unix", 0444, init_net.proc_net,
			       &unix_seq_ops) ? 0 : -ENOMEM;
}
