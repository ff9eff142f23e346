/* SPDX-License-Identifier: MIT */
/* The summary for a ticket: see casefile.h. */
#include <inttypes.h>
#include <string.h>

#include "formats/casefile.h"
#include "formats/text.h"

enum { FAILS_TOLD = 6, GAPS_TOLD = 8, ACTS_TOLD = 10, WORDS_MAX = 240 };

/* Foreign words on one line, cut; in Markdown with nothing left that it would read as its own. */
static void add_words(struct buf *b, const char *s, bool markdown)
{
	_cleanup_free_ char *safe = text_safe(s ? s : "");
	size_t n = 0;

	for (const char *p = safe; *p; p++, n++) {
		if (n == WORDS_MAX) {
			buf_adds(b, "…");
			return;
		}
		/* not in the middle of a character */
		if (n > WORDS_MAX - 4 && ((unsigned char)*p & 0xc0) == 0xc0) {
			buf_adds(b, "…");
			return;
		}
		if (markdown && strchr("\\`*_{}[]<>()#+!|~@&$", *p))
			buf_addc(b, '\\');
		buf_addc(b, *p);
	}
}

struct teller {
	struct buf *b;
	bool md;
};

static void line(const struct teller *t, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(t->b, t->md ? "- **%s:** " : "%-10s ", label);
	add_words(t->b, value, t->md);
	buf_addc(t->b, '\n');
}

static void title(const struct teller *t, const char *text)
{
	buf_addf(t->b, t->md ? "\n**%s**\n\n" : "\n%s\n", text);
}

static void item(const struct teller *t, const char *a, const char *b, const char *c)
{
	buf_adds(t->b, t->md ? "- " : "  ");
	add_words(t->b, a, t->md);
	if (b && *b) {
		buf_adds(t->b, ": ");
		add_words(t->b, b, t->md);
	}
	if (c && *c) {
		buf_adds(t->b, ", ");
		add_words(t->b, c, t->md);
	}
	buf_addc(t->b, '\n');
}

static void more(const struct teller *t, size_t n, size_t told)
{
	if (n > told)
		buf_addf(t->b, t->md ? "- … and %zu more\n" : "  … and %zu more\n", n - told);
}

static void tell_findings(const struct teller *t, const struct casefile *c)
{
	const struct finding *root = casefile_root(c);
	size_t fails = findings_count(c->findings, VERDICT_FAIL), told = 0;

	if (root) {
		_cleanup_free_ char *cause = mem_printf("%s: %s", root->check, root->message);
		line(t, "root cause", cause);
		line(t, "next step", root->remedy ? root->remedy : root->hint);
	} else {
		line(t, "root cause", findings_count(c->findings, VERDICT_UNKNOWN) ? "not known: evidence is missing" : "no check fails");
	}
	if (fails <= 1)
		return;
	title(t, "What else fails");
	for (size_t i = 0; i < c->findings->n && told < FAILS_TOLD; i++) {
		const struct finding *f = c->findings->v[i];
		if (f->verdict != VERDICT_FAIL || f == root)
			continue;
		item(t, f->check, f->message, NULL);
		told++;
	}
	more(t, fails - 1, told);
}

static void tell_acts(const struct teller *t, const struct casefile *c)
{
	size_t from = c->n_acts > ACTS_TOLD ? c->n_acts - ACTS_TOLD : 0;

	if (!c->n_acts)
		return;
	title(t, "What was done");
	if (from)
		buf_addf(t->b, t->md ? "- %zu earlier acts\n" : "  %zu earlier acts\n", from);
	for (size_t i = from; i < c->n_acts; i++) {
		const struct case_act *a = &c->acts[i];
		char when[32];
		text_time(when, a->time_us);
		_cleanup_free_ char *what = mem_printf("%s %s", when, a->action);
		_cleanup_free_ char *who = mem_printf("by %s%s", a->actor, a->exit ? ", which failed" : "");
		item(t, what, a->detail, who);
	}
}

static void tell_gaps(const struct teller *t, const struct manifest *m)
{
	title(t, "What is missing");
	if (!m->n_gaps)
		item(t, "nothing that was asked for", NULL, NULL);
	for (size_t i = 0; i < m->n_gaps && i < GAPS_TOLD; i++)
		item(t, m->gaps[i].what, m->gaps[i].outcome, NULL);
	more(t, m->n_gaps, GAPS_TOLD);
}

static void tell_verify(const struct teller *t, const struct casefile *c)
{
	if (!c->file)
		return;
	title(t, "How to verify");
	_cleanup_buf_ struct buf name = { 0 };
	text_add_shell(&name, c->file);
	/* three lines; names of bundles hold nothing that a code block could be left with */
	_cleanup_free_ char *safe = text_safe(buf_str(&name));
	buf_addf(t->b, t->md ? "    sourceos-agent bundle verify %.200s\n" : "  sourceos-agent bundle verify %.200s\n", safe);
	buf_addf(t->b, t->md ? "    minisign -Vm %.200s %s %s\n" : "  minisign -Vm %.200s %s %s\n", safe, c->public_key ? "-P" : "-p",
		c->public_key ? c->public_key : "host.pub");
	buf_addf(t->b, t->md ? "\n%s: `sourceos-agent key show` prints it there.\n" : "  %s: 'sourceos-agent key show' prints it there\n",
		c->public_key ? "Compare the key with the one of the host that signed" : "host.pub is the public key of the host that signed");
}

void casefile_add_brief(struct buf *out, const struct casefile *c, bool markdown)
{
	_cleanup_buf_ struct buf b = { 0 };
	const struct teller t = { &b, markdown };
	const struct manifest *m = c->manifest;
	_cleanup_free_ char *rate = casefile_rate(c);
	_cleanup_free_ char *where = mem_printf("host %s%s%s", m->host_tag, c->os ? ", " : "", c->os ? c->os : "");
	char when[32];

	text_time(when, m->created_us);
	buf_adds(&b, markdown ? "### " : "");
	add_words(&b, m->agent, markdown);
	buf_addf(&b, ": %s\n%s", verdict_name(findings_verdict(c->findings)), markdown ? "\n" : "");
	line(&t, "case", m->about.id);
	line(&t, "what", m->purpose);
	line(&t, "service", c->service);
	line(&t, "where", where);
	line(&t, "when", when);
	line(&t, "by", m->about.operator);
	line(&t, "why", m->about.reason);
	line(&t, "restarts", rate);
	tell_findings(&t, c);
	tell_acts(&t, c);
	tell_gaps(&t, m);
	if (c->file)
		title(&t, "Bundle");
	line(&t, "file", c->file);
	line(&t, "sha256", c->sha256);
	_cleanup_free_ char *signer = c->key_id ? mem_printf("key %s%s%s", c->key_id, c->signer ? ", trusted as " : ", NOT trusted where this was written",
									    c->signer ? c->signer : "")
						: NULL;
	line(&t, "signed by", signer);
	tell_verify(&t, c);
	/* every part above is bounded, so this cuts nothing but what a manifest of absurd names could add up to */
	if (b.len > CASE_BRIEF_MAX) {
		b.len = CASE_BRIEF_MAX - 8;
		while (b.len && ((unsigned char)b.data[b.len] & 0xc0) == 0x80)
			b.len--;
		b.data[b.len] = 0;
		buf_adds(&b, "\n…\n");
	}
	buf_add(out, buf_str(&b), b.len);
}
