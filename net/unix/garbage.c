/* SPDX-License-Identifier: MIT */
/*
 * garbage.c -- sockets that only sockets hold
 *
 * PROMISE.  A socket that no process can reach any more goes, though messages
 * that lie in sockets' queues still carry its file.
 *
 * IDEA.  A message with a file holds it.  Send a socket over itself and close
 * it: the queue holds the message, the message the file, the file the queue.
 * Counting alone never ends that, so who could be in such a ring is found by
 * mark and take away:
 *
 *	1. Candidates: sockets all of whose references are in flight.
 *	2. Take away the references that come from candidates' own queues.
 *	   Who has some left is held from outside the set:
 *	3. it lives, and so does, step by step, all that its queue carries.
 *	4. The others are garbage: their messages are thrown away.
 *
 *	   process --> A --msg--> B        A: not a candidate; B: lives (A's)
 *	   C --msg--> D --msg--> C         after 2 both have 0: garbage
 *
 * INVARIANTS
 *   I1  u->inflight is the number of messages that carry u's file; a socket is
 *       on gc_inflight_list while it is not 0.
 *   I2  With unix_gc_lock held no file enters or leaves a message of ours; a
 *       candidate cannot be received from, as nobody has a descriptor.
 *
 * RACES.  A peek gives a reference without taking the message away: between
 * its look and its get_file() we could count.  It passes the lock afterwards
 * (unix_gc_barrier), so that it returns only when we are done with what we saw.
 *
 * A connect makes the embryo the client's peer before it is in the listener's
 * queue, and what the client sends from then on lies in the embryo's:
 *
 *	connect to L			collector, L a candidate
 *	lock L; peer = embryo [a]
 *					2: L's queue: no embryo, takes nothing
 *	embryo into L's queue [b]
 *	unlock L
 *					4: finds it, gives back what was not taken
 *
 * So [c] each listening candidate's state lock is passed once before step 2: a
 * connect that was at [a] has done [b] then.  One that comes later gives its
 * client a peer only after unix_gc_lock was taken, and nothing is sent over it
 * that we count, for unix_inflight() waits for that lock.
 *
 * LOCKING.  unix_gc_lock, then a listener's state lock, then the queues' locks;
 * so no packet is freed and no file put in flight under a state lock.  Garbage
 * is freed outside of all.
 *
 * SEE unix(7), SCM_RIGHTS; tests/user/unix_rights.c.
 */

#include "unix.h"

#include <fs/fs.h>
#include <kernel/kernel.h>

/* gc_flags */
#define GC_CANDIDATE 0
#define GC_MAYBE_CYCLE 1

/* A sender waits for the collector from here on: it might be his doing. */
#define MANY_IN_FLIGHT 16000

static DEFINE_SPINLOCK(unix_gc_lock);
static LIST_HEAD(gc_inflight_list);     /* [unix_gc_lock] */
static LIST_HEAD(gc_candidates);        /* [unix_gc_lock] */
static bool gc_in_progress;             /* [unix_gc_lock] */
static DECLARE_WAIT_QUEUE_HEAD(unix_gc_wait);
unsigned int unix_tot_inflight;         /* [unix_gc_lock] sockets */

void unix_inflight(struct user_struct *user, struct file *file)
{
	struct sock *sk = unix_get_socket(file);

	spin_lock(&unix_gc_lock);
	if (sk) {
		struct unix_sock *u = unix_sk(sk);

		if (atomic_long_inc_return(&u->inflight) == 1)
			list_add_tail(&u->link, &gc_inflight_list);
		WRITE_ONCE(unix_tot_inflight, unix_tot_inflight + 1);
	}
	WRITE_ONCE(user->unix_inflight, user->unix_inflight + 1);
	spin_unlock(&unix_gc_lock);
}

void unix_notinflight(struct user_struct *user, struct file *file)
{
	struct sock *sk = unix_get_socket(file);

	spin_lock(&unix_gc_lock);
	if (sk) {
		struct unix_sock *u = unix_sk(sk);

		if (atomic_long_dec_and_test(&u->inflight))
			list_del_init(&u->link);
		WRITE_ONCE(unix_tot_inflight, unix_tot_inflight - 1);
	}
	WRITE_ONCE(user->unix_inflight, user->unix_inflight - 1);
	spin_unlock(&unix_gc_lock);
}

void unix_gc_barrier(void)
{
	spin_lock(&unix_gc_lock);
	spin_unlock(&unix_gc_lock);
}

/* ---- what a candidate's queue carries ---- */

typedef void (*visit_fn)(struct unix_sock *u);

/* Visit the candidates that skb carries; true: there was one. */
static bool visit_message(struct sk_buff *skb, visit_fn visit)
{
	struct scm_fp_list *fp = UNIXCB(skb).fp;
	bool hit = false;

	for (int i = 0; fp && i < fp->count; i++) {
		struct sock *sk = unix_get_socket(fp->fp[i]);

		if (!sk || !test_bit(GC_CANDIDATE, &unix_sk(sk)->gc_flags))
			continue;
		visit(unix_sk(sk));
		hit = true;
	}
	return hit;
}

