/* SPDX-License-Identifier: MIT */
#include "collect/launchd.h"

#include "formats/text.h"

const struct launchd_domain *launchd_loaded(const struct launchd_evidence *l)
{
	for (size_t i = 0; i < l->n_domains; i++)
		if (l->domains[i].service)
			return &l->domains[i];
	return NULL;
}

bool launchd_loaded_known(const struct launchd_evidence *l)
{
	for (size_t i = 0; i < l->n_domains; i++) {
		const struct answer *a = l->domains[i].print;

		/* an exit status other than "no such service" and "no such domain" is no answer to the question */
		if (!a || !record_answered(&a->rec) || (!l->domains[i].service && a->rec.status != 113 && a->rec.status != 112))
			return false;
	}
	return l->n_domains > 0;
}

size_t launchd_claims(const struct launchd_evidence *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_definitions; i++)
		n += l->definitions[i].has_label;
	return n;
}

static void definition_free(struct launchd_definition *d)
{
	free(d->file.path);
	if (d->plist) {
		launchd_plist_free(d->plist);
		free(d->plist);
	}
	lints_free(&d->lints);
	strv_free(d->command);
	free(d->store_item);
}

void launchd_evidence_free(struct launchd_evidence *l)
{
	for (size_t i = 0; i < l->n_domains; i++) {
		free(l->domains[i].target);
		if (l->domains[i].service)
			launchctl_service_free(l->domains[i].service);
		free(l->domains[i].service);
	}
	free(l->domains);
	for (size_t i = 0; i < ARRAY_LEN(l->disabled); i++) {
		free(l->disabled[i].target);
		if (l->disabled[i].overrides)
			launchctl_overrides_free(l->disabled[i].overrides);
		free(l->disabled[i].overrides);
	}
	for (size_t i = 0; i < l->n_definitions; i++)
		definition_free(&l->definitions[i]);
	free(l->definitions);
	for (size_t i = 0; i < ARRAY_LEN(l->listings); i++)
		free(l->listings[i].path);
	macos_btm_free(&l->btm);
	macos_version_free(&l->version);
	macos_enrollment_free(&l->enrollment);
	*l = (struct launchd_evidence){ 0 };
}
