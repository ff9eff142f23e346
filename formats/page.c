/* SPDX-License-Identifier: MIT */
/* report.html: see casefile.h. */
#include <inttypes.h>
#include <string.h>

#include "formats/casefile.h"
#include "formats/text.h"

enum { BARS = 48, CHART_W = 400, CHART_H = 120, CHART_BASE = 97, ARTIFACTS_TOLD = 5000, STARTS_TOLD_MIN = 2 };

const char casefile_css[] =
	":root{color-scheme:light dark;--ink:#1b1f24;--dim:#57606a;--line:#d0d7de;--page:#fff;--card:#f6f8fa;--bad:#b3261e;--warn:#7a4f00;"
	"--good:#1a6b32;--bar:#b3261e;--link:#0b57d0}"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9da7b1;--line:#3d444d;--page:#0d1117;--card:#161b22;--bad:#ff8a80;"
	"--warn:#f0c36d;--good:#7ee2a0;--bar:#ff8a80;--link:#8ab4f8}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
	"main,header,footer{max-width:60rem;margin:0 auto;padding:0 1rem}"
	"header{padding-top:1.5rem}h1{font-size:1.6rem;line-height:1.2;margin:.2rem 0}"
	"h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}"
	"p{margin:.4rem 0}.dim{color:var(--dim)}a{color:var(--link)}a:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}"
	".skip{position:absolute;left:-99rem}.skip:focus{position:static}"
	".verdict{display:inline-block;font-weight:700;padding:.1rem .6rem;border:2px solid currentColor;border-radius:.4rem}"
	".fail{color:var(--bad)}.warn,.unknown,.blocked{color:var(--warn)}.ok{color:var(--good)}"
	".cause{background:var(--card);border-left:.3rem solid var(--bad);padding:.6rem .9rem;margin:.8rem 0}.cause.calm{border-color:var(--line)}"
	"code,pre{font:.875rem/1.45 ui-monospace,monospace}pre{background:var(--card);padding:.6rem .8rem;margin:.4rem 0;white-space:pre-wrap}"
	"table{border-collapse:collapse;width:100%;font-size:.9375rem}caption{text-align:left;color:var(--dim);padding:.2rem 0}"
	"th,td{text-align:left;vertical-align:top;padding:.25rem .7rem .25rem 0;border-top:1px solid var(--line)}"
	"thead th{border-top:0;color:var(--dim);font-weight:600}tbody th{font-weight:600;min-width:7rem}.num{text-align:right;white-space:nowrap}"
	".hash{font:.75rem/1.4 ui-monospace,monospace;color:var(--dim)}.scroll{overflow-x:auto}"
	"ul.plain,ol.time{list-style:none;padding:0;margin:0}ul.plain>li{padding:.45rem 0;border-top:1px solid var(--line)}"
	"ol.time{border-left:2px solid var(--line);margin-left:.4rem}ol.time li{position:relative;padding:.2rem 0 .6rem 1rem}"
	"ol.time li::before{content:\"\";position:absolute;left:-.4rem;top:.65rem;width:.65rem;height:.65rem;border-radius:50%;background:var(--dim)}"
	"svg{width:100%;height:auto;max-width:34rem}svg rect{fill:var(--bar)}svg line{stroke:var(--dim)}svg text{fill:var(--ink);font-size:10.5px}"
	"footer{color:var(--dim);padding:1.5rem 1rem 3rem;font-size:.875rem}"
	"@media(max-width:34rem){.stack thead{position:absolute;left:-99rem}.stack tr{display:block;border-top:1px solid var(--line);padding:.3rem 0}"
	".stack th,.stack td{display:block;border:0;padding:.05rem 0}.stack .num{text-align:left}}"
	"@media print{:root{--ink:#000;--dim:#333;--line:#999;--page:#fff;--card:#fff;--bad:#000;--warn:#000;--good:#000;--bar:#444;--link:#000}"
	"body{font-size:10pt}main,header,footer{max-width:none}.skip{display:none}h2,h3{break-after:avoid}tr,li,.cause,svg{break-inside:avoid}"
	"pre{border:1px solid #999}.scroll{overflow:visible}}";

/* printf %s of casefile_css | openssl dgst -sha256 -binary | base64: tests/unit/test_casefile.c holds them together */
const char casefile_css_sha256[] = "B9Oadlf8q734wEDcgv3VQppB0bPZ/DYaQ1YBZ3SiKL4=";

