/* SPDX-License-Identifier: MIT */
#include "collect/definition.h"

#include <string.h>

#include "formats/macos.h"
#include "formats/text.h"

#define WRAPPER_MAX (64u << 10)

const char *definition_kind_name(enum definition_kind k)
{
	static const char *const names[] = { "unit", "Quadlet", "autostart entry", "crontab", "cron script", "init script", "launchd job" };

	return names[k];
}

static void answered(struct gather *g, struct definition_file *f)
{
	_cleanup_free_ char *key = mem_printf("file%s", f->path);

	f->answer = gather_answer(g, key);
}

static const struct buf *text_of(const struct definition_file *f)
{
	return f->answer && record_answered(&f->answer->rec) ? &f->answer->out : NULL;
}

/* ---- crontabs: the schedule blanked, what is left is shell text, line by line ---- */

static const char *skip_fields(const char *p, const char *end, int n)
{
	for (; n > 0 && p < end; n--) {
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		while (p < end && *p != ' ' && *p != '\t')
			p++;
	}
	return p;
}

/* Fields before the command: five and a user in the system's crontabs, no user in a user's; anacron's period, delay and name. */
static char *cron_commands(const char *text, bool has_user, bool anacron)
{
	struct buf b = { 0 };

	for (const char *line = text, *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		const char *p = line + strspn(line, " \t");
		bool schedule = p < end && (strchr("*@0123456789", *p) != NULL);
		if (schedule) {
			p = skip_fields(p, end, anacron ? 3 : (*p == '@' ? 1 : 5) + has_user);
			buf_add(&b, p, (size_t)(end - p));
		}
		buf_addc(&b, '\n');
	}
	return buf_take(&b);
}

static void parse_cron(struct definition *d, const struct buf *b)
{
	_cleanup_free_ char *text = cron_commands(buf_str(b), !strstr(d->path, "/spool/cron"), text_ends(d->path, "/anacrontab"));

	startup_add_text(&d->start, text, strlen(text));
}

/* ---- units, autostart entries, plists ---- */

static void parse_plist(struct definition *d, const struct buf *b)
{
	char **argv = NULL;

	d->plist_ok = launchd_plist_parse(b->data, b->len, &d->plist, NULL) == 0;
	if (!d->plist_ok)
		return;
	const struct launchd_plist *p = &d->plist;
	bool unwrapped = p->arguments && nix_unwrap(p->arguments, &argv);
	if (!unwrapped && p->arguments && *p->arguments)
		argv = strv_dup(p->arguments);
	else if (!unwrapped && p->program)
		argv = strv_add(NULL, p->program);
	/* Program is what is executed, whatever argv[0] says */
	if (argv && !unwrapped && p->program)
		mem_set(&argv[0], p->program);
	if (argv)
		startup_add_argv(&d->start, argv);
}

char *definition_key(const struct definition *d)
{
	return d->listed ? mem_printf("file%s", d->path) : mem_printf("crontab/%s", d->owner);
}

void definition_parse(struct gather *g, struct definition *d)
{
	_cleanup_free_ char *key = definition_key(d);

	d->file.answer = gather_answer(g, key);
	const struct buf *b = text_of(&d->file);
	if (!b)
		return;
	switch (d->kind) {
	case DEFINITION_CRON:
		parse_cron(d, b);
		return;
	case DEFINITION_CRON_SCRIPT:
		startup_add_text(&d->start, buf_str(b), b->len);
		return;
	case DEFINITION_INIT_SCRIPT:
		/* rc.local starts nothing until somebody makes it executable */
		if (!d->file.answer->rec.stat.known || (d->file.answer->rec.stat.mode & 0111))
			startup_add_text(&d->start, buf_str(b), b->len);
		return;
	case DEFINITION_PLIST:
		parse_plist(d, b);
		return;
	default:
		break;
	}
	unitfile_add(&d->unit, d->path, buf_str(b), b->len);
	for (size_t i = 0; i < d->n_drop_ins; i++) {
		answered(g, &d->drop_ins[i]);
		if ((b = text_of(&d->drop_ins[i])))
			unitfile_add(&d->unit, d->drop_ins[i].path, buf_str(b), b->len);
	}
	d->start.specifiers = (struct unit_context){ .unit = d->name, .home = d->home, .name = strcmp(d->owner, "system") == 0 ? "root" : d->owner };
	if (d->kind == DEFINITION_AUTOSTART)
		startup_add_autostart(&d->start, &d->unit);
	else
		startup_add_service(&d->start, &d->unit);
}

bool definition_ask_programs(struct task *t, struct definition *d, const struct identity *as)
{
	const struct startup_how how = { .as = as, .max_bytes = WRAPPER_MAX, .tier = 1 };

	return !d->vendor && startup_ask(t, &d->start, &how);
}

void definition_free(struct definition *d)
{
	free(d->name);
	free(d->path);
	free(d->owner);
	free(d->home);
	free(d->file.path);
	for (size_t i = 0; i < d->n_drop_ins; i++)
		free(d->drop_ins[i].path);
	free(d->drop_ins);
	unitfile_free(&d->unit);
	if (d->plist_ok)
		launchd_plist_free(&d->plist);
	startup_free(&d->start);
	free(d);
}
