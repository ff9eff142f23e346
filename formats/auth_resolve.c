/* SPDX-License-Identifier: MIT */
/*
 * Which auth files and helpers Podman would consult, from what containers/image does
 * (pkg/docker/config, getAuthFilePaths and findCredentialsInFile) and what was measured.
 */
#include <string.h>

#include "formats/authfile.h"
#include "formats/text.h"

static const char *const place_names[] = {
	[AUTH_PLACE_AUTHFILE] = "--authfile",
	[AUTH_PLACE_REGISTRY_ENV] = "REGISTRY_AUTH_FILE",
	[AUTH_PLACE_DOCKER_ENV] = "DOCKER_CONFIG",
	[AUTH_PLACE_RUNTIME] = "XDG_RUNTIME_DIR",
	[AUTH_PLACE_CONTAINERS_HOME] = "~/.config/containers/auth.json",
	[AUTH_PLACE_DOCKER_HOME] = "~/.docker/config.json",
	[AUTH_PLACE_DOCKERCFG] = "~/.dockercfg",
};

const char *auth_place_name(enum auth_place p)
{
	return (size_t)p < ARRAY_LEN(place_names) ? place_names[p] : "?";
}

/* Nobody has so many; the search is a product of them and the entries, and the file is somebody else's. */
#define HELPERS_MAX ((size_t)256)

struct resolve {
	const struct auth_question *q;
	const struct auth_source *sources;
	size_t n;
	struct auth_answer *a;
	size_t n_read; /* the first steps: the files that Podman reads, in its order */
};

static void add_step(struct resolve *r, size_t source, bool consulted, const char *why)
{
	r->a->steps[r->a->n_steps++] = (struct auth_step){ .source = source, .consulted = consulted, .why = mem_strdup(why) };
}

static bool has_step(const struct resolve *r, size_t source)
{
	for (size_t i = 0; i < r->a->n_steps; i++)
		if (r->a->steps[i].source == source)
			return true;
	return false;
}

static bool add_place(struct resolve *r, enum auth_place place)
{
	bool found = false;

	for (size_t i = 0; i < r->n; i++)
		if (r->sources[i].place == place && !has_step(r, i)) {
			add_step(r, i, false, NULL);
			found = true;
		}
	return found;
}

static bool reads_one_only(const struct auth_question *q)
{
	return q->podman.major && version_compare(&q->podman, 4, 4, 0) >= 0;
}

/* The order of the files. Up to 4.3 what the caller names comes first and the others all the same; from 4.4 on it stands alone. */
static void order_steps(struct resolve *r)
{
	static const enum auth_place named[] = { AUTH_PLACE_AUTHFILE, AUTH_PLACE_REGISTRY_ENV, AUTH_PLACE_DOCKER_ENV };
	const char *rest = "a file that is named before it takes its place";
	bool is_named = false, has_docker_env = false;

	r->a->steps = mem_alloc((r->n + 1) * sizeof(*r->a->steps));
	for (size_t i = 0; i < ARRAY_LEN(named) && !is_named; i++)
		is_named = add_place(r, named[i]);
	if (!is_named)
		add_place(r, AUTH_PLACE_RUNTIME);
	if (is_named && reads_one_only(r->q)) {
		rest = "Podman from 4.4 on reads nothing beside the file that is named";
	} else {
		add_place(r, AUTH_PLACE_CONTAINERS_HOME);
		for (size_t i = 0; i < r->n; i++)
			has_docker_env |= r->sources[i].place == AUTH_PLACE_DOCKER_ENV;
		/* DOCKER_CONFIG moves ~/.docker even where something else was named first */
		add_place(r, has_docker_env ? AUTH_PLACE_DOCKER_ENV : AUTH_PLACE_DOCKER_HOME);
		add_place(r, AUTH_PLACE_DOCKERCFG);
	}
	r->n_read = r->a->n_steps;
	for (size_t i = 0; i < r->n; i++)
		if (!has_step(r, i))
			add_step(r, i, false, rest);
}

static const char *docker_hub(const char *registry)
{
	static const char *const names[] = { "docker.io", "registry-1.docker.io", "index.docker.io" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_eq(registry, names[i]))
			return "index.docker.io";
	return registry;
}

/* "https://index.docker.io/v1/" → "index.docker.io"; a key without a scheme keeps its path, but for the legacy file. */
static char *normal_key(const char *key, bool legacy)
{
	const char *s = text_starts(key, "https://") ? key + 8 : text_starts(key, "http://") ? key + 7 : key;
	_cleanup_free_ char *host = mem_strndup(s, legacy || s != key ? strcspn(s, "/") : strlen(s));

	return mem_strdup(docker_hub(host));
}

