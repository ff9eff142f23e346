/* SPDX-License-Identifier: MIT */
/* What the generators share. */
#include "lifecycle/generate.h"

#include <string.h>

#include "collect/agents.h"
#include "formats/text.h"

/* What a service manager needs beyond the container's own time, to run Podman and to read back. */
#define STOP_MARGIN_SEC 15
#define STOP_DEFAULT_SEC 10
#define LIMIT_INTERVAL_SEC 3600

bool agent_is_remote(const struct agent *a, enum platform platform)
{
	return a->runtime == RUNTIME_PODMAN && agent_needs_machine(a, platform);
}

void generate_header(const struct recipe *r, const char *before, const char *after, struct buf *out)
{
	_cleanup_free_ char *from = text_safe(r->agent->path ? r->agent->path : "a declaration");

	buf_addf(out, "%sMade by sourceos-agent from %s.%s\n", before, from, after);
	buf_addf(out, "%sRemove it with: sourceos-agent uninstall %s%s\n", before, r->agent->name, after);
}

void generate_log_path(const struct agent *a, bool errors, struct buf *out)
{
	const char *path = errors && a->logs.stderr_path ? a->logs.stderr_path : a->logs.stdout_path ? a->logs.stdout_path : a->logs.app;

	if (path)
		buf_adds(out, path);
	else if (a->logs.directory)
		buf_addf(out, "%s/%s.log", a->logs.directory, a->name);
}

const char *restart_word(const struct agent *a)
{
	const char *declared = a->linux_unit.restart;

	if (a->lifecycle.restart == RESTART_MANUAL)
		return "no";
	if (a->lifecycle.restart == RESTART_SUPERVISED && (text_eq(declared, "always") || (!declared && a->lifecycle.keep_alive)))
		return "always";
	return declared && strcmp(declared, "always") != 0 ? declared : "on-failure";
}

struct start_limit start_limit_of(const struct agent *a)
{
	struct start_limit l = { LIMIT_INTERVAL_SEC, a->lifecycle.max_restarts_per_hour };

	if (a->linux_unit.has_start_limit && a->linux_unit.start_limit_interval_sec)
		l.interval_sec = a->linux_unit.start_limit_interval_sec;
	if (a->linux_unit.has_start_limit && a->linux_unit.start_limit_burst)
		l.burst = a->linux_unit.start_limit_burst;
	if (!l.burst) /* 0 would mean no limit at all */
		l.burst = 1;
	return l;
}

uint32_t stop_timeout_of(const struct agent *a)
{
	return (a->lifecycle.shutdown_timeout_sec ? a->lifecycle.shutdown_timeout_sec : STOP_DEFAULT_SEC) + STOP_MARGIN_SEC;
}

void unit_add_value(struct buf *out, const char *value)
{
	for (; *value; value++) {
		buf_addc(out, *value);
		if (*value == '%')
			buf_addc(out, '%');
	}
}

void unit_add_word(struct buf *out, const char *word)
{
	bool plain = *word && !word[strcspn(word, " \t\n\"'\\;$`*?[]{}()<>|&~#!@")];

	if (plain) {
		unit_add_value(out, word);
		return;
	}
	buf_addc(out, '"');
	for (; *word; word++) {
		switch (*word) {
		case '"':
		case '\\':
			buf_addc(out, '\\');
			buf_addc(out, *word);
			break;
		case '\n':
			buf_adds(out, "\\n");
			break;
		case '\t':
			buf_adds(out, "\\t");
			break;
		case '$':
		case '%':
			buf_addc(out, *word);
			buf_addc(out, *word);
			break;
		default:
			buf_addc(out, *word);
		}
	}
	buf_addc(out, '"');
}

void unit_add_start_limit(const struct recipe *r, struct buf *out)
{
	struct start_limit l = start_limit_of(r->agent);

	buf_addf(out, "StartLimitIntervalSec=%u\nStartLimitBurst=%u\n", l.interval_sec, l.burst);
}

void unit_add_logs(const struct agent *a, struct buf *out)
{
	struct buf path[2] = { { 0 }, { 0 } };

	for (int i = 0; i < 2; i++) {
		generate_log_path(a, i == 1, &path[i]);
		buf_addf(out, "Standard%s=", i ? "Error" : "Output");
		if (path[i].len) {
			buf_adds(out, "append:");
			unit_add_value(out, buf_str(&path[i]));
		} else {
			buf_adds(out, "journal");
		}
		buf_addc(out, '\n');
		buf_free(&path[i]);
	}
}

void unit_add_restart(const struct agent *a, struct buf *out)
{
	const char *word = restart_word(a);

	buf_addf(out, "Restart=%s\n", word);
	if (strcmp(word, "no") != 0)
		buf_addf(out, "RestartSec=%u\n", a->linux_unit.has_restart_sec ? a->linux_unit.restart_sec : 10);
}

const char *unit_wanted_by(const struct agent *a)
{
	return a->scope == SCOPE_USER ? "default.target" : "multi-user.target";
}

void unit_add_install(const struct agent *a, struct buf *out)
{
	buf_addf(out, "\n[Install]\nWantedBy=%s\n", unit_wanted_by(a));
}

void generate_definition(const struct recipe *r, struct buf *out)
{
	switch (r->form) {
	case INSTALL_UNIT:
		generate_unit(r, out);
		return;
	case INSTALL_QUADLET:
		generate_quadlet(r, out);
		return;
	case INSTALL_PLIST:
		generate_plist(r, out);
		return;
	}
}

static int check_line(const struct agent *a, const char *what, const char *value, struct err *err)
{
	for (const char *p = value; p && *p; p++)
		if (text_is_control((unsigned char)*p))
			return err_set(err, ERR_USAGE, "%s:%u: agent %s: %s holds a control character", a->path, a->line, a->name, what);
	return 0;
}

int recipe_check(const struct recipe *r, struct err *err)
{
	const struct agent *a = r->agent;
	struct buf log = { 0 };
	int bad = 0;

	if (a->runtime == RUNTIME_SYSTEMD && !(a->command && a->command[0]))
		return err_set(err, ERR_USAGE, "%s:%u: agent %s has no command, so there is nothing to make a service of", a->path, a->line, a->name);
	if (r->form == INSTALL_QUADLET && a->runtime != RUNTIME_PODMAN)
		return err_set(err, ERR_USAGE, "agent %s: a Quadlet runs a container, and the runtime is %s", a->name, agent_runtime_name(a->runtime));
	if (r->form == INSTALL_QUADLET && agent_is_remote(a, r->platform))
		return err_set(err, ERR_USAGE, "agent %s: a Quadlet runs on the local Podman, and this agent is declared to run in a machine", a->name);
	if (a->command && a->command[0][0] != '/')
		return err_set(err, ERR_USAGE, "%s:%u: agent %s: the command %s is not written from /", a->path, a->line, a->name, a->command[0]);
	if (a->auth.mode == AUTH_SERVICE_ACCOUNT && !a->auth.authfile)
		return err_set(err, ERR_USAGE, "%s:%u: agent %s: mode service-account needs auth.authfile", a->path, a->line, a->name);
	for (int i = 0; i < 2 && !bad; i++) {
		buf_clear(&log);
		generate_log_path(a, i == 1, &log);
		bad = check_line(a, "a log path", buf_str(&log), err);
		if (!bad && log.len && log.data[0] != '/')
			bad = err_set(err, ERR_USAGE, "%s:%u: agent %s: the log path %s is not written from /", a->path, a->line, a->name, log.data);
	}
	buf_free(&log);
	return bad ? bad : check_line(a, "the path of its declaration", a->path, err);
}
