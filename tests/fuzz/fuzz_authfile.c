/* SPDX-License-Identifier: MIT */
/* The input is two auth files, parted by a NUL, and what Podman would do with them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/authfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool names_helper(const struct authfile *f, const struct auth_run *r)
{
	for (size_t i = 0; f && i < f->n_helpers; i++)
		if (strcmp(f->helpers[i].helper, r->helper) == 0 && strcmp(f->helpers[i].registry, r->registry) == 0)
			return true;
	return false;
}

static void resolve(const struct auth_question *q, const struct auth_source *v, size_t n)
{
	_cleanup_auth_answer_ struct auth_answer a = { 0 };
	size_t decided = 0;

	auth_resolve(q, v, n, &a);
	check(a.n_steps == n && a.why);
	for (size_t i = 0; i < n; i++) {
		check(a.steps[i].why && a.steps[i].source < n && (!a.steps[i].decides || a.steps[i].consulted));
		decided += a.steps[i].decides;
	}
	check(decided <= 1);
	for (size_t i = 0; i < a.n_runs; i++)
		check(a.runs[i].source < n && names_helper(v[a.runs[i].source].file, &a.runs[i]));
	if (q->command == PODMAN_START || q->creds)
		check(!a.n_runs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data, *nul = memchr(s, 0, size);
	size_t first = nul ? (size_t)(nul - s) : size;
	_cleanup_authfile_ struct authfile *a = NULL, *b = NULL;
	struct err err = { 0 };
	bool bad_a = authfile_parse("a", s, first, &a, &err) != 0;
	bool bad_b = !nul || authfile_parse("b", nul + 1, size - first - 1, &b, &err) != 0;

	check(bad_a == !a);
	if (a && authfile_is_empty(a))
		check(!a->n_helpers && !a->n_auths);
	for (unsigned i = 0; i < 32; i++) {
		struct auth_source v[] = {
			{ .place = i & 1 ? AUTH_PLACE_AUTHFILE : AUTH_PLACE_RUNTIME, .file = a, .broken = bad_a && size % 2 },
			{ .place = AUTH_PLACE_DOCKER_HOME, .file = b, .unreadable = bad_b && size % 2 },
		};
		struct auth_question q = { .image = "us-docker.pkg.dev/p/r/web:1", .client = i & 2 ? PODMAN_REMOTE : PODMAN_LOCAL,
			.command = i & 4 ? PODMAN_START : PODMAN_RUN, .podman = { .major = i & 8 ? 5 : 4, .minor = 3 }, .creds = i & 16 };
		resolve(&q, v, 2);
	}
	return 0;
}
