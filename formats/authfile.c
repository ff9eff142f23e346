/* SPDX-License-Identifier: MIT */
#include "formats/authfile.h"

#include <ctype.h>
#include <string.h>

#include "formats/json.h"
#include "formats/text.h"

/*
 * Equality as Go's encoding/json matches keys with struct fields: simple case folding, in which two
 * letters outside of ASCII (U+017F long s, U+212A Kelvin sign) are the same as s and k.
 */
static bool key_is(const char *s, const char *name)
{
	for (; *name; name++) {
		if (*name == 's' && text_starts(s, "\xc5\xbf")) {
			s += 2;
		} else if (*name == 'k' && text_starts(s, "\xe2\x84\xaa")) {
			s += 3;
		} else {
			if (tolower((unsigned char)*s) != tolower((unsigned char)*name))
				return false;
			s++;
		}
	}
	return !*s;
}

#define ENTRIES_MAX ((size_t)10000)

struct parse {
	const char *what;
	struct err *err;
	struct authfile *file;
};

/* The key is named, a value never is. */
static int wrong_type(const struct parse *p, const char *key, const char *expected)
{
	_cleanup_free_ char *safe = text_safe(key);

	return err_set(p->err, ERR_SYNTAX, "%s: \"%.100s\" is not %s; Podman refuses this file", p->what, safe, expected);
}

static int too_many(const struct parse *p, const char *key)
{
	return err_set(p->err, ERR_LIMIT, "%s: more than %zu members in %s", p->what, ENTRIES_MAX, key);
}

static int read_entry(const struct parse *p, const char *registry, const json_t *j)
{
	struct authfile *f = p->file;
	struct auth_entry e = { 0 };
	struct {
		const char *name;
		bool *flag;
	} const members[] = {
		{ "auth", &e.has_auth },	     { "identitytoken", &e.has_identitytoken }, { "registrytoken", &e.has_registrytoken },
		{ "username", &e.has_username }, { "password", &e.has_password },	  { "email", &e.has_email },
	};
	const char *key;
	json_t *v;

	if (!json_is_object(j) && !json_is_null(j))
		return wrong_type(p, registry, "an object");
	json_object_foreach((json_t *)(uintptr_t)j, key, v)
		for (size_t i = 0; i < ARRAY_LEN(members); i++) {
			if (!key_is(key, members[i].name))
				continue;
			/* Podman knows the first two only; what it does not know may be of any type */
			if (i < 2 && !json_is_string(v) && !json_is_null(v))
				return wrong_type(p, registry, "an object of strings");
			*members[i].flag |= json_is_string(v) ? json_string_length(v) > 0 : !json_is_null(v);
		}
	e.registry = mem_strdup(registry);
	f->auths = mem_array(f->auths, f->n_auths + 1, sizeof(*f->auths));
	f->auths[f->n_auths++] = e;
	return 0;
}

static int read_auths(const struct parse *p, const json_t *j)
{
	const char *registry;
	json_t *v;
	int r = 0;

	p->file->has_auths_key = true;
	if (json_is_null(j))
		return 0;
	if (!json_is_object(j))
		return wrong_type(p, "auths", "an object");
	if (json_object_size(j) > ENTRIES_MAX)
		return too_many(p, "auths");
	json_object_foreach((json_t *)(uintptr_t)j, registry, v)
		if ((r = read_entry(p, registry, v)))
			break;
	return r;
}

static int read_helpers(const struct parse *p, const json_t *j)
{
	struct authfile *f = p->file;
	const char *registry;
	json_t *v;

	if (json_is_null(j))
		return 0;
	if (!json_is_object(j))
		return wrong_type(p, "credHelpers", "an object");
	if (json_object_size(j) > ENTRIES_MAX)
		return too_many(p, "credHelpers");
	json_object_foreach((json_t *)(uintptr_t)j, registry, v) {
		if (!json_is_string(v))
			return wrong_type(p, registry, "a string");
		f->helpers = mem_array(f->helpers, f->n_helpers + 1, sizeof(*f->helpers));
		f->helpers[f->n_helpers++] = (struct auth_helper){
			.registry = mem_strdup(registry),
			.helper = mem_strdup(json_string_value(v)),
		};
	}
	return 0;
}

