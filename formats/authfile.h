/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_AUTHFILE_H
#define FORMATS_AUTHFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/imageref.h"
#include "formats/podman.h"

/*
 * containers-auth.json(5), Docker's config.json and the legacy ~/.dockercfg. Keys are matched as Go's
 * encoding/json does, without regard to case. No credential value ever leaves the parser: only that
 * there is one, and of which kind.
 */
struct auth_entry {
	char *registry;	     /* as written: "quay.io", "quay.io/team", "https://index.docker.io/v1/" */
	bool has_auth;	     /* a non-empty "auth" */
	bool has_password;   /* username/password in clear */
	bool has_username;
	bool has_identitytoken;
	bool has_registrytoken;
	bool has_email;
	/* nothing of the above: an empty entry, for which Podman goes on looking */
};

struct auth_helper {
	char *registry; /* key of credHelpers */
	char *helper;	/* "gcloud" → docker-credential-gcloud */
};

struct authfile {
	struct auth_entry *auths;
	size_t n_auths;
	struct auth_helper *helpers;
	size_t n_helpers;
	char *creds_store;    /* ignored by Podman, used by Docker */
	bool legacy;	      /* .dockercfg: registries at the top */
	bool has_http_headers;
	bool has_plugins;
	bool has_proxies;
	bool has_auths_key;   /* "auths" was there, be it empty: {"auths":{}} is what empty-authfile means */
	char **unknown_keys;  /* top-level ones that nobody here knows */
};

/* ERR_SYNTAX when it is not a JSON object or a member is of the wrong type: Podman fails on it too (exit 125).
 * ERR_LIMIT when it has more entries than any person's. No message holds a value. */
int authfile_parse(const char *what, const char *text, size_t n, struct authfile **ret, struct err *err);
void authfile_free(struct authfile *a);
void authfile_freep(struct authfile **a);
#define _cleanup_authfile_ CLEANUP(authfile_freep)
bool authfile_is_empty(const struct authfile *a);    /* no auths, no helpers, no credsStore */
bool authfile_has_secret(const struct authfile *a);  /* some credential value stands in the file */
/* A helper that may ask a person or a browser, or depends on a login session: gcloud, gcr, ecr-login, desktop, osxkeychain, secretservice, wincred, pass… */
bool helper_is_interactive(const char *helper);

/* ---- which credentials Podman would use, told without running anything ---- */

enum auth_place {
	AUTH_PLACE_AUTHFILE,	    /* --authfile */
	AUTH_PLACE_REGISTRY_ENV,    /* $REGISTRY_AUTH_FILE */
	AUTH_PLACE_DOCKER_ENV,	    /* $DOCKER_CONFIG/config.json */
	AUTH_PLACE_RUNTIME,	    /* $XDG_RUNTIME_DIR/containers/auth.json */
	AUTH_PLACE_CONTAINERS_HOME, /* ~/.config/containers/auth.json */
	AUTH_PLACE_DOCKER_HOME,	    /* ~/.docker/config.json */
	AUTH_PLACE_DOCKERCFG,	    /* ~/.dockercfg */
	AUTH_PLACES,
};
const char *auth_place_name(enum auth_place p); /* "--authfile", "REGISTRY_AUTH_FILE", … */

/* One file that Podman could consult. The gatherer lists all seven places that apply, in any order. */
struct auth_source {
	enum auth_place place;
	char *path;
	const struct authfile *file; /* NULL: absent, unreadable or broken, see below */
	bool unreadable;	     /* it is there, and we do not know what it says */
	bool broken;		     /* it is there, and is not an auth file */
};

enum podman_client { PODMAN_LOCAL, PODMAN_REMOTE };
enum podman_command { PODMAN_RUN, PODMAN_PULL, PODMAN_START, PODMAN_OTHER }; /* create counts as run */

struct auth_question {
	const char *image;	    /* reference; NULL for none */
	enum podman_client client;
	enum podman_command command;
	const char *pull;	    /* --pull: "never", "missing" (default, NULL), "newer", "always" */
	bool image_is_local;
	bool creds;		    /* --creds is given */
	struct version podman;	    /* major 0: unknown, the worst of the known ones is assumed */
};

struct auth_step {
	size_t source;	      /* index into the sources given */
	bool consulted;	      /* Podman reads this file */
	bool decides;	      /* the credential for the image comes from here */
	char *why;	      /* for people */
};

struct auth_run {
	size_t source;	/* whose credHelpers */
	char *registry; /* for which key it is asked */
	char *helper;	/* docker-credential-<helper> is executed */
	bool interactive;
};

struct auth_answer {
	struct auth_step *steps; /* in Podman's order, one per source */
	size_t n_steps;
	struct auth_run *runs;	 /* helpers that would be executed; in order, without duplicates */
	size_t n_runs;
	bool fails;		 /* Podman itself would fail on a file (missing or broken --authfile) */
	bool unknown;		 /* an unreadable file stands before the decision: the answer is a lower bound */
	char *why;		 /* one sentence */
};

/* Pure. Facts measured with 4.3.1, 4.9.5, 5.4.2 and 5.8.2. */
void auth_resolve(const struct auth_question *q, const struct auth_source *sources, size_t n, struct auth_answer *ret);
void auth_answer_free(struct auth_answer *a); /* frees what it holds */
#define _cleanup_auth_answer_ CLEANUP(auth_answer_free)

#endif
