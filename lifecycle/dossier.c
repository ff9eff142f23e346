/* SPDX-License-Identifier: MIT */
#include "lifecycle/dossier.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/reader.h"
#include "formats/custody.h"
#include "formats/text.h"
#include "lifecycle/check.h"

void dossier_close(struct dossier *d)
{
	casefile_free(&d->file);
	evidence_free(d->evidence);
	exam_close(&d->exam);
	*d = (struct dossier){ 0 };
}

static void add_act(struct casefile *c, uint64_t time_us, const char *action, const char *actor, const char *case_id, const char *detail,
	const char *proof, int exit)
{
	_cleanup_free_ char *both = case_id ? mem_printf("%s%s%s", case_id, detail ? ": " : "", detail ? detail : "") : mem_strdup(detail);

	casefile_add_act(c, time_us, action, actor, both, proof, exit);
}

void casefile_add_custody(struct casefile *c, const char *text, size_t n)
{
	while (n) {
		const char *nl = memchr(text, '\n', n);
		size_t len = nl ? (size_t)(nl - text) : n;
		_cleanup_custody_ struct custody line = { 0 };
		if (custody_parse(text, len, &line, NULL) == 0)
			add_act(c, line.time_us, line.action, line.actor, line.case_id, line.detail, "in the bundle", line.exit);
		text += len + (nl != NULL);
		n -= len + (nl != NULL);
	}
}

static int add_bytes(void *data, const void *p, size_t n)
{
	struct buf *b = data;

	if (n > (8u << 20) - b->len)
		return -ERR_LIMIT;
	buf_add(b, p, n);
	return 0;
}

static void read_custody(struct dossier *d)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct payload p;

	if (bundle_find(d->exam.bundle, "custody.jsonl", &p, NULL) || bundle_read(d->exam.bundle, &p, add_bytes, &text, NULL))
		return;
	casefile_add_custody(&d->file, buf_str(&text), text.len);
}

/* What lies beside the bundle. A chain that does not hold is told up to where it does, and that it does not. */
static int read_hands(struct dossier *d, const char *path, const struct trust *t, struct err *err)
{
	_cleanup_free_ char *chain = hands_path(path);
	_cleanup_hands_ struct hands h = { 0 };
	struct err e = { 0 };
	uint8_t sha[32];
	uint64_t bytes;
	int r = hands_hash(path, sha, &bytes, err);

	if (r)
		return r;
	text_hex(d->file.sha256, sha, 32);
	r = hands_read(chain, t, sha, &h, &e);
	for (size_t i = 0; i < h.n; i++) {
		const struct hands_row *row = &h.rows[i];
		_cleanup_free_ char *proof = !row->fits ? mem_strdup("the signature of this line does NOT hold")
					     : row->remark ? mem_strdup(row->remark)
							   : mem_printf("signed, trusted as %s", row->signer ? row->signer->name : "?");
		add_act(&d->file, row->hand.time_us, row->hand.action, row->hand.actor, row->hand.case_id, row->hand.detail, proof, !row->fits);
	}
	return r && r != -ERR_ABSENT ? err_set(err, (enum err_code)e.code, "%s", e.msg) : 0;
}

static int read_case(struct dossier *d, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_trust_ struct trust t = { 0 };
	struct stat st;
	int r = 0;

	d->file.manifest = &bundle_report(d->exam.bundle)->manifest;
	d->file.findings = &d->exam.findings;
	mem_set(&d->file.signer, d->exam.signer);
	mem_set(&d->file.key_id, d->exam.key_id);
	mem_set(&d->file.public_key, d->exam.public_key);
	mem_set(&d->file.file, slash && slash[1] ? slash + 1 : path);
	casefile_of_evidence(d->evidence, &d->file);
	read_custody(d);
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
		r = trust_load(&t, d->exam.session.keys_dir, err);
		r = r == -ERR_DENIED ? 0 : r;
		r = r ? r : read_hands(d, path, &t, err);
	}
	return r;
}

int dossier_open(const struct cli *cli, const char *path, struct dossier *ret, struct err *err)
{
	_cleanup_dossier_ struct dossier d = { 0 };
	struct target target = { 0 };
	int r = exam_open_from(cli, path, &d.exam, err);

	if (r)
		return r;
	r = exam_target(&d.exam, NULL, &target, err);
	if (r == 0)
		r = exam_gather(&d.exam, &target, WANT_ALL, &d.evidence, err);
	target_free(&target);
	if (r)
		return r;
	checks_run(d.evidence, CHECK_DOCTOR, &d.exam.findings);
	if ((r = read_case(&d, path, err)))
		return r;
	*ret = d;
	ret->file.findings = &ret->exam.findings;
	ret->exam.cli = cli;
	d = (struct dossier){ 0 };
	return 0;
}
