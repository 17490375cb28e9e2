/* SPDX-License-Identifier: MIT */
#ifndef UAPI_SIGNAL_H
#define UAPI_SIGNAL_H
/* signal.h -- numbers and layouts of signals (Linux x86-64 ABI) */

#include <kernel/types.h>

#define NSIG 64
#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGSTKFLT 16
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGIO 29
#define SIGPOLL SIGIO
#define SIGPWR 30
#define SIGSYS 31
#define SIGRTMIN 32
#define SIGRTMAX NSIG

#define SA_NOCLDSTOP 0x00000001
#define SA_NOCLDWAIT 0x00000002
#define SA_SIGINFO 0x00000004
#define SA_RESTORER 0x04000000
#define SA_ONSTACK 0x08000000
#define SA_RESTART 0x10000000
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SIG_DFL ((void *)0)
#define SIG_IGN ((void *)1)

#define SS_ONSTACK 1
#define SS_DISABLE 2
#define SS_AUTODISARM (1U << 31)
#define MINSIGSTKSZ 2048

#define SI_USER 0
#define SI_KERNEL 0x80
#define SI_QUEUE (-1)
#define SI_TIMER (-2)
#define SI_MESGQ (-3)
#define SI_ASYNCIO (-4)
#define SI_SIGIO (-5)
#define SI_TKILL (-6)

#define ILL_ILLOPC 1
#define ILL_ILLOPN 2
#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define TRAP_BRKPT 1
#define TRAP_TRACE 2
#define TRAP_HWBKPT 4
#define POLL_IN 1             /* si_code of SIGIO, or F_SETSIG's signal */
#define POLL_OUT 2
#define POLL_MSG 3
#define POLL_ERR 4
#define POLL_PRI 5
#define POLL_HUP 6
#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_TRAPPED 4
#define CLD_STOPPED 5
#define CLD_CONTINUED 6

typedef union sigval {
	int sival_int;
	void *sival_ptr;
} sigval_t;

/* 128 bytes; the union starts at 16 because of the 8-byte members. */
typedef struct siginfo {
	int si_signo;
	int si_errno;
	int si_code;
	int __pad0;
	union {
		int _pad[28];
		struct {
			pid_t si_pid;
			uid_t si_uid;
			union {
				sigval_t si_value;   /* SI_QUEUE */
				struct {             /* SIGCHLD */
					int si_status;
					long si_utime;
					long si_stime;
				};
			};
		};
		struct {
			int si_tid;
			int si_overrun;
			sigval_t si_timer_value;
			int si_sys_private;
		};
		struct {
			void *si_addr;
			short si_addr_lsb;
		};
		struct {
			long si_band;
			int si_fd;
		};
		struct {
			void *si_call_addr;
			int si_syscall;
			unsigned int si_arch;
		};
	};
} siginfo_t;

static_assert(sizeof(siginfo_t) == 128, "Linux ABI");

struct sigaction {
	void *sa_handler;
	unsigned long sa_flags;
	void *sa_restorer;
	u64 sa_mask;
};

typedef struct {
	void *ss_sp;
	int ss_flags;
	size_t ss_size;
} stack_t;

static_assert(sizeof(stack_t) == 24, "Linux ABI");

#endif
