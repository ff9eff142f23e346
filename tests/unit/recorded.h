/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_RECORDED_H
#define TESTS_UNIT_RECORDED_H

/*
 * A recorded host as a source: tests/replay/<host>/ holds host.json and the host's files below root/.
 *
 *	{ "title": "…",
 *	  "facts": { "host": {…}, "caller": {…}, "user/alice": {…} },
 *	  "commands": { "launchctl print gui/501/x": "@print.txt", "podman machine list …": { "status": 1, "stderr": "text" } },
 *	  "http": { "/path/api.sock /_ping": "OK" },
 *	  "files": { "/Library/x.plist": { "uid": 501, "mode": "0664", "outcome": "denied" } } }
 *
 * A text that begins with @ is the file of that name beside host.json. Files belong to whose home they lie in, else to root,
 * with mode 0644 (0755 when executable, and directories), since git keeps nothing else. What is not there is absent: a command, a file,
 * a user; launchctl on a Mac answers for itself what its simulator would (no such service, no overrides).
 *
 * With a simulator (sim_root set), launchctl and its kin are tests/sim/bin's, with SIM_ROOT, and the files are those below its root/.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "collect/source.h"
#include "formats/text.h"

struct recorded {
	struct source base;
	struct source *files;
	char *dir;
	const char *sim_root;
	json_t *host;
	struct {
		struct probe *probe;
		struct sink *sink;
	} *queue;
	size_t n, next;
};

static inline bool recorded_is_darwin(const struct recorded *r)
{
	return text_eq(json_string_value(json_object_get(json_object_get(json_object_get(r->host, "facts"), "host"), "platform")), "darwin");
}

/* The text of a value: itself, or the file that it names. */
static inline void recorded_text(const struct recorded *r, const json_t *v, struct buf *out)
{
	const char *s = json_string_value(v);
	char piece[4096];
	size_t n;

	if (!s)
		return;
	if (*s != '@') {
		buf_adds(out, s);
		return;
	}
	_cleanup_free_ char *path = mem_printf("%s/%s", r->dir, s + 1);
	FILE *f = fopen(path, "rb");
	if (!f) {
		fprintf(stderr, "recorded host: %s is not there\n", path);
		exit(2);
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
}

static inline void recorded_canned(const struct recorded *r, const json_t *v, struct answer *a)
{
	const char *outcome = json_string_value(json_object_get(v, "outcome"));

	a->rec.outcome = OUTCOME_OK;
	if (outcome && outcome_parse(outcome, &a->rec.outcome))
		exit(2);
	if (json_is_object(v)) {
		a->rec.status = (int)json_integer_value(json_object_get(v, "status"));
		a->rec.reason = mem_strdup(json_string_value(json_object_get(v, "reason")));
		recorded_text(r, json_object_get(v, "stdout"), &a->out);
		recorded_text(r, json_object_get(v, "stderr"), &a->err);
	} else {
		recorded_text(r, v, &a->out);
	}
}

/* What a Mac says of a service and of overrides that nobody recorded. */
static inline bool recorded_mac_default(const char *command, struct answer *a)
{
	static const char print[] = "launchctl print ";
	const char *slash = strrchr(command, '/');

	a->rec.outcome = OUTCOME_OK;
	if (text_starts(command, "launchctl print-disabled ")) {
		buf_adds(&a->out, "\n\tdisabled services = {\n\t}\n");
	} else if (text_starts(command, print) && slash) {
		const char *domain = command + strlen(print);
		a->rec.status = 113;
		buf_addf(&a->err, "Bad request.\nCould not find service \"%s\" in domain for %s%.*s\n", slash + 1,
			*domain == 's' ? "" : "user ", (int)(slash - domain), domain);
	} else if (text_starts(command, "log show ")) {
		buf_adds(&a->out, "{\"count\":0,\"finished\":1}\n");
	} else {
		return false;
	}
	return true;
}

static inline void recorded_run_sim(const struct recorded *r, const struct probe *p, struct answer *a)
{
	_cleanup_free_ char *words = text_shell_join(p->argv), *errors = mem_printf("%s/stderr", r->sim_root);
	_cleanup_free_ char *command = mem_printf("SIM_ROOT=%s tests/sim/bin/%s 2>%s", r->sim_root, words, errors);
	FILE *f = popen(command, "r");
	char piece[4096];
	size_t n;

	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&a->out, piece, n);
	int status = f ? pclose(f) : -1;
	a->rec.outcome = WIFEXITED(status) ? OUTCOME_OK : OUTCOME_FAILED;
	a->rec.status = WEXITSTATUS(status);
	f = fopen(errors, "r");
	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&a->err, piece, n);
	if (f)
		fclose(f);
}

