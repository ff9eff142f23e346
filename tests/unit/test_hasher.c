/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bundle/hasher.h"
#include "bundle/sha256.h"
#include "formats/mem.h"

static void add(void *state, const void *p, size_t n)
{
	sha256_add(state, p, n);
}

/* Two streams interleaved, in pieces of every size around the limits: order within each is kept. */
static void test_pieces_of_two_streams_are_hashed_in_order(void **state)
{
	static const size_t sizes[] = { 1, 100000, 0, 300000, 16383, 16384, 262144, 262145, 7, 1000000, 3 };
	_cleanup_free_ uint8_t *data = mem_alloc(1000000);
	struct hasher *h = hasher_new();
	struct sha256 want[2], got[2];
	uint8_t a[32], b[32];

	randombytes_buf(data, 1000000);
	for (int s = 0; s < 2; s++) {
		sha256_init(&want[s]);
		sha256_init(&got[s]);
	}
	for (size_t i = 0; i < 10 * ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i % ARRAY_LEN(sizes)];
		data[i] ^= 1; /* the piece is copied: changing it after the call changes nothing */
		sha256_add(&want[i % 3 == 0], data, n);
		hasher_add(h, add, &got[i % 3 == 0], data, n);
	}
	hasher_wait(h);
	for (int s = 0; s < 2; s++) {
		sha256_end(&want[s], a);
		sha256_end(&got[s], b);
		assert_memory_equal(a, b, 32);
	}
	hasher_free(h);
}

static void test_freeing_waits_and_needs_no_work(void **state)
{
	static uint8_t data[1 << 20];
	struct hasher *h = hasher_new();
	struct sha256 s;

	hasher_free(h);
	hasher_free(NULL);
	h = hasher_new();
	sha256_init(&s);
	for (int i = 0; i < 20; i++)
		hasher_add(h, add, &s, data, sizeof(data));
	hasher_free(h); /* s is no longer used after this */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_of_two_streams_are_hashed_in_order),
		cmocka_unit_test(test_freeing_waits_and_needs_no_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
