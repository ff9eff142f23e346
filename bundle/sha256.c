/* SPDX-License-Identifier: MIT */
#include "bundle/sha256.h"

#include "formats/text.h"

#define BLOCK 64

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

static const uint32_t round_keys[64] __attribute__((aligned(16))) = { 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
	0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152,
	0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
	0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2 };

/* CPUID leaf 7: EBX bit 29 SHA; leaf 1: ECX bit 19 SSE4.1, bit 9 SSSE3. */
static bool fast_has(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 19) || !(c & 1u << 9))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
}

/* The rounds as Intel's "SHA Extensions" describes them: the state as ABEF and CDGH, four rounds a step,
 * the message schedule four words ahead in a ring of four registers. */
__attribute__((target("sha,sse4.1,ssse3"))) static void fast_blocks(uint32_t state[8], const uint8_t *p, size_t blocks)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bULL, 0x0405060700010203ULL);
	__m128i t = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xb1);
	__m128i cdgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1b);
	__m128i abef = _mm_alignr_epi8(t, cdgh, 8);

	cdgh = _mm_blend_epi16(cdgh, t, 0xf0);
	for (; blocks; blocks--, p += BLOCK) {
		const __m128i abef_was = abef, cdgh_was = cdgh;
		__m128i w[4];
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			if (i < 4) {
				w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)), swap);
			} else {
				const __m128i last = w[(i + 3) & 3];
				__m128i x = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);
				x = _mm_add_epi32(x, _mm_alignr_epi8(last, w[(i + 2) & 3], 4));
				w[i & 3] = _mm_sha256msg2_epu32(x, last);
			}
			const __m128i k = _mm_add_epi32(w[i & 3], _mm_load_si128((const __m128i *)(const void *)(round_keys + 4 * i)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(k, 0x0e));
		}
		abef = _mm_add_epi32(abef, abef_was);
		cdgh = _mm_add_epi32(cdgh, cdgh_was);
	}
	t = _mm_shuffle_epi32(abef, 0x1b);
	cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(t, cdgh, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(cdgh, t, 8));
}
#else
static bool fast_has(void)
{
	return false;
}

static void fast_blocks(uint32_t state[8], const uint8_t *p, size_t blocks)
{
}
#endif

void sha256_init(struct sha256 *h)
{
	crypto_hash_sha256_init(&h->st);
	h->fast = fast_has();
}

void sha256_add(struct sha256 *h, const void *p, size_t n)
{
	const uint8_t *d = p;
	/* count is of bits; libsodium keeps what does not fill a block in its buffer: it fills that up first */
	size_t held = (size_t)(h->st.count >> 3) % BLOCK;
	size_t head = held ? BLOCK - held : 0;

	if (n < head + BLOCK || !h->fast) {
		crypto_hash_sha256_update(&h->st, d, n);
		return;
	}
	if (head)
		crypto_hash_sha256_update(&h->st, d, head);
	size_t blocks = (n - head) / BLOCK;
	fast_blocks(h->st.state, d + head, blocks);
	h->st.count += (uint64_t)blocks * BLOCK << 3;
	size_t done = head + blocks * BLOCK;
	if (n > done)
		crypto_hash_sha256_update(&h->st, d + done, n - done);
}

void sha256_end(struct sha256 *h, uint8_t out[SHA256_BYTES])
{
	crypto_hash_sha256_final(&h->st, out);
}

void sha256_of(uint8_t out[SHA256_BYTES], const void *p, size_t n)
{
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, p, n);
	sha256_end(&h, out);
}

void sha256_hex_of(char out[SHA256_HEX], const void *p, size_t n)
{
	uint8_t digest[SHA256_BYTES];

	sha256_of(digest, p, n);
	text_hex(out, digest, sizeof(digest));
}
