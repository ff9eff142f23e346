/* SPDX-License-Identifier: MIT */
#include "redact/input.h"

#include <sodium.h>
#include <string.h>

#include "formats/dl_archive.h"
#include "redact/utf16.h"
#include "redact/whole.h"

#define HEAD_BYTES 64
#define UNPACKED_MAX (512ull << 20)
#define DEPTH_PACKED 2 /* a packed file in a packed file, and no further */

enum wrap { WRAP_UNKNOWN, WRAP_NONE, WRAP_UTF16, WRAP_PACKED };

struct text_input {
	struct redactor *r;
	struct tally *tally;
	struct sink_bytes to;
	enum wrap wrap;
	struct text_stage *stage;
	char head[HEAD_BYTES];
	size_t nhead;
	int depth;
	/* UTF-16 */
	struct utf16 in;
	struct utf16_back out;
	struct buf wide, narrow;
	/* packed */
	struct buf hold;
	bool over, withheld;
};

static int packer(const char *p, size_t n)
{
	static const struct {
		const char *magic;
		size_t n;
		int filter;
	} known[] = { { "\x1f\x8b\x08", 3, ARCHIVE_FILTER_GZIP }, { "\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD },
		{ "\xfd" "7zXZ\0", 6, ARCHIVE_FILTER_XZ }, { "BZh", 3, ARCHIVE_FILTER_BZIP2 } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (n >= known[i].n && memcmp(p, known[i].magic, known[i].n) == 0 &&
			(known[i].filter != ARCHIVE_FILTER_BZIP2 || (n > 8 && memcmp(p + 4, "1AY&S", 5) == 0)))
			return known[i].filter;
	return ARCHIVE_FILTER_NONE;
}

static void widen(void *context, const char *p, size_t n)
{
	struct text_input *t = context;

	buf_clear(&t->wide);
	utf16_encode(&t->out, p, n, &t->wide);
	t->to.write(t->to.context, t->wide.data ? t->wide.data : "", t->wide.len);
}

struct text_input *text_input_new(struct redactor *r, struct tally *tally, struct sink_bytes to)
{
	struct text_input *t = mem_alloc(sizeof(*t));

	t->r = r;
	t->tally = tally;
	t->to = to;
	return t;
}

static void decide(struct text_input *t)
{
	int utf16 = utf16_sniff(t->head, t->nhead);

	if (t->depth < DEPTH_PACKED && packer(t->head, t->nhead) != ARCHIVE_FILTER_NONE) {
		t->wrap = WRAP_PACKED;
		return;
	}
	t->wrap = utf16 ? WRAP_UTF16 : WRAP_NONE;
	if (utf16) {
		t->in.big = t->out.big = utf16 == 2;
		t->stage = text_stage_new(t->r, t->tally, (struct sink_bytes){ widen, t });
	} else {
		t->stage = text_stage_new(t->r, t->tally, t->to);
	}
}

static void pass(struct text_input *t, const char *p, size_t n)
{
	switch (t->wrap) {
	case WRAP_UTF16:
		buf_clear(&t->narrow);
		utf16_decode(&t->in, p, n, &t->narrow);
		text_stage_feed(t->stage, t->narrow.data, t->narrow.len);
		return;
	case WRAP_PACKED:
		if (t->hold.len + n > REDACT_WHOLE_MAX) {
			n = REDACT_WHOLE_MAX - t->hold.len;
			t->over = true;
		}
		buf_add(&t->hold, p, n);
		return;
	default:
		text_stage_feed(t->stage, p, n);
	}
}

void text_input_feed(struct text_input *t, const char *p, size_t n)
{
	if (t->wrap == WRAP_UNKNOWN) {
		size_t k = HEAD_BYTES - t->nhead < n ? HEAD_BYTES - t->nhead : n;
		memcpy(t->head + t->nhead, p, k);
		t->nhead += k;
		p += k;
		n -= k;
		if (t->nhead < HEAD_BYTES)
			return;
		decide(t);
		pass(t, t->head, t->nhead);
	}
	if (n)
		pass(t, p, n);
}

int unpack(const char *p, size_t n, uint64_t max, unpack_chunk *fn, void *context)
{
	struct archive_entry *e;
	const void *chunk;
	size_t k;
	la_int64_t offset;
	uint64_t total = 0;
	int r = -1;

	if (dl_archive(NULL))
		return -2; /* what cannot be unpacked is withheld, not passed on */
	struct archive *a = archive_read_new();
	archive_read_support_format_raw(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_bzip2(a);
	if (archive_read_open_memory(a, p, n) == ARCHIVE_OK && archive_read_next_header(a, &e) == ARCHIVE_OK &&
		archive_filter_code(a, 0) != ARCHIVE_FILTER_NONE) {
		r = 0;
		/* cut short or damaged further on: what came is what there is */
		while (archive_read_data_block(a, &chunk, &k, &offset) == ARCHIVE_OK) {
			total += k;
			if (total > max) {
				r = -2;
				break;
			}
			fn(context, chunk, k);
		}
	}
	archive_read_free(a);
	return r;
}

struct repack {
	struct archive *to;
	struct buf packed;
	struct text_input *inner;
	bool broken;
};

static la_ssize_t packed_write(struct archive *a, void *context, const void *p, size_t n)
{
	buf_add(&((struct repack *)context)->packed, p, n);
	return (la_ssize_t)n;
}

static void clean_write(void *context, const char *p, size_t n)
{
	struct repack *k = context;

	if (archive_write_data(k->to, p, n) != (la_ssize_t)n)
		k->broken = true;
}

static void inner_feed(void *context, const char *p, size_t n)
{
	text_input_feed(((struct repack *)context)->inner, p, n);
}

static void pack_open(struct repack *k, int filter)
{
	struct archive_entry *e = archive_entry_new();

	k->to = archive_write_new();
	archive_write_set_format_raw(k->to);
	k->broken = archive_write_add_filter(k->to, filter) < ARCHIVE_WARN;
	/* no time of making in it: the same evidence gives the same bytes */
	if (filter == ARCHIVE_FILTER_GZIP)
		archive_write_set_filter_option(k->to, "gzip", "timestamp", NULL);
	archive_write_set_bytes_per_block(k->to, 0);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_pathname(e, "data");
	k->broken |= archive_write_open(k->to, k, NULL, packed_write, NULL) != ARCHIVE_OK || archive_write_header(k->to, e) != ARCHIVE_OK;
	archive_entry_free(e);
}

static size_t tally_sum(const struct tally *t)
{
	size_t n = 0;

	for (size_t i = 0; i < CLASSES; i++)
		n += t->n[i];
	return n;
}

static void end_packed(struct text_input *t)
{
	struct repack k = { 0 };
	struct tally found = { 0 };
	struct buf out = { 0 };
	int r = -2;

	if (!t->over && dl_archive(NULL) == 0) {
		pack_open(&k, packer(t->hold.data, t->hold.len));
		k.inner = text_input_new(t->r, &found, (struct sink_bytes){ clean_write, &k });
		k.inner->depth = t->depth + 1;
		r = unpack(t->hold.data, t->hold.len, UNPACKED_MAX, inner_feed, &k);
		k.broken |= text_input_end(k.inner);
		k.broken |= archive_write_close(k.to) != ARCHIVE_OK;
		archive_write_free(k.to);
	}
	if (r == -1) {
		/* only its first bytes look packed */
		struct text_stage *s = text_stage_new(t->r, t->tally, t->to);
		text_stage_feed(s, t->hold.data, t->hold.len);
		text_stage_end(s);
	} else if (r < 0 || k.broken) {
		withhold(t->r, t->tally, t->hold.data, t->hold.len, &out);
		t->to.write(t->to.context, out.data, out.len);
		t->withheld = true;
	} else if (!tally_sum(&found)) {
		t->to.write(t->to.context, t->hold.data, t->hold.len);
	} else {
		for (size_t i = 0; i < CLASSES; i++)
			t->tally->n[i] += found.n[i];
		t->to.write(t->to.context, k.packed.data, k.packed.len);
	}
	buf_free(&out);
	buf_free(&k.packed);
}

bool text_input_end(struct text_input *t)
{
	if (t->wrap == WRAP_UNKNOWN) {
		decide(t);
		pass(t, t->head, t->nhead);
	}
	if (t->wrap == WRAP_PACKED)
		end_packed(t);
	if (t->wrap == WRAP_UTF16) {
		buf_clear(&t->narrow);
		utf16_decode_end(&t->in, &t->narrow);
		text_stage_feed(t->stage, t->narrow.data, t->narrow.len);
	}
	if (t->stage)
		text_stage_end(t->stage);
	/* half a unit at the end */
	if (t->wrap == WRAP_UTF16 && t->in.has_odd)
		t->to.write(t->to.context, (const char *)&t->in.odd, 1);
	bool withheld = t->withheld;
	struct buf *bufs[] = { &t->wide, &t->narrow, &t->hold };
	for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
		buf_wipe(bufs[i]);
	sodium_memzero(t->head, sizeof(t->head));
	free(t);
	return withheld;
}
