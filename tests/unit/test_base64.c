/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "formats/base64.h"

static void test_vectors_of_rfc4648(void **state)
{
	static const char *const v[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" } };

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		_cleanup_free_ char *enc = NULL;
		struct buf b = { 0 };
		uint8_t out[16];
		size_t n = 99;
		base64_add(&b, v[i][0], strlen(v[i][0]));
		enc = buf_take(&b);
		assert_string_equal(enc, v[i][1]);
		assert_int_equal(base64_decode(enc, strlen(enc), out, sizeof(out), &n), 0);
		assert_int_equal(n, strlen(v[i][0]));
		assert_memory_equal(out, v[i][0], n);
	}
}

static void test_other_spellings_are_refused(void **state)
{
	static const char *const bad[] = { "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-_" };
	uint8_t out[16];
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(base64_decode(bad[i], strlen(bad[i]), out, sizeof(out), &n), -1);
	assert_int_equal(base64_decode("Zm9vYmFy", 8, out, 5, &n), -1); /* larger than the room */
}

static void test_without_padding(void **state)
{
	static const char *const v[][2] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" } };
	static const char *const bad[] = { "Z", "Zg==", "Zm8=", "Zh", "Zm9", "Zm9vYh", "Zm9v\n", "=Zm9" };
	uint8_t out[16];
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		_cleanup_buf_ struct buf b = { 0 };
		base64_add_bare(&b, v[i][0], strlen(v[i][0]));
		assert_string_equal(buf_str(&b), v[i][1]);
		assert_int_equal(base64_decode_bare(v[i][1], strlen(v[i][1]), out, sizeof(out), &n), 0);
		assert_int_equal(n, strlen(v[i][0]));
		assert_memory_equal(out, v[i][0], n);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(base64_decode_bare(bad[i], strlen(bad[i]), out, sizeof(out), &n), -1);
	assert_int_equal(base64_decode_bare("Zm9vYg", 6, out, 3, &n), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_of_rfc4648),
		cmocka_unit_test(test_other_spellings_are_refused),
		cmocka_unit_test(test_without_padding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