static inline bool recorded_sim_has(const struct recorded *r, const char *program)
{
	_cleanup_free_ char *path = mem_printf("tests/sim/bin/%s", program);
	struct stat st;

	return r->sim_root && stat(path, &st) == 0;
}

static inline void recorded_command(const struct recorded *r, const struct probe *p, struct answer *a)
{
	struct buf key = { 0 };

	for (char **w = p->argv; *w; w++)
		if (!text_starts(*w, "--property=")) /* systemctl's; that list grows with what is read */
			buf_addf(&key, "%s%s", key.len ? " " : "", *w);
	const json_t *v = json_object_get(json_object_get(r->host, "commands"), buf_str(&key));
	if (recorded_sim_has(r, p->argv[0]))
		recorded_run_sim(r, p, a);
	else if (v)
		recorded_canned(r, v, a);
	else if (!recorded_is_darwin(r) || !recorded_mac_default(buf_str(&key), a))
		a->rec.outcome = OUTCOME_ABSENT;
	if (getenv("RECORDED_TRACE"))
		fprintf(stderr, "recorded: %s: %s %d\n", buf_str(&key), outcome_name(a->rec.outcome), a->rec.status);
	buf_free(&key);
}

static inline const json_t *recorded_meta(const struct recorded *r, const char *path)
{
	return json_object_get(json_object_get(r->host, "files"), path);
}

static inline uint32_t recorded_owner(const struct recorded *r, const char *path)
{
	const json_t *uid = json_object_get(recorded_meta(r, path), "uid");
	const char *homes[] = { "/Users/", "/home/" };

	if (uid)
		return (uint32_t)json_integer_value(uid);
	for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
		if (!text_starts(path, homes[i]))
			continue;
		const char *name = path + strlen(homes[i]);
		_cleanup_free_ char *user = mem_printf("user/%.*s", (int)strcspn(name, "/"), name);
		return (uint32_t)json_integer_value(json_object_get(json_object_get(json_object_get(r->host, "facts"), user), "uid"));
	}
	return 0;
}

static inline uint32_t recorded_mode(const struct recorded *r, const char *path, uint32_t mode)
{
	const char *said = json_string_value(json_object_get(recorded_meta(r, path), "mode"));

	if (said)
		return (mode & S_IFMT) | (uint32_t)strtoul(said, NULL, 8);
	if (r->sim_root)
		return mode;
	return (mode & S_IFMT) | (S_ISDIR(mode) || mode & 0100 ? 0755 : 0644);
}

/* Owner and mode of a listing's rows. */
static inline void recorded_listing(const struct recorded *r, const char *dir, struct buf *out)
{
	struct buf fixed = { 0 };

	for (const char *line = buf_str(out), *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		json_t *j = json_loadb(line, (size_t)(end - line), 0, NULL);
		_cleanup_free_ char *path = mem_printf("%s/%s", dir, json_string_value(json_object_get(j, "name")));
		json_object_set_new(j, "uid", json_integer(recorded_owner(r, path)));
		json_object_set_new(j, "mode", json_integer(recorded_mode(r, path, (uint32_t)json_integer_value(json_object_get(j, "mode"))) & 07777));
		_cleanup_free_ char *text = json_dumps(j, JSON_COMPACT);
		buf_addf(&fixed, "%s\n", text);
		json_decref(j);
	}
	buf_free(out);
	*out = fixed;
}

