/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_HOST_H
#define COLLECT_HOST_H

#include "collect/source.h"

/* The FACT answers of source.h, typed. */
enum platform { PLATFORM_UNKNOWN, PLATFORM_LINUX, PLATFORM_DARWIN };
const char *platform_name(enum platform p); /* "linux", "darwin", "unknown" */

struct host {
	enum platform platform;
	char *kernel;	   /* "Linux 6.1.0" */
	char *os_release;  /* "Debian GNU/Linux 12 (bookworm)" */
	char *hostname;
	char *machine_tag; /* "host-0123456789ab": tells bundles of one machine apart without naming it */
	char *boot_id;
	uint64_t booted_us;
	uint64_t now_us;
	uint32_t uid, euid;
	char *pid1;	   /* "systemd", "launchd", … */
	bool journal_denied; /* the caller may not read the system's journal */
	char **environment; /* NAME=value of the names that matter, as the caller has them */
};
void host_free(struct host *h); /* frees what it holds */
const char *host_env(const struct host *h, const char *name); /* NULL when unset */

/* A person or service account: fact caller or user/NAME. */
struct user {
	struct identity id;
	char *shell;
	bool sudo;    /* caller: we run as root on behalf of this user */
	bool linger;  /* their manager runs without a login */
	bool manager; /* their service manager answers now */
	bool bus;     /* so does their message bus */
	bool podman_pause; /* a process holds the name spaces of their rootless Podman */
};
void user_free(struct user *u);

/* Where the tool keeps its own things for that user; caller frees. */
char *user_state_dir(enum platform platform, const struct identity *id);

int host_parse(const struct answer *a, struct host *ret, struct err *err);
int user_parse(const struct answer *a, struct user *ret, struct err *err);

int host_get(struct source *s, struct host *ret, struct err *err);
int caller_get(struct source *s, struct user *ret, struct err *err);
int user_get(struct source *s, const char *name, struct user *ret, struct err *err); /* ERR_ABSENT: no such user */

#endif
