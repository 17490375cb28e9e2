/* SPDX-License-Identifier: MIT */
/* lockdep_test.c -- self-tests for lockdep.c; they say something in DEBUG=1 */

#include <kernel/irqflags.h>
#include <kernel/lockdep.h>
#include <kernel/mutex.h>
#include <kernel/preempt.h>
#include <kernel/selftest.h>
#include <kernel/spinlock.h>

#if IS_ENABLED(LANTERN_DEBUG)

static bool cannot_run(void)
{
	if (!lockdep_is_on())
		selftest_skip("lockdep has reported something before");
	return !lockdep_is_on();
}

SELFTEST(lockdep_reports_both_orders)
{
	static DEFINE_SPINLOCK(a);
	static DEFINE_SPINLOCK(b);

	if (cannot_run())
		return;
	lockdep_test_begin();
	spin_lock(&a);
	spin_lock(&b);
	spin_unlock(&b);
	spin_unlock(&a);
	spin_lock(&b);
	spin_lock(&a);
	spin_unlock(&a);
	spin_unlock(&b);
	EXPECT(lockdep_test_end() == 1);
}

SELFTEST(lockdep_sees_a_cycle_of_three)
{
	static DEFINE_MUTEX(a);
	static DEFINE_MUTEX(b);
	static DEFINE_MUTEX(c);
	struct mutex *pairs[3][2] = { { &a, &b }, { &b, &c }, { &c, &a } };

	if (cannot_run())
		return;
	lockdep_test_begin();
	for (int i = 0; i < 3; i++) {
		mutex_lock(pairs[i][0]);
		mutex_lock(pairs[i][1]);
		mutex_unlock(pairs[i][1]);
		mutex_unlock(pairs[i][0]);
	}
	EXPECT(lockdep_test_end() == 1);
}

SELFTEST(lockdep_reports_a_lock_shared_with_interrupts)
{
	static DEFINE_SPINLOCK(a);

	if (cannot_run())
		return;
	lockdep_test_begin();
	spin_lock(&a);                  /* interrupts on */
	spin_unlock(&a);
	local_irq_disable();
	preempt_count_add(HARDIRQ_OFFSET);      /* as in a handler */
	spin_lock(&a);
	spin_unlock(&a);
	preempt_count_sub(HARDIRQ_OFFSET);
	local_irq_enable();
	EXPECT(lockdep_test_end() == 1);
}

SELFTEST(lockdep_allows_trylock_and_nesting_levels)
{
	static DEFINE_SPINLOCK(a);
	static DEFINE_SPINLOCK(b);
	struct mutex m[2];

	if (cannot_run())
		return;
	lockdep_test_begin();
	spin_lock(&a);
	EXPECT(spin_trylock(&b));
	spin_unlock(&b);
	spin_unlock(&a);
	spin_lock(&b);
	EXPECT(spin_trylock(&a));
	spin_unlock(&a);
	spin_unlock(&b);
	for (int i = 0; i < 2; i++)
		mutex_init(&m[i]);      /* one class */
	mutex_lock(&m[0]);
	mutex_lock_nested(&m[1], SINGLE_DEPTH_NESTING);
	mutex_unlock(&m[1]);
	mutex_unlock(&m[0]);
	EXPECT(lockdep_test_end() == 0);
}

SELFTEST(lockdep_knows_what_is_held)
{
	static DEFINE_SPINLOCK(a);

	if (cannot_run())
		return;
	EXPECT(!lockdep_is_held(&a));
	spin_lock(&a);
	EXPECT(lockdep_is_held(&a));
	spin_unlock(&a);
	EXPECT(!lockdep_is_held(&a));
}

#endif
