/* SPDX-License-Identifier: MIT */
/*
 * bench_bundle [MIB]: makes a bundle with one log of that size (default 256), then verifies it beside
 * `zstd -d | b2sum` on the same file. One line per measure; ratios are of one run.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bundle/reader.h"
#include "bundle/sha256.h"
#include "tests/unit/evidence.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t rnd(void)
{
	static uint64_t seed = 88172645463325252ull;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static void fill(struct capture *c, uint64_t bytes)
{
	_cleanup_probe_ struct probe *p = log_probe("/var/log/nc/big.log", "big.log");
	struct tap *t = capture_tap(c);
	struct sink *s = t->begin(t, p);
	struct record r = { .key = p->key, .outcome = OUTCOME_OK };
	_cleanup_buf_ struct buf b = { 0 };

	for (int i = 0; r.bytes[STREAM_OUT] < bytes; i++) {
		uint64_t x = rnd();
		buf_addf(&b, "Nov 24 07:%02d:%02d node-commander[%u]: connection to 10.88.%u.%u:%u attempt %d failed elapsed=%ums\n", i / 60 % 60,
			i % 60, (unsigned)x % 32768, (unsigned)(x >> 8) & 255, (unsigned)(x >> 16) & 255, (unsigned)(x >> 24) & 65535, i,
			(unsigned)(x >> 40) & 4095);
		if (b.len < 60000)
			continue;
		s->chunk(s, STREAM_OUT, b.data, b.len);
		r.bytes[STREAM_OUT] += b.len;
		buf_clear(&b);
	}
	s->end(s, p, &r);
}

static int fail(const struct err *e)
{
	fprintf(stderr, "bench_bundle: %s\n", e->msg);
	return 1;
}

static void bench_hash(void)
{
	size_t n = 8u << 20;
	_cleanup_free_ uint8_t *p = mem_alloc(n);
	uint8_t out[32];
	double a = now();

	crypto_hash_sha256(out, p, n);
	double b = now();
	sha256_of(out, p, n);
	double c = now();
	printf("hash: SHA-256 %.0f MB/s, libsodium's %.0f MB/s, ratio %.2f\n", (double)n / 1e6 / (c - b), (double)n / 1e6 / (b - a),
		(c - b) / (b - a));
}

int main(int argc, char **argv)
{
	uint64_t mib = argc > 1 ? strtoull(argv[1], NULL, 10) : 256;
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/big", dir);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_capture_result_ struct capture_result res = { 0 };
	_cleanup_bundle_report_ struct bundle_report report = { 0 };
	_cleanup_trust_ struct trust trust = { 0 };
	struct err e = { 0 };
	struct rusage u;

	bench_hash();
	double a = now();
	if (capture_open(path, &c, &e) || sign_key_host(dir, &k, NULL, &e) || trust_load(&trust, dir, &e))
		return fail(&e);
	fill(c, mib << 20);
	double b = now();
	if (capture_finish(c, &evidence_meta, k, &res, &e))
		return fail(&e);
	double d = now();
	printf("bundle: %llu MiB captured and redacted in %.1f s, bundled and signed in %.1f s, %.0f MB\n", (unsigned long long)mib, b - a,
		d - b, (double)res.bundle_bytes / 1e6);
	/* once to have it in the cache */
	shell("cat '%s' >/dev/null", res.bundle);
	a = now();
	shell("zstd -dqc '%s' | b2sum >/dev/null", res.bundle);
	b = now();
	const struct bundle_args args = { .fd = open(res.bundle, O_RDONLY | O_CLOEXEC),
		.sigfd = open(res.signature, O_RDONLY | O_CLOEXEC),
		.trust = &trust };
	if (bundle_verify(&args, &report, &e))
		return fail(&e);
	d = now();
	getrusage(RUSAGE_SELF, &u);
	printf("verify: %.2f s, zstd -d | b2sum %.2f s, ratio %.2f (at most 1.2), peak memory %ld MiB (at most 64)\n", d - b, b - a,
		(d - b) / (b - a), u.ru_maxrss >> 10);
	return 0;
}
