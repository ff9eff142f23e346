/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "bundle/durable.h"
#include "bundle/reader.h"
#include "formats/text.h"
#include "tests/unit/evidence.h"

/* One bundle for all tests, made once: DIR/keys, DIR/nc-….tar.zst. */
static char *dir, *evidence, *bundle_path;

static int setup(void **state)
{
	dir = scratch_make();
	evidence = evidence_bundle(dir);
	bundle_path = mem_printf("%s.tar.zst", evidence);
	return 0;
}

static int teardown(void **state)
{
	scratch_remove(&dir);
	free(evidence);
	free(bundle_path);
	return 0;
}

struct opened {
	struct bundle_args args;
	struct trust trust;
};

/* `sig` NULL: none, and nobody is asked for one. */
static struct opened open_args(const char *path, const char *sig)
{
	_cleanup_free_ char *keys = mem_printf("%s/keys", dir);
	struct opened o = { .args = { .fd = open(path, O_RDONLY | O_CLOEXEC), .sigfd = -1 } };

	assert_true(o.args.fd >= 0);
	if (sig) {
		o.args.sigfd = open(sig, O_RDONLY | O_CLOEXEC);
		assert_true(o.args.sigfd >= 0);
		assert_int_equal(trust_load(&o.trust, keys, NULL), 0);
	} else {
		o.args.flags = BUNDLE_ANYONE;
	}
	return o;
}

static void close_args(struct opened *o)
{
	close(o->args.fd);
	if (o->args.sigfd >= 0)
		close(o->args.sigfd);
	trust_free(&o->trust);
}

static struct opened open_good(void)
{
	_cleanup_free_ char *sig = mem_printf("%s.minisig", bundle_path);
	struct opened o = open_args(bundle_path, sig);

	return o;
}

