/* SPDX-License-Identifier: MIT */
/* What a case is told as. PAGE_DIR=dir writes the pages there, for tests/page/check, which shows them to a browser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "lifecycle/check.h"
#include "lifecycle/dossier.h"
#include "tests/unit/recorded.h"
#include "tests/unit/scratch.h"

/* Everything that might break out of where it is put. */
static const char evil[] = "</code></title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>"
			   "&lt;b&gt; javascript:alert(1) \x1b[2J \xe2\x80\xae gnp.exe \x80\xff {{7*7}} --><iframe src=//evil>";

struct hostile {
	struct manifest m;
	struct findings f;
	struct casefile c;
};

static void hostile_make(struct hostile *h, bool within)
{
	uint8_t sha[32] = { 0xab };

	*h = (struct hostile){ 0 };
	h->m.agent = mem_strdup(evil);
	h->m.purpose = mem_strdup(evil);
	h->m.tool = mem_strdup("sourceos-agent");
	h->m.version = mem_strdup(evil);
	h->m.host_tag = mem_strdup(evil);
	h->m.created_us = 1795478400000000;
	for (int i = 0; i < 40; i++)
		manifest_add_artifact(&h->m, i ? "probes/a:b#c" : "javascript:alert(1)//x", 12, sha, 0600, NULL);
	manifest_add_gap(&h->m, evil, "absent", evil);
	manifest_add_redaction(&h->m, evil, 3);
	struct finding *f = findings_add(&h->f, "DR-06", VERDICT_FAIL);
	mem_set(&f->title, evil);
	finding_remedy(finding_detail(finding_say(f, "%s", evil), "%s", evil), "%s", evil);
	struct finding *b = findings_add(&h->f, "DR-07", VERDICT_BLOCKED);
	mem_set(&b->title, "Image");
	mem_set(&b->blocked_by, "DR-06");
	finding_say(b, "not judged");
	h->c.manifest = &h->m;
	h->c.findings = &h->f;
	h->c.os = mem_strdup(evil);
	h->c.service = mem_strdup(evil);
	facts_add(&h->c.facts, evil, evil, evil);
	casefile_add_act(&h->c, 1795478400000000, evil, evil, evil, evil, 1);
	for (int i = 0; i < 500; i++) {
		h->c.starts = mem_array(h->c.starts, h->c.n_starts + 1, sizeof(*h->c.starts));
		h->c.starts[h->c.n_starts++] = 1795478400000000 + (uint64_t)i * (i % 7 + 1) * 1000000;
	}
	if (!within) {
		h->c.file = mem_strdup(evil);
		h->c.signer = mem_strdup(evil);
		h->c.key_id = mem_strdup("0123456789ABCDEF");
		memset(h->c.sha256, 'a', 64);
	}
}

static void hostile_free(struct hostile *h)
{
	casefile_free(&h->c);
	manifest_free(&h->m);
	findings_free(&h->f);
}

static bool one_of(const char *s, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && memcmp(*list, s, n) == 0)
			return true;
	return false;
}

/* Walks every tag: names and attributes are ours, values are quoted, and no address leads out of the page's directory. */
static void check_markup(const char *page)
{
	static const char *const tags[] = { "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "span", "code", "time",
		"div", "strong", "pre", "main", "section", "ul", "li", "br", "table", "tbody", "thead", "tr", "th", "td", "svg", "desc", "rect", "line",
		"text", "ol", "caption", "footer", NULL };
	static const char *const names[] = { "lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "datetime", "aria-labelledby",
		"scope", "viewBox", "role", "x", "y", "width", "height", "x1", "x2", "y1", "y2", "text-anchor", "tabindex", "colspan", NULL };

	for (const char *p = page; (p = strchr(p, '<'));) {
		p++;
		if (*p == '!') {
			assert_int_equal(strncmp(p, "!DOCTYPE html>", 14), 0);
			continue;
		}
		bool closing = *p == '/';
		p += closing;
		size_t n = strcspn(p, " />\n");
		if (!one_of(p, n, tags))
			fail_msg("a tag of somebody else: <%.40s", p);
		bool style = !closing && n == 5 && !memcmp(p, "style", 5);
		for (p += n; *p && *p != '>';) {
			if (*p == ' ' || *p == '/') {
				p++;
				continue;
			}
			n = strcspn(p, "=> ");
			if (!one_of(p, n, names) || p[n] != '=' || p[n + 1] != '"')
				fail_msg("an attribute of somebody else: %.40s", p);
			bool href = n == 4 && !memcmp(p, "href", 4);
			p += n + 2;
			if (href && strncmp(p, "./", 2) != 0 && strncmp(p, "#main", 5) != 0)
				fail_msg("an address: %.40s", p);
			p += strcspn(p, "\"");
			p += *p == '"';
		}
		assert_int_equal(*p, '>');
		if (style) /* its contents are not markup */
			p = strstr(p, "</style>");
	}
}

