/* SPDX-License-Identifier: MIT */
#include "formats/hand.h"

#include <jansson.h>
#include <string.h>

#include "formats/base64.h"
#include "formats/text.h"

static const char sig_member[] = ",\"sig\":\"";
enum { SIG_DIGITS = 88 }; /* 64 bytes in base64 */

bool hand_action_known(const char *action)
{
	static const char *const known[] = { "collected", "sealed", "attached", "received", "opened", "note" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_eq(action, known[i]))
			return true;
	return false;
}

void hand_free(struct hand *h)
{
	char *const all[] = { h->actor, h->host, h->tool, h->action, h->case_id, h->detail, h->file };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	*h = (struct hand){ 0 };
}

/* Words of people and names of files are made printable here, so that what is signed is what a reader sees. */
static void set_text(json_t *j, const char *key, const char *s)
{
	if (!s)
		return;
	_cleanup_free_ char *safe = text_safe(s);
	json_object_set_new(j, key, json_string(safe));
}

void hand_add_text(struct buf *b, const struct hand *h)
{
	_cleanup_buf_ struct buf key = { 0 };
	char when[32], sha[65], prev[65];
	json_t *j = json_object(), *f = json_object();

	text_time(when, h->time_us);
	text_hex(sha, h->sha256, 32);
	text_hex(prev, h->prev, 32);
	minisign_add_pub_text(&key, &h->key);
	json_object_set_new(j, "schema", json_string(HAND_SCHEMA));
	json_object_set_new(j, "seq", json_integer((json_int_t)h->seq));
	json_object_set_new(j, "time", json_string(when));
	json_object_set_new(j, "timeUs", json_integer((json_int_t)h->time_us));
	set_text(j, "actor", h->actor);
	json_object_set_new(j, "uid", json_integer(h->uid));
	set_text(j, "host", h->host);
	set_text(j, "tool", h->tool);
	set_text(j, "action", h->action);
	set_text(j, "case", h->case_id);
	set_text(j, "detail", h->detail);
	set_text(f, "name", h->file);
	json_object_set_new(f, "bytes", json_integer((json_int_t)h->bytes));
	json_object_set_new(f, "sha256", json_string(sha));
	json_object_set_new(j, "file", f);
	json_object_set_new(j, "key", json_string(buf_str(&key)));
	json_object_set_new(j, "prev", json_string(prev));
	char *line = json_dumps(j, JSON_COMPACT);
	if (!line)
		abort(); /* out of memory: see mem.h */
	buf_add(b, line, strlen(line) - 1); /* without the closing brace */
	free(line);
	json_decref(j);
}

void hand_add_sig(struct buf *b, const uint8_t sig[MINISIGN_SIG_BYTES])
{
	buf_adds(b, sig_member);
	base64_add(b, sig, MINISIGN_SIG_BYTES);
	buf_adds(b, "\"}\n");
}

static int number(const json_t *j, const char *key, uint64_t max, uint64_t *ret, struct err *err)
{
	const json_t *v = json_object_get(j, key);

	if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max)
		return err_set(err, ERR_SYNTAX, "custody line without a fitting \"%s\"", key);
	*ret = (uint64_t)json_integer_value(v);
	return 0;
}

static int text(const json_t *j, const char *key, bool must, char **ret, struct err *err)
{
	const json_t *v = json_object_get(j, key);

	if (v && !json_is_string(v))
		return err_set(err, ERR_SYNTAX, "custody line: \"%s\" is not a text", key);
	if (!v && must)
		return err_set(err, ERR_SYNTAX, "custody line without \"%s\"", key);
	*ret = mem_strdup(json_string_value(v));
	return 0;
}

static int hash(const json_t *j, const char *key, uint8_t ret[32], struct err *err)
{
	const char *s = json_string_value(json_object_get(j, key));

	if (!s || strlen(s) != 64 || text_unhex(ret, 32, s))
		return err_set(err, ERR_SYNTAX, "custody line: \"%s\" is not a SHA-256", key);
	return 0;
}

static int from_json(const json_t *j, struct hand *h, struct err *err)
{
	const char *key = json_string_value(json_object_get(j, "key"));
	const json_t *f = json_object_get(j, "file");
	uint64_t uid = 0;
	int r;

	if (!text_eq(json_string_value(json_object_get(j, "schema")), HAND_SCHEMA))
		return err_set(err, ERR_SYNTAX, "custody line: schema is not %s", HAND_SCHEMA);
	if ((r = number(j, "seq", INT64_MAX, &h->seq, err)) || (r = number(j, "timeUs", INT64_MAX, &h->time_us, err)) ||
		(r = number(j, "uid", UINT32_MAX, &uid, err)) || (r = text(j, "actor", true, &h->actor, err)) ||
		(r = text(j, "host", false, &h->host, err)) || (r = text(j, "tool", true, &h->tool, err)) ||
		(r = text(j, "action", true, &h->action, err)) || (r = text(j, "case", false, &h->case_id, err)) ||
		(r = text(j, "detail", false, &h->detail, err)) || (r = hash(j, "prev", h->prev, err)) ||
		(r = text(f, "name", true, &h->file, err)) || (r = number(f, "bytes", INT64_MAX, &h->bytes, err)) ||
		(r = hash(f, "sha256", h->sha256, err)))
		return r;
	h->uid = (uint32_t)uid;
	if (!hand_action_known(h->action))
		return err_set(err, ERR_SYNTAX, "custody line: unknown action");
	if (strchr(h->file, '/'))
		return err_set(err, ERR_SYNTAX, "custody line: a file's name with directories");
	if (!key || minisign_parse_pub_text(key, &h->key, NULL))
		return err_set(err, ERR_SYNTAX, "custody line: \"key\" is not a public key");
	return 0;
}

int hand_parse(const char *p, size_t n, struct hand *ret, size_t *ret_signed, struct err *err)
{
	_cleanup_hand_ struct hand h = { 0 };
	size_t tail = sizeof(sig_member) - 1 + SIG_DIGITS + 2;
	json_error_t where;

	if (n > HAND_LINE_MAX)
		return err_set(err, ERR_LIMIT, "custody line of %zu bytes; at most %u", n, HAND_LINE_MAX);
	/* the signature is found by its place from the end: there is only one way to read what is signed */
	if (n < tail || memcmp(p + n - tail, sig_member, sizeof(sig_member) - 1) != 0 || memcmp(p + n - 2, "\"}", 2) != 0)
		return err_set(err, ERR_SYNTAX, "custody line without a signature at its end");
	size_t got = 0;
	if (base64_decode(p + n - 2 - SIG_DIGITS, SIG_DIGITS, h.sig, sizeof(h.sig), &got) || got != sizeof(h.sig))
		return err_set(err, ERR_SYNTAX, "custody line: its signature is not one");
	json_t *j = json_loadb(p, n, JSON_REJECT_DUPLICATES, &where);
	if (!j)
		return err_set(err, ERR_SYNTAX, "custody line: %s", where.text);
	int r = from_json(j, &h, err);
	json_decref(j);
	if (r)
		return r;
	*ret_signed = n - tail;
	*ret = h;
	h = (struct hand){ 0 };
	return 0;
}
