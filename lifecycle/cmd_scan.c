/* SPDX-License-Identifier: MIT */
/* scan: service files judged for CI, without a host; or those that a bundle has. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle/reader.h"
#include "collect/dirlist.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/exam.h"
#include "lifecycle/scan.h"

#define DEPTH_MAX 32
#define FILES_MAX 100000

struct walk {
	struct exam x;
	char *cwd;
	size_t files; /* judged */
	size_t passed_over; /* named, and nothing that can be judged */
	size_t seen;
};

/* The names of a directory's entries; type as in record.h. */
struct entry {
	char *name;
	char type;
};

/* Through the source, as all that is read: below --root the paths are the image's. */
static char *absolute(const struct walk *w, const char *path)
{
	return path[0] == '/' ? mem_strdup(path) : mem_printf("%s/%s", w->cwd, path);
}

static int read_file(struct walk *w, const char *path, struct answer *ret, struct err *err)
{
	_cleanup_free_ char *abs = absolute(w, path);
	_cleanup_probe_ struct probe *p = probe_file(abs, PAYLOAD_TEXT);

	p->flags = PROBE_FOLLOW;
	p->limits.max_bytes = SCAN_FILE_MAX;
	return source_get(w->x.session.source, p, ret, err);
}

/* ---- the files of a bundle: what it has a record of ---- */

/* What follows dir in the path of a file that the bundle has a record of; NULL when that is not below it. */
static const char *path_below(const struct bundle_record *rec, const char *dir)
{
	size_t n = strlen(dir);
	const char *path = text_starts(rec->rec.key, "file/") ? rec->rec.key + strlen("file") : NULL;

	while (n && dir[n - 1] == '/')
		n--;
	return path && strncmp(path, dir, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

static bool bundle_has(const struct walk *w, const char *path)
{
	_cleanup_free_ char *key = mem_printf("file%s", path);
	size_t n;
	const struct bundle_record *v = bundle_records(w->x.bundle, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].rec.key, key) == 0 || path_below(&v[i], path))
			return true;
	return false;
}

static void add_entry(struct entry **v, size_t *n, const char *name, size_t len, char type)
{
	for (size_t i = 0; i < *n; i++)
		if (strncmp((*v)[i].name, name, len) == 0 && !(*v)[i].name[len])
			return;
	*v = mem_array(*v, *n + 1, sizeof(**v));
	(*v)[(*n)++] = (struct entry){ mem_strndup(name, len), type };
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void bundle_dir(const struct walk *w, const char *dir, struct entry **ret, size_t *ret_n)
{
	size_t n;
	const struct bundle_record *v = bundle_records(w->x.bundle, &n);

	for (size_t i = 0; i < n; i++) {
		const char *name = path_below(&v[i], dir);
		if (!name)
			continue;
		size_t len = strcspn(name, "/");
		add_entry(ret, ret_n, name, len, name[len] ? 'd' : 'f');
	}
	if (*ret_n)
		qsort(*ret, *ret_n, sizeof(**ret), by_name);
}

/* ---- reading ---- */

static bool is_there(const struct walk *w, const char *path)
{
	if (w->x.bundle)
		return bundle_has(w, path);
	_cleanup_free_ char *abs = absolute(w, path);

	return source_has(w->x.session.source, abs);
}

static void unreadable(struct walk *w, const char *path, const struct record *rec)
{
	struct finding *f = scan_report(&w->x.findings, "DE-01", VERDICT_UNKNOWN, path, 0);

	finding_say(f, "could not be read: %s", rec->reason ? rec->reason : outcome_name(rec->outcome));
}

static int read_dir(struct walk *w, const char *path, struct entry **ret, size_t *ret_n, struct err *err)
{
	_cleanup_free_ char *abs = absolute(w, path);
	_cleanup_probe_ struct probe *p = probe_dir(abs);
	_cleanup_answer_ struct answer a = { 0 };

	*ret = NULL;
	*ret_n = 0;
	if (w->x.bundle) {
		bundle_dir(w, path, ret, ret_n);
		return 0;
	}
	int r = source_get(w->x.session.source, p, &a, err);
	if (r)
		return r;
	if (!record_answered(&a.rec)) {
		unreadable(w, path, &a.rec);
		return 0;
	}
	struct dirlist d = dirlist_of(&a);
	while (dirlist_next(&d)) {
		*ret = mem_array(*ret, *ret_n + 1, sizeof(**ret));
		(*ret)[(*ret_n)++] = (struct entry){ mem_strdup(d.name), d.type[0] };
	}
	return 0;
}

static void entries_free(struct entry *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].name);
	free(v);
}

