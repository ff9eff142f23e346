/* SPDX-License-Identifier: MIT */
#include "formats/declaration_field.h"

#include <string.h>

#include "formats/imageref.h"
#include "formats/text.h"

#define RESTART_WORDS "no|on-success|on-failure|on-abnormal|on-watchdog|on-abort|always"
#define DAY 86400u
#define AT(m) offsetof(struct agent, m)

static const struct field fields[] = {
	{ "schemaVersion", FIELD_VERSION, REGISTRY, 0, "sourceos.local-agent.v1", 0 },
	{ "name", FIELD_NAME, BOTH, AT(name), NULL, 0 },
	{ "label", FIELD_LABEL, BOTH, AT(label), NULL, 0 },
	{ "enable", FIELD_BOOL, BOTH, AT(enable), NULL, 0 },
	{ "scope", FIELD_ENUM, BOTH, AT(scope), "user|system", 0 },
	{ "runtime", FIELD_ENUM, BOTH, AT(runtime), "podman|native|nix-app|systemd", 0 },
	{ "command", FIELD_COMMAND, BOTH, AT(command), NULL, 0 },
	{ "image", FIELD_IMAGE, ATTRSET, AT(image), NULL, 0 },
	{ "sourceImage", FIELD_IMAGE, ATTRSET, AT(source_image), NULL, 0 },
	{ "containerName", FIELD_CONTAINER, ATTRSET, AT(container_name), NULL, 0 },
	{ "container.name", FIELD_CONTAINER, REGISTRY, AT(container_name), NULL, 0 },
	{ "container.runtimeImage", FIELD_IMAGE, REGISTRY, AT(image), NULL, 0 },
	{ "container.sourceImage", FIELD_IMAGE, REGISTRY, AT(source_image), NULL, 0 },
	{ "container.pullPolicy", FIELD_ENUM, REGISTRY, AT(podman.pull), "never|explicit|always", 0 },
	{ "owner.project", FIELD_STRING, BOTH, AT(owner.project), NULL, 0 },
	{ "owner.component", FIELD_STRING, BOTH, AT(owner.component), NULL, 0 },
	{ "owner.contact", FIELD_STRING, BOTH, AT(owner.contact), NULL, 0 },
	{ "auth.mode", FIELD_ENUM, BOTH, AT(auth.mode), "empty-authfile|service-account|none|forbidden-ambient", 0 },
	{ "auth.authfile", FIELD_PATH, BOTH, AT(auth.authfile), NULL, 0 },
	{ "auth.allowAmbientDockerConfig", FIELD_BOOL, BOTH, AT(auth.allow_ambient_docker_config), NULL, 0 },
	{ "auth.allowInteractiveCredentialHelper", FIELD_BOOL, BOTH, AT(auth.allow_interactive_credential_helper), NULL, 0 },
	{ "podman.connection", FIELD_WORD, BOTH, AT(podman.connection), NULL, 0 },
	{ "podman.pull", FIELD_ENUM, ATTRSET, AT(podman.pull), "never|explicit|always", 0 },
	{ "podman.requireMachine", FIELD_BOOL, BOTH, AT(podman.require_machine), NULL, 0 },
	{ "podman.requireLocalImage", FIELD_BOOL, BOTH, AT(podman.require_local_image), NULL, 0 },
	{ "podman.rootless", FIELD_BOOL, BOTH, AT(podman.rootless), NULL, 0 },
	{ "lifecycle.runAtLoad", FIELD_BOOL, BOTH, AT(lifecycle.run_at_load), NULL, 0 },
	{ "lifecycle.keepAlive", FIELD_BOOL, BOTH, AT(lifecycle.keep_alive), NULL, 0 },
	{ "lifecycle.restart", FIELD_ENUM, BOTH, AT(lifecycle.restart), "manual|bounded|supervised", 0 },
	{ "lifecycle.maxRestartsPerHour", FIELD_UINT, BOTH, AT(lifecycle.max_restarts_per_hour), NULL, 3600 },
	{ "lifecycle.startupTimeoutSeconds", FIELD_UINT, BOTH, AT(lifecycle.startup_timeout_sec), NULL, DAY },
	{ "lifecycle.shutdownTimeoutSeconds", FIELD_UINT, BOTH, AT(lifecycle.shutdown_timeout_sec), NULL, DAY },
	{ "macos.launchd.plist", FIELD_PATH, BOTH, AT(macos.plist), NULL, 0 },
	{ "macos.launchd.legacySystemPlist", FIELD_PATH, BOTH, AT(macos.legacy_system_plist), NULL, 0 },
	{ "macos.launchd.runAtLoad", FIELD_BOOL, BOTH, AT(lifecycle.run_at_load), NULL, 0 },
	{ "macos.launchd.keepAlive", FIELD_BOOL, BOTH, AT(lifecycle.keep_alive), NULL, 0 },
	{ "linux.systemdUserUnit", FIELD_UNIT, BOTH, AT(linux_unit.user_unit), NULL, 0 },
	{ "linux.systemdSystemUnit", FIELD_UNIT, BOTH, AT(linux_unit.system_unit), NULL, 0 },
	{ "linux.restart", FIELD_CHOICE, BOTH, AT(linux_unit.restart), RESTART_WORDS, 0 },
	{ "linux.restartSec", FIELD_UINT, BOTH, AT(linux_unit.restart_sec), NULL, DAY },
	{ "linux.startLimitIntervalSec", FIELD_UINT, BOTH, AT(linux_unit.start_limit_interval_sec), NULL, 365 * DAY },
	{ "linux.startLimitBurst", FIELD_UINT, BOTH, AT(linux_unit.start_limit_burst), NULL, 1000000 },
	{ "logs.directory", FIELD_PATH, BOTH, AT(logs.directory), NULL, 0 },
	{ "logs.app", FIELD_PATH, BOTH, AT(logs.app), NULL, 0 },
	{ "logs.stdout", FIELD_PATH, BOTH, AT(logs.stdout_path), NULL, 0 },
	{ "logs.stderr", FIELD_PATH, BOTH, AT(logs.stderr_path), NULL, 0 },
	{ "health.type", FIELD_ENUM, BOTH, AT(health.type), "none|podman-container|process|command|http", 0 },
	{ "health.expected", FIELD_STRING, BOTH, AT(health.expected), NULL, 0 },
	{ "health.command", FIELD_COMMAND, BOTH, AT(health.command), NULL, 0 },
	{ "quarantine.captureServiceDefinition", FIELD_CAPTURE, BOTH, 0, NULL, CAPTURE_SERVICE_DEFINITION },
	{ "quarantine.captureLogs", FIELD_CAPTURE, BOTH, 0, NULL, CAPTURE_LOGS },
	{ "quarantine.captureRuntimeState", FIELD_CAPTURE, BOTH, 0, NULL, CAPTURE_RUNTIME_STATE },
	{ "quarantine.captureImageMetadata", FIELD_CAPTURE, BOTH, 0, NULL, CAPTURE_IMAGE_METADATA },
	{ "quarantine.captureRedactedAuthConfig", FIELD_CAPTURE, BOTH, 0, NULL, CAPTURE_REDACTED_AUTH_CONFIG },
};

