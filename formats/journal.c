/* SPDX-License-Identifier: MIT */
#include "formats/journal.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/json.h"
#include "formats/json_plain.h"
#include "formats/text.h"

/* sd-messages.h */
static const struct {
	const char *id;
	enum journal_event event;
} events[] = {
	{ "7d4958e842da4a758f6c1cdc7b36dcc5", JOURNAL_STARTING },
	{ "39f53479d3a045ac8e11786248231fbf", JOURNAL_STARTED },
	{ "9d1aaa27d60140bd96365438aad20286", JOURNAL_STOPPED },
	{ "be02cf6855d2428ba40df7e9d022f03d", JOURNAL_FAILED },
	{ "d9b373ed55a64feb8242e02dbe79a49c", JOURNAL_FAILED },
	{ "5eb03494b6584870a536b337290809b3", JOURNAL_RESTART_SCHEDULED },
};

static enum journal_event event_of(const char *message_id)
{
	for (size_t i = 0; message_id && i < ARRAY_LEN(events); i++)
		if (strcmp(events[i].id, message_id) == 0)
			return events[i].event;
	return JOURNAL_OTHER;
}

static bool is_bytes(const json_t *v)
{
	return json_is_array(v) && json_is_integer(json_array_get(v, 0));
}

/* A value as bytes into b; false when the journal withheld it. */
static bool value_bytes(const json_t *v, struct buf *b)
{
	const json_t *item;
	size_t i;

	/* a field that stands more than once is a list of values, each of which may be bytes */
	if (json_is_array(v) && !is_bytes(v))
		v = json_array_get(v, 0);
	if (json_is_string(v)) {
		const char *s = json_string_value(v), *nul;
		size_t n = json_string_length(v);
		for (; (nul = memchr(s, 0, n)); n -= (size_t)(nul - s) + 1, s = nul + 1) {
			buf_add(b, s, (size_t)(nul - s));
			buf_adds(b, "\xef\xbf\xbd");
		}
		buf_add(b, s, n);
		return true;
	}
	if (!is_bytes(v))
		return false;
	json_array_foreach(v, i, item) {
		json_int_t c = json_integer_value(item);
		if (c > 0 && c < 256)
			buf_addc(b, (char)c);
		else
			buf_adds(b, "\xef\xbf\xbd");
	}
	return true;
}

char **journal_argv(enum journal_detail d, unsigned lines)
{
	char **v = strv_new("journalctl", "--no-pager", "--quiet", "--all", "--output=json", NULL);

	if (d == JOURNAL_EVENTS)
		v = strv_add(v, "--output-fields=MESSAGE_ID");
	return strv_take(v, mem_printf("--lines=%u", lines));
}

/* ---- one entry ---- */

/* What an entry is read from. */
enum part { PART_TIME, PART_MESSAGE_ID, PART_MESSAGE, PARTS };

static const char *const part_names[PARTS] = { "__REALTIME_TIMESTAMP", "MESSAGE_ID", "MESSAGE" };

struct parts {
	struct buf text; /* the values, each with a NUL behind it */
	struct part_value {
		bool there;
		size_t at, len;
	} v[PARTS];
};

/* What the text holds from `at` on is the value of i. */
static void part_ends(struct parts *p, enum part i, size_t at)
{
	p->v[i] = (struct part_value){ true, at, p->text.len - at };
	buf_addc(&p->text, '\0');
}

/* Nearly every line is such an object, and a storm has thousands. */
static bool read_plain(const char *line, size_t n, struct json_plain_member v[PARTS])
{
	struct json_plain j = json_plain_of(line, n);
	struct json_plain_member m;

	while (json_plain_next(&j, &m))
		for (int i = 0; i < PARTS; i++)
			if (json_plain_is(&m, part_names[i]))
				v[i] = m;
	return j.whole;
}

static bool read_any(const char *line, size_t n, struct parts *ret)
{
	_cleanup_json_ json_t *j = NULL;

	if (json_read("journal", line, n, JSON_READ_NUL, &j, NULL) || !json_is_object(j))
		return false;
	for (int i = 0; i < PARTS; i++) {
		size_t at = ret->text.len;
		if (value_bytes(json_object_get(j, part_names[i]), &ret->text))
			part_ends(ret, i, at);
	}
	return true;
}

static bool read_parts(const char *line, size_t n, struct parts *ret)
{
	struct json_plain_member v[PARTS] = { 0 };

	buf_clear(&ret->text);
	memset(ret->v, 0, sizeof(ret->v));
	if (!read_plain(line, n, v))
		return read_any(line, n, ret);
	for (int i = 0; i < PARTS; i++) {
		size_t at = ret->text.len;
		if (!v[i].is_string)
			continue;
		buf_add(&ret->text, v[i].value, v[i].value_len);
		part_ends(ret, i, at);
	}
	return true;
}

/* NULL when it is not there, or empty. */
static const char *part(const struct parts *p, enum part i)
{
	return p->v[i].there && p->v[i].len ? p->text.data + p->v[i].at : NULL;
}

static struct journal_entry entry_of(const struct parts *p)
{
	const struct part_value *message = &p->v[PART_MESSAGE];
	const char *time = part(p, PART_TIME);
	struct journal_entry e = { .event = event_of(part(p, PART_MESSAGE_ID)) };

	if (time && text_to_u64(time, UINT64_MAX, &e.time_us))
		e.time_us = 0;
	if (message->there) {
		e.message = p->text.data + message->at;
		e.message_len = message->len;
	}
	return e;
}

size_t journal_each(const char *text, size_t n, int (*each)(const struct journal_entry *e, void *ctx), void *ctx)
{
	struct parts p = { 0 };
	size_t bad = 0;

	while (n) {
		const char *nl = memchr(text, '\n', n);
		size_t len = nl ? (size_t)(nl - text) : n;
		if (len && !read_parts(text, len, &p)) {
			bad++;
		} else if (len) {
			struct journal_entry e = entry_of(&p);
			if (each(&e, ctx))
				break;
		}
		text += nl ? len + 1 : len;
		n -= nl ? len + 1 : len;
	}
	buf_free(&p.text);
	return bad;
}