static void add_when(struct buf *b, uint64_t us)
{
	char when[32];

	text_time(when, us);
	buf_addf(b, "<time datetime=\"%s\">%s</time>", when, when);
}

static void add_head(struct buf *b, const struct casefile *c)
{
	buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	/* before anything foreign: nothing is fetched, run, framed or sent from this page, whatever got into it */
	buf_addf(b, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
		casefile_css_sha256);
	buf_adds(b, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	casefile_add_html(b, c->manifest->agent);
	buf_addf(b, ": %s</title>\n<style>%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the findings</a>\n",
		verdict_name(findings_verdict(c->findings)), casefile_css);
}

static void add_cause(struct buf *b, const struct casefile *c)
{
	const struct finding *root = casefile_root(c);

	if (!root) {
		buf_addf(b, "<div class=\"cause calm\"><p>%s</p></div>\n",
			findings_count(c->findings, VERDICT_UNKNOWN) ? "No check fails; some could not be judged, because evidence is missing."
								     : "No check fails.");
		return;
	}
	buf_addf(b, "<div class=\"cause\"><p><strong>Root cause</strong> (%s): ", root->check);
	casefile_add_html(b, root->message);
	buf_adds(b, "</p>\n");
	if (root->hint) {
		buf_adds(b, "<p>");
		casefile_add_html(b, root->hint);
		buf_adds(b, "</p>\n");
	}
	if (root->remedy) {
		buf_adds(b, "<p>Next:</p><pre>");
		casefile_add_html(b, root->remedy);
		buf_adds(b, "</pre>\n");
	}
	buf_adds(b, "</div>\n");
}

static void add_case(struct buf *b, const struct manifest_case *about)
{
	if (!about->id && !about->reason)
		return;
	buf_adds(b, "<p>");
	if (about->id) {
		buf_adds(b, "Case <strong>");
		casefile_add_html(b, about->id);
		buf_adds(b, "</strong>, captured");
	} else {
		buf_adds(b, "Captured");
	}
	buf_adds(b, " by ");
	casefile_add_html(b, about->operator);
	if (about->reason) {
		buf_adds(b, ": ");
		casefile_add_html(b, about->reason);
	}
	buf_adds(b, "</p>\n");
}

static void add_top(struct buf *b, const struct casefile *c)
{
	const struct manifest *m = c->manifest;
	const char *verdict = verdict_name(findings_verdict(c->findings));

	buf_adds(b, "<header>\n<p class=\"dim\">Evidence of a local agent</p>\n<h1>");
	casefile_add_html(b, m->agent);
	buf_addf(b, "</h1>\n<p><span class=\"verdict %s\">%s</span> ", verdict, verdict);
	casefile_add_html(b, m->purpose);
	buf_adds(b, " of ");
	add_when(b, m->created_us);
	buf_adds(b, " on host <code>");
	casefile_add_html(b, m->host_tag);
	buf_adds(b, "</code>");
	if (c->os) {
		buf_adds(b, ", ");
		casefile_add_html(b, c->os);
	}
	buf_adds(b, "</p>\n");
	add_case(b, &m->about);
	add_cause(b, c);
	buf_adds(b, "</header>\n<main id=\"main\">\n");
}

static void add_finding(struct buf *b, const struct finding *f)
{
	buf_addf(b, "<li><strong class=\"%s\">%s</strong> %s ", verdict_name(f->verdict), verdict_name(f->verdict), f->check);
	casefile_add_html(b, f->title);
	buf_adds(b, "<br>");
	casefile_add_html(b, f->message);
	if (f->blocked_by)
		buf_addf(b, " <span class=\"dim\">(waits for %s)</span>", f->blocked_by);
	for (const char *p = f->detail; p && *p;) {
		size_t n = strcspn(p, "\n");
		_cleanup_free_ char *line = mem_strndup(p, n);
		buf_adds(b, "<br><span class=\"dim\">");
		casefile_add_html(b, line);
		buf_adds(b, "</span>");
		p += n + (p[n] == '\n');
	}
	if (f->remedy) {
		buf_adds(b, "<pre>");
		casefile_add_html(b, f->remedy);
		buf_adds(b, "</pre>");
	}
	buf_adds(b, "</li>\n");
}

static void add_findings(struct buf *b, const struct casefile *c)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_WARN, VERDICT_UNKNOWN, VERDICT_BLOCKED, VERDICT_OK };
	const char *before = NULL;

	buf_adds(b, "<section aria-labelledby=\"h-findings\">\n<h2 id=\"h-findings\">Findings</h2>\n<p class=\"dim\">");
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		buf_addf(b, "%s%zu %s", i ? ", " : "", findings_count(c->findings, order[i]), verdict_name(order[i]));
	buf_adds(b, "</p>\n<ul class=\"plain\">\n");
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		for (size_t k = 0; k < c->findings->n; k++)
			if (c->findings->v[k]->verdict == order[i] && order[i] != VERDICT_OK)
				add_finding(b, c->findings->v[k]);
	/* what passes in one breath: it is there to be found, not to be read */
	for (size_t k = 0; k < c->findings->n; k++) {
		const struct finding *f = c->findings->v[k];
		if (f->verdict != VERDICT_OK || text_eq(before, f->check))
			continue;
		buf_addf(b, before ? ", %s " : "<li><strong class=\"ok\">ok</strong> %s ", f->check);
		casefile_add_html(b, f->title);
		before = f->check;
	}
	buf_adds(b, before ? "</li>\n</ul>\n</section>\n" : "</ul>\n</section>\n");
}

