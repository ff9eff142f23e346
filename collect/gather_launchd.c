/* SPDX-License-Identifier: MIT */
/* The service as launchd has it in every domain that may hold the label, and as it lies on disk. */
#include "collect/dirlist.h"
#include "collect/gatherers.h"

#include <stdio.h>
#include <string.h>

#include "formats/text.h"

#define PLIST_MAX (1u << 20)   /* of a property list that is read */
#define LISTING_MAX 512	       /* property lists of a directory */
#define SESSIONS_MAX 16	       /* users whose sessions are asked */

static const char *label_of(const struct evidence *e)
{
	return e->target.agent->label;
}

static struct probe *launchctl(const char *key, const char *verb, const char *what, enum payload_class payload, const char *artifact)
{
	_cleanup_strv_ char **argv = strv_new("launchctl", verb, what, NULL);
	struct probe *p = probe_cmd(key, argv, NULL, payload);

	p->flags = PROBE_VOLATILE;
	p->artifact = mem_strdup(artifact);
	return p;
}

/* ---- what launchd says ---- */

static char *print_key(const char *domain, const char *label)
{
	return mem_printf("launchd/print/%s/%s", domain, label);
}

static void ask_domain(struct task *t, struct evidence *e, char *target, uint32_t uid)
{
	struct launchd_evidence *l = &e->launchd;
	_cleanup_free_ char *key = print_key(target, label_of(e)), *what = mem_printf("%s/%s", target, label_of(e));
	_cleanup_free_ char *artifact = mem_printf("launchd/print-%s.txt", target);

	for (char *s = artifact + strlen("launchd/"); *s; s++)
		if (*s == '/')
			*s = '-';
	l->domains = mem_array(l->domains, l->n_domains + 1, sizeof(*l->domains));
	l->domains[l->n_domains++] = (struct launchd_domain){ .target = target, .uid = uid };
	struct probe *p = launchctl(key, "print", what, PAYLOAD_LAUNCHCTL, l->n_domains == 1 ? "service-status.txt" : artifact);
	p->flags |= PROBE_CRITICAL;
	task_ask(t, p);
}

static void read_domain(struct evidence *e, struct launchd_domain *d)
{
	_cleanup_free_ char *key = print_key(d->target, label_of(e));
	struct launchctl_service s;

	d->print = gather_answer(e->gather, key);
	const struct buf *b = answer_text(d->print);
	if (d->service || !b || d->print->rec.status != 0 || launchctl_service_parse(buf_str(b), b->len, &s, NULL) < 0)
		return;
	d->service = mem_alloc(sizeof(s));
	*d->service = s;
}

static void ask_disabled(struct task *t, struct launchd_disabled *d, char *target, const char *database)
{
	_cleanup_free_ char *key = mem_printf("launchd/disabled/%s", target);
	_cleanup_free_ char *artifact = mem_printf("launchd/disabled-%s.txt", text_starts(target, "user/") ? "user" : target);
	struct probe *file = probe_file(database, PAYLOAD_PLIST);

	d->target = target;
	d->override = -1;
	task_ask(t, launchctl(key, "print-disabled", target, PAYLOAD_LAUNCHCTL, artifact));
	file->limits.max_bytes = PLIST_MAX;
	task_ask(t, file);
}

/* What launchctl says counts; its database is for images and bundles of hosts where it was not asked. */
static void read_disabled(struct evidence *e, struct launchd_disabled *d, const char *database)
{
	_cleanup_free_ char *key = mem_printf("launchd/disabled/%s", d->target), *file = mem_printf("file%s", database);
	struct launchctl_overrides o;

	d->answer = gather_answer(e->gather, key);
	d->database = gather_answer(e->gather, file);
	const struct buf *said = answer_text(d->answer), *kept = answer_text(d->database);
	int r = said && d->answer->rec.status == 0 ? launchctl_disabled_parse(buf_str(said), said->len, &o, NULL) : -1;
	if (r < 0 && kept)
		r = launchd_overrides_parse(buf_str(kept), kept->len, &o, NULL);
	if (r < 0)
		return;
	d->overrides = mem_alloc(sizeof(o));
	*d->overrides = o;
	d->override = launchctl_overrides_get(d->overrides, label_of(e));
}

