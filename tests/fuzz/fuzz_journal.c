/* SPDX-License-Identifier: MIT */
/* Messages are strings of the length they say, whatever bytes the journal held. */
#include <stdlib.h>
#include <string.h>

#include "formats/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int each(const struct journal_entry *e, void *ctx)
{
	if (e->message ? strlen(e->message) != e->message_len : e->message_len != 0)
		abort();
	++*(size_t *)ctx;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = 0, lines = 1, bad = journal_each((const char *)data, size, each, &n);

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (n + bad > lines)
		abort();
	return 0;
}
