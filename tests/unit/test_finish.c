/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/evidence.h"

static void test_Q10_stock_tools_accept_the_bundle(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = evidence_bundle(dir);

	assert_int_equal(shell("minisign -QVm '%s.tar.zst' -p '%s/keys/host.pub' >'%s/comment'", ev, dir, dir), 0);
	assert_int_equal(shell("cd '%s' && grep -q \"^agent=node-commander time=2026-11-24T06:50:03Z manifest=sha256:$(sha256sum <%s/manifest.json | "
			       "cut -d' ' -f1) host=h-1234 bundle=urn:srcos:diag-bundle:nc-20261124-065003-\" comment",
				 dir, ev),
		0);
	assert_int_equal(shell("mkdir '%s/x' && cd '%s/x' && zstd -dqo ../t '%s.tar.zst' && tar xf ../t && cd nc-20261124-065003 && sha256sum -c --quiet "
			       "--strict SHA256SUMS && diff -r . '%s' -x private",
				 dir, dir, ev, ev),
		0);
	/* the manifest first, the sums last, and nothing else than both name */
	assert_int_equal(shell("cd '%s' && tar tf '%s.tar.zst' >all && sed 's,^[^/]*/,,' all >names && test \"$(head -1 names)\" = manifest.json && "
			       "test \"$(tail -1 names)\" = SHA256SUMS && jq -r '.artifacts[].path' '%s/manifest.json' >want && "
			       "sed '1d;$d' names | diff want -",
				 dir, ev, ev),
		0);
	assert_int_equal(shell("! zstd -dqc '%s.tar.zst' | tar tv --numeric-owner | grep -v '^-rw------- 0/0 .*2026-11-24'", ev), 0);
}

static void test_documents_are_valid_against_their_schemas(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = evidence_bundle(dir);

	assert_int_equal(shell("tests/validate-json docs/formats/sourceos/DiagnosticsBundle.json '%s/diagnostics-bundle.json'", ev), 0);
	assert_int_equal(shell("tests/validate-json docs/formats/manifest.schema.json '%s/manifest.json'", ev), 0);
	assert_int_equal(shell("jq -e '.summary == {\"probeCount\":6,\"failedCount\":1,\"timeoutCount\":1} and .tiersEnabled == [0,1,2]' "
			       "'%s/diagnostics-bundle.json' >/dev/null",
				 ev),
		0);
	/* a validator that passes everything would pass the above as well */
	assert_int_not_equal(shell("jq 'del(.hostTag)' '%s/diagnostics-bundle.json' >'%s/bad.json'; tests/validate-json "
				   "docs/formats/sourceos/DiagnosticsBundle.json '%s/bad.json' 2>/dev/null",
				     ev, dir, dir),
		0);
}

static void test_gaps_name_what_is_missing_and_why(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = evidence_bundle(dir);

	assert_int_equal(shell("jq -r '.gaps[]|.what+\" \"+.outcome+\" \"+.reason' '%s/manifest.json' >'%s/gaps'; printf '%%s\\n' "
			       "'file/home/a/.docker/config.json withheld the payload could not be redacted with certainty' "
			       "'podman/info timeout no answer within 10 s' 'image-inspect.json not-captured the image is not local' | diff - '%s/gaps'",
				 ev, dir, dir),
		0);
}

static void test_the_same_evidence_gives_the_same_bytes(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = evidence_bundle(dir);
	_cleanup_free_ char *keys = mem_printf("%s/keys", dir);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_capture_result_ struct capture_result res = { 0 };

	assert_int_equal(shell("cp '%s.tar.zst' '%s/first' && touch -d 2001-01-01 '%s/app.log'", ev, dir, ev), 0);
	assert_int_equal(capture_open(ev, &c, NULL), 0);
	assert_int_equal(sign_key_host(keys, &k, NULL, NULL), 0);
	assert_int_equal(capture_finish(c, &evidence_meta, k, &res, NULL), 0);
	assert_int_equal(shell("cmp '%s' '%s/first'", res.bundle, dir), 0);
}

