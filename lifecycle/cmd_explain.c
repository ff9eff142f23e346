/* SPDX-License-Identifier: MIT */
/* explain: what a check looks at, why it matters, how to fix it. The same text makes docs/checks.md. */
#include <string.h>

#include "formats/buf.h"
#include "lifecycle/check.h"
#include "lifecycle/commands.h"

static const struct {
	unsigned bit;
	const char *name;
} verb_names[] = { { CHECK_PREFLIGHT | CHECK_PATTERNS, "preflight" }, { CHECK_DOCTOR, "doctor" }, { CHECK_STATUS, "status" }, { CHECK_SCAN, "scan" } };

/* "doctor, scan; Linux" */
static char *where_words(const struct check *c)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(verb_names); i++)
		if (c->verbs & verb_names[i].bit)
			buf_addf(&b, "%s%s", b.len ? ", " : "", verb_names[i].name);
	if (c->platforms != ON_ANY)
		buf_addf(&b, "; %s only", c->platforms == ON_LINUX ? "Linux" : "macOS");
	return buf_take(&b);
}

static void print_text(const struct cli *cli, const struct check *c)
{
	_cleanup_free_ char *where = where_words(c), *anchor = check_anchor(c);
	const char *b = cli_style(cli, 'b'), *o = cli_style(cli, '0');

	printf("%s%s  %s%s\n\n  looks at  %s\n  because   %s\n  to fix    %s\n  part of   %s\n", b, c->id, c->title, o, c->looks_at, c->why, c->fix, where);
	printf("  at worst  %s\n  in        docs/checks.md#%s\n", verdict_name(c->severity), anchor);
	for (size_t i = 0; i < CHECK_REQUIRES_MAX && c->requires[i]; i++)
		printf("%s%s%s", i ? ", " : "  needs     ", c->requires[i], i + 1 < CHECK_REQUIRES_MAX && c->requires[i + 1] ? "" : "\n");
}

static json_t *check_json(const struct check *c)
{
	json_t *needs = json_array();

	for (size_t i = 0; i < CHECK_REQUIRES_MAX && c->requires[i]; i++)
		json_array_append_new(needs, json_string(c->requires[i]));
	_cleanup_free_ char *where = where_words(c), *anchor = check_anchor(c);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "id", c->id, "title", c->title, "severity", verdict_name(c->severity), "looksAt", c->looks_at, "why", c->why, "fix", c->fix,
		"partOf", where, "anchor", anchor, "requires", needs);
}

/* One paragraph for each row: docs/checks.md, which a test holds against this. */
static void print_markdown(const struct check *c)
{
	_cleanup_free_ char *where = where_words(c);

	printf("## %s %s\n\n%s\n\n- Looks at: %s\n- To fix: %s\n- At worst: %s\n- Part of: %s\n", c->id, c->title, c->why, c->looks_at, c->fix,
		verdict_name(c->severity), where);
	for (size_t i = 0; i < CHECK_REQUIRES_MAX && c->requires[i]; i++)
		printf("%s%s%s", i ? ", " : "- Not judged while these fail: ", c->requires[i],
			i + 1 < CHECK_REQUIRES_MAX && c->requires[i + 1] ? "" : "\n");
	putchar('\n');
}

static void print_list(const struct cli *cli)
{
	const struct check *c;
	json_t *all = json_array();

	if (cli_has(cli, "markdown"))
		printf("# The checks\n\nMade by `make docs/checks.md` from the rows in `lifecycle/checks/`; `sourceos-agent explain ID` prints one.\n"
		       "PF are preflight's, DR the doctor's, PP patterns of persistence, LA the agreement of layers.\n\n");
	for (size_t i = 0; (c = check_nth(i)); i++) {
		if (cli->json)
			json_array_append_new(all, check_json(c));
		else if (cli_has(cli, "markdown"))
			print_markdown(c);
		else
			printf("%-6s %s\n", c->id, c->title);
	}
	if (cli->json)
		cli_print_json(json_incref(all));
	json_decref(all);
}

int cmd_explain(struct cli *cli, struct err *err)
{
	if (cli->n_args == 0) {
		print_list(cli);
		return EXIT_OK;
	}
	const struct check *c = check_find(cli->args[0]);
	if (!c)
		return err_set(err, ERR_USAGE, "no check %s; '%s explain' lists them", cli->args[0], cli->program);
	if (cli->json) {
		json_t *j = check_json(c);
		cli_print_json(j);
	} else {
		print_text(cli, c);
	}
	return EXIT_OK;
}
