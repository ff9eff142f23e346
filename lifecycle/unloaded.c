/* SPDX-License-Identifier: MIT */
#include "lifecycle/unloaded.h"

#include <string.h>

#include "formats/text.h"

static const struct place {
	enum platform platform;
	enum agent_scope scope;
	const char *dir, *suffix; /* "~/" is the owner's home; the suffix takes the place of ".service" */
} places[] = {
	{ PLATFORM_DARWIN, SCOPE_USER, "~/Library/LaunchAgents", ".plist" },
	{ PLATFORM_DARWIN, SCOPE_USER, "/Library/LaunchAgents", ".plist" },
	{ PLATFORM_DARWIN, SCOPE_SYSTEM, "/Library/LaunchDaemons", ".plist" },
	{ PLATFORM_LINUX, SCOPE_USER, "~/.config/systemd/user", NULL },
	{ PLATFORM_LINUX, SCOPE_USER, "~/.config/containers/systemd", ".container" },
	{ PLATFORM_LINUX, SCOPE_USER, "~/.local/share/systemd/user", NULL },
	{ PLATFORM_LINUX, SCOPE_USER, "/etc/systemd/user", NULL },
	{ PLATFORM_LINUX, SCOPE_SYSTEM, "/etc/systemd/system", NULL },
	{ PLATFORM_LINUX, SCOPE_SYSTEM, "/etc/containers/systemd", ".container" },
	{ PLATFORM_LINUX, SCOPE_SYSTEM, "/usr/local/lib/systemd/system", NULL },
	{ PLATFORM_LINUX, SCOPE_SYSTEM, "/usr/lib/systemd/system", NULL },
	{ PLATFORM_LINUX, SCOPE_SYSTEM, "/lib/systemd/system", NULL },
};

bool definition_is_there(struct source *s, const char *path)
{
	_cleanup_probe_ struct probe *p = probe_link(path);
	_cleanup_answer_ struct answer a = { 0 };

	return source_get(s, p, &a, NULL) == 0 && record_answered(&a.rec);
}

char *unloaded_find(struct source *s, enum platform platform, const struct identity *owner, const char *unit, enum agent_scope *ret_scope)
{
	bool service = platform == PLATFORM_LINUX && text_ends(unit, ".service");
	size_t stem = strlen(unit) - (service ? strlen(".service") : 0);

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct place *p = &places[i];
		bool home = p->dir[0] == '~';
		if (p->platform != platform || (p->suffix && platform == PLATFORM_LINUX && !service))
			continue;
		_cleanup_free_ char *path = mem_printf("%s%s/%.*s%s", home ? owner->home : "", home ? p->dir + 1 : p->dir,
			p->suffix ? (int)stem : (int)strlen(unit), unit, p->suffix ? p->suffix : "");
		if (!definition_is_there(s, path))
			continue;
		*ret_scope = p->scope;
		return TAKE_PTR(path);
	}
	return NULL;
}
