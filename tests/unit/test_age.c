/* SPDX-License-Identifier: MIT */
#include "formats/age.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "formats/bech32.h"

#define SHARE "yWU3cGpxSjVVRG5jZ0VYbWJTbHpfcGxhY2Vob2xkZXI"
#define BODY "ZmlsZSBrZXkgd3JhcHBlZCBpbiBhIDMyIGJ5dGUgYm8"
#define MAC "3zOLtj6wV9Qp3mkLzqVgl5ZVqcU0Ur2xPDtyV3GVhzA"
#define HEADER(stanzas) "age-encryption.org/v1\n" stanzas "--- " MAC "\n"
#define X25519 "-> X25519 " SHARE "\n" BODY "\n"

/* from age-keygen 1.1.1 */
static const char identity[] = "AGE-SECRET-KEY-1P3MD90T84Z57RDTHLTURSSGM7S3PF2WR7AMTAWETAWH3X77XSLXSDURAYW";

static void test_header_parses_and_formats_back(void **state)
{
	static const char text[] = HEADER(X25519 "-> grease a b c\n\n") "\x01\x02payload";
	_cleanup_age_header_ struct age_header h = { 0 };
	_cleanup_buf_ struct buf again = { 0 };
	struct err err = { 0 };

	assert_int_equal(age_header_parse(text, sizeof(text) - 1, &h, &err), 0);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.stanzas[0].args[0], "X25519");
	assert_int_equal(h.stanzas[0].body_len, 32);
	assert_string_equal(h.stanzas[1].args[3], "c");
	assert_int_equal(h.stanzas[1].body_len, 0);
	assert_memory_equal(text + h.len, "\x01\x02payload", 9);
	assert_memory_equal(text + h.mac_covers - 4, "\n---", 4);
	age_header_add_text(&again, &h);
	assert_int_equal(again.len, h.mac_covers);
	age_header_add_mac(&again, h.mac);
	assert_int_equal(again.len, h.len);
	assert_memory_equal(again.data, text, h.len);
}

/* A body of 48 bytes fills its line, so an empty one must follow. */
static void test_full_last_line_is_followed_by_an_empty_one(void **state)
{
	_cleanup_age_header_ struct age_header h = { 0 }, back = { 0 };
	_cleanup_strv_ char **args = strv_add(NULL, "t");
	_cleanup_buf_ struct buf text = { 0 };
	uint8_t body[96] = { 0 }, mac[AGE_KEY_BYTES] = { 0 };
	struct err err = { 0 };

	age_header_add(&h, args, body, 48);
	age_header_add(&h, args, body, 96);
	age_header_add(&h, args, body, 95);
	age_header_add_text(&text, &h);
	age_header_add_mac(&text, mac);
	assert_int_equal(age_header_parse(text.data, text.len, &back, &err), 0);
	assert_int_equal(back.n, 3);
	assert_int_equal(back.stanzas[0].body_len, 48);
	assert_int_equal(back.stanzas[1].body_len, 96);
	assert_int_equal(back.stanzas[2].body_len, 95);
}

static void test_every_prefix_asks_for_more(void **state)
{
	static const char text[] = HEADER(X25519);
	struct age_header h = { 0 };
	struct err err = { 0 };

	for (size_t n = 0; n < sizeof(text) - 1; n++)
		if (age_header_parse(text, n, &h, &err) != 1)
			fail_msg("at %zu: %s", n, err.msg);
}

static void test_refuses_what_is_not_to_the_letter(void **state)
{
	static const char *const bad[] = {
		"", /* no stanza: HEADER("") below stands for it */
		"age-encryption.org/v2\n" X25519 "--- " MAC "\n",
		"age-encryption.org/v1\r\n" X25519 "--- " MAC "\n",
		"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n",
		"PK\x03\x04 something else altogether",
		HEADER("->\n\n"),
		HEADER("-> \n\n"),
		HEADER("->X25519 a\n\n"),
		HEADER("->  X25519\n\n"),
		HEADER("-> X25519 \n\n"),
		HEADER("-> X25519\ta\n\n"),
		HEADER("-> \xc3\xa9\n\n"),
		HEADER("-> t\nAAA=\n"),
		HEADER("-> t\nAAB\n"),
		HEADER("-> t\nAAA\r\n"),
		HEADER("-> t\n" BODY BODY "\n\n"),
		HEADER("-> t\n"), /* no body line: the MAC's is taken as one */
		HEADER("junk\n"),
		HEADER("\n"),
		HEADER(X25519 "\n"),
		"age-encryption.org/v1\n" X25519 "---\n",
		"age-encryption.org/v1\n" X25519 "---" MAC "\n",
		"age-encryption.org/v1\n" X25519 "---  " MAC "\n",
		"age-encryption.org/v1\n" X25519 "--- " MAC " \n",
		"age-encryption.org/v1\n" X25519 "--- " MAC "=\n",
		"age-encryption.org/v1\n" X25519 "--- " MAC "\r\n",
		"age-encryption.org/v1\n" X25519 "--- 3zOLtj6wV9Qp3mkLzqVgl5ZVqcU0Ur2xPDtyV3GVhzB\n",
	};
	struct age_header h = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *text = i ? bad[i] : HEADER("");
		struct err err = { 0 };
		if (age_header_parse(text, strlen(text), &h, &err) != -ERR_SYNTAX)
			fail_msg("accepted %zu: %s", i, text);
	}
}

static void test_armored_is_named(void **state)
{
	static const char text[] = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n";
	struct age_header h = { 0 };
	struct err err = { 0 };

	assert_int_equal(age_header_parse(text, sizeof(text) - 1, &h, &err), -ERR_SYNTAX);
	assert_non_null(strstr(err.msg, "armored"));
}

