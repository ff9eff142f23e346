/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "formats/plist_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What we write, we read, and write again byte for byte. */
static void check_writing(const struct launchd_plist *p)
{
	struct buf once = { 0 }, twice = { 0 };
	struct launchd_plist back;
	struct err err = { 0 };

	launchd_plist_write(p, &once);
	if (launchd_plist_parse(once.data, once.len, &back, &err) == 0) {
		launchd_plist_write(&back, &twice);
		assert(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
		launchd_plist_free(&back);
	}
	buf_free(&once);
	buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct launchd_plist p;
	struct launchctl_overrides o;
	struct lints l;
	struct err err = { 0 };

	launchd_plist_lint(data, size, "/Library/LaunchAgents/a.plist", &l);
	if (launchd_plist_parse(data, size, &p, &err) == 0) {
		struct restart_budget b = launchd_restart_budget(&p);

		assert(b.per_hour <= 3600);
		assert(b.gives_up == (b.cause == RESTART_NEVER));
		assert(launchd_throttle(&p) > 0);
		assert(!lints_find(&l, "plist.syntax"));
		assert(!p.label == !!lints_find(&l, "plist.no-label") || (p.label && !*p.label));
		check_writing(&p);
		launchd_plist_free(&p);
	} else {
		assert(err.code == ERR_SYNTAX || err.code == ERR_LIMIT);
		assert(l.n == 1 && lints_find(&l, "plist.syntax"));
	}
	lints_free(&l);
	if (launchd_overrides_parse(data, size, &o, NULL) == 0)
		launchctl_overrides_free(&o);
	return 0;
}
