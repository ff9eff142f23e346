/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_PODMAN_H
#define FORMATS_PODMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * The JSON of Podman 4 and 5, from the CLI and from the libpod API: both shapes of each document fill
 * the same struct. Every *_parse returns 0, or ERR_SYNTAX with `what` in front; on success the caller
 * owns *ret and ends it with the *_free of its name (which takes NULL). Strings are NULL when absent or
 * empty; times µs since the epoch, 0 when absent or Go's zero time.
 */

/* container inspect, container list */
enum container_state {
	CONTAINER_UNKNOWN,
	CONTAINER_CREATED,
	CONTAINER_INITIALIZED,
	CONTAINER_RUNNING,
	CONTAINER_STOPPED,
	CONTAINER_PAUSED,
	CONTAINER_EXITED,
	CONTAINER_REMOVING,
	CONTAINER_STOPPING,
};
enum container_state container_state_parse(const char *s); /* NULL and new words are CONTAINER_UNKNOWN; "configured" is created */
const char *container_state_name(enum container_state s);

struct podman_mount {
	char *type; /* bind, volume, tmpfs */
	char *source;
	char *destination;
	bool rw;
};

struct string_pair {
	char *key;
	char *value;
};

struct podman_container {
	char *id;
	char *name;
	char *path;	    /* the program */
	char **args;
	enum container_state state;
	char *status;	    /* the state in Podman's word */
	bool running;
	bool oom_killed;
	bool dead;
	uint64_t pid;	    /* 0: none */
	uint64_t conmon_pid;
	int64_t exit_code;
	char *error;
	char *health;	    /* healthy, unhealthy, starting; NULL without a health check */
	uint64_t health_failing_streak;
	uint64_t created_us;
	uint64_t started_us;
	uint64_t finished_us;
	uint64_t restart_count;
	char *image_id;	    /* without "sha256:" */
	char *image_digest; /* with */
	char *image_name;
	char *pod;
	char *user;
	char **env;	    /* may hold secrets: nobody prints it */
	char **cmd;
	char **entrypoint;  /* string on 4, list on 5 */
	char **create_command;
	struct string_pair *labels;
	size_t n_labels;
	char *sdnotify_mode;
	char *stop_signal;  /* "15" on 4, "SIGTERM" on 5 */
	uint64_t stop_timeout_sec;
	char *log_driver;
	char *log_path;
	char *restart_policy; /* of Podman itself: no, always, on-failure, unless-stopped */
	uint64_t restart_max;
	bool auto_remove;   /* --rm */
	bool privileged;
	char *network_mode;
	char *cgroups;
	char *cgroup_parent;
	char *conmon_pid_file;
	struct podman_mount *mounts;
	size_t n_mounts;
};
/* `podman container inspect NAME` (array of one) and GET …/containers/NAME/json (object). An empty array is ERR_ABSENT. */
int podman_container_parse(const char *what, const char *text, size_t n, struct podman_container **ret, struct err *err);
void podman_container_free(struct podman_container *c);
void podman_container_freep(struct podman_container **c);
#define _cleanup_podman_container_ CLEANUP(podman_container_freep)
const char *podman_label(const struct podman_container *c, const char *key); /* borrowed; NULL when it has none */

struct podman_ps {
	char *id;
	char **names;
	char *image;
	char *image_id;
	char **command;
	enum container_state state;
	char *status;	/* "Up 3 minutes ago"; NULL from the API */
	int64_t exit_code;
	bool exited;
	uint64_t pid;
	uint64_t created_us;
	uint64_t started_us;
	uint64_t exited_us;
	uint64_t restarts; /* 5; 0 on 4 */
	char *pod;
	bool is_infra;
	bool auto_remove;
	struct string_pair *labels;
	size_t n_labels;
};
/* `podman ps -a --format json` and GET …/containers/json?all=true */
int podman_ps_parse(const char *what, const char *text, size_t n, struct podman_ps **ret, size_t *ret_n, struct err *err);
void podman_ps_free(struct podman_ps *v, size_t n);
/* The row that a list would have for it: name, image, state and labels. Never fails; the caller owns one row. */
struct podman_ps *podman_ps_of(const struct podman_container *c);
/* The row with that name, or id (12 digits or more of it are enough); NULL when none. Borrowed. */
const struct podman_ps *podman_ps_find(const struct podman_ps *v, size_t n, const char *name_or_id);

/* image inspect, image list */
struct podman_image {
	char *id;
	char *digest;
	char **repo_tags;
	char **repo_digests;
	char **names_history;
	uint64_t created_us;
	uint64_t size;
	char *arch;
	char *os;
	char *author;
	char *comment;
	char *user;
	char **entrypoint;
	char **cmd;
	char *manifest_type;
	struct string_pair *labels;
	size_t n_labels;
	struct string_pair *annotations;
	size_t n_annotations;
	size_t n_layers;
};
int podman_image_parse(const char *what, const char *text, size_t n, struct podman_image **ret, struct err *err);
/* `podman images --format json` and GET …/images/json; what lists do not tell stays NULL. */
int podman_images_parse(const char *what, const char *text, size_t n, struct podman_image **ret, size_t *ret_n, struct err *err);
void podman_image_free(struct podman_image *i);
void podman_image_freep(struct podman_image **i);
void podman_images_free(struct podman_image *v, size_t n);
#define _cleanup_podman_image_ CLEANUP(podman_image_freep)
/* The image that `ref` names among its tags, digests or id; NULL when none. Borrowed. */
const struct podman_image *podman_images_find(const struct podman_image *v, size_t n, const char *ref);