static void write_page(const char *name, const struct buf *b)
{
	if (getenv("PAGE_DIR"))
		scratch_write(getenv("PAGE_DIR"), name, b->data, b->len);
}

static void test_hostile_evidence_stays_text(void **state)
{
	for (int within = 0; within < 2; within++) {
		_cleanup_buf_ struct buf b = { 0 };
		struct hostile h;
		hostile_make(&h, within);
		casefile_add_page(&b, &h.c);
		check_markup(buf_str(&b));
		assert_null(strchr(buf_str(&b), 0x1b));
		assert_null(strstr(buf_str(&b), "\xe2\x80\xae"));
		assert_null(strstr(buf_str(&b), "<script"));
		write_page(within ? "hostile-within.html" : "hostile.html", &b);
		hostile_free(&h);
	}
}

static void test_the_policy_names_the_style_sheet(void **state)
{
	uint8_t sum[32];
	char b64[64];

	crypto_hash_sha256(sum, (const uint8_t *)casefile_css, strlen(casefile_css));
	sodium_bin2base64(b64, sizeof(b64), sum, sizeof(sum), sodium_base64_VARIANT_ORIGINAL);
	assert_string_equal(casefile_css_sha256, b64);
	assert_null(strstr(casefile_css, "http"));
	assert_null(strstr(casefile_css, "url("));
	assert_null(strstr(casefile_css, "@import"));
}

static void test_the_brief_is_bounded_and_harmless(void **state)
{
	for (int md = 0; md < 2; md++) {
		_cleanup_buf_ struct buf b = { 0 };
		struct hostile h;
		hostile_make(&h, false);
		for (int i = 0; i < 1000; i++) {
			manifest_add_gap(&h.m, evil, "absent", evil);
			casefile_add_act(&h.c, 1, evil, evil, evil, evil, 0);
			finding_say(findings_add(&h.f, "DR-01", VERDICT_FAIL), "%s", evil);
		}
		casefile_add_brief(&b, &h.c, md);
		assert_in_range(b.len, 100, CASE_BRIEF_MAX);
		assert_null(strchr(buf_str(&b), 0x1b));
		assert_null(strstr(buf_str(&b), "\xe2\x80\xae"));
		/* in Markdown no markup of theirs */
		for (const char *p = buf_str(&b); md && (p = strpbrk(p, "<[")); p++)
			if (p == buf_str(&b) || p[-1] != '\\')
				fail_msg("Markdown of somebody else: %.60s", p);
		hostile_free(&h);
	}
}

static void test_root_cause_is_what_most_wait_for(void **state)
{
	_cleanup_findings_ struct findings f = { 0 };
	struct casefile c = { .findings = &f };

	findings_add(&f, "DR-01", VERDICT_FAIL);
	findings_add(&f, "DR-06", VERDICT_FAIL);
	mem_set(&findings_add(&f, "DR-07", VERDICT_BLOCKED)->blocked_by, "DR-06");
	assert_string_equal(casefile_root(&c)->check, "DR-06");
}

static void test_rate(void **state)
{
	uint64_t at[] = { 0, 10000000, 20000000, 30000000 };
	struct casefile c = { .starts = at, .n_starts = 4 };
	_cleanup_free_ char *rate = casefile_rate(&c);

	assert_string_equal(rate, "4 starts in 30 s, 360 an hour");
	c.n_starts = 1;
	assert_null(casefile_rate(&c));
}

static void note_change(void *ctx, const char *layer, const char *name, const char *before, const char *after)
{
	buf_addf(ctx, "%s/%s: %s -> %s\n", layer, name, before ? before : "-", after ? after : "-");
}

static void test_diff_is_semantic(void **state)
{
	_cleanup_facts_ struct facts a = { 0 }, b = { 0 };
	_cleanup_buf_ struct buf got = { 0 };

	facts_add(&a, "Definition", "[Service] Restart", "always");
	facts_add(&b, "Definition", "[Service] Restart", "on-failure");
	facts_add(&a, "Credentials", "helper", "gcr.io: docker-credential-gcloud");
	facts_add(&b, "Image", "id", "sha256:1");
	facts_add(&a, "Image", "id", "sha256:1");
	/* the order of a list is no change, a member more is */
	facts_add(&a, "Service", "drop-in", "a.conf");
	facts_add(&a, "Service", "drop-in", "b.conf");
	facts_add(&b, "Service", "drop-in", "c.conf");
	facts_add(&b, "Service", "drop-in", "b.conf");
	facts_add(&b, "Service", "drop-in", "a.conf");
	/* tokens of two bundles differ though the secret did not; another class is a change */
	facts_add(&a, "Command", "option", "--token REDACTED_token_0a1b2c3d end");
	facts_add(&b, "Command", "option", "--token REDACTED_token_ffffffff end");
	facts_add(&a, "Command", "x", "REDACTED_token_0a1b2c3d");
	facts_add(&b, "Command", "x", "REDACTED_jwt_0a1b2c3d");
	assert_int_equal(facts_diff(&a, &b, note_change, &got), 4);
	assert_string_equal(buf_str(&got), "Definition/[Service] Restart: always -> on-failure\n"
					   "Credentials/helper: gcr.io: docker-credential-gcloud -> -\n"
					   "Command/x: REDACTED_token_0a1b2c3d -> REDACTED_jwt_0a1b2c3d\n"
					   "Service/drop-in: - -> c.conf\n");
	buf_clear(&got);
	assert_int_equal(facts_diff(&a, &a, note_change, &got), 0);
	assert_int_equal(facts_diff(&b, &(struct facts){ 0 }, note_change, &got), b.n);
}

