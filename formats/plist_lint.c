/* SPDX-License-Identifier: MIT */
#include "formats/plist_lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/macos.h"
#include "formats/plist_gate.h"
#include "formats/text.h"

static void add(struct lints *l, enum lint_level level, const char *id, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void add(struct lints *l, enum lint_level level, const char *id, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = mem_strdup(id);
	va_end(ap);
	l->v = mem_array(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = (struct lint){ .level = level, .id = id, .text = text };
}

void lints_free(struct lints *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].text);
	free(l->v);
	*l = (struct lints){ 0 };
}

const struct lint *lints_find(const struct lints *l, const char *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].id, id) == 0)
			return &l->v[i];
	return NULL;
}

size_t lints_count(const struct lints *l, enum lint_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].level == level;
	return n;
}

/* launchd hands these to open(2) and chdir(2) as they are. */
static bool wants_shell(const char *path)
{
	return path[0] == '~' || strchr(path, '$');
}

static void lint_identity(const struct launchd_plist *p, const char *path, struct lints *l)
{
	if (!p->label || !*p->label) {
		add(l, LINT_ERROR, "plist.no-label", "there is no Label: launchd refuses it (110)");
		return;
	}
	for (const char *s = p->label; *s; s++)
		if (text_is_control((unsigned char)*s) || *s == '/' || *s == ' ') {
			add(l, LINT_ERROR, "plist.label-characters",
				"Label holds a blank, a slash or a control character: service targets cannot name it");
			break;
		}
	if (!path)
		return;
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	size_t n = strlen(p->label);
	if (strncmp(base, p->label, n) != 0 || strcmp(base + n, ".plist") != 0)
		add(l, LINT_WARNING, "plist.file-name", "the file is named %s but its label is %s: rename it to %s.plist", base, p->label,
			p->label);
}

static bool is_shell(const char *program)
{
	static const char *const shells[] = { "sh", "bash", "zsh", "dash", "ksh" };
	const char *base = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;

	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		if (strcmp(shells[i], base) == 0)
			return true;
	return false;
}

static void lint_program(const struct launchd_plist *p, struct lints *l)
{
	const char *program = launchd_plist_program(p);

	if (!program || !*program) {
		add(l, LINT_ERROR, "plist.no-program", "there is neither Program nor ProgramArguments: launchd refuses it (111)");
		return;
	}
	if (wants_shell(program))
		add(l, LINT_ERROR, "plist.program-expansion",
			"the program is written %s: launchd expands neither ~ nor variables; write the absolute path", program);
	else if (*program != '/' && program != p->bundle_program)
		add(l, LINT_WARNING, "plist.program-relative",
			"the program is written %s: it is looked for in /usr/bin:/bin:/usr/sbin:/sbin only; write the absolute path", program);
	if (p->program && p->arguments && strcmp(p->program, p->arguments[0]) != 0)
		add(l, LINT_NOTE, "plist.program-differs", "%s is executed, but calls itself %s: Program wins over ProgramArguments[0]",
			p->program, p->arguments[0]);
	for (size_t i = 1; p->arguments && p->arguments[i] && !is_shell(p->arguments[0]); i++)
		if (text_starts(p->arguments[i], "~/") || text_starts(p->arguments[i], "$HOME") || text_starts(p->arguments[i], "${")) {
			add(l, LINT_WARNING, "plist.argument-expansion", "argument %zu is %s: launchd expands neither ~ nor variables", i,
				p->arguments[i]);
			break;
		}
}

static void lint_paths(const struct launchd_plist *p, struct lints *l)
{
	const struct {
		const char *key, *path;
	} paths[] = { { "StandardInPath", p->stdin_path }, { "StandardOutPath", p->stdout_path },
		{ "StandardErrorPath", p->stderr_path }, { "WorkingDirectory", p->working_directory },
		{ "RootDirectory", p->root_directory } };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (!paths[i].path)
			continue;
		if (wants_shell(paths[i].path))
			add(l, LINT_WARNING, "plist.path-expansion", "%s is %s: launchd expands neither ~ nor variables", paths[i].key,
				paths[i].path);
		else if (*paths[i].path != '/')
			add(l, LINT_WARNING, "plist.path-relative", "%s is %s: write the absolute path", paths[i].key, paths[i].path);
	}
}

