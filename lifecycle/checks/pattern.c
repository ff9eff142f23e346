/* SPDX-License-Identifier: MIT */
/* PP-03 to PP-08: where it logs, what it runs, and how that is hidden. */
#include "lifecycle/checks/pattern.h"

#include <string.h>

#include "formats/imageref.h"
#include "formats/macos.h"
#include "formats/text.h"

static struct finding *at_entry(struct finding *f, const struct view *v, const struct unit_entry *e)
{
	return finding_cite(finding_at(f, e ? v->unit->files[e->file] : v->path, e ? e->line : 0), v->evidence);
}

static struct finding *at_key(struct finding *f, const struct view *v, const char *key)
{
	return finding_cite(finding_at(f, v->path, v->text ? plist_key_line(v->text, v->text_len, key) : 0), v->evidence);
}

/* Where the container command stands, or where what leads to it does. */
static struct finding *at_command(struct finding *f, const struct view *v)
{
	if (v->run && v->run_in_script && v->script_path)
		finding_at(f, v->script_path, v->run->line);
	else if (v->plist)
		return at_key(f, v, "ProgramArguments");
	else
		finding_at(f, v->argv_file ? v->argv_file : v->path, v->argv_line);
	return finding_cite(f, v->evidence);
}

/* ---- PP-03: logs in a temporary directory ---- */

static void unit_log(const struct view *v, const char *key, struct report *r)
{
	const struct unit_entry *e = v->unit ? unitfile_get(v->unit, "Service", key) : NULL;
	const char *colon = e ? strchr(e->value, ':') : NULL;

	if (!colon)
		return;
	_cleanup_free_ char *path = path_expand(colon + 1, v->home);
	if (path_is_temporary(path))
		at_entry(report_fail(r, "%s= logs to %s, which anybody may write to and which is emptied", key, path), v, e);
}

/* The path after a redirection in a script: ">> /tmp/x.log". Ends where the word does. */
static char *redirect_target(const char *p, const char *end)
{
	while (p < end && (*p == '>' || *p == '&' || *p == ' ' || *p == '\t' || *p == '"' || *p == '\''))
		p++;
	size_t n = 0;
	while (p + n < end && !strchr(" \t\n;&|)\"'<>", p[n]))
		n++;
	return mem_strndup(p, n);
}

static void script_log(const struct view *v, struct report *r)
{
	const char *text = v->script_text, *end = text ? text + v->script_len : NULL;
	unsigned line = 1;
	bool comment = false;

	for (const char *p = text; p && p < end; p++) {
		if (*p == '\n') {
			line++;
			comment = false;
		} else if (*p == '#' && (p == text || p[-1] == '\n' || p[-1] == ' ')) {
			comment = true;
		}
		if (*p != '>' || comment)
			continue;
		_cleanup_free_ char *path = redirect_target(p, end);
		if (path_is_temporary(path))
			finding_cite(finding_at(report_fail(r, "the script writes to %s, which anybody may write to and which is emptied", path),
					     v->script_path ? v->script_path : v->path, v->script_path ? line : v->argv_line), v->evidence);
		while (p + 1 < end && p[1] == '>')
			p++;
	}
}

static void plist_log(const struct view *v, const char *key, const char *path, struct report *r)
{
	if (path && path_is_temporary(path))
		at_key(report_fail(r, "%s is %s, which anybody may write to and which is emptied", key, path), v, key);
}

static void declared_log(const struct view *v, struct report *r)
{
	_cleanup_strv_ char **paths = v->agent ? agent_log_paths(v->agent) : NULL;

	for (char **p = paths; p && *p; p++)
		if (path_is_temporary(*p))
			finding_at(report_fail(r, "the declaration logs to %s, which anybody may write to and which is emptied", *p), v->agent->path,
				v->agent->line);
}

void pattern_03(const struct view *v, struct report *r)
{
	size_t before = r->out->n;

	unit_log(v, "StandardOutput", r);
	unit_log(v, "StandardError", r);
	if (v->plist) {
		plist_log(v, "StandardOutPath", v->plist->stdout_path, r);
		plist_log(v, "StandardErrorPath", v->plist->stderr_path, r);
	}
	script_log(v, r);
	declared_log(v, r);
	for (size_t i = before; i < r->out->n; i++)
		finding_hint(r->out->v[i], v->kind == VIEW_PLIST ? "log to a directory of the owner's, such as ~/Library/Logs"
								 : "log to the journal, or to a directory of the owner's such as ~/.local/state");
	if (r->out->n == before)
		report_ok(r, "no log in a temporary directory");
}

/* ---- PP-04: an interactive helper named in the definition or its script ---- */

void pattern_04(const struct view *v, struct report *r)
{
	for (char **p = v->script ? v->script->programs : NULL; p && *p; p++) {
		const char *name = text_base_name(*p);
		if (!strcmp(name, "gcloud") || (text_starts(name, "docker-credential-") && helper_is_interactive(name + strlen("docker-credential-")))) {
			finding_cite(finding_at(report_fail(r, "the script runs %s, which may ask a person who is not there", name), v->script_path, 0),
				v->evidence);
			return;
		}
	}
	report_ok(r, "no interactive credential helper in the definition");
}

/* "a compose file", of commands that start what such a file lists; NULL of others. */
static const char *list_of(const struct shell_command *c)
{
	return !c ? NULL : c->starts == STARTS_COMPOSE ? "compose" : c->starts == STARTS_KUBE ? "Kubernetes" : NULL;
}