#define DATABASES "/private/var/db/com.apple.xpc.launchd/" /* /var is a link of the system volume */

static char *owner_database(const struct evidence *e)
{
	return mem_printf(DATABASES "disabled.%u.plist", (unsigned)e->target.owner.id.uid);
}

/* ---- what lies on disk ---- */

static struct probe *plist_probe(const char *path, char *artifact)
{
	struct probe *p = probe_file(path, PAYLOAD_PLIST);

	p->flags = PROBE_FOLLOW;
	p->tier = 1;
	p->limits.max_bytes = PLIST_MAX;
	p->artifact = artifact;
	return p;
}

/* Any of them may claim the label, whatever it is called. */
static void ask_listed(struct task *t, struct launchd_listing *l)
{
	struct dirlist d = dirlist_of(l->answer);

	while (dirlist_next(&d)) {
		if (!text_ends(d.name, ".plist") || l->files == LISTING_MAX)
			continue;
		l->files++;
		_cleanup_free_ char *path = mem_printf("%s/%s", l->path, d.name);
		_cleanup_free_ char *key = mem_printf("file%s", path);
		if (!gather_probe(task_gather(t), key))
			task_ask(t, plist_probe(path, mem_printf("launchd/definitions%s", path)));
	}
}

static void expect_definition(struct task *t, struct evidence *e, const char *path, const char *artifact)
{
	struct launchd_evidence *l = &e->launchd;

	if (!path || path[0] != '/')
		return;
	for (size_t i = 0; i < l->n_definitions; i++)
		if (text_eq(l->definitions[i].file.path, path))
			return;
	l->definitions = mem_array(l->definitions, l->n_definitions + 1, sizeof(*l->definitions));
	struct launchd_definition *d = &l->definitions[l->n_definitions++];
	*d = (struct launchd_definition){ .dir = launchd_dir_of(path) };
	struct probe *p = plist_probe(path, artifact ? mem_strdup(artifact) : mem_printf("launchd/definitions%s", path));
	p->flags |= PROBE_CRITICAL;
	p->tier = 0;
	file_ask(t, &d->file, path, p);
}

static void ask_definitions(struct task *t, struct gathering *c)
{
	struct evidence *e = c->e;
	struct launchd_evidence *l = &e->launchd;
	const struct launchd_domain *loaded = launchd_loaded(l);
	_cleanup_free_ char *declared = agent_plist_path(e->target.agent, e->target.owner.id.home);
	const char *paths[] = { loaded ? loaded->service->path : NULL, e->target.definition, declared, e->target.agent->macos.legacy_system_plist };

	/* the first that is looked for is the one that counts: what is loaded, what was named, what is declared */
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		expect_definition(t, e, paths[i], l->n_definitions ? NULL : "service.plist.disabled");
	for (size_t i = 0; i < ARRAY_LEN(l->listings); i++) {
		_cleanup_free_ char *key = mem_printf("dir%s", l->listings[i].path);
		l->listings[i].answer = gather_answer(e->gather, key);
		ask_listed(t, &l->listings[i]);
	}
}

static void settle_command(struct launchd_definition *d)
{
	const struct launchd_plist *p = d->plist;
	const char *program = launchd_plist_program(p);

	if (p->arguments && nix_unwrap(p->arguments, &d->command))
		d->nix_wrapped = true;
	else if (p->arguments)
		d->command = strv_dup(p->arguments);
	else if (program)
		d->command = strv_add(NULL, program);
	/* Program is what is executed, whatever argv[0] says */
	if (d->command && !d->nix_wrapped && p->program)
		mem_set(&d->command[0], p->program);
	if (d->command)
		d->store_item = nix_store_item(d->command[0]);
}