/* What Podman takes from an entry; the others are Docker's. */
static bool entry_counts(const struct auth_entry *e)
{
	return e->has_auth || e->has_identitytoken;
}

static const struct auth_entry *find_exact(const struct authfile *f, const char *key)
{
	for (size_t i = 0; i < f->n_auths; i++)
		if (strcmp(f->auths[i].registry, key) == 0)
			return &f->auths[i];
	return NULL;
}

/* key is "registry/namespace/repository": the longest prefix that has an entry, else one that means the registry. */
static const struct auth_entry *find_entry(const struct authfile *f, const char *key, const char *registry)
{
	_cleanup_free_ char *k = mem_strdup(f->legacy ? registry : key);

	for (;;) {
		const struct auth_entry *e = find_exact(f, k);
		char *slash = strrchr(k, '/');
		if (e)
			return e;
		if (!slash)
			break;
		*slash = '\0';
	}
	for (size_t i = 0; i < f->n_auths; i++) {
		_cleanup_free_ char *normal = normal_key(f->auths[i].registry, f->legacy);
		if (strcmp(normal, docker_hub(registry)) == 0)
			return &f->auths[i];
	}
	return NULL;
}

static const char *find_helper(const struct authfile *f, const char *registry)
{
	for (size_t i = 0; i < f->n_helpers; i++)
		if (strcmp(f->helpers[i].registry, registry) == 0)
			return f->helpers[i].helper;
	return NULL;
}

static void add_run(struct resolve *r, size_t source, const char *registry, const char *helper)
{
	struct auth_answer *a = r->a;

	for (size_t i = 0; i < a->n_runs; i++)
		if (strcmp(a->runs[i].registry, registry) == 0 && strcmp(a->runs[i].helper, helper) == 0)
			return;
	a->runs = mem_array(a->runs, a->n_runs + 1, sizeof(*a->runs));
	a->runs[a->n_runs++] = (struct auth_run){
		.source = source,
		.registry = mem_strdup(registry),
		.helper = mem_strdup(helper),
		.interactive = helper_is_interactive(helper),
	};
}

static void set_why(char **why, char *text)
{
	free(*why);
	*why = text;
}

/* Opens one file for Podman: false when it cannot go on. */
static bool consult(struct resolve *r, struct auth_step *step)
{
	const struct auth_source *s = &r->sources[step->source];

	step->consulted = true;
	if (s->unreadable) {
		r->a->unknown = true;
		set_why(&step->why, mem_strdup("it is there, and we may not read it"));
	} else if (s->broken) {
		r->a->fails = true;
		set_why(&step->why, mem_strdup("it is not an auth file: Podman ends with exit 125"));
		return false;
	} else if (!s->file) {
		bool must = s->place == AUTH_PLACE_AUTHFILE;
		r->a->fails |= must;
		set_why(&step->why, mem_strdup(must ? "--authfile names a file that is not there: Podman ends with exit 125" : "not there"));
		return !must;
	}
	return true;
}

/*
 * The credential for one key, as Podman looks for it: file by file, in each the helper first. Helpers
 * that would be executed are noted; `target` says in the steps what was found for the image.
 */
static void resolve_key(struct resolve *r, const char *key, const char *registry, bool target)
{
	for (size_t i = 0; i < r->n_read; i++) {
		struct auth_step *step = &r->a->steps[i];
		if (!consult(r, step))
			return;
		const struct authfile *f = r->sources[step->source].file;
		if (!f)
			continue;
		const char *helper = find_helper(f, registry);
		const struct auth_entry *e = helper ? NULL : find_entry(f, key, registry);
		if (helper)
			add_run(r, step->source, registry, helper);
		if (target && helper)
			set_why(&step->why, mem_printf("its credHelpers send %s to docker-credential-%s", registry, helper));
		else if (target && e && entry_counts(e))
			set_why(&step->why, mem_printf("it holds a credential for %s", e->registry));
		else if (target)
			set_why(&step->why, mem_printf("nothing in it for %s%s%s%s", registry, f->creds_store ? "; its credsStore " : "",
				f->creds_store ? f->creds_store : "", f->creds_store ? " is ignored by Podman" : ""));
		if (helper || (e && entry_counts(e))) {
			step->decides |= target;
			return;
		}
	}
}

