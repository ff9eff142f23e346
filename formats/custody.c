/* SPDX-License-Identifier: MIT */
#include "formats/custody.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "formats/text.h"

void custody_free(struct custody *c)
{
	free(c->actor);
	free(c->tool);
	free(c->action);
	free(c->detail);
	free(c->case_id);
	*c = (struct custody){ 0 };
}

static void set_text(json_t *j, const char *key, const char *s)
{
	if (!s)
		return;
	json_t *v = json_string(s);
	if (!v) {
		_cleanup_free_ char *safe = text_safe(s);
		v = json_string(safe);
	}
	json_object_set_new(j, key, v);
}

void custody_add(struct buf *b, const struct custody *c)
{
	json_t *j = json_object();
	char when[32], prev[65];

	text_time(when, c->time_us);
	text_hex(prev, c->prev, 32);
	json_object_set_new(j, "seq", json_integer((json_int_t)c->seq));
	json_object_set_new(j, "time", json_string(when));
	json_object_set_new(j, "timeUs", json_integer((json_int_t)c->time_us));
	set_text(j, "actor", c->actor);
	json_object_set_new(j, "uid", json_integer(c->uid));
	set_text(j, "tool", c->tool);
	set_text(j, "action", c->action);
	set_text(j, "case", c->case_id);
	set_text(j, "detail", c->detail);
	json_object_set_new(j, "exit", json_integer(c->exit));
	json_object_set_new(j, "prev", json_string(prev));
	char *line = json_dumps(j, JSON_COMPACT);
	if (!line)
		abort(); /* out of memory: see mem.h */
	buf_adds(b, line);
	buf_addc(b, '\n');
	free(line);
	json_decref(j);
}

static int from_json(const json_t *j, struct custody *c, struct err *err)
{
	static const char *const numbers[] = { "seq", "timeUs", "uid", "exit" };
	const char *prev = json_string_value(json_object_get(j, "prev"));
	json_int_t v[ARRAY_LEN(numbers)];

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const json_t *n = json_object_get(j, numbers[i]);
		v[i] = json_integer_value(n);
		if (!json_is_integer(n) || (i < 3 && v[i] < 0) || (i == 2 && v[i] > UINT32_MAX) || (i == 3 && v[i] != (int)v[i]))
			return err_set(err, ERR_SYNTAX, "custody line without a fitting %s", numbers[i]);
	}
	c->seq = (uint64_t)v[0];
	c->time_us = (uint64_t)v[1];
	c->uid = (uint32_t)v[2];
	c->exit = (int)v[3];
	c->actor = mem_strdup(json_string_value(json_object_get(j, "actor")));
	c->tool = mem_strdup(json_string_value(json_object_get(j, "tool")));
	c->action = mem_strdup(json_string_value(json_object_get(j, "action")));
	c->detail = mem_strdup(json_string_value(json_object_get(j, "detail")));
	c->case_id = mem_strdup(json_string_value(json_object_get(j, "case")));
	if (!c->actor || !c->tool || !c->action)
		return err_set(err, ERR_SYNTAX, "custody line without actor, tool or action");
	if (!prev || text_unhex(c->prev, 32, prev))
		return err_set(err, ERR_SYNTAX, "custody line without the hash of the line before");
	return 0;
}

int custody_parse(const char *p, size_t n, struct custody *ret, struct err *err)
{
	_cleanup_custody_ struct custody c = { 0 };
	json_error_t where;
	json_t *j = json_loadb(p, n, JSON_REJECT_DUPLICATES, &where);

	if (!j)
		return err_set(err, ERR_SYNTAX, "custody line: %s", where.text);
	int r = from_json(j, &c, err);
	json_decref(j);
	if (r)
		return r;
	*ret = c;
	c = (struct custody){ 0 };
	return 0;
}

int custody_check(const char *p, size_t n, void (*sha256)(uint8_t out[32], const void *p, size_t n), uint64_t *ret_lines,
	uint8_t ret_prev[32], struct err *err)
{
	uint8_t prev[32] = { 0 };
	uint64_t lines = 0;

	while (n) {
		const char *nl = memchr(p, '\n', n);
		_cleanup_custody_ struct custody c = { 0 };
		if (!nl)
			return err_set(err, ERR_SYNTAX, "custody line %" PRIu64 " is torn", lines + 1);
		int r = custody_parse(p, (size_t)(nl - p), &c, err);
		if (r) {
			err_prefix(err, "line %" PRIu64, lines + 1);
			return r;
		}
		lines++;
		if (c.seq != lines || memcmp(c.prev, prev, 32) != 0)
			return err_set(err, ERR_TRUST, "custody line %" PRIu64 " does not follow the line before it", lines);
		sha256(prev, p, (size_t)(nl - p));
		n -= (size_t)(nl + 1 - p);
		p = nl + 1;
	}
	if (ret_lines)
		*ret_lines = lines;
	if (ret_prev)
		memcpy(ret_prev, prev, 32);
	return 0;
}
