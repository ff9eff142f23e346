/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "formats/macos.h"
#include "formats/macos_btm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_nix(const char *script)
{
	char *argv[] = { mem_strdup("/bin/sh"), mem_strdup("-c"), mem_strdup(script), NULL };
	char **v = NULL;
	const char *rest = nix_wait4path_rest(script);

	if (nix_unwrap(argv, &v)) {
		assert(rest && strlen(rest) < strlen(script));
		strv_free(v);
	} else {
		assert(!rest && !v);
	}
	for (size_t i = 0; i < 3; i++)
		free(argv[i]);
	free(nix_store_item(script));
}

static void check_btm(const char *p, size_t size)
{
	struct macos_btm b;

	if (macos_btm_parse(p, size, &b, NULL) < 0)
		return;
	for (size_t i = 0; i < b.n; i++) {
		const struct macos_btm_item *it = &b.v[i];
		assert(it->disposition || !it->known);
		assert(!it->path || *it->path == '/');
		if (it->path && it->identifier)
			assert(macos_btm_find(&b, it->uid, it->identifier, it->path));
	}
	macos_btm_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct macos_enrollment e;
	struct macos_version v;
	struct macos_log_line l;
	char *text = mem_strndup(size ? p : "", size);

	if (macos_enrollment_parse(p, size, &e, NULL) == 0) {
		assert(e.mdm || !e.user_approved);
		macos_enrollment_free(&e);
	}
	if (macos_version_parse(p, size, &v, NULL) == 0) {
		assert(v.version && v.major >= 0 && v.minor >= 0);
		macos_version_free(&v);
	}
	if (macos_log_parse(p, size, &l, NULL) == 1) {
		assert(l.message && l.seconds >= 0 && (l.seconds == 0 || l.event == MACOS_LOG_THROTTLED));
		macos_log_line_free(&l);
	}
	check_btm(p, size);
	check_nix(text);
	free(text);
	return 0;
}