/* A remote client gathers the credentials of every key of every file and sends them along. */
static void resolve_all(struct resolve *r)
{
	for (size_t i = 0; i < r->n_read; i++) {
		if (!consult(r, &r->a->steps[i]))
			return;
		const struct authfile *f = r->sources[r->a->steps[i].source].file;
		/* keys of auths are gathered as well, but only those that some credHelpers names too run something */
		for (size_t k = 0; f && k < f->n_helpers && k < HELPERS_MAX; k++)
			resolve_key(r, f->helpers[k].registry, f->helpers[k].registry, false);
		if (f && f->n_helpers > HELPERS_MAX)
			r->a->unknown = true;
	}
}

/* Whether a local client turns to a registry at all; says why not. */
static bool asks_registry(const struct auth_question *q, const char **why)
{
	bool always = text_eq(q->pull, "always") || text_eq(q->pull, "newer");

	if (q->command == PODMAN_PULL)
		return true;
	if (q->command != PODMAN_RUN) {
		*why = "this command asks no registry and reads no auth file";
		return false;
	}
	if (q->image_is_local && !always) {
		*why = "the image is local and its pull policy asks no registry";
		return false;
	}
	if (text_eq(q->pull, "never")) {
		*why = "--pull=never: Podman fails without asking a registry when the image is not local";
		return false;
	}
	return true;
}

static void nothing_read(struct resolve *r, const char *why)
{
	for (size_t i = 0; i < r->n_read; i++)
		set_why(&r->a->steps[i].why, mem_strdup(why));
	r->a->why = mem_strdup(why);
}

static void check_authfile(struct resolve *r)
{
	/* an --authfile that is not there ends every command that takes the option, before anything else */
	if (r->q->command != PODMAN_RUN && r->q->command != PODMAN_PULL)
		return;
	for (size_t i = 0; i < r->n_read; i++)
		if (r->sources[r->a->steps[i].source].place == AUTH_PLACE_AUTHFILE)
			consult(r, &r->a->steps[i]);
}

static void finish(struct resolve *r)
{
	struct auth_answer *a = r->a;

	for (size_t i = 0; i < r->n_read; i++)
		if (!a->steps[i].why)
			set_why(&a->steps[i].why, mem_strdup(a->steps[i].consulted ? "read for all its registries" : "decided before"));
	if (a->why)
		return;
	if (a->fails)
		a->why = mem_strdup("Podman would fail on an auth file");
	else if (a->n_runs)
		a->why = mem_printf("Podman would execute docker-credential-%s for %s%s", a->runs[0].helper, a->runs[0].registry,
			a->n_runs > 1 ? " and more" : "");
	else
		a->why = mem_strdup(a->unknown ? "no helper would be executed as far as the readable files tell" :
						 "no credential helper would be executed");
}

void auth_resolve(const struct auth_question *q, const struct auth_source *sources, size_t n, struct auth_answer *ret)
{
	struct resolve r = { .q = q, .sources = sources, .n = n, .a = ret };
	_cleanup_imageref_ struct imageref ref = { 0 };
	bool remote = q->client == PODMAN_REMOTE && (q->command == PODMAN_RUN || q->command == PODMAN_PULL);
	const char *why = NULL;

	*ret = (struct auth_answer){ 0 };
	order_steps(&r);
	check_authfile(&r);
	if (ret->fails) {
		finish(&r);
		return;
	}
	if (q->creds) {
		nothing_read(&r, "--creds is given: no auth file is read");
	} else if (!remote && !asks_registry(q, &why)) {
		nothing_read(&r, why);
	} else {
		bool parsed = q->image && imageref_parse(q->image, &ref, NULL) == 0;
		if (remote)
			resolve_all(&r);
		if (parsed && ref.registry && !ret->fails) {
			_cleanup_free_ char *key = mem_printf("%s/%s", ref.registry, ref.repository);
			resolve_key(&r, key, ref.registry, true);
		} else if (!ref.registry) {
			/* a short name: which registries are asked stands in registries.conf, which is not known here */
			ret->unknown = true;
		}
	}
	finish(&r);
}

void auth_answer_free(struct auth_answer *a)
{
	for (size_t i = 0; i < a->n_steps; i++)
		free(a->steps[i].why);
	free(a->steps);
	for (size_t i = 0; i < a->n_runs; i++) {
		free(a->runs[i].registry);
		free(a->runs[i].helper);
	}
	free(a->runs);
	free(a->why);
	*a = (struct auth_answer){ 0 };
}
