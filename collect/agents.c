/* SPDX-License-Identifier: MIT */
#include "collect/agents.h"

#include <string.h>

#include "collect/dirlist.h"
#include "formats/text.h"

void agents_close(struct agents *a)
{
	agents_free(a->list);
	strv_free(a->searched);
	strv_free(a->problems);
	warnings_free(&a->warnings);
	*a = (struct agents){ 0 };
}

bool agent_needs_machine(const struct agent *a, enum platform platform)
{
	return a->podman.require_machine || a->podman.connection || platform == PLATFORM_DARWIN;
}

char *agent_state_dir(const struct agent *a, enum platform platform, const struct identity *owner)
{
	_cleanup_free_ char *state = user_state_dir(platform, owner);

	return mem_printf("%s/agents/%s", state, a->name);
}

const struct agent *agents_find(const struct agents *a, const char *name)
{
	for (struct agent **p = a->list; p && *p; p++)
		if (strcmp((*p)->name, name) == 0)
			return *p;
	for (struct agent **p = a->list; p && *p; p++)
		if (text_eq((*p)->label, name))
			return *p;
	return NULL;
}

/* ~ is the home of the agent's owner: the user's, or root's for scope system. */
struct homes {
	const char *owner;
	const char *root;
};

static void problem(struct agents *a, const char *text)
{
	a->problems = strv_take(a->problems, text_safe(text));
}

static size_t agents_len(struct agent **list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Takes over the agents of one file; a name that an earlier place declared stays as it is. */
static void add_agents(struct agents *a, struct agent **found, const struct homes *homes)
{
	for (struct agent **p = found; p && *p; p++) {
		bool known = false;
		for (struct agent **q = a->list; q && *q; q++)
			known = known || strcmp((*q)->name, (*p)->name) == 0;
		if (known) {
			agent_free(*p);
			continue;
		}
		declaration_expand(*p, (*p)->scope == SCOPE_SYSTEM ? homes->root : homes->owner);
		size_t n = agents_len(a->list);
		a->list = mem_array(a->list, n + 2, sizeof(struct agent *));
		a->list[n] = *p;
		a->list[n + 1] = NULL;
	}
	free(found);
}

static int load_file(struct source *s, const char *path, const struct homes *homes, struct agents *a, struct err *err)
{
	_cleanup_probe_ struct probe *p = probe_file(path, PAYLOAD_JSON);
	_cleanup_answer_ struct answer answer = { 0 };
	struct agent **found = NULL;
	struct err why = { 0 };

	p->flags |= PROBE_FOLLOW; /* home-manager and nix-darwin link declarations into the store */
	p->limits.max_bytes = DECLARATION_MAX;
	int r = source_get(s, p, &answer, err);
	if (r)
		return r;
	if (answer.rec.outcome == OUTCOME_ABSENT || answer.rec.outcome == OUTCOME_NOT_COLLECTED)
		return 0;
	if (answer.rec.outcome != OUTCOME_OK) {
		_cleanup_free_ char *text = mem_printf("%s: %s", path,
			answer.rec.outcome == OUTCOME_CUT ? "larger than 1 MiB: not a declaration"
			: answer.rec.reason		  ? answer.rec.reason
							  : outcome_name(answer.rec.outcome));
		problem(a, text);
		return 0;
	}
	if (declaration_parse(path, buf_str(&answer.out), answer.out.len, &found, &a->warnings, &why))
		problem(a, why.msg);
	else
		add_agents(a, found, homes);
	return 0;
}

static int load_dir(struct source *s, const char *dir, const struct homes *homes, struct agents *a, struct err *err)
{
	_cleanup_probe_ struct probe *p = probe_dir(dir);
	_cleanup_answer_ struct answer answer = { 0 };

	a->searched = strv_add(a->searched, dir);
	int r = source_get(s, p, &answer, err);
	if (r)
		return r;
	if (answer.rec.outcome == OUTCOME_DENIED) {
		_cleanup_free_ char *text = mem_printf("%s: permission denied", dir);
		problem(a, text);
	}
	struct dirlist d = dirlist_of(&answer);
	while (r == 0 && dirlist_next(&d)) {
		if (!text_ends(d.name, ".json") || d.name[0] == '.')
			continue;
		_cleanup_free_ char *path = mem_printf("%s/%s", dir, d.name);
		r = load_file(s, path, homes, a, err);
	}
	dirlist_end(&d);
	return r;
}

int agents_load(struct source *s, const struct host *host, const struct identity *owner, struct agents *ret, struct err *err)
{
	const struct homes homes = { owner->home, host->platform == PLATFORM_DARWIN ? "/var/root" : "/root" };
	const char *path = host_env(host, "SOURCEOS_AGENTS_PATH");
	_cleanup_strv_ char **places = NULL;
	struct agents a = { 0 };
	int r = 0;

	while (path && *path) {
		size_t n = strcspn(path, ":");
		if (n)
			places = strv_take(places, mem_strndup(path, n));
		path += n + (path[n] == ':');
	}
	places = strv_take(places, mem_printf("%s/.config/sourceos/agents.d", owner->home));
	places = strv_add(places, "/etc/sourceos/agents.d");
	places = strv_add(places, PREFIX "/share/sourceos/agents.d");
	for (char **p = places; *p && r == 0; p++) {
		if (text_ends(*p, ".json")) {
			a.searched = strv_add(a.searched, *p);
			r = load_file(s, *p, &homes, &a, err);
		} else {
			r = load_dir(s, *p, &homes, &a, err);
		}
	}
	if (r) {
		agents_close(&a);
		return r;
	}
	*ret = a;
	return 0;
}
