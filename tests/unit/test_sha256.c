/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bundle/sha256.h"
#include "formats/mem.h"

/* libsodium alone is the reference: whatever the pieces, the hash is the same. */
static void test_any_cut_gives_the_hash_of_libsodium(void **state)
{
	static uint8_t data[4096];
	const uint8_t seed[randombytes_SEEDBYTES] = { 7 };
	uint8_t want[32], got[32];

	randombytes_buf_deterministic(data, sizeof(data), seed);
	for (size_t n = 0; n <= 700; n++) {
		crypto_hash_sha256(want, data, n);
		sha256_of(got, data, n);
		assert_memory_equal(got, want, 32);
	}
	crypto_hash_sha256(want, data, sizeof(data));
	for (size_t step = 1; step < 300; step++) {
		struct sha256 h;
		sha256_init(&h);
		for (size_t i = 0; i < sizeof(data); i += step)
			sha256_add(&h, data + i, sizeof(data) - i < step ? sizeof(data) - i : step);
		sha256_end(&h, got);
		assert_memory_equal(got, want, 32);
	}
}

static void test_vector_of_fips_180(void **state)
{
	uint8_t got[32];
	char hex[65];

	sha256_of(got, "abc", 3);
	sodium_bin2hex(hex, sizeof(hex), got, 32);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_cut_gives_the_hash_of_libsodium),
		cmocka_unit_test(test_vector_of_fips_180),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
