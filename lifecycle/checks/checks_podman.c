/* SPDX-License-Identifier: MIT */
/* Podman: its client, its machine, its socket. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/tables.h"

static enum podman_cause cause_of(const struct answer *a)
{
	return a ? podman_cause_of(buf_str(&a->err), a->err.len) : PODMAN_CAUSE_OTHER;
}

void judge_podman_binary(struct report *r)
{
	const struct answer *a = r->e->podman.version_answer;

	if (!report_need(r, a, "podman --version"))
		return;
	if (a->rec.outcome == OUTCOME_ABSENT)
		finding_remedy(finding_cite_answer(report_fail(r, "there is no podman on PATH"), a),
			r->e->host.platform == PLATFORM_DARWIN ? "brew install podman" : "sudo apt-get install podman");
	else if (a->rec.status != 0)
		finding_cite_answer(report_fail(r, "podman --version ends with %d", a->rec.status), a);
	else
		finding_cite_answer(report_ok(r, "podman %s", r->e->podman.version.text ? r->e->podman.version.text : "of unknown version"), a);
}

void judge_podman_version(struct report *r)
{
	const struct version *v = &r->e->podman.version;
	const struct answer *a = r->e->podman.version_answer;

	if (!report_need(r, a, "podman --version"))
		return;
	if (!v->text)
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "podman --version does not name a version"), a);
	else if (version_compare(v, 4, 0, 0) < 0)
		finding_hint(finding_cite_answer(report_fail(r, "podman %s is older than 4.0", v->text), a), "upgrade Podman to 4.0 or newer");
	else if (version_compare(v, 4, 4, 0) < 0)
		finding_cite_answer(report_ok(r, "podman %s (before 4.4 an empty authfile alone does not keep credential helpers from running)",
					    v->text), a);
	else
		finding_cite_answer(report_ok(r, "podman %s", v->text), a);
}

/* ---- the machine ---- */

static const char *machine_name(const struct evidence *e)
{
	const struct podman_machine *m = evidence_machine(e);

	if (m)
		return m->name;
	return e->target.agent->podman.connection ? e->target.agent->podman.connection : "podman-machine-default";
}

static void machine_missing(struct report *r, const struct answer *a)
{
	const char *name = machine_name(r->e);
	struct finding *f = finding_cite_answer(report_fail(r, "the Podman machine %s does not exist", name), a);

	/* a client and a configuration of different major versions: [] and success, and the reason on stderr */
	if (a->err.len)
		finding_detail(f, "podman machine list says on stderr: %.*s", (int)strcspn(buf_str(&a->err), "\n"), buf_str(&a->err));
	remedy_as_owner(f, r->e, "podman machine init %s", name);
}

void judge_machine_exists(struct report *r)
{
	const struct evidence *e = r->e;
	const struct answer *a = e->podman.machines_answer;

	if (!e->target.agent->podman.require_machine && e->host.platform != PLATFORM_DARWIN) {
		report_skip(r, "no machine is required");
		return;
	}
	if (!report_need(r, a, "the list of Podman machines"))
		return;
	if (a->rec.status != 0 && (cause_of(a) == PODMAN_CAUSE_ROOT || e->target.owner.id.uid == 0)) {
		struct finding *f = report_fail(r, "Podman has no machines for root: the agent needs the machine of a user");
		finding_hint(finding_cite_answer(f, a), "run as the user whose machine it is, or name that user with --owner");
	} else if (a->rec.outcome == OUTCOME_ABSENT) {
		report_add(r, VERDICT_UNKNOWN, "there is no podman to ask for machines");
	} else if (a->rec.status != 0) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "podman machine list ends with %d", a->rec.status), a);
	} else if (!evidence_machine(e)) {
		machine_missing(r, a);
	} else {
		finding_cite_answer(report_ok(r, "the machine %s exists", machine_name(e)), a);
	}
}

