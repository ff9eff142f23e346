/* SPDX-License-Identifier: MIT */
/* How the last run ended, and how many there were. */
#include "lifecycle/checks/judge_launchd.h"

#include <string.h>

#include "formats/text.h"

/* The loaded job; NULL after reporting. */
static const struct launchd_domain *need_loaded(struct report *r)
{
	const struct launchd_domain *d = launchd_loaded(&r->e->launchd);

	if (d)
		return d;
	if (need_launchd(r, true))
		report_skip(r, "loaded in no domain");
	return NULL;
}

/* What people look up: sysexits, Podman, signals of the kernel. */
static const char *code_meaning(const struct launchctl_service *s)
{
	if (s->exit == LAUNCHCTL_EXIT_CODE && s->exit_code == 78)
		return "78 (EX_CONFIG): it failed before it began: the program is missing, or a log cannot be opened";
	if (s->exit == LAUNCHCTL_EXIT_CODE && s->exit_code == 125)
		return "125 is Podman's own failure: the container was not started";
	if (s->exit == LAUNCHCTL_EXIT_CODE && s->exit_code == 127)
		return "127: a shell did not find the command";
	if (s->exit == LAUNCHCTL_EXIT_REASON && strstr(s->exit_text, "CODESIGNING"))
		return "its program was replaced in place: bootout, then bootstrap";
	if (s->exit == LAUNCHCTL_EXIT_REASON && text_starts(s->exit_text, "JETSAM"))
		return "the kernel took its memory back";
	return NULL;
}

void launchd_exit(struct report *r)
{
	const struct launchd_domain *d = need_loaded(r);

	if (!d)
		return;
	const struct launchctl_service *s = d->service;
	const char *meaning = code_meaning(s), *text = s->exit_text ? s->exit_text : "nothing is told";
	/* for a running job the line tells of the run before */
	struct finding *f = launchctl_service_failed(s) ? report_warn(r, "the last run ended badly: %s", text) : report_ok(r, "the last run: %s", text);
	finding_cite_answer(f, d->print);
	if (meaning)
		finding_detail(f, "%s", meaning);
}

/* Starts an hour since the Mac was booted: the job may be younger, so it is the least. */
static uint64_t hourly(const struct evidence *e, int64_t runs)
{
	uint64_t up = e->host.now_us > e->host.booted_us && e->host.booted_us ? (e->host.now_us - e->host.booted_us) / 3600000000ull : 0;

	return (uint64_t)runs / (up ? up : 1);
}

static uint64_t bound(const struct evidence *e)
{
	uint64_t declared = e->target.agent->lifecycle.max_restarts_per_hour;

	return declared ? declared : 3;
}

static bool by_itself(const struct launchctl_service *s)
{
	return !launchctl_service_triggered(s);
}

void launchd_counts(struct report *r)
{
	const struct launchd_domain *d = need_loaded(r);

	if (!d)
		return;
	const struct launchctl_service *s = d->service;
	if (s->runs < 0) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "launchd does not tell how often it was started"), d->print);
		return;
	}
	bool suspicious = by_itself(s) && s->runs > 1 && (hourly(r->e, s->runs) > bound(r->e) || launchctl_service_failed(s));
	struct finding *f = report_add(r, suspicious ? VERDICT_WARN : VERDICT_OK, "started %lld times since it was loaded%s", (long long)s->runs,
		by_itself(s) ? "" : ", by what triggers it");
	finding_cite_answer(finding_cite_answer(f, d->print), r->e->launchd.log.answer);
	if (s->forks > 0)
		finding_detail(f, "%lld forks counted (the counter has 16 bits)", (long long)s->forks);
	const struct launchd_log *log = &r->e->launchd.log;
	if (log->answer && record_answered(&log->answer->rec))
		finding_detail(f, "log: %llu exits, throttled %llu times, %llu failures to start", (unsigned long long)log->exits,
			(unsigned long long)log->throttled, (unsigned long long)log->failures);
	else
		finding_detail(f, "the unified log was not read");
}

void launchd_excess(struct report *r)
{
	const struct launchd_domain *d = need_loaded(r);

	if (!d)
		return;
	const struct launchctl_service *s = d->service;
	uint64_t rate = s->runs > 0 ? hourly(r->e, s->runs) : 0;
	bool storms = by_itself(s) && s->runs > 10 && (rate > bound(r->e) * 2 + 1 || (s->runs > 100 && launchctl_service_failed(s)));
	struct finding *f;

	if (storms) {
		f = report_fail(r, "it storms: started %lld times, at least %llu an hour since the Mac was booted", (long long)s->runs,
			(unsigned long long)rate);
		finding_remedy(f, "sudo sourceos-agent quarantine %s", r->e->target.agent->name);
	} else {
		f = report_ok(r, "no more starts than are to be expected");
	}
	finding_cite_answer(f, d->print);
}