static void test_endless_header_is_refused(void **state)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct age_header h = { 0 };
	struct err err = { 0 };

	buf_adds(&text, "age-encryption.org/v1\n");
	while (text.len <= AGE_HEADER_MAX)
		buf_adds(&text, "-> t\n\n");
	assert_int_equal(age_header_parse(text.data, text.len, &h, &err), -ERR_LIMIT);
}

static void test_keys_read_and_spell(void **state)
{
	uint8_t key[AGE_KEY_BYTES], back[AGE_KEY_BYTES];
	char text[BECH32_MAX + 1];
	struct err err = { 0 };

	assert_int_equal(age_identity_parse(identity, key, &err), 0);
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 7);
	_cleanup_free_ char *s = age_recipient_string(key);
	assert_int_equal(strlen(s), 62);
	assert_int_equal(age_recipient_parse(s, back, &err), 0);
	assert_memory_equal(key, back, sizeof(key));
	assert_int_equal(bech32_encode(text, "age-secret-key-", key, sizeof(key)), 0);
	assert_int_equal(age_identity_parse(text, back, &err), 0);
	assert_memory_equal(key, back, sizeof(key));
}

/* BIP 173's valid strings that hold whole bytes are few: "split…" has 48 digits of them. */
static void test_bip173_vectors(void **state)
{
	static const char valid[] = "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w";
	uint8_t data[30];
	char text[BECH32_MAX + 1];

	assert_int_equal(bech32_decode(data, sizeof(data), "split", valid), 0);
	assert_int_equal(bech32_encode(text, "split", data, sizeof(data)), 0);
	assert_string_equal(text, valid);
	assert_int_equal(bech32_decode(data, 0, "a", "A12UEL5L"), 0);
	assert_int_equal(bech32_decode(data, 0, "a", "A12uEL5L"), -1);
	assert_int_equal(bech32_decode(data, 0, "a", "A12UEL5M"), -1);
	assert_int_equal(bech32_encode(text, "a", data, 80), -1);
}

/* Bech32 promises to find any one wrong character. */
static void test_any_wrong_character_is_found(void **state)
{
	static const char others[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7lbio1 -";
	uint8_t key[AGE_KEY_BYTES] = { 1, 2, 3 }, back[AGE_KEY_BYTES];
	_cleanup_free_ char *s = age_recipient_string(key);
	struct err err = { 0 };

	for (size_t i = 0; s[i]; i++) {
		char was = s[i];
		for (const char *o = others; *o; o++) {
			s[i] = *o;
			if (*o != was && age_recipient_parse(s, back, &err) != -ERR_USAGE)
				fail_msg("accepted: %s", s);
		}
		s[i] = was;
	}
}

static void test_a_wrong_recipient_is_told_what_it_is(void **state)
{
	static const struct {
		const char *given, *said;
	} c[] = { { identity, "secret key" }, { "ssh-ed25519 AAAA", "SSH" }, { "age1qqqq", "character is wrong" },
		{ "alice@example.org", "not a recipient" }, { "", "not a recipient" } };
	uint8_t key[AGE_KEY_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		struct err err = { 0 };
		assert_int_equal(age_recipient_parse(c[i].given, key, &err), -ERR_USAGE);
		if (!strstr(err.msg, c[i].said))
			fail_msg("%s: %s", c[i].given, err.msg);
		assert_null(strstr(err.msg, identity));
	}
}

static void test_files_of_keys(void **state)
{
	uint8_t key[AGE_KEY_BYTES] = { 9 };
	_cleanup_free_ char *s = age_recipient_string(key);
	_cleanup_free_ char *good = mem_printf("# team\r\n\n%s\r\n%s", s, s);
	_cleanup_free_ char *bad = mem_printf("%s\n\n%.60s\n", s, s);
	_cleanup_free_ char *secret = mem_printf("# created\n%.70s\n", identity);
	_cleanup_age_keys_ struct age_keys keys = { 0 };
	struct err err = { 0 };

	assert_int_equal(age_recipients_parse("f", good, strlen(good), &keys, &err), 0);
	assert_int_equal(keys.n, 2);
	assert_memory_equal(keys.v[1], key, sizeof(key));
	assert_int_equal(age_recipients_parse("f", bad, strlen(bad), &keys, &err), -ERR_USAGE);
	assert_non_null(strstr(err.msg, "f:3"));
	assert_int_equal(age_recipients_parse("f", "# none\n", 7, &keys, &err), -ERR_USAGE);
	assert_int_equal(age_recipients_parse("f", "a\0b", 3, &keys, &err), -ERR_USAGE);
	assert_int_equal(age_identities_parse("k", secret, strlen(secret), &keys, &err), -ERR_USAGE);
	assert_non_null(strstr(err.msg, "k:2"));
	assert_null(strstr(err.msg, "P3MD90T8"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_parses_and_formats_back),
		cmocka_unit_test(test_full_last_line_is_followed_by_an_empty_one),
		cmocka_unit_test(test_every_prefix_asks_for_more),
		cmocka_unit_test(test_refuses_what_is_not_to_the_letter),
		cmocka_unit_test(test_armored_is_named),
		cmocka_unit_test(test_endless_header_is_refused),
		cmocka_unit_test(test_keys_read_and_spell),
		cmocka_unit_test(test_bip173_vectors),
		cmocka_unit_test(test_any_wrong_character_is_found),
		cmocka_unit_test(test_a_wrong_recipient_is_told_what_it_is),
		cmocka_unit_test(test_files_of_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
