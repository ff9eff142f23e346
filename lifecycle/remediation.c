/* SPDX-License-Identifier: MIT */
#include "lifecycle/remediation.h"

#include <string.h>

#include "formats/text.h"

/* Foreign text in Markdown: on one line, in a code span that it cannot end. */
static void add_code(struct buf *out, const char *s)
{
	_cleanup_free_ char *safe = text_safe(s);

	buf_addc(out, '`');
	for (char *p = safe; *p; p++)
		buf_addc(out, *p == '`' ? '\'' : *p);
	buf_addc(out, '`');
}

static void row(struct buf *out, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(out, "- %s: ", label);
	add_code(out, value);
	buf_addc(out, '\n');
}

static void found_service(const struct evidence *e, struct buf *out)
{
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;
	char number[32];

	row(out, "unit", e->target.unit);
	row(out, "scope", agent_scope_name(e->target.agent->scope));
	row(out, "runs for", e->target.owner.id.name);
	row(out, "definition", e->service.unit.fragment.path);
	if (!p)
		return;
	_cleanup_free_ char *exit = unit_exit_words(p);
	_cleanup_free_ char *state = mem_printf("%s (%s), %s", p->active_state ? p->active_state : "?", p->sub_state ? p->sub_state : "?",
		p->unit_file_state ? p->unit_file_state : "not enabled");
	row(out, "state when captured", state);
	row(out, "last exit", exit);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)p->n_restarts);
	row(out, "restarts counted by systemd", number);
	row(out, "Restart=", p->restart);
}

static void found_runtime(const struct evidence *e, struct buf *out)
{
	const struct service_evidence *s = &e->service;
	const struct engine *g = evidence_engine(e);

	if (s->exec_start.n) {
		_cleanup_free_ char *start = text_shell_join(s->exec_start.v[0].argv);
		row(out, "starts", start);
	}
	if (s->run.argv) {
		_cleanup_free_ char *run = text_shell_join(s->run.argv);
		row(out, s->run_in_script ? "which, through a script, runs" : "which runs", run);
	}
	row(out, "image", e->podman.image_ref);
	if (g && g->image_inspect)
		row(out, "image id", g->image_inspect->id);
	if (g && g->inspect)
		row(out, "container", g->inspect->status);
	for (size_t i = 0; i < e->auth.n_files; i++) {
		const struct authfile *a = e->auth.files[i].parsed;
		for (size_t k = 0; a && k < a->n_helpers; k++) {
			_cleanup_free_ char *text = mem_printf("docker-credential-%s for %s, from %s", a->helpers[k].helper, a->helpers[k].registry,
				e->auth.files[i].file.path);
			row(out, helper_is_interactive(a->helpers[k].helper) ? "interactive credential helper" : "credential helper", text);
		}
	}
	for (size_t i = 0; i < e->n_logs; i++)
		row(out, file_outcome(&e->logs[i]) == OUTCOME_OK ? "log" : "log, not captured", e->logs[i].path);
}

static void found_launchd(const struct evidence *e, struct buf *out)
{
	const struct launchd_evidence *l = &e->launchd;
	const struct launchd_domain *d = launchd_loaded(l);
	char number[32];

	row(out, "label", e->target.agent->label);
	row(out, "runs for", e->target.owner.id.name);
	for (size_t i = 0; i < l->n_definitions; i++)
		if (file_is_there(&l->definitions[i].file))
			row(out, "property list", l->definitions[i].file.path);
	row(out, "loaded in", d ? d->target : "no domain");
	if (!d)
		return;
	row(out, "state when captured", d->service->state_text);
	row(out, "last exit", d->service->exit_text);
	snprintf(number, sizeof(number), "%lld", (long long)d->service->runs);
	row(out, "starts since it was loaded", number);
	row(out, "why it was last started", d->service->immediate_reason);
	if (d->service->path) {
		_cleanup_free_ char *command = text_shell_printf("launchctl bootstrap %s %s", d->target, d->service->path);
		row(out, "after a restore, what loads it again", command);
	}
}

void remediation_found(const struct evidence *e, struct buf *out)
{
	if (e->host.platform == PLATFORM_DARWIN)
		found_launchd(e, out);
	else
		found_service(e, out);
	found_runtime(e, out);
}

static void done_list(const json_t *actions, struct buf *out)
{
	size_t i;
	json_t *a;

	json_array_foreach(actions, i, a) {
		const char *result = json_string_value(json_object_get(a, "result"));
		buf_addf(out, "%zu. ", i + 1);
		add_code(out, json_string_value(json_object_get(a, "action")));
		if (result && *result && !json_is_true(json_object_get(a, "ok"))) {
			buf_adds(out, " **failed**: ");
			add_code(out, result);
		}
		buf_addc(out, '\n');
	}
}

static void undo_text(const struct remediation *r, struct buf *out)
{
	buf_adds(out, "\n## To undo it\n\n    sourceos-agent restore ");
	text_add_shell(out, r->dir);
	buf_adds(out, "\n\nputs every file back with its bytes, mode and owner, and its enablement. It does not start the service.\n");
	if (r->kept) {
		buf_adds(out, "The container was not `--rm`. It is stopped and kept as evidence under the name ");
		add_code(out, r->kept);
		buf_adds(out, ".\n");
	}
}

void remediation_write(const struct remediation *r, struct buf *out)
{
	_cleanup_free_ char *bundle = mem_printf("%s.tar.zst", r->dir);
	char when[32];

	text_time(when, r->now_us);
	buf_addf(out, "# %s: quarantined %s\n\n", r->agent, when);
	if (r->failed) {
		buf_adds(out, "**The quarantine did not complete:** ");
		add_code(out, r->failed);
		buf_adds(out, "\nRun the same command again: it goes on where it stopped.\n\n");
	}
	row(out, "case", r->about->id);
	row(out, "by", r->about->operator);
	row(out, "why", r->about->reason);
	buf_adds(out, r->about->operator ? "\n" : "");
	if (r->found)
		buf_addf(out, "## What was found\n\n%s\n", r->found);
	buf_adds(out, "## What was done\n\n");
	done_list(r->actions, out);
	undo_text(r, out);
	buf_adds(out, "\n## Before it may run again\n\n"
		      "1. Who installed it, and from where? `service.unit.disabled` (or `service.plist.disabled`), `program` and `drop-ins/` hold what it was.\n"
		      "2. A persistent service runs a local image (`localhost/…`) with `--pull=never`, an empty auth file and no interactive helper.\n"
		      "3. Its restarts are bounded: `StartLimitBurst=` and `StartLimitIntervalSec=` in `[Unit]`; under launchd no `KeepAlive` but\n"
		      "   `SuccessfulExit` false, and the launcher. Its logs are outside `/tmp`.\n"
		      "4. ");
	_cleanup_free_ char *preflight = text_shell_printf("sourceos-agent preflight %s", r->agent);
	add_code(out, preflight);
	buf_adds(out, " passes.\n\n## To check this evidence\n\n    sourceos-agent bundle verify ");
	text_add_shell(out, bundle);
	buf_adds(out, "\n    minisign -Vm ");
	text_add_shell(out, bundle);
	buf_adds(out, " -p host.pub\n\n`host.pub` is the public key of the host that made it: `sourceos-agent key show` prints it there.\n");
}
