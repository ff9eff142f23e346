/* SPDX-License-Identifier: MIT */
/* Reading back: what the host answers now, beside what a step expects. */
#include <string.h>
#include <sys/stat.h>

#include "bundle/sha256.h"
#include "formats/launchctl.h"
#include "formats/text.h"
#include "lifecycle/plan.h"

static bool first_word_in(const struct buf *out, char *const *words)
{
	const char *s = buf_str(out);
	_cleanup_free_ char *word = mem_strndup(s, strcspn(s, " \t\r\n"));

	return strv_has(words, word);
}

static int is_disabled(const struct answer *a, const char *label, struct err *err)
{
	_cleanup_launchctl_overrides_ struct launchctl_overrides o = { 0 };
	int r = launchctl_disabled_parse(buf_str(&a->out), a->out.len, &o, err);

	return r < 0 ? r : launchctl_overrides_get(&o, label) == 1;
}

static bool content_is(const struct answer *a, const struct expect *e)
{
	char hex[SHA256_HEX];

	sha256_hex_of(hex, buf_str(&a->out), a->out.len);
	return e->words && text_eq(hex, e->words[0]) && (!a->rec.stat.known || (int)(a->rec.stat.mode & 07777) == e->status);
}

int expect_holds(struct source *s, const struct expect *e, struct err *err)
{
	_cleanup_answer_ struct answer a = { 0 };

	if (e->kind == EXPECT_NOTHING)
		return 0;
	int r = source_get(s, e->probe, &a, err);
	if (r)
		return r;
	bool file = e->probe->kind == PROBE_FILE || e->probe->kind == PROBE_LINK;
	if (file && a.rec.outcome == OUTCOME_ABSENT)
		return e->kind == EXPECT_ABSENT;
	if (!record_answered(&a.rec))
		return err_set(err, a.rec.outcome == OUTCOME_DENIED ? ERR_DENIED : ERR_IO, "%s: %s", e->probe->key,
			a.rec.reason ? a.rec.reason : outcome_name(a.rec.outcome));
	switch (e->kind) {
	case EXPECT_WORD:
		return first_word_in(&a.out, e->words);
	case EXPECT_EXIT:
		return a.rec.status == e->status && !a.rec.signal;
	case EXPECT_CONTENT:
		return a.rec.outcome == OUTCOME_OK && content_is(&a, e);
	case EXPECT_DIRECTORY:
		return a.rec.stat.known && S_ISDIR(a.rec.stat.mode);
	case EXPECT_TARGET:
		return a.rec.stat.link && e->words && text_eq(a.rec.stat.link, e->words[0]);
	case EXPECT_DISABLED:
		r = e->words && a.rec.status == 0 ? is_disabled(&a, e->words[0], err) : -1;
		return r < 0 ? err_set(err, ERR_IO, "%s: no list of disabled services", e->probe->key) : r == e->status;
	default:
		return 0;
	}
}
