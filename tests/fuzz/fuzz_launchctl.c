/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "formats/launchctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct launchctl_overrides o;
	struct launchctl_table t;
	struct launchctl_job j;

	if (launchctl_disabled_parse(p, size, &o, NULL) == 0) {
		for (size_t i = 0; i < o.n; i++)
			assert(launchctl_overrides_get(&o, o.v[i].label) >= 0);
		assert(strv_len(o.unknown) <= o.unknown_lines);
		launchctl_overrides_free(&o);
	}
	if (launchctl_table_parse(p, size, &t, NULL) == 0) {
		for (size_t i = 0; i < t.n; i++) {
			assert(t.v[i].pid >= 0 && t.v[i].status >= 0);
			assert(launchctl_table_find(&t, t.v[i].label));
		}
		launchctl_table_free(&t);
	}
	if (launchctl_job_parse(p, size, &j, NULL) == 0) {
		assert(j.pid >= 0 && j.on_demand >= -1 && j.on_demand <= 1);
		assert(j.exit_code >= 0 && j.exit_code <= 255 && j.exit_signal >= 0 && j.exit_signal <= 127);
		assert(!j.exit_code || !j.exit_signal);
		launchctl_job_free(&j);
	}
	int code = launchctl_error_code(p, size);
	assert(code >= -1 && code < 1000);
	return 0;
}