static void add_layers(struct buf *b, const struct casefile *c)
{
	const char *layer = NULL;

	buf_adds(b, "<section aria-labelledby=\"h-layers\">\n<h2 id=\"h-layers\">The layers</h2>\n");
	for (size_t i = 0; i < c->facts.n; i++) {
		const struct fact *f = &c->facts.v[i];
		if (!text_eq(layer, f->layer)) {
			buf_adds(b, layer ? "</tbody></table>\n" : "");
			buf_adds(b, "<h3>");
			casefile_add_html(b, f->layer);
			buf_adds(b, "</h3>\n<table class=\"stack\"><tbody>\n");
			layer = f->layer;
		}
		buf_adds(b, "<tr><th scope=\"row\">");
		casefile_add_html(b, f->name);
		buf_adds(b, "</th><td>");
		casefile_add_html(b, f->value);
		buf_adds(b, "</td></tr>\n");
	}
	buf_adds(b, layer ? "</tbody></table>\n</section>\n" : "<p>Nothing was captured that says.</p>\n</section>\n");
}

static void add_bars(struct buf *b, const struct casefile *c, unsigned counts[BARS])
{
	uint64_t first = c->starts[0], span = c->starts[c->n_starts - 1] - first;
	unsigned most = 1;

	for (size_t i = 0; i < c->n_starts; i++) {
		size_t bar = span ? (size_t)((double)(c->starts[i] - first) * BARS / ((double)span + 1)) : 0;
		unsigned n = ++counts[bar < BARS ? bar : BARS - 1];
		most = n > most ? n : most;
	}
	for (size_t i = 0; i < BARS; i++) {
		double h = (double)counts[i] * (CHART_BASE - 18) / most;
		if (counts[i])
			buf_addf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", 4 + (double)i * (CHART_W - 8) / BARS, CHART_BASE - h,
				(double)(CHART_W - 8) / BARS - 2, h);
	}
	buf_addf(b, "<text x=\"4\" y=\"12\">%u start%s in the fullest bar</text>\n", most, most == 1 ? "" : "s");
}

static void add_restarts(struct buf *b, const struct casefile *c)
{
	_cleanup_free_ char *rate = casefile_rate(c);
	unsigned counts[BARS] = { 0 };
	char from[32], to[32];

	buf_adds(b, "<section aria-labelledby=\"h-restarts\">\n<h2 id=\"h-restarts\">Restarts over time</h2>\n");
	if (c->n_starts < STARTS_TOLD_MIN) {
		buf_adds(b, "<p>Fewer than two starts are in the evidence.</p>\n</section>\n");
		return;
	}
	text_time(from, c->starts[0]);
	text_time(to, c->starts[c->n_starts - 1]);
	buf_addf(b, "<p><strong>%s</strong>, from %s to %s</p>\n", rate, from, to);
	buf_addf(b, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"svg-t svg-d\">\n<title id=\"svg-t\">Starts over time</title>\n", CHART_W, CHART_H);
	buf_addf(b, "<desc id=\"svg-d\">A bar chart: %s, from %s to %s.</desc>\n", rate, from, to);
	add_bars(b, c, counts);
	buf_addf(b, "<line x1=\"0\" y1=\"%d.5\" x2=\"%d\" y2=\"%d.5\"/>\n", CHART_BASE, CHART_W, CHART_BASE);
	buf_addf(b, "<text x=\"4\" y=\"%d\">%s</text>\n<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n</svg>\n</section>\n", CHART_H - 8, from, CHART_W - 4,
		CHART_H - 8, to);
}