/* A log of megabytes goes through the second threads, while it comes and into the tarball. */
static void test_Q10_stock_tools_accept_a_bundle_with_a_large_log(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = evidence_bundle(dir);
	_cleanup_free_ char *keys = mem_printf("%s/keys", dir);
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_capture_result_ struct capture_result res = { 0 };
	_cleanup_buf_ struct buf log = { 0 };

	for (unsigned i = 0; log.len < 5u << 20; i++)
		buf_addf(&log, "2026-11-24T06:50:%02u INFO request id=%08x password=%s\n", i % 60, i * 2654435761u, i % 5000 ? "" : "Zk3LmN0pQr");
	assert_int_equal(sign_key_host(keys, &k, NULL, NULL), 0);
	for (int again = 0; again < 2; again++) {
		/* the second time as after a kill: from what is on disk */
		_cleanup_capture_ struct capture *c = NULL;
		capture_result_free(&res);
		assert_int_equal(capture_open(ev, &c, NULL), 0);
		if (!again)
			answer(c, log_probe("/var/log/nc/big.log", "big.log"), OUTCOME_OK, NULL, log.data, NULL);
		assert_int_equal(capture_finish(c, &evidence_meta, k, &res, NULL), 0);
		assert_int_equal(shell("minisign -QVm '%s' -p '%s/host.pub' >/dev/null", res.bundle, keys), 0);
		assert_int_equal(shell("cd '%s' && rm -rf x t && mkdir x && cd x && zstd -dqo ../t '%s' && tar xf ../t && cd nc-20261124-065003 && "
				       "sha256sum -c --quiet --strict SHA256SUMS && diff -r . '%s' -x private",
					 dir, res.bundle, ev),
			0);
		assert_int_equal(shell("test \"$(grep -c 'password=REDACTED_' '%s/big.log')\" = \"$(grep -c '' '%s/big.log' | "
				       "awk '{print int(($1 + 4999) / 5000)}')\" && ! grep -q Zk3 '%s/big.log'",
					 ev, ev, ev),
			0);
		assert_int_equal(shell("cd '%s' && if [ -e first ]; then cmp first '%s'; else cp '%s' first; fi", dir, res.bundle, res.bundle), 0);
	}
}

static void test_a_secret_that_slipped_through_refuses_to_sign(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = mem_printf("%s/ev", dir);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_capture_result_ struct capture_result res = { 0 };
	struct err e = { 0 };

	assert_int_equal(capture_open(ev, &c, NULL), 0);
	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	evidence_fill(c);
	/* nothing tells that this is a secret, until a later record says so */
	answer(c, log_probe("/l/leak.log", "leak.log"), OUTCOME_OK, NULL, "arguments: zq8Wt4kLmR2vXy7P\n", NULL);
	answer(c, log_probe("/l/more.log", "more.log"), OUTCOME_OK, NULL, "zq8Wt4kLmR2vXy7P\n", NULL);
	answer(c, log_probe("/l/env.log", "env.log"), OUTCOME_OK, NULL, "DB_PASSWORD=zq8Wt4kLmR2vXy7P\n", NULL);
	assert_int_equal(capture_finish(c, &evidence_meta, k, &res, &e), -ERR_SECRET);
	assert_non_null(strstr(e.msg, "leak.log holds a secret ("));
	assert_non_null(strstr(e.msg, ") at byte 11"));
	assert_null(strstr(e.msg, "zq8Wt4kLmR2vXy7P"));
	assert_int_equal(shell("test \"$(ls '%s')\" = \"$(printf 'ev\\nhost.key\\nhost.pub')\" && ! test -e '%s/manifest.json'", dir, ev), 0);
	assert_int_equal(shell("! grep -rq zq8Wt4kLmR2vXy7P '%s' --exclude-dir=private && grep -q zq8Wt4kLmR2vXy7P '%s/private/unshareable/leak.log'", ev, ev), 0);
	/* and the rest is worth bundling: the second time it says what is missing */
	assert_int_equal(capture_finish(c, &evidence_meta, k, &res, &e), 0);
	assert_int_equal(shell("zstd -dqc '%s' | tar xO ev/manifest.json | jq -e '[.gaps[]|select(.outcome==\"withheld\")|.what]|"
			       "contains([\"file/l/leak.log\",\"file/l/more.log\"])' >/dev/null",
				 res.bundle),
		0);
}

