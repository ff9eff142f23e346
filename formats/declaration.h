/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_DECLARATION_H
#define FORMATS_DECLARATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * The declaration of a local agent: what its owner wants to be true. Two spellings exist and both
 * fill the same struct (docs/formats/declaration.schema.json covers both):
 *
 *	registry   {"schemaVersion": "sourceos.local-agent.v1", "name": …, "container": {…}, "macos": {…}, "linux": {…}}
 *	attrset    what `nix eval --json` prints of sourceos.localAgents ({"<name>": {…}, …}: many agents)
 *		   or of sourceos.localAgents.<name> ({…}: the name then comes from "name", or from the file's)
 */
enum agent_scope { SCOPE_USER, SCOPE_SYSTEM };
enum agent_runtime { RUNTIME_PODMAN, RUNTIME_NATIVE, RUNTIME_NIX_APP, RUNTIME_SYSTEMD };
enum auth_mode { AUTH_EMPTY_AUTHFILE, AUTH_SERVICE_ACCOUNT, AUTH_NONE, AUTH_FORBIDDEN_AMBIENT };
enum pull_policy { PULL_NEVER, PULL_EXPLICIT, PULL_ALWAYS };
enum restart_policy { RESTART_MANUAL, RESTART_BOUNDED, RESTART_SUPERVISED };
/* podman-container: its state is `expected`; process: the service's main process is; command: exits 0 (or prints `expected`) */
enum health_type { HEALTH_NONE, HEALTH_PODMAN_CONTAINER, HEALTH_PROCESS, HEALTH_COMMAND, HEALTH_HTTP };
enum declaration_spelling { SPELLING_REGISTRY, SPELLING_ATTRSET };

/* The words of the contract for the enums, and back (-1 when unknown). */
const char *agent_scope_name(enum agent_scope v);
const char *agent_runtime_name(enum agent_runtime v);
const char *auth_mode_name(enum auth_mode v);
const char *pull_policy_name(enum pull_policy v);
const char *restart_policy_name(enum restart_policy v);
const char *health_type_name(enum health_type v);

enum quarantine_capture {
	CAPTURE_SERVICE_DEFINITION = 1 << 0,
	CAPTURE_LOGS = 1 << 1,
	CAPTURE_RUNTIME_STATE = 1 << 2,
	CAPTURE_IMAGE_METADATA = 1 << 3,
	CAPTURE_REDACTED_AUTH_CONFIG = 1 << 4,
	CAPTURE_ALL = (1 << 5) - 1,
};

/* What does not stop us but a person should know. Text is complete ("file:12: unknown key \"podmann\" (…)"), without newline. */
struct warning {
	unsigned line;
	char *key;  /* dotted path of the key */
	char *text; /* safe for a terminal */
	char *said; /* the same without the file and line that it begins with */
};
struct warnings {
	struct warning *v;
	size_t n;
};
void warnings_free(struct warnings *w); /* frees what it holds; { 0 } is an empty list */
/* Copies all of it; said need not be safe for a terminal. */
void warnings_add(struct warnings *w, unsigned line, const char *key, const char *path, const char *said);
#define _cleanup_warnings_ CLEANUP(warnings_free)

/* Strings are owned by the agent and NULL when not declared. Defaults of the contract are filled in
 * by the parser; what was really written is told by the has_ and NULL-able members. */
struct agent {
	char *name;  /* [A-Za-z0-9][A-Za-z0-9._-]*, at most 64 */
	char *label; /* reverse DNS; the name when not declared */
	bool enable; /* true when not declared */
	enum agent_scope scope;
	enum agent_runtime runtime;
	char **command; /* native, nix-app: argv; a string in the declaration is split as ExecStart= is (unit_words) */

	char *image;	      /* what runs: "image" or "container.runtimeImage" */
	char *source_image;   /* provenance only */
	char *container_name; /* the name when not declared and the runtime is podman; NULL for others */

	struct {
		char *project;
		char *component;
		char *contact;
	} owner;

	struct {
		enum auth_mode mode;
		bool has_mode;
		char *authfile;
		bool allow_ambient_docker_config;
		bool allow_interactive_credential_helper;
	} auth;

	struct {
		char *connection;
		enum pull_policy pull;
		bool require_machine;
		bool require_local_image;
		bool rootless;
	} podman;

	struct {
		bool run_at_load;
		bool keep_alive;
		enum restart_policy restart;
		uint32_t max_restarts_per_hour;
		uint32_t startup_timeout_sec;
		uint32_t shutdown_timeout_sec;
	} lifecycle;

	struct {
		char *directory;
		char *app;
		char *stdout_path;
		char *stderr_path;
	} logs;

	struct {
		enum health_type type;
		char *expected;
		char **command;
	} health;

	unsigned quarantine; /* enum quarantine_capture, or-ed */

	struct {
		char *plist;		   /* ~/Library/LaunchAgents/<label>.plist when not declared: see agent_plist_path */
		char *legacy_system_plist; /* where the incident's plist was; NULL when not declared */
	} macos;

	struct {
		char *user_unit;   /* path, or bare unit name, as declared */
		char *system_unit; /* likewise */
		char *restart;	   /* systemd's word (no, on-failure, …); NULL when not declared */
		bool has_restart_sec;
		bool has_start_limit;
		uint32_t restart_sec;
		uint32_t start_limit_interval_sec;
		uint32_t start_limit_burst;
	} linux_unit;

	enum declaration_spelling spelling;
	char *path;    /* the file it came from, as given to the parser */
	unsigned line; /* where in it the agent begins */
	struct warnings unknown; /* its keys that nobody here knows */
};

void agent_free(struct agent *a); /* NULL is fine */
void agent_freep(struct agent **a);
struct agent *agent_copy(const struct agent *a);
#define _cleanup_agent_ CLEANUP(agent_freep)

/* A NULL-terminated list; NULL is the empty one. */
void agents_free(struct agent **list);
void agents_freep(struct agent ***list);
#define _cleanup_agents_ CLEANUP(agents_freep)

#define DECLARATION_MAX ((size_t)1 << 20)

/*
 * Parses all agents of one file; `path` is for messages and for the name of a nameless attribute set.
 * Unknown keys go to `warn` (may be NULL). A wrong type, value, name or a missing necessary key is
 * ERR_USAGE with file, line, key and the allowed values; text that is not JSON is ERR_SYNTAX.
 */
int declaration_parse(const char *path, const char *text, size_t n, struct agent ***ret, struct warnings *warn,
	struct err *err);

/* Replaces a leading ~ and every $HOME or ${HOME} in the paths of a by the owner's home. */
void declaration_expand(struct agent *a, const char *home);

/* "name" is one safe path component and unit instance, ≤ 64. Also what --agent arguments are checked with. */
bool agent_name_valid(const char *s);
bool agent_label_valid(const char *s);
bool container_name_valid(const char *s); /* Podman's rule: [a-zA-Z0-9][a-zA-Z0-9_.-]* */

/* Derived. Callers free. */
char *agent_unit_name(const struct agent *a); /* "sourceos-agent@<name>.service", or what the declaration names */
/* The file of the unit: as declared when that is a path, else in the scope's directory below home. */
char *agent_unit_path(const struct agent *a, const char *home);
char *agent_plist_path(const struct agent *a, const char *home);
/* Every log path that is declared, without duplicates, ready to open; NULL when none. */
char **agent_log_paths(const struct agent *a);

#endif