static void add_custody(struct buf *b, const struct casefile *c)
{
	buf_adds(b, "<section aria-labelledby=\"h-custody\">\n<h2 id=\"h-custody\">Custody</h2>\n");
	if (!c->n_acts)
		buf_adds(b, "<p>No acts are recorded.</p>\n");
	else
		buf_adds(b, "<ol class=\"time\">\n");
	for (size_t i = 0; i < c->n_acts; i++) {
		const struct case_act *a = &c->acts[i];
		buf_adds(b, "<li>");
		add_when(b, a->time_us);
		buf_adds(b, " <strong>");
		casefile_add_html(b, a->action);
		buf_adds(b, "</strong> by ");
		casefile_add_html(b, a->actor);
		if (a->exit)
			buf_addf(b, " <strong class=\"fail\">failed (%d)</strong>", a->exit);
		if (a->detail) {
			buf_adds(b, "<br>");
			casefile_add_html(b, a->detail);
		}
		if (a->proof) {
			buf_adds(b, "<br><span class=\"dim\">");
			casefile_add_html(b, a->proof);
			buf_adds(b, "</span>");
		}
		buf_adds(b, "</li>\n");
	}
	buf_adds(b, c->n_acts ? "</ol>\n</section>\n" : "</section>\n");
}

static void add_gaps(struct buf *b, const struct manifest *m)
{
	buf_adds(b, "<section aria-labelledby=\"h-gaps\">\n<h2 id=\"h-gaps\">Gaps in the evidence</h2>\n");
	if (!m->n_gaps) {
		buf_adds(b, "<p>None: everything critical was captured.</p>\n</section>\n");
		return;
	}
	buf_adds(b, "<ul class=\"plain\">\n");
	for (size_t i = 0; i < m->n_gaps; i++) {
		buf_adds(b, "<li><code>");
		casefile_add_html(b, m->gaps[i].what);
		buf_adds(b, "</code>: ");
		casefile_add_html(b, m->gaps[i].outcome);
		if (m->gaps[i].reason && *m->gaps[i].reason) {
			buf_adds(b, ", ");
			casefile_add_html(b, m->gaps[i].reason);
		}
		buf_adds(b, "</li>\n");
	}
	buf_adds(b, "</ul>\n</section>\n");
}

static void add_redactions(struct buf *b, const struct manifest *m)
{
	buf_adds(b, "<section aria-labelledby=\"h-redacted\">\n<h2 id=\"h-redacted\">Redacted</h2>\n");
	if (!m->n_redactions)
		buf_adds(b, "<p>No secret was found that had to be replaced.</p>\n");
	else
		buf_adds(b, "<p class=\"dim\">Each value was replaced by a token before it was written.</p>\n<table><thead><tr><th scope=\"col\">Kind</th>"
			    "<th scope=\"col\" class=\"num\">Values replaced</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < m->n_redactions; i++) {
		buf_adds(b, "<tr><th scope=\"row\">");
		casefile_add_html(b, m->redactions[i].class);
		buf_addf(b, "</th><td class=\"num\">%" PRIu64 "</td></tr>\n", m->redactions[i].count);
	}
	buf_adds(b, m->n_redactions ? "</tbody></table>\n</section>\n" : "</section>\n");
}

/* A neighbour of the page. "./" and the escapes: a name with a colon must not be read as a scheme. */
static void add_href(struct buf *b, const char *path)
{
	buf_adds(b, "<a href=\"./");
	for (const unsigned char *p = (const unsigned char *)path; *p; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("-._~/", *p))
			buf_addc(b, (char)*p);
		else
			buf_addf(b, "%%%02X", *p);
	buf_adds(b, "\">");
}

