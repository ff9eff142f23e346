/* SPDX-License-Identifier: MIT */
#include "formats/imageref.h"

#include <string.h>

#include "formats/text.h"

#define IMAGEREF_MAX 512

static bool is_lower_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_word(char c)
{
	return is_lower_digit(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

/* component := alnum (separator alnum)*, separator one of . _ __ or any number of - */
static bool component_valid(const char *s, size_t n)
{
	if (!n || !is_lower_digit(s[0]) || !is_lower_digit(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_lower_digit(s[i]) && s[i] != '.' && s[i] != '_' && s[i] != '-')
			return false;
	return true;
}

static bool repository_valid(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, "/");
		if (!component_valid(s, n))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

/* Host names, IPv4, [IPv6], each with a port or without. */
static bool registry_valid(const char *s)
{
	const char *colon = *s == '[' ? strchr(s, ']') : NULL;
	uint64_t port;
	size_t n;

	if (*s == '[') {
		n = colon ? (size_t)(colon - s) + 1 : 0;
		if (!n || strspn(s + 1, "0123456789abcdefABCDEF:.") != n - 2)
			return false;
	} else {
		n = strcspn(s, ":");
		if (!n || s[0] == '-' || s[0] == '.' || s[n - 1] == '-' || s[n - 1] == '.')
			return false;
		for (size_t i = 0; i < n; i++)
			if ((!is_word(s[i]) || s[i] == '_') && s[i] != '.' && s[i] != '-')
				return false;
	}
	return !s[n] || (s[n] == ':' && text_to_u64(s + n + 1, 65535, &port) == 0);
}

static bool tag_valid(const char *s)
{
	if (!is_word(*s) || strlen(s) > 128)
		return false;
	for (; *s; s++)
		if (!is_word(*s) && *s != '.' && *s != '-')
			return false;
	return true;
}

static bool digest_valid(const char *s)
{
	size_t n = strcspn(s, ":");

	if (!n || s[n] != ':' || strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789+._-") != n)
		return false;
	size_t hex = strlen(s + n + 1);
	return hex >= 32 && strspn(s + n + 1, "0123456789abcdefABCDEF") == hex;
}

/* Takes "docker://", "containers-storage:" and the like off the front. */
static const char *take_transport(const char *s, char **ret)
{
	static const char *const names[] = { "docker://", "docker-daemon:", "docker-archive:", "oci-archive:", "oci:",
		"containers-storage:", "dir:" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_starts(s, names[i])) {
			*ret = mem_strndup(s, strcspn(s, ":"));
			return s + strlen(names[i]);
		}
	return s;
}

int imageref_parse(const char *s, struct imageref *ret, struct err *err)
{
	_cleanup_imageref_ struct imageref r = { 0 };

	if (strlen(s) > IMAGEREF_MAX)
		return err_set(err, ERR_SYNTAX, "image reference of %zu characters is too long", strlen(s));
	_cleanup_free_ char *rest = mem_strdup(take_transport(s, &r.transport));
	char *at = strchr(rest, '@');
	if (at) {
		*at = '\0';
		if (!digest_valid(at + 1))
			return err_set(err, ERR_SYNTAX, "%s: the part after @ is no digest", s);
		r.digest = mem_strdup(at + 1);
	}
	char *slash = strrchr(rest, '/');
	char *colon = strrchr(rest, ':');
	if (colon && (!slash || colon > slash)) {
		*colon = '\0';
		if (!tag_valid(colon + 1))
			return err_set(err, ERR_SYNTAX, "%s: the part after the last colon is no tag", s);
		r.tag = mem_strdup(colon + 1);
	}
	char *name = rest;
	slash = strchr(rest, '/');
	if (slash) {
		*slash = '\0';
		if (strpbrk(rest, ".:") || text_eq(rest, "localhost")) {
			if (!registry_valid(rest))
				return err_set(err, ERR_SYNTAX, "%s: the part before the first slash is no registry", s);
			r.registry = mem_strdup(rest);
			name = slash + 1;
		} else {
			*slash = '/';
		}
	}
	if (!repository_valid(name))
		return err_set(err, ERR_SYNTAX, "%s: not an image reference", s);
	r.repository = mem_strdup(name);
	*ret = r;
	r = (struct imageref){ 0 };
	return 0;
}

void imageref_free(struct imageref *r)
{
	free(r->transport);
	free(r->registry);
	free(r->repository);
	free(r->tag);
	free(r->digest);
	*r = (struct imageref){ 0 };
}

bool imageref_is_localhost(const struct imageref *r)
{
	return text_eq(r->registry, "localhost");
}

bool imageref_is_id(const char *s)
{
	if (text_starts(s, "sha256:"))
		s += strlen("sha256:");
	size_t n = strlen(s);
	return n >= 12 && n <= 64 && strspn(s, "0123456789abcdef") == n;
}
