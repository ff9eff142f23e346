/* SPDX-License-Identifier: MIT */
/* A manifest that parses holds paths that a bundle may hold, once each; it is written back and parses to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/manifest.h"
#include "tests/fuzz/must.h"

static void check_paths(const struct manifest *m)
{
	for (size_t i = 0; i < m->n_artifacts; i++) {
		const char *p = m->artifacts[i].path;
		must(manifest_path_ok(p) && *p != '/' && *p != '.');
		must(!strstr(p, "/.") && !strstr(p, "//") && strlen(p) <= MANIFEST_PATH_MAX);
		must(manifest_find(m, p) == &m->artifacts[i]); /* so no path stands twice */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest m = { 0 }, again = { 0 };
	struct buf b = { 0 }, c = { 0 };
	struct err e = { 0 };

	if (manifest_parse((const char *)data, size, &m, &e)) {
		must(e.code && *e.msg);
	} else {
		check_paths(&m);
		manifest_add_json(&b, &m);
		must(manifest_parse(b.data, b.len, &again, &e) == 0);
		must(again.n_artifacts == m.n_artifacts && again.n_gaps == m.n_gaps && again.created_us == m.created_us);
		manifest_add_json(&c, &again);
		must(b.len == c.len && memcmp(b.data, c.data, b.len) == 0);
		manifest_free(&again);
		manifest_free(&m);
	}
	/* any bytes make a name that is safe, or nothing does */
	char *name = mem_strndup((const char *)data, size);
	buf_clear(&b);
	manifest_add_safe_name(&b, name, 100);
	must(manifest_path_ok(buf_str(&b)) && !strchr(buf_str(&b), '/'));
	free(name);
	buf_free(&b);
	buf_free(&c);
	return 0;
}
