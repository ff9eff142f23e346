/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_EVIDENCE_H
#define TESTS_UNIT_EVIDENCE_H

/* Makes captures and bundles from answers written down in a test. */
#include "bundle/capture.h"
#include "tests/unit/scratch.h"

#define EVIDENCE_TIME 1795503003000000ull /* 2026-11-24T06:50:03Z */

static const struct capture_meta evidence_meta = {
	.agent = "node-commander",
	.purpose = "quarantine",
	.tool = "sourceos-agent",
	.version = "0.1.0",
	.host_tag = "h-1234",
	.platform = "linux",
	.os_release = "Debian GNU/Linux 12 (bookworm)",
	.kernel = "6.1.0",
	.now_us = EVIDENCE_TIME,
};

/* Takes p over. NULL out or err: no payload. */
static inline void answer_status(struct capture *c, struct probe *p, enum outcome outcome, int status, const char *reason, const char *out,
	const char *err)
{
	struct tap *t = capture_tap(c);
	struct sink *s = t->begin(t, p);
	struct record r = { .key = p->key,
		.outcome = outcome,
		.status = status,
		.reason = (char *)(uintptr_t)reason,
		.started_us = EVIDENCE_TIME,
		.took_us = 1500 };

	if (out) {
		r.bytes[STREAM_OUT] = strlen(out);
		/* in two pieces */
		s->chunk(s, STREAM_OUT, out, strlen(out) / 2);
		s->chunk(s, STREAM_OUT, out + strlen(out) / 2, strlen(out) - strlen(out) / 2);
	}
	if (err)
		s->chunk(s, STREAM_ERR, err, strlen(err));
	s->end(s, p, &r);
	probe_free(p);
}

static inline void answer(struct capture *c, struct probe *p, enum outcome outcome, const char *reason, const char *out, const char *err)
{
	answer_status(c, p, outcome, 0, reason, out, err);
}

/* An argv from words. */
static inline char **command(const char *words)
{
	char **v = NULL;

	for (size_t n; *words; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		v = strv_take(v, mem_strndup(words, n));
	}
	return v;
}

static inline struct probe *show_probe(void)
{
	_cleanup_strv_ char **argv = command("systemctl --user show node-commander.service");
	struct probe *p = probe_cmd("systemd/user/show/node-commander.service", argv, NULL, PAYLOAD_SHOW);

	p->flags = PROBE_VOLATILE | PROBE_CRITICAL;
	return p;
}

static inline struct probe *log_probe(const char *path, const char *artifact)
{
	struct probe *p = probe_file(path, PAYLOAD_TEXT);

	p->artifact = mem_strdup(artifact);
	p->flags = PROBE_STREAM;
	return p;
}

/* What every bundle of these tests holds. */
static inline void evidence_fill(struct capture *c)
{
	answer(c, show_probe(), OUTCOME_OK, NULL, "Id=node-commander.service\nActiveState=activating\n", NULL);
	answer(c, log_probe("/var/log/nc/app.log", "app.log"), OUTCOME_OK, NULL, "line one\nline two\n", NULL);
	answer(c, log_probe("/var/log/nc/empty.log", "empty.log"), OUTCOME_OK, NULL, NULL, NULL);
	answer(c, probe_file("/home/a/.docker/config.json", PAYLOAD_AUTH), OUTCOME_OK, NULL, "not json", NULL);
	_cleanup_strv_ char **argv = command("podman info");
	struct probe *p = probe_cmd("podman/info", argv, NULL, PAYLOAD_PODMAN);
	p->flags = PROBE_VOLATILE;
	answer(c, p, OUTCOME_TIMEOUT, "no answer within 10 s", NULL, "still waiting\n");
	answer(c, probe_link("/etc/localtime"), OUTCOME_OK, NULL, NULL, NULL);
}

/* DIR/keys and DIR/nc-20261124-065003 with its tarball; the evidence directory's path, caller frees. */
static inline char *evidence_bundle(const char *dir)
{
	char *path = mem_printf("%s/nc-20261124-065003", dir);
	_cleanup_free_ char *keys = mem_printf("%s/keys", dir);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_capture_result_ struct capture_result res = { 0 };
	const struct capture_act act = { EVIDENCE_TIME, "root", 0, "sourceos-agent 0.1.0", "collect", NULL, NULL, 0 };
	struct err e = { 0 };

	if (capture_open(path, &c, &e) || sign_key_host(keys, &k, NULL, &e))
		abort();
	evidence_fill(c);
	if (capture_note_absent(c, "image-inspect.json", "the image is not local", &e) || capture_custody(c, &act, &e) ||
		capture_add_document(c, "remediation.md", PAYLOAD_TEXT, "# What to do\n", 13, &e) ||
		capture_finish(c, &evidence_meta, k, &res, &e)) {
		fprintf(stderr, "evidence_bundle: %s\n", e.msg);
		abort();
	}
	return path;
}

#endif
