/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "formats/launchctl_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_service(const struct launchctl_service *s)
{
	assert(!s->target == !s->label);
	assert(!s->target || strlen(s->label) <= strlen(s->target));
	assert(s->pid >= 0 && s->runs >= -1 && s->minimum_runtime >= -1);
	assert(!(s->path && s->submitted_by));
	assert(s->exit == LAUNCHCTL_EXIT_CODE || s->exit_code == 0);
	assert(s->exit == LAUNCHCTL_EXIT_SIGNAL || s->exit_signal == 0);
	assert(!s->exit_text == (s->exit == LAUNCHCTL_EXIT_UNKNOWN));
	assert(strv_len(s->unknown) <= LAUNCHCTL_UNKNOWN_KEPT && strv_len(s->unknown) <= s->unknown_lines);
	assert(s->unknown_lines <= LAUNCHCTL_UNKNOWN_KEPT || strv_len(s->unknown) == LAUNCHCTL_UNKNOWN_KEPT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct launchctl_service s;
	struct launchctl_domain d;
	struct err err = { 0 };
	const char *p = (const char *)data;

	if (launchctl_service_parse(p, size, &s, &err) == 0) {
		check_service(&s);
		(void)launchctl_service_failed(&s);
		(void)launchctl_service_respawns(&s);
		launchctl_service_free(&s);
	} else {
		assert(err.code == ERR_SYNTAX);
	}
	if (launchctl_domain_parse(p, size, &d, NULL) == 0) {
		assert(d.target && d.uid >= -1);
		for (size_t i = 0; i < d.n_services; i++) {
			assert(d.services[i].pid >= 0 && d.services[i].status >= 0);
			assert(*d.services[i].label && *d.services[i].text);
		}
		for (size_t i = 0; i < d.disabled.n; i++)
			assert(launchctl_overrides_get(&d.disabled, d.disabled.v[i].label) >= 0);
		launchctl_domain_free(&d);
	}
	return 0;
}
