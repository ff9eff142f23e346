/* SPDX-License-Identifier: MIT */
/* A period is a period: never 0 but for @reboot, at most a year; what is refused leaves the answer alone. */
#include <stdlib.h>

#include "formats/calendar.h"
#include "formats/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define YEAR (366ull * 24 * 3600 * 1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *s = mem_strndup((const char *)data, size);
	uint64_t us = 7;

	if (calendar_period(s, &us) ? us != 7 : us == 0 || us > YEAR)
		abort();
	us = 7;
	if (cron_period(s, &us) ? us != 7 : us > YEAR)
		abort();
	return 0;
}