/* A recorded host, judged and told. */
static void tell_host(const char *dir, struct casefile *c, struct findings *f, struct manifest *m, struct evidence **e)
{
	_cleanup_source_ struct source *s = recorded_open(dir, NULL);
	const struct gather_options all = { .want = WANT_ALL };
	struct target t = { .declared = true };
	_cleanup_free_ char *path = mem_printf("%s/root/home/alice/.config/sourceos/agents.d/node-commander.json", dir);
	_cleanup_buf_ struct buf text = { 0 };
	struct warnings w = { 0 };
	struct agent **agents = NULL;
	struct err err = { 0 };
	FILE *in = fopen(access(path, F_OK) ? "share/sourceos/agents.d/node-commander.json" : path, "r");
	char chunk[4096];
	size_t n;

	while (in && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_add(&text, chunk, n);
	if (in)
		fclose(in);
	if (declaration_parse("node-commander.json", buf_str(&text), text.len, &agents, &w, &err) || user_get(s, "alice", &t.owner, &err))
		fail_msg("%s: %s", dir, err.msg);
	t.agent = agent_copy(agents[0]);
	agents_free(agents);
	warnings_free(&w);
	declaration_expand(t.agent, t.owner.id.home);
	target_complete(&t);
	if (evidence_gather(s, &t, &all, e, &err))
		fail_msg("%s: %s", dir, err.msg);
	target_free(&t);
	checks_run(*e, CHECK_DOCTOR, f);
	*m = (struct manifest){ .agent = mem_strdup("node-commander"), .purpose = mem_strdup("quarantine"), .tool = mem_strdup("sourceos-agent"),
		.version = mem_strdup("0.1.0"), .host_tag = mem_strdup("host-0123456789ab"), .created_us = source_now_us(s) };
	uint8_t sha[32] = { 1, 2, 3 };
	static const char *const files[] = { "diagnostics-bundle.json", "records.jsonl", "custody.jsonl", "redactions.json", "auth-redacted.json",
		"container-inspect.json", "image-inspect.json", "logs/node-commander.log", "podman-info.json", "service.unit.disabled" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		manifest_add_artifact(m, files[i], 1234 * (i + 1), sha, 0600, NULL);
	manifest_add_gap(m, "podman-info.json", "timeout", "no answer within 10 s");
	manifest_add_redaction(m, "token", 3);
	manifest_add_redaction(m, "basic-auth", 1);
	c->manifest = m;
	c->findings = f;
	casefile_of_evidence(*e, c);
	static const char *const acts[] = { "collect", "stop", "disable", "move" };
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		casefile_add_act(c, m->created_us + i * 1000000, acts[i], "alice", "org.socioprophet.node-commander.service", "in the bundle", 0);
}

static void test_recorded_hosts_are_told(void **state)
{
	static const char *const hosts[] = { "linux-incident", "linux-healthy", "mac-incident" };

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		_cleanup_free_ char *dir = mem_printf("tests/replay/%s", hosts[i]), *name = mem_printf("%s.html", hosts[i]);
		_cleanup_evidence_ struct evidence *e = NULL;
		_cleanup_findings_ struct findings f = { 0 };
		_cleanup_casefile_ struct casefile c = { 0 };
		_cleanup_manifest_ struct manifest m = { 0 };
		_cleanup_buf_ struct buf page = { 0 }, brief = { 0 };
		tell_host(dir, &c, &f, &m, &e);
		casefile_add_page(&page, &c);
		check_markup(buf_str(&page));
		casefile_add_brief(&brief, &c, false);
		write_page(name, &page);
		if (!strstr(buf_str(&brief), "root cause "))
			fail_msg("%s", buf_str(&brief));
		assert_non_null(strstr(buf_str(&page), "node-commander"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_evidence_stays_text),
		cmocka_unit_test(test_the_policy_names_the_style_sheet),
		cmocka_unit_test(test_the_brief_is_bounded_and_harmless),
		cmocka_unit_test(test_root_cause_is_what_most_wait_for),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_diff_is_semantic),
		cmocka_unit_test(test_recorded_hosts_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