/* machine list, machine inspect */
struct podman_machine {
	char *name;
	char *vm_type;	 /* qemu, applehv, libkrun, wsl, hyperv */
	bool is_default; /* list only; false for a rootful machine */
	bool running;
	bool starting;	 /* may be stale */
	char *state;	 /* inspect: running, starting, stopped, unknown; NULL for a stopped qemu machine on 4; list: made from the booleans */
	bool rootful;
	uint64_t created_us;
	uint64_t last_up_us;
	uint64_t cpus;
	uint64_t memory_bytes;
	uint64_t disk_bytes;
	uint64_t port; /* of SSH */
	char *remote_username;
	char *identity_path;
	char *config_path; /* 4: the file; 5: the directory */
	char *image_path;
	char *image_stream;
	char *socket;	   /* inspect: ConnectionInfo.PodmanSocket; computed from the caller's TMPDIR on 5 */
	bool user_mode_networking;
};
int podman_machines_parse(const char *what, const char *text, size_t n, struct podman_machine **ret, size_t *ret_n,
	struct err *err); /* both `machine list` and `machine inspect` */
void podman_machines_free(struct podman_machine *v, size_t n);
const struct podman_machine *podman_machine_find(const struct podman_machine *v, size_t n, const char *name);
/* The default one, else the only one, else NULL. Borrowed. */
const struct podman_machine *podman_machine_default(const struct podman_machine *v, size_t n);

/* system connection list */
struct podman_connection {
	char *name;
	char *uri;
	char *identity;
	bool is_machine;
	bool is_default;
};
int podman_connections_parse(const char *what, const char *text, size_t n, struct podman_connection **ret, size_t *ret_n,
	struct err *err);
void podman_connections_free(struct podman_connection *v, size_t n);
const struct podman_connection *podman_connection_find(const struct podman_connection *v, size_t n, const char *name);
const struct podman_connection *podman_connection_default(const struct podman_connection *v, size_t n);

/* version, info */
struct version {
	unsigned major;
	unsigned minor;
	unsigned patch;
	char *text; /* "4.3.1", "5.0.0-rc2"; NULL unknown */
};
/* "4.3.1", "v5.0.0-rc2", "podman version 4.3.1": the first dotted number; -1 when there is none. */
int version_parse(const char *s, struct version *ret);
int version_compare(const struct version *a, unsigned major, unsigned minor, unsigned patch);
void version_free(struct version *v);

struct podman_version {
	struct version client; /* CLI */
	struct version server; /* API, or CLI of a remote client; text NULL when none answered */
	char *os;
	char *arch;
	char *go_version;
	char *built;
	char *conmon; /* API only */
	char *runtime;
};
int podman_version_parse(const char *what, const char *text, size_t n, struct podman_version **ret, struct err *err);
void podman_version_free(struct podman_version *v);

struct podman_info {
	bool rootless;
	bool service_is_remote;
	bool remote_socket_exists;
	char *remote_socket; /* path without unix:// */
	char *graph_root;
	char *run_root;
	char *graph_driver;
	char *config_file;
	char *arch;
	char *os;
	char *kernel;
	char *hostname;
	char *distribution;
	char *distribution_version;
	char *cgroup_version;
	char *cgroup_manager;
	char *log_driver;
	char *runtime;	/* crun, runc */
	uint64_t containers;
	uint64_t containers_running;
	uint64_t images;
	struct version version;
};
int podman_info_parse(const char *what, const char *text, size_t n, struct podman_info **ret, struct err *err);
void podman_info_free(struct podman_info *i);

/* Error body of the API: {"cause","message","response"}; plain text for routes that do not exist (cause NULL, response 0). Never fails. */
struct podman_error {
	char *cause;
	char *message;
	int response;
};
void podman_error_parse(const char *text, size_t n, struct podman_error *ret);
void podman_error_free(struct podman_error *e); /* frees what it holds */

/* What a failing Podman CLI says on stderr, as kinds of cause. */
enum podman_cause {
	PODMAN_CAUSE_OTHER,
	PODMAN_CAUSE_REFUSED,		 /* connection refused: stopped machine or dead service */
	PODMAN_CAUSE_NO_SOCKET,		 /* dial unix …: no such file */
	PODMAN_CAUSE_UNKNOWN_CONNECTION, /* "X" service destination not found / connection "X" not found */
	PODMAN_CAUSE_NO_MACHINE,	 /* VM does not exist */
	PODMAN_CAUSE_NO_IMAGE,		 /* image not known */
	PODMAN_CAUSE_NO_CONTAINER,	 /* no such container */
	PODMAN_CAUSE_NAME_IN_USE,	 /* the container name is already in use */
	PODMAN_CAUSE_ROOT,		 /* cannot run command … as root */
	PODMAN_CAUSE_CREDENTIALS,	 /* error getting credentials, credential helper failed */
	PODMAN_CAUSE_AUTHFILE,		 /* credential file is not accessible, unexpected end of JSON input */
	PODMAN_CAUSE_DENIED,		 /* permission denied */
};
enum podman_cause podman_cause_of(const char *stderr_text, size_t n);

/* GET …/containers/NAME/logs frames: stream byte, three zero bytes, length big-endian, payload. Calls each() per frame;
 * a truncated last frame is passed on as far as it goes. Returns bytes that were no frame (0 when all was well). */
size_t podman_frames(const void *data, size_t n, void (*each)(int stream, const char *text, size_t len, void *ctx), void *ctx);

/* Shared. */
void string_pairs_free(struct string_pair *v, size_t n);

#endif
