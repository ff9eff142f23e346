/* SPDX-License-Identifier: MIT */
#include "formats/unitlint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "formats/text.h"
#include "formats/unitcmd.h"

/* e: where it stands; NULL for the definition as a whole. */
static void __attribute__((format(printf, 5, 6))) add(struct lints *l, enum lint_level level, const char *id, const struct unit_entry *e,
	const char *fmt, ...)
{
	char *raw = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&raw, fmt, ap) < 0)
		abort(); /* out of memory */
	va_end(ap);
	l->v = mem_array(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = (struct lint){ level, id, e ? (int)e->line : 0, text_safe(raw), e ? e->file : 0 };
	free(raw);
}

/* ---- values ---- */

static const char *const restarts[] = { "no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always", NULL };
static const char *const types[] = { "simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle", NULL };
static const char *const kill_modes[] = { "none", "process", "mixed", "control-group", NULL };
static const char *const booleans[] = { "1", "yes", "y", "true", "t", "on", "0", "no", "n", "false", "f", "off", NULL };
static const char *const auto_updates[] = { "registry", "local", NULL };

enum value_kind { WORD, SPAN, BOOLEAN, COMMAND };
static const struct {
	const char *section, *key;
	enum value_kind kind;
	const char *const *words;
} values[] = {
	{ "Service", "Restart", WORD, restarts },
	{ "Service", "Type", WORD, types },
	{ "Service", "KillMode", WORD, kill_modes },
	{ "Service", "RestartSec", SPAN, NULL },
	{ "Service", "TimeoutStartSec", SPAN, NULL },
	{ "Service", "TimeoutStopSec", SPAN, NULL },
	{ "Service", "RuntimeMaxSec", SPAN, NULL },
	{ "Service", "WatchdogSec", SPAN, NULL },
	{ "Unit", "StartLimitIntervalSec", SPAN, NULL },
	{ "Timer", "OnBootSec", SPAN, NULL },
	{ "Timer", "OnUnitActiveSec", SPAN, NULL },
	{ "Timer", "OnUnitInactiveSec", SPAN, NULL },
	{ "Service", "RemainAfterExit", BOOLEAN, NULL },
	{ "Service", "PrivateTmp", BOOLEAN, NULL },
	{ "Unit", "DefaultDependencies", BOOLEAN, NULL },
	{ "Service", "ExecStart", COMMAND, NULL },
	{ "Service", "ExecStartPre", COMMAND, NULL },
	{ "Service", "ExecStartPost", COMMAND, NULL },
	{ "Service", "ExecStop", COMMAND, NULL },
	{ "Service", "ExecStopPost", COMMAND, NULL },
	{ "Service", "ExecReload", COMMAND, NULL },
	{ "Container", "AutoUpdate", WORD, auto_updates },
};

static bool is_word(const char *const *words, const char *s)
{
	for (; *words; words++)
		if (strcmp(*words, s) == 0)
			return true;
	return false;
}

static bool is_boolean(const char *s)
{
	for (const char *const *b = booleans; *b; b++)
		if (strcasecmp(*b, s) == 0)
			return true;
	return false;
}

static void lint_command(const struct unit_entry *e, struct lints *ret)
{
	_cleanup_unit_cmds_ struct unit_cmds c = { 0 };
	struct err err = { 0 };

	if (unitcmd_parse(e->value, &c, &err)) {
		add(ret, LINT_ERROR, "unit.command", e, "%s= is not a command line, so systemd ignores it: %s", e->key, err.msg);
		return;
	}
	for (size_t i = 0; i < c.n; i++) {
		const char *p = c.v[i].argv[0];
		if (p[0] != '/' && p[0] != '%' && p[0] != '$' && strchr(p, '/'))
			add(ret, LINT_ERROR, "unit.relative-program", e, "%s= names its program by a relative path; write it from /", e->key);
	}
}

static void lint_value(const struct unit_entry *e, enum value_kind kind, const char *const *words, struct lints *ret)
{
	uint64_t us;

	if (!*e->value || strchr(e->value, '%'))
		return; /* a reset, or a specifier that only systemd expands */
	if (kind == COMMAND)
		lint_command(e, ret);
	else if (kind == WORD && !is_word(words, e->value))
		add(ret, LINT_ERROR, "unit.value", e, "%s= has a value that is ignored; it takes %s, %s…", e->key, words[0], words[1]);
	else if (kind == SPAN && unit_time_parse(e->value, &us))
		add(ret, LINT_ERROR, "unit.value", e, "%s= is no time span, so it is ignored; write 10, 10s or 1min", e->key);
	else if (kind == BOOLEAN && !is_boolean(e->value))
		add(ret, LINT_ERROR, "unit.value", e, "%s= is neither yes nor no, so it is ignored", e->key);
}

