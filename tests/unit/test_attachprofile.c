/* SPDX-License-Identifier: MIT */
#include "formats/attachprofile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "{\"schema\":\"sourceos.attach-profile.v1\","

static int parse(const char *text, struct attach_profile *p, struct err *err)
{
	return attach_profile_parse("p.json", text, strlen(text), p, err);
}

static void test_a_full_profile(void **state)
{
	_cleanup_attach_profile_ struct attach_profile p = { 0 };
	struct err err = { 0 };

	assert_int_equal(parse(HEAD "\"description\":\"d\",\"type\":\"s3\",\"url\":\"https://s3.example.org\",\"bucket\":\"b\",\"prefix\":\"cases/{ticket}\","
				    "\"auth\":{\"type\":\"keys\",\"user\":\"AKIA\",\"secret\":\"env:S\"},\"caFile\":\"/ca.pem\",\"maxBytes\":5,"
				    "\"retries\":0,\"stallSeconds\":7,\"readBack\":\"size\"}",
				 &p, &err),
		0);
	assert_int_equal(p.type, ATTACH_S3);
	assert_string_equal(p.region, "us-east-1");
	assert_string_equal(p.secret, "env:S");
	assert_int_equal(p.max_bytes, 5);
	assert_int_equal(p.retries, 0);
	assert_int_equal(p.stall_s, 7);
	assert_int_equal(p.readback, READBACK_SIZE);
}

static void test_what_a_profile_leaves_out(void **state)
{
	_cleanup_attach_profile_ struct attach_profile p = { 0 };
	struct err err = { 0 };

	assert_int_equal(parse(HEAD "\"type\":\"put\",\"url\":\"https://x.example/in/\"}", &p, &err), 0);
	assert_int_equal(p.auth, ATTACH_AUTH_NONE);
	assert_int_equal(p.retries, 4);
	assert_int_equal(p.readback, READBACK_HASH);
	assert_null(p.ca_file);
}

/* A misspelt key, a secret in the wrong place, a way out of TLS: each refused, and no secret said back. */
static void test_refused(void **state)
{
	static const struct {
		const char *text, *said;
	} c[] = {
		{ "{", "p.json:1: not JSON" },
		{ "[]", "schema" },
		{ "{\"schema\":\"x\"}", "schema" },
		{ HEAD "\"type\":\"put\"}", "url" },
		{ HEAD "\"type\":\"ftp\",\"url\":\"https://x\"}", "one of put, webdav, s3, rt, jira, redmine" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"cafile\":\"/x\"}", "unknown key \"cafile\"" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"insecure\":true}", "unknown key" },
		{ HEAD "\"type\":\"put\",\"url\":\"http://x.example/\"}", "use https" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"auth\":{\"type\":\"bearer\",\"secret\":\"hunter2\"}}", "never the secret itself" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"auth\":{\"type\":\"bearer\"}}", "needs \"secret\"" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"auth\":{\"type\":\"basic\",\"secret\":\"env:X\"}}", "needs \"user\"" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"auth\":{\"type\":\"bearer\",\"user\":\"u\",\"secret\":\"env:X\"}}", "has no \"user\"" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"auth\":{\"type\":\"header\",\"user\":\"X: y\",\"secret\":\"env:X\"}}", "name of a header" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"auth\":{\"secret\":\"env:X\"}}", "auth.type" },
		{ HEAD "\"type\":\"s3\",\"url\":\"https://x\"}", "needs \"bucket\"" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"bucket\":\"b\"}", "for type s3" },
		{ HEAD "\"type\":\"webdav\",\"url\":\"https://x\",\"prefix\":\"../up\"}", "below the target" },
		{ HEAD "\"type\":\"jira\",\"url\":\"https://x\",\"prefix\":\"p\"}", "s3 and webdav" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"retries\":-1}", "whole number" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"retries\":21}", "whole number" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\",\"resume\":1}", "true or false" },
		{ HEAD "\"type\":\"put\",\"url\":\"https://x\\r\\nHost: y\"}", "control character" },
		{ HEAD "\"type\":\"put\",\"type\":\"put\",\"url\":\"https://x\"}", "not JSON" },
	};

	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		struct attach_profile p = { 0 };
		struct err err = { 0 };
		if (!parse(c[i].text, &p, &err) || !strstr(err.msg, c[i].said) || strstr(err.msg, "hunter2"))
			fail_msg("%s: %s", c[i].text, err.msg);
	}
}

static void test_urls(void **state)
{
	static const char *const good[] = { "https://x.example", "https://x.example:8443/a/b%20c/", "http://127.0.0.1:80/", "http://localhost/x",
		"http://[::1]:8080/", "HTTPS://X" };
	static const char *const bad[] = { "", "x.example", "ftp://x", "https://", "https:///a", "https://user:pw@x/", "https://x/?token=s3cret",
		"https://x/#f", "http://x.example/", "http://127.0.0.1.example.org/", "http://127.evil/", "http://localhost.evil/",
		"http://localhost@evil/", "http://[::1].evil", "https://x/a b", "https://x/\n", "https://x\\@y", "file:///etc/passwd", "https://\xc3\xa9" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (attach_url_check(good[i], NULL))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };
		if (attach_url_check(bad[i], &err) != -ERR_USAGE || strstr(err.msg, "s3cret"))
			fail_msg("accepted, or said back: %s (%s)", bad[i], err.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_full_profile),
		cmocka_unit_test(test_what_a_profile_leaves_out),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_urls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