/* Commands that return at once: to restart them whenever they end is a loop by construction. */
static bool returns_at_once(char *const *argv)
{
	const char *base = argv && argv[0] ? strrchr(argv[0], '/') : NULL;
	bool attach = false, detach = false;

	base = base ? base + 1 : argv ? argv[0] : NULL;
	if (!base || (strcmp(base, "podman") != 0 && strcmp(base, "docker") != 0 && strcmp(base, "podman-compose") != 0 &&
			     strcmp(base, "docker-compose") != 0))
		return false;
	for (size_t i = 1; argv[i]; i++) {
		attach |= strcmp(argv[i], "-a") == 0 || strcmp(argv[i], "--attach") == 0;
		detach |= strcmp(argv[i], "-d") == 0 || strcmp(argv[i], "--detach") == 0 || strcmp(argv[i], "--detach=true") == 0;
	}
	if (!argv[1])
		return false;
	if (strcmp(argv[1], "machine") == 0)
		return argv[2] && strcmp(argv[2], "start") == 0;
	if (strcmp(argv[1], "start") == 0)
		return !attach;
	return detach && (strcmp(argv[1], "run") == 0 || strcmp(argv[1], "up") == 0 || strcmp(argv[1], "compose") == 0);
}

static void lint_keepalive(const struct launchd_plist *p, struct lints *l)
{
	_cleanup_strv_ char **inner = NULL;
	enum restart_cause cause = launchd_restart_budget(p).cause;
	bool wrapped = p->arguments && nix_unwrap(p->arguments, &inner);

	if ((cause == RESTART_ALWAYS || cause == RESTART_ON_FAILURE || cause == RESTART_ON_SUCCESS) &&
		returns_at_once(wrapped ? inner : p->arguments))
		add(l, LINT_WARNING, "plist.keepalive-one-shot",
			"KeepAlive restarts a command that returns at once%s: remove KeepAlive; RunAtLoad with AbandonProcessGroup is enough",
			strcmp(wrapped ? inner[1] : p->arguments[1], "machine") == 0 ? " (podman machine start exits 125 when it already runs)" :
										       "");
	if (p->keepalive != KEEPALIVE_DICT)
		return;
	if (p->keepalive_successful_exit == TRI_NO && p->keepalive_crashed == TRI_NO)
		add(l, LINT_WARNING, "plist.keepalive-ored",
			"SuccessfulExit=false and Crashed=false are ORed: together they restart it whenever it ends");
	if (p->keepalive_successful_exit != TRI_UNSET && p->run_at_load == TRI_NO)
		add(l, LINT_NOTE, "plist.run-at-load-implied", "KeepAlive.SuccessfulExit runs it at load, whatever RunAtLoad says");
	if (p->keepalive_network_state != TRI_UNSET)
		add(l, LINT_WARNING, "plist.network-state", "KeepAlive.NetworkState has had no effect since macOS 10.10");
	if (p->keepalive_successful_exit == TRI_UNSET && p->keepalive_crashed == TRI_UNSET && !p->keepalive_path_state.n &&
		!p->keepalive_other_job.n)
		add(l, LINT_WARNING, "plist.keepalive-empty", "KeepAlive is a dictionary without a condition that launchd acts on");
}

static void lint_times(const struct launchd_plist *p, struct lints *l)
{
	if (p->throttle_interval == 0)
		add(l, LINT_WARNING, "plist.throttle-zero", "ThrottleInterval=0 is ignored: launchd keeps its 10 seconds");
	else if (p->throttle_interval < -1)
		add(l, LINT_ERROR, "plist.throttle-negative", "ThrottleInterval is negative");
	if (p->start_interval == 0 || p->start_interval < -1)
		add(l, LINT_WARNING, "plist.start-interval", "StartInterval is not a positive number of seconds: it never fires");
	if ((p->start_interval > 0 || p->calendar_entries) && p->keepalive == KEEPALIVE_TRUE)
		add(l, LINT_WARNING, "plist.keepalive-timed", "KeepAlive=true runs it all the time, so its schedule has no effect");
}

