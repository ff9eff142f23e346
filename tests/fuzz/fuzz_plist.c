/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "formats/plist_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool rewrite(const struct buf *from, struct buf *to)
{
	struct launchd_plist back;

	if (launchd_plist_parse(from->data, from->len, &back, NULL) < 0)
		return false;
	launchd_plist_write(&back, to);
	launchd_plist_free(&back);
	return true;
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* What we write, we read, and write again byte for byte. A binary list may hold a key twice in a dictionary that we keep as it is:
 * the XML of that is read with one, and stays so from then on. */
static void check_writing(const struct launchd_plist *p)
{
	struct buf once = { 0 }, twice = { 0 }, thrice = { 0 };

	launchd_plist_write(p, &once);
	if (rewrite(&once, &twice) && !same(&once, &twice)) {
		assert(p->binary && twice.len < once.len);
		assert(rewrite(&twice, &thrice) && same(&twice, &thrice));
	}
	buf_free(&once);
	buf_free(&twice);
	buf_free(&thrice);
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
