/* SPDX-License-Identifier: MIT */
/* Properties of the stream: any chunking gives the same bytes, twice is once, lines keep their count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/text.h"
#include "redact/redact.h"
#include "redact/rules.h"
#include "redact/value.h"

static struct redactor *r;
static uint32_t seed = 1;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static int setup(void **state)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 4 };

	r = redactor_new(key, NULL);
	return r ? 0 : -1;
}

static int teardown(void **state)
{
	redactor_free(r);
	return 0;
}

struct memory_spool {
	struct spool spool;
	struct buf out[STREAMS];
};

static void *memory_open(struct spool *s, const struct probe *p, enum stream stream)
{
	return &((struct memory_spool *)s)->out[stream];
}

static int memory_write(struct spool *s, void *handle, const void *p, size_t n)
{
	buf_add(handle, p, n);
	return 0;
}

static int memory_close(struct spool *s, void *handle, struct err *err)
{
	return 0;
}

/* In pieces of `step` bytes; 0: of random sizes. */
static void clean(enum payload_class class, const struct buf *in, size_t step, struct buf *out)
{
	struct memory_spool m = { .spool = { memory_open, memory_write, memory_close } };
	_cleanup_probe_ struct probe *p = probe_file("/var/log/x", class);
	struct record rec = { .key = p->key, .outcome = OUTCOME_OK };
	struct redact_job *j = redact_begin(r, p, &m.spool);

	for (size_t at = 0; at < in->len;) {
		size_t k = step ? step : 1 + rnd(rnd(2) ? 300 : 70000);
		if (k > in->len - at)
			k = in->len - at;
		redact_chunk(j, STREAM_OUT, in->data + at, k);
		at += k;
	}
	clean_record_free(redact_end(j, &rec));
	*out = m.out[STREAM_OUT];
	buf_free(&m.out[STREAM_ERR]);
}

static const char *const noise[] = { "2026-11-24T06:50:03Z host app[123]: started unit node-commander.service",
	"GET /v4.0.0/libpod/_ping 200 sha256:9a34a7bd21df00d13f169faa644424aa256befb2f8c8fea5f3ed91d377c4cbef",
	"pull registry.example.com:5000/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	"password authentication failed for user \"app\"", "pass=42 fail=0 primary_key=id token_type=Bearer",
	"/nix/store/0c1n2r8y3b9zj2j6l1w4m5q7p8s9v0xk-podman-4.3.1/bin/podman", "\x1b[32mINFO\x1b[0m ready \xff\xfe\xc3\x28 done\r",
	"id 5f3e0a52-6f3b-4c0e-9a47-1f2c3d4e5f60 took 12ms", "" };

/* Noise, and every rule's example somewhere in it; returns how many examples there are. */
static void corpus(struct buf *b, size_t bytes, uint32_t rarity)
{
	while (b->len < bytes) {
		buf_adds(b, noise[rnd(ARRAY_LEN(noise))]);
		if (rnd(200) == 0) /* a line longer than any window's margin */
			for (int i = 0; i < 9000; i++)
				buf_adds(b, " filler");
		const char *yes = rules[rnd((uint32_t)rules_count)].yes;
		if (yes && rnd(rarity) == 0) {
			buf_addc(b, rnd(2) ? '\n' : ' ');
			for (const char *p = yes; *p; p++) {
				if (strncmp(p, "<<", 2) == 0 || strncmp(p, ">>", 2) == 0)
					p++;
				else
					buf_addc(b, *p);
			}
		}
		buf_adds(b, rnd(5) ? "\n" : "\r\n");
	}
}

static void assert_same(const struct buf *a, const struct buf *b, const char *what)
{
	size_t n = a->len < b->len ? a->len : b->len, i = 0;

	while (i < n && a->data[i] == b->data[i])
		i++;
	if (i == n && a->len == b->len)
		return;
	size_t from = i > 100 ? i - 100 : 0;
	print_message("%s: differ at %zu of %zu/%zu\n  a: %.*s\n  b: %.*s\n", what, i, a->len, b->len,
		(int)(a->len - from > 200 ? 200 : a->len - from), a->data + from, (int)(b->len - from > 200 ? 200 : b->len - from),
		b->data + from);
	fail();
}

static size_t count(const struct buf *b, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == c;
	return n;
}

