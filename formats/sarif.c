/* SPDX-License-Identifier: MIT */
#include "formats/sarif.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/text.h"

#define HOME_PAGE "https://github.com/SociOS-Linux/sourceos-agent"

/* RFC 3986: what is not unreserved or a slash is percent-encoded. */
static char *uri_of(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	struct buf b = { 0 };

	if (path[0] == '/')
		buf_adds(&b, "file://");
	for (; *path; path++)
		if (strchr(plain, *path))
			buf_addc(&b, *path);
		else
			buf_addf(&b, "%%%02X", (unsigned char)*path);
	return buf_take(&b);
}

static const char *relative(const char *file, const char *root)
{
	size_t n = root ? strlen(root) : 0;

	while (n && root[n - 1] == '/')
		n--;
	if (n && strncmp(file, root, n) == 0 && file[n] == '/')
		file += n + 1;
	while (text_starts(file, "./"))
		file += 2;
	return file;
}

static json_t *location_of(const struct finding *f, const char *root)
{
	json_t *location = json_object();

	if (f->file) {
		_cleanup_free_ char *uri = uri_of(relative(f->file, root));
		json_t *place = json_pack("{s:{s:s}}", "artifactLocation", "uri", uri);
		if (f->line)
			json_object_set_new(place, "region", json_pack("{s:i}", "startLine", (int)f->line));
		json_object_set_new(location, "physicalLocation", place);
	}
	if (f->subject)
		json_object_set_new(location, "logicalLocations", json_pack("[{s:s, s:s}]", "name", f->subject, "kind", "module"));
	return location;
}

static int rule_index(const struct sarif_rule *rules, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rules[i].id, id) == 0)
			return (int)i;
	return -1;
}

static json_t *result_of(const struct finding *f, int rule, const char *root)
{
	bool open = f->verdict == VERDICT_UNKNOWN;
	struct buf text = { 0 };

	buf_adds(&text, f->message ? f->message : "");
	if (f->detail)
		buf_addf(&text, "\n%s", f->detail);
	if (f->hint || f->remedy)
		buf_addf(&text, "\nTo do: %s", f->remedy ? f->remedy : f->hint);
	json_t *r = json_pack("{s:s, s:s, s:s, s:{s:s}, s:[o]}", "ruleId", f->check, "kind", open ? "open" : "fail", "level",
		open ? "none" : f->verdict == VERDICT_FAIL ? "error" : "warning", "message", "text", buf_str(&text), "locations", location_of(f, root));
	if (rule >= 0)
		json_object_set_new(r, "ruleIndex", json_integer(rule));
	buf_free(&text);
	return r;
}

static json_t *rules_of(const struct sarif_rule *rules, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *uri = mem_printf("%s/blob/main/docs/checks.md#%s", HOME_PAGE, rules[i].anchor);
		json_array_append_new(a, json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}, s:s, s:{s:s}}", "id", rules[i].id, "shortDescription", "text", rules[i].title,
						 "fullDescription", "text", rules[i].why, "help", "text", rules[i].fix, "helpUri", uri,
						 "defaultConfiguration", "level", rules[i].warns ? "warning" : "error"));
	}
	return a;
}

static json_t *invocation_of(char *const *gaps)
{
	json_t *notes = json_array();

	for (; gaps && *gaps; gaps++) {
		_cleanup_free_ char *text = mem_printf("not captured: %s", *gaps);
		json_array_append_new(notes, json_pack("{s:s, s:{s:s}}", "level", "warning", "message", "text", text));
	}
	return json_pack("{s:b, s:o}", "executionSuccessful", 1, "toolExecutionNotifications", notes);
}

json_t *findings_to_sarif(const struct findings *l, const struct sarif_run *run)
{
	json_t *results = json_array();

	for (size_t i = 0; i < l->n; i++) {
		const struct finding *f = l->v[i];
		if (f->verdict == VERDICT_FAIL || f->verdict == VERDICT_WARN || f->verdict == VERDICT_UNKNOWN)
			json_array_append_new(results, result_of(f, rule_index(run->rules, run->n_rules, f->check), run->root));
	}
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:s, s:o}}, s:s, s:[o], s:o}]}", "$schema", "https://json.schemastore.org/sarif-2.1.0.json", "version",
		"2.1.0", "runs", "tool", "driver", "name", "sourceos-agent", "version", run->version, "informationUri", HOME_PAGE, "rules",
		rules_of(run->rules, run->n_rules), "columnKind", "utf16CodeUnits", "invocations", invocation_of(run->gaps), "results", results);
}
