/* SPDX-License-Identifier: MIT */
#include "lifecycle/verb.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/mem.h"
#include "formats/text.h"

static const struct cli_option *option_in(const struct cli_option *list, const char *name, size_t n, char letter)
{
	for (const struct cli_option *o = list; o && o->name; o++)
		if (letter ? o->letter == letter : strlen(o->name) == n && memcmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

static const struct cli_option *option_find(const struct verb *v, const char *name, size_t n, char letter)
{
	const struct cli_option *o = option_in(common_options, name, n, letter);

	return o ? o : option_in(v->options, name, n, letter);
}

static void value_add(struct cli *cli, const struct cli_option *o, const char *value)
{
	cli->values = mem_array(cli->values, (size_t)cli->n_values + 1, sizeof(*cli->values));
	cli->values[cli->n_values++] = (struct cli_value){ o, value };
}

const char *cli_get(const struct cli *cli, const char *name)
{
	const char *found = NULL;

	for (int i = 0; i < cli->n_values; i++)
		if (strcmp(cli->values[i].option->name, name) == 0)
			found = cli->values[i].value;
	return found;
}

const char *cli_get_nth(const struct cli *cli, const char *name, int nth)
{
	for (int i = 0; i < cli->n_values; i++)
		if (strcmp(cli->values[i].option->name, name) == 0 && nth-- == 0)
			return cli->values[i].value;
	return NULL;
}

/* "bundle verify" before "bundle": two words first. Returns how many words matched. */
static int verb_find(int argc, char **argv, const struct verb **ret)
{
	for (int words = argc > 1 ? 2 : 1; words > 0; words--)
		for (const struct verb *v = verbs; v->name; v++) {
			size_t n = strlen(argv[0]);
			bool hit = words == 1 ? strcmp(v->name, argv[0]) == 0
					      : text_starts(v->name, argv[0]) && v->name[n] == ' ' &&
							strcmp(v->name + n + 1, argv[1]) == 0;
			if (hit) {
				*ret = v;
				return words;
			}
		}
	return 0;
}

static int unknown_verb(const char *program, const char *word, struct err *err)
{
	struct buf subs = { 0 };
	size_t n = strlen(word);

	for (const struct verb *v = verbs; v->name; v++)
		if (text_starts(v->name, word) && v->name[n] == ' ')
			buf_addf(&subs, "%s%s", subs.len ? ", " : "", v->name + n + 1);
	int r = subs.len ? err_set(err, ERR_USAGE, "%s: say which: %s", word, subs.data)
			 : err_set(err, ERR_USAGE, "unknown command \"%s\"; '%s help' lists them", word, program);
	buf_free(&subs);
	return r;
}

static int parse_long(struct cli *cli, int argc, char **argv, int *i, struct err *err)
{
	const char *name = argv[*i] + 2;
	const char *eq = strchr(name, '=');
	size_t n = eq ? (size_t)(eq - name) : strlen(name);
	const struct cli_option *o = option_find(cli->verb, name, n, 0);

	if (!o)
		return err_set(err, ERR_USAGE, "%s: unknown option --%.*s; '%s help %s' lists them", cli->verb->name,
			(int)n, name, cli->program, cli->verb->name);
	if (!o->arg && eq)
		return err_set(err, ERR_USAGE, "--%s takes no value", o->name);
	if (!o->arg)
		value_add(cli, o, "");
	else if (eq)
		value_add(cli, o, eq + 1);
	else if (*i + 1 < argc)
		value_add(cli, o, argv[++*i]);
	else
		return err_set(err, ERR_USAGE, "--%s needs %s", o->name, o->arg);
	return 0;
}

static int parse_short(struct cli *cli, int argc, char **argv, int *i, struct err *err)
{
	for (const char *p = argv[*i] + 1; *p; p++) {
		const struct cli_option *o = option_find(cli->verb, NULL, 0, *p);
		if (!o)
			return err_set(err, ERR_USAGE, "%s: unknown option -%c; '%s help %s' lists them", cli->verb->name, *p,
				cli->program, cli->verb->name);
		if (!o->arg) {
			value_add(cli, o, "");
			continue;
		}
		if (p[1])
			value_add(cli, o, p + 1);
		else if (*i + 1 < argc)
			value_add(cli, o, argv[++*i]);
		else
			return err_set(err, ERR_USAGE, "-%c needs %s", *p, o->arg);
		break;
	}
	return 0;
}

static int check_arguments(const struct cli *cli, struct err *err)
{
	const struct verb *v = cli->verb;

	for (int i = 0; i < cli->n_values; i++)
		for (int k = i + 1; k < cli->n_values; k++)
			if (cli->values[i].option == cli->values[k].option && cli->values[i].option->arg && !cli->values[i].option->repeat)
				return err_set(err, ERR_USAGE, "--%s is given twice", cli->values[i].option->name);
	if (cli->n_args < v->min_args)
		return err_set(err, ERR_USAGE, "usage: %s %s%s%s", cli->program, v->name, *v->synopsis ? " " : "", v->synopsis);
	if (v->max_args >= 0 && cli->n_args > v->max_args)
		return err_set(err, ERR_USAGE, "%s: \"%s\" is one argument too many; usage: %s %s%s%s", v->name,
			cli->args[v->max_args], cli->program, v->name, *v->synopsis ? " " : "", v->synopsis);
	return 0;
}

static bool color_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

int cli_parse(int argc, char **argv, struct cli *ret, struct err *err)
{
	const char *slash = strrchr(argv[0], '/');
	struct cli cli = { .program = slash ? slash + 1 : argv[0], .color = color_wanted() };

	if (!text_eq(cli.program, "sourceos"))
		cli.program = "sourceos-agent";
	*ret = cli;
	if (argc < 2)
		return err_set(err, ERR_USAGE, "say what to do; '%s help' lists the commands", cli.program);
	int words = verb_find(argc - 1, argv + 1, &ret->verb);
	if (!words)
		return unknown_verb(cli.program, argv[1], err);
	ret->args = mem_alloc(sizeof(*ret->args) * (size_t)(argc + 1));
	bool options = true;
	for (int i = 1 + words; i < argc; i++) {
		int r = 0;
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (options && text_starts(argv[i], "--"))
			r = parse_long(ret, argc, argv, &i, err);
		else if (options && argv[i][0] == '-' && argv[i][1])
			r = parse_short(ret, argc, argv, &i, err);
		else
			ret->args[ret->n_args++] = argv[i];
		if (r)
			return r;
	}
	ret->json = cli_has(ret, "json");
	ret->quiet = cli_has(ret, "quiet");
	ret->verbose = cli_has(ret, "verbose");
	return cli_has(ret, "help") ? 0 : check_arguments(ret, err);
}

void cli_free(struct cli *cli)
{
	free(cli->args);
	free(cli->values);
}

void cli_print_usage(FILE *f, const char *program)
{
	fprintf(f, "usage: %s COMMAND [ARGUMENT…] [OPTION…]\n\n", program);
	for (const struct verb *v = verbs; v->name; v++) {
		if (v->flags & VERB_HIDDEN)
			continue;
		_cleanup_free_ char *left = mem_printf("%s %s", v->name, v->synopsis);
		fprintf(f, "  %-34s %s\n", left, v->summary);
	}
	fprintf(f, "\n'%s help COMMAND' tells more of one. Exit status: 0 fine, 1 findings, 2 usage or declaration,\n"
		   "3 evidence incomplete, 4 signature or trust, 5 a change failed.\n",
		program);
}

static void print_options(FILE *f, const struct cli_option *list)
{
	for (const struct cli_option *o = list; o && o->name; o++) {
		_cleanup_free_ char *left = mem_printf("%c%c%c --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
			o->letter ? ',' : ' ', o->name, o->arg ? " " : "", o->arg ? o->arg : "");
		fprintf(f, "  %-30s %s\n", left, o->help);
	}
}

void cli_print_help(FILE *f, const char *program, const struct verb *v)
{
	fprintf(f, "usage: %s %s%s%s\n\n%s\n\n", program, v->name, *v->synopsis ? " " : "", v->synopsis, v->help ? v->help : v->summary);
	print_options(f, v->options);
	print_options(f, common_options);
}

void cli_say(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->quiet || cli->json)
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void cli_print_json(json_t *doc)
{
	json_dumpf(doc, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(doc);
}

void cli_progress(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->quiet || cli->json || !isatty(STDERR_FILENO))
		return;
	fputs("\r\033[K", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fflush(stderr);
}

void cli_progress_done(const struct cli *cli)
{
	if (!cli->quiet && !cli->json && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

const char *cli_style(const struct cli *cli, char style)
{
	if (!cli->color)
		return "";
	switch (style) {
	case 'b':
		return "\033[1m";
	case 'r':
		return "\033[31m";
	case 'g':
		return "\033[32m";
	case 'y':
		return "\033[33m";
	case 'd':
		return "\033[2m";
	default:
		return "\033[0m";
	}
}