static void test_a_good_bundle_holds(void **state)
{
	struct opened o = open_good();
	_cleanup_bundle_report_ struct bundle_report r = { 0 };
	struct err e = { 0 };

	o.args.trust = &o.trust;
	if (bundle_verify(&o.args, &r, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(r.signature, SIGNATURE_TRUSTED);
	assert_string_equal(r.signer, "this host");
	assert_non_null(strstr(r.comment, "agent=node-commander"));
	assert_int_equal(r.manifest.n_gaps, 3);
	for (size_t i = 0; i < r.manifest.n_artifacts; i++)
		assert_int_equal(r.files[i], FILE_OK);
	assert_int_equal(r.custody_lines, 1);
	assert_string_equal(r.top, "nc-20261124-065003");
	close_args(&o);
}

static bool has_problem(const struct bundle_report *r, enum problem_kind kind, const char *name)
{
	for (size_t i = 0; i < r->n_problems; i++)
		if (r->problems[i].kind == kind && strstr(r->problems[i].text, name))
			return true;
	return false;
}

static void print_problems(const struct bundle_report *r)
{
	for (size_t i = 0; i < r->n_problems; i++)
		print_message("  %s: %s\n", problem_name(r->problems[i].kind), r->problems[i].text);
}

static void test_every_kind_of_tampering_is_named(void **state)
{
	static const struct {
		const char *how;
		enum problem_kind kind;
		const char *names;
	} v[] = {
		{ "drop", PROBLEM_MISSING, "app.log" },
		{ "drop-manifest", PROBLEM_ORDER, "diagnostics-bundle.json" },
		{ "drop-sums", PROBLEM_MISSING, "SHA256SUMS" },
		{ "add", PROBLEM_ADDED, "extra.log" },
		{ "add-behind", PROBLEM_ADDED, "extra.log" },
		{ "reorder", PROBLEM_ORDER, "app.log" },
		{ "manifest-later", PROBLEM_ORDER, "diagnostics-bundle.json" },
		{ "duplicate", PROBLEM_DUPLICATE, "app.log" },
		{ "duplicate-behind", PROBLEM_DUPLICATE, "app.log" },
		{ "duplicate-manifest", PROBLEM_DUPLICATE, "manifest.json" },
		{ "rename", PROBLEM_ADDED, "App.log" },
		{ "rename", PROBLEM_MISSING, "app.log" },
		{ "content", PROBLEM_CHANGED, "app.log" },
		{ "longer", PROBLEM_CHANGED, "app.log" },
		{ "mode", PROBLEM_CHANGED, "app.log" },
		{ "manifest-content", PROBLEM_SUMS, "SHA256SUMS" },
		{ "sums-content", PROBLEM_SUMS, "SHA256SUMS" },
		{ "symlink", PROBLEM_TYPE, "app.log" },
		{ "hardlink", PROBLEM_TYPE, "app.log" },
		{ "device", PROBLEM_TYPE, "app.log" },
		{ "fifo", PROBLEM_TYPE, "fifo" },
		{ "directory", PROBLEM_NAME, "dir/" },
		{ "traversal", PROBLEM_NAME, "../../etc/cron.d/x" },
		{ "absolute", PROBLEM_NAME, "/etc/cron.d/x" },
		{ "other-top", PROBLEM_NAME, "other/app.log" },
		{ "escape", PROBLEM_NAME, "a\\x1b[31mb" },
		{ "newline", PROBLEM_NAME, "a\\x0ab" },
		{ "backslash", PROBLEM_NAME, "..\\x" },
		{ "huge", PROBLEM_DAMAGED, "" },
		{ "negative", PROBLEM_DAMAGED, "" },
		{ "bomb", PROBLEM_LIMIT, "times its size" },
		{ "million", PROBLEM_DUPLICATE, "" },
		{ "plain", PROBLEM_DAMAGED, "not a zstd file" },
		{ "twice", PROBLEM_DAMAGED, "not a zstd file" },
		{ "truncated", PROBLEM_DAMAGED, "" },
		{ "empty", PROBLEM_DAMAGED, "" },
		{ "sparse", PROBLEM_TYPE, "app.log" },
	};
	_cleanup_free_ char *out = mem_printf("%s/tampered", dir);

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		_cleanup_bundle_report_ struct bundle_report r = { 0 };
		struct bundle *b = NULL;
		struct err e = { 0 };
		bool added = strcmp(v[i].how, "million") == 0;
		assert_int_equal(shell("tests/tamper '%s' '%s' %s", bundle_path, out, v[i].how), 0);
		struct opened o = open_args(out, NULL);
		int code = bundle_verify(&o.args, &r, &e);
		if (code == 0 || !has_problem(&r, added ? PROBLEM_ADDED : v[i].kind, v[i].names)) {
			print_problems(&r);
			fail_msg("%s: returned %d", v[i].how, code);
		}
		assert_true(*e.msg);
		assert_int_not_equal(bundle_open(&o.args, &b, NULL), 0);
		assert_null(b);
		close_args(&o);
		/* and under the signature of the good one none is read at all */
		_cleanup_free_ char *sig = mem_printf("%s.minisig", bundle_path);
		o = open_args(out, sig);
		o.args.trust = &o.trust;
		assert_int_equal(bundle_open(&o.args, &b, &e), -ERR_TRUST);
		assert_non_null(strstr(e.msg, "signature"));
		close_args(&o);
	}
}

static void test_any_flipped_byte_is_noticed(void **state)
{
	_cleanup_buf_ struct buf good = { 0 };
	_cleanup_free_ char *sig = mem_printf("%s.minisig", bundle_path);
	_cleanup_free_ char *out = mem_printf("%s/flipped", dir);

	assert_int_equal(file_read(AT_FDCWD, bundle_path, 1 << 24, &good, NULL), 0);
	for (size_t at = 0; at < good.len; at += 1 + good.len / 150) {
		_cleanup_bundle_report_ struct bundle_report r = { 0 };
		good.data[at] ^= 0x20;
		scratch_write(dir, "flipped", good.data, good.len);
		good.data[at] ^= 0x20;
		struct opened o = open_args(out, sig);
		o.args.trust = &o.trust;
		assert_int_equal(bundle_verify(&o.args, &r, NULL), -ERR_TRUST);
		assert_int_equal(r.signature, SIGNATURE_BAD);
		close_args(&o);
	}
}

static void test_verify_names_the_file_behind_a_broken_signature(void **state)
{
	_cleanup_free_ char *sig = mem_printf("%s.minisig", bundle_path);
	_cleanup_free_ char *out = mem_printf("%s/tampered", dir);
	_cleanup_bundle_report_ struct bundle_report r = { 0 };

	assert_int_equal(shell("tests/tamper '%s' '%s' content", bundle_path, out), 0);
	struct opened o = open_args(out, sig);
	o.args.trust = &o.trust;
	assert_int_equal(bundle_verify(&o.args, &r, NULL), -ERR_TRUST);
	assert_true(has_problem(&r, PROBLEM_SIGNATURE, "does not hold"));
	assert_true(has_problem(&r, PROBLEM_CHANGED, "app.log"));
	close_args(&o);
}

static void test_wrong_key_no_key_and_no_signature(void **state)
{
	_cleanup_free_ char *sig = mem_printf("%s.minisig", bundle_path);
	_cleanup_free_ char *other = mem_printf("%s/other.minisig", dir);
	_cleanup_bundle_report_ struct bundle_report r = { 0 };
	struct err e = { 0 };

	/* a key that is not trusted */
	assert_int_equal(shell("cd '%s' && minisign -GW -f -p o.pub -s o.key >/dev/null && minisign -S -s o.key -x '%s' -m '%s' >/dev/null", dir,
				 other, bundle_path),
		0);
	struct opened o = open_args(bundle_path, other);
	o.args.trust = &o.trust;
	assert_int_equal(bundle_verify(&o.args, &r, &e), -ERR_TRUST);
	assert_int_equal(r.signature, SIGNATURE_UNKNOWN);
	assert_non_null(strstr(e.msg, "which nobody here trusts"));
	assert_int_equal(r.n_problems, 1);
	bundle_report_free(&r);
	/* trusted by -p, it holds: a bundle signed with stock minisign, whose comment names no manifest */
	_cleanup_free_ char *pub = mem_printf("%s/o.pub", dir);
	assert_int_equal(trust_add(&o.trust, pub, NULL), 0);
	assert_int_equal(bundle_verify(&o.args, &r, &e), 0);
	assert_string_equal(r.signer, pub);
	bundle_report_free(&r);
	close_args(&o);
	/* another key under the id of the signer */
	o = open_args(bundle_path, sig);
	_cleanup_buf_ struct buf b = { 0 };
	memcpy(o.trust.keys[0].pub.pk, "another key, another key, anothe", 32);
	o.args.trust = &o.trust;
	assert_int_equal(bundle_verify(&o.args, &r, &e), -ERR_TRUST);
	assert_int_equal(r.signature, SIGNATURE_BAD);
	bundle_report_free(&r);
	close_args(&o);
	/* none at all */
	o = open_args(bundle_path, NULL);
	o.args.flags = 0;
	assert_int_equal(bundle_verify(&o.args, &r, &e), -ERR_TRUST);
	assert_string_equal(e.msg, "there is no signature");
	close_args(&o);
}

static void test_fields_of_a_comment(void **state)
{
	static const char *const rows[][3] = {
		{ "agent=x time=y", "time", "y" }, { "agent=x time=y", "tim", NULL }, { "agent=x", "x", NULL }, { "a=", "a", "" },
		/* what somebody wrote is no field */
		{ "agent=x reason=\"see manifest=z sealed=age\" bundle=b", "sealed", NULL },
		{ "agent=x reason=\"see manifest=z sealed=age\" bundle=b", "reason", "see manifest=z sealed=age" },
		{ "agent=x reason=\"see manifest=z sealed=age\" bundle=b", "bundle", "b" },
		{ "reason=\"never ends manifest=z", "manifest", NULL }, { "reason=\"never ends", "reason", "never ends" },
		{ "reason=\"\"", "reason", "" }, { "a=b\"c d=e", "d", "e" }, { "  d=e", "d", "e" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *got = bundle_comment_field(rows[i][0], rows[i][1]);
		if (!text_eq(got, rows[i][2]))
			fail_msg("%s, %s: %s", rows[i][0], rows[i][1], got ? got : "none");
	}
}

static void test_comment_that_names_another_manifest_is_refused(void **state)
{
	_cleanup_free_ char *sig = mem_printf("%s/m.minisig", dir);
	_cleanup_bundle_report_ struct bundle_report r = { 0 };

	assert_int_equal(shell("minisign -S -s '%s/keys/host.key' -x '%s' -t "
			       "'agent=x manifest=sha256:0000000000000000000000000000000000000000000000000000000000000000' -m '%s' >/dev/null",
				 dir, sig, bundle_path),
		0);
	struct opened o = open_args(bundle_path, sig);
	o.args.trust = &o.trust;
	assert_int_equal(bundle_verify(&o.args, &r, NULL), -ERR_TRUST);
	assert_true(has_problem(&r, PROBLEM_CHANGED, "manifest.json is not the one"));
	close_args(&o);
}

struct heard {
	struct sink sink;
	struct record rec;
	struct buf out, err;
	int ends;
	struct source *ask_more;
};

static void heard_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	struct heard *h = (struct heard *)s;

	buf_add(stream == STREAM_OUT ? &h->out : &h->err, p, n);
}

static void heard_end(struct sink *s, const struct probe *p, const struct record *r)
{
	struct heard *h = (struct heard *)s;

	record_free(&h->rec);
	record_copy(&h->rec, r);
	h->ends++;
	if (h->ask_more) {
		_cleanup_probe_ struct probe *more = probe_link("/etc/localtime");
		source_ask(TAKE_PTR(h->ask_more), more, s);
	}
}

static void heard_clear(struct heard *h)
{
	record_free(&h->rec);
	buf_free(&h->out);
	buf_free(&h->err);
}
#define _cleanup_heard_ CLEANUP(heard_clear)

static void check_source(struct source *s)
{
	_cleanup_heard_ struct heard show = { .sink = { heard_chunk, heard_end } };
	_cleanup_heard_ struct heard info = show, none = show, auth = show, other = show;
	_cleanup_probe_ struct probe *p = show_probe(), *a = probe_file("/home/a/.docker/config.json", PAYLOAD_AUTH);
	_cleanup_probe_ struct probe *n = probe_file("/etc/passwd", PAYLOAD_TEXT), *o = probe_file("/home/a/.docker/config.json", PAYLOAD_PLIST);
	_cleanup_strv_ char **argv = command("podman info");
	_cleanup_probe_ struct probe *i = probe_cmd("podman/info", argv, NULL, PAYLOAD_PODMAN);

	assert_int_equal(source_now_us(s), EVIDENCE_TIME);
	source_ask(s, p, &show.sink);
	source_ask(s, i, &info.sink);
	source_ask(s, n, &none.sink);
	source_ask(s, a, &auth.sink);
	source_ask(s, o, &other.sink);
	none.ask_more = s;
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(show.rec.outcome, OUTCOME_OK);
	assert_string_equal(buf_str(&show.out), "Id=node-commander.service\nActiveState=activating\n");
	assert_int_equal(info.rec.outcome, OUTCOME_TIMEOUT);
	assert_string_equal(buf_str(&info.err), "still waiting\n");
	/* NOT_COLLECTED is not ABSENT, and what was withheld is not empty */
	assert_int_equal(other.rec.outcome, OUTCOME_NOT_COLLECTED);
	assert_non_null(strstr(other.rec.reason, "withheld"));
	/* but that it is no auth file is known of one that was withheld: Podman would fail on it */
	assert_int_equal(auth.rec.outcome, OUTCOME_OK);
	assert_null(json_loads(buf_str(&auth.out), 0, NULL));
	assert_null(strstr(buf_str(&auth.out), "not json"));
	assert_int_equal(none.ends, 2);
	assert_int_equal(none.rec.outcome, OUTCOME_OK); /* the second, asked in end() */
}

static void test_a_bundle_answers_as_the_host_did(void **state)
{
	struct opened o = open_good();
	struct bundle *b = NULL;
	struct err e = { 0 };

	o.args.trust = &o.trust;
	if (bundle_open(&o.args, &b, &e))
		fail_msg("%s", e.msg);
	struct source *s = source_bundle(b);
	check_source(s);
	source_close(s);
	close_args(&o);
}

static void test_an_evidence_directory_answers_too_and_is_checked(void **state)
{
	_cleanup_free_ char *copy = mem_printf("%s/copy", dir);
	_cleanup_bundle_report_ struct bundle_report r = { 0 };
	struct bundle *b = NULL;
	struct err e = { 0 };

	assert_int_equal(shell("cp -a '%s' '%s'", evidence, copy), 0);
	struct opened o = open_args(copy, NULL);
	if (bundle_open(&o.args, &b, &e))
		fail_msg("%s", e.msg);
	struct source *s = source_bundle(b);
	check_source(s);
	source_close(s);
	assert_int_equal(shell("cd '%s' && touch added.log && rm empty.log && ln -s /etc/passwd empty.log && sed -i s/one/ONE/ app.log", copy), 0);
	assert_int_equal(bundle_verify(&o.args, &r, &e), -ERR_TRUST);
	assert_true(has_problem(&r, PROBLEM_ADDED, "added.log"));
	assert_true(has_problem(&r, PROBLEM_TYPE, "empty.log"));
	assert_true(has_problem(&r, PROBLEM_CHANGED, "app.log"));
	close_args(&o);
	assert_int_equal(shell("rm -r '%s'", copy), 0);
}

static void test_extract_writes_what_was_captured_and_never_over_anything(void **state)
{
	_cleanup_free_ char *to = mem_printf("%s/x/y", dir), *sub = mem_printf("%s/x", dir);
	_cleanup_bundle_report_ struct bundle_report r = { 0 };
	struct opened o = open_good();
	struct err e = { 0 };

	o.args.trust = &o.trust;
	assert_int_equal(bundle_extract(&o.args, to, &r, &e), -ERR_ABSENT); /* x is not there */
	bundle_report_free(&r);
	assert_int_equal(mkdir(sub, 0700), 0);
	if (bundle_extract(&o.args, to, &r, &e))
		fail_msg("%s", e.msg);
	bundle_report_free(&r);
	assert_int_equal(shell("diff -r '%s' '%s' -x private", evidence, to), 0);
	assert_int_equal(bundle_extract(&o.args, to, &r, &e), -ERR_USAGE);
	assert_non_null(strstr(e.msg, "not empty"));
	bundle_report_free(&r);
	close_args(&o);
	/* of a bundle that does not hold nothing is written */
	_cleanup_free_ char *out = mem_printf("%s/tampered", dir);
	assert_int_equal(shell("rm -r '%s' && tests/tamper '%s' '%s' content", to, bundle_path, out), 0);
	o = open_args(out, NULL);
	assert_int_equal(bundle_extract(&o.args, to, &r, &e), -ERR_TRUST);
	assert_int_not_equal(access(to, F_OK), 0);
	close_args(&o);
}

static void test_large_payloads_leave_memory_and_come_back(void **state)
{
	_cleanup_free_ char *ev = mem_printf("%s/large", dir), *tar = mem_printf("%s.tar.zst", ev), *keys = mem_printf("%s/keys", dir);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_capture_result_ struct capture_result res = { 0 };
	_cleanup_free_ char *big = mem_alloc((3u << 20) + 1);
	_cleanup_buf_ struct buf got = { 0 };
	struct bundle *b = NULL;

	for (size_t i = 0; i < 3u << 20; i++)
		big[i] = (char)('a' + (i * i + i / 7) % 26);
	assert_int_equal(capture_open(ev, &c, NULL), 0);
	assert_int_equal(sign_key_host(keys, &k, NULL, NULL), 0);
	answer(c, log_probe("/big.log", "big.log"), OUTCOME_OK, NULL, big, NULL);
	answer(c, log_probe("/small.log", "small.log"), OUTCOME_OK, NULL, "small", NULL);
	assert_int_equal(capture_finish(c, &evidence_meta, k, &res, NULL), 0);
	struct opened o = open_args(tar, NULL);
	assert_int_equal(bundle_open(&o.args, &b, NULL), 0);
	const struct bundle_record *r = bundle_answer(b, "file/big.log");
	assert_null(r->payload[STREAM_OUT].mem);
	struct source *s = source_bundle(b);
	_cleanup_heard_ struct heard h = { .sink = { heard_chunk, heard_end } };
	_cleanup_probe_ struct probe *p = log_probe("/big.log", NULL);
	source_ask(s, p, &h.sink);
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(h.out.len, 3u << 20);
	assert_memory_equal(h.out.data, big, 3u << 20);
	source_close(s);
	close_args(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_bundle_holds),
		cmocka_unit_test(test_every_kind_of_tampering_is_named),
		cmocka_unit_test(test_any_flipped_byte_is_noticed),
		cmocka_unit_test(test_verify_names_the_file_behind_a_broken_signature),
		cmocka_unit_test(test_wrong_key_no_key_and_no_signature),
		cmocka_unit_test(test_fields_of_a_comment),
		cmocka_unit_test(test_comment_that_names_another_manifest_is_refused),
		cmocka_unit_test(test_a_bundle_answers_as_the_host_did),
		cmocka_unit_test(test_an_evidence_directory_answers_too_and_is_checked),
		cmocka_unit_test(test_extract_writes_what_was_captured_and_never_over_anything),
		cmocka_unit_test(test_large_payloads_leave_memory_and_come_back),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