/* The drop-ins beside a unit: PATH.d/NAME.conf, in order. */
static int read_parts(struct walk *w, const char *path, struct scan_part **ret, struct answer **ret_answers, size_t *ret_n, struct err *err)
{
	_cleanup_free_ char *dir = mem_printf("%s.d", path);
	struct entry *v = NULL;
	size_t n = 0;
	int r = 0;

	if (is_there(w, dir))
		r = read_dir(w, dir, &v, &n, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!text_ends(v[i].name, ".conf"))
			continue;
		char *file = mem_printf("%s/%s", dir, v[i].name);
		*ret_answers = mem_array(*ret_answers, *ret_n + 1, sizeof(**ret_answers));
		(*ret_answers)[*ret_n] = (struct answer){ 0 };
		*ret = mem_array(*ret, *ret_n + 1, sizeof(**ret));
		r = read_file(w, file, &(*ret_answers)[*ret_n], err);
		(*ret)[*ret_n] = (struct scan_part){ file, buf_str(&(*ret_answers)[*ret_n].out), (*ret_answers)[*ret_n].out.len };
		(*ret_n)++;
	}
	entries_free(v, n);
	return r;
}

/* A drop-in whose unit is scanned too is judged with it. */
static bool belongs_to_unit(const struct walk *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = slash ? mem_strndup(path, (size_t)(slash - path)) : NULL;

	if (!dir || !text_ends(dir, ".d"))
		return false;
	dir[strlen(dir) - 2] = '\0';
	return is_there(w, dir);
}

/* A link in there enables a unit that lies elsewhere. */
static bool is_for_links(const char *dir)
{
	return text_ends(dir, ".wants") || text_ends(dir, ".requires") || text_ends(dir, ".upholds");
}

#define JUDGED "unit, drop-in, Quadlet, property list, wrapper script, declaration, autostart entry"

/* Who names a file means it to be judged: below a directory the same file is nobody's business. */
static void pass_over(struct walk *w, const char *path)
{
	_cleanup_free_ char *safe = text_safe(path);

	fprintf(stderr, "%s: %s: not judged: neither a " JUDGED " nor Nix file\n", w->x.cli->program, safe);
	w->passed_over++;
}

static int scan_one(struct walk *w, const char *path, bool named, struct err *err)
{
	_cleanup_answer_ struct answer a = { 0 };
	struct scan_part *parts = NULL;
	struct answer *answers = NULL;
	size_t n = 0;
	int r = read_file(w, path, &a, err);

	if (r)
		return r;
	_cleanup_free_ char *abs = absolute(w, path);
	enum scan_kind kind = scan_kind_of(abs, buf_str(&a.out), a.out.len);
	if (!record_answered(&a.rec)) {
		/* a FIFO or dangling link in a tree is nobody's business unless it is called like a service file */
		bool masked = a.rec.outcome == OUTCOME_REFUSED || a.rec.outcome == OUTCOME_ABSENT; /* a link to /dev/null, or to nowhere */
		if (named || (kind != SCAN_NONE && !masked))
			unreadable(w, path, &a.rec);
		return 0;
	}
	if (kind == SCAN_NONE && named)
		pass_over(w, path);
	if (kind == SCAN_NONE || (kind == SCAN_DROP_IN && belongs_to_unit(w, abs) && !named))
		return 0;
	if (kind == SCAN_UNIT || kind == SCAN_QUADLET)
		r = read_parts(w, path, &parts, &answers, &n, err);
	if (a.rec.outcome == OUTCOME_CUT)
		finding_say(scan_report(&w->x.findings, "DE-01", VERDICT_WARN, path, 0), "longer than is read: judged by its first %zu MiB", SCAN_FILE_MAX >> 20);
	w->files++;
	if (r == 0)
		scan_file(path, buf_str(&a.out), a.out.len, kind, parts, n, &w->x.findings);
	for (size_t i = 0; i < n; i++) {
		free((char *)(uintptr_t)parts[i].path);
		answer_free(&answers[i]);
	}
	free(parts);
	free(answers);
	return r;
}

