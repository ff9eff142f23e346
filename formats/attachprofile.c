/* SPDX-License-Identifier: MIT */
#include "formats/attachprofile.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "formats/json.h"
#include "formats/text.h"

#define SCHEMA "sourceos.attach-profile.v1"

static const char *const types[ATTACH_TYPES] = { "put", "webdav", "s3", "rt", "jira", "redmine" };
static const char *const auths[] = { "none", "basic", "bearer", "token", "header", "keys" };
static const char *const readbacks[] = { "hash", "size", "none" };

const char *attach_type_name(enum attach_type t)
{
	return t < ATTACH_TYPES ? types[t] : "unknown";
}

void attach_profile_free(struct attach_profile *p)
{
	char *const all[] = { p->url, p->bucket, p->region, p->prefix, p->user, p->secret, p->ca_file };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	*p = (struct attach_profile){ 0 };
}

/* The host of a URL behind its scheme: without user, port and path. */
static char *host_of(const char *rest)
{
	size_t n = strcspn(rest, "/?#");

	if (rest[0] == '[') {
		const char *end = memchr(rest, ']', n);
		bool ends = end && (!end[1] || strchr(":/?#", end[1]));
		return ends ? mem_strndup(rest, (size_t)(end - rest) + 1) : mem_strdup("");
	}
	return mem_strndup(rest, strcspn(rest, ":/?#"));
}

static bool is_loopback(const char *host)
{
	/* 127.x.y.z by digits and dots alone: "127.0.0.1.example.org" is somewhere else */
	if (text_starts(host, "127.") && strspn(host, "0123456789.") == strlen(host))
		return true;
	return !strcasecmp(host, "localhost") || text_eq(host, "[::1]");
}

int attach_url_check(const char *url, struct err *err)
{
	bool plain = strncasecmp(url, "http://", 7) == 0;

	if (!plain && strncasecmp(url, "https://", 8) != 0)
		return err_set(err, ERR_USAGE, "a target's URL begins with https://");
	const char *rest = url + (plain ? 7 : 8);
	_cleanup_free_ char *host = host_of(rest);
	for (const char *p = rest; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || *p == '\\' || *p == '"' || *p == '<' || *p == '>')
			return err_set(err, ERR_USAGE, "a target's URL holds a character that a URL cannot");
	if (memchr(rest, '@', strcspn(rest, "/?#")))
		return err_set(err, ERR_USAGE, "a target's URL must not hold a user or password: the profile's \"auth\" is for them");
	if (strpbrk(rest, "?#"))
		return err_set(err, ERR_USAGE, "a target's URL must not hold a query or fragment");
	if (!*host)
		return err_set(err, ERR_USAGE, "a target's URL names no host");
	if (plain && !is_loopback(host))
		return err_set(err, ERR_USAGE, "http:// to another machine would send evidence readable and alterable by all between: use https://");
	return 0;
}

static int one_of(const json_t *v, const char *key, const char *const *names, size_t n, int otherwise, int *ret, struct err *err)
{
	_cleanup_buf_ struct buf all = { 0 };
	const char *s = json_string_value(v);

	*ret = otherwise;
	if (!v && otherwise >= 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (s && text_eq(s, names[i])) {
			*ret = (int)i;
			return 0;
		}
		buf_addf(&all, "%s%s", i ? ", " : "", names[i]);
	}
	return err_set(err, ERR_USAGE, "\"%s\" must be one of %s", key, buf_str(&all));
}

static int get_text(const json_t *j, const char *key, char **ret, struct err *err)
{
	const json_t *v = json_object_get(j, key);
	const char *s = json_string_value(v);

	if (v && (!s || !*s))
		return err_set(err, ERR_USAGE, "\"%s\" must be a text that is not empty", key);
	for (const char *p = s; p && *p; p++)
		if (text_is_control((unsigned char)*p))
			return err_set(err, ERR_USAGE, "\"%s\" holds a control character", key);
	*ret = mem_strdup(s);
	return 0;
}

static int get_number(const json_t *j, const char *key, uint64_t max, uint64_t otherwise, uint64_t *ret, struct err *err)
{
	const json_t *v = json_object_get(j, key);

	*ret = otherwise;
	if (!v)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max)
		return err_set(err, ERR_USAGE, "\"%s\" must be a whole number from 0 to %llu", key, (unsigned long long)max);
	*ret = (uint64_t)json_integer_value(v);
	return 0;
}

static int known_keys(const json_t *j, const char *const *known, const char *what, struct err *err)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)j, key, v)
	{
		size_t i = 0;
		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return err_set(err, ERR_USAGE, "unknown key \"%.40s\"%s", key, what);
	}
	return 0;
}