static void add_artifacts(struct buf *b, const struct casefile *c)
{
	const struct manifest *m = c->manifest;
	size_t n = m->n_artifacts < ARTIFACTS_TOLD ? m->n_artifacts : ARTIFACTS_TOLD;
	char hex[65];

	buf_adds(b, "<section aria-labelledby=\"h-files\">\n<h2 id=\"h-files\">Artifacts</h2>\n"
		    "<div class=\"scroll\" role=\"region\" aria-labelledby=\"h-files\" tabindex=\"0\">\n<table class=\"stack\"><caption>");
	buf_addf(b, "%zu files, with the hashes of the manifest</caption><thead><tr><th scope=\"col\">File</th><th scope=\"col\" class=\"num\">Bytes</th>"
		    "<th scope=\"col\">SHA-256</th></tr></thead><tbody>\n",
		m->n_artifacts);
	for (size_t i = 0; i < n; i++) {
		const struct manifest_artifact *a = &m->artifacts[i];
		text_hex(hex, a->sha256, 32);
		buf_adds(b, "<tr><th scope=\"row\">");
		if (!c->file)
			add_href(b, a->path);
		casefile_add_html(b, a->path);
		buf_addf(b, "%s</th><td class=\"num\">%" PRIu64 "</td><td class=\"hash\">%s</td></tr>\n", c->file ? "" : "</a>", a->bytes, hex);
	}
	if (n < m->n_artifacts)
		buf_addf(b, "<tr><td colspan=\"3\">and %zu more, in manifest.json</td></tr>\n", m->n_artifacts - n);
	buf_adds(b, "</tbody></table>\n</div>\n</section>\n");
}

static void add_seal(struct buf *b, const struct casefile *c)
{
	buf_adds(b, "<section aria-labelledby=\"h-verify\">\n<h2 id=\"h-verify\">Who vouches for it</h2>\n");
	if (!c->file) {
		buf_adds(b, "<p>This page is part of the bundle and signed with it. Whether it is what was signed, only verifying the bundle tells:</p>\n"
			    "<pre>sourceos-agent bundle verify FILE.tar.zst</pre>\n</section>\n");
		return;
	}
	if (c->key_id) {
		buf_addf(b, "<p>Signed with key <code>%s</code>, ", c->key_id);
		if (c->signer) {
			buf_adds(b, "trusted as ");
			casefile_add_html(b, c->signer);
		} else {
			buf_adds(b, "<strong class=\"fail\">which was not trusted where this page was made</strong>");
		}
		buf_adds(b, ".</p>\n");
	} else {
		buf_adds(b, "<p><strong class=\"fail\">Not signed.</strong></p>\n");
	}
	buf_adds(b, "<p><code>");
	casefile_add_html(b, c->file);
	buf_addf(b, "</code><br><span class=\"hash\">SHA-256 %s</span></p>\n<pre>sourceos-agent bundle verify ", c->sha256);
	_cleanup_buf_ struct buf name = { 0 };
	text_add_shell(&name, c->file);
	casefile_add_html(b, buf_str(&name));
	buf_adds(b, "\nminisign -Vm ");
	casefile_add_html(b, buf_str(&name));
	if (c->public_key)
		buf_addf(b, " -P %s</pre>\n<p>Compare the key with the one", c->public_key);
	else
		buf_adds(b, " -p host.pub</pre>\n<p><code>host.pub</code> is the public key");
	buf_adds(b, " of the host that signed: <code>sourceos-agent key show</code> prints it there.</p>\n</section>\n");
}

void casefile_add_page(struct buf *b, const struct casefile *c)
{
	add_head(b, c);
	add_top(b, c);
	add_findings(b, c);
	add_restarts(b, c);
	add_layers(b, c);
	add_custody(b, c);
	add_gaps(b, c->manifest);
	add_redactions(b, c->manifest);
	add_artifacts(b, c);
	add_seal(b, c);
	buf_adds(b, "</main>\n<footer><p>Made by ");
	casefile_add_html(b, c->manifest->tool);
	buf_addc(b, ' ');
	casefile_add_html(b, c->manifest->version);
	buf_adds(b, ". This page runs no script and asks nothing of any network.</p></footer>\n</body>\n</html>\n");
}
