/* SPDX-License-Identifier: MIT */
/* A custody line that parses: what is signed is a prefix of it, and it is written again and read back the same. */
#include <stdlib.h>
#include <string.h>

#include "formats/hand.h"
#include "formats/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_hand_ struct hand h = { 0 }, again = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	struct err err = { 0 };
	size_t n = 0, m = 0;

	if (hand_parse((const char *)data, size, &h, &n, &err)) {
		if (!err.code || h.actor || h.file)
			abort();
		return 0;
	}
	if (n >= size || !hand_action_known(h.action) || strchr(h.file, '/'))
		abort();
	hand_add_text(&b, &h);
	size_t text = b.len;
	hand_add_sig(&b, h.sig);
	if (b.len > HAND_LINE_MAX)
		return 0; /* escapes grow when they are made safe */
	if (hand_parse(b.data, b.len - 1, &again, &m, &err) || m != text || again.seq != h.seq || again.bytes != h.bytes ||
		memcmp(again.sig, h.sig, sizeof(h.sig)) != 0 || memcmp(again.sha256, h.sha256, sizeof(h.sha256)) != 0 ||
		memcmp(&again.key, &h.key, sizeof(h.key)) != 0 || !text_eq(again.action, h.action))
		abort();
	return 0;
}
