/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "formats/minisign.h"

/* Made with minisign 0.11: minisign -G -W; minisign -S -m x. */
static const char pub[] = "untrusted comment: minisign public key 90AA4D0D2967E4C9\n"
			  "RWTJ5GcpDU2qkA0S6o1BWj9/t1r7GIYlNVmFDy7bifJvwv/mKeZGQKPX\n";
static const char sec[] = "untrusted comment: minisign encrypted secret key\n"
			  "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAyeRnKQ1NqpCKWJGj9OCmy8bdCNLrKwUXB/NQhO2D"
			  "pfhKFOexOK4oaA0S6o1BWj9/t1r7GIYlNVmFDy7bifJvwv/mKeZGQKPXAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
static const char sig[] = "untrusted comment: signature from minisign secret key\n"
			  "RUTJ5GcpDU2qkGF5yTcG1qrsxL2/NSXaQfauu38grFSeG7XsAOaRJZmf/tMJrOXJJ7yuB3bsKxeJ6lqHU7KAPyPMeZKeNIDN5gg=\n"
			  "trusted comment: timestamp:1795504038\tfile:x\thashed\n"
			  "VNQdV5WdP+6Jou3LiIAbOg6paY7ap2T5sy1MxYmLop+b2SDO8vKP18ViOpIAAU7xwQDHuVd4OHmP3dbVT435Ag==\n";

static void test_files_of_stock_minisign_survive_a_round_trip(void **state)
{
	struct minisign_pub p;
	struct minisign_sec s;
	struct minisign_sig g;
	_cleanup_buf_ struct buf b = { 0 };
	char id[17];

	assert_int_equal(minisign_parse_pub(pub, strlen(pub), &p, NULL), 0);
	minisign_id_text(id, p.id);
	assert_string_equal(id, "90AA4D0D2967E4C9");
	minisign_add_pub(&b, &p);
	assert_string_equal(buf_str(&b), pub);
	buf_clear(&b);
	assert_int_equal(minisign_parse_sec(sec, strlen(sec), &s, NULL), 0);
	assert_memory_equal(s.id, p.id, sizeof(p.id));
	assert_memory_equal(s.sk + 32, p.pk, sizeof(p.pk));
	minisign_add_sec(&b, &s);
	assert_string_equal(buf_str(&b), sec);
	buf_clear(&b);
	assert_int_equal(minisign_parse_sig(sig, strlen(sig), &g, NULL), 0);
	assert_true(g.prehashed);
	assert_string_equal(g.comment, "timestamp:1795504038\tfile:x\thashed");
	minisign_add_sig(&b, &g, "signature from minisign secret key");
	assert_string_equal(buf_str(&b), sig);
	minisign_sig_free(&g);
}

static void test_key_id_has_no_leading_zeros(void **state)
{
	uint8_t id[8] = { 0x0f, 0, 0, 0, 0, 0, 0, 0 };
	char text[17];

	minisign_id_text(text, id);
	assert_string_equal(text, "F");
}

static void test_secret_key_with_password_says_what_to_do(void **state)
{
	char with[sizeof(sec)];
	struct minisign_sec s;
	struct err e = { 0 };

	memcpy(with, sec, sizeof(sec));
	memcpy(strchr(with, '\n') + 1, "RWRTY0Iy", 8); /* Ed Sc B2 */
	assert_int_equal(minisign_parse_sec(with, strlen(with), &s, &e), -ERR_USAGE);
	assert_non_null(strstr(e.msg, "password"));
	assert_non_null(strstr(e.msg, "minisign -C -W"));
}

static void test_what_is_not_a_signature_is_refused(void **state)
{
	struct minisign_sig g;

	/* every prefix but the one that lacks only the last newline */
	for (size_t n = 0; n + 1 < strlen(sig); n++)
		assert_int_not_equal(minisign_parse_sig(sig, n, &g, NULL), 0);
	assert_int_equal(minisign_parse_sig(sig, strlen(sig) - 1, &g, NULL), 0);
	minisign_sig_free(&g);
	_cleanup_buf_ struct buf b = { 0 };
	buf_adds(&b, sig);
	buf_adds(&b, "more\n");
	assert_int_equal(minisign_parse_sig(b.data, b.len, &g, NULL), -ERR_SYNTAX);
	/* an escape in the trusted comment would reach a terminal */
	buf_clear(&b);
	buf_adds(&b, sig);
	strstr(b.data, "timestamp")[0] = '\x1b';
	assert_int_equal(minisign_parse_sig(b.data, b.len, &g, NULL), -ERR_SYNTAX);
}

static void test_comments_are_one_line(void **state)
{
	struct minisign_sig g = { .prehashed = true, .comment = mem_strdup("agent=x\nRW forged") };
	struct minisign_sig back;
	_cleanup_buf_ struct buf b = { 0 };

	minisign_add_sig(&b, &g, "a\rb");
	assert_int_equal(minisign_parse_sig(b.data, b.len, &back, NULL), 0);
	assert_string_equal(back.comment, "agent=x");
	minisign_sig_free(&g);
	minisign_sig_free(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_of_stock_minisign_survive_a_round_trip),
		cmocka_unit_test(test_key_id_has_no_leading_zeros),
		cmocka_unit_test(test_secret_key_with_password_says_what_to_do),
		cmocka_unit_test(test_what_is_not_a_signature_is_refused),
		cmocka_unit_test(test_comments_are_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