static void any_chunking_gives_the_same_bytes(void **state)
{
	static const size_t steps[] = { 1, 7, 4096, 262144, 0, 0 };

	for (uint32_t round = 1; round <= 4; round++) {
		_cleanup_buf_ struct buf in = { 0 }, whole = { 0 };
		seed = round;
		corpus(&in, 1500000, round == 1 ? 1 : 20);
		clean(PAYLOAD_TEXT, &in, in.len, &whole);
		for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
			_cleanup_buf_ struct buf out = { 0 };
			clean(PAYLOAD_TEXT, &in, steps[i], &out);
			assert_same(&whole, &out, "chunking");
		}
	}
}

static void twice_is_once_and_lines_stay(void **state)
{
	for (uint32_t round = 1; round <= 6; round++) {
		_cleanup_buf_ struct buf in = { 0 }, once = { 0 }, twice = { 0 };
		seed = round;
		corpus(&in, 1200000, round % 2 ? 1 : 15);
		clean(PAYLOAD_TEXT, &in, 0, &once);
		clean(PAYLOAD_TEXT, &once, 0, &twice);
		assert_same(&once, &twice, "twice");
		assert_int_equal(count(&in, '\n'), count(&once, '\n'));
		assert_non_null(memmem(once.data, once.len, "REDACTED_", 9));
	}
}

static void secrets_across_window_borders(void **state)
{
	/* one secret at every offset around the places where windows end */
	static const char secret[] = " password=correcthorsebattery ghp_16C7e42F292c6912E7710c838347Ae178B4a\n";

	for (size_t at = 200000; at < 280000; at += 997) {
		_cleanup_buf_ struct buf in = { 0 }, out = { 0 };
		for (size_t i = 0; i < at; i++)
			buf_addc(&in, i % 80 ? 'x' : ' ');
		buf_adds(&in, secret);
		for (size_t i = 0; i < 60000; i++)
			buf_addc(&in, i % 80 ? 'y' : '\n');
		clean(PAYLOAD_TEXT, &in, 0, &out);
		assert_null(memmem(out.data, out.len, "correcthorse", 12));
		assert_null(memmem(out.data, out.len, "16C7e42F29", 10));
		assert_int_equal(out.len, in.len - 19 - 40 + strlen("REDACTED_secret_01234567") + strlen("REDACTED_github_01234567"));
	}
}

static void secrets_longer_than_a_window(void **state)
{
	_cleanup_buf_ struct buf in = { 0 }, out = { 0 }, step = { 0 };

	buf_adds(&in, "before eyJhbGciOiJIUzI1NiJ9.");
	for (int i = 0; i < 900000; i++)
		buf_addc(&in, "abcDEF012"[i % 9]);
	buf_adds(&in, ".sig after\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n");
	for (int i = 0; i < 20000; i++)
		buf_adds(&in, "lQdGBGX0abcBEADabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLM\n");
	buf_adds(&in, "=abcd\n-----END PGP PRIVATE KEY BLOCK-----\nafter\n");
	clean(PAYLOAD_TEXT, &in, in.len, &out);
	clean(PAYLOAD_TEXT, &in, 1000, &step);
	assert_same(&out, &step, "long secrets");
	assert_null(memmem(out.data, out.len, "abcDEF012", 9));
	assert_null(memmem(out.data, out.len, "lQdGBGX0", 8));
	assert_non_null(memmem(out.data, out.len, " after\n", 7));
	assert_non_null(memmem(out.data, out.len, "\nafter\n", 7));
	assert_int_equal(count(&in, '\n'), count(&out, '\n'));
}

