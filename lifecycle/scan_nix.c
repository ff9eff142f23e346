/* SPDX-License-Identifier: MIT */
/* Nix files, where their text is enough: literal bindings and the scripts in strings. */
#include <string.h>

#include "formats/imageref.h"
#include "formats/nixscan.h"
#include "formats/text.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/scan.h"

static bool limit_elsewhere(const struct nix_scan *s)
{
	static const char *const names[] = { "startLimitIntervalSec", "StartLimitIntervalSec" };

	for (size_t i = 0; i < s->n_bindings; i++)
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (strcmp(s->bindings[i].name, names[k]) == 0 && !strstr(s->bindings[i].path, "serviceConfig.") &&
				strcmp(s->bindings[i].value, "0") != 0)
				return true;
	return false;
}

static void judge_binding(const char *path, const struct nix_scan *s, const struct nix_binding *b, struct findings *ret)
{
	static const char *const logs[] = { "StandardOutPath", "StandardErrorPath", "StandardOutput", "StandardError", "stdout", "stderr", "app" };
	_cleanup_imageref_ struct imageref ref = { 0 };

	if ((strcmp(b->name, "KeepAlive") == 0 || strcmp(b->name, "keepAlive") == 0) && strcmp(b->value, "true") == 0) {
		finding_hint(finding_say(scan_report(ret, "PP-02", VERDICT_FAIL, path, b->line), "%s is true, and launchd never gives up", b->name),
			"write an attribute set with SuccessfulExit = false");
	} else if (strcmp(b->name, "Restart") == 0 && strcmp(b->value, "always") == 0) {
		bool bound = limit_elsewhere(s);
		finding_hint(finding_say(scan_report(ret, "PP-02", bound ? VERDICT_WARN : VERDICT_FAIL, path, b->line), "Restart = \"always\"%s",
				     bound ? "" : " and no startLimitIntervalSec"),
			"write Restart = \"on-failure\", startLimitIntervalSec = 3600 and startLimitBurst = 3");
	} else if (strcmp(b->name, "StartLimitIntervalSec") == 0 && strstr(b->path, "erviceConfig.")) {
		finding_hint(finding_say(scan_report(ret, "PP-11", VERDICT_FAIL, path, b->line), "StartLimitIntervalSec in serviceConfig goes to [Service], "
												      "where systemd ignores it"),
			"write startLimitIntervalSec beside serviceConfig");
	} else if (strcmp(b->name, "image") == 0 && b->string && !strchr(b->value, '$') && imageref_parse(b->value, &ref, NULL) == 0 && ref.registry &&
		   !imageref_is_localhost(&ref)) {
		finding_hint(finding_say(scan_report(ret, "PP-05", VERDICT_FAIL, path, b->line), "the image %s is a registry's", b->value),
			"import it once under a localhost/ name, and keep this one as sourceImage");
	}
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		const char *value = strchr(b->value, ':') ? strchr(b->value, ':') + 1 : b->value;
		if (strcmp(b->name, logs[i]) == 0 && path_is_temporary(value))
			finding_hint(finding_say(scan_report(ret, "PP-03", VERDICT_FAIL, path, b->line), "%s is %s", b->name, value),
				"log to the journal, or to a directory of the owner's");
	}
}

static void judge_string(const char *path, const struct nix_string *s, struct findings *ret)
{
	_cleanup_shell_scan_ struct shell_scan c = { 0 };

	shellscan(s->text, strlen(s->text), &c);
	for (size_t i = 0; i < c.n; i++) {
		const struct shell_command *v = &c.v[i];
		_cleanup_imageref_ struct imageref ref = { 0 };
		unsigned line = s->line + v->line - 1;
		if (!text_eq(v->verb, "run") && !text_eq(v->verb, "create"))
			continue;
		finding_hint(finding_say(scan_report(ret, "PP-06", VERDICT_FAIL, path, line), "a raw %s %s", v->program, v->verb),
			"declare the agent and let the launcher run it, or use a Quadlet");
		if (v->image && !strchr(v->image, '$') && imageref_parse(v->image, &ref, NULL) == 0 && !imageref_is_localhost(&ref))
			finding_say(scan_report(ret, "PP-05", VERDICT_FAIL, path, line), "it runs the registry image %s", v->image);
	}
}

void scan_nix_file(const char *path, const char *text, size_t n, struct findings *ret)
{
	_cleanup_nix_scan_ struct nix_scan s = { 0 };

	nix_scan(text, n, &s);
	for (size_t i = 0; i < s.n_bindings; i++)
		judge_binding(path, &s, &s.bindings[i], ret);
	for (size_t i = 0; i < s.n_strings; i++)
		judge_string(path, &s.strings[i], ret);
}
