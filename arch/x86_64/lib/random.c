/* SPDX-License-Identifier: MIT */
/* random.c -- the CPU's own random number generator, where it has one */

#include <arch/cpufeature.h>
#include <arch/time.h>

/* RDRAND may run dry for a moment: Intel says ten tries are enough. */
bool arch_get_random_long(unsigned long *v)
{
	if (!boot_cpu_has(X86_FEATURE_RDRAND))
		return false;
	for (int i = 0; i < 10; i++) {
		bool ok;

		__asm__ __volatile__("rdrand %0; setc %1" : "=r"(*v), "=qm"(ok)
				     :: "cc");
		if (ok)
			return true;
	}
	return false;
}