static int walk(struct walk *w, const char *path, int depth, struct err *err)
{
	struct entry *v;
	size_t n;
	int r = read_dir(w, path, &v, &n, err);

	for (size_t i = 0; r == 0 && i < n; i++) {
		_cleanup_free_ char *below = mem_printf("%s%s%s", path, text_ends(path, "/") ? "" : "/", v[i].name);
		if (++w->seen > FILES_MAX)
			r = err_set(err, ERR_LIMIT, "%s: more than %d files; name fewer", path, FILES_MAX);
		else if (v[i].type == 'd' && strcmp(v[i].name, ".git") != 0 && depth < DEPTH_MAX)
			r = walk(w, below, depth + 1, err);
		else if (v[i].type == 'f' || (v[i].type == 'l' && !is_for_links(path)))
			r = scan_one(w, below, false, err);
	}
	entries_free(v, n);
	return r;
}

static int scan_bundle_path(struct walk *w, const char *path, struct err *err)
{
	struct entry *v = NULL;
	size_t n = 0;

	if (path[0] != '/' || (strcmp(path, "/") != 0 && !bundle_has(w, path)))
		return err_set(err, ERR_USAGE, "%s: %s has no such file; paths are the host's, whole", path, w->x.from);
	bundle_dir(w, path, &v, &n);
	entries_free(v, n);
	return n ? walk(w, path, 0, err) : scan_one(w, path, true, err);
}

static int scan_path(struct walk *w, const char *path, struct err *err)
{
	if (w->x.bundle)
		return scan_bundle_path(w, path, err);
	_cleanup_free_ char *abs = absolute(w, path);
	_cleanup_probe_ struct probe *p = probe_dir(abs);
	_cleanup_answer_ struct answer a = { 0 };
	int r = source_get(w->x.session.source, p, &a, err);

	if (r)
		return r;
	if (a.rec.outcome == OUTCOME_ABSENT && !is_there(w, path))
		return err_set(err, ERR_USAGE, "%s: no such file or directory", path);
	return record_answered(&a.rec) ? walk(w, path, 0, err) : scan_one(w, path, true, err);
}

static int exit_for(const struct walk *w, const char *fail_on)
{
	enum verdict v = findings_verdict(&w->x.findings);

	if (text_eq(fail_on, "never"))
		return EXIT_OK;
	if (v == VERDICT_FAIL || (text_eq(fail_on, "warn") && findings_count(&w->x.findings, VERDICT_WARN)))
		return EXIT_FINDINGS;
	bool nothing = w->passed_over && !w->files;
	return nothing || findings_count(&w->x.findings, VERDICT_UNKNOWN) ? EXIT_INCOMPLETE : EXIT_OK;
}

int cmd_scan(struct cli *cli, struct err *err)
{
	const char *fail_on = cli_has(cli, "fail-on") ? cli_get(cli, "fail-on") : cli_has(cli, "strict") ? "warn" : NULL;
	struct walk w = { 0 };
	char cwd[PATH_MAX];

	if (fail_on && !text_eq(fail_on, "fail") && !text_eq(fail_on, "warn") && !text_eq(fail_on, "never"))
		return err_set(err, ERR_USAGE, "--fail-on is fail, warn or never, not \"%s\"", fail_on);
	if (!cli_has(cli, "root") && !getcwd(cwd, sizeof(cwd)))
		return err_errno(err, errno, "cannot tell the working directory");
	w.cwd = mem_strdup(cli_has(cli, "root") ? "" : cwd); /* an image has none: its root */
	int r = exam_open(cli, &w.x, err);

	w.x.files = true;
	if (r == 0 && !cli->n_args)
		r = w.x.bundle ? scan_path(&w, "/", err) : err_set(err, ERR_USAGE, "say which files or directories; see '%s scan --help'", cli->program);
	for (int i = 0; r == 0 && i < cli->n_args; i++)
		r = scan_path(&w, cli->args[i], err);
	if (r == 0) {
		_cleanup_free_ char *what = mem_printf("%zu file%s judged", w.files, w.files == 1 ? "" : "s");
		exam_print(&w.x, what);
		if (!w.files && !w.passed_over)
			cli_say(cli, "there was no " JUDGED " or Nix file to judge");
		r = exit_for(&w, fail_on);
	}
	exam_close(&w.x);
	free(w.cwd);
	return r;
}
