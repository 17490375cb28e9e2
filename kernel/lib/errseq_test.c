/* SPDX-License-Identifier: MIT */
/* errseq_test.c -- who hears of an error, and how often */

#include <kernel/errno.h>
#include <kernel/errseq.h>
#include <kernel/selftest.h>

SELFTEST(errseq_tells_each_observer_once)
{
	errseq_t word = 0, a = errseq_sample(&word), b = errseq_sample(&word);

	errseq_set(&word, -EIO);
	EXPECT(errseq_check(&word, a) == -EIO);
	EXPECT(errseq_check_and_advance(&word, &a) == -EIO);
	EXPECT(errseq_check_and_advance(&word, &a) == 0);
	EXPECT(errseq_check_and_advance(&word, &b) == -EIO);
	EXPECT(errseq_check_and_advance(&word, &b) == 0);
}

SELFTEST(errseq_error_after_the_telling_is_news)
{
	errseq_t word = 0, a = errseq_sample(&word);

	errseq_set(&word, -EIO);
	EXPECT(errseq_check_and_advance(&word, &a) == -EIO);
	errseq_set(&word, -EIO);
	EXPECT(errseq_check_and_advance(&word, &a) == -EIO);
	EXPECT(errseq_check_and_advance(&word, &a) == 0);
}

SELFTEST(errseq_unseen_error_waits_for_the_next_opener)
{
	errseq_t word = 0, late, later;

	errseq_set(&word, -ENOSPC);
	late = errseq_sample(&word);
	EXPECT(errseq_check_and_advance(&word, &late) == -ENOSPC);
	later = errseq_sample(&word);
	EXPECT(errseq_check_and_advance(&word, &later) == 0);
}

SELFTEST(errseq_counter_rests_while_nobody_looks)
{
	errseq_t word = 0, first;

	first = errseq_set(&word, -EIO);
	for (int n = 0; n < 1000; n++)
		EXPECT(errseq_set(&word, -EIO) == first);
}
