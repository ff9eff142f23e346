/* SPDX-License-Identifier: MIT */
#include "formats/diagbundle.h"

#include <string.h>

#include "formats/record.h"
#include "formats/text.h"

static json_t *text_json(const char *s)
{
	json_t *j = s && *s ? json_string(s) : NULL;

	return j ? j : json_string("unknown"); /* the schema wants a character */
}

static json_t *policy(const struct diag_meta *m)
{
	/* What redact/ is configured to mask, in the schema's words. Addresses are evidence and are kept. */
	return json_pack("{s:s, s:b, s:b, s:b, s:[s,s,s,s], s:b, s:b, s:b}", "mode", m->raw_retained ? "raw-and-share" : "share-only",
		"rawArtifactRetained", m->raw_retained, "sharedArtifactGenerated", 1, "deterministicMasking", 1, "maskedClasses",
		"authorizationBearer", "cookie", "apiKey", "token", "privateIpMasked", 0, "publicIpMasked", 0, "macAddressMasked", 0);
}

json_t *diagbundle_new(const struct diag_meta *m)
{
	json_t *j = json_object();
	char when[32];

	text_time(when, m->now_us);
	json_object_set_new(j, "id", text_json(m->id));
	json_object_set_new(j, "type", json_string("DiagnosticsBundle"));
	json_object_set_new(j, "specVersion", json_string("2.0.0"));
	json_object_set_new(j, "generatedAt", json_string(when));
	json_object_set_new(j, "hostTag", text_json(m->host_tag));
	json_object_set_new(j, "bootSelector", json_string(m->boot ? m->boot : "-0"));
	json_object_set_new(j, "sinceWindow", json_string(m->since ? m->since : "all retained"));
	json_object_set_new(j, "tiersEnabled", json_array());
	json_object_set_new(j, "capturedBy", json_pack("{s:o, s:o}", "toolName", text_json(m->tool), "toolVersion", text_json(m->version)));
	json_object_set_new(j, "platform",
		json_pack("{s:o, s:o}", "osRelease", m->os_release ? text_json(m->os_release) : json_null(), "kernel",
			m->kernel ? text_json(m->kernel) : json_null()));
	json_object_set_new(j, "probeRecords", json_array());
	json_object_set_new(j, "summary", json_pack("{s:i, s:i, s:i}", "probeCount", 0, "failedCount", 0, "timeoutCount", 0));
	json_object_set_new(j, "redactionPolicy", policy(m));
	return j;
}

/* The schema knows exit codes only. A signal is what a shell makes of it, an HTTP status what curl -f
 * does, and what gave no answer is timeout(1)'s 124 or a plain 1. */
static json_int_t exit_code(const json_t *r, enum outcome o)
{
	const char *kind = json_string_value(json_object_get(r, "kind"));
	json_int_t status = json_integer_value(json_object_get(r, "status"));
	json_int_t sig = json_integer_value(json_object_get(r, "signal"));

	if (o == OUTCOME_TIMEOUT)
		return 124;
	if (o != OUTCOME_OK && o != OUTCOME_CUT)
		return status > 0 && status < 256 ? status : 1;
	if (sig)
		return 128 + sig;
	if (kind && strcmp(kind, "http") == 0)
		return status >= 400 ? 22 : 0;
	return status;
}

static void bump(json_t *summary, const char *key)
{
	json_object_set_new(summary, key, json_integer(json_integer_value(json_object_get(summary, key)) + 1));
}

/* Keeps the list ascending and free of repetition. */
static void add_tier(json_t *tiers, json_int_t tier)
{
	size_t i = 0;

	while (i < json_array_size(tiers) && json_integer_value(json_array_get(tiers, i)) < tier)
		i++;
	if (json_integer_value(json_array_get(tiers, i)) != tier || i == json_array_size(tiers))
		json_array_insert_new(tiers, i, json_integer(tier));
}

void diagbundle_add(json_t *doc, const char *name, const json_t *r)
{
	const char *outcome = json_string_value(json_object_get(r, "outcome"));
	json_t *summary = json_object_get(doc, "summary"), *p = json_object();
	json_int_t tier = json_integer_value(json_object_get(r, "tier"));
	json_int_t timeout = json_integer_value(json_object_get(r, "timeoutMs"));
	json_int_t rss = json_integer_value(json_object_get(r, "maxrssKb"));
	enum outcome o = OUTCOME_FAILED;

	if (outcome)
		outcome_parse(outcome, &o);
	json_int_t code = exit_code(r, o);
	json_object_set_new(p, "name", text_json(name));
	json_object_set_new(p, "tier", json_integer(tier));
	json_object_set_new(p, "timeoutSeconds", json_integer((timeout + 999) / 1000));
	json_object_set_new(p, "command", text_json(json_string_value(json_object_get(r, "command"))));
	json_object_set_new(p, "exitCode", json_integer(code));
	json_object_set_new(p, "timeoutHit", json_boolean(o == OUTCOME_TIMEOUT));
	json_object_set_new(p, "durationMs", json_integer(json_integer_value(json_object_get(r, "tookUs")) / 1000));
	json_object_set(p, "stdout", json_object_get(r, "stdout"));
	json_object_set(p, "stderr", json_object_get(r, "stderr"));
	json_object_set_new(p, "rssMaxKb", rss ? json_integer(rss) : json_null());
	json_array_append_new(json_object_get(doc, "probeRecords"), p);
	add_tier(json_object_get(doc, "tiersEnabled"), tier);
	bump(summary, "probeCount");
	if (code)
		bump(summary, "failedCount");
	if (o == OUTCOME_TIMEOUT)
		bump(summary, "timeoutCount");
}