/* One bundle for each form that a secret may have in a file that was clean when it was written. */
static void test_every_form_of_a_secret_refuses_to_sign(void **state)
{
	static const char *const forms[] = { "Zk3\"LmN0/pQr", "Zk3\\\"LmN0/pQr", "Zk3%22LmN0%2FpQr", "WmszIkxtTjAvcFFy", "eHhaazMiTG1OMC9wUXJ5", "eFprMyJMbU4wL3BRcnl5" };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		_cleanup_scratch_ char *dir = scratch_make();
		_cleanup_free_ char *ev = mem_printf("%s/ev", dir), *text = mem_printf("words %s words\n", forms[i]);
		_cleanup_capture_ struct capture *c = NULL;
		_cleanup_sign_key_ struct sign_key *k = NULL;
		_cleanup_capture_result_ struct capture_result res = { 0 };
		struct err e = { 0 };
		assert_int_equal(capture_open(ev, &c, NULL), 0);
		assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
		evidence_fill(c);
		answer(c, log_probe("/l/leak.log", "leak.log"), OUTCOME_OK, NULL, text, NULL);
		struct probe *p = log_probe("/l/b.json", "b.json");
		p->payload = PAYLOAD_JSON;
		answer(c, p, OUTCOME_OK, NULL, "{\"password\":\"Zk3\\\"LmN0/pQr\"}\n", NULL);
		assert_int_equal(capture_finish(c, &evidence_meta, k, &res, &e), -ERR_SECRET);
		assert_non_null(strstr(e.msg, "leak.log holds a secret"));
		assert_int_equal(shell("! test -e '%s.tar.zst' && ! test -e '%s.tar.zst.minisig' && ! test -e '%s/leak.log' && ! ls '%s' | grep -q tmp", ev, ev, ev, dir), 0);
	}
}

static void test_a_secret_in_names_and_in_the_journal_does_not_leave(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = mem_printf("%s/ev", dir);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_capture_result_ struct capture_result res = { 0 };
	struct capture_meta meta = evidence_meta;
	struct err e = { 0 };

	meta.journal = "{\"event\":\"step\",\"detail\":\"moved zq8Wt4kLmR2vXy7P away\"}\n";
	meta.journal_bytes = strlen(meta.journal);
	assert_int_equal(capture_open(ev, &c, NULL), 0);
	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	evidence_fill(c);
	/* path, file name and record, all written before anybody knew */
	answer(c, log_probe("/l/zq8Wt4kLmR2vXy7P.log", "zq8Wt4kLmR2vXy7P.log"), OUTCOME_OK, NULL, "fine\n", NULL);
	answer(c, log_probe("/l/env.log", "env.log"), OUTCOME_OK, NULL, "DB_PASSWORD=zq8Wt4kLmR2vXy7P\n", NULL);
	if (capture_finish(c, &meta, k, &res, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(shell("zstd -dqc '%s' >'%s/tar' && ! grep -aq zq8Wt4kLmR2vXy7P '%s/tar' && tar tf '%s/tar' | grep -q ev/renamed && "
			       "tar xOf '%s/tar' ev/renamed | grep -q fine && test -z \"$(find '%s' -name '*zq8W*')\"",
				 res.bundle, dir, dir, dir, dir, ev),
		0);
	assert_int_equal(shell("! grep -rq zq8Wt4kLmR2vXy7P '%s' --exclude-dir=private", ev), 0);
}

static void test_nothing_captured_is_refused(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = mem_printf("%s/ev", dir);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *k = NULL;
	struct capture_result res = { 0 };

	assert_int_equal(capture_open(ev, &c, NULL), 0);
	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	assert_int_equal(capture_finish(c, &evidence_meta, k, &res, NULL), -ERR_INCOMPLETE);
}

static void test_a_file_changed_behind_our_back_is_noticed(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = mem_printf("%s/ev", dir);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *k = NULL;
	struct capture_result res = { 0 };
	struct err e = { 0 };

	assert_int_equal(capture_open(ev, &c, NULL), 0);
	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	evidence_fill(c);
	assert_int_equal(shell("sed -i s/one/ONE/ '%s/app.log'", ev), 0);
	assert_int_equal(capture_finish(c, &evidence_meta, k, &res, &e), -ERR_TRUST);
	assert_non_null(strstr(e.msg, "app.log"));
	assert_int_equal(shell("! ls -a '%s' | grep -q 'tar\\|tmp'", dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_Q10_stock_tools_accept_the_bundle),
		cmocka_unit_test(test_documents_are_valid_against_their_schemas),
		cmocka_unit_test(test_gaps_name_what_is_missing_and_why),
		cmocka_unit_test(test_the_same_evidence_gives_the_same_bytes),
		cmocka_unit_test(test_Q10_stock_tools_accept_a_bundle_with_a_large_log),
		cmocka_unit_test(test_a_secret_that_slipped_through_refuses_to_sign),
		cmocka_unit_test(test_every_form_of_a_secret_refuses_to_sign),
		cmocka_unit_test(test_a_secret_in_names_and_in_the_journal_does_not_leave),
		cmocka_unit_test(test_nothing_captured_is_refused),
		cmocka_unit_test(test_a_file_changed_behind_our_back_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