_Static_assert(ARRAY_LEN(fields) <= 64, "the parser has a bit per row");

int field_word(const char *words, const char *s)
{
	size_t len = strlen(s);

	for (int i = 0; words; i++) {
		const char *bar = strchr(words, '|');
		size_t n = bar ? (size_t)(bar - words) : strlen(words);
		if (n == len && memcmp(words, s, n) == 0)
			return i;
		words = bar ? bar + 1 : NULL;
	}
	return -1;
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if (text_is_control((unsigned char)*s))
			return true;
	return false;
}

static bool path_valid(const char *s)
{
	return !has_control(s) && (*s == '/' || text_starts(s, "~/") || text_starts(s, "$HOME/") || text_starts(s, "${HOME}/"));
}

static bool unit_valid(const char *s)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.\\@-";
	const char *slash = strrchr(s, '/');
	const char *base = slash ? slash + 1 : s;
	size_t len = strlen(base);

	if (slash && !path_valid(s))
		return false;
	if (len > 255 || strspn(base, ok) != len || *base == '-' || *base == '.')
		return false;
	return text_ends(base, ".service") || text_ends(base, ".container");
}

const char *field_refuses(const struct field *f, const char *s)
{
	struct imageref ref = { 0 };

	switch (f->type) {
	case FIELD_NAME:
		return agent_name_valid(s) ? NULL : "letters, digits and ._- from a letter or digit on, at most 64";
	case FIELD_LABEL:
		return agent_label_valid(s) ? NULL : "letters, digits and ._- from a letter or digit on, at most 128";
	case FIELD_CONTAINER:
		return container_name_valid(s) ? NULL : "letters, digits and ._- from a letter or digit on";
	case FIELD_PATH:
		return path_valid(s) ? NULL : "an absolute path, or one that begins with ~/ or $HOME/";
	case FIELD_UNIT:
		return unit_valid(s) ? NULL : "a *.service or *.container unit, by name or by absolute, ~/ or $HOME/ path";
	case FIELD_WORD:
		return *s && *s != '-' && !has_control(s) && !strchr(s, ' ') ? NULL : "a name without blanks";
	case FIELD_ENUM:
	case FIELD_CHOICE:
	case FIELD_VERSION:
		return field_word(f->words, s) >= 0 ? NULL : f->words;
	case FIELD_IMAGE:
		if (imageref_parse(s, &ref, NULL))
			return "an image reference such as localhost/name:tag";
		imageref_free(&ref);
		return NULL;
	default:
		return has_control(s) ? "text without control characters" : NULL;
	}
}

const struct field *field_find(const char *path, unsigned spelling, bool *ret_inner)
{
	size_t len = strlen(path);

	*ret_inner = false;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!(fields[i].spellings & spelling) || strncmp(fields[i].path, path, len) != 0)
			continue;
		if (!fields[i].path[len])
			return &fields[i];
		if (fields[i].path[len] == '.')
			*ret_inner = true;
	}
	return NULL;
}

size_t field_index(const struct field *f)
{
	return (size_t)(f - fields);
}