static int read_auth(const json_t *j, struct attach_profile *p, struct err *err)
{
	static const char *const known[] = { "type", "user", "secret", NULL };
	int type, r;

	if (!j) {
		p->auth = ATTACH_AUTH_NONE;
		return 0;
	}
	if (!json_is_object(j))
		return err_set(err, ERR_USAGE, "\"auth\" must be an object");
	if ((r = known_keys(j, known, " in \"auth\"", err)) ||
		(r = one_of(json_object_get(j, "type"), "auth.type", auths, ARRAY_LEN(auths), -1, &type, err)) ||
		(r = get_text(j, "user", &p->user, err)) || (r = get_text(j, "secret", &p->secret, err)))
		return r;
	p->auth = (enum attach_auth)type;
	if (p->auth == ATTACH_AUTH_NONE)
		return p->user || p->secret ? err_set(err, ERR_USAGE, "\"auth\" of type none has neither user nor secret") : 0;
	if (!p->secret)
		return err_set(err, ERR_USAGE, "\"auth\" needs \"secret\": env:NAME or file:PATH");
	if (!text_starts(p->secret, "env:") && !text_starts(p->secret, "file:"))
		/* not printed: it may be the secret itself */
		return err_set(err, ERR_USAGE, "\"secret\" says where the secret is, env:NAME or file:PATH, never the secret itself");
	bool needs_user = p->auth == ATTACH_AUTH_BASIC || p->auth == ATTACH_AUTH_HEADER || p->auth == ATTACH_AUTH_KEYS;
	if (needs_user != (p->user != NULL))
		return err_set(err, ERR_USAGE, "\"auth\" of type %s %s", auths[p->auth],
			needs_user ? "needs \"user\" (the user, the header's name, or the access key's id)" : "has no \"user\"");
	if (p->auth == ATTACH_AUTH_HEADER && strspn(p->user, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") != strlen(p->user))
		return err_set(err, ERR_USAGE, "\"user\" is not the name of a header");
	return 0;
}

static int fits_type(struct attach_profile *p, struct err *err)
{
	if (p->type == ATTACH_S3 && (!p->bucket || p->auth != ATTACH_AUTH_KEYS))
		return err_set(err, ERR_USAGE, "type s3 needs \"bucket\", and \"auth\" of type keys");
	if (p->type != ATTACH_S3 && (p->bucket || p->region || p->auth == ATTACH_AUTH_KEYS))
		return err_set(err, ERR_USAGE, "\"bucket\", \"region\" and \"auth\" of type keys are for type s3");
	if (p->type == ATTACH_S3 && !p->region)
		p->region = mem_strdup("us-east-1");
	if (p->prefix && p->type != ATTACH_S3 && p->type != ATTACH_WEBDAV)
		return err_set(err, ERR_USAGE, "\"prefix\" is for types s3 and webdav");
	if (p->prefix && (strstr(p->prefix, "..") || p->prefix[0] == '/'))
		return err_set(err, ERR_USAGE, "\"prefix\" is a path below the target");
	if (p->resume && p->type != ATTACH_PUT && p->type != ATTACH_WEBDAV)
		return err_set(err, ERR_USAGE, "\"resume\" is for types put and webdav");
	return 0;
}

static int from_json(const json_t *j, struct attach_profile *p, struct err *err)
{
	static const char *const known[] = { "schema", "description", "type", "url", "bucket", "region", "prefix", "auth", "caFile",
		"maxBytes", "retries", "stallSeconds", "resume", "readBack", NULL };
	const json_t *resume = json_object_get(j, "resume");
	uint64_t retries, stall;
	int type, readback, r;

	if (!json_is_object(j) || !text_eq(json_string_value(json_object_get(j, "schema")), SCHEMA))
		return err_set(err, ERR_USAGE, "not an attach profile: \"schema\" must be \"%s\"", SCHEMA);
	if ((r = known_keys(j, known, "", err)) ||
		(r = one_of(json_object_get(j, "type"), "type", types, ATTACH_TYPES, -1, &type, err)) ||
		(r = one_of(json_object_get(j, "readBack"), "readBack", readbacks, ARRAY_LEN(readbacks), READBACK_HASH, &readback, err)) ||
		(r = get_text(j, "url", &p->url, err)) || (r = get_text(j, "bucket", &p->bucket, err)) ||
		(r = get_text(j, "region", &p->region, err)) || (r = get_text(j, "prefix", &p->prefix, err)) ||
		(r = get_text(j, "caFile", &p->ca_file, err)) || (r = read_auth(json_object_get(j, "auth"), p, err)) ||
		(r = get_number(j, "maxBytes", INT64_MAX, 0, &p->max_bytes, err)) ||
		(r = get_number(j, "retries", 20, 4, &retries, err)) || (r = get_number(j, "stallSeconds", 3600, 60, &stall, err)))
		return r;
	if (resume && !json_is_boolean(resume))
		return err_set(err, ERR_USAGE, "\"resume\" must be true or false");
	if (!p->url)
		return err_set(err, ERR_USAGE, "\"url\" is missing");
	p->type = (enum attach_type)type;
	p->readback = (enum attach_readback)readback;
	p->retries = (unsigned)retries;
	p->stall_s = stall ? (unsigned)stall : 1;
	p->resume = json_is_true(resume);
	if ((r = attach_url_check(p->url, err)))
		return r;
	return fits_type(p, err);
}

int attach_profile_parse(const char *name, const char *text, size_t n, struct attach_profile *ret, struct err *err)
{
	_cleanup_attach_profile_ struct attach_profile p = { 0 };
	json_error_t where;
	json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &where);

	if (!j)
		return err_set(err, ERR_SYNTAX, "%s:%d: not JSON", name, where.line); /* its text may quote what stands there */
	int r = from_json(j, &p, err);
	json_decref(j);
	if (r)
		return err_prefix(err, "%s", name);
	*ret = p;
	p = (struct attach_profile){ 0 };
	return 0;
}

int attach_profile_from_url(const char *url, struct attach_profile *ret, struct err *err)
{
	int r = attach_url_check(url, err);

	if (r)
		return r;
	*ret = (struct attach_profile){ .type = ATTACH_PUT, .url = mem_strdup(url), .auth = ATTACH_AUTH_NONE, .retries = 4, .stall_s = 60 };
	return 0;
}