/* A log's window may begin inside of a key. */
static void what_is_left_of_a_cut_key_goes(void **state)
{
#define KEY_LINE "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
	static const struct {
		const char *in, *out; /* K: a token */
	} cases[] = {
		{ KEY_LINE "\n" KEY_LINE "\nc2hvcnQ=\n-----END RSA PRIVATE KEY-----\nok\n", "K\nK\nK\nK\nok\n" },
		{ "12:00 " KEY_LINE "\n12:00 c2hvcnQ=\n12:00 -----END PRIVATE KEY-----\n", "12:00 K\n12:00 K\n12:00 K\n" },
		{ KEY_LINE "\\n" KEY_LINE "\\nabc=\\n-----END RSA PRIVATE KEY-----\\n", "K\\n" },
		{ "say -----BEGIN CERTIFICATE----- first\n" KEY_LINE "\n\n-----END PRIVATE KEY-----\n", "say -----BEGIN CERTIFICATE----- first\nK\n\nK\n" },
		{ "text\n" KEY_LINE "\nabcdefgh\n=aBcD\n-----END PGP PRIVATE KEY BLOCK-----\n", "text\nK\nK\nK\nK\n" },
		{ KEY_LINE "\nAA" "EvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cK++\n" KEY_LINE "\n-----END PRIVATE KEY-----\n", "K\nK\nK\nK\n" },
		/* no key's */
		{ KEY_LINE "\n-----END CERTIFICATE-----\n", KEY_LINE "\n-----END CERTIFICATE-----\n" },
		{ "see below\n-----END PRIVATE KEY-----\n", "see below\n-----END PRIVATE KEY-----\n" },
		{ "-----END PRIVATE KEY-----\n" KEY_LINE "\n", "-----END PRIVATE KEY-----\n" KEY_LINE "\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_buf_ struct buf in = { 0 }, out = { 0 }, short_out = { 0 };
		buf_adds(&in, cases[i].in);
		clean(PAYLOAD_TEXT, &in, 7, &out);
		for (const char *p = buf_str(&out); *p;) {
			bool token = text_starts(p, "REDACTED_privateKey_");
			buf_addc(&short_out, token ? 'K' : *p);
			p += token ? strlen("REDACTED_privateKey_01234567") : 1;
		}
		assert_string_equal(buf_str(&short_out), cases[i].out);
	}
}

/* As the journal has it: what stands beside the message differs from line to line, and is longer. */
static void add_entry(struct buf *b, int i, const char *message)
{
	buf_addf(b, "{\"CODE_LINE\":\"%d\",\"MESSAGE\":\"%s\",\"__CURSOR\":\"%0*d\"}\n", i * 37, message, 400 + i % 90, i);
}

static void keys_line_by_line_in_json(void **state)
{
	for (int before = 0; before < 200; before += 7) {
		for (int half = 0; half < 2; half++) {
			_cleanup_buf_ struct buf in = { 0 }, out = { 0 };
			/* at every distance from where batches end */
			for (int i = 0; i < before; i++)
				add_entry(&in, i, "nothing of interest");
			if (!half)
				add_entry(&in, 7, "-----BEGIN RSA PRIVATE KEY-----");
			for (int i = 0; i < 49; i++) {
				add_entry(&in, i, KEY_LINE);
				if (i == 5 && !half)
					buf_adds(&in, "{\"message\":\"of another kind\"}\n");
			}
			add_entry(&in, 8, "c2hvcnQ=");
			add_entry(&in, 9, "-----END RSA PRIVATE KEY-----");
			for (int i = 0; i < 300; i++)
				add_entry(&in, i, "after");
			clean(PAYLOAD_JSONL, &in, 5000, &out);
			assert_null(memmem(out.data, out.len, "MIIEvQ", 6));
			assert_null(memmem(out.data, out.len, "c2hvcnQ=", 8));
			assert_int_equal(count(&in, '\n'), count(&out, '\n'));
			assert_int_equal(count(&in, '"'), count(&out, '"'));
		}
	}
}

/* However many members speak of keys before. */
static void a_plain_key_among_lines_of_json(void **state)
{
	_cleanup_buf_ struct buf in = { 0 }, out = { 0 };

	for (int i = 0; i < 6; i++)
		buf_addf(&in, "{\"member%d\":\"no -----BEGIN PRIVATE KEY----- here\"}\n", i);
	buf_adds(&in, "-----BEGIN PRIVATE KEY-----\n" KEY_LINE "\n" KEY_LINE "\n-----END PRIVATE KEY-----\n");
	clean(PAYLOAD_JSONL, &in, 0, &out);
	assert_null(memmem(out.data, out.len, "MIIEvQ", 6));
	assert_int_equal(count(&in, '\n'), count(&out, '\n'));
}

static void benign_text_comes_through(void **state)
{
	_cleanup_buf_ struct buf in = { 0 }, out = { 0 };

	for (int i = 0; i < 20000; i++) {
		buf_adds(&in, noise[i % (int)ARRAY_LEN(noise)]);
		buf_addc(&in, '\n');
	}
	clean(PAYLOAD_TEXT, &in, 0, &out);
	assert_same(&in, &out, "benign");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_chunking_gives_the_same_bytes),
		cmocka_unit_test(twice_is_once_and_lines_stay),
		cmocka_unit_test(secrets_across_window_borders),
		cmocka_unit_test(secrets_longer_than_a_window),
		cmocka_unit_test(what_is_left_of_a_cut_key_goes),
		cmocka_unit_test(keys_line_by_line_in_json),
		cmocka_unit_test(a_plain_key_among_lines_of_json),
		cmocka_unit_test(benign_text_comes_through),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