static void read_definition(const struct evidence *e, struct launchd_definition *d)
{
	const struct buf *b = answer_text(d->file.answer);
	struct launchd_plist plist;

	if (!b)
		return; /* expected by name */
	if (launchd_plist_parse(buf_str(b), b->len, &plist, NULL) == 0) {
		d->plist = mem_alloc(sizeof(plist));
		*d->plist = plist;
		d->has_label = text_eq(plist.label, label_of(e));
		d->budget = launchd_restart_budget(&plist);
		settle_command(d);
	}
	launchd_plist_lint(buf_str(b), b->len, d->file.path, &d->lints);
	const struct file_stat *own = d->file.link && d->file.link->rec.stat.known ? &d->file.link->rec.stat : &d->file.answer->rec.stat;
	launchd_file_lint(own, d->dir, e->target.owner.id.uid, &d->lints);
}

/* A file of a listing that claims the label joins the definitions, if it is not among them. */
static void find_claim(struct evidence *e, struct launchd_listing *listing, const char *name)
{
	struct launchd_evidence *l = &e->launchd;
	_cleanup_free_ char *path = mem_printf("%s/%s", listing->path, name), *key = mem_printf("file%s", path);
	struct launchd_plist plist;

	for (size_t i = 0; i < l->n_definitions; i++)
		if (text_eq(l->definitions[i].file.path, path))
			return;
	const struct answer *a = gather_answer(e->gather, key);
	const struct buf *b = answer_text(a);
	_cleanup_free_ char *wanted = mem_printf("%s.plist", label_of(e));
	bool named = strcmp(name, wanted) == 0, parsed = b && launchd_plist_parse(buf_str(b), b->len, &plist, NULL) == 0;
	bool claims = parsed && text_eq(plist.label, label_of(e));

	listing->unread += !parsed;
	if (parsed)
		launchd_plist_free(&plist);
	if (!claims && !named)
		return;
	l->definitions = mem_array(l->definitions, l->n_definitions + 1, sizeof(*l->definitions));
	l->definitions[l->n_definitions++] = (struct launchd_definition){ .file = { .path = mem_strdup(path) }, .dir = launchd_dir_of(path) };
}

static void read_definitions(struct evidence *e)
{
	struct launchd_evidence *l = &e->launchd;

	for (size_t i = 0; i < ARRAY_LEN(l->listings); i++)
		for (struct dirlist d = dirlist_of(l->listings[i].answer); dirlist_next(&d);)
			if (text_ends(d.name, ".plist"))
				find_claim(e, &l->listings[i], d.name);
	for (size_t i = 0; i < l->n_definitions; i++) {
		file_answered(e->gather, &l->definitions[i].file);
		read_definition(e, &l->definitions[i]);
	}
	/* the first one is the one that counts: what is loaded, else the first that is there */
	for (size_t i = 0; i < l->n_definitions; i++) {
		if (!l->definitions[i].plist)
			continue;
		struct launchd_definition first = l->definitions[i];
		if (i && launchd_loaded(l) && launchd_loaded(l)->service->path)
			break; /* what is loaded stays first, also when its file is gone */
		memmove(&l->definitions[1], &l->definitions[0], i * sizeof(first));
		l->definitions[0] = first;
		break;
	}
}

/* ---- what it runs ---- */

/* What is started, from disk, else as launchd has it loaded. */
static char **started(const struct launchd_evidence *l)
{
	const struct launchd_domain *d = launchd_loaded(l);
	char **argv = NULL;

	if (l->n_definitions && l->definitions[0].command)
		return strv_dup(l->definitions[0].command);
	if (!d)
		return NULL;
	if (d->service->arguments && nix_unwrap(d->service->arguments, &argv))
		return argv;
	return d->service->arguments ? strv_dup(d->service->arguments) : strv_add(NULL, d->service->program ? d->service->program : "");
}