static bool is_filled(const json_t *v)
{
	return json_is_object(v) ? json_object_size(v) > 0 : json_is_array(v) ? json_array_size(v) > 0 : !json_is_null(v);
}

static int read_member(const struct parse *p, const char *key, const json_t *v)
{
	/* Docker's own settings, harmless and without secrets: no need to name them as unknown */
	static const char *const settings[] = { "detachKeys", "psFormat", "imagesFormat", "currentContext", "cliPluginsExtraDirs",
		"stackOrchestrator", "experimental", "features", "aliases", "credentialStore" };

	if (key_is(key, "auths"))
		return read_auths(p, v);
	if (key_is(key, "credHelpers"))
		return read_helpers(p, v);
	if (key_is(key, "credsStore")) {
		if (json_is_string(v) && *json_string_value(v))
			mem_set(&p->file->creds_store, json_string_value(v));
	} else if (key_is(key, "HttpHeaders")) {
		p->file->has_http_headers |= is_filled(v);
	} else if (key_is(key, "plugins")) {
		p->file->has_plugins |= is_filled(v);
	} else if (key_is(key, "proxies")) {
		p->file->has_proxies |= is_filled(v);
	} else {
		for (size_t i = 0; i < ARRAY_LEN(settings); i++)
			if (key_is(key, settings[i]))
				return 0;
		p->file->unknown_keys = strv_add(p->file->unknown_keys, key);
	}
	return 0;
}

/* ~/.dockercfg has the registries at its top: every member is an object with an auth in it. */
static bool is_legacy(const json_t *top)
{
	const char *key, *inner;
	json_t *v, *ignored;

	json_object_foreach((json_t *)(uintptr_t)top, key, v) {
		bool has_auth = false;
		json_object_foreach(v, inner, ignored)
			has_auth |= key_is(inner, "auth");
		if (!has_auth || key_is(key, "auths"))
			return false;
	}
	return json_object_size(top) > 0;
}

int authfile_parse(const char *what, const char *text, size_t n, struct authfile **ret, struct err *err)
{
	_cleanup_authfile_ struct authfile *f = mem_alloc(sizeof(*f));
	struct parse p = { .what = what, .err = err, .file = f };
	_cleanup_json_ json_t *top = NULL;
	const char *key;
	json_t *v;
	int r;

	/* Go would merge two "auths" and jansson keeps one: rather than to tell half, such a file is refused. */
	if ((r = json_read(what, text, n, JSON_READ_UNIQUE, &top, err)))
		return r;
	if (!json_is_object(top))
		return err_set(err, ERR_SYNTAX, "%s: not an object; Podman refuses this file", what);
	if (json_object_size(top) > ENTRIES_MAX)
		return too_many(&p, "the file");
	f->legacy = is_legacy(top);
	json_object_foreach(top, key, v) {
		r = f->legacy ? read_entry(&p, key, v) : read_member(&p, key, v);
		if (r)
			return r;
	}
	*ret = TAKE_PTR(f);
	return 0;
}

void authfile_free(struct authfile *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n_auths; i++)
		free(a->auths[i].registry);
	free(a->auths);
	for (size_t i = 0; i < a->n_helpers; i++) {
		free(a->helpers[i].registry);
		free(a->helpers[i].helper);
	}
	free(a->helpers);
	free(a->creds_store);
	strv_free(a->unknown_keys);
	free(a);
}

void authfile_freep(struct authfile **a)
{
	authfile_free(*a);
	*a = NULL;
}

bool authfile_is_empty(const struct authfile *a)
{
	return !a->n_auths && !a->n_helpers && !a->creds_store;
}

bool authfile_has_secret(const struct authfile *a)
{
	for (size_t i = 0; i < a->n_auths; i++) {
		const struct auth_entry *e = &a->auths[i];
		if (e->has_auth || e->has_password || e->has_identitytoken || e->has_registrytoken)
			return true;
	}
	return a->has_http_headers || a->has_plugins;
}

bool helper_is_interactive(const char *helper)
{
	static const char *const names[] = { "gcloud", "gcloud.cmd", "gcr", "ecr-login", "desktop", "desktop.exe", "osxkeychain",
		"secretservice", "wincred", "pass" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(helper, names[i]) == 0)
			return true;
	return false;
}