static inline void recorded_file(const struct recorded *r, const struct probe *p, struct answer *a)
{
	const char *outcome = json_string_value(json_object_get(recorded_meta(r, p->path), "outcome"));

	if (outcome) {
		outcome_parse(outcome, &a->rec.outcome);
		a->rec.reason = mem_strdup(outcome);
		return;
	}
	struct probe *inner = probe_copy(p);
	identity_free(inner->as);
	inner->as = NULL;
	struct err err = { 0 };
	if (source_get(r->files, inner, a, &err)) {
		fprintf(stderr, "recorded host: %s\n", err.msg);
		exit(2);
	}
	probe_free(inner);
	if (a->rec.stat.known) {
		a->rec.stat.uid = recorded_owner(r, p->path);
		a->rec.stat.mode = recorded_mode(r, p->path, a->rec.stat.mode);
		mem_set(&a->rec.stat.owner, a->rec.stat.uid ? "somebody" : "root");
	}
	if (p->kind == PROBE_DIR && record_answered(&a->rec))
		recorded_listing(r, p->path, &a->out);
}

static inline void recorded_answer(const struct recorded *r, const struct probe *p, struct answer *a)
{
	const json_t *v;

	switch (p->kind) {
	case PROBE_CMD:
		recorded_command(r, p, a);
		break;
	case PROBE_FACT:
		v = json_object_get(json_object_get(r->host, "facts"), p->target);
		a->rec.outcome = v ? OUTCOME_OK : OUTCOME_ABSENT;
		if (v) {
			_cleanup_free_ char *text = json_dumps(v, JSON_COMPACT);
			buf_adds(&a->out, text);
		}
		break;
	case PROBE_HTTP: {
		_cleanup_free_ char *key = mem_printf("%s %s", p->path, p->target);
		v = json_object_get(json_object_get(r->host, "http"), key);
		a->rec.outcome = OUTCOME_ABSENT;
		if (v)
			recorded_canned(r, v, a);
		if (v && !a->rec.status)
			a->rec.status = 200;
		break;
	}
	default:
		recorded_file(r, p, a);
	}
}

static inline void recorded_ask(struct source *s, const struct probe *p, struct sink *sink)
{
	struct recorded *r = (struct recorded *)s;

	r->queue = mem_array(r->queue, r->n + 1, sizeof(*r->queue));
	r->queue[r->n].probe = probe_copy(p);
	r->queue[r->n++].sink = sink;
}

static inline int recorded_run(struct source *s, struct err *err)
{
	struct recorded *r = (struct recorded *)s;

	while (r->next < r->n) {
		struct probe *p = r->queue[r->next].probe;
		struct sink *sink = r->queue[r->next++].sink;
		struct answer a = { 0 };

		recorded_answer(r, p, &a);
		mem_set(&a.rec.key, p->key);
		struct buf *streams[] = { &a.out, &a.err };
		for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
			a.rec.bytes[i] = streams[i]->len;
			if (streams[i]->len)
				sink->chunk(sink, (enum stream)i, streams[i]->data, streams[i]->len);
		}
		sink->end(sink, p, &a.rec);
		answer_free(&a);
		probe_free(p);
	}
	return 0;
}

static inline uint64_t recorded_now(struct source *s)
{
	const struct recorded *r = (struct recorded *)s;
	const char *now = json_string_value(json_object_get(json_object_get(json_object_get(r->host, "facts"), "host"), "now"));
	uint64_t us = 0;
	static uint64_t sim; /* a simulated Mac's time goes on: 50 ms a look */

	if (r->sim_root)
		return 1795503603000000ull + (sim += 50000);
	if (now)
		text_parse_time(now, &us);
	return us;
}

static inline void recorded_close(struct source *s)
{
	struct recorded *r = (struct recorded *)s;

	source_close(r->files);
	json_decref(r->host);
	free(r->dir);
	free(r->queue);
	free(r);
}

/* dir: of host.json. sim_root: NULL, or the simulator's directory (kept by reference). */
static inline struct source *recorded_open(const char *dir, const char *sim_root)
{
	static const struct source_ops ops = { recorded_ask, recorded_run, recorded_now, recorded_close };
	struct recorded *r = mem_alloc(sizeof(*r));
	_cleanup_free_ char *path = mem_printf("%s/host.json", dir), *root = mem_printf("%s/root", sim_root ? sim_root : dir);
	json_error_t why;
	struct err err = { 0 };

	r->base.ops = &ops;
	r->dir = mem_strdup(dir);
	r->sim_root = sim_root;
	r->host = json_load_file(path, 0, &why);
	r->files = source_live(root, &err);
	if (!r->host || !r->files) {
		fprintf(stderr, "%s: %s\n", path, r->host ? err.msg : why.text);
		exit(2);
	}
	return &r->base;
}

#endif