/* What its socket does, for the message about a machine that is down. */
static const char *socket_words(const struct evidence *e)
{
	const struct engine *g = wanted_engine(e);

	if (g && ((g->ping && g->ping->rec.outcome == OUTCOME_REFUSED) || cause_of(g->asked) == PODMAN_CAUSE_REFUSED))
		return ", and its socket refuses connections";
	return g && g->ping && g->ping->rec.outcome == OUTCOME_ABSENT ? ", and its socket is not there" : "";
}

void judge_machine_running(struct report *r)
{
	const struct evidence *e = r->e;
	const struct podman_machine *m = evidence_machine(e);
	const struct podman_machine *inspected = e->podman.n_machine ? e->podman.machine : NULL;

	if (!e->target.agent->podman.require_machine && e->host.platform != PLATFORM_DARWIN) {
		report_skip(r, "no machine is required");
		return;
	}
	if (!report_need(r, e->podman.machines_answer, "the list of Podman machines"))
		return;
	if (!m) {
		report_add(r, VERDICT_UNKNOWN, "no machine to look at");
		return;
	}
	if (m->running || (inspected && text_eq(inspected->state, "running"))) {
		finding_cite_answer(report_ok(r, "the machine %s is running", m->name), e->podman.machines_answer);
		return;
	}
	struct finding *f = report_fail(r, "the Podman machine %s is %s%s", m->name, m->starting ? "still starting" : "stopped", socket_words(e));
	const struct engine *g = wanted_engine(e);
	finding_cite_answer(finding_cite_answer(f, e->podman.machines_answer), e->podman.machine_answer);
	finding_cite_answer(f, g ? g->asked : NULL);
	remedy_as_owner(f, e, "podman machine start %s", m->name);
}

/* ---- the socket ---- */

/* Behind a connection that is no machine's: somebody's Podman service on a socket. */
static void connection_socket(struct report *r, const struct engine *g)
{
	enum podman_cause cause = cause_of(g->asked);
	enum outcome o = g->ping ? g->ping->rec.outcome : OUTCOME_OK;
	struct finding *f;

	if (cause == PODMAN_CAUSE_UNKNOWN_CONNECTION)
		f = report_fail(r, "Podman knows no connection named %s", g->connection);
	else if (o == OUTCOME_TIMEOUT || (g->asked && g->asked->rec.outcome == OUTCOME_TIMEOUT))
		f = report_fail(r, "the socket of the connection %s accepts and stays silent", g->connection);
	else if (o == OUTCOME_DENIED || cause == PODMAN_CAUSE_DENIED)
		f = report_fail(r, "the socket of the connection %s is somebody else's: %s may not open it", g->connection, r->e->target.owner.id.name);
	else if (o == OUTCOME_ABSENT || cause == PODMAN_CAUSE_NO_SOCKET)
		f = report_fail(r, "the socket of the connection %s is not there", g->connection);
	else if (o == OUTCOME_REFUSED || cause == PODMAN_CAUSE_REFUSED)
		f = report_fail(r, "nobody listens on the socket of the connection %s", g->connection);
	else
		f = report_fail(r, "Podman does not answer through the connection %s", g->connection);
	finding_cite_answer(finding_cite_answer(f, g->ping), g->asked);
	remedy_as_owner(f, r->e, "podman system connection list");
}

static void machine_socket(struct report *r, const struct engine *g)
{
	const char *name = machine_name(r->e);
	const struct answer *last = g->asked ? g->asked : g->ping;
	struct finding *f;

	if (g->ping && g->ping->rec.outcome == OUTCOME_TIMEOUT)
		f = report_fail(r, "the socket of %s accepts and stays silent", name);
	else if (g->ping && g->ping->rec.outcome == OUTCOME_DENIED)
		f = report_fail(r, "%s may not open the socket of %s", r->e->target.owner.id.name, name);
	else if (last && last->rec.outcome == OUTCOME_TIMEOUT)
		f = report_fail(r, "nothing behind %s answers in time", name);
	else
		f = report_fail(r, "%s is said to run, but nothing answers behind its socket (gvproxy or the machine's Podman is dead)", name);
	finding_cite_answer(finding_cite_answer(f, g->ping), g->asked);
	remedy_script_as_owner(f, r->e, "podman machine stop %s; podman machine start %s", name, name);
}

