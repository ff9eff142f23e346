/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/authfile.h"

static struct authfile *parse(const char *s)
{
	struct authfile *f = NULL;
	struct err err = { 0 };

	if (authfile_parse("auth.json", s, strlen(s), &f, &err))
		fail_msg("%s: %s", s, err.msg);
	return f;
}

static void refused(const char *s)
{
	struct authfile *f = NULL;
	struct err err = { 0 };

	assert_int_equal(authfile_parse("auth.json", s, strlen(s), &f, &err), -ERR_SYNTAX);
	assert_non_null(strstr(err.msg, "auth.json"));
	assert_null(strstr(err.msg, "hunter2"));
	assert_null(f);
}

static void kinds_of_credentials_are_told_and_no_value(void **state)
{
	_cleanup_authfile_ struct authfile *f = parse(
		"{\"auths\":{\"quay.io\":{\"auth\":\"dXNlcjpodW50ZXIy\"},\"empty.io\":{},\"null.io\":null,\"x.io/team\":{\"identitytoken\":\"t\",\"auth\":\"\"},"
		"\"y.io\":{\"username\":\"u\",\"password\":\"p\",\"email\":\"e\"}},"
		"\"credHelpers\":{\"us-docker.pkg.dev\":\"gcloud\"},\"credsStore\":\"desktop\",\"HttpHeaders\":{\"X-Meta-Token\":\"s\"},"
		"\"plugins\":{},\"proxies\":{\"default\":{}},\"psFormat\":\"t\",\"surprise\":1}");

	assert_int_equal(f->n_auths, 5);
	assert_string_equal(f->auths[0].registry, "quay.io");
	assert_true(f->auths[0].has_auth);
	assert_false(f->auths[1].has_auth || f->auths[2].has_auth || f->auths[3].has_auth);
	assert_true(f->auths[3].has_identitytoken);
	assert_true(f->auths[4].has_username && f->auths[4].has_password && f->auths[4].has_email && !f->auths[4].has_auth);
	assert_int_equal(f->n_helpers, 1);
	assert_string_equal(f->helpers[0].helper, "gcloud");
	assert_string_equal(f->creds_store, "desktop");
	assert_true(f->has_http_headers && f->has_proxies && !f->has_plugins);
	assert_int_equal(strv_len(f->unknown_keys), 1);
	assert_string_equal(f->unknown_keys[0], "surprise");
	assert_true(authfile_has_secret(f));
	assert_false(authfile_is_empty(f));
}

static void PF11_the_empty_authfile(void **state)
{
	_cleanup_authfile_ struct authfile *f = parse("{\"auths\":{}}\n");
	_cleanup_authfile_ struct authfile *bare = parse("{}");
	_cleanup_authfile_ struct authfile *null = parse("{\"auths\":null,\"credHelpers\":null}");

	assert_true(authfile_is_empty(f) && f->has_auths_key && !f->legacy && !authfile_has_secret(f));
	assert_true(authfile_is_empty(bare) && !bare->has_auths_key && !bare->legacy);
	assert_true(authfile_is_empty(null));
}

static void keys_match_as_go_matches_them(void **state)
{
	_cleanup_authfile_ struct authfile *f = parse("{\"AUTHS\":{\"a.io\":{\"Auth\":\"x\"}},\"cred\\u0048elpers\":{\"b.io\":\"gcloud\"}}");
	_cleanup_authfile_ struct authfile *folded = parse("{\"auth\\u017f\":{\"a.io\":{\"identityto\\u212aen\":\"x\"}}}");

	assert_true(f->auths[0].has_auth);
	assert_string_equal(f->helpers[0].registry, "b.io");
	assert_int_equal(folded->n_auths, 1);
	assert_true(folded->auths[0].has_identitytoken);
}

static void the_legacy_file_has_registries_at_its_top(void **state)
{
	_cleanup_authfile_ struct authfile *f = parse("{\"https://index.docker.io/v1/\":{\"auth\":\"x\",\"email\":\"a@b\"}}");

	assert_true(f->legacy);
	assert_string_equal(f->auths[0].registry, "https://index.docker.io/v1/");
	assert_true(authfile_has_secret(f));
}

static void what_podman_refuses_is_an_error_without_values(void **state)
{
	refused("");
	refused("hunter2");
	refused("[]");
	refused("{\"auths\":[\"hunter2\"]}");
	refused("{\"auths\":{\"a\":\"hunter2\"}}");
	refused("{\"auths\":{\"a\":{\"auth\":7}}}");
	refused("{\"credHelpers\":{\"a\":{\"x\":\"hunter2\"}}}");
	refused("{\"credHelpers\":\"hunter2\"}");
	refused("{\"auths\":{\"a\":{\"auth\":\"hunter2\"}}} trailing");
	refused("{\"auths\":{},\"auths\":{\"a\":{\"auth\":\"hunter2\"}}}");
}

static void PP04_interactive_helpers(void **state)
{
	assert_true(helper_is_interactive("gcloud"));
	assert_true(helper_is_interactive("osxkeychain"));
	assert_false(helper_is_interactive("vault-agent"));
	assert_false(helper_is_interactive(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_of_credentials_are_told_and_no_value),
		cmocka_unit_test(PF11_the_empty_authfile),
		cmocka_unit_test(keys_match_as_go_matches_them),
		cmocka_unit_test(the_legacy_file_has_registries_at_its_top),
		cmocka_unit_test(what_podman_refuses_is_an_error_without_values),
		cmocka_unit_test(PP04_interactive_helpers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
