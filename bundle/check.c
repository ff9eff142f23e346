/* SPDX-License-Identifier: MIT */
#include "bundle/check.h"

#include <inttypes.h>
#include <string.h>

#include "formats/custody.h"
#include "formats/text.h"

#define HOLD_MAX (64u << 20)
#define CUSTODY "custody.jsonl"

/* Index of a path in the manifest; n_artifacts when it has none. In order, the answer is `next`. */
static size_t index_of(const struct check *c, const char *path)
{
	const struct manifest *m = &c->report->manifest;

	if (c->next < m->n_artifacts && strcmp(m->artifacts[c->next].path, path) == 0)
		return c->next;
	const struct manifest_artifact *a = manifest_find(m, path);
	return a ? (size_t)(a - m->artifacts) : m->n_artifacts;
}

static int begin_manifest(struct check *c, const char *path, uint64_t bytes)
{
	if (strcmp(path, MANIFEST_NAME) != 0) {
		report_problem(c->report, PROBLEM_ORDER, "the first member is %s, not " MANIFEST_NAME, path);
		return -ERR_TRUST;
	}
	if (bytes > MANIFEST_MAX)
		return report_problem(c->report, PROBLEM_LIMIT, MANIFEST_NAME " has %" PRIu64 " bytes, more than we read", bytes);
	c->what = CHECK_MANIFEST;
	c->hold = true;
	return 0;
}

static int begin_sums(struct check *c, uint64_t bytes)
{
	if (c->sums_seen)
		return report_problem(c->report, PROBLEM_DUPLICATE, MANIFEST_SUMS " comes twice");
	if (bytes > MANIFEST_MAX)
		return report_problem(c->report, PROBLEM_LIMIT, MANIFEST_SUMS " has %" PRIu64 " bytes, more than we read", bytes);
	c->sums_seen = true;
	c->what = CHECK_SUMS;
	c->hold = true;
	return 0;
}

static int begin_artifact(struct check *c, size_t i, uint64_t bytes, uint32_t mode)
{
	struct bundle_report *r = c->report;
	const struct manifest_artifact *a = &r->manifest.artifacts[i];
	int stop = 0;

	if (r->files[i] != FILE_MISSING)
		return report_problem(r, PROBLEM_DUPLICATE, "%s comes twice", a->path);
	if (i < c->next || c->sums_seen)
		stop = report_problem(r, PROBLEM_ORDER, "%s comes later than the manifest says", a->path);
	/* what was jumped over is missing or comes later: either is said when it is known */
	c->next = i + 1 > c->next ? i + 1 : c->next;
	r->files[i] = FILE_CHANGED; /* until the hash holds */
	if (!stop && (mode & 07777) != a->mode)
		stop = report_problem(r, PROBLEM_CHANGED, "%s has mode %04o, the manifest says %04o", a->path, mode & 07777, a->mode);
	c->what = CHECK_ARTIFACT;
	c->index = i;
	c->hold = strcmp(a->path, CUSTODY) == 0 && bytes <= HOLD_MAX;
	/* of the wrong size it is the wrong file: nobody needs to see it */
	c->inner_on = c->inner && bytes == a->bytes;
	if (stop || !c->inner_on)
		return stop;
	return c->inner->begin(c->inner, a->path, bytes, mode);
}

static int check_begin(struct visitor *v, const char *path, uint64_t bytes, uint32_t mode)
{
	struct check *c = (struct check *)v;
	struct bundle_report *r = c->report;

	buf_clear(&c->held);
	hasher_wait(c->hasher);
	sha256_init(&c->hash);
	c->bytes = 0;
	c->what = CHECK_SKIP;
	c->hold = c->inner_on = false;
	if (!r->has_manifest)
		return begin_manifest(c, path, bytes);
	if (strcmp(path, MANIFEST_SUMS) == 0)
		return begin_sums(c, bytes);
	size_t i = index_of(c, path);
	if (i < r->manifest.n_artifacts)
		return begin_artifact(c, i, bytes, mode);
	if (strcmp(path, MANIFEST_NAME) == 0)
		return report_problem(r, PROBLEM_DUPLICATE, MANIFEST_NAME " comes twice");
	return report_problem(r, PROBLEM_ADDED, "%s is not in the manifest: it was added", path);
}

static void hash_add(void *state, const void *p, size_t n)
{
	sha256_add(state, p, n);
}

static int check_data(struct visitor *v, const void *p, size_t n)
{
	struct check *c = (struct check *)v;

	c->bytes += n;
	c->report->bytes += n;
	if (c->what == CHECK_SKIP)
		return 0;
	hasher_add(c->hasher, hash_add, &c->hash, p, n);
	if (c->hold) {
		if (n > HOLD_MAX - c->held.len)
			return report_problem(c->report, PROBLEM_LIMIT, "a document has more bytes than we read");
		buf_add(&c->held, p, n);
	}
	if (c->inner_on && c->bytes <= c->report->manifest.artifacts[c->index].bytes)
		return c->inner->data(c->inner, p, n);
	return 0;
}