static void lint_place(const struct launchd_plist *p, const char *path, struct lints *l)
{
	enum launchd_dir dir = path ? launchd_dir_of(path) : LAUNCHD_DIR_OTHER;

	if (p->username && (dir == LAUNCHD_DIR_USER_AGENTS || dir == LAUNCHD_DIR_LOCAL_AGENTS))
		add(l, LINT_WARNING, "plist.username-in-agent", "UserName has no effect in an agent: it runs as the user of the session");
	if (p->session_types && dir == LAUNCHD_DIR_LOCAL_DAEMONS)
		add(l, LINT_NOTE, "plist.session-in-daemon", "LimitLoadToSessionType in a daemon: the system domain is session System");
	if (p->disabled == TRI_YES)
		add(l, LINT_NOTE, "plist.disabled-key", "Disabled=true is only the default: an override of launchctl enable wins over it");
	if (p->on_demand != TRI_UNSET)
		add(l, LINT_NOTE, "plist.on-demand", "OnDemand is obsolete: write KeepAlive");
}

void launchd_plist_lint(const void *bytes, size_t n, const char *path, struct lints *ret)
{
	_cleanup_launchd_plist_ struct launchd_plist p;
	struct plist_gate gate = { 0 };
	struct err err = { 0 };

	*ret = (struct lints){ 0 };
	launchd_plist_init(&p);
	if (plist_gate_check(bytes, n, &gate, &err) < 0 || launchd_plist_parse(bytes, n, &p, &err) < 0) {
		const char *line = strstr(err.msg, "at line ");
		add(ret, LINT_ERROR, "plist.syntax", "%s", err.msg);
		ret->v[0].line = line ? (int)strtol(line + 8, NULL, 10) : 0;
		return;
	}
	if (gate.empty_bool_line) {
		add(ret, LINT_ERROR, "plist.empty-boolean",
			"<true></true> passes plutil, but launchd (10.14) refuses the file (109): write <true/>, at line %d", gate.empty_bool_line);
		ret->v[ret->n - 1].line = gate.empty_bool_line;
	}
	lint_identity(&p, path, ret);
	lint_program(&p, ret);
	lint_paths(&p, ret);
	lint_keepalive(&p, ret);
	lint_times(&p, ret);
	lint_place(&p, path, ret);
	for (size_t i = 0; p.mistyped && p.mistyped[i]; i++)
		add(ret, LINT_ERROR, "plist.type", "%s", p.mistyped[i]);
	for (size_t i = 0; p.unknown && p.unknown[i]; i++)
		add(ret, LINT_NOTE, "plist.unknown-key", "launchd.plist(5) has no key %s", p.unknown[i]);
}

enum launchd_dir launchd_dir_of(const char *path)
{
	static const char agents[] = "/Library/LaunchAgents/";
	const char *slash = strrchr(path, '/');
	const char *at = strstr(path, agents);

	if (text_starts(path, "/System/Library/Launch"))
		return LAUNCHD_DIR_SYSTEM;
	if (text_starts(path, "/Library/LaunchDaemons/") && slash == path + strlen("/Library/LaunchDaemons"))
		return LAUNCHD_DIR_LOCAL_DAEMONS;
	if (!at || slash != at + strlen(agents) - 1)
		return LAUNCHD_DIR_OTHER;
	return at == path ? LAUNCHD_DIR_LOCAL_AGENTS : LAUNCHD_DIR_USER_AGENTS;
}

void launchd_file_lint(const struct file_stat *st, enum launchd_dir dir, uint32_t loader, struct lints *ret)
{
	uint32_t owner = dir == LAUNCHD_DIR_USER_AGENTS ? loader : 0;

	if (!st->known || dir == LAUNCHD_DIR_OTHER)
		return;
	if (S_ISLNK(st->mode)) {
		add(ret, LINT_WARNING, "file.symlink", "the property list is a symbolic link: macOS 14 and later pass it over at login");
		return;
	}
	if (!S_ISREG(st->mode)) {
		add(ret, LINT_ERROR, "file.type", "the property list is not a regular file");
		return;
	}
	if (st->uid != owner && !(dir == LAUNCHD_DIR_USER_AGENTS && st->uid == 0))
		add(ret, LINT_ERROR, "file.owner", "the property list belongs to uid %u, launchd wants uid %u (122)", st->uid, owner);
	if (st->mode & 022)
		add(ret, LINT_ERROR, "file.mode", "the property list has mode %03o: launchd refuses what group or others may write (122)",
			st->mode & 0777);
}
