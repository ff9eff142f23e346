/* SPDX-License-Identifier: MIT */
#include "lifecycle/installation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/sha256.h"
#include "collect/agents.h"
#include "formats/json.h"
#include "formats/shlint.h"
#include "formats/text.h"
#include "formats/unitlint.h"
#include "lifecycle/launch.h"
#include "redact/redact.h"

#define FILE_MAX (1u << 20)

/* ---- what has to be there ---- */

static void add_file(struct installation *i, const char *id, const char *what, const char *path, uint32_t mode, char *content)
{
	i->v[i->n++] = (struct install_file){ .id = id, .what = what, .path = mem_strdup(path), .mode = mode, .content = content };
}

static void add_dir(struct installation *i, const char *dir)
{
	for (const char *slash = strchr(dir + 1, '/');; slash = strchr(slash + 1, '/')) {
		char *part = slash ? mem_strndup(dir, (size_t)(slash - dir)) : mem_strdup(dir);
		if (strv_has(i->dirs, part))
			free(part);
		else
			i->dirs = strv_take(i->dirs, part);
		if (!slash)
			return;
	}
}

static void add_dir_of(struct installation *i, const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = slash && slash != path ? mem_strndup(path, (size_t)(slash - path)) : NULL;

	if (dir)
		add_dir(i, dir);
}

static void add_log_dirs(struct installation *i, const struct agent *a)
{
	_cleanup_strv_ char **logs = agent_log_paths(a);

	if (a->logs.directory)
		add_dir(i, a->logs.directory);
	for (char **p = logs; p && *p; p++)
		add_dir_of(i, *p);
}

static void add_auth(struct installation *i, const struct recipe *r)
{
	const struct agent *a = r->agent;
	const char *authfile = launch_authfile(a, r->paths);

	if (authfile && a->auth.mode != AUTH_SERVICE_ACCOUNT) {
		add_file(i, "authfile", "empty auth file", authfile, 0600, mem_strdup(launch_empty_auth));
		i->v[i->n - 1].shared = a->auth.authfile != NULL;
		add_dir_of(i, authfile);
	}
	add_dir(i, r->paths->docker_dir);
	add_file(i, "docker-config", "empty Docker config", r->paths->docker_config, 0600, mem_strdup(launch_empty_auth));
}

/* Where `systemctl enable` links it: made by us, so that it is taken away with the rest. */
static void add_wants(struct installation *i, const struct recipe *r)
{
	const char *slash = strrchr(r->paths->unit, '/');

	if (r->form != INSTALL_UNIT || !r->agent->lifecycle.run_at_load || !slash)
		return;
	_cleanup_free_ char *dir = mem_printf("%.*s/%s.wants", (int)(slash - r->paths->unit), r->paths->unit, unit_wanted_by(r->agent));
	add_dir(i, dir);
}

void installation_make(const struct recipe *r, struct installation *ret)
{
	struct installation i = { 0 };
	struct buf wrapper = { 0 }, definition = { 0 };

	add_dir(&i, r->paths->dir);
	if (r->agent->runtime == RUNTIME_PODMAN)
		add_auth(&i, r);
	if (r->agent->runtime != RUNTIME_SYSTEMD) {
		generate_wrapper(r, &wrapper);
		add_file(&i, "wrapper", "wrapper", r->paths->wrapper, 0755, buf_take(&wrapper));
	}
	generate_definition(r, &definition);
	add_log_dirs(&i, r->agent);
	add_dir_of(&i, r->paths->unit);
	add_wants(&i, r);
	add_file(&i, "definition", r->form == INSTALL_PLIST ? "property list" : r->form == INSTALL_QUADLET ? "Quadlet" : "unit", r->paths->unit, 0644,
		buf_take(&definition));
	*ret = i;
}

void installation_free(struct installation *i)
{
	for (size_t k = 0; k < i->n; k++) {
		free(i->v[k].path);
		free(i->v[k].content);
	}
	strv_free(i->dirs);
	*i = (struct installation){ 0 };
}

