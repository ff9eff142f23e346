/* SPDX-License-Identifier: MIT */
/* What the service has from the Nix or Guix store: is it still there, what made it, what keeps it. */
#include "collect/gatherers.h"

#include <string.h>

#include "formats/text.h"

static bool in_store(const char *path)
{
	return path && (text_starts(path, "/nix/store/") || text_starts(path, "/gnu/store/"));
}

/* "/nix/store/<hash>-name" of a path below it */
static char *store_item(const char *path)
{
	const char *name = path + strlen("/nix/store/"); /* as long as /gnu/store/ */

	return mem_strndup(path, (size_t)(name - path) + strcspn(name, "/ \"'"));
}

/* The first path of the store that the service comes down to: its program, its definition, what the wrapper hands over to. */
static const char *store_path(const struct evidence *e)
{
	const struct service_evidence *s = &e->service;
	const struct answer *link = s->unit.fragment.link;

	if (in_store(s->program.path))
		return s->program.path;
	if (s->exec_start.n && in_store(s->exec_start.v[0].argv[0]))
		return s->exec_start.v[0].argv[0];
	if (link && link->rec.stat.known && in_store(link->rec.stat.link))
		return link->rec.stat.link;
	for (char **p = s->script.programs; p && *p; p++)
		if (in_store(*p))
			return *p;
	if (e->target.agent->command && in_store(e->target.agent->command[0]))
		return e->target.agent->command[0];
	return NULL;
}

static char *query_key(const struct evidence *e, const char *what)
{
	_cleanup_free_ char *subject = mem_printf("nix/%s", what);

	return owner_key(e, subject, NULL, e->nix.item);
}

static void ask_store(struct task *t, const struct evidence *e, const char *what)
{
	_cleanup_free_ char *key = query_key(e, what);
	_cleanup_free_ char *option = mem_printf("--%s", what);
	_cleanup_strv_ char **argv = strv_new("nix-store", "--query", option, e->nix.item, NULL);
	struct probe *p = probe_cmd(key, argv, &e->target.owner.id, PAYLOAD_TEXT);

	p->limits.timeout_ms = 5000;
	task_ask(t, p);
}

static void add_profile(struct task *t, struct evidence *e, char *path)
{
	struct nix_evidence *n = &e->nix;

	n->profiles = mem_array(n->profiles, n->n_profiles + 1, sizeof(*n->profiles));
	n->profiles[n->n_profiles++] = (struct file_evidence){ .path = path };
	task_ask(t, probe_link(path));
}

static void nix_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	_cleanup_free_ char *item = mem_printf("link%s", e->nix.item);
	_cleanup_free_ char *deriver = query_key(e, "deriver"), *roots = query_key(e, "roots");

	e->nix.item_link = gather_answer(e->gather, item);
	e->nix.deriver = gather_answer(e->gather, deriver);
	e->nix.roots = gather_answer(e->gather, roots);
	for (size_t i = 0; i < e->nix.n_profiles; i++)
		file_answered(e->gather, &e->nix.profiles[i]);
}

void gather_nix(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	const struct identity *id = &e->target.owner.id;
	const char *path = store_path(e);

	if (!path)
		return;
	e->nix.path = mem_strdup(path);
	e->nix.item = store_item(path);
	e->nix.guix = text_starts(path, "/gnu/");
	task_ask(t, probe_link(e->nix.item));
	if (e->nix.guix) {
		add_profile(t, e, mem_printf("/var/guix/profiles/per-user/%s/guix-profile", id->name));
		add_profile(t, e, mem_strdup("/var/guix/profiles/system"));
	} else {
		ask_store(t, e, "deriver");
		ask_store(t, e, "roots");
		add_profile(t, e, mem_printf("%s/.local/state/nix/profiles/profile", id->home));
		add_profile(t, e, mem_printf("%s/.local/state/nix/profiles/home-manager", id->home));
		add_profile(t, e, mem_printf("/nix/var/nix/profiles/per-user/%s/profile", id->name));
		add_profile(t, e, mem_strdup("/nix/var/nix/profiles/system"));
	}
	task_then(t, nix_read);
}
