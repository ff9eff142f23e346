/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/podman.h"
#include "tests/unit/sample.h"

static void PF05_versions_are_found_in_words(void **state)
{
	static const struct {
		const char *s, *text;
		unsigned major, minor, patch;
	} rows[] = {
		{ "4.3.1", "4.3.1", 4, 3, 1 },
		{ "v5.0.0-rc2", "5.0.0-rc2", 5, 0, 0 },
		{ "podman version 4.9.5\n", "4.9.5", 4, 9, 5 },
		{ "API 2 is 4.0", "4.0", 4, 0, 0 },
	};
	struct version v = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(version_parse(rows[i].s, &v), 0);
		assert_string_equal(v.text, rows[i].text);
		assert_int_equal(version_compare(&v, rows[i].major, rows[i].minor, rows[i].patch), 0);
		version_free(&v);
	}
	assert_int_equal(version_parse("none", &v), -1);
	assert_int_equal(version_parse("4", &v), -1);
	assert_int_equal(version_parse("4.", &v), -1);
	assert_int_equal(version_parse("", &v), -1);
	assert_int_equal(version_parse(NULL, &v), -1);
	assert_int_equal(version_parse("99999999999999999.1", &v), -1);
	v = (struct version){ .major = 4, .minor = 3, .patch = 1 };
	assert_int_equal(version_compare(&v, 4, 4, 0), -1);
	assert_int_equal(version_compare(&v, 4, 3, 0), 1);
	assert_int_equal(version_compare(&v, 5, 0, 0), -1);
}

static void version_documents(void **state)
{
	static const struct {
		const char *sample, *client, *server;
	} rows[] = {
		{ "podman/cli-version-4.3.1.json", "4.3.1", NULL },
		{ "podman/cli-version-5.4.2.json", "5.4.2", NULL },
		{ "podman/api-libpod-version-4.3.1.json", NULL, "4.3.1" },
		{ "podman/api-libpod-version-5.4.2.json", NULL, "5.4.2" },
		{ "podman/api-compat-version-4.3.1.json", NULL, "4.3.1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_buf_ struct buf text = { 0 };
		struct podman_version *v = NULL;
		sample_read(rows[i].sample, &text);
		assert_int_equal(podman_version_parse("version", buf_str(&text), text.len, &v, NULL), 0);
		if (rows[i].client)
			assert_string_equal(v->client.text, rows[i].client);
		else
			assert_null(v->client.text);
		if (rows[i].server) {
			assert_string_equal(v->server.text, rows[i].server);
			assert_non_null(strstr(v->conmon, "conmon version"));
			assert_null(strchr(v->runtime, '\n'));
		} else {
			assert_null(v->server.text);
		}
		assert_string_equal(v->arch, "amd64");
		assert_string_equal(v->os, "linux");
		podman_version_free(v);
	}
	struct podman_version *v = NULL;
	assert_int_equal(podman_version_parse("version", "{}", 2, &v, NULL), -ERR_SYNTAX);
	assert_null(v);
}

static void info_documents(void **state)
{
	static const char *const samples[] = { "podman/cli-info-4.3.1.json", "podman/cli-info-5.4.2.json", "podman/api-libpod-info-4.3.1.json",
		"podman/api-libpod-info-5.4.2.json" };

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		_cleanup_buf_ struct buf text = { 0 };
		struct podman_info *info = NULL;
		sample_read(samples[i], &text);
		assert_int_equal(podman_info_parse("info", buf_str(&text), text.len, &info, NULL), 0);
		assert_false(info->rootless);
		assert_string_equal(info->arch, "amd64");
		assert_string_equal(info->graph_driver, "overlay");
		assert_string_equal(info->graph_root, "/var/lib/containers/storage");
		assert_string_equal(info->distribution, "debian");
		assert_string_equal(info->runtime, "crun");
		assert_true(info->version.major == 4 || info->version.major == 5);
		assert_int_equal(*info->remote_socket, '/');
		podman_info_free(info);
	}
	struct podman_info *info = NULL;
	assert_int_equal(podman_info_parse("info", "{\"host\":3}", 10, &info, NULL), -ERR_SYNTAX);
	podman_info_free(info);
}