uint32_t installation_dir_mode(const struct recipe *r, const char *dir)
{
	return text_starts(dir, r->paths->dir) || text_ends(dir, "/sourceos-agent") || text_ends(dir, "/sourceos-agent/agents") ? 0700 : 0755;
}

static int lint_definition(const struct install_file *f, const struct recipe *r, struct lints *l)
{
	struct unitfile u = { 0 };

	if (r->form == INSTALL_PLIST) {
		launchd_plist_lint(f->content, strlen(f->content), f->path, l);
		return 0;
	}
	unitfile_add(&u, f->path, f->content, strlen(f->content));
	unitfile_lint(&u, strrchr(f->path, '/') + 1, l);
	unitfile_free(&u);
	return 0;
}

int installation_lint(const struct installation *i, const struct recipe *r, struct err *err)
{
	for (size_t k = 0; k < i->n; k++) {
		const struct install_file *f = &i->v[k];
		_cleanup_lints_ struct lints l = { 0 };
		if (strcmp(f->id, "wrapper") == 0)
			sh_lint(f->content, strlen(f->content), &l);
		else if (strcmp(f->id, "definition") == 0)
			lint_definition(f, r, &l);
		for (size_t n = 0; n < l.n; n++)
			if (l.v[n].level != LINT_NOTE)
				return err_set(err, ERR_USAGE, "the generated %s would not do: line %d: %s", f->what, l.v[n].line, l.v[n].text);
	}
	return 0;
}

/* ---- what was written ---- */

int installed_read(const struct install_paths *p, struct installed *ret, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct installed i = { 0 };
	int r = file_read(AT_FDCWD, p->installed, FILE_MAX, &b, err);

	if (r == -ERR_ABSENT) {
		*ret = i;
		return 0;
	}
	if (r == 0)
		r = json_read(p->installed, buf_str(&b), b.len, JSON_READ_UNIQUE, &i.doc, err);
	if (r == 0 && !json_is_array(json_object_get(i.doc, "files"))) {
		installed_close(&i);
		return err_set(err, ERR_SYNTAX, "%s: damaged; move it away", p->installed);
	}
	if (r == 0)
		*ret = i;
	return r;
}

void installed_close(struct installed *i)
{
	json_decref(i->doc);
	i->doc = NULL;
}

bool installed_is(const struct installed *i)
{
	return i->doc != NULL;
}

static const char *const form_names[] = { [INSTALL_UNIT] = "unit", [INSTALL_QUADLET] = "quadlet", [INSTALL_PLIST] = "plist" };

bool installed_as_quadlet(struct source *host, enum platform platform, const struct agent *a, const struct identity *owner)
{
	_cleanup_free_ char *dir = agent_state_dir(a, platform, owner), *path = mem_printf("%s/installed.json", dir);
	_cleanup_probe_ struct probe *p = probe_file(path, PAYLOAD_JSON);
	_cleanup_answer_ struct answer answer = { 0 };

	p->as = identity_copy(owner);
	p->limits.max_bytes = FILE_MAX;
	if (source_get(host, p, &answer, NULL) || !record_answered(&answer.rec))
		return false;
	_cleanup_json_ json_t *doc = json_loadb(answer.out.data, answer.out.len, 0, NULL);
	return text_eq(json_get(doc, "form"), form_names[INSTALL_QUADLET]);
}

/* DISK_FOREIGN with its hash and mode when it is a file. */
static enum on_disk look(const char *path, char hex[SHA256_HEX], uint32_t *ret_mode)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct stat st;

	hex[0] = '\0';
	if (lstat(path, &st))
		return errno == ENOENT || errno == ENOTDIR ? DISK_ABSENT : DISK_UNREADABLE;
	if (!S_ISREG(st.st_mode))
		return DISK_FOREIGN;
	if (file_read(AT_FDCWD, path, FILE_MAX, &b, NULL))
		return DISK_UNREADABLE;
	sha256_hex_of(hex, buf_str(&b), b.len);
	*ret_mode = st.st_mode & 07777;
	return DISK_FOREIGN;
}

