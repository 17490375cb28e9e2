/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IPC_UTIL_H
#define KERNEL_IPC_UTIL_H
/* util.h -- what the three kinds of System V objects share; see util.c */

#include <kernel/err.h>
#include <kernel/ipc_namespace.h>
#include <kernel/kernel.h>
#include <kernel/nsproxy.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <uapi/ipc.h>
#include <uapi/stat.h>

struct seq_file;

#define IPCMNI 32768                  /* slots of a table */
#define IPC_SEQ_SHIFT 15
#define IPC_SEQ_MAX (INT_MAX >> IPC_SEQ_SHIFT)
#define ipcid_to_idx(id) ((id) % IPCMNI)

/*
 * The head of every object.
 *
 * Field keys: [c] constant once in the table   [L] .lock   [T] table's rwsem
 */
struct kern_ipc_perm {
	spinlock_t lock;
	bool deleted;                 /* [L] out of the table: EIDRM */
	int id;                       /* [c] slot, and above it seq */
	unsigned short seq;           /* [c] */
	key_t key;                    /* [T] */
	uid_t uid, cuid;              /* [L] owner, creator */
	gid_t gid, cgid;              /* [L] */
	umode_t mode;                 /* [L] 0777, SHM_DEST, SHM_LOCKED */
	refcount_t refs;              /* the table, and who waits in it */
	void (*free)(struct kern_ipc_perm *perm); /* [c] after a grace period */
	struct rcu_head rcu;
};

/* What differs between msgget, semget and shmget. */
struct ipc_params {
	key_t key;
	int flags;
	size_t size;                  /* shm: bytes; sem: how many */
};

struct ipc_ops {
	/* Table locked for writing: a new object's id, or -errno. */
	int (*create)(struct ipc_namespace *ns, const struct ipc_params *p);
	/* Does an object of that size do?  0 or -EINVAL; object locked. */
	int (*fits)(struct kern_ipc_perm *perm, const struct ipc_params *p);
};

void ipc_init_ids(struct ipc_ids *ids);
int ipc_get(struct ipc_namespace *ns, struct ipc_ids *ids,
	    const struct ipc_ops *ops, const struct ipc_params *p);
int ipc_add_id(struct ipc_ids *ids, struct kern_ipc_perm *perm, int limit,
	       const struct ipc_params *p);
void ipc_remove_id(struct ipc_ids *ids, struct kern_ipc_perm *perm);
void ipc_forget_key(struct ipc_ids *ids, struct kern_ipc_perm *perm);
struct kern_ipc_perm *ipc_lock_id(struct ipc_ids *ids, int id);
struct kern_ipc_perm *ipc_lock_slot(struct ipc_ids *ids, int slot);
struct kern_ipc_perm *ipc_lock_stat(struct ipc_ids *ids, int id, bool by_slot,
				    bool any);
/* IPC_SET and IPC_RMID: change is told the object, locked, and unlocks it. */
int ipc_change(struct ipc_namespace *ns, int kind, int id,
	       int (*change)(struct ipc_namespace *ns,
			     struct kern_ipc_perm *perm, const void *arg),
	       const void *arg);
/* x_STAT of any kind: fill makes *out, of the object, locked. */
struct ipc_stat_call {
	int id;
	bool by_slot, any;            /* x_STAT, x_STAT_ANY: a slot's number */
	void (*fill)(const struct kern_ipc_perm *perm, void *out);
	void *out;
	size_t size;
};
int ipc_stat(struct ipc_ids *ids, const struct ipc_stat_call *call,
	     void __user *buf);
int ipc_check(const struct kern_ipc_perm *perm, int flags);
void ipc_put(struct kern_ipc_perm *perm);
void ipc_to_user(const struct kern_ipc_perm *perm, struct ipc64_perm *out);
int ipc_set_owner(struct kern_ipc_perm *perm, const struct ipc64_perm *in);
void ipc_remove_all(struct ipc_ids *ids,
		    void (*remove)(struct ipc_namespace *,
				   struct kern_ipc_perm *),
		    struct ipc_namespace *ns);

static inline void ipc_ref(struct kern_ipc_perm *perm)
{
	refcount_inc(&perm->refs);
}

static inline void ipc_unlock(struct kern_ipc_perm *perm)
{
	spin_unlock(&perm->lock);
}

static inline struct ipc_ids *ipc_table(struct ipc_namespace *ns, int kind)
{
	return &ns->ids[kind];
}

#define current_ipc_ns() (current->nsproxy->ipc_ns)

/* A namespace begins and ends (namespace.c calls them). */
void sem_init_ns(struct ipc_namespace *ns);
void msg_init_ns(struct ipc_namespace *ns);
void shm_init_ns(struct ipc_namespace *ns);
int mq_init_ns(struct ipc_namespace *ns);
void sem_exit_ns(struct ipc_namespace *ns);
void msg_exit_ns(struct ipc_namespace *ns);
void shm_exit_ns(struct ipc_namespace *ns);
void mq_exit_ns(struct ipc_namespace *ns);

/* One line each of /proc/sysvipc; the object is locked. */
void msg_show(struct seq_file *m, struct kern_ipc_perm *perm);
void sem_show(struct seq_file *m, struct kern_ipc_perm *perm);
void shm_show(struct seq_file *m, struct kern_ipc_perm *perm);

#endif