/* ---- PP-05: the image ---- */

void pattern_05(const struct view *v, struct report *r)
{
	const char *image = view_image(v);
	_cleanup_imageref_ struct imageref ref = { 0 };

	if (!view_runs_containers(v)) {
		report_skip(r, "runs no container directly");
		return;
	}
	if (list_of(v->run)) {
		at_command(report_warn(r, "which images it runs stands in a %s file, which was not read", list_of(v->run)), v);
		return;
	}
	if (v->run && v->run->starts != STARTS_NEW) {
		report_skip(r, "starts a container that was made before");
		return;
	}
	if (!image || strpbrk(image, "$%")) {
		at_command(report_warn(r, "which image it runs is not visible in the definition"), v);
		return;
	}
	if (imageref_is_id(image) || text_ends(image, ".image") || text_ends(image, ".build")) {
		report_ok(r, "the image is named by its id");
		return;
	}
	if (imageref_parse(image, &ref, NULL)) {
		at_command(report_warn(r, "the image reference %s does not parse", image), v);
		return;
	}
	if (imageref_is_localhost(&ref)) {
		report_ok(r, "the image is local: %s", image);
		return;
	}
	struct finding *f = at_command(report_fail(r, "a persistent service runs the registry image %s directly", image), v);
	if (v->kind == VIEW_QUADLET)
		at_entry(f, v, unitfile_get(v->unit, "Container", "Image"));
	finding_hint(f, "import it once under a localhost/ name, declare that as the image, and keep this one as sourceImage");
}

/* ---- PP-06: a raw run ---- */

/* Podman's generator made the unit of a Quadlet: it lies where generators write, and says of what. */
static const char *quadlet_of(const struct view *v)
{
	bool generated = v->unit && v->path && strstr(v->path, "/systemd/generator");
	const struct unit_entry *source = generated ? unitfile_get(v->unit, "Unit", "SourcePath") : NULL;

	return source && text_ends(source->value, ".container") ? source->value : NULL;
}

void pattern_06(const struct view *v, struct report *r)
{
	const struct shell_command *c = v->run;

	if (!c) {
		if (view_is_ours(v))
			report_ok(r, "the launcher runs it");
		else if (v->program_unread)
			finding_cite(report_add(r, VERDICT_UNKNOWN, "the program of the service was not read, so what it starts is not known"), v->evidence);
		else
			report_ok(r, "no container command in the service or its script");
		return;
	}
	if (c->starts == STARTS_NONE || c->starts == STARTS_OLD) {
		report_ok(r, "%s %s %s", c->program, c->verb ? c->verb : "command", c->starts ? "of a container that exists" : "starts no container");
		return;
	}
	if (quadlet_of(v)) {
		report_ok(r, "Podman's generator made it of %s", quadlet_of(v));
		return;
	}
	bool hidden = v->run_in_script && !text_eq(v->script_path, v->path); /* a crontab hides nothing */
	const char *who = v->kind == VIEW_SERVICE ? "the service" : "it";
	struct finding *f = list_of(c) ? report_fail(r, "%s runs the containers of a %s file (%s %s)", hidden ? "a script" : who, list_of(c), c->program, c->verb)
				       : report_fail(r, "%s a raw %s %s", hidden ? "a script hides" : v->kind == VIEW_SERVICE ? "the service is" : "it is",
						 c->program, c->verb);
	at_command(f, v);
	if (hidden && v->script_path)
		finding_detail(f, "%s starts %s", v->name ? v->name : "the service", v->script_path);
	finding_hint(f, "declare the agent and let the launcher run it, or use a Quadlet");
}

/* ---- PP-07, PP-08: what hides the command ---- */

void pattern_07(const struct view *v, struct report *r)
{
	const char *script = v->argv ? argv_script(v->argv) : NULL;

	if (!script) {
		report_ok(r, "no shell command line in the definition");
	} else if (nix_wait4path_rest(script)) {
		report_ok(r, "a shell that only waits for the Nix store, as nix-darwin writes it");
	} else if (view_is_ours(v)) {
		report_ok(r, "a shell command line of our own");
	} else {
		finding_hint(at_command(report_fail(r, "the service is a shell command line (%s -c)", text_base_name(v->argv[0])), v),
			"write the command itself, or a script file that a person can read");
	}
}

static bool in_store(const char *path)
{
	return text_starts(path, "/nix/store/") || text_starts(path, "/gnu/store/");
}

void pattern_08(const struct view *v, struct report *r)
{
	const char *script = v->argv ? argv_script(v->argv) : NULL;
	const char *rest = script ? nix_wait4path_rest(script) : NULL;
	const char *command = rest ? rest : v->argv ? v->argv[0] : NULL;

	if (!command || !in_store(command)) {
		report_ok(r, "the command is not a bare store path");
		return;
	}
	_cleanup_free_ char *item = nix_store_item(command);
	const char *name = item ? text_base_name(item) : text_base_name(command);
	if (v->program_unread)
		at_command(report_warn(r, "the only visible command is %s in a store, and it could not be read", name), v);
	else if (v->run_in_script || (v->run && v->script_path))
		finding_hint(at_command(report_fail(r, "the only visible command is %s, a store path that hides a container", name), v),
			"say in the declaration what it runs, with command or image");
	else if (v->agent && v->agent->runtime == RUNTIME_NIX_APP)
		report_ok(r, "a Nix application, as declared: %s", name);
	else
		at_command(report_warn(r, "the only visible command is %s in a store", name), v);
}
