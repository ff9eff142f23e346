/* SPDX-License-Identifier: MIT */
#include "formats/journal.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/json.h"
#include "formats/text.h"

/* sd-messages.h */
static const struct {
	const char *id;
	enum journal_event event;
} events[] = {
	{ "7d4958e842da4a758f6c1cdc7b36dcc5", JOURNAL_STARTING },
	{ "39f53479d3a045ac8e11786248231fbf", JOURNAL_STARTED },
	{ "de5b426a63be47a7b6ac3eaac82e2f6f", JOURNAL_STOPPING },
	{ "9d1aaa27d60140bd96365438aad20286", JOURNAL_STOPPED },
	{ "be02cf6855d2428ba40df7e9d022f03d", JOURNAL_FAILED },
	{ "d9b373ed55a64feb8242e02dbe79a49c", JOURNAL_FAILED },
	{ "98e322203f7a4ed290d09fe03c09fe15", JOURNAL_PROCESS_EXIT },
	{ "7ad2d189f7e94e70a38c781354912448", JOURNAL_SUCCESS },
	{ "5eb03494b6584870a536b337290809b3", JOURNAL_RESTART_SCHEDULED },
	{ "ae8f7b866b0347b9af31fe1c80b127c0", JOURNAL_RESOURCES },
	{ "d34d037fff1847e6ae669a370e694725", JOURNAL_RELOADING },
	{ "fe6faa94e7774663a0da52717891d8ef", JOURNAL_OOM },
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

static char *field(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	_cleanup_buf_ struct buf b = { 0 };

	return v && value_bytes(v, &b) && b.len ? buf_take(&b) : NULL;
}

static char *first_field(const json_t *j, const char *const *keys)
{
	char *s = NULL;

	for (; !s && *keys; keys++)
		s = field(j, *keys);
	return s;
}

static uint64_t field_u64(const json_t *j, const char *key)
{
	_cleanup_free_ char *s = field(j, key);
	uint64_t v;

	return s && text_to_u64(s, UINT64_MAX, &v) == 0 ? v : 0;
}

static int64_t field_i64(const json_t *j, const char *key)
{
	_cleanup_free_ char *s = field(j, key);
	int64_t v;

	return s && text_to_i64(s, &v) == 0 ? v : -1;
}

static const char *const about[] = { "UNIT", "USER_UNIT", "_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT", NULL };
static const char message_id[] = "MESSAGE_ID";

static bool is_name(const char *s, const char *name, size_t n)
{
	return strlen(s) == n && memcmp(s, name, n) == 0;
}

bool journal_detail_has(enum journal_detail d, const char *name, size_t n)
{
	if (d == JOURNAL_WHOLE || is_name(message_id, name, n))
		return true;
	for (const char *const *s = about; *s; s++)
		if (is_name(*s, name, n))
			return true;
	return false;
}

char **journal_argv(enum journal_detail d, unsigned lines)
{
	char **v = strv_new("journalctl", "--no-pager", "--quiet", "--all", "--output=json", NULL);

	if (d == JOURNAL_EVENTS) {
		_cleanup_buf_ struct buf b = { 0 };
		buf_addf(&b, "--output-fields=%s", message_id);
		for (const char *const *s = about; *s; s++)
			buf_addf(&b, ",%s", *s);
		v = strv_add(v, buf_str(&b));
	}
	return strv_take(v, mem_printf("--lines=%u", lines));
}

int journal_parse(const char *line, size_t n, struct journal_entry *ret, struct err *err)
{
	static const char *const who[] = { "SYSLOG_IDENTIFIER", "_COMM", NULL };
	_cleanup_buf_ struct buf message = { 0 };
	_cleanup_json_ json_t *j = NULL;
	int r = json_read("journal", line, n, JSON_READ_NUL, &j, err);

	if (r)
		return r;
	if (!json_is_object(j))
		return err_set(err, ERR_SYNTAX, "journal: an entry that is no object");
	struct journal_entry e = {
		.time_us = field_u64(j, "__REALTIME_TIMESTAMP"),
		.monotonic_us = field_u64(j, "__MONOTONIC_TIMESTAMP"),
		.pid = field_i64(j, "_PID"),
		.uid = field_i64(j, "_UID"),
		.identifier = first_field(j, who),
		.unit = first_field(j, about),
		.system_unit = field(j, "_SYSTEMD_UNIT"),
		.user_unit = field(j, "_SYSTEMD_USER_UNIT"),
		.transport = field(j, "_TRANSPORT"),
		.message_id = field(j, message_id),
		.job_type = field(j, "JOB_TYPE"),
		.job_result = field(j, "JOB_RESULT"),
		.unit_result = field(j, "UNIT_RESULT"),
		.exit_code = field(j, "EXIT_CODE"),
		.exit_status = field(j, "EXIT_STATUS"),
		.n_restarts = field_i64(j, "N_RESTARTS"),
		.invocation_id = field(j, "INVOCATION_ID"),
		.boot_id = field(j, "_BOOT_ID"),
		.container_name = field(j, "CONTAINER_NAME"),
		.cursor = field(j, "__CURSOR"),
	};
	int64_t priority = field_i64(j, "PRIORITY");
	e.priority = priority >= 0 && priority <= 7 ? (int)priority : -1;
	if (!e.invocation_id)
		e.invocation_id = field(j, "USER_INVOCATION_ID");
	if (!e.invocation_id)
		e.invocation_id = field(j, "_SYSTEMD_INVOCATION_ID");
	if (value_bytes(json_object_get(j, "MESSAGE"), &message)) {
		e.message_len = message.len;
		e.message = buf_take(&message);
	}
	e.event = event_of(e.message_id);
	*ret = e;
	return 0;
}

void journal_entry_free(struct journal_entry *e)
{
	free(e->message);
	free(e->identifier);
	free(e->unit);
	free(e->system_unit);
	free(e->user_unit);
	free(e->transport);
	free(e->message_id);
	free(e->job_type);
	free(e->job_result);
	free(e->unit_result);
	free(e->exit_code);
	free(e->exit_status);
	free(e->invocation_id);
	free(e->boot_id);
	free(e->container_name);
	free(e->cursor);
	*e = (struct journal_entry){ 0 };
}

size_t journal_each(const char *text, size_t n, int (*each)(const struct journal_entry *e, void *ctx), void *ctx)
{
	size_t bad = 0;

	while (n) {
		const char *nl = memchr(text, '\n', n);
		size_t len = nl ? (size_t)(nl - text) : n;
		_cleanup_journal_entry_ struct journal_entry e = { 0 };
		if (len && journal_parse(text, len, &e, NULL))
			bad++;
		else if (len && each(&e, ctx))
			break;
		text += nl ? len + 1 : len;
		n -= nl ? len + 1 : len;
	}
	return bad;
}