static void local_socket(struct report *r, const struct engine *g)
{
	enum outcome ping = g->ping ? g->ping->rec.outcome : OUTCOME_NOT_COLLECTED;

	if (engine_answers(g)) {
		struct finding *f;
		if (ping == OUTCOME_TIMEOUT)
			f = report_warn(r, "the API socket accepts and stays silent; the podman command answers");
		else if (ping == OUTCOME_REFUSED)
			f = report_warn(r, "a stale API socket: nobody listens on it; the podman command answers");
		else if (ping == OUTCOME_DENIED)
			f = report_warn(r, "the API socket is not for %s; the podman command answers", r->e->target.owner.id.name);
		else
			f = report_ok(r, g->api ? "the API socket answers" : "no API socket, and the podman command answers");
		finding_cite_answer(finding_cite_answer(f, g->ping), g->asked);
		if (f->verdict == VERDICT_WARN)
			remedy_systemctl(f, r->e, "restart podman.socket");
		return;
	}
	if (!report_need(r, g->asked, "what Podman says of the container"))
		return;
	struct finding *f = report_fail(r, "Podman does not answer (exit %d)", g->asked->rec.status);
	finding_cite_answer(f, g->asked);
	if (g->asked->err.len)
		finding_detail(f, "%.*s", (int)strcspn(buf_str(&g->asked->err), "\n"), buf_str(&g->asked->err));
}

static bool tells_of_the_way(const struct answer *a)
{
	return a && a->rec.outcome != OUTCOME_NOT_COLLECTED && a->rec.outcome != OUTCOME_FAILED;
}

/* Whether the way to the engine was tried. A command that was denied is one that the caller may not run for somebody else. */
static bool was_tried(const struct engine *g)
{
	if (g->asked && g->asked->rec.outcome == OUTCOME_DENIED)
		return false;
	return tells_of_the_way(g->ping) || tells_of_the_way(g->asked);
}

/* Behind a machine or a connection. Whatever kept an answer from us there is what is judged: a failure, not a gap in the evidence. */
static void far_socket(struct report *r, const struct engine *g)
{
	const struct evidence *e = r->e;
	bool machine = e->target.agent->podman.require_machine || evidence_machine(e) || !g->connection;

	if (engine_answers(g)) {
		struct finding *f = report_ok(r, g->api ? "the socket of %s%s answers" : "Podman answers through %s%s",
			g->api && machine ? "" : "the connection ", g->api && machine ? machine_name(e) : g->connection);
		finding_cite_answer(finding_cite_answer(f, g->ping), g->asked);
	} else if (was_tried(g)) {
		machine ? machine_socket(r, g) : connection_socket(r, g);
	} else {
		report_need(r, g->asked ? g->asked : g->ping, machine ? "the machine's socket" : "the connection's socket");
	}
}

void judge_socket(struct report *r)
{
	const struct evidence *e = r->e;
	const struct engine *g = wanted_engine(e);
	const char *connection = e->target.agent->podman.connection;

	if (!g && wants_machine(e)) {
		if (!report_need(r, e->podman.connections_answer, "the list of Podman connections"))
			return;
		struct finding *f = connection ? report_fail(r, "Podman knows no connection named %s", connection)
					       : report_fail(r, "Podman has no connection to a machine");
		finding_cite_answer(f, e->podman.connections_answer);
		remedy_as_owner(f, e, "podman system connection list");
		return;
	}
	if (!g) {
		report_add(r, VERDICT_UNKNOWN, "Podman was not asked");
		return;
	}
	if (!wants_machine(e)) {
		local_socket(r, g);
		return;
	}
	far_socket(r, g);
}

