/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/redact.h"

static bool ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n >= k && strcasecmp(s + n - k, suffix) == 0;
}

static const struct {
	const char *suffix;
	enum payload_class class;
} names[] = {
	{ ".docker/config.json", PAYLOAD_AUTH }, { "containers/auth.json", PAYLOAD_AUTH }, { "auth.json", PAYLOAD_AUTH }, { ".dockercfg", PAYLOAD_AUTH },
	{ ".dockerconfigjson", PAYLOAD_AUTH }, { "auth-redacted.json", PAYLOAD_AUTH }, { "inspect.json", PAYLOAD_PODMAN },
	{ "podman-info.json", PAYLOAD_PODMAN }, { ".jsonl", PAYLOAD_JSONL }, { ".ndjson", PAYLOAD_JSONL }, { ".json", PAYLOAD_JSON },
	{ ".tfstate", PAYLOAD_JSON }, { ".service", PAYLOAD_UNIT }, { ".socket", PAYLOAD_UNIT }, { ".timer", PAYLOAD_UNIT }, { ".path", PAYLOAD_UNIT },
	{ ".mount", PAYLOAD_UNIT }, { ".target", PAYLOAD_UNIT }, { ".slice", PAYLOAD_UNIT }, { ".scope", PAYLOAD_UNIT }, { ".container", PAYLOAD_UNIT },
	{ ".pod", PAYLOAD_UNIT }, { ".kube", PAYLOAD_UNIT }, { ".volume", PAYLOAD_UNIT }, { ".network", PAYLOAD_UNIT }, { ".netdev", PAYLOAD_UNIT },
	{ ".desktop", PAYLOAD_UNIT }, { ".nmconnection", PAYLOAD_UNIT }, { "service.unit.disabled", PAYLOAD_UNIT }, { ".env", PAYLOAD_ENV },
	{ "environ", PAYLOAD_ENV }, { "cmdline", PAYLOAD_ENV }, { "/environment", PAYLOAD_ENV }, { ".plist", PAYLOAD_PLIST }, { ".plist.disabled", PAYLOAD_PLIST },
	{ ".sh", PAYLOAD_SCRIPT }, { ".bash", PAYLOAD_SCRIPT }, { ".zsh", PAYLOAD_SCRIPT },
};

/* A drop-in's name says nothing, its folder does. */
static bool is_drop_in(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash && ends(name, ".conf") && slash - name >= 2 && slash[-1] == 'd' && slash[-2] == '.';
}

static bool begins(const char *p, size_t n, const char *s)
{
	return n >= strlen(s) && memcmp(p, s, strlen(s)) == 0;
}

enum payload_class redact_sniff(const char *name, const void *head, size_t n)
{
	const char *p = head;
	size_t i = 0;

	for (size_t k = 0; name && k < ARRAY_LEN(names); k++)
		if (ends(name, names[k].suffix))
			return names[k].class;
	if (name && is_drop_in(name))
		return PAYLOAD_UNIT;
	if (begins(p, n, "bplist"))
		return PAYLOAD_PLIST;
	if (begins(p, n, "#!"))
		return PAYLOAD_SCRIPT;
	if (begins(p, n, "\xef\xbb\xbf"))
		i = 3;
	while (i < n && isspace((unsigned char)p[i]))
		i++;
	if (begins(p + i, n - i, "<?xml") && memmem(p + i, n - i, "plist", 5))
		return PAYLOAD_PLIST;
	if (i < n && p[i] == '{') {
		/* an object that ends with its line and is followed by another */
		const char *nl = memchr(p + i, '\n', n - i);
		if (nl && nl > p + i + 1 && nl[-1] == '}' && nl + 1 < p + n && nl[1] == '{')
			return PAYLOAD_JSONL;
		return memmem(p + i, n - i, "\"auths\"", 7) ? PAYLOAD_AUTH : PAYLOAD_JSON;
	}
	if (begins(p + i, n - i, "[Unit]") || begins(p + i, n - i, "[Service]") || begins(p + i, n - i, "[Container]"))
		return PAYLOAD_UNIT;
	if (i < n && p[i] == '[' && memmem(p + i, n - i, "\"Id\"", 4))
		return PAYLOAD_PODMAN;
	return PAYLOAD_TEXT;
}