enum on_disk installed_compare(const json_t *file)
{
	char hex[SHA256_HEX];
	uint32_t mode = 0;
	const char *path = json_get(file, "path");
	enum on_disk d = path ? look(path, hex, &mode) : DISK_ABSENT;

	if (d != DISK_FOREIGN)
		return d;
	return text_eq(hex, json_get(file, "sha256")) ? DISK_OURS : DISK_EDITED;
}

static const json_t *find_file(const struct installed *i, const char *path)
{
	size_t k;
	json_t *f;

	json_array_foreach(json_object_get(i->doc, "files"), k, f)
		if (text_eq(json_get(f, "path"), path))
			return f;
	return NULL;
}

enum on_disk installation_compare(const struct install_file *f, const struct installed *i)
{
	char hex[SHA256_HEX], want[SHA256_HEX];
	uint32_t mode = 0;
	enum on_disk d = look(f->path, hex, &mode);
	const json_t *ours = find_file(i, f->path);

	if (d != DISK_FOREIGN)
		return d;
	sha256_hex_of(want, f->content, strlen(f->content));
	if ((strcmp(hex, want) == 0 && mode == f->mode) || (f->shared && !ours))
		return DISK_SAME;
	if (!ours)
		return DISK_FOREIGN;
	return text_eq(hex, json_get(ours, "sha256")) ? DISK_OURS : DISK_EDITED;
}

/* Whether a bundle would have it changed: then its bytes there are not these. NULL: nobody can tell. */
static bool redacts(struct redactor *r, const struct install_file *f, enum install_form form)
{
	enum payload_class class = strcmp(f->id, "definition") != 0 ? PAYLOAD_SCRIPT : form == INSTALL_PLIST ? PAYLOAD_PLIST : PAYLOAD_UNIT;
	_cleanup_buf_ struct buf clean = { 0 };

	if (!r)
		return true;
	redact_bytes(r, class, f->content, strlen(f->content), &clean);
	return strcmp(buf_str(&clean), f->content) != 0;
}

static json_t *file_json(struct redactor *r, const struct install_file *f, enum install_form form)
{
	char hex[SHA256_HEX];

	sha256_hex_of(hex, f->content, strlen(f->content));
	json_t *j = json_pack("{s:s, s:s, s:s, s:i}", "what", f->what, "path", f->path, "sha256", hex, "mode", (int)f->mode);
	if (redacts(r, f, form))
		json_object_set_new(j, "redacts", json_true());
	return j;
}

static bool strings_have(const json_t *list, const char *s)
{
	const json_t *j;
	size_t i;

	json_array_foreach(list, i, j)
		if (text_eq(json_string_value(j), s))
			return true;
	return false;
}

char *installed_document(const struct installation *i, const struct recipe *r, const char *unit, const struct installed *before, char *const *made_dirs,
	uint64_t now_us)
{
	static const uint8_t key[REDACT_KEY_BYTES]; /* nobody sees the tokens */
	struct redactor *redactor = redactor_new(key, NULL);
	json_t *files = json_array(), *dirs = json_array();
	char when[32];

	for (size_t k = 0; k < i->n; k++) {
		const struct install_file *f = &i->v[k];
		struct stat st;
		/* an auth file that was there before us is not ours to remove */
		if (f->shared && !find_file(before, f->path) && lstat(f->path, &st) == 0)
			continue;
		json_array_append_new(files, file_json(redactor, f, r->form));
	}
	redactor_free(redactor);
	json_array_extend(dirs, json_object_get(before->doc, "directories"));
	for (char *const *d = made_dirs; d && *d; d++)
		if (!strings_have(dirs, *d))
			json_array_append_new(dirs, json_string(*d));
	text_time(when, now_us);
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "agent", r->agent->name, "label", r->agent->label, "form", form_names[r->form],
		"unit", unit, "declaration", r->agent->path, "tool", "sourceos-agent " VERSION, "installedAt", when, "directories", dirs, "files", files);
	char *text = json_dumps(doc, JSON_INDENT(2));
	json_decref(doc);
	if (!text)
		return NULL;
	char *line = mem_printf("%s\n", text);
	free(text);
	return line;
}