/* Visit all that x's queue carries; with hitlist, take those messages. */
static void visit_queue(struct sock *x, visit_fn visit,
			struct sk_buff_head *hitlist, unsigned int depth)
{
	struct sk_buff_head *q = &x->sk_receive_queue;
	struct sk_buff *skb, *next;

	spin_lock_nested(&q->lock, depth);
	skb_queue_walk_safe(q, skb, next) {
		if (x->sk_state == TCP_LISTEN) {
			/* A connection that nobody accepted. */
			visit_queue(skb->sk, visit, hitlist,
				    SINGLE_DEPTH_NESTING);
		} else if (visit_message(skb, visit) && hitlist) {
			__skb_unlink(skb, q);
			__skb_queue_tail(hitlist, skb);
		}
	}
	spin_unlock(&q->lock);
}

static void visit_children(struct unix_sock *u, visit_fn visit,
			   struct sk_buff_head *hitlist)
{
	visit_queue(&u->sk, visit, hitlist, 0);
}

static void take_away(struct unix_sock *u)
{
	atomic_long_dec(&u->inflight);
}

static void give_back(struct unix_sock *u)
{
	atomic_long_inc(&u->inflight);
}

/* Held by one that lives: lives, and is to be looked at in its turn. */
static void give_back_and_queue(struct unix_sock *u)
{
	atomic_long_inc(&u->inflight);
	if (test_bit(GC_MAYBE_CYCLE, &u->gc_flags))
		list_move_tail(&u->link, &gc_candidates);
}

/* ---- the four steps; unix_gc_lock held ---- */

static void find_candidates(void)
{
	struct unix_sock *u, *next;

	list_for_each_entry_safe(u, next, &gc_inflight_list, link) {
		long refs = file_count(u->sk.sk_socket->file);
		long inflight = atomic_long_read(&u->inflight);

		BUG_ON(inflight < 1 || refs < inflight);
		if (refs != inflight)
			continue;
		if (u->sk.sk_state == TCP_LISTEN) {             /* [c] */
			unix_state_lock_nested(&u->sk);
			unix_state_unlock(&u->sk);
		}
		list_move_tail(&u->link, &gc_candidates);
		__set_bit(GC_CANDIDATE, &u->gc_flags);
		__set_bit(GC_MAYBE_CYCLE, &u->gc_flags);
	}
}

/* Move those that live, and what they carry, to `living`. */
static void save_the_living(struct list_head *living)
{
	struct list_head cursor;

	/* The list grows at its end while we walk it. */
	list_add(&cursor, &gc_candidates);
	while (cursor.next != &gc_candidates) {
		struct unix_sock *u = list_entry(cursor.next, struct unix_sock,
						 link);

		list_move(&cursor, &u->link);
		if (atomic_long_read(&u->inflight) > 0) {
			list_move_tail(&u->link, living);
			__clear_bit(GC_MAYBE_CYCLE, &u->gc_flags);
			visit_children(u, give_back_and_queue, NULL);
		}
	}
	list_del(&cursor);
}

static void mark_and_take(struct sk_buff_head *hitlist)
{
	LIST_HEAD(living);
	struct unix_sock *u;

	find_candidates();
	list_for_each_entry(u, &gc_candidates, link)
		visit_children(u, take_away, NULL);
	save_the_living(&living);
	list_for_each_entry(u, &gc_candidates, link)
		visit_children(u, give_back, hitlist);
	while (!list_empty(&living)) {
		u = list_first_entry(&living, struct unix_sock, link);
		__clear_bit(GC_CANDIDATE, &u->gc_flags);
		list_move_tail(&u->link, &gc_inflight_list);
	}
}

/* Find the garbage and free it.  Process context; one at a time. */
void unix_gc(void)
{
	struct sk_buff_head hitlist;

	spin_lock(&unix_gc_lock);
	if (gc_in_progress) {
		spin_unlock(&unix_gc_lock);
		return;
	}
	WRITE_ONCE(gc_in_progress, true);
	skb_queue_head_init(&hitlist);
	mark_and_take(&hitlist);
	spin_unlock(&unix_gc_lock);

	__skb_queue_purge(&hitlist);  /* takes them off gc_candidates */

	spin_lock(&unix_gc_lock);
	WARN_ON_ONCE(!list_empty(&gc_candidates));
	WRITE_ONCE(gc_in_progress, false);
	spin_unlock(&unix_gc_lock);
	wake_up(&unix_gc_wait);
}

void wait_for_unix_gc(void)
{
	if (READ_ONCE(unix_tot_inflight) <= MANY_IN_FLIGHT)
		return;
	if (!READ_ONCE(gc_in_progress))
		unix_gc();
	wait_event(unix_gc_wait, !READ_ONCE(gc_in_progress));
}