static void read_command(struct evidence *e)
{
	struct service_evidence *s = &e->service;
	char **argv = started(&e->launchd);

	if (!argv || !*argv[0]) {
		strv_free(argv);
		return;
	}
	s->exec_start.v = mem_alloc(sizeof(*s->exec_start.v));
	s->exec_start.v[0].argv = argv;
	s->exec_start.n = 1;
	startup_add_argv(&s->start, strv_dup(argv));
}

static void launchd_program_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct launchd_evidence *l = &c->e->launchd;

	for (size_t i = 0; i < l->n_definitions; i++) {
		if (!l->definitions[i].store_item)
			continue;
		_cleanup_free_ char *key = mem_printf("link%s", l->definitions[i].store_item);
		l->definitions[i].store = gather_answer(c->e->gather, key);
	}
	for (size_t i = 0; i < l->n_domains; i++)
		read_domain(c->e, &l->domains[i]);
	service_program_read(t, c);
}

static void ask_session(struct task *t, struct evidence *e, int64_t uid)
{
	const struct launchd_evidence *l = &e->launchd;

	if (uid < 500 || uid > UINT32_MAX || l->n_domains >= SESSIONS_MAX)
		return;
	for (size_t i = 0; i < l->n_domains; i++)
		if (l->domains[i].uid == (uint32_t)uid)
			return;
	ask_domain(t, e, mem_printf("gui/%u", (unsigned)uid), (uint32_t)uid);
}

static void launchd_definitions_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct launchd_evidence *l = &c->e->launchd;
	bool everywhere = false;

	read_definitions(c->e);
	for (size_t i = 0; i < l->n_definitions; i++) {
		everywhere |= l->definitions[i].dir == LAUNCHD_DIR_LOCAL_AGENTS && l->definitions[i].plist;
		if (l->definitions[i].store_item)
			task_ask(t, probe_link(l->definitions[i].store_item));
	}
	/* it is in the session of whoever is logged in, not in the owner's alone */
	struct dirlist homes = dirlist_of(everywhere ? gather_answer(c->e->gather, "dir/Users") : NULL);
	while (dirlist_next(&homes))
		ask_session(t, c->e, homes.uid);
	read_command(c->e);
	service_program_ask(t, c);
	task_then(t, launchd_program_read);
}

static void launchd_asked(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;
	_cleanup_free_ char *database = owner_database(e);

	for (size_t i = 0; i < e->launchd.n_domains; i++)
		read_domain(e, &e->launchd.domains[i]);
	read_disabled(e, &e->launchd.disabled[0], database);
	read_disabled(e, &e->launchd.disabled[1], DATABASES "disabled.plist");
	ask_definitions(t, c);
	task_then(t, launchd_definitions_read);
}

/* ---- the beginning ---- */

void gather_launchd(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;
	struct launchd_evidence *l = &e->launchd;
	const struct identity *id = &e->target.owner.id;
	_cleanup_free_ char *database = owner_database(e);

	l->asked = true;
	if (id->uid != 0) {
		ask_domain(t, e, mem_printf("gui/%u", (unsigned)id->uid), id->uid);
		ask_domain(t, e, mem_printf("user/%u", (unsigned)id->uid), id->uid);
	}
	ask_domain(t, e, mem_strdup("system"), 0);
	ask_disabled(t, &l->disabled[0], mem_printf("user/%u", (unsigned)id->uid), database);
	ask_disabled(t, &l->disabled[1], mem_strdup("system"), DATABASES "disabled.plist");
	l->listings[0].path = mem_printf("%s/Library/LaunchAgents", id->home);
	l->listings[1].path = mem_strdup("/Library/LaunchAgents");
	l->listings[2].path = mem_strdup("/Library/LaunchDaemons");
	for (size_t i = 0; i < ARRAY_LEN(l->listings); i++)
		task_ask(t, probe_dir(l->listings[i].path));
	task_ask(t, probe_dir("/Users"));
	task_then(t, launchd_asked);
	gather_start(task_gather(t), gather_macos, c);
	if (c->want.want & (WANT_EVENTS | WANT_JOURNAL))
		gather_start(task_gather(t), gather_unified_log, c);
}