static void RC04_api_errors(void **state)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct podman_error e;

	sample_read("podman/api-error-404-image-4.3.1.json", &text);
	podman_error_parse(buf_str(&text), text.len, &e);
	assert_int_equal(e.response, 404);
	assert_string_equal(e.cause, "image not known");
	assert_string_equal(e.message, "failed to find image nosuch: nosuch: image not known");
	podman_error_free(&e);
	podman_error_parse("404 page not found\n", 19, &e);
	assert_int_equal(e.response, 0);
	assert_null(e.cause);
	assert_string_equal(e.message, "404 page not found");
	podman_error_free(&e);
	podman_error_parse(NULL, 0, &e);
	assert_string_equal(e.message, "");
	podman_error_free(&e);
}

static void RC03_causes_of_a_failing_cli(void **state)
{
	static const struct {
		const char *text;
		enum podman_cause cause;
	} rows[] = {
		{ "Cannot connect to Podman. Error: failed to connect: dial tcp 127.0.0.1:41835: connect: connection refused", PODMAN_CAUSE_REFUSED },
		{ "Error: failed to resolve active destination: \"X\" service destination not found", PODMAN_CAUSE_UNKNOWN_CONNECTION },
		{ "Error: connection \"X\" not found", PODMAN_CAUSE_UNKNOWN_CONNECTION },
		{ "Error: nosuch: image not known", PODMAN_CAUSE_NO_IMAGE },
		{ "Error: unable to connect to Podman socket: dial unix /run/x.sock: connect: no such file or directory", PODMAN_CAUSE_NO_SOCKET },
		{ "Error: error getting credentials - err: exec: \"docker-credential-gcloud\"", PODMAN_CAUSE_CREDENTIALS },
		{ "Error: creating container storage: the container name \"x\" is already in use by 46241a", PODMAN_CAUSE_NAME_IN_USE },
		{ "Error: something new", PODMAN_CAUSE_OTHER },
		{ "", PODMAN_CAUSE_OTHER },
	};
	_cleanup_buf_ struct buf root = { 0 }, missing = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(podman_cause_of(rows[i].text, strlen(rows[i].text)), rows[i].cause);
	sample_read("podman/cli-machine-list-root.err", &root);
	assert_int_equal(podman_cause_of(buf_str(&root), root.len), PODMAN_CAUSE_ROOT);
	sample_read("podman/cli-inspect-missing-4.3.1.err", &missing);
	assert_int_not_equal(podman_cause_of(buf_str(&missing), missing.len), PODMAN_CAUSE_REFUSED);
}

static void add_frame(int stream, const char *text, size_t len, void *ctx)
{
	struct buf *b = ctx;

	buf_addf(b, "%d:", stream);
	buf_add(b, text, len);
	buf_addc(b, ';');
}

static void log_frames(void **state)
{
	static const char two[] = "\1\0\0\0\0\0\0\4out\n\2\0\0\0\0\0\0\3err";
	_cleanup_buf_ struct buf b = { 0 };

	assert_int_equal(podman_frames(two, sizeof(two) - 1, add_frame, &b), 0);
	assert_string_equal(buf_str(&b), "1:out\n;2:err;");
	buf_clear(&b);
	assert_int_equal(podman_frames(two, sizeof(two) - 3, add_frame, &b), 0);
	assert_string_equal(buf_str(&b), "1:out\n;2:e;");
	buf_clear(&b);
	assert_int_equal(podman_frames("plain text", 10, add_frame, &b), 10);
	assert_int_equal(podman_frames("\1\0\0\0", 4, add_frame, &b), 4);
	assert_int_equal(podman_frames("\1\0\0\0\xff\xff\xff\xffx", 9, add_frame, &b), 0);
	assert_string_equal(buf_str(&b), "1:x;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(PF05_versions_are_found_in_words),
		cmocka_unit_test(version_documents),
		cmocka_unit_test(info_documents),
		cmocka_unit_test(RC04_api_errors),
		cmocka_unit_test(RC03_causes_of_a_failing_cli),
		cmocka_unit_test(log_frames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
