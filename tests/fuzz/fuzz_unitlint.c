/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include "formats/budget.h"
#include "formats/unitlint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A lint's place is in the file; a budget that gives up is limited or never restarts, and its promise is not below one start unless
 * its delay is longer than the hour. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "x.service", "x.container", "x.timer" };
	_cleanup_unitfile_ struct unitfile u = { 0 };
	_cleanup_lints_ struct lints l = { 0 };
	int lines = 1;

	unitfile_add(&u, "/x", (const char *)data, n);
	for (size_t i = 0; i < n; i++)
		lines += data[i] == '\n' || data[i] == '\r' || !data[i]; /* as systemd reads lines */
	unitfile_lint(&u, names[n % 3], &l);
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].line < 0 || l.v[i].line > lines || l.v[i].file != 0 || !l.v[i].text)
			abort();
	struct budget_rule r = budget_rule_written(&u);
	struct budget b = budget_compute(&r);
	if ((b.gives_up && b.restarts && !b.trips) || (b.trips && !b.limited))
		abort();
	if (!b.restarts && b.per_hour != 1)
		abort();
	_cleanup_free_ char *words = budget_words(&b);
	return words ? 0 : 1;
}
