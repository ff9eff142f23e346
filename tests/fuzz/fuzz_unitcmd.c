/* SPDX-License-Identifier: MIT */
/* Words that were split can be quoted and split again to the same; commands are never empty. */
#include <stdlib.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/unitspec.h"
#include "formats/unitcmd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_words(const char *s)
{
	_cleanup_strv_ char **words = NULL, **again = NULL;
	_cleanup_buf_ struct buf b = { 0 };

	if (unit_words(s, &words, NULL))
		return;
	for (size_t i = 0; words && words[i]; i++) {
		buf_adds(&b, "\"");
		for (const char *p = words[i]; *p; p++) {
			if (*p == '"' || *p == '\\')
				buf_addc(&b, '\\');
			buf_addc(&b, *p);
		}
		buf_adds(&b, "\" ");
	}
	check(unit_words(buf_str(&b), &again, NULL) == 0);
	check(strv_len(words) == strv_len(again));
	for (size_t i = 0; words && words[i]; i++)
		check(strcmp(words[i], again[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *s = mem_strndup((const char *)data, size);
	_cleanup_unit_cmds_ struct unit_cmds c = { 0 };
	_cleanup_strv_ char **env = NULL;
	struct err err = { 0 };
	uint64_t us = 0;

	if (unitcmd_parse(s, &c, &err) == 0)
		check(c.n > 0);
	else
		check(err.code && *err.msg && !c.v);
	for (size_t i = 0; i < c.n; i++)
		check(c.v[i].argv && c.v[i].argv[0] && *c.v[i].argv[0]);
	check_words(s);
	/* the text as a unit's name, with itself expanded by it */
	_cleanup_free_ char *expanded = unit_specifiers_known(s, &(struct unit_context){ .unit = s, .name = "u" });
	check(strchr(s, '%') || strcmp(s, expanded) == 0);
	if (unit_environment(s, &env, NULL) == 0)
		for (size_t i = 0; env && env[i]; i++)
			check(strchr(env[i], '=') > env[i]);
	if (unit_time_parse(s, &us) == 0 && us == UNIT_TIME_INFINITY)
		check(strstr(s, "infinity") != NULL);
	return 0;
}
