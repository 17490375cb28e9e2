/* SPDX-License-Identifier: MIT */
/* cbpf.c -- classic BPF's own tests, under ASan and UBSan */

/* host-test: kernel/lib/cbpf.c kernel/lib/cbpf_test.c */