/* The doctor's: all of it in one. */
static void run_dr06(struct report *r)
{
	/* status asks Podman's own questions only where a machine stands between */
	if (r->verbs == CHECK_STATUS && !wants_machine(r->e)) {
		report_skip(r, "it needs no machine");
		return;
	}
	judge_machine_exists(r);
	if (r->verdict == VERDICT_FAIL || r->verdict == VERDICT_UNKNOWN)
		return;
	judge_machine_running(r);
	if (r->verdict == VERDICT_FAIL || r->verdict == VERDICT_UNKNOWN)
		return;
	judge_socket(r);
}

static void run_dr05(struct report *r)
{
	const struct answer *a = r->e->podman.version_answer;

	if (a && a->rec.outcome == OUTCOME_OK && r->e->podman.version.text)
		judge_podman_version(r);
	else
		judge_podman_binary(r);
}

#define MACHINE_WANTS (WANT_PODMAN | WANT_CONTAINER)

const struct check checks_podman[] = {
	{
		.id = "PF-04",
		.title = "podman",
		.severity = VERDICT_FAIL,
		.requires = { "PF-01" },
		.wants = WANT_PODMAN | WANT_CLIENT,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_podman_binary,
		.why = "Without the program nothing of the agent can run; a service that needs it would only restart.",
		.looks_at = "podman --version, run as the agent's owner.",
		.fix = "Install Podman: sudo apt-get install podman, or brew install podman.",
	},
	{
		.id = "PF-05",
		.title = "podman version",
		.severity = VERDICT_FAIL,
		.requires = { "PF-04" },
		.wants = WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_podman_version,
		.why = "Podman 3 speaks another API and writes other JSON; before 4.4 --authfile alone does not isolate credentials.",
		.looks_at = "The version that podman --version prints.",
		.fix = "Upgrade to Podman 4.0 or newer; 4.4 or newer is better.",
	},
	{
		.id = "PF-06",
		.title = "machine exists",
		.severity = VERDICT_FAIL,
		.requires = { "PF-04" },
		.wants = WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_machine_exists,
		.why = "An agent that is declared to run in a Podman machine cannot run without one. Root has no machines.",
		.looks_at = "podman machine list --format json, run as the owner, and the declared connection.",
		.fix = "podman machine init NAME, as the owner.",
	},
	{
		.id = "PF-07",
		.title = "machine running",
		.severity = VERDICT_FAIL,
		.requires = { "PF-06" },
		.wants = MACHINE_WANTS,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_machine_running,
		.why = "This was the incident: with the machine down every start of the service failed, and the service was started thousands of times.",
		.looks_at = "State in podman machine list and machine inspect.",
		.fix = "podman machine start NAME, as the owner.",
	},
	{
		.id = "PF-08",
		.title = "socket answers",
		.severity = VERDICT_FAIL,
		.requires = { "PF-04", "PF-06", "PF-07" },
		.wants = MACHINE_WANTS,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_socket,
		.why = "A machine may be said to run while the process that forwards its socket is dead. Only an answer counts.",
		.looks_at = "GET /_ping on the API socket with a deadline; where it does not answer, podman container inspect through the declared connection.",
		.fix = "Restart the machine: podman machine stop NAME; podman machine start NAME. On Linux: systemctl --user restart podman.socket.",
	},
	{
		.id = "DR-05",
		.title = "podman",
		.severity = VERDICT_FAIL,
		.wants = WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_DOCTOR,
		.run = run_dr05,
		.why = "What Podman this is decides what it does with credentials and which API it speaks.",
		.looks_at = "The version that the API socket names, else podman --version, run as the agent's owner.",
		.fix = "Install or upgrade Podman to 4.0 or newer.",
	},
	{
		.id = "DR-06",
		.title = "machine and socket",
		.severity = VERDICT_FAIL,
		.requires = { "DR-05" },
		.wants = MACHINE_WANTS,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_DOCTOR | CHECK_STATUS,
		.run = run_dr06,
		.why = "With the machine down, or its socket dead, nothing of the agent can run, and all that follows from it is not a failure of its own.",
		.looks_at = "podman machine list and inspect, GET /_ping with a deadline, podman container inspect through the declared connection.",
		.fix = "podman machine start NAME, as the owner.",
	},
	{ .id = NULL },
};
