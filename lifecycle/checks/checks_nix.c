/* SPDX-License-Identifier: MIT */
/* DR-04: what came from the Nix or Guix store, and whether it is still there. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/tables.h"

static const char *first_line(const struct answer *a, int *ret_len)
{
	const char *s = buf_str(&a->out);

	*ret_len = (int)strcspn(s, "\n");
	return s;
}

static bool told(const struct answer *a)
{
	return a && a->rec.outcome == OUTCOME_OK && a->rec.status == 0 && a->out.len;
}

static void tell_origin(struct finding *f, const struct evidence *e)
{
	const struct nix_evidence *n = &e->nix;
	int len;

	finding_detail(f, "store path %s", n->path);
	if (told(n->deriver)) {
		const char *s = first_line(n->deriver, &len);
		finding_detail(f, "deriver %.*s", len, s);
		finding_cite_answer(f, n->deriver);
	} else {
		finding_detail(f, "deriver not known%s", n->deriver && n->deriver->rec.outcome == OUTCOME_ABSENT ? ": there is no nix-store to ask" : "");
	}
	for (size_t i = 0; i < n->n_profiles; i++) {
		const struct answer *l = n->profiles[i].link;
		if (l && l->rec.stat.known && l->rec.stat.link) {
			finding_detail(f, "generation %s, of %s", l->rec.stat.link, n->profiles[i].path);
			finding_cite_answer(f, l);
		}
	}
}

static bool target_is_gone(const struct evidence *e)
{
	return text_eq(e->nix.path, e->service.program.path) && file_outcome(&e->service.program) == OUTCOME_ABSENT;
}

static void run_dr04(struct report *r)
{
	const struct nix_evidence *n = &r->e->nix;
	const char *store = n->guix ? "Guix" : "Nix";
	struct finding *f;

	if (!r->e->service.unit.show && r->e->host.platform == PLATFORM_LINUX) {
		report_need(r, NULL, "the service's state");
		return;
	}
	if (!n->path) {
		report_skip(r, "nothing of it is in a Nix or Guix store");
		return;
	}
	if (!report_need(r, n->item_link, "the store path"))
		return;
	if (n->item_link->rec.outcome == OUTCOME_ABSENT) {
		f = report_fail(r, "its %s store path is gone: collected, or never on this host", store);
		finding_hint(f, "build or copy it again (%s), or point the service at the current generation",
			n->guix ? "guix build" : "nix-store --realise");
	} else if (target_is_gone(r->e)) {
		f = report_fail(r, "the %s store path is there, and the file that the service names in it is not", store);
	} else if (n->roots && n->roots->rec.outcome == OUTCOME_OK && n->roots->rec.status == 0 && !n->roots->out.len) {
		f = report_warn(r, "nothing keeps its %s store path: the next garbage collection takes it", store);
		/* whole: a ~ would be the home of whoever pastes it */
		_cleanup_free_ char *root = mem_printf("%s/.local/state/sourceos-%s", r->e->target.owner.id.home ? r->e->target.owner.id.home : "",
			r->e->target.agent->name);
		remedy_as_owner(f, r->e, "nix-store --add-root %s --realise %s", root, n->item);
	} else {
		f = report_ok(r, "its %s store path is there", store);
	}
	finding_cite_answer(f, n->item_link);
	tell_origin(f, r->e);
}

const struct check checks_nix[] = {
	{
		.id = "DR-04",
		.title = "Nix or Guix generation",
		.severity = VERDICT_FAIL,
		.wants = WANT_SERVICE | WANT_NIX,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_dr04,
		.why = "A service that points into a store breaks when its path is collected, and says nothing of where it came from.",
		.looks_at = "Store paths in the definition, the program and the wrapper: whether they exist, their deriver and roots, and the generations of profiles.",
		.fix = "nix-store --realise PATH, or switch to a generation that has it.",
	},
	{ .id = NULL },
};