static int end_manifest(struct check *c)
{
	struct bundle_report *r = c->report;
	struct err e = { 0 };
	int stop;

	sha256_end(&c->hash, c->manifest_sha256);
	if (c->want_manifest && memcmp(c->want_manifest, c->manifest_sha256, 32) != 0) {
		stop = report_problem(r, PROBLEM_CHANGED, MANIFEST_NAME " is not the one that the signature's comment names");
		if (stop)
			return stop;
	}
	if (manifest_parse(buf_str(&c->held), c->held.len, &r->manifest, &e)) {
		report_problem(r, PROBLEM_MANIFEST, "%s", e.msg);
		return -ERR_TRUST;
	}
	r->has_manifest = true;
	r->files = mem_alloc(r->manifest.n_artifacts * sizeof(*r->files) + 1);
	if (!c->inner)
		return 0;
	/* it cannot be in its own list: its hash is as good as the signature */
	stop = c->inner->begin(c->inner, MANIFEST_NAME, c->held.len, 0600);
	if (!stop)
		stop = c->inner->data(c->inner, buf_str(&c->held), c->held.len);
	return stop ? stop : c->inner->end(c->inner);
}

static int end_sums(struct check *c)
{
	_cleanup_buf_ struct buf want = { 0 };
	int stop = 0;

	manifest_add_sums(&want, &c->report->manifest, c->manifest_sha256);
	if (want.len != c->held.len || memcmp(want.data, c->held.data, want.len) != 0)
		return report_problem(c->report, PROBLEM_SUMS, MANIFEST_SUMS " does not say what the manifest says");
	if (c->inner) {
		stop = c->inner->begin(c->inner, MANIFEST_SUMS, c->held.len, 0600);
		if (!stop)
			stop = c->inner->data(c->inner, c->held.data, c->held.len);
		if (!stop)
			stop = c->inner->end(c->inner);
	}
	return stop;
}

static int end_artifact(struct check *c)
{
	struct bundle_report *r = c->report;
	const struct manifest_artifact *a = &r->manifest.artifacts[c->index];
	struct err e = { 0 };
	uint8_t got[32];
	int stop = 0;

	sha256_end(&c->hash, got);
	bool same = c->bytes == a->bytes && memcmp(got, a->sha256, 32) == 0;
	if (c->inner_on && !same)
		c->inner->drop(c->inner);
	if (c->bytes != a->bytes)
		return report_problem(r, PROBLEM_CHANGED, "%s was changed: it has %" PRIu64 " bytes, the manifest says %" PRIu64, a->path,
			c->bytes, a->bytes);
	if (!same)
		return report_problem(r, PROBLEM_CHANGED, "%s was changed: its SHA-256 is not the manifest's", a->path);
	r->files[c->index] = FILE_OK;
	if (c->hold && custody_check(buf_str(&c->held), c->held.len, sha256_of, &r->custody_lines, NULL, &e))
		stop = report_problem(r, PROBLEM_CUSTODY, "%s", e.msg);
	return stop || !c->inner_on ? stop : c->inner->end(c->inner);
}

static int check_end(struct visitor *v)
{
	struct check *c = (struct check *)v;

	hasher_wait(c->hasher);
	switch (c->what) {
	case CHECK_MANIFEST:
		return end_manifest(c);
	case CHECK_SUMS:
		return end_sums(c);
	case CHECK_ARTIFACT:
		return end_artifact(c);
	case CHECK_SKIP:
		break;
	}
	return 0;
}

void check_init(struct check *c, struct hasher *h, struct bundle_report *report, const uint8_t *want_manifest, struct check_inner *inner)
{
	*c = (struct check){ .visitor = { check_begin, check_data, check_end }, .hasher = h, .report = report, .want_manifest = want_manifest, .inner = inner };
}

int check_finish(struct check *c)
{
	const struct manifest *m = &c->report->manifest;
	int stop = 0;

	if (!c->report->has_manifest)
		return report_problem(c->report, PROBLEM_MISSING, "there is no " MANIFEST_NAME);
	for (size_t i = 0; !stop && i < m->n_artifacts; i++)
		if (c->report->files[i] == FILE_MISSING)
			stop = report_problem(c->report, PROBLEM_MISSING, "%s is missing", m->artifacts[i].path);
	if (!stop && !c->sums_seen)
		stop = report_problem(c->report, PROBLEM_MISSING, MANIFEST_SUMS " is missing");
	return stop;
}

void check_free(struct check *c)
{
	buf_free(&c->held);
}
