/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/imageref.h"

static void references_come_apart(void **state)
{
	static const struct {
		const char *s, *transport, *registry, *repository, *tag, *digest;
		bool localhost;
	} rows[] = {
		{ "localhost/socioprophet/node-commander:dev-boot", NULL, "localhost", "socioprophet/node-commander", "dev-boot", NULL, true },
		{ "us-central1-docker.pkg.dev/a/b/c:1", NULL, "us-central1-docker.pkg.dev", "a/b/c", "1", NULL, false },
		{ "127.0.0.1:5999/bb:1", NULL, "127.0.0.1:5999", "bb", "1", NULL, false },
		{ "localhost:5000/x", NULL, "localhost:5000", "x", NULL, NULL, false },
		{ "[::1]:5000/x", NULL, "[::1]:5000", "x", NULL, NULL, false },
		{ "busybox", NULL, NULL, "busybox", NULL, NULL, false },
		{ "library/busybox:latest", NULL, NULL, "library/busybox", "latest", NULL, false },
		{ "docker://quay.io/a/b", "docker", "quay.io", "a/b", NULL, NULL, false },
		{ "quay.io/a/b@sha256:9a34a7bd21df00d13f169faa644424aa256befb2f8c8fea5f3ed91d377c4cbef", NULL, "quay.io", "a/b", NULL,
			"sha256:9a34a7bd21df00d13f169faa644424aa256befb2f8c8fea5f3ed91d377c4cbef", false },
		{ "quay.io/a/b:t@sha256:9a34a7bd21df00d13f169faa644424aa", NULL, "quay.io", "a/b", "t", "sha256:9a34a7bd21df00d13f169faa644424aa", false },
	};
	struct imageref r;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const want[] = { rows[i].transport, rows[i].registry, rows[i].repository, rows[i].tag, rows[i].digest };
		assert_int_equal(imageref_parse(rows[i].s, &r, NULL), 0);
		const char *const got[] = { r.transport, r.registry, r.repository, r.tag, r.digest };
		for (size_t k = 0; k < ARRAY_LEN(want); k++)
			if (want[k])
				assert_string_equal(got[k], want[k]);
			else
				assert_null(got[k]);
		assert_int_equal(imageref_is_localhost(&r), rows[i].localhost);
		imageref_free(&r);
	}
}

static void what_is_no_reference_is_refused(void **state)
{
	static const char *const bad[] = { "", "-v", "--privileged", "A/b", "a b", "a:", "a:b:c/", "a@x", "a@sha256:xyz", "/a", "a/", "a//b", "a.b:x/c",
		"localhost/", "x\n", "a:-t", "[::1/x", "a/../b", "${IMAGE}" };
	struct imageref r = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (imageref_parse(bad[i], &r, NULL) != -ERR_SYNTAX)
			fail_msg("\"%s\" was accepted", bad[i]);
	assert_null(r.repository);
}

static void ids(void **state)
{
	assert_true(imageref_is_id("2fd071eb5414"));
	assert_true(imageref_is_id("sha256:2fd071eb5414bce25f8b9ddfba3f9b40141774380f054614a85eaebcc6a5418b"));
	assert_false(imageref_is_id("2fd071eb541"));
	assert_false(imageref_is_id("2fd071eb541g"));
	assert_false(imageref_is_id(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_come_apart),
		cmocka_unit_test(what_is_no_reference_is_refused),
		cmocka_unit_test(ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
