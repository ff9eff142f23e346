/* SPDX-License-Identifier: MIT */
#include "formats/record.h"

#include <string.h>

#include "formats/text.h"

static const char *const outcome_names[OUTCOMES] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_CUT] = "cut",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_ABSENT] = "absent",
	[OUTCOME_DENIED] = "denied",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_NOT_COLLECTED] = "not-collected",
};

static const char *const kind_names[] = { "cmd", "file", "dir", "link", "http", "fact" };

const char *outcome_name(enum outcome o)
{
	return (unsigned)o < OUTCOMES ? outcome_names[o] : "failed";
}

int outcome_parse(const char *s, enum outcome *ret)
{
	for (int i = 0; i < OUTCOMES; i++)
		if (strcmp(s, outcome_names[i]) == 0) {
			*ret = (enum outcome)i;
			return 0;
		}
	return -1;
}

void record_free(struct record *r)
{
	free(r->key);
	free(r->reason);
	free(r->stat.owner);
	free(r->stat.link);
	*r = (struct record){ 0 };
}

void record_copy(struct record *to, const struct record *from)
{
	*to = *from;
	to->key = mem_strdup(from->key);
	to->reason = mem_strdup(from->reason);
	to->stat.owner = mem_strdup(from->stat.owner);
	to->stat.link = mem_strdup(from->stat.link);
}

/* jansson refuses strings that are not UTF-8, and file names may be anything: those are written safely. */
static json_t *json_text(const char *s)
{
	json_t *j = json_string(s);

	if (!j) {
		_cleanup_free_ char *safe = text_safe(s);
		j = json_string(safe);
	}
	return j;
}

static const char *const via_names[] = { [VIA_COMMAND] = NULL, [VIA_BUS] = "bus", [VIA_JOURNAL] = "journal" };

static json_t *stat_to_json(const struct file_stat *st)
{
	json_t *j = json_object();

	json_object_set_new(j, "mode", json_integer(st->mode));
	json_object_set_new(j, "uid", json_integer(st->uid));
	json_object_set_new(j, "gid", json_integer(st->gid));
	json_object_set_new(j, "size", json_integer((json_int_t)st->size));
	json_object_set_new(j, "mtimeUs", json_integer(st->mtime_us));
	if (st->owner)
		json_object_set_new(j, "owner", json_text(st->owner));
	if (st->link)
		json_object_set_new(j, "link", json_text(st->link));
	return j;
}

json_t *record_to_json(const struct probe *p, const struct record *r)
{
	_cleanup_free_ char *command = probe_command(p);
	json_t *j = json_object();
	char when[32];

	text_time(when, r->started_us);
	json_object_set_new(j, "key", json_text(r->key));
	json_object_set_new(j, "kind", json_string(kind_names[p->kind]));
	json_object_set_new(j, "command", json_text(command));
	if (p->as)
		json_object_set_new(j, "as", json_text(p->as->name));
	json_object_set_new(j, "payload", json_string(payload_class_name(p->payload)));
	json_object_set_new(j, "tier", json_integer(p->tier));
	json_object_set_new(j, "timeoutMs", json_integer(p->limits.timeout_ms));
	json_object_set_new(j, "outcome", json_string(outcome_name(r->outcome)));
	json_object_set_new(j, "status", json_integer(r->status));
	json_object_set_new(j, "signal", json_integer(r->signal));
	if (r->reason)
		json_object_set_new(j, "reason", json_text(r->reason));
	json_object_set_new(j, "started", json_string(when));
	json_object_set_new(j, "startedUs", json_integer((json_int_t)r->started_us));
	json_object_set_new(j, "tookUs", json_integer((json_int_t)r->took_us));
	json_object_set_new(j, "maxrssKb", json_integer((json_int_t)r->maxrss_kb));
	if (r->via != VIA_COMMAND)
		json_object_set_new(j, "via", json_string(via_names[r->via]));
	json_object_set_new(j, "bytesOut", json_integer((json_int_t)r->bytes[STREAM_OUT]));
	json_object_set_new(j, "bytesErr", json_integer((json_int_t)r->bytes[STREAM_ERR]));
	if (r->cut_bytes)
		json_object_set_new(j, "cutBytes", json_integer((json_int_t)r->cut_bytes));
	if (r->stat.known)
		json_object_set_new(j, "stat", stat_to_json(&r->stat));
	return j;
}

static int64_t get_int(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static char *get_str(const json_t *j, const char *key)
{
	return mem_strdup(json_string_value(json_object_get(j, key)));
}

int record_from_json(const json_t *j, struct record *ret, struct err *err)
{
	const char *key = json_string_value(json_object_get(j, "key"));
	const char *outcome = json_string_value(json_object_get(j, "outcome"));
	struct record r = { 0 };

	if (!key || !*key)
		return err_set(err, ERR_SYNTAX, "record without a key");
	if (!outcome || outcome_parse(outcome, &r.outcome))
		return err_set(err, ERR_SYNTAX, "record %s: outcome is missing or unknown", key);
	r.key = mem_strdup(key);
	r.status = (int)get_int(j, "status");
	r.signal = (int)get_int(j, "signal");
	r.reason = get_str(j, "reason");
	r.started_us = (uint64_t)get_int(j, "startedUs");
	r.took_us = (uint64_t)get_int(j, "tookUs");
	r.maxrss_kb = (uint64_t)get_int(j, "maxrssKb");
	const char *via = json_string_value(json_object_get(j, "via"));
	for (size_t i = 0; via && i < ARRAY_LEN(via_names); i++)
		if (text_eq(via, via_names[i]))
			r.via = (enum via)i;
	r.bytes[STREAM_OUT] = (uint64_t)get_int(j, "bytesOut");
	r.bytes[STREAM_ERR] = (uint64_t)get_int(j, "bytesErr");
	r.cut_bytes = (uint64_t)get_int(j, "cutBytes");
	const json_t *st = json_object_get(j, "stat");
	if (json_is_object(st)) {
		r.stat.known = true;
		r.stat.mode = (uint32_t)get_int(st, "mode");
		r.stat.uid = (uint32_t)get_int(st, "uid");
		r.stat.gid = (uint32_t)get_int(st, "gid");
		r.stat.size = (uint64_t)get_int(st, "size");
		r.stat.mtime_us = get_int(st, "mtimeUs");
		r.stat.owner = get_str(st, "owner");
		r.stat.link = get_str(st, "link");
	}
	*ret = r;
	return 0;
}
