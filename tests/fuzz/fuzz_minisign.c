/* SPDX-License-Identifier: MIT */
/* What parses is written back and parses to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/minisign.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct minisign_pub pub, pub2;
	struct minisign_sec sec, sec2;
	struct minisign_sig sig, sig2;
	struct err e = { 0 };
	struct buf b = { 0 };

	if (minisign_parse_pub(p, size, &pub, &e) == 0) {
		minisign_add_pub(&b, &pub);
		must(minisign_parse_pub(b.data, b.len, &pub2, NULL) == 0 && memcmp(&pub, &pub2, sizeof(pub)) == 0);
	} else {
		must(e.code && *e.msg);
	}
	buf_clear(&b);
	if (minisign_parse_sec(p, size, &sec, &e) == 0) {
		minisign_add_sec(&b, &sec);
		must(minisign_parse_sec(b.data, b.len, &sec2, NULL) == 0 && memcmp(&sec, &sec2, sizeof(sec)) == 0);
	}
	buf_clear(&b);
	if (minisign_parse_sig(p, size, &sig, &e) == 0) {
		minisign_add_sig(&b, &sig, "x");
		must(minisign_parse_sig(b.data, b.len, &sig2, NULL) == 0);
		must(sig.prehashed == sig2.prehashed && memcmp(sig.sig, sig2.sig, sizeof(sig.sig)) == 0);
		must(memcmp(sig.global, sig2.global, sizeof(sig.global)) == 0 && strcmp(sig.comment, sig2.comment) == 0);
		minisign_sig_free(&sig);
		minisign_sig_free(&sig2);
	}
	buf_free(&b);
	return 0;
}
