/* SPDX-License-Identifier: MIT */
/* Messages are strings of the length they say, whatever bytes the journal held; a line that is read in place tells what jansson does. */
#include <stdlib.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct buf all; /* every entry, written out */
	size_t n;
};

static int each(const struct journal_entry *e, void *ctx)
{
	struct seen *s = ctx;

	if (e->message ? strlen(e->message) != e->message_len : e->message_len != 0)
		abort();
	buf_addf(&s->all, "%d %llu %s\n", (int)e->event, (unsigned long long)e->time_us, e->message ? "+" : "-");
	buf_add(&s->all, e->message, e->message_len);
	s->n++;
	return 0;
}

/* A blank behind the brace means nothing in JSON, and is not read in place. */
static struct buf with_blanks(const uint8_t *data, size_t size)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < size; i++) {
		buf_addc(&b, (char)data[i]);
		if (data[i] == '{' && (i == 0 || data[i - 1] == '\n'))
			buf_addc(&b, ' ');
	}
	return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf blanks = with_blanks(data, size);
	struct seen in_place = { 0 }, parsed = { 0 };
	size_t lines = 1, bad = journal_each((const char *)data, size, each, &in_place);

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (in_place.n + bad > lines)
		abort();
	if (journal_each(buf_str(&blanks), blanks.len, each, &parsed) != bad || parsed.all.len != in_place.all.len ||
		(parsed.all.len && memcmp(parsed.all.data, in_place.all.data, parsed.all.len) != 0))
		abort();
	buf_free(&blanks);
	buf_free(&in_place.all);
	buf_free(&parsed.all);
	return 0;
}