/* ---- where keys stand ---- */

/* Read in one section only; elsewhere systemd says "Unknown key name" and goes on. */
static const struct {
	const char *key, *section;
} homes[] = {
	{ "StartLimitIntervalSec", "Unit" },
	{ "StartLimitAction", "Unit" },
	{ "After", "Unit" },
	{ "Before", "Unit" },
	{ "Wants", "Unit" },
	{ "Requires", "Unit" },
	{ "OnFailure", "Unit" },
	{ "ExecStart", "Service" },
	{ "Restart", "Service" },
	{ "RestartSec", "Service" },
	{ "Type", "Service" },
	{ "StandardOutput", "Service" },
	{ "StandardError", "Service" },
	{ "TimeoutStopSec", "Service" },
	{ "WantedBy", "Install" },
	{ "RequiredBy", "Install" },
	{ "Alias", "Install" },
};

static const char *const exec_sections[] = { "Service", "Socket", "Mount", "Swap", NULL };

static void lint_place(const struct unit_entry *e, struct lints *ret)
{
	if (!*e->section) {
		add(ret, LINT_ERROR, "unit.no-section", e, "%s= stands before any [Section], so it is ignored", e->key);
		return;
	}
	if (text_starts(e->section, "X-") || text_starts(e->key, "X-"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
		if (strcmp(homes[i].key, e->key) != 0 || strcmp(homes[i].section, e->section) == 0)
			continue;
		if (strcmp(homes[i].section, "Service") == 0 && is_word(exec_sections, e->section))
			continue; /* sockets and mounts run things too */
		add(ret, LINT_ERROR, "unit.wrong-section", e, "%s= is ignored in [%s]; it belongs in [%s]", e->key, e->section,
			homes[i].section);
	}
}

/* ---- kinds ---- */

static void lint_service(const struct unitfile *u, struct lints *ret)
{
	const struct unit_entry **starts = NULL;
	size_t n = unitfile_get_all(u, "Service", "ExecStart", &starts);
	const char *type = unitfile_value(u, "Service", "Type");
	bool oneshot = type && strcmp(type, "oneshot") == 0;

	if (n == 0 && !unitfile_value(u, "Service", "ExecStop") && !unitfile_value(u, "Unit", "SuccessAction"))
		add(ret, LINT_ERROR, "unit.no-exec", NULL, "there is no ExecStart=, so systemd refuses the service");
	if (n > 1 && !oneshot)
		add(ret, LINT_ERROR, "unit.many-exec", starts[1], "more than one ExecStart=, which only Type=oneshot allows; write an empty "
									"ExecStart= first to replace one");
	free(starts);
	const struct unit_entry *restart = unitfile_get(u, "Service", "Restart");
	if (oneshot && restart && (strcmp(restart->value, "always") == 0 || strcmp(restart->value, "on-success") == 0))
		add(ret, LINT_ERROR, "unit.oneshot-restart", restart, "Type=oneshot takes neither Restart=always nor on-success: "
									    "systemd refuses the service");
}

static void lint_quadlet(const struct unitfile *u, struct lints *ret)
{
	const struct unit_entry *auth = unitfile_get(u, "Container", "AuthFile");

	if (!unitfile_value(u, "Container", "Image") && !unitfile_value(u, "Container", "Rootfs"))
		add(ret, LINT_ERROR, "quadlet.no-image", NULL, "there is no Image= in [Container], so Quadlet makes no service");
	if (auth)
		add(ret, LINT_ERROR, "quadlet.authfile", auth,
			"AuthFile= is no key of [Container]: Quadlet refuses the file; write PodmanArgs=--authfile=…");
}

void unitfile_lint(const struct unitfile *u, const char *name, struct lints *ret)
{
	for (size_t i = 0; i < u->n_problems; i++)
		add(ret, LINT_ERROR, "unit.syntax", &(struct unit_entry){ .line = u->problems[i].line, .file = u->problems[i].file }, "%s: systemd ignores this line", u->problems[i].text);
	if (u->cut)
		add(ret, LINT_WARNING, "unit.too-long", NULL, "longer than we read; the rest was not judged");
	for (size_t i = 0; i < u->n; i++) {
		const struct unit_entry *e = &u->entries[i];
		lint_place(e, ret);
		for (size_t k = 0; k < ARRAY_LEN(values); k++)
			if (strcmp(values[k].key, e->key) == 0 && strcmp(values[k].section, e->section) == 0)
				lint_value(e, values[k].kind, values[k].words, ret);
	}
	if (text_ends(name, ".container"))
		lint_quadlet(u, ret);
	else if (text_ends(name, ".service"))
		lint_service(u, ret);
}
